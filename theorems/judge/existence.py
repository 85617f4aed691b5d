"""On what the verdict of a claim rests: a construction, an obstruction, a counterexample, a computation."""

from __future__ import annotations

import inspect
import re
from functools import cache
from types import FunctionType

from theorems.claim import Claim, Verdict, functions_of

_ASKS = re.compile(r"(?<![.\w])exists\(")


def asks_for_existence(claim: Claim) -> bool:
    """Whether the statement, or a helper of its subpackage, concludes that something exists (`exists(...)`)."""
    return any(map(_asks, functions_of(claim.statement)))


@cache
def _asks(function: FunctionType) -> bool:
    return _ASKS.search(inspect.getsource(function)) is not None


def ground(claim: Claim) -> str:
    """On what the verdict rests, in a word.

    "construction" and "obstruction" for a claim that something exists: a choice was run and meets it, or a lower bound
    for every choice exceeds it; "hollow" where the choice makes the claim's own right side as large as it likes.
    "instances" for a claim of another kind that survived, "counterexample" where it fell; "computation" for a decided
    one; "open" where neither is known.
    """
    verdict = claim.verdict
    if verdict is Verdict.REFUTED:
        return "obstruction" if asks_for_existence(claim) else "counterexample"
    if verdict is Verdict.CORROBORATED:
        if claim.reason.startswith("hollow"):
            return "hollow"
        return "construction" if asks_for_existence(claim) else "instances"
    if verdict is Verdict.DECIDED:
        return "computation"
    if verdict is Verdict.EMPIRICAL:
        return "measurements"
    return "no formal reading" if verdict is Verdict.INFORMAL else "open"
