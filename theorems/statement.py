"""The vocabulary of a statement.

A statement is a generator ``statement(case, num)``.  In the order of the page it yields what it supposes and what it
concludes, and builds in between::

    def trace_of_a_square(case, num):
        (A,) = case.matrices
        yield suppose(num.symmetric(A), "A is symmetric")
        yield conclude(at_most(num.trace(A @ A), num.trace(A) * num.trace(A)), "tr(A^2) <= tr(A)^2")

A condition is a relation between two sides (`at_most`, `less_than`, `equal`) or two matrices (`loewner_at_most`), an
`exists` with its obstruction, or the answer of a test (`num.nonsingular(A)`, a comparison of integers).  The arithmetic
`num` decides it, so that a condition never hides a tolerance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Relation:
    """``left <= right`` ("at most"), ``left < right`` ("less than") or ``left == right`` ("equal").

    Both sides are scalars or arrays of one shape (compared entry by entry).  The margin is divided by `scale`, a
    non-negative scalar of the arithmetic; without one, by the larger side.
    """

    kind: str
    left: Any
    right: Any
    scale: Any = None


@dataclass(frozen=True)
class Existence:
    """``there is a choice whose value is at most bound``: supported by a construction, refuted by an obstruction.

    `attained` is a function that returns the value of one choice (it may raise `Undefined`, or give NaN in a batch);
    every one of `lower_bounds` holds for every choice: values, or functions that are asked only where that choice does
    not do.
    """

    attained: Callable[[], Any]
    lower_bounds: tuple[Any, ...]
    bound: Any
    scale: Any = None


@dataclass(frozen=True)
class Order:
    """right - left is positive semidefinite: the Loewner order of two square matrices of one size.

    The margin is the smallest eigenvalue of right - left, divided by `scale`; without one, by the largest entry of both
    sides.  A difference that is not symmetric is not ordered.
    """

    left: Any
    right: Any
    scale: Any = None


@dataclass(frozen=True)
class Truth:
    """The answer of a test: True, False, None (undecided), or one such answer for each member of a batch."""

    value: Any


Condition: TypeAlias = Relation | Existence | Order | Truth


@dataclass(frozen=True)
class Suppose:
    condition: Condition
    name: str


@dataclass(frozen=True)
class Conclude:
    condition: Condition
    name: str


#: A generator function ``statement(case, num)``.
Statement: TypeAlias = Callable[[Any, Any], Iterator["Suppose | Conclude"]]


def _condition(value: Any) -> Condition:
    return value if isinstance(value, Relation | Existence | Order | Truth) else Truth(value)


def suppose(condition: Any, name: str) -> Suppose:
    """A hypothesis.  `name` says it in words; the same name may be yielded several times (and is skipped as one)."""
    return Suppose(_condition(condition), name)


def conclude(condition: Any, name: str = "the conclusion") -> Conclude:
    """A conclusion.  A statement may have several; it fails when one of them does."""
    return Conclude(_condition(condition), name)


def at_most(left: Any, right: Any, *, scale: Any = None) -> Relation:
    """``left <= right``."""
    return Relation("at most", left, right, scale)


def less_than(left: Any, right: Any, *, scale: Any = None) -> Relation:
    """``left < right``."""
    return Relation("less than", left, right, scale)


def equal(left: Any, right: Any, *, scale: Any = None) -> Relation:
    """``left == right``, entry by entry for arrays."""
    return Relation("equal", left, right, scale)


def loewner_at_most(left: Any, right: Any, *, scale: Any = None) -> Order:
    """``left <= right`` in the Loewner order: right - left is positive semidefinite."""
    return Order(left, right, scale)


def holds(value: Any) -> Truth:
    """The answer of a test as a condition (a bare answer may also be given to `suppose` and `conclude`)."""
    return Truth(value)


def exists(*, attained: Callable[[], Any], lower_bound: Any, bound: Any, scale: Any = None) -> Existence:
    """There is a choice whose value is at most `bound`.

    Holds when ``attained() <= bound``, fails when a lower bound exceeds `bound`, and is undecided otherwise.
    `lower_bound` is one scalar or a tuple of scalars, each valid for *every* choice; a function that returns one is
    asked only where the construction does not do.
    """
    bounds = lower_bound if isinstance(lower_bound, tuple) else (lower_bound,)
    return Existence(attained, bounds, bound, scale)
