"""One expression of a claim replaced, where once nothing in the claim could fall: each is convicted now."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from theorems.arithmetic import Rational
from theorems.case import SVD, fractions
from theorems.catalogue import CLAIMS
from theorems.claim import Outcome
from theorems.judge.driver import check
from theorems.models.linear import Adapter, LinearCase, LinearModel
from theorems.strategies.cases import CASES
from theorems.strategies.search.hunt import hunt
from theorems.strategies.variants.variant import Variant, varied

CLAIM = {claim.key: claim for claim in CLAIMS}
#: Recipes that a hunt of one variant may take; most take a tenth.
RECIPES = 300

#: What an author might mean; the claim's key; the function; the expression and what stands in its place.
SLIPS = [
    ("the other probability", "zeng-lee/lemma-8", "almost_sure._probability_of_a_singular_matrix",
     "num.singular(point)", "num.nonsingular(point)"),
    ("one direction is enough", "zeng-lee/lemma-8", "almost_sure.singular_with_a_density", "D * D", "1", 1),
    ("both have full rank", "zeng-lee/rank-chain.middle", "induction.chain_telescopes",
     "num.rank(partial)", "case.frozen.width"),
    ("a summand short", "zeng-lee/rank-chain.middle", "induction._chain", "Q[:l]", "Q[:l - 1]"),
    ("one rank too low", "zeng-lee/appendix-i.error:repaired", "narrow_target.error_with_zeros_below",
     "case.rank * case.frozen.depth", "case.rank * case.frozen.depth + 1"),
    ("at the threshold", "zeng-lee/lemma-10.exactness:threshold-is-necessary", "linear_models.threshold_is_necessary",
     "num.rank(E) > sum(case.ranks)", "num.rank(E) >= sum(case.ranks)"),
    ("the next rank", "zeng-lee/beta-chain.residual-norm", "index_ranges.residual_norm_repaired",
     "num.smaller(RM, num.rank(d.matrix)) + 1", "num.smaller(RM, num.rank(d.matrix)) + case.depth"),
    ("twice the scale", "textbook/definition-11.17:invariances", "tail_energy.threshold_rank_is_monotone",
     "SVD(d.V, 2 * d.s, d.U)", "SVD(d.V, d.s, d.U)", 1),
    ("of W itself", "textbook/definition-11.17:invariances", "tail_energy.threshold_rank_is_monotone",
     "num.frobenius_norm_squared(other)", "num.frobenius_norm_squared(case.matrix)"),
    ("up to three", "textbook/theorem-11.13.convergence:repaired", "convergence_of_modes.convergence_repaired",
     "num.number(2)", "num.number(3)"),
    ("squared once more", "textbook/theorem-11.13.convergence:repaired", "convergence_of_modes.convergence_repaired",
     "bound * factor", "bound * factor * factor"),
    ("the last query as it is", "textbook/lemma-11.19.tokens", "attention.softmax_of_equal_tokens",
     "X[..., :1, :]", "X[..., -1:, :]"),
    ("one singular value more", "textbook/lemma-11.28:optimum", "alignment.alignment_at_the_optimum",
     "powers * squares", "powers * d.s[..., :1] * d.s[..., :1]"),
    ("at least lambda", "textbook/lemma-11.29.rank:repaired", "adalora.selected_rank_repaired",
     "less_than(case.weight[..., 0], d.s[..., i])", "at_most(case.weight[..., 0], d.s[..., i])"),
    ("no squares", "textbook/definition-11.16.effective-rank:sharpened", "effective_rank.entropy",
     "num.dot(p, num.log(positive))",
     "num.dot(num.times(1 / s.sum(-1), s), num.log(num.times(1 / s.sum(-1), s) + num.zero(s) * 1))"),
]  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS, ids=[f"{key}/{operator}" for operator, key, *_ in SLIPS])
def test_what_could_not_fall_is_convicted(slip: tuple[Any, ...]) -> None:
    operator, key, function, before, after, *number = slip
    variant = Variant(operator, function=function, before=before, after=after, occurrence=number[0] if number else 0)
    found = hunt(varied(CLAIM[key], variant), CASES[key], seed=0, recipes=RECIPES, shrink=False)
    assert found.conviction is not None, f"survived {found.recipes} recipes"


def _ranks_two_one_one() -> LinearCase:
    """W = I_4 three times, E = diag(4, 3, 2, 1): a counterexample to every line that writes R for R_1."""
    one = fractions(np.eye(4, dtype=np.int64))
    error = SVD(one, fractions(np.arange(4, 0, -1)), one)
    ranks = (2, 1, 1)
    nothing = tuple(Adapter(fractions(np.zeros((4, R), int)), fractions(np.zeros((R, 4), int))) for R in ranks)
    return LinearCase(LinearModel((one,) * 3), error, ranks, nothing)


@pytest.mark.parametrize("key", ["equation-11", "equation-11.rank", "equation-11.product", "rank-chain.rank-of-q"])
def test_lemma_9_has_one_rank(key: str) -> None:
    claim, case = CLAIM[f"zeng-lee/{key}"], _ranks_two_one_one()
    assert check(claim, case, Rational()).outcome is Outcome.VACUOUS
    assert check(claim, case, Rational(), skip=("all R_l are one R",)).outcome is Outcome.FAILS
