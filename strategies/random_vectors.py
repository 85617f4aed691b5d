"""Random vectors of finite support together with a matrix: recipes of `RandomVectorCase`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import Array, fractions
from theorems.domains import ANY, AS_DRAWN, Domain, Is, Within
from theorems.models.inputs import RandomVectorCase
from theorems.properties import CONSTANT_ROWS, INTEGERS, POSITIVE, RANK_ONE
from theorems.strategies.laws import LAWS, Floats
from theorems.strategies.matrices import of_law
from theorems.strategies.rational import RATIONAL_LAWS, integers
from theorems.strategies.recipes import PlainArrays, Recipe, chosen, entry_size, generator_of, require_interval

#: How the points lie, the simplest first.
SUPPORTS = (
    "small integers", "gaussian", "symmetric", "constant", "unit vectors", "on a line", "far from the origin",
    "ill-scaled", "reflected",
)
#: Supports whose points have equal weights, so that a reflection of them changes no law.
EVEN = ("symmetric", "reflected")  # fmt: skip
#: What is promised of the points where the supports are chosen; of the others nothing is known but what is drawn.
SUPPORTED = {
    "small integers": Domain((Is("points", INTEGERS.name),)),
    "gaussian": ANY,
    "constant": Domain((Is("points", CONSTANT_ROWS.name),)),
    "on a line": Domain((Is("points", RANK_ONE.name),)),
    "far from the origin": ANY,
    "ill-scaled": ANY,
}
#: Laws of the matrix: those whose squares stay in range.
MATRIX_LAWS = tuple(law for law in LAWS if law != "near over- and underflow")


@dataclass(frozen=True)
class RandomVectorRecipe(PlainArrays):
    """A random vector of K points in R^n, and an n x n matrix."""

    support: str
    law: str
    dimension: int
    points: int
    uniform: bool = True
    seed: int = 0
    domain: Domain = field(default=ANY, repr=False, compare=False)

    @property
    def stratum(self) -> str:
        return f"{self.support} support"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.points)

    def batch(self, count: int) -> RandomVectorCase:
        generator = generator_of(self.seed, 0)
        matrix = LAWS[self.law](generator, count, self.dimension, self.dimension)
        points = self._points(generator, count)
        if self.uniform or self.support in EVEN:
            weights = np.full((count, self.points), 1.0 / self.points)
        else:
            spread = 10.0 if self.support == "ill-scaled" else 1.0
            weights = np.exp(spread * generator.standard_normal((count, self.points)))
            weights = np.maximum(weights / weights.sum(-1, keepdims=True), 1e-12)
            weights /= weights.sum(-1, keepdims=True)
        return RandomVectorCase(matrix, points, weights)

    def _points(self, generator: Generator, count: int) -> Floats:
        shape = (count, self.points, self.dimension)
        x = generator.standard_normal(shape)
        if self.support == "small integers":
            return np.asarray(generator.integers(-3, 4, shape), dtype=np.float64)
        if self.support == "symmetric":
            x[:, self.points // 2 : 2 * (self.points // 2)] = -x[:, : self.points // 2]
            x[:, 2 * (self.points // 2) :] = 0.0
        elif self.support == "reflected":  # the first coordinate is uncorrelated with the others, which depend on it
            x[:, self.points // 2 : 2 * (self.points // 2)] = x[:, : self.points // 2]
            x[:, self.points // 2 : 2 * (self.points // 2), 0] *= -1.0
            x[:, 2 * (self.points // 2) :, 0] = 0.0
        elif self.support == "constant":
            x[:] = x[:, :1]
        elif self.support == "unit vectors":
            x = np.eye(self.dimension)[generator.integers(0, self.dimension, shape[:2])]
        elif self.support == "on a line":
            x = x[:, :, :1] * x[:, :1, :]
        elif self.support == "far from the origin":  # the covariance is a small difference of large second moments
            x += 10.0 ** generator.uniform(1.0, 6.0, (count, 1, 1))
        elif self.support == "ill-scaled":
            x *= 10.0 ** generator.uniform(-6.0, 6.0, (count, self.points, 1))
        return np.asarray(x, dtype=np.float64)

    def exact(self, index: int = 0) -> RandomVectorCase:
        generator = generator_of(self.seed, 1, index)
        size = entry_size(index)
        matrix = RATIONAL_LAWS[self.law](generator, self.dimension, self.dimension, size)
        points = self._exact_points(generator, size)
        shares = [1] * self.points
        if not (self.uniform or self.support in EVEN):
            top = 10 ** min(size, 6) if self.support == "ill-scaled" else 1 + size
            shares = [int(share) for share in generator.integers(1, top + 1, self.points)]
        weights: Array = np.empty(self.points, dtype=object)
        weights[:] = [Fraction(share, sum(shares)) for share in shares]
        return RandomVectorCase(matrix, points, weights)

    def _exact_points(self, generator: Generator, size: int) -> Array:
        K, n = self.points, self.dimension
        x = integers(generator, K, n, size=size)
        if self.support == "symmetric":
            x[K // 2 : 2 * (K // 2)] = -x[: K // 2]
            x[2 * (K // 2) :] = Fraction(0)
        elif self.support == "reflected":
            x[K // 2 : 2 * (K // 2)] = x[: K // 2]
            x[K // 2 : 2 * (K // 2), 0] *= -1
            x[2 * (K // 2) :, 0] = Fraction(0)
        elif self.support == "constant":
            x[:] = x[:1]
        elif self.support == "unit vectors":
            x = fractions(np.eye(n, dtype=np.int64)[generator.integers(0, n, K)])
        elif self.support == "on a line":
            x = np.asarray(x[:, :1] * x[:1, :])
        elif self.support == "far from the origin":
            x = np.asarray(x + Fraction(10) ** min(size, 6))
        elif self.support == "ill-scaled":
            powers = [Fraction(10) ** int(p) for p in generator.integers(-min(size, 6), min(size, 6) + 1, K)]
            x = np.asarray(x * np.array(powers, dtype=object)[:, None])
        return x


def random_vectors(
    *,
    min_dimension: int = 1,
    max_dimension: int = 4,
    min_points: int = 1,
    max_points: int = 6,
    supports: Collection[str] | None = None,
    laws: Collection[str] | None = None,
) -> st.SearchStrategy[Recipe[RandomVectorCase]]:
    """Recipes of `RandomVectorCase`: K points in R^n with positive weights summing to one, and an n x n matrix.

    supports  names of `SUPPORTS`: how the points lie; a symmetric support has equal weights, so that x and -x have one
              distribution; in a reflected one the sign of the first coordinate alone changes so: it is uncorrelated
              with the others, and they depend on it
    laws      names of `laws.LAWS` for the matrix

    Shrinks to one point of small integers.
    """
    require_interval(min_dimension, max_dimension, name="dimension")
    require_interval(min_points, max_points, name="points")
    every = Domain((
        Within("n", min_dimension, max_dimension), Within("K", min_points, max_points), Is("weights", POSITIVE.name),
    ))  # fmt: skip

    def promised(support: str, law: str) -> Domain:
        of_support = SUPPORTED.get(support, AS_DRAWN) if supports is not None else ANY
        return every + of_support + (of_law(law, "matrix") if laws is not None else ANY)

    return st.builds(
        lambda support, law, **rest: RandomVectorRecipe(support, law, **rest, domain=promised(support, law)),
        support=st.sampled_from(chosen(supports, SUPPORTS, name="supports")),
        law=st.sampled_from(chosen(laws, MATRIX_LAWS, name="laws")),
        dimension=st.integers(min_dimension, max_dimension),
        points=st.integers(min_points, max_points),
        uniform=st.booleans().map(lambda uneven: not uneven),
        seed=st.integers(0, 2**32 - 1),
    )
