"""The constructions of adapted ReLU networks, by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.rational_matrices import matrix, vector
from tests.small_networks import HALF, NUM, ONE, c, diagonal, inputs, network, network_case, plain, two_blocks
from theorems.adaptation import error_sizes
from theorems.arithmetic import Float64
from theorems.case import SVD, Array
from theorems.models.relu import NetworkCase
from theorems.texts.zeng_lee.relu import construction, partition

# the constructions --------------------------------------------------------------------------------------------------


def test_boxes_and_their_images() -> None:
    given = NUM.load(inputs([[1, 0], [-2, 3], [0, -1]], box=[1, 0], ball=2))
    low, high = construction.bounding_box(given, NUM)
    assert (plain(low), plain(high)) == ([-5, -3], [4, 5])
    # (x - y + 1, 2 y + 3 x): 1 + [-5, 4] - [-3, 5], 3 [-5, 4] + 2 [-3, 5]
    low, high = construction.image(c([[1, -1], [3, 2]]), c([1, 0]), low, high, NUM)
    assert (plain(low), plain(high)) == ([-9, -21], [8, 22])


def test_linearising_biases_by_hand() -> None:
    """Sizes (2, 3).  |W_1| (2, 3) = (5, 6), W_2 W_1 = (1 1 / 1 -1): |.| (2, 3) = (5, 5)."""
    W1, W2, W3 = c([[1, -1], [0, 2]]), c([[1, 1], [1, 0]]), c([[2, 0], [1, 3]])
    low, high, last = c([-1, 0]), c([2, 3]), c([7, 8])
    biases = construction.linearising_biases([W1, W2, W3], last, low, high, NUM)
    assert [plain(b) for b in biases] == [[10, 12], [10 - 22, 10 - 10], [7 - 20, 8 - 40]]
    assert [plain(b) for b in construction.linearising_biases([W1], last, low, high, NUM)] == [[7, 8]]
    turned = construction.linearising_biases([W1, W2], last, c([-2, -3]), c([1, 1]), NUM)
    assert [plain(b) for b in turned] == [[10, 12], [7 - 22, 8 - 10]]


def test_ranks_and_values_of_blocks() -> None:
    case = network_case([ONE] * 5, [diagonal(1, 0)] * 2, ((1, 2), (3, 4, 5)), (1,) * 5, inputs([[1, 1]]))
    assert construction.uniform_ranks(case) == (1, 1, 0, 1, 1)
    uneven = dataclasses.replace(case, partition=((1,), (2, 3, 4, 5)), ranks=(2,) * 5)
    assert construction.uniform_ranks(uneven) == (2, 0, 0, 2, 2)
    assert construction.in_block(case, 1, "abcde") == ("c", "d", "e")
    assert construction.in_block(case, 0, "abcde") == ("a", "b")
    sub = construction.sub_network(case, network([[[k, 0], [0, k]] for k in range(5)], [[k, k] for k in range(5)]), 1)
    assert [plain(W[0, 0]) for W in sub.weights] == [plain(b[0]) for b in sub.biases] == [2, 3, 4]


@pytest.mark.parametrize("method", [construction.by_equation_8, construction.by_elimination])
def test_an_adapted_network_is_linear_in_every_block(method: Any) -> None:
    """Ranks (1, 0, 1): N_1 = diag(0, -1) is missed, so that the first block is diag(5, 2); the second is diag(4, 1)."""
    case = NUM.load(two_blocks(ranks=(1, 0, 1)))
    ds = construction.decompositions(case, NUM)
    assert [plain(d.s) for d in ds] == [[3, 1], [1, 0]]
    for centred in (False, True):
        made = construction.approximation(case, ds, case.ranks, method, NUM, centred=centred)
        assert [plain(N) for N in made.residuals] == [[[0, 0], [0, -1]], [[0, 0], [0, 0]]]
        # the mean input is (1/4, 7/4): -N mean = (0, 7/4)
        shift = Fraction(7, 4) if centred else 0
        assert [plain(b) for b in made.biases] == [[1, 2 + shift], [3, 4]]
        points = c([[1, 1], [0, 2], [HALF, Fraction(3, 2)]])
        hidden = [[5 * x + 1, 2 * y + 2 + shift] for x, y in plain(points)]
        assert plain(made.network.forward(points, NUM)) == [[4 * x + 3, y + 4] for x, y in hidden]
        assert [NUM.rank(a.matrix) for a in made.adapters] == [1, 0, 1]
        second = construction.sub_network(case, made.network, 1)
        theirs = c([[5 * x + 1, 3 * y + 2] for x, y in plain(points)])  # at the activations of the target, too
        assert plain(second.forward(theirs, NUM)) == [[4 * x + 3, y + 4] for x, y in plain(theirs)]


@pytest.mark.parametrize("flip", [1, -1])
def test_the_second_block_is_linear_at_the_activations_of_both(flip: int) -> None:
    """f_1 adds x to 60, the target 9 x or -7 x; then two layers of -1, which cut off what exceeds the first bias."""
    error = SVD(matrix([[flip]]), vector([8]), matrix([[1]]))
    given = network_case([[[1]], [[-1]], [[-1]]], [error, diagonal(0)], ((1,), (2, 3)), (0, 0, 0),
                         inputs([[5]], box=[1]), [[60], [1]])  # fmt: skip
    case = NUM.load(given)
    ds = construction.decompositions(case, NUM)
    made = construction.approximation(case, ds, case.ranks, construction.by_elimination, NUM)
    ours, theirs = [64, 66], ([96, 114] if flip > 0 else [18, 32])
    assert plain(made.network.biases[1]) == [2 * max(*ours, *theirs)]  # twice the largest size, and no more
    second = construction.sub_network(case, made.network, 1)
    for z in (*ours, *theirs):
        assert plain(second.preactivations(c([[z]]), NUM)[0])[0][0] >= 0
        assert plain(second.forward(c([[z]]), NUM)) == [[z + 1]]


@pytest.mark.parametrize(("flip", "high"), [(1, 36), (-1, 82)])
def test_the_low_ends_of_a_block_bound_the_next_but_one(flip: int, high: int) -> None:
    """Block 2 is 100 - z, with z from 64 or 18 on: at most 36 or 82."""
    error = SVD(matrix([[flip]]), vector([8]), matrix([[1]]))
    given = network_case([[[1]], [[-1]], [[-1]], [[-1]]], [error, diagonal(0), diagonal(0)], ((1,), (2,), (3, 4)),
                         (0,) * 4, inputs([[5]], box=[1]), [[60], [100], [1]])  # fmt: skip
    case = NUM.load(given)
    ds = construction.decompositions(case, NUM)
    made = construction.approximation(case, ds, case.ranks, construction.by_elimination, NUM)
    assert plain(made.network.biases[2]) == [2 * high]


def test_moments_and_norms() -> None:
    values, weights = c([[3, 4], [0, 2]]), c([Fraction(1, 4), Fraction(3, 4)])
    assert plain(construction.mean_norm(values, weights, NUM)) == Fraction(5, 4) + Fraction(6, 4)
    assert plain(construction.mean_square(values, weights, NUM)) == Fraction(25, 4) + Fraction(12, 4)
    assert plain(error_sizes.second_moment(values, weights, NUM)) == [[Fraction(9, 4), 3], [3, 7]]
    # the mean is (3/4, 5/2)
    assert plain(construction.covariance(values, weights, NUM)) == [[Fraction(27, 16), Fraction(9, 8)],
                                                                    [Fraction(9, 8), Fraction(3, 4)]]  # fmt: skip
    numbers = [NUM.number(n) for n in (2, -5, 3)]
    assert (plain(error_sizes.largest(numbers, NUM)), plain(error_sizes.smallest(numbers, NUM))) == (3, -5)
    assert plain(error_sizes.largest(numbers[:1], NUM)) == 2
    assert [plain(error_sizes.power(NUM.number(3), n, NUM)) for n in (0, 1, 3)] == [1, 3, 27]
    assert [plain(x) for x in construction.entries(values)] == [3, 4, 0, 2]
    assert plain(construction.sup_norm(c([[3, -4], [0, 2]]), NUM)) == 4
    batch, num = np.array([[[3.0, 4.0], [0.0, 2.0]], [[0.0, 1.0], [0.0, 5.0]]]), Float64(size=2)
    shares = np.array([[0.25, 0.75], [1.0, 0.0]])
    assert construction.mean_norm(batch, shares, num).tolist() == [2.75, 1]
    assert error_sizes.second_moment(batch, shares, num)[0].tolist() == [[2.25, 3], [3, 7]]
    assert construction.covariance(batch, shares, num)[1].tolist() == [[0, 0], [0, 0]]


def test_corners() -> None:
    line = NUM.load(inputs([[1], [7]], box=[2], ball=1))
    assert sorted(plain(construction.corners(line, NUM))) == [[-2], [1], [4], [4], [7], [10]]
    plane = NUM.load(inputs([[0, 0]], box=[1, 2], ball=1))
    assert sorted(plain(construction.corners(plane, NUM))) == [[-2, -3], [-2, 3], [0, 0], [2, -3], [2, 3]]
    assert len(construction.corners(NUM.load(inputs([[0, 0, 0]])), NUM)) == 9
    wide = plain(construction.corners(NUM.load(inputs([[1, 2, 3, 4]], box=[1] * 4, ball=1)), NUM))
    assert len(wide) == 9
    assert wide[:3] == [[1, 2, 3, 4], [3, 2, 3, 4], [-1, 2, 3, 4]]  # the middles of the faces
    assert len(construction.corners(plane, NUM, most=1)) == 5


def test_a_batch_is_its_members_side_by_side() -> None:
    """Three members of two blocks in the plane, with five points; the third has its weights doubled."""
    num = Float64()
    points = [[1, 1], [0, 2], [3, -1], [2, 2], [0, 0]]
    given = inputs(points, weights=[Fraction(k, 15) for k in range(1, 6)], box=[HALF, 1], ball=1)
    one = num.load(two_blocks(inputs=given))
    double = dataclasses.replace(
        one, frozen=dataclasses.replace(one.frozen, weights=tuple(2 * W for W in one.frozen.weights)))  # fmt: skip
    members = [one, one, double]
    batch = _joined(members)
    many = Float64(size=3)
    calls: list[Callable[[Any, Any], Any]] = [
        lambda c, n: construction.corners(c.inputs, n),
        lambda c, n: construction.bounding_box(c.inputs, n),
        lambda c, n: partition.dead_network(c, n).biases,
        lambda c, n: construction.covariance(c.inputs.points, c.inputs.weights, n),
        lambda c, n: construction.mean_norm(c.inputs.points, c.inputs.weights, n),
        lambda c, n: construction.mean_square(c.inputs.points, c.inputs.weights, n),
        lambda c, n: construction.sup_norm(c.inputs.points, n),
        lambda c, n: c.target.forward(construction.corners(c.inputs, n), n),
        *(lambda c, n, method=method, centred=centred: _output(c, n, method, centred)
          for method in (construction.by_equation_8, construction.by_elimination) for centred in (False, True)),
    ]  # fmt: skip
    for call in calls:
        with many.running(()):
            together = call(batch, many)
        for i, member in enumerate(members):
            with num.running(()):
                alone = call(member, num)
            pairs = zip(together, alone, strict=True) if isinstance(alone, tuple | list) else [(together, alone)]
            for a, b in pairs:
                np.testing.assert_allclose(np.broadcast_to(a, (3, *a.shape[1:]))[i], b[0], atol=1e-9)


def _output(case: NetworkCase, num: Any, method: Any, centred: bool) -> Array:
    ds = construction.decompositions(case, num)
    made = construction.approximation(case, ds, case.ranks, method, num, centred=centred)
    return made.network.forward(case.inputs.points, num)


def _joined(members: Sequence[Any]) -> Any:
    """Cases of one member each as one batch."""
    if isinstance(members[0], np.ndarray):
        return np.concatenate(members)
    if isinstance(members[0], tuple):
        return tuple(_joined(parts) for parts in zip(*members, strict=True))
    if dataclasses.is_dataclass(members[0]):
        names = [field.name for field in dataclasses.fields(members[0])]
        kind: Any = type(members[0])
        return kind(*(_joined([getattr(one, name) for one in members]) for name in names))
    return members[0]
