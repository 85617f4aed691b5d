"""Our own claims: they survive, the refuted one is found, and wrong variants of them are convicted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tool.test_strategies import fast
from theorems import Claim, InputError, Outcome, Verdict, at_most, catalogue, check, conclude, suppose
from theorems.arithmetic import Ball, Float64, MultiPrecision, Rational
from theorems.case import SVD, fractions
from theorems.judge import witness
from theorems.models.linear import Adapter, LinearModel
from theorems.statement import Conclude, Suppose
from theorems.strategies.draws import draws, recipe_of
from theorems.strategies.search.attack import batch_size
from theorems.strategies.search.conviction import Ending, judge
from theorems.strategies.search.hunt import hunt
from theorems.strategies.texts.ours.cases import CASES
from theorems.strategies.texts.ours.recipes import COMPETING_SPACES, REGULAR, STRATA, reach_cases, subspace_pairs
from theorems.texts.ours import flag_proof, proposition_a
from theorems.texts.ours.angles import SubspacesCase
from theorems.texts.ours.reach import ReachCase
from theorems.texts.ours.text import CLAIMS

STANDING = [claim for claim in CLAIMS if claim.verdict is not None and claim.verdict.stands]


def claim_of(key: str) -> Claim:
    return next(claim for claim in CLAIMS if claim.key == key)


def test_every_claim_has_cases_and_every_case_a_claim() -> None:
    assert set(CASES) == {claim.key for claim in CLAIMS}


@pytest.mark.parametrize("claim", STANDING, ids=lambda claim: claim.key)
def test_standing_claims_hold(claim: Claim) -> None:
    """A few recipes of each, exactly and in floats; the trial of the catalogue tries harder."""
    holding = 0
    for _, drawn in zip(range(8), draws(CASES[claim.key], seed=20, key=claim.key), strict=False):
        recipe = recipe_of(drawn)
        judgement = judge(claim, recipe.exact(1))
        assert judgement.conviction is None
        holding += judgement.ending is Ending.ARTEFACT  # the name of an exact case that holds
        batch = recipe.batch(32)
        report = check(claim, batch, Float64(size=batch_size(batch)))
        assert not (report.margins[report.where(Outcome.FAILS)] < -1e-9).any()
        assert 4 * (report.count(Outcome.HOLDS) + report.count(Outcome.VACUOUS)) >= 3 * batch_size(batch)
    assert holding >= 4


def test_the_refuted_claim_is_found_and_its_witness_replays() -> None:
    claim = claim_of("ours/proposition-a:without-nonsingularity")
    assert hunt(claim, CASES[claim.key], seed=3, recipes=60, largest_batch=64, shrink=False).conviction is not None
    stored = witness.read(catalogue.stored()[claim.key], CLAIMS)
    for arithmetic in ("rational", "fractions"):
        assert witness.replay(stored, claim, arithmetic).result == "refutes"


@pytest.mark.parametrize("key", ["ours/proposition-a", "ours/midpoint-flag", "ours/midpoint-flag.bases"])
def test_in_other_arithmetics(key: str) -> None:
    """Multiprecision confirms what rationals decide; balls never contradict it."""
    claim = claim_of(key)
    for drawn in list(zip(range(4), draws(CASES[key], seed=1, key=key), strict=False)):
        case = recipe_of(drawn[1]).exact(1)
        assert check(claim, case, Rational()).outcome in (Outcome.HOLDS, Outcome.VACUOUS)
        assert check(claim, case, MultiPrecision(50)).outcome is not Outcome.FAILS
        assert check(claim, case, Float64()).outcome is not Outcome.FAILS


def test_balls_certify_the_steps_of_the_proof() -> None:
    eye = fractions(np.eye(2, dtype=np.int64))
    W = (fractions(np.array([[2, 1], [0, 1]])), fractions(np.array([[1, 0], [3, 1]])))
    case = ReachCase(LinearModel(W), Adapter(eye, eye), (1, 1), (Adapter(eye[:, :1], eye[:1]),) * 2)
    assert check(claim_of("ours/midpoint-flag.complementary"), case, Ball()).outcome is Outcome.HOLDS


# Broken variants ----------------------------------------------------------------------------------------------------


def smaller_rank(case: ReachCase, num: Any) -> Iterator[Suppose | Conclude]:
    """Wrong: the product moves by rank at most sum R_l - 1."""
    change = proposition_a.adapted(case, case.competitor) - case.frozen.matrix
    yield suppose(sum(case.ranks) >= 1, "some rank is positive")
    yield conclude(at_most(num.rank(change), sum(case.ranks) - 1))


def flag_without_the_last_adapter(case: ReachCase, num: Any) -> Iterator[Suppose | Conclude]:
    """Wrong: the flag's product without the change of its last layer."""
    for step in flag_proof.product(case, num):
        if isinstance(step, Suppose):
            yield step
    adapters = flag_proof.flag_of(case, num).adapters[:-1]
    nothing = 0 * case.frozen.weights[-1]
    reached = case.frozen.adapted([*(a.matrix for a in adapters), nothing]).matrix
    yield conclude(at_most(num.frobenius_norm(reached - case.target), num.number(0)))


def closer_than_half(case: SubspacesCase, num: Any) -> Iterator[Suppose | Conclude]:
    """Wrong: cosines of at least 3/4 in place of 1/2 (squared)."""
    y = case.midpoint
    cosines = case.a.mT @ y @ num.solve(y.mT @ y, y.mT @ case.a)
    yield conclude(at_most(num.number(3, 4), num.singular_value(cosines, case.a.shape[-1])))


@pytest.mark.parametrize(
    ("statement", "key"),
    [
        (smaller_rank, "ours/proposition-a.rank-bound"),
        (flag_without_the_last_adapter, "ours/midpoint-flag"),
        (closer_than_half, "ours/midpoint.within-45-degrees"),
    ],
)
def test_wrong_variants_are_convicted(statement: Any, key: str) -> None:
    wrong = Claim(key=f"mine/{statement.__name__}", statement=statement, verdict=Verdict.CORROBORATED)
    assert hunt(wrong, CASES[key], seed=0, recipes=20, largest_batch=64, shrink=False).conviction is not None


# The strategies -----------------------------------------------------------------------------------------------------


@given(st.data())
@settings(fast, max_examples=30)
def test_reach_cases_keep_their_promise(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["exact", "slack", "full"]))
    recipe = recipe_of(data.draw(reach_cases(ranks=kind)))
    batch, exact = recipe.batch(3), recipe.exact(data.draw(st.integers(0, 3)))
    for case in (batch, exact):
        total = sum(case.ranks)
        k, D = case.columns, case.frozen.width
        assert {"exact": total == k, "slack": total >= k, "full": total == D}[kind]
    assert batch.change.B.shape[0] == 3
    num = Rational()
    loaded = num.load(exact)
    assert all(num.nonsingular(W) for W in loaded.frozen.weights)
    singular = ("target of low rank", "singular partial sums")
    assert num.rank(loaded.change.B) == exact.columns or recipe.stratum in singular


@pytest.mark.parametrize("stratum", REGULAR)
def test_every_stratum_is_live(stratum: str) -> None:
    claim = claim_of("ours/midpoint-flag")
    drawn = draws(reach_cases(strata=(stratum,), min_dimension=2), seed=2, key="live")
    outcomes = [check(claim, recipe_of(next(drawn)).exact(2), Rational()).outcome for _ in range(4)]
    assert outcomes.count(Outcome.HOLDS) >= 2


def test_strata_reach_what_they_are_named_for() -> None:
    def first(stratum: str) -> ReachCase:
        drawn = draws(reach_cases(strata=(stratum,), min_dimension=3), seed=4, key="reach")
        for _, recipe in zip(range(30), drawn, strict=False):
            case: ReachCase = recipe_of(recipe).exact(1)
            if case.columns == case.frozen.width:
                return case
        raise AssertionError(stratum)

    assert not first("zero target").target.any()
    minus = first("negated product")
    assert (minus.target == -minus.frozen.matrix).all()
    low = Rational().load(first("target of low rank"))
    assert Rational().rank(low.target) < low.frozen.width
    assert set(STRATA) > set(REGULAR)


@given(st.data())
@settings(fast, max_examples=20)
def test_subspace_pairs_keep_their_promise(data: st.DataObject) -> None:
    case = recipe_of(data.draw(subspace_pairs())).exact(data.draw(st.integers(0, 3)))
    R = case.a.shape[1]
    for basis in (case.a, case.b, case.other):
        assert (basis.T @ basis == fractions(np.eye(R, dtype=np.int64))).all()
    assert (case.angles.matrix == case.a.T @ case.b).all()
    assert len(COMPETING_SPACES) == 3


def test_malformed_cases_are_refused() -> None:
    eye = np.eye(2)
    model = LinearModel((eye,))
    with pytest.raises(InputError, match="2 ranks and 0 competing adapters for 1 layers"):
        ReachCase(model, Adapter(eye, eye), (1, 1), ())
    with pytest.raises(InputError, match=r"the ranks \(3,\) are not all in 0..2"):
        ReachCase(model, Adapter(eye, eye), (3,), (Adapter(eye, eye),))
    with pytest.raises(InputError, match="the change has factors of the shapes"):
        ReachCase(model, Adapter(eye[:1], eye), (2,), (Adapter(eye, eye),))
    with pytest.raises(InputError, match="bases of the shapes"):
        SubspacesCase(eye, eye[:1], SVD(eye, eye[0], eye), eye)
