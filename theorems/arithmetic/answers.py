"""The answers of tests on formulas: what they ask, to be noted as a fact, proved, or decided by the path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from theorems.arithmetic.facts import Path
from theorems.arithmetic.terms import Term
from theorems.case import Array


class Answer:
    """The answer of a test as what it asks: all of `facts` (kind, term).  As a truth value, the path decides."""

    def __init__(self, path: Path, facts: Sequence[tuple[str, Term]], *, opposite: bool = False) -> None:
        self.path, self.facts, self.opposite = path, tuple(facts), opposite

    def __bool__(self) -> bool:
        return all(asked(self.path, kind, term) for kind, term in self.facts) != self.opposite

    def __invert__(self) -> Answer:
        return Answer(self.path, self.facts, opposite=not self.opposite)

    def __and__(self, other: Any) -> Any:
        if isinstance(other, bool | np.bool_):
            return self if other else False
        if isinstance(other, Answer) and not self.opposite and not other.opposite:
            return Answer(self.path, (*self.facts, *other.facts))
        return Later(lambda: bool(self) and bool(other))

    __rand__ = __and__

    def __or__(self, other: Any) -> Any:
        return True if other is True else Later(lambda: bool(self) or bool(other))

    __ror__ = __or__


class Later:
    """A test that is made when a truth value is wanted, and perhaps never."""

    def __init__(self, test: Callable[[], bool]) -> None:
        self.test = test

    def __bool__(self) -> bool:
        return self.test()

    def __invert__(self) -> Later:
        return Later(lambda: not self.test())

    def __and__(self, other: Any) -> Later:
        return Later(lambda: self.test() and bool(other))

    __rand__ = __and__

    def __or__(self, other: Any) -> Later:
        return Later(lambda: self.test() or bool(other))

    __ror__ = __or__


def asked(path: Path, kind: str, term: Term) -> bool:
    """The answer to one question."""
    if kind == "nonzero":
        return not path.ask("zero", term)
    return path.ask(kind, term)


class Semidefinite(Answer):
    """The question whether a matrix is positive semidefinite, with the matrix: a chart may parametrise it."""

    def __init__(self, path: Path, facts: Sequence[tuple[str, Term]], matrix: Array) -> None:
        super().__init__(path, facts)
        self.matrix = matrix


class Rank:
    """The rank of a matrix plus an integer, not yet asked for: a comparison with a number asks for minors only."""

    __hash__ = object.__hash__

    def __init__(self, num: Any, matrix: Array, more: int = 0) -> None:
        self.num, self.matrix, self.most, self.more = num, matrix, min(matrix.shape), more

    def at_most(self, r: int) -> Answer:
        """Whether the rank is at most r, all of it: the minors of order r + 1 vanish."""
        path = self.num.path
        r -= self.more
        if r >= self.most:
            return Answer(path, ())
        if r < 0:
            return Answer(path, (), opposite=True)
        return Answer(path, [("zero", minor) for minor in self.num.minors(self.matrix, r + 1)])

    def __int__(self) -> int:
        return next(r for r in range(self.more, self.most + self.more + 1) if self.at_most(r))

    __index__ = __int__

    def _number(self, other: Any) -> int:
        return int(other)

    def __le__(self, other: Any) -> Any:
        return self.at_most(self._number(other))

    def __lt__(self, other: Any) -> Any:
        return self.at_most(self._number(other) - 1)

    def __gt__(self, other: Any) -> Any:
        return ~self.at_most(self._number(other))

    def __ge__(self, other: Any) -> Any:
        return ~self.at_most(self._number(other) - 1)

    def __eq__(self, other: object) -> Any:
        r = self._number(other)
        lower = self.at_most(r - 1)
        if lower.opposite:  # r = 0
            return self.at_most(r)
        return bool(self.at_most(r)) and not bool(lower) if r < self.most + self.more else ~lower

    def __ne__(self, other: object) -> Any:
        equal = self == other
        return ~equal if isinstance(equal, Answer) else not equal

    def __add__(self, other: Any) -> Any:
        if isinstance(other, int | np.integer):
            return Rank(self.num, self.matrix, self.more + int(other))
        return int(self) + (int(other) if isinstance(other, Rank) else other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __rsub__(self, other: Any) -> Any:
        return other - int(self)

    def __neg__(self) -> int:
        return -int(self)

    def __mul__(self, other: Any) -> Any:
        return int(self) * (int(other) if isinstance(other, Rank) else other)

    __rmul__ = __mul__
