"""Certificates: what was assumed and concluded on every path, with hints by which `replay` sees each sign.

They are made from the traces of a proof; a step that rests on a solver's word has no hint, and then there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from theorems.arithmetic.facts import ANY, ASKED, DEEP, FACTORED, OPPOSITE, Path
from theorems.arithmetic.normal_forms import TooLarge, rational
from theorems.arithmetic.terms import Pool, Term
from theorems.proofs.combinations import polynomial, shown

FORMAT = 1
#: Nodes and monomials of a certificate, at most: beyond, the proof stands without one.
MOST_NODES, MOST_MONOMIALS = 3_000, 40_000

#: A search for sums of squares: (polynomial, numbers that are not negative) -> squares or None.
Squares = Callable[[Any, Any], Any]


class NoHint(Exception):
    """A step that the replay has no rule for."""


@dataclass
class Trace:
    """One path: its facts, the questions of its conclusions, and how it ended.

    empty  a fact (kind, term) that contradicts the others;  unmet  the hypothesis that is false on this path
    """

    path: Path
    questions: list[tuple[str, list[tuple[str, Term]]]] = field(default_factory=list)
    empty: tuple[str, Term] | None = None
    unmet: str = ""


class NoHints:
    """The place of hints, where only what is assumed and concluded matters."""

    def of(self, kind: str, term: Term) -> Any:
        """No hint."""
        return None


class Hints:
    """Hints for the signs of terms on one path."""

    def __init__(self, path: Path, squares: Squares | None, *, combine: bool = False, boxed: Any = None) -> None:
        self.path, self.squares, self.combine, self.boxed = path, squares, combine, boxed
        self._dividing = False

    def of(self, kind: str, term: Term) -> Any:
        """A hint that shows that a term is of a kind.  Raises `NoHint`, `TooLarge`."""
        try:
            return self._signs(kind, term)
        except NoHint:
            hint = shown(self.path, kind, term) if self.combine else None
            if hint is None and self.boxed is not None:
                hint = self.boxed.hint(self.path, kind, term)
            if hint is None:
                raise
            return hint

    def known(self, kind: str, term: Term) -> Any:
        """The same by signs alone, or None."""
        try:
            return self._signs(kind, term)
        except (NoHint, TooLarge):
            return None

    def _signs(self, kind: str, term: Term) -> Any:
        if kind == "nonnegative" and self.path.pool.visible[term.number]:
            return ["form"]
        n, d = self.path.forms.of(term)
        p = n if kind in ("zero", "nonzero") or d.is_constant() else self.path.forms.times(n, d)
        if p.is_zero():
            return ["zero"]
        wanted = ASKED[kind]
        if kind in ("nonpositive", "negative"):
            hint = self._of(-p, frozenset(-s for s in wanted))
            return ["factors", "-1", [[polynomial(-p), 1, hint]]]
        return self._of(p, wanted)

    def _of(self, p: Any, wanted: frozenset[int]) -> Any:
        if self.path.signs_of(p) <= wanted:
            return self._plain(p)
        if 1 not in wanted:
            raise NoHint
        return self._by_squares(p, 0 not in wanted, DEEP)

    def _plain(self, p: Any) -> Any:
        """All that is known of a polynomial without roots and squares."""
        if p.is_zero():
            return ["zero"]
        hints: list[Any] = []
        if self.path.visible(p) != ANY:
            hints.append(["visible"])
        for word, i, *quotient in self.path.sources(p):
            if word == "fact":
                hints.append(["fact", i])
            else:
                (q,) = quotient
                hints.append(["divides", i, polynomial(q), *([self._plain(q)] if word == "over" else [])])
        if not p.is_constant() and len(p) <= FACTORED:
            constant, factors = p.factor()
            if len(factors) > 1 or factors[0][1] > 1:
                parts = [[polynomial(f), int(e), self._plain(f)] for f, e in factors]
                hints.append(["factors", str(rational(constant)), parts])
        if not self._dividing:
            quotients, rest = self.path.reduced(p)
            if quotients:
                self._dividing = True
                hints.append(["modulo", [[i, polynomial(q)] for i, q in quotients], self._plain(rest)])
                self._dividing = False
        return hints[0] if len(hints) == 1 else ["all", hints]

    def _by_squares(self, p: Any, strict: bool, depth: int) -> Any:
        if self.path.signs_of(p) <= ({1} if strict else {0, 1}):
            return self._plain(p)
        if p.is_zero() and not strict:
            return ["zero"]
        k = self.path.last_root(p)
        if k is None:
            if strict or self.squares is None:
                raise NoHint
            found = self.path.squares_of(p, self.squares)
            if found is None:
                raise NoHint
            return ["squares", [[str(w), _sparse(form)] for w, form in found]]
        if depth == 0:
            raise NoHint
        rest, q, more = self.path.split(p, k)
        for side, part, other in (("p", rest, more), ("q", q, -more)):
            try:
                first = self._by_squares(part, False, depth - 1)
                return ["root", k, side, first, self._by_squares(other, strict, depth - 1)]
            except NoHint:
                continue
        raise NoHint


def _sparse(form: Any) -> list[Any]:
    return [[str(c), [[k, e] for k, e in enumerate(m) if e]] for m, c in form.items()]


def component(
    traces: Sequence[Trace], squares: Squares | None, names: Iterable[str], *, bare: bool = False, boxed: Any = None
) -> dict[str, Any]:
    """One chart of a certificate that shows the conclusions of those names; `bare` leaves the hints out.  On a box,
    `boxed`, it holds the box and the functions that unknowns stand for.

    Raises `NoHint`, `TooLarge`.
    """
    wanted = set(names)
    pool, forms = traces[0].path.pool, traces[0].path.forms
    paths: list[dict[str, Any]] = []
    used: set[int] = set()

    def noted(term: Term) -> int:
        used.add(term.number)
        return term.number

    for trace in traces:
        path = trace.path
        hints = NoHints() if bare else Hints(path, squares, combine=path.shows is not None, boxed=boxed)
        facts = [[fact.kind, noted(fact.term), fact.why] for fact in path.facts]
        early = [[noted(x), path.root_hints.get(k)] for k, x in path.roots.items()]
        for side in path.closed:
            if side.place >= len(path.answers):  # else it is another path's
                empty = [side.kind, noted(side.term), side.hint]
                before = [*facts[: side.facts], [side.kind, noted(side.term), "decision"]]
                roots = early[: side.roots]
                if not bare and any(hint is None for _, hint in roots):
                    raise NoHint
                paths.append({"facts": before, "roots": roots, "conclusions": [], "empty": empty, "unmet": ""})
        entry: dict[str, Any] = {
            "facts": [list(fact) for fact in facts],
            "roots": [],
            "conclusions": [],
            "empty": None,
            "unmet": trace.unmet,
        }
        if any(f.why == "entailed" for f in trace.path.facts):
            raise NoHint
        if not trace.unmet:
            entry["roots"] = [
                [node, hint or hints.of("nonnegative", x)]
                for (node, hint), x in zip(early, path.roots.values(), strict=True)
            ]
        if trace.empty is not None:
            kind, term = trace.empty
            entry["empty"] = [kind, noted(term), hints.of(OPPOSITE[kind], term)]
        elif not trace.unmet:
            for name, questions in trace.questions:
                if name in wanted:
                    rows = [[kind, noted(term), hints.of(kind, term)] for kind, term in questions]
                    entry["conclusions"].append([name, rows])
        paths.append(entry)
    for unknown in pool.unknowns:
        if unknown.square is not None:
            used.add(unknown.square.number)
    if boxed is None:
        return _renumbered(pool, forms, used, paths)
    used.update(number for _, number in pool.functions.values())
    data = _renumbered(pool, forms, used, paths)
    place = {number: i for i, number in enumerate(sorted(used_below(pool, used)))}
    functions = {str(k): [name, place[number]] for k, (name, number) in pool.functions.items()}
    return {**data, "functions": functions, "box": boxed.as_json(pool)}


def used_below(pool: Pool, used: Iterable[int]) -> set[int]:
    """These nodes and those that they are made of."""
    todo, found = list(used), set(used)
    while todo:
        node = pool.nodes[todo.pop()]
        for i in node[1:] if node[0] in "+*/" else ():
            if i not in found:
                found.add(i)
                todo.append(i)
    return found


def _renumbered(pool: Pool, forms: Any, used: set[int], paths: list[dict[str, Any]]) -> dict[str, Any]:
    order = sorted(used_below(pool, used))
    if len(order) > MOST_NODES:
        raise NoHint
    place = {number: i for i, number in enumerate(order)}
    nodes: list[list[Any]] = []
    reduced: dict[str, Any] = {}
    for number in order:
        node = pool.nodes[number]
        if node[0] in "+*/":
            nodes.append([node[0], place[node[1]], place[node[2]]])
            n, d = forms.of(Term(pool, number))
            children = [forms.of(Term(pool, i)) for i in node[1:]]
            if node[0] == "/" or not d.is_constant() or any(not e.is_constant() for _, e in children):
                reduced[str(place[number])] = [polynomial(n), polynomial(d)]
        else:
            nodes.append([node[0], str(node[1]) if node[0] == "c" else node[1]])
    for path in paths:
        path["facts"] = [[kind, place[i], why] for kind, i, why in path["facts"]]
        path["roots"] = [[place[i], hint] for i, hint in path["roots"]]
        if path["empty"] is not None:
            kind, i, hint = path["empty"]
            path["empty"] = [kind, place[i], hint]
        path["conclusions"] = [
            [name, [[kind, place[i], hint] for kind, i, hint in rows]] for name, rows in path["conclusions"]
        ]
    unknowns = [[u.name, u.nonnegative, None if u.square is None else place[u.square.number]] for u in pool.unknowns]
    return {"unknowns": unknowns, "nodes": nodes, "reduced": reduced, "paths": paths}


def certificate(
    traces: Sequence[Sequence[Trace]], names: Iterable[str], squares: Squares | None, boxed: Any = None
) -> dict[str, Any] | None:
    """The certificate of the conclusions of those names, from the traces by chart; None where a step has no hint."""
    wanted = list(names)
    try:
        data = {"format": FORMAT, "components": [component(own, squares, wanted, boxed=boxed) for own in traces]}
    except (NoHint, TooLarge):
        return None
    return data if _monomials(data) <= MOST_MONOMIALS else None


def skeleton(data: Any) -> Any:
    """What a component says of the statement, without its hints: nodes, facts and conclusions."""
    paths = []
    for path in data["paths"]:
        conclusions = sorted([name, [[kind, node] for kind, node, _ in rows]] for name, rows in path["conclusions"])
        roots = [node for node, _ in path["roots"]]
        paths.append([path["facts"], roots, conclusions, path["empty"] and path["empty"][:2], path["unmet"]])
    return [data["unknowns"], data["nodes"], paths, data.get("functions"), data.get("box")]


def _monomials(data: Any) -> int:
    if isinstance(data, dict):
        return sum(map(_monomials, data.values()))
    return 1 + sum(map(_monomials, data)) if isinstance(data, list) else 0
