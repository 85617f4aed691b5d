"""What is known of the terms on one path through a statement: hypotheses, decisions, definitions.

A comparison that neither the normal form nor what is known decides is a fork: the path assumes one answer, and the
other is for another path.  Nothing is ever decided by a value.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from theorems.arithmetic.normal_forms import NormalForms, TooLarge, rational
from theorems.arithmetic.terms import Pool, Term
from theorems.errors import Undefined, Unsupported

Signs = frozenset[int]
ANY: Signs = frozenset((-1, 0, 1))
#: The signs that a kind of question asks for.
ASKED: dict[str, Signs] = {
    "zero": frozenset((0,)),
    "positive": frozenset((1,)),
    "nonnegative": frozenset((0, 1)),
    "nonzero": frozenset((-1, 1)),
    "nonpositive": frozenset((-1, 0)),
    "negative": frozenset((-1,)),
}
OPPOSITE = {
    "zero": "nonzero",
    "nonzero": "zero",
    "positive": "nonpositive",
    "nonpositive": "positive",
    "nonnegative": "negative",
    "negative": "nonnegative",
}
#: Polynomials of more monomials than this are not factored.
FACTORED = 300
#: Roots that are squared away one after the other, at most.
DEEP = 3


class Forked(Exception):
    """A comparison that is not decided, on a run that may not fork."""


class OutOfTime(Unsupported):
    """The time for a proof is over."""


class Contradiction(Exception):
    """What is assumed contradicts what is known: no case lies on this path."""


@dataclass(frozen=True)
class Fact:
    """That a term is "zero", "nonzero", "positive", "nonnegative", ...; `why` says where it comes from."""

    kind: str
    term: Term
    why: str


@dataclass(frozen=True)
class Closed:
    """The side of a decision on which no case lies: at that place among the decisions, after so many facts and roots,
    the term would be of that kind, which the hint excludes."""

    place: int
    facts: int
    roots: int
    kind: str
    term: Term
    hint: Any


def negated(signs: Signs) -> Signs:
    """The signs of the negative."""
    return frozenset(-s for s in signs)


def multiplied(a: Signs, b: Signs) -> Signs:
    """The signs of a product."""
    return frozenset(s * t for s in a for t in b)


class Path:
    """The facts on one path, in order, and the answers that it was told to assume at its forks.

    answers  what to assume at the forks, in order; beyond them a fork assumes yes, or raises `Forked` with `forks` 0
    assumed  what was assumed at each fork
    probable the terms taken for zero because their values are, where a normal form is too large
    """

    def __init__(self, pool: Pool, forms: NormalForms, answers: Sequence[bool] = (), *, forks: int = 0) -> None:
        self.pool, self.forms = pool, forms
        self.answers, self.forks = tuple(answers), forks
        self.assumed: list[bool] = []
        self.facts: list[Fact] = []
        self.end: float | None = None  # by the time of this process
        self.definitions: dict[int, tuple[Fact, ...]] = {}
        self.roots: dict[int, Term] = {}  # what the square of a root is, by the number of its unknown
        self.squares: Any = None  # a search for sums of squares: (polynomial, numbers that are not negative) -> squares
        self.probable: list[Term] | None = None
        self.answering: Any = None  # (kind, term) -> an answer that asks later, where a question is open
        self.entails: Any = None  # a solver's opinion: (path, kind, term) -> True, False, None
        self._zeros: list[tuple[int, Any]] = []  # polynomials that are zero, by the number of their fact
        self.shows: Any = None  # combinations of facts: (path, kind, term) -> (answer, hint) or None
        self.closed: list[Closed] = []  # sides of forks on which no case lies
        self.hinting: Any = None  # (kind, term) -> how that is seen now
        self.root_hints: dict[int, Any] = {}  # how it was seen that a root could be taken, by the number of its unknown
        self._dividing = False
        self._signs: dict[str, Signs] = {}
        self._sources: dict[str, list[tuple[str, int]]] = {}  # the facts that say so, as hints for a replay

    # what is known

    def signs(self, term: Term) -> Signs:
        """The signs that the term may have.  Raises `TooLarge`."""
        n, d = self.forms.of(term)
        return multiplied(self._of(n), self._of(d) - {0})

    def _of(self, p: Any) -> Signs:
        if p.is_constant():
            c = p.leading_coefficient() if not p.is_zero() else 0
            return frozenset(((c > 0) - (c < 0),))
        known = self._known(p) & self._visible(p)
        if len(known) == 1 or len(p) > FACTORED:
            return known
        constant, factors = p.factor()
        if len(factors) == 1 and factors[0][1] == 1:
            return known & self._modulo(p) or known
        signs: Signs = frozenset((1 if constant > 0 else -1,))
        for factor, exponent in factors:
            own = self._known(factor) & self._visible(factor)
            signs = multiplied(signs, own if exponent % 2 else frozenset(s * s for s in own))
        known = known & signs or known
        return known if len(known) == 1 else known & self._modulo(p) or known

    def reduced(self, p: Any) -> tuple[list[tuple[int, Any]], Any]:
        """p modulo the facts that something is zero: (quotients by the number of the fact, remainder)."""
        quotients: dict[int, Any] = {}
        changed = bool(self._zeros)
        while changed:
            changed = False
            for i, f in self._zeros:
                q, r = divmod(p, f)
                if not q.is_zero():
                    quotients[i] = quotients[i] + q if i in quotients else q
                    p, changed = r, True
        return list(quotients.items()), p

    def _modulo(self, p: Any) -> Signs:
        """The signs of what is left of p modulo what is zero."""
        if not self._zeros or self._dividing:
            return ANY
        quotients, rest = self.reduced(p)
        if not quotients or len(rest) > len(p) + 50:
            return ANY
        self._dividing = True
        try:
            return self._of(rest)
        finally:
            self._dividing = False

    def _key(self, p: Any) -> tuple[str, bool]:
        lead = p.leading_coefficient()
        return str(p / lead), lead < 0

    def _known(self, p: Any) -> Signs:
        key, flipped = self._key(p)
        signs = self._signs.get(key, ANY)
        return negated(signs) if flipped else signs

    def _visible(self, p: Any) -> Signs:
        """What the coefficients show: all of one sign, on monomials that are not negative."""
        signs: set[int] = set()
        constant = False
        for exponents, coefficient in p.to_dict().items():
            positive = True
            for k, exponent in enumerate(exponents):
                if exponent:
                    own = self._variable(k)
                    positive = positive and 0 not in own
                    if exponent % 2 and own != frozenset((1,)) and not own <= {0, 1}:
                        return ANY
            signs.add(1 if coefficient > 0 else -1)
            constant = constant or positive
        if len(signs) > 1:
            return ANY
        return frozenset(signs) if constant else frozenset((*signs, 0))

    def _variable(self, k: int) -> Signs:
        signs = self._signs.get(f"x{k}", ANY)
        unknown = self.pool.unknowns[k] if k < len(self.pool.unknowns) else None
        return signs & {0, 1} if unknown is not None and unknown.nonnegative else signs

    def zero(self, term: Term) -> bool:
        """Whether the term is identically zero: by its normal form, or where that is too large and the run may, by its
        value at a random point, which is then noted."""
        if term.fixed is not None:
            return term.fixed == 0
        try:
            return self.forms.zero(term)
        except TooLarge:
            if self.probable is None or self.pool.with_atoms[term.number]:
                raise
            if self.pool.values[term.number] != 0:
                return False
            self.probable.append(term)
            return True

    def known(self, kind: str, term: Term) -> bool | None:
        """Whether what is known says that the term is of that kind; None where it does not tell."""
        if kind in ("nonnegative", "negative") and self.pool.visible[term.number]:
            return kind == "nonnegative"
        if kind in ("zero", "nonzero", "nonnegative", "nonpositive") and self.zero(term):
            return kind != "nonzero"
        try:
            signs = self.signs(term)
        except TooLarge:
            return None
        wanted = ASKED[kind]
        if signs <= wanted:
            return True
        if not signs & wanted:
            return False
        if kind in ("nonnegative", "positive", "nonpositive", "negative"):
            try:
                n, d = self.forms.of(term)
                below = self._of(d) - {0}
                if len(below) == 1:
                    strict = kind in ("positive", "negative")
                    side = 1 if kind in ("positive", "nonnegative") else -1
                    return True if self._by_squares(n * (side * min(below)), strict, DEEP) else None
            except TooLarge:
                return None
        return None

    def signs_of(self, p: Any) -> Signs:
        """The signs that a polynomial may have."""
        return self._of(p)

    def visible(self, p: Any) -> Signs:
        """The signs that its coefficients show."""
        return self._visible(p)

    def sources(self, p: Any) -> list[Any]:
        """The facts that say something of a polynomial, as hints: ("fact", i) is a multiple of it; ("divides", i, q), q
        times it, is not zero; ("over", i, q), q times it, has a sign, and q has one."""
        hints: list[Any] = []
        for word, i in self._sources.get(self._key(p)[0], ()):
            hints.append((word, i) if word == "fact" else (word, i, self.polynomial_of(self.facts[i]) / p))
        return hints

    def polynomial_of(self, fact: Fact) -> Any:
        """The polynomial whose sign a fact is about.  Raises `TooLarge`."""
        n, d = self.forms.of(fact.term)
        return n if fact.kind in ("zero", "nonzero") or d.is_constant() else self.forms.times(n, d)

    def last_root(self, n: Any) -> int | None:
        """The latest root that occurs to the first power."""
        return max((k for k, e in enumerate(n.degrees()) if e == 1 and self._is_root(k)), default=None)

    def split(self, n: Any, k: int) -> tuple[Any, Any, Any]:
        """p, q and p^2 - q^2 t of n = p + q r, where r is unknown k and t its square."""
        square = self.pool.unknowns[k].square
        assert square is not None
        parts: dict[bool, dict[tuple[int, ...], Any]] = {False: {}, True: {}}
        for exponents, c in n.to_dict().items():
            parts[bool(exponents[k])][(*exponents[:k], 0, *exponents[k + 1 :])] = c
        p, q = (self.forms.ring.from_dict(parts[with_root]) for with_root in (False, True))
        t, _ = self.forms.of(square)
        return p, q, self.forms.times(p, p) - self.forms.times(self.forms.times(q, q), t)

    def _by_squares(self, n: Any, strict: bool, depth: int) -> bool:
        """Whether n > 0 (or n >= 0), where a root r = sqrt(t) occurs in it: n = p + q r by the signs of p, q and of
        p^2 - q^2 t."""
        signs = self._of(n)
        if signs <= ({1} if strict else {0, 1}):
            return True
        if not signs & {1}:
            return False
        k = self.last_root(n)
        if k is None:
            return not strict and self.squares is not None and self.squares_of(n, self.squares) is not None
        if depth == 0:
            return False
        p, q, more = self.split(n, k)

        def holds(x: Any, strictly: bool) -> bool:
            return bool(x.is_zero() and not strictly) or self._by_squares(x, strictly, depth - 1)

        if holds(p, False) and holds(more, strict):
            return True
        return holds(q, False) and holds(-more, strict)

    def sign_by_squares(self, n: Any, squares: Any) -> bool:
        """Whether n >= 0 by sums of squares that `squares` finds, roots squared away first."""
        self.squares = squares
        try:
            return self._by_squares(n, False, DEEP)
        except TooLarge:
            return False
        finally:
            self.squares = None

    def squares_of(self, n: Any, squares: Any) -> Any:
        """n as a sum of squares, numbers that are known to be not negative being squares themselves; or None."""
        if len(n) > FACTORED:
            return None
        p = {m: rational(c) for m, c in n.to_dict().items()}
        signed = [k for k in range(len(self.pool.unknowns)) if self._variable(k) <= {0, 1}]
        return squares(p, signed)

    def _is_root(self, k: int) -> bool:
        unknown = self.pool.unknowns[k] if k < len(self.pool.unknowns) else None
        return unknown is not None and unknown.atom == "root" and unknown.square is not None

    # decisions

    def in_time(self) -> None:
        """Raises `OutOfTime` when the time is over."""
        if self.end is not None and time.process_time() > self.end:
            raise OutOfTime("the time is over")

    def question(self, kind: str, term: Term) -> Any:
        """The answer to a question where it is known; else one that asks later, or the answer after a fork."""
        if self.answering is None:
            return self.ask(kind, term)
        try:
            known = self.known(kind, term)
        except TooLarge:
            known = None
        return self.answering(kind, term) if known is None else known

    def ask(self, kind: str, term: Term) -> bool:
        """The answer to a question of the statement; a fork where it is open."""
        self.in_time()
        known = self.known(kind, term)
        if known is not None:
            return known
        settled = self.settled(kind, term)
        if settled is not None:
            return settled
        if self.forks <= 0 and len(self.assumed) >= len(self.answers):
            raise Forked(f"a comparison that depends on the case ({kind}?)")
        if self.entails is not None and len(self.assumed) >= len(self.answers):
            known = self.entails(self, kind, term)
            if known is not None:
                self.suppose(kind if known else OPPOSITE[kind], term, "entailed")
                return bool(known)
        place = len(self.assumed)
        answer = self.answers[place] if place < len(self.answers) else True
        self.assumed.append(answer)
        if place >= len(self.answers):
            self.forks -= 1
        self.suppose(kind if answer else OPPOSITE[kind], term, "decision")
        return answer

    def settled(self, kind: str, term: Term) -> bool | None:
        """The answer to an open question that a combination of facts gives, if one does.

        It is noted as a decision, and the other side of it as a path on which no case lies.
        """
        found = None if self.shows is None else self.shows.settled(self, kind, term)
        if found is None:
            return None
        answer, hint = found
        side = OPPOSITE[kind] if answer else kind
        self.closed.append(Closed(len(self.assumed), len(self.facts), len(self.roots), side, term, hint))
        self.assumed.append(answer)
        self.suppose(OPPOSITE[side], term, "decision")
        return bool(answer)

    def divided(self, by: Term) -> None:
        """A quotient was formed: the statement is about cases in which its denominator is not zero."""
        try:
            if self.zero(by):
                raise Undefined("a division by zero")
            known = self.known("nonzero", by)
        except TooLarge:
            known = None
        if known is not True:
            self.suppose("nonzero", by, "a quotient is formed")

    def suppose(self, kind: str, term: Term, why: str) -> None:
        """Add a fact.  Raises `Contradiction` where it contradicts what is known."""
        self.facts.append(Fact(kind, term, why))
        try:
            n, d = self.forms.of(term)
        except TooLarge:
            return
        bottom = self._of(d) - {0}
        wanted = ASKED[kind]
        whole = kind in ("zero", "nonzero")  # whether n is all that a replay looks at
        if len(bottom) != 1 and whole:
            bottom = frozenset((1,))
        if len(bottom) != 1:
            n, bottom, whole = self.forms.times(n, d), frozenset((1,)), True
        signs = multiplied(wanted, bottom)
        if n.is_constant():
            if not self._of(n) & signs:
                raise Contradiction
            return
        now = self._of(n) & signs
        if not now:
            raise Contradiction
        key, flipped = self._key(n)
        self._signs[key] = negated(now) if flipped else now
        word = "fact" if d.is_constant() or whole else "over"
        self._sources.setdefault(key, []).append((word, len(self.facts) - 1))
        if kind == "zero" and len(n) <= FACTORED and not any(sum(map(bool, m)) > 40 for m in n.monoms()):
            self._zeros.append((len(self.facts) - 1, n))
        if len(n) <= FACTORED:
            self._spread(n, now)

    def _spread(self, n: Any, now: Signs) -> None:
        """What a sign of a product says of its factors: none is zero where it is not, and a lone one has its sign."""
        constant, factors = n.factor()
        if 0 not in now:
            for factor, _ in factors:
                key, _ = self._key(factor)
                self._signs[key] = self._signs.get(key, ANY) - {0}
                self._sources.setdefault(key, []).append(("divides", len(self.facts) - 1))
        if len(factors) == 1:
            factor, exponent = factors[0]
            key, flipped = self._key(factor)
            if now == {0}:
                self._signs[key] = frozenset((0,))
            elif exponent % 2:
                own = negated(now) if (constant < 0) != flipped else now
                self._signs[key] = self._signs.get(key, ANY) & own

    def rooted(self, k: int, x: Term) -> None:
        """Note that unknown number k is the root of a term that is known to be at least zero."""
        self.roots[k] = x
        if self.hinting is not None:
            self.root_hints[k] = self.hinting("nonnegative", x)

    def define(self, atom: Term, facts: Sequence[Fact]) -> None:
        """Note what an atom is: facts that determine it, wherever what it is made of is defined."""
        self.definitions.setdefault(atom.number, tuple(facts))
