"""Every arithmetic gives the same answers, checked against hand-computed cases, NumPy and each other."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rational_matrices import decompositions, matrices, matrix, vector
from theorems.arithmetic import ARITHMETICS, Float64, Fractions, MultiPrecision, Rational, perturbed
from theorems.arithmetic.base import NO, YES, Arithmetic
from theorems.case import SVD, Array, MatrixCase
from theorems.errors import InputError, Undefined, Unsupported
from theorems.judge.artefacts import falls, is_artefact, residuals
from theorems.judge.driver import check
from theorems.statement import at_most, conclude, equal, less_than, suppose

every = pytest.mark.parametrize("name", list(ARITHMETICS))
undeciding = ("float64", "ball")  # an equality is at best not refuted here


def numbers(value: Any) -> Array:
    """The value of any arithmetic as floats, without the axis of a batch of one."""
    array = np.asarray(value, dtype=object)
    result: Array = np.frompyfunc(_number, 1, 1)(array)
    return np.asarray(result, dtype=float)


def _number(x: Any) -> float:
    return int(x.p) / int(x.q) if hasattr(x, "p") else float(x)


def assert_close(num: Arithmetic, value: Any, wanted: Any) -> None:
    got = numbers(value)
    if isinstance(num, Float64):
        got = got[0] if got.ndim and got.shape[0] == 1 else got
    assert got.shape == np.shape(wanted)
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9)


def yes(num: Arithmetic, answer: Any) -> bool:
    return bool(np.all(answer)) if answer is not None else False


@every
@settings(max_examples=15, deadline=None)
@given(A=matrices(3, 3), B=matrices(3, 2))
def test_matrix_operations_against_numpy(name: str, A: Array, B: Array) -> None:
    num = ARITHMETICS[name]()
    a, b = A.astype(float), B.astype(float)
    case = num.load(MatrixCase((A, B)))
    exactly_singular = Rational().determinant(Rational().load(A)) == 0
    with num.running(case):
        X, Y = case.matrices
        assert_close(num, X @ Y, a @ b)
        assert_close(num, X - X.mT, a - a.T)
        assert_close(num, num.determinant(X), np.linalg.det(a))
        assert_close(num, num.trace(X), np.trace(a))
        assert_close(num, num.frobenius_norm(Y), np.linalg.norm(b))
        assert_close(num, num.relu(Y), np.maximum(b, 0))
        assert_close(num, num.absolute(Y), np.abs(b))
        assert_close(num, num.minimum(Y, -Y), -np.abs(b))
        assert_close(num, num.apply(X, Y[..., :, 0]), a @ b[:, 0])
        assert_close(num, num.outer(Y[..., :, 0], Y[..., :, 1]), np.outer(b[:, 0], b[:, 1]))
        assert_close(num, num.dot(Y[..., :, 0], Y[..., :, 1]), b[:, 0] @ b[:, 1])
        assert_close(num, num.block([[X, Y], [X, Y]]), np.block([[a, b], [a, b]]))
        assert_close(num, num.times(num.number(3, 2), X), 1.5 * a)
        for k in (1, 2, 3):
            sigma = 0.0 if k == 3 else np.linalg.svd(b, compute_uv=False)[k - 1]
            assert float(numbers(num.singular_value(Y, k)).ravel()[0]) == pytest.approx(sigma, rel=1e-7, abs=1e-7)
        if exactly_singular:
            assert not yes(num, num.nonsingular(X))
        else:
            assert yes(num, num.nonsingular(X))
            solution = numbers(num.solve(X, Y)).reshape(3, 2)
            np.testing.assert_allclose(solution, np.linalg.solve(a, b), rtol=1e-6, atol=1e-6)
            assert_close(num, X @ num.inverse(X), np.eye(3))


@every
def test_hand_computed(name: str) -> None:
    """A = (4 1 / 2 3): det 10, trace 7, inverse (3 -1 / -2 4) / 10, sigma^2 = 15 +- 5 sqrt 5."""
    num = ARITHMETICS[name]()
    case = num.load(MatrixCase((matrix([[4, 1], [2, 3]]),), (vector([3, -4]),)))
    with num.running(case):
        (A,), (x,) = case.matrices, case.vectors
        assert_close(num, num.determinant(A), 10)
        assert_close(num, num.trace(A), 7)
        assert_close(num, num.inverse(A), [[0.3, -0.1], [-0.2, 0.4]])
        assert_close(num, num.norm(x), 5)
        assert_close(num, num.apply(A, x), [8, -6])
        assert_close(num, num.relu(x), [3, 0])
        assert_close(num, num.diagonal(x), [[3, 0], [0, -4]])
        assert_close(num, num.concatenate([A, A], -2), [[4, 1], [2, 3], [4, 1], [2, 3]])
        assert_close(num, num.zeros(2, 3), np.zeros((2, 3)))
        assert_close(num, num.expectation(num.constant([1, 2, 5]), num.constant([Fraction(1, 2), Fraction(1, 4),
                                                                                Fraction(1, 4)])), 2.25)  # fmt: skip
        assert_close(num, num.spectral_norm(A), np.sqrt(15 + 5 * np.sqrt(5)))
        assert_close(num, num.singular_value(A, 2), np.sqrt(15 - 5 * np.sqrt(5)))
        assert_close(num, num.selector(3, 2, 3), np.diag([0, 1, 1]))
        assert_close(num, num.maximum(num.number(2), num.number(-3)), 2)
        assert yes(num, num.rank(A) == 2)
        assert np.all(num.zero(num.constant([0, 1])).ravel() == [True, False])
        assert not yes(num, num.symmetric(A))
        assert yes(num, num.symmetric(A + A.mT))
        assert yes(num, num.positive_semidefinite(A + A.mT))
        assert not yes(num, num.positive_semidefinite(-(A + A.mT)))
        assert num.show(num.number(1, 2)).startswith(("0.5", "1/2"))
        assert num.show(A).count("[") >= 3


@every
def test_exponentials_logarithms_and_softmax(name: str) -> None:
    num = ARITHMETICS[name]()
    with num.running(()):
        X = num.constant([[0, 1], [1, -2]])
        if name == "rational":
            for operation in (num.exp, num.softmax):
                with pytest.raises(Unsupported):
                    operation(X)
            with pytest.raises(Unsupported):
                num.log(num.constant([[1, 2]]))
            with pytest.raises(Undefined):
                num.log(X)
            return
        values = np.array([[0, 1], [1, -2]])
        powers = np.exp(values)
        assert_close(num, num.exp(X), powers)
        assert_close(num, num.log(num.exp(X)), values)
        assert_close(num, num.softmax(X), powers / powers.sum(0))
        e = powers[0, 1]
        assert_close(num, num.softmax(num.constant([[3000], [3001]])), [[1 / (1 + e)], [e / (1 + e)]])
        assert_close(num, num.relu(num.exp(X) - num.constant([[1, 1], [1, 1]])), np.maximum(powers - 1, 0))
        # e^2 = (e^1)^2 cannot be told from a difference of 10^-100; e < 2.72 can be decided
        exp_1 = num.exp(num.number(1))
        assert num.decide(less_than(exp_1, num.number(272, 100))).verdicts[0] == YES
        assert num.decide(less_than(exp_1, num.number(271, 100))).verdicts[0] == NO


@every
def test_empty_inner_dimensions(name: str) -> None:
    num = ARITHMETICS[name]()
    with num.running(()):
        B, A = num.zeros(3, 0), num.zeros(0, 2)
        product = B @ A + num.constant([[1, 2], [3, 4], [5, 6]])
        assert_close(num, product / num.number(2), [[0.5, 1], [1.5, 2], [2.5, 3]])


@every
@settings(max_examples=10, deadline=None)
@given(d=decompositions(3, 2), r=st.integers(0, 3))
def test_truncated_decompositions(name: str, d: SVD, r: int) -> None:
    """LR_r(A) has the error sigma_{r+1}(A) (Eckart and Young)."""
    num = ARITHMETICS[name]()
    loaded = num.load(d)
    wanted = float(d.s[r]) if r < 2 else 0.0
    with num.running(loaded):
        A = loaded.matrix
        residual = A - num.low_rank(A, r)
        assert float(numbers(num.spectral_norm(residual)).ravel()[0]) == pytest.approx(wanted, abs=1e-9)
        if name in ("rational", "fractions"):
            assert num.decide(equal(num.spectral_norm(residual), num.singular_value(A, r + 1))).verdicts[0] == YES
            assert num.rank(num.low_rank(A, r)) <= r


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.data())
def test_rational_and_fractions_agree_exactly(m: int, n: int, data: st.DataObject) -> None:
    """Two implementations that share no library: FLINT, and fraction-free elimination in Python's integers."""
    A, S, B = data.draw(matrices(m, n)), data.draw(matrices(n, n)), data.draw(matrices(n, 2))
    flint, ours = Rational(), Fractions()
    (a, s, b), (p, q, c) = (num.load(MatrixCase((A, S, B))).matrices for num in (flint, ours))

    def same(x: Any, y: Any) -> bool:
        pairs = zip(np.ravel(np.asarray(x, dtype=object)), np.ravel(np.asarray(y, dtype=object)), strict=True)
        return all((int(u.p), int(u.q)) == (v.numerator, v.denominator) for u, v in pairs)

    assert same(a @ s, p @ q)
    assert flint.rank(a) == ours.rank(p)
    assert same(flint.determinant(s), ours.determinant(q))
    symmetric = s + s.mT, q + q.mT
    assert same(flint.characteristic_polynomial(symmetric[0]), ours.characteristic_polynomial(symmetric[1]))
    assert flint.positive_semidefinite(symmetric[0]) == ours.positive_semidefinite(symmetric[1])
    assert flint.positive_semidefinite(a @ a.mT) is ours.positive_semidefinite(p @ p.mT) is True
    if flint.nonsingular(s):
        assert same(flint.solve(s, b), ours.solve(q, c))
    else:
        for num, M, right in ((flint, s, b), (ours, q, c)):
            with pytest.raises(Undefined):
                num.solve(M, right)


@every
def test_a_singular_system(name: str) -> None:
    num = ARITHMETICS[name]()
    A, B = num.load(MatrixCase((matrix([[1, 2], [2, 4]]), matrix([[1], [1]])))).matrices
    with num.running(()):
        assert not yes(num, num.nonsingular(A))
        if name == "float64":
            assert np.isnan(num.solve(A, B)).all()
        else:
            with pytest.raises(Undefined):
                num.solve(A, B)


@every
def test_nan_and_infinity_are_no_input(name: str) -> None:
    if name == "float64":
        return
    with pytest.raises(InputError, match="finite"):
        ARITHMETICS[name]().load(np.array([[1.0, np.nan]]))


# Float64: batches ------------------------------------------------------------------------------------------------


def batch(seed: int = 3) -> tuple[Array, Array]:
    """A stack with a regular, a singular, a NaN, an infinite and a tiny regular member, and right sides."""
    random = np.random.default_rng(seed)
    A = random.standard_normal((5, 4, 4))
    A[1] = np.outer([1, 2, 3, 4], [1, 0, 2, 0])
    A[2, 0, 0] = np.nan
    A[3, 1, 1] = np.inf
    A[4] *= 1e-120  # its determinant underflows to zero
    return A, random.standard_normal((5, 4, 2))


def test_a_dead_member_leaves_the_others_alone() -> None:
    A, B = batch()
    num = Float64(size=5)
    with num.running(()):
        calls: dict[str, Any] = {
            "solve": lambda n, M, R: n.solve(M, R),
            "inverse": lambda n, M, R: n.inverse(M),
            "nonsingular": lambda n, M, R: n.nonsingular(M),
            "rank": lambda n, M, R: n.rank(M),
            "singular_value": lambda n, M, R: n.singular_value(M, 2),
            "svd": lambda n, M, R: n.svd(M).s,
            "low_rank": lambda n, M, R: n.low_rank(M, 2),
            "spectral_norm": lambda n, M, R: n.spectral_norm(M),
            "positive_semidefinite": lambda n, M, R: n.positive_semidefinite(M @ M.mT),
            "softmax": lambda n, M, R: n.softmax(M),
        }
        for name, call in calls.items():
            together = np.asarray(call(num, A, B))
            for i in (0, 4):
                alone = np.asarray(call(Float64(size=1), A[i : i + 1], B[i : i + 1]))[0]
                np.testing.assert_allclose(together[i], alone, rtol=1e-12, atol=0, err_msg=f"{name}, member {i}")
                assert np.isfinite(together[i]).all(), name
        assert num.nonsingular(A).tolist() == [True, False, False, False, True]
        assert np.isnan(num.solve(A, B)[1]).all()
        assert np.isnan(num.inverse(A)[1]).all()
        assert np.isnan(num.solve(A, B)[2]).any()
        assert np.isnan(num.singular_value(A, 1)[2])


def test_shared_members_broadcast() -> None:
    num = Float64(size=3)
    A = np.random.default_rng(1).standard_normal((3, 2, 2))
    with num.running(()):
        assert num.solve(A, num.identity(2)).shape == (3, 2, 2)
        assert num.solve(num.identity(2), A).shape == (3, 2, 2)
        assert num.block([[A, num.zeros(2, 1)]]).shape == (3, 2, 3)
        assert num.times(np.array([1.0, 2, 3]), A)[2, 0, 0] == 3 * A[2, 0, 0]


def test_float_margins_that_overflow_are_undefined() -> None:
    num = Float64(size=4)
    left, right = np.array([np.inf, np.nan, 1.0, 3.0]), np.array([1.0, 1.0, np.inf, 2.0])
    with num.running(()):
        decision = num.decide(at_most(left, right))
        assert np.isnan(decision.margins).tolist() == [True, True, True, False]
        assert decision.verdicts[3] == NO
        scaled = num.decide(at_most(right, left, scale=np.array([np.inf, np.nan, 1.0, 1.0])))
        assert np.isnan(scaled.margins[:2]).all()


def test_perturbed_moves_by_one_unit_in_the_last_place() -> None:
    A = np.random.default_rng(2).standard_normal((50, 3, 3))
    moved = perturbed(MatrixCase((A,)), np.random.default_rng(3)).matrices[0]
    steps = np.abs(moved - A) / np.spacing(np.abs(A))
    assert steps.max() <= 1
    assert 0 < (steps > 0).mean() < 1


# MultiPrecision --------------------------------------------------------------------------------------------------


def test_multiprecision_has_a_context_of_its_own() -> None:
    before = mpmath.mp.dps
    num = MultiPrecision(80)
    third = num.number(1, 3)
    assert abs(third * 3 - 1) < 1e-75
    assert mpmath.mp.dps == before
    product = num.zeros(1, 0) @ num.zeros(0, 1) + third
    assert product[0, 0] * 3 - 1 == third * 3 - 1  # not rounded to the precision of another context


def test_margins_keep_tiny_violations() -> None:
    num = MultiPrecision(50)
    one = num.number(1)
    for size, wanted in [(Fraction(1, 10**20), NO), (Fraction(1, 10**30), YES)]:
        decision = num.decide(at_most(one + num.entry(size), one))
        assert decision.margins[0] == pytest.approx(-float(size))
        assert decision.verdicts[0] == wanted
    assert num.decide(less_than(one, one + num.number(1, 10**30))).verdicts[0] == NO
    assert num.decide(less_than(one, one + num.number(1, 10**20))).verdicts[0] == YES


def inverse_of_inverse(case: MatrixCase, num: Any) -> Any:
    """True, and hard on floats for a Hilbert matrix."""
    (A,) = case.matrices
    yield suppose(num.nonsingular(A), "A is non-singular")
    yield conclude(equal(num.inverse(num.inverse(A)), A), "(A^-1)^-1 = A")


def slightly_wrong(case: MatrixCase, num: Any) -> Any:
    """False by one part in 10^10."""
    (A,) = case.matrices
    yield conclude(at_most(num.trace(A) * num.number(10**10 + 1, 10**10), num.trace(A)))


HILBERT = MatrixCase((matrix([[Fraction(1, i + j + 1) for j in range(10)] for i in range(10)]),))


def test_an_artefact_falls_with_the_precision_and_a_violation_does_not() -> None:
    assert is_artefact(inverse_of_inverse, HILBERT) is True
    assert is_artefact(slightly_wrong, HILBERT) is False
    assert residuals(slightly_wrong, HILBERT) == pytest.approx([-1e-10] * 3)
    assert max(residuals(inverse_of_inverse, HILBERT, (60, 120))) <= 0
    singular = MatrixCase((matrix([[1, 2], [2, 4]]),))
    assert is_artefact(inverse_of_inverse, singular) is None
    assert check(inverse_of_inverse, HILBERT, Rational()).margin == 0


@pytest.mark.parametrize(
    ("margins", "wanted"),
    [([-1e-3, -1e-20, -1e-70], True), ([-1e-3, -1e-3, -1e-3], False), ([-1e-3, -1e-12, -1e-13], False),
     ([float("nan"), -1e-40, -1e-100], True), ([-1e-3, -1e-20, float("nan")], None), ([0.5, 0.5, 0.5], True),
     ([0.5, 0.5, -0.5], False)],
)  # fmt: skip
def test_what_counts_as_falling(margins: list[float], wanted: bool | None) -> None:
    assert falls(margins, (30, 60, 120)) is wanted


@pytest.mark.parametrize("name", ["rational", "fractions", "ball"])
@pytest.mark.parametrize(("m", "n"), [(2, 2), (3, 2), (1, 3)])
def test_the_svd_of_a_zero_matrix_and_of_one_entry(name: str, m: int, n: int) -> None:
    num, k = ARITHMETICS[name](), min(m, n)
    zero = num.zeros(m, n)
    with num.running(()):
        found = num.svd(zero)
        assert (found.U.shape, found.s.shape, found.V.shape) == ((m, k), (k,), (n, k))
        assert_close(num, found.s, np.zeros(k))
        assert_close(num, found.U.mT @ found.U, np.eye(k))
        assert_close(num, found.V.mT @ found.V, np.eye(k))
        assert_close(num, num.singular_value(zero, 1), 0)
        if name != "ball":
            one = num.zeros(m, n)
            one[m - 1, 0] = num.number(-2)
            found = num.svd(one)
            assert_close(num, found.s, [2, 0][:k])
            assert_close(num, found.matrix, np.asarray(numbers(one)))
            assert_close(num, found.U.mT @ found.U, np.eye(k))


@every
@pytest.mark.parametrize(("m", "n"), [(2, 3), (3, 2), (1, 2), (2, 2)])
def test_singular_values_beyond_the_last_are_zero(name: str, m: int, n: int) -> None:
    num = ARITHMETICS[name]()
    case = num.load(MatrixCase((matrix([[i + 2 * j + 1 for j in range(n)] for i in range(m)]),)))
    with num.running(case):
        (A,) = case.matrices
        for k in range(min(m, n) + 1, max(m, n) + 2):
            assert np.all(numbers(num.singular_value(A, k)) == 0)
        assert np.all(numbers(num.singular_value(A, min(m, n))) > 0)


@pytest.mark.parametrize("name", ["rational", "fractions"])
def test_a_margin_beyond_the_range_of_floats_keeps_its_sign(name: str) -> None:
    num = ARITHMETICS[name]()
    huge, one = num.number(10**400), num.number(1)
    with num.running(()):
        assert num.decide(at_most(huge, one, scale=one)).margins[0] == -np.inf
        assert num.decide(at_most(one, huge, scale=one)).margins[0] == np.inf
        assert num.decide(equal(huge, one, scale=one)).margins[0] == -np.inf
        assert num.decide(at_most(num.zeros(0), num.zeros(0))).margins[0] == 0


@every
def test_ranks_of_every_shape(name: str) -> None:
    num = ARITHMETICS[name]()
    rows = {
        1: [[[1, 2], [2, 4]], [[1, 2, 3]], [[0, 0], [0, 5], [0, 1]]],
        2: [[[1, 2], [3, 4]], [[1, 2, 3], [4, 5, 6]], [[1, 2, 3], [4, 5, 6], [7, 8, 9]]],
        0: [[[0, 0], [0, 0]], [[0], [0]]],
    }
    with num.running(()):
        for rank, found in rows.items():
            for A in found:
                assert np.all(num.rank(num.constant(A)) == rank), A


def test_float64_counts_for_each_member_of_a_batch() -> None:
    batch = np.stack([np.diag([1.0, 1e-3, 1e-6]), np.diag([1.0, 1e-16, 0.0]), np.zeros((3, 3))])
    num = Float64(size=3)
    with num.running(()):
        assert num.rank(batch).tolist() == [3, 1, 0]
        assert num.rank(batch[:, :2]).tolist() == [2, 1, 0]
        assert num.singular_value(batch[:, :2], 3).tolist() == [0, 0, 0]
        assert num.singular_value(batch, np.array([2, 3, 4])).tolist() == pytest.approx([1e-3, 0, 0])
        assert num.singular_value(batch, np.array([4, 5, 4])).tolist() == [0, 0, 0]


def test_many_digits_take_rounding_below_zero_for_zero() -> None:
    num = MultiPrecision(50)
    assert num.sqrt(num.context.mpf("-1e-40")) == 0
    with pytest.raises(Undefined, match="negative"):
        num.sqrt(num.context.mpf("-1e-20"))


def test_empty_matrices_have_rank_zero_and_points_are_decided() -> None:
    for shape in ((0, 3), (3, 0), (0, 0)):
        for num in (Float64(), Rational(), Fractions(), MultiPrecision()):
            with num.running(()):
                assert np.all(num.rank(num.zeros(*shape)) == 0)
    num = Fractions()
    with num.running(()):
        nothing = num.exp(num.number(1)) * 0
        assert num.zero(nothing)
        assert not num.zero(num.exp(num.number(1)))
