"""Laws of matrices and of singular values, named matrices: what they promise, and that they reach what they are for."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from theorems.case import Array
from theorems.strategies.adversarial import NAMED, named_batch
from theorems.strategies.laws import LAWS, NONSINGULAR_LAWS, haar, ill_conditioned, signed_permutations
from theorems.strategies.rational import RATIONAL_LAWS, flint_matrix, made_nonsingular
from theorems.strategies.recipes import generator_of
from theorems.strategies.spectra import SPECTRA, rational_spectrum

SHAPES = [(1, 1), (3, 3), (2, 5), (4, 1)]


def fractions_only(*arrays: Array) -> bool:
    return all(type(value) is Fraction for array in arrays for value in array.flat)


def test_floats_and_fractions_know_the_same_laws() -> None:
    assert list(LAWS) == list(RATIONAL_LAWS)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("m", "n"), SHAPES)
def test_laws_give_finite_matrices_of_their_shape(law: str, m: int, n: int) -> None:
    A = LAWS[law](generator_of(0), 9, m, n)
    assert A.shape == (9, m, n)
    assert A.dtype == np.float64
    assert np.isfinite(A).all()
    exact = RATIONAL_LAWS[law](generator_of(0), m, n, 2)
    assert exact.shape == (m, n)
    assert fractions_only(exact)


@pytest.mark.parametrize("law", NONSINGULAR_LAWS)
def test_nonsingular_laws_have_full_rank(law: str) -> None:
    A = LAWS[law](generator_of(1), 500, 4, 4)
    s = np.linalg.svd(A / np.abs(A).max((-2, -1), keepdims=True), compute_uv=False)
    assert (s[:, -1] > 1e-17).all()
    exact = made_nonsingular(RATIONAL_LAWS[law](generator_of(1), 4, 4, 1))
    assert flint_matrix(exact).det() != 0


@pytest.mark.parametrize("n", [1, 2, 3, 8, 16, 24, 25])
def test_haar_matrices_are_orthogonal(n: int) -> None:
    Q = haar(generator_of(2), 50, n)
    assert np.abs(Q.mT @ Q - np.eye(n)).max() < 1e-14 * max(n, 4)


def test_haar_is_haar() -> None:
    """Moments of the entries, of the trace and of det that Haar's measure on O(3) has, within five deviations."""
    Q = haar(generator_of(3), 40000, 3)
    assert np.abs(Q.mean(0)).max() < 5 / np.sqrt(3 * 40000)
    assert np.abs((Q**2).mean(0) - 1 / 3).max() < 5 * 0.3 / np.sqrt(40000)
    assert abs(np.linalg.det(Q).mean()) < 5 / np.sqrt(40000)
    traces = np.trace(Q, axis1=1, axis2=2)
    assert abs((traces**2).mean() - 1) < 5 * 1.5 / np.sqrt(40000)
    turned = haar(generator_of(4), 1, 3)[0] @ Q  # invariance: the second moments of a rotated sample agree
    assert np.abs((turned**2).mean(0) - 1 / 3).max() < 5 * 0.3 / np.sqrt(40000)


def test_signed_permutations_are_orthogonal_and_all_occur() -> None:
    P = signed_permutations(generator_of(5), 500, 2)
    assert (P.mT @ P == np.eye(2)).all()
    assert len({P[i].tobytes() for i in range(500)}) == 8


def test_conditions_reach_from_one_to_the_stated_bound() -> None:
    condition = np.linalg.cond(ill_conditioned(generator_of(6), 2000, 4, 4, exponent=12.0))
    assert condition.max() > 1e11
    assert condition.max() < 1.1e12
    assert condition.min() < 10


def test_extreme_scales_are_reached() -> None:
    A = np.abs(LAWS["near over- and underflow"](generator_of(7), 2000, 2, 2)).max((1, 2))
    assert A.max() > 1e145
    assert A.min() < 1e-145


def test_rank_drops_reach_every_rank() -> None:
    A = LAWS["rank drop"](generator_of(8), 500, 4, 5)
    assert set(np.linalg.matrix_rank(A).tolist()) == {0, 1, 2, 3}


def test_small_integers_reach_singular_symmetric_and_repeated_rows() -> None:
    A = LAWS["small integers"](generator_of(9), 5000, 2, 2)
    assert (np.linalg.det(A) == 0).any()
    assert (A.mT == A).all((1, 2)).any()
    assert (A[:, 0] == A[:, 1]).all(-1).any()


# Spectra


@pytest.mark.parametrize("name", SPECTRA)
@pytest.mark.parametrize(("k", "cut"), [(0, 0), (1, 1), (2, 0), (3, 1), (4, 9)])
def test_spectra_descend_and_are_not_negative(name: str, k: int, cut: int) -> None:
    s = SPECTRA[name](generator_of(0), 40, k, cut)
    assert s.shape == (40, k)
    assert (s >= 0).all()
    assert (np.diff(s) <= 0).all()
    for size in (1, 9):
        exact = rational_spectrum(generator_of(0), name, k, cut, size=size)
        assert exact.shape == (k,)
        assert fractions_only(exact)
        assert all(a >= b for a, b in itertools.pairwise([*exact, 0]))


@pytest.mark.parametrize(("name", "rank"), [
    ("rank at the cut", 2), ("rank above the cut", 3), ("rank below the cut", 1), ("rank one", 1), ("zero", 0),
])  # fmt: skip
def test_ranks_sit_at_and_beside_the_cut(name: str, rank: int) -> None:
    assert ((SPECTRA[name](generator_of(1), 20, 5, 2) > 0).sum(-1) == rank).all()
    assert (rational_spectrum(generator_of(1), name, 5, 2, size=3) > 0).sum() == rank


def test_ties_and_gaps_sit_at_the_cut() -> None:
    s = SPECTRA["tie at the cut"](generator_of(2), 20, 4, 2)
    assert (s[:, 1] == s[:, 2]).all()
    assert (s[:, 0] > s[:, 1]).all()
    exact = rational_spectrum(generator_of(2), "tie at the cut", 4, 2, size=1)
    assert exact[0] > exact[1] == exact[2] > exact[3]
    gap = SPECTRA["tiny gap at the cut"](generator_of(2), 200, 4, 2)
    relative = 1 - gap[:, 2] / gap[:, 1]
    assert (relative <= 1.01e-6).all()
    assert relative.min() < 1e-13
    assert (np.ptp(SPECTRA["clustered"](generator_of(2), 20, 4, 2), axis=-1) <= 1e-8).all()
    assert len(set(rational_spectrum(generator_of(2), "clustered", 4, 2, size=1))) == 4


# Named matrices


@pytest.mark.parametrize("name", NAMED)
def test_named_matrices_are_exact_and_square(name: str) -> None:
    for n in (1, 2, 5):
        A = NAMED[name](n)
        assert A.shape == (n, n)
        assert fractions_only(A)


def test_named_matrices_are_what_they_are_called() -> None:
    def determinant(name: str, n: int) -> Fraction:
        value = flint_matrix(NAMED[name](n)).det()
        return Fraction(int(value.p), int(value.q))

    assert determinant("Hilbert", 3) == Fraction(1, 2160)
    assert determinant("Pascal", 6) == determinant("Frank", 6) == determinant("minimum", 6) == 1
    assert determinant("rotation", 5) == 1
    assert determinant("second difference", 4) == 5
    assert determinant("Vandermonde", 4) == 12
    rotation = NAMED["rotation"](5)
    assert (rotation.T @ rotation == NAMED["identity"](5)).all()
    nilpotent = NAMED["nilpotent"](3)
    assert (nilpotent @ nilpotent @ nilpotent == 0).all()
    assert (NAMED["antisymmetric"](4) == -NAMED["antisymmetric"](4).T).all()
    assert flint_matrix(NAMED["rank one"](4)).rank() == 1
    assert np.linalg.cond(NAMED["Kahan"](16).astype(float)) > 1e4


def test_named_batches_start_with_the_matrix_and_keep_its_trace_up_to_scale() -> None:
    A = NAMED["Wilkinson"](4).astype(float)
    batch = named_batch("Wilkinson", generator_of(0), 60, 4)
    assert (batch[0] == A).all()
    similar = batch[::2]
    scale = np.linalg.norm(similar, axis=(1, 2)) / np.linalg.norm(A)
    assert np.abs(np.abs(np.trace(similar, axis1=1, axis2=2)) - scale * np.trace(A)).max() < 1e-9 * scale.max()
    assert named_batch("Hilbert", generator_of(0), 3, 2, 4).shape == (3, 2, 4)
