"""Draw from Hypothesis strategies outside a test, as a function of a seed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from strategies.recipes import Recipe
from theorems.case import arrays, exact, floats, map_arrays
from theorems.errors import InputError

#: How many recipes one run of Hypothesis draws.
CHUNK = 50


def draws(strategy: st.SearchStrategy[Any], *, seed: int, key: str) -> Iterator[Any]:
    """Recipes or cases without end, a function of (seed, key) alone; finite strategies start again."""
    chunk = 0
    while True:
        digest = hashlib.sha256(f"{seed}/{key}/{chunk}".encode()).digest()
        drawn = _chunk(strategy, int.from_bytes(digest[:8], "big"))
        if not drawn:
            raise InputError(f"the strategy of {key} draws nothing: its filters reject every example")
        yield from drawn
        chunk += 1


def _chunk(strategy: st.SearchStrategy[Any], seed: int) -> list[Any]:
    drawn: list[Any] = []

    @seeded(seed)
    @settings(
        max_examples=CHUNK,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: Any) -> None:
        drawn.append(value)

    collect()
    return drawn


class PlainCase:
    """A case drawn as it is, without a recipe: a batch of it is the case again."""

    stratum = "as drawn"

    def __init__(self, case: Any) -> None:
        self._case = case

    @property
    def size(self) -> tuple[int, ...]:
        return (max((max(array.shape, default=0) for array in arrays(self._case)), default=0),)

    def batch(self, count: int) -> Any:
        return map_arrays(floats(self._case), lambda array: array[None])

    def exact(self, index: int = 0) -> Any:
        return exact(self._case)


def recipe_of(drawn: Any) -> Recipe[Any]:
    """What was drawn, as a recipe."""
    return drawn if hasattr(drawn, "batch") and hasattr(drawn, "exact") else PlainCase(drawn)
