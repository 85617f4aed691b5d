"""A pair of printed and corrected sentences ends in a line for the author."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from theorems.__main__ import main

Capture = pytest.CaptureFixture[str]

OWN = '''
from theorems import Claim, Verdict, at_most, conclude, equal
from theorems.strategies import matrices


def squares(case, num):
    """tr(A^2) is not negative."""
    (A,) = case.matrices
    yield conclude(at_most(num.number(0), num.trace(A @ A), scale=num.number(1)), "0 <= tr(A^2)")


def gram(case, num):
    """tr(A^T A) is not negative."""
    (A,) = case.matrices
    yield conclude(at_most(num.number(0), num.trace(A.mT @ A), scale=num.number(1)), "0 <= tr(A^T A)")


PRINTED = Claim(key="book/squares", statement=squares, verdict=Verdict.REFUTED, place="p. 127",
                printed="0 <= tr(A^2)", repaired_by="book/gram")
CORRECTED = Claim(key="book/gram", statement=gram)
CASES = dict.fromkeys(("book/squares", "book/gram"), matrices(max_dimension=2))
'''


def test_the_pair_ends_in_an_erratum_with_the_counterexample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "book.py").write_text(OWN)
    assert main(["show", "book.py::PRINTED"]) == 0
    out = capsys.readouterr().out
    line = "p. 127: for '0 <= tr(A^2)' read 'tr(A^T A) is not negative'."
    assert f"  {line}\n" in out
    assert main(["hunt", "book.py::PRINTED", "--recipes", "20", "--store"]) == 0
    capsys.readouterr()
    assert main(["show", "book.py::PRINTED", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["erratum"].startswith(f"{line}  It fails at matrices[0] = [0 ")
    assert data["erratum"].count(";") == 1
    assert main(["show", "book.py::CORRECTED", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["erratum"] is None
