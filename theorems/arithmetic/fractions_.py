"""Fractions: exact arithmetic by the standard library alone, the second opinion on what FLINT decides.

NumPy only holds the arrays.  Where several roots are summed, or an exponential or a logarithm occurs, a value becomes
an `Enclosure`; what is then decided is certain, and what is not certain is undecided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np

from theorems.arithmetic import elimination, enclosed_spectra
from theorems.arithmetic.base import FINE, Arithmetic
from theorems.arithmetic.enclosed_roots import (
    EnclosedEigenvalue,
    EnclosedRoot,
    enclose,
    polynomial_of,
)
from theorems.arithmetic.enclosure import (
    BITS,
    Enclosure,
    precise,
)
from theorems.arithmetic.fractions_vocabulary import (
    FractionVocabulary,
    enclosed,
    rational,
)
from theorems.arithmetic.matrices import (
    require_square,
)
from theorems.arithmetic.objects import (
    ObjectArithmetic,
)
from theorems.arithmetic.products import (
    StatementArray,
    product,
)
from theorems.arithmetic.roots import (
    Irrational,
    gram,
)
from theorems.case import SVD, Array
from theorems.errors import Undecided, Undefined, Unsupported


class FractionArray(StatementArray):
    """An object array of Fractions whose matrix product is taken in integers."""

    def __matmul__(self, other: Any) -> Any:
        if not isinstance(other, np.ndarray):  # a series, which multiplies from the right
            return NotImplemented
        if self.shape[-1] == 0:
            empty = np.empty((*self.shape[:-1], *other.shape[1:]), dtype=object)
            empty.fill(Fraction(0))
            return empty.view(FractionArray)
        if self.ndim == other.ndim == 2 and self.size and other.size and rational(self) and rational(other):
            return _array(elimination.product(self.tolist(), other.tolist()))
        made = product(self, other, (Fraction, int))
        return made.view(FractionArray) if isinstance(made, np.ndarray) else made


def _array(rows: Sequence[Sequence[Any]]) -> Array:
    result = np.empty((len(rows), len(rows[0])), dtype=object)
    result[...] = rows
    return result.view(FractionArray)


class Fractions(FractionVocabulary):
    """Decides what `Rational` decides, and encloses what is irrational.  Tests that are not certain give None."""

    name = "fractions"
    root_type = EnclosedRoot
    eigenvalue_type = EnclosedEigenvalue

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
        return enclose(x).sqrt() if isinstance(x, Enclosure | Irrational) else super().sqrt(x)

    def softmax(self, X: Array) -> Array:
        """Rational columns are shifted by their largest entry, so that equal entries have exactly equal shares."""
        if rational(np.asarray(X)):
            X = self.array(np.asarray(X) - np.asarray(X).max(axis=-2, keepdims=True))
        return super().softmax(X)

    def exp(self, x: Any) -> Any:
        return self._each(lambda entry: Fraction(1) if _is_zero(entry) else enclose(entry).exp(), x)

    def log(self, x: Any) -> Any:
        def log(entry: Any) -> Enclosure:
            if not isinstance(entry, Enclosure | Irrational) and entry <= 0:
                raise Undefined(f"the logarithm of {entry}, which is not positive")
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
        if not (rational(A) and rational(B)):
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
        if rational(A):
            return elimination.determinant(A.tolist())
        constant = self.characteristic_polynomial(A)[0]
        return -constant if len(A) % 2 else constant

    def nonsingular(self, A: Array) -> Any:
        if rational(A):
            return super().nonsingular(A)
        try:
            self.solve(A, self.identity(len(A)))
        except Undefined:
            return False
        except Unsupported:
            return None
        return True

    def rank(self, A: Array) -> int:
        """Of a matrix that is only enclosed: full rank, where it is certain."""
        if rational(A):
            return elimination.rank(A.tolist()) if A.size else 0
        if self.nonsingular(A if A.shape[0] == A.shape[1] else gram(A)):
            return int(min(A.shape))
        raise Undecided("undecided: the rank of a matrix that is only enclosed, unless it is full")

    def characteristic_polynomial(self, A: Array) -> Array:
        require_square(A, "the characteristic polynomial")
        if not rational(A):
            return ObjectArithmetic.characteristic_polynomial(self, A)
        coefficients = self.zeros(len(A) + 1)
        coefficients[:] = polynomial_of(A)
        return coefficients

    def svd(self, A: Array) -> SVD:
        _require_rational(A, "the SVD")
        return super().svd(A)

    def singular_value(self, A: Array, k: Any) -> Any:
        if rational(A):
            return super().singular_value(A, k)
        if k > min(A.shape):
            return self.number(0)
        if min(A.shape) == 1:
            return self.sqrt(self.norm_squared(A))
        return enclosed_spectra.eigenvalues(enclosed(gram(A)))[k - 1].sqrt()

    def eigenvalue(self, A: Array, k: int) -> Any:
        if rational(A):
            return super().eigenvalue(A, k)
        self.require_symmetric(A, k)
        return enclosed_spectra.eigenvalues(enclosed(A))[k - 1]

    def positive_semidefinite(self, A: Array) -> Any:
        if rational(A):
            return super().positive_semidefinite(A)
        symmetric = self.symmetric(A)
        if symmetric is False or enclosed_spectra.negative_direction(enclosed(A)):
            return False
        return True if symmetric and enclosed_spectra.positive_pivots(enclosed(A)) else None

    def symmetric(self, A: Array) -> Any:
        pairs = [(A[i, j], A[j, i]) for i in range(len(A)) for j in range(i)]
        answers = [a is b or self.related("equal", a, b) for a, b in pairs]
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
    return not isinstance(entry, Enclosure | Irrational) and bool(entry == 0)


def _require_rational(A: Array, what: str) -> None:
    if not rational(A):
        raise Undecided(f"{what} of a matrix that is only enclosed")
