"""The textbook section, 11.2.3, second part: the noise of stochastic gradients (Lemma 11.23 to Lemma 11.24).

Least squares for a vector w: sample i has the loss (w . x_i - y_i)^2 / 2 and the gradient g_i = (w . x_i - y_i) x_i; the
loss L is the mean over N samples, its Hessian is H = (1/N) sum x_i x_i^T, which is also the Fisher information of the
gaussian model, and the empirical Fisher matrix is F = (1/N) sum g_i g_i^T.  Mini-batches are enumerated.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from theorems.case import Array, CountCase
from theorems.claim import Claim, Source, Verdict
from theorems.errors import InputError
from theorems.low_rank_basis.training_cases import MinibatchCase, NoiseCase, PenaltyCase, kronecker
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose

Steps = Iterator[Suppose | Conclude]


def samples(case: MinibatchCase) -> int:
    """N."""
    return int(case.inputs.shape[-2])


def gradients(case: MinibatchCase, w: Array, num: Any) -> Array:
    """g_1, ..., g_N as rows."""
    residuals = num.apply(case.inputs, w) - case.outputs
    return residuals[..., :, None] * case.inputs  # type: ignore[no-any-return]


def batches(case: MinibatchCase) -> list[tuple[int, ...]]:
    """Every mini-batch of b of the N samples; all are equally likely."""
    return list(itertools.combinations(range(samples(case)), case.batch))


def mean(rows: Array, num: Any) -> Array:
    """The mean of the rows."""
    return num.times(num.number(1, rows.shape[-2]), rows.sum(-2))  # type: ignore[no-any-return]


def batch_gradient(g: Array, batch: tuple[int, ...], num: Any) -> Array:
    """The mean gradient of a mini-batch."""
    return mean(g[..., list(batch), :], num)


def noise(case: MinibatchCase, num: Any) -> Array:
    """xi_B for every mini-batch B, as rows."""
    g = gradients(case, case.start, num)
    full = mean(g, num)
    rows = [(batch_gradient(g, batch, num) - full)[..., None, :] for batch in batches(case)]
    return num.concatenate(rows, -2)  # type: ignore[no-any-return]


def second_moment(rows: Array, num: Any) -> Array:
    """The mean of x x^T over the rows x."""
    return num.times(num.number(1, rows.shape[-2]), rows.mT @ rows)  # type: ignore[no-any-return]


def hessian(case: MinibatchCase, num: Any) -> Array:
    """(1/N) sum x_i x_i^T."""
    return second_moment(case.inputs, num)


def largest_square(g: Array, num: Any) -> Any:
    """sum ||g_i||^2, the scale of the second moments."""
    return num.frobenius_norm_squared(g)


# Lemma 11.23 ----------------------------------------------------------------------------------------------------------


def unbiased(case: MinibatchCase, num: Any) -> Steps:
    """Lemma 11.23, the decomposition: the noise of a mini-batch gradient has mean zero.

    Conclusion  the mean of xi_B over all mini-batches vanishes
    """
    xi, g = noise(case, num), gradients(case, case.start, num)
    average = mean(xi, num)
    yield conclude(equal(average, average * 0, scale=num.frobenius_norm(g)), "E xi = 0")


def covariance(case: MinibatchCase, num: Any) -> Steps:
    """Lemma 11.23, "related to the Fisher information", sharpened: the covariance of the noise, exactly.

    Sigma = (N - b) / (b (N - 1)) (F - grad L grad L^T), with the empirical Fisher matrix F; drawing without replacement.

    Hypotheses  N >= 2
    """
    N, b = samples(case), case.batch
    yield suppose(N >= 2, "N >= 2")
    g = gradients(case, case.start, num)
    full = mean(g, num)
    spread = second_moment(g, num) - num.outer(full, full)
    expected = num.times(num.number(N - b, b * (N - 1)), spread)
    yield conclude(
        equal(second_moment(noise(case, num), num), expected, scale=largest_square(g, num)),
        "Sigma = (N - b) / (b (N - 1)) (F - grad L grad L^T)",
    )


def proportional_to_the_hessian(case: MinibatchCase, num: Any) -> Steps:
    """Lemma 11.23, "related to the Hessian": the covariance of the noise is a multiple of the Hessian.

    For least squares the Hessian is the Fisher information of the gaussian model, so this is the claim on both.

    Hypotheses  b < N, so that there is noise
    Conclusion  tr(H) Sigma = tr(Sigma) H
    """
    yield suppose(case.batch < samples(case), "b < N")
    Sigma, H = second_moment(noise(case, num), num), hessian(case, num)
    scale = num.trace(H) * largest_square(gradients(case, case.start, num), num)
    left, right = num.times(num.trace(H), Sigma), num.times(num.trace(Sigma), H)
    yield conclude(equal(left, right, scale=scale), "tr(H) Sigma = tr(Sigma) H")


def noise_where_the_hessian_is(case: MinibatchCase, num: Any) -> Steps:
    """Lemma 11.23, "related to the Hessian", read weakly: where the Hessian is not zero, neither is the noise.

    A model that fits every sample has no noise at all.

    Hypotheses  b < N; H is not zero
    """
    yield suppose(case.batch < samples(case), "b < N")
    yield suppose(less_than(num.number(0), num.trace(hessian(case, num))), "H is not zero")
    Sigma = second_moment(noise(case, num), num)
    scale = largest_square(gradients(case, case.start, num), num)
    yield conclude(less_than(num.number(0), num.trace(Sigma), scale=scale), "Sigma is not zero")


def homoscedastic(case: MinibatchCase, num: Any) -> Steps:
    """Lemma 11.23, "related to the Hessian", repaired: at a minimum with residuals of one size, Sigma is a multiple of H.

    Sigma = (N - b) / (b (N - 1)) rho^2 H for |w . x_i - y_i| = rho.

    Hypotheses  N >= 2; grad L = 0; all |w . x_i - y_i| are equal
    """
    N, b = samples(case), case.batch
    yield suppose(N >= 2, "N >= 2")
    g = gradients(case, case.start, num)
    full = mean(g, num)
    yield suppose(equal(full, full * 0, scale=num.frobenius_norm(g)), "grad L = 0")
    residuals = num.apply(case.inputs, case.start) - case.outputs
    squares = residuals * residuals
    yield suppose(equal(squares, squares[..., :1] + squares * 0), "the residuals have one size")
    expected = num.times(num.number(N - b, b * (N - 1)) * squares[..., 0], hessian(case, num))
    yield conclude(
        equal(second_moment(noise(case, num), num), expected, scale=largest_square(g, num)), "Sigma is a multiple of H"
    )


def anisotropic(case: MinibatchCase, num: Any) -> Steps:
    """Lemma 11.23, "anisotropic": the covariance of the noise is not a multiple of the identity.

    Hypotheses  n >= 2; there is noise
    Conclusion  the squared Frobenius norm of Sigma exceeds tr(Sigma)^2 / n
    """
    n = case.start.shape[-1]
    yield suppose(n >= 2, "n >= 2")
    Sigma = second_moment(noise(case, num), num)
    trace, scale = num.trace(Sigma), largest_square(gradients(case, case.start, num), num)
    yield suppose(less_than(num.number(0), trace, scale=scale), "there is noise")
    square = num.frobenius_norm_squared(Sigma)
    yield conclude(less_than(trace * trace, n * square, scale=trace * trace), "Sigma is no multiple of I")


# Theorem 11.14 --------------------------------------------------------------------------------------------------------


def sequences(case: MinibatchCase, num: Any) -> Array:
    """w_T for every sequence of T mini-batches, as rows; all are equally likely."""
    ends = [case.start]
    eta = case.step[..., 0]
    for _ in range(case.steps):
        following = []
        for w in ends:
            g = gradients(case, w, num)
            following += [w - num.times(eta, batch_gradient(g, batch, num)) for batch in batches(case)]
        ends = following
    return num.concatenate([w[..., None, :] + case.start[..., None, :] * 0 for w in ends], -2)  # type: ignore[no-any-return]


def _gradient_descent(case: MinibatchCase, num: Any) -> Array:
    w = case.start
    for _ in range(case.steps):
        w = w - num.times(case.step[..., 0], mean(gradients(case, w, num), num))
    return w


def _fixed_noise(case: MinibatchCase, num: Any) -> Array:
    """The covariance after T steps of w <- w - eta (grad L + xi) with the covariance of xi held at its first value."""
    K = num.identity(case.start.shape[-1]) - num.times(case.step[..., 0], hessian(case, num))
    Sigma = num.times(case.step[..., 0] * case.step[..., 0], second_moment(noise(case, num), num))
    S = Sigma * 0
    for _ in range(case.steps):
        S = K @ S @ K.mT + Sigma
    return S


def _moments(case: MinibatchCase, num: Any) -> Steps:
    ends = sequences(case, num)
    average = mean(ends, num)
    centred = ends - average[..., None, :]
    scale = num.frobenius_norm_squared(ends)
    yield conclude(equal(second_moment(centred, num), _fixed_noise(case, num), scale=scale), "the covariances agree")


def langevin(case: MinibatchCase, num: Any) -> Steps:
    """Theorem 11.14, the equivalence: SGD is a discretised Langevin equation, noise of a given covariance Sigma added to
    gradient descent.

    Compared in the covariance of w_T; the mini-batch sequences are enumerated.  The noise of SGD depends on where it is.

    Hypotheses  N >= 2
    Conclusion  the covariance of w_T is that of w <- w - eta (grad L(w) + xi), Cov xi = Sigma(w_0)
    """
    yield suppose(samples(case) >= 2, "N >= 2")
    yield from _moments(case, num)


def langevin_one_step(case: MinibatchCase, num: Any) -> Steps:
    """Theorem 11.14, the equivalence, repaired: mean and covariance agree for one step.

    Hypotheses  one step
    """
    yield suppose(case.steps == 1, "one step")
    yield from _moments(case, num)
    scale = num.maximum(num.norm(case.start), num.norm(_gradient_descent(case, num)))
    yield conclude(equal(mean(sequences(case, num), num), _gradient_descent(case, num), scale=scale), "the means agree")


def stationary_covariance(case: NoiseCase, num: Any) -> Array:
    """The solution S of S = (I - eta H) S (I - eta H) + eta^2 diag(noise), by one linear system for its entries."""
    n, eta = case.noise.shape[-1], case.step[..., 0]
    K = num.identity(n) - num.times(eta, case.hessian)
    drive = num.times(eta * eta, num.diagonal(case.noise))
    system = num.identity(n * n) - kronecker(K, K, num)
    vector = drive.reshape(*drive.shape[:-2], n * n, 1)
    solution = num.solve(system, vector)
    return solution.reshape(*solution.shape[:-2], n, n)  # type: ignore[no-any-return]


def covariance_after(case: NoiseCase, num: Any) -> Array:
    """The covariance of w_T from a fixed start."""
    n, eta = case.noise.shape[-1], case.step[..., 0]
    K = num.identity(n) - num.times(eta, case.hessian)
    drive = num.times(eta * eta, num.diagonal(case.noise))
    S = drive * 0
    for _ in range(case.steps):
        S = K @ S @ K.mT + drive
    return S


def _stable(case: NoiseCase, num: Any) -> Steps:
    """0 < eta, 0 < eta H < 2: the iterates have a stationary law."""
    n, H, eta = case.noise.shape[-1], case.hessian, case.step[..., 0]
    yield suppose(less_than(num.number(0), eta), "eta > 0")
    yield suppose(at_most(num.zeros(n), case.noise), "the variances of the noise are not negative")
    yield suppose(num.positive_semidefinite(H), "H is semidefinite")
    yield suppose(num.nonsingular(H), "H is non-singular")
    rest = num.times(num.number(2), num.identity(n)) - num.times(eta, H)
    yield suppose(num.positive_semidefinite(rest), "eta H <= 2")
    yield suppose(num.nonsingular(rest), "eta H < 2")


def accumulation(case: NoiseCase, num: Any) -> Steps:
    """Theorem 11.14, the drift: the noise accumulates in the directions in which its own variance is large.

    In the eigenvectors e_1, e_2, ... of the noise covariance: a larger variance of the noise along e_i than along e_j
    goes with at least as large a stationary variance of the parameters.

    Hypotheses  0 < eta H < 2
    Conclusion  noise_i >= noise_{i+1} implies S_ii >= S_{i+1,i+1}
    """
    n = case.noise.shape[-1]
    yield suppose(n >= 2, "n >= 2")
    for i in range(n - 1):
        yield suppose(less_than(case.noise[..., i + 1], case.noise[..., i]), "the variances of the noise descend")
    yield from _stable(case, num)
    S = stationary_covariance(case, num)
    for i in range(n - 1):
        yield conclude(
            at_most(S[..., i + 1, i + 1], S[..., i, i], scale=num.trace(S)), "the variances of the parameters descend"
        )


def accumulation_by_ratio(case: NoiseCase, num: Any) -> Steps:
    """Theorem 11.14, the drift, repaired: for a Hessian that commutes with the noise, S_ii = eta c_i / (h_i (2 - eta h_i)).

    What counts is the variance of the noise c_i against the curvature h_i.

    Hypotheses  0 < eta H < 2; H is diagonal in the eigenvectors of the noise
    """
    yield from _stable(case, num)
    h, eta = (case.hessian * num.identity(case.noise.shape[-1])).sum(-1), case.step[..., 0]
    yield suppose(equal(case.hessian, num.diagonal(h)), "H commutes with the noise covariance")
    S = stationary_covariance(case, num)
    two = case.noise * 0 + 2
    closed = num.times(eta, case.noise) / (h * (two - num.times(eta, h)))
    yield conclude(equal(S, num.diagonal(closed)), "S_ii = eta c_i / (h_i (2 - eta h_i))")


def accumulation_with_equal_curvature(case: NoiseCase, num: Any) -> Steps:
    """Theorem 11.14, the drift, where it holds: for H = h I the stationary covariance is a multiple of that of the noise.

    Hypotheses  0 < eta h < 2
    """
    yield from _stable(case, num)
    n, eta = case.noise.shape[-1], case.step[..., 0]
    h = case.hessian[..., 0, 0]
    yield suppose(equal(case.hessian, num.times(h, num.identity(n))), "H = h I")
    S = num.times(h * (2 - eta * h), stationary_covariance(case, num))
    yield conclude(equal(S, num.times(eta, num.diagonal(case.noise))), "S = eta / (h (2 - eta h)) Sigma")


def accumulation_before_convergence(case: NoiseCase, num: Any) -> Steps:
    """Theorem 11.14, "in the long run": the covariance after T steps never exceeds the stationary one, and grows with T.

    Hypotheses  0 < eta H < 2
    Conclusion  S_T <= S and S_T <= S_{T+1} on the diagonal
    """
    yield from _stable(case, num)
    n, eta = case.noise.shape[-1], case.step[..., 0]
    S, reached = stationary_covariance(case, num), covariance_after(case, num)
    K = num.identity(n) - num.times(eta, case.hessian)
    following = K @ reached @ K.mT + num.times(eta * eta, num.diagonal(case.noise))
    for i in range(n):
        yield conclude(at_most(reached[..., i, i], S[..., i, i], scale=num.trace(S)), "S_T <= S")
        yield conclude(at_most(reached[..., i, i], following[..., i, i], scale=num.trace(S)), "S_T <= S_{T+1}")


def unevenness(case: NoiseCase, num: Any) -> Steps:
    """Theorem 11.14, the last clause: noise of uneven covariance leaves an uneven distribution over the weight.

    Hypotheses  n >= 2; 0 < eta H < 2; the variances of the noise differ
    Conclusion  the stationary covariance is no multiple of the identity
    """
    n = case.noise.shape[-1]
    yield suppose(n >= 2, "n >= 2")
    for i in range(n - 1):
        yield suppose(less_than(case.noise[..., i + 1], case.noise[..., i]), "the variances of the noise descend")
    yield from _stable(case, num)
    S = stationary_covariance(case, num)
    trace = num.trace(S)
    yield conclude(
        less_than(trace * trace, n * num.frobenius_norm_squared(S), scale=trace * trace), "S is no multiple of I"
    )


# Lemma 11.24 ----------------------------------------------------------------------------------------------------------


def shapes(case: CountCase, num: Any) -> Steps:
    """Lemma 11.24, the shapes: tr(F W W^T) exists, with F the Fisher matrix of the m n parameters of W in R^{m x n}.

    W W^T is m x m and F is m n x m n.

    Conclusion  m n = m
    """
    if len(case.values) != 2 or min(case.values) < 1:
        raise InputError(f"the sizes {case.values} must be two positive integers: m, n")
    m, n = case.values
    yield conclude(equal(num.number(m * n), num.number(m)), "F and W W^T have one size")


def effective_loss(case: MinibatchCase, num: Any) -> Steps:
    """Lemma 11.24, where the shapes fit (W a column w): on average SGD descends L + eta/2 tr(F w w^T), F the Fisher matrix.

    Compared in the mean of w_T; the mini-batch sequences are enumerated.  F is the Fisher information of the gaussian
    model, constant in w, so that the penalty has the gradient eta F w.

    Hypotheses  N >= 2; b < N
    Conclusion  the mean of w_T is gradient descent on the effective loss
    """
    yield suppose(samples(case) >= 2, "N >= 2")
    yield suppose(case.batch < samples(case), "b < N")
    eta, F, w = case.step[..., 0], hessian(case, num), case.start
    for _ in range(case.steps):
        full = mean(gradients(case, w, num), num)
        w = w - num.times(eta, full + num.times(eta, num.apply(F, w)))
    reached = mean(sequences(case, num), num)
    scale = num.maximum(num.norm(w), num.maximum(num.norm(reached), num.norm(case.start)))
    yield conclude(equal(reached, w, scale=scale), "the mean of w_T descends the effective loss")


def mean_of_the_iterates(case: MinibatchCase, num: Any) -> Steps:
    """Lemma 11.24, repaired: for a quadratic loss the mean of SGD is gradient descent on L itself, without any penalty.

    The gradient is affine in w and the mini-batches are independent of it.

    Conclusion  the mean of w_T over all sequences of mini-batches is w_T of gradient descent
    """
    reached, w = mean(sequences(case, num), num), _gradient_descent(case, num)
    scale = num.maximum(num.norm(w), num.norm(case.start))
    scale = num.maximum(scale, num.frobenius_norm(sequences(case, num)))
    yield conclude(equal(reached, w, scale=scale), "E w_T is gradient descent on L")


def loss(case: MinibatchCase, w: Array, num: Any) -> Any:
    """L(w)."""
    residuals = num.apply(case.inputs, w) - case.outputs
    return num.number(1, 2 * samples(case)) * num.norm_squared(residuals)


def one_step_loss(case: MinibatchCase, num: Any) -> Steps:
    """Lemma 11.24, sharpened: what the noise adds to the loss in one step is eta^2/2 tr(H Sigma), of the second order in eta.

    E L(w_1) = L(w - eta grad L) + eta^2/2 tr(H Sigma), exactly for a quadratic loss; it involves w through the noise alone.

    Hypotheses  one step
    """
    yield suppose(case.steps == 1, "one step")
    eta = case.step[..., 0]
    ends = sequences(case, num)
    total = num.number(0)
    for k in range(ends.shape[-2]):
        total = total + loss(case, ends[..., k, :], num)
    average = total * num.number(1, ends.shape[-2])
    Sigma, H = second_moment(noise(case, num), num), hessian(case, num)
    expected = loss(case, _gradient_descent(case, num), num) + num.number(1, 2) * eta * eta * num.trace(H @ Sigma)
    yield conclude(equal(average, expected), "E L(w_1) = L(w - eta grad L) + eta^2/2 tr(H Sigma)")


def penalty_prefers_low_rank(case: PenaltyCase, num: Any) -> Steps:
    """Lemma 11.24, the last sentence: tr(F W W^T) favours weights of low rank.

    For a positive definite factor F, m x m: of two weights of one Frobenius norm, that of lower rank has at most the
    penalty of the other.

    Hypotheses  F is positive definite; ||W||_F = ||W'||_F; rank(W) < rank(W')
    Conclusion  tr(F W W^T) <= tr(F W' W'^T)
    """
    F, W, V = case.fisher, case.weight, case.other
    yield suppose(num.positive_semidefinite(F), "F is semidefinite")
    yield suppose(num.nonsingular(F), "F is non-singular")
    yield suppose(equal(num.frobenius_norm_squared(W), num.frobenius_norm_squared(V)), "||W||_F = ||W'||_F")
    yield suppose(num.rank(W) < num.rank(V), "rank(W) < rank(W')")
    yield conclude(at_most(num.trace(F @ W @ W.mT), num.trace(F @ V @ V.mT)), "the lower rank has the lower penalty")


def penalty_preserves_rank(case: PenaltyCase, num: Any) -> Steps:
    """Lemma 11.24, the last sentence, repaired: descending tr(F W W^T) / 2 shrinks W and keeps its rank.

    W - eta F W = (I - eta F) W with a non-singular factor; for F = I it is plain weight decay.

    Hypotheses  F is positive semidefinite; I - eta F is positive definite
    Conclusion  the rank is the same after a step
    """
    F, W, eta = case.fisher, case.weight, case.step[..., 0]
    yield suppose(num.positive_semidefinite(F), "F is semidefinite")
    rest = num.identity(F.shape[-1]) - num.times(eta, F)
    yield suppose(num.positive_semidefinite(rest), "eta F <= I")
    yield suppose(num.nonsingular(rest), "eta F < I")
    moved = W - num.times(eta, F @ W)
    yield conclude(equal(num.rank(moved), num.rank(W)), "the rank is the same after a step")


def _source(label: str) -> Source:
    return Source("textbook", label, "11.2.3")


_NOISE, _DRIFT, _LOSS = _source("Lemma 11.23"), _source("Theorem 11.14"), _source("Lemma 11.24")

CLAIMS = (
    Claim(
        key="textbook/lemma-11.23",
        statement=unbiased,
        source=_NOISE,
        verdict=Verdict.CORROBORATED,
        reason="each sample is in as many mini-batches",
    ),
    Claim(
        key="textbook/lemma-11.23.fisher:sharpened",
        statement=covariance,
        source=_NOISE,
        verdict=Verdict.CORROBORATED,
        reason="sampling without replacement; F is the empirical Fisher matrix",
    ),
    Claim(
        key="textbook/lemma-11.23.hessian",
        statement=proportional_to_the_hessian,
        source=_NOISE,
        verdict=Verdict.REFUTED,
        reason="residuals weight the samples: n = 2, N = 2; for n = 1 everything is a multiple",
        repaired_by="textbook/lemma-11.23.hessian:repaired",
    ),
    Claim(
        key="textbook/lemma-11.23.hessian:weak",
        statement=noise_where_the_hessian_is,
        source=_NOISE,
        verdict=Verdict.REFUTED,
        reason="a model that fits every sample has no noise, whatever its Hessian: n = 1, N = 2",
        repaired_by="textbook/lemma-11.23.hessian:repaired",
    ),
    Claim(
        key="textbook/lemma-11.23.hessian:repaired",
        statement=homoscedastic,
        source=_NOISE,
        verdict=Verdict.CORROBORATED,
        reason="residuals of one size come out of the sum",
    ),
    Claim(
        key="textbook/lemma-11.23.anisotropic",
        statement=anisotropic,
        source=_NOISE,
        verdict=Verdict.REFUTED,
        reason="symmetric samples have isotropic noise: n = 2, N = 4 (three rational gradients are no equilateral triangle)",
        repaired_by="textbook/lemma-11.23.fisher:sharpened",
    ),
    Claim(
        key="textbook/theorem-11.14",
        statement=langevin,
        source=_DRIFT,
        verdict=Verdict.REFUTED,
        reason="the noise of SGD moves with w: n = 1, N = 2, b = 1, two steps; after one step the moments agree",
        repaired_by="textbook/theorem-11.14:repaired",
    ),
    Claim(
        key="textbook/theorem-11.14:repaired",
        statement=langevin_one_step,
        source=_DRIFT,
        verdict=Verdict.CORROBORATED,
        reason="the definition of the covariance",
    ),
    Claim(
        key="textbook/theorem-11.14.accumulation",
        statement=accumulation,
        source=_DRIFT,
        verdict=Verdict.REFUTED,
        reason="curvature holds the noise back: n = 2, H = diag(h_1, 1) with h_1 large",
        repaired_by="textbook/theorem-11.14.accumulation:repaired",
    ),
    Claim(
        key="textbook/theorem-11.14.accumulation:repaired",
        statement=accumulation_by_ratio,
        source=_DRIFT,
        verdict=Verdict.CORROBORATED,
        reason="a geometric series in (1 - eta h_i)^2",
    ),
    Claim(
        key="textbook/theorem-11.14.accumulation:equal-curvature",
        statement=accumulation_with_equal_curvature,
        source=_DRIFT,
        verdict=Verdict.CORROBORATED,
        reason="one factor for all directions",
    ),
    Claim(
        key="textbook/theorem-11.14.accumulation:finite-time",
        statement=accumulation_before_convergence,
        source=_DRIFT,
        verdict=Verdict.CORROBORATED,
        reason="S_T is a partial sum of semidefinite terms",
    ),
    Claim(
        key="textbook/theorem-11.14.unevenness",
        statement=unevenness,
        source=_DRIFT,
        verdict=Verdict.REFUTED,
        reason="noise as uneven as the curvature, c_i = h_i (2 - eta h_i), leaves S = eta I: n = 2",
        repaired_by="textbook/theorem-11.14.accumulation:repaired",
    ),
    Claim(
        key="textbook/lemma-11.24.shapes",
        statement=shapes,
        source=_LOSS,
        verdict=Verdict.REFUTED,
        reason="F is m n x m n and W W^T is m x m: m = 1, n = 2",
        repaired_by="textbook/lemma-11.24:repaired",
    ),
    Claim(
        key="textbook/lemma-11.24",
        statement=effective_loss,
        source=_LOSS,
        verdict=Verdict.REFUTED,
        reason="the mean of SGD feels no penalty on a quadratic loss: n = 1, N = 2, one step",
        repaired_by="textbook/lemma-11.24:repaired",
    ),
    Claim(
        key="textbook/lemma-11.24:repaired",
        statement=mean_of_the_iterates,
        source=_LOSS,
        verdict=Verdict.CORROBORATED,
        reason="an affine gradient commutes with the mean",
    ),
    Claim(
        key="textbook/lemma-11.24:sharpened",
        statement=one_step_loss,
        source=_LOSS,
        verdict=Verdict.CORROBORATED,
        reason="a quadratic loss is its Taylor polynomial",
    ),
    Claim(
        key="textbook/lemma-11.24.low-rank",
        statement=penalty_prefers_low_rank,
        source=_LOSS,
        verdict=Verdict.REFUTED,
        reason="tr(F W W^T) weighs directions, not ranks: m = n = 2; for F = I it depends on ||W||_F alone",
        repaired_by="textbook/lemma-11.24.low-rank:repaired",
    ),
    Claim(
        key="textbook/lemma-11.24.low-rank:repaired",
        statement=penalty_preserves_rank,
        source=_LOSS,
        verdict=Verdict.CORROBORATED,
        reason="I - eta F is non-singular",
    ),
)
