"""The tightness atlas: ratios, attained equalities, and the command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from theorems import Claim, at_most, conclude, equal, suppose
from theorems.__main__ import main
from theorems.catalogue import CLAIMS, claim
from theorems.claim import Verdict
from theorems.evidence import records
from theorems.evidence import tightness as evidence
from theorems.strategies import matrices
from theorems.strategies.cases import CASES
from theorems.strategies.search.tightness import Cell, tightness


def half(case: Any, num: Any) -> Iterator[Any]:
    """||A||_F <= 2 ||A||_F and tr(A A^T) = tr(A^T A), for A other than 0."""
    (A,) = case.matrices
    norm = num.frobenius_norm(A)
    yield suppose(norm != num.number(0) if num.name != "float64" else norm > 0, "A is not 0")
    yield conclude(at_most(norm, num.number(2) * norm), "||A||_F <= 2 ||A||_F")
    yield conclude(equal(num.trace(A @ A.mT), num.trace(A.mT @ A)), "tr(A A^T) = tr(A^T A)")


def test_a_factor_of_two_is_measured() -> None:
    seen = tightness(Claim(key="mine/half", statement=half), matrices(count=1, max_dimension=3), seed=0, portions=1)
    bound = seen["||A||_F <= 2 ||A||_F"]
    assert bound.largest == pytest.approx(0.5)
    assert not bound.attained
    assert not bound.zero
    assert bound.instances > 500
    assert all(ratio == pytest.approx(0.5) for ratio in bound.cells.values())
    assert all(isinstance(cell, Cell) and 1 <= cell.D <= 3 for cell in bound.cells)
    assert seen["tr(A A^T) = tr(A^T A)"].attained


def test_an_attained_bound_is_attained() -> None:
    key = "zeng-lee/equation-1.5:repaired"  # rank-one matrices give equality
    (found,) = tightness(claim(key), CASES[key], seed=0, portions=1).values()
    assert found.attained
    assert found.largest == pytest.approx(1)


def test_the_extremal_instance_has_the_largest_ratio() -> None:
    key = "zeng-lee/equation-1.5:repaired"
    (found,) = tightness(claim(key), CASES[key], seed=1, portions=1).values()
    A, B = found.extremal.matrices
    assert np.trace(A @ B) / (np.trace(A) * np.trace(B)) == pytest.approx(found.largest)


def test_the_command_measures_one_claim(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["atlas", "zeng-lee/equation-1.5:repaired", "--measure", "--portions", "1", "--jobs", "1"]
    assert main([*words, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    (relation,) = found["relations"]
    assert relation["attained"]
    assert relation["cells"][0].keys() == {"D", "L", "R", "ratio"}


def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["atlas", "--portions", "0"], ["atlas", "nothing/at-all"]):
        assert main(words) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_every_standing_claim_is_on_record_and_none_is_stale() -> None:
    standing = [one for one in CLAIMS if one.verdict is not None and one.verdict.stands]
    missing = [one.key for one in standing if records.entry(evidence.NAME, one) is None]
    assert missing == []
    stale = [one.key for one in standing if records.is_stale(records.entry(evidence.NAME, one) or {}, one)]
    assert stale == []


def test_standing_inequalities_have_no_ratio_beyond_one() -> None:
    for one in CLAIMS:
        entry = records.entry(evidence.NAME, one)
        if entry is None or one.verdict not in (Verdict.CORROBORATED, Verdict.DECIDED):
            continue
        for relation in entry["relations"]:
            if relation["kind"] in ("at most", "less than") and relation["largest_ratio"] is not None:
                assert relation["largest_ratio"] <= 1 + 1e-5, (one.key, relation["conclusion"])


def test_a_damaged_record_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "folder_of", lambda text: tmp_path / text.key)
    (tmp_path / "zeng-lee").mkdir()
    (tmp_path / "zeng-lee" / "tightness.json").write_text("{")
    try:
        assert main(["atlas", "zeng-lee/equation-1.5:repaired"]) == 2
    finally:
        monkeypatch.undo()


@pytest.mark.parametrize(
    "key", ["textbook/theorem-11.11", "textbook/theorem-11.12:repaired", "zeng-lee/theorem-5:repaired"]
)
def test_the_thresholds_of_one_claim_are_named(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["atlas", key]) == 0
    out = capsys.readouterr().out
    assert "\nthreshold " in out


def test_a_statement_that_falls_is_shown_by_its_readings_that_stand(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["atlas", "zeng-lee/theorem-5"]) == 0
    assert "zeng-lee/theorem-5:repaired" in capsys.readouterr().out.replace("\n  :", ":")
