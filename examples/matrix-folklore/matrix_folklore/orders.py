"""The Loewner order, determinants, inverses: what carries over from numbers, and what does not."""

from __future__ import annotations

from collections.abc import Iterator

from matrix_folklore.claiming import falls, stands
from theorems import Conclude, MatrixCase, Num, Suppose, at_most, conclude, equal, suppose

Steps = Iterator[Suppose | Conclude]

SEMIDEFINITE = "A and B are positive semidefinite"


def _semidefinite(case: MatrixCase, num: Num) -> Steps:
    for M in case.matrices[:2]:
        yield suppose(num.positive_semidefinite(M), SEMIDEFINITE)


def square(case: MatrixCase, num: Num) -> Steps:
    """A >= B >= 0 gives A^2 >= B^2: with P = A - B, (B + P)^2 >= B^2 for semidefinite B and P.

    Hypotheses  B and P are positive semidefinite
    """
    B, P = case.matrices
    yield from _semidefinite(case, num)
    A = B + P
    yield conclude(num.positive_semidefinite(A @ A - B @ B), "A^2 >= B^2")


def inverse(case: MatrixCase, num: Num) -> Steps:
    """A >= B > 0 gives B^{-1} >= A^{-1}; A = B + P.

    Hypotheses  B and P are positive semidefinite; B is non-singular
    """
    B, P = case.matrices
    yield from _semidefinite(case, num)
    yield suppose(num.nonsingular(B), "B is non-singular")
    yield conclude(num.positive_semidefinite(num.inverse(B) - num.inverse(B + P)), "B^{-1} >= A^{-1}")


def congruence(case: MatrixCase, num: Num) -> Steps:
    """P >= 0 gives C^T P C >= 0, for any C."""
    P, C = case.matrices
    S = P @ P.mT
    yield conclude(num.positive_semidefinite(C.mT @ S @ C), "C^T P P^T C >= 0")


def anticommutator(case: MatrixCase, num: Num) -> Steps:
    """AB + BA >= 0 for semidefinite A and B.

    Hypotheses  A and B are positive semidefinite
    """
    A, B = case.matrices
    yield from _semidefinite(case, num)
    yield conclude(num.positive_semidefinite(A @ B + B @ A), "AB + BA >= 0")


def sandwich(case: MatrixCase, num: Num) -> Steps:
    """ABA >= 0 for semidefinite A and B.

    Hypotheses  A and B are positive semidefinite
    """
    A, B = case.matrices
    yield from _semidefinite(case, num)
    yield conclude(num.positive_semidefinite(A @ B @ A), "ABA >= 0")


def multiplicative(case: MatrixCase, num: Num) -> Steps:
    """det(AB) = det(A) det(B)."""
    A, B = case.matrices
    yield conclude(equal(num.determinant(A @ B), num.determinant(A) * num.determinant(B)), "det(AB) = det(A) det(B)")


def additive(case: MatrixCase, num: Num) -> Steps:
    """det(A + B) = det(A) + det(B)."""
    A, B = case.matrices
    yield conclude(equal(num.determinant(A + B), num.determinant(A) + num.determinant(B)), "det(A + B) = det A + det B")


def superadditive(case: MatrixCase, num: Num) -> Steps:
    """det(A + B) >= det(A) + det(B) for semidefinite A and B (Minkowski).

    Hypotheses  A and B are positive semidefinite
    """
    A, B = case.matrices
    yield from _semidefinite(case, num)
    both = num.determinant(A) + num.determinant(B)
    yield conclude(at_most(both, num.determinant(A + B)), "det(A + B) >= det A + det B")


def blocks(case: MatrixCase, num: Num) -> Steps:
    """det [A B; C D] = det(A) det(D) - det(B) det(C), as for numbers."""
    A, B, C, D = case.matrices
    whole = num.determinant(num.block([[A, B], [C, D]]))
    parts = num.determinant(A) * num.determinant(D) - num.determinant(B) * num.determinant(C)
    yield conclude(equal(whole, parts), "det [A B; C D] = det A det D - det B det C")


def blocks_with_identity(case: MatrixCase, num: Num) -> Steps:
    """det [A B; C I] = det(A - BC)."""
    A, B, C = case.matrices[:3]
    whole = num.determinant(num.block([[A, B], [C, num.identity(A.shape[-1])]]))
    yield conclude(equal(whole, num.determinant(A - B @ C)), "det [A B; C I] = det(A - BC)")


def inverse_of_a_sum(case: MatrixCase, num: Num) -> Steps:
    """(A + B)^{-1} = A^{-1} + B^{-1}.

    Hypotheses  A, B and A + B are non-singular
    """
    A, B = case.matrices
    for M in (A, B, A + B):
        yield suppose(num.nonsingular(M), "A, B and A + B are non-singular")
    yield conclude(equal(num.inverse(A + B), num.inverse(A) + num.inverse(B)), "(A + B)^{-1} = A^{-1} + B^{-1}")


def inverse_of_a_product(case: MatrixCase, num: Num) -> Steps:
    """(AB)^{-1} = B^{-1} A^{-1}.

    Hypotheses  A and B are non-singular
    """
    A, B = case.matrices
    for M in (A, B):
        yield suppose(num.nonsingular(M), "A and B are non-singular")
    yield conclude(equal(num.inverse(A @ B), num.inverse(B) @ num.inverse(A)), "(AB)^{-1} = B^{-1} A^{-1}")


def product_symmetric(case: MatrixCase, num: Num) -> Steps:
    """The product of symmetric matrices is symmetric.

    Hypotheses  A and B are symmetric
    """
    A, B = case.matrices
    for M in (A, B):
        yield suppose(num.symmetric(M), "A and B are symmetric")
    yield conclude(num.symmetric(A @ B), "AB is symmetric")


CLAIMS = (
    falls("loewner.square", square, "squares do not keep the order, though roots do", instead="loewner.inverse"),
    stands("loewner.inverse", inverse, "I >= (I + Q)^{-1} for Q >= 0, by congruence"),
    stands("loewner.congruence", congruence, "x^T C^T S C x = (C x)^T S (C x)"),
    falls("loewner.anticommutator", anticommutator, "two rank-ones at a small angle", instead="loewner.sandwich"),
    stands("loewner.sandwich", sandwich, "x^T A B A x = (A x)^T B (A x)"),
    stands("determinant.product", multiplicative, "volumes multiply"),
    falls("determinant.sum", additive, "I and I: 4 and 2 in the plane", instead="determinant.sum:semidefinite"),
    stands("determinant.sum:semidefinite", superadditive, "Minkowski's inequality for determinants"),
    falls("determinant.blocks", blocks, "right for 1 x 1 blocks alone", instead="determinant.blocks:identity"),
    stands("determinant.blocks:identity", blocks_with_identity, "eliminate C by the identity beside it"),
    falls("inverse.sum", inverse_of_a_sum, "1/2 and 2 for A = B = 1", instead="inverse.product"),
    stands("inverse.product", inverse_of_a_product, "B^{-1} A^{-1} A B = I"),
    falls("symmetric.product", product_symmetric, "(AB)^T = BA, which is AB only where they commute"),
)
