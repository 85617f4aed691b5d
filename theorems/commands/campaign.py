"""`theorems hunt --campaign DIR`: a hunt with a journal, which may be killed at any moment, and goes on (--resume)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from theorems.case import exact
from theorems.claim import Claim
from theorems.commands.attacked_json import attacked_json
from theorems.commands.hunt import DETAILED, SECONDS, Report, require_names, require_writable, targets_of
from theorems.commands.local import LocalWorkers
from theorems.commands.pool import bar
from theorems.commands.portions import Errand, run_errand
from theorems.commands.printing import print_json, say
from theorems.commands.worker import Attacked, Finding, Task, described, finding_name, prepared
from theorems.errors import InputError
from theorems.judge.codec import decode
from theorems.judge.strict_json import parse
from theorems.judge.witness import shown, write_text
from theorems.strategies.ledger import number
from theorems.strategies.search.attack import Tally
from theorems.strategies.search.campaign import Campaign, Job, Workers
from theorems.strategies.search.journal import Entry, Journal, Record

#: The folder of a campaign's witnesses, beside its journal.
WITNESSES = "witnesses"


def run(arguments: argparse.Namespace) -> int:
    """Start a campaign, or go on with one."""
    if arguments.out is None:
        arguments.out = str(Path(arguments.campaign) / WITNESSES)
    chosen = arguments.targets or arguments.all
    tasks = targets_of(arguments.targets, everything=arguments.all) if chosen or not arguments.resume else []
    entries = [_entry(task) for task in tasks]
    require_names(tasks)
    require_writable(arguments.out)
    with _workers(arguments) as workers, _journal(arguments) as journal:
        journal.add_claims(entries)
        return _hunt(arguments, journal, workers)


@contextmanager
def _journal(arguments: argparse.Namespace) -> Iterator[Journal]:
    settings = {"seed": str(arguments.seed or 0)}
    folder = arguments.campaign
    journal = Journal.resume(folder) if arguments.resume else Journal.create(folder, settings)
    try:
        yield journal
    finally:
        journal.close()


@contextmanager
def _workers(arguments: argparse.Namespace) -> Iterator[Workers]:
    """The pool of this machine, or the cluster; both end with the campaign, the cluster's workers stay."""
    if arguments.scheduler is None:
        with LocalWorkers(arguments.jobs) as workers:
            yield workers
    else:
        from theorems.commands.cluster import ClusterWorkers

        with ClusterWorkers(arguments.scheduler) as cluster:
            yield cluster


def _entry(task: Task) -> Entry:
    claim, _ = prepared(task)  # bad input ends here, before any work
    file = str(Path(task.file).resolve()) if task.file is not None else None
    return Entry(task.target, task.key, file, claim.digest)


def _hunt(arguments: argparse.Namespace, journal: Journal, workers: Workers) -> int:
    seed = int(journal.settings["seed"])
    if arguments.seed is not None and arguments.seed != seed:
        raise InputError(f"--seed {arguments.seed}: this campaign has the seed {seed}: leave --seed out")
    records = journal.records()
    if not records:
        raise InputError(f"{journal.path}: the journal names no claims: give a KEY, FILE.py::name or --all")
    claims = {(_shown_file(r), r.entry.key): _known(r.entry) for r in records.values()}
    seconds = SECONDS if arguments.seconds is None and arguments.recipes is None else arguments.seconds
    report = Report(claims, strict=arguments.require_rediscovery, detailed=len(records) <= DETAILED)

    def errand(job: Job) -> Errand:
        return Errand(campaign.records[job.target].entry, seed, job.number, job.most, job.witness)

    with bar("hunting", len(records), arguments.json) as show:

        def news(record: Record) -> None:
            path = _stored(record, arguments.out)
            if path is not None and not arguments.json:
                show.pause(lambda: say(f"{record.entry.target}: refuted, stored in {path}"))

        campaign = Campaign(
            journal, workers, errand=errand, work=run_errand, seconds=seconds, recipes=arguments.recipes, news=news,
            progress=lambda records: show.update(_done(records, seconds), _counts(records)),
        )  # fmt: skip
        for record in campaign.records.values():  # what was found just before the end of an earlier run
            _stored(record, arguments.out)
        try:
            campaign.run()
        except KeyboardInterrupt:
            go_on = f"theorems hunt --campaign {shown(arguments.campaign)} --resume"
            print(f"theorems: interrupted; {_counts(campaign.records)}; go on with: {go_on}", file=sys.stderr)
            return 130
    results = [attacked(record, seed, arguments.out) for record in campaign.records.values()]
    if arguments.json:
        print_json([attacked_json(result, report.claim(result)) for result in results])
    elif len(results) <= DETAILED:
        for result in results:
            report.show(result)
    if not arguments.json:
        if len(results) > 1:
            report.summarise(results)
        say(f"the journal: {journal.path}; print it: theorems report {shown(arguments.campaign)}")
    sys.stdout.flush()
    for result in results:
        if result.problem:
            print("theorems:", result.problem, file=sys.stderr)
    return max(map(report.status, results))


def _done(records: dict[str, Record], seconds: float | None) -> int:
    return sum(r.normal is not None or (seconds is not None and r.seconds >= seconds) for r in records.values())


def _counts(records: dict[str, Record]) -> str:
    live = sum(tally.instances for record in records.values() for tally in record.strata.values())
    return f"{number(live)} live instances, {sum(r.number is not None for r in records.values())} refuted"


# results from the journal -------------------------------------------------------------------------------------------


def attacked(record: Record, seed: int, out: str | None) -> Attacked:
    """What the journal says of a claim, as a hunt would report it."""
    task = Task(record.entry.key, _shown_file(record), seed=seed)
    # In the order of their names, for the order in which portions came back means nothing.
    strata = dict(sorted(record.strata.items()))
    result = Attacked(task, strata=strata, recipes=record.recipes, seconds=record.seconds)
    result.problem = record.problem
    total: Tally = result.total
    if record.number is not None:
        result.outcome, result.finding = "refuted", _finding(record, out)
    elif total.instances + total.exact > total.undecided:
        result.outcome = "survived"
    return result


def _finding(record: Record, out: str | None) -> Finding | None:
    text = record.normal or record.witness
    if text is None:
        return None
    claim = _known(record.entry)
    data = parse(text.encode())
    finding = described(claim, exact(decode(data["case"], claim)), data["arithmetic"])
    path = _path(record, out) if out is not None else None
    finding.path = str(path) if path is not None and path.exists() else None
    return finding


def _shown_file(record: Record) -> str | None:
    """The file of a claim as it was named on the command line."""
    return record.entry.target.rpartition("::")[0] or None


def _known(entry: Entry) -> Claim:
    return prepared(Task(entry.key, entry.file))[0]


def _path(record: Record, out: str) -> Path:
    return Path(out) / finding_name(Task(record.entry.key, _shown_file(record)))


def _stored(record: Record, out: str) -> str | None:
    """Write the witness file of a finding; None for a finding that has none yet."""
    if record.normal is None:
        return None
    path = _path(record, out)
    write_text(path, record.normal)
    return os.fspath(path)


def summary(records: dict[str, Record]) -> dict[str, Any]:
    """What a campaign has done in all."""
    return {
        "claims": len(records),
        "refuted": sum(record.number is not None for record in records.values()),
        "seconds": sum(record.seconds for record in records.values()),
        "portions": sum(record.next + len(record.ahead) for record in records.values()),
        "memory": max((record.memory for record in records.values()), default=0),
    }
