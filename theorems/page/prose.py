"""Sentences with mathematics in them as HTML: the formulas set, the words left alone.

Prose remains prose; a piece with the signs of mathematics that the reader of formulas cannot read is shown as code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape

from theorems.page.formulas import Reader
from theorems.page.mathml import block, inline, sign
from theorems.page.tokens import OPERANDS, RELATIONS, SIGNS, Token, tokens
from theorems.page.trees import Accent, Atom, Fence, Node, Row, Scripts

#: What shows that a piece of text is mathematics.
_SIGNS = re.compile(r"[_^\\{}|]|<=|>=|!=|->|<-|(?<!\w)[=<>+](?!\w)|\w[=<>]\w")
_ALONE = {**SIGNS, **RELATIONS, "||": "‖", "|": "|"}
_SECTION = re.compile(r"([A-Z][a-z]+) {2,}(\S.*)")


@dataclass(frozen=True)
class Piece:
    """A part of a text, as written: kind "words", "formula" (with its tree), "sign", "quoted" or "unread"."""

    kind: str
    text: str
    node: Node | None = None


@cache
def pieces(text: str, around: str = "") -> tuple[Piece, ...]:
    """A text cut into words, formulas, and what looks like a formula and cannot be read.  Joined, they are the text.

    `around` is what the text belongs to: where that speaks of expectations, "E x" is one.
    """
    found = tokens(text)
    reader = Reader(found, f"{text} {around}")
    parts: list[Piece] = []
    done = 0

    def keep(kind: str, start: int, end: int, node: Node | None = None) -> None:
        nonlocal done
        if start > done:
            parts.extend(_words(text[done:start]))
        parts.append(Piece(kind, text[start:end], node))
        done = end

    at = 0
    while at < len(found):
        token = found[at]
        reader.at = at
        if token.kind == "code":
            keep("quoted", token.start, token.end)
            at += 1
            continue
        node = reader.relation() if _may_begin(found, at) else None
        if node is not None and _is_worth_it(node, found, at, reader.at):
            keep("formula", token.start, found[reader.at - 1].end, node)
            at = reader.at
            continue
        if _stands_alone(token, parts, text[done : token.start]):
            keep("sign", token.start, token.end)
        at += 1
    parts.extend(_words(text[done:]))
    return tuple(piece for piece in parts if piece.text)


def whole_formula(text: str) -> Node | None:
    """The tree of a text that is one relation, perhaps with a full stop; None for anything with words in it."""
    body = text.strip().removesuffix(".")
    found = [piece for piece in pieces(body) if piece.text.strip()]
    node = found[0].node if len(found) == 1 else None
    return node if isinstance(node, Row) and node.kind == "relation" else None


@cache
def html_of(text: str, around: str = "") -> str:
    """A sentence as HTML; `around` as for `pieces`."""
    return "".join(_html(piece) for piece in pieces(" ".join(text.split()), around))


def _html(piece: Piece) -> str:
    if piece.node is not None:
        return inline(piece.node)
    if piece.kind == "sign":
        return sign(_ALONE[piece.text])
    if piece.kind == "quoted":
        return f"<code>{escape(piece.text[1:-1])}</code>"
    if piece.kind == "unread":
        return f"<code>{escape(piece.text)}</code>"
    return escape(piece.text).replace("...", "…")


def _words(text: str) -> Iterator[Piece]:
    """What is no formula: words, and chunks that have the signs of one."""
    for chunk in re.findall(r"\s+|\S+", text):
        yield Piece("unread" if _SIGNS.search(chunk) else "words", chunk)


def _stands_alone(token: Token, parts: list[Piece], between: str) -> bool:
    """Whether a sign between words, or between a formula and a word, is set as one."""
    if token.kind == "bars":
        return True
    if not (token.after and (token.gap or between.endswith("("))) or token.text in ("in", "subset"):
        return False
    beside = bool(parts) and parts[-1].kind == "formula" and not between.strip()
    if token.kind == "relation" or token.text == "+" or (token.text == "x" and token.kind == "sign"):
        return True
    return beside and token.kind in ("sign", "script") and token.text in "-^"


def _may_begin(found: list[Token], at: int) -> bool:
    """Whether a formula may begin at a token: not within a word, and not at a letter that names an appendix."""
    token = found[at]
    before = found[at - 1] if at else None
    if before is not None and not token.gap and before.kind in ("word", "name", "number", "script", "other"):
        return False
    if before is not None and before.text in ("Appendix", "Section", "Appendices", "Part") and token.kind == "name":
        return False
    if token.kind in ("name", "number", "accent", "function", "big", "bars", "open") or token.text in OPERANDS:
        return True
    return token.text == "<" or (token.text in "+-" and token.kind == "sign" and not token.after)


def _is_worth_it(node: Node, found: list[Token], start: int, end: int) -> bool:
    """Whether a tree is mathematics and not a word, a number, a date or a remark in brackets."""
    if end < len(found) and not found[end].gap and found[end].kind in ("word", "name", "number") and found[
        end - 1
    ].kind in ("name", "number"):  # fmt: skip
        return False
    match node:
        case Atom(kind, _):
            return kind == "name"
        case Accent() | Scripts():
            return True
        case Fence(opening, body, _):
            return opening == "{" or _has_names(body)
        case Row(kind, parts) if kind in ("product", "apply"):
            return _has_names(node) or any(isinstance(p, Atom) and p.kind in ("operator", "prefix") for p in parts)
        case _:
            return True


def _has_names(node: Node) -> bool:
    match node:
        case Atom(kind, _):
            return kind in ("name", "function", "big")
        case Row(_, parts):
            return any(_has_names(part) for part in parts)
        case Fence(_, body, _):
            return _has_names(body)
        case _:
            return True


# docstrings ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Section:
    """A labelled part of a docstring: "Hypotheses", "Construction", "Conclusion", "Margin" ..."""

    title: str
    text: str


def blocks(text: str) -> list[str | list[Section] | list[str]]:
    """A docstring block by block: a paragraph, labelled sections, or the lines of an indented table."""
    found: list[str | list[Section] | list[str]] = []
    for part in re.split(r"\n\s*\n", text.strip("\n")):
        lines = part.splitlines()
        if not part.strip():
            continue
        if all(line.startswith("    ") for line in lines):
            found.append([line[4:] for line in lines])
        elif _SECTION.fullmatch(lines[0].rstrip()):
            found.append(_sections(lines))
        else:
            found.append(" ".join(part.split()))
    return found


def _sections(lines: list[str]) -> list[Section]:
    found: list[Section] = []
    for line in lines:
        match = _SECTION.fullmatch(line.rstrip())
        if match:
            found.append(Section(match[1], match[2]))
        else:
            last = found.pop()
            found.append(Section(last.title, f"{last.text} {line.strip()}"))
    return found


def paragraph(text: str) -> str:
    """A paragraph: alone or after a colon at its end, a relation is set on a line of its own."""
    head, colon, tail = text.rpartition(": ")
    for words, candidate in (("", text), (head + colon.strip(), tail)):
        node = whole_formula(candidate) if candidate else None
        if node is not None:
            lead = f"<p>{html_of(words)}</p>" if words else ""
            return f'{lead}<div class="display">{block(node)}</div>'
    return f"<p>{html_of(text)}</p>"
