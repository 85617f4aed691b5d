"""The statements of Theorem 3 and Corollary 4 on cases of one number and of two."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

from tests.rational_matrices import matrix, vector
from tests.small_networks import BOX, HALF, NUM, ONE, c, diagonal, inputs, network, network_case, plain
from theorems.arithmetic import Rational
from theorems.case import SVD, CountCase
from theorems.claim import Outcome
from theorems.judge.driver import Report, check
from theorems.models.relu import NetworkCase, uniform_partition
from theorems.texts.zeng_lee.linear.linear_models import FROZEN
from theorems.texts.zeng_lee.relu import construction, partition
from theorems.texts.zeng_lee.relu.assumptions import BLOCKS, SUMS, UNIFORM

# the statements of Theorem 3 ----------------------------------------------------------------------------------------


def verdict(statement: Any, case: NetworkCase) -> tuple[Outcome, dict[str, int]]:
    report: Report = check(statement, case, Rational())
    return report.outcome, report.unmet


HOLDS, FAILS, VACUOUS = Outcome.HOLDS, Outcome.FAILS, Outcome.VACUOUS


def uniform(s: Sequence[Any], ranks: tuple[int, ...], weights: Any = None) -> NetworkCase:
    """Identities, one target layer for each error."""
    depth = len(ranks)
    return network_case(weights or [ONE] * depth, [diagonal(*values) for values in s], uniform_partition(depth, len(s)),
                        ranks, BOX)  # fmt: skip


@pytest.mark.parametrize("statement", [partition.theorem_3, partition.theorem_3_by_elimination])
def test_theorem_3_asks_for_its_hypotheses(statement: Any) -> None:
    assert verdict(statement, uniform([(1, 0), (1, 0)], (1, 1))) == (HOLDS, {})
    assert verdict(statement, uniform([(1, 0), (1, 1)], (1, 1))) == (VACUOUS, {partition.THRESHOLD: 1})
    assert verdict(statement, uniform([(1, 1), (1, 0)], (1, 1))) == (VACUOUS, {partition.THRESHOLD: 1})
    assert verdict(statement, uniform([(2, 1)], (1, 1))) == (HOLDS, {})
    assert verdict(statement, uniform([(2, 1)], (1,))) == (VACUOUS, {partition.THRESHOLD: 1})
    assert verdict(statement, uniform([(1, 0), (1, 0)], (1, 1, 1))) == (HOLDS, {})
    shifted = dataclasses.replace(uniform([(1, 0), (1, 0)], (1, 1, 1)), partition=((1, 2), (3,)))
    assert verdict(statement, shifted) == (VACUOUS, {UNIFORM: 1})
    singular = uniform([(1, 0), (1, 0)], (1, 1), [ONE, [[1, 0], [0, 0]]])
    assert verdict(statement, singular) == (VACUOUS, {FROZEN if statement is partition.theorem_3 else BLOCKS: 1})


def test_partial_sums_are_a_hypothesis_of_equation_8_only() -> None:
    """I + LR_1(E) = diag(0, 1)."""
    I = matrix(ONE)
    error = SVD(-I, vector([1, HALF]), I)
    case = network_case([ONE, ONE], [error], ((1, 2),), (1, 1), BOX)
    assert verdict(partition.theorem_3, case) == (VACUOUS, {SUMS: 1})
    assert verdict(partition.corollary_4, case) == (VACUOUS, {SUMS: 1})
    others = partition.theorem_3_by_elimination, partition.corollary_4_any_target, partition.theorem_15_exactness
    for statement in others:
        assert verdict(statement, case) == (HOLDS, {})


@pytest.mark.parametrize("statement", [partition.corollary_4, partition.corollary_4_any_target])
def test_corollary_4_asks_for_d_over_m(statement: Any) -> None:
    assert verdict(statement, uniform([(2, 1)], (1, 1))) == (HOLDS, {})
    assert verdict(statement, uniform([(2, 1)], (2,))) == (HOLDS, {})
    assert verdict(statement, uniform([(2, 0)], (1,))) == (VACUOUS, {"R >= D / M": 1})
    assert verdict(statement, uniform([(2, 1), (2, 1)], (2, 2))) == (HOLDS, {})
    shifted = dataclasses.replace(uniform([(1, 0), (1, 0)], (2, 2, 2)), partition=((1, 2), (3,)))
    assert verdict(statement, shifted) == (VACUOUS, {UNIFORM: 1})
    singular = uniform([(1, 0), (1, 0)], (2, 2), [ONE, [[1, 0], [0, 0]]])
    assert verdict(statement, singular)[0] is VACUOUS


def test_theorem_15_counts_the_ranks_of_each_block() -> None:
    def case(ranks: tuple[int, ...], weights: Any = None) -> NetworkCase:
        errors = [diagonal(1, 0), diagonal(2, 1)]
        return network_case(weights or [ONE] * 3, errors, ((1, 2), (3,)), ranks, BOX)

    assert verdict(partition.theorem_15_exactness, case((0, 1, 2))) == (HOLDS, {})
    assert verdict(partition.theorem_15_exactness, case((1, 0, 2))) == (HOLDS, {})
    for ranks in ((0, 0, 2), (1, 1, 1), (2, 2, 1)):
        assert verdict(partition.theorem_15_exactness, case(ranks)) == (VACUOUS, {partition.LAYERS: 1})
    singular = case((1, 1, 2), [ONE, ONE, [[1, 0], [0, 0]]])
    assert verdict(partition.theorem_15_exactness, singular) == (VACUOUS, {BLOCKS: 1})


def test_a_random_error_has_full_rank() -> None:
    for D, M in ((1, 1), (3, 2), (2, 4)):
        report = check(partition.rank_of_random_error, CountCase((D, M)), Rational())
        assert (report.outcome, report.margin) == (HOLDS, 0)


def test_a_dead_network_is_zero() -> None:
    case = NUM.load(network_case([[[2, -1], [1, 3]]] * 2, [diagonal(1, 0)], ((1, 2),), (1, 1), BOX))
    points = construction.corners(case.inputs, NUM)
    dead = partition.dead_network(case, NUM)
    assert plain(dead.forward(points, NUM)) == [[0, 0]] * 5
    assert [plain(W) for W in dead.weights] == [[[2, -1], [1, 3]]] * 2
    assert plain(dead.biases[0]) == [0, 0]
    # the box [1/2, 3/2]^2 becomes [0, 5/2] x [2, 6], and that [-6, 3] x [6, 41/2]: the last bias takes the tops away
    assert plain(dead.biases[1]) == [-3, Fraction(-41, 2)]
    shifted = partition.dead_network(case, NUM, c([1, 1]))
    assert plain(shifted.biases[0]) == [1, 1]
    assert plain(shifted.forward(points, NUM)) == [[0, 0]] * 5
    single = NUM.load(network_case([[[2, -1], [1, 3]]], [diagonal(1, 0)], ((1,),), (1,), BOX))
    assert plain(partition.dead_network(single, NUM).biases[0]) == [Fraction(-5, 2), -6]


def line(s: Any, ranks: tuple[int, ...], bias: Any = 10, **changed: Any) -> NetworkCase:
    """One number: f_0(x) = x, the target ReLU((1 + s) x + bias), x within 1/2 of 0."""
    case = network_case([[[1]]] * len(ranks), [diagonal(s)], (tuple(range(1, len(ranks) + 1)),), ranks,
                        inputs([[0]], box=[HALF]), [[bias]])  # fmt: skip
    return dataclasses.replace(case, **changed)


MINIMAL = (partition.minimal, partition.minimal_for_active_targets)


def test_below_the_threshold_by_hand() -> None:
    """f(x) = x + 10 and 2 x + 10 differ by 1/2 at most; the largest activation of f is 10.5."""
    for statement in MINIMAL:
        report = check(statement, line(1, (0,)), Rational())
        assert report.outcome is HOLDS
        assert report.margin == pytest.approx(0.5 / 10.5)
        assert verdict(statement, line(1, (1,))) == (VACUOUS, {"R M < rank(E_i) for some i": 1})
        assert verdict(statement, line(0, (0,))) == (VACUOUS, {"R M < rank(E_i) for some i": 1})
        point = line(1, (0,), inputs=inputs([[0]]))
        assert verdict(statement, point) == (VACUOUS, {"X has interior": 1})
        assert verdict(statement, line(1, (0,), inputs=inputs([[0]], ball=HALF)))[0] is HOLDS
        singular = line(1, (0,), frozen=network([[[0]]]))
        assert verdict(statement, singular) == (VACUOUS, {FROZEN: 1})
        small = check(statement, line(1, (0,), Fraction(1, 2)), Rational())
        assert small.outcome is (HOLDS if statement is partition.minimal else VACUOUS)
        # 2 x + 3/2: f = x + 3/2 misses by 1/2; its activations reach 2
        assert check(statement, line(1, (0,), Fraction(3, 2)), Rational()).margin == pytest.approx(0.25)
    dead = line(1, (0,), -10)
    assert verdict(partition.minimal, dead) == (FAILS, {})
    assert verdict(partition.minimal_for_active_targets, dead) == (
        VACUOUS, {"every unit of the target is active on X": 1})  # fmt: skip


def test_ranks_of_every_block_count_for_the_threshold() -> None:
    """R M = 1 against ranks (2, 1) and (1, 2); a last block of two layers has rank to spare."""
    for s, ranks, outcome in (
        ([(2, 1), (1, 0)], (1, 1), HOLDS), ([(1, 0), (2, 1)], (1, 1), HOLDS), ([(1, 0), (1, 0)], (1, 1), VACUOUS),
        ([(1, 0), (2, 1)], (1, 1, 1), FAILS), ([(2, 1), (1, 0)], (1, 1, 1), HOLDS), ([(2, 1)], (1, 1), VACUOUS),
    ):  # fmt: skip
        for statement in MINIMAL:
            assert verdict(statement, uniform(s, ranks))[0] is outcome, (s, ranks)
    shifted = dataclasses.replace(uniform([(2, 1), (2, 1)], (1, 1, 1)), partition=((1, 2), (3,)))
    for statement in MINIMAL:
        assert verdict(statement, shifted) == (VACUOUS, {UNIFORM: 1})


def test_the_repaired_minimum_by_hand() -> None:
    """The error left is 1 and ||s|| = 1: margin 1/2.  With s = 4 it is 2 of 4."""
    for s in (1, 4):
        report = check(partition.minimal_repaired, line(s, (0,)), Rational())
        assert (report.outcome, report.margin) == (HOLDS, 0.5)
    # x within 1/2 of 1: the centred form misses by |1 - x| <= 1/2, the others by x <= 3/2
    beside = check(partition.minimal_repaired, line(1, (0,), inputs=inputs([[1]], box=[HALF])), Rational())
    assert (beside.outcome, beside.margin) == (HOLDS, 0.5)
    rank = "R_1 + ... + R_L < rank(E)"
    assert verdict(partition.minimal_repaired, line(1, (1,))) == (VACUOUS, {rank: 1})
    assert verdict(partition.minimal_repaired, line(1, (0, 1))) == (VACUOUS, {rank: 1})
    assert verdict(partition.minimal_repaired, line(1, (0,), inputs=inputs([[0]]))) == (VACUOUS, {"X has interior": 1})
    assert verdict(partition.minimal_repaired, line(1, (0,), -10)) == (VACUOUS, {"the target is active on X": 1})
    singular = line(1, (0,), errors=(SVD(matrix([[-1]]), vector([1]), matrix([[1]])),))
    assert verdict(partition.minimal_repaired, singular) == (VACUOUS, {"W-bar is non-singular": 1})
    frozen = line(1, (0,), frozen=network([[[0]]]))
    assert verdict(partition.minimal_repaired, frozen) == (VACUOUS, {BLOCKS: 1})
    assert verdict(partition.minimal_repaired, uniform([(1, 0), (1, 0)], (1, 1))) == (
        VACUOUS, {"the target has one layer": 1})  # fmt: skip
    # rank (1, 0) of two: diag(0, 1) is left, 3/2 at the corner; the frozen weights miss by 3, ||s|| = sqrt 5
    report = check(partition.minimal_repaired, uniform([(2, 1)], (1, 0)), Rational())
    assert report.outcome is HOLDS
    assert 0 < report.margin <= 1.5 / 5**0.5
