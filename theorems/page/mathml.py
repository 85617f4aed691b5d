"""Trees of formulas as MathML (the core that browsers set without help)."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from theorems.page.trees import Accent, Atom, Fence, Node, Quotient, Root, Row, Scripts

_APPLY = "<mo>\u2061</mo>"
_TEXTS = "([{)]}"  # brackets that are set as letters, so that they do not stretch
_UPRIGHT = "ΓΔΘΛΣΦΨΩ∞∇"
_THIN = "<mtext>\u2009</mtext>"


#: Characters; a longer formula in a sentence may be broken at its signs, as browsers do not break one ``<math>``.
SHORT = 16
#: What is longer and cannot be broken scrolls in its own box.
LONG = 34


def block(node: Node) -> str:
    """A formula on a line of its own, with fractions as fractions."""
    return f'<math display="block">{_Writer(True).row(node)}</math>'


def inline(node: Node) -> str:
    """A formula in a sentence: one ``<math>``, or several with places to break the line between them."""
    if (flat := _flat(node)) is not None:
        return flat
    writer = _Writer(False)
    text = ""
    for separator, lead, part in _broken(node):
        sign = f'<mo form="infix" lspace="0">{escape(lead.text)}</mo>' if lead else ""
        math = f"<math>{sign}{writer.row(part)}</math>"
        if length(part) > LONG:
            math = f'<span class="long">{math}</span>'
        text += separator + math
    return text


def _flat(node: Node) -> str | None:
    """A letter, or a few letters and numbers with signs between them, as text; None for what has structure."""
    parts = node.parts if isinstance(node, Row) and length(node) <= SHORT else (node,)
    text = ""
    for position, part in enumerate(parts):
        if not isinstance(part, Atom):
            return None
        word = escape(part.text)
        if part.kind == "name" and len(part.text) == 1:
            text += word if part.text in _UPRIGHT else f"<var>{word}</var>"
        elif part.kind == "number" and len(parts) > 1:
            text += word
        elif part.kind in ("relation", "operator") and 0 < position < len(parts) - 1:
            text += f"\u00a0{word}\u00a0"
        else:
            return None
    return text


def length(node: Node) -> int:
    """About how many characters wide a formula is."""
    match node:
        case Atom(kind, text):
            return len(text) + (2 if kind in ("relation", "operator") else 0)
        case Accent():
            return 1
        case Scripts(base, sub, sup):
            return length(base) + max(length(part) if part else 0 for part in (sub, sup))
        case Row(_, parts):
            return sum(map(length, parts))
        case Fence(_, body, _):
            return length(body) + 2
        case Quotient(above, below):
            return length(above) + length(below) + 1
        case Root(body):
            return length(body) + 1


def _broken(node: Node) -> Iterator[tuple[str, Atom | None, Node]]:
    """The parts of a formula that stay together: what separates each from the part before, its leading sign, itself."""
    if not isinstance(node, Row) or length(node) <= SHORT or node.kind not in ("relation", "sum", "product"):
        yield "", None, node
        return
    separator, lead = "", None
    if node.kind == "product" and any(isinstance(part, Atom) and part.kind == "operator" for part in node.parts):
        yield "", None, node
        return
    for part in node.parts:
        if node.kind != "product" and isinstance(part, Atom) and part.kind in ("relation", "operator"):
            separator, lead = " ", part
            continue
        for own, sign, piece in _broken(part):
            yield own or separator, sign or lead, piece
            separator, lead = "", None
        separator = "<wbr/>" if node.kind == "product" else ""


def sign(text: str) -> str:
    """An operator that stands alone in a sentence, between a formula and words."""
    return f"<math><mo>{escape(text)}</mo></math>"


class _Writer:
    def __init__(self, block: bool) -> None:
        self.block = block

    def row(self, node: Node) -> str:
        """The parts of a node, without a row around them."""
        if not isinstance(node, Row):
            return self.one(node)
        if node.kind == "product":
            return self._product(node)
        if node.kind == "apply":
            return self._apply(node)
        return "".join(map(self._loose, node.parts))

    def _loose(self, node: Node) -> str:
        """A part of a row: brackets need no row of their own there."""
        if isinstance(node, Row):
            return self.row(node)
        if isinstance(node, Fence) and node.open in _TEXTS:
            return f"{_bracket(node.open)}{self.row(node.body)}{_bracket(node.close)}"
        return self.one(node)

    def _bare(self, node: Node) -> str:
        """A factor: as a part of a row, but a row within stays one."""
        return self.one(node) if isinstance(node, Row) else self._loose(node)

    def one(self, node: Node) -> str:
        """A node as exactly one element."""
        match node:
            case Atom():
                return _atom(node)
            case Accent(base, mark):
                return f'<mover accent="true">{_atom(base)}<mo>{escape(mark)}</mo></mover>'
            case Scripts():
                return self._scripts(node)
            case Fence(opening, body, closing):
                return f"<mrow>{_bracket(opening)}{self.row(body)}{_bracket(closing)}</mrow>"  # the place is the form
            case Root(body):
                return f"<msqrt>{self.row(body)}</msqrt>"
            case Quotient():
                return self._quotient(node)
            case Row():
                return f"<mrow>{self.row(node)}</mrow>"

    def _scripts(self, node: Scripts) -> str:
        base = self.one(node.base)
        limits = isinstance(node.base, Atom) and (node.base.kind == "big" or node.base.text in ("min", "max"))
        names = ("munder", "mover", "munderover") if limits and self.block else ("msub", "msup", "msubsup")
        if node.sub is not None and node.sup is not None:
            return f"<{names[2]}>{base}{self.one(node.sub)}{self.one(node.sup)}</{names[2]}>"
        if node.sub is not None:
            return f"<{names[0]}>{base}{self.one(node.sub)}</{names[0]}>"
        return base if node.sup is None else f"<{names[1]}>{base}{self.one(node.sup)}</{names[1]}>"

    def _quotient(self, node: Quotient) -> str:
        above, below = node.above, node.below
        if self.block and (node.simple or isinstance(below, Fence | Atom)):
            above = above.body if isinstance(above, Fence) and above.open == "(" else above
            below = below.body if isinstance(below, Fence) and below.open == "(" else below
            return f"<mfrac>{self.one(above)}{self.one(below)}</mfrac>"
        return f'<mrow>{self.one(above)}<mo lspace="0" rspace="0">/</mo>{self.one(below)}</mrow>'

    def _product(self, node: Row) -> str:
        pieces = [self._bare(node.parts[0])]
        for left, right in zip(node.parts, node.parts[1:], strict=False):
            signs = [part for part in (left, right) if isinstance(part, Atom) and part.kind == "operator"]
            if not signs:
                wide = _is_wide(left) or _is_wide(right)
                dots = any(isinstance(part, Atom) and part.text == "…" for part in (left, right))
                pieces.append(_THIN if wide or dots else "")  # a product of letters needs no sign
            pieces.append(self._bare(right))
        return "".join(pieces)

    def _apply(self, node: Row) -> str:
        head, *rest = node.parts
        between = ""
        if _is_named(head):
            between = _APPLY if isinstance(rest[0], Fence) else _APPLY + _THIN
        if isinstance(_base(head), Atom) and _base(head).kind == "big":  # type: ignore[union-attr]
            between = _THIN
        return self.one(head) + between + "".join(map(self._bare, rest))


def _base(node: Node) -> Node:
    return node.base if isinstance(node, Scripts) else node


def _is_named(node: Node) -> bool:
    base = _base(node)
    return isinstance(base, Atom) and base.kind == "function"


def _is_wide(node: Node) -> bool:
    """Whether a factor wants a little room: a function's value, a fraction, a number's word."""
    base = _base(node)
    if isinstance(base, Row) and base.kind == "apply":
        return True
    return isinstance(base, Quotient) or (isinstance(base, Atom) and base.kind in ("function", "word"))


def _bracket(text: str) -> str:
    return f"<mi>{text}</mi>" if text in _TEXTS else f"<mo>{escape(text)}</mo>"


def _atom(node: Atom) -> str:
    text = escape(node.text)
    match node.kind:
        case "number":
            return f"<mn>{text}</mn>"
        case "name":
            upright = ' mathvariant="normal"' if node.text in _UPRIGHT else ""
            return f"<mi{upright}>{text}</mi>"
        case "function":
            return f"<mi>{text}</mi>" if len(node.text) > 1 else f'<mi mathvariant="normal">{text}</mi>'
        case "word":
            return f"<mtext>{text}</mtext>"
        case "transpose":
            return f"<mtext>{text}</mtext>"
        case "big":
            return f'<mo lspace="0" rspace="0.1em">{text}</mo>'
        case "prefix":
            return f'<mo form="prefix">{text}</mo>'
        case _:
            return f"<mo>{text}</mo>"
