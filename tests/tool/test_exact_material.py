"""Rational orthogonal matrices, and exact neighbours of floats."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis.errors import InvalidArgument

from theorems.case import SVD, Array
from theorems.strategies.laws import haar, signed_permutations
from theorems.strategies.models.nearby import dyadics, nearby_orthogonal, nearby_svd
from theorems.strategies.rational import (
    flint_matrix,
    fraction_matrix,
    identity,
    nonsingular_integers,
    product_of,
    rational_orthogonal,
    solve_exactly,
    unimodular,
)
from theorems.strategies.recipes import generator_of


def orthogonal(Q: Array) -> bool:
    return bool((product_of(Q.T, Q) == identity(Q.shape[1])).all())


@pytest.mark.parametrize("n", [1, 2, 3, 6, 12])
@pytest.mark.parametrize("size", [0, 1, 3, 9])
def test_rational_orthogonal_matrices_are_orthogonal_and_short(n: int, size: int) -> None:
    generator = generator_of(n, size)
    for _ in range(4):
        Q = rational_orthogonal(generator, n, size=size)
        assert orthogonal(Q)
        if size == 0:
            assert set(Q.ravel().tolist()) <= {Fraction(0), Fraction(1), Fraction(-1)}
        assert max(value.denominator for value in Q.flat) < 10**12


def test_rational_orthogonal_matrices_reach_dense_ones_of_both_orientations() -> None:
    generator = generator_of(0)
    drawn = [rational_orthogonal(generator, 3, size=3) for _ in range(40)]
    assert any((Q != 0).all() for Q in drawn)
    assert {int(flint_matrix(Q).det().p) for Q in drawn} == {-1, 1}


def test_products_and_solutions_agree_with_fractions() -> None:
    generator = generator_of(1)
    A, B = nonsingular_integers(generator, 4, size=3), unimodular(generator, 4, 4, size=2)
    assert (product_of(A, B) == A @ B).all()
    assert (fraction_matrix(flint_matrix(A)) == A).all()
    X = solve_exactly(A, B)
    assert X is not None
    assert (A @ X == B).all()
    assert solve_exactly(A * 0, B) is None
    assert abs(flint_matrix(B).det()) == 1


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 16])
@pytest.mark.parametrize("bits", [6, 20, 40])
def test_nearby_orthogonal_matrices_are_exact_and_near(n: int, bits: int) -> None:
    """The error is of the order of one unit of the rounding, whatever the matrix."""
    for Q in haar(generator_of(n, bits), 3 if n > 8 else 12, n):
        near = nearby_orthogonal(Q, bits)
        assert orthogonal(near)
        assert np.abs(near.astype(float) - Q).max() < 3 * 2.0**-bits


@pytest.mark.parametrize("n", [1, 2, 3, 4, 6, 9])
def test_nearby_orthogonal_matrices_where_a_cayley_transform_does_not_exist(n: int) -> None:
    """-I, permutations, reflections and half turns have the eigenvalue -1."""
    reflection = np.eye(n) - 2 * np.ones((n, n)) / n
    for Q in (-np.eye(n), reflection, np.eye(n)[::-1], *signed_permutations(generator_of(n), 20, n)):
        near = nearby_orthogonal(Q, 20)
        assert orthogonal(near)
        assert np.abs(near.astype(float) - Q).max() < 3 * 2.0**-20


def test_signed_permutations_are_their_own_neighbours() -> None:
    for P in signed_permutations(generator_of(3), 20, 5):
        assert (nearby_orthogonal(P, 8) == P).all()


def test_a_matrix_that_is_not_orthogonal_has_no_neighbour() -> None:
    for bad in (np.ones((2, 2)), np.full((2, 2), np.nan), np.eye(3)[:, :2]):
        with pytest.raises(InvalidArgument, match="not square and orthogonal"):
            nearby_orthogonal(bad)


@pytest.mark.parametrize(("m", "n"), [(4, 4), (5, 2), (2, 6), (1, 3)])
def test_nearby_svds_are_exact_and_near(m: int, n: int) -> None:
    A = generator_of(m, n).standard_normal((m, n))
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    near = nearby_svd(SVD(U, s, Vt.T), 24)
    assert orthogonal(near.U)
    assert orthogonal(near.V)
    assert near.U.shape == U.shape
    assert np.abs(near.matrix.astype(float) - A).max() < 1e-6


def test_rounding_keeps_order_ties_zeros_and_signs() -> None:
    x = np.array([3e200, 1.0 + 1e-13, 1.0, 1.0, 1e-3, 5e-324, 0.0, -0.3])
    rounded = dyadics(x, 10)
    assert all(a >= b for a, b in itertools.pairwise(rounded))
    assert rounded[2] == rounded[3] == 1
    assert rounded[6] == 0
    assert all(abs(Fraction(a) - b) <= abs(Fraction(a)) / 1024 for a, b in zip(x, rounded, strict=True))
    assert (dyadics(x, 53) == np.array([Fraction(a) for a in x])).all()
    with pytest.raises(InvalidArgument, match="NaN or infinite"):
        dyadics(np.array([np.nan]), 8)
