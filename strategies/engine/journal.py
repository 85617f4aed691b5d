"""The journal of a campaign: an SQLite file that survives whatever happens to the program.

It is data: what it says is examined (`journal_rows`), printed, and never run.  The claims of a user's own that it names
are loaded from a file that the user names beside it.

Every portion that is done is one transaction: its counts are added and its number is noted, or neither.  One that is
done twice (a worker was thought dead and was not) counts once.  Write-ahead logging lets `theorems report` read while a
campaign writes; only the process that started the campaign writes, never a worker.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from theorems.errors import InputError
from theorems.judge.strict_json import parse
from theorems.judge.tally import COUNTS, Tally
from theorems.judge.witness import require_record
from theorems.strategies.engine.journal_file import (
    FILE,
    LOCK,
    MAX_BYTES,
    complaints,
    connected,
    locked,
    require_sound,
)
from theorems.strategies.engine.journal_rows import (
    CLAIMS,
    DAMAGED,
    DOUBTS,
    FINDINGS,
    PORTIONS,
    SETTINGS,
    STRATA,
    TABLES,
    Table,
)
from theorems.strategies.engine.versions import versions

#: "thrm", and the version of the tables.
APPLICATION, VERSION = 0x7468726D, 3
_SEED = "seed"

@dataclass(frozen=True)
class Entry:
    """A claim that a campaign hunts, as it begins; its file, where it has one, and the verdict that is held of it."""

    target: str
    key: str
    file: str | None
    digest: str
    verdict: str | None = None


@dataclass
class Record:
    """A claim in the journal.

    next, ahead  the portions that are done: all below `next`, and these
    seconds      work that its portions took, summed over the workers
    memory       the largest worker that did one, in bytes
    number, witness, normal  the counterexample: its portion, as found, in normal form
    shown, violation, margin  of the one of them that counts, for people
    doubts       what speaks against the claim and convicts nothing, by kind: its portion, and as JSON for people
    """

    entry: Entry
    next: int = 0
    ahead: set[int] = field(default_factory=set)
    recipes: int = 0
    seconds: float = 0.0
    memory: int = 0
    problem: str = ""
    number: int | None = None
    witness: str | None = None
    normal: str | None = None
    shown: str = ""
    violation: str = ""
    margin: float | None = None
    strata: dict[str, Tally] = field(default_factory=dict)
    doubts: dict[str, tuple[int, str]] = field(default_factory=dict)


@dataclass
class Done:
    """A portion that a worker has done: plain data, for the journal.

    witness  the text of a witness file, where a counterexample was found; for people: its case, what it violates, by
             what margin (None where that is no number)
    problem  why it could not be done, in one line; `invalid` where the input is to blame
    """

    target: str
    number: int
    strata: dict[str, Tally] = field(default_factory=dict)
    recipes: int = 0
    seconds: float = 0.0
    memory: int = 0
    witness: str | None = None
    shown: str = ""
    violation: str = ""
    margin: float | None = None
    problem: str = ""
    invalid: bool = False
    doubts: dict[str, str] = field(default_factory=dict)


class Journal:
    """An open journal.  Every method raises `InputError`, one line, for what SQLite complains of."""

    def __init__(self, folder: str | Path, connection: sqlite3.Connection, lock: sqlite3.Connection | None) -> None:
        self.path = Path(folder) / FILE
        self._connection = connection
        self._lock = lock

    # opening

    @classmethod
    def create(cls, folder: str | Path, seed: int = 0) -> Journal:
        """A new journal, where there is none; leaves nothing behind where it cannot be made."""
        path = Path(folder) / FILE
        if path.exists():
            raise InputError(f"{path}: there is a campaign already: go on with --resume, or choose another folder")
        made = [p for p in (path.parent, *path.parents) if not p.exists()]
        journal: Journal | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = locked(path.parent)
            journal = cls(folder, connected(path), lock)
            with journal._writing() as write:
                for definition in _definitions():
                    write.execute(definition)
                for name, value in {_SEED: str(seed), **versions()}.items():
                    SETTINGS.put(write, name, value)
                write.execute(f"PRAGMA application_id = {APPLICATION}")
                write.execute(f"PRAGMA user_version = {VERSION}")
            with complaints(path):
                journal._connection.execute("PRAGMA journal_mode = WAL")
            return journal
        except (InputError, OSError) as error:
            if journal is not None:
                journal.close()
                for name in (FILE, FILE + "-wal", FILE + "-shm", FILE + "-journal", LOCK):
                    (path.parent / name).unlink(missing_ok=True)
            for folder_made in made:
                with suppress(OSError):
                    folder_made.rmdir()
            if isinstance(error, OSError):
                reason = error.strerror or error
                raise InputError(f"{path}: cannot be written ({reason}): choose another folder") from None
            raise

    @classmethod
    def resume(cls, folder: str | Path) -> Journal:
        """The journal of a campaign, to go on with.  A file that is not in order is left as it is."""
        cls.read(folder).close()
        path = Path(folder) / FILE
        lock = locked(path.parent)
        return cls(folder, connected(path), lock)

    @classmethod
    def read(cls, folder: str | Path) -> Journal:
        """The journal of a campaign, to read; a campaign that is running goes on meanwhile."""
        path = Path(folder) / FILE
        if not path.is_file():
            raise InputError(f"{path}: there is no journal: give the folder of a campaign (theorems hunt --campaign)")
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: larger than {MAX_BYTES >> 20} MiB: no campaign writes that much")
        connection = connected(path, mode="ro")
        try:
            require_sound(path, connection, APPLICATION, VERSION, _definitions())
        except BaseException:
            connection.close()
            raise
        return cls(folder, connection, None)

    def close(self) -> None:
        """Close the file, and let another campaign have it."""
        self._connection.close()
        if self._lock is not None:
            self._lock.close()
            (self.path.parent / LOCK).unlink(missing_ok=True)

    # reading

    @property
    def seed(self) -> int:
        """What the campaign's draws are a function of."""
        value = self._settings().get(_SEED)
        if value is None or not re.fullmatch("-?[0-9]{1,20}", value):
            raise InputError(f"{self.path}: the row of the seed is missing, or no integer: {DAMAGED}")
        return int(value)

    @property
    def versions(self) -> dict[str, str]:
        """The releases that the campaign has run under, by what they are releases of; several where it went on."""
        return {name: value for name, value in self._settings().items() if name != _SEED}

    def records(self) -> dict[str, Record]:
        """All claims by target, in their order.  Raises `InputError` where a row is not as it was written."""
        claims = sorted(self._rows(CLAIMS), key=lambda row: row[1])
        records = {row[0]: Record(_entry(row), row[6], set(), *row[7:]) for row in claims}
        for target, number in self._rows(PORTIONS):
            self._owner(records, target, PORTIONS).ahead.add(number)
        for target, stratum, *rest in self._rows(STRATA):
            self._owner(records, target, STRATA).strata[stratum] = _tally(rest)
        for target, kind, number, text in self._rows(DOUBTS):
            self._owner(records, target, DOUBTS).doubts[kind] = number, text
        for target, number, witness, normal, shown, violation, margin in self._rows(FINDINGS):
            record = self._owner(records, target, FINDINGS)
            for text in (witness, *([] if normal is None else [normal])):
                try:
                    require_record(text, record.entry.key, record.entry.digest)
                except InputError as error:
                    raise InputError(f"{self.path}: the counterexample of {target!r}: {error}") from None
            record.number, record.witness, record.normal = number, witness, normal
            record.shown, record.violation, record.margin = shown, violation, margin
        return records

    def _owner(self, records: dict[str, Record], target: str, table: Table) -> Record:
        if target not in records:
            raise InputError(f"{self.path}: a row of {table.name} belongs to no claim: {DAMAGED}")
        return records[target]

    # writing

    def add_versions(self) -> str:
        """Note the releases that the campaign goes on under; says in a line where they are others, else nothing."""
        before, now = self.versions, versions()
        changed = [name for name, value in now.items() if before.get(name) != value]
        with self._writing() as write:
            for name in changed:
                known = before.get(name, "unknown").split("; ")
                SETTINGS.put(write, name, "; ".join(dict.fromkeys([*known, now[name]])))
        if not changed:
            return ""
        words = ", ".join(f"{name} {before.get(name, 'unknown')} (now {now[name]})" for name in changed)
        return f"the campaign began under {words}: counts need not be those of one release"

    def add_claims(self, entries: Sequence[Entry]) -> None:
        """Claims that the journal does not know yet; one that it knows with another statement is an error."""
        with self._writing() as write:
            known = {row[0]: row[4] for row in CLAIMS.rows(write)}
            for entry in entries:
                if entry.target not in known:
                    position = len(known)
                    known[entry.target] = entry.digest
                    CLAIMS.put(
                        write, entry.target, position, entry.key, entry.file, entry.digest, entry.verdict,
                        0, 0, 0.0, 0, "",
                    )  # fmt: skip
                elif known[entry.target] != entry.digest:
                    raise InputError(
                        f"{self.path}: the statement of {entry.target} has changed since this campaign began: "
                        f"start another campaign, in another folder"
                    )

    def record(self, done: Done) -> bool:
        """Count a portion, once; whether it was news."""
        with self._writing() as write:
            claim = CLAIMS.row(write, done.target)
            assert claim is not None
            *about, next_, recipes, seconds, memory, problem = claim
            if done.number < next_ or PORTIONS.row(write, done.target, done.number):
                return False
            for stratum, tally in done.strata.items():
                _add(write, done.target, stratum, tally)
            if done.witness is not None:
                _keep_first(write, done)
            for kind, text in done.doubts.items():
                doubt = DOUBTS.row(write, done.target, kind)
                if doubt is None or done.number < doubt[2]:
                    DOUBTS.put(write, done.target, kind, done.number, text)
            PORTIONS.put(write, done.target, done.number)
            while PORTIONS.row(write, done.target, next_):
                write.execute("DELETE FROM portions WHERE target = ? AND number = ?", (done.target, next_))
                next_ += 1
            CLAIMS.put(
                write, *about, next_, recipes + done.recipes, seconds + done.seconds, max(memory, done.memory),
                done.problem or problem,
            )  # fmt: skip
        return True

    def normalise(self, done: Done) -> bool:
        """Keep the normal form of the finding of that portion, unless an earlier one has taken its place."""
        with self._writing() as write:
            row = FINDINGS.row(write, done.target)
            if row is None or row[1] != done.number:
                return False
            FINDINGS.put(write, *row[:3], done.witness, done.shown, done.violation, done.margin)
            return True

    def _settings(self) -> dict[str, str]:
        return dict(self._rows(SETTINGS))

    def _rows(self, table: Table) -> list[tuple[Any, ...]]:
        with complaints(self.path), self._at_path():
            return list(table.rows(self._connection))

    @contextmanager
    def _at_path(self) -> Iterator[None]:
        try:
            yield
        except InputError as error:
            raise InputError(f"{self.path}: {error}") from None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it, or, where anything is raised, nothing."""
        with complaints(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _definitions() -> list[str]:
    return [table.definition for table in TABLES]


def _entry(row: tuple[Any, ...]) -> Entry:
    target, _, key, file, digest, verdict = row[:6]
    return Entry(target, key, file, digest, verdict)


def _add(write: sqlite3.Connection, target: str, stratum: str, tally: Tally) -> None:
    total = dataclasses.replace(tally, unmet=dict(tally.unmet))
    row = STRATA.row(write, target, stratum)
    if row is not None:
        total.add(_tally(row[2:]))
    worst = total.worst if math.isfinite(total.worst) else None
    unmet = json.dumps(total.unmet, sort_keys=True)
    STRATA.put(write, target, stratum, *(getattr(total, name) for name in COUNTS), unmet, worst)


def _tally(row: Sequence[Any]) -> Tally:
    *counts, unmet, worst = row
    known = parse(unmet.encode())
    if not isinstance(known, dict) or not all(type(count) is int for count in known.values()):
        raise InputError(f"unmet of a row of {STRATA.name} counts no hypotheses: {DAMAGED}")
    least = math.inf if worst is None else worst
    return Tally(**dict(zip(COUNTS, counts, strict=True)), unmet=known, worst=least)


def _keep_first(write: sqlite3.Connection, done: Done) -> None:
    row = FINDINGS.row(write, done.target)
    if row is None or done.number < row[1]:
        FINDINGS.put(
            write, done.target, done.number, done.witness, None, done.shown, done.violation, done.margin
        )
