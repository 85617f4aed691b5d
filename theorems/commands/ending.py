"""How a command ends before it is done: Ctrl-C, SIGTERM, and a line that says what is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from theorems.report.printing import complain


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
