"""Inline drawings: how near an inequality comes to equality, and spectra."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT = 360, 170
LEFT, RIGHT, TOP, BOTTOM = 42, 12, 14, 34
LEAST = 3  # cells that are drawn
BARS = 12  # values of a spectrum that are drawn
MARKS = ("circle", "square", "triangle", "diamond")


def tightness_html(relation: Mapping[str, Any]) -> str:
    """The largest ratio of the left to the right side, cell by cell of (D, L, R), against D; the words beside it.

    Cells of one L have one mark and one colour.  Nothing is drawn where the ratios say nothing: where fewer than three
    cells have a finite one, or all have the same.  The axis begins at zero only where the ratios come near it.
    """
    cells = [cell for cell in relation.get("cells", ()) if _is_number(cell.get("ratio")) and _is_number(cell.get("D"))]
    values = [float(cell["ratio"]) for cell in cells]
    if len(cells) < LEAST or max(values) - min(values) < 1e-3 * max(1.0, abs(max(values))):
        return ""
    depths = sorted({cell.get("L") for cell in cells}, key=lambda depth: (depth is None, depth or 0))
    words = _words(relation)
    dimensions = [float(cell["D"]) for cell in cells]
    low, high = min(dimensions), max(dimensions)
    top = max(1.0, *values)
    bottom = min(values) - 0.1 * (top - min(values)) if min(values) > 0.5 * top else min(0.0, *values)

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
    drawn: dict[int, str] = {}
    for cell in cells:
        number = depths.index(cell.get("L")) % len(MARKS)
        mark = MARKS[number]
        drawn[number] = drawn.get(number, "") + _mark(mark, x(float(cell["D"])), y(float(cell["ratio"])))
    parts += [f'<g class="L{number}">{marks}</g>' for number, marks in drawn.items()]
    named = [(depth, MARKS[i % len(MARKS)]) for i, depth in enumerate(depths) if depth is not None]
    legend = "; ".join(f"{mark}: L = {_short(depth)}" for depth, mark in named) if len(named) > 1 else ""
    return (
        f'<svg class="plot" role="img" aria-label="{escape(words, quote=True)}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"{''.join(parts)}</svg>" + (f'<p class="legend">{escape(legend)}</p>' if legend else "")
    )


def spectrum_html(values: Any) -> str:
    """Singular values as bars; nothing where fewer than three or equal ones would say nothing."""
    try:
        sizes = [float(value) for value in values.tolist()][:BARS]
    except (OverflowError, TypeError, ValueError):
        return ""
    if len(sizes) < LEAST or max(sizes) == min(sizes) or not all(map(math.isfinite, sizes)):
        return ""
    tops = enumerate(30 - 28 * size / max(sizes) for size in sizes)
    bars = "".join(f'<rect x="{10 * i + 1}" y="{y:.1f}" width="8" height="{30 - y:.1f}"/>' for i, y in tops)
    words = f"singular values: {', '.join(map(_short, sizes))}"
    return f'<svg class="bars" role="img" aria-label="{words}" viewBox="0 0 {10 * len(sizes)} 31">{bars}</svg>'


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
            return f'<circle cx="{x:.1f}" cy="{y:.1f}"/>'
        case "square":
            return f'<rect x="{x - 3.2:.1f}" y="{y - 3.2:.1f}"/>'
        case "triangle":
            return f'<path d="M{x:.1f} {y - 4.2:.1f}L{x + 4:.1f} {y + 3:.1f}H{x - 4:.1f}Z"/>'
        case _:
            r = 4.6
            return f'<path d="M{x:.1f} {y - r:.1f}L{x + r:.1f} {y:.1f}L{x:.1f} {y + r:.1f}L{x - r:.1f} {y:.1f}Z"/>'
