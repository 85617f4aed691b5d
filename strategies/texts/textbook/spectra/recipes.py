"""Recipes of the cases of `theorems.texts.textbook.spectra.cases`: spectra, noise, attention, layers, samples, tasks.

`built(name, options=..., sizes=...)` is a strategy of recipes; a recipe names a builder of `BUILDERS`, the options it
chose and the sizes.  The options are its stratum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from theorems.case import SVD, Array
from theorems.domains import ANY
from theorems.models.linear import Adapter
from theorems.strategies.counts import Bound
from theorems.strategies.material import Material
from theorems.strategies.recipes import entry_size, generator_of
from theorems.strategies.texts.textbook.spectra.material import (
    NINETEEN,
    SPECTRUM_NAMES,
    multiplied,
    root_above,
    spectrum_of,
    svd_of,
)
from theorems.strategies.texts.textbook.spectra.noisy_spectra import noisy
from theorems.texts.textbook.spectra.cases import (
    AttentionCase,
    ChoiceCase,
    DescentCase,
    FitCase,
    LayersCase,
    ManifoldCase,
    PerturbedLayersCase,
    SampleCase,
    SpectraPairCase,
    SpectrumCase,
    TaskCase,
    ThresholdCase,
)

DIRECTIONS = ("axes", "any directions")
#: Spectra without an all-zero member, for claims that divide by the energy.
NOT_ZERO = tuple(
    name for name in SPECTRUM_NAMES if name not in ("zero", "rank drop", "rank at the cut", "rank below the cut")
)
#: Spectra with no zero at all.
FULL_RANK = tuple(name for name in NOT_ZERO if not name.startswith("rank") and name != NINETEEN)

Builder = Callable[..., Any]


@dataclass(frozen=True)
class BuiltRecipe:
    """The cases that the builder `name` makes with these options and sizes."""

    name: str
    options: tuple[str, ...]
    sizes: tuple[int, ...]
    seed: int = 0
    domain = ANY

    @property
    def stratum(self) -> str:
        return ", ".join(self.options)

    @property
    def size(self) -> tuple[int, ...]:
        return (max(self.sizes), sum(self.sizes), *self.sizes)

    def batch(self, count: int) -> Any:
        material = Material(generator_of(self.seed, 0), count)
        return BUILDERS[self.name](material, self.options, *self.sizes)

    def exact(self, index: int = 0) -> Any:
        material = Material(generator_of(self.seed, 1, index), None, entry_size(index))
        return BUILDERS[self.name](material, self.options, *self.sizes)


# builders ------------------------------------------------------------------------------------------------------------


def spectrum(material: Material, options: Sequence[str], m: int, n: int, rank: int) -> SpectrumCase:
    """Options: the spectrum, the directions."""
    law, directions = options
    return SpectrumCase(svd_of(material, law, directions, m, n, rank), rank)


def threshold(material: Material, options: Sequence[str], m: int, n: int, q: int) -> ThresholdCase:
    """Options: the spectrum, the directions, the threshold, the competitor of rank q."""
    law, directions, where, kind = options
    d = svd_of(material, law, directions, m, n, q)
    tau = material.shares(1)
    if where == "attained":  # E(k) itself for one k below the rank, where there is one
        squares = d.s * d.s
        total = squares.sum(-1, keepdims=True)
        head = squares[..., : max(q, 1)].sum(-1, keepdims=True)
        inside = (head > 0) & (head < total)
        tau = np.where(inside, head / np.where(total == 0, total + 1, total), tau)
    elif where == "at an end":
        tau = material.constants([material.generator.choice([1, 999, 1000])]) / 1000
    elif where == "usual":
        tau = material.constants([material.generator.choice([50, 90, 95, 99])]) / 100
    if kind == "truncation":
        competitor = Adapter(d.U[..., :q] * d.s[..., None, :q], d.V[..., :q].mT)
    elif kind == "reversed":
        competitor = Adapter(-(d.U[..., :q] * d.s[..., None, :q]), d.V[..., :q].mT)
    else:
        competitor = Adapter(material.matrix("gaussian", m, q), material.matrix("gaussian", q, n))
    return ThresholdCase(d, tau, competitor)


def pair(material: Material, options: Sequence[str], k: int, rank: int) -> SpectraPairCase:
    """Options: the spectrum of both, and how they are related ("majorised": shares in a descending ratio)."""
    law, other, relation = options
    second = spectrum_of(material, law, k, rank)
    if relation == "majorised":
        first = second * np.sort(1 + material.shares(k), axis=-1)[..., ::-1]
    else:
        first = spectrum_of(material, other, k, rank)
    return SpectraPairCase(first, second, min(rank, k))


def attention(material: Material, options: Sequence[str], n: int, d: int) -> AttentionCase:
    """Options: the law of queries and keys, and whether they are equal, independent, small, or of one small size."""
    law, relation = options
    Q = material.matrix(law, n, d)
    K = Q if relation == "equal" else material.matrix(law, n, d)
    if relation == "small":  # the largest entry is 1/2 for d = 1, so that logits reach 1/4, else 1/(d + 1)
        tops = (abs(A).max((-2, -1), keepdims=True) for A in (Q, K))
        Q, K = (A / ((d + 1) * np.where(top == 0, top + 1, top)) for A, top in zip((Q, K), tops, strict=True))
    elif relation == "signs":  # all entries are as large as that; for d = 1 every logit is 1/4 or -1/4
        Q, K = (np.where(A < 0, A * 0 - 1, A * 0 + 1) / (d + 1) for A in (Q, K))
    return AttentionCase(Q, K)


def manifold(material: Material, options: Sequence[str], points: int, d: int, outputs: int) -> ManifoldCase:
    """Options: the spectrum of the points, the directions, the law of the weight."""
    law, directions, weight = options
    return ManifoldCase(svd_of(material, law, directions, points, d, 1), material.matrix(weight, outputs, d))


def descent(material: Material, options: Sequence[str], m: int, n: int, samples: int) -> DescentCase:
    """Options: the weight, the inputs, the spectrum of the residual, the directions, the step against 1 / ||X||_F^2."""
    start, law, residual, directions, size = options
    W = material.matrix("small integers", m, n)
    if start == "rank-one start":
        W = multiplied(material.matrix("small integers", m, 1), material.matrix("small integers", 1, n))
    elif start == "diagonal start":
        W = W * material.constants(np.eye(m, n, dtype=np.int64))
    X = material.matrix("orthogonal", n, samples) * 2 if law == "whitened" else material.matrix(law, n, samples)
    R = svd_of(material, residual, directions, m, samples, 1)
    energy = (X * X).sum((-2, -1))
    energy = np.asarray(energy, dtype=X.dtype).reshape(*np.shape(energy), 1)
    share = material.shares(1)
    if size != "any step":
        share = material.constants([{"largest step": 20, "step too large": 21}[size]]) / 20
    step = share / np.where(energy == 0, energy + 1, energy)
    return DescentCase(W, X, R, step, material.matrix("small integers", m, n))


def layers(material: Material, options: Sequence[str], D: int, depth: int, rank: int) -> LayersCase:
    """Options: the spectrum, the directions ("crossed axes": odd layers in reversed order), the input."""
    law, directions, x = options
    weights = []
    for l in range(depth):
        if directions == "crossed axes":
            flip = material.identity(D) if l % 2 == 0 else material.identity(D)[..., ::-1]
            weights.append(SVD(flip, spectrum_of(material, law, D, rank), flip))
        else:
            weights.append(svd_of(material, law, directions, D, D, rank))
    last, any_x = weights[0].V[..., :, -1], material.matrix("small integers", D, 1)[..., 0]
    return LayersCase(tuple(weights), (min(rank, D),) * depth, last if x == "last direction" else any_x)


def perturbed(material: Material, options: Sequence[str], D: int, depth: int) -> PerturbedLayersCase:
    """Options: the law of the weights, that of the changes, and their size."""
    law, change, size = options
    weights = tuple(material.matrix(law, D, D) for _ in range(depth))
    changes = [W if change == "the weight itself" else material.matrix(change, D, D) for W in weights]
    divisor = {"large": 1, "small": 10}[size]
    return PerturbedLayersCase(
        weights, tuple(E / divisor for E in changes), material.matrix("small integers", D, 1)[..., 0]
    )


def sample(material: Material, options: Sequence[str], m: int, n: int, count: int, rank: int) -> SampleCase:
    """Options: the law of the inputs, their scale ("unit": ||X_i||_F <= 1), the relation between them
    ("blind to the weight": <W, X_i> = 0), the weight."""
    law, scale, relation, weight = options
    inputs = [material.matrix(law, m, n) for _ in range(count)]
    if relation == "multiples of one":
        inputs = [inputs[0] * (1 + i % 2) for i in range(count)]
    elif relation == "multiples of one rank-one matrix":
        column, row = material.matrix(law, m, 1), material.matrix(law, 1, n)
        inputs = [column * row * (1 + i % 2) for i in range(count)]
    if scale == "unit":
        inputs = [_unit(material, X) for X in inputs]
    factor = {"large weight": 7, "small weight": 1}[weight]
    bound = material.constants([int(material.generator.integers(1, 5))]) / 2
    W = Adapter(material.matrix("small integers", m, rank) * factor, material.matrix("small integers", rank, n))
    if relation == "blind to the weight":
        inputs = [_orthogonal_to(W.matrix, X) for X in inputs]
    return SampleCase(tuple(inputs), bound, W)


def _orthogonal_to(W: Array, X: Array) -> Array:
    """X without its component along W."""
    squares, along = ((W * Y).sum((-2, -1), keepdims=True) for Y in (W, X))
    return np.asarray(X - along / np.where(squares == 0, squares + 1, squares) * W)


def _unit(material: Material, X: Array) -> Array:
    squares = np.asarray((X * X).sum((-2, -1)), dtype=X.dtype)[..., None, None]
    norm = root_above(squares)
    return np.asarray(X / np.where(norm == 0, norm + 1, norm) * (1 if X.dtype == object else 1 - 1e-12))


def task(material: Material, options: Sequence[str], m: int, n: int, count: int) -> TaskCase:
    """Options: the spectrum, the directions, the inputs of the task, the price of a rank."""
    law, directions, kind, price = options
    d = svd_of(material, law, directions, m, n, 1)
    C = d.V[..., :, -1:] if kind == "last direction" else material.matrix(kind, n, count)
    total = (d.s * d.s).sum(-1, keepdims=True)
    per_rank = material.shares(1) * {"cheap": 1, "dear": 100}[price]
    per_rank = per_rank * np.where(total == 0, total + 1, total) / (100 if price == "cheap" else 1)
    return TaskCase(d, C, per_rank, material.shares(1), material.matrix("small integers", m, n))


def choice(material: Material, options: Sequence[str], R: int) -> ChoiceCase:
    """Options: how the performance grows."""
    (kind,) = options
    steps = material.shares(R)
    if kind == "diminishing":
        steps = np.sort(steps, axis=-1)[..., ::-1]
    elif kind == "gains equal to costs":
        steps = steps * 0 + 1
    elif kind == "some gains nothing":
        steps = material.constants(material.generator.integers(0, 2, R))
    cost = material.constants(list(range(1, R + 1)))
    if kind == "any costs":
        cost = np.cumsum(material.shares(R), axis=-1)
    elif kind == "costs fall":
        cost = cost[..., ::-1] + 0
    price = material.constants([1]) if kind == "gains equal to costs" else material.shares(1)
    return ChoiceCase(np.cumsum(steps, axis=-1), cost, price)


def fit(material: Material, options: Sequence[str], n: int) -> FitCase:
    """Options: the law of the abscissae."""
    (law,) = options
    return FitCase(material.matrix(law, n, 1)[..., 0], material.matrix("small integers", 2, 1)[..., 0])


BUILDERS: dict[str, Builder] = {
    "spectrum": spectrum, "threshold": threshold, "pair": pair, "noisy": noisy, "attention": attention,
    "manifold": manifold, "descent": descent, "layers": layers, "perturbed": perturbed, "sample": sample, "task": task,
    "choice": choice, "fit": fit,
}  # fmt: skip


def built(
    name: str,
    *,
    options: Sequence[Sequence[str]],
    sizes: Mapping[str, tuple[Bound, Bound]],
    rarely: Sequence[Mapping[str, tuple[Bound, Bound]]] = (),
) -> st.SearchStrategy[BuiltRecipe]:
    """Recipes of the builder `name`.

    options  for each option of the builder the values to draw from, the simplest first
    sizes    the range of each size, as in `theorems.strategies.counts`: numbers, or functions of the sizes before
    rarely   other ranges of some sizes: about one draw in eight takes one of them

    Shrinks to the least sizes and the first options.
    """
    if name not in BUILDERS:
        raise InvalidArgument(f"name={name!r} is no builder: use one of {', '.join(BUILDERS)}")
    if any(isinstance(values, str) or not values for values in options):
        raise InvalidArgument(f"options={options!r}: give a non-empty sequence of names for each option")
    ranges = tuple(tuple({**sizes, **other}.items()) for other in ({}, *rarely))
    return _built(name, tuple(tuple(values) for values in options), ranges)


@st.composite
def _built(
    draw: st.DrawFn,
    name: str,
    options: tuple[tuple[str, ...], ...],
    ranges: tuple[tuple[tuple[str, tuple[Bound, Bound]], ...], ...],
) -> BuiltRecipe:
    known: dict[str, int] = {}
    rare = len(ranges) > 1 and draw(st.integers(0, 7)) == 7
    for size, bounds in ranges[draw(st.integers(1, len(ranges) - 1)) if rare else 0]:
        low, high = (bound if isinstance(bound, int) else bound(known) for bound in bounds)
        known[size] = draw(st.integers(low, high))
    chosen = tuple(draw(st.sampled_from(values)) for values in options)
    return BuiltRecipe(name, chosen, tuple(known.values()), draw(st.integers(0, 2**32 - 1)))
