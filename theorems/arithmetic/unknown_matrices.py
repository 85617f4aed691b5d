"""Matrices of unknowns: determinants, inverses and ranks by minors and elimination."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from theorems.arithmetic.answers import Answer, Rank, Semidefinite
from theorems.arithmetic.terms import Term
from theorems.arithmetic.unknown_numbers import UnknownNumbers
from theorems.case import Array
from theorems.errors import Undefined, Unsupported

#: Determinants of this size and below are expanded; larger ones come from elimination.
EXPANDED = 4
#: Minors of a matrix that are written out, at most.
MOST_MINORS = 100


class UnknownMatrices(UnknownNumbers):
    """Matrices; see `theorems.arithmetic.unknowns`."""

    def determinant(self, A: Array) -> Any:
        if len(A) <= EXPANDED:
            return self._cofactors(A)
        rows, factor = [list(row) for row in A.tolist()], self.pool.constant(1)
        for column in range(len(rows)):
            pivot = next((i for i in range(column, len(rows)) if not self._vanishes(rows[i][column])), None)
            if pivot is None:
                return self.pool.constant(0)
            if pivot != column:
                rows[column], rows[pivot], factor = rows[pivot], rows[column], -factor
            lead = self.term(rows[column][column])
            factor = factor * lead
            for i in range(column + 1, len(rows)):
                ratio = self.pool.quotient(self.term(rows[i][column]), lead)
                rows[i] = [entry - ratio * other for entry, other in zip(rows[i], rows[column], strict=True)]
        return factor

    def _vanishes(self, x: Any) -> bool:
        """Whether an entry is identically zero.  A pivot that is not is good enough for an identity of formulas."""
        term = self.term(x)
        if not self.pool.with_atoms[term.number] and self.pool.values[term.number] != 0:
            return False
        return self.path.zero(term)

    def _cofactors(self, A: Array) -> Any:
        n = len(A)
        if n == 0:
            return self.pool.constant(1)
        if n == 1:
            return self.term(A[0, 0])
        total = self.pool.constant(0)
        for j in range(n):
            if self.term(A[0, j]).fixed == 0:
                continue
            rest = np.delete(np.asarray(A)[1:], j, axis=1)
            total = total + A[0, j] * self._cofactors(rest) * (-1) ** j
        return total

    def minors(self, A: Array, order: int) -> list[Term]:
        """The minors of that order."""
        rows = list(itertools.combinations(range(A.shape[0]), order))
        columns = list(itertools.combinations(range(A.shape[1]), order))
        if len(rows) * len(columns) > MOST_MINORS:
            raise Unsupported(f"the {len(rows) * len(columns)} minors of order {order} of a matrix")
        B = np.asarray(A)
        return [self.determinant(B[np.ix_(i, j)]) for i in rows for j in columns]

    def nonsingular(self, A: Array) -> Any:
        return Answer(self.path, [("nonzero", self.determinant(A))])

    def singular(self, A: Array) -> Any:
        return Answer(self.path, [("zero", self.determinant(A))])

    def solve(self, A: Array, B: Array) -> Array:
        """A^{-1} B, by Cramer's rule up to `EXPANDED`; the statement is then about non-singular A."""
        n = len(A)
        if n > EXPANDED:
            return self._eliminated(A, B)
        determinant = self.determinant(A)
        if determinant.fixed == 0 or self.path.known("zero", determinant):
            raise Undefined(f"a {n} x {n} matrix is singular, its inverse does not exist")
        if determinant.fixed is None:
            self.path.divided(determinant)
        C = np.asarray(A)
        adjugate = np.empty((n, n), dtype=object)
        for i, j in np.ndindex(n, n):
            adjugate[j, i] = self._cofactors(np.delete(np.delete(C, i, 0), j, 1)) * (-1) ** (i + j)
        product = adjugate @ np.asarray(B)
        return self.array(np.frompyfunc(lambda entry: self.pool.quotient(self.term(entry), determinant), 1, 1)(product))

    def _eliminated(self, A: Array, B: Array) -> Array:
        """Gauss and Jordan with pivots that do not vanish identically: the same rational functions as Cramer's."""
        n = len(A)
        rows = [[*map(self.term, A[i].tolist()), *map(self.term, B[i].tolist())] for i in range(n)]
        for column in range(n):
            pivot = next((i for i in range(column, n) if not self._vanishes(rows[i][column])), None)
            if pivot is None:
                raise Undefined(f"a {n} x {n} matrix is singular, its inverse does not exist")
            rows[column], rows[pivot] = rows[pivot], rows[column]
            lead = rows[column][column]
            rows[column] = [self.pool.quotient(entry, lead) for entry in rows[column]]
            for i in range(n):
                if i != column and rows[i][column].fixed != 0:
                    factor = rows[i][column]
                    rows[i] = [entry - factor * other for entry, other in zip(rows[i], rows[column], strict=True)]
        self.path.divided(self.determinant(A))
        result = np.empty(B.shape, dtype=object)
        for i in range(n):
            result[i, :] = rows[i][n:]
        return self.array(result)

    def rank(self, A: Array) -> Any:
        return Rank(self, A) if A.size else 0

    def symmetric(self, A: Array) -> Any:
        pairs = [(i, j) for i in range(len(A)) for j in range(i)]
        return Answer(self.path, [("zero", self.term(A[i, j]) - A[j, i]) for i, j in pairs])

    def positive_semidefinite(self, A: Array) -> Any:
        """A is symmetric and all its principal minors are at least zero."""
        n = len(A)
        facts = list(self.symmetric(A).facts)
        for order in range(1, n + 1 if n <= EXPANDED else 1):
            minors = (np.asarray(A)[np.ix_(i, i)] for i in itertools.combinations(range(n), order))
            facts.extend(("nonnegative", self.determinant(minor)) for minor in minors)
        if n > EXPANDED:
            raise Unsupported(f"whether a {n} x {n} matrix of unknowns is semidefinite")
        return Semidefinite(self.path, facts, A)
