"""Exact rational arithmetic, written once for FLINT's rationals and for the standard library's."""

from __future__ import annotations

import itertools
import math
from typing import Any, ClassVar

import numpy as np

from theorems.arithmetic.base import NO, UNKNOWN, YES, Decision, decided
from theorems.arithmetic.eigenvalues import Eigenvalue, compared
from theorems.arithmetic.exact_vocabulary import ExactVocabulary
from theorems.arithmetic.roots import Irrational, Root, inertia, rational_root
from theorems.case import SVD, Array
from theorems.errors import Undefined, Unsupported
from theorems.statement import Relation


class ExactField(ExactVocabulary):
    """Equality, order, rank, non-singularity, and singular values against roots of rationals: all decided."""

    word = "exact"
    root_type: ClassVar[type[Root]] = Root  # what an irrational square root and a singular value become
    eigenvalue_type: ClassVar[type[Eigenvalue]] = Eigenvalue

    def positive(self, x: Any) -> bool | None:
        return bool(x > 0)

    # scalars

    def sqrt(self, x: Any) -> Any:
        x = self._scalar(x)
        if isinstance(x, Irrational):
            raise Unsupported("a root of an irrational number")
        if x < 0:
            raise Undefined(f"the square root of {x}, a negative number")
        exact = rational_root(x)
        return self.root_type(x) if exact is None else exact

    def exp(self, x: Any) -> Any:
        raise Unsupported("the exponential in exact arithmetic: a case for balls")

    def log(self, x: Any) -> Any:
        entries = np.asarray(x, dtype=object).ravel()
        if any(not isinstance(entry, Irrational) and entry <= 0 for entry in entries):
            raise Undefined("the logarithm of a number that is not positive")
        raise Unsupported("the logarithm in exact arithmetic: a case for balls")

    def absolute(self, x: Any) -> Any:
        return self._each(abs, x)

    def zero(self, x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return np.frompyfunc(self.zero, 1, 1)(x).astype(bool)
        return self.compare(x, self.number(0)) == 0

    def maximum(self, x: Any, y: Any) -> Any:
        if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
            return self.array(np.frompyfunc(self.maximum, 2, 1)(x, y))
        return x if self.compare(x, y) >= 0 else y

    def minimum(self, x: Any, y: Any) -> Any:
        if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
            return self.array(np.frompyfunc(self.minimum, 2, 1)(x, y))
        return x if self.compare(x, y) <= 0 else y

    def compare(self, x: Any, y: Any) -> int:
        """The sign of x - y."""
        return compared(x, y, self.characteristic_polynomial)

    # matrices

    def nonsingular(self, A: Array) -> Any:
        return bool(self.determinant(A) != 0)

    def svd(self, A: Array) -> SVD:
        for known in self._known:
            if self._is_svd(known, A):
                return known
        if not np.asarray(A != 0).any():
            return self._svd_of_zero(A)
        if (found := self._svd_of_monomial(A)) is not None:
            return found
        raise Unsupported(f"the SVD of a {A.shape[0]} x {A.shape[1]} matrix that the case does not carry")

    def _svd_of_monomial(self, A: Array) -> SVD | None:
        """With at most one entry in each row and column that is not zero: their sizes are the singular values."""
        entries = [(i, j) for i, j in np.ndindex(A.shape) if A[i, j] != 0]
        rows, columns = [i for i, _ in entries], [j for _, j in entries]
        if len(set(rows)) < len(rows) or len(set(columns)) < len(columns):
            return None
        entries.sort(key=lambda position: abs(A[position]), reverse=True)
        k = min(A.shape)
        rows, columns = [i for i, _ in entries], [j for _, j in entries]
        rows += [i for i in range(A.shape[0]) if i not in rows]
        columns += [j for j in range(A.shape[1]) if j not in columns]
        U, V, s = self.identity(A.shape[0])[:, rows[:k]], self.identity(A.shape[1])[:, columns[:k]], self.zeros(k)
        for r, position in enumerate(entries):
            s[r] = abs(A[position])
            if A[position] < 0:
                V[:, r] = -V[:, r]
        return SVD(U, s, V)

    def _svd_of_zero(self, A: Array) -> SVD:
        k = min(A.shape)
        return SVD(self.identity(A.shape[0])[:, :k], self.zeros(k), self.identity(A.shape[1])[:, :k])

    def _is_svd(self, known: SVD, A: Array) -> bool:
        """Whether `known` is an SVD of A: its product, orthogonality, sign and order, all exactly."""
        if known.U.shape[0] != A.shape[0] or known.V.shape[0] != A.shape[1]:
            return False
        if not (known.matrix == A).all():
            return False
        return self.orthonormal(known.U) and self.orthonormal(known.V) and self._descending(known.s)

    def orthonormal(self, U: Array) -> bool:
        """Whether the columns of U are orthonormal."""
        return bool((U.mT @ U == self.identity(U.shape[1])).all())

    def _descending(self, s: Array) -> bool:
        values = [*s.tolist(), self.number(0)]
        return all(a >= b for a, b in itertools.pairwise(values))

    def singular_value(self, A: Array, k: Any) -> Any:
        if k > min(A.shape):
            return self.number(0)
        for known in self._known:
            if self._is_svd(known, A):
                return known.s[k - 1]
        if min(A.shape) == 1:
            return self.sqrt(self.norm_squared(A))
        if not np.asarray(A != 0).any():
            return self.number(0)
        if any(isinstance(entry, Irrational) for entry in A.flat):
            raise Unsupported("a singular value of a matrix with irrational entries: a case for balls")
        return self.root_type(self.number(1), A, k)

    def eigenvalue(self, A: Array, k: int) -> Any:
        if any(isinstance(entry, Irrational) for entry in A.flat):
            raise Unsupported("an eigenvalue of a matrix with irrational entries: a case for balls")
        self.require_symmetric(A, k)
        return self._simplest(self.eigenvalue_type(A, k, self.number(1), self.number(0)))

    def positive_semidefinite(self, A: Array) -> Any:
        return self.symmetric(A) and inertia(A, self.characteristic_polynomial)[0] == 0

    def symmetric(self, A: Array) -> Any:
        # not ``A.mT == A``: two roots of one value are two objects
        return all(self.compare(A[i, j], A[j, i]) == 0 for i in range(len(A)) for j in range(i))

    # decisions

    def related(self, kind: str, x: Any, y: Any) -> bool | None:
        """Whether x = y, x <= y or x < y (the kinds of a `Relation`); None where it is undecided."""
        sign = self.compare(x, y)
        return sign == 0 if kind == "equal" else sign < 0 if kind == "less than" else sign <= 0

    def _relation(self, relation: Relation) -> Decision:
        left, right = np.broadcast_arrays(_objects(relation.left), _objects(relation.right))
        answers = [self.related(relation.kind, a, b) for a, b in zip(left.flat, right.flat, strict=True)]
        verdict = NO if False in answers else UNKNOWN if None in answers else YES
        return decided(verdict, self._margin(relation, left, right), relation.left, relation.right)

    def _margin(self, relation: Relation, left: Array, right: Array) -> float:
        """The margin as a float, for display and for ranking; the decision does not rest on it.

        Differences of rationals are taken before they are rounded, so that a tiny violation keeps its size.
        """
        pairs = list(zip(left.flat, right.flat, strict=True))
        if not pairs:
            return 0.0
        if relation.scale is None:
            scale = max(max(abs(_float(a)), abs(_float(b))) for a, b in pairs)
        else:
            scale = max((abs(_float(x)) for x in _objects(relation.scale).flat), default=1.0)
        gaps = [_gap(a, b) for a, b in pairs]
        margin = min(-abs(gap) for gap in gaps) if relation.kind == "equal" else min(gaps)
        margin = margin / (scale if scale > 0 else 1.0) + 0.0  # no -0.0
        return 0.0 if math.isnan(margin) else margin  # beyond the range of floats; NaN would mean undefined

    def show_scalar(self, value: Any) -> str:
        if isinstance(value, Irrational):
            return str(value)
        text = str(value)
        return text if len(text) <= 24 else f"{_float(value):.12g}"


def _gap(a: Any, b: Any) -> float:
    """b - a."""
    if isinstance(a, Irrational) or isinstance(b, Irrational):
        return _float(b) - _float(a)
    return _float(b - a)


def _objects(value: Any) -> Array:
    result: Array = np.asarray(value, dtype=object)
    return result


def _float(value: Any) -> float:
    if isinstance(value, Irrational):
        return float(value)  # type: ignore[arg-type]
    try:
        return int(value.p) / int(value.q) if hasattr(value, "p") else float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
