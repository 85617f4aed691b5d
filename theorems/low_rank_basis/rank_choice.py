"""Textbook, 11.2.5: Lemma 11.31, the rank for a task (Definition 11.23), diminishing returns, adaptive ranks.

The task of a case is to reproduce W on given inputs C (columns): P(r) = -||(W_r - W) C||_F^2, a performance that the
truncated model W_r reaches at r = min(m, n).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import Array
from theorems.claim import Claim, Source, Verdict
from theorems.low_rank_basis.spectra import energy, not_zero, threshold_rank, truncated
from theorems.low_rank_basis.spectral_cases import ChoiceCase, SpectrumCase, TaskCase, ThresholdCase
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose

Steps = Iterator[Suppose | Conclude]


def task_losses(case: TaskCase, num: Any) -> list[Any]:
    """-P(r) = ||(W_r - W) C||_F^2 for r = 0, ..., min(m, n)."""
    d = case.decomposition
    W = d.matrix
    sizes = range(d.s.shape[-1] + 1)
    return [num.frobenius_norm_squared((truncated(d, r) - W) @ case.inputs) for r in sizes]


# Lemma 11.31 ---------------------------------------------------------------------------------------------------------


def risk(W: Array, case: TaskCase, num: Any) -> Any:
    """||W - W_opt||_F^2: the generalisation error beyond its least value, for inputs with E x x^T = I."""
    return num.frobenius_norm_squared(W - case.optimum)


def trade_off_for_some_terms(case: TaskCase, num: Any) -> Steps:
    """Lemma 11.31 as printed: E(W_k) <= E(W*) + E_bias(k) - E_variance(k), with two terms that are nowhere defined.

    If any terms will do, it says nothing: E_bias = max(0, E(W_k) - E(W*)) and E_variance = 0 always satisfy it, and so do
    both increased by the same amount.  That is what is checked here.

    Conclusion  these two terms are non-negative and satisfy the inequality, for every k
    """
    base = risk(case.decomposition.matrix, case, num)
    for k in range(case.decomposition.s.shape[-1] + 1):
        here = risk(truncated(case.decomposition, k), case, num)
        bias = num.maximum(here - base, num.number(0))
        yield conclude(at_most(num.number(0), bias, scale=base + here), "the bias term is not negative")
        yield conclude(at_most(here, base + bias, scale=base + here), "the inequality holds for these terms")


def trade_off_with_natural_terms(case: TaskCase, num: Any) -> Steps:
    """Lemma 11.31 with the terms that the text describes: the bias is what truncation changes, the variance gain not negative.

    E_bias(k) = ||W* - W_k||_F^2, the approximation error in the metric of the risk; E_variance(k) >= 0.  Then the claim
    implies E(W_k) <= E(W*) + ||W* - W_k||_F^2.

    Conclusion  risk(W_k) <= risk(W*) + ||W* - W_k||_F^2, for every k
    """
    d = case.decomposition
    base = risk(d.matrix, case, num)
    for k in range(d.s.shape[-1] + 1):
        here, bias = risk(truncated(d, k), case, num), num.norm_squared(d.s[..., k:])
        yield conclude(at_most(here, base + bias), "risk(W_k) <= risk(W*) + bias")


def trade_off_with_a_cross_term(case: TaskCase, num: Any) -> Steps:
    """Lemma 11.31, repaired: the risk is E(W*) + ||W* - W_k||_F^2 + 2 <W_k - W*, W* - W_opt>, exactly.

    The cross term has either sign.  With it, E(W_k) <= (sqrt(E(W*)) + ||W* - W_k||_F)^2: that is the triangle inequality,
    and the most that can be promised for a given W*.

    Margin  relative to E(W*) + ||W* - W_k||_F^2
    """
    d = case.decomposition
    W = d.matrix
    base = risk(W, case, num)
    for k in range(d.s.shape[-1] + 1):
        W_k = truncated(d, k)
        here, bias = risk(W_k, case, num), num.norm_squared(d.s[..., k:])
        cross = 2 * num.trace((W_k - W).mT @ (W - case.optimum))
        yield conclude(equal(here, base + bias + cross, scale=base + bias), "the risk of W_k")
        # (cross / 2)^2 <= E(W*) ||W* - W_k||^2 is the triangle inequality without its roots
        yield conclude(at_most(cross * cross, 4 * base * bias, scale=(base + bias) * (base + bias)), "Cauchy-Schwarz")


# Definition 11.23 ----------------------------------------------------------------------------------------------------


def _objectives(case: ChoiceCase) -> list[Any]:
    weight = case.weight[..., 0]
    return [case.performance[..., i] - weight * case.cost[..., i] for i in range(case.cost.shape[-1])]


def task_rank_exists(case: ChoiceCase, num: Any) -> Steps:
    """Definition 11.23: some rank maximises P(T, r) - lambda Cost(r); the text leaves the range of r open, here it is 1..R.

    Hypotheses  1 <= r <= R, finitely many ranks
    Conclusion  one of the values is the largest
    """
    values = _objectives(case)
    best = values[0]
    for value in values[1:]:
        best = num.maximum(best, value)
    reached = _count(values, best, num)
    yield conclude(at_most(1, reached), "some rank attains the maximum")


def task_rank_is_unique(case: ChoiceCase, num: Any) -> Steps:
    """Definition 11.23: r* is *the* rank that maximises P(T, r) - lambda Cost(r).

    Hypotheses  P does not fall with r, Cost grows with r, lambda > 0
    Conclusion  exactly one rank attains the maximum
    """
    yield from _reasonable(case, num)
    values = _objectives(case)
    best = values[0]
    for value in values[1:]:
        best = num.maximum(best, value)
    yield conclude(equal(_count(values, best, num), 1), "one rank attains the maximum")


def least_task_rank(case: ChoiceCase, num: Any) -> Steps:
    """Definition 11.23, repaired: the *least* rank that maximises the objective, which no larger lambda raises.

    Hypotheses  P does not fall with r, Cost grows with r, lambda > 0
    Conclusion  the least maximiser at 2 lambda is not larger than that at lambda
    """
    yield from _reasonable(case, num)
    one = _first_best(_objectives(case), num)
    two = _first_best(_objectives(ChoiceCase(case.performance, case.cost, 2 * case.weight)), num)
    yield conclude(at_most(two, one), "a higher price asks for no larger rank")


def _reasonable(case: ChoiceCase, num: Any) -> Steps:
    yield suppose(less_than(num.number(0), case.weight[..., 0]), "lambda > 0")
    yield suppose(at_most(case.performance[..., :-1], case.performance[..., 1:]), "P does not fall with r")
    if case.cost.shape[-1] > 1:
        yield suppose(less_than(case.cost[..., :-1], case.cost[..., 1:]), "Cost grows with r")


def _count(values: list[Any], best: Any, num: Any) -> Any:
    answers = [(value >= best) * 1 for value in values]
    return sum(answers[1:], answers[0])


def _first_best(values: list[Any], num: Any) -> Any:
    """The position, from 1, of the first largest value."""
    best, where = values[0], values[0] * 0 + 1
    for r, value in enumerate(values[1:], 2):
        larger = value > best
        where = num.where(larger, value * 0 + r, where)
        best = num.where(larger, value, best)
    return where


# Lemma 11.32 ---------------------------------------------------------------------------------------------------------


def returns_diminish(case: TaskCase, num: Any) -> Steps:
    """Lemma 11.32: P(T, r) - P(T, r - 1) falls with r, for the task of reproducing W on the inputs C.

    Margin  relative to ||W||_F^2 ||C||_F^2
    """
    losses = task_losses(case, num)
    gains = [losses[r] - losses[r + 1] for r in range(len(losses) - 1)]
    scale = num.norm_squared(case.decomposition.s) * num.frobenius_norm_squared(case.inputs)
    for first, second in zip(gains, gains[1:], strict=False):
        yield conclude(at_most(second, first, scale=scale), "the gain of rank r + 1 is not above that of rank r")
    yield conclude(at_most(num.number(0), losses[0]), "there is a performance")


def leading_directions_matter_most(case: TaskCase, num: Any) -> Steps:
    """Lemma 11.32, its reason: the leading singular direction contributes most to the task's performance.

    Conclusion  ||sigma_1 u_1 v_1^T C||_F >= ||sigma_i u_i v_i^T C||_F for every i
    """
    d = case.decomposition
    shares = [d.s[..., i] * d.s[..., i] * num.norm_squared(num.apply(case.inputs.mT, d.V[..., :, i])) for i in range(d.s.shape[-1])]
    scale = num.norm_squared(d.s) * num.frobenius_norm_squared(case.inputs)
    for share in shares:
        yield conclude(at_most(share, shares[0], scale=scale), "no direction contributes more than the first")


def energy_returns_diminish(case: SpectrumCase, num: Any) -> Steps:
    """Lemma 11.32, repaired for the performance E(r), isotropic inputs: the gain sigma_r^2 / ||W||_F^2 does not grow.

    "Falls" in the weak sense: equal singular values give equal gains.  The gains are taken of the truncated matrices.

    Hypotheses  W != 0
    """
    W, d = case.matrix, case.decomposition
    yield from not_zero(d, num)
    whole = num.frobenius_norm_squared(W)
    shares = [num.frobenius_norm_squared(truncated(d, r)) / whole for r in range(d.s.shape[-1] + 1)]
    for r in range(len(shares) - 2):
        yield conclude(
            at_most(shares[r + 2] - shares[r + 1], shares[r + 1] - shares[r], scale=num.number(1)), "E gains less and less"
        )
    yield conclude(equal(shares[-1], num.number(1), scale=num.number(1)), "E(min(m, n)) = 1")


def energy_returns_fall_strictly(case: SpectrumCase, num: Any) -> Steps:
    """Lemma 11.32 for the performance E(r), in the strict sense: each further rank gains less than the one before.

    Hypotheses  W != 0; rank(W) = min(m, n)
    """
    d = case.decomposition
    yield from not_zero(d, num)
    yield suppose(less_than(num.number(0), d.s[..., -1]), "no singular value is zero")
    for i in range(d.s.shape[-1] - 1):
        yield conclude(less_than(d.s[..., i + 1], d.s[..., i], scale=d.s[..., 0]), "sigma_{i+1} < sigma_i")
    yield conclude(at_most(num.number(0), energy(d.s, 0, num) + 1), "there is a performance")


# Theorem 11.20 -------------------------------------------------------------------------------------------------------


def adaptive_rank_exists(case: ThresholdCase, num: Any) -> Steps:
    """Theorem 11.20: the least k with E(k) >= tau exists, and W_k keeps the share tau of the energy.

    Hypotheses  W != 0; 0 < tau <= 1
    """
    d, tau = case.decomposition, case.threshold[..., 0]
    yield from not_zero(d, num)
    yield suppose(less_than(num.number(0), tau), "tau > 0")
    yield suppose(at_most(tau, num.number(1)), "tau <= 1")
    k = threshold_rank(d.s, tau, num)
    W = case.matrix
    kept = d.U @ num.selector(d.s.shape[-1], 1, k) @ num.diagonal(d.s) @ d.V.mT
    whole = num.frobenius_norm_squared(W)
    yield conclude(at_most(1, k), "k >= 1")
    yield conclude(at_most(tau * whole, num.frobenius_norm_squared(kept), scale=whole), "E(k) >= tau")


def adaptive_rank_is_optimal(case: TaskCase, num: Any) -> Steps:
    """Theorem 11.20, "optimal": the least k with E(k) >= tau maximises the objective of Definition 11.23 for a task.

    P(r) = -||(W_r - W) C||_F^2 and lambda Cost(r) = price x r.

    Hypotheses  W != 0; 0 < tau < 1; price > 0
    Conclusion  no rank r = 0, ..., min(m, n) has a larger objective
    """
    d, tau, price = case.decomposition, case.threshold[..., 0], case.price[..., 0]
    yield from not_zero(d, num)
    yield suppose(less_than(num.number(0), tau), "tau > 0")
    yield suppose(less_than(tau, num.number(1)), "tau < 1")
    yield suppose(less_than(num.number(0), price), "price > 0")
    losses = task_losses(case, num)
    totals = [loss + r * price for r, loss in enumerate(losses)]
    k = threshold_rank(d.s, tau, num)
    chosen = totals[0]
    for r, total in enumerate(totals[1:], 1):
        chosen = num.where(k >= r, total, chosen)
    for total in totals:
        yield conclude(at_most(chosen, total), "no rank has a larger objective")


def adaptive_rank_is_least(case: ThresholdCase, num: Any) -> Steps:
    """Theorem 11.20, "optimal", repaired: no matrix of smaller rank keeps the relative Frobenius error within sqrt(1 - tau).

    Eckart-Young: a competitor of rank q has ||W - B A||_F^2 >= sum_{i>q} sigma_i^2 = (1 - E(q)) ||W||_F^2.

    Hypotheses  W != 0; 0 < tau < 1; the competitor has rank at most q < k, the least with E(k) >= tau
    Conclusion  ||W - B A||_F^2 > (1 - tau) ||W||_F^2
    """
    d, tau = case.decomposition, case.threshold[..., 0]
    yield from not_zero(d, num)
    yield suppose(less_than(num.number(0), tau), "tau > 0")
    yield suppose(less_than(tau, num.number(1)), "tau < 1")
    q = case.competitor.A.shape[-2]
    yield suppose(threshold_rank(d.s, tau, num) > q, "q < k")
    whole = num.frobenius_norm_squared(case.matrix)
    error = num.frobenius_norm_squared(case.matrix - case.competitor.matrix)
    yield conclude(less_than((1 - tau) * whole, error), "the competitor errs more")


_TRADE = Source("textbook", "Lemma 11.31", "11.2.5")
_TASK = Source("textbook", "Definition 11.23", "11.2.5")
_RETURNS = Source("textbook", "Lemma 11.32", "11.2.5")
_ADAPTIVE = Source("textbook", "Theorem 11.20", "11.2.5")

CLAIMS = (
    Claim(
        key="textbook/lemma-11.31",
        statement=trade_off_for_some_terms,
        source=_TRADE,
        verdict=Verdict.INFORMAL,
        reason="the bias and variance terms are not defined: for some terms it is a tautology, for natural ones it is false",
    ),
    Claim(
        key="textbook/lemma-11.31:natural-terms",
        statement=trade_off_with_natural_terms,
        source=_TRADE,
        verdict=Verdict.REFUTED,
        reason="a cross term is missing: W* = 1, W_opt = 2, k = 0 gives 4 > 1 + 1, in 1 x 1 matrices",
        repaired_by="textbook/lemma-11.31:repaired",
    ),
    Claim(
        key="textbook/lemma-11.31:repaired",
        statement=trade_off_with_a_cross_term,
        source=_TRADE,
        verdict=Verdict.CORROBORATED,
        reason="the square of a difference, expanded; Cauchy-Schwarz bounds the cross term",
    ),
    Claim(
        key="textbook/definition-11.23",
        statement=task_rank_is_unique,
        source=_TASK,
        verdict=Verdict.REFUTED,
        reason="a rank may gain exactly what it costs: P = (0, 1), Cost = (1, 2), lambda = 1; one rank alone is unique",
        repaired_by="textbook/definition-11.23:least",
    ),
    Claim(
        key="textbook/definition-11.23:least",
        statement=least_task_rank,
        source=_TASK,
        verdict=Verdict.CORROBORATED,
        reason="the least maximiser is one number, and a higher price asks for no larger rank",
    ),
    Claim(
        key="textbook/definition-11.23.exists",
        statement=task_rank_exists,
        source=_TASK,
        verdict=Verdict.CORROBORATED,
        reason="finitely many ranks; with r unbounded and lambda = 0 a maximum need not exist",
    ),
    Claim(
        key="textbook/lemma-11.32",
        statement=returns_diminish,
        source=_RETURNS,
        verdict=Verdict.REFUTED,
        reason="a task may use the second direction alone: W = I, input e_2, gains 0, then 1; one rank has one gain",
        repaired_by="textbook/lemma-11.32:repaired",
    ),
    Claim(
        key="textbook/lemma-11.32.reason",
        statement=leading_directions_matter_most,
        source=_RETURNS,
        verdict=Verdict.REFUTED,
        reason="importance for the weights is not importance for the task: input e_2 meets v_2 only; 2 x 2",
        repaired_by="textbook/lemma-11.32:repaired",
    ),
    Claim(
        key="textbook/lemma-11.32:strict",
        statement=energy_returns_fall_strictly,
        source=_RETURNS,
        verdict=Verdict.REFUTED,
        reason="equal singular values gain alike: the 2 x 2 identity; one value has no successor",
        repaired_by="textbook/lemma-11.32:repaired",
    ),
    Claim(
        key="textbook/lemma-11.32:repaired",
        statement=energy_returns_diminish,
        source=_RETURNS,
        verdict=Verdict.CORROBORATED,
        reason="the gain of rank r is sigma_r^2 / ||W||_F^2, and these descend",
    ),
    Claim(
        key="textbook/theorem-11.20",
        statement=adaptive_rank_exists,
        source=_ADAPTIVE,
        verdict=Verdict.CORROBORATED,
        reason="E grows from 0 to 1",
    ),
    Claim(
        key="textbook/theorem-11.20.optimal",
        statement=adaptive_rank_is_optimal,
        source=_ADAPTIVE,
        verdict=Verdict.REFUTED,
        reason="the spectrum of W knows neither the task nor the price: a 1 x 1 matrix with a price above its worth",
        repaired_by="textbook/theorem-11.20.optimal:repaired",
    ),
    Claim(
        key="textbook/theorem-11.20.optimal:repaired",
        statement=adaptive_rank_is_least,
        source=_ADAPTIVE,
        verdict=Verdict.CORROBORATED,
        reason="Eckart-Young: it is the least rank for that Frobenius error, which is what E measures",
    ),
)
