"""Terms: what a statement computes, kept as a formula in unknowns instead of a number.

A `Pool` holds every term once, as a node of a directed graph: an unknown, a rational constant, a sum, a product or a
quotient of earlier nodes.  Each node also has its value modulo a prime at a point derived from a hash, which tells two
formulas apart with certainty and never shows them equal, and bounds for the degrees of its numerator and denominator.
The standard library suffices for all of it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from theorems.errors import Undecided, Undefined, Unsupported

#: The prime modulo which terms have values.
PRIME = 2**127 - 1
#: Nodes of one pool at most: beyond, a run is given up.
MOST_NODES = 400_000


class Oracle(Protocol):
    """Who answers a comparison of terms: the path that a prover is on."""

    def question(self, kind: str, term: Term) -> Any:
        """Whether the term is "zero", "positive" or "nonnegative"; may decide that it is, and note so.

        The answer may also be an object that asks when its truth value is wanted.
        """

    def divided(self, by: Term) -> None:
        """Note that a quotient with this denominator was formed."""


@dataclass(frozen=True)
class Unknown:
    """A variable of a pool.

    name         for people
    nonnegative  whether it is known to be at least zero
    square       what its square is, a term of earlier unknowns; None where it is free
    atom         for an unknown that stands for a value which is no rational function: "root", "sigma", "exp", ...
    """

    name: str
    nonnegative: bool = False
    square: Term | None = None
    atom: str = ""


class Pool:
    """The terms of one claim at one shape.  `seed` fixes the point at which they have values."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.nodes: list[tuple[Any, ...]] = []
        self.values: list[int] = []
        self.degrees: list[tuple[int, int]] = []
        self.with_atoms: list[bool] = []
        self.visible: list[bool] = []  # whether its form shows that a term is not negative: sums of squares
        self.unknowns: list[Unknown] = []
        self.atoms: dict[tuple[Any, ...], list[Term]] = {}  # by what they are made of: paths share them
        self.functions: dict[int, tuple[str, int]] = {}  # unknowns that are "exp", "log" or "root" of a node
        self.oracle: Oracle | None = None
        self._index: dict[tuple[Any, ...], int] = {}

    def unknown(self, unknown: Unknown, value: int | None = None) -> Term:
        """A new variable; `value` fixes its value modulo the prime."""
        k = len(self.unknowns)
        self.unknowns.append(unknown)  # before its node: whether it is negative is asked there
        if value is None:
            value = int.from_bytes(hashlib.sha256(f"{self.seed}/{k}".encode()).digest(), "big")
        return self._node(("x", k), value % PRIME, (1, 0), bool(unknown.atom))

    def variable(self, k: int) -> Term:
        """The unknown number k as a term."""
        return Term(self, self._index["x", k])

    def free(self, name: str, *, nonnegative: bool = False) -> Term:
        """A new free variable."""
        return self.unknown(Unknown(name, nonnegative))

    def constant(self, value: Fraction | int) -> Term:
        """A rational number."""
        q = Fraction(value)
        return self._node(("c", q), q.numerator * pow(q.denominator, -1, PRIME) % PRIME, (0, 0), False)

    def _node(self, node: tuple[Any, ...], value: int, degrees: tuple[int, int], atoms: bool) -> Term:
        number = self._index.get(node)
        if number is None:
            if len(self.nodes) >= MOST_NODES:
                raise Unsupported(f"a formula of more than {MOST_NODES:,} operations")
            number = self._index[node] = len(self.nodes)
            self.nodes.append(node)
            self.values.append(value)
            self.degrees.append(degrees)
            self.with_atoms.append(atoms)
            self.visible.append(self._visible(node))
        return Term(self, number)

    def _visible(self, node: tuple[Any, ...]) -> bool:
        if node[0] == "x":
            return self.unknowns[int(node[1])].nonnegative
        if node[0] == "c":
            return bool(node[1] >= 0)
        return bool(node[0] == "*" and node[1] == node[2]) or (self.visible[node[1]] and self.visible[node[2]])

    def sum(self, a: Term, b: Term) -> Term:
        """a + b."""
        x, y = self.nodes[a.number], self.nodes[b.number]
        if x[0] == "c" and y[0] == "c":
            return self.constant(x[1] + y[1])
        if x[0] == "c" and x[1] == 0:
            return b
        if y[0] == "c" and y[1] == 0:
            return a
        i, j = sorted((a.number, b.number))
        (n, d), (m, e) = self.degrees[i], self.degrees[j]
        degrees = (max(n + e, m + d), d + e)
        atoms = self.with_atoms[i] or self.with_atoms[j]
        return self._node(("+", i, j), (self.values[i] + self.values[j]) % PRIME, degrees, atoms)

    def product(self, a: Term, b: Term) -> Term:
        """a b."""
        x, y = self.nodes[a.number], self.nodes[b.number]
        if x[0] != "c" and y[0] == "c":
            a, b, x, y = b, a, y, x
        if x[0] == "c":
            if y[0] == "c":
                return self.constant(x[1] * y[1])
            if x[1] == 0:
                return a
            if x[1] == 1:
                return b
            if y[0] == "*" and self.nodes[y[1]][0] == "c":
                return self.product(self.constant(x[1] * self.nodes[y[1]][1]), Term(self, y[2]))
            i, j = a.number, b.number
        else:
            i, j = sorted((a.number, b.number))
        (n, d), (m, e) = self.degrees[i], self.degrees[j]
        atoms = self.with_atoms[i] or self.with_atoms[j]
        return self._node(("*", i, j), self.values[i] * self.values[j] % PRIME, (n + m, d + e), atoms)

    def quotient(self, a: Term, b: Term) -> Term:
        """a / b, without a word to the oracle.  Raises `Undefined` for a denominator that is the constant zero."""
        y = self.nodes[b.number]
        if y[0] == "c":
            if y[1] == 0:
                raise Undefined("a division by zero")
            return self.product(self.constant(1 / y[1]), a)
        if self.nodes[a.number] == ("c", 0):
            return a
        if self.values[b.number] == 0:
            raise Undecided("a quotient whose denominator may be zero everywhere")
        (n, d), (m, e) = self.degrees[a.number], self.degrees[b.number]
        value = self.values[a.number] * pow(self.values[b.number], -1, PRIME) % PRIME
        atoms = self.with_atoms[a.number] or self.with_atoms[b.number]
        return self._node(("/", a.number, b.number), value, (n + e, d + m), atoms)

    def lifted(self, x: Any) -> Term | None:
        """A number as a term; None for anything else."""
        if isinstance(x, Term):
            return x
        if isinstance(x, np.integer):
            x = int(x)
        return self.constant(x) if isinstance(x, int | Fraction) else None


class Term:
    """A node of a pool, with the operators of a number.  A comparison is a question to the pool's oracle."""

    __hash__ = object.__hash__
    __slots__ = ("number", "pool")

    def __init__(self, pool: Pool, number: int) -> None:
        self.pool, self.number = pool, number

    @property
    def fixed(self) -> Fraction | None:
        """The constant that this term is; None for a formula in unknowns."""
        node = self.pool.nodes[self.number]
        return node[1] if node[0] == "c" else None

    def __add__(self, other: Any) -> Any:
        y = self.pool.lifted(other)
        return NotImplemented if y is None else self.pool.sum(self, y)

    __radd__ = __add__

    def __neg__(self) -> Term:
        return self.pool.product(self.pool.constant(-1), self)

    def __sub__(self, other: Any) -> Any:
        y = self.pool.lifted(other)
        return NotImplemented if y is None else self.minus(y)

    def minus(self, other: Term) -> Term:
        """The difference; the constant zero where both are one node."""
        return self.pool.constant(0) if self.number == other.number else self.pool.sum(self, -other)

    def __rsub__(self, other: Any) -> Any:
        y = self.pool.lifted(other)
        return NotImplemented if y is None else y.minus(self)

    def __mul__(self, other: Any) -> Any:
        y = self.pool.lifted(other)
        return NotImplemented if y is None else self.pool.product(self, y)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        y = self.pool.lifted(other)
        return NotImplemented if y is None else _divided(self, y)

    def __rtruediv__(self, other: Any) -> Any:
        y = self.pool.lifted(other)
        return NotImplemented if y is None else _divided(y, self)

    def __pow__(self, exponent: int) -> Any:
        if not isinstance(exponent, int | np.integer):
            raise Unsupported("a power whose exponent is no integer")
        if exponent < 0:
            return _divided(self.pool.constant(1), self**-exponent)
        result = self.pool.constant(1)
        for _ in range(int(exponent)):
            result = self.pool.product(result, self)
        return result

    def __abs__(self) -> Term:
        return self if self._ask("nonnegative", self) else -self

    def __eq__(self, other: object) -> Any:
        y = self.pool.lifted(other)
        return NotImplemented if y is None else self._ask("zero", self.minus(y))

    def __ne__(self, other: object) -> Any:
        y = self.pool.lifted(other)
        if y is None:
            return NotImplemented
        answer = self._ask("zero", self.minus(y))
        return not answer if isinstance(answer, bool) else ~answer

    def __gt__(self, other: Any) -> Any:
        y = self.pool.lifted(other)
        return NotImplemented if y is None else self._ask("positive", self.minus(y))

    def __ge__(self, other: Any) -> Any:
        y = self.pool.lifted(other)
        return NotImplemented if y is None else self._ask("nonnegative", self.minus(y))

    def __lt__(self, other: Any) -> Any:
        y = self.pool.lifted(other)
        return NotImplemented if y is None else self._ask("positive", y.minus(self))

    def __le__(self, other: Any) -> Any:
        y = self.pool.lifted(other)
        return NotImplemented if y is None else self._ask("nonnegative", y.minus(self))

    def __bool__(self) -> bool:
        return not bool(self._ask("zero", self))

    def __float__(self) -> float:
        raise Unsupported("the statement converts an unknown to a float")

    def __int__(self) -> int:
        raise Unsupported("the statement converts an unknown to an integer")

    __index__ = __int__

    def _ask(self, kind: str, term: Term) -> Any:
        value = term.fixed
        if value is not None:
            return value == 0 if kind == "zero" else value > 0 if kind == "positive" else value >= 0
        if self.pool.oracle is None:
            raise Unsupported("a comparison of unknowns")
        return self.pool.oracle.question(kind, term)

    def __str__(self) -> str:
        return str(self.fixed) if self.fixed is not None else f"a formula of degree {self.pool.degrees[self.number][0]}"


def _divided(a: Term, b: Term) -> Term:
    if b.fixed is None and a.pool.oracle is not None:
        a.pool.oracle.divided(b)
    return a.pool.quotient(a, b)
