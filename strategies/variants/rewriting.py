"""A statement with one expression of its code, or of a helper's, replaced by another.

The original is left alone: the function that is changed is compiled anew from its source, and every function between it
and the statement is copied with names of its own, so that nobody else calls the changed one.
"""

from __future__ import annotations
import __future__

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from theorems.claim import functions_of
from theorems.digest import reached
from theorems.errors import InputError
from theorems.statement import Statement


def name_of(function: FunctionType) -> str:
    """``module.function``, the module without its packages: unique among the functions of a statement."""
    return f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"


@cache
def tree_of(function: FunctionType) -> ast.FunctionDef:
    """The syntax tree of a function; not to be changed."""
    definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if not isinstance(definition, ast.FunctionDef) or function.__closure__:
        raise InputError(f"{name_of(function)} is no plain function: it cannot be rewritten")
    return definition


def expressions(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions below a node in the order of the code; annotations and texts are none."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                if isinstance(child, ast.expr):
                    yield child
                yield from expressions(child)


def rewritten(statement: Statement, function: str, before: str, after: str, occurrence: int = 0) -> Statement:
    """The statement with an expression replaced in one of its functions.

    `function` is a `name_of`; `before` the expression as `ast.unparse` has it, and `occurrence` counts those that look
    alike.  Raises `InputError` where the code has no such function or expression.
    """
    functions = _functions(statement)
    chosen = [f for f in functions if name_of(f) == function]
    if not chosen:
        raise InputError(f"{functions[0].__qualname__} calls no function {function}: choose the variant anew")
    code = _compiled(chosen[0], before, after, occurrence)
    return _linked(functions, {chosen[0]: code})


def recompiled(statement: Statement) -> Statement:
    """The statement with all its functions compiled anew and nothing replaced: it must do what the original does."""
    functions = functions_of(statement)
    return _linked(functions, {f: _code(tree_of(f), f) for f in functions})


@cache
def _functions(statement: Statement) -> tuple[FunctionType, ...]:
    """The functions that a variant may name: those of the models as well, though none is proposed there."""
    found = (one for one in reached(statement) if isinstance(one, FunctionType))
    return tuple(one for one in found if "." not in one.__qualname__)


def _compiled(function: FunctionType, before: str, after: str, occurrence: int) -> CodeType:
    tree = ast.parse(ast.unparse(tree_of(function))).body[0]  # a copy
    alike = [node for node in expressions(tree) if ast.unparse(node) == before]
    if occurrence >= len(alike):
        raise InputError(f"{name_of(function)} has no expression {before!r}: choose the variant anew")
    replaced = _Replace(alike[occurrence], ast.parse(after, mode="eval").body).visit(tree)
    return _code(replaced, function)


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self._old = old
        self._new = new

    def visit(self, node: ast.AST) -> Any:
        return self._new if node is self._old else self.generic_visit(node)


def _code(tree: ast.FunctionDef, function: FunctionType) -> CodeType:
    """The code of a function definition, decorators left out."""
    bare = ast.FunctionDef(**{**dict(ast.iter_fields(tree)), "decorator_list": []})
    module = ast.fix_missing_locations(ast.Module([bare], type_ignores=[]))
    flags = __future__.annotations.compiler_flag
    whole = compile(module, f"<variant of {name_of(function)}>", "exec", flags, dont_inherit=True)
    return next(item for item in whole.co_consts if isinstance(item, CodeType) and item.co_name == tree.name)


def _linked(functions: tuple[FunctionType, ...], changed: dict[FunctionType, CodeType]) -> Statement:
    """The first function, calling the changed ones instead of the originals."""
    affected = set(changed)
    callees = {f: dict(_callees(f, functions)) for f in functions}
    while more := {f for f in functions if f not in affected and affected & set(callees[f].values())}:
        affected |= more
    copies: dict[FunctionType, FunctionType] = {}
    for f in affected:
        copy = FunctionType(changed.get(f, f.__code__), dict(f.__globals__), f.__name__, f.__defaults__)
        copy.__kwdefaults__, copy.__module__, copy.__qualname__ = f.__kwdefaults__, f.__module__, f.__qualname__
        copies[f] = copy
    for f, copy in copies.items():
        copy.__globals__.update({name: copies[g] for name, g in callees[f].items() if g in copies})
    return copies.get(functions[0], functions[0])


def _callees(function: FunctionType, functions: tuple[FunctionType, ...]) -> Iterator[tuple[str, FunctionType]]:
    for name in _names(function.__code__):
        found = function.__globals__.get(name)
        if isinstance(found, FunctionType) and found in functions:
            yield name, found


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for item in code.co_consts:
        if isinstance(item, CodeType):
            yield from _names(item)
