"""One attempt: the conclusions of a claim at one shape, first by what can be certified, then by a solver."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from theorems.arithmetic import Ball, Rational
from theorems.claim import Claim
from theorems.claim import Outcome as Ending
from theorems.errors import InputError, Unsupported
from theorems.judge.codec import encode
from theorems.judge.driver import Report, check, settled
from theorems.proofs import boxed, charts, points, shapes
from theorems.proofs.certificates import certificate
from theorems.proofs.charts import Chart
from theorems.proofs.explore import explore
from theorems.proofs.outcome import BOXES, COMBINATION, IDENTITY, ORDER, POINT, SIGNS, SQUARES, Effort, Outcome
from theorems.proofs.replay import replay

PROVED, REFUTED, OPEN, UNSUPPORTED = "proved", "refuted", "open", "unsupported"
#: Instances of a shape that are looked at: one of them must meet the hypotheses.
INSTANCES = 12
#: An identity counts where the chance that it fails is below 2^-LEAST.
LEAST = 150
#: Cases around which a box is tried.
SURROUNDED = 3
#: Free numbers of such cases in quarters, in turn.
PATTERNS = ((4,), (8, 1, 2, 1), (1,), (4, 2), (6, 2, 4), (6, -2))
#: What a certificate is made for.
CERTIFIED = (IDENTITY, SIGNS, COMBINATION, SQUARES)


@dataclass(frozen=True)
class Result:
    """What became of one conclusion at one shape.

    technique    one of `theorems.proofs.explore.ORDER`, "enumeration", or empty
    certificate  what the standard library replays: "steps", "points", "enumeration", or empty (a solver's word, or
                 nothing)
    """

    conclusion: str
    result: str
    technique: str = ""
    certificate: str = ""
    reason: str = ""


@dataclass
class Attempt:
    """The results at one shape.

    certificates  one of steps and one of points at most, as JSON data
    models        cases that a solver proposes as counterexamples
    """

    sizes: str
    side: int
    seconds: float = 0.0
    results: list[Result] = field(default_factory=list)
    reason: str = ""
    error_bits: int = 0
    certificates: list[dict[str, Any]] = field(default_factory=list)
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
    start = time.process_time()
    case = cases[0]
    made = Attempt(shapes.sizes(case), shapes.side(case))
    alive = True if trusted else lives(claim, cases)
    if alive is not True:
        made.reason = "an instance violates it" if alive is False else "no instance is known to meet the hypotheses"
        return made
    seed = seed or f"{claim.digest}/{made.sizes}"
    tries = [(True, False), (True, True), (False, True)] if effort.combine else [(True, False), (False, False)]
    for number, (lazy, combine) in enumerate(tries):
        plain = replace(effort, solver=None, lazy=lazy, combine=combine)
        outcome = explore(claim, case, plain, seed)
        found = Attempt(made.sizes, made.side)
        _certified(claim, case, outcome, plain, seed, found)
        if not number or _proved(found) > _proved(made):
            made = found
        if _all_proved(made) or (not lazy and not outcome.chosen) or effort.forks == 0:
            break
    if effort.solver is not None and not _all_proved(made):
        _solved(claim, case, effort, seed, made)
    made.seconds = round(time.process_time() - start, 3)
    return made


def attempt_on_boxes(claim: Claim, cases: Sequence[Any], effort: Effort, names: Sequence[str]) -> Attempt | None:
    """Prove these conclusions of the cases in a box around one of `cases`, as large as it goes; None where no box was
    found, of a few cases."""
    start = time.process_time()
    best: Attempt | None = None
    for case in itertools.islice((case for case in _plain(cases) if lives(claim, [case])), SURROUNDED):
        for own in boxed.around(case):
            plain = replace(effort, solver=None, squares=None, probable=False, lazy=False, boxed=own)
            made = on_box(claim, case, plain, names)
            if made is None or (best is not None and len(made.results) < len(best.results)):
                break
            if made.results:
                best = made
                best.seconds = round(time.process_time() - start, 3)
            else:
                break
        if best is not None and not best.reason:
            break
    return best


def _plain(cases: Sequence[Any]) -> Iterator[Any]:
    """Cases of the shape with plain free numbers, and those that are given."""
    for pattern in PATTERNS:
        values = {k: Fraction(pattern[k % len(pattern)], 4) for k in range(shapes.entries(cases[0]) + 4)}
        yield from _cases_of(cases[0], [(Chart(), values)])
    yield from cases[:INSTANCES]


def on_box(
    claim: Claim, case: Any, effort: Effort, wanted: Sequence[str], *, seed: str | None = None
) -> Attempt | None:
    """Prove these conclusions of the cases in the box of an effort, which surrounds `case`; None where the statement
    does not run to its end there, or hypotheses ask for another chart."""
    sizes = boxed_sizes(case, effort.boxed.intervals)
    seed = seed or f"{claim.digest}/{sizes}"
    outcome = explore(claim, case, effort, seed)
    if outcome.reason or any(chart.kinds or chart.solved for chart in outcome.charts):
        return None
    names = [name for name in wanted if name in outcome.conclusions and outcome.proved(name) is not None]
    made = Attempt(sizes, shapes.side(case), reason="" if len(names) == len(wanted) else "no bounds on the box")
    data = certificate(outcome.traces, names, None, effort.boxed) if names else None
    if data is None:
        return made
    ends = {name: [str(low), str(high)] for name, (low, high) in effort.boxed.intervals.items()}
    limits: dict[str, Any] = {"forks": effort.forks, "paths": effort.paths, "probable": False}
    limits |= {"lazy": False, "combine": effort.combine, "settled": outcome.settled, "box": ends}
    shape = {"sizes": sizes, "case": encode(case, claim), "seed": seed, **limits}
    if not refused(data, names):
        made.certificates.append({"kind": "steps", "conclusions": names, **shape, **data})
        made.results = [Result(name, PROVED, BOXES, "steps") for name in names]
    return made


def boxed_sizes(case: Any, intervals: boxed.Intervals) -> str:
    """A shape with a box, in words."""
    return f"{shapes.sizes(case)}; on the box {boxed.words(intervals, case)}"


def _proved(made: Attempt) -> int:
    return sum(result.result == PROVED for result in made.results)


def _all_proved(made: Attempt) -> bool:
    return bool(made.results) and all(result.result == PROVED for result in made.results)


def _certified(claim: Claim, case: Any, outcome: Outcome, effort: Effort, seed: str, made: Attempt) -> None:
    """What was proved without a solver, with its certificates."""
    made.reason = outcome.reason
    techniques = {name: outcome.proved(name) for name in outcome.conclusions}
    steps = [name for name, technique in techniques.items() if technique in CERTIFIED]
    by_points = [name for name, technique in techniques.items() if technique in (IDENTITY, POINT)]
    try:
        limits: dict[str, Any] = {"forks": effort.forks, "paths": effort.paths, "probable": effort.probable}
        limits |= {"lazy": effort.lazy, "combine": effort.combine, "settled": outcome.settled}
        shape = {"sizes": made.sizes, "case": encode(case, claim), "seed": seed, **limits}
    except InputError:  # a statement without a source, or a case that no file can hold: there is nothing to store
        shape = {}
    found = certificate(outcome.traces, steps, effort.squares) if steps and shape else None
    refusal = refused(found, steps) if found is not None else ""
    if refusal:  # what the standard library does not accept is no proof
        found, steps = None, []
        techniques = {name: None if t in CERTIFIED and t != IDENTITY else t for name, t in techniques.items()}
    if found is not None:
        made.certificates.append({"kind": "steps", "conclusions": steps, **shape, **found})
    held = points.holds_at_points(claim, case, outcome.charts, seed) if by_points else {}
    false = [name for name in by_points if held.get(name) is False]
    if false:
        raise AssertionError(f"{claim.key}: {false[0]!r} is an identity and fails at a point ({made.sizes})")
    bits = int(points.error_bits(outcome.degree))
    confirmed = [name for name in by_points if held.get(name) and effort.probable]  # every sign has its points
    if confirmed and shape and (found is None or not set(confirmed) <= set(steps)):
        data = [as_json(chart) for chart in outcome.charts]
        made.certificates.append(
            {"kind": "points", "conclusions": confirmed, "error_bits": bits, **shape, "charts": data}
        )
    for name, technique in techniques.items():
        kind = "steps" if found is not None and name in steps else "points" if name in confirmed else ""
        if technique is None or (technique == POINT and (name not in confirmed or bits < LEAST)):
            reason = outcome.reason or outcome.conclusions[name].reason or refusal or "not confirmed at points"
            made.results.append(Result(name, OPEN, reason=reason))
        else:
            made.results.append(Result(name, PROVED, technique, kind))
            made.error_bits = bits if technique == POINT else made.error_bits


def _solved(claim: Claim, case: Any, effort: Effort, seed: str, made: Attempt) -> None:
    """What a solver adds."""
    outcome = explore(claim, case, replace(effort, probable=False), seed)
    before = {result.conclusion: result for result in made.results}
    for name, settled_ in outcome.conclusions.items():
        technique = outcome.proved(name)
        if technique is not None and technique != POINT and before.get(name, Result(name, OPEN)).result != PROVED:
            # what the solver decided on the way to this conclusion is not told apart
            before[name] = Result(name, PROVED, max(technique, "solver", key=ORDER.index))
        elif name not in before:
            before[name] = Result(name, OPEN, reason=outcome.reason or settled_.reason)
    made.results = list(before.values())
    made.reason = outcome.reason
    made.models = list(_cases_of(case, effort.solver.models))


def refused(data: dict[str, Any], names: Sequence[str]) -> str:
    """Why the standard library does not accept that a certificate shows these conclusions; nothing where it does."""
    try:
        shown = replay(json.loads(json.dumps(data)))
    except (ValueError, ArithmeticError, LookupError, TypeError) as error:
        return f"a certificate that is refused ({error})"
    missing = set(names) - set(shown)
    return f"a certificate that does not show {min(missing)!r}" if missing else ""


def as_json(chart: Chart) -> dict[str, Any]:
    """A chart as JSON data."""
    solved = [[k, [[str(c), [list(power) for power in powers]] for powers, c in p]] for k, p in chart.solved.items()]
    return {"signs": dict(chart.signs), "kinds": dict(chart.kinds), "solved": solved}


def chart_from(data: Any) -> Chart:
    """The chart of JSON data."""
    solved = {
        int(k): tuple((tuple((int(i), int(e)) for i, e in powers), Fraction(c)) for c, powers in p)
        for k, p in data["solved"]
    }
    return Chart(
        {str(path): int(sign) for path, sign in data["signs"].items()},
        {str(path): str(kind) for path, kind in data["kinds"].items()},
        solved,
    )


class _Assigned:
    """Numbers of a chart from a solver's model; points near a sphere are moved onto it."""

    def __init__(self, values: dict[int, Fraction]) -> None:
        self.values = values
        self.domain: list[Any] = []
        self.free_numbers: list[Fraction] = []

    def number(self, q: Fraction) -> Fraction:
        return q

    def free(self, name: str, *, nonnegative: bool = False) -> Fraction:
        value = self.values.get(len(self.free_numbers), Fraction(0))
        self.free_numbers.append(abs(value) if nonnegative else value * 1)
        return self.free_numbers[-1]

    def sign(self, name: str) -> Fraction:
        self.free_numbers.append(Fraction(-1 if self.values.get(len(self.free_numbers), 1) < 0 else 1))
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


def _cases_of(case: Any, models: Sequence[tuple[Chart, dict[int, Fraction]]]) -> list[Any]:
    """The exact cases that a solver's models are."""
    found = []
    for chart, values in models:
        try:
            found.append(charts.build(case, chart, _Assigned(values)))
        except (InputError, ArithmeticError, ValueError):
            continue
    return found
