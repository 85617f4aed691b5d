"""The cases of the claims on spectra: matrices with known decompositions, noise, attention, layers, samples, tasks."""

from __future__ import annotations

from dataclasses import dataclass

from theorems.case import SVD, Array
from theorems.errors import InputError
from theorems.models.linear import Adapter


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise InputError(message)


def _require_thin(d: SVD, name: str) -> None:
    shapes = [leaf.shape for leaf in (d.U, d.s, d.V)]
    fits = d.s.ndim >= 1 and d.U.ndim >= 2 and d.V.ndim >= 2
    fits = fits and d.s.shape[-1] == d.U.shape[-1] == d.V.shape[-1] == min(d.U.shape[-2], d.V.shape[-2]) > 0
    _require(fits, f"{name} has U, s, V of the shapes {shapes}: give (m, k), (k,) and (n, k) with k = min(m, n) >= 1")


def _require_vector(array: Array, length: int, name: str) -> None:
    _require(
        array.ndim >= 1 and array.shape[-1] == length, f"{name} has the shape {array.shape}: give {length} numbers"
    )


@dataclass(frozen=True)
class SpectrumCase:
    """An m x n matrix W with its thin SVD, and a rank k = `rank` in 0..min(m, n) at which it is cut."""

    decomposition: SVD
    rank: int

    def __post_init__(self) -> None:
        _require_thin(self.decomposition, "the decomposition")
        top = self.decomposition.s.shape[-1]
        _require(0 <= self.rank <= top, f"the rank {self.rank} is outside 0..{top}")

    @property
    def matrix(self) -> Array:
        """W."""
        return self.decomposition.matrix


@dataclass(frozen=True)
class ThresholdCase:
    """An m x n matrix W with its thin SVD, an energy threshold tau (one number), and a competitor of W's shape.

    competitor  factors B (m, q) and A (q, n): any matrix of rank at most q
    """

    decomposition: SVD
    threshold: Array
    competitor: Adapter

    def __post_init__(self) -> None:
        _require_thin(self.decomposition, "the decomposition")
        _require_vector(self.threshold, 1, "the threshold")
        B, A = self.competitor.B, self.competitor.A
        fits = B.ndim >= 2 and A.ndim >= 2 and B.shape[-1] == A.shape[-2]
        fits = fits and (B.shape[-2], A.shape[-1]) == (self.decomposition.U.shape[-2], self.decomposition.V.shape[-2])
        _require(fits, f"the competitor has factors of the shapes {B.shape} and {A.shape}: give (m, q) and (q, n)")

    @property
    def matrix(self) -> Array:
        """W."""
        return self.decomposition.matrix


@dataclass(frozen=True)
class SpectraPairCase:
    """Two sequences of singular values of one length, (..., k) each, and an index `rank` in 1..k."""

    first: Array
    second: Array
    rank: int

    def __post_init__(self) -> None:
        k = self.first.shape[-1] if self.first.ndim else 0
        _require(k > 0, f"the first sequence has the shape {self.first.shape}: give at least one value")
        _require_vector(self.second, k, "the second sequence")
        _require(1 <= self.rank <= k, f"the index {self.rank} is outside 1..{k}")


@dataclass(frozen=True)
class SingularValuesCase:
    """The singular values of one matrix, (..., k), descending: what is left of a weight matrix after an SVD in
    floats."""

    values: Array

    def __post_init__(self) -> None:
        _require(
            self.values.ndim >= 1 and self.values.shape[-1] >= 1, "there are no singular values: give at least one"
        )


@dataclass(frozen=True)
class NoisyCase:
    """A low-rank matrix W_0 plus noise E: W = W_0 + E is observed, and thresholded at `threshold` (one number).

    observed  the SVD of W, (m, n);  signal  the SVD of W_0;  the noise E = W - W_0 is derived
    rank      r_0, at least the rank of W_0
    """

    observed: SVD
    signal: SVD
    rank: int
    threshold: Array

    def __post_init__(self) -> None:
        _require_thin(self.observed, "the observed matrix")
        _require_thin(self.signal, "the signal")
        same = all(a.shape == b.shape for a, b in zip(_leaves(self.observed), _leaves(self.signal), strict=True))
        _require(same, "the observed matrix and the signal differ in shape")
        top = self.signal.s.shape[-1]
        _require(1 <= self.rank <= top, f"the rank {self.rank} is outside 1..{top}")
        _require_vector(self.threshold, 1, "the threshold")

    @property
    def noise(self) -> Array:
        """E."""
        difference: Array = self.observed.matrix - self.signal.matrix
        return difference


def _leaves(d: SVD) -> tuple[Array, Array, Array]:
    return d.U, d.s, d.V


@dataclass(frozen=True)
class AttentionCase:
    """Queries Q and keys K, n x d each: a sequence of n tokens, heads of width d."""

    queries: Array
    keys: Array

    def __post_init__(self) -> None:
        shapes = self.queries.shape, self.keys.shape
        fits = self.queries.ndim >= 2 and shapes[0] == shapes[1] and 0 not in shapes[0][-2:]
        _require(fits, f"queries and keys have the shapes {shapes}: both must be n x d")


@dataclass(frozen=True)
class ManifoldCase:
    """Points of a data manifold with the SVD of their N x d matrix, one point a row, and a linear map on them.

    points  the SVD of the matrix X of the points;  weight  a p x d matrix W, the map x -> W x
    """

    points: SVD
    weight: Array

    def __post_init__(self) -> None:
        _require_thin(self.points, "the matrix of the points")
        d = self.points.V.shape[-2]
        _require(
            self.weight.ndim >= 2 and self.weight.shape[-1] == d,
            f"the weight matrix has the shape {self.weight.shape}: it must have {d} columns",
        )


@dataclass(frozen=True)
class DescentCase:
    """One step of gradient descent on L(W) = ||W X - Y||_F^2 / 2, described by its residual W X - Y.

    weight    W, (m, n);  inputs  X, (n, p);  residual  the SVD of R = W X - Y, (m, p); Y is derived
    step      the learning rate eta (one number);  direction  any m x n matrix
    """

    CASE = "SpectralDescentCase"

    weight: Array
    inputs: Array
    residual: SVD
    step: Array
    direction: Array

    def __post_init__(self) -> None:
        _require_thin(self.residual, "the residual")
        m, n = self.weight.shape[-2:]
        p = self.inputs.shape[-1]
        sizes = (self.inputs.shape[-2], self.residual.U.shape[-2], self.residual.V.shape[-2], self.direction.shape[-2:])
        _require(sizes == (n, m, p, (m, n)), f"W is {m} x {n} and X has {p} columns, but the other shapes are {sizes}")
        _require_vector(self.step, 1, "the learning rate")

    @property
    def targets(self) -> Array:
        """Y."""
        difference: Array = self.weight @ self.inputs - self.residual.matrix
        return difference


@dataclass(frozen=True)
class LayersCase:
    """A chain of square layers, each with its SVD and the rank it is truncated to, and one input x of the chain.

    weights  SVDs of W_1, ..., W_L, D x D;  ranks  k_1, ..., k_L;  x  (D,)
    """

    weights: tuple[SVD, ...]
    ranks: tuple[int, ...]
    x: Array

    def __post_init__(self) -> None:
        _require(len(self.weights) == len(self.ranks) > 0, f"{len(self.weights)} layers and {len(self.ranks)} ranks")
        D = self.x.shape[-1] if self.x.ndim else 0
        for l, (d, k) in enumerate(zip(self.weights, self.ranks, strict=True), 1):
            _require_thin(d, f"layer {l}")
            _require(d.U.shape[-2:] == d.V.shape[-2:] == (D, D), f"layer {l} is not {D} x {D}, the length of x")
            _require(0 <= k <= D, f"the rank k_{l} = {k} is outside 0..{D}")


@dataclass(frozen=True)
class PerturbedLayersCase:
    """A chain of square layers W_1, ..., W_L, changes E_1, ..., E_L of the same shapes, and one input x of the
    chain."""

    weights: tuple[Array, ...]
    changes: tuple[Array, ...]
    x: Array

    def __post_init__(self) -> None:
        _require(len(self.weights) == len(self.changes) > 0, f"{len(self.weights)} layers, {len(self.changes)} changes")
        D = self.x.shape[-1] if self.x.ndim else 0
        for l, (W, E) in enumerate(zip(self.weights, self.changes, strict=True), 1):
            fits = W.ndim >= 2 and W.shape[-2:] == E.shape[-2:] == (D, D)
            _require(fits, f"layer {l} has the shapes {W.shape} and {E.shape}: both must be {D} x {D}, as x is long")


@dataclass(frozen=True)
class SampleCase:
    """A sample of matrices X_1, ..., X_N (the functional is <W, X>), a norm bound, and one W of rank at most r.

    inputs  m x n each;  norm_bound  sigma_max (one number);  weight  factors B (m, r), A (r, n)
    """

    inputs: tuple[Array, ...]
    norm_bound: Array
    weight: Adapter

    def __post_init__(self) -> None:
        _require(len(self.inputs) > 0, "the sample is empty: give at least one input")
        m, n = self.weight.B.shape[-2], self.weight.A.shape[-1]
        for i, X in enumerate(self.inputs, 1):
            _require(X.ndim >= 2 and X.shape[-2:] == (m, n), f"X_{i} has the shape {X.shape}: it must be {m} x {n}")
        _require(self.weight.B.shape[-1] == self.weight.A.shape[-2] > 0, "the factors of the weight do not fit")
        _require_vector(self.norm_bound, 1, "the norm bound")

    @property
    def rank(self) -> int:
        """r."""
        return int(self.weight.A.shape[-2])


@dataclass(frozen=True)
class TaskCase:
    """A trained matrix W with its thin SVD, the inputs of a task, a price of each rank, an energy threshold, another
    W_opt.

    decomposition  the SVD of W, (m, n);  inputs  (n, p), one input a column
    price          lambda Cost(1), a number: the cost is proportional to the rank
    threshold      tau (one number);  optimum  W_opt, (m, n): what W was trained towards
    """

    decomposition: SVD
    inputs: Array
    price: Array
    threshold: Array
    optimum: Array

    def __post_init__(self) -> None:
        _require_thin(self.decomposition, "the decomposition")
        m, n = self.decomposition.U.shape[-2], self.decomposition.V.shape[-2]
        _require(
            self.inputs.ndim >= 2 and self.inputs.shape[-2] == n,
            f"the inputs have the shape {self.inputs.shape}: they must have {n} rows",
        )
        _require(self.optimum.shape[-2:] == (m, n), f"the optimum has the shape {self.optimum.shape}, not {m} x {n}")
        _require_vector(self.price, 1, "the price")
        _require_vector(self.threshold, 1, "the threshold")


@dataclass(frozen=True)
class ChoiceCase:
    """The performance P(1), ..., P(R) and the cost Cost(1), ..., Cost(R) of each rank, and the trade-off lambda."""

    performance: Array
    cost: Array
    weight: Array

    def __post_init__(self) -> None:
        R = self.performance.shape[-1] if self.performance.ndim else 0
        _require(R > 0, "there is no rank to choose from: give at least one performance")
        _require_vector(self.cost, R, "the cost")
        _require_vector(self.weight, 1, "lambda")


@dataclass(frozen=True)
class FitCase:
    """Points of a straight line, for a regression: abscissae x_1, ..., x_n, and (log c, alpha).

    The abscissae stand for the logarithms of the indices, log 1, log 2, ...: the algebra asks no more of them than that
    they are not all equal.
    """

    CASE = "LineCase"

    abscissae: Array
    parameters: Array

    def __post_init__(self) -> None:
        _require(self.abscissae.ndim >= 1 and self.abscissae.shape[-1] >= 2, "a line needs two points or more")
        _require_vector(self.parameters, 2, "the parameters")
