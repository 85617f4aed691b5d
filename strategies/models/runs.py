"""Material and recipes for cases that are whole runs: one builder makes both the batch and the exact case.

A builder takes `Material` and dimensions and puts a case together with ``@ + - *``, slices from the right, and what the
material draws: float64 with a leading axis of members, or Fractions for one exact case.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import SVD, Array, exact, fractions
from theorems.domains import ANY
from theorems.strategies.laws import haar
from theorems.strategies.rational import integers, rational_orthogonal
from theorems.strategies.recipes import Recipe, chosen, entry_size, generator_of, require_interval
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
        drawn = table[self.generator.integers(0, len(table), (*self.lead, *shape))]
        return drawn if self.count is None else drawn.astype(np.float64)

    def between(self, low: Any, high: Any, *shape: int) -> Array:
        """Uniform between two fractions; an exact case takes one of 24 steps."""
        if self.count is None:
            return self.choice([Fraction(low) + (Fraction(high) - Fraction(low)) * k / 24 for k in range(25)], *shape)
        return self.generator.uniform(float(low), float(high), (self.count, *shape))

    def orthogonal(self, n: int, *, plain: bool = False) -> Array:
        """An orthogonal matrix, the identity where `plain`."""
        if plain:
            return self.identity(n)
        if self.count is None:
            return rational_orthogonal(self.generator, n, size=min(self.size - 1, 2))
        return haar(self.generator, self.count, n)

    def spectrum(self, k: int, name: str = "distinct") -> Array:
        """k singular values, descending (`theorems.strategies.spectra`)."""
        if self.count is None:
            return rational_spectrum(self.generator, name, k, k // 2, size=self.size)
        return SPECTRA[name](self.generator, self.count, k, k // 2)

    def svd(self, m: int, n: int, name: str = "distinct", *, plain: bool = False) -> SVD:
        """A thin decomposition of an m x n matrix."""
        k = min(m, n)
        U, V = self.orthogonal(m, plain=plain), self.orthogonal(n, plain=plain)
        return SVD(U[..., :, :k], self.spectrum(k, name), V[..., :, :k])


#: ``build(material, sizes, law)`` gives a case; `sizes` has the dimensions and integers by name.
Builder: TypeAlias = Callable[[Material, Mapping[str, int], str], Any]
#: A bound of a size: a number, or a function of the sizes named before it.
Bound: TypeAlias = int | Callable[[Mapping[str, int]], int]


@dataclass(frozen=True)
class RunRecipe:
    """Cases of one builder, of one law and given sizes."""

    build: Builder
    law: str
    sizes: tuple[tuple[str, int], ...]
    seed: int = 0
    domain = ANY

    @property
    def stratum(self) -> str:
        return self.law

    @property
    def size(self) -> tuple[int, ...]:
        return (max(value for _, value in self.sizes), *(value for _, value in self.sizes))

    def batch(self, count: int) -> Any:
        return self.build(Material(generator_of(self.seed, 0), count), dict(self.sizes), self.law)

    def exact(self, index: int = 0) -> Any:
        material = Material(generator_of(self.seed, 1, index), None, entry_size(index))
        return exact(self.build(material, dict(self.sizes), self.law))  # builders may put plain integers in


def runs(
    build: Builder,
    sizes: Mapping[str, tuple[Bound, Bound]],
    laws: Collection[str],
    *,
    only: Collection[str] | None = None,
    rarely: Sequence[Mapping[str, tuple[Bound, Bound]]] = (),
) -> st.SearchStrategy[Recipe[Any]]:
    """Recipes of the cases that `build` makes.

    sizes   the least and the largest value of each dimension or integer, functions of the ones before allowed
    laws    the laws that the builder knows;  only  those to draw from, all by default
    rarely  other ranges of some sizes: about one draw in eight takes one of them

    Shrinks to the least sizes.
    """
    for name, (low, high) in sizes.items():
        if isinstance(low, int) and isinstance(high, int):
            require_interval(low, high, name=name, least=0)
    ranges = tuple(tuple({**sizes, **other}.items()) for other in ({}, *rarely))
    return _runs(build, ranges, tuple(chosen(only, laws, name="only")))


@st.composite
def _runs(
    draw: st.DrawFn,
    build: Builder,
    ranges: tuple[tuple[tuple[str, tuple[Bound, Bound]], ...], ...],
    laws: tuple[str, ...],
) -> Recipe[Any]:
    law = draw(st.sampled_from(laws))
    known: dict[str, int] = {}
    rare = len(ranges) > 1 and draw(st.integers(0, 7)) == 7
    for name, bounds in ranges[draw(st.integers(1, len(ranges) - 1)) if rare else 0]:
        low, high = (bound if isinstance(bound, int) else bound(known) for bound in bounds)
        known[name] = draw(st.integers(low, high))
    return RunRecipe(build, law, tuple(known.items()), draw(st.integers(0, 2**32 - 1)))
