"""Zeng and Lee's Theorem 3 with hidden units renumbered and rescaled: the thresholds that count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from theorems.adaptation.linear import adapters_by_elimination, factored
from theorems.case import Array
from theorems.claim import Source
from theorems.errors import InputError
from theorems.models.linear import product
from theorems.models.relu import NetworkCase, ReluNetwork, uniform_partition
from theorems.num import Num
from theorems.properties import Axes
from theorems.statement import Conclude, Suppose, conclude, exists, less_than, suppose
from theorems.texts.zeng_lee.relu.construction import (
    bounding_box,
    corners,
    image,
    in_block,
    linearising_biases,
    sup_norm,
    uniform_ranks,
)
from theorems.texts.zeng_lee.relu.deep_obstructions import active_target
from theorems.texts.zeng_lee.relu.linearisation import size_of

Steps = Iterator[Suppose | Conclude]

UNIFORM = "the partition is the uniform one"
BLOCKS = "prod_{l in P_i} W_l is non-singular"
POSITIVE = "the scales are positive"
THRESHOLD = "R M >= rank(S_i W-bar_i S_{i-1}^{-1} - prod_{l in P_i} W_l) for every i"
#: Up to this width the corners of X are tried.
WIDEST = 6


@dataclass(frozen=True)
class ScaledCase:
    """A network and a target, and positive monomials S_1, ..., S_{L-bar - 1} for the target's hidden units.

    scales  one (..., D) for each hidden layer of the target
    orders  a permutation of 0, ..., D - 1 for each: row i of S is scales[i] times the unit row order[i]
    """

    network: NetworkCase
    scales: Annotated[tuple[Array, ...], Axes("_", "D")]
    orders: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        D, hidden = self.network.frozen.width, self.network.depth - 1
        if len(self.scales) != hidden or len(self.orders) != hidden:
            counts = f"{len(self.scales)} scales and {len(self.orders)} orders"
            raise InputError(f"there are {counts}: give {hidden} of each")
        for s, order in zip(self.scales, self.orders, strict=True):
            if s.shape[-1:] != (D,) or sorted(order) != list(range(D)):
                raise InputError(f"the order {order} is no permutation of 0..{D - 1}, or its scales are not {D}")


def turned_target(case: ScaledCase, num: Num) -> ReluNetwork:
    """The target with weights S_i W-bar_i S_{i-1}^{-1} and biases S_i b-bar_i, S_0 = S_{L-bar} = I: the same
    function."""
    target, unit = case.network.target, num.identity(case.network.frozen.width)
    weights, biases = list(target.weights), list(target.biases)
    for i, (s, order) in enumerate(zip(case.scales, case.orders, strict=True)):
        rows = unit[..., list(order), :]
        S = num.diagonal(s) @ rows
        weights[i], biases[i] = S @ weights[i], num.apply(S, biases[i])
        weights[i + 1] = weights[i + 1] @ (rows.mT @ num.diagonal(1 / s))
    return ReluNetwork(tuple(weights), tuple(biases))


def up_to_scales(case: ScaledCase, num: Num) -> Steps:
    """Theorem 3, sharpened: R M >= rank(S_i W-bar_i S_{i-1}^{-1} - prod_{l in P_i} W_l), for some positive monomials.

    S_0 = S_{L-bar} = I.  As ReLU(S z) = S ReLU(z), the target with these weights and S_i b-bar_i is the same function.
    The case carries the S_i.

    Hypotheses    the uniform partition; prod_{l in P_i} W_l is non-singular; positive scales; the threshold
    Construction  elimination in every block towards the turned target
    Conclusion    f = f-bar on X
    Obstruction   silent sets (`active_target`)
    """
    network = case.network
    yield suppose(network.partition == uniform_partition(network.frozen.depth, network.depth), UNIFORM)
    for i in range(network.depth):
        yield suppose(num.nonsingular(network.frozen_product(i)), BLOCKS)
    for s in case.scales:
        yield suppose(less_than(num.zeros(s.shape[-1]), s), POSITIVE)
    target = turned_target(case, num)
    changes = [W - product(network.block(i)) for i, W in enumerate(target.weights)]
    for change in changes:
        yield suppose(num.rank(change) <= network.rank * network.M, THRESHOLD)
    points = corners(network.inputs, num, most=WIDEST)

    def attained() -> Any:
        f = _towards(network, target, changes, num)
        missed = sup_norm(f.forward(points, num) - network.target.forward(points, num), num)
        return missed / num.maximum(size_of(f, points, num), num.number(1))

    yield conclude(
        exists(attained=attained, lower_bound=active_target(network, num), bound=num.number(0), scale=num.number(1)),
        "f(x) = f-bar(x) for all x in X",
    )


def _towards(case: NetworkCase, target: ReluNetwork, changes: list[Array], num: Num) -> ReluNetwork:
    """f whose block i is layer i of `target` where rank(changes[i]) is within the ranks of the block."""
    low, high = bounding_box(case.inputs, num)
    ranks, layers, biases = uniform_ranks(case), [], []
    for i, (W, b) in enumerate(zip(target.weights, target.biases, strict=True)):
        used = in_block(case, i, ranks)
        change = factored(changes[i], min(sum(used), case.frozen.width), num)
        made = adapters_by_elimination(case.block(i), change, used, num)
        own = [V + a.matrix for V, a in zip(case.block(i), made, strict=True)]
        biases += linearising_biases(own, b, low, high, num)
        layers += own
        low, high = (num.relu(end) for end in image(W, b, low, high, num))
    return ReluNetwork(tuple(layers), tuple(biases))


CLAIMS = (
    Source("ours", "Theorem 3 sharpened", "BENT_NETWORKS, section 6").stands(
        "ours/up-to-scales", up_to_scales,
        "renumbered and rescaled hidden units are the same function, and may need less rank: 2 I and I / 2 need "
        "none against I and I",
    ),
)  # fmt: skip
