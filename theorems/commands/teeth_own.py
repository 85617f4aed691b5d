"""`theorems teeth FILE.py::name`: slips in a user's own claim, proposed by the operators and hunted one by one.

Nobody has judged these slips: one that survives is true, or says the same as the claim, or the search missed it.  So it
is listed to be looked at, and is no failure.  Exits 1 when the claim itself falls, or when no variant ran.
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
import textwrap
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

from theorems.claim import Claim
from theorems.commands.ending import ended
from theorems.commands.teeth_work import Bitten, Bout, bite_all
from theorems.commands.watching import watching
from theorems.errors import InputError
from theorems.judge.witness import shown
from theorems.loading import LoadedFile, importable, load_claims, module_name, split_target
from theorems.report.ledger import number
from theorems.report.printing import complain, print_json, say, width
from theorems.strategies.engine.pool import Interrupted, run_all
from theorems.strategies.engine.worker import Attacked, Task, explained, prepared
from theorems.strategies.variants.lot import lot
from theorems.strategies.variants.trial import KILLED, Tried
from theorems.strategies.variants.variant import Variant

#: How long the claim and each variant are hunted unless told, and how many variants a claim gets.
SECONDS, MOST = 3.0, 24
#: What became of a variant; `IDLE` ones were live on no instance, or raised an exception: they say nothing.
SURVIVED, IDLE = "survived", "idle"
ADVICE = "true, or missed: look at it"


@dataclass
class Bites:
    """A claim of a user's, and what came of its variants; `problem` says why it has none."""

    task: Task
    outcome: str
    offered: int = 0
    results: Sequence[Bitten] = ()
    problem: str = ""

    @property
    def pairs(self) -> list[tuple[Variant, list[Tried]]]:
        """The hunts of each variant."""
        return [pair for result in self.results for pair in result.by_variant]


def is_own(names: Sequence[str]) -> bool:
    """Whether the claims are of a user's file.  Raises `InputError` for a mixture with the catalogue's."""
    own = [split_target(name) is not None for name in names]
    if any(own) and not all(own):
        raise InputError(f"{shown(names[own.index(False)])}: a claim of the catalogue beside your own: one kind a call")
    return any(own)


def run(arguments: argparse.Namespace) -> int:
    for option in ("plant", "record", "short"):
        if getattr(arguments, option):
            raise InputError(f"--{option} is for the catalogue: leave it out for claims of your own")
    seconds = SECONDS if arguments.seconds is None else arguments.seconds
    if not 0 < seconds < math.inf:
        raise InputError(f"--seconds {seconds:g}: give a positive number of seconds")
    seeds = tuple(range(arguments.seed, arguments.seed + arguments.seeds))
    if not seeds:
        raise InputError(f"--seeds {arguments.seeds}: give at least 1")
    if arguments.jobs < 1:
        raise InputError(f"--jobs {arguments.jobs}: give at least 1")
    tasks = [Task(key, file=file, seed=seeds[0], seconds=seconds) for file, key in targets(arguments.keys)]
    for task in tasks:
        prepared(task)  # bad input ends here, before any work
    quiet = arguments.json
    try:
        with watching("hunting claims", len(tasks), quiet) as watch:
            hunted = run_all(tasks, jobs=arguments.jobs, watch=watch)
        done = [_bites(result, seeds, seconds, arguments) for result in hunted]
    except Interrupted as interruption:
        return ended(interruption, "while variants were hunted")
    if arguments.json:
        print_json(as_json(done))
    else:
        show(done)
    sys.stdout.flush()
    for bites in done:
        if bites.problem:
            complain(bites.problem)
    return status(done)


def targets(names: Sequence[str]) -> list[tuple[str, str]]:
    """(file, key) of the claims named; of a whole file, those that have a strategy and do not count as refuted."""
    found: dict[tuple[str, str], None] = {}
    for name in names:
        path, word = split_target(name) or ("", "")
        file = load_claims(path)
        keys = [file.claim(word).key] if word else [claim.key for claim in _standing(file)]
        if not keys:
            raise InputError(f"{shown(path)}: no claim there has a strategy in CASES and may stand: nothing to vary")
        found.update(dict.fromkeys((path, key) for key in keys))
    return list(found)


def _standing(file: LoadedFile) -> list[Claim]:
    return [claim for claim in file.own if claim.verdict is None or claim.verdict.stands]


def _bites(hunted: Attacked, seeds: tuple[int, ...], seconds: float, arguments: argparse.Namespace) -> Bites:
    """The variants of a claim that has been hunted itself: none where it fell, or could not be hunted."""
    task = hunted.task
    if hunted.problem or hunted.outcome == "refuted":
        return Bites(task, hunted.outcome, problem=hunted.problem)
    claim, strategy = prepared(task)
    try:
        with importable(task.file or __file__), redirect_stdout(sys.stderr):
            every = list(lot(claim, strategy, task.seed))
    except Exception as error:
        return Bites(task, hunted.outcome, problem=explained(error, task))
    bouts = [Bout(task.key, (variant,), seeds, seconds, task.file) for variant in itertools.islice(every, MOST)]
    results: list[Bitten] = []
    if bouts:
        bite_all(bouts, jobs=arguments.jobs, quiet=arguments.json, ready=results.append)
    return Bites(task, hunted.outcome, len(every), results)


# the report ---------------------------------------------------------------------------------------------------------


def fate(tries: Sequence[Tried]) -> str:
    """`KILLED` where a seed killed; `SURVIVED` where the others were live on some instance; else `IDLE`."""
    if any(one.outcome == KILLED for one in tries):
        return KILLED
    return SURVIVED if any(one.instances and not one.problem for one in tries) else IDLE


def status(done: Sequence[Bites]) -> int:
    """0 where every claim survived and some variant of it ran."""
    fine = all(bites.outcome == SURVIVED and any(fate(tries) != IDLE for _, tries in bites.pairs) for bites in done)
    return int(not fine)


def show(done: Sequence[Bites]) -> None:
    """What became of each variant, for people."""
    for bites in done:
        task = bites.task
        if bites.problem:
            say(f"{task.target}: not varied ({bites.problem})", style="bold")
            continue
        if bites.outcome != SURVIVED:
            say(f"{task.target}: {bites.outcome}: a slip in it says nothing", style="bold")
            say(f"  see `theorems hunt {task.target} --seed {task.seed}`", "")
            continue
        say(f"{task.target}: {len(bites.pairs)} of the {bites.offered} slips that its code offers", style="bold")
        order = (KILLED, SURVIVED, IDLE)
        pairs = sorted(bites.pairs, key=lambda pair: order.index(fate(pair[1])))
        for variant, tries in pairs:
            for line in _lines(variant, tries, task):
                say(line)
        for result in bites.results:
            if result.problem:
                say(f"  not hunted: {result.problem}")
        counts = {word: sum(fate(tries) == word for _, tries in pairs) for word in order}
        said = [f"{counts[KILLED]} killed", f"{counts[SURVIVED]} survived" + f" ({ADVICE})" * bool(counts[SURVIVED])]
        said += [f"{counts[IDLE]} ran on nothing"] * bool(counts[IDLE])
        say(", ".join(said) if pairs else "no variant ran: this says nothing", "")


def _lines(variant: Variant, tries: Sequence[Tried], task: Task) -> list[str]:
    word, name = fate(tries), name_of_slip(variant, task)
    if word == KILLED:
        name += f": after {number(min(one.instances for one in tries if one.outcome == KILLED))} live instances"
    elif word == SURVIVED:
        name += f": {number(sum(one.instances for one in tries))} live instances"
    else:
        name += ": " + next((one.problem for one in tries if one.problem), "no instance meets its hypotheses")
    return textwrap.wrap(
        f"  {word:8}  {name}", width(), subsequent_indent=" " * 12, break_on_hyphens=False, drop_whitespace=True
    )


def name_of_slip(variant: Variant, task: Task) -> str:
    """The variant in one line; where it is the statement itself that slips, that goes without saying."""
    place = f" in {module_name(task.file or '')}."
    name = variant.name.replace(f"{place}{prepared(task)[0].statement.__name__}", "")
    return name.replace(place, " in ")


def as_json(done: Sequence[Bites]) -> dict[str, Any]:
    """All of it as JSON data."""
    pairs = [pair for bites in done for pair in bites.pairs]
    return {
        "variants": len(pairs),
        "killed": sum(fate(tries) == KILLED for _, tries in pairs),
        "survived": sum(fate(tries) == SURVIVED for _, tries in pairs),
        "claims": [
            {
                "key": bites.task.key,
                "outcome": bites.outcome,
                "offered": bites.offered,
                "problem": bites.problem or None,
                "variants": [
                    {
                        "name": name_of_slip(variant, bites.task),
                        "operator": variant.operator,
                        "outcome": fate(tries),
                        "instances": [one.instances for one in tries],
                        "problem": next((one.problem for one in tries if one.problem), None),
                    }
                    for variant, tries in bites.pairs
                ],
            }
            for bites in done
        ],
    }
