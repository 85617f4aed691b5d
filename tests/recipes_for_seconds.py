"""Commands whose hunts end after a number of recipes where they were given seconds: the same on a busy machine."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from theorems.commands import teeth_work
from theorems.strategies.engine import pool, worker
from theorems.strategies.variants import trial


class CountingExecutor(Executor):
    """Does each task where it is submitted; `recipes` take the place of seconds."""

    def __init__(self, recipes: int) -> None:
        self._recipes = recipes

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if function is pool.task_done:
            (task,) = arguments
            counted = dataclasses.replace(task, seconds=None, recipes=task.recipes or self._recipes)
            result = worker.work(counted, lambda message: None)
            result.task = task
            future.set_result(result)
        else:
            future.set_result(function(*arguments, **options))
        return future


def install(monkeypatch: pytest.MonkeyPatch, *, recipes: int, variants: int) -> None:
    """Replace the pool of processes, and the seconds of hunts by `recipes`, of hunts of variants by `variants`."""

    def tried(*arguments: Any, seconds: float, **options: Any) -> trial.Tried:
        assert seconds > 0
        return trial.tried(*arguments, seconds=None, recipes=variants, **options)

    monkeypatch.setattr(pool, "executor", lambda jobs, channel: CountingExecutor(recipes))
    monkeypatch.setattr(pool, "alone", lambda jobs, tasks: False)
    monkeypatch.setattr(teeth_work, "tried", tried)
    worker._loaded.cache_clear()
