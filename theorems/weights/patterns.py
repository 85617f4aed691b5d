"""PEFT's patterns of module names, matched without backtracking: a stranger's configuration cannot make us wait.

PEFT takes the keys of `rank_pattern` and `alpha_pattern` as regular expressions that must match a module's name, or its
end after a dot.  Here the expressions that occur there (characters, classes, groups, alternatives, repeats, ^ and $)
become a finite automaton of bounded size, and a name is run through it once, letter by letter.  What else Python's `re`
knows is refused in one line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from theorems.errors import InputError

#: Longest pattern, deepest nesting, largest count of a repeat, and size of an automaton.
MAX_LENGTH, MAX_DEPTH, MAX_COUNT, MAX_STATES = 1_000, 20, 1_000, 4_000
#: Longest name, and steps of all automata of a configuration: a second or two.
MAX_NAME, MAX_STEPS = 1_000, 1_000_000

Accepts = Callable[[str], bool]
_CLASSES: dict[str, Accepts] = {"d": str.isdecimal, "w": lambda c: c.isalnum() or c == "_", "s": str.isspace}
_SPECIAL = set("\\^$*+?{[|()")


class Patterns:
    """The patterns of a configuration, in its order.  Raises `InputError` for one that is not read, or takes long."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._matchers = [(pattern, _matcher(pattern)) for pattern in patterns]
        self._known: dict[str, str | None] = {}
        self._steps = 0

    def first(self, name: str) -> str | None:
        """The first pattern that matches the name, or its end after a dot; None where none does."""
        if self._matchers and len(name) > MAX_NAME:
            raise InputError(f"the module {_short(name)} has a name of more than {MAX_NAME} characters: rename it")
        if name not in self._known:
            self._known[name] = next((pattern for pattern, m in self._matchers if self._match(pattern, m, name)), None)
        return self._known[name]

    def _match(self, pattern: str, matcher: _Literal | _Automaton, name: str) -> bool:
        before = matcher.steps
        found = matcher.matches(name)
        self._steps += matcher.steps - before
        if self._steps > MAX_STEPS:
            raise InputError(f"the pattern {_short(pattern)} takes too long: write module names in its place")
        return found


def _short(text: str) -> str:
    """The beginning of a stranger's text, safe to print."""
    return ascii(text if len(text) <= 60 else f"{text[:56]}...")


def _matcher(pattern: str) -> _Literal | _Automaton:
    if len(pattern) > MAX_LENGTH:
        raise InputError(f"the pattern {_short(pattern)} has more than {MAX_LENGTH} characters: split it")
    if not _SPECIAL & set(pattern.replace("\\.", "")):
        return _Literal(pattern)
    return _Automaton(_Reader(pattern).expression())


class _Literal:
    """A pattern of characters and dots, compared as text; a dot that is not escaped stands for any character."""

    def __init__(self, pattern: str) -> None:
        self._letters = [None if c == "." else c.replace("\0", ".") for c in pattern.replace("\\.", "\0")]
        self.steps = 0

    def matches(self, name: str) -> bool:
        self.steps += 1
        start = len(name) - len(self._letters)
        if start < 0 or (start > 0 and name[start - 1] != "."):
            return False
        return all(p in (None, c) for p, c in zip(self._letters, name[start:], strict=True))


# Expressions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _One:
    """One character."""

    accepts: Accepts


@dataclass(frozen=True)
class _End:
    """The place before the first character, or behind the last."""

    first: bool


@dataclass(frozen=True)
class _All:
    """Parts in a row."""

    parts: tuple[_Expression, ...]


@dataclass(frozen=True)
class _Any:
    """One of several."""

    parts: tuple[_Expression, ...]


@dataclass(frozen=True)
class _Repeat:
    """At least `least` times, and at most `most`."""

    part: _Expression
    least: int
    most: int | None


_Expression = _One | _End | _All | _Any | _Repeat


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._pattern, self._at = pattern, 0

    def expression(self) -> _Expression:
        """The whole pattern."""
        found = self._alternatives(0)
        if self._at < len(self._pattern):
            raise self._refusal("a ) closes nothing")
        return found

    def _refusal(self, why: str) -> InputError:
        return InputError(f"the pattern {_short(self._pattern)} is not read: {why}: write module names in its place")

    def _take(self, text: str) -> bool:
        found = self._pattern.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def _next(self, what: str) -> str:
        if self._at == len(self._pattern):
            raise self._refusal(f"{what} is not ended")
        self._at += 1
        return self._pattern[self._at - 1]

    def _alternatives(self, depth: int) -> _Expression:
        parts = [self._row(depth)]
        while self._take("|"):
            parts.append(self._row(depth))
        return parts[0] if len(parts) == 1 else _Any(tuple(parts))

    def _row(self, depth: int) -> _Expression:
        parts: list[_Expression] = []
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            parts.append(self._repeated(self._part(depth)))
        return _All(tuple(parts))

    def _part(self, depth: int) -> _Expression:
        letter = self._next("it")
        if letter == "(":
            if depth == MAX_DEPTH:
                raise self._refusal(f"groups are nested more than {MAX_DEPTH} deep")
            if not self._take("?:") and self._take("?"):
                raise self._refusal("groups with (? are flags or look elsewhere")
            inner = self._alternatives(depth + 1)
            if not self._take(")"):
                raise self._refusal("a ( is not closed")
            return inner
        if letter in "^$":
            return _End(letter == "^")
        if letter in "*+?{":
            raise self._refusal(f"there is nothing for {letter} to repeat")
        if letter == "[":
            return _One(self._set())
        if letter == ".":
            return _One(lambda c: c != "\n")
        return _One(self._escaped() if letter == "\\" else letter.__eq__)

    def _escaped(self) -> Accepts:
        letter = self._next("an escape")
        kind = _CLASSES.get(letter.lower())
        if kind is not None:
            return kind if letter.islower() else lambda c: not kind(c)
        if letter.isalnum():
            raise self._refusal(f"it has \\{letter}")
        return letter.__eq__

    def _set(self) -> Accepts:
        opposite = self._take("^")
        tests: list[Accepts] = []
        while not tests or not self._take("]"):
            tests.append(self._range())
        return lambda c: any(test(c) for test in tests) is not opposite

    def _range(self) -> Accepts:
        low = self._next("a [")
        if low == "\\":
            return self._escaped()
        dash = self._pattern[self._at : self._at + 2]
        if len(dash) < 2 or dash[0] != "-" or dash[1] == "]":
            return low.__eq__
        self._at += 1
        high = self._next("a [")
        if high in "\\[" or high < low:
            raise self._refusal(f"{low}-{high} is no range")
        return lambda c: low <= c <= high

    def _repeated(self, part: _Expression) -> _Expression:
        bounds = self._bounds()
        if bounds is None:
            return part
        self._take("?")  # as few as possible: the same names match
        if self._pattern[self._at : self._at + 1] in ("*", "+", "?", "{"):
            raise self._refusal("a repeat is repeated")
        return _Repeat(part, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, least, most in (("*", 0, None), ("+", 1, None), ("?", 0, 1)):
            if self._take(sign):
                return least, most
        if not self._take("{"):
            return None
        words = self._pattern[self._at :].partition("}")[0].split(",")
        self._at += len(",".join(words))
        if not self._take("}") or len(words) > 2 or not all(w == "" or (w.isdecimal() and w.isascii()) for w in words):
            raise self._refusal("a { is no count")
        if words in ([""], ["", ""]) or any(len(w) > 4 or int(w or 0) > MAX_COUNT for w in words):
            raise self._refusal(f"a count is none, or above {MAX_COUNT}")
        least, most = int(words[0] or 0), int(words[-1]) if words[-1] else None
        if most is not None and most < least:
            raise self._refusal("a count ends before it begins")
        return least, most


# Automata ------------------------------------------------------------------------------------------------------------


class _Automaton:
    """An expression as states: of each the character that it waits for, or the end of the name, and what follows.

    A name has many ways through it; all are gone at once, and a set of states and a character are looked up where they
    have been met before.
    """

    def __init__(self, expression: _Expression) -> None:
        self._waits: list[Accepts | _End | None] = [None]  # state 0 accepts
        self._follow: list[tuple[int, ...]] = [()]
        self._work = 0
        self.steps = 0
        self._first = self._made(expression, 0)
        self._moves: dict[tuple[frozenset[int], bool, str], frozenset[int]] = {}

    def matches(self, name: str) -> bool:
        states, start = frozenset([self._first]), True
        for letter in name:
            key = (states, start, letter)
            if key not in self._moves:
                self._moves[key] = self._moved(*key)
            states, start = self._moves[key], False
        self.steps += 1 + len(name) // 16
        return 0 in self._reached(states, start, end=True)

    def _moved(self, states: frozenset[int], start: bool, letter: str) -> frozenset[int]:
        """Where a letter leads; after a dot, the pattern may begin as well."""
        after = {self._first} if letter == "." else set()
        for state in self._reached(states, start, end=False):
            waits = self._waits[state]
            if callable(waits) and waits(letter):
                after.update(self._follow[state])
        return frozenset(after)

    def _reached(self, states: frozenset[int], start: bool, *, end: bool) -> set[int]:
        """The states, and all that follow without a character."""
        reached, todo = set(states), list(states)
        while todo:
            state = todo.pop()
            waits = self._waits[state]
            if callable(waits) or (isinstance(waits, _End) and not (start if waits.first else end)):
                continue
            new = set(self._follow[state]) - reached
            reached |= new
            todo += new
        self.steps += len(reached)
        return reached

    def _made(self, part: _Expression, then: int) -> int:
        """The state in which `part` begins, when `then` follows it."""
        self._work += 1
        if self._work > MAX_STATES:
            raise InputError("a pattern repeats too much: write module names in its place")
        if isinstance(part, _One):
            return self._state(part.accepts, then)
        if isinstance(part, _End):
            return self._state(part, then)
        if isinstance(part, _All):
            for inner in reversed(part.parts):
                then = self._made(inner, then)
            return then
        if isinstance(part, _Any):
            return self._state(None, *[self._made(inner, then) for inner in part.parts])
        begin = then
        if part.most is None:
            begin = self._state(None, then)
            self._follow[begin] = (self._made(part.part, begin), then)
        else:
            for _ in range(part.most - part.least):
                begin = self._state(None, self._made(part.part, begin), then)
        for _ in range(part.least):
            begin = self._made(part.part, begin)
        return begin

    def _state(self, waits: Accepts | _End | None, *follow: int) -> int:
        self._waits.append(waits)
        self._follow.append(follow)
        return len(self._waits) - 1
