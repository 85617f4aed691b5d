"""Zeng and Lee, Appendix D, Lemmas 9 and 10: what an optimal choice of adapters looks like."""

from __future__ import annotations

from collections.abc import Iterator

from theorems.case import SVD
from theorems.models.linear import LinearCase
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, exists, less_than, suppose
from theorems.texts.zeng_lee.linear.linear_models import (
    GAP,
    OPTIMAL,
    THRESHOLD,
    WHOLE,
    competing,
    constructed,
    eliminated,
    hypotheses,
    sigma,
    truncated,
)

Steps = Iterator[Suppose | Conclude]


def _optimal_competitor(case: LinearCase, d: SVD, num: Num) -> Steps:
    error = num.spectral_norm(competing(case) - case.target)
    yield suppose(
        equal(error, sigma(d, sum(case.ranks) + 1, num), scale=sigma(d, 1, num)), OPTIMAL
    )


def _is_the_printed_product(case: LinearCase, d: SVD, num: Num) -> Conclude:
    return conclude(
        equal(competing(case), case.frozen.matrix + truncated(d, sum(case.ranks))),
        "prod (W_l + Delta W_l) = prod W + LR_{sum R_l}(E)",
    )


def optimal_solution(case: LinearCase, num: Num) -> Steps:
    """Lemmas 9 and 10, "the optimal solution": every optimal choice of adapters has the same product.

    Hypotheses  those of the lemma; the competing adapters attain the least spectral error
    Conclusion  their product is prod W + LR_{(R_1+...+R_L) ^ rank(E)}(E)
    """
    d = num.svd(case.target - case.frozen.matrix)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield from _optimal_competitor(case, d, num)
    yield _is_the_printed_product(case, d, num)


def optimal_solution_with_a_gap(case: LinearCase, num: Num) -> Steps:
    """Lemmas 9 and 10, "the optimal solution", where LR is well defined: sigma_{sum R_l} > sigma_{sum R_l + 1}.

    Hypotheses  as before, and the gap
    """
    d = num.svd(case.target - case.frozen.matrix)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield suppose(sum(case.ranks) >= 1, "R_1 + ... + R_L >= 1")
    yield suppose(
        less_than(sigma(d, sum(case.ranks) + 1, num), sigma(d, sum(case.ranks), num)), GAP
    )
    yield from _optimal_competitor(case, d, num)
    yield _is_the_printed_product(case, d, num)


def an_optimal_solution(case: LinearCase, num: Num) -> Steps:
    """Lemmas 9 and 10, repaired: some optimal adapters have the product prod W + LR_{(R_1+...+R_L) ^ rank(E)}(E).

    Hypotheses    those of the lemma
    Construction  equation (8)
    Conclusion    there are adapters with that product, and its error is sigma_{sum R_l + 1}(E)
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    best = case.frozen.matrix + truncated(d, sum(case.ranks))
    yield conclude(
        exists(
            attained=lambda: num.frobenius_norm(constructed(case.frozen, d, case.ranks, num) - best),
            lower_bound=(),
            bound=num.number(0),
            scale=num.frobenius_norm(best),
        ),
        "some adapters have the product prod W + LR_{sum R_l}(E)",
    )
    yield conclude(
        equal(num.spectral_norm(best - case.target), sigma(d, sum(case.ranks) + 1, num), scale=sigma(d, 1, num)),
        "its error is the least",
    )


def frobenius_solution(case: LinearCase, num: Num) -> Steps:
    """Lemmas 9 and 10, "the optimal solution", repaired in the Frobenius norm: it is unique where there is a gap.

    Hypotheses  sigma_{sum R_l} > sigma_{sum R_l + 1}; the competing adapters attain the least Frobenius error
    Conclusion  their product is prod W + LR_{sum R_l}(E)
    """
    d = num.svd(case.target - case.frozen.matrix)
    k = sum(case.ranks)
    yield suppose(k >= 1, "R_1 + ... + R_L >= 1")
    yield suppose(less_than(sigma(d, k + 1, num), sigma(d, k, num)), GAP)
    least = num.frobenius_norm(case.target - case.frozen.matrix - truncated(d, k))
    error = num.frobenius_norm(competing(case) - case.target)
    yield suppose(
        equal(error, least, scale=num.frobenius_norm(case.target - case.frozen.matrix)),
        "the competing adapters are optimal in the Frobenius norm",
    )
    yield _is_the_printed_product(case, d, num)


def exact_solution(case: LinearCase, num: Num) -> Steps:
    """Lemmas 9 and 10, "the optimal solution", from the threshold on: every optimal choice gives the target.

    Hypotheses    prod W is non-singular; R_1 + ... + R_L >= rank(E); no adapters have a smaller spectral error than
                  the competing ones, those by elimination among them
    Construction  elimination
    Conclusion    the competing product is the target
    """
    yield from _within_reach(case, num)
    scale = num.spectral_norm(case.target - case.frozen.matrix)
    gap = competing(case) - case.target
    reached = eliminated(case.frozen, num.svd(case.target - case.frozen.matrix), case.ranks, num) - case.target
    yield suppose(at_most(num.spectral_norm(gap), num.spectral_norm(reached), scale=scale), OPTIMAL)
    yield _is_the_target(case, num)


def exact_frobenius_solution(case: LinearCase, num: Num) -> Steps:
    """Lemmas 9 and 10, "the optimal solution", from the threshold on, in the Frobenius norm.

    Hypotheses    prod W is non-singular; R_1 + ... + R_L >= rank(E); no adapters have a smaller Frobenius error than
                  the competing ones, those by elimination among them
    Construction  elimination
    Conclusion    the competing product is the target
    """
    yield from _within_reach(case, num)
    scale = num.frobenius_norm_squared(case.target - case.frozen.matrix)
    gap = competing(case) - case.target
    reached = eliminated(case.frozen, num.svd(case.target - case.frozen.matrix), case.ranks, num) - case.target
    least = num.frobenius_norm_squared(reached)
    yield suppose(at_most(num.frobenius_norm_squared(gap), least, scale=scale), OPTIMAL)
    yield _is_the_target(case, num)


def _within_reach(case: LinearCase, num: Num) -> Steps:
    yield suppose(num.nonsingular(case.frozen.matrix), WHOLE)
    yield suppose(num.rank(case.target - case.frozen.matrix) <= sum(case.ranks), THRESHOLD)


def _is_the_target(case: LinearCase, num: Num) -> Conclude:
    size = num.maximum(num.frobenius_norm(case.target), num.frobenius_norm(case.frozen.matrix))
    return conclude(equal(competing(case), case.target, scale=size), "prod (W_l + Delta W_l) = target")


def frobenius_solutions(case: LinearCase, num: Num) -> Steps:
    """Lemmas 9 and 10, "the optimal solution", in the Frobenius norm: without a gap, and below rank(E), there are two.

    With sigma_k = sigma_{k+1} > 0, k = R_1 + ... + R_L, the triples k and k + 1 may change places.  So the gap or the
    threshold R_1 + ... + R_L >= rank(E) is what uniqueness needs.

    Hypotheses    prod W is non-singular; k >= 1; sigma_k = sigma_{k+1} > 0
    Construction  elimination, with LR_k(E) and with its last triple exchanged for the next
    Conclusion    both have the least Frobenius error, and they differ
    """
    E = case.target - case.frozen.matrix
    d, k = num.svd(E), sum(case.ranks)
    yield suppose(num.nonsingular(case.frozen.matrix), WHOLE)
    yield suppose(k >= 1, "R_1 + ... + R_L >= 1")
    yield suppose(equal(sigma(d, k, num), sigma(d, k + 1, num), scale=sigma(d, 1, num)), "sigma_k = sigma_{k+1}")
    yield suppose(less_than(num.number(0), sigma(d, k + 1, num), scale=sigma(d, 1, num)), "sigma_{k+1} > 0")
    order = list(range(d.s.shape[-1]))
    order[k - 1 : k + 1] = reversed(order[k - 1 : k + 1])
    other = SVD(d.U[..., order], d.s, d.V[..., order])
    products = [eliminated(case.frozen, triples, case.ranks, num) for triples in (d, other)]
    least, scale = num.frobenius_norm_squared(E - truncated(d, k)), num.frobenius_norm_squared(E)
    for product in products:
        error = num.frobenius_norm_squared(product - case.target)
        yield conclude(equal(error, least, scale=scale), "both have the least Frobenius error")
    apart = num.frobenius_norm_squared(products[0] - products[1])
    yield conclude(less_than(num.number(0), apart, scale=scale), "they differ")
