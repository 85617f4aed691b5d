"""Lemma 9 in batches against Hypothesis one instance at a time, and exactly against mpmath."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from functools import partial
from itertools import cycle, islice

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.measure import Row, interleaved, ratio, stopwatch
from theorems.arithmetic import Float64, Fractions, MultiPrecision, Rational
from theorems.arithmetic.base import Arithmetic
from theorems.case import SVD, Array
from theorems.catalogue import claim
from theorems.claim import Outcome
from theorems.judge.driver import Report, check
from theorems.models.linear import Adapter, LinearCase, LinearModel
from theorems.strategies.models.competitors import COMPETITORS
from theorems.strategies.models.linear import STRATA, LinearRecipe

LEMMA_9 = claim("zeng-lee/lemma-9.value")
#: The ranks of L = 2 layers.
RANKS = (1, 1)
#: The stratum nearest to what `one_by_one` draws, and its kind of competitor.
PLAIN = ("gaussian", "random")
DIGITS = 50


def batch_size(D: int) -> int:
    """As the search takes them (`theorems.strategies.search.hunt`): 2048, fewer of large matrices."""
    return int(max(4, min(2048, 2**17 // D**2 // 4)))


def strata_of_round(number: int) -> list[tuple[str, str]]:
    """Every stratum once, with the kinds of competitor in turn: after five rounds all pairs have been there."""
    kinds = islice(cycle(COMPETITORS), number, None)
    return list(zip(STRATA, kinds, strict=False))


def in_batches(D: int, kinds: Callable[[int], list[tuple[str, str]]], size: int, number: int) -> float:
    """Seconds for a live instance, generation included."""
    live = 0

    def work() -> None:
        nonlocal live
        for index, (law, competitor) in enumerate(kinds(number)):
            spectra = STRATA[law].spectra
            recipe = LinearRecipe(law, spectra[number % len(spectra)], competitor, D, RANKS, seed=1000 * number + index)
            live += check(LEMMA_9, recipe.batch(size), Float64(size=size)).live

    seconds = stopwatch(work)
    return seconds / live if live else float("inf")


def one_by_one(D: int, examples: int, number: int) -> float:
    """Seconds for a live instance drawn by Hypothesis entry by entry and checked alone, generation included."""
    live = 0

    def drawn(m: int, n: int) -> st.SearchStrategy[Array]:
        return arrays(np.float64, (m, n), elements=st.floats(-10, 10), fill=st.nothing())

    factors = [drawn(*shape) for _ in RANKS for shape in ((D, 1), (1, D))]

    @seeded(number)
    @settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(drawn(D, D), drawn(D, D), drawn(D, D), *factors)
    def run(W_1: Array, W_2: Array, target: Array, B_1: Array, A_1: Array, B_2: Array, A_2: Array) -> None:
        nonlocal live
        U, s, Vt = np.linalg.svd(target - W_2 @ W_1)
        competitor = (Adapter(B_1, A_1), Adapter(B_2, A_2))
        case = LinearCase(LinearModel((W_1, W_2)), SVD(U, s, Vt.T), RANKS, competitor)
        live += check(LEMMA_9, case, Float64()).live

    seconds = stopwatch(run)
    return seconds / live if live else float("inf")


def against_hypothesis(D: int, *, rounds: int, examples: int, size: int | None = None) -> list[Row]:
    """Live instances a second in Float64 batches against one instance an example."""
    count = batch_size(D) if size is None else size
    costs = interleaved(
        {
            "all strata": partial(in_batches, D, strata_of_round, count),
            "plain": partial(in_batches, D, lambda number: [PLAIN] * 4, count),
            "one by one": partial(one_by_one, D, examples),
        },
        rounds,
    )
    rates = {name: 1 / statistics.median(values) for name, values in costs.items()}
    kinds = {
        "all strata": f"all {len(STRATA)} strata, the vacuous ones too",
        "plain": "gaussian weights, random competitors",
    }
    return [
        ratio(
            f"Lemma 9, D={D}, L=2, R=1: batches / one by one ({kind})",
            costs["one by one"],
            costs[kind],
            goal=100,
            note=f"{rates[kind]:,.0f} against {rates['one by one']:,.0f} live instances a second, generation included; "
            f"{what}, {count} a batch; against arrays(floats(-10, 10), fill=nothing()), {examples} examples a round",
            details=rates,
        )
        for kind, what in kinds.items()
    ]


def exact_cases(D: int, L: int, indices: tuple[int, ...]) -> list[LinearCase]:
    """Gaussian integer weights, rational orthogonal U and V, random competitors; entries grow with the index."""
    recipe = LinearRecipe("gaussian", "distinct", "random", D, (1,) * L)
    return [recipe.exact(index) for index in indices]


def in_arithmetic(make: Callable[[], Arithmetic], cases: list[LinearCase], repeats: int, number: int) -> float:
    """Seconds for one case.  Fast arithmetics repeat, so that a disturbance weighs as much on either side."""
    reports: list[Report] = []
    seconds = stopwatch(lambda: reports.extend(check(LEMMA_9, case, make()) for case in cases * repeats))
    for report in reports:
        if report.outcome is not Outcome.HOLDS:  # a fast wrong answer is worth nothing
            raise AssertionError(f"{make().name} says {report.outcome.value} of an exact case of a true claim")
    return seconds / len(reports)


def exactly(*, rounds: int, D: int = 8, L: int = 3, indices: tuple[int, ...] = (0, 3, 8)) -> list[Row]:
    """The same exact cases in Rational, Fractions and MultiPrecision."""
    cases = exact_cases(D, L, indices)
    costs = interleaved(
        {
            "Rational": partial(in_arithmetic, Rational, cases, 10),
            "MultiPrecision": partial(in_arithmetic, partial(MultiPrecision, DIGITS), cases, 1),
            "Fractions": partial(in_arithmetic, Fractions, cases, 3),
        },
        rounds,
    )
    times = {name: 1e3 * statistics.median(values) for name, values in costs.items()}
    shown = f"{len(cases)} cases with entries of growing size"
    return [
        ratio(
            f"Lemma 9 exactly, D={D}, L={L}: mpmath at {DIGITS} digits / Rational",
            costs["MultiPrecision"],
            costs["Rational"],
            goal=20,
            note=f"{times['MultiPrecision']:.0f} against {times['Rational']:.1f} ms a case, {shown}; mpmath computes "
            "its SVD, the exact run is given one and verifies it",
            details=times,
        ),
        ratio(
            f"Lemma 9 exactly, D={D}, L={L}: Fractions / Rational",
            costs["Fractions"],
            costs["Rational"],
            note=f"{times['Fractions']:.0f} ms a case by the standard library alone, the second opinion",
            details=times,
        ),
    ]
