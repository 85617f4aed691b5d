"""Zeng and Lee, Section 3 and Appendix F: other readings of Theorem 6, and just below its threshold."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

from theorems.case import Array
from theorems.claim import Source
from theorems.facts import definition, not_needed
from theorems.models.linear import Adapter
from theorems.models.transformer import Adaptation, Block, BlockChange, TransformerCase
from theorems.num import Num
from theorems.statement import conclude, exists, less_than, suppose
from theorems.texts.zeng_lee.transformer.construction import ELIMINATION, construct, mismatch
from theorems.texts.zeng_lee.transformer.deep_obstructions import target_out_of_reach
from theorems.texts.zeng_lee.transformer.exactness import EXACT, theorem_6_as_printed, threshold
from theorems.texts.zeng_lee.transformer.gaps import (
    MULTI,
    WEIGHTS,
    Steps,
    assumption_4_as_printed,
    gaps_as_meant,
    nonsingular_weights,
    query_key_gaps,
    value_gaps,
)
from theorems.texts.zeng_lee.transformer.obstructions import scores_are_rigid, scores_out_of_reach, within_reach
from theorems.texts.zeng_lee.transformer.proof import telling_points

ONE_BLOCK = "L = 1"
ENOUGH_TOKENS = "N >= 3, or one head and N >= 2"
RIGID = "sum_h W_1 W_O W_V is non-singular, the scores are distinct, no column of P Wbar_o Wbar_2 is zero"


def _supported(attained: Any, obstruction: Any, num: Num) -> Any:
    return exists(attained=attained, lower_bound=obstruction, bound=num.number(0), scale=num.number(1))


# Readings of Theorem 6 ------------------------------------------------------------------------------------------------


def theorem_6_from_two_on(case: TransformerCase, num: Num) -> Steps:
    """Theorem 6 as printed, adapters of rank *lower than R*, where that leaves some: R >= 2.

    Hypotheses    R >= 2, and those of Theorem 6 as printed
    Construction  elimination with rank R - 1
    Conclusion    the adapted network has the target's signature
    Obstruction   `scores_out_of_reach`
    """
    yield suppose(case.rank >= 2, "R >= 2")
    yield from theorem_6_as_printed(case, num)


def _first_heads(change: BlockChange, count: int) -> BlockChange:
    """The same change without adapters from head `count` on."""

    def cut(adapters: Any) -> list[Adapter]:
        return [a if h < count else Adapter(a.B[..., :0], a.A[..., :0, :]) for h, a in enumerate(adapters)]

    heads: dict[str, Any] = {name: cut(getattr(change, name)) for name in ("keys", "queries", "values", "outputs")}
    return dataclasses.replace(change, **heads)


def theorem_6_restated(case: TransformerCase, num: Num) -> Steps:
    """Theorem 6 as Appendix F.2 prints it again, its adapters indexed h = 1, ..., L: only L heads of a block have any.

    (With rank R or lower, so that the index range is all that differs.)

    Hypotheses    heads with W_O; Assumption 4 as printed; R >= max_i ceil(G_i / 2)
    Construction  elimination, the adapters of heads h > L left out
    Conclusion    the adapted network has the target's signature
    Obstruction   `scores_out_of_reach`: the scores of head L + 1 cannot move
    """
    yield suppose(case.frozen.has_projections, MULTI)
    yield from assumption_4_as_printed(case, num)
    yield from threshold(gaps_as_meant(case, num), case.rank, num)
    L = case.frozen.depth

    def attained() -> Array:
        adaptation = construct(case, num, R=case.rank, method=ELIMINATION)
        cut = Adaptation([_first_heads(change, L) for change in adaptation.blocks], adaptation.out)
        return mismatch(cut.adapted(case.frozen, num), case.target, num)

    obstruction = scores_out_of_reach(case, case.rank, num, adapted=L)
    yield conclude(_supported(attained, obstruction, num), EXACT)


def theorem_6_with_free_output(case: TransformerCase, num: Num) -> Steps:
    """Theorem 6 with Delta W_o of any rank: Section 3.1 names it nowhere among the adapters of rank R or lower.

    Then G_{L+1} does not count, and W_{2L} needs no adapter.

    Hypotheses    heads with W_O; all weights are non-singular; R >= ceil(G_i / 2) for i <= L
    Construction  elimination; Delta W_o = (Wbar_o Wbar_{2L} - W_o W_{2L}) W_{2L}^{-1}
    Conclusion    the adapted network has the target's signature
    Obstruction   rigidity of one block (`target_out_of_reach`)
    """
    yield suppose(case.frozen.has_projections, MULTI)
    yield from nonsingular_weights(case, num)
    yield from threshold([*query_key_gaps(case, num), *value_gaps(case, num)], case.rank, num)

    def attained() -> Array:
        base = construct(case, num, R=case.rank, method=ELIMINATION, with_output=False)
        last, aim = case.frozen.blocks[-1], case.target.blocks[-1]
        out = num.solve(last.second.mT, (case.target.out @ aim.second).mT).mT
        goal = num.apply(case.target.out, aim.second_bias)
        top = dataclasses.replace(base.blocks[-1], second_bias=num.solve(out, goal[..., :, None])[..., 0])
        free = Adapter(out - case.frozen.out, num.identity(case.frozen.width))
        adapted = Adaptation([*base.blocks[:-1], top], (free,)).adapted(case.frozen, num)
        return mismatch(adapted, case.target, num)

    obstruction = target_out_of_reach(case, case.rank, num, free_output=True)
    yield conclude(_supported(attained, obstruction, num), EXACT)


# Necessity ------------------------------------------------------------------------------------------------------------


def pooled_distance(one: Block, other: Block, num: Num) -> Any:
    """Zero only where heads with equal scores carry equal sums of W_1 W_O W_V: then the attention is the same."""
    answer = num.number(0)
    for block in (one, other):
        for h in range(block.heads):
            M = block.scores[..., h, :, :]
            sums = [_pooled(b, M, num) for b in (one, other)]
            size = num.frobenius_norm_squared(sums[0]) + num.frobenius_norm_squared(sums[1])
            gap = num.frobenius_norm_squared(sums[0] - sums[1])
            answer = answer + gap / num.where(num.zero(size), num.number(1), size)
    return answer


def _pooled(block: Block, M: Array, num: Num) -> Array:
    """The sum of W_1 W_O W_V over the heads whose scores are M."""
    total: Array | None = None
    for k in range(block.heads):
        apart = num.zero(num.frobenius_norm_squared(block.scores[..., k, :, :] - M))
        part = num.times(num.where(apart, num.number(1), num.number(0)), block.transfers[..., k, :, :])
        total = part if total is None else total + part
    assert total is not None
    return total


def threshold_up_to_order(case: TransformerCase, num: Num) -> Steps:
    """The threshold of Theorem 6 read as a necessity, in the best order of the heads: equal scores refute it again.

    Two heads with one score matrix act as one whose W_O W_V is the sum: what one gains and the other loses needs no
    adapter.

    Hypotheses  heads with W_O; L = 1; all weights are non-singular; for every order of the heads some query-key or
                value gap has a rank above 2 R
    Conclusion  the frozen model with biases to match, heads of equal scores pooled, is not the target
    """
    yield suppose(case.frozen.has_projections, MULTI)
    yield suppose(case.frozen.depth == 1, ONE_BLOCK)
    yield from nonsingular_weights(case, num)
    own, aim = case.frozen.blocks[0], case.target.blocks[0]
    one, none = num.number(1), num.number(0)
    fits = []
    for h, i in itertools.product(range(own.heads), repeat=2):
        names = ("scores", "transfers")
        gaps = [getattr(aim, name)[..., i, :, :] - getattr(own, name)[..., h, :, :] for name in names]
        fits.append(num.minimum(*(num.where(num.rank(gap) > 2 * case.rank, none, one) for gap in gaps)))
    possible = none
    for order in itertools.permutations(range(own.heads)):
        together = one
        for h, i in enumerate(order):
            together = together * fits[h * own.heads + i]
        possible = num.maximum(possible, together)
    yield suppose(less_than(possible, one), "in no order of the heads all gaps have rank 2 R at most")
    top = [model.out @ model.blocks[0].second for model in (case.frozen, case.target)]
    rest = num.frobenius_norm_squared(top[0] - top[1]) / num.frobenius_norm_squared(top[1])
    distance = pooled_distance(own, aim, num) + rest
    yield conclude(less_than(none, distance, scale=one), "pooling the heads does not give the target")


def threshold_for_scores_of_heads(case: TransformerCase, num: Num) -> Steps:
    """Theorem 6 with one block: below the threshold of the scores adapters give the target's score matrices in no
    order of the heads.

    It speaks of score matrices and runs no network: that an exact model has the target's, in some order, is (iii) of
    `transformer_obstructions`, proved on paper; for several heads no finite list of inputs shows it.  Checked on
    adapters of rank R that copy R rows of the target's W_K and W_Q, in every order of the heads: what they miss has
    rank(E) - 2 R at least, and two of the tokens x_i of `telling_points` tell the scores apart.

    Hypotheses  heads with W_O; L = 1; N >= 3 (one head: N >= 2); all weights are non-singular; sum_h Wbar_1 Wbar_O
                Wbar_V is non-singular, the target's scores are distinct, no column of P Wbar_o Wbar_2 is zero; in no
                order of the heads rank(Mbar_pi(h) - M_h) <= 2 R for all h
    Conclusion  in every order of the heads some (x_i - x_j)^T (Mhat_h - Mbar_pi(h)) x_j is not zero
    """
    yield suppose(case.frozen.has_projections, MULTI)
    yield suppose(case.frozen.depth == 1, ONE_BLOCK)
    H, R, D = case.frozen.heads, case.rank, case.frozen.width
    yield suppose(case.tokens >= (2 if H == 1 else 3), ENOUGH_TOKENS)
    yield from nonsingular_weights(case, num)
    yield suppose(less_than(num.number(0), scores_are_rigid(case.target, num)), RIGID)
    reach = within_reach(case, R, num, H)
    yield suppose(less_than(reach, num.number(1)), "rank(Mbar_pi(h) - M_h) > 2 R for some h in every order")
    own, aim = case.frozen.blocks[0], case.target.blocks[0]
    points = telling_points(aim.transfers.sum(-3), aim.first_bias, num)
    tokens = num.concatenate([x[..., :, None] for x in points], -1)
    ones = num.constant([[1] for _ in points])
    mask = num.selector(D, 1, R)
    for order in itertools.permutations(range(H)):
        total = num.number(0)
        for h, i in enumerate(order):
            K, Q = (
                getattr(own, name)[..., h, :, :]
                + mask @ (getattr(aim, name)[..., i, :, :] - getattr(own, name)[..., h, :, :])
                for name in ("keys", "queries")
            )
            missed = K.mT @ Q - aim.scores[..., i, :, :]
            forms = tokens.mT @ missed @ tokens
            own_forms = (forms * num.identity(D + 1)).sum(-1)  # x_j^T (Mhat - Mbar) x_j
            total = total + num.absolute(forms - ones @ own_forms[..., None, :]).sum(-1).sum(-1)
        yield conclude(less_than(num.number(0), total), "two tokens tell the scores apart")


_6 = Source("zeng-lee", "Theorem 6", "Section 3.2")

_IN_SOME_HEAD = not_needed(
    "rank(Mhat_h - Mbar) >= rank(M_h - Mbar) - 2 R > 0 for some h in every order, and D + 1 affinely "
    "independent tokens tell every matrix from zero; that the function determines the scores asks "
    "for it"
)

READINGS_6 = (
    _6.misprint(
        "zeng-lee/theorem-6:from-two-on", theorem_6_from_two_on,
        "'lower than R' falls for R >= 2 too; smallest at D = 3, R = 2, since 2 (R - 1) < G <= D",
        repaired_by="zeng-lee/theorem-6",
    ),
    Source("zeng-lee", "Theorem 6", "Appendix F.2").misprint(
        "zeng-lee/theorem-6:restated", theorem_6_restated,
        "h = 1, ..., L leaves head L + 1 without adapters; smallest at L = 1, H = 2, D = 2 (D = 1 is constant)",
        place="Theorem 6, restated in Appendix F.2", printed="(...)_{h=1}^L; the main text has h = 1..H",
        repaired_by="zeng-lee/theorem-6",
    ),
    Source("zeng-lee", "Theorem 6", "Section 3.1 and Section 3.2").stands(
        "zeng-lee/theorem-6:free-output", theorem_6_with_free_output,
        "Section 3.1 bounds the rank of every adapter but Delta W_o: then G_{L+1} does not count",
        about={
            MULTI: not_needed(
                "without W_O the value pair is (W_1, W_V), of the same gap, and elimination serves it as well"
            ),
        },
    ),
)  # fmt: skip

NECESSITY_6 = (
    _6.false(
        "zeng-lee/theorem-6.threshold:up-to-order", threshold_up_to_order,
        "heads of equal scores share their values; smallest at D = 3, R = 1, H = 2, since 2 R < G <= D",
        repaired_by="zeng-lee/theorem-6.threshold:scores",
    ),
    _6.stands(
        "zeng-lee/theorem-6.threshold:scores", threshold_for_scores_of_heads,
        "one block, three tokens, distinct scores: the target's score matrices are out of reach in every order; "
        "that its function determines them is rigidity (iii), proved on paper",
        about={
            **dict.fromkeys((MULTI, ONE_BLOCK, ENOUGH_TOKENS, WEIGHTS), _IN_SOME_HEAD),
            RIGID: definition("the tokens x_j are formed with the inverse of sum_h Wbar_1 Wbar_O Wbar_V"),
        },
    ),
)  # fmt: skip

CLAIMS = (*READINGS_6, *NECESSITY_6)
