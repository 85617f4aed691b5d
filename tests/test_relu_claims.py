"""The claims on ReLU networks: obstructions against random competitors, broken encodings, precision."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from strategies.cases.relu_networks import CASES
from strategies.linear import LinearRecipe
from strategies.networks import NetworkRecipe
from strategies.proof_networks import ObstructedRecipe
from strategies.rational import identity
from strategies.search.conviction import judge
from strategies.search.draws import draws, recipe_of
from theorems.arithmetic import Float64, MultiPrecision, Rational
from theorems.case import SVD, arrays, fractions, map_arrays
from theorems.claim import Claim, Outcome, Verdict
from theorems.driver import check
from theorems.expressive_power import (
    relu_assumptions,
    relu_error_bounds,
    relu_error_chain,
    relu_general_bounds,
    relu_lemmas,
    relu_linearisation,
    relu_magnitude_chain,
    relu_obstructions,
    relu_partition,
    relu_random_models,
    relu_sub_models,
)
from theorems.networks import Inputs, NetworkCase, ReluNetwork
from theorems.statement import Existence, at_most, conclude

CLAIMS: dict[str, Claim] = {
    claim.key: claim
    for group in (
        relu_partition.THEOREM_1,
        relu_linearisation.EQUATION_14,
        relu_lemmas.LEMMA_11,
        relu_lemmas.LEMMA_12,
        relu_assumptions.EXAMPLE_1,
        relu_assumptions.ASSUMPTION_1,
        relu_random_models.LEMMA_13,
        relu_partition.THEOREM_3,
        relu_sub_models.EQUATIONS_15_16,
        relu_partition.COROLLARY_4,
        relu_error_bounds.THEOREM_5,
        relu_error_chain.PROOF_OF_THEOREM_5,
        relu_magnitude_chain.CHAIN_OF_BETA,
        relu_assumptions.ASSUMPTION_2,
        relu_random_models.LEMMA_14,
        relu_partition.THEOREM_15,
        relu_general_bounds.THEOREM_15_BOUND,
    )
    for claim in group
}


def active(dimension: int, rank: int, seed: int = 0) -> NetworkRecipe:
    """One layer, isotropic inputs, an always-active target."""
    block = LinearRecipe("gaussian", "distinct", "zero", dimension, (rank,), seed)
    return NetworkRecipe((block,), (1,), (rank,), "always active", "axes", 2, "points", seed)


def test_every_claim_has_cases_and_every_refuted_one_a_repair_that_stands() -> None:
    assert set(CLAIMS) == set(CASES)
    for claim in CLAIMS.values():
        if claim.verdict is Verdict.REFUTED:
            assert claim.repaired_by in CLAIMS
            assert (CLAIMS[claim.repaired_by].verdict or Verdict.REFUTED).stands, claim.key


@pytest.mark.parametrize("key", [key for key, claim in CLAIMS.items() if claim.verdict and claim.verdict.stands])
def test_what_stands_holds_in_exact_arithmetic(key: str) -> None:
    """The first recipes of each standing claim: some are live, none is refuted."""
    outcomes = []
    for index, drawn in zip(range(3), draws(CASES[key], seed=3, key=key), strict=False):
        recipe = recipe_of(drawn)
        if recipe.size[0] <= 4:
            outcomes.append(judge(CLAIMS[key], recipe.exact(index % 2))[0].value)
    assert "convicted" not in outcomes


# obstructions -------------------------------------------------------------------------------------------------------


def competitors(case: NetworkCase, generator: np.random.Generator, count: int) -> np.ndarray[Any, Any]:
    """Outputs (count, K, D) of one-layer networks with random adapters and biases, many close to the target."""
    D, R = case.frozen.width, case.ranks[0]
    E = np.asarray(case.errors[0].matrix, dtype=float)
    U, s, Vt = np.linalg.svd(E)
    best = (U[:, :R] * s[:R]) @ Vt[:R]
    spread = 10.0 ** generator.uniform(-4, 1, (count, 1, 1))
    B = U[:, :R] * s[:R] + spread * generator.standard_normal((count, D, R))
    A = Vt[:R] + spread * generator.standard_normal((count, R, D))
    target = np.asarray(case.target.weights[0], dtype=float)
    bias = np.asarray(case.biases[0], dtype=float) + spread[:, 0] * generator.standard_normal((count, D))
    off = generator.random((count, D)) < 0.2
    bias = np.where(off, -1e6, bias)
    weights = target - E + B @ A
    assert np.linalg.matrix_rank(best) <= R
    x = np.asarray(case.inputs.points, dtype=float)
    return np.asarray(np.maximum(x @ weights.mT + bias[:, None, :], 0.0))


@pytest.mark.parametrize("seed", range(4))
def test_no_competitor_beats_an_obstruction(seed: int) -> None:
    num = Rational()
    for case in (active(3, 1, seed).exact(1), active(2, 1, seed).exact(2), ObstructedRecipe(3, (1,), seed).exact(seed)):
        loaded = num.load(case)
        squared = as_float(relu_obstructions.squared_error(loaded, num))
        mean = as_float(relu_obstructions.mean_error(loaded, num))
        assert squared > 0
        assert mean > 0
        f = competitors(case, np.random.default_rng(seed), 4000)
        wanted = loaded.target.forward(loaded.inputs.points, num)
        gap = f - np.array([[as_float(value) for value in row] for row in wanted.tolist()])
        w = np.asarray(case.inputs.weights, dtype=float)
        distance = np.linalg.norm(gap, axis=-1)
        assert (w * distance**2).sum(-1).min() >= squared - 1e-12
        assert (w * distance).sum(-1).min() >= mean - 1e-12


def as_float(value: Any) -> float:
    return float(int(value.p) / int(value.q))


def isotropic() -> NetworkCase:
    """W = E = I of width 3, bias 4, inputs +-e_j: two of three directions remain, E ||f - f-bar||^2 = 2/3 at best."""
    one = identity(3)
    points = np.concatenate([one, -one])
    inputs = Inputs(points, fractions(np.array([Fraction(1, 6)] * 6, dtype=object)), one[0] * 0, one[0][:1] * 0)
    bias = one.sum(0) * 4
    error = SVD(one, one.sum(0), one)
    return NetworkCase(ReluNetwork((one,), (bias * 0,)), (error,), (bias,), ((1,),), (1,), inputs)


def test_the_obstruction_meets_the_sharpened_bound() -> None:
    case, num = isotropic(), Rational()
    assert as_float(relu_obstructions.squared_error(num.load(case), num)) == 2 / 3
    for part, outcome in (("", Outcome.FAILS), (":repaired", Outcome.HOLDS), (":sharpened", Outcome.HOLDS)):
        report = check(CLAIMS[f"zeng-lee/lemma-11.squared-error{part}"], case, num)
        assert report.outcome is outcome
        if part == ":sharpened":
            assert report.margin == 0


# broken encodings ---------------------------------------------------------------------------------------------------


def halved(key: str) -> Claim:
    """The claim with half the bound in its existence."""
    statement = CLAIMS[key].statement

    def changed(case: Any, num: Any) -> Any:
        for step in statement(case, num):
            condition = getattr(step, "condition", None)
            if isinstance(condition, Existence):
                condition = dataclasses.replace(condition, bound=condition.bound * num.number(1, 2))
                yield conclude(condition, step.name)
            else:
                yield step

    return Claim(key=f"broken/{key}", statement=changed)


@pytest.mark.parametrize(
    "key",
    [
        "zeng-lee/lemma-11.squared-error:sharpened",
        "zeng-lee/lemma-11.squared-error:repaired",
        "zeng-lee/theorem-5:repaired",
    ],
)
def test_a_smaller_constant_is_convicted(key: str) -> None:
    """The obstructions reach far enough to refute the repaired bounds with a smaller constant."""
    case = ObstructedRecipe(3, (1,), 1).exact(0) if "theorem" in key else isotropic()
    assert judge(halved(key), case)[1] is not None


def test_a_wrong_sign_in_the_alignment_is_convicted() -> None:
    def wrong(case: Any, num: Any) -> Any:
        f = case.target
        z = case.inputs.points
        yield conclude(at_most(num.norm_squared(f.forward(z, num) - num.relu(-z)), num.number(0)), "f(x) = ReLU(-x)")

    assert judge(Claim(key="broken/sign", statement=wrong), active(2, 1).exact(0))[1] is not None


# arithmetics --------------------------------------------------------------------------------------------------------


def test_residuals_of_exact_representation_fall_with_the_precision() -> None:
    block = LinearRecipe("gaussian", "rank at the cut", "zero", 3, (1, 1), 4)
    batch = NetworkRecipe((block,), (2,), (1, 1), "dead and active", "gaussian", 3, "box", 4).batch(1)
    case = map_arrays(batch, lambda array: array[0])
    margins = []
    for digits in (20, 40):
        report = check(CLAIMS["zeng-lee/equation-14.bias"], case, MultiPrecision(digits))
        assert report.outcome is Outcome.HOLDS
        margins.append(abs(report.margin))
    assert margins[1] <= margins[0] < 1e-15


def test_batches_and_single_instances_agree() -> None:
    recipe = active(2, 1)
    batch = recipe.batch(6)
    for key in ("zeng-lee/lemma-11.identity:repaired", "zeng-lee/lemma-11.squared-error:sharpened"):
        report = check(CLAIMS[key], batch, Float64(size=6))
        assert report.count(Outcome.FAILS) == 0
        assert report.live == 6
    assert len(arrays(batch)[0]) == 6
