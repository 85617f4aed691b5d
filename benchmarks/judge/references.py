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

    def hadamard(self, A: Any, B: Any) -> Any:
        return [[a * b for a, b in zip(x, y, strict=True)] for x, y in zip(A, B, strict=True)]

    def kronecker(self, A: Any, B: Any) -> Any:
        return [[a * b for a in x for b in y] for x in A for y in B]

    def power(self, A: Any, k: int) -> Any:
        result = [[self.number(Fraction(int(i == j))) for j in range(len(A))] for i in range(len(A))]
        for _ in range(k):
            result = self.product(A, result)
        return result

    def symmetric_part(self, A: Any) -> Any:
        return [[(a + b) / 2 for a, b in zip(x, y, strict=True)] for x, y in zip(A, self.transpose(A), strict=True)]

    def softmax_rows(self, A: Any) -> Any:
        return self.transpose(self.softmax(self.transpose(A)))

    # vectors

    def sum(self, x: Any) -> Any:
        return sum(x[1:], x[0])

    def product_of_entries(self, x: Any) -> Any:
        result = self.number(Fraction(1))
        for a in x:
            result = result * a
        return result

    def mean(self, x: Any) -> Any:
        return self.sum(x) / len(x)

    def order_statistic(self, x: Any, k: int) -> Any:
        return sorted(x)[k - 1]

    def one_norm(self, x: Any) -> Any:
        return self.sum([abs(a) for a in x])

    def max_norm(self, x: Any) -> Any:
        return max(abs(a) for a in x)

    def log_sum_exp(self, x: Any) -> Any:
        return self.log(self.sum([self.exp(a) for a in x]))

    def covariance(self, x: Any, y: Any, w: Any) -> Any:
        """Half the mean of (x - x')(y - y') over two independent copies."""
        pairs = [(i, j) for i in range(len(w)) for j in range(len(w))]
        return self.sum([w[i] * w[j] * (x[i] - x[j]) * (y[i] - y[j]) for i, j in pairs]) / 2

    # norms, and the characteristic polynomial by principal minors

    def induced_one_norm(self, A: Any) -> Any:
        return max(self.one_norm(column) for column in self.transpose(A))

    def induced_max_norm(self, A: Any) -> Any:
        return max(map(self.one_norm, A))

    def entrywise_one_norm(self, A: Any) -> Any:
        return self.sum([self.one_norm(row) for row in A])

    def entrywise_max_norm(self, A: Any) -> Any:
        return max(map(self.max_norm, A))

    def determinant(self, A: Any) -> Any:
        raise NotImplementedError

    def coefficient(self, A: Any, k: int) -> Any:
        n = len(A)
        chosen = itertools.combinations(range(n), n - k)
        minors = [self.determinant([[A[i][j] for j in c] for i in c]) for c in chosen]
        return (-1) ** (n - k) * self.sum(minors)

    def derivative(self, A: Any) -> Any:
        """The sum of d det / d A_ii: of the minors without row and column i."""
        n = range(len(A))
        return self.sum([self.determinant([[A[p][q] for q in n if q != i] for p in n if p != i]) for i in n])

    # scalars

    def sigmoid(self, x: Any) -> Any:
        return 1 / (1 + self.exp(-x))

    def tanh(self, x: Any) -> Any:
        return (self.exp(x) - self.exp(-x)) / (self.exp(x) + self.exp(-x))

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

    def nuclear_norm(self, A: Any) -> Fraction:
        return self.ky_fan_norm(A, len(A))

    def ky_fan_norm(self, A: Any, k: int) -> Fraction:
        return sum((self.singular_value(A, i + 1) for i in range(min(k, len(A), len(A[0])))), Fraction(0))

    def schatten_norm(self, A: Any, p: int) -> Fraction:
        if p == 2:
            return self.frobenius(A)  # type: ignore[no-any-return]
        return self.nuclear_norm(A) if self.rank(A) <= 1 else self._none()

    def _none(self) -> Fraction:
        raise NoValue

    def eigenvalue(self, A: Any, k: int) -> Fraction:
        if len(A) == 1:
            return A[0][0]  # type: ignore[no-any-return]
        raise NoValue

    def pseudo_inverse(self, A: Any) -> Any:
        """From a basis C of the columns, A = C F: F^T (F F^T)^{-1} (C^T C)^{-1} C^T."""
        chosen: list[int] = []
        for j in range(len(A[0])):
            if self.rank([[row[c] for c in (*chosen, j)] for row in A]) > len(chosen):
                chosen.append(j)
        if not chosen:
            return [[Fraction(0)] * len(A) for _ in A[0]]
        C = [[row[c] for c in chosen] for row in A]
        Ct = self.transpose(C)
        left = self.product(self.inverse(self.product(Ct, C)), Ct)
        F = self.product(left, A)
        Ft = self.transpose(F)
        return self.product(self.product(Ft, self.inverse(self.product(F, Ft))), left)

    # decisions

    def definite(self, A: Any) -> bool:
        """Symmetric, and every leading minor is positive."""
        leading = [[row[:r] for row in A[:r]] for r in range(1, len(A) + 1)]
        return self.symmetric(A) and all(self.determinant(B) > 0 for B in leading)

    def stable(self, A: Any) -> bool:
        """Hurwitz: the leading minors of his matrix of the coefficients are positive."""
        n = len(A)
        a = [self.coefficient(A, n - k) for k in range(n + 1)]
        H = [[a[2 * j - i] if 0 <= 2 * j - i <= n else Fraction(0) for j in range(1, n + 1)] for i in range(1, n + 1)]
        return all(self.determinant([row[:r] for row in H[:r]]) > 0 for r in range(1, n + 1))

    def schur_stable(self, A: Any) -> bool:
        """The triangle of Jury, for n <= 2."""
        if len(A) == 1:
            return bool(abs(A[0][0]) < 1)
        return bool(abs(self.trace(A)) < 1 + self.determinant(A) and self.determinant(A) < 1)

    def all_real(self, A: Any) -> bool:
        """The discriminant, for n <= 2."""
        return len(A) == 1 or bool(self.trace(A) ** 2 >= 4 * self.determinant(A))

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

    def cube_root(self, x: Any) -> Any:
        return self.context.root(abs(x), 3)

    def nuclear_norm(self, A: Any) -> Any:
        return self.ky_fan_norm(A, len(A))

    def ky_fan_norm(self, A: Any, k: int) -> Any:
        values = list(self._called(lambda matrix: self.context.svd_r(matrix, compute_uv=False), A))
        return sum(values[:k], self.context.mpf(0))

    def schatten_norm(self, A: Any, p: int) -> Any:
        values = self._called(lambda matrix: self.context.svd_r(matrix, compute_uv=False), A)
        return self.context.root(sum((value**p for value in values), self.context.mpf(0)), p)

    def eigenvalue(self, A: Any, k: int) -> Any:
        values = self._called(lambda matrix: self.context.eigsy(matrix, eigvals_only=True), self.symmetric_part(A))
        return list(values)[-k]

    def matrix_exponential(self, A: Any) -> Any:
        return self._called(lambda matrix: self.context.expm(matrix), A).tolist()

    def pseudo_inverse(self, A: Any) -> Any:
        """Of full rank; of others the definitions alone."""
        At = self.transpose(A)
        if len(A) >= len(A[0]):
            return self.product(self.inverse(self.product(At, A)), At)
        return self.product(At, self.inverse(self.product(A, At)))

    def _called(self, function: Callable[[Any], Any], A: Any) -> Any:
        try:
            return function(self.context.matrix(A))
        except (ZeroDivisionError, RuntimeError):  # singular at this precision; no convergence
            raise NoValue from None
