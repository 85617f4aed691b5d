"""A statement on formulas that have values: what happens at one case, with every question and its answer noted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from theorems.arithmetic.facts import OPPOSITE, Fact
from theorems.arithmetic.normal_forms import TooLarge
from theorems.arithmetic.roots import rational_root
from theorems.arithmetic.terms import Pool, Term
from theorems.arithmetic.unknowns import Unknowns
from theorems.case import SVD, Array
from theorems.errors import Undefined, Unsupported

#: Bits of the bounds of a root that is irrational.
BITS = 40


class _NoForms:
    """There are no normal forms where everything has a value."""

    def of(self, term: Term) -> Any:
        raise TooLarge("no normal forms")


class ValuePath:
    """The path of one case: every question is answered by exact values, and noted as a fact."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self.forms = pool, _NoForms()
        self.facts: dict[tuple[str, int], Fact] = {}
        self.values: dict[int, tuple[Fraction, Fraction]] = {}
        self.numbers: dict[int, Fraction] = {}  # of the unknowns
        self.of_roots: dict[int, Term] = {}  # what a root is taken of
        self.roots: dict[int, Term] = {}
        self.assumed: list[bool] = []

    def value(self, term: Term) -> tuple[Fraction, Fraction]:
        """Bounds of a term; equal ones are its value."""
        todo = [term.number]
        while todo:
            number = todo[-1]
            if number in self.values:
                todo.pop()
                continue
            node = self.pool.nodes[number]
            below = list(node[1:]) if node[0] in "+*/" else []
            if node[0] == "x" and node[1] in self.of_roots:
                below = [self.of_roots[node[1]].number]
            missing = [i for i in below if i not in self.values]
            if missing:
                todo += missing
                continue
            todo.pop()
            self.values[number] = self._of(node, [self.values[i] for i in below])
        return self.values[term.number]

    def _of(self, node: tuple[Any, ...], below: list[tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction]:
        if node[0] == "c":
            return node[1], node[1]
        if node[0] == "x":
            if node[1] not in self.of_roots:
                return self.numbers[node[1]], self.numbers[node[1]]
            return _root(*below[0])
        (a, b), (c, d) = below
        if node[0] == "+":
            return _rounded(a + c, b + d)
        if node[0] == "/":
            if c <= 0 <= d:
                raise Undefined("a division by zero")
            corners = [x / y for x in (a, b) for y in (c, d)]
            if a < b and c < 0:
                raise Unsupported("a quotient of bounds by a negative number")
        else:
            corners = [x * y for x in (a, b) for y in (c, d)]
        return _rounded(min(corners), max(corners))

    def holds(self, kind: str, term: Term) -> bool:
        """Whether a term is of a kind.  Raises `Unsupported` where its bounds do not tell."""
        low, high = self.value(term)
        if low == high:
            return {
                "zero": low == 0, "positive": low > 0, "nonnegative": low >= 0,
                "nonzero": low != 0, "nonpositive": low <= 0, "negative": low < 0,
            }[kind]  # fmt: skip
        if low > 0:
            return kind in ("positive", "nonnegative", "nonzero")
        if high < 0:
            return kind in ("negative", "nonpositive", "nonzero")
        raise Unsupported("a comparison of irrational numbers that are too close")

    def question(self, kind: str, term: Term) -> bool:
        """The answer."""
        return self.ask(kind, term)

    def ask(self, kind: str, term: Term) -> bool:
        """The answer of the case, noted."""
        answer = self.holds(kind, term)
        self.suppose(kind if answer else OPPOSITE[kind], term, "decision")
        return answer

    def known(self, kind: str, term: Term) -> bool | None:
        """The answer of the case, noted where it is yes."""
        return self.ask(kind, term) or None

    def zero(self, term: Term) -> bool:
        """Whether a term is zero, noted where it is."""
        if term.fixed is not None:
            return term.fixed == 0
        low, high = self.value(term)
        if low == high == 0:
            self.suppose("zero", term, "decision")
            return True
        return False

    def divided(self, by: Term) -> None:
        """Note that a denominator is not zero."""
        if not self.holds("nonzero", by):
            raise Undefined("a division by zero")
        self.suppose("nonzero", by, "a quotient is formed")

    def suppose(self, kind: str, term: Term, why: str) -> None:
        """Note a fact, of which the values say that it is one."""
        if term.fixed is None and not (kind == "nonnegative" and self.pool.visible[term.number]):
            self.facts.setdefault((kind, term.number), Fact(kind, term, why))

    def define(self, atom: Term, facts: Sequence[Fact]) -> None:
        """Nothing: what an atom is, is written out."""


def _root(a: Fraction, b: Fraction) -> tuple[Fraction, Fraction]:
    if a == b and (exact := rational_root(a)) is not None:
        return exact, exact
    unit = 1 << BITS
    low = Fraction(math.isqrt(max(a, Fraction(0)).numerator * unit * unit // max(a, Fraction(0)).denominator), unit)
    high = Fraction(math.isqrt(-(-b.numerator * unit * unit // b.denominator)) + 1, unit)
    return low, high


def _rounded(low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
    """Bounds with short denominators; an exact value stays."""
    if low == high:
        return low, high
    unit = 1 << BITS
    return Fraction(math.floor(low * unit), unit), Fraction(math.ceil(high * unit), unit)


class Traced(Unknowns):
    """Formulas with values: roots and singular values written out."""

    def sqrt(self, x: Any) -> Any:
        x = self.term(x)
        if not self.path.ask("nonnegative", x) if x.fixed is None else x.fixed < 0:
            raise Unsupported("the square root of a negative number")
        if (known := self._atom("root", [x])) is not None:
            return known[0]
        (atom,) = self._new("root", [x], nonnegative=True)
        self.path.of_roots[self.pool.nodes[atom.number][1]] = x  # type: ignore[attr-defined]
        return atom

    def exp(self, x: Any) -> Any:
        raise Unsupported("an exponential")

    def log(self, x: Any) -> Any:
        raise Unsupported("a logarithm")

    def svd(self, A: Array) -> SVD:
        """A decomposition that the case carries, or that of a matrix with one entry at most in each row and column."""
        try:
            return super().svd(A)
        except Unsupported:
            return self._of_monomial(A)

    def _of_monomial(self, A: Array) -> SVD:
        places = [place for place in np.ndindex(A.shape) if not self.path.zero(self.term(A[place]))]
        rows, columns = [i for i, _ in places], [j for _, j in places]
        if len(set(rows)) < len(rows) or len(set(columns)) < len(columns):
            raise Unsupported(f"the SVD of a {A.shape[0]} x {A.shape[1]} matrix that the case does not carry")
        places.sort(key=lambda place: max(map(abs, self.path.value(self.term(A[place])))), reverse=True)  # type: ignore[attr-defined]
        k = min(A.shape)
        rows, columns = [i for i, _ in places], [j for _, j in places]
        rows += [i for i in range(A.shape[0]) if i not in rows]
        columns += [j for j in range(A.shape[1]) if j not in columns]
        U, V = self.identity(A.shape[0])[:, rows[:k]], self.identity(A.shape[1])[:, columns[:k]]
        s = self.zeros(k)
        for r, place in enumerate(places):
            entry = self.term(A[place])
            if self.path.ask("nonnegative", entry):
                s[r] = entry
            else:
                s[r], V[:, r] = -entry, -V[:, r]
        return SVD(U, s, V)

    def _singular_values(self, A: Array) -> list[Term]:
        """sigma^2 = (t +- sqrt(t^2 - 4 d)) / 2, where t and d are trace and determinant of the smaller of A^T A and
        A A^T."""
        if min(A.shape) != 2:
            raise Unsupported(f"the singular values of a {A.shape[0]} x {A.shape[1]} matrix")
        gram = A.mT @ A if A.shape[1] == 2 else A @ A.mT
        t, d = gram[0, 0] + gram[1, 1], gram[0, 0] * gram[1, 1] - gram[0, 1] * gram[1, 0]
        spread = self.sqrt(t * t - 4 * d)
        return [self.sqrt((t + spread) / 2), self.sqrt((t - spread) / 2)]
