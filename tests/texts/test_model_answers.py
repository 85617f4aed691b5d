"""Linear models, ReLU networks and the cases made of them, by hand; what is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.rational_matrices import matrix, vector
from tests.small_networks import HALF, NUM, ONE, c, diagonal, inputs, network, plain, two_blocks
from theorems.case import SVD
from theorems.errors import InputError
from theorems.models.linear import (
    Adapter,
    LinearCase,
    LinearModel,
    NarrowCase,
    TargetCase,
    TruncationCase,
    TwoDecompositionsCase,
    product,
)
from theorems.models.relu import DensityCase, Inputs, NetworkCase, PartialSumCase, ReluNetwork, uniform_partition
from theorems.texts.zeng_lee.relu import construction

# the models ---------------------------------------------------------------------------------------------------------


def test_products_and_adapted_linear_models() -> None:
    model = LinearModel((matrix([[0, -1], [1, 0]]), matrix([[1, 2], [0, 1]])))
    assert plain(product(model.weights)) == [[2, -1], [1, 0]]
    assert (model.depth, model.width, plain(model.matrix)) == (2, 2, [[2, -1], [1, 0]])
    moved = model.adapted([matrix([[1, 1], [0, 0]]), matrix([[0, 0], [0, 1]])])
    assert [plain(W) for W in moved.weights] == [[[1, 0], [1, 0]], [[1, 2], [0, 2]]]
    assert plain(Adapter(matrix([[1], [2]]), matrix([[3, 4]])).matrix) == [[3, 4], [6, 8]]


def empty_adapter(D: int = 2, R: int = 1) -> Adapter:
    return Adapter(matrix([[0] * R] * D), matrix([[0] * D] * R))


def linear_case(**changed: Any) -> LinearCase:
    given: dict[str, Any] = {
        "frozen": LinearModel((matrix(ONE), matrix([[2, 0], [0, 3]]))), "error": diagonal(4, 1), "ranks": (1, 1),
        "competitor": (empty_adapter(), empty_adapter())} | changed  # fmt: skip
    return LinearCase(**given)


def test_cases_of_linear_models() -> None:
    case = linear_case()
    assert plain(case.target) == [[6, 0], [0, 4]]
    assert case.rank == 1
    with pytest.raises(ValueError, match="differ"):
        _ = linear_case(ranks=(1, 2), competitor=(empty_adapter(), empty_adapter(R=2))).rank
    assert linear_case(ranks=(2, 2), competitor=(empty_adapter(R=2),) * 2).rank == 2
    truncated = TruncationCase(diagonal(4, 1), empty_adapter(R=2))
    assert (truncated.rank, plain(truncated.matrix)) == (2, [[4, 0], [0, 1]])
    for rank in (0, 2):
        assert TwoDecompositionsCase(diagonal(1, 1), diagonal(1, 1), rank).rank == rank
    narrow = NarrowCase(linear_case().frozen, diagonal(4, 0), 1, 1, vector([5]))
    assert plain(narrow.target) == [[6]]
    assert plain(NarrowCase(linear_case().frozen, diagonal(4, 0), 2, 1, vector([5, 5])).target) == [[6, 0], [0, 3]]
    assert TargetCase(linear_case().frozen, diagonal(4, 1), (0, 2)).ranks == (0, 2)


TALL = SVD(matrix([[1], [0]]), vector([4]), matrix([[1], [0]]))


@pytest.mark.parametrize(
    ("make", "message"),
    [(lambda: LinearModel(()), "no layers"),
     (lambda: LinearModel((vector([1]),)), "W_1 has the shape"),
     (lambda: LinearModel((matrix([[1, 2]]),)), "W_1 has the shape"),
     (lambda: LinearModel((matrix(ONE), matrix([[1]]))), "W_2 has the shape"),
     (lambda: LinearModel((np.empty((0, 0), dtype=object),)), "W_1 has the shape"),
     (lambda: linear_case(error=diagonal(4, 1, 1)), "U and V must be 2 x 2"),
     (lambda: linear_case(error=TALL), "must be 2 x 2"),
     (lambda: linear_case(error=SVD(vector([1]), vector([1]), matrix([[1]]))), "must be 2 x 2"),
     (lambda: linear_case(error=SVD(matrix(ONE), np.array(1), matrix(ONE))), "must be 2 x 2"),
     (lambda: linear_case(ranks=(1,)), "1 LoRA-ranks for 2 layers"),
     (lambda: linear_case(ranks=(1, 3)), "R_2 = 3 is outside 0..2"),
     (lambda: linear_case(ranks=(-1, 1)), "R_1 = -1 is outside 0..2"),
     (lambda: linear_case(competitor=(empty_adapter(),)), "1 competing adapters for 2 layers"),
     (lambda: linear_case(competitor=(empty_adapter(), empty_adapter(R=2))), "competing adapter 2"),
     (lambda: linear_case(competitor=(empty_adapter(3), empty_adapter())), "competing adapter 1"),
     *((lambda B=B, A=A: linear_case(competitor=(Adapter(B, A), empty_adapter())), "adapter 1") for B, A in (
         (matrix([[0], [0]]), matrix([[0, 0], [0, 0]])), (matrix([[0], [0]]), matrix([[0, 0, 0]])),
         (vector([0, 0]), matrix([[0, 0]])), (matrix([[0], [0]]), vector([0, 0])))),
     (lambda: TargetCase(linear_case().frozen, diagonal(1), (1, 1)), "the target has U, s, V"),
     (lambda: TruncationCase(diagonal(1, 1), empty_adapter(3)), "the competitor"),
     (lambda: TruncationCase(TALL, empty_adapter()), "the decomposition"),
     (lambda: TruncationCase(SVD(matrix([[1]]), np.array(1), matrix([[1]])), empty_adapter(1)), "the decomposition"),
     (lambda: TwoDecompositionsCase(diagonal(1, 1), TALL, 1), "the second"),
     (lambda: TwoDecompositionsCase(TALL, diagonal(1, 1), 1), "the first"),
     (lambda: TwoDecompositionsCase(diagonal(1, 1), diagonal(1, 1), 3), "rank 3 is outside 0..2"),
     (lambda: TwoDecompositionsCase(diagonal(1, 1), diagonal(1, 1), -1), "rank -1 is outside 0..2"),
     (lambda: NarrowCase(linear_case().frozen, diagonal(1, 1), 3, 1, vector([1, 2, 3])), "width 3"),
     (lambda: NarrowCase(linear_case().frozen, diagonal(1, 1), 0, 1, vector([])), "width 0"),
     (lambda: NarrowCase(linear_case().frozen, diagonal(1, 1), 1, 1, vector([1, 2])), "width 1"),
     (lambda: NarrowCase(linear_case().frozen, diagonal(1, 1), 1, 3, vector([1])), "R_1 = 3"),
     ],
)  # fmt: skip
def test_models_that_do_not_fit_together(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


def test_a_network_runs_forward() -> None:
    """x = (1, 2): W_1 x + b_1 = (-1, 3), z_1 = (0, 3), W_2 z_1 + b_2 = (3, -5)."""
    f = NUM.load(network([[[1, -1], [1, 1]], [[0, 1], [5, -2]]], [[0, 0], [0, 1]]))
    x = c([[1, 2], [0, 0]])
    assert (f.depth, f.width) == (2, 2)
    assert [plain(y) for y in f.preactivations(x, NUM)] == [[[-1, 3], [0, 0]], [[3, -5], [0, 1]]]
    assert [plain(z) for z in f.activations(x, NUM)] == [[[1, 2], [0, 0]], [[0, 3], [0, 0]], [[3, 0], [0, 1]]]
    assert plain(f.forward(x, NUM)) == [[3, 0], [0, 1]]
    moved = f.adapted([c([[1, 0], [0, 0]]), c([[0, 0], [0, 1]])], [c([1, 1]), c([2, 2])])
    assert [plain(W) for W in moved.weights] == [[[2, -1], [1, 1]], [[0, 1], [5, -1]]]
    assert [plain(b) for b in moved.biases] == [[1, 1], [2, 2]]


@pytest.mark.parametrize(
    ("depth", "target", "blocks"),
    [(4, 2, ((1, 2), (3, 4))), (5, 2, ((1, 2), (3, 4, 5))), (3, 3, ((1,), (2,), (3,))), (3, 1, ((1, 2, 3),)),
     (5, 3, ((1,), (2,), (3, 4, 5)))],
)  # fmt: skip
def test_uniform_partitions(depth: int, target: int, blocks: tuple[tuple[int, ...], ...]) -> None:
    assert uniform_partition(depth, target) == blocks
    for wrong in (0, depth + 1):
        with pytest.raises(InputError, match="deeper"):
            uniform_partition(depth, wrong)


def test_cases_of_networks() -> None:
    case = two_blocks()
    assert (case.depth, case.M) == (2, 1)
    assert [plain(W) for W in case.block(0)] == [[[1, 0], [0, 2]], [[2, 0], [0, 1]]]
    assert [plain(W) for W in case.block(1)] == [[[3, 0], [0, 1]]]
    assert plain(case.frozen_product(0)) == [[2, 0], [0, 2]]
    assert [plain(W) for W in case.target.weights] == [[[5, 0], [0, 3]], [[4, 0], [0, 1]]]
    assert [plain(b) for b in case.target.biases] == [[1, 2], [3, 4]]
    with pytest.raises(InputError, match="differ"):
        _ = case.rank
    assert two_blocks(ranks=(2, 2, 2)).rank == 2
    second = case.only(1)
    assert (second.partition, second.ranks, second.depth) == (((1,),), (2,), 1)
    assert [plain(W) for W in second.frozen.weights] == [[[3, 0], [0, 1]]]
    assert plain(second.biases[0]) == [3, 4]
    assert plain(second.errors[0].s) == [1, 0]
    first = case.only(0)
    assert (first.partition, first.ranks, plain(first.target.weights[0])) == (((1, 2),), (1, 0), [[5, 0], [0, 3]])
    biased = two_blocks(frozen=network([ONE, ONE, ONE], [[1, 1], [2, 2], [3, 3]]))
    assert [plain(b) for b in biased.only(0).frozen.biases] == [[1, 1], [2, 2]]
    assert [plain(b) for b in biased.only(1).frozen.biases] == [[3, 3]]


@pytest.mark.parametrize(
    ("make", "message"),
    [(lambda: ReluNetwork((), ()), "no layers"),
     (lambda: ReluNetwork((matrix(ONE),), ()), "1 weights and 0 biases"),
     (lambda: ReluNetwork((vector([1, 1]),), (vector([0, 0]),)), "W_1 has the shape"),
     (lambda: ReluNetwork((matrix(ONE), matrix([[1]])), (vector([0, 0]),) * 2), "W_2 has the shape"),
     (lambda: ReluNetwork((np.empty((0, 0), dtype=object),), (vector([]),)), "W_1 has the shape"),
     (lambda: ReluNetwork((matrix(ONE),), (np.array(Fraction(0), dtype=object),)), "b_1 has the shape"),
     (lambda: ReluNetwork((matrix(ONE),), (vector([0]),)), "b_1 has the shape"),
     (lambda: Inputs(vector([1]), vector([1]), vector([0]), vector([0])), "no points"),
     (lambda: Inputs(np.empty((0, 1), dtype=object), vector([]), vector([0]), vector([0])), "no points"),
     (lambda: inputs([[1], [2]], weights=[1]), "2 points"),
     (lambda: inputs([[1]], box=[0, 0]), "the box has the shape"),
     (lambda: Inputs(matrix([[1]]), vector([1]), vector([0]), vector([0, 0])), "and the ball"),
     (lambda: inputs([[1], [2]], weights=[HALF, Fraction(1, 3)]), "sum to one"),
     (lambda: inputs([[1], [2]], weights=[HALF, HALF + Fraction(1, 10**30)]), "sum to one"),
     (lambda: inputs([[1], [2]], weights=[2, -1]), "a probability is negative"),
     (lambda: inputs([[1]], box=[-1]), "a half-width is negative"),
     (lambda: inputs([[1]], ball=Fraction(-1, 10**30)), "a radius is negative"),
     (lambda: inputs([[1]], box=[-Fraction(1, 10**320)]), "a half-width is negative"),
     (lambda: two_blocks(errors=()), "no layers"),
     (lambda: two_blocks(errors=(diagonal(1, 1),) * 4), "4 layers, the frozen model 3"),
     (lambda: two_blocks(biases=(vector([0, 0]),)), "1 biases"),
     (lambda: two_blocks(partition=((1, 2, 3),)), "1 blocks"),
     (lambda: two_blocks(partition=((1, 2, 3), ())), "not consecutive"),
     (lambda: two_blocks(partition=((1, 2), (4,))), "not consecutive"),
     (lambda: two_blocks(partition=((1,), (3,))), "not consecutive"),
     (lambda: two_blocks(partition=((0, 1), (2,))), "not consecutive"),
     (lambda: two_blocks(ranks=(1, 1)), "2 LoRA-ranks for 3 layers"),
     (lambda: two_blocks(ranks=(1, 1, 3)), "R_3 = 3 is outside 0..2"),
     (lambda: two_blocks(ranks=(-1, 1, 1)), "R_1 = -1"),
     (lambda: two_blocks(errors=(diagonal(1, 1), diagonal(1))), "error 2"),
     (lambda: two_blocks(errors=(SVD(matrix(ONE), vector([1]), matrix(ONE)), diagonal(1, 1))), "error 1"),
     (lambda: two_blocks(biases=(vector([0, 0]), vector([0]))), "error 2"),
     (lambda: two_blocks(inputs=inputs([[1]])), "1 coordinates, D is 2"),
     (lambda: PartialSumCase(vector([1]), diagonal(1), diagonal(1), 0), "all must be D x D"),
     (lambda: PartialSumCase(matrix(ONE), diagonal(1, 1), diagonal(1), 0), "all must be D x D"),
     (lambda: PartialSumCase(matrix([[1, 0]]), diagonal(1, 1), diagonal(1, 1), 0), "all must be D x D"),
     (lambda: PartialSumCase(matrix(ONE), diagonal(1, 1), diagonal(1, 1), -1), "is negative"),
     (lambda: DensityCase(vector([1]), vector([1, 0]), 0), "give as many"),
     (lambda: DensityCase(vector([]), vector([]), 0), "give as many"),
     (lambda: DensityCase(vector([HALF]), vector([1]), 0), "density of W does not"),
     (lambda: DensityCase(vector([1]), vector([HALF]), 0), "density of W-bar does not"),
     (lambda: DensityCase(vector([2, -1]), vector([1, 0]), 0), "density of W is negative"),
     ],
)  # fmt: skip
def test_networks_that_do_not_fit_together(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


def floats(points: Any, weights: Any, box: Any, ball: Any) -> Inputs:
    return Inputs(*(np.array(leaf, dtype=np.float64) for leaf in (points, weights, box, ball)))


def test_inputs_in_floats() -> None:
    """Of one case: checked up to 1e-9.  Of a batch, which a search moves: made proper."""
    good = floats([[1.0]], [1 + 5e-10], [0.0], [0.0])
    assert good.weights.tolist() == [1 + 5e-10]
    for bad, message in (
        (([[1.0]], [1 + 2e-9], [0.0], [0.0]), "sum to one"), (([[1.0]], [1.0], [-1e-200], [0.0]), "half-width"),
        (([[1.0]], [1.0], [0.0], [-1.0]), "radius"), (([[np.nan]], [1.0], [0.0], [0.0]), "points"),
        (([[1.0]], [1.0], [np.inf], [0.0]), "box"), (([[1.0]], [1.0], [0.0], [np.inf]), "ball"),
        (([[1.0], [1.0]], [1.5, -0.5], [0.0], [0.0]), "probability"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=message):
            floats(*bad)
    floats([[1.0]], [1.0], [-5e-324], [0.0])  # zero, moved by one unit in the last place
    batch = floats([[[1.0], [2.0]]] * 2, [[1.0, -3.0], [0.0, 0.0]], [[-1.0], [2.0]], [[-2.0], [0.0]])
    assert batch.weights.tolist() == [[0.25, 0.75], [0.5, 0.5]]
    assert (batch.box.tolist(), batch.ball.tolist()) == ([[1], [2]], [[2], [0]])
    small = floats([[[1.0], [2.0]]], [[0.125, 0.375]], [[0.0]], [[0.0]])
    assert small.weights.tolist() == [[0.25, 0.75]]
    three = floats([[[1.0], [2.0], [3.0]]], [[0.0, 0.0, 0.0]], [[0.0]], [[0.0]])
    assert three.weights.tolist() == [[1 / 3] * 3]
    loaded = NUM.load(inputs([[1], [2]]))  # the entries of another arithmetic come from checked ones
    assert plain(loaded.weights) == [HALF, HALF]


def test_densities() -> None:
    assert DensityCase(vector([HALF, HALF]), vector([1, 0]), 1).shift == 1
    batch = DensityCase(np.array([[1.0, -3.0], [0.0, 0.0]]), np.array([[2.0, 2.0], [0.0, 5.0]]), 0)
    assert batch.frozen.tolist() == [[0.25, 0.75], [0.5, 0.5]]
    assert batch.target.tolist() == [[0.5, 0.5], [0, 1]]
    three = DensityCase(np.zeros((1, 3)), np.array([[1.0, 1.0, 2.0]]), 0)
    assert three.frozen.tolist() == [[1 / 3] * 3]
    assert three.target.tolist() == [[0.25, 0.25, 0.5]]
    small = DensityCase(np.array([[0.125, 0.375]]), np.array([[0.25, 0.0]]), 0)
    assert (small.frozen.tolist(), small.target.tolist()) == ([[0.25, 0.75]], [[1, 0]])
    assert DensityCase(np.array([1.0, -5e-324]), np.array([1.0, 0.0]), 0).shift == 0  # zero, moved by one unit
    tiny = Fraction(1, 10**320)
    with pytest.raises(InputError, match="density of W is negative"):
        DensityCase(vector([1 + tiny, -tiny]), vector([1, 0]), 0)
    assert DensityCase(np.array([1 + 5e-10]), np.array([1.0]), 0).frozen.tolist() == [1 + 5e-10]
    for frozen, message in (([1 + 2e-9], "integrate"), ([1.5, -0.5], "negative")):
        with pytest.raises(InputError, match=message):
            DensityCase(np.array(frozen), np.array([1.0, 0.0][: len(frozen)]), 0)
    for most in (0, 5):
        assert PartialSumCase(matrix(ONE), diagonal(1, 1), diagonal(1, 1), most).most == most


def test_values_cannot_be_changed() -> None:
    kinds: list[Any] = [
        Adapter, LinearModel, LinearCase, TargetCase, TruncationCase, TwoDecompositionsCase, NarrowCase,
        ReluNetwork, Inputs, NetworkCase, PartialSumCase, DensityCase, construction.Approximation]  # fmt: skip
    for kind in kinds:
        assert dataclasses.fields(kind)
        assert kind.__dataclass_params__.frozen
