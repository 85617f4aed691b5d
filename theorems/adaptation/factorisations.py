"""Factorisations of stacks of matrices (..., n, m) in their own precision.

NumPy's routines take stacks, but form every Q, and compute in float64 whatever they are given.  Here one large matrix,
and everything in float32, goes through LAPACK member by member: the Q of a QR decomposition stays a product of
reflections, of which only the columns asked for are formed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from theorems.arithmetic.float64 import Float64
from theorems.case import Array

#: Below this dimension a stack of one goes through NumPy too: calls cost more than they save.
LARGE = 48


def solve(A: Array, B: Array) -> Array:
    """A^{-1} B; NaN where A is exactly singular."""
    if 0 in B.shape[-2:]:
        return B
    if _stacked(A):
        return Float64().solve(A, B)

    def one(a: Array, b: Array) -> tuple[Array, ...]:
        _, _, x, info = _routines(a.dtype.char)["gesv"](a, b)
        return (x if info == 0 else np.full_like(b, np.nan),)

    return _each(one, A, B)[0]


def eigh(A: Array) -> tuple[Array, Array]:
    """Eigenvalues in ascending order and eigenvectors of symmetric matrices; NaN where there are none."""
    if _stacked(A):
        e, q = Float64._svd_call(A, lambda B: np.linalg.eigh(B))
        return e, q

    def one(a: Array) -> tuple[Array, ...]:
        e, q, info = _routines(a.dtype.char)["syevd"](a)
        return (e, q) if info == 0 else (np.full_like(e, np.nan), np.full_like(q, np.nan))

    e, q = _each(one, A)
    return e, q


def svd(A: Array) -> tuple[Array, Array, Array]:
    """U, s and V^T of the full singular value decomposition; NaN where there is none."""
    if _stacked(A) or 0 in A.shape:
        U, s, Vt = Float64._svd_call(A, lambda B: np.linalg.svd(B))
        return U, s, Vt

    def one(a: Array) -> tuple[Array, ...]:
        U, s, Vt, info = _routines(a.dtype.char)["gesdd"](a)
        return (U, s, Vt) if info == 0 else tuple(np.full_like(f, np.nan) for f in (U, s, Vt))

    U, s, Vt = _each(one, A)
    return U, s, Vt


class Completed:
    """A basis Q = [M t^{-1}, rest] of the whole space for M (..., n, m), m <= n, and the inverse of Q.

    Where the columns of M are dependent, the first m columns of Q span more than the range of M.
    """

    def __init__(self, Q: Array, inverse: Array, t: Array) -> None:
        self.Q, self.inverse, self.t = Q, inverse, t

    @cached_property
    def annihilator(self) -> Array:
        """(..., n - m, n), independent rows that annihilate M."""
        rows: Array = self.inverse[..., self.t.shape[-1] :, :]
        return rows


class Reflections(Completed):
    """The QR decomposition of one matrix: an orthogonal Q that is formed only as far as it is asked for."""

    def __init__(self, M: Array) -> None:
        n, m = M.shape[-2:]
        self._shape = n, m
        self._routines = _routines(M.dtype.char)
        work = int(self._routines["geqrf_lwork"](n, m)[0].real)
        self._raw, self._tau, _, _ = self._routines["geqrf"](M[0], lwork=work)
        self.t = np.triu(self._raw[:m])[None]

    def _columns(self, first: int, last: int) -> Array:
        n, _ = self._shape
        unit = np.zeros((n, last - first), dtype=self._raw.dtype, order="F")
        unit[range(first, last), range(last - first)] = 1
        work = 64 * max(last - first, 1)
        return np.asarray(self._routines["ormqr"]("L", "N", self._raw, self._tau, unit, work, overwrite_c=1)[0])[None]

    @cached_property
    def Q(self) -> Array:  # type: ignore[override]
        n, m = self._shape
        raw = np.zeros((n, n), dtype=self._raw.dtype, order="F")
        raw[:, :m] = self._raw
        return np.asarray(self._routines["orgqr"](raw, self._tau, lwork=64 * n, overwrite_a=1)[0])[None]

    @cached_property
    def inverse(self) -> Array:  # type: ignore[override]
        return self.Q.mT

    @cached_property
    def annihilator(self) -> Array:
        n, m = self._shape
        if "Q" in self.__dict__:
            return self.Q[..., m:].mT
        return self._columns(m, n).mT

    @property
    def basis(self) -> Array:
        """The first m columns of Q."""
        raw, m = self._raw, self._shape[1]
        return np.asarray(self._routines["orgqr"](raw, self._tau, lwork=64 * max(m, 1))[0])[None]


def complete(M: Array) -> Completed:
    """A complete QR decomposition."""
    if _stacked(M):
        Q, t = np.linalg.qr(M, mode="complete")
        return Completed(Q, Q.mT, t[..., : M.shape[-1], :])
    if len(M) == 1:
        return Reflections(M)
    members = [Reflections(member[None]) for member in M]
    Q = np.concatenate([one.Q for one in members])
    return Completed(Q, Q.mT, np.concatenate([one.t for one in members]))


def orthonormal(M: Array) -> tuple[Array, Array]:
    """Q (..., n, m) and t of the reduced QR decomposition."""
    if 0 in M.shape[-2:]:
        return M, np.zeros((1, M.shape[-1], M.shape[-1]), M.dtype)
    if _stacked(M):
        Q, t = np.linalg.qr(M)
        return Q, t
    members = [Reflections(member[None]) for member in M]
    return np.concatenate([one.basis for one in members]), np.concatenate([one.t for one in members])


def _stacked(A: Array) -> bool:
    return A.dtype != np.float32 and (len(A) > 1 or max(A.shape[-2:]) < LARGE)


def _each(one: Callable[..., tuple[Array, ...]], *arguments: Array) -> tuple[Array, ...]:
    count = max(map(len, arguments))
    spread = [np.broadcast_to(a, (count, *a.shape[1:])) for a in arguments]
    results = [one(*members) for members in zip(*spread, strict=True)]
    return tuple(np.stack(leaves) for leaves in zip(*results, strict=True))


@lru_cache
def _routines(kind: str) -> dict[str, Any]:
    from scipy.linalg import lapack  # here, since it is slow to import and few need it

    names = ("geqrf", "geqrf_lwork", "orgqr", "ormqr", "gesv", "syevd", "gesdd")
    return dict(zip(names, lapack.get_lapack_funcs(names, dtype=np.dtype(kind)), strict=True))
