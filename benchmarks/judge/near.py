"""Hidden near-violations, which must never be convicted, and hidden violations, which must be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np

from benchmarks.judge.facts import FACTS
from benchmarks.judge.thresholds import FAMILIES
from theorems.case import arrays, floats, map_arrays
from theorems.claim import Claim
from theorems.strategies.search.attack import attack
from theorems.strategies.search.conviction import Ending, escalate, judge

#: By how much a true claim holds, relative to its sides; 0 is an exact tie.
MARGINS = (Fraction(1, 10**6), Fraction(1, 10**12), Fraction(0))
#: By how much a false one fails.
SIZES = tuple(Fraction(-1, 10**e) for e in (0, 6, 12, 30, 300))
#: Violations that Float64 sees: well above its noise of 1e-12.
VISIBLE = SIZES[:2]
#: Members of a Float64 batch, and the least size of the matrices in it that hides a violation.
BATCH, HIDDEN_IN = 250, 10_000
#: A violation of 1e-6 is seen in floats up to about this condition number.
WELL = 1e6
#: Different members among those that hold.
POOL = 16
#: Accusations of one batch that are escalated.
ESCALATED = 4


@dataclass
class Verdicts:
    """How many cases were judged, by kind and ending, and the wrong ones.

    accused   members of Float64 batches whose violation exceeded its rounding, and were escalated
    """

    cases: int = 0
    endings: Counter[str] = field(default_factory=Counter)
    accused: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, kind: str, ending: Ending) -> None:
        """Count one case."""
        self.cases += 1
        self.endings[f"{kind}: {ending.value}"] += 1


def near_violations(count: int, *, seed: int = 0) -> Verdicts:
    """At least `count` cases at which a true claim holds by 1e-6, 1e-12 or exactly.

    Half are cases of `FACTS`, in Float64 batches whose accusations are escalated, and each one exactly; half are
    thresholds, exactly.  A conviction is wrong.
    """
    result = Verdicts()
    number = seed * 1_000_003
    while result.cases < count:
        random = Random(number)
        margin = MARGINS[number % len(MARGINS)]
        fact = FACTS[number // len(MARGINS) % len(FACTS)]
        n = 1 + number // (len(MARGINS) * len(FACTS)) % 4
        number += 1
        cases = [fact.make(random, n, margin) for _ in range(BATCH)]
        for case in _convicted_in_floats(fact.claim, cases, number, result):
            result.wrong.append(f"{fact.claim.key} by floats, n = {n}, margin {float(margin)}: {case}")
        for case in cases:
            _exactly(fact.claim, case, "a fact", result, guilty=False)
        for place in range(BATCH):
            family = FAMILIES[place % len(FAMILIES)]
            for_strict = family.strict and margin == 0
            case = family.make(random, n, MARGINS[0] if for_strict else margin)
            _exactly(family.claim, case, "a threshold", result, guilty=False)
    return result


def violations(count: int, *, seed: int = 0) -> Verdicts:
    """At least `count` exact cases that violate a claim by 1, 1e-6, 1e-12, 1e-30 or 1e-300 of its sides.

    Handed to conviction, each must be convicted.  An exact tie violates a strict inequality.
    """
    result = Verdicts()
    number = seed * 1_000_003
    while result.cases < count:
        random = Random(number)
        size = SIZES[number % len(SIZES)]
        family = FAMILIES[number // len(SIZES) % len(FAMILIES)]
        if family.strict and number % 2:
            size = Fraction(0)
        number += 1
        case = family.make(random, 1 + number % 4, size)
        _exactly(family.claim, case, f"by {float(size):g}", result, guilty=True)
    return result


def needles(*, seed: int = 0, members: int = HIDDEN_IN, sizes: Sequence[Fraction] = VISIBLE) -> Verdicts:
    """For each claim and size, one violation among that many members of Float64 batches that hold.

    The attack must accuse it, and conviction must follow from its floats.  The matrices have condition numbers below
    `WELL`, and are not scaled beyond the range of floats: what floats cannot see is for the exact stage (`violations`).
    """
    result = Verdicts()
    for index, family in enumerate(FAMILIES):
        for size in sizes:
            random = Random(seed * 1_000_003 + index)
            pool = [_in_range(family.make, random, Fraction(1, 100)) for _ in range(POOL)]
            guilty = _in_range(family.make, random, size)
            cases = [pool[i % len(pool)] for i in range(members)]
            cases[random.randrange(members)] = guilty
            found = list(_convicted_in_floats(family.claim, cases, index, result))
            result.add(f"by {float(size):g}", Ending.CONVICTED if found else Ending.UNDECIDED)
            if not found:
                result.wrong.append(f"{family.claim.key}: a violation by {float(size):g} in {members} is missed")
    return result


def _in_range(make: Any, random: Random, margin: Fraction) -> Any:
    while True:
        case = make(random, 3, margin)
        sizes = [abs(entry) for leaf in arrays(case) for entry in leaf.flat if entry]
        if not sizes or not Fraction(1, 10**30) < min(sizes) <= max(sizes) < 10**30:
            continue
        square = [leaf for leaf in case.matrices[:1] if leaf.shape[0] == leaf.shape[1]]
        if all(np.linalg.cond(leaf.astype(float)) < WELL for leaf in square):
            return case


def _exactly(claim: Claim, case: Any, kind: str, result: Verdicts, *, guilty: bool) -> None:
    ending = judge(claim, case).ending
    result.add(kind, ending)
    if (ending is Ending.CONVICTED) != guilty:
        result.wrong.append(f"{claim.key}, {kind}: {ending.value}: {case}"[:600])


def _convicted_in_floats(claim: Claim, cases: Sequence[Any], seed: int, result: Verdicts) -> list[Any]:
    """The cases that the attack on a Float64 batch accuses, and that are convicted then."""
    leaves = [arrays(floats(case)) for case in cases]
    stacked = iter([np.stack(column) for column in zip(*leaves, strict=True)])
    batch = map_arrays(cases[0], lambda leaf: next(stacked))
    accused, _, _ = attack(claim, batch, seed=seed, most=ESCALATED)
    result.accused += len(accused.cases)
    return [case for case in accused.cases if escalate(claim, case).conviction is not None]
