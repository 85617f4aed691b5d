"""The midpoint flag in ReLU networks, block by block, and in Transformers, pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from theorems.adaptation.adapted_chain import AdaptedChain
from theorems.adaptation.construction import adapters
from theorems.adaptation.midpoint_flag import midpoint_flag
from theorems.adaptation.slack import trimmed
from theorems.adaptation.subspaces import subspaces_of
from theorems.arithmetic import Float64
from theorems.case import SVD, Array
from theorems.models.linear import Adapter
from theorems.models.relu import NetworkCase
from theorems.models.transformer import TransformerCase
from theorems.texts.zeng_lee.relu.construction import Approximation, approximation, decompositions
from theorems.texts.zeng_lee.transformer.gaps import pairs


def by_midpoint_flag(weights: Sequence[Array], d: SVD, ranks: Sequence[int], num: Any) -> list[Adapter]:
    """Adapters whose product of layers changes by LR_{sum R_l}(E): a method for `relu_construction.approximation`.

    Only the weights must be non-singular.  Where sum R_l > D the largest ranks are lowered.
    """
    k = min(sum(ranks), d.s.shape[-1])
    change = Adapter(d.U[..., :k], d.s[..., :k, None] * d.V[..., :k].mT)
    flag = midpoint_flag(weights, change, trimmed(ranks, k), subspaces_of(num))
    return list(flag.adapters)


def network_adapters(case: NetworkCase, num: Any = None) -> Approximation:
    """A ReLU network adapted towards its target, the layers of each block by the midpoint flag, with biases to match.

    case  one network (no batch), or whatever `num` takes; in floats without `num`
    """
    num = Float64() if num is None else num
    loaded = num.load(case)
    with num.running(loaded):
        return approximation(loaded, decompositions(loaded, num), case.ranks, by_midpoint_flag, num)


def transformer_adapters(case: TransformerCase, R: int, *, newton: int = 0) -> dict[tuple[str, int, int], AdaptedChain]:
    """Adapters of rank R for every pair of weights of a Transformer that its target moves together, in float64.

    The keys are (kind, block, head) as in `transformer_gaps.pairs`.  Raises `InputError` where 2 R is below the rank
    that a pair asks for.
    """
    num = Float64()
    loaded = num.load(case)
    made = {}
    with num.running(loaded):
        for pair in pairs(loaded, num):
            lower, upper, error = (np.asarray(leaf[0]) for leaf in (pair.lower, pair.upper, pair.error))
            made[pair.kind, pair.block, pair.head] = adapters((lower, upper), upper @ lower + error, R, newton=newton)
    return made
