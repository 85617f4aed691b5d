"""What Fractions do with matrices that are only enclosed, and with what is irrational."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from theorems.arithmetic import enclosed_functions, enclosed_spectra, polynomials
from theorems.arithmetic.enclosed_roots import enclose, polynomial_of
from theorems.arithmetic.enclosure import Enclosure, precision, rounded
from theorems.arithmetic.field import ExactField
from theorems.arithmetic.matrices import require_square
from theorems.arithmetic.roots import Irrational, gram
from theorems.case import Array
from theorems.errors import Undecided, Undefined, Unsupported


class FractionVocabulary(ExactField):
    """Rational matrices as in every exact arithmetic; of enclosed ones, enclosures and what is certain."""

    def positive_definite(self, A: Array) -> Any:
        if rational(A):
            return super().positive_definite(A)
        require_square(A, "definiteness")
        symmetric = self.symmetric(A)
        if symmetric is False or enclosed_spectra.negative_direction(enclosed(A)):
            return False
        return True if symmetric and enclosed_spectra.positive_pivots(enclosed(A)) else None

    def root(self, x: Any, p: int) -> Any:
        x = self._scalar(x)
        if p > 2 and not isinstance(x, Enclosure | Irrational):
            try:
                return super().root(x, p)
            except Unsupported:
                return Enclosure.of(x).root(p)
        return enclose(x).root(p) if p > 2 else super().root(x, p)

    def order_statistic(self, x: Array, k: int) -> Any:
        """Of enclosures: the k-th smallest of the lower ends, and of the upper ones."""
        if rational(x) or not 1 <= k <= len(x):
            return super().order_statistic(x, k)
        ends = [enclose(entry) for entry in x]
        return Enclosure(sorted(end.low for end in ends)[k - 1], sorted(end.high for end in ends)[k - 1])

    def nuclear_norm(self, A: Array) -> Any:
        return super().nuclear_norm(A) if rational(A) else self.sum(self.singular_values(A))

    def singular_values(self, A: Array) -> Array:
        if rational(A) or min(A.shape) < 2:
            return super().singular_values(A)
        values = self.zeros(min(A.shape))
        values[:] = [value.sqrt() for value in enclosed_spectra.eigenvalues(enclosed(gram(A)))]
        return values

    def pseudo_inverse(self, A: Array) -> Array:
        if rational(A):
            return super().pseudo_inverse(A)
        self.rank(A)  # the formulas below are for full rank, and this says so
        if A.shape[1] <= A.shape[0]:
            return self.solve(A.mT @ A, A.mT)
        return self.solve(A @ A.mT, A).mT

    def _spectral_radius(self, A: Array) -> Any:
        """By bisection: whether all eigenvalues of A / t lie in the unit disc is decided exactly."""
        if not rational(A):
            raise Undecided("the spectral radius of a matrix that is only enclosed")
        polynomial = polynomial_of(A)
        size = rounded(max(sum((abs(entry) for entry in row), Fraction(0)) for row in A.tolist()), up=True, bits=8)
        low, high = Fraction(0), size
        while high - low > size / (1 << precision() // 4):
            middle = (low + high) / 2
            if polynomials.in_unit_disc([c * middle**k for k, c in enumerate(polynomial)]):
                high = middle
            else:
                low = middle
        return Enclosure(low, high)

    def exponential(self, A: Array) -> Array:
        try:
            return super().exponential(A)
        except Unsupported:
            return array(self, enclosed_functions.exponential(enclosed(A)))

    def square_root(self, A: Array) -> Array:
        if rational(A):
            try:
                return super().square_root(A)
            except Unsupported:
                pass
        require_square(A, "the square root")
        answer = self.positive_semidefinite(A)
        if answer is False:
            raise Undefined("the square root of a matrix that is not positive semidefinite")
        if answer is None:
            raise Undecided("undecided whether a matrix is positive semidefinite: take num.symmetric_part of it")
        return self.symmetric_part(array(self, enclosed_functions.square_root(enclosed(A))))

    def modulus(self, A: Array) -> Array:
        gram = self.symmetric_part(A.mT @ A)
        if rational(A):
            return self.square_root(gram)
        return self.symmetric_part(array(self, enclosed_functions.square_root(enclosed(gram))))


def rational(A: Array) -> bool:
    """Whether all entries are rational."""
    return all(type(entry) in (Fraction, int) for entry in A.flat)


def enclosed(A: Array) -> list[list[Enclosure]]:
    """The rows of a matrix, enclosed."""
    return [[enclose(entry) for entry in row] for row in A.tolist()]


def array(num: ExactField, rows: list[list[Enclosure]]) -> Array:
    """An array of these rows."""
    result = num.zeros(len(rows), len(rows[0]) if rows else 0)
    result[...] = rows
    return result
