"""The claims that a command is about: by key, by the statement they are parts and readings of, by source."""

from __future__ import annotations

import re
from pathlib import Path

from theorems.claim import Claim
from theorems.judge.witness import stored

SOURCES = ("zeng-lee", "textbook", "ours")

# Parts begin with a letter, so that the number of "theorem-11.9" is not one of them.
_PARTS = re.compile(r"(\.[A-Za-z][^./:]*)+$")


def catalogue() -> dict[str, Claim]:
    """All claims by key, in the sources' order."""
    from theorems.catalogue import CLAIMS

    return {claim.key: claim for claim in CLAIMS}


def statement_of(key: str) -> str:
    """The key of the inventory's statement: without parts and reading."""
    return _PARTS.sub("", key.partition(":")[0])


def family(key: str, claims: dict[str, Claim]) -> list[Claim]:
    """The claims that are parts or readings of `key`: of a statement, or of a part of one."""
    return [claim for other, claim in claims.items() if other == key or other.startswith((f"{key}.", f"{key}:"))]


def source_of(claim: Claim) -> str:
    """The source's name in keys and in ``--source``."""
    prefix = claim.key.partition("/")[0]
    return prefix if prefix in SOURCES else "ours"


def verdict_of(claim: Claim) -> str | None:
    """The verdict's word."""
    return claim.verdict.value if claim.verdict is not None else None


def describe(claim: Claim, files: dict[str, Path] | None = None) -> dict[str, object]:
    """A claim as JSON data: what `list --json` prints of it."""
    path = (stored() if files is None else files).get(claim.key)
    return {
        "key": claim.key,
        "source": source_of(claim),
        "label": claim.source.label if claim.source else claim.key,
        "section": claim.source.section if claim.source else "",
        "reading": claim.reading,
        "statement": claim.summary,
        "verdict": verdict_of(claim),
        "hypotheses": list(claim.hypotheses),
        "evidence": claim.reason,
        "witness": path.name if path else None,
        "repaired_by": claim.repaired_by,
    }
