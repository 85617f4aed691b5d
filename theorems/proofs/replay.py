"""Replay a certificate with the standard library alone: exact polynomials, and bounds on boxes (`boxes.py`).

A certificate is a dictionary (from JSON).  Its `components` are charts that together cover every case of the shape:

    unknowns   [name, is it at least zero?, the node that its square is, or null]
    nodes      ["c", "p/q"] a constant, ["x", k] an unknown, ["+", i, j], ["*", i, j], ["/", i, j] of earlier nodes
    reduced    {"i": [numerator, denominator]}: node i in lower terms than the operations give it
    paths      what is assumed on each path through the statement, and what is concluded there:
       facts        [kind, node, why]: how the node compares with zero; why is "decision" at one side of a fork
       roots        [node, hint]: whatever has a root taken of it is not negative
       conclusions  [name, [[kind, node, hint], ...]]
       empty        [kind, node, hint] of a fact that contradicts the others; or null
       unmet        the hypothesis that is false on this path whatever the numbers are; or ""

A polynomial is a list of ["p/q", [[unknown, exponent], ...]].  A hint says how to see the sign of a polynomial:

    ["zero"]                    it has no terms left
    ["form"]                    the node is built from squares and numbers that are not negative
    ["visible"]                 coefficients of one sign, and no odd power of a number that may be negative
    ["fact", i]                 it is a multiple of the polynomial of fact i
    ["divides", i, q, hint]     it times q is the polynomial of fact i; without a hint of q, all three are not zero
    ["factors", c, [[p, e, hint], ...]]   it is c times the product of p^e
    ["modulo", [[i, q], ...], hint]       it is sum q f_i and a rest for the hint; fact i says that f_i is zero
    ["all", [hint, ...]]        what all of these say together
    ["squares", [[c, p], ...]]  it is the sum of c p^2 with c > 0; numbers that are not negative count as squares
    ["root", k, side, hint, hint]   it is p + q r, r^2 = t, with p (or q) >= 0 and p^2 - q^2 t (or the reverse) >= 0
    ["combination", strict, [[c, [factor, ...]], ...], [[i, q], ...]]   products of what is not negative (c > 0) and
        q f_i with f_i = 0 sum to 0 while one product is positive, so that the factors are not all what they are said
        to be: ["goal", 0] p < 0 (strict: p <= 0); ["fact", i], ["unknown", k] and ["square", k] are then known
    ["boxes", tree, [i, ...]]   its bounds on parts of the `box` (`boxes.py`) where these facts hold, and only there

What remains to be believed is that facts and conclusions are the statement's: `verify --proofs` runs it and compares.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from theorems.proofs import boxes

Monomial = tuple[tuple[int, int], ...]
Polynomial = dict[Monomial, Fraction]

SIGNS: dict[str, set[int]] = {
    "zero": {0}, "positive": {1}, "nonnegative": {0, 1}, "nonzero": {-1, 1}, "nonpositive": {-1, 0}, "negative": {-1},
}  # fmt: skip
OPPOSITE = {
    "zero": "nonzero", "nonzero": "zero", "positive": "nonpositive", "nonpositive": "positive",
    "nonnegative": "negative", "negative": "nonnegative",
}  # fmt: skip
ANY = {-1, 0, 1}
LARGEST = 200_000  # terms of a polynomial: a certificate that needs more is refused


class Refused(ValueError):
    """The certificate does not show what it says."""


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise Refused(what)


def polynomial(data: Any) -> Polynomial:
    """A polynomial from JSON."""
    result: Polynomial = {}
    for coefficient, powers in data:
        key = tuple(sorted((int(k), int(e)) for k, e in powers))
        _require(all(e > 0 for _, e in key) and len({k for k, _ in key}) == len(key), "a monomial is malformed")
        result[key] = result.get(key, Fraction(0)) + Fraction(coefficient)
    return {m: c for m, c in result.items() if c}


def plus(p: Polynomial, q: Polynomial, factor: Fraction = Fraction(1)) -> Polynomial:
    """p + factor q."""
    result = dict(p)
    for m, c in q.items():
        result[m] = result.get(m, Fraction(0)) + factor * c
    return {m: c for m, c in result.items() if c}


def _joined(a: Monomial, b: Monomial) -> Monomial:
    powers = dict(a)
    powers.update({k: powers.get(k, 0) + e for k, e in b})
    return tuple(sorted(powers.items()))


class Component:
    """One chart of a certificate: its nodes as quotients of polynomials."""

    def __init__(self, data: Any) -> None:
        self.unknowns, self.nodes, self.reduced = data["unknowns"], data["nodes"], data["reduced"]
        self.squares: dict[int, Polynomial] = {}
        self.values: list[tuple[Polynomial, Polynomial]] = []
        self.facts: list[tuple[str, Polynomial]] = []
        self.bounds = boxes.Bounds(data)
        waiting = {k: node for k, (_, _, node) in enumerate(self.unknowns) if node is not None}
        for number, node in enumerate(self.nodes):
            self.values.append(self._value(number, node))
            for k in [k for k, square in waiting.items() if square == number]:
                top, bottom = self.values[number]
                _require(set(bottom) == {()}, "a square with a denominator")
                self.squares[k] = {m: c / bottom[()] for m, c in top.items()}
                _require(all(j != k for m in top for j, _ in m), "an unknown whose square contains it")
                del waiting[k]
        _require(not waiting, "an unknown whose square is no node")

    def _value(self, number: int, node: Any) -> tuple[Polynomial, Polynomial]:
        one: Polynomial = {(): Fraction(1)}
        if node[0] == "c":
            value = Fraction(node[1])
            return ({(): value} if value else {}), one
        if node[0] == "x":
            _require(0 <= node[1] < len(self.unknowns), "an unknown that is not declared")
            return {((node[1], 1),): Fraction(1)}, one
        _require(node[0] in ("+", "*", "/") and 0 <= node[1] < number and 0 <= node[2] < number, "a node is malformed")
        (a, b), (c, d) = self.values[node[1]], self.values[node[2]]
        if node[0] == "+":
            top, bottom = (plus(a, c), b) if b == d else (plus(self.times(a, d), self.times(c, b)), self.times(b, d))
        else:
            _require(node[0] == "*" or bool(c), "a division by zero")
            c, d = (d, c) if node[0] == "/" else (c, d)
            top, bottom = self.times(a, c), self.times(b, d)
        if str(number) in self.reduced:
            n, m = map(polynomial, self.reduced[str(number)])
            _require(bool(m) and self.times(n, bottom) == self.times(top, m), f"node {number} is reduced to another")
            return n, m
        return top, bottom

    def times(self, p: Polynomial, q: Polynomial) -> Polynomial:
        """p q, with every square that is known put in."""
        result: Polynomial = {}
        for m, c in p.items():
            for n, d in q.items():
                key = _joined(m, n)
                result[key] = result.get(key, Fraction(0)) + c * d
        _require(len(result) <= LARGEST, "a polynomial is too large")
        return self.put_in({m: c for m, c in result.items() if c})

    def put_in(self, p: Polynomial) -> Polynomial:
        """p without squares of unknowns whose square is known, the latest unknowns first."""
        for k in sorted(self.squares, reverse=True):
            high = {m: c for m, c in p.items() if any(j == k and e > 1 for j, e in m)}
            p = {m: c for m, c in p.items() if m not in high}
            for m, c in high.items():
                e = dict(m)[k]
                rest = tuple((j, f) for j, f in m if j != k)
                part: Polynomial = {_joined(rest, ((k, e % 2),)) if e % 2 else rest: c}
                for _ in range(e // 2):
                    part = self.times(part, self.squares[k])
                p = plus(p, part)
        return p

    def goal(self, kind: str, node: int) -> Polynomial:
        """The polynomial whose sign is that of a node (for "zero": which vanishes where it does)."""
        top, bottom = self.values[node]
        if set(bottom) == {()}:
            return {m: c / bottom[()] for m, c in top.items()}
        return top if kind in ("zero", "nonzero") else self.times(top, bottom)

    def variable(self, k: int) -> set[int]:
        """The signs that an unknown may have."""
        signs = {0, 1} if self.unknowns[k][1] else ANY
        for kind, p in self.facts:
            if set(p) == {((k, 1),)}:
                signs = signs & {s if p[((k, 1),)] > 0 else -s for s in SIGNS[kind]}
        return signs

    def signs(self, p: Polynomial, hint: Any, node: int | None = None) -> set[int]:
        """The signs that a polynomial may have, as far as a hint shows."""
        rule = hint[0]
        if rule == "zero":
            return {0} if not p else ANY
        if rule == "form":
            return {0, 1} if node is not None and self._form(node) else ANY
        if rule == "boxes":
            return self.bounds.signs(node, hint, self.facts, SIGNS)
        if rule in ("visible", "factors", "squares", "root", "combination"):
            shown: set[int] = getattr(self, f"_{rule}")(p, hint)
            return shown
        if rule == "fact":
            kind, q = self.facts[hint[1]]
            ratio = {p[m] / q[m] for m in p} if set(p) == set(q) else set()
            _require(len(ratio) == 1, "a fact about another polynomial")
            return {s if min(ratio) > 0 else -s for s in SIGNS[kind]}
        if rule == "divides":
            kind, q = self.facts[hint[1]]
            _require(self.times(p, polynomial(hint[2])) == q, "a factor that is none")
            own = self.signs(polynomial(hint[2]), hint[3]) if len(hint) > 3 else ANY - ({0} - SIGNS[kind])
            return {s * t for s in SIGNS[kind] for t in own} if 0 not in own else ANY
        if rule == "modulo":
            for i, q in hint[1]:
                _require(self.facts[i][0] == "zero", "a quotient by what may not be zero")
                p = plus(p, self.times(polynomial(q), self.facts[i][1]), Fraction(-1))
            return self.signs(p, hint[2])
        _require(rule == "all", f"a rule that is none: {rule}")
        signs = ANY
        for other in hint[1]:
            signs = signs & self.signs(p, other, node)
        return signs

    def _form(self, number: int) -> bool:
        node = self.nodes[number]
        if node[0] == "c":
            return Fraction(node[1]) >= 0
        if node[0] == "x":
            return bool(self.unknowns[node[1]][1])
        return (node[0] == "*" and node[1] == node[2]) or (self._form(node[1]) and self._form(node[2]))

    def _visible(self, p: Polynomial, _: Any) -> set[int]:
        signs, strict = set(), not p
        for m, c in p.items():
            own = [self.variable(k) for k, _ in m]
            if any(e % 2 and not s <= {0, 1} for (_, e), s in zip(m, own, strict=True)):
                return ANY
            signs.add(1 if c > 0 else -1)
            strict = strict or all(0 not in s for s in own)
        return ANY if len(signs) > 1 else signs if strict and p else {*signs, 0}

    def _factors(self, p: Polynomial, hint: Any) -> set[int]:
        product: Polynomial = {(): Fraction(hint[1])}
        signs = {1 if Fraction(hint[1]) > 0 else -1}
        for data, exponent, other in hint[2]:
            factor = polynomial(data)
            own = self.signs(factor, other)
            for _ in range(exponent):
                product = self.times(product, factor)
            signs = {s * t for s in signs for t in (own if exponent % 2 else {s * s for s in own})}
        _require(product == self.put_in(p), "factors of another polynomial")
        return signs

    def _squares(self, p: Polynomial, hint: Any) -> set[int]:
        """Numbers that are not negative are squares of new numbers: their exponents are doubled."""

        def doubled(q: Polynomial) -> Polynomial:
            return {tuple((k, 2 * e if self.variable(k) <= {0, 1} else e) for k, e in m): c for m, c in q.items()}

        total: Polynomial = {}
        for weight, data in hint[1]:
            _require(Fraction(weight) > 0, "a square with a weight that is not positive")
            form = polynomial(data)  # in the new numbers
            for m, c in form.items():
                for n, d in form.items():
                    total = plus(total, {_joined(m, n): c * d * Fraction(weight)})
        _require(total == doubled(p), "squares that sum to another polynomial")
        return {0, 1}

    def _root(self, p: Polynomial, hint: Any) -> set[int]:
        _, k, side, first, second = hint
        _require(k in self.squares and self.unknowns[k][1], "an unknown that is no root")
        _require(all(e == 1 for m in p for j, e in m if j == k), "a root that is not linear")
        q = {tuple((j, e) for j, e in m if j != k): c for m, c in p.items() if any(j == k for j, _ in m)}
        rest = {m: c for m, c in p.items() if all(j != k for j, _ in m)}
        more = plus(self.times(rest, rest), self.times(self.times(q, q), self.squares[k]), Fraction(-1))
        own, more = (rest, more) if side == "p" else (q, {m: -c for m, c in more.items()})
        _require(self.signs(own, first) <= {0, 1}, "the part before a root may be negative")
        found = self.signs(more, second)
        return {1} if found == {1} else {0, 1} if found <= {0, 1} else ANY

    def _combination(self, p: Polynomial, hint: Any) -> set[int]:
        total: Polynomial = {}
        positive = False
        for weight, sources in hint[2]:
            _require(Fraction(weight) > 0, "a product with a weight that is not positive")
            product: Polynomial = {(): Fraction(weight)}
            strict = True
            for kind, i in sources:
                if kind == "goal":
                    signs, q = SIGNS["nonpositive" if hint[1] else "negative"], p
                elif kind == "fact":
                    signs, q = SIGNS[self.facts[i][0]], self.facts[i][1]
                else:
                    _require(kind == "square" or bool(self.unknowns[i][1]), "an unknown of any sign")
                    signs, q = {0, 1}, self.put_in({((i, 2 if kind == "square" else 1),): Fraction(1)})
                _require(signs <= {0, 1} or signs <= {-1, 0}, "a factor of any sign")
                product = self.times(product, plus({}, q, Fraction(1 if signs <= {0, 1} else -1)))
                strict = strict and 0 not in signs
            total, positive = plus(total, product), positive or strict
        for i, quotient in hint[3]:
            _require(self.facts[i][0] == "zero", "a multiple of what may not be zero")
            total = plus(total, self.times(polynomial(quotient), self.facts[i][1]))
        _require(positive and not total, "a combination that is none")
        return {1} if hint[1] else {0, 1}


def replay(certificate: Any) -> list[str]:
    """The conclusions that a certificate shows, by name.  Raises `Refused` where it does not show one."""
    shown: list[list[str]] = []
    for data in certificate["components"]:
        component = Component(data)
        taken = [[(kind, node) for kind, node, why in path["facts"] if why == "decision"] for path in data["paths"]]
        _covered(taken)
        for path in data["paths"]:
            component.facts = [(kind, component.goal(kind, node)) for kind, node, _ in path["facts"]]
            for node, hint in path["roots"]:
                signs = component.signs(component.goal("nonnegative", node), hint, node)
                _require(signs <= {0, 1}, "a root of a number that may be negative")
            if path["empty"] is not None:
                kind, node, hint = path["empty"]
                signs = component.signs(component.goal(kind, node), hint, node)
                _require(not signs & SIGNS[kind], "a path that is not empty")
            if path["empty"] is not None or path["unmet"]:
                continue
            for name, questions in path["conclusions"]:
                for kind, node, hint in questions:
                    signs = component.signs(component.goal(kind, node), hint, node)
                    _require(signs <= SIGNS[kind], f"{name}: not shown")
            shown.append([name for name, _ in path["conclusions"]])
    names = [name for name in dict.fromkeys(shown[0] if shown else ()) if all(name in other for other in shown)]
    _require(bool(names), "a certificate of nothing")
    return names


def _covered(paths: list[list[tuple[str, int]]], depth: int = 0) -> None:
    """Whether the paths take both sides of every fork."""
    if len(paths) == 1 and len(paths[0]) == depth:
        return
    _require(all(len(path) > depth for path in paths) and len(paths) > 1, "a fork of which one side is missing")
    kind, node = paths[0][depth]
    one = [path for path in paths if path[depth] == (kind, node)]
    other = [path for path in paths if path[depth] == (OPPOSITE[kind], node)]
    _require(bool(one) and bool(other) and len(one) + len(other) == len(paths), "a fork of which one side is missing")
    _covered(one, depth + 1)
    _covered(other, depth + 1)
