"""Which hypotheses of the claims that stand are needed: what is on record, and how to look again.

needed      a stored witness meets all other hypotheses and violates the conclusion
needed to   the hypothesis is a definition, or the claim speaks of something that need not exist without it (a quotient
state       by zero, an inverse); wherever it exists, the claim holds
redundant   another hypothesis of the claim implies it; the two are dropped together, and that is what the word in
            brackets is about
not needed  an argument shows the conclusion without it; no instance that violates it was found to fail
open        neither; the counts say what was tried

With --measure the search is done again; it exits with 1 when it contradicts the record: when it finds a witness for
what is held to be redundant or not needed, or one that is needed has no witness that replays.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from theorems.catalogue import stored
from theorems.catalogue import strategy as strategy_of
from theorems.claim import Claim
from theorems.errors import InputError, Unsupported
from theorems.evidence import necessity, records
from theorems.evidence.necessity import FINDINGS, NOT_NEEDED, REDUNDANT, Finding
from theorems.judge.codec import type_name
from theorems.judge.witness import REFUTES, convict, dumps, read, replay, write
from theorems.report.printing import (
    complain,
    print_json,
    say,
    table,
)
from theorems.report.progress import bar
from theorems.report.selection import catalogue, selected

NAME = "hypotheses"
SECONDS = 5.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "example: theorems hypotheses zeng-lee/lemma-9\n         theorems hypotheses --record --seconds 20"
    parser.add_argument("keys", nargs="*", metavar="KEY", help="claims that stand; by default all of them")
    parser.add_argument("--measure", action="store_true", help="drop each hypothesis, and hunt again")
    parser.add_argument(
        "--record", action="store_true", help="measure what is missing or stale, and keep counts and witnesses"
    )
    parser.add_argument("--again", action="store_true", help="with --record: measure what is on record as well")
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"for each hypothesis (default {SECONDS:g})")
    parser.add_argument("--recipes", type=int, metavar="N", help="end each search after N recipes")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws other instances (default 0)")
    parser.add_argument("--json", action="store_true", help="print an array of objects, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    if not 0 < arguments.seconds < float("inf"):
        raise InputError(f"--seconds {arguments.seconds:g}: give a positive number of seconds")
    if arguments.recipes is not None and arguments.recipes < 1:
        raise InputError(f"--recipes {arguments.recipes}: give at least 1")
    if arguments.again and not arguments.record:
        raise InputError("--again is for --record: --measure looks at everything anyway")
    claims = chosen(arguments.keys)
    problems: list[str] = []
    if arguments.measure or arguments.record:
        problems = _measured(claims, arguments)
    table = [(claim, found) for claim in claims for found in necessity.findings(claim)]
    if arguments.json:
        print_json([{"claim": claim.key, **necessity.as_data(found)} for claim, found in table])
    else:
        _print(table)
    sys.stdout.flush()
    for problem in problems:
        complain(problem)
    return int(bool(problems))


def chosen(keys: list[str]) -> list[Claim]:
    """The claims that stand among those that the keys name; all that stand, without keys."""
    names = selected(keys) if keys else list(catalogue())
    named = [catalogue()[name] for name in names]
    standing = necessity.standing(named)
    if keys and not standing:
        raise InputError(f"{keys[0]} does not stand: hypotheses are asked about where a claim stands")
    return standing


# the table ----------------------------------------------------------------------------------------------------------


def _print(findings: list[tuple[Claim, Finding]]) -> None:
    rows, last = [], ""
    for claim, found in findings:
        if claim.key != last:
            rows.append((claim.key, "", ""))
            last = claim.key
        word, _, why = necessity.summary(found).partition(": ")
        rows.append((f"  {found.hypothesis}", word, why))
    if rows:
        say(*table(("claim, hypothesis", "finding", "why"), rows, fold={2: 40, 0: 30, 1: 10}), "")
    say(totals([found for _, found in findings]))


def totals(found: list[Finding]) -> str:
    """How many hypotheses there are of each finding."""
    words = Counter(one.word for one in found)
    joint = Counter(one.joint for one in found if one.word == REDUNDANT)
    text = f"{len(found)} hypotheses" + (": " if found else "")
    text += ", ".join(f"{words[word]} {word}" for word in FINDINGS if words[word])
    if joint:
        text += f" (dropped together: {', '.join(f'{joint[word]} {word}' for word in FINDINGS if joint[word])})"
    argued = [one for one in found if NOT_NEEDED in (one.word, one.joint)]
    alone = sum(not one.attack.get("violating") and not one.attack.get("exact") for one in argued)
    if alone:
        text += f"; {alone} arguments that no instance put to the test"
    stale = sum(one.stale for one in found)
    return text + (f"; {stale} stale: theorems hypotheses --record" if stale else "")


# measuring ----------------------------------------------------------------------------------------------------------


def _measured(claims: list[Claim], arguments: argparse.Namespace) -> list[str]:
    """Attack the claims; keep what was seen with --record.  Returns what contradicts the record."""
    problems: list[str] = []
    data = dict(records.entries(necessity.NAME))
    if arguments.record and not arguments.keys:
        _forget(data)
    wanted = [claim for claim in claims if claim.hypotheses and (not arguments.record or _due(claim, arguments.again))]
    pool = _Known()
    with bar("hunting", len(wanted), arguments.json) as show:
        for number, claim in enumerate(wanted):
            show.update(number, claim.key)
            entry = _entry(claim, arguments, pool, problems)
            if arguments.record:
                data[claim.key] = entry
                records.write(necessity.NAME, data)
    return problems


def _forget(data: dict[str, Any]) -> None:
    """Drop entries and witnesses of claims, or hypotheses, that are no more."""
    claims = list(catalogue().values())
    standing = {claim.key for claim in necessity.standing(claims) if claim.hypotheses}
    for key in [key for key in data if key not in standing]:
        del data[key]
    known = necessity.derived(claims)
    for path in necessity.witnesses():
        if path.name not in known:
            path.unlink()


def _due(claim: Claim, again: bool) -> bool:
    entry = records.entry(necessity.NAME, claim)
    if again or entry is None or records.is_stale(entry, claim):
        return True
    return necessity.is_partial(entry, claim)


def _entry(claim: Claim, arguments: argparse.Namespace, pool: _Known, problems: list[str]) -> dict[str, Any]:
    """The entry of one claim: the counts of the attack on each hypothesis."""
    counts: dict[tuple[str, ...], dict[str, Any]] = {}
    found: dict[str, dict[str, Any]] = {}
    for name in claim.hypotheses:
        dropped = necessity.dropped_with(claim, name)
        if dropped not in counts:
            counts[dropped] = _attack(claim, dropped, arguments, pool, problems)
        found[name] = {"dropped": list(dropped), **counts[dropped]}
        if necessity.implied_by(claim, name):
            found[name]["alone"] = _alone(claim, name, arguments, problems)
    return {
        "digest": claim.digest, "seed": arguments.seed, "seconds": arguments.seconds, "hypotheses": found,
    }  # fmt: skip


def _attack(
    claim: Claim, dropped: tuple[str, ...], arguments: argparse.Namespace, pool: _Known, problems: list[str]
) -> dict[str, Any]:
    from theorems.strategies.search.necessity import Weakened, has_one_rank, kind_of, normal_form, seek

    weak = necessity.without(claim, dropped)
    path = necessity.path_of(claim, dropped)
    assert path is not None  # `chosen` takes claims of texts
    if arguments.record and path.exists():
        if renewed(path, weak):
            return {}
        path.unlink()
    strategy = strategy_of(claim.key)
    limits = {"seed": arguments.seed, "seconds": arguments.seconds, "recipes": arguments.recipes}
    shown_by = necessity.shown_by(claim, dropped)
    pointed = catalogue()[shown_by] if shown_by else None
    without = Weakened(weak, dropped, pointed, has_one_rank(strategy))
    result = seek(without, strategy, known=pool.cases(kind_of(strategy)), **limits)
    counts: dict[str, Any] = result.as_data()
    if result.conviction is None:
        if not arguments.record and path.exists() and not _replays(path, weak):
            problems.append(f"{path.name}: it does not replay, and no other witness was found")
        return counts
    argument = necessity.argument(claim, dropped)
    if argument:
        problems.append(f"{weak.key}: refuted, where the record has an argument: {argument.why}")
    if not arguments.record or shown_by:
        return counts
    conviction = normal_form(without, result.conviction, strategy)
    note = f"found by `theorems hypotheses {claim.key} --record --seed {arguments.seed}`"
    witness = convict(conviction.case, weak, conviction.arithmetic, note)
    if witness is None:
        problems.append(f"{weak.key}: the counterexample is not convicted again")
        return counts
    write(path, witness, weak)
    pool.add(conviction.case)
    return {}


def _alone(claim: Claim, name: str, arguments: argparse.Namespace, problems: list[str]) -> dict[str, int]:
    """A redundant hypothesis dropped alone: no exact instance may violate it and meet the others."""
    from theorems.strategies.search.necessity import Weakened, has_one_rank, seek

    weak = necessity.without(claim, (name,))
    seconds, recipes = arguments.seconds / 4, arguments.recipes
    strategy = strategy_of(claim.key)
    without = Weakened(weak, (name,), one_rank=has_one_rank(strategy))
    result = seek(without, strategy, seed=arguments.seed, seconds=seconds, recipes=recipes)
    if result.exact or result.conviction is not None:
        problems.append(f"{claim.key}: {name!r} is held to be redundant, and an instance violates it alone")
    return result.as_data()


def renewed(path: Path, weak: Claim) -> bool:
    """Whether the case of a witness file still convicts; the file is then brought up to date."""
    try:
        old = read(path, [weak], stale=True)
        new = convict(old.case, weak, old.arithmetic, old.note)
        if new is None or replay(new, weak, "fractions").result != REFUTES:
            return False
        if path.read_bytes() != dumps(new, weak).encode():
            write(path, new, weak)
        return True
    except (InputError, Unsupported):
        return False


def _replays(path: Path, weak: Claim) -> bool:
    try:
        witness = read(path, [weak])
        return replay(witness, weak, witness.arithmetic).result == REFUTES
    except InputError:
        return False


class _Known:
    """The cases of the witnesses on record, of claims and of hypotheses: they often serve again."""

    def __init__(self) -> None:
        self._claims = catalogue()
        self._weak = necessity.derived(self._claims.values())
        self._paths: dict[str, list[Path]] = {}
        for path in (*stored().values(), *necessity.witnesses()):
            with suppress(ValueError, KeyError, TypeError):
                self._paths.setdefault(json.loads(path.read_bytes())["case"]["type"], []).append(path)
        self._cases: dict[str, list[Any]] = {}

    def cases(self, kind: type | None) -> list[Any]:
        """Those of one type, read when they are first asked for."""
        name = type_name(kind) if kind is not None else ""
        if name not in self._cases:
            self._cases[name] = [case for path in self._paths.get(name, ()) for case in self._read(path)]
        return self._cases[name]

    def _read(self, path: Path) -> Iterator[Any]:
        weak = self._weak.get(path.name)
        with suppress(InputError):
            yield read(path, [weak] if weak is not None else self._claims.values(), stale=True).case

    def add(self, case: Any) -> None:
        """Keep one more."""
        self._cases.setdefault(type_name(type(case)), []).append(case)
