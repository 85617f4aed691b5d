"""The options of `theorems report --html`: a folder of pages, one text, what changed since an earlier version."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import fake_catalogue as fake
from tests.page_outline import outline
from theorems.__main__ import main
from theorems.report.since import changes

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder, and the small catalogue with a counterexample."""
    made = tmp_path / "witnesses"
    made.mkdir()
    fake.install(monkeypatch, made)
    fake.store(made, fake.TRACE, fake.trace_case())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def record(capsys: Capture) -> list[dict[str, object]]:
    assert main(["list", "--json"]) == 0
    rows: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return rows


def test_a_folder_has_an_index_and_a_page_a_statement(folder: Path, capsys: Capture) -> None:
    assert main(["report", "--html", "site", "--dir"]) == 0
    assert capsys.readouterr().out.startswith("site: 4 claims, 4 pages, ")
    assert min(path.name for path in (folder / "site").iterdir()) == "index.html"
    assert main(["report", "--html", "site", "--dir"]) == 2
    assert "it is not empty" in capsys.readouterr().err
    assert main(["report", "--html", "site", "--dir", "--force"]) == 0


def test_one_text_alone(folder: Path, capsys: Capture) -> None:
    assert main(["report", "--html", "one.html", "--text", "ours"]) == 0
    assert capsys.readouterr().out.startswith("one.html: 2 claims, ")
    found = outline((folder / "one.html").read_text(encoding="utf-8"))
    assert found.claims == ["ours/trace", "ours/trace:semidefinite"]


def test_what_changed_is_marked(folder: Path, capsys: Capture) -> None:
    rows = record(capsys)
    rows[0] |= {"verdict": "corroborated", "kind": None}
    rows[2] |= {"label": "Lemma 0"}
    gone = dict(rows[1], key="ours/gone")
    Path("old.json").write_text(json.dumps([rows[0], rows[2], rows[3], gone]))
    assert main(["report", "--html", "page.html", "--since", "old.json"]) == 0
    text = (folder / "page.html").read_text(encoding="utf-8")
    found = changes("old.json", fake.CLAIMS)
    assert found.words == {
        rows[0]["key"]: "was corroborated", rows[1]["key"]: "new", rows[2]["key"]: "was labelled Lemma 0",
    }  # fmt: skip
    assert found.gone == ("ours/gone",)
    assert text.count('<span class=was>') == 3
    assert "3 claims changed" in outline(text).text


def test_nothing_changed_since_now(capsys: Capture) -> None:
    Path("now.json").write_text(json.dumps(record(capsys)))
    assert changes("now.json", fake.CLAIMS).words == {}


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--since", "no-such-tag"], "no-such-tag: no such file, and no tag"),
        (["--since=--help"], "--help: no such file, and no tag"),
        (["--since", "broken.json"], "broken.json: "),
        (["--since", "other.json"], "other.json: not a list of claims"),
        (["--text", "nothing"], "nothing"),
        (["--dir", "--single"], "leave one of them out"),
    ],
)
def test_bad_input_is_refused(capsys: Capture, words: list[str], complaint: str) -> None:
    Path("broken.json").write_text("[")
    Path("other.json").write_text('{"key": 1}')
    assert main(["report", "--html", "page.html", *words]) == 2
    err = capsys.readouterr().err
    assert complaint in err
    assert err.count("\n") == 1
    assert not Path("page.html").exists()


def test_options_of_the_page_need_one(capsys: Capture) -> None:
    assert main(["report", "--dir"]) == 2
    assert "--dir: it is about the page of --html OUT" in capsys.readouterr().err
