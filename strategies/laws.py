"""Laws for batches of matrices: ``law(generator, count, m, n)`` gives float64 arrays of shape (count, m, n).

All are vectorised over the batch.  `LAWS` names them; `rational.RATIONAL_LAWS` beside it has an exact matrix under
each of the same names.  In what follows k = min(m, n).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Law: TypeAlias = Callable[[Generator, int, int, int], Floats]

#: Up to this dimension Householder reflections over the whole batch beat one LAPACK call a member.
REFLECTED = 24
#: Members treated at a time, so that a block stays in the cache.
BLOCK = 2048


def gaussian(generator: Generator, count: int, m: int, n: int) -> Floats:
    """Independent standard normal entries."""
    return generator.standard_normal((count, m, n))


def uniform(generator: Generator, count: int, m: int, n: int) -> Floats:
    """Independent entries, uniform in [-1, 1)."""
    return generator.uniform(-1.0, 1.0, (count, m, n))


def xavier_uniform(generator: Generator, count: int, m: int, n: int) -> Floats:
    """Glorot's initialisation: uniform in [-a, a) with a^2 = 6 / (m + n)."""
    return uniform(generator, count, m, n) * float(np.sqrt(6.0 / max(m + n, 1)))


def small_integers(generator: Generator, count: int, m: int, n: int) -> Floats:
    """Integers from -3 to 3: many ties, zeros and singular matrices."""
    return np.asarray(generator.integers(-3, 4, (count, m, n)), dtype=np.float64)


def dyadics(generator: Generator, count: int, m: int, n: int) -> Floats:
    """p / 2^q with \\|p\\| <= 64 and q <= 6: exact in floats, and short as fractions."""
    return np.ldexp(
        generator.integers(-64, 65, (count, m, n)).astype(np.float64), -generator.integers(0, 7, (count, m, n))
    )


def unimodular(generator: Generator, count: int, m: int, n: int) -> Floats:
    """Integer matrices L U with unit triangular factors in {-1, 0, 1}: determinant one where square."""
    k = max(m, n)
    lower = np.tril(generator.integers(-1, 2, (count, k, k)), -1) + np.eye(k)
    upper = np.triu(generator.integers(-1, 2, (count, k, k)), 1) + np.eye(k)
    return np.ascontiguousarray((lower @ upper)[:, :m, :n])


def orthogonal(generator: Generator, count: int, m: int, n: int) -> Floats:
    """Haar orthogonal matrices, cut to m x n (so that rows or columns are orthonormal)."""
    return np.ascontiguousarray(haar(generator, count, max(m, n))[:, :m, :n])


def permutation(generator: Generator, count: int, m: int, n: int) -> Floats:
    """Signed permutation matrices, cut to m x n."""
    return np.ascontiguousarray(signed_permutations(generator, count, max(m, n))[:, :m, :n])


def triangular(generator: Generator, count: int, m: int, n: int) -> Floats:
    """Upper or lower triangular with diagonal entries in 1/2 <= \\|d\\| <= 2: non-singular where square."""
    entries = generator.standard_normal((count, m, n))
    i = np.arange(min(m, n))
    entries[:, i, i] = generator.uniform(0.5, 2.0, (count, len(i))) * signs(generator, (count, len(i)))
    upper = generator.random(count) < 0.5
    return np.where(upper[:, None, None], np.triu(entries), np.tril(entries))


def near_identity(generator: Generator, count: int, m: int, n: int) -> Floats:
    """The identity plus a gaussian matrix of size 1e-8 to 1e-1."""
    return np.eye(m, n) + powers_of_ten(generator, count, -8, -1) * gaussian(generator, count, m, n)


def ill_conditioned(generator: Generator, count: int, m: int, n: int, *, exponent: float = 12.0) -> Floats:
    """U diag(s) V^T with s spaced logarithmically from 1 down to 1 / c, c uniform in exponent up to 10^exponent."""
    k = min(m, n)
    steps = np.linspace(0.0, 1.0, k)[None, :] if k > 1 else np.zeros((1, k))
    s = 10.0 ** (-generator.uniform(0.0, exponent, (count, 1)) * steps)
    return with_singular_values(generator, s, m, n)


def near_singular(generator: Generator, count: int, m: int, n: int) -> Floats:
    """U diag(s) V^T with s in [1/2, 2] but for the last one, 1e-15 to 1e-8."""
    s = np.sort(generator.uniform(0.5, 2.0, (count, min(m, n))))[:, ::-1].copy()
    if s.shape[1]:
        s[:, -1] = 10.0 ** generator.uniform(-15.0, -8.0, count)
    return with_singular_values(generator, s, m, n)


def rank_drop(generator: Generator, count: int, m: int, n: int) -> Floats:
    """Products of gaussian factors of rank r < k, r uniform from 0 to k - 1."""
    k = min(m, n)
    rank = generator.integers(0, max(k, 1), (count, 1))
    left = gaussian(generator, count, m, k) * (np.arange(k) < rank)[:, None, :]
    return left @ gaussian(generator, count, k, n)


def scaled(generator: Generator, count: int, m: int, n: int) -> Floats:
    """Gaussian times one power of ten a member, uniform in exponent from 1e-150 to 1e150."""
    return powers_of_ten(generator, count, -150, 150) * gaussian(generator, count, m, n)


def sparse(generator: Generator, count: int, m: int, n: int) -> Floats:
    """Gaussian where a coin of probability 0.3 falls, zero elsewhere."""
    return gaussian(generator, count, m, n) * (generator.random((count, m, n)) < 0.3)


#: The laws by name, the simplest first (Hypothesis shrinks towards it).
LAWS: dict[str, Law] = {
    "small integers": small_integers,
    "gaussian": gaussian,
    "uniform": uniform,
    "Xavier uniform": xavier_uniform,
    "dyadic": dyadics,
    "unimodular": unimodular,
    "permutation": permutation,
    "orthogonal": orthogonal,
    "triangular": triangular,
    "near-identity": near_identity,
    "sparse": sparse,
    "rank drop": rank_drop,
    "ill-conditioned": ill_conditioned,
    "near-singular": near_singular,
    "near over- and underflow": scaled,
}

#: Laws whose square matrices are non-singular, almost surely at least.
NONSINGULAR_LAWS = (
    "gaussian", "uniform", "Xavier uniform", "unimodular", "permutation", "orthogonal", "triangular", "near-identity",
    "ill-conditioned", "near-singular", "near over- and underflow",
)


# Material


def haar(generator: Generator, count: int, n: int) -> Floats:
    """Orthogonal matrices (count, n, n) with the Haar distribution."""
    if n > REFLECTED:
        Q, R = np.linalg.qr(generator.standard_normal((count, n, n)))
        return np.asarray(Q * np.sign(np.diagonal(R, axis1=-2, axis2=-1))[:, None, :])
    result = np.empty((count, n, n))
    for start in range(0, count, BLOCK):
        block = result[start : start + BLOCK]
        block[...] = np.moveaxis(_reflected(generator, len(block), n), -1, 0)
    return result


def _reflected(generator: Generator, count: int, n: int) -> Floats:
    """Stewart's product of random Householder reflections, (n, n, count): the batch axis is last, and contiguous.

    From the lower right corner: a k x k Haar matrix is a random unit vector x as the first column, completed by the
    reflection that maps the first unit vector to it, times a (k - 1) x (k - 1) Haar matrix.
    """
    Q = np.zeros((n, n, count))
    if n == 0:
        return Q
    Q[-1, -1] = signs(generator, (count,))
    for k in range(2, n + 1):
        x = generator.standard_normal((k, count))
        norm = np.sqrt((x * x).sum(0))
        sign = np.copysign(1.0, x[0])
        v = x
        v[0] += sign * norm
        block = Q[n - k :, n - k :]
        block[0, 0] = 1.0
        # H = I - 2 v v^T / (v^T v), and v^T v = 2 norm |v_0|
        w = np.empty((k, count))
        w[0] = v[0]
        np.einsum("ic,ijc->jc", v[1:], block[1:, 1:], out=w[1:])
        w /= norm * np.abs(v[0])
        block -= v[:, None, :] * w[None, :, :]
        block *= -sign  # the first column is x / norm itself, not its reflection
    return Q


def with_singular_values(generator: Generator, s: Floats, m: int, n: int) -> Floats:
    """U diag(s) V^T with Haar U and V, for s of shape (count, min(m, n))."""
    k = s.shape[-1]
    U, V = haar(generator, len(s), m)[:, :, :k], haar(generator, len(s), n)[:, :, :k]
    product: Floats = (U * s[:, None, :]) @ V.mT
    return product


def signed_permutations(generator: Generator, count: int, n: int) -> Floats:
    """Permutation matrices with random signs, (count, n, n)."""
    order = np.argsort(generator.random((count, n)), axis=-1)
    result = np.zeros((count, n, n))
    np.put_along_axis(result, order[:, :, None], signs(generator, (count, n, 1)), axis=-1)
    return result


def signs(generator: Generator, shape: tuple[int, ...]) -> Floats:
    """Random signs, -1.0 or 1.0."""
    return np.asarray(generator.integers(0, 2, shape) * 2.0 - 1.0, dtype=np.float64)


def powers_of_ten(generator: Generator, count: int, low: float, high: float) -> Floats:
    """10^e with e uniform in [low, high), (count, 1, 1)."""
    return np.asarray(10.0 ** generator.uniform(low, high, (count, 1, 1)))
