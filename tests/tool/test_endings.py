"""How commands end: codes, one line, what is kept; and how wide they print."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import inline_pool
from tests.own_claims import OWN
from theorems.__main__ import main
from theorems.commands import ending, list_
from theorems.errors import InputError
from theorems.report.printing import console, say, width
from theorems.strategies.engine import pool, worker

Capture = pytest.CaptureFixture[str]
FALSE, TRUE = "mine.py::trace_of_a_product", "mine.py::cauchy_schwarz"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(OWN)
    return tmp_path


def terminated(*arguments: Any) -> Any:
    signal.raise_signal(signal.SIGTERM)


def test_sigterm_ends_a_command_in_one_line(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_, "run", terminated)
    assert main(["list"]) == 143
    assert capsys.readouterr() == ("", "theorems: terminated\n")
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_handler_of_someone_else_is_left_alone(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    try:
        monkeypatch.setattr(list_, "run", lambda arguments: terminated() or 0)
        assert main(["list"]) == 0
        assert heard == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_sigterm_in_a_hunt_says_what_is_stored(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    inline_pool.install(monkeypatch)
    monkeypatch.setattr(pool._State, "listen", lambda state: _heard(state, terminated))
    assert main(["hunt", FALSE, TRUE, "--recipes", "10"]) == 143
    out, err = capsys.readouterr()
    assert (out, err) == (
        "", "theorems: terminated, 0 of 2 claims done; stored: theorems-findings/mine__trace_of_a_product.json\n"
    )  # fmt: skip
    assert main(["verify", "theorems-findings/mine__trace_of_a_product.json", "--claims", "mine.py"]) == 0


def _heard(state: Any, then: Any) -> None:
    while not state._channel.empty():
        kind, key, value = state._channel.get()
        if kind == "stored":
            state.stored[key] = value
    if signal.getsignal(signal.SIGTERM) is ending._terminate:
        then()


@pytest.mark.parametrize(("verdict", "code"), [("None", 1), ("Verdict.CORROBORATED", 1), ("Verdict.REFUTED", 2)])
def test_a_counterexample_that_could_not_be_stored_is_never_a_success(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, verdict: str, code: int
) -> None:
    def full(*arguments: Any) -> None:
        raise InputError("found.json: cannot be written (No space left on device)")

    inline_pool.install(monkeypatch)
    monkeypatch.setattr(worker, "write", full)
    claim = f"from theorems import *\nC = Claim(key='c', statement=trace_of_a_product, verdict={verdict})\n"
    Path("mine.py").write_text(OWN + claim + "CASES['c'] = CASES['trace_of_a_product']\n")
    assert main(["hunt", "mine.py::C", "--recipes", "10"]) == code
    out, err = capsys.readouterr()
    reason = "mine.py::c: not stored: found.json: cannot be written (No space left on device)"
    assert err == f"theorems: {reason}\n"
    assert reason in out
    assert "stored in" not in out


def test_stdout_may_be_closed_or_lose_its_reader_or_be_full() -> None:
    command = f"{sys.executable} -m theorems list --source ours"
    for redirection, code, message in (
        (">&-", 0, ""),
        ("2>&- >&-", 0, ""),
        ("| true; exit ${PIPESTATUS[0]}", 141, ""),
        ("> /dev/full", 2, "theorems: [Errno 28] No space left on device\n"),
    ):
        if redirection.endswith("full") and not os.path.exists("/dev/full"):
            continue
        done = subprocess.run(["bash", "-c", f"{command} {redirection}"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (code, "", message), redirection


@pytest.mark.parametrize(("columns", "expected"), [("60", 60), ("7", 40), ("500", 100), ("", 100), ("wide", 100)])
def test_tables_are_as_wide_as_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: str, expected: int) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys, "__stdout__", None)
    assert width() == console().width == expected


def test_tables_of_a_hunt_follow_columns(folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    inline_pool.install(monkeypatch)
    monkeypatch.setenv("COLUMNS", "90")
    name = "x" * 60
    Path("mine.py").write_text(f"{OWN}\n{name} = cauchy_schwarz\nCASES['{name}'] = CASES['cauchy_schwarz']\n")
    main(["hunt", TRUE, f"mine.py::{name}", "--recipes", "10"])
    ledger = capsys.readouterr().out.partition("claim  ")[2].partition("\n\n")[0]
    assert ledger
    assert max(map(len, ledger.splitlines())) <= 90


def test_nothing_that_a_terminal_acts_upon_is_printed(capsys: Capture) -> None:
    say("a\x1b[31mb\rc\u202ed\u2066e\u200bf\x9bg\n", "é, ü and 漢 stay")
    assert capsys.readouterr().out == "a\\x1b[31mb\\rc\\u202ed\\u2066e\\u200bf\\x9bg\\n\né, ü and 漢 stay\n"
    assert main(["show", "\x1b[2J\u202e"]) == 2
    assert not {"\x1b", "\u202e"} & set(capsys.readouterr().err)
