"""Measured spectra: summaries, controls, files, and that the recorded tables are what is measured now."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import safetensors.numpy

from theorems.arithmetic import Float64
from theorems.errors import InputError
from theorems.judge.driver import check
from theorems.strategies.real.checkpoints import silero_gates
from theorems.strategies.real.measured import (
    fitted,
    gaussian_control,
    singular_values,
    summary,
    weight_files,
    weights_of,
)
from theorems.strategies.texts.textbook.spectra.measured_cases import MeasuredRecipe, TrainingRecipe, training_run
from theorems.texts.textbook.spectra.claims import SECTIONS_11_2_1_AND_11_2_2
from theorems.texts.textbook.spectra.empirical import ENERGIES, EXPONENTS, THRESHOLD_RANKS, TRAINING, fitted_exponent


def test_the_summary_of_a_flat_spectrum() -> None:
    found = summary(np.full(20, 3.0), 20)
    assert (found.rank, found.tenth) == (20, 2)
    assert found.energy == pytest.approx(0.1)
    assert found.effective == pytest.approx(20.0)
    assert found.thresholds == {0.95: 19, 0.99: 20}
    assert found.whole is not None
    assert found.whole.alpha == pytest.approx(0.0, abs=1e-12)


def test_the_summary_of_a_rank_one_matrix() -> None:
    found = summary(np.array([2.0, 0.0, 0.0]), 3)
    assert (found.rank, found.energy, found.effective) == (1, 1.0, 1.0)
    assert found.thresholds == {0.95: 1, 0.99: 1}
    assert found.whole is None


def test_a_power_law_is_fitted_exactly() -> None:
    fit = fitted(2.0 * np.arange(1.0, 41.0) ** -1.25, 1, 40)
    assert fit is not None
    assert [fit.alpha, fit.c, fit.r2] == pytest.approx([1.25, 2.0, 1.0])
    assert (fit.first, fit.last) == (1, 40)


def test_zero_matrices_and_thresholds_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match="zero matrix"):
        summary(np.zeros(3), 3)
    for tau in (0.0, 1.0, -1.0, float("nan")):
        with pytest.raises(InputError, match=r"outside \(0, 1\)"):
            summary(np.ones(3), 3, (tau,))


def test_singular_values_of_tall_and_wide_matrices() -> None:
    A = np.random.default_rng(0).standard_normal((50, 7))
    expected = np.linalg.svd(A, compute_uv=False)
    assert singular_values(A) == pytest.approx(expected)
    assert singular_values(A.T) == pytest.approx(expected)


def test_the_control_has_the_law_of_a_gaussian_matrix() -> None:
    """E ||G||_F^2 = m n, and E ||G^T G||_F^2 = m n (m + n + 1): both within five standard errors."""
    m, n = 6, 4
    squares = np.array([(gaussian_control(m, n, seed=i) ** 2).sum() for i in range(2000)])
    fourths = np.array([(gaussian_control(n, m, seed=i) ** 4).sum() for i in range(2000)])
    assert abs(squares.mean() - m * n) < 5 * squares.std() / 2000**0.5
    assert abs(fourths.mean() - m * n * (m + n + 1)) < 5 * fourths.std() / 2000**0.5
    assert np.array_equal(gaussian_control(5, 3, seed=1), gaussian_control(5, 3, seed=1))


def _range(text: str) -> tuple[float, float]:
    numbers = [float(number) for number in re.findall(r"\d+\.\d+", text)]
    return (numbers[1], numbers[2]) if len(numbers) > 2 else (numbers[0], numbers[0])


@pytest.mark.parametrize("rate", ["8k", "16k"])
def test_the_recorded_tables_are_what_the_gates_measure_now(rate: str) -> None:
    found = [summary(singular_values(A), 128) for A in silero_gates(rate).values()]
    control = summary(gaussian_control(128, 128), 128)
    name = f"silero {rate}, LSTM gates"
    energies = next(row for row in ENERGIES if row[0] == name)
    ranks = next(row for row in THRESHOLD_RANKS if row[0] == name)
    exponents = next(row for row in EXPONENTS if row[0] == name)
    assert len(found) == energies[1]
    for text, values in (
        (energies[2], [s.energy for s in found]),
        (energies[4], [s.effective / 128 for s in found]),
        (ranks[2], [s.thresholds[0.95] / 128 for s in found]),
        (ranks[4], [s.thresholds[0.99] / 128 for s in found]),
    ):
        assert (min(values), max(values)) == pytest.approx(_range(text), abs=6e-4)
        assert np.median(values) == pytest.approx(float(text.split()[0]), abs=6e-4)
    assert control.energy == pytest.approx(float(energies[3]), abs=6e-4)
    assert control.effective / 128 == pytest.approx(float(energies[5]), abs=6e-4)
    alphas = [s.whole.alpha for s in found if s.whole]
    assert (min(alphas), max(alphas)) == pytest.approx(_range(exponents[2].split(",")[0]), abs=6e-3)


def test_the_statement_and_the_command_fit_the_same_exponent() -> None:
    s = MeasuredRecipe("8k", 3, control=False).values()
    fit = fitted(s, 1, 128)
    assert fit is not None
    assert float(fitted_exponent(s[None], Float64())[0]) == pytest.approx(fit.alpha)


@pytest.mark.parametrize("setting", ["low-rank teacher, small start", "full-rank teacher, low-rank start"])
def test_training_moves_the_effective_rank_towards_the_targets(setting: str) -> None:
    before, after, left = training_run(setting, 0)
    assert left < 0.2
    fell = summary(after, 24).effective < summary(before, 24).effective
    row = next(row for row in TRAINING if row[0] == setting)
    assert fell == (row[4] == row[1])
    claim = next(claim for claim in SECTIONS_11_2_1_AND_11_2_2 if claim.key == "textbook/theorem-11.10:tendency")
    report = check(claim, TrainingRecipe(setting, 0).batch(1), Float64(size=1))
    assert report.outcome.value == ("holds" if fell else "fails")


# files


def test_a_safetensors_file_is_walked_matrix_by_matrix(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    tensors: dict[str, Any] = {
        "b": np.eye(2, dtype=np.float32), "a": np.ones((3, 4), dtype=np.float16), "bias": np.ones(3, dtype=np.float32),
        "kernel": np.ones((2, 3, 4), dtype=np.float32), "index": np.ones((2, 2), dtype=np.int64),
    }  # fmt: skip
    safetensors.numpy.save_file(tensors, path)
    count, matrices = weights_of(path)
    assert count == 2
    assert [(name, matrix.shape, str(matrix.dtype)) for name, matrix in matrices] == [
        ("a", (3, 4), "float64"),
        ("b", (2, 2), "float64"),
    ]
    assert {name: matrix.shape for name, matrix in weights_of(path, kernels=True)[1]}["kernel"] == (2, 12)


def test_an_onnx_file_is_walked_with_its_branches(tmp_path: Path) -> None:
    def tensor(name: str, value: float) -> onnx.TensorProto:
        return onnx.numpy_helper.from_array(np.full((2, 3), value, dtype=np.float32), name)

    inner = onnx.helper.make_graph([], "then", [], [], initializer=[tensor("inside", 2.0)])
    nodes = [
        onnx.helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner),
        onnx.helper.make_node("Constant", [], ["constant"], value=tensor("", 3.0)),
    ]
    graph = onnx.helper.make_graph(nodes, "graph", [], [], initializer=[tensor("outside", 1.0)])
    path = tmp_path / "model.onnx"
    onnx.save(onnx.helper.make_model(graph), path)
    found = {name: float(matrix[0, 0]) for name, matrix in weights_of(path)[1]}
    assert found == {"outside": 1.0, "inside": 2.0, "constant": 3.0}


def test_files_that_cannot_be_read_are_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for suffix in (".safetensors", ".onnx"):
        path = tmp_path / f"broken{suffix}"
        path.write_bytes(b"\xff nothing of the kind")
        with pytest.raises(InputError, match="not a readable") as error:
            weights_of(path)
        assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="neither a file nor an installed package"):
        weight_files("no_such_package_at_all")
    with pytest.raises(InputError, match="in this folder"):
        weights_of(*weight_files(str(tmp_path / "empty")))
    with pytest.raises(InputError, match="no such file"):
        weight_files("missing.safetensors")
