"""Textbook, 11.2.5: relative errors (Definition 11.22) and the errors of truncations (Theorem 11.18)."""

from __future__ import annotations

from collections.abc import Iterator

from theorems.claim import Source
from theorems.facts import not_needed
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.textbook.spectra.cases import SpectrumCase, ThresholdCase
from theorems.texts.textbook.spectra.matrices import energy, not_zero, sigma, truncated
from theorems.texts.textbook.spectra.tail_energy import next_value_is_listed

Steps = Iterator[Suppose | Conclude]


# Theorem 11.18 -------------------------------------------------------------------------------------------------------


def truncation_errors(case: SpectrumCase, num: Num) -> Steps:
    """Theorem 11.18: ||W - W_k||_F^2 = sum_{i>k} sigma_i^2 and ||W - W_k||_2 = sigma_{k+1}, with sigma_{r+1} = 0.

    Hypotheses  0 <= k <= min(m, n)
    Margin      relative to ||W||_F^2 and ||W||_2
    """
    W, d, k = case.matrix, num.svd(case.matrix), case.rank
    gap = W - truncated(d, k)
    yield conclude(
        equal(num.frobenius_norm_squared(gap), num.norm_squared(d.s[..., k:]), scale=num.norm_squared(d.s)),
        "||W - W_k||_F^2 = sum_{i>k} sigma_i^2",
    )
    yield conclude(
        equal(num.spectral_norm(gap), sigma(d, k + 1, num), scale=d.s[..., 0]), "||W - W_k||_2 = sigma_{k+1}"
    )


# Definition 11.22 ----------------------------------------------------------------------------------------------------


def relative_errors_are_defined(case: SpectrumCase, num: Num) -> Steps:
    """Definition 11.22: the relative errors are defined for every target W*.

    Conclusion  ||W*||_2 > 0
    """
    yield conclude(less_than(num.number(0), num.spectral_norm(case.matrix)), "the denominator is not zero")


def relative_errors_of_truncations(case: SpectrumCase, num: Num) -> Steps:
    """Definition 11.22 for truncated SVDs: both relative errors lie in [0, 1], and eps_F^2 = 1 - E(k).

    Hypotheses  W* != 0
    """
    W, d, k = case.matrix, num.svd(case.matrix), case.rank
    yield from not_zero(d, num)
    gap = W - truncated(d, k)
    yield conclude(at_most(num.spectral_norm(gap), d.s[..., 0]), "eps_2 <= 1")
    square = num.frobenius_norm_squared(gap) / num.frobenius_norm_squared(W)
    yield conclude(at_most(square, num.number(1), scale=num.number(1)), "eps_F <= 1")
    yield conclude(equal(square, 1 - energy(d.s, k, num), scale=num.number(1)), "eps_F^2 = 1 - E(k)")


def relative_errors_at_most_one(case: ThresholdCase, num: Num) -> Steps:
    """Definition 11.22 for any low-rank approximation: its relative error is at most one.

    Hypotheses  W* != 0; the competitor stands for W_k
    Conclusion  ||W* - W_k||_F <= ||W*||_F
    """
    yield from not_zero(num.svd(case.matrix), num)
    gap = case.matrix - case.competitor.matrix
    yield conclude(at_most(num.frobenius_norm_squared(gap), num.frobenius_norm_squared(case.matrix)), "eps_F <= 1")


def spectral_error_is_smaller(case: SpectrumCase, num: Num) -> Steps:
    """Definition 11.22, the order of the two, as for the absolute norms: eps_2 <= eps_F.

    Hypotheses  W* != 0; the approximation is the truncated SVD
    """
    d, k = num.svd(case.matrix), case.rank
    yield from not_zero(d, num)
    following, top = sigma(d, k + 1, num), d.s[..., 0]
    left = following * following * num.norm_squared(d.s)
    yield conclude(at_most(left, num.norm_squared(d.s[..., k:]) * top * top), "eps_2 <= eps_F")


def frobenius_error_is_smaller(case: SpectrumCase, num: Num) -> Steps:
    """Definition 11.22, the order of the two, the other way: eps_F <= eps_2.

    Hypotheses  W* != 0; the approximation is the truncated SVD
    """
    d, k = num.svd(case.matrix), case.rank
    yield from not_zero(d, num)
    following, top = sigma(d, k + 1, num), d.s[..., 0]
    right = following * following * num.norm_squared(d.s)
    yield conclude(at_most(num.norm_squared(d.s[..., k:]) * top * top, right), "eps_F <= eps_2")


def relative_errors_compared(case: SpectrumCase, num: Num) -> Steps:
    """Definition 11.22, what holds between the two: eps_2 / sqrt(r) <= eps_F <= sqrt(r - k) eps_2 for r = rank(W*) >=
    k.

    The numerators differ by at most sqrt(r - k), the denominators by at most sqrt(r).

    Hypotheses  W* != 0; k <= r; the approximation is the truncated SVD
    """
    d, k = num.svd(case.matrix), case.rank
    yield from not_zero(d, num)
    r = num.rank(case.matrix)
    yield suppose(at_most(k, r), "k <= r")
    following, top, total = sigma(d, k + 1, num), d.s[..., 0], num.norm_squared(d.s)
    spectral, frobenius = following * following * total, num.norm_squared(d.s[..., k:]) * top * top
    scale = top * top * total
    yield conclude(at_most(spectral, r * frobenius, scale=r * scale), "eps_2^2 <= r eps_F^2")
    yield conclude(at_most(frobenius, (r - k) * spectral, scale=r * scale), "eps_F^2 <= (r - k) eps_2^2")


_ERRORS = Source("textbook", "Definition 11.22", "11.2.5")
_TRUNCATION = Source("textbook", "Theorem 11.18", "11.2.5")

CLAIMS = (
    _ERRORS.gap(
        "textbook/definition-11.22:every-matrix", relative_errors_are_defined,
        "W* = 0 has no relative error; 1 x 1 is the smallest size there is",
        repaired_by="textbook/definition-11.22",
    ),
    _ERRORS.stands(
        "textbook/definition-11.22", relative_errors_of_truncations,
        "a truncation discards singular values; eps_F^2 is the energy that it loses",
    ),
    _ERRORS.false(
        "textbook/definition-11.22.at-most-one:any-approximation", relative_errors_at_most_one,
        "an approximation that is no truncation may be worse than zero: 1 is approximated by -1, in 1 x 1 "
        "matrices",
        repaired_by="textbook/definition-11.22",
    ),
    _ERRORS.false(
        "textbook/definition-11.22.order:as-norms", spectral_error_is_smaller,
        "diag(1, 1) at k = 1 has eps_2 = 1 > eps_F = sqrt(1/2): the denominators differ; one value has both "
        "equal",
        repaired_by="textbook/definition-11.22.order:compared",
    ),
    _ERRORS.false(
        "textbook/definition-11.22.order:reversed", frobenius_error_is_smaller,
        "sigma = (2, 1, 1) at k = 1 has eps_F^2 = 1/3 > eps_2^2 = 1/4; with r - k <= 1 the numerators agree: "
        "3 x 3",
        repaired_by="textbook/definition-11.22.order:compared",
    ),
    _ERRORS.stands(
        "textbook/definition-11.22.order:compared", relative_errors_compared,
        "||A||_2 <= ||A||_F <= sqrt(rank A) ||A||_2, for numerators and denominators",
        about={"k <= r": not_needed("beyond r both errors are zero")},
    ),
    _TRUNCATION.stands(
        "textbook/theorem-11.18", truncation_errors, "W - W_k has the singular values sigma_{k+1}, ..., sigma_r",
    ),
    _TRUNCATION.gap(
        "textbook/theorem-11.18.index:listed", next_value_is_listed,
        "at k = r, sigma_{r+1} is not listed: it must be read as zero; already r = k = 1",
        repaired_by="textbook/theorem-11.18",
    ),
)  # fmt: skip
