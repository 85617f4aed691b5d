"""Zeng and Lee, Appendix D: Lemmas 9 and 10 on linear models: value and exactness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from theorems.adaptation.linear import adapters_by_elimination, adapters_one_by_one, cut
from theorems.case import SVD, Array
from theorems.models.linear import Adapter, LinearCase, LinearModel
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, exists, less_than, suppose

Steps = Iterator[Suppose | Conclude]

FROZEN = "every W_l is non-singular"
WHOLE = "prod W is non-singular (r = 0)"
PARTIAL = "prod W + LR_r(E) is non-singular for 1 <= r <= R_1 + ... + R_{L-1}"
OPTIMAL = "the competing adapters are optimal"
THRESHOLD = "R_1 + ... + R_L >= rank(E)"
GAP = "sigma_{RL} > sigma_{RL+1}"


def truncated(d: SVD, r: int) -> Array:
    """LR_r of the matrix with that SVD."""
    return SVD(d.U[..., :r], d.s[..., :r], d.V[..., :r]).matrix


def sigma(d: SVD, k: int, num: Num) -> Any:
    """sigma_k, k >= 1; zero beyond the number of singular values."""
    return d.s[..., k - 1] if k <= d.s.shape[-1] else num.number(0)


def hypotheses(frozen: LinearModel, d: SVD, ranks: Sequence[int], num: Num) -> Steps:
    """The hypotheses of Lemmas 9 and 10: W_l, and prod W + LR_r(E) for r <= R_1 + ... + R_{L-1}, are non-singular.

    r = 0 already says that every W_l is non-singular.
    """
    for W in frozen.weights:
        yield suppose(num.nonsingular(W), FROZEN)
    yield suppose(num.nonsingular(frozen.matrix), WHOLE)
    for r in range(1, min(sum(ranks[:-1]), frozen.width) + 1):
        yield suppose(
            num.nonsingular(frozen.matrix + truncated(d, r)),
            PARTIAL,
        )


def constructed(frozen: LinearModel, d: SVD, ranks: Sequence[int], num: Num) -> Array:
    """The product of the model adapted by equation (8), run forward."""
    adapters = adapters_one_by_one(frozen.weights, cut(d, ranks), num)
    return frozen.adapted([adapter.matrix for adapter in adapters]).matrix


def eliminated(frozen: LinearModel, d: SVD, ranks: Sequence[int], num: Num) -> Array:
    """The product of the model adapted by elimination, run forward."""
    k = min(sum(ranks), d.s.shape[-1])
    change = Adapter(d.U[..., :k] * d.s[..., None, :k], d.V[..., :k].mT)
    adapters = adapters_by_elimination(frozen.weights, change, ranks, num)
    return frozen.adapted([adapter.matrix for adapter in adapters]).matrix


def competing(case: LinearCase) -> Array:
    """The product of the model with the competing adapters."""
    return case.frozen.adapted([adapter.matrix for adapter in case.competitor]).matrix


def obstructions(frozen: LinearModel, target: Array, d: SVD, ranks: Sequence[int], num: Num) -> tuple[Any, ...]:
    """Lower bounds on the spectral error that hold for all adapters with rank(Delta W_l) <= R_l.

    - The product changes by a matrix of rank at most R_1 + ... + R_L (equation (3)), so that by Eckart, Young, Mirsky
      the error is at least sigma_{sum R_l + 1}(E).
    - rank(W_l + Delta W_l) <= rank(W_l) + R_l bounds the rank m of the product, so that the error is at least
      sigma_{m+1}(target).
    """
    m = num.rank(frozen.weights[0]) + ranks[0]
    for W, R in zip(frozen.weights[1:], ranks[1:], strict=True):
        m = num.smaller(m, num.rank(W) + R)
    return sigma(d, sum(ranks) + 1, num), num.singular_value(target, m + 1)


def value(case: LinearCase, num: Num) -> Steps:
    """Lemmas 9 and 10, value: the least spectral error of adapters of ranks R_l is sigma_{R_1+...+R_L+1}(E).

    min over rank(Delta W_l) <= R_l of || prod (W_l + Delta W_l) - target ||_2 = sigma_{sum R_l + 1}(E) with
    E = target - prod W; in Lemma 9 all R_l are R, and the index is R L + 1.

    Hypotheses    every W_l is non-singular; prod W + LR_r(E) is non-singular for all r <= R_1 + ... + R_{L-1}
    Construction  equation (8)
    Conclusion    some adapters attain sigma_{sum R_l + 1}(E), and none do better
    Margin        relative to ||E||_2
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    bound, scale = sigma(d, sum(case.ranks) + 1, num), sigma(d, 1, num)
    yield conclude(
        exists(
            attained=lambda: num.spectral_norm(constructed(case.frozen, d, case.ranks, num) - case.target),
            lower_bound=obstructions(case.frozen, case.target, d, case.ranks, num),
            bound=bound,
            scale=scale,
        ),
        "some adapters attain sigma_{sum R_l + 1}(E)",
    )
    error = num.spectral_norm(competing(case) - case.target)
    yield conclude(at_most(bound, error, scale=scale), "no adapters have an error below sigma_{sum R_l + 1}(E)")


def value_by_elimination(case: LinearCase, num: Num) -> Steps:
    """Lemmas 9 and 10, value, with prod W non-singular as the only hypothesis.

    The error sigma_{sum R_l + 1}(E) is attained whatever the partial sums prod W + LR_r(E) are: elimination in general
    position replaces equation (8) (see `adapters_by_elimination` for the proof).

    Hypotheses    prod W is non-singular
    Construction  elimination
    Conclusion    some adapters attain sigma_{sum R_l + 1}(E), and none do better
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    yield suppose(num.nonsingular(case.frozen.matrix), WHOLE)
    bound, scale = sigma(d, sum(case.ranks) + 1, num), num.spectral_norm(E)
    yield conclude(
        exists(
            attained=lambda: num.spectral_norm(eliminated(case.frozen, d, case.ranks, num) - case.target),
            lower_bound=obstructions(case.frozen, case.target, d, case.ranks, num),
            bound=bound,
            scale=scale,
        ),
        "some adapters attain sigma_{sum R_l + 1}(E)",
    )
    error = num.spectral_norm(competing(case) - case.target)
    yield conclude(at_most(bound, error, scale=scale), "no adapters have an error below sigma_{sum R_l + 1}(E)")


def exactness(case: LinearCase, num: Num) -> Steps:
    """Lemmas 9 and 10, exactness: from R_1 + ... + R_L >= rank(E) on, adapters represent the target exactly.

    In Lemma 9 the threshold reads R >= ceil(rank(E) / L).

    Hypotheses    those of the lemma; R_1 + ... + R_L >= rank(E)
    Construction  equation (8)
    Conclusion    prod (W_l + Delta W_l) = target for some adapters
    Margin        relative to the target
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield suppose(num.rank(E) <= sum(case.ranks), THRESHOLD)
    yield conclude(
        exists(
            attained=lambda: num.frobenius_norm(constructed(case.frozen, d, case.ranks, num) - case.target),
            lower_bound=obstructions(case.frozen, case.target, d, case.ranks, num),
            bound=num.number(0),
            scale=num.frobenius_norm(case.target),
        ),
        "some adapters give the target exactly",
    )


def exactness_by_elimination(case: LinearCase, num: Num) -> Steps:
    """Lemmas 9 and 10, exactness, with prod W non-singular as the only hypothesis besides the threshold.

    Hypotheses    prod W is non-singular; R_1 + ... + R_L >= rank(E)
    Construction  elimination (`adapters_by_elimination`)
    Conclusion    prod (W_l + Delta W_l) = target for some adapters
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    yield suppose(num.nonsingular(case.frozen.matrix), WHOLE)
    yield suppose(num.rank(E) <= sum(case.ranks), THRESHOLD)
    yield conclude(
        exists(
            attained=lambda: num.frobenius_norm(eliminated(case.frozen, d, case.ranks, num) - case.target),
            lower_bound=obstructions(case.frozen, case.target, d, case.ranks, num),
            bound=num.number(0),
            scale=num.frobenius_norm(case.target),
        ),
        "some adapters give the target exactly",
    )


def threshold_is_necessary(case: LinearCase, num: Num) -> Steps:
    """Lemmas 9 and 10, the threshold: below R_1 + ... + R_L = rank(E) no adapters represent the target exactly.

    Hypotheses  R_1 + ... + R_L < rank(E)
    Conclusion  the competing adapters miss the target, by sigma_{sum R_l + 1}(E) at least
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    yield suppose(num.rank(E) > sum(case.ranks), "R_1 + ... + R_L < rank(E)")
    error = num.spectral_norm(competing(case) - case.target)
    scale = sigma(d, 1, num)
    yield conclude(less_than(num.number(0), error, scale=scale), "the error is positive")
    bound = sigma(d, sum(case.ranks) + 1, num)
    yield conclude(at_most(bound, error, scale=scale), "the error is at least sigma_{sum R_l + 1}(E)")
