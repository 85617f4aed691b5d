"""Recipes of matrix, random-vector and count cases: promises, reach, shrinking, messages."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from theorems.arithmetic import Float64
from theorems.arithmetic.base import NO
from theorems.case import CountCase, MatrixCase, arrays, fractions
from theorems.models.inputs import RandomVectorCase
from theorems.properties import rank_of
from theorems.strategies import LAWS, NAMED, Recipe, counts, matrices, random_vectors
from theorems.strategies.matrices import RELATIONS, VECTOR_LAWS, MatrixRecipe
from theorems.strategies.random_vectors import SUPPORTS, RandomVectorRecipe
from theorems.strategies.structures import PROMISED, STRUCTURES

fast = settings(max_examples=40, deadline=None, database=None, derandomize=True)
FIND = settings(max_examples=2000, deadline=None, database=None, derandomize=True)
#: `find` draws through a derandomised setting, so these tests say the same on every run.


def require_sound(recipe: Recipe[Any], index: int) -> None:
    """What the search relies on: shapes agree, batches are finite floats, exact cases Fractions, all deterministic."""
    batch, exact = recipe.batch(16), recipe.exact(index)
    assert len(arrays(batch)) == len(arrays(exact))
    count = len(arrays(batch)[0])
    assert 1 <= count <= 16
    for x, y in zip(arrays(batch), arrays(exact), strict=True):
        assert x.shape == (count, *y.shape)
        assert x.dtype == np.float64
        assert np.isfinite(x).all()
        assert all(type(value) is Fraction for value in y.flat)
    again: Recipe[Any] = pickle.loads(pickle.dumps(recipe))
    assert again == recipe
    assert all((a == b).all() for a, b in zip(arrays(batch), arrays(again.batch(16)), strict=True))
    assert all((a == b).all() for a, b in zip(arrays(exact), arrays(again.exact(index)), strict=True))
    assert isinstance(recipe.stratum, str)
    assert all(isinstance(number, int) for number in recipe.size)


ARGUMENTS: list[dict[str, Any]] = [
    {"vectors": 2},
    {"count": 2},
    {"count": 3, "shapes": "rectangular-chain", "vectors": 1},
    {"count": 2, "shapes": "transposed-pair"},
    {"count": 2, "shapes": "rectangular"},
    {"count": 3, "shapes": "same", "vectors": 1},
    {"count": 2, "structure": ("psd", None), "vectors": 1},
    {"count": 2, "relations": ("commuting",)},
    *({"structure": structure, "count": 2} for structure in STRUCTURES if structure),
]


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
def test_matrices_are_sound(arguments: dict[str, Any]) -> None:
    @fast
    @given(matrices(**arguments), st.integers(0, 5))
    def sound(recipe: Recipe[MatrixCase], index: int) -> None:
        require_sound(recipe, index)

    sound()


@fast
@given(matrices(count=2, shapes="rectangular-chain"), matrices(count=2, shapes="transposed-pair"))
def test_shapes_fit(chain: Recipe[MatrixCase], pair: Recipe[MatrixCase]) -> None:
    A, B = chain.batch(3).matrices
    assert (A @ B).shape == (3, A.shape[1], B.shape[2])
    A, B = pair.exact().matrices
    assert A.shape == B.T.shape


@pytest.mark.parametrize("structure", [s for s in STRUCTURES if s])
def test_structures_hold_exactly(structure: str) -> None:
    @fast
    @given(matrices(structure=structure), st.integers(0, 5))
    def holds(recipe: Recipe[MatrixCase], index: int) -> None:
        (A,), (E,) = recipe.batch(8).matrices, recipe.exact(index).matrices
        if structure in ("symmetric", "psd", "psd-rank-one"):
            assert (A.mT == A).all()
            assert (E == E.T).all()
        if structure == "antisymmetric":
            assert (-A.mT == A).all()
            assert (E == -E.T).all()
        if structure.startswith("psd"):
            unit = A / np.maximum(np.abs(A).max((-2, -1), keepdims=True), 1e-300)
            assert np.linalg.eigvalsh(unit).min() > -1e-12
            assert all(E[i, i] >= 0 for i in range(len(E)))
        if structure == "psd-rank-one":
            assert all(E[i, i] * E[j, j] == E[i, j] ** 2 for i in range(len(E)) for j in range(len(E)))
        if structure == "diagonal":
            assert np.count_nonzero(E) <= len(E)
        if structure == "orthogonal":
            assert (np.eye(len(E)) == E.T @ E).all()
            assert np.abs(A.mT @ A - np.eye(len(E))).max() < 1e-13
        assert all(promise.exact(E) for promise in PROMISED[structure])
        assert np.isfinite(A).all()
        for promise in PROMISED[structure]:  # floats keep it but for rounding: `equal` and its like decide
            num = Float64(size=8)
            case = num.load(MatrixCase((A,)))
            with num.running(case):
                answer = num.decide(promise.condition(case.matrices[0], num))
            assert structure == "nonsingular" or (answer.verdicts != NO).all()

    holds()


#: Matrices that each structure has, and that a lazy builder would miss.
REACHED: dict[str, Callable[[Any], bool]] = {
    "doubly stochastic": lambda E: len(E) == 3 and len({*E.ravel().tolist()}) > 3 and (E != E.T).any(),
    "permutation": lambda E: len(E) == 3 and (E != E.T).any(),
    "toeplitz": lambda E: len(E) == 3 and (E != E.T).any(),
    "hankel": lambda E: len({*E.ravel().tolist()}) >= 3,
    "circulant": lambda E: len(E) == 3 and (E != E.T).any(),
    "companion": lambda E: len(E) == 3 and E[0, 2] != 0,
    "nilpotent": lambda E: any(E[i, i] != 0 for i in range(len(E))),
    "projection": lambda E: (E != E.T).any() and 0 < sum(E[i, i] for i in range(len(E))) < len(E),
    "orthogonal projection": lambda E: any(value.denominator > 1 for value in E.ravel().tolist()),
    "correlation": lambda E: len(E) == 3 and 0 < abs(E[0, 1]) < 1 and 0 < abs(E[1, 2]) < 1,
    "m-matrix": lambda E: len(E) == 3 and (E != E.T).any() and any(sum(row) < 0 for row in E.tolist()),
}


@pytest.mark.parametrize("structure", REACHED)
def test_structures_are_reached(structure: str) -> None:
    found = find(
        st.tuples(matrices(structure=structure, min_dimension=2, max_dimension=3), st.integers(0, 5)),
        lambda drawn: bool(REACHED[structure](drawn[0].exact(drawn[1]).matrices[0])),
        settings=settings(fast, max_examples=500),
    )
    assert found[0].stratum.startswith(structure)


def test_commuting_pairs_commute_and_are_no_multiples() -> None:
    recipe = MatrixRecipe(((3, 3), (3, 3)), ("gaussian", "gaussian"), relation="commuting", seed=4)
    A, B = recipe.exact(3).matrices
    assert (A @ B == B @ A).all()
    assert (A @ A).shape == B.shape
    assert rank_of(np.stack([A.ravel(), B.ravel(), fractions(np.eye(3)).ravel()])) == 3
    A, B = recipe.batch(50).matrices
    assert np.abs(A @ B - B @ A).max() < 1e-12 * np.abs(A @ B).max()


@fast
@given(matrices(count=2, structure=("psd", None)), matrices(count=2, shapes="same"))
def test_each_matrix_has_its_own_structure_and_shapes_agree(
    one: Recipe[MatrixCase], same: Recipe[MatrixCase]
) -> None:
    assert PROMISED["psd"][0].exact(one.exact(3).matrices[0])
    A, B = same.exact().matrices
    assert A.shape == B.shape


def test_matrices_reach_every_law_relation_and_vector() -> None:
    seen: set[str] = set()

    @settings(fast, max_examples=500)
    @given(matrices(count=2, vectors=1))
    def collect(recipe: Recipe[MatrixCase]) -> None:
        assert isinstance(recipe, MatrixRecipe)
        seen.update((*recipe.laws, recipe.relation, *recipe.vector_laws))

    collect()
    assert seen >= {*LAWS, *NAMED, *RELATIONS, *VECTOR_LAWS}


@pytest.mark.parametrize("relation", RELATIONS)
def test_relations_hold_in_batches_and_exactly(relation: str) -> None:
    recipe = MatrixRecipe(((3, 3), (3, 3)), ("gaussian", "gaussian"), relation=relation, seed=4)
    for A, B in (recipe.batch(4).matrices, recipe.exact(3).matrices):
        changed = A.mT - B
        relations = {
            "independent": not np.allclose(np.asarray(A @ B - B @ A, dtype=float), 0),
            "equal": (A == B).all(),
            "opposite": (A == -B).all(),
            "transposed": (changed == 0).all(),
            "squared": np.allclose(np.asarray(A @ A - B, dtype=float), 0),
            "transposed with one sign changed": (changed[..., 0, 0] == 2 * A[..., 0, 0]).all()
            and (changed[..., 1:, :] == 0).all(),
        }
        assert relations[relation]


def test_vectors_reach_the_largest_singular_value() -> None:
    recipe = MatrixRecipe(((4, 4),), ("ill-conditioned",), ("along the largest singular value",), seed=1)
    case = recipe.batch(200)
    (A,), (x,) = case.matrices, case.vectors
    gain = np.linalg.norm((A @ x[..., None])[..., 0], axis=-1) / np.linalg.norm(x, axis=-1)
    assert np.median(gain / np.linalg.norm(A, 2, axis=(1, 2))) > 0.999


def test_matrices_shrink_to_the_simplest() -> None:
    assert find(matrices(count=2, vectors=1), lambda recipe: True, settings=FIND) == MatrixRecipe(
        ((1, 1), (1, 1)), ("small integers", "small integers"), ("small integers",)
    )

    def not_commuting(recipe: Recipe[MatrixCase]) -> bool:
        A, B = recipe.batch(32).matrices
        return bool((A @ B != B @ A).any())

    found = find(matrices(count=2, max_dimension=6), not_commuting, settings=FIND)
    assert isinstance(found, MatrixRecipe)
    assert found.size == (2, 8)
    assert found.laws == ("small integers", "small integers")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"min_dimension": 3, "max_dimension": 2}, "min_dimension=3 exceeds max_dimension=2.*raise max_dimension"),
        ({"min_dimension": 0}, "min_dimension=0 is below 1.*use min_dimension=1"),
        ({"max_dimension": 2.5}, r"max_dimension=2\.5 is no integer"),
        ({"shapes": "round"}, "shapes='round' is unknown: use one of 'square'"),
        ({"shapes": "transposed-pair"}, "count=1 with shapes='transposed-pair'.*count=2"),
        ({"structure": ("psd", None)}, "give one for each matrix"),
        ({"structure": ("psd", "orthogonal"), "count": 2, "laws": ("gaussian",)}, "none has it"),
        ({"structure": "m-matrix", "count": 2, "relations": ("commuting",)}, "'commuting' is unknown"),
        ({"structure": "psd", "shapes": "rectangular"}, "only square matrices have it"),
        ({"laws": ("gauss",)}, "an entry of laws='gauss' is unknown"),
        ({"laws": "gaussian"}, r"is one string.*use laws=\('gaussian',\)"),
        ({"laws": ()}, "is empty"),
        ({"structure": "orthogonal", "laws": ("gaussian",)}, "'gaussian' is unknown: use one of 'permutation'"),
        ({"relations": ("equal",)}, "an entry of relations='equal' is unknown"),
    ],
)
def test_impossible_matrices_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        matrices(**arguments)


# Random vectors


@fast
@given(random_vectors(), st.integers(0, 6))
def test_random_vectors_are_distributions(recipe: Recipe[RandomVectorCase], index: int) -> None:
    require_sound(recipe, index)
    batch, exact = recipe.batch(9), recipe.exact(index)
    assert (batch.weights > 0).all()
    assert np.abs(batch.weights.sum(-1) - 1).max() < 1e-14
    assert all(weight > 0 for weight in exact.weights)
    assert sum(exact.weights) == 1


def test_random_vectors_reach_every_support() -> None:
    for support in SUPPORTS:
        recipe = RandomVectorRecipe(support, "gaussian", 2, 4, uniform=False, seed=2)
        for case in (recipe.exact(4), recipe.batch(3)):
            points, weights = case.points, case.weights[..., None]
            mean = (points * weights).sum(-2)
            if support == "symmetric":
                assert np.abs(mean.astype(float)).max() < 1e-15
            if support == "constant":
                assert (points == points[..., :1, :]).all()
            if support == "far from the origin":
                assert (points.astype(float) > 3).all()
    uneven = RandomVectorRecipe("ill-scaled", "gaussian", 2, 4, uniform=False).batch(200).weights
    assert uneven.min() < 1e-9
    assert find(random_vectors(), lambda recipe: True, settings=FIND) == RandomVectorRecipe(
        "small integers", "small integers", 1, 1
    )


# Counts


def test_counts_lie_in_their_ranges_and_reach_the_ends() -> None:
    strategy = counts(names={"L": (1, 6), "M": (1, lambda known: known["L"]), "R": (lambda known: known["M"], 9)})
    seen: set[tuple[int, ...]] = set()

    @settings(fast, max_examples=300)
    @given(strategy)
    def collect(recipe: Recipe[CountCase]) -> None:
        L, M, R = recipe.batch(5).values
        assert 1 <= M <= L <= 6
        assert M <= R <= 9
        assert recipe.exact(3) == recipe.batch(1)
        assert pickle.loads(pickle.dumps(recipe)) == recipe
        seen.add((L, M, R))

    collect()
    assert {(1, 1, 1), (6, 6, 9)} <= seen
    assert len(seen) > 60
    assert find(strategy, lambda recipe: True, settings=FIND).exact().values == (1, 1, 1)
    assert find(strategy, lambda r: r.exact().values[0] > 2, settings=FIND).exact().values == (3, 1, 1)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="names no integer"):
        counts(names={})
    with pytest.raises(InvalidArgument, match=r"names\['D'\]=\(3, 2\) is an empty range"):
        counts(names={"D": (3, 2)})
    with pytest.raises(InvalidArgument, match="leaves nothing between 5 and 1"):
        find(counts(names={"D": (1, 1), "R": (5, lambda known: known["D"])}), lambda recipe: True)


@pytest.mark.parametrize("support", SUPPORTS)
def test_exact_random_vectors_are_fractions(support: str) -> None:
    recipe = RandomVectorRecipe(support=support, law="small integers", dimension=3, points=4, seed=5)
    for index in range(4):
        case = recipe.exact(index)
        assert all(isinstance(value, Fraction) for leaf in arrays(case) for value in leaf.ravel().tolist())
