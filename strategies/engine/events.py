"""What the engine tells while it works; commands, bars and pytest watch, and the engine prints nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Progress:
    """So many items are done; `counts` says what was seen so far, in a few words."""

    done: int
    counts: str = ""


@dataclass(frozen=True)
class Ready:
    """The next result, in the order of the items."""

    result: Any


Event: TypeAlias = Progress | Ready
Watch: TypeAlias = Callable[[Event], None]


def unwatched(event: Event) -> None:
    """Nobody watches."""
