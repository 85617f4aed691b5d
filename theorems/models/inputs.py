"""Random inputs of finite support, and the cases made of them.

A distribution with finitely many points has expectations that are finite sums, so that claims on E[...] are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from theorems.case import Array
from theorems.domains import require
from theorems.properties import NON_NEGATIVE, SUMS_TO_ONE, Axes


@dataclass(frozen=True)
class RandomVectorCase:
    """A square matrix and a random vector that is points[k] with probability weights[k].

    matrix   A, (..., n, n)
    points   x_1, ..., x_K, (..., K, n); they need not differ
    weights  non-negative and summing to one, (..., K)
    """

    matrix: Annotated[Array, Axes("n", "n")]
    points: Annotated[Array, Axes("K", "n")]
    weights: Annotated[Array, Axes("K"), NON_NEGATIVE, SUMS_TO_ONE]

    def __post_init__(self) -> None:
        require(self)
