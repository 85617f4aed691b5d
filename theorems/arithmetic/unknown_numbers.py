"""Numbers among unknowns: roots, exponentials, sizes and maxima as new unknowns with their definitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np
from flint.utils.flint_exceptions import DomainError

from theorems.arithmetic.answers import Answer, Later, Rank
from theorems.arithmetic.facts import Fact, Path
from theorems.arithmetic.normal_forms import TooLarge
from theorems.arithmetic.objects import ObjectArithmetic
from theorems.arithmetic.roots import rational_root
from theorems.arithmetic.terms import Term, Unknown
from theorems.case import Array
from theorems.errors import Unsupported

#: Unknowns whose definition is kept: each stands for that function of one term.
FUNCTIONS = ("exp", "log", "root")


class UnknownNumbers(ObjectArithmetic):
    """Scalars; see `theorems.arithmetic.unknowns`."""

    def __init__(self, path: Path, *, lazy: bool = False, spectral: bool = False) -> None:
        """`lazy`: a maximum, a size or a choice that is open becomes an unknown of its own, where else the path forks;
        and so does a value that there is no formula for, of which then nothing is said.  `spectral`: the rank of a
        matrix whose decomposition the case carries is asked of its singular values, not of its minors."""
        super().__init__()
        self.path, self.pool, self.lazy, self.spectral = path, path.pool, lazy, spectral
        if lazy:
            path.answering = lambda kind, term: Answer(path, [(kind, term)])
        self.chosen = 0  # maxima and sizes that were not decided by what is known
        self._choices = 0
        self._made: list[tuple[str, tuple[Term, ...], Any]] = []  # atoms of this run, by what they are made of

    @contextmanager
    def running(self, case: object) -> Iterator[None]:
        before, self.pool.oracle = self.pool.oracle, self.path
        try:
            with super().running(case):
                yield
        finally:
            self.pool.oracle = before

    def entry(self, value: Fraction) -> Term:
        return self.pool.constant(value)

    def positive(self, x: Any) -> bool | None:
        return self.path.ask("positive", self.term(x))

    def term(self, x: Any) -> Term:
        """A number as a term."""
        found = self.pool.lifted(int(x) if isinstance(x, Rank) else self._scalar(x))
        if found is None:
            raise Unsupported(f"a {type(x).__name__} among unknowns")
        return found

    def same(self, x: Any, y: Any) -> bool:
        """Whether two numbers are equal identically."""
        a, b = self.term(x), self.term(y)
        return a.number == b.number or self.path.zero(a - b)

    def all_same(self, A: Array, B: Array) -> bool:
        """Whether two arrays are equal identically."""
        return A.shape == B.shape and all(self.same(a, b) for a, b in zip(A.flat, B.flat, strict=True))

    # atoms

    def _atom(self, kind: str, arguments: Sequence[Term]) -> Any:
        """What was made on this run of identically equal arguments; None for nothing."""
        for known, others, made in self._made:
            if known == kind and len(others) == len(arguments) and all(map(self._alike, others, arguments)):
                return made
        return None

    def _alike(self, a: Term, b: Term) -> bool:
        try:
            return self.same(a, b)
        except TooLarge:
            return False  # two atoms for one value: less is proved, nothing false

    def _new(self, kind: str, arguments: Sequence[Term], count: int = 1, **options: Any) -> list[Term]:
        key = (kind, count, options.get("nonnegative"), *(term.number for term in arguments))
        atoms = self.pool.atoms.get(key)
        if atoms is None:
            names = [f"{kind}{len(self.pool.unknowns) + i}" for i in range(count)]
            atoms = self.pool.atoms[key] = [self.pool.unknown(Unknown(name, atom=kind, **options)) for name in names]
            if kind in FUNCTIONS:
                self.pool.functions[self.pool.nodes[atoms[0].number][1]] = (kind, arguments[0].number)
        self._made.append((kind, tuple(arguments), atoms))
        return atoms

    def opaque(self, what: str, arguments: Sequence[Term], count: int = 1) -> list[Term]:
        """Values of which nothing is said but that equal arguments share them.  Raises `Unsupported` unless lazy."""
        if not self.lazy:
            raise Unsupported(what)
        return self._new(what, arguments, count)

    def sqrt(self, x: Any) -> Any:
        """sqrt x: the root of a square without a question where its sign is plain, else a new unknown r >= 0."""
        x = self.term(x)
        if x.fixed is not None:
            root = _rational_root(x.fixed)
            if root is not None:
                return self.pool.constant(root)
        if (known := self._atom("root", [x])) is not None:
            return known[0]
        if not self.path.ask("nonnegative", x):
            raise Unsupported("the square root of a number that may be negative")
        if self._tells("zero", x):
            return self.pool.constant(0)
        square: Term | None = x
        try:
            n, d = self.path.forms.of(x)
            if d.is_constant() and (root := _root_of(n)) is not None:
                term = self.of_polynomial(root)
                if self.path.known("nonnegative", term):
                    return term
                if self.path.known("nonpositive", term):
                    return -term
            if not d.is_constant():
                square = None
        except TooLarge:
            square = None
        (atom,) = self._new("root", [x], nonnegative=True, square=square)
        self.path.rooted(self.pool.nodes[atom.number][1], x)
        self.path.define(atom, [Fact("zero", atom * atom - x, "a square root"), Fact("nonnegative", atom, "a root")])
        return atom

    def of_polynomial(self, p: Any) -> Term:
        """The term of a polynomial."""
        total = self.pool.constant(0)
        for exponents, coefficient in p.to_dict().items():
            product = self.pool.constant(Fraction(int(coefficient.p), int(coefficient.q)))
            for k, exponent in enumerate(exponents):
                if exponent:
                    product = product * self.pool.variable(k) ** int(exponent)
            total = total + product
        return total

    def exp(self, x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return self._each(self.exp, x)
        x = self.term(x)
        if x.fixed == 0 or self._tells("zero", x):
            return self.pool.constant(1)
        if (known := self._atom("exp", [x])) is not None:
            return known[0]
        (atom,) = self._new("exp", [x], nonnegative=True)
        self.path.suppose("positive", atom, "an exponential")
        return atom

    def log(self, x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return self._each(self.log, x)
        x = self.term(x)
        if x.fixed == 1 or self._tells("zero", x - 1):
            return self.pool.constant(0)
        if (known := self._atom("log", [x])) is not None:
            return known[0]
        if not self.path.ask("positive", x):
            raise Unsupported("the logarithm of a number that may not be positive")
        return self._new("log", [x])[0]

    # scalars

    def absolute(self, x: Any) -> Any:
        return self._each(self._size, x)

    def _size(self, x: Any) -> Term:
        a = self.term(x)
        known = (a.fixed >= 0) if a.fixed is not None else self._tells("nonnegative", a)
        if known is None and a.fixed is None and self._tells("nonpositive", a):
            known = False
        if known is None:
            self.chosen += 1
            if self.lazy:
                found = self.absolute_value(a)
                for side in (found - a, found + a):
                    if self._tells("nonnegative", side) is None:
                        self.path.suppose("nonnegative", side, "a size")
                return found
            known = self.path.ask("nonnegative", a)
        size: Term = a if known else -a
        return size

    def absolute_value(self, a: Term) -> Term:
        """|a| without a question: the root of a^2."""
        found: Term = self.sqrt(a * a)
        return found

    def _tells(self, kind: str, term: Term) -> bool | None:
        """What is known of a term; None also where it is too large to be looked at."""
        try:
            return self.path.known(kind, term)
        except TooLarge:
            if not self.lazy:
                raise
            return None

    def zero(self, x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return np.array([bool(self.zero(entry)) for entry in x.flat], bool).reshape(x.shape)
        return Answer(self.path, [("zero", self.term(x))])

    def maximum(self, x: Any, y: Any) -> Any:
        if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
            return self.array(np.frompyfunc(self.maximum, 2, 1)(x, y))
        if isinstance(x, int) and isinstance(y, int):
            return max(x, y)
        return self._larger(self.term(x), self.term(y))

    def _larger(self, a: Term, b: Term) -> Term:
        if a.number == b.number:
            return a
        known = self._tells("nonnegative", a - b) if (a - b).fixed is None else a >= b
        if known is None:
            if self._tells("nonnegative", b - a):
                return b
            self.chosen += 1
            if self.lazy:
                known = self.path.settled("nonnegative", a - b) if b.fixed == 0 else None
                if known is None:
                    return self._maximum(a, b)
            else:
                known = self.path.ask("nonnegative", a - b)
        return a if known else b

    def _maximum(self, a: Term, b: Term) -> Term:
        """A new unknown m with m >= a, m >= b and (m - a)(m - b) = 0."""
        for pair in ([a, b], [b, a]):
            if (known := self._atom("max", pair)) is not None:
                return known[0]  # type: ignore[no-any-return]
        positive = any(self._tells("nonnegative", side) for side in (a, b))
        (atom,) = self._new("max", [a, b], nonnegative=positive)
        for side in (atom - a, atom - b):
            self.path.suppose("nonnegative", side, "a maximum")
        self.path.define(atom, [Fact("zero", (atom - a) * (atom - b), "a maximum")])
        return atom

    def minimum(self, x: Any, y: Any) -> Any:
        if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
            return self.array(np.frompyfunc(self.minimum, 2, 1)(x, y))
        a, b = self.term(x), self.term(y)
        return a + b - self._larger(a, b) if self.lazy else -self._larger(-a, -b)

    def smaller(self, m: Any, n: Any) -> Any:
        return min(int(m), int(n))

    def where(self, answers: Any, x: Any, y: Any) -> Any:
        if self.lazy and isinstance(answers, Answer | Later):
            self.chosen += 1
            return np.frompyfunc(self._one_of, 2, 1)(x, y)
        return super().where(None if answers is None else bool(answers), x, y)

    def _one_of(self, x: Any, y: Any) -> Any:
        """A new unknown c with (c - x)(c - y) = 0; each choice has its own."""
        a, b = self.term(x), self.term(y)
        if a.number == b.number:
            return a
        positive = all(self._tells("nonnegative", side) for side in (a, b))
        self._choices += 1
        key = ("choice", self._choices, positive)
        if key not in self.pool.atoms:
            unknown = Unknown(f"choice{len(self.pool.unknowns)}", nonnegative=positive, atom="choice")
            self.pool.atoms[key] = [self.pool.unknown(unknown)]
        (atom,) = self.pool.atoms[key]
        self.path.define(atom, [Fact("zero", (atom - a) * (atom - b), "a choice")])
        return atom


def _rational_root(q: Fraction) -> Fraction | None:
    return None if q < 0 else rational_root(q)


def _root_of(p: Any) -> Any | None:
    """The polynomial whose square is p; None where there is none."""
    try:
        return p.sqrt()
    except DomainError:
        return None
