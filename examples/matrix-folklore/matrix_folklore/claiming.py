"""A claim of this text in one line: its key, its place, and what is held of it."""

from __future__ import annotations

from theorems import Claim, Source
from theorems.statement import Statement


def stands(key: str, statement: Statement, why: str) -> Claim:
    """A claim that is so."""
    return _source(key).stands(f"folklore/{key}", statement, why)


def falls(key: str, statement: Statement, why: str, *, instead: str | None = None) -> Claim:
    """A claim that is not so; `instead` is the key of what is."""
    better = f"folklore/{instead}" if instead else None
    return _source(key).false(f"folklore/{key}", statement, why, repaired_by=better)


def _source(key: str) -> Source:
    topic = key.partition(".")[0].partition(":")[0]
    return Source("folklore", topic, "what people remember")
