"""The machinery of the benchmarks on tiny sizes.  No test asserts a time: that is what running them is for."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import false_claims, scheduling
from benchmarks.catalogue import FALSE_FACT, conviction, pace, standing
from benchmarks.false_claims_plain import PLAIN
from benchmarks.lapack import NAMES, against_lapack, record
from benchmarks.lemma_9 import (
    LEMMA_9,
    RANKS,
    against_hypothesis,
    batch_size,
    exactly,
    one_by_one,
    strata_of_round,
)
from benchmarks.measure import Row, interleaved, ratio
from benchmarks.run import groups, run, table
from benchmarks.side_by_side import POLYNOMIAL
from theorems.catalogue import claim
from theorems.loading import load_claims
from theorems.strategies.engine.local import LocalWorkers
from theorems.strategies.models.competitors import COMPETITORS
from theorems.strategies.models.linear import STRATA, LinearRecipe
from theorems.strategies.search.hunt import hunt


def test_the_sides_take_turns() -> None:
    seen: list[tuple[str, int]] = []

    def side(name: str, number: int) -> float:
        seen.append((name, number))
        return float(number)

    costs = interleaved({"a": lambda number: side("a", number), "b": lambda number: side("b", number)}, 3)
    assert seen == [("a", 0), ("b", 0), ("b", 1), ("a", 1), ("a", 2), ("b", 2)]
    assert costs == {"a": [0.0, 1.0, 2.0], "b": [0.0, 1.0, 2.0]}


def test_a_ratio_is_taken_within_each_round() -> None:
    # The machine was ten times as slow in the second round, for both sides alike.
    row = ratio("r", [2.0, 30.0, 4.0], [1.0, 10.0, 1.0], goal=3)
    assert (row.value, row.low, row.high, row.rounds) == (3.0, 2.0, 4.0, 3)
    assert row.met
    assert not ratio("r", [2.0], [1.0], goal=1.5, at_least=False).met
    assert ratio("r", [2.0], [1.0]).met is None


def test_every_stratum_meets_every_kind_of_competitor() -> None:
    rounds = [strata_of_round(number) for number in range(len(COMPETITORS))]
    assert all([law for law, _ in one] == list(STRATA) for one in rounds)
    assert len({pair for one in rounds for pair in one}) == len(STRATA) * len(COMPETITORS)


def test_batches_are_as_large_as_in_the_search() -> None:
    assert [batch_size(D) for D in (1, 4, 16, 1000)] == [2048, 2048, 128, 4]


def test_lemma_9_against_hypothesis() -> None:
    rows = against_hypothesis(2, rounds=1, examples=10, size=4)
    assert len(rows) == 2
    assert all(row.goal == 100 and row.value > 0 and math.isfinite(row.value) for row in rows)


def test_one_by_one_without_a_live_instance_is_infinitely_slow() -> None:
    assert one_by_one(2, 1, 0) == math.inf  # the first example is all zeros, and vacuous


def test_the_exact_run() -> None:
    rows = exactly(rounds=1, D=2, L=2, indices=(0,))
    assert [set(row.details) for row in rows] == [{"Rational", "MultiPrecision", "Fractions"}] * 2


def test_a_recording_holds_every_call_of_the_statement() -> None:
    before = [getattr(np.linalg, name) for name in NAMES]
    batch = LinearRecipe("gaussian", "distinct", "random", 3, RANKS).batch(5)
    recording = record(LEMMA_9, batch, 5)
    assert [getattr(np.linalg, name) for name in NAMES] == before
    called = [name for name, *_ in recording.lapack]
    # W_1, W_2, their product and one partial sum are inverted at least once; equation (8) solves twice at L = 2.
    assert called.count("inv") >= 4
    assert called.count("solve") == 2
    assert called.count("svd") >= 1
    errors = [arguments[0] for name, _, arguments, _ in recording.lapack if name == "svd"]
    assert any(np.allclose(E, batch.error.matrix) for E in errors)
    assert len(recording.products) >= 8
    assert all(type(side) is np.ndarray and len(side) == 5 for pair in recording.products for side in pair)
    recording.replay_lapack()
    recording.replay_products()


def test_a_statement_against_its_lapack_calls() -> None:
    calls, both = against_lapack(3, rounds=1, size=4, goal=1.5)
    assert calls.goal == 1.5
    assert not calls.at_least
    assert both.value <= calls.value


def test_the_pace_of_claims() -> None:
    found = pace(LEMMA_9, recipes=2, largest=4)
    assert found is not None
    assert found.batched
    assert found.seconds > 0
    counts = pace(claim("zeng-lee/parameter-count.learnable"), recipes=1, largest=4)
    assert counts is not None
    assert not counts.batched
    chosen = [claim("zeng-lee/equation-1.1"), claim("zeng-lee/equation-1.2"), claim(FALSE_FACT)]
    median, *slowest = standing(chosen, recipes=1, largest=4)
    assert set(median.details) == {"zeng-lee/equation-1.1", "zeng-lee/equation-1.2"}  # a refuted claim does not stand
    assert len(slowest) == 2
    assert len(standing(chosen, recipes=1, largest=4, most=1)) == 2  # the median claim, and it is the slowest


def test_convictions() -> None:
    median, worst, largest = conviction([0])
    assert median.value == worst.value < math.inf
    assert largest.value == 2


def test_the_table_is_aligned_and_json_has_no_infinity(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        Row("short", 2.0, "x", 1.0, 3.0, 3, goal=1, note="why"),
        Row("a longer name", math.inf, "s", 12345.6, math.inf, 1, goal=10, at_least=False),
    ]
    head, first, note, second = table(rows)
    assert head.split() == ["measured", "median", "from", "to", "goal"]
    assert first.endswith(">= 1  met")
    assert note.strip() == "why"
    assert second.endswith("<= 10  MISSED")
    assert first.index(" x ") == second.index(" s ")
    assert run(quick=True, json=False, only="no such group") == 2
    assert "use one of lemma-9 D=4" in capsys.readouterr().err


def test_quick_and_full_measure_the_same_things() -> None:
    assert list(groups(quick=True)) == list(groups(quick=False))


def test_the_command_prints_json_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--json", "--only", "lapack D=4"],
        capture_output=True, text=True, check=True, cwd=Path(command.__file__).parent.parent,
    )  # fmt: skip
    rows = json.loads(done.stdout)
    assert [row["unit"] for row in rows] == ["x", "x"]
    assert {"name", "value", "low", "high", "rounds", "goal", "met", "note", "details"} <= set(rows[0])
    assert done.stderr == ""


def test_each_false_claim_is_written_both_ways_and_falls() -> None:
    assert list(false_claims.CASES) == list(PLAIN)
    assert len(PLAIN) == 20
    assert set(POLYNOMIAL) < set(PLAIN)
    file = load_claims(false_claims.__file__)
    for name in ("symmetric_products", "purity"):
        found = hunt(file.claim(name), false_claims.CASES[name], recipes=100, shrink=False)
        assert found.conviction is not None


def test_bookkeeping_without_work(tmp_path: Path) -> None:
    rows = [scheduling._row("processes", LocalWorkers(1), 3), scheduling._journal(3)]
    assert all(row.value > 0 for row in rows)
