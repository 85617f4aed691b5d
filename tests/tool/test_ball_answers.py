"""Known answers of balls, the doubt that they must admit, and the enclosures of singular values."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, arb_mat, ctx

from tests.rational_matrices import matrix, vector
from theorems.arithmetic import Ball, ball_spectra
from theorems.arithmetic.ball_spectra import midpoints, squared_singular_values
from theorems.arithmetic.base import FINE, NO, UNKNOWN, YES
from theorems.case import SVD, Array, MatrixCase, exact
from theorems.errors import Undecided, Undefined, Unsupported
from theorems.statement import Condition, at_most, equal, holds, less_than

THIRD = Fraction(1, 3)
#: A number between -1 and 1.
DOUBT = arb(0, 1)


@pytest.fixture
def num() -> Any:
    ball = Ball()
    with ball.running(()):
        yield ball


def decided(num: Ball, condition: Condition) -> tuple[int, float]:
    decision = num.decide(condition)
    return int(decision.verdicts[0]), round(float(decision.margins[0]), 12)


def floats(array: Any) -> Any:
    return np.asarray(array, dtype=float).tolist()


def test_bits() -> None:
    assert (Ball().bits, Ball(53).bits, Ball(100).word) == (256, 53, "certified at 100 bits")
    with pytest.raises(ValueError, match="52"):
        Ball(52)
    finer = Ball().finer()
    assert isinstance(finer, Ball)
    assert (finer.bits, finer.finer()) == (FINE, None)
    assert Ball(FINE - 1).finer() is not None
    loaded = Ball(100).load(MatrixCase((matrix([[THIRD]]),))).matrices[0][0, 0]
    assert arb(2) ** -103 < loaded.rad() < arb(2) ** -98
    before = ctx.prec
    with Ball(77).running(()):
        assert ctx.prec == 77
    assert ctx.prec == before


def test_three_valued_signs_and_zeros(num: Ball) -> None:
    assert [num.positive(x) for x in (arb(1), arb(0), arb(-1), DOUBT, arb(-2, 1), arb(2, 1))] == [
        True, False, False, None, False, True]  # fmt: skip
    assert num.zero(arb(0)) is True
    assert num.zero(arb(2, 1)) is False
    assert num.zero(num.constant([[0, 1], [2, 0]])).tolist() == [[True, False], [False, True]]
    for value in (DOUBT, num.array([arb(1), DOUBT])):
        with pytest.raises(Undecided, match="zero"):
            num.zero(value)


def test_scalars(num: Ball) -> None:
    assert num.sqrt(arb(9)) == 3
    assert num.sqrt(num.constant([9])[..., 0]) == 3
    assert num.sqrt(arb(0)) == 0
    with pytest.raises(Undefined, match="negative"):
        num.sqrt(arb(-2, 1))
    cut = num.sqrt(arb(0, 4))
    assert cut.contains(0)
    assert cut.contains(2)
    assert float(num.exp(arb(1))) == math.e
    assert float(num.exp(num.constant([0, 1]))[1]) == math.e
    assert float(num.log(arb(3))) == math.log(3)
    for value in (DOUBT, arb(1, 1)):
        with pytest.raises(Undecided, match="positive"):
            num.log(value)
    for value in (arb(0), arb(-1)):
        with pytest.raises(Undefined, match="positive"):
            num.log(value)
    assert floats(num.absolute(num.constant([-2, 3]))) == [2, 3]
    size = num.absolute(arb(1, 2))
    assert size.contains(0)
    assert size.contains(3)
    assert not size.contains(arb(-0.5))
    pair, two = num.constant([-1, 5]), arb(2)
    assert floats(num.maximum(pair, two)) == floats(num.maximum(two, pair)) == [2, 5]
    assert floats(num.minimum(pair, two)) == floats(num.minimum(two, pair)) == [-1, 2]
    assert (num.maximum(two, 3), num.maximum(3, two), num.minimum(two, 3), num.minimum(3, two)) == (3, 3, 2, 2)
    assert floats(num.relu(pair)) == [0, 5]


@pytest.mark.parametrize("n", [1, 3, 4, 6])
def test_products_on_either_side_of_the_routed_dimension(num: Ball, n: int) -> None:
    A = num.constant([[i + j for j in range(n)] for i in range(2)])
    x = num.constant(list(range(n)))
    total, squares = n * (n - 1) // 2, (n - 1) * n * (2 * n - 1) // 6
    assert floats(A @ x[:, None]) == [[squares], [squares + total]]
    assert floats(A @ x) == [squares, squares + total]
    assert x @ x == squares
    stack = np.asarray(A)[None].view(type(A))
    assert floats(stack @ x[:, None]) == [[[squares], [squares + total]]]
    assert floats(stack @ np.asarray(x)[None, :, None].view(type(A))) == [[[squares], [squares + total]]]
    empty = A[:, :0] @ num.zeros(0, 3)
    assert (floats(empty), type(empty)) == ([[0, 0, 0], [0, 0, 0]], type(A))
    assert floats(A[:, :0] @ num.zeros(0)) == [0, 0]


# matrices -----------------------------------------------------------------------------------------------------------


def blurred(rows: list[list[int]], radius: float) -> Array:
    return Ball().array(np.array([[arb(x, radius) for x in row] for row in rows], dtype=object))


#: Elimination leaves these in doubt, the polynomial without divisions (and an inverse) does not: det 26 and -31.
FOUR = [[1, 2, 3, -3], [-1, 0, 0, -1], [1, -1, -1, -2], [1, -2, 0, 1]]
FIVE = [[0, 0, 1, 0, -1], [3, -1, -3, -3, -1], [-3, 0, 1, -1, 0], [-1, 2, -2, -1, -2], [0, 0, 0, 1, 0]]
#: Here both polynomials are in doubt, and only the inverse settles it: det -4.
THREE = [[0, -1, 0], [1, 0, 1], [1, -1, -3]]


def test_determinants(num: Ball) -> None:
    assert num.determinant(num.constant([[1, 2], [3, 4]])) == -2
    assert num.determinant(num.constant([[1, 2], [2, 4]])) == 0
    assert num.determinant(num.zeros(0, 0)) == 1
    for rows, radius, wanted in ((FOUR, 2**-5, 26), (FIVE, 2**-6, -31), (THREE, 0.25, -4)):
        A = blurred(rows, radius)
        elimination = arb_mat(A.tolist()).det()
        assert elimination.contains(0)
        assert num.determinant(A).contains(wanted)
    assert not num.determinant(blurred([[2, 1], [1, 1]], 2**-9)).contains(0)
    wide = num.determinant(blurred([[1, 1, 0], [1, 1, 0], [0, 0, 1]], 2**-30))
    assert wide.contains(0)


def test_what_is_certainly_singular_or_not(num: Ball) -> None:
    assert num.nonsingular(num.constant([[1, 2], [3, 4]])) is True
    assert num.nonsingular(num.constant([[1, 2], [2, 4]])) is False
    assert num.nonsingular(num.constant([[THIRD, THIRD], [THIRD, THIRD]])) is None
    assert num.nonsingular(blurred(THREE, 0.25)) is True
    X = num.solve(num.constant([[0, 2], [3, 4]]), num.constant([[2], [10]]))
    assert floats(X) == [[2], [1]]
    with pytest.raises(Undefined, match="2 x 2"):
        num.solve(num.constant([[1, 2], [2, 4]]), num.identity(2))
    with pytest.raises(Undecided, match="2 x 2"):
        num.solve(num.constant([[THIRD, THIRD], [THIRD, THIRD]]), num.identity(2))


def test_ranks(num: Ball) -> None:
    thirds = num.constant([[THIRD, 0, 1], [0, THIRD, 1]])
    assert [num.rank(A) for A in (thirds, thirds.mT, num.zeros(0, 2), num.constant([[1, 2], [2, 4]]))] == [2, 2, 0, 1]
    assert num.rank(num.constant([[THIRD, 0], [0, THIRD]])) == 2
    for A in (num.constant([[THIRD, THIRD]] * 2), num.constant([[THIRD, THIRD, 0]] * 2)):
        with pytest.raises(Undecided, match="rank"):
            num.rank(A)
    infinite = num.constant([[1, 0], [0, 1]])
    infinite[0, 0] = arb("nan")
    with pytest.raises(Undecided):
        num.rank(infinite)


def test_symmetric_and_semidefinite(num: Ball) -> None:
    c = num.constant
    several: list[list[list[Any]]] = [[[1, 2], [2, 1]], [[1, 2], [3, 1]], [[1, THIRD], [THIRD, 1]], [[1]]]
    assert [num.symmetric(c(rows)) for rows in several] == [True, False, None, True]
    assert num.symmetric(c([[0, 0, 1], [0, 0, THIRD], [2, THIRD, 0]])) is False
    tests: list[tuple[list[list[Any]], bool | None]] = [
        ([[2, 1], [1, 2]], True), ([[1, 2], [2, 1]], False), ([[1, 1], [1, 1]], True), ([[2, 1], [0, 2]], False),
        ([[0, 0], [0, 0]], True), ([[-1, 0], [0, 1]], False), ([[2, THIRD], [THIRD, 2]], None),
        ([[1, 2, 0], [2, 5, 1], [0, 1, 2]], True), ([[1, 2, 0], [2, 5, 1], [0, 1, Fraction(1, 2)]], False),
        ([[1, 2, 0], [2, 5, 1], [0, 1, 1]], True), ([[0, 1], [1, 0]], False), ([[3]], True),
    ]  # fmt: skip
    for rows, wanted in tests:
        assert num.positive_semidefinite(c(rows)) is wanted, rows
    assert num.positive_semidefinite(num.zeros(0, 0)) is True


def test_norms_are_not_negative(num: Ball) -> None:
    assert num.norm_squared(num.constant([3, 4])) == 25
    assert num.norm(num.constant([3, 4])) == 5
    assert num.norm_squared(num.array([arb(0, 1), arb(0, 1)])).lower() >= 0
    assert float(num.frobenius_norm(num.constant([[1, 1], [1, 1]]))) == 2
    X = num.constant([[0, 5000], [1, 5001]])
    stack = np.asarray(X)[None].view(type(X))
    assert floats(num.softmax(num.concatenate([stack, stack[:, :, ::-1]], -3))[1]) == pytest.approx(
        np.array([[1, 1], [math.e, math.e]]) / (1 + math.e))  # fmt: skip
    assert floats(num.softmax(X)) == pytest.approx(np.array([[1, 1], [math.e, math.e]]) / (1 + math.e))


# decompositions -----------------------------------------------------------------------------------------------------


def known(values: list[Any], *, U: Any = None, V: Any = None) -> SVD:
    I = matrix([[1, 0], [0, 1]])
    return SVD(I if U is None else U, vector(values), I if V is None else V)


def test_a_decomposition_that_balls_do_not_tell_from_one(num: Ball) -> None:
    Q = matrix([[3, -4], [4, 3]]) / 5
    swapped = matrix([[0, 1], [1, 0]])
    for good in (known([2, 1]), known([2, 2]), known([THIRD, THIRD]), known([2, 0]), known([0, 0]), known([2, 1], U=Q),
                 known([THIRD, 0], U=Q, V=Q)):  # fmt: skip
        pair = num.load((known([7, 5]), good))
        with num.running(pair):
            assert num.svd(pair[1].matrix) is pair[1]
    A = num.load(known([2, 1])).matrix
    for bad in (known([1, 2], U=swapped, V=swapped), known([2, -1], U=matrix([[1, 0], [0, -1]])),
                known([1, 1], U=matrix([[2, 0], [0, 1]])), known([1, 1], V=matrix([[2, 0], [0, 1]])), known([2, 2]),
                SVD(matrix([[1]]), vector([2]), matrix([[1]]))):  # fmt: skip
        with num.running(num.load(bad)), pytest.raises(Unsupported, match="2 x 2"):
            num.svd(A)
    zero = num.svd(num.zeros(3, 2))
    assert (zero.U.shape, floats(zero.s), zero.V.shape) == ((3, 2), [0, 0], (2, 2))
    assert (zero.U.mT @ zero.U == num.identity(2)).all()


def test_nearness_is_half_the_bits_of_the_size(num: Ball) -> None:
    """Around a matrix of size 1, a radius of 2^-100 is too wide and one of 2^-140 is not; times 2^60, too."""
    for size in (0, 60):
        scale = arb(2) ** size
        for exponent, taken in ((-100, False), (-140, True)):
            d = num.load(known([1, Fraction(1, 2)]))
            d = SVD(d.U, np.asarray(d.s) * scale, d.V)
            A = np.asarray(d.matrix) + arb(0, 1) * arb(2) ** exponent * scale
            with num.running(d):
                if taken:
                    assert num.svd(num.array(A)) is d
                else:
                    with pytest.raises(Unsupported):
                        num.svd(num.array(A))


# singular values ----------------------------------------------------------------------------------------------------


def test_singular_values_by_hand(num: Ball) -> None:
    c = num.constant
    for rows, wanted in (([[3, 0, 0], [0, -5, 0]], [5, 3]), ([[1, 2], [2, 1]], [3, 1]), ([[1, 2], [2, 4]], [5, 0])):
        for A in (c(rows), c(rows).mT):
            for k, value in enumerate(wanted, 1):
                ball = num.singular_value(A, k)
                assert ball.contains(value)
                assert ball.rad() < arb(10) ** (-60 if value else -30)
            assert num.singular_value(A, 3) == 0
    assert num.singular_value(c([[3, 4]]), 1) == num.singular_value(c([[3], [4]]), 1) == 5
    assert num.singular_value(c([[3, 4]]), 2) == 0
    assert num.singular_value(num.zeros(2, 2), 2) == 0
    golden = num.spectral_norm(c([[1, 1], [0, 1]]))
    assert (golden * golden - golden - 1).contains(0)


@pytest.mark.parametrize("bits", [64, 256, 1000])
@pytest.mark.parametrize("scale", [0, 2000, -2000])
def test_enclosures_are_narrow_at_every_precision_and_size(bits: int, scale: int) -> None:
    """Householder turns of diag(4, 3, 3, 1/8), times a power of two."""
    H = np.eye(4, dtype=object) - np.full((4, 4), Fraction(1, 2), dtype=object)
    G = np.eye(4, dtype=object) - Fraction(2, 10) * np.outer([1, 2, 2, 1], [1, 2, 2, 1]).astype(object)
    num = Ball(bits)
    values = [Fraction(4), Fraction(3), Fraction(3), Fraction(1, 8)]
    with num.running(()):
        A = num.constant(exact(H) @ np.diag(np.array(values, dtype=object)) @ exact(G)) * arb(2) ** scale
        for k, value in enumerate(values, 1):
            ball = num.singular_value(A, k)
            wanted = num.entry(value) * arb(2) ** scale
            assert ball.contains(wanted)
            assert (ball - wanted).abs_upper() < wanted * arb(2) ** (24 - bits)


def test_the_bounds_for_a_given_basis(monkeypatch: pytest.MonkeyPatch, num: Ball) -> None:
    """A = diag(2, 1).  V = diag(1, 1/2): delta = 3/4.  V = a turn: the Gram matrix has the diagonal 73/25, 52/25."""
    A = arb_mat([[2, 0], [0, 1]])

    def bounds(V: list[list[Any]]) -> list[float]:
        monkeypatch.setattr(ball_spectra, "orthogonal", lambda _: arb_mat(V))
        return [float(end) for ball in squared_singular_values(A) for end in (ball.lower(), ball.upper())]

    assert bounds([[1, 0], [0, arb(0.5)]]) == pytest.approx([16 / 7, 16, 1 / 7, 1])
    off = math.sqrt(2) * 36 / 25
    turned = bounds([[arb(3) / 5, -arb(4) / 5], [arb(4) / 5, arb(3) / 5]])
    assert turned == pytest.approx([73 / 25 - off, 73 / 25 + off, 52 / 25 - off, 52 / 25 + off])
    assert bounds([[1, 0], [0, 1]]) == [4, 4, 1, 1]
    assert bounds([[0, 1], [1, 0]]) == [4, 4, 1, 1]
    sheared = bounds([[1, arb(0.25)], [0, 1]])  # delta^2 = 2/16 + 1/256; the Gram matrix (4 1 / 1 5/4)
    delta, off = math.sqrt(33) / 16, math.sqrt(2)
    wanted = [(4 - off) / (1 + delta), (4 + off) / (1 - delta), 0, (1.25 + off) / (1 - delta)]
    assert sheared == pytest.approx(wanted, abs=1e-7)
    with pytest.raises(Unsupported, match="nearly orthogonal"):
        bounds([[0, 0], [0, 1]])


def test_the_basis_itself(monkeypatch: pytest.MonkeyPatch, num: Ball) -> None:
    """It is orthogonal, and so are the columns of A V, to nearly all bits: after floats, and without them."""
    A = arb_mat([[1, 2, 3], [4, 5, 6], [7, 8, 10], [0, 1, 0]])

    def worst(V: arb_mat) -> arb:
        C = A * V
        gram, product = C.transpose() * C, V.transpose() * V
        offs = [gram[i, j] for i in range(3) for j in range(3) if i != j]
        gaps = [product[i, j] - (i == j) for i in range(3) for j in range(3)]
        return max((abs(x).mid() for x in [*offs, *gaps]), key=float)

    assert worst(ball_spectra.orthogonal(A)) < arb(2) ** -225

    def refused(*arguments: Any, **options: Any) -> Any:
        raise np.linalg.LinAlgError

    monkeypatch.setattr(np.linalg, "svd", refused)
    assert worst(ball_spectra.orthogonal(A)) < arb(2) ** -225


def test_above_the_refined_dimension_floats_are_enough(num: Ball) -> None:
    n = ball_spectra.REFINED + 1
    A = num.constant(np.diag(range(1, n + 1)).astype(object))
    for k in (1, n):
        ball = num.singular_value(A, k)
        assert ball.contains(n + 1 - k)
        assert ball.rad() < arb(10) ** -10


def test_midpoints_as_floats(num: Ball) -> None:
    values, exponent = midpoints(arb_mat([[arb(3, 0.5), -12], [0, arb(2) ** -5]]))
    assert exponent == 4
    assert values == [[3 / 16, -12 / 16], [0, 2.0**-9]]
    assert midpoints(arb_mat([[0]])) == ([[0.0]], 0)
    assert midpoints(arb_mat([[arb(2) ** 3000]])) == ([[0.5]], 3001)
    assert midpoints(arb_mat([[1]])) == ([[0.5]], 1)
    for unbounded in ("nan", "inf"):
        with pytest.raises(Unsupported, match="unbounded"):
            midpoints(arb_mat([[arb(unbounded), 1]]))


# decisions ----------------------------------------------------------------------------------------------------------


def test_decisions_and_their_margins(num: Ball) -> None:
    c, one = num.constant, arb(1)
    assert decided(num, at_most(c([1, 2]), c([4, 3]))) == (YES, 0.25)
    assert decided(num, at_most(c([1, 2]), c([4, 3]), scale=arb(2))) == (YES, 0.5)
    assert decided(num, at_most(c([1, 2]), c([4, 3]), scale=arb(-2))) == (YES, 0.5)
    assert decided(num, at_most(c([1, 2]), c([4, 3]), scale=arb(0))) == (YES, 1)
    assert decided(num, at_most(c([1, 2]), c([4, 3]), scale=arb(0.5))) == (YES, 2)
    assert decided(num, at_most(c([4, 1]), c([1, 1]))) == (NO, -0.75)
    assert decided(num, at_most(c([1, 5]), one)) == (NO, -0.8)
    assert decided(num, equal(c([1, 2]), c([4, 3]))) == (NO, -0.75)
    assert decided(num, equal(c([1, 2]), c([1, 2]))) == (YES, 0)
    assert decided(num, less_than(c([1, 2]), c([4, 2]))) == (NO, 0)
    assert decided(num, less_than(c([1, 2]), c([2, 4]))) == (YES, 0.25)
    assert decided(num, at_most(c([-8]), c([-6]))) == (YES, 0.25)
    assert decided(num, at_most(num.zeros(0), num.zeros(0))) == (YES, 0)
    assert decided(num, at_most(num.zeros(2), num.zeros(2))) == (YES, 0)
    assert decided(num, holds(None)) == (UNKNOWN, 0)
    wide, apart, across = arb(1, 1), arb(5, 1), arb(2, 1)
    relations = at_most, less_than, equal
    assert [decided(num, relation(wide, apart))[0] for relation in relations] == [YES, YES, NO]
    assert [decided(num, relation(apart, wide))[0] for relation in relations] == [NO, NO, NO]
    assert [decided(num, relation(wide, across))[0] for relation in relations] == [UNKNOWN] * 3
    assert [decided(num, relation(across, wide))[0] for relation in relations] == [UNKNOWN] * 3
    assert [decided(num, relation(one, one))[0] for relation in relations] == [YES, NO, YES]
    assert decided(num, at_most(DOUBT, c([-5, 0]))) == (NO, -1)
    assert num.decide(at_most(one, wide)).left is one
    assert num.show(num.number(1, 4)) == "0.250000000000"
    assert num.show(3) == "3"
