"""Textbook, 11.2.5: diminishing returns (Lemma 11.32) and adaptive ranks (Theorem 11.20).

The task of a case is to reproduce W on given inputs C (columns): P(r) = -||(W_r - W) C||_F^2, a performance that the
truncated model W_r reaches at r = min(m, n).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from theorems.claim import Source
from theorems.facts import implied, not_needed
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.textbook.spectra.cases import SpectrumCase, TaskCase, ThresholdCase
from theorems.texts.textbook.spectra.matrices import (
    distinct_values,
    energy,
    not_zero,
    threshold_rank,
    truncated,
    verified,
)

Steps = Iterator[Suppose | Conclude]


def task_losses(case: TaskCase, num: Num) -> list[Any]:
    """-P(r) = ||(W_r - W) C||_F^2 for r = 0, ..., min(m, n)."""
    d = case.decomposition
    W = d.matrix
    sizes = range(d.s.shape[-1] + 1)
    return [num.frobenius_norm_squared((truncated(d, r) - W) @ case.inputs) for r in sizes]


# Lemma 11.32 ---------------------------------------------------------------------------------------------------------


def returns_diminish(case: TaskCase, num: Num) -> Steps:
    """Lemma 11.32: P(T, r) - P(T, r - 1) falls with r, for the task of reproducing W on the inputs C.

    Margin  relative to ||W||_F^2 ||C||_F^2
    """
    case = verified(case, num)
    yield from distinct_values(case.decomposition, num)
    losses = task_losses(case, num)
    gains = [losses[r] - losses[r + 1] for r in range(len(losses) - 1)]
    scale = num.norm_squared(case.decomposition.s) * num.frobenius_norm_squared(case.inputs)
    for first, second in itertools.pairwise(gains):
        yield conclude(at_most(second, first, scale=scale), "the gain of rank r + 1 is not above that of rank r")
    yield conclude(at_most(num.number(0), losses[0]), "there is a performance")


def leading_directions_matter_most(case: TaskCase, num: Num) -> Steps:
    """Lemma 11.32, its reason: the leading singular direction contributes most to the task's performance.

    Hypotheses  the singular values differ
    Conclusion  ||sigma_1 u_1 v_1^T C||_F >= ||sigma_i u_i v_i^T C||_F for every i
    """
    case = verified(case, num)
    d = case.decomposition
    yield from distinct_values(case.decomposition, num)
    shares = [
        d.s[..., i] * d.s[..., i] * num.norm_squared(num.apply(case.inputs.mT, d.V[..., :, i]))
        for i in range(d.s.shape[-1])
    ]
    scale = num.norm_squared(d.s) * num.frobenius_norm_squared(case.inputs)
    for share in shares:
        yield conclude(at_most(share, shares[0], scale=scale), "no direction contributes more than the first")


def energy_returns_diminish(case: SpectrumCase, num: Num) -> Steps:
    """Lemma 11.32, repaired for the performance E(r), isotropic inputs: the gain sigma_r^2 / ||W||_F^2 does not grow.

    "Falls" in the weak sense: equal singular values give equal gains.  The gains are taken of the truncated matrices.

    Hypotheses  W != 0
    """
    W, d = case.matrix, num.svd(case.matrix)
    yield from not_zero(d, num)
    whole = num.frobenius_norm_squared(W)
    shares = [num.frobenius_norm_squared(truncated(d, r)) / whole for r in range(d.s.shape[-1] + 1)]
    for r in range(len(shares) - 2):
        yield conclude(
            at_most(shares[r + 2] - shares[r + 1], shares[r + 1] - shares[r], scale=num.number(1)),
            "E gains less and less",
        )
    yield conclude(equal(shares[-1], num.number(1), scale=num.number(1)), "E(min(m, n)) = 1")


def energy_returns_fall_strictly(case: SpectrumCase, num: Num) -> Steps:
    """Lemma 11.32 for the performance E(r), in the strict sense: each further rank gains less than the one before.

    Hypotheses  W != 0; rank(W) = min(m, n)
    """
    d = num.svd(case.matrix)
    yield from not_zero(d, num)
    yield suppose(less_than(num.number(0), d.s[..., -1]), "no singular value is zero")
    for i in range(d.s.shape[-1] - 1):
        yield conclude(less_than(d.s[..., i + 1], d.s[..., i], scale=d.s[..., 0]), "sigma_{i+1} < sigma_i")
    yield conclude(at_most(num.number(0), energy(d.s, 0, num) + 1), "there is a performance")


# Theorem 11.20 -------------------------------------------------------------------------------------------------------


def adaptive_rank_exists(case: ThresholdCase, num: Num) -> Steps:
    """Theorem 11.20: the least k with E(k) >= tau exists, and W_k keeps the share tau of the energy.

    Hypotheses  W != 0; 0 < tau <= 1
    """
    d, tau = num.svd(case.matrix), case.threshold[..., 0]
    yield from not_zero(d, num)
    yield suppose(less_than(num.number(0), tau), "tau > 0")
    yield suppose(at_most(tau, num.number(1)), "tau <= 1")
    k = threshold_rank(d.s, tau, num)
    W = case.matrix
    kept = d.U @ num.selector(d.s.shape[-1], 1, k) @ num.diagonal(d.s) @ d.V.mT
    whole = num.frobenius_norm_squared(W)
    yield conclude(at_most(1, k), "k >= 1")
    yield conclude(at_most(tau * whole, num.frobenius_norm_squared(kept), scale=whole), "E(k) >= tau")


def adaptive_rank_is_optimal(case: TaskCase, num: Num) -> Steps:
    """Theorem 11.20, "optimal": the least k with E(k) >= tau maximises the objective of Definition 11.23 for a task.

    P(r) = -||(W_r - W) C||_F^2 and lambda Cost(r) = price x r.

    Hypotheses  W != 0; 0 < tau < 1; price > 0; the singular values differ
    Conclusion  no rank r = 0, ..., min(m, n) has a larger objective
    """
    case = verified(case, num)
    d, tau, price = case.decomposition, case.threshold[..., 0], case.price[..., 0]
    yield from not_zero(d, num)
    yield suppose(less_than(num.number(0), tau), "tau > 0")
    yield suppose(less_than(tau, num.number(1)), "tau < 1")
    yield suppose(less_than(num.number(0), price), "price > 0")
    yield from distinct_values(d, num)
    losses = task_losses(case, num)
    totals = [loss + r * price for r, loss in enumerate(losses)]
    k = threshold_rank(d.s, tau, num)
    chosen = totals[0]
    for r, total in enumerate(totals[1:], 1):
        chosen = num.where(k >= r, total, chosen)
    for total in totals:
        yield conclude(at_most(chosen, total), "no rank has a larger objective")


def adaptive_rank_is_least(case: ThresholdCase, num: Num) -> Steps:
    """Theorem 11.20, "optimal", repaired: no matrix of smaller rank keeps the relative Frobenius error within sqrt(1
    - tau).

    Eckart-Young: a competitor of rank q has ||W - B A||_F^2 >= sum_{i>q} sigma_i^2 = (1 - E(q)) ||W||_F^2.

    Hypotheses  W != 0; 0 < tau < 1; the competitor has rank at most q < k, the least with E(k) >= tau
    Conclusion  ||W - B A||_F^2 > (1 - tau) ||W||_F^2
    """
    d, tau = num.svd(case.matrix), case.threshold[..., 0]
    yield from not_zero(d, num)
    yield suppose(less_than(num.number(0), tau), "tau > 0")
    yield suppose(less_than(tau, num.number(1)), "tau < 1")
    q = case.competitor.A.shape[-2]
    yield suppose(threshold_rank(d.s, tau, num) > q, "q < k")
    whole = num.frobenius_norm_squared(case.matrix)
    error = num.frobenius_norm_squared(case.matrix - case.competitor.matrix)
    yield conclude(less_than((1 - tau) * whole, error), "the competitor errs more")


_RETURNS = Source("textbook", "Lemma 11.32", "11.2.5")
_ADAPTIVE = Source("textbook", "Theorem 11.20", "11.2.5")

CLAIMS = (
    _RETURNS.false(
        "textbook/lemma-11.32", returns_diminish,
        "a task may use the second direction alone: W = diag(2, 1), input e_2, gains 0, then 1; one "
        "rank has one gain",
        place="Lemma 11.32", printed="P(T, r) - P(T, r-1) falls with r", repaired_by="textbook/lemma-11.32:repaired",
    ),
    _RETURNS.false(
        "textbook/lemma-11.32.reason", leading_directions_matter_most,
        "importance for the weights is not importance for the task: input e_2 meets v_2 only; 2 x 2",
        place="Lemma 11.32, second sentence", printed="the directions kept first contribute most to the task",
        repaired_by="textbook/lemma-11.32:repaired",
    ),
    _RETURNS.gap(
        "textbook/lemma-11.32:strict", energy_returns_fall_strictly,
        "equal singular values gain alike: the 2 x 2 identity; one value has no successor",
        repaired_by="textbook/lemma-11.32:repaired",
    ),
    _RETURNS.stands(
        "textbook/lemma-11.32:repaired", energy_returns_diminish,
        "the gain of rank r is sigma_r^2 / ||W||_F^2, and these descend",
    ),
    _ADAPTIVE.stands("textbook/theorem-11.20", adaptive_rank_exists, "E grows from 0 to 1"),
    _ADAPTIVE.false(
        "textbook/theorem-11.20.optimal", adaptive_rank_is_optimal,
        "the spectrum of W knows neither the task nor the price: a 1 x 1 matrix with a price above its worth",
        place="Theorem 11.20", printed="the smallest k with E(k) >= tau is the optimal rank",
        repaired_by="textbook/theorem-11.20.optimal:repaired",
    ),
    _ADAPTIVE.stands(
        "textbook/theorem-11.20.optimal:repaired", adaptive_rank_is_least,
        "Eckart-Young: it is the least rank for that Frobenius error, which is what E measures",
        about={
            "tau > 0": implied("q < k", "for tau <= 0 the least k with E(k) >= tau is 0"),
            "tau < 1": not_needed(
                "for tau = 1, k is the rank and a smaller one errs; beyond, the left side is negative"
            ),
        },
    ),
)  # fmt: skip
