"""The journal of a campaign: an SQLite file that survives whatever happens to the program.

Every portion that is done is one transaction: its counts are added and its number is noted, or neither.  One that is
done twice (a worker was thought dead and was not) counts once.  Write-ahead logging lets `theorems report` read while a
campaign writes; only the process that started the campaign writes, never a worker.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from theorems.errors import InputError
from theorems.strategies.search.attack import Tally
from theorems.strategies.search.journal_file import FILE, LOCK, complaints, connected, locked, require_sound

#: "thrm", and the version of the tables below.
APPLICATION, VERSION = 0x7468726D, 1

_TABLES = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE claims (
    target TEXT PRIMARY KEY,          -- KEY, or FILE.py::KEY
    position INTEGER NOT NULL,
    key TEXT NOT NULL,
    file TEXT,
    digest TEXT NOT NULL,             -- of the statement: counts of two statements are never added
    next INTEGER NOT NULL DEFAULT 0,  -- all portions below this one are done
    recipes INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    memory INTEGER NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT ''
);
CREATE TABLE portions (               -- done, at or beyond `next`
    target TEXT NOT NULL REFERENCES claims, number INTEGER NOT NULL, PRIMARY KEY (target, number)
) WITHOUT ROWID;
CREATE TABLE strata (
    target TEXT NOT NULL REFERENCES claims, stratum TEXT NOT NULL,
    instances INTEGER NOT NULL, exact INTEGER NOT NULL, vacuous INTEGER NOT NULL, undecided INTEGER NOT NULL,
    artefacts INTEGER NOT NULL, worst REAL, PRIMARY KEY (target, stratum)
) WITHOUT ROWID;
CREATE TABLE findings (
    target TEXT PRIMARY KEY REFERENCES claims,
    number INTEGER NOT NULL,          -- the portion that found it; the first one in order is kept
    witness TEXT NOT NULL,            -- a witness file, as it was found
    normal TEXT                       -- the same in normal form, when it has been shrunk
);
"""


@dataclass(frozen=True)
class Entry:
    """A claim that a campaign hunts, as it begins."""

    target: str
    key: str
    file: str | None
    digest: str


@dataclass
class Record:
    """A claim in the journal.

    next, ahead  the portions that are done: all below `next`, and these
    seconds      work that its portions took, summed over the workers
    memory       the largest worker that did one, in bytes
    number, witness, normal  the counterexample: its portion, as found, in normal form
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
    strata: dict[str, Tally] = field(default_factory=dict)


@dataclass
class Done:
    """A portion that a worker has done: plain data, for the journal.

    witness  the text of a witness file, where a counterexample was found
    problem  why it could not be done, in one line; `invalid` where the input is to blame
    """

    target: str
    number: int
    strata: dict[str, Tally] = field(default_factory=dict)
    recipes: int = 0
    seconds: float = 0.0
    memory: int = 0
    witness: str | None = None
    problem: str = ""
    invalid: bool = False


class Journal:
    """An open journal.  Every method raises `InputError`, one line, for what SQLite complains of."""

    def __init__(self, folder: str | Path, connection: sqlite3.Connection, lock: sqlite3.Connection | None) -> None:
        self.path = Path(folder) / FILE
        self._connection = connection
        self._lock = lock

    # opening

    @classmethod
    def create(cls, folder: str | Path, settings: Mapping[str, str]) -> Journal:
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
                for statement in _statements():
                    write.execute(statement)
                write.executemany("INSERT INTO settings VALUES (?, ?)", settings.items())
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
        connection = connected(path, mode="ro")
        try:
            require_sound(path, connection, APPLICATION, VERSION)
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
    def settings(self) -> dict[str, str]:
        """What the campaign was started with."""
        return dict(self._rows("SELECT name, value FROM settings"))

    def records(self) -> dict[str, Record]:
        """All claims by target, in their order."""
        records = {
            target: Record(Entry(target, key, file, digest), next_, set(), recipes, seconds, memory, problem)
            for target, key, file, digest, next_, recipes, seconds, memory, problem in self._rows(
                "SELECT target, key, file, digest, next, recipes, seconds, memory, problem FROM claims"
                " ORDER BY position"
            )
        }
        for target, number in self._rows("SELECT target, number FROM portions"):
            records[target].ahead.add(number)
        for target, stratum, instances, exact, vacuous, undecided, artefacts, worst in self._rows(
            "SELECT target, stratum, instances, exact, vacuous, undecided, artefacts, worst FROM strata"
        ):
            least = math.inf if worst is None else worst
            records[target].strata[stratum] = Tally(instances, exact, vacuous, undecided, artefacts, least)
        for target, number, witness, normal in self._rows("SELECT target, number, witness, normal FROM findings"):
            record = records[target]
            record.number, record.witness, record.normal = number, witness, normal
        return records

    # writing

    def add_claims(self, entries: Sequence[Entry]) -> None:
        """Claims that the journal does not know yet; one that it knows with another statement is an error."""
        with self._writing() as write:
            known = dict(write.execute("SELECT target, digest FROM claims").fetchall())
            for entry in entries:
                if entry.target not in known:
                    position = len(known)
                    known[entry.target] = entry.digest
                    write.execute(
                        "INSERT INTO claims (target, position, key, file, digest) VALUES (?, ?, ?, ?, ?)",
                        (entry.target, position, entry.key, entry.file, entry.digest),
                    )
                elif known[entry.target] != entry.digest:
                    raise InputError(
                        f"{self.path}: the statement of {entry.target} has changed since this campaign began: "
                        f"start another campaign, in another folder"
                    )

    def record(self, done: Done) -> bool:
        """Count a portion, once; whether it was news."""
        with self._writing() as write:
            row = write.execute("SELECT next FROM claims WHERE target = ?", (done.target,)).fetchone()
            next_ = row[0]
            known = "SELECT 1 FROM portions WHERE target = ? AND number = ?"
            if done.number < next_ or write.execute(known, (done.target, done.number)).fetchone():
                return False
            for stratum, tally in done.strata.items():
                _add(write, done.target, stratum, tally)
            if done.witness is not None:
                _keep_first(write, done)
            write.execute("INSERT INTO portions VALUES (?, ?)", (done.target, done.number))
            while write.execute(known, (done.target, next_)).fetchone():
                write.execute("DELETE FROM portions WHERE target = ? AND number = ?", (done.target, next_))
                next_ += 1
            write.execute(
                "UPDATE claims SET next = ?, recipes = recipes + ?, seconds = seconds + ?, memory = max(memory, ?),"
                " problem = CASE WHEN ? <> '' THEN ? ELSE problem END WHERE target = ?",
                (next_, done.recipes, done.seconds, done.memory, done.problem, done.problem, done.target),
            )
        return True

    def normalise(self, target: str, number: int, normal: str) -> bool:
        """Keep the normal form of the finding of portion `number`, unless an earlier one has taken its place."""
        with self._writing() as write:
            changed = write.execute(
                "UPDATE findings SET normal = ? WHERE target = ? AND number = ?", (normal, target, number)
            )
            return changed.rowcount == 1

    def _rows(self, query: str) -> list[Any]:
        with complaints(self.path):
            return self._connection.execute(query).fetchall()

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


def _statements() -> Iterator[str]:
    yield from (statement for statement in _TABLES.split(";\n") if statement.strip())


def _add(write: sqlite3.Connection, target: str, stratum: str, tally: Tally) -> None:
    worst = tally.worst if math.isfinite(tally.worst) else None
    write.execute(
        "INSERT INTO strata VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (target, stratum) DO UPDATE SET"
        " instances = instances + excluded.instances, exact = exact + excluded.exact,"
        " vacuous = vacuous + excluded.vacuous, undecided = undecided + excluded.undecided,"
        " artefacts = artefacts + excluded.artefacts,"
        " worst = min(coalesce(worst, excluded.worst), coalesce(excluded.worst, worst))",
        (target, stratum, tally.instances, tally.exact, tally.vacuous, tally.undecided, tally.artefacts, worst),
    )


def _keep_first(write: sqlite3.Connection, done: Done) -> None:
    write.execute(
        "INSERT INTO findings VALUES (?, ?, ?, NULL) ON CONFLICT (target) DO UPDATE SET"
        " number = excluded.number, witness = excluded.witness, normal = NULL WHERE excluded.number < number",
        (done.target, done.number, done.witness),
    )
