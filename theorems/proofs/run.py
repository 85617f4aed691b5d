"""One path through a statement: what it supposes becomes facts or another chart, what it concludes is settled."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from theorems.arithmetic.answers import Answer, Semidefinite
from theorems.arithmetic.facts import OPPOSITE, Contradiction, Forked, OutOfTime, Path
from theorems.arithmetic.normal_forms import TooLarge, rational
from theorems.arithmetic.terms import Pool, Term
from theorems.arithmetic.unknowns import Unknowns
from theorems.case import Array
from theorems.claim import Claim
from theorems.errors import InputError, Undefined, Unsupported
from theorems.proofs import charts
from theorems.proofs.certificates import Hints, Trace
from theorems.proofs.charts import Chart, Polynomial
from theorems.proofs.combinations import shown
from theorems.proofs.outcome import (
    BOXES,
    COMBINATION,
    IDENTITY,
    ORDER,
    POINT,
    SIGNS,
    SOLVER,
    SQUARES,
    Effort,
    Outcome,
    Settled,
)
from theorems.statement import Conclude, Existence, Order, Relation, Suppose, equal

#: A hypothesis that is solved for has at most so many monomials.
SOLVED = 60


class Vacuous(Exception):
    """A hypothesis is false on this path; by a fact, or whatever the numbers are."""

    def __init__(self, name: str, fact: tuple[str, Term] | None = None) -> None:
        super().__init__(name)
        self.fact = fact


class Rechart(Exception):
    """A hypothesis asks for another chart."""

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self.chart = chart


class Run:
    """One path through a statement."""

    def __init__(self, claim: Claim, chart: Chart, path: Path, effort: Effort, outcome: Outcome, end: float) -> None:
        self.claim, self.chart, self.path, self.effort, self.outcome, self.end = (
            claim,
            chart,
            path,
            effort,
            outcome,
            end,
        )
        self.num = Unknowns(path, lazy=effort.lazy, spectral=effort.boxed is not None)
        self.feasible: bool | None = None
        self.found: list[tuple[str, str | None, str]] = []
        self.trace = Trace(path)
        if effort.combine:
            path.hinting = Hints(path, None).known

    def follow(self, loaded: Any, source: charts.Unknowns) -> None:
        """Run the statement to its end, or until no case can lie on this path."""
        try:
            for term in source.domain:
                self.path.suppose("nonnegative", term, "the domain of the case")
            with self.num.running(loaded):
                self._steps(loaded)
        except (Vacuous, Contradiction) as end:
            self._ended(end)
            if not self.found:
                return
        except Undefined as error:
            if not self.found:
                return
            self.found.append((self.found[-1][0], None, f"undefined on a path: {error}"))
        except (Unsupported, Forked, InputError) as error:
            if self._empty():
                return
            reason = str(error) or type(error).__name__
            if isinstance(error, OutOfTime) or not self.found:
                raise
            self.outcome.reason = reason
        self.outcome.chosen += self.num.chosen
        if self._empty():
            return
        self.outcome.paths += 1
        for term in self.path.probable or ():  # whatever followed rests on these values
            self.outcome.degree = max(self.outcome.degree, *self.path.pool.degrees[term.number])
        for name, technique, reason in self.found:
            settled = self.outcome.conclusions.setdefault(name, Settled())
            if technique is None:
                settled.reason = settled.reason or reason
            else:
                settled.techniques |= {technique, POINT} if self.path.probable else {technique}

    def _ended(self, end: Exception) -> None:
        """Why no case lies further on this path, for the certificate."""
        if isinstance(end, Vacuous) and end.fact is not None:
            self.trace.empty = end.fact
        elif isinstance(end, Contradiction) and self.path.facts:
            last = self.path.facts.pop()
            self.trace.empty = (last.kind, last.term)
            if last.why == "decision":
                self.path.facts.append(last)
        else:
            self.trace.unmet = str(end) or "a hypothesis"

    def _empty(self) -> bool:
        """Whether a solver says that no case lies on this path: only then is it dropped."""
        open_ = any(technique is None for _, technique, _ in self.found) or not self.found
        if not open_ or self.effort.solver is None or not self.path.assumed:
            return False
        return self._feasible() is False

    def _feasible(self) -> bool | None:
        if self.feasible is None and self.effort.solver is not None:
            self.feasible = self.effort.solver.feasible(self.path)
        return self.feasible

    def _steps(self, loaded: Any) -> None:
        for step in self.claim.statement(loaded, self.num):
            self.path.in_time()
            if isinstance(step, Suppose):
                if step.name not in self.claim.skip:
                    self._suppose(step, loaded)
            elif isinstance(step, Conclude):
                self.trace.questions.append((step.name, []))
                technique, reason = self._concluded(step)
                self.found.append((step.name, technique, reason))

    # hypotheses

    def _suppose(self, step: Suppose, loaded: Any) -> None:
        condition = step.condition
        if isinstance(condition, Existence):
            raise Unsupported("a hypothesis that something exists")
        if isinstance(condition, Order):
            condition = self.num.as_relation(condition)
        if isinstance(condition, Relation):
            self._chart_of_columns(condition, loaded)
            facts = self.num.questions(condition)
        else:
            value = condition.value
            if value is None:
                raise Unsupported("a hypothesis that is not decided")
            if not isinstance(value, Answer):
                if not value:
                    raise Vacuous(step.name)
                return
            if value.opposite and len(value.facts) != 1:
                if not value:
                    raise Vacuous(step.name)
                return
            if isinstance(value, Semidefinite):
                self._chart_of_semidefinite(value, loaded)
            facts = [(OPPOSITE[kind], term) for kind, term in value.facts] if value.opposite else list(value.facts)
        for kind, term in facts:
            self._fact(kind, term, step.name)

    def _fact(self, kind: str, term: Term, name: str) -> None:
        if term.fixed is not None:
            if not _holds(kind, term.fixed):
                raise Vacuous(name, (kind, term))
            return
        if self.effort.probable and self.path.pool.degrees[term.number][0] > 2:
            return  # less is known, and nothing false
        if kind == "zero" and not self.path.zero(term) and not self.path.assumed:
            self._solve_for(term)
        known = self.path.known(kind, term)
        if known is False:
            raise Vacuous(name, (kind, term))
        if known is None:
            self.path.suppose(kind, term, name)

    def _solve_for(self, term: Term) -> None:
        """Another chart in which a number is what a hypothesis makes of it, where that number occurs linearly."""
        try:
            n, _ = self.path.forms.of(term)
        except TooLarge:
            return
        if len(n) > SOLVED:
            return
        pool = self.path.pool
        terms = n.to_dict()
        degrees = n.degrees()
        for k in reversed(range(min(len(pool.unknowns), len(degrees)))):
            unknown = pool.unknowns[k]
            if degrees[k] != 1 or unknown.atom or unknown.square is not None or unknown.nonnegative:
                continue
            if any(other.square is not None and _mentions(other.square, k) for other in pool.unknowns):
                continue
            own = {exponents: c for exponents, c in terms.items() if exponents[k]}
            (exponents, c), *more = own.items()
            if more or sum(exponents) != 1 or _has_atoms(pool, terms):
                continue
            rest: Polynomial = tuple(
                (tuple((i, int(e)) for i, e in enumerate(others) if e), -rational(value) / rational(c))
                for others, value in terms.items()
                if others not in own
            )
            solved = {i: _put_in(p, k, rest) for i, p in self.chart.solved.items()}
            raise Rechart(replace(self.chart, solved={**solved, k: rest}))

    def _chart_of_semidefinite(self, answer: Semidefinite, loaded: Any) -> None:
        self._recharted(answer.matrix, loaded, "semidefinite")

    def _chart_of_columns(self, relation: Relation, loaded: Any) -> None:
        """M^T M = I for a leaf M."""
        left, right = relation.left, relation.right
        if relation.kind != "equal" or not isinstance(left, np.ndarray) or np.shape(left) != np.shape(right):
            return
        if left.ndim != 2 or left.shape[0] != left.shape[1] or self.path.assumed:
            return
        if not self.num.all_same(np.asarray(right), self.num.identity(len(left))):
            return
        for path, kind, array in charts.leaves(loaded):
            if kind == "free" and array.ndim == 2 and array.shape[0] >= array.shape[1] == len(left):
                with_columns = self._plain(array) and self.num.all_same(array.mT @ array, left)
                if with_columns and path not in self.chart.kinds and array.shape[0] > array.shape[1]:
                    raise Rechart(replace(self.chart, kinds={**self.chart.kinds, path: "orthonormal"}, solved={}))

    def _recharted(self, matrix: Array, loaded: Any, kind: str) -> None:
        if self.path.assumed:
            return
        for path, own, array in charts.leaves(loaded):
            if own == "free" and path not in self.chart.kinds and array is matrix and self._symmetric_numbers(array):
                raise Rechart(replace(self.chart, kinds={**self.chart.kinds, path: kind}, solved={}))

    def _plain(self, array: Array) -> bool:
        """Whether the entries are unknowns, each its own."""
        pool = self.path.pool
        numbers = [pool.lifted(entry).number for entry in array.flat]  # type: ignore[union-attr]
        return len(set(numbers)) == len(numbers) and all(pool.nodes[i][0] == "x" for i in numbers)

    def _symmetric_numbers(self, array: Array) -> bool:
        """Whether nothing but symmetry is known of a matrix so far: its entries are unknowns of their own."""
        if array.ndim != 2 or array.shape[0] != array.shape[1] or self.path.facts:
            return False
        lower = np.array([array[i, j] for i, j in np.ndindex(array.shape) if j <= i], dtype=object)
        if not self._plain(lower):
            return False
        return self._plain(array) or self.num.all_same(array, array.mT)

    # conclusions

    def _concluded(self, step: Conclude) -> tuple[str | None, str]:
        condition = step.condition
        try:
            if isinstance(condition, Existence):
                condition = Relation("at most", condition.attained(), condition.bound, condition.scale)
            if isinstance(condition, Order):
                difference = condition.right - condition.left
                technique, reason = self._all(self.num.questions(equal(difference, difference.mT)))
                if technique is None:
                    return technique, reason
                condition = self.num.as_relation(condition)
            if isinstance(condition, Relation):
                return self._all(self.num.questions(condition))
            value = condition.value
            if value is None:
                return None, "a test that is not decided"
            if isinstance(value, Answer):
                if not value.opposite:
                    return self._all(list(value.facts))
                if len(value.facts) == 1:
                    kind, term = value.facts[0]
                    return self._all([(OPPOSITE[kind], term)])
                value = bool(value)
            if value:
                return (SIGNS if self.path.assumed else IDENTITY), ""
            return self._impossible()
        except Undefined as error:
            return None, f"undefined: {error}"

    def _impossible(self) -> tuple[str | None, str]:
        """A conclusion that is false here: proved only where no case can be here."""
        if self._feasible() is False:
            return SOLVER, ""
        return None, "the conclusion is false on a path that may hold a case"

    def _all(self, questions: list[tuple[str, Term]]) -> tuple[str | None, str]:
        used = {IDENTITY}
        self.trace.questions[-1][1].extend(questions)
        for kind, term in questions:
            technique = self._settled(kind, term)
            if technique is None:
                return None, f"not settled: {kind}?"
            used.add(technique)
        if self.path.assumed or any(fact.why == "entailed" for fact in self.path.facts):
            used.add(SIGNS)
        if self.path.closed:
            used.add(COMBINATION)
        if any(fact.why == "entailed" for fact in self.path.facts):
            used.add(SOLVER)
        return max(used, key=ORDER.index), ""

    def _settled(self, kind: str, term: Term) -> str | None:
        if term.fixed is not None:
            return IDENTITY if _holds(kind, term.fixed) else None
        before = len(self.path.probable or ())
        zero = self.path.zero(term)
        if zero:
            if kind not in ("zero", "nonnegative", "nonpositive"):
                return None
            return IDENTITY if len(self.path.probable or ()) == before else POINT
        if self.path.known(kind, term):
            return SIGNS
        if kind == "nonnegative" and self.effort.squares is not None and self._squares(term):
            return SQUARES
        if self.effort.combine and shown(self.path, kind, term) is not None:
            return COMBINATION
        if self.effort.boxed is not None and self.effort.boxed.hint(self.path, kind, term) is not None:
            return BOXES
        if self.effort.solver is None:
            return None
        if self._feasible() is False:
            return SOLVER
        technique: str | None = self.effort.solver.proves(self.path, kind, term, self.end)
        return technique

    def _squares(self, term: Term) -> bool:
        try:
            n, d = self.path.forms.of(term)
            return self.path.sign_by_squares(self.path.forms.times(n, d), self.effort.squares)
        except TooLarge:
            return False


def _holds(kind: str, value: Fraction) -> bool:
    return {
        "zero": value == 0,
        "nonzero": value != 0,
        "positive": value > 0,
        "nonnegative": value >= 0,
        "nonpositive": value <= 0,
        "negative": value < 0,
    }[kind]


def _mentions(term: Term, k: int) -> bool:
    todo, seen = [term.number], set()
    while todo:
        node = term.pool.nodes[todo.pop()]
        if node == ("x", k):
            return True
        if node[0] in "+*/":
            for i in node[1:]:
                if i not in seen:
                    seen.add(i)
                    todo.append(i)
    return False


def _has_atoms(pool: Pool, terms: dict[tuple[int, ...], Any]) -> bool:
    return any(e and pool.unknowns[k].atom for exponents in terms for k, e in enumerate(exponents))


def _put_in(p: Polynomial, k: int, value: Polynomial) -> Polynomial:
    """A polynomial with number k replaced: only where it occurs linearly in monomials of its own."""
    total: dict[tuple[tuple[int, int], ...], Fraction] = {}
    for powers, c in p:
        own = dict(powers)
        exponent = own.pop(k, 0)
        if exponent > 1:
            raise Unsupported("a hypothesis that is not solved for")
        for others, d in value if exponent else (((), Fraction(1)),):
            joint = dict(own)
            for i, e in others:
                joint[i] = joint.get(i, 0) + e
            key = tuple(sorted(joint.items()))
            total[key] = total.get(key, Fraction(0)) + c * d
    return tuple((powers, c) for powers, c in total.items() if c)
