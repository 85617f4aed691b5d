"""Known answers of Float64, for stacks."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from theorems.arithmetic import Float64, perturbed
from theorems.arithmetic.base import NO, UNKNOWN, YES
from theorems.case import Array, MatrixCase
from theorems.errors import Undefined
from theorems.statement import Condition, at_most, equal, exists, holds, less_than

NAN, INF = math.nan, math.inf


def stack(*members: Any) -> Array:
    return np.array(members, dtype=np.float64)


def decided(num: Any, condition: Condition) -> tuple[list[int], list[float]]:
    decision = num.decide(condition)
    return decision.verdicts.tolist(), decision.margins.tolist()


# Float64: numbers and arrays ----------------------------------------------------------------------------------------


def test_a_case_is_loaded_as_a_batch_of_one_and_a_batch_as_it_is() -> None:
    case = MatrixCase((np.array([[1, 2], [3, 4]]),))
    loaded = Float64().load(case).matrices[0]
    assert loaded.tolist() == [[[1.0, 2.0], [3.0, 4.0]]]
    assert loaded.dtype == np.float64
    assert np.shares_memory(Float64(size=2).load(case).matrices[0], case.matrices[0])
    assert (Float64().size, Float64(size=3).size, Float64(size=0).size) == (1, 3, 0)
    assert Float64().finer() is None


def test_arrays_of_a_batch() -> None:
    num = Float64()
    assert num.number(1, 4).tolist() == [0.25]
    assert num.number(3).tolist() == [3.0]
    assert num.identity(2).tolist() == [[[1, 0], [0, 1]]]
    assert num.zeros(2, 3).tolist() == [[[0] * 3] * 2]
    assert num.constant([[1, Fraction(1, 2)]]).tolist() == [[[1, 0.5]]]
    assert num.diagonal(stack([1, 2], [3, 4])).tolist() == [[[1, 0], [0, 2]], [[3, 0], [0, 4]]]
    assert num.selector(4, 2, 3).tolist() == [np.diag([0, 1, 1, 0]).tolist()]
    assert num.selector(2, 0, 9).tolist() == [np.eye(2).tolist()]
    assert num.selector(3, np.array([1, 3]), np.array([2, 2])).tolist() == [
        np.diag([1, 1, 0]).tolist(), np.zeros((3, 3)).tolist()]  # fmt: skip
    assert num.times(stack(2, 3), stack([1, 5], [1, 5])).tolist() == [[2, 10], [3, 15]]
    assert num.concatenate([stack([1, 2]), stack([3], [4])], -1).tolist() == [[1, 2, 3], [1, 2, 4]]
    assert num.concatenate([stack([[1]], [[2]]), stack([[3]])], -2).tolist() == [[[1], [3]], [[2], [3]]]


def test_scalars_of_a_batch() -> None:
    num = Float64()
    assert num.sqrt(stack(4)).tolist() == [2]
    assert num.exp(stack(0, 1)).tolist() == [1, math.e]
    assert num.log(stack(math.e)).tolist() == [1]
    assert num.absolute(stack(-3)).tolist() == [3]
    assert num.maximum(stack(1, 5), stack(2, 3)).tolist() == [2, 5]
    assert num.minimum(stack(1, 5), stack(2, 3)).tolist() == [1, 3]
    assert num.where(np.array([True, False]), stack(1, 1), stack(2, 2)).tolist() == [1, 2]
    assert num.smaller(np.array([1, 4]), 3).tolist() == [1, 3]
    assert num.smaller(2, np.array([1, 4])).tolist() == [1, 2]
    assert (num.smaller(2, 7), num.smaller(7, 2)) == (2, 2)


def test_zero_is_below_1e_12_of_the_largest_entry_of_the_member() -> None:
    num = Float64(size=2)
    rows = stack([1, 1e-12, 2e-12], [1e6, 1e-7, 1e-5])
    assert num.zero(rows).tolist() == [[False, True, False], [False, True, False]]
    assert num.zero(stack([[1e-13, 0], [0, 0]])).tolist() == [[[False, True], [True, True]]]
    assert num.zero(stack(1e-12, 2e-12, -1.0, 0.0)).tolist() == [True, False, False, True]
    assert num.zero(np.zeros((1, 0))).shape == (1, 0)


# Float64: matrices --------------------------------------------------------------------------------------------------


def test_the_condition_number_is_that_of_the_1_norm() -> None:
    """(1 2 / 3 4): largest column sum 6, of the inverse (-2 1 / 1.5 -0.5) it is 3.5."""
    num = Float64(size=2)
    condition = num._condition(stack([[1, 2], [3, 4]], [[2, 0], [0, 8]]))
    assert condition == pytest.approx([21, 4])
    below, at = np.nextafter(1e13, 0), 1e13
    assert num.nonsingular(stack([[below, 0], [0, 1]], [[at, 0], [0, 1]])).tolist() == [True, False]
    with np.errstate(all="ignore"):
        assert num.nonsingular(stack([[0, 0], [0, 0]], [[NAN, 0], [0, 1]])).tolist() == [False, False]
        assert num.singular(stack([[0, 0], [0, 0]], [[1, 0], [0, 1]])).tolist() == [True, False]
    assert num.nonsingular(np.zeros((1, 0, 0))).tolist() == [True]


def test_what_is_remembered_belongs_to_the_matrix_that_was_asked_about() -> None:
    num = Float64()
    with num.running(()):
        for k in range(60):  # the memory of one is given to the next, and its id with it
            assert num.nonsingular(stack([[1, 0], [0, k % 2]])).tolist() == [k % 2 == 1]
        A = stack([[2, 0], [0, 1]])
        assert num._condition(A) is num._condition(A)
    assert num._condition(A) is not num._condition(A)


def test_an_exactly_singular_member_is_nan_and_the_others_are_solved() -> None:
    num = Float64(size=3)
    A, B = stack([[2, 0], [0, 4]], [[1, 1], [1, 1]], [[0, 1], [1, 0]]), stack([[2], [4]], [[1], [1]], [[5], [6]])
    with num.running(()):
        X, Y = num.solve(A, B), num.inverse(A)
    assert X[[0, 2]].tolist() == [[[1], [1]], [[6], [5]]]
    assert Y[[0, 2]].tolist() == [[[0.5, 0], [0, 0.25]], [[0, 1], [1, 0]]]
    assert np.isnan(X[1]).all()
    assert np.isnan(Y[1]).all()
    assert num.determinant(A) == pytest.approx([8, 0, -1])


def test_solve_with_a_shared_side() -> None:
    num = Float64(size=2)
    A, B = stack([[2, 0], [0, 4]], [[1, 0], [0, 1]]), stack([[8, 4], [8, 4]])
    assert num.solve(A, B).tolist() == [[[4, 2], [2, 1]], [[8, 4], [8, 4]]]
    assert num.solve(B * 0 + np.eye(2), A).tolist() == A.tolist()


def test_a_member_that_lapack_refuses_is_nan_and_takes_no_other_with_it() -> None:
    def call(A: Array) -> tuple[Array, ...]:
        if (A[:, 0, 0] == 7).any():
            raise np.linalg.LinAlgError
        assert np.isfinite(A).all()
        return A.sum(-1), A[:, 0, 0]

    regular, refused = [[1, 2], [3, 4]], [[7, 0], [0, 0]]
    rows, corners = Float64._svd_call(stack(regular, refused, [[NAN, 1], [1, 1]], [[1, INF], [1, 1]], regular), call)
    assert rows[[0, 4]].tolist() == [[3, 7], [3, 7]]
    assert corners[[0, 4]].tolist() == [1, 1]
    assert np.isnan(rows[1:4]).all()
    assert np.isnan(corners[1:4]).all()
    assert Float64._svd_call(stack(regular), call)[0].tolist() == [[3, 7]]
    assert np.isnan(Float64._svd_call(stack(refused), call)[0]).all()
    with np.errstate(invalid="ignore"):
        infinite = Float64._svd_call(stack([[INF, -INF], [0, 0]], regular), call)
    assert np.isnan(infinite[0][0]).all()
    assert infinite[1][1] == 1


@pytest.mark.parametrize(
    ("diagonal", "shape", "wanted"),
    [([1, 1e-10], (2, 2), 2), ([1, 1e-11], (2, 2), 1), ([1, 3e-11], (2, 2), 2), ([1, 1, 2.5e-11], (3, 3), 2),
     ([1, 1, 3.5e-11], (3, 3), 3), ([1, 2.5e-11], (2, 3), 1), ([1, 3.5e-11], (3, 2), 2), ([1, 2.5e-11], (3, 2), 1),
     ([1e-5, 1e-17], (2, 2), 1), ([0, 0], (2, 2), 0), ([0], (3, 1), 0), ([2], (1, 1), 1), ([2], (1, 3), 1),
     ([1, 0.5], (2, 2), 2), ([], (0, 3), 0), ([], (3, 0), 0), ([], (0, 0), 0)],
)  # fmt: skip
def test_rank_counts_above_1e_11_of_the_larger_dimension(
    diagonal: list[float], shape: tuple[int, int], wanted: int
) -> None:
    A = np.zeros((2, *shape))
    for i, value in enumerate(diagonal):
        A[:, i, i] = value
    assert Float64(size=2).rank(A).tolist() == [wanted, wanted]


def test_rank_in_a_large_batch() -> None:
    """The threshold goes by the size of the matrices, not of the batch."""
    for shape in ((50, 2, 2), (50, 2, 3)):
        A = np.zeros(shape)
        A[:, 0, 0], A[:, 1, 1] = 1, 1e-10
        assert Float64(size=50).rank(A).tolist() == [2] * 50


def test_singular_values_by_index() -> None:
    num = Float64(size=2)
    A = stack([[3, 0, 0], [0, -5, 0]], [[1, 0, 0], [0, 2, 0]])
    assert num.singular_value(A, 1).tolist() == [5, 2]
    assert num.singular_value(A, 2).tolist() == [3, 1]
    assert num.singular_value(A, 3).tolist() == [0, 0]
    assert num.singular_value(A, np.array([2, 1])).tolist() == [3, 2]
    assert num.singular_value(A, np.array([3, 1])).tolist() == [0, 2]
    assert num.singular_value(A, np.array([1, 7])).tolist() == [5, 0]
    assert num.singular_value(A, np.array([3, 4])).tolist() == [0, 0]
    assert num.singular_value(A, np.array([2, 2])).tolist() == [3, 1]
    assert num.singular_value(A[:1], 2).tolist() == [3]
    assert num.singular_value(A[[0, 1, 0]], np.array([1, 2, 3])).tolist() == [5, 1, 0]
    assert num.singular_value(A[:1], np.array([2])).tolist() == [3]
    for k in (3, np.array([3, 3, 4])):
        assert num.singular_value(A[[0, 1, 0]], k).tolist() == [0, 0, 0]
    d = num.svd(A.mT)
    assert (d.U.shape, d.s.tolist(), d.V.shape) == ((2, 3, 2), [[5, 3], [2, 1]], (2, 2, 2))
    assert np.allclose(d.matrix, A.mT)


@pytest.mark.parametrize("size", [1.0, 1e-160, 1e200, 2.0**-1074, 1e-315, 1.7e308])
def test_the_spectral_norm_at_every_size(size: float) -> None:
    tall = stack([[size, 0], [0, 0], [0, size / 2]])
    with np.errstate(all="raise"):
        assert Float64().spectral_norm(tall)[0] == pytest.approx(size, rel=1e-15, abs=0)
        assert Float64().spectral_norm(tall.mT)[0] == pytest.approx(size, rel=1e-15, abs=0)


def test_the_spectral_norm_of_what_has_none() -> None:
    num = Float64(size=3)
    wide = stack([[3, 4, 0]], [[NAN, 0, 0]], [[INF, 0, 0]])
    with num.running(()):
        assert num.spectral_norm(wide)[0] == pytest.approx(5)
        assert np.isnan(num.spectral_norm(wide)[1:]).all()
    for shape in ((3, 2, 0), (3, 0, 2)):
        assert num.spectral_norm(np.zeros(shape)).tolist() == [0, 0, 0]
    assert num.spectral_norm(np.zeros((3, 2, 2))).tolist() == [0, 0, 0]
    assert num.spectral_norm(stack([[1, 1], [1, 1]]))[0] == pytest.approx(2)


def test_symmetric_and_semidefinite_up_to_1e_12_of_the_largest_entry() -> None:
    num = Float64()
    assert num.symmetric(stack([[0, 1e-12], [0, 1]])).tolist() == [True]
    assert num.symmetric(stack([[0, 2e-12], [0, 1]])).tolist() == [False]
    assert num.symmetric(stack([[0, 4e-12], [0, 8]])).tolist() == [True]
    assert num.symmetric(stack([[0, 1], [2, 0]], [[0, 1], [1, 0]])).tolist() == [False, True]
    assert num.symmetric(stack([[0, 1, 2], [1, 0, 3], [2, 4, 0]])).tolist() == [False]
    assert num.positive_semidefinite(stack([[1, 0], [0, -1e-13]])).tolist() == [True]
    assert num.positive_semidefinite(stack([[8, 0], [0, -4e-12]])).tolist() == [True]
    assert num.positive_semidefinite(stack([[1, 0], [0, -1.2e-12]])).tolist() == [False]
    assert num.positive_semidefinite(stack([[8, 0], [0, -1]])).tolist() == [False]
    assert num.positive_semidefinite(np.zeros((1, 2, 2))).tolist() == [True]
    assert num.positive_semidefinite(stack([[2, 1], [0, 2]])).tolist() == [False]
    assert num.positive_semidefinite(stack([[1, 3], [3, 1]], [[3, 1], [1, 3]])).tolist() == [False, True]


def test_norms_and_sums() -> None:
    num = Float64(size=2)
    A = stack([[3, 0], [0, 4]], [[0, 0], [0, 0]])
    assert num.trace(A).tolist() == [7, 0]
    assert num.trace(stack([[1, 2, 3], [4, 5, 6], [7, 8, 9]])).tolist() == [15]
    assert num.norm_squared(stack([3, 4], [1, 2])).tolist() == [25, 5]
    assert num.norm(stack([3, 4], [0, 2])).tolist() == [5, 2]
    assert num.frobenius_norm_squared(A).tolist() == [25, 0]
    assert num.frobenius_norm(A).tolist() == [5, 0]
    assert num.frobenius_norm(A * 1e200) == pytest.approx([5e200, 0])
    assert num.frobenius_norm(A * 1e-200) == pytest.approx([5e-200, 0], abs=0)
    assert np.isnan(num.frobenius_norm(stack([[NAN, 0], [0, 1]]))[0])
    assert num.frobenius_norm(stack([[INF, 0], [0, 1]]))[0] == INF
    assert num.frobenius_norm(np.zeros((2, 0, 3))).tolist() == [0, 0]


def test_vectors_and_networks() -> None:
    num = Float64(size=2)
    A, x, y = stack([[1, 2], [3, 4], [5, 6]]), stack([1, -1]), stack([2, 5])
    assert num.apply(A, x).tolist() == [[-1, -1, -1]]
    assert num.outer(x, y).tolist() == [[[2, 5], [-2, -5]]]
    assert num.dot(stack([1, 2], [3, 4]), stack([5, 6], [7, 8])).tolist() == [17, 53]
    assert num.relu(stack([-1, 2])).tolist() == [[0, 2]]
    X = stack([[0, 1000], [math.log(3), 1000]])
    assert np.allclose(num.softmax(X), [[[0.25, 0.5], [0.75, 0.5]]], rtol=1e-14)
    two = num.softmax(np.concatenate([X, X[:, :, ::-1]]))
    assert np.allclose(two, [[[0.25, 0.5], [0.75, 0.5]], [[0.5, 0.25], [0.5, 0.75]]], rtol=1e-14)
    weights = stack([0.25, 0.75], [1, 0])
    assert num.expectation(stack([4, 8], [3, 5]), weights).tolist() == [7, 3]
    points = stack([[4, 0], [8, 4]], [[1, 2], [3, 4]])
    assert num.expectation(points, weights).tolist() == [[7, 3], [1, 2]]


# Float64: decisions -------------------------------------------------------------------------------------------------


def test_margins_are_shares_of_the_scale() -> None:
    num = Float64(size=2)
    assert decided(num, at_most(stack(1, 4), stack(4, 1))) == ([YES, NO], [0.75, -0.75])
    assert decided(num, at_most(stack(1, 4), stack(4, 1), scale=stack(2, 4))) == ([YES, NO], [1.5, -0.75])
    assert decided(num, at_most(stack(1, 4), stack(4, 1), scale=stack(-2))) == ([YES, NO], [1.5, -1.5])
    assert decided(num, equal(stack(1, 4), stack(1, 1))) == ([YES, NO], [0, -0.75])
    assert decided(num, less_than(stack(1, 4), stack(1, 8))) == ([NO, YES], [0, 0.5])
    assert decided(num, at_most(stack(-8, 0), stack(-6, 0))) == ([YES, YES], [0.25, 0])
    rows = stack([[1, 2], [3, 4]], [[1, 2], [3, 4]]), stack([[1, 2], [3, 8]], [[1, 2], [3, -4]])
    assert decided(num, equal(*rows)) == ([NO, NO], [-0.5, -2])
    assert decided(num, at_most(*rows)) == ([YES, NO], [0, -2])
    assert decided(num, less_than(*rows)) == ([NO, NO], [0, -2])
    small = [side / 16 for side in rows]
    assert decided(num, at_most(*small)) == ([YES, NO], [0, -2])
    assert decided(num, at_most(stack(1, 4), stack(4, 1), scale=small[0] * 8))[1] == [1.5, -1.5]


def test_rounding_neither_passes_nor_accuses() -> None:
    num, one = Float64(), stack(1)
    for gap, wanted in ((-1e-12, YES), (-2e-12, NO), (0, YES), (1e-12, YES)):
        assert decided(num, at_most(stack(0), stack(gap), scale=one))[0] == [wanted]
    for gap, wanted in ((1e-12, NO), (2e-12, YES), (0, NO)):
        assert decided(num, less_than(stack(0), stack(gap), scale=one))[0] == [wanted]
    for gap, wanted in ((1e-12, YES), (-1e-12, YES), (2e-12, NO), (-2e-12, NO)):
        assert decided(num, equal(stack(0), stack(gap), scale=one))[0] == [wanted]


def test_scales_that_vanish_overflow_or_are_none() -> None:
    num = Float64(size=4)
    verdicts, margins = decided(num, at_most(stack(1, 1, 1, 1), stack(3, 3, 3, 3), scale=stack(0, INF, NAN, 4)))
    assert verdicts == [YES, UNKNOWN, UNKNOWN, YES]
    assert margins[0] == 2
    assert np.isnan(margins[1:3]).all()
    assert margins[3] == 0.5
    empty = np.zeros((4, 0))
    assert decided(num, at_most(empty, empty))[0] == [YES] * 4
    assert decided(num, equal(empty, empty)) == ([YES] * 4, [0] * 4)
    assert decided(num, equal(stack(0, 0, 0, 0), stack(0, 0, 0, 0))) == ([YES] * 4, [0] * 4)
    assert decided(num, at_most(stack([1, 2], [3, 4], [5, 6], [7, 8]), stack([9, 9])))[1] == pytest.approx(
        [7 / 9, 5 / 9, 3 / 9, 1 / 9])  # fmt: skip


def test_answers_of_tests() -> None:
    num = Float64(size=2)
    assert decided(num, holds(True)) == ([YES, YES], [1, 1])
    assert decided(num, holds(np.array([True, False]))) == ([YES, NO], [1, -1])
    assert decided(num, holds(None)) == ([UNKNOWN, UNKNOWN], [0, 0])
    assert num.indicator(at_most(stack(1, 2), stack(2, 1))).tolist() == [1, 0]
    assert num.indicator(at_most(stack(NAN, 1), stack(2, 1))).tolist() == [0, 1]
    assert Float64().indicator(at_most(stack(NAN), stack(2))) == 0
    assert Float64().indicator(at_most(stack(1), stack(2))) == 1
    assert Float64().indicator(at_most(stack(2), stack(1))) == 0


def test_existence_in_a_batch() -> None:
    """Attained, attained and bitten, refuted, refuted twice (the worse counts), open, open without a value."""
    num = Float64(size=6)
    attained, bound = stack(1, 1, 8, 8, 8, NAN), stack(4, 4, 4, 4, 4, 4)
    bites = stack(0, 5, 5, 5, 0, 0), stack(0, 0, 0, 8, 0, 0)
    scale = stack(4, 4, 4, 4, 4, 4)
    decision = num.decide(exists(attained=lambda: attained, lower_bound=bites, bound=bound, scale=scale))
    assert decision.verdicts.tolist() == [YES, YES, NO, NO, UNKNOWN, UNKNOWN]
    assert decision.margins.tolist() == [0.75, 0.75, -0.25, -1, -1, 0]
    assert decision.left is not bites[0]

    def undefined() -> Array:
        raise Undefined("no such adapters")

    refuted = num.decide(exists(attained=undefined, lower_bound=stack(6), bound=bound, scale=scale))
    assert refuted.verdicts.tolist() == [NO] * 6
    assert refuted.margins.tolist() == [-0.5] * 6
    assert (refuted.left.tolist(), refuted.right.tolist()) == ([6], [4] * 6)
    twice = num.decide(exists(attained=undefined, lower_bound=(stack(8), stack(6)), bound=bound, scale=scale))
    assert twice.margins.tolist() == [-1] * 6
    opened = num.decide(exists(attained=undefined, lower_bound=stack(3), bound=bound, scale=scale))
    assert (opened.verdicts.tolist(), opened.margins.tolist()) == ([UNKNOWN] * 6, [0] * 6)


def test_a_batch_of_one_is_shown_without_its_axis() -> None:
    num = Float64()
    assert num.show(stack(1 / 3)) == "0.333333333333"
    assert num.show(stack([1, 2])) == "[1, 2]"
    assert num.show(stack([1, 2], [3, 4])) == "[[1, 2], [3, 4]]"
    assert num.show(np.zeros((1, 7, 7))) == "an array of shape 7 x 7"
    assert num.show(np.zeros((1, 6, 6))).count("0") == 36
    assert num.show(np.array(2.5)) == "2.5"
    assert num.show(2.5) == "2.5"


def test_perturbed_entries_are_neighbours() -> None:
    A = np.full((1, 10, 10), 1.0)
    moved = perturbed(MatrixCase((A,)), np.random.default_rng(1)).matrices[0]
    assert set(moved.ravel().tolist()) == {np.nextafter(1, 0), 1.0, np.nextafter(1, 2)}
