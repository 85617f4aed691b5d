"""Measured spectra: real weights, and untrained controls of the same shapes.

`weights_of` walks the tensors of a checkpoint, a LoRA adapter or an `.onnx` file, or of an installed package's, one at
a time; nothing is unpickled and no package is imported.  `summary` says of one spectrum what the textbook's rules of
thumb are about.  `gaussian_control` gives the singular values of an untrained Gaussian matrix of a shape, without
forming it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from theorems.errors import InputError
from theorems.extras import required
from theorems.strategies.laws import Floats
from theorems.strategies.recipes import generator_of
from theorems.weights.peft_adapter import adapter_products
from theorems.weights.stored import INDEX, is_adapter, open_checkpoint

#: Files that can be read, by their suffix.
SUFFIXES = (".safetensors", ".onnx")
#: Singular values below this share of the first, times the larger dimension, count as zero.
ROUNDING = 2.0**-52


@dataclass(frozen=True)
class Fit:
    """log sigma_i = log c - alpha log i, fitted for i = first..last; r2 is the coefficient of determination."""

    alpha: float
    c: float
    r2: float
    first: int
    last: int


@dataclass(frozen=True)
class Tail:
    """The power law p(x) ~ x^-alpha fitted to the eigenvalues x = sigma^2 from `least` on, as WeightWatcher does.

    By maximum likelihood, with the `least` among the eigenvalues that makes the Kolmogorov-Smirnov distance `distance`
    smallest (Clauset, Shalizi and Newman); `count` eigenvalues are in it.
    """

    alpha: float
    least: float
    distance: float
    count: int


@dataclass(frozen=True)
class Summary:
    """What the rules of thumb look at, for one spectrum of min(m, n) values.

    rank       how many singular values are positive up to rounding
    tenth      ceil(rank / 10), and `energy` the share E(tenth); `first` is E(1)
    effective  exp of the entropy;  thresholds  tau -> r_eff(tau)
    whole      the power law fitted over 1..rank, `head` over the first half; None below three values
    stable     the stable rank ||W||_F^2 / ||W||_2^2
    edge       the Marchenko-Pastur edge (sqrt(m) + sqrt(n)) sqrt(mean square of the entries), and how many are `above`
    tail       the power law of the largest eigenvalues; None below ten
    """

    rank: int
    tenth: int
    energy: float
    first: float
    effective: float
    thresholds: dict[float, int]
    whole: Fit | None
    head: Fit | None
    stable: float
    edge: float
    above: int
    tail: Tail | None


def singular_values(matrix: Floats) -> Floats:
    """The singular values, descending; through the triangular factor where the matrix is much taller than wide."""
    tall = matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T
    if tall.shape[0] > 2 * tall.shape[1]:
        tall = np.asarray(np.linalg.qr(tall, mode="r"), dtype=np.float64)
    return np.asarray(np.linalg.svd(tall, compute_uv=False))


def gaussian_control(m: int, n: int, *, seed: int = 0) -> Floats:
    """The singular values of an m x n matrix of independent standard normal entries.

    Of Bartlett's triangular factor, that is: R of a Gaussian matrix has independent entries, normal above the
    diagonal and chi-distributed on it, so that a 30000 x 400 control costs what a 400 x 400 one does.
    """
    generator = generator_of(seed, m, n)
    rows, k = max(m, n), min(m, n)
    R = np.triu(generator.standard_normal((k, k)), 1)
    R[np.arange(k), np.arange(k)] = np.sqrt(generator.chisquare(rows - np.arange(k)))
    return np.asarray(np.linalg.svd(R, compute_uv=False))


def fitted(s: Floats, first: int, last: int) -> Fit | None:
    """The least-squares line through (log i, log sigma_i), i = first..last; None for fewer than three points."""
    if last - first < 2:
        return None
    x, y = np.log(np.arange(first, last + 1)), np.log(s[first - 1 : last])
    slope, intercept = np.polyfit(x, y, 1)
    spread = ((y - y.mean()) ** 2).sum()
    error = ((y - intercept - slope * x) ** 2).sum()
    r2 = 1.0 - float(error / spread) if spread > 0 else float("nan")
    return Fit(-float(slope), float(np.exp(intercept)), r2, first, last)


def tail_of(s: Floats) -> Tail | None:
    """The power law of the largest eigenvalues sigma^2; None for fewer than ten that differ."""
    x = np.sort(s[s > 0] ** 2)
    if len(np.unique(x)) < 10:
        return None
    best: Tail | None = None
    logs = np.log(x)
    sums = np.cumsum(logs[::-1])[::-1]
    for first in range(len(x) - 2):
        count = len(x) - first
        spread = float(sums[first] - count * logs[first])
        if spread <= 0 or (first and x[first] == x[first - 1]):
            continue
        alpha = 1.0 + count / spread
        model = 1.0 - np.exp((1.0 - alpha) * (logs[first:] - logs[first]))
        below = np.arange(count) / count
        distance = float(np.abs(model - below).max())
        if best is None or distance < best.distance:
            best = Tail(alpha, float(x[first]), distance, count)
    return best


def summary(s: Floats, size: int, thresholds: tuple[float, ...] = (0.95, 0.99)) -> Summary:
    """The summary of all min(m, n) singular values `s` of a matrix whose larger dimension is `size`.

    Raises `InputError` for a zero matrix and for thresholds outside (0, 1).
    """
    for tau in thresholds:
        if not 0 < tau < 1:
            raise InputError(f"the threshold {tau} is outside (0, 1): an energy threshold is a share such as 0.95")
    if not s.size or not s[0] > 0:
        raise InputError("a zero matrix has no energies: leave it out")
    rank = int((s > size * ROUNDING * s[0]).sum())
    p = (s / s[0]) ** 2
    p = p / p.sum()
    shares = np.cumsum(p)
    positive = p[p > 0]
    tenth = -(-rank // 10)
    root = float(s[0]) * float(np.sqrt(((s / s[0]) ** 2).sum() / (size * len(s))))  # of the mean square of the entries
    edge = root * (size**0.5 + len(s) ** 0.5)
    ranks = {tau: min(1 + int((shares < tau).sum()), rank) for tau in thresholds}
    return Summary(
        rank=rank,
        tenth=tenth,
        energy=float(shares[tenth - 1]),
        first=float(p[0]),
        effective=float(np.exp(-(positive * np.log(positive)).sum())),
        thresholds=ranks,
        whole=fitted(s, 1, rank),
        head=fitted(s, 1, -(-rank // 2)),
        stable=float(1.0 / p[0]),
        edge=edge,
        above=int((s > edge * (1.0 + 1e-9)).sum()),
        tail=tail_of(s[:rank]),
    )


# Files and packages --------------------------------------------------------------------------------------------------


def weight_files(source: str) -> list[Path]:
    """The weight files that a path or the name of an installed package stands for.  Raises `InputError`."""
    path = Path(source)
    if path.is_dir() or path.name.endswith(INDEX):
        return [path]
    if path.is_file():
        if path.suffix not in SUFFIXES:
            raise InputError(f"{source}: not a {' or '.join(SUFFIXES)} file: convert it to safetensors")
        return [path]
    if path.exists() or path.suffix in SUFFIXES or len(path.parts) != 1:
        raise InputError(f"{source}: no such file: give a {' or '.join(SUFFIXES)} file or an installed package")
    try:
        spec = importlib.util.find_spec(source.replace("-", "_"))
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise InputError(f"{source}: neither a file nor an installed package with a folder: check the name")
    root = Path(spec.submodule_search_locations[0])
    files = sorted(file for file in root.rglob("*") if file.suffix in SUFFIXES)
    if not files:
        raise InputError(f"{source}: the package has no {' or '.join(SUFFIXES)} file: give a file")
    return files


def weights_of(path: Path, *, kernels: bool = False) -> tuple[int, Iterator[tuple[str, Floats]]]:
    """How many matrices a file has at most, and an iterator over their names and values, one in memory at a time.

    kernels  also tensors of more than two axes, as matrices (first axis) x (all others)

    Raises `InputError` for a file that cannot be read, and for NaN or infinite entries.
    """
    names, load = _onnx(path, kernels) if path.suffix == ".onnx" else _stored_weights(path, kernels)

    def walk() -> Iterator[tuple[str, Floats]]:
        for name in names:
            matrix = np.asarray(load(name), dtype=np.float64)
            matrix = matrix.reshape(matrix.shape[0], -1)
            if not np.isfinite(matrix).all():
                raise InputError(f"{path}: tensor {name!r} has NaN or infinite entries: every entry must be finite")
            yield name, matrix

    return len(names), walk()


def _wanted(shape: tuple[int, ...], kernels: bool) -> bool:
    return (len(shape) == 2 or (kernels and len(shape) > 2)) and 0 not in shape


def _stored_weights(path: Path, kernels: bool) -> tuple[list[str], Callable[[str], Any]]:
    """The matrices of a checkpoint, shards and folders included, or the products B A of a LoRA adapter."""
    if is_adapter(path):
        products = adapter_products(path)
        return sorted(products), lambda name: products[name]()
    tensors = open_checkpoint(path).tensors
    names = sorted(name for name, tensor in tensors.items() if _wanted(tensor.shape, kernels))
    return names, lambda name: tensors[name].rows(0, tensors[name].shape[0])


def _onnx(path: Path, kernels: bool) -> tuple[list[str], Callable[[str], Any]]:
    onnx = required("onnx", "weights")  # here, since it is slow to import
    try:
        graph = onnx.load(path, load_external_data=False).graph
    except Exception as error:  # protobuf's own exceptions have no common base that is public
        raise InputError(f"{path}: not a readable ONNX file ({' '.join(str(error).split())[:100]})") from None
    tensors = {
        name: tensor
        for name, tensor in _stored(graph)
        if _wanted(tuple(tensor.dims), kernels) and tensor.data_type in (1, 10, 11) and not tensor.external_data
    }
    return list(tensors), lambda name: onnx.numpy_helper.to_array(tensors[name])


def _stored(graph: Any) -> Iterator[tuple[str, Any]]:
    """The tensors of a graph and of its branches: initialisers and constants."""
    for tensor in graph.initializer:
        yield tensor.name, tensor
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Constant" and attribute.name == "value":
                yield node.output[0], attribute.t
            if attribute.HasField("g"):
                yield from _stored(attribute.g)
