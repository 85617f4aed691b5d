"""Which named types a strategy promises, and which of them it reaches.

A name is promised where a strategy chooses among several: the elements of a `sampled_from`, the names in a collection
that a composite strategy was given (``matrices(laws=...)``), and whatever `recipes.chosen` settles on, by default all
that fit.  It is reached when a recipe that is drawn holds it, in a field or in the name of its stratum.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from hypothesis import strategies as st

from theorems.strategies.draws import CHUNK, draws, recipe_of
from theorems.strategies.recipes import Recipe, promises

#: Draws in which every promised name must be met.
DRAWS = 1000
#: Recipes that are kept.
FIRST = 4

#: What a strategy calls by another name than its recipes do.
ALIASES = {"silero 8k": "silero gates", "silero 16k": "silero gates"}


def promised(strategy: st.SearchStrategy[Any]) -> tuple[str, ...]:
    """The names that a strategy chooses among, in the order in which they are found."""
    seen: set[int] = set()
    kept: list[Any] = []  # or an id might come again

    def walk(value: Any) -> Iterator[str]:
        if isinstance(value, st.SearchStrategy):
            if id(value) not in seen:
                seen.add(id(value))
                kept.append(value)
                value.validate()
                yield from walk(list(vars(value).values()))
        elif isinstance(value, Mapping):
            yield from walk(list(value.values()))
        elif isinstance(value, tuple | list | set | frozenset):
            names = [item for item in value if isinstance(item, str)]
            if len(names) == len(value) > 1:
                yield from (name for name in names if any(map(str.isalpha, name)))  # no brackets of a printer
            else:
                for item in value:
                    yield from walk(item)

    return tuple(dict.fromkeys(walk(strategy)))


def names_in(value: Any) -> Iterator[str]:
    """The strings that a recipe holds, in its fields and theirs, and in what a transformation was given."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list | set | frozenset):
        for item in value:
            yield from names_in(item)
    elif isinstance(value, Mapping):
        yield from names_in(tuple(value.values()))
    elif isinstance(value, partial):
        yield from names_in(tuple(value.keywords.values()))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from names_in(getattr(value, field.name))


@dataclass(frozen=True)
class Reach:
    """What a strategy promised, what none of `drawn` recipes held of it, and how many recipes each stratum had.

    first  the first few recipes
    """

    promised: tuple[str, ...]
    missing: tuple[str, ...]
    strata: Mapping[str, int]
    drawn: int
    first: tuple[Recipe[Any], ...] = ()


def reach(strategy: st.SearchStrategy[Any], key: str, *, most: int = DRAWS, least: int = CHUNK) -> Reach:
    """Draw until every promised name was met, at least `least` and at most `most` recipes.

    They are those that the search for a counterexample to the claim `key` begins with.
    """
    met: set[str] = set()
    strata: Counter[str] = Counter()
    first: list[Recipe[Any]] = []
    names = dict.fromkeys(promised(strategy))
    with promises() as heard:
        for drawn in itertools.islice(draws(strategy, seed=0, key=key), most):
            recipe = recipe_of(drawn)
            if len(first) < FIRST:
                first.append(recipe)
            strata[recipe.stratum] += 1
            met.update((recipe.stratum, *recipe.stratum.split(", "), *names_in(drawn)))
            met.update(ALIASES.get(name, name) for name in names_in(drawn))
            if strata.total() >= least and met.issuperset(names) and met.issuperset(heard):
                break
    names |= heard
    return Reach(tuple(names), tuple(name for name in names if name not in met), strata, strata.total(), tuple(first))


def alike(strategies: Iterable[tuple[str, st.SearchStrategy[Any]]]) -> dict[str, tuple[str, st.SearchStrategy[Any]]]:
    """One of the strategies for each way in which they are written, with its key: several claims share one."""
    found: dict[str, tuple[str, st.SearchStrategy[Any]]] = {}
    for key, strategy in strategies:
        found.setdefault(repr(strategy), (key, strategy))
    return found
