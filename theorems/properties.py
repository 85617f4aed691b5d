"""What a field of a case may promise: its axes, its bounds, and the properties of its entries.

A case type declares them on its fields, and everything else is derived (see `theorems.domains`)::

    @dataclass(frozen=True)
    class Mixture:
        points: Annotated[Array, Axes("K", "n")]
        weights: Annotated[Array, Axes("K"), NON_NEGATIVE, SUMS_TO_ONE]
        rank: Annotated[int, Between(1, "n")]

A property is known by its name, so that it can be stored as data; nothing here is code of a stranger.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from theorems.statement import Condition, Truth, at_most, equal, less_than

Array: TypeAlias = NDArray[Any]

#: How far the sum of float64 probabilities may be from one, and how far below zero a float64 size may be.
SUM_WITHIN, SUBNORMAL = 1e-9, 1e-300


class Axes:
    """The names of the axes of an array, from the right: ``Axes("K", "n")`` is (..., K, n).

    Axes of one name have one length throughout a case, and are never empty unless a bound allows it.  The first axis of
    a tuple is its length; the two axes of an `SVD` are those of its matrix.  A name of digits is that length, ``"_"``
    any length.
    """

    def __init__(self, *names: str) -> None:
        self.names = names


class Own:
    """Axes that every item of a tuple has for itself: ``Own("R")`` makes R of item i the axis ``R[i]``."""

    def __init__(self, *names: str) -> None:
        self.names = names


class Size:
    """An integer that is the length of an axis; in a tuple, item i is the length of the axis ``name[i]``."""

    def __init__(self, name: str) -> None:
        self.name = name


class Between:
    """Bounds, both included: of an integer, or of every entry of an array.

    A bound is a number, the name of an axis or of an integer, the smallest of several (``("m", "n")``), or None.
    """

    def __init__(self, low: Bound, high: Bound) -> None:
        self.low, self.high = low, high


class Bounded:
    """Bounds, both included, of the length of an axis; declared on a field that has the axis."""

    def __init__(self, axis: str, low: Bound, high: Bound) -> None:
        self.axis, self.low, self.high = axis, low, high


Bound: TypeAlias = int | Fraction | str | tuple[str, ...] | None


@dataclass(frozen=True, eq=False)
class Property:
    """A property of an array.

    name       as it is stored and printed
    exact      whether an array of Fractions has it
    condition  the same as the condition of a statement: ``condition(array, num)``
    in_floats  whether a float64 array has it but for rounding; None where floats are not asked
    """

    name: str
    exact: Callable[[Array], bool]
    condition: Callable[[Array, Any], Condition]
    in_floats: Callable[[Array], bool] | None = None

    def __repr__(self) -> str:
        return self.name


def _pairwise(ordered: Callable[[Any, Any], bool]) -> Callable[[Array], bool]:
    def test(A: Array) -> bool:
        rows = A.reshape(-1, A.shape[-1]).tolist() if A.size else []
        return all(ordered(a, b) for row in rows for a, b in itertools.pairwise(row))

    return test


def _square(A: Array) -> bool:
    return A.ndim >= 2 and A.shape[-1] == A.shape[-2]


def _matrices(test: Callable[[Array], bool]) -> Callable[[Array], bool]:
    """The test of every square matrix of a stack."""

    def whole(A: Array) -> bool:
        return _square(A) and all(test(A[index]) for index in np.ndindex(A.shape[:-2]))

    return whole


def _pivots(A: Array) -> list[Fraction]:
    """The pivots of symmetric elimination, up to the first that is not positive; a zero row is passed over."""
    work = [list(row) for row in A.tolist()]
    pivots: list[Fraction] = []
    for i in range(len(work)):
        pivot = work[i][i]
        pivots.append(pivot)
        if pivot == 0 and not any(work[i][i:]):
            continue
        if pivot <= 0:
            return [*pivots, Fraction(-1)]
        for j in range(i + 1, len(work)):
            factor = work[j][i] / pivot
            work[j] = [a - factor * b for a, b in zip(work[j], work[i], strict=True)]
    return pivots


def semidefinite(A: Array) -> bool:
    """Whether one square matrix of Fractions is symmetric and x^T A x >= 0 for all x."""
    return bool((A == A.T).all()) and all(pivot >= 0 for pivot in _pivots(A))


def rank_of(A: Array) -> int:
    """The rank of one matrix of Fractions."""
    work = [list(row) for row in A.tolist()]
    rank = 0
    for column in range(A.shape[1]):
        row = next((i for i in range(rank, len(work)) if work[i][column] != 0), None)
        if row is None:
            continue
        work[rank], work[row] = work[row], work[rank]
        for i in range(rank + 1, len(work)):
            factor = work[i][column] / work[rank][column]
            work[i] = [a - factor * b for a, b in zip(work[i], work[rank], strict=True)]
        rank += 1
    return rank


def _sums_to_one(axis: int) -> Property:
    def exact(A: Array) -> bool:
        return A.ndim >= -axis and all(total == 1 for total in np.asarray(A.sum(axis), dtype=object).ravel().tolist())

    def in_floats(A: Array) -> bool:
        return bool((np.abs(A.sum(axis) - 1.0) <= SUM_WITHIN).all())

    word = "sums to one" if axis == -1 else "columns sum to one"
    return Property(word, exact, lambda A, num: equal(A.sum(axis), A.sum(axis) * 0 + num.number(1)), in_floats)


def _off_diagonal(A: Array, num: Any) -> Array:
    mask: Array = A * (num.constant([[1] * A.shape[-1]] * A.shape[-1]) - num.identity(A.shape[-1]))
    return mask


NON_NEGATIVE = Property(
    "non-negative", lambda A: all(value >= 0 for value in A.ravel().tolist()), lambda A, num: at_most(A * 0, A),
    lambda A: bool((A >= -SUBNORMAL).all()),
)  # fmt: skip
POSITIVE = Property(
    "positive", lambda A: all(value > 0 for value in A.ravel().tolist()),
    lambda A, num: less_than(A * 0, A), lambda A: bool((A > -SUBNORMAL).all()),
)  # fmt: skip
INTEGERS = Property(
    "integers", lambda A: all(Fraction(value).denominator == 1 for value in A.ravel().tolist()),
    lambda A, num: Truth(None),
)  # fmt: skip
SUMS_TO_ONE, COLUMNS_SUM_TO_ONE = _sums_to_one(-1), _sums_to_one(-2)
DESCENDING = Property(
    "descending", _pairwise(lambda a, b: a >= b), lambda A, num: at_most(A[..., 1:], A[..., :-1])
)
ASCENDING = Property("ascending", _pairwise(lambda a, b: a <= b), lambda A, num: at_most(A[..., :-1], A[..., 1:]))
SYMMETRIC = Property(
    "symmetric", lambda A: _square(A) and bool((A.mT == A).all()), lambda A, num: equal(A, A.mT)
)
ANTISYMMETRIC = Property(
    "antisymmetric", lambda A: _square(A) and bool((-A.mT == A).all()), lambda A, num: equal(A, -A.mT)
)
DIAGONAL = Property(
    "diagonal", _matrices(lambda A: all(A[i, j] == 0 for i, j in np.ndindex(A.shape) if i != j)),
    lambda A, num: equal(_off_diagonal(A, num), A * 0),
)  # fmt: skip
UPPER_TRIANGULAR = Property(
    "upper triangular", _matrices(lambda A: all(A[i, j] == 0 for i, j in np.ndindex(A.shape) if i > j)),
    lambda A, num: equal(
        A * num.constant([[int(i > j) for j in range(A.shape[-1])] for i in range(A.shape[-1])]), A * 0
    ),
)  # fmt: skip
SEMIDEFINITE = Property(
    "positive semidefinite", _matrices(semidefinite), lambda A, num: Truth(num.positive_semidefinite(A))
)
NONSINGULAR = Property(
    "non-singular", _matrices(lambda A: rank_of(A) == len(A)), lambda A, num: Truth(num.nonsingular(A))
)
RANK_ONE = Property(
    "rank at most one", lambda A: all(rank_of(A[index]) <= 1 for index in np.ndindex(A.shape[:-2])),
    lambda A, num: Truth(num.rank(A) <= 1),
)  # fmt: skip
ORTHOGONAL = Property(
    "orthonormal columns",
    lambda A: all(
        bool((A[index].T @ A[index] == np.eye(A.shape[-1], dtype=np.int64)).all()) for index in np.ndindex(A.shape[:-2])
    ),
    lambda A, num: equal(A.mT @ A, num.identity(A.shape[-1])),
)
SIGNED_PERMUTATION = Property(
    "signed permutation",
    _matrices(
        lambda A: all(value in (-1, 0, 1) for value in A.ravel().tolist())
        and all((row != 0).sum() == 1 for row in (*A, *A.T))
    ),
    lambda A, num: equal(A.mT @ A, num.identity(A.shape[-1])),
)
CONSTANT_ROWS = Property(
    "all rows equal", lambda A: bool((A[..., :1, :] == A).all()), lambda A, num: equal(A, A[..., :1, :] + A * 0)
)


def _shifted(word: str, down: bool) -> Property:
    """Entries agree along the diagonals, or the antidiagonals."""

    def pairs(A: Array) -> tuple[Array, Array]:
        if down:
            return A[..., 1:, 1:], A[..., :-1, :-1]
        return A[..., 1:, :-1], A[..., :-1, 1:]

    def exact(A: Array) -> bool:
        one, two = pairs(A)
        return A.ndim >= 2 and bool((one == two).all())

    return Property(word, exact, lambda A, num: equal(*pairs(A)))


def _turned(A: Array) -> Array:
    """Every row but the last, moved on by one place around the end."""
    moved: Array = np.concatenate([A[..., :-1, -1:], A[..., :-1, :-1]], axis=-1)
    return moved


def _power(A: Array) -> Array:
    """A^n of an n x n matrix."""
    result = A
    for _ in range(A.shape[-1] - 1):
        result = result @ A
    return result


def _diagonal_of(A: Array) -> Array:
    return np.stack([A[..., i, i] for i in range(A.shape[-1])], axis=-1)


def _companion_part(A: Array) -> Array:
    """All columns but the last."""
    return A[..., :, :-1]


def _inverse_non_negative(A: Array) -> bool:
    """Whether a matrix of Fractions is non-singular with an inverse of non-negative entries."""
    n = len(A)
    work = [[*row, *(Fraction(int(i == j)) for j in range(n))] for i, row in enumerate(A.tolist())]
    for k in range(n):
        row = next((i for i in range(k, n) if work[i][k] != 0), None)
        if row is None:
            return False
        work[k], work[row] = work[row], work[k]
        work[k] = [value / work[k][k] for value in work[k]]
        for i in range(n):
            if i != k and work[i][k] != 0:
                work[i] = [a - work[i][k] * b for a, b in zip(work[i], work[k], strict=True)]
    return all(value >= 0 for row in work for value in row[n:])


def _has_determinant_one(A: Array) -> bool:
    """Whether the determinant of a matrix of Fractions is one, by elimination."""
    work, product = [list(row) for row in A.tolist()], Fraction(1)
    for k in range(len(work)):
        row = next((i for i in range(k, len(work)) if work[i][k] != 0), None)
        if row is None:
            return False
        if row != k:
            work[k], work[row], product = work[row], work[k], -product
        product *= work[k][k]
        for i in range(k + 1, len(work)):
            factor = work[i][k] / work[k][k]
            work[i] = [a - factor * b for a, b in zip(work[i], work[k], strict=True)]
    return product == 1


DETERMINANT_ONE = Property(
    "determinant one", _matrices(_has_determinant_one), lambda A, num: equal(num.determinant(A), num.number(1))
)
TOEPLITZ, HANKEL = _shifted("toeplitz", True), _shifted("hankel", False)
CIRCULANT = Property(
    "circulant", lambda A: _square(A) and bool((A[..., 1:, :] == _turned(A)).all()),
    lambda A, num: equal(A[..., 1:, :], num.constant([[0] * A.shape[-1]] * (A.shape[-1] - 1)) + _turned(A)),
)  # fmt: skip
COMPANION = Property(
    "companion",
    _matrices(lambda A: bool((_companion_part(A) == np.eye(len(A), k=-1, dtype=np.int64)[:, :-1]).all())),
    lambda A, num: equal(
        _companion_part(A), _companion_part(A) * 0 + num.constant(np.eye(A.shape[-1], k=-1, dtype=int)[:, :-1].tolist())
    ),
)
NILPOTENT = Property(
    "nilpotent", _matrices(lambda A: bool((_power(A) == 0).all())),
    lambda A, num: equal(_power(A), A * 0, scale=math.prod([num.entrywise_one_norm(A)] * A.shape[-1])),
)  # fmt: skip
IDEMPOTENT = Property(
    "idempotent", _matrices(lambda A: bool((A @ A == A).all())), lambda A, num: equal(A @ A, A)
)
UNIT_DIAGONAL = Property(
    "ones on the diagonal", _matrices(lambda A: all(A[i, i] == 1 for i in range(len(A)))),
    lambda A, num: equal(_diagonal_of(A), _diagonal_of(A) * 0 + num.number(1)),
)  # fmt: skip
OFF_DIAGONAL_NON_POSITIVE = Property(
    "off the diagonal non-positive", _matrices(lambda A: all(A[i, j] <= 0 for i, j in np.ndindex(A.shape) if i != j)),
    lambda A, num: at_most(_off_diagonal(A, num), A * 0),
)  # fmt: skip
INVERSE_NON_NEGATIVE = Property(
    "inverse non-negative", _matrices(_inverse_non_negative), lambda A, num: at_most(A * 0, num.inverse(A))
)

#: The properties by name, as a stored domain knows them.
PROPERTIES: dict[str, Property] = {
    known.name: known
    for known in (
        NON_NEGATIVE, POSITIVE, INTEGERS, SUMS_TO_ONE, COLUMNS_SUM_TO_ONE, DESCENDING, ASCENDING, SYMMETRIC,
        ANTISYMMETRIC, DIAGONAL, UPPER_TRIANGULAR, SEMIDEFINITE, NONSINGULAR, RANK_ONE, ORTHOGONAL,
        SIGNED_PERMUTATION, CONSTANT_ROWS, TOEPLITZ, HANKEL, CIRCULANT, COMPANION, NILPOTENT, IDEMPOTENT,
        DETERMINANT_ONE, UNIT_DIAGONAL, OFF_DIAGONAL_NON_POSITIVE, INVERSE_NON_NEGATIVE,
    )
}  # fmt: skip

#: How one array may depend on another of the case.
RELATIONS: dict[str, Callable[[Array], Array]] = {
    "equal to": lambda A: A,
    "opposite of": lambda A: -A,
    "transpose of": lambda A: A.mT,
}


def _uniform_blocks(blocks: Any) -> bool:
    depths = [len(block) for block in blocks]
    M = sum(depths) // len(depths)
    return all(depth == M for depth in depths[:-1])


#: Properties of tuples of integers, and of blocks of them.
STRUCTURES: dict[str, Callable[[Any], bool]] = {
    "all equal": lambda values: len(set(values)) <= 1,
    "uniform blocks": _uniform_blocks,  # P^u: floor(L / L-bar) layers in each block, and the rest in the last
}
