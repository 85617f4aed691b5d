"""A reader of plain-text mathematics: from tokens to a tree, as far as they go.

The grammar, loosest first: relations, ranges, sums, the minimum ("R ^ S"), products and quotients, prefixes ("rank Q",
"sum_{i <= r} a_i"), and atoms with their scripts.  A formula in a sentence ends where the next word begins; what
cannot be read ends it as well, and nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from theorems.page.cursor import opens_angle
from theorems.page.scripts import ScriptReader
from theorems.page.tokens import BIG, GREEK, MARKS, OPERANDS, RELATIONS, SIGNS, Token, tokens
from theorems.page.trees import Accent, Atom, Fence, Node, Quotient, Root, Row

_CLOSING = {"(": ")]", "[": "])", "{": "}"}
#: In a sentence these are words, unless brackets follow: "adapters of rank R in L layers".
_SPOKEN = ("rank", "range", "span", "risk", "vec", "arg")
#: What follows an E that is an expectation.
_RANDOM = r" (?:\|\||\||([xz]) \1\^T|x\^T|xi\b|w_T|L\(|E\b|z\b|z-bar\b)|\["
_DEPTH = 40  # of nesting; what is deeper is no formula that anyone reads


def formula(text: str) -> Node | None:
    """The tree of a text that is one formula and nothing else; None where it is not."""
    found = tokens(text)
    if not found:
        return None
    reader = Reader(found, text)
    node = reader.relation()
    return node if node is not None and reader.at == len(found) else None


class Reader(ScriptReader):
    """Every method reads what it names and returns its tree, or None with the cursor unmoved."""

    def relation(self) -> Node | None:
        """``a <= b < c``, ``x in X``, ``A -> B``."""
        return self._chain("relation", self.span, self._relation_sign)

    def span(self) -> Node | None:
        """``0..D``."""
        return self._chain("list", self.sum, self._range_sign)

    def sum(self) -> Node | None:
        """``a + b - c``, with a sign in front where there is one."""
        return self._signed(lambda: self._chain("sum", self.minimum, self._additive_sign))

    def minimum(self) -> Node | None:
        """``R ^ S``, the smaller of both."""
        return self._chain("sum", self.product, lambda: self._sign({"^"}))

    def _chain(self, kind: str, operand: Callable[[], Node | None], sign: Callable[[], Atom | None]) -> Node | None:
        first = operand()
        if first is None:
            return None
        parts: list[Node] = [first]
        while True:
            start = self.at
            between = sign()
            right = self._tried(operand) if between else None
            if between is None or right is None:
                self.at = start
                return Row(kind, tuple(parts)) if len(parts) > 1 else first
            parts += [between, right]

    def product(self) -> Node | None:
        """Factors side by side, "/" with the single factor behind it, and the signs of products."""
        first = self._tried(self.factor)
        if first is None:
            return None
        parts: list[Node] = [first]
        while True:
            start = self.at
            token = self._peek()
            if token is None:
                break
            between = self._sign({"/", "*", "x", "(x)", "o", "."})
            if between is not None:
                right = self._tried(self.factor)
                if right is None:
                    self.at = start
                    break
                if between.text == SIGNS["/"]:
                    above = parts[0] if len(parts) == 1 else Row("product", tuple(parts))
                    parts = [Quotient(above, right)]
                else:
                    parts += [between, right]
                continue
            right = self._tried(self.factor) if self._may_follow(token) else None
            if right is None:
                self.at = start
                break
            if isinstance(parts[-1], Quotient):
                parts[-1] = Quotient(parts[-1].above, parts[-1].below, simple=False)
            parts.append(right)
        return Row("product", tuple(parts)) if len(parts) > 1 else parts[0]

    def factor(self) -> Node | None:
        """A prefix with its argument, or an atom with its scripts."""
        token = self._peek()
        if token is None:
            return None
        if token.kind == "function" or token.kind == "big":
            return self._prefixed(token)
        base = self._atom(token)
        return None if base is None else self._scripted(base)

    def _prefixed(self, token: Token) -> Node | None:
        """A function or a large operator, with its scripts and its argument."""
        start = self.at
        self.at += 1
        if token.kind == "big":
            head: Node = self._scripted(Atom("big", BIG[token.text]))
            behind = self._peek()
            twice = isinstance(head, Atom) and behind is not None and behind.kind == "big"  # "the sum prod W + E"
            right = None if twice else self._tried(self.factor)
            if right is None:
                self.at = start
                return None
            return Row("apply", (head, right))
        head = self._scripted(Atom("function", token.text))
        behind = self._peek()
        bare = isinstance(head, Atom)
        if behind is not None and behind.text == "(" and not behind.gap:
            group = self._group()
            if group is not None:
                assert isinstance(group, Fence)
                return self._scripted(_applied(token.text, head, group) if bare else Row("apply", (head, group)))
        right = None
        spoken = bare and token.text in _SPOKEN and not (self.depth or self.bars or self._after_operator(start))
        if behind is not None and not spoken and self._is_argument(behind, token.text):
            right = self._tried(self.factor)
        if right is not None:
            return Root(right) if token.text == "sqrt" and bare else Row("apply", (head, right))
        beside = behind is not None and behind.kind == "relation" and behind.gap and behind.after
        if not bare or self.depth or self.bars or beside or self._after_operator(start):
            return head
        self.at = start
        return None

    def _atom(self, token: Token) -> Node | None:
        kind, text = token.kind, token.text
        if kind == "name" and not self._is_article(token):
            self.at += 1
            return self._name(token)
        if kind == "accent":
            self.at += 1
            return Accent(Atom("name", text[0]), MARKS[text[1:].removeprefix("-")])
        if kind == "number" and not self._is_label(token):
            self.at += 1
            ones = re.match(r"1(?:\^T| 1\^T| v\^T)", text + self._rest(token))
            return Atom("name", "𝟏") if text == "1" and ones else Atom("number", text)
        if kind == "dots":
            self.at += 1
            return Atom("sign", "…")
        if kind == "word" and text in OPERANDS and (self.depth or self.bars or self._is_operand()):
            self.at += 1
            return Atom("word", text)
        if text == "." and self.bars and not token.gap and self.found[self.at - 1].kind == "bars":
            self.at += 1
            return Atom("sign", "·")
        if kind == "open":
            return self._group()
        if kind == "bars":
            return self._norm(token)
        if token.text == "<" and not token.after:
            return self._inner_product()
        return None

    def _name(self, token: Token) -> Node:
        text = token.text
        if text == "E" and not self._is_scripted(token):
            rest = self._rest(token)
            if re.match(_RANDOM, rest) or (self.random and re.match(r" x\b|\(x\)| \(x", rest)):
                return Atom("function", "𝔼")
        if text == "R" and re.match(r"\^(?:[mndDk]\b|[1-9]\b|\{[^}]* x )", self._rest(token)):
            return Atom("function", "ℝ")
        return Atom("name", GREEK.get(text, text))

    def _group(self) -> Node | None:
        """``(a, b)``, ``[D]``, ``{a : b}``."""
        start, token = self.at, self.found[self.at]
        if start in self.failed:
            return None
        closing = _CLOSING[token.text]
        if token.text == "(" and re.match(r"\(s\)", token.text + self._rest(token)) and not token.gap:
            return None
        self.at += 1
        bars, self.bars = self.bars, []
        angles, self.angles = self.angles, 0
        self.depth += 1
        body = self._items() if self.depth < _DEPTH else None
        self.depth -= 1
        self.bars, self.angles = bars, angles
        end = self._peek()
        if body is None or end is None or end.kind != "close" or end.text not in closing:
            self.at = start
            self.failed.add(start)
            return None
        self.at += 1
        return Fence(token.text, body, end.text)

    def _items(self) -> Node | None:
        """What may stand within brackets and scripts: relations with commas, colons, semicolons and ranges between."""
        first = self._leading() or self.relation()
        if first is None:
            return None
        parts: list[Node] = [first]
        while (token := self._peek()) is not None and token.kind == "comma":
            start = self.at
            self.at += 1
            right = self._tried(self.relation)
            if right is None:
                self.at = start
                break
            parts += [Atom("comma" if token.text in ",;" else "sign", token.text), right]
        return Row("list", tuple(parts)) if len(parts) > 1 else first

    def _leading(self) -> Node | None:
        """A relation without a left side: ``{<l}``."""
        start = self.at
        token = self._peek()
        if token is not None and token.kind == "relation" and token.text != "in" and self.depth:
            self.at += 1
            right = self.sum()
            if right is not None and (end := self._peek()) is not None and end.text == "}":
                return Row("relation", (Atom("sign", RELATIONS[token.text]), right))
        self.at = start
        return None

    def _norm(self, token: Token) -> Node | None:
        """``||A x||`` or ``|a|``."""
        if self.bars and self.bars[-1] == token.text:
            return None  # it closes
        start = self.at
        self.at += 1
        self.bars.append(token.text)
        body = self.relation() if len(self.bars) < _DEPTH else None
        self.bars.pop()
        end = self._peek()
        if body is None or end is None or end.kind != "bars" or end.text != token.text:
            self.at = start
            return None
        self.at += 1
        sign = "‖" if token.text == "||" else "|"
        return Fence(sign, body, sign)

    def _inner_product(self) -> Node | None:
        """``<G, H>``."""
        start = self.at
        self.at += 1
        self.angles += 1
        left = self.sum() if self.angles < _DEPTH else None
        comma = self._peek()
        right = None
        if left is not None and comma is not None and comma.text == ",":
            self.at += 1
            right = self.sum()
        self.angles -= 1
        end = self._peek()
        if left is None or right is None or end is None or end.text != ">":
            self.at = start
            return None
        self.at += 1
        return Fence("⟨", Row("list", (left, Atom("comma", ","), right)), "⟩")

    def _signed(self, operand: Callable[[], Node | None]) -> Node | None:
        start = self.at
        token = self._peek()
        if token is None or token.text not in ("+", "-", "+-") or token.kind != "sign":
            return operand()
        if token.after and not (self.depth or self.bars):
            return None  # a dash
        self.at += 1
        body = operand()
        if body is None:
            self.at = start
            return None
        return Row("apply", (Atom("prefix", SIGNS[token.text]), body))

    def _may_follow(self, token: Token) -> bool:
        """Whether a token may begin the next factor of a product."""
        before = self.found[self.at - 1]
        ones = re.match(r"[1v]\^T", token.text + self._rest(token))
        if before.text == "1" and token.gap and token.kind != "open" and not ones:
            return False  # "for L = 1 the sum ..."
        if token.text == "f" and token.gap and before.kind == "number":
            return False  # "for D = 2 f is constant"
        if token.kind == "number":
            return token.text == "1" and bool(ones)
        if token.kind == "dots":
            return True
        if token.kind == "bars":
            return not (self.bars and self.bars[-1] == token.text) and (token.gap or not token.after)
        if token.kind == "open":
            if token.text == "{":
                return False
            if token.gap and not self.depth:
                return token.text == "(" and self._is_factor()
            return token.text == "(" or not token.gap
        if token.text == "<":
            return opens_angle(token) and not self.angles
        if token.kind == "word":
            return token.text in OPERANDS and (bool(self.depth) or self._is_operand())
        return token.kind in ("name", "accent", "function", "big")

    def _is_argument(self, token: Token, function: str) -> bool:
        """Whether a token may begin the argument of a function without brackets."""
        if token.kind == "number":
            return function in ("sqrt", "log", "rank", "exp")
        return token.kind != "dots" and self._may_follow(token)

    def _is_factor(self) -> bool:
        """Whether the group ahead is a factor and not a remark: it holds no relation, no list and no lone number."""
        start = self.at
        group = self._group()
        self.at = start
        if not isinstance(group, Fence):
            return False
        body = group.body
        return not (isinstance(body, Row) and body.kind in ("relation", "list")) and not isinstance(body, Atom)


def _applied(name: str, head: Node, group: Fence) -> Node:
    """A function of a group, with the notation that a few of them have."""
    if name == "sqrt":
        return Root(group.body)
    if name == "ceil":
        return Fence("⌈", group.body, "⌉")
    if name == "floor":
        return Fence("⌊", group.body, "⌋")
    return Row("apply", (head, group))
