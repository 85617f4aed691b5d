"""A claim of this text in one line: its key, its place, and what is held of it."""

from __future__ import annotations

from theorems import Claim, Kind, Source, Verdict
from theorems.statement import Statement


def stands(key: str, statement: Statement, why: str) -> Claim:
    """A claim that is so."""
    return Claim(
        key=f"folklore/{key}", statement=statement, source=_source(key), verdict=Verdict.CORROBORATED, reason=why
    )


def falls(key: str, statement: Statement, why: str, *, instead: str | None = None) -> Claim:
    """A claim that is not so; `instead` is the key of what is."""
    return Claim(
        key=f"folklore/{key}", statement=statement, source=_source(key), verdict=Verdict.REFUTED, kind=Kind.FALSE,
        reason=why, repaired_by=f"folklore/{instead}" if instead else None,
    )  # fmt: skip


def _source(key: str) -> Source:
    topic = key.partition(".")[0].partition(":")[0]
    return Source("folklore", topic, "what people remember")
