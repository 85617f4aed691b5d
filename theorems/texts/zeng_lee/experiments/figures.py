"""The figures of Appendix G as measured: `theorems experiments --full --seed 0`, and the same `--as-run`, a CSV each.

The CSVs are copied here from the command's folder; COLUMNS of the `records` of the experiments are their columns.
FIGURE.csv is made as the page's text says, FIGURE-as-run.csv as its plots are.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from theorems.claim import Claim
from theorems.errors import InputError

NAME, TITLE = "figures", "the figure"
FOLDER = Path(__file__).parent.parent / "evidence" / "experiments"
#: The figure that a claim of Appendix G is about, by the beginning of its key.
FIGURES = {
    "zeng-lee/appendix-g.1": "linear",
    "zeng-lee/appendix-g.2": "fnn",
    "zeng-lee/appendix-g.3": "tfn",
}
_WHOLE = ("D", "L", "target_depth", "heads", "tokens", "seed", "rank", "samples")
_WORDS = ("figure", "form", "model", "method")


#: What a file's name adds for the runs that give the page's plots.
AS_RUN = "-as-run"


@dataclass(frozen=True)
class Panel:
    """The curves of one frozen model: method -> rank -> row; `as_run` for those made as the page's plots are."""

    figure: str
    depth: int
    target_depth: int
    model: str
    curves: dict[str, dict[int, dict[str, Any]]]
    as_run: bool = False

    @property
    def title(self) -> str:
        """The panel in a few words."""
        return f"L = {self.depth}, target {self.target_depth}, {self.model}" + (", as run" if self.as_run else "")

    def errors(self, method: str, column: str = "mse") -> list[float]:
        """A column along the ranks."""
        return [row[column] for _, row in sorted(self.curves[method].items())]

    @property
    def ranks(self) -> tuple[int, ...]:
        """The ranks."""
        return tuple(sorted(next(iter(self.curves.values()))))

    @property
    def first(self) -> dict[str, Any]:
        """A row of the panel."""
        return self.curves["construction"][self.ranks[0]]


@cache
def rows(figure: str, folder: Path = FOLDER) -> tuple[dict[str, Any], ...]:
    """The rows of a figure with numbers as numbers, None where there is none.  Raises `InputError`."""
    path = folder / f"{figure}.csv"
    try:
        table = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        return tuple({name: _value(name, text) for name, text in row.items()} for row in table)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path}: not a table of `theorems experiments` ({error}): copy it there again") from None


def _value(name: str, text: str) -> Any:
    if name in _WORDS:
        return text
    if text == "":
        return None
    return int(text) if name in _WHOLE else float(text)


@cache
def panels(figure: str, folder: Path = FOLDER) -> tuple[Panel, ...]:
    """The panels of a figure, in order: as printed, then as run."""
    found: dict[tuple[bool, int, int, str], Panel] = {}
    for as_run in (False, True):
        for row in rows(figure + AS_RUN * as_run, folder):
            panel = row["L"], row["target_depth"], row["model"]
            made = found.setdefault((as_run, *panel), Panel(figure, *panel, {}, as_run))
            made.curves.setdefault(row["method"], {})[row["rank"]] = row
    return tuple(found.values())


def _figure_of(claim: Claim) -> str | None:
    return next((figure for key, figure in FIGURES.items() if claim.key.startswith(key)), None)


def describe(claim: Claim) -> dict[str, Any] | None:
    """The rows of a claim's figure as JSON data; None for other claims."""
    figure = _figure_of(claim)
    if figure is None:
        return None
    return {
        "file": f"experiments/{figure}.csv",
        "rows": list(rows(figure)),
        "as_run": {"file": f"experiments/{figure}{AS_RUN}.csv", "rows": list(rows(figure + AS_RUN))},
    }


def lines(claim: Claim) -> list[str]:
    """The curves of a claim's figure for people; no lines for other claims."""
    figure = _figure_of(claim)
    if figure is None:
        return []
    column, word = ("expected_mse", "expected") if figure == "linear" else ("mse", "mean")
    text = [f"{word} squared error at each rank, evidence/experiments/{figure}.csv of the text"]
    for panel in panels(figure):
        text.append(f"{panel.title}: frozen {panel.first['frozen_mse']:.3g}")
        text.append("  " + "R".ljust(13) + "".join(str(rank).rjust(8) for rank in _shown(panel)))
        text += [f"  {method.split()[0].ljust(13)}" + _row(panel, method, column) for method in panel.curves]
        if any(value is not None for value in panel.errors("construction", "closed_form")):
            text.append("  closed form  " + _row(panel, "construction", "closed_form"))
    return text


def _shown(panel: Panel) -> tuple[int, ...]:
    """As many ranks as fit a line."""
    return panel.ranks[:10]


def _row(panel: Panel, method: str, column: str) -> str:
    values = (panel.curves[method][rank][column] for rank in _shown(panel))
    return "".join(_number(value).rjust(8) for value in values)


def _number(value: float | None) -> str:
    return "-" if value is None else "0" if value < 1e-12 else f"{value:.2g}"
