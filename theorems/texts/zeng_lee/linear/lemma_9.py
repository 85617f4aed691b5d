"""Zeng and Lee, Appendix D, Lemma 9: the statements of Lemma 10 with one rank R for all layers."""

from __future__ import annotations

from collections.abc import Iterator

from theorems.models.linear import LinearCase
from theorems.num import Num
from theorems.statement import Conclude, Suppose, suppose
from theorems.texts.zeng_lee.linear.linear_models import exactness as exactness_of_10
from theorems.texts.zeng_lee.linear.linear_models import value as value_of_10
from theorems.texts.zeng_lee.linear.optimal_solutions import optimal_solution as optimal_solution_of_10
from theorems.texts.zeng_lee.linear.optimal_solutions import optimal_solution_with_a_gap as gap_of_10

Steps = Iterator[Suppose | Conclude]

ONE_RANK = "all R_l are one R"


def one_rank(case: LinearCase) -> Steps:
    """R_1 = ... = R_L: a counterexample to Lemma 9 has one R."""
    yield suppose(len(set(case.ranks)) == 1, ONE_RANK)


def value(case: LinearCase, num: Num) -> Steps:
    """Lemma 9, value: the least spectral error of adapters of rank R is sigma_{RL+1}(E).

    Hypotheses    one R for all layers; every W_l is non-singular; prod W + LR_r(E) is non-singular for r <= R (L - 1)
    Construction  equation (8)
    Conclusion    some adapters attain sigma_{RL+1}(E), and none do better
    """
    yield from one_rank(case)
    yield from value_of_10(case, num)


def exactness(case: LinearCase, num: Num) -> Steps:
    """Lemma 9, exactness: from R >= ceil(rank(E) / L) on, adapters represent the target exactly.

    Hypotheses    one R for all layers; those of the lemma; R L >= rank(E)
    Construction  equation (8)
    Conclusion    prod (W_l + Delta W_l) = target for some adapters
    """
    yield from one_rank(case)
    yield from exactness_of_10(case, num)


def optimal_solution(case: LinearCase, num: Num) -> Steps:
    """Lemma 9, "the optimal solution": every optimal choice of adapters has the same product.

    Hypotheses  one R for all layers; those of the lemma; the competing adapters attain the least spectral error
    Conclusion  their product is prod W + LR_{RL ^ rank(E)}(E)
    """
    yield from one_rank(case)
    yield from optimal_solution_of_10(case, num)


def optimal_solution_with_a_gap(case: LinearCase, num: Num) -> Steps:
    """Lemma 9, "the optimal solution", where LR is well defined: sigma_{RL} > sigma_{RL+1}.

    Hypotheses  as before, and the gap
    """
    yield from one_rank(case)
    yield from gap_of_10(case, num)
