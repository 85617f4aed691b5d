"""Zeng and Lee, Section 3 and Appendix F: what the adapters of a Transformer must make up for, and what they need.

Letters: M = W_K^T W_Q is a head's score matrix; bars mark the target.  In every block adapters work on pairs of
neighbouring weights.  The second feed-forward layer of the block below stays frozen, so that the tokens that reach
block l are the target's, seen through T_l = Wbar_{2,l-1} W_{2,l-1}^{-1} (equation (22)); T_1 is the identity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from theorems.case import SVD, Array
from theorems.errors import Undefined
from theorems.models.transformer import Block, Transformer, TransformerCase, weights_by_name
from theorems.num import Num
from theorems.statement import Conclude, Suppose, suppose
from theorems.texts.zeng_lee.linear.linear_models import truncated

Steps = Iterator[Suppose | Conclude]

WEIGHTS = "all weight matrices of both models are non-singular"
FROZEN = "all weight matrices of the frozen model are non-singular"
TRANSPORT = "Wbar_{2,l} for l < L and Wbar_o are non-singular"
PRINTED = "the sums of the assumption as printed are non-singular"
SUMS = "P + LR_r(E) is non-singular for 1 <= r <= R"
THRESHOLD = "R >= max_i ceil(G_i / 2)"
SINGLE = "the model is single-head, without W_O"
MULTI = "the heads have W_O"


@dataclass(frozen=True)
class Pair:
    """Two neighbouring weights whose product ``upper @ lower`` adapters of rank R each must turn into `goal`.

    kind  "query-key", "value" or "output"; block, head  where it stands (from 0)
    """

    kind: str
    block: int
    head: int
    lower: Array
    upper: Array
    goal: Array
    _known: dict[str, SVD] = field(default_factory=dict, compare=False)

    @property
    def product(self) -> Array:
        """upper @ lower, frozen."""
        matrix: Array = self.upper @ self.lower
        return matrix

    @property
    def error(self) -> Array:
        """E = goal - product."""
        matrix: Array = self.goal - self.product
        return matrix

    def decomposition(self, num: Num) -> SVD:
        """The SVD of E, found once."""
        if not self._known:
            self._known["E"] = num.svd(self.error)
        return self._known["E"]


def inverse_of_second(model: Transformer, l: int, name: str, num: Num) -> Array:
    """W_2^{-1} of block l (from 0), of the model `name`; where it does not exist, the message says which."""
    try:
        inverse: Array = num.inverse(model.blocks[l].second)
    except Undefined:
        raise Undefined(
            f"W_2 of block {l + 1} of {name} is singular: the transport to block {l + 2} needs its inverse"
        ) from None
    return inverse


def transport(case: TransformerCase, l: int, num: Num) -> Array | None:
    """T_l = Wbar_{2,l-1} W_{2,l-1}^{-1} for block l (from 0); None for the first, where it is the identity."""
    if l == 0:
        return None
    T: Array = case.target.blocks[l - 1].second @ inverse_of_second(case.frozen, l - 1, "the frozen model", num)
    return T


def pairs(case: TransformerCase, num: Num) -> list[Pair]:
    """What the proofs of Theorems 17 and 6 align, block by block, as Lemma 9 gets it.

    Query and key     P = W_K^T W_Q,  goal T^T Wbar_K^T Wbar_Q T
    Value             single head:  P = W_1 W_V,  goal Wbar_1 Wbar_V T
                      several:      P = W_O W_V,  goal W_1^{-1} Wbar_1 Wbar_O Wbar_V T
    Output            P = W_o W_{2L}, goal Wbar_o Wbar_{2L}
    """
    found: list[Pair] = []
    for l, (block, aim) in enumerate(zip(case.frozen.blocks, case.target.blocks, strict=True)):
        T = transport(case, l, num)
        scores, carried = aim.scores, aim.transfers
        for h in range(block.heads):
            goal = scores[..., h, :, :]
            goal = goal if T is None else T.mT @ goal @ T
            found.append(Pair("query-key", l, h, block.queries[..., h, :, :], block.keys[..., h, :, :].mT, goal))
        for h in range(block.heads):
            goal = carried[..., h, :, :]
            goal = goal if T is None else goal @ T
            if block.outputs:
                goal = num.solve(block.first, goal)
            upper = block.outputs[0][..., h, :, :] if block.outputs else block.first
            found.append(Pair("value", l, h, block.values[..., h, :, :], upper, goal))
    last, aim = case.frozen.blocks[-1], case.target.blocks[-1]
    found.append(Pair("output", len(case.frozen.blocks), 0, last.second, case.frozen.out, case.target.out @ aim.second))
    return found


def query_key_gaps(case: TransformerCase, num: Num) -> list[Array]:
    """Wbar_2^T Wbar_K^T Wbar_Q Wbar_2 - W_2^T W_K^T W_Q W_2 of every head (W_2 of the block below, if any)."""
    gaps: list[Array] = []
    for l in range(case.frozen.depth):
        one, other = (_through(model.blocks[l].scores, model, l, both=True) for model in (case.target, case.frozen))
        gaps += [(one - other)[..., h, :, :] for h in range(case.frozen.heads)]
    return gaps


def value_gaps(case: TransformerCase, num: Num) -> list[Array]:
    """Wbar_1 Wbar_O Wbar_V Wbar_2 - W_1 W_O W_V W_2 of every head (W_2 of the block below; W_O where there is one)."""
    gaps: list[Array] = []
    for l in range(case.frozen.depth):
        one, other = (_through(model.blocks[l].transfers, model, l, both=False) for model in (case.target, case.frozen))
        gaps += [(one - other)[..., h, :, :] for h in range(case.frozen.heads)]
    return gaps


def output_gap(case: TransformerCase, num: Num) -> Array:
    """Wbar_o Wbar_{2L} - W_o W_{2L}."""
    gap: Array = case.target.out @ case.target.blocks[-1].second - case.frozen.out @ case.frozen.blocks[-1].second
    return gap


def printed_value_gaps(case: TransformerCase, num: Num) -> list[Array]:
    """The value term of Theorem 17 as it is printed: W_V twice in block 1; W_V W_2 W_2 above, with no W_1 anywhere."""
    gaps: list[Array] = []
    for l in range(case.frozen.depth):
        sides = []
        for model in (case.target, case.frozen):
            V = model.blocks[l].values[..., 0, :, :]
            second = model.blocks[l - 1].second
            sides.append(V @ V if l == 0 else V @ second @ second)
        gaps.append(sides[0] - sides[1])
    return gaps


def _through(stack: Array, model: Transformer, l: int, *, both: bool) -> Array:
    if l == 0:
        return stack
    second = model.blocks[l - 1].second[..., None, :, :]
    return second.mT @ stack @ second if both else stack @ second


def gaps_as_meant(case: TransformerCase, num: Num) -> list[Array]:
    """The matrices whose ranks are the G_i: Theorem 6 as printed, and Theorem 17 with W_1 W_V and W_{2,i-1}."""
    return [*query_key_gaps(case, num), *value_gaps(case, num), output_gap(case, num)]


# Hypotheses -----------------------------------------------------------------------------------------------------------


def nonsingular_weights(case: TransformerCase, num: Num) -> Steps:
    """Every weight matrix of both models is non-singular."""
    for model in (case.frozen, case.target):
        for _, W in weights_by_name(model):
            yield suppose(num.nonsingular(W), WEIGHTS)


def nonsingular_frozen(case: TransformerCase, num: Num) -> Steps:
    """Every frozen weight matrix, and of the target what the construction inverts."""
    for _, W in weights_by_name(case.frozen):
        yield suppose(num.nonsingular(W), FROZEN)
    for W in (*(block.second for block in case.target.blocks[:-1]), case.target.out):
        yield suppose(num.nonsingular(W), TRANSPORT)
    yield suppose(num.nonsingular(case.target.out @ case.target.blocks[-1].second), TRANSPORT)


def partial_sums(found: Sequence[Pair], R: int, num: Num) -> Steps:
    """What Lemma 9 asks for at L = 2: P + LR_r(E) is non-singular for 1 <= r <= R, in every pair."""
    for pair in found:
        P, d = pair.product, pair.decomposition(num)
        for r in range(1, R + 1):
            yield suppose(num.nonsingular(P + truncated(d, r)), SUMS)


def assumption_as_meant(case: TransformerCase, found: Sequence[Pair], num: Num) -> Steps:
    """Assumption 3 or 4, with the differences of the pairs that the proofs align and r <= R."""
    yield from nonsingular_weights(case, num)
    yield from partial_sums(found, case.rank, num)


def printed_sums(case: TransformerCase, num: Num, largest: int) -> Iterator[Array]:
    """The matrices of Assumption 3 (no W_O) or 4 (with W_O) as they are printed, for 1 <= r <= largest.

    From block 2 on the printed differences use Wbar_2^{-1} where the alignment has Wbar_2 W_2^{-1}:
        query and key  W_2^{-T} Wbar_2^T Wbar_K^T Wbar_Q Wbar_2^{-1} - P  with P = W_K W_Q in Assumption 3, W_K^T W_Q
                       in 4
        value          Wbar_1 Wbar_V Wbar_2^{-1} W_2^{-1} - W_1 W_V in Assumption 3,
                       W_1^{-1} Wbar_1 Wbar_O Wbar_V Wbar_2^{-1} - W_O W_V in Assumption 4
    """
    for P, goal in _printed_pairs(case, num):
        for r in range(1, largest + 1):
            yield P + num.low_rank(goal - P, r)


def _printed_pairs(case: TransformerCase, num: Num) -> Iterator[tuple[Array, Array]]:
    several = case.frozen.has_projections
    for l, (block, aim) in enumerate(zip(case.frozen.blocks, case.target.blocks, strict=True)):
        before = None
        if l:
            before = inverse_of_second(case.target, l - 1, "the target", num)
        for h in range(block.heads):
            K, Q = block.keys[..., h, :, :], block.queries[..., h, :, :]
            P, goal = K.mT @ Q, aim.scores[..., h, :, :]
            if before is not None:
                T = transport(case, l, num)
                assert T is not None
                P = P if several else K @ Q
                goal = T.mT @ goal @ before
            yield P, goal
        for h in range(block.heads):
            yield _printed_value(case, block, aim, l, h, before, num)
    yield case.frozen.out @ case.frozen.blocks[-1].second, case.target.out @ case.target.blocks[-1].second


def _printed_value(
    case: TransformerCase, block: Block, aim: Block, l: int, h: int, before: Array | None, num: Num
) -> tuple[Array, Array]:
    goal = aim.transfers[..., h, :, :]
    if block.outputs:
        goal = goal if before is None else goal @ before
        return block.carried[..., h, :, :], num.solve(block.first, goal)
    if before is not None:
        goal = goal @ before @ inverse_of_second(case.frozen, l - 1, "the frozen model", num)
    return block.transfers[..., h, :, :], goal


def assumption_3_as_printed(case: TransformerCase, num: Num) -> Steps:
    """Assumption 3: all weights and its five lists of sums, for all r in [D]."""
    yield from nonsingular_weights(case, num)
    for A in printed_sums(case, num, case.frozen.width):
        yield suppose(num.nonsingular(A), PRINTED)


def assumption_4_as_printed(case: TransformerCase, num: Num) -> Steps:
    """Assumption 4: all weights and its five lists of sums, for all r in [R]."""
    yield from nonsingular_weights(case, num)
    for A in printed_sums(case, num, case.rank):
        yield suppose(num.nonsingular(A), PRINTED)
