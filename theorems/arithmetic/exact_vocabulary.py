"""What exact arithmetics do in their own way: rational values where there are such, decisions from polynomials."""

from __future__ import annotations

from abc import abstractmethod
from fractions import Fraction
from typing import Any

import numpy as np

from theorems.arithmetic import polynomials
from theorems.arithmetic.eigenvalues import nearby_rational
from theorems.arithmetic.matrices import require_square
from theorems.arithmetic.objects import ObjectArithmetic
from theorems.arithmetic.roots import Irrational, as_floats, inertia
from theorems.case import Array, fraction
from theorems.errors import Undecided, Undefined, Unsupported


class ExactVocabulary(ObjectArithmetic):
    """Matrices of rationals; of irrational entries most of this is `Unsupported`, a case for balls."""

    @abstractmethod
    def compare(self, x: Any, y: Any) -> int:
        """The sign of x - y."""

    def root(self, x: Any, p: int) -> Any:
        x = self._scalar(x)
        if p == 1:
            return x
        if p == 2:
            return self.sqrt(x)
        if isinstance(x, Irrational):
            raise Unsupported("a root of an irrational number")
        if x < 0:
            raise Undefined(f"a root of {x}, a negative number")
        q = fraction(x)
        top, bottom = _whole_root(q.numerator, p), _whole_root(q.denominator, p)
        if top is None or bottom is None:
            raise Unsupported(f"an irrational root of order {p} in exact arithmetic: a case for balls")
        return self.number(top, bottom)

    # matrices

    def _require_rational(self, A: Array, what: str) -> None:
        if any(isinstance(entry, Irrational) for entry in A.flat):
            raise Unsupported(f"{what} of a matrix with irrational entries: a case for balls")

    def pseudo_inverse(self, A: Array) -> Array:
        """From a factorisation A = C F of full rank: F^T (F F^T)^{-1} (C^T C)^{-1} C^T."""
        m, n = A.shape
        self._require_rational(A, "the pseudo-inverse")
        pivots, rows = _reduced(A.tolist())
        if not pivots:
            return self.zeros(n, m)
        C, F = A[:, pivots], self.zeros(len(pivots), n)
        for i, row in enumerate(rows):
            F[i, :] = row
        result: Array = self.solve(F @ F.mT, F).mT @ self.solve(C.mT @ C, C.mT)
        return result

    def exponential(self, A: Array) -> Array:
        """Of a nilpotent matrix, whose series ends."""
        n = require_square(A, "the exponential")
        result = term = self.identity(n)
        for k in range(1, n + 1):
            term = term @ A / k
            if not np.asarray(term != 0).any():
                return result
            result = result + term
        raise Unsupported("the exponential of a matrix that is not nilpotent, in exact arithmetic: a case for balls")

    def square_root(self, A: Array) -> Array:
        """Where it is rational with small denominators, or A is diagonal."""
        n = require_square(A, "the square root")
        self._require_rational(A, "the square root")
        if not self.positive_semidefinite(A):
            raise Undefined("the square root of a matrix that is not positive semidefinite")
        if all(A[i, j] == 0 for i in range(n) for j in range(n) if i != j):
            return self.diagonal(self.array(np.array([self.sqrt(A[i, i]) for i in range(n)], dtype=object)))
        floats, exponent = as_floats(A)
        values, vectors = np.linalg.eigh(floats)
        near = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T * 2.0 ** (exponent / 2)
        if np.isfinite(near).all():
            X = self.constant([[Fraction(float(x)).limit_denominator(1000) for x in row] for row in near])
            X = self.symmetric_part(X)
            if bool((X @ X == A).all()) and self.positive_semidefinite(X):
                return X
        raise Unsupported("an irrational square root of a matrix in exact arithmetic: a case for balls")

    def positive_definite(self, A: Array) -> Any:
        n = require_square(A, "definiteness")
        return bool(self.symmetric(A)) and inertia(A, self.characteristic_polynomial) == (0, 0, n)

    # spectra

    def singular_values(self, A: Array) -> Array:
        values = self.zeros(min(A.shape))
        for k in range(len(values)):
            values[k] = self._simplest(self.singular_value(A, k + 1))
        return values

    def _simplest(self, value: Any) -> Any:
        """An irrational number as it is, or the simple rational that it is."""
        if isinstance(value, Irrational):
            near = nearby_rational(float(value))  # type: ignore[arg-type]
            if near is not None and self.compare(value, self.entry(near)) == 0:
                return self.entry(near)
        return value

    def nuclear_norm(self, A: Array) -> Any:
        """The trace of a semidefinite matrix."""
        if A.shape[0] == A.shape[1] and self.positive_semidefinite(A):
            return self.trace(A)
        return self.sum(self.singular_values(A))

    def spectral_radius(self, A: Array) -> Any:
        """Of a triangular matrix from its diagonal, of a symmetric one from its singular values."""
        n = require_square(A, "the spectral radius")
        for below in (A, A.mT):
            if all(below[i, j] == 0 for i in range(n) for j in range(i)):
                return self.max_norm(self.array(np.array([A[i, i] for i in range(n)], dtype=object)))
        if self.symmetric(A):
            return self._simplest(self.singular_value(A, 1))
        return self._spectral_radius(A)

    def _spectral_radius(self, A: Array) -> Any:
        raise Unsupported("the spectral radius of a general matrix in exact arithmetic: a case for balls")

    def stable(self, A: Array) -> Any:
        require_square(A, "stability")
        return self._located(A, polynomials.in_left_half_plane)

    def schur_stable(self, A: Array) -> Any:
        require_square(A, "stability")
        return self._located(A, polynomials.in_unit_disc)

    def all_real(self, A: Array) -> Any:
        require_square(A, "the eigenvalues")
        return True if self.symmetric(A) else self._located(A, polynomials.all_real)

    def _located(self, A: Array, test: Any) -> bool | None:
        try:
            return bool(test(self.characteristic_polynomial(A).tolist()))
        except Undecided:
            return None


def _whole_root(whole: int, p: int) -> int | None:
    """The p-th root of a natural number where it is one."""
    low, high = 0, 1 << (whole.bit_length() // p + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**p <= whole else (low, middle)
    return low if low**p == whole else None


def _reduced(rows: list[list[Any]]) -> tuple[list[int], list[list[Any]]]:
    """The pivot columns and the rows that are not zero of the reduced echelon form."""
    work = [list(row) for row in rows]
    pivots: list[int] = []
    for column in range(len(work[0]) if work else 0):
        done = len(pivots)
        found = next((i for i in range(done, len(work)) if work[i][column] != 0), None)
        if found is None:
            continue
        work[done], work[found] = work[found], work[done]
        leading = work[done][column]
        work[done] = [entry / leading for entry in work[done]]
        for i, row in enumerate(work):
            if i != done and row[column] != 0:
                work[i] = [entry - row[column] * other for entry, other in zip(row, work[done], strict=True)]
        pivots.append(column)
    return pivots, work[: len(pivots)]
