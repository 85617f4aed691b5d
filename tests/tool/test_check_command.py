"""The command check: the ledger, the replays, the comparison of arithmetics, and what it calls a contradiction."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from tests import fake_catalogue as fake
from tests import inline_pool
from theorems import Claim, Verdict
from theorems.__main__ import main
from theorems.arithmetic import ARITHMETICS, Fractions
from theorems.commands import check
from theorems.judge.tally import Tally
from theorems.judge.witness import read, witness_name, write
from theorems.strategies import matrices
from theorems.strategies.engine.worker import Attacked, Finding, Task

Capture = pytest.CaptureFixture[str]
JUDGED = ("ours/trace", "ours/trace:semidefinite", "zeng-lee/sigma.value")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small catalogue with its witnesses, strategies for it, few recipes, and no processes."""
    made = tmp_path / "witnesses"
    made.mkdir()
    fake.install(monkeypatch, made)
    fake.store(made, fake.TRACE, fake.trace_case())
    fake.store(made, fake.SIGMA, fake.sigma_case())
    pairs = matrices(count=2, max_dimension=2)
    cases: dict[str, Any] = {claim.key: pairs for claim in fake.CLAIMS}
    cases[fake.SIGMA.key] = st.just(fake.sigma_case())
    cases[fake.TRACE_REPAIRED.key] = matrices(count=2, structure="psd", max_dimension=2)
    monkeypatch.setattr(fake, "CASES", cases)
    monkeypatch.setattr(check, "RECIPES", 24)
    inline_pool.install(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return made


def run(capsys: Capture, *words: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    code = main(["check", *words])
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return code, out, err


def test_the_ledger_of_claims_that_agree(capsys: Capture) -> None:
    code, out, err = run(capsys, *JUDGED)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[:3] == [
        "2 statements: 3 claims, 2 of the page and 1 reading of it",
        "1 stand: 1 sampled",
        "2 fall: 1 false, 1 refuted; of the page 1 false, 1 refuted",
    ]
    assert lines[4].split() == ["claim", "verdict", "float64", "exact", "worst", "undec.", "vacuous", "s"]
    assert [line.split()[:2] for line in lines[6:9]] == [
        ["ours/trace", "false"], ["ours/trace:semidefinite", "corroborated"], ["zeng-lee/sigma.value", "refuted"],
    ]  # fmt: skip
    assert "witnesses   2 of 2 refuted claims replayed both ways, 2 found again on the way" in lines
    assert any(line.startswith("compared ") and line.endswith("; no disagreements") for line in lines)
    assert lines[-1] == "3 claims: all agree with the catalogue"
    assert not Path("theorems-findings").exists()


def test_what_is_checked_is_a_function_of_the_seed(capsys: Capture) -> None:
    def counted(*words: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(run(capsys, *JUDGED[:2], "--json", *words)[1])
        return [row | {"seconds": 0} for row in rows]

    assert counted() == counted()
    assert counted() != counted("--seed", "1")


def test_json_has_the_counts_replays_and_comparison(capsys: Capture) -> None:
    code, out, err = run(capsys, "--json")
    assert (code, err) == (1, "")  # textbook/theorem-11.9.order is not judged, and false
    rows = {row["key"]: row for row in json.loads(out)}
    assert list(rows) == [claim.key for claim in fake.CLAIMS]
    assert rows["ours/trace"]["replays"] == {"rational": "refutes", "fractions": "refutes"}
    survivor = rows["ours/trace:semidefinite"]
    assert survivor["instances"] > 0
    assert survivor["agrees"]
    assert survivor["compared"]["rational"] == survivor["compared"]["fractions"] == check.COMPARED
    assert [row["agrees"] for row in rows.values()] == [True, True, True, False]


def test_a_contradiction_is_the_last_word(capsys: Capture) -> None:
    code, out, _ = run(capsys)
    assert code == 1
    key = "textbook/theorem-11.9.order"
    assert f"contradiction: {key}: it is not judged, and refuted in rational arithmetic and in fractions" in out
    last = "4 claims: 1 contradict the catalogue"
    assert out.splitlines()[-1] == last


def test_a_witness_that_is_missing_or_does_not_refute(capsys: Capture, folder: Path) -> None:
    path = folder / witness_name("ours/trace")
    good = path.read_text()
    path.write_text(good.replace("tr(A) tr(B)", "tr(A)"))
    code, out, _ = run(capsys, "ours/trace")
    assert code == 1
    assert "edited or damaged" in out
    path.write_text(good)
    witness = read(path, [fake.TRACE])
    witness.case.matrices[1][1, 0] *= -1
    write(path, witness, fake.TRACE)
    code, out, _ = run(capsys, "ours/trace")
    assert code == 1
    assert "its stored witness: rational: does not refute: every conclusion holds" in out
    assert "its stored witness: fractions: does not refute: every conclusion holds" in out
    path.write_text("{")
    code, out, _ = run(capsys, "ours/trace")
    assert code == 1
    assert "its stored witness: invalid: " in out
    path.unlink()
    code, out, _ = run(capsys, "ours/trace")
    assert code == 1
    assert "ours/trace: it is refuted, but no witness is stored" in out


def test_arithmetics_that_disagree_are_reported(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong(Fractions):
        """Gets every trace wrong."""

        def trace(self, A: Any) -> Any:
            return super().trace(A) - 10

    monkeypatch.setitem(ARITHMETICS, "fractions", Wrong)
    code, out, _ = run(capsys, "ours/trace:semidefinite")
    assert code == 1
    assert "contradiction: ours/trace:semidefinite: two arithmetics disagree: case " in out
    assert "rational says holds, fractions says fails, " in out
    monkeypatch.undo()


def test_digits_that_disagree_are_a_note(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ARITHMETICS, "multiprecision", lambda: _Contrary())
    code, out, _ = run(capsys, "ours/trace:semidefinite")
    assert code == 0
    assert "note: ours/trace:semidefinite: case " in out


class _Contrary(Fractions):
    def trace(self, A: Any) -> Any:
        return super().trace(A) - 10


def test_a_statement_of_the_catalogue_that_raises(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    integers = st.just(3)
    monkeypatch.setattr(fake, "CASES", {"ours/trace:semidefinite": integers})
    code, out, _ = run(capsys, "ours/trace:semidefinite")
    assert code == 1
    assert "contradiction: ours/trace:semidefinite: the attack raises AttributeError: 'int' object has no " in out
    assert "(fake_catalogue.py:" in out


STANDING = Claim(key="a", statement=fake.commutes, verdict=Verdict.CORROBORATED)
REFUTED = Claim(key="a", statement=fake.commutes, verdict=Verdict.REFUTED)
EMPIRICAL = Claim(key="a", statement=fake.commutes, verdict=Verdict.EMPIRICAL)
FOUND = Finding("case", "violation", "ball", -1.0)
BOTH = {"rational": "refutes", "fractions": "refutes"}


MOSTLY = {"gaussian": Tally(instances=1000, accused=610, undecided=100)}


@pytest.mark.parametrize(
    ("claim", "result", "words"),
    [
        (STANDING, Attacked(Task("a"), "survived"), ()),
        (STANDING, Attacked(Task("a"), "refuted", finding=FOUND), ("it is corroborated, and refuted in ball",)),
        (STANDING, Attacked(Task("a"), "undecided"), ("it is corroborated, but undecided: 0% undecided",)),
        (STANDING, Attacked(Task("a"), "accused", MOSTLY), ("but accused: 61% accused, 10% undecided",)),
        (STANDING, Attacked(Task("a"), "hardly tried"), ("it is corroborated, but hardly tried",)),
        (REFUTED, Attacked(Task("a"), "accused", MOSTLY, replays=BOTH), ()),
        (STANDING, Attacked(Task("a"), "survived", replays=BOTH), ("but its stored witness refutes it",)),
        (REFUTED, Attacked(Task("a"), "survived", replays=BOTH), ()),
        (REFUTED, Attacked(Task("a"), "refuted", finding=FOUND), ("no witness is stored",)),
        (REFUTED, Attacked(Task("a"), "survived", replays=BOTH | {"fractions": "unsupported"}), ("fractions: unsup",)),
        (EMPIRICAL, Attacked(Task("a"), "refuted", finding=FOUND), ()),
        (EMPIRICAL, Attacked(Task("a"), "undecided"), ()),
        (STANDING, Attacked(Task("a"), problem="it broke"), ("it broke",)),
        (STANDING, Attacked(Task("a"), "survived", disagreements=["x"]), ("two arithmetics disagree: x",)),
        (STANDING, Attacked(Task("a"), "survived", notes=["x"]), ()),
    ],
)
def test_what_contradicts(claim: Claim, result: Attacked, words: tuple[str, ...]) -> None:
    found = check.contradictions(result, claim)
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


def test_pretrained_and_real_instances_are_counted(capsys: Capture) -> None:
    strata = {"pretrained in process": Tally(instances=3), "silero 8k gates, sister target": Tally(instances=5)}
    result = Attacked(Task("a"), "survived", strata)
    check._print([result], {"a": STANDING}, {"a": []})
    assert "8 live instances: 3 on models pretrained in process, 5 on real weights" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ours/trac"], "no claim has the key 'ours/trac': did you mean ours/trace"),
        (["--jobs", "0"], "--jobs 0: give at least 1"),
        (["--seed", "x"], "invalid int value"),
    ],
)
def test_bad_input(capsys: Capture, words: list[str], message: str) -> None:
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_claim_without_a_strategy(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for by name it ends the command before any work; among all claims it is no end of the others."""
    inline_pool.install(monkeypatch)
    kept = {key: case for key, case in fake.CASES.items() if key != "ours/trace"}
    monkeypatch.setattr(fake, "CASES", kept)
    code, _, err = run(capsys, "ours/trace")
    assert code == 2
    assert err.startswith("theorems: the text 'ours'")
    assert err.endswith(" has no case for ours/trace: add one to tests.fake_catalogue:CASES\n")
    code, out, _ = run(capsys, "--json")
    rows = {row["key"]: row for row in json.loads(out)}
    assert code == 1
    assert "has no case for ours/trace" in rows["ours/trace"]["contradictions"][0]
    assert rows["ours/trace:semidefinite"]["instances"] > 0


def test_an_interrupt(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    inline_pool.install(monkeypatch, interrupted=2)
    code, _, err = run(capsys)
    assert code == 130
    assert err == "theorems: interrupted, 0 of 4 claims checked\n"
