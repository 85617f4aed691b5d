"""From an accusation to a conviction: rationalise, and decide in exact or ball arithmetic, twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np

from theorems.arithmetic import Ball, Fractions, Rational
from theorems.arithmetic.base import Arithmetic
from theorems.case import SVD, Array, flaw_of_decompositions, fractions, map_arrays, parts
from theorems.claim import Claim, Outcome
from theorems.errors import InputError, Unsupported
from theorems.judge.driver import Report, check, settled
from theorems.strategies.models.nearby import nearby_svd

#: Rationalisations of a float case: denominators up to this, the exact value last.
DENOMINATORS = (1, 2, 12, 1000, 0)


class Ending(Enum):
    """What became of an escalated accusation."""

    CONVICTED = "convicted"
    ARTEFACT = "float64 artefact"
    VACUOUS = "a hypothesis fails exactly"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Conviction:
    """An exact case that meets every hypothesis and violates a conclusion, in two independent arithmetics."""

    case: Any
    arithmetic: str
    report: Report


def convict(claim: Claim, case: Any) -> Conviction | None:
    """The conviction of an exact case, or None; also for a candidate that is no case of the statement."""
    try:
        return judge(claim, case)[1]
    except InputError:
        return None


def judge(claim: Claim, case: Any) -> tuple[Ending, Conviction | None]:
    """Decide an exact case in Rational, in Ball where Rational lacks an operation, and again in Fractions.

    Balls and the enclosures of Fractions are made finer once where they decide nothing.  A violation may then be as
    small as it likes where Rational can run the statement, and about 2^-2000 of the sides elsewhere.
    """

    def run(num: Arithmetic) -> Report:
        return check(claim, case, num)

    num: Arithmetic = Rational()
    try:
        report = run(num)
    except (Unsupported, ArithmeticError):
        try:
            report, num = settled(Ball(), run)
        except (Unsupported, ArithmeticError):
            return Ending.UNDECIDED, None
    if report.outcome is not Outcome.FAILS:
        endings = {Outcome.HOLDS: Ending.ARTEFACT, Outcome.VACUOUS: Ending.VACUOUS}
        return endings.get(report.outcome, Ending.UNDECIDED), None
    if flaw_of_decompositions(case):
        return Ending.UNDECIDED, None
    try:
        second, _ = settled(Fractions(), run)
    except (Unsupported, ArithmeticError):
        return Ending.UNDECIDED, None
    if second.outcome is not Outcome.FAILS:
        return Ending.UNDECIDED, None
    return Ending.CONVICTED, Conviction(case, num.name, report)


def escalate(claim: Claim, case: Any) -> tuple[Ending, Conviction | None]:
    """Judge one float case through its rationalisations, the simplest first.

    An artefact is acquitted by the exact value of the accused floats, not by a coarser neighbour.
    """
    ending = Ending.UNDECIDED
    for rational in rationalised(case):
        ending, conviction = judge(claim, rational)
        if conviction is not None:
            return ending, conviction
    return ending, None


def rationalised(case: Any) -> Iterator[Any]:
    """Exact cases near a float case (one instance), coarse ones first; decompositions stay exactly orthogonal."""
    for denominator in DENOMINATORS:
        try:
            yield _rational(case, denominator)
        except (ValueError, ArithmeticError, InputError):  # a decomposition with no orthogonal neighbour
            continue


def _rational(case: Any, denominator: int) -> Any:
    decompositions = [part for part in parts(case) if isinstance(part, SVD)]
    replaced: dict[int, Array] = {}
    bits = {1: 0, 2: 1, 12: 4, 1000: 10, 0: 40}[denominator]
    for d in decompositions:
        exact = nearby_svd(d, bits)
        values = _rounded(d.s, denominator)
        descending = np.array(sorted(values.tolist(), reverse=True), dtype=object)
        replaced |= {id(d.U): exact.U, id(d.s): descending, id(d.V): exact.V}

    def near(array: Array) -> Array:
        return replaced[id(array)] if id(array) in replaced else _rounded(array, denominator)

    return map_arrays(case, near)


def _rounded(array: Array, denominator: int) -> Array:
    values = fractions(array)
    if denominator == 0 or not values.size:
        return values
    limit = np.frompyfunc(lambda value: Fraction(value).limit_denominator(denominator), 1, 1)
    result: Array = np.asarray(limit(values), dtype=object).reshape(values.shape)
    return result
