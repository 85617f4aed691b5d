"""What changed between BASE and TUNED: for each matrix the change, exactly or within a bound, and its noise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Protocol

import numpy as np

from theorems.errors import InputError
from theorems.weights.certified import Dense, Product, scaled, scaled_product
from theorems.weights.rounding import UNIT, up
from theorems.weights.stored import LEAST_EXPONENT, PRECISION, Checkpoint, Floats, Weights

#: Entries that are read at once.
BLOCK = 1 << 20
#: Over the asymptotic norm of a matrix of independent rounding errors: small matrices stray from it.
NOISE_MARGIN = 1.5


@dataclass(frozen=True)
class Difference:
    """Tuned minus base, both stored whole.  Axes after the first are one (convolution kernels, as PEFT takes them)."""

    name: str
    base: Weights
    tuned: Weights

    @property
    def shape(self) -> tuple[int, int]:
        """m, n."""
        return matrix_shape(self.tuned.shape)

    @property
    def kinds(self) -> tuple[str, str]:
        """The element types of base and tuned."""
        return self.base.kind, self.tuned.kind

    def load(self) -> tuple[Dense, float]:
        """The change, and the spectral norm that the rounding of the tuned entries may have in it (`rounding_noise`).

        Raises `InputError` for entries that are not finite.
        """
        m, n = self.shape
        centre, largest, count = np.empty((m, n)), 0.0, 0
        noise = Noise(m, n)
        for start, stop in blocks(m, n):
            new, old = self._rows(self.tuned, start, stop), self._rows(self.base, start, stop)
            with np.errstate(over="ignore"):
                block = np.subtract(new, old, out=centre[start:stop])
            if not np.isfinite(block).all():
                return self._halved(), 0.0
            part = block - new  # the rounding error of a difference is a float again
            error = (new - (block - part)) - (old + part)
            largest = max(largest, float(error.max()), -float(error.min()))
            count += int(np.count_nonzero(error))
            noise.add(new, self.tuned.kind, start)
        size, exponent = math.frexp(largest)
        return scaled(centre, up(size * math.sqrt(count)), exponent, own=True), noise.norm()

    def _halved(self) -> Dense:
        """The change where it overflows: a quarter of it, which underflow cannot spoil beside such entries."""
        m, n = self.shape
        centre = np.empty((m, n))
        for start, stop in blocks(m, n):
            new, old = self._rows(self.tuned, start, stop), self._rows(self.base, start, stop)
            np.subtract(new / 4, old / 4, out=centre[start:stop])
        E = scaled(centre)
        rounding = up(UNIT * math.sqrt(m * n))
        return Dense(E.centre, E.exponent + 2, rounding)

    def _rows(self, weights: Weights, start: int, stop: int) -> Floats:
        rows = weights.rows(start, stop)
        require_finite(rows, self.name, weights.origin, start)
        return rows


@dataclass(frozen=True)
class Factored:
    """The change factor B A of a LoRA adapter, never multiplied out (transposed: A^T B^T)."""

    name: str
    base: Weights
    B: Weights
    A: Weights
    factor: float
    transposed: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """m, n."""
        m, n = matrix_shape(self.B.shape)[0], matrix_shape(self.A.shape)[1]
        return (n, m) if self.transposed else (m, n)

    @property
    def kinds(self) -> tuple[str, str]:
        """The element types of the base and of the adapter."""
        return self.base.kind, self.B.kind

    def load(self) -> tuple[Product, float]:
        """The change as factors; no noise, for they are what they are.  Raises `InputError` for infinite entries."""
        B, A = (whole(factor, self.name) for factor in (self.B, self.A))
        return scaled_product(A.T, B.T, self.factor) if self.transposed else scaled_product(B, A, self.factor), 0.0


class Change(Protocol):
    """What happens to one layer: a `Difference`, `Factored`, or what computes another."""

    @property
    def name(self) -> str:
        """Of the tensor in BASE."""

    @property
    def base(self) -> Weights:
        """The tensor in BASE."""

    @property
    def shape(self) -> tuple[int, int]:
        """m, n."""

    @property
    def kinds(self) -> tuple[str, str]:
        """The element types of base and tuned."""

    def load(self) -> tuple[Dense | Product, float]:
        """The change, and the spectral norm that rounding of stored entries may have in it."""


@dataclass(frozen=True)
class Skipped:
    """A tensor that is no layer, and why."""

    name: str
    why: str
    changed: bool = False


@dataclass(frozen=True)
class Changes:
    """What TUNED makes of BASE.

    layers   in the order of their names, numbers in them as numbers
    tuned    all tensors as they are after tuning, but those of layers that an adapter changes
    skipped  tensors that are no layers
    remarks  for the reader
    """

    base: Checkpoint
    layers: tuple[Change, ...]
    tuned: Mapping[str, Weights]
    skipped: tuple[Skipped, ...]
    remarks: tuple[str, ...] = ()


def matrix_shape(shape: tuple[int, ...]) -> tuple[int, int]:
    """The tensor as a matrix: first axis x all others."""
    return shape[0], prod(shape[1:])


def blocks(m: int, n: int) -> Iterator[tuple[int, int]]:
    """Ranges of rows of at most `BLOCK` entries."""
    step = max(1, BLOCK // max(n, 1))
    for start in range(0, m, step):
        yield start, min(m, start + step)


def whole(weights: Weights, name: str) -> Floats:
    """The whole matrix.  Raises `InputError` for entries that are not finite."""
    matrix = weights.rows(0, weights.shape[0])
    require_finite(matrix, name, weights.origin)
    return matrix


def require_finite(rows: Floats, name: str, origin: str, start: int = 0) -> None:
    """Raises `InputError` at the first entry that is NaN or infinite."""
    if not np.isfinite(rows).all():
        i, j = (int(k) for k in np.argwhere(~np.isfinite(rows))[0])
        raise InputError(
            f"{origin}: tensor {name!r} has {rows[i, j]} at ({start + i}, {j}): every entry must be finite "
            "(--exclude leaves it out)"
        )


class Noise:
    """The rounding of stored entries, row by row: what a change of lower rank would have on top of it.

    An entry T is stored within half a unit in its last place, ulp(T) / 2.  If these errors are independent and uniform,
    their matrix has about the norm max_i (sum_j v_ij)^(1/2) + max_j (sum_i v_ij)^(1/2), v = ulp^2 / 12.  For certain it
    has at most the Frobenius norm of all ulp / 2; `norm` is the smaller of that and of `NOISE_MARGIN` times the former.
    """

    def __init__(self, m: int, n: int) -> None:
        self.rows, self.columns = np.zeros(m), np.zeros(n)  # sums of ulp^2, divided by 4^top
        self.top = min(LEAST_EXPONENT.values())

    def add(self, entries: Floats, kind: str, start: int) -> None:
        """Take in the rows from `start` on of a matrix that is stored as `kind`."""
        exponents = np.frexp(entries)[1]
        exponents[entries == 0] = LEAST_EXPONENT[kind]
        exponents = np.maximum(exponents, LEAST_EXPONENT[kind])
        top = int(exponents.max())
        if top > self.top:
            shrink = math.ldexp(1.0, 2 * (self.top - top))
            self.rows, self.columns, self.top = self.rows * shrink, self.columns * shrink, top
        ulp = np.ldexp(1.0, exponents - PRECISION[kind] - self.top)
        squares = ulp * ulp
        self.rows[start : start + len(entries)] = squares.sum(axis=1)
        self.columns += squares.sum(axis=0)

    def norm(self) -> float:
        """What rounding alone may come to in the spectral norm, under the assumption above."""
        certain = math.sqrt(self.rows.sum() / 4.0)
        expected = math.sqrt(self.rows.max() / 12.0) + math.sqrt(self.columns.max() / 12.0)
        return math.ldexp(float(min(certain, NOISE_MARGIN * expected)), self.top)


# What a tensor is ----------------------------------------------------------------------------------------------------


def not_a_layer(shape: tuple[int, ...]) -> str:
    """Why a tensor of this shape has no rank to speak of; nothing where it has."""
    if 0 in shape:
        return "empty"
    if len(shape) < 2:
        return "not a matrix"
    return ""


def differ(old: Weights, new: Weights) -> bool:
    """Whether two tensors that are no layers differ; entries that are not finite may be in them (masks, say)."""
    if 0 in old.shape:
        return False
    if old.shape != new.shape:
        return True
    one, other = (weights.rows(0, weights.shape[0] if weights.shape else 1) for weights in (old, new))
    return not np.array_equal(one, other, equal_nan=True)


def sized(shape: tuple[int, ...]) -> str:
    """A shape for a message."""
    return " x ".join(map(str, shape)) or "a scalar"


def natural(name: str) -> tuple[tuple[int, int | str], ...]:
    """A sort key with numbers as numbers: layer 2 before layer 10."""
    return tuple((0, int(part)) if part.isdecimal() and len(part) < 20 else (1, part) for part in name.split("."))
