"""The midpoint flag in float64 on the instances of other claims: what another construction makes of the same cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorems.adaptation.midpoint_flag import midpoint_flag
from theorems.adaptation.slack import trimmed
from theorems.adaptation.subspaces import FloatSubspaces
from theorems.arithmetic import Float64
from theorems.case import Array
from theorems.errors import Undefined
from theorems.models.linear import Adapter, LinearCase, product
from theorems.models.relu import NetworkCase
from theorems.models.transformer import TransformerCase
from theorems.num import Num
from theorems.texts.ours.reach import ReachCase
from theorems.texts.zeng_lee.relu.construction import in_block
from theorems.texts.zeng_lee.transformer.gaps import pairs

Floats = NDArray[np.float64]
#: A chain, the change E of its product, and LoRA-ranks.
Chain = tuple[Sequence[Array], Array, Sequence[int]]


def flag_residuals(batch: Any, *, size: int) -> Floats | None:
    """How far the chains of each member end from prod W + LR_{sum R_l}(E), (size,): the worst chain counts.

    batch  a float64 batch of linear models, ReLU networks (their blocks are the chains) or Transformers (pairs of
           weights); None for anything else

    Relative, in the Frobenius norm, to the larger of that target and prod W.  NaN where floats cannot form it.
    """
    num = Float64(size=size)
    loaded = num.load(batch)
    worst = np.zeros(size)
    with num.running(loaded), np.errstate(all="ignore"):
        try:
            found = _chains(loaded, num)
            if found is None:
                return None
            for weights, E, ranks in found:
                worst = np.maximum(worst, _residual(weights, E, ranks))  # NaN stays
        except (Undefined, np.linalg.LinAlgError):
            return np.full(size, np.nan)
    return worst


def _chains(case: Any, num: Num) -> Iterator[Chain] | None:
    if isinstance(case, LinearCase):
        return iter([(case.frozen.weights, case.error.matrix, case.ranks)])
    if isinstance(case, ReachCase):
        return iter([(case.frozen.weights, case.change.matrix, case.ranks)])
    if isinstance(case, NetworkCase):
        return (
            (case.block(i), d.matrix, in_block(case, i, case.ranks)) for i, d in enumerate(case.errors)
        )  # fmt: skip
    if isinstance(case, TransformerCase):
        R = case.rank
        return (((pair.lower, pair.upper), pair.error, (R, R)) for pair in pairs(case, num))
    return None


def _residual(weights: Sequence[Array], E: Array, ranks: Sequence[int]) -> Floats:
    k = min(sum(ranks), E.shape[-1])
    P = product(list(weights))
    alive = np.asarray(np.isfinite(E).all((-2, -1)))
    U, s, Vt = np.linalg.svd(np.where(alive[:, None, None], E, 0.0))
    change = Adapter(U[..., :k], s[..., :k, None] * Vt[..., :k, :])
    wanted = P + change.matrix
    made = midpoint_flag(weights, change, trimmed(ranks, k), FloatSubspaces()).adapters if k else ()
    reached = product([W + a.matrix for W, a in zip(weights, made, strict=True)]) if made else P
    scale = np.maximum(_norm(P), _norm(wanted))
    return np.asarray(np.where(alive & (scale > 0), _norm(reached - wanted) / np.where(scale > 0, scale, 1.0), np.nan))


def _norm(A: Array) -> Floats:
    return np.asarray(np.linalg.norm(A, axis=(-2, -1)))
