"""Subscripts, primes, stars and exponents."""

from __future__ import annotations

import re
from abc import abstractmethod

from theorems.page.cursor import Cursor
from theorems.page.tokens import GREEK, SIGNS, Token
from theorems.page.trees import Accent, Atom, Fence, Node, Row, Scripts

#: Two indices, or a product of ranks, written as one subscript.
PAIRS = ("ii", "ij", "ji", "kl", "kj", "jk", "il", "lj", "RL", "Rl", "RM", "DL")


class ScriptReader(Cursor):
    """Reads what is attached to an atom."""

    @abstractmethod
    def _group(self) -> Node | None:
        """Something in brackets."""

    def _scripted(self, base: Node) -> Node:
        """The base with the subscripts, primes, stars and exponents that follow it."""
        sub: Node | None = None
        above: list[Node] = []
        while (token := self._peek()) is not None and not token.gap:
            start = self.at
            behind = self.found[self.at + 1] if self.at + 1 < len(self.found) else None
            if token.kind == "sub" and sub is None:
                self.at += 1
                sub = self._subscript(token)
            elif token.kind == "prime":
                self.at += 1
                above.append(Atom("sign", "′" * len(token.text)))
            elif token.text == "*" and token.after | (behind is not None and behind.kind in ("close", "bars", "comma")
                                                     ) and isinstance(base, Atom | Accent):  # fmt: skip
                self.at += 1
                above.append(Atom("sign", "∗"))
            elif token.text == "!" and (behind is None or behind.kind != "relation"):
                self.at += 1
                base = Row("apply", (_joined(base, sub, above), Atom("sign", "!")))
                sub, above = None, []
            elif token.text == "_" and sub is None and behind is not None and behind.text == "{":
                self.at += 1
                sub = self._braced()
            elif token.text == "^" and not self._is_minimum(token):
                self.at += 1
                exponent = self._exponent()
                if exponent is not None:
                    above.append(exponent)
            else:
                break
            if self.at == start or (token.kind == "script" and self.at == start + 1):
                self.at = start
                break
        return _joined(base, sub, above)

    def _subscript(self, token: Token) -> Node:
        text = token.text[1:]
        behind = self._peek()
        if text in ("min", "max") and behind is not None and behind.text == "(" and not behind.gap:
            start = self.at
            group = self._group()
            if isinstance(group, Fence) and isinstance(group.body, Row) and group.body.kind == "list":
                return Row("apply", (Atom("function", text), group))
            self.at = start
        if text == "*":
            return Atom("sign", "∗")
        if text.isdigit():
            return Atom("number", text)
        if text in GREEK or len(text) == 1:
            return Atom("name", GREEK.get(text, text))
        if text in PAIRS or re.fullmatch(r"\d+[A-Za-z]", text):
            return Row("product", tuple(Atom("number" if c.isdigit() else "name", c) for c in text))
        return Atom("word", text)

    def _braced(self) -> Node | None:
        """``{...}`` behind "_" or "^", without the braces."""
        start = self.at
        group = self._group()
        if isinstance(group, Fence) and group.close == "}":
            return group.body
        self.at = start
        return None

    def _exponent(self) -> Node | None:
        token = self._peek()
        if token is None or token.gap:
            return None
        if token.text == "{":
            return _transposed(self._braced())
        start = self.at
        sign: list[Node] = []
        if token.text in "+-*" and token.kind == "sign":
            self.at += 1
            sign = [Atom("sign", SIGNS[token.text] if token.text != "*" else "∗")]
            token = self._peek()
            if sign == [Atom("sign", "∗")]:
                return sign[0]
            ends = token is None or token.gap
            if sign == [Atom("sign", "+")] and (ends or (token is not None and token.kind not in ("name", "number"))):
                return sign[0]  # a pseudo-inverse
            if token is None or ends:
                self.at = start
                return None
        value: Node | None = None
        if token.text == "T":
            self.at += 1
            value = Atom("transpose", "⊤")
        elif token.kind == "word" and token.text == "perp":
            self.at += 1
            value = Atom("sign", "⊥")
        elif token.kind in ("name", "number"):
            self.at += 1
            value = Atom(token.kind, GREEK.get(token.text, token.text))
            behind = self._peek()
            if token.kind == "name" and behind is not None and behind.kind == "sub" and not behind.gap:
                self.at += 1
                value = Scripts(value, self._subscript(behind))
        elif token.text == "(":
            group = self._group()
            value = group.body if isinstance(group, Fence) else None
        if value is None:
            self.at = start
            return None
        return Row("apply", (*sign, value)) if sign else value


def _transposed(exponent: Node | None) -> Node | None:
    """In an exponent a lone T is a transpose: ``{-T}``."""
    match exponent:
        case Atom("name", "T"):
            return Atom("transpose", "⊤")
        case Row("apply", (Atom("prefix", sign), Atom("name", "T"))):
            return Row("apply", (Atom("prefix", sign), Atom("transpose", "⊤")))
        case _:
            return exponent


def _joined(base: Node, sub: Node | None, above: list[Node]) -> Node:
    if sub is None and not above:
        return base
    sup = None if not above else above[0] if len(above) == 1 else Row("apply", tuple(above))
    return Scripts(base, sub, sup)
