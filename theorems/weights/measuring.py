"""Changes between checkpoints, measured layer by layer: in one process or several, afresh or going on."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import tempfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from theorems.errors import InputError
from theorems.weights.adapters_in import adapter_in
from theorems.weights.certified import Truncation
from theorems.weights.changes import Change, Changes
from theorems.weights.layers import Layer, examined
from theorems.weights.pairing import Selection, differences
from theorems.weights.rounding import Interval
from theorems.weights.rules import Rule
from theorems.weights.stored import Checkpoint, open_checkpoint

#: Changes with every change of what is computed: kept layers of another version are not taken.
KEPT = 1
#: Read by BLAS libraries when a worker starts.
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def changes_between(
    base: str | Checkpoint, tuned: str | Checkpoint, selection: Selection | None = None,
    initial: Path | None = None,
) -> Changes:  # fmt: skip
    """What TUNED, a checkpoint or a LoRA adapter, changes in BASE (see `adapter_in`).  Raises `InputError`."""
    selection = selection or Selection()
    opened = base if isinstance(base, Checkpoint) else open_checkpoint(base)
    if isinstance(tuned, Checkpoint):
        return differences(opened, tuned, selection)
    return adapter_in(opened, Path(tuned), selection, initial) or differences(opened, open_checkpoint(tuned), selection)


def layers_of(
    changes: Changes, rule: Rule, *, jobs: int = 1, folder: Path | None = None
) -> Iterator[tuple[Layer, Truncation]]:
    """The layers in their order, each with its factors.

    jobs    processes at once
    folder  where finished layers are kept, and taken from: a run that was ended goes on

    Raises `InputError` where the folder cannot be written, and what `examined` raises.
    """
    if folder is not None:
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise InputError(f"--resume {folder}: {error.strerror or error}: give a folder") from None
    work = partial(_one, rule=rule, folder=folder)
    if jobs == 1 or len(changes.layers) == 1:
        yield from map(work, changes.layers)
        return
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    try:
        with _threads(max(1, (os.cpu_count() or 1) // jobs)):  # `map` starts the workers, not the pool itself
            found = pool.map(work, changes.layers)
        yield from found
    except BrokenProcessPool:
        raise InputError(
            f"--jobs {jobs}: a worker ended (out of memory, or a script without if __name__ == '__main__'): fewer jobs"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Workers that start now use so many threads each, where the user has not said how many."""
    added = [name for name in _THREADS if name not in os.environ]
    os.environ |= dict.fromkeys(added, str(count))
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


def _one(change: Change, rule: Rule, folder: Path | None) -> tuple[Layer, Truncation]:
    if folder is None:
        return examined(change, rule)
    path = folder / f"{_key(change, rule)}.npz"
    return _kept(path) or _keep(path, *examined(change, rule))


def _key(change: Change, rule: Rule) -> str:
    """A name for a layer with all that it is made of, its files as they are, and the rule."""
    text = json.dumps([KEPT, _identity(change), repr(rule)])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _identity(value: Any) -> Any:
    """Equal for equal data only: a file by its size and time, an array by its bytes, and the rest part by part."""
    if isinstance(value, np.ndarray):
        return [list(value.shape), hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()]
    if isinstance(value, Path):
        seen = value.stat()
        return [str(value.resolve()), seen.st_size, seen.st_mtime_ns]
    if is_dataclass(value):
        return [type(value).__name__, *(_identity(getattr(value, field.name)) for field in fields(value))]
    return repr(value)


def _keep(path: Path, layer: Layer, made: Truncation) -> tuple[Layer, Truncation]:
    """Write a finished layer whole, or not at all."""
    data = {name: value for name, value in asdict(layer).items() if name not in ("values", "highs")}
    ends = [made.spectral.low, made.spectral.high, made.frobenius.low, made.frobenius.high]
    text = json.dumps({"layer": data, "dtype": made.dtype, "ends": ends})
    arrays: dict[str, Any] = {"B": made.B, "A": made.A, "values": layer.values, "highs": layer.highs}
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            np.savez(file, text=np.array(text), **arrays)
        os.replace(file.name, path)
    except OSError as error:
        raise InputError(f"--resume {path.parent}: {error.strerror or error}: give another folder") from None
    return layer, made


def _kept(path: Path) -> tuple[Layer, Truncation] | None:
    """A layer that was kept; None where there is none that can be read."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            found: dict[str, Any] = json.loads(str(kept["text"]))
            arrays = {name: kept[name] for name in ("B", "A", "values", "highs")}
        ends = found["ends"]
        made = Truncation(arrays["B"], arrays["A"], found["dtype"], Interval(*ends[:2]), Interval(*ends[2:]))
        data = {name: _revived(value) for name, value in found["layer"].items()}
        if set(data) != {field.name for field in fields(Layer)} - {"values", "highs"}:
            return None
        return Layer(**data, values=arrays["values"], highs=arrays["highs"]), made
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _revived(value: Any) -> Any:
    if isinstance(value, dict):
        return Interval(**value)
    return tuple(value) if isinstance(value, list) else value
