"""Cases that lack what a strategy builds in: the leaves of its cases changed, whatever the type of the case.

A strategy makes cases that meet the hypotheses of a claim.  To ask whether a hypothesis is needed one wants cases that
violate it and meet the others: singular weights, ranks beside their thresholds, negative or vanishing singular values,
matrices that are not symmetric, steps that are too long.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from hypothesis import strategies as st

from theorems.case import SVD, Array, fractions, parts
from theorems.domains import ANY
from theorems.errors import InputError
from theorems.models.linear import Adapter
from theorems.strategies.draws import recipe_of
from theorems.strategies.recipes import Recipe, generator_of

#: How many leaves one recipe changes: one, each with probability a third, or all.
REACH = ("one", "some", "all", "integers")
#: How often a partition of layers changes.
PARTITIONED = 0.3
#: Fields that may become zero.
COUNTS = ("steps",)
SCALES = (Fraction(1, 10), Fraction(1, 2), Fraction(2), Fraction(10), Fraction(1000))

Generator = np.random.Generator
#: A change of an array whose last axes are those of one instance (`axes` many), with a generator for what it draws.
Change = Callable[[Array, int, Generator], Array]


@dataclass(frozen=True)
class Changed:
    """A recipe whose cases are changed: which leaves, and how, depends on `reach` and `seed` alone.

    Where a change gives no case (`InputError`), the case stays as the recipe makes it.
    """

    recipe: Recipe[Any]
    reach: str
    seed: int
    domain = ANY

    @property
    def stratum(self) -> str:
        return f"{self.recipe.stratum}, changed"

    @property
    def size(self) -> tuple[int, ...]:
        return self.recipe.size

    @cached_property
    def _axes(self) -> list[int]:
        """The number of axes that each leaf of one instance has."""
        return [leaf.ndim for leaf in parts(self.recipe.exact(0)) if isinstance(leaf, np.ndarray)]

    def batch(self, count: int) -> Any:
        return self._changed(self.recipe.batch(count), 0)

    def exact(self, index: int = 0) -> Any:
        return self._changed(self.recipe.exact(index), index + 1)

    def _changed(self, case: Any, stream: int) -> Any:
        try:
            return _rebuilt(case, _Plan(self, generator_of(self.seed), generator_of(self.seed, stream), self._axes))
        except (InputError, IndexError, ValueError):
            return case


def without(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Changed]:
    """Recipes of `strategy` with changed leaves.  Shrinks to a change of one leaf of its simplest recipe."""
    return st.builds(Changed, strategy.map(recipe_of), st.sampled_from(REACH), st.integers(0, 2**20))


class _Plan:
    """What happens to each part of a case, in order: `choices` decides what, `values` draws with what."""

    def __init__(self, changed: Changed, choices: Generator, values: Generator, axes: list[int]) -> None:
        self.choices, self.values = choices, values
        self._reach = changed.reach
        self._axes: Iterator[int] = iter(axes)
        self._place = 0
        self._only = int(choices.integers(max(1, len(axes))))

    def axes(self) -> int:
        """The axes of the next leaf."""
        return next(self._axes)

    def chosen(self) -> bool:
        """Whether the next array changes."""
        place, self._place = self._place, self._place + 1
        coin = self.choices.random() < 1 / 3  # drawn in every case, so that the choices do not depend on the reach
        if self._reach == "one":
            return place == self._only
        return self._reach == "all" or (self._reach == "some" and coin)

    def moves(self) -> bool:
        """Whether the next integer changes."""
        return bool(self.choices.random() < {"integers": 0.5, "some": 0.1}.get(self._reach, 0.0))


def _rebuilt(part: Any, plan: _Plan) -> Any:
    if isinstance(part, SVD):
        return _decomposition(part, plan)
    if isinstance(part, np.ndarray):
        return _array(part, plan)
    if isinstance(part, Adapter):
        return _widened(Adapter(_array(part.B, plan), _array(part.A, plan)), plan)
    if isinstance(part, bool | str) or part is None:
        return part
    if isinstance(part, int):
        return _moved((part,), plan)[0]
    if isinstance(part, tuple) and len(part) > 1 and all(isinstance(item, int) for item in part):
        # LoRA-ranks that are one R stay one R: another claim may be about ranks that differ
        return _moved(part[:1], plan) * len(part) if len(set(part)) == 1 else _moved(part, plan)
    if isinstance(part, tuple):
        return tuple(_rebuilt(item, plan) for item in part)
    fields = {f.name: getattr(part, f.name) for f in dataclasses.fields(part) if f.init}  # fmt: skip
    changed = {
        name: _repartitioned(value, plan)
        if name == "partition"
        else _moved((value,), plan, 0)[0]
        if name in COUNTS
        else _rebuilt(value, plan)
        for name, value in fields.items()
    }  # fmt: skip
    return type(part)(**changed)


def _widened(adapter: Adapter, plan: _Plan) -> Adapter:
    """Now and then a column and a row more, where the rank of the adapter is its own."""
    one = np.ones_like(adapter.B[..., :1]), np.ones_like(adapter.A[..., :1, :])
    if not plan.moves() or not all(leaf.size for leaf in one):
        return adapter
    columns, rows = (_natural(leaf, 2, plan.values) for leaf in one)
    return Adapter(np.concatenate([adapter.B, columns], -1), np.concatenate([adapter.A, rows], -2))


def _moved(values: tuple[int, ...], plan: _Plan, least: int = 1) -> tuple[int, ...]:
    """Neighbouring integers; what is `least` or more stays so."""
    steps = plan.choices.choice([-2, -1, -1, 1, 1, 2, 3], size=len(values)).tolist()
    moved = [(v, max(min(least, v), v + int(step))) for v, step in zip(values, steps, strict=True)]
    return tuple(new if plan.moves() else old for old, new in moved)


def _repartitioned(partition: tuple[tuple[int, ...], ...], plan: _Plan) -> tuple[tuple[int, ...], ...]:
    """The same layers, cut at other places into as many blocks."""
    layers = [l for block in partition for l in block]
    draw = plan.choices.permutation(np.arange(1, len(layers)))[: len(partition) - 1]
    if not plan.choices.random() < PARTITIONED:
        return partition
    ends = [0, *sorted(draw.tolist()), len(layers)]
    return tuple(tuple(layers[a:b]) for a, b in itertools.pairwise(ends))


def _array(array: Array, plan: _Plan) -> Array:
    axes = plan.axes()
    chosen = plan.chosen()
    kinds = CHANGES.get(min(axes, 2), CHANGES[2])
    change = kinds[int(plan.choices.integers(len(kinds)))]
    if not chosen or not array.size:
        return array
    return change(array.copy(), axes, plan.values)


def _decomposition(d: SVD, plan: _Plan) -> SVD:
    """Other singular values, in order; U and V stay orthogonal, or become the identity."""
    for _ in range(3):
        plan.axes()
    chosen = [plan.chosen() for _ in range(3)]
    kind, cut = int(plan.choices.integers(6)), plan.choices.random()
    if not any(chosen):
        return d
    s, n = d.s.copy(), d.s.shape[-1]
    if kind == 0:
        s = s * 0
    elif kind == 1:  # a rank drop
        s[..., int(cut * n) :] = s[..., int(cut * n) :] * 0
    elif kind == 2:  # ties
        s[..., :] = s[..., :1]
    elif kind == 3:
        s = s * _like(SCALES[int(cut * len(SCALES))], s)
    elif kind == 4:
        values = np.sort(plan.values.integers(0, 4, size=s.shape), axis=-1)[..., ::-1]
        s = _numbers(values, s)
    else:
        return SVD(_identity(d.U), s, _identity(d.V))
    return SVD(d.U, s, d.V)


# arrays -------------------------------------------------------------------------------------------------------------


def _numbers(values: Array, like: Array) -> Array:
    """Integers in the number type of `like`."""
    return fractions(values) if like.dtype == object else values.astype(np.float64)


def _like(value: Fraction, array: Array) -> Any:
    return value if array.dtype == object else float(value)


def _identity(array: Array) -> Array:
    result: Array = np.zeros_like(array)
    result[...] = _numbers(np.eye(*array.shape[-2:], dtype=np.int64), array)
    return result


def _zero(array: Array, axes: int, values: Generator) -> Array:
    result: Array = array * 0
    return result


def _negative(array: Array, axes: int, values: Generator) -> Array:
    result: Array = array * -1
    return result


def _scaled(array: Array, axes: int, values: Generator) -> Array:
    result: Array = array * _like(SCALES[int(values.integers(len(SCALES)))], array)
    return result


def _small(array: Array, axes: int, values: Generator) -> Array:
    return _numbers(values.integers(-2, 3, size=array.shape), array)


def _natural(array: Array, axes: int, values: Generator) -> Array:
    return _numbers(values.integers(0, 3, size=array.shape), array)


def _fractional(array: Array, axes: int, values: Generator) -> Array:
    result: Array = _numbers(values.integers(-3, 4, size=array.shape), array) * _like(Fraction(1, 4), array)
    return result


def _gram(array: Array, axes: int, values: Generator) -> Array:
    """A positive semidefinite matrix of norm below two, rarely diagonal, where the array is square."""
    M = _numbers(values.integers(-1, 2, size=array.shape), array)
    gram: Array = M @ M.mT if array.shape[-1] == array.shape[-2] else M
    gram *= _like(Fraction(1, 1 + array.shape[-1] ** 2), array)
    return gram


def _one_more(array: Array, axes: int, values: Generator) -> Array:
    place: Any = tuple(int(values.integers(n)) for n in array.shape[array.ndim - axes :])
    array[(Ellipsis, *place)] += _like(Fraction(1), array)
    return array


def _one_vanishes(array: Array, axes: int, values: Generator) -> Array:
    place: Any = tuple(int(values.integers(n)) for n in array.shape[array.ndim - axes :])
    array[(Ellipsis, *place)] *= 0
    return array


def _row_vanishes(array: Array, axes: int, values: Generator) -> Array:
    place = int(values.integers(array.shape[-2]))
    array[..., place, :] = array[..., place, :] * 0
    return array


def _column_vanishes(array: Array, axes: int, values: Generator) -> Array:
    place = int(values.integers(array.shape[-1]))
    array[..., place] = array[..., place] * 0
    return array


def _repeated_row(array: Array, axes: int, values: Generator) -> Array:
    one, two = (int(values.integers(array.shape[-2])) for _ in range(2))
    array[..., one, :] = array[..., two, :]
    return array


def _of_rank_one(array: Array, axes: int, values: Generator) -> Array:
    left = _numbers(values.integers(-2, 3, size=(*array.shape[:-1], 1)), array)
    product: Array = left * array[..., :1, :]
    return product


def _identity_matrix(array: Array, axes: int, values: Generator) -> Array:
    return _identity(array)


def _turned(array: Array, axes: int, values: Generator) -> Array:
    return array.mT if array.shape[-1] == array.shape[-2] else array[..., ::-1, :]


def _triangle(array: Array, axes: int, values: Generator) -> Array:
    n, m = array.shape[-2:]
    array[..., np.tri(n, m, -1, dtype=bool)] = _like(Fraction(0), array)
    return array


def _reversed(array: Array, axes: int, values: Generator) -> Array:
    return array[..., ::-1]


def _even(array: Array, axes: int, values: Generator) -> Array:
    array[...] = array[..., :1]
    return array


_ANY = (_zero, _negative, _scaled, _small, _natural, _fractional, _one_more, _one_vanishes)
CHANGES: dict[int, tuple[Change, ...]] = {
    0: (_zero, _negative, _scaled, _small, _natural, _fractional),
    1: (*_ANY, _reversed, _even),
    2: (
        *_ANY, _gram, _row_vanishes, _column_vanishes, _repeated_row, _of_rank_one, _identity_matrix, _turned,
        _triangle,
    ),
}  # fmt: skip
