"""A progress bar on a terminal, and not a byte in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from theorems.report.printing import console

if TYPE_CHECKING:
    from rich.progress import Progress


class Bar:
    """A progress bar, or nothing in a pipe."""

    def __init__(self, progress: Progress | None, title: str, total: int) -> None:
        self._progress = progress
        self._bar = progress.add_task(title, total=total, counts="") if progress is not None else None

    def update(self, done: int, counts: str = "") -> None:
        """So many are done; `counts` stands beside the bar."""
        if self._progress is not None and self._bar is not None:
            self._progress.update(self._bar, completed=done, counts=counts)

    def pause(self, action: Callable[[], None]) -> None:
        """Do what prints, with the bar out of the way."""
        if self._progress is None:
            action()
            return
        self._progress.stop()
        action()
        sys.stdout.flush()
        self._progress.start()


@contextmanager
def bar(title: str, total: int, quiet: bool) -> Iterator[Bar]:
    """A bar on a terminal, which is gone at the end; not a byte elsewhere, or where it is to be quiet."""
    if quiet or not sys.stderr.isatty():
        yield Bar(None, title, total)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
    )  # fmt: skip
    progress = Progress(
        *columns, console=console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
    )
    with progress:
        yield Bar(progress, title, total)
