"""Textbook, 11.2.2: a low-rank matrix plus noise (Lemma 11.21), and its recovery by thresholding (Theorem 11.12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.claim import Source
from theorems.facts import definition, implied, not_needed
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.textbook.spectra.cases import NoisyCase
from theorems.texts.textbook.spectra.matrices import sigma, truncated, verified

Steps = Iterator[Suppose | Conclude]

MUCH = 10  # "much larger", as a factor


def low_rank_signal(case: NoisyCase, num: Num) -> Steps:
    """W_0 has the rank r_0 = `rank`."""
    s, r = case.signal.s, case.rank
    yield suppose(less_than(num.number(0), s[..., r - 1]), "sigma_{r_0}(W_0) > 0")
    if r < s.shape[-1]:
        yield suppose(equal(s[..., r], num.number(0), scale=s[..., 0]), "rank(W_0) = r_0")


def values_are_close(case: NoisyCase, num: Num) -> Steps:
    """Lemma 11.21, first item: the singular values of W = W_0 + E are close to those of W_0 (Weyl).

    Conclusion  |sigma_i(W) - sigma_i(W_0)| <= sigma_1(E) for every i
    """
    case = verified(case, num)
    level = num.spectral_norm(case.noise)
    scale = case.observed.s[..., 0] + case.signal.s[..., 0]
    for i in range(1, case.signal.s.shape[-1] + 1):
        gap = num.absolute(sigma(case.observed, i, num) - sigma(case.signal, i, num))
        yield conclude(at_most(gap, level, scale=scale), "|sigma_i(W) - sigma_i(W_0)| <= sigma_1(E)")


def tail_is_the_noise(case: NoisyCase, num: Num) -> Steps:
    """Lemma 11.21, second item: the singular values r_0 + 1, ..., r of W are those of the noise, sigma_1(E),
    sigma_2(E), ...

    Hypotheses  rank(W_0) = r_0
    Conclusion  sigma_{r_0 + i}(W) = sigma_i(E)
    """
    case = verified(case, num)
    yield from low_rank_signal(case, num)
    scale = case.observed.s[..., 0] + case.signal.s[..., 0]
    for i in range(1, case.signal.s.shape[-1] - case.rank + 1):
        value = num.singular_value(case.noise, i)
        yield conclude(
            equal(sigma(case.observed, case.rank + i, num), value, scale=scale), "sigma_{r_0+i}(W) = sigma_i(E)"
        )
    yield conclude(at_most(num.number(0), scale), "there is no value beyond r_0")


def tail_is_below_the_noise(case: NoisyCase, num: Num) -> Steps:
    """Lemma 11.21, second item, repaired: they interlace, sigma_{2 r_0 + i}(E) <= sigma_{r_0 + i}(W) <= sigma_i(E).

    Both are Weyl's inequality sigma_{i + r_0}(A + B) <= sigma_i(A) for a B of rank r_0: once for W = E + W_0, once for
    E = W - W_0.

    Hypotheses  rank(W_0) = r_0
    """
    case = verified(case, num)
    yield from low_rank_signal(case, num)
    E, r, k = case.noise, case.rank, case.signal.s.shape[-1]
    scale = case.observed.s[..., 0] + case.signal.s[..., 0]
    for i in range(1, k - r + 1):
        value = sigma(case.observed, r + i, num)
        yield conclude(at_most(value, num.singular_value(E, i), scale=scale), "sigma_{r_0+i}(W) <= sigma_i(E)")
        if 2 * r + i <= k:
            least = num.singular_value(E, 2 * r + i)
            yield conclude(at_most(least, value, scale=scale), "sigma_{2 r_0+i}(E) <= sigma_{r_0+i}(W)")
    yield conclude(at_most(num.number(0), scale), "there is no value beyond r_0")


def staircase(case: NoisyCase, num: Num) -> Steps:
    """Lemma 11.21, the staircase: W has a step after r_0, sigma_{r_0}(W) > sigma_{r_0+1}(W); no size of the noise is
    given.

    Hypotheses  rank(W_0) = r_0 < min(m, n)
    """
    case = verified(case, num)
    yield from low_rank_signal(case, num)
    r, s = case.rank, case.observed.s
    yield suppose(r < s.shape[-1], "r_0 < min(m, n)")
    yield conclude(less_than(s[..., r], s[..., r - 1], scale=s[..., 0]), "a step after r_0")


def staircase_above_the_noise(case: NoisyCase, num: Num) -> Steps:
    """Lemma 11.21, the staircase repaired: noise below half of sigma_{r_0}(W_0) leaves the step.

    sigma_{r_0}(W) >= sigma_{r_0}(W_0) - sigma_1(E) > sigma_1(E) >= sigma_{r_0+1}(W).  The factor 2 is needed:
    diag(2, 0) + diag(-1, 1) = I.

    Hypotheses  rank(W_0) = r_0 < min(m, n); 2 sigma_1(E) < sigma_{r_0}(W_0)
    Conclusion  sigma_{r_0+1}(W) < sigma_{r_0}(W), by at least sigma_{r_0}(W_0) - 2 sigma_1(E)
    """
    case = verified(case, num)
    yield from low_rank_signal(case, num)
    r, s = case.rank, case.observed.s
    yield suppose(r < s.shape[-1], "r_0 < min(m, n)")
    level = num.spectral_norm(case.noise)
    yield suppose(less_than(2 * level, case.signal.s[..., r - 1]), "2 sigma_1(E) < sigma_{r_0}(W_0)")
    step = s[..., r - 1] - s[..., r]
    yield conclude(less_than(num.number(0), step), "a step after r_0")
    yield conclude(
        at_most(case.signal.s[..., r - 1] - step, 2 * level, scale=case.signal.s[..., 0]),
        "the step is at least sigma_{r_0}(W_0) - 2 sigma_1(E)",
    )


def _between(case: NoisyCase, num: Num) -> Steps:
    """The threshold of Theorem 11.12: sigma_1(E) < threshold < sigma_{r_0}(W_0), ten times as large."""
    yield from low_rank_signal(case, num)
    level, threshold = num.spectral_norm(case.noise), case.threshold[..., 0]
    weakest = case.signal.s[..., case.rank - 1]
    yield suppose(at_most(MUCH * level, weakest), "10 sigma_1(E) <= sigma_{r_0}(W_0)")
    yield suppose(less_than(level, threshold), "sigma_1(E) < threshold")
    yield suppose(less_than(threshold, weakest), "threshold < sigma_{r_0}(W_0)")


def kept(case: NoisyCase, num: Num) -> Any:
    """How many singular values of W exceed the threshold."""
    s, threshold = case.observed.s, case.threshold[..., 0]
    answers = [num.indicator(less_than(threshold, s[..., i])) for i in range(s.shape[-1])]
    return sum(answers[1:], answers[0])


def exact_recovery(case: NoisyCase, num: Num) -> Steps:
    """Theorem 11.12: keeping the singular values of W above the threshold recovers W_0.

    "Much larger" is read as ten times; W_0 is recovered when the thresholded W is W_0.

    Hypotheses  rank(W_0) = r_0; 10 sigma_1(E) <= sigma_{r_0}(W_0); sigma_1(E) < threshold < sigma_{r_0}(W_0)
    Conclusion  W_thr = W_0
    """
    case = verified(case, num)
    yield from _between(case, num)
    k = kept(case, num)
    d = case.observed
    thresholded = d.U @ num.selector(d.s.shape[-1], 1, k) @ num.diagonal(d.s) @ d.V.mT
    yield conclude(equal(thresholded, case.signal.matrix, scale=case.signal.s[..., 0]), "the thresholded W is W_0")


def rank_recovery(case: NoisyCase, num: Num) -> Steps:
    """Theorem 11.12, the rank: thresholding anywhere between sigma_1(E) and sigma_{r_0}(W_0) keeps r_0 singular values.

    Hypotheses  rank(W_0) = r_0; 10 sigma_1(E) <= sigma_{r_0}(W_0); sigma_1(E) < threshold < sigma_{r_0}(W_0)
    """
    case = verified(case, num)
    yield from _between(case, num)
    yield conclude(equal(kept(case, num), case.rank), "r_0 singular values are kept")


def noise_is_removed(case: NoisyCase, num: Num) -> Steps:
    """Theorem 11.12, the half that holds: a threshold of at least sigma_1(E) keeps no more than r_0 singular values.

    Hypotheses  rank(W_0) = r_0; sigma_1(E) <= threshold
    """
    case = verified(case, num)
    yield from low_rank_signal(case, num)
    yield suppose(at_most(num.spectral_norm(case.noise), case.threshold[..., 0]), "sigma_1(E) <= threshold")
    yield conclude(at_most(kept(case, num), case.rank), "at most r_0 singular values are kept")


def recovery_within_the_noise(case: NoisyCase, num: Num) -> Steps:
    """Theorem 11.12, repaired: between sigma_1(E) and sigma_{r_0}(W_0) - sigma_1(E), the rank is exact and the error
    bounded.

    ||W_thr - W_0||_2 <= ||W_thr - W||_2 + ||E||_2 <= 2 sigma_1(E); exactly W_0 comes back only without noise.

    Hypotheses  rank(W_0) = r_0; sigma_1(E) <= threshold; threshold + sigma_1(E) < sigma_{r_0}(W_0)
    Conclusion  r_0 values are kept, and ||W_thr - W_0||_2 <= 2 sigma_1(E)
    Margin      relative to sigma_1(W_0)
    """
    case = verified(case, num)
    yield from low_rank_signal(case, num)
    level, threshold = num.spectral_norm(case.noise), case.threshold[..., 0]
    weakest = case.signal.s[..., case.rank - 1]
    yield suppose(at_most(level, threshold), "sigma_1(E) <= threshold")
    yield suppose(less_than(level, weakest - threshold), "threshold + sigma_1(E) < sigma_{r_0}(W_0)")
    yield conclude(equal(kept(case, num), case.rank), "r_0 singular values are kept")
    error = num.spectral_norm(truncated(case.observed, case.rank) - case.signal.matrix)
    yield conclude(at_most(error, 2 * level, scale=case.signal.s[..., 0]), "||W_thr - W_0||_2 <= 2 sigma_1(E)")


_NOISE = Source("textbook", "Lemma 11.21", "11.2.2")
_RECOVERY = Source("textbook", "Theorem 11.12", "11.2.2")

_WEYL = not_needed("Weyl's inequality asks for rank(W_0) <= r_0 only")

CLAIMS = (
    _NOISE.stands("textbook/lemma-11.21.values", values_are_close, "Weyl's inequality, for every i and every noise"),
    _NOISE.false(
        "textbook/lemma-11.21.tail", tail_is_the_noise,
        "the signal hides r_0 directions of the noise: diag(1, 0) - diag(1, 0) has sigma_2 = 0, its noise "
        "sigma_1 = 1",
        place="Lemma 11.21, second item", printed="the values r_0 + 1, ..., r are those of the noise",
        repaired_by="textbook/lemma-11.21.tail:repaired",
    ),
    _NOISE.stands(
        "textbook/lemma-11.21.tail:repaired", tail_is_below_the_noise,
        "a matrix of rank r_0 shifts the singular values by at most r_0 places",
        about={"sigma_{r_0}(W_0) > 0": _WEYL},
    ),
    _NOISE.gap(
        "textbook/lemma-11.21.staircase", staircase,
        "noise as large as the signal levels the step: diag(1, 0) - diag(1, 0); r_0 < min(m, n) needs 2 x 2",
        place="Lemma 11.21", printed="the singular values have the shape of a staircase",
        repaired_by="textbook/lemma-11.21.staircase:repaired",
    ),
    _NOISE.stands(
        "textbook/lemma-11.21.staircase:repaired", staircase_above_the_noise,
        "Weyl on both sides of the step; at 2 sigma_1(E) = sigma_{r_0}(W_0) it may close",
        about={
            "sigma_{r_0}(W_0) > 0": implied("2 sigma_1(E) < sigma_{r_0}(W_0)", "norms are not negative"),
            "r_0 < min(m, n)": definition("a step after r_0 has a value after it"),
        },
    ),
    _RECOVERY.gap(
        "textbook/theorem-11.12", exact_recovery,
        "the kept values carry their noise: 2 - 1/25 is kept as 49/25, in 1 x 1 matrices",
        place="Theorem 11.12", printed="W_0 is recovered by keeping the singular values above the threshold",
        repaired_by="textbook/theorem-11.12:repaired",
    ),
    _RECOVERY.gap(
        "textbook/theorem-11.12.rank", rank_recovery,
        "a threshold just below sigma_{r_0}(W_0) drops a value that noise has lowered, however small the "
        "noise: 1 x 1",
        place="Theorem 11.12, last sentence", printed="lambda between sigma_{r_0}(W_0) and sigma_1(E)",
        repaired_by="textbook/theorem-11.12:repaired",
    ),
    _RECOVERY.stands(
        "textbook/theorem-11.12.noise", noise_is_removed, "sigma_{r_0+1}(W) <= sigma_1(E)",
        about={"sigma_{r_0}(W_0) > 0": _WEYL},
    ),
    _RECOVERY.stands(
        "textbook/theorem-11.12:repaired", recovery_within_the_noise,
        "Weyl for the values, Eckart-Young and the triangle inequality for the error",
        about={
            "sigma_{r_0}(W_0) > 0": implied(
                "threshold + sigma_1(E) < sigma_{r_0}(W_0)",
                "the threshold is at least sigma_1(E) >= 0",
            ),
        },
    ),
)  # fmt: skip
