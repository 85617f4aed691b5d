"""The paper's adapters, and what the theory says of the error at a rank.

The constructions are those of the claims (`theorems.texts.zeng_lee`); here they meet the weights of an experiment.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theorems.adaptation.error_sizes import amplified, beta, root_of_trace
from theorems.adaptation.linear import adapters_one_by_one, cut
from theorems.arithmetic.float64 import Float64
from theorems.models.linear import product
from theorems.models.relu import Inputs, NetworkCase, ReluNetwork, uniform_partition
from theorems.models.transformer import Block, Transformer, TransformerCase
from theorems.texts.zeng_lee.experiments.problems import Floats, Weights
from theorems.texts.zeng_lee.experiments.transformer_gradients import Blocks
from theorems.texts.zeng_lee.relu.construction import approximation, by_equation_8, decompositions, uniform_ranks
from theorems.texts.zeng_lee.relu.error_bounds import layer_errors, sharp_bound
from theorems.texts.zeng_lee.transformer.construction import construct
from theorems.texts.zeng_lee.transformer.gaps import gaps_as_meant

#: Nodes of the quadrature, and the standard deviations that it covers.
NODES, REACH = 200, 12.0


def constructed(
    figure: str, frozen: Weights, target: Weights, rank: int, data: tuple[Floats, ...], heads: int, *, centred: bool
) -> Weights:
    """The frozen model adapted by the paper's proof, uniform partition: equation (8) in every block.

    data     the inputs on which errors are measured; the biases of a ReLU network are large enough for their box
    centred  for ReLU networks: the output biases of `theorem-5:repaired` instead of the target's
    """
    num = Float64(size=1)
    if figure == "linear":
        weights = [W[None] for W in frozen.matrices]
        d = num.svd(product(list(target.matrices))[None] - product(weights))
        adapters = adapters_one_by_one(weights, cut(d, (rank,) * len(weights)), num)
        made = [W + a.matrix for W, a in zip(weights, adapters, strict=True)]
        return Weights(np.concatenate(made), frozen.biases)
    if figure == "fnn":
        case = network_case(frozen, target, rank, data[0], num)
        network = approximation(
            case, decompositions(case, num), uniform_ranks(case), by_equation_8, num, centred=centred
        ).network
        return Weights(np.concatenate(network.weights), np.concatenate(network.biases))
    tfn = transformer_case(frozen, target, rank, heads)
    return _stacked(construct(tfn, num, R=rank).adapted(tfn.frozen, num))


def theory(
    figure: str, frozen: Weights, target: Weights, rank: int, data: tuple[Floats, ...], heads: int, *, centred: bool
) -> dict[str, float | None]:
    """What is known of the mean squared error at that rank.

    closed_form  linear: sum of sigma_i(E)^2, i > RL, the least expected error of all adapters, which the construction
                 has; fnn with a one-layer target: the expected error of the plain construction; tfn: 0 from R >= max
                 ceil(G_i / 2), nothing known below
    bound        fnn: the square of repaired Theorem 5's bound; it holds for the centred construction on these inputs
    sharp_bound  fnn: the square of the sharpened one
    """
    none: dict[str, float | None] = {"closed_form": None, "bound": None, "sharp_bound": None}
    if figure == "linear":
        return none | {"closed_form": tail(frozen, target, rank)}
    num = Float64(size=1)
    if figure == "tfn":
        gaps = gaps_as_meant(transformer_case(frozen, target, rank, heads), num)
        threshold = max(-(-int(num.rank(gap)[0]) // 2) for gap in gaps)
        return none | {"closed_form": 0.0 if rank >= threshold else None}
    case = network_case(frozen, target, rank, data[0], num)
    ds, ranks = decompositions(case, num), uniform_ranks(case)
    size = beta(case, case.biases, num, floor=root_of_trace)
    bound = size * amplified(case, layer_errors(case, ds, ranks, num), num)
    sharp = sharp_bound(case, ds, ranks, by_equation_8, num)
    closed = one_layer_mse(frozen, target, rank) if case.depth == 1 and not centred else None
    return {"closed_form": closed, "bound": float(bound[0]) ** 2, "sharp_bound": float(sharp[0]) ** 2}


# Linear models -------------------------------------------------------------------------------------------------------


def expected_mse(weights: Weights, target: Weights) -> float:
    """E ||(P - T) x||^2 = ||P - T||_F^2 for a standard normal x."""
    return float(((product(list(weights.matrices)) - product(list(target.matrices))) ** 2).sum())


def tail(frozen: Weights, target: Weights, rank: int) -> float:
    """sum of sigma_i(E)^2 over i > R L: the least expected error of adapters of rank R (Eckart, Young, Mirsky)."""
    s = np.linalg.svd(product(list(target.matrices)) - product(list(frozen.matrices)), compute_uv=False)
    return float((s[rank * len(frozen.matrices) :] ** 2).sum())


# ReLU networks -------------------------------------------------------------------------------------------------------


def network_case(frozen: Weights, target: Weights, rank: int, points: Floats, num: Float64) -> NetworkCase:
    """The case of the claims with these weights; the random input is uniform on the points (K, D)."""
    L, count = len(frozen.matrices), len(target.matrices)
    network = ReluNetwork(tuple(W[None] for W in frozen.matrices), tuple(b[None] for b in frozen.biases))
    partition = uniform_partition(L, count)
    errors = tuple(
        num.svd(W[None] - product([network.weights[l - 1] for l in block]))
        for W, block in zip(target.matrices, partition, strict=True)
    )
    K, D = points.shape
    inputs = Inputs(points[None], np.full((1, K), 1.0 / K), np.zeros((1, D)), np.zeros((1, 1)))
    return NetworkCase(network, errors, tuple(b[None] for b in target.biases), partition, (rank,) * L, inputs)


def one_layer_mse(frozen: Weights, target: Weights, rank: int) -> float:
    """E ||ReLU(T x + b) - ReLU((T + N) x + b)||^2, N = LR_{RL}(E) - E, for a standard normal x.

    Coordinate by coordinate y and z = y + d are jointly normal with the same mean b.  E ReLU(y)^2 has a closed form; E
    ReLU(y) ReLU(z) = int_0^infty y E[ReLU(z) | y] phi(y) dy has one under a smooth integral over y.
    """
    T, b = target.matrices[0], target.biases[0]
    U, s, Vt = np.linalg.svd(T - product(list(frozen.matrices)))
    k = rank * len(frozen.matrices)
    other = T - (U[:, k:] * s[k:]) @ Vt[k:]
    total = 0.0
    for u, v, mean in zip(T, other, b, strict=True):
        total += _second_moment(u, mean) + _second_moment(v, mean) - 2.0 * _mixed_moment(u, v, mean)
    return max(total, 0.0)


def _second_moment(u: Floats, mean: float) -> float:
    """E ReLU(u x + mean)^2."""
    from scipy.special import ndtr

    s = float(np.linalg.norm(u))
    t = mean / s
    return float((mean * mean + s * s) * ndtr(t) + mean * s * _density(t))


def _mixed_moment(u: Floats, v: Floats, mean: float) -> float:
    """E ReLU(u x + mean) ReLU(v x + mean)."""
    from scipy.special import ndtr

    su = float(np.linalg.norm(u))
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    low, high = max(-mean / su, -REACH), REACH
    if low >= high:
        return 0.0
    t = low + (nodes + 1.0) * (high - low) / 2.0
    slope = float(u @ v) / su
    spread = float(np.sqrt(max(float(v @ v) - slope * slope, 0.0)))
    centre = mean + slope * t
    if spread < 1e-12 * max(float(np.linalg.norm(v)), 1e-300):
        inner = np.maximum(centre, 0.0)
    else:
        inner = centre * ndtr(centre / spread) + spread * _density(centre / spread)
    values = (su * t + mean) * inner * _density(t)
    return float((weights * values).sum() * (high - low) / 2.0)


def _density(t: Any) -> Any:
    return np.exp(-0.5 * np.square(t)) / np.sqrt(2.0 * np.pi)


# Transformers --------------------------------------------------------------------------------------------------------


def transformer_case(frozen: Weights, target: Weights, rank: int, heads: int) -> TransformerCase:
    """The case of the claims with these weights, at one token (a column of zeros: only the weights count here)."""
    D = frozen.matrices.shape[-1]
    one, other = transformer(frozen, heads), transformer(target, heads)
    return TransformerCase(one, other, rank, np.zeros((1, D, 1)), np.zeros((1, D)))


def transformer(weights: Weights, heads: int) -> Transformer:
    """The weights of a stack as a Transformer of the claims, a batch of one."""
    shape = Blocks(len(weights.biases) // 2, heads)
    W, b = weights.matrices, weights.biases
    blocks = tuple(
        Block(
            keys=W[None, shape.heads_of(l, 0)],
            queries=W[None, shape.heads_of(l, 1)],
            values=W[None, shape.heads_of(l, 2)],
            outputs=(W[None, shape.heads_of(l, 3)],),
            first=W[None, shape.first(l)],
            second=W[None, shape.second(l)],
            first_bias=b[None, 2 * l],
            second_bias=b[None, 2 * l + 1],
        )
        for l in range(shape.depth)
    )
    return Transformer(blocks, W[None, -1])


def _stacked(model: Transformer) -> Weights:
    parts: list[Floats] = []
    biases: list[Floats] = []
    for block in model.blocks:
        parts += [block.keys[0], block.queries[0], block.values[0], block.outputs[0][0], block.first, block.second]
        biases += [block.first_bias, block.second_bias]
    return Weights(np.concatenate([*parts, model.out]), np.concatenate(biases))
