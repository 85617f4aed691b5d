"""Polynomials and laws of random matrices, for the almost-sure statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import Array, fractions
from theorems.domains import AS_DRAWN, Domain
from theorems.models.random_matrices import LawCase, PolynomialCase, exponents
from theorems.strategies.recipes import PlainArrays, Recipe, entry_size, generator_of, require_interval

#: Cases here are made one by one: a batch has no more than these members, all different draws.
LARGEST_BATCH = 64
POLYNOMIALS = (
    "linear factors", "power of a linear form", "small integers", "sparse", "constant", "distinct roots",
)  # fmt: skip


@dataclass(frozen=True)
class PolynomialRecipe:
    """Polynomials with many zeros on the grid among them: products of linear factors that vanish on it."""

    law: str
    variables: int
    degree: int
    grid: int
    seed: int = 0
    domain: Domain = field(default=AS_DRAWN, repr=False, compare=False)

    @property
    def stratum(self) -> str:
        return self.law

    @property
    def size(self) -> tuple[int, ...]:
        return (self.variables, self.degree, self.grid)

    def batch(self, count: int) -> PolynomialCase:
        generator = generator_of(self.seed, 0)
        rows = np.stack([self._coefficients(generator, 3) for _ in range(min(count, LARGEST_BATCH))])
        return PolynomialCase(self.variables, self.degree, self.grid, rows)

    def exact(self, index: int = 0) -> PolynomialCase:
        values = self._coefficients(generator_of(self.seed, 1, index), entry_size(index))
        return PolynomialCase(self.variables, self.degree, self.grid, fractions(values.astype(np.int64)))

    def _coefficients(self, generator: Generator, size: int) -> Array:
        powers = exponents(self.variables, self.degree)
        if self.law == "constant":
            return np.array([1.0 if sum(e) == 0 else 0.0 for e in powers])
        if self.law == "distinct roots":  # as many slices of the grid as the degree allows
            return self._with_roots(generator)
        if self.law in ("small integers", "sparse"):
            values = generator.integers(-size, size + 1, len(powers)) * (
                1 if self.law == "small integers" else generator.random(len(powers)) < 0.3
            )
            if not values.any():
                values[int(generator.integers(0, len(powers)))] = 1
            return values.astype(np.float64)
        polynomial: dict[tuple[int, ...], int] = {(0,) * self.variables: 1}
        factor = self._factor(generator, size)
        for _ in range(self.degree):
            polynomial = _times(polynomial, factor)
            if self.law == "linear factors":
                factor = self._factor(generator, size)
        return np.array([float(polynomial.get(e, 0)) for e in powers])

    def _with_roots(self, generator: Generator) -> Array:
        """The product of x_i - c over the first `degree` points c of the axis, in one variable."""
        n, i = self.variables, int(generator.integers(0, self.variables))
        product: dict[tuple[int, ...], int] = {(0,) * n: 1}
        for c in range(self.degree):
            product = _times(product, {(0,) * n: -c, tuple(int(j == i) for j in range(n)): 1})
        return np.array([float(product.get(e, 0)) for e in exponents(n, self.degree)])

    def _factor(self, generator: Generator, size: int) -> dict[tuple[int, ...], int]:
        """x_i - c, which vanishes on a whole slice of the grid, or a general linear form."""
        n = self.variables
        factor: dict[tuple[int, ...], int] = {(0,) * n: -int(generator.integers(0, self.grid))}
        slopes = generator.integers(-1, 2, n) if generator.integers(0, 2) else np.zeros(n, dtype=np.int64)
        if not slopes.any():
            slopes[int(generator.integers(0, n))] = 1
        for i, slope in enumerate(slopes):
            factor[tuple(int(j == i) for j in range(n))] = int(slope)
        return factor


def _times(
    p: dict[tuple[int, ...], int], q: dict[tuple[int, ...], int]
) -> dict[tuple[int, ...], int]:
    result: dict[tuple[int, ...], int] = {}
    for e, a in p.items():
        for f, b in q.items():
            key = tuple(i + j for i, j in zip(e, f, strict=True))
            result[key] = result.get(key, 0) + a * b
    return result


@st.composite
def polynomials(
    draw: st.DrawFn, *, max_variables: int = 3, max_degree: int = 3, max_grid: int = 5
) -> Recipe[PolynomialCase]:
    """Recipes of `PolynomialCase` that are not the zero polynomial, with integer coefficients.

    Shrinks to x - c in one variable on a grid of one point.
    """
    require_interval(1, max_variables, name="variables")
    require_interval(0, max_degree, name="degree", least=0)
    require_interval(1, max_grid, name="grid")
    law, variables = draw(st.sampled_from(POLYNOMIALS)), draw(st.integers(1, max_variables))
    degree, grid = draw(st.integers(0, max_degree)), draw(st.integers(1, max_grid))
    if law == "distinct roots":  # the whole grid, or all but a slice of it, where the degree allows
        degree = min(max_degree, max(grid - degree % 2, 0))
    return PolynomialRecipe(law, variables, degree, grid, draw(st.integers(0, 2**32 - 1)))


LAWS_OF_MATRICES = (
    "density and segments", "density and planes", "density and an atom", "density alone", "density and boxes alone",
)  # fmt: skip


@dataclass(frozen=True)
class LawRecipe(PlainArrays):
    """Mixtures of a density with segments and planes of matrices, atoms, or boxes at singular matrices."""

    law: str
    dimension: int
    seed: int = 0
    domain: Domain = field(default=AS_DRAWN, repr=False, compare=False)

    @property
    def stratum(self) -> str:
        return self.law

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension,)

    def batch(self, count: int) -> LawCase:
        cases = [self._made(generator_of(self.seed, 0, i), 1 + i % 3) for i in range(min(count, LARGEST_BATCH))]
        floats = [[np.asarray(leaf, dtype=np.float64) for leaf in case] for case in cases]
        return LawCase(*(np.stack(leaves) for leaves in zip(*floats, strict=True)))

    def exact(self, index: int = 0) -> LawCase:
        return LawCase(*self._made(generator_of(self.seed, 1, index), entry_size(index)))

    def _made(self, generator: Generator, size: int) -> tuple[Array, Array, Array]:
        D, J = self.dimension, 2 if self.law == "density and planes" and self.dimension > 1 else 1
        if "boxes" in self.law:
            return self._box(generator, size)
        share = Fraction(0) if self.law == "density alone" else Fraction(1, int(generator.integers(2, 5)))
        singular = generator.integers(0, 2)
        origin = generator.integers(-size, size + 1, (1, D, D))
        directions = generator.integers(-size, size + 1, (1, J, D, D))
        if singular:  # a row of zeros, all along the segment
            origin[..., 0, :] = 0
            directions[..., 0, :] = 0
        if self.law == "density and an atom":
            directions[...] = 0
        elif not directions.any():
            directions[..., -1, -1] = 1
        weights = np.array([1 - share, share], dtype=object)
        return weights, fractions(origin), fractions(directions)

    def _box(self, generator: Generator, size: int) -> tuple[Array, Array, Array]:
        """Half of the mass on a box: D^2 independent directions, mostly at a singular matrix."""
        D = self.dimension
        origin = generator.integers(-size, size + 1, (1, D, D))
        origin[..., : int(generator.integers(0, D + 1)), :] = 0
        directions = np.tril(generator.integers(-1, 2, (D * D, D * D)), -1) + np.eye(D * D, dtype=np.int64)
        directions = directions[generator.permutation(D * D)].reshape(1, D * D, D, D)
        return np.array([Fraction(1, 2)] * 2, dtype=object), fractions(origin), fractions(directions)


@st.composite
def matrix_laws(
    draw: st.DrawFn, *, min_dimension: int = 1, max_dimension: int = 3, atoms: bool = True, singular_parts: bool = True
) -> Recipe[LawCase]:
    """Recipes of `LawCase`: laws of random D x D matrices with an exact probability of being singular.

    atoms           whether single matrices may have positive probability
    singular_parts  whether any mass may lie outside the density

    Shrinks to a density and one segment of 1 x 1 matrices.
    """
    require_interval(min_dimension, max_dimension, name="dimension")
    laws = [law for law in LAWS_OF_MATRICES if (atoms or "atom" not in law) and (singular_parts or "alone" in law)]
    return LawRecipe(
        draw(st.sampled_from(laws)), draw(st.integers(min_dimension, max_dimension)), draw(st.integers(0, 2**32 - 1))
    )
