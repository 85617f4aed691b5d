"""Attack the claims quickly, replay their counterexamples, and print the ledger.

Every claim gets the same number of recipes, a function of the seed: random, adversarial, pretrained and real cases as
its strategy has them.  The search need not find a refuted claim's counterexample again; the stored one must replay.
"""

from __future__ import annotations

import argparse
from collections import Counter

from theorems.claim import Claim, Verdict
from theorems.commands.attacked_json import attacked_json
from theorems.commands.ending import (
    ended,
)
from theorems.commands.hunt import (
    add_jobs,
    contradicts,
    ledger_row,
    require_jobs,
    shares,
    unsettled,
)
from theorems.commands.watching import watching
from theorems.evidence import proofs
from theorems.judge.witness import REFUTES
from theorems.report.ledger import ledger_table, number, share
from theorems.report.printing import (
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
from theorems.report.totals import totals, word_of
from theorems.strategies.engine.pool import (
    Interrupted,
    run_all,
)
from theorems.strategies.engine.worker import CROSSED, Attacked, Task, prepared
from theorems.strategies.search.hunt import in_all

NAME = "check"
#: Recipes for each claim, and exact cases that every arithmetic judges.
RECIPES, COMPARED = 20, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: theorems check zeng-lee/lemma-9"
    parser.add_argument("keys", nargs="*", metavar="KEY", help="claims or statements; all claims")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws other instances (default 0)")
    add_jobs(parser)
    parser.add_argument("--json", action="store_true", help="print an array of objects, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    require_jobs(arguments.jobs)
    keys = selected(arguments.keys) if arguments.keys else list(catalogue())
    claims = catalogue()
    tasks = [
        Task(key, file=origin_of(key), seed=arguments.seed, recipes=RECIPES, crossed=COMPARED, replay=True)
        for key in keys
    ]
    for task in tasks:
        prepared(task)
    try:
        with watching("checking", len(tasks), arguments.json) as watch:
            results = run_all(tasks, jobs=arguments.jobs, watch=watch)
    except Interrupted as interruption:
        return ended(interruption, f"{interruption.finished} of {len(tasks)} claims checked")
    problems = {result.task.key: contradictions(result, claims[result.task.key]) for result in results}
    if arguments.json:
        print_json([_json(result, claims[result.task.key], problems[result.task.key]) for result in results])
    else:
        _print(results, claims, problems)
    return int(any(problems.values()))


def contradictions(result: Attacked, claim: Claim) -> list[str]:
    """What does not agree with the catalogue, each in one line."""
    found = [f"two arithmetics disagree: {text}" for text in result.disagreements]
    verdict = verdict_of(claim) or "not judged"
    if result.missing:
        pass  # it was not attacked, and that is said
    elif result.problem:
        found.append(result.problem)
    elif result.finding is not None:
        if contradicts(claim.verdict):
            found.append(f"it is {verdict}, and refuted in {result.finding.arithmetic} arithmetic and in fractions")
    elif unsettled(result, claim):
        found.append(f"it is {verdict}, but {result.outcome}: {shares(result, claim)}")
    if claim.verdict is Verdict.REFUTED or result.replays:
        if not result.replays:
            found.append("it is refuted, but no witness is stored")
        failed = {name: word for name, word in result.replays.items() if not word.startswith(REFUTES)}
        found += [f"its stored witness: {name}: {word}" for name, word in failed.items()]
        if claim.verdict is not Verdict.REFUTED and _replayed(result):
            found.append(f"it is {verdict}, but its stored witness refutes it")
    return found


def _replayed(result: Attacked) -> bool:
    """Whether the stored witness refutes in both arithmetics."""
    return len(result.replays) == 2 and all(word.startswith(REFUTES) for word in result.replays.values())


def _json(result: Attacked, claim: Claim, problems: list[str]) -> dict[str, object]:
    return {
        **attacked_json(result, verdict_of(claim)),
        "agrees": not problems,
        "attacked": not result.missing,
        "contradictions": problems,
        "replays": result.replays,
        "compared": result.crossed,
        "notes": result.notes,
    }


def _print(results: list[Attacked], claims: dict[str, Claim], problems: dict[str, list[str]]) -> None:
    say(*totals({result.task.key: word_of(claims[result.task.key]) for result in results}), "")
    say(*ledger_table((ledger_row(r, claims[r.task.key]) for r in results), width()).splitlines(), "")
    tallies = [result.total for result in results]
    live = sum(total.instances for total in tallies)
    trained, real = (sum(_instances(result, mark) for result in results) for mark in (("pretrained",), REAL))
    say(f"float64     {number(live)} live instances: "
        f"{number(trained)} on models pretrained in process, {number(real)} on real weights")  # fmt: skip
    say(f"exact       {number(sum(total.exact for total in tallies))} live instances in rational or ball arithmetic")
    crossed: Counter[str] = Counter()
    for result in results:
        crossed.update(result.crossed)
    counts = ", ".join(f"{name} {number(crossed[name])}" for name in CROSSED)
    differ = sum(len(result.disagreements) + len(result.notes) for result in results)
    say(f"compared    {counts} cases decided; {differ or 'no'} disagreement{'' if differ == 1 else 's'}")
    everything = in_all({str(place): tally for place, tally in enumerate(tallies)})
    say(f"besides     {number(everything.undecided)} undecided ({share(everything.undecided, everything)}), "
        f"{number(everything.accused)} accused, {number(everything.construction_misses)} construction misses "
        f"({share(everything.construction_misses, everything)})")  # fmt: skip
    say(f"            {number(everything.vacuous)} vacuous, {number(everything.artefacts)} float64 artefacts acquitted")
    refuted = [result for result in results if claims[result.task.key].verdict is Verdict.REFUTED]
    again = sum(result.finding is not None for result in refuted)
    both = sum(map(_replayed, results))
    say(f"witnesses   {both} of {len(refuted)} refuted claims replayed both ways, {again} found again on the way")
    say(f"proofs      {proofs.head(claims[result.task.key] for result in results)}")
    say("")
    say(*(f"note: {result.task.key}: {text}" for result in results for text in result.notes))
    for key, texts in problems.items():
        say(*(f"contradiction: {text if text.startswith(key) else f'{key}: {text}'}" for text in texts), style="bold")
    skipped = [result for result in results if result.missing]
    say(*(f"not attacked: {result.task.key}: {result.problem}" for result in skipped))
    bad = sum(map(bool, problems.values()))
    agree = f"{bad} contradict the catalogue" if bad else "all agree with the catalogue"
    agree += f"; {len(skipped)} of them not attacked" if skipped else ""
    say(f"{len(results)} claim{'' if len(results) == 1 else 's'}: {agree}")


#: How the names of strata of real weights begin.
REAL = ("silero", "MiniLM")


def _instances(result: Attacked, marks: tuple[str, ...]) -> int:
    """Live instances of the strata in whose names one of the words stands."""
    return sum(t.instances for name, t in result.strata.items() if any(mark in name for mark in marks))
