"""What a statement takes of its case, and what it supposes of that: read off its source, not run.

For a file that does not say how its statements are attacked: they may take matrices and vectors of a `MatrixCase`, or
points and weights of a `RandomVectorCase`.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from theorems.digest import plain, tree

#: The fields of the two case types that need no strategy of one's own.
PLAIN, RANDOM = {"matrices", "vectors"}, {"points", "weights", "matrix"}
#: The structure that a supposed test asks for, the stronger ones last.
TESTS = {
    "symmetric": "symmetric",
    "nonsingular": "nonsingular",
    "positive_semidefinite": "psd",
    "positive_definite": "psd",
}
#: All structures that hypotheses name, the stronger ones last.
STRONGER = ("symmetric", "nonsingular", "projection", "orthogonal", "psd")


@dataclass
class Taken:
    """What a statement takes.

    fields      the attributes of the case that it reads
    matrices    the local names of the case's matrices, by position; vectors  likewise
    columns     how many coordinates of the points are named
    structures  what is supposed of each matrix, by position
    steep       whether it names the exponential of a matrix, which nobody can form where entries reach 10^150
    relation    "commuting", "above" or "below", where the first two matrices are supposed to be so
    """

    fields: set[str] = field(default_factory=set)
    matrices: dict[str, int] = field(default_factory=dict)
    vectors: dict[str, int] = field(default_factory=dict)
    columns: int = 0
    structures: dict[int, str] = field(default_factory=dict)
    relation: str = ""
    steep: bool = False

    @property
    def plain(self) -> bool:
        """Whether it takes a number of matrices and vectors that its source says, and nothing else."""
        counted = ("matrices" not in self.fields or self.matrices) and ("vectors" not in self.fields or self.vectors)
        return bool(self.fields) and self.fields <= PLAIN and bool(counted)

    @property
    def known(self) -> bool:
        """Whether a strategy can be chosen for it."""
        return self.plain or self.random

    @property
    def random(self) -> bool:
        """Whether it takes points with weights, and nothing else."""
        return "points" in self.fields and self.fields <= RANDOM


def taken(statement: Any) -> Taken:
    """What a statement takes."""
    function = plain(statement)
    result, node = Taken(), tree(function)
    case = next(iter(inspect.signature(function).parameters), "")
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == case:
            result.fields.add(part.attr)
        result.steep |= isinstance(part, ast.Attribute) and part.attr == "exponential"
        if isinstance(part, ast.Subscript) and _name(part.value) == "points":
            result.columns = max(result.columns, _column(part.slice))
    for part in ast.walk(node):
        if isinstance(part, ast.Assign) and len(part.targets) == 1:
            _take(part.targets[0], part.value, result)
    _suppositions(node, {}, result)
    return result


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _column(index: ast.expr) -> int:
    """The number of coordinates that ``[..., k]`` needs."""
    last = index.elts[-1] if isinstance(index, ast.Tuple) and index.elts else None
    return last.value + 1 if isinstance(last, ast.Constant) and isinstance(last.value, int) and last.value >= 0 else 0


def _take(target: ast.expr, value: ast.expr, result: Taken) -> None:
    """``A, B = case.matrices``, ``A = case.matrices[0]``, and several of them at once."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for one, other in zip(target.elts, value.elts, strict=True):
            _take(one, other, result)
        return
    index: object = None
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Constant):
        index, value = value.slice.value, value.value
    names = {"matrices": result.matrices, "vectors": result.vectors}.get(_name(value))
    if names is None or not isinstance(value, ast.Attribute):
        return
    if isinstance(target, ast.Tuple | ast.List) and index is None:
        names |= {item.id: i for i, item in enumerate(target.elts) if isinstance(item, ast.Name)}
    elif isinstance(target, ast.Name) and isinstance(index, int) and index >= 0:
        names[target.id] = index


def _suppositions(node: ast.AST, loops: dict[str, tuple[str, ...]], result: Taken) -> None:
    """What is supposed, also in ``for M in (A, B)``."""
    for part in ast.iter_child_nodes(node):
        inside = loops
        if isinstance(part, ast.For) and isinstance(part.target, ast.Name):
            inside = loops | {part.target.id: tuple(_names(part.iter, result))}
        if isinstance(part, ast.Call) and _name(part.func) == "suppose" and part.args:
            _suppose(part.args[0], loops, result)
        _suppositions(part, inside, result)


def _names(iterable: ast.expr, result: Taken) -> Iterator[str]:
    if isinstance(iterable, ast.Tuple | ast.List):
        yield from (item.id for item in iterable.elts if isinstance(item, ast.Name))
    elif _name(iterable) == "matrices":
        yield from result.matrices


def _suppose(condition: ast.expr, loops: dict[str, tuple[str, ...]], result: Taken) -> None:
    if not isinstance(condition, ast.Call):
        return
    test, arguments = _name(condition.func), condition.args
    if test in TESTS and len(arguments) == 1:
        _strengthen(_name(arguments[0]), TESTS[test], loops, result)
    elif test == "loewner_at_most" and len(arguments) == 2:
        names = [_name(side) for side in arguments]
        for name in names:
            _strengthen(name, "symmetric", loops, result)
        places = [result.matrices.get(name) for name in names]
        result.relation = {(0, 1): "above", (1, 0): "below"}.get((places[0], places[1]), result.relation)  # type: ignore[arg-type]
    elif test == "equal" and len(arguments) == 2:
        _equation(arguments[0], arguments[1], loops, result)


def _equation(left: ast.expr, right: ast.expr, loops: dict[str, tuple[str, ...]], result: Taken) -> None:
    """AB = BA, P P = P, A = A^T and Q^T Q = I."""
    one, two = _factors(left), _factors(right)
    if one is not None and two == one[::-1] and {result.matrices.get(name) for name in one} == {0, 1}:
        result.relation = "commuting"
    for square, other in ((left, right), (right, left)):
        factors, text = _factors(square), ast.unparse(other)
        if factors is not None and factors == (text, text):
            _strengthen(text, "projection", loops, result)
        elif ast.unparse(square) in (f"{text}.mT", f"{text}.T"):
            _strengthen(text, "symmetric", loops, result)
        elif "identity(" in text and isinstance(square, ast.BinOp) and isinstance(square.op, ast.MatMult):
            sides = {ast.unparse(square.left), ast.unparse(square.right)}
            for name in sides & set(result.matrices) if len(sides) == 2 else ():
                if f"{name}.mT" in sides:
                    _strengthen(name, "orthogonal", loops, result)


def _strengthen(name: str, structure: str, loops: dict[str, tuple[str, ...]], result: Taken) -> None:
    for known in loops.get(name, (name,)):
        at = result.matrices.get(known)
        if at is None:
            continue
        before = result.structures.get(at)
        if before is None or STRONGER.index(before) < STRONGER.index(structure):
            result.structures[at] = structure


def _factors(side: ast.expr) -> tuple[str, str] | None:
    """The names in ``A @ B``."""
    if not (isinstance(side, ast.BinOp) and isinstance(side.op, ast.MatMult)):
        return None
    return _name(side.left), _name(side.right)
