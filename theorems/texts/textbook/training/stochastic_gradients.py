"""The textbook section, 11.2.3: the noise of mini-batch gradients (Lemma 11.23).

Least squares for a vector w: sample i has the loss (w . x_i - y_i)^2 / 2 and the gradient g_i = (w . x_i - y_i) x_i.
The loss L is the mean over N samples.  Its Hessian is H = (1/N) sum x_i x_i^T, also the Fisher information of the
gaussian model; the empirical Fisher matrix is F = (1/N) sum g_i g_i^T.  Mini-batches are enumerated.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from theorems.case import Array
from theorems.claim import Source
from theorems.num import Num
from theorems.statement import Conclude, Suppose, conclude, equal, less_than, suppose
from theorems.texts.textbook.training.cases import MinibatchCase

Steps = Iterator[Suppose | Conclude]


def samples(case: MinibatchCase) -> int:
    """N."""
    return int(case.inputs.shape[-2])


def gradients(case: MinibatchCase, w: Array, num: Num) -> Array:
    """g_1, ..., g_N as rows."""
    residuals = num.apply(case.inputs, w) - case.outputs
    return residuals[..., :, None] * case.inputs


def batches(case: MinibatchCase) -> list[tuple[int, ...]]:
    """Every mini-batch of b of the N samples; all are equally likely."""
    return list(itertools.combinations(range(samples(case)), case.batch))


def mean(rows: Array, num: Num) -> Array:
    """The mean of the rows."""
    return num.times(num.number(1, rows.shape[-2]), rows.sum(-2))


def batch_gradient(g: Array, batch: tuple[int, ...], num: Num) -> Array:
    """The mean gradient of a mini-batch."""
    return mean(g[..., list(batch), :], num)


def noise(case: MinibatchCase, num: Num) -> Array:
    """xi_B for every mini-batch B, as rows."""
    g = gradients(case, case.start, num)
    full = mean(g, num)
    rows = [(batch_gradient(g, batch, num) - full)[..., None, :] for batch in batches(case)]
    return num.concatenate(rows, -2)


def second_moment(rows: Array, num: Num) -> Array:
    """The mean of x x^T over the rows x."""
    return num.times(num.number(1, rows.shape[-2]), rows.mT @ rows)


def hessian(case: MinibatchCase, num: Num) -> Array:
    """(1/N) sum x_i x_i^T."""
    return second_moment(case.inputs, num)


def largest_square(g: Array, num: Num) -> Any:
    """sum ||g_i||^2, the scale of the second moments."""
    return num.frobenius_norm_squared(g)


def unbiased(case: MinibatchCase, num: Num) -> Steps:
    """Lemma 11.23, the decomposition: the noise of a mini-batch gradient has mean zero.

    Conclusion  the mean of xi_B over all mini-batches vanishes
    """
    xi, g = noise(case, num), gradients(case, case.start, num)
    average = mean(xi, num)
    yield conclude(equal(average, average * 0, scale=num.frobenius_norm(g)), "E xi = 0")


def covariance(case: MinibatchCase, num: Num) -> Steps:
    """Lemma 11.23, "related to the Fisher information", sharpened: the covariance of the noise, exactly.

    Sigma = (N - b) / (b (N - 1)) (F - grad L grad L^T), with the empirical Fisher matrix F; drawing without
    replacement.

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


def proportional_to_the_hessian(case: MinibatchCase, num: Num) -> Steps:
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


def noise_where_the_hessian_is(case: MinibatchCase, num: Num) -> Steps:
    """Lemma 11.23, "related to the Hessian", read weakly: where the Hessian is not zero, neither is the noise.

    A model that fits every sample has no noise at all.

    Hypotheses  b < N; H is not zero
    """
    yield suppose(case.batch < samples(case), "b < N")
    yield suppose(less_than(num.number(0), num.trace(hessian(case, num))), "H is not zero")
    Sigma = second_moment(noise(case, num), num)
    scale = largest_square(gradients(case, case.start, num), num)
    yield conclude(less_than(num.number(0), num.trace(Sigma), scale=scale), "Sigma is not zero")


def homoscedastic(case: MinibatchCase, num: Num) -> Steps:
    """Lemma 11.23, "related to the Hessian", repaired: at a minimum with residuals of one size, Sigma is a multiple
    of H.

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


def anisotropic(case: MinibatchCase, num: Num) -> Steps:
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


_NOISE = Source("textbook", "Lemma 11.23", "11.2.3")

CLAIMS = (
    _NOISE.stands("textbook/lemma-11.23", unbiased, "each sample is in as many mini-batches"),
    _NOISE.stands(
        "textbook/lemma-11.23.fisher:sharpened", covariance,
        "sampling without replacement; F is the empirical Fisher matrix",
    ),
    _NOISE.false(
        "textbook/lemma-11.23.hessian:proportional", proportional_to_the_hessian,
        "residuals weight the samples: n = 2, N = 2; for n = 1 everything is a multiple",
        repaired_by="textbook/lemma-11.23.hessian:repaired",
    ),
    _NOISE.false(
        "textbook/lemma-11.23.hessian:weak", noise_where_the_hessian_is,
        "a model that fits every sample has no noise, whatever its Hessian: n = 1, N = 2",
        repaired_by="textbook/lemma-11.23.hessian:repaired",
    ),
    _NOISE.stands("textbook/lemma-11.23.hessian:repaired", homoscedastic, "residuals of one size come out of the sum"),
    _NOISE.gap(
        "textbook/lemma-11.23.anisotropic", anisotropic,
        "symmetric samples have isotropic noise: n = 2, N = 4 (N = 3 needs an equilateral triangle)",
        place="Lemma 11.23", printed="an anisotropic perturbation of the gradient",
        repaired_by="textbook/lemma-11.23.fisher:sharpened",
    ),
)  # fmt: skip
