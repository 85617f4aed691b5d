"""LoRA adapters as TUNED: PEFT's folders, and files without a configuration (kohya's, diffusers')."""

from __future__ import annotations

from pathlib import Path

from theorems.errors import InputError
from theorems.weights.changes import Changes
from theorems.weights.lora_files import is_lora_file, lora_file_changes
from theorems.weights.pairing import Selection
from theorems.weights.peft_adapter import ADAPTER_WEIGHTS, PREFIX, adapter_changes
from theorems.weights.stored import ADAPTER_CONFIG, Checkpoint, is_adapter, read_header


def adapter_in(base: Checkpoint, path: Path, selection: Selection, initial: Path | None = None) -> Changes | None:
    """What an adapter changes in its base; None where the path is none.

    initial  the adapter that training began with, where its initialisation changed the base as well (PiSSA, OLoRA)

    Raises `InputError`.
    """
    folder = path.parent if path.name == ADAPTER_WEIGHTS else path
    if is_adapter(folder):
        return adapter_changes(base, folder, selection, initial)
    if initial is not None:
        raise InputError(f"--initial-adapter is for a TUNED that is a PEFT adapter: {path} is none")
    if not path.is_file() or path.name.endswith(".json"):
        return None
    tensors, _ = read_header(path)
    if not is_lora_file(tensors):
        return None
    if any(name.startswith(PREFIX) for name in tensors):
        raise InputError(
            f"{path}: the factors of a PEFT adapter, whose scaling is in its {ADAPTER_CONFIG}: give their folder"
        )
    return lora_file_changes(base, path, tensors, selection)
