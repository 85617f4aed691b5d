"""The workers of a campaign on other machines: dask.distributed, through its `concurrent.futures` interface.

On one machine of the cluster (all with this package, with the extra `cluster`)::

    dask scheduler --host 10.0.0.1 --port 8786

on every machine that is to work, as often as it has cores::

    OPENBLAS_NUM_THREADS=1 dask worker tcp://10.0.0.1:8786 --nthreads 1 --nworkers 8

and where the journal is to be::

    theorems hunt --all --seconds 3600 --campaign DIR --scheduler tcp://10.0.0.1:8786

Workers may die and join at any time: what a dead one had under way is done again by another one, and its counts are
added once.  DIR must be a local disk of the machine that hunts (SQLite's write-ahead log needs shared memory); workers
never write there.  The scheduler of dask executes what it is sent: keep its port inside the cluster.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from types import TracebackType
from typing import Any

from theorems.errors import InputError
from theorems.judge.witness import shown

#: Seconds to wait for the scheduler, and between two questions how many workers it has.
PATIENCE, PACE = 10, 1.0


class _Call:
    """A call that happens where this is unpickled."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self._call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self._call


class _Wrapped(Executor):
    """The executor of dask, sent nothing of this package but bytes.

    A worker that lacks the package then fails at the task, and says so; were it sent a class that it cannot import, it
    would die of the message without a word.  Nor does the scheduler need the package.
    """

    def __init__(self, executor: Any) -> None:
        self._executor = executor

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        """Call the function on a worker."""
        future: Future[Any] = self._executor.submit(pickle.loads, pickle.dumps(_Call(function, arguments)), **options)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Forget what is under way."""
        self._executor.shutdown(wait=wait)


class ClusterWorkers:
    """The workers of a dask scheduler; see `theorems.strategies.engine.campaign.Workers`."""

    def __init__(self, address: str, tell: Callable[[str], None]) -> None:
        self._address, self._tell = address, tell
        try:
            import distributed
        except ImportError:
            raise InputError(
                "--scheduler needs dask.distributed: pip install 'theorem-checker[cluster]', or leave the option out"
            ) from None
        try:
            module: Any = distributed
            self._client: Any = module.Client(address, timeout=PATIENCE, name="theorems")
        except (OSError, ValueError, TypeError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise InputError(
                f"--scheduler {shown(address)}: cannot be reached ({reason[:200]}): "
                f"start `dask scheduler`, and give its address as tcp://HOST:PORT"
            ) from None
        self._executor = _Wrapped(self._client.get_executor(pure=False))
        self._warned = False
        self._asked, self._width = 0.0, 0

    def __enter__(self) -> ClusterWorkers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown(wait=False)
        self._client.close(timeout=PATIENCE)

    @property
    def executor(self) -> Executor:
        """The executor of the client."""
        return self._executor

    @property
    def width(self) -> int:
        """Two errands for every worker that there is now; one where there is none yet, and it waits for the first."""
        if time.monotonic() - self._asked < PACE and self._width > 1:  # each question is a journey
            return self._width
        workers = len(self._client.scheduler_info(n_workers=-1)["workers"])
        if not workers and not self._warned:
            self._warned = True
            start = f"dask worker {shown(self._address)} --nthreads 1"
            self._tell(f"the scheduler has no workers: waiting for the first one (`{start}`)")
        self._asked, self._width = time.monotonic(), max(1, 2 * workers)
        return self._width

    def renew(self) -> None:
        """Nothing: dask replaces its workers itself."""

    def complaint(self, error: BaseException) -> str:
        """What is wrong with the scheduler or with all workers; nothing for the death of a worker."""
        text = " ".join(f"{error} {error.__cause__ or ''}".split())
        if isinstance(error, ImportError) or "No module named" in text:
            return f"a worker of {shown(self._address)} lacks the package ({text[:200]}): install theorem-checker there"
        if isinstance(error, CancelledError) or self._client.status not in ("running", "connecting"):
            return f"the scheduler {shown(self._address)} has gone away"
        return ""
