"""False variants of a claim: how many the hunt killed (`theorems teeth`).

An entry has ``digest``, ``seeds``, ``seconds`` (how long each was hunted at most) and ``variants``: for each one
``name``, ``operator``, ``killed`` (by how many of the seeds), ``instances`` (the median until the kill, or null) and,
where one is stored, ``kill``: an exact case that convicts it, which `theorems verify --evidence` replays.
"""

from __future__ import annotations

from typing import Any

from theorems.claim import Claim
from theorems.evidence import records

NAME = "variants"


def describe(claim: Claim) -> dict[str, Any] | None:
    """The entry of a claim as JSON data, with ``stale``; None where nothing was measured."""
    found = records.entry(NAME, claim)
    return None if found is None else {**found, "stale": records.is_stale(found, claim)}


def lines(claim: Claim) -> list[str]:
    """The entry of a claim for people; no lines where nothing was measured."""
    found = records.entry(NAME, claim)
    if found is None:
        return []
    variants, seeds = found["variants"], len(found["seeds"])
    dead = [variant for variant in variants if variant["killed"] == seeds]
    each = "the seed" if seeds == 1 else f"every one of {seeds} seeds"
    old = "; measured on an earlier form of the statement" if records.is_stale(found, claim) else ""
    text = [f"killed {len(dead)} of {len(variants)} with {each}{old}"]
    for variant in variants:
        if variant["killed"] == seeds:
            count = variant["instances"]
            text.append(f"{variant['name']}: {count:,} instance{'' if count == 1 else 's'}")
        else:
            text.append(f"{variant['name']}: missed with {seeds - variant['killed']} of {seeds}")
    return text
