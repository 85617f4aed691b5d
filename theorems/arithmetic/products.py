"""Arrays as a statement gets them: matrix products that let no exception through NumPy, and no power of a matrix."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from theorems.arithmetic.work import length, spend
from theorems.case import Array
from theorems.errors import InputError


class StatementArray(np.ndarray[Any, Any]):
    """An array of one instance.

    ``A ** 2`` of a matrix is refused: NumPy takes the power of every entry, a reader that of the matrix.
    """

    #: Axes from which on an array is no vector.
    MATRIX = 2

    def __pow__(self, exponent: Any) -> Any:  # type: ignore[override]
        if self.ndim >= self.MATRIX:
            raise InputError(
                f"a matrix ** {exponent} would be the power of every entry: write A @ A for the square of a matrix, "
                "and A * A for the squares of its entries"
            )
        return super().__pow__(exponent)


class BatchArray(StatementArray):
    """The same for a float64 batch, whose first axis counts the members."""

    MATRIX = 3


def product(A: Array, B: Array, plain: Collection[type]) -> Any:
    """A @ B, entry by entry.

    NumPy does it where all entries are of `plain` types, whose products never raise; an exception from a product of
    others (a sum of roots, say) would pass through its inner loop, and may end the process there.
    """
    A, B = np.asarray(A), np.asarray(B)
    products = A.size * (B.shape[-1] if B.ndim > 1 else 1)
    spend(products, products, length(A.flat), length(B.flat))
    if all(type(entry) in plain for array in (A, B) for entry in array.flat):
        return np.matmul(A, B)
    result = _stacked(A[None] if A.ndim == 1 else A, B[:, None] if B.ndim == 1 else B)
    result = result[..., 0, :] if A.ndim == 1 else result
    result = result[..., 0] if B.ndim == 1 else result
    return result.item() if result.ndim == 0 else result


def _stacked(A: Array, B: Array) -> Array:
    """The products of two stacks of matrices, whose inner dimension is not empty."""
    if A.shape[-1] != B.shape[-2]:
        raise ValueError(f"matmul: the shapes {A.shape} and {B.shape} do not fit")
    lead = np.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    left, right = np.broadcast_to(A, (*lead, *A.shape[-2:])), np.broadcast_to(B, (*lead, *B.shape[-2:]))
    result: Array = np.empty((*lead, A.shape[-2], B.shape[-1]), dtype=object)
    for index in np.ndindex(lead):
        columns = right[index].T.tolist()
        for i, row in enumerate(left[index].tolist()):
            for j, column in enumerate(columns):
                total = row[0] * column[0]
                for a, b in zip(row[1:], column[1:], strict=True):
                    total = total + a * b
                result[(*index, i, j)] = total
    return result
