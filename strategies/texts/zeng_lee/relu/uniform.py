"""Deep ReLU networks with inputs uniform on an ellipsoid, and small active targets: recipes of `UniformNetworkCase`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import fractions
from theorems.domains import ANY
from theorems.models.inputs import UniformNetworkCase
from theorems.models.relu import ReluNetwork
from theorems.strategies.rational import identity
from theorems.strategies.recipes import Recipe, require_interval
from theorems.strategies.texts.zeng_lee.relu.bent import diagonal, diagonal_svd
from theorems.strategies.texts.zeng_lee.relu.repeating import Repeating


@dataclass(frozen=True)
class UniformRecipe(Repeating[UniformNetworkCase]):
    """Layers T, I, ..., I, tau (1 - eps) I against the target tau T x + 9 tau / 8, T x uniform in the unit
    ball.

    T is the identity but for `large` entries of a few units; tau and eps are small.  The error, eps tau I on the
    ellipsoid, has equal singular values, of which adapters take R L away; a silent unit costs more.
    """

    depth: int
    rank: int
    left: int
    large: int = 0
    seed: int = 0

    domain = ANY

    @property
    def stratum(self) -> str:
        return f"uniform on an ellipsoid, L = {self.depth}, {self.left} singular values left"

    @property
    def dimension(self) -> int:
        return self.depth * self.rank + self.left

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.depth, 1, self.depth * self.rank)

    def _case(self, generator: Generator, size: int) -> UniformNetworkCase:
        D, L = self.dimension, self.depth
        sizes = [Fraction(int(generator.integers(3, 6)) if j < self.large else 1) for j in range(D)]
        tau, eps = Fraction(1, 20 * int(generator.integers(1, 2 + size))), Fraction(1, 400 * L * L)
        eps /= int(generator.integers(1, 2 + size))
        T, unit = diagonal(sizes), identity(D)
        none = fractions(np.zeros(D, dtype=np.int64))
        layers = [T, *[unit] * (L - 1)]
        layers[-1] = layers[-1] * (tau * (1 - eps))
        even = [eps * tau] * D
        return UniformNetworkCase(
            ReluNetwork(tuple(layers), (none,) * L),
            diagonal_svd([eps * tau * t for t in sizes]),
            none + tau * Fraction(9, 8),
            (self.rank,) * L,
            none,
            diagonal([1 / t for t in sizes]),
            (diagonal_svd(even), diagonal_svd([tau] * D)),
        )


def uniform_networks(
    *, min_depth: int = 2, max_depth: int = 3, min_left: int = 2, max_left: int = 3, max_rank: int = 1
) -> st.SearchStrategy[Recipe[UniformNetworkCase]]:
    """Recipes of `UniformNetworkCase` on which mean floors for every adapter and bias bite; see `UniformRecipe`.

    `left` is D - RL, the number of singular values that no adapters reach.  Shrinks to D = RL + `min_left` and T = I.
    """
    require_interval(min_depth, max_depth, name="depth")
    require_interval(min_left, max_left, name="left")
    require_interval(1, max_rank, name="rank")
    return st.tuples(
        st.integers(min_depth, max_depth), st.integers(1, max_rank), st.integers(min_left, max_left)
    ).flatmap(
        lambda sizes: st.builds(
            UniformRecipe,
            depth=st.just(sizes[0]),
            rank=st.just(sizes[1]),
            left=st.just(sizes[2]),
            large=st.sampled_from((0, sizes[1], sizes[0] * sizes[1])),
            seed=st.integers(0, 2**32 - 1),
        )
    )
