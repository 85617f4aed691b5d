"""ReLU networks, their inputs and cases: against hand-computed ones, and what is refused."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from tests.tool.test_strategies import fast, require_sound
from theorems.arithmetic import Float64, Fractions, Rational
from theorems.case import SVD, Array, fractions
from theorems.errors import InputError
from theorems.models.linear import product
from theorems.models.relu import DensityCase, Inputs, NetworkCase, PartialSumCase, ReluNetwork, uniform_partition
from theorems.strategies.draws import draws
from theorems.strategies.models.relu import FROZEN_MODELS, SETS, SUPPORTS, TARGETS, NetworkRecipe, networks
from theorems.strategies.recipes import Recipe
from theorems.strategies.search.smaller_networks import smaller_networks
from theorems.strategies.texts.zeng_lee.relu.obstructed import (
    diagonal_chains,
    obstructed_networks,
    padded,
    padded_networks,
)
from theorems.strategies.texts.zeng_lee.relu.partial_sums import densities, partial_sums
from theorems.strategies.texts.zeng_lee.relu.proof_networks import (
    chains,
    collapsed_networks,
    head_starts,
    spare_networks,
)
from theorems.texts.zeng_lee.relu.construction import (
    approximation,
    bounding_box,
    by_elimination,
    by_equation_8,
    corners,
    decompositions,
    image,
    linearising_biases,
    uniform_ranks,
)


def exact(values: Any) -> Array:
    return fractions(np.array(values, dtype=object))


def first(strategy: st.SearchStrategy[Recipe[Any]]) -> Recipe[Any]:
    """One recipe of a strategy, always the same."""
    recipe: Recipe[Any] = next(iter(draws(strategy, seed=0, key="first")))
    return recipe


def unit_case(**changes: Any) -> NetworkCase:
    """Two layers of width 2 against one, exact everywhere."""
    one, zero = exact([[1, 0], [0, 1]]), exact([0, 0])
    case = NetworkCase(
        ReluNetwork((one, one), (zero, zero)),
        (SVD(one, zero, one),),
        (zero,),
        ((1, 2),),
        (1, 1),
        Inputs(exact([[1, 0], [0, 1]]), exact([Fraction(1, 2), Fraction(1, 2)]), zero, exact([0])),
    )
    return dataclasses.replace(case, **changes)


# models -------------------------------------------------------------------------------------------------------------


def test_a_network_of_two_layers_by_hand() -> None:
    """x = (1, 2): W_1 x + b_1 = (-1, 3), ReLU (0, 3), W_2 z + b_2 = (3, -6 + 1), output (3, 0)."""
    f = ReluNetwork((exact([[1, -1], [1, 1]]), exact([[0, 1], [5, -2]])), (exact([0, 0]), exact([0, 1])))
    for num in (Rational(), Fractions(), Float64()):
        g, x = num.load(f), num.load(ReluNetwork((exact([[1, 2], [0, 0]]),), (exact([0, 0]),))).weights[0]
        out = np.asarray(g.forward(x, num), dtype=object).reshape(2, 2)
        assert [[float(Fraction(str(v))) for v in row] for row in out] == [[3.0, 0.0], [0.0, 1.0]]


def test_a_batch_is_its_members_side_by_side() -> None:
    recipe = NetworkRecipe(networks_recipe().blocks, (2,), (1, 1), "random biases", "gaussian", 3, "box", 5)
    batch = recipe.batch(4)
    together = batch.target.forward(batch.inputs.points, Float64(size=4))
    for i in range(4):
        num = Float64()
        alone = num.load(
            ReluNetwork(*(tuple(leaf[i] for leaf in part) for part in (batch.target.weights, batch.biases)))
        )
        assert np.allclose(alone.forward(batch.inputs.points[i][None], num)[0], together[i])


def networks_recipe() -> NetworkRecipe:
    recipe = first(networks(max_target_depth=1, min_block=2, min_dimension=2))
    assert isinstance(recipe, NetworkRecipe)
    return recipe


@pytest.mark.parametrize(("L", "target", "expected"), [
    (4, 2, ((1, 2), (3, 4))), (3, 2, ((1,), (2, 3))), (5, 1, ((1, 2, 3, 4, 5),)), (7, 3, ((1, 2), (3, 4), (5, 6, 7))),
])  # fmt: skip
def test_uniform_partitions(L: int, target: int, expected: tuple[tuple[int, ...], ...]) -> None:
    assert uniform_partition(L, target) == expected


def test_a_sub_model_is_a_case_of_its_own() -> None:
    one, zero = exact([[1, 0], [0, 1]]), exact([0, 0])
    case = unit_case(
        frozen=ReluNetwork((one, 2 * one, 3 * one), (zero,) * 3),
        errors=(SVD(one, zero, one),) * 2,
        biases=(zero, zero),
        partition=((1,), (2, 3)),
        ranks=(1, 2, 1),
    )
    sub = case.only(1)
    assert (sub.partition, sub.ranks, case.M) == (((1, 2),), (2, 1), 1)
    assert (sub.frozen_product(0) == 6 * one).all()
    assert uniform_ranks(dataclasses.replace(case, ranks=(1, 1, 1))) == (1, 0, 1)


# constructions: invariants, never a second copy of the formula ------------------------------------------------------


def test_the_bounding_box_and_its_image() -> None:
    inputs = Inputs(exact([[1, 0], [-2, 3]]), exact([Fraction(1, 3), Fraction(2, 3)]), exact([1, 0]), exact([2]))
    num = Rational()
    loaded = num.load(inputs)
    low, high = bounding_box(loaded, num)
    assert [int(str(v)) for v in (*low, *high)] == [-5, -2, 4, 5]
    low, high = image(num.constant([[1, -1], [0, 2]]), num.constant([1, 0]), low, high, num)
    assert [int(str(v)) for v in (*low, *high)] == [-9, -4, 7, 10]


@settings(fast, max_examples=25)
@given(networks(max_target_depth=1, max_block=3, frozen=("gaussian", "identity weights", "permutation weights")))
def test_linearising_biases_activate_every_hidden_unit_everywhere(recipe: Recipe[NetworkCase]) -> None:
    """On random points of the set, not only at its corners, and the output is one ReLU of an affine map."""
    num = Rational()
    case = num.load(recipe.exact(1))
    low, high = bounding_box(case.inputs, num)
    biases = linearising_biases(case.frozen.weights, case.biases[0], low, high, num)
    f = case.frozen.adapted([W * 0 for W in case.frozen.weights], biases)
    shares = num.constant([[Fraction((7 * k + 3 * j) % 11, 10) for j in range(case.frozen.width)] for k in range(5)])
    points = low + shares * (high - low)
    seen = f.preactivations(points, num)
    assert all((y >= 0).all() for y in seen[:-1])
    assert (f.forward(points, num) == num.relu(points @ product(f.weights).mT + case.biases[0])).all()


@pytest.mark.parametrize("method", [by_equation_8, by_elimination])
def test_adapters_keep_their_rank_and_biases_do_not_change_the_frozen_ones(method: Any) -> None:
    recipe = NetworkRecipe(networks_recipe().blocks, (2,), (1, 1), "always active", "axes", 2, "ball", 3)
    num = Rational()
    case = num.load(recipe.exact(2))
    with num.running(case):
        made = approximation(case, decompositions(case, num), case.ranks, method, num)
        assert all(num.rank(a.matrix) <= 1 for a in made.adapters)
        assert all((new - old == a.matrix).all() for new, old, a in zip(
            made.network.weights, case.frozen.weights, made.adapters, strict=True))  # fmt: skip


def test_corners_are_those_of_the_thickened_points() -> None:
    num = Rational()
    inputs = num.load(Inputs(exact([[1]]), exact([1]), exact([2]), exact([1])))
    assert sorted(int(str(v)) for v in corners(inputs, num).ravel()) == [-2, 1, 4]


# what is refused ----------------------------------------------------------------------------------------------------

_ONE, _ZERO = exact([[1, 0], [0, 1]]), exact([0, 0])
_INPUTS = Inputs(exact([[1, 0]]), exact([1]), _ZERO, exact([0]))


@pytest.mark.parametrize(("make", "message"), [
    (lambda: ReluNetwork((), ()), "no layers"),
    (lambda: ReluNetwork((_ONE,), ()), "one bias a layer"),
    (lambda: ReluNetwork((_ONE, exact([[1]])), (_ZERO, _ZERO)), "width of W_1"),
    (lambda: ReluNetwork((_ONE,), (exact([0]),)), "a bias has the width"),
    (lambda: uniform_partition(2, 3), "must not be deeper"),
    (lambda: unit_case(errors=(SVD(_ONE, _ZERO, _ONE),) * 3, biases=(_ZERO,) * 3), "must not be deeper"),
    (lambda: unit_case(partition=((1,),)), "cover 1..2"),
    (lambda: unit_case(partition=((2, 1),)), "consecutive"),
    (lambda: unit_case(partition=((1, 2, 3),)), "cover 1..2"),
    (lambda: unit_case(ranks=(1,)), "one a layer"),
    (lambda: unit_case(ranks=(1, 3)), "outside 0..2"),
    (lambda: unit_case(errors=(SVD(exact([[1]]), exact([0]), exact([[1]])),)), "widths must all be"),
    (lambda: unit_case(biases=(exact([0]),)), "widths must all be"),
    (lambda: unit_case(inputs=Inputs(exact([[1]]), exact([1]), exact([0]), exact([0]))), "coordinates"),
    (lambda: dataclasses.replace(_INPUTS, weights=exact([Fraction(1, 2)])), "do not sum to one"),
    (lambda: Inputs(exact([[0], [1]]), exact([2, -1]), exact([0]), exact([0])), "negative"),
    (lambda: dataclasses.replace(_INPUTS, box=exact([0, -1])), "negative"),
    (lambda: dataclasses.replace(_INPUTS, weights=exact([1, 0])), "probabilities of shape"),
    (lambda: Inputs(np.array([[np.inf]]), np.ones(1), np.zeros(1), np.zeros(1)), "unbounded"),
    (lambda: Inputs(np.zeros((1, 1)), np.ones(1), np.full(1, np.inf), np.zeros(1)), "unbounded"),
    (lambda: Inputs(np.zeros((1, 1)), np.full(1, 0.9), np.zeros(1), np.zeros(1)), "do not sum to one"),
    (lambda: unit_case(ranks=(1, 2)).rank, "differ"),
    (lambda: PartialSumCase(_ONE, SVD(_ONE, _ZERO, _ONE), SVD(exact([[1]]), exact([0]), exact([[1]])), 1), "D x D"),
    (lambda: DensityCase(exact([1]), exact([1, 0]), 0), "give as many"),
    (lambda: DensityCase(exact([1]), exact([2]), 0), "integrate to one"),
])  # fmt: skip
def test_bad_input_is_one_clear_line(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        make()
    assert "\n" not in str(raised.value)


# strategies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", [
    networks(max_target_depth=2), networks(partition="general", ranks="per-layer", min_rank=0),
    networks(frozen=("silero gates", "pretrained in process"), max_target_depth=2),
    obstructed_networks(max_dimension=4), collapsed_networks(), spare_networks(),
    chains(kind="missed block"), chains(kind="growing biases", rank=0),
    partial_sums(), partial_sums(ties=False), densities(),
    networks(covering=True, partition="general", ranks="per-layer"), obstructed_networks(min_dimension=2, min_rank=0),
    diagonal_chains(), padded_networks(networks(max_dimension=1)), head_starts(),
], ids=range(16))  # fmt: skip
def test_recipes_are_sound(strategy: st.SearchStrategy[Recipe[Any]]) -> None:
    @settings(fast, max_examples=12)
    @given(strategy, st.integers(0, 2))
    def sound(recipe: Recipe[Any], index: int) -> None:
        require_sound(recipe, index)

    sound()


def test_networks_reach_what_they_are_for() -> None:
    seen: set[str] = set()

    @settings(fast, max_examples=150)
    @given(networks(max_target_depth=3, max_block=3, max_dimension=3))
    def collect(recipe: Recipe[NetworkCase]) -> None:
        assert isinstance(recipe, NetworkRecipe)
        seen.update((recipe.target, recipe.support, recipe.around, f"D={recipe.dimension}"))
        M, L = recipe.depths[0], len(recipe.ranks)
        if L % len(recipe.depths):
            seen.add("L not a multiple of L-bar")
        s = recipe.batch(8).errors[0].s
        for offset in (0, 1):
            if ((s > 0).sum(-1) == recipe.ranks[0] * M + offset).any():
                seen.add(f"rank(E) = RM + {offset}")

    collect()
    wanted = {*TARGETS, *SUPPORTS, *SETS, "D=1", "L not a multiple of L-bar", "rank(E) = RM + 0", "rank(E) = RM + 1"}
    assert wanted <= seen


@pytest.mark.parametrize(("partition", "ranks"), [("uniform", "uniform"), ("general", "per-layer")])
def test_covering_ranks_reach_every_target(partition: str, ranks: str) -> None:
    seen: set[bool] = set()

    @settings(fast, max_examples=40)
    @given(networks(covering=True, partition=partition, ranks=ranks, max_block=3))
    def covers(recipe: Recipe[NetworkCase]) -> None:
        assert isinstance(recipe, NetworkRecipe)
        for block in recipe.partition:
            assert sum(recipe.ranks[l - 1] for l in block) >= recipe.dimension
        M = len(recipe.ranks) // len(recipe.depths)
        if ranks == "uniform":
            assert recipe.ranks[0] * M >= recipe.dimension
            seen.add((recipe.ranks[0] - 1) * M < recipe.dimension)

    covers()
    assert ranks != "uniform" or seen == {True, False}


def test_padding_keeps_the_network_on_its_coordinates() -> None:
    case = networks_recipe().exact(1)
    wide = padded(case, 2)
    num = Rational()
    small, large = num.load(case), num.load(wide)
    for network, other in ((small.frozen, large.frozen), (small.target, large.target)):
        out = other.forward(large.inputs.points, num)
        assert (out[:, :-2] == network.forward(small.inputs.points, num)).all()
        assert (out[:, -2:] == 0).all()


def test_targets_are_as_they_are_called() -> None:
    num = Rational()
    for target, sign in (("always active", 1), ("dead", -1)):
        recipe = first(networks(targets=(target,), max_target_depth=2, frozen=("gaussian",)))
        case = num.load(recipe.exact(1))
        for y in case.target.preactivations(corners(case.inputs, num), num):
            assert (y * sign > 0).all()


def test_pretrained_models_and_real_weights_are_drawn() -> None:
    assert {"pretrained in process", "silero gates"} < set(FROZEN_MODELS[-3:])
    for name in FROZEN_MODELS[-3:]:
        recipe = first(networks(frozen=(name,)))
        assert recipe.exact(0).frozen.depth >= 1


def test_impossible_arguments_say_what_to_do() -> None:
    with pytest.raises(InvalidArgument, match="unknown"):
        networks(targets=("asleep",))
    with pytest.raises(InvalidArgument, match="min_rank=3"):
        networks(min_rank=3)
    with pytest.raises(InvalidArgument, match="max_block"):
        networks(min_block=3, max_block=2)


def test_smaller_networks_are_cases_that_are_smaller() -> None:
    case = NetworkRecipe(networks_recipe().blocks, (2,), (1, 1), "random biases", "small integers", 3, "box", 5).exact(
        2
    )
    shapes = set()
    for change in smaller_networks(case):
        try:
            candidate = change(case)
        except InputError:
            continue
        if candidate is not None:
            shapes.add((candidate.frozen.depth, candidate.frozen.width, len(candidate.inputs.weights)))
            assert sum(candidate.inputs.weights.tolist()) == 1
    assert {(1, 2, 3), (2, 1, 3), (2, 2, 2)} <= shapes
