"""Textbook, Table 11.2.2: the shares that the first two rows advise to keep, on exact power laws.

The table does not say what keeping them is to achieve; it is read as 95% of the energy, the threshold that Definition
11.17 calls usual.  E(k) grows with alpha, so that the least exponent of a row decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from theorems.case import CountCase
from theorems.claim import Source
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, suppose
from theorems.texts.textbook.spectra.decay import LARGEST_TERM, law, power_law_squares

Steps = Iterator[Suppose | Conclude]


def _keeps(case: CountCase, share: Fraction, num: Num) -> Any:
    """The first n * share values, rounded up, hold 95% of the energy."""
    n, alpha = law(case)
    squares = power_law_squares(n, alpha, num)
    k = -(-n * share.numerator // share.denominator)
    total = squares.sum(-1)
    return at_most(num.number(19, 20) * total, squares[..., :k].sum(-1), scale=total)


def fast_advice(case: CountCase, num: Num) -> Steps:
    """Table 11.2.2, first row, the advice: for alpha > 2, 5% of the values (rounded up) keep 95% of the energy.

    Hypotheses  sigma_i = c i^-alpha for i = 1..n, alpha > 2
    """
    n, alpha = law(case)
    yield suppose(n >= 1, "n >= 1")
    yield suppose(alpha > 2, "alpha > 2")
    yield conclude(_keeps(case, Fraction(1, 20), num), "5% of the values keep 95%")


def fast_advice_from_21(case: CountCase, num: Num) -> Steps:
    """Table 11.2.2, first row, the advice, from n = 21 on: two values hold 17/16 of zeta(4) = 1.0823, that is 98%.

    Hypotheses  sigma_i = c i^-alpha for i = 1..n, alpha >= 2, n >= 21
    """
    n, alpha = law(case)
    yield suppose(n >= 21, "n >= 21")
    yield suppose(alpha >= 2, "alpha >= 2")
    yield conclude(_keeps(case, Fraction(1, 20), num), "5% of the values keep 95%")


def medium_advice(case: CountCase, num: Num) -> Steps:
    """Table 11.2.2, second row, the advice: for 1 < alpha <= 2, 15% of the values (rounded up) keep 95% of the energy.

    Hypotheses  sigma_i = c i^-alpha for i = 1..n, 1 < alpha <= 2
    """
    n, alpha = law(case)
    yield suppose(n >= 1, "n >= 1")
    yield suppose(1 < alpha <= 2, "1 < alpha <= 2")
    yield conclude(_keeps(case, Fraction(3, 20), num), "15% of the values keep 95%")


def medium_advice_from_61(case: CountCase, num: Num) -> Steps:
    """Table 11.2.2, second row, the advice, from n = 61 on: ten values are kept up to n = 66, eleven up to 73, twelve
    or more beyond.

    At alpha = 1 ten hold 95.08% of 66, eleven 95.5% of 73, and twelve 95.1% of the infinite sequence; at n = 60 nine
    hold 94.7%.

    Hypotheses  sigma_i = c i^-alpha for i = 1..n, 1 <= alpha <= 2, n >= 61
    """
    n, alpha = law(case)
    yield suppose(n >= 61, "n >= 61")
    yield suppose(1 <= alpha <= 2, "1 <= alpha <= 2")
    yield conclude(_keeps(case, Fraction(3, 20), num), "15% of the values keep 95%")


_TABLE = Source("textbook", "Table 11.2.2", "11.2.2")

CLAIMS = (
    _TABLE.gap(
        "textbook/table-11.2.2.fast-advice:every-size", fast_advice,
        "n = 4, alpha = 9/4: the one value kept holds 94.9%; n = 1 keeps everything",
        repaired_by="textbook/table-11.2.2.fast-advice", largest=LARGEST_TERM,
    ),
    _TABLE.stands(
        "textbook/table-11.2.2.fast-advice", fast_advice_from_21,
        "from n = 21 on 5% are two values or more, and two hold 98%",
        largest=LARGEST_TERM,
    ),
    _TABLE.gap(
        "textbook/table-11.2.2.medium-advice:every-size", medium_advice,
        "n = 2, alpha = 2: the one value kept holds 16/17 of the energy, 94.1%; n = 1 keeps everything",
        repaired_by="textbook/table-11.2.2.medium-advice", largest=LARGEST_TERM,
    ),
    _TABLE.stands(
        "textbook/table-11.2.2.medium-advice", medium_advice_from_61,
        "at alpha = 1 ten values of 66, eleven of 73 and twelve of any number hold 95%",
        largest=LARGEST_TERM,
    ),
)  # fmt: skip
