"""`theorems teeth FILE.py::name`: what is proposed of a user's claim, what is killed, and what is said of the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.recipes_for_seconds import install
from theorems.__main__ import main
from theorems.commands import teeth_own

OWN = '''
from theorems.strategies import matrices
from theorems import Claim, Verdict, at_most, conclude, equal, less_than, suppose


def energy(A, num):
    return num.trace(A @ A.mT)


def cauchy_schwarz(case, num):
    """tr(AB^T)^2 <= ||A||_F^2 ||B||_F^2."""
    A, B = case.matrices
    product = num.trace(A @ B.mT)
    yield conclude(at_most(product * product, energy(A, num) * energy(B, num)), "Cauchy and Schwarz")


def traces(case, num):
    """tr(AB) <= tr(A) tr(B), which is false."""
    A, B = case.matrices
    yield conclude(at_most(num.trace(A @ B), num.trace(A) * num.trace(B)), "of the product")


def never(case, num):
    """No instance meets the hypothesis."""
    A, B = case.matrices
    yield suppose(less_than(num.trace(A @ A.mT), num.number(0)), "the impossible")
    yield conclude(equal(A, B))


SCHWARZ = Claim(key="mine/schwarz", statement=cauchy_schwarz)
KNOWN = Claim(key="mine/traces", statement=traces, verdict=Verdict.REFUTED)
CASES = dict.fromkeys(
    ("mine/schwarz", "mine/traces", "never"), matrices(count=2, max_dimension=2, laws=("gaussian", "small integers"))
)
'''
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a true, a refuted and a vacuous claim, in the working folder."""
    monkeypatch.chdir(tmp_path)
    install(monkeypatch, recipes=10, variants=6)
    path = tmp_path / "mine.py"
    path.write_text(OWN)
    return path


def report(capsys: Capture, *words: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["teeth", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_slips_are_proposed_hunted_and_told_apart(own: Path, capsys: Capture) -> None:
    code, data = report(capsys, "mine.py::SCHWARZ")
    assert code == 0
    (claim,) = data["claims"]
    fates = {variant["name"]: variant["outcome"] for variant in claim["variants"]}
    assert claim["key"] == "mine/schwarz"
    assert claim["outcome"] == "survived"
    assert claim["offered"] == len(fates) == data["variants"]
    assert data["killed"] + data["survived"] == data["variants"]
    for name in ("reversed inequality", "strict inequality", "half the bound", "equality for an inequality"):
        assert fates[f"{name}: Cauchy and Schwarz"] == "killed"
    # tr(AA^T) is at most ||AA^T||_F times a number, not at most it: the bound falls, in the helper
    assert fates["norm for a trace: num.trace(A @ A.mT) -> num.frobenius_norm(A @ A.mT) in energy"] == "killed"
    assert fates["factors exchanged: A @ A.mT -> A.mT @ A in energy"] == "survived"  # says the same
    assert "claims_of" not in "".join(fates)


def test_people_are_told_to_look_at_survivors(own: Path, capsys: Capture) -> None:
    assert main(["teeth", "mine.py::mine/schwarz"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("mine.py::mine/schwarz: ")
    assert any(line.startswith("  killed    ") for line in lines)
    assert any(line.startswith("  survived  factors exchanged") for line in lines)
    assert "survived (true, or missed: look at it)" in "\n".join(lines)
    assert max(map(len, lines)) <= 100


def test_a_file_stands_for_its_claims_that_may_stand(own: Path) -> None:
    assert teeth_own.targets(["mine.py"]) == [("mine.py", "mine/schwarz"), ("mine.py", "never")]
    assert teeth_own.targets(["mine.py::KNOWN"]) == [("mine.py", "mine/traces")]


def test_a_claim_that_falls_has_no_slips(own: Path, capsys: Capture) -> None:
    code, data = report(capsys, "mine.py::KNOWN")
    assert code == 1
    assert data["claims"][0]["outcome"] == "refuted"
    assert data["variants"] == 0
    assert main(["teeth", "mine.py::KNOWN"]) == 1
    assert "theorems hunt mine.py::mine/traces" in capsys.readouterr().out


def test_a_claim_that_is_live_nowhere_says_nothing(own: Path, capsys: Capture) -> None:
    code, data = report(capsys, "mine.py::never")
    assert code == 1
    assert data["claims"][0]["outcome"] == "undecided"


def test_the_same_seed_proposes_the_same(own: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teeth_own, "MOST", 3)
    names = [[v["name"] for v in report(capsys, "mine.py::SCHWARZ")[1]["claims"][0]["variants"]] for _ in range(2)]
    assert names[0] == names[1]
    assert len(names[0]) == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mine.py::SCHWARZ", "zeng-lee/lemma-9"], "one kind a call"),
        (["mine.py::SCHWARZ", "--record"], "--record is for the catalogue"),
        (["mine.py::SCHWARZ", "--plant"], "--plant is for the catalogue"),
        (["mine.py::SCHWARZ", "--seconds", "0"], "--seconds 0"),
        (["mine.py::SCHWARZ", "--seeds", "0"], "--seeds 0"),
        (["mine.py::SCHWARZ", "--jobs", "0"], "--jobs 0"),
        (["mine.py::nothing"], "there is no claim 'nothing'"),
        (["other.py"], "there is no such file"),
        (["empty.py"], "nothing to vary"),
    ],
)
def test_bad_input_is_one_line(own: Path, capsys: Capture, words: list[str], said: str) -> None:
    own.with_name("empty.py").write_text("CASES = {}\n")
    assert main(["teeth", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1
