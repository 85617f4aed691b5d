"""Roots and eigenvalues that become rational enclosures where an operation leaves their kind."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from theorems.arithmetic import elimination
from theorems.arithmetic.eigenvalues import Eigenvalue
from theorems.arithmetic.enclosure import Enclosure, precision, rounded
from theorems.arithmetic.roots import Root, gram
from theorems.case import Array


class EnclosedRoot(Root):
    """A root that becomes an enclosure where an operation leaves the roots."""

    def beyond(self, reason: str, operation: Callable[..., Any], *operands: Any) -> Any:
        return operation(*(x if isinstance(x, int) else enclose(x) for x in operands))

    def eigenvalue(self, matrix: Array, k: int, factor: Any) -> Any:
        return EnclosedEigenvalue(matrix, k, factor, factor * 0)

    def enclosure(self) -> Enclosure:
        """The root between two rationals."""
        factor = Enclosure.of(self.square).sqrt()
        return factor if self.matrix is None else factor * _singular_value(self.matrix, self.k)

    def __float__(self) -> float:
        return float(self.enclosure())

    def __mul__(self, other: Any) -> Any:
        return self.enclosure() * other if isinstance(other, Enclosure) else super().__mul__(other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return self.enclosure() / other if isinstance(other, Enclosure) else super().__truediv__(other)

    def __rtruediv__(self, other: Any) -> Any:
        return other / self.enclosure() if isinstance(other, Enclosure) else super().__rtruediv__(other)

    def __add__(self, other: Any) -> Any:
        return self.enclosure() + other if isinstance(other, Enclosure) else super().__add__(other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self.enclosure() - other if isinstance(other, Enclosure) else super().__sub__(other)

    def __rsub__(self, other: Any) -> Any:
        return other - self.enclosure() if isinstance(other, Enclosure) else super().__rsub__(other)


class EnclosedEigenvalue(Eigenvalue):
    """An eigenvalue that becomes an enclosure where an operation leaves its kind."""

    def beyond(self, reason: str, operation: Callable[..., Any], *operands: Any) -> Any:
        return operation(*(x if isinstance(x, int) else enclose(x) for x in operands))

    def enclosure(self) -> Enclosure:
        """The number between two rationals."""
        result: Enclosure = _eigenvalue(self.matrix, self.k) * self.factor + self.shift
        return result

    def __float__(self) -> float:
        return float(self.enclosure())

    def __add__(self, other: Any) -> Any:
        return self.enclosure() + other if isinstance(other, Enclosure) else super().__add__(other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self.enclosure() - other if isinstance(other, Enclosure) else super().__sub__(other)

    def __rsub__(self, other: Any) -> Any:
        return other - self.enclosure() if isinstance(other, Enclosure) else super().__rsub__(other)

    def __mul__(self, other: Any) -> Any:
        return self.enclosure() * other if isinstance(other, Enclosure) else super().__mul__(other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return self.enclosure() / other if isinstance(other, Enclosure) else super().__truediv__(other)

    def __rtruediv__(self, other: Any) -> Any:
        return other / self.enclosure() if isinstance(other, Enclosure) else super().__rtruediv__(other)


def enclose(value: Any) -> Enclosure:
    """A rational, a root, an eigenvalue or an enclosure as an enclosure."""
    return value.enclosure() if isinstance(value, EnclosedRoot | EnclosedEigenvalue) else Enclosure.of(value)


def _eigenvalue(S: Array, k: int) -> Enclosure:
    """lambda_k(S) by bisection; all eigenvalues lie within the largest row sum of zero."""
    polynomial = polynomial_of(S)
    size = rounded(max(sum((abs(entry) for entry in row), Fraction(0)) for row in S.tolist()), up=True, bits=8)
    low, high = -size, size
    while high - low > size / (1 << precision()):
        middle = (low + high) / 2
        if elimination.roots_above(polynomial, middle) >= k:
            low = middle
        else:
            high = middle
    return Enclosure(low, high)


def _singular_value(A: Array, k: int) -> Enclosure:
    """sigma_k(A) by bisection: inertia says on which side of a rational it lies."""
    G = gram(A)
    polynomial = polynomial_of(G)
    low, high = Fraction(0), rounded(sum((G[i, i] for i in range(len(G))), Fraction(0)), up=True, bits=8)  # the trace
    if elimination.roots_above(polynomial, low) < k:
        return Enclosure.of(0)
    while high - low > low / (1 << precision() // 2):  # a relative width, since the value is known to be positive
        middle = (low + high) / 2 if low > 0 else high / 16
        if elimination.roots_above(polynomial, middle) >= k:
            low = middle
        else:
            high = middle
    return Enclosure(low, high).sqrt()


def polynomial_of(S: Array) -> list[Fraction]:
    return elimination.characteristic_polynomial(S.tolist())
