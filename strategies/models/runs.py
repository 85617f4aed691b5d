"""Recipes of cases that a builder makes of material and sizes: whole runs, and others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from hypothesis import strategies as st

from theorems.case import exact
from theorems.domains import ANY
from theorems.strategies.material import Material
from theorems.strategies.recipes import Recipe, chosen, entry_size, generator_of, require_interval

#: ``build(material, sizes, law)`` gives a case; `sizes` has the dimensions and integers by name.
Builder: TypeAlias = Callable[[Material, Mapping[str, int], str], Any]
#: A bound of a size: a number, or a function of the sizes named before it.
Bound: TypeAlias = int | Callable[[Mapping[str, int]], int]


@dataclass(frozen=True)
class RunRecipe:
    """Cases of one builder, of one law and given sizes."""

    build: Builder
    law: str
    sizes: tuple[tuple[str, int], ...]
    seed: int = 0
    domain = ANY

    @property
    def stratum(self) -> str:
        return self.law

    @property
    def size(self) -> tuple[int, ...]:
        return (max(value for _, value in self.sizes), *(value for _, value in self.sizes))

    def batch(self, count: int) -> Any:
        return self.build(Material(generator_of(self.seed, 0), count), dict(self.sizes), self.law)

    def exact(self, index: int = 0) -> Any:
        material = Material(generator_of(self.seed, 1, index), None, entry_size(index))
        return exact(self.build(material, dict(self.sizes), self.law))  # builders may put plain integers in


def runs(
    build: Builder,
    sizes: Mapping[str, tuple[Bound, Bound]],
    laws: Collection[str],
    *,
    only: Collection[str] | None = None,
    rarely: Sequence[Mapping[str, tuple[Bound, Bound]]] = (),
) -> st.SearchStrategy[Recipe[Any]]:
    """Recipes of the cases that `build` makes.

    sizes   the least and the largest value of each dimension or integer, functions of the ones before allowed
    laws    the laws that the builder knows;  only  those to draw from, all by default
    rarely  other ranges of some sizes: about one draw in eight takes one of them

    Shrinks to the least sizes.
    """
    for name, (low, high) in sizes.items():
        if isinstance(low, int) and isinstance(high, int):
            require_interval(low, high, name=name, least=0)
    ranges = tuple(tuple({**sizes, **other}.items()) for other in ({}, *rarely))
    return _runs(build, ranges, tuple(chosen(only, laws, name="only")))


@st.composite
def _runs(
    draw: st.DrawFn,
    build: Builder,
    ranges: tuple[tuple[tuple[str, tuple[Bound, Bound]], ...], ...],
    laws: tuple[str, ...],
) -> Recipe[Any]:
    law = draw(st.sampled_from(laws))
    known: dict[str, int] = {}
    rare = len(ranges) > 1 and draw(st.integers(0, 7)) == 7
    for name, bounds in ranges[draw(st.integers(1, len(ranges) - 1)) if rare else 0]:
        low, high = (bound if isinstance(bound, int) else bound(known) for bound in bounds)
        known[name] = draw(st.integers(low, high))
    return RunRecipe(build, law, tuple(known.items()), draw(st.integers(0, 2**32 - 1)))
