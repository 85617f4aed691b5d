"""Tuples of integers for claims on sizes: recipes of `CountCase`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from theorems.case import CountCase
from theorems.domains import ANY, Domain, Within
from theorems.strategies.finite import listed
from theorems.strategies.recipes import Recipe

#: A bound of one integer: a number, or a function of the integers named before it.
Bound: TypeAlias = int | Callable[[Mapping[str, int]], int]


@dataclass(frozen=True)
class Ranges(Domain):
    """The ranges of named integers; a bound may depend on the integers before it."""

    ranges: tuple[tuple[str, tuple[Bound, Bound]], ...] = ()

    def at(self, case: object) -> Domain:
        """The ranges as they are for the integers of one case, as data; up to the first that leaves its own."""
        known: dict[str, int] = {}
        rules: list[Within] = []
        for place, ((name, bounds), value) in enumerate(zip(self.ranges, getattr(case, "values", ()), strict=True)):
            low, high = (bound if isinstance(bound, int) else int(bound(known)) for bound in bounds)
            rules.append(Within(f"values[{place}]", low, high))
            if not low <= value <= high:
                break
            known[name] = value
        functions = any(callable(bound) for _, bounds in self.ranges for bound in bounds)
        return Domain(tuple(rules), as_drawn=functions)

    def __reduce__(self) -> tuple[type[Domain], tuple[Any, ...]]:
        """In another process nothing is known of bounds that are functions."""
        return Domain, ((), True)

    def flaw(self, case: object) -> str:
        if len(getattr(case, "values", ())) != len(self.ranges):
            return f"there must be {len(self.ranges)} integers"
        return self.at(case).flaw(case)


@dataclass(frozen=True)
class CountRecipe:
    """Named integers.  They are structure, not data: a batch is one case without arrays, and so is the exact case."""

    names: tuple[str, ...]
    values: tuple[int, ...]
    at_bounds: tuple[bool, ...]
    domain: Domain = field(default=ANY, repr=False, compare=False)

    @property
    def stratum(self) -> str:
        bounds = sum(self.at_bounds)
        return "at all bounds" if bounds == len(self.values) else "at a bound" if bounds else "inside"

    @property
    def size(self) -> tuple[int, ...]:
        return (sum(abs(value) for value in self.values), *self.values)

    def batch(self, count: int) -> CountCase:
        return CountCase(self.values)

    def exact(self, index: int = 0) -> CountCase:
        return CountCase(self.values)


def counts(*, names: Mapping[str, tuple[Bound, Bound]]) -> st.SearchStrategy[Recipe[CountCase]]:
    """Recipes of `CountCase` whose integers lie in the ranges given, in that order.

    names  ``{"L": (1, 6), "M": (1, lambda known: known["L"])}``: the least and the largest value of each integer, a
           number or a function of the integers before it.  Constraints between the integers are built in this way,
           and nothing is filtered.

    Every second integer sits at an end of its range.  Up to 20,000 tuples are tried one and all, which decides
    the claim.  Shrinks to the least values.
    """
    if not names:
        raise InvalidArgument(f"names={names!r} names no integer: give at least one, as in {{'D': (1, 8)}}")
    for name, (low, high) in names.items():
        if isinstance(low, int) and isinstance(high, int) and low > high:
            raise InvalidArgument(f"names[{name!r}]=({low}, {high}) is an empty range: put the smaller bound first")
    ranges = tuple(names.items())
    return listed(_counts(ranges), lambda: _tuples(ranges, {}), Ranges(ranges=ranges))


def _tuples(ranges: tuple[tuple[str, tuple[Bound, Bound]], ...], known: dict[str, int]) -> Iterator[CountCase]:
    """All tuples in the ranges."""
    if len(known) == len(ranges):
        yield CountCase(tuple(known.values()))
        return
    name, bounds = ranges[len(known)]
    low, high = (bound if isinstance(bound, int) else int(bound(known)) for bound in bounds)
    for value in range(low, high + 1):
        yield from _tuples(ranges, known | {name: value})


@st.composite
def _counts(draw: st.DrawFn, ranges: tuple[tuple[str, tuple[Bound, Bound]], ...]) -> Recipe[CountCase]:
    known: dict[str, int] = {}
    at_bounds: list[bool] = []
    for name, bounds in ranges:
        low, high = (bound if isinstance(bound, int) else bound(known) for bound in bounds)
        if low > high:
            raise InvalidArgument(
                f"names[{name!r}] leaves nothing between {low} and {high} after {known}: "
                "narrow the ranges of the integers before it, or widen this one"
            )
        known[name] = draw(st.integers(low, high) | st.sampled_from([low, high]))
        at_bounds.append(known[name] in (low, high))
    return CountRecipe(tuple(known), tuple(known.values()), tuple(at_bounds), Ranges(ranges=ranges))
