"""What a claim survived: live instances, strata and the worst margin, in a campaign on record.

`theorems report DIR --record` writes the entries: ``digest``, ``seed``, ``recipes``, ``instances`` and ``exact`` (live
ones, in float64 and exactly), ``vacuous``, ``undecided``, ``artefacts`` (accusations of float64 that were acquitted),
``strata``, ``worst`` (the worst margin, or null) and ``rate`` (with 95% confidence, violations that float64 sees are
rarer among independent draws; or null).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from theorems.claim import Claim
from theorems.evidence import records

NAME = "survival"

#: A larger share of undecided instances needs a reason.
MOST_UNDECIDED = 0.05

_ATTAINED = "the bound is attained, so that float64 cannot tell equality from a violation; exact instances are decided"
_REACHED = "the target is reached; float64 leaves a residual where layers are ill-conditioned, and exact instances none"
#: Why more than `MOST_UNDECIDED` of the instances of a claim may stay undecided, in a campaign or in a few portions.
WHY_UNDECIDED = {
    "zeng-lee/notation.best-approximation": _ATTAINED,
    "zeng-lee/equation-3": _ATTAINED,
    "zeng-lee/equation-8.solves-6": _REACHED,
    "zeng-lee/lemma-9.exactness:without-partial-sums": _REACHED,
    "zeng-lee/lemma-10.exactness": _REACHED,
    "zeng-lee/lemma-10.exactness:without-partial-sums": _REACHED,
    "zeng-lee/appendix-i.error:repaired": _REACHED,
    "zeng-lee/theorem-5:large-first-layers": _REACHED,
    "zeng-lee/theorem-15.exactness": _REACHED,
    "zeng-lee/theorem-15.error-bound:repaired": _REACHED,
    "zeng-lee/theorem-17:one-block": _REACHED,
    "textbook/lemma-11.29.rank:repaired": "sigma_i = lambda is drawn, where float64 cannot count and fractions can",
}


def undecided(found: Mapping[str, Any]) -> float:
    """The share of undecided instances of an entry."""
    share: float = found["undecided"] / max(found["instances"] + found["exact"], 1)
    return share


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
    if undecided(found) > MOST_UNDECIDED and claim.key in WHY_UNDECIDED:
        text.append(f"{undecided(found):.0%} undecided: {WHY_UNDECIDED[claim.key]}")
    if found["rate"] is not None:
        text.append(f"violations that float64 sees are rarer than {found['rate']:.1e} among independent draws, at 95%")
    return text
