"""Zeng and Lee, Appendix F: the output layer of the proofs of Theorems 17 and 6."""

from __future__ import annotations

import dataclasses

from theorems.case import Array
from theorems.claim import Source
from theorems.facts import not_needed, to_state
from theorems.models.linear import Adapter
from theorems.models.transformer import Adaptation, TransformerCase
from theorems.num import Num
from theorems.statement import conclude, equal, exists, less_than, suppose
from theorems.texts.zeng_lee.arguments import without_sums
from theorems.texts.zeng_lee.linear.linear_models import truncated
from theorems.texts.zeng_lee.transformer.construction import (
    ELIMINATION,
    ONE_BY_ONE,
    adapted_pair,
    construct,
    mismatch,
)
from theorems.texts.zeng_lee.transformer.exactness import EXACT, threshold
from theorems.texts.zeng_lee.transformer.gaps import SINGLE, Steps, assumption_as_meant, gaps_as_meant, pairs
from theorems.texts.zeng_lee.transformer.obstructions import output_out_of_reach

FROZEN_PAIR = "W_o and W_{2L} are non-singular"
PAIR_SUMS = "W_o W_{2L} + LR_r(E) is non-singular for 1 <= r <= R"
TARGET_PAIR = "Wbar_o and Wbar_{2L} are non-singular"
REACHED = "R >= ceil(G_{L+1} / 2)"


def _output_pair(case: TransformerCase, num: Num, *, target: bool) -> Steps:
    pair = pairs(case, num)[-1]
    for W in (pair.lower, pair.upper):
        yield suppose(num.nonsingular(W), FROZEN_PAIR)
    d = num.svd(pair.error)
    for r in range(1, case.rank + 1):
        yield suppose(num.nonsingular(pair.product + truncated(d, r)), PAIR_SUMS)
    if target:
        for W in (case.target.blocks[-1].second, case.target.out):
            yield suppose(num.nonsingular(W), TARGET_PAIR)
    yield suppose(num.rank(pair.error) <= 2 * case.rank, REACHED)


def output_layer(case: TransformerCase, num: Num) -> Steps:
    """The output layer: Lemma 9 for (W_o, W_{2L}) and bhat_{2L} = (W_o + Delta W_o)^{-1} Wbar_o bbar_{2L} align logits.

    H is arbitrary (here ReLU of the input).

    Hypotheses    W_o, W_{2L}, Wbar_o, Wbar_{2L}, and W_o W_{2L} + LR_r(E) for r <= R are non-singular; R >=
                  ceil(G_{L+1} / 2)
    Construction  equation (8)
    Conclusion    (W_o + Delta W_o)((W_{2L} + Delta W_{2L}) H + bhat 1^T) = Wbar_o (Wbar_{2L} H + bbar 1^T)
    """
    yield from _output_pair(case, num, target=True)
    pair = pairs(case, num)[-1]
    lower, upper = adapted_pair(pair, case.rank, ONE_BY_ONE, num)
    out, second = pair.upper + upper.matrix, pair.lower + lower.matrix
    aim, H = case.target.blocks[-1], num.relu(case.X)
    goal = num.apply(case.target.out, aim.second_bias)
    bias = num.solve(out, goal[..., :, None])
    target = case.target.out @ aim.second @ H + goal[..., :, None]
    yield conclude(equal(out @ (second @ H + bias), target), "the logits agree")


def invertible_output(case: TransformerCase, num: Num) -> Steps:
    """The output layer: W_o + Delta W_o is invertible, as the bias needs.

    Not by the proof of Lemma 9, which inverts the adapted layers below the last one only, but because
    (W_o + Delta W_o)(W_{2L} + Delta W_{2L}) = Wbar_o Wbar_{2L} is non-singular: so it is for all adapters that reach
    the target.

    Elimination tries finitely many bases and may miss a target (a leading minor vanishes in each of them), with
    W_o + Delta W_o singular.

    Hypotheses    W_o, W_{2L}, Wbar_o, Wbar_{2L} are non-singular; R >= ceil(G_{L+1} / 2) (and the sums, for equation
                  (8))
    Construction  equation (8), and elimination
    Conclusion    W_o + Delta W_o is non-singular; by elimination so it is, or the product is not the target's
    """
    yield from _output_pair(case, num, target=True)
    pair = pairs(case, num)[-1]
    _, upper = adapted_pair(pair, case.rank, ONE_BY_ONE, num)
    yield conclude(num.nonsingular(pair.upper + upper.matrix), "W_o + Delta W_o is non-singular")
    lower, upper = adapted_pair(pair, case.rank, ELIMINATION, num)
    out = pair.upper + upper.matrix
    missed = num.frobenius_norm_squared(out @ (pair.lower + lower.matrix) - pair.goal)
    regular = num.absolute(num.determinant(out))
    yield conclude(less_than(num.number(0), missed + regular), "W_o + Delta W_o is non-singular, or misses the target")


def invertible_output_by_lemma_9(case: TransformerCase, num: Num) -> Steps:
    """The output layer: W_o + Delta W_o is invertible by the proof of Lemma 9, under its hypotheses alone.

    These say nothing of Wbar_o Wbar_{2L}: at the threshold the adapted product is the target's, and singular where
    that is.

    Hypotheses    W_o, W_{2L}, and W_o W_{2L} + LR_r(E) for r <= R are non-singular; R >= ceil(G_{L+1} / 2)
    Construction  equation (8)
    Conclusion    W_o + Delta W_o is non-singular
    """
    yield from _output_pair(case, num, target=False)
    pair = pairs(case, num)[-1]
    _, upper = adapted_pair(pair, case.rank, ONE_BY_ONE, num)
    yield conclude(num.nonsingular(pair.upper + upper.matrix), "W_o + Delta W_o is non-singular")


def frozen_second_layers(case: TransformerCase, num: Num) -> Steps:
    """Theorem 17 with Delta W_{2l} = O for *all* l in [L], as its proof sets out: then W_o alone bears the output gap.

    The proof adapts W_{2L} further down, and the theorem names it.

    Hypotheses    single-head; Assumption 3 as meant; R >= max_i ceil(G_i / 2)
    Construction  equation (8) for the blocks; Delta W_o = LR_R(E) W_{2L}^{-1}
    Conclusion    the adapted network has the target's signature
    Obstruction   rigidity of one block and one head (`output_out_of_reach`)
    """
    yield suppose(not case.frozen.has_projections, SINGLE)
    found = pairs(case, num)
    yield from assumption_as_meant(case, found, num)
    yield from threshold(gaps_as_meant(case, num), case.rank, num)

    def attained() -> Array:
        base = construct(case, num, R=case.rank, method=ONE_BY_ONE, with_output=False, found=found)
        last, aim, d = case.frozen.blocks[-1], case.target.blocks[-1], found[-1].decomposition(num)
        R = case.rank
        out = Adapter(d.U[..., :R] * d.s[..., None, :R], num.solve(last.second.mT, d.V[..., :R]).mT)
        goal = num.apply(case.target.out, aim.second_bias)
        bias = num.solve(case.frozen.out + out.matrix, goal[..., :, None])[..., 0]
        top = dataclasses.replace(base.blocks[-1], second_bias=bias)
        adapted = Adaptation([*base.blocks[:-1], top], (out,)).adapted(case.frozen, num)
        return mismatch(adapted, case.target, num)

    obstruction = output_out_of_reach(case, case.rank, num)
    yield conclude(
        exists(attained=attained, lower_bound=obstruction, bound=num.number(0), scale=num.number(1)), EXACT
    )


_OUTPUT = Source("zeng-lee", "Output Layer Analysis", "Appendix F.1")

OUTPUT_LAYER = (
    _OUTPUT.stands(
        "zeng-lee/output-layer", output_layer, "equation (8) for two layers, and the bias solves a regular system",
        about={
            FROZEN_PAIR: to_state(
                "equation (8) is formed with W_o^{-1}; W_{2L} + Delta W_{2L} is regular with W_o W_{2L} + LR_R(E)"
            ),
            PAIR_SUMS: without_sums(),
            TARGET_PAIR: to_state(
                "the bias is formed with the inverse of W_o + Delta W_o, which is singular where Wbar_o "
                "Wbar_{2L} is"
            ),
        },
    ),
    _OUTPUT.stands(
        "zeng-lee/output-layer.invertible", invertible_output,
        "its product with W_{2L} + Delta W_{2L} is the non-singular Wbar_o Wbar_{2L}",
        about={
            FROZEN_PAIR: to_state("equation (8) is formed with W_o^{-1}, elimination with both inverses"),
            PAIR_SUMS: not_needed("adapters that reach the target have a regular product, whatever made them"),
        },
    ),
    _OUTPUT.gap(
        "zeng-lee/output-layer.invertible:by-lemma-9", invertible_output_by_lemma_9,
        "Lemma 9 allows a singular target; smallest at D = 2, as r = D = 1 forbids it",
        place="Output Layer Analysis, last line",
        printed="W_o + Delta W_o is invertible as shown in the proof of Lemma 9; there (10) is for l < L",
        repaired_by="zeng-lee/output-layer.invertible",
    ),
)  # fmt: skip

FROZEN_SECOND = (
    Source("zeng-lee", "Theorem 17, proof", "Appendix F.1").misprint(
        "zeng-lee/theorem-17:frozen-second-layers", frozen_second_layers,
        "it leaves W_o alone, rank R for a gap of 2 R: D = 4, R = 1; within reach at D = 2, and D = 3 is open",
        place="proof of Theorem 17, third paragraph",
        printed="Delta W_{2l} = O for all l in [L]; the theorem and the proof's end adapt W_{2L}",
        repaired_by="zeng-lee/theorem-17",
    ),
)  # fmt: skip

CLAIMS = (*OUTPUT_LAYER, *FROZEN_SECOND)
