"""The operations on subspaces that the midpoint flag is made of: orthonormal in floats, by elimination elsewhere.

Exactness of the construction needs only that the bases span the right spaces and that the chosen complements are
complements.  In floats every basis is orthonormal (complete Householder QR).  In exact and in multiprecision arithmetic
bases come from elimination; there floats only *choose* (pivots, directions), and the choice, rounded to a few bits, is
then an exact one.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from theorems.adaptation import factorisations
from theorems.adaptation.factorisations import Completed
from theorems.arithmetic.float64 import Float64
from theorems.case import Array
from theorems.errors import Undefined
from theorems.num import Num

#: The exponent of the coordinates in which angles are measured: raw state times (K K^T)^(-theta / 2).
THETA = 0.5
#: Significant bits of the first rounding of a chosen direction in exact arithmetic; doubled until the choice is sound.
FIRST_BITS = 4
#: How much of its smallest angle a rounded complement keeps at least.
KEPT_ANGLE = 0.25
#: Columns of length one with a smallest singular value above this are independent whatever the rounding of floats.
CLEARLY_INDEPENDENT = 1e-9
#: Columns with a largest entry in between keep their length in exact arithmetic.
ORDINARY = (1e-8, 1e8)

Floats = NDArray[np.floating[Any]]


class Subspaces(Protocol):
    """What `midpoint_flag` needs of an arithmetic."""

    def identity(self, n: int) -> Array:
        """The n x n identity."""

    def zeros(self, m: int, n: int) -> Array:
        """The m x n matrix of zeros."""

    def join(self, blocks: list[Array], axis: int = -1) -> Array:
        """Matrices side by side (axis -1) or stacked (axis -2)."""

    def solve(self, A: Array, B: Array) -> Array:
        """A^{-1} B; NaN in a batch or `Undefined` where there is none."""

    def complete(self, M: Array) -> Completed:
        """A basis of the whole space whose first columns, as many as M has, span the range of M (or more)."""

    def basis(self, M: Array) -> tuple[Array, Array]:
        """A basis of the range of M and t with M = basis t."""

    def beside(self, N: Array, M: Array) -> Array:
        """M modulo the range of N: any representatives that suit the arithmetic."""

    def unit(self, M: Array) -> Array:
        """M with its columns scaled to a comparable length."""

    def coordinates(self, Y: Array, frame: Completed, X: Array) -> Array:
        """The coordinates of X, in the range of Y, in the basis Y that `frame` completes."""

    def strongest(self, H: Array, n: Array, m: int) -> Array:
        """The m directions v of full rank that the map H, on the space with the basis n, stretches most."""

    def kept(self, F: Array, K: Array | None, V: Array, x: Array, z: Array) -> Array:
        """A complement of both x and z: that of their midpoint, in the coordinates of F.  K is I where it is None."""

    def null(self, A: Array) -> Array:
        """A basis of the null space of A, which has full row rank."""
        return self.complete(A.mT).annihilator.mT


class FloatSubspaces(Subspaces):
    """Stacks of float64 or float32 matrices (..., m, n) with orthonormal bases."""

    def __init__(self, dtype: Any = np.float64, theta: float = THETA) -> None:
        self.dtype = np.dtype(dtype)
        self._theta = theta

    def identity(self, n: int) -> Array:
        return np.eye(n, dtype=self.dtype)[None]

    def zeros(self, m: int, n: int) -> Array:
        return np.zeros((1, m, n), dtype=self.dtype)

    def join(self, blocks: list[Array], axis: int = -1) -> Array:
        count = max(map(len, blocks))
        return np.concatenate([np.broadcast_to(b, (count, *b.shape[1:])) for b in blocks], axis=axis)

    def solve(self, A: Array, B: Array) -> Array:
        return factorisations.solve(A, B)

    def complete(self, M: Array) -> Completed:
        if M.shape[-1] == 0:
            unit = self.identity(M.shape[-2])
            return Completed(unit, unit, self.zeros(0, 0))
        return factorisations.complete(M)

    def basis(self, M: Array) -> tuple[Array, Array]:
        return factorisations.orthonormal(M)

    def beside(self, N: Array, M: Array) -> Array:
        return M - N @ (N.mT @ M) if N.shape[-1] else M

    def unit(self, M: Array) -> Array:
        length = np.sqrt((M * M).sum(-2, keepdims=True))
        return np.asarray(M / np.where(length > 0, length, 1))

    def coordinates(self, Y: Array, frame: Completed, X: Array) -> Array:
        return np.asarray(Y.mT @ X)

    def strongest(self, H: Array, n: Array, m: int) -> Array:
        if m in (0, H.shape[-1]):
            return self.identity(H.shape[-1])[..., :m]
        return factorisations.eigh(H.mT @ H)[1][..., : -m - 1 : -1]

    def kept(self, F: Array, K: Array | None, V: Array, x: Array, z: Array) -> Array:
        d, R = x.shape[-2:]
        if R == 0:
            return self.identity(d)
        if d == R:
            return self.zeros(d, 0)
        if K is None:
            middle = self.midpoint(self.basis(z)[0], self.basis(x)[0])
            return self.complete(middle).annihilator.mT
        e, q = factorisations.eigh(K @ K.mT)
        with np.errstate(all="ignore"):  # a dead member of a batch
            e = np.maximum(e, np.finfo(self.dtype).eps * e[..., -1:])
            root = np.asarray(e ** (self._theta / 2), dtype=self.dtype)
            h, h_inverse = (q / root[..., None, :]).mT, q * root[..., None, :]
        middle = self.midpoint(self.basis(h @ z)[0], self.basis(h @ x)[0])
        return self.basis(h_inverse @ self.complete(middle).annihilator.mT)[0]

    @staticmethod
    def midpoint(a: Array, b: Array) -> Array:
        """y = a p + b o for orthonormal a, b and the SVD a^T b = p s o^T: half-way between the two spaces."""
        p, _, ot = factorisations.svd(a.mT @ b)
        return np.asarray(a @ p + b @ ot.mT)


class ObjectSubspaces(Subspaces):
    """One instance in an object arithmetic `num`: rationals, balls or multiprecision numbers."""

    def __init__(self, num: Num) -> None:
        self._num = num
        self._floats = FloatSubspaces()

    def identity(self, n: int) -> Array:
        identity: Array = self._num.identity(n)
        return identity

    def zeros(self, m: int, n: int) -> Array:
        zeros: Array = self._num.zeros(m, n)
        return zeros

    def join(self, blocks: list[Array], axis: int = -1) -> Array:
        joined: Array = self._num.concatenate(blocks, axis)
        return joined

    def solve(self, A: Array, B: Array) -> Array:
        if not B.size:
            return B
        solution: Array = self._num.solve(A, B)
        return solution

    def complete(self, M: Array) -> Completed:
        """[independent columns of M, columns of the identity]: those of the rows on which M need not be inverted."""
        n, m = M.shape
        M_independent = self._independent(M)
        k = M_independent.shape[1]
        if k == 0:
            return Completed(self.identity(n), self.identity(n), self.zeros(m, m))
        rows = _pivots(self._approximated(M_independent))
        rest = [i for i in range(n) if i not in rows]
        Q = self.join([M_independent, self.identity(n)[:, rest]])
        top = self.solve(M_independent[rows], self.identity(k))
        inverse = self.zeros(n, n)
        inverse[:k, rows] = top
        if rest:
            inverse[k:, rows] = -(M_independent[rest] @ top)
            inverse[k:, rest] = self.identity(n - k)
        return Completed(Q, inverse, self.identity(m) if k == m else inverse[:m] @ M)

    def _independent(self, M: Array) -> Array:
        """M, or a maximal independent set of its columns where floats leave a doubt and the arithmetic finds one."""
        m = M.shape[1]
        if m == 0:
            return M
        approximate = self._approximated(M)
        length = np.linalg.norm(approximate, axis=0)
        if (length > 0).all() and np.linalg.svd(approximate / length, compute_uv=False)[-1] > CLEARLY_INDEPENDENT:
            return M
        chosen: list[int] = []
        for j in range(m):
            if int(self._num.rank(M[:, [*chosen, j]])) > len(chosen):
                chosen.append(j)
        return M[:, chosen]

    def basis(self, M: Array) -> tuple[Array, Array]:
        return M, self.identity(M.shape[-1])

    def beside(self, N: Array, M: Array) -> Array:
        return M

    def unit(self, M: Array) -> Array:
        """Columns of an extreme size (what rounding leaves of a zero, too) are brought near one by a power of two."""
        if not M.size:
            return M
        sizes = np.abs(self._approximated(M)).max(axis=0)
        powers = [0 if size == 0 or ORDINARY[0] < size < ORDINARY[1] else -math.frexp(size)[1] for size in sizes]
        factors = [Fraction(2) ** power for power in powers]
        if not any(powers):
            return M
        scaled: Array = M @ self._num.diagonal(self._num.constant(factors))
        return scaled

    def coordinates(self, Y: Array, frame: Completed, X: Array) -> Array:
        coordinates: Array = frame.inverse[: Y.shape[1]] @ X  # the basis of the frame is Y itself
        return coordinates

    def strongest(self, H: Array, n: Array, m: int) -> Array:
        if m in (0, H.shape[-1]):
            return self.identity(H.shape[-1])[..., :m]
        image, space = self._approximated(H), self._approximated(n)
        r = np.linalg.qr(space).R
        right = np.linalg.svd(np.linalg.solve(r.T, image.T).T)[2].T[:, :m]
        return self._rounded(np.linalg.solve(r, right), FIRST_BITS)

    def kept(self, F: Array, K: Array | None, V: Array, x: Array, z: Array) -> Array:
        d, R = x.shape
        if R == 0:
            return self.identity(d)
        if d == R:
            return self.zeros(d, 0)
        K = self.identity(d) if K is None else K
        frame, state, inputs, one, other = (self._approximated(A) for A in (F, K, V, x, z))
        r, v = np.linalg.qr(frame).R, np.linalg.qr(inputs).R
        one, other = r @ one, r @ other  # in orthonormal coordinates of the raw states
        K_orthonormal = r @ state @ np.linalg.inv(v)
        c = self._floats.kept(frame[None], K_orthonormal[None], inputs[None], one[None], other[None])[0]
        sound = KEPT_ANGLE * _smallest_angle(c, one, other)
        best, bits = np.linalg.solve(r, c), FIRST_BITS
        while True:
            chosen = self._rounded(best, bits)
            if _smallest_angle(r @ self._approximated(chosen), one, other) >= sound or bits > 64:
                return chosen
            bits *= 2

    def _approximated(self, A: Array) -> Floats:
        return np.array([_as_float(value) for value in np.ravel(A)], dtype=np.float64).reshape(A.shape)

    def _rounded(self, c: Floats, bits: int) -> Array:
        """A basis of nearly the space of c, of short dyadic numbers: the identity on well-conditioned rows."""
        rows = _pivots(c)
        echelon = np.linalg.solve(c[rows].T, c.T).T
        unit = 1 << bits
        values = np.array([[Fraction(round(float(x) * unit), unit) for x in row] for row in echelon], dtype=object)
        chosen: Array = self._num.constant(values)
        return chosen


def subspaces_of(num: Num) -> Subspaces:
    """The operations for an arithmetic."""
    return FloatSubspaces() if isinstance(num, Float64) else ObjectSubspaces(num)


def _pivots(M: Floats) -> list[int]:
    """As many rows as M has columns on which it is well-conditioned."""
    import scipy.linalg  # here, since it is slow to import and few need it

    size = np.abs(M).max(axis=0)
    if not (np.isfinite(M).all() and (size > 0).all()):
        raise Undefined("a basis degenerates: the columns of a matrix are dependent")
    return sorted(scipy.linalg.qr((M / size).T, mode="r", pivoting=True)[1][: M.shape[1]].tolist())


def _smallest_angle(c: Floats, x: Floats, z: Floats) -> float:
    """The sine of the smallest angle between the space of c and those of x and z (complements: positive)."""
    q = np.linalg.qr(c).Q
    sines = []
    for other in (x, z):
        b = np.linalg.qr(other).Q
        sines.append(float(np.linalg.svd(b - q @ (q.T @ b), compute_uv=False)[-1]))
    return min(sines)


def _as_float(value: Any) -> float:
    if hasattr(value, "mid"):  # a ball
        return float(value.mid())
    if hasattr(value, "p") and hasattr(value, "q"):  # FLINT's rational
        return int(value.p) / int(value.q)
    return float(value)
