"""The textbook section, 11.2.3: the loss that stochastic gradients descend (Lemma 11.24)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import Array, CountCase
from theorems.claim import Source
from theorems.errors import InputError
from theorems.facts import not_needed
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, suppose
from theorems.texts.textbook.training.cases import MinibatchCase, PenaltyCase
from theorems.texts.textbook.training.noise_drift import _gradient_descent, sequences
from theorems.texts.textbook.training.stochastic_gradients import (
    gradients,
    hessian,
    mean,
    noise,
    samples,
    second_moment,
)

Steps = Iterator[Suppose | Conclude]


def shapes(case: CountCase, num: Num) -> Steps:
    """Lemma 11.24, the shapes: tr(F W W^T) exists, with F the Fisher matrix of the m n parameters of W in R^{m x n}.

    W W^T is m x m and F is m n x m n.

    Conclusion  m n = m
    """
    if len(case.values) != 2 or min(case.values) < 1:
        raise InputError(f"the sizes {case.values} must be two positive integers: m, n")
    m, n = case.values
    yield conclude(equal(num.number(m * n), num.number(m)), "F and W W^T have one size")


def effective_loss(case: MinibatchCase, num: Num) -> Steps:
    """Lemma 11.24, where the shapes fit (W a column w): on average SGD descends L + eta/2 tr(F w w^T), F the Fisher
    matrix.

    Compared in the mean of w_T; the mini-batch sequences are enumerated.  F is the Fisher information of the gaussian
    model, constant in w, so that the penalty has the gradient eta F w.

    Hypotheses  N >= 2; b < N
    Conclusion  the mean of w_T is gradient descent on the effective loss
    """
    yield suppose(samples(case) >= 2, "N >= 2")
    yield suppose(case.batch < samples(case), "b < N")
    eta, F, w = case.step[..., 0], hessian(case, num), case.start
    for _ in range(case.steps):
        full = mean(gradients(case, w, num), num)
        w = w - num.times(eta, full + num.times(eta, num.apply(F, w)))
    reached = mean(sequences(case, num), num)
    scale = num.maximum(num.norm(w), num.maximum(num.norm(reached), num.norm(case.start)))
    yield conclude(equal(reached, w, scale=scale), "the mean of w_T descends the effective loss")


def mean_of_the_iterates(case: MinibatchCase, num: Num) -> Steps:
    """Lemma 11.24, repaired: for a quadratic loss the mean of SGD is gradient descent on L itself, without any penalty.

    The gradient is affine in w and the mini-batches are independent of it.

    Conclusion  the mean of w_T over all sequences of mini-batches is w_T of gradient descent
    """
    reached, w = mean(sequences(case, num), num), _gradient_descent(case, num)
    scale = num.maximum(num.norm(w), num.norm(case.start))
    scale = num.maximum(scale, num.frobenius_norm(sequences(case, num)))
    yield conclude(equal(reached, w, scale=scale), "E w_T is gradient descent on L")


def loss(case: MinibatchCase, w: Array, num: Num) -> Any:
    """L(w)."""
    residuals = num.apply(case.inputs, w) - case.outputs
    return num.number(1, 2 * samples(case)) * num.norm_squared(residuals)


def one_step_loss(case: MinibatchCase, num: Num) -> Steps:
    """Lemma 11.24, sharpened: what the noise adds to the loss in one step is eta^2/2 tr(H Sigma), of the second order
    in eta.

    E L(w_1) = L(w - eta grad L) + eta^2/2 tr(H Sigma), exactly for a quadratic loss; it involves w through the noise
    alone.

    Hypotheses  one step
    """
    yield suppose(case.steps == 1, "one step")
    eta = case.step[..., 0]
    ends = sequences(case, num)
    total = num.number(0)
    for k in range(ends.shape[-2]):
        total = total + loss(case, ends[..., k, :], num)
    average = total * num.number(1, ends.shape[-2])
    Sigma, H = second_moment(noise(case, num), num), hessian(case, num)
    expected = loss(case, _gradient_descent(case, num), num) + num.number(1, 2) * eta * eta * num.trace(H @ Sigma)
    yield conclude(equal(average, expected), "E L(w_1) = L(w - eta grad L) + eta^2/2 tr(H Sigma)")


def penalty_prefers_low_rank(case: PenaltyCase, num: Num) -> Steps:
    """Lemma 11.24, the last sentence: tr(F W W^T) favours weights of low rank.

    For a positive definite factor F, m x m: of two weights of one Frobenius norm, that of lower rank has at most the
    penalty of the other.

    Hypotheses  F is positive definite; ||W||_F = ||W'||_F; rank(W) < rank(W')
    Conclusion  tr(F W W^T) <= tr(F W' W'^T)
    """
    F, W, V = case.fisher, case.weight, case.other
    yield suppose(num.positive_semidefinite(F), "F is semidefinite")
    yield suppose(num.nonsingular(F), "F is non-singular")
    yield suppose(equal(num.frobenius_norm_squared(W), num.frobenius_norm_squared(V)), "||W||_F = ||W'||_F")
    yield suppose(num.rank(W) < num.rank(V), "rank(W) < rank(W')")
    yield conclude(at_most(num.trace(F @ W @ W.mT), num.trace(F @ V @ V.mT)), "the lower rank has the lower penalty")


def penalty_preserves_rank(case: PenaltyCase, num: Num) -> Steps:
    """Lemma 11.24, the last sentence, repaired: descending tr(F W W^T) / 2 shrinks W and keeps its rank.

    W - eta F W = (I - eta F) W with a non-singular factor; for F = I it is plain weight decay.

    Hypotheses  F is positive semidefinite; I - eta F is positive definite
    Conclusion  the rank is the same after a step
    """
    F, W, eta = case.fisher, case.weight, case.step[..., 0]
    yield suppose(num.positive_semidefinite(F), "F is semidefinite")
    rest = num.identity(F.shape[-1]) - num.times(eta, F)
    yield suppose(num.positive_semidefinite(rest), "eta F <= I")
    yield suppose(num.nonsingular(rest), "eta F < I")
    moved = W - num.times(eta, F @ W)
    yield conclude(equal(num.rank(moved), num.rank(W)), "the rank is the same after a step")


_LOSS = Source("textbook", "Lemma 11.24", "11.2.3")

_REGULAR = not_needed("I - eta F is non-singular, which is all it takes")

CLAIMS = (
    _LOSS.gap(
        "textbook/lemma-11.24.shapes", shapes, "F is m n x m n and W W^T is m x m: m = 1, n = 2",
        place="Lemma 11.24", printed="tr(F(W) W W^T)", repaired_by="textbook/lemma-11.24:repaired",
    ),
    _LOSS.false(
        "textbook/lemma-11.24", effective_loss,
        "the mean of SGD feels no penalty on a quadratic loss: n = 1, N = 2, one step",
        place="Lemma 11.24", printed="L_eff(W) = L(W) + eta/2 tr(F(W) W W^T)",
        why=(
            "For a quadratic loss the noise has mean zero at every point, so the mean of SGD follows gradient "
            "descent on L itself. What the noise adds to the expected loss is of the order eta^2 and is a trace "
            "of Hessian and covariance, not of W W^T."
        ),
        repaired_by="textbook/lemma-11.24:repaired",
    ),
    _LOSS.stands("textbook/lemma-11.24:repaired", mean_of_the_iterates, "an affine gradient commutes with the mean"),
    _LOSS.stands("textbook/lemma-11.24:sharpened", one_step_loss, "a quadratic loss is its Taylor polynomial"),
    _LOSS.false(
        "textbook/lemma-11.24.low-rank", penalty_prefers_low_rank,
        "tr(F W W^T) weighs directions, not ranks: m = n = 2; for F = I it depends on ||W||_F alone",
        place="Lemma 11.24, last sentence", printed="the term pushes weights towards low rank",
        repaired_by="textbook/lemma-11.24.low-rank:repaired",
    ),
    _LOSS.stands(
        "textbook/lemma-11.24.low-rank:repaired", penalty_preserves_rank, "I - eta F is non-singular",
        about=dict.fromkeys(("F is semidefinite", "eta F <= I"), _REGULAR),
    ),
)  # fmt: skip
