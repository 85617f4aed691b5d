"""Cases of the claims on training: whole runs (data, start, step, number of steps), and LoRA factors.

Every case names the axes of its arrays in `AXES`, so that shapes are checked, and cases made smaller, in one way.
A scalar is an array of length one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from theorems.case import SVD, Array, require_finite
from theorems.errors import InputError

#: Exact iterates grow with the number of steps; a run with more of them is no case for exact arithmetic.
MAX_STEPS = 64


def dimensions(case: Any) -> dict[str, int]:
    """The dimensions of a case by the names in its `AXES`.  Raises `InputError` where two arrays disagree."""
    found: dict[str, int] = {}
    for field, axes in type(case).AXES.items():
        value = getattr(case, field)
        shape = _shape(value)
        if len(shape) < len(axes):
            raise InputError(f"{field} has the shape {shape}: it needs the axes {' x '.join(axes)}")
        for axis, size in zip(axes, shape[-len(axes) :], strict=True):
            if axis.isdigit():
                if size != int(axis):
                    raise InputError(f"{field} has the shape {shape}: give an array of length {axis}")
            elif found.setdefault(axis, size) != size:
                raise InputError(f"{field} has the shape {shape}: its axis {axis} must be {found[axis]}")
            elif size < 1:
                raise InputError(f"{field} has the shape {shape}: its axis {axis} is empty")
    require_finite(case)
    return found


def _shape(value: Any) -> tuple[int, ...]:
    if not isinstance(value, SVD):
        return tuple(value.shape)
    k = min(value.U.shape[-2], value.V.shape[-2])
    if not value.U.shape[-1] == value.s.shape[-1] == value.V.shape[-1] == k:
        raise InputError(f"a decomposition has U, s, V of the shapes {value.U.shape}, {value.s.shape}, {value.V.shape}")
    return (value.U.shape[-2], value.V.shape[-2])


def require_steps(steps: int) -> None:
    """Raises `InputError` for a number of steps that is negative or beyond exact arithmetic."""
    if not 0 <= steps <= MAX_STEPS:
        raise InputError(f"a run of {steps} steps: give 0 to {MAX_STEPS}")


@dataclass(frozen=True)
class RegressionCase:
    """A run of gradient descent on 1/2 ||W X - Y||_F^2.

    inputs   the SVD of X, n x d with d >= n, so that the columns of U are all eigenvectors of X X^T
    targets  Y, m x d
    start    the SVD of W_0, m x n
    other    a second start, m x n
    step     eta, of length one;  steps  the number of steps
    """

    AXES: ClassVar[dict[str, tuple[str, ...]]] = {
        "inputs": ("n", "d"), "targets": ("m", "d"), "start": ("m", "n"), "other": ("m", "n"), "step": ("1",),
    }  # fmt: skip
    inputs: SVD
    targets: Array
    start: SVD
    other: Array
    step: Array
    steps: int

    def __post_init__(self) -> None:
        sizes = dimensions(self)
        require_steps(self.steps)
        if sizes["d"] < sizes["n"]:
            raise InputError(f"X is {sizes['n']} x {sizes['d']}: give at least as many columns as rows (zeros will do)")


@dataclass(frozen=True)
class ReparametrisedCase:
    """Two data matrices X and R X with one row space: X is n x d, R is n x n, Y is m x d."""

    AXES: ClassVar[dict[str, tuple[str, ...]]] = {"inputs": ("n", "d"), "mixing": ("n", "n"), "targets": ("m", "d")}
    inputs: Array
    mixing: Array
    targets: Array

    def __post_init__(self) -> None:
        dimensions(self)


@dataclass(frozen=True)
class MinibatchCase:
    """Least squares for w in R^n with N samples, and mini-batches of b of them, drawn without replacement.

    inputs   the samples x_i as rows, N x n;  outputs  y_i, of length N
    start    w, of length n;  step  eta;  batch  b;  steps  the number of steps
    """

    AXES: ClassVar[dict[str, tuple[str, ...]]] = {
        "inputs": ("N", "n"), "outputs": ("N",), "start": ("n",), "step": ("1",),
    }  # fmt: skip
    inputs: Array
    outputs: Array
    start: Array
    step: Array
    batch: int
    steps: int

    def __post_init__(self) -> None:
        N = dimensions(self)["N"]
        require_steps(self.steps)
        if not 1 <= self.batch <= N:
            raise InputError(f"mini-batches of {self.batch} of {N} samples: give 1 to {N}")


@dataclass(frozen=True)
class NoiseCase:
    """w_{t+1} = w_t - eta (H w_t + xi_t) with independent noise xi_t of covariance diag(noise).

    The coordinates are those in which the covariance of the noise is diagonal; the Hessian is any symmetric matrix.
    """

    AXES: ClassVar[dict[str, tuple[str, ...]]] = {"hessian": ("n", "n"), "noise": ("n",), "step": ("1",)}
    hessian: Array
    noise: Array
    step: Array
    steps: int

    def __post_init__(self) -> None:
        dimensions(self)
        require_steps(self.steps)


@dataclass(frozen=True)
class PenaltyCase:
    """A Fisher factor F, m x m, two weights W and W', m x n, and a step."""

    AXES: ClassVar[dict[str, tuple[str, ...]]] = {
        "fisher": ("m", "m"), "weight": ("m", "n"), "other": ("m", "n"), "step": ("1",),
    }  # fmt: skip
    fisher: Array
    weight: Array
    other: Array
    step: Array

    def __post_init__(self) -> None:
        dimensions(self)


@dataclass(frozen=True)
class TwoLayerCase:
    """f(x) = W_2 W_1 x: first  the SVD of W_1, h x n;  second  W_2, m x h;  scale  a number, of length one."""

    AXES: ClassVar[dict[str, tuple[str, ...]]] = {"first": ("h", "n"), "second": ("m", "h"), "scale": ("1",)}
    first: SVD
    second: Array
    scale: Array

    def __post_init__(self) -> None:
        dimensions(self)


@dataclass(frozen=True)
class TwoMinimaCase:
    """Two factorisations W_2 W_1 of one map T, m x n, through h hidden units: (second, first) and (second', first')."""

    AXES: ClassVar[dict[str, tuple[str, ...]]] = {
        "target": ("m", "n"), "first": ("h", "n"), "second": ("m", "h"), "first_too": ("h", "n"),
        "second_too": ("m", "h"),
    }  # fmt: skip
    target: SVD
    first: Array
    second: Array
    first_too: Array
    second_too: Array

    def __post_init__(self) -> None:
        dimensions(self)


@dataclass(frozen=True)
class TwoLayerRunCase:
    """A run of training f(x) = W_2 W_1 x on N samples (rows of `inputs` and `outputs`), full-batch or one by one."""

    AXES: ClassVar[dict[str, tuple[str, ...]]] = {
        "inputs": ("N", "n"), "outputs": ("N", "m"), "first": ("h", "n"), "second": ("m", "h"), "step": ("1",),
    }  # fmt: skip
    inputs: Array
    outputs: Array
    first: Array
    second: Array
    step: Array
    steps: int

    def __post_init__(self) -> None:
        dimensions(self)
        require_steps(self.steps)


@dataclass(frozen=True)
class EstimateCase:
    """A true map and an estimate of it, m x n, the estimate with its SVD, and the rank r at which it is cut."""

    AXES: ClassVar[dict[str, tuple[str, ...]]] = {"truth": ("m", "n"), "estimate": ("m", "n")}
    truth: Array
    estimate: SVD
    rank: int

    def __post_init__(self) -> None:
        sizes = dimensions(self)
        require_rank(self.rank, sizes)


def require_rank(r: int, sizes: dict[str, int]) -> None:
    """Raises `InputError` unless 1 <= r <= min(m, n)."""
    top = min(sizes["m"], sizes["n"])
    if not 1 <= r <= top:
        raise InputError(f"the rank {r} of an adapter of a {sizes['m']} x {sizes['n']} weight: give 1 to {top}")


@dataclass(frozen=True)
class LoraCase:
    """A frozen weight W_0, m x n, with the factors B, m x r, and A, r x n, and what a claim looks at besides.

    gradient  G, m x n: the gradient of the loss at W_0 + B A
    gauge     an r x r matrix C: B C and C^{-1} A have the same product;  step  eta;  x  an input
    """

    AXES: ClassVar[dict[str, tuple[str, ...]]] = {
        "frozen": ("m", "n"), "B": ("m", "r"), "A": ("r", "n"), "gradient": ("m", "n"), "gauge": ("r", "r"),
        "x": ("n",), "step": ("1",),
    }  # fmt: skip
    frozen: Array
    B: Array
    A: Array
    gradient: Array
    gauge: Array
    x: Array
    step: Array

    def __post_init__(self) -> None:
        sizes = dimensions(self)
        require_rank(sizes["r"], sizes)

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

    AXES: ClassVar[dict[str, tuple[str, ...]]] = {
        "change": ("m", "n"), "B": ("m", "r"), "A": ("r", "n"), "scales": ("r",), "weight": ("1",), "step": ("1",),
    }  # fmt: skip
    change: SVD
    B: Array
    A: Array
    scales: Array
    weight: Array
    step: Array
    steps: int

    def __post_init__(self) -> None:
        sizes = dimensions(self)
        require_rank(sizes["r"], sizes)
        require_steps(self.steps)

    @property
    def rank(self) -> int:
        """r."""
        return int(self.A.shape[-2])


@dataclass(frozen=True)
class QuantisedCase:
    """A weight W, m x n, its quantisation unit * codes (`unit` of length one), and the SVD of W + Delta - unit * codes.

    change  B and A with Delta = B A: the adapter that was learned for W before it was quantised
    """

    AXES: ClassVar[dict[str, tuple[str, ...]]] = {
        "weight": ("m", "n"), "codes": ("m", "n"), "unit": ("1",), "B": ("m", "r"), "A": ("r", "n"),
    }  # fmt: skip
    weight: Array
    codes: Array
    unit: Array
    B: Array
    A: Array

    def __post_init__(self) -> None:
        sizes = dimensions(self)
        require_rank(sizes["r"], sizes)


@dataclass(frozen=True)
class MagnitudeCase:
    """DoRA: W_0, m x n, factors B and A, and magnitudes, of length n."""

    AXES: ClassVar[dict[str, tuple[str, ...]]] = {
        "frozen": ("m", "n"), "B": ("m", "r"), "A": ("r", "n"), "magnitudes": ("n",),
    }  # fmt: skip
    frozen: Array
    B: Array
    A: Array
    magnitudes: Array

    def __post_init__(self) -> None:
        sizes = dimensions(self)
        require_rank(sizes["r"], sizes)


def kronecker(P: Array, Q: Array, num: Any) -> Array:
    """P (x) Q, so that (P (x) Q) vec(X) = vec(P X Q^T) for rows of X one after the other."""
    rows = range(P.shape[-2])
    return num.block([[num.times(P[..., i, j], Q) for j in range(P.shape[-1])] for i in rows])  # type: ignore[no-any-return]
