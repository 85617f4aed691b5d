"""DoRA: the change of a layer whose rows are scaled to trained magnitudes.

W + E = diag(magnitude / row norms of (W + factor B A)) (W + factor B A), with the rows of a layer that maps x to W x.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theorems.errors import InputError
from theorems.weights.certified import Dense, scaled
from theorems.weights.changes import Factored, whole
from theorems.weights.rounding import UNIT, gamma, up
from theorems.weights.stored import Floats, Weights


@dataclass(frozen=True)
class Rescaled:
    """The change of a DoRA layer; `turned` where the magnitudes are of columns (Conv1D, embeddings)."""

    plain: Factored
    magnitude: Weights
    turned: bool = False

    @property
    def name(self) -> str:
        """Of the tensor of the base."""
        return self.plain.name

    @property
    def base(self) -> Weights:
        """The tensor itself."""
        return self.plain.base

    @property
    def shape(self) -> tuple[int, int]:
        """m, n."""
        return self.plain.shape

    @property
    def kinds(self) -> tuple[str, str]:
        """The element types of the base and of the adapter."""
        return self.plain.kinds

    def load(self) -> tuple[Dense, float]:
        """The change with all rounding of computing it; no noise.

        Raises `InputError` for entries that are not finite, and for a row without a direction.
        """
        W, B, A = (whole(x, self.name) for x in (self.base, self.plain.B, self.plain.A))
        if self.plain.transposed:
            B, A = A.T, B.T
        if self.turned:
            W, B, A = W.T, A.T, B.T
        magnitude = self.magnitude.rows(0, self.magnitude.shape[0]).reshape(-1)
        if len(magnitude) != len(W):
            raise InputError(f"{self.magnitude.origin}: {len(magnitude)} magnitudes of {self.name!r}, not {len(W)}")
        moved = W + self.plain.factor * (B @ A)
        norms = _row_norms(moved)
        if not np.isfinite(magnitude).all() or not (norms > 0).all():
            raise InputError(
                f"{self.magnitude.origin}: {self.name!r} has a row without a direction, or a magnitude of none"
            )
        ratio = magnitude / norms
        made = ratio[:, None] * moved - W
        # per row: the rounding of W + factor B A, twice (it moves the norm too), of the norm, of the last operations
        forming = gamma(A.shape[0] + 4) * (_row_norms(W) + abs(self.plain.factor) * (np.abs(B) @ _row_norms(A)))
        size = np.abs(ratio)
        off = size * (2.1 * forming + gamma(A.shape[1] + 10) * norms) + 4.0 * UNIT * (size * norms + _row_norms(W))
        slack = up(math.sqrt(math.fsum(off * off)) * (1.0 + 1e-9))
        return scaled(np.ascontiguousarray(made.T if self.turned else made), slack), 0.0


def _row_norms(X: Floats) -> Floats:
    norms: Floats = np.sqrt(np.einsum("ij,ij->i", X, X))
    return norms
