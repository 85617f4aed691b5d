"""What is known of a hypothesis where no search can tell; it stands with the claim (`Claim.about`) or its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

IMPLIED, NOT_NEEDED, DEFINITION, STATED, NEEDED, OPEN = (
    "implied", "not needed", "definition", "needed to state", "needed", "open",
)  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """One fact about one hypothesis; made by the functions below.

    word  which of them;  why  the argument
    by    of what is implied, the hypothesis that implies it
    claim the key of the claim that shows it, where there is one
    """

    word: str
    why: str
    by: str = ""
    claim: str = ""


#: Facts by the names of hypotheses.
Facts: TypeAlias = Mapping[str, Fact | tuple[Fact, ...]]


def implied(by: str, why: str) -> Fact:
    """The hypothesis `by` implies it, wherever a claim has both."""
    return Fact(IMPLIED, why, by=by)


def not_needed(why: str, claim: str = "") -> Fact:
    """The conclusion follows without it; `claim` states it so."""
    return Fact(NOT_NEEDED, why, claim=claim)


def definition(why: str) -> Fact:
    """It belongs to a definition, or to a construction that cannot always be formed: without it nothing is said."""
    return Fact(DEFINITION, why)


def to_state(why: str) -> Fact:
    """Without it something that the claim speaks of need not exist; wherever it does, the claim holds."""
    return Fact(STATED, why)


def needed(claim: str, why: str) -> Fact:
    """The witness of another claim shows that it is needed."""
    return Fact(NEEDED, why, claim=claim)


def unsettled(why: str) -> Fact:
    """What is known of one that is neither shown to be needed nor not to be."""
    return Fact(OPEN, why)


def of(facts: Facts, hypothesis: str) -> tuple[Fact, ...]:
    """The facts about a hypothesis."""
    found = facts.get(hypothesis, ())
    return (found,) if isinstance(found, Fact) else found
