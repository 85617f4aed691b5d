"""Sums of squares: a polynomial that is visibly not negative, with rational squares.

A Gram matrix is sought in floats (Clarabel, a semidefinite program), rounded, moved onto the polynomial exactly, and
factored as L D L^T in fractions: only what that last step shows counts.  Numbers that are not negative are replaced by
squares first.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from theorems.errors import InputError

Monomial = tuple[int, ...]
Poly = Mapping[Monomial, Fraction]
#: (weight, coefficients): weight * (sum of coefficient * monomial)^2.
Square = tuple[Fraction, dict[Monomial, Fraction]]

#: Monomials of the basis, at most; denominators that a rounded Gram matrix may have.
MOST_MONOMIALS = 60
DENOMINATORS = (1, 2, 4, 12, 60, 1000, 10**5, 10**8)


def sum_of_squares(p: Poly, nonnegative: Collection[int] = ()) -> list[Square] | None:
    """Squares with positive weights that sum to p, where the variables of `nonnegative` are squares of new ones.

    None where none were found.  Raises `InputError` where Clarabel is not installed.
    """
    if not p:
        return []
    used = [k for k in range(len(next(iter(p)))) if any(m[k] for m in p)]
    target = {tuple(m[k] * (2 if k in nonnegative else 1) for k in used): c for m, c in p.items()}
    squares = _squares(target)
    if squares is None:
        return None
    width = len(next(iter(p)))

    def spread(m: Monomial) -> Monomial:
        whole = [0] * width
        for k, e in zip(used, m, strict=True):
            whole[k] = e
        return tuple(whole)

    return [(w, {spread(m): c for m, c in form.items()}) for w, form in squares]


def _squares(p: Poly) -> list[Square] | None:
    basis = _basis(p)
    if not basis or len(basis) > MOST_MONOMIALS:
        return None
    pairs: dict[Monomial, list[tuple[int, int]]] = {}
    for i, j in itertools.combinations_with_replacement(range(len(basis)), 2):
        pairs.setdefault(_plus(basis[i], basis[j]), []).append((i, j))
    if any(m not in pairs for m in p):
        return None
    gram = _gram(p, pairs, len(basis))
    if gram is None:
        return None
    for denominator in DENOMINATORS:
        exact = _moved(p, pairs, gram, denominator)
        factors = ldl(exact)
        if factors is not None:
            return [(d, {basis[i]: x for i, x in enumerate(column) if x}) for d, column in factors]
    return None


def _plus(a: Monomial, b: Monomial) -> Monomial:
    return tuple(x + y for x, y in zip(a, b, strict=True))


def _basis(p: Poly) -> list[Monomial]:
    """Monomials whose squares may occur: in half of the box and degrees of p, less those whose square cannot cancel."""
    width = len(next(iter(p)))
    top = [max(m[k] for m in p) for k in range(width)]
    low = [min(m[k] for m in p) for k in range(width)]
    most, least = max(map(sum, p)), min(map(sum, p))
    if most % 2 or least % 2 or any(t % 2 for t in top):
        return []
    ranges = [range((l + 1) // 2, t // 2 + 1) for l, t in zip(low, top, strict=True)]
    count = 1
    for r in ranges:
        count *= len(r)
    if count > 20_000:
        return []
    basis = [m for m in itertools.product(*ranges) if least <= 2 * sum(m) <= most]
    changed = True
    while changed:  # a square that nothing else makes must have its coefficient in p, and a positive one
        changed = False
        sums: dict[Monomial, int] = {}
        if len(basis) > 200:
            inside = [m for m in basis if p.get(tuple(2 * e for e in m), 0) > 0]
            basis, changed = inside, False
            break
        for a, b in itertools.combinations(basis, 2):
            key = _plus(a, b)
            sums[key] = sums.get(key, 0) + 1
        for m in list(basis):
            double = tuple(2 * e for e in m)
            if double not in sums and p.get(double, 0) <= 0:
                basis.remove(m)
                changed = True
    return basis


def _gram(p: Poly, pairs: Mapping[Monomial, Sequence[tuple[int, int]]], n: int) -> Any:
    try:
        import clarabel
    except ImportError:
        raise InputError("sums of squares need the solver Clarabel: pip install 'theorem-checker[proofs]'") from None
    from scipy import sparse

    position: dict[tuple[int, int], int] = {}
    for j in range(n):  # the upper triangle by columns
        for i in range(j + 1):
            position[i, j] = len(position)
    count, root = len(position), np.sqrt(2.0)
    size = max(abs(float(c)) for c in p.values())
    rows, columns, values, b = [], [], [], []
    for r, (monomial, where) in enumerate(pairs.items()):
        for i, j in where:
            rows.append(r)
            columns.append(position[i, j])
            values.append(1.0 if i == j else root)
        b.append(float(p.get(monomial, 0)) / size)
    equations = sparse.csc_matrix((values, (rows, columns)), (len(b), count))
    A = sparse.vstack([equations, -sparse.identity(count)], format="csc")
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_iter = 100
    settings.time_limit = 3.0
    cones = [clarabel.ZeroConeT(len(b)), clarabel.PSDTriangleConeT(n)]
    zero = sparse.csc_matrix((count, count))
    right = np.concatenate([b, np.zeros(count)])
    solution = clarabel.DefaultSolver(zero, np.zeros(count), A, right, cones, settings).solve()
    if "Solved" not in str(solution.status):
        return None
    gram = np.zeros((n, n))
    for (i, j), k in position.items():
        gram[i, j] = gram[j, i] = solution.x[k] * size / (1.0 if i == j else root)
    return gram if np.isfinite(gram).all() else None


def _moved(p: Poly, pairs: Mapping[Monomial, Sequence[tuple[int, int]]], gram: Any, denominator: int) -> Any:
    """The rounded Gram matrix, moved so that its polynomial is p exactly."""
    n = len(gram)
    Q = [[Fraction(round(gram[i, j] * denominator), denominator) for j in range(n)] for i in range(n)]
    for i, j in itertools.combinations(range(n), 2):
        Q[j][i] = Q[i][j]
    for monomial, where in pairs.items():
        now = sum((Q[i][j] * (1 if i == j else 2) for i, j in where), Fraction(0))
        miss = Fraction(p.get(monomial, 0)) - now
        if miss:
            share = miss / sum(1 if i == j else 2 for i, j in where)
            for i, j in where:
                Q[i][j] += share
                if i != j:
                    Q[j][i] += share
    return Q


def ldl(Q: Sequence[Sequence[Fraction]]) -> list[tuple[Fraction, list[Fraction]]] | None:
    """Q = sum d_k l_k l_k^T with d_k > 0, exactly; None where Q is not semidefinite."""
    n = len(Q)
    rows = [list(row) for row in Q]
    factors = []
    for k in range(n):
        pivot = rows[k][k]
        if pivot < 0:
            return None
        if pivot == 0:
            if any(rows[k][j] for j in range(n)):
                return None
            continue
        column = [rows[i][k] / pivot for i in range(n)]
        factors.append((pivot, column))
        for i in range(n):
            for j in range(n):
                rows[i][j] -= pivot * column[i] * column[j]
    return factors
