"""Rational enclosures hold the value that mpmath computes at 100 digits, and they are narrow."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theorems.arithmetic.enclosure import BITS, LARGEST_EXPONENT, Enclosure, rounded
from theorems.errors import Undecided, Undefined, Unsupported

REFERENCE = mpmath.MPContext()
REFERENCE.dps = 100

rationals = st.builds(Fraction, st.integers(-(10**6), 10**6), st.integers(1, 10**6))
scales = st.integers(-300, 300).map(lambda e: Fraction(2) ** e)
positives = st.builds(lambda n, d, s: Fraction(n, d) * s, st.integers(1, 10**6), st.integers(1, 10**6), scales)


def reference(x: Fraction) -> Any:
    return REFERENCE.mpf(x.numerator) / x.denominator


def assert_encloses(enclosure: Enclosure, value: Any) -> None:
    """`value` carries an error of 10^-99 of its own; the enclosure is about 10^-76 wide."""
    slack = abs(value) * REFERENCE.mpf(10) ** -98
    assert reference(enclosure.low) <= value + slack
    assert reference(enclosure.high) >= value - slack
    assert reference(enclosure.high - enclosure.low) <= abs(value) * REFERENCE.mpf(2) ** (4 - BITS)


@settings(max_examples=60, deadline=None)
@given(st.one_of(rationals.map(lambda x: x / 1000), st.fractions(-800, 800), positives.filter(lambda x: x < 1000)))
def test_exp(x: Fraction) -> None:
    assert_encloses(Enclosure.of(x).exp(), REFERENCE.exp(reference(x)))


@settings(max_examples=60, deadline=None)
@given(positives.filter(lambda x: abs(x - 1) > Fraction(1, 10**4)))
def test_log(x: Fraction) -> None:
    enclosure = Enclosure.of(x).log()
    value = REFERENCE.log(reference(x))
    assert reference(enclosure.low) <= value + REFERENCE.mpf(10) ** -96
    assert reference(enclosure.high) >= value - REFERENCE.mpf(10) ** -96
    assert enclosure.high - enclosure.low <= Fraction(1, 10**72)


@settings(max_examples=60, deadline=None)
@given(positives)
def test_sqrt(x: Fraction) -> None:
    enclosure = Enclosure.of(x).sqrt()
    assert_encloses(enclosure, REFERENCE.sqrt(reference(x)))
    assert enclosure.low**2 <= x <= enclosure.high**2


@settings(max_examples=60, deadline=None)
@given(rationals, rationals, st.sampled_from([operator.add, operator.sub, operator.mul, operator.truediv]))
def test_field_operations_hold_the_exact_result(x: Fraction, y: Fraction, operation: Callable[[Any, Any], Any]) -> None:
    width = Fraction(1, 10**9)
    a, b = Enclosure(x - width, x + width), Enclosure(y - width, y + width)
    if operation is operator.truediv and abs(y) <= width:
        with pytest.raises(Undecided):
            a / b
        return
    for p in (x - width, x, x + width):
        for q in (y - width, y, y + width):
            result = operation(a, b)
            assert result.low <= operation(p, q) <= result.high
            mixed = operation(a, q), operation(p, b)
            assert all(m.low <= operation(p, q) <= m.high for m in mixed)


@given(st.integers(-(2**400), 2**400), st.integers(1, 2**300), st.booleans())
def test_rounding_goes_the_right_way_and_loses_little(p: int, q: int, up: bool) -> None:
    x = Fraction(p, q)
    y = rounded(x, up=up)
    assert (y >= x) if up else (y <= x)
    assert abs(y - x) <= abs(x) / 2 ** (BITS - 1)
    assert y.denominator & (y.denominator - 1) == 0


@given(st.integers(-5, 5), st.integers(-5, 5), st.integers(0, 4))
def test_powers_of_an_interval(a: int, b: int, n: int) -> None:
    low, high = sorted((a, b))
    power = Enclosure(Fraction(low), Fraction(high)) ** n
    values = [Fraction(low * (10 - i) + high * i, 10) ** n for i in range(11)]
    assert power.low <= min(values)
    assert max(values) <= power.high
    if n % 2 == 0:
        assert power.low >= 0


def test_a_product_with_itself_is_a_square() -> None:
    x = Enclosure(Fraction(-1), Fraction(2))
    assert ((x * x).low, (x * x).high) == (0, 4)
    y = Enclosure(Fraction(-1), Fraction(2))  # another number between the same bounds
    assert ((x * y).low, (x * y).high) == (-2, 4)


def test_comparisons_are_certain_or_undecided() -> None:
    x, y = Enclosure(Fraction(0), Fraction(2)), Enclosure(Fraction(1), Fraction(3))
    assert x.less(y) is None
    assert x.at_most(y) is None
    assert x.equals(y) is None
    for compare in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
        with pytest.raises(Undecided):
            compare(x, y)
    with pytest.raises(Undecided):
        bool(x)
    touching = Enclosure(Fraction(2), Fraction(3))
    assert x.at_most(touching) is True
    assert x.less(touching) is None
    assert touching.less(x) is False
    assert x < 3
    assert not x > 2
    assert Fraction(-1) < x
    assert Fraction(5) != x
    assert Enclosure.of(7) == 7
    assert bool(touching)


def test_domains() -> None:
    around_zero = Enclosure(Fraction(-1), Fraction(1))
    assert around_zero.sqrt().low == 0
    with pytest.raises(Undecided):
        around_zero.log()
    with pytest.raises(Undefined):
        Enclosure.of(-1).sqrt()
    with pytest.raises(Unsupported, match="exponential"):
        Enclosure.of(LARGEST_EXPONENT + 1).exp()
    deep = Enclosure.of(-LARGEST_EXPONENT - 1).exp()
    assert deep.low == 0 < deep.high < Fraction(1, 10**1000)
    assert abs(around_zero).low == 0
    assert around_zero.larger(0).low == 0
    with pytest.raises(ValueError, match="lower end"):
        Enclosure(Fraction(1), Fraction(0))


def test_monotone_functions_use_both_ends() -> None:
    x = Enclosure(Fraction(1), Fraction(2))
    assert math.isclose(float(x.exp().low), math.e)
    assert math.isclose(float(x.exp().high), math.e**2)
    assert math.isclose(float(x.log().high), math.log(2))
    assert x.log().low == 0
    assert math.isclose(float(x.sqrt().high), math.sqrt(2))
    assert x.sqrt().low == 1
    assert (-abs(-x)).high == -1


def test_rounded_ends_are_short_and_on_their_side() -> None:
    """Denominators one off a power of two are no powers of two."""
    for q in (Fraction(1, 3), Fraction(2, 7), Fraction(-5, 3), Fraction(1, 5), Fraction(1, 9)):
        low, high = rounded(q, up=False), rounded(q, up=True)
        assert low < q < high
        for end in (low, high):
            assert end.denominator & (end.denominator - 1) == 0
        assert high - low <= abs(q) / 2 ** (BITS - 1)
    for q in (Fraction(0), Fraction(5), Fraction(-3, 8), Fraction(1, 2**300)):
        assert rounded(q, up=False) == q == rounded(q, up=True)
