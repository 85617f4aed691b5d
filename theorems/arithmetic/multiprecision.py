"""MultiPrecision: mpmath at a chosen number of digits.  `theorems.judge.artefacts` tells rounding by it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, ClassVar

import mpmath
import numpy as np

from theorems.arithmetic.base import NO, UNKNOWN, YES, Decision, decided
from theorems.arithmetic.enclosed_functions import LARGEST
from theorems.arithmetic.matrices import require_square
from theorems.arithmetic.objects import ObjectArithmetic
from theorems.arithmetic.products import StatementArray
from theorems.case import SVD, Array
from theorems.errors import Undefined, Unsupported
from theorems.statement import Relation


class MultiPrecision(ObjectArithmetic):
    """Object arrays of mpf in a context of its own; mpmath's global precision is neither read nor changed.

    What is smaller than 10^(-digits / 2), relative to its scale, counts as zero.
    """

    name = "multiprecision"

    def __init__(self, digits: int = 50) -> None:
        super().__init__()
        if digits < 15:
            raise ValueError(f"digits = {digits}: below 15 digits use Float64")
        self.digits = digits
        self.word = f"confirmed to {digits} digits"
        self.context = mpmath.MPContext()
        self.context.dps = digits
        self._array_type = type("ContextArray", (MultiPrecisionArray,), {"zero": self.context.mpf(0)})
        self.noise = self.context.mpf(10) ** (-self.context.mpf(digits) / 2)

    def entry(self, value: Fraction) -> Any:
        return self.context.mpf(value.numerator) / value.denominator

    def positive(self, x: Any) -> bool | None:
        return bool(x > 0)

    # scalars

    def sqrt(self, x: Any) -> Any:
        x = self._scalar(x)
        if x < 0:
            if x < -self.noise:
                raise Undefined(f"the square root of {self.show(x)}, a negative number")
            return self.number(0)
        return self.context.sqrt(x)

    def exp(self, x: Any) -> Any:
        return self._each(self.context.exp, x)

    def log(self, x: Any) -> Any:
        def log(entry: Any) -> Any:
            if entry <= 0:
                raise Undefined(f"the logarithm of {self.show(entry)}, which is not positive")
            return self.context.log(entry)

        return self._each(log, x)

    def absolute(self, x: Any) -> Any:
        return self._each(abs, x)

    def zero(self, x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return np.asarray(np.abs(x) <= self.noise * self._largest(x), dtype=bool)
        return bool(abs(x) <= self.noise)

    def maximum(self, x: Any, y: Any) -> Any:
        if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
            return self.array(np.frompyfunc(self.maximum, 2, 1)(x, y))
        return x if x >= y else y

    def minimum(self, x: Any, y: Any) -> Any:
        if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
            return self.array(np.frompyfunc(self.minimum, 2, 1)(x, y))
        return x if x <= y else y

    # matrices

    def _largest(self, A: Array) -> Any:
        return max((abs(entry) for entry in np.ravel(A)), default=self.number(0))

    def array(self, entries: Any) -> Array:
        return np.asarray(entries, dtype=object).view(self._array_type)

    def nonsingular(self, A: Array) -> Any:
        """Whether the 1-norm condition number is below 10^(digits / 2)."""
        try:
            inverse = self.inverse(A)
        except Undefined:
            return False
        condition = _one_norm(A) * _one_norm(inverse)
        return bool(condition * self.noise < 1)

    def solve(self, A: Array, B: Array) -> Array:
        """Elimination with partial pivoting; a pivot lost in the rounding of A's entries counts as zero."""
        self._smallest_pivot = self._largest(A) * len(A) * self.context.eps * 16
        return super().solve(A, B)

    def _pivot(self, column: Sequence[Any], start: int) -> int | None:
        best = max(range(start, len(column)), key=lambda i: abs(column[i]))
        return best if abs(column[best]) > self._smallest_pivot else None

    def determinant(self, A: Array) -> Any:
        return self.context.det(self._matrix(A)) if A.size else self.number(1)

    def rank(self, A: Array) -> int:
        s = self._singular_values(A)
        return sum(1 for value in s if value > self.noise * s[0])

    def svd(self, A: Array) -> SVD:
        k = min(A.shape)
        if k == 0:
            return SVD(self.zeros(A.shape[0], 0), self.zeros(0), self.zeros(A.shape[1], 0))
        U, s, Vt = self.context.svd_r(self._matrix(A), full_matrices=False)
        return SVD(self._array(U), self.array(np.array(list(s), dtype=object)), self._array(Vt.T))

    def _singular_values(self, A: Array) -> list[Any]:
        return list(self.context.svd_r(self._matrix(A), compute_uv=False)) if A.size else []

    def singular_value(self, A: Array, k: Any) -> Any:
        return self.number(0) if k > min(A.shape) else self._singular_values(A)[k - 1]

    def positive_semidefinite(self, A: Array) -> Any:
        if not self.symmetric(A):
            return False
        if not A.size:
            return True
        eigenvalues = self.context.eigsy(self._matrix((A + A.mT) / 2), eigvals_only=True)
        return bool(min(eigenvalues) >= -self.noise * self._largest(A))

    def symmetric(self, A: Array) -> Any:
        return bool(self._largest(A - A.mT) <= self.noise * self._largest(A))

    def positive_definite(self, A: Array) -> Any:
        require_square(A, "definiteness")
        return bool(self.symmetric(A)) and all(value > self.noise * self._largest(A) for value in self._eigenvalues(A))

    def _eigenvalues(self, A: Array) -> list[Any]:
        """Of the symmetric part, the smallest first."""
        return list(self.context.eigsy(self._matrix((A + A.mT) / 2), eigvals_only=True)) if A.size else []

    def eigenvalue(self, A: Array, k: int) -> Any:
        self.require_symmetric(A, k)
        return self._eigenvalues(A)[-k]

    def square_root(self, A: Array) -> Array:
        require_square(A, "the square root")
        if not self.positive_semidefinite(A):
            raise Undefined("the square root of a matrix that is not positive semidefinite")
        if not A.size:
            return A
        values, vectors = self.context.eigsy(self._matrix((A + A.mT) / 2))
        V = self._array(vectors)
        roots = [self.context.sqrt(max(value, 0)) for value in values]
        result: Array = self.array((np.asarray(V) * np.array(roots, dtype=object)) @ np.asarray(V).T)
        return result

    def exponential(self, A: Array) -> Array:
        require_square(A, "the exponential")
        if A.size and _one_norm(A) > LARGEST:
            raise Unsupported(f"the exponential of a matrix of norm {self.show(_one_norm(A))}: it would be huge")
        return self._array(self.context.expm(self._matrix(A))) if A.size else A

    def pseudo_inverse(self, A: Array) -> Array:
        d = self.svd(A)
        inverses = self.zeros(len(d.s))
        for i, value in enumerate(d.s):
            if value > self.noise * d.s[0]:
                inverses[i] = 1 / value
        return SVD(d.V, inverses, d.U).matrix

    def root(self, x: Any, p: int) -> Any:
        x = self._scalar(x)
        if x < -self.noise:
            raise Undefined(f"a root of {self.show(x)}, a negative number")
        return self.context.root(max(x, self.number(0)), p)

    def _general(self, A: Array) -> list[Any]:
        require_square(A, "the eigenvalues")
        return list(self.context.eig(self._matrix(A), left=False, right=False)) if A.size else []

    def spectral_radius(self, A: Array) -> Any:
        return max((abs(value) for value in self._general(A)), default=self.number(0))

    def stable(self, A: Array) -> Any:
        return all(value.real < -self.noise for value in self._general(A))

    def schur_stable(self, A: Array) -> Any:
        return all(abs(value) < 1 - self.noise for value in self._general(A))

    def all_real(self, A: Array) -> Any:
        values = self._general(A)
        largest = max((abs(value) for value in values), default=self.number(0))
        return all(abs(value.imag) <= self.context.sqrt(self.noise) * largest for value in values)

    def _matrix(self, A: Array) -> Any:
        return self.context.matrix(A.tolist())

    def _array(self, matrix: Any) -> Array:
        result = np.empty((matrix.rows, matrix.cols), dtype=object)
        result[...] = matrix.tolist()
        return self.array(result)

    def softmax(self, X: Array) -> Array:
        return super().softmax(X - np.asarray(X).max(axis=-2, keepdims=True))

    # decisions

    def _relation(self, relation: Relation) -> Decision:
        left, right = np.broadcast_arrays(_objects(relation.left), _objects(relation.right))
        if not left.size:
            return decided(YES, 0.0, relation.left, relation.right)
        gaps = [b - a for a, b in zip(left.flat, right.flat, strict=True)]
        gap = -max(abs(g) for g in gaps) if relation.kind == "equal" else min(gaps)
        sides = (left, right) if relation.scale is None else (_objects(relation.scale),)
        scale = max(self._largest(side) for side in sides)
        margin = gap / scale if scale > 0 else self.context.mpf(gap)
        if self.context.isnan(margin):
            return decided(UNKNOWN, float("nan"), relation.left, relation.right)
        wrong = margin <= self.noise if relation.kind == "less than" else margin < -self.noise
        return decided(NO if wrong else YES, float(margin), relation.left, relation.right)

    def show_scalar(self, value: Any) -> str:
        return str(self.context.nstr(value, 15))


class MultiPrecisionArray(StatementArray):
    """An object array of mpf; NumPy alone would give integers for a product over an empty dimension.

    Each context has a subclass of its own with its `zero`: the zero of another would bring that one's precision.
    """

    zero: ClassVar[Any] = 0

    def __matmul__(self, other: Any) -> Any:
        if not isinstance(other, np.ndarray):  # a series, which multiplies from the right
            return NotImplemented
        product = np.matmul(np.asarray(self), np.asarray(other))
        if self.shape[-1] == 0:
            product = product + self.zero
        return product.view(type(self)) if isinstance(product, np.ndarray) else product


def _objects(value: Any) -> Array:
    """The entries as objects; NumPy's integers (ranks, counts) as Python's, for mpmath 1.3 takes no others."""
    result: Array = np.asarray(value, dtype=object)
    return _plain(result) if any(isinstance(entry, np.integer) for entry in result.flat) else result


def _plain(array: Array) -> Array:
    result: Array = np.empty(array.shape, dtype=object)
    result.reshape(-1)[:] = [int(entry) if isinstance(entry, np.integer) else entry for entry in array.flat]
    return result


def _one_norm(A: Array) -> Any:
    return max(np.abs(np.asarray(A)).sum(axis=0).tolist(), default=0)
