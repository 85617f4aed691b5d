"""Textbook, 11.2.5: the trade-off of Lemma 11.31, and the rank for a task (Definition 11.23)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import Array
from theorems.claim import Source
from theorems.facts import not_needed
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.textbook.spectra.cases import ChoiceCase, TaskCase
from theorems.texts.textbook.spectra.matrices import distinct_values, truncated, verified

Steps = Iterator[Suppose | Conclude]


# Lemma 11.31 ---------------------------------------------------------------------------------------------------------


def risk(W: Array, case: TaskCase, num: Num) -> Any:
    """||W - W_opt||_F^2: the generalisation error beyond its least value, for inputs with E x x^T = I."""
    return num.frobenius_norm_squared(W - case.optimum)


def trade_off_for_some_terms(case: TaskCase, num: Num) -> Steps:
    """Lemma 11.31 as printed: E(W_k) <= E(W*) + E_bias(k) - E_variance(k), with two terms that are nowhere defined.

    If any terms will do, it says nothing: E_bias = max(0, E(W_k) - E(W*)) and E_variance = 0 always satisfy it, and
    so do both increased by the same amount.  That is what is checked here.

    Conclusion  these two terms are non-negative and satisfy the inequality, for every k
    """
    case = verified(case, num)
    base = risk(case.decomposition.matrix, case, num)
    for k in range(case.decomposition.s.shape[-1] + 1):
        here = risk(truncated(case.decomposition, k), case, num)
        bias = num.maximum(here - base, num.number(0))
        yield conclude(at_most(num.number(0), bias, scale=base + here), "the bias term is not negative")
        yield conclude(at_most(here, base + bias, scale=base + here), "the inequality holds for these terms")


def trade_off_with_natural_terms(case: TaskCase, num: Num) -> Steps:
    """Lemma 11.31 with the terms that the text describes: the bias is what truncation changes, the variance gain not
    negative.

    E_bias(k) = ||W* - W_k||_F^2, the approximation error in the metric of the risk; E_variance(k) >= 0.  Then the claim
    implies E(W_k) <= E(W*) + ||W* - W_k||_F^2.

    Hypotheses  the singular values differ, so that W_k is unique
    Conclusion  risk(W_k) <= risk(W*) + ||W* - W_k||_F^2, for every k
    """
    case = verified(case, num)
    d = case.decomposition
    yield from distinct_values(d, num)
    base = risk(d.matrix, case, num)
    for k in range(d.s.shape[-1] + 1):
        here, bias = risk(truncated(d, k), case, num), num.norm_squared(d.s[..., k:])
        yield conclude(at_most(here, base + bias), "risk(W_k) <= risk(W*) + bias")


def trade_off_with_a_cross_term(case: TaskCase, num: Num) -> Steps:
    """Lemma 11.31, repaired: the risk is E(W*) + ||W* - W_k||_F^2 + 2 <W_k - W*, W* - W_opt>, exactly.

    The cross term has either sign.  With it, E(W_k) <= (sqrt(E(W*)) + ||W* - W_k||_F)^2: that is the triangle
    inequality, and the most that can be promised for a given W*.

    Margin  relative to E(W*) + ||W* - W_k||_F^2
    """
    case = verified(case, num)
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


def task_rank_exists(case: ChoiceCase, num: Num) -> Steps:
    """Definition 11.23: some rank maximises P(T, r) - lambda Cost(r); the text leaves the range of r open, here it is
    1..R.

    Hypotheses  1 <= r <= R, finitely many ranks
    Conclusion  one of the values is the largest
    """
    values = _objectives(case)
    best = values[0]
    for value in values[1:]:
        best = num.maximum(best, value)
    reached = _count(values, best, num)
    yield conclude(at_most(1, reached), "some rank attains the maximum")


def task_rank_is_unique(case: ChoiceCase, num: Num) -> Steps:
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


def least_task_rank(case: ChoiceCase, num: Num) -> Steps:
    """Definition 11.23, repaired: the *least* rank that maximises the objective, which no larger lambda raises.

    Hypotheses  P does not fall with r, Cost grows with r, lambda > 0
    Conclusion  the least maximiser at 2 lambda is not larger than that at lambda
    """
    yield from _reasonable(case, num)
    one = _first_best(_objectives(case), num)
    two = _first_best(_objectives(ChoiceCase(case.performance, case.cost, 2 * case.weight)), num)
    yield conclude(at_most(two, one), "a higher price asks for no larger rank")


def _reasonable(case: ChoiceCase, num: Num) -> Steps:
    yield suppose(less_than(num.number(0), case.weight[..., 0]), "lambda > 0")
    yield suppose(at_most(case.performance[..., :-1], case.performance[..., 1:]), "P does not fall with r")
    if case.cost.shape[-1] > 1:
        yield suppose(less_than(case.cost[..., :-1], case.cost[..., 1:]), "Cost grows with r")


def _count(values: list[Any], best: Any, num: Num) -> Any:
    answers = [num.indicator(at_most(best, value)) for value in values]
    return sum(answers[1:], answers[0])


def _first_best(values: list[Any], num: Num) -> Any:
    """The position, from 1, of the first largest value."""
    best, where = values[0], values[0] * 0 + 1
    for r, value in enumerate(values[1:], 2):
        larger = num.indicator(less_than(best, value))
        where = num.where(larger, value * 0 + r, where)
        best = num.where(larger, value, best)
    return where


_TRADE = Source("textbook", "Lemma 11.31", "11.2.5")
_TASK = Source("textbook", "Definition 11.23", "11.2.5")

CLAIMS = (
    _TRADE.informal(
        "textbook/lemma-11.31", trade_off_for_some_terms,
        "the bias and variance terms are not defined: for some terms it is a tautology, for natural ones it "
        "is false",
    ),
    _TRADE.false(
        "textbook/lemma-11.31:natural-terms", trade_off_with_natural_terms,
        "a cross term is missing: W* = 1, W_opt = 2, k = 0 gives 4 > 1 + 1, in 1 x 1 matrices",
        repaired_by="textbook/lemma-11.31:repaired",
    ),
    _TRADE.stands(
        "textbook/lemma-11.31:repaired", trade_off_with_a_cross_term,
        "the square of a difference, expanded; Cauchy-Schwarz bounds the cross term",
    ),
    _TASK.gap(
        "textbook/definition-11.23:unique", task_rank_is_unique,
        "a rank may gain exactly what it costs: P = (0, 1), Cost = (0, 1), lambda = 1; one rank alone is unique",
        repaired_by="textbook/definition-11.23:least",
    ),
    _TASK.stands(
        "textbook/definition-11.23:least", least_task_rank,
        "the least maximiser is one number, and a higher price asks for no larger rank",
        about={
            "lambda > 0": not_needed(
                "as P does not fall, the last rank is best for every lambda < 0; for 0 both objectives are P"
            ),
            "P does not fall with r": not_needed(
                "adding the two optimalities gives Cost(two) <= Cost(one), and Cost grows (without both it falls)"
            ),
            "Cost grows with r": not_needed(
                "Cost(two) <= Cost(one) and P(two) >= P(one) for a two beyond one would make both best at both "
                "prices (without both hypotheses it falls)"
            ),
        },
    ),
    _TASK.stands(
        "textbook/definition-11.23.exists", task_rank_exists,
        "finitely many ranks; with r unbounded and lambda = 0 a maximum need not exist",
    ),
)  # fmt: skip
