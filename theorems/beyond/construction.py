"""`adapters`: low-rank adapters that turn a frozen chain into a target, and how good they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from theorems.arithmetic import Float64, Rational
from theorems.beyond import double_double
from theorems.beyond.midpoint_flag import midpoint_flag
from theorems.beyond.newton import newton_step
from theorems.beyond.rank_decision import exact_change, float_change, rank_by_gap
from theorems.beyond.singular import nullities, raised
from theorems.beyond.subspaces import FloatSubspaces, ObjectSubspaces
from theorems.case import Array, fractions
from theorems.errors import InputError, Undefined
from theorems.expressive_power.adapters import adapters_by_elimination, adapters_one_by_one
from theorems.models import Adapter, LinearModel, product

METHODS = ("midpoint-flag", "lemma-9", "elimination")
#: Changes of basis that elimination tries in exact arithmetic: its fixed general position is special for some targets.
ATTEMPTS = 4
#: (theta, whether the chain is transposed): tried in this order while adapters exceed LARGE_CHANGE times their weight.
VARIANTS = tuple((theta, turned) for theta in (0.5, 0.25, 0.0, 0.75) for turned in (False, True))
LARGE_CHANGE = 90.0
#: Above this dimension only the first variant is tried.
SMALL_MATRIX = 64


@dataclass(frozen=True)
class AdaptedChain:
    """Adapters of a linear chain, with what there is to say of them (computed when it is asked for).

    frozen    W_1, ..., W_L, (D, D)
    target    (D, D)
    adapters  Delta W_l = B_l A_l with at most R_l columns
    method    how they were made
    rank      of target - prod W, given, decided exactly, or counted above the gap
    repaired  the layers (from 1) whose weight is singular and was made regular first, with ranks of their own
    steps     the Newton steps that were taken
    """

    frozen: LinearModel
    target: Array
    adapters: tuple[Adapter, ...]
    method: str
    rank: int
    repaired: tuple[int, ...] = ()
    steps: int = 0

    @property
    def exact(self) -> bool:
        """Whether all entries are rationals."""
        return self.target.dtype == object

    @cached_property
    def residual(self) -> float:
        """||prod (W_l + B_l A_l) - target||_F / ||target||_F, the layers added and multiplied in their own
        precision."""
        reached = product([W + a.matrix for W, a in zip(self.frozen.weights, self.adapters, strict=True)])
        return _relative(reached - self.target, self)

    @cached_property
    def exact_residual(self) -> float:
        """The residual of the stored factors themselves, evaluated exactly (rationals) or in twice float64."""
        if self.exact:
            return self.residual
        return _relative(double_double.residual(self.frozen.weights, self.adapters, self.target), self)

    @cached_property
    def sizes(self) -> tuple[float, ...]:
        """||Delta W_l||_2 / ||W_l||_2 for each layer."""
        return tuple(
            _norm(a.matrix) / norm if (norm := _norm(W)) > 0 else float("inf") if _norm(a.matrix) > 0 else 0.0
            for W, a in zip(self.frozen.weights, self.adapters, strict=True)
        )

    @property
    def largest(self) -> float:
        """max_l ||Delta W_l||_2 / ||W_l||_2."""
        return max(self.sizes)

    @cached_property
    def prefix_conditions(self) -> tuple[float, ...]:
        """The condition numbers of (W_l + Delta W_l) ... (W_1 + Delta W_1), l = 1, ..., L; infinite where singular."""
        layers = [_floats(W + a.matrix) for W, a in zip(self.frozen.weights, self.adapters, strict=True)]
        return tuple(_condition(P) for P in accumulate(layers, lambda done, layer: layer @ done))

    def report(self) -> dict[str, Any]:
        """What a table shows, for JSON."""
        return {
            "method": self.method, "rank": self.rank, "ranks": [int(a.A.shape[-2]) for a in self.adapters],
            "residual": self.residual, "exact_residual": self.exact_residual, "sizes": list(self.sizes),
            "prefix_conditions": list(self.prefix_conditions), "repaired": list(self.repaired), "steps": self.steps,
        }  # fmt: skip


def adapters(
    frozen: LinearModel | Sequence[Array],
    target: Array,
    ranks: int | Sequence[int],
    *,
    method: str = "midpoint-flag",
    newton: int = 0,
    rank: int | None = None,
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

    Raises `InputError`, in one line, for ranks below rank(E), singular weights that the ranks cannot make up for,
    entries that are not finite, and arguments that do not fit together.
    """
    model, goal, R = _checked(frozen, target, ranks, method, rank)
    exact = goal.dtype == object
    weights = tuple(Rational().load(model.weights)) if exact else model.weights
    aim = Rational().load(goal) if exact else goal
    found, tail = _rank(aim - product(list(weights)), weights, aim, rank, exact)
    if found > sum(R):
        raise InputError(_short_of_rank(found, R, tail))
    lost = _checked_nullities(weights, aim, R, exact)
    repaired = tuple(l for l, missing in enumerate(lost, 1) if missing)
    accurate = method == "midpoint-flag" and not exact
    first = lost if repaired else slack_spent(R, found, model.width) if accurate else (0,) * model.depth
    raises = [raised(W, count, exact) for W, count in zip(weights, first, strict=True)]
    changed = [W + a.matrix if count else W for W, a, count in zip(weights, raises, first, strict=True)]
    left = tuple(r - count for r, count in zip(R, first, strict=True))
    E = aim - product(changed)
    remaining = min(model.width, found + sum(first))
    if repaired:
        remaining, _ = _rank(E, changed, aim, None, exact)
        if remaining > sum(left):
            names = ", ".join(f"W_{l}" for l in repaired)
            raise InputError(
                f"the singular {names} had to be made regular, after which ranks of {sum(left)} in all are left and "
                f"the target differs by rank {remaining}: raise the ranks by {remaining - sum(left)}"
            )
    change = exact_change(E) if exact else float_change(E, remaining)
    made = _made(changed, change, trimmed(left, remaining), method, exact)
    if any(first):
        made = [_both(r, a) for r, a in zip(raises, made, strict=True)]
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
    return result


def trimmed(ranks: Sequence[int], total: int) -> tuple[int, ...]:
    """Ranks R'_l <= R_l with the given sum, the largest lowered first."""
    left = list(ranks)
    for _ in range(sum(left) - total):
        left[max(range(len(left)), key=lambda l: left[l])] -= 1
    return tuple(left)


def slack_spent(ranks: Sequence[int], rank: int, D: int) -> tuple[int, ...]:
    """How many singular values of each W_l to raise first, where the ranks exceed what the target asks for.

    Raising s of them leaves a change of rank at most min(D, rank + s) to ranks of sum R_l - s, so that s may be
    sum R_l - D, or half of sum R_l - rank.  They are spread over the layers, at most half of the singular values of
    each.
    """
    total = max(sum(ranks) - D, (sum(ranks) - rank) // 2, 0)
    spent = [0] * len(ranks)
    for _ in range(total):
        open_layers = [l for l, R in enumerate(ranks) if spent[l] < min(R, D // 2)]
        if not open_layers:
            break
        spent[min(open_layers, key=lambda l: spent[l])] += 1
    return tuple(spent)


def _checked(
    frozen: LinearModel | Sequence[Array], target: Array, ranks: int | Sequence[int], method: str, rank: int | None
) -> tuple[LinearModel, Array, tuple[int, ...]]:
    if method not in METHODS:
        raise InputError(f"method={method!r} is unknown: use one of {', '.join(map(repr, METHODS))}")
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


def _checked_nullities(weights: Sequence[Array], goal: Array, ranks: Sequence[int], exact: bool) -> tuple[int, ...]:
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


def _rank(
    E: Array, weights: Sequence[Array], goal: Array, rank: int | None, exact: bool
) -> tuple[int, Array]:
    """The rank of E, and its singular values."""
    s = np.linalg.svd(_floats(E), compute_uv=False)
    if exact:
        found = int(Rational().rank(E))
        if rank not in (None, found):
            raise InputError(f"rank = {rank} is given, but the target differs from the product by rank {found} exactly")
        return found, s
    if rank is not None:
        return rank, s
    scale = max(float(np.linalg.norm(goal)), float(np.linalg.norm(product(list(weights)))))
    return rank_by_gap(s, scale, E.dtype), s


def _short_of_rank(found: int, ranks: Sequence[int], s: Array) -> str:
    total = sum(ranks)
    return (
        f"the ranks sum up to {total} and rank(target - prod W) is {found}: the smallest error possible is "
        f"sigma_{total + 1} = {float(s[total]):.6g} in the spectral norm; raise the ranks by {found - total}, "
        "or give the best target in reach"
    )


def _made(
    weights: Sequence[Array], change: Adapter, ranks: Sequence[int], method: str, exact: bool
) -> list[Adapter]:
    num = Rational() if exact else Float64()
    dtype = change.A.dtype
    try:
        if exact:
            if method == "elimination":
                return _eliminated(weights, change, ranks)
            if method == "lemma-9":
                return adapters_one_by_one(weights, _pieces(change, ranks), num)
            return list(midpoint_flag(weights, change, ranks, ObjectSubspaces(num)).adapters)
        stack = [W[None] for W in weights]
        batch = Adapter(change.B[None], change.A[None])
        with np.errstate(all="ignore"):
            if method == "midpoint-flag":
                made = _smallest_flag(stack, batch, ranks)
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


def _smallest_flag(weights: Sequence[Array], change: Adapter, ranks: Sequence[int]) -> list[Adapter]:
    """The midpoint flag; for small matrices the smallest adapters of a few variants, where those of the first are
    large.

    The variants measure angles in other coordinates, or adapt the transposed chain: the tail of the sizes over random
    models is thin, and hardly correlated between a chain and its transpose.
    """
    norms = [np.linalg.norm(W, 2, axis=(-2, -1)) for W in weights]
    best: list[Adapter] = []
    smallest = np.inf
    for theta, turned in VARIANTS:
        spaces = FloatSubspaces(change.A.dtype, theta)
        if turned:
            B, t = spaces.basis(change.A.mT)
            back = [W.mT for W in reversed(weights)]
            flag = midpoint_flag(back, Adapter(B, (change.B @ t.mT).mT), ranks[::-1], spaces)
            made = [Adapter(a.A.mT, a.B.mT) for a in reversed(flag.adapters)]
        else:
            made = list(midpoint_flag(weights, change, ranks, spaces).adapters)
        sizes = [np.linalg.norm(a.matrix, 2, axis=(-2, -1)) / n for a, n in zip(made, norms, strict=True)]
        largest = float(np.max(sizes))
        if not best or largest < smallest:
            best, smallest = made, largest
        if smallest <= LARGE_CHANGE or weights[0].shape[-1] > SMALL_MATRIX:
            break
    return best


def _pieces(change: Adapter, ranks: Sequence[int]) -> list[Adapter]:
    ends = list(accumulate(ranks, initial=0))
    return [Adapter(change.B[..., a:b], change.A[..., a:b, :]) for a, b in pairwise(ends)]


def _eliminated(weights: Sequence[Array], change: Adapter, ranks: Sequence[int]) -> list[Adapter]:
    """Elimination, with other factors of the same change where its fixed general position meets a vanishing minor."""
    num = Rational()
    k = change.A.shape[-2]
    wanted = product(list(weights)) + change.matrix
    made: list[Adapter] = []
    for attempt in range(ATTEMPTS):
        turn = num.constant([[int(i == j) + attempt * int(j > i) * (i + 2 * j) for j in range(k)] for i in range(k)])
        turn = turn if attempt == 0 else turn @ turn.mT
        factors = Adapter(change.B @ turn, num.solve(turn, change.A)) if k else change
        made = adapters_by_elimination(weights, factors, ranks, num)
        if (product([W + a.matrix for W, a in zip(weights, made, strict=True)]) == wanted).all():
            break
    return made


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


def _floats(A: Array) -> Array:
    if A.dtype != object:
        return A
    values = [int(value.p) / int(value.q) if hasattr(value, "p") else float(value) for value in A.flat]
    return np.array(values).reshape(A.shape)


def _norm(A: Array) -> float:
    return float(np.linalg.norm(_floats(A), 2)) if A.size else 0.0


def _relative(difference: Array, result: AdaptedChain) -> float:
    size = float(np.linalg.norm(_floats(difference)))
    scale = float(np.linalg.norm(_floats(result.target))) or float(np.linalg.norm(_floats(result.frozen.matrix)))
    return size / scale if scale > 0 else size


def _condition(P: Array) -> float:
    s = np.linalg.svd(P, compute_uv=False)
    return float(s[0] / s[-1]) if s[-1] > 0 else float("inf")
