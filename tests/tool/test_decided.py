"""A claim whose cases are finitely many: all of them are judged, and then it is decided."""

from __future__ import annotations

import subprocess
import sys
from math import comb
from pathlib import Path
from typing import Any

import pytest

from theorems import Claim, at_most, conclude, equal, suppose
from theorems.case import CountCase, MatrixCase
from theorems.strategies import counts, matrices
from theorems.strategies.finite import MOST, every_case
from theorems.strategies.recipes import opened
from theorems.strategies.search.exhaustion import EVERY_CASE
from theorems.strategies.search.hunt import hunt
from theorems.strategies.search.simplicity import simplicity

PAIRS = counts(names={"n": (1, 6), "k": (0, lambda known: known["n"])})


def symmetric_binomials(case: Any, num: Any) -> Any:
    n, k = case.values
    yield suppose(n >= 3, "n >= 3")
    yield conclude(comb(n, k) == comb(n, n - k), "C(n, k) = C(n, n - k)")


def commute(case: Any, num: Any) -> Any:
    A, B = case.matrices
    yield conclude(equal(A @ B, B @ A), "AB = BA")


def test_every_tuple_is_judged_once() -> None:
    found = hunt(Claim(key="binomials", statement=symmetric_binomials), PAIRS)
    assert (found.outcome, found.every) == ("decided", 2 + 3 + 4 + 5 + 6 + 7)
    tally = found.strata[EVERY_CASE]
    assert (tally.exact, tally.vacuous, tally.instances) == (4 + 5 + 6 + 7, 2 + 3, 0)


@pytest.mark.parametrize(
    ("strategy", "count"),
    [(PAIRS, 27), (matrices(structure="permutation"), 1 + 2 + 6 + 24), (opened({"": PAIRS})[""], 27)],
)
def test_what_is_listed_is_what_is_drawn(strategy: Any, count: int) -> None:
    from theorems.strategies.draws import chunk_of

    every = every_case(strategy, simplicity)
    assert every is not None
    assert len({str(case) for case in every.cases}) == count
    drawn = [recipe.exact(0) for recipe in chunk_of(strategy, seed=1, key="x", chunk=0)]
    assert {str(case) for case in drawn} <= {str(case) for case in every.cases}
    assert not [case for case in every.cases if every.domain.flaw(case)]


def test_the_first_counterexample_is_the_simplest() -> None:
    def small(case: Any, num: Any) -> Any:
        yield conclude(case.values[0] ** 2 <= 4 and case.values[1] < 3, "small")

    found = hunt(Claim(key="small", statement=small), counts(names={"a": (-5, 5), "b": (0, 5)}), seconds=30)
    assert found.conviction is not None
    assert found.conviction.case == CountCase((-3, 0))  # of the sum of absolute values 3, the least
    found = hunt(Claim(key="commute", statement=commute), matrices(count=2, structure="permutation"), seconds=30)
    assert found.conviction is not None
    assert [A.shape for A in found.conviction.case.matrices] == [(3, 3)] * 2
    assert isinstance(found.conviction.case, MatrixCase)


def test_what_is_not_all_is_not_decided() -> None:
    """Too many cases, a number of recipes that does not reach them, hypotheses that nothing meets, no exact answer."""
    claim = Claim(key="binomials", statement=symmetric_binomials)
    many = counts(names={"n": (3, MOST + 3), "k": (0, 0)})
    assert every_case(many, simplicity) is None
    assert hunt(claim, many, recipes=20).outcome == "survived"
    assert hunt(claim, PAIRS, recipes=20).outcome == "survived"
    assert every_case(matrices(structure="permutation", vectors=1), simplicity) is None
    assert every_case(PAIRS.filter(lambda recipe: True), simplicity) is None  # what a filter leaves is not listed

    def never(case: Any, num: Any) -> Any:
        yield suppose(case.values[0] > 6, "n > 6")
        yield conclude(False, "never")

    assert hunt(Claim(key="never", statement=never), PAIRS, recipes=27).outcome == "undecided"

    def tie(case: Any, num: Any) -> Any:
        n, _ = case.values
        one = num.exp(num.number(n)) * num.exp(num.number(-n))
        yield conclude(at_most(one, num.number(1)), "e^n e^-n <= 1")

    assert hunt(Claim(key="tie", statement=tie), PAIRS, recipes=27).outcome != "decided"


def test_the_command_says_of_how_many_cases(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from theorems import conclude, equal, suppose\n"
        "from theorems.strategies import counts, matrices\n"
        "def sums(case, num):\n"
        "    m, n = case.values\n"
        "    yield suppose(m > n, 'm > n')\n"
        "    yield conclude(m * m - n * n == (m - n) * (m + n), 'm^2 - n^2')\n"
        "def one(case, num):\n"
        "    (A,) = case.matrices\n"
        "    yield conclude(equal(num.absolute(num.determinant(A)), num.number(1)), '|det A| = 1')\n"
        "CASES = {'sums': counts(names={'m': (1, 9), 'n': (1, 9)}), 'one': matrices(structure='permutation')}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "theorems", "hunt", "mine.py", "--seconds", "20", "--jobs", "1"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "sums: decided; holds for all 36 cases that meet the hypotheses, of 81" in done.stdout
    assert "one: decided; holds for all 33 cases" in done.stdout
    assert "2 claims: 0 refuted, 2 not; nobody had judged 2 of them: 2 decided" in done.stdout
