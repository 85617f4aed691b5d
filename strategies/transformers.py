"""Pairs of Transformers, frozen and target, with known gaps: recipes of `TransformerCase`."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from strategies.recipes import Recipe, chosen, entry_size, generator_of, require_interval
from strategies.transformer_makers import LAWS, ExactMaker, FloatMaker, Maker
from theorems.case import SVD, Array, exact
from theorems.errors import InputError
from theorems.transformers import Block, Transformer, TransformerCase

#: How far the rank of the errors is from 2 R, by name: (least, most) offset, cut to 0..D.
GAPS = {"at": (0, 0), "below": (-2, -1), "none": (-99, -99), "above": (1, 2), "full": (99, 99)}
#: Laws of matrices with one entry in each row and column.
MONOMIAL = ("identity", "diagonal", "permutation")
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
)


@dataclass(frozen=True)
class TransformerRecipe:
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

    @property
    def stratum(self) -> str:
        kind = "single-head" if self.heads == 0 else f"{self.heads} heads"
        return ", ".join(part for part in (self.law, f"gap {self.gap}", self.twist, kind) if part)

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.depth, max(self.heads, 1), self.tokens, self.rank)

    def batch(self, count: int) -> TransformerCase:
        return self._made(FloatMaker(generator_of(self.seed, 0), count))

    def exact(self, index: int = 0) -> TransformerCase:
        for attempt in range(20):  # a target that came out singular
            try:
                case = self._made(ExactMaker(generator_of(self.seed, 1, index, attempt), min(entry_size(index), 3)))
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
        if self.twist == "other first layer":
            return TransformerCase(frozen, _other_first_layer(maker, frozen, self.law), R, X, shift)
        if self.twist == "misprint":
            return _misprint(maker, self, X)
        if self.twist == "shifted output":
            shift = maker.vector(D)
        errors = _Errors(maker, self, frozen)
        target = _target(maker, self, frozen, errors, shift)
        return TransformerCase(frozen, target, R, X, shift, tuple(errors.made))


def _stacked(matrices: Sequence[Array]) -> Array:
    return np.stack(matrices, axis=-3)


def transformer(maker: Maker, law: str, D: int, heads: int, depth: int) -> Transformer:
    H = max(heads, 1)
    blocks = []
    for _ in range(depth):
        stacks = [_stacked([maker.weight(law, D) for _ in range(H)]) for _ in range(4 if heads else 3)]
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
        rank = min(max(2 * recipe.rank + int(g.integers(low, high + 1)), 0), D)
        special = kind == "output" if recipe.twist == "singular target" else len(self.made) == self._special
        if special and recipe.twist in ("singular sum", "singular target"):
            rank = min(2 * recipe.rank, D)
            r = rank if recipe.twist == "singular target" else int(g.integers(1, min(recipe.rank, rank) + 1))
            d = self._maker.singular_sum(P, self._maker.spectrum(D, D), r)
            d.s[..., rank:] = d.s[..., rank:] * 0
        elif self._simple:
            unit = self._maker.constant(np.eye(D, dtype=np.int64))
            d = SVD(unit, self._maker.spectrum(D, rank), unit)
        else:
            d = SVD(self._maker.orthogonal(D), self._maker.spectrum(D, rank), self._maker.orthogonal(D))
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
        stack = (_stacked(outputs),) if outputs else ()
        bias, other = maker.vector(D), maker.vector(D)
        blocks.append(Block(_stacked(keys), _stacked(queries), _stacked(values), stack, first, second, bias, other))
    ones = maker.constant([1] * D)
    P = frozen.out @ frozen.blocks[-1].second
    goal = P + errors.draw("output", P).matrix
    goal = goal - ones[..., :, None] * shift[..., None, :]
    last = blocks[-1]
    if singular:  # its product with W_o + Delta W_o is the goal, whatever W_2 is
        return Transformer((*blocks[:-1], dataclasses.replace(last, second=goal)), maker.weight("identity", D))
    return Transformer(tuple(blocks), maker.solve(last.second.mT, goal.mT).mT)


def renumbered(maker: Maker, frozen: Transformer) -> Transformer:
    """The frozen model with its heads turned by one place."""
    order = [*range(1, frozen.heads), 0]
    blocks = []
    for block in frozen.blocks:
        heads = {name: getattr(block, name)[..., order, :, :] for name in ("keys", "queries", "values")}
        blocks.append(
            dataclasses.replace(block, **heads, outputs=tuple(O[..., order, :, :] for O in block.outputs))
        )
    return Transformer(tuple(blocks), frozen.out)


def _other_first_layer(maker: Maker, frozen: Transformer, law: str) -> Transformer:
    """The frozen model with another W_1 in its first block, so that W_1 W_V changes by a matrix with a plain SVD.

    That is W_1 + E W_V^{-1} for a diagonal E of full rank; for weights with one entry in each row and column, -W_1 too.
    """
    D, block = frozen.width, frozen.blocks[0]
    if law in MONOMIAL and maker.generator.integers(0, 2):
        first = -block.first
    else:
        signs = maker.constant(maker.generator.integers(0, 2, D) * 2 - 1)
        sizes = maker.constant(maker.generator.integers(1, 4, D)) * signs
        E = sizes[..., None, :] * maker.constant(np.eye(D, dtype=int))
        first = block.first + maker.solve(block.values[..., 0, :, :].mT, E.mT).mT
    return Transformer((dataclasses.replace(block, first=first), *frozen.blocks[1:]), frozen.out)


def _misprint(maker: Maker, recipe: TransformerRecipe, X: Array) -> TransformerCase:
    """Two blocks of identities, D = 2, W_2 = -I: Assumptions 3 and 4 print what differs from the aligned by a sign.

    In block 2 the scores are P and the target's N, with N - P = A and, as printed, -N - P = B.  Then P + LR_1(A) is
    singular, for A = diag(a, b) with a >= b, when det(diag(a, -b) - B) = 0, which is solved for a.
    """
    g = maker.generator
    exact = isinstance(maker, ExactMaker)
    while True:
        d = SVD(maker.orthogonal(2, dense=True), maker.spectrum(2, 2), maker.orthogonal(2, dense=True))
        B = d.matrix
        b = maker.constant([1]) * (int(g.integers(1, 3)) if exact else float(g.uniform(0.5, 1.5)))
        b = b[..., 0]
        with np.errstate(all="ignore"):
            below = b + B[..., 1, 1]
            if exact and below == 0:
                continue
            a = (b * B[..., 0, 0] + B[..., 0, 0] * B[..., 1, 1] - B[..., 0, 1] * B[..., 1, 0]) / below
        if not exact or a >= b:
            break
    A = maker.constant([[0, 0], [0, 0]])
    A[..., 0, 0], A[..., 1, 1] = a, b
    one = maker.constant([[1, 0], [0, 1]])
    none = maker.constant([0, 0])
    H = max(recipe.heads, 1)

    def block(score: Array, value: Array, second: Array) -> Block:
        stack = _stacked([one] * H)
        heads = _stacked([score] * H), _stacked([value] * H)
        return Block(stack, *heads, (stack,) if recipe.heads else (), one, second, none, none)

    frozen = Transformer((block(one, one, -one), block(-(A + B) / 2, one, one)), one)
    target = Transformer((block(one, one, one), block((A - B) / 2, -one, one)), one)
    return TransformerCase(frozen, target, 1, X, none, (d,))


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
    max_rank: int,
) -> TransformerRecipe:
    twist = draw(st.sampled_from(twists))
    low, high = dimensions
    D = 2 if twist == "misprint" else draw(st.integers(low, high))
    R = draw(st.integers(-(-D // 2) if half else 1, D if half else min(max(D - 1, 1), max_rank)))
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
    max_rank: int = 99,
) -> st.SearchStrategy[Recipe[TransformerCase]]:
    """Recipes of `TransformerCase`: a frozen and a target Transformer whose pairs differ by errors of known SVD.

    heads     numbers of heads; 0 is the single-head model without W_O
    gaps      names of `GAPS`: the rank of the errors against 2 R
    law_names laws of the weights, all by default
    twists    names of `TWISTS`
    half      LoRA-ranks from ceil(D / 2) up, in place of all from 1
    max_rank  the largest LoRA-rank (without `half`)

    Shrinks to one block, one head, one token and 1 x 1 identities.
    """
    require_interval(min_dimension, max_dimension, name="dimension")
    require_interval(min_depth, max_depth, name="depth")
    require_interval(min_tokens, max_tokens, name="tokens")
    if not heads or min(heads) < 0:
        raise InvalidArgument(f"heads={tuple(heads)!r}: give numbers of heads, 0 for the model without W_O")
    return _transformers(
        (min_dimension, max_dimension), tuple(sorted(heads)), (min_depth, max_depth), (min_tokens, max_tokens),
        tuple(chosen(gaps, GAPS, name="gaps")), tuple(chosen(law_names, LAWS, name="law_names")),
        tuple(chosen(twists, TWISTS, name="twists")), half, max_rank,
    )  # fmt: skip
