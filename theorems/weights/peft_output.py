"""PEFT's LoRA adapters, written: one folder that PEFT loads, or nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from theorems.errors import InputError
from theorems.weights.peft_adapter import ADAPTER_WEIGHTS, PREFIX
from theorems.weights.stored import ADAPTER_CONFIG, Checkpoint, Floats

WEIGHT = ".weight"
#: Last parts of the names of embeddings, whose factors PEFT keeps under keys of their own.
_EMBEDDING = re.compile(r"(.*_)?(emb|embed|embedding|embeddings|embed_\w+|wte|wpe)")


@dataclass(frozen=True)
class Factors:
    """The adapter B A of a tensor, float32, with scaling 1; `shape` is the tensor's, all axes."""

    name: str
    shape: tuple[int, ...]
    B: NDArray[np.float32]
    A: NDArray[np.float32]


def float32_factors(name: str, shape: tuple[int, ...], B: Floats, A: Floats) -> Factors:
    """Factors whose entries are float32 already.  Raises `InputError` where they are not."""
    with np.errstate(over="ignore"):
        single = B.astype(np.float32), A.astype(np.float32)
    if any((wide != narrow).any() for wide, narrow in zip((B, A), single, strict=True)):
        raise InputError(f"{name}: its factors are beyond the range of float32, which PEFT stores: scale the weights")
    return Factors(name, shape, *single)


def module_of(name: str) -> str:
    """The module that has the tensor as its weight; nothing where PEFT could not adapt it."""
    return name.removesuffix(WEIGHT) if name.endswith(WEIGHT) else ""


def require_new_folder(path: Path) -> None:
    """Raises `InputError` where the folder exists, or cannot be made: before anything is computed."""
    if path.exists() or path.is_symlink():
        raise InputError(f"--write-peft {path}: exists already: give a new folder, or remove it")
    parent = path.absolute().parent
    if not parent.is_dir():
        raise InputError(f"--write-peft {path}: there is no folder {parent}: make it first")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(f"--write-peft {path}: the folder {parent} cannot be written: give another place")


def write_adapter(folder: Path, base: Checkpoint, adapters: Sequence[Factors], *, transposed: bool = False) -> None:
    """Write an adapter that PEFT loads over the base: `adapter_config.json` and `adapter_model.safetensors`.

    transposed  the base stores its matrices as (in, out) (`fan_in_fan_out`: GPT-2's Conv1D)

    The folder appears whole or not at all.  Raises `InputError` without adapters, and where it cannot be written.
    """
    adapters = [adapter for adapter in adapters if adapter.B.shape[1]]
    if not adapters:
        raise InputError(f"--write-peft {folder}: no layer that PEFT could adapt has changed: nothing to write")
    require_new_folder(folder)
    tensors: dict[str, NDArray[np.float32]] = {}
    for adapter in adapters:
        tensors |= _tensors(adapter, transposed)
    config = _config(base, adapters, transposed)
    try:
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.absolute().parent))
    except OSError as error:
        raise InputError(f"--write-peft {folder}: {error.strerror or error}: give another place") from None
    try:
        text = json.dumps(config, indent=2, ensure_ascii=False) + "\n"
        (temporary / ADAPTER_CONFIG).write_text(text, encoding="utf-8")
        safetensors.numpy.save_file(tensors, temporary / ADAPTER_WEIGHTS, metadata={"format": "pt"})
        temporary.chmod(0o777 & ~_umask())
        (temporary / ADAPTER_WEIGHTS).chmod(0o666 & ~_umask())
        temporary.rename(folder)
    except (OSError, safetensors.SafetensorError) as error:
        raise InputError(f"--write-peft {folder}: {' '.join(str(error).split())}: give another place") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _tensors(adapter: Factors, transposed: bool) -> dict[str, NDArray[np.float32]]:
    module = module_of(adapter.name)
    B, A = adapter.B, adapter.A
    if _EMBEDDING.fullmatch(module.rpartition(".")[2]) and len(adapter.shape) == 2:
        key, names = f"{PREFIX}{module}.lora_embedding_", ("B", "A")
        B, A = A.T, B.T
    else:
        key, names = f"{PREFIX}{module}.lora_", ("B.weight", "A.weight")
        if transposed and len(adapter.shape) == 2:
            B, A = A.T, B.T
        B = B.reshape(*B.shape, *(1 for _ in adapter.shape[2:]))
        A = A.reshape(len(A), *adapter.shape[1:]) if len(adapter.shape) > 2 else A
    return {key + name: np.ascontiguousarray(side) for name, side in zip(names, (B, A), strict=True)}


def _config(base: Checkpoint, adapters: Sequence[Factors], transposed: bool) -> dict[str, Any]:
    ranks = {module_of(adapter.name): adapter.B.shape[1] for adapter in adapters}
    top = max(ranks.values())
    # PEFT takes the first pattern that ends a module's name: the longest names first
    patterns = {_literal(module): ranks[module] for module in sorted(ranks, key=lambda name: (-len(name), name))}
    patterns = {} if set(ranks.values()) == {top} else patterns
    return {
        "peft_type": "LORA",
        "task_type": None,
        "base_model_name_or_path": base.source,
        "inference_mode": True,
        "r": top,
        "lora_alpha": top,
        "rank_pattern": patterns,
        "alpha_pattern": patterns,
        "target_modules": _targets(base, list(ranks)),
        "fan_in_fan_out": transposed,
        "lora_dropout": 0.0,
        "bias": "none",
        "use_rslora": False,
        "use_dora": False,
        "init_lora_weights": True,
        "modules_to_save": None,
    }


def _literal(module: str) -> str:
    """A pattern that matches the name; plain where a dot is the only special character in it."""
    return module if re.fullmatch(r"[\w.]*", module) else re.escape(module)


def _targets(base: Checkpoint, modules: list[str]) -> list[str] | str:
    """The modules by name; as one expression where PEFT would find others of the base that end in one of them."""
    others = {module_of(name) for name in base.tensors} - set(modules)
    if any(other.endswith(f".{module}") for other in others for module in modules):
        return "|".join(re.escape(module) for module in modules)
    return modules
