"""One false variant of a claim."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from theorems.claim import Claim
from theorems.errors import InputError
from theorems.strategies.variants.rewriting import rewritten
from theorems.strategies.variants.steps import CHANGES, changed, constructed, guarded

MISSING = "missing hypothesis"


@dataclass(frozen=True)
class Variant:
    """A claim with one slip.

    operator    the slip in an author's words: "index off by one", "wrong norm", ...
    step        the conclusion or hypothesis that is changed, for the slips of `steps` and a missing hypothesis
    function    where an expression is replaced: ``module.function``; empty for the other slips
    before, after, occurrence  the expression, what it is replaced with, and which one where several look alike
    constructed  an existence is read as a claim on its construction
    open  why the hunt is known to miss it; empty for all but a few, the work list
    """

    operator: str
    step: str = ""
    function: str = ""
    before: str = ""
    after: str = ""
    occurrence: int = 0
    constructed: bool = False
    open: str = ""

    @property
    def name(self) -> str:
        """The variant in one line."""
        if self.function:
            more = f" (no. {self.occurrence + 1})" if self.occurrence else ""
            text = f"{self.operator}: {self.before} -> {self.after}{more} in {self.function}"
        else:
            text = f"{self.operator}: {self.step}"
        return f"{text}, of the construction" if self.constructed else text

    def as_json(self) -> dict[str, Any]:
        """The fields that are set."""
        return {f.name: value for f in dataclasses.fields(self) if (value := getattr(self, f.name)) != f.default}


def varied(claim: Claim, variant: Variant) -> Claim:
    """The claim with that slip, under the same key: it is attacked with what the claim itself is attacked with.

    Raises `InputError` where the claim's code has changed so that the slip has no place in it.
    """
    statement, skip = claim.statement, claim.skip
    if variant.function:
        statement = rewritten(statement, variant.function, variant.before, variant.after, variant.occurrence)
    elif variant.operator == MISSING:
        _require(variant.step, claim)
        skip = (*skip, variant.step)
    elif variant.operator in CHANGES:
        statement = changed(statement, variant.operator, variant.step)
    else:
        raise InputError(f"{claim.key}: there is no slip {variant.operator!r}")
    if variant.constructed:
        statement = constructed(statement)
    return Claim(key=claim.key, statement=guarded(statement), skip=skip)


def _require(hypothesis: str, claim: Claim) -> None:
    if hypothesis not in claim.hypotheses:
        raise InputError(f"{claim.key} has no hypothesis {hypothesis!r}: choose the variant anew")
