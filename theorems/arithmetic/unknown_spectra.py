"""Singular values and eigenvalues of matrices of unknowns: roots for 2 x 2, else unknowns with what determines them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from theorems.arithmetic.facts import Fact
from theorems.arithmetic.terms import Term
from theorems.arithmetic.unknown_matrices import UnknownMatrices
from theorems.case import SVD, Array


class UnknownSpectra(UnknownMatrices):
    """Spectra; see `theorems.arithmetic.unknowns`."""

    def svd(self, A: Array) -> SVD:
        for known in self._known:
            if self._is_known(known, A):
                return known
        if all(self.same(entry, 0) for entry in A.flat):
            k = min(A.shape)
            return SVD(self.identity(A.shape[0])[:, :k], self.zeros(k), self.identity(A.shape[1])[:, :k])
        if A.shape == (1, 1):
            return self._svd_of_number(self.term(A[0, 0]))
        return self._svd_of_unknowns(A)

    def _svd_of_unknowns(self, A: Array) -> SVD:
        """Matrices of which no more is said than that they are the same for the same A."""
        (m, n), k = A.shape, min(A.shape)
        what = f"the SVD of a {m} x {n} matrix that the case does not carry"
        made = self.opaque(what, [self.term(entry) for entry in A.flat], k * (m + n))
        U, V = (np.array(own, dtype=object).reshape(-1, k) for own in (made[: m * k], made[m * k :]))
        return SVD(self.array(U), self.singular_values(A), self.array(V))

    def _svd_of_number(self, a: Term) -> SVD:
        """Any decomposition a = u |a| v of a 1 x 1 matrix: two new signs, of which no more is said."""
        s = self.absolute_value(a)
        made = self._atom("svd", [a])
        u, v = made if made is not None else self._new("svd", [a], 2, square=self.pool.constant(1))
        if made is None:
            self.path.suppose("zero", u * s * v - a, "a decomposition")
        U, values, V = (np.empty(shape, dtype=object) for shape in ((1, 1), (1,), (1, 1)))
        U[0, 0], values[0], V[0, 0] = u, s, v
        return SVD(self.array(U), self.array(values), self.array(V))

    def _is_known(self, known: SVD, A: Array) -> bool:
        return (known.U.shape[0], known.V.shape[0]) == A.shape and self.all_same(known.matrix, A)

    def rank(self, A: Array) -> Any:
        for known in self._known if self.spectral else ():
            if self._is_known(known, A):
                return super().rank(self.diagonal(known.s))
        return super().rank(A)

    def singular_value(self, A: Array, k: Any) -> Any:
        if k > min(A.shape):
            return self.number(0)
        for known in self._known:
            for B in (A, A.mT, -A):
                if self._is_known(known, B):
                    return known.s[k - 1]
        if min(A.shape) == 1:
            return self.norm(np.ravel(A))
        if all(self.same(entry, 0) for entry in A.flat):
            return self.number(0)
        return self._singular_values(A)[k - 1]

    def _singular_values(self, A: Array) -> list[Term]:
        """New unknowns s_1 >= ... >= s_m >= 0: the elementary symmetric functions of their squares are the coefficients
        of det(x I + A^T A), which says all of them."""
        m = min(A.shape)
        if m > 3:
            what = f"the singular values of a {A.shape[0]} x {A.shape[1]} matrix of unknowns"
            return self.opaque(what, [self.term(entry) for entry in A.flat], m)
        gram = A.mT @ A if A.shape[1] == m else A @ A.mT
        wanted = []
        for order in range(1, m + 1):
            minors = [self.determinant(np.asarray(gram)[np.ix_(i, i)]) for i in itertools.combinations(range(m), order)]
            wanted.append(sum(minors[1:], minors[0]))
        for known in self._known:
            if len(known.s) == m and all(map(self._alike, _symmetric_functions([s * s for s in known.s]), wanted)):
                return [self.term(s) for s in known.s]
        if A.shape == (2, 2):
            return self._singular_values_of_four(A)
        if (made := self._atom("sigma", wanted)) is not None:
            return list(made)
        s = self._new("sigma", wanted, m, nonnegative=True)
        found = _symmetric_functions([x * x for x in s])
        facts = [Fact("zero", a - b, "singular values") for a, b in zip(found, wanted, strict=True)]
        for a, b in itertools.pairwise(s):
            facts.append(Fact("nonnegative", a - b, "their order"))
            self.path.suppose("nonnegative", a - b, "the order of singular values")
        for atom in s:
            self.path.define(atom, [*facts, Fact("nonnegative", atom, "a singular value")])
        return s

    def _singular_values_of_four(self, A: Array) -> list[Term]:
        """(p + q) / 2 and |p - q| / 2 with p^2 = (a + d)^2 + (b - c)^2 and q^2 = (a - d)^2 + (b + c)^2."""
        (a, b), (c, d) = ([self.term(entry) for entry in row] for row in A)
        p, q = (self.sqrt(x * x + y * y) for x, y in ((a + d, b - c), (a - d, b + c)))
        half = self.number(1, 2)
        # p^2 - q^2 = 4 det A, so that the sign of p - q is that of the determinant
        sign = self._tells("nonnegative", self.determinant(A))
        difference = self._size(p - q) if sign is None else p - q if sign else q - p
        return [half * (p + q), half * difference]

    def eigenvalue(self, A: Array, k: int) -> Any:
        """The k-th largest eigenvalue of a symmetric matrix."""
        self.require_symmetric(A, k)
        if all(self.same(A[i, j], 0) for i in range(len(A)) for j in range(i)):
            return self.order_statistic(np.diagonal(A), len(A) + 1 - k)
        if len(A) == 2:
            (a, b), (_, d) = ([self.term(entry) for entry in row] for row in A)
            root = self.sqrt((a - d) * (a - d) + 4 * (b * b))
            return self.number(1, 2) * (a + d + root if k == 1 else a + d - root)
        what = f"the eigenvalues of a {len(A)} x {len(A)} matrix of unknowns"
        return self.opaque(what, [self.term(entry) for entry in A.flat], len(A))[k - 1]


def _symmetric_functions(values: Sequence[Any]) -> list[Any]:
    """e_1, ..., e_m of m values."""
    result = []
    for order in range(1, len(values) + 1):
        products = []
        for chosen in itertools.combinations(values, order):
            product = chosen[0]
            for value in chosen[1:]:
                product = product * value
            products.append(product)
        result.append(sum(products[1:], products[0]))
    return result
