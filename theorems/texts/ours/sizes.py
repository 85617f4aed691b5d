"""How small adapters can be, and one Newton step: bounds that hold for every choice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from theorems.adaptation.newton import newton_step
from theorems.adaptation.subspaces import subspaces_of
from theorems.case import Array
from theorems.claim import Source
from theorems.facts import to_state
from theorems.models.linear import Adapter
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, suppose
from theorems.texts.ours.proposition_a import adapted
from theorems.texts.ours.reach import ReachCase
from theorems.texts.zeng_lee.linear.linear_models import FROZEN

Steps = Iterator[Suppose | Conclude]


def _relative_size(case: ReachCase, num: Num) -> Any:
    """delta = max ||Delta_l|| / ||W_l||."""
    delta = num.number(0)
    for W, adapter in zip(case.frozen.weights, case.competitor, strict=True):
        size = num.spectral_norm(adapter.matrix) if adapter.A.shape[-2] else num.number(0)
        delta = num.maximum(delta, size / num.spectral_norm(W))
    return delta


def size_from_below(case: ReachCase, num: Num) -> Steps:
    """Adapters of the product T = prod W + E cannot be small: a bound on delta = max ||Delta_l|| / ||W_l|| for each l.

    E = sum_j S_j Delta_j M_{j-1} with M_{j-1} = (W_{j-1} + Delta_{j-1}) ... (W_1 + Delta_1), so that
    S_l^{-1} E = sum_{j <= l} W_l ... W_{j+1} Delta_j M_{j-1} + (terms of j > l, of rank at most sum_{j > l} R_j),
    and by Eckart-Young-Mirsky the first sum is at least sigma_{1 + sum_{j > l} R_j}(S_l^{-1} E) in norm.

    Hypotheses  every W_l is non-singular
    Conclusion  sigma_{1 + sum_{j > l} R_j}(S_l^{-1} E)
                  <= sum_{j <= l} ||W_l ... W_{j+1}|| delta ||W_j|| prod_{i < j} ||W_i|| (1 + delta), for each l
    """
    weights = case.frozen.weights
    for W in weights:
        yield suppose(num.nonsingular(W), "every W_l is non-singular")
    delta = _relative_size(case, num)
    E = adapted(case, case.competitor) - case.frozen.matrix
    for l in range(1, len(weights) + 1):
        above = _product(weights[l:], num, case.frozen.width)
        left = num.singular_value(num.solve(above, E), 1 + sum(case.ranks[l:]))
        yield conclude(at_most(left, _growth(weights[:l], delta, num)), "delta is large enough, from below")


def size_from_above(case: ReachCase, num: Num) -> Steps:
    """The mirror image: E P_l^{-1} with the raw layers P_l = W_l ... W_1 below.

    E = sum_j (W_L + Delta_L) ... (W_{j+1} + Delta_{j+1}) Delta_j P_{j-1}; the terms of j <= l have rank sum_{j <= l}
    R_j.

    Hypotheses  every W_l is non-singular
    Conclusion  sigma_{1 + sum_{j <= l} R_j}(E P_l^{-1})
                  <= sum_{j > l} prod_{i > j} ||W_i|| (1 + delta) delta ||W_j|| ||W_{j-1} ... W_{l+1}||, for each l
    """
    weights = case.frozen.weights
    for W in weights:
        yield suppose(num.nonsingular(W), "every W_l is non-singular")
    delta = _relative_size(case, num)
    E = adapted(case, case.competitor) - case.frozen.matrix
    for l in range(len(weights)):
        below = _product(weights[:l], num, case.frozen.width)
        left = num.singular_value(num.solve(below.mT, E.mT), 1 + sum(case.ranks[:l]))
        transposed = [W.mT for W in reversed(weights[l:])]
        yield conclude(at_most(left, _growth(transposed, delta, num)), "delta is large enough, from above")


def _product(weights: Sequence[Array], num: Num, D: int) -> Array:
    done: Array = num.identity(D)
    for W in weights:
        done = W @ done
    return done


def _growth(weights: Sequence[Array], delta: Any, num: Num) -> Any:
    """sum_j ||W_l ... W_{j+1}|| delta ||W_j|| prod_{i < j} ||W_i|| (1 + delta)."""
    total, before = num.number(0), num.number(1)
    for j, W in enumerate(weights, 1):
        after = weights[j:]
        norm = num.spectral_norm(_product(after, num, W.shape[-1])) if after else num.number(1)
        total = total + norm * delta * num.spectral_norm(W) * before
        before = before * num.spectral_norm(W) * (1 + delta)
    return total


def newton_cancels(case: ReachCase, num: Num) -> Steps:
    """One Newton step on the factors B_l cancels the residual to first order, for any adapters with sum R_l = D.

    With the residual Res = T - prod (W_l + B_l A_l), the adapted layers M_{>l} above and M_{<l} below, and
    X = [A_1 M_{<1}; ...; A_L M_{<L}]^{-1} = [X_1, ..., X_L], the change B_l += M_{>l}^{-1} Res X_l moves the product by
    sum_l M_{>l} (M_{>l}^{-1} Res X_l) A_l M_{<l} = Res X X^{-1} = Res, up to terms of second order.

    With sum R_l = D - 1 there is no such step: changes of the B_l move the product, to first order, by matrices that
    vanish on the common kernel of the rows A_l M_{<l}, where a residual need not (D = 1, no adapter).

    Hypotheses  the adapted layers above and the stacked rows A_l M_{<l} are non-singular; sum R_l = D
    Conclusion  the linear part of the change of the product is the residual
    """
    yield from _newton_hypotheses(case, num)
    residual, moves, _ = _stepped(case, num)
    layers = [W + a.matrix for W, a in zip(case.frozen.weights, case.competitor, strict=True)]
    D = case.frozen.width
    linear = 0 * residual
    for l, (move, a) in enumerate(zip(moves, case.competitor, strict=True)):
        if a.A.shape[-2]:
            linear = linear + _product(layers[l + 1 :], num, D) @ move @ (a.A @ _product(layers[:l], num, D))
    yield conclude(equal(linear, residual), "the linear part is the residual")


def newton_remainder(case: ReachCase, num: Num) -> Steps:
    """What one Newton step leaves is of second order: at most prod (m_l + e_l) - prod m_l - sum_l e_l prod_{j != l}
    m_j.

    m_l = ||W_l + Delta_l||, e_l = ||change of Delta_l||: the expansion of the product beyond its linear part.  For
    L = 1 nothing is left.

    Hypotheses  those of the step
    Conclusion  ||T - new product|| is at most that
    """
    yield from _newton_hypotheses(case, num)
    _, moves, stepped = _stepped(case, num)
    left = num.spectral_norm(case.target - adapted(case, stepped))
    one = num.number(1)
    full, linear, plain = one, num.number(0), one  # prod (m + e), its linear part, prod m
    for W, a, move in zip(case.frozen.weights, case.competitor, moves, strict=True):
        m = num.spectral_norm(W + a.matrix)
        e = num.spectral_norm(move @ a.A) if a.A.shape[-2] else num.number(0)
        full, linear, plain = full * (m + e), linear * m + plain * e, plain * m
    yield conclude(at_most(left + plain + linear, full, scale=full), "the rest is of second order")


def _newton_hypotheses(case: ReachCase, num: Num) -> Steps:
    D = case.frozen.width
    yield suppose(sum(case.ranks) == D, "R_1 + ... + R_L = D")
    layers = [W + a.matrix for W, a in zip(case.frozen.weights, case.competitor, strict=True)]
    for layer in layers[1:]:
        yield suppose(num.nonsingular(layer), "the adapted layers above the first are non-singular")
    rows = [a.A @ _product(layers[:l], num, D) for l, a in enumerate(case.competitor) if a.A.shape[-2]]
    yield suppose(num.nonsingular(num.concatenate(rows, -2)), "the rows A_l M_{<l} are independent")


def _stepped(case: ReachCase, num: Num) -> tuple[Array, list[Array], list[Adapter]]:
    residual = case.target - adapted(case, case.competitor)
    moves = newton_step(case.frozen.weights, case.competitor, residual, subspaces_of(num))
    stepped = [Adapter(a.B + move, a.A) for a, move in zip(case.competitor, moves, strict=True)]
    return residual, moves, stepped


_SIZES = Source("ours", "Size of adapters", "MIDPOINT_FLAG, Measured")
_NEWTON = Source("ours", "Newton step", "MIDPOINT_FLAG, Algorithm")

_ON_SUFFIXES = to_state("the bound is on S_l^{-1} E, or E P_l^{-1}")
_INVERTED = to_state("the step inverts these layers, and the stacked rows")

CLAIMS = (
    _SIZES.stands(
        "ours/adapter-size.from-below", size_from_below,
        "telescoping, then Eckart-Young-Mirsky for the layers up to l; holds as printed, with spectral norms",
        about={FROZEN: _ON_SUFFIXES},
    ),
    _SIZES.stands(
        "ours/adapter-size.from-above", size_from_above, "the same for the transposed chain",
        about={FROZEN: _ON_SUFFIXES},
    ),
    _NEWTON.stands(
        "ours/newton-step", newton_cancels, "sum_l M_{>l} M_{>l}^{-1} Res X_l A_l M_{<l} = Res X X^{-1}",
        about=dict.fromkeys(
            ("the adapted layers above the first are non-singular", "the rows A_l M_{<l} are independent"), _INVERTED
        ),
    ),
    _NEWTON.stands(
        "ours/newton-step.remainder", newton_remainder, "the expansion of the product, term by term",
        about=dict.fromkeys(
            ("the adapted layers above the first are non-singular", "the rows A_l M_{<l} are independent"), _INVERTED
        ),
    ),
)  # fmt: skip
