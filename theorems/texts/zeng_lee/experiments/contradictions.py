"""Where the numbers of a run contradict the theory: none, unless a program or a theorem is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from theorems.texts.zeng_lee.experiments.cells import CENTRED, CONSTRUCTION, Cell

#: Rounding: relative to a number, and to the error of the frozen model.
RELATIVE, OF_FROZEN = 1e-6, 1e-9


def contradictions(records: Sequence[dict[str, Any]]) -> list[str]:
    """One line for each record that no theorem allows.

    linear  no adapters have an expected error below the closed form, and the construction has exactly that
    fnn     the centred construction stays within the bounds of Theorem 5, repaired and sharpened
    tfn     the construction is exact from the threshold on
    """
    found = []
    for row in records:
        for wrong, words in _tests(row):
            if wrong:
                name = Cell(*(row[field] for field in Cell.__dataclass_fields__)).name
                found.append(f"{name}: {words}, which contradicts the theory")
    return found


def _tests(row: dict[str, Any]) -> list[tuple[bool, str]]:
    slack = OF_FROZEN * row["frozen_mse"]

    def above(value: float, bound: float) -> bool:
        return bool(value > bound * (1 + RELATIVE) + slack)

    if row["figure"] == "linear":
        value, least = row["expected_mse"], row["closed_form"]
        return [
            (above(least, value), f"an expected error of {value:g} below the least one, {least:g}"),
            (row["method"] == CONSTRUCTION and above(value, least), f"the construction misses {least:g}: {value:g}"),
        ]
    if row["figure"] == "fnn":
        return [
            (row["method"] == CENTRED and above(row["mse"], row[name]), f"an error of {row['mse']:g} above {name}")
            for name in ("sharp_bound", "bound")
        ]
    exact = row["method"] == CONSTRUCTION and row["closed_form"] == 0
    return [(exact and row["mse"] > RELATIVE * row["frozen_mse"], f"an error of {row['mse']:g} above the threshold")]
