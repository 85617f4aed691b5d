"""What a builder draws from: one builder makes both the batch and the exact case.

It puts a case together with ``@ + - *``, slices from the right, and what the material draws: float64 with a leading
axis of members, or Fractions for one exact case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.random import Generator

from theorems.case import SVD, Array, fractions
from theorems.strategies.laws import LAWS, haar
from theorems.strategies.rational import RATIONAL_LAWS, integers, rational_orthogonal
from theorems.strategies.spectra import SPECTRA, rational_spectrum


@dataclass(frozen=True)
class Material:
    """What a builder draws from.  `count` is None for one exact case, whose integers go up to `size`."""

    generator: Generator
    count: int | None
    size: int = 1

    @property
    def lead(self) -> tuple[int, ...]:
        """The shape of a scalar."""
        return () if self.count is None else (self.count,)

    def full(self, value: Any, *shape: int) -> Array:
        """A constant array."""
        if self.count is None:
            return np.full(shape, Fraction(value), dtype=object)
        return np.full((self.count, *shape), float(value))

    def identity(self, m: int, n: int | None = None) -> Array:
        """The m x n matrix with ones on the diagonal."""
        eye = np.eye(m, n)
        return fractions(eye) if self.count is None else np.broadcast_to(eye, (self.count, *eye.shape)).copy()

    def numbers(self, values: Any) -> Array:
        """Drawn integers or fractions, in the number type of the material."""
        array = np.asarray(values)
        return fractions(array) if self.count is None else array.astype(np.float64)

    def constants(self, values: Any) -> Array:
        """The given numbers, the same for every member."""
        array = self.numbers(np.asarray(values, dtype=object))
        return array if self.count is None else np.broadcast_to(array, (self.count, *array.shape)).copy()

    def entries(self, *shape: int) -> Array:
        """Small integers for an exact case; for a batch, gaussian in every second member, else integers up to 3."""
        if self.count is None:
            return integers(self.generator, *shape, size=self.size)
        whole = self.generator.integers(-3, 4, (self.count, *shape)).astype(np.float64)
        whole[::2] = self.generator.standard_normal(whole[::2].shape)
        return whole

    def choice(self, values: Sequence[Any], *shape: int) -> Array:
        """Independent draws from a list of fractions."""
        table = np.array([Fraction(value) for value in values], dtype=object)
        return self.numbers(table[self.generator.integers(0, len(table), (*self.lead, *shape))])

    def between(self, low: Any, high: Any, *shape: int) -> Array:
        """Uniform between two fractions; an exact case takes one of 24 steps."""
        if self.count is None:
            return self.choice([Fraction(low) + (Fraction(high) - Fraction(low)) * k / 24 for k in range(25)], *shape)
        return self.generator.uniform(float(low), float(high), (self.count, *shape))

    def shares(self, n: int) -> Array:
        """Numbers strictly between 0 and 1, (..., n)."""
        if self.count is not None:
            return self.generator.uniform(0.02, 0.98, (self.count, n))
        denominator = int(self.generator.choice([2, 3, 4, 5, 10, 20, 100]))
        tops = self.generator.integers(1, denominator, n)
        return fractions(np.array([Fraction(int(top), denominator) for top in tops], dtype=object))

    def matrix(self, law: str, m: int, n: int) -> Array:
        """A matrix, (..., m, n), by a law of `theorems.strategies.laws.LAWS`."""
        if self.count is None:
            return RATIONAL_LAWS[law](self.generator, m, n, self.size)
        return LAWS[law](self.generator, self.count, m, n)

    def orthogonal(self, n: int, *, plain: bool = False) -> Array:
        """An orthogonal matrix, the identity where `plain`."""
        if plain:
            return self.identity(n)
        if self.count is None:
            return rational_orthogonal(self.generator, n, size=min(self.size - 1, 2))
        return haar(self.generator, self.count, n)

    def spectrum(self, k: int, name: str = "distinct", cut: int | None = None) -> Array:
        """k singular values, descending (`theorems.strategies.spectra`)."""
        at = k // 2 if cut is None else cut
        if self.count is None:
            return rational_spectrum(self.generator, name, k, at, size=self.size)
        return SPECTRA[name](self.generator, self.count, k, at)

    def svd(self, m: int, n: int, name: str = "distinct", *, plain: bool = False) -> SVD:
        """A thin decomposition of an m x n matrix."""
        k = min(m, n)
        U, V = self.orthogonal(m, plain=plain), self.orthogonal(n, plain=plain)
        return SVD(U[..., :, :k], self.spectrum(k, name), V[..., :, :k])
