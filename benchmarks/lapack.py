"""The time of a statement against the time of its own LAPACK calls: recorded in one run, then replayed alone."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from benchmarks.lemma_9 import LEMMA_9, RANKS, batch_size
from benchmarks.measure import Row, interleaved, ratio, stopwatch
from theorems.arithmetic import Float64
from theorems.case import Array, map_arrays
from theorems.claim import Claim
from theorems.judge.driver import check
from theorems.strategies.models.linear import LinearRecipe

#: The functions of np.linalg that end in LAPACK.
NAMES = ("cholesky", "cond", "det", "eig", "eigh", "eigvals", "eigvalsh", "inv", "lstsq", "matrix_rank", "pinv", "qr",
         "slogdet", "solve", "svd", "svdvals")  # fmt: skip


@dataclass
class Recording:
    """What a statement called, with the arrays themselves: replaying meets the same sizes and memory layouts."""

    lapack: list[tuple[str, Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)
    products: list[tuple[Array, Array]] = field(default_factory=list)

    def replay_lapack(self) -> None:
        """The recorded LAPACK calls and nothing else."""
        for _, function, arguments, options in self.lapack:
            function(*arguments, **options)

    def replay_products(self) -> None:
        """The recorded stacked matrix products and nothing else."""
        for left, right in self.products:
            np.matmul(left, right)

    def __str__(self) -> str:
        return ", ".join(f"{count} {name}" for name, count in Counter(call[0] for call in self.lapack).items())


class _Recorded(np.ndarray[Any, Any]):
    """An array that notes its matrix products; what is computed from it is such an array again."""

    def __matmul__(self, other: Any) -> Any:
        return self._product(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return self._product(other, self)

    @staticmethod
    def _product(left: Any, right: Any) -> Any:
        left, right = _plain(left), _plain(right)
        if _products is not None:
            _products.append((left, right))
        return np.asarray(np.matmul(left, right)).view(_Recorded)


_products: list[tuple[Array, Array]] | None = None


def _plain(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, np.ndarray) else value


class _RecordingFloat64(Float64):
    def load(self, case: Any) -> Any:
        return map_arrays(super().load(case), lambda array: array.view(_Recorded))


@contextmanager
def _noted(recording: Recording) -> Iterator[None]:
    """np.linalg and the products of `_Recorded` write to `recording`."""
    global _products
    originals = {name: getattr(np.linalg, name) for name in NAMES}

    def noting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            result = function(*arguments, **options)
            recording.lapack.append((name, function, tuple(map(_plain, arguments)), options))
            return result

        return call

    for name, function in originals.items():
        setattr(np.linalg, name, noting(name, function))
    _products = recording.products
    try:
        yield
    finally:
        _products = None
        for name, function in originals.items():
            setattr(np.linalg, name, function)


def record(claim: Claim, batch: Any, size: int) -> Recording:
    """The LAPACK calls and stacked products of one check.  A call that raised (a singular member) is left out."""
    recording = Recording()
    with _noted(recording):
        check(claim, batch, _RecordingFloat64(size=size))
    return recording


def against_lapack(D: int, *, rounds: int, goal: float | None = None, size: int | None = None) -> list[Row]:
    """The statement of Lemma 9 on one batch against the replay of what it called."""
    count = batch_size(D) if size is None else size
    batch = LinearRecipe("gaussian", "distinct", "random", D, RANKS).batch(count)
    recording = record(LEMMA_9, batch, count)

    def statement(number: int) -> float:
        fresh = map_arrays(batch, lambda array: array)  # the same arrays, nothing remembered from an earlier round
        return stopwatch(partial(check, LEMMA_9, fresh, Float64(size=count))) / count

    costs = interleaved(
        {
            "statement": statement,
            "LAPACK": lambda number: stopwatch(recording.replay_lapack) / count,
            "products": lambda number: stopwatch(recording.replay_products) / count,
        },
        rounds,
    )
    times = {name: 1e6 * statistics.median(values) for name, values in costs.items()}
    both = [a + b for a, b in zip(costs["LAPACK"], costs["products"], strict=True)]
    return [
        ratio(
            f"Lemma 9, D={D}: statement / its LAPACK calls",
            costs["statement"],
            costs["LAPACK"],
            goal=goal,
            at_least=False,
            note=f"{times['statement']:.1f} against {times['LAPACK']:.1f} us an instance, {count} a batch; "
            f"recorded: {recording}",
            details=times,
        ),
        ratio(
            f"Lemma 9, D={D}: statement / its LAPACK calls and products",
            costs["statement"],
            both,
            note=f"{len(recording.products)} stacked products take another {times['products']:.1f} us an instance",
        ),
    ]
