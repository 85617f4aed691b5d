"""Is a violation rounding? The margins of one exact case at growing precision."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from theorems.claim import Claim, Outcome
from theorems.judge.driver import check
from theorems.statement import Statement

#: The precisions at which a violation must fall to be an artefact.
DIGITS = (30, 60, 120)


def residuals(claim: Claim | Statement, case: Any, digits: Sequence[int] = DIGITS) -> list[float]:
    """The worst margin of an exact case at each precision.

    NaN where its hypotheses are not met at that precision, or nothing is decided.
    """
    from theorems.arithmetic.multiprecision import MultiPrecision  # mpmath, which few hunts need

    reports = [check(claim, case, MultiPrecision(d)) for d in digits]
    return [float("nan") if r.outcome is Outcome.UNDECIDED and r.margin >= 0 else r.margin for r in reports]


def is_artefact(claim: Claim | Statement, case: Any, digits: Sequence[int] = DIGITS) -> bool | None:
    """Whether a violation is rounding: it falls with the precision, or there is none at the highest precision.

    It falls when each step of d digits makes it smaller by 10^(-d / 2) at least, or leaves it below the noise of that
    precision, 10^(-digits / 2).  None when the case does not meet the hypotheses at the two highest precisions.
    """
    return falls(residuals(claim, case, digits), digits)


def falls(margins: Sequence[float], digits: Sequence[int]) -> bool | None:
    """The judgement of `is_artefact` on margins already computed."""
    reached = [(d, max(0.0, -m)) for d, m in zip(digits, margins, strict=True) if not math.isnan(m)]
    if len(reached) < 2 or reached[-1][0] != digits[-1]:
        return None
    return all(
        after <= 10 ** (-d / 2) or after <= before * 10 ** ((c - d) / 2)
        for (c, before), (d, after) in itertools.pairwise(reached)
    )
