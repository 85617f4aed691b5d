"""Singular values of small matrices, decided exactly over the rationals: what certified bounds are tested against."""

from __future__ import annotations

import itertools
from typing import Any

import flint
import numpy as np

from theorems.weights.certified import Dense, Matrix
from theorems.weights.stored import Floats


def rational(A: Floats) -> flint.fmpq_mat:
    entries = [flint.fmpq(*float(x).as_integer_ratio()) for x in A.ravel()]
    return flint.fmpq_mat(A.shape[0], A.shape[1], entries)


def power_of_two(exponent: int) -> flint.fmpq:
    return flint.fmpq(2) ** exponent


def exact(E: Matrix) -> flint.fmpq_mat:
    if isinstance(E, Dense):
        return rational(E.centre) * power_of_two(E.exponent)
    return rational(E.left) * rational(E.right) * (power_of_two(E.exponent) * rational(np.array([[E.factor]]))[0, 0])


def squared(x: float) -> flint.fmpq:
    value = flint.fmpq(*float(x).as_integer_ratio())
    return value * value


def gram(E: flint.fmpq_mat) -> flint.fmpq_mat:
    return E.transpose() * E


def eigenvalues_above(G: flint.fmpq_mat, t: flint.fmpq) -> int:
    """How many eigenvalues of G exceed t: the sign changes of its characteristic polynomial moved by t (Descartes)."""
    p = G.charpoly()(flint.fmpq_poly([t, 1]))
    signs = [c > 0 for c in p.coeffs() if c != 0]
    return sum(a != b for a, b in itertools.pairwise(signs))


def eigenvalues_from(G: flint.fmpq_mat, t: flint.fmpq) -> int:
    """How many eigenvalues of G are at least t."""
    n = G.nrows()
    return n - eigenvalues_above(G * flint.fmpq(-1), -t)


def trace(G: flint.fmpq_mat) -> flint.fmpq:
    return sum((G[i, i] for i in range(G.nrows())), start=flint.fmpq(0))


def tail_sums(G: flint.fmpq_mat) -> list[flint.arb]:
    """Enclosures of the sums of all but the r largest eigenvalues of G, r = 0, ..., n; entries of about one."""
    p = G.charpoly()
    whole = flint.fmpz_poly([int((c * p.denom()).p) for c in p.coeffs()])
    found: Any = whole.complex_roots()  # pairs of a root and its multiplicity
    roots: list[flint.arb] = [root.real for root, multiplicity in found for _ in range(multiplicity)]
    roots.sort(key=lambda root: root.mid())
    return [sum(roots[: len(roots) - r], start=flint.arb(0)) for r in range(len(roots) + 1)]
