"""The constructions of Appendix E: linearisation by biases, alignment of weights and biases, block by block.

Every claim of Sections 2.2 and E takes its adapted network from here and runs it forward.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from theorems.adaptation.error_sizes import largest, second_moment
from theorems.adaptation.linear import adapters_by_elimination, adapters_one_by_one, cut
from theorems.case import SVD, Array
from theorems.models.linear import Adapter
from theorems.models.relu import Inputs, NetworkCase, ReluNetwork
from theorems.num import Num
from theorems.texts.zeng_lee.linear.linear_models import truncated

#: ``method(weights, svd of E, ranks, num)``: adapters whose product of layers changes by LR_{sum R_l}(E).
Method: TypeAlias = Callable[[Sequence[Array], SVD, Sequence[int], Any], list[Adapter]]


def by_equation_8(weights: Sequence[Array], d: SVD, ranks: Sequence[int], num: Num) -> list[Adapter]:
    """Equation (8), which inverts the partial sums prod W + LR_r(E)."""
    return adapters_one_by_one(weights, cut(d, ranks), num)


def by_elimination(weights: Sequence[Array], d: SVD, ranks: Sequence[int], num: Num) -> list[Adapter]:
    """Elimination in general position, which inverts prod W only."""
    k = min(sum(ranks), d.s.shape[-1])
    change = Adapter(d.U[..., :k] * d.s[..., None, :k], d.V[..., :k].mT)
    return adapters_by_elimination(weights, change, ranks, num)


# bounded sets -------------------------------------------------------------------------------------------------------


def bounding_box(inputs: Inputs, num: Num) -> tuple[Array, Array]:
    """The least box with axes along the coordinates that contains X: its lower and its upper corner, (..., D)
    each."""
    low = high = inputs.points[..., 0, :]
    for k in range(1, inputs.points.shape[-2]):
        low, high = num.minimum(low, inputs.points[..., k, :]), num.maximum(high, inputs.points[..., k, :])
    margin = inputs.box + inputs.ball
    return low - margin, high + margin


def image(A: Array, shift: Array, low: Array, high: Array, num: Num) -> tuple[Array, Array]:
    """Bounds of A z + shift for all z with low <= z <= high, entry by entry; the best there are for a box."""
    half = num.number(1, 2)
    middle = num.apply(A, num.times(half, low + high)) + shift
    reach = num.apply(num.absolute(A), num.times(half, high - low))
    return middle - reach, middle + reach


def linearising_biases(weights: Sequence[Array], last: Array, low: Array, high: Array, num: Num) -> list[Array]:
    """Biases with which the layers compute ReLU(W_L ... W_1 z + last) for every z with low <= z <= high.

    With A_l = W_l ... W_1 and m_l = 2 |A_l| max(|low|, |high|), twice a bound of |A_l z| entry by entry, let
    b_l = m_l - W_l m_{l-1} (m_0 = 0).  Then by induction layer l < L has the pre-activation A_l z + m_l >= m_l / 2
    >= 0, so that its ReLU is the identity.  The last bias takes W_L m_{L-1} away again.
    """
    size = num.maximum(num.absolute(low), num.absolute(high))
    biases: list[Array] = []
    carried = num.zeros(size.shape[-1])
    A: Array | None = None
    for W in weights[:-1]:
        A = W if A is None else W @ A
        shift = 2 * num.apply(num.absolute(A), size)
        biases.append(shift - num.apply(W, carried))
        carried = shift
    return [*biases, last - num.apply(weights[-1], carried)]


# the adapted network ------------------------------------------------------------------------------------------------


def uniform_ranks(case: NetworkCase) -> tuple[int, ...]:
    """R for M layers of each block, and zero for the first layers of a last block that is longer."""
    R, ranks = case.rank, []
    for block in case.partition:
        used = min(case.M, len(block))
        ranks += [0] * (len(block) - used) + [R] * used
    return tuple(ranks)


def in_block(case: NetworkCase, i: int, values: Sequence[Any]) -> tuple[Any, ...]:
    """The values of the layers of block i, out of one for each layer."""
    return tuple(values[l - 1] for l in case.partition[i])


@dataclass(frozen=True)
class Approximation:
    """The adapted network f, and what its blocks are meant to be: f_i(z) = ReLU((W-bar_i + residual_i) z + bias_i).

    network    f, all layers, with adapters kept as factors until they are added
    adapters   Delta W_1, ..., Delta W_L
    residuals  N_i = LR_k(E_i) - E_i, k the sum of the ranks in the block
    biases     the effective bias of each block: b-bar_i, or b-bar_i - N_i mean where it is centred
    """

    network: ReluNetwork
    adapters: tuple[Adapter, ...]
    residuals: tuple[Array, ...]
    biases: tuple[Array, ...]


def approximation(
    case: NetworkCase,
    decompositions: Sequence[SVD],
    ranks: Sequence[int],
    method: Method,
    num: Num,
    *,
    centred: bool = False,
) -> Approximation:
    """Adapt every block towards its target layer, with biases that are large enough for all of X.

    With `centred`, block i has the output bias b-bar_i - N_i E z-bar_{i-1}: it then errs by N_i (z - E z-bar_{i-1}).
    """
    target = case.target
    means = None
    if centred:
        means = [num.expectation(z, case.inputs.weights) for z in target.activations(case.inputs.points, num)]
    low, high = bounding_box(case.inputs, num)
    adapters: list[Adapter] = []
    residuals, effective, biases = [], [], []
    for i, d in enumerate(decompositions):
        block, used = case.block(i), in_block(case, i, ranks)
        made = method(block, d, used, num)
        layers = [W + a.matrix for W, a in zip(block, made, strict=True)]
        N = truncated(d, sum(used)) - d.matrix
        bias = case.biases[i] if means is None else case.biases[i] - num.apply(N, means[i])
        biases += linearising_biases(layers, bias, low, high, num)
        # the next block must be linear at the target's activations as well: the proof of Theorem 5 evaluates it there
        ours = image(target.weights[i] + N, bias, low, high, num)
        theirs = image(target.weights[i], target.biases[i], low, high, num)
        low, high = num.relu(num.minimum(ours[0], theirs[0])), num.relu(num.maximum(ours[1], theirs[1]))
        adapters += made
        residuals.append(N)
        effective.append(bias)
    network = case.frozen.adapted([a.matrix for a in adapters], biases)
    return Approximation(network, tuple(adapters), tuple(residuals), tuple(effective))


def decompositions(case: NetworkCase, num: Num) -> list[SVD]:
    """The SVD of every E_i = W-bar_i - prod_{l in P_i} W_l."""
    target = case.target
    return [num.svd(target.weights[i] - case.frozen_product(i)) for i in range(case.depth)]


def sub_network(case: NetworkCase, network: ReluNetwork, i: int) -> ReluNetwork:
    """The sub-model f_i of the layers in P_i."""
    return ReluNetwork(in_block(case, i, network.weights), in_block(case, i, network.biases))


# expectations -------------------------------------------------------------------------------------------------------


def mean_norm(values: Array, weights: Array, num: Num) -> Any:
    """E ||v||_2 of a random vector that is values[k] with probability weights[k]."""
    return _mean([num.norm(values[..., k, :]) for k in range(values.shape[-2])], weights)


def mean_square(values: Array, weights: Array, num: Num) -> Any:
    """E ||v||_2^2."""
    return _mean([num.norm_squared(values[..., k, :]) for k in range(values.shape[-2])], weights)


def scalar(x: Any) -> Any:
    """A scalar of one instance as the number itself: NumPy's A[..., i] of an object vector is an array without
    axes."""
    return x.item() if isinstance(x, np.ndarray) and x.ndim == 0 else x


def _mean(terms: Sequence[Any], weights: Array) -> Any:
    total = scalar(weights[..., 0]) * terms[0]
    for k in range(1, len(terms)):
        total = total + scalar(weights[..., k]) * terms[k]
    return total


def covariance(values: Array, weights: Array, num: Num) -> Array:
    """E (v - E v)(v - E v)^T."""
    return second_moment(values - num.expectation(values, weights)[..., None, :], weights, num)


def entries(values: Array) -> list[Any]:
    """The entries (..., K, D) as a list of K D scalars, one for each member of a batch."""
    return [scalar(values[..., k, j]) for k in range(values.shape[-2]) for j in range(values.shape[-1])]


def sup_norm(values: Array, num: Num) -> Any:
    """The largest absolute entry of values (..., K, D)."""
    return largest(entries(num.absolute(values)), num)


def corners(inputs: Inputs, num: Num, *, most: int = 3) -> Array:
    """The points of the support and, up to D = `most`, the corners of their boxes enlarged by the ball, as rows; for a
    larger D the middles of the faces of what X contains about them, so that no equality is tried at the support alone.

    The corners of a box decide whether a function that is affine on it is non-negative there.
    """
    points = inputs.points
    D = points.shape[-1]
    margin = (inputs.box + inputs.ball)[..., None, :]
    if most < D:
        unit = num.identity(D)
        faces = [points + sign * margin * unit[..., j, :] for j in range(D) for sign in (1, -1)]
        result: Array = num.concatenate([points, *faces], -2)
        return result
    signs = [[1 if code >> j & 1 else -1 for j in range(D)] for code in range(2**D)]
    moved = [points + margin * num.constant(sign) for sign in signs]
    result = num.concatenate([points, *moved], -2)
    return result
