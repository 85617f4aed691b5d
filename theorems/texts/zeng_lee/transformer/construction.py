"""The adapters of Theorems 17 and 6, and the exact test of whether two Transformers are one function."""

from __future__ import annotations

from collections.abc import Sequence

from theorems.adaptation.linear import adapters_by_elimination, adapters_one_by_one, cut
from theorems.case import Array
from theorems.models.linear import Adapter
from theorems.models.transformer import Adaptation, BlockChange, Transformer, TransformerCase
from theorems.num import Num
from theorems.texts.zeng_lee.transformer.gaps import Pair, inverse_of_second, pairs

#: The two ways to adapt a pair: the paper's equation (8), which needs partial sums, and elimination, which does not.
ONE_BY_ONE, ELIMINATION = "one by one", "elimination"


def adapted_pair(pair: Pair, R: int, method: str, num: Num) -> tuple[Adapter, Adapter]:
    """Adapters of rank R for the lower and the upper weight, by Lemma 9 with L = 2."""
    d = pair.decomposition(num)
    weights = (pair.lower, pair.upper)
    if method == ONE_BY_ONE:
        lower, upper = adapters_one_by_one(weights, cut(d, (R, R)), num)
    else:
        k = min(2 * R, d.s.shape[-1])
        change = Adapter(d.U[..., :k] * d.s[..., None, :k], d.V[..., :k].mT)
        lower, upper = adapters_by_elimination(weights, change, (R, R), num)
    return lower, upper


def construct(
    case: TransformerCase,
    num: Num,
    *,
    R: int,
    method: str = ONE_BY_ONE,
    with_output: bool = True,
    found: Sequence[Pair] = (),
) -> Adaptation:
    """The adapters and biases of the proofs of Theorems 17 and 6, with LoRA-rank R.

    W_2 below the last block (and W_1, where the heads have W_O) keeps its weights.  The biases are
        bhat_{1l} = bbar_{1l},  bhat_{2l} = W_{2l} Wbar_{2l}^{-1} bbar_{2l} for l < L,
        bhat_{2L} = (W_o + Delta W_o)^{-1} Wbar_o bbar_{2L}.
    Without `with_output` the output layer is not adapted either.  `found` are the case's pairs, if known.
    """
    wanted = [pair for pair in found or pairs(case, num) if with_output or pair.kind != "output"]
    todo = {(pair.kind, pair.block, pair.head): adapted_pair(pair, R, method, num) for pair in wanted}
    changes = []
    for l, (block, aim) in enumerate(zip(case.frozen.blocks, case.target.blocks, strict=True)):
        scores = [todo["query-key", l, h] for h in range(block.heads)]
        carried = [todo["value", l, h] for h in range(block.heads)]
        uppers = [upper for _, upper in carried]
        second: Sequence[Adapter] = ()
        if l + 1 < case.frozen.depth:
            solved = inverse_of_second(case.target, l, "the target", num)
            second_bias = num.apply(block.second @ solved, aim.second_bias)
        else:
            out = case.frozen.out
            if with_output:
                lower, top = todo["output", l + 1, 0]
                second, out = (lower,), out + top.matrix
            goal = num.apply(case.target.out, aim.second_bias)
            second_bias = num.solve(out, goal[..., :, None])[..., 0]
        changes.append(
            BlockChange(
                keys=[Adapter(upper.A.mT, upper.B.mT) for _, upper in scores],  # of W_K^T, turned
                queries=[lower for lower, _ in scores],
                values=[lower for lower, _ in carried],
                outputs=uppers if block.outputs else (),
                first=() if block.outputs else uppers,
                second=second,
                first_bias=aim.first_bias,
                second_bias=second_bias,
            )
        )
    return Adaptation(changes, (todo["output", case.frozen.depth, 0][1],) if with_output else ())


def signature(model: Transformer, num: Num) -> list[Array]:
    """Arrays (..., n) that determine the function X -> f(X), for any number of tokens.

    With J_l = [W_{2,l-1} b_{2,l-1}] (J_1 = I) every token that reaches block l is J_l (h; 1), h a token of H_{l-1},
    so that H_l depends on H_{l-1} through b_{1l}, J_l^T W_K^T W_Q J_l and W_1 W_O W_V J_l of every head only, and f
    on H_L through W_o J_{L+1}.  Two models with one signature are one function, by induction over the blocks.
    """
    parts: list[Array] = []
    J: Array | None = None
    for block in model.blocks:
        scores, transfers = block.scores, block.transfers
        if J is not None:
            scores, transfers = J[..., None, :, :].mT @ scores @ J[..., None, :, :], transfers @ J[..., None, :, :]
        parts += [_flat(scores), _flat(transfers), block.first_bias]
        J = num.concatenate([block.second, block.second_bias[..., :, None]], -1)
    assert J is not None
    parts.append(_flat((model.out @ J)[..., None, :, :]))
    return parts


def _flat(stack: Array) -> Array:
    result: Array = stack.reshape(*stack.shape[:-3], stack.shape[-3] * stack.shape[-2] * stack.shape[-1])
    return result


def mismatch(one: Transformer, other: Transformer, num: Num, leave_out: tuple[int, ...] = ()) -> Array:
    """The absolute differences of the signatures, each part relative to the sum of the sizes of `other`'s entries.

    All of them are zero exactly when the signatures agree.  `leave_out` are positions of parts to pass over.
    """
    rows = []
    for position, (a, b) in enumerate(zip(signature(one, num), signature(other, num), strict=True)):
        if position not in leave_out:
            rows.append(relative_gap(a, b, num))
    result: Array = num.concatenate(rows, -1)
    return result


def relative_gap(a: Array, b: Array, num: Num) -> Array:
    """|a - b| / sum |b|, entry by entry for (..., n)."""
    size = num.absolute(b).sum(-1)
    size = num.where(num.zero(size), num.number(1), size)
    result: Array = num.times(1 / size, num.absolute(a - b))
    return result
