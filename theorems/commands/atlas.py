"""The tightness atlas: how near every inequality of the claims that stand comes to equality.

For each conclusion the largest ratio of its left side to its right one that the search has found, by dimension D,
depth L and rank R, with the extremal instance; whether equality is attained; and whether thresholds are necessary.
Without --measure it prints what is on record.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from theorems.case import arrays, exact
from theorems.claim import Claim
from theorems.commands.ending import (
    ended,
)
from theorems.commands.hunt import (
    add_jobs,
    require_jobs,
)
from theorems.commands.watching import watching
from theorems.errors import InputError
from theorems.evidence import necessity, records
from theorems.evidence import tightness as evidence
from theorems.judge.codec import encode
from theorems.report.ledger import number, table
from theorems.report.printing import (
    complain,
    print_json,
    say,
    width,
)
from theorems.report.selection import (
    catalogue,
    family,
    origin_of,
    selected,
    statement_of,
)
from theorems.strategies.engine.pool import (
    Interrupted,
)
from theorems.strategies.engine.spread import spread
from theorems.strategies.engine.worker import Task, explained, prepared
from theorems.strategies.search.tightness import Cell, Tightness, tightness

NAME = "atlas"
#: Claims between two writings of the record.
OFTEN = 20
#: What the names of hypotheses that are thresholds have in common.
RELATIONS = (">=", "<=", " > ", " < ")


@dataclass(frozen=True)
class Survey:
    """One claim to be measured."""

    key: str
    seed: int
    portions: int
    file: str | None = None


@dataclass
class Surveyed:
    """What came of a survey."""

    key: str
    found: list[Tightness] = field(default_factory=list)
    problem: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: theorems atlas zeng-lee/theorem-5:repaired"
    parser.add_argument("keys", nargs="*", metavar="KEY", help="claims or statements; all claims that stand")
    parser.add_argument("--measure", action="store_true", help="measure again, and print that")
    parser.add_argument("--record", action="store_true", help="keep what is measured; without KEY, what is not yet on "
                        "record")  # fmt: skip
    parser.add_argument("--portions", type=int, default=3, metavar="N", help="portions of the search (default 3)")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws other instances (default 0)")
    add_jobs(parser)
    parser.add_argument("--json", action="store_true", help="print an array of objects, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    require_jobs(arguments.jobs)
    if arguments.portions < 1:
        raise InputError(f"--portions {arguments.portions}: give at least 1")
    claims = standing(arguments.keys)
    problems: list[str] = []
    entries: dict[str, dict[str, Any]] = {}
    if arguments.measure or arguments.record:
        todo = claims
        if arguments.record and not arguments.keys:
            todo = [claim for claim in claims if not _on_record(claim, arguments.portions)]
        try:
            _measure(todo, arguments, entries, problems)
        except Interrupted as interruption:
            return ended(interruption, f"{interruption.finished} of {len(todo)} claims measured")
        claims = todo if arguments.measure else claims
    for claim in claims:
        if claim.key not in entries and (entry := evidence.describe(claim)) is not None:
            entries[claim.key] = entry
    if arguments.json:
        print_json([_as_json(claim, entries.get(claim.key)) for claim in claims])
    else:
        show(claims, entries, whole=len(claims) == 1)
    for problem in problems:
        complain(problem)
    return int(bool(problems))


def standing(keys: Sequence[str]) -> list[Claim]:
    """The claims that stand, of those named (of their parts and readings, where none of them does), or of all."""
    names = selected(keys) if keys else list(catalogue())
    claims = catalogue()
    found = [claim for claim in map(claims.__getitem__, names) if _stands(claim)]
    if not found:
        relatives = {claim.key: claim for key in keys for claim in family(statement_of(key), claims)}
        found = [claim for claim in relatives.values() if _stands(claim)]
    if not found:
        raise InputError(f"{', '.join(keys)}: nothing there stands: see `theorems list`")
    return found


def _stands(claim: Claim) -> bool:
    return claim.verdict is not None and claim.verdict.stands


def _on_record(claim: Claim, portions: int) -> bool:
    entry = records.entry(evidence.NAME, claim)
    return entry is not None and not records.is_stale(entry, claim) and entry["portions"] >= portions


# measuring ----------------------------------------------------------------------------------------------------------


def survey(task: Survey) -> Surveyed:
    """Measure one claim.  Whatever goes wrong with one is reported, and is no end of the others."""
    result = Surveyed(task.key)
    try:
        claim, strategy = prepared(Task(task.key, task.file))
        with redirect_stdout(sys.stderr):
            found = tightness(claim, strategy, seed=task.seed, portions=task.portions)
        result.found = list(found.values())
    except InputError as error:
        result.problem = " ".join(str(error).split())
    except Exception as error:
        result.problem = explained(error, Task(task.key, task.file))
    return result


def _measure(
    claims: Sequence[Claim], arguments: argparse.Namespace, entries: dict[str, dict[str, Any]], problems: list[str]
) -> None:
    tasks = [Survey(claim.key, arguments.seed, arguments.portions, origin_of(claim.key)) for claim in claims]
    known = {claim.key: claim for claim in claims}

    def ready(result: Surveyed) -> None:
        if result.problem:
            problems.append(result.problem)
            return
        relations = [_relation(one, known[result.key]) for one in result.found]
        entries[result.key] = {
            "digest": known[result.key].digest,
            "seed": arguments.seed,
            "portions": arguments.portions,
            "relations": relations,
        }
        if arguments.record and len(entries) % OFTEN == 0:
            _write(entries)

    def died(task: Survey) -> Surveyed:
        return Surveyed(task.key, problem=f"{task.key}: a worker process died (out of memory?): try --jobs 1")

    if tasks:
        with watching("measuring", len(tasks), arguments.json, ready) as watch:
            spread(survey, tasks, jobs=arguments.jobs, died=died, watch=watch)
    if arguments.record:
        _write(entries)


def _write(entries: dict[str, dict[str, Any]]) -> None:
    known = catalogue()
    before = {key: entry for key, entry in records.entries(evidence.NAME).items() if key in known}
    records.write(evidence.NAME, before | entries)


def _relation(one: Tightness, claim: Claim) -> dict[str, Any]:
    cells = sorted(one.cells.items(), key=lambda item: (item[0].D, item[0].L or 0, item[0].R or 0))
    return {
        "conclusion": one.conclusion,
        "kind": one.kind,
        "instances": one.instances,
        "largest_ratio": _digits(one.largest),
        "attained": one.attained,
        "zero": one.zero,
        "cells": [_cell(cell, ratio) for cell, ratio in cells],
        "extremal": None if one.extremal is None else [_rounded(array) for array in arrays(one.extremal)],
        **_instance(one, claim),
    }


def _instance(one: Tightness, claim: Claim) -> dict[str, Any]:
    """The extremal instance whole, as ``instance``; nothing where there is none that a file can hold."""
    if one.extremal is None or one.largest is None:
        return {}
    try:
        return {"instance": encode(exact(one.extremal), claim)}
    except InputError:
        return {}


def _cell(cell: Cell, ratio: float) -> dict[str, Any]:
    return {"D": cell.D, "L": cell.L, "R": cell.R, "ratio": _digits(ratio)}


def _digits(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")


def _rounded(array: Any) -> Any:
    return np.vectorize(lambda x: float(f"{x:.6g}"), otypes=[float])(array).tolist() if array.size else []


# printing -----------------------------------------------------------------------------------------------------------


def thresholds(claim: Claim) -> list[dict[str, Any]]:
    """The hypotheses of a claim that are thresholds on integers or sides, with what is on record of their necessity."""
    entry = necessity.describe(claim) or {"hypotheses": []}
    return [found for found in entry["hypotheses"] if any(sign in found["hypothesis"] for sign in RELATIONS)]


def _as_json(claim: Claim, entry: dict[str, Any] | None) -> dict[str, Any]:
    relations = None if entry is None else entry["relations"]
    return {"key": claim.key, "relations": relations, "thresholds": thresholds(claim)}


def show(claims: Sequence[Claim], entries: dict[str, dict[str, Any]], *, whole: bool) -> None:
    """The atlas for people; of one claim, with all cells and the extremal instances."""
    rows = []
    for claim in claims:
        for relation in entries.get(claim.key, {"relations": []})["relations"]:
            ratio = relation["largest_ratio"]
            rows.append((
                claim.key,
                relation["kind"],
                "-" if ratio is None or relation["kind"] == "equal" else f"{ratio:.4g}",
                "yes" if relation["attained"] else "at 0" if relation["zero"] else "no",
                evidence.where(relation),
                number(relation["instances"]),
            ))  # fmt: skip
    headings = ("claim", "relation", "largest", "attained", "where", "instances")
    say(*table(headings, rows, left=2, width=width()).splitlines(), "")
    if whole:
        _show_whole(claims[0], entries.get(claims[0].key))
    missing = [claim.key for claim in claims if claim.key not in entries]
    bare = [claim.key for claim in claims if claim.key in entries and not entries[claim.key]["relations"]]
    relations = [r for claim in claims if claim.key in entries for r in entries[claim.key]["relations"]]
    unequal = [r for r in relations if r["kind"] != "equal"]
    attained = sum(r["attained"] for r in unequal)
    say(f"inequalities  {attained} of {len(unequal)} attained, {sum(not r['attained'] and r['zero'] for r in unequal)} "
        f"at zero only; {len(relations) - len(unequal)} equalities")  # fmt: skip
    say(f"besides       {len(bare)} claims conclude tests, on integers or of exact arithmetic, which have no ratio")
    found = [one for claim in claims for one in thresholds(claim)]
    counts = {word: sum(one["finding"] == word for one in found) for word in dict.fromkeys(f["finding"] for f in found)}
    if counts:
        say("thresholds    " + ", ".join(f"{count} {word}" for word, count in counts.items()))
    if missing:
        say(f"not measured: {len(missing)} claims: `theorems atlas --record`", style="bold")


def _show_whole(claim: Claim, entry: dict[str, Any] | None) -> None:
    for relation in (entry or {"relations": []})["relations"]:
        say(relation["conclusion"], f"  {evidence.finding(relation)}", style="bold")
        for cell in relation["cells"]:
            say(f"    {evidence.cell_words(cell):<18} {cell['ratio']:.4g}")
        if relation["extremal"] is not None and relation["kind"] != "equal":
            say("  extremal instance (six digits)", *(f"    {array}" for array in relation["extremal"]))
    for found in thresholds(claim):
        say(f"threshold {found['hypothesis']}: {found['finding']}")
    say("")
