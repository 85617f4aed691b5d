"""The ends of enclosures, by hand: what is rounded, which way, by how much, and what is refused."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from theorems.arithmetic.enclosure import (
    BITS,
    LARGEST_EXPONENT,
    Enclosure,
    outward,
    precise,
    precision,
    rounded,
)
from theorems.errors import Undecided, Undefined, Unsupported

REFERENCE = mpmath.MPContext()
REFERENCE.dps = 200


def between(low: Any, high: Any) -> Enclosure:
    return Enclosure(Fraction(low), Fraction(high))


def ends(x: Any) -> tuple[Any, Any]:
    return x.low, x.high


def assert_tight(x: Enclosure, value: Any, bits: int = BITS) -> None:
    """It holds the value (200 digits of it), and its width is a few units in the last place."""
    with REFERENCE.workdps(200):
        low, high = (REFERENCE.mpf(end.numerator) / end.denominator for end in ends(x))
        slack = abs(value) * REFERENCE.mpf(10) ** -190
        assert low <= value + slack
        assert high >= value - slack
        assert high - low <= abs(value) * REFERENCE.mpf(2) ** (3 - bits)


def test_the_precision_is_that_of_the_block() -> None:
    assert precision() == BITS == 256
    with precise(20):
        assert precision() == 20
        with precise(10):
            assert precision() == 10
        third = outward(Fraction(1, 3), Fraction(1, 3))
        assert 0 < third.high - third.low <= Fraction(1, 2**20)
    assert precision() == 256
    assert outward(Fraction(1, 3), Fraction(1, 3)).high - Fraction(1, 3) < Fraction(1, 2**256)


def test_a_point_and_an_enclosure_turned_around() -> None:
    assert ends(Enclosure.of(3)) == (3, 3)
    x = between(1, 2)
    assert Enclosure.of(x) is x
    assert ends(between(2, 2)) == (2, 2)
    with pytest.raises(ValueError, match="lower end"):
        between(2, 1)


@pytest.mark.parametrize(
    ("q", "bits", "down", "up"),
    [(Fraction(19), 3, 18, 20), (Fraction(-19), 3, -20, -18), (Fraction(7), 3, 7, 7), (Fraction(8), 3, 8, 8),
     (Fraction(11), 3, 11, 11), (Fraction(1, 3), 2, Fraction(1, 4), Fraction(3, 8)), (Fraction(0), 4, 0, 0),
     (Fraction(-1, 3), 2, Fraction(-3, 8), Fraction(-1, 4)), (Fraction(3, 8), 2, Fraction(3, 8), Fraction(3, 8)),
     (Fraction(1000, 3), 4, 320, 336), (Fraction(5, 3), 1, 1, 2),
     (Fraction(1, 5), 3, Fraction(3, 16), Fraction(7, 32))],
)  # fmt: skip
def test_rounding_by_hand(q: Fraction, bits: int, down: Any, up: Any) -> None:
    """To `bits` significant bits or one more: 19 = 10011 in binary, 1/3 = 0.0101..., 1/5 = 0.00110011..."""
    assert (rounded(q, up=False, bits=bits), rounded(q, up=True, bits=bits)) == (down, up)


def test_long_numerators_are_cut() -> None:
    q = Fraction(2**300 + 1)
    low, high = rounded(q, up=False), rounded(q, up=True)
    assert low == 2**300 < q < high
    assert high - low <= 2 ** (301 - BITS)
    whole = 2**BITS - 1
    assert rounded(Fraction(whole), up=False) == whole == rounded(Fraction(whole), up=True)


def test_ends_cannot_be_changed() -> None:
    x = between(1, 2)
    with pytest.raises(AttributeError):
        x.low = Fraction(0)  # type: ignore[misc]
    assert ends(x) == (1, 2)


def test_field_operations_by_hand() -> None:
    x, y = between(-1, 2), between(3, 5)
    assert ends(x + y) == (2, 7)
    assert ends(x + 1) == ends(1 + x) == (0, 3)
    assert ends(-x) == (-2, 1)
    assert ends(x - y) == (-6, -1)
    assert ends(x - 1) == (-2, 1)
    assert ends(1 - x) == (-1, 2)
    assert ends(x * y) == (-5, 10)
    assert ends(y * x) == (-5, 10)
    assert ends(x * 3) == ends(3 * x) == (-3, 6)
    assert ends(x * -1) == (-2, 1)
    assert ends(between(-3, -2) * between(-5, -4)) == (8, 15)
    assert ends(x * x) == (0, 4)
    assert ends(between(2, 4).reciprocal()) == (Fraction(1, 4), Fraction(1, 2))
    assert ends(between(-4, -2).reciprocal()) == (Fraction(-1, 2), Fraction(-1, 4))
    assert ends(between(2, 4) / 2) == (1, 2)
    assert ends(x / between(1, 2)) == (-1, 2)
    assert ends(1 / between(2, 4)) == (Fraction(1, 4), Fraction(1, 2))
    assert ends(Fraction(3) / between(1, 4)) == (Fraction(3, 4), 3)
    for zero in (between(-1, 1), between(0, 1), between(-1, 0), Enclosure.of(0)):
        with pytest.raises(Undecided, match="zero"):
            zero.reciprocal()
        with pytest.raises(Undecided, match="zero"):
            y / zero
        with pytest.raises(Undecided, match="zero"):
            1 / zero


@pytest.mark.parametrize(
    ("low", "high", "exponent", "wanted"),
    [(-1, 2, 2, (0, 4)), (-3, 2, 2, (0, 9)), (-3, -2, 2, (4, 9)), (2, 3, 2, (4, 9)), (-1, 2, 3, (-1, 8)),
     (-1, 2, 1, (-1, 2)), (-1, 2, 0, (1, 1)), (2, 3, 4, (16, 81)), (-2, 1, 4, (0, 16)), (-2, -1, 3, (-8, -1))],
)  # fmt: skip
def test_powers_by_hand(low: int, high: int, exponent: int, wanted: tuple[int, int]) -> None:
    assert ends(between(low, high) ** exponent) == wanted


def test_other_types_are_none_of_its_business() -> None:
    x = between(1, 2)
    operations: list[Callable[[Any, Any], Any]] = [
        operator.add, operator.sub, operator.mul, operator.truediv, operator.lt, operator.le, operator.gt, operator.ge]
    for operation in operations:
        for pair in ((x, "1"), ("1", x), (x, 0.5), (0.5, x)):
            with pytest.raises(TypeError):
                operation(*pair)
    for exponent in (-1, 0.5, Fraction(1, 2)):
        with pytest.raises(TypeError):
            x**exponent  # type: ignore[operator]
    assert (x == "1") is False
    assert (x != "1") is True
    with pytest.raises(TypeError):
        hash(x)


def test_sizes_and_larger_ones() -> None:
    assert ends(abs(between(1, 2))) == (1, 2)
    assert ends(abs(between(-2, -1))) == (1, 2)
    assert ends(abs(between(-3, 2))) == (0, 3)
    assert ends(abs(between(-2, 3))) == (0, 3)
    assert ends(abs(between(0, 3))) == (0, 3)
    assert ends(abs(between(-3, 0))) == (0, 3)
    assert ends(between(1, 4).larger(between(2, 3))) == (2, 4)
    assert ends(between(1, 4).larger(5)) == (5, 5)
    assert ends(between(1, 4).larger(0)) == (1, 4)


# comparisons --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y", "less", "at_most", "equals"),
    [((0, 1), (2, 3), True, True, False), ((2, 3), (0, 1), False, False, False), ((0, 2), (2, 3), None, True, None),
     ((2, 3), (0, 2), False, None, None), ((0, 2), (1, 3), None, None, None), ((1, 1), (1, 1), False, True, True),
     ((1, 1), (0, 2), None, None, None), ((0, 1), (1, 1), None, True, None), ((1, 2), (1, 1), False, None, None),
     ((1, 2), (1, 2), None, None, None)],
)  # fmt: skip
def test_comparisons_are_certain_or_none(
    x: tuple[int, int], y: tuple[int, int], less: bool | None, at_most: bool | None, equals: bool | None
) -> None:
    a, b = between(*x), between(*y)
    assert (a.less(b), a.at_most(b), a.equals(b), b.equals(a)) == (less, at_most, equals, equals)
    operators: list[tuple[Callable[[Any, Any], Any], Any, Any, bool | None]] = [
        (operator.lt, a, b, less), (operator.le, a, b, at_most), (operator.eq, a, b, equals),
        (operator.gt, b, a, less), (operator.ge, b, a, at_most),
        (operator.ne, a, b, None if equals is None else not equals)]  # fmt: skip
    for operation, first, second, answer in operators:
        if answer is None:
            with pytest.raises(Undecided):
                operation(first, second)
        else:
            assert operation(first, second) is answer


def test_comparisons_with_rationals() -> None:
    x = between(1, 2)
    assert (x.less(3), x.less(1), x.at_most(2), x.equals(5), x.equals(2)) == (True, False, True, False, None)
    assert (x < 3, x <= 2, x > 0, x >= 1, x == 5, x != 5) == (True, True, True, True, False, True)
    assert (bool(x), bool(Enclosure.of(0))) == (True, False)
    with pytest.raises(Undecided):
        bool(between(0, 1))


# functions ----------------------------------------------------------------------------------------------------------


def test_square_roots() -> None:
    assert ends(between(4, 9).sqrt()) == (2, 3)
    assert ends(between(-4, 9).sqrt()) == (0, 3)
    assert ends(between(-4, 0).sqrt()) == (0, 0)
    assert ends(Enclosure.of(Fraction(9, 16)).sqrt()) == (Fraction(3, 4), Fraction(3, 4))
    with pytest.raises(Undefined, match="negative"):
        between(-2, Fraction(-1, 10**9)).sqrt()
    for q in (Fraction(2), Fraction(1, 3), Fraction(10**101, 7), Fraction(1, 10**99), Fraction(2**2000 + 1)):
        assert_tight(Enclosure.of(q).sqrt(), REFERENCE.sqrt(REFERENCE.mpf(q.numerator) / q.denominator))
        x = Enclosure.of(q).sqrt()
        assert x.low**2 < q < x.high**2


@pytest.mark.parametrize(
    "x", [1, -1, 2, Fraction(1, 3), Fraction(-1, 3), 100, -100, Fraction(1, 10**30), Fraction(255, 2), 128, 1000, -1000]
)
def test_exponentials(x: Any) -> None:
    point = Fraction(x)
    assert_tight(Enclosure.of(point).exp(), REFERENCE.exp(REFERENCE.mpf(point.numerator) / point.denominator))


def test_exponentials_of_intervals_and_at_the_ends() -> None:
    assert ends(Enclosure.of(0).exp()) == (1, 1)
    x = between(0, 1).exp()
    assert x.low == 1
    assert float(x.high) == math.e
    assert float(between(-1, 2).exp().low) == math.exp(-1)
    assert float(between(-1, 2).exp().high) == pytest.approx(math.exp(2), rel=1e-15)
    with pytest.raises(Unsupported, match="exponential"):
        Enclosure.of(LARGEST_EXPONENT + 1).exp()
    deep = Enclosure.of(-LARGEST_EXPONENT - 1).exp()
    with REFERENCE.workdps(60):
        least = REFERENCE.exp(-LARGEST_EXPONENT)
        high = REFERENCE.mpf(deep.high.numerator) / deep.high.denominator
        assert deep.low == 0
        assert least <= high <= least * (1 + REFERENCE.mpf(10) ** -50)
    edge = Enclosure.of(-LARGEST_EXPONENT).exp()
    assert 0 < edge.low < edge.high <= deep.high
    assert Enclosure.of(LARGEST_EXPONENT).exp().low > 0


@pytest.mark.parametrize(
    "x", [2, 3, Fraction(1, 2), Fraction(2, 3), Fraction(4, 3), Fraction(5, 3), Fraction(3, 5), 10**30,
          Fraction(1, 10**30), Fraction(7, 5), Fraction(5, 7), 6, Fraction(11, 8), Fraction(1001, 1000)]
)  # fmt: skip
def test_logarithms(x: Any) -> None:
    point = Fraction(x)
    assert_tight(Enclosure.of(point).log(), REFERENCE.log(REFERENCE.mpf(point.numerator) / point.denominator), BITS - 4)


def test_logarithms_close_to_one_keep_their_bits() -> None:
    """log(1 + 10^-60) = 10^-60 - 10^-120 / 2 + ..."""
    h = Fraction(1, 10**60)
    for sign in (1, -1):
        assert_tight(Enclosure.of(1 + sign * h).log(), REFERENCE.log1p(sign * REFERENCE.mpf(10) ** -60))


def test_logarithms_of_intervals_and_at_the_ends() -> None:
    assert ends(Enclosure.of(1).log()) == (0, 0)
    x = between(Fraction(1, 2), 2).log()
    assert float(x.low) == -math.log(2)
    assert float(x.high) == math.log(2)
    for value in (between(0, 1), between(-1, 1)):
        with pytest.raises(Undecided, match="positive"):
            value.log()
    with pytest.raises(Undefined, match="positive"):
        Enclosure.of(-1).log()
    with precise(2048):
        three = Enclosure.of(3).log()
    assert three.high - three.low < Fraction(1, 2**2040)
    assert_tight(three, REFERENCE.log(3), 600)


@pytest.mark.parametrize("bits", [2, 5, 53, 1000])
def test_functions_at_other_precisions(bits: int) -> None:
    with precise(bits):
        x = Enclosure.of(Fraction(7, 5))
        e, l, r = x.exp(), x.log(), x.sqrt()
    for value, wanted in ((e, REFERENCE.exp(REFERENCE.mpf(7) / 5)), (l, REFERENCE.log(REFERENCE.mpf(7) / 5)),
                          (r, REFERENCE.sqrt(REFERENCE.mpf(7) / 5))):  # fmt: skip
        assert_tight(value, wanted, min(bits - 4, 600))


# display ------------------------------------------------------------------------------------------------------------


def test_as_floats_and_words() -> None:
    assert float(between(1, 2)) == 1.5
    assert float(Enclosure.of(10**400)) == math.inf
    assert float(Enclosure.of(-(10**400))) == -math.inf
    assert str(between(1, 2)) == "1.5 +- 0.5"
    assert str(Enclosure.of(Fraction(1, 3))) == "0.333333333333 +- 0"
