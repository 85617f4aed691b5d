"""A claims file may leave CASES out where the hypotheses name a structure; what is chosen is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from theorems import Claim, at_most, conclude, equal, suppose
from theorems.__main__ import main
from theorems.strategies.default import default_attack

Capture = pytest.CaptureFixture[str]

OWN = '''
from theorems import at_most, conclude, suppose


def form(case, num):
    """x^T A x >= x^T x for semidefinite A."""
    (A,) = case.matrices
    (x,) = case.vectors
    yield suppose(num.positive_semidefinite(A), "A is positive semidefinite")
    yield conclude(at_most(num.dot(x, x), num.dot(x, num.apply(A, x))), "x^T x <= x^T A x")


def plain(case, num):
    (A,) = case.matrices
    yield conclude(at_most(num.number(0), num.trace(A)), "0 <= tr A")
'''


def mixed(case: Any, num: Any) -> Any:
    A = case.matrices[0]
    B = case.matrices[1]
    yield suppose(num.symmetric(A), "A is symmetric")
    yield suppose(num.positive_semidefinite(A), "A is positive semidefinite")
    yield conclude(at_most(num.trace(B), num.trace(A)))


def commuting(case: Any, num: Any) -> Any:
    A, B = case.matrices
    yield suppose(num.symmetric(A), "A")
    yield suppose(num.symmetric(B), "B")
    yield suppose(equal(A @ B, B @ A), "AB = BA")
    yield conclude(num.symmetric(A @ B))


def other(case: Any, num: Any) -> Any:
    A, B = case.matrices
    yield suppose(num.symmetric(A @ B), "AB is symmetric")
    yield suppose(equal(A @ B, A @ B.mT), "another relation")
    yield conclude(num.symmetric(B @ A))


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (mixed, "matrices(count=2, structure=('psd', None))"),
        (commuting, "matrices(count=2, structure='symmetric', relations=('commuting',))"),
        (other, ""),
    ],
)
def test_structures_are_read_off_the_hypotheses(statement: Any, words: str) -> None:
    attack = default_attack(Claim(key="a/claim", statement=statement))
    assert (attack.words if attack else "") == words
    if attack:
        attack.strategy.validate()


def test_a_file_without_cases_is_hunted_and_says_with_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(OWN)
    assert main(["hunt", "own.py::form", "--recipes", "20", "--jobs", "1"]) == 1
    out = capsys.readouterr().out
    assert "own.py::form: refuted" in out
    assert "attacked with matrices(count=1, structure='psd', vectors=1), which its hypotheses name" in out
    assert main(["hunt", "own.py::form", "--recipes", "20", "--jobs", "1", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)[0]["attack"] == "matrices(count=1, structure='psd', vectors=1)"
    assert main(["hunt", "own.py::plain", "--recipes", "20"]) == 2
    assert "there is no CASES" in capsys.readouterr().err


def test_cases_that_name_the_claim_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    cases = "\nfrom theorems.strategies import matrices\nCASES = {'form': matrices(vectors=1, laws=('zero',))}\n"
    (tmp_path / "own.py").write_text(OWN + cases)
    main(["hunt", "own.py::form", "--recipes", "5", "--jobs", "1", "--json"])
    assert json.loads(capsys.readouterr().out)[0]["attack"] is None
