"""Zeng and Lee, Appendix E.1, before Lemma 11 is proved: linearisation by large biases, and equation (14)."""

from __future__ import annotations

from typing import Any

from theorems.adaptation.error_sizes import largest
from theorems.case import SVD, Array
from theorems.claim import Source
from theorems.models.linear import LinearModel, product
from theorems.models.relu import NetworkCase, ReluNetwork
from theorems.num import Num
from theorems.statement import at_most, conclude, equal, exists, suppose
from theorems.texts.zeng_lee.arguments import BY_EQUATION_8, FORMED, RAISING, without_sums
from theorems.texts.zeng_lee.linear.linear_models import FROZEN, PARTIAL, Steps, hypotheses, truncated
from theorems.texts.zeng_lee.relu.construction import approximation, by_equation_8, corners, decompositions, sup_norm


def total_rank(case: NetworkCase) -> int:
    """R_1 + ... + R_L: RL in the proof of Lemma 11, the sum of the ranks in Lemma 12."""
    return sum(case.ranks)


def setting(case: NetworkCase, d: SVD, num: Num) -> Steps:
    """The hypotheses of Lemmas 11 and 12."""
    yield suppose(case.depth == 1, "the target has one layer")
    yield from hypotheses(LinearModel(case.frozen.weights), d, case.ranks, num)


def size_of(network: ReluNetwork, points: Array, num: Num) -> Any:
    """The largest activation in the network: what its rounding errors are relative to."""
    return largest([sup_norm(z, num) for z in network.activations(points, num)], num)


def _linearises(case: NetworkCase, num: Num) -> Steps:
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


def linearisation(case: NetworkCase, num: Num) -> Steps:
    """Proof of Lemma 11: biases of the first L - 1 layers exist that make f a single ReLU layer on all of X.

    The biases are certified for the whole set by bounds on boxes (`linearising_biases`); checked at the corners of
    X, which decide it, and at the support.

    Hypotheses    X is bounded; the adapters are those of equation (8)
    Construction  b_l = m_l - W_l m_{l-1} with m_l twice a bound of |W_l ... W_1 x| on X
    Conclusion    hidden units are active on X, and f is the single layer with the product and the collected biases
    """
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), FROZEN)
    yield from _linearises(case, num)


def linearisation_uniform(case: NetworkCase, num: Num) -> Steps:
    """Proof of Lemma 11, "set all the entries of the biases sufficiently large": one threshold for all of them.

    Read as: from some T on, biases with entries t >= T activate all ReLUs of the hidden layers.  As t grows the
    activations of the hidden layers grow like t s_l with s_1 = 1 (the vector of ones) and s_l = W_l s_{l-1} + 1 as
    long as these are non-negative; where an entry of s_l is negative its unit is inactive for every large t.

    Hypotheses  every W_l is non-singular; biases with the same entry t in all hidden layers; no adapters
    Conclusion  s_l >= 0 for every hidden layer l
    """
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), FROZEN)
    slope = num.constant([1] * case.frozen.width)
    for W in case.frozen.weights[1:-1]:
        slope = num.apply(W, slope) + num.constant([1] * case.frozen.width)
        yield conclude(at_most(num.zeros(case.frozen.width), slope), "every unit stays active for large biases")
    yield conclude(True, "the first layer is active for large biases")


def product_of_14(case: NetworkCase, num: Num) -> Steps:
    """Equation (14): adapters of rank R exist with prod (W_l + Delta W_l) = prod W_l + LR_{RL ^ R_E}(E).

    Hypotheses    those of Lemma 11
    Construction  equation (8)
    Obstruction   adapters change the product by a matrix of rank R_1 + ... + R_L at most (Eckart, Young, Mirsky)
    """
    (d,) = decompositions(case, num)
    yield from setting(case, d, num)
    best = case.frozen_product(0) + truncated(d, total_rank(case))

    def attained() -> Any:
        f = approximation(case, [d], case.ranks, by_equation_8, num).network
        return num.frobenius_norm(product(f.weights) - best)

    yield conclude(
        exists(
            attained=attained,
            lower_bound=num.singular_value(best - case.frozen_product(0), sum(case.ranks) + 1),
            bound=num.number(0),
            scale=num.frobenius_norm(best),
        ),
        "prod (W_l + Delta W_l) = prod W_l + LR_{RL ^ R_E}(E)",
    )


def bias_of_14(case: NetworkCase, num: Num) -> Steps:
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


_EQUATION_14 = Source("zeng-lee", "equation (14) and the lines before it", "Appendix E.1")


EQUATION_14 = (
    _EQUATION_14.stands(
        "zeng-lee/equation-14", product_of_14, "Lemma 9",
        about={**RAISING, PARTIAL: without_sums()},
    ),
    _EQUATION_14.stands(
        "zeng-lee/equation-14.linearisation", linearisation,
        "biases certified for the whole bounded set, chosen one layer after the other",
        about={FROZEN: FORMED},
    ),
    _EQUATION_14.gap(
        "zeng-lee/equation-14.linearisation:one-threshold", linearisation_uniform,
        "large biases below may switch off a layer with negative weights: D = 1, L = 3, W_2 = -2",
        place="proof of Lemma 11, Linearization",
        printed="all the entries of b-hat_1, ..., b-hat_{L-1} sufficiently large; this reading: one threshold for all",
        repaired_by="zeng-lee/equation-14.linearisation",
    ),
    _EQUATION_14.stands(
        "zeng-lee/equation-14.bias", bias_of_14, "substitution",
        about=BY_EQUATION_8,
    ),
)  # fmt: skip
