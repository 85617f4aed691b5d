"""Adapters of tiny random models of forty families, written, and applied by PEFT itself.

Every layer that is written is applied within its certified bound, every other is left out by name, and nothing else of
the model changes.  Needs torch, transformers and peft (`pip install 'theorem-checker[peft]'`); skipped without them.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the zoo needs torch: pip install 'theorem-checker[peft]'")
transformers = pytest.importorskip("transformers", reason="the zoo needs transformers: 'theorem-checker[peft]'")
peft = pytest.importorskip("peft", reason="the zoo needs peft: pip install 'theorem-checker[peft]'")

from safetensors.torch import load_file, save_file  # noqa: E402

from tests import checkpoint_files  # noqa: E402
from tests.checkpoint_files import Run  # noqa: E402
from tests.tool.zoo.families import FAMILIES, build  # noqa: E402
from theorems.weights import measure  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")
ran = checkpoint_files.ran
refused = checkpoint_files.refused

#: Layers that are left out of a family's adapter: how many of them, at most.
LEFT_OUT = {"gpt-oss": 4, "jamba": 4, "mamba": 10, "mamba2": 4, "rwkv": 10, "segformer": 4, "jetmoe": 4, "laguna": 3,
            "mobilebert": 1, "falcon-h1": 5,
            "vit": 2, "swin": 2, "wav2vec2": 2, "convnext": 2, "whisper": 3, "bart": 2, "albert": 1,
            "t5": 1}  # fmt: skip
#: Models of text that these sizes do not run.
SILENT = ("deepseek-v2", "deepseek-v3", "jamba")
#: Families whose tensors have other names in files than in the model: without transformers they are left out whole.
MOVED = ("vit", "swin", "llava", "qwen2-vl", "segformer", "laguna")


def saved(name: str, folder: Path) -> tuple[Path, Path]:
    """Base and tuned checkpoint of a family."""
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(1)
    model = build(name)
    model.save_pretrained(folder / "base")
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if parameter.ndim < 2:
                parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
                continue
            stacked = parameter.ndim == 3 and "experts" in key  # a matrix an expert
            shape = parameter.shape if stacked else (len(parameter), parameter[0].numel())
            B, A = (torch.randn(*shape[:-2], *sides, generator=generator) for sides in ((shape[-2], 2), (2, shape[-1])))
            parameter += 0.05 * (B @ A).reshape(parameter.shape)
    model.save_pretrained(folder / "tuned")
    for side in ("base", "tuned"):
        file = folder / side / "model.safetensors"
        tensors = load_file(file)
        if FAMILIES[name][3] == "bare":
            tensors = {key.removeprefix("transformer."): W for key, W in tensors.items() if key != "lm_head.weight"}
        if FAMILIES[name][3] == "prefixed":
            tensors = {"module." + key: W for key, W in tensors.items()}
        save_file(tensors, file, metadata={"format": "pt"})
    return folder / "base", folder / "tuned"


def loaded(name: str, folder: Path) -> Any:
    """The model of a folder, as transformers loads it."""
    kind = getattr(transformers, FAMILIES[name][2])
    if FAMILIES[name][3] != "prefixed":
        return kind.from_pretrained(folder).eval()
    model = kind(kind.config_class.from_pretrained(folder))
    tensors = {key.removeprefix("module."): W for key, W in load_file(folder / "model.safetensors").items()}
    assert not model.load_state_dict(tensors, strict=False).unexpected_keys
    model.tie_weights()
    return model.eval()


def parameters(model: Any) -> dict[str, np.ndarray[Any, Any]]:
    return {
        name: parameter.detach().double().numpy().copy()
        for name, parameter in model.named_parameters(remove_duplicate=False)
    }


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Base and tuned checkpoint by family, made once."""
    made: dict[str, tuple[Path, Path]] = {}

    def pair(name: str) -> tuple[Path, Path]:
        if name not in made:
            made[name] = saved(name, tmp_path_factory.mktemp("zoo"))
        return made[name]

    return pair


def require_applied(name: str, base: Path, tuned: Path, result: dict[str, Any], folder: Path) -> None:
    """PEFT applies every layer that is written within its bound, and nothing else."""
    bounds = {row["tensor"]: row["frobenius_error"][1] for row in result["layers"]}
    model, goal = loaded(name, base), parameters(loaded(name, tuned))
    before = parameters(model)
    adapted = peft.PeftModel.from_pretrained(model, str(folder)).eval()
    unmerged = said(name, adapted)
    whole = adapted.merge_and_unload()
    torch.testing.assert_close(unmerged, said(name, whole), atol=1e-3, rtol=1e-3)
    merged = parameters(whole)
    for taken in result["peft"]["taken_for"]:
        weight, part = place_of(taken, next(row for row in result["layers"] if row["tensor"] == taken["tensor"]))
        error = np.linalg.norm(merged[weight][part] - goal[weight][part])
        unadapted = np.linalg.norm(before[weight][part] - goal[weight][part])
        assert error <= bounds[taken["tensor"]] * (1 + 1e-6) + 2e-6 * np.linalg.norm(goal[weight][part]), taken
        assert error <= 1e-3 * unadapted, taken  # the change is of rank two, and so is the adapter
        merged[weight][part] = before[weight][part]
    for weight, matrix in before.items():
        np.testing.assert_array_equal(merged[weight], matrix, weight)


def said(name: str, model: Any) -> Any:
    """What a model of text says to some tokens; nothing of others."""
    if not FAMILIES[name][2].endswith(("ForCausalLM", "ForMaskedLM", "LMHeadModel")) or name in SILENT:
        return torch.zeros(1)
    with torch.no_grad():
        return model(input_ids=torch.arange(3, 13)[None]).logits


def place_of(taken: dict[str, Any], row: dict[str, Any]) -> tuple[str, Any]:
    """The parameter that has a tensor, and where in it."""
    slot = taken["parameter"]
    if slot is None:
        return taken["module"] + ".weight", slice(0, row["shape"][0])
    rows = slice(slot["first_row"], slot["first_row"] + row["shape"][0])
    return f"{taken['module']}.{slot['name']}", rows if slot["expert"] is None else (slot["expert"], rows)


@pytest.mark.parametrize("asked", ["asked", "tables"])
@pytest.mark.parametrize("name", FAMILIES)
def test_what_is_written_is_applied_and_what_is_not_is_named(
    name: str, asked: str, pairs: Any, ran: Run, refused: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, tuned = pairs(name)
    folder = tmp_path / "adapter"
    words = base, tuned, "--rank", 2, "--write-peft", folder
    if asked == "tables":
        monkeypatch.setattr("theorems.weights.model_classes.classes_of", lambda *_: None)
        if name in MOVED:
            assert "names this module differently" in refused(*words)
            assert not folder.exists()
            return
    result = ran(*words)
    left = {row["tensor"].partition("[")[0]: row["why"] for row in result["peft"]["left_out"]}
    assert all(left.values())
    stored, other = (load_file(each / "model.safetensors") for each in (base, tuned))
    matrices = {key for key, W in stored.items() if W.ndim >= 2 and not torch.equal(W, other[key])}
    assert matrices == {key.partition("[")[0] for key in result["peft"]["layers"]} | set(left)
    if asked == "asked":
        assert {row["by"] for row in result["peft"]["taken_for"]} == {"transformers"}
        odd = [key for key, why in left.items() if "tied" not in why]
        assert len(odd) <= LEFT_OUT.get(name, 0), left
    assert len(result["peft"]["layers"]) >= (2 if name in ("resnet", "convnext", "mamba", "mamba2", "jetmoe") else 6)
    require_applied(name, base, tuned, result, folder)


@pytest.mark.parametrize("name", ["llama, untied", "gpt2, hub", "t5", "bert", "vit", "llava", "qwen2-moe"])
def test_it_is_checked_and_the_rest_is_saved_whole(name: str, pairs: Any, ran: Run, tmp_path: Path) -> None:
    base, tuned = pairs(name)
    folder = tmp_path / "adapter"
    result = ran(base, tuned, "--rank", 2, "--write-peft", folder, "--check", "--save-changed", "--dtype", "bfloat16")
    assert result["peft"]["checked"]["layers_within_bounds"] == len(result["peft"]["layers"])
    assert 0.01 < result["peft"]["checked"]["largest_error_over_bound"] <= 1
    merged = parameters(peft.PeftModel.from_pretrained(loaded(name, base), str(folder)).merge_and_unload())
    goal = parameters(loaded(name, tuned))
    norms = [weight for weight, value in goal.items() if value.ndim == 1 and "norm" in weight.lower()]
    assert norms or name == "gpt2, hub"
    for weight in norms:
        np.testing.assert_allclose(merged[weight], goal[weight], atol=1e-7, err_msg=weight)


@pytest.mark.parametrize("name", ["llama, untied", "t5", "bert, classifier", "llava"])
def test_the_classes_of_peft_load_it_by_its_configuration(name: str, pairs: Any, ran: Run, tmp_path: Path) -> None:
    base, tuned = pairs(name)
    ran(base, tuned, "--write-peft", tmp_path / "a", "--exclude", "*vision*", "--alpha", 16, "--round-up-to", 8)
    task = json.loads((tmp_path / "a" / "adapter_config.json").read_text())["task_type"]
    classes = {
        "CAUSAL_LM": "AutoPeftModelForCausalLM",
        "SEQ_2_SEQ_LM": "AutoPeftModelForSeq2SeqLM",
        None: "AutoPeftModel",
    }
    model = getattr(peft, classes[task]).from_pretrained(str(tmp_path / "a"))
    merged, goal = parameters(model.merge_and_unload()), parameters(loaded(name, tuned))
    weight = next(
        key
        for key in goal
        if key.endswith(("q_proj.weight", "query.weight", "SelfAttention.q.weight")) and "vision" not in key
    )
    np.testing.assert_allclose(merged[weight], goal[weight], atol=1e-4)


@pytest.mark.parametrize(
    ("name", "start", "dora"),
    [
        ("llama, untied", True, True),
        ("gpt2", True, True),
        ("llama, untied", "pissa", False),
        ("llama, untied", "olora", False),
    ],
)
def test_adapters_of_peft_are_read_as_it_merges_them(
    name: str, start: Any, dora: bool, pairs: Any, tmp_path: Path
) -> None:
    base, _ = pairs(name)
    model = loaded(name, base)
    before = parameters(model)
    targets = ["c_attn", "c_proj"] if name == "gpt2" else ["q_proj", "up_proj"] + ["embed_tokens"] * dora
    config = peft.LoraConfig(
        r=4, lora_alpha=8, target_modules=targets, use_dora=dora, init_lora_weights=start, fan_in_fan_out=name == "gpt2"
    )
    adapted = peft.get_peft_model(model, config)
    adapted.save_pretrained(tmp_path / "initial")
    torch.manual_seed(0)
    with torch.no_grad():
        for key, parameter in adapted.named_parameters():
            if "lora_" in key:
                parameter += 0.05 * torch.randn_like(parameter)
    adapted.save_pretrained(tmp_path / "tuned")
    after = parameters(adapted.merge_and_unload())
    measured = measure(base, tmp_path / "tuned", initial_adapter=tmp_path / "initial" if start is not True else None)
    assert len(measured.layers) >= 4
    for layer in measured.layers:
        change = np.linalg.norm(after[layer.name] - before[layer.name])
        assert layer.frobenius_norm.high == pytest.approx(change, rel=1e-4), layer.name


def test_state_dicts_of_torch_are_measured(pairs: Any) -> None:
    base, tuned = pairs("llama, untied")
    states = [loaded("llama, untied", folder).to(torch.bfloat16).state_dict() for folder in (base, tuned)]
    layers = measure(*states).layers
    assert {layer.kinds for layer in layers} == {("BF16", "BF16")}
    assert len(layers) == 16


def test_an_adapter_that_peft_would_apply_otherwise_is_not_written(pairs: Any, refused: Run, tmp_path: Path) -> None:
    base, tuned = pairs("llama, untied")
    words = base, tuned, "--write-peft", tmp_path / "a", "--check"
    assert "embed_tokens" in refused(*words, "--linear", "*embed_tokens*")
    assert "q_proj" in refused(*words, "--only", "*q_proj*", "--prefix", "elsewhere.")
    assert not list(tmp_path.iterdir())


def test_a_tied_embedding_would_be_applied_on_one_side_only(pairs: Any, ran: Run, tmp_path: Path) -> None:
    """The reason why it is left out: with it, the adapter is another model merged than unmerged."""
    base, tuned = pairs("llama, tied")
    tokens = torch.arange(3, 13)[None]
    differences = {}
    for key, words in (("without", ()), ("with", ("--embedding", "*embed_tokens*"))):
        ran(base, tuned, "--rank", 2, "--write-peft", tmp_path / key, *words)
        model = peft.PeftModel.from_pretrained(loaded("llama, tied", base), str(tmp_path / key)).eval()
        with torch.no_grad():
            beside = model(tokens).logits
            differences[key] = float((beside - model.merge_and_unload()(tokens).logits).abs().max())
    assert differences["without"] < 1e-4 < 0.1 < differences["with"]


def test_conv1d_without_a_configuration_is_no_guess(pairs: Any, tmp_path: Path, ran: Run, refused: Run) -> None:
    """A square Conv1D matrix that is taken for a linear layer would be applied transposed, in silence."""
    base, tuned = pairs("gpt2")
    plain = tmp_path / "plain"
    shutil.copytree(base, plain)
    (plain / "config.json").unlink()
    words = plain, tuned, "--rank", 2, "--only", "*attn.c_proj*", "--write-peft", tmp_path / "a"
    assert "no config.json tells" in refused(*words)
    result = ran(*words, "--fan-in-fan-out")
    assert {(row["kind"], row["by"]) for row in result["peft"]["taken_for"]} == {("Conv1D", "option")}
    require_applied("gpt2", base, tuned, result, tmp_path / "a")


@pytest.mark.parametrize("more", [(), ("--fast",), ("--rank", 3)])
def test_guesses_of_torch_are_certified_alike(more: tuple[object, ...], tmp_path: Path, ran: Run, refused: Run) -> None:
    """A device of torch guesses the singular vectors; the intervals are NumPy's, and meet those of its own guess."""
    draw = np.random.default_rng(0).standard_normal
    base, tuned = tmp_path / "b.safetensors", tmp_path / "t.safetensors"
    W = {"a.weight": draw((400, 320)), "b.weight": draw((60, 300))}
    E = {name: draw((len(A), 2)) @ draw((2, A.shape[1])) + 1e-3 * draw(A.shape) for name, A in W.items()}
    for file, sign in ((base, 0), (tuned, 1)):
        save_file({name: torch.tensor(A + sign * E[name]) for name, A in W.items()}, file)
    words = (base, tuned, "--error", 0.1) if more != ("--rank", 3) else (base, tuned)
    one, other = (ran(*words, *more, "--device", device)["layers"] for device in ("numpy", "cpu"))
    for row, same in zip(one, other, strict=True):
        assert row["lora_rank"] == same["lora_rank"]
        for key in ("spectral_norm", "frobenius_norm", "spectral_error", "frobenius_error"):
            assert row[key][0] <= same[key][1]
            assert same[key][0] <= row[key][1]
            assert same[key][1] <= row[key][1] * 1.01
    for name, A in W.items():
        [row] = [row for row in other if row["tensor"] == name]
        exact = np.linalg.norm(E[name], 2)
        assert row["spectral_norm"][0] <= exact * (1 + 1e-9)
        assert row["spectral_norm"][1] >= exact * (1 - 1e-9), A.shape
    assert "no such device here" in refused(*words, "--device", "cuda:7")
