"""How near an inequality comes to equality, as an inline drawing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT = 360, 170
LEFT, RIGHT, TOP, BOTTOM = 42, 12, 14, 34
MARKS = ("circle", "square", "triangle", "diamond")


def tightness_html(relation: Mapping[str, Any]) -> str:
    """The largest ratio of the left to the right side, cell by cell of (D, L, R), against D; the words beside it.

    Cells of one L have one mark.  Nothing is drawn where no cell has a finite ratio.
    """
    cells = [cell for cell in relation.get("cells", ()) if _is_number(cell.get("ratio")) and _is_number(cell.get("D"))]
    if not cells:
        return ""
    depths = sorted({cell.get("L") for cell in cells}, key=lambda depth: (depth is None, depth or 0))
    words = _words(relation)
    dimensions = [float(cell["D"]) for cell in cells]
    low, high = min(dimensions), max(dimensions)
    top = max(1.0, *(float(cell["ratio"]) for cell in cells))
    bottom = min(0.0, *(float(cell["ratio"]) for cell in cells))

    def x(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (0.5 if low == high else 0.05 + 0.9 * (value - low) / (high - low))

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - bottom) / (top - bottom)

    parts = [_line(LEFT, y(1), WIDTH - RIGHT, y(1), "one"), _line(LEFT, y(bottom), WIDTH - RIGHT, y(bottom), "axis")]
    levels = sorted({bottom, 0.5 * (bottom + 1), 1.0, top})
    parts += [_text(LEFT - 6, y(value) + 4, _short(value), "end") for value in levels]
    ticks = sorted(set(dimensions))
    for value in ticks if len(ticks) <= 12 else (low, high):
        parts.append(_text(x(value), HEIGHT - BOTTOM + 16, _short(value), "middle"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 3, "D", "middle"))
    for cell in cells:
        mark = MARKS[depths.index(cell.get("L")) % len(MARKS)]
        title = ", ".join(f"{name} = {_short(cell[name])}" for name in ("D", "L", "R") if _is_number(cell.get(name)))
        title = f"{title}: {_short(cell['ratio'])}"
        drawn = _mark(mark, x(float(cell["D"])), y(float(cell["ratio"])))
        parts.append(f"<g><title>{escape(title)}</title>{drawn}</g>")
    named = [(depth, MARKS[i % len(MARKS)]) for i, depth in enumerate(depths) if depth is not None]
    legend = "; ".join(f"{mark}: L = {_short(depth)}" for depth, mark in named) if len(named) > 1 else ""
    return (
        f'<svg class="plot" role="img" aria-label="{escape(words, quote=True)}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"{''.join(parts)}</svg>" + (f'<p class="legend">{escape(legend)}</p>' if legend else "")
    )


def _words(relation: Mapping[str, Any]) -> str:
    largest = relation.get("largest_ratio")
    size = f"largest ratio of left to right {_short(largest)}" if _is_number(largest) else "ratios of left to right"
    return f"{relation.get('conclusion', '')}: {size}, by dimension D"


def attained_words(relation: Mapping[str, Any]) -> str:
    """What the record says of a relation, in a line."""
    largest = relation.get("largest_ratio")
    if not _is_number(largest):
        return ""
    if relation.get("attained"):
        return f"attained (largest ratio of left to right {_short(largest)})"
    return f"largest ratio of left to right seen: {_short(largest)}"


def ratios(entry: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The relations of a tightness record."""
    return list(entry.get("relations", ()))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _short(value: Any) -> str:
    return f"{value:.4g}".replace("-", "−")


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _mark(kind: str, x: float, y: float) -> str:
    match kind:
        case "circle":
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'
        case "square":
            return f'<rect x="{x - 3.2:.1f}" y="{y - 3.2:.1f}" width="6.4" height="6.4"/>'
        case "triangle":
            return f'<path d="M{x:.1f} {y - 4.2:.1f}L{x + 4:.1f} {y + 3:.1f}H{x - 4:.1f}Z"/>'
        case _:
            r = 4.6
            return f'<path d="M{x:.1f} {y - r:.1f}L{x + r:.1f} {y:.1f}L{x:.1f} {y + r:.1f}L{x - r:.1f} {y:.1f}Z"/>'
