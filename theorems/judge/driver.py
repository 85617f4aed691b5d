"""Run a statement on a case, or on a batch of cases, in one arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorems.arithmetic.base import NO, UNKNOWN, Arithmetic
from theorems.claim import Claim, Outcome, functions_of
from theorems.errors import Undecided, Undefined
from theorems.judge.refused import refuse
from theorems.statement import Conclude, Statement, Suppose

#: The order of the codes in `Report.codes`.
OUTCOMES = (Outcome.HOLDS, Outcome.FAILS, Outcome.UNDECIDED, Outcome.VACUOUS, Outcome.UNDEFINED)
_HOLDS, _FAILS, _UNDECIDED, _VACUOUS, _UNDEFINED = range(5)


#: Said among the hypotheses that were not met, where a statement says nothing of a case.
NOTHING = "something is concluded of this size"


@cache
def _concludes(statement: Statement) -> bool:
    """Whether the statement, or a function that it names, concludes anything at all."""
    return any("conclude" in function.__code__.co_names for function in functions_of(statement))


@dataclass(frozen=True)
class Violation:
    """The conclusion that a single case violates, with its two sides in the arithmetic that found it.

    Of a construction that misses: what it attains, and the bound.
    """

    conclusion: str
    left: Any
    right: Any
    margin: float


@dataclass(frozen=True)
class Report:
    """What one run of a statement says of the n members of a batch (n = 1 for one case).

    codes      (n,) positions in `OUTCOMES`
    margins    (n,) the worst margin over the conclusions, NaN where none was reached
    unmet      for each hypothesis, how many members fell there
    violation  for n = 1: the conclusion that fails
    undefined  why a construction could not be formed
    missed     (n,) the undecided members on which a construction exceeds the bound that it is to attain, or cannot be
               formed, while no obstruction bites
    miss       for n = 1: the conclusion whose construction misses
    """

    codes: NDArray[np.int8]
    margins: NDArray[np.float64]
    unmet: dict[str, int] = field(default_factory=dict)
    violation: Violation | None = None
    undefined: str = ""
    missed: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1, bool))
    miss: Violation | None = None

    @property
    def outcome(self) -> Outcome:
        """The outcome of a single case."""
        if len(self.codes) != 1:
            raise ValueError(f"a batch of {len(self.codes)} has no single outcome: use `count`")
        return OUTCOMES[self.codes[0]]

    @property
    def margin(self) -> float:
        """The worst margin of a single case."""
        return float(self.margins[0])

    def where(self, outcome: Outcome) -> NDArray[np.bool_]:
        """The members with that outcome."""
        return np.asarray(self.codes == OUTCOMES.index(outcome))

    def count(self, outcome: Outcome) -> int:
        """How many members have that outcome."""
        return int(self.where(outcome).sum())

    @property
    def live(self) -> int:
        """How many members meet the hypotheses."""
        return len(self.codes) - self.count(Outcome.VACUOUS)


def settled(num: Arithmetic, run: Callable[[Arithmetic], Report]) -> tuple[Report, Arithmetic]:
    """What `run` reports in `num`, or where it is undecided in a finer one, and the arithmetic that it was.

    Raises `Unsupported` as `run` does.
    """
    while True:
        finer = num.finer()
        try:
            report = run(num)
        except Undecided:
            if finer is None:
                raise
        else:
            if finer is None or report.outcome is not Outcome.UNDECIDED:
                return report, num
        num = finer


def check(claim: Claim | Statement, case: Any, num: Arithmetic, skip: Collection[str] = ()) -> Report:
    """Run a claim, or a bare statement, on `case`.

    Stops at the first hypothesis that no member meets, and in exact arithmetics at the first conclusion that fails.
    Hypotheses named in `skip` (and in the claim's own) are not asked; a construction that then cannot be formed is
    `UNDEFINED`, never `FAILS`.  Raises `Unsupported` when the arithmetic cannot run the statement.
    """
    statement = claim.statement if isinstance(claim, Claim) else claim
    skipped = {*skip, *(claim.skip if isinstance(claim, Claim) else ())}
    loaded = num.load(case)
    alive = np.ones(num.size, bool)
    codes = np.full(num.size, _HOLDS, np.int8)
    margins = np.full(num.size, np.nan)
    unmet: dict[str, int] = {}
    violation: Violation | None = None
    miss: Violation | None = None
    missed = np.zeros(num.size, bool)
    undefined = ""
    concluded = False
    with num.running(loaded):
        steps = statement(loaded, num)
        try:
            for step in steps:
                refuse(steps, step)
                if isinstance(step, Suppose):
                    if step.name in skipped:
                        continue
                    decision = num.decide(step.condition)
                    fallen = alive & (decision.verdicts == NO)
                    if fallen.any():
                        unmet[step.name] = unmet.get(step.name, 0) + int(fallen.sum())
                    unsure = alive & (decision.verdicts == UNKNOWN)
                    codes[fallen & np.isnan(margins)] = _VACUOUS  # what was concluded before this hypothesis stays
                    codes[unsure & np.isnan(margins)] = _UNDECIDED
                    alive &= ~fallen & ~unsure
                    if not alive.any():
                        break
                elif isinstance(step, Conclude):
                    concluded = True
                    decision = num.decide(step.condition)
                    margins[alive] = np.fmin(margins[alive], decision.margins[alive])
                    codes[alive & (decision.verdicts == UNKNOWN) & (codes == _HOLDS)] = _UNDECIDED
                    codes[alive & np.isnan(decision.margins) & (codes != _FAILS)] = _UNDEFINED
                    failing = alive & (decision.verdicts == NO) & (codes != _UNDEFINED)
                    codes[failing] = _FAILS
                    if decision.missed is not None:
                        missed |= alive & decision.missed
                        if num.size == 1 and missed[0] and miss is None:
                            miss = Violation(step.name, decision.left, decision.right, float(decision.margins[0]))
                    if num.size == 1 and failing[0]:
                        violation = Violation(step.name, decision.left, decision.right, float(decision.margins[0]))
                        break
        except Undefined as error:
            codes[alive & (codes != _FAILS)] = _UNDEFINED
            undefined = str(error)
        finally:
            if isinstance(steps, Generator):
                steps.close()
    if alive.any() and not concluded and not undefined:
        if not _concludes(statement):
            raise TypeError(f"the statement {statement.__name__} concludes nothing: yield conclude(...)")
        codes[alive] = _VACUOUS  # nothing is said of this size
        unmet[NOTHING] = unmet.get(NOTHING, 0) + int(alive.sum())
    return Report(codes, margins, unmet, violation, undefined, missed & (codes == _UNDECIDED), miss)
