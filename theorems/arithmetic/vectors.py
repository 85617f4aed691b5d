"""Operations on vectors that every arithmetic builds from its own, and random variables on finite spaces."""

from __future__ import annotations

from typing import Any

import numpy as np

from theorems.case import Array
from theorems.errors import Undefined
from theorems.num import Num
from theorems.statement import at_most


class VectorOperations:
    """Vectors are (..., n), random variables (..., K) with probabilities (..., K)."""

    def sigmoid(self: Num, x: Any) -> Any:
        return 1 / (self.exp(-x) + 1)

    def tanh(self: Num, x: Any) -> Any:
        return 1 - 2 / (self.exp(x + x) + 1)

    def sum(self: Num, x: Array) -> Any:
        return np.add.reduce(np.asarray(x), axis=-1) if x.shape[-1] else self.number(0)

    def product(self: Num, x: Array) -> Any:
        return np.multiply.reduce(np.asarray(x), axis=-1) if x.shape[-1] else self.number(1)

    def mean(self: Num, x: Array) -> Any:
        if not x.shape[-1]:
            raise Undefined("the mean of no entries")
        return self.sum(x) / x.shape[-1]

    def largest(self: Num, x: Array) -> Any:
        return self.order_statistic(x, x.shape[-1])

    def smallest(self: Num, x: Array) -> Any:
        return self.order_statistic(x, 1)

    def order_statistic(self: Num, x: Array, k: int) -> Any:
        n = x.shape[-1]
        if not 1 <= k <= n:
            raise Undefined(f"there is no order statistic {k} of {n} entries")
        entries = [x[..., i] for i in range(n)]
        for top in range(n - 1, k - 2, -1):  # the largest to the end, then the next: entries above k need no order
            for i in range(top):
                entries[i], entries[i + 1] = (
                    self.minimum(entries[i], entries[i + 1]), self.maximum(entries[i], entries[i + 1])
                )  # fmt: skip
        return _scalar(entries[k - 1])

    def one_norm(self: Num, x: Array) -> Any:
        return self.sum(self.absolute(x))

    def max_norm(self: Num, x: Array) -> Any:
        return self.largest(self.absolute(x)) if x.shape[-1] else self.number(0)

    def log_sum_exp(self: Num, x: Array) -> Any:
        if not x.shape[-1]:
            raise Undefined("log-sum-exp of no entries")
        return self.log(self.sum(self.exp(x)))

    def softmax_rows(self: Num, X: Array) -> Array:
        return self.softmax(X.mT).mT

    # random variables

    def covariance(self: Num, x: Array, y: Array, weights: Array) -> Any:
        _require_one_space(x, y, weights)
        return self.expectation(x * y, weights) - self.expectation(x, weights) * self.expectation(y, weights)

    def variance(self: Num, values: Array, weights: Array) -> Any:
        return self.covariance(values, values, weights)

    def covariance_matrix(self: Num, values: Array, weights: Array) -> Array:
        if values.shape[-2] != weights.shape[-1]:
            raise Undefined(f"{values.shape[-2]} vectors with {weights.shape[-1]} probabilities: give one for each")
        mean = self.expectation(values, weights)
        second = values.mT @ (weights[..., :, None] * values)
        result: Array = second - self.outer(mean, mean)
        return result

    def correlation(self: Num, x: Array, y: Array, weights: Array) -> Any:
        variances = self.variance(x, weights) * self.variance(y, weights)
        return self.covariance(x, y, weights) / self.sqrt(variances)

    def independent(self: Num, x: Array, y: Array, weights: Array) -> Any:
        _require_one_space(x, y, weights)
        answers = []
        for i in range(x.shape[-1]):
            same_x, same_y = _same(self, x, i), _same(self, y, i)
            joint = self.sum(same_x * same_y * weights)
            answers.append(self.zero(joint - self.sum(same_x * weights) * self.sum(same_y * weights)))
        return np.logical_and.reduce(np.array(answers), axis=0)

    def conditional_expectation(self: Num, x: Array, y: Array, weights: Array) -> Array:
        _require_one_space(x, y, weights)
        columns = []
        for i in range(x.shape[-1]):
            chances = _same(self, y, i) * weights
            chance = self.sum(chances)
            null = self.zero(chance)
            mean = self.where(null, chance, self.sum(chances * x) / self.where(null, chance * 0 + 1, chance))
            columns.append(np.asarray(mean)[..., None])
        return self.concatenate(columns, -1)


def _same(num: Num, y: Array, i: int) -> Array:
    """1 where y has its value number i and 0 elsewhere, (..., K)."""
    equal = [num.indicator(at_most(num.absolute(y[..., j] - y[..., i]), 0)) for j in range(y.shape[-1])]
    return np.stack([np.asarray(one) for one in equal], axis=-1)


def _require_one_space(x: Array, y: Array, weights: Array) -> None:
    if not x.shape[-1] == y.shape[-1] == weights.shape[-1]:
        raise Undefined(
            f"random variables with {x.shape[-1]} and {y.shape[-1]} values and {weights.shape[-1]} probabilities: "
            f"give one for each outcome"
        )


def _scalar(x: Any) -> Any:
    """A number, also where an object array of no axes holds it."""
    return x.item() if isinstance(x, np.ndarray) and x.ndim == 0 else x
