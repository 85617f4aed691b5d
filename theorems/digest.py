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

from theorems import forms
from theorems.case import unaliased
from theorems.errors import InputError
from theorems.properties import Property
from theorems.statement import Statement

Definition: TypeAlias = FunctionType | type

#: The modules that judge: a statement is not another one because they changed.
JUDGES = (
    "theorems.arithmetic", "theorems.claim", "theorems.digest", "theorems.domains", "theorems.errors", "theorems.forms",
    "theorems.judge", "theorems.num", "theorems.properties", "theorems.statement",
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
def tree(definition: Definition) -> forms.DefinitionNode:
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


def _in_its_module(definition: Definition) -> forms.DefinitionNode | None:
    """The same from the tree of the whole file, which is parsed once; None where it is not plainly one of these."""
    if (place := _place(definition)) is None:
        return None
    path, key = place
    found = forms.definitions(_source(path)).get(key, ())
    return found[0] if len(found) == 1 and found[0].name == definition.__name__ else None


def _place(definition: Definition) -> tuple[str, int | str] | None:
    """The file of a definition, and its key among the definitions there; None where it is in none."""
    try:
        path = inspect.getfile(definition)
    except (OSError, TypeError):
        return None
    return path, definition.__code__.co_firstlineno if isinstance(definition, FunctionType) else definition.__qualname__


#: The lines of a file as `linecache` has them, and the same as one text.
_sources: dict[str, tuple[list[str], str]] = {}


def _source(path: str) -> str:
    """The text of a file as it is now."""
    linecache.checkcache(path)
    lines = linecache.getlines(path)
    if path not in _sources or _sources[path][0] is not lines:
        _sources[path] = lines, "".join(lines)
    return _sources[path][1]


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
    filler = _Filler(scope_of(definition), home)
    text = filler.text(_open_form(definition))
    return _Form(hashlib.sha256(text.encode()).hexdigest(), tuple(filler.references))


def _open_form(definition: Definition) -> forms.Form:
    """The form of a definition with its holes: that of its file, where it is plainly one of these."""
    if (place := _place(definition)) is not None:
        path, key = place
        found = forms.forms(_source(path)).get(str(key), ())
        if len(found) == 1 and found[0][0] == definition.__name__:
            return found[0][1]
    return forms.form_of(tree(definition))


class _Filler:
    """Fills the holes of forms with what the names around the definition stand for."""

    def __init__(self, scope: Mapping[str, Any], home: str) -> None:
        self.scope = scope
        self.home = home
        self.references: list[Definition] = []

    def text(self, form: Iterable[Any]) -> str:
        return "".join(piece if isinstance(piece, str) else self._hole(*piece) for piece in form)

    def _hole(self, kind: str, *rest: Any) -> str:
        if kind == "name":
            (name,) = rest
            return self.value(self.scope[name], name) if name in self.scope else f"Name(id={name!r})"
        if kind == "attribute":
            owner, names, form = rest
            module = self.scope.get(owner)
            return self._of_module(module, names) if isinstance(module, ModuleType) else self.text(form)
        for name in rest[0]:
            self.value(self.scope.get(name), name)
        return ""

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

