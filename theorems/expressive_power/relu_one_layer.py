"""Zeng and Lee, Appendix E.1: a one-layer ReLU network approximated by an adapted deep one (Lemmas 11 and 12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from theorems.case import SVD, Array
from theorems.claim import Claim, Source, Verdict
from theorems.expressive_power import relu_obstructions as obstructions
from theorems.expressive_power.linear_models import (
    FROZEN,
    PARTIAL,
    THRESHOLD,
    WHOLE,
    Steps,
    sigma,
    truncated,
)
from theorems.expressive_power.relu_construction import (
    Method,
    approximation,
    by_elimination,
    by_equation_8,
    corners,
    covariance,
    decompositions,
    mean_square,
    scalar,
    second_moment,
    sup_norm,
)
from theorems.expressive_power.relu_linearisation import setting, size_of, total_rank
from theorems.networks import NetworkCase, ReluNetwork
from theorems.statement import at_most, conclude, equal, exists, suppose

#: ``rank(case)``: the rank at which a claim truncates E.
RankOf = Callable[[NetworkCase], int]


def printed_rank(case: NetworkCase) -> int:
    """R, as Lemma 11 prints it."""
    return case.rank


def difference(case: NetworkCase, rank_of: RankOf, num: Any) -> Steps:
    (d,) = decompositions(case, num)
    yield from setting(case, d, num)
    x = case.inputs.points
    wanted = case.target.forward(x, num) + num.relu(x @ (truncated(d, rank_of(case)) - d.matrix).mT)

    def attained() -> Any:
        f = approximation(case, [d], case.ranks, by_equation_8, num).network
        return sup_norm(f.forward(x, num) - wanted, num)

    yield conclude(
        exists(
            attained=attained,
            lower_bound=obstructions.convexity(case, wanted, num),
            bound=num.number(0),
            scale=sup_norm(wanted, num),
        ),
        "f - f-bar = ReLU((LR_k(E) - E) x) at every support point",
    )


def identity(case: NetworkCase, num: Any) -> Steps:
    """Lemma 11, identity, as printed: some f has f(x) - f-bar(x) = ReLU((LR_{R ^ R_E}(E) - E) x) for all x in X.

    The difference of two ReLUs is no ReLU of the difference.  Obstruction (L = 1): an f with these values is
    positive where the target is, hence affine there, but ReLU(N x) + ReLU(-N x) > 0 = 2 ReLU(0) at x, -x and 0.

    Hypotheses  those of Lemma 11
    """
    yield from difference(case, printed_rank, num)


def identity_with_the_total_rank(case: NetworkCase, num: Any) -> Steps:
    """Lemma 11, identity as its proof ends, and Lemma 12 as printed: LR_{RL ^ R_E}, in Lemma 12 LR_{(sum R_l) ^ R_E}.

    Hypotheses  those of Lemma 11 (12)
    """
    yield from difference(case, total_rank, num)


def identity_repaired(case: NetworkCase, num: Any) -> Steps:
    """Lemmas 11 and 12, identity, repaired: f(x) = ReLU((W-bar_1 + N) x + b-bar_1), N = LR_{sum R_l}(E) - E, for all
    x in X.

    Hence |f(x) - f-bar(x)| <= |N x|, entry by entry.

    Hypotheses    those of the lemma
    Construction  equation (8), linearisation, alignment of the biases
    """
    (d,) = decompositions(case, num)
    yield from setting(case, d, num)
    f = approximation(case, [d], case.ranks, by_equation_8, num).network
    points = corners(case.inputs, num)
    N = truncated(d, total_rank(case)) - d.matrix
    target = case.target
    single = ReluNetwork((target.weights[0] + N,), target.biases)
    scale = size_of(f, points, num)
    reached, wanted = f.forward(points, num), target.forward(points, num)
    yield conclude(
        equal(reached - single.forward(points, num), num.zeros(f.width), scale=scale),
        "f(x) = ReLU((W-bar_1 + N) x + b-bar_1)",
    )
    yield conclude(
        at_most(num.absolute(reached - wanted), num.absolute(points @ N.mT), scale=scale), "|f(x) - f-bar(x)| <= |N x|"
    )


def represents(case: NetworkCase, ds: Sequence[SVD], ranks: Sequence[int], method: Method, num: Any) -> Steps:
    """Some f equals f-bar on X: at the support and the corners of X, where hidden units are active."""
    points = corners(case.inputs, num)
    wanted = case.target.forward(points, num)
    f: list[ReluNetwork] = []

    def attained() -> Any:
        f.append(approximation(case, ds, ranks, method, num).network)
        return sup_norm(f[0].forward(points, num) - wanted, num) / num.maximum(
            size_of(f[0], points, num), num.number(1)
        )

    yield conclude(
        exists(
            attained=attained,
            lower_bound=obstructions.collapsed_direction(case, num),
            bound=num.number(0),
            scale=num.number(1),
        ),
        "f(x) = f-bar(x) for all x in X",
    )


def exactness(case: NetworkCase, num: Any) -> Steps:
    """Lemmas 11 and 12, exactness: from R_1 + ... + R_L >= rank(E) on (R >= R_E / L), some f equals f-bar on X.

    Hypotheses    those of the lemma; the threshold
    Construction  equation (8), linearisation, alignment of the biases
    Conclusion    f = f-bar at the support and at the corners of X; hidden units are active on X, so f = f-bar on X
    """
    (d,) = decompositions(case, num)
    yield from setting(case, d, num)
    yield suppose(num.rank(d.matrix) <= sum(case.ranks), THRESHOLD)
    yield from represents(case, [d], case.ranks, by_equation_8, num)


def exactness_by_elimination(case: NetworkCase, num: Any) -> Steps:
    """Lemmas 11 and 12, exactness, with prod W non-singular as the only hypothesis besides the threshold.

    Hypotheses    prod W is non-singular; R_1 + ... + R_L >= rank(E)
    Construction  elimination, linearisation, alignment of the biases
    """
    (d,) = decompositions(case, num)
    yield suppose(case.depth == 1, "the target has one layer")
    yield suppose(num.nonsingular(case.frozen_product(0)), WHOLE)
    yield suppose(num.rank(d.matrix) <= sum(case.ranks), THRESHOLD)
    yield from represents(case, [d], case.ranks, by_elimination, num)


def squared_error_at_most(case: NetworkCase, rank_of: RankOf, norm: Callable[[Array, Any], Any], num: Any) -> Steps:
    (d,) = decompositions(case, num)
    yield from setting(case, d, num)
    x, weights = case.inputs.points, case.inputs.weights
    wanted = case.target.forward(x, num)
    s = scalar(sigma(d, rank_of(case) + 1, num))
    bound = norm(second_moment(x, weights, num), num) * (s * s)

    def attained() -> Any:
        f = approximation(case, [d], case.ranks, by_equation_8, num).network
        return mean_square(f.forward(x, num) - wanted, weights, num)

    yield conclude(
        exists(
            attained=attained,
            lower_bound=obstructions.squared_error(case, num),
            bound=bound,
            scale=num.maximum(bound, mean_square(wanted, weights, num)),
        ),
        "E ||f - f-bar||^2 <= the bound",
    )


def frobenius(A: Array, num: Any) -> Any:
    return num.frobenius_norm(A)


def trace(A: Array, num: Any) -> Any:
    return num.trace(A)


def squared_error(case: NetworkCase, num: Any) -> Steps:
    """Lemma 11, squared error, as printed: some f has E ||f - f-bar||_2^2 <= ||Sigma||_F sigma_{R ^ R_E + 1}(E)^2.

    The index R in place of RL makes the bound larger (for L >= 2 it may hold for that reason alone); ||Sigma||_F in
    place of tr Sigma = E ||x||^2 makes it smaller.

    Hypotheses  those of Lemma 11
    """
    yield from squared_error_at_most(case, printed_rank, frobenius, num)


def squared_error_with_the_total_rank(case: NetworkCase, num: Any) -> Steps:
    """Lemma 11, squared error as its proof ends, and Lemma 12 as printed: ||Sigma||_F sigma_{sum R_l ^ R_E + 1}(E)^2.

    Hypotheses  those of Lemma 11 (12)
    """
    yield from squared_error_at_most(case, total_rank, frobenius, num)


def squared_error_repaired(case: NetworkCase, num: Any) -> Steps:
    """Lemmas 11 and 12, squared error, repaired: tr(Sigma) for ||Sigma||_F, and RL for R.

    ||f - f-bar|| <= ||N x|| and E ||N x||^2 <= sigma_{sum R_l + 1}(E)^2 E ||x||^2.

    Hypotheses  those of the lemma
    """
    yield from squared_error_at_most(case, total_rank, trace, num)


def squared_error_sharpened(case: NetworkCase, num: Any) -> Steps:
    """Lemmas 11 and 12, squared error, sharpened: tr(N Cov N^T), N = LR_{sum R_l}(E) - E; in place of E x x^T its
    covariance.

    The output bias b-bar_1 - N E x leaves the error N (x - E x).  The bound is attained by always-active targets at
    L = 1 where E^T E and Cov commute suitably; it is at most tr(Cov) sigma_{sum R_l + 1}^2 and at most
    ||Cov||_2 (sigma_{sum R_l + 1}^2 + ... + sigma_D^2).

    Hypotheses    those of the lemma
    Construction  equation (8), linearisation, and the bias b-bar_1 - N E x
    """
    (d,) = decompositions(case, num)
    yield from setting(case, d, num)
    x, weights = case.inputs.points, case.inputs.weights
    wanted = case.target.forward(x, num)
    Cov, k = covariance(x, weights, num), total_rank(case)
    N = truncated(d, k) - d.matrix
    bound = num.trace(N @ Cov @ N.mT)
    scale = num.maximum(num.frobenius_norm_squared(d.matrix) * num.trace(Cov), mean_square(wanted, weights, num))

    def attained() -> Any:
        f = approximation(case, [d], case.ranks, by_equation_8, num, centred=True).network
        return mean_square(f.forward(x, num) - wanted, weights, num)

    yield conclude(
        exists(attained=attained, lower_bound=obstructions.squared_error(case, num), bound=bound, scale=scale),
        "E ||f - f-bar||^2 <= tr(N Cov N^T)",
    )
    s = scalar(sigma(d, k + 1, num))
    yield conclude(at_most(bound, num.trace(Cov) * (s * s), scale=scale), "tr(N Cov N^T) <= tr(Cov) sigma_{k+1}^2")
    rest = num.norm_squared(d.s[..., k:]) if k < d.s.shape[-1] else num.number(0)
    yield conclude(
        at_most(bound, num.spectral_norm(Cov) * rest, scale=scale), "tr(N Cov N^T) <= ||Cov||_2 sum_{j>k} sigma_j^2"
    )


_SECTION = "Appendix E.1"
_STANDS, _FALLS = Verdict.CORROBORATED, Verdict.REFUTED
_CONVEX = (
    "obstruction for every adapter and bias: at x, -x, 0 an always-active one-layer f is affine, ReLU(N x) is not; "
    "D = 1 leaves R >= R_E, where N = 0"
)
_TRACE = (
    "obstruction for every adapter and bias: tr(Sigma) exceeds ||Sigma||_F, so D - R equal singular values cost more "
    "than one; D = 3 is least, for D <= 2 the weighted truncation meets the bound"
)


def _lemma(number: int) -> tuple[Claim, ...]:
    key, source = f"zeng-lee/lemma-{number}", Source("zeng-lee", f"Lemma {number}", _SECTION)
    printed_index = (
        Claim(
            key=f"{key}.identity",
            statement=identity,
            source=source,
            verdict=_FALLS,
            reason=_CONVEX,
            repaired_by=f"{key}.identity:repaired",
        ),
        Claim(
            key=f"{key}.identity:effective-rank",
            statement=identity_with_the_total_rank,
            source=source,
            verdict=_FALLS,
            reason=f"RL for R does not help. {_CONVEX}",
            repaired_by=f"{key}.identity:repaired",
        ),
        Claim(
            key=f"{key}.squared-error",
            statement=squared_error,
            source=source,
            verdict=_FALLS,
            reason=_TRACE,
            repaired_by=f"{key}.squared-error:repaired",
        ),
        Claim(
            key=f"{key}.squared-error:effective-rank",
            statement=squared_error_with_the_total_rank,
            source=source,
            verdict=_FALLS,
            reason=_TRACE,
            repaired_by=f"{key}.squared-error:repaired",
        ),
    )
    printed_sum = (
        Claim(
            key=f"{key}.identity",
            statement=identity_with_the_total_rank,
            source=source,
            verdict=_FALLS,
            reason=_CONVEX,
            repaired_by=f"{key}.identity:repaired",
        ),
        Claim(
            key=f"{key}.squared-error",
            statement=squared_error_with_the_total_rank,
            source=source,
            verdict=_FALLS,
            reason=_TRACE,
            repaired_by=f"{key}.squared-error:repaired",
        ),
    )
    return (
        *(printed_index if number == 11 else printed_sum),
        Claim(
            key=f"{key}.identity:repaired",
            statement=identity_repaired,
            source=source,
            verdict=_STANDS,
            reason="hidden units are active on X, and the product and the collected bias are those of the block",
        ),
        Claim(
            key=f"{key}.exactness",
            statement=exactness,
            source=source,
            verdict=_STANDS,
            reason="N = 0 in the repaired identity; it does not rest on the printed one",
        ),
        Claim(
            key=f"{key}.exactness:without-partial-sums",
            statement=exactness_by_elimination,
            source=source,
            verdict=_STANDS,
            reason="elimination needs prod W non-singular and nothing else",
        ),
        Claim(
            key=f"{key}.exactness:without-nonsingularity",
            statement=exactness,
            skip=(FROZEN, WHOLE, PARTIAL),
            source=source,
            verdict=_FALLS,
            reason="obstruction: with W_1 = 0, rank 1 and D = 2, f is constant along a direction; D = 1 has rank R = D",
            repaired_by=f"{key}.exactness:without-partial-sums",
        ),
        Claim(
            key=f"{key}.squared-error:repaired",
            statement=squared_error_repaired,
            source=source,
            verdict=_STANDS,
            reason="E ||x||^2 = tr(Sigma)",
        ),
        Claim(
            key=f"{key}.squared-error:sharpened",
            statement=squared_error_sharpened,
            source=source,
            verdict=_STANDS,
            reason="the output bias may absorb the mean of N x; the obstruction meets it at L = 1",
        ),
    )


LEMMA_11, LEMMA_12 = _lemma(11), _lemma(12)
