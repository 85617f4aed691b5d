"""What the arithmetics on object arrays share: one instance, entries of any ordered field."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np

from theorems.arithmetic.base import Arithmetic
from theorems.arithmetic.work import length, spend
from theorems.case import Array, fraction, map_arrays
from theorems.errors import Undecided, Undefined

C = TypeVar("C")


class ObjectArithmetic(Arithmetic):
    """One instance in object arrays.  Sums and products are NumPy's, entry by entry; the rest is written here once."""

    @abstractmethod
    def entry(self, value: Fraction) -> Any:
        """A Fraction in this arithmetic."""

    @abstractmethod
    def positive(self, x: Any) -> bool | None:
        """Whether x > 0: True, False, or None (undecided)."""

    def array(self, entries: Any) -> Array:
        """An array of this arithmetic from an object array of its entries."""
        return np.asarray(entries, dtype=object)

    def load(self, case: C) -> C:
        entry = np.frompyfunc(lambda value: self.entry(fraction(value)), 1, 1)

        def convert(array: Array) -> Any:
            if array.ndim == 0:
                return self.entry(fraction(array.item()))
            result = np.empty(array.shape, dtype=object)
            if array.size:
                result[...] = entry(array.tolist() if array.dtype.kind in "fi" else array)
            return self.array(result)

        return map_arrays(case, convert)

    # numbers and arrays

    def number(self, p: int, q: int = 1) -> Any:
        return self.entry(Fraction(p, q))

    def zeros(self, *shape: int) -> Array:
        self.room(*shape)
        result = np.empty(shape, dtype=object)
        result.fill(self.number(0))
        return self.array(result)

    def identity(self, n: int) -> Array:
        result = self.zeros(n, n)
        for i in range(n):
            result[i, i] = self.number(1)
        return result

    def diagonal(self, s: Array) -> Array:
        result = self.zeros(len(s), len(s))
        for i, value in enumerate(s):
            result[i, i] = value
        return result

    def constant(self, values: Any) -> Array:
        array: Array = np.asarray(values, dtype=object)
        self.room(*array.shape)
        result = np.empty(array.shape, dtype=object)
        for position in np.ndindex(array.shape):
            result[position] = self.entry(fraction(array[position]))
        return self.array(result)

    def selector(self, n: int, first: Any, last: Any) -> Array:
        result = self.zeros(n, n)
        for position in range(max(int(first), 1), min(int(last), n) + 1):
            result[position - 1, position - 1] = self.number(1)
        return result

    def times(self, scalar: Any, array: Array) -> Array:
        return self.array(array * scalar)

    def plus(self, scalar: Any, array: Array) -> Array:
        return self.array(array + scalar)

    def concatenate(self, blocks: Sequence[Array], axis: int) -> Array:
        return self.array(np.concatenate([np.asarray(block) for block in blocks], axis=axis))

    # scalars

    def _each(self, function: Any, x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return self.array(np.frompyfunc(function, 1, 1)(x)) if x.size else x
        return function(x)

    @staticmethod
    def _scalar(x: Any) -> Any:
        """A number, also where a slice such as ``x[..., 0]`` made an array of no axes of it."""
        return x.item() if isinstance(x, np.ndarray) and x.ndim == 0 else x

    def where(self, answers: Any, x: Any, y: Any) -> Any:
        if answers is None:
            raise Undecided("a choice that depends on an undecided test")
        return x if answers else y

    # matrices

    def solve(self, A: Array, B: Array) -> Array:
        """Gauss-Jordan elimination with the first certainly non-zero pivot."""
        n = A.shape[-1]
        rows = [[*A[i].tolist(), *B[i].tolist()] for i in range(n)]
        for column in range(n):
            pivot = self._pivot([row[column] for row in rows], column)
            if pivot is None:
                raise Undefined(f"a {n} x {n} matrix is singular, its inverse does not exist")
            rows[column], rows[pivot] = rows[pivot], rows[column]
            leading = rows[column][column]
            rows[column] = [entry / leading for entry in rows[column]]
            for i in range(n):
                if i != column:
                    factor = rows[i][column]
                    rows[i] = [entry - factor * other for entry, other in zip(rows[i], rows[column], strict=True)]
        result = np.empty(B.shape, dtype=object)
        for i in range(n):
            result[i, :] = rows[i][n:]
        return self.array(result)

    def _pivot(self, column: Sequence[Any], start: int) -> int | None:
        """The row at or below `start` to pivot on: the first entry that is certainly not zero.

        None when all are zero; raises `Unsupported` when that is undecided.
        """
        answers = [self.positive(entry * entry) for entry in column[start:]]
        if True in answers:
            return start + answers.index(True)
        if None in answers:
            raise Undecided("undecided whether a matrix is singular: its inverse may not exist")
        return None

    def require_symmetric(self, A: Array, k: int = 1) -> None:
        """Raises `Undefined` unless A is symmetric, and n x n with 1 <= k <= n."""
        if A.shape[-1] != A.shape[-2] or not 1 <= k <= len(A):
            raise Undefined(f"there is no eigenvalue {k} of a {A.shape[-2]} x {A.shape[-1]} matrix")
        symmetric = self.symmetric(A)
        if symmetric is None:
            raise Undecided("undecided whether a matrix is symmetric: take num.symmetric_part of it")
        if not symmetric:
            raise Undefined("a matrix that is not symmetric: its ordered eigenvalues are not defined")

    def symmetric_part(self, A: Array) -> Array:
        """(A + A^T) / 2, with one object for both mirror entries: symmetric also where entries are enclosed."""
        result = A.copy()
        for i in range(len(A)):
            for j in range(i):
                result[i, j] = result[j, i] = (A[i, j] + A[j, i]) / 2
        return result

    def trace(self, A: Array) -> Any:
        return sum((A[i, i] for i in range(1, len(A))), A[0, 0])

    def norm_squared(self, x: Array) -> Any:
        spend(np.size(x), np.size(x), length(np.ravel(x)), length(np.ravel(x)))
        return sum((entry * entry for entry in np.ravel(x)), self.number(0))

    def frobenius_norm_squared(self, A: Array) -> Any:
        return self.norm_squared(A)

    # vectors, networks, random inputs

    def apply(self, A: Array, x: Array) -> Array:
        return self.array((A @ x[:, None])[:, 0])

    def outer(self, x: Array, y: Array) -> Array:
        return self.array(np.asarray(x)[:, None] * np.asarray(y)[None, :])

    def dot(self, x: Array, y: Array) -> Any:
        spend(len(x), len(x), length(x), length(y))
        return sum((a * b for a, b in zip(x, y, strict=True)), self.number(0))

    def relu(self, x: Array) -> Array:
        return self.array(self._each(lambda entry: self.maximum(entry, self.number(0)), x))

    def softmax(self, X: Array) -> Array:
        if np.shape(X)[-2] == 1:  # exactly one, which a quotient of two enclosures is not
            return self.array(np.asarray(X) * 0 + 1)
        powers = self.exp(X)
        return self.array(powers / np.asarray(powers).sum(axis=-2, keepdims=True))

    def expectation(self, values: Array, weights: Array) -> Any:
        terms = [value * weight for value, weight in zip(values, weights, strict=True)]
        return sum(terms[1:], terms[0])
