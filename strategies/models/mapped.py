"""Recipes of one kind of case made from recipes of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import SVD, Array, MatrixCase, fractions
from theorems.domains import AS_DRAWN, Domain, Within
from theorems.models.linear import (
    Adapter,
    LinearCase,
    LinearModel,
    NarrowCase,
    TargetCase,
    TruncationCase,
    TwoDecompositionsCase,
)
from theorems.strategies.laws import haar
from theorems.strategies.matrices import matrices
from theorems.strategies.models.competitors import placed
from theorems.strategies.models.errors import solve_members
from theorems.strategies.models.linear import linear_cases
from theorems.strategies.rational import identity, rational_orthogonal, solve_exactly
from theorems.strategies.recipes import PlainArrays, Recipe, chosen, entry_size, generator_of

#: ``transform(case, generator, size)`` for a batch (size < 0) or an exact case (size: of its entries).
Transform = Callable[[Any, Generator, int], Any]


#: Kinds of competitor of a truncation, and of a minimiser.
TRUNCATIONS, MINIMISERS = ("arbitrary", "moved", "leading", "swapped"), ("leading", "moved")


@dataclass(frozen=True)
class Mapped(PlainArrays):
    """The cases of `recipe`, transformed; `word` names the transformation in the stratum.

    domain  what is promised of the transformed cases; without it nothing is known, and a search keeps to what is drawn
    """

    recipe: Recipe[Any]
    transform: Transform
    word: str = ""
    seed: int = 0
    domain: Domain = field(default=AS_DRAWN, repr=False, compare=False)

    @property
    def stratum(self) -> str:
        return f"{self.word}, {self.recipe.stratum}" if self.word else self.recipe.stratum

    @property
    def size(self) -> tuple[int, ...]:
        return self.recipe.size

    def batch(self, count: int) -> Any:
        return self.transform(self.recipe.batch(count), generator_of(self.seed, 2), -1)

    def exact(self, index: int = 0) -> Any:
        return self.transform(self.recipe.exact(index), generator_of(self.seed, 3, index), entry_size(index))


def _like(values: Any, pattern: Array) -> Array:
    """Small dyadic numbers as entries of the kind that `pattern` has."""
    array = np.asarray(values, dtype=np.float64)
    return fractions(array) if pattern.dtype == object else array


def _shares(generator: Generator, pattern: Array, size: int) -> Array:
    """Numbers from 0 to 1 for each member of a batch, or from a short list for an exact case."""
    if size < 0:
        return generator.choice([0.0, 1.0, 0.5], len(pattern)) * generator.uniform(0.0, 1.0, len(pattern)).round(1)
    return _like(generator.choice([0.0, 1.0, 0.5, 0.25]), pattern)


# Minimisers: competitors that attain the least spectral error --------------------------------------------------------


def equally_good(error: SVD, k: int, generator: Generator, size: int) -> SVD:
    """An SVD like that of `error` whose leading k values are moved by no more than sigma_{k+1}.

    Truncated to rank k it is as close to E in the spectral norm as LR_k(E): the kept directions err by the move, the
    others as before.
    """
    D = error.s.shape[-1]
    if k >= D or k < 1:
        return error
    s = error.s.copy()
    rest = s[..., k]
    for i in range(k):
        shift = rest * _shares(generator, error.s, size)
        s[..., i] = s[..., i] - shift
    return SVD(error.U, s, error.V)


def moved_minimiser(case: LinearCase, generator: Generator, size: int) -> LinearCase:
    """The case with a competitor that attains the least spectral error with other kept singular values."""
    return with_competitor(case, equally_good(case.error, sum(case.ranks), generator, size), size)


def minimiser(case: LinearCase, generator: Generator, size: int) -> LinearCase:
    """The case with a competitor that attains the least error in both norms; with ties, one of several."""
    error = exchanged(case.error, sum(case.ranks))
    return with_competitor(case, error, size)


def with_competitor(case: LinearCase, error: SVD, size: int) -> LinearCase:
    """The case with adapters that add the leading terms of `error`, as many as their ranks allow, to the product.

    `error` need be no decomposition: any sum of s_i u_i v_i^T will do.
    """
    shares, start = [], 0
    for R in case.ranks:
        shares.append(range(min(start, error.s.shape[-1]), min(start + R, error.s.shape[-1])))
        start += R
    try:
        with np.errstate(all="ignore"):
            adapters = placed(case.frozen.weights, error, shares, solve_members if size < 0 else _solve)
    except ZeroDivisionError:
        return case
    padded = tuple(_padded(adapter, R) for adapter, R in zip(adapters, case.ranks, strict=True))
    finite = size >= 0 or all(np.isfinite(factor).all() for a in padded for factor in (a.B, a.A))
    return LinearCase(case.frozen, case.error, case.ranks, padded if finite else case.competitor)


def _solve(A: Array, B: Array) -> Array:
    solution = solve_exactly(A, B)
    if solution is None:
        raise ZeroDivisionError("a singular layer")
    return solution


def _padded(adapter: Adapter, rank: int) -> Adapter:
    missing = rank - adapter.B.shape[-1]
    if missing <= 0:
        return adapter
    columns = _like(np.zeros((*adapter.B.shape[:-1], missing)), adapter.B)
    rows = _like(np.zeros((*adapter.A.shape[:-2], missing, adapter.A.shape[-1])), adapter.A)
    return Adapter(np.concatenate([adapter.B, columns], -1), np.concatenate([adapter.A, rows], -2))


@st.composite
def minimisers(draw: st.DrawFn, /, *, kinds: Sequence[str] = MINIMISERS, **bounds: Any) -> Recipe[LinearCase]:
    """Recipes of `LinearCase` whose competitor attains the least spectral error; takes the bounds of `linear_cases`.

    kinds  of competitor: "leading": its product is prod W + LR(E), one of several where values tie at the cut; "moved":
           it attains the least spectral error with other kept singular values than E has

    Shrinks as `linear_cases` does.
    """
    recipe = draw(linear_cases(**bounds))
    seed = draw(st.integers(0, 2**32 - 1))
    if draw(st.sampled_from(chosen(kinds, MINIMISERS, name="kinds"))) == "moved":
        return Mapped(recipe, moved_minimiser, "optimum, moved", seed)
    return Mapped(recipe, minimiser, "optimum, leading", seed)


# Truncations ---------------------------------------------------------------------------------------------------------


def truncation(
    case: LinearCase, generator: Generator, size: int, *, kinds: Sequence[str] = TRUNCATIONS
) -> TruncationCase:
    """The error of a linear case as the matrix, its first rank as the rank, and a competitor of one of the kinds."""
    error, r = case.error, case.ranks[0]
    kind = kinds[int(generator.integers(0, len(kinds)))]
    if kind == "arbitrary":
        return TruncationCase(error, case.competitor[0])
    if kind == "moved":
        leading = equally_good(error, r, generator, size)
    else:
        leading = swapped_values(error, r, generator) if kind == "swapped" else exchanged(error, r)
    return TruncationCase(error, Adapter(leading.U[..., :r] * leading.s[..., None, :r], leading.V[..., :r].mT))


def exchanged(d: SVD, r: int) -> SVD:
    """The decomposition with the r-th and the next triple exchanged where their singular values tie; else the same."""
    if not (1 <= r < d.s.shape[-1] and bool(np.all(d.s[..., r - 1] == d.s[..., r]))):
        return d
    order = list(range(d.s.shape[-1]))
    order[r - 1], order[r] = order[r], order[r - 1]
    return SVD(d.U[..., order], d.s, d.V[..., order])


def swapped_values(d: SVD, k: int, generator: Generator) -> SVD:
    """The decomposition with two neighbours among its first k singular values exchanged, but not their vectors."""
    kept = min(k, d.s.shape[-1])
    if kept < 2:
        return d
    i = int(generator.integers(0, kept - 1))
    order = list(range(d.s.shape[-1]))
    order[i], order[i + 1] = i + 1, i
    return SVD(d.U, d.s[..., order], d.V)


def two_decompositions(case: LinearCase, generator: Generator, size: int) -> TwoDecompositionsCase:
    """The error of a linear case, with other signs and, where values tie, at the cut above all, other vectors.

    Where all of them tie, every second time they are turned, or reversed.
    """
    r, D = case.ranks[0], case.frozen.width
    signs = _like(generator.integers(0, 2, (D,)) * 2 - 1, case.error.U)
    second = exchanged(case.error, r)
    if generator.integers(0, 3) == 0:  # a tie elsewhere, below the cut or above it
        second = exchanged(second, int(generator.integers(1, D + 1)))
    kind, s = int(generator.integers(0, 4)), second.s
    if kind < 2 and bool(np.all(s == s[..., :1])):  # all tie: turned together, or in reverse order
        Q = haar(generator, len(s), D) if size < 0 else rational_orthogonal(generator, D, size=min(size, 2))
        turned = SVD(second.U @ Q, s, second.V @ Q)
        second = turned if kind else SVD(second.U[..., ::-1], s, second.V[..., ::-1])
    return TwoDecompositionsCase(case.error, SVD(second.U * signs, second.s, second.V * signs), r)


@st.composite
def truncation_cases(
    draw: st.DrawFn, /, *, kinds: Sequence[str] = TRUNCATIONS, **bounds: Any
) -> Recipe[TruncationCase]:
    """Recipes of `TruncationCase`: a matrix with its SVD, and a competitor of rank r.

    kinds  of competitor: "arbitrary"; "leading": LR_r of the matrix, one of several where values tie at the cut;
           "moved": others as good as LR_r in the spectral norm; "swapped": two kept singular values exchanged, but
           not their vectors

    Takes the bounds of `linear_cases`; shrinks to a 1 x 1 matrix.
    """
    recipe = draw(linear_cases(**{"max_depth": 1, **bounds}))
    chosen(kinds, TRUNCATIONS, name="kinds")
    domain = AS_DRAWN if "arbitrary" not in kinds else _of_width(recipe)
    transform = partial(truncation, kinds=tuple(kinds))
    return Mapped(recipe, transform, "", draw(st.integers(0, 2**32 - 1)), domain)


def _of_width(recipe: Recipe[Any]) -> Domain:
    """What remains of the promise of a recipe where only D does."""
    rules = tuple(rule for rule in recipe.domain.rules if isinstance(rule, Within) and rule.subject == "D")
    return Domain(rules, recipe.domain.as_drawn)


@st.composite
def decomposition_pairs(draw: st.DrawFn, /, **bounds: Any) -> Recipe[TwoDecompositionsCase]:
    """Recipes of `TwoDecompositionsCase`: two SVDs of one matrix, which differ in signs and in the choice at ties.

    Takes the bounds of `linear_cases`; shrinks to a 1 x 1 matrix.
    """
    recipe = draw(linear_cases(**{"max_depth": 1, **bounds}))
    return Mapped(recipe, two_decompositions, "", draw(st.integers(0, 2**32 - 1)))


# Targets with a known SVD --------------------------------------------------------------------------------------------


def known_target(case: LinearCase, generator: Generator, size: int) -> TargetCase:
    """The matrix U diag(s) V^T of a linear case as the target itself."""
    return TargetCase(case.frozen, case.error, case.ranks)


@st.composite
def target_cases(draw: st.DrawFn, /, **bounds: Any) -> Recipe[TargetCase]:
    """Recipes of `TargetCase`; takes the bounds of `linear_cases`, and shrinks as it does."""
    recipe = draw(linear_cases(**bounds))
    return Mapped(recipe, known_target, domain=recipe.domain)


# Narrow targets ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NarrowRecipe(PlainArrays):
    """Cases of `NarrowCase`: the frozen model of one recipe, an error of the first `narrow` rows and columns."""

    recipe: Recipe[LinearCase]
    narrow: int
    seed: int
    crossing: bool = False
    domain: Domain = field(default=AS_DRAWN, repr=False, compare=False)

    @property
    def stratum(self) -> str:
        return f"{self.recipe.stratum}, crossing" if self.crossing else self.recipe.stratum

    @property
    def size(self) -> tuple[int, ...]:
        dimension, *rest = self.recipe.size
        return (dimension, self.narrow, *rest)

    def batch(self, count: int) -> NarrowCase:
        generator = generator_of(self.seed, 4)
        n = self.narrow
        U, V = haar(generator, count, n), haar(generator, count, n)
        case = self.recipe.batch(count)
        return self._made(case, U, V, generator.standard_normal((count, n)))

    def exact(self, index: int = 0) -> NarrowCase:
        generator = generator_of(self.seed, 5, index)
        n, size = self.narrow, min(index // 2, 3)
        U, V = (rational_orthogonal(generator, n, size=size) for _ in range(2))
        if index == 0:
            U = V = identity(n)
        x = fractions(generator.integers(-2, 3, n)) if index else fractions(np.ones(n, dtype=np.int64))
        return self._made(self.recipe.exact(index), U, V, x)

    def _made(self, case: LinearCase, U: Array, V: Array, x: Array) -> NarrowCase:
        n, D = self.narrow, case.frozen.width
        s = case.error.s.copy()
        frozen = LinearModel(case.frozen.weights)
        if self.crossing:
            return NarrowCase(frozen, _crossing(s, n, case.error.U), n, case.ranks[0], x)
        s[..., n:] = s[..., n:] * 0
        return NarrowCase(frozen, SVD(_padded_orthogonal(U, D), s, _padded_orthogonal(V, D)), n, case.ranks[0], x)


def _crossing(s: Array, n: int, pattern: Array) -> SVD:
    """An error that leads from the first n coordinates to others, and back: outside its first n rows and columns it is
    zero, but its rank is up to 2 n."""
    D = s.shape[-1]
    pairs = min(n, D - n)
    order = [*range(pairs), *range(n, n + pairs), *range(pairs, n), *range(n + pairs, D)]
    other = [*order[pairs : 2 * pairs], *order[:pairs], *order[2 * pairs :]]
    s[..., max(2 * pairs, n) :] = s[..., max(2 * pairs, n) :] * 0
    unit = np.broadcast_to(_like(np.eye(D), pattern), pattern.shape)
    return SVD(unit[..., order], s, unit[..., other])


def _padded_orthogonal(U: Array, D: int) -> Array:
    """U in the first rows and columns of the D x D identity."""
    n = U.shape[-1]
    padded = np.broadcast_to(_like(np.eye(D), U), (*U.shape[:-2], D, D)).copy()
    padded[..., :n, :n] = U
    return padded


@st.composite
def narrow_cases(
    draw: st.DrawFn, /, *, within_reach: bool = False, crossing: bool = False, **bounds: Any
) -> Recipe[NarrowCase]:
    """Recipes of `NarrowCase`, D-bar from 1 to D, or to min(D, R L) where it is to be `within_reach`.

    With `crossing` the error has entries in the first D-bar rows and in the first D-bar columns, not where both meet.
    Takes the bounds of `linear_cases`, and shrinks as it does.
    """
    recipe = draw(linear_cases(**bounds))
    dimension, _, total = recipe.size
    widest = min(dimension, total) if within_reach else dimension
    narrow = draw(st.integers(1, widest) | st.just(widest))
    return NarrowRecipe(recipe, narrow, draw(st.integers(0, 2**32 - 1)), crossing)


# Pairs with a skew part ----------------------------------------------------------------------------------------------


def first_layer_lost(case: LinearCase, generator: Generator, size: int) -> LinearCase:
    """The case with W_1 = 0: no product has a rank above R_1, and the target is E."""
    first, *others = case.frozen.weights
    return LinearCase(LinearModel((first * 0, *others)), case.error, case.ranks, case.competitor)


@st.composite
def lost_layers(draw: st.DrawFn, /, **bounds: Any) -> Recipe[LinearCase]:
    """Recipes of `LinearCase` with W_1 = 0; `bounds` are those of `linear_cases`.

    Shrinks as `linear_cases` does.
    """
    return Mapped(draw(linear_cases(**bounds)), first_layer_lost, "W_1 = 0")


def skewed(case: MatrixCase, generator: Generator, size: int) -> MatrixCase:
    """The second matrix plus an antisymmetric one."""
    A, B = case.matrices
    if size < 0:
        entries: Array = generator.standard_normal(B.shape) * np.abs(B).max((-2, -1), keepdims=True)
    else:
        entries = fractions(generator.integers(-size, size + 1, B.shape))
    return MatrixCase((A, B + entries - entries.mT), case.vectors)


@st.composite
def skewed_pairs(draw: st.DrawFn, /, **bounds: Any) -> Recipe[MatrixCase]:
    """Recipes of `MatrixCase`: A semidefinite, B with a semidefinite symmetric part and any antisymmetric one.

    Takes the bounds of `matrices`, and shrinks as it does.
    """
    recipe = draw(matrices(count=2, structure="psd", **bounds))
    return Mapped(recipe, skewed, "skewed", draw(st.integers(0, 2**32 - 1)))
