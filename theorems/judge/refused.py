"""What a statement may yield: a step that would be judged, but says nothing, or something else, is refused."""

from __future__ import annotations

from collections.abc import Generator
from fractions import Fraction
from typing import Any

import numpy as np

from theorems.arithmetic.products import BatchArray
from theorems.statement import Conclude, Existence, Order, Relation, Suppose, Truth

WORDS = (str, bytes, list, tuple, dict, set)
NUMBERS = (int, float, complex, Fraction, np.number)


def refuse(steps: Any, step: Any) -> None:
    """Raises `TypeError`, at the line of the statement, for a step that is none."""
    if words := flaw_of(step):
        if isinstance(steps, Generator):
            steps.throw(TypeError(words))
        raise TypeError(words)


def flaw_of(step: Any) -> str:
    """Why a step is none; nothing where it is one."""
    if not isinstance(step, Suppose | Conclude):
        known = isinstance(step, Relation | Order | Existence | Truth | bool | np.bool_ | np.ndarray)
        hint = ": write conclude(..., name) around it" if known else ""
        return f"a statement yields suppose(...) or conclude(...), not {type(step).__name__}{hint}"
    if not isinstance(step.name, str):
        return f"the condition comes first, and then its name in words, not {type(step.name).__name__}"
    if isinstance(step.condition, Truth):
        return _flaw_of_answer(step.condition.value)
    return _flaw_of_sides(step.condition) if isinstance(step.condition, Relation) else ""


def _flaw_of_answer(value: Any) -> str:
    if value is None or isinstance(value, bool | np.bool_):
        return ""
    if isinstance(value, WORDS):
        return f"{value!r} is no condition: write equal, at_most, less_than or a test of num before its name"[:200]
    if isinstance(value, np.ndarray):
        if value.ndim > 1 or (value.ndim == 1 and not isinstance(value, BatchArray) and value.dtype == object):
            return "an answer for every entry is no condition: write equal(A, B), at_most(A, B) or a test of num"
        return "" if value.dtype == bool else _number()
    if isinstance(value, NUMBERS) or (hasattr(value, "__mul__") and hasattr(value, "__add__")):
        return _number()
    return ""


def _number() -> str:
    return "a number is no condition: write equal, at_most or less_than of two of them"


def _flaw_of_sides(relation: Relation) -> str:
    for side in (relation.left, relation.right):
        if isinstance(side, (*WORDS, bool, np.bool_, type(None))):
            return f"a side of a relation is {side!r}: write a number or an array of num"[:200]
        if isinstance(side, float) and side != side:
            return "a side of a relation is NaN, which is no number"
    left, right = (np.shape(side) for side in (relation.left, relation.right))
    exact = not any(isinstance(side, np.ndarray) and side.dtype != object for side in (relation.left, relation.right))
    n = min(len(left), len(right))
    if exact and n and left[-n:] != right[-n:]:  # one array beside a stack of such is compared with each
        return f"the sides of a relation have the shapes {left} and {right}: give two of one shape, or a scalar"
    return ""
