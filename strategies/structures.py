"""Structured square matrices, built of unstructured ones: the same formula for a batch of floats and for Fractions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from theorems.case import Array, fractions
from theorems.properties import (
    ANTISYMMETRIC,
    CIRCULANT,
    COLUMNS_SUM_TO_ONE,
    COMPANION,
    DETERMINANT_ONE,
    DIAGONAL,
    HANKEL,
    IDEMPOTENT,
    INVERSE_NON_NEGATIVE,
    NILPOTENT,
    NON_NEGATIVE,
    NONSINGULAR,
    OFF_DIAGONAL_NON_POSITIVE,
    ORTHOGONAL,
    RANK_ONE,
    SEMIDEFINITE,
    SIGNED_PERMUTATION,
    SUMS_TO_ONE,
    SYMMETRIC,
    TOEPLITZ,
    UNIT_DIAGONAL,
    Property,
)
from theorems.strategies.adversarial import NAMED
from theorems.strategies.laws import LAWS, NONSINGULAR_LAWS
from theorems.strategies.rational import flint_matrix, identity

Builder: TypeAlias = Callable[[Array], Array]


def unit(A: Array) -> Array:
    """The identity of the size of a square matrix, or of the matrices of a stack."""
    n = A.shape[-1]
    return identity(n) if A.dtype == object else np.eye(n)


def scale_of(A: Array) -> Array:
    """A power of two near the largest entry, where that is so extreme that squares leave the range; one elsewhere."""
    if A.dtype == object:
        one: Array = np.array([[Fraction(1)]], dtype=object)
        return one
    largest = np.abs(A).max((-2, -1), keepdims=True, initial=0.0)
    extreme = (largest > 1e60) | (largest < 1e-60)
    return np.asarray(np.where(extreme & (largest > 0), np.exp2(np.frexp(largest)[1].astype(np.float64)), 1.0))


def _psd(A: Array) -> Array:
    gram = A.mT @ (A / scale_of(A))
    return np.asarray((gram + gram.mT) / 2)  # the product of floats is not symmetric to the last bit


def _psd_rank_one(A: Array) -> Array:
    v = A[..., :, 0]
    product: Array = v[..., :, None] * (v / scale_of(A)[..., 0])[..., None, :]
    return product


def _shares(A: Array, axis: int) -> Array:
    """|A| divided by its sums along an axis; uniform where these are zero."""
    one: Any = Fraction(1) if A.dtype == object else 1.0
    largest = abs(A).max(axis, keepdims=True)
    shares = np.where(largest == 0, one, abs(A) / np.where(largest == 0, one, largest))
    divided: Array = shares / shares.sum(axis, keepdims=True)
    return divided


def _doubly_stochastic(A: Array) -> Array:
    """A convex combination of 2n permutation matrices: those that order the rows and the columns of A."""
    both = np.concatenate([A, A.mT], axis=-2)  # 2n orders of n things
    orders = np.argsort(both, axis=-1, kind="stable")
    weights = _shares(both[..., :, 0], -1)
    permuted: Array = unit(A)[orders]
    return np.asarray((weights[..., :, None, None] * permuted).sum(-3))


def _indexed(first: Callable[[Array, Array, int], Array], second: Callable[[Array, Array, int], Array]) -> Builder:
    """Entries (i, j) of the new matrix are entries (first(i, j), second(i, j)) of the old one."""

    def build(A: Array) -> Array:
        n = A.shape[-1]
        i, j = np.indices((n, n))
        return np.asarray(A[..., first(i, j, n), second(i, j, n)])

    return build


def _companion(A: Array) -> Array:
    """Ones below the diagonal, and the coefficients in the last column."""
    n = A.shape[-1]
    shifted = np.roll(unit(A), 1, axis=0)
    shifted[:, -1] = shifted[:, -1] * 0
    last = unit(A)[:, -1] if n else unit(A)[:, :0]
    return np.asarray(shifted + A * last)


def _triangle(A: Array, lower: bool) -> Array:
    """The strict triangle, scaled so that products of a few stay in the range."""
    n = A.shape[-1]
    ones = np.tril(np.ones((n, n), dtype=np.int64), -1)
    mask = ones if lower else ones.T
    return np.asarray(A / scale_of(A) * (mask.astype(object) if A.dtype == object else mask))


def _unit_inverse(N: Array) -> Array:
    """(I + N)^-1 of a strictly triangular N."""
    power: Array = unit(N) + N * 0
    inverse = power
    for _ in range(N.shape[-1] - 1):
        power = -(power @ N)
        inverse = inverse + power
    return inverse


def _steps(A: Array) -> Array:
    """Entries -1, 0 and 1."""
    signs: Array = np.where(A > 0, 1, 0) - np.where(A < 0, 1, 0)
    return fractions(signs) if A.dtype == object else np.asarray(signs, dtype=np.float64)


def _nilpotent(A: Array) -> Array:
    """A strict triangle, conjugated by a unit triangular matrix of small integers."""
    L, N = _steps(_triangle(A, lower=True)), _triangle(A, lower=False)
    if A.dtype != object:
        N = np.rint(N * 1024) / 1024  # with so few digits the products are exact in floats, and A^n is zero
    return np.asarray((unit(A) + L) @ N @ _unit_inverse(L))


def _chosen(A: Array) -> Array:
    """The diagonal matrix of zeros and ones, one where the diagonal of A is positive."""
    return np.asarray(unit(A) * np.where(A > 0, 1, 0))


def _projection(A: Array) -> Array:
    """Along one space onto another: zeros and ones on the diagonal, conjugated by a unit triangular matrix twice."""
    L, U = _steps(_triangle(A, lower=True)), _steps(_triangle(A, lower=False))
    P, inverse = (unit(A) + L) @ (unit(A) + U), _unit_inverse(U) @ _unit_inverse(L)
    return np.asarray(P @ _chosen(A) @ inverse)


def _orthogonal_projection(Q: Array) -> Array:
    """Onto some columns of an orthogonal matrix."""
    product = Q @ _chosen(Q) @ Q.mT
    return np.asarray((product + product.mT) / 2)


def _rotation(Q: Array) -> Array:
    """The orthogonal matrix, with its first column turned around where its determinant is -1."""
    if Q.dtype == object:
        return Q if flint_matrix(Q).det() > 0 else np.concatenate([-Q[:, :1], Q[:, 1:]], axis=1)
    turned = np.where(np.linalg.det(Q) < 0, -1.0, 1.0)[..., None, None]
    return np.concatenate([Q[..., :1] * turned, Q[..., 1:]], axis=-1)


def _correlation(A: Array) -> Array:
    """The Gram matrix of unit vectors (2 t, 1 - |t|^2) / (1 + |t|^2), t in the rows of A without their last entry."""
    t = (A / scale_of(A))[..., :-1]
    square = (t * t).sum(-1, keepdims=True) + A[..., :1] * 0  # of no entries, the sum would be no Fraction
    vectors = np.concatenate([2 * t, 1 - square], axis=-1) / (1 + square)
    gram = vectors @ vectors.mT
    off = (gram + gram.mT) / 2 * (1 - unit(A))
    return np.asarray(off + unit(A))


def _m_matrix(A: Array) -> Array:
    """(s I - B) D with B >= 0, s above its row sums, and D a positive diagonal."""
    B = abs(A / scale_of(A))
    s = B.sum(-1, keepdims=True).max(-2, keepdims=True) + 1
    return np.asarray((s * unit(A) - B) * (1 + B[..., :1, :]))


#: How a matrix of each structure is made of one without; of the laws of `FITTING` where that has the structure.
BUILDERS: dict[str, Builder] = {
    "symmetric": lambda A: np.asarray((A + A.mT) / 2),
    "antisymmetric": lambda A: np.asarray((A - A.mT) / 2),
    "psd": _psd,
    "psd-rank-one": _psd_rank_one,
    "diagonal": lambda A: np.asarray(A * unit(A)),
    "orthogonal": lambda A: A,
    "rotation": _rotation,
    "nonsingular": lambda A: A,
    "stochastic": lambda A: _shares(A, -2),
    "doubly stochastic": _doubly_stochastic,
    "permutation": lambda A: np.asarray(abs(A)),
    "toeplitz": _indexed(lambda i, j, n: np.maximum(i - j, 0), lambda i, j, n: np.maximum(j - i, 0)),
    "hankel": _indexed(lambda i, j, n: np.minimum(i + j, n - 1), lambda i, j, n: np.maximum(i + j - n + 1, 0)),
    "circulant": _indexed(lambda i, j, n: i * 0, lambda i, j, n: (j - i) % n),
    "companion": _companion,
    "nilpotent": _nilpotent,
    "projection": _projection,
    "orthogonal projection": _orthogonal_projection,
    "correlation": _correlation,
    "m-matrix": _m_matrix,
}
#: What is promised of every matrix of a structure.
PROMISED: dict[str, tuple[Property, ...]] = {
    "symmetric": (SYMMETRIC,),
    "antisymmetric": (ANTISYMMETRIC,),
    "psd": (SEMIDEFINITE,),
    "psd-rank-one": (SEMIDEFINITE, RANK_ONE),
    "diagonal": (DIAGONAL,),
    "orthogonal": (ORTHOGONAL,),
    "rotation": (ORTHOGONAL, DETERMINANT_ONE),
    "nonsingular": (NONSINGULAR,),
    "stochastic": (NON_NEGATIVE, COLUMNS_SUM_TO_ONE),
    "doubly stochastic": (NON_NEGATIVE, COLUMNS_SUM_TO_ONE, SUMS_TO_ONE),
    "permutation": (NON_NEGATIVE, SIGNED_PERMUTATION),
    "toeplitz": (TOEPLITZ,),
    "hankel": (HANKEL,),
    "circulant": (CIRCULANT,),
    "companion": (COMPANION,),
    "nilpotent": (NILPOTENT,),
    "projection": (IDEMPOTENT,),
    "orthogonal projection": (IDEMPOTENT, SYMMETRIC),
    "correlation": (SEMIDEFINITE, UNIT_DIAGONAL),
    "m-matrix": (OFF_DIAGONAL_NON_POSITIVE, INVERSE_NON_NEGATIVE),
}
#: The laws that a structure is made of, where not all will do.
FITTING: dict[str, tuple[str, ...]] = {
    "orthogonal": ("permutation", "orthogonal"),
    "orthogonal projection": ("permutation", "orthogonal"),
    "rotation": ("permutation", "orthogonal"),
    "permutation": ("permutation",),
    "nonsingular": NONSINGULAR_LAWS,
}
STRUCTURES = (None, *BUILDERS)
#: Structures that a polynomial with non-negative coefficients of such a matrix has as well.
POLYNOMIALS = (None, "symmetric", "psd", "diagonal", "circulant")


def fitting(structure: str | None) -> tuple[str, ...]:
    """The laws that a matrix of a structure may be made of."""
    return FITTING.get(structure or "", (*LAWS, *NAMED))


def structured(A: Array, structure: str | None) -> Array:
    """A with the structure built in, for a batch or an exact matrix."""
    return BUILDERS[structure](A) if structure is not None else A


def commuting(A: Array, B: Array) -> Array:
    """A polynomial in A of degree two, with coefficients among the sizes of entries of B."""
    c = abs(B / scale_of(B))
    square = A @ (A / scale_of(A))
    coefficients = (c[..., :1, :1], c[..., :1, -1:], c[..., -1:, :1])
    return np.asarray(coefficients[0] * unit(A) + coefficients[1] * A + coefficients[2] * square)
