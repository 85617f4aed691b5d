"""False claims on products, ranks, determinants, inverses and blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems import Conclude, Suppose, at_most, conclude, equal, suppose
from theorems.strategies import matrices

Steps = Iterator[Suppose | Conclude]


def trace_of_three(case: Any, num: Any) -> Steps:
    A, B, C = case.matrices
    yield conclude(equal(num.trace(A @ B @ C), num.trace(A @ C @ B)), "tr(ABC) = tr(ACB)")


def trace_of_three_semidefinite(case: Any, num: Any) -> Steps:
    A, B, C = case.matrices
    for M in (A, B, C):
        yield suppose(num.positive_semidefinite(M), "all are positive semidefinite")
    yield conclude(at_most(num.number(0), num.trace(A @ B @ C)), "tr(ABC) >= 0")


def form_of_a_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    (x,) = case.vectors
    yield suppose(num.positive_semidefinite(A), "A >= 0")
    yield suppose(num.positive_semidefinite(B), "B >= 0")
    yield conclude(at_most(num.number(0), num.dot(x, num.apply(A @ B, x))), "x^T A B x >= 0")


def zero_products_turn(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(equal(A @ B, num.zeros(*A.shape[-2:])), "AB = 0")
    yield conclude(equal(B @ A, num.zeros(*A.shape[-2:])), "BA = 0")


def cancellation(case: Any, num: Any) -> Steps:
    A, B, C = case.matrices
    yield suppose(equal(A @ B, A @ C), "AB = AC")
    yield conclude(equal(B, C), "B = C")


def commuting_is_transitive(case: Any, num: Any) -> Steps:
    A, B, C = case.matrices
    yield suppose(equal(A @ B, B @ A), "AB = BA")
    yield suppose(equal(B @ C, C @ B), "BC = CB")
    yield conclude(equal(A @ C, C @ A), "AC = CA")


def roots_of_the_identity(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(equal(A @ A, num.identity(A.shape[-1])), "A^2 = I")
    yield conclude(num.symmetric(A), "A is symmetric")


def normal_is_symmetric(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(equal(A.mT @ A, A @ A.mT), "A is normal")
    yield conclude(num.symmetric(A), "A is symmetric")


def skew_is_singular(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(equal(A.mT, -A), "A is skew-symmetric")
    yield conclude(num.singular(A), "A is singular")


def rank_of_a_square(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(num.rank(A @ A) == num.rank(A), "rank A^2 = rank A")


def rank_of_a_turned_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(num.rank(A @ B) == num.rank(B @ A), "rank AB = rank BA")


def rank_adds(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(num.rank(A) + num.rank(B) <= num.rank(A + B), "rank A + rank B <= rank(A + B)")


def rank_of_a_hadamard_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(num.rank(num.hadamard(A, B)) <= num.smaller(num.rank(A), num.rank(B)), "rank(A o B) <= min")


def determinant_of_a_hadamard_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    det = num.determinant
    yield conclude(equal(det(num.hadamard(A, B)), det(A) * det(B)), "det(A o B) = det A det B")


def kronecker_commutes(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(equal(num.kronecker(A, B), num.kronecker(B, A)), "A (x) B = B (x) A")


def determinant_of_a_kronecker_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    det = num.determinant
    yield conclude(equal(det(num.kronecker(A, B)), det(A) * det(B)), "det(A (x) B) = det A det B")


def determinant_of_blocks(case: Any, num: Any) -> Steps:
    A, B, C, D = case.matrices
    det = num.determinant
    whole = num.block([[A, B], [C, D]])
    yield conclude(equal(det(whole), det(A) * det(D) - det(B) * det(C)), "det [A B; C D] = det A det D - det B det C")


def determinant_of_one_plus(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    one = num.identity(A.shape[-1])
    yield conclude(equal(num.determinant(one + A), 1 + num.trace(A)), "det(I + A) = 1 + tr A")


def determinant_of_a_multiple(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(equal(num.determinant(2 * A), 2 * num.determinant(A)), "det(2A) = 2 det A")


def inverse_of_a_sum(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    for M in (A, B, A + B):
        yield suppose(num.nonsingular(M), "A, B and A + B are non-singular")
    yield conclude(equal(num.inverse(A + B), num.inverse(A) + num.inverse(B)), "(A + B)^-1 = A^-1 + B^-1")


def trace_of_an_inverse(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.positive_definite(A), "A > 0")
    yield conclude(equal(num.trace(num.inverse(A)) * num.trace(A), num.number(1)), "tr(A^-1) = 1 / tr(A)")


def inverse_is_non_negative(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.nonsingular(A), "A is non-singular")
    yield suppose(at_most(num.zeros(*A.shape[-2:]), A), "A has no negative entry")
    yield conclude(at_most(num.zeros(*A.shape[-2:]), num.inverse(A)), "nor has A^-1")


def pseudo_inverse_of_a_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    turned = num.pseudo_inverse(B) @ num.pseudo_inverse(A)
    yield conclude(equal(num.pseudo_inverse(A @ B), turned), "(AB)^+ = B^+ A^+")


def pseudo_inverse_from_the_left(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(equal(num.pseudo_inverse(A) @ A, num.identity(A.shape[-1])), "A^+ A = I")


def product_of_projections(case: Any, num: Any) -> Steps:
    P, Q = case.matrices
    for M in (P, Q):
        yield suppose(equal(M @ M, M), "P and Q are projections")
    yield conclude(equal(P @ Q @ P @ Q, P @ Q), "PQ is a projection")


def sum_of_projections(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    S = num.projection(A) + num.projection(B)
    yield conclude(equal(S @ S, S), "the sum of two orthogonal projections is one")


def toeplitz_products(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    P = A @ B
    yield conclude(equal(P[..., 0, 0], P[..., 1, 1]), "the product of Toeplitz matrices is Toeplitz")


def toeplitz_inverses(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.nonsingular(A), "A is non-singular")
    P = num.inverse(A)
    yield conclude(equal(P[..., 0, 0], P[..., 1, 1]), "the inverse of a Toeplitz matrix is Toeplitz")


def doubly_stochastic_is_symmetric(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(num.symmetric(A), "a doubly stochastic matrix is symmetric")


def stochastic_norm(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(at_most(num.spectral_norm(A), num.number(1)), "||P||_2 <= 1 of a stochastic matrix")


def cayley_hamilton_of_two(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    n = A.shape[-1]
    value = A @ A - num.times(num.trace(A), A) + num.times(num.determinant(A), num.identity(n))
    yield suppose(n >= 2, "n >= 2")
    yield conclude(equal(value, num.zeros(n, n)), "A^2 - tr(A) A + det(A) I = 0")


CASES = {
    "kronecker_commutes": matrices(count=2, shapes="rectangular", max_dimension=2),
    "determinant_of_a_kronecker_product": matrices(count=2, max_dimension=3),
    "toeplitz_products": matrices(count=2, min_dimension=2, structure="toeplitz"),
    "toeplitz_inverses": matrices(min_dimension=2, structure="toeplitz"),
    "doubly_stochastic_is_symmetric": matrices(structure="doubly stochastic"),
    "stochastic_norm": matrices(structure="stochastic"),
}
