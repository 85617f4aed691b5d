"""What a claim survived: live instances, strata and the worst margin, in a campaign on record.

`theorems report DIR --record` writes the entries: ``digest``, ``seed``, ``recipes``, ``instances`` and ``exact`` (live
ones, in float64 and exactly), ``vacuous``, ``undecided``, ``artefacts`` (accusations of float64 that were acquitted),
``strata``, ``worst`` (the worst margin, or null) and ``rate`` (with 95% confidence, violations that float64 sees are
rarer among independent draws; or null).
"""

from __future__ import annotations

from typing import Any

from theorems.claim import Claim
from theorems.evidence import records

NAME = "survival"


def describe(claim: Claim) -> dict[str, Any] | None:
    """The entry of a claim as JSON data, with ``stale``; None where nothing was measured."""
    found = records.entry(NAME, claim)
    return None if found is None else {**found, "stale": records.is_stale(found, claim)}


def lines(claim: Claim) -> list[str]:
    """The entry of a claim for people; no lines where nothing was measured."""
    found = records.entry(NAME, claim)
    if found is None:
        return []
    old = "; hunted in an earlier form of the statement" if records.is_stale(found, claim) else ""
    worst = "" if found["worst"] is None else f"; worst margin {found['worst']:.1e}"
    text = [
        f"no counterexample among {found['instances']:,} live instances in float64 and {found['exact']:,} exact ones",
        f"{found['recipes']:,} recipes in {found['strata']} strata, seed {found['seed']}{worst}{old}",
        f"not counted in favour: {found['vacuous']:,} vacuous, {found['undecided']:,} undecided; "
        f"acquitted: {found['artefacts']:,} float64 artefacts",
    ]
    if found["rate"] is not None:
        text.append(f"violations that float64 sees are rarer than {found['rate']:.1e} among independent draws, at 95%")
    return text
