"""Interleaved measurements, and the rows made of them."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

#: Measures one round of a side, given the number of the round: seconds for each unit of work.
Side = Callable[[int], float]


@dataclass(frozen=True)
class Row:
    """One line of the table.

    value     a ratio, or a number in `unit`
    low, high  the extremes over the rounds
    goal      what it should be at least (at most, where `at_least` is false); None where nothing was promised
    note      what was measured, for a reader who doubts it
    """

    name: str
    value: float
    unit: str
    low: float
    high: float
    rounds: int
    goal: float | None = None
    at_least: bool = True
    note: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def as_json(self) -> dict[str, Any]:
        """The row for ``--json``."""
        return {**asdict(self), "met": self.met}


def stopwatch(work: Callable[[], Any]) -> float:
    """The seconds that `work` takes, with the collector of cyclic garbage held off."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin
    finally:
        if collecting:
            gc.enable()


def interleaved(sides: Mapping[str, Side], rounds: int) -> dict[str, list[float]]:
    """The measurements of each side, taken in turns; every second round starts from the other end."""
    costs: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        order = list(sides.items())
        for name, side in order if number % 2 == 0 else reversed(order):
            costs[name].append(side(number))
    return costs


def ratio(
    name: str, slow: list[float], fast: list[float], *, goal: float | None = None, at_least: bool = True,
    note: str = "", details: Mapping[str, Any] | None = None,
) -> Row:  # fmt: skip
    """How many times `slow` exceeds `fast`: the median over the rounds of the ratio within a round."""
    ratios = [a / b for a, b in zip(slow, fast, strict=True)]
    median, low, high = statistics.median(ratios), min(ratios), max(ratios)
    return Row(name, median, "x", low, high, len(ratios), goal, at_least, note, details or {})
