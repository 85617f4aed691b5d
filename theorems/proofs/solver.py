"""z3 as the judge of what is left: facts on a path in polynomials over the reals, and the opposite of a conclusion.

Every path is asked for feasibility before anything is concluded from it.  What z3 says is not replayed by the standard
library: a proof that rests on it says so.
"""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

from theorems.arithmetic.facts import OPPOSITE, Contradiction, Path
from theorems.arithmetic.normal_forms import TooLarge, rational
from theorems.arithmetic.terms import Term
from theorems.errors import InputError

#: Milliseconds for a fork and for the feasibility of a path.
FORK, FEASIBLE = 300, 1000
#: Monomials that z3 is given in one polynomial, at most.
LARGEST = 1500


def require_z3() -> Any:
    """The module z3.  Raises `InputError` where it is not installed."""
    try:
        import z3
    except ImportError:
        raise InputError("proofs by forks need the solver z3: pip install 'theorem-checker[proofs]'") from None
    return z3


class Solver:
    """z3, for the paths of one run.  `models` are points at which a conclusion may fail."""

    def __init__(self, milliseconds: int = 2000) -> None:
        self.z3 = require_z3()
        self.milliseconds = milliseconds
        self.chart: Any = None
        self.models: list[tuple[Any, dict[int, Fraction]]] = []

    def feasible(self, path: Path) -> bool | None:
        """Whether a case can lie on the path; None where z3 cannot tell."""
        answer = self._check(path, (), FEASIBLE)
        return None if answer is None else answer == "sat"

    def entails(self, path: Path, kind: str, term: Term) -> bool | None:
        """Whether the facts on the path decide a question.  Raises `Contradiction` where they contradict each other."""
        try:
            no = self._check(path, ((OPPOSITE[kind], term),), FORK) == "unsat"
            yes = self._check(path, ((kind, term),), FORK) == "unsat"
        except TooLarge:
            return None
        if no and yes:
            raise Contradiction
        return True if no else False if yes else None

    def proves(self, path: Path, kind: str, term: Term, end: float) -> str | None:
        """The technique by which the facts on the path imply that the term is of that kind; None where they may not."""
        most = min(self.milliseconds, int((end - time.process_time()) * 1000))
        if most <= 0:
            return None
        try:
            return "solver" if self._check(path, ((OPPOSITE[kind], term),), most, keep=True) == "unsat" else None
        except TooLarge:
            return None

    def _check(self, path: Path, more: Any, milliseconds: int, *, keep: bool = False) -> str | None:
        z3 = self.z3
        solver = z3.SolverFor("QF_NRA")
        solver.set("timeout", max(milliseconds, 1))
        names: dict[int, Any] = {}

        def variable(k: int) -> Any:
            if k not in names:
                names[k] = z3.Real(f"x{k}")
            return names[k]

        def polynomial(p: Any) -> Any:
            if len(p) > LARGEST:
                raise TooLarge("a polynomial too large for z3")
            total = []
            for exponents, c in p.to_dict().items():
                q = rational(c)
                product = z3.RealVal(f"{q.numerator}/{q.denominator}")
                for k, e in enumerate(exponents):
                    for _ in range(e):
                        product = product * variable(k)
                total.append(product)
            return z3.Sum(total) if total else z3.RealVal(0)

        def add(kind: str, term: Term) -> None:
            n, d = path.forms.of(term)
            if d.is_constant():
                x = polynomial(n)
            elif kind in ("zero", "nonzero"):
                x = polynomial(n)
                solver.add(polynomial(d) != 0)
            else:
                x = polynomial(path.forms.times(n, d))
                solver.add(polynomial(d) != 0)
            solver.add(_relation(kind, x))

        try:
            for fact in path.facts:
                try:
                    add(fact.kind, fact.term)
                except TooLarge:
                    continue  # less is known, and nothing false
            for kind, term in more:
                add(kind, term)
            done: set[int] = set()
            while set(names) - done:
                for k in sorted(set(names) - done):
                    done.add(k)
                    self._defined(path, k, solver, variable, polynomial)
        except TooLarge:
            if more:
                raise
            return None
        try:
            answer = str(solver.check())
        except z3.Z3Exception:
            return None
        if answer == "sat" and keep:
            self._keep(path, solver.model(), names)
        return answer if answer in ("sat", "unsat") else None

    def _defined(self, path: Path, k: int, solver: Any, variable: Any, polynomial: Any) -> None:
        """What an unknown is by itself: its sign, its square, and for singular values what determines them."""
        unknown = path.pool.unknowns[k]
        x = variable(k)
        if unknown.nonnegative:
            solver.add(x >= 0)
        definition = path.definitions.get(path.pool.variable(k).number, ())
        if unknown.atom == "root" and definition:
            square = path.roots.get(k)
            if square is not None:
                n, d = path.forms.of(square)
                solver.add(x * x * polynomial(d) == polynomial(n))
                if not d.is_constant():
                    solver.add(polynomial(d) != 0)
            return
        if unknown.square is not None:
            n, d = path.forms.of(unknown.square)
            solver.add(x * x * polynomial(d) == polynomial(n))
        for fact in definition:
            n, d = path.forms.of(fact.term)
            solver.add(_relation(fact.kind, polynomial(n * d if fact.kind != "zero" else n)))

    def _keep(self, path: Path, model: Any, names: dict[int, Any]) -> None:
        values: dict[int, Fraction] = {}
        for k, unknown in enumerate(path.pool.unknowns):
            if unknown.atom:
                continue
            value = model.eval(names[k], model_completion=True) if k in names else None
            if value is None:
                values[k] = Fraction(0)
            elif self.z3.is_rational_value(value):
                values[k] = Fraction(value.numerator_as_long(), value.denominator_as_long())
            elif self.z3.is_algebraic_value(value):
                near = value.approx(30)
                values[k] = Fraction(near.numerator_as_long(), near.denominator_as_long())
            else:
                return
        self.models.append((self.chart, values))


def _relation(kind: str, x: Any) -> Any:
    return {
        "zero": x == 0,
        "nonzero": x != 0,
        "positive": x > 0,
        "nonnegative": x >= 0,
        "nonpositive": x <= 0,
        "negative": x < 0,
    }[kind]
