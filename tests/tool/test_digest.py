"""The digest sees the models that a statement runs, and does not see in which module anything stands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from theorems import case
from theorems.case import Array
from theorems.digest import _Filler

ROOT = Path(__file__).parents[2]
LIST = """
import json
from theorems.catalogue import CLAIMS
print(json.dumps({claim.key: claim.digest for claim in CLAIMS}))
"""


def digests(folder: Path) -> dict[str, str]:
    command = [sys.executable, "-c", LIST]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def today() -> dict[str, str]:
    from theorems.catalogue import CLAIMS

    return {claim.key: claim.digest for claim in CLAIMS}


def changed(tmp_path: Path, today: dict[str, str], edit: Callable[[Path], None]) -> set[str]:
    """The claims whose digest is another one in a copy of the package that was edited."""
    ignored = shutil.ignore_patterns("__pycache__", "*.json", "*.csv", "strategies")
    shutil.copytree(ROOT / "theorems", tmp_path / "theorems", ignore=ignored, symlinks=True)
    edit(tmp_path / "theorems")
    found = digests(tmp_path)
    assert found.keys() == today.keys()
    return {key for key, digest in found.items() if digest != today[key]}


def without_relu(path: Path, line: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert line in text
    path.write_text(text.replace(line, re.sub(r"num\.relu(\(.*)", r"\1", line)), encoding="utf-8")


def test_a_relu_taken_from_the_networks(tmp_path: Path, today: dict[str, str]) -> None:
    found = changed(tmp_path, today, lambda top: without_relu(top / "models" / "relu.py", "z = num.relu(y)"))
    assert 80 <= len(found) <= 140
    assert {"zeng-lee/theorem-3", "zeng-lee/theorem-5:repaired"} <= found
    assert "zeng-lee/lemma-9.value" not in found


def test_a_relu_taken_from_the_transformers(tmp_path: Path, today: dict[str, str]) -> None:
    line = "num.relu(self.first @ self.attention(Z, num) + self.first_bias[..., :, None])"
    found = changed(tmp_path, today, lambda top: without_relu(top / "models" / "transformer.py", line))
    assert 40 <= len(found) <= 80
    assert "zeng-lee/theorem-6" in found
    assert "zeng-lee/theorem-3" not in found


def test_a_module_that_moves_and_a_helper_that_is_renamed(tmp_path: Path, today: dict[str, str]) -> None:
    def edit(top: Path) -> None:
        relu = top / "texts" / "zeng_lee" / "relu"
        (relu / "chains").mkdir()
        (relu / "chains" / "__init__.py").touch()
        (relu / "error_chain.py").rename(relu / "chains" / "errors.py")
        for path in top.rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            text = re.sub(r"(?<=zeng_lee\.relu\.)error_chain\b", "chains.errors", text)
            text = re.sub(
                r"(?m)^    error_chain,\n(.*?^\))",
                r"\1\nfrom theorems.texts.zeng_lee.relu.chains import errors as error_chain",
                text,
                flags=re.DOTALL,
            )
            path.write_text(re.sub(r"\bthreshold_is_necessary\b", "below_the_threshold", text), encoding="utf-8")

    assert changed(tmp_path, today, edit) == set()


class Alias:
    """What NumPy 2.5 makes of `NDArray`, as far as we look."""

    def __init__(self, value: Any) -> None:
        self.__value__ = value


def test_a_digest_does_not_depend_on_the_version_of_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of ufuncs and of the array type are those of all versions; `verify` in `.ci/run` holds the whole to it."""
    filler = _Filler({}, "theorems")
    assert [filler.value(function, "any") for function in (np.abs, np.matmul, np.conj)] == [
        "absolute", "matmul", "conjugate",
    ]  # fmt: skip
    assert filler.value(Array, "Array") == "ndarray"
    monkeypatch.setattr(case, "_ALIASES", (Alias, case._ALIASES))
    assert filler.value(Alias(Array), "Array") == "ndarray"
    assert filler.value(np, "np") == "np"
