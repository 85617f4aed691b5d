"""Transformers with a singular weight that no adapters make up for: recipes of `TransformerCase`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import fractions
from theorems.domains import ANY
from theorems.models.transformer import Transformer, TransformerCase
from theorems.strategies.recipes import Recipe, require_interval
from theorems.strategies.texts.zeng_lee.relu.repeating import Repeating
from theorems.strategies.texts.zeng_lee.transformer.bent import plain
from theorems.strategies.texts.zeng_lee.transformer.compensated import Slot, slots_of, with_factor


@dataclass(frozen=True)
class SingularFrozenRecipe(Repeating[TransformerCase]):
    """A target of weights I, and a frozen model that differs in one weight, which is zero; D is 2 R, so that no gap
    exceeds the threshold.
    """

    depth: int
    heads: int
    rank: int
    tokens: int = 2
    seed: int = 0

    domain = ANY

    @property
    def stratum(self) -> str:
        return "a frozen weight is zero"

    @property
    def size(self) -> tuple[int, ...]:
        return (2 * self.rank, self.depth, max(self.heads, 1), self.rank)

    def _case(self, generator: Generator, size: int) -> TransformerCase:
        D = 2 * self.rank
        target = plain(D, self.heads, self.depth)
        slots = [slot for slot in slots_of(target) if not self._inverted(slot)]
        none = fractions(np.zeros((D, D), dtype=np.int64))
        frozen = with_factor(target, slots[int(generator.integers(len(slots)))], none)
        tokens = fractions(generator.integers(1, 2 + size, (D, self.tokens)))
        return TransformerCase(frozen, target, self.rank, tokens, fractions(np.zeros(D, dtype=np.int64)))

    def _inverted(self, slot: Slot) -> bool:
        """Whether the gaps themselves take the inverse of that weight: without it nothing is defined, or refuted."""
        l, name, _ = slot
        return (name == "first" and self.heads > 0) or (name == "second" and l < self.depth - 1)


@dataclass(frozen=True)
class SingularTransportRecipe(Repeating[TransformerCase]):
    """Two blocks of width three and R = 2, frozen weights I; in the target W_2 of block 1 alone is singular, of rank 2.

    Its kernel on the left p makes Wbar_2^T Mbar Wbar_2 of rank one while Wbar_2^T Mbar bbar points elsewhere: the
    scores of block 2 have a part that is constant in the query and that no Mhat and bhat give with W_2 = I.
    """

    tokens: int = 2
    seed: int = 0

    domain = ANY

    @property
    def stratum(self) -> str:
        return "two blocks, W_2 of the target singular"

    @property
    def size(self) -> tuple[int, ...]:
        return (3, 2, 1, 2)

    def _case(self, generator: Generator, size: int) -> TransformerCase:
        frozen = plain(3, 0, 2)
        one = generator.integers(1, 2 + size, 3)
        two = one + generator.integers(1, 2 + size, 3)
        two[0] += one[1] * two[0] == one[0] * two[1]  # the rows are independent
        second = fractions(np.array([one, two, one + two]))
        p, u, q = (fractions(np.array(x)) for x in ((1, 1, -1), (1, -1, 0), (1, 0, 1)))
        M = np.outer(u, u) + np.outer(p, q) + np.outer(q, p)
        below, above = frozen.blocks
        blocks = (
            dataclasses.replace(below, second=second, second_bias=p),
            dataclasses.replace(above, queries=M[None], first=-above.first, first_bias=p + 1),
        )
        tokens = fractions(generator.integers(1, 2 + size, (3, self.tokens)))
        return TransformerCase(frozen, Transformer(blocks, frozen.out), 2, tokens, p * 0)


def singular_weights(
    *, heads: tuple[int, ...] = (0,), depths: tuple[int, ...] = (1, 2), max_rank: int = 1
) -> st.SearchStrategy[Recipe[TransformerCase]]:
    """Recipes of `TransformerCase` with a singular weight; see `SingularFrozenRecipe` and, where a model without W_O is
    among them, `SingularTransportRecipe`.

    Shrinks to one block.
    """
    require_interval(1, max_rank, name="rank")
    seeds = st.integers(0, 2**32 - 1)
    frozen = st.builds(
        SingularFrozenRecipe,
        depth=st.sampled_from(depths),
        heads=st.sampled_from(heads),
        rank=st.integers(1, max_rank),
        tokens=st.integers(2, 3),
        seed=seeds,
    )
    if 0 not in heads or 2 not in depths:
        return frozen
    return frozen | st.builds(SingularTransportRecipe, tokens=st.integers(2, 3), seed=seeds)
