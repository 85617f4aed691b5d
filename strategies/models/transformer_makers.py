"""How the arrays of Transformer cases are drawn: in batches of floats, or exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theorems.arithmetic import Rational
from theorems.case import SVD, Array, fractions
from theorems.errors import Undefined
from theorems.strategies import laws
from theorems.strategies.material import Material
from theorems.strategies.models.errors import ERRORS, exact_error, solve_members
from theorems.strategies.rational import (
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


@dataclass(frozen=True)
class Maker(Material):
    """Material of Transformers: floats of the size of 1 / sqrt(D) where that keeps scores moderate, exact arrays of
    FLINT's rationals (turned into Fractions at the end)."""

    def weight(self, law: str, D: int) -> Array:
        g, count = self.generator, self.count
        if law == "identity":
            return self._loaded(self.identity(D))
        if law == "gaussian":  # floats away from singular: inverses of inverses would cost the digits
            if count is None:
                return _load(nonsingular_integers(g, D, size=self.size))
            return np.asarray(laws.gaussian(g, count, D, D) / np.sqrt(4.0 * D) + laws.haar(g, count, D))
        if law == "unimodular":
            return _load(unimodular(g, D, D)) if count is None else laws.unimodular(g, count, D, D)
        if law == "orthogonal":
            return self._turn(D, min(self.size - 1, 1))
        if law == "permutation":
            return _load(signed_permutation(g, D)) if count is None else laws.signed_permutations(g, count, D)
        if count is None:
            return _load(fractions(np.diag(g.choice([-2, -1, 1, 2], D))))
        return np.asarray(np.eye(D) * g.choice([-2.0, -1.0, 0.5, 1.0, 2.0], (count, 1, D)))  # diagonal

    def orthogonal(self, n: int, *, plain: bool = False, dense: bool = False) -> Array:
        return self._loaded(self.identity(n)) if plain else self._turn(n, 2 if dense else min(self.size - 1, 2))

    def _turn(self, D: int, size: int) -> Array:
        if self.count is None:
            return _load(rational_orthogonal(self.generator, D, size=size))
        return laws.haar(self.generator, self.count, D)

    def values(self, D: int, rank: int) -> Array:
        """D singular values, the first `rank` of them not zero."""
        g = self.generator
        if self.count is None:
            values = np.cumsum(g.integers(0, self.size, D)[::-1])[::-1] + np.arange(D, 0, -1)
            return _load(fractions(np.where(np.arange(D) < rank, values, 0)))
        s = np.sort(g.uniform(0.2, 2.0, (self.count, D)), axis=-1)[:, ::-1].copy()
        s[:, rank:] = 0.0
        return s

    def singular_sum(self, P: Array, s: Array, r: int) -> SVD:
        if self.count is not None:
            return ERRORS["singular sum"](self.generator, P, s, r)
        d = exact_error(self.generator, "singular sum", [fractions(P)], fractions(s), r, size=0)[1]
        return SVD(_load(d.U), _load(d.s), _load(d.V))

    def vector(self, *shape: int) -> Array:
        if self.count is None:
            return _load(integers(self.generator, *shape, size=self.size))
        return self.generator.standard_normal((self.count, *shape))

    def solve(self, A: Array, B: Array) -> Array:
        if self.count is not None:
            return solve_members(A, B)
        try:
            return _EXACT.solve(_EXACT.array(A), _EXACT.array(B))
        except Undefined:
            raise ZeroDivisionError("a singular weight") from None

    def constants(self, values: Any) -> Array:
        return self._loaded(super().constants(values))

    def _loaded(self, array: Array) -> Array:
        return _load(array) if self.count is None else array


_EXACT = Rational()


def _load(array: Array) -> Array:
    return _EXACT.load(array)
