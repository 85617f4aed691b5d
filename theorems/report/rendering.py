"""Matrices as matrices, cases field by field, a violated conclusion with both its sides."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from theorems.arithmetic.base import NO, Arithmetic
from theorems.case import Array, derived_arrays, fraction, named_leaves
from theorems.errors import InputError, Unsupported
from theorems.judge.driver import Violation
from theorems.report.printing import WIDTH, width
from theorems.statement import Condition, Existence, Relation, Truth

MAX_ROWS = 16
MAX_ENTRY = 24

_SYMBOLS = {"at most": "<=", "less than": "<", "equal": "="}

# matrices and cases -------------------------------------------------------------------------------------------------


def entry_text(value: Any) -> str:
    """An entry exactly as "p/q", or, where that is long, about."""
    text = str(value)
    if len(text) <= MAX_ENTRY:
        return text
    try:
        return f"~{float(fraction(value)):.10g}"
    except (InputError, OverflowError):
        return text[: MAX_ENTRY - 4] + " ..."


def matrix_lines(matrix: Array) -> list[str]:
    """A matrix with aligned columns, a row a line.  Of a large one, the first rows and columns."""
    texts = [[entry_text(entry) for entry in row] for row in matrix[:MAX_ROWS, :WIDTH].tolist()]
    if not texts:
        return ["[ ]"]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    shown, room = 0, width() - 12
    while shown < len(widths) and widths[shown] + 2 <= room:
        room -= widths[shown] + 2
        shown += 1
    tail = "  ..." if shown < matrix.shape[1] else ""
    lines = [
        "[ " + "  ".join(text.rjust(width) for text, width in zip(row[:shown], widths, strict=False)) + tail + " ]"
        for row in texts
    ]
    return [*lines, f"  ... ({matrix.shape[0]} rows in all)"] if matrix.shape[0] > MAX_ROWS else lines


def array_lines(name: str, array: Array) -> list[str]:
    """A named array: a scalar and a vector on one line, a matrix below its name, more axes matrix by matrix."""
    if array.ndim == 0:
        return [f"{name} = {entry_text(array.item())}"]
    if array.ndim == 1:
        return [f"{name} = {matrix_lines(array[None, :])[0]}"]
    if array.ndim == 2:
        size = f"{array.shape[0]} x {array.shape[1]}"
        return [f"{name}, {size}"] + ([f"  {line}" for line in matrix_lines(array)] if array.size else [])
    return [line for i, part in enumerate(array) for line in array_lines(f"{name}[{i}]", part)]


def render_case(case: Any, read: Collection[str] | None = None) -> str:
    """A case field by field, then the arrays that it derives from them (its target, say).

    With `read`, fields that are not among these are named only.
    """
    shown = [(name, leaf) for name, leaf in named_leaves(case) if read is None or field_of(name) in read]
    lines = [line for name, leaf in shown for line in _leaf_lines(name, leaf)]
    for name, value in derived_arrays(case):
        lines += array_lines(f"{name} (derived)", value)
    if unread := dict.fromkeys(field_of(name) for name, _ in named_leaves(case) if read and field_of(name) not in read):
        lines.append(f"never read: {', '.join(unread)}")
    return "\n".join(lines)


def field_of(name: str) -> str:
    """The field of the case in which a leaf lies."""
    return name.partition(".")[0].partition("[")[0]


def _leaf_lines(name: str, leaf: object) -> list[str]:
    if isinstance(leaf, np.ndarray):
        return array_lines(name, leaf)
    return [f"{name} = ({', '.join(map(str, leaf))})" if isinstance(leaf, tuple) else f"{name} = {leaf}"]


# violations ---------------------------------------------------------------------------------------------------------


def render_violation(violation: Violation, num: Arithmetic, condition: Condition | None = None) -> str:
    """The violated conclusion, both sides as numbers, and by how much.

    `condition` says which relation it is (`Replay.condition`, or the condition that `witness.judge` returns); without
    it the sides are printed side by side.
    """
    if violation.left is None or isinstance(condition, Truth):
        return f"the test {violation.conclusion!r} answers no"
    line = _relation_line(violation, num, condition)
    if isinstance(condition, Existence):
        line += "; left is a lower bound for every choice"
    return f"{violation.conclusion}\n  {line} (margin {violation.margin:.6g})"


def _relation_line(violation: Violation, num: Arithmetic, condition: Condition | None) -> str:
    kind = condition.kind if isinstance(condition, Relation) else "at most" if condition is not None else ""
    left, right = np.broadcast_arrays(_objects(violation.left), _objects(violation.right))
    where, worst = "", 0.0
    a, b = violation.left, violation.right
    if left.ndim:
        for index in np.ndindex(left.shape):
            decision = num.decide(Relation(kind or "equal", left[index], right[index]))
            if decision.verdicts[0] == NO and (not where or decision.margins[0] < worst):
                where = f"at {tuple(i + 1 for i in index)}, " if left.ndim > 1 else f"at {index[0] + 1}, "
                worst, a, b = float(decision.margins[0]), left[index], right[index]
    gap = _gap(a, b, num)
    sides = f"{where}left = {num.show(a)}"
    if not kind:
        return f"{sides} and right = {num.show(b)} violate it{gap}"
    return f"{sides} {_SYMBOLS[kind]} right = {num.show(b)} is violated{gap}"


def _objects(value: Any) -> Array:
    result: Array = np.asarray(value, dtype=object)
    return result


def _gap(left: Any, right: Any, num: Arithmetic) -> str:
    left, right = (side.item() if isinstance(side, np.ndarray) else side for side in (left, right))
    try:
        gap = abs(left - right)
    except (Unsupported, TypeError):  # a difference of roots
        try:
            return f", by about {abs(_float(left) - _float(right)):.6g}"
        except (InputError, TypeError, OverflowError):
            return ""
    return f", by {num.show(gap)}" if isinstance(gap, float) or gap != 0 else ": the sides are equal"


def _float(value: Any) -> float:
    return float(fraction(value)) if hasattr(value, "p") else float(value)
