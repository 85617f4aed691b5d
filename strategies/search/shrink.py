"""Shrink a convicted case exactly: smaller sizes first, then simpler entries, never losing the conviction."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from strategies.recipes import Recipe
from strategies.search.smaller import smaller_models
from strategies.search.smaller_networks import smaller_networks
from strategies.search.smaller_runs import smaller_runs
from theorems.case import SVD, Array, CountCase, MatrixCase, arrays, fractions, map_arrays, parts
from theorems.errors import InputError
from theorems.models import Adapter

#: Exact checks that one shrinking may cost.
BUDGET = 3000

Convicts = Callable[[Any], bool]


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


class Shrinker:
    """Shrinks one convicted case; `convicts` says whether a candidate is still a counterexample."""

    def __init__(self, convicts: Convicts, *, budget: int = BUDGET) -> None:
        self._convicts = convicts
        self._left = budget

    def shrink(self, case: Any, recipes: Iterable[Recipe[Any]] = ()) -> Any:
        """The simplest counterexample found from `case` and from the exact members of smaller recipes."""
        case = self._smallest(case, recipes)
        while self._left > 0:
            better = self._first(case, candidates(case))
            if better is None:
                break
            case = better
        return case

    def _smallest(self, case: Any, recipes: Iterable[Recipe[Any]]) -> Any:
        """The smallest recipes first: the first size that has a counterexample among its simplest members."""
        budget = self._left // 2
        for recipe in sorted(recipes, key=lambda recipe: recipe.size):
            for index in range(4):
                if budget <= 0:
                    return case
                candidate = recipe.exact(index)
                if simplicity(candidate) < simplicity(case):
                    budget -= 1
                    if self._try(candidate):
                        case = candidate
        return case

    def _first(self, case: Any, tries: Iterator[Any]) -> Any | None:
        """One pass: apply every candidate that keeps the conviction and is simpler; None when nothing changed."""
        best, changed = case, False
        for change in tries:
            if self._left <= 0:
                break
            try:
                candidate = change(best)
            except InputError:  # a case that checks itself refuses the change
                continue
            if candidate is not None and simplicity(candidate) < simplicity(best) and self._try(candidate):
                best, changed = candidate, True
        return best if changed else None

    def _try(self, candidate: Any) -> bool:
        self._left -= 1
        return self._convicts(candidate)


def candidates(case: Any) -> Iterator[Callable[[Any], Any | None]]:
    """Changes to try in one pass, the largest first.  Each maps the current case to a candidate, or to None."""
    if isinstance(case, CountCase):
        yield from _integer_changes(len(case.values))
        return
    if isinstance(case, MatrixCase):
        yield from (_without_index(i) for i in range(8))
    yield from smaller_models(case)
    yield from smaller_networks(case)
    yield from smaller_runs(case)
    decompositions = sum(isinstance(part, SVD) for part in parts(case))
    if decompositions:
        yield _turned
    yield from (_straightened(which) for which in range(decompositions + 1))
    positions = _entries(case)
    for leaf in range(len(arrays(case))):
        yield _whole(leaf, lambda array: array * 0)
        yield _whole(leaf, _identity_like)
    for leaf, position in positions:
        for level in range(10):
            yield _entry(leaf, position, level)
    for (one, two), value in itertools.product(itertools.pairwise(positions), (0, 1)):
        yield _both(one, two, Fraction(value))


def _entries(case: Any) -> list[tuple[int, tuple[int, ...]]]:
    return [(k, position) for k, leaf in enumerate(arrays(case)) for position in np.ndindex(leaf.shape)]


def _integer_changes(count: int) -> Iterator[Callable[[Any], Any | None]]:
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


def _whole(leaf: int, change: Callable[[Array], Array | None]) -> Callable[[Any], Any | None]:
    return lambda case: _replaced(case, leaf, change)


def _identity_like(array: Array) -> Array | None:
    if array.ndim != 2 or 0 in array.shape:
        return None
    return fractions(np.eye(*array.shape, dtype=np.int64))


def _entry(leaf: int, position: tuple[int, ...], level: int) -> Callable[[Any], Any | None]:
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
) -> Callable[[Any], Any | None]:
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


def _turned(case: Any) -> Any:
    """New coordinates in which the first decomposition has U = V = I; the others and the adapters turn with it."""
    first = next(part for part in parts(case) if isinstance(part, SVD))

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


def _straightened(which: int) -> Callable[[Any], Any | None]:
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


def _without_index(index: int) -> Callable[[Any], Any | None]:
    """The case of matrices without one row and column, where all are square of one size."""

    def change(case: MatrixCase) -> MatrixCase | None:
        shapes = {size for leaf in arrays(case) for size in leaf.shape}
        if len(shapes) != 1 or not index < (n := shapes.pop()) or n < 2:
            return None
        keep = [i for i in range(n) if i != index]
        return map_arrays(case, lambda leaf: leaf[np.ix_(*[keep] * leaf.ndim)])

    return change
