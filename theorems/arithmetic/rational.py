"""Rational: exact arithmetic on FLINT's rationals."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from theorems.arithmetic.field import ExactField
from theorems.arithmetic.matrices import (
    require_square,
)
from theorems.arithmetic.products import (
    StatementArray,
    product,
)
from theorems.arithmetic.work import length, spend
from theorems.case import Array
from theorems.errors import Undefined, Unsupported

#: From this inner dimension on, a product through FLINT's matrices is faster than one entry by entry.
ROUTED = 4
#: Entries whose products and sums never raise.
PLAIN = (fmpq, int)


class RationalArray(StatementArray):
    """An object array of fmpq whose matrix product goes through FLINT from dimension `ROUTED` on."""

    def __matmul__(self, other: Any) -> Any:
        if not isinstance(other, np.ndarray):  # a series, which multiplies from the right
            return NotImplemented
        if self.ndim == other.ndim == 2 and self.shape[1] >= ROUTED:
            with suppress(Unsupported):  # irrational entries: one by one, for some sums of them are rational
                _spend(len(self) * other.size, self, other)
                return _array(_matrix(self) * _matrix(other))
        if self.shape[-1] == 0:
            empty = np.empty((*self.shape[:-1], *other.shape[1:]), dtype=object)
            empty.fill(fmpq(0))
            return empty.view(RationalArray)
        made = product(self, other, PLAIN)
        return made.view(RationalArray) if isinstance(made, np.ndarray) else made


def _spend(products: int, A: Array, B: Array, growth: int = 1) -> None:
    """Count products of the entries of two matrices, which grow to so many times their length meanwhile."""
    left, right = length(A.flat), length(B.flat)
    spend(products, len(A) * B.shape[-1], growth * left, growth * right)


def _matrix(array: Array) -> fmpq_mat:
    try:
        return fmpq_mat(array.shape[0], array.shape[1], array.ravel().tolist())
    except TypeError:
        raise Unsupported("a matrix with irrational entries: a case for balls") from None


def _array(matrix: fmpq_mat) -> RationalArray:
    result = np.empty(matrix.nrows() * matrix.ncols(), dtype=object)
    result[:] = matrix.entries()
    return result.reshape(matrix.nrows(), matrix.ncols()).view(RationalArray)


class Rational(ExactField):
    """Decides equality, order, rank and non-singularity of rational matrices, and sigma_k against a root."""

    name = "rational"

    def entry(self, value: Fraction) -> fmpq:
        return fmpq(value.numerator, value.denominator)

    def array(self, entries: Any) -> Array:
        return np.asarray(entries, dtype=object).view(RationalArray)

    def solve(self, A: Array, B: Array) -> Array:
        _spend(len(A) * (A.size + B.size), A, B, len(A))
        try:
            return _array(_matrix(A).solve(_matrix(B)))
        except ZeroDivisionError:
            raise Undefined(f"a {len(A)} x {len(A)} matrix is singular, its inverse does not exist") from None

    def determinant(self, A: Array) -> Any:
        _spend(len(A) * A.size, A, A, len(A))
        return _matrix(A).det()

    def rank(self, A: Array) -> int:
        _spend(min(A.shape) * A.size, A, A.mT, min(A.shape))
        return int(_matrix(A).rank()) if A.size else 0

    def characteristic_polynomial(self, A: Array) -> Array:
        require_square(A, "the characteristic polynomial")
        coefficients = self.zeros(len(A) + 1)
        _spend(len(A) * A.size, A, A, len(A))
        coefficients[:] = _matrix(A).charpoly().coeffs()
        return coefficients
