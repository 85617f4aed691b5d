"""What a catalogue comes to: how many statements, what stands and on what it rests, what falls and in which way."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping

from theorems.catalogue import text_of
from theorems.claim import Claim, Kind, Verdict
from theorems.evidence import proofs
from theorems.report.printing import WIDTH
from theorems.report.selection import statement_of

#: The reading that is the letter of a misprint, and so is on the page as well.
PRINTED_LETTER = "printed-letter"
UNJUDGED = "not judged"
_PLURAL = {"gap": "gaps", "misprint": "misprints"}


def word_of(claim: Claim) -> str:
    """The verdict in one word: that of a refutation is its kind, where it has one."""
    if claim.kind is not None:
        return claim.kind.value
    return claim.verdict.value if claim.verdict is not None else UNJUDGED


def is_printed(key: str) -> bool:
    """Whether a key is a sentence of the page, as the page means it or to the letter; readings of ours are not."""
    _, colon, reading = key.partition(":")
    return not colon or reading == PRINTED_LETTER


def totals(words: Mapping[str, str]) -> tuple[str, ...]:
    """The first lines of a ledger, from the verdict of every claim in one word (`word_of`) by its key."""
    printed = [key for key in words if is_printed(key)]
    counts, on_page = Counter(words.values()), Counter(words[key] for key in printed)
    stands = {verdict.value: counts[verdict.value] for verdict in Verdict if verdict.stands}
    rests = _rests(key for key, word in words.items() if word == Verdict.CORROBORATED.value)
    rests["decided"] = stands[Verdict.DECIDED.value]
    fallen = [*(kind.value for kind in Kind), Verdict.REFUTED.value]
    others = [word for word in counts if word not in (*stands, *fallen)]
    statements = len({statement_of(key) for key in words})
    lines = [
        f"{number(statements, 'statement')}: {number(len(words), 'claim')}, {len(printed)} of the page and "
        f"{number(len(words) - len(printed), 'reading')} of it",
        f"{sum(stands.values())} stand: {_listed(rests)}",
        f"{sum(counts[word] for word in fallen)} fall: {_listed({word: counts[word] for word in fallen})}; "
        f"of the page {_listed({word: on_page[word] for word in fallen})}",
    ]
    if others:
        lines.append(f"the others: {_listed({word: counts[word] for word in others})}")
    return tuple(part for line in lines for part in textwrap.wrap(line, WIDTH, subsequent_indent="  "))


def _rests(keys: Iterable[str]) -> dict[str, int]:
    """On what claims that stand rest, from the strongest: proofs on record, or instances."""
    counts: Counter[str] = Counter()
    for key in keys:
        text = text_of(key)
        claim = text.by_key.get(key) if text is not None else None
        counts[proofs.short(claim) if claim is not None else proofs.SHORT[proofs.SAMPLED]] += 1
    return {word: counts[word] for word in dict.fromkeys(proofs.SHORT.values())}


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {_PLURAL.get(word, word) if n != 1 else word}" for word, n in counts.items() if n) or "none"


def number(count: int, noun: str) -> str:
    """A count of things, "1 claim" or "2 claims"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
