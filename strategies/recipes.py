"""Recipes: small descriptions from which batches of floats and exact cases are made.

Hypothesis draws a recipe, not its numbers: sizes, a law by name and a seed cost microseconds, shrink well and can be
sent to another process, and the arrays are then made for a whole batch at once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

import numpy as np
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from theorems.case import Array, arrays
from theorems.domains import Domain
from theorems.strategies.finite import relisted

C_co = TypeVar("C_co", covariant=True)

#: Exact members grow with their index up to this size of entries.
LARGEST_ENTRY = 9


class Recipe(Protocol[C_co]):
    """A deterministic description of cases of one kind."""

    @property
    def stratum(self) -> str:
        """What kind of instance this is, for people: reports count by it."""

    @property
    def size(self) -> tuple[int, ...]:
        """What a search makes smaller first: (dimension, depth, total rank, ...)."""

    @property
    def domain(self) -> Domain:
        """What the strategy promises of every case, as data: whatever a search makes of one is checked against it.

        A recipe without one promises something that nobody knows: its cases are neither moved nor shrunk.
        """

    def batch(self, count: int) -> C_co:
        """A case whose arrays are float64 with a leading axis of length `count`, or less where members are dear."""

    def exact(self, index: int = 0) -> C_co:
        """The exact case number `index`, in Fractions; 0 is the simplest."""


class PlainArrays:
    """What makes a recipe of use in a test of one's own, without a claim and without a judge."""

    def arrays(self: Any) -> tuple[Array, ...]:
        """The arrays of one member as plain float64, in the order of the fields of the case."""
        return tuple(array[0] for array in arrays(self.batch(1)))


def opened(cases: Mapping[str, st.SearchStrategy[Any]]) -> dict[str, st.SearchStrategy[Any]]:
    """The strategies of a text whose statements say all that they suppose.

    What is drawn of chosen laws may then be moved and shrunk like anything else: what breaks a hypothesis is no
    instance.  Sizes, structures and ranges are kept.
    """
    return {key: relisted(strategy, strategy.map(_open)) for key, strategy in cases.items()}


def _open(recipe: Any) -> Any:
    fields = {f.name for f in dataclasses.fields(recipe)} if dataclasses.is_dataclass(recipe) else set()
    if "domain" not in fields or not recipe.domain.as_drawn:
        return recipe
    return dataclasses.replace(recipe, domain=dataclasses.replace(recipe.domain, as_drawn=False))


def generator_of(seed: int, *path: int) -> np.random.Generator:
    """The random generator of a recipe; different paths give independent streams."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, *path))))


def entry_size(index: int) -> int:
    """How large the integers of the exact case number `index` may be."""
    return min(1 + index, LARGEST_ENTRY)


# Arguments: the messages say the value, the reason and the remedy.


def require_interval(low: int, high: int, *, name: str, least: int = 1) -> None:
    """Raises `InvalidArgument` unless ``least <= min_<name> <= max_<name>``."""
    for bound, value in ((f"min_{name}", low), (f"max_{name}", high)):
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidArgument(f"{bound}={value!r} is no integer: give an int of at least {least}")
    if low < least:
        raise InvalidArgument(f"min_{name}={low} is below {least}, the least there is: use min_{name}={least} or more")
    if low > high:
        raise InvalidArgument(
            f"min_{name}={low} exceeds max_{name}={high}, so that nothing lies between: "
            f"raise max_{name} or lower min_{name}"
        )


def require_choice(value: object, choices: Iterable[object], *, name: str) -> None:
    """Raises `InvalidArgument` unless `value` is one of the choices."""
    known = list(choices)
    if value not in known:
        raise InvalidArgument(f"{name}={value!r} is unknown: use one of {', '.join(map(repr, known))}")


def chosen(values: Collection[str] | None, known: Iterable[str], *, name: str) -> list[str]:
    """The chosen names in the order of `known`, all of them for None.  Raises `InvalidArgument` for unknown ones."""
    names = list(known)
    if values is None:
        return _promised(names)
    if isinstance(values, str):
        raise InvalidArgument(f"{name}={values!r} is one string, not a collection of names: use {name}=({values!r},)")
    for value in values:
        require_choice(value, names, name=f"an entry of {name}")
    if not values:
        raise InvalidArgument(f"{name}={values!r} is empty, so that nothing is left to draw: leave it out for all")
    return _promised([value for value in names if value in values])


_promises: ContextVar[dict[str, None] | None] = ContextVar("promises", default=None)


@contextmanager
def promises() -> Iterator[dict[str, None]]:
    """Within, the names that strategies settle on with `chosen` are collected: what they promise to draw from."""
    heard: dict[str, None] = {}
    token = _promises.set(heard)
    try:
        yield heard
    finally:
        _promises.reset(token)


def _promised(names: list[str]) -> list[str]:
    heard = _promises.get()
    if heard is not None:
        heard.update(dict.fromkeys(names))
    return names
