"""Texts of other distributions that are not as they should be: a line that names the distribution; the others go on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import inline_pool
from theorems import catalogue
from theorems.__main__ import main
from theorems.errors import InputError

Capture = pytest.CaptureFixture[str]
Install = Callable[..., None]

GOOD = '''
from pathlib import Path

from theorems import Claim, Text, conclude, equal
from theorems.strategies import matrices


def commutes(case, num):
    """tr(A) = tr(A^T)."""
    (A,) = case.matrices
    yield conclude(equal(num.trace(A), num.trace(A.mT)), "tr A = tr A^T")


TEXT = Text(
    key="{key}", title="A text", claims=(Claim(key="{key}/traces", statement=commutes),), cases={cases},
    folder=Path(__file__).parent,
)
'''


def clear() -> None:
    for function in (catalogue.installed, catalogue.text, catalogue._complain):
        function.cache_clear()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a distribution with one text, whose module has that source."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    inline_pool.install(monkeypatch)
    before = set(sys.modules)

    def distribution(name: str, key: str, source: str) -> None:
        (tmp_path / f"{name}.py").write_text(source)
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text(f"[theorems.texts]\n{key} = {name}:TEXT\n")
        clear()

    yield distribution
    for module in set(sys.modules) - before:
        if Path(getattr(sys.modules[module], "__file__", None) or "/").parent == tmp_path:
            del sys.modules[module]
    clear()


def good(key: str, cases: str | None = None) -> str:
    return GOOD.format(key=key, cases=cases or f'{{"{key}/traces": matrices()}}')


def test_a_text_of_another_distribution_is_there(install: Install, capsys: Capture) -> None:
    install("good_text", "good", good("good"))
    assert main(["hunt", "good/traces", "--recipes", "3", "--jobs", "1"]) == 0
    assert "good/traces: survived" in capsys.readouterr().out


def test_two_texts_with_one_key(install: Install, capsys: Capture) -> None:
    """Neither is the text of that name; the others go on."""
    install("first_text", "twice", good("twice"))
    install("second_text", "twice", good("twice"))
    assert main(["list"]) == 0
    assert main(["hunt", "twice/traces", "--recipes", "3"]) == 2
    line = "two texts have the key 'twice', of the distribution "
    said = capsys.readouterr().err.splitlines()
    assert all(line in one and "first_text" in one and "second_text" in one for one in said), said
    assert said


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import nowhere_to_be_found\n", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("TEXT = 3\n", "is a int, no Text: correct it"),
        ("OTHER = 3\n", "AttributeError"),
        (good("bad").replace("title=", "colour=3, title="), "argument 'colour'): repair it, uninstall it, or "),
        (good("other"), "calls itself 'other': use one name"),
        ("raise SystemError('broken')\n", "SystemError: broken"),
    ],
)
def test_a_text_that_cannot_be_loaded(install: Install, capsys: Capture, source: str, reason: str) -> None:
    install("bad_text", "bad", source)
    assert main(["list"]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert "the text 'bad' of the distribution bad_text" in line
    assert reason in line
    assert main(["hunt", "bad/traces", "--recipes", "3"]) == 2
    with pytest.raises(InputError, match="of the distribution bad_text"):
        catalogue.claim("bad/traces")


@pytest.mark.parametrize(
    ("cases", "reason"),
    [
        ("{}", "the text 'bare' of the distribution bare_text has no case for bare/traces: add one to its CASES"),
        ('"nowhere.cases:CASES"', "bare_text names the cases nowhere.cases:CASES, which are not there"),
        ('"broken_cases:CASES"', "bare_text cannot be loaded (ZeroDivisionError: division by zero)"),
        ('"bare_text:clear"', "bare_text names the cases bare_text:clear, which are not there"),
        ('"bare_text:__name__"', "bare_text is a str: make it a mapping"),
    ],
)
def test_a_text_without_cases_for_a_claim(
    install: Install, capsys: Capture, tmp_path: Path, cases: str, reason: str
) -> None:
    (tmp_path / "broken_cases.py").write_text("CASES = 1 / 0\n")
    install("bare_text", "bare", good("bare", cases))
    assert main(["hunt", "bare/traces", "--recipes", "3"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "the distribution bare_text" in line
    assert reason in line
    assert main(["check", "zeng-lee/equation-1.5", "--jobs", "1"]) == 0
