"""The changes that shrinking tries: smaller structures, then simpler entries."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from theorems.case import SVD, Array, CountCase, MatrixCase, arrays, fractions, map_arrays, parts
from theorems.domains import ANY, Domain, declared, leaves
from theorems.errors import InputError
from theorems.models.linear import Adapter
from theorems.strategies.search.simplicity import cost_of
from theorems.strategies.search.small_matrices import whole
from theorems.strategies.search.smaller import smaller_models
from theorems.strategies.search.smaller_flat import smaller_flat
from theorems.strategies.search.smaller_networks import smaller_networks
from theorems.strategies.search.smaller_transformers import smaller_transformers

#: Simple arrays of a kind that are tried in the place of one.
WHOLE = 24

#: Maps a case to a candidate, or to None where it does not apply.
Change: TypeAlias = Callable[[Any], Any | None]


def structural(case: Any) -> Iterator[Change]:
    """The changes that make a case smaller, whatever its entries."""
    if isinstance(case, MatrixCase):
        yield from (partial(_without_index, index=i) for i in range(8))
        yield from (partial(_without_line, axes=axes, index=i) for axes in _lines(case) for i in range(8))
    yield from smaller_models(case)
    if any(isinstance(part, Adapter) for part in parts(case)):
        yield _thinner
    yield from smaller_transformers(case)
    yield from smaller_networks(case)
    yield from smaller_flat(case)


def candidates(case: Any, domain: Domain = ANY) -> Iterator[Change]:
    """Changes to try in one pass, the largest first.  Each maps the current case to a candidate, or to None.

    `domain` is what is promised of the case: simple arrays that keep it are tried whole.
    """
    if isinstance(case, CountCase):
        yield from _integer_changes(len(case.values))
        return
    yield from structural(case)
    yield _absolute
    decompositions = sum(isinstance(part, SVD) for part in parts(case))
    if decompositions:
        yield _turned
    yield from (_absolute_decomposition(which) for which in range(decompositions))
    yield from (_straightened(which) for which in range(decompositions + 1))
    positions = _entries(case)
    for leaf in range(len(arrays(case))):
        yield _whole(leaf, lambda array: array * 0)
        yield _whole(leaf, _identity_like)
    promised = declared(case) + domain
    names = [name for name, value in leaves(case) if isinstance(value, np.ndarray)]
    for leaf, (name, array) in enumerate(zip(names, arrays(case), strict=True)):
        for option in whole(promised.of(name), array.shape)[:WHOLE]:
            yield _whole(leaf, partial(_like, entries=option))
    for leaf, position in positions:
        for level in range(10):
            yield _entry(leaf, position, level)
    for (one, two), value in itertools.product(itertools.pairwise(positions), (0, 1)):
        yield _both(one, two, Fraction(value))


def _entries(case: Any) -> list[tuple[int, tuple[int, ...]]]:
    return [(k, position) for k, leaf in enumerate(arrays(case)) for position in np.ndindex(leaf.shape)]


def _integer_changes(count: int) -> Iterator[Change]:
    """One integer to 1, to half, or one less; then two, three, ... of them one less together."""
    for which in range(count):
        for replace in (lambda v: 1, lambda v: v // 2, lambda v: v - 1):
            yield partial(_integers_replaced, chosen=(which,), replace=replace)
    for together in range(2, count + 1):
        for chosen in itertools.combinations(range(count), together):
            yield partial(_integers_replaced, chosen=chosen, replace=lambda v: v - 1)


def _integers_replaced(case: CountCase, chosen: tuple[int, ...], replace: Callable[[int], int]) -> CountCase:
    return CountCase(tuple(replace(v) if which in chosen else v for which, v in enumerate(case.values)))


def _replaced(case: Any, leaf: int, change: Callable[[Array], Array | None]) -> Any | None:
    counter = itertools.count()
    failed = False

    def visit(array: Array) -> Array:
        nonlocal failed
        if next(counter) != leaf:
            return array
        new = change(array.copy())
        failed = new is None
        return array if new is None else new

    result = map_arrays(case, visit)
    return None if failed else result


def _whole(leaf: int, change: Callable[[Array], Array | None]) -> Change:
    return lambda case: _replaced(case, leaf, change)


def _like(array: Array, entries: tuple[Fraction, ...]) -> Array | None:
    """These entries in the shape of the array, where they fit."""
    if array.size != len(entries):
        return None
    new = array.copy()
    new.ravel()[:] = entries
    return new


def _identity_like(array: Array) -> Array | None:
    if array.ndim != 2 or 0 in array.shape:
        return None
    return fractions(np.eye(*array.shape, dtype=np.int64))


def _entry(leaf: int, position: tuple[int, ...], level: int) -> Change:
    def change(array: Array) -> Array | None:
        if len(position) != array.ndim or any(i >= n for i, n in zip(position, array.shape, strict=True)):
            return None  # a smaller case has been accepted in the meantime
        simpler = _simpler(array[position], level)
        if simpler is None:
            return None
        array[position] = simpler
        return array

    return _whole(leaf, change)


def _simpler(value: Fraction, level: int) -> Fraction | None:
    """The candidate number `level` for an entry, or None where it would not be simpler."""
    ladder: list[Callable[[], Fraction]] = [
        lambda: Fraction(0),
        lambda: Fraction(1),
        lambda: Fraction(-1),
        lambda: Fraction(2),
        lambda: Fraction(-2),
        lambda: Fraction(round(value)),
        lambda: Fraction(int(value)),
        lambda: Fraction(1, 2) if value > 0 else Fraction(-1, 2),
        lambda: value.limit_denominator(max(1, value.denominator // 2)),
        lambda: Fraction(value.numerator // 2, value.denominator),
    ]
    candidate = ladder[level]()
    return candidate if cost_of(candidate) < cost_of(value) else None


def _both(
    one: tuple[int, tuple[int, ...]], two: tuple[int, tuple[int, ...]], value: Fraction
) -> Change:
    """Two neighbouring entries at once, for cases whose hypotheses tie them together."""

    def change(case: Any) -> Any | None:
        for leaf, position in (one, two):

            def put(array: Array, position: tuple[int, ...] = position) -> Array | None:
                if len(position) != array.ndim or any(i >= n for i, n in zip(position, array.shape, strict=True)):
                    return None
                array[position] = value
                return array

            case = _replaced(case, leaf, put)
            if case is None:
                return None
        return case

    return change


def _absolute(case: Any) -> Any:
    """Without signs: single entries of factors that belong together cannot lose theirs alone."""
    return map_arrays(case, abs)


def _absolute_decomposition(which: int) -> Change:
    def change(case: Any) -> Any | None:
        decompositions = [part for part in parts(case) if isinstance(part, SVD)]
        if which >= len(decompositions):
            return None
        d = decompositions[which]
        return map_arrays(case, lambda leaf: abs(leaf) if leaf is d.U or leaf is d.V else leaf)

    return change


def _thinner(case: Any) -> Any:
    """Adapters without their last column and row, where the case knows their rank from them."""

    def thin(part: Any) -> Any:
        if isinstance(part, Adapter):
            if part.B.shape[-1] < 2:  # a witness with a rank of zero would be open to dispute
                raise InputError("the rank is one")
            return Adapter(part.B[:, :-1], part.A[:-1])
        if isinstance(part, tuple):
            return tuple(thin(item) for item in part)
        if dataclasses.is_dataclass(part) and not isinstance(part, type):
            return type(part)(**{f.name: thin(getattr(part, f.name)) for f in dataclasses.fields(part)})
        return part

    return thin(case)


def _turned(case: Any) -> Any:
    """New coordinates in which the first decomposition has U = V = I; the others and the adapters turn with it."""
    first = next((part for part in parts(case) if isinstance(part, SVD)), None)
    if first is None:  # a smaller case without one has been accepted in the meantime
        return None

    def turn(part: Any) -> Any:
        if isinstance(part, SVD):
            if (len(part.U), len(part.V)) != (len(first.U), len(first.V)):
                return part
            return SVD(first.U.T @ part.U, part.s, first.V.T @ part.V)
        if isinstance(part, Adapter):
            return Adapter(first.U.T @ part.B, part.A @ first.V) if part.A.size else part
        if isinstance(part, tuple):
            return tuple(turn(item) for item in part)
        if dataclasses.is_dataclass(part) and not isinstance(part, type):
            return type(part)(**{f.name: turn(getattr(part, f.name)) for f in dataclasses.fields(part)})
        return part

    return turn(case)


def _straightened(which: int) -> Change:
    """U = V = I in one decomposition of the case (in all of them for the last number)."""

    def change(case: Any) -> Any | None:
        decompositions = [part for part in parts(case) if isinstance(part, SVD)]
        chosen = decompositions if which >= len(decompositions) else [decompositions[which]]
        straight = {id(leaf) for d in chosen for leaf in (d.U, d.V)}

        def visit(leaf: Array) -> Array:
            identity = _identity_like(leaf) if id(leaf) in straight else None
            return leaf if identity is None else identity

        return map_arrays(case, visit)

    return change


def _without_index(case: MatrixCase, index: int) -> MatrixCase | None:
    """The case of matrices without one row and column, where all are square of one size."""
    shapes = {size for leaf in arrays(case) for size in leaf.shape}
    if len(shapes) != 1 or not index < (n := shapes.pop()) or n < 2:
        return None
    keep = [i for i in range(n) if i != index]
    return map_arrays(case, lambda leaf: leaf[np.ix_(*[keep] * leaf.ndim)])


def _lines(case: MatrixCase) -> list[tuple[tuple[int, int], ...]]:
    """Axes (leaf, axis) that may lose an index together, where shapes are not all square of one size.

    All rows, all columns with the vectors, and each axis of one matrix alone with the axis that it meets in a chain.
    """
    leaves_of = arrays(case)
    if len({size for leaf in leaves_of for size in leaf.shape}) <= 1:
        return []
    rows = tuple((k, 0) for k, leaf in enumerate(leaves_of) if leaf.ndim == 2)
    columns = tuple((k, leaf.ndim - 1) for k, leaf in enumerate(leaves_of))
    chain = [((k, 1), (k + 1, 0)) for k in range(len(case.matrices) - 1)]
    alone = [((k, axis),) for k, _ in rows for axis in (0, 1)]
    last = len(case.matrices) - 1
    ends = [((last, 1), *((k, 0) for k in range(last + 1, len(leaves_of))))] if last >= 0 else []
    return list(dict.fromkeys([rows, columns, *chain, *ends, *alone]))


def _without_line(case: MatrixCase, axes: tuple[tuple[int, int], ...], index: int) -> MatrixCase | None:
    """The case without one index of these axes."""
    for k, axis in axes:
        leaf = arrays(case)[k] if k < len(arrays(case)) else None
        if leaf is None or axis >= leaf.ndim or not index < leaf.shape[axis] or leaf.shape[axis] < 2:
            return None

        def cut(array: Array, axis: int = axis) -> Array:
            return np.delete(array, index, axis)

        shorter = _replaced(case, k, cut)
        if shorter is None:
            return None
        case = shorter
    return case
