"""Known answers of MultiPrecision, and what counts as falling with the precision."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from theorems.arithmetic import MultiPrecision
from theorems.arithmetic.base import NO, UNKNOWN, YES
from theorems.case import Array, MatrixCase
from theorems.errors import Undefined
from theorems.judge.artefacts import falls, is_artefact, residuals
from theorems.statement import Condition, at_most, conclude, equal, holds, less_than

NAN, INF = math.nan, math.inf


def stack(*members: Any) -> Array:
    return np.array(members, dtype=np.float64)


def decided(num: Any, condition: Condition) -> tuple[list[int], list[float]]:
    decision = num.decide(condition)
    return decision.verdicts.tolist(), decision.margins.tolist()


# MultiPrecision -----------------------------------------------------------------------------------------------------


def floats(array: Any) -> Any:
    return np.asarray(array, dtype=np.float64).tolist()


def test_digits_and_what_they_count_as_zero() -> None:
    assert MultiPrecision().digits == 50
    assert MultiPrecision(15).word == "confirmed to 15 digits"
    with pytest.raises(ValueError, match="14"):
        MultiPrecision(14)
    num = MultiPrecision(20)
    assert float(num.noise) == pytest.approx(1e-10)
    assert num.context.dps == 20
    half = num.constant([1, Fraction(1, 2 * 10**10), Fraction(2, 10**10)])
    assert num.zero(half).tolist() == [False, True, False]
    assert num.zero(half * num.number(1000)).tolist() == [False, True, False]
    assert num.zero(num.noise) is True
    assert num.zero(-num.noise) is True
    assert num.zero(num.noise * 2) is False
    assert (num.positive(num.number(1)), num.positive(num.number(0)), num.positive(num.number(-1))) == (
        True, False, False)  # fmt: skip


def test_multiprecision_scalars() -> None:
    num = MultiPrecision(20)
    assert num.sqrt(num.number(9, 4)) == num.number(3, 2)
    assert num.sqrt(num.number(1, 4)) == num.number(1, 2)
    assert num.sqrt(-num.noise) == 0
    with pytest.raises(Undefined, match="negative"):
        num.sqrt(-2 * num.noise)
    assert num.sqrt(num.constant([4])[..., 0]) == 2
    assert floats(num.exp(num.constant([0, 1]))) == [1, math.e]
    assert float(num.log(num.exp(num.number(3)))) == pytest.approx(3)
    assert float(num.log(num.number(1, 2))) == -math.log(2)
    for value in (0, -1):
        with pytest.raises(Undefined, match="not positive"):
            num.log(num.number(value))
    assert floats(num.absolute(num.constant([-2, 3]))) == [2, 3]
    one, two = num.number(1), num.number(2)
    assert (num.maximum(one, two), num.maximum(two, one), num.minimum(one, two), num.minimum(two, one)) == (2, 2, 1, 1)
    pair = num.constant([0, 5])
    assert floats(num.maximum(pair, two)) == floats(num.maximum(two, pair)) == [2, 5]
    assert floats(num.minimum(pair, two)) == floats(num.minimum(two, pair)) == [0, 2]


def test_multiprecision_matrices() -> None:
    num = MultiPrecision(20)
    A = num.constant([[1, 2], [3, 4]])
    assert floats(num.solve(A, num.constant([[5], [11]]))) == [[1], [2]]
    assert float(num.determinant(A)) == pytest.approx(-2)
    assert num.determinant(num.zeros(0, 0)) == 1
    assert num.nonsingular(A) is True
    assert num.nonsingular(num.constant([[1, 2], [2, 4]])) is False
    noise = Fraction(1, 10**10)
    assert num.nonsingular(num.constant([[1, 0], [0, 2 * noise]])) is True
    assert num.nonsingular(num.constant([[1, 0], [0, noise * 2 / 3]])) is False
    assert num.nonsingular(num.constant([[10**6, 0], [0, Fraction(1, 10**6)]])) is False
    row = num.constant([[1, 0, 0], [0, 1, 0], [80000, 80000, 1]])  # sums of columns count, not of rows
    assert (num.nonsingular(row), num.nonsingular(row.mT)) == (True, False)
    with pytest.raises(Undefined):  # a pivot of the size of the rounding
        num.solve(num.constant([[1, 0], [0, Fraction(1, 10**20)]]), num.identity(2))
    tiny = num.constant([[Fraction(1, 10**30), 0], [0, Fraction(1, 10**30)]])
    assert floats(num.solve(tiny, tiny)) == [[1, 0], [0, 1]]
    assert num.rank(A) == 2
    assert num.rank(num.constant([[1, 0], [0, noise / 2]])) == 1
    assert num.rank(num.constant([[1, 0], [0, 2 * noise]])) == 2
    assert num.rank(num.zeros(2, 2)) == 0
    assert num.rank(num.zeros(0, 2)) == 0
    assert floats([num.singular_value(num.constant([[3, 0, 0], [0, 5, 0]]), k) for k in (1, 2, 3)]) == [5, 3, 0]
    d = num.svd(num.constant([[3, 0, 0], [0, 5, 0]]))
    assert (d.U.shape, d.s.shape, d.V.shape) == ((2, 2), (2,), (3, 2))
    assert np.allclose(np.asarray(d.matrix, float), [[3, 0, 0], [0, 5, 0]])
    d = num.svd(num.zeros(3, 0))
    assert (d.U.shape, d.s.shape, d.V.shape) == ((3, 0), (0,), (0, 0))


def test_multiprecision_pivots_on_the_largest_entry() -> None:
    """(10^-15 1 / 1 1): without an exchange of rows the first unknown would lose fifteen of twenty digits."""
    num = MultiPrecision(20)
    small = Fraction(1, 10**15)
    X = num.solve(num.constant([[small, 1], [1, 1]]), num.constant([[1], [2]]))
    assert abs(X[0, 0] - num.number(10**15, 10**15 - 1)) < num.number(1, 10**18)


def test_multiprecision_symmetry_and_definiteness() -> None:
    num = MultiPrecision(20)
    noise = Fraction(1, 10**10)
    assert num.symmetric(num.constant([[0, 1], [1 + noise / 2, 0]])) is True
    assert num.symmetric(num.constant([[0, 1], [1 + 3 * noise, 0]])) is False
    assert num.symmetric(num.zeros(2, 2)) is True
    assert num.positive_semidefinite(num.constant([[1, 0], [0, -noise / 2]])) is True
    assert num.positive_semidefinite(num.constant([[1, 0], [0, -noise * 6 / 5]])) is False
    assert num.positive_semidefinite(num.constant([[8, 0], [0, -4 * noise]])) is True
    assert num.positive_semidefinite(num.constant([[8, 0], [0, -1]])) is False
    assert num.positive_semidefinite(num.constant([[2, 1], [0, 2]])) is False
    assert num.positive_semidefinite(num.zeros(0, 0)) is True


def test_multiprecision_decisions() -> None:
    num = MultiPrecision(20)
    one, noise = num.number(1), Fraction(1, 10**10)
    c = num.constant
    assert decided(num, at_most(c([1, 2]), c([4, 3]))) == ([YES], [0.25])
    assert decided(num, at_most(c([1, 2]), c([4, 3]), scale=num.number(2))) == ([YES], [0.5])
    assert decided(num, at_most(c([1, 2]), c([4, 3]), scale=num.number(1, 2))) == ([YES], [2])
    assert decided(num, equal(c([1, 2]), c([4, 3]))) == ([NO], [-0.75])
    assert decided(num, less_than(c([1, 2]), c([4, 2]))) == ([NO], [0])
    assert decided(num, at_most(c([-8]), c([-6]))) == ([YES], [0.25])
    assert decided(num, at_most(num.zeros(2), num.zeros(2))) == ([YES], [0])
    assert decided(num, at_most(num.zeros(0), num.zeros(0))) == ([YES], [0])
    for gap, wanted in ((-noise / 2, YES), (-2 * noise, NO), (0, YES)):
        assert decided(num, at_most(one, one + num.entry(Fraction(gap)), scale=one))[0] == [wanted]
    for gap, wanted in ((noise / 2, NO), (2 * noise, YES), (0, NO)):
        assert decided(num, less_than(one, one + num.entry(Fraction(gap)), scale=one))[0] == [wanted]
    assert decided(num, at_most(num.number(0), -num.noise, scale=one))[0] == [YES]
    assert decided(num, less_than(num.number(0), num.noise, scale=one))[0] == [NO]
    verdicts, margins = decided(num, at_most(num.context.nan, one))
    assert verdicts == [UNKNOWN]
    assert np.isnan(margins).all()
    assert decided(num, holds(True)) == ([YES], [1])
    assert decided(num, holds(False)) == ([NO], [-1])
    assert decided(num, holds(None)) == ([UNKNOWN], [0])
    assert num.show(num.number(1, 3)) == "0.333333333333333"


def test_multiprecision_softmax_and_empty_products() -> None:
    num = MultiPrecision(20)
    X = num.constant([[0, 3000], [0, 3001]])
    assert np.allclose(np.asarray(num.softmax(X), float), [[0.5, 1 / (1 + math.e)], [0.5, math.e / (1 + math.e)]])
    product = num.zeros(2, 0) @ num.zeros(0, 3)
    assert product.shape == (2, 3)
    assert all(type(entry) is type(num.number(0)) and entry == 0 for entry in product.flat)
    assert num.constant([1, 2]) @ num.constant([3, 4]) == 11
    heads = num.softmax(num.constant([[[0, 0, 1], [0, 1, 1]], [[1, 0, 0], [0, 0, 0]]]))
    share = 1 / (1 + math.e)
    wanted = [[[0.5, share, 0.5], [0.5, 1 - share, 0.5]], [[1 - share, 0.5, 0.5], [share, 0.5, 0.5]]]
    assert np.allclose(np.asarray(heads, float), wanted)


@pytest.mark.parametrize(
    ("margins", "digits", "wanted"),
    [([-1e-3, -1e-19], (30, 60), True), ([-1e-3, -1e-15], (30, 60), False),
     ([-1e-3, -1e-31], (30, 60), True), ([-1.0, -1e-15], (10, 20), True),
     ([-1.0, -1e-5], (10, 20), True), ([-1.0, -2e-5], (10, 20), False), ([-1e-2, -1e-7], (10, 12), True),
     ([-1e-2, -1.1e-3], (10, 12), False), ([NAN, -1.0], (10, 20), None), ([-1.0, NAN], (10, 20), None),
     ([NAN, -1e-20, -1e-20], (10, 20, 30), True), ([-1.0, -1.0, NAN], (10, 20, 30), None),
     ([-1.0, -1e-20, -1.0], (10, 20, 30), False),
     ([-1e-9, -5e-11], (10, 20), True), ([-1e-9, -1e-8], (10, 20), False)],
)  # fmt: skip
def test_falling_by_half_the_digits_of_each_step(margins: list[float], digits: tuple[int, ...], wanted: Any) -> None:
    assert falls(margins, digits) is wanted


def test_residuals_of_a_violation_and_of_none() -> None:
    def too_large(case: MatrixCase, num: Any) -> Any:
        yield conclude(at_most(num.trace(case.matrices[0]), num.number(3), scale=num.number(1)))

    case = MatrixCase((np.array([[Fraction(3), Fraction(0)], [Fraction(0), Fraction(1, 8)]], dtype=object),))
    assert residuals(too_large, case, (20, 30)) == [-0.125, -0.125]
    assert is_artefact(too_large, case) is False


def test_integers_of_numpy_are_compared() -> None:
    """Ranks and counts may be NumPy's integers, which mpmath 1.3 does not take."""
    num = MultiPrecision(50)
    zero = num.decide(equal(np.int64(0), np.int64(0)))
    assert (zero.verdicts[0], zero.margins[0]) == (YES, 0)
    assert num.decide(at_most(np.int64(3), np.int64(2))).verdicts[0] == NO
