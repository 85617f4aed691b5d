"""Zeng and Lee, Appendix B.2: zero sets of polynomials and random matrices, in their exact finite forms."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from theorems.case import Array, CountCase, MatrixCase
from theorems.claim import (
    Source,
)
from theorems.facts import not_needed, to_state
from theorems.models.random_matrices import LawCase, PolynomialCase, exponents
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, holds, less_than, suppose

Steps = Iterator[Suppose | Conclude]


def zeros_on_a_grid(case: PolynomialCase, num: Num) -> Steps:
    """Lemma 7: the zero set of a polynomial that is not the zero polynomial has Lebesgue measure zero.

    Its exact form is a count: a non-zero polynomial of degree d has at most d N^{n-1} zeros on any grid of N points an
    axis (Schwartz and Zippel).  The count implies the lemma: slide a grid of N points an axis uniformly over the unit
    cube; the expected share of its points in the zero set is the measure of the zero set there, and it is at most d / N
    for every N.

    Hypotheses  p is not the zero polynomial
    Conclusion  #{x in {0..N-1}^n : p(x) = 0} <= d N^{n-1}
    """
    n, d, N = case.variables, case.degree, case.grid
    yield suppose(holds(~num.zero(case.coefficients).all(-1)), "p is not the zero polynomial")
    powers = exponents(n, d)
    monomials = [
        [_monomial(point, exponent) for exponent in powers] for point in itertools.product(range(N), repeat=n)
    ]
    values = num.apply(num.constant(monomials), case.coefficients)
    zeros = num.zero(values).sum(-1)
    yield conclude(at_most(zeros, d * N ** (n - 1)), "at most d N^(n-1) zeros on the grid")


def _monomial(point: tuple[int, ...], exponent: tuple[int, ...]) -> int:
    value = 1
    for x, e in zip(point, exponent, strict=True):
        value *= x**e
    return value


def _probability_of_a_singular_matrix(case: LawCase, num: Num) -> Any:
    """P(det X = 0) of the mixture, exactly.

    On each part det is a polynomial in t of total degree at most D.  If it vanishes at all t in N^J with sum t_j <= D
    it is the zero polynomial and the part is singular with probability one; else, by Lemma 7, with probability zero.
    On the first part, the uniform law, it is not the zero polynomial: det I = 1.
    """
    D, J = case.origins.shape[-1], case.directions.shape[-3]
    probability = num.number(0)
    for k in range(case.origins.shape[-3]):
        origin = case.origins[..., k, :, :]
        vanishes: Any = None
        for t in exponents(J, D):
            point = origin
            for j in range(J):
                if t[j]:
                    point = point + t[j] * case.directions[..., k, j, :, :]
            singular = num.singular(point)
            vanishes = singular if vanishes is None else vanishes & singular
        probability = probability + num.where(vanishes, case.weights[..., k + 1], num.number(0))
    return probability


def _law(case: LawCase, num: Num) -> Steps:
    weights = case.weights
    yield suppose(at_most(num.zeros(weights.shape[-1]), weights), "the weights are non-negative")
    yield suppose(equal(weights.sum(-1), num.number(1)), "the weights sum to one")


def singular_without_atoms(case: LawCase, num: Num) -> Steps:
    """Lemma 8, read with 'continuous' as 'without atoms': such a random matrix is non-singular with probability one.

    The text asks for a continuous distribution whose support has positive Lebesgue measure.  Without a density these
    two do not suffice: half of the mass may sit on a segment of singular matrices.

    Hypotheses  no point has positive probability; the support has positive measure
    Conclusion  P(X is singular) = 0
    """
    yield from _law(case, num)
    yield suppose(less_than(num.number(0), case.weights[..., 0]), "the support has positive Lebesgue measure")
    for k in range(case.origins.shape[-3]):
        moves = num.frobenius_norm_squared(_stacked(case.directions[..., k, :, :, :]))
        atomless = num.where(num.zero(case.weights[..., k + 1]), num.number(1), moves)
        yield suppose(less_than(num.number(0), atomless), "no point has positive probability")
    yield conclude(equal(_probability_of_a_singular_matrix(case, num), num.number(0), scale=num.number(1)), "P = 0")


def _stacked(directions: Array) -> Array:
    """(..., J, D, D) as one matrix (..., J D, D)."""
    J, D = directions.shape[-3:-1]
    return directions.reshape(*directions.shape[:-3], J * D, D)


def singular_with_a_density(case: LawCase, num: Num) -> Steps:
    """Lemma 8, read with 'continuous' as 'with a density' (which its proof uses): non-singular with probability one.

    The determinant is a polynomial of the entries that is not zero at the identity, so by Lemma 7 its zero set has
    measure zero, and a law with a density gives it probability zero.

    Hypotheses  every part of the mixture has a density, wherever it lies: its directions span R^{D x D}
    Conclusion  P(X is singular) = 0
    """
    yield from _law(case, num)
    J, D = case.directions.shape[-3:-1]
    for k in range(case.origins.shape[-3]):
        spanned = num.rank(case.directions[..., k, :, :, :].reshape(*case.directions.shape[:-4], J, D * D))
        needed = num.where(num.zero(case.weights[..., k + 1]), 0, D * D)
        yield suppose(at_most(needed, spanned), "the law has a density")
    yield conclude(equal(_probability_of_a_singular_matrix(case, num), num.number(0), scale=num.number(1)), "P = 0")


def exact_point_off_the_zero_set(case: CountCase, num: Num) -> Steps:
    """Lemma 8, with a density, decided size by size: one non-singular D x D matrix.

    det is a polynomial; that it is not zero at one exact point settles with Lemma 7 that its zero set has measure zero,
    so that every law with a density gives it probability zero.

    Hypotheses  D >= 1
    Conclusion  some D x D matrix with entries below D + 1 is non-singular (here I + the matrix of ones: det = D + 1)
    """
    (D,) = case.values
    yield suppose(D >= 1, "D >= 1")
    point = num.constant([[2 if i == j else 1 for j in range(D)] for i in range(D)])
    yield conclude(equal(num.determinant(point), num.number(D + 1)), "det(I + 1 1^T) = D + 1, not zero")


def affine_in_each_entry(case: MatrixCase, num: Num) -> Steps:
    """Lemma 8 for independent entries without atoms (as in Lemma 13 and Corollary 4): almost surely non-singular.

    det is affine in one entry, with the complementary minor as its slope.  Where that minor is not zero exactly one
    value of the entry makes the matrix singular, and an atomless entry, independent of the others, takes it with
    probability zero; by induction on D the minor is almost surely not zero.  Checked is the step: the slope, and the
    one root.

    Hypotheses  the minor of the first entry is not zero
    Conclusion  det is affine in the first entry with that slope, so it vanishes at exactly one value of it
    """
    (A,) = case.matrices
    D = A.shape[-1]
    minor = num.determinant(A[..., 1:, 1:]) if D > 1 else num.number(1)
    scale = num.frobenius_norm_squared(A)
    yield suppose(less_than(num.number(0), num.absolute(minor)), "the minor of the first entry is not zero")
    corner = num.outer(num.identity(D)[..., 0], num.identity(D)[..., 0])
    for step in (1, -2):
        moved = num.determinant(A + step * corner)
        yield conclude(
            equal(moved - num.determinant(A), step * minor, scale=num.absolute(minor) + num.absolute(moved)),
            "det is affine in the first entry",
        )
    root = -num.determinant(A) / minor
    at_root = num.determinant(A + num.times(root, corner))
    yield conclude(
        equal(at_root, num.number(0), scale=num.absolute(minor) * (1 + num.absolute(root)) + scale),
        "det vanishes at one value of the first entry",
    )


_LEMMA_7 = Source("zeng-lee", "Lemma 7", "Appendix B.2")
_LEMMA_8 = Source("zeng-lee", "Lemma 8", "Appendix B.2")

_NO_WEIGHT = not_needed("the parts without a density have weight zero, and P is the sum over these")

CLAIMS = (
    _LEMMA_7.stands("zeng-lee/lemma-7", zeros_on_a_grid, "Schwartz-Zippel counts on grids, which imply it"),
    _LEMMA_8.gap(
        "zeng-lee/lemma-8:atomless", singular_without_atoms,
        "a mixture of a density and a segment of singular matrices has no atoms; D = 1 has no such segment",
        place="Lemma 8", printed="X follows an arbitrary continuous distribution; this reading: no atoms",
        repaired_by="zeng-lee/lemma-8",
    ),
    _LEMMA_8.stands(
        "zeng-lee/lemma-8", singular_with_a_density, "Lemma 7 for the determinant, which is not zero at the identity",
        about=dict.fromkeys(("the weights are non-negative", "the weights sum to one"), _NO_WEIGHT),
    ),
    _LEMMA_8.decided(
        "zeng-lee/lemma-8:exact-point", exact_point_off_the_zero_set,
        "one exact non-singular matrix of each size D = 1..12",
        largest=16,
        about={"D >= 1": not_needed("the empty matrix has determinant 1 = D + 1")},
    ),
    _LEMMA_8.stands(
        "zeng-lee/lemma-8:independent-entries", affine_in_each_entry,
        "det is affine in each entry, so independent atomless entries suffice, with or without a density",
        about={"the minor of the first entry is not zero": to_state("the one root is a quotient by the minor")},
    ),
)  # fmt: skip
