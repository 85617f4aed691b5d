"""What `adapters` is asked for: arguments that fit together, the rank of the change, weights that are regular."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from theorems.adaptation.adapted_chain import as_floats
from theorems.adaptation.rank_decision import rank_by_gap
from theorems.adaptation.singular import nullities
from theorems.arithmetic import Float64, Rational
from theorems.case import Array, fractions
from theorems.errors import InputError
from theorems.models.linear import LinearModel, product


def checked(
    frozen: LinearModel | Sequence[Array], target: Array, ranks: int | Sequence[int], rank: int | None
) -> tuple[LinearModel, Array, tuple[int, ...]]:
    model = frozen if isinstance(frozen, LinearModel) else LinearModel(tuple(np.asarray(W) for W in frozen))
    goal: Array = np.asarray(target)
    D, L = model.width, model.depth
    if model.weights[0].ndim != 2 or goal.shape != (D, D):
        raise InputError(f"the target has the shape {goal.shape}, W_1 {model.weights[0].shape}: both must be D x D")
    leaves = {**{f"W_{l}": W for l, W in enumerate(model.weights, 1)}, "the target": goal}
    kinds = {leaf.dtype for leaf in leaves.values()}
    if any(kind.kind not in "fiuO" for kind in kinds):
        names = ", ".join(sorted(map(str, kinds)))
        raise InputError(f"the entries have the types {names}: give floats, integers or Fractions")
    for name, leaf in leaves.items():
        if leaf.dtype.kind == "f" and not np.isfinite(leaf).all():
            i, j = (int(k) for k in np.argwhere(~np.isfinite(leaf))[0])
            raise InputError(f"{name} has {leaf[i, j]} at ({i}, {j}): every entry must be finite")
    if isinstance(ranks, int | np.integer):
        ranks = (int(ranks),) * L
    given = tuple(int(R) for R in ranks)
    if len(given) != L:
        raise InputError(f"there are {len(given)} LoRA-ranks for {L} layers: give one a layer, or one for all")
    for l, R in enumerate(given, 1):
        if not 0 <= R <= D:
            raise InputError(f"the LoRA-rank R_{l} = {R} is outside 0..{D}")
    if rank is not None and not 0 <= rank <= D:
        raise InputError(f"rank = {rank} is outside 0..{D}")
    if all(kind.kind in "iuO" for kind in kinds):
        return LinearModel(tuple(fractions(W) for W in model.weights)), fractions(goal), given
    kind = np.float32 if all(leaf.dtype == np.float32 for leaf in leaves.values()) else np.float64
    return LinearModel(tuple(np.asarray(W, kind) for W in model.weights)), np.asarray(goal, kind), given


def checked_nullities(weights: Sequence[Array], goal: Array, ranks: Sequence[int], exact: bool) -> tuple[int, ...]:
    """How singular the weights are; raises `InputError` where that puts the target out of reach."""
    lost = nullities(weights, exact)
    if not any(lost):
        return lost
    D = len(goal)
    most, l = min((D - missing + R, l) for l, (missing, R) in enumerate(zip(lost, ranks, strict=True), 1))
    rank_of_goal = Rational().rank(goal) if exact else int(Float64().rank(goal[None])[0])
    if rank_of_goal > most:
        raise InputError(
            f"W_{l} is singular, of rank {D - lost[l - 1]}: with R_{l} = {ranks[l - 1]} every product has rank at most "
            f"{most}, and the target has rank {rank_of_goal}: raise R_{l}"
        )
    for l, (missing, R) in enumerate(zip(lost, ranks, strict=True), 1):
        if missing > R:
            raise InputError(
                f"W_{l} is singular, of rank {D - missing}, and R_{l} = {R} cannot make it regular: raise R_{l} to "
                f"{missing}, or change W_{l}"
            )
    return lost


def rank_of_change(
    E: Array, weights: Sequence[Array], goal: Array, rank: int | None, exact: bool
) -> tuple[int, Array]:
    """The rank of E, and its singular values."""
    s = np.linalg.svd(as_floats(E), compute_uv=False)
    if exact:
        found = int(Rational().rank(E))
        if rank not in (None, found):
            raise InputError(f"rank = {rank} is given, but the target differs from the product by rank {found} exactly")
        return found, s
    if rank is not None:
        return rank, s
    scale = max(float(np.linalg.norm(goal)), float(np.linalg.norm(product(list(weights)))))
    return rank_by_gap(s, scale, E.dtype), s


def short_of_rank(found: int, ranks: Sequence[int], s: Array) -> str:
    total = sum(ranks)
    return (
        f"the ranks sum up to {total} and rank(target - prod W) is {found}: the smallest error possible is "
        f"sigma_{total + 1} = {float(s[total]):.6g} in the spectral norm; raise the ranks by {found - total}, "
        "or give the best target in reach"
    )


def not_repaired(repaired: Sequence[int], left: int, remaining: int) -> str:
    """What to say where the repair of singular weights takes too much of the ranks."""
    names = ", ".join(f"W_{l}" for l in repaired)
    return (
        f"the singular {names} had to be made regular, after which ranks of {left} in all are left and "
        f"the target differs by rank {remaining}: raise the ranks by {remaining - left}"
    )
