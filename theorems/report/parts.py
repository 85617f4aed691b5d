"""A text as its page has it: statements, their parts, and under each part its readings."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from theorems.claim import Claim, Verdict
from theorems.evidence import proofs
from theorems.report.selection import source_of, statement_of
from theorems.report.totals import PRINTED_LETTER, UNJUDGED, is_printed, word_of

#: How strongly a claim stands: for all sizes, at named ones (also where it is decided by a finite computation), or by
#: instances alone.
EVERY, NAMED, SAMPLED = "every", "named", "sampled"
#: A sign and a word for every standing, so that none is told by its colour alone; in the order of a legend.
SIGNS = {
    EVERY: ("∎", "proved for every size"), NAMED: ("✓", "shown at named sizes"), SAMPLED: ("○", "stands, sampled"),
    "false": ("✗", "false"), "gap": ("∅", "gap"), "misprint": ("✎", "misprint"), "refuted": ("✗", "refuted"),
    "empirical": ("≈", "empirical"), "informal": ("¶", "informal"), "undecided": ("?", "undecided"),
    UNJUDGED: ("·", UNJUDGED),
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """A part of a statement: its name in words, what the page says of it, and the other readings."""

    key: str
    name: str
    printed: tuple[Claim, ...]
    readings: tuple[Claim, ...]

    @property
    def claims(self) -> tuple[Claim, ...]:
        """All of them: as meant, to the letter, then the readings."""
        return self.printed + self.readings


@dataclass(frozen=True)
class Entry:
    """A statement of a text, with its parts in the order of the page."""

    key: str
    source: str
    label: str
    section: str
    parts: tuple[Part, ...]


def standing(claim: Claim) -> str:
    """The verdict as a key of `SIGNS`: of a claim that stands, how strongly; of a refutation, its kind."""
    if claim.verdict is Verdict.DECIDED:
        return NAMED
    if claim.verdict is not Verdict.CORROBORATED:
        return word_of(claim)
    technique = proofs.standing(claim)
    return {"words": EVERY, proofs.SAMPLED: SAMPLED}.get(technique, NAMED)


def entries(claims: Iterable[Claim]) -> list[Entry]:
    """The statements that the claims are parts and readings of, source by source, each in its order."""
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(statement_of(claim.key), []).append(claim)
    order = dict.fromkeys(source_of(members[0]) for members in groups.values())
    found = [_entry(key, members) for key, members in groups.items()]
    return [entry for source in order for entry in found if entry.source == source]


def _entry(key: str, members: Sequence[Claim]) -> Entry:
    label, section = _label(key, members)
    parts: dict[str, list[Claim]] = {}
    for claim in members:
        parts.setdefault(claim.key.partition(":")[0], []).append(claim)
    return Entry(key, source_of(members[0]), label, section, tuple(_part(key, *item) for item in parts.items()))


def _part(statement: str, key: str, members: Sequence[Claim]) -> Part:
    printed = sorted((claim for claim in members if is_printed(claim.key)), key=lambda claim: claim.key != key)
    name = key[len(statement) :].strip(".").replace(".", ", ").replace("-", " ")
    return Part(key, name, tuple(printed), tuple(claim for claim in members if not is_printed(claim.key)))


def reading_words(claim: Claim) -> str:
    """The name of a reading in words."""
    return "to the letter" if claim.reading == PRINTED_LETTER else claim.reading.replace("-", " ")


def difference(claim: Claim) -> str:
    """What a reading drops or adds, in words, where it says so; else what it says."""
    if claim.skip:
        return f"without: {'; '.join(claim.skip)}"
    return claim.printed or claim.summary


def _common(labels: Collection[str]) -> str:
    """The beginning that all labels share."""
    first, last = min(labels), max(labels)
    return "".join(a for a, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))


def _label(key: str, members: Sequence[Claim]) -> tuple[str, str]:
    """The label and the section of a statement: what those of its claims have in common."""
    labels = {claim.source.label if claim.source else "" for claim in members}
    sections = [claim.source.section for claim in members if claim.source]
    label = labels.pop() if len(labels) == 1 else _common(labels).rpartition(",")[0]
    label = label or key.partition("/")[2].replace("-", " ") or key
    return label[:1].upper() + label[1:], sections[0] if sections else ""
