"""Roots, singular values and what Fractions encloses, by hand."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from tests.exact_values import HALF, Make, both, plain
from tests.rational_matrices import matrix
from theorems.arithmetic import Fractions, Rational
from theorems.arithmetic.base import FINE, NO, UNKNOWN
from theorems.arithmetic.enclosed_roots import EnclosedRoot
from theorems.arithmetic.enclosure import Enclosure, precision
from theorems.arithmetic.objects import ObjectArithmetic
from theorems.arithmetic.roots import Root, as_floats, compare, rational_root, root_as_float
from theorems.errors import Undecided, Undefined, Unsupported
from theorems.statement import equal

# roots --------------------------------------------------------------------------------------------------------------


def test_rational_roots() -> None:
    assert rational_root(Fraction(9, 4)) == Fraction(3, 2)
    assert rational_root(fmpq(9, 4)) == fmpq(3, 2)
    assert type(rational_root(fmpq(9, 4))) is fmpq
    for square in (Fraction(9, 2), Fraction(2, 9), Fraction(2)):
        assert rational_root(square) is None
    assert rational_root(Fraction(0)) == 0


def root(q: Any) -> Root:
    return Root(Fraction(q))


def sigma(square: Any, values: list[Any], k: int) -> Root:
    """sqrt(square) times the k-th singular value of a diagonal matrix."""
    return Root(Fraction(square), Fractions().load(np.diag(np.array(values, dtype=object))), k)


def test_products_and_quotients_of_roots() -> None:
    two, s = root(2), sigma(1, [3, 2], 2)
    assert two * root(8) == 4
    assert (two * root(3)).square == 6
    assert root(8) / two == 2
    assert (root(6) / two).square == 3
    assert (two * 3).square == (3 * two).square == 18
    assert (two / 3).square == Fraction(2, 9)
    assert (4 / two).square == 8
    assert two * 0 == 0
    assert type(two * Fraction(0)) is Fraction
    assert two**2 == 2
    assert two + 0 is two
    assert 0 + two is two
    assert two - 0 is two
    assert abs(two) is two
    for product in (s * two, two * s, s * 2, 2 * s, s / two, s / 2):
        assert product.matrix is s.matrix
        assert product.k == 2
    assert [x.square for x in (s * two, two * s, s * 2, s / two, s / 2)] == [2, 2, 4, HALF, Fraction(1, 4)]
    array = np.array([1, 2], dtype=object)
    assert [x.square for x in array * two] == [2, 8]
    assert [x.square for x in two * array] == [2, 8]
    assert [x.square for x in two / array] == [2, HALF]
    assert [x.square for x in array / two] == [HALF, 2]
    assert (np.array([0], dtype=object) + two)[0] is two
    assert (two + np.array([0], dtype=object))[0] is two
    assert (two - np.array([0], dtype=object))[0] is two


@pytest.mark.parametrize(
    "operation",
    [lambda r, s: r / s, lambda r, s: 1 / s, lambda r, s: r**3,
     lambda r, s: r + r, lambda r, s: r + 1, lambda r, s: 1 + r, lambda r, s: r - r, lambda r, s: r - 1,
     lambda r, s: 1 - r, lambda r, s: 0 - r, lambda r, s: -r, lambda r, s: r * -1, lambda r, s: r / -1,
     lambda r, s: np.array([1], dtype=object) - r, lambda r, s: np.array([1], dtype=object) + r],
)  # fmt: skip
def test_what_is_no_root_is_refused_or_enclosed(operation: Callable[[Any, Any], Any]) -> None:
    """With r = sqrt 2 and s = sigma_2 of diag(3, 2)."""
    s = sigma(1, [3, 2], 2)
    with pytest.raises(Unsupported):
        operation(root(2), s)
    value = np.ravel(operation(EnclosedRoot(Fraction(2)), EnclosedRoot(s.square, s.matrix, s.k)))[0]
    wanted = np.ravel(operation(math.sqrt(2), 2.0))[0]
    assert isinstance(value, Enclosure)
    assert value.high - value.low < Fraction(1, 10**30)
    assert float(value) == pytest.approx(float(wanted), abs=1e-15)


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv])
def test_enclosed_roots_with_enclosures(operation: Callable[[Any, Any], Any]) -> None:
    r, x = EnclosedRoot(Fraction(2)), Enclosure(Fraction(3), Fraction(3))
    for value, wanted in ((operation(r, x), operation(math.sqrt(2), 3)), (operation(x, r), operation(3, math.sqrt(2)))):
        assert isinstance(value, Enclosure)
        assert float(value) == pytest.approx(wanted, rel=1e-15)
        assert value.high - value.low < Fraction(1, 10**70)


def test_enclosed_roots_stay_roots_where_they_can_and_meet_doubt_where_they_must() -> None:
    r, doubt = EnclosedRoot(Fraction(4)), Enclosure(Fraction(-1), Fraction(1))
    assert r + 0 is r
    assert 0 + r is r
    assert r - 0 is r
    for quotient, square in ((1 / r, Fraction(1, 4)), (r / 2, 1), (r * 3, 36), (3 * r, 36)):
        assert isinstance(quotient, EnclosedRoot)
        assert quotient.square == square
    for value, ends in ((r + doubt, (1, 3)), (doubt + r, (1, 3)), (r - doubt, (1, 3)), (doubt - r, (-3, -1)),
                        (r * doubt, (-2, 2)), (doubt * r, (-2, 2)),
                        (doubt / r, (Fraction(-1, 2), Fraction(1, 2)))):  # fmt: skip
        assert (value.low, value.high) == ends
    with pytest.raises(Undecided):
        r / doubt


def test_larger_and_smaller_of_rationals_and_enclosures() -> None:
    num = Fractions()
    one, two = num.number(1), num.number(2)
    for value, wanted in ((num.maximum(one, two), 2), (num.minimum(one, two), 1)):
        assert type(value) is Fraction
        assert value == wanted
    x, y = Enclosure(Fraction(0), Fraction(2)), Enclosure(Fraction(1), Fraction(3))
    larger, smaller = num.maximum(x, y), num.minimum(x, y)
    assert (larger.low, larger.high, smaller.low, smaller.high) == (1, 3, 0, 2)
    for value in (num.maximum(x, one), num.maximum(one, x)):
        assert (value.low, value.high) == (1, 2)
    for value in (num.minimum(x, one), num.minimum(one, x)):
        assert (value.low, value.high) == (0, 1)
    assert num.maximum(num.array([x, y]), one)[0].low == 1
    assert num.minimum(num.array([x, y]), one)[1].high == 1


def test_roots_as_floats_and_as_words() -> None:
    assert float(root(2)) == math.sqrt(2)
    assert float(sigma(4, [3, 2], 2)) == pytest.approx(4)
    assert float(sigma(1, [10**400, 1], 1)) == INFINITE
    assert float(sigma(1, [Fraction(1, 10**200), 0], 1)) == pytest.approx(1e-200, abs=0)
    assert float(sigma(1, [0, 0], 1)) == 0
    assert str(root(2)) == "sqrt(2) = 1.41421356237"
    assert str(sigma(1, [3, 2], 2)) == "sigma_2 = 2"
    assert str(sigma(4, [3, 2], 2)) == "sqrt(4) sigma_2 = 4"
    assert str(root(1)) == "sqrt(1) = 1"
    assert [root_as_float(Fraction(q)) for q in (0, 4, Fraction(1, 9), Fraction(10**400))] == [0, 2, 1 / 3, 1e200]
    assert root_as_float(Fraction(10) ** 800) == INFINITE
    assert root_as_float(Fraction(1, 10**400)) == pytest.approx(1e-200, rel=1e-15, abs=0)
    floats, exponent = as_floats(matrix([[3, Fraction(1, 4)], [0, -5]]))
    assert (floats * 2.0**exponent).tolist() == [[3, 0.25], [0, -5]]
    assert 0.5 <= np.abs(floats).max() <= 2
    assert as_floats(matrix([[0]]))[1] == 0


INFINITE = math.inf


@both
def test_comparisons_of_roots_and_singular_values(make: Make) -> None:
    num = make()

    def sign(x: Any, y: Any) -> int:
        answer = compare(x, y, num.characteristic_polynomial)
        assert compare(y, x, num.characteristic_polynomial) == -answer
        return answer

    def n(p: int) -> Any:
        return num.number(p)

    def r(q: int) -> Root:
        return Root(num.number(q))

    def s(square: int, values: list[Any], k: int) -> Root:
        return Root(num.number(square), num.diagonal(num.constant(values)), k)

    assert (sign(n(1), n(2)), sign(n(2), n(2))) == (-1, 0)
    assert (sign(r(2), n(1)), sign(r(2), n(2)), sign(r(4), n(2)), sign(r(2), n(-5))) == (1, -1, 0, 1)
    assert (sign(r(2), r(3)), sign(r(2), r(2))) == (-1, 0)
    assert [sign(s(1, [3, 2], 1), n(x)) for x in (2, 3, 4, -1)] == [1, 0, -1, 1]
    assert [sign(s(1, [3, 2, 2], k), n(2)) for k in (1, 2, 3)] == [1, 0, 0]
    assert [sign(s(4, [3, 2], 2), r(q)) for q in (15, 16, 17)] == [1, 0, -1]
    assert (sign(s(0, [3, 2], 1), n(0)), sign(s(0, [3, 2], 1), n(1)), sign(s(1, [3, 0], 2), n(0))) == (0, -1, 0)
    assert sign(s(1, [3, 2], 1), s(4, [3, 2], 1)) == -1
    assert sign(s(1, [3, 0], 2), s(4, [3, 0], 2)) == 0
    assert sign(s(1, [3, 2], 1), s(1, [3, 2], 2)) == 1
    assert sign(s(1, [3, 2], 1), s(1, [3, 1], 1)) == 0
    assert sign(s(1, [3, 2], 1), s(1, [4, 1], 1)) == -1
    assert sign(s(1, [3, 2], 2), s(1, [4, 1], 2)) == 1
    assert sign(s(4, [3, 1], 2), s(1, [7, 2], 2)) == 0
    wide = Root(num.number(1), num.constant([[1, 2, 0], [3, 4, 5]]), 1)
    tall = Root(num.number(1), num.constant([[1, 2, 0], [3, 4, 5]]).mT, 1)
    assert sign(wide, tall) == 0
    assert sign(wide * num.number(2), tall) == 1
    small = Root(num.number(1), num.constant([[1, 1], [0, 1]]), 1)  # irrational, and the same beside a zero
    padded = Root(num.number(1), num.constant([[1, 1, 0], [0, 1, 0], [0, 0, 0]]), 1)
    assert sign(small, padded) == 0
    apart = [s(1, [10**400, 1], 1), s(1, [10**401, 1], 1)]
    with pytest.raises(Unsupported, match="range of floats"):
        sign(*apart)
    close = Root(num.number(1), num.constant([[1, 2], [3, 4]]), 1)
    closer = Root(num.number(1), num.constant([[1 + Fraction(1, 10**30), 2], [3, 4]]), 1)
    with pytest.raises(Unsupported, match="no rational number"):
        sign(close, closer)


# Fractions and what it encloses -------------------------------------------------------------------------------------


def test_the_precision_of_fractions() -> None:
    num = Fractions()
    assert num.bits == 256
    finer = num.finer()
    assert isinstance(finer, Fractions)
    assert finer.bits == FINE == 2048
    assert finer.finer() is None
    assert Fractions(FINE - 1).finer() is not None
    with Fractions(64).running(()):
        assert precision() == 64
        e = num.exp(num.number(1))
    assert precision() == 256
    assert Fraction(1, 2**66) < e.high - e.low < Fraction(1, 2**58)


def test_the_square_of_a_singular_value_is_an_eigenvalue() -> None:
    """s = sigma_2 of diag(3, 2), so that s s = 4: decided, exactly, in both types."""
    for make in (Rational, Fractions):
        num = make()
        A = num.constant([[1, 1], [0, 1]])  # sigma_1^2 = (3 + sqrt 5) / 2
        s = num.singular_value(A, 1)
        assert num.compare(s * s, s**2) == 0
        assert num.compare(s * s, num.number(26, 10)) > 0
        assert num.compare(2 * (s * s) - 1, num.number(43, 10)) < 0
        orthogonal = num.constant([[3, -4], [4, 3]])
        square = num.singular_value(orthogonal, 1) * num.singular_value(orthogonal, 1)
        assert num.compare(num.frobenius_norm_squared(orthogonal), 2 * square) == 0


def test_exponentials_and_logarithms_in_fractions() -> None:
    num = Fractions()
    assert num.exp(num.number(0)) == 1
    assert type(num.exp(num.number(0))) is Fraction
    assert float(num.exp(num.sqrt(num.number(2)))) == pytest.approx(math.exp(math.sqrt(2)))
    assert float(num.log(num.number(3))) == pytest.approx(math.log(3))
    assert float(num.log(num.number(1, 2))) == pytest.approx(-math.log(2))
    heads = num.softmax(num.constant([[[0, 0, 1], [0, 1, 1]], [[1, 0, 0], [0, 0, 0]]]))
    share = 1 / (1 + math.e)
    wanted = [[[0.5, share, 0.5], [0.5, 1 - share, 0.5]], [[1 - share, 0.5, 0.5], [share, 0.5, 0.5]]]
    assert np.allclose(np.asarray(heads, float), wanted)
    for value in (0, -1):
        with pytest.raises(Undefined, match="not positive"):
            num.log(num.number(value))
    assert float(num.sqrt(num.exp(num.number(2)))) == pytest.approx(math.e)
    assert float(num.sqrt(num.sqrt(num.number(2)))) == pytest.approx(2**0.25)
    e = num.exp(num.number(1))
    assert [num.positive(x) for x in (e, -e, e - e, num.number(1))] == [True, False, None, True]
    assert num.maximum(e, num.number(2)).low == e.low
    assert num.maximum(num.number(3), e) == 3
    assert num.minimum(e, num.number(3)).high == e.high
    assert num.minimum(num.number(2), e) == 2
    two = num.number(2)
    assert (num.compare(e, two), num.compare(two, e), num.compare(e * 0, two - 2)) == (1, -1, 0)
    assert num.show(e) == str(e)
    with pytest.raises(Undecided):
        num.compare(e, e)


def test_matrices_that_are_only_enclosed() -> None:
    num = Fractions()
    A = num.constant([[0, 2], [3, 4]]) + num.exp(num.zeros(2, 2)) - num.constant([[1, 1], [1, 1]])
    e = num.exp(num.number(1))
    B = A + (e - e)  # A, enclosed
    X = num.solve(B, num.constant([[2], [10]]))
    assert float(X[0, 0]) == pytest.approx(2)
    assert float(X[1, 0]) == pytest.approx(1)
    assert X[0, 0].high - X[0, 0].low < Fraction(1, 10**70)
    assert num.nonsingular(B) is True
    assert num.nonsingular(num.constant([[1, 2], [2, 4]]) + (e - e)) is None
    assert num.nonsingular(num.zeros(2, 2) * e) is False
    with pytest.raises(Undefined):
        num.solve(num.zeros(2, 2) * e, B)
    assert num.symmetric(num.constant([[0, 1], [1, 0]]) + (e - e)) is None
    assert num.symmetric(num.constant([[0, 1], [2, 0]]) + (e - e)) is False
    assert num.positive_semidefinite(num.constant([[2, 1], [1, 2]]) + (e - e)) is None
    assert num.positive_semidefinite(num.constant([[2, 1], [0, 2]]) + (e - e)) is False
    assert num.positive_semidefinite(num.symmetric_part(num.constant([[2, 1], [1, 2]]) + (e - e))) is True
    assert num.positive_semidefinite(num.constant([[1, 2], [2, 1]]) + (e - e)) is False
    with pytest.raises(Undecided, match="enclosed"):
        num.svd(B)
    assert num.rank(B) == 2
    with pytest.raises(Undecided, match="enclosed"):
        num.rank(num.constant([[1, 2], [2, 4]]) + (e - e))
    assert float(num.determinant(B)) == pytest.approx(-6)
    assert [float(c) for c in num.characteristic_polynomial(B)] == pytest.approx([-6, -4, 1])
    assert float(num.spectral_norm(B)) == pytest.approx(np.linalg.norm([[0, 2], [3, 4]], 2))
    assert float(num.singular_value(B, 2)) == pytest.approx(6 / np.linalg.norm([[0, 2], [3, 4]], 2))


def test_elimination_in_any_ordered_field() -> None:
    """What `ObjectArithmetic` does where no library solves: (0 2 / 3 4) needs an exchange of rows."""
    num = Rational()
    A = num.constant([[0, 2], [3, 4]])
    assert plain(ObjectArithmetic.solve(num, A, num.constant([[2], [10]]))) == [[2], [1]]
    assert ObjectArithmetic._pivot(num, num.constant([5, 0, 0, 7]).tolist(), 1) == 3
    assert ObjectArithmetic._pivot(num, num.constant([5, 0, 0]).tolist(), 1) is None
    with pytest.raises(Undefined, match="2 x 2"):
        ObjectArithmetic.solve(num, num.constant([[1, 2], [2, 4]]), A)


def test_elimination_pivots_on_the_largest_enclosure() -> None:
    """A first entry that is zero or 2^-80, undecided at 64 bits, is no pivot while a larger one is there."""
    num = Fractions(64)
    with num.running(()):
        doubt = Enclosure(Fraction(0), Fraction(1, 2**80))
        A = num.constant([[0, 1], [1, 0]])
        A[0, 0] = doubt
        X = num.solve(A, num.identity(2))
        assert float(X[0, 1]) == pytest.approx(1)
        assert float(X[1, 0]) == pytest.approx(1)
        A[1, 0] = doubt
        with pytest.raises(Undecided):
            num.solve(A, num.identity(2))


def test_the_pivot_is_the_largest_entry_at_or_below() -> None:
    """Small ones count by their size, too, and each column has its own."""
    num = Fractions()
    column = [Enclosure.of(5), Enclosure.of(Fraction(1, 2**60)), Enclosure.of(Fraction(-1, 2)), Enclosure.of(0)]
    assert [num._pivot(column, start) for start in (0, 1, 2)] == [0, 2, 2]
    assert num._pivot(column, 3) is None
    nothing = num.exp(num.number(1)) * 0
    A = num.constant([[4, 1, 1], [0, 0, 2], [0, 3, 0]]) + nothing
    X = num.solve(A, num.constant([[7], [2], [6]]))
    assert [float(x) for x in X[:, 0]] == pytest.approx([1, 2, 1])


def test_relations_between_enclosures_are_three_valued() -> None:
    num = Fractions()
    e = num.exp(num.number(1))
    assert [num.related(kind, e, num.number(2)) for kind in ("equal", "at most", "less than")] == [False, False, False]
    assert [num.related(kind, num.number(2), e) for kind in ("equal", "at most", "less than")] == [False, True, True]
    assert [num.related(kind, e, e) for kind in ("equal", "at most", "less than")] == [None, None, None]
    touching = Enclosure(Fraction(1), Fraction(2)), Enclosure(Fraction(2), Fraction(3))
    assert [num.related(kind, *touching) for kind in ("equal", "at most", "less than")] == [None, True, None]
    two = num.number(2)
    assert [num.related(kind, two, two) for kind in ("equal", "at most", "less than")] == [True, True, False]
    pair, other = num.constant([1, 0]), num.constant([1, 2])
    pair[1] = e - e
    assert num.decide(equal(pair, other)).verdicts[0] == NO
    other[1] = num.number(0)
    assert num.decide(equal(pair, other)).verdicts[0] == UNKNOWN


def test_enclosed_singular_values() -> None:
    """sigma of (1 1 / 0 1) is the golden ratio and its inverse; of (1 2 / 2 4) 5 and 0."""
    num = Fractions()
    golden = (1 + num.sqrt(num.number(5))) / 2
    A = num.constant([[1, 1], [0, 1]])
    for k, wanted in ((1, golden), (2, golden - 1)):
        value = EnclosedRoot(Fraction(1), A, k).enclosure()
        assert value.low <= wanted.high
        assert wanted.low <= value.high
        assert value.high - value.low < Fraction(1, 10**38)
    assert EnclosedRoot(Fraction(1), num.constant([[1, 2], [2, 4]]), 2).enclosure() == 0
    alone = EnclosedRoot(Fraction(1), num.constant([[1000, 1], [0, 0]]), 1).enclosure()  # sigma_1^2 is the whole trace
    assert alone.low**2 <= 1000001 <= alone.high**2
    assert alone.high - alone.low < Fraction(1, 10**30)
    tiny = EnclosedRoot(Fraction(4), num.constant([[1, 0], [0, Fraction(1, 10**50)]]), 2)
    assert float(tiny) == pytest.approx(2e-50, abs=0)
