"""Networks of width one and two as drawings: the wanted function beside the frozen one, along a line of inputs."""

from __future__ import annotations

import math
from collections.abc import Collection
from html import escape
from typing import Any

import numpy as np

from theorems.arithmetic import Float64
from theorems.case import Array
from theorems.judge.reads import is_read
from theorems.models.relu import NetworkCase

WIDTH, HEIGHT, MARGIN = 260, 110, 6
POINTS = 1201  # of the line: between two of them a bend is drawn as a corner of one pixel
LEAST = 1e-9


def network_html(case: Any, read: Collection[str] | None) -> str:
    """The wanted and the frozen function of a case of width one or two; nothing where the statement has no target."""
    if not isinstance(case, NetworkCase) or case.frozen.width > 2 or not _has_target(case, read):
        return ""
    try:
        start, end = _line(case)
        steps = np.linspace(0.0, 1.0, POINTS)
        points = start + steps[:, None] * (end - start)
        num = Float64()
        wanted, frozen = (_floats(network).forward(points, num).T for network in (case.target, case.frozen))
    except (OverflowError, ValueError, TypeError):
        return ""
    curves = [*wanted, *frozen]
    if not all(np.isfinite(curve).all() for curve in curves):
        return ""
    low, high = min(float(curve.min()) for curve in curves), max(float(curve.max()) for curve in curves)
    if high - low < LEAST * max(1.0, abs(high)):
        return ""
    paths = "".join(
        f'<path class="{kind}" d="{_path(steps, (curve - low) / (high - low))}"/>'
        for kind, own in (("frozen", frozen), ("wanted", wanted))
        for curve in own
    )
    one = case.frozen.width == 1
    along = f"x from {_place(start)} to {_place(end)}"
    words = f"Wanted (line) and frozen (dashes) function, {along}; values from {low:.3g} to {high:.3g}."
    reach = " Adapters and biases reach nothing but affine functions clipped to an interval in [0, ∞)." if one else ""
    return (
        f'<figure><svg class="net" role="img" aria-label="two functions" viewBox="0 0 {WIDTH} {HEIGHT}">{paths}</svg>'
        f"<figcaption>{escape(words)}{reach}</figcaption></figure>"
    )


def _has_target(case: NetworkCase, read: Collection[str] | None) -> bool:
    return any(is_read(f"{name}[{i}]", read) for name in ("errors", "biases") for i in range(len(case.biases)))


def _floats(network: Any) -> Any:
    """The same network with float entries."""
    parts = ((np.asarray(array, dtype=float) for array in arrays) for arrays in (network.weights, network.biases))
    return type(network)(*map(tuple, parts))


def _line(case: NetworkCase) -> tuple[Array, Array]:
    """The ends of the line that is drawn: from the first input through the farthest one, or along the first axis."""
    inputs = case.inputs
    points = np.asarray(inputs.points, dtype=float)
    around = float(max(np.asarray(inputs.box, dtype=float).max(), np.asarray(inputs.ball, dtype=float).max()))
    first = points[0]
    far = points[np.argmax(np.linalg.norm(points - first, axis=1))]
    if not (far != first).any():
        axis = np.eye(len(first))[0] * (around or 1.0)
        return first - 1.5 * axis, first + 1.5 * axis
    step = (far - first) * (0.25 + around / float(np.linalg.norm(far - first)))
    return first - step, far + step


def _path(steps: Array, heights: Array) -> str:
    """A curve of few corners: the points at which its slope changes."""
    slopes = np.diff(heights)
    kept = [0, *(np.flatnonzero(np.abs(np.diff(slopes)) > LEAST) + 1), len(steps) - 1]
    at = [
        f"{MARGIN + (WIDTH - 2 * MARGIN) * steps[i]:.1f} {HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * heights[i]:.1f}"
        for i in kept
    ]
    return f"M{'L'.join(at)}"


def _place(point: Array) -> str:
    words = ", ".join(f"{value:.3g}".replace("-", "−") for value in point)
    return words if len(point) == 1 else f"({words})"


def levels_html(bound: float, floor: float, best: float) -> str:
    """The bound, the floor for every choice and the best value found, on one line that starts at zero."""
    values = (bound, floor, best)
    if not all(map(math.isfinite, values)) or min(values) < 0 or max(values) <= 0:
        return ""
    scale = (WIDTH - 2 * MARGIN) / max(values)
    marks = "".join(
        f'<path class="{kind}" d="M{MARGIN + scale * value:.1f} {top}v{18 - top}"/>'
        for kind, value, top in (("bound", bound, 2), ("floor", floor, 6), ("best", best, 10))
    )
    words = f"from zero: bound {bound:.4g}, floor {floor:.4g}, best value found {best:.4g}"
    return (
        f'<svg class="levels" role="img" aria-label="{words}" viewBox="0 0 {WIDTH} 20"><path class="axis" '
        f'd="M{MARGIN} 18H{WIDTH - MARGIN}"/><path class="between" d="M{MARGIN + scale * bound:.1f} 14H'
        f'{MARGIN + scale * floor:.1f}"/>{marks}</svg><p class="small">From zero: bound, floor, best value found.</p>'
    )
