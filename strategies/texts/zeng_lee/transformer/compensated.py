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
    """Frozen weights I; in the target two to four weights are powers of one diagonal matrix F.

    Each member of a batch draws which weights and which powers, so that some product of theirs is left as it was while
    others change in full rank: a gap that is formed of the wrong weights, or in the wrong order, is zero there.  With
    several heads, what one head's weight gains another's may lose, so that their sum is left alone.  With `exchanged`
    it is W_2 of a block that moves, and the scores and values of that block or the next, and W_o, that make up for it;
    the frozen W_2 and W_o may be a cyclic exchange of coordinates, which does not commute with F.
    """

    members = 64

    depth: int
    heads: int
    rank: int
    exchanged: bool = False
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
        if self.exchanged:
            frozen, target = self._exchanged(frozen, F, generator)
        elif H > 1 and generator.integers(2):
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

    def _exchanged(self, frozen: Transformer, F: Array, generator: Generator) -> tuple[Transformer, Transformer]:
        """Every weight is a diagonal matrix times I or one exchange, so that the differences have rational SVDs."""
        D, last = self.dimension, self.depth - 1
        turn, inverse = identity(D)[:, [*range(1, D), 0]], _power(F, -1)
        kind = int(generator.integers(3)) if last else 2 * int(generator.integers(2))
        moved: list[tuple[Slot, Array]] = []
        if kind == 0:  # W_o makes up for W_2 of the last block, in the other order
            l, frozen = last, with_factor(frozen, (0, "out", 0), turn)
            moved = [((0, "out", 0), inverse)]
        else:
            l = int(generator.integers(max(last, 1)))
            if kind == 1:  # the scores make up for W_2 from the other side
                frozen, factor, own = with_factor(frozen, (l, "second", 0), turn), turn.mT @ inverse @ turn, [l + 1] * 2
            else:  # those of the same block or the next, and W_o, or not
                factor, own = inverse, [int(i) for i in generator.integers(l, min(l + 2, self.depth), 2)]
                moved = [((0, "out", 0), inverse)] * int(generator.integers(2))
            for h in range(max(self.heads, 1)):
                moved += [((own[0], name, h), factor) for name in ("keys", "queries")]
                moved.append(((own[1], "values", h), inverse))
        target = with_factor(frozen, (l, "second", 0), F)
        for slot, factor in moved:
            target = with_factor(target, slot, factor)
        return frozen, target

    def _factor(self, generator: Generator, size: int) -> Array:
        """Powers of two, whose inverses are floats."""
        D = self.dimension
        own = 1 + generator.permutation(D + size)[:D] if self.exchanged else generator.integers(1, 2 + size, D)
        return fractions(np.diag(2**own))


def _power(F: Array, n: int) -> Array:
    """F^n for a diagonal F that is not singular."""
    return np.diag(np.diag(F) ** n)


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
    *, heads: tuple[int, ...] = (0,), depths: tuple[int, ...] = (1, 2), max_rank: int = 1
) -> st.SearchStrategy[Recipe[TransformerCase]]:
    """Recipes of `TransformerCase` with weights that make up for one another; see `CompensatedRecipe`.


    Shrinks to one block and diagonal weights.
    """
    require_interval(1, max_rank, name="rank")
    return st.builds(
        CompensatedRecipe,
        depth=st.sampled_from(depths),
        heads=st.sampled_from(heads),
        rank=st.integers(1, max_rank),
        exchanged=st.booleans(),
        tokens=st.integers(2, 3),
        seed=st.integers(0, 2**32 - 1),
    )
