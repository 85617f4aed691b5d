"""PEFT's LoRA adapters, written: one folder that PEFT loads, or nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorems.errors import InputError
from theorems.weights.factors import Factors
from theorems.weights.model_layers import CONV1D, CONVOLUTION, EMBEDDING, Model
from theorems.weights.peft_adapter import ADAPTER_WEIGHTS, PREFIX
from theorems.weights.peft_stacks import stacks_of
from theorems.weights.stored import ADAPTER_CONFIG

CARD = "README.md"
#: Architectures by the end of their names -> the task type under which PEFT's own classes load them.
_TASKS = (("ForCausalLM", "CAUSAL_LM"), ("LMHeadModel", "CAUSAL_LM"))
#: Model types that AutoModelForSeq2SeqLM loads.
_SEQUENCE_TYPES = frozenset({"t5", "mt5", "umt5", "longt5", "bart", "mbart", "pegasus", "m2m_100", "blenderbot", "led",
                             "marian", "prophetnet", "blenderbot-small", "pegasus_x", "bigbird_pegasus"})  # fmt: skip


@dataclass(frozen=True)
class Saved:
    """What an adapter holds whole: modules with all their tensors, and biases of adapted modules."""

    modules: Mapping[str, Mapping[str, NDArray[Any]]]
    biases: Mapping[str, NDArray[Any]]


NOTHING = Saved({}, {})


def require_new_folder(path: Path) -> None:
    """Raises `InputError` where the folder exists, or cannot be made: before anything is computed."""
    if path.exists() or path.is_symlink():
        raise InputError(f"--write-peft {path}: exists already: give a new folder, or remove it")
    parent = path.absolute().parent
    if not parent.is_dir():
        raise InputError(f"--write-peft {path}: there is no folder {parent}: make it first")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(f"--write-peft {path}: the folder {parent} cannot be written: give another place")


def write_adapter(
    folder: Path,
    model: Model,
    base_name: str,
    adapters: Sequence[Factors],
    card: str,
    saved: Saved = NOTHING,
    check: Callable[[Path], None] | None = None,
) -> None:
    """Write an adapter that PEFT loads over the base: `adapter_config.json`, `adapter_model.safetensors`, a card.

    check  is called with the finished folder before it appears under its name; what it raises leaves nothing behind

    The folder appears whole or not at all.  Raises `InputError` without adapters, and where it cannot be written.
    """
    adapters = [adapter for adapter in adapters if adapter.r]
    if not adapters:
        raise InputError(f"--write-peft {folder}: no layer that PEFT could adapt has changed: nothing to write")
    require_new_folder(folder)
    tensors: dict[str, tuple[str, NDArray[Any]]] = {}
    for adapter in adapters:
        if adapter.taken.slot is None:
            tensors |= {key: (adapter.dtype, side) for key, side in _tensors(adapter).items()}
    stacks = stacks_of(adapters)
    for stack in stacks:
        around = sum(other.module == stack.module and other.slot.order > stack.slot.order for other in stacks)
        key = f"{PREFIX}{stack.module}{'.base_layer' * around}.lora_"
        tensors |= {
            f"{key}{side}.weight": (stack.dtype, array) for side, array in zip("AB", stack.tensors(), strict=True)
        }
    for module, parts in saved.modules.items():
        tensors |= {f"{PREFIX}{module}.{part}": (str(array.dtype), array) for part, array in parts.items()}
    for module, array in saved.biases.items():
        tensors[f"{PREFIX}{module}.base_layer.bias"] = (str(array.dtype), array)
    config = json.dumps(_config(model, base_name, adapters, saved), indent=2, ensure_ascii=False) + "\n"
    try:
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.absolute().parent))
    except OSError as error:
        raise InputError(f"--write-peft {folder}: {error.strerror or error}: give another place") from None
    try:
        for name, text in ((ADAPTER_CONFIG, config), (CARD, card)):
            (temporary / name).write_text(text, encoding="utf-8", errors="backslashreplace")
        save_tensors(tensors, temporary / ADAPTER_WEIGHTS)
        temporary.chmod(0o777 & ~_umask())
        if check is not None:
            check(temporary)
        temporary.rename(folder)
    except OSError as error:
        raise InputError(f"--write-peft {folder}: {' '.join(str(error).split())}: give another place") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


#: Names of element types in safetensors files.
_NAMES = {"float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16"}


def save_tensors(tensors: Mapping[str, tuple[str, NDArray[Any]]], path: Path) -> None:
    """A safetensors file of arrays by name, each with the element type that its entries are stored as.

    By hand, since the library's NumPy side has no bfloat16.
    """
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data: list[bytes] = []
    start = 0
    for name in sorted(tensors, key=lambda name: (-_size(tensors[name][0]), name)):  # the widest first, for alignment
        dtype, array = tensors[name]
        raw = _bytes(dtype, array)
        header[name] = {"dtype": _NAMES[dtype], "shape": list(array.shape), "data_offsets": [start, start + len(raw)]}
        data.append(raw)
        start += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little"))
        file.write(text)
        file.writelines(data)
    path.chmod(0o666 & ~_umask())


def _size(dtype: str) -> int:
    return 2 if dtype == "bfloat16" else np.dtype(dtype).itemsize


def _bytes(dtype: str, array: NDArray[Any]) -> bytes:
    if dtype == "bfloat16":  # the upper half of a float32
        bits = np.ascontiguousarray(array, dtype=np.float32).view(np.uint32)
        return (bits >> 16).astype("<u2").tobytes()
    return np.ascontiguousarray(array).astype(np.dtype(dtype).newbyteorder("<")).tobytes()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _tensors(adapter: Factors) -> dict[str, NDArray[np.float32]]:
    module, kind = adapter.taken.module, adapter.taken.kind
    missing = adapter.r - adapter.B.shape[1]
    B, A = np.pad(adapter.B, ((0, 0), (0, missing))), np.pad(adapter.A, ((0, missing), (0, 0)))
    if kind == EMBEDDING:
        key, names = f"{PREFIX}{module}.lora_embedding_", ("B", "A")
        B, A = A.T, B.T
    else:
        key, names = f"{PREFIX}{module}.lora_", ("B.weight", "A.weight")
        if kind == CONV1D:
            B, A = A.T, B.T
        elif kind == CONVOLUTION:
            B = B.reshape(*B.shape, *(1 for _ in adapter.shape[2:]))
            A = A.reshape(len(A), *adapter.shape[1:])
    return {key + name: np.ascontiguousarray(side) for name, side in zip(names, (B, A), strict=True)}


def _config(model: Model, base_name: str, adapters: Sequence[Factors], saved: Saved) -> dict[str, Any]:
    plain = {adapter.taken.module: adapter for adapter in adapters if adapter.taken.slot is None}
    stacks = {stack.name: stack for stack in stacks_of(adapters)}
    ranks = {module: adapter.r for module, adapter in plain.items()} | {name: s.rank for name, s in stacks.items()}
    alphas = {module: adapter.alpha for module, adapter in plain.items()} | {n: s.alpha for n, s in stacks.items()}
    top = max(ranks.values())
    largest = max(alphas[module] for module, r in ranks.items() if r == top)
    task = task_type(model)
    return {
        "peft_type": "LORA",
        "task_type": task,
        "auto_mapping": None
        if task or not model.architecture
        else {"base_model_class": model.architecture, "parent_library": "transformers"},
        "base_model_name_or_path": base_name,
        "inference_mode": True,
        "r": top,
        "lora_alpha": _plain(largest),
        "rank_pattern": _patterns(ranks, top),
        "alpha_pattern": _patterns({module: _plain(alpha) for module, alpha in alphas.items()}, _plain(largest)),
        "target_modules": _targets(model, list(plain)),
        **({"target_parameters": sorted(stacks)} if stacks else {}),  # a key that older versions do not have
        "fan_in_fan_out": any(adapter.taken.kind == CONV1D for adapter in adapters),
        "lora_dropout": 0.0,
        "bias": "lora_only" if saved.biases else "none",
        "use_rslora": False,
        "use_dora": False,
        "init_lora_weights": True,
        "modules_to_save": sorted(saved.modules) or None,
    }


def task_type(model: Model) -> str | None:
    """PEFT's name of the task for which its own classes load the model; None where they load none."""
    for end, task in _TASKS:
        if model.architecture.endswith(end):
            return task
    if model.architecture.endswith("ForConditionalGeneration") and model.model_type in _SEQUENCE_TYPES:
        return "SEQ_2_SEQ_LM"
    return None


def _plain(x: float) -> float | int:
    return int(x) if x == int(x) else x


def _patterns(values: Mapping[str, Any], common: Any) -> dict[str, Any]:
    """A value for each module; none where all are the common one.

    PEFT takes the first pattern that ends a module's name: the longest names come first.
    """
    if set(values.values()) == {common}:
        return {}
    return {re.escape(module): values[module] for module in sorted(values, key=lambda name: (-len(name), name))}


def _targets(model: Model, modules: list[str]) -> list[str] | str:
    """The modules by name; as one expression where PEFT would find others of the model that end in one of them."""
    others = model.modules - set(modules)
    if any(other.endswith(f".{module}") for other in others for module in modules):
        return "|".join(re.escape(module) for module in modules)
    return modules
