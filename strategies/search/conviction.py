"""From an accusation to a conviction: rationalise, and decide in exact or ball arithmetic, twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from theorems.arithmetic import Ball, Fractions, Rational
from theorems.arithmetic.base import Arithmetic
from theorems.case import SVD, Array, flaw_of_decompositions, parts
from theorems.claim import Claim, Outcome
from theorems.domains import ANY, Domain
from theorems.errors import InputError, Unsupported
from theorems.judge.driver import Report, check, settled
from theorems.judge.witness import arithmetic_named
from theorems.strategies.models.nearby import nearby_svd
from theorems.strategies.search.projection import BITS, fitted, outside, rounded

#: How often a case is asked again before it is stored: a statement with a coin inside answers differently.
AGAIN = 4


class Ending(Enum):
    """What became of an escalated accusation."""

    CONVICTED = "convicted"
    ARTEFACT = "float64 artefact"
    VACUOUS = "a hypothesis fails exactly"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Conviction:
    """An exact case that meets every hypothesis and violates a conclusion, in two independent arithmetics.

    domain  what the strategy that drew it promises of all its cases; this one keeps it, exactly
    raised  what the statement raised on a smaller case, where it did
    """

    case: Any
    arithmetic: str
    report: Report
    domain: Domain = ANY
    raised: Exception | None = dataclasses.field(default=None, compare=False)


def confirmed(claim: Claim, conviction: Conviction) -> Conviction:
    """The conviction, after the statement has answered alike `AGAIN` times more.

    Raises `InputError` for a statement that answers one case in different ways.
    """
    seen = [conviction.report.outcome]
    for _ in range(AGAIN):
        report, _ = settled(arithmetic_named(conviction.arithmetic), lambda num: check(claim, conviction.case, num))
        seen.append(report.outcome)
    if len(set(seen)) > 1:
        answers = ", ".join(dict.fromkeys(outcome.value for outcome in seen))
        raise InputError(
            f"{claim.key}: the statement is not deterministic: of one and the same case it says {answers}; "
            "a statement must be a function of its case (draw what is random in the strategy)"
        )
    return conviction


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


def escalate(claim: Claim, case: Any, domain: Domain = ANY) -> tuple[Ending, Conviction | None]:
    """Judge one float case through its rationalisations in the domain, the simplest first.

    An artefact is acquitted by the exact value of the accused floats, not by a coarser neighbour.  What has no exact
    neighbour in the domain is no instance.
    """
    ending = Ending.VACUOUS
    for rational in rationalised(case, domain):
        ending, conviction = judge(claim, rational)
        if conviction is not None:
            return ending, dataclasses.replace(conviction, domain=domain)
    return ending, None


def rationalised(case: Any, domain: Domain = ANY) -> Iterator[Any]:
    """Exact cases in the domain near a float case (one instance), coarse ones first.

    Decompositions stay exactly orthogonal.  Of what was drawn without a word on its domain, only the value itself.
    """
    for denominator in (0,) if domain.as_drawn else BITS:
        try:
            rational = _rational(case, denominator, domain)
        except (ValueError, ArithmeticError, InputError):  # a decomposition with no orthogonal neighbour
            continue
        if not outside(domain, rational):
            yield rational


def _rational(case: Any, denominator: int, domain: Domain) -> Any:
    decompositions = [part for part in parts(case) if isinstance(part, SVD)]
    replaced: dict[int, Array] = {}
    bits = BITS[denominator]
    for d in decompositions:
        exact = nearby_svd(d, bits)
        values = rounded(d.s, denominator)
        descending = np.array(sorted(values.tolist(), reverse=True), dtype=object)
        replaced |= {id(d.U): exact.U, id(d.s): descending, id(d.V): exact.V}

    def near(name: str, array: Array) -> Array:
        return replaced[id(array)] if id(array) in replaced else rounded(array, denominator)

    return fitted(domain, case, near, denominator)
