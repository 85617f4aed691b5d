"""Recipes of linear cases: decompositions, hypotheses, reach, competitors, shrinking."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from tests.tool.test_strategies import FIND, fast, require_sound
from theorems.case import SVD, Array
from theorems.models.linear import LinearCase, product
from theorems.strategies import COMPETITORS, STRATA, Recipe, linear_cases
from theorems.strategies.models.linear import EDGES, LinearRecipe
from theorems.strategies.rational import flint_matrix, identity, product_of

PLAIN = [name for name in STRATA if name not in EDGES]


def exactly_orthogonal(Q: Array) -> bool:
    return bool((product_of(Q.T, Q) == identity(len(Q))).all())


def partial(error: SVD, r: int) -> Array:
    return SVD(error.U[..., :r], error.s[..., :r], error.V[..., :r]).matrix


def meets_hypotheses(case: LinearCase) -> Any:
    """Whether each member of a batch has well-conditioned partial sums and weights (Lemma 9, in floats)."""
    met = np.ones(len(case.error.s), dtype=bool)
    sums = [case.frozen.matrix + partial(case.error, r) for r in range(sum(case.ranks[:-1]) + 1)]
    for A in (*case.frozen.weights, *sums):
        s = np.linalg.svd(A, compute_uv=False)
        met &= s[:, -1] > 1e-13 * s[:, 0]
    return met


def meets_hypotheses_exactly(case: LinearCase) -> bool:
    sums = [case.frozen.matrix + partial(case.error, r) for r in range(1, sum(case.ranks[:-1]) + 1)]
    return all(flint_matrix(A).det() != 0 for A in (*case.frozen.weights, *sums))


@pytest.mark.parametrize("law", STRATA)
def test_linear_cases_are_sound_with_exact_decompositions(law: str) -> None:
    @settings(fast, max_examples=15)
    @given(linear_cases(strata=(law,), ranks="per-layer", min_rank=0, max_depth=4), st.integers(0, 4))
    def sound(recipe: Recipe[LinearCase], index: int) -> None:
        require_sound(recipe, index)
        batch, exact = recipe.batch(8), recipe.exact(index)
        D = batch.frozen.width
        for Q in (batch.error.U, batch.error.V):
            assert np.abs(Q.mT @ Q - np.eye(D)).max() < 1e-13
        assert exactly_orthogonal(exact.error.U)
        assert exactly_orthogonal(exact.error.V)
        for s in (batch.error.s, exact.error.s):
            assert (s >= 0).all()
            assert (np.diff(s) <= 0).all()
        for case in (batch, exact):
            for adapter, rank in zip(case.competitor, case.ranks, strict=True):
                assert adapter.B.shape[-1] == adapter.A.shape[-2] == rank

    sound()


@pytest.mark.parametrize("law", PLAIN)
def test_most_instances_meet_the_hypotheses(law: str) -> None:
    for L in (2, 3):
        for seed in range(4):
            spectrum = STRATA[law].spectra[seed % len(STRATA[law].spectra)]
            recipe = LinearRecipe(law, spectrum, "zero", 4, (1,) * L, seed)
            assert meets_hypotheses(recipe.batch(100)).mean() > 0.7
    exact = [meets_hypotheses_exactly(LinearRecipe(law, "distinct", "zero", 3, (1, 1), k).exact(k)) for k in range(12)]
    assert np.mean(exact) > 0.5


def test_the_edges_violate_a_hypothesis() -> None:
    for law in ("zero target", "singular weight"):
        recipes = [LinearRecipe(law, "distinct", "zero", 3, (1, 1), seed) for seed in range(6)]
        assert not any(meets_hypotheses_exactly(recipe.exact(index)) for index, recipe in enumerate(recipes))
        assert np.mean([meets_hypotheses(recipe.batch(50)).mean() for recipe in recipes]) < 0.1


def test_singular_partial_sums_violate_the_hypothesis_or_lie_at_the_whole_rank() -> None:
    recipes = [LinearRecipe("singular partial sum", "distinct", "zero", 3, (1, 1), seed) for seed in range(12)]
    cases = [recipe.exact(index) for index, recipe in enumerate(recipes)]
    met = [meets_hypotheses_exactly(case) for case in cases]
    assert any(met)
    assert np.mean(met) < 0.5
    for case, meets in zip(cases, met, strict=True):
        assert flint_matrix(case.frozen.matrix + partial(case.error, 2 if meets else 1)).det() == 0


def test_singular_partial_sums_of_higher_rank_are_exact() -> None:
    recipe = LinearRecipe("singular partial sum", "distinct", "zero", 4, (3, 1), 5)
    for index in range(12):
        case = recipe.exact(index)
        singular = [flint_matrix(case.frozen.matrix + partial(case.error, r)).det() == 0 for r in range(1, 5)]
        assert any(singular), index


def test_zero_targets_are_zero() -> None:
    for index in range(4):
        case = LinearRecipe("zero target", "distinct", "zero", 3, (1, 1, 1), 1).exact(index)
        assert (case.target == 0).all()
        assert all(flint_matrix(W).det() != 0 for W in case.frozen.weights)


def test_linear_cases_reach_what_they_are_for() -> None:
    """Ranks at and beside the threshold, ties at the cut, conditions and scales, every competitor and depth."""
    seen: set[str] = set()

    @settings(fast, max_examples=400)
    @given(linear_cases(max_depth=6))
    def collect(recipe: Recipe[LinearCase]) -> None:
        assert isinstance(recipe, LinearRecipe)
        seen.update((recipe.law, recipe.competitor, f"L={recipe.depth}", f"D={recipe.dimension}", recipe.stratum))
        case = recipe.batch(8)
        D, cut, s = recipe.dimension, sum(recipe.ranks), case.error.s
        for offset in (-1, 0, 1):
            if ((s > 0).sum(-1) == cut + offset).any() and cut + offset < D:
                seen.add(f"rank(E) = RL + {offset}")
        if 0 < cut < D and (s[:, cut - 1] == s[:, cut])[s[:, cut] > 0].any():
            seen.add("tie at the cut")
        if (s == 0).all():
            seen.add("E = 0")
        if cut < D:
            seen.add("something is left to err")
        if D > 1 and np.linalg.cond(case.frozen.matrix).max() > 1e8:
            seen.add("condition")
        size = np.abs(case.frozen.matrix).max((-2, -1))
        seen.update(["large"] * bool(size.max() > 1e20) + ["small"] * bool(size.min() < 1e-20))

    collect()
    wanted = {*STRATA, *COMPETITORS, *(f"L={k}" for k in range(1, 7)), *(f"D={k}" for k in range(1, 5)), "condition",
              "rank(E) = RL + -1", "rank(E) = RL + 0", "rank(E) = RL + 1", "tie at the cut", "E = 0", "large", "small",
              "something is left to err", "deep, gaussian"}  # fmt: skip
    assert wanted <= seen, wanted - seen


def test_ranks_are_uniform_or_one_each() -> None:
    @fast
    @given(linear_cases(ranks="uniform", min_depth=2), linear_cases(ranks="per-layer", min_rank=0, min_depth=2))
    def check(uniform: Recipe[LinearCase], each: Recipe[LinearCase]) -> None:
        assert 1 <= uniform.exact().rank <= uniform.size[0]
        assert all(0 <= rank <= each.size[0] for rank in each.exact().ranks)

    check()
    assert find(linear_cases(ranks="per-layer", min_rank=0), lambda r: 0 in r.exact().ranks < (0, 1), settings=FIND)


@pytest.mark.parametrize("ranks", [(1,), (1, 1), (2, 0, 1)])
def test_competitors_in_every_layer_come_as_near_as_the_singular_values_allow(ranks: tuple[int, ...]) -> None:
    """The spectral error of "every layer" is sigma_{sum R + 1}(E), and no competitor is below it."""
    cut = sum(ranks)
    for kind in COMPETITORS:
        case = LinearRecipe("gaussian", "distinct", kind, 4, ranks, 3).batch(100)
        adapted = product([W + a.matrix for W, a in zip(case.frozen.weights, case.competitor, strict=True)])
        error = np.linalg.norm(adapted - case.target, 2, axis=(1, 2))
        best = case.error.s[:, cut]
        assert (error >= best * (1 - 1e-6)).all()
        if kind == "every layer":
            assert np.median(error / best) < 1 + 1e-9
    exact = LinearRecipe("gaussian", "distinct", "every layer", 4, ranks, 3).exact(2)
    adapted = product([W + a.matrix for W, a in zip(exact.frozen.weights, exact.competitor, strict=True)])
    assert (adapted - exact.target == -partial(exact.error, 4) + partial(exact.error, cut)).all()


def test_linear_cases_shrink_to_the_simplest() -> None:
    simplest = LinearRecipe("identity weights", "distinct", "zero", 1, (1,))
    assert find(linear_cases(max_depth=6), lambda recipe: True, settings=FIND) == simplest
    case = simplest.exact()
    assert case.frozen.weights[0].tolist() == [[1]]
    assert case.error.s.tolist() == [1]
    tie = find(
        linear_cases(), lambda r: r.size[0] > 1 and len(set(r.exact().error.s)) < r.size[0] > sum(r.exact().ranks),
        settings=FIND,
    )  # fmt: skip
    assert tie == LinearRecipe("identity weights", "all equal", "zero", 2, (1,))


def test_exact_members_of_index_zero_are_simple() -> None:
    case = LinearRecipe("identity weights", "distinct", "zero", 3, (1, 1), 7).exact()
    assert all((identity(3) == W).all() for W in case.frozen.weights)
    assert np.count_nonzero(case.error.matrix) == 3
    plain = LinearRecipe("gaussian", "distinct", "random", 3, (1, 1), 7).exact()
    entries = [value for W in plain.frozen.weights for value in W.flat]
    assert all(value.denominator == 1 and abs(value) <= 5 for value in entries)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"min_depth": 4}, "min_depth=4 exceeds max_depth=3"),
        ({"min_rank": 2}, "min_rank=2 exceeds min_dimension=1.*lower min_rank"),
        ({"min_rank": -1}, "min_rank=-1 is below 0"),
        ({"ranks": "mixed"}, "ranks='mixed' is unknown: use one of 'uniform', 'per-layer'"),
        ({"strata": ("gauss",)}, "an entry of strata='gauss' is unknown: use one of 'identity weights'"),
        ({"competitors": []}, "is empty"),
    ],
)
def test_impossible_linear_cases_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        linear_cases(**arguments)
