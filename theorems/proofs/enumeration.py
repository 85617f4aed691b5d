"""Claims on integers: every tuple up to a bound, one by one, in exact arithmetic or in balls that are fine enough."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from typing import Any

from theorems.arithmetic import Ball, Rational
from theorems.case import CountCase
from theorems.claim import Claim, Outcome
from theorems.errors import InputError, Unsupported
from theorems.judge.driver import Report, check, settled
from theorems.proofs.attempt import OPEN, PROVED, UNSUPPORTED, Attempt, Result

#: Tuples that are run through, at most, the largest bound, and how many drawn tuples are named.
MOST, LARGEST, NAMED = 20_000, 24, 6
TECHNIQUE = "enumeration"


def bound_for(length: int) -> int:
    """The largest B for which all tuples of that length with entries 0..B are run through."""
    return max(b for b in range(1, LARGEST + 1) if b == 1 or (b + 1) ** length <= MOST)


def enumerated(claim: Claim, cases: Sequence[Any], *, seconds: float, bound: int | None = None) -> Attempt:
    """Check a claim on integers for all tuples with entries 0..B, hypotheses sorting out what it is not about.

    Where none of these meets the hypotheses, the tuples of `cases` are checked and named.
    """
    start = time.process_time()
    case = cases[0]
    if not isinstance(case, CountCase):
        reason = f"a case of integers of its own kind ({type(case).__name__}): no range to run through"
        return Attempt("", 0, reason=reason, results=[Result("the conclusion", UNSUPPORTED, reason=reason)])
    length = len(case.values)
    reached, live, problem = 0, False, ""
    for b in range(1, (bound or bound_for(length)) + 1):
        tuples = (values for values in itertools.product(range(b + 1), repeat=length) if b == 1 or max(values) == b)
        own, problem = _all_hold(claim, tuples)
        live = live or own
        if problem:
            break
        reached = b
        if time.process_time() - start > seconds:
            break
    sizes = f"every tuple of {length} integers 0..{reached}"
    if not live:
        drawn = [values for values in dict.fromkeys(case.values for case in cases) if any(_all_hold(claim, [values]))]
        drawn = drawn[:NAMED]
        live, problem = _all_hold(claim, drawn)
        reached, sizes = 0 if problem else 1, "the tuples " + ", ".join(map(str, drawn))
    made = Attempt(sizes, 0, round(time.process_time() - start, 3))
    if (problem and not reached) or not live:
        made.results = [Result("the conclusion", OPEN, reason=problem or "no tuple meets the hypotheses")]
    else:
        made.results = [Result("the conclusion", PROVED, TECHNIQUE, TECHNIQUE, reason=problem)]
    return made


def _all_hold(claim: Claim, tuples: Any) -> tuple[bool, str]:
    """Whether the claim says something of one of the tuples, and the first of which it is false or open."""
    live = False
    for values in tuples:
        try:
            outcome = _outcome(claim, CountCase(values))
        except (InputError, TypeError, ValueError, IndexError, ZeroDivisionError):
            continue  # no case of this claim
        except Unsupported as error:
            return live, f"{values}: {error}"
        live = live or outcome is Outcome.HOLDS
        if outcome in (Outcome.FAILS, Outcome.UNDECIDED):  # undefined: it says nothing of these
            return live, f"{values}: {outcome.value}"
    return live, ""


def _outcome(claim: Claim, case: CountCase) -> Outcome:
    def run(num: Any) -> Report:
        return check(claim, case, num)

    try:
        return run(Rational()).outcome
    except Unsupported:
        return settled(Ball(), run)[0].outcome
