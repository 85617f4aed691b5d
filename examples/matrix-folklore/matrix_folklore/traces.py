"""Traces: what may be exchanged, and what is positive."""

from __future__ import annotations

from collections.abc import Iterator

from matrix_folklore.claiming import falls, stands
from theorems import Conclude, MatrixCase, Num, Suppose, at_most, conclude, equal, suppose

Steps = Iterator[Suppose | Conclude]


def cyclic(case: MatrixCase, num: Num) -> Steps:
    """tr(ABC) = tr(CAB)."""
    A, B, C = case.matrices
    yield conclude(equal(num.trace(A @ B @ C), num.trace(C @ A @ B)), "tr(ABC) = tr(CAB)")


def any_order(case: MatrixCase, num: Num) -> Steps:
    """tr(ABC) = tr(ACB)."""
    A, B, C = case.matrices
    yield conclude(equal(num.trace(A @ B @ C), num.trace(A @ C @ B)), "tr(ABC) = tr(ACB)")


def any_order_symmetric(case: MatrixCase, num: Num) -> Steps:
    """tr(ABC) = tr(ACB) for symmetric A, B, C: the transpose reverses the order.

    Hypotheses  A, B and C are symmetric
    """
    for M in case.matrices:
        yield suppose(num.symmetric(M), "A, B and C are symmetric")
    yield from any_order(case, num)


def two_semidefinite(case: MatrixCase, num: Num) -> Steps:
    """tr(AB) >= 0 for positive semidefinite A and B.

    Hypotheses  A and B are positive semidefinite
    """
    A, B = case.matrices[:2]
    for M in (A, B):
        yield suppose(num.positive_semidefinite(M), "A and B are positive semidefinite")
    yield conclude(at_most(num.number(0), num.trace(A @ B)), "tr(AB) >= 0")


def three_semidefinite(case: MatrixCase, num: Num) -> Steps:
    """tr(ABC) >= 0 for positive semidefinite A, B and C.

    Hypotheses  A, B and C are positive semidefinite
    """
    A, B, C = case.matrices
    for M in (A, B, C):
        yield suppose(num.positive_semidefinite(M), "A, B and C are positive semidefinite")
    yield conclude(at_most(num.number(0), num.trace(A @ B @ C)), "tr(ABC) >= 0")


def square(case: MatrixCase, num: Num) -> Steps:
    """tr(A^2) >= 0."""
    (A,) = case.matrices
    yield conclude(at_most(num.number(0), num.trace(A @ A)), "tr(A^2) >= 0")


def square_symmetric(case: MatrixCase, num: Num) -> Steps:
    """tr(A^2) >= 0 for a symmetric A: it is ||A||_F^2.

    Hypotheses  A is symmetric
    """
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield from square(case, num)


def cauchy_schwarz(case: MatrixCase, num: Num) -> Steps:
    """tr(A^T B)^2 <= tr(A^T A) tr(B^T B)."""
    A, B = case.matrices
    inner = num.trace(A.mT @ B)
    bound = num.trace(A.mT @ A) * num.trace(B.mT @ B)
    yield conclude(at_most(inner * inner, bound), "tr(A^T B)^2 <= tr(A^T A) tr(B^T B)")


CLAIMS = (
    stands("trace.cyclic", cyclic, "both sum a_ij b_jk c_ki"),
    falls("trace.any-order", any_order, "E_12, E_21, E_11: 1 and 0", instead="trace.any-order:symmetric"),
    stands("trace.any-order:symmetric", any_order_symmetric, "tr(M) = tr(M^T) reverses the order"),
    stands("trace.two-semidefinite", two_semidefinite, "tr(AB) = ||A^(1/2) B^(1/2)||_F^2"),
    falls("trace.three-semidefinite", three_semidefinite, "AB need not be symmetric", instead="trace.two-semidefinite"),
    falls("trace.square", square, "a rotation by 90 degrees has A^2 = -I", instead="trace.square:symmetric"),
    stands("trace.square:symmetric", square_symmetric, "tr(A^T A) = ||A||_F^2"),
    stands("trace.cauchy-schwarz", cauchy_schwarz, "tr(A^T B) is an inner product"),
)
