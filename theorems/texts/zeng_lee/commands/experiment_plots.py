"""The plots of `theorems experiments`: error against rank, a panel for each pair of depths and frozen model."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

Record = dict[str, Any]

#: What the theory gives, and what the page's plots show, by column, as people read it.
THEORY = {"closed_form": "closed form", "bound": "Theorem 5", "sharp_bound": "sharpened", "published": "published"}
STYLES = {"construction": "C0o-", "centred construction": "C2s-", "gradient": "C1^-"}
LINES = {"closed_form": "k--", "bound": "C3:", "sharp_bound": "C4-.", "published": "kx"}
TITLES = {"linear": "linear models", "fnn": "ReLU networks", "tfn": "Transformers"}
#: Errors below this share of the frozen model's are drawn at the lower edge.
FLOOR = 1e-6


def available() -> bool:
    """Whether matplotlib is installed."""
    try:
        return importlib.util.find_spec("matplotlib.figure") is not None
    except (ImportError, ValueError):
        return False


def labels(columns: list[str]) -> list[str]:
    """The headings of theoretical columns."""
    return [THEORY[name] for name in columns]


def panels(records: list[Record]) -> list[tuple[str, list[Record]]]:
    """The rows of each panel under its title, in order."""
    found: dict[tuple[Any, ...], list[Record]] = {}
    for row in records:
        found.setdefault((row["figure"], row["depth"], row["target_depth"], row["model"]), []).append(row)
    return [(_title(rows[0]), rows) for rows in found.values()]


def _title(row: Record) -> str:
    depths = f"L = {row['depth']}" + ("" if row["figure"] == "tfn" else f", target {row['target_depth']}")
    left = "" if row["share_left"] == 1 else f" ({row['share_left']:.2f} left)"
    return f"{TITLES[row['figure']]}, D = {row['D']}, {depths}, {row['model']}{left}, error {row['frozen_mse']:.3g}"


def write(figure: str, records: list[Record], folder: Path) -> list[Path]:
    """Draw a figure into FIGURE.svg and FIGURE.png, each in one step."""
    import matplotlib
    from matplotlib.figure import Figure

    grouped = panels(records)
    columns = len({row["model"] for row in records})
    lines = -(-len(grouped) // columns)
    with matplotlib.rc_context({"svg.hashsalt": "theorems"}):  # the same file for the same numbers
        drawn = Figure(figsize=(4.6 * columns, 3.9 * lines), layout="constrained")
        axes = drawn.subplots(lines, columns, squeeze=False).ravel()
        for ax, (title, rows) in zip(axes, grouped, strict=False):
            _panel(ax, title, rows)
        written = []
        for suffix in ("svg", "png"):
            path, draft = folder / f"{figure}.{suffix}", folder / f".{figure}.part.{suffix}"
            drawn.savefig(draft, metadata={"Date": None} if suffix == "svg" else None)
            os.replace(draft, path)
            written.append(path)
    return written


def _panel(ax: Any, title: str, rows: list[Record]) -> None:
    floor = FLOOR * rows[0]["frozen_mse"]
    for method in dict.fromkeys(row["method"] for row in rows):
        reached = [(row["rank"], row["mse"]) for row in rows if row["method"] == method]
        _curve(ax, reached, floor, method, STYLES[method])
    for column, label in THEORY.items():
        points = {row["rank"]: row[column] for row in rows if row[column] is not None}
        if points:
            _curve(ax, sorted(points.items()), floor, label, LINES[column])
    ax.axhline(rows[0]["frozen_mse"], color="0.7", linewidth=0.8, label="frozen")
    ax.set(yscale="log", xlabel="LoRA-rank R", ylabel="mean squared error (0 at the lower edge)")
    ax.set_title(title, fontsize="x-small")
    ax.grid(visible=True, which="major", linewidth=0.3)
    ax.legend(fontsize="x-small")


def _curve(ax: Any, points: list[tuple[int, float]], floor: float, label: str, style: str) -> None:
    ax.plot([rank for rank, _ in points], [max(value, floor) for _, value in points], style, label=label,
            markersize=4, linewidth=1.2)  # fmt: skip
