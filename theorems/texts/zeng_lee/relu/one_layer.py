"""Zeng and Lee, Appendix E.1: a one-layer ReLU network approximated by an adapted deep one (Lemmas 11 and 12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from theorems.case import SVD
from theorems.models.relu import NetworkCase, ReluNetwork
from theorems.num import Num
from theorems.statement import at_most, conclude, equal, exists, suppose
from theorems.texts.zeng_lee.linear.linear_models import THRESHOLD, WHOLE, Steps, truncated
from theorems.texts.zeng_lee.relu import deep_obstructions as deep
from theorems.texts.zeng_lee.relu import obstructions
from theorems.texts.zeng_lee.relu.construction import (
    Method,
    approximation,
    by_elimination,
    by_equation_8,
    corners,
    decompositions,
    sup_norm,
)
from theorems.texts.zeng_lee.relu.linearisation import setting, size_of, total_rank

EVERY_LAYER = "L >= 2, and R_l >= 1 in every layer"

#: ``rank(case)``: the rank at which a claim truncates E.
RankOf = Callable[[NetworkCase], int]


def printed_rank(case: NetworkCase) -> int:
    """R, as Lemma 11 prints it."""
    return case.rank


def difference(case: NetworkCase, rank_of: RankOf, num: Num) -> Steps:
    (d,) = decompositions(case, num)
    yield from setting(case, d, num)
    x, N = case.inputs.points, truncated(d, rank_of(case)) - d.matrix
    wanted = case.target.forward(x, num) + num.relu(x @ N.mT)

    def attained() -> Any:
        f, points = approximation(case, [d], case.ranks, by_equation_8, num).network, corners(case.inputs, num)
        return sup_norm(f.forward(points, num) - case.target.forward(points, num) - num.relu(points @ N.mT), num)

    yield conclude(
        exists(
            attained=attained,
            lower_bound=(obstructions.convexity(case, wanted, num), deep.two_slopes(case, N, num)),
            bound=num.number(0),
            scale=sup_norm(wanted, num),
        ),
        "f - f-bar = ReLU((LR_k(E) - E) x) for all x in X",
    )


def identity(case: NetworkCase, num: Num) -> Steps:
    """Lemma 11, identity, as printed: some f has f(x) - f-bar(x) = ReLU((LR_{R ^ R_E}(E) - E) x) for all x in X.

    The difference of two ReLUs is no ReLU of the difference.  Obstruction (L = 1): an f with these values is
    positive where the target is, hence affine there, but ReLU(N x) + ReLU(-N x) > 0 = 2 ReLU(0) at x, -x and 0.

    Hypotheses  those of Lemma 11
    """
    yield from difference(case, printed_rank, num)


def identity_with_the_total_rank(case: NetworkCase, num: Num) -> Steps:
    """Lemma 11, identity as its proof ends, and Lemma 12: f - f-bar = ReLU((LR_k(E) - E) x), LR_{RL ^ R_E}, in Lemma
    12 LR_{(sum R_l) ^ R_E}.

    Hypotheses  those of Lemma 11 (12)
    """
    yield from difference(case, total_rank, num)


def every_layer(case: NetworkCase) -> Steps:
    """Every layer of a deep frozen model has an adapter, so that every unit of f may bend."""
    yield suppose(case.frozen.depth >= 2 and min(case.ranks) >= 1, EVERY_LAYER)


def identity_at_every_depth(case: NetworkCase, num: Num) -> Steps:
    """Lemma 11, identity, as printed, for frozen models of two layers or more, adapted in every layer.

    Obstruction: the right side has two non-singular Jacobians, and one network has one where none of its units is off
    (`two_slopes`).  All weights of f are free there, so that no rank helps.

    Hypotheses  those of Lemma 11; L >= 2
    """
    yield from every_layer(case)
    yield from identity(case, num)


def identity_with_the_total_rank_at_every_depth(case: NetworkCase, num: Num) -> Steps:
    """Lemma 11, identity with LR_{RL ^ R_E}, and Lemma 12, for frozen models of two layers or more.

    Hypotheses  those of Lemma 11 (12); L >= 2, R_l >= 1
    """
    yield from every_layer(case)
    yield from identity_with_the_total_rank(case, num)


def identity_repaired(case: NetworkCase, num: Num) -> Steps:
    """Lemmas 11 and 12, identity, repaired: f(x) = ReLU((W-bar_1 + N) x + b-bar_1), N = LR_{sum R_l}(E) - E, for all
    x in X.

    Hence |f(x) - f-bar(x)| <= |N x|, entry by entry.

    Hypotheses    those of the lemma
    Construction  equation (8), linearisation, alignment of the biases
    """
    (d,) = decompositions(case, num)
    yield from setting(case, d, num)
    f = approximation(case, [d], case.ranks, by_equation_8, num).network
    points = corners(case.inputs, num)
    N = truncated(d, total_rank(case)) - d.matrix
    target = case.target
    single = ReluNetwork((target.weights[0] + N,), target.biases)
    scale = size_of(f, points, num)
    reached, wanted = f.forward(points, num), target.forward(points, num)
    yield conclude(
        equal(reached - single.forward(points, num), num.zeros(f.width), scale=scale),
        "f(x) = ReLU((W-bar_1 + N) x + b-bar_1)",
    )
    yield conclude(
        at_most(num.absolute(reached - wanted), num.absolute(points @ N.mT), scale=scale), "|f(x) - f-bar(x)| <= |N x|"
    )


def represents(case: NetworkCase, ds: Sequence[SVD], ranks: Sequence[int], method: Method, num: Num) -> Steps:
    """Some f equals f-bar on X: at the support and the corners of X, where hidden units are active."""
    points = corners(case.inputs, num)
    wanted = case.target.forward(points, num)
    f: list[ReluNetwork] = []

    def attained() -> Any:
        f.append(approximation(case, ds, ranks, method, num).network)
        return sup_norm(f[0].forward(points, num) - wanted, num) / num.maximum(
            size_of(f[0], points, num), num.number(1)
        )

    yield conclude(
        exists(
            attained=attained,
            lower_bound=(
                obstructions.collapsed_direction(case, num),
                obstructions.squared_error(case, num),
                deep.active_target(case, num),
            ),
            bound=num.number(0),
            scale=num.number(1),
        ),
        "f(x) = f-bar(x) for all x in X",
    )


def exactness(case: NetworkCase, num: Num) -> Steps:
    """Lemmas 11 and 12, exactness: from R_1 + ... + R_L >= rank(E) on (R >= R_E / L), some f equals f-bar on X.

    Hypotheses    those of the lemma; the threshold
    Construction  equation (8), linearisation, alignment of the biases
    Conclusion    f = f-bar at the support and at the corners of X; hidden units are active on X, so f = f-bar on X
    """
    (d,) = decompositions(case, num)
    yield from setting(case, d, num)
    yield suppose(num.rank(d.matrix) <= sum(case.ranks), THRESHOLD)
    yield from represents(case, [d], case.ranks, by_equation_8, num)


def exactness_by_elimination(case: NetworkCase, num: Num) -> Steps:
    """Lemmas 11 and 12, exactness, with prod W non-singular as the only hypothesis besides the threshold.

    Hypotheses    prod W is non-singular; R_1 + ... + R_L >= rank(E)
    Construction  elimination, linearisation, alignment of the biases
    """
    (d,) = decompositions(case, num)
    yield suppose(case.depth == 1, "the target has one layer")
    yield suppose(num.nonsingular(case.frozen_product(0)), WHOLE)
    yield suppose(num.rank(d.matrix) <= sum(case.ranks), THRESHOLD)
    yield from represents(case, [d], case.ranks, by_elimination, num)
