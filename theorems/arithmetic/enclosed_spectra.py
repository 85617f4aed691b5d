"""Eigenvalues of enclosed symmetric matrices, in rational enclosures; NumPy only proposes a basis.

For any square V with delta = ||V^T V - I||_F < 1, the eigenvalues of V^T S V are those of S times numbers between
1 - delta and 1 + delta (Ostrowski), and lie within the Frobenius norm of its off-diagonal part of its sorted diagonal
(Weyl).  Nothing is assumed of V: a better one gives a smaller radius.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from theorems.arithmetic.enclosure import Enclosure, precision
from theorems.errors import Undecided

Rows = Sequence[Sequence[Enclosure]]

#: Above this dimension V stays as floats give it: the radius is then about 1e-15 of the norm.
REFINED = 16
#: Sweeps of Jacobi rotations; they converge quadratically from a start in floats.
SWEEPS = 6


def eigenvalues(S: Rows) -> list[Enclosure]:
    """Enclosures of the eigenvalues of a symmetric matrix, the largest first."""
    n = len(S)
    V = basis(S)
    columns = list(zip(*V, strict=True))
    images = [[_dot(row, column) for row in S] for column in columns]  # S v_j
    diagonal = [_dot(image, column) for image, column in zip(images, columns, strict=True)]
    off = size([_dot(images[j], columns[i]) for i in range(n) for j in range(n) if i != j])
    products = [_dot(columns[i], columns[j]) - int(i == j) for i in range(n) for j in range(n)]
    delta = size(products)
    if delta >= 1:
        raise Undecided("undecided eigenvalues: no nearly orthogonal basis was found")
    lows = sorted((d.low - off for d in diagonal), reverse=True)
    highs = sorted((d.high + off for d in diagonal), reverse=True)
    return [
        Enclosure(low / (1 + delta if low > 0 else 1 - delta), high / (1 - delta if high > 0 else 1 + delta))
        for low, high in zip(lows, highs, strict=True)
    ]


def negative_direction(S: Rows) -> bool:
    """Whether x^T S x < 0 is certain for the x that floats propose."""
    n = len(S)
    floats, _ = _floats(S)
    if not n or floats is None:
        return False
    x = [Fraction(float(entry)) for entry in np.linalg.eigh(floats)[1][:, 0]]
    return _dot([_dot(row, x) for row in S], x).high < 0


def positive_pivots(S: Rows) -> bool:
    """Whether elimination has pivots that are certainly positive."""
    rows = [list(row) for row in S]
    for i, row in enumerate(rows):
        if row[i].low <= 0:
            return False
        for j in range(i + 1, len(rows)):
            factor = rows[j][i] / row[i]
            rows[j] = [entry - factor * other for entry, other in zip(rows[j], row, strict=True)]
    return True


def _dot(x: Sequence[Any], y: Sequence[Any]) -> Enclosure:
    total = Enclosure.of(0)
    for a, b in zip(x, y, strict=True):
        total = total + Enclosure.of(a) * b
    return total


def size(entries: Sequence[Enclosure]) -> Fraction:
    """An upper bound of the Euclidean norm."""
    total = Enclosure.of(0)
    for entry in entries:
        total = total + entry**2
    return total.sqrt().high


def _floats(S: Rows) -> tuple[np.ndarray[Any, Any] | None, int]:
    """The symmetric part of the midpoints as floats times a power of two, at most 1 in size; None for a zero matrix."""
    middles = [[(entry.low + entry.high) / 2 for entry in row] for row in S]
    sizes = [abs(m).numerator.bit_length() - m.denominator.bit_length() + 1 for row in middles for m in row if m]
    if not sizes:
        return None, 0
    exponent = max(sizes)
    unit = Fraction(2) ** exponent
    floats = np.array([[float(m / unit) for m in row] for row in middles])
    return (floats + floats.T) / 2, exponent


def basis(S: Rows) -> list[list[Fraction]]:
    """A nearly orthogonal V with V^T S V nearly diagonal: from floats, then by Jacobi rotations in fixed point."""
    n = len(S)
    floats, exponent = _floats(S)
    if floats is None:
        return [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
    start = np.linalg.eigh(floats)[1]
    if n > REFINED:
        return [[Fraction(float(entry)) for entry in row] for row in start]
    bits = precision()
    one = 1 << bits
    columns = [[int(Fraction(float(entry)) * one) for entry in column] for column in start.T]
    for _ in range(math.ceil(math.log2(bits / 45))):  # V (3 I - V^T V) / 2 doubles the correct digits
        gram = [[_fixed(x, y, bits) for y in columns] for x in columns]
        weights = [[3 * one * int(i == j) - gram[i][j] for j in range(n)] for i in range(n)]
        columns = [
            [sum(columns[j][r] * weights[i][j] for j in range(n)) >> (bits + 1) for r in range(n)] for i in range(n)
        ]
    unit = Fraction(2) ** exponent
    middle = [[int((entry.low + entry.high) / 2 / unit * one) for entry in row] for row in S]
    images = [[_fixed(row, column, bits) for row in middle] for column in columns]
    M = [[_fixed(x, y, bits) for y in images] for x in columns]
    _rotate(M, columns, bits)
    return [[Fraction(column[i], one) for column in columns] for i in range(n)]


def _fixed(x: Sequence[int], y: Sequence[int], bits: int) -> int:
    return sum(a * b for a, b in zip(x, y, strict=True)) >> bits


def _rotate(M: list[list[int]], columns: list[list[int]], bits: int) -> None:
    """Jacobi rotations of M = V^T S V and of the columns of V, in fixed point."""
    n = len(M)
    one = 1 << bits
    for _ in range(SWEEPS):
        rotated = False
        for i in range(n):
            for j in range(i + 1, n):
                twice, gap = 2 * M[i][j], M[j][j] - M[i][i]
                if abs(twice) <= 1 << 10:
                    continue
                rotated = True
                tangent = (twice << bits) // (abs(gap) + math.isqrt(gap * gap + twice * twice))
                tangent = -tangent if gap < 0 else tangent
                cosine = (one * one) // math.isqrt(one * one + tangent * tangent)
                sine = cosine * tangent >> bits
                for rows in (M, columns):
                    rows[i], rows[j] = _turned(rows[i], rows[j], cosine, sine, bits)
                for row in M:
                    (row[i],), (row[j],) = _turned([row[i]], [row[j]], cosine, sine, bits)
        if not rotated:
            return


def _turned(x: list[int], y: list[int], cosine: int, sine: int, bits: int) -> tuple[list[int], list[int]]:
    return (
        [(cosine * a - sine * b) >> bits for a, b in zip(x, y, strict=True)],
        [(sine * a + cosine * b) >> bits for a, b in zip(x, y, strict=True)],
    )
