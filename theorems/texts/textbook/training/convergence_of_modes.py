"""The textbook section, 11.2.3: how fast the modes of gradient descent converge (Theorem 11.13)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from theorems.case import Array
from theorems.claim import Source
from theorems.facts import definition
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.textbook.training.cases import RegressionCase
from theorems.texts.textbook.training.gradient_dynamics import column_norms, descent, eigen, gradient, limit, regular

Steps = Iterator[Suppose | Conclude]


def contraction(case: RegressionCase, num: Num) -> Steps:
    """Theorem 11.13, the rate: mode i of the error is multiplied by 1 - eta lambda_i in each step.

    Hypotheses  X X^T is non-singular
    Conclusion  (W_{t+1} - W*) q_i = (1 - eta lambda_i) (W_t - W*) q_i for every i and t
    """
    yield regular(case, num)
    Q, eigenvalues = eigen(case, num)
    best = limit(case, num)
    factors = 1 - num.times(case.step[..., 0], eigenvalues)
    run = descent(case.start.matrix, case, num)
    for W, following in itertools.pairwise(run):
        scale = num.maximum(num.frobenius_norm(W - best), num.frobenius_norm(best))
        scale = num.maximum(scale, num.frobenius_norm(following))
        error = (W - best) @ Q
        yield conclude(
            equal((following - best) @ Q, error * factors[..., None, :], scale=scale),
            "(W_{t+1} - W*) q_i = (1 - eta lambda_i) (W_t - W*) q_i",
        )


def convergence(case: RegressionCase, num: Num) -> Steps:
    """Theorem 11.13, "converges": the modes converge, for every step size eta > 0.

    Hypotheses  eta > 0; X X^T is non-singular (without it a mode with lambda = 0 never moves)
    Conclusion  one step moves no mode of the error away from zero
    """
    yield suppose(less_than(num.number(0), case.step[..., 0]), "eta > 0")
    yield regular(case, num)
    best, (Q, _) = limit(case, num), eigen(case, num)
    W = case.start.matrix
    X = case.inputs.matrix
    following = W - num.times(case.step[..., 0], gradient(W, X, case.targets))
    before, after = column_norms((W - best) @ Q), column_norms((following - best) @ Q)
    scale = num.maximum(num.frobenius_norm_squared(W), num.frobenius_norm_squared(best))
    yield conclude(at_most(after, before, scale=scale), "no mode of the error grows")


def convergence_repaired(case: RegressionCase, num: Num) -> Steps:
    """Theorem 11.13, "converges", repaired: every mode of the error shrinks when 0 < eta < 2 / lambda_1.

    |1 - eta lambda_i| < 1 for all i is the same as 0 < eta lambda_1 < 2 with all lambda_i > 0.

    Hypotheses  0 < eta lambda_1 < 2; X X^T is non-singular
    Conclusion  no mode grows; mode i has the factor (1 - eta lambda_i)^2 < 1 in each step, so that after t steps its
                squared error is at most that factor to the power t times the first: it goes to zero
    """
    Q, eigenvalues = eigen(case, num)
    eta = case.step[..., 0]
    yield suppose(less_than(eta * eigenvalues[..., 0], num.number(2)), "eta lambda_1 < 2")
    yield from convergence(case, num)
    best, run = limit(case, num), descent(case.start.matrix, case, num)
    scale = num.maximum(num.frobenius_norm_squared(run[0]), num.frobenius_norm_squared(best))
    first, last = column_norms((run[0] - best) @ Q), column_norms((run[-1] - best) @ Q)
    for i in range(eigenvalues.shape[-1]):
        factor = (1 - eta * eigenvalues[..., i]) * (1 - eta * eigenvalues[..., i])
        yield conclude(less_than(factor, num.number(1)), "(1 - eta lambda_i)^2 < 1")
        bound = first[..., i]
        for _ in range(case.steps):
            bound = bound * factor
        yield conclude(at_most(last[..., i], bound, scale=scale), "mode i keeps (1 - eta lambda_i)^{2t} of its square")


def _slower(case: RegressionCase, Q: Array, num: Num) -> Steps:
    """Column j of the error keeps at least as large a share of itself as column i < j, after all steps."""
    yield suppose(Q.shape[-1] >= 2, "there are two directions to compare")
    best = limit(case, num)
    run = descent(case.start.matrix, case, num)
    before, after = column_norms((run[0] - best) @ Q), column_norms((run[-1] - best) @ Q)
    for j in range(1, Q.shape[-1]):
        i = j - 1
        yield conclude(
            at_most(
                after[..., i] * before[..., j],
                after[..., j] * before[..., i],
                scale=num.frobenius_norm_squared(run[0] - best) * num.frobenius_norm_squared(run[0] - best),
            ),
            "the later direction keeps at least as large a share of its error",
        )


def order(case: RegressionCase, num: Num) -> Steps:
    """Theorem 11.13, the order: modes of smaller eigenvalues converge more slowly.

    Measured: the share of its initial error that a mode still has after T steps; "slower" is "at least as large".

    Hypotheses  0 < eta lambda_1 < 2, so that all converge; X X^T is non-singular
    """
    Q, eigenvalues = eigen(case, num)
    yield suppose(less_than(num.number(0), case.step[..., 0]), "eta > 0")
    yield suppose(less_than(case.step[..., 0] * eigenvalues[..., 0], num.number(2)), "eta lambda_1 < 2")
    yield regular(case, num)
    yield from _slower(case, Q, num)


def order_repaired(case: RegressionCase, num: Num) -> Steps:
    """Theorem 11.13, the order, repaired: it holds for 0 < eta <= 2 / (lambda_1 + lambda_2), in particular up to
    1/lambda_1.

    |1 - eta lambda_i| <= |1 - eta lambda_j| for lambda_i > lambda_j is the same as eta (lambda_i + lambda_j) <= 2.

    Hypotheses  eta > 0; eta (lambda_1 + lambda_2) <= 2; X X^T is non-singular
    """
    Q, eigenvalues = eigen(case, num)
    yield suppose(less_than(num.number(0), case.step[..., 0]), "eta > 0")
    largest = eigenvalues[..., 0] + (eigenvalues[..., 1] if eigenvalues.shape[-1] > 1 else eigenvalues[..., 0])
    yield suppose(at_most(case.step[..., 0] * largest, num.number(2)), "eta (lambda_1 + lambda_2) <= 2")
    yield regular(case, num)
    yield from _slower(case, Q, num)


def weight_directions(case: RegressionCase, num: Num) -> Steps:
    """Theorem 11.13, last clause: directions of the weight with smaller singular values evolve more slowly.

    Directions: the right singular vectors v_1, v_2, ... of W_0, in the order of its singular values.  Measured as in
    the order of modes, in the favourable range eta lambda_1 <= 1.

    Hypotheses  0 < eta lambda_1 <= 1; X X^T is non-singular
    Conclusion  W_t - W* keeps along v_j at least the share that it keeps along v_i, i < j
    """
    _, eigenvalues = eigen(case, num)
    yield suppose(less_than(num.number(0), case.step[..., 0]), "eta > 0")
    yield suppose(at_most(case.step[..., 0] * eigenvalues[..., 0], num.number(1)), "eta lambda_1 <= 1")
    yield regular(case, num)
    d = num.svd(case.start.matrix)
    for k in range(d.s.shape[-1] - 1):
        yield suppose(less_than(d.s[..., k + 1], d.s[..., k]), "the singular values of W_0 differ")
    yield from _slower(case, d.V, num)


_THEOREM = Source("textbook", "Theorem 11.13", "11.2.3")

CLAIMS = (
    _THEOREM.stands("textbook/theorem-11.13", contraction, "W_{t+1} - W* = (W_t - W*)(I - eta X X^T)"),
    _THEOREM.gap(
        "textbook/theorem-11.13.convergence", convergence, "eta lambda > 2 diverges: 1 x 1 data, one step",
        place="Theorem 11.13", printed="the mode of lambda_i converges at the rate (1 - eta lambda_i)",
        repaired_by="textbook/theorem-11.13.convergence:repaired",
    ),
    _THEOREM.stands(
        "textbook/theorem-11.13.convergence:repaired", convergence_repaired,
        "|1 - eta lambda_i| < 1 for all i exactly when 0 < eta lambda_i < 2",
    ),
    _THEOREM.gap(
        "textbook/theorem-11.13.order", order,
        "for eta (lambda_1 + lambda_2) > 2 the largest eigenvalue is the slowest: n = 2, one step",
        place="Theorem 11.13, last sentence", printed="modes with smaller eigenvalues converge more slowly",
        repaired_by="textbook/theorem-11.13.order:repaired",
    ),
    _THEOREM.stands(
        "textbook/theorem-11.13.order:repaired", order_repaired,
        "|1 - eta a| <= |1 - eta b| for a > b is eta (a + b) <= 2",
        about={"X X^T is non-singular": definition("W* = Y X^T (X X^T)^{-1} is one matrix only then")},
    ),
    _THEOREM.false(
        "textbook/theorem-11.13.weight-directions", weight_directions,
        "the rates belong to the data: W_0 may be weak where the data are strong (n = 2, one step)",
        place="Theorem 11.13, last clause",
        printed="directions of smaller singular values of the weight evolve more slowly",
        repaired_by="textbook/theorem-11.13.order:repaired",
    ),
)  # fmt: skip
