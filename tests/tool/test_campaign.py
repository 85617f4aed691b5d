"""Campaigns: the journal survives, nothing is lost or counted twice, and findings do not depend on the workers."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import closing, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import theorems
from tests.own_claims import FALSE, NAMES, OWN
from theorems.__main__ import main
from theorems.errors import InputError
from theorems.judge.tally import Tally
from theorems.judge.witness import FORMAT, sealed
from theorems.strategies.engine import campaign as campaigns
from theorems.strategies.engine import journal_rows as rows
from theorems.strategies.engine.campaign import Campaign, Job
from theorems.strategies.engine.journal import VERSION, Done, Entry, Journal
from theorems.strategies.engine.journal_file import FILE, LOCK

Capture = pytest.CaptureFixture[str]
Runs = Callable[[Job], Done]

#: Made up claims: where each is refuted, if anywhere.
REFUTED_IN = {"a": 7, "b": None, "c": 0}
ENTRIES = [Entry(key, key, None, "0" * 64) for key in REFUTED_IN]


# a made up search, run in the order that a test wants ---------------------------------------------------------------


def witness_text(target: str, note: str) -> str:
    """A file that is whole, as a journal demands; that its case refutes nothing is not for the journal to see."""
    words = {"claim": target, "statement": "0" * 64, "arithmetic": "rational", "note": note}
    return sealed({"format": FORMAT, "case": {}} | dict.fromkeys(("conclusion", "left", "right"), "") | words)


def searched(job: Job) -> Done:
    """What a worker would say: counts that are a function of the portion, and the finding that `REFUTED_IN` says."""
    if job.witness is not None:
        normal = witness_text(job.target, json.loads(job.witness)["note"].upper())
        return Done(job.target, job.number, witness=normal, shown="A = [ 1 ]", violation="1 <= 0", margin=-1.0)
    strata = {f"stratum {job.number % 2}": Tally(instances=10 + job.number, worst=1.0 / (1 + job.number))}
    first = REFUTED_IN[job.target]
    found = first is not None and job.number >= first and (job.number - first) % 2 == 0
    witness = witness_text(job.target, f"{job.target} in {job.number}") if found else None
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
    journal = Journal.resume(folder) if (folder / FILE).exists() else Journal.create(folder)
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
    return {
        target: (record.number, json.loads(record.normal)["note"] if record.normal else None)
        for target, record in records.items()
    }


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
    with closing(Journal.create(tmp_path)) as journal:
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
    with closing(Journal.create("camp")) as made:
        made.add_claims(ENTRIES)
    return tmp_path / "camp" / FILE


def damage_version(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    return f"a journal of version 99, and this program writes version {VERSION}"


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
    monkeypatch.setattr("theorems.strategies.engine.journal_file.PATIENCE", 0.1)
    Journal.create("bare").close()
    words = ["hunt", "mine.py::cauchy_schwarz", "--campaign", "bare", "--resume"]
    with closing(sqlite3.connect(Path("bare") / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert main(words) == 2
    assert "database is locked: another program holds the file" in capsys.readouterr().err
    with closing(Journal.resume("bare")):
        assert main(words) == 2
        assert "bare: another campaign is running there" in capsys.readouterr().err
    assert not (Path("bare") / LOCK).exists()
    with closing(Journal.resume("camp")), closing(Journal.read("camp")) as reading:  # a report may be printed meanwhile
        assert list(reading.records()) == list(REFUTED_IN)


def test_a_full_disk_leaves_the_journal_as_it_was(journal: Path) -> None:
    with closing(Journal.resume("camp")) as running:
        before = running.records()
        (pages,) = running._connection.execute("PRAGMA page_count").fetchone()
        running._connection.execute(f"PRAGMA max_page_count = {pages}")
        strata = {f"{'x' * 500} {number}": Tally(instances=1) for number in range(100)}
        with pytest.raises(InputError, match="disk is full: what was recorded is kept: free some space"):
            running.record(Done("a", 0, strata, witness=witness_text("a", "w" * 9_000)))
        assert running.records() == before
        running._connection.execute("PRAGMA max_page_count = 100000")
        assert running.record(Done("a", 0, strata))  # and it goes on
    with closing(Journal.read("camp")) as reading:
        assert len(reading.records()["a"].strata) == 100


def test_a_full_disk_at_the_start_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: Any) -> dict[str, str]:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("theorems.strategies.engine.journal.versions", full)
    with pytest.raises(InputError, match="disk is full"):
        Journal.create(tmp_path / "new" / "folder")
    assert not list(tmp_path.iterdir())


def test_counts_of_two_statements_are_never_added(tmp_path: Path) -> None:
    with closing(Journal.create(tmp_path)) as made:
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


# a journal is data --------------------------------------------------------------------------------------------------


@pytest.fixture
def strange(folder: Path) -> Path:
    """A campaign that names a claims file which must not be run, with a finding whose text holds escapes."""
    Path("mine.py").write_text(OWN)
    entries = [Entry(f"mine.py::{name}", name, str(folder / "mine.py"), "0" * 64, "corroborated") for name in NAMES]
    with closing(Journal.create("camp", seed=5)) as made:
        made.add_claims(entries)
        found = witness_text(NAMES[0], "made up")
        case = "A = [ 1 ]\nB = [ \x1b[31m\u202e2 ]"
        made.record(Done(entries[0].target, 0, {"gaussian": Tally(7)}, witness=found, shown=case, violation="1 <= 0"))
        made.record(Done(entries[1].target, 0, {"gaussian": Tally(9, worst=0.5)}))
    Path("mine.py").write_text("raise SystemExit('run!')")
    return folder / "camp" / FILE


def test_a_report_runs_nothing_and_prints_no_escapes(strange: Path, capsys: Capture) -> None:
    for words in (["report", "camp"], ["report", "camp", "--json"], ["report", "camp", *NAMES]):
        assert main(words) == 0
        out, err = capsys.readouterr()
        assert err == ""
        assert not {"\x1b", "\u202e"} & set(out)
    assert "B = [ \\x1b[31m\\u202e2 ]" in out
    assert "contradiction: mine.py::trace_of_a_product is refuted" in out  # the journal says that it stood


def test_a_campaign_over_own_claims_goes_on_with_the_file_that_is_named(
    strange: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["hunt", "--campaign", "camp", "--resume"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "mine.py: a claims file is a program, and a journal starts none: name it as well: theorems hunt mine" in err
    assert main(["hunt", "mine.py", "--campaign", "camp", "--resume"]) == 2
    assert "mine.py:1: running the file raises SystemExit: run!" in capsys.readouterr().err
    Path("mine.py").write_text(OWN)
    assert main(["hunt", "mine.py", "--campaign", "camp", "--resume"]) == 2
    assert "the statement of mine.py::trace_of_a_product has changed" in capsys.readouterr().err
    Path("other.py").write_text(OWN)
    assert main(["hunt", "other.py", "--campaign", "camp", "--resume"]) == 2
    assert "other.py: no claim of this campaign is in that file" in capsys.readouterr().err


def test_a_campaign_on_a_disk_that_cannot_be_written_is_reported(
    strange: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def files() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in strange.parent.iterdir()}

    before = files()
    assert main(["report", "camp"]) == 0
    expected = capsys.readouterr().out
    assert files() == before
    with closing(sqlite3.connect(strange)) as killed:  # what it did last is not in the journal itself yet
        killed.executescript("CREATE TABLE more (x); DROP TABLE more")
        shutil.copytree("camp", "copy")
    assert (Path("copy") / f"{FILE}-wal").stat().st_size > 0
    shutil.rmtree("camp")
    Path("copy").rename("camp")
    (strange.parent / f"{FILE}-shm").unlink()
    before = files()
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode == os.R_OK and access(path, mode))
    monkeypatch.setattr(sqlite3, "connect", _connect_elsewhere(strange.parent))
    assert main(["report", "camp"]) == 0
    assert capsys.readouterr().out == expected
    assert "4 claims, 1 refuted (*); 2 portions" in expected
    assert files() == before


def _connect_elsewhere(folder: Path) -> Callable[..., sqlite3.Connection]:
    """SQLite where that folder cannot be written."""
    connect = sqlite3.connect

    def elsewhere(path: Any, **options: Any) -> Any:
        assert str(folder) not in str(path)
        return connect(path, **options)

    return elsewhere


def _sealed_again(path: Path, change: str) -> None:
    """Change a journal as somebody would who knows its checksums."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.executescript(change)
        for table in (rows.SETTINGS, rows.CLAIMS, rows.PORTIONS, rows.STRATA, rows.FINDINGS):
            with suppress(sqlite3.OperationalError):
                names = ", ".join(table.columns)
                for *row, _ in connection.execute(f"SELECT {names}, seal FROM {table.name}").fetchall():
                    with suppress(TypeError, ValueError, sqlite3.Error):
                        table.put(connection, *row)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("UPDATE settings SET value = 'abc' WHERE name = 'seed'", "the row of the seed is missing, or no integer"),
        ("DELETE FROM settings", "the row of the seed is missing, or no integer"),
        ("DELETE FROM claims WHERE position = 0", "a row of strata belongs to no claim"),
        ("DELETE FROM strata; DELETE FROM claims WHERE position = 0", "a row of findings belongs to no claim"),
        ("UPDATE strata SET instances = -1", "instances of a row of strata is out of range"),
        ("UPDATE claims SET seconds = 9e999", "seconds of a row of claims is no number"),
        ("UPDATE claims SET verdict = 'true'", "the journal has a verdict that is none: 'true'"),
        ("UPDATE findings SET witness = replace(witness, 'made', 'Made')", "sha256: it is not that of the other"),
        ("UPDATE findings SET witness = 'no json'", "the counterexample of 'mine.py::trace_of_a_product': not JSON"),
        ("UPDATE claims SET key = 'other'", "the witness is of another claim"),
        ("DROP TABLE strata; CREATE VIEW strata AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x FROM c)"
         " SELECT x AS target FROM c", "its tables are not those of a journal"),
        ("DROP TABLE claims; CREATE TABLE claims (target, position)", "its tables are not those of a journal"),
    ],
)  # fmt: skip
def test_rows_that_no_campaign_writes_are_refused(strange: Path, capsys: Capture, change: str, message: str) -> None:
    _sealed_again(strange, change)
    assert main(["report", "camp"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err


def test_a_flipped_bit_is_noticed_or_changes_nothing(strange: Path) -> None:
    def told() -> Any:
        with closing(Journal.read("camp")) as journal:
            return journal.seed, journal.versions, journal.records()

    whole, expected = strange.read_bytes(), told()
    places = random.Random(0)
    noticed = 0
    for _ in range(400):
        bit = places.randrange(8 * len(whole))
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        strange.write_bytes(damaged)
        try:
            assert told() == expected
        except InputError:
            noticed += 1
    assert noticed > 10  # most bits of a young database are room to grow


def test_other_releases_are_said_and_noted(strange: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Journal.resume("camp")) as journal:
        before = journal.versions
        assert journal.add_versions() == ""
        assert set(before) == {"theorem-checker", "Python", "Hypothesis", "NumPy", "BLAS"}
        monkeypatch.setattr("theorems.strategies.engine.journal.versions", lambda: before | {"NumPy": "9.9"})
        for _ in range(2):
            said = journal.add_versions()
        assert said.startswith(f"the campaign began under NumPy {before['NumPy']}; 9.9 (now 9.9): counts")
        assert journal.versions == before | {"NumPy": f"{before['NumPy']}; 9.9"}


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
    monkeypatch.setattr("theorems.strategies.engine.cluster.PATIENCE", 1)
    assert main(["hunt", TARGETS[0], "--campaign", "camp", "--scheduler", "tcp://127.0.0.1:9"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("theorems: --scheduler tcp://127.0.0.1:9: cannot be reached (")
    assert err.count("\n") == 1
    assert not Path("camp").exists()
