"""Statements on exponentials: floats that lose all digits accuse nobody, and what only digits can tell is told."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from theorems import Claim, check, conclude, equal
from theorems.arithmetic import Ball, Float64, MultiPrecision
from theorems.case import MatrixCase, exact, fractions
from theorems.claim import Outcome
from theorems.errors import Unsupported
from theorems.strategies import matrices, vectors
from theorems.strategies.default import default_attack
from theorems.strategies.search.conviction import Ending, escalate, judge
from theorems.strategies.search.hunt import hunt
from theorems.strategies.search.sweep import sweep


def definite(case: Any, num: Any) -> Any:
    """e^A is positive definite: for symmetric A, which is all that is drawn here."""
    (A,) = case.matrices
    yield conclude(num.positive_definite(num.exponential(A)), "e^A > 0")


def slope_of_sigmoid(case: Any, num: Any) -> Any:
    """sigma' = sigma (1 - sigma)."""
    (x,) = case.vectors
    s = num.sigmoid(x)
    found = num.jacobian(lambda y, num: num.sigmoid(y), x)
    yield conclude(equal(found, num.diagonal(s * (1 - s))), "sigma' = sigma (1 - sigma)")


def slope_of_softmax(case: Any, num: Any) -> Any:
    """The Jacobian of softmax is diag(s) - s s^T, and that of log-sum-exp is s^T."""
    (x,) = case.vectors

    def soft(y: Any, num: Any) -> Any:
        return num.softmax(y[..., :, None])[..., :, 0]

    s = soft(x, num)
    yield conclude(equal(num.jacobian(soft, x), num.diagonal(s) - num.outer(s, s)), "diag(s) - s s^T")
    yield conclude(equal(num.gradient(lambda y, num: num.log_sum_exp(y), x), s), "s")


DEFINITE = Claim(key="definite", statement=definite)


def test_one_large_member_spoils_no_other() -> None:
    A = np.array([[[0.5, 1.0], [1.0, 0.25]], [[1e30, 0.0], [0.0, 1.0]], [[700.0, 1.0], [1.0, 3.0]]])
    got = Float64(size=3).exponential(A)
    values, V = np.linalg.eigh(A[0])
    assert np.allclose(got[0], (V * np.exp(values)) @ V.T, rtol=1e-14)
    assert np.isnan(got[1:]).all()  # no digit of the others could be trusted where entries cancel


@pytest.mark.parametrize("test", ["symmetric", "positive_semidefinite", "positive_definite", "stable", "nonsingular"])
def test_a_test_of_nan_is_not_answered(test: str) -> None:
    def asks(case: Any, num: Any) -> Any:
        yield conclude(getattr(num, test)(case.matrices[0] * -1 if test == "stable" else case.matrices[0]), test)

    batch = MatrixCase((np.array([np.eye(2), [[np.nan, 0.0], [0.0, 1.0]]]),))
    num = Float64(size=2)
    report = check(asks, batch, num)
    assert [report.where(Outcome.HOLDS).tolist(), report.where(Outcome.UNDEFINED).tolist()] == [[1, 0], [0, 1]]
    assert check(asks, MatrixCase((np.array([np.eye(2), np.eye(2)]),)), num).where(Outcome.HOLDS).all()  # forgotten


def test_enough_digits_acquit() -> None:
    """The smallest eigenvalue of e^A is e^-1200 of the largest: 480 digits see a zero."""
    case = exact(MatrixCase((np.array([[1000.0, 300.0], [300.0, -200.0]]),)))
    assert check(definite, case, MultiPrecision(480)).outcome is Outcome.FAILS
    assert escalate(DEFINITE, case).ending is Ending.ARTEFACT
    with pytest.raises(Unsupported, match="it would be huge"):
        MultiPrecision(60).exponential(MultiPrecision(60).constant([[10**9]]))


@pytest.mark.parametrize("statement", [slope_of_sigmoid, slope_of_softmax])
@pytest.mark.parametrize("x", [(0, 1), (-800, 800), (3, 10**6), (-(10**150), 0)])
def test_derivatives_stay_in_the_range_of_floats(statement: Any, x: tuple[int, ...]) -> None:
    report = check(statement, MatrixCase(vectors=(np.array([x], dtype=float),)), Float64(size=1))
    assert report.outcome is Outcome.HOLDS
    assert abs(report.margin) < 1e-12
    if max(map(abs, x)) < 1000:
        assert check(statement, MatrixCase(vectors=(fractions(np.array(x)),)), Ball()).outcome is not Outcome.FAILS


def test_an_expansion_of_the_sigmoid() -> None:
    num = MultiPrecision(30)
    zeroth, first, second, third = num.expansion(lambda e, num: num.sigmoid(2 * e), 3)
    assert [round(float(c), 12) for c in (zeroth, first, second)] == [0.5, 0.5, 0.0]
    assert math.isclose(float(third), -1 / 6)  # sigma'''(0) = -1/8, times 2^3 / 3!


def test_an_equality_of_exponentials_survives() -> None:
    """No ball decides it; where floats leave a stratum open, many digits do."""

    def determinants(case: Any, num: Any) -> Any:
        (A,) = case.matrices
        yield conclude(equal(num.determinant(num.exponential(A)), num.exp(num.trace(A))), "det e^A = e^tr A")

    claim = Claim(key="det-exp", statement=determinants)
    companion = matrices(laws=("companion", "Pascal"), max_dimension=3)
    assert judge(claim, MatrixCase((fractions(np.array([[0, 1], [1, 1]])),))).ending is Ending.UNDECIDED
    assert hunt(claim, companion, recipes=8).outcome == "survived"
    found = default_attack(claim)
    assert found is not None
    assert "moderate=True" in found.words


def test_digits_that_decide_nothing_acquit_nobody() -> None:
    def unknown(case: Any, num: Any) -> Any:
        yield conclude(None, "a test that never answers")

    claim = Claim(key="unknown", statement=unknown)
    case = MatrixCase((fractions(np.array([[1]])),))
    assert escalate(claim, case).ending is Ending.UNDECIDED
    assert hunt(claim, matrices(), recipes=4).outcome == "undecided"


def test_moderate_matrices_and_vectors_stay_away_from_the_ends_of_the_range() -> None:
    from theorems.strategies.draws import chunk_of

    def largest(moderate: bool) -> float:
        drawn = chunk_of(matrices(vectors=1, moderate=moderate), seed=0, key="x", chunk=0)
        return max(float(np.abs(array).max()) for recipe in drawn for array in recipe.arrays())

    assert largest(True) < 1e100 < largest(False)
    assert chunk_of(vectors(), seed=0, key="x", chunk=0)


def test_a_sweep_counts_no_further_than_it_goes() -> None:
    """Entries as floats had them cost 10^17: a list so long would not fit."""
    case = MatrixCase((fractions(np.array([[Fraction(0.1), Fraction(0.7)], [Fraction(1e-3), Fraction(2)]], object)),))

    def singular(case: Any, num: Any) -> Any:
        yield conclude(num.singular(case.matrices[0]), "singular")

    claim = Claim(key="singular", statement=singular)
    found = sweep(claim, case, lambda candidate: judge(claim, candidate).conviction is not None)
    assert found is not None
    assert found.matrices[0].tolist() == [[1, 0], [0, 1]]
