"""Hunt false variants of the claims that stand: would the search notice?

Each variant is a claim with one slip (an index off by one, a wrong norm, a hypothesis left out), false every one, and
is hunted as if it were real.  Three kinds are counted apart: slips of the statement that took a search, those that fell
at once (within two instances), and slips of our own construction.  Exits 1 when one is missed, when a claim that stands
has fewer than three, or when no variant ran.

With FILE.py::name, or FILE.py for all its claims, the slips are those that your own code offers.  Nobody has judged
them: what survives is true, or was missed, and is listed for you to look at; the exit code is 1 when the claim itself
falls.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import statistics
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from theorems.catalogue import strategy as strategy_of
from theorems.claim import Claim
from theorems.commands import teeth_own
from theorems.commands.ending import (
    ended,
)
from theorems.commands.hunt import (
    add_jobs,
    require_jobs,
)
from theorems.commands.teeth_work import Bitten, Bout, bite_all
from theorems.errors import InputError
from theorems.evidence import records, variants
from theorems.judge.codec import encode
from theorems.report.ledger import number, table
from theorems.report.printing import (
    complain,
    print_json,
    say,
    width,
)
from theorems.report.selection import catalogue, selected
from theorems.strategies.engine.pool import (
    Interrupted,
)
from theorems.strategies.variants.lot import planted_anew
from theorems.strategies.variants.planting import LEAST, planted, write
from theorems.strategies.variants.trial import KILLED, SECONDS, Tried
from theorems.strategies.variants.variant import Variant, varied

NAME = "teeth"
#: Live instances within which most variants should be killed.
SOON = 1000
#: Claims between two writings of the record.
OFTEN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "examples: theorems teeth zeng-lee/lemma-9 --seeds 3\n"
        "          theorems teeth mine.py::my_claim      (slips in a claim of your own)"
    )
    parser.add_argument(
        "keys", nargs="*", metavar="KEY|FILE.py", help="claims or statements, by default all that stand; or your own"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        help=f"how long to hunt each variant at most (default {SECONDS:g}; {teeth_own.SECONDS:g} for your own)",
    )
    parser.add_argument("--seed", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="hunt with N seeds in a row (default 1)")
    add_jobs(parser)
    parser.add_argument("--short", action="store_true", help="one variant a claim, another with every seed")
    parser.add_argument(
        "--record", action="store_true", help="keep the result for `show`; without KEY, of claims not yet measured so"
    )
    parser.add_argument("--plant", action="store_true", help="choose variants, by lot, for claims that have too few")
    parser.add_argument("--json", action="store_true", help="print one object, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    if teeth_own.is_own(arguments.keys):
        return teeth_own.run(arguments)
    arguments.seconds = SECONDS if arguments.seconds is None else arguments.seconds
    _require(arguments)
    if arguments.plant:
        return plant(standing(arguments.keys), arguments.seed)
    seeds = tuple(range(arguments.seed, arguments.seed + arguments.seeds))
    claims = standing(arguments.keys)
    if arguments.record and not arguments.keys:
        claims = [claim for claim in claims if not is_recorded(claim, len(seeds), arguments.seconds)]
        if not claims:
            say("every claim that stands is on record with as many seeds and seconds: name a KEY to measure it again")
            return 0
    bouts = [
        Bout(claim.key, chosen(claim, arguments.seed, short=arguments.short), seeds, arguments.seconds)
        for claim in claims
    ]
    for claim, bout in zip(claims, bouts, strict=True):
        for variant in bout.variants:
            varied(claim, variant)  # one that has lost its place ends here, before any work
    done: list[Bitten] = []

    def ready(result: Bitten) -> None:
        done.append(result)
        if arguments.record and len(done) % OFTEN == 0:
            record(done, arguments.seconds)

    try:
        bite_all(bouts, jobs=arguments.jobs, quiet=arguments.json, ready=ready)
    except Interrupted as interruption:
        if arguments.record:
            record(done, arguments.seconds)
        return ended(interruption, f"{interruption.finished} of {len(bouts)} claims done")
    if arguments.record:
        record(done, arguments.seconds)
    report = Report(done, {claim.key: sum(not variant.open for variant in planted(claim)) for claim in claims})
    if arguments.json:
        print_json(report.as_json())
    else:
        report.show()
    sys.stdout.flush()
    for result in done:
        if result.problem:
            complain(result.problem)
    return report.status


def _require(arguments: argparse.Namespace) -> None:
    if not 0 < arguments.seconds < math.inf:
        raise InputError(f"--seconds {arguments.seconds:g}: give a positive number of seconds")
    if arguments.seeds < 1:
        raise InputError(f"--seeds {arguments.seeds}: give at least 1")
    if arguments.plant and (arguments.record or arguments.short or arguments.json):
        raise InputError("--plant hunts nothing else: leave out --record, --short and --json")
    if arguments.short and arguments.record:
        raise InputError("--short and --record exclude each other: a record is of all variants")
    require_jobs(arguments.jobs)


def standing(keys: Sequence[str]) -> list[Claim]:
    """The claims that stand, of those named, or of all.  Raises `InputError` where none does."""
    names = selected(keys) if keys else list(catalogue())
    claims = catalogue()
    found = [claims[name] for name in names if (verdict := claims[name].verdict) is not None and verdict.stands]
    if not found:
        raise InputError(f"{', '.join(keys) or 'the catalogue'}: nothing there stands, so that nothing has variants")
    return found


def chosen(claim: Claim, seed: int, *, short: bool) -> tuple[Variant, ...]:
    """The variants of a claim that are hunted: all, or one of those not known to be missed, another with every seed."""
    every = planted(claim)
    if not short:
        return every
    every = tuple(variant for variant in every if not variant.open)
    if not every:
        return ()
    turn = int.from_bytes(hashlib.sha256(claim.key.encode()).digest()[:4], "big")
    return (every[(turn + seed) % len(every)],)


def plant(claims: Sequence[Claim], seed: int) -> int:
    """Write variants of the claims that have too few into the table; those of claims that stand no longer leave it."""

    rows = {claim.key: planted(claim) for claim in standing(())}
    for claim in claims:
        before = rows[claim.key]
        rows[claim.key] = planted_anew(claim, strategy_of(claim.key), before, seed)
        if rows[claim.key] != before:
            say(f"{claim.key}: {len(rows[claim.key])}", *(f"  {variant.name}" for variant in rows[claim.key]))
            write({key: row for key, row in rows.items() if row})
    short = [key for key, row in rows.items() if sum(not variant.open for variant in row) < LEAST]
    say(*(f"short: {key}: try another --seed" for key in short), style="bold")
    return int(bool(short))


# the record ---------------------------------------------------------------------------------------------------------


def is_recorded(claim: Claim, seeds: int, seconds: float) -> bool:
    """Whether all planted variants are on record, for this form of the claim, with as many seeds and seconds."""
    entry = records.entry(variants.NAME, claim)
    if entry is None or records.is_stale(entry, claim):
        return False
    names = [variant["name"] for variant in entry["variants"]]
    same = names == [variant.name for variant in planted(claim)]
    return same and len(entry["seeds"]) >= seeds and bool(entry["seconds"] >= seconds)


def record(results: Iterable[Bitten], seconds: float) -> None:
    """Write what was measured into the record; what the run did not touch stays, except for claims that are gone."""
    claims = catalogue()
    data = {key: entry for key, entry in records.entries(variants.NAME).items() if key in claims}
    for result in results:
        if result.tried and not result.problem:
            data[result.key] = {
                "digest": claims[result.key].digest,
                "seeds": list(result.seeds),
                "seconds": seconds,
                "variants": [
                    {
                        "name": variant.name,
                        "operator": variant.operator,
                        "killed": sum(one.outcome == KILLED for one in tries),
                        "instances": median_of(tries),
                        **kill_of(claims[result.key], tries),
                    }
                    for variant, tries in result.by_variant
                ],
            }
    records.write(variants.NAME, data)


def median_of(tries: Iterable[Tried]) -> int | None:
    """The median of the live instances until a kill; None for no kill."""
    counts = [one.instances for one in tries if one.outcome == KILLED]
    return statistics.median_low(counts) if counts else None


def kill_of(claim: Claim, tries: Iterable[Tried]) -> dict[str, Any]:
    """The shortest of the counterexamples, as ``kill``, for `theorems verify --evidence`; nothing without any."""
    found = []
    for one in tries:
        if one.outcome == KILLED:
            with suppress(InputError):  # a case that no file can hold
                found.append(encode(one.case, claim))
    return {"kill": min(found, key=lambda data: len(json.dumps(data)))} if found else {}


# the report ---------------------------------------------------------------------------------------------------------


class Report:
    """What came of all hunts.

    counts  how many variants are planted for each claim of the run
    """

    def __init__(self, results: Sequence[Bitten], counts: dict[str, int]) -> None:
        self._results = results
        self._tried = [one for result in results for one in result.tried]
        self._killed = [one for one in self._tried if one.outcome == KILLED]
        self._short = [key for key, count in counts.items() if count < LEAST]
        self._hunted = [(result.key, *pair) for result in results for pair in result.by_variant]
        self._missed = [
            (key, variant, [one for one in tries if one.outcome != KILLED])
            for key, variant, tries in self._hunted
            if any(one.outcome != KILLED for one in tries)
        ]
        #: Of the variants killed with every seed.
        self._kinds = {
            (key, variant): variants.kind_of(variant.name, median_of(tries))
            for key, variant, tries in self._hunted
            if all(one.outcome == KILLED for one in tries)
        }
        deep = {key for (key, _), kind in self._kinds.items() if kind == variants.SEARCHED}
        self._shallow = [result.key for result in results if result.tried and result.key not in deep]

    @property
    def status(self) -> int:
        """0 when every variant was killed with every seed and no claim is short of them."""
        problems = any(result.problem for result in self._results)
        return int(bool(self._missed or self._short or problems or not self._tried))

    @property
    def soon(self) -> float:
        """The share of hunts that killed within `SOON` live instances."""
        return sum(one.instances <= SOON for one in self._killed) / max(1, len(self._tried))

    def show(self) -> None:
        """The table and the totals, for people."""
        headings = ("claim", "variants", "killed", "missed", "instances", "s")
        rows = []
        for result in self._results:
            pairs = result.by_variant
            missed = sum(any(one.outcome != KILLED for one in tries) for _, tries in pairs)
            median = median_of(result.tried)
            counts = (len(pairs), len(pairs) - missed, missed, "-" if median is None else number(median))
            rows.append((result.key, *map(str, counts), f"{sum(one.seconds for one in result.tried):.1f}"))
        say(*table(headings, rows, left=1, width=width()).splitlines(), "")
        for key, variant, tries in self._missed:
            seeds = ", ".join(str(one.seed) for one in tries)
            say(f"missed: {key}: {variant.name} (seed {seeds}; {number(tries[0].instances)} instances)", style="bold")
            say(*(f"  {reason}" for reason in (tries[0].problem, variant.open) if reason))
        say(*(f"short: {key}: fewer than {LEAST} variants are planted" for key in self._short), style="bold")
        if not self._tried:
            say("no variant ran: this says nothing", style="bold")
            return
        kinds = Counter(variant.operator for _, variant, _ in self._hunted)
        text = ", ".join(f"{name} {count}" for name, count in kinds.most_common())
        say(*textwrap.wrap(f"slips       {text}", width(), subsequent_indent=" " * 12, break_on_hyphens=False))
        say(f"kinds       {variants.in_words(self._kinds.values())}")
        if self._shallow:
            text = f"{len(self._shallow)} with no slip that took a search: {', '.join(self._shallow)}"
            say(*textwrap.wrap(f"shallow     {text}", width(), subsequent_indent=" " * 12, break_on_hyphens=False))
        total, dead = len(self._hunted), len(self._hunted) - len(self._missed)
        say(f"variants    {number(dead)} of {number(total)} killed, {len(self._missed)} missed, of "
            f"{number(len(self._results))} claims; {number(len(self._tried))} hunts")  # fmt: skip
        say(f"instances   {self.soon:.1%} of the hunts killed within {number(SOON)} live instances; "
            f"median {number(median_of(self._killed) or 0)}")  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """All of it as JSON data."""
        return {
            "variants": len(self._hunted),
            "killed": len(self._hunted) - len(self._missed),
            "missed": [
                {"key": key, "name": variant.name, "seeds": [one.seed for one in tries]}
                for key, variant, tries in self._missed
            ],
            "kinds": {kind: list(self._kinds.values()).count(kind) for kind in variants.KINDS},
            "shallow": self._shallow,
            "short": self._short,
            "hunts": len(self._tried),
            "share_within": {"instances": SOON, "share": self.soon},
            "problems": [result.problem for result in self._results if result.problem],
            "claims": [
                {
                    "key": result.key,
                    "variants": [
                        {
                            "name": v.name,
                            **v.as_json(),
                            "kind": self._kinds.get((result.key, v)),
                            "hunts": [_hunt_json(one) for one in tries],
                        }
                        for v, tries in result.by_variant
                    ],
                }
                for result in self._results
            ],
        }


def _hunt_json(one: Tried) -> dict[str, Any]:
    return {
        "seed": one.seed,
        "outcome": one.outcome,
        "instances": one.instances,
        "vacuous": one.vacuous,
        "seconds": round(one.seconds, 3),
        "violated": one.violated or None,
        "problem": one.problem or None,
    }
