"""Zeng and Lee, Appendix F: how far the thresholds of Theorems 17 and 6 are necessary."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

from theorems.adaptation.linear import adapters_by_elimination
from theorems.case import Array
from theorems.claim import Source
from theorems.errors import Undefined
from theorems.facts import definition, not_needed
from theorems.models.linear import Adapter
from theorems.models.transformer import Adaptation, BlockChange, Transformer, TransformerCase
from theorems.num import Num
from theorems.statement import at_most, conclude, exists, less_than, suppose
from theorems.texts.zeng_lee.arguments import SCORES, TELLING
from theorems.texts.zeng_lee.linear.linear_models import sigma
from theorems.texts.zeng_lee.transformer.construction import ELIMINATION, adapted_pair, construct, mismatch
from theorems.texts.zeng_lee.transformer.deep_obstructions import target_out_of_reach
from theorems.texts.zeng_lee.transformer.gaps import (
    MULTI,
    SINGLE,
    THRESHOLD,
    WEIGHTS,
    Steps,
    gaps_as_meant,
    nonsingular_weights,
    output_gap,
    pairs,
    query_key_gaps,
    value_gaps,
)
from theorems.texts.zeng_lee.transformer.obstructions import every_unit_matters
from theorems.texts.zeng_lee.transformer.proof import head_orders, telling_points

UNITS = "no column of P Wbar_o Wbar_2 is zero"
BELOW = "R < max_i ceil(G_i / 2)"
OTHERS = "R >= ceil(G_i / 2) for the other gaps"
SHIFTED = "rank(Wbar_o Wbar_{2L} + 1 v^T - W_o W_{2L}) <= 2 R for some v"
REGULAR = "Wbar_o Wbar_{2L} + 1 v^T is non-singular"


def _below(case: TransformerCase, num: Num) -> Steps:
    excess: Any = None
    for gap in gaps_as_meant(case, num):
        here = num.where(num.rank(gap) > 2 * case.rank, num.number(1), num.number(0))
        excess = here if excess is None else num.maximum(excess, here)
    yield suppose(less_than(num.number(0), excess), BELOW)


def shifted_output(case: TransformerCase, num: Num) -> Adaptation:
    """Adapters for a target whose logits may be off by the same amount in every row: v of the case is `shift`.

    All other pairs as in `construct`; the output pair gets the change Wbar_o Wbar_{2L} + 1 v^T - W_o W_{2L} in a
    decomposition that the case carries.
    """
    base = construct(case, num, R=case.rank, method=ELIMINATION, with_output=False)
    d = num.svd(shifted_gap(case, num))
    k = min(2 * case.rank, d.s.shape[-1])
    last, aim = case.frozen.blocks[-1], case.target.blocks[-1]
    change = Adapter(d.U[..., :k] * d.s[..., None, :k], d.V[..., :k].mT)
    lower, upper = adapters_by_elimination((last.second, case.frozen.out), change, (case.rank, case.rank), num)
    goal = num.apply(case.target.out, aim.second_bias)
    bias = num.solve(case.frozen.out + upper.matrix, goal[..., :, None])[..., 0]
    top = base.blocks[-1]
    changed = BlockChange(
        top.keys, top.queries, top.values, top.outputs, top.first, (lower,), top.first_bias, second_bias=bias
    )
    return Adaptation([*base.blocks[:-1], changed], (upper,))


def shifted_gap(case: TransformerCase, num: Num) -> Array:
    """Wbar_o Wbar_{2L} + 1 v^T - W_o W_{2L}."""
    gap: Array = output_gap(case, num) + num.outer(num.constant([1] * case.frozen.width), case.shift)
    return gap


def mismatch_up_to_shifts(adapted: Transformer, target: Transformer, num: Num) -> Array:
    """The differences of the signatures with W_o J_{L+1} freed of its column means, which softmax does not see."""
    return mismatch(_centred(adapted, num), _centred(target, num), num)


def _centred(model: Transformer, num: Num) -> Transformer:
    D = model.width
    P = num.identity(D) - num.times(num.number(1, D), num.constant([[1] * D for _ in range(D)]))
    return Transformer(model.blocks, P @ model.out)


def threshold_of_17(case: TransformerCase, num: Num) -> Steps:
    """The threshold of Theorem 17 read as a necessity: below max ceil(G_i / 2) no adapters represent the target.

    Softmax does not see a row of W_o Z_L added to all rows, so that G_{L+1} overstates what the output layer needs.

    Hypotheses  single-head; all weights are non-singular; R < max_i ceil(G_i / 2)
    Conclusion  the adapters of `shifted_output` miss the target
    """
    yield suppose(not case.frozen.has_projections, SINGLE)
    yield from nonsingular_weights(case, num)
    yield from _below(case, num)
    yield suppose(num.nonsingular(shifted_gap(case, num) + case.frozen.out @ case.frozen.blocks[-1].second), REGULAR)
    adapted = shifted_output(case, num).adapted(case.frozen, num)
    gaps = mismatch_up_to_shifts(adapted, case.target, num)
    yield conclude(less_than(num.number(0), gaps.sum(-1), scale=num.number(1)), "the adapters miss the target")


def theorem_17_modulo_shifts(case: TransformerCase, num: Num) -> Steps:
    """Theorem 17, sharpened: G_{L+1} = min over v of rank(Wbar_o Wbar_{2L} + 1 v^T - W_o W_{2L}).

    The minimum is rank(P E) with P = I - 1 1^T / D, one less than rank(E) where 1 is in the column space of E.  The
    case carries v.

    Hypotheses    single-head; all weights are non-singular; R >= ceil(G_i / 2) with that G_{L+1}; Wbar_o Wbar_{2L} +
                  1 v^T is
                  non-singular
    Construction  elimination
    Conclusion    the adapted network is the target, up to shifts of the logits
    Obstruction   rigidity of one block (`target_out_of_reach`)
    """
    yield suppose(not case.frozen.has_projections, SINGLE)
    yield from nonsingular_weights(case, num)
    for gap in (*query_key_gaps(case, num), *value_gaps(case, num)):
        yield suppose(num.rank(gap) <= 2 * case.rank, OTHERS)
    gap = shifted_gap(case, num)
    yield suppose(num.rank(gap) <= 2 * case.rank, SHIFTED)
    yield suppose(num.nonsingular(gap + case.frozen.out @ case.frozen.blocks[-1].second), REGULAR)

    def attained() -> Array:
        return mismatch_up_to_shifts(shifted_output(case, num).adapted(case.frozen, num), case.target, num)

    yield conclude(
        exists(
            attained=attained,
            lower_bound=target_out_of_reach(case, case.rank, num),
            bound=num.number(0),
            scale=num.number(1),
        ),
        "adapters of that rank give the target exactly, for every X",
    )


def threshold_for_scores(case: TransformerCase, num: Num) -> Steps:
    """Theorem 17 with one block, two tokens or more: below the threshold of the scores no adapters give the target.

    By rigidity (`transformer_obstructions`) an exact adapted model is the target, its hidden units turned, but for its
    scores Mhat, and Mhat - M has rank 2 R at most.  So the target is compared with the network that has the closest
    such Mhat and is the target otherwise: by `apart` their functions differ.  By Eckart and Young no other Mhat is
    closer than sigma_{2R+1}, and none of them is Mbar.

    Hypotheses    L = H = 1; N >= 2; all weights are non-singular, no column of P Wbar_o Wbar_2 is zero;
                  rank(Wbar_K^T Wbar_Q - W_K^T W_Q) > 2 R
    Conclusion    || Mhat - Mbar ||_2 >= sigma_{2R+1}(E) > 0, and the logits of the two networks differ on an input
    """
    yield suppose(case.frozen.depth == 1 and case.frozen.heads == 1 and case.tokens >= 2, "L = H = 1 and N >= 2")
    yield from nonsingular_weights(case, num)
    yield suppose(less_than(num.number(0), every_unit_matters(case.target, num)), UNITS)
    pair = pairs(case, num)[0]
    yield suppose(num.rank(pair.error) > 2 * case.rank, "rank(Wbar_K^T Wbar_Q - W_K^T W_Q) > 2 R")
    lower, upper = adapted_pair(pair, case.rank, ELIMINATION, num)
    missed = (pair.upper + upper.matrix) @ (pair.lower + lower.matrix) - pair.goal
    d = num.svd(pair.error)
    bound, scale = sigma(d, 2 * case.rank + 1, num), sigma(d, 1, num)
    yield conclude(at_most(bound, num.spectral_norm(missed), scale=scale), "|| Mhat - Mbar ||_2 >= sigma_{2R+1}(E)")
    yield conclude(less_than(num.number(0), bound, scale=scale), "sigma_{2R+1}(E) > 0")
    yield conclude(less_than(num.number(0), apart(case, missed, num)), "the logits differ on an input")


def apart(case: TransformerCase, missed: Array, num: Num) -> Any:
    """How far the target, of one block and one head, is from itself with the scores M + `missed`.

    Zero only where they are one function.

    With x_0, u_j of `telling_points`, B u_j = e_j, all units are active at x_j = x_0 + t_j u_j, t_j > 0, so that on
    (x_i, x_j, .., x_j) the column of a token x has the logits A B (x_j + a (x_i - x_j)) + const, a = sigmoid(s - log(N
    - 1)), s = (x_i - x_j)^T M x for x = x_i or x_j.  They differ, modulo shifts, just where (x_i - x_j)^T missed x and
    P A B (x_i - x_j) = P A (t_i e_i - t_j e_j) are not zero; the products of their sizes are summed.  As no column of P
    A is zero and its kernel is a line, the second is zero for one pair {i, j} at most, i, j >= 1, and not for both
    choices t_j = 1 and t_j = j; with all first factors zero x_0 and the u_j give u_i^T missed u_j = 0 for all i and j.

    For a single token, which sees no scores, it is zero.
    """
    target = case.target
    if target.depth > 1 or target.heads > 1:
        raise Undefined("inputs that tell two score matrices apart are known for one block and one head")
    if case.tokens < 2:
        return num.number(0)
    block, D = target.blocks[0], target.width
    base, *others = telling_points(block.transfers[..., 0, :, :], block.first_bias, num)
    seen = target.out @ block.second @ block.transfers[..., 0, :, :]
    total = num.number(0)
    for steps in ([1] * D, range(1, D + 1)):
        points = [base, *(base + t * (x - base) for t, x in zip(steps, others, strict=True))]
        for x, y in itertools.permutations(points, 2):
            logits = num.apply(seen, x - y)
            moved = num.absolute(logits - num.times(logits.sum(-1) / D, num.constant([1] * D))).sum(-1)
            for token in (x, y):
                total = total + num.absolute(num.dot(x - y, num.apply(missed, token))) * moved
    return total


def threshold_of_6(case: TransformerCase, num: Num) -> Steps:
    """The threshold of Theorem 6 read as a necessity: below max ceil(G_i / 2) no adapters represent the target.

    The order of the heads is no part of the function: a target that is the frozen model with its heads renumbered
    needs no adapter at all, whatever its gaps.

    Hypotheses  heads with W_O; all weights are non-singular; R < max_i ceil(G_i / 2)
    Conclusion  the frozen model with the target's biases, its heads in any order, is not the target
    """
    yield suppose(case.frozen.has_projections, MULTI)
    yield from nonsingular_weights(case, num)
    yield from _below(case, num)
    best: Any = None
    for order in head_orders(case.frozen):
        gaps = mismatch(_renumbered_everywhere(case, order), case.target, num).sum(-1)
        best = gaps if best is None else num.minimum(best, gaps)
    yield conclude(less_than(num.number(0), best, scale=num.number(1)), "no order of the heads gives the target")


def _renumbered_everywhere(case: TransformerCase, order: tuple[int, ...]) -> Transformer:
    """The frozen weights with the target's biases, the heads of every block in that order."""
    blocks = []
    for block, aim in zip(case.frozen.blocks, case.target.blocks, strict=True):
        heads = {name: getattr(block, name)[..., list(order), :, :] for name in ("keys", "queries", "values")}
        outputs = tuple(O[..., list(order), :, :] for O in block.outputs)
        blocks.append(
            dataclasses.replace(
                block, **heads, outputs=outputs, first_bias=aim.first_bias, second_bias=aim.second_bias
            )
        )
    return Transformer(tuple(blocks), case.frozen.out)


def single_token(case: TransformerCase, num: Num) -> Steps:
    """Theorem 6 for a single token: the query-key gaps do not count, since its softmax is 1.

    Hypotheses    N = 1; all weights are non-singular; R >= ceil(G / 2) for the value and output gaps
    Construction  elimination on the value and output pairs, queries and keys left alone
    Conclusion    the adapted network has the target's signature but for the scores
    Obstruction   rigidity of one block (`target_out_of_reach`)
    """
    yield suppose(case.tokens == 1, "N = 1")
    yield from nonsingular_weights(case, num)
    for gap in (*value_gaps(case, num), output_gap(case, num)):
        yield suppose(num.rank(gap) <= 2 * case.rank, THRESHOLD)

    def attained() -> Array:
        adaptation = construct(case, num, R=case.rank, method=ELIMINATION)
        silent = [
            BlockChange((), (), c.values, c.outputs, c.first, c.second, c.first_bias, c.second_bias)
            for c in adaptation.blocks
        ]
        adapted = Adaptation(silent, adaptation.out).adapted(case.frozen, num)
        scores = tuple(3 * l for l in range(case.frozen.depth))
        return mismatch(adapted, case.target, num, scores if case.tokens == 1 else ())

    yield conclude(
        exists(
            attained=attained,
            lower_bound=target_out_of_reach(case, case.rank, num),
            bound=num.number(0),
            scale=num.number(1),
        ),
        "adapters of that rank give the target exactly, for every single token",
    )


_17 = Source("zeng-lee", "Theorem 17", "Appendix F.1")
_6 = Source("zeng-lee", "Theorem 6", "Section 3.2")

THRESHOLD_17 = (
    _17.false(
        "zeng-lee/theorem-17.threshold:necessary", threshold_of_17,
        "softmax ignores a shift of all logits, so that G_{L+1} may be one too large; smallest at D = 3, R = 1",
        place="Theorem 17", printed="if R >= max_i ceil(G_i / 2) ...; this reading: and only if",
        repaired_by="zeng-lee/theorem-17.threshold:scores",
    ),
    _17.stands(
        "zeng-lee/theorem-17:sharpened", theorem_17_modulo_shifts, "G_{L+1} modulo shifts of the logits",
        about={
            SINGLE: not_needed(
                "with W_O the value pair is (W_O, W_V), of the same gap, and elimination serves it as well"
            ),
            WEIGHTS: TELLING, OTHERS: SCORES,
        },
    ),
    _17.stands(
        "zeng-lee/theorem-17.threshold:scores", threshold_for_scores,
        "one block, one head, two tokens: whatever else is adapted, the target with other scores is another",
        about={
            "L = H = 1 and N >= 2": definition("the inputs of `apart` are those of one block and head"),
            WEIGHTS: TELLING,
        },
    ),
)  # fmt: skip

THRESHOLD_6 = (
    _6.false(
        "zeng-lee/theorem-6.threshold:necessary", threshold_of_6,
        "heads may be renumbered at no cost; smallest at D = 3, R = 1, H = 2, since 2 R < G <= D",
        place="Theorem 6", printed="if R >= max_i ceil(G_i / 2) ...; this reading: and only if",
        repaired_by="zeng-lee/theorem-6.threshold:scores",
    ),
    _6.stands(
        "zeng-lee/theorem-6.threshold:single-token", single_token,
        "the softmax of one token is 1: no adapter on queries and keys is needed",
    ),
)  # fmt: skip

CLAIMS = (*THRESHOLD_17, *THRESHOLD_6)
