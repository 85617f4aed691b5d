"""Textbook, 11.2.1: the effective rank exp(H) of the distribution p_i = sigma_i^2 / sum_j sigma_j^2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import Array
from theorems.claim import Source
from theorems.facts import not_needed
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, less_than, suppose
from theorems.texts.textbook.spectra.cases import SpectraPairCase, SpectrumCase
from theorems.texts.textbook.spectra.matrices import NOT_ZERO, not_zero, threshold_rank

Steps = Iterator[Suppose | Conclude]


def entropy(s: Array, num: Num) -> Any:
    """-sum_i p_i log p_i for p_i = s_i^2 / sum_j s_j^2, with 0 log 0 = 0."""
    squares = s * s
    total = num.norm_squared(s)
    p = squares / total[..., None] if hasattr(total, "shape") else squares / total
    positive = p + num.zero(p) * 1  # one in place of zero, whose logarithm is multiplied by zero
    return -num.dot(p, num.log(positive))


def effective_rank(s: Array, num: Num) -> Any:
    """exp(-sum_i p_i log p_i), the definition after Lemma 11.17."""
    return num.exp(entropy(s, num))


def effective_rank_bounds(case: SpectrumCase, num: Num) -> Steps:
    """The effective rank after Lemma 11.17: 1 <= eff-rank(W) <= rank(W).

    The entropy of a distribution on r points lies between 0 and log r.

    Hypotheses  W != 0
    """
    d = num.svd(case.matrix)
    yield from not_zero(d, num)
    value = effective_rank(d.s, num)
    yield conclude(at_most(num.number(1), value), "eff-rank >= 1")
    yield conclude(at_most(value, num.rank(case.matrix)), "eff-rank <= rank")


def effective_rank_above_stable_rank(case: SpectrumCase, num: Num) -> Steps:
    """The effective rank, sharpened: eff-rank(W) >= ||W||_F^2 / ||W||_2^2, and it is small where p_1 is near one.

    log p_i <= log p_1 for every i, so that the entropy is at least -log p_1.  The bound from above is Fano's, with n
    for n - 1; it is what tells p_i = sigma_i^2 / sum_j sigma_j^2 from sigma_i / sum_j sigma_j.

    Hypotheses  W != 0
    Conclusion  eff-rank >= 1 / p_1; log eff-rank <= -p_1 log p_1 - q log q + q log n for q = 1 - p_1, n values
    Margin      relative to ||W||_F^2
    """
    d = num.svd(case.matrix)
    yield from not_zero(d, num)
    total, top = num.norm_squared(d.s), d.s[..., 0] * d.s[..., 0]
    yield conclude(at_most(total, effective_rank(d.s, num) * top), "eff-rank >= stable rank")
    p, q = top / total, num.norm_squared(d.s[..., 1:]) / total
    rest = num.where(num.zero(q), q * 0, q * num.log(num.where(num.zero(q), q * 0 + 1, q)))
    fano = q * num.log(num.number(d.s.shape[-1])) - p * num.log(p) - rest
    yield conclude(at_most(entropy(d.s, num), fano, scale=num.number(1)), "log eff-rank <= H(p_1, q) + q log n")


def formally_full_rank(case: SpectrumCase, num: Num) -> Steps:
    """The sentence before the definition: a matrix with no singular value zero has an effective rank below its rank.

    Hypotheses  rank(W) = min(m, n)
    Conclusion  eff-rank(W) < min(m, n)
    """
    d = num.svd(case.matrix)
    yield suppose(less_than(num.number(0), d.s[..., -1], scale=d.s[..., 0]), "no singular value is zero")
    yield conclude(less_than(effective_rank(d.s, num), num.number(d.s.shape[-1])), "eff-rank < min(m, n)")


def formally_full_rank_uneven(case: SpectrumCase, num: Num) -> Steps:
    """The sentence before the definition, repaired: the effective rank is below the rank unless all values are equal.

    Hypotheses  no singular value is zero; sigma_1 > sigma_r
    Conclusion  eff-rank(W) < min(m, n)
    """
    d = num.svd(case.matrix)
    yield suppose(less_than(num.number(0), d.s[..., -1], scale=d.s[..., 0]), "no singular value is zero")
    yield suppose(less_than(d.s[..., -1], d.s[..., 0], scale=d.s[..., 0]), "sigma_1 > sigma_r")
    yield conclude(less_than(effective_rank(d.s, num), num.number(d.s.shape[-1])), "eff-rank < min(m, n)")


def effective_rank_far_below(case: SpectrumCase, num: Num) -> Steps:
    """The sentence before the definition, "far below", for uneven spectra: less than half of the rank.

    Hypotheses  no singular value is zero; sigma_1 >= 2 sigma_r
    Conclusion  eff-rank(W) < min(m, n) / 2
    """
    d = num.svd(case.matrix)
    yield suppose(less_than(num.number(0), d.s[..., -1], scale=d.s[..., 0]), "no singular value is zero")
    yield suppose(at_most(2 * d.s[..., -1], d.s[..., 0]), "sigma_1 >= 2 sigma_r")
    yield conclude(less_than(effective_rank(d.s, num), num.number(d.s.shape[-1], 2)), "eff-rank < min(m, n) / 2")


def concentration_by_one_energy(case: SpectraPairCase, num: Num) -> Steps:
    """ "The more concentrated, the smaller the effective rank", read with E(k) at one k.

    Hypotheses  two spectra, not zero, the first with the larger E(k), k < r
    Conclusion  its effective rank is not larger
    """
    yield from _two_spectra(case, num)
    yield suppose(case.rank < case.first.shape[-1], "k < r")
    yield suppose(_not_less_concentrated(case, case.rank, num), "E(k) of the first is not smaller")
    yield conclude(at_most(effective_rank(case.first, num), effective_rank(case.second, num)), "eff-rank not larger")


def concentration_by_every_energy(case: SpectraPairCase, num: Num) -> Steps:
    """ "The more concentrated, the smaller the effective rank", with E(k) at every k: majorisation.

    The entropy is Schur-concave: a distribution that majorises another has no more entropy.

    Hypotheses  two spectra, not zero, the first with E(k) no smaller for k = 1, 2, ...
    Conclusion  its effective rank is not larger
    """
    yield from _two_spectra(case, num)
    for k in range(1, case.first.shape[-1]):
        yield suppose(_not_less_concentrated(case, k, num), "E(k) of the first is not smaller, for every k")
    yield conclude(at_most(effective_rank(case.first, num), effective_rank(case.second, num)), "eff-rank not larger")


def _two_spectra(case: SpectraPairCase, num: Num) -> Steps:
    for s in (case.first, case.second):
        yield suppose(less_than(num.number(0), num.norm_squared(s)), NOT_ZERO)
        yield suppose(at_most(s[..., 1:], s[..., :-1]), "the singular values descend")
        yield suppose(at_most(num.number(0), s[..., -1]), "no singular value is negative")


def _not_less_concentrated(case: SpectraPairCase, k: int, num: Num) -> Any:
    one, two = case.first, case.second
    return at_most(
        num.norm_squared(two[..., :k]) * num.norm_squared(one), num.norm_squared(one[..., :k]) * num.norm_squared(two)
    )


def two_notions_agree(case: SpectrumCase, num: Num) -> Steps:
    """The two quantities called effective rank, exp(H) and r_eff(0.95): the second is no larger, up to rounding.

    Hypotheses  W != 0
    Conclusion  r_eff(0.95) - 1 < eff-rank(W)
    """
    d = num.svd(case.matrix)
    yield from not_zero(d, num)
    r_eff = threshold_rank(d.s, num.number(19, 20), num)
    yield conclude(less_than(r_eff - 1, effective_rank(d.s, num)), "r_eff(0.95) - 1 < eff-rank")


def two_notions_agree_the_other_way(case: SpectrumCase, num: Num) -> Steps:
    """The two quantities called effective rank, exp(H) and r_eff(0.95): the first is no larger.

    Hypotheses  W != 0
    Conclusion  eff-rank(W) <= r_eff(0.95)
    """
    d = num.svd(case.matrix)
    yield from not_zero(d, num)
    r_eff = threshold_rank(d.s, num.number(19, 20), num)
    yield conclude(at_most(effective_rank(d.s, num), r_eff), "eff-rank <= r_eff(0.95)")


def two_notions_related(case: SpectrumCase, num: Num) -> Steps:
    """The two quantities called effective rank: what holds between them is r_eff(0.95) >= 0.95 ||W||_F^2 / ||W||_2^2.

    E(k) <= k sigma_1^2 / ||W||_F^2, so that a spectrum cannot reach an energy before the flat one of its stable rank
    does.

    Hypotheses  W != 0
    """
    d = num.svd(case.matrix)
    yield from not_zero(d, num)
    r_eff = threshold_rank(d.s, num.number(19, 20), num)
    top = d.s[..., 0] * d.s[..., 0]
    yield conclude(at_most(num.number(19, 20) * num.norm_squared(d.s), r_eff * top), "r_eff >= 0.95 x stable rank")


_SOURCE = Source("textbook", "Definition 11.16, effective rank", "11.2.1")
_BOTH = Source("textbook", "Definitions 11.16 and 11.17", "11.2.1 and 11.2.2")

CLAIMS = (
    _SOURCE.stands(
        "textbook/definition-11.16.effective-rank", effective_rank_bounds,
        "the entropy of r points lies between 0 and log r",
    ),
    _SOURCE.stands(
        "textbook/definition-11.16.effective-rank:sharpened", effective_rank_above_stable_rank,
        "the entropy is at least the min-entropy -log p_1",
    ),
    _SOURCE.gap(
        "textbook/definition-11.16.full-rank:every-matrix", formally_full_rank,
        "equal singular values have the effective rank min(m, n): the identity of any size, and every 1 x 1 "
        "matrix",
        repaired_by="textbook/definition-11.16.full-rank:repaired",
    ),
    _SOURCE.stands(
        "textbook/definition-11.16.full-rank:repaired", formally_full_rank_uneven,
        "the entropy is log r only for equal shares",
        about={
            "no singular value is zero": not_needed(
                "where one vanishes, eff-rank <= rank < min(m, n)",
                "textbook/definition-11.16.effective-rank",
            ),
        },
    ),
    _SOURCE.false(
        "textbook/definition-11.16.full-rank:far-below", effective_rank_far_below,
        "sigma = (2, 1) has the effective rank 1.65 of 2: being uneven is not enough; a single value is "
        "never uneven",
        repaired_by="textbook/definition-11.16.full-rank:repaired",
    ),
    _SOURCE.false(
        "textbook/definition-11.16.concentration:one-k", concentration_by_one_energy,
        "E(1) of (2, 1, 1) exceeds that of (1, 1, 0), its effective rank too; two values are ordered by E(1)",
        repaired_by="textbook/definition-11.16.concentration",
    ),
    _SOURCE.stands(
        "textbook/definition-11.16.concentration", concentration_by_every_energy, "the entropy is Schur-concave",
    ),
    _BOTH.false(
        "textbook/definition-11.17.agreement:no-larger", two_notions_agree,
        "sigma = (3, 1, 1) has exp(H) = 1.8 and r_eff(0.95) = 3; for two values r_eff - 1 <= 1 < exp(H)",
        repaired_by="textbook/definition-11.17.agreement:related",
    ),
    _BOTH.false(
        "textbook/definition-11.17.agreement:reversed", two_notions_agree_the_other_way,
        "sigma = (5, 1) holds 96% in one value, so r_eff(0.95) = 1 < exp(H); one value gives equality",
        repaired_by="textbook/definition-11.17.agreement:related",
    ),
    _BOTH.stands("textbook/definition-11.17.agreement:related", two_notions_related, "E(k) <= k sigma_1^2 / ||W||_F^2"),
)  # fmt: skip
