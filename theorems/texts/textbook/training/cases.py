"""Cases of the claims on training: whole runs (data, start, step, number of steps), and LoRA factors.

A scalar is an array of length one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from theorems.case import SVD, Array, require_finite
from theorems.domains import require
from theorems.num import Num
from theorems.properties import Axes, Between, Bounded

#: Exact iterates grow with the number of steps; a run with more of them is no case for exact arithmetic.
MAX_STEPS = 64


def _require(case: object) -> None:
    """Raises `InputError` where a case is not what its type declares, or not finite."""
    require(case)
    require_finite(case)


@dataclass(frozen=True)
class RegressionCase:
    """A run of gradient descent on 1/2 ||W X - Y||_F^2.

    inputs   the SVD of X, n x d with d >= n, so that the columns of U are all eigenvectors of X X^T
    targets  Y, m x d
    start    the SVD of W_0, m x n
    other    a second start, m x n
    step     eta, of length one;  steps  the number of steps
    """

    inputs: Annotated[SVD, Axes("n", "d"), Bounded("d", "n", None)]
    targets: Annotated[Array, Axes("m", "d")]
    start: Annotated[SVD, Axes("m", "n")]
    other: Annotated[Array, Axes("m", "n")]
    step: Annotated[Array, Axes("1")]
    steps: Annotated[int, Between(0, MAX_STEPS)]

    def __post_init__(self) -> None:
        _require(self)


@dataclass(frozen=True)
class ReparametrisedCase:
    """Two data matrices X and R X with one row space: X is n x d, R is n x n, Y is m x d."""

    inputs: Annotated[Array, Axes("n", "d")]
    mixing: Annotated[Array, Axes("n", "n")]
    targets: Annotated[Array, Axes("m", "d")]

    def __post_init__(self) -> None:
        _require(self)


@dataclass(frozen=True)
class MinibatchCase:
    """Least squares for w in R^n with N samples, and mini-batches of b of them, drawn without replacement.

    inputs   the samples x_i as rows, N x n;  outputs  y_i, of length N
    start    w, of length n;  step  eta;  batch  b;  steps  the number of steps
    """

    inputs: Annotated[Array, Axes("N", "n")]
    outputs: Annotated[Array, Axes("N")]
    start: Annotated[Array, Axes("n")]
    step: Annotated[Array, Axes("1")]
    batch: Annotated[int, Between(1, "N")]
    steps: Annotated[int, Between(0, MAX_STEPS)]

    def __post_init__(self) -> None:
        _require(self)


@dataclass(frozen=True)
class NoiseCase:
    """w_{t+1} = w_t - eta (H w_t + xi_t) with independent noise xi_t of covariance diag(noise).

    The coordinates are those in which the covariance of the noise is diagonal; the Hessian is any symmetric matrix.
    """

    hessian: Annotated[Array, Axes("n", "n")]
    noise: Annotated[Array, Axes("n")]
    step: Annotated[Array, Axes("1")]
    steps: Annotated[int, Between(0, MAX_STEPS)]

    def __post_init__(self) -> None:
        _require(self)


@dataclass(frozen=True)
class PenaltyCase:
    """A Fisher factor F, m x m, two weights W and W', m x n, and a step."""

    fisher: Annotated[Array, Axes("m", "m")]
    weight: Annotated[Array, Axes("m", "n")]
    other: Annotated[Array, Axes("m", "n")]
    step: Annotated[Array, Axes("1")]

    def __post_init__(self) -> None:
        _require(self)


@dataclass(frozen=True)
class TwoLayerCase:
    """f(x) = W_2 W_1 x: first  the SVD of W_1, h x n;  second  W_2, m x h;  scale  a number, of length one."""

    first: Annotated[SVD, Axes("h", "n")]
    second: Annotated[Array, Axes("m", "h")]
    scale: Annotated[Array, Axes("1")]

    def __post_init__(self) -> None:
        _require(self)


@dataclass(frozen=True)
class TwoMinimaCase:
    """Two factorisations W_2 W_1 of one map T, m x n, through h hidden units: (second, first) and (second', first')."""

    target: Annotated[SVD, Axes("m", "n")]
    first: Annotated[Array, Axes("h", "n")]
    second: Annotated[Array, Axes("m", "h")]
    first_too: Annotated[Array, Axes("h", "n")]
    second_too: Annotated[Array, Axes("m", "h")]

    def __post_init__(self) -> None:
        _require(self)


@dataclass(frozen=True)
class TwoLayerRunCase:
    """A run of training f(x) = W_2 W_1 x on N samples (rows of `inputs` and `outputs`), full-batch or one by one."""

    inputs: Annotated[Array, Axes("N", "n")]
    outputs: Annotated[Array, Axes("N", "m")]
    first: Annotated[Array, Axes("h", "n")]
    second: Annotated[Array, Axes("m", "h")]
    step: Annotated[Array, Axes("1")]
    steps: Annotated[int, Between(0, MAX_STEPS)]

    def __post_init__(self) -> None:
        _require(self)


@dataclass(frozen=True)
class EstimateCase:
    """A true map and an estimate of it, m x n, the estimate with its SVD, and the rank r at which it is cut."""

    truth: Annotated[Array, Axes("m", "n")]
    estimate: Annotated[SVD, Axes("m", "n")]
    rank: Annotated[int, Between(1, ("m", "n"))]

    def __post_init__(self) -> None:
        _require(self)


@dataclass(frozen=True)
class LoraCase:
    """A frozen weight W_0, m x n, with the factors B, m x r, and A, r x n, and what a claim looks at besides.

    gradient  G, m x n: the gradient of the loss at W_0 + B A
    gauge     an r x r matrix C: B C and C^{-1} A have the same product;  step  eta;  x  an input
    """

    frozen: Annotated[Array, Axes("m", "n")]
    B: Annotated[Array, Axes("m", "r"), Bounded("r", 1, ("m", "n"))]
    A: Annotated[Array, Axes("r", "n")]
    gradient: Annotated[Array, Axes("m", "n")]
    gauge: Annotated[Array, Axes("r", "r")]
    x: Annotated[Array, Axes("n")]
    step: Annotated[Array, Axes("1")]

    def __post_init__(self) -> None:
        _require(self)

    @property
    def rank(self) -> int:
        """r."""
        return int(self.A.shape[-2])


@dataclass(frozen=True)
class FitCase:
    """A weight change to fit, given by its SVD, and factors B, s, A: a competitor, or the start of a run.

    change  the SVD of Delta W, m x n;  B  m x r;  scales  s, of length r;  A  r x n
    weight  lambda, the weight of the penalty;  step  eta;  steps  the number of steps
    """

    change: Annotated[SVD, Axes("m", "n")]
    B: Annotated[Array, Axes("m", "r"), Bounded("r", 1, ("m", "n"))]
    A: Annotated[Array, Axes("r", "n")]
    scales: Annotated[Array, Axes("r")]
    weight: Annotated[Array, Axes("1")]
    step: Annotated[Array, Axes("1")]
    steps: Annotated[int, Between(0, MAX_STEPS)]

    def __post_init__(self) -> None:
        _require(self)

    @property
    def rank(self) -> int:
        """r."""
        return int(self.A.shape[-2])


@dataclass(frozen=True)
class QuantisedCase:
    """A weight W, m x n, its quantisation unit * codes (`unit` of length one), and the SVD of W + Delta - unit * codes.

    change  B and A with Delta = B A: the adapter that was learned for W before it was quantised
    """

    weight: Annotated[Array, Axes("m", "n")]
    codes: Annotated[Array, Axes("m", "n")]
    unit: Annotated[Array, Axes("1")]
    B: Annotated[Array, Axes("m", "r"), Bounded("r", 1, ("m", "n"))]
    A: Annotated[Array, Axes("r", "n")]

    def __post_init__(self) -> None:
        _require(self)


@dataclass(frozen=True)
class MagnitudeCase:
    """DoRA: W_0, m x n, factors B and A, and magnitudes, of length n."""

    frozen: Annotated[Array, Axes("m", "n")]
    B: Annotated[Array, Axes("m", "r"), Bounded("r", 1, ("m", "n"))]
    A: Annotated[Array, Axes("r", "n")]
    magnitudes: Annotated[Array, Axes("n")]

    def __post_init__(self) -> None:
        _require(self)


def kronecker(P: Array, Q: Array, num: Num) -> Array:
    """P (x) Q, so that (P (x) Q) vec(X) = vec(P X Q^T) for rows of X one after the other."""
    rows = range(P.shape[-2])
    return num.block([[num.times(P[..., i, j], Q) for j in range(P.shape[-1])] for i in rows])
