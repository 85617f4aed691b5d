"""Climbing: rare violations are found in seconds, structure stays, and the same seed climbs alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from theorems import Claim, at_most, conclude, suppose
from theorems.arithmetic.float64 import Float64
from theorems.case import SVD, CountCase, MatrixCase, arrays
from theorems.claim import Outcome
from theorems.judge.driver import check
from theorems.report.ledger import violation_bound
from theorems.strategies import matrices
from theorems.strategies.search.attack import Near, attack
from theorems.strategies.search.climb import climb, climb_recipes
from theorems.strategies.search.coordinates import Coordinates
from theorems.strategies.search.hunt import hunt
from theorems.strategies.search.portion import AIMED_FIRST, CLIMBED, portion

GAUSSIAN = ("gaussian",)


def nearly_orthogonal(case: Any, num: Any) -> Any:
    """||A A^T - I||_F^2 >= 1/100; false for orthogonal A."""
    (A,) = case.matrices
    E = A @ A.mT - num.identity(A.shape[-1])
    yield conclude(at_most(num.number(1, 100), num.trace(E @ E.mT), scale=num.number(1)))


def nearly_scalar(case: Any, num: Any) -> Any:
    """tr(A)^2 <= (n - 1/50) ||A||_F^2 for symmetric A; false for multiples of I."""
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    bound = num.number(50 * A.shape[-1] - 1, 50)
    yield conclude(at_most(num.trace(A) * num.trace(A), num.times(bound, num.trace(A @ A))))


def nearly_aligned(case: Any, num: Any) -> Any:
    """||AB||_F^2 <= 49/50 ||A||_F^2 ||B||_F^2; false for aligned matrices of rank one."""
    A, B = case.matrices
    C = A @ B
    bound = num.times(num.number(49, 50), num.trace(A @ A.mT) * num.trace(B @ B.mT))
    yield conclude(at_most(num.trace(C @ C.mT), bound))


def near_a_point(case: Any, num: Any) -> Any:
    """(A_11 - 13/7)^2 + ... >= 1/1000: false in a small ball around one matrix, of probability below 1e-6."""
    (A,) = case.matrices
    total = num.number(0)
    for (i, j), (p, q) in zip(np.ndindex(2, 2), ((13, 7), (5, 3), (-9, 4), (1, 9)), strict=True):
        gap = A[..., i, j] - num.number(p, q)
        total = total + gap * gap
    yield conclude(at_most(num.number(1, 1000), total, scale=num.number(1)))


RARE = [
    (nearly_orthogonal, matrices(min_dimension=4, max_dimension=4, laws=GAUSSIAN)),
    (nearly_scalar, matrices(structure="symmetric", min_dimension=5, max_dimension=5, laws=GAUSSIAN)),
    (nearly_aligned, matrices(count=2, min_dimension=4, max_dimension=4, laws=GAUSSIAN)),
    (near_a_point, matrices(min_dimension=2, max_dimension=2, laws=GAUSSIAN)),
]


@pytest.mark.parametrize(("statement", "strategy"), RARE, ids=lambda value: getattr(value, "__name__", ""))
def test_what_random_search_hardly_meets_is_found_at_once(statement: Any, strategy: Any) -> None:
    """Random search would need a million instances and more; each seed needs one portion of about a thousand."""
    claim = Claim(key=statement.__name__, statement=statement)
    for seed in range(2):
        found = hunt(claim, strategy, seed=seed, recipes=30, shrink=False)
        assert found.outcome == "refuted"
        assert found.recipes <= 20
        assert any(name.endswith(CLIMBED) for name in found.strata)
    batch = next(iter_batches(strategy))
    report = check(claim, batch, Float64(size=len(arrays(batch)[0])))
    assert report.count(Outcome.FAILS) == 0


def iter_batches(strategy: Any) -> Any:
    from theorems.strategies.draws import draws, recipe_of

    for drawn in draws(strategy, seed=9, key="batches"):
        yield recipe_of(drawn).batch(20_000)


def test_a_rare_triple_of_integers_is_reached_by_hypothesis() -> None:
    """(a - 77)^2 + (b - 5)^2 + (c - 93)^2 >= 1 has one violation among a million; `target` walks there."""

    def one_in_a_million(case: Any, num: Any) -> Any:
        gaps = [value - goal for value, goal in zip(case.values, (77, 5, 93), strict=True)]
        yield conclude(at_most(num.number(1), num.number(sum(gap * gap for gap in gaps)), scale=num.number(1)))

    claim = Claim(key="one-in-a-million", statement=one_in_a_million)
    strategy = st.tuples(*[st.integers(1, 100)] * 3).map(CountCase)
    found = hunt(claim, strategy, seed=0, recipes=300, shrink=False)
    assert found.conviction is not None
    assert found.conviction.case.values == (77, 5, 93)


def near(batch: Any) -> Near:
    return Near(batch, 0.5)


def test_the_climb_is_a_function_of_its_arguments() -> None:
    claim = Claim(key="a", statement=near_a_point)
    start = MatrixCase((np.random.default_rng(0).normal(size=(24, 2, 2)),))
    one, two = (climb(claim, near(start), seed=5) for _ in range(2))
    assert one is not None
    assert two is not None
    np.testing.assert_array_equal(one.matrices[0], two.matrices[0])
    first, second = (portion(claim, RARE[3][1], seed=1, number=1) for _ in range(2))
    assert first.strata == second.strata


def test_structure_stays() -> None:
    """Zeros, symmetry and orthogonality are kept; what the members share is not moved."""
    generator = np.random.default_rng(0)
    S = generator.normal(size=(6, 3, 3))
    lower = np.tril(generator.normal(size=(6, 3, 3)))
    unit = np.broadcast_to(np.eye(3), (6, 3, 3)).copy()
    batch = MatrixCase((S + S.mT, lower, unit), (generator.normal(size=(6, 3)),))
    space = Coordinates(batch)
    assert space.count == 6 + 6 + 0 + 3
    again = space.case(space.vectors(batch))
    for before, after in zip(arrays(batch), arrays(again), strict=True):
        np.testing.assert_array_equal(before, after)
    A, B, C = space.case(generator.normal(size=(50, space.count))).matrices
    np.testing.assert_array_equal(A, A.mT)
    np.testing.assert_array_equal(np.triu(B, 1), 0 * B)
    np.testing.assert_array_equal(C, np.broadcast_to(np.eye(3), C.shape))


def test_a_decomposition_stays_one() -> None:
    generator = np.random.default_rng(0)
    U, s, Vt = np.linalg.svd(generator.normal(size=(8, 4, 3)), full_matrices=False)
    space = Coordinates((SVD(U, s, Vt.mT),))
    (d,) = space.case(generator.normal(size=(40, space.count)))
    for factor in (d.U, d.V):
        np.testing.assert_allclose(factor.mT @ factor, np.broadcast_to(np.eye(3), (40, 3, 3)), atol=1e-12)
    assert (np.diff(d.s) <= 0).all()
    assert (d.s >= 0).all()
    (same,) = space.case(space.vectors((SVD(U, s, Vt.mT),)))
    np.testing.assert_allclose(same.matrix, SVD(U, s, Vt.mT).matrix, atol=1e-12)


def test_equalities_that_hold_are_not_climbed() -> None:
    def traces_commute(case: Any, num: Any) -> Any:
        A, B = case.matrices
        yield conclude(at_most(num.trace(A @ B), num.trace(B @ A), scale=num.frobenius_norm(A) * num.frobenius_norm(B)))

    claim = Claim(key="a", statement=traces_commute)
    strategy = matrices(count=2, min_dimension=2, laws=GAUSSIAN)
    strata = portion(claim, strategy, seed=0, number=AIMED_FIRST).strata
    assert not any(name.endswith(CLIMBED) for name in strata)


def test_climbed_instances_are_no_independent_draws() -> None:
    claim = Claim(key="a", statement=cauchy_schwarz)
    done = portion(claim, matrices(count=2, min_dimension=3, max_dimension=3, laws=GAUSSIAN), seed=0, number=0)
    bound = violation_bound(done.strata)
    climbed = {name: tally for name, tally in done.strata.items() if name.endswith(CLIMBED)}
    assert bound is not None
    assert sum(tally.instances for tally in climbed.values()) > 0
    assert bound == violation_bound({name: t for name, t in done.strata.items() if name not in climbed})
    assert done.conviction is None


def cauchy_schwarz(case: Any, num: Any) -> Any:
    """tr(AB)^2 <= ||A||_F^2 ||B||_F^2: a climb comes as near as it likes and must not pass."""
    A, B = case.matrices
    t = num.trace(A @ B)
    yield conclude(at_most(t * t, num.trace(A @ A.mT) * num.trace(B @ B.mT)))


def test_a_true_bound_that_is_attained_survives_the_climb() -> None:
    claim = Claim(key="cauchy-schwarz", statement=cauchy_schwarz)
    found = hunt(claim, matrices(count=2, max_dimension=3), seed=0, recipes=40)
    assert found.outcome == "survived"


def test_where_there_is_nothing_to_climb() -> None:
    claim = Claim(key="a", statement=nearly_orthogonal)
    zeros = MatrixCase((np.zeros((3, 2, 2)),))
    assert climb(claim, near(zeros), seed=0) is None
    large = MatrixCase((np.random.default_rng(0).normal(size=(4, 20, 20)),))
    assert climb(claim, near(large), seed=0) is None
    accused, nearest, _ = attack(claim, zeros, seed=0, most=2)
    assert (accused.cases, nearest is not None) == ((), True)


def test_recipes_that_all_are_vacuous_are_not_climbed() -> None:
    def never(case: Any, num: Any) -> Any:
        yield suppose(False, "never")
        yield conclude(True)

    claim = Claim(key="never", statement=never)
    assert climb_recipes(claim, st.just(MatrixCase((np.eye(2),))), seed=0, number=0) is None
