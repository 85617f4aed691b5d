"""The exact threshold of active ReLU targets of any depth, with a floor below it.

Zeng and Lee's Theorem 3 has max_i rank(E_i) / M for a partition; for targets that are active on a set with interior, of
any depth, no partition matters: f = f-bar on X for some adapters and biases just when

    rank(W-bar_{L-bar} ... W-bar_1 - W_L ... W_1) <= R_1 + ... + R_L.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from theorems.adaptation.error_sizes import largest
from theorems.case import Array
from theorems.claim import Source
from theorems.models.linear import product
from theorems.models.relu import NetworkCase, ReluNetwork
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, exists, less_than, suppose
from theorems.texts.zeng_lee.relu.construction import approximation, by_elimination, corners, scalar, sup_norm
from theorems.texts.zeng_lee.relu.deep_obstructions import (
    active_around,
    active_somewhere,
    active_target,
    chord_floor,
    inner_ball,
)
from theorems.texts.zeng_lee.relu.linearisation import size_of
from theorems.texts.zeng_lee.relu.whole import as_one_block, slope_and_shift

Steps = Iterator[Suppose | Conclude]

FROZEN = "every W_l is non-singular"
REGULAR = "T = prod W-bar_i is non-singular"
INTERIOR = "X has interior"
ACTIVE = "every unit of the target is active on X"
WITHIN = "rank(T - prod W) <= R_1 + ... + R_L"
BEYOND = "rank(T - prod W) > R_1 + ... + R_L"
#: Up to this width the corners of X are tried.
WIDEST = 6


def _setting(case: NetworkCase, num: Num) -> Steps:
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), FROZEN)
    yield suppose(num.nonsingular(product(case.target.weights)), REGULAR)
    reach = inner_ball(case.inputs, num)
    yield suppose(less_than(num.number(0), reach), INTERIOR)
    margin = case.inputs.box + case.inputs.ball
    widest = largest([scalar(margin[..., j]) for j in range(case.frozen.width)], num)
    for k in range(case.inputs.points.shape[-2]):
        yield suppose(active_around(case.target, case.inputs.points[..., k, :], widest, num), ACTIVE)


def _gap(case: NetworkCase) -> Array:
    gap: Array = product(case.target.weights) - product(case.frozen.weights)
    return gap


def active_targets(case: NetworkCase, num: Num) -> Steps:
    """Active targets of any depth, "if": from rank(T - prod W) <= R_1 + ... + R_L on some f equals f-bar on X.

    Adapters of all layers make prod W + E for every E of that rank (Proposition A); with hidden biases that keep all
    units active and a last one that collects the target's, f is ReLU(T x + c).

    Hypotheses    every W_l and T = prod W-bar_i is non-singular; X has interior; all units of the target are active on
                  X (on cubes about the points of the support); the threshold
    Construction  elimination in all layers as one block
    Obstruction   silent sets (`active_target`): below the threshold every f stays away from f-bar, and so it does where
                  a singular W_l has rank W_l + R_l < D
    """
    yield from _setting(case, num)
    yield suppose(num.rank(_gap(case)) <= sum(case.ranks), WITHIN)
    points = corners(case.inputs, num, most=WIDEST)

    def attained() -> Any:
        f = as_one_block(case, num)
        missed = sup_norm(f.forward(points, num) - case.target.forward(points, num), num)
        return missed / num.maximum(size_of(f, points, num), num.number(1))

    yield conclude(
        exists(
            attained=attained,
            lower_bound=(active_target(case, num), _collapsed(case, num)),
            bound=num.number(0),
            scale=num.number(1),
        ),
        "f(x) = f-bar(x) for all x in X",
    )


def _collapsed(case: NetworkCase, num: Num) -> Callable[[], Any]:
    """The floor of `active_target` where adapted layers are singular, rank W_l + R_l = m < D for some l.

    M_L is then zero along a v with ||T v|| >= sigma_{m+1}(T), which stands for F there.
    """

    def floor() -> Any:
        D, none = case.frozen.width, num.number(0)
        ranks = [num.rank(W) + R for W, R in zip(case.frozen.weights, case.ranks, strict=True)]
        m = functools.reduce(num.smaller, ranks)
        if np.all(m >= D):
            return none
        T, rho, best = product(case.target.weights), inner_ball(case.inputs, num), none
        for k in range(D):
            best = num.where(m == k, chord_floor(T, T, case.frozen.depth, k, rho, num), best)
        return num.where(active_somewhere(case.target, case.inputs, rho, num), best, none)

    return floor


def active_targets_only_if(case: NetworkCase, num: Num) -> Steps:
    """Active targets of any depth, "only if": below the threshold sup_X ||f - f-bar|| has a positive floor, for all f.

    floor = (rho v_D / 2) / (D L / sigma_D(T) + 1 / sigma_{r+1}(T - prod W)), r = R_1 + ... + R_L, rho the radius of a
    ball in X and v_D = V_D / V_{D-1} (`active_target`, which bounds it below by rationals and one root).  What
    adapters reach is checked to stay above it: a construction for all layers as one block, one for every block, and the
    frozen weights, all with hidden units that stay active.  Of such an f the error is at most that of its affine map,
    which is largest at a corner.

    Hypotheses    as for "if", with rank(T - prod W) > R_1 + ... + R_L; D <= 6
    Conclusion    0 < floor, and floor <= sup_X ||f - f-bar||_2 for these f
    """
    yield suppose(case.frozen.width <= WIDEST, "D <= 6")
    yield from _setting(case, num)
    yield suppose(num.rank(_gap(case)) > sum(case.ranks), BEYOND)
    floor = active_target(case, num)()
    yield conclude(less_than(num.number(0), floor), "0 < floor")
    ds = [num.svd(d.matrix) for d in case.errors]
    idle = (0,) * case.frozen.depth
    reached = [
        as_one_block(case, num),
        approximation(case, ds, case.ranks, by_elimination, num).network,
        approximation(case, ds, case.ranks, by_elimination, num, centred=True).network,
        approximation(case, ds, idle, by_elimination, num, centred=True).network,
    ]
    for f in reached:
        yield conclude(at_most(floor, _largest_error(case, f, num)), "floor <= sup_X ||f - f-bar||_2")


def _largest_error(case: NetworkCase, f: ReluNetwork, num: Num) -> Any:
    """The largest ||A x + c||_2 on X, A x + c the difference of the affine maps of f and of the target."""
    (M, c), (T, d) = slope_and_shift(f, num), slope_and_shift(case.target, num)
    points = corners(case.inputs, num, most=WIDEST)
    gaps = points @ (M - T).mT + (c - d)[..., None, :]
    return num.sqrt(largest([num.norm_squared(gaps[..., k, :]) for k in range(gaps.shape[-2])], num))


_SOURCE = Source("ours", "Corollary B4", "BENT_NETWORKS, section 2")

CLAIMS = (
    _SOURCE.stands(
        "ours/active-targets", active_targets,
        "Proposition A for all layers as one block; below the threshold silent sets leave a positive floor",
    ),
    _SOURCE.stands(
        "ours/active-targets.only-if", active_targets_only_if,
        "D L + 1 convex sets cover X, on each f is affine with prod W plus rank sum R_l, or silent along a line",
    ),
)  # fmt: skip
