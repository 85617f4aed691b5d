"""What was proved of the claims, conclusion by conclusion, and at which sizes (`theorems prove`).

An entry has ``digest``, ``seconds`` and ``conclusions``: for each its ``conclusion``, ``proofs`` (``sizes``, ``side``,
``technique``, ``certificate`` or null, ``error_bits``) and ``open`` (why it is open at a further size; empty where it
never was).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from theorems.claim import Claim, Verdict
from theorems.evidence import records

NAME = "proofs"
#: Techniques for people, from the strongest.
WORDS = {
    "words": "for every size, as words in a free algebra",
    "identity": "as an identity, by expansion",
    "enumeration": "for every tuple in a range, one by one",
    "identity at a point": "as an identity to 2^-150",
    "signs": "by cases and signs, exactly",
    "combination": "by combinations of what is known",
    "squares": "by sums of squares",
    "boxes": "on a box, by bisection",
    "solver": "by the solver z3",
}
ORDER = tuple(WORDS)
SAMPLED = "sampled"
#: What has certificates, and a claim with a conclusion of which none is stored (too long to keep).
CERTIFIED, UNSTORED = ("identity", "signs", "combination", "squares"), "unstored"
#: The same for a count of claims.
SHORT = {
    "words": "proved for every size",
    **dict.fromkeys(CERTIFIED, "proved at named sizes with a certificate"),
    UNSTORED: "proved at named sizes, the steps not stored",
    "enumeration": "proved for every tuple in a range",
    "boxes": "proved on a box",
    "identity at a point": "identities to 2^-150",
    "solver": "proved at named sizes by z3",
    SAMPLED: SAMPLED,
}


def describe(claim: Claim) -> dict[str, Any] | None:
    """The entry of a claim as JSON data, with ``stale``; None where nothing was tried."""
    found = records.entry(NAME, claim)
    return None if found is None else {**found, "stale": records.is_stale(found, claim)}


def strength(claim: Claim) -> list[dict[str, Any]]:
    """For each conclusion and technique the sizes at which it is proved; stale proofs are none."""
    found = records.entry(NAME, claim)
    if found is None or records.is_stale(found, claim):
        return []
    rows = []
    for conclusion in found["conclusions"]:
        by_technique: dict[tuple[str, str | None], list[str]] = {}
        for proof in conclusion["proofs"]:
            by_technique.setdefault((proof["technique"], proof["certificate"]), []).append(proof["sizes"])
        for (technique, certificate), sizes in by_technique.items():
            rows.append(
                {
                    "conclusion": conclusion["conclusion"],
                    "technique": technique,
                    "sizes": sizes,
                    "certificate": certificate,
                }
            )
    return rows


def standing(claim: Claim) -> str:
    """The weakest of the techniques by which all conclusions are proved at some size; "sampled" where one is not."""
    found = records.entry(NAME, claim)
    if found is None or records.is_stale(found, claim) or not found["conclusions"]:
        return SAMPLED
    weakest = -1  # a solver's word for one conclusion is the solver's word for the claim
    for conclusion in found["conclusions"]:
        ranks = [ORDER.index(proof["technique"]) for proof in conclusion["proofs"]]
        if not ranks:
            return SAMPLED
        weakest = max(weakest, min(ranks))
    return ORDER[weakest]


def short(claim: Claim) -> str:
    """On what a claim rests, as a count of claims has it: a certificate is one that can be replayed."""
    word = standing(claim)
    if word in CERTIFIED:
        conclusions = (records.entry(NAME, claim) or {"conclusions": []})["conclusions"]
        files = ({proof["certificate"] for proof in conclusion["proofs"]} for conclusion in conclusions)
        stored = all(any(name is not None and name.endswith(".json") for name in names) for names in files)
        word = word if stored else UNSTORED
    return SHORT[word]


def largest_side(claim: Claim) -> int:
    """The longest axis of a matrix at which every conclusion is proved; 0 for integers."""
    found = records.entry(NAME, claim) or {"conclusions": []}
    return min((max(p["side"] for p in c["proofs"]) for c in found["conclusions"] if c["proofs"]), default=0)


def reach(claim: Claim) -> str:
    """The largest sizes at which every conclusion is proved, in a few words."""
    found = records.entry(NAME, claim) or {"conclusions": []}
    if all(p["technique"] == "enumeration" for c in found["conclusions"] for p in c["proofs"]):
        return next((p["sizes"] for c in found["conclusions"] for p in c["proofs"]), "")
    return f"{side} x {side}" if (side := largest_side(claim)) else "integers"


def why_sampled(claim: Claim) -> str:
    """Why a claim is sampled only."""
    found = records.entry(NAME, claim)
    if found is None:
        return "sampled only: nothing was tried"
    if records.is_stale(found, claim):
        return "sampled only: the proofs are of an earlier form"
    reasons = [conclusion["open"] for conclusion in found["conclusions"] if not conclusion["proofs"]]
    return "sampled only: " + (reasons[0].partition(" (")[0] if reasons else "nothing was concluded")


def counts(claims: Iterable[Claim]) -> Counter[str]:
    """How many of the claims that stand rest on what."""
    stands = (claim for claim in claims if claim.verdict in (Verdict.CORROBORATED, Verdict.DECIDED))
    return Counter(standing(claim) for claim in stands)


def head(claims: Iterable[Claim]) -> str:
    """One line: how many stand, and on what."""
    found = counts(claims)
    parts = [f"{found[name]} proved {words}" for name, words in WORDS.items() if found[name]]
    return f"{found.total()} stand: " + ", ".join([*parts, f"{found[SAMPLED]} sampled only"])


def headline(claim: Claim) -> str:
    """On what a claim rests, in a line; of one that is sampled, why nothing stronger is known."""
    word = standing(claim)
    if word == SAMPLED:
        return why_sampled(claim)
    return f"{short(claim)}, up to {reach(claim)}" if word != "words" else SHORT[word]


def lines(claim: Claim) -> list[str]:
    """The entry of a claim for people; no lines where nothing was tried."""
    found = records.entry(NAME, claim)
    if found is None:
        return []
    if records.is_stale(found, claim):
        return ["proved of an earlier form of the statement: theorems prove " + claim.key]
    text = []
    for conclusion in found["conclusions"]:
        proofs = conclusion["proofs"]
        if not proofs:
            text.append(f"sampled only: {conclusion['conclusion']} ({conclusion['open']})")
            continue
        text.append(f"proved: {conclusion['conclusion']}")
        for technique in dict.fromkeys(proof["technique"] for proof in proofs):
            own = [proof for proof in proofs if proof["technique"] == technique]
            text.append(f"  {WORDS.get(technique, technique)}, at {len(own)} size{'' if len(own) == 1 else 's'}:")
            text += [f"    {proof['sizes']}" for proof in own[:4]]
            if len(own) > 4:
                text.append(f"    and {len(own) - 4} more")
    text.append(f"replay: theorems verify --proofs {claim.key}")
    return text
