"""``theorems rank`` and PEFT adapters, read and written, and chains of layers."""

from __future__ import annotations

import json
from functools import reduce
from pathlib import Path
from typing import Any

import flint
import numpy as np
import pytest
import safetensors.numpy

from tests import checkpoint_files
from tests.checkpoint_files import PREFIX, Run, adapter, dense, random, save
from tests.exact_spectra import eigenvalues_above, eigenvalues_from, gram, rational, squared, trace
from theorems.__main__ import main
from theorems.weights.chain_report import second_moment
from theorems.weights.chains import theorem_5_bound
from theorems.weights.peft_adapter import adapter_changes
from theorems.weights.stored import Floats, open_checkpoint

ran = checkpoint_files.ran
refused = checkpoint_files.refused
pair = checkpoint_files.pair
model = checkpoint_files.model
chain = checkpoint_files.chain

# Adapters ------------------------------------------------------------------------------------------------------------


def test_the_change_of_an_adapter_is_scaling_times_b_times_a(tmp_path: Path, model: Path, ran: Run) -> None:
    A, B = random(0, 2, 5), random(1, 6, 2)
    A3, B3 = random(2, 3, 5), random(3, 6, 3)
    tensors = {"h.0.q.lora_A.weight": A, "h.0.q.lora_B.weight": B, "h.1.q.lora_A.weight": A3, "h.1.q.lora_B.weight": B3,
               "wte.lora_embedding_A": random(4, 2, 9), "wte.lora_embedding_B": random(5, 4, 2),
               "conv.lora_A.weight": random(6, 2, 3, 2, 2), "conv.lora_B.weight": random(7, 4, 2, 1, 1)}  # fmt: skip
    folder = adapter(tmp_path / "a", tensors, rank_pattern={r"h\.1\.q": 3}, alpha_pattern={"1.q": 1.5})
    found = dense(folder, model)
    np.testing.assert_allclose(found["h.0.q.weight"], 3.0 * B @ A, rtol=1e-14)
    np.testing.assert_allclose(found["h.1.q.weight"], 0.5 * B3 @ A3, rtol=1e-14)
    np.testing.assert_allclose(found["wte.weight"], 3.0 * (random(5, 4, 2) @ random(4, 2, 9)).T, rtol=1e-14)
    np.testing.assert_allclose(found["conv.weight"], 3.0 * random(7, 4, 2) @ random(6, 2, 12), rtol=1e-14)
    result = ran(model, folder)
    rows = {row["tensor"]: row for row in result["layers"]}
    assert "some/base" in result["remarks"][0]
    assert rows["h.0.q.weight"]["rank_bounds"] == [2, 2]
    assert rows["h.1.q.weight"]["rank_bounds"] == [3, 3]
    assert all(row["from_factors"] for row in rows.values())


def test_rank_stabilised_and_transposed_adapters(tmp_path: Path, model: Path) -> None:
    tensors = {"h.0.q.lora_A.weight": random(0, 2, 5), "h.0.q.lora_B.weight": random(1, 6, 2)}
    folder = adapter(tmp_path / "rs", tensors, use_rslora=True)
    np.testing.assert_allclose(
        dense(folder, model)["h.0.q.weight"], 6 / np.sqrt(2) * random(1, 6, 2) @ random(0, 2, 5), rtol=1e-14
    )
    turned = {"h.0.q.lora_A.weight": random(0, 2, 6), "h.0.q.lora_B.weight": random(1, 5, 2)}
    folder = adapter(tmp_path / "t", turned, fan_in_fan_out=True)
    np.testing.assert_allclose(
        dense(folder, model)["h.0.q.weight"], 3.0 * (random(1, 5, 2) @ random(0, 2, 6)).T, rtol=1e-14
    )


def test_a_base_without_the_prefix_of_the_adapter_and_layers_saved_whole(tmp_path: Path, model: Path, ran: Run) -> None:
    tensors = {"transformer.h.0.q.lora_A.weight": random(0, 2, 5), "transformer.h.0.q.lora_B.weight": random(1, 6, 2),
               "transformer.h.1.q.weight": random(2, 6, 5)}  # fmt: skip
    rows = ran(model, adapter(tmp_path / "a", tensors))["layers"]
    assert [(row["tensor"], row["from_factors"]) for row in rows] == [("h.0.q.weight", True), ("h.1.q.weight", False)]
    base = safetensors.numpy.load_file(model)["h.1.q.weight"]
    assert rows[1]["frobenius_norm"][1] == pytest.approx(np.linalg.norm(random(2, 6, 5) - base))


def test_an_embedding_saved_beside_its_factors_must_be_that_of_the_base(
    tmp_path: Path, model: Path, ran: Run, refused: Run
) -> None:
    base = safetensors.numpy.load_file(model)["wte.weight"]
    tensors = {"wte.lora_embedding_A": random(4, 2, 9), "wte.lora_embedding_B": random(5, 4, 2)}
    folder = adapter(tmp_path / "same", tensors | {"wte.base_layer.weight": base})
    assert [row["rank_bounds"] for row in ran(model, folder / "adapter_model.safetensors")["layers"]] == [[2, 2]]
    assert "saved whole" in refused(model, adapter(tmp_path / "o", tensors | {"wte.base_layer.weight": base + 1}))


def test_an_untrained_adapter_changes_nothing(tmp_path: Path, model: Path, ran: Run) -> None:
    tensors = {"h.0.q.lora_A.weight": random(0, 2, 5), "h.0.q.lora_B.weight": np.zeros((6, 2))}
    (row,) = ran(model, adapter(tmp_path / "a", tensors))["layers"]
    assert (row["rank"], row["rank_bounds"], row["lora_rank"]) == (0, [0, 0], 0)


def test_the_adapter_that_is_written_has_the_certified_error_exactly(pair: Any, tmp_path: Path, ran: Run) -> None:
    base, tuned, E = pair
    folder = tmp_path / "adapter"
    result = ran(base, tuned, "--error", "0.4", "--norm", "spectral", "--write-peft", folder)
    assert result["peft"]["layers"] == [row["tensor"] for row in result["layers"]]
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
    ]
    stored = safetensors.numpy.load_file(folder / "adapter_model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {np.dtype(np.float32)}
    read = {change.name: change for change in adapter_changes(open_checkpoint(base), folder).layers}
    for row in result["layers"]:
        module = PREFIX + row["tensor"].removesuffix(".weight")
        B, A = stored[f"{module}.lora_B.weight"], stored[f"{module}.lora_A.weight"]
        assert A.shape == (row["lora_rank"], *row["tensor_shape"][1:])
        assert read[row["tensor"]].shape == tuple(row["shape"])
        truth = rational(E[row["tensor"]].reshape(row["shape"]))
        missed = gram(
            truth - rational(B.astype(float).reshape(len(B), -1)) * rational(A.astype(float).reshape(len(A), -1))
        )
        assert squared(row["frobenius_error"][0]) <= trace(missed) <= squared(row["frobenius_error"][1])
        assert eigenvalues_above(missed, squared(row["spectral_error"][1])) == 0
        assert row["spectral_error"][1] <= 0.4001 * row["spectral_norm"][1]
    again = {row["tensor"]: row for row in ran(base, folder, "--energy", "0.999999")["layers"]}
    for row in result["layers"]:
        assert again[row["tensor"]]["rank_bounds"][1] == row["lora_rank"]


def test_patterns_and_targets_mean_one_module_each(tmp_path: Path, ran: Run) -> None:
    names = ["q.weight", "a.q.weight", "b.q.weight", "odd+name.weight"]
    base = save(tmp_path / "b", {name: np.zeros((4, 4)) for name in names})
    changes = {"q.weight": 1, "a.q.weight": 3, "b.q.weight": 0, "odd+name.weight": 2}
    tuned = save(tmp_path / "t", {name: np.diag([1.0] * r + [0.0] * (4 - r)) for name, r in changes.items()})
    ran(base, tuned, "--energy", "0.999", "--write-peft", tmp_path / "p")
    config = json.loads((tmp_path / "p" / "adapter_config.json").read_text())
    assert config["target_modules"] == r"a\.q|odd\+name|q"  # "q" alone would take b.q as well
    assert list(config["rank_pattern"]) == [r"odd\+name", r"a\.q", "q"]
    read = {row["tensor"]: row["rank_bounds"][1] for row in ran(base, tmp_path / "p")["layers"]}
    assert read == {"q.weight": 1, "a.q.weight": 3, "odd+name.weight": 2}


def test_embeddings_and_transposed_layers_are_written_as_peft_reads_them(tmp_path: Path, ran: Run) -> None:
    E = {"wte.weight": random(1, 9, 4), "c_attn.weight": random(2, 5, 7)}
    base = save(tmp_path / "b", {name: np.zeros(W.shape, np.float32) for name, W in E.items()})
    tuned = save(tmp_path / "t", {name: W.astype(np.float32) for name, W in E.items()})
    ran(base, tuned, "--rank", 9, "--write-peft", tmp_path / "p", "--fan-in-fan-out")
    stored = safetensors.numpy.load_file(tmp_path / "p" / "adapter_model.safetensors")
    assert stored[PREFIX + "wte.lora_embedding_A"].shape == (4, 9)
    assert stored[PREFIX + "c_attn.lora_A.weight"].shape == (5, 5)
    assert stored[PREFIX + "c_attn.lora_B.weight"].shape == (7, 5)
    for name, change in dense(tmp_path / "p", base).items():
        np.testing.assert_allclose(change, E[name], atol=1e-5)


@pytest.mark.parametrize(
    ("config", "tensors", "line"),
    [
        ({"peft_type": "IA3"}, {}, "'IA3'"),
        ({"use_dora": True}, {}, "DoRA"),
        ({"r": 0}, {}, "unusable"),
        ({"lora_alpha": "x"}, {}, "unusable"),
        ({"rank_pattern": {"(": 2}}, {}, "is not read: a ( is not closed"),
        ({"alpha_pattern": {"(?i)L": 2}}, {}, "is not read: groups with (? are flags"),
        ({}, {"h.7.q.lora_A.weight": (2, 5), "h.7.q.lora_B.weight": (6, 2)}, "another base"),
        ({}, {"h.0.q.lora_A.weight": (2, 4), "h.0.q.lora_B.weight": (6, 2)}, "another base"),
        ({}, {"h.0.q.lora_A.weight": (3, 5), "h.0.q.lora_B.weight": (6, 3)}, "must agree"),
        ({}, {"h.0.q.lora_A.weight": (2, 5)}, "without one of lora_A, lora_B"),
        ({}, {"h.0.q.bias": (6,)}, "no lora_A and lora_B"),
    ],
)
def test_adapters_of_another_base_or_kind_are_refused(
    tmp_path: Path, model: Path, refused: Run, config: dict[str, Any], tensors: dict[str, Any], line: str
) -> None:
    held = {name: np.ones(shape) for name, shape in tensors.items()} or {
        "h.0.q.lora_A.weight": np.ones((2, 5)), "h.0.q.lora_B.weight": np.ones((6, 2)),
    }  # fmt: skip
    assert line in refused(model, adapter(tmp_path / "a", held, **config))


def test_adapters_in_the_wrong_place_or_without_weights_are_refused(tmp_path: Path, model: Path, refused: Run) -> None:
    folder = adapter(tmp_path / "a", {"h.0.q.lora_A.weight": np.ones((2, 5)), "h.0.q.lora_B.weight": np.ones((6, 2))})
    assert "give it as TUNED" in refused(folder, model)
    (folder / "adapter_model.safetensors").unlink()
    assert "no such file" in refused(model, folder)
    bad = adapter(
        tmp_path / "n", {"h.0.q.lora_A.weight": np.full((2, 5), np.nan), "h.0.q.lora_B.weight": np.ones((6, 2))}
    )
    assert "nan" in refused(model, bad)


# Chains --------------------------------------------------------------------------------------------------------------


def exact_product(matrices: list[Floats]) -> flint.fmpq_mat:
    return reduce(lambda done, W: rational(W) * done, matrices, rational(np.eye(len(matrices[0]))))


def test_lemmas_9_and_10_on_a_chain(chain: Any, ran: Run) -> None:
    base, tuned, names, frozen, other = chain
    row = ran(base, tuned, "--chain", *names)["chain"]
    E = exact_product(other) - exact_product(frozen)
    assert row["rank"] == E.rank() == 3
    assert row["exact_from"] == 1
    assert row["frozen_layers_nonsingular"]
    for W, low in zip(frozen, row["least_singular_values_at_least"], strict=True):
        assert 0 < low <= np.linalg.svd(W, compute_uv=False)[-1]
    G = gram(E)
    for reach in row["by_rank"]:
        low, high = reach["least_spectral_error_of_product"]
        k = 3 * reach["R"]
        assert eigenvalues_above(G, squared(high)) <= k
        assert low == 0 or eigenvalues_from(G, squared(low)) > k
        assert reach["theorem_5_repaired"] is None


@pytest.mark.parametrize("rank", [1, 2])
def test_the_adapters_of_a_chain_reach_the_tuned_product(chain: Any, tmp_path: Path, ran: Run, rank: int) -> None:
    base, tuned, names, frozen, other = chain
    result = ran(base, tuned, "--chain", *names, "--rank", rank, "--write-peft", tmp_path / "p")
    changes = dense(tmp_path / "p", base)
    reached = reduce(
        lambda done, pair: (rational(pair[1]) + rational_change(tmp_path / "p", pair[0])) * done,
        zip(names, frozen, strict=True),
        rational(np.eye(6)),
    )
    missed = gram(exact_product(other) - reached)
    low, high = result["peft"]["frobenius_error_of_product"]
    assert squared(low) <= trace(missed) <= squared(high)
    assert eigenvalues_above(missed, squared(result["peft"]["spectral_error_of_product"][1])) == 0
    assert high <= 1e-4 * float(np.linalg.norm(reduce(lambda done, W: W @ done, other)))
    assert set(changes) <= set(names)
    assert all(r <= rank for r in result["peft"]["ranks"])


def rational_change(folder: Path, name: str) -> flint.fmpq_mat:
    stored = safetensors.numpy.load_file(folder / "adapter_model.safetensors")
    module = PREFIX + name.removesuffix(".weight")
    if f"{module}.lora_B.weight" not in stored:
        return rational(np.zeros((6, 6)))
    B, A = (stored[f"{module}.lora_{side}.weight"].astype(float) for side in "BA")
    return rational(B) * rational(A)


def test_a_chain_below_the_threshold_is_as_near_as_lemma_9_allows(tmp_path: Path, ran: Run) -> None:
    names = ["a.weight", "b.weight"]
    base = save(tmp_path / "b", {name: random(i, 6, 6) + 4 * np.eye(6) for i, name in enumerate(names)})
    tuned = save(tmp_path / "t", {name: random(i + 9, 6, 6) + 4 * np.eye(6) for i, name in enumerate(names)})
    result = ran(base, tuned, "--chain", *names, "--rank", 2, "--write-peft", tmp_path / "p")
    least = next(reach for reach in result["chain"]["by_rank"] if reach["R"] == 2)["least_spectral_error_of_product"]
    low, high = result["peft"]["spectral_error_of_product"]
    assert least[0] <= low <= high <= least[1] * (1 + 1e-4)


def test_singular_frozen_layers_are_changed_one_by_one(tmp_path: Path, ran: Run, refused: Run) -> None:
    names = ["a.weight", "b.weight"]
    frozen = [np.zeros((6, 6)), np.zeros((6, 6))]  # no one layer can make the whole change
    tuned = [np.outer(random(2, 6), random(3, 6)), np.outer(random(4, 6), random(5, 6))]
    base, other = (
        save(tmp_path / side, dict(zip(names, each, strict=True))) for side, each in (("b", frozen), ("t", tuned))
    )
    result = ran(base, other, "--chain", *names, "--rank", 1, "--write-peft", tmp_path / "p")
    assert result["peft"]["method"] == "layer by layer"
    assert result["peft"]["ranks"] == [1, 1]
    assert result["peft"]["frobenius_error_of_product"][1] <= 1e-5 * np.linalg.norm(tuned[1] @ tuned[0])
    changes = dense(tmp_path / "p", base)
    for name, W, T in zip(names, frozen, tuned, strict=True):
        np.testing.assert_allclose(W + changes[name], T, atol=1e-5)
    more = save(tmp_path / "m", {"a.weight": random(6, 6, 2) @ random(7, 2, 6), "b.weight": tuned[1]})
    line = refused(base, more, "--chain", *names, "--rank", 1, "--write-peft", tmp_path / "q")
    assert line.rstrip().endswith("layer by layer TUNED differs by rank 2: --rank 2")
    ran(base, more, "--chain", *names, "--rank", 2, "--write-peft", tmp_path / "q")  # as it says


def test_the_chain_of_an_adapter_is_that_of_the_merged_weights(chain: Any, tmp_path: Path, ran: Run) -> None:
    base, _, names, frozen, _ = chain
    A, B = random(1, 1, 6), random(2, 6, 1)
    folder = adapter(
        tmp_path / "a", {"l1.lora_A.weight": A, "l1.lora_B.weight": B, "l3.lora_A.weight": A, "l3.lora_B.weight": B},
        r=1, lora_alpha=0.7,
    )  # fmt: skip
    row = ran(base, folder, "--chain", *names)["chain"]
    change = (rational(B) * rational(A)) * rational(np.array([[0.7]]))[0, 0]
    merged = [rational(W) for W in frozen]
    target = (merged[2] + change) * merged[1] * (merged[0] + change)
    E = target - exact_product(frozen)
    low, high = row["frobenius_norm"]
    assert squared(low) <= trace(gram(E)) <= squared(high)
    assert high - low <= 1e-9 * high
    assert row["rank"] == E.rank() == 2


def test_a_chain_is_written_whole_or_not_at_all(tmp_path: Path, refused: Run, ran: Run) -> None:
    names = ["a.weight", "b"]
    base = save(tmp_path / "b", {name: np.eye(3) for name in names})
    tuned = save(tmp_path / "t", {name: np.diag([1.0, 2.0, 3.0]) for name in names})
    assert "cannot adapt tensor 'b' (not the .weight of a module)" in refused(
        base, tuned, "--chain", *names, "--write-peft", tmp_path / "p"
    )
    assert "not the .weight of a module" in refused("silero:8k", "--write-peft", tmp_path / "p")
    peft = ran(base, tuned, "--write-peft", tmp_path / "p")["peft"]
    assert peft["layers"] == ["a.weight"]
    assert peft["left_out"] == [{"tensor": "b", "why": "not the .weight of a module"}]


def test_layers_of_the_chain_are_measured_whatever_is_left_out(chain: Any, ran: Run) -> None:
    base, tuned, names, _, _ = chain
    words = base, tuned, "--chain", *names[:2], "--relu"
    some, everything = ran(*words, "--only", "l3*"), ran(*words)
    assert some["chain"] == everything["chain"]
    assert len(some["layers"]) == 3
    assert [row["tensor"] for row in ran(base, tuned, "--only", "l3*", "--only", "l1*")["layers"]] == [
        names[0],
        names[2],
    ]


def test_theorem_5_is_the_repaired_bound() -> None:
    moment = second_moment("1", 16)
    size = 2.0  # sqrt(||I||_F) of sixteen coordinates; sqrt(tr I) = 4
    largest = max(4.0, size * 2 + 0.5, size * 6 + 0.5 + 0.7)
    assert theorem_5_bound([2.0, 3.0], [0.5, 0.7], [0.1, 0.2], moment) == pytest.approx(largest * (3.2 * 0.1 + 0.2))
    assert theorem_5_bound([0.01], [0.0], [0.1], moment) == pytest.approx(4.0 * 0.1)  # the trace is what counts


def test_theorem_5_holds_for_the_truncated_network(tmp_path: Path, ran: Run) -> None:
    generator = np.random.default_rng(8)
    D, names = 5, ["a.weight", "b.weight"]
    frozen = {name: generator.standard_normal((D, D)) / 2 for name in names}
    tuned = {name: W + 0.3 * generator.standard_normal((D, D)) for name, W in frozen.items()}
    biases = {"a.bias": generator.standard_normal(D), "b.bias": generator.standard_normal(D)}
    base = save(tmp_path / "b", frozen | {name: b * 0 for name, b in biases.items()})
    other = save(tmp_path / "t", tuned | biases)
    row = ran(base, other, "--chain", *names, "--relu", "--second-moment", "1.0")["chain"]
    assert row["layers_with_biases"] == names
    x = generator.standard_normal((20000, D))
    for reach in row["by_rank"]:
        z = y = x
        for name in names:
            U, s, Vt = np.linalg.svd(tuned[name] - frozen[name])
            left = (U[:, reach["R"] :] * s[reach["R"] :]) @ Vt[reach["R"] :]
            centre = z.mean(axis=0)
            b = biases[name.replace("weight", "bias")]
            y = np.maximum(0, y @ (tuned[name] - left).T + left @ centre + b)
            z = np.maximum(0, z @ tuned[name].T + b)
        assert np.linalg.norm(y - z, axis=1).mean() <= reach["theorem_5_repaired"]
    assert row["by_rank"][-1]["R"] == D
    assert row["by_rank"][-1]["theorem_5_repaired"] == 0


def test_a_second_moment_from_a_file(tmp_path: Path) -> None:
    sigma = np.diag([4.0, 1.0, 0.0])
    moment = second_moment(str(save(tmp_path / "s.safetensors", {"sigma": sigma})), 3)
    assert moment.trace == pytest.approx(5.0)
    assert moment.frobenius == pytest.approx(np.sqrt(17.0))


def test_the_chain_is_printed_within_the_width(chain: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base, tuned, names, _, _ = chain
    assert main(["rank", str(base), str(tuned), "--chain", *names, "--relu"]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 100
    assert "Theorem 5" in out
    assert "for certain" in out
    assert main(["rank", str(base), str(tuned), "--chain", *names, "--write-peft", str(tmp_path / "p")]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 100
    assert "a PEFT LoRA adapter" in " ".join(out.split())
