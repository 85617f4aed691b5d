"""Combinations: what products of known signs sum to, with positive weights (Farkas, Handelman, Krivine and Stengle).

The goal p >= 0 holds where its opposite -p > 0 and what is known cannot all be true: when weighted products of them,
with multiples of what is zero, sum to nothing while one product is positive.  A linear program in floats says which
products occur; their weights are then solved for in rationals, and only that counts.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from theorems.arithmetic.facts import ASKED, OPPOSITE, Path
from theorems.arithmetic.normal_forms import TooLarge, rational
from theorems.arithmetic.terms import Term

#: At most: factors that are looked at, products of them, monomials of a factor, rows and seconds of a linear program.
MOST_FACTORS, MOST_PRODUCTS, LONGEST, MOST_ROWS, SECONDS = 36, 700, 80, 4000, 1.0
#: Weights below this count as none.
SMALL = 1e-9


@dataclass(frozen=True)
class Factor:
    """A polynomial that is not negative, whether it is positive, and where that is from: ("goal", 0), ("fact", i),
    ("unknown", k) or ("square", k)."""

    polynomial: Any
    positive: bool
    source: tuple[Any, ...]


class Combinations:
    """What combinations of facts showed on the paths of one proof, in the order in which it was asked.

    answers  (number of the question, answer) where there was one; given them, `told`, nothing is searched
    """

    def __init__(self, told: Sequence[tuple[int, bool]] | None = None) -> None:
        self.told = None if told is None else dict(told)
        self.answers: list[tuple[int, bool]] = []
        self._asked = 0
        self._known: dict[Any, tuple[bool, Any] | None] = {}

    def forget(self) -> None:
        """Another pool of terms begins."""
        self._known = {}

    def settled(self, path: Path, kind: str, term: Term) -> tuple[bool, Any] | None:
        """Whether a term is of a kind, with a hint that shows it; None where that is open."""
        key = (tuple((fact.kind, fact.term.number) for fact in path.facts), kind, term.number)
        if key not in self._known:
            self._asked += 1
            self._known[key] = found = self._settled(path, kind, term)
            if found is not None:
                self.answers.append((self._asked, found[0]))
        return self._known[key]

    def _settled(self, path: Path, kind: str, term: Term) -> tuple[bool, Any] | None:
        if self.told is not None:
            return (self.told[self._asked], None) if self._asked in self.told else None
        for answer, wanted in ((True, kind), (False, OPPOSITE[kind])):
            hint = shown(path, wanted, term)
            if hint is not None:
                return answer, hint
        return None


def shown(path: Path, kind: str, term: Term) -> list[Any] | None:
    """A hint that shows that a term is of a kind by a combination of facts; None where there is none."""
    path.in_time()
    try:
        n, d = path.forms.of(term)
        p = n if kind in ("zero", "nonzero") or d.is_constant() else path.forms.times(n, d)
    except TooLarge:
        return None
    if kind in ("positive", "nonnegative"):
        return combination(path, kind, p)
    if kind == "zero":
        sides = [combination(path, "nonnegative", p), _turned(path, "nonnegative", p)]
        return None if None in sides else ["all", sides]
    if kind == "nonzero":
        return combination(path, "positive", p) or _turned(path, "positive", p)
    return _turned(path, {"nonpositive": "nonnegative", "negative": "positive"}[kind], p)


def _turned(path: Path, kind: str, p: Any) -> list[Any] | None:
    """The hint of the opposite sign."""
    hint = combination(path, kind, -p)
    return None if hint is None else ["factors", "-1", [[polynomial(-p), 1, hint]]]


def polynomial(p: Any) -> list[Any]:
    """A polynomial of FLINT as JSON data."""
    items = p.to_dict().items()
    return [[str(rational(c)), [[k, int(e)] for k, e in enumerate(m) if e]] for m, c in items]


def combination(path: Path, kind: str, p: Any) -> list[Any] | None:
    """A hint that shows that p is of a kind ("positive" or "nonnegative") by the facts on a path; None for none."""
    strict = kind == "positive"
    if len(p) > LONGEST or p.is_constant():
        return None
    goal = Factor(-p, not strict, ("goal", 0))
    factors, zeros = _known(path, p)
    for degree in (1, 2):
        products = _products(path, [goal, *factors], degree)
        found = _weights(products, _multiples(path, zeros, p, degree))
        if found is not None:
            weights, quotients = found
            return ["combination", strict, weights, quotients]
    return None


def _known(path: Path, p: Any) -> tuple[list[Factor], list[tuple[int, Any]]]:
    """What is known to be not negative, and what is zero, of the unknowns that p is connected with."""
    inequalities: list[Factor] = []
    equalities: list[tuple[int, Any]] = []
    seen = set()
    for i, fact in enumerate(path.facts):
        try:
            q = path.polynomial_of(fact)
        except TooLarge:
            continue
        if len(q) > LONGEST or q.is_constant() or fact.kind == "nonzero":
            continue
        signs = ASKED[fact.kind]
        if fact.kind == "zero":
            equalities.append((i, q))
            continue
        q = q if signs <= {0, 1} else -q
        if (text := str(q)) not in seen:
            seen.add(text)
            inequalities.append(Factor(q, 0 not in signs, ("fact", i)))
    near = _unknowns(p)
    chosen: list[Factor] = []
    zeros: list[tuple[int, Any]] = []
    grown = True
    while grown and len(chosen) < MOST_FACTORS:
        grown = False
        close = [f for f in inequalities if f not in chosen and _unknowns(f.polynomial) & near]
        for factor in sorted(close, key=lambda f: len(_unknowns(f.polynomial) - near))[: MOST_FACTORS - len(chosen)]:
            chosen.append(factor)
            grown = True
        for pair in equalities:
            if pair not in zeros and _unknowns(pair[1]) & near:
                zeros.append(pair)
                grown = True
        for q in [*(f.polynomial for f in chosen), *(q for _, q in zeros)]:
            near = near | _unknowns(q)
    for k in sorted(near):
        unknown = path.pool.unknowns[k] if k < len(path.pool.unknowns) else None
        x = path.forms.gens[k]
        if unknown is not None and unknown.nonnegative:
            chosen.append(Factor(x, False, ("unknown", k)))
        else:
            chosen.append(Factor(path.forms.times(x, x), False, ("square", k)))
    return chosen, zeros


def _unknowns(p: Any) -> frozenset[int]:
    return frozenset(k for k, e in enumerate(p.degrees()) if e > 0)


def _products(path: Path, factors: Sequence[Factor], degree: int) -> list[tuple[Any, bool, list[Any]]]:
    """(product, whether it is positive, its sources) of up to `degree` factors, and one."""
    found: list[tuple[Any, bool, list[Any]]] = [(path.forms.one, True, [])]
    for count in range(1, degree + 1):
        for chosen in itertools.combinations_with_replacement(factors, count):
            product = path.forms.one
            try:
                for factor in chosen:
                    if len(product) * len(factor.polynomial) > LONGEST * 20:
                        raise TooLarge("")
                    product = path.forms.times(product, factor.polynomial)
            except TooLarge:
                continue
            found.append((product, all(f.positive for f in chosen), [list(f.source) for f in chosen]))
            if len(found) > MOST_PRODUCTS:
                return found
    return found


def _multiples(path: Path, zeros: Sequence[tuple[int, Any]], p: Any, degree: int) -> list[tuple[int, Any, Any]]:
    """(fact, multiplier, product) of what is zero, with multipliers of degree below `degree`."""
    found = []
    for i, q in zeros:
        multipliers = [path.forms.one]
        if degree > 1:
            multipliers += [path.forms.gens[k] for k in sorted(_unknowns(p) | _unknowns(q))]
        for multiplier in multipliers:
            try:
                found.append((i, multiplier, path.forms.times(q, multiplier)))
            except TooLarge:
                continue
            if len(found) > MOST_PRODUCTS:
                return found
    return found


def _weights(products: Sequence[Any], multiples: Sequence[Any]) -> tuple[list[Any], list[Any]] | None:
    """The weights of products and multipliers that sum to nothing, with a positive product; None for none."""
    rows: dict[tuple[int, ...], int] = {}
    columns = []
    for polynomial in [*(p for p, _, _ in products), *(p for _, _, p in multiples)]:
        column = {}
        for monomial, c in polynomial.to_dict().items():
            column[rows.setdefault(monomial, len(rows))] = c
        columns.append(column)
    positive = [j for j, (_, strict, _) in enumerate(products) if strict]
    if len(rows) > MOST_ROWS or not positive:
        return None
    support = _support(columns, positive, len(rows), len(products))
    if support is None:
        return None
    solution = _exact(columns, support, positive, len(rows), len(products))
    if solution is None:
        return None
    weights = [[str(solution[j]), products[j][2]] for j in solution if j < len(products)]
    quotients: dict[int, dict[tuple[int, ...], Fraction]] = {}
    for j in solution:
        if j >= len(products):
            i, multiplier, _ = multiples[j - len(products)]
            (monomial,) = multiplier.to_dict()
            quotients.setdefault(i, {})[monomial] = solution[j]
    return weights, [[i, _sparse(q)] for i, q in quotients.items()]


def _sparse(q: Mapping[tuple[int, ...], Fraction]) -> list[Any]:
    return [[str(c), [[k, int(e)] for k, e in enumerate(m) if e]] for m, c in q.items()]


def _support(columns: Sequence[Any], positive: Sequence[int], rows: int, count: int) -> list[int] | None:
    """The columns of a vertex of the linear program, in floats."""
    from scipy import sparse
    from scipy.optimize import linprog

    entries = [(r, j, float(rational(c))) for j, column in enumerate(columns) for r, c in column.items()]
    sizes = np.ones(len(columns))
    for _, j, value in entries:
        sizes[j] = max(sizes[j], abs(value))
    entries += [(rows, j, float(sizes[j])) for j in positive]
    r, c, v = zip(*entries, strict=True)
    matrix = sparse.csc_matrix((np.array(v) / sizes[list(c)], (r, c)), (rows + 1, len(columns)))
    right = np.zeros(rows + 1)
    right[rows] = 1
    bounds = [(0, None)] * count + [(None, None)] * (len(columns) - count)
    cost = np.concatenate([np.ones(count), np.zeros(len(columns) - count)])
    found = linprog(cost, A_eq=matrix, b_eq=right, bounds=bounds, method="highs-ds", options={"time_limit": SECONDS})
    if found.status != 0:
        return None
    return [j for j, x in enumerate(found.x) if abs(x) > SMALL]


def _exact(
    columns: Sequence[Any], support: Sequence[int], positive: Sequence[int], rows: int, count: int
) -> dict[int, Fraction] | None:
    """The weights of those columns in rationals; None where there are none, or one that must not be negative is."""
    used = sorted({r for j in support for r in columns[j]})
    place = {r: i for i, r in enumerate(used)}
    matrix = fmpq_mat(len(used) + 1, len(support) + 1)
    for i, j in enumerate(support):
        for r, c in columns[j].items():
            matrix[place[r], i] = c
        if j in positive:
            matrix[len(used), i] = fmpq(1)
    matrix[len(used), len(support)] = fmpq(1)
    reduced, rank = matrix.rref()
    solution: dict[int, Fraction] = {}
    for row in range(rank):
        lead = next(i for i in range(len(support) + 1) if reduced[row, i] != 0)
        if lead == len(support):
            return None
        value = rational(reduced[row, len(support)])
        if value:
            solution[support[lead]] = value
    if any(value < 0 for j, value in solution.items() if j < count):
        return None
    return solution
