"""Unknowns: a statement run on formulas, so that what it concludes is concluded of every case of one shape.

Entries are `Term`s.  Sums, products and quotients stay formulas; roots, singular values, exponentials and logarithms
become new unknowns with their definitions (for exp and log: what equal arguments share, and no more).  A test answers
with its question (`Answer`), which a hypothesis notes as a fact and a conclusion has to prove; where the statement
itself needs to know, the path that it runs on decides, and another path takes the other answer.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np
from flint.utils.flint_exceptions import DomainError

from theorems.arithmetic.answers import Answer, Rank, Semidefinite, asked
from theorems.arithmetic.base import NO, YES, Decision, decided
from theorems.arithmetic.facts import Fact, Path
from theorems.arithmetic.normal_forms import TooLarge
from theorems.arithmetic.objects import ObjectArithmetic
from theorems.arithmetic.roots import rational_root
from theorems.arithmetic.terms import Term, Unknown
from theorems.case import SVD, Array
from theorems.errors import Undefined, Unsupported
from theorems.statement import Condition, Relation, Truth

#: Determinants of this size and below are expanded; larger ones come from elimination.
EXPANDED = 4
#: Minors of a matrix that are written out, at most.
MOST_MINORS = 100


class Unknowns(ObjectArithmetic):
    """Formulas in unknowns; see the module."""

    name = "unknowns"
    word = "for every case of this shape"

    def __init__(self, path: Path, *, lazy: bool = False) -> None:
        """`lazy`: a maximum or a size of unknown sign becomes an unknown of its own, where else the path forks."""
        super().__init__()
        self.path, self.pool, self.lazy = path, path.pool, lazy
        self.chosen = 0  # maxima and sizes that were not decided by what is known
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
        self._made.append((kind, tuple(arguments), atoms))
        return atoms

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
        if self.path.zero(x):
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
        self.path.roots[self.pool.nodes[atom.number][1]] = x
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
        if x.fixed == 0:
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
        if x.fixed == 1:
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
        if a.fixed is None and self.path.known("nonnegative", a) is None:
            self.chosen += 1
            if self.lazy:
                found = self.absolute_value(a)
                for side in (found - a, found + a):
                    if self.path.known("nonnegative", side) is None:
                        self.path.suppose("nonnegative", side, "a size")
                return found
        return abs(a)

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
        if (a - b).fixed is None and self.path.known("nonnegative", a - b) is None:
            self.chosen += 1
            if self.lazy:
                return self._maximum(a, b)
        return a if self.path.ask("nonnegative", a - b) else b

    def _maximum(self, a: Term, b: Term) -> Term:
        """A new unknown m with m >= a, m >= b and (m - a)(m - b) = 0."""
        for pair in ([a, b], [b, a]):
            if (known := self._atom("max", pair)) is not None:
                return known[0]  # type: ignore[no-any-return]
        positive = any(self.path.known("nonnegative", side) for side in (a, b))
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
        return super().where(None if answers is None else bool(answers), x, y)

    # matrices

    def determinant(self, A: Array) -> Any:
        if len(A) <= EXPANDED:
            return self._cofactors(A)
        rows, factor = [list(row) for row in A.tolist()], self.pool.constant(1)
        for column in range(len(rows)):
            pivot = next((i for i in range(column, len(rows)) if not self._vanishes(rows[i][column])), None)
            if pivot is None:
                return self.pool.constant(0)
            if pivot != column:
                rows[column], rows[pivot], factor = rows[pivot], rows[column], -factor
            lead = self.term(rows[column][column])
            factor = factor * lead
            for i in range(column + 1, len(rows)):
                ratio = self.pool.quotient(self.term(rows[i][column]), lead)
                rows[i] = [entry - ratio * other for entry, other in zip(rows[i], rows[column], strict=True)]
        return factor

    def _vanishes(self, x: Any) -> bool:
        """Whether an entry is identically zero.  A pivot that is not is good enough for an identity of formulas."""
        term = self.term(x)
        if not self.pool.with_atoms[term.number] and self.pool.values[term.number] != 0:
            return False
        return self.path.zero(term)

    def _cofactors(self, A: Array) -> Any:
        n = len(A)
        if n == 0:
            return self.pool.constant(1)
        if n == 1:
            return self.term(A[0, 0])
        total = self.pool.constant(0)
        for j in range(n):
            if self.term(A[0, j]).fixed == 0:
                continue
            rest = np.delete(np.asarray(A)[1:], j, axis=1)
            total = total + A[0, j] * self._cofactors(rest) * (-1) ** j
        return total

    def minors(self, A: Array, order: int) -> list[Term]:
        """The minors of that order."""
        rows = list(itertools.combinations(range(A.shape[0]), order))
        columns = list(itertools.combinations(range(A.shape[1]), order))
        if len(rows) * len(columns) > MOST_MINORS:
            raise Unsupported(f"the {len(rows) * len(columns)} minors of order {order} of a matrix")
        B = np.asarray(A)
        return [self.determinant(B[np.ix_(i, j)]) for i in rows for j in columns]

    def nonsingular(self, A: Array) -> Any:
        return Answer(self.path, [("nonzero", self.determinant(A))])

    def singular(self, A: Array) -> Any:
        return Answer(self.path, [("zero", self.determinant(A))])

    def solve(self, A: Array, B: Array) -> Array:
        """A^{-1} B, by Cramer's rule up to `EXPANDED`; the statement is then about non-singular A."""
        n = len(A)
        if n > EXPANDED:
            return self._eliminated(A, B)
        determinant = self.determinant(A)
        if determinant.fixed == 0 or self.path.known("zero", determinant):
            raise Undefined(f"a {n} x {n} matrix is singular, its inverse does not exist")
        if determinant.fixed is None:
            self.path.divided(determinant)
        C = np.asarray(A)
        adjugate = np.empty((n, n), dtype=object)
        for i, j in np.ndindex(n, n):
            adjugate[j, i] = self._cofactors(np.delete(np.delete(C, i, 0), j, 1)) * (-1) ** (i + j)
        product = adjugate @ np.asarray(B)
        return self.array(np.frompyfunc(lambda entry: self.pool.quotient(self.term(entry), determinant), 1, 1)(product))

    def _eliminated(self, A: Array, B: Array) -> Array:
        """Gauss and Jordan with pivots that do not vanish identically: the same rational functions as Cramer's."""
        n = len(A)
        rows = [[*map(self.term, A[i].tolist()), *map(self.term, B[i].tolist())] for i in range(n)]
        for column in range(n):
            pivot = next((i for i in range(column, n) if not self._vanishes(rows[i][column])), None)
            if pivot is None:
                raise Undefined(f"a {n} x {n} matrix is singular, its inverse does not exist")
            rows[column], rows[pivot] = rows[pivot], rows[column]
            lead = rows[column][column]
            rows[column] = [self.pool.quotient(entry, lead) for entry in rows[column]]
            for i in range(n):
                if i != column and rows[i][column].fixed != 0:
                    factor = rows[i][column]
                    rows[i] = [entry - factor * other for entry, other in zip(rows[i], rows[column], strict=True)]
        self.path.divided(self.determinant(A))
        result = np.empty(B.shape, dtype=object)
        for i in range(n):
            result[i, :] = rows[i][n:]
        return self.array(result)

    def rank(self, A: Array) -> Any:
        return Rank(self, A) if A.size else 0

    def symmetric(self, A: Array) -> Any:
        pairs = [(i, j) for i in range(len(A)) for j in range(i)]
        return Answer(self.path, [("zero", self.term(A[i, j]) - A[j, i]) for i, j in pairs])

    def positive_semidefinite(self, A: Array) -> Any:
        """A is symmetric and all its principal minors are at least zero."""
        n = len(A)
        facts = list(self.symmetric(A).facts)
        for order in range(1, n + 1 if n <= EXPANDED else 1):
            minors = (np.asarray(A)[np.ix_(i, i)] for i in itertools.combinations(range(n), order))
            facts.extend(("nonnegative", self.determinant(minor)) for minor in minors)
        if n > EXPANDED:
            raise Unsupported(f"whether a {n} x {n} matrix of unknowns is semidefinite")
        return Semidefinite(self.path, facts, A)

    # singular values

    def svd(self, A: Array) -> SVD:
        for known in self._known:
            if self._is_known(known, A):
                return known
        if all(self.same(entry, 0) for entry in A.flat):
            k = min(A.shape)
            return SVD(self.identity(A.shape[0])[:, :k], self.zeros(k), self.identity(A.shape[1])[:, :k])
        if A.shape == (1, 1):
            return self._svd_of_number(self.term(A[0, 0]))
        raise Unsupported(f"the SVD of a {A.shape[0]} x {A.shape[1]} matrix that the case does not carry")

    def _svd_of_number(self, a: Term) -> SVD:
        """Any decomposition a = u |a| v of a 1 x 1 matrix: two new signs, of which no more is said."""
        s = self.absolute_value(a)
        made = self._atom("svd", [a])
        u, v = made if made is not None else self._new("svd", [a], 2, square=self.pool.constant(1))
        if made is None:
            self.path.suppose("zero", u * s * v - a, "a decomposition")
        U, values, V = (np.empty(shape, dtype=object) for shape in ((1, 1), (1,), (1, 1)))
        U[0, 0], values[0], V[0, 0] = u, s, v
        return SVD(self.array(U), self.array(values), self.array(V))

    def absolute_value(self, a: Term) -> Term:
        """|a| without a question: the root of a^2."""
        found: Term = self.sqrt(a * a)
        return found

    def _is_known(self, known: SVD, A: Array) -> bool:
        return (known.U.shape[0], known.V.shape[0]) == A.shape and self.all_same(known.matrix, A)

    def singular_value(self, A: Array, k: Any) -> Any:
        if k > min(A.shape):
            return self.number(0)
        for known in self._known:
            for B in (A, A.mT, -A):
                if self._is_known(known, B):
                    return known.s[k - 1]
        if min(A.shape) == 1:
            return self.norm(np.ravel(A))
        if all(self.same(entry, 0) for entry in A.flat):
            return self.number(0)
        return self._singular_values(A)[k - 1]

    def _singular_values(self, A: Array) -> list[Term]:
        """New unknowns s_1 >= ... >= s_m >= 0: the elementary symmetric functions of their squares are the coefficients
        of det(x I + A^T A), which says all of them."""
        m = min(A.shape)
        if m > 3:
            raise Unsupported(f"the singular values of a {A.shape[0]} x {A.shape[1]} matrix of unknowns")
        gram = A.mT @ A if A.shape[1] == m else A @ A.mT
        wanted = []
        for order in range(1, m + 1):
            minors = [self.determinant(np.asarray(gram)[np.ix_(i, i)]) for i in itertools.combinations(range(m), order)]
            wanted.append(sum(minors[1:], minors[0]))
        for known in self._known:
            if len(known.s) == m and all(map(self._alike, _symmetric_functions([s * s for s in known.s]), wanted)):
                return [self.term(s) for s in known.s]
        if (made := self._atom("sigma", wanted)) is not None:
            return list(made)
        s = self._new("sigma", wanted, m, nonnegative=True)
        found = _symmetric_functions([x * x for x in s])
        facts = [Fact("zero", a - b, "singular values") for a, b in zip(found, wanted, strict=True)]
        for a, b in itertools.pairwise(s):
            facts.append(Fact("nonnegative", a - b, "their order"))
            self.path.suppose("nonnegative", a - b, "the order of singular values")
        for atom in s:
            self.path.define(atom, [*facts, Fact("nonnegative", atom, "a singular value")])
        return s

    # decisions

    def decide(self, condition: Condition) -> Decision:
        """Decided on this path, by forks where need be."""
        if isinstance(condition, Truth):
            if condition.value is None:
                return super().decide(condition)
            return decided(YES if condition.value else NO, 1.0)
        return super().decide(condition)

    def _relation(self, relation: Relation) -> Decision:
        answers = [asked(self.path, kind, term) for kind, term in self.questions(relation)]
        return decided(YES if all(answers) else NO, 1.0, relation.left, relation.right)

    def questions(self, relation: Relation) -> list[tuple[str, Term]]:
        """What a relation asks: one question for each pair of entries."""
        if isinstance(relation.left, Rank) and not isinstance(relation.right, np.ndarray):
            r = int(relation.right) - (relation.kind == "less than")
            if relation.kind != "equal":
                answer = relation.left.at_most(r)
                if not answer.opposite:
                    return list(answer.facts)
        left, right = np.broadcast_arrays(_objects(relation.left), _objects(relation.right))
        pairs = [(self.term(a), self.term(b)) for a, b in zip(left.flat, right.flat, strict=True)]
        kind = {"equal": "zero", "at most": "nonnegative", "less than": "positive"}[relation.kind]
        return [(kind, b.minus(a)) for a, b in pairs]


def _objects(value: Any) -> Array:
    result: Array = np.asarray(value, dtype=object)
    return result


def _symmetric_functions(values: Sequence[Any]) -> list[Any]:
    """e_1, ..., e_m of m values."""
    result = []
    for order in range(1, len(values) + 1):
        products = []
        for chosen in itertools.combinations(values, order):
            product = chosen[0]
            for value in chosen[1:]:
                product = product * value
            products.append(product)
        result.append(sum(products[1:], products[0]))
    return result


def _rational_root(q: Fraction) -> Fraction | None:
    return None if q < 0 else rational_root(q)


def _root_of(p: Any) -> Any | None:
    """The polynomial whose square is p; None where there is none."""
    try:
        return p.sqrt()
    except DomainError:
        return None
