"""LoRA adapters as TUNED that are not B A over the base as it is: DoRA, PiSSA; and files without a configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import safetensors.numpy

from tests import checkpoint_files
from tests.checkpoint_files import PREFIX, Run, adapter, dense, random, save
from tests.exact_spectra import gram, rational, squared, trace
from theorems.weights.certified import Dense
from theorems.weights.peft_adapter import adapter_changes
from theorems.weights.stored import Floats, open_checkpoint

ran = checkpoint_files.ran
refused = checkpoint_files.refused
model = checkpoint_files.model


def exact_dora(W: Floats, BA: Any, magnitude: Floats) -> Any:
    """The change of a DoRA layer to 60 digits, as an mpmath matrix."""
    with mpmath.workdps(60):
        moved = mpmath.matrix(W.tolist()) + BA
        m, n = W.shape
        change = mpmath.matrix(m, n)
        for i in range(m):
            norm = mpmath.sqrt(sum(moved[i, j] ** 2 for j in range(n)))
            for j in range(n):
                change[i, j] = magnitude[i] * moved[i, j] / norm - W[i, j]
        return change


@pytest.mark.parametrize("turned", [False, True])
def test_dora_is_the_change_that_its_magnitudes_make(tmp_path: Path, model: Path, turned: bool) -> None:
    W = safetensors.numpy.load_file(model)["h.0.q.weight"].astype(float)
    W = W.T if turned else W  # (out, in)
    B, A = random(1, len(W), 2).astype(np.float32), random(0, 2, W.shape[1]).astype(np.float32)
    magnitude = np.abs(random(5, len(W))).astype(np.float32)
    tensors = {"h.0.q.lora_A.weight": A, "h.0.q.lora_B.weight": B, "h.0.q.lora_magnitude_vector": magnitude}
    folder = adapter(tmp_path / "a", tensors, use_dora=True, fan_in_fan_out=turned)
    (change,) = adapter_changes(open_checkpoint(model), folder).layers
    E, _ = change.load()
    assert isinstance(E, Dense)
    made = np.ldexp(E.centre, E.exponent)
    made = made.T if turned else made
    with mpmath.workdps(60):
        BA = mpmath.matrix(B.astype(float).tolist()) * mpmath.matrix(A.astype(float).tolist()) * 3
        off = mpmath.matrix(made.tolist()) - exact_dora(W, BA, magnitude.astype(float))
        missed = mpmath.norm(off, 2)
        assert 0 < missed <= mpmath.ldexp(E.slack, E.exponent) < 1e-12


def test_dora_without_magnitudes_or_with_too_few_is_refused(tmp_path: Path, model: Path, refused: Run) -> None:
    factors = {"h.0.q.lora_A.weight": np.ones((2, 5)), "h.0.q.lora_B.weight": np.ones((6, 2))}
    assert "lora_magnitude_vector" in refused(model, adapter(tmp_path / "a", factors, use_dora=True))
    few = factors | {"h.0.q.lora_magnitude_vector": np.ones(5)}
    assert "5 magnitudes" in refused(model, adapter(tmp_path / "b", few, use_dora=True))


def test_pissa_is_the_change_from_its_initial_adapter(tmp_path: Path, model: Path, ran: Run, refused: Run) -> None:
    A, B, A_0, B_0 = random(0, 2, 5), random(1, 6, 2), random(2, 2, 5), random(3, 6, 2)
    names = "h.0.q.lora_A.weight", "h.0.q.lora_B.weight"
    tuned = adapter(tmp_path / "t", dict(zip(names, (A, B), strict=True)), init_lora_weights="pissa")
    first = adapter(tmp_path / "i", dict(zip(names, (A_0, B_0), strict=True)), init_lora_weights="pissa")
    assert "--initial-adapter" in refused(model, tuned)
    (row,) = ran(model, tuned, "--initial-adapter", first)["layers"]
    truth = (rational(B) * rational(A) - rational(B_0) * rational(A_0)) * rational(np.array([[3.0]]))[0, 0]
    assert squared(row["frobenius_norm"][0]) <= trace(gram(truth)) <= squared(row["frobenius_norm"][1])
    assert row["rank_bounds"] == [4, 4]
    (same,) = ran(model, first, "--initial-adapter", first)["layers"]
    assert same["frobenius_norm"][1] < 1e-12  # that training did nothing
    other = adapter(tmp_path / "o", dict(zip(names, (A_0, B_0), strict=True)), lora_alpha=2)
    assert "another scaling" in refused(model, tuned, "--initial-adapter", other)
    assert "is none" in refused(model, model, "--initial-adapter", first)


@pytest.mark.parametrize("prefix", ["lora_unet_", "lora_te_"])
def test_kohyas_names_are_those_of_the_base_with_underscores(
    tmp_path: Path, model: Path, ran: Run, prefix: str
) -> None:
    A, B = random(0, 2, 5).astype(np.float32), random(1, 6, 2).astype(np.float32)
    Ac, Bc = random(2, 3, 3, 2, 2).astype(np.float32), random(3, 4, 3, 1, 1).astype(np.float32)
    file = save(tmp_path / "k.safetensors", {
        f"{prefix}h_0_q.lora_down.weight": A, f"{prefix}h_0_q.lora_up.weight": B,
        f"{prefix}h_0_q.alpha": np.float32(1.0),
        f"{prefix}conv.lora_down.weight": Ac, f"{prefix}conv.lora_up.weight": Bc,
        f"{prefix}elsewhere.lora_down.weight": A, f"{prefix}elsewhere.lora_up.weight": B,
    })  # fmt: skip
    result = ran(model, file)
    rows = {row["tensor"]: row for row in result["layers"]}
    assert set(rows) == {"h.0.q.weight", "conv.weight"}
    assert rows["h.0.q.weight"]["frobenius_norm"][1] == pytest.approx(np.linalg.norm(B.astype(float) @ A) / 2)
    assert rows["conv.weight"]["lora_rank"] == 3
    assert [row["why"] for row in result["skipped"]] == ["no module of BASE has this name"]
    assert "1 layers without an alpha" not in result["remarks"][0]
    assert "2 layers without an alpha" in result["remarks"][0]


@pytest.mark.parametrize("names", [("unet.h.0.q.lora.down.weight", "unet.h.0.q.lora.up.weight"),
                                   ("transformer.h.0.q.lora_A.weight", "transformer.h.0.q.lora_B.weight")])  # fmt: skip
def test_diffusers_names(tmp_path: Path, model: Path, ran: Run, names: tuple[str, str]) -> None:
    A, B = random(0, 2, 5), random(1, 6, 2)
    (row,) = ran(model, save(tmp_path / "d", dict(zip(names, (A, B), strict=True))))["layers"]
    assert row["frobenius_norm"][1] == pytest.approx(np.linalg.norm(B @ A))


def test_files_that_say_too_little_are_refused(tmp_path: Path, model: Path, refused: Run) -> None:
    A, B = np.ones((2, 5)), np.ones((6, 2))
    peft = save(tmp_path / "raw", {PREFIX + "h.0.q.lora_A.weight": A, PREFIX + "h.0.q.lora_B.weight": B})
    assert "give their folder" in refused(model, peft)
    loha = save(tmp_path / "h", {"lora_unet_h_0_q.hada_w1_a": A, "lora_unet_h_0_q.hada_w1_b": B})
    assert "no plain LoRA" in refused(model, loha)
    half = save(tmp_path / "one", {"lora_unet_h_0_q.lora_down.weight": A})
    assert "one factor of two" in refused(model, half)
    wrong = save(tmp_path / "w", {"lora_unet_h_0_q.lora_down.weight": A, "lora_unet_h_0_q.lora_up.weight": B[:4]})
    assert "another base" in refused(model, wrong)
    none = save(tmp_path / "n", {"lora_unet_x.lora_down.weight": A, "lora_unet_x.lora_up.weight": B})
    assert "another base" in refused(model, none)


def test_a_file_in_kohyas_form_is_read_back(tmp_path: Path, model: Path, ran: Run) -> None:
    base = safetensors.numpy.load_file(model)
    tuned = save(
        tmp_path / "t", {name: W + np.float32(0.1) * random(9, *W.shape).astype(np.float32) for name, W in base.items()}
    )
    words = model, tuned, "--rank", 2, "--alpha", 4, "--dtype", "float16"
    result = ran(*words, "--write-kohya", tmp_path / "k.safetensors", "--write-peft", tmp_path / "p")
    again = {row["tensor"]: row for row in ran(model, tmp_path / "k.safetensors")["layers"]}
    assert set(again) == {"h.0.q.weight", "h.1.q.weight", "conv.weight"}
    for name, E in dense(tmp_path / "p", model).items():
        if name in again:
            assert again[name]["frobenius_norm"][1] == pytest.approx(np.linalg.norm(E), rel=1e-9)
    assert set(result["peft"]["layers"]) == {"h.0.q.weight", "h.1.q.weight", "conv.weight", "wte.weight"}


@pytest.mark.parametrize("alpha", [None, 16.0, 0.7])
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_factors_of_every_type_have_the_certified_error_exactly(
    tmp_path: Path, model: Path, ran: Run, dtype: str, alpha: float | None
) -> None:
    base = safetensors.numpy.load_file(model)
    name = "h.0.q.weight"
    E = (0.01 * random(9, 6, 5)).astype(np.float32)
    tuned = save(tmp_path / "t", {name: base[name] + E})
    words = () if alpha is None else ("--alpha", alpha)
    result = ran(model, tuned, "--rank", 3, "--dtype", dtype, "--write-peft", tmp_path / "p", *words)
    (row,) = result["layers"]
    assert row["factors_stored_as"] == dtype
    (change,) = adapter_changes(open_checkpoint(model), tmp_path / "p").layers
    assert change.kinds[1] == {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}[dtype]
    B, A = (side.rows(0, side.shape[0]) for side in (change.B, change.A))  # type: ignore[attr-defined]
    truth = rational((base[name] + E).astype(float)) - rational(base[name].astype(float))
    scaling = rational(np.array([[1.0 if alpha is None else alpha / 3]]))[0, 0]
    missed = gram(truth - rational(B) * rational(A) * scaling)
    assert squared(row["frobenius_error"][0]) <= trace(missed) <= squared(row["frobenius_error"][1])
    if dtype == "float32":
        assert row["frobenius_error"][1] <= row["frobenius_error"][0] * (1 + 1e-5)


def test_kept_layers_are_of_these_files_and_no_others(tmp_path: Path, model: Path, ran: Run) -> None:
    """DoRA and PiSSA layers are made of several files: a change in any of them is another layer."""
    factors = {"h.0.q.lora_A.weight": random(0, 2, 5), "h.0.q.lora_B.weight": random(1, 6, 2)}
    dora = adapter(tmp_path / "d", factors | {"h.0.q.lora_magnitude_vector": np.ones(6)}, use_dora=True)
    first, other = (
        adapter(tmp_path / name, {key: W + add for key, W in factors.items()}) for name, add in (("i", 0.5), ("j", 0.7))
    )
    pissa = adapter(tmp_path / "p", factors, init_lora_weights="pissa")
    for words in (
        (model, dora),
        (model, pissa, "--initial-adapter", first),
        (model, pissa, "--initial-adapter", other),
    ):
        assert ran(*words, "--resume", tmp_path / "kept")["layers"] == ran(*words)["layers"]
    base = safetensors.numpy.load_file(model)
    save(model, {name: 2 * W for name, W in base.items()})
    assert ran(model, dora, "--resume", tmp_path / "kept")["layers"] == ran(model, dora)["layers"]
    assert len(list((tmp_path / "kept").iterdir())) == 4
