"""Checkpoints on disk: safetensors files, alone or sharded, memory-mapped and read by rows.

Nothing is loaded before it is asked for, bfloat16 included (NumPy has no such type: its 16 bits are the upper half of a
float32).  Everything that is wrong with a file is an `InputError` of one line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from theorems.errors import InputError
from theorems.extras import required

Floats: TypeAlias = NDArray[np.float64]

INDEX = ".safetensors.index.json"
ADAPTER_CONFIG = "adapter_config.json"
MAX_INDEX_BYTES = 1 << 27
#: Bits of the significand, the hidden one included, by element type.
PRECISION = {"F64": 53, "F32": 24, "F16": 11, "BF16": 8}
#: The least exponent of a normal number m 2^e, 1/2 <= m < 1.
LEAST_EXPONENT = {"F64": -1021, "F32": -125, "F16": -13, "BF16": -125}
#: How the bytes of an element type are read.
BYTES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
#: How files of other formats begin, and what they are.
OTHER_FORMATS = (
    (b"GGUF", "a GGUF file", "convert it to safetensors with the tool that made it"),
    (b"PK\x03\x04", "a PyTorch pickle (or another zip file)", "load it with torch and save it with safetensors"),
    (b"\x80\x02", "a pickle", "load it with torch and save it with safetensors"),
    (b"\x89HDF", "an HDF5 file", "load the model and save it with safetensors"),
)


class Weights(Protocol):
    """A stored tensor as a matrix (first axis) x (all others)."""

    @property
    def kind(self) -> str:
        """The element type: a key of `PRECISION`."""

    @property
    def shape(self) -> tuple[int, ...]:
        """All axes, as stored."""

    @property
    def origin(self) -> str:
        """Where it is stored, for messages."""

    def rows(self, start: int, stop: int) -> Floats:
        """Some rows of the matrix, exactly, as float64."""


@dataclass(frozen=True)
class Stored:
    """A tensor in a file: `start` is the offset of its first byte."""

    path: Path
    kind: str
    shape: tuple[int, ...]
    start: int

    @property
    def origin(self) -> str:
        return str(self.path)

    def rows(self, start: int, stop: int) -> Floats:
        width = prod(self.shape[1:])
        kind = np.dtype(BYTES[self.kind])
        offset = self.start + start * width * kind.itemsize
        raw = np.memmap(self.path, dtype=kind, mode="r", offset=offset, shape=(stop - start, width))
        if self.kind == "BF16":
            return (raw.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
        with np.errstate(invalid="ignore"):  # NaN of any kind is found, and named, by whoever takes the rows
            return np.asarray(raw, dtype=np.float64) if self.kind != "F64" else np.array(raw, dtype=np.float64)


@dataclass(frozen=True)
class Held:
    """A matrix in memory that was stored with elements of `kind`."""

    array: Floats
    kind: str
    origin: str

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    def rows(self, start: int, stop: int) -> Floats:
        return self.array[start:stop]


@dataclass(frozen=True)
class Part:
    """Some rows of a tensor: its first `count`, or, with `slice`, one matrix of a stack of them."""

    whole: Weights
    count: int
    slice: int | None = None

    @property
    def kind(self) -> str:
        return self.whole.kind

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.count, *self.whole.shape[1 if self.slice is None else 2 :])

    @property
    def origin(self) -> str:
        return self.whole.origin

    def rows(self, start: int, stop: int) -> Floats:
        if self.slice is None:
            return self.whole.rows(start, stop)
        return self.whole.rows(self.slice, self.slice + 1).reshape(self.count, -1)[start:stop]


@dataclass(frozen=True)
class Checkpoint:
    """The tensors of a checkpoint by name.

    tensors  those of floating point; with `Stored.kind` a key of `PRECISION`
    others   names of tensors that are not read (integers, masks, quantised ones), with their element types
    """

    source: str
    tensors: Mapping[str, Weights]
    others: Mapping[str, str]


def is_adapter(path: Path) -> bool:
    """Whether the folder holds a PEFT adapter."""
    return path.is_dir() and (path / ADAPTER_CONFIG).exists()


def open_checkpoint(source: str | Path) -> Checkpoint:
    """The checkpoint in a .safetensors file, a `*.safetensors.index.json` with its shards, or a folder with either.

    Raises `InputError` for what is missing, of another format, truncated, or of another element type.
    """
    path = Path(source)
    if path.is_dir():
        path = _inside(path)
    if not path.is_file():
        what = "not a file" if path.exists() else "no such file"
        raise InputError(f"{path}: {what}: give a .safetensors file, its index, or a folder with one of them")
    if path.name.endswith(".json"):
        return _sharded(path)
    tensors, others = read_header(path)
    return Checkpoint(str(source), tensors, others)


def _inside(folder: Path) -> Path:
    if (folder / ADAPTER_CONFIG).exists():
        raise InputError(f"{folder}: a PEFT adapter, not a whole checkpoint: give it as TUNED, and its base as BASE")
    for pattern in (f"*{INDEX}", "*.safetensors"):
        found = sorted(folder.glob(pattern))
        preferred = [path for path in found if path.name == f"model{pattern[1:]}"]
        if len(found) == 1 or preferred:
            return preferred[0] if preferred else found[0]
        if found:
            names = ", ".join(path.name for path in found[:3]) + (", ..." if len(found) > 3 else "")
            hint = "" if pattern.endswith(".json") else f", or add their *{INDEX}"
            raise InputError(f"{folder}: has {len(found)} files {pattern} ({names}): give one of them{hint}")
    for pattern in ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.gguf", "*.h5"):
        for path in sorted(folder.glob(pattern)):
            _require_format(path)
    raise InputError(f"{folder}: no .safetensors file in this folder: give a file or another folder")


def read_header(path: Path) -> tuple[dict[str, Stored], dict[str, str]]:
    """The tensors of one file, by name, and the types of those that are no weights.  Reads the header only."""
    _require_format(path)
    safetensors = required("safetensors", "weights")
    try:
        with safetensors.safe_open(path, framework="np"):
            pass  # it checks the header, and that the offsets cover the file
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header: dict[str, Any] = json.loads(file.read(length))
    except (safetensors.SafetensorError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: not a readable safetensors file ({reason}): save it with safetensors") from None
    tensors: dict[str, Stored] = {}
    others: dict[str, str] = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        kind, shape = str(entry["dtype"]), tuple(int(n) for n in entry["shape"])
        if kind in PRECISION:
            tensors[name] = Stored(path, kind, shape, 8 + length + int(entry["data_offsets"][0]))
        else:
            others[name] = kind
    return tensors, others


def _require_format(path: Path) -> None:
    """Raises `InputError` where the file begins as those of another format do."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
            size = file.seek(0, 2)
    except OSError:
        return  # safetensors says it
    if 8 + int.from_bytes(head, "little") <= size:
        return  # a length that fits: what begins as a pickle may be a header of 640 bytes
    for magic, what, advice in OTHER_FORMATS:
        if head.startswith(magic):
            raise InputError(f"{path}: {what}: {advice}")


def read_object(path: Path, limit: int) -> dict[str, Any]:
    """A JSON object from a file of at most `limit` bytes."""
    try:
        if path.stat().st_size > limit:
            raise InputError(f"{path}: larger than {limit >> 20} MiB: is this the right file?")
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}: give a folder or file that can be read") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON ({' '.join(str(error).split())}): is the file truncated?") from None
    if not isinstance(value, dict):
        raise InputError(f"{path}: not a JSON object: is this the right file?")
    return value


def _sharded(path: Path) -> Checkpoint:
    index = read_object(path, MAX_INDEX_BYTES).get("weight_map")
    if not isinstance(index, dict) or not all(isinstance(shard, str) for shard in index.values()):
        raise InputError(f"{path}: no 'weight_map' from names to files: give the index of a sharded checkpoint")
    shards = sorted(set(index.values()))
    for shard in shards:
        pure = PurePosixPath(shard)
        if pure.is_absolute() or ".." in pure.parts or "\\" in shard or not shard:
            raise InputError(f"{path}: the shard {shard!r} is outside the folder of its index: correct the index")
    missing = [shard for shard in shards if not (path.parent / shard).is_file()]
    if missing:
        raise InputError(f"{path}: missing {listed('shard', missing)}: put all of them beside the index")
    tensors: dict[str, Weights] = {}
    others: dict[str, str] = {}
    for shard in shards:
        held, rest = read_header(path.parent / shard)
        wanted = {name for name, file in index.items() if file == shard}
        absent = sorted(wanted - held.keys() - rest.keys())
        if absent:
            raise InputError(f"{path.parent / shard}: lacks {listed('tensor', absent)} that the index puts there")
        tensors |= {name: tensor for name, tensor in held.items() if name in wanted}
        others |= {name: kind for name, kind in rest.items() if name in wanted}
    return Checkpoint(str(path), tensors, others)


def listed(noun: str, names: list[str], most: int = 4) -> str:
    """Names for one line of a message: the first few, and how many more."""
    shown = ", ".join(map(repr, names[:most])) + (f" and {len(names) - most} more" if len(names) > most else "")
    return f"{noun}{'s' if len(names) > 1 else ''} {shown}"
