"""Search for a counterexample; convict, shrink and store it.

Exits 1 when a claim that stands, or one of your own, is refuted, accused, undecided or hardly tried; with
--require-rediscovery also when a refuted claim of the catalogue is not refuted again.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import theorems
from theorems.claim import Claim, Verdict
from theorems.commands import storing
from theorems.commands.attacked_json import attacked_json
from theorems.commands.ending import ended
from theorems.commands.watching import watching
from theorems.errors import (
    InputError,
)
from theorems.judge.existence import asks_for_existence
from theorems.judge.witness import (
    shown,
)
from theorems.loading import (
    split_target,
)
from theorems.report.ledger import LedgerRow, ledger_table, number, share, strata_table, violation_bound
from theorems.report.printing import (
    complain,
    print_json,
    say,
    width,
)
from theorems.report.selection import (
    catalogue,
    origin_of,
    selected,
    verdict_of,
)
from theorems.report.totals import word_of
from theorems.strategies.engine.pool import Interrupted, run_all
from theorems.strategies.engine.worker import (
    Attacked,
    Task,
    finding_name,
    prepared,
)
from theorems.strategies.matrices import EXTREME
from theorems.strategies.search.hunt import open_strata
from theorems.strategies.search.portion import ACCUSED

NAME = "hunt"
OUT = "theorems-findings"
SECONDS = 10.0
#: Up to so many claims, each survivor is followed by its table of strata.
DETAILED = 4
#: Of so many hypotheses it is said how often they were not met.
UNMET = 6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples: theorems hunt zeng-lee/lemma-9 --seconds 30\n          theorems hunt mine.py::my_claim"
    parser.add_argument("targets", nargs="*", metavar="KEY|FILE.py::name", help="claims of the catalogue, or your own")
    parser.add_argument("--all", action="store_true", help="hunt every claim of the catalogue")
    parser.add_argument("--seconds", type=float, help=f"how long to hunt each claim (default {SECONDS:g})")
    parser.add_argument("--recipes", type=int, metavar="N", help="end each claim after N recipes")
    parser.add_argument("--seed", type=int, help="another seed draws other instances (default 0)")
    add_jobs(parser)
    parser.add_argument("--out", metavar="DIR", help=f"where witnesses are stored (default ./{OUT})")
    parser.add_argument(
        "--store", action="store_true", help="store what is found beside the claims as well, unless a simpler one is"
    )
    parser.add_argument("--campaign", metavar="DIR", help="keep a journal there, which survives whatever happens")
    parser.add_argument("--resume", action="store_true", help="go on with the campaign")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="hunt on the workers of a dask.distributed scheduler")
    parser.add_argument(
        "--require-rediscovery", action="store_true", help="exit 1 when a refuted claim is not refuted again"
    )
    parser.add_argument("--json", action="store_true", help="print an array of objects, and nothing else")


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """The option ``--jobs``."""
    count = os.cpu_count() or 1
    parser.add_argument("--jobs", type=int, default=count, help=f"worker processes (default {count}, the processors)")


def run(arguments: argparse.Namespace) -> int:
    _require_limits(arguments)
    if arguments.campaign is not None:
        if arguments.store:
            raise InputError("--store and --campaign exclude each other: a campaign keeps its findings in its folder")
        from theorems.commands import campaign

        return campaign.run(arguments)
    for name in ("resume", "scheduler"):
        if getattr(arguments, name):
            raise InputError(f"--{name} is for campaigns: give --campaign DIR")
    arguments.out = OUT if arguments.out is None else arguments.out
    arguments.seed = arguments.seed or 0
    if arguments.seconds is None and arguments.recipes is None:
        arguments.seconds = SECONDS
    targets = targets_of(arguments.targets, everything=arguments.all)
    claims = {(task.file, task.key): prepared(task)[0] for task in targets}  # bad input ends here, before any work
    require_names(targets)
    require_writable(arguments.out)
    for claim in claims.values() if arguments.store else ():
        storing.folder_of(claim)
    tasks = [
        Task(
            key=task.key, file=task.file, seed=arguments.seed, seconds=arguments.seconds, recipes=arguments.recipes,
            out=arguments.out,
        )
        for task in targets
    ]
    report = Report(claims, strict=arguments.require_rediscovery, detailed=len(tasks) <= DETAILED)
    ready = (lambda result: None) if arguments.json else report.show
    try:
        with watching("hunting", len(tasks), arguments.json, ready) as watch:
            results = run_all(tasks, jobs=arguments.jobs, watch=watch)
    except Interrupted as interruption:
        sys.stdout.flush()
        files = ", ".join(interruption.stored) or "no counterexample had been found"
        done = f"{interruption.finished} of {len(tasks)} claims done"
        return ended(interruption, f"{done}; stored: {files}")
    if arguments.json:
        print_json([attacked_json(result, verdict_of(report.claim(result))) for result in results])
    elif len(results) > 1:
        report.summarise(results)
    for result in results if arguments.store else ():
        if result.finding is not None and result.finding.path is not None and not result.problem:
            line = storing.store(report.claim(result), result.finding.path)
            if not arguments.json:
                say(f"{result.task.target}: {line}")
    sys.stdout.flush()
    for result in results:
        if result.problem:
            complain(result.problem)
    return max(map(report.status, results))


def _require_limits(arguments: argparse.Namespace) -> None:
    if arguments.seconds is not None and not 0 < arguments.seconds < float("inf"):
        raise InputError(f"--seconds {arguments.seconds:g}: give a positive number of seconds")
    if arguments.recipes is not None and arguments.recipes < 1:
        raise InputError(f"--recipes {arguments.recipes}: give at least 1")
    require_jobs(arguments.jobs)


def require_jobs(jobs: int) -> None:
    """Raises `InputError` for a number of jobs below one."""
    if jobs < 1:
        raise InputError(f"--jobs {jobs}: give at least 1")


# targets ------------------------------------------------------------------------------------------------------------


def targets_of(names: list[str], *, everything: bool) -> list[Task]:
    if everything:
        if names:
            raise InputError(f"--all and {shown(names[0])} exclude each other: leave out one of them")
        return list(map(task_of, catalogue()))
    if not names:
        raise InputError("nothing to hunt: give a KEY, FILE.py::name or --all (`theorems list` prints the keys)")
    tasks: dict[Task, None] = {}
    for name in names:
        own = split_target(name)
        for key in selected([name]):
            tasks[Task(key, file=own[0] if own is not None else origin_of(key))] = None
    return list(tasks)


def task_of(key: str) -> Task:
    """The task of a claim of the texts that are there."""
    return Task(key, file=origin_of(key))


def require_names(tasks: list[Task]) -> None:
    """Witnesses must not overwrite each other."""
    names: dict[str, Task] = {}
    for task in tasks:
        other = names.setdefault(finding_name(task), task)
        if other is not task:
            raise InputError(
                f"{shown(task.target)} and {shown(other.target)} would store their witnesses in one file: "
                f"hunt them one after the other, with another --out"
            )


def require_writable(out: str) -> None:
    """Raises `InputError` unless files can be made in the folder; leaves nothing behind."""
    folder = Path(out)
    if folder.resolve().is_relative_to(Path(theorems.__file__).resolve().parent):
        raise InputError(f"--out {shown(out)}: this is the installed package itself: choose another folder")
    made = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    probe = folder / f".probe.{secrets.token_hex(6)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"--out {shown(out)}: cannot be written ({reason}): choose another folder") from None
    finally:
        for path in made:
            with suppress(OSError):
                path.rmdir()


# the report ---------------------------------------------------------------------------------------------------------


class Report:
    """What a hunt says of each claim, and its exit code."""

    def __init__(self, claims: dict[tuple[str | None, str], Claim], *, strict: bool, detailed: bool) -> None:
        self._claims = claims
        self._strict = strict
        self._detailed = detailed

    def claim(self, result: Attacked) -> Claim:
        return self._claims[result.task.file, result.task.key]

    def status(self, result: Attacked) -> int:
        """The exit code that a result calls for."""
        if result.outcome == "refuted":
            if contradicts(self.claim(result).verdict):
                return 1
            return 2 if result.problem else 0  # a counterexample that could not be stored is none that others can have
        if result.problem:
            return 2 if result.invalid else 1
        if self.claim(result).verdict is Verdict.REFUTED:
            return int(self._strict)
        return int(unsettled(result, self.claim(result)))

    def show(self, result: Attacked) -> None:
        """A result for people."""
        claim = self.claim(result)
        verdict = verdict_of(claim) or "not judged"
        if result.finding is not None:
            word = "this matrix: no" if result.finding is not None and result.finding.measured else "refuted"
            say(f"{result.task.target}: {word}", style="bold")
            self._show_finding(result, claim, verdict)
        elif result.problem:
            say(f"{result.task.target}: not hunted ({result.problem})", style="bold")
        else:
            rest = holds_for_all(result) if result.outcome == "decided" else shares(result, claim)
            say(f"{result.task.target}: {result.outcome}; {rest}", style="bold")
            self._show_survival(result, claim, verdict)
        if result.attack:
            say(f"  attacked with {result.attack}, which the statement names: CASES has nothing for it")
        say("")

    def _show_finding(self, result: Attacked, claim: Claim, verdict: str) -> None:
        finding = result.finding
        assert finding is not None
        say(*(f"  {line}" for line in finding.case.splitlines()))
        say(f"violated, in {finding.arithmetic} arithmetic and again in fractions", style="bold")
        say(*(f"  {line}" for line in finding.violation.splitlines()))
        if finding.family:
            say(f"{finding.family}")
        total = result.total
        after = f"after {_counts(result)}" if result.total.live else "the first instance that met the hypotheses"
        say(f"  {after}, {result.seconds:.1f} s, seed {result.task.seed}")
        if total.artefacts:
            say(f"  acquitted on the way: {number(total.artefacts)} float64 artefacts")
        if result.problem:
            say(result.problem, style="bold")
        if finding.path is not None:
            own = f" --claims {shown(result.task.file)}" if result.task.file else ""
            say(f"stored in {finding.path}", f"replay it: theorems verify {finding.path}{own}")
        if claim.verdict is Verdict.REFUTED:
            say("the catalogue agrees: the claim is refuted")
        elif contradicts(claim.verdict):
            word = f"this contradicts the catalogue, which says {verdict}" if claim.verdict else "nobody had judged it"
            say(word, style="bold")
        if claim.repaired_by:
            say(f"repaired by {claim.repaired_by}")

    def _show_survival(self, result: Attacked, claim: Claim, verdict: str) -> None:
        total = result.total
        counts = _counts(result)
        if total.decided <= 0:
            say(f"  no instance was decided, among {counts}: this says nothing of the claim")
        elif result.outcome == "decided":
            say("  there are no others: each was judged in exact arithmetic")
        else:
            say(f"  no counterexample among {counts}")
        tried = total.live + total.vacuous
        if not total.live and tried:
            say(f"  none of {number(tried)} instances meets all hypotheses: they contradict each other, or the cases "
                "do not fit them")  # fmt: skip
        elif result.outcome == "hardly tried":
            say("  a handful of instances says next to nothing: try more --seconds, or cases that meet the hypotheses")
        if result.outcome == "undecided" and (names := open_strata(result.strata)):
            say(f"  most of these were not decided: {', '.join(names[:6])}{' ...' if len(names) > 6 else ''}")
            if all(name.endswith(EXTREME) for name in names):
                say("  entries of 10^150, whose exponential nobody forms: matrices(..., moderate=True) has none")
        unmet = sorted(total.unmet.items(), key=lambda item: -item[1])
        for name, count in unmet[:UNMET]:
            say(f"  unmet: {shown(name)} {number(count)} of {number(tried)}")
        if len(unmet) > UNMET:
            say(f"  unmet: {len(unmet) - UNMET} other hypotheses, less often")
        self._show_doubts(result)
        recipes = f"{result.recipes} recipes in {len(result.strata)} strata"
        if result.outcome == "decided":
            say(f"  {result.seconds:.1f} s; verdict on record: {verdict}")
            return
        say(f"  {recipes}, {result.seconds:.1f} s, seed {result.task.seed}; verdict on record: {verdict}")
        rest = f"{number(total.vacuous)} vacuous, {number(total.undecided)} undecided"
        say(f"  not counted in favour: {rest}; acquitted: {number(total.artefacts)} float64 artefacts")
        if self._detailed:
            say("", *(f"  {line}" for line in strata_table(result.strata, width() - 2).splitlines()), "")
        bound = violation_bound(result.strata)
        if bound is not None:
            rate = f"violations that float64 sees have a rate below {bound[1]:.1e} at 95%"
            say(f"  independent draws of continuous laws: {number(bound[0])}; {rate}")
        if claim.verdict is Verdict.REFUTED:
            sign = "contradiction" if self._strict else "warning"
            say(f"  {sign}: the claim is refuted in the catalogue, and was not refuted again: try more --seconds")

    def _show_doubts(self, result: Attacked) -> None:
        for doubt in result.doubts:
            count = number(result.total.accused if doubt.kind == ACCUSED else result.total.construction_misses)
            if doubt.kind == ACCUSED:
                text = f"accused: {count} instances violate it beyond rounding, and nothing exact could decide"
            else:
                text = f"construction misses: on {count} exact instances, while no obstruction bites"
            say(f"  {text}; the worst ({doubt.stratum}), margin {doubt.margin:.3g}:", style="bold")
            say(*(f"    {line}" for line in doubt.case.splitlines()), f"  {doubt.reason}")

    def summarise(self, results: list[Attacked]) -> None:
        """The ledger of a run, and its last line."""
        say(*ledger_table((ledger_row(r, self.claim(r)) for r in results), width()).splitlines(), "")
        refuted = [result for result in results if result.outcome == "refuted"]
        news = [result for result in results if self.claim(result).verdict is None]
        bad = [r.task.target for r in results if self.status(r) == 1 and r not in news]
        unable = [result.task.target for result in results if self.status(result) == 2]
        missed = [r for r in results if r.outcome != "refuted" and self.claim(r).verdict is Verdict.REFUTED]
        if missed and not self._strict:
            say(f"warning: refuted in the catalogue, not refuted again: {', '.join(r.task.target for r in missed)}")
        say(*(f"contradiction: {target}" for target in bad), style="bold")
        say(*(f"not done: {target}" for target in unable), style="bold")
        words = [f"{len(unable)} not done"] if unable else []
        if len(news) < len(results):
            rest = "the others agree" if unable else "all agree with the catalogue"
            words.append(f"{len(bad)} do not agree with the catalogue" if bad else rest)
        if news:
            counts = Counter("not done" if r.problem and r.finding is None else r.outcome for r in news)
            among = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
            words.append(f"nobody had judged {len(news)} of them: {among}")
        say(f"{len(results)} claims: {len(refuted)} refuted, {len(results) - len(refuted)} not; {'; '.join(words)}")


def unsettled(result: Attacked, claim: Claim) -> bool:
    """Whether a claim that is to stand, or that nobody has judged, did not survive, though nothing convicts it."""
    held = claim.verdict is None or claim.verdict.stands
    return held and result.outcome not in ("survived", "decided", "refuted")


def shares(result: Attacked, claim: Claim) -> str:
    """The shares of what was not decided, and of the constructions that missed, of the live instances."""
    total = result.total
    text = f"{share(total.undecided, total)} undecided"
    if total.accused:
        text = f"{share(total.accused, total)} accused, {text}"
    if total.construction_misses or asks_for_existence(claim):
        text += f", {share(total.construction_misses, total)} construction misses"
    return text


def holds_for_all(result: Attacked) -> str:
    """Of how many cases a decided claim holds."""
    total, every = result.total, number(result.every)
    if not total.vacuous:
        return f"holds for all {every} cases"
    return f"holds for all {number(total.live)} cases that meet the hypotheses, of {every}"


def contradicts(verdict: Verdict | None) -> bool:
    """Whether a counterexample contradicts what is held of a claim, or would be news."""
    return verdict is None or verdict.stands or verdict is Verdict.UNDECIDED


def ledger_row(result: Attacked, claim: Claim) -> LedgerRow:
    """The line of the ledger for a result."""
    word = result.outcome if claim.verdict is None and not result.problem else word_of(claim)
    return LedgerRow(result.task.target, word, result.total, result.seconds)


def _counts(result: Attacked) -> str:
    total: Any = result.total
    return f"{number(total.instances)} live instances in float64 and {number(total.exact)} exact ones"
