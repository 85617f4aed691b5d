"""Adversarial matrices by name, as LAPACK's test matrices are: exact n x n matrices of Fractions, and batches of them.

`NAMED[name](n)` is the matrix; `named_batch` gives scaled copies with rows and columns permuted and signs changed.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from math import comb
from typing import TypeAlias

import numpy as np
from numpy.random import Generator

from theorems.case import Array
from theorems.strategies.laws import Floats, powers_of_ten, signed_permutations, signs

Named: TypeAlias = Callable[[int], Array]


def _entries(entry: Callable[[int, int, int], int | Fraction]) -> Named:
    """The matrices whose entry in row i, column j (from zero) of the n x n one is entry(i, j, n)."""

    def matrix(n: int) -> Array:
        result: Array = np.empty((n, n), dtype=object)
        for i in range(n):
            for j in range(n):
                result[i, j] = Fraction(entry(i, j, n))
        return result

    return matrix


def _diagonal(entry: Callable[[int, int], int | Fraction]) -> Named:
    return _entries(lambda i, j, n: entry(i, n) if i == j else 0)


def _kahan(i: int, j: int, n: int) -> Fraction:
    """Kahan's matrix at the angle with sine 4/5 and cosine 3/5: much nearer to singular than its diagonal shows."""
    return Fraction(4, 5) ** i * (1 if i == j else Fraction(-3, 5) if i < j else 0)


def _frank(i: int, j: int, n: int) -> int:
    """Frank's upper Hessenberg matrix: determinant one, ill-conditioned eigenvalues."""
    return n - max(i, j) if j >= i - 1 else 0


def _rotation(i: int, j: int, n: int) -> Fraction:
    """Blocks of the rotation by (3/5, 4/5), and a last 1 for odd n."""
    if i == j:
        return Fraction(1) if i == n - 1 and n % 2 else Fraction(3, 5)
    if i // 2 != j // 2:
        return Fraction(0)
    return Fraction(-4 if i < j else 4, 5)


#: The matrices by name, the simplest first.
NAMED: dict[str, Named] = {
    "zero": _entries(lambda i, j, n: 0),
    "identity": _diagonal(lambda i, n: 1),
    "minus identity": _diagonal(lambda i, n: -1),
    "one entry": _entries(lambda i, j, n: i == j == 0),
    "corner entry": _entries(lambda i, j, n: i == 0 and j == n - 1),
    "alternating diagonal": _diagonal(lambda i, n: 1 - 2 * (i % 2)),
    "tied diagonal": _diagonal(lambda i, n: (n - i + 1) // 2),
    "growing diagonal": _diagonal(lambda i, n: i + 1),
    "wide diagonal": _diagonal(lambda i, n: Fraction(1, 10 ** (3 * i))),
    "ones": _entries(lambda i, j, n: 1),
    "signs of a chessboard": _entries(lambda i, j, n: 1 - 2 * ((i + j) % 2)),
    "rank one": _entries(lambda i, j, n: (i + 1) * (j - n // 2)),
    "exchange": _entries(lambda i, j, n: i + j == n - 1),
    "cyclic shift": _entries(lambda i, j, n: j == (i + 1) % n),
    "nilpotent": _entries(lambda i, j, n: j == i + 1),
    "Jordan block": _entries(lambda i, j, n: i <= j <= i + 1),
    "rotation": _entries(_rotation),
    "antisymmetric": _entries(lambda i, j, n: (j == i + 1) - (i == j + 1)),
    "antisymmetric, full": _entries(lambda i, j, n: (j > i) - (i > j)),
    "upper triangle of ones": _entries(lambda i, j, n: i <= j),
    "second difference": _entries(lambda i, j, n: 2 * (i == j) - (abs(i - j) == 1)),
    "minimum": _entries(lambda i, j, n: min(i, j) + 1),
    "Hilbert": _entries(lambda i, j, n: Fraction(1, i + j + 1)),
    "Pascal": _entries(lambda i, j, n: comb(i + j, i)),
    "Frank": _entries(_frank),
    "Kahan": _entries(_kahan),
    "Wilkinson": _entries(lambda i, j, n: abs(Fraction(n - 1, 2) - i) if i == j else abs(i - j) == 1),
    "companion": _entries(lambda i, j, n: -(n - j) if i == 0 else i == j + 1),
    "Vandermonde": _entries(lambda i, j, n: (i + 1) ** j),
    "nearly rank one": _entries(lambda i, j, n: 1 + (Fraction(i, 10**10) if i == j else 0)),
}


@cache
def _as_floats(name: str, n: int) -> Floats:
    return NAMED[name](n).astype(np.float64)


def named_batch(name: str, generator: Generator, count: int, m: int, n: int | None = None) -> Floats:
    """Copies c P A Q of a named matrix, cut to m x n: member 0 is A itself; c is 1e-3 to 1e3 with a sign.

    P and Q are signed permutations, and Q = P^T in every second member, which keeps symmetry and the trace.
    """
    n = m if n is None else n
    k = max(m, n)
    A = _as_floats(name, k)
    P = signed_permutations(generator, count, k)
    Q = signed_permutations(generator, count, k)
    Q[::2] = P[::2].mT
    scale = powers_of_ten(generator, count, -3.0, 3.0) * signs(generator, (count, 1, 1))
    scale[1::3] = 1.0  # integers stay integers
    result: Floats = scale * (P @ A @ Q)
    result[:1] = A
    return np.ascontiguousarray(result[:, :m, :n])
