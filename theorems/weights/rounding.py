"""Norms of computed matrices with every rounding error counted.

The model is the standard one of IEEE arithmetic: an inner product of n terms, in whatever order and with or without
fused operations, is off by at most gamma_n = n u / (1 - n u) times that of the absolute values.  (A matrix product by
Strassen's scheme would break it; BLAS libraries do not use it.)  Matrices are scaled by a power of two first, and
`FLOOR` covers whatever underflows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theorems.errors import InputError
from theorems.weights.stored import Floats

#: The unit roundoff u of float64.
UNIT = 2.0**-53
#: Added to norms of matrices scaled to entries of about one: whatever underflow takes away there is far less.
FLOOR = 2.0**-400
#: More than the rounding of a dozen operations on scalars.
SLACK = 2.0**-46
#: Entries of the blocks that are formed at once.
BLOCK = 1 << 20
#: Matrices are scaled by at most this power of two.
MOST_SHIFT = 1000


@dataclass(frozen=True)
class Interval:
    """low <= x <= high."""

    low: float
    high: float


def up(x: float) -> float:
    """Above the exact value of a short non-negative expression that was computed as x."""
    return x * (1.0 + SLACK)


def down(x: float) -> float:
    """Below the exact value of such an expression."""
    return x * (1.0 - SLACK)


def gamma(n: int) -> float:
    """gamma_n = n u / (1 - n u), rounded up."""
    return up(n * UNIT / (1.0 - n * UNIT))


def norm_above(squares: Floats | list[float], terms: int) -> float:
    """sqrt of the sum of computed sums of squares, of `terms` terms each, rounded up."""
    return up(math.sqrt(math.fsum(squares)) * (1.0 + gamma(terms + 2))) + FLOOR


def frobenius_above(A: Floats) -> float:
    """||A||_F of a scaled matrix, rounded up."""
    return norm_above(np.einsum("ij,ij->i", A, A), A.shape[1]) if A.size else 0.0


def frobenius_below(A: Floats) -> float:
    """||A||_F of a scaled matrix, rounded down."""
    if not A.size:
        return 0.0
    total = math.fsum(np.einsum("ij,ij->i", A, A))
    return max(0.0, down(math.sqrt(total) * (1.0 - gamma(A.shape[1] + 2))) - FLOOR)


def absolute_product(X: Floats, d: Floats, Y: Floats) -> float:
    """At least || |X| diag(|d|) |Y| ||_F: the sum of |d_k| ||x_k|| ||y_k|| over columns x_k and rows y_k."""
    columns = np.sqrt(np.einsum("ij,ij->j", X, X)) * (1.0 + gamma(X.shape[0] + 2)) + FLOOR
    rows = np.sqrt(np.einsum("ij,ij->i", Y, Y)) * (1.0 + gamma(Y.shape[1] + 2)) + FLOOR
    return up(math.fsum(np.abs(d) * columns * rows))


def distance(E: Floats | None, X: Floats, d: Floats, Y: Floats) -> float:
    """At least ||E - X diag(d) Y||_F, with E zero where it is None: computed by blocks of rows, plus all rounding.

    The entries must be scaled: at most about one in E, and such that no product overflows.
    """
    m, n = X.shape[0], Y.shape[1]
    step = max(1, BLOCK // max(n, 1))
    squares: list[float] = []
    for start in range(0, m, step):
        block = (X[start : start + step] * d) @ Y
        if E is not None:
            np.subtract(E[start : start + step], block, out=block)
        squares.extend(np.einsum("ij,ij->i", block, block).tolist())
    rounding = gamma(len(d) + 4) * absolute_product(X, d, Y)
    return up(norm_above(squares, n) * (1.0 + 2.0 * UNIT) + rounding) + FLOOR


def defect(Q: Floats) -> float:
    """At least ||Q^T Q - I||_2, Q with columns of about unit length."""
    k = Q.shape[1]
    return distance(np.eye(k), Q.T, np.ones(Q.shape[0]), Q) if k else 0.0


def exponent_of(A: Floats) -> int:
    """e with max |A| / 2^e in [1/2, 1), as far as `MOST_SHIFT` allows; 0 for a zero matrix."""
    largest = max(float(A.max()), -float(A.min())) if A.size else 0.0
    return max(-MOST_SHIFT, min(MOST_SHIFT, math.frexp(largest)[1]))


def unscaled(x: float, exponent: int, *, upward: bool) -> float:
    """2^exponent x, rounded to the side that keeps a bound a bound.  Raises `InputError` beyond the range of floats."""
    if x == 0.0:
        return 0.0
    try:
        value = math.ldexp(x, exponent)
    except OverflowError:
        raise InputError("a norm of the change exceeds the range of float64: scale the weights down") from None
    return math.nextafter(value, math.inf) if upward else max(0.0, math.nextafter(value, -math.inf))
