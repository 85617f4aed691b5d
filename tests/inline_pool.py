"""A pool of no processes for the tests of commands: tasks run where they are submitted, so that fakes reach them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from theorems.strategies.engine import pool
from theorems.strategies.engine.worker import Attacked, Task, work


class Inline(Executor):
    """Does each item where it is submitted."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*arguments, **options))
        return future


class InlineExecutor(Executor):
    """Runs each task on submission; the task number `interrupted` raises KeyboardInterrupt instead."""

    def __init__(self, channel: pool.Channel, interrupted: int | None = None) -> None:
        self._channel = channel
        self._interrupted = interrupted
        self._count = 0

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        if self._count == self._interrupted:
            raise KeyboardInterrupt
        self._count += 1
        (task,) = arguments
        assert isinstance(task, Task)
        future: Future[Attacked] = Future()
        future.set_result(work(task, self._channel.put))
        return future


def install(monkeypatch: pytest.MonkeyPatch, interrupted: int | None = None) -> list[int]:
    """Replace the pool of processes; the list gets the number of jobs of each run."""
    seen: list[int] = []

    def executor(jobs: int, channel: pool.Channel) -> Executor:
        seen.append(jobs)
        return InlineExecutor(channel, interrupted)

    monkeypatch.setattr(pool, "executor", executor)
    monkeypatch.setattr(pool, "alone", lambda jobs, tasks: False)
    return seen
