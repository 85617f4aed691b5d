"""Changes between checkpoints, measured layer by layer: in one process or several, afresh or going on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from theorems.errors import InputError
from theorems.weights.certified import Truncation
from theorems.weights.changes import Changes
from theorems.weights.layers import Layer, Rule, examined
from theorems.weights.pairing import Selection, differences
from theorems.weights.peft_adapter import ADAPTER_WEIGHTS, adapter_changes
from theorems.weights.stored import is_adapter, open_checkpoint


def changes_between(base: str, tuned: str, selection: Selection | None = None) -> Changes:
    """What TUNED, a checkpoint or a LoRA adapter, changes in BASE.  Raises `InputError`."""
    selection = selection or Selection()
    opened = open_checkpoint(base)
    path = Path(tuned)
    folder = path.parent if path.name == ADAPTER_WEIGHTS else path
    if is_adapter(folder):
        return adapter_changes(opened, folder, selection)
    return differences(opened, open_checkpoint(tuned), selection)


def layers_of(
    changes: Changes, rule: Rule, *, jobs: int = 1, folder: Path | None = None
) -> Iterator[tuple[Layer, Truncation]]:
    """The layers in their order, each with its factors."""
    for change in changes.layers:
        yield examined(change, rule)
