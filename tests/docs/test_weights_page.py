"""docs/weights.md: its files are run, its commands print what it shows, and its schema names every key."""

from __future__ import annotations

import json
import re
import runpy
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.documents import blocks, commands, essential, missing, write
from theorems.__main__ import main

PAGE = (Path(__file__).parents[2] / "docs" / "weights.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def without_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page shows what the tables say, wherever it is run."""
    monkeypatch.setattr("theorems.weights.model_classes.classes_of", lambda *_: None)


def test_the_page_runs_and_prints_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = 0
    for block in blocks(PAGE):
        write(block, tmp_path)
        for command in commands(block):
            words = shlex.split(command.words)
            if words[0] == "python":
                runpy.run_path(words[1])
                code = 0
            else:
                assert words[0] == "theorems"
                code = main(words[1:])
            out, err = capsys.readouterr()
            assert code == command.code, (command.words, err)
            printed = (out or err).splitlines()
            assert missing(essential(command.output), essential(printed)) == [], "\n".join(printed)
            ran += 1
    assert ran >= 9


def keys(value: Any, inside: str = "") -> set[str]:
    """The paths of all keys of JSON data; an array is that of its elements."""
    if isinstance(value, list):
        return set().union(*(keys(item, inside) for item in value)) if value else set()
    if not isinstance(value, dict):
        return set()
    return {f"{inside}{key}" for key in value} | set().union(*(keys(v, f"{inside}{k}.") for k, v in value.items()))


def test_the_schema_has_every_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(next(block for block in blocks(PAGE) if block.info == "python make_pair.py"), tmp_path)
    runpy.run_path("make_pair.py")
    chain = [f"model.layers.{i}.self_attn.q_proj.weight" for i in range(2)]
    found = set()
    for words in (
        ["--error", "0.5", "--max-rank", "3", "--round-up-to", "1", "--write-peft", "one"],
        ["--energy", "0.9", "--chain", *chain, "--write-peft", "two"],
    ):
        assert main(["rank", "base", "tuned", *words, "--json"]) == 0
        found |= keys(json.loads(capsys.readouterr().out))
    documented = set(re.findall(r"^\| `([\w.]+)` \|", PAGE, re.MULTILINE))
    assert found - documented == set()
    elsewhere = {"wanted.rank", "peft.left_out.tensor", "peft.left_out.why"}  # not in these two
    elsewhere |= {f"peft.taken_for.parameter.{key}" for key in ("name", "expert", "first_row")}
    assert documented - found == elsewhere
