"""Polynomials and laws of random matrices: the cases of the almost-sure statements."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from theorems.case import Array
from theorems.errors import InputError

#: Monomials times grid points of a polynomial, which are all evaluated.
MAX_VALUES = 100_000


@dataclass(frozen=True)
class PolynomialCase:
    """A polynomial in n variables of total degree at most d, and the size N of the grid {0, ..., N-1}^n to count on.

    coefficients  one for each exponent of `exponents(variables, degree)`, in that order
    """

    variables: int
    degree: int
    grid: int
    coefficients: Array

    def __post_init__(self) -> None:
        points, powers = (max(base, 1) ** max(self.variables, 0) for base in (self.grid, self.degree + 1))
        if min(self.variables, self.degree, self.grid) < 0 or points * powers > MAX_VALUES:
            raise InputError(
                f"{self.variables} variables, degree {self.degree} and a grid of {self.grid}: give none below 0, and "
                f"at most {MAX_VALUES} values of monomials"
            )


def exponents(variables: int, degree: int) -> list[tuple[int, ...]]:
    """All exponents of total degree at most `degree`, in lexicographic order."""
    return [e for e in itertools.product(range(degree + 1), repeat=variables) if sum(e) <= degree]


@dataclass(frozen=True)
class LawCase:
    """The law of a random D x D matrix: a mixture of one part with a density and K parts without.

    weights     (K + 1,), non-negative, with sum one; the first is that of the uniform law on [0, 1]^{D x D}
    origins     (K, D, D); the k-th part is the law of origin_k + sum_j t_j direction_kj, t uniform on [0, 1]^J
    directions  (K, J, D, D); a part has a density where its directions span R^{D x D}, and is an atom where all are
                zero
    """

    weights: Array
    origins: Array
    directions: Array
