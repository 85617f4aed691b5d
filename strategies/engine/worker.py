"""One claim attacked in a worker process: the task goes in by key or by path, plain data comes back.

A conviction is written to disk here, as soon as there is one, so that whatever happens to the parent loses nothing.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from theorems import catalogue as texts
from theorems.case import exact
from theorems.catalogue import stored
from theorems.claim import Claim, Outcome
from theorems.errors import InputError, Unsupported
from theorems.extras import MissingPackage
from theorems.judge.driver import check
from theorems.judge.reads import legible, reads
from theorems.judge.tally import Tally
from theorems.judge.witness import arithmetic_named, convict, judge, read, replay, shown, witness_name, write
from theorems.loading import LoadedFile, importable, load_claims, one_line, place
from theorems.remedies import remedy
from theorems.report.rendering import render_case, render_violation
from theorems.strategies.default import attack_on
from theorems.strategies.draws import recipe_of
from theorems.strategies.engine.limits import EndlessError, limited
from theorems.strategies.search.conviction import Conviction
from theorems.strategies.search.hunt import Hunt, hunt, in_all
from theorems.strategies.search.lift import lifted
from theorems.strategies.search.portion import FIRST, Doubt, drawn_chunk

#: The arithmetics whose decisions on one exact case must agree, and the ones that are compared with them: digits alone
#: decide no equality, so that another answer there is a note, not a contradiction.
EXACT = ("rational", "fractions", "ball")
CROSSED = (*EXACT, "multiprecision")
#: Exact cases for the comparison have at most this dimension, where there are such among the first draws.
SMALL = 3
#: Seconds between two messages of progress.
PACE = 0.25

#: A message to the parent: ("seen", key, live instances) or ("stored", key, path).
Send = Callable[[tuple[str, str, Any]], None]


@dataclass(frozen=True)
class Task:
    """What a worker is to do.

    key      the claim, in the catalogue or in `file`
    seconds, recipes  limits of the search
    out      the folder for witnesses; None to store nothing (and then a conviction is not shrunk)
    crossed  how many exact cases to judge in every arithmetic of `CROSSED`
    replay   whether to replay the stored witness
    """

    key: str
    file: str | None = None
    seed: int = 0
    seconds: float | None = None
    recipes: int | None = None
    out: str | None = None
    crossed: int = 0
    replay: bool = False

    @property
    def target(self) -> str:
        """How a user names the claim on the command line."""
        return f"{self.file}::{self.key}" if self.file else self.key


@dataclass
class Finding:
    """A counterexample for people, and the file that holds it; `family` says in which larger dimensions it goes on,
    `measured` that the case is a measurement, of which no other one is made.
    """

    case: str
    violation: str
    arithmetic: str
    margin: float
    path: str | None = None
    family: str = ""
    measured: bool = False


@dataclass
class ShownDoubt:
    """For people: an instance that speaks against the claim and convicts nothing (a `Doubt` of the search)."""

    kind: str
    case: str
    stratum: str
    margin: float
    reason: str


@dataclass
class Attacked:
    """What came of a task.

    doubts         the worst instance of each kind that speaks against the claim and convicts nothing

    problem        why it could not be done, in one line; `invalid` where the input is to blame, `missing` where what it
                   needs is not installed
    replays        the result of the stored witness by arithmetic
    crossed        exact cases by arithmetic that decided them
    disagreements  cases on which two exact arithmetics decided differently
    notes          cases on which many digits say something else than exact arithmetic
    every          how many cases there are, where each was judged: the claim is decided
    attack         the attack that the statement names, where `CASES` has none
    """

    task: Task
    outcome: str = "undecided"
    strata: dict[str, Tally] = field(default_factory=dict)
    recipes: int = 0
    every: int = 0
    seconds: float = 0.0
    finding: Finding | None = None
    doubts: list[ShownDoubt] = field(default_factory=list)
    problem: str = ""
    invalid: bool = False
    missing: bool = False
    replays: dict[str, str] = field(default_factory=dict)
    crossed: dict[str, int] = field(default_factory=dict)
    disagreements: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    attack: str = ""

    @property
    def total(self) -> Tally:
        """All strata together; the margin of a counterexample counts as the worst."""
        total = in_all(self.strata)
        if self.finding is not None:
            total.worst = min(total.worst, self.finding.margin)
        return total


def prepared(task: Task) -> tuple[Claim, Any]:
    """The claim of a task and its strategy.  Raises `InputError`."""
    if task.file is not None and task.file.endswith(".py"):
        file = _loaded(task.file, Path(task.file).resolve())
        texts.add(file.text)
        claim = file.claim(task.key)
        return claim, attack_on(file, claim).strategy
    if task.file is not None:
        texts.use(task.file)
    return texts.claim(task.key), texts.strategy(task.key)


@cache
def _loaded(path: str, place: Path) -> LoadedFile:
    """A claims file, run once; `place` tells apart relative paths of different working folders."""
    return load_claims(path)


def work(task: Task, send: Send) -> Attacked:
    """Do a task.  Whatever goes wrong with one claim is reported, and is no end of the others."""
    result = Attacked(task)
    begin = time.monotonic()
    try:
        claim, strategy = prepared(task)
        if task.file is not None and task.file.endswith(".py"):
            result.attack = attack_on(_loaded(task.file, Path(task.file).resolve()), claim).words
        # What a user's statement prints must not end up in the JSON on stdout.
        seconds = task.seconds if task.file is not None else None
        with importable(task.file or __file__), redirect_stdout(sys.stderr), limited(seconds):
            if task.replay:
                result.replays = _replays(claim)
            _search(claim, strategy, result, send)
            if task.crossed:
                _cross(claim, strategy, result)
    except InputError as error:
        text, where = " ".join(str(error).split()), place(error, task.file) if task.file is not None else ""
        result.problem = text if text.startswith(str(task.file)) or not where else f"{where}: {text}"
        result.invalid = True
        result.missing = isinstance(error, MissingPackage)
    except EndlessError as error:
        result.problem, result.invalid = _endless(error, task), True
    except Exception as error:
        result.problem, result.invalid = explained(error, task), task.file is not None
    result.seconds = time.monotonic() - begin
    return result


def _endless(error: BaseException, task: Task) -> str:
    where = place(error, task.file or "") or shown(task.file or task.key)
    return f"{where}: attacking {task.key} goes on long after --seconds {task.seconds:g}: does a loop there never end?"


def _search(claim: Claim, strategy: Any, result: Attacked, send: Send) -> None:
    task = result.task
    last = time.monotonic()

    def progress(state: Hunt) -> None:
        nonlocal last
        result.strata = state.strata  # kept should an exception end the search
        if time.monotonic() - last > PACE:
            last = time.monotonic()
            send(("seen", task.key, state.total.instances))

    def found(conviction: Conviction) -> None:
        result.outcome = "refuted"
        before = result.finding.path if result.finding is not None else None
        result.finding = described(claim, exact(conviction.case), conviction.arithmetic)
        result.finding.path, result.finding.measured = before, conviction.domain.measured
        if task.out is not None:
            try:
                result.finding.path = _store(claim, conviction, task)
                result.problem = ""
            except InputError as error:
                result.problem = f"{task.target}: not stored: {' '.join(str(error).split())}"
        if result.finding.path is not None and before is None:
            send(("stored", task.key, result.finding.path))

    state = hunt(
        claim, strategy, seed=task.seed, seconds=task.seconds, recipes=task.recipes, shrink=task.out is not None,
        found=found, progress=progress,
    )  # fmt: skip
    result.strata, result.recipes, result.every = state.strata, state.recipes, state.every
    result.outcome = state.outcome
    result.doubts = [shown_doubt(doubt) for _, doubt in sorted(state.doubts.items())]
    if state.conviction is not None and task.out is not None and not result.problem:
        family = lifted(claim, state.conviction.case, state.conviction.domain)
        if family and result.finding is not None:
            result.finding.family = family
            _store(claim, state.conviction, task, family)


def described(claim: Claim, case: Any, arithmetic: str) -> Finding:
    """An exact counterexample for people."""
    num = arithmetic_named(arithmetic)
    report, condition = judge(case, claim, num)
    violation = report.violation
    text = render_violation(violation, num, condition) if violation is not None else ""
    return Finding(render_case(legible(claim, case), reads(claim, case, num)), text, arithmetic, report.margin)


def shown_doubt(doubt: Doubt) -> ShownDoubt:
    """A doubt for people."""
    return ShownDoubt(doubt.kind, render_case(exact(doubt.case)), doubt.stratum, doubt.margin, doubt.reason)


def _store(claim: Claim, conviction: Conviction, task: Task, family: str = "") -> str:
    assert task.out is not None
    note = f"found by `theorems hunt {shown(task.target)} --seed {task.seed}`" + (f"; {family}" if family else "")
    case = exact(conviction.case)
    witness = convict(case, claim, conviction.arithmetic, note, conviction.domain.at(case))
    if witness is None:
        raise InputError(f"{claim.key}: the counterexample is not convicted again")
    path = Path(task.out) / finding_name(task)
    write(path, witness, claim)
    return str(path)


def finding_name(task: Task) -> str:
    """The name of the witness file: with the stem of a user's file, for keys there need not be unique in the world."""
    return witness_name(f"{Path(task.file).stem}/{task.key}" if task.file else task.key)


def _replays(claim: Claim) -> dict[str, str]:
    """What the arithmetic of the stored witness, and `fractions`, say of it; nothing where none is stored."""
    path = stored().get(claim.key)
    if path is None:
        return {}
    try:
        witness = read(path, [claim])
    except InputError as error:
        return {"invalid": str(error)}
    results = {}
    for name in (witness.arithmetic, "fractions"):
        found = replay(witness, claim, name)
        results[name] = found.result + (f": {found.message}" if found.message else "")
    return results


def _cross(claim: Claim, strategy: Any, result: Attacked) -> None:
    """Judge a few exact cases in every arithmetic.  One that cannot decide a case has no voice."""
    drawn = map(recipe_of, drawn_chunk(strategy, result.task.seed, claim.key, 0, FIRST))
    recipes = sorted(drawn, key=lambda recipe: recipe.size[0] > SMALL)  # stable: in the order drawn otherwise
    for index, recipe in enumerate(recipes[: result.task.crossed]):
        case = recipe.exact(index)
        decided: dict[str, Outcome] = {}
        for name in CROSSED:
            try:
                outcome = check(claim, case, arithmetic_named(name)).outcome
            except (Unsupported, ZeroDivisionError):
                continue
            if outcome in (Outcome.HOLDS, Outcome.FAILS, Outcome.VACUOUS):
                decided[name] = outcome
                result.crossed[name] = result.crossed.get(name, 0) + 1
        if len(set(decided.values())) > 1:
            words = ", ".join(f"{name} says {outcome.value}" for name, outcome in decided.items())
            serious = len({outcome for name, outcome in decided.items() if name in EXACT}) > 1
            (result.disagreements if serious else result.notes).append(f"case {index} ({recipe.stratum}): {words}")


def explained(error: Exception, task: Task, claim: Claim | None = None) -> str:
    """An exception of a statement or strategy, in one line: whose, where, what."""
    if task.file is not None:
        where = place(error, task.file)
        name = (claim or prepared(task)[0]).statement.__name__
        text = f"{where or shown(task.file)}: attacking {task.key} (the statement {name}) raises {one_line(error)}"
        return f"{text}: {hint}" if (hint := remedy(error)) else text
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{task.key}: the attack raises {one_line(error)} ({Path(frame.filename).name}:{frame.lineno})"
