"""Zeng and Lee, Appendix E.3: Assumption 2, as printed and as meant."""

from __future__ import annotations

from collections.abc import Sequence

from theorems.case import SVD, Array
from theorems.claim import Source
from theorems.models.linear import product
from theorems.models.relu import NetworkCase
from theorems.num import Num
from theorems.statement import conclude, suppose
from theorems.texts.zeng_lee.linear.linear_models import FROZEN, Steps, truncated
from theorems.texts.zeng_lee.relu.assumptions import BLOCKS, assumption_1
from theorems.texts.zeng_lee.relu.construction import decompositions

SUMS = "prod_{l in P_i} W_l + LR_r(E_i) is non-singular for 1 <= r <= sum of R_l, the last layer left out"
PRINTED = "prod_{l in P_i} W_l + LR_r(W-bar_i - the product without its last layer) is non-singular"


def _most(case: NetworkCase, i: int) -> int:
    return min(sum(case.ranks[l - 1] for l in case.partition[i][:-1]), case.frozen.width)


def assumption_2(case: NetworkCase, ds: Sequence[SVD], num: Num) -> Steps:
    """Assumption 2 as meant: W_l and prod_{l in P_i} W_l + LR_r(E_i) are non-singular for r <= sum of R_l over P_i
    without its last layer."""
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), FROZEN)
    for i, d in enumerate(ds):
        P = case.frozen_product(i)
        yield suppose(num.nonsingular(P), BLOCKS)
        for r in range(1, _most(case, i) + 1):
            yield suppose(num.nonsingular(P + truncated(d, r)), SUMS)


def assumption_2_of_the_text(case: NetworkCase, num: Num) -> Steps:
    """Assumption 2 as printed: LR_r of W-bar_i - W_{max P_i - 1} ... W_{min P_i}."""
    target = case.target
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), FROZEN)
    for i in range(case.depth):
        below, P = case.block(i)[:-1], case.frozen_product(i)
        printed = target.weights[i] - (product(below) if below else num.identity(case.frozen.width))
        for r in range(_most(case, i) + 1):
            yield suppose(num.nonsingular(P + _low_rank(printed, r, num)), PRINTED)


def _low_rank(A: Array, r: int, num: Num) -> Array:
    """LR_r(A), which is A from rank(A) on: exact arithmetics then need no SVD."""
    if r == 0:
        return A * 0
    rank = num.rank(A)
    whole = isinstance(rank, int) and rank <= r
    approximation: Array = A if whole else num.low_rank(A, r)
    return approximation


def assumption_2_as_printed(case: NetworkCase, num: Num) -> Steps:
    """Assumption 2 as printed: it gives the hypotheses of Lemma 12 for every block.

    It prints LR_r(W-bar_i - W_{max P_i - 1} ... W_{min P_i}), without the last layer of the block, where Lemma 12
    needs E_i = W-bar_i - prod_{l in P_i} W_l.

    Hypotheses  W_l and prod_{l in P_i} W_l + LR_r(that) are non-singular for r <= sum of R_l over P_i without its
                last layer
    Conclusion  prod_{l in P_i} W_l + LR_r(E_i) is non-singular for the same r
    """
    yield from assumption_2_of_the_text(case, num)
    for i, d in enumerate(decompositions(case, num)):
        for r in range(_most(case, i) + 1):
            yield conclude(num.nonsingular(case.frozen_product(i) + truncated(d, r)), "the hypothesis of Lemma 12")


def assumption_2_as_meant(case: NetworkCase, num: Num) -> Steps:
    """Assumption 2 as meant: it is Assumption 1 where all ranks are R and the partition is uniform with L-bar
    dividing L.

    Hypotheses  L-bar divides L; Assumption 1
    Conclusion  W_l and prod_{l in P_i} W_l + LR_r(E_i), r <= sum of R_l over P_i without its last layer, are
                non-singular
    """
    ds = decompositions(case, num)
    yield suppose(case.frozen.depth % case.depth == 0, "L-bar divides L")
    yield from assumption_1(case, ds, num)
    for W in case.frozen.weights:
        yield conclude(num.nonsingular(W), "every W_l is non-singular")
    for i, d in enumerate(ds):
        for r in range(_most(case, i) + 1):
            yield conclude(
                num.nonsingular(case.frozen_product(i) + truncated(d, r)), "the partial sums are non-singular"
            )


_ASSUMPTION_2 = Source("zeng-lee", "Assumption 2", "Appendix E.3")

ASSUMPTION_2 = (
    _ASSUMPTION_2.misprint(
        "zeng-lee/assumption-2:printed-letter", assumption_2_as_printed,
        "LR_r of another matrix: D = 1, W_1 = 1, W_2 = 2, target 0: 2 + (0 - 1) is not zero, 2 + (0 - 2) is; "
        "padding by the identity gives one for every D",
        place="Assumption 2",
        printed="LR_r(W-bar_i - prod_{l=min P_i}^{max P_i - 1} W_l); Assumption 1 has the product over the block",
        repaired_by="zeng-lee/assumption-2",
    ),
    _ASSUMPTION_2.stands(
        "zeng-lee/assumption-2", assumption_2_as_meant, "with equal ranks and L-bar dividing L it is Assumption 1",
    ),
)  # fmt: skip
