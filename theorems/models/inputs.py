"""Random inputs of finite support, and the cases made of them.

A distribution with finitely many points has expectations that are finite sums, so that claims on E[...] are exact.
"""

from __future__ import annotations

from dataclasses import dataclass

from theorems.case import Array


@dataclass(frozen=True)
class RandomVectorCase:
    """A square matrix and a random vector that is points[k] with probability weights[k].

    matrix   A, (..., n, n)
    points   x_1, ..., x_K, (..., K, n); they need not differ
    weights  positive and summing to one, (..., K)
    """

    matrix: Array
    points: Array
    weights: Array
