"""Hypothesis strategies for the small exact matrices that the tests of the arithmetics share."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from theorems.case import SVD, Array

entries = st.builds(Fraction, st.integers(-6, 6), st.integers(1, 4))


def matrix(rows: list[list[Any]]) -> Array:
    """An object array of Fractions."""
    result = np.empty((len(rows), len(rows[0]) if rows else 0), dtype=object)
    for i, row in enumerate(rows):
        for j, entry in enumerate(row):
            result[i, j] = Fraction(entry)
    return result


def vector(values: list[Any]) -> Array:
    """A vector of Fractions."""
    result = np.empty(len(values), dtype=object)
    result[:] = [Fraction(value) for value in values]
    return result


@st.composite
def matrices(draw: st.DrawFn, m: int, n: int) -> Array:
    """Matrices with short rational entries; about a third of rank at most one."""
    if draw(st.integers(0, 2)) == 0:
        x, y = (draw(st.lists(entries, min_size=k, max_size=k)) for k in (m, n))
        return matrix([[a * b for b in y] for a in x])
    return matrix([draw(st.lists(entries, min_size=n, max_size=n)) for _ in range(m)])


@st.composite
def orthogonal(draw: st.DrawFn, n: int) -> Array:
    """Rational orthogonal matrices: a product of one or two Householder reflections."""
    Q = np.array([[Fraction(int(i == j)) for j in range(n)] for i in range(n)], dtype=object)
    for _ in range(draw(st.integers(1, 2))):
        v = draw(st.lists(st.integers(-3, 3), min_size=n, max_size=n).filter(any))
        norm = sum(x * x for x in v)
        Q = Q - np.array([[Fraction(2 * a * b, norm) for b in v] for a in v], dtype=object) @ Q
    return Q


@st.composite
def decompositions(draw: st.DrawFn, m: int, n: int) -> SVD:
    """Exact SVDs, with ties and zeros among the singular values."""
    k = min(m, n)
    values = draw(st.lists(st.integers(0, 5), min_size=k, max_size=k))
    s = np.array([Fraction(v, 3) for v in sorted(values, reverse=True)], dtype=object)
    return SVD(draw(orthogonal(m))[:, :k], s, draw(orthogonal(n))[:, :k])
