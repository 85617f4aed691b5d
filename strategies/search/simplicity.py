"""The order in which cases become simpler: sizes first, then entries."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from theorems.case import arrays, parts


def size_of(case: Any) -> tuple[int, ...]:
    """What is made small first: the largest dimension, the number of entries, the integers of the case."""
    leaves = arrays(case)
    integers = [part for part in parts(case) if isinstance(part, int)]
    dimension = max((max(leaf.shape, default=0) for leaf in leaves), default=0)
    return (dimension, sum(leaf.size for leaf in leaves), sum(map(abs, integers)), *integers)


def cost_of(value: Fraction) -> int:
    """How far a fraction is from simple: 0, 1, -1, 2, ... and then those with a denominator."""
    p, q = value.numerator, value.denominator
    return 2 * abs(p) + 8 * (q - 1) + (p < 0)


def simplicity(case: Any) -> tuple[Any, ...]:
    """The order in which a case becomes simpler: size, then the cost of its entries, then a fixed tie-break."""
    entries = [value for leaf in arrays(case) for value in leaf.ravel().tolist()]
    return (size_of(case), sum(map(cost_of, entries)), tuple(-value for value in entries))


def structure_of(case: Any) -> tuple[Any, ...]:
    """The shapes, integers and names of a case: what a sweep keeps."""
    shapes = tuple(leaf.shape for leaf in arrays(case))
    return (type(case), shapes, tuple(part for part in parts(case) if isinstance(part, int | str)))
