"""Ball: FLINT's ball arithmetic.  What it answers is certified; what it cannot certify is undecided.

Every number is a ball that holds the exact value.  Comparisons of `arb` mean "certainly", so that every test here has
three answers: True, False and None.  The precision is global to the process, hence always ``with ctx.workprec(bits)``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
from flint import arb, arb_mat, ctx, fmpq

from theorems.arithmetic.ball_spectra import exactly, squared_singular_values
from theorems.arithmetic.ball_vocabulary import BallVocabulary
from theorems.arithmetic.base import FINE, NO, UNKNOWN, YES, Arithmetic, Decision, decided
from theorems.arithmetic.products import (
    StatementArray,
    product,
)
from theorems.arithmetic.roots import inertia
from theorems.case import SVD, Array
from theorems.errors import Undecided, Undefined, Unsupported
from theorems.statement import Relation

C = TypeVar("C")

#: From this inner dimension on, a product through FLINT's matrices is faster than one entry by entry.
ROUTED = 4


class BallArray(StatementArray):
    """An object array of arb whose matrix product goes through FLINT from dimension `ROUTED` on."""

    def __matmul__(self, other: Any) -> Any:
        if not isinstance(other, np.ndarray):  # a series, which multiplies from the right
            return NotImplemented
        if self.ndim == other.ndim == 2 and self.shape[1] >= ROUTED:
            return _array(_matrix(self) * _matrix(other))
        if self.shape[-1] == 0:
            empty = np.empty((*self.shape[:-1], *other.shape[1:]), dtype=object)
            empty.fill(arb(0))
            return empty.view(BallArray)
        made = product(self, other, (arb, int))
        return made.view(BallArray) if isinstance(made, np.ndarray) else made


def _matrix(array: Array) -> arb_mat:
    return arb_mat(array.shape[0], array.shape[1], array.ravel().tolist())


def _array(matrix: arb_mat) -> BallArray:
    result = np.empty(matrix.nrows() * matrix.ncols(), dtype=object)
    result[:] = matrix.entries()
    return result.reshape(matrix.nrows(), matrix.ncols()).view(BallArray)


class Ball(BallVocabulary):
    """Certifies strict inequalities, norms, roots and exponentials; three-valued throughout.

    Equality is certain only between exact balls (dyadic rationals), so that hypotheses of equality, rank and symmetry
    are for `Rational`.
    """

    name = "ball"

    def __init__(self, bits: int = 256) -> None:
        super().__init__()
        if bits < 53:
            raise ValueError(f"bits = {bits}: a ball has at least 53 bits")
        self.bits = bits
        self.word = f"certified at {bits} bits"

    def finer(self) -> Arithmetic | None:
        return type(self)(FINE) if self.bits < FINE else None

    def load(self, case: C) -> C:
        with ctx.workprec(self.bits):
            return super().load(case)

    @contextmanager
    def running(self, case: object) -> Iterator[None]:
        with super().running(case), ctx.workprec(self.bits):
            yield

    def entry(self, value: Fraction) -> arb:
        return arb(fmpq(value.numerator, value.denominator))

    def array(self, entries: Any) -> Array:
        return np.asarray(entries, dtype=object).view(BallArray)

    def positive(self, x: Any) -> bool | None:
        return True if x > 0 else False if x <= 0 else None

    # scalars

    def sqrt(self, x: Any) -> Any:
        """The root of a number that is known to be non-negative: a ball that passes zero is cut there."""
        x = self._scalar(x)
        if x < 0:
            raise Undefined(f"the square root of {self.show(x)}, a negative number")
        return x.nonnegative_part().sqrt()

    def exp(self, x: Any) -> Any:
        return self._each(lambda entry: entry.exp(), x)

    def log(self, x: Any) -> Any:
        def log(entry: arb) -> arb:
            if entry <= 0:
                raise Undefined(f"the logarithm of {self.show(entry)}, which is not positive")
            if not entry > 0:
                raise Undecided(f"undecided: the logarithm of {self.show(entry)}, which may not be positive")
            return entry.log()

        return self._each(log, x)

    def absolute(self, x: Any) -> Any:
        return self._each(lambda entry: entry.max(-entry).nonnegative_part(), x)

    def zero(self, x: Any) -> Any:
        """Raises `Unsupported` where it is undecided."""
        if isinstance(x, np.ndarray):
            return np.frompyfunc(self.zero, 1, 1)(x).astype(bool)
        if not x == 0 and not x != 0:
            raise Undecided("undecided whether an entry is zero")
        return bool(x == 0)

    def maximum(self, x: Any, y: Any) -> Any:
        if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
            return self.array(np.frompyfunc(self.maximum, 2, 1)(x, y))
        return arb(x).max(y)

    def minimum(self, x: Any, y: Any) -> Any:
        if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
            return self.array(np.frompyfunc(self.minimum, 2, 1)(x, y))
        return arb(x).min(y)

    # matrices

    def nonsingular(self, A: Array) -> Any:
        """True when the determinant's ball excludes zero or the inverse is certified; False for an exact zero."""
        determinant = self.determinant(A)
        if determinant != 0:
            return True
        if determinant == 0:
            return False
        try:
            _matrix(A).inv()
        except ZeroDivisionError:
            return None
        return True

    def solve(self, A: Array, B: Array) -> Array:
        try:
            return _array(_matrix(A).solve(_matrix(B)))
        except ZeroDivisionError:
            if self.determinant(A) == 0:
                raise Undefined(f"a {len(A)} x {len(A)} matrix is singular, its inverse does not exist") from None
            raise Undecided(f"undecided whether a {len(A)} x {len(A)} matrix is singular") from None

    def determinant(self, A: Array) -> Any:
        """Exact for exact balls; where elimination cannot exclude zero, the division-free polynomial is sharper."""
        matrix = _matrix(A)
        determinant = matrix.det()
        if determinant != 0 or not A.size:
            return determinant
        if (exact := exactly(A)) is not None:
            return arb(exact.det())
        constant = matrix.charpoly()[0]
        return -constant if len(A) % 2 else constant

    def rank(self, A: Array) -> int:
        """The rank of a matrix of exact balls, and full rank where it is certain; else raises `Unsupported`."""
        if not A.size:
            return 0
        if (exact := exactly(A)) is not None:
            return int(exact.rank())
        if self.nonsingular(A if A.shape[0] == A.shape[1] else _gram(A)):
            return int(min(A.shape))
        raise Undecided("undecided: the rank of a matrix of balls, unless it is full")

    def svd(self, A: Array) -> SVD:
        """A decomposition that the case carries and that balls do not tell from one of A.

        That its matrix is A, and that it is a decomposition at all, is for `Rational` to establish: balls can only say
        that every entry of U diag(s) V^T overlaps that of A, that U^T U and V^T V overlap I, and that s is in order
        (equal balls count as a tie).
        """
        for known in self._known:
            if self._may_be_svd(known, A):
                return known
        if self._is_zero(A):
            k = min(A.shape)
            return SVD(self.identity(A.shape[0])[:, :k], self.zeros(k), self.identity(A.shape[1])[:, :k])
        raise Unsupported(f"the SVD of a {A.shape[0]} x {A.shape[1]} matrix that the case does not carry")

    def _may_be_svd(self, known: SVD, A: Array) -> bool:
        if known.U.shape[0] != A.shape[0] or known.V.shape[0] != A.shape[1]:
            return False
        product = known.matrix
        size = max((entry.abs_upper() for entry in A.flat), key=float, default=arb(0))
        small = size * arb(2) ** -(self.bits // 2) if size > 0 else arb(1)
        return (
            all(a.overlaps(b) and (a - b).abs_upper() <= small for a, b in zip(A.flat, product.flat, strict=True))
            and all(self._may_be_orthonormal(U) for U in (known.U, known.V))
            and all(s >= 0 for s in known.s)
            and all(a >= b or _same(a, b) for a, b in itertools.pairwise(known.s))
        )

    def _may_be_orthonormal(self, U: Array) -> bool:
        small = arb(2) ** -(self.bits // 2)
        pairs = zip((U.mT @ U).flat, self.identity(U.shape[1]).flat, strict=True)
        return all(x.overlaps(y) and (x - y).abs_upper() < small for x, y in pairs)

    def singular_value(self, A: Array, k: Any) -> Any:
        """An enclosure that rests on no assumption; see `theorems.arithmetic.ball_spectra`."""
        if k > min(A.shape) or self._is_zero(A):
            return self.number(0)
        if min(A.shape) == 1:
            return self.sqrt(self.norm_squared(A))
        return self.sqrt(squared_singular_values(_matrix(A if A.shape[0] >= A.shape[1] else A.mT))[k - 1])

    def positive_semidefinite(self, A: Array) -> Any:
        """By inertia for exact balls; else True only where elimination has positive pivots (definite ones, that is)."""
        symmetric = self.symmetric(A)
        if symmetric is False or self._has_negative_direction(A):
            return False
        if symmetric and (exact := exactly(A)) is not None:
            return inertia(A, lambda S: exact.charpoly().coeffs())[0] == 0
        return True if symmetric and self._has_positive_pivots(A) else None

    def symmetric(self, A: Array) -> Any:
        answers = [A[i, j] is A[j, i] or _equal(A[i, j], A[j, i]) for i in range(len(A)) for j in range(i)]
        return False if False in answers else None if None in answers else True

    def norm_squared(self, x: Array) -> Any:
        return super().norm_squared(x).nonnegative_part()

    def softmax(self, X: Array) -> Array:
        """Shifted by a constant in each column, which changes nothing and keeps the powers in range."""
        middles = np.frompyfunc(lambda entry: entry.mid(), 1, 1)(np.asarray(X))
        shift = np.asarray(np.max(middles, axis=-2, keepdims=True))
        return super().softmax(self.array(np.asarray(X) - shift))

    # decisions

    def _relation(self, relation: Relation) -> Decision:
        left, right = np.broadcast_arrays(_objects(relation.left), _objects(relation.right))
        answers = [_related(relation.kind, arb(a), arb(b)) for a, b in zip(left.flat, right.flat, strict=True)]
        verdict = NO if False in answers else UNKNOWN if None in answers else YES
        return decided(verdict, self._margin(relation, left, right), relation.left, relation.right)

    @staticmethod
    def _margin(relation: Relation, left: Array, right: Array) -> float:
        """The margin between midpoints, for ranking; the verdict does not rest on it."""
        if not left.size:
            return 0.0
        gaps = [arb(b - a).mid() for a, b in zip(left.flat, right.flat, strict=True)]
        sides = [*left.flat, *right.flat] if relation.scale is None else list(_objects(relation.scale).flat)
        scale = max((abs(arb(side).mid()) for side in sides), key=float, default=arb(1))
        worst = min((-abs(gap) for gap in gaps) if relation.kind == "equal" else gaps, key=float)
        margin = float(worst / scale if scale > 0 else worst)
        return 0.0 if margin != margin else margin  # an unbounded ball; NaN would mean undefined

    def show_scalar(self, value: Any) -> str:
        return str(value.str(12)) if isinstance(value, arb) else str(value)


def _related(kind: str, a: arb, b: arb) -> bool | None:
    if kind == "equal":
        return _equal(a, b)
    if kind == "less than":
        return True if a < b else False if a >= b else None
    return True if a <= b else False if a > b else None


def _equal(a: arb, b: arb) -> bool | None:
    return True if a == b else False if a != b else None


def _same(a: arb, b: arb) -> bool:
    """Whether two balls are the same ball."""
    return bool(a.mid() == b.mid() and a.rad() == b.rad())


def _gram(A: Array) -> Array:
    product: Array = A.mT @ A if A.shape[0] >= A.shape[1] else A @ A.mT
    return product


def _objects(value: Any) -> Array:
    result: Array = np.asarray(value, dtype=object)
    return result
