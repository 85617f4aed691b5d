"""An adapter, loaded and merged by PEFT itself, beside its certified errors."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from theorems.errors import InputError
from theorems.weights.certified import Dense
from theorems.weights.changes import Changes
from theorems.weights.factors import Factors
from theorems.weights.layers import Layer
from theorems.weights.model_layers import Model, config_beside
from theorems.weights.peft_output import Saved
from theorems.weights.stored import Floats, listed

#: What merging in float32 may add to an error, as a share of the norms of weight and change.
MERGING = 2.0**-20


@dataclass(frozen=True)
class Checked:
    """What merging gave: layers within their bounds, the largest error over its bound, and the versions that did it."""

    layers: int
    largest_share: float
    versions: dict[str, str]

    def as_dict(self) -> dict[str, object]:
        """As JSON data."""
        return {
            "layers_within_bounds": self.layers,
            "largest_error_over_bound": self.largest_share,
            "versions": self.versions,
        }


def check_adapter(
    folder: Path, base: str, model: Model, layers: Sequence[Layer], factors: Sequence[Factors], changes: Changes,
    saved: Saved,
) -> Checked:  # fmt: skip
    """Load BASE with transformers in float32, put the adapter on it with PEFT, merge, and compare every parameter.

    layers  those that have bounds of their own; none for the adapters of a chain

    Raises `InputError` where that cannot be done, and where a layer misses its bound or another parameter changes.
    """
    try:
        import peft
        import torch
        import transformers
    except ImportError as error:
        raise InputError(
            f"--check needs torch, transformers and peft ({error.name}): 'theorem-checker[peft]'"
        ) from None
    place, _ = config_beside(base)
    kind: Any = getattr(transformers, model.architecture, None) if model.architecture else None
    if kind is None:
        raise InputError(f"--check: no config.json beside {base} with an architecture of transformers: add it")
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            plain = kind.from_pretrained(place, dtype=torch.float32, local_files_only=True)
            parameters = dict(plain.named_parameters(remove_duplicate=False))
            twins = {name: {n for n, q in parameters.items() if q is p} for name, p in parameters.items()}
            before = {name: _array(p) for name, p in parameters.items()}
            merged = peft.PeftModel.from_pretrained(plain, str(folder)).merge_and_unload()
            after = {name: _array(p) for name, p in merged.named_parameters(remove_duplicate=False)}
    except Exception as error:  # whatever the three libraries raise: it says what they cannot load
        raise InputError(f"--check: PEFT does not load it ({' '.join(str(error).split())[:300]})") from None
    held = [f"{module}." for module in saved.modules] + [f"{module}.bias" for module in saved.biases]
    share, wrong = _compare(before, after, layers, factors, changes)
    own = {factor.taken.parameter for factor in factors}
    expected = {twin for name in own for twin in twins.get(name, ())} - own
    wrong += [
        f"{name} (changed, though not in the adapter)"
        for name in sorted(before.keys() & after.keys() - expected)
        if not np.array_equal(before[name], after[name]) and not name.startswith(tuple(held))
    ]
    if wrong:
        raise InputError(
            f"--check: PEFT does not apply {listed('layer', wrong, 3)} as certified: --exclude it, or say what it is"
        )
    versions = {each.__name__: str(each.__version__) for each in (torch, transformers, peft)}
    return Checked(len(factors), share, versions)


def _array(parameter: Any) -> Floats:
    array: Floats = parameter.detach().cpu().numpy().astype(np.float64)
    return array


def _of(array: Floats | None, factor: Factors) -> Floats | None:
    """The rows of a parameter that a tensor has, as a matrix that shares its memory; None where it has no such rows."""
    if array is None or array.ndim < 2:
        return None
    slot, first = factor.taken.slot, 0
    if slot is not None:
        array, first = array[slot.expert] if array.ndim == 3 else array, slot.first
    rows = array.reshape(len(array), -1)[first : first + len(factor.B)]
    return rows if rows.shape == (len(factor.B), factor.A.shape[1]) else None


def _compare(
    before: dict[str, Floats], after: dict[str, Floats], layers: Sequence[Layer], factors: Sequence[Factors],
    changes: Changes,
) -> tuple[float, list[str]]:  # fmt: skip
    """The largest error over its bound, and the layers beyond theirs; what was compared is put back in `after`."""
    bounds = {layer.name: layer.frobenius_error.high for layer in layers}
    exact = {change.name: change for change in changes.layers}
    wrong: list[str] = []
    largest = 0.0
    for factor in factors:
        old, new = (_of(each.get(factor.taken.parameter), factor) for each in (before, after))
        if old is None or new is None:
            wrong.append(f"{factor.name} (no such layer)")
            continue
        made = new - old
        stored = (factor.B.astype(np.float64) @ factor.A.astype(np.float64)) * (factor.alpha / factor.r)
        applied = float(np.linalg.norm(made - stored))
        room = MERGING * float(np.linalg.norm(new) + np.linalg.norm(factor.B) * np.linalg.norm(factor.A))
        new[:] = old
        if applied > room:
            wrong.append(f"{factor.name} (the merged change is {applied:.3g} away from B A)")
        elif factor.name in bounds:
            E, _ = exact[factor.name].load()
            change = E.centre if isinstance(E, Dense) else E.factor * E.left @ E.right
            error, bound = float(np.linalg.norm(made - np.ldexp(change, E.exponent))), bounds[factor.name]
            if error > bound + room:
                wrong.append(f"{factor.name} (error {error:.3g}, certified {bound:.3g})")
            largest = max(largest, error / (bound + room))
    return largest, wrong
