"""How the arrays of Transformer cases are drawn: in batches of floats, or exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.random import Generator

from theorems.arithmetic import Rational
from theorems.case import SVD, Array, fractions
from theorems.errors import Undefined
from theorems.strategies import laws
from theorems.strategies.models.errors import ERRORS, exact_error, solve_members
from theorems.strategies.rational import (
    identity,
    integers,
    nonsingular_integers,
    rational_orthogonal,
    signed_permutation,
    unimodular,
)

#: The laws of weights, the simplest first.
LAWS = ("identity", "diagonal", "permutation", "unimodular", "gaussian", "orthogonal")
#: Those of matrices with one entry in each row and column.
MONOMIAL = ("identity", "diagonal", "permutation")


class Maker(Protocol):
    """Draws arrays for a batch, or one exact array."""

    @property
    def generator(self) -> Generator: ...
    def weight(self, law: str, D: int) -> Array: ...
    def orthogonal(self, D: int, *, dense: bool = False) -> Array: ...
    def spectrum(self, D: int, rank: int) -> Array: ...
    def singular_sum(self, P: Array, s: Array, r: int) -> SVD: ...
    def vector(self, *shape: int) -> Array: ...
    def solve(self, A: Array, B: Array) -> Array: ...
    def constant(self, values: Any) -> Array: ...


@dataclass(frozen=True)
class FloatMaker:
    """Batches of `count` float64 arrays, of the size of 1 / sqrt(D) where that keeps scores moderate."""

    generator: Generator
    count: int

    def weight(self, law: str, D: int) -> Array:
        g = self.generator
        if law == "identity":
            return np.broadcast_to(np.eye(D), (self.count, D, D)).copy()
        if law == "gaussian":  # away from singular: inverses of inverses would cost the digits
            return np.asarray(laws.gaussian(g, self.count, D, D) / np.sqrt(4.0 * D) + laws.haar(g, self.count, D))
        if law == "unimodular":
            return laws.unimodular(g, self.count, D, D)
        if law == "orthogonal":
            return laws.haar(g, self.count, D)
        if law == "permutation":
            return laws.signed_permutations(g, self.count, D)
        return np.asarray(np.eye(D) * g.choice([-2.0, -1.0, 0.5, 1.0, 2.0], (self.count, 1, D)))  # diagonal

    def orthogonal(self, D: int, *, dense: bool = False) -> Array:
        return laws.haar(self.generator, self.count, D)

    def spectrum(self, D: int, rank: int) -> Array:
        s = np.sort(self.generator.uniform(0.2, 2.0, (self.count, D)), axis=-1)[:, ::-1].copy()
        s[:, rank:] = 0.0
        return s

    def singular_sum(self, P: Array, s: Array, r: int) -> SVD:
        return ERRORS["singular sum"](self.generator, P, s, r)

    def vector(self, *shape: int) -> Array:
        return self.generator.standard_normal((self.count, *shape))

    def solve(self, A: Array, B: Array) -> Array:
        return solve_members(A, B)

    def constant(self, values: Any) -> Array:
        return np.broadcast_to(np.asarray(values, dtype=np.float64), (self.count, *np.shape(values))).copy()


@dataclass(frozen=True)
class ExactMaker:
    """One exact array of FLINT's rationals (turned into Fractions at the end); `size` bounds its integers."""

    generator: Generator
    size: int

    def weight(self, law: str, D: int) -> Array:
        g = self.generator
        if law == "identity":
            return _load(identity(D))
        if law == "gaussian":
            return _load(nonsingular_integers(g, D, size=self.size))
        if law == "unimodular":
            return _load(unimodular(g, D, D))
        if law == "orthogonal":
            return self._orthogonal(D, min(self.size - 1, 1))
        if law == "permutation":
            return _load(signed_permutation(g, D))
        return _load(fractions(np.diag(g.choice([-2, -1, 1, 2], D))))

    def _orthogonal(self, D: int, size: int) -> Array:
        return _load(rational_orthogonal(self.generator, D, size=size))

    def orthogonal(self, D: int, *, dense: bool = False) -> Array:
        return self._orthogonal(D, 2 if dense else min(self.size - 1, 2))

    def spectrum(self, D: int, rank: int) -> Array:
        steps = self.generator.integers(0, self.size, D)
        values = np.cumsum(steps[::-1])[::-1] + np.arange(D, 0, -1)
        return _load(fractions(np.where(np.arange(D) < rank, values, 0)))

    def singular_sum(self, P: Array, s: Array, r: int) -> SVD:
        d = exact_error(self.generator, "singular sum", [fractions(P)], fractions(s), r, size=0)[1]
        return SVD(_load(d.U), _load(d.s), _load(d.V))

    def vector(self, *shape: int) -> Array:
        return _load(integers(self.generator, *shape, size=self.size))

    def solve(self, A: Array, B: Array) -> Array:
        try:
            return _EXACT.solve(_EXACT.array(A), _EXACT.array(B))
        except Undefined:
            raise ZeroDivisionError("a singular weight") from None

    def constant(self, values: Any) -> Array:
        return _load(fractions(np.asarray(values, dtype=np.int64)))


_EXACT = Rational()


def _load(array: Array) -> Array:
    return _EXACT.load(array)
