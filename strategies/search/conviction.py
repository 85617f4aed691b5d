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
from theorems.case import (
    SVD,
    Array,
    arrays,
    flaw_of_decompositions,
    parts,
)
from theorems.claim import Claim, Outcome
from theorems.domains import ANY, Domain
from theorems.errors import InputError, Unsupported
from theorems.judge.artefacts import DIGITS, falls, residuals
from theorems.judge.driver import Report, check, settled
from theorems.judge.witness import arithmetic_named
from theorems.strategies.models.nearby import nearby_svd
from theorems.strategies.search.projection import BITS, fitted, outside, rounded

#: How often a case is asked again before it is stored: a statement with a coin inside answers differently.
AGAIN = 4
#: Digits that are tried in turn until a violation falls: few of them are lost whole where exponentials cancel.
LADDERS = (DIGITS, (240, 480), (480, 960), (960, 1920))
#: Dimensions up to which many digits are asked where nothing exact decides.
DIGITS_UP_TO = 12


class Ending(Enum):
    """What became of an escalated accusation."""

    CONVICTED = "convicted"
    ARTEFACT = "float64 artefact"
    VACUOUS = "a hypothesis fails exactly"
    MISSED = "the construction misses, and no obstruction bites"
    ACCUSED = "a violation that one arithmetic certifies, and the second opinion does not decide"
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


@dataclass(frozen=True)
class Judgement:
    """What was found of an exact case.

    case    the case that was judged, of several the last
    reason  why nothing was decided, or how the construction misses
    report  of the arithmetic that decided; None where none did
    """

    ending: Ending
    case: Any
    conviction: Conviction | None = None
    reason: str = ""
    report: Report | None = None

    @property
    def margin(self) -> float:
        """The worst margin; NaN where none was reached."""
        return self.report.margin if self.report is not None else float("nan")


def convict(claim: Claim, case: Any) -> Conviction | None:
    """The conviction of an exact case, or None; also for a candidate that is no case of the statement."""
    try:
        return judge(claim, case).conviction
    except InputError:
        return None


def judge(claim: Claim, case: Any) -> Judgement:
    """Decide an exact case in Rational, in Ball where Rational cannot, and again in Fractions.

    Balls and the enclosures of Fractions are made finer once where they decide nothing.  A violation may then be as
    small as it likes where Rational can run the statement, and about 2^-2000 of the sides elsewhere.
    """

    def run(num: Arithmetic) -> Report:
        return check(claim, case, num)

    reasons: list[str] = []
    for first in (Rational(), Ball()):
        try:
            report, num = settled(first, run)
        except (Unsupported, ArithmeticError) as error:
            reasons.append(f"{first.name}: {_one_line(error)}")
            continue
        if report.outcome is not Outcome.UNDECIDED or report.missed[0]:
            break
        reasons.append(f"{num.word}: undecided")
    else:
        return Judgement(Ending.UNDECIDED, case, reason="; ".join(reasons))
    if report.missed[0]:
        return Judgement(Ending.MISSED, case, reason=_miss(report, num), report=report)
    if report.outcome is not Outcome.FAILS:
        endings = {Outcome.HOLDS: Ending.ARTEFACT, Outcome.VACUOUS: Ending.VACUOUS}
        reason = f"{num.name}: {report.undefined or 'a side of the conclusion is undefined'}"
        return Judgement(endings.get(report.outcome, Ending.UNDECIDED), case, reason=reason, report=report)
    if flaw := flaw_of_decompositions(case):
        return Judgement(Ending.UNDECIDED, case, reason=flaw)
    try:
        second, _ = settled(Fractions(), run)
        doubt = second.outcome.value
    except (Unsupported, ArithmeticError) as error:
        doubt = _one_line(error)
    else:
        if second.outcome is Outcome.FAILS:
            return Judgement(Ending.CONVICTED, case, Conviction(case, num.name, report), report=report)
    reason = f"violated in {num.name} arithmetic, and not confirmed by the second opinion, fractions: {doubt}"
    return Judgement(Ending.ACCUSED, case, reason=reason, report=report)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _miss(report: Report, num: Arithmetic) -> str:
    """How a construction misses, in one line."""
    miss = report.miss
    if miss is None or miss.left is None:
        return f"{miss.conclusion if miss else 'the conclusion'}: the construction cannot be formed ({num.name})"
    sides = f"the construction attains {num.show(miss.left)}, the bound is {num.show(miss.right)}"
    return f"{miss.conclusion}: {sides} ({num.name})"


def escalate(claim: Claim, case: Any, domain: Domain = ANY) -> Judgement:
    """Judge one float case through its rationalisations in the domain, the simplest first.

    An artefact is acquitted by the exact value of the accused floats, not by a coarser neighbour; where nothing exact
    decides, by many digits, when the violation falls with them.  What has no exact neighbour in the domain is no
    instance.
    """
    judgement = Judgement(Ending.VACUOUS, case, reason="no exact case lies near it")
    for rational in rationalised(case, domain):
        judgement = judge(claim, rational)
        if judgement.conviction is not None:
            return dataclasses.replace(judgement, conviction=dataclasses.replace(judgement.conviction, domain=domain))
        if judgement.ending is Ending.MISSED:
            return judgement
    return by_digits(claim, judgement)


def by_digits(claim: Claim, judgement: Judgement) -> Judgement:
    """What many digits say of a case that nothing exact decides: they acquit, they never convict."""
    if judgement.ending is not Ending.UNDECIDED:
        return judgement
    case, reason = judgement.case, judgement.reason
    if max((max(array.shape, default=0) for array in arrays(case)), default=0) > DIGITS_UP_TO:
        return judgement
    for digits in LADDERS:
        try:
            margins = residuals(claim, case, digits)
        except (Unsupported, ArithmeticError) as error:
            return Judgement(Ending.UNDECIDED, case, reason=f"{reason}; multiprecision: {_one_line(error)}")
        if falls(margins, digits):
            return Judgement(Ending.ARTEFACT, case)
    return Judgement(Ending.UNDECIDED, case, reason=f"{reason}; at {digits[-1]} digits the margin is {margins[-1]:.3g}")


def rationalised(case: Any, domain: Domain = ANY) -> Iterator[Any]:
    """Exact cases in the domain near a float case (one instance), coarse ones first.

    Decompositions stay exactly orthogonal.  Of what was drawn without a word on its domain, only the value itself, or
    what the domain knows to be near.
    """
    near = domain.neighbours(case)
    if near is not None:
        yield from near
        return
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
