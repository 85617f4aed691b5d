"""What a statement reads of a case, and how it calls the integers of one: the rest need not be printed."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from theorems.arithmetic.base import Arithmetic
from theorems.case import CountCase
from theorems.claim import Claim, functions_of
from theorems.digest import tree
from theorems.judge.driver import check
from theorems.statement import Conclude, Suppose


def reads(claim: Claim, case: Any, num: Arithmetic) -> frozenset[str] | None:
    """The names of the fields and properties that one run reads, as `case.named_leaves` writes them.

    None where the run cannot be followed, and of a `CountCase`, whose integers are `legible` together.
    """
    if isinstance(case, CountCase):
        return None
    seen: set[str] = set()

    def followed(loaded: Any, num: Arithmetic) -> Iterator[Suppose | Conclude]:
        yield from claim.statement(_followed(loaded, "", seen), num)

    try:
        check(followed, case, num, claim.skip)
    except Exception:  # the case is a stranger's, and a run that fails is no reason to print nothing
        return None
    return frozenset(seen) or None


def legible(claim: Claim, case: Any) -> Any:
    """The case as people read it: the integers of a `CountCase` by the names that the statement gives them."""
    if not isinstance(case, CountCase):
        return case
    rows = [row for row in _unpacked(claim) if len(row) == len(case.values)]
    names = [next((name for name in column if name != "_"), "") for column in zip(*rows, strict=True)]
    if not all(names) or len(set(names)) < len(case.values):
        return case
    return dataclasses.make_dataclass("Integers", names, frozen=True)(*case.values)


def _unpacked(claim: Claim) -> Iterator[list[str]]:
    """The names in assignments such as ``D, L, R = case.values``, of the statement and what it calls."""
    for function in functions_of(claim.statement):
        for node in ast.walk(tree(function)):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute) and node.value.attr == "values":
                target = node.targets[0]
                if isinstance(target, ast.Tuple) and all(isinstance(name, ast.Name) for name in target.elts):
                    yield [name.id for name in target.elts if isinstance(name, ast.Name)]


def is_read(name: str, seen: Collection[str] | None) -> bool:
    """Whether a leaf of that name was read; of an array among others, whether any of them was."""
    return seen is None or name in seen or re.sub(r"(\[\d+\])+$", "", name) in seen


def _followed(value: Any, name: str, seen: set[str]) -> Any:
    """A case that notes what is read of it; anything but a case, or a tuple of cases, as it is."""
    if isinstance(value, tuple):
        return tuple(_followed(item, f"{name}[{i}]", seen) for i, item in enumerate(value))
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    copy: Any = object.__new__(_following(type(value)))
    for field in dataclasses.fields(value):
        inner = f"{name}.{field.name}" if name else field.name
        object.__setattr__(copy, field.name, _followed(getattr(value, field.name), inner, seen))
    object.__setattr__(copy, "_name", name)
    object.__setattr__(copy, "_seen", seen)
    return copy


@cache
def _following(kind: type) -> type:
    """A subclass that notes each attribute that does not begin with an underscore."""

    def note(self: Any, attribute: str) -> Any:
        if not attribute.startswith("_"):
            own = object.__getattribute__(self, "__dict__")
            name, seen = own.get("_name", ""), own.get("_seen")
            if seen is not None:
                seen.add(f"{name}.{attribute}" if name else attribute)
        return object.__getattribute__(self, attribute)

    return type(kind.__name__, (kind,), {"__getattribute__": note})
