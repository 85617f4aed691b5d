"""Campaigns: the journal survives, nothing is lost or counted twice, and findings do not depend on the workers."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import theorems
from tests.own_claims import FALSE, NAMES, OWN
from theorems.__main__ import main
from theorems.errors import InputError
from theorems.strategies.search import campaign as campaigns
from theorems.strategies.search.attack import Tally
from theorems.strategies.search.campaign import Campaign, Job
from theorems.strategies.search.journal import Done, Entry, Journal
from theorems.strategies.search.journal_file import FILE, LOCK

Capture = pytest.CaptureFixture[str]
Runs = Callable[[Job], Done]

#: Made up claims: where each is refuted, if anywhere.
REFUTED_IN = {"a": 7, "b": None, "c": 0}
ENTRIES = [Entry(key, key, None, "0" * 64) for key in REFUTED_IN]


# a made up search, run in the order that a test wants ---------------------------------------------------------------


def searched(job: Job) -> Done:
    """What a worker would say: counts that are a function of the portion, and the finding that `REFUTED_IN` says."""
    if job.witness is not None:
        return Done(job.target, job.number, witness=job.witness.upper())
    strata = {f"stratum {job.number % 2}": Tally(instances=10 + job.number, worst=1.0 / (1 + job.number))}
    first = REFUTED_IN[job.target]
    found = first is not None and job.number >= first and (job.number - first) % 2 == 0
    witness = f"{job.target} in {job.number}" if found else None
    return Done(job.target, job.number, strata, recipes=10, seconds=1.0, memory=5, witness=witness)


class FakeExecutor(Executor):
    """Runs what is submitted when it is told to, in any order."""

    def __init__(self) -> None:
        self.queue: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.queue.append((future, lambda: function(*arguments, **options)))
        return future


class FakeWorkers:
    """Workers that finish in a random order, and die as a test wants."""

    def __init__(self, width: int, seed: int = 0, deaths: Callable[[Job], bool] = lambda job: False) -> None:
        self._width = width
        self._random = random.Random(seed)
        self._deaths = deaths
        self.renewed = 0
        self._executor = FakeExecutor()

    @property
    def executor(self) -> Executor:
        return self._executor

    @property
    def width(self) -> int:
        return self._width

    def renew(self) -> None:
        self.renewed += 1
        self._executor = FakeExecutor()

    def complaint(self, error: BaseException) -> str:
        return "the scheduler has gone away" if isinstance(error, ConnectionError) else ""

    def step(self, futures: Any) -> None:
        """One errand ends, or its worker dies."""
        index = self._random.randrange(len(self._executor.queue))
        future, action = self._executor.queue.pop(index)
        try:
            future.set_result(action())
        except SystemExit:
            for other, _ in [(future, None), *self._executor.queue]:
                other.set_exception(BrokenExecutor("a process died"))
        except Exception as error:
            future.set_exception(error)


def hunted(
    folder: Path, workers: FakeWorkers, monkeypatch: pytest.MonkeyPatch, *, work: Runs = searched, recipes: int = 120,
    stop_after: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Run a campaign on made up claims; what the journal says then."""
    journal = Journal.resume(folder) if (folder / FILE).exists() else Journal.create(folder, {"seed": "0"})
    steps = 0

    def wait(futures: Any, **options: Any) -> tuple[list[Future[Any]], None]:
        nonlocal steps
        steps += 1
        if steps == stop_after:
            raise KeyboardInterrupt
        workers.step(futures)
        return [future for future in futures if future.done()], None

    monkeypatch.setattr(campaigns, "wait", wait)
    with closing(journal):
        journal.add_claims(ENTRIES)
        campaign = Campaign(journal, workers, errand=lambda job: job, work=work, recipes=recipes)
        try:
            campaign.run()
        finally:
            records = journal.records()
            assert records == campaign.records  # what is in memory is what is on disk
    return records


def findings(records: dict[str, Any]) -> dict[str, Any]:
    return {target: (record.number, record.normal) for target, record in records.items()}


EXPECTED = {"a": (7, "A IN 7"), "b": (None, None), "c": (0, "C IN 0")}


@pytest.mark.parametrize("width", [1, 2, 5, 16])
def test_the_findings_do_not_depend_on_the_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    for seed in range(5):
        records = hunted(tmp_path / str(seed), FakeWorkers(width, seed), monkeypatch)
        assert findings(records) == EXPECTED
        survivor = records["b"]
        assert (survivor.next, survivor.ahead, survivor.recipes, survivor.seconds) == (12, set(), 120, 12.0)
        assert sum(tally.instances for tally in survivor.strata.values()) == sum(10 + n for n in range(12))
        assert survivor.strata["stratum 1"].worst == 1 / 12


def test_an_interrupted_campaign_goes_on_and_counts_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = hunted(tmp_path / "whole", FakeWorkers(1), monkeypatch)
    for seed in range(4):
        folder = tmp_path / str(seed)
        for stop_after in (3, 5, 8, 2, 6):
            with pytest.raises(KeyboardInterrupt):
                hunted(folder, FakeWorkers(3, seed), monkeypatch, stop_after=stop_after)
        records = hunted(folder, FakeWorkers(2, seed), monkeypatch)
        assert findings(records) == EXPECTED
        assert records["b"] == whole["b"]


def test_a_portion_that_is_done_twice_counts_once(tmp_path: Path) -> None:
    with closing(Journal.create(tmp_path, {})) as journal:
        journal.add_claims(ENTRIES)
        for number in (2, 0, 2, 0, 1, 1, 5, 5):
            journal.record(searched(Job("b", number)))
        record = journal.records()["b"]
    assert (record.next, record.ahead) == (3, {5})
    assert sum(tally.instances for tally in record.strata.values()) == 10 + 11 + 12 + 15


def test_dead_workers_are_replaced_and_a_portion_that_kills_them_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Job] = []

    def deadly(job: Job) -> Done:
        seen.append(job)
        if (job.target, job.number) == ("b", 4):
            raise SystemExit(1)
        return searched(job)

    workers = FakeWorkers(3)
    records = hunted(tmp_path, workers, monkeypatch, work=deadly)
    assert findings(records) == EXPECTED
    assert seen.count(Job("b", 4)) >= campaigns.DEATHS
    assert records["b"].problem.startswith("b: portion 4 ended 3 workers")
    assert workers.renewed >= campaigns.DEATHS


def test_an_unlucky_death_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deaths = iter([True, False, False, True])

    def unlucky(job: Job) -> Done:
        if job.number == 3 and next(deaths, False):
            raise SystemExit(1)
        return searched(job)

    records = hunted(tmp_path, FakeWorkers(4, 1), monkeypatch, work=unlucky)
    assert findings(records) == EXPECTED
    assert (records["b"].recipes, records["b"].problem) == (120, "")


def test_a_worker_that_has_grown_too_large_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def large(job: Job) -> Done:
        done = searched(job)
        done.memory = 2**30
        return done

    workers = FakeWorkers(2)
    records = hunted(tmp_path, workers, monkeypatch, work=large)
    assert findings(records) == EXPECTED
    assert workers.renewed > 3
    assert records["b"].memory == 2**30


def test_a_scheduler_that_goes_away_leaves_the_journal_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(job: Job) -> Done:
        if job.number == 2:
            raise ConnectionError
        return searched(job)

    with pytest.raises(InputError, match=r"the scheduler has gone away; the journal .* is in order: go on with"):
        hunted(tmp_path, FakeWorkers(2), monkeypatch, work=away)
    assert findings(hunted(tmp_path, FakeWorkers(2), monkeypatch)) == EXPECTED


# journals that are not in order -------------------------------------------------------------------------------------


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a campaign that has been interrupted, in `camp` below the working folder."""
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(OWN)
    with closing(Journal.create("camp", {"seed": "0"})) as made:
        made.add_claims(ENTRIES)
    return tmp_path / "camp" / FILE


def damage_version(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    return "a journal of version 99, and this program writes version 1"


def damage_pages(path: Path) -> str:
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    return "the file is damaged, and is left as it is"


def damage_all(path: Path) -> str:
    path.write_bytes(b"no database at all" * 1000)
    return "the file is damaged, and is left as it is"


def damage_application(path: Path) -> str:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE other (x)")
    return "this is no journal of a campaign"


@pytest.mark.parametrize("damage", [damage_version, damage_pages, damage_all, damage_application])
@pytest.mark.parametrize("words", [["hunt", "--campaign", "camp", "--resume"], ["report", "camp"]])
def test_a_journal_that_is_not_in_order_is_refused_and_left_as_it_is(
    journal: Path, capsys: Capture, damage: Callable[[Path], str], words: list[str]
) -> None:
    message = damage(journal)
    before = journal.read_bytes()
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err
    assert str(Path("camp") / FILE) in err
    assert journal.read_bytes() == before


def test_a_locked_journal_is_refused(journal: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("theorems.strategies.search.journal_file.PATIENCE", 0.1)
    with closing(sqlite3.connect(journal, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert main(["hunt", "mine.py::cauchy_schwarz", "--campaign", "camp", "--resume"]) == 2
    assert "database is locked: another program holds the file" in capsys.readouterr().err
    with closing(Journal.resume("camp")):
        assert main(["hunt", "mine.py::cauchy_schwarz", "--campaign", "camp", "--resume"]) == 2
        assert "camp: another campaign is running there" in capsys.readouterr().err
        with closing(Journal.read("camp")) as reading:  # a report may be printed meanwhile
            assert list(reading.records()) == list(REFUTED_IN)
    assert not (journal.parent / LOCK).exists()


def test_a_full_disk_leaves_the_journal_as_it_was(journal: Path) -> None:
    with closing(Journal.resume("camp")) as running:
        before = running.records()
        (pages,) = running._connection.execute("PRAGMA page_count").fetchone()
        running._connection.execute(f"PRAGMA max_page_count = {pages}")
        strata = {f"{'x' * 500} {number}": Tally(instances=1) for number in range(100)}
        with pytest.raises(InputError, match="disk is full: what was recorded is kept: free some space"):
            running.record(Done("a", 0, strata, witness="w" * 100_000))
        assert running.records() == before
        running._connection.execute("PRAGMA max_page_count = 100000")
        assert running.record(Done("a", 0, strata))  # and it goes on
    with closing(Journal.read("camp")) as reading:
        assert len(reading.records()["a"].strata) == 100


def test_a_full_disk_at_the_start_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: Any) -> Iterator[str]:
        yield "CREATE TABLE first (x)"
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("theorems.strategies.search.journal._statements", full)
    with pytest.raises(InputError, match="disk is full"):
        Journal.create(tmp_path / "new" / "folder", {})
    assert not list(tmp_path.iterdir())


def test_counts_of_two_statements_are_never_added(tmp_path: Path) -> None:
    with closing(Journal.create(tmp_path, {})) as made:
        made.add_claims(ENTRIES)
        made.add_claims([*ENTRIES, Entry("new", "new", None, "1" * 64)])
        with pytest.raises(InputError, match="the statement of b has changed since this campaign began"):
            made.add_claims([Entry("newer", "newer", None, "1" * 64), Entry("b", "b", None, "1" * 64)])
        assert list(made.records()) == ["a", "b", "c", "new"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--campaign", "none", "--resume"], "none/journal.sqlite: there is no journal"),
        (["mine.py::cauchy_schwarz", "--campaign", "camp"], "there is a campaign already: go on with --resume"),
        (["--campaign", "camp", "--resume", "--seed", "3"], "this campaign has the seed 0"),
        (["--campaign", "mine.py/below", "mine.py::cauchy_schwarz"], "cannot be written"),
        (["--campaign", "new"], "nothing to hunt"),
        (["mine.py::cauchy_schwarz", "--resume"], "--resume is for campaigns"),
        (["mine.py::cauchy_schwarz", "--scheduler", "x"], "--scheduler is for campaigns"),
        (["mine.py::cauchy_schwarz", "--recipes", "0", "--campaign", "new"], "--recipes 0: give at least 1"),
    ],
)
def test_bad_input_ends_before_any_work(journal: Path, capsys: Capture, words: list[str], message: str) -> None:
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    assert main(["hunt", *words]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


# the real thing -----------------------------------------------------------------------------------------------------

TARGETS = [f"mine.py::{name}" for name in NAMES]
ENVIRONMENT = {
    **os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(theorems.__file__)), "OPENBLAS_NUM_THREADS": "1",
    "SLOW": "0.02",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(OWN)
    return tmp_path


@contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "theorems", "hunt", *TARGETS, "--recipes", "40", "--json", *words]
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def finished(*words: str) -> dict[str, Any]:
    with started(*words) as process:
        out, err = process.communicate(timeout=200)
    assert process.returncode == 1, err
    assert "Traceback" not in err
    return {row["key"]: row for row in json.loads(out)}


def portions_done(journal: str) -> int:
    if not (Path(journal) / FILE).exists():
        return 0
    try:
        with closing(Journal.read(journal)) as reading:
            return sum(record.next + len(record.ahead) for record in reading.records().values())
    except InputError:  # not made yet
        return 0


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def witnesses(journal: str) -> dict[str, str]:
    return {path.name: path.read_text() for path in (Path(journal) / "witnesses").iterdir()}


def test_killed_at_any_moment_and_resumed(folder: Path, capsys: Capture) -> None:
    """Killed twice, it loses nothing; one job and two find the same; the report reads it."""
    for done in (1, 5):
        with started("--campaign", "camp", "--jobs", "2", *(["--resume"] if done > 1 else [])) as process:
            wait_for(lambda done=done: portions_done("camp") >= done)  # type: ignore[misc]
            before = portions_done("camp")
            process.send_signal(signal.SIGKILL)
            process.communicate()
        assert portions_done("camp") >= before
    rows = finished("--campaign", "camp", "--jobs", "1", "--resume")
    once = finished("--campaign", "once", "--jobs", "2")
    assert witnesses("camp") == witnesses("once")
    assert len(witnesses("camp")) == len(FALSE)
    for name in NAMES:
        assert rows[name]["outcome"] == ("refuted" if name in FALSE else "survived")
        if name not in FALSE:  # of a refuted claim, more portions may have been under way
            same = ("instances", "exact", "vacuous", "recipes", "worst_margin")
            assert {word: rows[name][word] for word in same} == {word: once[name][word] for word in same}
    capsys.readouterr()
    assert main(["report", "camp"]) == 0
    out = capsys.readouterr().out
    assert "4 claims, 2 refuted (*); " in out
    assert main(["report", "camp", "--json"]) == 0
    assert {row["key"]: row["outcome"] for row in json.loads(capsys.readouterr().out)} == {
        name: rows[name]["outcome"] for name in NAMES
    }


@contextmanager
def cluster(workers: int, *options: str) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler of dask and its workers, processes of their own on this machine."""
    quiet: dict[str, Any] = {"env": ENVIRONMENT, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    file = ["--scheduler-file", "scheduler.json", "--host", "127.0.0.1", "--no-dashboard"]
    dask = [sys.executable, "-m", "dask"]
    running = [subprocess.Popen([*dask, "scheduler", "--port", "0", *file], **quiet)]
    try:
        command = [*dask, "worker", "--nthreads", "1", "--no-nanny", *file, *options]
        running += [subprocess.Popen(command, **quiet) for _ in range(workers)]
        wait_for(lambda: Path("scheduler.json").exists())
        yield json.loads(Path("scheduler.json").read_text())["address"], running[1:]
    finally:
        for process in running:
            process.kill()
            process.wait()


needs_dask = pytest.mark.skipif(find_spec("distributed") is None, reason="the extra `cluster` is not installed")


@needs_dask
def test_on_a_cluster_one_of_whose_workers_is_killed(folder: Path) -> None:
    with cluster(2) as (address, workers), started("--campaign", "far", "--scheduler", address) as process:
        wait_for(lambda: portions_done("far") >= 4)
        workers[0].send_signal(signal.SIGKILL)
        out, err = process.communicate(timeout=200)
    assert process.returncode == 1, err
    rows = {row["key"]: row for row in json.loads(out)}
    once = finished("--campaign", "near", "--jobs", "2")
    assert witnesses("far") == witnesses("near")
    for name in set(NAMES) - set(FALSE):
        assert rows[name] | {"seconds": 0} == once[name] | {"seconds": 0}


@needs_dask
def test_a_worker_without_the_packages(folder: Path) -> None:
    """A worker that cannot import `theorems`: one line, and a journal that goes on elsewhere."""
    Path("bare.py").write_text(
        "import sys\nclass Bare:\n    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == 'theorems':\n"
        "            raise ModuleNotFoundError('No module named ' + repr(name), name=name)\n"
        "sys.meta_path.insert(0, Bare())\n"
    )
    with (
        cluster(1, "--preload", "bare.py") as (address, _),
        started("--campaign", "camp", "--scheduler", address) as process,
    ):
        out, err = process.communicate(timeout=200)
    assert (process.returncode, out) == (2, "")
    assert err.splitlines()[-1].startswith("theorems: a worker of tcp://127.0.0.1:")
    assert "lacks the package" in err.splitlines()[-1]
    assert portions_done("camp") == 0
    assert finished("--campaign", "camp", "--resume", "--jobs", "2")["cauchy_schwarz"]["outcome"] == "survived"


@needs_dask
def test_a_scheduler_that_is_not_there(folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("theorems.commands.cluster.PATIENCE", 1)
    assert main(["hunt", TARGETS[0], "--campaign", "camp", "--scheduler", "tcp://127.0.0.1:9"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("theorems: --scheduler tcp://127.0.0.1:9: cannot be reached (")
    assert err.count("\n") == 1
    assert not Path("camp").exists()
