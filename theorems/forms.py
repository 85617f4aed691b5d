"""The form of a definition: its syntax tree as text, with a hole for every name that something around it may answer to.

A form is a function of the source alone, so that the forms of a file are kept from one process to the next under its
content (`theorems.kept`); what the names stand for is asked of the living objects every time (`theorems.digest`).
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeAlias

from theorems import kept

DefinitionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
#: Text, or a hole: ``["name", id]``; ``["attribute", owner, names, form]``, the form where the owner is no module;
#: ``["types", ids]``, names of annotations, which are referred to and not written.
Form: TypeAlias = list[str | list[object]]

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_CALLABLES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_BINDERS = (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
#: Fields that say nothing of what is computed.
_SILENT = frozenset({"kind", "type_comment", "ctx", "returns"})


# the definitions of a file ------------------------------------------------------------------------------------------


@cache
def definitions(source: str) -> Mapping[int | str, list[DefinitionNode]]:
    """The functions of a file by their first line, decorators included, and its classes by their qualified name."""
    found: dict[int | str, list[DefinitionNode]] = {}
    queue: list[tuple[ast.AST, str]] = []
    with suppress(SyntaxError, ValueError):
        queue.append((ast.parse(source), ""))
    while queue:
        node, around = queue.pop()
        for child in ast.iter_child_nodes(node):
            inside = around
            if isinstance(child, ast.ClassDef):
                found.setdefault(around + child.name, []).append(child)
                inside = f"{around}{child.name}."
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                first = min(part.lineno for part in (child, *child.decorator_list))
                found.setdefault(first, []).append(child)
                inside = f"{around}{child.name}.<locals>."
            if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):  # no definition is in an expression
                queue.append((child, inside))
    return found


@cache
def forms(source: str) -> Mapping[str, list[tuple[str, Form]]]:
    """The name and the form of every definition of a file, by its place in `definitions`."""
    name = hashlib.sha256(f"{_version()}\n{source}".encode(errors="surrogatepass")).hexdigest()
    if (text := kept.read("forms", name)) is not None:
        return {place: [(own, form) for own, form in rows] for place, rows in json.loads(text).items()}
    found = {str(place): [(node.name, form_of(node)) for node in nodes] for place, nodes in definitions(source).items()}
    kept.write("forms", name, json.dumps(found))
    return found


@cache
def _version() -> str:
    """What a form depends on beside the source: this module, and the syntax trees of this Python."""
    here = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    return f"{here} {sys.implementation.name} {sys.version}"


# one definition -----------------------------------------------------------------------------------------------------


def form_of(node: DefinitionNode) -> Form:
    """The form of a definition, whatever its name."""
    writer = _Writer(is_class=isinstance(node, ast.ClassDef))
    writer.write(node, frozenset(), named=False)
    return _joined(writer.pieces)


def _joined(pieces: Iterable[str | list[object]]) -> Form:
    """The same pieces with neighbouring text in one."""
    found: Form = []
    text: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            text.append(piece)
            continue
        if text:
            found.append("".join(text))
            text = []
        found.append(piece)
    return [*found, "".join(text)] if text else found


class _Writer:
    """Writes a syntax tree the same way under every version of Python: empty fields are left out."""

    def __init__(self, *, is_class: bool) -> None:
        self.is_class = is_class
        self.pieces: list[str | list[object]] = []

    def write(self, node: object, bound: frozenset[str], *, named: bool = True) -> None:
        if isinstance(node, list):
            self._listed(node, [bound] * len(node))
        elif not isinstance(node, ast.AST):
            self.pieces.append(repr(node))
        elif isinstance(node, ast.Name) and node.id not in bound:
            self.pieces.append(["name", node.id])
        elif isinstance(node, ast.Attribute) and (chain := _chain(node))[0] not in (None, *bound):
            aside = _Writer(is_class=self.is_class)
            aside._fields(node, bound, named=True)
            self.pieces.append(["attribute", *chain, _joined(aside.pieces)])
        else:
            self._fields(node, bound, named=named)

    def _listed(self, nodes: list[ast.stmt], bound: list[frozenset[str]]) -> None:
        self.pieces.append("[")
        for position, (node, names) in enumerate(zip(nodes, bound, strict=True)):
            if position:
                self.pieces.append(",")
            self.write(node, names)
        self.pieces.append("]")

    def _fields(self, node: ast.AST, bound: frozenset[str], *, named: bool) -> None:
        inside = bound
        if isinstance(node, _CALLABLES):
            inside = bound | _bound(node)
            self._annotations(node)
        before = f"{type(node).__name__}("
        for name in node._fields:
            value = getattr(node, name, None)
            if name in _SILENT or value is None or value == []:
                continue
            if name == "body" and isinstance(node, _DEFINITIONS):
                value = value[1:] if ast.get_docstring(node, clean=False) is not None else value
                if not value:  # nothing but a docstring
                    continue
            if name == "name" and not named:
                continue
            if name == "annotation" and not (isinstance(node, ast.AnnAssign) and self._is_field(node)):
                continue
            self.pieces.append(f"{before}{name}=")
            before = ","
            if name == "body" and isinstance(node, ast.ClassDef):
                names = bound | _stores(node.body)  # only what stands directly in it sees the names that it binds
                functions = (ast.FunctionDef, ast.AsyncFunctionDef)
                self._listed(value, [bound if isinstance(member, functions) else names for member in value])
            else:
                self.write(value, bound if name in ("decorator_list", "args") else inside)
        self.pieces.append(")" if before == "," else f"{before})")

    def _is_field(self, node: ast.AnnAssign) -> bool:
        """Whether an annotation is that of a field, which says what a case is made of."""
        return self.is_class and isinstance(node.target, ast.Name)

    def _annotations(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        """Refer to the types of the arguments: their methods are what the function calls."""
        names: list[object] = []
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg) and argument.annotation is not None:
                annotation: ast.AST = argument.annotation
                if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
                    with suppress(SyntaxError):
                        annotation = ast.parse(annotation.value, mode="eval")
                names += [name.id for name in ast.walk(annotation) if isinstance(name, ast.Name)]
        if names:
            self.pieces.append(["types", names])


def _chain(node: ast.Attribute) -> tuple[str | None, list[str]]:
    """The name that an attribute of an attribute of ... hangs on, and the attributes; no name where it is none."""
    names = [node.attr]
    inner = node.value
    while isinstance(inner, ast.Attribute):
        names.append(inner.attr)
        inner = inner.value
    return (inner.id if isinstance(inner, ast.Name) else None), names[::-1]


def _bound(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    """The names that a function binds: its arguments and what it assigns, comprehensions included."""
    arguments = frozenset(argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg))
    return arguments | _stores(node.body if isinstance(node.body, list) else [node.body])


def _stores(body: Iterable[ast.AST]) -> frozenset[str]:
    """The names that these bind, without those that an inner function binds for itself."""
    names = set()
    queue = [*body]
    while queue:
        node = queue.pop()
        if isinstance(node, _DEFINITIONS):
            names.add(node.name)
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                names.add(node.id)
        elif not isinstance(node, ast.Lambda):
            if isinstance(node, _BINDERS) and node.name:
                names.add(node.name)
            queue += ast.iter_child_nodes(node)
    return frozenset(names)
