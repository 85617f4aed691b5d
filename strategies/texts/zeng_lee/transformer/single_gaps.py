"""Transformers whose target differs in one pair of weights alone: recipes of `TransformerCase`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import Array, fractions
from theorems.domains import ANY
from theorems.models.transformer import Block, Transformer, TransformerCase
from theorems.strategies.recipes import Recipe, require_choice, require_interval
from theorems.strategies.texts.zeng_lee.relu.bent import diagonal
from theorems.strategies.texts.zeng_lee.relu.repeating import Repeating
from theorems.strategies.texts.zeng_lee.transformer.bent import FEED, plain

#: The pair that differs.  The last three differ in W_2 of a block below the last, by a factor c, and what the block
#: above makes of it: its scores see c on one side, on both, or not at all while its values do.
KINDS = ("query-key", "value", "output", "one side of the scores", "both sides of the scores", "below the values")
BELOW = KINDS[3:]


@dataclass(frozen=True)
class SingleGapRecipe(Repeating[TransformerCase]):
    """Diagonal weights, and a target of which one gap, of one block and head, has a rank above 2 R; all others are 0.

    With `wide` the gap is so large that equal tokens show it (`cell_out_of_reach`); otherwise D is 2 R + 1.  For the
    scores, two blocks of width three with one head bend at flats, and those of the second are negative in the frozen
    model and positive in the target: the rigidity of two blocks then speaks of both.
    """

    kind: str
    depth: int
    heads: int
    place: int
    rank: int
    wide: bool = False
    tokens: int = 2
    seed: int = 0

    domain = ANY

    @property
    def stratum(self) -> str:
        return f"one gap above the threshold: {self.kind}, block {self.block + 1} of {self.depth}"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.depth, max(self.heads, 1), self.rank)

    @property
    def block(self) -> int:
        """The block that the gap is in, from 0."""
        return 1 + self.place % (self.depth - 1) if self.kind in BELOW else self.place % self.depth

    @property
    def dimension(self) -> int:
        if not self.wide:
            return 2 * self.rank + 1
        loose = self.depth if self.depth > 1 else 0
        return 2 * self.rank * (self.depth * max(self.heads, 1) + 1) + loose + 2

    @property
    def _bends(self) -> bool:
        scores = self.kind in ("query-key", "one side of the scores")
        return scores and self.dimension == 3 and self.depth == 2 and self.heads <= 1

    def _frozen(self, generator: Generator) -> Transformer:
        D, H = self.dimension, max(self.heads, 1)
        model = plain(D, self.heads, self.depth)
        blocks = []
        for block in model.blocks:  # the scores of the heads differ
            queries = np.stack([block.queries[h] * (h + 1) for h in range(H)])
            blocks.append(dataclasses.replace(block, queries=queries))
        if self._bends:
            feed = -fractions(np.array(FEED))
            blocks[1] = dataclasses.replace(blocks[1], queries=-blocks[1].queries, first=feed)
        return Transformer(tuple(blocks), model.out)

    def _case(self, generator: Generator, size: int) -> TransformerCase:
        D = self.dimension
        frozen = self._frozen(generator)
        blocks, out, l = list(frozen.blocks), frozen.out, self.block
        if self._bends:
            blocks[1] = dataclasses.replace(blocks[1], first_bias=fractions(np.ones(D, dtype=np.int64)))
        h = self.place // self.depth % max(self.heads, 1)
        factors = diagonal([Fraction(int(generator.integers(2, 3 + size))) for _ in range(D)])
        c = -int(generator.integers(2, 3 + size)) if self._bends else int(generator.integers(2, 3 + size))
        if self.kind == "output":
            out = factors
        elif self.kind == "query-key":
            turned = -factors if self._bends and l == 1 else factors
            blocks[l] = dataclasses.replace(blocks[l], queries=_head(blocks[l].queries, h, turned))
        elif self.kind == "value":
            blocks[l] = dataclasses.replace(blocks[l], values=_head(blocks[l].values, h, factors))
        else:
            blocks[l - 1] = dataclasses.replace(blocks[l - 1], second=blocks[l - 1].second * c)
            blocks[l] = self._above(blocks[l], Fraction(c))
        tokens = fractions(generator.integers(1, 3, (D, self.tokens)))
        target = Transformer(tuple(blocks), out)
        return TransformerCase(frozen, target, self.rank, tokens, fractions(np.zeros(D, dtype=np.int64)))

    def _above(self, block: Block, c: Fraction) -> Block:
        """The block above W_2 = c I, of which one gap is left."""
        if self.kind == "below the values":
            return dataclasses.replace(block, queries=block.queries / c**2)
        queries = block.queries / c if self.kind == "one side of the scores" else block.queries
        return dataclasses.replace(block, queries=queries, values=block.values / c)


def _head(stack: Array, h: int, factor: Array) -> Array:
    changed = stack.copy()
    changed[h] = factor @ changed[h]
    return changed


def single_gaps(
    *,
    kinds: tuple[str, ...] = KINDS,
    heads: tuple[int, ...] = (0,),
    depths: tuple[int, ...] = (1, 2, 3),
    tokens: tuple[int, ...] = (2, 3),
    max_rank: int = 2,
) -> st.SearchStrategy[Recipe[TransformerCase]]:
    """Recipes of `TransformerCase` with one gap above the threshold; see `SingleGapRecipe`.

    Shrinks to the scores of one block.
    """
    for name in kinds:
        require_choice(name, KINDS, name="an entry of kinds")
    require_interval(1, max_rank, name="rank")
    deep = tuple(depth for depth in depths if depth > 1)
    some = [(kind, depth) for depth in depths for kind in kinds if kind not in BELOW or depth in deep]

    def sized(pair: tuple[str, int]) -> st.SearchStrategy[SingleGapRecipe]:
        kind, depth = pair
        return st.sampled_from(heads).flatmap(
            lambda H: st.booleans().flatmap(
                lambda wide: st.builds(
                    SingleGapRecipe,
                    kind=st.just(kind),
                    depth=st.just(depth),
                    heads=st.just(H),
                    place=st.integers(0, 5),
                    rank=st.integers(1, 1 if _wide(kind, depth, H, wide) else max_rank),
                    wide=st.just(_wide(kind, depth, H, wide)),
                    tokens=st.sampled_from(tokens),
                    seed=st.integers(0, 2**32 - 1),
                )
            )
        )

    return st.sampled_from(some).flatmap(sized)


def _wide(kind: str, depth: int, heads: int, wide: bool) -> bool:
    """Whether equal tokens show the gap, and the matrices are not too large for it."""
    return wide and kind in ("value", "output", "below the values") and depth * max(heads, 1) <= 2
