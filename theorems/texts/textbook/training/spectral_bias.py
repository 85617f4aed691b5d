"""Textbook, 11.2.1 and 11.2.2: Lemma 11.18 on gradient descent for ||W X - Y||_F^2 / 2, and the universal form of
Theorem 11.10."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import Array
from theorems.claim import Source
from theorems.facts import not_needed
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.textbook.spectra.cases import DescentCase, SpectraPairCase
from theorems.texts.textbook.spectra.matrices import verified

Steps = Iterator[Suppose | Conclude]


def gradient(case: DescentCase) -> Array:
    """G = (W X - Y) X^T."""
    G: Array = (case.weight @ case.inputs - case.targets) @ case.inputs.mT
    return G


def _loss(W: Array, case: DescentCase, num: Num) -> Any:
    return num.frobenius_norm_squared(W @ case.inputs - case.targets) / 2


def the_gradient(case: DescentCase, num: Num) -> Steps:
    """Lemma 11.18, the gradient: G = (W X - Y) X^T is that of L(W) = ||W X - Y||_F^2 / 2.

    L is quadratic, so its expansion along any H is exact: L(W + H) = L(W) + <G, H> + ||H X||_F^2 / 2.

    Margin      relative to L(W) + ||H X||_F^2
    """
    case = verified(case, num)
    H, G = case.direction, gradient(case)
    before, moved = _loss(case.weight, case, num), _loss(case.weight + H, case, num)
    curved = num.frobenius_norm_squared(H @ case.inputs) / 2
    scale = before + moved + curved
    yield conclude(equal(moved, before + num.trace(G.mT @ H) + curved, scale=scale), "the expansion of the loss")


def along_the_largest_error(case: DescentCase, num: Num) -> Steps:
    """Lemma 11.18: the gradient lies along the direction of the largest error.

    The error R = W X - Y is largest along its first left singular vector u_1; the gradient is largest along its own.

    Hypotheses  sigma_1(R) > sigma_2(R), so that u_1 is unique up to sign; G != 0
    Conclusion  ||u_1^T G|| = max_u ||u^T G|| = sigma_1(G)
    """
    case = verified(case, num)
    d = case.residual
    G = gradient(case)
    if d.s.shape[-1] > 1:
        yield suppose(less_than(d.s[..., 1], d.s[..., 0], scale=d.s[..., 0]), "sigma_1(R) > sigma_2(R)")
    else:
        yield suppose(less_than(num.number(0), d.s[..., 0]), "sigma_1(R) > sigma_2(R)")
    along = num.apply(G.mT, d.U[..., :, 0])
    yield conclude(at_most(num.spectral_norm(G), num.norm(along)), "the gradient is largest along u_1")


def along_the_largest_error_whitened(case: DescentCase, num: Num) -> Steps:
    """Lemma 11.18, repaired: for whitened inputs, X X^T = c I, the gradient lies along the largest error.

    Then G G^T = R X^T X R^T, and X^T X is c times the projection on the rows of X.  It needs the error to lie in these
    rows as well (Y = B X, say): then G G^T = c R R^T.

    Hypotheses  X X^T = c I; R X^T X = c R; sigma_1(R) > 0
    """
    case = verified(case, num)
    X, R = case.inputs, case.residual.matrix
    G_inputs = X @ X.mT
    c = G_inputs[..., 0, 0]
    yield suppose(equal(G_inputs, num.times(c, num.identity(X.shape[-2])), scale=c), "X X^T = c I")
    yield suppose(
        equal(R @ X.mT @ X, num.times(c, R), scale=c * case.residual.s[..., 0]), "the error lies in the rows of X"
    )
    yield suppose(less_than(num.number(0), case.residual.s[..., 0]), "the error is not zero")
    along = num.apply(gradient(case).mT, case.residual.U[..., :, 0])
    yield conclude(at_most(num.spectral_norm(gradient(case)), num.norm(along)), "the gradient is largest along u_1")


def stationary_points_are_low_rank(case: DescentCase, num: Num) -> Steps:
    """Lemma 11.18, the steady state: where the iteration stands still, W is compressed to fewer directions than it has.

    G = 0 means W X X^T = Y X^T, so that for X X^T non-singular the one stationary point is the least-squares solution
    W* = Y X^T (X X^T)^{-1}.

    Hypotheses  X X^T is non-singular; W has two rows and two columns or more
    Conclusion  rank(W*) < min(m, n)
    """
    case = verified(case, num)
    W_star = yield from _least_squares(case, num)
    yield suppose(min(case.weight.shape[-2:]) >= 2, "two directions or more")
    yield conclude(num.rank(W_star) < min(case.weight.shape[-2:]), "rank(W*) < min(m, n)")


def stationary_points_are_least_squares(case: DescentCase, num: Num) -> Steps:
    """Lemma 11.18, the steady state, repaired: W* has the rank of Y X^T, no less and no more, wherever the descent
    began.

    Nothing is compressed that the data do not compress; with X X^T singular, the part of W_0 off the inputs stays.

    Hypotheses  X X^T is non-singular
    Conclusion  the gradient vanishes at W*, and rank(W*) = rank(Y X^T)
    """
    case = verified(case, num)
    W_star = yield from _least_squares(case, num)
    X, Y = case.inputs, case.targets
    G = (W_star @ X - Y) @ X.mT
    scale = num.frobenius_norm(W_star) * num.frobenius_norm_squared(X) + num.frobenius_norm(Y @ X.mT)
    yield conclude(equal(G, 0 * G, scale=scale), "the gradient vanishes at W*")
    yield conclude(equal(num.rank(W_star), num.rank(Y @ X.mT)), "rank(W*) = rank(Y X^T)")


def _least_squares(case: DescentCase, num: Num) -> Any:
    X, Y = case.inputs, case.targets
    second_moment = X @ X.mT
    yield suppose(num.nonsingular(second_moment), "X X^T is non-singular")
    return num.solve(second_moment, X @ Y.mT).mT


def energy_concentrates(case: DescentCase, num: Num) -> Steps:
    """Lemma 11.18 and Theorem 11.10: as training goes on the energy of W concentrates; no step of gradient descent
    spreads it.

    E(1) = sigma_1(W)^2 / ||W||_F^2, before and after one step.

    Hypotheses  W != 0; 0 < eta ||X||_F^2 <= 1, a step that descends; the step does not end in 0
    Conclusion  sigma_1(W_0)^2 / ||W_0||_F^2 <= sigma_1(W_1)^2 / ||W_1||_F^2
    """
    case = verified(case, num)
    W, eta = case.weight, case.step[..., 0]
    moved = W - num.times(eta, gradient(case))
    yield suppose(less_than(num.number(0), num.frobenius_norm_squared(W)), "W is not zero")
    yield suppose(less_than(num.number(0), eta), "eta > 0")
    yield suppose(at_most(eta * num.frobenius_norm_squared(case.inputs), num.number(1)), "eta ||X||_F^2 <= 1")
    yield suppose(less_than(num.number(0), num.frobenius_norm_squared(moved)), "the step does not end in zero")
    yield conclude(
        at_most(
            num.spectral_norm(W) * num.frobenius_norm(moved),
            num.spectral_norm(moved) * num.frobenius_norm(W),
        ),
        "E(1) does not decrease",
    )


def loss_descends(case: DescentCase, num: Num) -> Steps:
    """Lemma 11.18 and Theorem 11.10, what every run does have: the loss falls, whatever happens to the spectrum.

    L(W - eta G) = L(W) - eta ||G||_F^2 + eta^2 ||G X||_F^2 / 2 and ||G X||_F <= ||G||_F ||X||_F.

    Hypotheses  0 < eta ||X||_F^2 <= 1
    Conclusion  L(W_1) <= L(W_0) - eta ||G||_F^2 / 2
    """
    case = verified(case, num)
    eta, G = case.step[..., 0], gradient(case)
    yield suppose(less_than(num.number(0), eta), "eta > 0")
    yield suppose(at_most(eta * num.frobenius_norm_squared(case.inputs), num.number(1)), "eta ||X||_F^2 <= 1")
    before = _loss(case.weight, case, num)
    after = _loss(case.weight - num.times(eta, G), case, num)
    yield conclude(
        at_most(after + eta * num.frobenius_norm_squared(G) / 2, before), "L(W_1) <= L(W_0) - eta ||G||_F^2 / 2"
    )


def energy_concentrates_towards_a_steeper_target(case: SpectraPairCase, num: Num) -> Steps:
    """Theorem 11.10, repaired: a step concentrates the energy where the target's spectrum is steeper than the start's.

    Start diag(a), target diag(b), X = I; weights with the singular vectors of their target are this case, turned.  The
    step of length eta leaves diag(a + eta (b - a)).  Where b_i / a_i does not grow with i (an even start is such), the
    ratios of the values to their successors grow on the way, and with them every E(k).  Where it grows, they fall.

    Hypotheses  both descend; b_{i+1} a_i <= b_i a_{i+1}; neither is zero
    Conclusion  E(k) does not decrease, k = 1..n, for eta = 1/2 and for eta = 1 / (rank + 1)
    """
    a, b = case.second, case.first
    n = a.shape[-1]
    for values in (a, b):
        yield suppose(less_than(num.number(0), values[..., 0]), "neither is zero")
        yield suppose(at_most(num.number(0), values[..., -1]), "both descend")
        for i in range(n - 1):
            yield suppose(at_most(values[..., i + 1], values[..., i]), "both descend")
    for i in range(n - 1):
        yield suppose(
            at_most(b[..., i + 1] * a[..., i], b[..., i] * a[..., i + 1], scale=b[..., 0] * a[..., 0]),
            "the target is steeper than the start",
        )
    for eta in (num.number(1, 2), num.number(1, case.rank + 1)):
        moved = a - num.times(eta, a - b)  # W - eta G for W = diag(a), G = W - diag(b)
        before, after = num.norm_squared(a), num.norm_squared(moved)
        for k in range(1, n + 1):
            left, right = num.norm_squared(a[..., :k]) * after, num.norm_squared(moved[..., :k]) * before
            yield conclude(at_most(left, right, scale=before * after), "E(k) does not decrease")


_SOURCE = Source("textbook", "Lemma 11.18", "11.2.1")
_TRAINING = Source("textbook", "Theorem 11.10", "11.2.2")

LEMMA_11_18 = (
    _SOURCE.stands("textbook/lemma-11.18.gradient", the_gradient, "the loss is quadratic and its expansion exact"),
    _SOURCE.false(
        "textbook/lemma-11.18.largest-error", along_the_largest_error,
        "X weighs the errors: R = diag(1, 1/2), X = (0, 1) has its gradient along e_2; one output has one "
        "direction",
        place="Lemma 11.18", printed="G_t is along the direction of the largest error",
        repaired_by="textbook/lemma-11.18.largest-error:repaired",
    ),
    _SOURCE.stands(
        "textbook/lemma-11.18.largest-error:repaired", along_the_largest_error_whitened,
        "for X X^T = c I and an error in the rows of X, G G^T = c R R^T",
        about={
            "X X^T = c I": not_needed("R X^T X = c R is all that G G^T = R X^T X R^T = c R R^T needs"),
            "the error is not zero": not_needed("without an error both sides are zero"),
        },
    ),
    _SOURCE.false(
        "textbook/lemma-11.18.steady-state", stationary_points_are_low_rank,
        "the stationary point is the least-squares solution, of full rank for X = Y = I; one direction "
        "cannot be fewer",
        place="Lemma 11.18, last sentence",
        printed="the steady state tends to compress the weight to few leading directions",
        repaired_by="textbook/lemma-11.18.steady-state:repaired",
    ),
    _SOURCE.stands(
        "textbook/lemma-11.18.steady-state:repaired", stationary_points_are_least_squares,
        "W* (X X^T) = Y X^T with a non-singular factor",
    ),
    _SOURCE.false(
        "textbook/lemma-11.18.compression:every-run", energy_concentrates,
        "from diag(1, 0) towards I, eta = 1/2, a step adds the second value; a 1 x n matrix has E(1) = 1 "
        "throughout",
        repaired_by="textbook/lemma-11.18.compression:loss",
    ),
    _SOURCE.stands("textbook/lemma-11.18.compression:loss", loss_descends, "the descent inequality of a quadratic"),
)  # fmt: skip

THEOREM_11_10 = (
    _TRAINING.false(
        "textbook/theorem-11.10", energy_concentrates,
        "from diag(1, 0) towards I, eta = 1/2: E(1) = 1, then 4/5, then 16/25; a 1 x n matrix has E(1) = 1 "
        "throughout",
        place="Theorem 11.10", printed="as training goes on, the energy concentrates on few singular values",
        why=(
            "Gradient descent moves the weight to the target, and its spectrum with it. From diag(1, 0) towards "
            "the identity every step evens the spectrum out. It concentrates exactly where the target's spectrum "
            "is steeper than the start's."
        ),
        repaired_by="textbook/theorem-11.10:repaired",
    ),
    _TRAINING.stands(
        "textbook/theorem-11.10:repaired", energy_concentrates_towards_a_steeper_target,
        "ratios of neighbouring values move monotonically from the start's to the target's",
    ),
)  # fmt: skip
