"""ReLU networks of every depth on which floors for all adapters and biases bite: recipes of `NetworkCase`."""

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
from theorems.strategies.recipes import Recipe, require_choice, require_interval
from theorems.strategies.texts.zeng_lee.relu.repeating import Repeating

#: (L-bar, M, R): how many target layers, layers in a block, and rank; widths stay within six.
SHAPES = ((1, 1, 1), (1, 2, 1), (2, 1, 1), (1, 3, 1), (2, 2, 1), (3, 1, 1), (1, 1, 2), (2, 1, 2), (1, 2, 2))
#: What the errors of the blocks do: lie in the same coordinates, in others, or undo one another.
ERRORS = ("apart", "together", "undone", "neighbour")


def diagonal_svd(values: list[Fraction]) -> SVD:
    """The SVD of a diagonal matrix of rationals."""
    order = sorted(range(len(values)), key=lambda j: -abs(values[j]))
    U, V = identity(len(values))[:, order], identity(len(values))[:, order]
    for place, j in enumerate(order):
        if values[j] < 0:
            V[:, place] = -V[:, place]
    s = np.array([abs(values[j]) for j in order], dtype=object)
    return SVD(np.asarray(U), s, np.asarray(V))


def diagonal(values: list[Fraction]) -> Array:
    """A diagonal matrix of rationals."""
    matrix: Array = fractions(np.zeros((len(values), len(values)), dtype=np.int64))
    for j, value in enumerate(values):
        matrix[j, j] = value
    return matrix


@dataclass(frozen=True)
class ActiveRecipe(Repeating[NetworkCase]):
    """Diagonal layers, and a target of any depth that stays active on X by far.

    Block i errs in RM coordinates, or in `extra` more.  They are the same for all blocks ("together"), others for each
    ("apart": the ranks add up), or the blocks undo one another but for the `extra` coordinates ("undone").  "neighbour"
    leaves all blocks but one exact, which needs the rank of two.  Layers differ in size by orders of magnitude, with
    the small ones first for even seeds, last for odd ones.  Entries are dyadic, so that balls know an exact block.
    """

    target_depth: int
    layers: int
    rank: int
    extra: int = 0
    errors: str = "apart"
    around: str = "box"
    spread: int = 0
    seed: int = 0

    domain = ANY

    @property
    def stratum(self) -> str:
        return f"active target of {self.target_depth} layers, errors {self.errors}"

    @property
    def size(self) -> tuple[int, ...]:
        L = self.target_depth * self.layers
        return (self.dimension, L, self.target_depth, self.rank * L)

    @property
    def dimension(self) -> int:
        own = self.rank * self.layers
        more = self.target_depth if self.errors == "apart" else 1
        return max(own * more + self.extra, 2 * own + self.extra if self.errors == "neighbour" else 1)

    def _case(self, generator: Generator, size: int) -> NetworkCase:
        D, own, depth = self.dimension, self.rank * self.layers, self.target_depth
        L = depth * self.layers
        step = Fraction(8) ** (self.spread if self.seed % 2 else -self.spread)
        scales = [step**l for l in range(L)]
        frozen = [diagonal([scale * int(generator.integers(1, 2 + size)) for _ in range(D)]) for scale in scales]
        errors, high, biases = [], Fraction(1), []
        undone = [Fraction(1)] * D
        for i in range(depth):
            block = frozen[i * self.layers : (i + 1) * self.layers]
            product = [np.prod([W[j, j] for W in block]) for j in range(D)]
            factors = [Fraction(1)] * D
            for j in self._wrong(i, own, D):
                factors[j] = Fraction(int(generator.integers(2, 3 + size)), 1 if generator.integers(0, 2) else 32)
                if self.errors == "undone" and i == depth - 1 and j < D - self.extra:
                    factors[j] = 1 / undone[j]
                undone[j] *= factors[j]
            errors.append(diagonal_svd([p * (t - 1) for p, t in zip(product, factors, strict=True)]))
            high *= max(abs(p * t) for p, t in zip(product, factors, strict=True))
            biases.append(fractions(np.zeros(D, dtype=np.int64)) + 2 * high)
            high = 3 * high
        none = fractions(np.zeros(D, dtype=np.int64))
        box, ball = (none + 1, none[:1]) if self.around == "box" else (none, none[:1] + 1)
        inputs = Inputs(none[None, :], fractions(np.ones(1, dtype=np.int64)), box, ball)
        blocks = tuple(tuple(range(i * self.layers + 1, (i + 1) * self.layers + 1)) for i in range(depth))
        model = ReluNetwork(tuple(frozen), (none,) * L)
        return NetworkCase(model, tuple(errors), tuple(biases), blocks, (self.rank,) * L, inputs)

    def _wrong(self, i: int, own: int, D: int) -> range:
        """The coordinates in which block i errs; `extra` ones are the last."""
        if self.errors == "apart":
            first = i * own
            return range(first, first + own + (self.extra if i == self.target_depth - 1 else 0))
        if self.errors == "neighbour":
            return range(D) if i == self.seed % self.target_depth else range(0)
        return range(own + self.extra)


def active_networks(
    *,
    shapes: tuple[tuple[int, int, int], ...] = SHAPES,
    errors: tuple[str, ...] = ERRORS,
    extra: tuple[int, ...] = (0, 1),
    max_spread: int = 2,
) -> st.SearchStrategy[Recipe[NetworkCase]]:
    """Recipes of `NetworkCase` whose targets, of any depth, are active on a set with interior; see `ActiveRecipe`.

    Shrinks to one layer of width one.
    """
    for name in errors:
        require_choice(name, ERRORS, name="an entry of errors")
    require_interval(0, max_spread, name="spread", least=0)
    return st.sampled_from(shapes).flatmap(
        lambda shape: st.builds(
            ActiveRecipe,
            target_depth=st.just(shape[0]),
            layers=st.just(shape[1]),
            rank=st.just(shape[2]),
            extra=st.sampled_from(extra),
            errors=st.sampled_from(errors if shape[0] > 1 else errors[:1]),
            around=st.sampled_from(("box", "ball")),
            spread=st.integers(0, max_spread),
            seed=st.integers(0, 2**32 - 1),
        )
    )
