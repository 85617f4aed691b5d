"""Float64: batches of instances through stacked LAPACK calls.  It decides nothing; it accuses."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from theorems.arithmetic.base import (
    NO,
    UNKNOWN,
    YES,
    Decision,
)
from theorems.arithmetic.float64_vocabulary import (
    FloatVocabulary,
    of_numbers,
)
from theorems.arithmetic.products import (
    BatchArray,
)
from theorems.case import SVD, Array, map_arrays
from theorems.errors import Undefined
from theorems.statement import Existence, Order, Relation

C = TypeVar("C")

#: A violation below this share of the scale is rounding: Float64 says nothing about it.
NOISE = 1e-12
#: What is less symmetric than this, relative to both sides, is not ordered.
ASYMMETRY = 1e-9
#: A matrix with a larger condition number counts as singular.
SINGULAR = 1e13

# A batch makes dozens of temporaries of some 100 kB.  glibc gives such memory back to the system when it is freed, and
# faults it in again for the next one, until a large block has been freed once: then it keeps up to twice that size.
# Worth a quarter of the time of a statement (16 MB that are never touched cost nothing; elsewhere this does nothing).
np.empty(2**21)


def _kept(array: Array) -> Array:
    """The array as a statement gets it, which must not change it."""
    view = array.view(BatchArray)
    view.flags.writeable = False
    return view


class Float64(FloatVocabulary):
    """Batches: every array has one leading axis of length `size` (or 1, where all members share it).

    ``Float64()`` checks one case: it loads any case (floats, integers, Fractions) as a batch of one.
    ``Float64(size=n)`` takes float64 batches as they are.
    """

    name = "float64"
    word = "indicated"

    def __init__(self, *, size: int | None = None) -> None:
        super().__init__()
        self._batched = size is not None
        self._conditions: dict[int, tuple[weakref.ref[Array], Array]] | None = None
        self.size = 1 if size is None else size

    def load(self, case: C) -> C:
        if self._batched:
            return map_arrays(case, _kept)
        return map_arrays(case, lambda array: np.asarray(array, dtype=np.float64)[None].view(BatchArray))

    @contextmanager
    def running(self, case: object) -> Iterator[None]:
        before, self._conditions = self._conditions, {}
        self.clouded = np.zeros(self.size, bool)
        try:
            with super().running(case), np.errstate(all="ignore"):
                yield
        finally:
            self._conditions = before

    # numbers and arrays

    def number(self, p: int, q: int = 1) -> Any:
        return np.full(1, p / q)

    def identity(self, n: int) -> Array:
        return np.eye(n)[None]

    def zeros(self, *shape: int) -> Array:
        return np.zeros((1, *shape))

    def diagonal(self, s: Array) -> Array:
        return s[..., None, :] * np.eye(s.shape[-1])

    def constant(self, values: Any) -> Array:
        return np.asarray(values, dtype=np.float64)[None]

    def selector(self, n: int, first: Any, last: Any) -> Array:
        positions = np.arange(1, n + 1)
        first, last = (np.asarray(bound).reshape(-1, 1) for bound in (first, last))
        return self.diagonal(((positions >= first) & (positions <= last)).astype(np.float64))

    def times(self, scalar: Any, array: Array) -> Array:
        result: Array = _beside(scalar, array) * array
        return result

    def plus(self, scalar: Any, array: Array) -> Array:
        result: Array = _beside(scalar, array) + array
        return result

    def concatenate(self, blocks: Sequence[Array], axis: int) -> Array:
        size = max(block.shape[0] for block in blocks)
        return np.concatenate([np.broadcast_to(b, (size, *b.shape[1:])) for b in blocks], axis=axis)

    # scalars

    def sqrt(self, x: Any) -> Any:
        return np.sqrt(x)

    def exp(self, x: Any) -> Any:
        return np.exp(x)

    def log(self, x: Any) -> Any:
        return np.log(x)

    def absolute(self, x: Any) -> Any:
        return np.abs(x)

    def zero(self, x: Any) -> Any:
        size = np.abs(x)
        largest = size.max(axis=tuple(range(1, size.ndim)), keepdims=True, initial=0.0) if size.ndim > 1 else 1.0
        return size <= NOISE * largest

    def where(self, answers: Any, x: Any, y: Any) -> Any:
        return np.where(answers, x, y)

    def maximum(self, x: Any, y: Any) -> Any:
        return np.maximum(x, y)

    # matrices

    @of_numbers
    def nonsingular(self, A: Array) -> Any:
        return self._condition(A) < SINGULAR  # False for NaN

    def _condition(self, A: Array) -> Array:
        """The condition number in the 1-norm; NaN or infinite for a singular member.

        Remembered while a statement runs: it asks both for the rank of a weight and whether it is singular.
        """
        known = None if self._conditions is None else self._conditions.get(id(A))
        if known is not None and known[0]() is A:  # an id may come again
            return known[1]
        inverse = self._inverse(A)
        condition = np.asarray(np.abs(A).sum(-2).max(-1, initial=0) * np.abs(inverse).sum(-2).max(-1, initial=0))
        if self._conditions is not None:
            self._conditions[id(A)] = weakref.ref(A), condition
        return condition

    def _inverse(self, A: Array) -> Array:
        try:
            return np.linalg.inv(A)
        except np.linalg.LinAlgError:  # one singular member must not take the others with it
            return self._without_singular(A, np.linalg.inv)

    @staticmethod
    def _without_singular(A: Array, call: Any) -> Array:
        """`call` on the stack with exactly singular members replaced by the identity, and NaN in their place.

        The sign of the determinant is zero exactly where LAPACK meets a zero pivot; its size may underflow.
        """
        singular: Array = np.asarray(np.linalg.slogdet(A).sign == 0)
        result: Array = call(np.where(singular[:, None, None], np.eye(A.shape[-1]), A))
        return np.where(singular[:, None, None], np.nan, result)

    def solve(self, A: Array, B: Array) -> Array:
        if B.shape[0] != A.shape[0]:
            size = max(A.shape[0], B.shape[0])
            A = np.broadcast_to(A, (size, *A.shape[1:]))
            B = np.broadcast_to(B, (size, *B.shape[1:]))
        try:
            return np.linalg.solve(A, B)
        except np.linalg.LinAlgError:
            return self._without_singular(A, lambda regular: np.linalg.solve(regular, B))

    def inverse(self, A: Array) -> Array:
        return self._inverse(A)

    def determinant(self, A: Array) -> Any:
        return np.linalg.det(A)

    @of_numbers
    def rank(self, A: Array) -> Any:
        if 0 in A.shape[-2:]:
            return np.zeros(A.shape[0], dtype=np.int64)
        if A.shape[-1] != A.shape[-2]:
            return self._rank(A)
        ranks = np.full(A.shape[0], A.shape[-1])
        doubtful = ~(self._condition(A) < 1e9)  # an inverse costs a fraction of an SVD
        if doubtful.any():
            ranks[doubtful] = self._rank(A[doubtful])
        return ranks

    def _rank(self, A: Array) -> Any:
        s = self._singular_values(A)
        return (s > 1e-11 * max(A.shape[-2:]) * s[..., :1]).sum(-1)

    def svd(self, A: Array) -> SVD:
        U, s, Vt = self._svd_call(A, lambda B: np.linalg.svd(B, full_matrices=False))
        return SVD(U, s, Vt.mT)

    def singular_value(self, A: Array, k: Any) -> Any:
        if isinstance(k, np.ndarray) and (k > min(A.shape[-2:])).all():
            return np.zeros(A.shape[0])
        if isinstance(k, np.ndarray):
            padded = np.concatenate([self._singular_values(A), np.zeros((A.shape[0], 1))], axis=-1)
            positions = np.minimum(k, padded.shape[-1]) - 1
            return padded[np.arange(A.shape[0]), np.broadcast_to(positions, A.shape[:1])]
        if k > min(A.shape[-2:]):
            return np.zeros(A.shape[0])
        return self._singular_values(A)[..., k - 1]

    def spectral_norm(self, A: Array) -> Any:
        """From the smaller Gram matrix: half the time of an SVD, and as accurate for the largest singular value."""
        if 0 in A.shape[-2:]:
            return np.zeros(A.shape[0])
        largest = np.abs(A).max((-2, -1))
        unit = np.ldexp(1.0, np.clip(np.frexp(largest)[1], -1000, 1000))  # no rounding, and no square overflows
        scaled = A / unit[:, None, None]
        gram = scaled.mT @ scaled if A.shape[-1] <= A.shape[-2] else scaled @ scaled.mT
        eigenvalues = self._svd_call(gram, lambda G: (np.linalg.eigvalsh(G),))[0]
        return np.where(np.isfinite(largest), np.sqrt(np.maximum(eigenvalues[..., -1], 0.0)) * unit, np.nan)

    @of_numbers
    def positive_semidefinite(self, A: Array) -> Any:
        smallest = self._svd_call((A + A.mT) / 2, lambda B: (np.linalg.eigvalsh(B),))[0][..., 0]
        return self.symmetric(A) & (smallest >= -NOISE * np.abs(A).max((-2, -1)))

    @of_numbers
    def symmetric(self, A: Array) -> Any:
        return np.abs(A - A.mT).max((-2, -1)) <= NOISE * np.abs(A).max((-2, -1))

    def trace(self, A: Array) -> Any:
        return np.trace(A, axis1=-2, axis2=-1)

    def norm_squared(self, x: Array) -> Any:
        return (x * x).sum(-1)

    def norm(self, x: Array) -> Any:
        return np.linalg.norm(x, axis=-1)

    def frobenius_norm_squared(self, A: Array) -> Any:
        return (A * A).sum((-2, -1))

    def frobenius_norm(self, A: Array) -> Any:
        largest = np.abs(A).max((-2, -1), initial=0.0)  # squares of 1e160 would overflow
        unit = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
        return unit * np.sqrt(self.frobenius_norm_squared(A / unit[:, None, None]))

    # vectors, networks, random inputs

    def apply(self, A: Array, x: Array) -> Array:
        return np.asarray((A @ x[..., None])[..., 0])

    def outer(self, x: Array, y: Array) -> Array:
        return np.asarray(x[..., :, None] * y[..., None, :])

    def dot(self, x: Array, y: Array) -> Any:
        return (x * y).sum(-1)

    def relu(self, x: Array) -> Array:
        return np.maximum(x, 0.0)

    def softmax(self, X: Array) -> Array:
        powers = np.exp(X - X.max(-2, keepdims=True))
        return np.asarray(powers / powers.sum(-2, keepdims=True))

    def expectation(self, values: Array, weights: Array) -> Any:
        weights = weights.reshape(weights.shape + (1,) * (values.ndim - weights.ndim))
        return (weights * values).sum(1)

    # decisions

    def _truth(self, value: Any) -> Decision:
        if value is None:
            return Decision(np.full(self.size, UNKNOWN, np.int8), np.zeros(self.size))
        answers = np.broadcast_to(np.asarray(value, dtype=bool), (self.size,))
        known = np.broadcast_to(~self.clouded, (self.size,))
        margins = np.where(answers, 1.0, -1.0)  # of NaN: a hypothesis that is not met, a conclusion without a value
        return Decision(np.where(answers, YES, NO).astype(np.int8), np.where(known, margins, np.nan))

    def _members(self, value: Any) -> Array:
        """One number for each member: the maximum of the absolute entries of an array."""
        array = np.asarray(value, dtype=np.float64)
        if array.ndim > 1:
            array = np.abs(array).max(axis=tuple(range(1, array.ndim)), initial=0.0)
        return np.broadcast_to(array, (self.size,))

    def _relation(self, relation: Relation) -> Decision:
        left, right = np.asarray(relation.left, np.float64), np.asarray(relation.right, np.float64)
        if relation.scale is None:
            scale = np.maximum(self._members(np.abs(left)), self._members(np.abs(right)))
        else:
            scale = np.abs(self._members(relation.scale))
        axes = tuple(range(1, max(left.ndim, right.ndim)))
        if relation.kind == "equal":
            gap = np.abs(left - right)
            difference = -(gap.max(axis=axes, initial=0.0) if axes else gap)
        else:
            gap = right - left
            difference = gap.min(axis=axes, initial=np.inf) if axes else gap
        # a scale that overflowed or is NaN leaves the margin undefined: it must neither pass nor accuse
        divisor = np.where(scale == 0, 1.0, np.where(np.isfinite(scale), scale, np.nan))
        margins = np.broadcast_to(difference, (self.size,)) / divisor
        if gap.size:
            margins = np.where(np.isfinite(margins), margins, np.nan)
        wrong = margins <= NOISE if relation.kind == "less than" else margins < -NOISE
        verdicts = np.where(np.isnan(margins), UNKNOWN, np.where(wrong, NO, YES)).astype(np.int8)
        return Decision(verdicts, margins, left, right)

    def _order(self, order: Order) -> Decision:
        decision = self._relation(self.as_relation(order))
        difference = np.asarray(order.right - order.left, np.float64)
        largest = np.maximum(np.abs(order.left).max((-2, -1)), np.abs(order.right).max((-2, -1)))
        gap = np.abs(difference - difference.mT).max((-2, -1)) / np.where(largest > 0, largest, 1.0)
        skew = np.broadcast_to(gap > ASYMMETRY, (self.size,))
        if not skew.any():
            return decision
        verdicts = np.where(skew, NO, decision.verdicts).astype(np.int8)
        return Decision(verdicts, np.where(skew, -1.0, decision.margins))

    def _existence(self, condition: Existence) -> Decision:
        try:
            attained = condition.attained()
        except Undefined:
            attained = np.full(self.size, np.nan)
        made = self._relation(Relation("at most", attained, condition.bound, condition.scale))
        supported = made.verdicts == YES
        verdicts = np.where(supported, YES, UNKNOWN).astype(np.int8)
        shortfall = np.where(np.isnan(made.margins), 0.0, np.minimum(made.margins, 0.0))
        margins = np.where(supported, made.margins, shortfall)
        left, right = made.left, made.right
        for lower_bound in () if supported.all() else condition.lower_bounds:
            try:
                value = lower_bound() if callable(lower_bound) else lower_bound
            except Undefined:
                continue
            bites = self._relation(Relation("at most", value, condition.bound, condition.scale))
            refuted = (bites.verdicts == NO) & ~supported
            # the margin of a refutation is that of the obstruction, however badly the construction did
            worst = np.where(verdicts == NO, np.fmin(margins, bites.margins), bites.margins)
            margins = np.where(refuted, worst, margins)
            verdicts[refuted] = NO
            if refuted.all():
                left, right = bites.left, bites.right
        return Decision(verdicts, margins, left, right, (made.verdicts == NO) & (verdicts == UNKNOWN))

    # display

    def show(self, value: Any) -> str:
        if isinstance(value, np.ndarray) and value.ndim and value.shape[0] == 1:
            return super().show(value[0])  # the axis of a batch of one
        return super().show(value)

    def show_scalar(self, value: Any) -> str:
        return f"{float(value):.12g}"


def _beside(scalar: Any, array: Array) -> Array:
    """A scalar for each member, with the axes that it lacks beside an array."""
    factor = np.asarray(scalar)
    return factor.reshape(factor.shape + (1,) * (array.ndim - factor.ndim))


def perturbed(batch: C, generator: np.random.Generator) -> C:
    """The batch with every entry moved by at most one unit in the last place."""

    def move(array: Array) -> Array:
        return np.nextafter(array, array + generator.integers(-1, 2, array.shape))

    return map_arrays(batch, move)


