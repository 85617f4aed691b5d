"""What Ball does in its own way: FLINT's functions, certified spectra, and enclosures of matrix functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, arb_mat, fmpq, fmpz_poly

from theorems.arithmetic import polynomials
from theorems.arithmetic.ball_spectra import exactly, midpoints, orthogonal, symmetric_eigenvalues
from theorems.arithmetic.matrices import require_square
from theorems.arithmetic.objects import ObjectArithmetic
from theorems.case import Array
from theorems.errors import Undecided, Undefined, Unsupported


class BallVocabulary(ObjectArithmetic):
    """Answers are certain, or None; values are enclosures, or `Undecided`."""

    def root(self, x: Any, p: int) -> Any:
        x = self._scalar(x)
        if x < 0:
            raise Undefined(f"a root of {self.show(x)}, a negative number")
        return x.nonnegative_part().root(p)

    def tanh(self, x: Any) -> Any:
        return self._each(lambda entry: entry.tanh(), x)

    # matrices

    def characteristic_polynomial(self, A: Array) -> Array:
        require_square(A, "the characteristic polynomial")
        coefficients = self.zeros(len(A) + 1)
        coefficients[:] = matrix(A).charpoly().coeffs()
        return coefficients

    def exponential(self, A: Array) -> Array:
        require_square(A, "the exponential")
        return self._balls(matrix(A).exp()) if A.size else A

    def square_root(self, A: Array) -> Array:
        require_square(A, "the square root")
        answer = self.positive_semidefinite(A)
        if answer is False:
            raise Undefined("the square root of a matrix that is not positive semidefinite")
        if answer is None:
            raise Undecided("undecided whether a matrix is positive semidefinite")
        return self._root_of(A)

    def modulus(self, A: Array) -> Array:
        return self._root_of(A.mT @ A)

    def _root_of(self, A: Array) -> Array:
        """Of a semidefinite A; X = V diag(sqrt d) V^T is near.

        The distance of X from the root is at most sqrt ||A - X^2||, and at most ||A - X^2|| / sqrt lambda_n(A).
        """
        n = len(A)
        if not A.size:
            return A
        S = matrix(A)
        V = orthogonal(S + _diagonal([_frobenius(S)] * n))
        images = V.transpose() * S * V
        X = V * _diagonal([images[i, i].mid().nonnegative_part().sqrt().mid() for i in range(n)]) * V.transpose()
        error = _frobenius(S - X * X)
        radius = error.sqrt().upper()
        least = symmetric_eigenvalues(S)[-1].lower()
        if least > 0:
            radius = min(radius, (error / least.sqrt()).upper(), key=float)
        return self.symmetric_part(self._balls(X + arb_mat(n, n, [arb(0, radius)] * (n * n))))

    def _balls(self, M: arb_mat) -> Array:
        result = self.zeros(M.nrows(), M.ncols())
        result[...] = M.tolist()
        return result

    def pseudo_inverse(self, A: Array) -> Array:
        m, n = A.shape
        if not A.size:
            return A.mT
        rank = self.rank(A)
        if rank == min(m, n):
            gram = A.mT @ A if n <= m else A @ A.mT
            return self.solve(gram, A.mT) if n <= m else self.solve(gram, A).mT
        exact = exactly(A)
        assert exact is not None  # the rank of other matrices is known only where it is full
        reduced, _ = exact.rref()
        rows = [[reduced[i, j] for j in range(n)] for i in range(rank)]
        pivots = [next(j for j, entry in enumerate(row) if entry != 0) for row in rows]
        F, C = self.zeros(rank, n), A[:, pivots]
        for i, row in enumerate(rows):
            F[i, :] = [arb(entry) for entry in row]
        left = self.solve(C.mT @ C, C.mT) if rank else C.mT
        return (self.solve(F @ F.mT, F).mT @ left) if rank else self.zeros(n, m)

    def positive_definite(self, A: Array) -> Any:
        require_square(A, "definiteness")
        symmetric = self.symmetric(A)
        if symmetric is False or self._has_negative_direction(A) or self.determinant(A) == 0:
            return False
        return True if symmetric and self._has_positive_pivots(A) else None

    def _has_negative_direction(self, A: Array) -> bool:
        """Whether x^T A x < 0 for the x that floats propose."""
        floats, _ = midpoints(matrix(A))
        symmetric = np.array(floats) + np.array(floats).T
        x = np.linalg.eigh(symmetric)[1][:, :1] if len(A) else symmetric
        direction = self.array(np.array([[arb(float(entry))] for entry in x.ravel()], dtype=object).reshape(len(A), 1))
        return bool(len(A)) and bool((direction.mT @ A @ direction)[0, 0] < 0)

    @staticmethod
    def _has_positive_pivots(A: Array) -> bool:
        rows = A.tolist()
        for i, row in enumerate(rows):
            if not row[i] > 0:
                return False
            for j in range(i + 1, len(rows)):
                factor = rows[j][i] / row[i]
                rows[j] = [entry - factor * other for entry, other in zip(rows[j], row, strict=True)]
        return True

    @staticmethod
    def _is_zero(A: Array) -> bool:
        return all(entry == 0 for entry in A.flat)

    # spectra

    def eigenvalue(self, A: Array, k: int) -> Any:
        self.require_symmetric(A, k)
        return symmetric_eigenvalues(matrix(A))[k - 1]

    def spectral_radius(self, A: Array) -> Any:
        sizes = [abs(value) for value in self._general(A)]
        total = arb(0)
        for size in sizes:
            total = total.max(size)
        return total

    def _general(self, A: Array) -> list[acb]:
        """All eigenvalues, each as often as it counts; of an exact matrix the isolated roots of its polynomial."""
        require_square(A, "the eigenvalues")
        if not A.size:
            return []
        exact = exactly(A)
        if exact is not None:
            coefficients = exact.charpoly().coeffs()
            denominator = math.lcm(*(int(c.q) for c in coefficients))
            roots: Any = fmpz_poly([int((c * denominator).p) for c in coefficients]).complex_roots()
            return [root for root, count in roots for _ in range(count)]
        try:
            values: list[acb] = acb_mat(matrix(A)).eig(multiple=True)
        except ValueError:
            raise Undecided("undecided eigenvalues: they are not isolated at this precision") from None
        return values

    def _located(self, A: Array, exact_test: Callable[[Sequence[fmpq]], bool], test: Any) -> bool | None:
        exact = exactly(A)
        if exact is not None:
            return exact_test(exact.charpoly().coeffs())
        try:
            answers = [test(value) for value in self._general(A)]
        except Unsupported:
            return None
        return False if False in answers else None if None in answers else True

    def stable(self, A: Array) -> Any:
        require_square(A, "stability")
        return self._located(A, polynomials.in_left_half_plane, lambda value: _below(value.real, arb(0)))

    def schur_stable(self, A: Array) -> Any:
        require_square(A, "stability")
        return self._located(A, polynomials.in_unit_disc, lambda value: _below(abs(value), arb(1)))

    def all_real(self, A: Array) -> Any:
        require_square(A, "the eigenvalues")
        if self.symmetric(A):
            return True
        return self._located(A, polynomials.all_real, lambda value: False if value.imag != 0 else None)


def _below(x: arb, bound: arb) -> bool | None:
    return True if x < bound else False if x >= bound else None


def matrix(A: Array) -> arb_mat:
    """The matrix of FLINT with the same entries."""
    return arb_mat(A.shape[0], A.shape[1], A.ravel().tolist())


def _diagonal(values: Sequence[arb]) -> arb_mat:
    n = len(values)
    return arb_mat(n, n, [values[i] if i == j else arb(0) for i in range(n) for j in range(n)])


def _frobenius(S: arb_mat) -> arb:
    """An upper bound of the Frobenius norm."""
    total = arb(0)
    for entry in S.entries():
        size = entry.abs_upper()
        total += size * size
    return total.upper().sqrt().upper()
