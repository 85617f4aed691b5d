"""The public function: what changed between two checkpoints, on disk or in memory, with typed results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from theorems.errors import InputError
from theorems.weights.changes import Skipped
from theorems.weights.device import NUMPY, device_of
from theorems.weights.layers import Layer
from theorems.weights.least_rank import NORMS, Wanted
from theorems.weights.least_rank import energy as kept_energy
from theorems.weights.least_rank import error as allowed_error
from theorems.weights.measuring import changes_between, layers_of
from theorems.weights.pairing import Selection
from theorems.weights.rules import DTYPES, Rule
from theorems.weights.stored import Checkpoint, Held, Weights

#: A checkpoint: a path as `theorems rank` takes it, or arrays by name (a state dict of NumPy arrays or torch tensors).
Source: TypeAlias = "str | PathLike[str] | Mapping[str, Any]"
_KINDS = {"float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16"}


@dataclass(frozen=True)
class Measured:
    """What was measured of a pair.

    layers   in the order of their names
    skipped  tensors that are no layers, and why
    remarks  for the reader
    """

    layers: tuple[Layer, ...]
    skipped: tuple[Skipped, ...]
    remarks: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As JSON data, in the form of ``theorems rank --json``; its "layers" are rows for a data frame."""
        return {
            "layers": [layer.as_dict() for layer in self.layers],
            "skipped": [{"tensor": s.name, "why": s.why, "changed": s.changed} for s in self.skipped],
            "remarks": list(self.remarks),
        }


def measure(
    base: Source,
    tuned: Source,
    *,
    energy: float | str | Fraction | None = None,
    error: float | str | Fraction | None = None,
    norm: str = "frobenius",
    absolute: bool = False,
    rank: int | None = None,
    max_rank: int | None = None,
    round_up_to: int = 1,
    dtype: str = "float32",
    only: Sequence[str] = (),
    exclude: Sequence[str] = (),
    initial_adapter: str | PathLike[str] | None = None,
    fast: bool = False,
    jobs: int = 1,
    device: str = NUMPY,
) -> Measured:
    """Measure the change between two checkpoints, layer by layer, with certified errors.

    base, tuned  paths (files, indices, folders; `tuned` may be a LoRA adapter), or arrays by name
    energy, error, rank  one of them at most: the share of the energy to keep; the error allowed, as a share of `norm`
        of the change, or itself where it is `absolute`; a LoRA-rank.  Without any, the rank above rounding noise
    max_rank, round_up_to, dtype  no larger rank; multiples of it; the element type of the factors
    only, exclude  globs of layer names
    initial_adapter  the adapter that `tuned` was before training, where that was not zero (PiSSA, OLoRA)
    fast, jobs  a randomised method that is certified by its residual; processes at once (a script that is run itself
        needs ``if __name__ == "__main__":`` for more than one)
    device  where singular vectors are guessed: "numpy", a device of torch ("cuda", "cpu"), or "auto", a GPU if torch
        finds one; what is certified is computed by NumPy

    Raises `InputError` for what the command refuses.
    """
    wanted = _wanted(energy, error, rank, norm, absolute)
    for name, value in (("rank", rank), ("max_rank", max_rank), ("round_up_to", round_up_to), ("jobs", jobs)):
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            raise InputError(f"{name}={value!r}: an integer, 1 or larger")
    if dtype not in DTYPES:
        raise InputError(f"dtype={dtype!r}: one of {', '.join(DTYPES)}")
    for name, globs in (("only", only), ("exclude", exclude)):
        if isinstance(globs, str):
            raise InputError(f"{name}={globs!r}: a list of globs: [{globs!r}]")
    selection = Selection(tuple(only), tuple(exclude))
    initial = None if initial_adapter is None else Path(initial_adapter)
    changes = changes_between(_opened(base, "base"), _opened(tuned, "tuned"), selection, initial)
    rule = Rule(wanted, rank, max_rank, round_up_to, dtype, None, fast, device_of(device))
    layers = tuple(layer for layer, _ in layers_of(changes, rule, jobs=jobs))
    return Measured(layers, changes.skipped, changes.remarks)


def _wanted(energy: Any, error: Any, rank: int | None, norm: str, absolute: bool) -> Wanted | None:
    if sum(each is not None for each in (energy, error, rank)) > 1:
        raise InputError("energy, error and rank: give one of them")
    if norm not in NORMS:
        raise InputError(f"norm={norm!r}: one of {', '.join(NORMS)}")
    try:
        size = Fraction(str(energy if energy is not None else error if error is not None else "1/2"))
    except (ValueError, ZeroDivisionError):
        raise InputError(f"energy={energy!r}, error={error!r}: not a number") from None
    if size <= 0 or (size >= 1 and not absolute):
        raise InputError(f"energy={energy!r}, error={error!r}: a share between 0 and 1 (an absolute error: above 0)")
    if energy is not None:
        return kept_energy(size)
    return None if error is None else allowed_error(size, norm, absolute=absolute)


def _opened(source: Source, side: str) -> str | Checkpoint:
    """A path, or the arrays as a checkpoint.  Raises `InputError` for what is neither."""
    if isinstance(source, str | PathLike):
        return str(Path(source))
    if not isinstance(source, Mapping):
        raise InputError(f"{side}: a {type(source).__name__}: give a path, or arrays by name")
    tensors: dict[str, Weights] = {}
    others: dict[str, str] = {}
    for name, value in source.items():
        kind = str(value.dtype).removeprefix("torch.") if hasattr(value, "dtype") else ""
        if kind not in _KINDS:
            others[str(name)] = kind or type(value).__name__
            continue
        if hasattr(value, "detach"):  # a torch tensor, of whatever device and type
            value = value.detach().to(device="cpu")
            value = value.float() if kind == "bfloat16" else value
        array = np.asarray(value, dtype=np.float64)
        tensors[str(name)] = Stack(array, _KINDS[kind], side)
    return Checkpoint(side, tensors, others)


@dataclass(frozen=True)
class Stack(Held):
    """An array in memory of any number of axes."""

    def rows(self, start: int, stop: int) -> Any:
        """Some rows of the matrix (first axis) x (all others)."""
        return self.array.reshape(len(self.array) if self.array.ndim else 1, -1)[start:stop]
