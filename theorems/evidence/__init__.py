"""What was measured of the claims: false variants killed, hypotheses needed, tightness, survival.

Each kind is a module with a record of its own, a JSON file beside it that a command writes (`theorems teeth`,
`theorems hypotheses`, `theorems atlas`, campaigns).  An entry names the digest of the statement that it was measured
on; where the statement has changed since, the entry is stale, and says so.  The records of a text lie beside it, and a
text may bring kinds of its own.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from theorems import catalogue
from theorems.claim import Claim
from theorems.evidence import necessity, proofs, survival, tightness, variants

#: Title and module, in the order in which people read them.
KINDS = (
    ("on what it rests", proofs),
    ("survival", survival),
    ("hypotheses needed", necessity),
    ("tightness", tightness),
    ("false variants", variants),
)


def kinds_of(claim: Claim) -> list[tuple[str, Any]]:
    """The kinds that a claim may have entries of: title and module."""
    text = catalogue.text_of(claim.key)
    own = map(import_module, text.kinds if text is not None else ())
    return [*KINDS, *((kind.TITLE, kind) for kind in own)]


def lines(claim: Claim) -> list[tuple[str, list[str]]]:
    """What is on record of a claim, for people: a title and its lines for each kind that has any."""
    return [(title, text) for title, kind in kinds_of(claim) if (text := kind.lines(claim))]


def headlines(claim: Claim) -> list[tuple[str, str]]:
    """What is on record of a claim in a line a kind: the kind's own `headline`, or the first of its lines."""
    return [
        (title, kind.headline(claim) if hasattr(kind, "headline") else text[0])
        for title, kind in kinds_of(claim)
        if (text := kind.lines(claim))
    ]


def describe(claim: Claim) -> dict[str, Any]:
    """What is on record of a claim, as JSON data: one entry for each kind, such as "survival", or None."""
    return {kind.NAME: kind.describe(claim) for _, kind in kinds_of(claim)}
