"""Zeng and Lee: the informal Theorem 2, and Corollaries 18 and 20."""

from __future__ import annotations

import dataclasses
from typing import Any

from theorems.case import CountCase
from theorems.claim import Source
from theorems.facts import needed, not_needed, unsettled
from theorems.models.transformer import TransformerCase
from theorems.num import Num
from theorems.statement import conclude, equal, suppose
from theorems.texts.zeng_lee.arguments import ALIGNED, SCORES, without_sums
from theorems.texts.zeng_lee.transformer.almost_sure import exact_point
from theorems.texts.zeng_lee.transformer.construction import ELIMINATION, ONE_BY_ONE
from theorems.texts.zeng_lee.transformer.deep_obstructions import target_out_of_reach
from theorems.texts.zeng_lee.transformer.exactness import EXACT, represented, theorem_6, threshold
from theorems.texts.zeng_lee.transformer.gaps import (
    MULTI,
    SUMS,
    WEIGHTS,
    Steps,
    assumption_as_meant,
    gaps_as_meant,
    nonsingular_weights,
    output_gap,
    pairs,
    query_key_gaps,
)
from theorems.texts.zeng_lee.transformer.obstructions import (
    attention_alone_cannot,
    has_regular_weights,
    scores_out_of_reach,
)

HALF = "R >= ceil(D / 2)"
OUTPUT_AGREES = "W_o W_{2L} is the target's"


def corollary(case: TransformerCase, num: Num) -> Steps:
    """Corollaries 18 and 20: from R >= ceil(D / 2) on, adapters of rank R represent any target exactly, almost surely.

    The exceptional set is that of a singular weight: with the weights of both models non-singular every gap is D <= 2
    R at most, and elimination needs no other sum.  Weights whose entries are independent and without atoms are almost
    surely non-singular (Lemma 8), so that no density is needed.

    Hypotheses    all weights of both models are non-singular; R >= ceil(D / 2)
    Construction  elimination
    Conclusion    the adapted network has the target's signature
    Obstruction   rigidity of one block (`target_out_of_reach`)
    """
    yield suppose(2 * case.rank >= case.frozen.width, HALF)
    yield from nonsingular_weights(case, num)
    obstruction = target_out_of_reach(case, case.rank, num)
    yield conclude(represented(case, num, R=case.rank, method=ELIMINATION, obstruction=obstruction), EXACT)


def theorem_2_as_printed(case: TransformerCase, num: Num) -> Steps:
    """Theorem 2 to the letter: adapters for the attention weights alone (and biases) represent the target exactly.

    The mild conditions are those of Theorem 6.

    Hypotheses    heads with W_O; Assumption 4 as meant; R >= max_i ceil(G_i / 2)
    Construction  equation (8) for the attention weights
    Conclusion    the adapted network has the target's signature
    Obstruction   with one block and one head W_o W_2 must be the target's, up to hidden units
                  (`attention_alone_cannot`)
    """
    yield suppose(case.frozen.has_projections, MULTI)
    found = pairs(case, num)
    yield from assumption_as_meant(case, found, num)
    yield from threshold(gaps_as_meant(case, num), case.rank, num)
    obstruction = attention_alone_cannot(case, num)
    yield conclude(
        represented(
            case, num, R=case.rank, method=ONE_BY_ONE, obstruction=obstruction, with_output=False, found=found
        ),
        "adapters for attention weights give the target exactly",
    )


def theorem_2_attention_only(case: TransformerCase, num: Num) -> Steps:
    """Theorem 2 to the letter, for targets with the frozen model's W_o W_{2L}: attention adapters and biases suffice.

    Hypotheses    those of Theorem 6; W_o W_{2L} = Wbar_o Wbar_{2L}
    Construction  equation (8) for the attention weights
    Conclusion    the adapted network has the target's signature
    Obstruction   rigidity of one block (`attention_alone_cannot`, `target_out_of_reach`)
    """
    yield suppose(case.frozen.has_projections, MULTI)
    found = pairs(case, num)
    yield from assumption_as_meant(case, found, num)
    gap = output_gap(case, num)
    size = num.frobenius_norm(case.target.out @ case.target.blocks[-1].second)
    yield suppose(equal(gap, num.zeros(*gap.shape[-2:]), scale=size), OUTPUT_AGREES)
    yield from threshold(gaps_as_meant(case, num), case.rank, num)
    excluded = target_out_of_reach(case, case.rank, num)

    def obstruction() -> Any:
        alone = num.minimum(attention_alone_cannot(case, num), has_regular_weights(case.target, num))
        return num.maximum(excluded(), alone)

    yield conclude(
        represented(
            case, num, R=case.rank, method=ONE_BY_ONE, obstruction=obstruction, with_output=False, found=found
        ),
        EXACT,
    )


# The thresholds of random models --------------------------------------------------------------------------------------


def _sharp(D: int, R: int, H: int, num: Num, *, projections: bool) -> Steps:
    point = exact_point(D, H, 1, projections=projections, num=num)
    block = point.target.blocks[0]
    spread = num.constant([[[h + 1] * D] * D for h in range(H)])  # the scores of the heads must be distinct
    target = dataclasses.replace(point.target, blocks=(dataclasses.replace(block, queries=block.queries * spread),))
    case = dataclasses.replace(point, target=target, rank=R, X=num.zeros(D, 3))
    for gap in query_key_gaps(case, num):
        yield conclude(equal(num.rank(gap), D), "the query-key gaps have full rank")
    yield conclude(
        equal(scores_out_of_reach(case, R, num), num.number(1), scale=num.number(1)), "no adapters of rank R suffice"
    )


def corollary_18_is_sharp(case: CountCase, num: Num) -> Steps:
    """Corollary 18 cannot be improved: below ceil(D / 2) almost no target is within reach; decided for each (D, R).

    With L = 1 and three tokens.  The conditions of (ii) and rank(Mbar - M) > 2 R hold off the zero set of a polynomial
    in the weights (determinants, and norms of columns), which one exact point shows not to be zero.

    Hypotheses  1 <= R < D / 2
    Conclusion  at the point the query-key gap has rank D, and `scores_out_of_reach` excludes all adapters of rank R
    """
    D, R = case.values
    yield suppose(R >= 1 and 2 * R < D, "1 <= R < D / 2")
    yield from _sharp(D, R, 1, num, projections=False)


def corollary_20_is_sharp(case: CountCase, num: Num) -> Steps:
    """Corollary 20 cannot be improved: below ceil(D / 2) almost no target is within reach; decided for each (D, R, H).

    With L = 1 and three tokens, by (iii), in every order of the heads.

    Hypotheses  1 <= R < D / 2; H >= 1
    Conclusion  at the point the query-key gaps have rank D, and `scores_out_of_reach` excludes all adapters of rank R
    """
    D, R, H = case.values
    yield suppose(R >= 1 and 2 * R < D and H >= 1, "1 <= R < D / 2")
    yield from _sharp(D, R, H, num, projections=True)


_THEOREM_2 = Source("zeng-lee", "Theorem 2", "Section 1")

_OF_THE_SCORES = needed("zeng-lee/theorem-17.threshold:scores", "one block, one head, an error of the scores of rank D")

THEOREM_2 = (
    _THEOREM_2.gap(
        "zeng-lee/theorem-2:attention-alone", theorem_2_as_printed,
        "no attention adapter moves W_o W_2; smallest at D = 2, L = H = 1: at D = 1 the output is constant",
        repaired_by="zeng-lee/theorem-2",
    ),
    _THEOREM_2.stands(
        "zeng-lee/theorem-2", theorem_6, "Theorem 6, which adapts W_{2L} and W_o as well",
        about={
            MULTI: not_needed("without W_O it is Theorem 17", "zeng-lee/theorem-17"), WEIGHTS: ALIGNED,
            SUMS: without_sums("zeng-lee/theorem-6:without-partial-sums"), "R >= max_i ceil(G_i / 2)": SCORES,
        },
    ),
    _THEOREM_2.stands(
        "zeng-lee/theorem-2:attention-only", theorem_2_attention_only,
        "where W_o W_{2L} is the target's already, attention adapters and biases do",
        about={
            MULTI: unsettled("without W_O the value pair is (W_1, W_V), and W_1 is no attention weight"),
            WEIGHTS: ALIGNED,
            SUMS: not_needed("elimination reaches the same product without inverting a partial sum, pair by pair"),
            OUTPUT_AGREES: needed(
                "zeng-lee/theorem-2:attention-alone",
                "its witness meets the other hypotheses, and no attention adapters have the target",
            ),
            "R >= max_i ceil(G_i / 2)": SCORES,
        },
    ),
)  # fmt: skip

COROLLARY_18 = (
    Source("zeng-lee", "Corollary 18", "Appendix F.1").stands(
        "zeng-lee/corollary-18", corollary,
        "non-singular weights suffice, and those are almost sure for independent entries (Lemma 8)",
        about={HALF: _OF_THE_SCORES, WEIGHTS: ALIGNED},
    ),
)  # fmt: skip

COROLLARY_20 = (
    Source("zeng-lee", "Corollary 20", "Appendix F.2").stands(
        "zeng-lee/corollary-20", corollary,
        "non-singular weights suffice, and those are almost sure for independent entries (Lemma 8)",
        about={HALF: _OF_THE_SCORES, WEIGHTS: ALIGNED},
    ),
)  # fmt: skip

SHARP_18 = (
    Source("zeng-lee", "Corollary 18", "Appendix F.1").decided(
        "zeng-lee/corollary-18.threshold", corollary_18_is_sharp,
        "for L = 1 the scores demand R >= D / 2 off a polynomial's zero set; one exact point for each size",
        largest=8,
    ),
)  # fmt: skip

SHARP_20 = (
    Source("zeng-lee", "Corollary 20", "Appendix F.2").decided(
        "zeng-lee/corollary-20.threshold", corollary_20_is_sharp,
        "for L = 1 the scores demand R >= D / 2 off a polynomial's zero set; one exact point for each size",
        largest=8,
    ),
)  # fmt: skip

CLAIMS = (*THEOREM_2, *COROLLARY_18, *SHARP_18, *COROLLARY_20, *SHARP_20)
