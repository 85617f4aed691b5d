"""Rigorous enclosures of singular values in ball arithmetic, from any approximate decomposition.

Let A be enclosed, V square and nearly orthogonal, and C = A V.  With delta = ||V^T V - I||_F < 1,

    (1 - delta) sigma_k(A)^2 <= sigma_k(C)^2 <= (1 + delta) sigma_k(A)^2,

and the sigma_k(C)^2 are the eigenvalues of C^T C, which by Weyl's inequality lie within the Frobenius norm of its
off-diagonal part of its sorted diagonal.  Nothing is assumed of V, which may come from floating point; a better V
gives a smaller radius.  Ties and zeros are as welcome as anything else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from flint import arb, arb_mat, ctx, fmpq_mat

from theorems.case import Array
from theorems.errors import Undecided, Unsupported

#: Above this dimension V stays as floats give it: the radius is then about 1e-15 of the norm.
REFINED = 48
#: Sweeps of Jacobi rotations; they converge quadratically from a start in floats.
SWEEPS = 8


def squared_singular_values(A: arb_mat) -> list[arb]:
    """Enclosures of sigma_1(A)^2, ..., sigma_n(A)^2 for A with at least as many rows as columns.

    Raises `Unsupported` when the entries of A are beyond the range of floats.
    """
    n = A.ncols()
    V = orthogonal(A)
    C = A * V
    gram = C.transpose() * C
    diagonal = [gram[i, i] for i in range(n)]
    off = _norm([gram[i, j] for i in range(n) for j in range(n) if i != j])
    product = V.transpose() * V
    delta = _norm([product[i, j] - int(i == j) for i in range(n) for j in range(n)])
    if not delta < 1:
        raise Unsupported("undecided singular values: no nearly orthogonal matrix was found at this precision")
    lower = sorted((d.lower() for d in diagonal), key=_key, reverse=True)
    upper = sorted((d.upper() for d in diagonal), key=_key, reverse=True)
    return [
        ((low - off) / (1 + delta)).nonnegative_part().union(((high + off) / (1 - delta)).nonnegative_part())
        for low, high in zip(lower, upper, strict=True)
    ]


def symmetric_eigenvalues(S: arb_mat) -> list[arb]:
    """Enclosures of the eigenvalues of a symmetric matrix, the largest first.

    By Ostrowski's theorem those of V^T S V are those of S times numbers between 1 - delta and 1 + delta.
    """
    n = S.ncols()
    shift = _norm(S.entries())
    V = orthogonal(S + arb_mat(n, n, [shift if i == j else arb(0) for i in range(n) for j in range(n)]))
    images = V.transpose() * S * V
    off = _norm([images[i, j] for i in range(n) for j in range(n) if i != j])
    product = V.transpose() * V
    delta = _norm([product[i, j] - int(i == j) for i in range(n) for j in range(n)])
    if not delta < 1:
        raise Undecided("undecided eigenvalues: no nearly orthogonal matrix was found at this precision")
    lows = sorted((images[i, i].lower() for i in range(n)), key=_key, reverse=True)
    highs = sorted((images[i, i].upper() for i in range(n)), key=_key, reverse=True)
    return [
        _scaled((low - off).lower(), delta, up=False).union(_scaled((high + off).upper(), delta, up=True))
        for low, high in zip(lows, highs, strict=True)
    ]


def _scaled(x: arb, delta: arb, *, up: bool) -> arb:
    return x / (1 - delta if (x > 0) == up else 1 + delta)


def exactly(A: Array) -> fmpq_mat | None:
    """The rational matrix where every ball is exact."""
    if not all(entry.is_exact() and entry.is_finite() for entry in A.flat):
        return None
    return fmpq_mat(A.shape[0], A.shape[1], [entry.fmpq() for entry in A.flat])


class _key:  # noqa: N801  (a sort key, as functools.cmp_to_key makes one)
    """Exact balls are totally ordered."""

    def __init__(self, value: arb) -> None:
        self.value = value

    def __lt__(self, other: _key) -> bool:
        return bool(self.value < other.value)


def _norm(entries: Sequence[arb]) -> arb:
    """An upper bound of the Euclidean norm."""
    total = arb(0)
    for entry in entries:
        size = entry.abs_upper()
        total += size * size  # not size**2: arb gives NaN for the power of a ball that holds zero
    return total.upper().sqrt().upper()


def midpoints(A: arb_mat) -> tuple[list[list[float]], int]:
    """The midpoints as floats times a power of two, the floats at most 2.  Raises `Unsupported` for NaN."""
    entries = [[entry.mid() for entry in row] for row in A.tolist()]
    if not all(entry.is_finite() for row in entries for entry in row):
        raise Unsupported("a singular value of a matrix with an unbounded entry")
    sizes = [_exponent(entry) for row in entries for entry in row if entry != 0]
    exponent = max(sizes, default=0)
    return [[float(entry * arb(2) ** -exponent) for entry in row] for row in entries], exponent


def _exponent(x: arb) -> int:
    mantissa, exponent = x.man_exp()
    return abs(int(mantissa)).bit_length() + int(exponent)


def orthogonal(A: arb_mat) -> arb_mat:
    """A nearly orthogonal V with nearly orthogonal columns of A V: from floats, then Jacobi rotations."""
    n = A.ncols()
    floats, exponent = midpoints(A)
    try:
        start = np.linalg.svd(np.array(floats), full_matrices=True)[2].T
    except np.linalg.LinAlgError:
        start = np.eye(n)
    V = arb_mat(n, n, [float(x) for x in start.ravel()])
    if n > REFINED:
        return V
    for _ in range(math.ceil(math.log2(ctx.prec / 45))):  # V (3 I - V^T V) / 2 doubles the correct digits
        correction = -(V.transpose() * V)
        for i in range(n):
            correction[i, i] += 3
        V = (V * correction * arb(0.5)).mid()
    scale = arb(2) ** -exponent
    images = (A.mid() * scale * V).mid().transpose().tolist()
    directions = V.transpose().tolist()
    _rotate(images, directions)
    return arb_mat(directions).transpose()


def _rotate(images: list[list[arb]], directions: list[list[arb]]) -> None:
    """One-sided Jacobi on the rows of `images`, the same rotations on `directions`.  Only midpoints matter."""
    n = len(images)
    small = arb(2) ** (12 - ctx.prec)
    for _ in range(SWEEPS):
        rotated = False
        for i in range(n):
            for j in range(i + 1, n):
                a, b, c = _dot(images[i], images[i]), _dot(images[j], images[j]), _dot(images[i], images[j])
                if c * c <= small * small * a * b or c * c <= small * small:  # images are at most of size n
                    continue
                rotated = True
                zeta = ((b - a) / (2 * c)).mid()
                t = 1 / (abs(zeta) + (1 + zeta * zeta).sqrt())
                t = -t if zeta < 0 else t
                cosine = (1 / (1 + t * t).sqrt()).mid()
                sine = (cosine * t).mid()
                for rows in (images, directions):
                    x, y = rows[i], rows[j]
                    rows[i] = [(cosine * p - sine * q).mid() for p, q in zip(x, y, strict=True)]
                    rows[j] = [(sine * p + cosine * q).mid() for p, q in zip(x, y, strict=True)]
        if not rotated:
            return


def _dot(x: Sequence[arb], y: Sequence[arb]) -> arb:
    total = arb(0)
    for p, q in zip(x, y, strict=True):
        total += p * q
    return total.mid()
