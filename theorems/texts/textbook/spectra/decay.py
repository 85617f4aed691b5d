"""Textbook, 11.2.2: power laws sigma_i = c i^-alpha, their regression, and the rows of Table 11.2.2 on exact power
laws.

A case is (n, p, q): n values, and the decay exponent alpha = p / q.  sigma_i^2 = i^(-2 alpha) is rational where 2 alpha
is an integer, and a ball elsewhere.  c drops out of every energy ratio; on an exact power law it is sigma_1.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from theorems.case import Array, CountCase
from theorems.claim import Source
from theorems.errors import InputError, Undefined
from theorems.facts import definition, implied, not_needed, to_state
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.textbook.spectra.cases import FitCase

Steps = Iterator[Suppose | Conclude]
#: A stored case beyond these is refused: it would keep the machine busy for ever.
MOST_VALUES, LARGEST_EXPONENT = 10_000, 20
#: Of the integers of such a case, two are the terms of its exponent, and no size.
LARGEST_TERM = 10_000_000


def power_law_squares(n: int, alpha: Fraction, num: Num) -> Array:
    """sigma_i^2 = i^(-2 alpha) for i = 1..n.

    Raises `InputError` beyond `MOST_VALUES` and `LARGEST_EXPONENT`.
    """
    if n > MOST_VALUES or abs(alpha) > LARGEST_EXPONENT:
        limits = f"n <= {MOST_VALUES} and |alpha| <= {LARGEST_EXPONENT}"
        raise InputError(f"{n} values with the exponent {alpha}: power laws are judged for {limits}")
    twice = 2 * alpha
    if twice.denominator == 1:
        rational: Array = num.constant([Fraction(i) ** -twice.numerator for i in range(1, n + 1)])
        return rational
    logarithms = num.log(num.constant(list(range(1, n + 1))))
    powers: Array = num.exp(logarithms * num.number(-twice.numerator, twice.denominator))
    return powers


def law(case: CountCase) -> tuple[int, Fraction]:
    """n and alpha.  Raises `Undefined` where q < 1."""
    n, p, q = case.values
    if q < 1:
        raise Undefined(f"alpha = {p}/{q} is no exponent: the denominator q is at least 1")
    return n, Fraction(p, q)


def _holds_share(case: CountCase, one_in: int, share: Fraction, num: Num) -> Any:
    """The first n / one_in values, rounded up, hold that share of the energy."""
    n, alpha = law(case)
    squares = power_law_squares(n, alpha, num)
    k = -(-n // one_in)
    total = squares.sum(-1)
    return at_most(num.number(share.numerator, share.denominator) * total, squares[..., :k].sum(-1), scale=total)


def _sizes(case: CountCase) -> Steps:
    n, _ = law(case)
    yield suppose(n >= 1, "n >= 1")


def regression_recovers_the_law(case: FitCase, num: Num) -> Steps:
    """Lemma 11.20: the linear regression of log sigma_i on log i recovers alpha and log c of an exact power law.

    Hypotheses  log sigma_i = log c - alpha x_i; the abscissae x_i (= log i) are not all equal
    Conclusion  the normal equations have the one solution (log c, -alpha)
    """
    x, (intercept, alpha) = case.abscissae, (case.parameters[..., 0], case.parameters[..., 1])
    n = x.shape[-1]
    ones = num.constant([1] * n)
    y = num.times(intercept, ones) - num.times(alpha, x)
    design = num.concatenate([_column(x * 0 + ones), _column(x)], -1)
    gram = design.mT @ design
    yield suppose(num.nonsingular(gram), "the abscissae are not all equal")
    fitted = num.solve(gram, design.mT @ _column(y))
    scale = num.absolute(intercept) + num.absolute(alpha)
    yield conclude(equal(fitted[..., 0, 0], intercept, scale=scale), "the intercept is log c")
    yield conclude(equal(fitted[..., 1, 0], -alpha, scale=scale), "the slope is -alpha")


def _column(x: Array) -> Array:
    return x[..., :, None]


def first_value_of_a_power_law(case: CountCase, num: Num) -> Steps:
    """Pattern 1 and Lemma 11.20, a consequence: where alpha >= 1, the first value alone holds over 60% of the energy.

    sum i^(-2 alpha) <= zeta(2) = 1.645, whatever the size: E(1) >= 6 / pi^2 = 0.608.

    Hypotheses  sigma_i = c i^-alpha for i = 1..n, alpha >= 1
    """
    yield from _sizes(case)
    n, alpha = law(case)
    yield suppose(alpha >= 1, "alpha >= 1")
    squares = power_law_squares(n, alpha, num)
    yield conclude(less_than(num.number(3, 5) * squares.sum(-1), squares[..., 0]), "E(1) > 0.6")


def tenth_of_the_rank(case: CountCase, num: Num) -> Steps:
    """Lemma 11.17 on the power laws of Lemma 11.20: a tenth of the rank, rounded up, keeps 95% of the energy.

    Hypotheses  sigma_i = c i^-alpha for i = 1..n, 1 <= alpha <= 3
    """
    yield from _sizes(case)
    _, alpha = law(case)
    yield suppose(1 <= alpha <= 3, "1 <= alpha <= 3")
    yield conclude(_holds_share(case, 10, Fraction(19, 20), num), "E(n/10) >= 0.95")


def tenth_of_a_large_rank(case: CountCase, num: Num) -> Steps:
    """Lemma 11.17 on the power laws of Lemma 11.20, repaired: true from n = 101 on, where a tenth is eleven values.

    At alpha = 1 eleven values hold 95.2% of the energy of 110, and twelve 95.1% of that of the infinite sequence; for
    larger alpha they hold more.  At n = 100 ten values hold 94.8%.  So a matrix
    of that size that fails Lemma 11.17 follows none of these laws over its whole range.

    Hypotheses  sigma_i = c i^-alpha for i = 1..n, 1 <= alpha <= 3, n >= 101
    """
    yield suppose(case.values[0] >= 101, "n >= 101")
    yield from tenth_of_the_rank(case, num)


def fast_decay(case: CountCase, num: Num) -> Steps:
    """Table 11.2.2, first row: for alpha > 2 the first 5% of the values (rounded up) hold 90% of the energy.

    Already the first value does: sum i^(-2 alpha) < zeta(4) = 1.0823, and 1 / 1.0823 = 0.924.

    Hypotheses  sigma_i = c i^-alpha for i = 1..n, alpha > 2
    """
    yield from _sizes(case)
    _, alpha = law(case)
    yield suppose(alpha > 2, "alpha > 2")
    yield conclude(_holds_share(case, 20, Fraction(9, 10), num), "the first 5% hold 90%")


def medium_decay(case: CountCase, num: Num) -> Steps:
    """Table 11.2.2, second row: for 1 < alpha <= 2 the first 20% of the values (rounded up) hold 80% of the energy.

    Hypotheses  sigma_i = c i^-alpha for i = 1..n, 1 < alpha <= 2
    """
    yield from _sizes(case)
    _, alpha = law(case)
    yield suppose(1 < alpha <= 2, "1 < alpha <= 2")
    yield conclude(_holds_share(case, 5, Fraction(4, 5), num), "the first 20% hold 80%")


def medium_decay_but_small(case: CountCase, num: Num) -> Steps:
    """Table 11.2.2, second row: for 1 <= alpha <= 2 the first 20% of the values (rounded up) hold 80% of the energy.

    For n = 3..5 one value is kept, and it holds 0.734 to 0.683 at alpha = 1; for n <= 2 it holds 0.8 or more, for
    n = 6..10 two values hold 0.806 or more, and beyond three hold 1.361 / zeta(2) = 0.827.

    Hypotheses  sigma_i = c i^-alpha for i = 1..n, 1 <= alpha <= 2, n not in {3, 4, 5}
    """
    yield from _sizes(case)
    _, alpha = law(case)
    yield suppose(1 <= alpha <= 2, "1 <= alpha <= 2")
    yield suppose(not 3 <= case.values[0] <= 5, "n is not 3, 4 or 5")
    yield conclude(_holds_share(case, 5, Fraction(4, 5), num), "the first 20% hold 80%")


def slow_decay(case: CountCase, num: Num) -> Steps:
    """Table 11.2.2, third row: for alpha = 1 the energy is spread fairly evenly.

    Read as weakly as the words allow: of two or more values, no single one holds more than half of the energy.

    Hypotheses  sigma_i = c / i for i = 1..n, n >= 2
    Conclusion  E(1) <= 1/2
    """
    n, alpha = law(case)
    yield suppose(n >= 2, "n >= 2")
    yield suppose(alpha == 1, "alpha = 1")
    squares = power_law_squares(n, alpha, num)
    yield conclude(at_most(squares[..., 0], num.number(1, 2) * squares.sum(-1)), "E(1) <= 1/2")


def slow_decay_below_a_half(case: CountCase, num: Num) -> Steps:
    """Table 11.2.2, third row, repaired: it describes exponents up to 1/2, at which the energy diverges with the size.

    sum_{i <= n} i^(-2 alpha) >= 1 + 1/2 + ... + 1/n for alpha <= 1/2, without bound: no number of leading values
    keeps a share of the energy as n grows.  From n = 4 on, E(1) <= 12/25 < 1/2.

    Hypotheses  sigma_i = c i^-alpha for i = 1..n, 0 <= alpha <= 1/2, n >= 4
    Conclusion  E(1) <= 1/2, and E(1) (1 + 1/2 + ... + 1/n) <= 1
    """
    n, alpha = law(case)
    yield suppose(n >= 4, "n >= 4")
    yield suppose(0 <= alpha <= Fraction(1, 2), "0 <= alpha <= 1/2")
    squares = power_law_squares(n, alpha, num)
    total = squares.sum(-1)
    harmonic = sum(Fraction(1, i) for i in range(1, n + 1))
    yield conclude(at_most(squares[..., 0], num.number(1, 2) * total), "E(1) <= 1/2")
    yield conclude(
        at_most(num.number(harmonic.numerator, harmonic.denominator) * squares[..., 0], total), "E(1) H_n <= 1"
    )


def slow_decay_needs_many(case: CountCase, num: Num) -> Steps:
    """Table 11.2.2, third row, the advice: for alpha = 1 fewer than 40% of the values lose more than 5% of the energy.

    Hypotheses  sigma_i = c / i for i = 1..n; k < 0.4 n
    Conclusion  E(k) < 0.95 for the largest such k
    """
    n, alpha = law(case)
    yield suppose(n >= 1, "n >= 1")
    yield suppose(alpha == 1, "alpha = 1")
    squares = power_law_squares(n, alpha, num)
    k = -(-2 * n // 5) - 1
    yield conclude(less_than(squares[..., :k].sum(-1), num.number(19, 20) * squares.sum(-1)), "E(k) < 0.95")


def slow_decay_needs_twelve(case: CountCase, num: Num) -> Steps:
    """Table 11.2.2, third row, the advice repaired: for alpha = 1, twelve values keep 95% of the energy at every size.

    sum_{i <= 12} 1/i^2 = 1.565 of zeta(2) = 1.645; the share that has to be kept falls like 12 / n.

    Hypotheses  sigma_i = c / i for i = 1..n
    """
    n, alpha = law(case)
    yield suppose(n >= 1, "n >= 1")
    yield suppose(alpha == 1, "alpha = 1")
    squares = power_law_squares(n, alpha, num)
    total = squares.sum(-1)
    yield conclude(at_most(num.number(19, 20) * total, squares[..., :12].sum(-1), scale=total), "E(12) >= 0.95")


def no_decay(case: CountCase, num: Num) -> Steps:
    """Table 11.2.2, fourth row: of n equal values, k hold the share k / n, so 80% of the energy takes 80% of them.

    Hypotheses  sigma_1 = ... = sigma_n, 5 k < 4 n
    Conclusion  E(k) < 0.8, and E(k) = k / n
    """
    n, k = case.values
    yield suppose(0 <= k <= n, "0 <= k <= n")
    yield suppose(5 * k < 4 * n, "k < 0.8 n")
    squares = power_law_squares(n, Fraction(0), num)
    head, total = squares[..., :k].sum(-1), squares.sum(-1)
    yield conclude(equal(n * head, k * total, scale=n * total), "E(k) = k / n")
    yield conclude(less_than(5 * head, 4 * total), "E(k) < 0.8")


def rows_are_consistent(case: CountCase, num: Num) -> Steps:
    """Table 11.2.2, second and third row together: just above alpha = 1 both describe the spectrum.

    alpha = 1.1 lies in the range of the second row (20% of the values hold 80% of the energy) and is about 1, where the
    third calls the energy evenly spread (no value holds more than half of it).

    Hypotheses  sigma_i = c i^-1.1 for i = 1..n
    Conclusion  the statements of both rows hold
    """
    n, alpha = law(case)
    yield suppose(n >= 2, "n >= 2")
    yield suppose(alpha == Fraction(11, 10), "alpha = 1.1")
    yield conclude(_holds_share(case, 5, Fraction(4, 5), num), "second row: the first 20% hold 80%")
    squares = power_law_squares(n, alpha, num)
    yield conclude(at_most(squares[..., 0], num.number(1, 2) * squares.sum(-1)), "third row: E(1) <= 1/2")


_LAW = Source("textbook", "Lemma 11.20", "11.2.2")
_TENTH = Source("textbook", "Lemma 11.17", "11.2.1")
_TABLE = Source("textbook", "Table 11.2.2", "11.2.2")

_NO_ENERGY = not_needed("no values, no energy: both sides are zero")

LEMMA_11_17 = (
    _TENTH.gap(
        "textbook/lemma-11.17.power-law:every-size", tenth_of_the_rank,
        "n = 2, alpha = 1: one value of two holds 80%; n = 1 keeps everything, since a tenth is rounded up",
        repaired_by="textbook/lemma-11.17.power-law:repaired", largest=LARGEST_TERM,
    ),
    _TENTH.stands(
        "textbook/lemma-11.17.power-law:repaired", tenth_of_a_large_rank,
        "twelve values hold 95.1% of sum 1/i^2, and more for larger exponents",
        largest=LARGEST_TERM,
        about={"n >= 1": implied("n >= 101", "101 >= 1")},
    ),
)  # fmt: skip

LEMMA_11_20 = (
    _LAW.stands(
        "textbook/lemma-11.20", regression_recovers_the_law,
        "log sigma_i is affine in log i, and two different abscissae determine a line",
        about={"the abscissae are not all equal": to_state("the normal equations have one solution then")},
    ),
    _LAW.stands(
        "textbook/lemma-11.20.first-value", first_value_of_a_power_law,
        "sum i^-2 = pi^2/6 bounds the energy: E(1) >= 0.608, the test that real matrices fail (see the tables)",
        largest=LARGEST_TERM,
        about={"n >= 1": definition("the first value is one of n")},
    ),
)  # fmt: skip

TABLE = (
    _TABLE.stands(
        "textbook/table-11.2.2.fast", fast_decay, "the first value alone holds more than 1/zeta(4) = 92.4%",
        largest=LARGEST_TERM,
        about={"n >= 1": _NO_ENERGY},
    ),
    _TABLE.gap(
        "textbook/table-11.2.2.medium:every-size", medium_decay,
        "n = 4, alpha = 5/4: the one value kept holds 78.6%; n <= 2 keeps 80% at alpha = 1 already",
        repaired_by="textbook/table-11.2.2.medium", largest=LARGEST_TERM,
    ),
    _TABLE.stands(
        "textbook/table-11.2.2.medium", medium_decay_but_small,
        "E(k) grows with alpha, and at alpha = 1 only n = 3, 4, 5 fall short",
        largest=LARGEST_TERM,
        about={"n >= 1": _NO_ENERGY},
    ),
    _TABLE.false(
        "textbook/table-11.2.2.slow", slow_decay,
        "energies are squares: at alpha = 1 the first value holds 6/pi^2 = 61% at every size, 80% at n = 2",
        place="Table 11.2.2, row 3", printed="alpha ~ 1: energy distributed fairly evenly",
        repaired_by="textbook/table-11.2.2.slow:repaired", largest=LARGEST_TERM,
    ),
    _TABLE.stands(
        "textbook/table-11.2.2.slow:repaired", slow_decay_below_a_half,
        "the energy spreads where sum i^(-2 alpha) diverges, that is for alpha <= 1/2",
        largest=LARGEST_TERM,
    ),
    _TABLE.false(
        "textbook/table-11.2.2.slow-advice", slow_decay_needs_many,
        "r_eff(0.95) at alpha = 1 is at most 12 at every size, so that 40% to 60% is far too much for large "
        "matrices",
        place="Table 11.2.2, row 3", printed="keep 40% to 60%",
        repaired_by="textbook/table-11.2.2.slow-advice:repaired", largest=LARGEST_TERM,
    ),
    _TABLE.stands(
        "textbook/table-11.2.2.slow-advice:repaired", slow_decay_needs_twelve,
        "the first twelve terms are 95.1% of pi^2/6",
        largest=LARGEST_TERM,
        about={"n >= 1": _NO_ENERGY},
    ),
    _TABLE.stands("textbook/table-11.2.2.none", no_decay, "k of n equal squares are the share k / n"),
    _TABLE.false(
        "textbook/table-11.2.2.consistency:overlap", rows_are_consistent,
        "at alpha = 1.1 the first value holds more than 0.6 at every size: the third row never holds there",
        repaired_by="textbook/table-11.2.2.slow:repaired", largest=LARGEST_TERM,
    ),
)  # fmt: skip
