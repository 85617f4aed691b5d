"""All layers of a network as one block: what adapters of the sum of all ranks give an active target of any depth."""

from __future__ import annotations

from theorems.adaptation.linear import adapters_by_elimination, factored
from theorems.case import Array
from theorems.models.linear import product
from theorems.models.relu import NetworkCase, ReluNetwork
from theorems.num import Num
from theorems.texts.zeng_lee.relu.construction import bounding_box, linearising_biases


def slope_and_shift(network: ReluNetwork, num: Num) -> tuple[Array, Array]:
    """T and c of the map x -> T x + c that the network is where all its units are active."""
    shift = num.zeros(network.width)
    for W, b in zip(network.weights, network.biases, strict=True):
        shift = num.apply(W, shift) + b
    return product(network.weights), shift


def as_one_block(case: NetworkCase, num: Num) -> ReluNetwork:
    """f with prod (W_l + Delta W_l) = T where rank(T - prod W) <= R_1 + ... + R_L, hidden units active, biases
    collected to those of the target: ReLU(T x + c) on X.

    No partition appears.  Where the rank is larger the product is another one in reach.  Raises `Undefined` where prod
    W is singular.
    """
    T, shift = slope_and_shift(case.target, num)
    r = min(sum(case.ranks), case.frozen.width)
    change = factored(T - product(case.frozen.weights), r, num)
    made = adapters_by_elimination(case.frozen.weights, change, case.ranks, num)
    layers = [W + a.matrix for W, a in zip(case.frozen.weights, made, strict=True)]
    biases = linearising_biases(layers, shift, *bounding_box(case.inputs, num), num)
    return ReluNetwork(tuple(layers), tuple(biases))
