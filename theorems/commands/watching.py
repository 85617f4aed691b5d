"""Commands watch the engine: a bar for its progress, and what is to be done with every result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from theorems.report.progress import bar
from theorems.strategies.engine.events import Event, Progress, Watch


@contextmanager
def watching(
    title: str, total: int, quiet: bool, ready: Callable[[Any], None] = lambda result: None
) -> Iterator[Watch]:
    """A bar of that title meanwhile, out of the way while `ready` prints a result."""
    with bar(title, total, quiet) as shown:

        def watch(event: Event) -> None:
            if isinstance(event, Progress):
                shown.update(event.done, event.counts)
            else:
                shown.pause(lambda: ready(event.result))

        yield watch
