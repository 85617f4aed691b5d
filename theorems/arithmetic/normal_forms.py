"""Normal forms of terms: a numerator and a denominator without common factor, in FLINT's polynomials.

Unknowns whose square is known (roots, sines) occur to the first power at most.  Two terms with the same normal form are
equal wherever both are defined; a form that grows beyond `LARGEST` is given up, never guessed.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx

from theorems.arithmetic.terms import Pool, Term
from theorems.errors import Unsupported

#: Monomials of a polynomial, and of the factors of a product together, at most.
LARGEST, LARGEST_PRODUCT = 6_000, 60_000
#: Unknowns that may still come when the first form is taken: roots, singular values.
SPARE = 32


class TooLarge(Unsupported):
    """A normal form has more monomials than we expand."""


class NormalForms:
    """The normal forms of the terms of one pool."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.room = len(pool.unknowns) + SPARE
        self.ring = fmpq_mpoly_ctx.get([f"x{k}" for k in range(self.room)], Ordering.degrevlex)
        self.gens = self.ring.gens()
        self.one = self.ring.constant(1)
        self._forms: dict[int, tuple[Any, Any] | None] = {}

    def of(self, term: Term) -> tuple[Any, Any]:
        """(numerator, denominator) of a term.  Raises `TooLarge`."""
        todo = [term.number]
        while todo:
            number = todo[-1]
            if number in self._forms:
                todo.pop()
                continue
            node = self.pool.nodes[number]
            missing = [i for i in node[1:] if i not in self._forms] if node[0] in "+*/" else []
            if missing:
                todo += missing
                continue
            todo.pop()
            try:
                self._forms[number] = self._made(node)
            except TooLarge:
                self._forms[number] = None
        found = self._forms[term.number]
        if found is None:
            raise TooLarge("a formula that is too large to expand")
        return found

    def _made(self, node: tuple[Any, ...]) -> tuple[Any, Any]:
        if node[0] == "c":
            return self.ring.constant(fmpq(node[1].numerator, node[1].denominator)), self.one
        if node[0] == "x":
            if node[1] >= self.room:
                raise TooLarge("more roots and singular values than we have room for")
            return self.gens[node[1]], self.one
        left, right = self._forms[node[1]], self._forms[node[2]]
        if left is None or right is None:
            raise TooLarge("a formula that is too large to expand")
        (n, d), (m, e) = left, right
        if node[0] == "+":
            if d == e:
                return self.lowest(n + m, d)
            g = d.gcd(e)
            d_, e_ = d / g, e / g
            return self.lowest(self.times(n, e_) + self.times(m, d_), self.times(d, e_))
        if node[0] == "/":
            m, e = e, m
        return self.lowest(self.times(n, m), self.times(d, e))

    def times(self, p: Any, q: Any) -> Any:
        """A product, reduced.  Raises `TooLarge`."""
        if len(p) * len(q) > LARGEST_PRODUCT:
            raise TooLarge("a formula that is too large to expand")
        r = self._reduced(p * q)
        if len(r) > LARGEST:
            raise TooLarge("a formula that is too large to expand")
        return r

    def lowest(self, n: Any, d: Any) -> tuple[Any, Any]:
        """n / d in lowest terms, the denominator with leading coefficient one."""
        if n.is_zero():
            return n, self.one
        if not d.is_constant():
            g = n.gcd(d)
            if not g.is_one():
                n, d = n / g, d / g
        if d.is_zero():
            raise TooLarge("a denominator that vanishes once squares are put in")
        c = d.leading_coefficient()
        return (n, d) if c == 1 else (n / c, d / c)

    def _reduced(self, p: Any) -> Any:
        """p with every square that is known put in, the latest unknowns first.

        A square that is a quotient is put in through its numerator and denominator, so that p is then multiplied with a
        power of that denominator: a zero stays a zero.  Only squares without a denominator are put in here.
        """
        degrees = p.degrees()
        for k in range(min(len(self.pool.unknowns), self.room) - 1, -1, -1):
            square = self.pool.unknowns[k].square
            if square is None or degrees[k] < 2:
                continue
            n, d = self.of(square)
            if not d.is_constant():
                continue
            result: dict[int, dict[tuple[int, ...], Any]] = {}
            for exponents, coefficient in p.to_dict().items():
                q, rest = divmod(exponents[k], 2)
                key = (*exponents[:k], rest, *exponents[k + 1 :])
                result.setdefault(q, {})[key] = coefficient
            power, p = self.one, self.ring.constant(0)
            for q in range(max(result) + 1):
                if q in result:
                    part = self.ring.from_dict(result[q])
                    if len(part) * len(power) > LARGEST_PRODUCT:
                        raise TooLarge("a formula that is too large to expand")
                    p = p + part * power
                power = power * n
            degrees = p.degrees()
        return p

    def zero(self, term: Term) -> bool:
        """Whether a term is zero wherever it is defined.  Raises `TooLarge`."""
        if self.pool.values[term.number] != 0 and not self.pool.with_atoms[term.number]:
            return False  # a value that is not zero is proof enough
        return bool(self.of(term)[0].is_zero())

    def key(self, term: Term) -> str:
        """A text that two terms share exactly when they have one normal form.  Raises `TooLarge`."""
        n, d = self.of(term)
        return f"{n}/{d}"


def rational(q: Any) -> Fraction:
    """A coefficient of FLINT as a Fraction."""
    return Fraction(int(q.p), int(q.q))
