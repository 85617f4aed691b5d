"""Claims on LoRA: the factors by hand, obstructions, bad input, mutations."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from theorems import SVD, Claim, CountCase, InputError, Outcome, check, conclude, equal
from theorems.arithmetic import Rational
from theorems.case import Array, fractions
from theorems.strategies.search.hunt import hunt
from theorems.strategies.texts.textbook.lora.recipes import fits, lora_cases
from theorems.texts.textbook.lora import adalora
from theorems.texts.textbook.lora import counts as lora_counts
from theorems.texts.textbook.lora import sets as lora_set
from theorems.texts.textbook.lora import training as lora_training
from theorems.texts.textbook.spectra import alignment
from theorems.texts.textbook.training.cases import FitCase, LoraCase


def matrix(rows: Any) -> Array:
    return fractions(np.array(rows, dtype=object))


def lora_case(B: Any, A: Any, G: Any) -> LoraCase:
    B, A, G = matrix(B), matrix(A), matrix(G)
    r = A.shape[0]
    return LoraCase(G * 0, B, A, G, matrix(np.eye(r, dtype=int)), matrix([1] * G.shape[1]), matrix([1]))


def fit_case(values: list[int], r: int, *, weight: Any = 1, scales: Any = None) -> FitCase:
    n = len(values)
    eye = matrix(np.eye(n, dtype=int))
    s = matrix(scales if scales is not None else [1] * r)
    return FitCase(SVD(eye, matrix(values), eye), eye[:, :r], eye[:r], s, matrix([weight]), matrix([1]), 1)


def test_the_jacobian_is_the_derivative_of_the_product() -> None:
    generator = np.random.default_rng(1)
    num = Rational()
    B, dB = (fractions(generator.integers(-3, 4, (3, 2))) for _ in range(2))
    A, dA = (fractions(generator.integers(-3, 4, (2, 4))) for _ in range(2))
    odd = ((B + dB) @ (A + dA) - (B - dB) @ (A - dA)) / 2
    J = lora_set.jacobian(num.load(B), num.load(A), num)
    line = num.load(np.concatenate([dB.ravel(), dA.ravel()]))
    assert [str(x) for x in num.apply(J, line)] == [str(x) for x in odd.ravel()]


@pytest.mark.parametrize(("m", "n", "r"), [(1, 1, 1), (2, 3, 1), (3, 3, 2), (4, 3, 3)])
def test_the_dimension_of_the_lora_set(m: int, n: int, r: int) -> None:
    num = Rational()
    B, A = num.load(matrix(np.eye(m, r, dtype=int))), num.load(matrix(np.eye(r, n, dtype=int)))
    assert num.rank(lora_set.jacobian(B, A, num)) == r * (m + n - r)
    assert num.rank(lora_set.jacobian(B * 0, A, num)) == r * m  # the usual start
    assert num.rank(lora_set.jacobian(B * 0, A * 0, num)) == 0


def test_a_step_by_hand() -> None:
    num = Rational()
    case = num.load(lora_case([[2]], [[1]], [[1]]))
    B, A = lora_training.factor_step(case.B, case.A, case.gradient, case.step[0], num)
    assert (str(B[0, 0]), str(A[0, 0])) == ("1", "-1")
    assert str(lora_training.movement(case, num)[0, 0]) == "-3"  # 2 -> -1: -(4 + 1) + 2


def test_a_fit_that_is_trained_by_hand() -> None:
    num = Rational()
    case = num.load(fit_case([3], 1))
    B, A = alignment.trained(case, num)  # residual 1 - 3 = -2, step 1
    assert (str(B[0, 0]), str(A[0, 0])) == ("3", "3")
    assert str(alignment.misalignment(B @ A, case, num)) == "36"


def test_soft_thresholding() -> None:
    num = Rational()
    values = num.load(matrix([3, 1, Fraction(1, 2)]))
    assert [str(x) for x in adalora.soft(values, num.number(1), num)] == ["2", "0", "0"]


def test_the_penalty_alone_does_not_sparsify() -> None:
    """Delta W = 2, lambda = 1: s = 0 costs 2, the exact fit 4 * 1/8 * 4 costs 1/8."""
    one = matrix([[1]])
    case = FitCase(SVD(one, matrix([2]), one), one * 4, one * 4, matrix([Fraction(1, 8)]), matrix([1]), matrix([1]), 1)
    assert check(adalora.sparsity, case, Rational()).outcome is Outcome.FAILS
    assert check(adalora.sparsity_repaired, case, Rational()).outcome is Outcome.VACUOUS


def test_eckart_young_of_factors() -> None:
    case = fit_case([3, 2, 1], 1)
    report = check(lora_set.least_error, case, Rational())
    assert report.outcome is Outcome.HOLDS
    assert check(lora_set.exact_representation, case, Rational()).outcome is Outcome.VACUOUS


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: lora_case([[1, 0]], [[1], [0]], [[1]]), "r = 2 is out of range: give 1 to 1"),
        (lambda: lora_case([[1], [1]], [[1]], [[1]]), "its axis m must be 1"),
        (lambda: check(lora_counts.ratio, CountCase((2, 2, 3)), Rational()), "r <= min(m, n)"),
        (lambda: check(alignment.shapes, CountCase((2, 2)), Rational()), "three positive integers"),
    ],
)
def test_bad_input_is_one_clear_line(make: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        make()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


# mutations


def without_second_order(case: LoraCase, num: Any) -> Iterator[Any]:
    """The step in the factors to first order only."""
    yield conclude(
        equal(lora_training.movement(case, num), -num.times(case.step[..., 0], lora_training.direction(case)))
    )


def dimension_with_one_r_too_few(case: LoraCase, num: Any) -> Iterator[Any]:
    """r (m + n) - r for r (m + n) - r^2."""
    (m, n), r = case.frozen.shape[-2:], case.rank
    yield conclude(equal(num.rank(lora_set.jacobian(case.B, case.A, num)), r * (m + n) - r))


def error_one_value_early(case: FitCase, num: Any) -> Iterator[Any]:
    """The tail from i = r on."""
    d = num.svd(case.change.matrix)
    B, A = lora_set.best_factors(d, case.rank, num)
    error = num.frobenius_norm(B @ A - case.change.matrix)
    yield conclude(equal(error, lora_set.tail(d, case.rank - 1, num)))


@pytest.mark.parametrize(
    ("statement", "strategy"),
    [
        (without_second_order, lora_cases()),
        (dimension_with_one_r_too_few, lora_cases(only=("orthonormal factors",))),
        (error_one_value_early, fits()),
    ],
)
def test_mutations_are_found(statement: Any, strategy: Any) -> None:
    found = hunt(Claim(key="a/mutation", statement=statement), strategy, recipes=40, shrink=False)
    assert found.outcome == "refuted"
