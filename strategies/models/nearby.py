"""From floats to exact cases close to them: exactly orthogonal matrices, exact SVDs, dyadic entries."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
from hypothesis.errors import InvalidArgument

from theorems.case import SVD, Array
from theorems.models.linear import Adapter, LinearCase, LinearModel
from theorems.strategies.laws import Floats
from theorems.strategies.rational import cayley

#: How far from orthogonal a float matrix may be to have a nearby orthogonal one.
ORTHOGONAL_WITHIN = 1e-6


def dyadics(A: Array, bits: int) -> Array:
    """Every entry rounded to `bits` significant binary digits, as Fractions.

    The rounding is monotone and keeps zeros, signs and ties, so that a descending sequence stays descending.
    """
    values = np.asarray(A, dtype=np.float64)
    if not np.isfinite(values).all():
        raise InvalidArgument("an entry is NaN or infinite and has no fraction near it: give finite entries")
    mantissa, exponent = np.frexp(values)
    digits = np.rint(np.ldexp(mantissa, min(bits, 53))).astype(np.int64)
    shift = exponent.astype(np.int64) - min(bits, 53)
    return _objects(
        (Fraction(p << e) if e >= 0 else Fraction(p, 1 << -e) for p, e in _pairs(digits, shift)),
        values.shape,
    )


def nearby_orthogonal(Q: Floats, bits: int = 20) -> Array:
    """An exactly orthogonal matrix of Fractions within about n 2^-bits of the orthogonal float matrix Q.

    Q S = (I + K)^{-1} (I - K) for signs S and a skew-symmetric K.  The signs are chosen so that no entry of K exceeds
    one; K is rounded to multiples of 2^-bits and transformed back exactly.  The error of Q is at most twice that of K,
    whatever the condition of I + Q S, since all singular values of I + K are at least one.
    """
    n = len(Q)
    if np.shape(Q) != (n, n) or not np.abs(np.asarray(Q).T @ Q - np.eye(n)).max(initial=0.0) <= ORTHOGONAL_WITHIN:
        raise InvalidArgument(
            f"an array of shape {np.shape(Q)} is not square and orthogonal within {ORTHOGONAL_WITHIN}: "
            "take U or V of a full SVD, or the Q of a QR decomposition"
        )
    sign, K = _small_cayley(np.asarray(Q, dtype=np.float64))
    upper = np.rint(np.ldexp(np.triu(K, 1), bits)).astype(np.int64)
    skew = upper - upper.T
    unit = 1 << bits
    rounded = _objects((Fraction(int(value), unit) for value in skew.ravel()), (n, n))
    return np.asarray(cayley(rounded) * _objects((Fraction(int(value)) for value in sign), (n,)))


def _small_cayley(Q: Floats) -> tuple[Floats, Floats]:
    """Signs s and the skew-symmetric K of Q diag(s), with entries of at most about one."""
    n = len(Q)
    sign: Floats = np.ones(n)
    unit: Floats = np.eye(n)
    K: Floats = np.zeros((n, n))
    # Elimination on Q + diag(s) with s_i the sign of the pivot: every pivot is at least one, Q + diag(s) is regular.
    work = Q.copy()
    for i in range(n):
        sign[i] = 1.0 if work[i, i] >= 0 else -1.0
        work[i, i] += sign[i]
        work[i + 1 :, i + 1 :] -= np.outer(work[i + 1 :, i] / work[i, i], work[i, i + 1 :])
    for _ in range(10 * n + 10):
        X = Q * sign
        K = np.asarray(np.linalg.solve(unit + X, unit - X), dtype=np.float64)
        K = np.asarray((K - K.T) / 2, dtype=np.float64)
        largest = int(np.argmax(np.abs(K))) if n else 0
        if n == 0 or abs(K.ravel()[largest]) <= 1.0 + 1e-9:
            break
        # Flipping both signs multiplies det(I + Q diag(s)) by the square of that entry, so that this ends.
        sign[list(divmod(largest, n))] *= -1.0
    return sign, K


def nearby_svd(svd: SVD, bits: int = 20) -> SVD:
    """An exact SVD close to a float one: U and V exactly orthonormal, s rounded to `bits` significant digits.

    U (m, k) and V (n, k) may be thin: they are completed to square matrices, rounded, and cut again.
    """
    return SVD(_nearby_columns(svd.U, bits), dyadics(svd.s, bits), _nearby_columns(svd.V, bits))


def _nearby_columns(U: Floats, bits: int) -> Array:
    m, k = U.shape
    if k == m:
        return nearby_orthogonal(U, bits)
    full = np.linalg.qr(np.asarray(U, dtype=np.float64), mode="complete").Q
    full[:, :k] = U  # QR may turn the columns around; those that it adds are orthogonal to the given ones
    return nearby_orthogonal(full, bits)[:, :k]


def nearby_linear_case(case: LinearCase, bits: int = 20, *, error_bits: int | None = None) -> LinearCase:
    """An exact linear case close to a float one (a member of a batch): its SVD exact, the target derived from it.

    Weights and competitors keep `bits` significant digits; the SVD of E is rounded to `error_bits`, by default as many.
    """
    return LinearCase(
        frozen=LinearModel(tuple(dyadics(W, bits) for W in case.frozen.weights)),
        error=nearby_svd(case.error, bits if error_bits is None else error_bits),
        ranks=case.ranks,
        competitor=tuple(Adapter(dyadics(a.B, bits), dyadics(a.A, bits)) for a in case.competitor),
    )


def _pairs(digits: Array, shift: Array) -> Iterable[tuple[int, int]]:
    return zip(digits.ravel().tolist(), shift.ravel().tolist(), strict=True)


def _objects(values: Iterable[Fraction], shape: tuple[int, ...]) -> Array:
    result: Array = np.empty(int(np.prod(shape, dtype=np.int64)), dtype=object)
    result[:] = list(values)
    return result.reshape(shape)
