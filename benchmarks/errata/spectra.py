"""False claims on eigenvalues, singular values, norms and the Loewner order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems import Conclude, Suppose, at_most, conclude, equal, loewner_at_most, suppose
from theorems.strategies import matrices

Steps = Iterator[Suppose | Conclude]


def radius_of_a_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    rho = num.spectral_radius
    yield conclude(at_most(rho(A @ B), rho(A) * rho(B)), "rho(AB) <= rho(A) rho(B)")


def radius_of_a_sum(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    rho = num.spectral_radius
    yield conclude(at_most(rho(A + B), rho(A) + rho(B)), "rho(A + B) <= rho(A) + rho(B)")


def radius_is_the_norm(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(equal(num.spectral_radius(A), num.spectral_norm(A)), "rho(A) = ||A||_2")


def radius_by_the_diagonal(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield conclude(at_most(num.trace(A), num.spectral_radius(A)), "tr A <= rho(A)")


def stable_sums(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.stable(A), "A is stable")
    yield suppose(num.stable(B), "B is stable")
    yield conclude(num.stable(A + B), "A + B is stable")


def stable_symmetric_part(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.stable(A), "A is stable")
    yield conclude(num.positive_semidefinite(-num.symmetric_part(A)), "A + A^T <= 0")


def schur_stable_products(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.schur_stable(A), "rho(A) < 1")
    yield suppose(num.schur_stable(B), "rho(B) < 1")
    yield conclude(num.schur_stable(A @ B), "rho(AB) < 1")


def schur_stable_is_a_contraction(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.schur_stable(A), "rho(A) < 1")
    yield conclude(at_most(num.spectral_norm(A), num.number(1)), "||A||_2 <= 1")


def real_spectra_add(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.all_real(A), "the eigenvalues of A are real")
    yield suppose(num.all_real(B), "the eigenvalues of B are real")
    yield conclude(num.all_real(A + B), "so are those of A + B")


def real_spectra_of_products(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield suppose(num.symmetric(B), "B is symmetric")
    yield conclude(num.all_real(A @ B), "the eigenvalues of AB are real")


def spectrum_decides_rank(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    p = num.characteristic_polynomial
    yield suppose(equal(p(A), p(B)), "A and B have one characteristic polynomial")
    yield conclude(num.rank(A) == num.rank(B), "rank A = rank B")


def nilpotent_sums(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    n = A.shape[-1]
    for M in (A, B):
        yield suppose(equal(num.power(M, n), num.zeros(n, n)), "A and B are nilpotent")
    yield conclude(equal(num.power(A + B, n), num.zeros(n, n)), "A + B is nilpotent")


def largest_eigenvalue_on_the_diagonal(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    diagonal = num.largest(A.diagonal(axis1=-2, axis2=-1))
    yield conclude(at_most(num.largest_eigenvalue(A), diagonal), "lambda_1(A) <= max a_ii")


def second_eigenvalues_add(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield suppose(num.symmetric(B), "B is symmetric")
    yield suppose(A.shape[-1] >= 2, "n >= 2")
    total = num.eigenvalue(A, 2) + num.eigenvalue(B, 2)
    yield conclude(at_most(num.eigenvalue(A + B, 2), total), "lambda_2(A + B) <= lambda_2(A) + lambda_2(B)")


def trace_by_the_largest(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield suppose(num.symmetric(B), "B is symmetric")
    yield conclude(at_most(num.trace(A @ B), num.largest_eigenvalue(A) * num.trace(B)), "tr(AB) <= lambda_1(A) tr(B)")


def smallest_values_multiply(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    n = A.shape[-1]
    least = num.singular_value(A, n) * num.singular_value(B, n)
    yield conclude(equal(num.singular_value(A @ B, n), least), "sigma_n(AB) = sigma_n(A) sigma_n(B)")


def nuclear_norm_is_the_trace(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield conclude(equal(num.nuclear_norm(A), num.trace(A)), "||A||_* = tr A")


def nuclear_by_root_of_rank(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    n = A.shape[-1]
    yield conclude(at_most(num.nuclear_norm(A), num.sqrt(num.number(n)) * num.spectral_norm(A)),
                   "||A||_* <= sqrt(n) ||A||_2")  # fmt: skip


def frobenius_of_a_turned_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(equal(num.frobenius_norm(A @ B), num.frobenius_norm(B @ A)), "||AB||_F = ||BA||_F")


def max_norm_of_a_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    norm = num.entrywise_max_norm
    yield conclude(at_most(norm(A @ B), norm(A) * norm(B)), "max |(AB)_ij| <= max |a_ij| max |b_ij|")


def spectral_by_column_sums(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(at_most(num.spectral_norm(A), num.induced_one_norm(A)), "||A||_2 <= ||A||_1")


def row_sums_by_spectral(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(at_most(num.induced_max_norm(A), num.spectral_norm(A)), "||A||_inf <= ||A||_2")


def hadamard_below_the_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    norm = num.frobenius_norm
    yield conclude(at_most(norm(num.hadamard(A, B)), norm(A @ B)), "||A o B||_F <= ||AB||_F")


def norm_of_an_inverse(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.nonsingular(A), "A is non-singular")
    norm = num.spectral_norm
    yield conclude(equal(norm(num.inverse(A)) * norm(A), num.number(1)), "||A^-1|| = 1 / ||A||")


def idempotents_are_contractions(case: Any, num: Any) -> Steps:
    (P,) = case.matrices
    yield suppose(equal(P @ P, P), "P^2 = P")
    yield conclude(at_most(num.spectral_norm(P), num.number(1)), "||P|| <= 1")


def two_by_two_test(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    for k in range(1, A.shape[-1] + 1):
        yield suppose(at_most(num.number(0), num.determinant(A[..., :k, :k])), "the leading minors are >= 0")
    yield conclude(num.positive_semidefinite(A), "A >= 0")


def positive_entries(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield suppose(at_most(num.zeros(*A.shape[-2:]), A), "A has no negative entry")
    yield conclude(num.positive_semidefinite(A), "A >= 0")


def product_of_definite(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.positive_definite(A), "A > 0")
    yield suppose(num.positive_definite(B), "B > 0")
    yield conclude(num.positive_semidefinite(num.symmetric_part(A @ B)), "the symmetric part of AB is >= 0")


def moduli_keep_order(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(loewner_at_most(A, B), "A <= B")
    yield conclude(loewner_at_most(num.modulus(A), num.modulus(B)), "|A| <= |B|")


def triangle_of_moduli(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(loewner_at_most(num.modulus(A + B), num.modulus(A) + num.modulus(B)), "|A + B| <= |A| + |B|")


def roots_add(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.positive_semidefinite(A), "A >= 0")
    yield suppose(num.positive_semidefinite(B), "B >= 0")
    root = num.square_root
    yield conclude(loewner_at_most(root(A + B), root(A) + root(B)), "(A + B)^(1/2) <= A^(1/2) + B^(1/2)")


def exponentials_multiply(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    exp = num.exponential
    yield conclude(equal(exp(A + B), exp(A) @ exp(B)), "e^(A+B) = e^A e^B")


def exponential_of_the_determinant(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(equal(num.determinant(num.exponential(A)), num.exp(num.determinant(A))), "det e^A = e^det A")


def exponential_entries(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield conclude(at_most(num.zeros(*A.shape[-2:]), num.exponential(A)), "e^A has no negative entry")


def log_determinants_are_convex(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.positive_definite(A), "A > 0")
    yield suppose(num.positive_definite(B), "B > 0")
    f = num.log_determinant
    yield conclude(at_most(2 * f((A + B) / 2), f(A) + f(B)), "log det is convex")


def determinants_are_concave(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.positive_definite(A), "A > 0")
    yield suppose(num.positive_definite(B), "B > 0")
    f = num.determinant
    yield conclude(at_most(f(A) + f(B), 2 * f((A + B) / 2)), "det is concave")


def hadamard_turned(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.positive_semidefinite(A), "A >= 0")
    diagonal = num.product(A.diagonal(axis1=-2, axis2=-1))
    yield conclude(at_most(diagonal, num.determinant(A)), "det A >= a_11 ... a_nn")


def cauchy_schwarz_of_a_form(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    x, y = case.vectors
    yield suppose(num.symmetric(A), "A is symmetric")
    form = num.dot(x, num.apply(A, y))
    bound = num.dot(x, num.apply(A, x)) * num.dot(y, num.apply(A, y))
    yield conclude(at_most(form * form, bound), "(x^T A y)^2 <= x^T A x y^T A y")


CASES = {
    "spectrum_decides_rank": matrices(count=2, structure="nilpotent"),
    "nilpotent_sums": matrices(count=2, structure="nilpotent"),
}
