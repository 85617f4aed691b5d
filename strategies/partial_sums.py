"""Two SVDs of one error, and densities of random numbers: the cases around Assumption 1 and Lemma 13."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from strategies.proof_networks import repeated
from strategies.rational import identity, rational_orthogonal, signs
from strategies.recipes import Recipe, entry_size, generator_of, require_interval
from theorems.case import SVD, fractions
from theorems.networks import DensityCase, PartialSumCase


@dataclass(frozen=True)
class PartialSumRecipe:
    """A product P and two SVDs of one E with equal singular values: P + LR_r of the first is singular for one r."""

    dimension: int
    most: int
    tied: bool = True
    seed: int = 0

    @property
    def stratum(self) -> str:
        return "ties" if self.tied else "gaps"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.most)

    def batch(self, count: int) -> PartialSumCase:
        generator = generator_of(self.seed, 0)
        return repeated([self._case(generator, 3) for _ in range(8)], count)

    def exact(self, index: int = 0) -> PartialSumCase:
        return self._case(generator_of(self.seed, 1, index), entry_size(index))

    def _case(self, generator: Generator, size: int) -> PartialSumCase:
        D = self.dimension
        unit = identity(D)
        s = fractions(np.arange(D, 0, -1) if not self.tied else np.full(D, int(generator.integers(1, 2 + size))))
        first = SVD(unit, s, unit)
        turn = rational_orthogonal(generator, D, size=min(size - 1, 2)) if self.tied else unit * signs(generator, D)
        second = SVD(turn, s, turn)
        r = int(generator.integers(1, max(min(self.most, D), 1) + 1))
        start = fractions(generator.integers(1, 2 + size, D))
        if generator.integers(0, 3):
            start[: min(r, D)] = -s[: min(r, D)]
        return PartialSumCase(np.asarray(unit * start), first, second, self.most)


def partial_sums(
    *, min_dimension: int = 1, max_dimension: int = 3, max_most: int = 3, ties: bool = True
) -> st.SearchStrategy[Recipe[PartialSumCase]]:
    """Recipes of `PartialSumCase`: two SVDs of one error, all sigma equal where `ties` is set, else distinct."""
    require_interval(min_dimension, max_dimension, name="dimension")
    return st.builds(
        PartialSumRecipe,
        dimension=st.integers(min_dimension, max_dimension),
        most=st.integers(1, max_most),
        tied=st.just(ties),
        seed=st.integers(0, 2**32 - 1),
    )


@dataclass(frozen=True)
class DensityRecipe:
    """Two densities on the cells 0..K-1 and a shift under which some mass meets."""

    cells: int
    shift: int
    seed: int = 0

    @property
    def stratum(self) -> str:
        return "unit cells"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.cells, abs(self.shift))

    def batch(self, count: int) -> DensityCase:
        generator = generator_of(self.seed, 0)
        return repeated([self._case(generator, 4) for _ in range(8)], count)

    def exact(self, index: int = 0) -> DensityCase:
        return self._case(generator_of(self.seed, 1, index), entry_size(index))

    def _case(self, generator: Generator, size: int) -> DensityCase:
        shares = generator.integers(0, 1 + size, (2, self.cells))
        k = int(generator.integers(max(0, -self.shift), self.cells - max(0, self.shift)))
        shares[0, k] += 1
        shares[1, k + self.shift] += 1
        p, q = (fractions(row) / Fraction(int(row.sum())) for row in shares)
        return DensityCase(np.asarray(p), np.asarray(q), self.shift)


def densities(*, max_cells: int = 5) -> st.SearchStrategy[Recipe[DensityCase]]:
    """Recipes of `DensityCase`: densities that are constant on up to `max_cells` unit cells, E with positive
    density."""
    require_interval(1, max_cells, name="cells")
    return st.integers(1, max_cells).flatmap(
        lambda K: st.builds(
            DensityRecipe, cells=st.just(K), shift=st.integers(1 - K, K - 1), seed=st.integers(0, 2**32 - 1)
        )
    )
