"""Floors for all adapters and biases once ReLUs are free to switch: what they rest on, and nothing is below them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from theorems.adaptation.error_sizes import largest
from theorems.case import Array
from theorems.claim import Source
from theorems.errors import InputError
from theorems.models.inputs import UniformNetworkCase
from theorems.models.linear import product
from theorems.models.relu import NetworkCase, ReluNetwork
from theorems.num import Num
from theorems.properties import Axes, Between
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.zeng_lee.linear.linear_models import truncated
from theorems.texts.zeng_lee.relu.construction import approximation, by_elimination, corners
from theorems.texts.zeng_lee.relu.deep_obstructions import two_slopes
from theorems.texts.zeng_lee.relu.mean_obstructions import active_on_the_ellipsoid, mean_norm_floor, mean_square_floor
from theorems.texts.zeng_lee.relu.whole import slope_and_shift

Steps = Iterator[Suppose | Conclude]

ON = "every unit before (l, j) is on at x and at y"
OFF = "unit (l, j) is off at x and at y"
ALONG = "M_l (y - x) is zero but for row j"
FROZEN = "every W_l is non-singular"
#: Up to this width the corners of X are tried.
WIDEST = 6


@dataclass(frozen=True)
class SilentCase:
    """A ReLU network, a unit of it, and two inputs.

    layer, unit  l and j, from 1
    x, y         (..., D)
    """

    network: ReluNetwork
    layer: Annotated[int, Between(1, "L")]
    unit: Annotated[int, Between(1, "D")]
    x: Annotated[Array, Axes("D")]
    y: Annotated[Array, Axes("D")]

    def __post_init__(self) -> None:
        D, L = self.network.width, self.network.depth
        if not (1 <= self.layer <= L and 1 <= self.unit <= D):
            raise InputError(f"there is no unit ({self.layer}, {self.unit}): the network has {L} layers of {D} units")
        if self.x.shape[-1:] != (D,) or self.y.shape[-1:] != (D,):
            raise InputError(f"x and y have the shapes {self.x.shape} and {self.y.shape}: give {D} entries each")


def silent_sets(case: SilentCase, num: Num) -> Steps:
    """Silent sets: where unit (l, j) is the first one that is off, a network does not change along a line.

    The set is convex, since the layers below are on and layer l sees one affine map M_l x + c_l.  Together with the
    convex set where all units are on these D L sets are all of R^D.

    Hypotheses  units (1, 1), ..., (l, j - 1) are on (> 0) and (l, j) is off (<= 0) at x and at y; M_l (y - x) is zero
                but for row j
    Conclusion  f(x) = f(y); and at (x + y) / 2 the same unit is the first that is off
    """
    l, j, D = case.layer - 1, case.unit - 1, case.network.width
    points = num.concatenate([case.x[..., None, :], case.y[..., None, :]], -2)
    before, own = _up_to(case, points, num)
    for y in before:
        yield suppose(less_than(num.zeros(y.shape[-1]), y), ON)
    yield suppose(at_most(own, num.zeros(2)), OFF)
    moved = num.apply(product(case.network.weights[: l + 1]), case.y - case.x)
    size = num.maximum(num.norm(moved), num.number(1))
    for i in range(D):
        if i != j:
            yield suppose(equal(moved[..., i], num.number(0), scale=size), ALONG)
    values = case.network.forward(points, num)
    yield conclude(equal(values[..., 0, :], values[..., 1, :]), "f(x) = f(y)")
    before, own = _up_to(case, num.times(num.number(1, 2), case.x + case.y)[..., None, :], num)
    for y in before:
        yield conclude(less_than(num.zeros(y.shape[-1]), y), "the units before are on half-way")
    yield conclude(at_most(own, num.zeros(1)), "the unit is off half-way")


def _up_to(case: SilentCase, points: Array, num: Num) -> tuple[list[Array], Array]:
    """The pre-activations of the units before (l, j), layer by layer, and those of (l, j)."""
    seen = case.network.preactivations(points, num)[: case.layer]
    before = [*seen[:-1], seen[-1][..., : case.unit - 1]]
    return [y for y in before if y.shape[-1]], seen[-1][..., case.unit - 1]


def no_network_below_two_slopes(case: NetworkCase, num: Num) -> Steps:
    """Two slopes: sup_X ||f - f-bar - ReLU(N x)||_2 >= rho v_D min(sigma / (4 D L), ||G_1 - G_2||_2 / 8), for every f.

    G_1, G_2 are the Jacobians of the right side on two balls in X of radius rho, sigma = min sigma_D(G_i)
    (`two_slopes`); N = LR_k(E) - E.  Checked against adapted and frozen networks whose hidden units stay active: their
    error is at most that of the affine part plus ||ReLU(N x)||, each largest at a corner.

    The constants are not the best: the same proof, with the share of the balls that the silent sets fill kept as it is,
    gives rho v_D / (2 D L / sigma + 4 / ||G_1 - G_2||_2), which is up to twice as large.  At D = 1, where v_1 = 2, an
    affine f on X = [-2 rho, 2 rho] with the kink at 0 errs by ||G_1 - G_2|| rho / 2, so that 8 cannot become less than
    4.  What the least constants are in between is open.

    Hypotheses  one target layer; D <= 6; every W_l is non-singular; such balls are found
    """
    yield suppose(case.depth == 1 and case.frozen.width <= WIDEST, "the target has one layer, and D <= 6")
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), FROZEN)
    d = num.svd(case.errors[0].matrix)
    N = truncated(d, min(sum(case.ranks), case.frozen.width - 1)) - d.matrix
    floor = two_slopes(case, N, num)()
    yield suppose(less_than(num.number(0), floor), "f-bar + ReLU(N x) has two non-singular slopes on balls in X")
    points = corners(case.inputs, num, most=WIDEST)
    bend = _largest_norm(num.relu(points @ N.mT), num)
    for ranks in (case.ranks, (0,) * case.frozen.depth):
        for centred in (False, True):
            f = approximation(case, [d], ranks, by_elimination, num, centred=centred).network
            (M, c), (T, b) = slope_and_shift(f, num), slope_and_shift(case.target, num)
            affine = _largest_norm(points @ (M - T).mT + (c - b)[..., None, :], num)
            yield conclude(at_most(floor * floor, 2 * (affine + bend)), "floor^2 <= sup_X ||f - f-bar - ReLU(N x)||^2")


def _largest_norm(values: Array, num: Num) -> Any:
    """The largest ||v||_2^2 of the rows."""
    return largest([num.norm_squared(values[..., k, :]) for k in range(values.shape[-2])], num)


def no_network_below_the_means(case: UniformNetworkCase, num: Num) -> Steps:
    """Mean floors: for x uniform on an ellipsoid and an active target no adapters of ranks R_l and no biases have

        E ||f - f-bar||   < mu - D L (mu + S)^2 / (s v_D)    or
        E ||f - f-bar||^2 < min(s^2 v_D^2 d^3 / (12 D^2 L^2), nu - S^2 d / (1 - d)),

    with mu, nu, s, S of `relu_mean_obstructions`.  Checked against centred and plain constructions and the frozen
    weights with hidden units that stay active: their mean square error is exact, up to the last ReLU.

    Hypotheses  every W_l, T and B are non-singular; f-bar is active on the ellipsoid; R_1 + ... + R_L < D
    """
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), FROZEN)
    network = case.network
    yield suppose(num.nonsingular(network.target.weights[0] @ case.axes), "T and B are non-singular")
    yield suppose(sum(case.ranks) < case.frozen.width, "R_1 + ... + R_L < D")
    yield suppose(active_on_the_ellipsoid(case, num), "every unit of the target is active on the ellipsoid")
    mean, square = mean_norm_floor(case, num)(), mean_square_floor(case, num)()
    d = num.svd(case.error.matrix)
    for ranks in (case.ranks, (0,) * case.frozen.depth):
        for centred in (False, True):
            f = approximation(network, [d], ranks, by_elimination, num, centred=centred).network
            (M, c), (T, b) = slope_and_shift(f, num), slope_and_shift(network.target, num)
            A = M - T
            error = num.trace(A @ case.covariance(num) @ A.mT)
            error = error + num.norm_squared(num.apply(A, case.centre) + c - b)
            yield conclude(at_most(square, error), "floor <= E ||f - f-bar||^2")
            yield conclude(at_most(mean, num.sqrt(error)), "floor <= sqrt(E ||f - f-bar||^2)")


def _source(label: str, section: str) -> Source:
    return Source("ours", label, f"BENT_NETWORKS, {section}")


CLAIMS = (
    _source("Lemma B1", "section 1").stands(
        "ours/silent-sets", silent_sets,
        "below the first unit that is off all layers are on, and that unit alone would have seen the change",
    ),
    _source("Theorem B5", "section 3").stands(
        "ours/two-slopes", no_network_below_two_slopes,
        "a network has one Jacobian where none of its units is off, and elsewhere is silent along a line",
    ),
    _source("Theorem B6", "section 4").stands(
        "ours/mean-floors", no_network_below_the_means,
        "silent sets cost the square or the cube of their probability, the rest what rank sum R_l leaves",
    ),
)  # fmt: skip
