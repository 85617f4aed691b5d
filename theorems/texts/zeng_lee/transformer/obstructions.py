"""Why no adapters at all will do: invariants of a Transformer with one block; more in `transformer_deep_obstructions`.

**Rigidity.**  Let L = H = 1, D >= 2, and put B = W_1 W_O W_V (W_1 W_V without W_O), A = W_o W_2, P = I - 1 1^T / D.
Suppose that Bbar is non-singular and that no column of P Abar is zero.  If an adapted model is the target for every X:

(i)  Bhat = S Pi Bbar and bhat_1 = S Pi bbar_1 for a permutation Pi and a diagonal S > 0, and P Ahat = P Abar Pi^{-1}
     S^{-1};
(ii) for N >= 2 tokens, Mhat = Mbar.

Proof of (i).  Feed N equal tokens x: every softmax column averages, so that the logits are Ahat ReLU(Bhat x + bhat_1)
+ const, and softmax sees them through P only.  The target's P Abar ReLU(Bbar x + bbar_1) has a kink along each of the
D hyperplanes Bbar_i x + bbar_i = 0, which are pairwise not parallel, because P abar_i is not zero.  The adapted model
has D hidden units, hence D hyperplanes, which must be these: Bhat_j = s_j Bbar_pi(j), bhat_j likewise, s_j not zero.
Across a kink the gradient jumps by P ahat_j |s_j| Bbar_pi(j), so that P ahat_j |s_j| = P abar_pi(j).  A negative s_j
leaves the affine term -P abar_pi(j) Bbar_pi(j) x behind; as the rows of Bbar are independent and no P abar_i is zero,
these do not cancel: s_j > 0.
Proof of (ii).  By (i) the two models map the attention output y, for X = (x, x', ..., x'), by one and the same
function, which is injective on a segment inside the open cone where all hidden units are active, unless the segment
is parallel to the one-dimensional kernel of P Abar Bbar.  For x and x' from an open set y lies in their segment, at a
place given by sigmoid((x - x')^T M x_j - log(N - 1)), so that (x - x')^T (Mhat - Mbar) x_j = 0 on an open set, hence
everywhere: Mhat = Mbar.

**Several heads.**  Let L = 1, N >= 3, B_h = W_1 W_O^h W_V^h, and suppose besides that Bbar = sum_h Bbar_h and Abar are
non-singular, and that the target's heads have pairwise distinct scores Mbar_h, all M_h and B_h non-singular.  Then

(iii)  the score matrices of an adapted model that is the target are Mbar_1, ..., Mbar_H in some order.

Proof.  Equal tokens give (i) for the sums Bhat and Bbar.  On X = (x' + d, x', ..., x') the column of a token x' is
attended to as sum_h B_h (x' + g(d^T M_h x') d) with g(z) = 1 / (1 + exp(c - z)), c = log(N - 1) > 0.  Where all hidden
units are active, which is an open set, the logits modulo shifts and less their part by (i) give
    sum_h g(d^T Mhat_h x') Chat_h d = sum_h g(d^T Mbar_h x') Cbar_h d,   C_h = P A B_h,
and both sides being analytic, they do so everywhere.  For fixed d let z -> x' = z u with u such that distinct vectors
M_h^T d give distinct numbers a_h, none zero: g(a z) has its poles at real part c / a, so that for distinct a these
functions and the constants are linearly independent.  For almost every d the vectors Mbar_h^T d are distinct and no
Cbar_h d is zero (P Abar is not zero and Bbar_h is onto), so that each of them is one of the Mhat_h^T d; one order
serves an open set of d, and there Mhat_pi(h) = Mbar_h.
(With N = 2, c = 0 and g(-z) = 1 - g(z): heads may change the signs of M_h and B_h together where their B_h sum to
zero, and (iii) is false; equal scores are pooled.)
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from theorems.case import Array
from theorems.models.transformer import Transformer, TransformerCase, weights_by_name
from theorems.num import Num


def _rigid(case: TransformerCase) -> bool:
    return case.frozen.depth == 1 and case.frozen.heads == 1 and case.frozen.width >= 2


def centred_columns(model: Transformer, num: Num) -> list[Array]:
    """D times the columns of P W_o W_{2L}: what softmax sees of a hidden unit's weights."""
    A = model.out @ model.blocks[-1].second
    D = model.width
    P = num.times(num.number(D), num.identity(D)) - num.constant([[1] * D for _ in range(D)])
    return [num.apply(P, A[..., :, i]) for i in range(D)]


def every_unit_matters(model: Transformer, num: Num) -> Any:
    """One where no column of P W_o W_{2L} is zero, zero elsewhere."""
    answer = num.number(1)
    for column in centred_columns(model, num):
        answer = num.where(num.zero(num.norm_squared(column)), num.number(0), answer)
    return answer


def scores_out_of_reach(case: TransformerCase, R: int, num: Num, *, adapted: int | None = None) -> Any:
    """One where no adapters of rank R give the target's score matrices although (ii) or (iii) demands it; zero
    elsewhere.

    Mhat - M has rank 2 R at most: Delta W_K^T (W_Q + Delta W_Q) + W_K^T Delta W_Q.  Only the first `adapted` heads have
    adapters, all by default.  All weights of the target must be non-singular.
    """
    H = case.frozen.heads
    if case.frozen.depth != 1 or case.frozen.width < 2 or case.tokens < (2 if H == 1 else 3):
        return num.number(0)
    free = H if adapted is None else adapted
    return num.minimum(scores_are_rigid(case.target, num), num.number(1) - within_reach(case, R, num, free))


def within_reach(case: TransformerCase, R: int, num: Num, free: int) -> Any:
    """One where in some order of the target's heads rank(Mbar_pi(h) - M_h) <= 2 R (zero from head `free` on).

    And rank Mbar_pi(h) <= min(rank W_K, rank W_Q) + R, which singular frozen weights may miss.
    """
    one, none = num.number(1), num.number(0)
    block = case.frozen.blocks[0]
    own, aim = block.scores, case.target.blocks[0].scores
    heads = range(case.frozen.heads)
    goals = [num.rank(aim[..., i, :, :]) for i in heads]
    fits = []
    for h in heads:
        most = 2 * R if h < free else 0
        ranks = [num.rank(aim[..., i, :, :] - own[..., h, :, :]) for i in heads]
        whole = num.smaller(num.rank(block.keys[..., h, :, :]), num.rank(block.queries[..., h, :, :])) + R
        fits.append([
            num.minimum(num.where(rank > most, none, one), num.where(goal > whole, none, one))
            for rank, goal in zip(ranks, goals, strict=True)
        ])  # fmt: skip
    possible = none
    for order in itertools.permutations(heads):
        together = one
        for h, i in enumerate(order):
            together = together * fits[h][i]
        possible = num.maximum(possible, together)
    return possible


def scores_are_rigid(target: Transformer, num: Num) -> Any:
    """One where (ii) or (iii) applies to a target with one block and non-singular weights, zero elsewhere."""
    block = target.blocks[0]
    answer = every_unit_matters(target, num)
    for h, k in itertools.combinations(range(block.heads), 2):
        apart = num.frobenius_norm_squared(block.scores[..., h, :, :] - block.scores[..., k, :, :])
        answer = num.where(num.zero(apart), num.number(0), answer)
    if block.heads > 1:
        answer = num.where(num.rank(block.transfers.sum(-3)) < target.width, num.number(0), answer)
    return answer


def values_out_of_reach(case: TransformerCase, R: int, num: Num) -> Any:
    """One where no adapters of rank R on the value pair give what (i) demands; zero elsewhere.

    Bhat - B has rank 2 R at most.  With U = Bbar B^{-1} it must equal (S Pi U - I) B.  Its rank is at least k = 2 R +
    1 where, for every permutation Pi, some k x k minor of S Pi U - I vanishes for no S > 0.  A minor with rows I and
    columns J is a polynomial in s_i, i in I, of degree one in each: row i is s_i times a row of U, less a unit row
    where i is in J.  Its coefficients are minors of U up to signs, one for each subset of I and J's common indices;
    where none of them has the sign opposite to another's, and not all are zero, it vanishes for no S > 0.

    (For D <= 2 R + 1 there is none, and no obstruction at all: `transformer_units`.)
    """
    D, k = case.frozen.width, 2 * R + 1
    if not _rigid(case) or k > 3 or not k <= D <= 6:  # the permutations and minors become too many
        return num.number(0)
    B, goal = (model.blocks[0].transfers[..., 0, :, :] for model in (case.frozen, case.target))
    minors = Minors(num.solve(B.mT, goal.mT).mT, num)
    subsets = list(itertools.combinations(range(D), k))
    blocks = sorted(itertools.product(subsets, subsets), key=lambda block: len(set(block[0]) & set(block[1])))
    certain: Any = True
    for order in itertools.permutations(range(D)):
        found: Any = False
        for I, J in blocks:
            found = found | never_zero(minors, order, I, J)
            if np.all(found):
                break
        certain = certain & found
        if not np.any(certain):
            break
    return num.where(certain, every_unit_matters(case.target, num), num.number(0))


class Minors:
    """The minors of a matrix, each computed once."""

    def __init__(self, A: Array, num: Num) -> None:
        self._A, self._num = A, num
        self._known: dict[tuple[tuple[int, ...], tuple[int, ...]], Any] = {}

    def __call__(self, rows: tuple[int, ...], columns: tuple[int, ...]) -> Any:
        """The minor with its rows in the order given."""
        ordered = tuple(sorted(rows))
        if (ordered, columns) not in self._known:
            part = self._A[..., list(ordered), :][..., list(columns)]
            self._known[ordered, columns] = self._num.determinant(part) if ordered else self._num.number(1)
        value = self._known[ordered, columns]
        return value if _even(rows) else -value


def _even(order: tuple[int, ...]) -> bool:
    return sum(a > b for a, b in itertools.combinations(order, 2)) % 2 == 0


def never_zero(minors: Minors, order: tuple[int, ...], I: tuple[int, ...], J: tuple[int, ...]) -> Any:
    """Whether the coefficients of the minor (I, J) of S Pi U - I have one sign, Pi bringing row order[i] to row i."""
    positive: Any = True
    negative: Any = True
    some: Any = False
    common = [i for i in I if i in J]
    for r in range(len(common) + 1):
        for units in itertools.combinations(common, r):
            rows = tuple(order[i] for i in I if i not in units)
            sign = r + sum(I.index(i) + J.index(i) for i in units)
            value = minors(rows, tuple(j for j in J if j not in units))
            value = -value if sign % 2 else value
            positive, negative, some = positive & (value >= 0), negative & (value <= 0), some | (value != 0)
    return (positive | negative) & some


def has_regular_weights(model: Transformer, num: Num) -> Any:
    """One where every weight is non-singular, as rigidity asks of a target; zero elsewhere."""
    answer = num.number(1)
    for _, W in weights_by_name(model):
        answer = num.where(num.rank(W) < model.width, num.number(0), answer)
    return answer


def output_out_of_reach(case: TransformerCase, R: int, num: Num) -> Any:
    """One where adapting W_o alone at rank R = 1, W_2 as it is, cannot give what (i) demands; zero elsewhere.

    Ahat - A = Delta W_o W_2 has rank one at most, and by (i) its columns, centred, are t_i abar_pi(i) - a_i, t_i > 0.
    A 2 x 2 minor of columns i and j is a polynomial in t_i and t_j, of degree one in each, which vanishes for no t > 0
    where no two of its four coefficients have opposite signs, and not all are zero: no order pi may be without one.
    """
    D = case.frozen.width
    if not _rigid(case) or R != 1 or not 3 <= D <= 5:
        return num.number(0)
    columns = [centred_columns(model, num) for model in (case.target, case.frozen)]

    def wedges(first: list[Array], other: list[Array]) -> list[list[Array]]:
        return [[num.outer(a, b) - num.outer(b, a) for b in other] for a in first]

    (aim, mixed), (back, own) = ([wedges(first, other) for other in columns] for first in columns)
    certain: Any = True
    for order in itertools.permutations(range(D)):
        found: Any = False
        for i, j in itertools.combinations(range(D), 2):
            coefficients = (aim[order[i]][order[j]], -mixed[order[i]][j], -back[i][order[j]], own[i][j])
            positive, negative, some = (np.asarray(True), np.asarray(True), np.asarray(False))
            for c in coefficients:
                positive = positive & np.asarray(c >= 0, dtype=bool)
                negative = negative & np.asarray(c <= 0, dtype=bool)
                some = some | np.asarray(c != 0, dtype=bool)
            found = found | ((positive | negative) & some).any((-2, -1))
            if np.all(found):
                break
        certain = certain & found
        if not np.any(certain):
            break
    return num.where(certain, every_unit_matters(case.target, num), num.number(0))


def attention_alone_cannot(case: TransformerCase, num: Num) -> Any:
    """One where adapting attention weights and biases alone cannot give the target, by (i): zero elsewhere.

    With W_o and W_2 as they are, (i) makes every column of P A a positive multiple of a column of P Abar, each used
    once.
    """
    if not _rigid(case):
        return num.number(0)
    D = case.frozen.width
    own, aim = centred_columns(case.frozen, num), centred_columns(case.target, num)
    fits = [[_positive_multiple(a, b, num) for b in aim] for a in own]
    possible = num.number(0)
    for order in itertools.permutations(range(D)):
        together = num.number(1)
        for j, i in enumerate(order):
            together = together * fits[j][i]
        possible = num.maximum(possible, together)
    return num.minimum(every_unit_matters(case.target, num), num.number(1) - possible)


def _positive_multiple(a: Array, b: Array, num: Num) -> Any:
    """One where a = t b for some t > 0, zero elsewhere."""
    inner = num.dot(a, b)
    gram = num.norm_squared(a) * num.norm_squared(b) - inner * inner
    size = num.norm_squared(a) * num.norm_squared(b)
    parallel = num.zero(gram / num.where(num.zero(size), num.number(1), size))
    return num.where(inner > 0, num.where(parallel, num.number(1), num.number(0)), num.number(0))
