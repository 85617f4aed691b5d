"""Print the journal of a campaign; it may be running."""

from __future__ import annotations

import argparse
from pathlib import Path

from strategies.ledger import LedgerRow, ledger_table, number, strata_table, violation_bound
from strategies.search.journal import Journal, Record
from theorems.claim import Claim
from theorems.commands.attacked_json import attacked_json
from theorems.commands.campaign import WITNESSES, attacked, summary
from theorems.commands.hunt import contradicts, selected
from theorems.commands.printing import print_json, say
from theorems.commands.selection import verdict_of
from theorems.commands.worker import Task, prepared

NAME = "report"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: theorems report DIR"
    parser.add_argument("folder", metavar="DIR", help="the folder of a campaign")
    parser.add_argument("keys", nargs="*", metavar="KEY", help="only these claims, with their strata")
    parser.add_argument("--json", action="store_true", help="print an array of objects, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    journal = Journal.read(arguments.folder)
    try:
        settings, records = journal.settings, journal.records()
    finally:
        journal.close()
    claims = {target: _claim(record) for target, record in records.items()}
    chosen = list(records)
    if arguments.keys:
        keys = selected(arguments.keys, {claim.key: claim for claim in claims.values()})
        chosen = [target for target in records if records[target].entry.key in keys]
    out = str(Path(arguments.folder) / WITNESSES)
    seed = int(settings["seed"])
    if arguments.json:
        print_json([attacked_json(attacked(records[t], seed, out), claims[t]) for t in chosen])
        return 0
    if arguments.keys:
        for target in chosen:
            _show(records[target], out)
    rows = []
    for target in chosen:
        record = records[target]
        total = attacked(record, seed, out).total
        verdict = verdict_of(claims[target]) or "not judged"
        rows.append(LedgerRow(target, f"{verdict}{_sign(record)}", total, record.seconds))
    say(*ledger_table(rows).splitlines(), "")
    for target in chosen:
        if records[target].number is not None and contradicts(claims[target]):
            say(f"contradiction: {target} is refuted", style="bold")
        if records[target].problem:
            say(f"problem: {records[target].problem}")
    done = summary({target: records[target] for target in chosen})
    say(
        f"{done['claims']} claims, {done['refuted']} refuted (*); {number(done['portions'])} portions, "
        f"{number(round(done['seconds']))} s of work, seed {seed}; largest worker {done['memory'] / 2**20:.0f} MiB"
    )
    return 0


def _sign(record: Record) -> str:
    return " *" if record.number is not None else ""


def _claim(record: Record) -> Claim:
    return prepared(Task(record.entry.key, record.entry.file))[0]


def _show(record: Record, out: str) -> None:
    say(record.entry.target, style="bold")
    if record.number is not None:
        finding = attacked(record, 0, out).finding
        form = "in normal form" if record.normal is not None else "not shrunk yet"
        say(f"  refuted by portion {record.number}, {form}")
        if finding is not None:
            say(*(f"    {line}" for line in finding.case.splitlines()))
            if finding.path is not None:
                say(f"  stored in {finding.path}")
    say(*(f"  {line}" for line in strata_table(record.strata).splitlines()))
    bound = violation_bound(record.strata)
    if bound is not None and record.number is None:
        say(f"  independent draws of continuous laws: {number(bound[0])}; "
            f"violations that float64 sees have a rate below {bound[1]:.1e} at 95%")  # fmt: skip
    say("")
