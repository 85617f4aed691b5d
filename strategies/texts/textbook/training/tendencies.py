"""How often a tendency holds: the share of runs of a family that agree with a claim, with its standard error."""

from __future__ import annotations

import math
from dataclasses import dataclass

from theorems.arithmetic.float64 import Float64
from theorems.claim import Claim, Outcome
from theorems.judge.driver import check
from theorems.strategies.material import Material
from theorems.strategies.models.runs import Builder
from theorems.strategies.recipes import generator_of


@dataclass(frozen=True)
class Share:
    """`agreeing` of `live` runs; runs that miss a hypothesis are not counted."""

    agreeing: int
    live: int

    @property
    def value(self) -> float:
        """The share, NaN where no run is live."""
        return self.agreeing / self.live if self.live else math.nan

    @property
    def error(self) -> float:
        """Its standard error."""
        return math.sqrt(max(self.value * (1 - self.value), 1 / max(self.live, 1)) / max(self.live, 1))


def share(claim: Claim, build: Builder, law: str, sizes: dict[str, int], *, count: int = 4096, seed: int = 0) -> Share:
    """The share of `count` runs of one law and size that agree with `claim`, in Float64; a function of the
    arguments."""
    batch = build(Material(generator_of(seed, 7), count), sizes, law)
    report = check(claim, batch, Float64(size=count))
    agreeing = report.count(Outcome.HOLDS)
    return Share(agreeing, agreeing + report.count(Outcome.FAILS))
