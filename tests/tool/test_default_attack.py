"""A claims file may leave CASES out where the hypotheses name a structure; what is chosen is said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from theorems import Claim, at_most, conclude, equal, loewner_at_most, suppose
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


def other(case, num):
    yield conclude(at_most(num.number(0), num.trace(case.A)), "0 <= tr A")
'''
PARTS = """

def both(case, num):
    for M in case.matrices:
        yield suppose(num.symmetric(M), "symmetric")


def whole(case, num):
    A, B = case.matrices
    yield from both(case, num)
    yield conclude(at_most(num.number(0), num.trace(A @ B)), "0 <= tr AB")


def _private(case, num):
    (A,) = case.matrices
    yield conclude(num.symmetric(A), "A is symmetric")
"""
TRUE = '''
from theorems import conclude, equal


def traces(case, num):
    """tr(AB) = tr(BA)."""
    A, B = case.matrices
    size = num.entrywise_one_norm(A) * num.entrywise_one_norm(B)
    yield conclude(equal(num.trace(A @ B), num.trace(B @ A), scale=size), "tr(AB) = tr(BA)")
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


def ordered(case: Any, num: Any) -> Any:
    A, B = case.matrices
    yield suppose(num.positive_semidefinite(B), "B >= 0")
    yield suppose(loewner_at_most(B, A), "B <= A")
    yield conclude(at_most(num.trace(B), num.trace(A)))


def in_a_loop(case: Any, num: Any) -> Any:
    (A, B, C), (x, y) = case.matrices, case.vectors
    for M in (A, B, C):
        yield suppose(num.nonsingular(M), "all are non-singular")
    yield conclude(equal(num.dot(x, y), num.dot(y, x)))


def equations(case: Any, num: Any) -> Any:
    P, Q, S = case.matrices
    yield suppose(equal(P @ P, P), "P")
    yield suppose(equal(Q.mT @ Q, num.identity(Q.shape[-1])), "Q")
    yield suppose(equal(S, S.mT), "S")
    yield conclude(num.symmetric(P @ Q @ S))


def of_vectors(case: Any, num: Any) -> Any:
    x, y = case.vectors
    yield conclude(equal(num.dot(x, y), num.dot(y, x)))


def of_variables(case: Any, num: Any) -> Any:
    x, y = case.points[..., 0], case.points[..., 2]
    yield conclude(equal(num.covariance(x, y, case.weights), num.covariance(y, x, case.weights)))


def of_something_else(case: Any, num: Any) -> Any:
    yield conclude(equal(case.A, case.B))


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (mixed, "matrices(count=2, structure=('psd', None))"),
        (commuting, "matrices(count=2, structure='symmetric', relations=('commuting',))"),
        (other, "matrices(count=2)"),
        (ordered, "matrices(count=2, structure='psd', relations=('below',))"),
        (in_a_loop, "matrices(count=3, structure='nonsingular', vectors=2)"),
        (equations, "matrices(count=3, structure=('projection', 'orthogonal', 'symmetric'))"),
        (of_vectors, "vectors(count=2)"),
        (of_variables, "random_vectors(min_dimension=3, max_dimension=4)"),
        (of_something_else, ""),
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
    assert "attacked with matrices(count=1, structure='psd', vectors=1), which the statement names: CASES" in out
    assert main(["hunt", "own.py::form", "--recipes", "20", "--jobs", "1", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)[0]["attack"] == "matrices(count=1, structure='psd', vectors=1)"
    assert main(["hunt", "own.py::other", "--recipes", "20"]) == 2
    assert "there is no CASES" in capsys.readouterr().err


def test_a_whole_file_is_hunted_with_what_cases_leaves_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """What a file has and nobody hunted would stand for nothing; parts of other statements are no claims."""
    monkeypatch.chdir(tmp_path)
    cases = "\nfrom theorems.strategies import matrices\nCASES = {'form': matrices(vectors=1)}\n"
    (tmp_path / "own.py").write_text(OWN + PARTS + cases)
    main(["hunt", "own.py", "--recipes", "5", "--jobs", "1", "--json"])
    found = {one["key"]: one["attack"] for one in json.loads(capsys.readouterr().out)}
    assert found == {"form": None, "plain": "matrices(count=1)", "whole": "matrices(count=2)"}


def test_a_slip_in_cases_is_no_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.chdir(tmp_path)
    cases = "\nfrom theorems.strategies import matrices\nCASES = {'fom': matrices(vectors=1)}\n"
    (tmp_path / "own.py").write_text(OWN + cases)
    assert main(["hunt", "own.py::form", "--recipes", "5", "--jobs", "1"]) == 2
    assert "CASES has no strategy for 'form' (it has fom)" in capsys.readouterr().err


def test_pytest_and_teeth_choose_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(TRUE)
    assert main(["teeth", "own.py", "--seconds", "1", "--jobs", "1"]) == 0
    assert "own.py::traces" in capsys.readouterr().out
    words = ["--claim-recipes", "4", "-p", "no:cacheprovider", "own.py"]
    done = subprocess.run([sys.executable, "-m", "pytest", *words], capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout


def test_cases_that_name_the_claim_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.chdir(tmp_path)
    cases = "\nfrom theorems.strategies import matrices\nCASES = {'form': matrices(vectors=1, laws=('zero',))}\n"
    (tmp_path / "own.py").write_text(OWN + cases)
    main(["hunt", "own.py::form", "--recipes", "5", "--jobs", "1", "--json"])
    assert json.loads(capsys.readouterr().out)[0]["attack"] is None


SPREAD = '''
from theorems import at_most, conclude, equal, suppose


def spread(case, num):
    """The mean square is at most the variance."""
    x, w = case.points[..., 0], case.weights
    yield conclude(at_most(num.expectation(x * x, w), num.variance(x, w)), "E x^2 <= Var x")


def uncorrelated(case, num):
    """Uncorrelated variables are independent."""
    x, y, w = case.points[..., 0], case.points[..., 1], case.weights
    yield suppose(equal(num.covariance(x, y, w), num.number(0)), "Cov(x, y) = 0")
    yield conclude(num.independent(x, y, w), "x and y are independent")


def slope(case, num):
    """The gradient of ||x - mean||^2 is 2 (x - mean)."""
    (x,) = case.vectors
    gradient = num.gradient(lambda z, n: n.norm_squared(n.plus(-n.mean(z), z)), x)
    yield conclude(equal(gradient, 2 * num.plus(-num.mean(x), x), scale=num.max_norm(x)), "2 (x - mean)")
'''


def test_a_counterexample_shows_what_was_read_and_nobody_contradicts_whom_nobody_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(SPREAD)
    assert main(["hunt", "own.py", "--recipes", "40", "--jobs", "1"]) == 1
    out = capsys.readouterr().out
    assert "\n  points, 1 x 1\n    [ 1 ]\n  weights = [ 1 ]\n  never read: matrix\n" in out
    assert "contradiction" not in out
    assert out.splitlines()[-1] == "3 claims: 2 refuted, 1 not; nobody had judged 3 of them: 2 refuted, 1 survived"
