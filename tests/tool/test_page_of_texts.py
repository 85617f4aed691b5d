"""The page of one text, wherever the command names it, and of a campaign."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import inline_pool
from tests.page_outline import outline
from theorems.__main__ import main


def test_a_text_may_be_named_before_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--text", "ours", "report", "--html", "before.html"]) == 0
    assert main(["report", "--html", "behind.html", "--text", "ours"]) == 0
    before = outline((tmp_path / "before.html").read_text(encoding="utf-8")).claims
    assert before == outline((tmp_path / "behind.html").read_text(encoding="utf-8")).claims
    assert {key.partition("/")[0] for key in before} == {"ours"}


def test_the_page_of_a_campaign_has_its_claims(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those of a file as well, where the user names it: what a journal says of files is not run."""
    monkeypatch.chdir(tmp_path)
    inline_pool.install(monkeypatch)
    (tmp_path / "mine.py").write_text(OWN, encoding="utf-8")
    hunt = ["hunt", "zeng-lee/equation-1.5", "mine.py::CLAIM", "--campaign", "camp", "--recipes", "2", "--jobs", "1"]
    assert main(hunt) in (0, 1)
    capsys.readouterr()
    assert main(["report", "camp", "--html", "a.html"]) == 0
    assert "mine.py are not on the page" in capsys.readouterr().err
    assert outline((tmp_path / "a.html").read_text(encoding="utf-8")).claims == ["zeng-lee/equation-1.5"]
    assert main(["--text", "mine.py", "report", "camp", "--html", "b.html"]) == 0
    found = outline((tmp_path / "b.html").read_text(encoding="utf-8"))
    assert found.claims == ["mine/trace"]
    assert "in this campaign" in found.text
    assert main(["--text", "ours", "report", "camp", "--html", "c.html"]) == 2
    assert "are not on the page" in capsys.readouterr().err


OWN = """
from theorems import Claim, at_most, conclude
from theorems.strategies import matrices


def trace(case, num):
    \"\"\"tr(A) <= 0.\"\"\"
    (A,) = case.matrices
    yield conclude(at_most(num.trace(A), 0), "tr(A) <= 0")


CLAIM = Claim(key="mine/trace", statement=trace)
CASES = {"mine/trace": matrices(count=1)}
"""
