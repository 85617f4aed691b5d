"""Eigenvalues of rational symmetric matrices in exact arithmetic: kept as they are, compared by inertia."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from theorems.arithmetic.roots import CharacteristicPolynomial, Irrational, Root, as_floats, compare, inertia
from theorems.case import Array, fraction
from theorems.errors import Unsupported


@dataclass(frozen=True, eq=False)
class Eigenvalue(Irrational):
    """factor lambda_k(matrix) + shift, for a symmetric matrix of rationals and its k-th largest eigenvalue.

    Sums with rationals and products with them stay of this form; `beyond` says what becomes of the rest.
    """

    matrix: Array
    k: int
    factor: Any
    shift: Any

    def _of(self, factor: Any, shift: Any) -> Any:
        return type(self)(self.matrix, self.k, factor, shift) if factor != 0 else shift

    def _alike(self, other: Any) -> bool:
        if not isinstance(other, Eigenvalue) or other.k != self.k:
            return False
        same = self.matrix is other.matrix or (
            self.matrix.shape == other.matrix.shape and bool(np.asarray(self.matrix == other.matrix).all())
        )
        return same

    def __add__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        if self._alike(other):
            return self._of(self.factor + other.factor, self.shift + other.shift)
        if isinstance(other, Irrational):
            return self.beyond("a sum of an eigenvalue and another irrational number", operator.add, self, other)
        return self._of(self.factor, self.shift + other)

    __radd__ = __add__

    def __neg__(self) -> Any:
        return self._of(-self.factor, -self.shift)

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        if isinstance(other, Root):
            return self.beyond("a difference of an eigenvalue and a root", operator.sub, self, other)
        return self + -other

    def __rsub__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else -self + other

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        if isinstance(other, Irrational):
            return self.beyond("a product of an eigenvalue and another irrational number", operator.mul, self, other)
        return self._of(self.factor * other, self.shift * other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        if isinstance(other, Irrational):
            return self.beyond("a division by an irrational number", operator.truediv, self, other)
        return self._of(self.factor / other, self.shift / other)

    def __rtruediv__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return self.beyond("a division by an eigenvalue", operator.truediv, other, self)

    def __pow__(self, exponent: int) -> Any:
        return self.beyond(f"the power {exponent} of an eigenvalue", operator.pow, self, exponent)

    def __abs__(self) -> Any:
        return self.beyond("the absolute value of an eigenvalue", operator.abs, self)

    def __float__(self) -> float:
        scaled, exponent = as_floats(self.matrix)
        value = float(np.linalg.eigvalsh(scaled)[len(scaled) - self.k])
        try:
            return float(fraction(self.factor)) * math.ldexp(value, exponent) + float(fraction(self.shift))
        except OverflowError:
            return math.copysign(math.inf, value * float(fraction(self.factor) > 0 or -1))

    def __str__(self) -> str:
        factor = "" if self.factor == 1 else f"{self.factor} "
        shift = "" if self.shift == 0 else f" + {self.shift}"
        return f"{factor}lambda_{self.k}{shift} = {float(self):.12g}"


def compared(x: Any, y: Any, characteristic_polynomial: CharacteristicPolynomial) -> int:
    """The sign of x - y for rationals, roots and eigenvalues.

    Raises `Unsupported` for two that no rational number close to them separates.
    """
    if isinstance(y, Eigenvalue) and not isinstance(x, Eigenvalue):
        return -compared(y, x, characteristic_polynomial)
    if not isinstance(x, Eigenvalue):
        return compare(x, y, characteristic_polynomial)
    if not isinstance(y, Irrational):
        return _with_rational(x, y, characteristic_polynomial)
    if isinstance(y, Eigenvalue):
        difference = x - y if x._alike(y) else None
        if difference is not None:
            zero = x.shift * 0
            return compared(difference, zero, characteristic_polynomial)
        if x.k == y.k and (x.factor, x.shift) == (y.factor, y.shift) and _one_spectrum(x, y, characteristic_polynomial):
            return 0
    middle = _between(x, y)
    left = compared(x, middle, characteristic_polynomial)
    right = compared(y, middle, characteristic_polynomial)
    if left == right:
        raise Unsupported("two irrational numbers that no rational number close to them separates")
    return 1 if left > right else -1


def _one_spectrum(x: Eigenvalue, y: Eigenvalue, characteristic_polynomial: CharacteristicPolynomial) -> bool:
    return list(characteristic_polynomial(x.matrix)) == list(characteristic_polynomial(y.matrix))


def _with_rational(x: Eigenvalue, t: Any, characteristic_polynomial: CharacteristicPolynomial) -> int:
    """By the inertia of S - (t - shift) / factor I."""
    level = (t - x.shift) / x.factor
    S = x.matrix.copy()
    for i in range(len(S)):
        S[i, i] = S[i, i] - level
    _, zero, positive = inertia(S, characteristic_polynomial)
    sign = 1 if positive >= x.k else 0 if positive + zero >= x.k else -1
    return sign if x.factor > 0 else -sign


def _between(x: Any, y: Any) -> Any:
    """A rational number near the middle of the two, in the type of their entries."""
    a, b = float(x), float(y)
    if not (math.isfinite(a) and math.isfinite(b)):
        raise Unsupported("irrational numbers beyond the range of floats")
    middle = Fraction(a) / 2 + Fraction(b) / 2
    return type(x.shift)(middle.numerator, middle.denominator)


def nearby_rational(value: float) -> Fraction | None:
    """The simplest rational number that a float may stand for; None beyond the range of floats."""
    return Fraction(value).limit_denominator(1000) if math.isfinite(value) else None
