"""A cursor over the tokens of a text, and what can be told of the token under it from those around it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable

from theorems.page.tokens import RELATIONS, SIGNS, Token
from theorems.page.trees import Atom, Node

#: Behind these words a number or a letter is a label.
_LABELS = re.compile(
    "(?:[Ll]emma|[Tt]heorem|[Ee]quation|[Cc]orollar|[Dd]efinition|[Tt]able|[Ss]ection|[Aa]ppendi|[Aa]ssumption|[Ee]xample"
    "|[Rr]emark|[Ff]igure|[Pp]roposition|[Ll]ine|[Ss]tep|[Pp]art|[Bb]lock|[Ff]ormat|[Rr]ow)[a-z]*$"
)
#: After "A" these words show that the letter is a name.
_VERBS = frozenset(
    ("is", "are", "and", "or", "has", "have", "with", "does", "be", "of", "lies", "in", "to", "for", "when", "where",
     "equals", "by", "on", "at", "from", "may", "must", "that", "which")
)  # fmt: skip
#: What an element may be in, besides brackets.
_SETS = ("X", "S")


class Cursor:
    """Where a reader is.

    at      the position among the tokens
    depth   how many brackets are open; in a sentence none is
    bars    the norms and absolute values that are open
    angles  the inner products that are open
    failed  where brackets open that are known not to hold a formula
    random  whether the text speaks of expectations, so that "E x" is one
    """

    def __init__(self, found: list[Token], text: str) -> None:
        self.found = found
        self.starts = [token.start for token in found]
        self.at = 0
        self.depth = 0
        self.bars: list[str] = []
        self.angles = 0
        self.failed: set[int] = set()
        self.random = bool(re.search(r"\bCov\b|x x\^T|\bE (?:xi|\|\|)", text))

    def _peek(self, ahead: int = 0) -> Token | None:
        at = self.at + ahead
        return self.found[at] if 0 <= at < len(self.found) else None

    def _rest(self, token: Token) -> str:
        """The few tokens behind a token, as written but for the length of blanks."""
        at = bisect_left(self.starts, token.start)
        return "".join((" " if other.gap else "") + other.text for other in self.found[at + 1 : at + 9])

    def _tried(self, read: Callable[[], Node | None]) -> Node | None:
        start = self.at
        node = read()
        if node is None:
            self.at = start
        return node

    def _after_operator(self, at: int) -> bool:
        before = self.found[at - 1] if at else None
        return before is not None and before.kind in ("sign", "relation")

    def _is_operand(self) -> bool:
        """Whether the word at the cursor stands beside an operator."""
        behind = self.found[self.at + 1] if self.at + 1 < len(self.found) else None
        leads = behind is not None and behind.kind in ("relation", "sign") and behind.gap and behind.after
        return self._after_operator(self.at) or (leads and behind.text not in ("in", "-"))  # type: ignore[union-attr]

    def _is_scripted(self, token: Token) -> bool:
        rest = self._rest(token)
        return bool(rest) and (rest[0] in "_^'" or rest.startswith("(k"))

    def _is_set(self) -> bool:
        """Whether the "in" at the cursor is followed by a set: brackets, R^n, X, S, or a P with an index."""
        behind = self.found[self.at + 1] if self.at + 1 < len(self.found) else None
        if behind is None:
            return False
        rest = self._rest(behind)
        if behind.kind == "open":
            return True
        if behind.text == "R":
            return rest.startswith("^")
        return behind.text in _SETS or (behind.text == "P" and rest.startswith("_"))

    def _is_minimum(self, token: Token) -> bool:
        """Whether "^" stands between two ranks: with blanks around it, or before R_E."""
        return token.kind == "sign" or bool(re.match(r"\^R_E\b", token.text + self._rest(token)))

    def _is_article(self, token: Token) -> bool:
        """Whether "a" or "A" is an article: at a word, or at the beginning of a noun phrase with a name in it."""
        if token.text not in ("a", "A"):
            return False
        behind = self.found[self.at + 1] if self.at + 1 < len(self.found) else None
        if behind is None or not behind.gap:
            return False
        if behind.kind in ("word", "quote", "code"):
            return not (behind.text in _VERBS and not (token.text == "a" and behind.text in ("for", "with")))
        if behind.kind in ("sign", "relation", "comma", "close", "bars", "other", "dots"):
            return False
        before = self.found[self.at - 1] if self.at else None
        inside = self.depth or (before is not None and before.kind in ("sign", "relation", "name", "sub", "number"))
        return token.text == "a" and not inside

    def _is_label(self, token: Token) -> bool:
        """Whether a number is that of a lemma or an equation."""
        at = self.at
        while at and self.found[at - 1].text in (",", "and", "or", "to", "-") and self.found[at - 2].kind == "number":
            at -= 2
        before = self.found[at - 1] if at else None
        return before is not None and before.kind == "word" and bool(_LABELS.match(before.text)) and not self.depth

    # signs, which are taken when they are there -------------------------------------------------------------------

    def _range_sign(self) -> Atom | None:
        token = self._peek()
        if token is None or token.kind != "range":
            return None
        self.at += 1
        return Atom("operator", "…")

    def _relation_sign(self) -> Atom | None:
        token = self._peek()
        if token is None or token.kind != "relation" or (self.angles and token.text == ">") or opens_angle(token):
            return None
        if token.text == "in" and not self._is_set():
            return None
        self.at += 1
        return Atom("relation", RELATIONS[token.text])

    def _additive_sign(self) -> Atom | None:
        token = self._peek()
        if token is None or token.text not in ("+", "-", "+-") or token.kind != "sign" or token.gap != token.after:
            return None
        self.at += 1
        return Atom("operator", SIGNS[token.text])

    def _sign(self, texts: set[str]) -> Atom | None:
        token = self._peek()
        if token is None or token.text not in texts:
            return None
        if token.kind not in ("sign", "script") or (token.kind == "script" and not self._is_minimum(token)):
            return None
        if token.text == "*" and token.gap != token.after:
            return None
        self.at += 1
        return Atom("operator", SIGNS[token.text])


def opens_angle(token: Token) -> bool:
    """Whether "<" begins an inner product: a blank before it and none behind."""
    return token.text == "<" and token.gap and not token.after
