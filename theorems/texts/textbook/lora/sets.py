"""The textbook section, 11.2.4: the weights that LoRA reaches (Definition 11.20, Theorem 11.17, Corollary 11.6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import SVD, Array
from theorems.claim import Source
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, exists, less_than, suppose
from theorems.texts.textbook.training.cases import FitCase, LoraCase, kronecker

Steps = Iterator[Suppose | Conclude]


def jacobian(B: Array, A: Array, num: Num) -> Array:
    """The matrix of the derivative (dB, dA) -> dB A + B dA of the product, m n x r (m + n), all read row by row."""
    m, n = B.shape[-2], A.shape[-1]
    return num.concatenate([kronecker(num.identity(m), A.mT, num), kronecker(B, num.identity(n), num)], -1)


def dimension(case: LoraCase, num: Num) -> Steps:
    """Definition 11.20, the dimension: the LoRA set has the dimension r (m + n).

    The dimension of the image of a polynomial map at a point is at most the rank of its Jacobian near it; at factors of
    full rank r that rank is constant, and the set is smooth there.

    Hypotheses  rank(B) = rank(A) = r: a generic point
    Conclusion  the Jacobian of (B, A) -> B A has the rank r (m + n)
    """
    (m, n), r = case.frozen.shape[-2:], case.rank
    yield suppose(num.rank(case.B) == r, "rank(B) = r")
    yield suppose(num.rank(case.A) == r, "rank(A) = r")
    yield conclude(equal(num.rank(jacobian(case.B, case.A, num)), r * (m + n)), "the rank is r (m + n)")


def dimension_repaired(case: LoraCase, num: Num) -> Steps:
    """Definition 11.20, the dimension, repaired: r (m + n) - r^2, at every pair of factors of rank r.

    (B, A) and (B C, C^{-1} A) are one point: the r^2 dimensions of GL(r) are lost, and nothing else is.

    Hypotheses  rank(B) = rank(A) = r
    """
    (m, n), r = case.frozen.shape[-2:], case.rank
    yield suppose(num.rank(case.B) == r, "rank(B) = r")
    yield suppose(num.rank(case.A) == r, "rank(A) = r")
    yield conclude(equal(num.rank(jacobian(case.B, case.A, num)), r * (m + n - r)), "the rank is r (m + n - r)")


def dimension_everywhere(case: LoraCase, num: Num) -> Steps:
    """Definition 11.20, the dimension, sharpened: the Jacobian has the rank a m + b n - a b at every pair of factors.

    With a = rank(A) and b = rank(B).  Its image is {Z : (I - P_B) Z (I - P_A) = 0}, whose complement has the dimension
    (m - b)(n - a).  At the usual start B = 0 it is a m, less than at a generic point: the parametrisation is singular.
    """
    m, n = case.frozen.shape[-2:]
    a, b = num.rank(case.A), num.rank(case.B)
    yield conclude(
        equal(num.rank(jacobian(case.B, case.A, num)), m * n - (m - b) * (n - a)), "the rank is a m + b n - a b"
    )


def manifold(case: LoraCase, num: Num) -> Steps:
    """Definition 11.20, "manifold": the LoRA set is an embedded submanifold (of its dimension, r (m + n - r)).

    Then the velocities of curves in the set through any of its points span no more than that dimension.  At a product
    of rank below r, the line W + t E_ij lies in the set for every unit matrix E_ij, since rank(B A + t E_ij) <= r; and
    the E_ij span all of R^{m x n}.  So the set is no submanifold there unless r = min(m, n), where it is all of R^{m
    x n}.

    Hypotheses  r < min(m, n); rank(B A) < r
    Conclusion  the velocities span at most r (m + n - r) dimensions
    """
    (m, n), r = case.frozen.shape[-2:], case.rank
    yield suppose(r < min(m, n), "r < min(m, n)")
    P = case.B @ case.A
    yield suppose(num.rank(P) <= r - 1, "rank(B A) < r")
    units = []
    for i in range(m):
        for j in range(n):
            E = num.constant([[int((a, b) == (i, j)) for b in range(n)] for a in range(m)])
            yield conclude(at_most(num.rank(P + E), r), "W + E_ij is in the set")
            units.append(E.reshape(*E.shape[:-2], 1, m * n))
    span = num.rank(num.concatenate(units, -2))
    yield conclude(at_most(span, r * (m + n - r)), "the velocities span at most r (m + n - r)")


def best_factors(change: SVD, r: int, num: Num) -> tuple[Array, Array]:
    """B = U_r diag(s_r) and A = V_r^T, filled up with zeros to r columns and rows."""
    B, A = change.U[..., :r] * change.s[..., None, :r], change.V[..., :r].mT
    missing = r - A.shape[-2]
    if missing > 0:
        B = num.concatenate([B, num.zeros(B.shape[-2], missing)], -1)
        A = num.concatenate([A, num.zeros(missing, A.shape[-1])], -2)
    return B, A


def tail(change: SVD, r: int, num: Num) -> Any:
    """sqrt(sum_{i > r} sigma_i^2)."""
    return num.norm(change.s[..., r:]) if r < change.s.shape[-1] else num.number(0)


def exact_representation(case: FitCase, num: Num) -> Steps:
    """Theorem 11.17: every weight change of rank at most r is B A for some B in R^{m x r} and A in R^{r x n}.

    Hypotheses    rank(Delta W) <= r
    Construction  the first r singular triples, padded with zeros
    """
    target = case.change.matrix
    d = num.svd(target)
    yield suppose(num.rank(target) <= case.rank, "rank(Delta W) <= r")
    B, A = best_factors(d, case.rank, num)
    yield conclude(
        exists(
            attained=lambda: num.frobenius_norm(B @ A - target),
            lower_bound=tail(d, case.rank, num),
            bound=num.number(0),
            scale=num.frobenius_norm(target),
        ),
        "B A = Delta W for some factors",
    )


def least_error(case: FitCase, num: Num) -> Steps:
    """Corollary 11.6: min over B, A of ||Delta W - B A||_F is the square root of sum_{i > r} sigma_i^2.

    Eckart and Young: attained by the truncated SVD, and no factors do better.

    Conclusion  some factors attain it; the competing factors do not come below it
    """
    target = case.change.matrix
    d = num.svd(target)
    bound, scale = tail(d, case.rank, num), num.frobenius_norm(target)
    B, A = best_factors(d, case.rank, num)
    yield conclude(
        exists(attained=lambda: num.frobenius_norm(B @ A - target), lower_bound=bound, bound=bound, scale=scale),
        "some factors attain it",
    )
    competing = num.frobenius_norm(case.B @ case.A - target)
    yield conclude(at_most(bound, competing, scale=scale), "no factors do better")


def only_approximately(case: FitCase, num: Num) -> Steps:
    """Corollary 11.6, the sentence before the formula: above the rank r, no factors represent Delta W exactly.

    Hypotheses  rank(Delta W) > r
    Conclusion  the competing factors miss it
    """
    target = case.change.matrix
    yield suppose(num.rank(target) > case.rank, "rank(Delta W) > r")
    error = num.frobenius_norm(case.B @ case.A - target)
    yield conclude(less_than(num.number(0), error, scale=num.frobenius_norm(target)), "the error is positive")


_ERROR = Source("textbook", "Corollary 11.6", "11.2.4")
_EXACT = Source("textbook", "Theorem 11.17", "11.2.4")
_SET = Source("textbook", "Definition 11.20", "11.2.4")

CLAIMS = (
    _SET.false(
        "textbook/definition-11.20.dimension", dimension,
        "(B C, C^{-1} A) is the same point: m = n = r = 1 has the dimension 1, not 2; wrong for every r >= 1",
        place="Definition 11.20", printed="a manifold of dimension r(m + n)",
        why=(
            "(B C, C^{-1} A) is the same matrix for every invertible C, so r^2 of the r(m + n) parameters move "
            "nothing. The dimension is r(m + n - r) at factors of full rank, and the example of the section "
            "itself counts parameters, not dimensions."
        ),
        repaired_by="textbook/definition-11.20.dimension:repaired",
    ),
    _SET.stands(
        "textbook/definition-11.20.dimension:repaired", dimension_repaired,
        "r (m + n) parameters less the r^2 of GL(r)",
    ),
    _SET.stands(
        "textbook/definition-11.20.dimension:sharpened", dimension_everywhere,
        "the image of the derivative is {Z : (I - P_B) Z (I - P_A) = 0}",
    ),
    _SET.gap(
        "textbook/definition-11.20", manifold,
        "singular where rank(B A) < r < min(m, n), W_0 among these: m = n = 2, r = 1, the least with r < min",
        place="Definition 11.20", printed="an embedded manifold; B A of rank below r is included",
        repaired_by="textbook/definition-11.20.dimension:repaired",
    ),
    _EXACT.stands("textbook/theorem-11.17", exact_representation, "the first r singular triples"),
    _ERROR.stands("textbook/corollary-11.6", least_error, "Eckart and Young"),
    _ERROR.stands("textbook/corollary-11.6.only-approximately", only_approximately, "rank(B A) <= r"),
)  # fmt: skip
