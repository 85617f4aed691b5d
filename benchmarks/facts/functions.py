"""True claims on vectors, functions of them, derivatives, chance and counts."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb
from typing import Any

from theorems import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.strategies import counts, vectors

Steps = Iterator[Suppose | Conclude]


def norms_in_order(case: Any, num: Any) -> Steps:
    (x,) = case.vectors
    yield conclude(at_most(num.max_norm(x), num.norm(x)), "||x||_inf <= ||x||_2")
    yield conclude(at_most(num.norm(x), num.one_norm(x)), "||x||_2 <= ||x||_1")


def parallelogram(case: Any, num: Any) -> Steps:
    x, y = case.vectors
    q = num.norm_squared
    yield conclude(equal(q(x + y) + q(x - y), 2 * q(x) + 2 * q(y)), "the law of the parallelogram")


def power_means(case: Any, num: Any) -> Steps:
    (x,) = case.vectors
    yield suppose(less_than(0 * x, x), "x > 0")
    yield conclude(at_most(num.root(num.product(x), x.shape[-1]), num.mean(x)), "GM <= AM")


def chebyshev_sum(case: Any, num: Any) -> Steps:
    x, y = case.vectors
    yield conclude(at_most(num.mean(x) * num.mean(y), num.mean(x * y)), "mean x mean y <= mean xy where both descend")


def softmax_ignores_shifts(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(equal(num.softmax(num.plus(3, A)), num.softmax(A)), "softmax(X + c) = softmax(X)")


def log_sum_exp_bounds(case: Any, num: Any) -> Steps:
    (x,) = case.vectors
    yield conclude(at_most(num.largest(x), num.log_sum_exp(x)), "max x <= lse x")
    bound = num.largest(x) + num.log(num.number(x.shape[-1]))
    yield conclude(at_most(num.log_sum_exp(x), bound), "lse x <= max x + log n")


def log_sum_exp_is_convex(case: Any, num: Any) -> Steps:
    x, y = case.vectors
    f = num.log_sum_exp
    yield conclude(at_most(2 * f((x + y) / 2), f(x) + f(y)), "lse is convex")


def tanh_by_sigmoid(case: Any, num: Any) -> Steps:
    (x,) = case.vectors
    yield conclude(equal(num.tanh(x), num.plus(-1, 2 * num.sigmoid(2 * x))), "tanh x = 2 sigma(2x) - 1")


def relu_is_subadditive(case: Any, num: Any) -> Steps:
    x, y = case.vectors
    yield conclude(at_most(num.relu(x + y), num.relu(x) + num.relu(y)), "relu(x + y) <= relu x + relu y")


def gradient_of_a_form(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    (x,) = case.vectors
    found = num.gradient(lambda y, num: num.dot(y, num.apply(A, y)), x)
    yield conclude(equal(found, num.apply(A + A.mT, x)), "the gradient of x^T A x is (A + A^T) x")


def gradient_of_a_log_determinant(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    yield suppose(less_than(num.number(0), num.determinant(A)), "det A > 0")
    found = num.gradient(lambda Y, num: num.log_determinant(Y), A)
    yield conclude(equal(found, num.inverse(A).mT), "the gradient of log det X is X^-T")


def gradient_of_log_sum_exp(case: Any, num: Any) -> Steps:
    (x,) = case.vectors
    found = num.gradient(lambda y, num: num.log_sum_exp(y), x)
    yield conclude(equal(found, num.softmax(x[..., :, None])[..., :, 0]), "the gradient of lse is softmax")


def jacobian_of_softmax(case: Any, num: Any) -> Steps:
    (x,) = case.vectors

    def soft(y: Any, num: Any) -> Any:
        return num.softmax(y[..., :, None])[..., :, 0]

    s = soft(x, num)
    found = num.jacobian(soft, x)
    yield conclude(equal(found, num.diagonal(s) - num.outer(s, s)), "the Jacobian of softmax is diag(s) - s s^T")
    yield conclude(num.positive_semidefinite(found), "it is positive semidefinite")


def derivative_of_sigmoid(case: Any, num: Any) -> Steps:
    (x,) = case.vectors
    s = num.sigmoid(x)
    found = num.jacobian(lambda y, num: num.sigmoid(y), x)
    yield conclude(equal(found, num.diagonal(s * (1 - s))), "sigma' = sigma (1 - sigma)")


def determinant_to_second_order(case: Any, num: Any) -> Steps:
    (A,) = case.matrices
    one = num.identity(A.shape[-1])
    _, first, second = num.expansion(lambda e, num: num.determinant(one + num.times(e, A)), 2)
    t = num.trace(A)
    yield conclude(equal(first, t), "det(I + eA) = 1 + e tr A + ...")
    yield conclude(equal(2 * second, t * t - num.trace(A @ A)), "... + e^2 (tr(A)^2 - tr(A^2)) / 2")


def complex_determinant(case: Any, num: Any) -> Steps:
    X, Y = case.matrices
    whole = num.block([[X, -Y], [Y, X]])
    yield conclude(at_most(num.number(0), num.determinant(whole)), "|det(X + iY)|^2 >= 0")


def total_variance(case: Any, num: Any) -> Steps:
    x, y, w = case.points[..., 0], case.points[..., 1], case.weights
    given = num.conditional_expectation(x, y, w)
    rest = num.expectation((x - given) * (x - given), w)
    yield conclude(equal(num.variance(x, w), num.variance(given, w) + rest), "Var X = Var E(X|Y) + E Var(X|Y)")


def tower(case: Any, num: Any) -> Steps:
    x, y, w = case.points[..., 0], case.points[..., 1], case.weights
    given = num.conditional_expectation(x, y, w)
    yield conclude(equal(num.expectation(given * y, w), num.expectation(x * y, w)), "E(E(X|Y) Y) = E XY")


def independent_is_uncorrelated(case: Any, num: Any) -> Steps:
    x, y, w = case.points[..., 0], case.points[..., 1], case.weights
    yield suppose(num.independent(x, y, w), "X and Y are independent")
    yield conclude(equal(num.covariance(x, y, w), num.number(0)), "Cov(X, Y) = 0")


def independent_variances_add(case: Any, num: Any) -> Steps:
    x, y, w = case.points[..., 0], case.points[..., 1], case.weights
    yield suppose(num.independent(x, y, w), "X and Y are independent")
    total = num.variance(x, w) + num.variance(y, w)
    yield conclude(equal(num.variance(x + y, w), total), "Var(X + Y) = Var X + Var Y")


def correlation_is_bounded(case: Any, num: Any) -> Steps:
    x, y, w = case.points[..., 0], case.points[..., 1], case.weights
    yield suppose(less_than(num.number(0), num.variance(x, w)), "Var X > 0")
    yield suppose(less_than(num.number(0), num.variance(y, w)), "Var Y > 0")
    yield conclude(at_most(num.absolute(num.correlation(x, y, w)), num.number(1)), "|rho(X, Y)| <= 1")


def covariance_of_an_image(case: Any, num: Any) -> Steps:
    x, w, A = case.points, case.weights, case.matrix
    cov = num.covariance_matrix
    yield conclude(equal(cov(x @ A.mT, w), A @ cov(x, w) @ A.mT), "Cov(AX) = A Cov(X) A^T")


def vandermonde(case: Any, num: Any) -> Steps:
    m, n, k = case.values
    total = sum(comb(m, j) * comb(n, k - j) for j in range(k + 1))
    yield conclude(total == comb(m + n, k), "C(m + n, k) = sum C(m, j) C(n, k - j)")


def powers_of_two(case: Any, num: Any) -> Steps:
    (n,) = case.values
    yield conclude(2**n >= n**2, "2^n >= n^2 from 4 on")


CASES = {
    "power_means": vectors(kind="positive"),
    "chebyshev_sum": vectors(count=2, kind="descending"),
    "vandermonde": counts(names={"m": (0, 8), "n": (0, 8), "k": (0, 8)}),
    "powers_of_two": counts(names={"n": (4, 40)}),
}
