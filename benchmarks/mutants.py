"""Mutants: changes of one expression of a module, each known by its place."""

from __future__ import annotations

import ast
import copy
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.MatMult: ast.Add, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_CHANGED = (
    ast.Compare, ast.BinOp, ast.BoolOp, ast.UnaryOp, ast.IfExp, ast.If, ast.Constant, ast.Return,
)  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: the number of the expression in the module, and which of its changes."""

    path: str
    line: int
    node: int
    choice: int
    before: str
    after: str
    scope: str = ""  # the class and function around it
    place: str = ""  # its line, the expression in angle quotes

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What is still the same when lines move."""
        return self.path, self.scope, self.place, self.after


@lru_cache
def mutants(path: str) -> tuple[Mutant, ...]:
    """All mutants of a module, but for docstrings, annotations, messages of exceptions and ``zip(strict=True)``."""
    source = (ROOT / path).read_text(encoding="utf-8")
    tree, lines = ast.parse(source), source.splitlines()
    spared, scopes = set(_spared(tree)), dict(_scopes(tree, ""))
    found = []
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in spared:
            continue
        for choice, changed in enumerate(_changes(node)):
            words = ast.unparse(node), ast.unparse(changed)
            place = _marked(node, lines)
            found.append(Mutant(path, getattr(node, "lineno", 0), number, choice, *words, scopes[id(node)], place))
    return tuple(found)


def _scopes(node: ast.AST, name: str) -> Iterator[tuple[int, str]]:
    for inner in ast.iter_child_nodes(node):
        yield id(inner), name
        below = f"{name}.{inner.name}".lstrip(".") if isinstance(inner, ast.FunctionDef | ast.ClassDef) else name
        yield from _scopes(inner, below)


def _marked(node: Any, lines: Sequence[str]) -> str:
    """The line on which the expression begins, the expression in angle quotes; to the end of the line, if longer."""
    line = lines[node.lineno - 1].encode()
    end = node.end_col_offset if node.end_lineno == node.lineno else len(line)
    parts = line[: node.col_offset], line[node.col_offset : end], line[end:]
    before, inside, after = (part.decode() for part in parts)
    return f"{before.lstrip()}«{inside}»{after}"


def _spared(tree: ast.AST) -> Iterator[int]:
    """The nodes inside what is for readers only."""
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.Raise | ast.JoinedStr):
            parts = [node]
        if isinstance(node, ast.FunctionDef):
            parts = [node.returns, *(a.annotation for a in [*node.args.args, *node.args.kwonlyargs])]
            if node.name.startswith(("show", "__str__", "__repr__")):
                parts.append(node)
        if isinstance(node, ast.keyword) and node.arg == "strict":  # of zip: the lengths agree, or it is an error
            parts = [node]
        if isinstance(node, ast.AnnAssign):
            parts = [node.annotation]
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            parts = [node]
        for part in parts:
            if part is not None:
                yield from (id(inner) for inner in ast.walk(part))


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """The changes of one node, each a copy."""
    if not isinstance(node, _CHANGED):
        return
    result: Any = copy.deepcopy(node)
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        result.ops[0] = _COMPARISONS[type(node.ops[0])]()
        yield result
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        result.op = _OPERATORS[type(node.op)]()
        yield result
    elif isinstance(node, ast.BoolOp):
        result.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield result
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield result.operand
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(ast.UnaryOp(ast.Not(), result.test), result.body, result.orelse)
    elif isinstance(node, ast.If):
        result.test = ast.UnaryOp(ast.Not(), result.test)
        yield result
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        yield ast.Return(ast.Constant(None))


def mutated(mutant: Mutant) -> types.CodeType:
    """The code of the module with the change."""
    tree = ast.parse((ROOT / mutant.path).read_text(encoding="utf-8"))
    target = list(ast.walk(tree))[mutant.node]
    changed = list(_changes(target))[mutant.choice]
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, name, changed)
            elif isinstance(value, list):
                setattr(parent, name, [changed if item is target else item for item in value])
    return compile(ast.fix_missing_locations(tree), str(ROOT / mutant.path), "exec")
