"""Matrices of given spectrum, rank or condition number: recipes of `MatrixCase` with one matrix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from theorems.case import MatrixCase, fractions
from theorems.domains import Domain
from theorems.strategies.laws import haar
from theorems.strategies.models.nearby import nearby_orthogonal
from theorems.strategies.rational import product_of, rational_orthogonal
from theorems.strategies.recipes import PlainArrays, Recipe, entry_size, generator_of, require_interval

#: Binary digits of the orthogonal factors near those of a float matrix, coarse ones first.
DIGITS = (1, 4, 10, 40)


@dataclass(frozen=True)
class SpectralDomain(Domain):
    """Matrices of one spectrum.  Floats keep it but for rounding, and are no cases: exact ones lie near."""

    spectrum: tuple[Fraction, ...] = ()
    symmetric: bool = False

    def at(self, case: object) -> Domain:
        return Domain(self.rules, self.as_drawn, self.measured)

    def neighbours(self, case: object) -> Iterator[MatrixCase]:
        assert isinstance(case, MatrixCase)
        A = np.asarray(case.matrices[0], dtype=np.float64)
        k = len(self.spectrum)
        if self.symmetric:
            values, U = np.linalg.eigh(A)
            V = U
        else:
            U, values, Vt = np.linalg.svd(A)
            V = Vt.T
        order = np.argsort(np.argsort(values))  # the exact values, in the order of those in floats
        s = fractions(np.array(sorted(self.spectrum), dtype=object))[order]
        for bits in DIGITS:
            one = nearby_orthogonal(U, bits)
            other = one if self.symmetric else nearby_orthogonal(V, bits)
            yield MatrixCase((product_of(one[:, :k] * s, other[:, :k].T),))


@dataclass(frozen=True)
class SpectralRecipe(PlainArrays):
    """U diag(s) V^T with random orthogonal U and V; V = U where it is to be symmetric."""

    shape: tuple[int, int]
    spectrum: tuple[Fraction, ...]
    symmetric: bool = False
    seed: int = 0

    @property
    def domain(self) -> Domain:
        return SpectralDomain((), as_drawn=True, spectrum=self.spectrum, symmetric=self.symmetric)

    @property
    def stratum(self) -> str:
        rank = sum(value != 0 for value in self.spectrum)
        return f"rank {rank}, {'symmetric' if self.symmetric else 'general'}"

    @property
    def size(self) -> tuple[int, ...]:
        return (max(self.shape), sum(self.shape))

    def batch(self, count: int) -> MatrixCase:
        (m, n), k = self.shape, len(self.spectrum)
        generator = generator_of(self.seed, 0)
        s = np.array([float(value) for value in self.spectrum])
        U = haar(generator, count, m)
        V = U if self.symmetric else haar(generator, count, n)
        A = (U[..., :, :k] * s) @ V[..., :, :k].mT
        return MatrixCase((np.ascontiguousarray((A + A.mT) / 2 if self.symmetric else A),))

    def exact(self, index: int = 0) -> MatrixCase:
        (m, n), k = self.shape, len(self.spectrum)
        generator, size = generator_of(self.seed, 1, index), entry_size(index) - 1
        U = rational_orthogonal(generator, m, size=size)
        V = U if self.symmetric else rational_orthogonal(generator, n, size=size)
        s = fractions(np.array(self.spectrum, dtype=object))
        return MatrixCase((product_of(U[:, :k] * s, V[:, :k].T),))


def matrices_of_spectrum(
    *,
    min_dimension: int = 1,
    max_dimension: int = 4,
    spectrum: Sequence[int | Fraction] | None = None,
    rank: int | None = None,
    condition: int | Fraction | None = None,
    symmetric: bool = False,
    square: bool = True,
) -> st.SearchStrategy[Recipe[MatrixCase]]:
    """Recipes of `MatrixCase` with one matrix of given singular values, rank or condition number.

    spectrum   the singular values, in any order; with `symmetric` the eigenvalues, which may be negative
    rank       so many singular values are not zero (distinct integers), in a matrix that is large enough
    condition  the ratio of the largest singular value to the smallest one, which is 1: of full rank, or of `rank`
    symmetric  U diag(s) U^T: positive (semi)definite unless `spectrum` has negative values
    square     n x n; else m x n, each within the bounds

    Exactly so in fractions, and but for rounding in floats.  Shrinks to a diagonal matrix up to order and signs.
    """
    require_interval(min_dimension, max_dimension, name="dimension")
    if symmetric and not square:
        raise InvalidArgument("symmetric=True with square=False: a symmetric matrix is square, leave one of them out")
    if spectrum is not None and (rank is not None or condition is not None):
        raise InvalidArgument("spectrum with rank or condition: the spectrum says both, leave these out")
    least = len(spectrum) if spectrum is not None else rank if rank is not None else 1
    if rank is not None and rank < 0:
        raise InvalidArgument(f"rank={rank} is negative: give 0 or more")
    if least > max_dimension:
        raise InvalidArgument(f"max_dimension={max_dimension} is too small for {least} singular values: raise it")
    if condition is not None and (condition < 1 or rank == 0):
        raise InvalidArgument(f"condition={condition} with rank={rank}: give at least 1, and a positive rank")
    if condition is not None and condition > 1:
        if rank == 1 or max_dimension == 1:
            raise InvalidArgument(f"condition={condition} of one singular value: its ratio is 1, give condition=1")
        least = max(least, 2)
    values = None if spectrum is None else tuple(Fraction(value) for value in spectrum)
    if values is not None and not symmetric and any(value < 0 for value in values):
        raise InvalidArgument(f"spectrum={tuple(spectrum or ())}: singular values are not negative, or symmetric=True")
    bounds = max(min_dimension, least, 1), max_dimension
    return _of_spectrum(bounds, values, rank, None if condition is None else Fraction(condition), symmetric, square)


@st.composite
def _of_spectrum(
    draw: st.DrawFn,
    bounds: tuple[int, int],
    values: tuple[Fraction, ...] | None,
    rank: int | None,
    condition: Fraction | None,
    symmetric: bool,
    square: bool,
) -> Recipe[MatrixCase]:
    m = draw(st.integers(*bounds))
    n = m if square else draw(st.integers(*bounds))
    if values is None:
        k = min(m, n) if rank is None else rank
        if condition is None:
            values = tuple(Fraction(value) for value in sorted(draw(_distinct(k)), reverse=True))
        else:
            values = _between(draw, condition, k)
    padded: Any = (*values, *[Fraction(0)] * (min(m, n) - len(values)))
    return SpectralRecipe((m, n), padded, symmetric, draw(st.integers(0, 2**32 - 1)))


def _distinct(k: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(1, 3 * k + 1), min_size=k, max_size=k, unique=True)


def _between(draw: st.DrawFn, condition: Fraction, k: int) -> tuple[Fraction, ...]:
    """k descending values from `condition` to 1; of one value the ratio is one."""
    if k == 1:
        return (Fraction(1),)
    inside = [Fraction(draw(st.integers(0, 8)), 8) for _ in range(k - 2)]
    return (condition, *(1 + share * (condition - 1) for share in sorted(inside, reverse=True)), Fraction(1))
