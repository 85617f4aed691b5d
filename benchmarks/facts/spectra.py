"""True claims on eigenvalues, singular values, norms and the Loewner order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems import Conclude, Suppose, at_most, conclude, equal, less_than, loewner_at_most, suppose

Steps = Iterator[Suppose | Conclude]


def radius_below_norms(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    for norm in (num.spectral_norm, num.induced_one_norm, num.induced_max_norm, num.frobenius_norm):
        yield conclude(at_most(num.spectral_radius(A), norm(A)), "rho(A) <= ||A||")


def radius_of_a_turned_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(equal(num.spectral_radius(A @ B), num.spectral_radius(B @ A)), "rho(AB) = rho(BA)")


def radius_of_a_power(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    rho = num.spectral_radius
    yield conclude(equal(rho(A @ A @ A), rho(A) * rho(A) * rho(A)), "rho(A^3) = rho(A)^3")


def weyl(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield suppose(num.symmetric(B), "B is symmetric")
    total = num.largest_eigenvalue(A) + num.largest_eigenvalue(B)
    yield conclude(at_most(num.largest_eigenvalue(A + B), total), "lambda_1(A + B) <= lambda_1(A) + lambda_1(B)")


def interlacing(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield suppose(A.shape[-1] >= 2, "n >= 2")
    B = A[..., 1:, 1:]
    yield conclude(at_most(num.largest_eigenvalue(B), num.largest_eigenvalue(A)), "lambda_1(B) <= lambda_1(A)")
    yield conclude(at_most(num.eigenvalue(A, 2), num.largest_eigenvalue(B)), "lambda_2(A) <= lambda_1(B)")


def von_neumann(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    bound = num.sum(num.singular_values(A) * num.singular_values(B))
    yield conclude(at_most(num.absolute(num.trace(A @ B)), bound), "|tr AB| <= sum sigma_i(A) sigma_i(B)")


def norms_between(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(at_most(num.spectral_norm(A), num.frobenius_norm(A)), "||A||_2 <= ||A||_F")
    yield conclude(at_most(num.frobenius_norm(A), num.nuclear_norm(A)), "||A||_F <= ||A||_*")


def schur_test(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    s = num.spectral_norm(A)
    yield conclude(at_most(s * s, num.induced_one_norm(A) * num.induced_max_norm(A)), "||A||_2^2 <= ||A||_1 ||A||_inf")


def nuclear_by_rank(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    n = num.nuclear_norm(A)
    yield conclude(at_most(n * n, num.rank(A) * num.frobenius_norm_squared(A)), "||A||_*^2 <= rank(A) ||A||_F^2")


def frobenius_of_a_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    norm = num.frobenius_norm
    yield conclude(at_most(norm(A @ B), num.spectral_norm(A) * norm(B)), "||AB||_F <= ||A||_2 ||B||_F")


def norm_of_a_hadamard_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    norm = num.spectral_norm
    yield conclude(at_most(norm(num.hadamard(A, B)), norm(A) * norm(B)), "||A o B||_2 <= ||A||_2 ||B||_2")


def schur_products(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.positive_semidefinite(A), "A >= 0")
    yield suppose(num.positive_semidefinite(B), "B >= 0")
    yield conclude(num.positive_semidefinite(num.hadamard(A, B)), "A o B >= 0")


def oppenheim(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.positive_semidefinite(A), "A >= 0")
    yield suppose(num.positive_semidefinite(B), "B >= 0")
    bound = num.determinant(A) * num.product(B.diagonal(axis1=-2, axis2=-1))
    yield conclude(at_most(bound, num.determinant(num.hadamard(A, B))), "det(A o B) >= det A b_11 ... b_nn")


def inverses_turn_the_order(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.positive_definite(A), "A > 0")
    yield suppose(loewner_at_most(A, B), "A <= B")
    yield conclude(loewner_at_most(num.inverse(B), num.inverse(A)), "B^-1 <= A^-1")


def roots_keep_order(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.positive_semidefinite(A), "A >= 0")
    yield suppose(loewner_at_most(A, B), "A <= B")
    yield conclude(loewner_at_most(num.square_root(A), num.square_root(B)), "A^(1/2) <= B^(1/2)")


def determinants_keep_order(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.positive_semidefinite(A), "A >= 0")
    yield suppose(loewner_at_most(A, B), "A <= B")
    yield conclude(at_most(num.determinant(A), num.determinant(B)), "det A <= det B")


def log_determinants_are_concave(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.positive_definite(A), "A > 0")
    yield suppose(num.positive_definite(B), "B > 0")
    f = num.log_determinant
    yield conclude(at_most(f(A) + f(B), 2 * f((A + B) / 2)), "log det is concave")


def inverses_are_convex(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.positive_definite(A), "A > 0")
    yield suppose(num.positive_definite(B), "B > 0")
    inv = num.inverse
    yield conclude(loewner_at_most(2 * inv((A + B) / 2), inv(A) + inv(B)), "the inverse is convex")


def hadamard(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.positive_semidefinite(A), "A >= 0")
    diagonal = num.product(A.diagonal(axis1=-2, axis2=-1))
    yield conclude(at_most(num.determinant(A), diagonal), "det A <= a_11 ... a_nn")


def cauchy_schwarz_of_an_inverse(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    x, y = case.vectors
    yield suppose(num.positive_definite(A), "A > 0")
    bound = num.dot(x, num.apply(A, x)) * num.dot(y, num.apply(num.inverse(A), y))
    yield conclude(at_most(num.dot(x, y) * num.dot(x, y), bound), "(x^T y)^2 <= x^T A x y^T A^-1 y")


def exponential_determinant(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(equal(num.determinant(num.exponential(A)), num.exp(num.trace(A))), "det e^A = e^tr A")


def exponentials_are_definite(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield conclude(num.positive_definite(num.exponential(A)), "e^A > 0")


def golden_thompson(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield suppose(num.symmetric(B), "B is symmetric")
    exp = num.exponential
    yield conclude(at_most(num.trace(exp(A + B)), num.trace(exp(A) @ exp(B))), "tr e^(A+B) <= tr e^A e^B")


def skew_exponentials(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    E = num.exponential(A - A.mT)
    yield conclude(equal(E.mT @ E, num.identity(A.shape[-1])), "e^(A - A^T) is orthogonal")


def lyapunov(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.positive_definite(-num.symmetric_part(A)), "A + A^T < 0")
    yield conclude(num.stable(A), "A is stable")


def dominant_is_regular(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    d = num.absolute(A.diagonal(axis1=-2, axis2=-1))
    ones = num.constant([1] * A.shape[-1])
    yield suppose(less_than(num.apply(num.absolute(A), ones), 2 * d), "A is strictly diagonally dominant")
    yield conclude(num.nonsingular(A), "A is non-singular")


def square_of_a_root(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.positive_semidefinite(A), "A >= 0")
    R = num.square_root(A)
    yield conclude(equal(R @ R, A), "(A^(1/2))^2 = A")
