"""Fractions: exact arithmetic by the standard library alone, the second opinion on what FLINT decides.

NumPy only holds the arrays.  Where several roots are summed, or an exponential or a logarithm occurs, a value becomes
an `Enclosure`; what is then decided is certain, and what is not certain is undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np

from theorems.arithmetic import elimination
from theorems.arithmetic.base import FINE, Arithmetic
from theorems.arithmetic.enclosure import BITS, Enclosure, precise, precision, rounded
from theorems.arithmetic.field import ExactField
from theorems.arithmetic.products import StatementArray, product
from theorems.arithmetic.roots import Root, gram
from theorems.case import SVD, Array
from theorems.errors import Undecided, Undefined, Unsupported


class FractionArray(StatementArray):
    """An object array of Fractions whose matrix product is taken in integers."""

    def __matmul__(self, other: Any) -> Any:
        if self.shape[-1] == 0:
            empty = np.empty((*self.shape[:-1], *other.shape[1:]), dtype=object)
            empty.fill(Fraction(0))
            return empty.view(FractionArray)
        if self.ndim == other.ndim == 2 and self.size and other.size and _rational(self) and _rational(other):
            return _array(elimination.product(self.tolist(), other.tolist()))
        made = product(self, other, (Fraction, int))
        return made.view(FractionArray) if isinstance(made, np.ndarray) else made


def _rational(array: Array) -> bool:
    return all(type(entry) in (Fraction, int) for entry in array.flat)


def _array(rows: Sequence[Sequence[Any]]) -> Array:
    result = np.empty((len(rows), len(rows[0])), dtype=object)
    result[...] = rows
    return result.view(FractionArray)


class EnclosedRoot(Root):
    """A root that becomes an enclosure where an operation leaves the roots."""

    def beyond(self, reason: str, operation: Callable[..., Any], *operands: Any) -> Any:
        return operation(*(x if isinstance(x, int) else enclose(x) for x in operands))

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


def enclose(value: Any) -> Enclosure:
    """A rational, a root or an enclosure as an enclosure."""
    return value.enclosure() if isinstance(value, EnclosedRoot) else Enclosure.of(value)


def _singular_value(A: Array, k: int) -> Enclosure:
    """sigma_k(A) by bisection: inertia says on which side of a rational it lies."""
    G = gram(A)
    polynomial = _polynomial(G)
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


def _polynomial(S: Array) -> list[Fraction]:
    return elimination.characteristic_polynomial(S.tolist())


class Fractions(ExactField):
    """Decides what `Rational` decides, and encloses what is irrational.  Tests that are not certain give None."""

    name = "fractions"
    root = EnclosedRoot

    def __init__(self, bits: int = BITS) -> None:
        super().__init__()
        self.bits = bits

    @contextmanager
    def running(self, case: object) -> Iterator[None]:
        with super().running(case), precise(self.bits):
            yield

    def finer(self) -> Arithmetic | None:
        return type(self)(FINE) if self.bits < FINE else None

    def entry(self, value: Fraction) -> Fraction:
        return value

    def array(self, entries: Any) -> Array:
        return np.asarray(entries, dtype=object).view(FractionArray)

    def positive(self, x: Any) -> bool | None:
        return Enclosure.of(0).less(x) if isinstance(x, Enclosure) else bool(x > 0)

    # scalars

    def sqrt(self, x: Any) -> Any:
        x = self._scalar(x)
        return enclose(x).sqrt() if isinstance(x, Enclosure | Root) else super().sqrt(x)

    def softmax(self, X: Array) -> Array:
        """Rational columns are shifted by their largest entry, so that equal entries have exactly equal shares."""
        if _rational(np.asarray(X)):
            X = self.array(np.asarray(X) - np.asarray(X).max(axis=-2, keepdims=True))
        return super().softmax(X)

    def exp(self, x: Any) -> Any:
        return self._each(lambda entry: Fraction(1) if _is_zero(entry) else enclose(entry).exp(), x)

    def log(self, x: Any) -> Any:
        def log(entry: Any) -> Enclosure:
            if not isinstance(entry, Enclosure | Root) and entry <= 0:
                raise Unsupported(f"the logarithm of {entry}, which is not positive")
            return enclose(entry).log()

        return self._each(log, x)

    def maximum(self, x: Any, y: Any) -> Any:
        if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
            return self.array(np.frompyfunc(self.maximum, 2, 1)(x, y))
        if isinstance(x, Enclosure) or isinstance(y, Enclosure):
            return enclose(x).larger(enclose(y))
        return super().maximum(x, y)

    def minimum(self, x: Any, y: Any) -> Any:
        if isinstance(x, Enclosure) or isinstance(y, Enclosure):
            return -(-enclose(x)).larger(-enclose(y))
        return super().minimum(x, y)

    # matrices

    def solve(self, A: Array, B: Array) -> Array:
        if not (_rational(A) and _rational(B)):
            return super().solve(A, B)
        if B.shape[1] == 0:
            return B
        X = elimination.solve(A.tolist(), B.tolist())
        if X is None:
            raise Undefined(f"a {len(A)} x {len(A)} matrix is singular, its inverse does not exist")
        return _array(X)

    def _pivot(self, column: Sequence[Any], start: int) -> int | None:
        """The largest entry, as far as enclosures tell; see `ObjectArithmetic._pivot`."""
        sizes = [abs(enclose(entry)).low for entry in column[start:]]
        best = max(range(len(sizes)), key=sizes.__getitem__)
        return start + best if sizes[best] > 0 else super()._pivot(column, start)

    def determinant(self, A: Array) -> Any:
        _require_rational(A, "the determinant")
        return elimination.determinant(A.tolist())

    def nonsingular(self, A: Array) -> Any:
        if _rational(A):
            return super().nonsingular(A)
        try:
            self.solve(A, self.identity(len(A)))
        except Undefined:
            return False
        except Unsupported:
            return None
        return True

    def rank(self, A: Array) -> int:
        _require_rational(A, "the rank")
        return elimination.rank(A.tolist()) if A.size else 0

    def characteristic_polynomial(self, S: Array) -> Sequence[Fraction]:
        _require_rational(S, "the inertia")
        return _polynomial(S)

    def svd(self, A: Array) -> SVD:
        _require_rational(A, "the SVD")
        return super().svd(A)

    def singular_value(self, A: Array, k: Any) -> Any:
        _require_rational(A, "a singular value")
        return super().singular_value(A, k)

    def positive_semidefinite(self, A: Array) -> Any:
        if _rational(A):
            return super().positive_semidefinite(A)
        return False if self.symmetric(A) is False else None

    def symmetric(self, A: Array) -> Any:
        answers = [self.related("equal", A[i, j], A[j, i]) for i in range(len(A)) for j in range(i)]
        return False if False in answers else None if None in answers else True

    # decisions

    def compare(self, x: Any, y: Any) -> int:
        if isinstance(x, Enclosure) or isinstance(y, Enclosure):
            return -1 if enclose(x) < enclose(y) else 1 if enclose(x) > enclose(y) else 0
        return super().compare(x, y)

    def related(self, kind: str, x: Any, y: Any) -> bool | None:
        if not (isinstance(x, Enclosure) or isinstance(y, Enclosure)):
            try:
                return super().related(kind, x, y)
            except Unsupported:  # two singular values that are too close for a float between them
                pass
        a, b = enclose(x), enclose(y)
        return a.equals(b) if kind == "equal" else a.less(b) if kind == "less than" else a.at_most(b)

    def show_scalar(self, value: Any) -> str:
        return str(value) if isinstance(value, Enclosure) else super().show_scalar(value)


def _is_zero(entry: Any) -> bool:
    return not isinstance(entry, Enclosure | Root) and bool(entry == 0)


def _require_rational(A: Array, what: str) -> None:
    if not _rational(A):
        raise Undecided(f"{what} of a matrix that is only enclosed")
