"""Adapters of a linear chain, and how good they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np

from theorems.adaptation import double_double
from theorems.case import Array
from theorems.models.linear import Adapter, LinearModel, product


@dataclass(frozen=True)
class AdaptedChain:
    """Adapters of a linear chain, with what there is to say of them (computed when it is asked for).

    frozen    W_1, ..., W_L, (D, D)
    target    (D, D)
    adapters  Delta W_l = B_l A_l with at most R_l columns
    method    how they were made
    rank      of target - prod W, given, decided exactly, or counted above the gap
    repaired  the layers (from 1) whose weight is singular and was made regular first, with ranks of their own
    steps     the Newton steps that were taken
    """

    frozen: LinearModel
    target: Array
    adapters: tuple[Adapter, ...]
    method: str
    rank: int
    repaired: tuple[int, ...] = ()
    steps: int = 0

    @property
    def exact(self) -> bool:
        """Whether all entries are rationals."""
        return self.target.dtype == object

    @cached_property
    def residual(self) -> float:
        """||prod (W_l + B_l A_l) - target||_F / ||target||_F, the layers added and multiplied in their own
        precision."""
        reached = product([W + a.matrix for W, a in zip(self.frozen.weights, self.adapters, strict=True)])
        return _relative(reached - self.target, self)

    @cached_property
    def exact_residual(self) -> float:
        """The residual of the stored factors themselves, evaluated exactly (rationals) or in twice float64."""
        if self.exact:
            return self.residual
        return _relative(double_double.residual(self.frozen.weights, self.adapters, self.target), self)

    @cached_property
    def sizes(self) -> tuple[float, ...]:
        """||Delta W_l||_2 / ||W_l||_2 for each layer."""
        return tuple(
            _norm(a.matrix) / norm if (norm := _norm(W)) > 0 else float("inf") if _norm(a.matrix) > 0 else 0.0
            for W, a in zip(self.frozen.weights, self.adapters, strict=True)
        )

    @property
    def largest(self) -> float:
        """max_l ||Delta W_l||_2 / ||W_l||_2."""
        return max(self.sizes)

    @cached_property
    def prefix_conditions(self) -> tuple[float, ...]:
        """The condition numbers of (W_l + Delta W_l) ... (W_1 + Delta W_1), l = 1, ..., L; infinite where singular."""
        layers = [as_floats(W + a.matrix) for W, a in zip(self.frozen.weights, self.adapters, strict=True)]
        return tuple(_condition(P) for P in accumulate(layers, lambda done, layer: layer @ done))

    def report(self) -> dict[str, Any]:
        """What a table shows, for JSON."""
        return {
            "method": self.method, "rank": self.rank, "ranks": [int(a.A.shape[-2]) for a in self.adapters],
            "residual": self.residual, "exact_residual": self.exact_residual, "sizes": list(self.sizes),
            "prefix_conditions": list(self.prefix_conditions), "repaired": list(self.repaired), "steps": self.steps,
        }  # fmt: skip


def as_floats(A: Array) -> Array:
    """Rationals rounded to float64; floats as they are."""
    if A.dtype != object:
        return A
    values = [int(value.p) / int(value.q) if hasattr(value, "p") else float(value) for value in A.flat]
    return np.array(values).reshape(A.shape)


def _norm(A: Array) -> float:
    return float(np.linalg.norm(as_floats(A), 2)) if A.size else 0.0


def _relative(difference: Array, result: AdaptedChain) -> float:
    size = float(np.linalg.norm(as_floats(difference)))
    scale = float(np.linalg.norm(as_floats(result.target))) or float(np.linalg.norm(as_floats(result.frozen.matrix)))
    return size / scale if scale > 0 else size


def _condition(P: Array) -> float:
    s = np.linalg.svd(P, compute_uv=False)
    return float(s[0] / s[-1]) if s[-1] > 0 else float("inf")
