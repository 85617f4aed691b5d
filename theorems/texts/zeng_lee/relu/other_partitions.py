"""Zeng and Lee, Appendix E.3, before Assumption 2: the rank that another partition needs where the first layer fits."""

from __future__ import annotations

from typing import Any

from theorems.claim import Source
from theorems.models.relu import NetworkCase
from theorems.num import Num
from theorems.statement import conclude, suppose
from theorems.texts.zeng_lee.linear.linear_models import FROZEN, Steps

FITS = "W-bar_1 = W_1"
SETTING = "L = 4, L-bar = 2, the partition is {1}, {2, 3, 4}"


def _ranks_needed(case: NetworkCase, num: Num) -> tuple[Any, Any]:
    """The least R with 3 R >= rank(W-bar_2 - W_4 W_3 W_2), and the threshold of Theorem 3 for {1, 2}, {3, 4}."""
    W, target = case.frozen.weights, case.target.weights
    ours = num.rank(target[1] - W[3] @ W[2] @ W[1])
    first, second = num.rank(target[0] - W[1] @ W[0]), num.rank(target[1] - W[3] @ W[2])
    larger = -num.smaller(-first, -second)
    return -(-ours // 3), -(-larger // 2)


def _setting(case: NetworkCase, num: Num) -> Steps:
    yield suppose(case.partition == ((1,), (2, 3, 4)), SETTING)
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), FROZEN)
    yield suppose(num.rank(case.errors[0].matrix) == 0, FITS)


def lower_rank(case: NetworkCase, num: Num) -> Steps:
    """Appendix E.3: where W_1 fits already, {1}, {2, 3, 4} does with a lower LoRA-rank than {1, 2}, {3, 4}.

    Read weakly: with no larger one.  The first block needs rank zero, and the second has three layers; but its error
    W-bar_2 - W_4 W_3 W_2 is not that of the uniform partition.

    Hypotheses  L = 4, L-bar = 2; every W_l is non-singular; W-bar_1 = W_1
    Conclusion  ceil(rank(W-bar_2 - W_4 W_3 W_2) / 3) <= max over the uniform blocks of ceil(rank(E_i) / 2)
    """
    yield from _setting(case, num)
    ours, uniform = _ranks_needed(case, num)
    yield conclude(ours <= uniform, "the threshold is not larger")


def four_thirds(case: NetworkCase, num: Num) -> Steps:
    """Appendix E.3, repaired: it does with 4/3 of the LoRA-rank of the uniform partition, rounded up.

    W-bar_2 - W_4 W_3 W_2 = (W-bar_2 - W_4 W_3) + W_4 W_3 (I - W_2), and (I - W_2) W_1 = W-bar_1 - W_2 W_1: its rank is
    at most the sum of the two uniform ones, 4 R where these are at most 2 R.

    Hypotheses  L = 4, L-bar = 2; every W_l is non-singular; W-bar_1 = W_1
    Conclusion  ceil(rank(W-bar_2 - W_4 W_3 W_2) / 3) <= ceil(4 R / 3), R the threshold of the uniform partition
    """
    yield from _setting(case, num)
    ours, uniform = _ranks_needed(case, num)
    yield conclude(ours <= -(-4 * uniform // 3), "the threshold is at most 4/3 of the other, rounded up")


_TEXT = Source("zeng-lee", "text before Assumption 2", "Appendix E.3")

THEOREM_15_PARTITIONS = (
    _TEXT.false(
        "zeng-lee/theorem-15.lower-rank", lower_rank,
        "the error of the longer block may have the ranks of both uniform ones: D = 4, W_2 = diag(2, 1, 2, 1), "
        "rank 4 asks for R = 2 against 1; at D = 3 R = 1 is enough",
        place="Appendix E.3, first paragraph", printed="{1}, {2, 3, 4} needs less rank than {1, 2}, {3, 4}",
        repaired_by="zeng-lee/theorem-15.lower-rank:four-thirds",
    ),
    _TEXT.stands(
        "zeng-lee/theorem-15.lower-rank:four-thirds", four_thirds,
        "the rank of the error of {2, 3, 4} is at most the sum of the uniform ones",
    ),
)  # fmt: skip
