"""The factors of one layer as they are written, and what the layer was taken for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theorems.weights.model_layers import Taken
from theorems.weights.stored import Floats


@dataclass(frozen=True)
class Factors:
    """The adapter scaling B A of a tensor, float32 with entries that `dtype` holds; `shape` is the tensor's, all axes.

    r      the LoRA-rank, at least the columns of B: the others are zero
    alpha  scaling = alpha / r
    """

    name: str
    shape: tuple[int, ...]
    B: NDArray[np.float32]
    A: NDArray[np.float32]
    taken: Taken
    r: int
    alpha: float
    dtype: str = "float32"


def float32_factors(
    name: str, shape: tuple[int, ...], B: Floats, A: Floats, taken: Taken, *, r: int | None = None,
    alpha: float | None = None, dtype: str = "float32",
) -> Factors | None:  # fmt: skip
    """Factors whose entries are float32 already; None where they are beyond its range."""
    with np.errstate(over="ignore"):
        single = B.astype(np.float32), A.astype(np.float32)
    if any((wide != narrow).any() for wide, narrow in zip((B, A), single, strict=True)):
        return None
    rank = B.shape[1] if r is None else r
    return Factors(name, shape, *single, taken, rank, float(rank) if alpha is None else alpha, dtype)
