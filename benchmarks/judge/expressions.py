"""Random expressions over the operations of `num`, in Rational, Fractions and Ball, against judges of our own.

An expression is a tree of `Node`; its leaves are rational matrices and numbers by adversarial laws: zeros, ties, rank
drops, near-singular, Hilbert, entries of 1e+300 beside 1e-300, 1 x 1.  Every node of every tree is compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
from flint import arb, fmpq

from benchmarks.judge.references import Exact, Judge, Many, NoValue
from theorems.arithmetic import Ball, Fractions, Rational
from theorems.arithmetic.base import NO, UNKNOWN, YES, Arithmetic
from theorems.arithmetic.eigenvalues import Eigenvalue
from theorems.arithmetic.enclosure import Enclosure
from theorems.arithmetic.field import ExactField
from theorems.arithmetic.roots import Root
from theorems.errors import Undefined, Unsupported
from theorems.statement import at_most, equal, less_than

#: Digits of the two runs of mpmath whose difference says how far either is to be believed.
DIGITS = (350, 700)
#: A value of mpmath that is less certain than this, relative to itself, is no reference.
CERTAIN = Fraction(1, 10**60)


#: The name of a node that only holds others.
TOGETHER = "together"


#: The laws of the matrices at the leaves.
LAWS = ("small", "small", "fractions", "zero", "rank one", "near-singular", "scaled", "symmetric", "hilbert")


@dataclass(frozen=True, eq=False)
class Node:
    """An operation and what it is applied to; `value` is the rational content of a leaf, or an index."""

    name: str
    children: tuple[Node, ...] = ()
    value: Any = None

    def __iter__(self) -> Iterator[Node]:
        """The nodes of the tree, children first, each once."""
        seen: set[int] = set()

        def walk(node: Node) -> Iterator[Node]:
            if id(node) not in seen:
                seen.add(id(node))
                for child in node.children:
                    yield from walk(child)
                if node.name != TOGETHER:
                    yield node

        yield from walk(self)

    def __str__(self) -> str:
        inner = ", ".join(map(str, self.children)) if self.children else str(self.value)
        return f"{self.name}({inner}{f'; {self.value}' if self.children and self.value is not None else ''})"


# what an arithmetic makes of a node ---------------------------------------------------------------------------------

_OPERATIONS: dict[str, Callable[..., Any]] = {
    "plus": lambda num, A, B: A + B,
    "minus": lambda num, A, B: A - B,
    "product": lambda num, A, B: A @ B,
    "transpose": lambda num, A: A.mT,
    "times": lambda num, c, A: num.times(c, A),
    "plus scalar": lambda num, c, A: num.plus(c, A),
    "inverse": lambda num, A: num.inverse(A),
    "relu": lambda num, A: num.relu(A),
    "absolute": lambda num, A: num.absolute(A),
    "beside": lambda num, A, B: num.concatenate([A, B], -1),
    "column": lambda num, A: A[..., :, 0],
    "outer": lambda num, x, y: num.outer(x, y),
    "softmax": lambda num, A: num.softmax(A),
    "add": lambda num, x, y: x + y,
    "subtract": lambda num, x, y: x - y,
    "multiply": lambda num, x, y: x * y,
    "divide": lambda num, x, y: x / y,
    "larger": lambda num, x, y: num.maximum(x, y),
    "smaller": lambda num, x, y: num.minimum(x, y),
    "size": lambda num, x: num.absolute(x),
    "trace": lambda num, A: num.trace(A),
    "squares": lambda num, A: num.frobenius_norm_squared(A),
    "frobenius": lambda num, A: num.frobenius_norm(A),
    "length": lambda num, x: num.norm(x),
    "dot": lambda num, x, y: num.dot(x, y),
    "root": lambda num, x: num.sqrt(num.absolute(x)),
    "exponential": lambda num, x: num.exp(x),
    "logarithm": lambda num, x: num.log(num.number(1) + num.absolute(x)),
    "determinant": lambda num, A: num.determinant(A),
    "singular value": lambda num, A, k: num.singular_value(A, k),
    # the wider vocabulary
    "hadamard": lambda num, A, B: num.hadamard(A, B),
    "kronecker": lambda num, A, B: num.kronecker(A, B),
    "power": lambda num, A, k: num.power(A, k),
    "symmetric part": lambda num, A: num.symmetric_part(A),
    "pseudo inverse": lambda num, A: num.pseudo_inverse(A),
    "matrix exponential": lambda num, A: num.exponential(A),
    "modulus": lambda num, A: num.modulus(A),
    "softmax rows": lambda num, A: num.softmax_rows(A),
    "sum": lambda num, x: num.sum(x),
    "product of entries": lambda num, x: num.product(x),
    "mean": lambda num, x: num.mean(x),
    "order statistic": lambda num, x, k: num.order_statistic(x, k),
    "one norm": lambda num, x: num.one_norm(x),
    "max norm": lambda num, x: num.max_norm(x),
    "log sum exp": lambda num, x: num.log_sum_exp(x),
    "sigmoid": lambda num, x: num.sigmoid(x),
    "tanh": lambda num, x: num.tanh(x),
    "cube root": lambda num, x: num.root(num.absolute(x), 3),
    "covariance": lambda num, x, y, w: num.covariance(x, y, w),
    "induced one norm": lambda num, A: num.induced_one_norm(A),
    "induced max norm": lambda num, A: num.induced_max_norm(A),
    "entrywise one norm": lambda num, A: num.entrywise_one_norm(A),
    "entrywise max norm": lambda num, A: num.entrywise_max_norm(A),
    "nuclear norm": lambda num, A: num.nuclear_norm(A),
    "ky fan norm": lambda num, A, k: num.ky_fan_norm(A, k),
    "schatten norm": lambda num, A, p: num.schatten_norm(A, p),
    "eigenvalue": lambda num, A, k: num.eigenvalue(num.symmetric_part(A), k),
    "coefficient": lambda num, A, k: num.characteristic_polynomial(A)[..., k],
    "spectral radius": lambda num, A: num.spectral_radius(A),
    "derivative": lambda num, A: num.trace(num.gradient(lambda X, below: below.determinant(X), A)),
    # decisions and counts
    "nonsingular": lambda num, A: num.nonsingular(A),
    "symmetric": lambda num, A: num.symmetric(A),
    "semidefinite": lambda num, A: num.positive_semidefinite(A),
    "rank": lambda num, A: num.rank(A),
    "definite": lambda num, A: num.positive_definite(A),
    "stable": lambda num, A: num.stable(A),
    "schur stable": lambda num, A: num.schur_stable(A),
    "all real": lambda num, A: num.all_real(A),
}
#: Nodes whose value is an answer or an integer.
ANSWERS = ("nonsingular", "symmetric", "semidefinite", "rank", "definite", "stable", "schur stable", "all real")
#: Those that our judges define for small matrices only.
OF_TWO = ("schur stable", "all real")


class Silent(Exception):
    """An arithmetic has no value for a node, and says so."""


def values(tree: Node, num: Arithmetic) -> dict[int, Any]:
    """The value of every node by its id; where there is none, the exception that says why."""
    found: dict[int, Any] = {}
    with num.running(()):
        for node in tree:
            try:
                found[id(node)] = _value(node, num, found)
            except (Unsupported, Undefined, ZeroDivisionError, Silent) as error:
                found[id(node)] = error
    return found


def _value(node: Node, num: Arithmetic, found: dict[int, Any]) -> Any:
    if node.name == "leaf":
        return num.constant(node.value)
    if node.name == "number":
        return num.number(node.value.numerator, node.value.denominator)
    inputs = [found[id(child)] for child in node.children]
    if any(isinstance(value, Exception) for value in inputs):
        raise Silent("a part has no value")
    return _OPERATIONS[node.name](num, *inputs, *([node.value] if node.value is not None else []))


def judged(tree: Node, judge: Judge) -> dict[int, Any]:
    """The value that one of our judges has for every node; None for none."""
    found: dict[int, Any] = {}
    for node in tree:
        inputs = [found[id(child)] for child in node.children]
        try:
            if any(value is None for value in inputs):
                raise NoValue
            if node.name == "leaf":
                found[id(node)] = judge.leaf(node.value)
            elif node.name == "number":
                found[id(node)] = judge.number(node.value)
            else:
                operation = getattr(judge, node.name.replace(" ", "_"), None)
                if operation is None:
                    raise NoValue
                found[id(node)] = operation(*inputs, *([node.value] if node.value is not None else []))
        except NoValue:
            found[id(node)] = None
    return found


# comparison ---------------------------------------------------------------------------------------------------------


@dataclass
class Findings:
    """How many values and decisions were compared, by what they were compared with; and what was wrong."""

    trees: int = 0
    compared: Counter[str] = field(default_factory=Counter)
    silent: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


Interval = tuple[Fraction, Fraction]


class Comparison:
    """One tree in every arithmetic, and in the judges where they are asked for."""

    def __init__(self, tree: Node, findings: Findings, *, irrational: bool) -> None:
        self.tree, self.findings = tree, findings
        self.rational, self.fractions, self.ball = Rational(), Fractions(), Ball()
        self.by: dict[str, dict[int, Any]] = {
            num.name: values(tree, num) for num in (self.rational, self.fractions, self.ball)
        }
        self.exact = judged(tree, Exact())
        self.many = [judged(tree, Many(digits)) for digits in DIGITS] if irrational else []
        self.intervals = {id(node): self._interval(node) for node in tree if node.name not in ANSWERS}

    def run(self) -> None:
        """Compare every node, and every two scalars."""
        self.findings.trees += 1
        scalars = []
        for node in self.tree:
            if node.name in ANSWERS:
                self._answers(node)
                continue
            reference = self.intervals[id(node)]
            for name, found in self.by.items():
                self._one(node, name, found[id(node)], reference)
            value = self.by["fractions"][id(node)]
            if not isinstance(value, Exception) and not isinstance(value, np.ndarray):
                scalars.append(node)
        for x in scalars:
            for y in scalars:
                self._order(x, y)

    def _interval(self, node: Node) -> list[Interval] | None:
        """Where the entries of a node lie, according to our judges."""
        exact = self.exact[id(node)]
        if exact is not None:
            return [(entry, entry) for entry in _entries(exact)]
        pairs = [found[id(node)] for found in self.many]
        if not pairs or any(value is None for value in pairs):
            return None
        result = []
        for low, high in zip(*map(_entries, pairs), strict=True):
            try:
                p, q = _fraction(low), _fraction(high)
            except NoValue:
                return None
            doubt = 16 * abs(p - q) + abs(q) / 10 ** (DIGITS[0] // 2)
            if doubt > CERTAIN * abs(q) and q != 0:
                self.findings.silent["mpmath is uncertain"] += 1
                return None
            if q == 0:
                return None
            result.append((q - doubt, q + doubt))
        return result

    def _one(self, node: Node, name: str, value: Any, reference: list[Interval] | None) -> None:
        if isinstance(value, Exception):
            self.findings.silent[name] += 1
            exists = self.exact[id(node)] is not None
            if isinstance(value, Undefined | ZeroDivisionError) and exists:
                self._wrong(node, name, value, "a value exists")
            return
        if reference is None:
            self.findings.silent["no reference"] += 1
            return
        entries = list(np.ravel(np.asarray(value, dtype=object)))
        if len(entries) != len(reference):
            self._wrong(node, name, value, f"{len(reference)} entries")
            return
        against = "fractions" if self.exact[id(node)] is not None else "mpmath"
        for entry, (low, high) in zip(entries, reference, strict=True):
            self.findings.compared[f"{name} against {against}"] += 1
            if not self._agrees(entry, low, high):
                self._wrong(node, name, entry, f"{float(low):.17g}")

    def _agrees(self, entry: Any, low: Fraction, high: Fraction) -> bool:
        """Whether an entry may be the number between `low` and `high`; must be, where those are one."""
        if isinstance(entry, arb):
            ends = arb(fmpq(low.numerator, low.denominator)), arb(fmpq(high.numerator, high.denominator))
            return bool(entry.overlaps(ends[0].union(ends[1])))
        if isinstance(entry, Enclosure):
            return entry.low <= high and low <= entry.high
        if isinstance(entry, Root | Eigenvalue):
            rational = entry.square if isinstance(entry, Root) else entry.shift
            num: ExactField = self.fractions if type(rational) is Fraction else self.rational
            signs = [num.compare(entry, num.number(q.numerator, q.denominator)) for q in (low, high)]
            return signs[0] >= 0 >= signs[1]
        if isinstance(entry, fmpq):
            return low <= Fraction(int(entry.p), int(entry.q)) <= high
        return type(entry) in (Fraction, int) and low <= entry <= high

    def _answers(self, node: Node) -> None:
        """Two arithmetics that answer, and the definitions, answer the same."""
        answers: dict[str, Any] = {}
        for name, found in self.by.items():
            value = found[id(node)]
            if isinstance(value, Exception) or value is None:
                self.findings.silent[name] += 1
            else:
                answers[name] = int(value)
        exact = self.exact[id(node)]
        if exact is not None:
            for name in answers:
                self.findings.compared[f"{name}: answers"] += 1
            answers["the definition"] = int(exact)
            if "rational" not in answers and self.by["rational"][id(node)] is None:
                self._wrong(node, "rational", None, "an answer")
        if len(set(answers.values())) > 1:
            self._wrong(node, "answers", answers, "one answer")

    def _order(self, x: Node, y: Node) -> None:
        """``x <= y``, ``x < y`` and ``x = y``: no arithmetic contradicts another, itself, or our judges."""
        truth = self._truth(x, y)
        for kind, relation in (("at most", at_most), ("less than", less_than), ("equal", equal)):
            verdicts = {}
            for num in (self.rational, self.fractions, self.ball):
                a, b = (self.by[num.name][id(node)] for node in (x, y))
                if isinstance(a, Exception) or isinstance(b, Exception):
                    continue
                try:
                    with num.running(()):
                        verdict = int(num.decide(relation(a, b)).verdicts[0])
                except Unsupported:
                    self.findings.silent[f"{num.name}: comparisons"] += 1
                    continue
                if verdict == UNKNOWN:
                    self.findings.silent[f"{num.name}: comparisons"] += 1
                    continue
                self.findings.compared[f"{num.name}: comparisons"] += 1
                verdicts[num.name] = verdict
            if truth is not None and truth[kind] is not None:
                verdicts["our judges"] = YES if truth[kind] else NO
            if len(set(verdicts.values())) > 1:
                self._wrong(x, kind, verdicts, f"one verdict beside {y}")

    def _truth(self, x: Node, y: Node) -> dict[str, bool | None] | None:
        first, second = self.intervals[id(x)], self.intervals[id(y)]
        if first is None or second is None:
            return None
        (a, b), (c, d) = first[0], second[0]
        same = a == b == c == d
        apart = b < c or d < a
        return {
            "equal": True if same else False if apart else None,
            "at most": True if b <= c else False if d < a else None,
            "less than": True if b < c else False if d <= a and (apart or same) else None,
        }

    def _wrong(self, node: Node, what: str, got: Any, wanted: str) -> None:
        self.findings.wrong.append(f"{what}: {got} instead of {wanted} in {node}"[:600])


def _entries(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [entry for item in value for entry in _entries(item)]
    return [value]


def _fraction(value: Any) -> Fraction:
    """An mpf, exactly.  Raises `NoValue` for what is not finite."""
    if isinstance(value, int):  # mpmath's zeros, now and then
        return Fraction(value)
    sign, mantissa, exponent, _ = value._mpf_
    if not mantissa and exponent:
        raise NoValue
    whole = -int(mantissa) if sign else int(mantissa)
    return whole * Fraction(2) ** int(exponent)


# drawing ------------------------------------------------------------------------------------------------------------


class Drawing:
    """Random trees, a function of the seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def number(self) -> Fraction:
        r = self.random
        return r.choice(
            (
                lambda: Fraction(r.randint(-3, 3)),
                lambda: Fraction(r.randint(-9, 9), r.randint(1, 9)),
                lambda: Fraction(r.choice((-1, 1)) * r.randint(1, 9)) * Fraction(10) ** r.choice((-300, -12, 12, 300)),
                lambda: 1 + Fraction(r.choice((-1, 1)), 10 ** r.choice((6, 12, 80, 300))),
            )
        )()

    def rows(self, m: int, n: int) -> list[list[Fraction]]:
        """A matrix by one of the laws."""
        r = self.random
        law = r.choice(LAWS)
        small = [[Fraction(r.randint(-3, 3)) for _ in range(n)] for _ in range(m)]
        if law == "zero":
            return [[Fraction(0)] * n for _ in range(m)]
        if law == "fractions":
            return [[Fraction(r.randint(-9, 9), r.randint(1, 9)) for _ in range(n)] for _ in range(m)]
        if law in ("rank one", "near-singular"):
            x, y = ([Fraction(r.randint(-3, 3)) for _ in range(k)] for k in (m, n))
            tiny = Fraction(1, 10 ** r.choice((6, 12, 60, 100))) if law == "near-singular" else Fraction(0)
            return [[a * b + tiny * e for b, e in zip(y, row, strict=True)] for a, row in zip(x, small, strict=True)]
        if law == "scaled":
            scales = [Fraction(10) ** r.choice((-300, -20, 0, 20, 300)) for _ in range(m)]
            return [[scale * e for e in row] for scale, row in zip(scales, small, strict=True)]
        if law == "symmetric" and m == n:
            return [[small[min(i, j)][max(i, j)] for j in range(n)] for i in range(m)]
        if law == "hilbert":
            return [[Fraction(1, i + j + 1) for j in range(n)] for i in range(m)]
        return small

    def matrix(self, m: int, n: int, depth: int) -> Node:
        """An expression for an m x n matrix."""
        r = self.random
        if depth == 0:
            return Node("leaf", (), self.rows(m, n))
        below = depth - 1
        choices: list[Callable[[], Node]] = [
            lambda: Node(r.choice(("plus", "minus")), (self.matrix(m, n, below), self.matrix(m, n, below))),
            lambda: Node("product", (self.matrix(m, k := r.randint(1, 4), below), self.matrix(k, n, below))),
            lambda: Node("transpose", (self.matrix(n, m, below),)),
            lambda: Node("times", (self.scalar(below), self.matrix(m, n, below))),
            lambda: Node("plus scalar", (self.scalar(below), self.matrix(m, n, below))),
            lambda: Node(r.choice(("relu", "absolute")), (self.matrix(m, n, below),)),
            lambda: Node("outer", (self.vector(m, below), self.vector(n, below))),
            lambda: Node(r.choice(("softmax", "softmax rows")), (Node("leaf", (), self.moderate(m, n)),)),
            lambda: Node("hadamard", (self.matrix(m, n, below), self.matrix(m, n, below))),
            lambda: Node("kronecker", (self.matrix(m, 1, below), self.matrix(1, n, below))),
            lambda: Node("pseudo inverse", (self.matrix(n, m, below),)),
        ]  # fmt: skip
        if m == n:
            choices += [lambda: Node("inverse", (self.matrix(m, m, below),))] * 2
            choices += [
                lambda: Node("power", (self.matrix(m, m, below),), r.randint(0, 3)),
                lambda: Node("symmetric part", (self.matrix(m, m, below),)),
                lambda: Node("modulus", (Node("leaf", (), self.moderate(m, m)),)),
                lambda: Node("matrix exponential", (Node("leaf", (), self.moderate(m, m)),)),
            ]
        if n > 1:
            k = r.randint(1, n - 1)
            choices.append(lambda: Node("beside", (self.matrix(m, k, below), self.matrix(m, n - k, below))))
        return r.choice(choices)()

    def moderate(self, m: int, n: int) -> list[list[Fraction]]:
        """A matrix whose entries have exponentials of a moderate size."""
        return [[Fraction(self.random.randint(-9, 9), 2) for _ in range(n)] for _ in range(m)]

    def vector(self, n: int, depth: int) -> Node:
        """An expression for a vector."""
        return Node("column", (self.matrix(n, self.random.randint(1, 3), depth),))

    def scalar(self, depth: int) -> Node:
        """An expression for a number."""
        r = self.random
        if depth == 0:
            return Node("number", (), self.number())
        below = depth - 1
        m, n = r.randint(1, 4), r.randint(1, 4)
        pair = ("add", "subtract", "multiply", "divide", "larger", "smaller")
        return r.choice(
            (
                lambda: Node(r.choice(pair), (self.scalar(below), self.scalar(below))),
                lambda: Node(r.choice(("size", "root", "logarithm")), (self.scalar(below),)),
                lambda: Node("exponential", (Node("number", (), Fraction(r.randint(-40, 40), r.randint(1, 9))),)),
                lambda: Node(r.choice(("trace", "determinant")), (self.matrix(n, n, below),)),
                lambda: Node(r.choice(("squares", "frobenius")), (self.matrix(m, n, below),)),
                lambda: Node("singular value", (self.matrix(m, n, below),), r.randint(1, min(m, n) + 1)),
                lambda: Node("length", (self.vector(n, below),)),
                lambda: Node("dot", (self.vector(n, below), self.vector(n, below))),
                lambda: Node(
                    r.choice(("sum", "product of entries", "mean", "one norm", "max norm")), (self.vector(n, below),)
                ),
                lambda: Node("order statistic", (self.vector(n, below),), r.randint(1, n)),
                lambda: Node("log sum exp", (Node("column", (Node("leaf", (), self.moderate(n, 1)),)),)),
                lambda: Node(
                    r.choice(("sigmoid", "tanh")), (Node("number", (), Fraction(r.randint(-40, 40), r.randint(1, 9))),)
                ),
                lambda: Node("cube root", (self.scalar(below),)),
                lambda: Node("covariance", (self.vector(n, below), self.vector(n, below), self.weights(n))),
                lambda: Node(
                    r.choice(("induced one norm", "induced max norm", "entrywise one norm", "entrywise max norm")),
                    (self.matrix(m, n, below),),
                ),
                lambda: Node("nuclear norm", (self.matrix(m, n, below),)),
                lambda: Node("ky fan norm", (self.matrix(m, n, below),), r.randint(0, 3)),
                lambda: Node("schatten norm", (self.matrix(m, n, below),), r.randint(1, 4)),
                lambda: Node("eigenvalue", (self.matrix(n, n, below),), r.randint(1, n)),
                lambda: Node("coefficient", (self.matrix(n, n, below),), r.randint(0, n)),
                lambda: Node("spectral radius", (Node("leaf", (), self.rows(n, n)),)),
                lambda: Node("derivative", (self.matrix(min(n, 3), min(n, 3), below),)),
            )
        )()

    def weights(self, n: int) -> Node:
        """Probabilities."""
        parts = [self.random.randint(0, 3) for _ in range(n)]
        parts[0] += not any(parts)
        return Node("column", (Node("leaf", (), [[Fraction(part, sum(parts))] for part in parts]),))

    def answer(self, depth: int) -> Node:
        """A question about a matrix."""
        name = self.random.choice(ANSWERS)
        n = self.random.randint(1, 2 if name in OF_TWO else 4)
        m = self.random.randint(1, 4) if name == "rank" else n
        matrix = self.matrix(m, n, depth)
        if self.random.random() < 0.25:  # irrational entries
            matrix = Node("times", (Node("root", (Node("number", (), self.number()),)), self.matrix(m, n, 0)))
        return Node(name, (matrix,))

    def tree(self) -> Node:
        """Two numbers, a matrix and a question, in one tree, so that all of them are compared."""
        depth = self.random.choice((1, 2, 2, 3))
        parts = (self.scalar(depth), self.scalar(depth), self.matrix(*self._shape(), depth), self.answer(depth))
        return Node(TOGETHER, parts)

    def _shape(self) -> tuple[int, int]:
        return self.random.randint(1, 4), self.random.randint(1, 4)


def attack(count: int, *, seed: int = 0, irrational: int = 1) -> Findings:
    """Compare `count` trees; mpmath judges one in `irrational` of them, the definitions all."""
    findings = Findings()
    for number in range(count):
        tree = Drawing(seed * 1_000_003 + number).tree()
        Comparison(tree, findings, irrational=number % irrational == 0).run()
    return findings
