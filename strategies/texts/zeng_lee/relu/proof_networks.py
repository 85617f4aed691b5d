"""ReLU networks on which lines of the proofs break: recipes of `NetworkCase`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import SVD, fractions
from theorems.domains import ANY
from theorems.models.relu import Inputs, NetworkCase, ReluNetwork, uniform_partition
from theorems.strategies.rational import identity
from theorems.strategies.recipes import Recipe, require_choice, require_interval
from theorems.strategies.texts.zeng_lee.relu.repeating import Repeating


@dataclass(frozen=True)
class ChainRecipe(Repeating[NetworkCase]):
    """Narrow networks of one-layer blocks with diagonal weights, for the lines of the proof of Theorem 5.

    kind  "missed block": targets 0 in blocks before a last one that is exact; "growing biases": a constant positive
          input, early biases and a last layer that is zero
    """

    largest: ClassVar[int] = 4

    kind: str
    dimension: int
    depth: int
    rank: int = 1
    seed: int = 0
    domain = ANY

    @property
    def stratum(self) -> str:
        return self.kind

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.depth, self.depth, self.depth * self.rank)

    def _case(self, generator: Generator, size: int) -> NetworkCase:
        D, L = self.dimension, self.depth
        unit, none = identity(D), fractions(np.zeros(D, dtype=np.int64))
        weights, errors, biases = [], [], []
        last_one = fractions((np.arange(D) == D - 1).astype(np.int64))
        for layer in range(L):
            missed = self.kind == "missed block" and layer < L - 1
            last = self.kind == "growing biases" and layer == L - 1
            top = 4 + size if missed else 2 if self.kind == "missed block" else 2 + size
            s = fractions(np.sort(generator.integers(1, top, D))[::-1].copy())
            early = self.kind == "growing biases" and layer < L - 1
            if self.kind == "growing biases":  # all happens in the last coordinate, the others are next to nothing
                s = s * 0 + s[-1]
            thin = last_one + (1 - last_one) * Fraction(1, 8) if early else last_one * 0 + 1
            weights.append(unit * (s * thin))  # what remains of -s beyond its best approximation has positive entries
            errors.append(SVD(unit, s, -unit) if missed or last else SVD(unit, none, unit))
            biases.append(fractions(generator.integers(0, 1 + size, D)) * last_one if early else none)
        K = 1 + self.seed % 2 if self.kind == "missed block" else 1
        points = fractions(generator.integers(0, 1 + size, (K, D)))
        if self.kind == "growing biases":
            points = points * last_one
        inputs = Inputs(points, fractions(np.array([Fraction(1, K)] * K, dtype=object)), none, none[:1])
        frozen = ReluNetwork(tuple(np.asarray(W) for W in weights), (none,) * L)
        return NetworkCase(frozen, tuple(errors), tuple(biases), uniform_partition(L, L), (self.rank,) * L, inputs)


def chains(
    *,
    kind: str,
    rank: int = 1,
    min_dimension: int = 1,
    max_dimension: int = 2,
    min_depth: int = 2,
    max_depth: int = 3,
) -> st.SearchStrategy[Recipe[NetworkCase]]:
    """Recipes of `NetworkCase` with L = L-bar, all ranks `rank` and diagonal weights; see `ChainRecipe`."""
    require_choice(kind, ("missed block", "growing biases"), name="kind")
    require_interval(min_dimension, max_dimension, name="dimension")
    require_interval(min_depth, max_depth, name="depth")
    return st.builds(
        ChainRecipe,
        kind=st.just(kind),
        dimension=st.integers(min_dimension, max_dimension),
        depth=st.integers(min_depth, max_depth),
        rank=st.just(rank),
        seed=st.integers(0, 2**32 - 1),
    )


@dataclass(frozen=True)
class ContractionRecipe(Repeating[NetworkCase]):
    """Three layers against two, R = 1: the last block is longer, all norms are below one, and all errors add up.

    Diagonal layers; both blocks err in all coordinates but the first, in the direction of W-bar_2, which has one
    entry, and inputs and biases keep signs and ReLUs as they are.
    """

    dimension: int
    seed: int = 0
    domain = ANY

    @property
    def stratum(self) -> str:
        return "contraction, longer last block"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, 3, 2, 3)

    def _case(self, generator: Generator, size: int) -> NetworkCase:
        D = self.dimension
        unit, none = identity(D), fractions(np.zeros(D, dtype=np.int64))
        one, other = Fraction(1, 2 * D), Fraction(1, int(generator.integers(8, 9 + size)))
        w = Fraction(int(generator.integers(3, 5)), 8)
        layer = unit * 0
        layer[1, 1] = -w
        frozen = ReluNetwork((unit * -one / 2, unit, np.asarray(layer - unit * other)), (none,) * 3)
        errors = (SVD(unit, none + one, unit), SVD(unit, none + other, unit))
        points = none[None, :].copy()
        points[0, 1] = -Fraction(1)
        inputs = Inputs(points, none[:1] + 1, none, none[:1])
        return NetworkCase(frozen, errors, (none + 1, none + 4), ((1,), (2, 3)), (1, 1, 1), inputs)


def contractions(*, min_dimension: int = 2, max_dimension: int = 3) -> st.SearchStrategy[Recipe[NetworkCase]]:
    """Recipes of `NetworkCase` at L = 3, L-bar = 2, R = 1 with norms below one; see `ContractionRecipe`."""
    require_interval(min_dimension, max_dimension, name="dimension", least=2)
    return st.builds(
        ContractionRecipe, dimension=st.integers(min_dimension, max_dimension), seed=st.integers(0, 2**32 - 1)
    )


@dataclass(frozen=True)
class HalfFitRecipe(Repeating[NetworkCase]):
    """Four layers against two, R = 1: one block fits already, the target of the other is singular and out of reach of
    its partial sums."""

    dimension: int
    seed: int = 0
    domain = ANY

    @property
    def stratum(self) -> str:
        return "one block fits"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, 4, 2, 4)

    def _case(self, generator: Generator, size: int) -> NetworkCase:
        D = self.dimension
        unit, none = identity(D), fractions(np.zeros(D, dtype=np.int64))
        s, signs = none + 1, none - 1
        s[0], signs[0] = s[0] + int(generator.integers(1, 1 + size)), s[0]
        errors = (SVD(unit, none, unit), SVD(unit, s, np.asarray(unit * signs)))
        inputs = Inputs(fractions(np.zeros((1, D), dtype=np.int64)), none[:1] + 1, none, none[:1])
        frozen = ReluNetwork((unit,) * 4, (none,) * 4)
        ordered = errors if self.seed % 2 else errors[::-1]
        return NetworkCase(frozen, ordered, (none, none), ((1, 2), (3, 4)), (1,) * 4, inputs)


def half_fits(*, min_dimension: int = 2, max_dimension: int = 3) -> st.SearchStrategy[Recipe[NetworkCase]]:
    """Recipes of `NetworkCase` at L = 4, L-bar = 2, R = 1 with one block that fits; see `HalfFitRecipe`."""
    require_interval(min_dimension, max_dimension, name="dimension", least=2)
    return st.builds(
        HalfFitRecipe, dimension=st.integers(min_dimension, max_dimension), seed=st.integers(0, 2**32 - 1)
    )


@dataclass(frozen=True)
class HeadStartRecipe(Repeating[NetworkCase]):
    """Four layers against two: W_1 is the target's first layer, and {2, 3, 4} are to make the second one.

    Diagonal layers; in each coordinate the errors of {2, 3, 4}, {1, 2} and {3, 4} vanish or not, by chance; or the two
    uniform ones share the coordinates as evenly as can be, and the error of {2, 3, 4} vanishes in none.  With `misfit`
    the target's first layer is W_1 in all coordinates but the first.
    """

    members: ClassVar[int] = 16

    dimension: int
    seed: int = 0
    misfit: bool = False
    domain = ANY

    @property
    def stratum(self) -> str:
        return "first layer all but fits" if self.misfit else "first layer fits"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, 4, 2, 4)

    def _case(self, generator: Generator, size: int) -> NetworkCase:
        D = self.dimension
        unit, none = identity(D), fractions(np.zeros(D, dtype=np.int64))
        second = fractions(generator.integers(1, 3, D))
        zeros = int(generator.integers(0, D + 1)) * int(generator.integers(0, 2))
        s = fractions(np.array([1] * (D - zeros) + [0] * zeros))
        signs = fractions(generator.choice([-1, -1, 1], D))
        first = none.copy()
        if self.seed % 2 or self.misfit:
            second, s, signs = fractions(1 + np.arange(D) % 2), none + 1, none - 1
        if self.misfit:
            first[0], second[0] = first[0] + 1, second[0] + 1
        frozen = ReluNetwork((unit, np.asarray(unit * second), unit, unit), (none,) * 4)
        errors = (SVD(unit, first, unit), SVD(unit, s, np.asarray(unit * signs)))
        inputs = Inputs(fractions(np.zeros((1, D), dtype=np.int64)), none[:1] + 1, none, none[:1])
        return NetworkCase(frozen, errors, (none, none), ((1,), (2, 3, 4)), (0, 1, 1, 1), inputs)


def head_starts(
    *, min_dimension: int = 1, max_dimension: int = 5, misfit: bool = False
) -> st.SearchStrategy[Recipe[NetworkCase]]:
    """Recipes of `NetworkCase` at L = 4, L-bar = 2 whose first layer fits, or all but fits; see `HeadStartRecipe`."""
    require_interval(min_dimension, max_dimension, name="dimension")
    return st.builds(
        HeadStartRecipe,
        dimension=st.integers(min_dimension, max_dimension),
        seed=st.integers(0, 2**32 - 1),
        misfit=st.just(misfit),
    )


@dataclass(frozen=True)
class CollapsedRecipe(Repeating[NetworkCase]):
    """D layers of rank-one adapters under a first weight that is zero, against an active target of rank D on a
    ball."""

    dimension: int
    seed: int = 0
    domain = ANY

    @property
    def stratum(self) -> str:
        return "zero first weight"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.dimension, 1, self.dimension)

    def _case(self, generator: Generator, size: int) -> NetworkCase:
        D = self.dimension
        unit, none = identity(D), fractions(np.zeros(D, dtype=np.int64))
        s = fractions(np.sort(generator.integers(1, 2 + size, D))[::-1].copy())
        above = [unit * int(generator.integers(1, 1 + size)) for _ in range(D - 1)]
        frozen = ReluNetwork((unit * 0, *above), (none,) * D)
        x = fractions(generator.integers(-size, size + 1, (1, D)))
        radius = int(generator.integers(1, 3))
        bias = s * (abs(x[0]) + radius)
        inputs = Inputs(x, fractions(np.ones(1, dtype=np.int64)), none, none[:1] + radius)
        return NetworkCase(
            frozen, (SVD(unit, s, unit),), (np.asarray(bias),), (tuple(range(1, D + 1)),), (1,) * D, inputs
        )


def collapsed_networks(*, min_dimension: int = 2, max_dimension: int = 3) -> st.SearchStrategy[Recipe[NetworkCase]]:
    """Recipes of `NetworkCase` whose f is constant along a direction, whatever the adapters; see
    `CollapsedRecipe`."""
    require_interval(min_dimension, max_dimension, name="dimension", least=2)
    return st.builds(
        CollapsedRecipe, dimension=st.integers(min_dimension, max_dimension), seed=st.integers(0, 2**32 - 1)
    )


@dataclass(frozen=True)
class SpareRecipe(Repeating[NetworkCase]):
    """Three layers against two target layers: the first needs no adapter, the second rank 2 in its block of two
    layers."""

    dimension: int
    seed: int = 0
    domain = ANY

    @property
    def stratum(self) -> str:
        return "rank to spare in the last block"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, 3, 2, 3)

    def _case(self, generator: Generator, size: int) -> NetworkCase:
        D = self.dimension
        unit, none = identity(D), fractions(np.zeros(D, dtype=np.int64))
        weights = tuple(unit * int(generator.integers(1, 1 + size)) for _ in range(3))
        s = fractions(np.array([int(generator.integers(1, 2 + size))] * 2 + [0] * (D - 2)))
        frozen = ReluNetwork(weights, (none,) * 3)
        inputs = Inputs(fractions(generator.integers(-size, size + 1, (1, D))), none[:1] + 1, none + 1, none[:1])
        level = 2 * (1 + size) * int(weights[0][0, 0])
        return NetworkCase(
            frozen,
            (SVD(unit, none, unit), SVD(unit, s, unit)),
            (none + level, none + 1),
            ((1,), (2, 3)),
            (1, 1, 1),
            inputs,
        )


def spare_networks(*, min_dimension: int = 2, max_dimension: int = 3) -> st.SearchStrategy[Recipe[NetworkCase]]:
    """Recipes of `NetworkCase` at L = 3, L-bar = 2, R = 1 whose last block has more rank than RM; see
    `SpareRecipe`."""
    require_interval(min_dimension, max_dimension, name="dimension", least=2)
    return st.builds(SpareRecipe, dimension=st.integers(min_dimension, max_dimension), seed=st.integers(0, 2**32 - 1))
