"""The limit of whoever works: the end of a user's statement that runs on long after its time."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

#: Seconds, beyond twice those of a task, after which a user's statement is ended: a step may be slow, and is no loop.
GRACE = 60.0


class EndlessError(BaseException):
    """The time of a task is long over.  No `Exception`, so that no statement catches it."""


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Meanwhile, raise `EndlessError` in what runs on long after its seconds; without seconds, never."""
    usable = threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")
    if seconds is None or not usable:
        yield
        return
    before = signal.signal(signal.SIGALRM, _endless)
    signal.setitimer(signal.ITIMER_REAL, 2 * seconds + GRACE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _endless(number: int, frame: object) -> NoReturn:
    raise EndlessError
