"""Draw from Hypothesis strategies outside a test, as a function of a seed."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings, target
from hypothesis import seed as seeded
from hypothesis import strategies as st

from theorems.case import arrays, exact, floats, map_arrays
from theorems.domains import AS_DRAWN, Domain
from theorems.errors import InputError
from theorems.strategies.recipes import Recipe
from theorems.strategies.source import register, without_collected_constants

#: How many recipes one run of Hypothesis draws.
CHUNK = 50


_SETTINGS = settings(database=None, deadline=None, derandomize=False, suppress_health_check=list(HealthCheck))


def draws(strategy: st.SearchStrategy[Any], *, seed: int, key: str) -> Iterator[Any]:
    """Recipes or cases without end, a function of (seed, key) alone; finite strategies start again."""
    for chunk in itertools.count():
        yield from chunk_of(strategy, seed=seed, key=key, chunk=chunk)


def chunk_of(
    strategy: st.SearchStrategy[Any], *, seed: int, key: str, chunk: int, most: int = CHUNK
) -> list[Any]:
    """The draws number ``chunk * CHUNK`` to ``(chunk + 1) * CHUNK - 1``, fewer of a finite strategy; never none.

    With `most`, only the first of them.  Raises `InputError` for a strategy that draws nothing.
    """
    digest = hashlib.sha256(f"{seed}/{key}/{chunk}".encode()).digest()
    drawn = _chunk(strategy, int.from_bytes(digest[:8], "big"), most)
    if not drawn:
        raise InputError(f"the strategy of {key} draws nothing: its filters reject every example")
    return drawn


def aimed(
    strategy: st.SearchStrategy[Any], score: Callable[[Any], float], *, seed: int, key: str, number: int, most: int
) -> None:
    """Let Hypothesis climb: `score` gets each of `most` draws and says how near it comes (larger is nearer).

    What is drawn is a function of (seed, key, number) and of the scores.
    """
    digest = hashlib.sha256(f"{seed}/{key}/aimed/{number}".encode()).digest()

    @seeded(int.from_bytes(digest[:8], "big"))
    @settings(_SETTINGS, max_examples=most, phases=[Phase.generate, Phase.target])
    @given(strategy)
    def climb(value: Any) -> None:
        reached = score(value)
        if math.isfinite(reached):
            target(reached)

    with without_collected_constants():
        climb()


class _Enough(BaseException):
    """As many were drawn as are wanted.  No `Exception`, which Hypothesis would take for a failure."""


def _chunk(strategy: st.SearchStrategy[Any], seed: int, most: int) -> list[Any]:
    drawn: list[Any] = []

    @seeded(seed)
    @settings(_SETTINGS, backend=register(), max_examples=CHUNK, phases=[Phase.generate])
    @given(strategy)
    def collect(value: Any) -> None:
        drawn.append(value)
        if len(drawn) == most < CHUNK:
            raise _Enough

    with without_collected_constants(), suppress(_Enough):
        collect()
    return drawn


class PlainCase:
    """A case drawn as it is, without a recipe: a batch of it is the case again.

    Nothing is known of what the strategy promises, so that no other case is made of it.
    """

    stratum = "as drawn"
    domain = AS_DRAWN

    def __init__(self, case: Any) -> None:
        self._case = case

    @property
    def size(self) -> tuple[int, ...]:
        return (max((max(array.shape, default=0) for array in arrays(self._case)), default=0),)

    def batch(self, count: int) -> Any:
        return map_arrays(floats(self._case), lambda array: array[None])

    def exact(self, index: int = 0) -> Any:
        return exact(self._case)


def domain_of(recipe: Recipe[Any]) -> Domain:
    """What a recipe promises of all its cases, and of those that a search may make of them."""
    domain = getattr(recipe, "domain", AS_DRAWN)
    return domain if isinstance(domain, Domain) else AS_DRAWN


def recipe_of(drawn: Any) -> Recipe[Any]:
    """What was drawn, as a recipe."""
    return drawn if hasattr(drawn, "batch") and hasattr(drawn, "exact") else PlainCase(drawn)
