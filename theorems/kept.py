"""What is computed of a content once and kept for the next process, in the user's cache directory.

A file is named by the SHA-256 of all that its text was computed from, and starts with the checksum of that text; one
that is damaged, belongs to others, or cannot be read or written is as good as none, and no error.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

#: So many files of a kind are kept; the oldest go first.
MOST = 1000


def folder() -> Path | None:
    """The cache directory of this user; None where there is none."""
    try:
        home = Path.home()
    except RuntimeError:  # no home in the environment, and none in the table of users
        return None
    if sys.platform == "darwin":
        usual = home / "Library" / "Caches"
    elif sys.platform == "win32":
        usual = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        usual = home / ".cache"
    top = Path(os.environ.get("XDG_CACHE_HOME") or usual)
    return top / "theorem-checker" if top.is_absolute() else None


def read(kind: str, name: str) -> str | None:
    """The text that was kept under a name; None where there is none that can be relied on."""
    top = folder()
    if top is None:
        return None
    path = top / kind / name
    try:
        with path.open("rb") as file:
            if not _is_ours(file.fileno()):
                return None
            data = file.read()
    except OSError:
        return None
    checksum, _, body = data.partition(b"\n")
    if checksum != _checksum(name, body):
        return None
    return body.decode()


def write(kind: str, name: str, text: str) -> None:
    """Keep a text under a name, where that is possible."""
    top = folder()
    if top is None:
        return
    body = text.encode()
    with suppress(OSError):
        (top / kind).mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=top / kind, prefix=".")  # readable and writable by this user alone
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_checksum(name, body) + b"\n" + body)
            os.replace(draft, top / kind / name)
        except OSError:
            os.unlink(draft)
        _prune(top / kind)


def _prune(kind: Path) -> None:
    files = list(kind.iterdir())
    if len(files) > MOST:
        for path in sorted(files, key=lambda path: path.stat().st_mtime)[: len(files) - MOST // 2]:
            path.unlink(missing_ok=True)


def _is_ours(handle: int) -> bool:
    """Whether this user, and nobody else, could write an open file; where that cannot be asked, it is taken so."""
    if sys.platform == "win32":
        return True
    found = os.fstat(handle)
    return found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _checksum(name: str, body: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + body).hexdigest().encode()
