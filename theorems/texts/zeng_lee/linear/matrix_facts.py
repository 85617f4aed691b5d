"""Zeng and Lee, Appendix B.1, equation (1): eight facts on matrices."""

from __future__ import annotations

from collections.abc import Iterator

from theorems.case import MatrixCase
from theorems.claim import Source
from theorems.models.inputs import RandomVectorCase
from theorems.models.linear import TruncationCase
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, suppose

Steps = Iterator[Suppose | Conclude]


def rank_of_a_product(case: MatrixCase, num: Num) -> Steps:
    """Equation (1), first line: rank(AB) <= min(rank A, rank B).

    Hypotheses  A is m x k, B is k x n
    Conclusion  rank(AB) <= rank(A) and rank(AB) <= rank(B)
    """
    A, B = case.matrices
    rank = num.rank(A @ B)
    yield conclude(at_most(rank, num.rank(A)), "rank(AB) <= rank(A)")
    yield conclude(at_most(rank, num.rank(B)), "rank(AB) <= rank(B)")


def norm_of_an_image(case: MatrixCase, num: Num) -> Steps:
    """Equation (1), second line: ||A x||_2 <= ||A||_2 ||x||_2.

    Hypotheses  A is m x n, x in R^n
    """
    (A,), (x,) = case.matrices, case.vectors
    yield conclude(
        at_most(num.norm(num.apply(A, x)), num.spectral_norm(A) * num.norm(x)), "||A x||_2 <= ||A||_2 ||x||_2"
    )


def expected_quadratic_form(case: RandomVectorCase, num: Num) -> Steps:
    """Equation (1), third line: E x^T A x = tr(A Cov x) + (E x)^T A (E x) = tr(A E x x^T).

    Hypotheses  A is square; x has finitely many values with rational probabilities
    Conclusion  both equalities; Cov x = E (x - E x)(x - E x)^T
    Margin      relative to ||A||_F E ||x||^2
    """
    A, points, weights = case.matrix, case.points, case.weights
    mean = num.expectation(points, weights)
    centred = points - mean[..., None, :]
    moment = num.expectation(points[..., :, None] * points[..., None, :], weights)
    covariance = num.expectation(centred[..., :, None] * centred[..., None, :], weights)
    form = num.expectation((points * (points @ A.mT)).sum(-1), weights)
    scale = num.frobenius_norm(A) * num.trace(moment)
    yield conclude(
        equal(form, num.trace(A @ covariance) + num.dot(mean, num.apply(A, mean)), scale=scale),
        "E x^T A x = tr(A Cov x) + (E x)^T A (E x)",
    )
    yield conclude(equal(form, num.trace(A @ moment), scale=scale), "E x^T A x = tr(A E x x^T)")


def trace_commutes(case: MatrixCase, num: Num) -> Steps:
    """Equation (1), fourth line: tr(AB) = tr(BA).

    Hypotheses  A is m x n, B is n x m
    Margin      relative to ||A||_F ||B||_F
    """
    A, B = case.matrices
    scale = num.frobenius_norm(A) * num.frobenius_norm(B)
    yield conclude(equal(num.trace(A @ B), num.trace(B @ A), scale=scale), "tr(AB) = tr(BA)")


def trace_of_a_product(case: MatrixCase, num: Num) -> Steps:
    """Equation (1), fifth line, as printed: tr(AB) <= tr(A) tr(B).

    Hypotheses  A and B are square matrices of one size
    Margin      relative to ||A||_F ||B||_F
    """
    A, B = case.matrices
    scale = num.frobenius_norm(A) * num.frobenius_norm(B)
    yield conclude(at_most(num.trace(A @ B), num.trace(A) * num.trace(B), scale=scale), "tr(AB) <= tr(A) tr(B)")


def trace_of_a_product_semidefinite(case: MatrixCase, num: Num) -> Steps:
    """Equation (1), fifth line, repaired: tr(AB) <= tr(A) tr(B) for positive semidefinite A and B.

    tr(AB) <= lambda_max(A) tr(B) <= tr(A) tr(B).

    Hypotheses  A and B are symmetric positive semidefinite
    """
    A, B = case.matrices
    yield suppose(num.positive_semidefinite(A), "A is symmetric positive semidefinite")
    yield suppose(num.positive_semidefinite(B), "B is symmetric positive semidefinite")
    yield from trace_of_a_product(case, num)


def trace_of_a_product_one_symmetric(case: MatrixCase, num: Num) -> Steps:
    """Equation (1), fifth line, sharpened: it is enough that A is symmetric and that A and B + B^T are semidefinite.

    tr(AB) = tr(A (B + B^T)) / 2 for a symmetric A.  (With two non-symmetric factors it fails: A = I + K, B = A^T.)

    Hypotheses  A symmetric positive semidefinite; B + B^T positive semidefinite
    """
    A, B = case.matrices
    yield suppose(num.positive_semidefinite(A), "A is symmetric positive semidefinite")
    yield suppose(num.positive_semidefinite(B + B.mT), "B + B^T is positive semidefinite")
    yield from trace_of_a_product(case, num)


def trace_of_a_product_by_norms(case: MatrixCase, num: Num) -> Steps:
    """Equation (1), fifth line, repaired without any hypothesis: tr(AB) <= ||A||_F ||B||_F (Cauchy-Schwarz).

    Hypotheses  A is m x n, B is n x m
    """
    A, B = case.matrices
    bound = num.frobenius_norm(A) * num.frobenius_norm(B)
    yield conclude(at_most(num.trace(A @ B), bound), "tr(AB) <= ||A||_F ||B||_F")


def frobenius_norm_by_trace(case: MatrixCase, num: Num) -> Steps:
    """Equation (1), sixth line: ||A||_F = sqrt(tr(A A^T)).

    Hypotheses  A is m x n
    """
    (A,) = case.matrices
    yield conclude(equal(num.frobenius_norm(A), num.sqrt(num.trace(A @ A.mT))), "||A||_F = sqrt(tr(A A^T))")


def frobenius_norm_of_a_symmetric_matrix(case: MatrixCase, num: Num) -> Steps:
    """Equation (1), seventh line, as printed: ||A||_F = tr(A) for symmetric A.

    Hypotheses  A is symmetric
    """
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    scale = num.frobenius_norm(A)
    yield conclude(equal(num.frobenius_norm(A), num.trace(A), scale=scale), "||A||_F = tr(A)")


def frobenius_norm_of_a_semidefinite_matrix(case: MatrixCase, num: Num) -> Steps:
    """Equation (1), seventh line, repaired: ||A||_F <= tr(A) for positive semidefinite A, with equality up to rank one.

    The eigenvalues are non-negative, so sum lambda_i^2 <= (sum lambda_i)^2, with equality when at most one of them is
    not zero.  For A = E x x^T this is ||Sigma||_F <= E ||x||^2: the reverse of what the proofs of Lemma 11 and Theorem
    5 take from the printed line.

    Hypotheses  A is symmetric positive semidefinite
    Conclusion  ||A||_F <= tr(A)
    """
    (A,) = case.matrices
    yield suppose(num.positive_semidefinite(A), "A is symmetric positive semidefinite")
    yield conclude(at_most(num.frobenius_norm(A), num.trace(A)), "||A||_F <= tr(A)")


def frobenius_norm_of_a_semidefinite_rank_one_matrix(case: MatrixCase, num: Num) -> Steps:
    """Equation (1), seventh line, enough for equality: A positive semidefinite of rank at most one.

    A symmetric A has ||A||_F^2 = sum lambda_i^2 and tr(A)^2 = (sum lambda_i)^2.  Among semidefinite matrices no weaker
    hypothesis does; an indefinite one may have equality as well, as diag(2, 2, -1) with ||A||_F = tr(A) = 3.

    Hypotheses  A is symmetric positive semidefinite; rank(A) <= 1
    """
    (A,) = case.matrices
    yield suppose(num.positive_semidefinite(A), "A is symmetric positive semidefinite")
    yield suppose(num.rank(A) <= 1, "rank(A) <= 1")
    scale = num.frobenius_norm(A)
    yield conclude(equal(num.frobenius_norm(A), num.trace(A), scale=scale), "||A||_F = tr(A)")


def frobenius_norm_squared_of_a_symmetric_matrix(case: MatrixCase, num: Num) -> Steps:
    """Equation (1), seventh line, with the square restored on both sides: ||A||_F^2 = tr(A^2) for symmetric A.

    Hypotheses  A is symmetric
    """
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield conclude(equal(num.frobenius_norm_squared(A), num.trace(A @ A)), "||A||_F^2 = tr(A^2)")


def frobenius_norm_by_singular_values(case: TruncationCase, num: Num) -> Steps:
    """Equation (1), eighth line: ||A||_F = sqrt(sum_i sigma_i(A)^2).

    Hypotheses  A is m x n with singular values sigma_1 >= ... >= sigma_min(m,n) >= 0, all of them counted
    """
    A = case.matrix
    s = num.svd(A).s
    yield conclude(equal(num.frobenius_norm(A), num.norm(s)), "||A||_F = sqrt(sum_i sigma_i^2)")


def _source(line: int) -> Source:
    return Source("zeng-lee", f"equation (1), line {line}", "Appendix B.1")


CLAIMS = (
    _source(1).stands(
        "zeng-lee/equation-1.1", rank_of_a_product,
        "the range of AB lies in that of A, its null space contains that of B",
    ),
    _source(2).stands("zeng-lee/equation-1.2", norm_of_an_image, "the definition of the spectral norm"),
    _source(3).stands("zeng-lee/equation-1.3", expected_quadratic_form, "linearity of trace and expectation"),
    _source(4).stands("zeng-lee/equation-1.4", trace_commutes, "both are the sum of a_ij b_ji"),
    _source(5).false(
        "zeng-lee/equation-1.5", trace_of_a_product,
        "traces may vanish where tr(AB) does not; 1 x 1 matrices give equality, so 2 x 2 is smallest",
        place="equation (1), line 5", printed="tr(AB) <= tr(A) tr(B)",
        why=(
            "A trace is a sum in which positive and negative terms cancel: both traces may be zero while the "
            "product AB has a trace of one. The inequality needs semidefinite matrices, for which no term is "
            "negative, and the text uses it for none."
        ),
        repaired_by="zeng-lee/equation-1.5:repaired",
    ),
    _source(5).stands(
        "zeng-lee/equation-1.5:repaired", trace_of_a_product_semidefinite,
        "tr(AB) <= lambda_max(A) tr(B) for semidefinite B, and lambda_max(A) <= tr(A)",
    ),
    _source(5).stands(
        "zeng-lee/equation-1.5:sharpened", trace_of_a_product_one_symmetric,
        "only the symmetric part of B enters when A is symmetric",
    ),
    _source(5).stands(
        "zeng-lee/equation-1.5:norms", trace_of_a_product_by_norms, "Cauchy-Schwarz; it needs no hypothesis",
    ),
    _source(6).stands("zeng-lee/equation-1.6", frobenius_norm_by_trace, "both are the sum of the squared entries"),
    _source(7).false(
        "zeng-lee/equation-1.7", frobenius_norm_of_a_symmetric_matrix,
        "a norm is not a trace: already the 1 x 1 matrix (-1); among semidefinite ones the 2 x 2 identity",
        place="equation (1), line 7", printed="||A||_F = tr(A) for symmetric A",
        why=(
            "The left side is the root of the sum of squared eigenvalues, the right side their sum. They agree "
            "for semidefinite matrices of rank at most one and not for the identity. The slip is used: it turns "
            "E ||x||^2 = tr(Sigma) into ||Sigma||_F in Lemma 11 and Theorem 5."
        ),
        repaired_by="zeng-lee/equation-1.7:repaired",
    ),
    _source(7).stands(
        "zeng-lee/equation-1.7:repaired", frobenius_norm_of_a_semidefinite_matrix,
        "sum lambda^2 <= (sum lambda)^2 for non-negative eigenvalues",
    ),
    _source(7).stands(
        "zeng-lee/equation-1.7:rank-one", frobenius_norm_of_a_semidefinite_rank_one_matrix,
        "one eigenvalue, non-negative, is norm and trace",
    ),
    _source(7).stands(
        "zeng-lee/equation-1.7:squared", frobenius_norm_squared_of_a_symmetric_matrix, "line 6 with A^T = A",
    ),
    _source(8).stands(
        "zeng-lee/equation-1.8", frobenius_norm_by_singular_values,
        "the Frobenius norm is invariant under orthogonal transformations",
    ),
)  # fmt: skip
