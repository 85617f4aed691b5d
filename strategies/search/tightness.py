"""How near the inequalities of a claim come to equality: the largest left/right, by dimension, depth and rank.

The claim is hunted as ever, with its conclusions overheard: every Float64 batch that the search makes, climbs included,
is looked at, and for each conclusion the member with the largest ratio is kept.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorems.arithmetic.base import YES
from theorems.arithmetic.float64 import Float64
from theorems.case import arrays, floats, member, subset
from theorems.claim import Claim, Outcome
from theorems.judge.driver import check
from theorems.statement import Conclude, Existence, Relation, Suppose
from theorems.strategies.search.attack import batch_size
from theorems.strategies.search.portion import portion

#: A conclusion is attained when its two sides agree to this share of the larger of them.
ATTAINED = 1e-9
#: An extremal instance with more entries than this is not kept.
ENTRIES = 64

Ratios = NDArray[np.float64]


@dataclass(frozen=True)
class Cell:
    """Dimension, depth and rank of a case; None where it has none."""

    D: int
    L: int | None
    R: int | None


@dataclass
class Tightness:
    """What was seen of one conclusion.

    kind       "at most", "less than", "equal" or "exists" (then the value of the construction over the bound)
    largest    the largest ratio; None where no two positive sides were seen
    attained   whether both sides agreed somewhere where they are not zero, to `ATTAINED` of the larger
    zero       whether both sides vanished somewhere, to as much of their scale
    cells      the largest ratio of each cell
    extremal   the instance with the largest ratio, where it is small
    """

    conclusion: str
    kind: str
    instances: int = 0
    largest: float | None = None
    attained: bool = False
    zero: bool = False
    cells: dict[Cell, float] = field(default_factory=dict)
    extremal: Any = None

    def note(self, ratios: Ratios, gaps: Ratios, zeros: Ratios, case: Any) -> None:
        """Count the live members of a batch: ratios (NaN for none), relative gaps (likewise), sides that vanish."""
        self.instances += len(ratios)
        self.attained = self.attained or bool((gaps <= ATTAINED).any())
        self.zero = self.zero or bool(zeros.any())
        if np.isnan(ratios).all():
            return
        place = int(np.nanargmax(ratios))
        ratio = float(ratios[place])
        one = member(case, place)
        cell = cell_of(one)
        self.cells[cell] = max(ratio, self.cells.get(cell, ratio))
        if self.largest is None or ratio > self.largest:
            self.largest = ratio
            self.extremal = one if sum(array.size for array in arrays(one)) <= ENTRIES else None


def cell_of(case: Any) -> Cell:
    """Where a case stands in the atlas."""
    frozen = getattr(case, "frozen", case)
    D = getattr(frozen, "width", None)
    if not isinstance(D, int):
        D = max((max(array.shape, default=1) for array in arrays(case)), default=0)
    parts = (getattr(frozen, name, None) for name in ("weights", "blocks"))
    layers = next((part for part in parts if isinstance(part, tuple)), None)
    ranks = getattr(case, "ranks", None)
    R = max(ranks, default=None) if isinstance(ranks, tuple) else getattr(case, "rank", None)
    return Cell(D, None if layers is None else len(layers), R if isinstance(R, int) else None)


def tightness(claim: Claim, strategy: Any, *, seed: int, portions: int) -> dict[str, Tightness]:
    """Hunt a claim for so many portions of ten recipes, and measure each of its conclusions."""
    seen: dict[str, Tightness] = {}
    heard = dataclasses.replace(claim, statement=_overheard(claim, seen))
    for number in range(portions):
        if portion(heard, strategy, seed=seed, number=number).conviction is not None:
            break
    return seen


def tightness_of(claim: Claim, case: Any) -> dict[str, Tightness]:
    """Each conclusion of a claim measured on one case, in Float64; nothing where it does not meet the hypotheses."""
    seen: dict[str, Tightness] = {}
    check(dataclasses.replace(claim, statement=_overheard(claim, seen)), floats(case), Float64())
    return seen


def _overheard(claim: Claim, seen: dict[str, Tightness]) -> Any:
    def statement(case: Any, num: Any) -> Iterator[Suppose | Conclude]:
        if not isinstance(num, Float64) or not arrays(case):
            yield from claim.statement(case, num)
            return
        # Who fails is known only at the end, and who meets the hypotheses changes on the way.
        live = check(claim, case, Float64(size=batch_size(case))).where(Outcome.HOLDS)
        for step in claim.statement(case, num):
            yield step
            if isinstance(step, Suppose) and step.name not in claim.skip:
                live &= num.decide(step.condition).verdicts == YES
            if isinstance(step, Conclude) and isinstance(step.condition, Relation | Existence) and live.any():
                _listen(seen, step, case, live)

    return statement


def _listen(seen: dict[str, Tightness], step: Conclude, case: Any, live: NDArray[np.bool_]) -> None:
    condition = step.condition
    if isinstance(condition, Existence):
        kind, left, right = "exists", condition.attained(), condition.bound
    else:
        assert isinstance(condition, Relation)
        kind, left, right = condition.kind, condition.left, condition.right
    ratios, gaps, zeros = _compared(left, right, condition.scale, len(live))
    entry = seen.setdefault(step.name, Tightness(step.name, kind))
    indices = np.flatnonzero(live)
    entry.note(ratios[indices], gaps[indices], zeros[indices], subset(case, indices))


def _compared(left: Any, right: Any, scale: Any, count: int) -> tuple[Ratios, Ratios, Ratios]:
    """Of each member, over the entries: the largest ratio, the least relative gap, and whether both sides vanish.

    Sides below `ATTAINED` of the scale are rounding, and have no ratio.
    """
    with np.errstate(all="ignore"):
        a, b = np.broadcast_arrays(np.asarray(left, float), np.asarray(right, float))
        a, b = (np.broadcast_to(side, (count, *side.shape[1:])).reshape(count, -1) for side in (a, b))
        if not a.size:
            a = b = np.full((count, 1), np.nan)
        both = np.maximum(np.abs(a), np.abs(b))
        weight = both
        if scale is not None:
            given = np.abs(np.broadcast_to(np.asarray(scale, float), (count,)))[:, None]
            weight = np.where(given == 0, 1.0, given)  # as the driver takes it
        small = both <= ATTAINED * weight
        sure = np.minimum(np.abs(a), np.abs(b)) > ATTAINED * weight
        ratio = np.where(sure & (a > 0) & (b > 0), a / b, np.where(sure & (a < 0) & (b < 0), b / a, np.nan))
        gap = np.where(small, np.nan, np.abs(b - a) / both)
    return np.fmax.reduce(ratio, axis=1), np.fmin.reduce(gap, axis=1), small.any(axis=1)
