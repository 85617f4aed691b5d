"""Which hypotheses of a claim are needed (`theorems hypotheses`).

A hypothesis is *needed* when a stored witness meets all the others and violates the conclusion; *needed to state* when
the claim speaks of something that need not exist without it (a quotient by zero, an inverse), and holds wherever it
does; *redundant* when another hypothesis of the claim implies it, and then the two are dropped together; *not needed*
when an argument shows the conclusion without it; *open* otherwise.  Arguments stand with the claims (`Claim.about`) and
their texts, witnesses lie beside the record, and the counts of the attacks are in ``necessity.json``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from theorems import catalogue, facts
from theorems.claim import Claim
from theorems.evidence import records
from theorems.facts import Fact
from theorems.judge.witness import witness_name

NAME = "necessity"
#: The folder of the witnesses, beside the record.
FOLDER = "necessity_witnesses"

NEEDED, STATED, REDUNDANT, NOT_NEEDED, OPEN = "needed", "needed to state", "redundant", "not needed", "open"
FINDINGS = (NEEDED, STATED, REDUNDANT, NOT_NEEDED, OPEN)

_SYMBOLS = {"<=": " at most ", ">=": " at least ", "<": " below ", ">": " above ", "=": " is ", "+": " plus "}


@dataclass(frozen=True)
class Finding:
    """What is held of one hypothesis.

    hypothesis  its name;  word  one of `FINDINGS`;  why  the argument, or what the attack saw
    dropped     the hypotheses that were dropped: it, and those that imply it
    joint       of a redundant one, what is held of all of `dropped` together
    witness     the file of the witness against the claim without `dropped`
    attack      the counts of the attack; empty where there was none
    stale       whether the statement has changed since
    """

    hypothesis: str
    word: str
    why: str = ""
    dropped: tuple[str, ...] = ()
    joint: str | None = None
    witness: str | None = None
    attack: dict[str, Any] = field(default_factory=dict)
    stale: bool = False


def known(claim: Claim, hypothesis: str, *words: str) -> tuple[Fact, ...]:
    """The facts of these kinds about a hypothesis: those of the claim, then those of its text."""
    text = catalogue.text_of(claim.key)
    found = (*facts.of(claim.about, hypothesis), *(facts.of(text.about, hypothesis) if text else ()))
    return tuple(fact for fact in found if fact.word in words)


def implied_by(claim: Claim, hypothesis: str) -> tuple[Fact, ...]:
    """The facts that hypotheses of the claim imply this one."""
    return tuple(fact for fact in known(claim, hypothesis, facts.IMPLIED) if fact.by in claim.hypotheses)


def dropped_with(claim: Claim, hypothesis: str) -> tuple[str, ...]:
    """The hypothesis and those of the claim that imply it, in the claim's order."""
    group = {hypothesis}
    while True:
        more = {fact.by for h in group for fact in implied_by(claim, h)} - group
        if not more:
            return tuple(name for name in claim.hypotheses if name in group)
        group |= more


def without(claim: Claim, names: Iterable[str]) -> Claim:
    """The claim without the hypotheses of these names; nobody has judged it."""
    dropped = tuple(names)
    words = " and ".join(f"'{name}'" for name in dropped)
    return Claim(
        key=f"{claim.key} without {words}", statement=claim.statement, source=claim.source,
        skip=(*claim.skip, *dropped),
    )  # fmt: skip


def witness_file(claim: Claim, names: Iterable[str]) -> str:
    """The name of the file of the witness against the claim without the hypotheses of these names."""
    words = " and ".join(names)
    for symbol, word in _SYMBOLS.items():
        words = words.replace(symbol, word)
    slug = re.sub("[^A-Za-z0-9]+", "-", words).strip("-")
    return f"{witness_name(claim.key).removesuffix('.json')}.without.{slug[:100]}.json"


def path_of(claim: Claim, names: Iterable[str]) -> Path | None:
    """Where the witness against the claim without these hypotheses lies, if any; None for a claim of no text."""
    text = catalogue.text_of(claim.key)
    return None if text is None else records.folder_of(text) / FOLDER / witness_file(claim, names)


def witnesses() -> list[Path]:
    """The stored witnesses that a hypothesis is needed, of all texts that are there."""
    folders = [records.folder_of(text) / FOLDER for text in catalogue.texts()]
    return [path for folder in folders for path in sorted(folder.glob("*.json"))]


def standing(claims: Iterable[Claim]) -> list[Claim]:
    """The claims whose hypotheses are asked about."""
    return [claim for claim in claims if claim.verdict is not None and claim.verdict.stands]


def derived(claims: Iterable[Claim]) -> dict[str, Claim]:
    """For each name of a witness file, the claim that the witness refutes."""
    return {
        witness_file(claim, dropped): without(claim, dropped)
        for claim in standing(claims)
        for dropped in (dropped_with(claim, name) for name in claim.hypotheses)
    }


def argument(claim: Claim, dropped: Iterable[str]) -> Fact | None:
    """Why the conclusion follows without the hypotheses `dropped`, all at once; None where no argument is known."""
    names = tuple(dropped)
    found = [known(claim, name, facts.NOT_NEEDED) for name in names]
    return found[0][0] if all(found) else None


def shown_by(claim: Claim, dropped: Iterable[str]) -> str | None:
    """The key of the claim that shows the conclusion without the hypotheses `dropped`."""
    found = argument(claim, dropped)
    return found.claim or None if found is not None else None


def finding(claim: Claim, hypothesis: str) -> Finding:
    """What is held of one hypothesis of a claim."""
    entry = records.entry(NAME, claim) or {}
    attack = entry.get("hypotheses", {}).get(hypothesis, {})
    dropped = dropped_with(claim, hypothesis)
    file = witness_file(claim, dropped)
    place = path_of(claim, dropped)
    held = file if place is not None and place.exists() else None
    reason = argument(claim, dropped)
    shown, stated = known(claim, hypothesis, facts.NEEDED), known(claim, hypothesis, facts.DEFINITION, facts.STATED)
    word, why = OPEN, "".join(fact.why for fact in known(claim, hypothesis, facts.OPEN)[:1])
    if held is not None:
        word, why = NEEDED, ""
    elif reason is not None:
        word, why = NOT_NEEDED, reason.why + (f" ({reason.claim})" if reason.claim else "")
    elif shown:
        word, why = NEEDED, f"{shown[0].why} ({shown[0].claim})"
    elif stated:
        word, why = STATED, stated[0].why
    joint = None
    reasons = implied_by(claim, hypothesis)
    if reasons:
        word, joint = REDUNDANT, word
        why = "; ".join(f"implied by {fact.by!r}: {fact.why}" for fact in reasons) + (f"; {why}" if why else "")
    stale = bool(entry) and (records.is_stale(entry, claim) or list(dropped) != attack.get("dropped"))
    return Finding(hypothesis, word, why, dropped, joint, held, attack, stale)


def is_partial(entry: dict[str, Any], claim: Claim) -> bool:
    """Whether an entry lacks a hypothesis of the claim, or was measured with others dropped."""
    measured = {name: counts.get("dropped") for name, counts in entry.get("hypotheses", {}).items()}
    return measured != {name: list(dropped_with(claim, name)) for name in claim.hypotheses}


def findings(claim: Claim) -> list[Finding]:
    """What is held of each hypothesis of a claim, in the claim's order."""
    return [finding(claim, name) for name in claim.hypotheses]


def as_data(found: Finding) -> dict[str, Any]:
    """A finding as JSON data."""
    return {
        "hypothesis": found.hypothesis, "finding": found.word, "why": found.why, "dropped": list(found.dropped),
        "joint": found.joint, "witness": found.witness, "attack": found.attack, "stale": found.stale,
    }  # fmt: skip


def describe(claim: Claim) -> dict[str, Any] | None:
    """The entry of a claim as JSON data; None where nothing was measured."""
    entry = records.entry(NAME, claim)
    if entry is None:
        return None
    return {"digest": entry["digest"], "hypotheses": [as_data(found) for found in findings(claim)]}


def lines(claim: Claim) -> list[str]:
    """The entry of a claim for people; no lines where nothing was measured."""
    if records.entry(NAME, claim) is None:
        return []
    return [f"{found.hypothesis}: {summary(found)}" for found in findings(claim)]


def headline(claim: Claim) -> str:
    """How many hypotheses there are of each finding."""
    counts = Counter(found.word for found in findings(claim))
    return ", ".join(f"{counts[word]} {word}" for word in FINDINGS if counts[word])


def summary(found: Finding) -> str:
    """A finding in a line."""
    word = found.word if found.joint is None else f"{found.word} ({found.joint})"
    reason = found.why
    if found.witness:
        reason = f"{reason + '; ' if reason else ''}{found.witness}"
    elif found.attack:
        reason = f"{reason + '; ' if reason else ''}{attacked(found.attack)}"
    return f"{word}{' (stale)' if found.stale else ''}: {reason}" if reason else word


def attacked(attack: dict[str, Any]) -> str:
    """The counts of an attack, for people."""
    floats, exact = attack.get("violating", 0), attack.get("exact", 0)
    kinds = (("held", "hold"), ("undefined", "cannot be formed"), ("undecided", "undecided"), ("unmet", "unmet"))
    detail = ", ".join(f"{attack[name]:,} {word}" for name, word in kinds if attack.get(name))
    return f"{floats:,} float and {exact:,} exact instances violate it" + (f": {detail}" if detail else "")
