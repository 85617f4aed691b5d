"""Why no adapters at all will do, for Transformers of several blocks.

**Cells.**  Feed N equal tokens x: every softmax column averages, so that block l is z -> W_2 ReLU(B_l z + b_1) + b_2
with B_l = W_1 sum_h W_O^h W_V^h (W_1 W_V without W_O), and the output shows P W_o z_L, P = I - 1 1^T / D.  Let

    T = Wbar_o Wbar_{2,L} Bbar_L Wbar_{2,L-1} ... Wbar_{2,1} Bbar_1,      F likewise of the frozen model.

If T is non-singular, all hidden units of the target are positive at some x, and an adapted model is the target, then

    rank P (T - F) <= 2 R (H L + 1) + L,

and without the last L where L = 1 and no column of P Wbar_o Wbar_2 is zero.

*Proof.* Near x the target is P T x + const, of rank D - 1. Some cell of the adapted model has interior there, so that
P T is its product with 0/1 masks between the layers; each mask has one zero at most. Telescoping, T - F modulo P is a
sum of terms with one changed factor each: 2 R H for every block (sum_h W_O^h W_V^h; or W_1 W_V), 2 R for W_o W_{2,L},
and one for a mask. (For the same reason every adapted factor has a rank of D - 1 at least, which singular frozen
weights may not allow: min(rank W_1, rank W_V) + R, min(rank W_1, sum_h (min(rank W_O^h, rank W_V^h) + R)), rank
W_{2,l} for l < L, min(rank W_o, rank W_{2,L}) + R. For L = 1 that of the values is D, Bhat being G Bbar.) For L = 1
rigidity (`transformer_obstructions`, (i)) gives Bhat = G Bbar and P Ahat = P Abar G^{-1}, so that P T is the product
without a mask.

**Two blocks.**  One head, L = 2, D >= 3, N >= 2, W_{2,1} not adapted, the target's weights non-singular.  Let M_l =
W_K^T W_Q, Q = B_2 W_{2,1}, S = W_{2,1}^T M_2 W_{2,1}, A = W_o W_{2,2}, beta = Bbar_2 bbar_{2,1} + bbar_{1,2}.  Suppose
(a) no column of P Abar is zero, (b) beta > 0 and Qbar < 0 entrywise, and in each column m of Qbar the numbers Qbar_jm /
beta_j are distinct, (c) Mbar_1 is not skew.  If an adapted model is the target for all X, then Mhat_1 = Mbar_1, and for
one positive monomial G (a permutation matrix with its rows scaled by positive numbers) Bhat_1 = G Bbar_1 and
G^T Shat G = Sbar.  Hence

    rank(Mbar_1 - M_1) <= 2 R,    rank(G Bbar_1 - B_1) <= 2 R    and    rank(Sbar - G^T S G) <= 2 R    for one G.

*Proof.*  Equal tokens: u = Bbar_1 x + bbar_{1,1}, h = ReLU(u), target P Abar ReLU(Qbar h + beta) + const.  On the flat
u_i = 0, u_m = beta_j / |Qbar_jm|, the other u_n < 0 (i != m), only unit j of layer 2 is at its kink, and its kink
surface bends: u_m = const for u_i < 0, tilted for u_i > 0.  Were no first-layer hyperplane of the adapted model to
contain the flat, then near some point of it the adapted model would be one ReLU layer of affine maps, whose jumps are
constant along whole hyperplanes; the target jumps on one half of {u_m = const} only.  So the D hyperplanes contain all
flats.  {u_i = 0} holds D (D - 1) > D different ones, another hyperplane one of these at most: each {u_i = 0} is a
first-layer hyperplane, row i of (Bhat_1, bhat) is s_i != 0 times row pi(i) of (Bbar_1, bbar).  Were s_i < 0, the
adapted model would not depend on u_m, m = pi(i), where u_m > 0 and the others are negative, but there the target kinks.
So Bhat_1 = G Bbar_1, and hidden units are G h.  On h > 0 both models are one ReLU layer in h, all D hyperplanes of
the target meet h > 0, and equal jumps give Qhat G = G_2 Qbar, P Ahat = P Abar G_2^{-1} as for one block.
  Scores of block 1: tokens x_0 + e xi, x_0 - e xi, x_0, .., x_0 with all units on.  Every attention output is x_0 +
(2 e^2 / N) xi xi^T M_1 x_0 + O(e^3), and block 2 averages such columns: P Abar Qbar Bbar_1 xi (xi^T (Mhat_1 - Mbar_1)
x_0) = 0 for all xi and an open set of x_0, so that Mhat_1 = Mbar_1.
  Scores of block 2: tokens x_1, x_2, .., x_2, d = x_1 - x_2.  Both models have the same h_1, h_2 up to G, and h_1 - h_2
= (g_1 - g_2) Bbar_1 d with g_1 != g_2 where d^T Mbar_1 d != 0, on an open set by (c).  Where P Abar Qbar Bbar_1 d != 0
equal outputs mean equal attention weights, (h_1 - h_2)^T (Y h_j + w) = 0 for j = 1, 2 with Y = G^T Shat G - Sbar.  The
difference makes Y skew; then d'^T (Y u(x_2) + w) = 0 on open sets of d' = Bbar_1 d and x_2: Y = 0.

*A singular Wbar_{2,1}.* What the proof uses of it is Qbar < 0 with distinct Qbar_jm / beta_j, and P Abar Qbar != 0; of
the other weights of the target, that Bbar_1 is non-singular. Its last step gives besides, for the part that is
constant in the query, G^T W_{2,1}^T Mhat_2 bhat = Wbar_{2,1}^T Mbar_2 bbar_{2,1} =: c, next to G^T W_{2,1}^T Mhat_2
W_{2,1} G = Sbar. With a non-singular frozen W_{2,1}, c then lies in the range of Sbar = Wbar_{2,1}^T Mbar_2
Wbar_{2,1}, whatever the ranks of the adapters are. For a singular Wbar_{2,1} it need not.

*Certificate.*  A minor of G Bbar_1 - B_1 or of Sbar - G^T S G of size 2 R + 1 is a polynomial in the scales s > 0.  If
for every permutation some such minor has coefficients of one sign, not all zero, then no G will do.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from theorems.case import Array
from theorems.models.transformer import Transformer, TransformerCase
from theorems.num import Num
from theorems.texts.zeng_lee.relu.construction import scalar
from theorems.texts.zeng_lee.transformer.obstructions import (
    Minors,
    every_unit_matters,
    has_regular_weights,
    never_zero,
    scores_out_of_reach,
    values_out_of_reach,
)

#: Beyond that width the permutations and minors become too many.
WIDEST = 4


def target_out_of_reach(case: TransformerCase, R: int, num: Num, *, free_output: bool = False) -> Callable[[], Any]:
    """A function: one where rigidity of one block or two, or the rank of a cell, excludes all adapters of rank R.

    Zero elsewhere.  Rigidity asks for regular weights of the target, and bounds no rank of W_o; the rank of a cell does
    and says nothing where Delta W_o may have any rank (`free_output`).  It speaks of inputs with N tokens.
    """

    def excluded() -> Any:
        rigid = num.maximum(scores_out_of_reach(case, R, num), values_out_of_reach(case, R, num))
        rigid = num.maximum(rigid, two_blocks_out_of_reach(case, R, num))
        rigid = num.minimum(rigid, has_regular_weights(case.target, num))
        rigid = num.maximum(rigid, bias_of_scores_out_of_reach(case, num))
        return rigid if free_output else num.maximum(rigid, cell_out_of_reach(case, R, num))

    return excluded


# Cells ----------------------------------------------------------------------------------------------------------------


def on_equal_tokens(model: Transformer) -> list[Array]:
    """B_1, W_{2,1}, B_2, ..., B_L, A: the matrices of the model on equal tokens with all hidden units on."""
    chain = []
    for block in model.blocks:
        chain += [block.transfers.sum(-3), block.second]
    chain[-1] = model.out @ chain[-1]
    return chain


def cell_out_of_reach(case: TransformerCase, R: int, num: Num) -> Any:
    """One where rank P (T - F) > 2 R (H L + 1) + L, or the rank of an adapted factor is below D - 1; zero elsewhere.

    And zero where T is singular, or the target has no active input.
    """
    D, L, H = case.frozen.width, case.frozen.depth, case.frozen.heads
    one, none = num.number(1), num.number(0)
    values, others = _largest_factors(case, R, num)
    small = num.smaller(values, others) < D - 1
    most = 2 * R * (H * L + 1)
    if most + 1 >= D and not np.any(small | (values < D)):  # rank P (T - F) < D
        return none
    T, F = (_product(on_equal_tokens(model)) for model in (case.target, case.frozen))
    P = num.times(num.number(D), num.identity(D)) - num.constant([[1] * D for _ in range(D)])
    rank = num.rank(P @ (T - F))
    loose = num.where(small | (rank > most + L), one, none)
    if L == 1:
        tight = num.where((values < D) | (rank > most), one, none)
        loose = num.maximum(loose, num.minimum(tight, every_unit_matters(case.target, num)))
    answer = num.where(num.rank(T) < D, none, loose)
    return num.where(has_an_active_input(case, num), answer, none)


def _largest_factors(case: TransformerCase, R: int, num: Num) -> tuple[Any, Any]:
    """How large the ranks of the adapted factors of the chain on equal tokens are at most: the least of those of the
    values, and the least of the others.
    """
    blocks, values, others = case.frozen.blocks, [], []
    for block in blocks:
        own = [num.rank(block.values[..., h, :, :]) for h in range(block.heads)]
        first = num.rank(block.first)
        if block.outputs:
            above = [num.rank(block.outputs[0][..., h, :, :]) for h in range(block.heads)]
            values.append(num.smaller(first, sum(num.smaller(*pair) + R for pair in zip(above, own, strict=True))))
        else:
            values.append(num.smaller(first, own[0]) + R)
        others.append(num.rank(block.second))
    others[-1] = num.smaller(others[-1], num.rank(case.frozen.out)) + R
    return functools.reduce(num.smaller, values), functools.reduce(num.smaller, others)


def _product(chain: list[Array]) -> Array:
    product = chain[0]
    for W in chain[1:]:
        product = W @ product
    return product


def has_an_active_input(case: TransformerCase, num: Num) -> Any:
    """Whether all hidden units of the target are positive at some x of a few, on equal tokens.

    Tried are the first token of the case, the vector of ones, and where all units of one layer would be one.
    """
    target, D = case.target, case.frozen.width
    ones = num.constant([1] * D)
    tried = [case.X[..., :, 0], ones + case.X[..., :, 0] * 0]
    A: Array | None = None
    shift = num.zeros(D)
    for block in target.blocks:
        B = block.transfers.sum(-3)
        A, shift = (B if A is None else B @ A), num.apply(B, shift) + block.first_bias
        regular = num.rank(A) >= D
        safe = A if np.all(regular) else num.identity(D) + A * 0
        tried.append(num.solve(safe, (ones - shift)[..., :, None])[..., 0])
        A, shift = block.second @ A, num.apply(block.second, shift) + block.second_bias
    answer: Any = False
    for x in tried:
        positive: Any = True
        for block in target.blocks:
            h = num.apply(block.transfers.sum(-3), x) + block.first_bias
            for j in range(D):
                positive = positive & (_entry(h, j) > 0)
            x = num.apply(block.second, h) + block.second_bias
        answer = answer | positive
    return answer


def _entry(x: Array, *places: int) -> Any:
    value = x[..., places[0]] if len(places) == 1 else x[..., places[0], places[1]]
    return scalar(value)


# Two blocks -----------------------------------------------------------------------------------------------------------


def two_blocks_out_of_reach(case: TransformerCase, R: int, num: Num) -> Any:
    """One where the rigidity of two blocks excludes all adapters of rank R; zero elsewhere.

    Of the target all weights must be non-singular, which is asked elsewhere.
    """
    D, k = case.frozen.width, 2 * R + 1
    one, none = num.number(1), num.number(0)
    if case.frozen.depth != 2 or case.frozen.heads != 1 or case.tokens < 2 or not max(3, k) <= D <= WIDEST:
        return none
    fits = _bends_at_flats(case.target, num)
    if not np.any(fits):
        return none
    first, other = (model.blocks[0].scores[..., 0, :, :] for model in (case.target, case.frozen))
    answer = num.where(num.rank(first - other) > 2 * R, one, none)
    answer = num.maximum(answer, num.where(_no_monomial(case, k, num), one, none))
    return num.where(fits, num.minimum(answer, every_unit_matters(case.target, num)), none)


def bias_of_scores_out_of_reach(case: TransformerCase, num: Num) -> Any:
    """One where Wbar_{2,1}^T Mbar_2 bbar_{2,1} is not in the range of Sbar, as the rigidity of two blocks demands of
    every adapted model; zero elsewhere.
    """
    D, none = case.frozen.width, num.number(0)
    if case.frozen.depth != 2 or case.frozen.heads != 1 or case.tokens < 2 or not 3 <= D <= WIDEST:
        return none
    target = case.target
    below, above = target.blocks
    S = _through_second(target)
    c = num.apply(below.second.mT @ above.scores[..., 0, :, :], below.second_bias)
    missed = num.rank(num.concatenate([S, c[..., :, None]], -1)) > num.rank(S)
    fits = missed & _bends_at_flats(target, num) & (num.rank(case.frozen.blocks[0].second) >= D)
    if not np.any(fits):
        return none
    fits = fits & (num.rank(below.transfers[..., 0, :, :]) >= D)
    seen = target.out @ above.second @ above.transfers[..., 0, :, :] @ below.second
    uneven: Any = False
    for j, m in itertools.product(range(1, D), range(D)):  # P Abar Qbar is not zero
        uneven = uneven | (_entry(seen, j, m) != _entry(seen, 0, m))
    return num.where(fits & uneven, every_unit_matters(target, num), none)


def _bends_at_flats(target: Transformer, num: Num) -> Any:
    """Whether beta > 0, Qbar < 0, the Qbar_jm / beta_j of each column are distinct, and Mbar_1 is not skew."""
    below, above = target.blocks
    B = above.transfers[..., 0, :, :]
    Q = B @ below.second
    beta = num.apply(B, below.second_bias) + above.first_bias
    M = below.scores[..., 0, :, :]
    D = target.width
    answer: Any = num.frobenius_norm_squared(M + M.mT) > 0
    for j in range(D):
        answer = answer & (_entry(beta, j) > 0)
        for m in range(D):
            answer = answer & (_entry(Q, j, m) < 0)
            for i in range(j):
                answer = answer & (_entry(Q, j, m) * _entry(beta, i) != _entry(Q, i, m) * _entry(beta, j))
    return answer


def _through_second(model: Transformer) -> Array:
    """S = W_{2,1}^T W_K^T W_Q W_{2,1} of block 2."""
    second = model.blocks[0].second
    S: Array = second.mT @ model.blocks[1].scores[..., 0, :, :] @ second
    return S


def _no_monomial(case: TransformerCase, k: int, num: Num) -> Any:
    """Whether for every order some k-minor of G U - I, U = Bbar_1 B_1^{-1}, or of Sbar - G^T S G is never zero."""
    D = case.frozen.width
    B, goal = (model.blocks[0].transfers[..., 0, :, :] for model in (case.frozen, case.target))
    values = Minors(num.solve(B.mT, goal.mT).mT, num)
    own, aim = (Minors(_through_second(model), num) for model in (case.frozen, case.target))
    subsets = list(itertools.combinations(range(D), k))
    blocks = list(itertools.product(subsets, subsets))
    certain: Any = True
    for order in itertools.permutations(range(D)):
        found: Any = False
        for I, J in blocks:
            found = found | never_zero(values, order, I, J)
            if not np.all(found):
                found = found | _of_one_sign(_coefficients(aim, own, order, I, J))
            if np.all(found):
                break
        certain = certain & found
        if not np.any(certain):
            break
    return certain


def _coefficients(
    aim: Minors, own: Minors, order: tuple[int, ...], rows: tuple[int, ...], columns: tuple[int, ...]
) -> Iterator[Any]:
    """The coefficients, as a polynomial in s, of the minor of Sbar - G^T S G with these rows and columns.

    Row i of G is s_i times the unit row order[i], so that G^T S G has the entry s_i s_j S_ij at order[i], order[j].  By
    Laplace the minor is a sum over rows I and columns J that are taken from the second matrix.
    """
    place = {k: i for i, k in enumerate(order)}
    found: dict[tuple[int, ...], Any] = {}
    for r in range(len(rows) + 1):
        for I, J in itertools.product(itertools.combinations(rows, r), itertools.combinations(columns, r)):
            sign = r + sum(rows.index(i) for i in I) + sum(columns.index(j) for j in J)
            value = own(tuple(place[i] for i in I), tuple(place[j] for j in J))
            value = value * aim(_without(rows, I), _without(columns, J))
            value = -value if sign % 2 else value
            monomial = tuple(sorted(place[i] for i in (*I, *J)))
            found[monomial] = found[monomial] + value if monomial in found else value
    yield from found.values()


def _without(all_: tuple[int, ...], some: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(i for i in all_ if i not in some)


def _of_one_sign(coefficients: Iterator[Any]) -> Any:
    positive: Any = True
    negative: Any = True
    some: Any = False
    for value in coefficients:
        positive, negative, some = positive & (value >= 0), negative & (value <= 0), some | (value != 0)
    return (positive | negative) & some
