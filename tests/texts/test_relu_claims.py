"""The claims on ReLU networks: obstructions against random competitors, broken encodings, precision."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from theorems import catalogue
from theorems.arithmetic import Float64, Rational
from theorems.case import SVD, arrays, fractions
from theorems.claim import Claim, Outcome, Verdict
from theorems.judge.driver import check
from theorems.models.relu import Inputs, NetworkCase, ReluNetwork
from theorems.statement import Existence, at_most, conclude
from theorems.strategies.draws import draws, recipe_of
from theorems.strategies.models.linear import LinearRecipe
from theorems.strategies.models.relu import NetworkRecipe
from theorems.strategies.rational import identity
from theorems.strategies.search.conviction import judge
from theorems.strategies.texts.zeng_lee.relu.cases import CASES
from theorems.strategies.texts.zeng_lee.relu.obstructed import DiagonalChainRecipe, ObstructedRecipe
from theorems.texts.zeng_lee.relu import (
    appendix_bounds,
    assumption_2,
    assumptions,
    error_bounds,
    error_chain,
    general_bounds,
    index_ranges,
    lemmas,
    linearisation,
    magnitude_chain,
    narrow,
    narrow_networks,
    obstructions,
    other_partitions,
    partition,
    random_models,
    sub_models,
    unbounded_inputs,
    uniform_inputs,
)

CLAIMS: dict[str, Claim] = {
    claim.key: claim
    for group in (
        partition.THEOREM_1,
        linearisation.EQUATION_14,
        lemmas.LEMMA_11,
        lemmas.LEMMA_12,
        assumptions.EXAMPLE_1,
        assumptions.ASSUMPTION_1,
        random_models.LEMMA_13,
        partition.THEOREM_3,
        sub_models.EQUATIONS_15_16,
        partition.COROLLARY_4,
        error_bounds.THEOREM_5,
        appendix_bounds.THEOREM_5_APPENDIX,
        error_chain.PROOF_OF_THEOREM_5,
        magnitude_chain.CHAIN_OF_BETA,
        assumption_2.ASSUMPTION_2,
        random_models.LEMMA_14,
        partition.THEOREM_15,
        index_ranges.THEOREM_3_RANGES,
        index_ranges.THEOREM_5_RANGES,
        index_ranges.PROOF_OF_THEOREM_5_RANGES,
        index_ranges.THEOREM_15_RANGES,
        other_partitions.THEOREM_15_PARTITIONS,
        general_bounds.THEOREM_15_BOUND,
        narrow.NARROW_MODELS,
        narrow_networks.CLAIMS,
        unbounded_inputs.CLAIMS,
        uniform_inputs.AT_EVERY_DEPTH,
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
            repair = catalogue.claim(claim.repaired_by or "")  # in the text, or a claim of our own
            assert (repair.verdict or Verdict.REFUTED).stands, claim.key


#: Claims of exact representation and error bounds whose cases must be of every kind.
OF_EVERY_KIND = (
    "zeng-lee/lemma-11.exactness", "zeng-lee/lemma-12.squared-error:repaired", "zeng-lee/theorem-3",
    "zeng-lee/theorem-5:repaired", "zeng-lee/theorem-15.exactness",
)  # fmt: skip


@pytest.mark.parametrize("key", OF_EVERY_KIND)
def test_cases_reach_real_and_trained_weights_and_every_edge(key: str) -> None:
    """Names of strata, and for a bound R at the threshold and one below it."""
    seen = set()
    for _, drawn in zip(range(500), draws(CASES[key], seed=0, key="reach"), strict=False):
        recipe = recipe_of(drawn)
        if not isinstance(recipe, NetworkRecipe):
            continue
        for word in ("silero", "pretrained in process", "D = 1", "dead,", "always active", "longer last block"):
            if word in f"{recipe.stratum},":
                seen.add(word)
        block = recipe.blocks[0]
        if isinstance(block, LinearRecipe):
            seen.add({"rank at the cut": "at the threshold", "rank above the cut": "below"}.get(block.spectrum, ""))
    wanted = {"silero", "pretrained in process", "D = 1", "dead,", "always active", "at the threshold", "below"}
    if "theorem-3" in key or "theorem-5" in key:
        wanted.add("longer last block")
    assert wanted <= seen


@pytest.mark.parametrize("key", [key for key, claim in CLAIMS.items() if claim.verdict and claim.verdict.stands])
def test_what_stands_holds_in_exact_arithmetic(key: str) -> None:
    """The first recipes of each standing claim: some are live, none is refuted."""
    outcomes = []
    for index, drawn in zip(range(3), draws(CASES[key], seed=3, key=key), strict=False):
        recipe = recipe_of(drawn)
        if recipe.size[0] <= 4:
            outcomes.append(judge(CLAIMS[key], recipe.exact(index % 2)).ending.value)
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
        squared = as_float(obstructions.squared_error(loaded, num))
        mean = as_float(obstructions.mean_error(loaded, num))
        assert squared > 0
        assert mean > 0
        f = competitors(case, np.random.default_rng(seed), 4000)
        wanted = loaded.target.forward(loaded.inputs.points, num)
        gap = f - np.array([[as_float(value) for value in row] for row in wanted.tolist()])
        w = np.asarray(case.inputs.weights, dtype=float)
        distance = np.linalg.norm(gap, axis=-1)
        assert (w * distance**2).sum(-1).min() >= squared - 1e-12
        assert (w * distance).sum(-1).min() >= mean - 1e-12


@pytest.mark.parametrize("rank", [0, 1])
@pytest.mark.parametrize("seed", range(3))
def test_no_deeper_competitor_beats_the_diagonal_chain(rank: int, seed: int) -> None:
    """L = 2: any bias below, a rank-one adapter above, many near the best ones."""
    num, D = Rational(), 3
    case = DiagonalChainRecipe(D, 2, rank, seed).exact(seed)
    loaded = num.load(case)
    bounds = [as_float(obstructions.diagonal_chain(loaded, degree, num)) for degree in (1, 2)]
    assert min(bounds) > 0
    generator = np.random.default_rng(seed)
    count = 4000
    x, w = (np.asarray(leaf, dtype=float) for leaf in (case.inputs.points, case.inputs.weights))
    spread = 10.0 ** generator.uniform(-4, 1, (count, 1, 1))
    first = 2.0 + spread[:, 0] * generator.standard_normal((count, D))  # 1 and more: active at every input
    hidden = np.maximum(x + first[:, None, :], 0.0)
    W = np.asarray(case.frozen.weights[1], dtype=float)
    e = float(case.errors[0].s[0])
    column, row = generator.standard_normal((count, D, 1)), generator.standard_normal((count, 1, D))
    unit = np.eye(D)[:, :1]
    adapter = rank * (unit * e + spread * column) @ (unit.T + spread * row)
    linear = W + adapter
    last = np.asarray(case.biases[0], dtype=float) - (linear @ first[..., None])[..., 0]
    last += 1e-3 * spread[:, 0] * generator.standard_normal((count, D))
    f = np.maximum(hidden @ linear.mT + last[:, None, :], 0.0)
    wanted = loaded.target.forward(loaded.inputs.points, num)
    distance = np.linalg.norm(f - np.array([[as_float(v) for v in line] for line in wanted.tolist()]), axis=-1)
    assert (w * distance).sum(-1).min() >= bounds[0] - 1e-12
    assert (w * distance**2).sum(-1).min() >= bounds[1] - 1e-12
    # the bound for squares is met by the plain truncation, up to the spread
    assert (w * distance**2).sum(-1).min() <= bounds[1] * 1.02


def test_the_diagonal_chain_says_nothing_where_its_conditions_fail() -> None:
    num = Rational()
    case = DiagonalChainRecipe(2, 2, 0).exact(0)
    assert as_float(obstructions.diagonal_chain(num.load(case), 1, num)) > 0
    unit = identity(2)
    turned = ReluNetwork((unit[::-1].copy(), case.frozen.weights[1]), case.frozen.biases)
    negative = ReluNetwork((-unit, case.frozen.weights[1]), case.frozen.biases)
    for changed in (
        dataclasses.replace(case, ranks=(1, 0)),
        dataclasses.replace(case, frozen=turned),
        dataclasses.replace(case, frozen=negative),
        dataclasses.replace(case, biases=(case.biases[0] * 0,)),
    ):
        assert obstructions.diagonal_chain(num.load(changed), 1, num) == 0


def test_a_frozen_last_layer_bounds_the_output() -> None:
    """W_2 = (-1 -2; 1 -1), target (3, 3): unit 1 is at most ReLU(b_1) = 1, unit 2 may be anything."""
    num = Rational()
    one = identity(2)
    last = fractions(np.array([[-1, -2], [1, -1]]))
    frozen = ReluNetwork((one, last), (one[0] * 0, one[0]))
    error = SVD(one, one[0] * 0, one)
    inputs = Inputs(one[:1] * 0, one[0, :1], one[0] * 0, one[0, :1] * 0)
    case = NetworkCase(frozen, (error,), (one.sum(0) * 3,), ((1, 2),), (1, 1), inputs)
    assert as_float(obstructions.frozen_output(num.load(case), num)) == 2
    generator = np.random.default_rng(0)
    z = np.maximum(generator.standard_normal((1000, 2)) * 5, 0)
    f = np.maximum(z @ last.astype(float).T + [1, 0], 0)
    assert np.linalg.norm(f - 3, axis=-1).min() >= 2


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
    assert as_float(obstructions.squared_error(num.load(case), num)) == 2 / 3
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
    assert judge(halved(key), case).conviction is not None


def test_a_wrong_sign_in_the_alignment_is_convicted() -> None:
    def wrong(case: Any, num: Any) -> Any:
        f = case.target
        z = case.inputs.points
        yield conclude(at_most(num.norm_squared(f.forward(z, num) - num.relu(-z)), num.number(0)), "f(x) = ReLU(-x)")

    assert judge(Claim(key="broken/sign", statement=wrong), active(2, 1).exact(0)).conviction is not None


# arithmetics --------------------------------------------------------------------------------------------------------


def test_batches_and_single_instances_agree() -> None:
    recipe = active(2, 1)
    batch = recipe.batch(6)
    for key in ("zeng-lee/lemma-11.identity:repaired", "zeng-lee/lemma-11.squared-error:sharpened"):
        report = check(CLAIMS[key], batch, Float64(size=6))
        assert report.count(Outcome.FAILS) == 0
        assert report.live == 6
    assert len(arrays(batch)[0]) == 6
