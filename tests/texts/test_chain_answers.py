"""Adapters of a chain and the parts they are made of: factorisations, the flag's invariants, a Newton step."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from theorems import AdaptedChain, InputError, LinearModel, adapters, product
from theorems.adaptation import factorisations
from theorems.adaptation.construction import METHODS
from theorems.adaptation.midpoint_flag import Flag, Level, Step, _State, midpoint_flag, strength_flag
from theorems.adaptation.newton import newton_step
from theorems.adaptation.subspaces import FloatSubspaces, ObjectSubspaces
from theorems.arithmetic import Rational
from theorems.case import Array, fractions
from theorems.models.linear import Adapter

NUM = Rational()
EXACT = ObjectSubspaces(NUM)


def integers(shape: tuple[int, ...], seed: int, shift: int = 0) -> Array:
    A = np.random.default_rng(seed).integers(-3, 4, shape)
    return A + shift * np.eye(shape[0], dtype=np.int64) if shift else A


def exact(A: Any) -> Array:
    return NUM.constant(np.asarray(A).tolist())


def chain(D: int, L: int, seed: int = 0) -> tuple[list[Array], Array]:
    """Integer weights and a target."""
    return [integers((D, D), 10 * seed + l, 7) for l in range(L)], integers((D, D), 10 * seed + 9)


def reached(weights: Sequence[Array], made: Sequence[Adapter]) -> Array:
    return product([W + a.matrix for W, a in zip(weights, made, strict=True)])


# factorisations -----------------------------------------------------------------------------------------------------

SHAPES = [(1, 5, np.float64), (3, 5, np.float64), (1, 60, np.float64), (2, 50, np.float64), (1, 5, np.float32),
          (3, 5, np.float32), (2, 50, np.float32)]  # fmt: skip
shapes = pytest.mark.parametrize(("count", "n", "dtype"), SHAPES)


def gaussian(count: int, n: int, m: int, dtype: Any) -> Array:
    return np.random.default_rng(n + m).standard_normal((count, n, m)).astype(dtype)


def close(A: Array, B: Any, dtype: Any) -> None:
    assert A.dtype == dtype
    np.testing.assert_allclose(A, B, atol=2000 * float(np.finfo(dtype).eps))


@shapes
def test_decompositions_of_stacks(count: int, n: int, dtype: Any) -> None:
    A = gaussian(count, n, n, dtype)
    close(A @ factorisations.solve(A, gaussian(count, n, 2, dtype)), gaussian(count, n, 2, dtype), dtype)
    one = factorisations.solve(A[:1], gaussian(count, n, 2, dtype))
    assert one.shape == (count, n, 2)
    close(A[:1] @ one, gaussian(count, n, 2, dtype), dtype)
    S = A + A.mT
    e, q = factorisations.eigh(S)
    close((q * e[..., None, :]) @ q.mT, S, dtype)
    assert (np.diff(e) >= 0).all()
    wide = A[:, : n - 2]
    U, s, Vt = factorisations.svd(wide)
    assert (U.shape, s.shape, Vt.shape) == ((count, n - 2, n - 2), (count, n - 2), (count, n, n))
    close((U * s[..., None, :]) @ Vt[:, : n - 2], wide, dtype)
    close(Vt @ Vt.mT, np.broadcast_to(np.eye(n), A.shape), dtype)


@shapes
@pytest.mark.parametrize("m", [1, 3, 5])
def test_complete_bases(count: int, n: int, dtype: Any, m: int) -> None:
    M = gaussian(count, n, m, dtype)
    done = factorisations.complete(M)
    assert (done.Q.shape, done.t.shape, done.annihilator.shape) == ((count, n, n), (count, m, m), (count, n - m, n))
    close(done.Q.mT @ done.Q, np.broadcast_to(np.eye(n), (count, n, n)), dtype)
    close(done.Q @ done.inverse, np.broadcast_to(np.eye(n), (count, n, n)), dtype)
    close(done.Q[..., :m] @ done.t, M, dtype)
    close(done.annihilator @ M, np.zeros((count, n - m, m)), dtype)
    rows = factorisations.complete(M).annihilator  # before Q was asked for
    close(rows @ rows.mT, np.broadcast_to(np.eye(n - m), (count, n - m, n - m)), dtype)
    close(rows @ M, np.zeros((count, n - m, m)), dtype)
    Q, t = factorisations.orthonormal(M)
    assert (Q.shape, t.shape) == ((count, n, m), (count, m, m))
    close(Q @ t, M, dtype)
    close(Q.mT @ Q, np.broadcast_to(np.eye(m), (count, m, m)), dtype)
    assert np.allclose(np.tril(t, -1), 0)


def test_empty_matrices_and_singular_members() -> None:
    A = gaussian(1, 4, 4, np.float64)
    assert factorisations.solve(A, np.zeros((1, 4, 0))).shape == (1, 4, 0)
    Q, t = factorisations.orthonormal(np.zeros((1, 4, 0), np.float32))
    assert (Q.shape, t.shape) == ((1, 4, 0), (1, 0, 0))
    assert t.dtype == np.float32
    U, s, Vt = factorisations.svd(np.zeros((1, 3, 0)))
    assert (U.shape, s.shape, Vt.shape) == ((1, 3, 3), (1, 0), (1, 0, 0))
    for dtype in (np.float32, np.float64):
        U, s, Vt = factorisations.svd(np.zeros((1, 0, 3), dtype))
        assert (U.shape, s.shape, Vt.shape) == ((1, 0, 0), (1, 0), (1, 3, 3))
        stack = np.stack([np.eye(3), np.zeros((3, 3))]).astype(dtype)
        X = factorisations.solve(stack, np.ones((2, 3, 1), dtype))
        assert X[0].tolist() == [[1], [1], [1]]
        assert np.isnan(X[1]).all()
    large = factorisations.complete(np.eye(60)[None, :, :2])
    assert large.annihilator.shape == (1, 58, 60)
    assert large.Q.shape == (1, 60, 60)


# a Newton step ------------------------------------------------------------------------------------------------------


def first_order(weights: Sequence[Array], made: Sequence[Adapter], moves: Sequence[Array]) -> Array:
    """The change of the product of the adapted layers to first order in the moves of B_l."""
    layers = [W + a.matrix for W, a in zip(weights, made, strict=True)]
    total = layers[0] * 0
    for l, (move, adapter) in enumerate(zip(moves, made, strict=True)):
        term = move @ adapter.A
        total = total + product([*layers[:l], term, *layers[l + 1 :]])
    return total


@pytest.mark.parametrize(
    "ranks", [(1, 1, 1), (2, 1, 0), (0, 1, 2), (3, 0, 0), (0, 0, 3), (1, 1, 0), (0, 0, 1), (1, 0, 1)]
)
def test_a_newton_step_removes_the_residual_to_first_order(ranks: tuple[int, ...]) -> None:
    """All of it where the ranks sum up to D; otherwise what lies in the rows A_l M_{<l}."""
    D = 3
    weights = [exact(W) for W in chain(D, 3)[0]]
    made = [Adapter(exact(integers((D, R), l + 20)), exact(integers((R, D), l + 30))) if R else
            Adapter(NUM.zeros(D, 0), NUM.zeros(0, D)) for l, R in enumerate(ranks)]  # fmt: skip
    residual = exact(integers((D, D), 77))
    moves = newton_step(weights, made, residual, EXACT)
    assert [move.shape for move in moves] == [(D, R) for R in ranks]
    removed = first_order(weights, made, moves)
    if sum(ranks) == D:
        assert (removed == residual).all()
    layers = [W + a.matrix for W, a in zip(weights, made, strict=True)]
    rows = NUM.concatenate([a.A @ product([NUM.identity(D), *layers[:l]]) for l, a in enumerate(made)], -2)
    assert ((removed - residual) @ rows.mT == NUM.zeros(D, sum(ranks))).all()


@pytest.mark.parametrize("ranks", [(1, 2), (1, 1)])
def test_a_newton_step_in_a_stack_is_that_of_its_members(ranks: tuple[int, ...]) -> None:
    weights = [np.stack([integers((3, 3), 10 * s + l, 7) for s in (1, 2)]).astype(float) for l in range(2)]
    made = [Adapter(gaussian(2, 3, R, float), gaussian(2, R, 3, float)) for R in ranks]
    residual = gaussian(2, 3, 3, float)
    together = newton_step(weights, made, residual, FloatSubspaces())
    for i in range(2):
        one = slice(i, i + 1)
        adapted = [Adapter(a.B[one], a.A[one]) for a in made]
        alone = newton_step([W[one] for W in weights], adapted, residual[one], FloatSubspaces())
        for moves, move in zip(together, alone, strict=True):
            np.testing.assert_allclose(moves[one], move, rtol=1e-9)


# the flag -----------------------------------------------------------------------------------------------------------


def flag(D: int, ranks: tuple[int, ...], seed: int) -> tuple[list[Array], Adapter, Flag]:
    weights = [exact(integers((D, D), 10 * seed + l, 7)) for l in range(len(ranks))]
    r = sum(ranks)
    change = Adapter(exact(integers((D, r), seed + 50)), exact(integers((r, D), seed + 60)))
    return weights, change, midpoint_flag(weights, change, ranks, EXACT)


RANKS = [(2, 1, 1), (1, 1, 2), (1, 1), (2, 2), (1, 0, 2), (4,), (0, 3, 1)]


@pytest.mark.parametrize("ranks", RANKS)
def test_the_flag_reaches_its_target(ranks: tuple[int, ...]) -> None:
    weights, change, found = flag(4, ranks, sum(ranks))
    assert (reached(weights, found.adapters) == product(weights) + change.matrix).all()
    assert [(a.B.shape, a.A.shape) for a in found.adapters] == [((4, R), (R, 4)) for R in ranks]


@pytest.mark.parametrize("ranks", RANKS)
def test_the_backward_flag_is_what_it_says(ranks: tuple[int, ...]) -> None:
    """S_l Y_l = B u_l k_l with `within` the left inverse of u_l and `beyond` the rows that annihilate it."""
    weights, change, found = flag(4, ranks, sum(ranks))
    r = sum(ranks)
    assert len(found.levels) == len(ranks)
    for l, (level, g) in enumerate(zip(found.levels, itertools.accumulate(ranks), strict=True)):
        assert [leaf.shape for leaf in (level.Y, level.k, level.within, level.beyond)] == [
            (4, g), (g, g), (g, r), (r - g, r)]  # fmt: skip
        frame = NUM.concatenate([level.within, level.beyond], -2)
        assert NUM.nonsingular(frame)
        u = NUM.inverse(frame)[:, :g]
        assert (product([NUM.identity(4), *weights[l + 1 :]]) @ level.Y == change.B @ u @ level.k).all()
        assert NUM.nonsingular(level.k)
    again = strength_flag(weights, change, ranks, EXACT)
    assert all((a.Y == b.Y).all() for a, b in zip(again, found.levels, strict=True))


@pytest.mark.parametrize("ranks", RANKS)
def test_the_forward_flag_is_what_it_says(ranks: tuple[int, ...]) -> None:
    """Bases, complements of x and z, and adapters that leave the untouched and the finished states alone."""
    weights, _, found = flag(4, ranks, sum(ranks))
    r, done = sum(ranks), 0
    assert len(found.steps) == len(ranks)
    for step, adapter, R in zip(found.steps, found.adapters, ranks, strict=True):
        d = r - done - R
        assert [leaf.shape for leaf in (step.untouched, step.finished, step.vanishing, step.x, step.z, step.kept)] == [
            (4, R + d), (4, done), (4, 4 - r), (R + d, R), (R + d, R), (R + d, d)]  # fmt: skip
        assert NUM.nonsingular(NUM.concatenate([step.vanishing, step.untouched, step.finished], -1))
        for other in (step.x, step.z):
            assert NUM.nonsingular(NUM.concatenate([step.kept, other], -1))
        for rest in (step.vanishing, step.finished, step.untouched @ step.kept):
            assert (adapter.A @ rest == NUM.zeros(R, rest.shape[1])).all()
        done += R
    assert len(weights) == len(ranks)


def test_the_flag_in_stacks_of_floats() -> None:
    weights = [np.stack([integers((4, 4), s + l, 7) for s in (1, 2)]).astype(float) for l in range(3)]
    U, s, Vt = np.linalg.svd(np.stack([integers((4, 4), s) for s in (3, 4)]).astype(float))
    for ranks in ((2, 1, 1), (1, 1, 1)):
        r = sum(ranks)
        change = Adapter(U[..., :r], s[:, :r, None] * Vt[:, :r])
        found = midpoint_flag(weights, change, ranks, FloatSubspaces())
        assert np.allclose(reached(weights, found.adapters), product(weights) + change.matrix, atol=1e-9)
    with pytest.raises(ValueError, match="3 columns and the ranks sum up to 4"):
        midpoint_flag(weights, change, (2, 1, 1), FloatSubspaces())


# adapters -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ranks", [(2, 2), (1, 3), (3, 1), (4, 2), (4, 4)])
def test_adapters_reach_the_target(method: str, ranks: tuple[int, ...]) -> None:
    weights, target = chain(4, 2)
    made = adapters(weights, target, ranks, method=method)
    assert (made.method, made.rank, made.repaired, made.steps, made.exact) == (method, 4, (), 0, True)
    assert (reached([fractions(W) for W in weights], made.adapters) == target).all()
    assert all(a.A.shape[0] <= R for a, R in zip(made.adapters, ranks, strict=True))
    assert all(type(entry) is Fraction for a in made.adapters for entry in a.B.flat)
    floats = adapters([W.astype(float) for W in weights], target.astype(float), ranks, method=method)
    assert floats.residual < 1e-11
    assert not floats.exact
    assert all(a.A.shape[0] <= R for a, R in zip(floats.adapters, ranks, strict=True))


def test_the_rank_of_the_change() -> None:
    weights, _ = chain(4, 2)
    change = integers((4, 2), 5) @ integers((2, 4), 6)
    target = weights[1] @ weights[0] + change
    for method in METHODS:
        made = adapters(weights, target, 1, method=method)
        assert (made.rank, made.residual) == (2, 0)
        assert [a.A.shape for a in made.adapters] == [(1, 4), (1, 4)]
    for ranks, total in ((0, 0), ((1, 0), 1)):
        with pytest.raises(InputError, match=f"the ranks sum up to {total} and rank"):
            adapters(weights, target, ranks)
    nothing = adapters(weights, weights[1] @ weights[0], 2)
    assert (nothing.rank, nothing.residual, [a.B.shape for a in nothing.adapters]) == (0, 0, [(4, 0)] * 2)
    assert [a.A.shape for a in nothing.adapters] == [(0, 4)] * 2
    floats = [W.astype(float) for W in weights]
    assert adapters(floats, target.astype(float), 1).rank == 2
    assert adapters(floats, target.astype(float), 2, rank=3).rank == 3
    assert adapters(LinearModel(tuple(weights)), target, 1).residual == 0


def test_unknown_methods_and_immodest_limits() -> None:
    weights, target = chain(3, 2)
    with pytest.raises(InputError, match="method='other' is unknown"):
        adapters(weights, target, 2, method="other")
    for modest in (0, -1, float("nan")):
        with pytest.raises(InputError, match="not above 0"):
            adapters(weights, target, 2, modest=modest)
    assert adapters(weights, target, 2, modest=1e-9).residual == 0


def test_methods_that_cannot_be_formed_say_so() -> None:
    identity, zero = np.eye(2, dtype=np.int64), np.zeros((2, 2), dtype=np.int64)
    with pytest.raises(InputError, match=r"lemma-9.*cannot be formed here.*midpoint-flag"):
        adapters([identity, identity], zero, 1, method="lemma-9")
    with pytest.raises(InputError, match=r"lemma-9.*a singular matrix.*midpoint-flag"):
        adapters([identity * 1.0, identity * 1.0], zero * 1.0, 1, method="lemma-9")
    for method in ("midpoint-flag", "elimination"):
        assert adapters([identity, identity], zero, 1, method=method).residual == 0


def test_singular_weights_are_made_regular_first() -> None:
    """W_1 = diag(0, 1, 1): one rank of the first layer repairs it, and the rest makes the change."""
    dead, I = np.diag([0, 1, 1]), np.eye(3, dtype=np.int64)
    for cast in (int, float):
        for target, ranks in ((2 * I, (3, 3)), (2 * I, (2, 2)), (np.diag([1, 1, 5]), (2, 1))):
            made = adapters([dead.astype(cast), I.astype(cast)], target.astype(cast), ranks)
            assert made.repaired == (1,)
            assert made.residual < 1e-13
            assert all(a.A.shape[0] <= R for a, R in zip(made.adapters, ranks, strict=True))
        with pytest.raises(InputError, match="W_1 is singular"):
            adapters([dead.astype(cast), I.astype(cast)], (2 * I).astype(cast), (0, 3))


def test_slack_and_descent_make_adapters_smaller() -> None:
    generator = np.random.default_rng(2)
    weights = [generator.standard_normal((6, 6)) for _ in range(3)]
    target = generator.standard_normal((6, 6))
    flagged = adapters(weights, target, 2, modest=np.inf)
    shrunk = adapters(weights, target, 2, modest=0.1)
    loose = adapters(weights, target, 4, modest=0.1)
    for made in (flagged, shrunk, loose):
        assert made.residual < 1e-10
    assert shrunk.largest < flagged.largest
    assert [a.A.shape[0] for a in shrunk.adapters] == [2, 2, 2]
    assert loose.largest < flagged.largest
    assert sum(a.A.shape[0] for a in loose.adapters) <= 12


def test_newton_steps_are_taken_while_they_help() -> None:
    generator = np.random.default_rng(3)
    weights = [generator.standard_normal((8, 8)) for _ in range(4)]
    target = generator.standard_normal((8, 8))
    made = [adapters(weights, target, 2, newton=n, modest=np.inf) for n in (0, 1, 9)]
    assert made[0].steps == 0
    assert made[1].steps == 1
    assert 1 <= made[2].steps < 9
    residuals = [one.exact_residual for one in made]
    assert residuals[1] < residuals[0] / 2
    assert residuals[2] <= residuals[1]
    assert isinstance(made[2], AdaptedChain)
    integers_, aim = chain(3, 2)
    assert adapters(integers_, aim, 2, newton=3).steps == 0
    small = [W.astype(np.float32) for W in weights]
    single = adapters(small, target.astype(np.float32), 2, newton=2, modest=np.inf)
    assert all(a.B.dtype == a.A.dtype == np.float32 for a in single.adapters)
    assert single.residual < 1e-3


def test_elimination_turns_its_factors_where_the_first_try_fails() -> None:
    """targets G (0 1 / 1 0) G^{-1} and its like: the first pivot of the fixed matrix in general position vanishes."""
    from theorems.adaptation.linear import general_position

    I = np.eye(2, dtype=np.int64)
    G = general_position(2, NUM)
    special = G @ exact([[0, 1], [1, 0]]) @ NUM.inverse(G)
    made = adapters([I, I], fractions(np.asarray(special)), 1, method="elimination")
    assert (made.residual, made.method) == (0, "elimination")


def test_repairs_that_leave_no_rank_to_spare() -> None:
    """sum R_l = rank(E) = 4, W_1 of rank 3: with two ranks in each layer the repair is a part of the change."""
    weights, target = chain(4, 2, 3)
    weights[0][0] = weights[0][1]
    for cast in (np.int64, np.float64):
        made = adapters([W.astype(cast) for W in weights], target.astype(cast), 2)
        assert (made.rank, made.repaired, [a.A.shape[0] for a in made.adapters]) == (4, (1,), [2, 2])
        assert made.residual < 1e-12
        spare = adapters([W.astype(cast) for W in weights], target.astype(cast), (3, 2))
        assert (spare.rank, spare.repaired) == (4, (1,))
        assert spare.residual < 1e-12


def test_values_cannot_be_changed() -> None:
    kinds: list[Any] = [AdaptedChain, Flag, Level, Step, _State]
    for kind in kinds:
        assert dataclasses.fields(kind)
        assert kind.__dataclass_params__.frozen
