"""The SQLite file of a campaign: opened, locked and examined, with complaints of one line that say what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from theorems.errors import InputError

FILE, LOCK = "journal.sqlite", "running.lock"
#: Seconds to wait for another process that holds the journal.
PATIENCE = 2.0


def connected(path: Path, mode: str = "rwc") -> sqlite3.Connection:
    """Open the file, to read and write it or (mode "ro") only to read it."""
    with complaints(path):
        connection = sqlite3.connect(
            f"file:{quote(str(path.resolve()))}?mode={mode}", uri=True, timeout=PATIENCE, isolation_level=None,
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


def require_sound(path: Path, connection: sqlite3.Connection, application: int, version: int) -> None:
    """Raises `InputError` unless the file is whole, of that application and of that version."""
    with complaints(path):
        (its_application,) = connection.execute("PRAGMA application_id").fetchone()
        (its_version,) = connection.execute("PRAGMA user_version").fetchone()
        if its_application != application:
            raise InputError(f"{path}: this is no journal of a campaign: give the folder of one")
        if its_version != version:
            raise InputError(
                f"{path}: a journal of version {its_version}, and this program writes version {version}: "
                f"go on with the release that made it, or start another campaign"
            )
        (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if answer != "ok":
            raise sqlite3.DatabaseError(answer.splitlines()[-1])


@contextmanager
def complaints(path: Path) -> Iterator[None]:
    """What SQLite raises, as one line that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        reason = " ".join(str(error).split())
        remedy = "check the disk and the permissions, then go on with --resume"
        if "locked" in reason or "busy" in reason:
            remedy = "another program holds the file: close it, then go on with --resume"
        elif "full" in reason:
            remedy = "what was recorded is kept: free some space, then go on with --resume"
        elif "readonly" in reason:
            remedy = "make the folder writable, then go on with --resume"
        elif "malformed" in reason or "not a database" in reason or type(error) is sqlite3.DatabaseError:
            remedy = "the file is damaged, and is left as it is: restore a copy, or start another campaign"
        raise InputError(f"{path}: {reason}: {remedy}") from None
