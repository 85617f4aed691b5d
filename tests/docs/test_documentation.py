"""The pages say what is so: their code runs and prints what they show, and the page of strategies is current."""

from __future__ import annotations

import importlib.util
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.documents import Block, Command, blocks, commands, essential, missing, write
from tests.recipes_for_seconds import install
from theorems import strategies
from theorems.__main__ import COMMANDS, main
from theorems.arithmetic.base import Arithmetic
from theorems.report.printing import WIDTH
from theorems.strategies.engine import worker

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> Callable[[str], tuple[int, list[str]]]:
    """Runs a line of a page in an empty folder; returns the exit code and the lines on stdout."""
    monkeypatch.chdir(tmp_path)
    install(monkeypatch, recipes=10, variants=6)

    def run(line: str) -> tuple[int, list[str]]:
        words = shlex.split(line)
        if words[0] == "pytest":
            command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words[1:]]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            return done.returncode, done.stdout.splitlines()
        assert words[0] == "theorems", line
        worker._loaded.cache_clear()  # a page may write a file anew
        capsys.readouterr()
        code = main(words[1:])
        return code, capsys.readouterr().out.splitlines()

    return run


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# the tutorial -------------------------------------------------------------------------------------------------------

def test_the_tutorial_runs_and_prints_what_it_shows(
    tmp_path: Path, shell: Callable[[str], tuple[int, list[str]]]
) -> None:
    ran = []
    for block in blocks(page("docs/tutorial.md")):
        write(block, tmp_path)
        for command in commands(block):
            code, printed = shell(command.words)
            assert code == command.code, command.words
            if "teeth" in command.words:
                require_teeth(command, printed)
            else:
                assert missing(essential(command.output), essential(printed)) == [], "\n".join(printed)
            ran.append(command.words.split()[:2])
    assert ["theorems", "teeth"] in ran
    assert ["theorems", "verify"] in ran
    assert ran.count(["theorems", "hunt"]) >= 4


def slips(lines: tuple[str, ...] | list[str], word: str) -> dict[str, int]:
    """The slips that a report of `teeth` lists under a word, with their instances."""
    text = re.sub(r"\n {12}", " ", "\n".join(lines))
    rows = re.findall(rf"^  {word} +(.*): (?:after )?([\d,]+) live instances$", text, re.MULTILINE)
    return {name: int(count.replace(",", "")) for name, count in rows}


def require_teeth(command: Command, printed: list[str]) -> None:
    """What the page says to survive is not killed, and what it says to be killed is."""
    shown, killed = slips(command.output, "killed"), slips(printed, "killed")
    assert len(shown) >= 10
    assert set(shown) == set(killed)
    survivors = slips(command.output, "survived")
    assert survivors
    assert set(survivors) == set(slips(printed, "survived"))


def test_the_tutorial_names_operations_that_there_are() -> None:
    named = set(re.findall(r"\bnum\.(\w+)", page("docs/tutorial.md")))
    assert len(named) > 25
    assert [name for name in named if not callable(getattr(Arithmetic, name, None))] == []


def test_the_workflow_runs_the_command_of_the_tutorial() -> None:
    text = page("docs/theorems-workflow.yml")
    tutorial = [c.words for block in blocks(page("docs/tutorial.md")) for c in commands(block)]
    (line,) = [words for words in tutorial if words.startswith("pytest")]
    assert f"run: {line}\n" in text
    for run in re.findall(r"run: (pytest .*)", text):
        for option in re.findall(r"--[\w-]+", run):
            assert option in Path(str(strategies.__file__)).with_name("pytest_claims.py").read_text(), option
    assert "path: theorems-findings/" in text
    assert "theorems-workflow.yml" in page("docs/tutorial.md")
    assert "\t" not in text


# README -------------------------------------------------------------------------------------------------------------


def test_the_claim_of_the_readme_falls(tmp_path: Path, shell: Callable[[str], tuple[int, list[str]]]) -> None:
    section = page("README.md").partition("## A claim of your own\n")[2].partition("\n## ")[0]
    code = next(block for block in blocks(section) if block.info.split()[0] == "python")
    (tmp_path / "my_claims.py").write_text(code.text)
    lines = re.findall(r"theorems hunt my_claims\.py::\w+", section)
    assert lines
    for line in lines:
        status, printed = shell(line)
        assert status == 1
        assert printed[0].endswith(": refuted")


# the page of strategies ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """The script that writes the page."""
    spec = importlib.util.spec_from_file_location("make_strategies_page", DOCS / "make_strategies_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


def public_strategies() -> list[str]:
    """The public names whose calls give recipes."""
    found = []
    for name in strategies.__all__:
        returns = str(getattr(getattr(strategies, name), "__annotations__", {}).get("return", ""))
        if "SearchStrategy" in returns:
            found.append(name)
    return found


def test_the_page_has_every_public_strategy(maker: ModuleType) -> None:
    named = [name for names in maker.GROUPS.values() for name in names]
    assert sorted(named) == sorted(public_strategies())
    assert len(named) >= 16
    assert re.findall(r"^### `(\w+)`$", page("docs/strategies.md"), re.MULTILINE) == named


def test_promises_and_simplest_draws_are_current(maker: ModuleType) -> None:
    sections = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", page("docs/strategies.md") + "\n##", re.M | re.S))
    for entry in maker.entries():
        text = sections[entry.name]
        assert entry.promise
        assert entry.shrinks, f"{entry.name}: the docstring says nothing of what it shrinks to"
        assert entry.simplest
        for part in (entry.promise, entry.signature, entry.details, entry.simplest, entry.shrinks[1:].rstrip(".")):
            assert part in text, f"{entry.name}: run `python docs/make_strategies_page.py`"


def test_the_pictures_are_there_and_small(maker: ModuleType) -> None:
    named = re.findall(r"\]\((pictures/\w+\.png)\)", page("docs/strategies.md"))
    assert sorted(named) == sorted(f"pictures/{path.name}" for path in (DOCS / "pictures").iterdir())
    assert sum((DOCS / name).stat().st_size for name in named) < 300_000


def test_the_examples_of_the_page_pass(tmp_path: Path) -> None:
    written = [block for block in blocks(page("docs/strategies.md")) if write(block, tmp_path)]
    assert len(written) == 2
    tests = {
        name: test
        for path in tmp_path.glob("test_*.py")
        for name, test in runpy.run_path(str(path)).items()
        if name.startswith("test_")
    }
    assert len(tests) == 3
    for test in tests.values():
        test()


def test_every_strategy_of_the_table_is_one() -> None:
    from theorems import strategies

    calls = re.findall(r"`(matrices\w*\([^`]*\))`", page("docs/strategies.md"))
    assert len(calls) >= 9
    for call in calls:
        eval(call, {name: getattr(strategies, name) for name in ("matrices", "matrices_of_spectrum")}).validate()


# links, help --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "docs/tutorial.md", "docs/strategies.md", "docs/weights.md"])
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^):]+)\)", page(name)):
        assert ((ROOT / name).parent / target).exists(), target


@pytest.mark.parametrize("words", ["list", "list --verdict refuted", "show zeng-lee/lemma-9", "statements"])
def test_tables_fit_a_hundred_columns(words: str, capsys: Capture) -> None:
    assert main(words.split()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 5
    assert max(map(len, lines)) <= WIDTH == 100


@pytest.mark.parametrize("name", [name for name, _, _ in COMMANDS])
def test_every_command_answers_help_with_an_example(name: str, capsys: Capture) -> None:
    assert main([name, "--help"]) == 0
    out = capsys.readouterr().out
    usage, _, rest = out.partition("example")
    assert f"usage: theorems {name}" in usage
    assert f"theorems {name}" in rest
    assert max(map(len, out.splitlines())) <= 120
    assert re.search(r"^  --json\b", out, re.MULTILINE), f"{name} takes no --json"


# the reader of pages ------------------------------------------------------------------------------------------------


def test_a_page_is_read_as_it_is_written(tmp_path: Path) -> None:
    text = "```python a.py\nx = 1\nCLAIM = 2\n```\n\n```python a.py from CLAIM\nCLAIM = 3\n```\n\n"
    text += "```console (exits 1)\n$ theorems x\nout\n...\nlast\n$ theorems y\n```\n"
    first, second, console = blocks(text)
    assert write(first, tmp_path)
    assert write(second, tmp_path)
    assert (tmp_path / "a.py").read_text() == "x = 1\nCLAIM = 3\n"
    assert not write(console, tmp_path)
    assert commands(console) == [Command("theorems x", ("out", "...", "last"), 1), Command("theorems y", (), 1)]
    assert commands(Block("text", "$ rm")) == []


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a", "...", "c"], ["a", "b", "b", "c"], True),
        (["..."], ["a", "b"], True),
        (["a"], ["a", "b"], False),
        (["a", "c"], ["a", "b", "c"], False),
        (["a", "...", "c"], ["a", "b"], False),
        (["b", "a"], ["a", "b"], False),
    ],
)
def test_what_was_printed_is_compared_line_by_line(expected: list[str], printed: list[str], same: bool) -> None:
    assert (missing(expected, printed) == []) is same


def test_counts_and_times_do_not_matter_and_entries_do() -> None:
    assert essential(["  1,2 live instances, 3.5 s"]) == essential(["9 live instances, 4.1 s"])
    assert essential(["  [ 1  0 ]"]) != essential(["  [ 1  1 ]"])
    table = ["  stratum  float64", "  -------  -------", "  psd   4", "", "the end"]
    assert essential(table) == ["stratum float64", "psd", "the end"]
