"""The workers of a campaign on this machine: a pool of processes that is replaced when one of them dies."""

from __future__ import annotations

import time
from concurrent.futures import Executor
from contextlib import ExitStack
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from types import TracebackType

from theorems.strategies.engine.pool import Channel, deferred_interrupt, environment, executor, stop


class LocalWorkers:
    """A process pool; see `theorems.strategies.engine.campaign.Workers`."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._executor: Executor | None = None
        self._environment = ExitStack()

    def __enter__(self) -> LocalWorkers:
        self._environment.enter_context(environment())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.renew()
        self._environment.close()

    @property
    def executor(self) -> Executor:
        """The pool, with all its processes."""
        if self._executor is None:
            channel: Channel = SimpleQueue(ctx=get_context("spawn"))
            self._executor = executor(self._jobs, channel)
            with deferred_interrupt():  # a process that is just starting would print a traceback
                for _ in range(self._jobs):
                    self._executor.submit(time.sleep, 0)
        return self._executor

    @property
    def width(self) -> int:
        """One errand waits, so that no process does."""
        return self._jobs + 1

    def renew(self) -> None:
        """Another pool when there is work: a `ProcessPoolExecutor` that has lost a process takes no more."""
        if self._executor is not None:
            stop(self._executor)
        self._executor = None

    def complaint(self, error: BaseException) -> str:
        """Nothing: a process of this machine has what this one has."""
        return ""
