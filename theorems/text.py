"""What a text is: claims in the order of its pages, how they are attacked, and where what is stored of them lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from theorems.claim import Claim
from theorems.errors import InputError
from theorems.facts import Facts


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text whose claims are judged.

    key         what the keys of its claims begin with: ``zeng-lee`` for ``zeng-lee/lemma-9``
    title       its title;  short  in a few words;  citation  where to find it
    claims      in the order of the page
    cases       which strategy attacks each claim: a mapping by key, or "package.module:NAME" of one, which is imported
                when something is attacked (Hypothesis loads then)
    folder      where its records lie: ``witnesses/`` (stored counterexamples) and ``evidence/`` (what was measured)
    kinds       modules of kinds of evidence of its own (see `theorems.evidence`)
    lenders     keys of claims whose cases serve others of their type as well, where a hypothesis is dropped
    highlights  keys of the findings that a page of this text opens with
    rank        its place among the texts; texts of one rank go by their keys
    about       what is known of a hypothesis wherever a claim of the text has it (`theorems.facts`)
    origin      the file or module that it was given as; None for an installed one
    """

    key: str
    title: str
    short: str = ""
    citation: str = ""
    claims: tuple[Claim, ...]
    cases: str | Mapping[str, Any]
    folder: Path
    kinds: tuple[str, ...] = ()
    lenders: tuple[str, ...] = ()
    highlights: tuple[str, ...] = ()
    rank: int = 100
    about: Facts = field(default_factory=dict, compare=False)
    origin: str | None = None

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for claim in self.claims:
            if claim.key in seen:
                raise InputError(f"the text {self.key!r} has two claims with the key {claim.key!r}: change one of them")
            seen.add(claim.key)
            if self.origin is None and not claim.key.startswith(f"{self.key}/"):
                raise InputError(f"the text {self.key!r} has a claim {claim.key!r}: begin its key with {self.key}/")

    @cached_property
    def by_key(self) -> dict[str, Claim]:
        """The claims by key, in their order."""
        return {claim.key: claim for claim in self.claims}

    @property
    def witnesses(self) -> Path:
        """The folder of the stored counterexamples."""
        return self.folder / "witnesses"

    @property
    def evidence(self) -> Path:
        """The folder of what was measured."""
        return self.folder / "evidence"
