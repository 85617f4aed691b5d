"""The midpoint flag and `adapters`: hand-computed cases, invariants, accuracy, degenerate targets, bad input."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.adapters import HEAD, KINDS, METHODS, line, main, plot, problem, table_line
from theorems import AdaptedChain, InputError, LinearModel, adapters, product
from theorems.adaptation import double_double, factorisations
from theorems.adaptation.construction import ResidualWarning
from theorems.adaptation.descent import _Descent, _with_orthonormal_rows, shrunk
from theorems.adaptation.midpoint_flag import midpoint_flag
from theorems.adaptation.rank_decision import exact_change
from theorems.adaptation.slack import slack_spent, trimmed
from theorems.adaptation.subspaces import FloatSubspaces, ObjectSubspaces, subspaces_of
from theorems.arithmetic import Ball, Float64, Fractions, MultiPrecision, Rational
from theorems.case import SVD, Array, MatrixCase, fraction, fractions, member
from theorems.models.linear import Adapter, LinearCase
from theorems.strategies.cases import CASES
from theorems.strategies.draws import draws, recipe_of
from theorems.strategies.models.relu import networks
from theorems.strategies.models.transformer import transformer_cases
from theorems.texts.ours.flag_residuals import flag_residuals
from theorems.texts.ours.networks import network_adapters, transformer_adapters

Floats = NDArray[np.float64]
MIDPOINT = "ours/midpoint-flag"


def gaussian(D: int, L: int, seed: int) -> tuple[list[Floats], Floats]:
    generator = np.random.default_rng(seed)
    weights = [generator.standard_normal((D, D)) / np.sqrt(D) for _ in range(L)]
    return weights, generator.standard_normal((D, D)) / np.sqrt(D)


def integers(D: int, L: int, seed: int) -> tuple[list[Array], Array]:
    generator = np.random.default_rng(seed)
    weights = [generator.integers(-3, 4, (D, D)) + 7 * np.eye(D, dtype=np.int64) for _ in range(L)]
    return weights, generator.integers(-9, 10, (D, D))


def as_floats(A: Any) -> Floats:
    return np.array([float(fraction(value)) for value in A.flat]).reshape(A.shape)


def ranks_of(result: AdaptedChain) -> list[int]:
    return [np.linalg.matrix_rank(np.asarray(a.matrix, dtype=np.float64)).item() for a in result.adapters]


# The public function ------------------------------------------------------------------------------------------------


def test_one_layer_is_the_difference_itself() -> None:
    W, target = np.array([[2.0, 0.0], [0.0, 3.0]]), np.array([[2.0, 1.0], [0.0, 3.0]])
    result = adapters([W], target, 1)
    np.testing.assert_allclose(result.adapters[0].matrix, [[0, 1], [0, 0]], atol=1e-15)
    assert result.rank == 1
    assert result.sizes[0] == pytest.approx(1 / 3)


def test_identity_to_minus_identity_where_every_partial_sum_is_singular() -> None:
    """E = -2 I: prod W + LR_1(E) = diag(-1, 1) is regular for D = 2, but I - I, halfway, is not what is needed at
    all."""
    result = adapters([np.eye(2), np.eye(2)], -np.eye(2), 1)
    assert result.residual < 1e-15
    assert ranks_of(result) == [1, 1]
    # each layer negates one direction: a reflection I - 2 v v^T has norm change 2
    assert result.sizes == pytest.approx((2, 2))


@pytest.mark.parametrize(("D", "L", "limit"), [(16, 2, 1e-13), (16, 8, 2e-12), (32, 4, 1e-13), (64, 8, 1e-12)])
def test_residual_in_float64(D: int, L: int, limit: float) -> None:
    for seed in range(3 if D < 64 else 1):
        weights, target = gaussian(D, L, seed)
        result = adapters(weights, target, D // L)
        assert result.exact_residual <= limit
        assert result.residual <= limit
        assert ranks_of(result) == [D // L] * L
        assert result.largest <= 100


def test_where_equation_8_diverges() -> None:
    weights, target = gaussian(64, 8, 0)
    with pytest.warns(ResidualWarning, match="miss the target"):
        assert adapters(weights, target, 8, method="lemma-9").residual > 1e-6
    assert adapters(weights, target, 8).residual < 1e-12


def test_float32_stays_float32() -> None:
    weights, target = gaussian(32, 4, 1)
    result = adapters([W.astype(np.float32) for W in weights], target.astype(np.float32), 8)
    assert {leaf.dtype for a in result.adapters for leaf in (a.B, a.A)} == {np.dtype(np.float32)}
    assert result.exact_residual < 1e-4


def test_a_newton_step_lowers_the_residual() -> None:
    weights, target = gaussian(16, 8, 3)
    plain, stepped = adapters(weights, target, 2), adapters(weights, target, 2, newton=3)
    assert stepped.steps >= 1
    assert stepped.exact_residual < plain.exact_residual / 2


def test_slack_makes_adapters_smaller_and_stays_within_the_ranks() -> None:
    weights, target = gaussian(16, 8, 4)
    tight, loose = adapters(weights, target, 2), adapters(weights, target, 4)
    assert loose.residual < 1e-12
    assert loose.largest < tight.largest
    assert all(a.A.shape[0] <= 4 for a in loose.adapters)


@pytest.mark.parametrize(
    ("ranks", "rank", "D", "spent"),
    [
        ((2, 2), 4, 4, (0, 0)),
        ((3, 3), 4, 4, (1, 1)),
        ((2, 2), 2, 8, (1, 0)),
        ((4, 0), 4, 4, (0, 0)),
        ((4, 4), 0, 4, (2, 2)),
    ],
)
def test_slack_spent(ranks: tuple[int, ...], rank: int, D: int, spent: tuple[int, ...]) -> None:
    assert slack_spent(ranks, rank, D) == spent
    assert sum(ranks) - sum(spent) >= min(D, rank + sum(spent))


def test_trimmed_lowers_the_largest_first() -> None:
    assert trimmed((5, 1, 3), 6) == (2, 1, 3)
    assert trimmed((2, 2), 4) == (2, 2)


@pytest.mark.parametrize("method", ["midpoint-flag", "elimination"])
def test_exact_over_the_rationals(method: str) -> None:
    for seed, (D, L) in enumerate([(2, 2), (4, 2), (5, 3), (8, 4)]):
        weights, target = integers(D, L, seed)
        ranks = [D // L + (l < D % L) for l in range(L)]
        result = adapters(weights, target, ranks, method=method)
        assert result.exact
        assert result.residual == 0.0
        assert all(isinstance(entry, Fraction) for a in result.adapters for entry in a.B.flat)
        assert [a.A.shape[0] for a in result.adapters] == ranks


def test_elimination_leaves_its_general_position_where_that_is_special() -> None:
    """target = G [[0, 1], [1, 0]] G^{-1}: the first pivot of the fixed G vanishes."""
    from theorems.adaptation.linear import general_position

    num = Rational()
    G = general_position(2, num)
    target = G @ num.constant([[0, 1], [1, 0]]) @ num.inverse(G)
    identity = np.eye(2, dtype=np.int64)
    for method in ("elimination", "midpoint-flag"):
        result = adapters([identity, identity], fractions(np.asarray(target)), 1, method=method)
        assert result.residual == 0.0


@pytest.mark.parametrize("name", ["zero", "negated", "rank 1", "rank 5", "identity", "permutation", "nearly singular"])
@pytest.mark.parametrize(("D", "L"), [(8, 2), (12, 4), (16, 8)])
def test_degenerate_targets(name: str, D: int, L: int) -> None:
    weights, target = gaussian(D, L, 11)
    generator = np.random.default_rng(5)
    if name == "identity":
        weights = [np.eye(D)] * L
    if name == "permutation":
        weights = [np.eye(D)[generator.permutation(D)] for _ in range(L)]
    P = product(weights)
    aims = {
        "zero": 0 * P,
        "negated": -P,
        "rank 1": target[:, :1] @ target[:1],
        "rank 5": target[:, :5] @ target[:5],
        "identity": -np.eye(D),
        "permutation": np.eye(D)[generator.permutation(D)] * -1.0,
        "nearly singular": P - (1 - 1e-15) * P[:, :1] @ np.eye(D)[:1] + 1e-3 * target,
    }
    aim = aims[name]
    result = adapters(weights, aim, -(-D // L), rank=D)
    reached = LinearModel(tuple(weights)).adapted([a.matrix for a in result.adapters]).matrix
    assert np.linalg.norm(reached - aim) <= 1e-12 * max(np.linalg.norm(P), np.linalg.norm(aim))


def test_a_low_rank_change_needs_low_ranks_only() -> None:
    weights, _ = gaussian(16, 4, 2)
    generator = np.random.default_rng(0)
    change = generator.standard_normal((16, 3)) @ generator.standard_normal((3, 16)) / 16
    result = adapters(weights, product(weights) + change, (1, 0, 1, 1))
    assert result.rank == 3
    assert ranks_of(result) == [1, 0, 1, 1]
    assert result.residual < 1e-12


def test_nothing_to_change() -> None:
    weights, _ = gaussian(4, 2, 2)
    result = adapters(weights, product(weights), 0)
    assert (result.rank, result.largest, result.residual) == (0, 0.0, 0.0)


def test_singular_weights_where_the_ranks_make_up_for_them() -> None:
    weights, target = integers(4, 2, 6)
    weights[1][0] = weights[1][1]
    result = adapters(weights, target, 3)
    assert result.repaired == (2,)
    assert result.residual == 0.0
    floats = adapters([W.astype(np.float64) for W in weights], target.astype(np.float64), 3)
    assert floats.repaired == (2,)
    assert floats.residual < 1e-13


def test_singular_weights_that_reach_the_target_already_stay() -> None:
    weights, _ = integers(4, 2, 6)
    for singular in (0 * weights[0], weights[0]):
        result = adapters([singular, 0 * weights[1]], 0 * weights[0], 1)
        assert (result.rank, result.largest, result.residual) == (0, 0.0, 0.0)


@pytest.mark.parametrize(("dead", "r"), [((1,), 6), ((0, 2), 6), ((2,), 3)])
def test_singular_weights_without_a_rank_to_spare(dead: tuple[int, ...], r: int) -> None:
    """sum R_l = rank E: the repair is a part of the change."""
    weights, target = integers(6, 3, 4)
    for l in dead:
        weights[l][0] = weights[l][1]
    if r < 6:
        target = product(weights) + target[:, :r] @ np.eye(6, dtype=np.int64)[:r]
    exact = adapters(weights, target, r // 3)
    assert (exact.rank, exact.residual, exact.repaired) == (r, 0.0, tuple(l + 1 for l in dead))
    assert [a.A.shape[0] for a in exact.adapters] == [r // 3] * 3
    floats = adapters([W.astype(np.float64) for W in weights], target.astype(np.float64), r // 3)
    assert floats.repaired == exact.repaired
    assert floats.residual < 1e-11
    assert [a.A.shape[0] for a in floats.adapters] == [r // 3] * 3


def refused(*arguments: Any, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        adapters(*arguments, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_bad_input_is_one_line() -> None:
    weights, target = gaussian(4, 2, 0)
    s = np.linalg.svd(target - product(weights), compute_uv=False)
    short = refused(weights, target, 1)
    assert "the ranks sum up to 2 and rank(target - prod W) is 4" in short
    assert f"the smallest error possible is sigma_3 = {s[2]:.6g}" in short
    assert "3 LoRA-ranks for 2 layers" in refused(weights, target, (1, 1, 2))
    assert "R_2 = 5 is outside 0..4" in refused(weights, target, (1, 5))
    assert "the target has nan at (0, 1)" in refused(weights, np.where(np.eye(4, k=1) > 0, np.nan, target), 2)
    assert "W_2 has inf at (0, 0)" in refused([weights[0], np.where(np.eye(4) > 0, np.inf, 1)], target, 2)
    assert "method='x' is unknown" in refused(weights, target, 2, method="x")
    assert "rank = 7 is outside 0..4" in refused(weights, target, 2, rank=7)
    assert "must be D x D" in refused(weights, target[:3], 2)
    zero = [weights[0], 0 * weights[1]]
    assert "W_2 is singular, of rank 0: with R_2 = 2 every product has rank at most 2" in refused(zero, target, 2)
    low = target[:, :1] @ target[:1]
    both = [0 * weights[0], 0 * weights[1]]
    assert "W_1 is singular, of rank 0, and R_1 = 2 cannot make it regular" in refused(both, low, 2, rank=1)
    assert adapters(zero, low, 2, rank=1).residual < 1e-14
    exact, aim = integers(4, 2, 1)
    assert "rank = 2 is given, but the target differs from the product by rank 4" in refused(exact, aim, 2, rank=2)


def test_equation_8_says_where_it_cannot_be_formed() -> None:
    identity = np.eye(2, dtype=np.int64)
    message = refused([identity, identity], np.zeros((2, 2), dtype=np.int64), 1, method="lemma-9")
    assert "use method='midpoint-flag'" in message
    assert adapters([identity, identity], np.zeros((2, 2), dtype=np.int64), 1).residual == 0.0


# The construction in every arithmetic -------------------------------------------------------------------------------


@pytest.mark.parametrize("num", [Rational(), Fractions(), MultiPrecision(50), Ball(256)], ids=lambda num: num.name)
def test_in_object_arithmetics(num: Any) -> None:
    weights, target = (tuple(fractions(W) for W in part) for part in (integers(4, 2, 3)[0], integers(4, 2, 3)[1][None]))
    E = exact_change(Rational().load(target[0] - product(weights)))
    change = Adapter(fractions(np.asarray(E.B)), fractions(np.asarray(E.A)))
    loaded, factors = num.load(weights), num.load(change)
    with num.running(()):
        flag = midpoint_flag(loaded, factors, (2, 2), subspaces_of(num))
        reached = product([W + a.matrix for W, a in zip(loaded, flag.adapters, strict=True)])
        error = num.frobenius_norm(reached - num.load(target[0]))
        size = float(error.abs_upper()) if isinstance(num, Ball) else float(error)
        if isinstance(num, Ball):
            assert error.contains(0)
    assert size <= {"rational": 0.0, "fractions": 0.0, "multiprecision": 1e-40, "ball": 1e-50}[num.name]


def test_a_batch_is_its_members() -> None:
    generator = np.random.default_rng(7)
    weights = [generator.standard_normal((3, 6, 6)) for _ in range(3)]
    E = generator.standard_normal((3, 6, 6))
    U, s, Vt = np.linalg.svd(E)
    spaces = FloatSubspaces()
    together = midpoint_flag(weights, Adapter(U, s[..., None] * Vt), (2, 2, 2), spaces)
    for i in range(3):
        alone = [W[i : i + 1] for W in weights]
        one = midpoint_flag(alone, Adapter(U[i : i + 1], s[i : i + 1, :, None] * Vt[i : i + 1]), (2, 2, 2), spaces)
        for a, b in zip(together.adapters, one.adapters, strict=True):
            np.testing.assert_allclose(a.matrix[i], b.matrix[0], rtol=1e-8, atol=1e-8 * np.abs(b.matrix).max())


def test_a_dead_member_leaves_the_others_alone() -> None:
    generator = np.random.default_rng(8)
    weights = [generator.standard_normal((3, 4, 4)) for _ in range(2)]
    weights[0][1] = np.nan
    U, s, Vt = np.linalg.svd(generator.standard_normal((3, 4, 4)))
    with np.errstate(all="ignore"):
        flag = midpoint_flag(weights, Adapter(U, s[..., None] * Vt), (2, 2), FloatSubspaces())
    reached = product([W + a.matrix for W, a in zip(weights, flag.adapters, strict=True)])
    error = np.abs(reached - product(weights) - (U * s[:, None, :]) @ Vt).max((-2, -1))
    assert error[[0, 2]].max() < 1e-10
    assert np.isnan(error[1])


def test_a_sum_of_ranks_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="the change has 1 columns and the ranks sum up to 2"):
        midpoint_flag([np.eye(2)[None]], Adapter(np.ones((1, 2, 1)), np.ones((1, 1, 2))), (2,), FloatSubspaces())


# Descent ------------------------------------------------------------------------------------------------------------


def problem_of_rank(D: int, L: int, r: int, seed: int) -> tuple[list[Floats], Floats, list[int]]:
    weights, target = gaussian(D, L, seed)
    if r < D:
        generator = np.random.default_rng(seed + 100)
        target = product(weights) + generator.standard_normal((D, r)) @ generator.standard_normal((r, D)) / D
    return weights, target, [r // L + (l < r % L) for l in range(L)]


@pytest.mark.parametrize(("D", "L", "r"), [(6, 2, 6), (6, 3, 5), (8, 4, 3), (7, 3, 7)])
def test_the_gradient_of_the_descent_against_differences(D: int, L: int, r: int) -> None:
    weights, target, ranks = problem_of_rank(D, L, r, 3)
    made = list(adapters(weights, target, ranks, rank=r, modest=np.inf).adapters)
    descent = _Descent(weights, target, made)
    point = descent._point([_with_orthonormal_rows(a, Q) for a, Q in zip(made, descent._frames, strict=True)])
    assert point is not None
    way = np.random.default_rng(1).standard_normal(len(point.gradient))
    step = 1e-6 * way / np.linalg.norm(way)
    one, other = (descent._moved(point, sign * step) for sign in (1, -1))
    assert one is not None
    assert other is not None
    slope = (one.value - other.value) / (2 * 1e-6)
    assert slope == pytest.approx(point.gradient @ way / np.linalg.norm(way), rel=1e-4, abs=1e-5)


@pytest.mark.parametrize(("D", "L", "r", "gain"), [(16, 8, 16, 5.0), (16, 4, 8, 2.0)])
def test_descent_makes_adapters_smaller_and_keeps_ranks_and_product(D: int, L: int, r: int, gain: float) -> None:
    weights, target, ranks = problem_of_rank(D, L, r, 0)
    plain = adapters(weights, target, ranks, rank=r, modest=np.inf)
    small = adapters(weights, target, ranks, rank=r, modest=1.0)
    assert small.largest < plain.largest / gain
    assert small.exact_residual < 1e-13
    assert [a.A.shape[0] for a in small.adapters] == ranks
    assert all(max(a.A.shape[0], 1) >= n for a, n in zip(small.adapters, ranks_of(small), strict=True))


def test_descent_in_float32() -> None:
    """A draw whose flag comes out at 2e-4 when its layers are added and multiplied in float32."""
    weights, target = gaussian(16, 8, 5)
    singles, aim = [W.astype(np.float32) for W in weights], target.astype(np.float32)
    small = adapters(singles, aim, 2, modest=10.0)
    assert {leaf.dtype for a in small.adapters for leaf in (a.B, a.A)} == {np.dtype(np.float32)}
    assert small.largest < adapters(singles, aim, 2, modest=np.inf).largest / 3
    assert small.residual < 1e-4


def test_descent_leaves_modest_adapters_and_singular_chains_alone() -> None:
    weights, target = gaussian(8, 2, 1)
    made = list(adapters(weights, target, 4, modest=np.inf).adapters)
    assert shrunk(weights, made, target) == made
    nothing = adapters(weights, 0 * target, 4, modest=1e-3)  # every product of the adapted layers is zero
    assert nothing.residual < 1e-13
    assert "modest = 0 is not above 0" in refused(weights, target, 4, modest=0)


# On the instances of other claims -----------------------------------------------------------------------------------


def test_flag_residuals_of_chains_networks_and_transformers() -> None:
    for key in ("zeng-lee/lemma-9.exactness", "zeng-lee/theorem-3", "zeng-lee/theorem-6", MIDPOINT):
        worst = 0.0
        for value in itertools.islice(draws(CASES[key], seed=0, key=key), 4):
            seen = flag_residuals(recipe_of(value).batch(5), size=5)
            assert seen is not None
            worst = max(worst, *seen[np.isfinite(seen)], 0.0)
        assert worst < 1e-11
    assert flag_residuals(MatrixCase((np.eye(2)[None],)), size=1) is None


def test_flag_residuals_see_a_chain_that_cannot_be_formed() -> None:
    W = np.stack([np.eye(2), np.zeros((2, 2))])
    d = SVD(*(np.stack([leaf] * 2) for leaf in (np.eye(2), np.array([2.0, 1.0]), np.eye(2))))
    case = LinearCase(LinearModel((W, W)), d, (1, 1), (Adapter(W[..., :1], W[..., :1, :]),) * 2)
    seen = flag_residuals(case, size=2)
    assert seen is not None
    assert seen[0] < 1e-14
    assert not seen[1] < 1e-14


# The parts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "m"), [(5, 0), (5, 2), (5, 5), (60, 20), (60, 60)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_completed_bases(n: int, m: int, dtype: Any) -> None:
    M = np.random.default_rng(n + m).standard_normal((1, n, m)).astype(dtype)
    spaces = FloatSubspaces(dtype)
    done = spaces.complete(M)
    eps = float(np.finfo(dtype).eps) * 50
    assert done.annihilator.shape == (1, n - m, n)
    assert done.annihilator.dtype == dtype
    np.testing.assert_allclose(done.annihilator @ M, 0, atol=eps * 5)
    np.testing.assert_allclose(done.Q @ done.inverse, np.eye(n)[None], atol=eps)
    if m:
        np.testing.assert_allclose(done.Q[..., :m] @ done.t, M, atol=eps * 5)
        Q, t = spaces.basis(M)
        np.testing.assert_allclose(Q @ t, M, atol=eps * 5)


def test_completed_bases_of_dependent_columns_exactly() -> None:
    spaces = ObjectSubspaces(Rational())
    M = Rational().load(fractions(np.array([[1, 2, 0], [1, 2, 0], [0, 0, 0], [3, 6, 1]])))
    done = spaces.complete(M)
    assert (done.Q @ done.inverse == Rational().identity(4)).all()
    assert (done.annihilator @ M == Rational().zeros(1, 3)).all()
    assert (done.Q[:, :3] @ done.t == M).all()


def test_the_midpoint_is_the_bisector() -> None:
    a, b = np.array([[[1.0], [0.0]]]), np.array([[[0.6], [0.8]]])
    y = FloatSubspaces.midpoint(a, b)[0, :, 0]
    np.testing.assert_allclose(y / np.linalg.norm(y) * np.sign(y[0]), np.array([2, 1]) / np.sqrt(5), atol=1e-14)


@pytest.mark.parametrize("D", [3, 17])
def test_the_exact_residual_against_rationals(D: int) -> None:
    generator = np.random.default_rng(D)
    weights = [generator.standard_normal((D, D)) for _ in range(3)]
    made = [Adapter(generator.standard_normal((D, 2)) * 50, generator.standard_normal((2, D))) for _ in range(3)]
    target = generator.standard_normal((D, D))
    num = Rational()
    layers = [num.load(W) + num.load(a.B) @ num.load(a.A) for W, a in zip(weights, made, strict=True)]
    exact = num.load(target) - product(layers)
    np.testing.assert_allclose(double_double.residual(weights, made, target), as_floats(exact), rtol=1e-15)
    high, low = double_double.adapted_product(weights, made)
    rest = num.load(target) - exact - num.load(high) - num.load(low)
    assert np.abs(as_floats(rest)).max() < 1e-25 * np.abs(high).max()


def test_lapack_and_numpy_agree() -> None:
    generator = np.random.default_rng(2)
    A, B = generator.standard_normal((1, 60, 60)), generator.standard_normal((1, 60, 3))
    np.testing.assert_allclose(factorisations.solve(A, B), np.linalg.solve(A, B), rtol=1e-8)
    e, q = factorisations.eigh(A.mT @ A)
    np.testing.assert_allclose(q @ (e[..., None] * q.mT), A.mT @ A, atol=1e-10)
    U, s, Vt = factorisations.svd(A)
    np.testing.assert_allclose((U * s[:, None, :]) @ Vt, A, atol=1e-11)
    assert np.isnan(factorisations.solve(0 * A, B)).all()


# Networks and Transformers ------------------------------------------------------------------------------------------


def test_relu_networks_block_by_block() -> None:
    num, seen = Float64(), 0
    for _, drawn in zip(range(10), draws(networks(), seed=1, key="midpoint flag"), strict=False):
        case = member(recipe_of(drawn).batch(2), 0)
        made = network_adapters(case)
        assert all(a.A.shape[-2] <= R for a, R in zip(made.adapters, case.ranks, strict=True))
        if max(np.abs(N).max() for N in made.residuals) < 1e-12:  # the ranks reach the target
            seen += 1
            loaded = num.load(case)
            wanted = loaded.target.forward(loaded.inputs.points, num)
            reached = made.network.forward(loaded.inputs.points, num)
            scale = 1 + max(np.abs(z).max() for z in made.network.activations(loaded.inputs.points, num))
            assert np.abs(reached - wanted).max() <= 1e-10 * scale
    assert seen >= 3


def test_transformers_pair_by_pair() -> None:
    for _, drawn in zip(range(4), draws(transformer_cases(), seed=1, key="midpoint flag"), strict=False):
        case = member(recipe_of(drawn).batch(1), 0)
        made = transformer_adapters(case, case.frozen.width)
        assert {kind for kind, _, _ in made} == {"query-key", "value", "output"}
        assert all(chain.residual < 1e-11 for chain in made.values())


# The benchmark ------------------------------------------------------------------------------------------------------


def test_the_benchmark_prints_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    row = line("gaussian", 8, 2, "midpoint flag", "midpoint-flag", 1, range(2))
    assert row.exact < 1e-14
    assert row.failed == 0
    assert len(table_line(row)) == len(HEAD)
    assert main(["--only", "nothing like it"]) == 2
    assert "use --seeds of 1 or more" in capsys.readouterr().err


def test_every_kind_of_problem_is_within_reach() -> None:
    for kind in KINDS:
        D = 128 if kind == "silero gates" else 12
        weights, target, ranks, r = problem(kind, D, 2, 0)
        assert sum(ranks) == r
        assert {W.shape for W in (*weights, target)} == {(D, D)}
        assert adapters(weights, target, ranks, rank=r).residual < 1e-11


def test_the_plot_is_written(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    rows = [line("gaussian", 4, L, label, method, newton, [0]) for label, method, newton in METHODS[:1] for L in (2, 4)]
    plot(rows, str(tmp_path / "residuals.png"))
    assert (tmp_path / "residuals.png").read_bytes()[1:4] == b"PNG"
