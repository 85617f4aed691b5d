"""The attack on a claim of a file without `CASES`: matrices of the structures that its hypotheses name."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from hypothesis import strategies as st

from theorems.case import MatrixCase
from theorems.claim import Claim
from theorems.digest import plain, tree
from theorems.strategies.matrices import matrices
from theorems.strategies.recipes import Recipe
from theorems.strategies.structures import POLYNOMIALS

#: The structure that a supposed test asks for, the stronger ones last.
TESTS = {
    "symmetric": "symmetric",
    "nonsingular": "nonsingular",
    "positive_semidefinite": "psd",
    "positive_definite": "psd",
}


@dataclass(frozen=True)
class Attack:
    """A strategy, and the call that makes it."""

    words: str
    strategy: st.SearchStrategy[Recipe[MatrixCase]]


@dataclass
class _Taken:
    """The local names of the case's matrices and vectors, by position."""

    matrices: dict[str, int] = field(default_factory=dict)
    vectors: dict[str, int] = field(default_factory=dict)
    structures: dict[int, str] = field(default_factory=dict)
    commuting: bool = False


def default_attack(claim: Claim) -> Attack | None:
    """The attack that the hypotheses of a claim on matrices name; None where they name no structure."""
    node = tree(plain(claim.statement))
    taken = _Taken()
    for part in ast.walk(node):
        if isinstance(part, ast.Assign) and len(part.targets) == 1:
            _take(part.targets[0], part.value, taken)
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and _name(part.func) == "suppose" and part.args:
            _suppose(part.args[0], taken)
    if not taken.matrices or not (taken.structures or taken.commuting):
        return None
    count = 1 + max(taken.matrices.values())
    each = tuple(taken.structures.get(i) for i in range(count))
    structure = each[0] if len(set(each)) == 1 else each
    vectors = 1 + max(taken.vectors.values(), default=-1)
    arguments: dict[str, object] = {"count": count, "structure": structure}
    if vectors:
        arguments["vectors"] = vectors
    if taken.commuting and not isinstance(structure, tuple) and structure in POLYNOMIALS:
        arguments["relations"] = ("commuting",)
    words = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    return Attack(f"matrices({words})", matrices(**arguments))  # type: ignore[arg-type]


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _take(target: ast.expr, value: ast.expr, taken: _Taken) -> None:
    """``A, B = case.matrices`` and ``A = case.matrices[0]``."""
    index: object = None
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Constant):
        index = value.slice.value
        value = value.value
    names = {"matrices": taken.matrices, "vectors": taken.vectors}.get(_name(value))
    if names is None or not isinstance(value, ast.Attribute):
        return
    if isinstance(target, ast.Tuple | ast.List) and index is None:
        names |= {item.id: i for i, item in enumerate(target.elts) if isinstance(item, ast.Name)}
    elif isinstance(target, ast.Name) and isinstance(index, int) and index >= 0:
        names[target.id] = index


def _suppose(condition: ast.expr, taken: _Taken) -> None:
    if not isinstance(condition, ast.Call):
        return
    test, arguments = _name(condition.func), condition.args
    if test in TESTS and len(arguments) == 1 and _name(arguments[0]) in taken.matrices:
        at, order = taken.matrices[_name(arguments[0])], list(TESTS.values())
        before = taken.structures.get(at)
        if before is None or order.index(before) < order.index(TESTS[test]):
            taken.structures[at] = TESTS[test]
    elif test == "equal" and len(arguments) == 2:
        left, right = (_factors(side) for side in arguments)
        if left is not None and right == left[::-1] and {taken.matrices.get(name) for name in left} == {0, 1}:
            taken.commuting = True


def _factors(side: ast.expr) -> tuple[str, str] | None:
    """The names in ``A @ B``."""
    if not (isinstance(side, ast.BinOp) and isinstance(side.op, ast.MatMult)):
        return None
    return _name(side.left), _name(side.right)
