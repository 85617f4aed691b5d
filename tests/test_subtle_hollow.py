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
