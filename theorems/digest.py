"""The digest of a statement: everything that it can reach, by content.

Covered are the functions, classes and constants that the statement names, and those that these name in turn: its
helpers, its models, its case, as far as they belong to its own distribution or to `theorems`.  What judges it (the
arithmetics, the vocabulary, the driver) is not.  A definition counts by its syntax tree in which every reference to
another one is a number, so that a module may be moved and a helper renamed; docstrings, comments, layout and the
annotations of functions do not count.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import hashlib
import inspect
import linecache
import sys
import textwrap
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import cache
from types import FunctionType, ModuleType
from typing import Any, TypeAlias

import numpy as np

from theorems.case import unaliased
from theorems.errors import InputError
from theorems.properties import Property
from theorems.statement import Statement

Definition: TypeAlias = FunctionType | type

#: The modules that judge: a statement is not another one because they changed.
JUDGES = (
    "theorems.arithmetic", "theorems.claim", "theorems.digest", "theorems.domains", "theorems.errors", "theorems.judge",
    "theorems.num", "theorems.properties", "theorems.statement",
)  # fmt: skip


def digest(statement: Statement, skip: Iterable[str] = ()) -> str:
    """SHA-256 of what the statement can reach, and of the hypotheses that a reading skips."""
    found = reached(statement)
    number = {definition: position for position, definition in enumerate(found)}
    home = _top(found[0].__module__)
    lines = []
    for definition in found:
        form = _form(definition, home)
        lines.append(f"{form.sha256}:{','.join(str(number[other]) for other in form.references)}")
    return hashlib.sha256("\n".join([*lines, *sorted(skip)]).encode()).hexdigest()


@cache
def reached(statement: Statement) -> tuple[Definition, ...]:
    """The statement and, transitively, the functions and classes that it names, in the order of the code."""
    start = plain(statement)
    home = _top(start.__module__)
    found: dict[Definition, None] = {start: None}
    queue: list[Definition] = [start]
    while queue:
        for other in _form(queue.pop(0), home).references:
            if other not in found:
                found[other] = None
                queue.append(other)
    return tuple(found)


def plain(statement: Statement) -> FunctionType:
    """The function behind a statement and its decorators.  Raises `InputError` where there is none."""
    start = inspect.unwrap(statement)
    if not isinstance(start, FunctionType) or start.__name__ == "<lambda>":
        kind = "lambda" if isinstance(start, FunctionType) else type(start).__name__
        raise InputError(f"a statement is a plain generator function, not a {kind}: define it with def")
    return start


@cache
def tree(definition: Definition) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef:
    """The syntax tree of a function or class.  Raises `InputError` where its source is in no file."""
    if (found := _in_its_module(definition)) is not None:
        return found
    try:
        body = ast.parse(textwrap.dedent(inspect.getsource(definition))).body
    except (OSError, TypeError, SyntaxError) as error:
        raise _unreadable(definition) from error
    if not isinstance(body[0], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        raise _unreadable(definition)
    return body[0]


def _in_its_module(definition: Definition) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | None:
    """The same from the tree of the whole file, which is parsed once; None where it is not plainly one of these."""
    try:
        path = inspect.getfile(definition)
    except (OSError, TypeError):
        return None
    linecache.checkcache(path)
    place = definition.__code__.co_firstlineno if isinstance(definition, FunctionType) else definition.__qualname__
    found = _definitions("".join(linecache.getlines(path))).get(place, ())
    return found[0] if len(found) == 1 and found[0].name == definition.__name__ else None


@cache
def _definitions(source: str) -> Mapping[int | str, list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    """The functions of a file by their first line, decorators included, and its classes by their qualified name."""
    found: dict[int | str, list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]] = {}
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


def _unreadable(definition: Definition) -> InputError:
    name = definition.__qualname__
    return InputError(f"the source of {name} cannot be read: keep it in a file, and define it with def")


def scope_of(definition: Definition) -> dict[str, Any]:
    """The names around a definition, with what they stand for."""
    if isinstance(definition, FunctionType):
        scope = dict(definition.__globals__)
        for name, cell in zip(definition.__code__.co_freevars, definition.__closure__ or (), strict=True):
            with suppress(ValueError):  # an empty cell: the enclosing function has not come so far
                scope[name] = cell.cell_contents
        return scope
    module = sys.modules.get(definition.__module__)
    return dict(vars(module)) if module is not None else {}


def _top(module: str) -> str:
    return module.partition(".")[0]


def _is_own(value: Definition, home: str) -> bool:
    module = value.__module__
    if any(module == judge or module.startswith(f"{judge}.") for judge in JUDGES):
        return False
    return _top(module) in (home, "theorems")


# the form of one definition -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Form:
    """A definition without the names of what it refers to; the references in the order of the code."""

    sha256: str
    references: tuple[Definition, ...]


@cache
def _form(definition: Definition, home: str) -> _Form:
    writer = _Writer(scope_of(definition), home, definition)
    text = writer.definition(tree(definition))
    return _Form(hashlib.sha256(text.encode()).hexdigest(), tuple(writer.references))


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_CALLABLES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_BINDERS = (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
#: Fields that say nothing of what is computed.
_SILENT = frozenset({"kind", "type_comment", "ctx", "returns"})


class _Writer:
    """Renders a syntax tree the same way under every version of Python: empty fields are left out."""

    def __init__(self, scope: Mapping[str, Any], home: str, itself: Definition) -> None:
        self.scope = scope
        self.home = home
        self.itself = itself
        self.references: list[Definition] = []

    def definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
        """The definition itself, whatever its name."""
        return self.render(node, frozenset(), named=False)

    def render(self, node: object, bound: frozenset[str], *, named: bool = True) -> str:
        if isinstance(node, list):
            return "[" + ",".join(self.render(item, bound) for item in node) + "]"
        if not isinstance(node, ast.AST):
            return repr(node)
        if isinstance(node, ast.Name) and node.id not in bound and node.id in self.scope:
            return self.value(self.scope[node.id], node.id)
        if isinstance(node, ast.Attribute):
            owner, names = _chain(node)
            if owner is not None and owner not in bound and isinstance(self.scope.get(owner), ModuleType):
                return self._of_module(self.scope[owner], names)
        inside = bound
        if isinstance(node, _CALLABLES):
            inside = bound | _bound(node)
            self._annotations(node)
        fields = []
        for name in node._fields:
            value = getattr(node, name, None)
            if name in _SILENT or value is None or value == []:
                continue
            around = bound if name in ("decorator_list", "args") else inside
            if name == "body" and isinstance(node, _DEFINITIONS):
                value = value[1:] if ast.get_docstring(node, clean=False) is not None else value
                if not value:  # nothing but a docstring
                    continue
            if name == "name" and not named:
                continue
            if name == "annotation" and not (isinstance(node, ast.AnnAssign) and self._is_field(node)):
                continue
            if name == "body" and isinstance(node, ast.ClassDef):
                fields.append(f"body={self._members(value, bound)}")
            else:
                fields.append(f"{name}={self.render(value, around)}")
        return f"{type(node).__name__}({','.join(fields)})"

    def _members(self, body: list[ast.stmt], bound: frozenset[str]) -> str:
        """The body of a class; only what stands directly in it sees the names that it binds."""
        names = _stores(body)
        rendered = (
            self.render(s, bound if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef) else bound | names)
            for s in body
        )
        return "[" + ",".join(rendered) + "]"

    def _is_field(self, node: ast.AnnAssign) -> bool:
        """Whether an annotation is that of a field, which says what a case is made of."""
        return isinstance(self.itself, type) and isinstance(node.target, ast.Name)

    def _annotations(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        """Refer to the types of the arguments: their methods are what the function calls."""
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg) and argument.annotation is not None:
                annotation: ast.AST = argument.annotation
                if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
                    with suppress(SyntaxError):
                        annotation = ast.parse(annotation.value, mode="eval")
                for name in ast.walk(annotation):
                    if isinstance(name, ast.Name):
                        self.value(self.scope.get(name.id), name.id)

    def _of_module(self, module: ModuleType, names: list[str]) -> str:
        value: Any = module
        for position, name in enumerate(names):
            value = getattr(value, name, None)
            if not isinstance(value, ModuleType):
                rest = "".join(f".{other}" for other in names[position + 1 :])
                return self.value(value, name) + rest
        return names[-1]

    def value(self, value: Any, name: str) -> str:
        """What a name outside the definition stands for: constants by value, definitions by reference."""
        definition = inspect.unwrap(value) if callable(value) and hasattr(value, "__wrapped__") else value
        if isinstance(definition, FunctionType | type) and _is_own(definition, self.home):
            self.references.append(definition)
            return "@"
        if value is None or isinstance(value, bool | int | float | str | bytes | Fraction):
            return repr(value)
        if isinstance(value, Enum):
            return f"{type(value).__name__}.{value.name}"
        if isinstance(value, Property):
            return value.name
        if isinstance(value, tuple | list):
            return "(" + ",".join(self.value(item, name) for item in value) + ")"
        if isinstance(value, set | frozenset):
            return "{" + ",".join(sorted(self.value(item, name) for item in value)) + "}"
        if isinstance(value, dict):  # no other mapping: the environment is one
            return "{" + ",".join(f"{self.value(k, name)}:{self.value(v, name)}" for k, v in value.items()) + "}"
        if isinstance(value, np.ndarray):
            return f"{value.shape}{value.ravel().tolist()}"
        if isinstance(value, functools.partial):
            return f"{self.value(value.func, name)}{self.value(value.args, name)}{self.value(value.keywords, name)}"
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            inner = (self.value(getattr(value, field.name), name) for field in dataclasses.fields(value))
            return f"{self.value(type(value), name)}({','.join(inner)})"
        # The same word under every NumPy: since 2.2 its ufuncs have a qualified name, since 2.5 its `NDArray` has none.
        value = unaliased(value)
        return str(value.__name__ if isinstance(value, np.ufunc) else getattr(value, "__qualname__", name))


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
