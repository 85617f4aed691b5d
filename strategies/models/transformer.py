"""Pairs of Transformers, frozen and target, with known gaps: recipes of `TransformerCase`."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from theorems.case import SVD, Array, exact
from theorems.domains import AS_DRAWN, Domain
from theorems.errors import InputError
from theorems.models.transformer import Block, Transformer, TransformerCase
from theorems.strategies.models.transformer_makers import LAWS, MONOMIAL, Maker
from theorems.strategies.models.transformer_targets import (
    exchanged,
    last_head_replaced,
    misprint,
    other_first_layer,
    renumbered,
    rows_copied,
    scores_shared,
    singular_second,
    stacked,
    units_turned,
)
from theorems.strategies.recipes import PlainArrays, Recipe, chosen, entry_size, generator_of, require_interval

#: How far the rank of the errors is from 2 R, by name: (least, most) offset, cut to 0..D.
GAPS = {"at": (0, 0), "below": (-2, -1), "none": (-99, -99), "above": (1, 2), "full": (99, 99)}
#: Twists: what is special of the target.
TWISTS = (
    "",
    "singular sum",
    "same output",
    "shifted output",
    "heads renumbered",
    "other first layer",
    "singular target",
    "misprint",
    "units turned",
    "scores shared",
    "scores only",
    "scores differ",
    "last scores differ",
    "one value differs",
    "one row more copied",
    "last head replaced",
    "heads exchanged",
    "rows copied",
    "other out",
    "other second",
    "singular out",
    "singular cut",
    "singular second",
)
#: Those that make P + LR_{2R}(E) of the output pair singular: it is the target's product, but for "singular cut".
SINGULAR_OUTPUT = ("singular target", "singular out", "singular cut")


@dataclass(frozen=True)
class TransformerRecipe(PlainArrays):
    """Frozen and target models of one law whose pairs differ by errors of chosen ranks.

    gap    a name of `GAPS`: the rank of each pair's error against 2 R (of one pair for "above", of all otherwise)
    twist  one of `TWISTS`
    """

    law: str
    gap: str
    twist: str
    dimension: int
    heads: int  # 0: the single-head model
    depth: int
    tokens: int
    rank: int
    seed: int = 0
    domain: Domain = field(default=AS_DRAWN, repr=False, compare=False)  # the errors are of chosen ranks

    @property
    def stratum(self) -> str:
        kind = "single-head" if self.heads == 0 else f"{self.heads} heads"
        return ", ".join(part for part in (self.law, f"gap {self.gap}", self.twist, kind) if part)

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.depth, max(self.heads, 1), self.tokens, self.rank)

    def batch(self, count: int) -> TransformerCase:
        return self._made(Maker(generator_of(self.seed, 0), count))

    def exact(self, index: int = 0) -> TransformerCase:
        for attempt in range(20):  # a target that came out singular
            try:
                case = self._made(Maker(generator_of(self.seed, 1, index, attempt), None, min(entry_size(index), 3)))
            except ZeroDivisionError:
                continue
            return exact(case)
        raise InputError(f"no exact case number {index} of {self}")

    def _made(self, maker: Maker) -> TransformerCase:
        D, R = self.dimension, self.rank
        frozen = transformer(maker, self.law, D, self.heads, self.depth)
        X, shift = maker.vector(D, self.tokens), maker.vector(D) * 0
        if self.twist == "heads renumbered":
            return TransformerCase(frozen, renumbered(maker, frozen), R, X, shift)
        if self.twist == "heads exchanged":
            return TransformerCase(frozen, exchanged(maker, frozen), R, X, shift)
        if self.twist in ("rows copied", "one row more copied"):
            rows = R if self.twist == "rows copied" else R + 1
            return TransformerCase(frozen, rows_copied(maker, frozen, rows), R, X, shift)
        if self.twist == "last head replaced":
            return TransformerCase(frozen, last_head_replaced(maker, frozen, self.law), R, X, shift)
        if self.twist == "other first layer":
            return TransformerCase(frozen, other_first_layer(maker, frozen, self.law), R, X, shift)
        if self.twist == "misprint":
            return misprint(maker, self.heads, X)
        if self.twist == "units turned":
            return TransformerCase(frozen, units_turned(maker, frozen), R, X, shift)
        if self.twist == "scores shared":
            return TransformerCase(*scores_shared(maker, frozen), R, X, shift)
        if self.twist == "shifted output":
            shift = maker.vector(D)
        errors = _Errors(maker, self, frozen)
        target = _target(maker, self, frozen, errors, shift)
        if self.twist == "singular second":
            return TransformerCase(singular_second(maker, frozen), target, R, X, shift)
        return TransformerCase(frozen, target, R, X, shift, tuple(errors.made))


def transformer(maker: Maker, law: str, D: int, heads: int, depth: int) -> Transformer:
    H = max(heads, 1)
    blocks = []
    for _ in range(depth):
        stacks = [stacked([maker.weight(law, D) for _ in range(H)]) for _ in range(4 if heads else 3)]
        blocks.append(
            Block(
                stacks[0], stacks[1], stacks[2], tuple(stacks[3:]), maker.weight(law, D), maker.weight(law, D),
                maker.vector(D), maker.vector(D),
            )
        )  # fmt: skip
    return Transformer(tuple(blocks), maker.weight(law, D))


class _Errors:
    """The errors of the pairs, drawn one after the other."""

    def __init__(self, maker: Maker, recipe: TransformerRecipe, frozen: Transformer) -> None:
        self._maker, self._recipe = maker, recipe
        self.made: list[SVD] = []
        count = recipe.depth * 2 * max(recipe.heads, 1) + 1
        self._special = int(maker.generator.integers(0, count))
        self._simple = recipe.law in MONOMIAL and bool(maker.generator.integers(0, 2))

    def draw(self, kind: str, P: Array) -> SVD:
        """The error of the next pair, whose frozen product is P."""
        recipe, D, g = self._recipe, self._recipe.dimension, self._maker.generator
        low, high = GAPS[recipe.gap]
        if recipe.gap == "above" and len(self.made) != self._special:
            low = high = 0
        if kind == "output" and recipe.twist == "same output":
            low = high = -99
        if kind != "query-key" and recipe.twist == "scores only":
            low = high = 99
        if recipe.twist == "scores differ":
            low = high = 99 if kind == "query-key" else -99
        if recipe.twist == "last scores differ":  # of the last head of the first block alone
            low = high = 99 if len(self.made) == max(recipe.heads, 1) - 1 else -99
        if recipe.twist == "one value differs":  # of one head of the first block
            H = max(recipe.heads, 1)
            low = high = 99 if len(self.made) == H + self._special % H else -99
        rank = min(max(2 * recipe.rank + int(g.integers(low, high + 1)), 0), D)
        output = recipe.twist in SINGULAR_OUTPUT
        special = kind == "output" if output else len(self.made) == self._special
        if special and (output or recipe.twist == "singular sum"):
            rank = min(2 * recipe.rank, D)
            r = rank if output else int(g.integers(1, min(recipe.rank, rank) + 1))
            d = self._maker.singular_sum(P, self._maker.values(D, D), r)
            if recipe.twist != "singular cut":
                d.s[..., rank:] = d.s[..., rank:] * 0
        elif self._simple:
            unit = self._maker.constants(np.eye(D, dtype=np.int64))
            d = SVD(unit, self._maker.values(D, rank), unit)
        else:
            d = SVD(self._maker.orthogonal(D), self._maker.values(D, rank), self._maker.orthogonal(D))
        self.made.append(d)
        return d


def _target(maker: Maker, recipe: TransformerRecipe, frozen: Transformer, errors: _Errors, shift: Array) -> Transformer:
    """One factor of each of the target's pairs is drawn, and the other solved for."""
    D, law = recipe.dimension, recipe.law
    blocks: list[Block] = []
    singular = recipe.twist == "singular target"
    for l, block in enumerate(frozen.blocks):
        first, second = maker.weight(law, D), maker.weight(law, D)
        T: Array | None = None
        if l:
            T = maker.solve(frozen.blocks[l - 1].second.mT, blocks[l - 1].second.mT).mT
        keys, queries, values, outputs = [], [], [], []
        for h in range(block.heads):
            P = block.scores[..., h, :, :]
            goal = P + errors.draw("query-key", P).matrix
            if T is not None:
                goal = maker.solve(T.mT, maker.solve(T.mT, goal).mT).mT
            K = maker.weight(law, D)
            keys.append(K)
            queries.append(maker.solve(K.mT, goal))
        for h in range(block.heads):
            P = block.carried[..., h, :, :] if block.outputs else block.transfers[..., h, :, :]
            goal = P + errors.draw("value", P).matrix
            if T is not None:
                goal = maker.solve(T.mT, goal.mT).mT
            if block.outputs:
                goal = maker.solve(first, block.first @ goal)
                O = maker.weight(law, D)
                outputs.append(O)
                values.append(maker.solve(O, goal))
            else:
                values.append(maker.solve(first, goal))
        stack = (stacked(outputs),) if outputs else ()
        bias, other = maker.vector(D), maker.vector(D)
        blocks.append(Block(stacked(keys), stacked(queries), stacked(values), stack, first, second, bias, other))
    ones = maker.constants([1] * D)
    P = frozen.out @ frozen.blocks[-1].second
    goal = P + errors.draw("output", P).matrix
    goal = goal - ones[..., :, None] * shift[..., None, :]
    last = blocks[-1]
    if recipe.twist == "other second":  # W_o is the frozen one
        second = maker.solve(frozen.out, goal)
        return Transformer((*blocks[:-1], dataclasses.replace(last, second=second)), frozen.out)
    if recipe.twist == "other out":  # W_{2L} is the frozen one
        last = dataclasses.replace(last, second=frozen.blocks[-1].second)
        return Transformer((*blocks[:-1], last), maker.solve(last.second.mT, goal.mT).mT)
    if recipe.twist == "singular out":
        unit = maker.weight("identity", D)
        return Transformer((*blocks[:-1], dataclasses.replace(last, second=unit)), goal)
    if singular:  # its product with W_o + Delta W_o is the goal, whatever W_2 is
        return Transformer((*blocks[:-1], dataclasses.replace(last, second=goal)), maker.weight("identity", D))
    return Transformer(tuple(blocks), maker.solve(last.second.mT, goal.mT).mT)


@st.composite
def _transformers(
    draw: st.DrawFn,
    dimensions: tuple[int, int],
    heads: tuple[int, ...],
    depths: tuple[int, int],
    tokens: tuple[int, int],
    gaps: tuple[str, ...],
    law_names: tuple[str, ...],
    twists: tuple[str, ...],
    half: bool,
    ranks: tuple[int, int],
) -> TransformerRecipe:
    twist = draw(st.sampled_from(twists))
    low, high = dimensions
    D = 2 if twist == "misprint" else draw(st.integers(low, high))
    most = D if half else min(max(D - 1, 1), ranks[1])
    R = draw(st.integers(-(-D // 2) if half else min(ranks[0], most), most))
    return TransformerRecipe(
        law=draw(st.sampled_from(law_names)),
        gap=draw(st.sampled_from(gaps)),
        twist=twist,
        dimension=D,
        heads=draw(st.sampled_from(heads)),
        depth=2 if twist == "misprint" else draw(st.integers(*depths)),
        tokens=draw(st.integers(*tokens)),
        rank=R,
        seed=draw(st.integers(0, 2**32 - 1)),
    )


def transformer_cases(
    *,
    min_dimension: int = 1,
    max_dimension: int = 4,
    heads: Collection[int] = (0, 1, 2),
    min_depth: int = 1,
    max_depth: int = 2,
    min_tokens: int = 1,
    max_tokens: int = 3,
    gaps: Collection[str] = ("none", "below", "at"),
    law_names: Collection[str] | None = None,
    twists: Collection[str] = ("",),
    half: bool = False,
    min_rank: int = 1,
    max_rank: int = 99,
) -> st.SearchStrategy[Recipe[TransformerCase]]:
    """Recipes of `TransformerCase`: a frozen and a target Transformer whose pairs differ by errors of known SVD.

    heads     numbers of heads; 0 is the single-head model without W_O
    gaps      names of `GAPS`: the rank of the errors against 2 R
    law_names laws of the weights, all by default
    twists    names of `TWISTS`
    half      LoRA-ranks from ceil(D / 2) up, in place of all from 1
    min_rank, max_rank  the least and the largest LoRA-rank (without `half`), below D

    Shrinks to one block, one head, one token and 1 x 1 identities.
    """
    require_interval(min_dimension, max_dimension, name="dimension")
    require_interval(min_depth, max_depth, name="depth")
    require_interval(min_tokens, max_tokens, name="tokens")
    require_interval(min_rank, max_rank, name="rank")
    if not heads or min(heads) < 0:
        raise InvalidArgument(f"heads={tuple(heads)!r}: give numbers of heads, 0 for the model without W_O")
    return _transformers(
        (min_dimension, max_dimension), tuple(sorted(heads)), (min_depth, max_depth), (min_tokens, max_tokens),
        tuple(chosen(gaps, GAPS, name="gaps")), tuple(chosen(law_names, LAWS, name="law_names")),
        tuple(chosen(twists, TWISTS, name="twists")), half, (min_rank, max_rank),
    )  # fmt: skip
