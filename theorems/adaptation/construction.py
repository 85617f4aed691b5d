"""`adapters`: low-rank adapters that turn a frozen chain into a target."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np

from theorems.adaptation import double_double
from theorems.adaptation.adapted_chain import AdaptedChain
from theorems.adaptation.admission import checked, checked_nullities, not_repaired, rank_of_change, short_of_rank
from theorems.adaptation.descent import MODEST, shrunk
from theorems.adaptation.linear import adapters_by_elimination, adapters_one_by_one
from theorems.adaptation.midpoint_flag import midpoint_flag
from theorems.adaptation.newton import newton_step
from theorems.adaptation.rank_decision import exact_change, float_change
from theorems.adaptation.singular import in_one_layer, raised
from theorems.adaptation.slack import slack_spent, trimmed
from theorems.adaptation.subspaces import FloatSubspaces, ObjectSubspaces
from theorems.adaptation.wedderburn import absorbed
from theorems.arithmetic import Float64, Rational
from theorems.case import Array, fractions
from theorems.errors import InputError, Undefined
from theorems.models.linear import Adapter, LinearModel, product


class ResidualWarning(UserWarning):
    """The adapters of `adapters` miss the target by more than rounding."""


METHODS = ("midpoint-flag", "lemma-9", "elimination")


def adapters(
    frozen: LinearModel | Sequence[Array],
    target: Array,
    ranks: int | Sequence[int],
    *,
    method: str = "midpoint-flag",
    newton: int = 0,
    rank: int | None = None,
    modest: float = MODEST,
) -> AdaptedChain:
    """Adapters of ranks at most R_l with prod (W_l + Delta W_l) = target.

    frozen  W_1, ..., W_L, (D, D): float64, float32, integers or Fractions; integers and Fractions stay exact
    target  (D, D), within rank R_1 + ... + R_L of W_L ... W_1
    ranks   R_1, ..., R_L, or one R for all layers
    method  "midpoint-flag" (accurate, any target), "lemma-9" (equation (8) of Zeng and Lee: inverts partial sums) or
            "elimination" (any target; exact over the rationals, inaccurate in floats)
    newton  how many Newton steps to take at most; a step stays where it lowers the residual
    rank    the rank of target - prod W; otherwise decided exactly for rationals, and in floats by the gap
            `rank_decision.GAP`
    modest  adapters of the midpoint flag larger than this times their weight (or inaccurate) are made smaller by
            `descent.shrunk`, in floats; infinite for the flag as it is

    Floats serve chains of moderate condition: 16 x 16, four layers, each with log-spaced singular values down to 1e-2
    leave a residual of 5e-13, down to 1e-4 of 2e-7, down to 1e-6 of 1e-2.  Beyond sqrt(epsilon) of the type of the
    weights (1.5e-8; 3.5e-4 in float32) a `ResidualWarning` names the exact residual.  Integers and Fractions are exact.

    Raises `InputError`, in one line, for ranks below rank(E), singular weights that the ranks cannot make up for (one
    layer that makes the whole change is looked for), entries that are not finite, and arguments that do not fit
    together.
    """
    if method not in METHODS:
        raise InputError(f"method={method!r} is unknown: use one of {', '.join(map(repr, METHODS))}")
    if not modest > 0:
        raise InputError(f"modest = {modest} is not above 0: adapters are left alone up to this times their weight")
    model, goal, R = checked(frozen, target, ranks, rank)
    exact = goal.dtype == object
    weights = tuple(Rational().load(model.weights)) if exact else model.weights
    aim = Rational().load(goal) if exact else goal
    found, tail = rank_of_change(aim - product(list(weights)), weights, aim, rank, exact)
    if found > sum(R):
        raise InputError(short_of_rank(found, R, tail))
    if found == 0:  # whatever the weights are
        nothing = np.zeros((model.width, 0), goal.dtype)
        return AdaptedChain(model, goal, (Adapter(nothing, nothing.T),) * model.depth, method, found)
    try:
        lost = checked_nullities(weights, aim, R, exact)
    except InputError:
        alone = in_one_layer(weights, aim, R, exact)
        if alone is None:
            raise
        return _served(AdaptedChain(model, goal, alone, method, found))
    repaired = tuple(l for l, missing in enumerate(lost, 1) if missing)
    accurate = method == "midpoint-flag" and not exact
    first = lost if repaired else slack_spent(R, found, model.width) if accurate else (0,) * model.depth
    raises = [raised(W, count, exact) for W, count in zip(weights, first, strict=True)]
    changed, E = _changed(weights, raises, aim)
    left = tuple(r - count for r, count in zip(R, first, strict=True))
    remaining = min(model.width, found + sum(first))
    if repaired:
        remaining, _ = rank_of_change(E, changed, aim, None, exact)
        if remaining > sum(left):  # no rank to spare: the repairs must do a part of the change
            parts = absorbed(weights, aim, lost, found, exact)
            if parts is None:
                raise InputError(not_repaired(repaired, sum(left), remaining))
            raises, remaining = parts, found - sum(lost)
            changed, E = _changed(weights, raises, aim)
    change = exact_change(E) if exact else float_change(E, remaining)
    made = _made(changed, change, trimmed(left, remaining), method, exact)
    spare = sum(first) + remaining > found  # a part of the adapters stays beside the others then
    descend = accurate and bool(np.isfinite(modest))
    if descend and spare:
        made = shrunk(changed, made, aim, modest=modest)
    if any(first):
        made = [_both(r, a) for r, a in zip(raises, made, strict=True)]
    if descend and not spare:
        made = shrunk(weights, made, aim, modest=modest)
    if exact:
        made = [Adapter(fractions(np.asarray(a.B)), fractions(np.asarray(a.A))) for a in made]
        if not (LinearModel(model.weights).adapted([a.matrix for a in made]).matrix == goal).all():
            raise InputError(f"method={method!r} does not reach this target: use method='midpoint-flag'")
    result = AdaptedChain(model, goal, tuple(made), method, found, repaired)
    for _ in range(0 if exact else newton):
        better = _stepped(result)
        if better is None or not better.exact_residual < result.exact_residual:
            break
        result = better
    return _served(result)


def _served(result: AdaptedChain) -> AdaptedChain:
    """The adapters; with a warning where they miss the target by more than their type explains."""
    if not result.exact:
        limit = float(np.sqrt(np.finfo(result.target.dtype).eps))
        if not result.exact_residual <= limit:
            text = f"the adapters miss the target by {result.exact_residual:.1e} of its size"
            warnings.warn(f"{text}: use newton=2, or Fractions, which are exact", ResidualWarning, stacklevel=3)
    return result


def _changed(weights: Sequence[Array], changes: Sequence[Adapter], target: Array) -> tuple[list[Array], Array]:
    """The weights after changes, and what their product then misses."""
    changed = [W + a.matrix if a.A.size else W for W, a in zip(weights, changes, strict=True)]
    return changed, target - product(changed)


def _made(
    weights: Sequence[Array], change: Adapter, ranks: Sequence[int], method: str, exact: bool
) -> list[Adapter]:
    num = Rational() if exact else Float64()
    dtype = change.A.dtype
    try:
        if exact:
            if method == "elimination":
                return adapters_by_elimination(weights, change, ranks, num)
            if method == "lemma-9":
                return adapters_one_by_one(weights, _pieces(change, ranks), num)
            return list(midpoint_flag(weights, change, ranks, ObjectSubspaces(num)).adapters)
        stack = [W[None] for W in weights]
        batch = Adapter(change.B[None], change.A[None])
        with np.errstate(all="ignore"):
            if method == "midpoint-flag":
                made = list(midpoint_flag(stack, batch, ranks, FloatSubspaces(dtype)).adapters)
            elif method == "lemma-9":
                made = adapters_one_by_one(stack, _pieces(batch, ranks), num)
            else:
                made = adapters_by_elimination(stack, batch, ranks, num)
    except Undefined as error:
        raise InputError(f"method={method!r} cannot be formed here ({error}): use method='midpoint-flag'") from None
    made = [Adapter(np.asarray(a.B[0], dtype), np.asarray(a.A[0], dtype)) for a in made]
    if not all(np.isfinite(leaf).all() for a in made for leaf in (a.B, a.A)):
        raise InputError(f"method={method!r} cannot be formed here (a singular matrix): use method='midpoint-flag'")
    return made


def _pieces(change: Adapter, ranks: Sequence[int]) -> list[Adapter]:
    ends = list(accumulate(ranks, initial=0))
    return [Adapter(change.B[..., a:b], change.A[..., a:b, :]) for a, b in pairwise(ends)]


def _stepped(result: AdaptedChain) -> AdaptedChain | None:
    """The adapters after one Newton step with the residual computed in twice float64; None where there is none."""
    weights = [W[None] for W in result.frozen.weights]
    stack = [Adapter(a.B[None], a.A[None]) for a in result.adapters]
    missing = double_double.residual(result.frozen.weights, result.adapters, result.target)
    dtype = result.target.dtype
    with np.errstate(all="ignore"):
        moves = newton_step(weights, stack, np.asarray(missing[None], dtype), FloatSubspaces(dtype))
    if not all(np.isfinite(move).all() for move in moves):
        return None
    moved = tuple(Adapter(a.B + move[0], a.A) for a, move in zip(result.adapters, moves, strict=True))
    return AdaptedChain(
        result.frozen, result.target, moved, result.method, result.rank, result.repaired, result.steps + 1
    )


def _both(one: Adapter, other: Adapter) -> Adapter:
    return Adapter(np.concatenate([one.B, other.B], axis=-1), np.concatenate([one.A, other.A], axis=-2))
