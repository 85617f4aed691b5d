"""Singular values, best errors and stored truncations of a matrix, between bounds that rounding cannot break.

LAPACK's answer is only a guess here; what is returned is proved from it.  Let E be the matrix, and U (m x k), s, V^T
(k x n) what LAPACK gave.

1. *Residual.*  M = U diag(s) V^T has ||E - M||_F <= radius, where radius bounds the norm of the computed residual and
   every rounding error of computing it (`distance`).
2. *Orthogonality.*  ||U^T U - I||_2 <= a, ||V^T V - I||_2 <= b in the same way.  Hence the singular values of U and V
   are within [sqrt(1 - a), sqrt(1 + a)] and [sqrt(1 - b), sqrt(1 + b)], and those of M within [low s_i, high s_i], low
   and high the products of the ends: sigma_i(XYZ) <= ||X|| sigma_i(Y) ||Z||, and from below with the least singular
   values.
3. *Perturbation.*  Weyl: |sigma_i(E) - sigma_i(M)| <= radius.  Mirsky: the vector of all these differences has norm at
   most radius, so that the tails sqrt(sum_{i>r} sigma_i^2) differ by no more either.
4. *Eckart-Young-Mirsky.*  No matrix of rank r is nearer to E than sigma_{r+1} in the spectral norm and than that tail
   in the Frobenius norm, and one is as near.  These are `Spectrum.spectral[r]` and `Spectrum.frobenius[r]`.
5. *Stored factors.*  E - BA = (E - M) + (M - M_r) + (M_r - BA) with M_r the first r terms of M: its norm is at most
   radius + high s_{r+1} (or + high the tail of s) + ||M_r - BA||_F, the last computed as in 1 from the stored entries.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy.linalg

from theorems.errors import InputError
from theorems.weights.device import NUMPY, svd_guess
from theorems.weights.rounding import (
    FLOOR,
    SLACK,
    UNIT,
    Interval,
    defect,
    distance,
    down,
    exponent_of,
    frobenius_above,
    frobenius_below,
    gamma,
    unscaled,
    up,
)
from theorems.weights.stored import Floats


@dataclass(frozen=True)
class Dense:
    """A matrix E with ||E / 2^exponent - centre||_F <= slack."""

    centre: Floats
    exponent: int
    slack: float = 0.0

    @property
    def shape(self) -> tuple[int, int]:
        """m, n."""
        return self.centre.shape[0], self.centre.shape[1]

    @property
    def is_zero(self) -> bool:
        """Whether E is zero, for certain."""
        return self.slack == 0 and not self.centre.any()


@dataclass(frozen=True)
class Product:
    """The matrix E = 2^exponent factor left right."""

    left: Floats
    right: Floats
    factor: float
    exponent: int

    @property
    def shape(self) -> tuple[int, int]:
        """m, n."""
        return self.left.shape[0], self.right.shape[1]

    @property
    def is_zero(self) -> bool:
        """Whether E is zero, for certain."""
        return self.factor == 0 or not self.left.any() or not self.right.any()


Matrix: TypeAlias = Dense | Product


def scaled(centre: Floats, slack: float = 0.0, exponent: int = 0, *, own: bool = False) -> Dense:
    """The matrix within 2^exponent slack (Frobenius norm) of `centre`, scaled to entries of about one.

    own  `centre` may be overwritten
    """
    shift = exponent_of(centre)
    return Dense(
        np.ldexp(centre, -shift, out=centre if own else None),
        shift,
        up(math.ldexp(slack, exponent - shift)) + FLOOR if slack else 0.0,
    )


def scaled_product(left: Floats, right: Floats, factor: float = 1.0) -> Product:
    """The matrix factor left right, kept as factors."""
    a, b = exponent_of(left), exponent_of(right)
    size, c = math.frexp(factor)
    if abs(size) == 0.5:  # a power of two changes nothing else
        size, c = 2.0 * size, c - 1
    return Product(np.ldexp(left, -a), np.ldexp(right, -b), size, a + b + c)


@dataclass(frozen=True)
class Spectrum:
    """What is certified of E / 2^exponent, m x n, k = min(m, n), or the number of columns of its factors.

    spectral   (low, high), k + 1 each: sigma_{r+1}, the least spectral error at rank r = 0, ..., k
    frobenius  (low, high), k + 1 each: the least Frobenius error at rank r
    values     LAPACK's singular values s_1, ..., s_k
    U, Vt      (m, k) and (k, n), approximately orthogonal
    radius     ||E / 2^exponent - U diag(s) V^T||_F is at most this
    high       singular values of U diag(s) V^T exceed those of diag(s) at most by this factor
    """

    shape: tuple[int, int]
    exponent: int
    spectral: tuple[Floats, Floats]
    frobenius: tuple[Floats, Floats]
    values: Floats
    U: Floats
    Vt: Floats
    radius: float
    high: float

    @property
    def is_zero(self) -> bool:
        """Whether E is zero, for certain."""
        return float(self.frobenius[1][0]) == 0.0

    @property
    def rank(self) -> tuple[int, int]:
        """Bounds of the rank of E: how many singular values are certainly positive, and min(m, n) or the columns."""
        return int((self.spectral[0] > 0).sum()), 0 if self.is_zero else len(self.values)

    def least_spectral(self, r: int) -> Interval:
        """sigma_{r+1}: the spectral error of a best matrix of rank r (the spectral norm at r = 0)."""
        return self._true(self.spectral, r)

    def least_frobenius(self, r: int) -> Interval:
        """The Frobenius error of a best matrix of rank r (the Frobenius norm at r = 0)."""
        return self._true(self.frobenius, r)

    def _true(self, bounds: tuple[Floats, Floats], r: int) -> Interval:
        r = min(r, len(self.values))
        return Interval(*(unscaled(float(b[r]), self.exponent, upward=i == 1) for i, b in enumerate(bounds)))


def certified(E: Matrix, device: str = NUMPY) -> Spectrum:
    """Singular values and least errors of E at every rank, certified; the guess is made on the device.

    Raises `InputError` where LAPACK fails.
    """
    if isinstance(E, Dense):
        U, s, Vt = _ordered(*(svd_guess(E.centre, device) or _svd(E.centre)))
        radius = distance(E.centre, U, s, Vt) + E.slack
    else:
        U, s, Vt = _svd_of_product(E.left, E.right)
        signs = np.concatenate([np.ones(E.left.shape[1]), -s])
        radius = distance(None, np.concatenate([E.left, U], axis=1), signs, np.concatenate([E.right, Vt]))
    a, b = defect(U), defect(Vt.T)
    low = down(math.sqrt(max(0.0, 1.0 - a)) * math.sqrt(max(0.0, 1.0 - b)))
    high = up(math.sqrt(1.0 + a) * math.sqrt(1.0 + b))
    if isinstance(E, Product) and E.factor != 1.0:  # the guess becomes U diag(fl(|factor| s)) V^T
        U, size = (U if E.factor > 0 else -U), abs(E.factor)
        s = s * size
        radius = up(radius * size + 2.0 * UNIT * high * _norm(s)) + FLOOR
    if E.is_zero:
        s, radius = s * 0.0, 0.0
    radius = up(radius)
    spectral, frobenius = _least_errors(s, low, high, radius)
    if isinstance(E, Dense) and not E.is_zero:
        frobenius[0][0] = max(frobenius[0][0], down(frobenius_below(E.centre) - E.slack))
        frobenius[1][0] = min(frobenius[1][0], up(frobenius_above(E.centre) + E.slack))
    return Spectrum(E.shape, E.exponent, spectral, frobenius, s, U, Vt, radius, high)


def _svd_of_product(left: Floats, right: Floats) -> tuple[Floats, Floats, Floats]:
    """U, s, V^T of left right, as many singular values as there are columns at most."""
    Q, R = np.linalg.qr(left)
    P, T = np.linalg.qr(right.T)
    core, s, turned = _svd(R @ T.T)
    return Q @ core, s, turned @ P.T


def _svd(A: Floats) -> tuple[Floats, Floats, Floats]:
    try:
        U, s, Vt = np.linalg.svd(A, full_matrices=False)
    except np.linalg.LinAlgError:
        try:
            U, s, Vt = scipy.linalg.svd(A, full_matrices=False, lapack_driver="gesvd")
        except np.linalg.LinAlgError:
            raise InputError("LAPACK finds no singular values of this change: leave the layer out") from None
    return _ordered(U, s, Vt)


def _ordered(U: Floats, s: Floats, Vt: Floats) -> tuple[Floats, Floats, Floats]:
    order = np.argsort(-s, kind="stable")
    if (np.diff(s) > 0).any():
        U, s, Vt = U[:, order], s[order], Vt[order]
    return U, np.maximum(s, 0.0), Vt


def _norm(s: Floats) -> float:
    return frobenius_above(s[None]) if s.size else 0.0


def _least_errors(
    s: Floats, low: float, high: float, radius: float
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Step 3 and 4 of the module's proof: (low, high) of sigma_{r+1}, and of the tails, r = 0, ..., k."""
    k = len(s)
    padded = np.append(s, 0.0)
    tails = np.append(np.sqrt(np.cumsum((s * s)[::-1])[::-1]), 0.0)
    wide = 1.0 + gamma(k + 4)
    spectral = np.maximum(0.0, padded * low * (1 - SLACK) - radius), (padded * high + radius) * (1 + SLACK)
    frobenius = (
        np.maximum(0.0, tails * (low / wide) * (1 - SLACK) - radius - FLOOR),
        (tails * (high * wide) + radius) * (1 + SLACK),
    )
    frobenius[1][:k] += FLOOR if radius > 0 else 0.0
    for bounds in (spectral, frobenius):
        bounds[1][k] = 0.0  # a matrix of rank k is E itself
        bounds[0][k] = 0.0
    return spectral, frobenius


# Stored truncations --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Truncation:
    """Factors B (m, r) and A (r, n) as they are stored, and how far B A is from E at most, and at least."""

    B: Floats
    A: Floats
    dtype: str
    spectral: Interval
    frobenius: Interval

    @property
    def rank(self) -> int:
        """The number of columns of B."""
        return int(self.B.shape[1])


def truncation(E: Spectrum, r: int, dtype: str = "float32", scaling: float = 1.0) -> Truncation:
    """The first r terms as scaling B A: B = U_r sqrt(s_r), A = sqrt(s_r) V_r^T / scaling, rounded to `dtype`.

    dtype  one of `ROUNDED`; where its range is too small float32, where that is too small float64

    r is at most the number of singular values that E has.  The bounds are of what is stored, multiplied exactly.
    """
    r = min(r, len(E.values))
    B, A, dtype, b, a = stored_factors((E.U, E.values, E.Vt), E.exponent, r, dtype, scaling)
    signs = np.append(E.values[:r], -np.full(r, scaling))
    both = np.concatenate([E.U[:, :r], b], axis=1), signs, np.concatenate([E.Vt[:r], a])
    stored = distance(None, *both) if r else 0.0
    rest = E.values[r:]
    next_one = float(rest[0]) if rest.size else 0.0
    spectral = up(E.radius + E.high * next_one + stored)
    frobenius = up(E.radius + E.high * _norm(rest) + stored)
    if r == 0:
        spectral, frobenius = float(E.spectral[1][0]), float(E.frobenius[1][0])
    return Truncation(
        B, A, dtype,
        Interval(E.least_spectral(r).low, unscaled(min(spectral, frobenius), E.exponent, upward=True)),
        Interval(E.least_frobenius(r).low, unscaled(frobenius, E.exponent, upward=True)),
    )  # fmt: skip


def stored_factors(
    terms: tuple[Floats, Floats, Floats], exponent: int, r: int, dtype: str, scaling: float
) -> tuple[Floats, Floats, str, Floats, Floats]:
    """B and A of 2^exponent U_r diag(s_r) V_r^T, rounded; the element type; and both in the scale of U, s, V^T again.

    The last two are exact: scaling b a is 2^-exponent scaling B A.
    """
    U, s, Vt = terms
    half = exponent // 2
    size = np.sqrt(np.ldexp(s[:r], exponent - 2 * half))
    B, A = U[:, :r] * size, (size / scaling)[:, None] * Vt[:r]
    top = half + (math.frexp(float(size[0]))[1] if r and size[0] > 0 else 0)
    spread = abs(math.frexp(scaling)[1])
    kinds = [kind for kind in dict.fromkeys((dtype, "float32")) if abs(top) + spread <= RANGE[kind]]
    dtype = kinds[0] if kinds else "float64"
    B, A = (ROUNDED[dtype](np.ldexp(X, half)) for X in (B, A))
    return B, A, dtype, np.ldexp(B, -half), np.ldexp(A, -(exponent - half))


def _bfloat16(X: Floats) -> Floats:
    """Rounded to float32, and that to the nearest bfloat16, ties to even: either is near enough, and certified."""
    bits = X.astype(np.float32).view(np.uint32)
    bits = (bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    return bits.view(np.float32).astype(np.float64)


#: How entries are rounded to an element type; and how far 2^x may be from one for factors of it.
ROUNDED: dict[str, Callable[[Floats], Floats]] = {
    "float64": lambda X: X,
    "float32": lambda X: X.astype(np.float32).astype(np.float64),
    "float16": lambda X: X.astype(np.float16).astype(np.float64),
    "bfloat16": _bfloat16,
}
RANGE = {"float32": 100, "bfloat16": 100, "float16": 13}
