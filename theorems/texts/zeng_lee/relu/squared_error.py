"""Zeng and Lee, Appendix E.1: the squared-error bounds of Lemmas 11 and 12."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from theorems.adaptation.error_sizes import second_moment
from theorems.case import Array
from theorems.models.relu import NetworkCase
from theorems.num import Num
from theorems.statement import at_most, conclude, equal, exists, suppose
from theorems.texts.zeng_lee.linear.linear_models import Steps, sigma, truncated
from theorems.texts.zeng_lee.relu import obstructions
from theorems.texts.zeng_lee.relu.construction import (
    approximation,
    by_equation_8,
    covariance,
    decompositions,
    mean_square,
    scalar,
)
from theorems.texts.zeng_lee.relu.linearisation import setting, total_rank
from theorems.texts.zeng_lee.relu.one_layer import RankOf, printed_rank


def squared_error_at_most(case: NetworkCase, rank_of: RankOf, norm: Callable[[Array, Any], Any], num: Num) -> Steps:
    (d,) = decompositions(case, num)
    yield from setting(case, d, num)
    x, weights = case.inputs.points, case.inputs.weights
    wanted = case.target.forward(x, num)
    s = scalar(sigma(d, rank_of(case) + 1, num))
    bound = norm(second_moment(x, weights, num), num) * (s * s)

    def attained() -> Any:
        f = approximation(case, [d], case.ranks, by_equation_8, num).network
        return mean_square(f.forward(x, num) - wanted, weights, num)

    yield conclude(
        exists(
            attained=attained,
            lower_bound=obstructions.squared_error(case, num),
            bound=bound,
            scale=num.maximum(bound, mean_square(wanted, weights, num)),
        ),
        "E ||f - f-bar||^2 <= the bound",
    )


def frobenius(A: Array, num: Num) -> Any:
    return num.frobenius_norm(A)


def trace(A: Array, num: Num) -> Any:
    return num.trace(A)


def squared_error(case: NetworkCase, num: Num) -> Steps:
    """Lemma 11, squared error, as printed: some f has E ||f - f-bar||_2^2 <= ||Sigma||_F sigma_{R ^ R_E + 1}(E)^2.

    The index R in place of RL makes the bound larger (for L >= 2 it may hold for that reason alone); ||Sigma||_F in
    place of tr Sigma = E ||x||^2 makes it smaller.

    Hypotheses  those of Lemma 11
    """
    yield from squared_error_at_most(case, printed_rank, frobenius, num)


def squared_error_with_a_later_minimum(case: NetworkCase, num: Num) -> Steps:
    """Lemma 11, squared error, the printed index read as R ^ (R_E + 1): ||Sigma||_F sigma_{R ^ (R_E + 1)}(E)^2.

    That is sigma_R, since sigma_R = 0 = sigma_{R_E + 1} for R > R_E.

    Hypotheses  those of Lemma 11
    """
    yield from squared_error_at_most(case, one_less, frobenius, num)


def one_less(case: NetworkCase) -> int:
    return case.rank - 1


def squared_error_with_the_total_rank(case: NetworkCase, num: Num) -> Steps:
    """Lemma 11, squared error as its proof ends, and Lemma 12: E ||f - f-bar||^2 <= ||Sigma||_F sigma_{sum R_l ^ R_E
    + 1}(E)^2.

    Hypotheses  those of Lemma 11 (12)
    """
    yield from squared_error_at_most(case, total_rank, frobenius, num)


def squared_error_repaired(case: NetworkCase, num: Num) -> Steps:
    """Lemmas 11 and 12, squared error, repaired: tr(Sigma) for ||Sigma||_F, and RL for R.

    ||f - f-bar|| <= ||N x|| and E ||N x||^2 <= sigma_{sum R_l + 1}(E)^2 E ||x||^2.

    Hypotheses  those of the lemma
    """
    yield from squared_error_at_most(case, total_rank, trace, num)


def squared_error_of_deeper_models(case: NetworkCase, num: Num) -> Steps:
    """Lemma 12, squared error, as printed, for frozen models of two layers or more.

    Refuted by an obstruction of its own (`diagonal_chain`): ranks (0, ..., 0, R) and diagonal layers.

    Hypotheses  those of Lemma 12; L >= 2
    """
    yield suppose(case.frozen.depth >= 2, "L >= 2")
    yield from squared_error_with_the_total_rank(case, num)


def _derivation(case: NetworkCase, num: Num) -> tuple[Any, Any, Any, Any, Any]:
    """E ||f - f-bar||^2 of the construction, E ||N x||^2, sigma^2, E ||x||^2 and Sigma."""
    (d,) = decompositions(case, num)
    x, weights, k = case.inputs.points, case.inputs.weights, total_rank(case)
    f = approximation(case, [d], case.ranks, by_equation_8, num).network
    error = mean_square(f.forward(x, num) - case.target.forward(x, num), weights, num)
    moved = mean_square(x @ (truncated(d, k) - d.matrix).mT, weights, num)
    s = scalar(sigma(d, k + 1, num))
    return error, moved, s * s, mean_square(x, weights, num), second_moment(x, weights, num)


def derivation(case: NetworkCase, num: Num) -> Steps:
    """Proofs of Lemmas 11 and 12, last line of the error derivation: ||N||_2^2 E ||x||^2 = ||Sigma||_F sigma_{RL ^
    R_E + 1}(E)^2.

    N = LR_{RL}(E) - E has ||N||_2 = sigma_{RL+1}(E), but E ||x||^2 is the trace of Sigma.

    Hypotheses  those of Lemma 11
    """
    (d,) = decompositions(case, num)
    yield from setting(case, d, num)
    _, _, square, size, Sigma = _derivation(case, num)
    yield conclude(equal(square * size, num.frobenius_norm(Sigma) * square), "||N||^2 E ||x||^2 = ||Sigma||_F sigma^2")


def derivation_repaired(case: NetworkCase, num: Num) -> Steps:
    """Proofs of Lemmas 11 and 12, error derivation, repaired: E ||f - f-bar||^2 <= E ||N x||^2 <= ||N||_2^2 E ||x||^2,
    which is tr(Sigma) sigma_{RL + 1}(E)^2.

    Hypotheses    those of Lemma 11
    Construction  equation (8), linearisation, alignment of the biases
    """
    (d,) = decompositions(case, num)
    yield from setting(case, d, num)
    error, moved, square, size, Sigma = _derivation(case, num)
    reached = mean_square(case.target.forward(case.inputs.points, num), case.inputs.weights, num)
    whole = num.frobenius_norm_squared(d.matrix) * size
    yield conclude(at_most(error, moved, scale=num.maximum(reached, whole)), "ReLU is 1-Lipschitz")
    yield conclude(at_most(moved, square * size, scale=whole), "||N x|| <= ||N||_2 ||x||")
    yield conclude(equal(size, num.trace(Sigma)), "E ||x||^2 = tr(Sigma)")


def squared_error_sharpened(case: NetworkCase, num: Num) -> Steps:
    """Lemmas 11 and 12, squared error, sharpened: tr(N Cov N^T), N = LR_{sum R_l}(E) - E; in place of E x x^T its
    covariance.

    The output bias b-bar_1 - N E x leaves the error N (x - E x).  The bound is attained by always-active targets at
    L = 1 where E^T E and Cov commute suitably; it is at most tr(Cov) sigma_{sum R_l + 1}^2 and at most
    ||Cov||_2 (sigma_{sum R_l + 1}^2 + ... + sigma_D^2).

    Hypotheses    those of the lemma
    Construction  equation (8), linearisation, and the bias b-bar_1 - N E x
    """
    (d,) = decompositions(case, num)
    yield from setting(case, d, num)
    x, weights = case.inputs.points, case.inputs.weights
    wanted = case.target.forward(x, num)
    Cov, k = covariance(x, weights, num), total_rank(case)
    N = truncated(d, k) - d.matrix
    bound = num.trace(N @ Cov @ N.mT)
    scale = num.maximum(num.frobenius_norm_squared(d.matrix) * num.trace(Cov), mean_square(wanted, weights, num))

    def attained() -> Any:
        f = approximation(case, [d], case.ranks, by_equation_8, num, centred=True).network
        return mean_square(f.forward(x, num) - wanted, weights, num)

    yield conclude(
        exists(attained=attained, lower_bound=obstructions.squared_error(case, num), bound=bound, scale=scale),
        "E ||f - f-bar||^2 <= tr(N Cov N^T)",
    )
    s = scalar(sigma(d, k + 1, num))
    yield conclude(at_most(bound, num.trace(Cov) * (s * s), scale=scale), "tr(N Cov N^T) <= tr(Cov) sigma_{k+1}^2")
    rest = num.norm_squared(d.s[..., k:]) if k < d.s.shape[-1] else num.number(0)
    yield conclude(
        at_most(bound, num.spectral_norm(Cov) * rest, scale=scale), "tr(N Cov N^T) <= ||Cov||_2 sum_{j>k} sigma_j^2"
    )
