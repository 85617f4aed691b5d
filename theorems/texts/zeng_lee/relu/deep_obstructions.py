"""What no adapter and no bias can do although ReLUs are free to switch: floors for networks of any depth.

**Silent sets.**  Order the units (l, j) of a network f of width D and depth L layer by layer, and let K_{l,j} be the
inputs whose first unit that is off (pre-activation <= 0) is (l, j), C those with none.  On K_{l,j} the layers below l
are on, so that layer l sees one affine map M_l x + c_l, cut out by affine inequalities: K_{l,j} is convex.  A k != 0 in
the kernel of the other D - 1 rows of M_l moves neither them nor unit (l, j), which gives 0: f is constant along k on
K_{l,j}.  On C, convex too, f is affine with Jacobian M_L.  So D L + 1 convex sets are all of R^D.

**Chords.**  In a ball of radius rho a convex K whose chords along k have length at most c has volume at most
c V_{D-1} rho^{D-1}.  Where h is constant along the unit vector k and t affine with ||J_t k|| >= s, a chord of length c
has an end with ||h - t|| >= s c / 2.  With v_D = V_D / V_{D-1} the two floors below follow by adding volumes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from theorems.adaptation.error_sizes import largest, smallest
from theorems.case import Array
from theorems.models.linear import product
from theorems.models.relu import Inputs, NetworkCase, ReluNetwork
from theorems.num import Num
from theorems.texts.zeng_lee.relu.construction import scalar

#: At so many points of the support a ball is looked for on which the target is active.
CENTRES = 3


def volume_ratio(D: int) -> Fraction:
    """A rational at most v_D = V_D / V_{D-1}, the volumes of unit balls: v_1 = 2, v_2 = pi / 2, v_D = v_{D-2} (D - 1) /
    D.

    Exact for odd D; 355 / 226 is too large for pi / 2, and 333 / 212 is not.
    """
    ratio = Fraction(2) if D % 2 else Fraction(333, 212)
    for n in range(4 - D % 2, D + 1, 2):
        ratio = ratio * (n - 1) / n
    return ratio


def sigma_squared(A: Array, k: int, num: Num) -> Any:
    """A lower bound of sigma_k(A)^2 by rational operations: e_k / ((n - k + 1) e_{k-1}), zero just where rank(A) < k.

    e_k is the k-th elementary symmetric function of the n squared singular values, from traces of powers of A^T A.
    Every product of k of them, less its last factor sigma_j^2, j >= k, is a product of k - 1, so that e_k <= e_{k-1}
    (sigma_k^2 + ... + sigma_n^2).
    """
    n = A.shape[-1]
    if k > n:
        return num.number(0)
    S = A.mT @ A
    traces, power = [], S
    for _ in range(k):
        traces.append(scalar(num.trace(power)))
        power = power @ S
    symmetric = [num.number(1)]
    for m in range(1, k + 1):
        total = symmetric[m - 1] * traces[0]
        for i in range(2, m + 1):
            total = total - symmetric[m - i] * traces[i - 1] if i % 2 == 0 else total + symmetric[m - i] * traces[i - 1]
        symmetric.append(total * num.number(1, m))
    short = num.rank(A) < k
    below = num.where(short, num.number(1), symmetric[k - 1])
    return num.where(short, num.number(0), num.maximum(symmetric[k], num.number(0)) / below * num.number(1, n - k + 1))


def inner_ball(inputs: Inputs, num: Num) -> Any:
    """The radius of a ball about every point of the support that X contains: the least half-width plus the ball."""
    half = smallest([scalar(inputs.box[..., j]) for j in range(inputs.box.shape[-1])], num)
    return half + scalar(inputs.ball[..., 0])


def active_around(network: ReluNetwork, centre: Array, radius: Any, num: Num) -> Any:
    """Whether no pre-activation is negative on the cube of that half-width, decided exactly.

    Where the layers below are active the pre-activations are affine, so that their least values are at corners.
    """
    A: Array | None = None
    shift = num.zeros(network.width)
    answer: Any = True
    for W, b in zip(network.weights, network.biases, strict=True):
        A = W if A is None else W @ A
        shift = num.apply(W, shift) + b
        at = num.apply(A, centre) + shift
        reach = num.times(radius, num.absolute(A).sum(-1))
        for j in range(network.width):
            answer = answer & (scalar(at[..., j]) - scalar(reach[..., j]) >= 0)
    return answer


def active_target(case: NetworkCase, num: Num) -> Callable[[], Any]:
    """A lower bound of sup_X ||f - f-bar||_2 for every adapter and bias where the target is active on a ball in X.

    Let T = prod W-bar_i be non-singular, F = T - prod W, r = R_1 + ... + R_L, and f-bar active, hence affine, on a ball
    of radius rho.  With e the sup over the ball, chords of K_{l,j} along its k have length at most 2 e / sigma_D(T).
    M_L - prod W = sum_l W_L..W_{l+1} Delta W_l A_{l-1}..A_1 has rank r at most, hence a unit v in its kernel with
    ||F v|| >= sigma_{r+1}(F); on C f - f-bar = (M_L - T) x + const has (M_L - T) v = -F v, so that chords of C along v
    have length at most 2 e / sigma_{r+1}(F).  The volumes add up to V_D rho^D:

        e >= (rho v_D / 2) / (D L / sigma_D(T) + 1 / sigma_{r+1}(F)).

    It is computed by rational operations and one root: (a + b)^2 <= 2 (a^2 + b^2), and `sigma_squared`.  It says
    nothing (zero) where T is singular, rank(F) <= r, X has no interior or no unit is known to stay active.
    """

    def floor() -> Any:
        D, L, r = case.frozen.width, case.frozen.depth, sum(case.ranks)
        if r >= D:
            return num.number(0)
        target, rho = case.target, inner_ball(case.inputs, num)
        T = product(target.weights)
        return num.where(
            active_somewhere(target, case.inputs, rho, num),
            chord_floor(T, T - product(case.frozen.weights), L, r, rho, num),
            num.number(0),
        )

    return floor


def chord_floor(T: Array, F: Array, L: int, r: int, rho: Any, num: Num) -> Any:
    """(rho v_D / 2) / (D L / sigma_D(T) + 1 / sigma_{r+1}(F)) from below; zero where rank(T) < D or rank(F) <= r."""
    D = T.shape[-1]
    one, none = num.number(1), num.number(0)
    bent, flat = sigma_squared(T, D, num), sigma_squared(F, r + 1, num)
    least = num.minimum(bent, flat)
    positive = least > 0
    spread = num.number(2 * (D * L) ** 2) / num.where(positive, bent, one)
    spread = spread + num.number(2) / num.where(positive, flat, one)
    v = volume_ratio(D)
    root = num.sqrt(num.where(positive, one / spread, none))
    return root * (rho * num.number(v.numerator, 2 * v.denominator))


def active_somewhere(target: ReluNetwork, inputs: Inputs, rho: Any, num: Num) -> Any:
    """Whether the target is known to be active on a ball of radius rho about a point of the support."""
    answer: Any = False
    for k in range(min(inputs.points.shape[-2], CENTRES)):
        answer = answer | active_around(target, inputs.points[..., k, :], rho, num)
    return answer & (rho > 0)


def two_slopes(case: NetworkCase, N: Array, num: Num) -> Callable[[], Any]:
    """A lower bound of sup_X ||f - g||_2, g = f-bar + ReLU(N x), f-bar of one layer, for every network f of depth L.

    All weights of f are free: no rank enters.  Let g be affine with non-singular Jacobians G_1, G_2 on two balls in X
    of radius rho, and sigma = min sigma_D(G_i).  If e = sup ||f - g|| < rho v_D sigma / (4 D L), the K_{l,j} fill less
    than half of each ball, so that C has in both a chord of length rho v_D / 2 along the unit v with ||(G_1 - G_2) v||
    = ||G_1 - G_2||_2; one M_L serves both, ||(M_L - G_i) v|| rho v_D / 2 <= 2 e.  Hence

        e >= rho v_D min(sigma / (4 D L), ||G_1 - G_2||_2 / 8).

    Balls are looked for half-way from points of the support to the faces of their neighbourhood in X.  It says nothing
    (zero) where X has no interior, f-bar is not active on two such balls, or g has one slope on them.
    """

    def floor() -> Any:
        D, L = case.frozen.width, case.frozen.depth
        target, inputs = case.target, case.inputs
        half = inner_ball(inputs, num) * num.number(1, 2)
        slopes = []
        for k in range(min(inputs.points.shape[-2], CENTRES)):
            x = inputs.points[..., k, :]
            for j, sign in itertools.product(range(D), (1, -1)):
                centre = x + num.times(half * sign, num.identity(D)[..., j, :])
                slopes.append(_slope(target, N, centre, half, num))
        bounds = [num.number(0)]
        v = volume_ratio(D)
        for (G, s, rho), (other, t, sigma) in itertools.combinations(slopes, 2):
            size = num.minimum(rho, sigma) * num.number(v.numerator, v.denominator)
            bend = num.frobenius_norm_squared(G - other) * num.number(1, 64 * D)
            squared = num.minimum(num.minimum(s, t) * num.number(1, (4 * D * L) ** 2), bend)
            bounds.append(size * size * squared)
        return num.sqrt(largest(bounds, num))

    return floor


def _slope(target: ReluNetwork, N: Array, centre: Array, most: Any, num: Num) -> tuple[Array, Any, Any]:
    """The Jacobian of ReLU(W-bar x + b-bar) + ReLU(N x) about `centre`, a lower bound of sigma_D^2, and a radius.

    All units of the target are active on the ball, and no entry of N x changes its sign.  Zero sigma and radius
    otherwise.
    """
    D = target.width
    one, none = num.number(1), num.number(0)
    radius = most
    at = num.absolute(num.apply(N, centre))
    rows = num.absolute(N).sum(-1)
    for i in range(D):
        row = scalar(rows[..., i])
        empty = num.zero(row)
        radius = num.where(empty, radius, num.minimum(radius, scalar(at[..., i]) / num.where(empty, one, row)))
    fits = active_around(target, centre, radius, num) & (radius > 0)
    radius = num.where(fits, radius, none)
    step = num.where(fits, radius, one)
    points = num.concatenate(
        [centre[..., None, :], centre[..., None, :] + num.times(step, num.identity(D))], -2
    )  # g is affine here: its slopes are differences
    values = target.forward(points, num) + num.relu(points @ N.mT)
    columns = num.times(one / step, values[..., 1:, :] - values[..., :1, :])
    G: Array = columns.mT
    return G, num.where(fits, sigma_squared(G, D, num), none), radius
