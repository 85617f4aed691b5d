"""``theorems statements``: what stands of a statement, and on what its verdicts rest."""

from __future__ import annotations

import json

import pytest

from theorems.__main__ import main
from theorems.catalogue import CLAIMS, claim
from theorems.claim import Verdict
from theorems.judge.existence import asks_for_existence, ground


def test_grounds() -> None:
    assert ground(claim("zeng-lee/lemma-11.squared-error:printed-letter")) == "obstruction"
    assert ground(claim("zeng-lee/lemma-11.squared-error:repaired")) == "construction"
    assert ground(claim("zeng-lee/theorem-5.construction")) == "counterexample"
    assert ground(claim("zeng-lee/theorem-5:appendix")) == "hollow"
    assert ground(claim("zeng-lee/lemma-13")) == "computation"
    assert ground(claim("zeng-lee/beta-chain.relu")) == "instances"
    assert not asks_for_existence(claim("zeng-lee/equation-1.5"))


def test_every_verdict_has_a_ground() -> None:
    open_ones = {each.key for each in CLAIMS if ground(each) == "open"}
    assert open_ones == {each.key for each in CLAIMS if each.verdict in (None, Verdict.UNDECIDED)}


def test_the_table_and_the_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["statements"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert max(map(len, out.splitlines())) <= 100
    assert main(["statements", "zeng-lee/theorem-5", "--json"]) == 0
    rows = {row["key"]: row for row in json.loads(capsys.readouterr().out)}
    assert all(row["statement"] == "zeng-lee/theorem-5" for row in rows.values())
    printed = rows["zeng-lee/theorem-5"]
    assert (printed["verdict"], printed["ground"]) == ("refuted", "obstruction")
    assert (printed["repaired_by"], printed["ground_of_repair"]) == ("zeng-lee/theorem-5:repaired", "construction")
    assert "zeng-lee/theorem-5:printed-letter" in rows


def test_an_unknown_statement_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["statements", "zeng-lee/theorem-55"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
