"""Zeng and Lee, Appendix D, the remark after Lemma 9: the comparison with the Eckart-Young-Mirsky theorem."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.claim import Source
from theorems.facts import not_needed
from theorems.models.linear import LinearCase, TargetCase
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, exists, suppose
from theorems.texts.zeng_lee.arguments import RAISING, without_sums
from theorems.texts.zeng_lee.linear.linear_models import (
    FROZEN,
    PARTIAL,
    competing,
    constructed,
    eliminated,
    hypotheses,
    sigma,
    truncated,
)

Steps = Iterator[Suppose | Conclude]


def eckart_young_as_printed(case: LinearCase, num: Num) -> Steps:
    """Remark after Lemma 9, as printed: with L = 1 and R = D the lemma becomes the Eckart-Young-Mirsky theorem.

    That theorem gives sigma_{k+1}(E) as the distance of E from the matrices of rank k, for every k.

    Hypotheses  L = 1; k = R of the case
    Conclusion  the value of Lemma 9 at rank D, sigma_{D+1}(E), is the distance sigma_{k+1}(E)
    """
    E = case.target - case.frozen.matrix
    yield suppose(case.frozen.depth == 1, "L = 1")
    value_at_full_rank = num.singular_value(E, case.frozen.width + 1)
    distance = num.singular_value(E, case.rank + 1)
    yield conclude(
        equal(value_at_full_rank, distance, scale=num.spectral_norm(E)), "sigma_{D L + 1}(E) = sigma_{k + 1}(E)"
    )


def eckart_young_repaired(case: LinearCase, num: Num) -> Steps:
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


def best_approximation_of_the_target(case: TargetCase, num: Num) -> Steps:
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


def effective_rank(case: LinearCase, num: Num) -> Steps:
    """Remark after Lemma 9: the effective rank of adapters of rank R in L layers is their sum, L R.

    Hypotheses    those of the lemma; rank(E) >= R_1 + ... + R_L
    Conclusion    the change of the product never has a larger rank, and the construction (8) has exactly that rank
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield suppose(num.rank(E) >= sum(case.ranks), "rank(E) >= R_1 + ... + R_L")
    change = num.rank(competing(case) - case.frozen.matrix)
    yield conclude(at_most(change, sum(case.ranks)), "the rank is at most sum R_l")
    reached = num.rank(constructed(case.frozen, d, case.ranks, num) - case.frozen.matrix)
    yield conclude(equal(reached, sum(case.ranks)), "the construction attains sum R_l")


_REMARK = Source("zeng-lee", "remark after Lemma 9", "Appendix D")




REMARK = (
    _REMARK.informal(
        "zeng-lee/eckart-young-remark", eckart_young_repaired,
        "'strikingly similar' compares two theorems and has no formula; L = 1 and any R give the classical one",
        repaired_by="zeng-lee/eckart-young-remark:repaired",
    ),
    _REMARK.gap(
        "zeng-lee/eckart-young-remark:equal", eckart_young_as_printed,
        "'R = D' for 'any R': at R = D nothing is left to approximate, the value is zero",
        place="remark after Lemma 9, second sentence",
        printed="L = 1, R = D, against the theorem of Eckart, Young and Mirsky; this reading: equal",
        repaired_by="zeng-lee/eckart-young-remark:repaired",
    ),
    _REMARK.stands(
        "zeng-lee/eckart-young-remark:repaired", eckart_young_repaired,
        "one layer turns the lemma into the theorem for E; no hypothesis is needed",
        about={
            "L = 1": not_needed(
                "for more layers it is the relaxation (4), and LR_{sum R_l} attains its value; with L = 1 both "
                "sides are about one adapter"
            ),
        },
    ),
    _REMARK.misprint(
        "zeng-lee/eckart-young-remark.best-approximation:printed-letter", best_approximation_of_the_target,
        "of E, not of the target: the change LR(target) - prod W may have a rank above R L (obstruction)",
        place="remark after Lemma 9",
        printed="prod (W_l + Delta W_l) = LR_{RL}(W-bar); Lemma 9 has prod W_l + LR_{RL ^ R_E}(E)",
        repaired_by="zeng-lee/lemma-9.optimal-solution:repaired",
    ),
    _REMARK.stands(
        "zeng-lee/eckart-young-remark.effective-rank", effective_rank, "rank subadditivity, attained by equation (8)",
        about={**RAISING, PARTIAL: without_sums("zeng-lee/lemma-9.value:without-partial-sums")},
    ),
)  # fmt: skip
