"""The hunter: how fast refuted claims are convicted, two jobs against one, and how the cost of a statement grows."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from functools import partial

import numpy as np

from benchmarks.lemma_9 import LEMMA_9
from benchmarks.measure import Row, interleaved, ratio, stopwatch
from theorems.arithmetic import Float64
from theorems.catalogue import CLAIMS
from theorems.claim import Claim, Verdict
from theorems.judge.driver import check
from theorems.strategies.cases import CASES
from theorems.strategies.engine.campaign import Campaign, Job
from theorems.strategies.engine.journal import Entry, Journal
from theorems.strategies.engine.local import LocalWorkers
from theorems.strategies.engine.portions import Errand, run_errand
from theorems.strategies.models.linear import LinearRecipe
from theorems.strategies.search.hunt import hunt
from theorems.strategies.search.portion import RECIPES

#: Seconds to conviction: a claim is in the first bucket that all its seeds reach.
BUCKETS = (0.1, 1.0, 10.0, 60.0)


# conviction ---------------------------------------------------------------------------------------------------------


def slowest_seed(claim: Claim, seeds: Iterable[int], patience: float = BUCKETS[-1]) -> float:
    """Seconds from the start of a hunt to the first conviction, of the slowest seed; infinite where one finds none."""
    worst = 0.0
    for seed in seeds:
        found = hunt(claim, CASES[claim.key], seed=seed, seconds=patience, shrink=False)
        worst = max(worst, found.seconds if found.conviction is not None else float("inf"))
    return worst


def rediscovery(seeds: Sequence[int], *, most: int | None = None, claims: Sequence[Claim] = CLAIMS) -> list[Row]:
    """Every refuted claim (at most `most` of them, evenly spaced) without its stored witness, by all seeds."""
    refuted = [claim for claim in claims if claim.verdict is Verdict.REFUTED and claim.key in CASES]
    chosen = refuted[:: 1 if most is None else max(1, -(-len(refuted) // most))]
    if not chosen:
        return []
    seconds = {claim.key: slowest_seed(claim, seeds) for claim in chosen}
    values = sorted(seconds.values())
    counts = [sum(value <= bucket for value in values) for bucket in BUCKETS]
    steps = zip(BUCKETS, counts, [0, *counts], strict=False)
    table = ", ".join(f"<{bucket:g} s: {now - before}" for bucket, now, before in steps)
    missed = [key for key, value in seconds.items() if value > BUCKETS[-1]]
    note = f"{table}, unsolved: {len(missed)}; the slowest of the seeds {seeds[0]} to {seeds[-1]}"
    share = 100.0 * counts[2] / len(values)
    return [
        Row("Refuted claims found by all seeds in 60 s", 100.0 * counts[3] / len(values), "%", 0, 100, len(seeds),
            goal=100, note=note, details=seconds),
        Row("Refuted claims found by all seeds in 10 s", share, "%", 0, 100, len(seeds), goal=90,
            note=f"of {len(chosen)} of {len(refuted)}; the slowest: {max(seconds, key=lambda key: seconds[key])}"),
        Row("Time to conviction: the median claim, its slowest seed", statistics.median(values), "s", values[0],
            values[-1], len(seeds)),
    ]  # fmt: skip


# jobs ---------------------------------------------------------------------------------------------------------------


def two_jobs(*, rounds: int, portions: int) -> list[Row]:
    """A campaign of Lemma 9 with one worker against the same with two; both are warm."""
    entry = Entry(LEMMA_9.key, LEMMA_9.key, None, LEMMA_9.digest)

    def campaign(workers: LocalWorkers, seed: int) -> float:
        with tempfile.TemporaryDirectory() as folder, closing(Journal.create(folder, seed)) as journal:
            journal.add_claims([entry])

            def errand(job: Job) -> Errand:
                return Errand(entry, seed, job.number, job.most, job.witness)

            run = Campaign(journal, workers, errand=errand, work=run_errand, recipes=portions * RECIPES)
            return stopwatch(run.run) / portions

    with LocalWorkers(1) as one, LocalWorkers(2) as two:
        for workers in (one, two):
            campaign(workers, 10_000)
            time.sleep(0.1)
        costs = interleaved({"one": partial(campaign, one), "two": partial(campaign, two)}, rounds)
    times = {name: statistics.median(values) for name, values in costs.items()}
    note = f"{times['one']:.2f} against {times['two']:.2f} s a portion of Lemma 9; {portions} portions, with journal"
    return [ratio("Two jobs against one", costs["one"], costs["two"], goal=1.8, note=note)]


# growth -------------------------------------------------------------------------------------------------------------


def growth(*, rounds: int, dimensions: Sequence[int] = (32, 64, 128, 256)) -> list[Row]:
    """The cost of Lemma 9 in D, in L and in the number of instances: exponents of fitted power laws."""
    return [
        _exponent("Growth in D: exponent", [(D, 2, 4) for D in dimensions], 0, rounds, 3.0),
        _exponent("Growth in L: exponent", [(64, L, 8) for L in (2, 4, 8)], 1, rounds, 1.0),
        _exponent("Growth in instances: exponent", [(16, 2, n) for n in (64, 256, 1024)], 2, rounds, 1.0),
    ]


def _exponent(name: str, sizes: Sequence[tuple[int, int, int]], which: int, rounds: int, most: float) -> Row:
    def cost(size: tuple[int, int, int]) -> float:
        D, L, count = size
        batch = LinearRecipe("gaussian", "distinct", "random", D, (1,) * L).batch(count)
        return stopwatch(partial(check, LEMMA_9, batch, Float64(size=count)))

    seconds = [statistics.median(cost(size) for _ in range(rounds)) for size in sizes]
    x = [size[which] for size in sizes]
    slope = float(np.polyfit(np.log(x), np.log(seconds), 1)[0])
    steps = np.diff(np.log(seconds)) / np.diff(np.log(x))
    times = ", ".join(f"{n}: {1000 * s:.2g} ms" for n, s in zip(x, seconds, strict=True))
    return Row(name, slope, "", float(steps.min()), float(steps.max()), rounds, goal=most * 1.15, at_least=False,
               note=f"{times}; the statement's own count is L D^3 for each instance")  # fmt: skip
