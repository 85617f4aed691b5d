"""The textbook section, 11.2.3, first part: gradient descent on 1/2 ||W X - Y||_F^2 (Lemma 11.22 to Corollary 11.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import Array, CountCase
from theorems.claim import Claim, Source, Verdict
from theorems.errors import InputError
from theorems.low_rank_basis.training_cases import RegressionCase, ReparametrisedCase
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose

Steps = Iterator[Suppose | Conclude]


def gradient(W: Array, X: Array, Y: Array) -> Array:
    """W X X^T - Y X^T, taken as (W X - Y) X^T."""
    result: Array = (W @ X - Y) @ X.mT
    return result


def descent(W: Array, case: RegressionCase, num: Any) -> list[Array]:
    """W_0, W_1, ..., W_T from the start W."""
    X, run = case.inputs.matrix, [W]
    for _ in range(case.steps):
        run.append(run[-1] - num.times(case.step[..., 0], gradient(run[-1], X, case.targets)))
    return run


def eigen(case: RegressionCase, num: Any) -> tuple[Array, Array]:
    """All eigenvectors of X X^T as columns, and the eigenvalues lambda_1 >= ... >= lambda_n."""
    d = num.svd(case.inputs.matrix)
    return d.U, d.s * d.s


def limit(case: RegressionCase, num: Any) -> Array:
    """The minimiser Y X^T (X X^T)^{-1}, for X of rank n."""
    X = case.inputs.matrix
    return num.solve(X @ X.mT, X @ case.targets.mT).mT  # type: ignore[no-any-return]


def column_norms(A: Array) -> Array:
    """The squared norms of the columns, (..., n)."""
    squares: Array = (A * A).sum(-2)
    return squares


def regular(case: RegressionCase, num: Any) -> Suppose:
    """X X^T is non-singular, so that there is one minimiser."""
    X = case.inputs.matrix
    return suppose(num.nonsingular(X @ X.mT), "X X^T is non-singular")


# Lemma 11.22 ----------------------------------------------------------------------------------------------------------


def shapes(case: CountCase, num: Any) -> Steps:
    """Lemma 11.22, the shapes as printed: X in R^{n x d} and Y in R^{n x m} fit in ||W X - Y||_F for some matrix W.

    W X has d columns for every W, and Y has m.

    Conclusion  d = m
    """
    if len(case.values) != 3 or min(case.values) < 1:
        raise InputError(f"the sizes {case.values} must be three positive integers: n, d, m")
    _, d, m = case.values
    yield conclude(equal(num.number(d), num.number(m)), "W X and Y have as many columns")


def gradient_as_meant(case: RegressionCase, num: Any) -> Steps:
    """Lemma 11.22, the update, shapes as meant (W m x n, X n x d, Y m x d): the gradient is W X X^T - Y X^T.

    The loss is quadratic, so that L(W + H) = L(W) + <G, H> + 1/2 ||H X||_F^2 exactly, for every H; and the odd part of
    H -> L(W + H) is <G, H>.

    Conclusion  (L(W + H) - L(W - H)) / 2 = <W X X^T - Y X^T, H> with the loss evaluated forward
    """
    X, Y, W, H = case.inputs.matrix, case.targets, case.start.matrix, case.other
    half = num.number(1, 2)
    forward = half * num.frobenius_norm_squared((W + H) @ X - Y)
    backward = half * num.frobenius_norm_squared((W - H) @ X - Y)
    G = W @ (X @ X.mT) - Y @ X.mT
    yield conclude(
        equal(half * (forward - backward), num.trace(G.mT @ H), scale=forward + backward),
        "the derivative along H is <W X X^T - Y X^T, H>",
    )


def solution_space(case: ReparametrisedCase, num: Any) -> Steps:
    """Lemma 11.22, the sentence before it: the row space of X determines the solutions of the regression.

    X and R X with a non-singular R have one row space; read as: they then have the same minimisers.

    Hypotheses  R is non-singular; X X^T is non-singular, so that each problem has one minimiser
    Conclusion  the two minimisers are equal
    """
    X, R, Y = case.inputs, case.mixing, case.targets
    yield suppose(num.nonsingular(R), "R is non-singular")
    yield suppose(num.nonsingular(X @ X.mT), "X X^T is non-singular")
    other = R @ X
    one, two = (num.solve(Z @ Z.mT, Z @ Y.mT) for Z in (X, other))
    yield conclude(equal(one, two), "the minimisers are equal")


def fitted_values(case: ReparametrisedCase, num: Any) -> Steps:
    """Lemma 11.22, the sentence before it, repaired: the row space of X determines the fitted values W X, not W.

    W X is Y projected onto the row space; the set of minimisers itself is W + {Z : Z X = 0}, a matter of the column space.

    Hypotheses  R is non-singular; X X^T is non-singular
    Conclusion  the minimisers of X and R X fit the same values
    """
    X, R, Y = case.inputs, case.mixing, case.targets
    yield suppose(num.nonsingular(R), "R is non-singular")
    yield suppose(num.nonsingular(X @ X.mT), "X X^T is non-singular")
    other = R @ X
    one, two = (num.solve(Z @ Z.mT, Z @ Y.mT).mT @ Z for Z in (X, other))
    yield conclude(equal(one, two, scale=num.frobenius_norm(Y)), "the fitted values are equal")


def independent_modes(case: RegressionCase, num: Any) -> Steps:
    """Lemma 11.22: the projections of W_t on the eigenvectors of X X^T evolve independently of each other.

    W_{t+1} q = (1 - eta lambda) W_t q + eta Y X^T q for X X^T q = lambda q: the projection on q depends on its own past
    alone.  The start is changed everywhere but on q, and W_t q does not move.

    Conclusion  the recursion for every eigenvector and step; W_t q is the same from both starts
    """
    X, Y = case.inputs.matrix, case.targets
    Q, eigenvalues = eigen(case, num)
    eta = case.step[..., 0]
    run = descent(case.start.matrix, case, num)
    drive = num.times(eta, Y @ X.mT @ Q)
    factors = 1 - num.times(eta, eigenvalues)
    for W, following in zip(run, run[1:], strict=False):
        before = W @ Q
        scale = num.maximum(num.frobenius_norm(W @ X @ X.mT) * num.absolute(eta), num.frobenius_norm(following))
        scale = num.maximum(scale, num.frobenius_norm(drive))
        yield conclude(
            equal(following @ Q, before * factors[..., None, :] + drive, scale=scale),
            "W_{t+1} q = (1 - eta lambda) W_t q + eta Y X^T q",
        )
    first = Q[..., :, :1]
    changed = case.other + (case.start.matrix - case.other) @ first @ first.mT
    end = descent(changed, case, num)[-1]
    scale = num.maximum(num.frobenius_norm(run[-1]), num.frobenius_norm(end))
    yield conclude(equal(run[-1] @ first, end @ first, scale=scale), "W_t q does not depend on the rest of W_0")


def invariant_for_the_weight(case: RegressionCase, num: Any) -> Steps:
    """Lemma 11.22, "invariant subspaces", read of the weight itself: what starts in an eigenspace stays there.

    The map W -> W - eta (W X X^T - Y X^T) is affine: Y X^T drives the other modes from any start.

    Hypotheses  the rows of W_0 lie along an eigenvector q
    Conclusion  the rows of W_t lie along q
    """
    Q, _ = eigen(case, num)
    q = Q[..., :, :1]
    start = case.start.matrix @ q @ q.mT
    end = descent(start, case, num)[-1]
    yield conclude(equal(end, end @ q @ q.mT, scale=num.frobenius_norm(end)), "the rows of W_t lie along q")


def invariant_for_the_error(case: RegressionCase, num: Any) -> Steps:
    """Lemma 11.22, "invariant subspaces", repaired: an error W_0 - W* along an eigenvector stays along it.

    W_{t+1} - W* = (W_t - W*)(I - eta X X^T).

    Hypotheses  X X^T is non-singular; the rows of W_0 - W* lie along q
    Conclusion  the rows of W_t - W* lie along q
    """
    yield regular(case, num)
    Q, _ = eigen(case, num)
    q, best = Q[..., :, :1], limit(case, num)
    end = descent(best + case.other @ q @ q.mT, case, num)[-1]
    scale = num.maximum(num.frobenius_norm(end), num.frobenius_norm(best))
    yield conclude(equal((end - best) @ q @ q.mT, end - best, scale=scale), "the rows of W_t - W* lie along q")


# Theorem 11.13 --------------------------------------------------------------------------------------------------------


def contraction(case: RegressionCase, num: Any) -> Steps:
    """Theorem 11.13, the rate: mode i of the error is multiplied by 1 - eta lambda_i in each step.

    Hypotheses  X X^T is non-singular
    Conclusion  (W_{t+1} - W*) q_i = (1 - eta lambda_i) (W_t - W*) q_i for every i and t
    """
    yield regular(case, num)
    Q, eigenvalues = eigen(case, num)
    best = limit(case, num)
    factors = 1 - num.times(case.step[..., 0], eigenvalues)
    run = descent(case.start.matrix, case, num)
    for W, following in zip(run, run[1:], strict=False):
        scale = num.maximum(num.frobenius_norm(W - best), num.frobenius_norm(best))
        scale = num.maximum(scale, num.frobenius_norm(following))
        error = (W - best) @ Q
        yield conclude(
            equal((following - best) @ Q, error * factors[..., None, :], scale=scale),
            "(W_{t+1} - W*) q_i = (1 - eta lambda_i) (W_t - W*) q_i",
        )


def convergence(case: RegressionCase, num: Any) -> Steps:
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


def convergence_repaired(case: RegressionCase, num: Any) -> Steps:
    """Theorem 11.13, "converges", repaired: every mode of the error shrinks when 0 < eta < 2 / lambda_1.

    |1 - eta lambda_i| < 1 for all i is the same as 0 < eta lambda_1 < 2 with all lambda_i > 0.

    Hypotheses  0 < eta lambda_1 < 2; X X^T is non-singular
    """
    _, eigenvalues = eigen(case, num)
    yield suppose(less_than(case.step[..., 0] * eigenvalues[..., 0], num.number(2)), "eta lambda_1 < 2")
    yield from convergence(case, num)


def _slower(case: RegressionCase, Q: Array, num: Any) -> Steps:
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


def order(case: RegressionCase, num: Any) -> Steps:
    """Theorem 11.13, the order: modes of smaller eigenvalues converge more slowly.

    Measured: the share of its initial error that a mode still has after T steps; "slower" is "at least as large".

    Hypotheses  0 < eta lambda_1 < 2, so that all converge; X X^T is non-singular
    """
    Q, eigenvalues = eigen(case, num)
    yield suppose(less_than(num.number(0), case.step[..., 0]), "eta > 0")
    yield suppose(less_than(case.step[..., 0] * eigenvalues[..., 0], num.number(2)), "eta lambda_1 < 2")
    yield regular(case, num)
    yield from _slower(case, Q, num)


def order_repaired(case: RegressionCase, num: Any) -> Steps:
    """Theorem 11.13, the order, repaired: it holds for 0 < eta <= 2 / (lambda_1 + lambda_2), in particular up to 1/lambda_1.

    |1 - eta lambda_i| <= |1 - eta lambda_j| for lambda_i > lambda_j is the same as eta (lambda_i + lambda_j) <= 2.

    Hypotheses  eta > 0; eta (lambda_1 + lambda_2) <= 2; X X^T is non-singular
    """
    Q, eigenvalues = eigen(case, num)
    yield suppose(less_than(num.number(0), case.step[..., 0]), "eta > 0")
    largest = eigenvalues[..., 0] + (eigenvalues[..., 1] if eigenvalues.shape[-1] > 1 else eigenvalues[..., 0])
    yield suppose(at_most(case.step[..., 0] * largest, num.number(2)), "eta (lambda_1 + lambda_2) <= 2")
    yield regular(case, num)
    yield from _slower(case, Q, num)


def weight_directions(case: RegressionCase, num: Any) -> Steps:
    """Theorem 11.13, last clause: directions of the weight with smaller singular values evolve more slowly.

    Directions: the right singular vectors v_1, v_2, ... of W_0, in the order of its singular values.  Measured as in the
    order of modes, in the favourable range eta lambda_1 <= 1.

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


# Corollary 11.5 -------------------------------------------------------------------------------------------------------


def _lower_effective_rank(W: Array, best: Array, num: Any) -> Steps:
    """E(1) of W is at least that of W*, where E(1) = sigma_1^2 / ||.||_F^2 (Definition 11.16).

    Written as sigma_1(W*) ||W||_F <= sigma_1(W) ||W*||_F.
    """
    left = num.spectral_norm(best) * num.frobenius_norm(W)
    right = num.spectral_norm(W) * num.frobenius_norm(best)
    yield conclude(at_most(left, right), "E(1) of W_t is at least that of the limit")


def _small_steps(case: RegressionCase, num: Any) -> Steps:
    _, eigenvalues = eigen(case, num)
    yield suppose(less_than(num.number(0), case.step[..., 0]), "eta > 0")
    yield suppose(at_most(case.step[..., 0] * eigenvalues[..., 0], num.number(1)), "eta lambda_1 <= 1")
    yield regular(case, num)


def few_steps(case: RegressionCase, num: Any) -> Steps:
    """Corollary 11.5: after few steps the weight has a lower effective rank than after many.

    Measured by the share of energy in the first singular value, E(1) of Definition 11.16: W_t concentrates at least as
    much as the limit W*.  The counterexample keeps every notion of effective rank: it starts from a multiple of the
    identity.

    Hypotheses  0 < eta lambda_1 <= 1; X X^T is non-singular; at least one step
    """
    yield from _small_steps(case, num)
    yield suppose(case.steps >= 1, "at least one step")
    W = descent(case.start.matrix, case, num)[-1]
    yield from _lower_effective_rank(W, limit(case, num), num)


def few_steps_from_zero(case: RegressionCase, num: Any) -> Steps:
    """Corollary 11.5 from W_0 = 0, the favourable start.

    The strong modes of the data come first; where the target is strong along the weak ones, this evens the spectrum out.

    Hypotheses  as before; at least one step
    """
    yield from _small_steps(case, num)
    yield suppose(case.steps >= 1, "at least one step")
    W = descent(case.start.matrix * 0, case, num)[-1]
    yield from _lower_effective_rank(W, limit(case, num), num)


def few_steps_aligned(case: RegressionCase, num: Any) -> Steps:
    """Corollary 11.5, repaired: from zero, and when W* is strongest along the strongest modes of the data.

    The columns of W* Q are orthogonal, with norms c_1 >= c_2 >= ...; then sigma_i(W_t) = c_i (1 - (1 - eta lambda_i)^t),
    and the factors fall with i.

    Hypotheses  0 < eta lambda_1 <= 1; the columns of W* Q are orthogonal, longest first; W_0 = 0; at least one step
    Conclusion  E(k) of W_t is at least that of W*, for every k, by the squared lengths of the columns of W_t Q
    """
    yield from _small_steps(case, num)
    yield suppose(case.steps >= 1, "at least one step")
    Q, _ = eigen(case, num)
    columns = limit(case, num) @ Q
    c = column_norms(columns)
    scale = num.frobenius_norm_squared(columns)
    yield suppose(equal(columns.mT @ columns, num.diagonal(c), scale=scale), "the columns of W* Q are orthogonal")
    n = c.shape[-1]
    for k in range(n - 1):
        yield suppose(at_most(c[..., k + 1], c[..., k], scale=scale), "the columns of W* Q are longest first")
    reached = descent(case.start.matrix * 0, case, num)[-1] @ Q
    e = column_norms(reached)
    yield conclude(
        equal(reached.mT @ reached, num.diagonal(e), scale=scale), "the columns of W_t Q are orthogonal as well"
    )
    for k in range(1, n):
        one, all_of_it = c[..., :k].sum(-1), c.sum(-1)
        yield conclude(
            at_most(one * e.sum(-1), e[..., :k].sum(-1) * all_of_it, scale=all_of_it * all_of_it),
            "E(k) of W_t is at least that of W*",
        )


def white_data(case: RegressionCase, num: Any) -> Steps:
    """Corollary 11.5 for white data (all lambda_i equal), from zero: the effective rank never changes.

    W_t = (1 - (1 - eta lambda)^t) W*: every notion of effective rank has its final value from the first step on.

    Hypotheses  lambda_1 = lambda_n > 0; W_0 = 0; at least one step
    """
    Q, eigenvalues = eigen(case, num)
    yield suppose(equal(eigenvalues[..., 0], eigenvalues[..., -1]), "lambda_1 = lambda_n")
    yield regular(case, num)
    best, W = limit(case, num), descent(case.start.matrix * 0, case, num)[-1]
    factor = num.number(1)
    for _ in range(case.steps):
        factor = factor * (1 - case.step[..., 0] * eigenvalues[..., 0])
    scale = num.maximum(num.frobenius_norm(W), num.frobenius_norm(best))
    yield conclude(equal(W, num.times(1 - factor, best), scale=scale), "W_t is a multiple of W*")


def rank_of_the_iterates(case: RegressionCase, num: Any) -> Steps:
    """Corollary 11.5, of the rank itself: from zero and with a convergent step, W_t has the rank of W* from the first step on.

    W_t = W* (I - (I - eta X X^T)^t), and the bracket is non-singular since |1 - eta lambda_i| < 1.

    Hypotheses  0 < eta lambda_1 < 2; X X^T is non-singular; W_0 = 0; at least one step
    """
    _, eigenvalues = eigen(case, num)
    yield suppose(less_than(num.number(0), case.step[..., 0]), "eta > 0")
    yield suppose(less_than(case.step[..., 0] * eigenvalues[..., 0], num.number(2)), "eta lambda_1 < 2")
    yield regular(case, num)
    yield suppose(case.steps >= 1, "at least one step")
    W = descent(case.start.matrix * 0, case, num)[-1]
    yield conclude(equal(num.rank(W), num.rank(limit(case, num))), "rank(W_t) = rank(W*)")


def _source(label: str) -> Source:
    return Source("textbook", label, "11.2.3")


_LEMMA, _THEOREM, _COROLLARY = _source("Lemma 11.22"), _source("Theorem 11.13"), _source("Corollary 11.5")

CLAIMS = (
    Claim(
        key="textbook/lemma-11.22.shapes",
        statement=shapes,
        source=_LEMMA,
        verdict=Verdict.REFUTED,
        reason="W X has d columns and Y has m: n = d = 1, m = 2; Y must be m x d",
        repaired_by="textbook/lemma-11.22.shapes:repaired",
    ),
    Claim(
        key="textbook/lemma-11.22.shapes:repaired",
        statement=gradient_as_meant,
        source=_LEMMA,
        verdict=Verdict.CORROBORATED,
        reason="with Y in R^{m x d} the printed update is the gradient of the loss, exactly",
    ),
    Claim(
        key="textbook/lemma-11.22.solution-space",
        statement=solution_space,
        source=_LEMMA,
        verdict=Verdict.REFUTED,
        reason="X = 1 and -X have one row space; Y = 1 gives W = 1 and W = -1: 1 x 1, one sample",
        repaired_by="textbook/lemma-11.22.solution-space:repaired",
    ),
    Claim(
        key="textbook/lemma-11.22.solution-space:repaired",
        statement=fitted_values,
        source=_LEMMA,
        verdict=Verdict.CORROBORATED,
        reason="W X is the projection of Y onto the row space",
    ),
    Claim(
        key="textbook/lemma-11.22",
        statement=independent_modes,
        source=_LEMMA,
        verdict=Verdict.CORROBORATED,
        reason="X X^T q = lambda q turns the update into a scalar recursion for W_t q",
    ),
    Claim(
        key="textbook/lemma-11.22.invariant",
        statement=invariant_for_the_weight,
        source=_LEMMA,
        verdict=Verdict.REFUTED,
        reason="Y X^T drives the other modes: n = 2, W_0 = 0, one step; n = 1 has one mode only",
        repaired_by="textbook/lemma-11.22.invariant:repaired",
    ),
    Claim(
        key="textbook/lemma-11.22.invariant:repaired",
        statement=invariant_for_the_error,
        source=_LEMMA,
        verdict=Verdict.CORROBORATED,
        reason="the error W_t - W* obeys the linear recursion",
    ),
    Claim(
        key="textbook/theorem-11.13",
        statement=contraction,
        source=_THEOREM,
        verdict=Verdict.CORROBORATED,
        reason="W_{t+1} - W* = (W_t - W*)(I - eta X X^T)",
    ),
    Claim(
        key="textbook/theorem-11.13.convergence",
        statement=convergence,
        source=_THEOREM,
        verdict=Verdict.REFUTED,
        reason="eta lambda > 2 diverges: 1 x 1 data, one step",
        repaired_by="textbook/theorem-11.13.convergence:repaired",
    ),
    Claim(
        key="textbook/theorem-11.13.convergence:repaired",
        statement=convergence_repaired,
        source=_THEOREM,
        verdict=Verdict.CORROBORATED,
        reason="|1 - eta lambda_i| < 1 for all i exactly when 0 < eta lambda_i < 2",
    ),
    Claim(
        key="textbook/theorem-11.13.order",
        statement=order,
        source=_THEOREM,
        verdict=Verdict.REFUTED,
        reason="for eta (lambda_1 + lambda_2) > 2 the largest eigenvalue is the slowest: n = 2, one step",
        repaired_by="textbook/theorem-11.13.order:repaired",
    ),
    Claim(
        key="textbook/theorem-11.13.order:repaired",
        statement=order_repaired,
        source=_THEOREM,
        verdict=Verdict.CORROBORATED,
        reason="|1 - eta a| <= |1 - eta b| for a > b is eta (a + b) <= 2",
    ),
    Claim(
        key="textbook/theorem-11.13.weight-directions",
        statement=weight_directions,
        source=_THEOREM,
        verdict=Verdict.REFUTED,
        reason="the rates belong to the data: W_0 may be weak where the data are strong (n = 2, one step)",
        repaired_by="textbook/theorem-11.13.order:repaired",
    ),
    Claim(
        key="textbook/corollary-11.5",
        statement=few_steps,
        source=_COROLLARY,
        verdict=Verdict.REFUTED,
        reason="from W_0 = I every notion of effective rank starts at its largest: n = m = 2; n = 1 or m = 1 are rank one",
        repaired_by="textbook/corollary-11.5:repaired",
    ),
    Claim(
        key="textbook/corollary-11.5:zero-start",
        statement=few_steps_from_zero,
        source=_COROLLARY,
        verdict=Verdict.REFUTED,
        reason="a target that is strong along the weak modes is evened out at first: n = m = 2, one step",
        repaired_by="textbook/corollary-11.5:repaired",
    ),
    Claim(
        key="textbook/corollary-11.5:repaired",
        statement=few_steps_aligned,
        source=_COROLLARY,
        verdict=Verdict.CORROBORATED,
        reason="the factors 1 - (1 - eta lambda_i)^t fall with i, as the energies of W* do",
    ),
    Claim(
        key="textbook/corollary-11.5:white-data",
        statement=white_data,
        source=_COROLLARY,
        verdict=Verdict.CORROBORATED,
        reason="one eigenvalue, one factor: W_t is a multiple of W*",
    ),
    Claim(
        key="textbook/corollary-11.5.rank",
        statement=rank_of_the_iterates,
        source=_COROLLARY,
        verdict=Verdict.CORROBORATED,
        reason="I - (I - eta X X^T)^t is non-singular, so the rank is final after one step",
    ),
)
