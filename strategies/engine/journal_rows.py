"""The tables of a journal, and its rows: typed, sealed with a checksum each, and examined whenever they are read.

A journal may come from anybody and from any disk.  SQLite's own check sees that its pages hang together, not that what
is in them is what was written; so every row ends with a checksum of the others, and a row that does not fit its table,
or that no claim owns, is an `InputError`.
"""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from theorems.errors import InputError

#: A count is at most this: no campaign gets there, and sums of such counts are no trouble.
MOST = 10**15


@dataclass(frozen=True)
class Table:
    """A table: its columns with their SQL types ("TEXT?" may be NULL), the first `keys` of them its primary key."""

    name: str
    keys: int
    columns: dict[str, str]

    @property
    def definition(self) -> str:
        """The SQL that makes it, which is also what a sound file holds of it."""
        kinds = (kind.rstrip("?") if "?" in kind else f"{kind} NOT NULL" for kind in self._kinds)
        lines = [f"{name} {kind}" for name, kind in zip(self.columns, kinds, strict=True)]
        keys = ", ".join(list(self.columns)[: self.keys])
        return f"CREATE TABLE {self.name} ({', '.join(lines)}, seal TEXT NOT NULL, PRIMARY KEY ({keys})) STRICT"

    def put(self, write: sqlite3.Connection, *values: Any) -> None:
        """Write a row, in the place of the one with its key."""
        row = [
            v + 0.0 if "REAL" in kind and v is not None else v  # SQLite keeps no -0.0
            for v, kind in zip(values, self._kinds, strict=True)
        ]
        marks = ", ".join("?" * (len(row) + 1))
        write.execute(f"INSERT OR REPLACE INTO {self.name} VALUES ({marks})", (*row, self._seal(row)))

    def rows(self, read: sqlite3.Connection, *keys: Any) -> Iterator[tuple[Any, ...]]:
        """The rows, or those whose key begins like that, in the order of their keys.  Raises `InputError`."""
        names = list(self.columns)
        where = f" WHERE {' AND '.join(f'{name} = ?' for name in names[: len(keys)])}" if keys else ""
        order = ", ".join(names[: self.keys])
        query = f"SELECT {', '.join(names)}, seal FROM {self.name}{where} ORDER BY {order}"
        for *row, seal in read.execute(query, keys):
            self._require(row, seal)
            yield tuple(row)

    def row(self, read: sqlite3.Connection, *key: Any) -> tuple[Any, ...] | None:
        """The row with that key, if there is one."""
        return next(self.rows(read, *key), None)

    @property
    def _kinds(self) -> Sequence[str]:
        return list(self.columns.values())

    def _seal(self, row: Sequence[Any]) -> str:
        return hashlib.sha256(json.dumps([self.name, *row]).encode(errors="surrogatepass")).hexdigest()[:32]

    def _require(self, row: Sequence[Any], seal: Any) -> None:
        for value, (name, kind) in zip(row, self.columns.items(), strict=True):
            if value is None and "?" in kind:
                continue
            if type(value) is not _TYPES[kind.rstrip("?")]:
                raise InputError(f"{name} of a row of {self.name} is of type {type(value).__name__}: {DAMAGED}")
            if isinstance(value, int) and not 0 <= value <= MOST:
                raise InputError(f"{name} of a row of {self.name} is out of range: {DAMAGED}")
            if isinstance(value, float) and not math.isfinite(value):
                raise InputError(f"{name} of a row of {self.name} is no number: {DAMAGED}")
        if seal != self._seal(row):
            raise InputError(f"the checksum of a row of {self.name} is not that of its other columns: {DAMAGED}")


_TYPES = {"TEXT": str, "INTEGER": int, "REAL": float}
DAMAGED = "the file is damaged or was edited: restore a copy, or start another campaign"

SETTINGS = Table("settings", 1, {"name": "TEXT", "value": "TEXT"})
#: target: KEY, or FILE.py::KEY; file: for people, it is not opened; digest: counts of two statements are never added;
#: next: all portions below this one are done.
CLAIMS = Table("claims", 1, {
    "target": "TEXT", "position": "INTEGER", "key": "TEXT", "file": "TEXT?", "digest": "TEXT", "verdict": "TEXT?",
    "next": "INTEGER", "recipes": "INTEGER", "seconds": "REAL", "memory": "INTEGER", "problem": "TEXT",
})  # fmt: skip
#: Portions that are done, at or beyond `next`.
PORTIONS = Table("portions", 2, {"target": "TEXT", "number": "INTEGER"})
STRATA = Table("strata", 2, {
    "target": "TEXT", "stratum": "TEXT", "instances": "INTEGER", "exact": "INTEGER", "vacuous": "INTEGER",
    "undecided": "INTEGER", "artefacts": "INTEGER", "accused": "INTEGER", "construction_misses": "INTEGER",
    "exact_undecided": "INTEGER", "unmet": "TEXT", "worst": "REAL?",
})  # fmt: skip
#: Of each kind of doubt the first in the order of the portions; text: what people are shown, as JSON.
DOUBTS = Table("doubts", 2, {"target": "TEXT", "kind": "TEXT", "number": "INTEGER", "text": "TEXT"})
#: The finding of the first portion in order that has one.  witness: a witness file, as it was found; normal: the same
#: in normal form, once it has been shrunk; shown, violation, margin: of the one of them that counts, for people.
FINDINGS = Table("findings", 1, {
    "target": "TEXT", "number": "INTEGER", "witness": "TEXT", "normal": "TEXT?", "shown": "TEXT", "violation": "TEXT",
    "margin": "REAL?",
})  # fmt: skip
TABLES = (SETTINGS, CLAIMS, PORTIONS, STRATA, DOUBTS, FINDINGS)
