"""Exact material: matrices of Fractions with short entries, and exactly orthogonal ones.

`RATIONAL_LAWS` has an exact matrix under each name of `laws.LAWS`.  `size` bounds the integers that a
matrix is made of: size 1 gives the simplest ones, and nothing here grows faster than it must.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from flint import fmpq, fmpq_mat
from numpy.random import Generator

from theorems.case import Array, fractions

RationalLaw: TypeAlias = Callable[[Generator, int, int, int], Array]


# Fractions and FLINT's rationals


def flint_matrix(A: Array) -> fmpq_mat:
    """A matrix of Fractions as FLINT's."""
    m, n = A.shape
    return fmpq_mat(m, n, [fmpq(value.numerator, value.denominator) for value in A.ravel().tolist()])


def fraction_matrix(A: fmpq_mat) -> Array:
    """A matrix of FLINT's as Fractions."""
    result: Array = np.empty(A.nrows() * A.ncols(), dtype=object)
    result[:] = [Fraction(int(value.p), int(value.q)) for value in A.entries()]
    return result.reshape(A.nrows(), A.ncols())


def product_of(*matrices: Array) -> Array:
    """The product of matrices of Fractions, from left to right."""
    result = flint_matrix(matrices[0])
    for A in matrices[1:]:
        result = result * flint_matrix(A)
    return fraction_matrix(result)


def solve_exactly(A: Array, B: Array) -> Array | None:
    """A^{-1} B in Fractions, or None for a singular A."""
    if 0 in B.shape:
        return B
    try:
        return fraction_matrix(flint_matrix(A).solve(flint_matrix(B)))
    except ZeroDivisionError:
        return None


def is_nonsingular(A: Array) -> bool:
    """Whether det A != 0, exactly."""
    return bool(flint_matrix(A).det() != 0)


# Integers


def integers(generator: Generator, *shape: int, size: int = 1) -> Array:
    """Independent integers from -size to size, as Fractions."""
    return fractions(generator.integers(-size, size + 1, shape))


def identity(m: int, n: int | None = None) -> Array:
    """The m x n matrix with ones on the diagonal, in Fractions."""
    return fractions(np.eye(m, n, dtype=np.int64))


def nonsingular_integers(generator: Generator, n: int, *, size: int = 1) -> Array:
    """A non-singular n x n integer matrix with entries up to `size`, where need be a little more on the diagonal."""
    return made_nonsingular(integers(generator, n, n, size=size))


def made_nonsingular(A: Array) -> Array:
    """A + t I with the least t = 0, 1, 2, ... that makes it non-singular."""
    shift = identity(len(A))
    while not is_nonsingular(A):
        A = A + shift
    return A


def unimodular(generator: Generator, m: int, n: int, *, size: int = 1) -> Array:
    """L U with unit triangular integer factors, cut to m x n: determinant one where square."""
    k = max(m, n)
    lower = np.tril(generator.integers(-size, size + 1, (k, k)), -1) + np.eye(k, dtype=np.int64)
    upper = np.triu(generator.integers(-size, size + 1, (k, k)), 1) + np.eye(k, dtype=np.int64)
    return fractions((lower @ upper)[:m, :n])


# Orthogonal matrices


def rational_orthogonal(generator: Generator, n: int, *, size: int = 1) -> Array:
    """An exactly orthogonal n x n matrix of Fractions.

    size 0 is a signed permutation; then up to three Householder reflections of small integer vectors, or, for small n,
    a Cayley transform.  Reflections keep the entries short from n = 12 up.
    """
    if size <= 0 or n < 2:
        return signed_permutation(generator, n)
    if n <= 6 and generator.integers(0, 3) == 0:
        entries = generator.integers(-size, size + 1, (n, n))
        skew = np.triu(entries, 1)
        return cayley(fractions(skew - skew.T)) * signs(generator, n)
    Q = signed_permutation(generator, n)
    for _ in range(min(size, 3)):
        Q = reflected(Q, generator.integers(-size, size + 1, n))
    return Q


def signed_permutation(generator: Generator, n: int) -> Array:
    """A permutation matrix with random signs, in Fractions."""
    return identity(n)[generator.permutation(n)] * signs(generator, n)


def signs(generator: Generator, n: int) -> Array:
    """Random signs, in Fractions."""
    return fractions(generator.integers(0, 2, n) * 2 - 1)


def reflected(Q: Array, v: Array) -> Array:
    """(I - 2 v v^T / v^T v) Q for an integer vector v; Q itself for v = 0."""
    direction = [int(value) for value in v]
    square = sum(value * value for value in direction)
    if square == 0:
        return Q
    column = fractions(np.array(direction, dtype=object))
    return np.asarray(Q - column[:, None] * (Fraction(2, square) * (column @ Q))[None, :])


def cayley(skew: Array) -> Array:
    """(I + K)^{-1} (I - K), exactly orthogonal for a skew-symmetric K of Fractions."""
    unit, K = flint_matrix(identity(len(skew))), flint_matrix(skew)
    return fraction_matrix((unit + K).solve(unit - K))


def with_singular_values(generator: Generator, s: Array, m: int, n: int, *, size: int = 1) -> Array:
    """U diag(s) V^T with rational orthogonal U and V, for min(m, n) values s."""
    k = len(s)
    U, V = rational_orthogonal(generator, m, size=size)[:, :k], rational_orthogonal(generator, n, size=size)[:, :k]
    return product_of(U * s, V.T) if k else fractions(np.zeros((m, n)))


# The laws of strategies.laws, as one exact matrix each


def _dyadic(generator: Generator, m: int, n: int, size: int) -> Array:
    return np.asarray(integers(generator, m, n, size=8 * size) / Fraction(8))


def _xavier(generator: Generator, m: int, n: int, size: int) -> Array:
    return np.asarray(integers(generator, m, n, size=4 * size) / Fraction(max(m + n, 1)))


def _triangular(generator: Generator, m: int, n: int, size: int) -> Array:
    entries = generator.integers(-size, size + 1, (m, n))
    i = np.arange(min(m, n))
    entries[i, i] = generator.integers(1, size + 1, len(i)) * (generator.integers(0, 2, len(i)) * 2 - 1)
    return fractions(np.triu(entries) if generator.integers(0, 2) else np.tril(entries))


def _near_identity(generator: Generator, m: int, n: int, size: int) -> Array:
    return np.asarray(identity(m, n) + integers(generator, m, n) / Fraction(10) ** size)


def _sparse(generator: Generator, m: int, n: int, size: int) -> Array:
    return fractions(generator.integers(-size, size + 1, (m, n)) * (generator.random((m, n)) < 0.3))


def _rank_drop(generator: Generator, m: int, n: int, size: int) -> Array:
    rank = int(generator.integers(0, max(min(m, n), 1)))
    left, right = generator.integers(-size, size + 1, (m, rank)), generator.integers(-size, size + 1, (rank, n))
    return fractions(left @ right)


def _ill_conditioned(generator: Generator, m: int, n: int, size: int) -> Array:
    k = min(m, n)
    s = np.array([Fraction(1, 10 ** (i * min(size + 1, 12) // max(k - 1, 1))) for i in range(k)], dtype=object)
    return with_singular_values(generator, s, m, n, size=min(size - 1, 2))


def _near_singular(generator: Generator, m: int, n: int, size: int) -> Array:
    k = min(m, n)
    s = np.array([Fraction(1)] * (k - 1) + [Fraction(1, 10 ** (7 + size))] * min(k, 1), dtype=object)
    return with_singular_values(generator, s, m, n, size=min(size, 2))


def _scaled(generator: Generator, m: int, n: int, size: int) -> Array:
    factor = Fraction(10) ** int(generator.choice([-150, -100, 100, 150]))
    return np.asarray(integers(generator, m, n, size=size) * factor)


RATIONAL_LAWS: dict[str, RationalLaw] = {
    "small integers": lambda g, m, n, size: integers(g, m, n, size=size),
    "gaussian": lambda g, m, n, size: integers(g, m, n, size=2 * size),
    "uniform": lambda g, m, n, size: np.asarray(integers(g, m, n, size=size) / Fraction(size)),
    "Xavier uniform": _xavier,
    "dyadic": _dyadic,
    "unimodular": lambda g, m, n, size: unimodular(g, m, n, size=size),
    "permutation": lambda g, m, n, size: signed_permutation(g, max(m, n))[:m, :n],
    "orthogonal": lambda g, m, n, size: rational_orthogonal(g, max(m, n), size=size)[:m, :n],
    "triangular": _triangular,
    "near-identity": _near_identity,
    "sparse": _sparse,
    "rank drop": _rank_drop,
    "ill-conditioned": _ill_conditioned,
    "near-singular": _near_singular,
    "near over- and underflow": _scaled,
}
