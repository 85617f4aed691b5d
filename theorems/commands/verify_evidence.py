"""Replay what is on record of the claims that stand (`theorems verify --evidence`): no search, only stored instances.

variants    each kill convicts its variant again, in two arithmetics, and does not convict the claim itself
tightness   each extremal instance meets the hypotheses and has the ratio on record
necessity   each witness refutes the claim without the hypothesis, and not the claim itself
survival    by digest alone: it is the log of a campaign

An entry whose digest is another one than the statement's is stale.  Where all of it is replayed `--restamp` renews the
digest; where something in it cannot be (counts of a search, an instance that was not stored) it is measured again.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Any

from theorems.claim import Claim
from theorems.commands.hypotheses import renewed
from theorems.errors import InputError
from theorems.evidence import necessity, records, survival, tightness, variants
from theorems.judge.codec import decode
from theorems.judge.witness import REFUTES, read, replay
from theorems.loading import one_line
from theorems.report.printing import bars, print_json, say
from theorems.report.selection import selected
from theorems.strategies.search.conviction import Ending, judge
from theorems.strategies.search.tightness import tightness_of
from theorems.strategies.variants.planting import planted
from theorems.strategies.variants.variant import varied

HOLDS, RENEWABLE, RESTAMPED, STALE, EARLIER, FAILS = (
    "holds", "holds, for another digest", "restamped", "stale", "of an earlier form", "fails",
)  # fmt: skip
#: The commands that measure again.
AGAIN = {variants.NAME: "teeth", tightness.NAME: "atlas", necessity.NAME: "hypotheses"}
#: How far a ratio that is measured again may be from the one on record, which has six digits.
DIGITS = 1e-5


@dataclass
class Judged:
    """What came of replaying an entry: how many instances, what was not stored, what does not replay."""

    replayed: int = 0
    lacks: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Row:
    key: str
    evidence: str
    replayed: int
    result: str
    message: str = ""


def run(arguments: argparse.Namespace, claims: dict[str, Claim]) -> int:
    """Replay the entries of the claims named, or of all; 1 where one is stale or fails."""
    if arguments.arithmetic or arguments.necessity or arguments.proofs:
        raise InputError("--evidence replays evidence and nothing else: leave out all options but --restamp and --json")
    names = selected(arguments.targets) if arguments.targets else list(claims)
    standing = necessity.standing(claims[name] for name in names)
    pairs = [(kind, claim) for kind in (*JUDGES, survival.NAME) for claim in standing if records.entry(kind, claim)]
    if arguments.targets and not pairs:
        raise InputError(f"{arguments.targets[0]}: nothing was measured of it")
    rows = []
    renewals: dict[str, dict[str, dict[str, Any]]] = {}
    with bars(quiet=arguments.json) as progress, redirect_stdout(sys.stderr):
        for kind, claim in progress.track(pairs, description="replaying"):
            row = _row(kind, claim, restamp=arguments.restamp)
            rows.append(row)
            if row.result == RESTAMPED:
                entry = records.entry(kind, claim) or {}
                renewals.setdefault(kind, {})[claim.key] = {**entry, "digest": claim.digest}
    for kind, entries in renewals.items():
        records.write(kind, {**records.entries(kind), **entries})
    if arguments.json:
        print_json([vars(row) for row in rows])
    else:
        _print(rows)
    return int(any(row.result in (RENEWABLE, STALE, FAILS) for row in rows))


def _row(kind: str, claim: Claim, *, restamp: bool) -> _Row:
    entry = records.entry(kind, claim) or {}
    stale = records.is_stale(entry, claim)
    if kind == survival.NAME:
        return _Row(claim.key, kind, 0, EARLIER if stale else HOLDS)
    judged = JUDGES[kind](claim, entry)
    result, reasons = HOLDS, judged.lacks
    if judged.failures:
        result, reasons = FAILS, judged.failures
    elif stale and judged.lacks:
        result = STALE
    elif stale and restamp and (kind != necessity.NAME or _renewed_witnesses(claim)):
        result = RESTAMPED
    elif stale:
        result = RENEWABLE
    more = f"; and {len(reasons) - 1} more" if len(reasons) > 1 else ""
    return _Row(claim.key, kind, judged.replayed, result, reasons[0] + more if reasons else "")


def _print(rows: list[_Row]) -> None:
    for row in rows:
        if row.result in (STALE, FAILS):
            again = f": theorems {AGAIN[row.evidence]} {row.key} --record"
            say(f"{row.key}: {row.evidence}: {row.result}: {row.message}{again}")
        elif row.result != HOLDS:
            advice = ": theorems verify --evidence --restamp" if row.result == RENEWABLE else ""
            say(f"{row.key}: {row.evidence}: {row.result}{advice}")
    counts = Counter(row.result for row in rows)
    words = ", ".join(f"{counts[word]} {word}" for word in (HOLDS, RENEWABLE, RESTAMPED, EARLIER, STALE, FAILS)
                      if counts[word])  # fmt: skip
    say(f"{len(rows)} entries, {sum(row.replayed for row in rows)} instances replayed: {words or 'nothing on record'}")


# the kinds ----------------------------------------------------------------------------------------------------------


def _safely(judged: Judged, name: str, flaw: Callable[[], str]) -> None:
    """Count one replay; what it raises is a failure, for the instance is data and the statement may have changed."""
    try:
        found = flaw()
    except Exception as error:
        found = one_line(error)
    judged.replayed += 1
    if found:
        judged.failures.append(f"{name}: {found}")


def of_variants(claim: Claim, entry: dict[str, Any]) -> Judged:
    """Replay the kills of an entry of `variants`."""
    judged = Judged()
    known = {variant.name: variant for variant in planted(claim)}
    if set(known) != {row["name"] for row in entry["variants"]}:
        judged.lacks.append("other variants are planted today")
    for row in entry["variants"]:
        if row["name"] not in known or not row["killed"]:
            continue
        if "kill" not in row:
            judged.lacks.append(f"{row['name']}: no kill is stored")
            continue

        def flaw(row: dict[str, Any] = row) -> str:
            case = decode(row["kill"], claim)
            if judge(varied(claim, known[row["name"]]), case).ending is not Ending.CONVICTED:
                return "its kill does not convict it"
            return _falls(claim, case)

        _safely(judged, row["name"], flaw)
    return judged


def _falls(claim: Claim, case: Any) -> str:
    fallen = judge(claim, case).ending in (Ending.CONVICTED, Ending.ACCUSED)
    return "the claim itself falls on that case" if fallen else ""


def of_tightness(claim: Claim, entry: dict[str, Any]) -> Judged:
    """Measure the extremal instances of an entry of `tightness` again."""
    judged = Judged()
    names = {relation["conclusion"] for relation in entry["relations"]}
    for relation in entry["relations"]:
        name, ratio = relation["conclusion"], relation["largest_ratio"]
        if "instance" not in relation:
            judged.lacks.append(f"{name}: no instance is stored")
            continue

        def flaw(relation: dict[str, Any] = relation, name: str = name, ratio: float = ratio) -> str:
            seen = tightness_of(claim, decode(relation["instance"], claim))
            if not set(seen) <= names:
                return f"a conclusion is new: {min(set(seen) - names)}"
            largest = seen[name].largest if name in seen and seen[name].kind == relation["kind"] else None
            if largest is None or abs(largest - ratio) > DIGITS * abs(ratio):
                return f"its instance has the ratio {largest}, on record is {ratio}"
            return ""

        _safely(judged, name, flaw)
    if not entry["relations"]:
        judged.lacks.append("it has no instances")
    return judged


def of_necessity(claim: Claim, entry: dict[str, Any]) -> Judged:
    """Replay the witnesses of an entry of `necessity`."""
    judged = Judged()
    if necessity.is_partial(entry, claim):
        judged.lacks.append("it is of other hypotheses")
    for dropped, path in _witnesses(claim):
        weak, name = necessity.without(claim, dropped), " and ".join(dropped)
        if not path.exists():
            judged.lacks.append(f"{name}: it has the counts of a search alone")
            continue

        def flaw(weak: Claim = weak, path: Any = path) -> str:
            witness = read(path, [weak], stale=True)
            found = replay(witness, weak, "fractions")
            return _falls(claim, witness.case) if found.result == REFUTES else found.message or found.result

        _safely(judged, name, flaw)
    return judged


def _witnesses(claim: Claim) -> Iterator[tuple[tuple[str, ...], Any]]:
    groups = dict.fromkeys(necessity.dropped_with(claim, name) for name in claim.hypotheses)
    return ((group, path) for group in groups if (path := necessity.path_of(claim, group)) is not None)


def _renewed_witnesses(claim: Claim) -> bool:
    return all(renewed(path, necessity.without(claim, dropped)) for dropped, path in _witnesses(claim))


JUDGES: dict[str, Callable[[Claim, dict[str, Any]], Judged]] = {
    variants.NAME: of_variants, tightness.NAME: of_tightness, necessity.NAME: of_necessity,
}  # fmt: skip
