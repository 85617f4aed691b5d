"""Lower bounds that hold for every choice of adapters and biases, for ReLU networks.

All are proved here, in the docstrings.  They are zero where their conditions are not met.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from theorems.adaptation.error_sizes import largest, smallest
from theorems.case import Array
from theorems.models.relu import NetworkCase
from theorems.num import Num
from theorems.texts.zeng_lee.relu.construction import bounding_box, covariance, entries, image, scalar, sup_norm

#: Up to this width the least sums of eigenvalues are bounded by trying all subsets.
WIDEST = 6


def least_eigenvalues(S: Array, count: int, num: Num) -> Any:
    """A lower bound of the sum of the `count` smallest eigenvalues of a positive semidefinite S.

    S - diag(d) with d_i = S_ii - sum_{j != i} |S_ij| is diagonally dominant with a non-negative diagonal, hence
    positive semidefinite, so that the eigenvalues of S are, in order, at least those of diag(max(d, 0)).
    """
    D = S.shape[-1]
    if count <= 0 or D > WIDEST:
        return num.number(0)
    bounds = []
    for i in range(D):
        d = scalar(S[..., i, i])
        for j in range(D):
            if j != i:
                d = d - num.absolute(scalar(S[..., i, j]))
        bounds.append(num.maximum(d, num.number(0)))
    return least_sum(bounds, count, num)


def least_sum(values: Sequence[Any], count: int, num: Num) -> Any:
    """The least sum of `count` of the values."""
    return smallest([sum(chosen[1:], chosen[0]) for chosen in itertools.combinations(values, count)], num)


def one_layer(case: NetworkCase) -> bool:
    """Whether frozen model and target have one layer each: every competitor is then ReLU of an affine map."""
    return case.frozen.depth == case.depth == 1


def convexity(case: NetworkCase, required: Array, num: Num) -> Any:
    """How far every f with one layer stays from the values `required`, (..., K, D), at some support point.

    Let x_1 + x_2 = 2 x_0 and let f = ReLU(A x + c) be within e of the required values t.  If e < min(t_0, t_1, t_2)
    in a coordinate, f is positive there at all three points, so that f(x_1) + f(x_2) = 2 f(x_0) and |t_1 + t_2 - 2
    t_0| <= 4 e.
    Hence e >= min(|t_1 + t_2 - 2 t_0| / 4, t_0, t_1, t_2), whatever A and c are.
    """
    x, t = case.inputs.points, required
    if not one_layer(case) or x.shape[-2] < 3:
        return num.number(0)
    gaps = (x[..., 1, :] + x[..., 2, :] - 2 * x[..., 0, :])[..., None, :]
    bounds = []
    for j in range(x.shape[-1]):
        t0, t1, t2 = (scalar(t[..., k, j]) for k in range(3))
        bounds.append(smallest([num.absolute(t1 + t2 - 2 * t0) * num.number(1, 4), t0, t1, t2], num))
    return num.where(num.zero(sup_norm(gaps, num)), largest(bounds, num), num.number(0))


def inactivity(case: NetworkCase, degree: int, num: Num) -> Any:
    """The least that one inactive unit at one support point adds to E ||f - f-bar||_2^degree: w_k
    f-bar_j(x_k)^degree."""
    values = case.target.forward(case.inputs.points, num)
    costs = []
    for k in range(values.shape[-2]):
        for j in range(values.shape[-1]):
            cost = scalar(case.inputs.weights[..., k])
            for _ in range(degree):
                cost = cost * scalar(values[..., k, j])
            costs.append(cost)
    return smallest(costs, num)


def squared_error(case: NetworkCase, num: Num) -> Any:
    """A lower bound of E ||f - f-bar||_2^2 for every adapter of rank R_1 and every bias, where both have one layer
    (for more layers see `diagonal_chain`).

    Either a unit of f is inactive at a support point, which costs w_k f-bar_j(x_k)^2 (see `inactivity`), or f is
    affine on the support, and so is f-bar where it is positive: f - f-bar = (Delta - E) x + c.  Then
    E ||(Delta - E) x + c||^2 >= tr((Delta - E) Cov (Delta - E)^T) >= tr(P E Cov E^T P) with the projection P onto the
    complement of the range of Delta, of rank at least D - R, and that is at least the sum of the D - R smallest
    eigenvalues of E Cov E^T.
    """
    if not one_layer(case):
        return diagonal_chain(case, 2, num)
    E = case.errors[0].matrix
    S = E @ covariance(case.inputs.points, case.inputs.weights, num) @ E.mT
    affine = least_eigenvalues(S, case.frozen.width - case.ranks[0], num)
    return num.minimum(affine, inactivity(case, 2, num))


def mean_error(case: NetworkCase, num: Num) -> Any:
    """A lower bound of E ||f - f-bar||_2 for every adapter of rank R_1 and every bias, where both have one layer
    (for more layers see `diagonal_chain`).

    Either a unit is inactive at a support point, at the cost w_k f-bar_j(x_k), or f - f-bar = (Delta - E) x + c on
    the support.  With P as in `squared_error` and v_k = E x_k, two points a, b contribute at least
    min(w_a, w_b) (||P (v_a - c')|| + ||P (v_b - c')||) >= min(w_a, w_b) ||P d||, d = v_a - v_b, and
    ||P d|| >= d^T P d / ||d||_2 >= d^T P d / ||d||_1.  Summed over disjoint pairs (here the points 0 and 1, 2 and 3,
    ...) that is tr(P K) with K = sum min(w_a, w_b) d d^T / ||d||_1: at least the sum of the D - R smallest
    eigenvalues of K.
    """
    x, w = case.inputs.points, case.inputs.weights
    D = x.shape[-1]
    if not one_layer(case):
        return diagonal_chain(case, 1, num)
    if x.shape[-2] < 2:
        return num.number(0)
    K = num.zeros(D, D)
    for a in range(0, x.shape[-2] - 1, 2):
        d = num.apply(case.errors[0].matrix, x[..., a, :] - x[..., a + 1, :])
        size = num.absolute(d)
        length = sum((scalar(size[..., j]) for j in range(1, D)), scalar(size[..., 0]))
        none = num.zero(length)
        share = num.minimum(scalar(w[..., a]), scalar(w[..., a + 1])) / num.where(none, num.number(1), length)
        K = K + num.times(num.where(none, num.number(0), share), num.outer(d, d))
    affine = least_eigenvalues(K, D - case.ranks[0], num)
    return num.minimum(affine, inactivity(case, 1, num))


def diagonal_chain(case: NetworkCase, degree: int, num: Num) -> Any:
    """A lower bound of E ||f - f-bar||_2^degree, degree 1 or 2, for any depths, where only the last layer is adapted.

    Let R_l = 0 for l < L, let all W_l be diagonal with entries >= 0 and all W-bar_i diagonal, with the products p_j
    and t_j in coordinate j, and let the target be active in every layer at every support point, so that it is affine
    there.  The biases are free.  A hidden layer of f then acts on each coordinate by itself, and the first L - 1
    layers together by functions that rise with slopes in [0, q_j], q_j (W_L)_jj = p_j.  For two support points a, b
    that differ by s in coordinate j only, the activations below the last layer differ by s d e_j with 0 <= d <= q_j.
    Either an output unit of f is inactive at a support point, which costs w_k f-bar_i(x_k)^degree (`inactivity`), or
    (f - f-bar)(a) - (f - f-bar)(b) = s ((W_L + Delta W_L) d - t_j) e_j.  With the projection P onto the complement of
    the range of Delta W_L, of rank at least D - R_L, its norm is at least |s| |(W_L)_jj d - t_j| ||P e_j|| and that at
    least |s| g_j P_jj, g_j = max(t_j - p_j, 0); its square is at least s^2 g_j^2 P_jj.  The pair contributes at least
    min(w_a, w_b) times the norm, or min(w_a, w_b) / 2 times the square.  Summed over disjoint pairs (points 0 and 1,
    2 and 3, ...) that is tr(P K) with a diagonal K: at least the sum of its D - R_L smallest entries.
    """
    x, w = case.inputs.points, case.inputs.weights
    D, L = case.frozen.width, case.frozen.depth
    kept = D - case.ranks[-1]
    if L < 2 or any(case.ranks[:-1]) or x.shape[-2] < 2 or kept <= 0 or D > WIDEST:
        return num.number(0)
    target = case.target
    fits: Any = True
    for W in (*case.frozen.weights, *target.weights):
        for i, j in itertools.permutations(range(D), 2):
            fits = fits & (num.absolute(scalar(W[..., i, j])) <= 0)
    for W in case.frozen.weights:
        for j in range(D):
            fits = fits & (scalar(W[..., j, j]) >= 0)
    for y in target.preactivations(x, num):
        fits = fits & (smallest(entries(y), num) >= 0)
    none = num.number(0)
    shares = []
    for j in range(D):
        frozen, wanted = (_diagonal_product(weights, j) for weights in (case.frozen.weights, target.weights))
        gap, total = num.maximum(wanted - frozen, none), none
        for a in range(0, x.shape[-2] - 1, 2):
            d = num.absolute(x[..., a, :] - x[..., a + 1, :])
            step = scalar(d[..., j]) * gap
            least = num.minimum(scalar(w[..., a]), scalar(w[..., a + 1]))
            part = least * step if degree == 1 else least * (step * step) * num.number(1, 2)
            along: Any = True
            for i in range(D):
                if i != j:
                    along = along & (scalar(d[..., i]) <= 0)
            total = total + num.where(along, part, none)
        shares.append(total)
    return num.where(fits, num.minimum(least_sum(shares, kept, num), inactivity(case, degree, num)), none)


def _diagonal_product(weights: Sequence[Array], j: int) -> Any:
    value = scalar(weights[0][..., j, j])
    for W in weights[1:]:
        value = value * scalar(W[..., j, j])
    return value


def frozen_output(case: NetworkCase, num: Num) -> Any:
    """A lower bound of E ||f - f-bar||_2 for every f whose layers above the first L-bar are frozen, biases included.

    If L > L-bar the last layer is frozen, and what it gets is z >= 0, the output of a ReLU.  Where row j of W_L has no
    positive entry, f_j = ReLU((W_L z)_j + b_j) <= ReLU(b_j), so that E ||f - f-bar|| >= E max(f-bar_j - ReLU(b_j), 0).
    """
    best = num.number(0)
    if case.frozen.depth <= case.depth:
        return best
    W, b = case.frozen.weights[-1], case.frozen.biases[-1]
    values = case.target.forward(case.inputs.points, num)
    for j in range(case.frozen.width):
        top = num.maximum(scalar(b[..., j]), num.number(0))
        lost = num.number(0)
        for k in range(values.shape[-2]):
            missing = num.maximum(scalar(values[..., k, j]) - top, num.number(0))
            lost = lost + scalar(case.inputs.weights[..., k]) * missing
        row = largest([scalar(W[..., j, i]) for i in range(case.frozen.width)], num)
        best = num.maximum(best, num.where(row <= 0, lost, num.number(0)))
    return best


def always_active(case: NetworkCase, num: Num) -> Any:
    """Whether every unit of a one-layer target is active on all of X (certified entry by entry)."""
    low, high = bounding_box(case.inputs, num)
    least, _ = image(case.target.weights[0], case.biases[0], low, high, num)
    return smallest(entries(least[..., None, :]), num) >= 0


def inner_radius(case: NetworkCase, num: Num) -> Any:
    """The radius of a ball inside X: that of the ball, or the least half-width of the box."""
    box = smallest(entries(case.inputs.box[..., None, :]), num)
    return num.maximum(box, scalar(case.inputs.ball[..., 0]))


def collapsed_direction(case: NetworkCase, num: Num) -> Any:
    """A lower bound of sup_X ||f - f-bar||_2 for every adapter and bias, from a first layer of small rank.

    If rank(W_1) + R_1 < D, the adapted first layer has a kernel, and f is constant along a unit vector k.  X holds a
    ball of some radius rho about a point x: f takes one value at x + rho k and x - rho k.  A one-layer target that
    is active on all of X takes values there that are at least 2 rho sigma_D(W-bar) apart, so that f misses one by
    rho sigma_D(W-bar).
    """
    if case.depth != 1:
        return num.number(0)
    D = case.frozen.width
    bites = (num.rank(case.frozen.weights[0]) + case.ranks[0] < D) & always_active(case, num)
    spread = inner_radius(case, num) * num.singular_value(case.target.weights[0], D)
    return num.where(bites, spread, num.number(0))
