"""ReLU networks on which lower bounds for every adapter and bias bite, and networks padded by the identity: recipes of
`NetworkCase`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import SVD, Array, fractions
from theorems.domains import ANY
from theorems.models.relu import Inputs, NetworkCase, ReluNetwork
from theorems.strategies.rational import identity
from theorems.strategies.recipes import Recipe, generator_of, require_interval
from theorems.strategies.texts.zeng_lee.relu.repeating import Repeating, stacked


@dataclass(frozen=True)
class ObstructedRecipe:
    """One layer against a constant, or nearly constant, always-active target, with inputs on the axes.

    E = e diag(s_1, 1, ..., 1) has small singular values next to the bias, so that an inactive unit costs more than
    the bounds allow, and the inputs are so spread over the axes that E ||x|| exceeds sqrt(||Sigma||_F).  One in
    four maps axes to other axes.  With `concentrated` all but one in 500 of their weight lies on the axes of the small
    values, so that little is lost where bounds have sigma_{R+1} for every direction.  With `faint` the small values are
    1 / 2000 of what they were.
    """

    dimension: int
    ranks: tuple[int, ...]
    seed: int = 0
    concentrated: bool = False
    faint: bool = False
    domain = ANY

    @property
    def stratum(self) -> str:
        special = ", concentrated inputs" if self.concentrated else ", faint rest" if self.faint else ""
        return f"small active target{special}"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, len(self.ranks), 1, sum(self.ranks))

    def batch(self, count: int) -> NetworkCase:
        generator = generator_of(self.seed, 0)
        cases = [self._case(generator, Fraction(1, int(generator.integers(16, 80)))) for _ in range(8)]
        return stacked(cases[:count])

    def exact(self, index: int = 0) -> NetworkCase:
        return self._case(generator_of(self.seed, 1, index), Fraction(1, (18, 20, 24, 32, 48, 64)[index % 6]))

    def _case(self, generator: Generator, e: Fraction) -> NetworkCase:
        D, R = self.dimension, self.ranks[0]
        rest = D - R
        if R == 0:
            return self._unadapted(generator, e)
        # weights (1 - 2 a, a, a) and the like make ||Sigma||_F rational for D = 3
        a = Fraction(2, 5) if D == 3 and R == 1 else Fraction(4, 5 * rest)
        if self.concentrated:  # an inactive unit on the light axes still costs more than all errors
            a, e = Fraction(499, 500 * rest), e / 1000
        first = (1 - rest * a) / R
        pairs = [first] * R + [a] * rest
        points = np.stack([sign * row for row in np.eye(D, dtype=np.int64) for sign in (1, -1)])
        weights = fractions(np.array([Fraction(p, 2) for p in pairs for _ in range(2)], dtype=object))
        s = fractions(np.array([e * a / first] * R + [e / 2000 if self.faint else e] * rest, dtype=object))
        level = Fraction(int(generator.integers(5, 9)), 18)
        bias = fractions(np.array([level] * D, dtype=object))
        U = identity(D)
        error = SVD(np.roll(U, 1, 0) if self.seed % 4 == 3 else U, s, U)
        W = -error.matrix
        frozen = ReluNetwork((W,), (bias * 0,))
        inputs = Inputs(fractions(points), weights, bias * 0, bias[:1] * 0)
        return NetworkCase(frozen, (error,), (bias,), ((1,),), self.ranks, inputs)

    def _unadapted(self, generator: Generator, e: Fraction) -> NetworkCase:
        """Rank zero: every singular value is left."""
        D = self.dimension
        unit, none = identity(D), fractions(np.zeros(D, dtype=np.int64))
        points = fractions(np.stack([sign * row for row in np.eye(D, dtype=np.int64) for sign in (1, -1)]))
        weights = fractions(np.array([Fraction(1, 2 * D)] * (2 * D), dtype=object))
        bias = none + Fraction(int(generator.integers(5, 7)), 18)
        inputs = Inputs(points, weights, none, none[:1])
        error = SVD(unit, none + e, unit)
        return NetworkCase(ReluNetwork((-error.matrix,), (none,)), (error,), (bias,), ((1,),), (0,), inputs)


def obstructed_networks(
    *,
    min_dimension: int = 3,
    max_dimension: int = 5,
    min_rank: int = 1,
    concentrated: bool = False,
    faint: bool = False,
) -> st.SearchStrategy[Recipe[NetworkCase]]:
    """Recipes of `NetworkCase` at L = 1 that put lower bounds for every adapter to work; see `ObstructedRecipe`.

    Ranks 1, and 0 where `min_rank` is 0.  With `concentrated` nearly all inputs lie on the axes that R = 1 leaves;
    with `faint` the singular values that R = 1 leaves are below a thousandth of the first.
    """
    require_interval(min_dimension, max_dimension, name="dimension", least=2)
    return st.builds(
        ObstructedRecipe,
        dimension=st.integers(min_dimension, max_dimension),
        ranks=st.sampled_from(((1,),) if min_rank else ((0,), (1,))),
        seed=st.integers(0, 2**32 - 1),
        concentrated=st.just(concentrated),
        faint=st.just(faint),
    )


@dataclass(frozen=True)
class SignRecipe(Repeating[NetworkCase]):
    """One layer against a constant active target, with vectors of signs as inputs: where norms differ the most.

    E is a multiple of the identity, so that an error has equal entries, or, at D = 4, of a Hadamard matrix, so that it
    has one entry.
    """

    dimension: int
    seed: int = 0
    domain = ANY

    @property
    def stratum(self) -> str:
        return "inputs of signs"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, 1, 1, 1)

    def _case(self, generator: Generator, size: int) -> NetworkCase:
        D = self.dimension
        unit, none = identity(D), fractions(np.zeros(D, dtype=np.int64))
        signs = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]])
        turned = D == 4 and self.seed % 2
        V = fractions(signs.T) / 2 if turned else unit
        even = np.stack([np.ones(D, dtype=np.int64), generator.integers(0, 2, D) * 2 - 1])
        points = fractions(signs if turned else even)
        e = Fraction(1, int(generator.integers(4, 5 + size)))
        error = SVD(unit, none + e, V)
        bias = none + 2 * e * D
        inputs = Inputs(points, fractions(np.ones(len(points), dtype=np.int64)) / len(points), none, none[:1])
        return NetworkCase(ReluNetwork((-error.matrix,), (none,)), (error,), (bias,), ((1,),), (1,), inputs)


def sign_networks(*, min_dimension: int = 4, max_dimension: int = 6) -> st.SearchStrategy[Recipe[NetworkCase]]:
    """Recipes of `NetworkCase` at L = 1, R = 1 with vectors of signs as inputs; see `SignRecipe`."""
    require_interval(min_dimension, max_dimension, name="dimension", least=2)
    return st.builds(
        SignRecipe, dimension=st.integers(min_dimension, max_dimension), seed=st.integers(0, 2**32 - 1)
    )


@dataclass(frozen=True)
class DiagonalChainRecipe:
    """Layers I and an adapter in the last one only, against a constant, or nearly constant, always-active target.

    As `ObstructedRecipe`, for more layers: the frozen product is I / 64, the target (1 / 64 + e) I, and inputs lie on
    the axes, so that hidden ReLUs, whatever their biases are, cannot make up for a rank.  With `amplified` there are
    two target layers, and the second one, 4 I to 8 I, which the frozen model has, enlarges the error of the first.
    With `divided` as well, each of the two errs in one coordinate only, which is not the other's.
    """

    dimension: int
    depth: int
    rank: int
    seed: int = 0
    amplified: bool = False
    divided: bool = False
    domain = ANY

    @property
    def stratum(self) -> str:
        if self.divided:
            return "diagonal layers, divided error"
        return "diagonal layers, amplified error" if self.amplified else "diagonal layers, one adapter"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.depth, 1 + self.amplified, self.rank)

    def batch(self, count: int) -> NetworkCase:
        generator = generator_of(self.seed, 0)
        sizes = [Fraction(1, int(n)) for n in generator.integers(16, 80, min(count, 8))]
        return stacked([self._case(generator, e) for e in sizes])

    def exact(self, index: int = 0) -> NetworkCase:
        return self._case(generator_of(self.seed, 1, index), Fraction(1, (16, 20, 24, 32, 48, 64)[index % 6]))

    def _case(self, generator: Generator, e: Fraction) -> NetworkCase:
        D, L = self.dimension, self.depth
        unit, none = identity(D), fractions(np.zeros(D, dtype=np.int64))
        frozen = ReluNetwork((*[unit] * (L - 1), unit * Fraction(1, 64)), (none,) * L)
        points = fractions(np.stack([sign * row for row in np.eye(D, dtype=np.int64) for sign in (1, -1)]))
        weights = fractions(np.array([Fraction(1, 2 * D)] * (2 * D), dtype=object))
        bias = none + Fraction(int(generator.integers(5, 7)), 18)
        ranks = (0,) * (L - 1) + (self.rank,)
        inputs = Inputs(points, weights, none, none[:1])
        if self.amplified:
            last = unit * int(generator.integers(4, 9))
            frozen = ReluNetwork((*[unit] * (L - 2), unit * Fraction(1, 64), last), (none,) * L)
            errors, blocks = (SVD(unit, none + e, unit), SVD(unit, none, unit)), (tuple(range(1, L)), (L,))
            if self.divided:
                one = none.copy()
                one[0] = e
                other = np.asarray(unit[:, ::-1])
                errors = (SVD(unit, one, unit), SVD(other, one, other))
            return NetworkCase(frozen, errors, (bias, none), blocks, ranks, inputs)
        return NetworkCase(frozen, (SVD(unit, none + e, unit),), (bias,), (tuple(range(1, L + 1)),), ranks, inputs)


def diagonal_chains(
    *,
    min_dimension: int = 2,
    max_dimension: int = 4,
    min_depth: int = 2,
    max_depth: int = 3,
    amplified: bool = False,
    divided: bool = False,
) -> st.SearchStrategy[Recipe[NetworkCase]]:
    """Recipes of `NetworkCase` at L >= 2 on which a bound for every adapter bites; see `DiagonalChainRecipe`."""
    require_interval(min_dimension, max_dimension, name="dimension", least=2)
    require_interval(min_depth, max_depth, name="depth", least=2)
    return st.builds(
        DiagonalChainRecipe,
        dimension=st.integers(min_dimension, max_dimension),
        depth=st.integers(min_depth, max_depth),
        rank=st.integers(0, 1),
        seed=st.integers(0, 2**32 - 1),
        amplified=st.just(amplified or divided),
        divided=st.just(divided),
    )


@dataclass(frozen=True)
class PaddedRecipe:
    """The cases of a recipe with `more` further coordinates on which frozen and target layers are the identity."""

    recipe: Recipe[NetworkCase]
    more: int
    domain = ANY

    @property
    def stratum(self) -> str:
        return f"padded, {self.recipe.stratum}"

    @property
    def size(self) -> tuple[int, ...]:
        D, *rest = self.recipe.size
        return (D + self.more, *rest)

    def batch(self, count: int) -> NetworkCase:
        return padded(self.recipe.batch(count), self.more)

    def exact(self, index: int = 0) -> NetworkCase:
        return padded(self.recipe.exact(index), self.more)


def padded(case: NetworkCase, more: int) -> NetworkCase:
    """The case with `more` coordinates on which every layer is the identity, with bias 0 and inputs 0."""

    def vector(x: Array) -> Array:
        return np.concatenate([x, np.repeat(x[..., :1] * 0, more, -1)], -1)

    def matrix(A: Array) -> Array:
        wide = vector(A)
        rows = np.repeat(wide[..., :1, :] * 0, more, -2)
        corner = np.eye(more, dtype=np.int64)
        rows[..., A.shape[-1] :] += fractions(corner) if A.dtype == object else corner
        return np.concatenate([wide, rows], -2)

    inputs = case.inputs
    return NetworkCase(
        ReluNetwork(tuple(map(matrix, case.frozen.weights)), tuple(map(vector, case.frozen.biases))),
        tuple(SVD(matrix(d.U), vector(d.s), matrix(d.V)) for d in case.errors),
        tuple(map(vector, case.biases)),
        case.partition,
        case.ranks,
        Inputs(vector(inputs.points), inputs.weights, vector(inputs.box), inputs.ball),
    )


def padded_networks(
    networks: st.SearchStrategy[Recipe[NetworkCase]], *, max_more: int = 2
) -> st.SearchStrategy[Recipe[NetworkCase]]:
    """The recipes of `networks` padded by the identity to up to `max_more` further coordinates."""
    require_interval(1, max_more, name="more")
    return st.builds(PaddedRecipe, recipe=networks, more=st.integers(1, max_more))
