"""Smaller flat cases: without an index of a declared axis, or an item of the tuples; with smaller integers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from theorems.case import SVD, Array, CountCase, MatrixCase
from theorems.domains import axes_of, declared
from theorems.errors import InputError

Change = Callable[[Any], Any | None]

#: Simple numbers between zero and one, to try as a step.
SIMPLE = sorted({Fraction(p, q) for q in range(1, 9) for p in range(1, q + 1)}, key=lambda v: (v.denominator, v))
#: Indices of an axis that are tried.
INDICES = 6


def smaller_flat(case: Any) -> Iterator[Change]:
    """Changes that make a case of arrays, decompositions, integers and tuples of them smaller; none for other cases."""
    if isinstance(case, MatrixCase | CountCase) or not all(_plain(getattr(case, f.name)) for f in _fields(case)):
        return
    yield from (partial(_without_item, i=i) for i in range(_items(case)))
    axes = axes_of(case)
    if not axes:
        return
    names = dict.fromkeys(name for fields in axes.values() for name in fields if not name.isdigit())
    yield from (partial(_without_all, names=tuple(names), i=i) for i in reversed(range(INDICES)))
    yield from (partial(_without_all, names=(name,), i=i) for name in names for i in reversed(range(INDICES)))
    for field in _fields(case):
        if isinstance(getattr(case, field.name), int):
            yield from (partial(_decreased, field=field.name, by=by) for by in (8, 3, 1, 1, 1))
    arrays = [name for name in axes if isinstance(getattr(case, name), np.ndarray | SVD)]
    yield from (partial(_rescaled, field=name, factor=f) for name in arrays for f in (2, 3))
    scalars = [name for name, fields in axes.items() if fields == ("1",)]
    yield from (partial(_rounded_up, field=name) for name in scalars)
    yield from (partial(_set, field=name, value=value) for name in scalars for value in SIMPLE)
    if "step" in axes and isinstance(getattr(case, "inputs", None), SVD):
        yield from (partial(_other_unit, factor=f) for f in (2, 3))


def _fields(case: Any) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(case)


def _plain(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_plain, value))
    return isinstance(value, np.ndarray | SVD | int | str)


def _items(case: Any) -> int:
    """The length of the tuples of a case, where all have one: the layers of a chain; 0 without tuples."""
    lengths = {len(value) for f in _fields(case) if isinstance(value := getattr(case, f.name), tuple)}
    return lengths.pop() if len(lengths) == 1 else 0


def _without_item(case: Any, i: int) -> Any | None:
    """The case without item i of all its tuples."""
    if not i < _items(case) > 1:
        return None
    tuples = {f.name: value for f in _fields(case) if isinstance(value := getattr(case, f.name), tuple)}
    return _made(case, {name: value[:i] + value[i + 1 :] for name, value in tuples.items()})


def _without_all(case: Any, names: tuple[str, ...], i: int) -> Any | None:
    """The case without index i of the named axes."""
    changes: dict[str, Any] = {}
    for field, axes in axes_of(case).items():
        value = getattr(case, field)
        for position, name in enumerate(axes):
            if name in names and value is not None:
                value = _without(value, position, i)
        if value is None:
            return None
        if "sums to one" in declared(case).of(field) and isinstance(value, np.ndarray) and (total := value.sum()) != 0:
            value = value / total  # what is left shares the whole
        changes[field] = value
    return _made(case, changes)


def _without(value: Any, axis: int, i: int) -> Any | None:
    if isinstance(value, tuple) and axis == 0:
        return value[:i] + value[i + 1 :] if i < len(value) else None
    if isinstance(value, tuple):
        items = tuple(_without(item, axis - 1, i) for item in value)
        return None if any(item is None for item in items) else items
    if isinstance(value, SVD):
        m, n, k = len(value.U), len(value.V), len(value.s)
        if i >= (m, n)[axis]:
            return None
        U, V = (_cut(value.U, 0, i), value.V) if axis == 0 else (value.U, _cut(value.V, 0, i))
        if min(len(U), len(V)) == k:
            return SVD(U, value.s, V)
        drop = min(i, k - 1)
        return SVD(_cut(U, 1, drop), _cut(value.s, 0, drop), _cut(V, 1, drop))
    return None if i >= value.shape[axis] else _cut(value, axis, i)


def _cut(A: Array, axis: int, i: int) -> Array:
    keep = [j for j in range(A.shape[axis]) if j != i]
    return A.take(keep, axis)


def _decreased(case: Any, field: str, by: int) -> Any | None:
    value = getattr(case, field) - by
    return None if value < 0 else _made(case, {field: value})


def _rescaled(case: Any, field: str, factor: int) -> Any | None:
    """An array over a common factor: entries that only count together shrink together."""
    value = getattr(case, field)
    if isinstance(value, SVD):
        return _made(case, {field: SVD(value.U, value.s / factor, value.V)})
    return _made(case, {field: value / factor})


def _rounded_up(case: Any, field: str) -> Any | None:
    """A scalar as the next integer: bounds on step sizes are strict, and the ladder of entries rounds down."""
    value = getattr(case, field).copy()
    value[0] = Fraction(math.ceil(value[0]))
    return _made(case, {field: value})


def _set(case: Any, field: str, value: Fraction) -> Any | None:
    array = getattr(case, field).copy()
    array[0] = value
    return _made(case, {field: array})


def _other_unit(case: Any, factor: int) -> Any | None:
    """The data in another unit, with the step that makes the run the same."""
    d = case.inputs
    return _made(case, {"inputs": SVD(d.U, d.s / factor, d.V), "step": case.step * factor * factor})


def _made(case: Any, changes: dict[str, Any]) -> Any | None:
    try:
        return dataclasses.replace(case, **changes)
    except InputError:
        return None
