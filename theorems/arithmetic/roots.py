"""Square roots and singular values in exact arithmetic: kept as they are, compared by squares and by inertia."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from theorems.case import Array, fraction
from theorems.errors import Unsupported


def rational_root(square: Any) -> Any | None:
    """sqrt(square) where it is rational, in the type of `square`; else None."""
    q = fraction(square)
    top, bottom = math.isqrt(q.numerator), math.isqrt(q.denominator)
    if top * top != q.numerator or bottom * bottom != q.denominator:
        return None
    return type(square)(top, bottom)


class Irrational:
    """A real number that exact arithmetic keeps as it is, and compares."""

    def beyond(self, reason: str, operation: Callable[..., Any], *operands: Any) -> Any:
        """The result of an operation that leaves its kind: here `Unsupported` (a case for `Ball`)."""
        raise Unsupported(reason)


@dataclass(frozen=True, eq=False)
class Root(Irrational):
    """sqrt(square) * sigma_k(matrix), non-negative; without a matrix, sqrt(square).

    `square` is a non-negative rational.  Products and quotients of roots stay roots; the square of one singular value
    is an eigenvalue.  Sums, negatives and other products are no roots: `beyond` says what becomes of them.
    """

    square: Any
    matrix: Array | None = None
    k: int = 0

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray) or _foreign(other):
            return NotImplemented
        if isinstance(other, Root):
            if other.matrix is not None and self.matrix is not None:
                return self._squared(other)
            holder = self if self.matrix is not None else other
            return _simple(type(self)(self.square * other.square, holder.matrix, holder.k))
        if other == 0:
            return other * 0
        if other < 0:
            return self.beyond("the negative of a root: compare it on the other side", operator.mul, self, other)
        return type(self)(self.square * other * other, self.matrix, self.k)

    __rmul__ = __mul__

    def eigenvalue(self, matrix: Array, k: int, factor: Any) -> Any:
        """factor lambda_k of a symmetric matrix."""
        from theorems.arithmetic.eigenvalues import Eigenvalue  # which builds on this module

        return Eigenvalue(matrix, k, factor, factor * 0)

    def _squared(self, other: Root) -> Any:
        """The product of two multiples of one singular value, an eigenvalue of A^T A."""
        A, B = self.matrix, other.matrix
        assert A is not None
        assert B is not None
        factor = rational_root(self.square * other.square)
        if self.k == other.k and factor is not None and (_same(A, B) or _same(A, B.mT)):
            return self.eigenvalue(gram(A), self.k, factor) if factor != 0 else factor
        return self.beyond("a product of two singular values is an algebraic number", operator.mul, self, other)

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray) or _foreign(other):
            return NotImplemented
        if isinstance(other, Root):
            if other.matrix is not None:
                return self.beyond("a division by a singular value", operator.truediv, self, other)
            return _simple(type(self)(self.square / other.square, self.matrix, self.k))
        if other < 0:
            return self.beyond("the negative of a root: compare it on the other side", operator.truediv, self, other)
        return type(self)(self.square / (other * other), self.matrix, self.k)

    def __rtruediv__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray) or _foreign(other):
            return NotImplemented
        if self.matrix is not None:
            return self.beyond("a division by a singular value", operator.truediv, other, self)
        return type(self)(1 / self.square) * other

    def __pow__(self, exponent: int) -> Any:
        if exponent != 2:
            return self.beyond(f"the power {exponent} of a root", operator.pow, self, exponent)
        return self * self if self.matrix is not None else self.square

    def __add__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray) or _foreign(other):
            return NotImplemented
        if not isinstance(other, Root) and other == 0:
            return self
        return self.beyond("a sum with an irrational root", operator.add, self, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray) or _foreign(other):
            return NotImplemented
        if not isinstance(other, Root) and other == 0:
            return self
        return self.beyond("a difference with an irrational root", operator.sub, self, other)

    def __rsub__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray) or _foreign(other):
            return NotImplemented
        return self.beyond("a difference with an irrational root", operator.sub, other, self)

    def __neg__(self) -> Any:
        return self.beyond("the negative of a root: compare it on the other side", operator.neg, self)

    def __abs__(self) -> Root:
        return self

    def __float__(self) -> float:
        value = root_as_float(fraction(self.square))
        if self.matrix is not None:
            scaled, exponent = as_floats(self.matrix)
            value *= _ldexp(float(np.linalg.svd(scaled, compute_uv=False)[self.k - 1]), exponent)
        return value

    def __str__(self) -> str:
        parts = [] if self.square == 1 and self.matrix is not None else [f"sqrt({self.square})"]
        if self.matrix is not None:
            parts.append(f"sigma_{self.k}")
        return f"{' '.join(parts)} = {float(self):.12g}"


def _foreign(other: Any) -> bool:
    """Whether another kind of irrational number has to do the work."""
    return isinstance(other, Irrational) and not isinstance(other, Root)


def root_as_float(q: Fraction) -> float:
    """sqrt(q) in floating point, also where q itself is beyond its range."""
    if q == 0:
        return 0.0
    half = (q.numerator.bit_length() - q.denominator.bit_length()) // 2
    return _ldexp(math.sqrt(q / Fraction(4) ** half), half)


def _ldexp(value: float, exponent: int) -> float:
    try:
        return math.ldexp(value, exponent)
    except OverflowError:
        return math.inf


def as_floats(array: Array) -> tuple[Array, int]:
    """An object array of rationals as float64 times a power of two: (floats, exponent), the floats at most 2."""
    entries = [fraction(entry) for entry in np.ravel(np.asarray(array, dtype=object))]
    sizes = [q.numerator.bit_length() - q.denominator.bit_length() for q in entries if q != 0]
    exponent = max(sizes, default=0)
    unit = Fraction(2) ** exponent
    return np.array([float(q / unit) for q in entries], dtype=np.float64).reshape(array.shape), exponent


def _same(A: Array, B: Array) -> bool:
    return A.shape == B.shape and bool(np.asarray(A == B).all())


def _simple(root: Root) -> Any:
    if root.matrix is None:
        exact = rational_root(root.square)
        return root if exact is None else exact
    return root


#: The coefficients (lowest first) of det(x I - S) for a symmetric matrix of rationals.
CharacteristicPolynomial = Callable[[Array], Iterable[Any]]


def inertia(S: Array, characteristic_polynomial: CharacteristicPolynomial) -> tuple[int, int, int]:
    """How many eigenvalues of a symmetric matrix are negative, zero, positive.

    All roots of its characteristic polynomial are real, so Descartes' rule counts the positive ones exactly.
    """
    coefficients = list(characteristic_polynomial(S))
    zero = next(i for i, c in enumerate(coefficients) if c != 0)
    signs = [1 if c > 0 else -1 for c in coefficients if c != 0]
    positive = sum(a != b for a, b in itertools.pairwise(signs))
    return len(S) - zero - positive, zero, positive


def gram(A: Array) -> Array:
    """A^T A or A A^T, whichever is smaller."""
    product: Array = A.mT @ A if A.shape[-1] <= A.shape[-2] else A @ A.mT
    return product


def compare(x: Any, y: Any, characteristic_polynomial: CharacteristicPolynomial) -> int:
    """The sign of x - y for rationals and roots.  Raises `Unsupported` for two different singular values."""
    if not isinstance(x, Root):
        if not isinstance(y, Root):
            return int(x > y) - int(x < y)
        return -compare(y, x, characteristic_polynomial)
    if not isinstance(y, Root):
        if y < 0:
            return 1
        y = Root(y * y)
    if x.matrix is None and y.matrix is None:
        return int(x.square > y.square) - int(x.square < y.square)
    if x.matrix is not None and y.matrix is not None:
        if x.k == y.k and (_same(x.matrix, y.matrix) or _same(x.matrix, y.matrix.mT)):
            sign = int(x.square > y.square) - int(x.square < y.square)
            return sign and sign * _compare_sigma(x if sign > 0 else y, 0, characteristic_polynomial)  # it may be zero
        if x.k == y.k and _spectrum(x, characteristic_polynomial) == _spectrum(y, characteristic_polynomial):
            return 0
        return _compare_by_factors(x, y, characteristic_polynomial)
    if x.matrix is None:
        return -compare(y, x, characteristic_polynomial)
    return _compare_sigma(x, y.square, characteristic_polynomial)


def _spectrum(x: Root, characteristic_polynomial: CharacteristicPolynomial) -> list[Any]:
    """A list that is the same for two roots exactly when their matrices have the same non-zero singular values."""
    assert x.matrix is not None
    coefficients = list(characteristic_polynomial(gram(x.matrix) * x.square))
    return coefficients[next(i for i, c in enumerate(coefficients) if c != 0) :]


def _compare_sigma(x: Root, square: Any, characteristic_polynomial: CharacteristicPolynomial) -> int:
    """The sign of sqrt(x.square) sigma_k(A) - sqrt(square)."""
    assert x.matrix is not None
    if x.square == 0:
        return -1 if square > 0 else 0
    G = gram(x.matrix).copy()
    for i in range(len(G)):
        G[i, i] = G[i, i] - square / x.square
    _, zero, positive = inertia(G, characteristic_polynomial)
    return 1 if positive >= x.k else 0 if positive + zero >= x.k else -1


def _compare_by_factors(x: Root, y: Root, characteristic_polynomial: CharacteristicPolynomial) -> int:
    """Two singular values of different matrices, separated by a rational number between them where there is one."""
    low, high = sorted((float(x), float(y)))
    if not math.isfinite(high):
        raise Unsupported("two singular values beyond the range of floats")
    middle = fraction((low + high) / 2)
    square = type(x.square)(middle.numerator, middle.denominator) ** 2
    left = _compare_sigma(x, square, characteristic_polynomial)
    right = _compare_sigma(y, square, characteristic_polynomial)
    if left * right > 0 or left == right == 0:
        if left == 0:
            return 0
        raise Unsupported("two singular values that no rational number close to them separates")
    return (left > right) - (left < right)
