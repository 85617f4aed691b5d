"""What an adapter can hold whole: changed norms, biases, and layers that PEFT cannot adapt (`modules_to_save`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorems.weights.changes import Changes
from theorems.weights.factors import Factors
from theorems.weights.model_layers import Model
from theorems.weights.peft_output import Saved

#: Element types in files -> those that are written.
_STORED = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}


def saved_whole(
    changes: Changes, model: Model, factors: Sequence[Factors], left_out: Mapping[str, str]
) -> tuple[Saved, list[str], dict[str, str]]:
    """The changed tensors that are in no factors, as modules; their names; and those that cannot be saved -> why.

    left_out  changed layers that are in no factors, and why

    A module is saved with all its tensors, changed or not, since PEFT replaces it whole.  A bias of an adapted module
    is saved by itself.
    """
    adapted = {factor.taken.module for factor in factors if factor.r}
    places = {name: model.place(name) for name in (*changes.base.tensors, *changes.base.others)}
    changed = [skip.name for skip in changes.skipped if skip.changed]
    changed += list(left_out)
    modules: dict[str, dict[str, NDArray[Any]]] = {}
    biases: dict[str, NDArray[Any]] = {}
    names: list[str] = []
    left: dict[str, str] = {}
    for name in changed:
        module, part = places.get(name, ("", ""))
        if left_out.get(name, "").startswith("tied"):
            left[name] = left_out[name]  # whole, too, it would be replaced in one place only
        elif not module:
            left[name] = "not a tensor of a module: it cannot be saved whole"
        elif module in adapted:
            if part == "bias":
                biases[module] = _array(changes, name)
                names.append(name)
            else:
                left[name] = "part of a module that is adapted"
        elif module not in modules:
            group = {own: p for own, (m, p) in places.items() if m == module}
            why = _unfit(changes, module, group, places, adapted)
            if why:
                left[name] = why
                continue
            modules[module] = {own_part: _array(changes, own) for own, own_part in group.items()}
            names += group
    return Saved(modules, biases), names, left


def _unfit(
    changes: Changes, module: str, group: dict[str, str], places: dict[str, tuple[str, str]], adapted: set[str]
) -> str:
    """Why a module cannot be saved whole; empty where it can."""
    if any(name in changes.base.others or name not in changes.tuned for name in group):
        return "its module has tensors that are not in both files, or not of floating point"
    others = {other for other, _ in places.values() if other != module}
    if any(other.startswith(f"{module}.") for other in others):
        return "its module contains others"
    if any(other.endswith(module) for other in others):  # PEFT would take those as well
        return "its module's name is the end of another's"
    pattern = re.compile(rf"(^|.*\.){module}($|\..*)")
    return "its module's name matches that of an adapted one" if any(map(pattern.match, adapted)) else ""


def _array(changes: Changes, name: str) -> NDArray[Any]:
    weights = changes.tuned[name]
    array = weights.rows(0, weights.shape[0] if weights.shape else 1).reshape(weights.shape)
    kind = _STORED[weights.kind]
    return array.astype(np.float32 if kind == "bfloat16" else kind)
