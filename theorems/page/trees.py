"""The tree of a formula."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Atom:
    """An identifier, number, word or operator: by its kind.

    "name", "number", "word", "function", "big", "transpose"; "relation", "operator", "prefix", "comma", "sign".
    """

    kind: str
    text: str


@dataclass(frozen=True)
class Accent:
    """A name with a mark above it."""

    base: Atom
    mark: str


@dataclass(frozen=True)
class Scripts:
    """A base with what stands below and above it."""

    base: Node
    sub: Node | None = None
    sup: Node | None = None


@dataclass(frozen=True)
class Row:
    """Parts side by side; kind "relation", "sum", "product", "apply" or "list"."""

    kind: str
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Fence:
    """Something between brackets."""

    open: str
    body: Node
    close: str


@dataclass(frozen=True)
class Quotient:
    """``above / below``; `simple` where nothing is multiplied to the right of it."""

    above: Node
    below: Node
    simple: bool = True


@dataclass(frozen=True)
class Root:
    """A square root."""

    body: Node


Node = Atom | Accent | Scripts | Row | Fence | Quotient | Root
