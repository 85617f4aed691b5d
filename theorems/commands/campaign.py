"""`theorems hunt --campaign DIR`: a hunt with a journal, which may be killed at any moment, and goes on (--resume)."""

from __future__ import annotations

import argparse
import dataclasses
import math
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from theorems.commands.attacked_json import attacked_json
from theorems.commands.ending import ended
from theorems.commands.hunt import DETAILED, SECONDS, Report, require_names, require_writable, targets_of
from theorems.errors import InputError
from theorems.judge.strict_json import parse
from theorems.judge.witness import shown, write_text
from theorems.report.ledger import number
from theorems.report.printing import complain, print_json, say
from theorems.report.progress import bar
from theorems.report.selection import verdict_of
from theorems.strategies.engine.campaign import Campaign, Job, Workers
from theorems.strategies.engine.journal import Entry, Journal, Record
from theorems.strategies.engine.local import LocalWorkers
from theorems.strategies.engine.portions import Errand, run_errand
from theorems.strategies.engine.worker import Attacked, Finding, ShownDoubt, Task, finding_name, prepared
from theorems.strategies.search.hunt import ending

#: The folder of a campaign's witnesses, beside its journal.
WITNESSES = "witnesses"


def run(arguments: argparse.Namespace) -> int:
    """Start a campaign, or go on with one."""
    if arguments.out is None:
        arguments.out = str(Path(arguments.campaign) / WITNESSES)
    entries = _entries(arguments)
    require_writable(arguments.out)
    with _workers(arguments) as workers, _journal(arguments) as journal:
        journal.add_claims(list(entries.values()))
        if arguments.resume and (others := journal.add_versions()):
            complain(f"warning: {journal.path}: {others}")
        return _hunt(arguments, journal, workers, entries)


@contextmanager
def _journal(arguments: argparse.Namespace) -> Iterator[Journal]:
    folder = arguments.campaign
    journal = Journal.resume(folder) if arguments.resume else Journal.create(folder, arguments.seed or 0)
    try:
        yield journal
    finally:
        journal.close()


# what is hunted -----------------------------------------------------------------------------------------------------


def _entries(arguments: argparse.Namespace) -> dict[str, Entry]:
    """All claims of the campaign by target, with the files that were named on this command line.

    A journal is data: a claims file that it names is not run unless the user names it as well.
    """
    known = _known_records(arguments.campaign, arguments.seed) if arguments.resume else {}
    files = [name for name in arguments.targets if known and name.endswith(".py")]  # FILE.py: its claims in the journal
    names = [name for name in arguments.targets if name not in files]
    some = names or arguments.all or not arguments.resume
    tasks = targets_of(names, everything=arguments.all) if some else []
    tasks += [task for file in files for task in _tasks_in(file, known)]
    require_names(tasks)
    entries: dict[str, Entry] = {}
    for task in tasks:
        entry = _entry(task)
        same = (r.entry.target for r in known.values() if (r.entry.key, r.entry.file) == (entry.key, entry.file))
        target = entry.target if entry.target in known else next(same, entry.target)
        entries[target] = replace(entry, target=target)
    for target, record in known.items():
        if target in entries:
            continue
        if record.entry.file is not None:
            file = shown(target.rpartition("::")[0])
            again = f"theorems hunt {file} --campaign {shown(arguments.campaign)} --resume"
            raise InputError(f"{file}: a claims file is a program, and a journal starts none: name it as well: {again}")
        entries[target] = _entry(Task(record.entry.key))
    if not entries:
        raise InputError(f"{shown(arguments.campaign)}: it has no claims yet: give a KEY, FILE.py::name or --all")
    return entries


def _known_records(folder: str, seed: int | None) -> dict[str, Record]:
    with closing(Journal.read(folder)) as journal:
        if seed not in (None, journal.seed):
            raise InputError(f"--seed {seed}: this campaign has the seed {journal.seed}: leave --seed out")
        return journal.records()


def _tasks_in(file: str, known: dict[str, Record]) -> list[Task]:
    """The claims of the journal that a file holds: it was named like that, or lies at that place."""
    place = str(Path(file).resolve())
    found = [r.entry.key for t, r in known.items() if place == r.entry.file or t.rpartition("::")[0] == file]
    if not found:
        raise InputError(f"{shown(file)}: no claim of this campaign is in that file: say which to add, FILE.py::name")
    return [Task(key, file) for key in found]


def _entry(task: Task) -> Entry:
    claim, _ = prepared(task)  # bad input ends here, before any work
    file = task.file
    if file is not None and file.endswith(".py"):  # else it is a module's name
        file = str(Path(file).resolve())
    return Entry(task.target, task.key, file, claim.digest, verdict_of(claim))


# workers ------------------------------------------------------------------------------------------------------------


@contextmanager
def _workers(arguments: argparse.Namespace) -> Iterator[Workers]:
    """The pool of this machine, or the cluster; both end with the campaign, the cluster's workers stay."""
    if arguments.scheduler is None:
        with LocalWorkers(arguments.jobs) as workers:
            yield workers
    else:
        from theorems.strategies.engine.cluster import ClusterWorkers

        with ClusterWorkers(arguments.scheduler, complain) as cluster:
            yield cluster


def _hunt(arguments: argparse.Namespace, journal: Journal, workers: Workers, entries: dict[str, Entry]) -> int:
    seed = journal.seed
    records = journal.records()
    claims = {(_shown_file(records[t]), e.key): prepared(Task(e.key, e.file))[0] for t, e in entries.items()}
    seconds = SECONDS if arguments.seconds is None and arguments.recipes is None else arguments.seconds
    report = Report(claims, strict=arguments.require_rediscovery, detailed=len(records) <= DETAILED)

    def errand(job: Job) -> Errand:
        return Errand(entries[job.target], seed, job.number, job.most, job.witness)

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
        except KeyboardInterrupt as interruption:
            files = dict.fromkeys(filter(None, map(_shown_file, campaign.records.values())))
            go_on = " ".join(["theorems hunt", *map(shown, files), f"--campaign {shown(arguments.campaign)} --resume"])
            return ended(interruption, f"{_counts(campaign.records)}; go on with: {go_on}")
    results = [attacked(record, seed, arguments.out) for record in campaign.records.values()]
    if arguments.json:
        print_json([attacked_json(result, verdict_of(report.claim(result))) for result in results])
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
            complain(result.problem)
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
    result.doubts = [_doubt(text) for _, (_, text) in sorted(record.doubts.items())]
    result.outcome = ending(record.strata, refuted=record.number is not None)
    if record.number is not None:
        result.finding = _finding(record, out)
    return result


def _doubt(text: str) -> ShownDoubt:
    """What the journal has of a doubt."""
    data = parse(text.encode())
    names = {field.name for field in dataclasses.fields(ShownDoubt)}
    if not isinstance(data, dict) or set(data) != names or not all(isinstance(value, str) for value in data.values()):
        raise InputError("a doubt in the journal is not as it was written: restore a copy, or start another campaign")
    return ShownDoubt(**{**data, "margin": float(data["margin"])})


def _finding(record: Record, out: str | None) -> Finding | None:
    text = record.normal or record.witness
    if text is None:
        return None
    margin = math.nan if record.margin is None else record.margin
    path = _path(record, out) if out is not None else None
    kept = str(path) if path is not None and path.exists() else None
    return Finding(record.shown, record.violation, parse(text.encode())["arithmetic"], margin, kept)


def _shown_file(record: Record) -> str | None:
    """The file of a claim as it was named on the command line."""
    return record.entry.target.rpartition("::")[0] or None


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
