"""Two SVDs of one error, and densities of random numbers: the cases around Assumption 1 and Lemma 13."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import SVD, fractions
from theorems.domains import ANY
from theorems.models.relu import DensityCase, PartialSumCase
from theorems.strategies.rational import identity, rational_orthogonal, signs
from theorems.strategies.recipes import Recipe, require_interval
from theorems.strategies.texts.zeng_lee.relu.repeating import Repeating


@dataclass(frozen=True)
class PartialSumRecipe(Repeating[PartialSumCase]):
    """A product P and two SVDs of one E with equal singular values: P + LR_r of the first is singular for one r.

    With `pair` two of them tie, and the second SVD has their vectors exchanged (the tie then lies at the largest r that
    is looked at, where there is room) or turned, so that P + LR_r of the second is singular for one r only.
    """

    dimension: int
    most: int
    tied: bool = True
    seed: int = 0
    pair: bool = False
    domain = ANY

    @property
    def stratum(self) -> str:
        return "one tie" if self.pair else "ties" if self.tied else "gaps"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.most)

    def _case(self, generator: Generator, size: int) -> PartialSumCase:
        D = self.dimension
        unit = identity(D)
        if self.pair and D > 1:
            return self._with_a_pair(generator, size)
        s = fractions(np.arange(D, 0, -1) if not self.tied else np.full(D, int(generator.integers(1, 2 + size))))
        first = SVD(unit, s, unit)
        turn = rational_orthogonal(generator, D, size=min(size - 1, 2)) if self.tied else unit * signs(generator, D)
        second = SVD(turn, s, turn)
        r = int(generator.integers(1, max(min(self.most, D), 1) + 1))
        start = fractions(generator.integers(1, 2 + size, D))
        if generator.integers(0, 3):
            start[: min(r, D)] = -s[: min(r, D)]
        return PartialSumCase(np.asarray(unit * start), first, second, self.most)

    def _with_a_pair(self, generator: Generator, size: int) -> PartialSumCase:
        D = self.dimension
        unit = identity(D)
        turned = bool(generator.integers(0, 2))
        p = int(generator.integers(0, D - 1)) if turned else min(self.most, D - 1) - 1
        s = fractions(np.arange(D, 0, -1))
        s[p + 1] = s[p]
        start, Q, pair = fractions(generator.integers(1, 2 + size, D)), unit.copy(), [p, p + 1]
        if turned:  # det(diag(x, 1) + s w w^T) = 0 for w = (3, 4) / 5
            start[p], start[p + 1] = -9 * s[p] / (25 + 16 * s[p]), Fraction(1)
            Q[np.ix_(pair, pair)] = fractions(np.array([[3, -4], [4, 3]])) / Fraction(5)
        else:
            start[p] = -s[p]
            Q = Q[:, [*range(p), p + 1, p, *range(p + 2, D)]]
        return PartialSumCase(np.asarray(unit * start), SVD(unit, s, unit), SVD(Q, s, Q), self.most)


def partial_sums(
    *, min_dimension: int = 1, max_dimension: int = 3, max_most: int = 3, ties: bool = True, pair: bool = False
) -> st.SearchStrategy[Recipe[PartialSumCase]]:
    """Recipes of `PartialSumCase`: two SVDs of one error, all sigma equal where `ties` is set, else distinct.

    With `pair` two neighbours are equal and the others distinct.
    """
    require_interval(min_dimension, max_dimension, name="dimension")
    return st.builds(
        PartialSumRecipe,
        dimension=st.integers(min_dimension, max_dimension),
        most=st.integers(1, max_most),
        tied=st.just(ties),
        seed=st.integers(0, 2**32 - 1),
        pair=st.just(pair),
    )


@dataclass(frozen=True)
class DensityRecipe(Repeating[DensityCase]):
    """Two densities on the cells 0..K-1 and a shift under which some mass meets."""

    largest: ClassVar[int] = 4

    cells: int
    shift: int
    seed: int = 0
    domain = ANY

    @property
    def stratum(self) -> str:
        return "unit cells"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.cells, abs(self.shift))

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
