"""All groups in their order, and the table."""

from __future__ import annotations

import math
import platform
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from benchmarks.catalogue import conviction, standing
from benchmarks.construction import against_its_floor
from benchmarks.hunter import growth, rediscovery, two_jobs
from benchmarks.lapack import against_lapack
from benchmarks.lemma_9 import against_hypothesis, exactly
from benchmarks.measure import Row
from benchmarks.one_by_one import median_claim
from benchmarks.scheduling import portions_a_second
from benchmarks.side_by_side import side_by_side
from benchmarks.stacks import drawn, forward
from theorems.report.printing import print_json

HEAD = ("measured", "median", "from", "to", "goal", "")


def groups(*, quick: bool) -> dict[str, Callable[[], list[Row]]]:
    """The benchmarks by name; quick ones take the same measurements on fewer rounds, seeds and claims."""
    rounds = 3 if quick else 9
    large = (64, 256, 512) if quick else (64, 128, 256, 512, 1024)
    return {
        "lemma-9 D=4": lambda: against_hypothesis(4, rounds=rounds, examples=40 if quick else 200),
        "lemma-9 D=16": lambda: against_hypothesis(16, rounds=rounds, examples=6 if quick else 25),
        "lapack D=4": lambda: against_lapack(4, rounds=9 if quick else 41),
        "lapack D=16": lambda: against_lapack(16, rounds=9 if quick else 41, goal=1.5),
        "stacks": lambda: [*drawn(4, rounds=rounds), *drawn(16, rounds=rounds), *forward(rounds=rounds)],
        "exact": lambda: exactly(rounds=rounds, indices=(0, 3) if quick else (0, 3, 8)),
        "conviction": lambda: conviction(range(3 if quick else 10)),
        "construction": lambda: against_its_floor(large, rounds=3 if quick else 7),
        "rediscovery": lambda: rediscovery(range(2), most=6) if quick else rediscovery(range(10)),
        "side by side": lambda: side_by_side(most=2 if quick else None),
        "scheduling": lambda: portions_a_second(portions=100 if quick else 1000),
        "jobs": lambda: two_jobs(rounds=rounds, portions=4 if quick else 12),
        "growth": lambda: growth(rounds=3, dimensions=(32, 64, 128) if quick else (32, 64, 128, 256)),
        "median D=4": lambda: median_claim(4, examples=6 if quick else 20, most=8 if quick else None),
        "median D=16": lambda: median_claim(16, examples=4 if quick else 6, most=8 if quick else 96),
        "standing": lambda: standing(recipes=4, largest=512, most=24) if quick else standing(recipes=20),
    }


def run(*, quick: bool, json: bool, only: str = "") -> int:
    """Measure and print.  Progress goes to stderr, where it is a terminal."""
    begin = time.perf_counter()
    known = groups(quick=quick)
    chosen = {name: group for name, group in known.items() if only in name}
    if not chosen:
        print(f"benchmarks: no group's name contains {only!r}: use one of {', '.join(known)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name, group in chosen.items():
        if sys.stderr.isatty():
            print(f"{name} ...", file=sys.stderr)
        rows += group()
    if json:
        print_json([_finite(row.as_json()) for row in rows])
    else:
        print("\n".join(table(rows)))
        machine = f"Python {platform.python_version()}, NumPy {np.__version__}, one thread, {platform.machine()}"
        print(f"\n{time.perf_counter() - begin:.0f} s; {machine}")
    return 0


def table(rows: Iterable[Row]) -> list[str]:
    """Aligned lines, the note of each row beneath it."""
    cells = [(HEAD, "")]
    for row in rows:
        goal = "" if row.goal is None else f"{'>=' if row.at_least else '<='} {row.goal:g}"
        verdict = {None: "", True: "met", False: "MISSED"}[row.met]
        texts = (row.name, f"{_short(row.value)} {row.unit}", _short(row.low), _short(row.high), goal, verdict)
        cells.append((texts, row.note))
    widths = [max(len(texts[i]) for texts, _ in cells) for i in range(len(HEAD))]
    lines = []
    for texts, note in cells:
        name, *numbers, verdict = (f"{text:>{width}}" for text, width in zip(texts, widths, strict=True))
        lines.append("  ".join([f"{texts[0]:<{len(name)}}", *numbers, verdict.strip()]).rstrip())
        if note:
            lines.append(f"      {note}")
    return lines


def _short(value: float) -> str:
    if not math.isfinite(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _finite(value: Any) -> Any:
    """JSON has no infinity: null, as for a hunt that found nothing."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
