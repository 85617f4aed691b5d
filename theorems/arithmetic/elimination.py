"""Linear algebra of rational matrices in integers: fraction-free elimination and the characteristic polynomial.

Standard library only; matrices are lists of rows of Fractions.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

from theorems.arithmetic.work import length, spend

Rows = Sequence[Sequence[Fraction]]


def integers(rows: Rows) -> tuple[list[list[int]], int]:
    """Integer rows and the common denominator: rows = integers / denominator."""
    spend(0, sum(map(len, rows)), length(entry for row in rows for entry in row), 0)
    denominator = math.lcm(*(entry.denominator for row in rows for entry in row))
    return [[entry.numerator * (denominator // entry.denominator) for entry in row] for row in rows], denominator


def product(A: Rows, B: Rows) -> list[list[Fraction]]:
    """A B for two non-empty matrices."""
    top, top_denominator = integers(A)
    columns, bottom_denominator = integers(list(zip(*B, strict=True)))
    left, right = (length(entry for row in rows for entry in row) for rows in (A, B))
    spend(len(A) * len(B) * len(columns), len(A) * len(columns), left, right)
    denominator = top_denominator * bottom_denominator
    return [[Fraction(_dot(row, column), denominator) for column in columns] for row in top]


def _dot(x: Sequence[int], y: Sequence[int]) -> int:
    return sum(a * b for a, b in zip(x, y, strict=True))


def eliminate(rows: Rows, columns: int) -> tuple[list[list[int]], list[int], int, Fraction]:
    """Bareiss' fraction-free Gauss-Jordan elimination on the first `columns` columns.

    Returns (rows, pivots, pivot, factor).  The rows are integers; `pivots` are the columns with a pivot, one for each
    of the first rows, which hold `pivot` in their own pivot column and zero in the others.  For a square matrix with a
    pivot in each of its columns, det = factor * pivot.
    """
    work = []
    factor = Fraction(1)
    for row in rows:
        (whole,), denominator = integers([row])
        work.append(whole)
        factor /= denominator
    n = min(len(work), columns)
    minors = n * max((length(row) for row in work), default=0)
    spend(3 * n * sum(map(len, work)), sum(map(len, work)), minors, minors)
    pivots: list[int] = []
    last = 1
    for column in range(columns):
        done = len(pivots)
        found = next((i for i in range(done, len(work)) if work[i][column]), None)
        if found is None:
            continue
        if found != done:
            work[done], work[found] = work[found], work[done]
            factor = -factor
        leading = work[done]
        pivot = leading[column]
        for i, other in enumerate(work):
            if i != done:
                first = other[column]
                work[i] = [(pivot * a - first * b) // last for a, b in zip(other, leading, strict=True)]
        last = pivot
        pivots.append(column)
    return work, pivots, last, factor


def determinant(A: Rows) -> Fraction:
    """det A of a square matrix; 1 for the empty one."""
    _, pivots, pivot, factor = eliminate(A, len(A))
    return factor * pivot if len(pivots) == len(A) else Fraction(0)


def rank(A: Rows) -> int:
    """The rank of a matrix with at least one row."""
    return len(eliminate(A, len(A[0]))[1])


def solve(A: Rows, B: Rows) -> list[list[Fraction]] | None:
    """A^{-1} B, or None when the square matrix A is singular."""
    n = len(A)
    work, pivots, pivot, _ = eliminate([[*a, *b] for a, b in zip(A, B, strict=True)], n)
    if len(pivots) < n:
        return None
    return [[Fraction(entry, pivot) for entry in row[n:]] for row in work]


def characteristic_polynomial(A: Rows) -> list[Fraction]:
    """The coefficients of det(x I - A), lowest first, by the method of Faddeev and Le Verrier."""
    n = len(A)
    whole, denominator = integers(A)
    entries = length(entry for row in A for entry in row)
    spend(n**4, n, entries, n * entries)
    columns_of_power = [[0] * n for _ in range(n)]  # M_0 = 0, kept by columns
    coefficient = 1
    highest_first = [Fraction(1)]
    scale = 1
    for k in range(1, n + 1):
        for i in range(n):
            columns_of_power[i][i] += coefficient  # M_k = A M_{k-1} + c_{n-k+1} I
        columns_of_power = [[_dot(row, column) for row in whole] for column in columns_of_power]
        coefficient = -sum(columns_of_power[i][i] for i in range(n)) // k
        scale *= denominator
        highest_first.append(Fraction(coefficient, scale))
    return highest_first[::-1]


def roots_above(coefficients: Sequence[Fraction], t: Fraction) -> int:
    """How many roots of a polynomial (lowest coefficient first) with real roots only are larger than t.

    Descartes' rule on p(x + t), whose coefficients are the remainders of repeated divisions by x - t; for t = a / b on
    b^n p((x + a) / b), which is a polynomial with integer coefficients.
    """
    (shifted,), _ = integers([coefficients])
    spend(len(shifted) ** 2, 0, length(coefficients), len(shifted) * length([t]))
    power = 1
    for i in range(len(shifted) - 1, -1, -1):
        shifted[i] *= power
        power *= t.denominator
    for start in range(len(shifted) - 1):
        for i in range(len(shifted) - 2, start - 1, -1):
            shifted[i] += t.numerator * shifted[i + 1]
    signs = [c > 0 for c in shifted if c != 0]
    return sum(a != b for a, b in itertools.pairwise(signs))
