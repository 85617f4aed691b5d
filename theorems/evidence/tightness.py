"""How near a claim's inequalities come to equality (`theorems atlas`)."""

from __future__ import annotations

from typing import Any

from theorems.claim import Claim
from theorems.evidence import records

NAME = "tightness"


def describe(claim: Claim) -> dict[str, Any] | None:
    """The entry of a claim as JSON data; None where nothing was measured."""
    return records.entry(NAME, claim)


def lines(claim: Claim) -> list[str]:
    """The entry of a claim for people; no lines where nothing was measured."""
    return []
