"""Error matrices E = target - W_L ... W_1 with their SVDs, for batches and exactly.

Drawing (U, s, V) and deriving the target costs no SVD in floats and makes one available in exact arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.random import Generator

from theorems.case import SVD, Array
from theorems.strategies.laws import Floats, haar, signed_permutations, signs
from theorems.strategies.rational import identity, product_of, rational_orthogonal, signed_permutation, solve_exactly
from theorems.strategies.rational import signs as exact_signs

#: ``law(generator, P, s, rank)``: an SVD with singular values like s (all or scaled), for the product P = W_L ... W_1;
#: `rank` is the r of a partial sum P + LR_r(E).
ErrorLaw: TypeAlias = Callable[[Generator, Floats, Floats, int], SVD]


def any_directions(generator: Generator, P: Floats, s: Floats, rank: int) -> SVD:
    """U and V Haar and independent."""
    count, D = s.shape
    return SVD(haar(generator, count, D), s, haar(generator, count, D))


def diagonal(generator: Generator, P: Floats, s: Floats, rank: int) -> SVD:
    """E diagonal, up to signs and the order of its entries."""
    U = signed_permutations(generator, *s.shape)
    return SVD(U, s, U * signs(generator, s.shape)[:, None, :])


def gaussian_target(generator: Generator, P: Floats, s: Floats, rank: int) -> SVD:
    """E = T - P for a gaussian target T of the size of P; s is not used."""
    size = np.linalg.norm(P, axis=(-2, -1), keepdims=True) / P.shape[-1]
    return svd_of(generator.standard_normal(P.shape) * size - P)


def zero_target(generator: Generator, P: Floats, s: Floats, rank: int) -> SVD:
    """E = -P: the target is zero."""
    return svd_of(-P)


def singular_sum(generator: Generator, P: Floats, s: Floats, rank: int) -> SVD:
    """E scaled so that P + LR_r(E) is singular to rounding, r = rank (or 1 where the eigenvalues are all complex)."""
    svd = any_directions(generator, P, s, rank)
    r = max(min(rank, s.shape[1]), 1)
    # P + t LR_r is singular exactly when -1/t is an eigenvalue of V_r^T P^{-1} U_r S_r.
    core = svd.V[:, :, :r].mT @ solve_members(P, svd.U[:, :, :r]) * s[:, None, :r]
    core = np.where(np.isfinite(core), core, 0.0)
    values = np.linalg.eigvals(core)
    real = np.where(np.abs(values.imag) <= 1e-12 * np.abs(values), values.real, 0.0)
    best = np.take_along_axis(real, np.abs(real).argmax(-1)[:, None], -1)[:, 0]
    best = np.where(best == 0.0, core[:, 0, 0], best)
    with np.errstate(divide="ignore", over="ignore"):
        t = np.where(np.abs(best) > 1e-200, 1.0 / np.abs(best), 1.0)
    flip = np.where(best > 0, -1.0, 1.0)
    return SVD(svd.U, s * t[:, None], svd.V * flip[:, None, None])


def nearly_singular_sum(generator: Generator, P: Floats, s: Floats, rank: int) -> SVD:
    """As `singular_sum`, then off by a factor 1 +- 1e-12 to 1e-1."""
    svd = singular_sum(generator, P, s, rank)
    off = 1.0 + 10.0 ** generator.uniform(-12.0, -1.0, len(s)) * signs(generator, (len(s),))
    return SVD(svd.U, svd.s * off[:, None], svd.V)


#: Laws of batches by name.
ERRORS: dict[str, ErrorLaw] = {
    "diagonal": diagonal,
    "any directions": any_directions,
    "gaussian target": gaussian_target,
    "zero target": zero_target,
    "singular sum": singular_sum,
    "nearly singular sum": nearly_singular_sum,
}


def svd_of(A: Floats) -> SVD:
    """The SVD of every member."""
    U, s, Vt = np.linalg.svd(A)
    return SVD(U, s, np.ascontiguousarray(Vt.mT))


def solve_members(A: Floats, B: Floats) -> Floats:
    """A^{-1} B of every member, NaN for an exactly singular A."""
    try:
        return np.asarray(np.linalg.solve(A, B), dtype=np.float64)
    except np.linalg.LinAlgError:
        with np.errstate(all="ignore"):
            singular = ~np.asarray(np.abs(np.linalg.slogdet(A)[0]) > 0)
        solution = np.linalg.solve(np.where(singular[:, None, None], np.eye(A.shape[-1]), A), B)
        return np.where(singular[:, None, None], np.nan, solution)


# Exactly


def exact_error(
    generator: Generator, law: str, weights: list[Array], s: Array, rank: int, *, size: int
) -> tuple[list[Array], SVD]:
    """The weights and an exact SVD of E under a name of `ERRORS`; a zero target redefines the last weight."""
    D = len(s)
    if law == "diagonal":
        U = identity(D) if size == 0 else signed_permutation(generator, D)
        return weights, SVD(U, s, U if size == 0 else U * exact_signs(generator, D))
    U, V = rational_orthogonal(generator, D, size=size), rational_orthogonal(generator, D, size=size)
    if law == "zero target":
        # W_L := U S V^T (W_{L-1} ... W_1)^{-1}, so that the product has a known SVD
        s = np.asarray(s + 1)
        P = product_of(U * s, V.T)
        rest = product_of(*weights[-2::-1]) if len(weights) > 1 else identity(D)
        last = solve_exactly(rest.T, P.T)
        if last is not None:
            return [*weights[:-1], last.T], SVD(U * Fraction(-1), s, V)
    if law in ("singular sum", "nearly singular sum"):
        off = Fraction(0) if law == "singular sum" else Fraction(1, 10 ** int(generator.integers(1, 13)))
        return weights, _exact_singular_sum(product_of(*weights[::-1]), SVD(U, s, V), max(min(rank, D), 1), 1 + off)
    return weights, SVD(U, s, V)


def _exact_singular_sum(P: Array, svd: SVD, r: int, off: Fraction) -> SVD:
    """Singular values and a sign chosen so that P + LR_r(E), with sigma_r divided by `off`, is singular.

    With M = P + LR_{r-1}(E) non-singular, M + s u v^T is singular exactly for s = -1 / (v^T M^{-1} u).  As the first
    r - 1 values grow this s stays bounded, so that doubling them restores the order.
    """
    U, V = svd.U, svd.V.copy()
    s = np.array([Fraction(len(svd.s) - i) for i in range(len(svd.s))], dtype=object)  # all positive
    for _ in range(12):
        head = SVD(U[:, : r - 1], s[: r - 1], V[:, : r - 1]).matrix if r > 1 else P * 0
        answer = solve_exactly(P + head, U[:, r - 1 :])
        if answer is not None:
            core = V[:, r - 1 :].T @ answer
            if core[0, 0] == 0 and (core != 0).any():  # other directions for the r-th pair
                i, j = np.argwhere(core != 0)[0]
                U, V = _swapped(U, r - 1, r - 1 + int(j)), _swapped(V, r - 1, r - 1 + int(i))
                core = core[[i]][:, [j]]
            if core[0, 0] != 0:
                needed = abs(1 / core[0, 0])
                if r == 1 or 2 * needed <= s[r - 2]:
                    if core[0, 0] > 0:
                        V[:, r - 1] = -V[:, r - 1]
                    tail = [needed * off * Fraction(1, i + 1) for i in range(len(s) - r + 1)]
                    s[r - 1 :] = tail
                    return SVD(U, s, V)
        s[: r - 1] = s[: r - 1] * 2 if r > 1 else s[: r - 1]
    return svd


def _swapped(A: Array, i: int, j: int) -> Array:
    order = list(range(A.shape[1]))
    order[i], order[j] = order[j], order[i]
    return A[:, order]
