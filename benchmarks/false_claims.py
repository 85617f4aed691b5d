"""Twenty false claims on matrices for `benchmarks.side_by_side`: easy, thin sets, from a dimension on, small gaps.

    theorems hunt benchmarks/false_claims.py::trace_of_a_product
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems import Conclude, Suppose, at_most, conclude, equal, suppose
from theorems.strategies import matrices

Steps = Iterator[Suppose | Conclude]


def trace_of_a_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(at_most(num.trace(A @ B), num.trace(A) * num.trace(B)), "tr(AB) <= tr(A) tr(B)")


def products_commute(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(equal(A @ B, B @ A), "AB = BA")


def determinants_add(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(equal(num.determinant(A + B), num.determinant(A) + num.determinant(B)), "det(A+B) = det A + det B")


def norms_add(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    norm = num.frobenius_norm
    yield conclude(at_most(norm(A) + norm(B), 3 * norm(A + B)), "||A|| + ||B|| <= 3 ||A + B||")


def norm_below_traces(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield suppose(num.symmetric(B), "B is symmetric")
    bound = num.absolute(num.trace(A)) * num.absolute(num.trace(B))
    yield conclude(at_most(num.frobenius_norm(A @ B), bound), "||AB|| <= |tr A| |tr B|")


def symmetric_products(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield suppose(num.symmetric(B), "B is symmetric")
    yield conclude(num.symmetric(A @ B), "AB is symmetric")


def anticommutator(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.positive_semidefinite(A), "A >= 0")
    yield suppose(num.positive_semidefinite(B), "B >= 0")
    yield conclude(num.positive_semidefinite(A @ B + B @ A), "AB + BA >= 0")


def singular_sums(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield suppose(num.singular(A), "A is singular")
    yield suppose(num.singular(B), "B is singular")
    yield conclude(num.singular(A + B), "A + B is singular")


def orthogonal_is_symmetric(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(equal(A.mT @ A, num.identity(A.shape[-1])), "A is orthogonal")
    yield conclude(num.symmetric(A), "A is symmetric")


def nilpotent_is_zero(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(equal(A @ A, num.zeros(*A.shape[-2:])), "A^2 = 0")
    yield conclude(equal(A, num.zeros(*A.shape[-2:])), "A = 0")


def idempotent_is_symmetric(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(equal(A @ A, A), "A^2 = A")
    yield conclude(num.symmetric(A), "A is symmetric")


def rank_of_a_product(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(num.rank(A) + num.rank(B) <= num.rank(A @ B) + 1, "rank A + rank B <= rank AB + 1")


def rank_of_a_product_by_two(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    yield conclude(num.rank(A) + num.rank(B) <= num.rank(A @ B) + 2, "rank A + rank B <= rank AB + 2")


def determinant_without_trace(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    B = A - num.times(num.trace(A) / A.shape[-1], num.identity(A.shape[-1]))
    yield conclude(at_most(num.determinant(B), num.number(0)), "det(A - tr(A)/n I) <= 0")


def trace_squared(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield conclude(at_most(num.trace(A) * num.trace(A), 3 * num.trace(A @ A)), "tr(A)^2 <= 3 tr(A^2)")


def frobenius_and_spectral(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(at_most(num.frobenius_norm_squared(A), 3 * num.spectral_norm(A) * num.spectral_norm(A)),
                   "||A||_F^2 <= 3 ||A||_2^2")  # fmt: skip


def squares_are_monotone(case: Any, num: Any) -> Steps:
    A, C = case.matrices
    yield suppose(num.positive_semidefinite(A), "A >= 0")
    yield suppose(num.positive_semidefinite(C), "C >= 0")
    B = A + C
    yield conclude(num.positive_semidefinite(B @ B - A @ A), "(A + C)^2 >= A^2")


def middle_values_add(case: Any, num: Any) -> Steps:
    A, B = case.matrices
    total = num.singular_value(A, 2) + num.singular_value(B, 2)
    yield conclude(at_most(num.singular_value(A + B, 2), total), "sigma_2(A+B) <= sigma_2(A) + sigma_2(B)")


def purity(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(num.positive_semidefinite(A), "A >= 0")
    yield conclude(at_most(num.trace(A) * num.trace(A), 2 * num.trace(A @ A)), "tr(A)^2 <= 2 tr(A^2)")


def hadamard_bound(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    size = num.entrywise_max_norm(A)
    bound = num.number(1)
    for _ in range(A.shape[-1]):
        bound = bound * size
    yield conclude(at_most(num.determinant(A), 3 * bound), "det A <= 3 max |a_ij|^n")


CASES = {
    "trace_of_a_product": matrices(count=2),
    "products_commute": matrices(count=2),
    "determinants_add": matrices(count=2),
    "norms_add": matrices(count=2),
    "norm_below_traces": matrices(count=2, structure="symmetric"),
    "symmetric_products": matrices(count=2, structure="symmetric"),
    "anticommutator": matrices(count=2, structure="psd"),
    "singular_sums": matrices(count=2),
    "orthogonal_is_symmetric": matrices(structure="orthogonal"),
    "nilpotent_is_zero": matrices(structure="nilpotent"),
    "idempotent_is_symmetric": matrices(structure="projection"),
    "rank_of_a_product": matrices(count=2),
    "rank_of_a_product_by_two": matrices(count=2),
    "determinant_without_trace": matrices(structure="symmetric"),
    "trace_squared": matrices(structure="symmetric", max_dimension=6),
    "frobenius_and_spectral": matrices(max_dimension=6),
    "squares_are_monotone": matrices(count=2, structure="psd"),
    "middle_values_add": matrices(count=2, min_dimension=2),
    "purity": matrices(structure="psd"),
    "hadamard_bound": matrices(max_dimension=5),
}
