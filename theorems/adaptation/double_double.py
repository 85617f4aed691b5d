"""Products of adapted layers with twice the precision of float64, through ordinary matrix products.

A matrix is cut into slices of so few bits that the products of slices are exact in float64 (Ozaki's scheme); their sum
is kept as two floats.  Enough to see a residual of 1e-16 to many digits; `python-flint` would take minutes at D = 512.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from theorems.case import Array
from theorems.models.linear import Adapter

#: The unevaluated sum of two float64 matrices.
Pair: TypeAlias = tuple[Array, Array]
#: Slices of a matrix: the bits dropped are below 2^-53 of 2^-10 of the largest entry of their row.
SLICES = 4


def adapted_product(weights: Sequence[Array], adapters: Sequence[Adapter]) -> Pair:
    """prod (W_l + B_l A_l) of single float matrices (D, D), the sums and products of the stored factors as a pair."""
    D = weights[0].shape[-1]
    done: Pair = (np.eye(D), np.zeros((D, D)))
    for W, adapter in zip(weights, adapters, strict=True):
        changed = _times(adapter.B, _times(adapter.A, done))
        done = _sum(_times(W, done), changed)
    return done


def residual(weights: Sequence[Array], adapters: Sequence[Adapter], target: Array) -> Array:
    """target - prod (W_l + B_l A_l), rounded once."""
    high, low = adapted_product(weights, adapters)
    top, rest = _two_sum(np.asarray(target, np.float64), -high)
    return np.asarray(top + (rest - low))


def _times(A: Array, X: Pair) -> Pair:
    """A X for a float matrix A."""
    A = np.asarray(A, np.float64)
    high, low = _product(A, X[0])
    return _normal(high, low + A @ X[1])


def _product(A: Array, B: Array) -> Pair:
    """A B as a pair: leading slices exactly, the rest in float64."""
    n = A.shape[-1]
    high, low = np.zeros((len(A), B.shape[-1])), np.zeros((len(A), B.shape[-1]))
    if n == 0:
        return high, low
    bits = (53 - math.ceil(math.log2(n)) - 1) // 2
    left, right = _slices(A, bits), [part.T for part in _slices(B.T, bits)]
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            if i + j < SLICES:
                high, error = _two_sum(high, a @ b)
                low = low + error
    return high, low


def _slices(A: Array, bits: int) -> list[Array]:
    """A as a sum of matrices whose entries are multiples of one unit a row, `bits` bits each; the last takes the
    rest."""
    parts, rest = [], A
    for _ in range(SLICES - 1):
        largest = np.abs(rest).max(axis=1, keepdims=True)
        shift = np.where(largest > 0, np.ldexp(1.0, np.frexp(largest)[1] + 53 - bits), 0.0)
        part = (rest + shift) - shift
        parts.append(part)
        rest = rest - part
    return [*parts, rest]


def _two_sum(a: Array, b: Array) -> Pair:
    """a + b and its rounding error."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _normal(high: Array, low: Array) -> Pair:
    total = high + low
    return total, low - (total - high)


def _sum(x: Pair, y: Pair) -> Pair:
    high, error = _two_sum(x[0], y[0])
    return _normal(high, error + (x[1] + y[1]))
