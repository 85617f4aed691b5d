"""Frozen linear models with changes of their product given by factors, and pairs of subspaces with their angles."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import SVD, Array, fractions
from theorems.domains import ANY
from theorems.models.linear import Adapter, LinearModel, product
from theorems.strategies.laws import LAWS, Floats, haar, ill_conditioned, powers_of_ten
from theorems.strategies.rational import RATIONAL_LAWS, identity, integers, made_nonsingular, rational_orthogonal
from theorems.strategies.recipes import Recipe, chosen, entry_size, generator_of, require_choice, require_interval
from theorems.texts.ours.angles import SubspacesCase
from theorems.texts.ours.reach import ReachCase

#: Strata by name: the law of the weights, and how the change is made.  The last ones have a singular weight.
STRATA: dict[str, tuple[str, str]] = {
    "identity weights": ("identity", "any change"),
    "gaussian": ("gaussian", "any change"),
    "zero target": ("gaussian", "zero target"),
    "negated product": ("gaussian", "negated product"),
    "target of low rank": ("gaussian", "low rank"),
    "singular partial sums": ("gaussian", "annihilating"),
    "identity negated": ("identity", "negated product"),
    "permutation weights": ("permutation", "any change"),
    "orthogonal weights": ("orthogonal", "annihilating"),
    "triangular weights": ("triangular", "any change"),
    "near-identity weights": ("near-identity", "any change"),
    "uneven change": ("gaussian", "uneven"),
    "change of lower rank": ("gaussian", "rank drop"),
    "ill-conditioned weights": ("ill-conditioned", "any change"),
    "zero weight": ("zero", "identity target"),
    "singular weight": ("singular", "any change"),
}
SINGULAR = ("zero weight", "singular weight")
REGULAR = tuple(name for name in STRATA if name not in SINGULAR)
#: How the competing adapters are drawn.
COMPETITORS = ("random", "small", "one layer", "zero", "proportional")


@dataclass(frozen=True)
class ReachRecipe:
    """Cases of one stratum: k columns of the change, ranks R_1, ..., R_L, and a kind of competitor."""

    law: str
    dimension: int
    columns: int
    ranks: tuple[int, ...]
    competitor: str
    seed: int = 0
    domain = ANY

    @property
    def stratum(self) -> str:
        return self.law

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, len(self.ranks), sum(self.ranks))

    def batch(self, count: int) -> ReachCase:
        generator = generator_of(self.seed, 0)
        D, k, unit = self.dimension, self.columns, 1.0 / np.sqrt(self.dimension)
        law, kind = STRATA[self.law]
        weights = _float_weights(generator, law, count, D, len(self.ranks))

        def normal(m: int, n: int) -> Floats:
            return generator.standard_normal((count, m, n))

        B, A = normal(D, k) * unit, normal(k, D)
        if kind == "uneven":
            A = A * 10.0 ** -np.linspace(0, 6, k)[:, None]
        if kind == "rank drop":
            A[:, k // 2 :] = 0
        change = _special(kind, product(weights), B, A, np.eye(D))
        growth = powers_of_ten(generator, count, -1.0, 1.0) if self.competitor == "proportional" else 1.0
        competitor = []
        for layer, R in enumerate(self.ranks):
            size = _competing_size(self.competitor, layer) * powers_of_ten(generator, count, -1.0, 1.0)
            B, A = normal(D, R) * size * unit, normal(R, D)
            if self.competitor == "proportional":
                B, A = weights[layer][..., :R] * growth, A * 0 + np.eye(R, D)
            competitor.append(Adapter(B, A))
        return ReachCase(LinearModel(tuple(weights)), change, self.ranks, tuple(competitor))

    def exact(self, index: int = 0) -> ReachCase:
        generator, size = generator_of(self.seed, 1, index), entry_size(index)
        D, k = self.dimension, self.columns
        law, kind = STRATA[self.law]
        weights = _exact_weights(generator, law, D, len(self.ranks), size)
        B, A = _full(generator, D, k, size), _full(generator, D, k, size).T
        if kind == "uneven":
            A = A * fractions(np.array([[Fraction(1, 10**j)] for j in range(k)], dtype=object).reshape(k, 1))
        if kind == "rank drop":
            A = A * fractions(np.array([[int(j < k // 2)] for j in range(k)]))
        change = _special(kind, product(weights), B, A, identity(D))
        competitor = []
        for layer, R in enumerate(self.ranks):
            factor = Fraction(_competing_size(self.competitor, layer)).limit_denominator(1000)
            left, right = integers(generator, D, R, size=size), integers(generator, R, D, size=size)
            left = left * factor
            if self.competitor == "proportional":
                left, right = weights[layer][:, :R], identity(D)[:R]
            competitor.append(Adapter(left, right))
        return ReachCase(LinearModel(tuple(weights)), change, self.ranks, tuple(competitor))


def _competing_size(kind: str, layer: int) -> float:
    return {"random": 1.0, "small": 0.01, "one layer": float(layer == 0), "zero": 0.0, "proportional": 1.0}[kind]


def _special(kind: str, P: Array, B: Array, A: Array, unit: Array) -> Adapter:
    """The change of that kind, with as many columns as the factors drawn at random."""
    k, D = A.shape[-2:]
    if kind in ("any change", "uneven", "rank drop"):
        return Adapter(B, A)
    spread = A[..., :0, :1] if A.dtype == object else np.zeros((len(P), 1, 1))
    one = unit if A.dtype == object else unit + spread
    if kind == "annihilating" or k < D:  # the target annihilates some of the first k coordinates
        dead = k if kind == "zero target" else max(1, k // 2)
        columns = np.concatenate([-P[..., :dead], B[..., dead:]], axis=-1)[..., :k]
        return Adapter(columns, one[..., :k, :])
    if kind == "zero target":
        return Adapter(-P, one)
    if kind == "negated product":
        return Adapter(-2 * P, one)
    if kind == "identity target":
        return Adapter(one - P, one)
    keep = (D + 1) // 2  # a target of rank about D / 2
    return Adapter(B[..., :keep] @ A[..., :keep, :] - P, one)


def _float_weights(generator: Generator, law: str, count: int, D: int, L: int) -> list[Floats]:
    special = int(generator.integers(0, L))
    if law == "identity":
        return [np.broadcast_to(np.eye(D), (count, D, D)).copy() for _ in range(L)]
    if law == "ill-conditioned":
        return [ill_conditioned(generator, count, D, D, exponent=4.0 / L) for _ in range(L)]
    if law == "zero":
        return [np.broadcast_to(np.eye(D) * (layer != special), (count, D, D)).copy() for layer in range(L)]
    weights = [LAWS[law if law in LAWS else "gaussian"](generator, count, D, D) for _ in range(L)]
    if law == "gaussian":
        weights = [W / np.sqrt(D) for W in weights]
    if law == "singular":
        weights[special] = LAWS["rank drop"](generator, count, D, D)
    return weights


def _exact_weights(generator: Generator, law: str, D: int, L: int, size: int) -> list[Array]:
    special = int(generator.integers(0, L))
    if law == "identity":
        return [identity(D) for _ in range(L)]
    if law == "zero":
        return [identity(D) * (layer != special) for layer in range(L)]
    name = law if law in RATIONAL_LAWS and law != "singular" else "gaussian"
    weights = [made_nonsingular(RATIONAL_LAWS[name](generator, D, D, size)) for _ in range(L)]
    if law == "singular":
        weights[special] = RATIONAL_LAWS["rank drop"](generator, D, D, size)
    return weights


def _full(generator: Generator, D: int, k: int, size: int) -> Array:
    """A D x k integer matrix of rank k: columns of a non-singular one."""
    return made_nonsingular(integers(generator, D, D, size=size))[:, :k]


def reach_cases(
    *,
    min_dimension: int = 1,
    max_dimension: int = 4,
    max_depth: int = 3,
    ranks: str = "exact",
    min_rank: int = 0,
    strata: Collection[str] | None = None,
    competitors: Collection[str] | None = None,
) -> st.SearchStrategy[Recipe[ReachCase]]:
    """Recipes of `ReachCase`: frozen weights, a change of the product by k columns, and ranks.

    ranks        "exact": R_1 + ... + R_L = k; "slack": at least k; "full": exactly D with any k;
                 "short": one less than k
    min_rank     the least rank of a layer; more of them in all where the number of layers asks for it
    strata       names of `STRATA`, the ones with non-singular weights by default
    competitors  names of `COMPETITORS`, all by default

    Shrinks to the 1 x 1 identity and one layer.
    """
    require_interval(min_dimension, max_dimension, name="dimension")
    require_interval(1, max_depth, name="depth")
    require_choice(ranks, ("exact", "slack", "full", "short"), name="ranks")
    laws = chosen(REGULAR if strata is None else strata, STRATA, name="strata")
    kinds = chosen(competitors, COMPETITORS, name="competitors")
    require_interval(min_rank, min_dimension, name="rank", least=0)
    return _reach_cases((min_dimension, max_dimension), max_depth, ranks, min_rank, tuple(laws), tuple(kinds))


@st.composite
def _reach_cases(
    draw: st.DrawFn,
    dimensions: tuple[int, int],
    max_depth: int,
    kind: str,
    least: int,
    laws: Sequence[str],
    kinds: Sequence[str],
) -> Recipe[ReachCase]:
    D, L = draw(st.integers(*dimensions)), draw(st.integers(1, max_depth))
    law = draw(st.sampled_from(laws))
    whole = STRATA[law][1] not in ("any change", "uneven", "annihilating", "rank drop")
    k = D if whole and draw(st.booleans()) else draw(st.integers(1, D))
    total = {"exact": k, "slack": min(k + draw(st.integers(0, 2)), D * L), "full": D, "short": k - 1}[kind]
    ranks = _dealt(draw, max(total, least * L), D, L, least)
    return ReachRecipe(law, D, k, ranks, draw(st.sampled_from(kinds)), draw(st.integers(0, 2**32 - 1)))


def _dealt(draw: st.DrawFn, total: int, D: int, L: int, least: int) -> tuple[int, ...]:
    """R_1 + ... + R_L = total with least <= R_l <= D: as even as can be, or any."""
    if draw(st.booleans()):
        return tuple(total // L + (l < total % L) for l in range(L))
    ranks: list[int] = []
    for after in range(L - 1, 0, -1):
        left = total - sum(ranks)
        ranks.append(draw(st.integers(max(least, left - D * after), min(D, left - least * after))))
    return (*ranks, total - sum(ranks))


# Two subspaces and their principal angles ---------------------------------------------------------------------------


#: Pythagorean pairs (cosine, sine) of rational angles; equal, orthogonal and close spaces among them.
ANGLES = tuple(
    (Fraction(c, h), Fraction(s, h))
    for c, s, h in ((0, 1, 1), (1, 0, 1), (3, 4, 5), (4, 3, 5), (5, 12, 13), (12, 5, 13), (8, 15, 17), (399, 40, 401))
)
COMPETING_SPACES = ("any", "midpoint", "near the midpoint")
#: Bases that are not orthonormal: stretched by two.
STRETCHED = ("stretched a", "stretched b", "stretched competitor")


@dataclass(frozen=True)
class SubspacesRecipe:
    """Two R-dimensional subspaces of R^n, n >= 2 R, at rational angles, and a competing one."""

    dimension: int
    rank: int
    competitor: str
    seed: int = 0
    domain = ANY

    @property
    def stratum(self) -> str:
        return f"competitor: {self.competitor}"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.rank)

    def batch(self, count: int) -> SubspacesCase:
        generator = generator_of(self.seed, 0)
        n, R = self.dimension, self.rank
        picks = np.array([[float(c), float(s)] for c, s in ANGLES])[generator.integers(0, len(ANGLES), (count, R))]
        angle = generator.uniform(0, np.pi / 2, (count, R))
        special = generator.random((count, 1)) < 0.5
        cosines = np.where(special, picks[..., 0], np.cos(angle))
        order = np.argsort(-cosines, axis=-1)
        cosines = np.take_along_axis(cosines, order, -1)
        sines = np.sqrt(np.maximum(1 - cosines * cosines, 0.0))
        turn, left, right = haar(generator, count, n), haar(generator, count, R), haar(generator, count, R)
        base, beside = turn[..., :R], turn[..., R : 2 * R]
        b = base * cosines[:, None, :] + beside * sines[:, None, :]
        other = haar(generator, count, n)[..., :R]
        if self.competitor in ("midpoint", "near the midpoint"):
            middle = (base + b) / np.sqrt(2 + 2 * cosines)[:, None, :]
            step = 0.0 if self.competitor == "midpoint" else powers_of_ten(generator, count, -6.0, -1.0)
            other = np.linalg.qr(middle + step * other).Q
        return self._stretched(base @ left.mT, b @ right.mT, SVD(left, cosines, right), other)

    def exact(self, index: int = 0) -> SubspacesCase:
        generator, size = generator_of(self.seed, 1, index), min(index, 2)
        n, R = self.dimension, self.rank
        picked = sorted((ANGLES[int(i)] for i in generator.integers(0, len(ANGLES), R)), reverse=True)
        cosines, sines = (np.array(values, dtype=object) for values in zip(*picked, strict=True))
        turn = rational_orthogonal(generator, n, size=size)
        left, right = (rational_orthogonal(generator, R, size=size) for _ in range(2))
        base, beside = turn[:, :R], turn[:, R : 2 * R]
        b = base * cosines + beside * sines
        other = rational_orthogonal(generator, n, size=size)[:, :R]
        return self._stretched(base @ left.T, b @ right.T, SVD(left, fractions(cosines), right), other)

    def _stretched(self, a: Array, b: Array, angles: SVD, other: Array) -> SubspacesCase:
        name = self.competitor.removeprefix("stretched ")
        a, b, other = (
            2 * basis if name == whose else basis for whose, basis in (("a", a), ("b", b), ("competitor", other))
        )
        if name in ("a", "b"):
            angles = SVD(angles.U, 2 * angles.s, angles.V)
        return SubspacesCase(a, b, angles, other)


@st.composite
def subspace_pairs(
    draw: st.DrawFn, *, max_rank: int = 3, max_dimension: int = 8, competitors: Collection[str] = COMPETING_SPACES
) -> Recipe[SubspacesCase]:
    """Recipes of `SubspacesCase`: two R-dimensional subspaces of R^n with 2 R <= n; equal and orthogonal ones come up.

    competitors  names of `COMPETING_SPACES`, or of `STRETCHED`: one basis is twice an orthonormal one

    Shrinks to two lines in the plane.
    """
    require_interval(1, max_rank, name="rank")
    require_interval(2 * max_rank, max_dimension, name="dimension")
    names = chosen(competitors, (*COMPETING_SPACES, *STRETCHED), name="competitors")
    R = draw(st.integers(1, max_rank))
    n = draw(st.integers(2 * R, max_dimension))
    return SubspacesRecipe(n, R, draw(st.sampled_from(names)), draw(st.integers(0, 2**32 - 1)))
