"""Models as the texts define them, and the cases made of them.  Adapters are kept as factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from theorems.case import SVD, Array


def product(matrices: Sequence[Array]) -> Array:
    """W_L ... W_1 for matrices given in the order W_1, ..., W_L, (..., D, D); at least one."""
    return reduce(lambda done, W: W @ done, matrices)


@dataclass(frozen=True)
class Adapter:
    """A low-rank adapter Delta W = B A with B (..., D, R) and A (..., R, D): its rank is at most R by construction."""

    B: Array
    A: Array

    @property
    def matrix(self) -> Array:
        """B A, (..., D, D)."""
        change: Array = self.B @ self.A
        return change


@dataclass(frozen=True)
class LinearModel:
    """f_0(x) = W_L ... W_1 x with square weights W_1, ..., W_L, (..., D, D) each (Zeng and Lee, Appendix D)."""

    weights: tuple[Array, ...]

    @property
    def depth(self) -> int:
        """L."""
        return len(self.weights)

    @property
    def width(self) -> int:
        """D."""
        return int(self.weights[0].shape[-1])

    @property
    def matrix(self) -> Array:
        """The product W_L ... W_1."""
        return product(self.weights)

    def adapted(self, changes: Sequence[Array]) -> LinearModel:
        """The model with weights W_l + Delta W_l."""
        return LinearModel(tuple(W + D for W, D in zip(self.weights, changes, strict=True)))


@dataclass(frozen=True)
class LinearCase:
    """A frozen linear model, a target at a known distance from it, LoRA-ranks, and some adapters to compete with.

    frozen      the model W_1, ..., W_L
    error       the SVD of E = target - W_L ... W_1; the target is derived from it
    ranks       the LoRA-ranks R_1, ..., R_L
    competitor  one adapter of rank at most R_l for each layer: any element of the set that a minimum is over
    """

    frozen: LinearModel
    error: SVD
    ranks: tuple[int, ...]
    competitor: tuple[Adapter, ...]

    @property
    def target(self) -> Array:
        """The target matrix, W_L ... W_1 + E."""
        target: Array = self.frozen.matrix + self.error.matrix
        return target

    @property
    def rank(self) -> int:
        """R, where all ranks are one."""
        if len(set(self.ranks)) != 1:
            raise ValueError(f"the LoRA-ranks {self.ranks} differ: use `ranks`")
        return self.ranks[0]


@dataclass(frozen=True)
class TargetCase:
    """A frozen linear model and a target whose own SVD is known (not that of the error), with ranks as in LinearCase."""

    frozen: LinearModel
    target: SVD
    ranks: tuple[int, ...]


@dataclass(frozen=True)
class TruncationCase:
    """A matrix W with two of its SVDs, and a competitor of the rank r at which W is truncated.

    first, second  decompositions of one matrix (they may differ where singular values tie)
    competitor     a matrix of rank at most r, as factors (..., m, r) and (..., r, n)
    """

    first: SVD
    second: SVD
    competitor: Adapter

    @property
    def rank(self) -> int:
        """r."""
        return int(self.competitor.A.shape[-2])


@dataclass(frozen=True)
class NarrowCase:
    """A frozen model of width D and a target of the smaller width D-bar = `narrow` (Zeng and Lee, Appendix I).

    frozen  the model W_1, ..., W_L of width D
    error   the SVD of E, D x D and zero outside its first D-bar rows and columns; the target is derived from it
    narrow  D-bar
    rank    the LoRA-rank R
    x       an input of the target, (..., D-bar)
    """

    frozen: LinearModel
    error: SVD
    narrow: int
    rank: int
    x: Array

    @property
    def target(self) -> Array:
        """The target matrix, the first D-bar rows and columns of W_L ... W_1 + E."""
        n = self.narrow
        target: Array = (self.frozen.matrix + self.error.matrix)[..., :n, :n]
        return target
