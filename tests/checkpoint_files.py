"""Checkpoints and adapters on disk for the tests of ``theorems rank``, and fixtures that run it."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from theorems.__main__ import main
from theorems.weights.certified import Dense
from theorems.weights.peft_adapter import adapter_changes
from theorems.weights.stored import Floats, open_checkpoint

Run = Any


@pytest.fixture
def ran(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command with --json and returns what it prints."""

    def run(*words: object) -> dict[str, Any]:
        assert main(["rank", *map(str, words), "--json"]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        result: dict[str, Any] = json.loads(out)
        return result

    return run


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command, which must end with one line on stderr and exit 2."""

    def run(*words: object) -> str:
        assert main(["rank", *map(str, words)]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("theorems: ")
        assert err.count("\n") == 1
        return err

    return run


def save(path: Path, tensors: Mapping[str, Any]) -> Path:
    safetensors.numpy.save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, path)
    return path


def save_raw(path: Path, tensors: Mapping[str, tuple[str, Sequence[int], bytes]]) -> Path:
    """A safetensors file with element types that NumPy lacks."""
    header, data = {}, b""
    for name, (kind, shape, raw) in tensors.items():
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def random(seed: int, *shape: int) -> Floats:
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path, dict[str, Floats]]:
    """Two float32 checkpoints of one model, and their differences."""
    base = {
        "layers.10.w.weight": random(1, 8, 6), "layers.2.w.weight": random(2, 5, 5), "conv.weight": random(3, 4, 3, 2),
        "norm.weight": random(4, 6),
    }  # fmt: skip
    tuned = {name: W + 0.1 * random(9, *W.shape) for name, W in base.items()}
    single = [{name: W.astype(np.float32) for name, W in each.items()} for each in (base, tuned)]
    paths = [save(tmp_path / name, each) for name, each in zip(("base", "tuned"), single, strict=True)]
    E = {name: single[1][name].astype(float) - single[0][name].astype(float) for name in base}
    return paths[0], paths[1], E


CONFIG = {"peft_type": "LORA", "r": 2, "lora_alpha": 6, "base_model_name_or_path": "some/base"}
PREFIX = "base_model.model."


def adapter(folder: Path, tensors: Mapping[str, Any], **config: object) -> Path:
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps(CONFIG | config))
    save(folder / "adapter_model.safetensors", {PREFIX + name: tensor for name, tensor in tensors.items()})
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    tensors = {"h.0.q.weight": random(1, 6, 5), "h.1.q.weight": random(2, 6, 5), "wte.weight": random(3, 9, 4),
               "conv.weight": random(4, 4, 3, 2, 2), "q.bias": random(5, 6)}  # fmt: skip
    return save(tmp_path / "model.safetensors", {name: W.astype(np.float32) for name, W in tensors.items()})


def dense(folder: Path, model: Path) -> dict[str, Floats]:
    """The changes of an adapter, as this package reads them, multiplied out."""
    found = {}
    for change in adapter_changes(open_checkpoint(model), folder).layers:
        E, _ = change.load()
        M = E.centre if isinstance(E, Dense) else E.factor * E.left @ E.right
        found[change.name] = np.ldexp(M, E.exponent)
    return found


@pytest.fixture
def chain(tmp_path: Path) -> tuple[Path, Path, list[str], list[Floats], list[Floats]]:
    """Three square layers whose tuned versions differ by rank one each, in float64 with small integers."""
    names = [f"l{i}.weight" for i in (1, 2, 3)]
    integers = np.random.default_rng(4)
    frozen = [integers.integers(-4, 5, size=(6, 6)) + 8.0 * np.eye(6) for _ in names]
    tuned = [W + np.outer(integers.integers(-2, 3, size=6), integers.integers(1, 3, size=6)) for W in frozen]
    base = save(tmp_path / "base.safetensors", dict(zip(names, frozen, strict=True)))
    other = save(tmp_path / "tuned.safetensors", dict(zip(names, tuned, strict=True)))
    return base, other, names, frozen, tuned
