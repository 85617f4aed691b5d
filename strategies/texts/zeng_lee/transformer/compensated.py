"""Transformers whose target has a few weights moved that make up for one another: recipes of `TransformerCase`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import Array, fractions
from theorems.domains import ANY
from theorems.models.transformer import Transformer, TransformerCase
from theorems.strategies.rational import identity
from theorems.strategies.recipes import Recipe, require_interval
from theorems.strategies.texts.zeng_lee.relu.repeating import Repeating
from theorems.strategies.texts.zeng_lee.transformer.bent import plain

#: What F is raised to in the weights that move; those of one product then cancel, or do not.
POWERS = (1, -1, 2, -2)
PER_HEAD = ("keys", "queries", "values", "outputs")
Slot = tuple[int, str, int]


@dataclass(frozen=True)
class CompensatedRecipe(Repeating[TransformerCase]):
    """Frozen weights I; in the target two to four weights are powers of one matrix F with integer eigenvalues above 1.

    Each member of a batch draws which weights and which powers, so that some product of theirs is left as it was while
    others change in full rank: a gap that is formed of the wrong weights, or in the wrong order, is zero there.  With
    several heads, what one head's weight gains another's may lose, so that their sum is left alone.
    """

    members = 64

    depth: int
    heads: int
    rank: int
    triangular: bool = False
    tokens: int = 2
    seed: int = 0

    domain = ANY

    @property
    def stratum(self) -> str:
        return f"weights that make up for one another, {self.depth} block{'s' if self.depth > 1 else ''}"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.depth, max(self.heads, 1), self.rank)

    @property
    def dimension(self) -> int:
        return 2 * self.rank + 1

    def _case(self, generator: Generator, size: int) -> TransformerCase:
        D, H = self.dimension, max(self.heads, 1)
        frozen = plain(D, self.heads, self.depth)
        F = self._factor(generator, size)
        if H > 1 and generator.integers(2):
            l, name = int(generator.integers(self.depth)), PER_HEAD[int(generator.integers(4))]
            gives, takes = generator.permutation(H)[:2]
            target = with_factor(frozen, (l, name, int(gives)), identity(D) + F)
            target = with_factor(target, (l, name, int(takes)), identity(D) - F)
        else:
            slots, target = slots_of(frozen), frozen
            for k in generator.permutation(len(slots))[: int(generator.integers(2, 5))]:
                power = POWERS[int(generator.integers(len(POWERS)))]
                target = with_factor(target, slots[int(k)], _power(F, power))
        tokens = fractions(generator.integers(1, 3, (D, self.tokens)))
        return TransformerCase(frozen, target, self.rank, tokens, fractions(np.zeros(D, dtype=np.int64)))

    def _factor(self, generator: Generator, size: int) -> Array:
        D = self.dimension
        entries = np.diag(generator.integers(2, 3 + size, D))
        if self.triangular:
            entries = entries + np.triu(generator.integers(0, 2, (D, D)), 1)
        return fractions(entries)


def _power(F: Array, n: int) -> Array:
    """F^n for an upper triangular F that is not singular."""
    D = F.shape[-1]
    base = F
    if n < 0:
        base = identity(D)
        for j in range(D):
            for i in range(D - 1, -1, -1):
                base[i, j] = (base[i, j] - (F[i, i + 1 :] * base[i + 1 :, j]).sum()) / F[i, i]
    return base if abs(n) == 1 else base @ base


def slots_of(model: Transformer) -> list[Slot]:
    """The weights of a model by block, name and head."""
    names, L = (PER_HEAD if model.has_projections else PER_HEAD[:3]), model.depth
    found = [(l, name, h) for l in range(L) for name in names for h in range(model.heads)]
    return found + [(l, name, 0) for l in range(L) for name in ("first", "second")] + [(0, "out", 0)]


def with_factor(model: Transformer, slot: Slot, factor: Array) -> Transformer:
    """The model with one weight multiplied by `factor` from the left."""
    l, name, h = slot
    if name == "out":
        return Transformer(model.blocks, factor @ model.out)
    block = model.blocks[l]
    changes: dict[str, Any] = {}
    if name in ("first", "second"):
        changes[name] = factor @ getattr(block, name)
    else:
        stack = (block.outputs[0] if name == "outputs" else getattr(block, name)).copy()
        stack[h] = factor @ stack[h]
        changes[name] = (stack,) if name == "outputs" else stack
    blocks = [dataclasses.replace(b, **changes) if k == l else b for k, b in enumerate(model.blocks)]
    return Transformer(tuple(blocks), model.out)


def compensated(
    *, heads: tuple[int, ...] = (0,), depths: tuple[int, ...] = (1, 2), max_rank: int = 1, triangular: bool = False
) -> st.SearchStrategy[Recipe[TransformerCase]]:
    """Recipes of `TransformerCase` with weights that make up for one another; see `CompensatedRecipe`.

    F is diagonal, so that the differences have rational SVDs; a claim that asks for none may have it `triangular`.

    Shrinks to one block and diagonal weights.
    """
    require_interval(1, max_rank, name="rank")
    return st.builds(
        CompensatedRecipe,
        depth=st.sampled_from(depths),
        heads=st.sampled_from(heads),
        rank=st.integers(1, max_rank),
        triangular=st.booleans() if triangular else st.just(False),
        tokens=st.integers(2, 3),
        seed=st.integers(0, 2**32 - 1),
    )
