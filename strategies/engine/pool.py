"""Workers: tasks spread over processes, results in the order of the tasks, and events for who watches.

Workers are spawned, never forked, with one BLAS thread each: what they compute does not depend on how many there are.
One job is done by this process itself, which need not start another.
"""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.queues import SimpleQueue
from typing import Any

from theorems import catalogue
from theorems.extras import ONE_THREAD
from theorems.strategies.engine.events import Progress, Ready, Watch, unwatched
from theorems.strategies.engine.worker import Attacked, Task, work

#: Seconds between two looks at the messages, and the patience with workers that are told to end.
PACE, PATIENCE = 0.1, 3.0

Channel = SimpleQueue[Any]
_channel: Channel | None = None
_ended = False


class Interrupted(KeyboardInterrupt):
    """Ctrl-C or SIGTERM (its cause) during a run: how many tasks were done, and the files that were stored."""

    def __init__(self, finished: int, stored: Sequence[str]) -> None:
        super().__init__("interrupted")
        self.finished = finished
        self.stored = list(stored)


def run_all(
    tasks: Sequence[Task],
    *,
    jobs: int,
    watch: Watch = unwatched,
) -> list[Attacked]:
    """The results, in the order of the tasks; each is `Ready` as soon as all before it are there.

    Raises `Interrupted` on Ctrl-C, when the workers have ended.
    """
    if alone(jobs, tasks):
        return _run_here(tasks, watch)
    channel: Channel = SimpleQueue(ctx=get_context("spawn"))
    results: list[Attacked] = []
    state = _State(channel)
    with environment():
        pool = executor(min(jobs, len(tasks)), channel)
        try:
            with deferred_interrupt():  # a process that is just starting would print a traceback
                futures = [pool.submit(task_done, task) for task in tasks]
            while len(results) < len(tasks):
                wait([f for f in futures if not f.done()], timeout=PACE, return_when=FIRST_COMPLETED)
                state.listen()
                while len(results) < len(tasks) and futures[len(results)].done():
                    results.append(_outcome(futures[len(results)], tasks[len(results)]))
                    watch(Ready(results[-1]))
                watch(Progress(sum(f.done() for f in futures), state.counts()))
            pool.shutdown()
        except BaseException as error:
            stop(pool)
            state.listen()
            if isinstance(error, KeyboardInterrupt):
                raise Interrupted(len(results), list(state.stored.values())) from error
            raise
    return results


def alone(jobs: int, tasks: Sequence[Task]) -> bool:
    """Whether this process does the tasks itself."""
    return min(jobs, len(tasks)) <= 1


def _run_here(tasks: Sequence[Task], watch: Watch) -> list[Attacked]:
    """The same, one after the other and without a worker."""
    results: list[Attacked] = []
    state = _State()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # as in a worker

        def send(message: tuple[str, str, Any]) -> None:
            state.hear(*message)
            watch(Progress(len(results), state.counts()))

        try:
            for task in tasks:
                results.append(work(task, send))
                watch(Ready(results[-1]))
                watch(Progress(len(results), state.counts()))
        except KeyboardInterrupt as error:
            raise Interrupted(len(results), list(state.stored.values())) from error
    return results


class _State:
    """What the workers have told so far."""

    def __init__(self, channel: Channel | None = None) -> None:
        self._channel = channel
        self.seen: dict[str, int] = {}
        self.stored: dict[str, str] = {}

    def listen(self) -> None:
        while self._channel is not None and not self._channel.empty():
            self.hear(*self._channel.get())

    def hear(self, kind: str, key: str, value: Any) -> None:
        (self.stored if kind == "stored" else self.seen)[key] = value

    def counts(self) -> str:
        return f"{sum(self.seen.values()):,} live instances, {len(self.stored)} refuted"


def _outcome(future: Future[Attacked], task: Task) -> Attacked:
    try:
        return future.result()
    except BrokenProcessPool:
        return Attacked(task, problem=f"{task.target}: a worker process died (out of memory?): try --jobs 1")


# processes ----------------------------------------------------------------------------------------------------------


def executor(jobs: int, channel: Channel) -> Executor:
    """The pool of worker processes."""
    return ProcessPoolExecutor(jobs, get_context("spawn"), initializer=prepare, initargs=(channel, catalogue.given()))


def prepare(channel: Channel, texts: Sequence[str]) -> None:
    """Make this process a worker, which knows the `texts` that were given by file or module."""
    global _channel
    _channel = channel
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal interrupts the whole group; the parent decides
    signal.signal(signal.SIGTERM, _end)
    threading.Thread(target=_follow_parent, daemon=True).start()
    warnings.simplefilter("ignore", RuntimeWarning)  # overflow in floats is expected, and judged
    for text in texts:
        catalogue.use(text)


def _end(signal_number: int, frame: object) -> None:
    """Unwind, so that a half-written file is removed, and take no further task."""
    global _ended
    _ended = True
    raise SystemExit(1)


def _follow_parent() -> None:
    """End this worker when its parent has died without ending it."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(PATIENCE)
        os._exit(1)


def task_done(task: Task) -> Attacked:
    """Do a task in a worker."""
    if _ended:
        raise SystemExit(1)
    assert _channel is not None
    return work(task, _channel.put)


def stop(pool: Executor) -> None:
    """End the workers, by force where patience does not help."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()


@contextmanager
def deferred_interrupt() -> Iterator[None]:
    """Hold Ctrl-C back, here and in the processes that start meanwhile (they inherit it, and ignore it anyway)."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def environment() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
