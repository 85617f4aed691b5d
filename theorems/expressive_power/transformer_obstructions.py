"""Why no adapters at all will do: invariants of a Transformer with one block and one head.

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
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from theorems.case import Array
from theorems.transformers import Transformer, TransformerCase


def _rigid(case: TransformerCase) -> bool:
    return case.frozen.depth == 1 and case.frozen.heads == 1 and case.frozen.width >= 2


def centred_columns(model: Transformer, num: Any) -> list[Array]:
    """D times the columns of P W_o W_{2L}: what softmax sees of a hidden unit's weights."""
    A = model.out @ model.blocks[-1].second
    D = model.width
    P = num.times(num.number(D), num.identity(D)) - num.constant([[1] * D for _ in range(D)])
    return [num.apply(P, A[..., :, i]) for i in range(D)]


def every_unit_matters(model: Transformer, num: Any) -> Any:
    """One where no column of P W_o W_{2L} is zero, zero elsewhere."""
    answer = num.number(1)
    for column in centred_columns(model, num):
        answer = num.where(num.zero(num.norm_squared(column)), num.number(0), answer)
    return answer


def scores_out_of_reach(case: TransformerCase, R: int, num: Any) -> Any:
    """One where no adapters of rank R give the target's score matrix although (ii) demands it; zero elsewhere.

    Mhat - M has rank 2 R at most: Delta W_K^T (W_Q + Delta W_Q) + W_K^T Delta W_Q.
    """
    if not _rigid(case) or case.tokens < 2:
        return num.number(0)
    E = (case.target.blocks[0].scores - case.frozen.blocks[0].scores)[..., 0, :, :]
    return num.where(num.rank(E) > 2 * R, every_unit_matters(case.target, num), num.number(0))


def values_out_of_reach(case: TransformerCase, R: int, num: Any) -> Any:
    """One where no adapters of rank R on the value pair give what (i) demands; zero elsewhere.

    Bhat - B has rank 2 R at most.  With U = Bbar B^{-1} it must equal (S Pi U - I) B.  Its rank is at least k = 2 R +
    1 where, for every permutation Pi, some k x k minor of S Pi U - I vanishes for no S > 0.  A minor with rows I and
    columns J is a polynomial in s_i, i in I, of degree one in each: row i is s_i times a row of U, less a unit row
    where i is in J.  Its coefficients are minors of U up to signs, one for each subset of I and J's common indices;
    where none of them has the sign opposite to another's, and not all are zero, it vanishes for no S > 0.

    (For R = 1 there is no such obstruction up to D = 3, and no obstruction at all: k <= 3 minors of S Pi U - I of
    full size D = 3 vanish for some S > 0 and Pi, unless no coefficient of any Pi is negative, which would make every
    2 x 2 minor of U zero.  The output layer follows: it may add 1 v^T.)
    """
    D, k = case.frozen.width, 2 * R + 1
    if not _rigid(case) or k > 3 or not k <= D <= 6:  # the permutations and minors become too many
        return num.number(0)
    B, goal = (model.blocks[0].transfers[..., 0, :, :] for model in (case.frozen, case.target))
    minors = _Minors(num.solve(B.mT, goal.mT).mT, num)
    subsets = list(itertools.combinations(range(D), k))
    blocks = sorted(itertools.product(subsets, subsets), key=lambda block: len(set(block[0]) & set(block[1])))
    certain: Any = True
    for order in itertools.permutations(range(D)):
        found: Any = False
        for I, J in blocks:
            found = found | _never_zero(minors, order, I, J)
            if np.all(found):
                break
        certain = certain & found
        if not np.any(certain):
            break
    return num.where(certain, every_unit_matters(case.target, num), num.number(0))


class _Minors:
    """The minors of a matrix, each computed once."""

    def __init__(self, A: Array, num: Any) -> None:
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


def _never_zero(minors: _Minors, order: tuple[int, ...], I: tuple[int, ...], J: tuple[int, ...]) -> Any:
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


def attention_alone_cannot(case: TransformerCase, num: Any) -> Any:
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


def _positive_multiple(a: Array, b: Array, num: Any) -> Any:
    """One where a = t b for some t > 0, zero elsewhere."""
    inner = num.dot(a, b)
    gram = num.norm_squared(a) * num.norm_squared(b) - inner * inner
    size = num.norm_squared(a) * num.norm_squared(b)
    parallel = num.zero(gram / num.where(num.zero(size), num.number(1), size))
    return num.where(inner > 0, num.where(parallel, num.number(1), num.number(0)), num.number(0))
