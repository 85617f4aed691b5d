"""Matrices of given spectrum, rank and condition; plain arrays for tests that want no judge."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from theorems.case import MatrixCase
from theorems.properties import rank_of
from theorems.strategies import Recipe, matrices, matrices_of_spectrum

fast = settings(max_examples=40, deadline=None, database=None, derandomize=True)


@fast
@given(matrices_of_spectrum(spectrum=(3, 2, -1), symmetric=True), st.integers(0, 4))
def test_eigenvalues_are_as_given(recipe: Any, index: int) -> None:
    (A,) = recipe.arrays()
    zeros = [0.0] * (len(A) - 3)
    assert np.abs(np.linalg.eigvalsh(A) - sorted([3.0, 2.0, -1.0, *zeros])).max() < 1e-13
    (E,) = recipe.exact(index).matrices
    assert (E == E.T).all()
    assert E.trace() == 4
    assert (E @ E).trace() == 14


@fast
@given(matrices_of_spectrum(rank=2, min_dimension=2, max_dimension=5, square=False), st.integers(0, 4))
def test_the_rank_is_as_given(recipe: Any, index: int) -> None:
    (A,) = recipe.arrays()
    assert np.linalg.matrix_rank(A) == 2
    assert rank_of(recipe.exact(index).matrices[0]) == 2


@fast
@given(matrices_of_spectrum(condition=Fraction(100), symmetric=True, min_dimension=2))
def test_the_condition_is_as_given(recipe: Any) -> None:
    (A,) = recipe.arrays()
    assert (A == A.T).all()
    assert np.linalg.eigvalsh(A)[0] > 0
    assert abs(np.linalg.cond(A) - 100) < 1e-10


@fast
@given(matrices(structure="rotation"), matrices(structure="psd", count=2, vectors=1))
def test_arrays_are_plain_and_finite(rotation: Any, covariances: Any) -> None:
    (Q,) = rotation.arrays()
    assert type(Q) is np.ndarray
    assert Q.dtype == np.float64
    assert abs(np.linalg.det(Q) - 1) < 1e-12
    A, B, x = covariances.arrays()
    assert A.shape == B.shape == (len(x), len(x))


def test_general_matrices_are_reached_and_a_diagonal_one_is_what_they_shrink_to() -> None:
    strategy = matrices_of_spectrum(rank=2, min_dimension=3, max_dimension=3)

    def has_fractions(recipe: Recipe[MatrixCase]) -> bool:
        return any(value.denominator > 1 for value in recipe.exact(3).matrices[0].ravel())

    find(strategy, has_fractions, settings=settings(fast, max_examples=200))
    simplest = find(strategy, lambda recipe: True, settings=fast).exact().matrices[0]
    assert sorted((simplest != 0).sum(1).tolist()) == [0, 1, 1]


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        ({"rank": 9}, "too small for 9"),
        ({"rank": -1}, "negative"),
        ({"spectrum": (1,), "rank": 1}, "leave these out"),
        ({"spectrum": (-1,)}, "symmetric=True"),
        ({"condition": 0}, "at least 1"),
        ({"condition": 2, "max_dimension": 1}, "its ratio is 1"),
        ({"symmetric": True, "square": False}, "leave one of them out"),
    ],
)
def test_an_impossible_argument_says_what_to_do(arguments: dict[str, Any], remedy: str) -> None:
    with pytest.raises(InvalidArgument, match=remedy):
        matrices_of_spectrum(**arguments).validate()
