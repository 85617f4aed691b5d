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
from strategies.search.simplicity import cost_of, simplicity, size_of, structure_of
from strategies.search.smaller import smaller_models
from strategies.search.smaller_networks import smaller_networks
from strategies.search.smaller_runs import smaller_runs
from strategies.search.smaller_spectra import smaller_chains
from strategies.search.smaller_transformers import smaller_transformers
from strategies.search.sweep import sweep
from theorems.case import SVD, Array, CountCase, MatrixCase, arrays, fractions, map_arrays, parts
from theorems.claim import Claim
from theorems.errors import InputError
from theorems.models import Adapter

#: Exact checks that one shrinking may cost.
BUDGET = 2000
#: Members of recipes that are looked at for a start, and recipes of one size among them.
REFERENCES, GROUP = 600, 60
#: Rounds of sweeps; changes of size tried in each, smaller structures swept, and cases of each such sweep.
SWEEPS, CHANGES, STRUCTURES, FEW = 4, 16, 6, 3000

Convicts = Callable[[Any], bool]


class Shrinker:
    """Shrinks one convicted case; `convicts` says whether a candidate is still a counterexample.

    The result is the same wherever the search began, as far as that can be had.  The greedy pass starts from the
    simplest counterexample among the exact members of a fixed list of recipes, where there is one; the case that was
    found counts where it ends smaller.  Then sweeps look for the simplest entries at that size, and for a smaller
    counterexample next to it.
    """

    def __init__(self, claim: Claim, convicts: Convicts, *, budget: int = BUDGET) -> None:
        self._claim = claim
        self._convicts = convicts
        self._budget = budget
        self._left = budget

    def shrink(self, case: Any, recipes: Iterable[Recipe[Any]] = ()) -> Any:
        """The simplest counterexample found from `case` and from the exact members of `recipes`."""
        start = self._reference(case, recipes)
        result = self._swept(self._greedy(case if start is None else start))
        if start is not None and size_of(case) < size_of(result):
            result = min(result, self._swept(self._greedy(case)), key=simplicity)
        return result

    def _reference(self, case: Any, recipes: Iterable[Recipe[Any]]) -> Any | None:
        """The simplest counterexample among the members of the smallest recipes that have one."""
        dimension = size_of(case)[0]
        left = REFERENCES
        ordered = sorted(recipes, key=lambda recipe: recipe.size)
        for size, group in itertools.groupby(ordered, key=lambda recipe: recipe.size):
            found = []
            if size[0] > max(dimension, 1):
                break
            for recipe in itertools.islice(group, GROUP):
                for index in range(3):
                    left -= 1
                    candidate = recipe.exact(index)
                    if self._convicts(candidate):
                        found.append(candidate)
            if found:
                return min(found, key=simplicity)
            if left <= 0:
                break
        return None

    def _greedy(self, case: Any) -> Any:
        self._left = self._budget
        while self._left > 0:
            better = self._first(case, candidates(case))
            if better is None:
                break
            case = better
        return case

    def _swept(self, case: Any) -> Any:
        """Sweeps at the size of the case, and at smaller ones that its changes lead to; greedy passes in between."""
        if isinstance(case, CountCase):
            return self._least_integers(case)
        for _ in range(SWEEPS):
            better = self._at_a_smaller_size(case) or sweep(self._claim, case, self._convicts)
            if better is None:
                break
            case = self._greedy(better)
        return case

    def _least_integers(self, case: CountCase) -> CountCase:
        """The counterexample with the least sum, of the tuples of positive integers below that of `case`."""
        n = len(case.values)
        tried = 0
        for total in range(n, sum(case.values) + 1):
            for cut in itertools.combinations(range(1, total), n - 1):
                values = tuple(b - a for a, b in itertools.pairwise((0, *cut, total)))
                if simplicity(candidate := CountCase(values)) >= simplicity(case) or tried >= self._budget:
                    return case
                tried += 1
                if self._convicts(candidate):
                    return candidate
        return case

    def _at_a_smaller_size(self, case: Any) -> Any | None:
        for skeleton in self._skeletons(case):
            better = sweep(self._claim, skeleton, self._convicts, most=FEW, own=False)
            if better is not None:
                return better
        return None

    def _skeletons(self, case: Any) -> list[Any]:
        """Cases of smaller structures, one or two changes away, the smallest first; not convicted."""
        found: dict[Any, Any] = {}
        changes = list(itertools.islice(structural(case), CHANGES))
        for one, two in itertools.product([None, *changes], changes):
            skeleton = _changed(case if one is None else _changed(case, one), two)
            if skeleton is not None and size_of(skeleton) < size_of(case):
                found.setdefault(structure_of(skeleton), skeleton)
        return sorted(found.values(), key=size_of)[:STRUCTURES]

    def _first(self, case: Any, tries: Iterator[Any]) -> Any | None:
        """One pass: apply every candidate that keeps the conviction and is simpler; None when nothing changed."""
        best, changed = case, False
        for change in tries:
            if self._left <= 0:
                break
            candidate = _changed(best, change)
            if candidate is not None and simplicity(candidate) < simplicity(best) and self._try(candidate):
                best, changed = candidate, True
        return best if changed else None

    def _try(self, candidate: Any) -> bool:
        self._left -= 1
        return self._convicts(candidate)


def _changed(case: Any, change: Callable[[Any], Any | None]) -> Any | None:
    """The case after a change; None where it does not apply."""
    try:
        return None if case is None else change(case)
    except (InputError, IndexError):  # a case that checks itself refuses the change
        return None


def structural(case: Any) -> Iterator[Callable[[Any], Any | None]]:
    """The changes that make a case smaller, whatever its entries."""
    if isinstance(case, MatrixCase):
        yield from (_without_index(i) for i in range(8))
    yield from smaller_models(case)
    if any(isinstance(part, Adapter) for part in parts(case)):
        yield _thinner
    yield from smaller_transformers(case)
    yield from smaller_networks(case)
    yield from smaller_runs(case)
    yield from smaller_chains(case)


def candidates(case: Any) -> Iterator[Callable[[Any], Any | None]]:
    """Changes to try in one pass, the largest first.  Each maps the current case to a candidate, or to None."""
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


def _absolute(case: Any) -> Any:
    """Without signs: single entries of factors that belong together cannot lose theirs alone."""
    return map_arrays(case, abs)


def _absolute_decomposition(which: int) -> Callable[[Any], Any | None]:
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
