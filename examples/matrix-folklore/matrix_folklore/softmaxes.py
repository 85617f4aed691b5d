"""Softmax: what it forgets, and what it does not keep."""

from __future__ import annotations

from collections.abc import Iterator

from matrix_folklore.claiming import falls, stands
from theorems import Conclude, MatrixCase, Num, Suppose, at_most, conclude, equal

Steps = Iterator[Suppose | Conclude]


def shifted(case: MatrixCase, num: Num) -> Steps:
    """softmax(X + c) = softmax(X) column by column, for a number c."""
    (X,) = case.matrices
    ones = num.constant([[1] * X.shape[-1]] * X.shape[-2])
    yield conclude(equal(num.softmax(X + ones), num.softmax(X)), "softmax(X + 1) = softmax(X)")


def scaled(case: MatrixCase, num: Num) -> Steps:
    """softmax(2 X) = softmax(X): only the directions of the scores count."""
    (X,) = case.matrices
    yield conclude(equal(num.softmax(X + X), num.softmax(X)), "softmax(2 X) = softmax(X)")


def keeps_rank(case: MatrixCase, num: Num) -> Steps:
    """rank(softmax(X)) <= rank(X)."""
    (X,) = case.matrices
    yield conclude(num.rank(num.softmax(X)) <= num.rank(X), "rank(softmax(X)) <= rank(X)")


def bounded(case: MatrixCase, num: Num) -> Steps:
    """||softmax(X)||_F^2 <= n for n columns: a column of probabilities is no longer than one."""
    (X,) = case.matrices
    bound = num.number(X.shape[-1])
    yield conclude(at_most(num.frobenius_norm_squared(num.softmax(X)), bound), "||softmax(X)||_F^2 <= n")


CLAIMS = (
    stands("softmax.shift", shifted, "e^c cancels"),
    falls("softmax.scale", scaled, "a temperature is no shift", instead="softmax.shift"),
    falls("softmax.rank", keeps_rank, "X = 0 has rank zero, its softmax rank one"),
    stands("softmax.norm", bounded, "the squares of probabilities sum to one at most"),
)
