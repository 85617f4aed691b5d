"""Transformers of several blocks that no adapters of the rank reach, or just reach: recipes of `TransformerCase`."""

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
from theorems.strategies.rational import identity
from theorems.strategies.recipes import Recipe, require_choice, require_interval
from theorems.strategies.texts.zeng_lee.relu.bent import diagonal
from theorems.strategies.texts.zeng_lee.relu.repeating import Repeating

#: Which gaps have a rank above 2 R: none, that of the output, those of the values, all; or W_2 does it to a value gap.
ABOVE = ("none", "output", "values", "all", "second")


def plain(D: int, heads: int, L: int) -> Transformer:
    """All weights I (divided among the heads), zero biases; `heads` 0 has no W_O."""
    H = max(heads, 1)
    unit, none = identity(D), fractions(np.zeros(D, dtype=np.int64))
    stack = np.stack([unit] * H)
    share = np.stack([unit / H] * H)
    block = Block(stack, stack, share, (stack,) if heads else (), unit, unit, none, none)
    return Transformer((block,) * L, unit)


@dataclass(frozen=True)
class CellRecipe(Repeating[TransformerCase]):
    """Diagonal weights with positive entries, and a target that differs in every value and output gap.

    Each gap has the rank 2 R or, as `above` says, one more, each in coordinates of its own, and one coordinate is left
    alone, so that the ranks add up on equal tokens.  The gap of a block is in W_V of each head.  With "second" nothing
    differs but W_2 of block 1, by a factor, where only the value gap of block 2 sees it: W_Q of block 2 makes up for
    what its scores see.
    """

    depth: int
    heads: int
    rank: int
    above: str = "all"
    seed: int = 0

    domain = ANY

    @property
    def stratum(self) -> str:
        return f"equal tokens, above the threshold: {self.above}"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.depth, 1, self.rank)

    def _ranks(self) -> list[int]:
        """The ranks of the value gaps, block by block and head by head, and of the output gap."""
        values = 2 * self.rank + (self.above in ("values", "all"))
        return [values] * (self.depth * max(self.heads, 1)) + [2 * self.rank + (self.above in ("output", "all"))]

    @property
    def dimension(self) -> int:
        if self.above == "second":
            return 2 * self.rank * (self.depth * max(self.heads, 1) + 1) + self.depth + 2
        return sum(self._ranks()) + 1

    def _case(self, generator: Generator, size: int) -> TransformerCase:
        D, H = self.dimension, max(self.heads, 1)
        frozen = plain(D, self.heads, self.depth)
        blocks, out = list(frozen.blocks), frozen.out
        if self.above == "second":
            c = self._pick(generator, size)
            blocks[0] = dataclasses.replace(blocks[0], second=c * identity(D))
            if self.depth > 1:
                blocks[1] = dataclasses.replace(blocks[1], queries=blocks[1].queries / c**2)
        else:
            ranks, start = self._ranks(), 0
            for l, block in enumerate(blocks):
                values = block.values.copy()
                for h in range(H):
                    count = ranks[l * H + h]
                    values[h] = values[h] + self._factors(generator, size, start, count) - identity(D)
                    start += count
                blocks[l] = dataclasses.replace(block, values=values)
            out = self._factors(generator, size, start, ranks[-1])
        tokens = fractions(generator.integers(1, 3, (D, 1 + self.seed % 2)))
        target = Transformer(tuple(blocks), out)
        return TransformerCase(frozen, target, self.rank, tokens, fractions(np.zeros(D, dtype=np.int64)))

    @staticmethod
    def _pick(generator: Generator, size: int) -> Fraction:
        return Fraction(int(generator.integers(2, 3 + size)))

    def _factors(self, generator: Generator, size: int, start: int, count: int) -> Array:
        inside = range(start, start + count)
        return diagonal([self._pick(generator, size) if j in inside else Fraction(1) for j in range(self.dimension)])


def cells(
    *,
    max_depth: int = 2,
    heads: tuple[int, ...] = (0, 1),
    above: tuple[str, ...] = ABOVE,
    max_rank: int = 1,
) -> st.SearchStrategy[Recipe[TransformerCase]]:
    """Recipes of `TransformerCase` whose gaps add up on equal tokens; see `CellRecipe`.

    Shrinks to one block.
    """
    for name in above:
        require_choice(name, ABOVE, name="an entry of above")
    require_interval(1, max_depth, name="depth")
    require_interval(1, max_rank, name="rank")
    return st.builds(
        CellRecipe,
        depth=st.integers(1, max_depth),
        heads=st.sampled_from(heads),
        rank=st.integers(1, max_rank),
        above=st.sampled_from(above),
        seed=st.integers(0, 2**32 - 1),
    )


_SCORES = ((0, 1, -1), (-1, -1, 0), (1, 0, -1))
FEED = ((1, 2, 3), (2, 3, 1), (3, 1, 2))


@dataclass(frozen=True)
class TwoBlockRecipe(Repeating[TransformerCase]):
    """Two blocks of width three, weights I but W_Q and W_1 of the second, zero biases; and a target beyond rank one.

    The target differs in W_1 of block 1, -diag(1, 2, 3) or the like, in W_Q of block 2 by diag(0, p, q), and in b_1 of
    block 2, which is positive: the kinks of block 2 bend at those of block 1.  With `scores` W_Q of block 1 differs by
    a matrix of full rank as well.
    """

    tokens: int = 2
    scores: bool = False
    seed: int = 0

    domain = ANY

    @property
    def stratum(self) -> str:
        return "two blocks of width three" + (", other scores" if self.scores else "")

    @property
    def size(self) -> tuple[int, ...]:
        return (3, 2, 1, 1)

    def _case(self, generator: Generator, size: int) -> TransformerCase:
        g = generator
        model = plain(3, 0, 2)
        M = fractions(np.array(_SCORES))
        p, q = (int(g.integers(2, 3 + (n < size))) for n in (0, 1))
        Mbar = M + diagonal([Fraction(0), Fraction(p + 1), Fraction(q)])
        Q = -fractions(np.array(FEED)) * int(g.integers(1, 1 + size))
        first = -diagonal([Fraction(int(n)) for n in g.permutation(3) + 1])
        b = fractions(np.ones(3, dtype=np.int64)) * int(g.integers(1, 1 + size))
        one, two = model.blocks
        frozen = Transformer((one, dataclasses.replace(two, queries=M[None], first=Q)), model.out)
        moved = dataclasses.replace(one, first=first)
        if self.scores:
            moved = dataclasses.replace(moved, queries=2 * one.queries)
        target = Transformer(
            (moved, dataclasses.replace(two, queries=Mbar[None], first=Q, first_bias=b)), model.out
        )
        X = fractions(g.integers(-1, 2, (3, self.tokens)))
        return TransformerCase(frozen, target, 1, X, fractions(np.zeros(3, dtype=np.int64)))


def two_blocks(
    *, max_tokens: int = 3, scores: tuple[bool, ...] = (False,)
) -> st.SearchStrategy[Recipe[TransformerCase]]:
    """Recipes of `TransformerCase` with D = 3, L = 2, R = 1, beyond reach by the rigidity of two blocks.

    See `TwoBlockRecipe`.  Shrinks to two tokens.
    """
    require_interval(2, max_tokens, name="tokens")
    return st.builds(
        TwoBlockRecipe,
        tokens=st.integers(2, max_tokens),
        scores=st.sampled_from(scores),
        seed=st.integers(0, 2**32 - 1),
    )
