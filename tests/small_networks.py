"""Small exact networks that the tests of known answers share."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from tests.rational_matrices import matrix, vector
from theorems.arithmetic import Rational
from theorems.case import SVD, Array
from theorems.models.relu import Inputs, NetworkCase, ReluNetwork

NUM = Rational()
HALF = Fraction(1, 2)
ONE = [[1, 0], [0, 1]]


def c(values: Any) -> Array:
    return NUM.constant(values)


def plain(array: Any) -> Any:
    return [plain(item) for item in array] if isinstance(array, np.ndarray) and array.ndim else Fraction(str(array))


def diagonal(*values: Any) -> SVD:
    """The SVD of a diagonal matrix with descending entries."""
    I = matrix(np.eye(len(values), dtype=int).tolist())
    return SVD(I, vector(list(values)), I)


def inputs(points: Any, *, weights: Any = None, box: Any = None, ball: Any = 0) -> Inputs:
    K, D = len(points), len(points[0])
    return Inputs(matrix(points), vector(weights or [Fraction(1, K)] * K), vector(box or [0] * D), vector([ball]))


def network(weights: Sequence[Any], biases: Any = None) -> ReluNetwork:
    D = len(weights[0])
    return ReluNetwork(tuple(matrix(W) for W in weights), tuple(vector(b) for b in biases or [[0] * D] * len(weights)))


def network_case(
    weights: Sequence[Any], errors: Sequence[SVD], blocks: Any, ranks: Any, given: Inputs, biases: Any = None
) -> NetworkCase:
    D = len(weights[0])
    shifts = tuple(vector(b) for b in biases or [[10] * D] * len(errors))
    return NetworkCase(network(weights), tuple(errors), shifts, blocks, ranks, given)


def two_blocks(**changed: Any) -> NetworkCase:
    """Three layers diag(1, 2), diag(2, 1), diag(3, 1) in the blocks (1, 2) and (3)."""
    case = network_case(
        [[[1, 0], [0, 2]], [[2, 0], [0, 1]], [[3, 0], [0, 1]]], [diagonal(3, 1), diagonal(1, 0)], ((1, 2), (3,)),
        (1, 0, 2), inputs([[1, 1], [0, 2]], weights=[Fraction(1, 4), Fraction(3, 4)]), [[1, 2], [3, 4]])  # fmt: skip
    return dataclasses.replace(case, **changed)


BOX = inputs([[1, 1]], box=[HALF, HALF])
