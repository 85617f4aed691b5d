"""Zeng and Lee, Appendix F: what Assumptions 3 and 4 give, as printed and as meant."""

from __future__ import annotations

from theorems.claim import Source
from theorems.models.transformer import TransformerCase
from theorems.num import Num
from theorems.statement import conclude, equal, suppose
from theorems.texts.zeng_lee.arguments import ALIGNED, FORMED
from theorems.texts.zeng_lee.linear.linear_models import truncated
from theorems.texts.zeng_lee.transformer.construction import ONE_BY_ONE, adapted_pair
from theorems.texts.zeng_lee.transformer.gaps import (
    MULTI,
    SINGLE,
    SUMS,
    WEIGHTS,
    Steps,
    assumption_3_as_printed,
    assumption_4_as_printed,
    assumption_as_meant,
    pairs,
)

NEEDED = "P + LR_r(E) is non-singular for the errors E that are aligned, r <= R"


def _needed_sums(case: TransformerCase, num: Num) -> Steps:
    for pair in pairs(case, num):
        d, P = pair.decomposition(num), pair.product
        for r in range(1, case.rank + 1):
            yield conclude(num.nonsingular(P + truncated(d, r)), NEEDED)


def printed_assumption_3_serves(case: TransformerCase, num: Num) -> Steps:
    """Assumption 3 as printed gives what the proof of Theorem 17 takes from it: the sums that Lemma 9 inverts.

    From block 2 on the printed matrices have W_K W_Q for W_K^T W_Q, and Wbar_2^{-1} (and Wbar_2^{-1} W_2^{-1}) where
    the alignment has Wbar_2 W_2^{-1}: they are not the ones that equation (8) inverts.

    Hypotheses  single-head; Assumption 3 as printed (for all r in [D])
    Conclusion  P + LR_r(E) is non-singular for every aligned pair and r <= R
    """
    yield suppose(not case.frozen.has_projections, SINGLE)
    yield from assumption_3_as_printed(case, num)
    yield from _needed_sums(case, num)


def printed_assumption_4_serves(case: TransformerCase, num: Num) -> Steps:
    """Assumption 4 as printed gives what the proof of Theorem 6 takes from it: the sums that Lemma 9 inverts.

    From block 2 on the printed differences have Wbar_2^{-1} where the alignment (25) has Wbar_2 W_2^{-1}.

    Hypotheses  heads with W_O; Assumption 4 as printed (for all r in [R])
    Conclusion  P + LR_r(E) is non-singular for every aligned pair and r <= R
    """
    yield suppose(case.frozen.has_projections, MULTI)
    yield from assumption_4_as_printed(case, num)
    yield from _needed_sums(case, num)


def assumption_serves(case: TransformerCase, num: Num) -> Steps:
    """Assumptions 3 and 4 as meant: then equation (8) has all its inverses, and every pair attains P + LR_{2R}(E).

    The aligned differences, and r <= R only: in Assumption 3 the range r in [D] asks for more than the proof uses.

    Hypotheses    all weights of both models, and P + LR_r(E) for r <= R, are non-singular
    Construction  equation (8)
    Conclusion    (upper + Delta upper)(lower + Delta lower) = P + LR_{2R}(E) in every pair
    """
    found = pairs(case, num)
    yield from assumption_as_meant(case, found, num)
    for pair in found:
        lower, upper = adapted_pair(pair, case.rank, ONE_BY_ONE, num)
        made = (pair.upper + upper.matrix) @ (pair.lower + lower.matrix)
        goal = pair.product + truncated(pair.decomposition(num), 2 * case.rank)
        yield conclude(equal(made, goal), "the adapted product is P + LR_{2R}(E)")


_3 = Source("zeng-lee", "Assumption 3", "Appendix F.1")
_4 = Source("zeng-lee", "Assumption 4", "Appendix F.2")

ASSUMPTION_3 = (
    _3.misprint(
        "zeng-lee/assumption-3:printed-letter", printed_assumption_3_serves,
        "misprints from block 2 on; smallest at D = 2, L = 2: at D = 1 the sum is the target's product",
        place="Assumption 3, lines 2 and 4",
        printed=(
            "W_{Kl} W_{Ql} without the transpose, and W-bar_{2,l-1}^{-1} for W-bar_{2,l-1} W_{2,l-1}^{-1}, which "
            "the proof has"
        ),
        repaired_by="zeng-lee/assumption-3",
    ),
    _3.stands(
        "zeng-lee/assumption-3", assumption_serves,
        "W_K^T W_Q and Wbar_2 W_2^{-1}, r <= R: what equation (8) inverts, and no more",
        about={WEIGHTS: ALIGNED, SUMS: FORMED},
    ),
)  # fmt: skip

ASSUMPTION_4 = (
    _4.misprint(
        "zeng-lee/assumption-4:printed-letter", printed_assumption_4_serves,
        "Wbar_2^{-1} for Wbar_2 W_2^{-1} from block 2 on; smallest at D = 2, L = 2, as for Assumption 3",
        place="Assumption 4, lines 2 and 4",
        printed="W-bar_{2,l-1}^{-1} for W-bar_{2,l-1} W_{2,l-1}^{-1}, which the proof has",
        repaired_by="zeng-lee/assumption-4",
    ),
    _4.stands(
        "zeng-lee/assumption-4", assumption_serves, "Wbar_2 W_2^{-1}, r <= R: what equation (8) inverts",
        about={WEIGHTS: ALIGNED, SUMS: FORMED},
    ),
)  # fmt: skip

CLAIMS = (*ASSUMPTION_3, *ASSUMPTION_4)
