"""Zeng and Lee, Appendix F.1: what the freedom of the hidden units of one block gives away.

For a permutation Pi and a diagonal S > 0 let G = S Pi.  As ReLU(G z) = G ReLU(z), a block with G W_1, G b_1 and W_2
G^{-1} for W_1, b_1 and W_2 is the same function; and softmax does not see a row 1 v^T added to W_o W_2.  With L = 1 and
one head, exact adapters thus need rank(G Bbar - B) <= 2 R, B = W_1 W_V, for *some* G, and rank(Abar G^{-1} + 1 v^T - A)
<= 2 R, A = W_o W_2, for *some* v.

**One rank is always free.**  (a) For U = Bbar B^{-1} and odd D there is G with det(G U - I) = 0: take Pi with
det(Pi U) > 0; then p(s) = det(diag(s) Pi U - I) is positive at s = t (1, ..., 1) for t above the spectral radius of
(Pi U)^{-1}, and negative at s = d (1, ..., 1) for d below that of Pi U to the power -1.  On the way from the one to
the other, one coordinate after the other, p is affine on each edge and changes sign on one, at a rational s > 0.
(b) For X = Abar G^{-1} - A non-singular, det(X + 1 v^T) = det(X)(1 + v^T X^{-1} 1) vanishes for v = -y / |y|^2 with
y = X^{-1} 1.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

from theorems.adaptation.linear import adapters_by_elimination, factored
from theorems.case import Array
from theorems.claim import Source
from theorems.errors import Undefined
from theorems.models.linear import Adapter
from theorems.models.transformer import Adaptation, BlockChange, Transformer, TransformerCase
from theorems.num import Num
from theorems.statement import at_most, conclude, exists, less_than, suppose
from theorems.texts.zeng_lee.transformer.construction import ELIMINATION
from theorems.texts.zeng_lee.transformer.deep_obstructions import target_out_of_reach
from theorems.texts.zeng_lee.transformer.exactness import EXACT, represented, threshold
from theorems.texts.zeng_lee.transformer.gaps import (
    SINGLE,
    Steps,
    assumption_3_as_printed,
    nonsingular_weights,
    output_gap,
    printed_value_gaps,
    query_key_gaps,
    value_gaps,
)
from theorems.texts.zeng_lee.transformer.thresholds import BELOW, mismatch_up_to_shifts

ONE_BLOCK = "L = 1"
NARROW = "D <= 2 R + 1"


def with_units(model: Transformer, G: Array, inverse: Array, num: Num) -> Transformer:
    """The same function with the hidden units of the last block turned by G = S Pi, S > 0, given G^{-1}."""
    last = model.blocks[-1]
    turned = dataclasses.replace(
        last, first=G @ last.first, first_bias=num.apply(G, last.first_bias), second=last.second @ inverse
    )
    return Transformer((*model.blocks[:-1], turned), model.out)


def singular_units(U: Array, num: Num) -> Array:
    """G = S Pi, S > 0, with det(G U - I) = 0, for non-singular U of odd size; (a) of this module."""
    D = U.shape[-1]
    one, zero = num.number(1), num.number(0)
    order = [1, 0, *range(2, D)]
    even = num.indicator(less_than(zero, num.determinant(U)))
    keep = num.where(even, one, zero)
    rows = range(D)
    unit = num.identity(D)
    if D > 1:
        unit = num.times(keep, unit) + num.times(one - keep, unit[..., order, :])
    turned = unit @ U
    far = one + num.frobenius_norm_squared(num.inverse(U))
    near = one / (one + num.frobenius_norm_squared(U))
    corners = []
    for k in range(D + 1):
        scaled = [num.times(near if j < k else far, turned[..., j, :][..., None, :]) for j in rows]
        corners.append(num.determinant(num.concatenate(scaled, -2) - num.identity(D)))
    found = zero
    sizes = []
    for before, after in itertools.pairwise(corners):
        crossed = num.where(num.indicator(at_most(after, zero)), one, zero)
        step = num.where(num.zero(before - after), one, before - after)
        here = num.where(crossed == 1, far + before / step * (near - far), near)
        sizes.append(num.where(found == 1, far, here))
        found = num.maximum(found, crossed)
    scaled = [num.times(size, unit[..., j, :][..., None, :]) for j, size in enumerate(sizes)]
    G: Array = num.concatenate(scaled, -2)
    return G


def _shift(X: Array, num: Num) -> Array:
    """v with det(X + 1 v^T) = 0, zero where X is singular; (b) of this module."""
    D = X.shape[-1]
    singular = num.where(num.rank(X) < D, num.number(1), num.number(0))
    y = num.solve(X + num.times(singular * (1 + num.frobenius_norm_squared(X)), num.identity(D)), _ones(D, num))[..., 0]
    v: Array = num.times((singular - 1) / num.norm_squared(y), y)
    return v


def _ones(D: int, num: Num) -> Array:
    column: Array = num.constant([[1]] * D)
    return column


def one_block_adaptation(case: TransformerCase, num: Num) -> tuple[Adaptation, Transformer, Array]:
    """Adapters of rank R for one block and one head, the target with its hidden units turned as they need it, and G."""
    frozen, R, D = case.frozen, case.rank, case.frozen.width
    block = frozen.blocks[0]
    G, inverse = num.identity(D), num.identity(D)
    if 2 * R < D:
        B, goal = (model.blocks[0].transfers[..., 0, :, :] for model in (frozen, case.target))
        G = singular_units(num.solve(B.mT, goal.mT).mT, num)
        inverse = num.inverse(G)
    target = with_units(case.target, G, inverse, num)
    goal = target.out @ target.blocks[0].second
    if 2 * R < D:
        shift = _shift(goal - frozen.out @ block.second, num)
        goal = goal + num.outer(num.constant([1] * D), shift)
    r = min(2 * R, D)

    def pair(lower: Array, upper: Array, aim: Array) -> list[Adapter]:
        return adapters_by_elimination((lower, upper), factored(aim - upper @ lower, r, num), (R, R), num)

    aim = target.blocks[0]
    queries, keys = pair(block.queries[..., 0, :, :], block.keys[..., 0, :, :].mT, aim.scores[..., 0, :, :])
    values, first = pair(block.values[..., 0, :, :], block.first, aim.transfers[..., 0, :, :])
    second, out = pair(block.second, frozen.out, goal)
    wanted = num.apply(target.out, aim.second_bias)
    bias = num.solve(frozen.out + out.matrix, wanted[..., :, None])[..., 0]
    turned = Adapter(keys.A.mT, keys.B.mT)  # of W_K^T, turned
    change = BlockChange([turned], [queries], [values], (), (first,), (second,), aim.first_bias, bias)
    return Adaptation([change], (out,)), target, G


def theorem_17_one_block(case: TransformerCase, num: Num) -> Steps:
    """Theorem 17 for one block and D <= 2 R + 1: the query-key gap alone counts, so that it is true as printed there.

    In particular for R = 1 and D <= 3, whatever the (misprinted) value gap and the output gap are: its counterexamples
    with one block have D >= 4.

    Hypotheses    single-head; L = 1; D <= 2 R + 1; all weights are non-singular; R >= ceil(rank(Wbar_K^T Wbar_Q - W_K^T
                  W_Q) / 2)
    Construction  hidden units and a shift of the logits that lower the value and output gaps below D
                  (`singular_units`), elimination
    Conclusion    the adapted network has the signature of the target with its units turned, up to shifts of the logits
    Obstruction   rigidity (`target_out_of_reach`)
    """
    yield suppose(not case.frozen.has_projections, SINGLE)
    yield suppose(case.frozen.depth == 1, ONE_BLOCK)
    yield suppose(case.frozen.width <= 2 * case.rank + 1, NARROW)
    yield from nonsingular_weights(case, num)
    yield from threshold(query_key_gaps(case, num), case.rank, num)

    def attained() -> Array:
        if case.frozen.depth > 1:
            raise Undefined("the construction is for one block")
        adaptation, target, G = one_block_adaptation(case, num)
        if adaptation.rank > case.rank:
            raise AssertionError(f"an adapter of rank {adaptation.rank} for R = {case.rank}")
        gaps = mismatch_up_to_shifts(adaptation.adapted(case.frozen, num), target, num)
        negative = num.absolute(G) - G  # the turned target is the same function for positive factors only
        rows: Array = num.concatenate([gaps, *(negative[..., j, :] for j in range(case.frozen.width))], -1)
        return rows

    yield conclude(
        exists(
            attained=attained,
            lower_bound=target_out_of_reach(case, case.rank, num),
            bound=num.number(0),
            scale=num.number(1),
        ),
        EXACT,
    )


def theorem_17_three_wide(case: TransformerCase, num: Num) -> Steps:
    """Theorem 17 as printed for D = 3, R = 1 and two blocks or more.

    Hidden units of the first block may be turned to lower its value gap, but that moves the query-key gap of the
    second, which must stay 2 at most: for some targets no turn does both (`two_blocks_out_of_reach`).

    Hypotheses    single-head; Assumption 3 as printed; D = 3, R = 1, L >= 2; R >= max_i ceil(G_i / 2), G_i as printed
    Construction  elimination
    Conclusion    the adapted network has the target's signature
    Obstruction   rigidity of two blocks (`target_out_of_reach`)
    """
    yield suppose(not case.frozen.has_projections, SINGLE)
    yield suppose(case.frozen.width == 3 and case.rank == 1 and case.frozen.depth >= 2, "D = 3, R = 1 and L >= 2")
    yield from assumption_3_as_printed(case, num)
    printed = [*query_key_gaps(case, num), *printed_value_gaps(case, num), output_gap(case, num)]
    yield from threshold(printed, case.rank, num)
    obstruction = target_out_of_reach(case, case.rank, num)
    yield conclude(represented(case, num, R=case.rank, method=ELIMINATION, obstruction=obstruction), EXACT)


# Below the threshold --------------------------------------------------------------------------------------------------


def _same_units(case: TransformerCase, num: Num) -> Any:
    """Zero only where the target is the frozen model, with other biases, up to hidden units of its last block.

    For every order of the units, s_j = <B_j, Bbar_pi(j)> / |Bbar_pi(j)|^2 with the rows of W_1 is the only candidate.
    """
    own, aim = case.frozen.blocks[-1].first, case.target.blocks[-1].first
    one = num.number(1)
    best: Any = None
    for order in itertools.permutations(range(case.frozen.width)):
        rows, positive = [], one
        for j, i in enumerate(order):
            size = num.norm_squared(aim[..., i, :])
            s = num.dot(own[..., j, :], aim[..., i, :]) / num.where(num.zero(size), one, size)
            good = num.indicator(less_than(num.number(0), s))
            positive = num.where(good, positive, num.number(0))
            rows.append(num.times(num.where(good, s, one), num.identity(case.frozen.width)[..., i, :])[..., None, :])
        G = num.concatenate(rows, -2)
        target = with_units(case.target, G, num.inverse(G), num)
        blocks = [
            dataclasses.replace(block, first_bias=goal.first_bias, second_bias=goal.second_bias)
            for block, goal in zip(case.frozen.blocks, target.blocks, strict=True)
        ]
        gaps = mismatch_up_to_shifts(Transformer(tuple(blocks), case.frozen.out), target, num).sum(-1)
        gaps = gaps + one - positive
        best = gaps if best is None else num.minimum(best, gaps)
    return best


def threshold_up_to_shifts(case: TransformerCase, num: Num) -> Steps:
    """The threshold of Theorem 17 read as a necessity, shifts of the logits allowed for: hidden units refute it again.

    A target that is the frozen model with its hidden units renumbered and rescaled needs no adapter at all, whatever
    its value and output gaps.

    Hypotheses  single-head; all weights are non-singular; R < max_i ceil(G_i / 2) with G_{L+1} = rank(P (Wbar_o
                Wbar_{2L} - W_o W_{2L})), P = I - 1 1^T / D
    Conclusion  the frozen model with other biases, its hidden units in any order and scale, is not the target
    """
    yield suppose(not case.frozen.has_projections, SINGLE)
    yield from nonsingular_weights(case, num)
    D = case.frozen.width
    P = num.times(num.number(D), num.identity(D)) - num.constant([[1] * D for _ in range(D)])
    excess = num.number(0)
    for gap in (*query_key_gaps(case, num), *value_gaps(case, num), P @ output_gap(case, num)):
        here = num.where(num.rank(gap) > 2 * case.rank, num.number(1), num.number(0))
        excess = num.maximum(excess, here)
    yield suppose(less_than(num.number(0), excess), BELOW)
    yield conclude(less_than(num.number(0), _same_units(case, num), scale=num.number(1)), "the target is another model")


_17 = Source("zeng-lee", "Theorem 17", "Appendix F.1")

UNITS_17 = (
    _17.stands(
        "zeng-lee/theorem-17:one-block", theorem_17_one_block,
        "hidden units and a shift of the logits bring a gap of D to D - 1: true as printed up to D = 3",
    ),
    _17.misprint(
        "zeng-lee/theorem-17:three-wide", theorem_17_three_wide,
        "L = N = 2: turning hidden units lowers the value gap of block 1 but moves the scores of block 2; the "
        "two determinants have no common zero; D = 3 is least, as D <= 2 R makes every gap <= 2 R",
        repaired_by="zeng-lee/theorem-17",
    ),
    _17.false(
        "zeng-lee/theorem-17.threshold:up-to-shifts", threshold_up_to_shifts,
        "hidden units may be rescaled and renumbered at no cost; smallest at D = 3, R = 1, since 2 R < G <= D",
        repaired_by="zeng-lee/theorem-17.threshold:scores",
    ),
)  # fmt: skip

CLAIMS = UNITS_17
