"""Adapters of large layers: equation (8) against the one SVD and the L solves that it cannot do without."""

from __future__ import annotations

import statistics

import numpy as np

from benchmarks.measure import Row, interleaved, ratio, stopwatch
from theorems.adaptation.linear import adapters_one_by_one, cut
from theorems.arithmetic import Float64
from theorems.case import SVD


def against_its_floor(
    dimensions: tuple[int, ...] = (64, 128, 256, 512, 1024), *, rounds: int, L: int = 3, R: int = 8
) -> list[Row]:
    """The construction, the SVD of E included, for one model a round."""
    return [_against_its_floor(D, rounds, L, R) for D in dimensions]


def _against_its_floor(D: int, rounds: int, L: int, R: int) -> Row:
    generator = np.random.default_rng(D)
    weights = list(np.eye(D) + generator.normal(size=(L, 1, D, D)) / (3 * D**0.5))
    E = generator.normal(size=(1, D, D)) / D**0.5
    columns = np.ascontiguousarray(E[..., :R])
    num = Float64(size=1)

    def construction() -> None:
        U, s, Vt = np.linalg.svd(E)
        adapters_one_by_one(weights, cut(SVD(U, s, Vt.mT), (R,) * L), num)

    def floor() -> None:
        np.linalg.svd(E)
        for W in weights:
            np.linalg.solve(W, columns)

    costs = interleaved({"built": lambda _: stopwatch(construction), "floor": lambda _: stopwatch(floor)}, rounds)
    times = {name: 1e3 * statistics.median(values) for name, values in costs.items()}
    goal = 1.5 if D >= 256 else None
    note = f"{times['built']:.3g} against {times['floor']:.3g} ms, L={L}, R={R}"
    return ratio(f"Equation (8), D={D}: / one SVD and L solves", costs["built"], costs["floor"], goal=goal,
                 at_least=False, note=note)  # fmt: skip
