"""The textbook section, 11.2.3, third part: curvature, low rank and generalisation (Definition 11.18 to Lemma 11.25).

The exact model is the two-layer linear network f(x) = W_2 W_1 x with white data and the loss 1/2 ||W_2 W_1 - T||_F^2.
At a global minimum, W_2 W_1 = T, its Hessian is J^T J with J(D_2, D_1) = D_2 W_1 + W_2 D_1, so that

    tr H = m ||W_1||_F^2 + n ||W_2||_F^2    for T in R^{m x n}.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import SVD, Array
from theorems.claim import Source
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.textbook.training.cases import (
    EstimateCase,
    RegressionCase,
    TwoLayerCase,
    TwoMinimaCase,
    kronecker,
)

Steps = Iterator[Suppose | Conclude]


def hessian_of_two_layers(first: Array, second: Array, num: Num) -> Array:
    """J^T J for J(D_2, D_1) = D_2 W_1 + W_2 D_1, all read row by row: the Hessian at a minimum W_2 W_1 = T."""
    m, n = second.shape[-2], first.shape[-1]
    blocks = [kronecker(num.identity(m), first.mT, num), kronecker(second, num.identity(n), num)]
    J = num.concatenate(blocks, -1)
    return J.mT @ J


# Definition 11.18 -----------------------------------------------------------------------------------------------------


def order_of_curvature(case: RegressionCase, num: Num) -> Steps:
    """Definition 11.18: moving by a unit along an eigenvector of the Hessian raises a quadratic loss by mu / 2.

    Taken on 1/2 ||W X - Y||_F^2 at its minimum, whose Hessian is I (x) X X^T; so directions with a smaller eigenvalue
    are flatter, in the order mu_1 <= mu_2 <= ...  (The definition uses d for their number and names no number
    "sharpness".)

    Hypotheses  X X^T is non-singular
    Conclusion  L(W* + e q^T) - L(W*) = mu / 2 for every unit vector e and eigenvector q
    """
    X, Y = case.inputs.matrix, case.targets
    yield suppose(num.nonsingular(X @ X.mT), "X X^T is non-singular")
    best = num.solve(X @ X.mT, X @ Y.mT).mT
    d = num.svd(X)
    half = num.number(1, 2)
    least = half * num.frobenius_norm_squared(best @ X - Y)
    for i in range(d.s.shape[-1]):
        for a in range(Y.shape[-2]):
            unit = num.constant([[int(b == a)] for b in range(Y.shape[-2])])
            moved = best + unit @ d.U[..., :, i : i + 1].mT
            rise = half * num.frobenius_norm_squared(moved @ X - Y) - least
            scale = num.maximum(num.frobenius_norm_squared(Y), num.frobenius_norm_squared(X))
            scale = num.maximum(scale, num.frobenius_norm_squared(best) * num.frobenius_norm_squared(X))
            yield conclude(equal(rise, half * d.s[..., i] * d.s[..., i], scale=scale), "the rise is mu / 2")


def sharpness_of_the_function(case: TwoLayerCase, num: Num) -> Steps:
    """Definition 11.18, sharpness as a property of what has been learned: one function, one sharpness.

    (a W_2, W_1 / a) is the same function for every a, at the same minimum; the trace of the Hessian is compared, which
    scales as every notion made of its eigenvalues does.

    Hypotheses  a is not zero
    Conclusion  the traces of the two Hessians are equal
    """
    a = case.scale[..., 0]
    yield suppose(num.nonsingular(num.times(a, num.identity(1))), "a is not zero")
    first = case.first.matrix
    one = hessian_of_two_layers(first, case.second, num)
    two = hessian_of_two_layers(num.times(1 / a, first), num.times(a, case.second), num)
    yield conclude(equal(num.trace(one), num.trace(two)), "the Hessians have one trace")


# Theorem 11.15 --------------------------------------------------------------------------------------------------------


def _curvatures(case: TwoLayerCase, d: SVD, num: Num) -> list[Any]:
    """The second derivative along u_i v_i^T, the singular directions of W_1, from the loss itself.

    The loss is quadratic in W_1 alone, with second derivative L(+) + L(-) - 2 L(0) along any direction.
    """
    W, V, half = case.first.matrix, case.second, num.number(1, 2)
    T, found = V @ W, []
    for i in range(d.s.shape[-1]):
        D = d.U[..., :, i : i + 1] @ d.V[..., :, i : i + 1].mT
        plus = half * num.frobenius_norm_squared(V @ (W + D) - T)
        minus = half * num.frobenius_norm_squared(V @ (W - D) - T)
        found.append(plus + minus)
    return found


def flat_directions(case: TwoLayerCase, num: Num) -> Steps:
    """Theorem 11.15: flat directions of the loss are the low singular directions of the weights.

    Measured at a global minimum of a two-layer linear network: the second derivative along u_i v_i^T, for the singular
    triples of W_1, falls with i as sigma_i does.  It is ||W_2 u_i||^2, a matter of the other layer.

    Hypotheses  sigma_1 > sigma_2 > ... of W_1
    Conclusion  the second derivatives descend
    """
    d = num.svd(case.first.matrix)
    k = d.s.shape[-1]
    yield suppose(k >= 2, "W_1 has two singular directions")
    for i in range(k - 1):
        yield suppose(less_than(d.s[..., i + 1], d.s[..., i]), "the singular values of W_1 differ")
    found = _curvatures(case, d, num)
    scale = num.frobenius_norm_squared(case.second)
    for i in range(k - 1):
        yield conclude(at_most(found[i + 1], found[i], scale=scale), "the second derivatives descend")


def flat_directions_balanced(case: TwoLayerCase, num: Num) -> Steps:
    """Theorem 11.15, repaired: in a balanced network the second derivative along u_i v_i^T is exactly sigma_i^2.

    ||W_2 u_i||^2 = u_i^T W_2^T W_2 u_i = u_i^T W_1 W_1^T u_i.  Gradient flow from a small start stays nearly balanced.

    Hypotheses  W_2^T W_2 = W_1 W_1^T
    """
    W, V = case.first.matrix, case.second
    scale = num.maximum(num.frobenius_norm_squared(W), num.frobenius_norm_squared(V))
    yield suppose(equal(V.mT @ V, W @ W.mT, scale=scale), "W_2^T W_2 = W_1 W_1^T")
    d = num.svd(W)
    for i, found in enumerate(_curvatures(case, d, num)):
        yield conclude(equal(found, d.s[..., i] * d.s[..., i], scale=scale), "the second derivative is sigma_i^2")


def _two_minima(case: TwoMinimaCase, num: Num) -> Steps:
    T = case.target.matrix
    scale = num.frobenius_norm(case.second) * num.frobenius_norm(case.first)
    yield suppose(equal(case.second @ case.first, T, scale=scale), "W_2 W_1 = T")


def flat_minima(case: TwoMinimaCase, num: Num) -> Steps:
    """Theorem 11.15, the conclusion drawn: flat minima are minima with weights of low rank.

    Measured by the trace of the Hessian at two global minima of one problem: the one whose W_1 has the lower rank is at
    least as flat.

    Hypotheses  W_2 W_1 = W_2' W_1' = T; rank(W_1) < rank(W_1')
    Conclusion  tr H <= tr H'
    """
    yield from _two_minima(case, num)
    T = case.target.matrix
    scale = num.frobenius_norm(case.second_too) * num.frobenius_norm(case.first_too)
    yield suppose(equal(case.second_too @ case.first_too, T, scale=scale), "W_2' W_1' = T")
    yield suppose(num.rank(case.first) < num.rank(case.first_too), "rank(W_1) < rank(W_1')")
    one = num.trace(hessian_of_two_layers(case.first, case.second, num))
    two = num.trace(hessian_of_two_layers(case.first_too, case.second_too, num))
    yield conclude(at_most(one, two), "the minimum of lower rank is at least as flat")


def flattest_minimum(case: TwoMinimaCase, num: Num) -> Steps:
    """Theorem 11.15, the conclusion drawn, repaired: tr H >= 2 n ||T||_* at every minimum, for m = n, and balance
    attains it.

    tr H = n (||W_1||_F^2 + ||W_2||_F^2) >= 2 n ||W_2 W_1||_*.  Equality forces W_2^T W_2 = W_1 W_1^T, and then
    rank(W_1) = rank(T): the flattest minima have the least rank there is; but the flatness of others says nothing of
    it.

    Hypotheses  m = n; W_2 W_1 = T
    Conclusion  2 n (sigma_1 + sigma_2 + ...) <= tr H
    """
    m, n = case.second.shape[-2], case.first.shape[-1]
    yield suppose(m == n, "m = n")
    yield from _two_minima(case, num)
    d = num.svd(case.target.matrix)
    trace = num.trace(hessian_of_two_layers(case.first, case.second, num))
    yield conclude(at_most(2 * n * d.s.sum(-1), trace), "2 n ||T||_* <= tr H")


# Lemma 11.25 ----------------------------------------------------------------------------------------------------------


def truncation(case: EstimateCase, num: Num) -> Array:
    """LR_r of the estimate."""
    d, r = num.svd(case.estimate.matrix), case.rank
    return SVD(d.U[..., :r], d.s[..., :r], d.V[..., :r]).matrix


def low_rank_generalises(case: EstimateCase, num: Num) -> Steps:
    """Lemma 11.25: the low-rank solution generalises better.

    Measured by the population risk of a linear map under white inputs, which is ||W - W_true||_F^2 up to a constant:
    the estimate cut to rank r against the estimate itself.

    Hypotheses  r < min(m, n) and sigma_r > sigma_{r+1} of the estimate, so that the cut is well defined
    Conclusion  ||LR_r(W) - W_true||_F <= ||W - W_true||_F
    """
    s, r = case.estimate.s, case.rank
    yield suppose(r < s.shape[-1], "r < min(m, n)")
    yield suppose(less_than(s[..., r : r + 1], s[..., r - 1 : r]), "sigma_r > sigma_{r+1}")
    cut = num.frobenius_norm_squared(truncation(case, num) - case.truth)
    whole = num.frobenius_norm_squared(case.estimate.matrix - case.truth)
    scale = num.maximum(num.frobenius_norm_squared(case.truth), num.frobenius_norm_squared(case.estimate.matrix))
    yield conclude(at_most(cut, whole, scale=scale), "the truncated estimate has no larger risk")


def low_rank_generalises_on_low_rank_truth(case: EstimateCase, num: Num) -> Steps:
    """Lemma 11.25 where the truth itself has a rank of at most r.

    Where the error of the estimate is stronger than the truth, the cut keeps the error.

    Hypotheses  rank(W_true) <= r
    """
    yield suppose(num.rank(case.truth) <= case.rank, "rank(W_true) <= r")
    yield from low_rank_generalises(case, num)


def low_rank_generalises_repaired(case: EstimateCase, num: Num) -> Steps:
    """Lemma 11.25, repaired: for a truth of rank at most r, cutting the estimate at most doubles its distance.

    LR_r(W) is at least as close to W as W_true is.  The factor 2 is not attained: the sharp one is the golden ratio.

    Hypotheses  rank(W_true) <= r
    Conclusion  ||LR_r(W) - W_true||_F <= 2 ||W - W_true||_F
    """
    yield suppose(num.rank(case.truth) <= case.rank, "rank(W_true) <= r")
    P = truncation(case, num)
    cut = num.frobenius_norm_squared(P - case.truth)
    whole = num.frobenius_norm_squared(case.estimate.matrix - case.truth)
    scale = num.maximum(num.frobenius_norm_squared(case.truth), num.frobenius_norm_squared(case.estimate.matrix))
    yield conclude(at_most(cut, 4 * whole, scale=scale), "at most twice the distance")


def _source(label: str) -> Source:
    return Source("textbook", label, "11.2.3")


_SHARPNESS, _FLAT, _GENERALISATION = _source("Definition 11.18"), _source("Theorem 11.15"), _source("Lemma 11.25")

CLAIMS = (
    _SHARPNESS.stands("textbook/definition-11.18", order_of_curvature, "a quadratic loss rises by half the eigenvalue"),
    _SHARPNESS.false(
        "textbook/definition-11.18.function:one-sharpness", sharpness_of_the_function,
        "(a W_2, W_1 / a) is the same function with another Hessian: 1 x 1 layers",
        repaired_by="textbook/definition-11.18",
    ),
    _FLAT.false(
        "textbook/theorem-11.15", flat_directions,
        "the curvature along u_i v_i^T is ||W_2 u_i||^2: W_1 strong where W_2 is weak, n = h = 2, m = 1",
        place="Theorem 11.15",
        printed="flat directions are highly related to the low singular directions of the weights",
        repaired_by="textbook/theorem-11.15:repaired",
    ),
    _FLAT.stands(
        "textbook/theorem-11.15:repaired", flat_directions_balanced,
        "W_2^T W_2 = W_1 W_1^T turns ||W_2 u_i||^2 into sigma_i^2",
    ),
    _FLAT.false(
        "textbook/theorem-11.15.flat-minima", flat_minima,
        "a low-rank minimum may be scaled out of balance: sharper than one of higher rank (h = n = 2, m = 1)",
        place="Theorem 11.15, last sentence", printed="flat minima usually have weights of low rank",
        repaired_by="textbook/theorem-11.15.flat-minima:repaired",
    ),
    _FLAT.stands(
        "textbook/theorem-11.15.flat-minima:repaired", flattest_minimum, "2 ||W_2 W_1||_* <= ||W_1||_F^2 + ||W_2||_F^2",
    ),
    _GENERALISATION.false(
        "textbook/lemma-11.25", low_rank_generalises,
        "the cut keeps the largest directions, true or not: m = n = 2, r = 1; 1 x 1 leaves nothing to cut",
        place="Lemma 11.25", printed="low-rank solutions generalise better",
        repaired_by="textbook/lemma-11.25:repaired",
    ),
    _GENERALISATION.false(
        "textbook/lemma-11.25:low-rank-truth", low_rank_generalises_on_low_rank_truth,
        "an error stronger than the truth is what the cut keeps: 2 x 2, r = 1",
        repaired_by="textbook/lemma-11.25:repaired",
    ),
    _GENERALISATION.stands(
        "textbook/lemma-11.25:repaired", low_rank_generalises_repaired, "the triangle inequality and Eckart-Young",
    ),
)  # fmt: skip
