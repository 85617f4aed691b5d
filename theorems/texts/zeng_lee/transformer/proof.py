"""Zeng and Lee, Appendix F: equations (22), (23) and (25) of the proofs of Theorems 17 and 6."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

from theorems.case import Array
from theorems.claim import Source
from theorems.facts import needed
from theorems.models.transformer import Block, Transformer, TransformerCase, TwinCase
from theorems.num import Num
from theorems.statement import at_most, conclude, equal, less_than, suppose
from theorems.texts.zeng_lee.arguments import TELLING
from theorems.texts.zeng_lee.transformer.construction import mismatch, relative_gap
from theorems.texts.zeng_lee.transformer.gaps import WEIGHTS, Steps, inverse_of_second, nonsingular_weights, pairs

# Equation (22) --------------------------------------------------------------------------------------------------------


def transport_of_tokens(case: TransformerCase, num: Num) -> Steps:
    """Equation (22): with bhat_2 = W_2 Wbar_2^{-1} bbar_2 and one H, Zhat = W_2 Wbar_2^{-1} Zbar.

    H is arbitrary (here ReLU of the input).  The frozen W_2 need not be non-singular, although the text inverts it on
    the way.

    Hypotheses  Wbar_2 is non-singular
    Conclusion  W_2 H + bhat_2 1^T = W_2 Wbar_2^{-1} (Wbar_2 H + bbar_2 1^T)
    """
    H = num.relu(case.X)
    for l, (block, aim) in enumerate(zip(case.frozen.blocks, case.target.blocks, strict=True)):
        yield suppose(num.nonsingular(aim.second), "Wbar_2 is non-singular")
        carry = block.second @ inverse_of_second(case.target, l, "the target", num)
        bias = num.apply(carry, aim.second_bias)
        adapted = block.second @ H + bias[..., :, None]
        target = aim.second @ H + aim.second_bias[..., :, None]
        yield conclude(equal(adapted, carry @ target), "Zhat = W_2 Wbar_2^{-1} Zbar")


# Equation (23): the first block ---------------------------------------------------------------------------------------


def _flat(stack: Array) -> Array:
    result: Array = stack.reshape(*stack.shape[:-3], stack.shape[-3] * stack.shape[-2] * stack.shape[-1])
    return result


def _with_order(block: Block, order: tuple[int, ...]) -> Block:
    """The same block with its heads in another order."""
    heads = {name: getattr(block, name)[..., list(order), :, :] for name in ("keys", "queries", "values")}
    return dataclasses.replace(block, **heads, outputs=tuple(O[..., list(order), :, :] for O in block.outputs))


def _renumbered(model: Transformer, order: tuple[int, ...], block: int) -> Transformer:
    blocks = [_with_order(b, order) if l == block else b for l, b in enumerate(model.blocks)]
    return Transformer(tuple(blocks), model.out)


def head_orders(model: Transformer) -> list[tuple[int, ...]]:
    """All orders of its heads."""
    return list(itertools.permutations(range(model.heads)))


def distance_up_to_heads(one: Block, other: Block, tokens: int, num: Num) -> Any:
    """Zero only where the blocks' hidden layers ReLU(W_1 Attn(X) + b_1 1^T) are equal for every X of that many tokens.

    That is so when, for some order of the heads, biases, products W_1 W_O W_V, and score matrices agree; the scores
    need not where there is one token, whose softmax is 1.
    """
    best: Any = None
    for order in itertools.permutations(range(one.heads)):
        turned = _with_order(one, order)
        terms = [relative_gap(_flat(turned.transfers), _flat(other.transfers), num)]
        terms.append(relative_gap(turned.first_bias, other.first_bias, num))
        if tokens > 1:
            terms.append(relative_gap(_flat(turned.scores), _flat(other.scores), num))
        total = num.concatenate(terms, -1).sum(-1)
        best = total if best is None else num.minimum(best, total)
    return best


def _conditions(one: Block, other: Block, num: Num) -> list[tuple[Array, Array, str]]:
    return [
        (one.first_bias, other.first_bias, "bhat_1 = bbar_1"),
        (_flat(one.scores), _flat(other.scores), "What_K^T What_Q = Wbar_K^T Wbar_Q in every head"),
        (_flat(one.transfers), _flat(other.transfers), "W_1 What_O What_V = Wbar_1 Wbar_O Wbar_V in every head"),
    ]


def must_as_printed(case: TwinCase, num: Num) -> Steps:
    """Equation (23) as printed: for equal first hidden layers on every X the three conditions *must* be satisfied.

    That the layers are equal for every X is certified by `distance_up_to_heads`.

    Hypotheses  the hidden layers of the first blocks are equal for every X
    Conclusion  equal biases b_1, equal W_K^T W_Q and equal W_1 W_O W_V in every head
    """
    one, other = case.second.blocks[0], case.first.blocks[0]
    distance = distance_up_to_heads(one, other, case.tokens, num)
    yield suppose(equal(distance, num.number(0), scale=num.number(1)), "the hidden layers are equal for every X")
    for left, right, name in _conditions(one, other, num):
        yield conclude(equal(left, right), name)


def conditions_suffice(case: TwinCase, num: Num) -> Steps:
    """Equation (23), the other way: the three conditions suffice for equal first hidden layers.

    Hypotheses  equal biases b_1, equal W_K^T W_Q and equal W_1 W_O W_V in every head
    Conclusion  the hidden layers agree on an input, to 20 digits, softmax and all
    """
    one, other = case.second.blocks[0], case.first.blocks[0]
    for left, right, name in _conditions(one, other, num):
        yield suppose(equal(left, right), name)
    gap = num.absolute(one.hidden(case.X, num) - other.hidden(case.X, num))
    size = 1 + num.absolute(_flat(other.transfers)).sum(-1) * num.absolute(_flat(case.X[..., None, :, :])).sum(-1)
    yield conclude(
        at_most(num.times(1 / size, gap), num.number(1, 10**20), scale=num.number(1)), "the hidden layers agree"
    )


def tokens_that_tell(block: Block, tokens: int, num: Num) -> list[Array]:
    """Inputs X that tell the hidden layer of `block`, with one head and B = W_1 W_O W_V regular, from every other.

    With x_0 = B^{-1}(1 - b_1) and u_j = B^{-1} e_j all units are active at x_0 and at x_j = x_0 + u_j.  The inputs are
    x_j 1^T for j = 0..D, and (x_i, x_j, ..., x_j) for i != j.
    """
    points = telling_points(block.transfers[..., 0, :, :], block.first_bias, num)
    inputs = [_repeated(point, point, tokens, num) for point in points]
    return inputs + [_repeated(a, b, tokens, num) for a, b in itertools.permutations(points, 2)]


def telling_points(B: Array, bias: Array, num: Num) -> list[Array]:
    """x_0 = B^{-1}(1 - b) and x_j = x_0 + B^{-1} e_j for a non-singular B."""
    U = num.inverse(B)
    D = B.shape[-1]
    base = num.apply(U, num.constant([1] * D) - bias)
    return [base, *(base + U[..., :, j] for j in range(D))]


def _repeated(first: Array, other: Array, tokens: int, num: Num) -> Array:
    columns = [first[..., :, None]] + [other[..., :, None]] * (tokens - 1)
    X: Array = num.concatenate(columns, -1)
    return X


def must_for_one_head(case: TwinCase, num: Num) -> Steps:
    """Equation (23) for one head and two or more tokens: there the three conditions are necessary.

    On x_j 1^T the attention output is W_V x_j, all units of the first model are active, and D + 1 affinely
    independent points determine W_1 W_O W_V and b_1.  When these agree, (x_i, x_j, ..., x_j) compares sigmoid(s -
    log(N - 1)) at s = (x_i - x_j)^T M x_j and s = (x_i - x_j)^T M x_i; if all of these agree for E = Mhat - Mbar,
    then u_j^T E x_0 = 0, u_j^T E u_j = 0 and u_k^T E u_j = 0, hence E = 0.

    Hypotheses  H = 1; N >= 2; W_1 W_O W_V of the first model is non-singular; one of the three conditions fails
    Conclusion  the hidden layers differ on one of the inputs of `tokens_that_tell`
    """
    other, one = case.first.blocks[0], case.second.blocks[0]
    yield suppose(case.first.heads == 1 and case.tokens >= 2, "one head, two or more tokens")
    yield suppose(num.nonsingular(other.transfers[..., 0, :, :]), "W_1 W_O W_V is non-singular")
    gaps = [relative_gap(left, right, num) for left, right, _ in _conditions(one, other, num)]
    yield suppose(less_than(num.number(0), num.concatenate(gaps, -1).sum(-1)), "one of the conditions fails")
    largest = num.number(0)
    for X in tokens_that_tell(other, case.tokens, num):
        gap = num.absolute(one.hidden(X, num) - other.hidden(X, num))
        largest = largest + _flat(gap[..., None, :, :]).sum(-1)
    yield conclude(less_than(num.number(0), largest), "the hidden layers differ on one of these inputs")


# Equation (25): the later blocks --------------------------------------------------------------------------------------


def aligned_by_25(case: TransformerCase, num: Num) -> Transformer:
    """The frozen model with W_Q and W_V (and W_o) changed, at any rank, so that (25) holds in every block."""
    moved = {(p.kind, p.block, p.head): num.solve(p.upper, p.goal) for p in pairs(case, num)}
    blocks = []
    for l, (block, aim) in enumerate(zip(case.frozen.blocks, case.target.blocks, strict=True)):
        heads: dict[str, Any] = {
            name: num.concatenate([moved[kind, l, h][..., None, :, :] for h in range(block.heads)], -3)
            for name, kind in (("queries", "query-key"), ("values", "value"))
        }
        bias = num.apply(block.second @ inverse_of_second(case.target, l, "the target", num), aim.second_bias)
        blocks.append(dataclasses.replace(block, **heads, first_bias=aim.first_bias, second_bias=bias))
    top = pairs(case, num)[-1]
    return Transformer(tuple(blocks), num.solve(top.lower.mT, top.goal.mT).mT)


def alignment_suffices(case: TransformerCase, num: Num) -> Steps:
    """Equation (25): aligning the three components in every block makes the adapted network the target's.

    Bias, query and key, value and output projection (value and first layer for a single head), with W_2 below the
    last block frozen: then all hidden layers are equal for every X.  Whatever changes of W_Q and W_V align them.

    Hypotheses  all weights are non-singular
    Conclusion  the aligned network has the target's signature
    """
    yield from nonsingular_weights(case, num)
    gaps = mismatch(aligned_by_25(case, num), case.target, num)
    yield conclude(at_most(gaps, num.number(0), scale=num.number(1)), "the signatures agree")


def alignment_is_needed(case: TwinCase, num: Num) -> Steps:
    """Equation (25) read as a necessity: models that are one function for every X are aligned in every later block.

    That two models are one function is certified by their signatures up to the order of the heads in a block (and
    without the scores for a single token).

    Hypotheses  the models are one function; W_2 below the last block is non-singular in both
    Conclusion  What_K^T What_Q = W_2^{-T} Wbar_2^T Wbar_K^T Wbar_Q Wbar_2 W_2^{-1} in every head of block 2 and later
    """
    adapted, target = case.second, case.first
    one_token = tuple(3 * l for l in range(target.depth)) if case.tokens == 1 else ()
    best: Any = None
    for block in range(target.depth):
        for order in head_orders(target):
            distance = mismatch(_renumbered(adapted, order, block), target, num, one_token).sum(-1)
            best = distance if best is None else num.minimum(best, distance)
    yield suppose(equal(best, num.number(0), scale=num.number(1)), "the models are one function")
    for model in (adapted, target):
        for block_below in model.blocks[:-1]:
            yield suppose(num.nonsingular(block_below.second), "W_2 below the last block is non-singular")
    for l in range(1, target.depth):
        T = target.blocks[l - 1].second @ num.inverse(adapted.blocks[l - 1].second)
        goal = T[..., None, :, :].mT @ target.blocks[l].scores @ T[..., None, :, :]
        yield conclude(equal(_flat(adapted.blocks[l].scores), _flat(goal)), "query and key are aligned")
    if target.depth == 1:
        yield conclude(equal(num.number(0), num.number(0)), "there is no later block")


_22 = Source("zeng-lee", "Equation (22)", "Appendix F.1")
_23 = Source("zeng-lee", "Equation (23)", "Appendix F.2, and the same lines of F.1")
_25 = Source("zeng-lee", "Equation (25)", "Appendix F.2, and the same lines of F.1")

EQUATION_22 = (
    _22.stands(
        "zeng-lee/equation-22", transport_of_tokens, "an identity as soon as Wbar_2 is non-singular; W_2 need not be",
    ),
)  # fmt: skip

EQUATION_23 = (
    _23.false(
        "zeng-lee/equation-23", must_as_printed,
        "one token ignores W_K^T W_Q (already at D = H = 1); with two heads they may be exchanged",
        place="lines before (23)",
        printed=(
            "the following conditions must be satisfied: b-hat_1 = b-bar_1, (W_K + Delta W_K)^T (W_Q + Delta "
            "W_Q) = W-bar_K^T W-bar_Q, ..."
        ),
        repaired_by="zeng-lee/equation-23:single-head",
    ),
    _23.stands(
        "zeng-lee/equation-23:sufficient", conditions_suffice,
        "the first hidden layer depends on its weights through the three products only",
    ),
    _23.stands(
        "zeng-lee/equation-23:single-head", must_for_one_head,
        "with one head and two tokens finitely many inputs tell any two first blocks apart",
        about={
            "one of the conditions fails": needed(
                "zeng-lee/equation-23:sufficient",
                "where none fails the hidden layers are equal",
            ),
        },
    ),
)  # fmt: skip

EQUATION_25 = (
    _25.stands(
        "zeng-lee/equation-25", alignment_suffices,
        "W_2^{-T} Wbar_2^T Wbar_K^T Wbar_Q Wbar_2 W_2^{-1} and Wbar_2 W_2^{-1} are what (22) demands",
        about={WEIGHTS: TELLING},
    ),
    _25.false(
        "zeng-lee/equation-25:necessary", alignment_is_needed,
        "'we need to align' read as a necessity: one token ignores the scores, heads may be exchanged",
        place="lines before (25)",
        printed="we need to align the following three components; this reading: whoever is equal is aligned",
        repaired_by="zeng-lee/equation-25",
    ),
)  # fmt: skip

CLAIMS = (*EQUATION_22, *EQUATION_23, *EQUATION_25)
