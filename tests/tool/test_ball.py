"""Balls: what they certify is true, and they certify nothing that is not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rational_matrices import decompositions, matrices, matrix, vector
from theorems.arithmetic import Ball, Rational
from theorems.arithmetic.base import NO, UNKNOWN, YES
from theorems.case import SVD, Array, MatrixCase, exact
from theorems.errors import Undefined, Unsupported
from theorems.statement import at_most, equal, less_than


def verdict(num: Ball, condition: Any) -> int:
    return int(num.decide(condition).verdicts[0])


def load(num: Any, *arrays: Array) -> tuple[Array, ...]:
    loaded: MatrixCase = num.load(MatrixCase(arrays))
    return loaded.matrices


def holds(ball: arb, value: Any) -> bool:
    """Whether a ball holds a rational number: that number is taken at a far higher precision."""
    with ctx.workprec(4000):
        return bool(ball.contains(arb(value if isinstance(value, fmpq) else fmpq(value.numerator, value.denominator))))


def encloses(balls: Any, values: Any) -> bool:
    """Whether every ball holds the exact value (an fmpq), with a radius below 10^-60 of it."""
    pairs = list(zip(np.ravel(balls), np.ravel(values), strict=True))
    return all(holds(b, v) and b.rad() < arb(10) ** -60 * (1 + abs(arb(v))) for b, v in pairs)


@settings(max_examples=40, deadline=None)
@given(matrices(4, 4), matrices(4, 4))
def test_balls_enclose_the_exact_values(A: Array, B: Array) -> None:
    ball, rational = Ball(), Rational()
    (a, b), (p, q) = load(ball, A, B), load(rational, A, B)
    with ball.running(()):
        assert encloses(a @ b + a, p @ q + p)
        assert encloses(a[:, :2] @ b[:2, :], p[:, :2] @ q[:2, :])
        assert encloses(ball.determinant(a), rational.determinant(p))
        assert encloses(ball.trace(a), rational.trace(p))
        assert encloses(ball.frobenius_norm_squared(a), rational.frobenius_norm_squared(p))
        assert encloses(ball.relu(a), rational.relu(p))
        assert encloses(ball.absolute(a), rational.absolute(p))
        assert encloses(ball.minimum(a, b), rational.minimum(p, q))
        if rational.nonsingular(p):
            assert ball.nonsingular(a) is True
            assert encloses(ball.solve(a, b), rational.solve(p, q))
            assert ball.rank(a) == 4
        else:
            assert ball.nonsingular(a) is not True
            with pytest.raises((Unsupported, Undefined)):
                ball.solve(a, b)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_singular_values_hold_the_exact_ones(m: int, n: int, data: st.DataObject) -> None:
    """Ties and zeros included, with and without the decomposition at hand."""
    d = data.draw(decompositions(m, n))
    num = Ball()
    loaded = num.load(d)
    for running in (loaded, ()):
        with num.running(running):
            A = loaded.matrix
            for k, s in enumerate(d.s, start=1):
                value = num.singular_value(A, k)
                assert holds(value, s)
                assert value.rad() < arb(10) ** (-30 if s == 0 else -60)
            assert num.singular_value(A, min(m, n) + 1) == 0


def test_a_cluster_and_a_tie_are_enclosed() -> None:
    """sigma = 1, 1, 1 - 10^-30: floats cannot separate them, and the enclosures must not pretend otherwise."""
    num = Ball()
    s = vector([1, 1, 1 - Fraction(1, 10**30)])
    (A,) = load(num, np.asarray(_reflection([1, 2, 3])) * s @ _reflection([2, -1, 5]))
    with num.running(()):
        values = [num.singular_value(A, k) for k in (1, 2, 3)]
        for value, wanted in zip(values, s, strict=True):
            assert holds(value, wanted)
        assert verdict(num, less_than(values[2], values[1])) == YES
        assert verdict(num, equal(values[0], values[1])) == UNKNOWN


def _reflection(v: list[int]) -> Array:
    norm = sum(x * x for x in v)
    n = len(v)
    return matrix([[int(i == j) - Fraction(2 * v[i] * v[j], norm) for j in range(n)] for i in range(n)])


def test_large_matrices_against_numpy() -> None:
    A = np.random.default_rng(5).standard_normal((60, 50))
    num = Ball()
    (loaded,) = load(num, *exact(MatrixCase((A,))).matrices)
    s = np.linalg.svd(A, compute_uv=False)
    with num.running(()):
        for k in (1, 25, 50):
            value = num.singular_value(loaded, k)
            assert float(value) == pytest.approx(s[k - 1], rel=1e-12)
            assert float(value.rad()) < 1e-11


def test_relations_are_three_valued() -> None:
    num = Ball()
    third, other = num.number(1, 3), num.number(1, 3)
    with num.running(()):
        assert verdict(num, equal(third, other)) == UNKNOWN
        assert verdict(num, at_most(third, other)) == UNKNOWN
        assert verdict(num, less_than(third, other)) == UNKNOWN
        assert verdict(num, equal(num.number(1, 4), num.number(1, 4))) == YES
        assert verdict(num, less_than(num.number(1, 4), num.number(1, 4))) == NO
        assert verdict(num, at_most(third, num.number(1, 4))) == NO
        assert verdict(num, equal(third, num.number(1, 4))) == NO
        array = num.constant([Fraction(1, 3), Fraction(1, 2)])
        assert verdict(num, equal(array, num.constant([Fraction(1, 3), Fraction(1, 4)]))) == NO
        assert verdict(num, at_most(array, num.constant([Fraction(1, 3), 1]))) == UNKNOWN
        nan = arb("nan")
        decision = num.decide(at_most(nan, third))
        assert decision.verdicts[0] == UNKNOWN
        assert decision.margins[0] == 0.0
        assert num.symmetric(num.constant([[0, 1], [1, 0]])) is True
        assert num.symmetric(num.constant([[0, 1], [2, 0]])) is False
        assert num.symmetric(num.constant([[0, Fraction(1, 3)], [Fraction(1, 3), 0]])) is None


def test_positive_semidefinite() -> None:
    num = Ball()
    with num.running(()):
        assert num.positive_semidefinite(num.constant([[2, 1], [1, 2]])) is True
        assert num.positive_semidefinite(num.constant([[1, 2], [2, 1]])) is False
        assert num.positive_semidefinite(num.constant([[1, 1], [1, 1]])) is True  # on the boundary
        assert num.positive_semidefinite(num.constant([[1, 0], [1, 1]])) is False  # not symmetric
        assert num.positive_semidefinite(num.times(num.number(1, 3), num.constant([[1, 1], [1, 1]]))) is None
        assert num.positive_semidefinite(num.zeros(2, 2)) is True
        assert num.positive_semidefinite(num.constant([[Fraction(-1, 3)]])) is False


def test_balls_that_touch_zero_stay_rigorous() -> None:
    num = Ball()
    with num.running(()):
        x = arb(0, 1)
        assert num.sqrt(x).contains(0)
        assert num.sqrt(x).contains(1)
        assert num.sqrt(x).is_finite()
        assert num.absolute(arb(-1, 2)).contains(3)
        assert not num.absolute(arb(-1, 2)).contains(-1)
        relu = num.relu(num.array([arb(-1, 2), arb(-3, 1), arb(3, 1)]))
        assert relu[0].contains(0)
        assert relu[0].contains(1)
        assert relu[1] == 0
        assert relu[2].contains(2)
        assert relu[2].contains(4)
        assert num.nonsingular(num.array([[x]])) is None
        with pytest.raises(Unsupported, match="undecided"):
            num.solve(num.array([[x]]), num.array([[arb(1)]]))
        with pytest.raises(Unsupported):
            num.log(x)
        with pytest.raises(Undefined):
            num.sqrt(arb(-1))
        with pytest.raises(Unsupported):
            num.zero(num.array([arb(0), x]))
        assert num.zero(num.array([arb(0), arb(1)])).tolist() == [True, False]


def test_rank_is_certain_or_unsupported() -> None:
    num = Ball()
    with num.running(()):
        assert num.rank(num.constant([[1, 2, 3], [4, 5, 6]])) == 2
        assert num.rank(num.zeros(2, 3)) == 0
        with pytest.raises(Unsupported, match="rank"):
            num.rank(num.constant([[1, 2], [2, 4]]) * num.number(1, 3))
        assert num.rank(num.constant([[1, 2], [2, 4]])) == 1  # exact balls
        assert num.determinant(num.constant([[1, 2], [2, 4]])) == 0
        wide = num.determinant(num.constant([[1, 2, 3], [2, 4, 6], [1, 1, 1]]) * num.number(1, 3))
        assert wide.contains(0)
        assert wide.rad() < arb(10) ** -60


@settings(max_examples=20, deadline=None)
@given(st.lists(st.fractions(-50, 50, max_denominator=20), min_size=3, max_size=3))
def test_softmax_against_mpmath(column: list[Fraction]) -> None:
    num, context = Ball(), mpmath.MPContext()
    context.dps = 100
    powers = [context.exp(context.mpf(x.numerator) / x.denominator) for x in column]
    with num.running(()):
        values = num.softmax(num.constant([[x] for x in column]))
        for ball, power in zip(values[:, 0], powers, strict=True):
            wanted = arb(context.nstr(power / sum(powers), 90))
            assert ball.overlaps(wanted)
            assert ball.rad() < arb(10) ** -60
        assert sum(values[:, 0], arb(0)).contains(1)
        huge = num.softmax(num.constant([[10**6], [10**6 - 1]]))
        assert float(huge[0, 0]) == pytest.approx(1 / (1 + np.exp(-1)))


def _svd() -> SVD:
    return SVD(_reflection([1, 2]), vector([2, 1]), _reflection([3, 1]))


BAD = {
    "wrong order": SVD(_svd().U, vector([1, 2]), _svd().V),
    "not orthogonal": SVD(_svd().U * 2, vector([2, 1]), _svd().V),
    "negative": SVD(_svd().U, vector([2, -1]), _svd().V),
}


@pytest.mark.parametrize("make", [Ball, Rational])
@pytest.mark.parametrize("name", BAD)
def test_invalid_decompositions_are_refused(name: str, make: Any) -> None:
    num = make()
    loaded = num.load(BAD[name])
    with num.running(loaded), pytest.raises(Unsupported):
        num.svd(loaded.matrix)


@pytest.mark.parametrize("make", [Ball, Rational])
def test_a_decomposition_of_another_matrix_is_refused(make: Any) -> None:
    num = make()
    loaded = num.load(_svd())
    with num.running(loaded):
        assert num.svd(loaded.matrix) is loaded
        with pytest.raises(Unsupported):
            num.svd(loaded.matrix + num.constant([[0, Fraction(1, 10**30)], [0, 0]]))
        tied = num.load(SVD(_svd().U, vector([Fraction(1, 3)] * 2), _svd().V))
    with num.running(tied):
        assert num.svd(tied.matrix) is tied


def test_the_precision_is_left_as_it_was() -> None:
    before = ctx.prec
    num = Ball(bits=512)
    case = num.load(MatrixCase((matrix([[Fraction(1, 3)]]),)))
    assert case.matrices[0][0, 0].rel_accuracy_bits() > 500
    with num.running(case):
        assert ctx.prec == 512
    assert ctx.prec == before


def test_products_over_an_empty_dimension_are_zero() -> None:
    num = Ball()
    empty: Any = num.zeros(3, 0) @ num.zeros(0, 2)
    assert empty.shape == (3, 2)
    assert all(entry == 0 for entry in empty.flat)


def test_show() -> None:
    num = Ball()
    with num.running(()):
        assert num.show(num.number(1, 4)) == "0.250000000000"
        assert num.show(num.constant([1, 2])).startswith("[1.0")


# decompositions that a case carries ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("m", "n"), [(3, 2), (2, 3), (2, 2), (1, 3)])
def test_a_known_decomposition_is_found_for_every_shape(m: int, n: int) -> None:
    k = min(m, n)
    known = SVD(np.eye(m, k), np.array([3.0, 0.25][:k]), np.eye(n, k))
    num = Ball()
    case = num.load(exact(known))
    with num.running(case):
        found = num.svd(case.matrix)
        assert found is case
        with pytest.raises(Unsupported, match="does not carry"):
            num.svd(case.matrix + case.matrix[0, 0])
        if m != n:
            with pytest.raises(Unsupported, match="does not carry"):
                num.svd(case.matrix.mT)


def test_a_decomposition_of_wide_balls_is_none() -> None:
    """They overlap everything nearby, which says nothing: each of U, s and V has to be narrow."""
    num = Ball()
    wide = arb(0, 0.01)
    for spoil in ("U", "s", "V"):
        known = num.load(SVD(*(exact(x) for x in (np.eye(2), np.array([0.5, 0.0]), np.eye(2)))))
        A = known.matrix
        if spoil == "s":
            known.s[0] = known.s[0] + wide
        else:  # the direction of the zero, so that the product is as before
            getattr(known, spoil)[1, 1] += wide
        with num.running(known), pytest.raises(Unsupported, match="does not carry"):
            num.svd(A)
