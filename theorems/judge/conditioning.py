"""Rounding seen from outside: how far the two sides of a conclusion come apart, and what was inverted on the way.

No statement knows of it.  The claim is run as it stands, in an arithmetic that notes the condition number of every
matrix that the statement solves with, and the conclusions are looked at as they are yielded.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorems.arithmetic.base import Arithmetic
from theorems.arithmetic.float64 import Float64
from theorems.arithmetic.multiprecision import MultiPrecision
from theorems.case import Array
from theorems.claim import Claim, Outcome
from theorems.errors import Undefined
from theorems.judge.driver import check
from theorems.statement import Conclude, Existence, Relation, Suppose

Floats = NDArray[np.float64]

#: The unit roundoff of float64.
UNIT = 2.0**-53


class ConditionedFloat64(Float64):
    """Float64 that notes the condition number of every matrix it solves with or inverts for a statement.

    conditions  for each of these matrices sigma_1 / sigma_n, (size,); infinite for a singular member
    """

    def __init__(self, *, size: int | None = None) -> None:
        super().__init__(size=size)
        self.conditions: list[Floats] = []

    def solve(self, A: Array, B: Array) -> Array:
        self._note(A)
        return super().solve(A, B)

    def inverse(self, A: Array) -> Array:
        self._note(A)
        return super().inverse(A)

    def _note(self, A: Array) -> None:
        if A.shape[-1] == 0:
            return
        s = self._singular_values(A)
        condition = np.where(s[..., -1] > 0, s[..., 0] / np.where(s[..., -1] > 0, s[..., -1], 1.0), np.inf)
        # a statement may stack several matrices of one member: the worst of them counts
        worst = condition.reshape(len(condition), -1).max(-1)
        self.conditions.append(np.broadcast_to(np.asarray(worst, np.float64), (self.size,)))


@dataclass(frozen=True)
class Rounding:
    """What one run of a claim on n members showed.

    live        (n,) the members that meet the hypotheses
    residuals   (n,) the largest gap of an equality, or excess of a construction over its bound, relative to the
                claim's own scale; NaN where none could be formed
    conditions  (n,) the largest condition number of a matrix solved with; 1 where nothing was solved
    """

    live: NDArray[np.bool_]
    residuals: Floats
    conditions: Floats

    @property
    def ratios(self) -> Floats:
        """residual / (unit roundoff * condition): a few units where the conditioning explains the residual."""
        return self.residuals / (UNIT * self.conditions)


def rounding(claim: Claim, batch: Any, *, size: int) -> Rounding:
    """Run a claim on a float64 batch of `size` members."""
    num = ConditionedFloat64(size=size)
    gaps, live = _gaps(claim, batch, num)
    conditions = np.max(num.conditions, axis=0) if num.conditions else np.ones(size)
    return Rounding(live, _worst(gaps, size), np.maximum(conditions, 1.0))


def residual_at(claim: Claim, case: Any, digits: int) -> float:
    """The largest gap on one case (floats count as exact) in mpmath at that precision; NaN where a hypothesis is not
    met there."""
    gaps, live = _gaps(claim, case, MultiPrecision(digits))
    return float(_worst(gaps, 1)[0]) if live[0] else float("nan")


def _worst(gaps: list[Floats], size: int) -> Floats:
    """NaN counts as worst: what could not be formed must not pass for exact."""
    return np.asarray(np.max(gaps, axis=0)) if gaps else np.full(size, np.nan)


def _gaps(claim: Claim, case: Any, num: Arithmetic) -> tuple[list[Floats], NDArray[np.bool_]]:
    """The gap of every conclusion that has one, and who meets the hypotheses."""
    gaps: list[Floats] = []

    def observed(loaded: Any, num: Any) -> Iterator[Suppose | Conclude]:
        for step in claim.statement(loaded, num):
            condition = step.condition if isinstance(step, Conclude) else None
            if isinstance(condition, Existence):
                condition = _evaluated(condition, num)
                made = Relation("at most", condition.attained(), condition.bound, condition.scale)
                gaps.append(_excess(num.decide(made).margins))
                yield Conclude(condition, step.name)
                continue
            if isinstance(condition, Relation) and condition.kind == "equal":
                gaps.append(_excess(num.decide(condition).margins))
            yield step

    report = check(observed, case, num, skip=claim.skip)
    return gaps, ~report.where(Outcome.VACUOUS)


def _evaluated(condition: Existence, num: Arithmetic) -> Existence:
    """The existence with its construction made, once."""
    try:
        value = condition.attained()
    except Undefined:
        value = np.full(num.size, np.nan) if isinstance(num, Float64) else num.number(0) * float("nan")
    return dataclasses.replace(condition, attained=lambda: value)


def _excess(margins: Floats) -> Floats:
    return np.asarray(np.maximum(-margins, 0.0))
