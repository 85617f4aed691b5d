"""The driver: hypotheses, skipping, vacuity for each member, undefined constructions, existence."""

from __future__ import annotations

from collections.abc import Generator
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import pytest

from tests.rational_matrices import matrix
from theorems.arithmetic import ARITHMETICS, Float64, Rational
from theorems.case import MatrixCase
from theorems.claim import Claim, Outcome
from theorems.errors import Unsupported
from theorems.judge.driver import check
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, exists, suppose

Steps: TypeAlias = "Generator[Suppose | Conclude, None, None]"
every = pytest.mark.parametrize("name", list(ARITHMETICS))
closed: list[str] = []


def one(*rows: list[Any]) -> MatrixCase:
    return MatrixCase((matrix(list(rows)),))


REGULAR, SINGULAR = one([2, 0], [0, 4]), one([1, 2], [2, 4])


def inverse_is_large(case: MatrixCase, num: Any) -> Steps:
    """tr(A^{-1}) >= 1 for a non-singular A with tr A >= 0: false for A = diag(2, 4)."""
    (A,) = case.matrices
    try:
        yield suppose(num.nonsingular(A), "A is non-singular")
        yield suppose(at_most(num.number(0), num.trace(A)), "tr A >= 0")
        yield conclude(at_most(num.number(1), num.trace(num.inverse(A))), "tr(A^{-1}) >= 1")
    finally:
        closed.append(num.name)


@every
def test_outcomes(name: str) -> None:
    make = ARITHMETICS[name]
    closed.clear()
    report = check(inverse_is_large, REGULAR, make())
    assert report.outcome is Outcome.FAILS
    assert report.margin == pytest.approx(-0.25)
    assert report.violation is not None
    assert report.violation.conclusion == "tr(A^{-1}) >= 1"
    assert make().show(report.violation.right).startswith(("0.75", "3/4"))
    assert check(inverse_is_large, one([1, 0], [0, Fraction(1, 2)]), make()).outcome is Outcome.HOLDS
    assert check(inverse_is_large, one([-1, 0], [0, Fraction(1, 2)]), make()).outcome is Outcome.VACUOUS
    singular = check(inverse_is_large, SINGULAR, make())
    assert singular.outcome is Outcome.VACUOUS
    assert singular.unmet == {"A is non-singular": 1}
    assert np.isnan(singular.margin)
    assert closed == [name] * 4


@every
def test_a_skipped_hypothesis_leaves_an_undefined_construction(name: str) -> None:
    report = check(inverse_is_large, SINGULAR, ARITHMETICS[name](), skip={"A is non-singular"})
    assert report.outcome is Outcome.UNDEFINED
    claim = Claim(key="necessity", statement=inverse_is_large, skip=("tr A >= 0",))
    negative = one([-1, 0], [0, -1])
    assert check(inverse_is_large, negative, ARITHMETICS[name]()).outcome is Outcome.VACUOUS
    assert check(claim, negative, ARITHMETICS[name]()).outcome is Outcome.FAILS


def test_batches_are_judged_member_by_member() -> None:
    broken = [[np.nan, 0], [0, 1]]
    stack = np.array([[[2, 0], [0, 4]], [[1, 2], [2, 4]], [[1, 0], [0, 0.5]], [[-1, 0], [0, 0.5]], broken])
    closed.clear()
    report = check(inverse_is_large, MatrixCase((stack,)), Float64(size=5))
    wanted = [Outcome.FAILS, Outcome.VACUOUS, Outcome.HOLDS, Outcome.VACUOUS, Outcome.VACUOUS]
    for i, outcome in enumerate(wanted):
        assert report.where(outcome)[i]
        alone = check(inverse_is_large, MatrixCase((stack[i : i + 1],)), Float64(size=1))
        assert alone.outcome is outcome
        np.testing.assert_array_equal(alone.margins[0], report.margins[i])
    assert report.unmet == {"A is non-singular": 2, "tr A >= 0": 1}
    assert report.live == 2
    skipped = check(inverse_is_large, MatrixCase((stack,)), Float64(size=5), skip={"A is non-singular"})
    assert skipped.where(Outcome.UNDEFINED)[1]
    assert skipped.where(Outcome.FAILS)[0]
    dead = check(inverse_is_large, MatrixCase((stack[1:2],)), Float64(size=1))
    assert dead.outcome is Outcome.VACUOUS
    assert closed == ["float64"] * 8
    with pytest.raises(ValueError, match="single outcome"):
        _ = report.outcome


def two_conclusions(case: MatrixCase, num: Any) -> Steps:
    (A,) = case.matrices
    yield conclude(at_most(num.trace(A), num.number(0)), "first")
    yield conclude(at_most(num.trace(num.inverse(A)), num.number(0)), "second")


def test_a_failure_is_not_undone_by_what_is_undefined_later() -> None:
    stack = np.array([[[1.0, 0], [0, 0]], [[-1, 0], [0, 0]], [[-1, 0], [0, -1]]])
    report = check(two_conclusions, MatrixCase((stack,)), Float64(size=3))
    assert [report.where(o)[i] for i, o in enumerate((Outcome.FAILS, Outcome.UNDEFINED, Outcome.HOLDS))] == [True] * 3
    exact = check(two_conclusions, one([1, 0], [0, 0]), Rational())
    assert exact.outcome is Outcome.FAILS
    assert exact.violation is not None
    assert exact.violation.conclusion == "first"
    assert check(two_conclusions, one([-1, 0], [0, 0]), Rational()).outcome is Outcome.UNDEFINED


def there_is_a_small_inverse(case: MatrixCase, num: Any) -> Steps:
    """There is a value at most 1: the construction gives tr(A^{-1}), and a_12 is an obstruction."""
    (A,) = case.matrices
    obstructions = (A[..., 1, 0], A[..., 0, 1])
    yield conclude(exists(attained=lambda: num.trace(num.inverse(A)), lower_bound=obstructions, bound=num.number(1)))


@every
@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        (one([2, 0], [0, 4]), Outcome.HOLDS),  # attained: 3/4
        (one([1, 0], [0, 1]), Outcome.UNDECIDED),  # attained: 2, and no obstruction
        (one([1, 3], [0, 1]), Outcome.FAILS),  # attained: 2, obstruction: 3
        (one([4, 3], [0, 4]), Outcome.HOLDS),  # attained: 1/2, whatever the obstruction says
        (one([1, 1], [1, 1]), Outcome.UNDECIDED),  # the construction is undefined, and 1 is no obstruction to 1
        (one([2, 2], [2, 2]), Outcome.FAILS),  # the construction is undefined, and the obstruction bites
    ],
)
def test_existence(name: str, case: MatrixCase, outcome: Outcome) -> None:
    report = check(there_is_a_small_inverse, case, ARITHMETICS[name]())
    assert report.outcome is outcome
    if outcome is Outcome.FAILS:
        assert report.margin == pytest.approx((1 - float(case.matrices[0][0, 1])) / float(case.matrices[0][0, 1]))
        assert report.violation is not None
        assert float(ARITHMETICS[name]().show(report.violation.left)) == float(case.matrices[0][0, 1])


def test_existence_in_a_batch() -> None:
    stack = np.array([[[2, 0], [0, 4]], [[1, 0], [0, 1]], [[1, 3], [0, 1]], [[2, 2], [2, 2]]], dtype=float)
    report = check(there_is_a_small_inverse, MatrixCase((stack,)), Float64(size=4))
    wanted = [Outcome.HOLDS, Outcome.UNDECIDED, Outcome.FAILS, Outcome.FAILS]
    assert [report.where(o)[i] for i, o in enumerate(wanted)] == [True] * 4
    assert report.margins[2:] == pytest.approx([-2 / 3, -1 / 2])  # of the obstruction, not of the construction


def test_misuse_is_reported() -> None:
    def empty(case: MatrixCase, num: Any) -> Steps:
        yield suppose(True, "nothing")

    def odd(case: MatrixCase, num: Any) -> Steps:
        yield 3  # type: ignore[misc]

    def roots(case: MatrixCase, num: Any) -> Steps:
        yield conclude(equal(num.sqrt(num.number(2)) + num.number(1), num.number(0)))

    with pytest.raises(TypeError, match="concludes nothing"):
        check(empty, REGULAR, Rational())
    with pytest.raises(TypeError, match="suppose"):
        check(odd, REGULAR, Rational())
    with pytest.raises(Unsupported):
        check(roots, REGULAR, Rational())
    assert check(roots, REGULAR, ARITHMETICS["fractions"]()).outcome is Outcome.FAILS


@every
def test_the_worst_margin_and_undecided_hypotheses(name: str) -> None:
    def statement(case: MatrixCase, num: Any) -> Steps:
        yield conclude(at_most(num.number(1), num.number(2)))
        yield suppose(None, "nobody knows")
        yield conclude(at_most(num.number(1), num.number(1)))

    report = check(statement, REGULAR, ARITHMETICS[name]())
    assert report.margin == pytest.approx(0.5)
    skipped = check(statement, REGULAR, ARITHMETICS[name](), skip=["nobody knows"])
    assert skipped.margin == 0
    assert skipped.outcome is Outcome.HOLDS


@every
def test_the_generator_is_closed_though_others_still_hold_it(name: str) -> None:
    held: list[Steps] = []

    def statement(case: MatrixCase, num: Any) -> Steps:
        held.append(inverse_is_large(case, num))
        return held[-1]

    closed.clear()
    for case in (REGULAR, SINGULAR):
        check(statement, case, ARITHMETICS[name]())
    assert closed == [name] * 2
