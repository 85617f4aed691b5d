"""Zeng and Lee, Appendix F.2: equation (23) for several heads, and heads narrower than the tokens."""

from __future__ import annotations

import itertools
from typing import Any

from theorems.case import Array
from theorems.claim import Source
from theorems.models.heads import NarrowHeadCase
from theorems.models.linear import Adapter
from theorems.models.transformer import Block, TwinCase, weights_by_name
from theorems.num import Num
from theorems.statement import conclude, equal, exists, less_than, suppose
from theorems.texts.zeng_lee.transformer.construction import relative_gap
from theorems.texts.zeng_lee.transformer.gaps import WEIGHTS, Steps
from theorems.texts.zeng_lee.transformer.necessity import pooled_distance
from theorems.texts.zeng_lee.transformer.proof import distance_up_to_heads

TOKENS = "N >= 2"
SAME = "the hidden layers are equal for every X"
SOME_ORDER = "the conditions hold in some order of the heads"


def _regular(case: TwinCase, num: Num) -> Steps:
    for model in (case.first, case.second):
        for _, W in weights_by_name(model):
            yield suppose(num.nonsingular(W), WEIGHTS)


def must_up_to_order(case: TwinCase, num: Num) -> Steps:
    """Equation (23) read up to the order of the heads, for two tokens or more.

    Two heads with one score matrix act as one: what counts is the sum of their W_1 W_O W_V.

    Hypotheses  N >= 2; all weights are non-singular; the hidden layers of the first blocks are equal for every X, which
                `pooled_distance` certifies
    Conclusion  equal biases b_1, and in some order of the heads equal W_K^T W_Q and W_1 W_O W_V
    """
    one, other = case.second.blocks[0], case.first.blocks[0]
    yield suppose(case.tokens >= 2, TOKENS)
    yield from _regular(case, num)
    distance = pooled_distance(one, other, num) + relative_gap(one.first_bias, other.first_bias, num).sum(-1)
    yield suppose(equal(distance, num.number(0), scale=num.number(1)), SAME)
    yield conclude(equal(distance_up_to_heads(one, other, case.tokens, num), num.number(0)), SOME_ORDER)


def _flat(stack: Array) -> Array:
    result: Array = stack.reshape(*stack.shape[:-3], stack.shape[-3] * stack.shape[-2] * stack.shape[-1])
    return result


def distance_up_to_signs(one: Block, other: Block, num: Num) -> Any:
    """Zero only where the blocks' hidden layers are equal for every X of *two* tokens.

    With two tokens x, y a head's attention to the token x_j is B y + g B (x - y), where g = 1 / (1 + exp(-z)) and z =
    (x - y)^T M x_j.  As g(-z) = 1 - g(z), a head with -M and -B gives B x less: heads may change both signs where their
    B sum to zero.
    """
    best: Any = None
    heads = range(one.heads)
    bias = relative_gap(one.first_bias, other.first_bias, num).sum(-1)
    for signs in itertools.product((1, -1), repeat=one.heads):
        turned = num.constant([[[sign]] for sign in signs])
        flipped = num.constant([[[(1 - sign) // 2]] for sign in signs])
        scores, transfers = one.scores * turned, one.transfers * turned
        rest = num.frobenius_norm_squared((one.transfers * flipped).sum(-3))
        for order in itertools.permutations(heads):
            total = rest + bias
            for made, wanted in ((scores, other.scores), (transfers, other.transfers)):
                total = total + relative_gap(_flat(made[..., list(order), :, :]), _flat(wanted), num).sum(-1)
            best = total if best is None else num.minimum(best, total)
    return best


def must_for_distinct_scores(case: TwinCase, num: Num) -> Steps:
    """Equation (23) read up to the order of the heads, for heads with distinct scores, two tokens or more.

    Two tokens do not suffice: the softmax of two scores is odd about 1/2.

    Hypotheses  N >= 2; all weights are non-singular; in both models the heads' W_K^T W_Q are distinct; the hidden
                layers are equal for every X of N tokens, which `distance_up_to_signs` certifies for N = 2, and
                `distance_up_to_heads` for more
    Conclusion  equal biases b_1, and in some order of the heads equal W_K^T W_Q and W_1 W_O W_V
    """
    one, other = case.second.blocks[0], case.first.blocks[0]
    yield suppose(case.tokens >= 2, TOKENS)
    yield from _regular(case, num)
    for block in (one, other):
        for h, k in itertools.combinations(range(block.heads), 2):
            apart = num.frobenius_norm_squared(block.scores[..., h, :, :] - block.scores[..., k, :, :])
            yield suppose(less_than(num.number(0), apart, scale=num.number(1)), "the scores are distinct")
    exact = distance_up_to_heads(one, other, case.tokens, num)
    distance = distance_up_to_signs(one, other, num) if case.tokens == 2 else exact
    yield suppose(equal(distance, num.number(0), scale=num.number(1)), SAME)
    yield conclude(equal(exact, num.number(0)), SOME_ORDER)


# Heads narrower than the tokens ---------------------------------------------------------------------------------------


FULL = "the frozen head's weights have full rank d"


def _full(case: NarrowHeadCase, num: Num) -> Steps:
    d = case.lower.shape[-2]
    for W in (case.lower, case.upper):
        yield suppose(num.rank(W) >= d, FULL)


def narrow_heads(case: NarrowHeadCase, num: Num) -> Steps:
    """Theorem 6's threshold for heads of d x D, d = D / H, as models have them: rank ceil(G / 2) reaches a head.

    Square heads of full rank are what the theorem speaks of; padded with zero rows, these are singular.  Adapters of
    rank R add R rows at most to the row space of W_Q, so that a target whose rows lie elsewhere is out of reach.

    Hypotheses    W_Q and W_K (W_V and W_O) have full rank d; R >= ceil(rank(Mbar - M) / 2), M = upper lower
    Construction  none needed where R >= d; the adapters that replace both weights
    Conclusion    (upper + Delta)(lower + Delta) = Mbar for adapters of rank R
    Obstruction   rank of lower above Mbar, or of upper beside Mbar, beyond d + R
    """
    yield from _full(case, num)
    M, goal = case.upper @ case.lower, case.target_upper @ case.target_lower
    yield suppose(num.rank(goal - M) <= 2 * case.rank, "R >= ceil(G / 2)")
    yield conclude(_reached(case, num), "adapters of rank R reach the target's head")


def _reached(case: NarrowHeadCase, num: Num) -> Any:
    d, R = int(case.lower.shape[-2]), case.rank
    goal = case.target_upper @ case.target_lower
    ranks = (num.rank(num.concatenate([case.lower, goal], -2)), num.rank(num.concatenate([case.upper, goal], -1)))
    obstruction = num.number(0)
    for rank in ranks:
        obstruction = num.maximum(obstruction, num.where(rank > d + R, num.number(1), num.number(0)))

    def attained() -> Array:
        r = min(R, d)
        E = num.identity(d)[..., :r]
        # r rows of W_Q and r columns of W_K^T are the target's
        lower = Adapter(E, E.mT @ (case.target_lower - case.lower))
        upper = Adapter((case.target_upper - case.upper) @ E, E.mT)
        made = (case.upper + upper.matrix) @ (case.lower + lower.matrix)
        return relative_gap(_flat(made[..., None, :, :]), _flat(goal[..., None, :, :]), num)

    return exists(attained=attained, lower_bound=obstruction, bound=num.number(0), scale=num.number(1))


def narrow_heads_at_full_width(case: NarrowHeadCase, num: Num) -> Steps:
    """Heads of d x D: adapters of rank d reach any target head, whatever the frozen one.

    They replace both weights.  For heads in general position G = 2 d (as long as 2 d <= D), and this is Theorem 6's
    threshold ceil(G / 2) = d again, without its hypotheses.

    Hypotheses    R >= d
    Construction  Delta = target weight - frozen weight
    Conclusion    (upper + Delta)(lower + Delta) = Mbar
    """
    yield suppose(case.rank >= int(case.lower.shape[-2]), "R >= d")
    yield conclude(_reached(case, num), "adapters of rank R reach the target's head")


_23 = Source("zeng-lee", "Equation (23)", "Appendix F.2")
_6 = Source("zeng-lee", "Theorem 6", "Section 3.2")

EQUATION_23 = (
    _23.false(
        "zeng-lee/equation-23:up-to-order", must_up_to_order,
        "heads of equal scores share W_1 W_O W_V; smallest at D = 1, H = 2, N = 2: one head cannot share",
        repaired_by="zeng-lee/equation-23:single-head",
    ),
    _23.false(
        "zeng-lee/equation-23:distinct-scores", must_for_distinct_scores,
        "two tokens: heads may change the signs of M and B where their B sum to zero; smallest at D = 1, H = 2",
        repaired_by="zeng-lee/equation-23:single-head",
    ),
)  # fmt: skip

NARROW_HEADS = (
    _6.false(
        "zeng-lee/theorem-6:narrow-heads", narrow_heads,
        "R rows more do not reach d new ones: d = 2, D = 4, R = 1 (d = 1 needs no more; the bound, D > d + R)",
        repaired_by="zeng-lee/theorem-6:narrow-heads-replaced",
    ),
    _6.stands(
        "zeng-lee/theorem-6:narrow-heads-replaced", narrow_heads_at_full_width,
        "adapters of rank d replace both weights of a d x D head: what is left of the theorem for real heads",
    ),
)  # fmt: skip

CLAIMS = (*EQUATION_23, *NARROW_HEADS)
