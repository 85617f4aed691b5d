"""Two judges of our own for expressions: plain Fractions by the definitions, and mpmath alone.

Neither uses a line of `theorems.arithmetic`.  `Exact` computes determinants by Laplace's expansion, inverses by the
adjugate, ranks by minors, and has nothing irrational; `Many` is mpmath at a number of digits.  Matrices are lists of
rows, vectors lists.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath


class NoValue(Exception):
    """The value does not exist, or is none that this judge can have."""


class Judge:
    """What both judges share: everything that a field and its order give."""

    def number(self, q: Fraction) -> Any:
        raise NotImplementedError

    def leaf(self, rows: list[list[Fraction]]) -> Any:
        return [[self.number(entry) for entry in row] for row in rows]

    # arrays

    def plus(self, A: Any, B: Any) -> Any:
        return [[a + b for a, b in zip(x, y, strict=True)] for x, y in zip(A, B, strict=True)]

    def minus(self, A: Any, B: Any) -> Any:
        return [[a - b for a, b in zip(x, y, strict=True)] for x, y in zip(A, B, strict=True)]

    def product(self, A: Any, B: Any) -> Any:
        columns = list(zip(*B, strict=True))
        return [[sum((a * b for a, b in zip(x, y, strict=True)), self.number(Fraction(0))) for y in columns] for x in A]

    def transpose(self, A: Any) -> Any:
        return [list(column) for column in zip(*A, strict=True)]

    def times(self, c: Any, A: Any) -> Any:
        return [[c * a for a in row] for row in A]

    def relu(self, A: Any) -> Any:
        return [[a if a > 0 else self.number(Fraction(0)) for a in row] for row in A]

    def absolute(self, A: Any) -> Any:
        return [[abs(a) for a in row] for row in A]

    def beside(self, A: Any, B: Any) -> Any:
        return [[*x, *y] for x, y in zip(A, B, strict=True)]

    def column(self, A: Any) -> Any:
        return [row[0] for row in A]

    def outer(self, x: Any, y: Any) -> Any:
        return [[a * b for b in y] for a in x]

    def softmax(self, A: Any) -> Any:
        powers = [[self.exp(a) for a in row] for row in A]
        sums = [sum(column[1:], column[0]) for column in zip(*powers, strict=True)]
        return [[a / total for a, total in zip(row, sums, strict=True)] for row in powers]

    # scalars

    def add(self, x: Any, y: Any) -> Any:
        return x + y

    def subtract(self, x: Any, y: Any) -> Any:
        return x - y

    def multiply(self, x: Any, y: Any) -> Any:
        return x * y

    def divide(self, x: Any, y: Any) -> Any:
        if y == 0:
            raise NoValue
        return x / y

    def larger(self, x: Any, y: Any) -> Any:
        return max(x, y)

    def smaller(self, x: Any, y: Any) -> Any:
        return min(x, y)

    def size(self, x: Any) -> Any:
        return abs(x)

    def trace(self, A: Any) -> Any:
        return sum((A[i][i] for i in range(1, len(A))), A[0][0])

    def squares(self, A: Any) -> Any:
        return sum((a * a for row in A for a in row), self.number(Fraction(0)))

    def frobenius(self, A: Any) -> Any:
        return self.sqrt(self.squares(A))

    def length(self, x: Any) -> Any:
        return self.sqrt(sum((a * a for a in x), self.number(Fraction(0))))

    def dot(self, x: Any, y: Any) -> Any:
        return sum((a * b for a, b in zip(x, y, strict=True)), self.number(Fraction(0)))

    def root(self, x: Any) -> Any:
        return self.sqrt(abs(x))

    def exponential(self, x: Any) -> Any:
        return self.exp(x)

    def logarithm(self, x: Any) -> Any:
        return self.log(1 + abs(x))

    def sqrt(self, x: Any) -> Any:
        raise NotImplementedError

    def exp(self, x: Any) -> Any:
        raise NotImplementedError

    def log(self, x: Any) -> Any:
        raise NotImplementedError


class Exact(Judge):
    """Fractions, by the definitions."""

    def number(self, q: Fraction) -> Fraction:
        return q

    def sqrt(self, x: Fraction) -> Fraction:
        top, bottom = math.isqrt(x.numerator), math.isqrt(x.denominator)
        if top * top != x.numerator or bottom * bottom != x.denominator:
            raise NoValue
        return Fraction(top, bottom)

    def exp(self, x: Fraction) -> Fraction:
        if x != 0:
            raise NoValue
        return Fraction(1)

    def log(self, x: Fraction) -> Fraction:
        if x != 1:
            raise NoValue
        return Fraction(0)

    def determinant(self, A: Any) -> Fraction:
        if not A:
            return Fraction(1)
        total = Fraction(0)
        for j, entry in enumerate(A[0]):
            total += (-1) ** j * entry * self.determinant([row[:j] + row[j + 1 :] for row in A[1:]])
        return total

    def inverse(self, A: Any) -> Any:
        whole = self.determinant(A)
        if whole == 0:
            raise NoValue
        n = range(len(A))

        def minor(i: int, j: int) -> Fraction:
            return self.determinant([[A[p][q] for q in n if q != j] for p in n if p != i])

        return [[(-1) ** (i + j) * minor(j, i) / whole for j in n] for i in n]

    def rank(self, A: Any) -> int:
        m, n = len(A), len(A[0])
        for r in range(min(m, n), 0, -1):
            for rows in itertools.combinations(range(m), r):
                for columns in itertools.combinations(range(n), r):
                    if self.determinant([[A[i][j] for j in columns] for i in rows]) != 0:
                        return r
        return 0

    def singular_value(self, A: Any, k: int) -> Fraction:
        if k > min(len(A), len(A[0])):
            return Fraction(0)
        if len(A) == 1 or len(A[0]) == 1:
            return self.frobenius(A)  # type: ignore[no-any-return]
        if self.rank(A) < k:
            return Fraction(0)
        raise NoValue

    # decisions

    def nonsingular(self, A: Any) -> bool:
        return self.determinant(A) != 0

    def symmetric(self, A: Any) -> bool:
        return bool(self.transpose(A) == A)

    def semidefinite(self, A: Any) -> bool:
        """Symmetric, and no principal minor is negative."""
        n = range(len(A))
        chosen = (c for r in range(1, len(A) + 1) for c in itertools.combinations(n, r))
        return self.symmetric(A) and all(self.determinant([[A[i][j] for j in c] for i in c]) >= 0 for c in chosen)


class Many(Judge):
    """mpmath at that many digits, in a context of its own."""

    def __init__(self, digits: int) -> None:
        self.context = mpmath.MPContext()
        self.context.dps = digits

    def number(self, q: Fraction) -> Any:
        return self.context.mpf(q.numerator) / q.denominator

    def sqrt(self, x: Any) -> Any:
        return self.context.sqrt(x)

    def exp(self, x: Any) -> Any:
        if abs(x) > 10_000:
            raise NoValue
        return self.context.exp(x)

    def log(self, x: Any) -> Any:
        return self.context.log(x)

    def determinant(self, A: Any) -> Any:
        return self._called(lambda matrix: self.context.det(matrix), A)

    def inverse(self, A: Any) -> Any:
        return self._called(lambda matrix: self.context.inverse(matrix), A).tolist()

    def singular_value(self, A: Any, k: int) -> Any:
        if k > min(len(A), len(A[0])):
            return self.context.mpf(0)
        return self._called(lambda matrix: self.context.svd_r(matrix, compute_uv=False), A)[k - 1]

    def _called(self, function: Callable[[Any], Any], A: Any) -> Any:
        try:
            return function(self.context.matrix(A))
        except (ZeroDivisionError, RuntimeError):  # singular at this precision; no convergence
            raise NoValue from None
