"""True claims on products, ranks, determinants, inverses and structures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems import Conclude, Suppose, at_most, conclude, equal, suppose
from theorems.strategies import matrices

Steps = Iterator[Suppose | Conclude]


def trace_turns(case: Any, num: Any) -> Steps:
    A, B, C = case.matrices
    yield conclude(equal(num.trace(A @ B @ C), num.trace(C @ A @ B)), "tr(ABC) = tr(CAB)")


def determinant_multiplies(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    det = num.determinant
    yield conclude(equal(det(A @ B), det(A) * det(B)), "det AB = det A det B")


def sylvester(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    m, n = A.shape[-2:]
    left, right = num.identity(m) + A @ B, num.identity(n) + B @ A
    yield conclude(equal(num.determinant(left), num.determinant(right)), "det(I + AB) = det(I + BA)")


def sylvester_rank(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(num.rank(A) + num.rank(B) <= num.rank(A @ B) + A.shape[-1], "rank A + rank B <= rank AB + n")


def rank_of_a_gram_matrix(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(num.rank(A.mT @ A) == num.rank(A), "rank A^T A = rank A")


def rank_of_a_hadamard_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(num.rank(num.hadamard(A, B)) <= num.rank(A) * num.rank(B), "rank(A o B) <= rank A rank B")


def rank_of_a_kronecker_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(num.rank(num.kronecker(A, B)) == num.rank(A) * num.rank(B), "rank(A (x) B) = rank A rank B")


def kronecker_products_multiply(case: Any, num: Any) -> Steps:
    A, B, C, D = case.matrices
    k = num.kronecker
    yield conclude(equal(k(A, B) @ k(C, D), k(A @ C, B @ D)), "(A (x) B)(C (x) D) = AC (x) BD")


def rank_one_update(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    u, v = case.vectors
    yield suppose(num.nonsingular(A), "A is non-singular")
    factor = 1 + num.dot(v, num.apply(num.inverse(A), u))
    yield conclude(equal(num.determinant(A + num.outer(u, v)), factor * num.determinant(A)), "det(A + uv^T)")


def determinant_of_blocks(case: Any, num: Any) -> Steps:
    A, B, C, D = case.matrices
    yield suppose(num.nonsingular(A), "A is non-singular")
    whole = num.block([[A, B], [C, D]])
    schur = D - C @ num.solve(A, B)
    yield conclude(
        equal(num.determinant(whole), num.determinant(A) * num.determinant(schur)), "by the Schur complement"
    )


def determinant_of_commuting_blocks(case: Any, num: Any) -> Steps:
    A, B, C = case.matrices
    yield suppose(equal(A @ B, B @ A), "AB = BA")
    whole = num.block([[A, B], [C, A]])
    yield conclude(equal(num.determinant(whole), num.determinant(A @ A - B @ C)), "det [A B; C A] = det(A^2 - BC)")


def pseudo_inverse(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    X = num.pseudo_inverse(A)
    yield conclude(equal(A @ X @ A, A), "A A^+ A = A")
    yield conclude(equal(X @ A @ X, X), "A^+ A A^+ = A^+")
    yield conclude(num.symmetric(A @ X), "A A^+ is symmetric")


def projection(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    P = num.projection(A)
    yield conclude(equal(P @ P, P), "P^2 = P")
    yield conclude(equal(P @ A, A), "PA = A")
    yield conclude(equal(num.trace(P), num.number(1) * num.rank(A)), "tr P = rank A")


def idempotent_trace(case: Any, num: Any) -> Steps:
    (P,) = case.matrices
    yield suppose(equal(P @ P, P), "P^2 = P")
    yield conclude(equal(num.trace(P), num.number(1) * num.rank(P)), "tr P = rank P")


def skew_of_odd_size(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(equal(A.mT, -A), "A is skew-symmetric")
    yield suppose(A.shape[-1] % 2 == 1, "n is odd")
    yield conclude(num.singular(A), "A is singular")


def orthogonal_determinant(case: Any, num: Any) -> Steps:
    (Q,) = case.matrices
    yield suppose(equal(Q.mT @ Q, num.identity(Q.shape[-1])), "Q is orthogonal")
    yield conclude(equal(num.absolute(num.determinant(Q)), num.number(1)), "|det Q| = 1")


def circulants_commute(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(equal(A @ B, B @ A), "circulant matrices commute")


def toeplitz_is_persymmetric(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.nonsingular(A), "A is non-singular")
    X = num.inverse(A)
    yield conclude(equal(X[..., 0, 0], X[..., -1, -1]), "the ends of the diagonal of a Toeplitz inverse agree")


def stochastic_products(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    ones = num.constant([[1] * A.shape[-1]])
    yield conclude(equal(ones @ (A @ B), ones), "products of stochastic matrices are stochastic")


def stochastic_radius(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(equal(num.spectral_radius(A), num.number(1)), "rho(P) = 1")


def doubly_stochastic_norm(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(at_most(num.spectral_norm(A), num.number(1)), "||P||_2 <= 1")


def m_matrix_inverse(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(at_most(num.zeros(*A.shape[-2:]), num.inverse(A)), "A^-1 has no negative entry")


def nilpotent_index(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    n = A.shape[-1]
    yield conclude(equal(num.power(A, n), num.zeros(n, n)), "A^n = 0")


def cayley_hamilton(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    n = A.shape[-1]
    p = num.characteristic_polynomial(A)
    value = num.zeros(n, n)
    for k in range(n + 1):
        value = value + num.times(p[..., k], num.power(A, k))
    yield conclude(equal(value, num.zeros(n, n)), "p_A(A) = 0")


def commutators_have_no_trace(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(equal(num.trace(A @ B - B @ A), num.number(0)), "tr(AB - BA) = 0")


def inverse_of_a_sum(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    for M in (A, B, A + B):
        yield suppose(num.nonsingular(M), "A, B and A + B are non-singular")
    inv = num.inverse
    yield conclude(equal(inv(A + B), inv(A) - inv(A) @ inv(inv(A) + inv(B)) @ inv(A)), "Woodbury")


CASES = {
    "sylvester": matrices(count=2, shapes="transposed-pair"),
    "sylvester_rank": matrices(count=2, shapes="rectangular-chain"),
    "rank_of_a_gram_matrix": matrices(shapes="rectangular"),
    "rank_of_a_kronecker_product": matrices(count=2, max_dimension=3),
    "kronecker_products_multiply": matrices(count=4, max_dimension=2),
    "pseudo_inverse": matrices(shapes="rectangular"),
    "projection": matrices(shapes="rectangular"),
    "circulants_commute": matrices(count=2, structure="circulant"),
    "toeplitz_is_persymmetric": matrices(structure="toeplitz"),
    "stochastic_products": matrices(count=2, structure="stochastic"),
    "stochastic_radius": matrices(structure="stochastic"),
    "doubly_stochastic_norm": matrices(structure="doubly stochastic"),
    "m_matrix_inverse": matrices(structure="m-matrix"),
    "nilpotent_index": matrices(structure="nilpotent"),
}
