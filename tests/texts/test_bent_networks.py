"""Floors for networks that bend: the exact instances, what the floors need, and random networks above them."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from theorems.arithmetic import Ball, Float64, Fractions, Rational
from theorems.case import Array, fractions
from theorems.claim import Outcome
from theorems.judge.driver import check
from theorems.models.inputs import UniformNetworkCase
from theorems.models.relu import Inputs, NetworkCase, ReluNetwork
from theorems.strategies.rational import identity
from theorems.strategies.texts.ours.bends import OneBendRecipe
from theorems.strategies.texts.zeng_lee.relu.bent import ActiveRecipe, diagonal, diagonal_svd
from theorems.texts.ours.active_targets import active_targets, active_targets_only_if
from theorems.texts.ours.one_bend import one_bend
from theorems.texts.zeng_lee.relu import uniform_inputs
from theorems.texts.zeng_lee.relu.deep_obstructions import active_target, sigma_squared, two_slopes, volume_ratio
from theorems.texts.zeng_lee.relu.mean_obstructions import mean_norm_floor, mean_projection, mean_square_floor
from theorems.texts.zeng_lee.relu.one_layer import identity as identity_of_lemma_11
from theorems.texts.zeng_lee.relu.one_layer import identity_with_the_total_rank
from theorems.texts.zeng_lee.relu.partition import minimal_where_the_depth_divides

EXACT = [Rational(), Fractions()]
NUM = Rational()


def diag(*values: Any) -> list[Fraction]:
    return [Fraction(value) for value in values]


def network(
    frozen: list[Array], targets: list[list[Fraction]], ranks: tuple[int, ...], *, box: int = 1, bias: int = 5
) -> NetworkCase:
    """Diagonal layers in equal blocks, the target's biases all `bias`, X a box about the origin."""
    D, L, M = len(targets[0]), len(frozen), len(frozen) // len(targets)
    none = fractions(np.zeros(D, dtype=np.int64))
    blocks = tuple(tuple(range(i * M + 1, (i + 1) * M + 1)) for i in range(len(targets) - 1))
    blocks = (*blocks, tuple(range((len(targets) - 1) * M + 1, L + 1)))
    errors = []
    for block, aim in zip(blocks, targets, strict=True):
        product = [np.prod([frozen[l - 1][j, j] for l in block]) for j in range(D)]
        errors.append(diagonal_svd([t - p for t, p in zip(aim, product, strict=True)]))
    inputs = Inputs(none[None, :], fractions(np.ones(1, dtype=np.int64)), none + box, none[:1])
    return NetworkCase(
        ReluNetwork(tuple(frozen), (none,) * L), tuple(errors), (none + bias,) * len(targets), blocks, ranks, inputs
    )


def uniform(
    sizes: list[Fraction], tau: Fraction, eps: Fraction, *, level: Fraction = Fraction(1)
) -> UniformNetworkCase:
    """Two layers of rank one each, T = diag(sizes), T x uniform in the unit ball."""
    T, none = diagonal(sizes), fractions(np.zeros(len(sizes), dtype=np.int64))
    frozen = ReluNetwork((T, identity(len(sizes)) * (tau * (1 - eps))), (none, none))
    known = diagonal_svd([eps * tau] * len(sizes)), diagonal_svd([tau] * len(sizes))
    error = diagonal_svd([eps * tau * t for t in sizes])
    return UniformNetworkCase(frozen, error, none + tau * level, (1, 1), none, diagonal([1 / t for t in sizes]), known)


# the instances ------------------------------------------------------------------------------------------------------

FIVE = uniform(diag(1, 1, 1, 1, 1), Fraction(1, 10), Fraction(1, 700))
SQUARES = [uniform_inputs.squared_error, uniform_inputs.squared_error_with_the_total_rank]
MEANS = [uniform_inputs.theorem_5, uniform_inputs.theorem_15]


@pytest.mark.parametrize("statement", SQUARES)
@pytest.mark.parametrize("num", EXACT, ids=lambda num: num.name)
def test_one_instance_of_width_five_refutes_the_squared_errors(statement: Any, num: Any) -> None:
    assert check(statement, FIVE, num).outcome is Outcome.FAILS


@pytest.mark.parametrize("statement", MEANS)
def test_and_the_means(statement: Any) -> None:
    assert check(statement, FIVE, Fractions()).outcome is Outcome.FAILS
    raised = uniform(diag(1, 1, 1, 1, 1), Fraction(1, 10), Fraction(1, 700), level=Fraction(9, 8))
    assert check(statement, raised, Ball()).outcome is Outcome.FAILS


def test_the_floors_of_that_instance_are_those_computed_by_hand() -> None:
    unit = Fraction(1, 7000)
    case = NUM.load(FIVE)
    with NUM.running(case):
        mean, square = mean_norm_floor(case, NUM)(), mean_square_floor(case, NUM)()
    by_hand = Fraction(5, 8) - Fraction(10, 700) * Fraction(13, 8) ** 2 / Fraction(16, 15)
    assert Fraction(str(mean)) == by_hand * unit
    assert Fraction(str(square)) == (Fraction(3, 7) - Fraction(1, 10)) * unit**2  # d = 1 / 11


def test_width_four_is_least() -> None:
    four = uniform(diag(5, 4, 1, 1), Fraction(1, 20), Fraction(1, 500), level=Fraction(9, 8))
    for statement in (uniform_inputs.theorem_5, uniform_inputs.squared_error_with_the_total_rank):
        assert check(statement, four, Ball()).outcome is Outcome.FAILS
    three = uniform(diag(5, 4, 1), Fraction(1, 20), Fraction(1, 500), level=Fraction(9, 8))
    for statement in (*MEANS, *SQUARES):
        assert check(statement, three, Ball()).outcome is Outcome.HOLDS


@pytest.mark.parametrize("L", [2, 3])
def test_lemma_11_asks_for_two_slopes(L: int) -> None:
    case = network([identity(2)] * L, [diag(4, 3)], (1,) * L, bias=10)
    N = fractions(np.diag([0, -2]))
    floor = float(two_slopes(NUM.load(case), NUM.load(N), NUM)())
    assert 0.9 * np.pi / (32 * L) < floor < np.pi / (32 * L)
    assert check(identity_of_lemma_11, case, NUM).outcome is Outcome.FAILS
    wide = network([identity(L + 1)] * L, [diag(*range(L + 2, 1, -1))], (1,) * L, bias=10)
    assert check(identity_with_the_total_rank, wide, NUM).outcome is Outcome.FAILS


def test_one_layer_may_undo_another() -> None:
    case = network([identity(2)] * 2, [diag(2, 2), diag("1/2", "1/2")], (1, 1))
    for num in EXACT:
        assert check(minimal_where_the_depth_divides, case, num).outcome is Outcome.FAILS
        assert check(active_targets, case, num).outcome is Outcome.HOLDS


@pytest.mark.parametrize(
    ("layers", "targets", "ranks"),
    [
        (3, [diag(2, 2, 1, 1), diag(1, 1, 2, 2)], (1, 1, 1)),  # M may not be ceil(L / L-bar)
        (2, [diag(2, 1, 1), diag(1, 2, 2)], (1, 1)),  # a layer may not serve two blocks
    ],
)
def test_ranks_of_all_layers_are_added_once(layers: int, targets: Any, ranks: tuple[int, ...]) -> None:
    case = network([identity(len(targets[0]))] * layers, targets, ranks)
    for num in EXACT:
        assert check(active_targets_only_if, case, num).outcome is Outcome.HOLDS
        assert check(active_targets, case, num).outcome is Outcome.VACUOUS


# what the floors need -----------------------------------------------------------------------------------------------


def test_a_floor_says_nothing_where_its_conditions_are_not_met() -> None:
    def floor(case: NetworkCase) -> float:
        value = active_target(NUM.load(case), NUM)()
        return float(value) if hasattr(value, "square") else float(Fraction(str(value)))

    layers = [identity(2)] * 2
    assert floor(network(layers, [diag(4, 3)], (0, 1))) > 0
    assert floor(network(layers, [diag(4, 0)], (0, 1))) == 0  # T is singular
    assert floor(network(layers, [diag(4, 3)], (0, 1), box=0)) == 0  # no interior
    assert floor(network(layers, [diag(4, 3)], (0, 1), bias=1)) == 0  # a unit of the target is off somewhere
    assert floor(network(layers, [diag(4, 3)], (1, 1))) == 0  # in reach
    dead = network(layers, [diag(4, 3)], (0, 1), bias=1)
    assert check(active_targets, dead, NUM).unmet == {"every unit of the target is active on X": 1}


def test_volumes_and_projections() -> None:
    exact = {1: Fraction(2), 3: Fraction(4, 3), 5: Fraction(16, 15)}
    assert all(volume_ratio(D) == v for D, v in exact.items())
    assert 0 < np.pi / 2 - float(volume_ratio(2)) < 1e-4
    assert 0 < 3 * np.pi / 8 - float(volume_ratio(4)) < 1e-4
    assert (mean_projection(5, 3), mean_projection(4, 2), mean_projection(1, 1)) == (
        Fraction(5, 8), Fraction(8, 15), Fraction(1, 2)
    )  # fmt: skip
    for D in range(1, 7):
        assert mean_projection(D, D) == Fraction(D, D + 1)  # E ||y||
        below, above = Fraction(D + 4, D + 2) / (D + 2), Fraction(1, D + 2)  # k sqrt(D + 4) / ..., and E ||y||^2
        for k in range(1, D + 1):
            assert below * k**2 / (k + 2) <= mean_projection(D, k) ** 2 * Fraction(10**6 + 1, 10**6) < k * above * 2


def test_lower_bounds_of_singular_values() -> None:
    g = np.random.default_rng(0)
    for D in (1, 2, 3, 5):
        A = g.integers(-3, 4, (D, D))
        s = np.linalg.svd(A.astype(float), compute_uv=False)
        for k in range(1, D + 1):
            bound = float(Fraction(str(sigma_squared(NUM.load(fractions(A)), k, NUM))))
            assert s[k - 1] ** 2 / (D * (D - k + 1)) - 1e-9 <= bound <= s[k - 1] ** 2 + 1e-9


# nothing is below them ----------------------------------------------------------------------------------------------


def test_random_networks_stay_above_the_floor() -> None:
    """All layers adapted and biases of every size, so that units switch; errors at many points of X."""
    g, num = np.random.default_rng(1), Float64()
    for seed in range(4):
        case = ActiveRecipe(1, 2, 1, extra=1, seed=seed).exact(0)
        floor = float(active_target(NUM.load(case), NUM)())
        assert floor > 0
        D, target = case.frozen.width, case.target
        points = g.uniform(-1, 1, (400, D))
        wanted = _floats(target).forward(points, num)
        for _ in range(60):
            scale = 10 ** g.uniform(-2, 1)
            changes = [np.outer(g.standard_normal(D), g.standard_normal(D)) * scale for _ in range(2)]
            biases = [g.standard_normal(D) * scale + g.choice([0, 20]), np.zeros(D)]
            f = _floats(case.frozen).adapted(changes, biases)
            biases[1] = (wanted - f.preactivations(points, num)[-1]).mean(0)  # the best of these last biases, nearly
            error = np.linalg.norm(_floats(case.frozen).adapted(changes, biases).forward(points, num) - wanted, axis=1)
            assert error.max() >= floor


def _floats(model: ReluNetwork) -> ReluNetwork:
    return ReluNetwork(
        tuple(np.asarray(W, dtype=float) for W in model.weights),
        tuple(np.asarray(b, dtype=float) for b in model.biases),
    )


def test_no_certificate_excludes_a_target_up_to_scales() -> None:
    """Ranks that reach the target with G: whatever G the case carries, the obstruction is silent."""
    for D in (1, 2, 3):
        for ranks in ((0, 0), (1, 0), (0, 1), (1, 1)):
            if max(ranks) > D:
                continue
            for seed in range(4):
                case = OneBendRecipe(D, ranks, "reached", seed).exact(1)
                other = dataclasses.replace(case, order=tuple(range(D)), scales=case.scales * 0 + 1)
                hypotheses = ("rank(G W-bar_1 - W_1) <= R_1", "rank(W-bar_2 G^{-1} - W_2) <= R_2")
                assert check(one_bend, case, NUM).outcome is Outcome.HOLDS
                assert check(one_bend, other, NUM, skip=hypotheses).outcome is not Outcome.FAILS


@pytest.mark.parametrize("kind", ["first negative", "second negative"])
def test_a_change_of_sign_is_beyond_every_positive_scale(kind: str) -> None:
    for D in (1, 2, 3):
        case = OneBendRecipe(D, (0, 0), kind, 0).exact(1)
        skipped = ("rank(G W-bar_1 - W_1) <= R_1", "rank(W-bar_2 G^{-1} - W_2) <= R_2")
        assert check(one_bend, case, NUM, skip=skipped).outcome is Outcome.FAILS
