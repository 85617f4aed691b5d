"""Deep ReLU networks whose layers differ: in their ranks, or in size by orders of magnitude."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import Array, fractions
from theorems.domains import ANY
from theorems.models.relu import Inputs, NetworkCase, ReluNetwork
from theorems.strategies.recipes import Recipe, require_choice, require_interval
from theorems.strategies.texts.zeng_lee.relu.bent import diagonal, diagonal_svd
from theorems.strategies.texts.zeng_lee.relu.repeating import Repeating

#: The ranks of the layers, block by block: the last one, the first one or a middle one is the odd one out.
RANKS = (
    ((2, 1),), ((1, 2),), ((0, 2),), ((2, 0),), ((2, 0, 1),), ((1, 0, 1),), ((0, 1),),
    ((1,), (2,)), ((2,), (1,)), ((0,), (1,)), ((1,), (0,)), ((0,), (2,)), ((1, 1), (1,)), ((0, 1), (2, 0)),
    ((2,), (0,), (1,)), ((0,), (1,), (2,)), ((1,), (1,), (0,)),
)  # fmt: skip
#: Uniform partitions with a longer last block, and one rank.
LONGER = (((1,), (1, 1)), ((1,), (1, 1, 1)), ((1, 1), (1, 1, 1)), ((1,), (1,), (1, 1)))
#: The rank of the error of a block, against its R_l: their sum, one more, the sum of a neighbouring block, the largest
#: for each layer, or for the last (or the first) one, the mean over the blocks, the largest for ceil(L / L-bar) layers.
ERRORS = ("own", "one more", "next", "previous", "largest", "last is largest", "first is largest", "mean", "ceiling")
#: Up to this width the blocks err in coordinates of their own.
WIDEST = 6


def _assembled(
    frozen: Sequence[Array], target: Sequence[Array], biases: Sequence[Array], ranks: Sequence[Sequence[int]],
    inputs: Inputs,
) -> NetworkCase:  # fmt: skip
    """The case of diagonal layers and targets, the layers of a block in order."""
    errors, blocks, first = [], [], 0
    for W, own in zip(target, ranks, strict=True):
        layers = range(first, first + len(own))
        product = [Fraction(1)] * W.shape[-1]
        for l in layers:
            product = [p * frozen[l][j, j] for j, p in enumerate(product)]
        errors.append(diagonal_svd([W[j, j] - p for j, p in enumerate(product)]))
        blocks.append(tuple(l + 1 for l in layers))
        first += len(own)
    none = fractions(np.zeros(frozen[0].shape[-1], dtype=np.int64))
    model = ReluNetwork(tuple(frozen), (none,) * len(frozen))
    flat = tuple(R for own in ranks for R in own)
    return NetworkCase(model, tuple(errors), tuple(biases), tuple(blocks), flat, inputs)


@dataclass(frozen=True)
class UnevenRecipe(Repeating[NetworkCase]):
    """Diagonal layers of uneven ranks, and a target that stays active on X by far, with errors of chosen ranks.

    The blocks err in coordinates of their own where these are at most six, so that the ranks add up.  With `zero` one
    frozen layer is zero, which its own adapter makes up for where its rank is D.
    """

    ranks: tuple[tuple[int, ...], ...]
    errors: str = "own"
    zero: bool = False
    seed: int = 0

    domain = ANY

    @property
    def stratum(self) -> str:
        return f"uneven ranks, {len(self.ranks)} blocks, errors: {self.errors}{', a zero layer' if self.zero else ''}"

    @property
    def wrong(self) -> tuple[int, ...]:
        """The rank of the error of each block."""
        sums = [sum(own) for own in self.ranks]
        last = len(sums) - 1
        found = []
        for i, own in enumerate(self.ranks):
            found.append({
                "own": sums[i],
                "one more": sums[i] + 1,
                "next": sums[(i + 1) % (last + 1)],
                "previous": sums[i - 1],
                "largest": max(own) * len(own),
                "last is largest": sums[i] - own[-1] + max(own),
                "first is largest": sums[i] - own[0] + max(own),
                "mean": max(sums[i], sum(sums) // (last + 1)),
                "ceiling": max(own) * -(-sum(map(len, self.ranks)) // (last + 1)),
            }[self.errors])  # fmt: skip
        return tuple(found)

    @property
    def dimension(self) -> int:
        apart = sum(self.wrong)
        return max(apart if apart <= WIDEST else max(self.wrong), max(map(max, self.ranks)), 1)

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, sum(map(len, self.ranks)), len(self.ranks), sum(map(sum, self.ranks)))

    def _case(self, generator: Generator, size: int) -> NetworkCase:
        D, start = self.dimension, 0
        frozen: list[Array] = []
        target, biases, high = [], [], Fraction(1)
        for own, wrong in zip(self.ranks, self.wrong, strict=True):
            layers = [[Fraction(int(generator.integers(1, 2 + size))) for _ in range(D)] for _ in own]
            frozen += map(diagonal, layers)
            goal = [Fraction(int(np.prod([int(layer[j]) for layer in layers]))) for j in range(D)]
            for j in range(start, start + wrong):
                goal[j % D] *= int(generator.integers(2, 3 + size))
            start += wrong
            target.append(diagonal(goal))
            high *= max(goal)
            biases.append(fractions(np.zeros(D, dtype=np.int64)) + 2 * high)
            high = 3 * high
        if self.zero:
            frozen[int(generator.integers(len(frozen)))] *= 0
        none = fractions(np.zeros(D, dtype=np.int64))
        inputs = Inputs(none[None, :], fractions(np.ones(1, dtype=np.int64)), none + 1, none[:1])
        return _assembled(frozen, target, biases, self.ranks, inputs)


def uneven_networks(
    *,
    ranks: tuple[tuple[tuple[int, ...], ...], ...] = RANKS,
    errors: tuple[str, ...] = ERRORS,
    zero: bool = False,
) -> st.SearchStrategy[Recipe[NetworkCase]]:
    """Recipes of `NetworkCase` whose layers have ranks of their own, with ranks of errors beside their sums.

    See `UnevenRecipe`.  Shrinks to one block.
    """
    for name in errors:
        require_choice(name, ERRORS, name="an entry of errors")
    return st.builds(
        UnevenRecipe,
        ranks=st.sampled_from(ranks),
        errors=st.sampled_from(errors),
        zero=st.just(zero),
        seed=st.integers(0, 2**32 - 1),
    )


#: Sizes of the target's layers, as powers of a factor; the last three make small outputs of large frozen layers.
SIZES = ("small first", "large first", "even", "small target")


@dataclass(frozen=True)
class OrdersRecipe(Repeating[NetworkCase]):
    """Multiples of the identity whose sizes differ by orders, a target that is active on the support, inputs on the
    axes.  Entries are dyadic, so that balls know a block without an error.

    erring  the blocks, from 0, that err, by a small share of their size and in all coordinates; one layer a block
    tilted  whether an error has a sixteenth of its size in each further coordinate, so that no two indices agree
    sizes   "small first": a small layer before large ones; "large first" the reverse; "small target": the frozen
            layers are far larger than those of the target
    left    D - R, the number of singular values that adapters leave
    """

    depth: int
    sizes: str
    erring: tuple[int, ...]
    ranks: tuple[int, ...]
    left: int = 2
    tilted: bool = False
    seed: int = 0

    domain = ANY

    @property
    def stratum(self) -> str:
        return f"layers of different orders, {self.sizes}, {self.depth} blocks"

    @property
    def dimension(self) -> int:
        return max(*self.ranks, 1 - self.left) + self.left

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.depth, self.depth, sum(self.ranks))

    def _sizes(self, generator: Generator, size: int) -> list[Fraction]:
        c, L = 2 ** int(generator.integers(3, 5)), self.depth
        tiny = Fraction(1, 16 * c ** (L - 1))
        if self.sizes == "small first":
            return [tiny, *[Fraction(c)] * (L - 1)]
        if self.sizes == "large first":
            return [*[Fraction(c)] * (L - 1), tiny]
        return [Fraction(1)] * L if self.sizes == "even" else [Fraction(1, c)] * L

    def _case(self, generator: Generator, size: int) -> NetworkCase:
        D = self.dimension
        frozen, target, biases = [], [], []
        for i, t in enumerate(self._sizes(generator, size)):
            share = Fraction(1, 2 ** int(generator.integers(3, 4 + size)))
            wrong = Fraction(int(generator.integers(2, 4 + size))) if self.sizes == "small target" else t * share
            tilt = [Fraction(1, 16**j if self.tilted else 1) for j in range(D)]
            frozen.append(diagonal([t - wrong * x if i in self.erring else t for x in tilt]))
            target.append(diagonal([t] * D))
            bias = t * Fraction(9, 8) if i == 0 else Fraction(0)  # ||x|| = 1, and later layers see what is positive
            biases.append(fractions(np.zeros(D, dtype=np.int64)) + bias)
        rows = np.concatenate([np.eye(D, dtype=np.int64), -np.eye(D, dtype=np.int64)])
        none = fractions(np.zeros(D, dtype=np.int64))
        weights = np.array([Fraction(1, 2 * D)] * (2 * D), dtype=object)
        inputs = Inputs(fractions(rows), weights, none, none[:1])
        return _assembled(frozen, target, biases, [(R,) for R in self.ranks], inputs)


def layers_of_different_orders(
    *, min_depth: int = 1, max_depth: int = 3, uneven: bool = False, sizes: tuple[str, ...] = SIZES
) -> st.SearchStrategy[Recipe[NetworkCase]]:
    """Recipes of `NetworkCase` with layers of different orders, each a block; see `OrdersRecipe`.

    R is one in every layer; with `uneven` the ranks are zero to two.  Shrinks to one layer.
    """
    require_interval(min_depth, max_depth, name="depth")
    for name in sizes:
        require_choice(name, SIZES, name="an entry of sizes")
    return st.integers(min_depth, max_depth).flatmap(
        lambda depth: st.builds(
            OrdersRecipe,
            depth=st.just(depth),
            sizes=st.sampled_from(sizes),
            erring=st.sampled_from(((0,), (depth - 1,), tuple(range(depth)))),
            ranks=st.tuples(*[st.integers(0, 2) if uneven else st.just(1)] * depth),
            left=st.integers(0, 2) if uneven else st.integers(2, 3),
            tilted=st.booleans(),
            seed=st.integers(0, 2**32 - 1),
        )
    )
