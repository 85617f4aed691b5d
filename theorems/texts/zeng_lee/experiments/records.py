"""The files of a run: one JSON record for each finished cell, and a CSV for each figure.

    DIR/run.json           form, seed and plans: what a resumed run must agree with
    DIR/cells/NAME.json    one finished cell, written whole or not at all
    DIR/linear.csv ...     a row for each cell, in the order of the plan

A run that is killed has lost the cells under way and nothing else.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from theorems.errors import InputError
from theorems.judge.witness import write_text
from theorems.texts.zeng_lee.experiments.cells import Cell, Plan

#: The columns of a CSV.  All errors are means of ||f(x) - fbar(x)||_2^2 over `samples` inputs (of a Transformer, over
#: inputs and tokens), but for `expected_mse` and `closed_form`, which are expectations; as run, they are divided by D.
COLUMNS = (
    "figure", "form", "D", "L", "target_depth", "heads", "tokens", "model", "seed", "method", "rank", "mse",
    "expected_mse", "frozen_mse", "share_left", "closed_form", "bound", "sharp_bound", "samples", "steps", "batch",
    "pairs", "learning_rate", "weight_decay", "validation_mse", "published",
)  # fmt: skip
_NUMBERS = ("mse", "frozen_mse", "share_left")
_OPTIONAL = (
    "expected_mse", "closed_form", "bound", "sharp_bound", "learning_rate", "weight_decay", "validation_mse",
    "published",
)  # fmt: skip


class Run:
    """The folder of a run."""

    def __init__(self, folder: Path, form: str, seed: int, plans: dict[str, Plan]) -> None:
        self.folder, self.form, self.seed, self.plans = folder, form, seed, plans

    def open(self, *, resume: bool) -> None:
        """Make the folder, or take up what it has.  Raises `InputError` before anything is written."""
        path = self.folder / "run.json"
        if self.folder.exists() and not self.folder.is_dir():
            raise InputError(f"--out {self.folder}: a file, not a folder: give another name")
        if not path.exists():
            if self.folder.exists() and any(self.folder.iterdir()):
                raise InputError(f"--out {self.folder}: the folder has other files: give a new name")
            write_text(path, json.dumps(self._settings(), indent=1) + "\n")
        elif not resume:
            raise InputError(f"--out {self.folder}: there is a run already: add --resume, or give a new name")
        else:
            self._require_same(path)
        (self.folder / "cells").mkdir(exist_ok=True)

    def _settings(self) -> dict[str, Any]:
        plans = {figure: asdict(plan) for figure, plan in self.plans.items()}
        return {"format": 1, "form": self.form, "seed": self.seed, "plans": plans}

    def _require_same(self, path: Path) -> None:
        found, wanted = _parsed(path), json.loads(json.dumps(self._settings()))
        if not isinstance(found, dict) or not isinstance(found.get("plans"), dict):
            raise InputError(f"{path}: not the settings of a run: give a new --out")
        for name in ("format", "form", "seed"):
            if found.get(name) != wanted[name]:
                raise InputError(f"{path}: the run has {name} {found.get(name)!r}, not {wanted[name]!r}: "
                                 "resume it as it was, or give a new --out")  # fmt: skip
        for figure, plan in wanted["plans"].items():
            if found["plans"].setdefault(figure, plan) != plan:
                raise InputError(f"{path}: the {figure} figure of the run has other sizes, ranks or steps: "
                                 "resume it as it was, or give a new --out")  # fmt: skip
        write_text(path, json.dumps(found, indent=1) + "\n")  # a figure may be new

    def path(self, cell: Cell) -> Path:
        """Where a cell is stored."""
        return self.folder / "cells" / f"{cell.name}.json"

    def load(self, cell: Cell) -> dict[str, Any] | None:
        """The record of a finished cell; None where it is not done.  Raises `InputError` for a damaged one."""
        path = self.path(cell)
        if not path.exists():
            return None
        return checked_record(_parsed(path), cell, path)

    def store(self, cell: Cell, record: dict[str, Any]) -> None:
        """Write the record of a finished cell, in one step."""
        write_text(self.path(cell), json.dumps(record) + "\n")

    def write_csv(self, figure: str, records: Sequence[dict[str, Any]]) -> Path:
        """Write the CSV of a figure, in one step."""
        path = self.folder / f"{figure}.csv"
        write_text(path, csv_text(records))
        return path


def _parsed(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (ValueError, OSError) as error:
        raise InputError(f"{path}: a damaged record ({error}): delete it, and resume") from None


def checked_record(data: Any, cell: Cell, path: Path) -> dict[str, Any]:
    """The record, if it is one of that cell.  Raises `InputError`."""
    if not isinstance(data, dict) or any(data.get(name) != value for name, value in asdict(cell).items()):
        raise InputError(f"{path}: a damaged record (not of this cell): delete it, and resume")
    for name in (*_NUMBERS, *_OPTIONAL):
        value = data.get(name)
        if value is None and name in _OPTIONAL:
            continue
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or value < 0:
            raise InputError(f"{path}: a damaged record ({name} is {value!r}): delete it, and resume")
    return data


def csv_text(records: Iterable[dict[str, Any]]) -> str:
    """Records as CSV with `COLUMNS`; what a row has no value for is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for record in records:
        row = {**record, "L": record["depth"]}
        writer.writerow([_cell_text(row.get(name)) for name in COLUMNS])
    return out.getvalue()


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.9g}" if isinstance(value, float) else str(value)
