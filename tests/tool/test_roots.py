"""Square roots and singular values in exact arithmetic, and their enclosures in Fractions."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rational_matrices import decompositions, matrices, matrix
from theorems.arithmetic import Fractions, Rational
from theorems.arithmetic.base import NO, UNKNOWN, YES, Arithmetic
from theorems.arithmetic.enclosed_roots import EnclosedRoot
from theorems.arithmetic.enclosure import Enclosure
from theorems.arithmetic.field import ExactField
from theorems.arithmetic.roots import Root, inertia
from theorems.case import SVD, MatrixCase
from theorems.errors import Undefined, Unsupported
from theorems.statement import at_most, equal, less_than

EXACT: list[Callable[[], ExactField]] = [Rational, Fractions]
exact = pytest.mark.parametrize("make", EXACT)


def verdict(num: Arithmetic, condition: Any) -> int:
    return int(num.decide(condition).verdicts[0])


@exact
def test_rational_roots_are_rational(make: Callable[[], ExactField]) -> None:
    num = make()
    assert num.sqrt(num.number(9, 4)) == num.number(3, 2)
    assert num.sqrt(num.number(0)) == num.number(0)
    assert isinstance(num.sqrt(num.number(2)), Root)
    with pytest.raises(Undefined, match="negative"):
        num.sqrt(num.number(-1))


@exact
def test_products_of_roots(make: Callable[[], ExactField]) -> None:
    num = make()
    two, eight = num.sqrt(num.number(2)), num.sqrt(num.number(8))
    assert two * eight == num.number(4)
    assert eight / two == num.number(2)
    assert two**2 == num.number(2)
    assert verdict(num, equal(two * num.number(2), eight)) == YES
    assert verdict(num, equal(num.number(4) / two, eight)) == YES
    assert verdict(num, less_than(two, num.number(141421356237, 10**11))) == NO
    assert verdict(num, less_than(two, num.number(141421356238, 10**11))) == YES
    assert verdict(num, at_most(num.number(-3), two)) == YES
    assert two * num.number(0) == num.number(0)


def test_rational_has_no_sums_of_roots() -> None:
    num = Rational()
    root = num.sqrt(num.number(2))
    attempts: list[Callable[[], Any]] = [
        lambda: root + root,
        lambda: root - num.number(1),
        lambda: num.number(1) - root,
        lambda: -root,
        lambda: root * num.number(-1),
        lambda: num.sqrt(root),
    ]
    for attempt in attempts:
        with pytest.raises(Unsupported):
            attempt()
    assert root + num.number(0) is root


def test_fractions_enclose_sums_of_roots() -> None:
    num = Fractions()
    two, three = num.sqrt(num.number(2)), num.sqrt(num.number(3))
    total = two + three
    assert isinstance(total, Enclosure)
    # (sqrt 2 + sqrt 3)^2 = 5 + 2 sqrt 6, and the sum is about 3.14626436994197
    assert verdict(num, less_than(num.number(314626436994, 10**11), total)) == YES
    assert verdict(num, less_than(total, num.number(314626436994, 10**11))) == NO
    assert verdict(num, equal(total * total, num.number(5) + num.number(2) * num.sqrt(num.number(6)))) == UNKNOWN
    assert verdict(num, equal(total, num.number(3))) == NO
    for value, wanted in [
        (-two, -math.sqrt(2)), (two - num.number(1), math.sqrt(2) - 1), (num.number(1) - two, 1 - math.sqrt(2)),
        (two * num.number(-3), -3 * math.sqrt(2)), (num.sqrt(two), 2**0.25), (total - two, math.sqrt(3)),
        (two - total, -math.sqrt(3)), (total / two, 1 + math.sqrt(1.5)), (two / total, 1 / (1 + math.sqrt(1.5))),
        (num.minimum(total, two), math.sqrt(2)), (num.maximum(two, total), math.sqrt(2) + math.sqrt(3)),
    ]:  # fmt: skip
        assert isinstance(value, Enclosure)
        assert math.isclose(float(value), wanted, rel_tol=1e-14)
        assert value.high - value.low < Fraction(1, 10**70)


@exact
def test_ties_against_a_threshold_are_decided(make: Callable[[], ExactField]) -> None:
    """sigma = (2, 2, 1) against t beside, below and above each value, without a known decomposition."""
    num = make()
    Q = matrix([[Fraction(1, 3), Fraction(-2, 3), Fraction(-2, 3)], [Fraction(-2, 3), Fraction(1, 3), Fraction(-2, 3)],
                [Fraction(-2, 3), Fraction(-2, 3), Fraction(1, 3)]])  # fmt: skip
    A = num.load(MatrixCase((Q @ np.diag(np.array([2, 2, 1], dtype=object)),))).matrices[0]
    tiny = num.number(1, 10**40)
    for k, sigma in [(1, 2), (2, 2), (3, 1), (4, 0)]:
        value, t = num.singular_value(A, k), num.number(sigma)
        assert verdict(num, equal(value, t)) == YES
        assert verdict(num, at_most(value, t)) == YES
        assert verdict(num, less_than(value, t)) == NO
        assert verdict(num, less_than(value, t + tiny)) == YES
        assert verdict(num, at_most(value, t - tiny)) == NO
    assert verdict(num, equal(num.singular_value(A, 1), num.singular_value(A, 2))) == YES
    assert verdict(num, less_than(num.singular_value(A, 3), num.singular_value(A, 2))) == YES


@exact
def test_singular_values_of_similar_matrices_are_equal(make: Callable[[], ExactField]) -> None:
    """||Q A||_2 = ||A||_2 for an orthogonal Q, irrational on both sides."""
    num = make()
    A = matrix([[1, 2], [3, 4]])
    Q = matrix([[Fraction(3, 5), Fraction(-4, 5)], [Fraction(4, 5), Fraction(3, 5)]])
    case = num.load(MatrixCase((A, Q @ A, A * 2, A + matrix([[Fraction(1, 10**30), 0], [0, 0]]))))
    norm, turned, twice, moved = (num.spectral_norm(B) for B in case.matrices)
    assert verdict(num, equal(norm, turned)) == YES
    assert verdict(num, equal(norm * num.number(2), twice)) == YES
    assert verdict(num, less_than(norm, twice)) == YES
    assert verdict(num, equal(norm, twice)) == NO
    if isinstance(num, Fractions):
        assert verdict(num, less_than(norm, moved)) == YES  # closer than floats can tell
    else:
        with pytest.raises(Unsupported):
            num.decide(less_than(norm, moved))


@settings(max_examples=40, deadline=None)
@given(matrices(3, 3))
def test_inertia_counts_the_eigenvalues(A: Any) -> None:
    S = A + A.T
    num = Fractions()
    negative, zero, positive = inertia(num.array(S), num.characteristic_polynomial)
    eigenvalues = np.linalg.eigvalsh(S.astype(float))
    assert negative + zero + positive == 3
    assert negative >= (eigenvalues < -1e-6).sum()
    assert positive >= (eigenvalues > 1e-6).sum()
    assert zero <= (np.abs(eigenvalues) < 1e-6).sum()


@settings(max_examples=40, deadline=None)
@given(matrices(3, 2), st.integers(1, 2))
def test_enclosed_singular_values_against_numpy(A: Any, k: int) -> None:
    wanted = np.linalg.svd(A.astype(float), compute_uv=False)[k - 1]
    value = EnclosedRoot(Fraction(1), Fractions().array(A), k).enclosure()
    assert float(value) == pytest.approx(wanted, rel=1e-9, abs=1e-7)
    assert value.high - value.low <= value.high / 2**100


@exact
@settings(max_examples=25, deadline=None)
@given(d=decompositions(3, 3))
def test_known_decompositions_and_inertia_agree(make: Callable[[], ExactField], d: SVD) -> None:
    num = make()
    loaded = num.load(d)
    unknown = [num.singular_value(loaded.matrix, k) for k in (1, 2, 3)]
    with num.running(loaded):
        known = [num.singular_value(loaded.matrix, k) for k in (1, 2, 3)]
    for a, b, s in zip(unknown, known, loaded.s, strict=True):
        assert verdict(num, equal(a, b)) == YES
        assert b == s


def test_extreme_scales_do_not_disturb_margins() -> None:
    num = Rational()
    big = num.load(MatrixCase((matrix([[10**400, 1], [1, 10**390]]),))).matrices[0]
    decision = num.decide(at_most(num.spectral_norm(big), num.number(1)))
    assert decision.verdicts[0] == NO
    assert not np.isnan(decision.margins[0])
    small = num.decide(at_most(num.number(10**20 + 1, 10**20), num.number(1)))
    assert small.margins[0] == pytest.approx(-1e-20)
    assert float(Root(Fraction(2, 10**700))) == 0.0
    assert float(Root(Fraction(2, 10**400))) == pytest.approx(math.sqrt(2) * 1e-200)


@exact
@pytest.mark.parametrize(("rows", "k"), [([[2, -3], [4, -6]], 2), ([[1, 2, 3], [4, 5, 6], [7, 8, 9]], 3)])
def test_multiples_of_a_singular_value_that_is_zero_are_equal(
    make: Callable[[], ExactField], rows: list[list[int]], k: int
) -> None:
    num = make()
    (A,) = num.load(MatrixCase((matrix(rows),))).matrices
    with num.running(()):
        zero, last = num.singular_value(A, k), num.singular_value(A, k - 1)
        many, other = zero * num.number(10**6), num.singular_value(A.mT, k) * num.sqrt(num.number(2))
        for x, y in ((zero, many), (many, zero), (zero, other), (other, many), (zero, num.number(0))):
            assert verdict(num, equal(x, y)) == YES
            assert verdict(num, at_most(x, y)) == YES
            assert verdict(num, less_than(x, y)) == NO
        twice = last * num.number(2)
        assert verdict(num, less_than(last, twice)) == YES
        assert verdict(num, at_most(twice, last)) == NO
        assert verdict(num, at_most(zero, last)) == YES
