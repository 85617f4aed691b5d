"""Textbook, 11.2.5, Corollary 11.7: fewer samples, and overfitting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import CountCase
from theorems.claim import Source
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.textbook.spectra.cases import SampleCase
from theorems.texts.textbook.training.cases import MinibatchCase, RegressionCase

Steps = Iterator[Suppose | Conclude]


def fewer_samples_by_the_bound(case: CountCase, num: Num) -> Steps:
    """Corollary 11.7, "fewer samples": the bound of Theorem 11.19 for rank r with r N samples is that for full rank
    with min(m, n) N samples.

    So the samples that bring the bound down to a given size are proportional to r.

    Hypotheses  1 <= r < min(m, n), N >= 1
    Conclusion  r min(m, n) / (r N) = min(m, n)^2 / (min(m, n) N), and rank r has the smaller bound at equal samples
    """
    m, n, r, N = case.values
    k = min(m, n)
    yield suppose(1 <= r < k, "1 <= r < min(m, n)")
    yield suppose(N >= 1, "N >= 1")
    low, full = num.number(r * k, r * N), num.number(k * k, k * N)  # squares of the bounds, over sigma_max^2
    yield conclude(equal(low, full), "r N samples do for rank r what min(m, n) N do for full rank")
    yield conclude(less_than(num.number(r * k, N), num.number(k * k, N)), "a smaller bound at equal samples")


def samples_determine(case: SampleCase, num: Num) -> Steps:
    """Corollary 11.7, "fewer samples", read of every sample: as many functionals <W, X_i> as a matrix of rank r has
    degrees of freedom determine it, fewer than all m n.

    Hypotheses  W has rank r at most; r < min(m, n); r (m + n - r) <= N < m n; the X_i are independent;
                <W, X_i> = 0 for every i
    Conclusion  W = 0, as for the matrix zero, which gives the same values
    """
    W, (m, n) = case.weight.matrix, case.inputs[0].shape[-2:]
    r, N = case.rank, len(case.inputs)
    yield suppose(r < min(m, n), "r < min(m, n)")
    yield suppose(r * (m + n - r) <= N < m * n, "r (m + n - r) <= N < m n")
    rows = [num.concatenate([X[..., j : j + 1, :] for j in range(m)], -1) for X in case.inputs]
    yield suppose(equal(num.rank(num.concatenate(rows, -2)), N), "the X_i are independent")
    scale = num.frobenius_norm(W)
    for X in case.inputs:
        seen = num.trace(W.mT @ X)
        yield suppose(equal(seen, num.number(0), scale=scale * num.frobenius_norm(X)), "<W, X_i> = 0")
    yield conclude(equal(W, 0 * W, scale=scale), "W = 0")


def rank_leaves_an_error(case: RegressionCase, num: Num) -> Steps:
    """Corollary 11.7, "can prevent overfitting": W of rank r leaves the targets that exceed rank r, whatever the
    inputs: ||W X - Y||_F^2 >= sum_{i > r} sigma_i(Y)^2.

    rank(W X) <= r, and no matrix of rank r is nearer to Y (Eckart, Young and Mirsky).

    Hypotheses  W is cut to rank r, for r = 0..min(m, n)
    """
    X, Y, start = case.inputs.matrix, case.targets, case.start
    k = start.s.shape[-1]
    for r in range(k + 1):
        W = (start.U[..., :r] * start.s[..., None, :r]) @ start.V[..., :r].mT
        left = num.frobenius_norm_squared(Y)
        for i in range(1, min(r, *Y.shape[-2:]) + 1):
            value = num.singular_value(Y, i)
            left = left - value * value
        error = num.frobenius_norm_squared(W @ X - Y)
        yield conclude(
            at_most(left, error, scale=num.frobenius_norm_squared(W @ X) + num.frobenius_norm_squared(Y)),
            "||W X - Y||^2 >= sum_{i > r} sigma_i(Y)^2",
        )


def _interpolating(case: MinibatchCase, num: Num) -> Any:
    """The least w with w^T x_i = y_i for every i, for independent x_i."""
    X = case.inputs
    return num.apply(X.mT, num.solve(X @ X.mT, case.outputs[..., None])[..., 0])


def rank_one_cannot_fit(case: MinibatchCase, num: Num) -> Steps:
    """Corollary 11.7, "prevent overfitting", for labels in one output: W of rank one, m x n with m, n >= 2, cannot fit
    any labels of as many samples as there are inputs.

    W = e_1 w^T has rank one, and w is free: with independent inputs there is one w for any labels.

    Hypotheses  n >= 2; N = n independent inputs; not all labels are zero
    Conclusion  the least error of such a W is positive
    """
    N, n = case.inputs.shape[-2:]
    yield suppose(n >= 2, "n >= 2")
    yield suppose(n == N, "as many samples as inputs")
    yield suppose(num.nonsingular(case.inputs @ case.inputs.mT), "the inputs are independent")
    size = num.norm(case.outputs)
    yield suppose(less_than(num.number(0), size), "not all labels are zero")
    error = num.norm(num.apply(case.inputs, _interpolating(case, num)) - case.outputs)
    yield conclude(less_than(num.number(0), error, scale=size), "the least error is positive")


_SOURCE = Source("textbook", "Corollary 11.7", "11.2.5")

CLAIMS = (
    _SOURCE.stands(
        "textbook/corollary-11.7.samples", fewer_samples_by_the_bound, "the squared bound is proportional to r / N",
    ),
    _SOURCE.false(
        "textbook/corollary-11.7.samples:every-sample", samples_determine,
        "three of the four entries of a 2 x 2 matrix of rank one do not show the last: zero and E_22 agree; "
        "r < min(m, n) needs 2 x 2",
        repaired_by="textbook/corollary-11.7.samples",
    ),
    _SOURCE.stands(
        "textbook/corollary-11.7.overfitting", rank_leaves_an_error,
        "rank(W X) <= r; with one output, or targets of rank r, the floor is zero: :one-output",
    ),
    _SOURCE.false(
        "textbook/corollary-11.7.overfitting:one-output", rank_one_cannot_fit,
        "e_1 w^T has rank one and fits any labels of n independent inputs: n = N = 2",
        repaired_by="textbook/corollary-11.7.overfitting",
    ),
)  # fmt: skip
