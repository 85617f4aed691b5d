"""Run a statement on one case, step by step, in every arithmetic: the debugger of who writes claims.

The case is that of a witness or finding (also one of another claim), or the Nth exact draw of the claim's strategy.
Exits 1 when two exact arithmetics decide differently, and when a claim that is held to stand fails.
"""

from __future__ import annotations

import argparse
import difflib
import math
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

from theorems.arithmetic.base import Arithmetic
from theorems.claim import Claim, Outcome
from theorems.errors import InputError, Unsupported
from theorems.judge.codec import decode, encode
from theorems.judge.driver import Report, check, settled
from theorems.judge.reads import legible
from theorems.judge.strict_json import parse
from theorems.judge.trace import Step, Trace, trace
from theorems.judge.witness import arithmetic_named, contents, read, shown
from theorems.loading import importable, split_target
from theorems.report.printing import complain, print_json, say
from theorems.report.rendering import render_case
from theorems.report.selection import catalogue, origin_of, selected
from theorems.strategies.engine.worker import EXACT, Task, explained, prepared

NAME = "run"
ARITHMETICS = ("rational", "fractions", "ball", "multiprecision", "float64")
#: The largest number of a draw: each is at hand without those before it, but nobody counts so far.
LAST_DRAW = 10**9
_SYMBOLS = {"at most": "<=", "less than": "<", "equal": "=", "loewner": "<=", "exists": "<="}


@dataclass(frozen=True)
class _Run:
    """What one arithmetic says of the case."""

    arithmetic: str
    outcome: str
    report: Report | None
    trace: Trace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples: theorems run zeng-lee/equation-1.5 --draw 1 --steps\n"
        "          theorems run mine.py::my_claim theorems-findings/mine__my_claim.json --steps --print bound"
    )
    parser.add_argument("target", metavar="KEY|FILE.py::name", help="a claim of the catalogue, or your own")
    parser.add_argument("case", nargs="?", metavar="CASE.json", help="a witness or finding, or the case in one alone")
    parser.add_argument("--draw", type=int, metavar="N", help="the Nth exact case that a hunt draws (the first is 1)")
    parser.add_argument("--seed", type=int, default=0, help="the seed of that hunt (default 0)")
    parser.add_argument("--steps", action="store_true", help="every hypothesis and conclusion, with both sides")
    parser.add_argument("--print", action="append", default=[], metavar="NAME", dest="names",
                        help="a local name of the statement, whose value is to be shown; may be repeated")  # fmt: skip
    parser.add_argument("--arithmetic", choices=ARITHMETICS, help="only this one")
    parser.add_argument("--json", action="store_true", help="print one object, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    task = _task(arguments.target)
    with redirect_stdout(sys.stderr):  # what a user's file prints is no part of the output
        claim = _claim(task)
        case, origin = _case(arguments, task, claim)
        names = (arguments.arithmetic,) if arguments.arithmetic else ARITHMETICS
        with importable(task.file or __file__):
            runs = [_run(claim, case, name, arguments.names) for name in names]
    _require_names(arguments.names, runs)
    if arguments.json:
        print_json(_data(claim, case, origin, runs))
    else:
        _show(claim, case, origin, runs, steps=arguments.steps)
    sys.stdout.flush()
    for message in dict.fromkeys(explained(one.trace.error, task, claim) for one in runs if one.trace.error):
        complain(message)
    return _status(claim, runs)


def _task(target: str) -> Task:
    """The claim that the command is about.  Raises `InputError` unless it is one."""
    keys = selected([target])
    if len(keys) != 1:
        raise InputError(f"{shown(target)} stands for {len(keys)} claims: give one of them, say {keys[0]}")
    own = split_target(target)
    return Task(keys[0], file=own[0] if own is not None else origin_of(keys[0]))


def _claim(task: Task) -> Claim:
    """The claim; one without a strategy may be run on a case all the same."""
    return catalogue()[task.key] if task.key in catalogue() else prepared(task)[0]


def _case(arguments: argparse.Namespace, task: Task, claim: Claim) -> tuple[Any, str]:
    """The exact case, and where it comes from."""
    if (arguments.case is None) == (arguments.draw is None):
        raise InputError(f"give a case of {task.key}: a file CASE.json, or --draw N (one of them)")
    if arguments.case is not None:
        return _read(arguments.case, claim)
    if not 1 <= arguments.draw <= LAST_DRAW:
        raise InputError(f"--draw {arguments.draw}: the draws are numbered from 1")
    from theorems.strategies.draws import CHUNK, chunk_of, recipe_of
    from theorems.strategies.search.portion import EXACT as PLACES

    chunk, place = divmod(arguments.draw - 1, CHUNK)
    drawn = chunk_of(prepared(task)[1], seed=arguments.seed, key=claim.key, chunk=chunk)
    recipe = recipe_of(drawn[place % len(drawn)])
    case = recipe.exact(PLACES * ((arguments.draw - 1) // 8))  # as the hunt makes it
    return case, f"draw {arguments.draw}, seed {arguments.seed}: {recipe.stratum}"


def _read(path: str, claim: Claim) -> tuple[Any, str]:
    """The case in a file: a witness, whosever, or a bare case ``{"type": ..., "fields": ...}``."""
    try:
        data = parse(contents(path))
        if isinstance(data, dict) and set(data) == {"type", "fields"}:
            return decode(data, claim), shown(path)
    except RecursionError:
        raise InputError(f"{shown(path)}: nested too deeply: no case needs that") from None
    except InputError as error:
        raise InputError(f"{shown(path)}: {error}") from None
    witness = read(path, {**catalogue(), claim.key: claim}.values(), stale=True)
    return witness.case, shown(path) + (f", a witness for {witness.claim}" if witness.claim != claim.key else "")


def _run(claim: Claim, case: Any, name: str, names: list[str]) -> _Run:
    """The outcome in an arithmetic, at the first of its precisions that decides, and the steps there."""
    num: Arithmetic = arithmetic_named(name)
    report = None
    try:
        report, num = settled(num, lambda num: check(claim, case, num))
        outcome = report.outcome.value
    except Unsupported:
        outcome = "unsupported"
    except Exception:
        outcome = "an error"
    return _Run(name, outcome, report, trace(claim, case, num, names))


def _require_names(names: list[str], runs: list[_Run]) -> None:
    known = {name for one in runs for name in one.trace.names}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1) or sorted(known)
            raise InputError(f"--print {shown(name)}: no local name of the statement: try {', '.join(near)}")


def _status(claim: Claim, runs: list[_Run]) -> int:
    if any(one.trace.error for one in runs):
        return 2
    exact = {one.outcome for one in runs if one.arithmetic in EXACT} & {"holds", "fails", "vacuous"}
    stands = claim.verdict is not None and claim.verdict.stands
    return int(len(exact) > 1 or (stands and "fails" in exact))


# for people ---------------------------------------------------------------------------------------------------------


def _show(claim: Claim, case: Any, origin: str, runs: list[_Run], *, steps: bool) -> None:
    say(f"{claim.key} on {origin}", style="bold")
    say(*(f"  {line}" for line in render_case(legible(claim, case)).splitlines()))
    width = max(len(one.arithmetic) for one in runs)
    for one in runs:
        say(f"{one.arithmetic.ljust(0 if steps else width)}  {one.outcome}{_reason(one)}", style="bold")
        if steps:
            _show_steps(one.trace)
        elif one.trace.values:
            say(*(f"  {name} = {text}" for name, text in one.trace.values.items()))
    exact = {one.outcome for one in runs if one.arithmetic in EXACT} & {"holds", "fails", "vacuous"}
    if len(exact) > 1:
        say("exact arithmetics decide differently: that is a bug of this program", style="bold")


def _reason(one: _Run) -> str:
    """What decided, in a few words."""
    report = one.report
    if report is None:
        return f": {one.trace.stopped}" if one.trace.stopped else ""
    if report.outcome is Outcome.FAILS and report.violation is not None:
        return f": {report.violation.conclusion}"
    if report.outcome is Outcome.VACUOUS:
        return f": not met: {', '.join(report.unmet)}"
    if report.outcome is Outcome.UNDEFINED:
        return f": {report.undefined}" if report.undefined else ""
    return ""


def _show_steps(found: Trace) -> None:
    width = max((len(step.verdict) for step in found.steps), default=0)
    for step in found.steps:
        say(*(f"    {name} = {text}" for name, text in step.values.items()))
        say(f"  {step.kind:<8}  {step.verdict.ljust(width)}  {step.name}{_sides(step)}")
    if found.stopped:
        say(f"  stopped here: {found.stopped}")


def _sides(step: Step) -> str:
    margin = f"  (margin {step.margin:.3g})" if math.isfinite(step.margin) and step.left is not None else ""
    if step.left is None:
        return ""
    return f":  {step.left} {_SYMBOLS.get(step.relation, 'and')} {step.right}{margin}"


# for programs -------------------------------------------------------------------------------------------------------


def _data(claim: Claim, case: Any, origin: str, runs: list[_Run]) -> dict[str, Any]:
    return {
        "key": claim.key,
        "from": origin,
        "case": encode(case, claim),
        "runs": [
            {
                "arithmetic": one.arithmetic,
                "outcome": one.outcome,
                "margin": _number(one.report.margin) if one.report is not None else None,
                "unmet": list(one.report.unmet) if one.report is not None else [],
                "stopped": one.trace.stopped or None,
                "values": one.trace.values,
                "steps": [{**vars(step), "margin": _number(step.margin)} for step in one.trace.steps],
            }
            for one in runs
        ],
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
