"""The textbook section, 11.2.3: where the noise of stochastic gradients accumulates (Theorem 11.14)."""

from __future__ import annotations

from collections.abc import Iterator

from theorems.case import Array
from theorems.claim import Source
from theorems.facts import definition
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.textbook.training.cases import MinibatchCase, NoiseCase, kronecker
from theorems.texts.textbook.training.stochastic_gradients import (
    batch_gradient,
    batches,
    gradients,
    hessian,
    mean,
    noise,
    samples,
    second_moment,
)

Steps = Iterator[Suppose | Conclude]


def sequences(case: MinibatchCase, num: Num) -> Array:
    """w_T for every sequence of T mini-batches, as rows; all are equally likely."""
    ends = [case.start]
    eta = case.step[..., 0]
    for _ in range(case.steps):
        following = []
        for w in ends:
            g = gradients(case, w, num)
            following += [w - num.times(eta, batch_gradient(g, batch, num)) for batch in batches(case)]
        ends = following
    return num.concatenate([w[..., None, :] + case.start[..., None, :] * 0 for w in ends], -2)


def _gradient_descent(case: MinibatchCase, num: Num) -> Array:
    w = case.start
    for _ in range(case.steps):
        w = w - num.times(case.step[..., 0], mean(gradients(case, w, num), num))
    return w


def _fixed_noise(case: MinibatchCase, num: Num) -> Array:
    """The covariance after T steps of w <- w - eta (grad L + xi) with the covariance of xi held at its first value."""
    K = num.identity(case.start.shape[-1]) - num.times(case.step[..., 0], hessian(case, num))
    Sigma = num.times(case.step[..., 0] * case.step[..., 0], second_moment(noise(case, num), num))
    S: Array = Sigma * 0
    for _ in range(case.steps):
        S = K @ S @ K.mT + Sigma
    return S


def _moments(case: MinibatchCase, num: Num) -> Steps:
    ends = sequences(case, num)
    average = mean(ends, num)
    centred = ends - average[..., None, :]
    scale = num.frobenius_norm_squared(ends)
    yield conclude(equal(second_moment(centred, num), _fixed_noise(case, num), scale=scale), "the covariances agree")


def _mean_noise(case: MinibatchCase, m: Array, S: Array, num: Num) -> Array:
    """E Sigma(w) over a law of w with mean m and covariance S: Sigma is quadratic in w, so it needs no more.

    Sigma(w) = (N - b) / (b (N - 1)) (mean of g_i g_i^T - g g^T) with g_i(w) = (x_i . w - y_i) x_i and g(w) their mean;
    E g_i g_i^T = ((x_i . m - y_i)^2 + x_i^T S x_i) x_i x_i^T, E g g^T = g(m) g(m)^T + H S H.
    """
    X, N, b = case.inputs, samples(case), case.batch
    residuals = num.apply(X, m) - case.outputs
    weights = residuals * residuals + ((X @ S) * X).sum(-1)
    squares = num.times(num.number(1, N), X.mT @ (weights[..., :, None] * X))
    full, H = mean(gradients(case, m, num), num), hessian(case, num)
    spread = squares - num.outer(full, full) - H @ S @ H
    return num.times(num.number(N - b, b * (N - 1)), spread)


def langevin(case: MinibatchCase, num: Num) -> Steps:
    """Theorem 11.14, the equivalence: SGD is the discretised Langevin equation w <- w - eta (grad L(w) + xi),
    E xi = 0, Cov xi = Sigma(w_t), in the mean and the covariance of w_T after any number of steps, for least squares.

    The mini-batch sequences are enumerated.  Sigma carries the index t: it is that of the point where SGD stands.  Both
    moments of the Langevin step follow from those before it, whatever the law of xi: m' = m - eta g(m), and
    S' = (I - eta H) S (I - eta H) + eta^2 E Sigma(w_t).

    Hypotheses  N >= 2
    """
    yield suppose(samples(case) >= 2, "N >= 2")
    eta = case.step[..., 0]
    K = num.identity(case.start.shape[-1]) - num.times(eta, hessian(case, num))
    m, S = case.start, hessian(case, num) * 0
    for _ in range(case.steps):
        Sigma = _mean_noise(case, m, S, num)
        m, S = m - num.times(eta, mean(gradients(case, m, num), num)), K @ S @ K.mT + num.times(eta * eta, Sigma)
    ends = sequences(case, num)
    average = mean(ends, num)
    yield conclude(equal(average, m, scale=num.maximum(num.norm(m), num.norm(case.start))), "the means agree")
    scale = num.frobenius_norm_squared(ends)
    yield conclude(
        equal(second_moment(ends - average[..., None, :], num), S, scale=scale), "the covariances agree"
    )


def langevin_with_frozen_noise(case: MinibatchCase, num: Num) -> Steps:
    """Theorem 11.14, the equivalence, with one covariance Sigma for all times: the noise is that of the start.

    Compared in the covariance of w_T; the mini-batch sequences are enumerated.  The noise of SGD depends on where it
    is.

    Hypotheses  N >= 2
    Conclusion  the covariance of w_T is that of w <- w - eta (grad L(w) + xi), Cov xi = Sigma(w_0)
    """
    yield suppose(samples(case) >= 2, "N >= 2")
    yield from _moments(case, num)


def langevin_one_step(case: MinibatchCase, num: Num) -> Steps:
    """Theorem 11.14, the equivalence, with the noise of the start: mean and covariance agree for one step.

    Hypotheses  one step
    """
    yield suppose(case.steps == 1, "one step")
    yield from _moments(case, num)
    scale = num.maximum(num.norm(case.start), num.norm(_gradient_descent(case, num)))
    yield conclude(equal(mean(sequences(case, num), num), _gradient_descent(case, num), scale=scale), "the means agree")


def stationary_covariance(case: NoiseCase, num: Num) -> Array:
    """The solution S of S = (I - eta H) S (I - eta H) + eta^2 diag(noise), by one linear system for its entries."""
    n, eta = case.noise.shape[-1], case.step[..., 0]
    K = num.identity(n) - num.times(eta, case.hessian)
    drive = num.times(eta * eta, num.diagonal(case.noise))
    system = num.identity(n * n) - kronecker(K, K, num)
    vector = drive.reshape(*drive.shape[:-2], n * n, 1)
    solution = num.solve(system, vector)
    return solution.reshape(*solution.shape[:-2], n, n)


def covariance_after(case: NoiseCase, num: Num) -> Array:
    """The covariance of w_T from a fixed start."""
    n, eta = case.noise.shape[-1], case.step[..., 0]
    K = num.identity(n) - num.times(eta, case.hessian)
    drive = num.times(eta * eta, num.diagonal(case.noise))
    S: Array = drive * 0
    for _ in range(case.steps):
        S = K @ S @ K.mT + drive
    return S


def _stable(case: NoiseCase, num: Num) -> Steps:
    """0 < eta, 0 < eta H < 2: the iterates have a stationary law."""
    n, H, eta = case.noise.shape[-1], case.hessian, case.step[..., 0]
    yield suppose(less_than(num.number(0), eta), "eta > 0")
    yield suppose(at_most(num.zeros(n), case.noise), "the variances of the noise are not negative")
    yield suppose(num.positive_semidefinite(H), "H is semidefinite")
    yield suppose(num.nonsingular(H), "H is non-singular")
    rest = num.times(num.number(2), num.identity(n)) - num.times(eta, H)
    yield suppose(num.positive_semidefinite(rest), "eta H <= 2")
    yield suppose(num.nonsingular(rest), "eta H < 2")


def stationary_law(case: NoiseCase, num: Num) -> Steps:
    """Theorem 11.14, "in the limit of long times": SGD has the stationary covariance of the Langevin equation itself.

    dw = -H w dt + (eta Sigma)^{1/2} dB has the stationary covariance S with H S + S H = eta Sigma; the iteration with
    the step eta keeps the term - eta H S H, however long it runs.

    Hypotheses  0 < eta H < 2
    Conclusion  H S + S H = eta Sigma for the stationary covariance S of the iteration
    """
    yield from _stable(case, num)
    S, H = stationary_covariance(case, num), case.hessian
    drive = num.times(case.step[..., 0], num.diagonal(case.noise))
    yield conclude(equal(H @ S + S @ H, drive, scale=num.trace(drive)), "H S + S H = eta Sigma")


def accumulation(case: NoiseCase, num: Num) -> Steps:
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


def accumulation_by_ratio(case: NoiseCase, num: Num) -> Steps:
    """Theorem 11.14, the drift, repaired: for a Hessian that commutes with the noise, S_ii = eta c_i / (h_i (2 - eta
    h_i)).

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


def accumulation_with_equal_curvature(case: NoiseCase, num: Num) -> Steps:
    """Theorem 11.14, the drift, where it holds: for H = h I the stationary covariance is a multiple of that of the
    noise.

    Hypotheses  0 < eta h < 2
    """
    yield from _stable(case, num)
    n, eta = case.noise.shape[-1], case.step[..., 0]
    h = case.hessian[..., 0, 0]
    yield suppose(equal(case.hessian, num.times(h, num.identity(n))), "H = h I")
    S = num.times(h * (2 - eta * h), stationary_covariance(case, num))
    yield conclude(equal(S, num.times(eta, num.diagonal(case.noise))), "S = eta / (h (2 - eta h)) Sigma")


def accumulation_before_convergence(case: NoiseCase, num: Num) -> Steps:
    """Theorem 11.14, "in the long run": the covariance after T steps never exceeds the stationary one, and grows with
    T.

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


def unevenness(case: NoiseCase, num: Num) -> Steps:
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


_DRIFT = Source("textbook", "Theorem 11.14", "11.2.3")

_STATIONARY = definition("the iterates have a stationary covariance for 0 < eta H < 2 only")
_FOR_STATIONARITY = dict.fromkeys(
    ("eta > 0", "H is semidefinite", "H is non-singular", "eta H <= 2", "eta H < 2"), _STATIONARY
)

CLAIMS = (
    _DRIFT.stands(
        "textbook/theorem-11.14", langevin,
        "Sigma_t is quadratic in w, so that mean and covariance of w_t give its mean, step by step",
    ),
    _DRIFT.false(
        "textbook/theorem-11.14:stationary-law", stationary_law,
        "a step of fixed length stays a step: h = 10, Sigma = 5, eta = 1/100 leave 1/380, the equation 1/400",
        repaired_by="textbook/theorem-11.14.accumulation:repaired",
    ),
    _DRIFT.false(
        "textbook/theorem-11.14:frozen-noise", langevin_with_frozen_noise,
        "the noise of SGD moves with w: n = 1, N = 2, b = 1, two steps; after one step the moments agree",
        repaired_by="textbook/theorem-11.14",
    ),
    _DRIFT.stands("textbook/theorem-11.14:one-step", langevin_one_step, "the definition of the covariance"),
    _DRIFT.false(
        "textbook/theorem-11.14.accumulation", accumulation,
        "curvature holds the noise back: n = 2, H = diag(2, 1/2), noise of variances 2 and 1",
        place="Theorem 11.14, second sentence", printed="noise accumulates in directions of large Lambda_t",
        repaired_by="textbook/theorem-11.14.accumulation:repaired",
    ),
    _DRIFT.stands(
        "textbook/theorem-11.14.accumulation:repaired", accumulation_by_ratio, "a geometric series in (1 - eta h_i)^2",
        about=_FOR_STATIONARITY,
    ),
    _DRIFT.stands(
        "textbook/theorem-11.14.accumulation:equal-curvature", accumulation_with_equal_curvature,
        "one factor for all directions",
        about=_FOR_STATIONARITY,
    ),
    _DRIFT.stands(
        "textbook/theorem-11.14.accumulation:finite-time", accumulation_before_convergence,
        "S_T is a partial sum of semidefinite terms",
        about=_FOR_STATIONARITY,
    ),
    _DRIFT.false(
        "textbook/theorem-11.14.unevenness", unevenness,
        "noise as uneven as the curvature, c_i = h_i (2 - eta h_i), leaves S = eta I: n = 2",
        place="Theorem 11.14, last clause", printed="an uneven distribution of energy in the weight",
        repaired_by="textbook/theorem-11.14.accumulation:repaired",
    ),
)  # fmt: skip
