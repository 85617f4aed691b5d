"""Adapters of single parameters: stacks of experts, one matrix each, that PEFT adapts as `target_parameters`.

PEFT gives a stack of n matrices (out, in) one factor A with the rows of all experts, expert by expert, and one factor B
with their columns, the experts of each rank together; the rank and the scaling are those of the whole stack.  Experts
of lower rank are padded with zeros.  A matrix whose rows come from several tensors (gate above up) has the factors of
both: B block-diagonal, the rows of A one below the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theorems.weights.factors import Factors
from theorems.weights.model_layers import Slot


@dataclass(frozen=True)
class Stack:
    """The adapter of one parameter, `parts` of it by tensor; `rank` and `alpha` are the stack's."""

    module: str
    slot: Slot
    parts: tuple[Factors, ...]

    @property
    def name(self) -> str:
        """The parameter's name in the model."""
        return f"{self.module}.{self.slot.parameter}"

    @property
    def rank(self) -> int:
        """The largest rank of an expert."""
        ranks: dict[int, int] = {}
        for expert, factor in self._by_expert():
            ranks[expert] = ranks.get(expert, 0) + factor.r
        return max(ranks.values())

    @property
    def alpha(self) -> float:
        """scaling = alpha / rank."""
        return self.parts[0].alpha / self.parts[0].r * self.rank

    @property
    def dtype(self) -> str:
        """An element type that holds the entries of all parts."""
        kinds = {factor.dtype for factor in self.parts}
        return kinds.pop() if len(kinds) == 1 else "float32"

    def _by_expert(self) -> list[tuple[int, Factors]]:
        return [(factor.taken.slot.expert, factor) for factor in self.parts if factor.taken.slot]

    def tensors(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """lora_A (n r, in) and lora_B (out, r n) as PEFT stores them."""
        shape = self.slot.shape if len(self.slot.shape) == 3 else (1, *self.slot.shape)
        count, m, n = shape
        B, A = np.zeros((count, m, self.rank), np.float32), np.zeros((count, self.rank, n), np.float32)
        used = [0] * count
        for expert, factor in self._by_expert():
            rows = slice(factor.taken.slot.first if factor.taken.slot else 0, None)
            columns = slice(used[expert], used[expert] + factor.B.shape[1])
            B[expert, rows][: len(factor.B), columns] = factor.B
            A[expert, columns] = factor.A
            used[expert] += factor.r
        if self.slot.turned:
            B, A = A.transpose(0, 2, 1), B.transpose(0, 2, 1)
        return A.reshape(-1, A.shape[2]), B.transpose(1, 2, 0).reshape(B.shape[1], -1)


def stacks_of(adapters: Sequence[Factors]) -> list[Stack]:
    """The adapters of parameters by parameter, in the order in which PEFT wraps those of a module."""
    found: dict[tuple[str, int], list[Factors]] = {}
    for adapter in adapters:
        if adapter.taken.slot:
            found.setdefault((adapter.taken.module, adapter.taken.slot.order), []).append(adapter)
    return [
        Stack(module, parts[0].taken.slot, tuple(parts))
        for (module, _), parts in sorted(found.items())
        if parts[0].taken.slot
    ]


def unlike(adapters: Sequence[Factors]) -> dict[str, str]:
    """The adapters that a stack cannot hold, since its scaling is one -> why."""
    left: dict[str, str] = {}
    for stack in stacks_of(adapters):
        scaling = stack.alpha / stack.rank
        if any(factor.alpha / factor.r != scaling for factor in stack.parts):
            why = "experts of one parameter have one scaling, and with this --alpha and their ranks it is not one"
            left |= {factor.name: why for factor in stack.parts}
    return left
