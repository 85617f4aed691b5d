"""All cases of a finite strategy, judged exactly one after the other, the simplest first."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from theorems.claim import Claim
from theorems.strategies.finite import Finite
from theorems.strategies.search.conviction import judge
from theorems.strategies.search.portion import Portion, Work

#: The stratum of all of them.
EVERY_CASE = "every case"


def exhaustion(claim: Claim, finite: Finite, *, patience: Callable[[], bool]) -> Portion:
    """What came of all cases, up to the first conviction; `patience` is asked before each, and ends it with no."""
    result = Portion(0)
    work, tally = Work(claim, result, 0), result.tally(EVERY_CASE)
    for case in finite.cases:
        if not patience():
            break
        judgement = judge(claim, case)
        result.recipes += 1
        if judgement.conviction is not None:
            result.conviction = dataclasses.replace(judgement.conviction, domain=finite.domain)
            break
        work.count(judgement, EVERY_CASE, tally)
    return result
