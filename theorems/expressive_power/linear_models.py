"""Zeng and Lee, Appendix D: Lemmas 9 and 10 on linear models, and the remark on the Eckart-Young theorem."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from theorems.case import SVD, Array
from theorems.claim import Claim, Source, Verdict
from theorems.expressive_power.adapters import adapters_by_elimination, adapters_one_by_one, cut
from theorems.models import Adapter, LinearCase, LinearModel, TargetCase
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, exists, less_than, suppose

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


def sigma(d: SVD, k: int, num: Any) -> Any:
    """sigma_k, k >= 1; zero beyond the number of singular values."""
    return d.s[..., k - 1] if k <= d.s.shape[-1] else num.number(0)


def hypotheses(frozen: LinearModel, d: SVD, ranks: Sequence[int], num: Any) -> Steps:
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


def constructed(frozen: LinearModel, d: SVD, ranks: Sequence[int], num: Any) -> Array:
    """The product of the model adapted by equation (8), run forward."""
    adapters = adapters_one_by_one(frozen.weights, cut(d, ranks), num)
    return frozen.adapted([adapter.matrix for adapter in adapters]).matrix


def eliminated(frozen: LinearModel, d: SVD, ranks: Sequence[int], num: Any) -> Array:
    """The product of the model adapted by elimination, run forward."""
    k = min(sum(ranks), d.s.shape[-1])
    change = Adapter(d.U[..., :k] * d.s[..., None, :k], d.V[..., :k].mT)
    adapters = adapters_by_elimination(frozen.weights, change, ranks, num)
    return frozen.adapted([adapter.matrix for adapter in adapters]).matrix


def competing(case: LinearCase) -> Array:
    """The product of the model with the competing adapters."""
    return case.frozen.adapted([adapter.matrix for adapter in case.competitor]).matrix


def obstructions(frozen: LinearModel, target: Array, d: SVD, ranks: Sequence[int], num: Any) -> tuple[Any, ...]:
    """Lower bounds on the spectral error that hold for all adapters with rank(Delta W_l) <= R_l.

    - The product changes by a matrix of rank at most R_1 + ... + R_L (equation (3)), so that by Eckart, Young and Mirsky
      the error is at least sigma_{sum R_l + 1}(E).
    - rank(W_l + Delta W_l) <= rank(W_l) + R_l bounds the rank m of the product, so that the error is at least
      sigma_{m+1}(target).
    """
    m = num.rank(frozen.weights[0]) + ranks[0]
    for W, R in zip(frozen.weights[1:], ranks[1:], strict=True):
        m = num.smaller(m, num.rank(W) + R)
    return sigma(d, sum(ranks) + 1, num), num.singular_value(target, m + 1)


def value(case: LinearCase, num: Any) -> Steps:
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


def value_by_elimination(case: LinearCase, num: Any) -> Steps:
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


def exactness(case: LinearCase, num: Any) -> Steps:
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


def exactness_by_elimination(case: LinearCase, num: Any) -> Steps:
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


def threshold_is_necessary(case: LinearCase, num: Any) -> Steps:
    """Lemmas 9 and 10, the threshold: below R_1 + ... + R_L = rank(E) no adapters represent the target exactly.

    Hypotheses  R_1 + ... + R_L < rank(E)
    Conclusion  the competing adapters miss the target
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    yield suppose(num.rank(E) > sum(case.ranks), "R_1 + ... + R_L < rank(E)")
    error = num.spectral_norm(competing(case) - case.target)
    yield conclude(at_most(sigma(d, sum(case.ranks) + 1, num), error, scale=sigma(d, 1, num)), "the error is positive")


def _optimal_competitor(case: LinearCase, d: SVD, num: Any) -> Steps:
    error = num.spectral_norm(competing(case) - case.target)
    yield suppose(
        equal(error, sigma(d, sum(case.ranks) + 1, num), scale=sigma(d, 1, num)), OPTIMAL
    )


def _is_the_printed_product(case: LinearCase, d: SVD, num: Any) -> Conclude:
    return conclude(
        equal(competing(case), case.frozen.matrix + truncated(d, sum(case.ranks))),
        "prod (W_l + Delta W_l) = prod W + LR_{sum R_l}(E)",
    )


def optimal_solution(case: LinearCase, num: Any) -> Steps:
    """Lemmas 9 and 10, "the optimal solution": every optimal choice of adapters has the same product.

    Hypotheses  those of the lemma; the competing adapters attain the least spectral error
    Conclusion  their product is prod W + LR_{(R_1+...+R_L) ^ rank(E)}(E)
    """
    d = num.svd(case.target - case.frozen.matrix)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield from _optimal_competitor(case, d, num)
    yield _is_the_printed_product(case, d, num)


def optimal_solution_with_a_gap(case: LinearCase, num: Any) -> Steps:
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


def an_optimal_solution(case: LinearCase, num: Any) -> Steps:
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


def frobenius_solution(case: LinearCase, num: Any) -> Steps:
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


def eckart_young_as_printed(case: LinearCase, num: Any) -> Steps:
    """Remark after Lemma 9, as printed: with L = 1 and R = D the lemma becomes the Eckart-Young-Mirsky theorem.

    That theorem gives sigma_{k+1}(E) as the distance of E from the matrices of rank k, for every k.

    Hypotheses  L = 1; k = R of the case
    Conclusion  the value of Lemma 9 at rank D, sigma_{D+1}(E), is the distance sigma_{k+1}(E)
    """
    E = case.target - case.frozen.matrix
    yield suppose(case.frozen.depth == 1, "L = 1")
    value_at_full_rank = num.singular_value(E, case.frozen.width + 1)
    distance = num.singular_value(E, case.rank + 1)
    yield conclude(equal(value_at_full_rank, distance), "sigma_{D L + 1}(E) = sigma_{k + 1}(E)")


def eckart_young_repaired(case: LinearCase, num: Any) -> Steps:
    """Remark after Lemma 9, repaired: with L = 1 and any R the lemma is the Eckart-Young-Mirsky theorem for E.

    Hypotheses  L = 1 (and no other)
    Conclusion  the least spectral error over rank(Delta) <= R is sigma_{R+1}(E), attained at LR_R(E)
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    yield suppose(case.frozen.depth == 1, "L = 1")
    bound, scale = sigma(d, case.rank + 1, num), sigma(d, 1, num)
    best = case.frozen.matrix + truncated(d, case.rank)
    yield conclude(equal(num.spectral_norm(best - case.target), bound, scale=scale), "LR_R(E) attains sigma_{R+1}(E)")
    error = num.spectral_norm(competing(case) - case.target)
    yield conclude(at_most(bound, error, scale=scale), "no change of rank R does better")


def best_approximation_of_the_target(case: TargetCase, num: Any) -> Steps:
    """Remark after Lemma 9: the product can be made the best rank-RL approximation of the target matrix.

    A product of adapted layers differs from prod W by a matrix of rank at most R_1 + ... + R_L, so it can only be
    LR_{sum R_l}(target) where LR_{sum R_l}(target) - prod W has such a rank.

    Hypotheses    every W_l is non-singular
    Construction  none is needed: the obstruction holds for all adapters
    Conclusion    prod (W_l + Delta W_l) = LR_{R_1+...+R_L}(target) for some adapters
    """
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), FROZEN)
    k = sum(case.ranks)
    wanted = truncated(num.svd(case.target.matrix), k)
    change = wanted - case.frozen.matrix

    def attained() -> Any:
        reached = eliminated(case.frozen, num.svd(change), case.ranks, num)
        return num.spectral_norm(reached - wanted)

    yield conclude(
        exists(
            attained=attained,
            lower_bound=num.singular_value(change, k + 1),
            bound=num.number(0),
            scale=num.frobenius_norm(case.target.matrix),
        ),
        "some adapters give LR_{sum R_l}(target)",
    )


def effective_rank(case: LinearCase, num: Any) -> Steps:
    """Remark after Lemma 9: the effective rank of adapters of rank R in L layers is their sum, L R.

    Hypotheses    those of the lemma; rank(E) >= R_1 + ... + R_L
    Conclusion    the change of the product never has a larger rank, and the construction (8) has exactly that rank
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield suppose(num.rank(E) >= sum(case.ranks), "rank(E) >= R_1 + ... + R_L")
    yield conclude(at_most(num.rank(competing(case) - case.frozen.matrix), sum(case.ranks)), "the rank is at most sum R_l")
    reached = num.rank(constructed(case.frozen, d, case.ranks, num) - case.frozen.matrix)
    yield conclude(equal(reached, sum(case.ranks)), "the construction attains sum R_l")


_REMARK = Source("zeng-lee", "remark after Lemma 9", "Appendix D")
_STANDS, _FALLS = Verdict.CORROBORATED, Verdict.REFUTED
_UNIQUE = "optimal adapters are not unique in the spectral norm: W = (I), E = diag(2, 1), R = 1; D = 1 leaves no choice"
_OBSTRUCTION = "W_1 = 0, W_2 = I or 0, target I, D = 2, ranks 1: rank(W_1 + Delta W_1) <= 1 bounds the product's rank"


def _lemma(number: int) -> tuple[Claim, ...]:
    """The claims of Lemma 9, and those of Lemma 10, which differ in their cases only (one rank, or a rank a layer)."""
    key, source = f"zeng-lee/lemma-{number}", Source("zeng-lee", f"Lemma {number}", "Appendix D")
    return (
        Claim(
            key=f"{key}.value",
            statement=value,
            source=source,
            verdict=_STANDS,
            reason="equation (8) attains it; rank subadditivity and Eckart-Young-Mirsky forbid less",
        ),
        Claim(
            key=f"{key}.value:frozen-hypothesis-dropped",
            statement=value,
            skip=(FROZEN,),
            source=source,
            verdict=_STANDS,
            reason="the hypothesis on W_l is redundant: r = 0 implies it",
        ),
        Claim(
            key=f"{key}.value:without-partial-sums",
            statement=value_by_elimination,
            source=source,
            verdict=_STANDS,
            reason="the hypothesis on prod W + LR_r(E), r >= 1, is needed by equation (8) only: elimination does without",
        ),
        Claim(
            key=f"{key}.value:without-nonsingularity",
            statement=value,
            skip=(FROZEN, WHOLE, PARTIAL),
            source=source,
            verdict=_FALLS,
            reason=_OBSTRUCTION,
            repaired_by=f"{key}.value:without-partial-sums",
        ),
        Claim(
            key=f"{key}.exactness",
            statement=exactness,
            source=source,
            verdict=_STANDS,
            reason="sigma_{rank(E)+1}(E) = 0",
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
            reason=_OBSTRUCTION,
            repaired_by=f"{key}.exactness:without-partial-sums",
        ),
        Claim(
            key=f"{key}.exactness:threshold-is-necessary",
            statement=threshold_is_necessary,
            source=source,
            verdict=_STANDS,
            reason="below the threshold sigma_{sum R_l + 1}(E) > 0 bounds every error",
        ),
        Claim(
            key=f"{key}.optimal-solution",
            statement=optimal_solution,
            source=source,
            verdict=_FALLS,
            reason=_UNIQUE,
            repaired_by=f"{key}.optimal-solution:repaired",
        ),
        Claim(
            key=f"{key}.optimal-solution:gap",
            statement=optimal_solution_with_a_gap,
            source=source,
            verdict=_FALLS,
            reason="a gap does not help: every kept singular value may move by sigma_{sum R_l + 1}",
            repaired_by=f"{key}.optimal-solution:frobenius",
        ),
        Claim(
            key=f"{key}.optimal-solution:repaired",
            statement=an_optimal_solution,
            source=source,
            verdict=_STANDS,
            reason="'the' for 'an': equation (8) has that product, and it is optimal",
        ),
        Claim(
            key=f"{key}.optimal-solution:frobenius",
            statement=frobenius_solution,
            source=source,
            verdict=_STANDS,
            reason="in the Frobenius norm with a gap LR is the only best approximation (Mirsky)",
        ),
    )


LEMMA_9, LEMMA_10 = _lemma(9), _lemma(10)

REMARK = (
    Claim(
        key="zeng-lee/eckart-young-remark",
        statement=eckart_young_as_printed,
        source=_REMARK,
        verdict=_FALLS,
        reason="'R = D' for 'any R': at R = D nothing is left to approximate, the value is zero",
        repaired_by="zeng-lee/eckart-young-remark:repaired",
    ),
    Claim(
        key="zeng-lee/eckart-young-remark:repaired",
        statement=eckart_young_repaired,
        source=_REMARK,
        verdict=_STANDS,
        reason="one layer turns the lemma into the theorem for E; no hypothesis is needed",
    ),
    Claim(
        key="zeng-lee/eckart-young-remark.best-approximation",
        statement=best_approximation_of_the_target,
        source=_REMARK,
        verdict=_FALLS,
        reason="of E, not of the target: the change LR(target) - prod W may have a rank above R L (obstruction)",
        repaired_by="zeng-lee/lemma-9.optimal-solution:repaired",
    ),
    Claim(
        key="zeng-lee/eckart-young-remark.effective-rank",
        statement=effective_rank,
        source=_REMARK,
        verdict=_STANDS,
        reason="rank subadditivity, attained by equation (8)",
    ),
)
