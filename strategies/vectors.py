"""A few vectors of one length: recipes of `MatrixCase` without matrices."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import Array, MatrixCase, fractions
from theorems.domains import ANY, Domain, HasAxes, Is, Within
from theorems.properties import DESCENDING, INTEGERS, NON_NEGATIVE, POSITIVE, SUMS_TO_ONE, Property
from theorems.strategies.rational import identity, integers
from theorems.strategies.recipes import PlainArrays, Recipe, entry_size, generator_of, require_choice, require_interval

#: How the entries are chosen, the simplest first; "as the one before" and "nearly as" it tell equal vectors apart.
VECTOR_LAWS = (
    "small integers", "unit", "ones", "zero", "gaussian", "one large entry", "scaled", "as the one before",
    "nearly as the one before",
)  # fmt: skip
#: What is promised of every vector of a kind.
KINDS: dict[str, tuple[Property, ...]] = {
    "non-negative": (NON_NEGATIVE,),
    "positive": (POSITIVE,),
    "probabilities": (NON_NEGATIVE, SUMS_TO_ONE),
    "positive probabilities": (POSITIVE, SUMS_TO_ONE),
    "descending": (DESCENDING,),
    "integers": (INTEGERS,),
}


@dataclass(frozen=True)
class VectorRecipe(PlainArrays):
    """Vectors of one length, a law for each."""

    length: int
    laws: tuple[str, ...]
    kind: str | None = None
    seed: int = 0
    domain: Domain = field(default=ANY, repr=False, compare=False)

    @property
    def stratum(self) -> str:
        word = self.laws[0] if len(set(self.laws)) == 1 else "mixed laws"
        return f"{self.kind}, {word}" if self.kind else word

    @property
    def size(self) -> tuple[int, ...]:
        return (self.length,)

    def batch(self, count: int) -> MatrixCase:
        generator = generator_of(self.seed, 0)
        made: list[Array] = []
        for law in self.laws:
            made.append(_of_kind(_floats(generator, law, (count, self.length), made), self.kind))
        return MatrixCase((), tuple(made))

    def exact(self, index: int = 0) -> MatrixCase:
        generator = generator_of(self.seed, 1, index)
        made: list[Array] = []
        for law in self.laws:
            made.append(_of_kind(_exact(generator, law, self.length, entry_size(index), made), self.kind))
        return MatrixCase((), tuple(made))


def _floats(generator: Generator, law: str, shape: tuple[int, int], before: list[Array]) -> Array:
    count, n = shape
    x: Array = generator.standard_normal(shape)
    if law == "small integers":
        x = generator.integers(-3, 4, shape).astype(np.float64)
    elif law == "unit":
        x = np.eye(n)[generator.integers(0, n, count)]
    elif law in ("ones", "zero"):
        x = np.full(shape, float(law == "ones"))
    elif law == "one large entry":
        x[:, 0] *= 10.0 ** generator.uniform(0.0, 8.0, count)
    elif law == "scaled":
        x *= 10.0 ** generator.uniform(-150.0, 150.0, (count, 1))
    elif law == "as the one before" and before:
        x = before[-1]
    elif law == "nearly as the one before" and before:
        x = before[-1] * (1.0 + 10.0 ** generator.uniform(-8.0, -1.0, (count, 1)) * x)
    return np.asarray(x, dtype=np.float64)


def _exact(generator: Generator, law: str, n: int, size: int, before: list[Array]) -> Array:
    x = integers(generator, n, size=size)
    if law == "unit":
        x = np.asarray(identity(n)[int(generator.integers(0, n))])
    elif law in ("ones", "zero"):
        x = fractions(np.full(n, int(law == "ones"), dtype=np.int64))
    elif law == "one large entry":
        x[0] = x[0] * Fraction(10) ** min(size, 6)
    elif law == "scaled":
        x = np.asarray(x * Fraction(10) ** int(generator.choice([-150, 150])))
    elif law == "as the one before" and before:
        x = before[-1]
    elif law == "nearly as the one before" and before:
        x = np.asarray(before[-1] + x / Fraction(10) ** 3)
    return x


def _of_kind(x: Array, kind: str | None) -> Array:
    """Made of that kind, floats and fractions alike."""
    one: Any = Fraction(1) if x.dtype == object else 1.0
    if kind in ("non-negative", "probabilities"):
        x = np.asarray(abs(x))
    elif kind in ("positive", "positive probabilities"):
        x = np.where(x == 0, one, abs(x))
    elif kind == "descending":
        return np.asarray(-np.sort(-x, axis=-1))
    elif kind == "integers":
        return fractions(np.array([round(v) for v in x.tolist()], dtype=object)) if x.dtype == object else np.rint(x)
    if kind is not None and kind.endswith("probabilities"):
        x = np.where(x.max(-1, keepdims=True) == 0, one, x)
        x = x / x.max(-1, keepdims=True)  # first, for sums of the largest floats overflow
        if x.dtype != object:
            x = np.maximum(x, 1e-12 if kind == "positive probabilities" else 0.0)
        x = x / x.sum(-1, keepdims=True)
    return np.asarray(x)


def vectors(
    *, count: int = 1, min_dimension: int = 1, max_dimension: int = 4, kind: str | None = None
) -> st.SearchStrategy[Recipe[MatrixCase]]:
    """Recipes of `MatrixCase` with `count` vectors of one length between the bounds, and no matrix.

    kind  of every vector, a name of `vectors.KINDS`: "non-negative", "positive", "probabilities" (which sum to one),
          "positive probabilities", "descending", "integers"

    Shrinks to short vectors of small integers.
    """
    require_interval(min_dimension, max_dimension, name="dimension")
    require_interval(count, count, name="count")
    require_choice(kind, (None, *KINDS), name="kind")
    axes = (HasAxes("matrices", ("0",)), HasAxes("vectors", (str(count),)))
    each = tuple(HasAxes(f"vectors[{i}]", ("n",)) for i in range(count))
    promised = tuple(Is("vectors", one.name) for one in KINDS.get(kind or "", ()))
    domain = Domain((*axes, *each, Within("n", min_dimension, max_dimension), *promised))
    return st.builds(
        VectorRecipe,
        length=st.integers(min_dimension, max_dimension),
        laws=st.tuples(*[st.sampled_from(VECTOR_LAWS)] * count),
        kind=st.just(kind),
        seed=st.integers(0, 2**32 - 1),
        domain=st.just(domain),
    )
