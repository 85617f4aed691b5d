"""Twins: two Transformers that are, or are not, one function: recipes of `TwinCase`."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from strategies.recipes import Recipe, chosen, entry_size, generator_of, require_interval
from strategies.transformer_makers import LAWS, ExactMaker, FloatMaker, Maker
from strategies.transformer_targets import renumbered, scores_shared, signs_changed
from strategies.transformers import transformer
from theorems.case import exact
from theorems.transformers import Block, Transformer, TwinCase

TWINS = ("same", "other factors", "heads renumbered", "other scores", "other values", "other bias", "single token")
#: Kinds for two heads or more: heads of one score matrix that share their values; signs of M and W_V changed together.
SHARING = ("values shared", "signs changed")


@dataclass(frozen=True)
class TwinRecipe:
    """Two models, the second made from the first as `kind` says (a name of `TWINS` or `SHARING`)."""

    law: str
    kind: str
    dimension: int
    heads: int
    depth: int
    tokens: int
    seed: int = 0

    @property
    def stratum(self) -> str:
        return f"{self.kind}, {self.law}, " + ("single-head" if self.heads == 0 else f"{self.heads} heads")

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.depth, max(self.heads, 1), self.tokens)

    def batch(self, count: int) -> TwinCase:
        return self._made(FloatMaker(generator_of(self.seed, 0), count))

    def exact(self, index: int = 0) -> TwinCase:
        return exact(self._made(ExactMaker(generator_of(self.seed, 1, index), min(entry_size(index), 3))))

    def _made(self, maker: Maker) -> TwinCase:
        first = transformer(maker, self.law, self.dimension, self.heads, self.depth)
        X = maker.vector(self.dimension, 1 if self.kind == "single token" else self.tokens)
        if self.kind == "heads renumbered" and first.heads > 1:
            return TwinCase(first, renumbered(maker, first), X)
        if self.kind == "values shared":
            return TwinCase(*scores_shared(maker, first), X)
        if self.kind == "signs changed":
            return TwinCase(*signs_changed(maker, first), X)
        blocks = list(first.blocks)
        l = int(maker.generator.integers(0, self.depth))
        blocks[l] = self._moved(maker, blocks[l])
        return TwinCase(first, Transformer(tuple(blocks), first.out), X)

    def _moved(self, maker: Maker, block: Block) -> Block:
        D = self.dimension
        if self.kind == "other factors":  # (G W_K)^T (G^{-T} W_Q)
            G = maker.weight("unimodular", D)
            unit = maker.constant(np.eye(D, dtype=np.int64))
            turned = maker.solve(G, unit).mT
            return dataclasses.replace(
                block, keys=G[..., None, :, :] @ block.keys, queries=turned[..., None, :, :] @ block.queries
            )
        if self.kind in ("other scores", "single token"):
            return dataclasses.replace(block, queries=block.queries + maker.vector(block.heads, D, D))
        if self.kind == "other values":
            return dataclasses.replace(block, values=block.values + maker.vector(block.heads, D, D))
        if self.kind == "other bias":
            return dataclasses.replace(block, first_bias=block.first_bias + maker.vector(D))
        return block


def twin_models(
    *,
    max_dimension: int = 3,
    heads: Collection[int] = (0, 1, 2),
    min_depth: int = 1,
    max_depth: int = 1,
    min_tokens: int = 1,
    max_tokens: int = 3,
    kinds: Collection[str] | None = None,
    law_names: Collection[str] | None = None,
) -> st.SearchStrategy[Recipe[TwinCase]]:
    """Recipes of `TwinCase`: two models of one shape, the second as near to the first as `kinds` (of `TWINS` and
    `SHARING`, those of `TWINS` by default) say.

    Shrinks to one block, one head, one token and 1 x 1 identities.
    """
    require_interval(1, max_dimension, name="dimension")
    require_interval(min_depth, max_depth, name="depth")
    require_interval(min_tokens, max_tokens, name="tokens")
    return st.builds(
        TwinRecipe,
        law=st.sampled_from(chosen(law_names, LAWS, name="law_names")),
        kind=st.sampled_from(chosen(TWINS if kinds is None else kinds, (*TWINS, *SHARING), name="kinds")),
        dimension=st.integers(1, max_dimension),
        heads=st.sampled_from(sorted(heads)),
        depth=st.integers(min_depth, max_depth),
        tokens=st.integers(min_tokens, max_tokens),
        seed=st.integers(0, 2**32 - 1),
    )
