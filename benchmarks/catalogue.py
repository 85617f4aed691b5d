"""Instances a second for every standing claim, and the time to convict a false one."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from benchmarks.measure import Row, stopwatch
from theorems.arithmetic import Float64
from theorems.case import arrays
from theorems.catalogue import CLAIMS, claim
from theorems.claim import Claim
from theorems.errors import Unsupported
from theorems.judge.driver import check
from theorems.strategies.cases import CASES
from theorems.strategies.draws import CHUNK, draws, recipe_of
from theorems.strategies.search.hunt import hunt

#: tr(A B) <= tr(A) tr(B), which is false.
FALSE_FACT = "zeng-lee/equation-1.5"
#: A hunt that takes longer has failed.
PATIENCE = 60.0


@dataclass(frozen=True)
class Pace:
    """Live instances a second of one claim; `batched` where its cases have arrays to batch."""

    key: str
    live: int
    seconds: float
    batched: bool

    @property
    def rate(self) -> float:
        return self.live / self.seconds


def pace(claim: Claim, *, recipes: int, largest: int) -> Pace | None:
    """Draw recipes, make their batches and check them; None where Float64 lacks an operation."""
    live, batched = 0, False
    drawn: list[Any] = []
    drawing = stopwatch(lambda: drawn.extend(islice(draws(CASES[claim.key], seed=0, key=claim.key), CHUNK)))
    chosen = [recipe_of(one) for one in drawn[:recipes]]
    seconds = drawing * len(chosen) / len(drawn)
    for recipe in chosen:
        recipe.batch(2)  # real weights are read from disk once, and that is no part of the pace
        count = max(4, min(largest, 2**17 // max(recipe.size[0], 1) ** 2 // 4))  # as the search takes them
        begin = time.perf_counter()
        batch = recipe.batch(count)
        leaves = arrays(batch)
        batched = batched or bool(leaves)
        size = len(leaves[0]) if leaves else 1
        try:
            live += check(claim, batch, Float64(size=size)).live
        except Unsupported:
            return None
        seconds += time.perf_counter() - begin
    return Pace(claim.key, live, seconds, batched)


def standing(
    claims: Sequence[Claim] = CLAIMS, *, recipes: int, largest: int = 2048, most: int | None = None
) -> list[Row]:
    """The median claim that stands, and the slowest ones by name; of at most `most` claims, evenly spaced."""
    every = [c for c in claims if c.verdict is not None and c.verdict.stands and c.key in CASES]
    stand = every[:: 1 if most is None else max(1, -(-len(every) // most))]
    paces = [p for c in stand if (p := pace(c, recipes=recipes, largest=largest)) is not None]
    batched = sorted((p for p in paces if p.batched), key=lambda p: p.rate)
    if not batched:
        return []
    rates = [p.rate for p in batched]
    rest = len(stand) - len(batched)
    slowest = [
        Row(f"    slowest: {p.key}", p.rate, "instances/s", p.rate, p.rate, recipes, note=f"{p.live:,} live")
        for p in batched[:5]
    ]
    return [
        Row(
            "Standing claims in Float64: the median claim",
            statistics.median(rates),
            "instances/s",
            min(rates),
            max(rates),
            recipes,
            note=f"{len(stand)} of {len(every)} claims, {recipes} recipes each, drawing and generation included, "
            f"up to {largest} a batch; {rest} of them have no matrices to batch (counts) or only exact arithmetic",
            details={p.key: p.rate for p in batched},
        ),
        *slowest,
    ]


def conviction(seeds: Sequence[int]) -> list[Row]:
    """From the start of a hunt to a shrunk witness, from several seeds."""
    seconds, dimensions, missed = [], [], []
    for seed in seeds:
        found = hunt(claim(FALSE_FACT), CASES[FALSE_FACT], seed=seed, seconds=PATIENCE)
        seconds.append(found.seconds if found.conviction is not None else float("inf"))
        if found.conviction is None:
            missed.append(seed)
        else:
            dimensions.append(max(max(array.shape) for array in arrays(found.conviction.case)))
    largest = float(max(dimensions, default=0)) if not missed else float("inf")
    note = f"no conviction from the seeds {missed}" if missed else "tr(AB) <= tr(A) tr(B), draws and shrinking included"
    return [
        Row("Conviction of a false fact: median seed", statistics.median(seconds), "s", min(seconds), max(seconds),
            len(seeds), note=note),
        Row("Conviction of a false fact: worst seed", max(seconds), "s", min(seconds), max(seconds), len(seeds),
            goal=10, at_least=False, note=f"seeds {seeds[0]} to {seeds[-1]}"),
        Row("Conviction of a false fact: largest witness", largest, "rows", float(min(dimensions, default=0)), largest,
            len(seeds), goal=2, at_least=False, note="2 means 2 x 2"),
    ]  # fmt: skip
