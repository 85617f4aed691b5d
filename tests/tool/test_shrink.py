"""Shrinking to a normal form: the same witness from different starts, and its lift to larger dimensions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from theorems import Claim, at_most, conclude, equal, less_than, suppose
from theorems.case import SVD, CountCase, MatrixCase, arrays, flaw_of_decompositions, fractions
from theorems.models.inputs import RandomVectorCase
from theorems.strategies import matrices, random_vectors
from theorems.strategies.draws import draws
from theorems.strategies.search.conviction import convict
from theorems.strategies.search.hunt import hunt
from theorems.strategies.search.lift import ONE, ZERO, lifted, padded
from theorems.strategies.search.shrink import Shrinker
from theorems.strategies.search.simplicity import cost_of, simplicity, size_of
from theorems.strategies.search.small_matrices import FREE, groups, whole
from theorems.strategies.search.sweep import sweep
from theorems.strategies.structures import PROMISED


def exact(rows: Any) -> Any:
    return fractions(np.array(rows, dtype=object))


def trace_of_a_product(case: Any, num: Any) -> Any:
    """tr(AB) <= tr(A) tr(B)."""
    A, B = case.matrices
    yield conclude(at_most(num.trace(A @ B), num.trace(A) * num.trace(B)), "tr(AB) <= tr(A) tr(B)")


def commutes(case: Any, num: Any) -> Any:
    """AB = BA."""
    A, B = case.matrices
    yield conclude(equal(A @ B, B @ A), "AB = BA")


def not_the_trace(case: Any, num: Any) -> Any:
    """tr(A) != 3: a claim whose counterexamples are of every size."""
    (A,) = case.matrices
    yield conclude(at_most(num.number(3), num.trace(A)))


TRACE = Claim(key="trace", statement=trace_of_a_product)
COMMUTES = Claim(key="commutes", statement=commutes)
SMALL = Claim(key="small", statement=not_the_trace)


def convicts(claim: Claim) -> Any:
    return lambda case: convict(claim, case) is not None


def shrunk(claim: Claim, case: Any) -> Any:
    return Shrinker(claim, convicts(claim)).shrink(case)


@pytest.mark.parametrize("claim", [TRACE, COMMUTES], ids=lambda claim: claim.key)
def test_one_witness_from_every_start(claim: Claim) -> None:
    """Without any recipes to compare with: greedy passes and sweeps alone."""
    generator = np.random.default_rng(0)
    ends, starts = set(), 0
    while starts < 12:
        n = int(generator.integers(2, 5))
        A, B = generator.integers(-9, 10, (2, n, n))
        case = MatrixCase((exact(A), exact(B)))
        if convict(claim, case) is not None:
            starts += 1
            ends.add(tuple(tuple(leaf.ravel().tolist()) for leaf in arrays(shrunk(claim, case))))
    assert len(ends) == 1
    (end,) = ends
    assert sum(cost_of(value) for leaf in end for value in leaf) == 4  # two ones and nothing else


def test_one_witness_from_every_seed() -> None:
    found = [hunt(TRACE, matrices(count=2), seed=seed, seconds=30).conviction for seed in range(3)]
    assert len({str(c.case) for c in found if c is not None}) == 1
    assert None not in found


def test_a_sweep_finds_the_simplest_entries() -> None:
    case = MatrixCase((exact([[2, 0], [1, 5]]), exact([[1, -3], [0, 1]])))
    assert convict(COMMUTES, case) is not None
    best = sweep(COMMUTES, case, convicts(COMMUTES))
    assert best is not None
    A, B = best.matrices
    every = [
        MatrixCase((exact(np.reshape(row[:4], (2, 2))), exact(np.reshape(row[4:], (2, 2)))))
        for row in np.ndindex(*[2] * 8)
    ]
    least = min((c for c in every if convict(COMMUTES, c) is not None), key=simplicity)
    assert (A.tolist(), B.tolist()) == (least.matrices[0].tolist(), least.matrices[1].tolist())
    assert sweep(COMMUTES, best, convicts(COMMUTES)) is None  # nothing is simpler
    assert sweep(TRACE, MatrixCase((exact(np.ones((7, 7), int)),) * 2), convicts(TRACE)) is None  # too many entries


def test_a_smaller_size_is_found_where_no_single_change_helps() -> None:
    """No index of the identity-like pair can be left out: the 2 x 2 witness has other entries."""
    A = exact([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    end = shrunk(TRACE, MatrixCase((A, A.T)))
    assert [leaf.shape for leaf in arrays(end)] == [(2, 2), (2, 2)]


def test_integers_reach_the_least_sum() -> None:
    def far(case: Any, num: Any) -> Any:
        a, b = case.values
        yield conclude(not (a >= 4 and b >= 3 and (a + b) % 5 == 0))

    claim = Claim(key="far", statement=far)
    for start in ((40, 30), (5, 15), (14, 6)):
        assert shrunk(claim, CountCase(start)).values == (4, 6)  # of the sums of 10, the first in the order
    assert convict(claim, CountCase((7, 3))) is not None


def test_sizes_come_before_entries() -> None:
    small, large = MatrixCase((exact([[9]]),)), MatrixCase((exact([[0, 0], [0, 0]]),))
    assert size_of(small) < size_of(large)
    assert simplicity(small) < simplicity(large)
    costs = [cost_of(Fraction(v)) for v in (0, 1, -1, 2, -2, 3)]
    assert costs == sorted(set(costs))


# lifting ------------------------------------------------------------------------------------------------------------


def test_a_family_is_noted() -> None:
    case = MatrixCase((exact([[0, 1], [0, 0]]), exact([[0, 0], [1, 0]])))
    assert lifted(TRACE, case) == "padded by zeros it is a counterexample for D = 3 to 6 as well"
    assert lifted(COMMUTES, case).startswith("padded by the identity (ones) it is")


def test_a_counterexample_of_one_dimension_alone_is_not_lifted() -> None:
    def unless_two(case: Any, num: Any) -> Any:
        (A,) = case.matrices
        yield conclude(A.shape[-1] != 2)

    claim = Claim(key="two", statement=unless_two)
    case = MatrixCase((exact([[0, 0], [0, 0]]),))
    assert convict(claim, case) is not None
    assert lifted(claim, case) == ""
    assert lifted(claim, CountCase((1,))) == ""


def test_padding_keeps_decompositions() -> None:
    d = SVD(exact([["3/5", "4/5"], ["-4/5", "3/5"]]), exact([3, 2]), exact([[0, 1], [1, 0]]))
    v = exact([1, 2])
    for kind in (ZERO, ONE):
        big, w = padded((d, v), 2, 3, (kind,) * 4)
        assert flaw_of_decompositions(big) == ""
        assert big.s.tolist() == [3, 2, *([2] * 3 if kind == ONE else [0] * 3)]
        assert (big.matrix[:2, :2] == d.matrix).all()
        assert w.tolist() == [1, 2, *([1] * 3 if kind == ONE else [0] * 3)]


# cases that keep a structure ----------------------------------------------------------------------------------------


def form_of_a_product(case: Any, num: Any) -> Any:
    """x^T A B x >= 0."""
    (A, B), (x,) = case.matrices, case.vectors
    yield conclude(at_most(num.number(0), num.dot(x, num.apply(A @ B, x))))


def trace_of_three(case: Any, num: Any) -> Any:
    """tr(ABC) >= 0."""
    A, B, C = case.matrices
    yield conclude(at_most(num.number(0), num.trace(A @ B @ C)))


def rank_of_a_hadamard_product(case: Any, num: Any) -> Any:
    """rank(A o B) <= min(rank A, rank B)."""
    A, B = case.matrices
    yield conclude(num.rank(num.hadamard(A, B)) <= num.smaller(num.rank(A), num.rank(B)))


def stable_rank(case: Any, num: Any) -> Any:
    """sr(A + B) <= sr(A) + sr(B) for the stable rank sr = ||.||_F^2 / ||.||_2^2."""
    A, B = case.matrices
    for M in (A, B, A + B):
        yield suppose(less_than(num.number(0), num.frobenius_norm_squared(M)), "no matrix is zero")
    left, *right = (num.frobenius_norm_squared(M) / num.spectral_norm(M) ** 2 for M in (A + B, A, B))
    yield conclude(at_most(left, right[0] + right[1]))


def product_of_projections(case: Any, num: Any) -> Any:
    """PQ is a projection."""
    P, Q = case.matrices
    yield conclude(equal(P @ Q @ P @ Q, P @ Q))


@pytest.mark.parametrize(
    ("statement", "strategy", "rows", "vectors"),
    [
        (
            form_of_a_product, matrices(count=2, structure="psd", vectors=1),
            [[[1, 1], [1, 1]], [[1, 0], [0, 0]]], [[1, -2]],
        ),
        (
            trace_of_three, matrices(count=3, structure="psd"),
            [[[4, 2], [2, 1]], [[1, -1], [-1, 1]], [[0, 0], [0, 1]]], [],  # of (2, 1), (1, -1) and (0, 1)
        ),
        (rank_of_a_hadamard_product, matrices(count=2), [[[1, 1], [1, 1]], [[1, 0], [0, 1]]], []),
        (stable_rank, matrices(count=2), [np.diag([2, 1, 1]), np.diag([-1, 0, 0])], []),
        (
            product_of_projections, matrices(count=2, structure="orthogonal projection"),
            [[[1, 0], [0, 0]], [[Fraction(1, 2)] * 2] * 2], [],
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_what_a_careful_person_would_find(statement: Any, strategy: Any, rows: Any, vectors: Any) -> None:
    claim = Claim(key=statement.__name__, statement=statement)
    for seed in range(3):
        found = hunt(claim, strategy, seed=seed, recipes=60).conviction
        assert found is not None
        assert [A.tolist() for A in found.case.matrices] == [np.asarray(row).tolist() for row in rows]
        assert [x.tolist() for x in found.case.vectors] == vectors


def test_rows_columns_and_points_are_left_out() -> None:
    def tall(case: Any, num: Any) -> Any:
        """The leverages of a regression are at most p / n."""
        H = num.projection(case.matrices[0])
        yield conclude(at_most(H[..., 0, 0], num.number(case.matrices[0].shape[-1], case.matrices[0].shape[-2])))

    def uncorrelated(case: Any, num: Any) -> Any:
        """Uncorrelated variables are independent."""
        x, y, w = case.points[..., 0], case.points[..., 1], case.weights
        yield suppose(equal(num.covariance(x, y, w), num.number(0)), "Cov(X, Y) = 0")
        yield conclude(num.independent(x, y, w))

    start = MatrixCase((exact([[3, 1], [1, 2], [0, 5], [4, 4]]),))
    assert shrunk(Claim(key="tall", statement=tall), start).matrices[0].tolist() == [[1], [0]]
    claim = Claim(key="uncorrelated", statement=uncorrelated)
    for seed in range(3):
        found = hunt(claim, random_vectors(min_dimension=2), seed=seed, recipes=60).conviction
        assert found is not None
        assert found.case.points.tolist() == [[1, 0], [0, 1], [0, -1]]


@pytest.mark.parametrize("structure", [name for name in PROMISED if name != "psd-rank-one"])
def test_what_is_listed_keeps_its_structure(structure: str) -> None:
    """And the cheapest come first; entries of a group are equal up to sign, the others zero."""
    names = tuple(one.name for one in PROMISED[structure])
    for n in (1, 2, 3):
        listed = whole(names, (n, n))
        costs = [sum(map(cost_of, entries)) for entries in listed]
        assert costs == sorted(costs)
        for entries in listed:
            array = np.array(entries, dtype=object).reshape(n, n)
            assert all(one.exact(array) for one in PROMISED[structure]), structure
        made = exact(np.zeros((n, n), dtype=int))
        for value, group in enumerate(groups(names, (n, n)) or [], 1):
            for place, sign in group:
                made[place] = Fraction(sign * value)
        if groups(names, (n, n)):
            assert all(one.exact(made) for one in PROMISED[structure] if one.name not in FREE), structure
        assert listed or groups(names, (n, n)) is not None or n > 2 or not names, structure


def test_bounds_of_axes_that_the_type_names_are_kept() -> None:
    recipe = next(iter(draws(random_vectors(min_dimension=2), seed=0, key="bounds")))
    case = recipe.exact()
    assert recipe.domain.flaw(case) == ""
    small = RandomVectorCase(case.matrix[:1, :1], case.points[:, :1], case.weights)
    assert "n = 1 is out of range: give 2 to 4" in recipe.domain.flaw(small)
