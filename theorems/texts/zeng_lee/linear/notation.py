"""Zeng and Lee, Section 1, Notations, and the input space of Section 2.1: is the notation itself sound?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import SVD, Array, MatrixCase
from theorems.claim import Source
from theorems.models.linear import TruncationCase, TwoDecompositionsCase
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, holds, less_than, suppose

Steps = Iterator[Suppose | Conclude]

GAP = "sigma_r > sigma_{r+1}"


def truncated(d: SVD, r: int) -> Array:
    """LR_r: the sum of the first r terms sigma_i u_i v_i^T of one given SVD."""
    return SVD(d.U[..., :r], d.s[..., :r], d.V[..., :r]).matrix


def sigma(d: SVD, k: int, num: Num) -> Any:
    """sigma_k read off an SVD, k >= 1; zero beyond the number of singular values."""
    return d.s[..., k - 1] if k <= d.s.shape[-1] else num.number(0)


def _gap(r: int, d: SVD, num: Num) -> Steps:
    yield suppose(r >= 1, "r >= 1")
    yield suppose(less_than(sigma(d, r + 1, num), sigma(d, r, num)), GAP)


def singular_values_as_printed(case: TruncationCase, num: Num) -> Steps:
    """Notations, as printed: sigma_d(W) is the d-th largest singular value for d in [D], and zero for d >= D.

    The two halves meet at d = D.

    Hypotheses  W is D x D
    Conclusion  the printed zero is the D-th largest singular value
    """
    W = case.matrix
    D = W.shape[-1]
    yield conclude(equal(num.number(0), num.singular_value(W, D)), "sigma_D(W), printed as 0, is the D-th largest")


def singular_values_beyond_the_size(case: TruncationCase, num: Num) -> Steps:
    """Notations, as Appendix A has it: sigma_d(W) is zero for d > D.

    With it sigma_{r+1}(W) is the spectral error of LR_r(W) for every r = 0, ..., D, the last one included.

    Hypotheses  W is D x D
    Conclusion  ||W - LR_r(W)||_2 = sigma_{r+1}(W) for r = 0..D
    """
    W = case.matrix
    d = num.svd(W)
    for r in range(W.shape[-1] + 1):
        error = num.spectral_norm(W - truncated(d, r))
        yield conclude(
            equal(error, num.singular_value(W, r + 1), scale=sigma(d, 1, num)), "||W - LR_r(W)||_2 = sigma_{r+1}(W)"
        )


def best_approximation(case: TruncationCase, num: Num) -> Steps:
    """Notations: LR_r(W) = sum_{i <= r} sigma_i u_i v_i^T is a best approximation of rank r, in both norms.

    Hypotheses  the competitor has rank at most r
    Conclusion  ||W - LR_r(W)|| <= ||W - competitor|| in the spectral and in the Frobenius norm
    """
    W = case.matrix
    kept = W - truncated(num.svd(W), case.rank)
    other = W - case.competitor.matrix
    yield conclude(at_most(num.frobenius_norm(kept), num.frobenius_norm(other)), "Frobenius norm")
    error = sigma(num.svd(W), case.rank + 1, num)
    yield conclude(equal(num.spectral_norm(kept), error, scale=num.spectral_norm(W)), "||W - LR_r(W)||_2 = sigma_{r+1}")
    yield conclude(at_most(error, num.spectral_norm(other)), "spectral norm")


def best_approximation_spectral_unique(case: TruncationCase, num: Num) -> Steps:
    """Notations, "the best rank-r approximation in the 2-norm": there is no other.

    Hypotheses  the competitor has rank at most r and is as close to W as LR_r(W) in the spectral norm;
                sigma_r > sigma_{r+1}, so that LR_r(W) is well defined
    Conclusion  the competitor is LR_r(W)
    """
    W = case.matrix
    d = num.svd(W)
    yield from _gap(case.rank, d, num)
    error = num.spectral_norm(W - case.competitor.matrix)
    yield suppose(
        equal(error, sigma(d, case.rank + 1, num), scale=sigma(d, 1, num)), "the competitor is optimal (spectral norm)"
    )
    best = truncated(d, case.rank)
    yield conclude(equal(case.competitor.matrix, best, scale=sigma(d, 1, num)), "the competitor is LR_r(W)")


def best_approximation_frobenius_unique(case: TruncationCase, num: Num) -> Steps:
    """Notations, "the best rank-r approximation in the Frobenius norm": there is no other.

    Hypotheses  the competitor has rank at most r and is as close to W as LR_r(W) in the Frobenius norm
    Conclusion  the competitor is LR_r(W)
    """
    W = case.matrix
    d = num.svd(W)
    yield from _frobenius_unique(case, d, num)


def best_approximation_frobenius_unique_with_a_gap(case: TruncationCase, num: Num) -> Steps:
    """Notations, "the best rank-r approximation", repaired: unique in the Frobenius norm when sigma_r > sigma_{r+1}.

    Equality in von Neumann's trace inequality forces the competitor to share the leading singular subspaces of W.

    Hypotheses  as before; sigma_r > sigma_{r+1}
    """
    d = num.svd(case.matrix)
    yield from _gap(case.rank, d, num)
    yield from _frobenius_unique(case, d, num)


def _frobenius_unique(case: TruncationCase, d: SVD, num: Num) -> Steps:
    W = case.matrix
    best = truncated(d, case.rank)
    yield suppose(
        equal(
            num.frobenius_norm(W - case.competitor.matrix),
            num.frobenius_norm(W - best),
            scale=num.frobenius_norm(W),
        ),
        "the competitor is optimal (Frobenius norm)",
    )
    yield conclude(equal(case.competitor.matrix, best, scale=sigma(d, 1, num)), "the competitor is LR_r(W)")


def low_rank_is_well_defined(case: TwoDecompositionsCase, num: Num) -> Steps:
    """Notations: LR_r(W) is a function of W, whichever SVD of W is taken.

    Hypotheses  two SVDs of one matrix W
    Conclusion  their truncations at rank r agree
    """
    yield from _well_defined(case, num)


def low_rank_is_well_defined_with_a_gap(case: TwoDecompositionsCase, num: Num) -> Steps:
    """Notations, repaired: LR_r(W) is a function of W when sigma_r > sigma_{r+1}.

    Elsewhere it stands for the truncation of one chosen SVD; the lemmas then hold for every choice that meets their
    hypotheses.

    Hypotheses  two SVDs of one matrix W; sigma_r > sigma_{r+1}
    """
    d = num.svd(case.first.matrix)
    yield from _gap(case.rank, d, num)
    yield from _well_defined(case, num)


def _well_defined(case: TwoDecompositionsCase, num: Num) -> Steps:
    W, scale = case.first.matrix, num.spectral_norm(case.first.matrix)
    yield suppose(equal(W, case.second.matrix, scale=scale), "both are decompositions of W")
    for d in (case.first, case.second):
        yield suppose(equal(d.U.mT @ d.U, num.identity(d.U.shape[-1])), "U is orthogonal")
        yield suppose(equal(d.V.mT @ d.V, num.identity(d.V.shape[-1])), "V is orthogonal")
    one, other = truncated(case.first, case.rank), truncated(case.second, case.rank)
    yield conclude(equal(one, other, scale=scale), "both truncations agree")


def full_rank_truncation(case: TruncationCase, num: Num) -> Steps:
    """Notations: LR_r(W) = W for r >= rank(W), which the sum of the first r terms gives as well.

    Hypotheses  r >= rank(W)
    Conclusion  sum_{i <= r} sigma_i u_i v_i^T = W
    """
    W = case.matrix
    d = num.svd(W)
    yield suppose(num.rank(W) <= case.rank, "r >= rank(W)")
    yield conclude(equal(truncated(d, case.rank), W, scale=sigma(d, 1, num)), "LR_r(W) = W")


def input_space_as_printed(case: MatrixCase, num: Num) -> Steps:
    """Section 2.1, as printed: the input space is in R^{D x D}, and a layer maps x to ReLU(W x + b) in R^D.

    Hypotheses  W in R^{D x D}, x in R^{D x D}, b in R^D
    Conclusion  W x has the one column that a sum with b needs
    """
    W, x = case.matrices
    image = W @ x
    yield conclude(equal(num.number(image.shape[-1]), num.number(1)), "W x is a vector of R^D, like b")


def input_space_of_vectors(case: MatrixCase, num: Num) -> Steps:
    """Section 2.1, as meant: the input space is a bounded subset of R^D.

    Hypotheses  W in R^{D x D}, x in R^D, b in R^D
    Conclusion  ReLU(W x + b) is a vector of R^D without negative entries
    """
    (W, _), (x, b) = case.matrices, case.vectors
    z = num.relu(num.apply(W, x) + b)
    yield conclude(holds(z.shape[-1] == W.shape[-1]), "the image is in R^D")
    yield conclude(at_most(num.zeros(W.shape[-1]), z), "no entry is negative")


_NOTATION = Source("zeng-lee", "Notations", "Section 1")
_INPUTS = Source("zeng-lee", "input space", "Section 2.1")

CLAIMS = (
    _NOTATION.misprint(
        "zeng-lee/notation.sigma:printed-letter", singular_values_as_printed,
        "'d >= D' for 'd > D': it makes the smallest singular value of every matrix zero; W = (1)",
        place="Section 1, Notations, before LR_r", printed="sigma_d(W) := 0 for d >= D; Appendix A has d > D",
        repaired_by="zeng-lee/notation.sigma",
    ),
    _NOTATION.stands(
        "zeng-lee/notation.sigma", singular_values_beyond_the_size, "Appendix A has it right: zero beyond the width",
    ),
    _NOTATION.stands(
        "zeng-lee/notation.best-approximation", best_approximation, "Eckart-Young-Mirsky: a best approximation",
    ),
    _NOTATION.gap(
        "zeng-lee/notation.best-approximation:unique-spectral", best_approximation_spectral_unique,
        "in the spectral norm every kept singular value may move by sigma_{r+1}: diag(2, 1) against diag(1, 0)",
        repaired_by="zeng-lee/notation.best-approximation",
    ),
    _NOTATION.gap(
        "zeng-lee/notation.best-approximation:unique-frobenius", best_approximation_frobenius_unique,
        "a tie sigma_r = sigma_{r+1} leaves a choice; 1 x 1 matrices leave none, so 2 x 2 is smallest",
        repaired_by="zeng-lee/notation.best-approximation:unique-frobenius-gap",
    ),
    _NOTATION.stands(
        "zeng-lee/notation.best-approximation:unique-frobenius-gap", best_approximation_frobenius_unique_with_a_gap,
        "Mirsky's equality case",
    ),
    _NOTATION.gap(
        "zeng-lee/notation.low-rank", low_rank_is_well_defined,
        "where sigma_r = sigma_{r+1} it depends on the chosen SVD: diag(2, 2)",
        place="Section 1, Notations", printed="LR_r(W) := sum_{i=1}^r sigma_i u_i v_i^T, the best rank-r approximation",
        repaired_by="zeng-lee/notation.low-rank:repaired",
    ),
    _NOTATION.stands(
        "zeng-lee/notation.low-rank:repaired", low_rank_is_well_defined_with_a_gap,
        "a gap fixes the leading singular subspaces",
    ),
    _NOTATION.stands("zeng-lee/notation.full-rank", full_rank_truncation, "the terms beyond the rank are zero"),
    _INPUTS.misprint(
        "zeng-lee/notation.input-space:printed-letter", input_space_as_printed,
        "R^{D x D} for R^D: from D = 2 on W x is a matrix and has no sum with b (D = 1 cannot tell)",
        place="Section 2.1, last sentence", printed="the input space X in R^{D x D} is bounded",
        repaired_by="zeng-lee/notation.input-space",
    ),
    _INPUTS.stands("zeng-lee/notation.input-space", input_space_of_vectors, "the shapes fit"),
)  # fmt: skip
