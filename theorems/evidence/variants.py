"""False variants of a claim: how many the hunt killed (`theorems teeth`).

An entry has ``digest``, ``seeds``, ``seconds`` (how long each was hunted at most) and ``variants``: for each one
``name``, ``operator``, ``killed`` (by how many of the seeds), ``instances`` (the median until the kill, or null) and,
where one is stored, ``kill``: an exact case that convicts it, which `theorems verify --evidence` replays.

Three kinds are kept apart, for they show different things: a slip of the statement that took a search shows that the
search finds what is rare; one that fell at once, that the conclusion can fall at all; a slip of the construction
only that our own construction is looked at, and nothing of the claim.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from theorems.claim import Claim
from theorems.evidence import records

NAME = "variants"
SEARCHED, AT_ONCE, CONSTRUCTION = "took a search", "fell at once", "of the construction"
KINDS = (SEARCHED, AT_ONCE, CONSTRUCTION)
#: A slip of the statement that falls within as many live instances takes no search.
FEW = 2
#: How the name of a slip of the construction ends (`Variant.name`).
_CONSTRUCTED = f", {CONSTRUCTION}"


def kind_of(name: str, instances: int | None) -> str:
    """The kind of a killed variant, by its name and the median of its live instances."""
    if name.endswith(_CONSTRUCTED):
        return CONSTRUCTION
    return AT_ONCE if instances is not None and instances <= FEW else SEARCHED


def in_words(kinds: Iterable[str]) -> str:
    """How many there are of each kind."""
    counts = Counter(kinds)
    return f"{counts[SEARCHED]:,} {SEARCHED}, {counts[AT_ONCE]:,} {AT_ONCE}, {counts[CONSTRUCTION]:,} {CONSTRUCTION}"


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
    kinds = in_words(kind_of(variant["name"], variant["instances"]) for variant in dead)
    text = [f"killed {len(dead)} of {len(variants)} with {each}: {kinds}{old}"]
    for variant in variants:
        if variant["killed"] == seeds:
            count = variant["instances"]
            text.append(f"{variant['name']}: {count:,} instance{'' if count == 1 else 's'}")
        else:
            text.append(f"{variant['name']}: missed with {seeds - variant['killed']} of {seeds}")
    return text
