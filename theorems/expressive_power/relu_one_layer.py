"""Zeng and Lee, Appendix E.1: a one-layer ReLU network approximated by an adapted deep one (Lemmas 11 and 12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from theorems.case import SVD, Array
from theorems.claim import Claim, Source, Verdict
from theorems.expressive_power import relu_obstructions as obstructions
from theorems.expressive_power.linear_models import FROZEN, PARTIAL, THRESHOLD, WHOLE, Steps, hypotheses, sigma, truncated
from theorems.expressive_power.relu_construction import (
    Method,
    approximation,
    by_elimination,
    by_equation_8,
    corners,
    covariance,
    decompositions,
    largest,
    mean_square,
    second_moment,
    sup_norm,
)
from theorems.models import LinearModel, product
from theorems.networks import NetworkCase, ReluNetwork
from theorems.statement import at_most, conclude, equal, exists, suppose

#: ``rank(case)``: the rank at which a claim truncates E.
RankOf = Callable[[NetworkCase], int]


def printed_rank(case: NetworkCase) -> int:
    """R, as Lemma 11 prints it."""
    return case.rank


def total_rank(case: NetworkCase) -> int:
    """R_1 + ... + R_L: RL in the proof of Lemma 11, the sum of the ranks in Lemma 12."""
    return sum(case.ranks)


def setting(case: NetworkCase, d: SVD, num: Any) -> Steps:
    """The hypotheses of Lemmas 11 and 12."""
    yield suppose(case.depth == 1, "the target has one layer")
    yield from hypotheses(LinearModel(case.frozen.weights), d, case.ranks, num)


def size_of(network: ReluNetwork, points: Array, num: Any) -> Any:
    """The largest activation in the network: what its rounding errors are relative to."""
    return largest([sup_norm(z, num) for z in network.activations(points, num)], num)


def _linearises(case: NetworkCase, num: Any) -> Steps:
    d = decompositions(case, num)
    yield suppose(case.depth == 1, "the target has one layer")
    f = approximation(case, d, case.ranks, by_equation_8, num).network
    points = corners(case.inputs, num)
    for y in f.preactivations(points, num)[:-1]:
        yield conclude(at_most(num.number(0), y, scale=sup_norm(y, num)), "every hidden unit is active on X")
    bias = f.biases[-1]
    for l in range(f.depth - 1):
        bias = bias + num.apply(product(f.weights[l + 1 :]), f.biases[l])
    single = ReluNetwork((product(f.weights),), (bias,))
    gap = f.forward(points, num) - single.forward(points, num)
    yield conclude(
        equal(gap, num.zeros(f.width), scale=size_of(f, points, num)),
        "f(x) = ReLU(prod (W_l + Delta W_l) x + sum_l prod_{i>l} (W_i + Delta W_i) b_l + b_L)",
    )


def linearisation(case: NetworkCase, num: Any) -> Steps:
    """Proof of Lemma 11: biases of the first L - 1 layers exist that make f a single ReLU layer on all of X.

    The biases are certified for the whole set by bounds on boxes (`linearising_biases`); checked at the corners of X, which
    decide it, and at the support.

    Hypotheses    X is bounded; the adapters are those of equation (8)
    Construction  b_l = m_l - W_l m_{l-1} with m_l twice a bound of |W_l ... W_1 x| on X
    Conclusion    hidden units are active on X, and f is the single layer with the product and the collected biases
    """
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), FROZEN)
    yield from _linearises(case, num)


def linearisation_uniform(case: NetworkCase, num: Any) -> Steps:
    """Proof of Lemma 11, "set all the entries of the biases sufficiently large": one threshold for all of them.

    Read as: from some T on, biases with entries t >= T activate all ReLUs of the hidden layers.  As t grows the
    activations of the hidden layers grow like t s_l with s_1 = 1 (the vector of ones) and s_l = W_l s_{l-1} + 1 as long as
    these are non-negative; where an entry of s_l is negative its unit is inactive for every large t.

    Hypotheses  biases with the same entry t in all hidden layers; no adapters
    Conclusion  s_l >= 0 for every hidden layer l
    """
    slope = num.constant([1] * case.frozen.width)
    for W in case.frozen.weights[1:-1]:
        slope = num.apply(W, slope) + num.constant([1] * case.frozen.width)
        yield conclude(at_most(num.zeros(case.frozen.width), slope), "every unit stays active for large biases")
    yield conclude(True, "the first layer is active for large biases")


def product_of_14(case: NetworkCase, num: Any) -> Steps:
    """Equation (14): adapters of rank R exist with prod (W_l + Delta W_l) = prod W_l + LR_{RL ^ R_E}(E).

    Hypotheses    those of Lemma 11
    Construction  equation (8)
    """
    (d,) = decompositions(case, num)
    yield from setting(case, d, num)
    best = case.frozen_product(0) + truncated(d, total_rank(case))

    def attained() -> Any:
        f = approximation(case, [d], case.ranks, by_equation_8, num).network
        return num.frobenius_norm(product(f.weights) - best)

    yield conclude(
        exists(attained=attained, lower_bound=(), bound=num.number(0), scale=num.frobenius_norm(best)),
        "prod (W_l + Delta W_l) = prod W_l + LR_{RL ^ R_E}(E)",
    )


def bias_of_14(case: NetworkCase, num: Any) -> Steps:
    """Proof of Lemma 11, after (14): b_L = b-bar_1 - sum_{l<L} prod_{i>l} (W_i + Delta W_i) b_l aligns the biases.

    Hypotheses    those of Lemma 11
    Conclusion    the construction's last bias is that one, so that the collected bias of f is b-bar_1
    """
    (d,) = decompositions(case, num)
    yield from setting(case, d, num)
    f = approximation(case, [d], case.ranks, by_equation_8, num).network
    collected, size = f.biases[-1], num.norm(f.biases[-1])
    for l in range(f.depth - 1):
        part = num.apply(product(f.weights[l + 1 :]), f.biases[l])
        collected, size = collected + part, num.maximum(size, num.norm(part))
    yield conclude(equal(collected, case.biases[0], scale=size), "the collected bias is b-bar_1")


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

    The difference of two ReLUs is no ReLU of the difference.  Obstruction (L = 1): an f with these values is positive where
    the target is, hence affine there, but ReLU(N x) + ReLU(-N x) > 0 = 2 ReLU(0) at x, -x and 0.

    Hypotheses  those of Lemma 11
    """
    yield from difference(case, printed_rank, num)


def identity_with_the_total_rank(case: NetworkCase, num: Any) -> Steps:
    """Lemma 11, identity as its proof ends, and Lemma 12 as printed: LR_{RL ^ R_E}, in Lemma 12 LR_{(sum R_l) ^ R_E}.

    Hypotheses  those of Lemma 11 (12)
    """
    yield from difference(case, total_rank, num)


def identity_repaired(case: NetworkCase, num: Any) -> Steps:
    """Lemmas 11 and 12, identity, repaired: f(x) = ReLU((W-bar_1 + N) x + b-bar_1), N = LR_{sum R_l}(E) - E, for all x in X.

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
        return sup_norm(f[0].forward(points, num) - wanted, num) / num.maximum(size_of(f[0], points, num), num.number(1))

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
    s = sigma(d, rank_of(case) + 1, num)
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

    The index R in place of RL makes the bound larger (for L >= 2 it may hold for that reason alone); ||Sigma||_F in place
    of tr Sigma = E ||x||^2 makes it smaller.

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
    """Lemmas 11 and 12, squared error, sharpened: tr(N Cov N^T), N = LR_{sum R_l}(E) - E; in place of E x x^T its covariance.

    The output bias b-bar_1 - N E x leaves the error N (x - E x).  The bound is attained by always-active targets at L = 1
    where E^T E and Cov commute suitably; it is at most tr(Cov) sigma_{sum R_l + 1}^2 and at most
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
    s = sigma(d, k + 1, num)
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
    "obstruction for every adapter and bias: tr(Sigma) exceeds ||Sigma||_F, so D - R equal singular values cost more than "
    "one; D = 3 is least, for D <= 2 the weighted truncation meets the bound"
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

_EQUATION_14 = Source("zeng-lee", "equation (14) and the lines before it", _SECTION)

EQUATION_14 = (
    Claim(
        key="zeng-lee/equation-14",
        statement=product_of_14,
        source=_EQUATION_14,
        verdict=_STANDS,
        reason="Lemma 9",
    ),
    Claim(
        key="zeng-lee/equation-14.linearisation",
        statement=linearisation,
        source=_EQUATION_14,
        verdict=_STANDS,
        reason="biases certified for the whole bounded set, chosen one layer after the other",
    ),
    Claim(
        key="zeng-lee/equation-14.linearisation:one-threshold",
        statement=linearisation_uniform,
        source=_EQUATION_14,
        verdict=_FALLS,
        reason="large biases below may switch off a layer with negative weights: D = 1, L = 3, W_2 = -2",
        repaired_by="zeng-lee/equation-14.linearisation",
    ),
    Claim(
        key="zeng-lee/equation-14.bias",
        statement=bias_of_14,
        source=_EQUATION_14,
        verdict=_STANDS,
        reason="substitution",
    ),
)
