"""Models as the texts define them, and the cases made of them.  Adapters are kept as factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Annotated

from theorems.case import SVD, Array
from theorems.errors import InputError
from theorems.properties import Axes, Between, Own, Size


def product(matrices: Sequence[Array]) -> Array:
    """W_L ... W_1 for matrices given in the order W_1, ..., W_L, (..., D, D); at least one."""
    return reduce(lambda done, W: W @ done, matrices)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise InputError(message)


def _require_svd(d: SVD, name: str, D: int | None = None) -> None:
    shapes = [leaf.shape for leaf in (d.U, d.s, d.V)]
    n = d.s.shape[-1] if d.s.ndim else -1
    square = all(leaf.ndim >= 2 and leaf.shape[-2:] == (n, n) for leaf in (d.U, d.V))
    wanted = D or n
    _require(square and wanted == n, f"{name} has U, s, V of the shapes {shapes}: U and V must be {wanted} x {wanted}")


def _require_adapter(adapter: Adapter, D: int, R: int | None, name: str) -> None:
    shapes = adapter.B.shape, adapter.A.shape
    fits = all(leaf.ndim >= 2 for leaf in (adapter.B, adapter.A))
    fits = fits and adapter.B.shape[-2] == adapter.A.shape[-1] == D and adapter.B.shape[-1] == adapter.A.shape[-2]
    fits = fits and R in (None, adapter.A.shape[-2])
    _require(fits, f"{name} has factors of the shapes {shapes} for D = {D}, R = {R}")


def _require_setting(frozen: LinearModel, d: SVD, ranks: tuple[int, ...], name: str) -> None:
    _require_svd(d, name, frozen.width)
    L = frozen.depth
    _require(len(ranks) == L, f"there are {len(ranks)} LoRA-ranks for {L} layers: give one a layer")
    for l, R in enumerate(ranks, 1):
        _require(0 <= R <= frozen.width, f"the LoRA-rank R_{l} = {R} is outside 0..{frozen.width}")


@dataclass(frozen=True)
class Adapter:
    """A low-rank adapter Delta W = B A with B (..., D, R) and A (..., R, D): its rank is at most R by construction."""

    B: Annotated[Array, Axes("D", "R")]
    A: Annotated[Array, Axes("R", "D")]

    @property
    def matrix(self) -> Array:
        """B A, (..., D, D)."""
        change: Array = self.B @ self.A
        return change


@dataclass(frozen=True)
class LinearModel:
    """f_0(x) = W_L ... W_1 x with square weights W_1, ..., W_L, (..., D, D) each (Zeng and Lee, Appendix D)."""

    weights: Annotated[tuple[Array, ...], Axes("L", "D", "D")]

    def __post_init__(self) -> None:
        _require(len(self.weights) > 0, "a linear model has no layers: give at least one weight matrix")
        D = self.weights[0].shape[-1] if self.weights[0].ndim >= 2 else -1
        for l, W in enumerate(self.weights, 1):
            _require(
                W.ndim >= 2 and W.shape[-2:] == (D, D) and D > 0,
                f"W_{l} has the shape {W.shape}: every weight must be square, and of the size of W_1",
            )

    @property
    def depth(self) -> int:
        """L."""
        return len(self.weights)

    @property
    def width(self) -> int:
        """D."""
        return int(self.weights[0].shape[-1])

    @cached_property
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
    error: Annotated[SVD, Axes("D", "D")]
    ranks: Annotated[tuple[int, ...], Axes("L"), Size("R"), Between(0, "D")]
    competitor: Annotated[tuple[Adapter, ...], Axes("L"), Own("R")]

    def __post_init__(self) -> None:
        _require_setting(self.frozen, self.error, self.ranks, "the error")
        _require(
            len(self.competitor) == self.frozen.depth,
            f"there are {len(self.competitor)} competing adapters for {self.frozen.depth} layers: give one a layer",
        )
        for l, (adapter, R) in enumerate(zip(self.competitor, self.ranks, strict=True), 1):
            _require_adapter(adapter, self.frozen.width, R, f"competing adapter {l}")

    @cached_property
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
    """A frozen linear model and a target whose own SVD is known (not that of the error); ranks as in `LinearCase`."""

    frozen: LinearModel
    target: Annotated[SVD, Axes("D", "D")]
    ranks: Annotated[tuple[int, ...], Axes("L"), Size("R"), Between(0, "D")]

    def __post_init__(self) -> None:
        _require_setting(self.frozen, self.target, self.ranks, "the target")


@dataclass(frozen=True)
class TruncationCase:
    """A matrix W with its SVD, and a competitor of the rank r at which W is truncated.

    decomposition  the SVD of W
    competitor     a matrix of rank at most r, as factors (..., D, r) and (..., r, D)
    """

    decomposition: Annotated[SVD, Axes("D", "D")]
    competitor: Adapter

    def __post_init__(self) -> None:
        _require_svd(self.decomposition, "the decomposition")
        _require_adapter(self.competitor, self.decomposition.U.shape[-2], None, "the competitor")

    @property
    def matrix(self) -> Array:
        """W."""
        return self.decomposition.matrix

    @property
    def rank(self) -> int:
        """r."""
        return int(self.competitor.A.shape[-2])


@dataclass(frozen=True)
class TwoDecompositionsCase:
    """Two SVDs of one matrix, and the rank at which it is truncated."""

    first: Annotated[SVD, Axes("D", "D")]
    second: Annotated[SVD, Axes("D", "D")]
    rank: Annotated[int, Between(0, "D")]

    def __post_init__(self) -> None:
        _require_svd(self.first, "the first decomposition")
        _require_svd(self.second, "the second decomposition")
        D = self.first.s.shape[-1]
        _require(0 <= self.rank <= D, f"the rank {self.rank} is outside 0..{D}")


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
    error: Annotated[SVD, Axes("D", "D")]
    narrow: Annotated[int, Size("D-bar"), Between(1, "D")]
    rank: Annotated[int, Between(0, "D")]
    x: Annotated[Array, Axes("D-bar")]

    def __post_init__(self) -> None:
        _require_setting(self.frozen, self.error, (self.rank,) * self.frozen.depth, "the error")
        _require(
            1 <= self.narrow <= self.frozen.width and self.x.shape[-1] == self.narrow,
            f"the target's width {self.narrow} and its input of shape {self.x.shape} must agree and lie in "
            f"1..{self.frozen.width}",
        )

    @property
    def target(self) -> Array:
        """The target matrix, the first D-bar rows and columns of W_L ... W_1 + E."""
        n = self.narrow
        target: Array = (self.frozen.matrix + self.error.matrix)[..., :n, :n]
        return target
