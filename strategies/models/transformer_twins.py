"""Twins: two Transformers that are, or are not, one function: recipes of `TwinCase`."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from theorems.case import exact
from theorems.domains import ANY
from theorems.models.transformer import Block, Transformer, TwinCase
from theorems.strategies.models.transformer import transformer
from theorems.strategies.models.transformer_makers import LAWS, Maker
from theorems.strategies.models.transformer_targets import renumbered, scores_shared, signs_changed, stacked
from theorems.strategies.recipes import Recipe, chosen, entry_size, generator_of, require_interval

TWINS = ("same", "other factors", "heads renumbered", "other scores", "other values", "other bias", "single token")
#: Kinds for two heads or more: heads of one score matrix that share their values; signs of M and W_V changed together.
SHARING = ("values shared", "signs changed")
#: Kinds that differ in one respect: one head, one entry of the scores, a sum that stays, what a product hides.
SLIGHT = (
    "scores of one head",
    "values of one head",
    "scores moved between heads",
    "values moved between heads",
    "scores transposed",
    "bias of one unit",
    "one score",
    "no scores",
    "other factors of values",
    "other first layer",
    "other second layer",
)


@dataclass(frozen=True)
class TwinRecipe:
    """Two models, the second made from the first as `kind` says (a name of `TWINS`, `SHARING` or `SLIGHT`)."""

    law: str
    kind: str
    dimension: int
    heads: int
    depth: int
    tokens: int
    seed: int = 0
    domain = ANY

    @property
    def stratum(self) -> str:
        return f"{self.kind}, {self.law}, " + ("single-head" if self.heads == 0 else f"{self.heads} heads")

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.depth, max(self.heads, 1), self.tokens)

    def batch(self, count: int) -> TwinCase:
        return self._made(Maker(generator_of(self.seed, 0), count))

    def exact(self, index: int = 0) -> TwinCase:
        return exact(self._made(Maker(generator_of(self.seed, 1, index), None, min(entry_size(index), 3))))

    def _made(self, maker: Maker) -> TwinCase:
        first = transformer(maker, self.law, self.dimension, self.heads, self.depth)
        X = maker.vector(self.dimension, 1 if self.kind == "single token" else self.tokens)
        if self.kind == "heads renumbered" and first.heads > 1:
            return TwinCase(first, renumbered(maker, first), X)
        if self.kind == "values shared":
            return TwinCase(*scores_shared(maker, first), X)
        if self.kind == "signs changed":
            return TwinCase(*signs_changed(maker, first), X)
        if self.kind in ("one score", "no scores"):
            silent = _silent(first)
            moved = _one_score if self.kind == "one score" else _other_keys
            return TwinCase(silent, moved(maker, silent), X)
        blocks = list(first.blocks)
        l = int(maker.generator.integers(0, self.depth))
        blocks[l] = self._moved(maker, blocks[l])
        return TwinCase(first, Transformer(tuple(blocks), first.out), X)

    def _moved(self, maker: Maker, block: Block) -> Block:
        D = self.dimension
        if self.kind == "other factors":  # (G W_K)^T (G^{-T} W_Q)
            G = maker.weight("unimodular", D)
            unit = maker.constants(np.eye(D, dtype=np.int64))
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
        if self.kind in SLIGHT:
            return slightly_moved(maker, self.kind, block)
        return block


def slightly_moved(maker: Maker, kind: str, block: Block) -> Block:
    """The block moved as a kind of `SLIGHT` says; as it is where that needs two heads and it has one."""
    H, D = block.heads, int(block.keys.shape[-1])
    step = maker.vector(D, D)[..., None, :, :]
    h = int(maker.generator.integers(0, H))
    here = maker.constants([[[int(k == h)]] for k in range(H)])
    if kind == "scores of one head":
        return dataclasses.replace(block, queries=block.queries + here * step)
    if kind == "values of one head":
        return dataclasses.replace(block, values=block.values + here * step)
    if kind == "bias of one unit":
        unit = maker.constants(np.arange(D) == int(maker.generator.integers(0, D)))
        return dataclasses.replace(block, first_bias=block.first_bias + unit * (1 + maker.vector(D) ** 2))
    if kind == "scores transposed":
        return dataclasses.replace(block, keys=block.queries, queries=block.keys)
    if kind == "other second layer":
        return dataclasses.replace(block, second=block.second + maker.vector(D, D))
    if kind == "other first layer":
        return dataclasses.replace(block, first=block.first + maker.vector(D, D))
    if kind == "other factors of values":  # W_1 G^{-1} and G W_O (or G W_V)
        G = maker.weight("unimodular", D)
        turned = maker.solve(G.mT, block.first.mT).mT
        moved = G[..., None, :, :] @ (block.outputs[0] if block.outputs else block.values)
        return dataclasses.replace(
            block, first=turned, **({"outputs": (moved,)} if block.outputs else {"values": moved})
        )
    if H == 1:
        return block
    shares = maker.constants([[[(h == 0) - (h == 1)]] for h in range(H)]) * step
    if kind == "scores moved between heads":
        moves = [maker.solve(block.keys[..., h, :, :].mT, shares[..., h, :, :]) for h in range(H)]
        return dataclasses.replace(block, queries=block.queries + stacked(moves))
    moves = [maker.solve(block.outputs[0][..., h, :, :], shares[..., h, :, :]) for h in range(H)]
    return dataclasses.replace(block, values=block.values + stacked(moves))


def _silent(model: Transformer) -> Transformer:
    """The model with W_Q = 0 and b_1 = (1, ..., 1): every softmax is uniform, exactly."""
    blocks = [
        dataclasses.replace(block, queries=block.queries * 0, first_bias=block.first_bias * 0 + 1)
        for block in model.blocks
    ]
    return Transformer(tuple(blocks), model.out)


def _other_keys(maker: Maker, model: Transformer) -> Transformer:
    """The model with other W_K."""
    H, D = model.heads, model.width
    blocks = [dataclasses.replace(block, keys=block.keys + maker.vector(H, D, D)) for block in model.blocks]
    return Transformer(tuple(blocks), model.out)


def _one_score(maker: Maker, silent: Transformer) -> Transformer:
    """A model of no scores with W_K^T W_Q = b_k b_j^T in place of zero, rows of the first head's W_1 W_O W_V;
    or with sum_k b_k b_j^T.

    In the coordinates of the attention's output that is one entry, or one column of ones.
    """
    D = silent.width
    blocks = []
    for block in silent.blocks:
        k, j = (int(i) for i in maker.generator.integers(0, D, 2))
        B = block.transfers[..., 0, :, :]
        left = B.sum(-2) if maker.generator.integers(0, 2) else B[..., k, :]
        E = left[..., :, None] * B[..., j, None, :]
        moves = [maker.solve(block.keys[..., h, :, :].mT, E) for h in range(block.heads)]
        blocks.append(dataclasses.replace(block, queries=stacked(moves)))
    return Transformer(tuple(blocks), silent.out)


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
    """Recipes of `TwinCase`: two models of one shape, the second as near to the first as `kinds` (of `TWINS`,
    `SHARING` and `SLIGHT`, those of `TWINS` by default) say.

    Shrinks to one block, one head, one token and 1 x 1 identities.
    """
    require_interval(1, max_dimension, name="dimension")
    require_interval(min_depth, max_depth, name="depth")
    require_interval(min_tokens, max_tokens, name="tokens")
    return st.builds(
        TwinRecipe,
        law=st.sampled_from(chosen(law_names, LAWS, name="law_names")),
        kind=st.sampled_from(chosen(TWINS if kinds is None else kinds, (*TWINS, *SHARING, *SLIGHT), name="kinds")),
        dimension=st.integers(1, max_dimension),
        heads=st.sampled_from(sorted(heads)),
        depth=st.integers(min_depth, max_depth),
        tokens=st.integers(min_tokens, max_tokens),
        seed=st.integers(0, 2**32 - 1),
    )
