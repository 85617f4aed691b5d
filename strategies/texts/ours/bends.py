"""Networks about their kinks: recipes of `SilentCase` and `OneBendCase`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import Array, fractions
from theorems.domains import ANY
from theorems.models.relu import NetworkCase, ReluNetwork
from theorems.strategies.rational import identity, integers, is_nonsingular, nonsingular_integers, solve_exactly
from theorems.strategies.recipes import Recipe, require_choice, require_interval
from theorems.strategies.texts.zeng_lee.relu.bent import ActiveRecipe, diagonal, diagonal_svd
from theorems.strategies.texts.zeng_lee.relu.repeating import Repeating
from theorems.texts.ours.floors import SilentCase
from theorems.texts.ours.one_bend import OneBendCase
from theorems.texts.ours.up_to_scales import ScaledCase


@dataclass(frozen=True)
class SilentRecipe(Repeating[SilentCase]):
    """A network of integer layers, and two inputs that only its first silent unit tells apart.

    With `beside` the inputs differ in another direction, which other units see.
    """

    dimension: int
    depth: int
    layer: int
    beside: bool = False
    seed: int = 0

    domain = ANY

    @property
    def stratum(self) -> str:
        return "silent unit" + (", another direction" if self.beside else "")

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, self.depth, self.layer, 1)

    def _case(self, generator: Generator, size: int) -> SilentCase:
        D, g = self.dimension, generator
        l = min(self.layer, self.depth)
        unit = self.seed % D
        weights = [nonsingular_integers(g, D, size=size) for _ in range(self.depth)]
        M = identity(D)
        for W in weights[:l]:
            M = np.asarray(W @ M)
        sought = identity(D)[:, (unit + self.beside) % D : (unit + self.beside) % D + 1]
        k = solve_exactly(M, sought)
        assert k is not None
        x = integers(g, D, size=size)
        y = x + int(g.integers(1, 3 + size)) * k[:, 0]
        biases: list[Array] = []
        ends = x, y
        for place, W in enumerate(weights, 1):
            at, other = (np.asarray(W @ z) for z in ends)
            high, low = np.maximum(at, other), np.minimum(at, other)
            b = -low + 1  # all units on
            if place == l:
                b[unit] = -high[unit]
                b[unit + 1 :] = integers(g, D - unit - 1, size=size)
            elif place > l:
                b = integers(g, D, size=size)
            biases.append(b)
            ends = np.where(at + b > 0, at + b, at * 0), np.where(other + b > 0, other + b, other * 0)
        return SilentCase(ReluNetwork(tuple(weights), tuple(biases)), l, unit + 1, x, y)


def silent_units(
    *, max_dimension: int = 4, max_depth: int = 3, beside: bool = False
) -> st.SearchStrategy[Recipe[SilentCase]]:
    """Recipes of `SilentCase`: two inputs on a line along which a network is silent; see `SilentRecipe`.

    Shrinks to one layer of width one.
    """
    require_interval(1, max_dimension, name="dimension")
    require_interval(1, max_depth, name="depth")
    return st.builds(
        SilentRecipe,
        dimension=st.integers(1, max_dimension),
        depth=st.integers(1, max_depth),
        layer=st.integers(1, max_depth),
        beside=st.just(beside),
        seed=st.integers(0, 2**32 - 1),
    )


#: Adapters reach the target up to G; the first or the second layer is the frozen one with its sign changed.
KINDS = ("reached", "first negative", "second negative")


@dataclass(frozen=True)
class OneBendRecipe(Repeating[OneBendCase]):
    """Two layers against two: a target that adapters of the ranks reach up to a positive monomial, or one beyond.

    For the negative ones all entries of one layer change, one rank more than it has; the other has zero or one.
    """

    dimension: int
    ranks: tuple[int, int]
    kind: str = "reached"
    seed: int = 0

    domain = ANY

    @property
    def stratum(self) -> str:
        return f"one bend, {self.kind}"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.dimension, 2, 1, sum(self.ranks))

    def _case(self, generator: Generator, size: int) -> OneBendCase:
        D, g = self.dimension, generator
        bias, level = integers(g, D, size=size), fractions(g.integers(1, 2 + size, D))
        unit, none = identity(D), fractions(np.zeros(D, dtype=np.int64))
        if self.kind != "reached":
            factors = diagonal([-Fraction(int(n)) for n in g.integers(1, 2 + size, D)])
            first = self.kind == "first negative"
            target = ReluNetwork((factors, unit) if first else (unit, factors), (bias, level))
            more = self.seed % 2  # a rank of the other layer does not help
            ranks = (D - 1, more) if first else (more, D - 1)
            return OneBendCase(ReluNetwork((unit, unit), (none, none)), target, ranks, none + 1, tuple(range(D)))
        scales = [Fraction(int(n), int(m)) for n, m in g.integers(1, 2 + size, (D, 2))]
        order = [(i + self.seed) % D for i in range(D)]  # one for all members of a batch
        G = np.asarray(diagonal(scales) @ unit[order])
        inverse = np.asarray(unit[order].T @ diagonal([1 / s for s in scales]))
        while True:
            W = [nonsingular_integers(g, D, size=size) for _ in range(2)]
            low = [np.asarray(integers(g, D, R, size=size) @ integers(g, R, D, size=size)) for R in self.ranks]
            layers = np.asarray(inverse @ (W[0] + low[0])), np.asarray((W[1] + low[1]) @ G)
            if all(is_nonsingular(A) for A in layers):
                break
        return OneBendCase(
            ReluNetwork((W[0], W[1]), (none, none)),
            ReluNetwork(layers, (bias, level)),
            self.ranks,
            np.array(scales, dtype=object),
            tuple(order),
        )


def one_bends(
    *, max_dimension: int = 3, kinds: tuple[str, ...] = KINDS
) -> st.SearchStrategy[Recipe[OneBendCase]]:
    """Recipes of `OneBendCase`, in reach and beyond; see `OneBendRecipe`.

    Shrinks to width one and rank zero.
    """
    for kind in kinds:
        require_choice(kind, KINDS, name="an entry of kinds")
    require_interval(1, max_dimension, name="dimension")
    return st.integers(1, max_dimension).flatmap(
        lambda D: st.builds(
            OneBendRecipe,
            dimension=st.just(D),
            ranks=st.tuples(st.integers(0, D), st.integers(0, D)),
            kind=st.sampled_from(kinds),
            seed=st.integers(0, 2**32 - 1),
        )
    )


@dataclass(frozen=True)
class ScaledRecipe(Repeating[ScaledCase]):
    """Diagonal layers in reach of an active target once its hidden units are rescaled, or just beyond.

    Each rescaled block errs in RM coordinates of its own, the last one in `extra` more.
    """

    target_depth: int
    layers: int
    extra: int = 0
    seed: int = 0

    domain = ANY

    @property
    def stratum(self) -> str:
        return f"rescaled target of {self.target_depth} layers" + (", beyond reach" if self.extra else "")

    @property
    def size(self) -> tuple[int, ...]:
        L = self.target_depth * self.layers
        return (self.target_depth * self.layers + self.extra, L, self.target_depth, L)

    def _case(self, generator: Generator, size: int) -> ScaledCase:
        straight = ActiveRecipe(self.target_depth, self.layers, 1, self.extra, "apart", seed=self.seed)
        case = straight._case(generator, size)
        D = case.frozen.width
        weights, biases = list(case.target.weights), list(case.biases)
        scales = []
        for i in range(self.target_depth - 1):
            s = fractions(generator.integers(1, 2 + size, D)) / int(generator.integers(1, 3))
            weights[i], biases[i] = weights[i] / s[:, None], biases[i] / s
            weights[i + 1] = weights[i + 1] * s[None, :]
            scales.append(s)
        gaps = [W - case.frozen_product(i) for i, W in enumerate(weights)]
        errors = tuple(diagonal_svd([gap[j, j] for j in range(D)]) for gap in gaps)
        scaled = NetworkCase(case.frozen, errors, tuple(biases), case.partition, case.ranks, case.inputs)
        return ScaledCase(scaled, tuple(scales), (tuple(range(D)),) * len(scales))


def scaled_networks(*, extra: tuple[int, ...] = (0, 1)) -> st.SearchStrategy[Recipe[ScaledCase]]:
    """Recipes of `ScaledCase`: active targets with rescaled hidden units, in reach or one rank beyond.

    Shrinks to two layers of one layer each.
    """
    return st.builds(
        ScaledRecipe,
        target_depth=st.integers(2, 3),
        layers=st.integers(1, 2),
        extra=st.sampled_from(extra),
        seed=st.integers(0, 2**32 - 1),
    )
