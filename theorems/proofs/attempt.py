"""One attempt: the conclusions of a claim at one shape, by every technique that the effort allows."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from theorems.arithmetic import Ball, Rational
from theorems.claim import Claim
from theorems.claim import Outcome as Ending
from theorems.driver import Report, check, settled
from theorems.errors import InputError, Unsupported
from theorems.proofs import charts, points, shapes
from theorems.proofs.explore import IDENTITY, POINT, Effort, explore

PROVED, REFUTED, OPEN, UNSUPPORTED = "proved", "refuted", "open", "unsupported"
#: Instances of a shape that are looked at: one of them must meet the hypotheses.
INSTANCES = 12
#: An identity counts where the chance that it fails is below 2^-LEAST.
LEAST = 150


@dataclass(frozen=True)
class Result:
    """What became of one conclusion at one shape.

    technique    one of `theorems.proofs.explore.ORDER`, "enumeration", or empty
    certificate  what replays it: "points", "squares", or empty (a solver's word, or nothing)
    """

    conclusion: str
    result: str
    technique: str = ""
    certificate: str = ""
    reason: str = ""


@dataclass
class Attempt:
    """The results at one shape; `models` are cases that a solver proposes as counterexamples."""

    sizes: str
    side: int
    seconds: float = 0.0
    results: list[Result] = field(default_factory=list)
    reason: str = ""
    error_bits: int = 0
    models: list[Any] = field(default_factory=list)


def lives(claim: Claim, cases: Sequence[Any]) -> bool | None:
    """Whether an exact case among these meets every hypothesis and conclusion; False where one violates a conclusion;
    None where none is known to do either."""
    alive: bool | None = None
    for case in cases[:INSTANCES]:

        def run(num: Any, case: Any = case) -> Report:
            return check(claim, case, num)

        try:
            try:
                outcome = run(Rational()).outcome
            except (Unsupported, ArithmeticError):
                outcome = settled(Ball(), run)[0].outcome
        except (Unsupported, ArithmeticError, InputError, ValueError, TypeError):
            continue
        if outcome is Ending.FAILS:
            return False
        if outcome is Ending.HOLDS:
            alive = True
    return alive


def attempt(
    claim: Claim, cases: Sequence[Any], effort: Effort, *, trusted: bool = False, seed: str | None = None
) -> Attempt:
    """Prove what a claim concludes of every case of the shape of `cases` (which are of one shape).

    Without a case among them that meets the hypotheses nothing is proved, unless the caller has seen to that.
    """
    start = time.monotonic()
    case = cases[0]
    made = Attempt(shapes.sizes(case), shapes.side(case))
    alive = True if trusted else lives(claim, cases)
    if alive is not True:
        made.reason = "an instance violates it" if alive is False else "no instance is known to meet the hypotheses"
        return made
    seed = seed or f"{claim.digest}/{made.sizes}"
    outcome = explore(claim, case, effort, seed)
    bits = int(points.error_bits(outcome.degree))
    replayed: dict[str, bool | None] = {}
    techniques = {name: outcome.proved(name) for name in outcome.conclusions}
    if any(technique in (IDENTITY, POINT) for technique in techniques.values()):
        replayed = points.holds_at_points(claim, case, outcome.charts, seed)
    for name, technique in techniques.items():
        reason = outcome.reason or outcome.conclusions[name].reason
        at_points = replayed.get(name)
        if technique in (IDENTITY, POINT) and at_points is False:
            raise AssertionError(f"{claim.key}: {name!r} is an identity and fails at a point ({made.sizes})")
        if technique == POINT and (at_points is not True or bits < LEAST):
            technique, reason = None, "an identity that exact arithmetic does not confirm at its points"
        if technique is None:
            made.results.append(Result(name, OPEN, reason=reason))
            continue
        certificate = "points" if technique in (IDENTITY, POINT) and at_points else ""
        made.results.append(Result(name, PROVED, technique, certificate))
        if technique == POINT:
            made.error_bits = bits
    made.reason = outcome.reason
    if effort.solver is not None:
        made.models = list(_cases_of(case, effort.solver.models))
    made.seconds = round(time.monotonic() - start, 3)
    return made


class _Assigned:
    """Numbers of a chart from a solver's model; points near a sphere are moved onto it."""

    def __init__(self, values: dict[int, Fraction]) -> None:
        self.values = values
        self.free_numbers: list[Fraction] = []

    def number(self, q: Fraction) -> Fraction:
        return q

    def _next(self) -> Fraction:
        return self.values.get(len(self.free_numbers), Fraction(0))

    def free(self, name: str, *, nonnegative: bool = False) -> Fraction:
        value = self._next()
        self.free_numbers.append(abs(value) if nonnegative else value * 1)
        return self.free_numbers[-1]

    def sphere(self, n: int, name: str) -> list[Fraction]:
        near = [self.values.get(len(self.free_numbers) + i, Fraction(0)) for i in range(n)]
        if near[-1] == -1:
            point = near
        else:
            t = [(x / (1 + near[-1])).limit_denominator(10**6) for x in near[:-1]]
            norm = sum((x * x for x in t), Fraction(0))
            point = [*(2 * x / (1 + norm) for x in t), (1 - norm) / (1 + norm)]
        self.free_numbers += point
        return point


def _cases_of(case: Any, models: Sequence[tuple[charts.Chart, dict[int, Fraction]]]) -> list[Any]:
    """The exact cases that a solver's models are."""
    found = []
    for chart, values in models:
        try:
            found.append(charts.build(case, chart, _Assigned(values)))
        except (InputError, ArithmeticError, ValueError):
            continue
    return found
