"""The batched attack: Float64 accuses, with a margin that must exceed its own rounding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorems.arithmetic.float64 import NOISE, Float64, perturbed
from theorems.case import arrays, member, subset
from theorems.claim import Claim, Outcome
from theorems.judge.driver import Report, check
from theorems.judge.tally import Tally

#: Runs with inputs perturbed by one unit in the last place, and how far a violation must exceed their spread.
RERUNS, SPREADS = 3, 100.0
#: How many of the nearest misses are kept, and the least margin that is no rounding.
NEAREST, MISS = 24, 1e-9




@dataclass(frozen=True)
class Accused:
    """The members of a batch whose violation exceeds rounding, the worst first.

    count   how many there are in all
    missed  the member whose construction misses by the most, where one does
    """

    cases: tuple[Any, ...]
    margins: tuple[float, ...]
    count: int = 0
    missed: Any | None = None


@dataclass(frozen=True)
class Near:
    """The members of a batch that hold by the least, and by more than rounding, as a batch; their least margin."""

    batch: Any
    margin: float


def batch_size(batch: Any) -> int:
    """The length of the leading axis; 1 for a case without arrays."""
    leaves = arrays(batch)
    return len(leaves[0]) if leaves else 1


def attack(claim: Claim, batch: Any, *, seed: int, most: int) -> tuple[Accused, Near | None, Tally]:
    """Check a Float64 batch; return the members to escalate, at most `most`, the nearest misses, and the tally.

    A member is accused when its margin is negative and exceeds a hundred times its spread over three runs with inputs
    perturbed by one unit in the last place.  In the tally all violations count as undecided, until they are judged.
    """
    count = batch_size(batch)
    report = check(claim, batch, Float64(size=count))
    tally = Tally(vacuous=report.count(Outcome.VACUOUS), unmet=dict(report.unmet))
    failing = np.flatnonzero(report.where(Outcome.FAILS))
    tally.undecided = report.count(Outcome.UNDECIDED) + report.count(Outcome.UNDEFINED) + len(failing)
    tally.instances = report.live
    settled = report.margins[report.where(Outcome.HOLDS)]
    if settled.size:
        tally.worst = float(np.nanmin(settled))
    near = _nearest(batch, report)
    missed = _farthest(batch, report)
    if not len(failing):
        return Accused((), (), missed=missed), near, tally
    worst = failing[np.argsort(report.margins[failing])]
    sure = _beyond_rounding(claim, batch, worst, report, seed)
    chosen = sure[:most]
    cases, margins = tuple(member(batch, i) for i in chosen), tuple(float(report.margins[i]) for i in chosen)
    return Accused(cases, margins, len(sure), missed), near, tally


def _farthest(batch: Any, report: Report) -> Any | None:
    """The member whose construction misses by the most, and by more than rounding."""
    missing = np.flatnonzero(report.missed & (report.margins < -MISS))
    return member(batch, missing[np.argmin(report.margins[missing])]) if len(missing) else None


def _nearest(batch: Any, report: Report) -> Near | None:
    """The nearest misses: where all margins are rounding (an equality that holds), there is nowhere to climb to."""
    holding = np.flatnonzero(report.where(Outcome.HOLDS) & (report.margins > MISS))
    if not len(holding) or not arrays(batch):
        return None
    chosen = holding[np.argsort(report.margins[holding], kind="stable")][:NEAREST]
    return Near(subset(batch, chosen), float(report.margins[chosen[0]]))


def _beyond_rounding(
    claim: Claim, batch: Any, worst: NDArray[np.intp], report: Report, seed: int
) -> list[int]:
    if not arrays(batch):
        return [int(i) for i in worst]
    generator = np.random.default_rng(seed)
    few = subset(batch, worst)
    margins = [report.margins[worst]]
    for _ in range(RERUNS):
        again = check(claim, perturbed(few, generator), Float64(size=len(worst)))
        margins.append(again.margins)
    seen = np.stack(margins)
    # A run in which a hypothesis fails says nothing; a violation at an exact tie survives on its own.
    spread = np.nanmax(seen, axis=0) - np.nanmin(seen, axis=0)
    certain = -report.margins[worst] > np.maximum(SPREADS * spread, NOISE)
    tie = np.isnan(seen[1:]).all(axis=0) | (spread == 0)
    return [int(i) for i, sure in zip(worst, certain | tie, strict=True) if sure]
