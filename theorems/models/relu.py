"""ReLU networks as Zeng and Lee define them (Section 2.1), their inputs, and the cases made of them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

import numpy as np

from theorems.case import SVD, Array
from theorems.errors import InputError
from theorems.models.linear import product
from theorems.num import Num
from theorems.properties import NON_NEGATIVE, SUMS_TO_ONE, Axes, Between, Size

#: How far the sum of float64 probabilities may be from one.
SUM_WITHIN = 1e-9
#: How far below zero a float64 half-width may be.
SUBNORMAL = 1e-300


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise InputError(message)


@dataclass(frozen=True)
class ReluNetwork:
    """f(x) = ReLU(W_L ReLU(... ReLU(W_1 x + b_1) ...) + b_L): width D throughout, a ReLU after every layer.

    weights  W_1, ..., W_L, (..., D, D) each
    biases   b_1, ..., b_L, (..., D) each
    """

    weights: Annotated[tuple[Array, ...], Axes("L", "D", "D")]
    biases: Annotated[tuple[Array, ...], Axes("L", "D")]

    def __post_init__(self) -> None:
        _require(len(self.weights) > 0, "a network has no layers: give at least one weight matrix and its bias")
        _require(
            len(self.weights) == len(self.biases),
            f"a network has {len(self.weights)} weights and {len(self.biases)} biases: give one bias a layer",
        )
        D = self.weights[0].shape[-1] if self.weights[0].ndim >= 2 else -1
        for l, (W, b) in enumerate(zip(self.weights, self.biases, strict=True), 1):
            _require(
                W.ndim >= 2 and W.shape[-2:] == (D, D) and D > 0,
                f"W_{l} has the shape {W.shape}: every weight must be square, and of the width of W_1",
            )
            _require(b.ndim >= 1 and b.shape[-1] == D, f"b_{l} has the shape {b.shape}: a bias has the width D = {D}")

    @property
    def depth(self) -> int:
        """L."""
        return len(self.weights)

    @property
    def width(self) -> int:
        """D."""
        return int(self.weights[0].shape[-1])

    def preactivations(self, points: Array, num: Num) -> list[Array]:
        """W_l z_{l-1} + b_l of every layer, for inputs (..., K, D) as rows."""
        z, seen = points, []
        for W, b in zip(self.weights, self.biases, strict=True):
            y = z @ W.mT + b[..., None, :]
            seen.append(y)
            z = num.relu(y)
        return seen

    def activations(self, points: Array, num: Num) -> list[Array]:
        """z_0, ..., z_L: the inputs (..., K, D) and the outputs of every layer."""
        return [points, *(num.relu(y) for y in self.preactivations(points, num))]

    def forward(self, points: Array, num: Num) -> Array:
        """f(x) for inputs (..., K, D) as rows."""
        return self.activations(points, num)[-1]

    def adapted(self, changes: Sequence[Array], biases: Sequence[Array]) -> ReluNetwork:
        """The network with weights W_l + Delta W_l and updated biases."""
        weights = tuple(W + change for W, change in zip(self.weights, changes, strict=True))
        return ReluNetwork(weights, tuple(biases))


@dataclass(frozen=True)
class Inputs:
    """A bounded set of inputs, and a random input of finite support in it.

    The random input is points[k] with probability weights[k]; the set X is every point thickened by a box and a ball,
    x_k + u + v with |u_j| <= box_j and ||v||_2 <= ball.  A box is one point with `box`, a ball one with `ball`.

    points   (..., K, D)
    weights  (..., K), non-negative and with sum one; those of a float64 batch are divided by their sum
    box      (..., D), non-negative
    ball     (..., 1), non-negative
    """

    points: Annotated[Array, Axes("K", "D")]
    weights: Annotated[Array, Axes("K"), NON_NEGATIVE, SUMS_TO_ONE]
    box: Annotated[Array, Axes("D"), NON_NEGATIVE]
    ball: Annotated[Array, Axes("1"), NON_NEGATIVE]

    def __post_init__(self) -> None:
        _require(self.points.ndim >= 2 and self.points.shape[-2] > 0, "a random input has no points: give at least one")
        K, D = self.points.shape[-2:]
        _require(
            self.weights.shape[-1:] == (K,), f"there are {K} points and probabilities of shape {self.weights.shape}"
        )
        _require(
            self.box.shape[-1:] == (D,) and self.ball.shape[-1:] == (1,),
            f"the box has the shape {self.box.shape} and the ball {self.ball.shape}: give (D,) and (1,) for D = {D}",
        )
        for name, leaf in (("points", self.points), ("box", self.box), ("ball", self.ball)):
            _require(
                leaf.dtype.kind != "f" or bool(np.isfinite(leaf).all()),
                f"the inputs are unbounded: {name} has an entry that is not finite, and no bias activates every ReLU",
            )
        if self.weights.ndim > 1 and self.weights.dtype.kind == "f":
            self._made_proper()
        for name, leaf in (("probability", self.weights), ("half-width", self.box), ("radius", self.ball)):
            least = -SUBNORMAL if leaf.dtype.kind == "f" else 0  # a zero moved by one unit in the last place is none
            _require(not _some(leaf, lambda value, least=least: value < least), f"a {name} is negative: give others")
        _require(
            not _some(
                _sums(self.weights), lambda total: abs(total - 1) > SUM_WITHIN * (not isinstance(total, Fraction))
            ),
            "the probabilities do not sum to one: divide them by their sum",
        )

    def _made_proper(self) -> None:
        """In a float64 batch, whose entries a search moves, sizes for the box and the ball, and shares for
        probabilities."""
        shares = np.abs(self.weights)
        total = shares.sum(-1, keepdims=True)
        even = np.full_like(shares, 1.0 / shares.shape[-1])
        object.__setattr__(self, "weights", np.where(total > 0, shares / np.where(total > 0, total, 1.0), even))
        object.__setattr__(self, "box", np.abs(self.box))
        object.__setattr__(self, "ball", np.abs(self.ball))


def _checkable(leaf: Array) -> bool:
    """Floats and Fractions are checked; the entries of other arithmetics come from checked ones."""
    return leaf.dtype.kind == "f" or all(isinstance(value, Fraction) for value in leaf.flat)


def _some(leaf: Array, test: Any) -> bool:
    if not _checkable(leaf):
        return False
    return bool(np.any(test(leaf))) if leaf.dtype.kind == "f" else any(test(value) for value in leaf.flat)


def _sums(weights: Array) -> Array:
    if weights.dtype == object and not _checkable(weights):
        return np.ones(1)
    total = np.asarray(weights.sum(-1), dtype=weights.dtype)
    return total


def uniform_partition(depth: int, target_depth: int) -> tuple[tuple[int, ...], ...]:
    """P^u for L frozen and L-bar target layers: blocks of M = floor(L / L-bar) layers, the last one takes the rest.

    Raises `InputError` for a target deeper than the frozen model.
    """
    _require(
        1 <= target_depth <= depth,
        f"the target has {target_depth} layers, the frozen model {depth}: it must not be deeper",
    )
    M = depth // target_depth
    ends = [*(i * M for i in range(target_depth)), depth]
    return tuple(tuple(range(a + 1, b + 1)) for a, b in itertools.pairwise(ends))


@dataclass(frozen=True)
class NetworkCase:
    """A frozen network, a target at known distances from its blocks, a partition, LoRA-ranks and inputs.

    frozen     the model f_0 of depth L; its biases are updated by every claim
    errors     for each target layer i the SVD of E_i = W-bar_i - prod_{l in P_i} W_l; the target derives from it
    biases     b-bar_1, ..., b-bar_{L-bar}
    partition  P_1, ..., P_{L-bar}: consecutive layers of f_0, numbered from 1, which together are all of them
    ranks      R_1, ..., R_L
    inputs     the random input and the bounded set
    """

    frozen: ReluNetwork
    errors: Annotated[tuple[SVD, ...], Axes("L-bar", "D", "D")]
    biases: Annotated[tuple[Array, ...], Axes("L-bar", "D")]
    partition: Annotated[tuple[tuple[int, ...], ...], Axes("L-bar")]
    ranks: Annotated[tuple[int, ...], Axes("L"), Size("R"), Between(0, "D")]
    inputs: Inputs

    def __post_init__(self) -> None:
        D, L = self.frozen.width, self.frozen.depth
        _require(len(self.errors) > 0, "the target has no layers: give at least one error and its bias")
        _require(
            len(self.errors) <= L,
            f"the target has {len(self.errors)} layers, the frozen model {L}: it must not be deeper",
        )
        _require(
            len(self.biases) == len(self.errors) == len(self.partition),
            f"there are {len(self.errors)} errors, {len(self.biases)} biases and {len(self.partition)} blocks: "
            "give one of each for a target layer",
        )
        covered = [l for block in self.partition for l in block]
        _require(
            all(self.partition) and covered == list(range(1, L + 1)),
            f"the blocks {self.partition} are not consecutive layers that cover 1..{L} in order",
        )
        _require(len(self.ranks) == L, f"there are {len(self.ranks)} LoRA-ranks for {L} layers: give one a layer")
        for l, R in enumerate(self.ranks, 1):
            _require(0 <= R <= D, f"the LoRA-rank R_{l} = {R} is outside 0..{D}")
        for i, (d, b) in enumerate(zip(self.errors, self.biases, strict=True), 1):
            shapes = [leaf.shape[-n:] for leaf, n in ((d.U, 2), (d.s, 1), (d.V, 2))]
            _require(
                shapes == [(D, D), (D,), (D, D)] and b.shape[-1:] == (D,),
                f"error {i} has U, s, V of the shapes {shapes} and its bias {b.shape}: the widths must all be D = {D}",
            )
        _require(
            self.inputs.points.shape[-1] == D, f"the inputs have {self.inputs.points.shape[-1]} coordinates, D is {D}"
        )

    @property
    def depth(self) -> int:
        """L-bar, the depth of the target."""
        return len(self.errors)

    @property
    def M(self) -> int:
        """floor(L / L-bar)."""
        return self.frozen.depth // self.depth

    @property
    def rank(self) -> int:
        """R, where all ranks are one."""
        if len(set(self.ranks)) != 1:
            raise InputError(f"the LoRA-ranks {self.ranks} differ: this claim has one R for all layers")
        return self.ranks[0]

    def block(self, i: int) -> tuple[Array, ...]:
        """The frozen weights W_l, l in P_i, for i = 0, ..., L-bar - 1."""
        return tuple(self.frozen.weights[l - 1] for l in self.partition[i])

    def frozen_product(self, i: int) -> Array:
        """prod_{l in P_i} W_l."""
        return product(self.block(i))

    @property
    def target(self) -> ReluNetwork:
        """The target f-bar."""
        weights = tuple(self.frozen_product(i) + d.matrix for i, d in enumerate(self.errors))
        return ReluNetwork(weights, self.biases)

    def only(self, i: int) -> NetworkCase:
        """The i-th sub-model (from 0) against the i-th target layer, as a case of its own with the same inputs."""
        first = self.partition[i][0]
        return NetworkCase(
            ReluNetwork(self.block(i), tuple(self.frozen.biases[l - 1] for l in self.partition[i])),
            (self.errors[i],),
            (self.biases[i],),
            (tuple(l - first + 1 for l in self.partition[i]),),
            tuple(self.ranks[l - 1] for l in self.partition[i]),
            self.inputs,
        )


@dataclass(frozen=True)
class PartialSumCase:
    """A product P of frozen weights and two SVDs of one error: which LR_r does Assumption 1 mean?

    frozen  P = prod_{l in P_i} W_l, (..., D, D)
    first   an SVD of E
    second  another one
    most    R (M - 1), the largest r that the assumption asks for
    """

    frozen: Annotated[Array, Axes("D", "D")]
    first: Annotated[SVD, Axes("D", "D")]
    second: Annotated[SVD, Axes("D", "D")]
    most: Annotated[int, Between(0, None)]

    def __post_init__(self) -> None:
        D = self.frozen.shape[-1] if self.frozen.ndim >= 2 else -1
        shapes = [leaf.shape[-2:] for d in (self.first, self.second) for leaf in (d.U, d.V)]
        _require(
            self.frozen.shape[-2:] == (D, D) and set(shapes) == {(D, D)},
            f"P has the shape {self.frozen.shape} and U, V of the two SVDs {shapes}: all must be D x D",
        )
        _require(self.most >= 0, f"R (M - 1) = {self.most} is negative")


@dataclass(frozen=True)
class DensityCase:
    """Densities of two independent numbers (1 x 1 matrices) that are constant on the unit cells [k, k + 1).

    frozen  p_0, ..., p_{K-1}: the density of W
    target  q_0, ..., q_{K-1}: the density of W-bar
    shift   the value E of W-bar - W, an integer
    """

    frozen: Annotated[Array, Axes("K"), NON_NEGATIVE, SUMS_TO_ONE]
    target: Annotated[Array, Axes("K"), NON_NEGATIVE, SUMS_TO_ONE]
    shift: int

    def __post_init__(self) -> None:
        _require(
            self.frozen.shape[-1] == self.target.shape[-1] > 0,
            f"the densities have {self.frozen.shape[-1]} and {self.target.shape[-1]} cells: give as many",
        )
        if self.frozen.ndim > 1 and self.frozen.dtype.kind == "f":  # a search moves the entries of a batch
            for name in ("frozen", "target"):
                shares = np.abs(getattr(self, name))
                total = shares.sum(-1, keepdims=True)
                even = np.full_like(shares, 1.0 / shares.shape[-1])
                object.__setattr__(self, name, np.where(total > 0, shares / np.where(total > 0, total, 1.0), even))
        for name, leaf in (("W", self.frozen), ("W-bar", self.target)):
            least = -SUBNORMAL if leaf.dtype.kind == "f" else 0
            _require(not _some(leaf, lambda value, least=least: value < least), f"the density of {name} is negative")
            _require(
                not _some(_sums(leaf), lambda t: abs(t - 1) > SUM_WITHIN * (not isinstance(t, Fraction))),
                f"the density of {name} does not integrate to one: divide it by its sum",
            )
