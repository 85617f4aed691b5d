"""``theorems rank`` on pairs as people have them: odd tensors are named and passed over, the rest is measured."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import checkpoint_files
from tests.checkpoint_files import Run, random, save, save_raw
from theorems.weights.pairing import aligned
from theorems.weights.stored import Floats

ran = checkpoint_files.ran
refused = checkpoint_files.refused


def bfloat16(A: Floats) -> bytes:
    raw = A.astype(np.float32).view(np.uint32)
    return (((raw + 0x7FFF + ((raw >> 16) & 1)) >> 16).astype("<u2")).tobytes()


def why(result: dict[str, Any]) -> dict[str, str]:
    return {row["tensor"]: row["why"] for row in result["skipped"]}


# Filter first --------------------------------------------------------------------------------------------------------


def test_one_odd_tensor_does_not_refuse_the_pair(tmp_path: Path, ran: Run) -> None:
    base = {"q.weight": random(1, 6, 5), "embed_tokens.weight": random(2, 9, 4), "old": random(3, 3, 3),
            "rotary.inv_freq": np.array([np.inf, 1.0]), "mask": np.full((3, 3), -np.inf)[0],
            "classifier.weight": random(4, 2, 5)}  # fmt: skip
    tuned = {name: W + 1 for name, W in base.items() if name != "old"}
    tuned |= {"embed_tokens.weight": np.concatenate([base["embed_tokens.weight"] + 2, random(5, 3, 4)]),
              "lm_head.weight": random(6, 9, 4), "classifier.weight": random(7, 3, 5)}  # fmt: skip
    result = ran(save(tmp_path / "b", base), save(tmp_path / "t", tuned), "--rank", 1)
    rows = {row["tensor"]: row for row in result["layers"]}
    assert set(rows) == {"q.weight", "embed_tokens.weight"}
    assert rows["embed_tokens.weight"]["shape"] == [9, 4]
    assert rows["embed_tokens.weight"]["frobenius_norm"][1] == pytest.approx(12.0)
    assert any("9 rows in BASE, 12 in TUNED: the first 9" in said for said in result["remarks"])
    assert why(result)["old"] == "only in BASE"
    assert why(result)["lm_head.weight"] == "only in TUNED"
    assert why(result)["classifier.weight"] == "2 x 5 in BASE, 3 x 5 in TUNED"
    assert why(result)["mask"] == "not a matrix"


def test_types_that_are_not_compared_are_named_as_what_they_are(tmp_path: Path, ran: Run) -> None:
    W = random(0, 4, 4)
    tensors = {
        "w": ("F64", (4, 4), W.tobytes()),
        "ids": ("I64", (2, 2), b"\0" * 32),
        "q8": ("F8_E4M3", (2, 2), b"\0" * 4),
    }
    base = save_raw(tmp_path / "b", tensors)
    tuned = save_raw(tmp_path / "t", tensors | {"w": ("F64", (4, 4), (W + 1).tobytes())})
    result = ran(base, tuned)
    assert [row["tensor"] for row in result["layers"]] == ["w"]
    assert why(result) == {
        "ids": "there, as I64: no type that is compared",
        "q8": "there, as F8_E4M3: no type that is compared",
    }


def test_what_is_skipped_is_named_in_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from theorems.__main__ import main

    base = save(tmp_path / "b", {"w": random(0, 3, 3), "old\x1b[31m": random(1, 3, 3), "norm": np.ones(3)})
    tuned = save(tmp_path / "t", {"w": random(2, 3, 3), "new": random(3, 3, 3), "norm": np.ones(3)})
    assert main(["rank", str(base), str(tuned)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "only in BASE" in out
    assert "- tensor 'new': only in TUNED" in out
    assert "'norm'" not in out


def test_layers_are_chosen_before_anything_is_compared(tmp_path: Path, ran: Run, refused: Run) -> None:
    bad = random(1, 4, 4)
    bad[1, 1] = np.nan
    base = save(tmp_path / "b", {"a.q": random(0, 4, 4), "a.k": bad, "b.q": random(2, 4, 4)})
    tuned = save(tmp_path / "t", {"a.q": random(3, 4, 4), "a.k": bad, "b.q": random(4, 4, 4)})
    assert "--exclude leaves it out" in refused(base, tuned)
    for words in (("--only", "*.q"), ("--exclude", "a.k"), ("--exclude", "*k", "--only", "*")):
        assert [row["tensor"] for row in ran(base, tuned, *words)["layers"]] == ["a.q", "b.q"]
    assert [row["tensor"] for row in ran(base, tuned, "--only", "*.q", "--exclude", "b*")["layers"]] == ["a.q"]
    assert "no layer of that name" in refused(base, tuned, "--exclude", "*")


@pytest.mark.parametrize("prefix", ["model.", "module.", "_orig_mod.", "module._orig_mod."])
@pytest.mark.parametrize("side", ["BASE", "TUNED"])
def test_a_uniform_prefix_is_taken_off_and_said(tmp_path: Path, ran: Run, prefix: str, side: str) -> None:
    names = ["layers.0.q", "layers.1.q", "embed"]
    files = {}
    for k, which in enumerate(("BASE", "TUNED")):
        head = prefix if which == side else ""
        files[which] = save(tmp_path / which, {head + name: random(k + 3 * i, 4, 4) for i, name in enumerate(names)})
    result = ran(files["BASE"], files["TUNED"])
    assert len(result["layers"]) == 3
    assert not result["skipped"]
    assert any(f"{side}: the prefix {prefix!r}" in said for said in result["remarks"])


def test_prefixes_are_taken_off_only_where_names_agree_then() -> None:
    assert aligned({"model.a", "model.b"}, {"a", "b"}) == ("model.", "")
    assert aligned({"a", "b"}, {"model.a", "model.b", "lm_head"}) == ("", "model.")
    assert aligned({"model.a"}, {"model.a"}) == aligned({"a"}, {"b"}) == aligned({"x.a", "a"}, {"a"}) == ("", "")


def test_a_stack_of_experts_is_a_matrix_each(tmp_path: Path, ran: Run) -> None:
    name = "model.layers.0.mlp.experts.gate_up_proj"
    W, E = random(0, 3, 5, 4), np.zeros((3, 5, 4))
    E[1] = np.outer(random(1, 5), random(2, 4))
    result = ran(save(tmp_path / "b", {name: W}), save(tmp_path / "t", {name: W + E}), "--energy", "0.999999")
    assert [row["tensor"] for row in result["layers"]] == [f"{name}[{i}]" for i in range(3)]
    assert [row["lora_rank"] for row in result["layers"]] == [0, 1, 0]
    assert result["layers"][1]["frobenius_norm"][1] == pytest.approx(np.linalg.norm(E[1]))


@pytest.mark.parametrize(
    ("head", "what"),
    [(b"GGUF\3\0\0\0", "a GGUF file"), (b"PK\3\4 archive", "a PyTorch pickle"), (b"\x80\2}q\0....", "a pickle")],
)
def test_files_of_other_formats_are_called_what_they_are(tmp_path: Path, refused: Run, head: bytes, what: str) -> None:
    path = tmp_path / "pytorch_model.bin"
    path.write_bytes(head + b"x" * 100)
    line = refused(path, path)
    assert what in line
    assert "safetensors" in line
    assert what in refused(tmp_path, tmp_path)


def test_a_header_that_begins_as_a_pickle_is_none(tmp_path: Path, ran: Run) -> None:
    header = json.dumps({"w": {"dtype": "F64", "shape": [2, 2], "data_offsets": [0, 32]}}).encode()
    path = tmp_path / "m.safetensors"
    path.write_bytes((640).to_bytes(8, "little") + header + b" " * (640 - len(header)) + np.eye(2).tobytes())
    assert path.read_bytes()[:2] == b"\x80\2"
    assert len(ran(path, path)["layers"]) == 1


# Ranks ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A LoRA of rank 8 that was merged in bfloat16, 300 x 300, as the issue has it in small."""
    folder = tmp_path_factory.mktemp("merged")
    W = random(0, 300, 300) / 16
    change = random(1, 300, 8) @ random(2, 8, 300) / 2000
    base = save_raw(folder / "b", {"q.weight": ("BF16", W.shape, bfloat16(W))})
    tuned = save_raw(folder / "t", {"q.weight": ("BF16", W.shape, bfloat16(W + change))})
    return base, tuned


def test_the_automatic_rank_is_that_of_a_merged_lora(merged: tuple[Path, Path], ran: Run) -> None:
    (row,) = ran(*merged)["layers"]
    assert row["lora_rank"] == row["rank"] == 8
    assert ran(*merged, "--rank", "auto")["layers"] == [row]
    (energy,) = ran(*merged, "--energy", "0.999")["layers"]
    assert energy["lora_rank"] > 20  # energy counts the rounding of bfloat16 as signal


def test_ranks_are_capped_and_rounded_up(merged: tuple[Path, Path], ran: Run) -> None:
    for words, rank, capped in (
        (("--max-rank", 4), 4, True), (("--max-rank", 40), 8, False), (("--round-up-to", 16), 16, False),
        (("--rank", 3, "--round-up-to", 8), 8, False), (("--round-up-to", 6, "--max-rank", 11), 6, True),
        (("--energy", "0.9999", "--max-rank", 12), 12, True),
    ):  # fmt: skip
        (row,) = ran(*merged, *words)["layers"]
        assert (row["lora_rank"], row["lora_rank_is_capped"]) == (rank, capped), words
    (four,) = ran(*merged, "--max-rank", 4)["layers"]
    (eight,) = ran(*merged)["layers"]
    assert four["frobenius_error"][1] > 2 * eight["frobenius_error"][1]


def test_where_no_rank_is_low_the_advice_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from theorems.__main__ import main

    base, tuned = save(tmp_path / "b", {"w": random(0, 9, 9)}), save(tmp_path / "t", {"w": random(1, 9, 9)})
    assert main(["rank", str(base), str(tuned)]) == 0
    assert "no low-rank change" in capsys.readouterr().out


# Speed ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [(), ("--energy", "0.9"), ("--error", "0.3"), ("--rank", 5), ("--dtype", "float16")])
def test_enough_is_certified_and_does_what_is_wanted(
    merged: tuple[Path, Path], ran: Run, words: tuple[Any, ...]
) -> None:
    (whole,) = ran(*merged, *words)["layers"]
    (fast,) = ran(*merged, *words, "--fast")["layers"]
    assert fast["smallest_lora_rank"] is None
    for norm in ("spectral_norm", "frobenius_norm"):
        assert fast[norm][0] <= whole[norm][1]
        assert whole[norm][0] <= fast[norm][1]
    assert whole["lora_rank"] <= fast["lora_rank"] <= whole["lora_rank"] + 1
    for error in ("spectral_error", "frobenius_error"):
        assert fast[error][1] >= whole[error][0]
    assert fast["frobenius_error"][1] <= whole["frobenius_error"][1] * 1.01


def test_where_enough_is_the_whole_the_whole_is_taken(tmp_path: Path, ran: Run) -> None:
    base, tuned = save(tmp_path / "b", {"w": random(0, 90, 90)}), save(tmp_path / "t", {"w": random(1, 90, 90)})
    for words in ((), ("--energy", "0.95"), ("--error", "0.1", "--norm", "spectral")):
        assert ran(base, tuned, *words, "--fast")["layers"] == ran(base, tuned, *words)["layers"]


def test_several_processes_and_a_run_that_goes_on_give_the_same(tmp_path: Path, ran: Run) -> None:
    tensors = [{f"w{i}.weight": random(10 * k + i, 12, 9) for i in range(4)} for k in range(2)]
    base, tuned = (save(tmp_path / name, each) for name, each in zip("bt", tensors, strict=True))
    words = base, tuned, "--energy", "0.7"
    once = ran(*words)["layers"]
    kept = tmp_path / "kept"
    assert ran(*words, "--jobs", 2, "--resume", kept)["layers"] == once
    files = sorted(kept.iterdir())
    assert len(files) == 4
    files[0].unlink()
    files[1].write_bytes(files[1].read_bytes()[:100])  # as a full disk leaves it
    assert ran(*words, "--resume", kept)["layers"] == once
    ran(*words[:2], "--energy", "0.8", "--resume", kept)
    assert len(list(kept.iterdir())) == 8  # another rule is another layer
    save(tuned, {name: W + 1 for name, W in tensors[1].items()})
    assert ran(*words, "--resume", kept)["layers"] == ran(*words)["layers"] != once


def test_workers_have_their_share_of_the_threads(tmp_path: Path, ran: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """They start when the first layers are handed out, and read it then: two that take all cores cost three times."""
    seen: list[str | None] = []

    class Pool:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def map(self, work: Any, layers: Any) -> Any:
            seen.append(os.environ.get("OPENBLAS_NUM_THREADS"))
            return map(work, layers)

        def shutdown(self, **_: object) -> None:
            pass

    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setattr("theorems.weights.measuring.ProcessPoolExecutor", Pool)
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    base, tuned = (
        save(tmp_path / name, {f"w{i}.weight": random(10 * k + i, 12, 9) for i in range(2)})
        for k, name in enumerate("bt")
    )
    ran(base, tuned, "--jobs", 2)
    assert seen == ["4"]
    assert "OPENBLAS_NUM_THREADS" not in os.environ


def test_kept_layers_give_the_same_adapter(merged: tuple[Path, Path], tmp_path: Path, ran: Run) -> None:
    for name in ("first", "again"):
        ran(*merged, "--resume", tmp_path / "kept", "--write-peft", tmp_path / name)
    one, other = ((tmp_path / name / "adapter_model.safetensors").read_bytes() for name in ("first", "again"))
    assert one == other
