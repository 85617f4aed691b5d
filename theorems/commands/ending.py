"""How a command ends before it is done: Ctrl-C, SIGTERM, a loop without end, and a line that says what is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from theorems.commands.printing import complain

#: Seconds, beyond twice those of a task, after which a user's statement is ended: a step may be slow, and is no loop.
GRACE = 60.0


class Terminated(KeyboardInterrupt):
    """SIGTERM: unwinds like Ctrl-C, and has an exit code of its own."""


@contextmanager
def terminable() -> Iterator[None]:
    """Turn SIGTERM into `Terminated` meanwhile; a second one, while the first unwinds, is not heard."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield  # whoever has a handler of their own keeps it
        return
    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _terminate(number: int, frame: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated


def ended(error: KeyboardInterrupt, kept: str = "") -> int:
    """Say what is kept, in one line on stderr; returns the exit code, 130 or 143 as a shell has them."""
    terminated = isinstance(error, Terminated) or isinstance(error.__cause__, Terminated)
    complain(f"{'terminated' if terminated else 'interrupted'}{kept and ', '}{kept}")
    return 143 if terminated else 130


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
