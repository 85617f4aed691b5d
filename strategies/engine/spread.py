"""A function of one item at a time, spread over worker processes: results in the order of the items."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from typing import TypeVar

from theorems.strategies.engine import pool
from theorems.strategies.engine.events import Progress, Ready, Watch, unwatched

Item = TypeVar("Item")
Result = TypeVar("Result")


def spread(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    jobs: int,
    died: Callable[[Item], Result],
    watch: Watch = unwatched,
    counts: Callable[[], str] = lambda: "",
) -> None:
    """Call `function` on every item; each result is `Ready` as soon as all before it are there.

    `died` is the result of an item whose process died; `counts` says how it goes.  Raises `Interrupted` on Ctrl-C,
    when the workers have ended.
    """
    channel: pool.Channel = SimpleQueue(ctx=get_context("spawn"))
    finished = 0
    with pool.environment():
        workers = pool.executor(max(1, min(jobs, len(items))), channel)
        try:
            with pool.deferred_interrupt():
                futures = [workers.submit(function, item) for item in items]
            while finished < len(items):
                wait([f for f in futures if not f.done()], timeout=pool.PACE, return_when=FIRST_COMPLETED)
                while finished < len(items) and futures[finished].done():
                    watch(Ready(_outcome(futures[finished], items[finished], died)))
                    finished += 1
                watch(Progress(sum(f.done() for f in futures), counts()))
            workers.shutdown()
        except BaseException as error:
            pool.stop(workers)
            if isinstance(error, KeyboardInterrupt):
                raise pool.Interrupted(finished, ()) from error
            raise


def _outcome(future: Future[Result], item: Item, died: Callable[[Item], Result]) -> Result:
    try:
        return future.result()
    except BrokenProcessPool:
        return died(item)
