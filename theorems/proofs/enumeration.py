"""Claims on integers: every tuple up to a bound, one by one, in exact arithmetic."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from typing import Any

from theorems.arithmetic import Rational
from theorems.case import CountCase
from theorems.claim import Claim, Outcome
from theorems.errors import InputError, Unsupported
from theorems.judge.driver import check
from theorems.proofs.attempt import OPEN, PROVED, UNSUPPORTED, Attempt, Result

#: Tuples that are run through, at most, and the largest bound.
MOST, LARGEST = 20_000, 24
TECHNIQUE = "enumeration"


def bound_for(length: int) -> int:
    """The largest B for which all tuples of that length with entries 0..B are run through."""
    return max(b for b in range(1, LARGEST + 1) if b == 1 or (b + 1) ** length <= MOST)


def enumerated(claim: Claim, cases: Sequence[Any], *, seconds: float, bound: int | None = None) -> Attempt:
    """Check a claim on integers for all tuples with entries 0..B, hypotheses sorting out what it is not about."""
    start = time.monotonic()
    case = cases[0]
    if not isinstance(case, CountCase):
        reason = f"a case of integers of its own kind ({type(case).__name__}): no range to run through"
        return Attempt("", 0, reason=reason, results=[Result("the conclusion", UNSUPPORTED, reason=reason)])
    length = len(case.values)
    reached = 0
    live = False
    problem = ""
    for b in range(1, (bound or bound_for(length)) + 1):
        for values in itertools.product(range(b + 1), repeat=length):
            if max(values, default=0) < b and b > 1:
                continue
            try:
                outcome = check(claim, CountCase(values), Rational()).outcome
            except (InputError, TypeError, ValueError, IndexError, ZeroDivisionError):
                continue  # no case of this claim
            except Unsupported as error:
                problem = f"{values}: {error}"
                break
            live = live or outcome is Outcome.HOLDS
            if outcome in (Outcome.FAILS, Outcome.UNDECIDED, Outcome.UNDEFINED):
                problem = f"{values}: {outcome.value}"
                break
        if problem:
            break
        reached = b
        if time.monotonic() - start > seconds:
            break
    made = Attempt(f"every tuple of {length} integers 0..{reached}", 0, round(time.monotonic() - start, 3))
    if (problem and not reached) or not live:
        made.results = [Result("the conclusion", OPEN, reason=problem or "no tuple meets the hypotheses")]
    else:
        made.results = [Result("the conclusion", PROVED, TECHNIQUE, TECHNIQUE, reason=problem)]
    return made
