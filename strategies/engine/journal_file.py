"""The SQLite file of a campaign: opened, locked and examined, with complaints of one line that say what to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from theorems.errors import InputError

FILE, LOCK = "journal.sqlite", "running.lock"
#: Seconds to wait for another process that holds the journal.
PATIENCE = 2.0
#: What a damaged file raises that is nothing in particular.
_DAMAGES = (sqlite3.DatabaseError, UnicodeDecodeError)
#: Strict tables are older than Python 3.11, but not all systems' SQLite is.
OLDEST = (3, 37)
#: A journal of all claims, each with a counterexample of the largest size, is smaller.
MAX_BYTES = 1 << 29


def connected(path: Path, mode: str = "rwc") -> sqlite3.Connection:
    """Open the file, to read and write it or (mode "ro") only to read it."""
    if sqlite3.sqlite_version_info < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise InputError(f"{path}: this Python has SQLite {sqlite3.sqlite_version}: a campaign needs {oldest} or later")
    with complaints(path):
        at_rest = not any((path.parent / name).exists() for name in (f"{path.name}-wal", LOCK))
        if mode == "ro" and not at_rest and not os.access(path.parent, os.W_OK):
            return _copied(path)
        # Of a file that nobody is writing, SQLite is told so: it would leave files of its own beside it.
        options = f"mode={mode}" + ("&immutable=1" if mode == "ro" and at_rest else "")
        connection = sqlite3.connect(
            f"file:{quote(str(path.resolve()))}?{options}", uri=True, timeout=PATIENCE, isolation_level=None,
            check_same_thread=False,
        )  # fmt: skip
        if mode != "ro":
            connection.execute("PRAGMA synchronous = FULL")  # a finding survives a power cut, too
        return connection


def locked(folder: Path) -> sqlite3.Connection:
    """A lock for as long as this process lives: two campaigns in one folder would do the same portions."""
    connection = sqlite3.connect(folder / LOCK, timeout=0.2, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        connection.close()
        if "locked" in str(error):
            message = f"{folder}: another campaign is running there: wait for it, or choose another folder"
        else:
            message = f"{folder / LOCK}: cannot be written ({error}): free some space, or choose another folder"
        raise InputError(message) from None
    return connection


def _copied(path: Path) -> sqlite3.Connection:
    """A copy in memory, for a folder that cannot be written: SQLite writes beside such a file even to read it."""
    with tempfile.TemporaryDirectory(prefix="theorems-") as folder:
        try:
            for name in (path.name, f"{path.name}-wal"):  # what a killed campaign did last is in the second
                if (path.parent / name).exists():
                    shutil.copyfile(path.parent / name, Path(folder) / name)
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror or error}): check the permissions") from None
        copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        with closing(sqlite3.connect(Path(folder) / path.name)) as source:
            source.backup(copy)
        return copy


def require_sound(
    path: Path, connection: sqlite3.Connection, application: int, version: int, definitions: Sequence[str]
) -> None:
    """Raises `InputError` unless the file is whole, of that application and version, and has those tables alone."""
    with complaints(path):
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        (its_application,) = connection.execute("PRAGMA application_id").fetchone()
        (its_version,) = connection.execute("PRAGMA user_version").fetchone()
        if its_application != application:
            raise InputError(f"{path}: this is no journal of a campaign: give the folder of one")
        if its_version != version:
            raise InputError(
                f"{path}: a journal of version {its_version}, and this program writes version {version}: "
                f"go on with the release that made it, or start another campaign"
            )
        # Before anything is asked of a table: it may be a view, whose definition is a stranger's program.
        found = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
        if sorted(definition for (definition,) in found) != sorted(definitions):
            raise sqlite3.DatabaseError("its tables are not those of a journal")
        (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if answer != "ok":
            raise sqlite3.DatabaseError(answer.splitlines()[-1])


@contextmanager
def complaints(path: Path) -> Iterator[None]:
    """What SQLite raises, as one line that says what to do."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split()) if isinstance(error, sqlite3.Error) else "a text in it is not UTF-8"
        remedy = "check the disk and the permissions, then go on with --resume"
        if "locked" in reason or "busy" in reason:
            remedy = "another program holds the file: close it, then go on with --resume"
        elif "full" in reason:
            remedy = "what was recorded is kept: free some space, then go on with --resume"
        elif "readonly" in reason:
            remedy = "make the folder writable, then go on with --resume"
        elif "malformed" in reason or "not a database" in reason or type(error) in _DAMAGES:
            remedy = "the file is damaged, and is left as it is: restore a copy, or start another campaign"
        raise InputError(f"{path}: {reason}: {remedy}") from None
