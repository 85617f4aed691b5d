"""What people reported of tools that extract and resize LoRAs, a kind each, on small files.

Reports on mergekit-extract-lora, kohya's extract_lora_from_models and resize_lora, PEFT, diffusers and ComfyUI, by
their kinds: none may end in a traceback, lose a layer in silence, or be measured wrongly.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import checkpoint_files
from tests.checkpoint_files import Run, adapter, random, save
from theorems.weights.device import device_of

ran, refused = checkpoint_files.ran, checkpoint_files.refused

B, A = (random(seed, *shape).astype(np.float32) for seed, shape in ((1, (8, 3)), (2, (3, 8))))
E = B.astype(float) @ A.astype(float)
Q = random(3, 8, 8).astype(np.float32)
KOHYA = "lora_unet_down_blocks_0_attn_to_q"
UNET = {
    "down_blocks.0.attn.to_q.weight": Q,
    "down_blocks.0.conv1.weight": random(4, 8, 4, 3, 3).astype(np.float32),
    "down_blocks.0.proj_in.weight": random(5, 8, 8, 1, 1).astype(np.float32),
}


def lora(module: str, down: str = ".lora_down.weight", up: str = ".lora_up.weight", **more: Any) -> dict[str, Any]:
    return {module + down: A, module + up: B} | {f"{module}.{key}": value for key, value in more.items()}


#: Kind of report -> (the file, its base, the change over B A).
READ: dict[str, tuple[dict[str, Any], Mapping[str, Any], float]] = {
    "kohya's names with alpha": (lora(KOHYA, alpha=np.float32(6)), UNET, 2),
    "no alpha, and no metadata that tells one": (lora(KOHYA), UNET, 1),
    "an alpha of one entry, in float16": (lora(KOHYA, alpha=np.array([6], np.float16)), UNET, 2),
    "an alpha below one": (lora(KOHYA, alpha=np.float32(0.75)), UNET, 0.25),
    "lora_A and lora_B of a trainer, with the model's prefix": (
        lora("diffusion_model.down_blocks.0.attn.to_q", ".lora_A.weight", ".lora_B.weight"), UNET, 1),
    "the name of an adapter in every key": (
        lora("unet.down_blocks.0.attn.to_q", ".lora_A.default_0.weight", ".lora_B.default_0.weight"), UNET, 1),
    "attention processors of old diffusers": (
        lora("unet.down_blocks.0.attn.processor.to_q_lora", ".down.weight", ".up.weight"), UNET, 1),
    "processors without the model's prefix": (
        lora("down_blocks.0.attn.processor.to_q_lora", ".down.weight", ".up.weight"), UNET, 1),
    "linear layers of text encoders in old diffusers": (
        lora("text_encoder.q_proj.lora_linear_layer", ".down.weight", ".up.weight"), {"q_proj.weight": Q}, 1),
    "a projection of the second text encoder": (
        lora("lora_te2_text_projection"), {"text_projection.weight": Q}, 1),
    "a checkpoint of the whole pipeline, with kohya's names": (
        lora("lora_unet_input_blocks_1_0_to_q"), {"model.diffusion_model.input_blocks.1.0.to_q.weight": Q}, 1),
    "a checkpoint of the whole pipeline, with those of diffusers": (
        lora("transformer.single.0.proj_out", ".lora_A.weight", ".lora_B.weight"),
        {"model.diffusion_model.single.0.proj_out.weight": Q}, 1),
    "a linear layer stored as a convolution of 1 x 1": (
        {KOHYA + ".lora_down.weight": A[:, :, None, None], KOHYA + ".lora_up.weight": B[:, :, None, None]}, UNET, 1),
    "a convolution of 1 x 1 with factors of a linear layer": (lora("lora_unet_down_blocks_0_proj_in"), UNET, 1),
}  # fmt: skip


@pytest.mark.parametrize("kind", READ)
def test_a_lora_file_is_measured(kind: str, tmp_path: Path, ran: Run) -> None:
    tensors, base, times = READ[kind]
    [row] = ran(save(tmp_path / "b.safetensors", base), save(tmp_path / "l.safetensors", tensors))["layers"]
    low, high = row["frobenius_norm"]
    assert low <= times * np.linalg.norm(E) * (1 + 1e-12)
    assert high >= times * np.linalg.norm(E) * (1 - 1e-12)
    assert row["lora_rank"] == 3


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        (lora(KOHYA) | {KOHYA + ".diff_b": Q[0], "norm.diff": Q[0]}, {KOHYA + ".diff_b", "norm.diff"}),
        (lora(KOHYA) | lora("lora_te_text_model_layers_0_fc1"), {"lora_te_text_model_layers_0_fc1"}),
    ],
)  # fmt: skip
def test_what_else_a_file_has_is_named(tensors: dict[str, Any], said: set[str], tmp_path: Path, ran: Run) -> None:
    result = ran(save(tmp_path / "b.safetensors", UNET), save(tmp_path / "l.safetensors", tensors))
    assert {row["tensor"] for row in result["skipped"]} == said
    assert all(row["changed"] and row["why"] for row in result["skipped"])


@pytest.mark.parametrize("more", ["lora_mid.weight", "dora_scale", "hada_w1_a", "lokr_w1"])
def test_other_products_are_refused_by_name(more: str, tmp_path: Path, refused: Run) -> None:
    base = save(tmp_path / "b.safetensors", UNET)
    assert more in refused(base, save(tmp_path / "l.safetensors", lora(KOHYA) | {f"{KOHYA}.{more}": Q}))


def test_more_rank_than_a_layer_has_is_no_index_error(tmp_path: Path, ran: Run) -> None:
    wide = {KOHYA + ".lora_down.weight": random(1, 16, 8), KOHYA + ".lora_up.weight": random(2, 8, 16)}
    base = save(tmp_path / "b.safetensors", UNET)
    [row] = ran(base, save(tmp_path / "l.safetensors", wide), "--rank", 512)["layers"]
    assert row["lora_rank"] == 8


def test_pairs_of_checkpoints(tmp_path: Path, ran: Run, refused: Run) -> None:
    base = {
        "lm_head.weight": random(1, 20, 8),
        "q_proj.weight": random(2, 8, 8),
        "conv_in.weight": random(3, 8, 4, 3, 3),
    }
    kinds = {
        # repeated singular values, on which other methods did not converge
        "repeated": {name: W + np.eye(len(W), W[0].size).reshape(W.shape) for name, W in base.items()},
        # added tokens; an inpainting model's further channels; one layer unchanged
        "grown": {"lm_head.weight": np.vstack([base["lm_head.weight"] + 1, np.ones((4, 8))]),
                  "q_proj.weight": base["q_proj.weight"], "conv_in.weight": random(4, 8, 9, 3, 3)},
        # a change that thresholds of "the same" swallow
        "tiny": {name: W + 1e-9 for name, W in base.items()},
        # a pipeline's prefix, and its other models
        "prefixed": {f"model.diffusion_model.{name}": W + 1 for name, W in base.items()} | {"vae.x.weight": Q},
    }  # fmt: skip
    old = save(tmp_path / "b.safetensors", base)
    found = {kind: ran(old, save(tmp_path / f"{kind}.safetensors", new)) for kind, new in kinds.items()}
    assert [row["lora_rank"] for row in found["repeated"]["layers"]] == [8, 8, 8]
    assert [row["lora_rank"] for row in found["grown"]["layers"]] == [1, 0]
    assert found["grown"]["skipped"][0]["why"] == "8 x 4 x 3 x 3 in BASE, 8 x 9 x 3 x 3 in TUNED"
    assert [row["lora_rank"] for row in found["tiny"]["layers"]] == [1, 1, 1]
    assert [row["lora_rank"] for row in found["prefixed"]["layers"]] == [1, 1, 1]
    assert found["prefixed"]["skipped"][0]["why"] == "only in TUNED"
    broken = {name: W.copy() for name, W in base.items()}
    broken["q_proj.weight"][0, 0] = np.nan
    assert "'q_proj.weight' has nan at (0, 0)" in refused(old, save(tmp_path / "nan.safetensors", broken))
    assert "lacks tensors" in refused(old, save(tmp_path / "other.safetensors", {"input_blocks.0.weight": Q}))


def test_adapters_of_peft(tmp_path: Path, ran: Run, refused: Run) -> None:
    base = save(tmp_path / "b.safetensors", {"q_proj.weight": Q, "lm_head.weight": random(1, 20, 8),
                                             "experts.up": random(2, 3, 8, 6)})  # fmt: skip
    plain = {"q_proj.lora_A.weight": A, "q_proj.lora_B.weight": B}
    named = {"q_proj.lora_A.default.weight": A, "q_proj.lora_B.default.weight": B}
    stack = {"experts.lora_A.weight": random(3, 9, 6), "experts.lora_B.weight": random(4, 8, 9)}
    assert len(ran(base, adapter(tmp_path / "named", named, r=3, lora_alpha=3))["layers"]) == 1
    grown = adapter(tmp_path / "grown", plain | {"lm_head.weight": random(5, 24, 8)}, r=3, modules_to_save=["lm_head"])
    assert ran(base, grown)["skipped"][0]["why"] == "saved whole, 24 x 8; 20 x 8 in BASE"
    bias = adapter(tmp_path / "bias", plain | {"q_proj.lora_B.bias": Q[0]}, r=3, lora_bias=True)
    assert ran(base, bias)["skipped"][0]["changed"]
    both = adapter(tmp_path / "both", plain | stack, r=3, target_parameters=["experts.up"])
    result = ran(base, both)
    assert [row["tensor"] for row in result["layers"]] == ["q_proj.weight"]
    assert "target_parameters" in result["skipped"][0]["why"]
    alone = adapter(tmp_path / "alone", stack, r=3, target_parameters=["experts.up"])
    assert "target_parameters" in refused(base, alone)
    weight = adapter(tmp_path / "w", plain, r=1, target_parameters=["q_proj.weight"], rank_pattern={"q_proj.weight": 3},
                     lora_alpha=3, alpha_pattern={"q_proj.weight": 6})  # fmt: skip
    low, high = ran(base, weight)["layers"][0]["frobenius_norm"]
    assert low <= 2 * np.linalg.norm(E) * (1 + 1e-12) <= high * (1 + 2e-12)
    assert "'IA3'" in refused(base, adapter(tmp_path / "ia3", {"q_proj.ia3_l": Q}, peft_type="IA3"))
    assert "lacks module" in refused(
        base, adapter(tmp_path / "other", {"v.lora_A.weight": A, "v.lora_B.weight": B}, r=3)
    )


def test_a_device_is_named_where_there_is_none(tmp_path: Path, refused: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    base = save(tmp_path / "b.safetensors", UNET)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert device_of("auto") == device_of("numpy") == "numpy"
    assert "--device cuda needs torch" in refused(base, base, "--device", "cuda")


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_a_run_that_was_killed_goes_on(tmp_path: Path, ran: Run) -> None:
    base = {f"l{i}.weight": random(i, 350, 320) for i in range(8)}
    old = save(tmp_path / "b.safetensors", base)
    E = random(9, 350, 2) @ random(8, 2, 320)
    new = save(tmp_path / "t.safetensors", {name: W + E for name, W in base.items()})
    kept = tmp_path / "kept"
    words = [str(old), str(new), "--fast", "--resume", str(kept)]
    with subprocess.Popen([sys.executable, "-m", "theorems", "rank", *words], stdout=subprocess.DEVNULL) as run:
        while run.poll() is None and len(list(kept.glob("*.npz"))) < 3:
            time.sleep(0.005)
        run.kill()
    first = {path.name: path.stat().st_mtime_ns for path in kept.glob("*.npz")}
    assert len(first) >= 3
    again = ran(*words)
    assert {path.name: path.stat().st_mtime_ns for path in kept.glob("*.npz") if path.name in first} == first
    assert again["layers"] == ran(old, new, "--fast")["layers"]
