"""Textbook, 11.2.2: the tail energy (Theorem 11.11), the bound on E(k) (Corollary 11.4), the threshold rank (11.17)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import SVD, CountCase
from theorems.claim import Source
from theorems.facts import definition, implied, not_needed
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.textbook.spectra.cases import SpectrumCase, ThresholdCase
from theorems.texts.textbook.spectra.matrices import energy, not_zero, sigma, threshold_rank, truncated

Steps = Iterator[Suppose | Conclude]


# Theorem 11.11 and Corollary 11.4 -----------------------------------------------------------------------------------


def _tail(case: SpectrumCase, num: Num) -> tuple[Any, Any, Any]:
    """||W - W_k||_F^2 of the matrices, r - k with r = rank W, and sigma_{k+1}^2."""
    W, d, k = case.matrix, num.svd(case.matrix), case.rank
    following = sigma(d, k + 1, num)
    return num.frobenius_norm_squared(W - truncated(d, k)), num.rank(W) - k, following * following


def next_value_is_listed(case: CountCase, num: Num) -> Steps:
    """Theorems 11.11 and 11.18, the index: for every k in {1, ..., r}, sigma_{k+1} is one of sigma_1, ..., sigma_r.

    Hypotheses  1 <= k <= r
    """
    r, k = case.values
    yield suppose(1 <= k <= r, "1 <= k <= r")
    yield conclude(k + 1 <= r, "sigma_{k+1} is listed")


def tail_energy(case: SpectrumCase, num: Num) -> Steps:
    """Theorem 11.11: ||W - W_k||_F^2 = sum_{i>k} sigma_i^2 <= (r - k) sigma_{k+1}^2, with sigma_{r+1} = 0.

    Hypotheses  1 <= k <= r = rank(W)
    Margin      relative to ||W||_F^2
    """
    W, d, k = case.matrix, num.svd(case.matrix), case.rank
    tail, left, square = _tail(case, num)
    yield suppose(k >= 1, "k >= 1")
    yield suppose(at_most(k, num.rank(W)), "k <= r")
    scale = num.norm_squared(d.s)
    yield conclude(equal(tail, num.norm_squared(d.s[..., k:]), scale=scale), "||W - W_k||_F^2 = sum_{i>k} sigma_i^2")
    yield conclude(at_most(tail, left * square, scale=scale), "||W - W_k||_F^2 <= (r - k) sigma_{k+1}^2")


def tail_energy_sharpened(case: SpectrumCase, num: Num) -> Steps:
    """Theorem 11.11, sharpened: the tail is at most sigma_{k+1} (sigma_{k+1} + ... + sigma_r), and at most (1 - k/r)
    ||W||_F^2.

    The first bound lies below the printed one, since every term of the sum is at most sigma_{k+1}; the second says that
    the smallest r - k squares have no more than their share.  k = 0 is allowed.

    Hypotheses  0 <= k <= r = rank(W), W != 0
    """
    W, d, k = case.matrix, num.svd(case.matrix), case.rank
    yield from not_zero(d, num)
    tail, left, square = _tail(case, num)
    r = num.rank(W)
    yield suppose(at_most(k, r), "k <= r")
    scale = num.norm_squared(d.s)
    nuclear = d.s[..., k:].sum(-1) * sigma(d, k + 1, num)
    yield conclude(at_most(tail, nuclear, scale=scale), "tail <= sigma_{k+1} sum_{i>k} sigma_i")
    yield conclude(at_most(nuclear, left * square, scale=scale), "... <= (r - k) sigma_{k+1}^2")
    yield conclude(at_most(r * tail, left * scale, scale=r * scale), "tail <= (1 - k/r) ||W||_F^2")


def energy_lower_bound(case: SpectrumCase, num: Num) -> Steps:
    """Corollary 11.4: E(k) >= 1 - (r - k) sigma_{k+1}^2 / sum_i sigma_i^2.

    Hypotheses  W != 0; 1 <= k <= r = rank(W); sigma_{r+1} = 0
    """
    W, d, k = case.matrix, num.svd(case.matrix), case.rank
    yield from not_zero(d, num)
    yield suppose(k >= 1, "k >= 1")
    yield suppose(at_most(k, num.rank(W)), "k <= r")
    _, left, square = _tail(case, num)
    share = num.frobenius_norm_squared(truncated(d, k)) / num.frobenius_norm_squared(W)
    yield conclude(
        at_most(1 - left * square / num.norm_squared(d.s), share, scale=num.number(1)), "the lower bound on E(k)"
    )


def energy_lower_bound_informs(case: SpectrumCase, num: Num) -> Steps:
    """Corollary 11.4, what the bound says: it is never worse than E(k) >= 0.

    Hypotheses  W != 0; 1 <= k <= r = rank(W)
    """
    W, d, k = case.matrix, num.svd(case.matrix), case.rank
    yield from not_zero(d, num)
    yield suppose(k >= 1, "k >= 1")
    yield suppose(at_most(k, num.rank(W)), "k <= r")
    _, left, square = _tail(case, num)
    yield conclude(at_most(left * square, num.norm_squared(d.s)), "(r - k) sigma_{k+1}^2 <= sum_i sigma_i^2")


def energy_is_at_least_its_share(case: SpectrumCase, num: Num) -> Steps:
    """Corollary 11.4, sharpened where the printed bound is empty: E(k) >= k / r, with equality for equal values.

    Hypotheses  W != 0; k <= r = rank(W)
    """
    W, d, k = case.matrix, num.svd(case.matrix), case.rank
    yield from not_zero(d, num)
    r = num.rank(W)
    yield suppose(at_most(k, r), "k <= r")
    yield conclude(at_most(k * num.norm_squared(d.s), r * num.norm_squared(d.s[..., :k])), "E(k) >= k / r")


def small_value_gives_high_energy(case: SpectrumCase, num: Num) -> Steps:
    """Corollary 11.4, the sentence after it: as soon as sigma_{k+1} is relatively small, E(k) is high.

    "Relatively small" is read as a tenth of sigma_1, "high" as 95%.

    Hypotheses  1 <= k <= r = rank(W); sigma_{k+1} <= sigma_1 / 10
    Conclusion  E(k) >= 0.95
    """
    W, d, k = case.matrix, num.svd(case.matrix), case.rank
    yield from not_zero(d, num)
    yield suppose(k >= 1, "k >= 1")
    yield suppose(at_most(k, num.rank(W)), "k <= r")
    yield suppose(at_most(10 * sigma(d, k + 1, num), sigma(d, 1, num)), "sigma_{k+1} <= sigma_1 / 10")
    yield conclude(at_most(num.number(19, 20), energy(d.s, k, num), scale=num.number(1)), "E(k) >= 0.95")


def small_tail_bound_gives_high_energy(case: SpectrumCase, num: Num) -> Steps:
    """Corollary 11.4, the sentence after it, repaired: sigma_{k+1} small against sigma_1 *and* against 1 / sqrt(r - k).

    sigma_{k+1} <= sigma_1 sqrt((1 - tau) / (tau (r - k))) gives a tail of at most (1 - tau)/tau times the head, so that
    E(k) >= tau; tau = 0.95 here: 19 (r - k) sigma_{k+1}^2 <= sigma_1^2.

    Hypotheses  1 <= k <= r = rank(W); 19 (r - k) sigma_{k+1}^2 <= sigma_1^2
    Conclusion  E(k) >= 0.95
    """
    W, d, k = case.matrix, num.svd(case.matrix), case.rank
    yield from not_zero(d, num)
    yield suppose(k >= 1, "k >= 1")
    yield suppose(at_most(k, num.rank(W)), "k <= r")
    _, left, square = _tail(case, num)
    top = sigma(d, 1, num)
    yield suppose(at_most(19 * left * square, top * top), "19 (r - k) sigma_{k+1}^2 <= sigma_1^2")
    yield conclude(at_most(num.number(19, 20), energy(d.s, k, num), scale=num.number(1)), "E(k) >= 0.95")


# Definition 11.17: the threshold rank --------------------------------------------------------------------------------


def threshold_rank_is_defined(case: ThresholdCase, num: Num) -> Steps:
    """Definition 11.17: the least k with E(k) >= tau exists for tau in (0, 1), and lies in 1..rank(W).

    Hypotheses  W != 0; 0 < tau < 1
    Conclusion  1 <= r_eff <= rank(W); E(r_eff) >= tau > E(r_eff - 1), the first taken of the truncated matrices
    """
    yield from _in_range(case, num)
    yield from threshold_rank_within_the_rank(case, num)


def threshold_rank_at_one(case: ThresholdCase, num: Num) -> Steps:
    """Definition 11.17 at the excluded end: r_eff(1) = rank(W); the open interval could be half open.

    Hypotheses  W != 0
    """
    d = num.svd(case.matrix)
    yield from not_zero(d, num)
    yield conclude(equal(threshold_rank(d.s, num.number(1), num), num.rank(case.matrix)), "r_eff(1) = rank(W)")


def threshold_rank_is_monotone(case: ThresholdCase, num: Num) -> Steps:
    """Definition 11.17: a smaller threshold needs no larger rank, and neither scale nor transposition matters.

    2 W^T is formed, and its energies are those of its own truncations.

    Hypotheses  W != 0; 0 < tau < 1
    Conclusion  r_eff(tau^2) <= r_eff(tau); r_eff(2 W^T) = r_eff(W)
    """
    yield from _in_range(case, num)
    d, tau = num.svd(case.matrix), case.threshold[..., 0]
    here = threshold_rank(d.s, tau, num)
    yield conclude(at_most(threshold_rank(d.s, tau * tau, num), here), "r_eff(tau^2) <= r_eff(tau)")
    other = 2 * case.matrix.mT
    yield conclude(equal(SVD(d.V, 2 * d.s, d.U).matrix, other), "V (2 S) U^T = 2 W^T")
    yield from _is_least(here, SVD(d.V, 2 * d.s, d.U), num.frobenius_norm_squared(other), tau, num)


def _in_range(case: ThresholdCase, num: Num) -> Steps:
    yield from not_zero(num.svd(case.matrix), num)
    tau = case.threshold[..., 0]
    yield suppose(less_than(num.number(0), tau), "tau > 0")
    yield suppose(less_than(tau, num.number(1)), "tau < 1")


def threshold_rank_within_the_rank(case: ThresholdCase, num: Num) -> Steps:
    """What `threshold_rank_is_defined` concludes."""
    d, tau = num.svd(case.matrix), case.threshold[..., 0]
    r_eff, r = threshold_rank(d.s, tau, num), num.rank(case.matrix)
    yield conclude(at_most(1, r_eff), "1 <= r_eff")
    yield conclude(at_most(r_eff, r), "r_eff <= rank(W)")
    yield from _is_least(r_eff, d, num.frobenius_norm_squared(case.matrix), tau, num)


def _is_least(r_eff: Any, d: SVD, whole: Any, tau: Any, num: Num) -> Steps:
    """r_eff is the least k with ||LR_k||_F^2 >= tau ||W||_F^2, the truncations taken of this SVD."""
    for k in range(d.s.shape[-1] + 1):  # r_eff is one of these; in a batch it differs between members
        share = num.frobenius_norm_squared(truncated(d, k)) / whole
        reached = num.where(at_or_above(k, r_eff), share, num.number(1))
        missed = num.where(at_or_above(k, r_eff), num.number(0), share)
        yield conclude(at_most(tau, reached, scale=num.number(1)), "E(k) >= tau for k >= r_eff")
        yield conclude(less_than(missed, tau, scale=num.number(1)), "E(k) < tau for k < r_eff")


def at_or_above(k: int, r: Any) -> Any:
    """Whether k >= r, for one integer or one for each member."""
    return r <= k


_TAIL = Source("textbook", "Theorem 11.11", "11.2.2")
_BOUND = Source("textbook", "Corollary 11.4", "11.2.2")
_THRESHOLD = Source("textbook", "Definition 11.17", "11.2.2")

TAIL = (
    _TAIL.stands(
        "textbook/theorem-11.11", tail_energy, "each of the r - k squares left is at most sigma_{k+1}^2",
        about={
            "k >= 1": not_needed("sigma_1 bounds all r values", "textbook/theorem-11.11:sharpened"),
            "k <= r": not_needed("beyond r both sides are zero, as sigma_{k+1} is"),
        },
    ),
    _TAIL.gap(
        "textbook/theorem-11.11.index:listed", next_value_is_listed,
        "k = r is allowed, and then sigma_{r+1} is not among the listed values: already r = k = 1",
        repaired_by="textbook/theorem-11.11",
    ),
    _TAIL.stands(
        "textbook/theorem-11.11:sharpened", tail_energy_sharpened,
        "sigma_i^2 <= sigma_{k+1} sigma_i beyond k; and the smallest squares have at most their average share",
        about={"W is not zero": not_needed("for W = 0 both sides are zero")},
    ),
    _BOUND.stands(
        "textbook/corollary-11.4", energy_lower_bound, "Theorem 11.11 divided by the sum of all squares",
        about={
            "k >= 1": not_needed("for k = 0 the bound is 1 - r sigma_1^2 / ||W||_F^2 <= 0"),
            "k <= r": not_needed("beyond r both sides are one, as sigma_{k+1} is zero"),
        },
    ),
    _BOUND.false(
        "textbook/corollary-11.4.informative:always", energy_lower_bound_informs,
        "sigma = (2, 2, 1, 1), k = 1: the bound is -1/5; r <= 3 gives (r - k) sigma_{k+1}^2 <= sum "
        "sigma_i^2",
        repaired_by="textbook/corollary-11.4:sharpened",
    ),
    _BOUND.stands(
        "textbook/corollary-11.4:sharpened", energy_is_at_least_its_share,
        "the largest k of r squares have at least the share k / r",
    ),
    _BOUND.gap(
        "textbook/corollary-11.4.sentence", small_value_gives_high_energy,
        "sigma = (10, 1, ..., 1) with six ones has E(1) = 100/106 < 0.95; five ones leave 100/105 > 0.95: 7 "
        "values",
        place="sentence after Corollary 11.4", printed="as soon as sigma_{k+1} is relatively small, E(k) is high",
        repaired_by="textbook/corollary-11.4.sentence:repaired",
    ),
    _BOUND.stands(
        "textbook/corollary-11.4.sentence:repaired", small_tail_bound_gives_high_energy,
        "the number of discarded values counts: smallness must be measured against sigma_1 / sqrt(r - k)",
        about={
            "k >= 1": implied(
                "19 (r - k) sigma_{k+1}^2 <= sigma_1^2",
                "for k = 0 it reads 19 r sigma_1^2 <= sigma_1^2, and W is not zero",
            ),
            "k <= r": not_needed("E(k) = 1 from r on"),
        },
    ),
)  # fmt: skip

THRESHOLD = (
    _THRESHOLD.stands(
        "textbook/definition-11.17", threshold_rank_is_defined, "E is monotone, E(0) = 0 and E(rank W) = 1 for W != 0",
    ),
    _THRESHOLD.stands(
        "textbook/definition-11.17:tau-one", threshold_rank_at_one, "E(k) = 1 exactly from k = rank W on",
    ),
    _THRESHOLD.stands(
        "textbook/definition-11.17:invariances", threshold_rank_is_monotone, "{k : E(k) >= tau} shrinks as tau grows",
        about={"tau < 1": definition("r_eff(tau) is the least k with E(k) >= tau, which is at most one")},
    ),
)  # fmt: skip
