"""Proofs on a box: which box around a case, and how it is cut (`theorems.proofs.boxes`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from theorems.arithmetic.enclosure import Enclosure
from theorems.arithmetic.facts import ASKED, Path
from theorems.arithmetic.normal_forms import TooLarge
from theorems.arithmetic.terms import Pool, Term
from theorems.proofs import charts
from theorems.proofs.boxes import Formulas, Question
from theorems.proofs.combinations import polynomial

#: Boxes that are looked at for one question, and monomials of a fact, at most.
MOST, LONGEST = 400, 40
#: How far a box reaches, in parts of each number of the case that it surrounds.
RADII = (Fraction(1, 8), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))
#: Denominators of the ends of an interval at most.
COARSE = 64

Intervals = Mapping[str, tuple[Fraction, Fraction]]


class Boxed:
    """A box, an interval for each free number by its name, and the trees that were found for it."""

    def __init__(self, intervals: Intervals) -> None:
        self.intervals = intervals
        self._known: dict[Any, Any] = {}
        self._pools: list[Pool] = []  # keeps them, so that no other has the number of one

    def box(self, pool: Pool) -> list[Enclosure | None]:
        """By the unknowns of a pool; None for what may be anything."""
        ends = [None if k in pool.functions else self.intervals.get(u.name) for k, u in enumerate(pool.unknowns)]
        return [None if pair is None else Enclosure(*pair) for pair in ends]

    def as_json(self, pool: Pool) -> list[list[str] | None]:
        """The same as JSON data."""
        return [None if own is None else [str(own.low), str(own.high)] for own in self.box(pool)]

    def hint(self, path: Path, kind: str, term: Term) -> Any:
        """A hint that shows that a term is of a kind on the box; None where none was found."""
        facts = self._facts(path)
        plain = self._tree(path, kind, term, {})
        if plain is not None:
            return ["boxes", plain, []]
        tree = self._tree(path, kind, term, facts) if facts else None
        return None if tree is None else ["boxes", tree, list(facts)]

    def _facts(self, path: Path) -> dict[int, tuple[frozenset[int], Any]]:
        """What is known of polynomials in the numbers of the box, by the number of the fact."""
        found: dict[int, tuple[frozenset[int], Any]] = {}
        box = self.box(path.pool)
        for i, fact in enumerate(path.facts):
            try:
                n, d = path.forms.of(fact.term)
                p = n if d.is_constant() or fact.kind in ("zero", "nonzero") else path.forms.times(n, d)
            except TooLarge:
                continue
            if len(p) > LONGEST:
                continue
            sparse = {tuple((int(k), int(e)) for k, e in powers): Fraction(c) for c, powers in polynomial(p)}
            if all(k < len(box) and box[k] is not None for powers in sparse for k, _ in powers):
                found[i] = ASKED[fact.kind], sparse
        return found

    def _tree(self, path: Path, kind: str, term: Term, facts: Mapping[int, tuple[frozenset[int], Any]]) -> Any:
        pool = path.pool
        if pool not in self._pools:
            self._pools.append(pool)
        key = (id(pool), kind, term.number, str(list(facts.values())))
        if key not in self._known:
            question = Question(Formulas(pool.nodes, pool.functions), term.number, list(facts.values()))
            self._known[key] = question.tree(self.box(pool), ASKED[kind], [MOST], path.in_time)
        return self._known[key]


def around(case: Any) -> Iterator[Boxed]:
    """Boxes that surround a case, the smallest first."""
    known = charts.coordinates(case)
    for radius in RADII:
        intervals: dict[str, tuple[Fraction, Fraction]] = {}
        for name, value in known.items():
            if isinstance(value, tuple):
                intervals[name] = value
                continue
            reach = radius * (abs(value) or 1)
            low, high = ((value + side * reach).limit_denominator(COARSE) for side in (-1, 1))
            intervals[name] = min(low, value), max(high, value)
        yield Boxed(intervals)


def surrounds(intervals: Intervals, case: Any) -> bool:
    """Whether a case lies in a box: in the interval of each of its free numbers."""
    known = charts.coordinates(case)
    inside = (
        value == intervals[name] if isinstance(value, tuple) else intervals[name][0] <= value <= intervals[name][1]
        for name, value in known.items()
    )
    return set(known) == set(intervals) and all(inside)


def words(intervals: Intervals, case: Any) -> str:
    """A box in words: the interval of each entry; of a descending sequence, of its steps."""
    steps = {path: len(array) for path, kind, array in charts.leaves(case) if kind == "descending"}
    parts = []
    for name, (low, high) in intervals.items():
        path, _, index = name.rpartition("[")
        if not path:  # a direction, which may be any
            continue
        text = name
        if path in steps and int(index[:-1]) + 1 < steps[path]:
            text = f"{name} - {path}[{int(index[:-1]) + 1}]"
        parts.append(f"{text.replace('.', '', 1).replace('- .', '- ')} in [{low}, {high}]")
    return ", ".join(parts)
