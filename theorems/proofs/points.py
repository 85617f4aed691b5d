"""Identities at points that nobody chose: the statement itself, in exact arithmetic, at numbers made by SHA-256.

Two rational functions of degree d that agree at a point whose coordinates are drawn from 2^128 numbers are equal but
for a chance of d / 2^128 (Schwartz and Zippel).  The replay needs the standard library's fractions only.
"""

from __future__ import annotations

import math
from typing import Any

from theorems.arithmetic.base import NO, YES, Arithmetic
from theorems.arithmetic.fractions_ import Fractions
from theorems.claim import Claim
from theorems.errors import Undecided, Undefined, Unsupported
from theorems.proofs import charts
from theorems.proofs.charts import Chart
from theorems.statement import Conclude

#: Points for an identity, and the bits of a coordinate.
POINTS, BITS = 2, 128


def error_bits(degree: int) -> float:
    """-log2 of the chance that an identity of that degree fails, and its points do not show it."""
    return POINTS * (BITS - math.log2(max(degree, 1)))


def verdicts(claim: Claim, case: Any, num: Arithmetic) -> dict[str, bool | None]:
    """What each conclusion comes to on an exact case, its hypotheses not asked."""
    found: dict[str, bool | None] = {}
    loaded = num.load(case)
    with num.running(loaded):
        for step in claim.statement(loaded, num):
            if isinstance(step, Conclude):
                verdict = num.decide(step.condition).verdicts[0]
                answer = True if verdict == YES else False if verdict == NO else None
                found[step.name] = answer if found.get(step.name, True) else found[step.name]
    return found


def holds_at_points(claim: Claim, case: Any, chart_list: list[Chart], seed: str) -> dict[str, bool | None]:
    """Whether each conclusion holds at the points of every chart; None where exact arithmetic cannot say."""
    total: dict[str, bool | None] = {}
    for c, chart in enumerate(chart_list):
        for i in range(POINTS):
            point = charts.build(case, chart, charts.Point(f"{seed}/{c}/{i}"))
            try:
                found = verdicts(claim, point, Fractions())
            except (Unsupported, Undecided, Undefined, ArithmeticError, TypeError):
                return {}
            for name, answer in found.items():
                before = total.get(name, True)
                total[name] = (
                    False if answer is False or before is False else None if None in (answer, before) else True
                )
    return total
