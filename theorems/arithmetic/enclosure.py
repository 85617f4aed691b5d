"""Rational enclosures: a real number known to lie between two Fractions.

Standard library only.  Every operation rounds its lower end down and its upper end up to `precision()` significant
bits, so that an enclosure holds the exact result and its ends stay short.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from theorems.errors import Undecided, Undefined, Unsupported

#: Significant bits of the ends of an enclosure, unless `precise` says otherwise.
BITS = 256
#: No exponential of anything larger: its ends would have more than this many bits.
LARGEST_EXPONENT = 1 << 16

Number: TypeAlias = "int | Fraction | Enclosure"

_bits = BITS


@contextmanager
def precise(bits: int) -> Iterator[None]:
    """Within, the ends of new enclosures have that many bits."""
    global _bits
    before, _bits = _bits, bits
    try:
        yield
    finally:
        _bits = before


def precision() -> int:
    """The significant bits of the ends of a new enclosure."""
    return _bits


@dataclass(frozen=True, eq=False, slots=True)
class Enclosure:
    """A real number between two rationals, low <= high.

    Comparisons answer True or False only when the answer is certain, and raise `Undecided` otherwise: code that
    compares can never read doubt as "no".  `less` and `at_most` return None instead.
    """

    low: Fraction
    high: Fraction

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"an enclosure from {self.low} to {self.high}: the lower end comes first")

    @staticmethod
    def of(value: Number) -> Enclosure:
        """A number as an enclosure; a rational becomes a point."""
        if isinstance(value, Enclosure):
            return value
        point = Fraction(value)
        return Enclosure(point, point)

    # arithmetic

    def __add__(self, other: Any) -> Any:
        if not isinstance(other, NUMBERS):
            return NotImplemented
        other = Enclosure.of(other)
        return outward(self.low + other.low, self.high + other.high)

    __radd__ = __add__

    def __neg__(self) -> Enclosure:
        return Enclosure(-self.high, -self.low)

    def __sub__(self, other: Any) -> Any:
        return self + -other if isinstance(other, NUMBERS) else NotImplemented

    def __rsub__(self, other: Any) -> Any:
        return -self + other if isinstance(other, NUMBERS) else NotImplemented

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, NUMBERS):
            return NotImplemented
        if other is self:
            return self**2
        other = Enclosure.of(other)
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return outward(min(ends), max(ends))

    __rmul__ = __mul__

    def reciprocal(self) -> Enclosure:
        """1 / x.  Raises `Undecided` when x may be zero."""
        if self.low <= 0 <= self.high:
            raise Undecided("a division by a number that may be zero")
        return outward(1 / self.high, 1 / self.low)

    def __truediv__(self, other: Any) -> Any:
        return self * Enclosure.of(other).reciprocal() if isinstance(other, NUMBERS) else NotImplemented

    def __rtruediv__(self, other: Any) -> Any:
        return self.reciprocal() * other if isinstance(other, NUMBERS) else NotImplemented

    def __pow__(self, exponent: int) -> Enclosure:
        """A power with a non-negative integer exponent."""
        if not isinstance(exponent, int) or exponent < 0:
            return NotImplemented
        if exponent % 2 == 0 and exponent > 0:
            size = abs(self)
            return outward(size.low**exponent, size.high**exponent)
        return outward(self.low**exponent, self.high**exponent)

    def __abs__(self) -> Enclosure:
        if self.low >= 0:
            return self
        return -self if self.high <= 0 else Enclosure(Fraction(0), max(-self.low, self.high))

    def larger(self, other: Number) -> Enclosure:
        """max(x, y)."""
        other = Enclosure.of(other)
        return Enclosure(max(self.low, other.low), max(self.high, other.high))

    def sqrt(self) -> Enclosure:
        """The square root of a number that is known to be non-negative: an enclosure that passes zero is cut there."""
        if self.high < 0:
            raise Undefined("the square root of a negative number")
        return Enclosure(_root(max(self.low, Fraction(0)), up=False), _root(self.high, up=True))

    def root(self, p: int) -> Enclosure:
        """The p-th root of a number that is known to be non-negative."""
        if self.high < 0:
            raise Undefined(f"a root of order {p} of a negative number")
        return Enclosure(_integral_root(max(self.low, Fraction(0)), p, up=False), _integral_root(self.high, p, up=True))

    def exp(self) -> Enclosure:
        """e^x.  Raises `Unsupported` for x beyond `LARGEST_EXPONENT`."""
        if self.low == self.high:
            return outward(*_exp(self.low))
        return outward(_exp(self.low)[0], _exp(self.high)[1])

    def log(self) -> Enclosure:
        """The natural logarithm.  Raises `Undecided` when x may not be positive."""
        if self.high <= 0:
            raise Undefined("the logarithm of a number that is not positive")
        if self.low <= 0:
            raise Undecided("the logarithm of a number that may not be positive")
        if self.low == self.high:
            return outward(*_log(self.low))
        return outward(_log(self.low)[0], _log(self.high)[1])

    # comparisons

    def less(self, other: Number) -> bool | None:
        """Whether x < y; None when that is not certain."""
        other = Enclosure.of(other)
        return True if self.high < other.low else False if self.low >= other.high else None

    def at_most(self, other: Number) -> bool | None:
        """Whether x <= y; None when that is not certain."""
        other = Enclosure.of(other)
        return True if self.high <= other.low else False if self.low > other.high else None

    def equals(self, other: Number) -> bool | None:
        """Whether x = y: certain for points, and No for disjoint enclosures."""
        other = Enclosure.of(other)
        if self.high < other.low or other.high < self.low:
            return False
        return True if self.low == self.high == other.low == other.high else None

    def __lt__(self, other: Any) -> bool:
        return _certain(self.less(other)) if isinstance(other, NUMBERS) else NotImplemented

    def __le__(self, other: Any) -> bool:
        return _certain(self.at_most(other)) if isinstance(other, NUMBERS) else NotImplemented

    def __gt__(self, other: Any) -> bool:
        return _certain(Enclosure.of(other).less(self)) if isinstance(other, NUMBERS) else NotImplemented

    def __ge__(self, other: Any) -> bool:
        return _certain(Enclosure.of(other).at_most(self)) if isinstance(other, NUMBERS) else NotImplemented

    def __eq__(self, other: object) -> bool:
        return _certain(self.equals(other)) if isinstance(other, int | Fraction | Enclosure) else NotImplemented

    def __ne__(self, other: object) -> bool:
        return not _certain(self.equals(other)) if isinstance(other, int | Fraction | Enclosure) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # equality may be undecided

    def __bool__(self) -> bool:
        return self != 0

    # display

    def __float__(self) -> float:
        """For display and for ranking: infinite beyond the range of floats."""
        middle = (self.low + self.high) / 2
        try:
            return float(middle)
        except OverflowError:
            return math.inf if middle > 0 else -math.inf

    def __str__(self) -> str:
        return f"{float(self):.12g} +- {float(Enclosure.of((self.high - self.low) / 2)):.1g}"


NUMBERS = (int, Fraction, Enclosure)


def _certain(answer: bool | None) -> bool:
    if answer is None:
        raise Undecided("two numbers that their enclosures do not separate")
    return answer


def outward(low: Fraction, high: Fraction) -> Enclosure:
    """The enclosure with its ends rounded outward to `precision()` significant bits."""
    return Enclosure(rounded(low, up=False), rounded(high, up=True))


def rounded(q: Fraction, *, up: bool, bits: int | None = None) -> Fraction:
    """q rounded to that many significant bits, up or down; short dyadic numbers stay as they are."""
    bits = _bits if bits is None else bits
    top, bottom = q.numerator, q.denominator
    if bottom & (bottom - 1) == 0 and top.bit_length() <= bits:
        return q
    shift = bits + bottom.bit_length() - abs(top).bit_length()  # top 2^shift / bottom has `bits` or bits + 1 bits
    if shift >= 0:
        top <<= shift
    else:
        bottom <<= -shift
    whole = -(-top // bottom) if up else top // bottom
    return Fraction(whole, 1 << shift) if shift >= 0 else Fraction(whole << -shift)


def _root(q: Fraction, *, up: bool) -> Fraction:
    """sqrt(q) rounded to about `precision()` bits, up or down; exact where it is rational and short."""
    if q == 0:
        return q
    # sqrt(p/q) = sqrt(p q 4^k) / (q 2^k), with k such that the root of the integer has that many bits or more
    product = q.numerator * q.denominator
    k = max(0, _bits + 8 - product.bit_length() // 2)
    square = product << (2 * k)
    root = math.isqrt(square)
    if up and root * root != square:
        root += 1
    return rounded(Fraction(root, q.denominator << k), up=up)


def _integral_root(q: Fraction, p: int, *, up: bool) -> Fraction:
    """The p-th root of q >= 0 rounded to about `precision()` bits, up or down."""
    if q == 0:
        return q
    k = max(0, _bits + 8 - (q.numerator.bit_length() - q.denominator.bit_length()) // p)
    shifted = q.numerator << (p * k)
    whole = -(-shifted // q.denominator) if up else shifted // q.denominator
    low, high = 0, 1 << (whole.bit_length() // p + 1)
    while high - low > 1:  # low^p <= whole < high^p
        middle = (low + high) // 2
        low, high = (middle, high) if middle**p <= whole else (low, middle)
    return rounded(Fraction(low + (up and low**p != whole), 1 << k), up=up)


def _exp(x: Fraction) -> tuple[Fraction, Fraction]:
    """Two bounds of e^x: halve the argument, sum Taylor's series with its remainder, and square back."""
    if x == 0:
        return Fraction(1), Fraction(1)
    if x < 0:
        if x < -LARGEST_EXPONENT:
            return Fraction(0), 1 / _exp(Fraction(LARGEST_EXPONENT))[0]
        low, high = _exp(-x)
        return 1 / high, 1 / low
    if x > LARGEST_EXPONENT:
        raise Unsupported(f"the exponential of {float(x):.3g}: its enclosure would have millions of bits")
    halvings = max(0, math.ceil(x).bit_length()) + 8  # the argument falls below 2^-8
    bits = _bits + 2 * halvings + 32
    scale = x.denominator << halvings
    below = _taylor((x.numerator << bits) // scale, bits)[0]
    above = _taylor(-((-x.numerator << bits) // scale), bits)[1]
    for _ in range(halvings):
        below, above = (below * below) >> bits, _shifted_up(above * above, bits)
    return Fraction(below, 1 << bits), Fraction(above, 1 << bits)


def _taylor(t: int, bits: int) -> tuple[int, int]:
    """Two bounds of 2^bits exp(t / 2^bits) for 0 <= t < 2^(bits - 7), in integers."""
    low = high = low_term = high_term = 1 << bits
    n = 0
    while high_term > 1:
        n += 1
        low_term = (low_term * t >> bits) // n
        high_term = (_shifted_up(high_term * t, bits) + n - 1) // n
        low, high = low + low_term, high + high_term
    return low, high + 2  # the remainder is below the last term, one unit: the terms fall by a factor above 2


def _shifted_up(whole: int, bits: int) -> int:
    """whole / 2^bits, rounded up."""
    return -(-whole >> bits)


def _log(x: Fraction) -> tuple[Fraction, Fraction]:
    """Two bounds of log x: x = 2^k m with m near 1, and log m = 2 artanh((m - 1) / (m + 1))."""
    if x == 1:
        return Fraction(0), Fraction(0)
    k = x.numerator.bit_length() - x.denominator.bit_length()
    m = x / (1 << k) if k >= 0 else x * (1 << -k)
    if m < Fraction(2, 3):
        k, m = k - 1, 2 * m
    elif m > Fraction(4, 3):
        k, m = k + 1, m / 2
    z = (m - 1) / (m + 1)  # |z| <= 1/5
    low, high = _artanh(abs(z))
    if z < 0:
        low, high = -high, -low
    two_low, two_high = _artanh(Fraction(1, 3))  # log 2 = 2 artanh(1/3)
    ends = sorted((k * two_low, k * two_high))
    return 2 * (low + ends[0]), 2 * (high + ends[1])


def _artanh(z: Fraction) -> tuple[Fraction, Fraction]:
    """Two bounds of artanh z for 0 <= z <= 1/3, from z + z^3/3 + z^5/5 + ... with the remainder."""
    if z == 0:
        return z, z
    bits = _bits + 32 + max(0, z.denominator.bit_length() - z.numerator.bit_length())
    low_power = (z.numerator << bits) // z.denominator
    high_power = -((-z.numerator << bits) // z.denominator)
    low_square, high_square = low_power * low_power >> bits, _shifted_up(high_power * high_power, bits)
    low = high = 0
    n = 1
    while high_power > 1:
        low, high = low + low_power // n, high + (high_power + n - 1) // n
        low_power, high_power = low_power * low_square >> bits, _shifted_up(high_power * high_square, bits)
        n += 2
    return Fraction(low, 1 << bits), Fraction(high + 2, 1 << bits)  # what is left is below 9/8 of one unit
