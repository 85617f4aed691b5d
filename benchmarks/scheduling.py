"""What the bookkeeping of a campaign can take: portions a second without work, through processes, dask, the journal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path

from benchmarks.lemma_9 import LEMMA_9
from benchmarks.measure import Row, stopwatch
from theorems.judge.tally import Tally
from theorems.strategies.engine.campaign import Campaign, Job
from theorems.strategies.engine.cluster import ClusterWorkers
from theorems.strategies.engine.journal import Done, Entry, Journal
from theorems.strategies.engine.local import LocalWorkers
from theorems.strategies.engine.portions import Errand
from theorems.strategies.search.portion import RECIPES

#: Strata that a portion tells of: as many as one of Lemma 9.
STRATA = 10


def told(errand: Errand) -> Done:
    """A portion without work, which tells as much as one with it."""
    strata = {f"stratum {i}": Tally(instances=2048, worst=0.5) for i in range(STRATA)}
    return Done(errand.entry.target, errand.number, strata, recipes=errand.most, seconds=0.0)


def portions_a_second(*, portions: int) -> list[Row]:
    """Through processes, through dask on loopback, and the journal alone."""
    rows = [_row("processes", LocalWorkers(2), portions)]
    if find_spec("distributed") is not None:
        with _cluster(2) as address:
            rows.append(_row("dask on loopback", ClusterWorkers(address, print), portions))
    rows.append(_journal(portions))
    return rows


def _row(name: str, workers: LocalWorkers | ClusterWorkers, portions: int) -> Row:
    entry = Entry(LEMMA_9.key, LEMMA_9.key, None, LEMMA_9.digest)

    def campaign(seed: int, count: int) -> float:
        with tempfile.TemporaryDirectory() as folder, closing(Journal.create(folder, seed)) as journal:
            journal.add_claims([entry])

            def errand(job: Job) -> Errand:
                return Errand(entry, seed, job.number, job.most, job.witness)

            return stopwatch(Campaign(journal, workers, errand=errand, work=told, recipes=count * RECIPES).run)

    with workers:
        campaign(0, 20)  # imports
        rate = portions / campaign(1, portions)
    return Row(f"Portions a second, {name}", rate, "/s", rate, rate, 1, goal=100,
               note=f"{portions} portions without work, two workers, each with {STRATA} strata, journal included; "
               "a portion with work takes a tenth of a second to minutes")  # fmt: skip


def _journal(portions: int) -> Row:
    entry = Entry(LEMMA_9.key, LEMMA_9.key, None, LEMMA_9.digest)
    with tempfile.TemporaryDirectory() as folder:
        with closing(Journal.create(folder, 0)) as journal:
            journal.add_claims([entry])

            def record() -> None:
                for number in range(portions):
                    journal.record(told(Errand(entry, 0, number, RECIPES)))

            rate = portions / stopwatch(record)
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / portions
    return Row("Portions a second, the journal alone", rate, "/s", rate, rate, 1, note=f"{size:,.0f} bytes a portion")


@contextmanager
def _cluster(workers: int) -> Iterator[str]:
    """The address of a dask scheduler on this machine, with workers."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scheduler.json"
        options = ["--scheduler-file", str(file), "--host", "127.0.0.1", "--no-dashboard"]
        dask = [sys.executable, "-m", "dask"]
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}

        def start(*words: str) -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                [*dask, *words, *options], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )

        started = [start("scheduler", "--port", "0")]
        try:
            started += [start("worker", "--nthreads", "1", "--no-nanny") for _ in range(workers)]
            while not file.exists():
                time.sleep(0.1)
            yield str(json.loads(file.read_text())["address"])
        finally:
            for process in started:
                process.kill()
                process.wait()
