"""False claims on random variables and on counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.strategies import counts

Steps = Iterator[Suppose | Conclude]


def variances_add(case: Any, num: Any) -> Steps:
    x, y, w = case.points[..., 0], case.points[..., 1], case.weights
    total = num.variance(x, w) + num.variance(y, w)
    yield conclude(equal(num.variance(x + y, w), total), "Var(X + Y) = Var X + Var Y")


def variance_of_a_multiple(case: Any, num: Any) -> Steps:
    x, w = case.points[..., 0], case.weights
    yield conclude(equal(num.variance(2 * x, w), 2 * num.variance(x, w)), "Var(2X) = 2 Var X")


def means_multiply(case: Any, num: Any) -> Steps:
    x, y, w = case.points[..., 0], case.points[..., 1], case.weights
    product = num.expectation(x, w) * num.expectation(y, w)
    yield conclude(equal(num.expectation(x * y, w), product), "E XY = E X E Y")


def uncorrelated_is_independent(case: Any, num: Any) -> Steps:
    x, y, w = case.points[..., 0], case.points[..., 1], case.weights
    yield suppose(equal(num.covariance(x, y, w), num.number(0)), "X and Y are uncorrelated")
    yield conclude(num.independent(x, y, w), "X and Y are independent")


def mean_of_an_inverse(case: Any, num: Any) -> Steps:
    x, w = case.points[..., 0], case.weights
    yield suppose(less_than(num.number(0), num.smallest(x)), "X > 0")
    yield conclude(equal(num.expectation(1 / x, w) * num.expectation(x, w), num.number(1)), "E 1/X = 1 / E X")


def jensen_turned(case: Any, num: Any) -> Steps:
    x, w = case.points[..., 0], case.weights
    yield conclude(at_most(num.expectation(num.absolute(x), w), num.absolute(num.expectation(x, w))), "E |X| <= |E X|")


def conditioning_adds_variance(case: Any, num: Any) -> Steps:
    x, y, w = case.points[..., 0], case.points[..., 1], case.weights
    given = num.conditional_expectation(x, y, w)
    yield conclude(at_most(num.variance(x, w), num.variance(given, w)), "Var X <= Var E(X | Y)")


def constant_conditional_mean(case: Any, num: Any) -> Steps:
    x, y, w = case.points[..., 0], case.points[..., 1], case.weights
    given = num.conditional_expectation(x, y, w)
    yield suppose(equal(given, num.plus(num.expectation(x, w), 0 * x)), "E(X | Y) = E X")
    yield conclude(num.independent(x, y, w), "X and Y are independent")


def correlation_is_transitive(case: Any, num: Any) -> Steps:
    x, y, z, w = case.points[..., 0], case.points[..., 1], case.points[..., 2], case.weights
    yield suppose(less_than(num.number(0), num.covariance(x, y, w)), "Cov(X, Y) > 0")
    yield suppose(less_than(num.number(0), num.covariance(y, z, w)), "Cov(Y, Z) > 0")
    yield conclude(at_most(num.number(0), num.covariance(x, z, w)), "Cov(X, Z) >= 0")


def covariances_are_invertible(case: Any, num: Any) -> Steps:
    yield conclude(num.nonsingular(num.covariance_matrix(case.points, case.weights)), "Cov X is non-singular")


def variance_of_a_product(case: Any, num: Any) -> Steps:
    x, y, w = case.points[..., 0], case.points[..., 1], case.weights
    yield suppose(num.independent(x, y, w), "X and Y are independent")
    yield conclude(equal(num.variance(x * y, w), num.variance(x, w) * num.variance(y, w)), "Var XY = Var X Var Y")


def median_is_the_mean(case: Any, num: Any) -> Steps:
    (x,) = case.vectors
    yield conclude(equal(num.order_statistic(x, (x.shape[-1] + 1) // 2), num.mean(x)), "the median is the mean")


def powers_and_squares(case: Any, num: Any) -> Steps:
    (n,) = case.values
    yield conclude(2**n >= n**2, "2^n >= n^2")


def euler_polynomial(case: Any, num: Any) -> Steps:
    (n,) = case.values
    m = n * n + n + 41
    yield conclude(all(m % d for d in range(2, m) if d * d <= m), "n^2 + n + 41 is prime")


def products_of_sums(case: Any, num: Any) -> Steps:
    a, b, n = case.values
    yield conclude((a + b) ** n == a**n + b**n, "(a + b)^n = a^n + b^n")


CASES = {
    "powers_and_squares": counts(names={"n": (1, 30)}),
    "euler_polynomial": counts(names={"n": (1, 60)}),
    "products_of_sums": counts(names={"a": (1, 6), "b": (1, 6), "n": (1, 4)}),
}
