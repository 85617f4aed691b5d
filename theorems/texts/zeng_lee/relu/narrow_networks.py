"""Zeng and Lee, Appendix I, last sentence: the analysis of narrower targets, for ReLU networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from theorems.adaptation.error_sizes import smallest
from theorems.adaptation.linear import adapters_by_elimination
from theorems.case import Array, require_finite
from theorems.claim import Source
from theorems.domains import require
from theorems.models.linear import Adapter, product
from theorems.models.relu import Inputs, ReluNetwork, uniform_partition
from theorems.num import Num
from theorems.properties import NON_NEGATIVE, Axes, Between, Bounded
from theorems.statement import conclude, exists, suppose
from theorems.texts.zeng_lee.linear.linear_models import FROZEN, Steps
from theorems.texts.zeng_lee.relu.construction import (
    bounding_box,
    corners,
    entries,
    image,
    linearising_biases,
    sup_norm,
)
from theorems.texts.zeng_lee.relu.linearisation import size_of


@dataclass(frozen=True)
class NarrowNetworkCase:
    """A frozen network of width D and depth L, and a narrower, shallower target on a box about zero.

    frozen  the model f_0; its biases are updated
    layers  W-bar_1, ..., W-bar_{L-bar}, each D-bar x D-bar;  biases  b-bar_1, ..., b-bar_{L-bar}
    rank    the LoRA-rank R;  box  X = {x in R^D-bar : |x_j| <= box_j}
    """

    frozen: ReluNetwork
    layers: Annotated[tuple[Array, ...], Axes("L-bar", "D-bar", "D-bar"), Bounded("D-bar", 1, "D")]
    biases: Annotated[tuple[Array, ...], Axes("L-bar", "D-bar"), Bounded("L-bar", 1, "L")]
    rank: Annotated[int, Between(0, "D")]
    box: Annotated[Array, Axes("D-bar"), NON_NEGATIVE]

    def __post_init__(self) -> None:
        require(self)
        require_finite(self)

    @property
    def target(self) -> ReluNetwork:
        """The target f-bar."""
        return ReluNetwork(self.layers, self.biases)

    @property
    def inputs(self) -> Inputs:
        """X, with zero as its random input."""
        none = 0 * self.box
        return Inputs(none[..., None, :], none[..., :1] + 1, self.box, none[..., :1])


def _padded(z: Array, case: NarrowNetworkCase, num: Num) -> Array:
    """(z, 0) in R^D."""
    gap = case.frozen.width - case.target.width
    if not gap:
        return z
    padding = num.zeros(gap) if z.ndim == 1 else 0 * num.concatenate([z[..., :1]] * gap, -1)
    result: Array = num.concatenate([z, padding], -1)
    return result


def _adapted(case: NarrowNetworkCase, num: Num) -> ReluNetwork:
    """Block after block: the first D-bar columns of its product become (W-bar_i, 0), its bias (b-bar_i, 0)."""
    n, D = case.target.width, case.frozen.width
    columns = num.identity(D)[..., :n]
    low, high = bounding_box(case.inputs, num)
    weights: list[Array] = []
    biases: list[Array] = []
    for i, block in enumerate(uniform_partition(case.frozen.depth, case.target.depth)):
        frozen = [case.frozen.weights[l - 1] for l in block]
        W, b = case.target.weights[i], case.target.biases[i]
        wanted = num.concatenate([W, num.zeros(D - n, n) + 0 * W[..., :1, :]], -2) if n < D else W
        change = Adapter(wanted - product(frozen) @ columns, columns.mT)
        made = adapters_by_elimination(frozen, change, (case.rank,) * len(block), num)
        layers = [V + a.matrix for V, a in zip(frozen, made, strict=True)]
        bottom, top = (_padded(z, case, num) for z in (low, high))
        biases += linearising_biases(layers, _padded(b, case, num), bottom, top, num)
        weights += layers
        low, high = (num.relu(z) for z in image(W, b, low, high, num))
    return ReluNetwork(tuple(weights), tuple(biases))


def _floor(case: NarrowNetworkCase, num: Num) -> Any:
    """A lower bound of sup_X max_j |f - f-bar|_j for every adapter of rank R and bias, where both have one layer.

    Let the target be at least e > 0 on X.  Either a unit of f is off somewhere, which costs e, or f - f-bar is affine
    on X, with the slope (W + Delta)_[D-bar] - W-bar, of norm sigma_{R+1}(W-bar - W_[D-bar]) at least; on a ball of
    radius rho in X it reaches rho times that in the 2-norm, and a D-bar-th of it in some coordinate.
    """
    n = case.target.width
    if case.frozen.depth > 1 or case.rank >= n:
        return num.number(0)
    W, b = case.target.weights[0], case.target.biases[0]
    least = smallest(entries(image(W, b, *bounding_box(case.inputs, num), num)[0][..., None, :]), num)
    radius = smallest(entries(case.box[..., None, :]), num)
    change = W - case.frozen.weights[0][..., :n, :n]
    bound = num.minimum(least, radius * num.singular_value(change, case.rank + 1) / n)
    return num.where(least > 0, bound, num.number(0))


def narrow_networks(case: NarrowNetworkCase, num: Num) -> Steps:
    """Appendix I, "a similar analysis for FNN": from R >= ceil(D-bar / M) on, M = floor(L / L-bar), some adapted f has
    f((x, 0)) = (f-bar(x), 0) on X.

    Block i of the uniform partition is expanded by zeros below W-bar_i and b-bar_i, so that the additional units stay
    zero and the next block gets (z, 0) again; its first D-bar columns change, at rank D-bar.

    Hypotheses    every W_l is non-singular; R M >= D-bar
    Construction  elimination in every block, linearisation
    Obstruction   one layer and a target that is positive on X: `_floor`
    """
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), FROZEN)
    M = case.frozen.depth // case.target.depth
    yield suppose(case.rank * M >= case.target.width, "R M >= D-bar")
    points = corners(case.inputs, num)
    wide = _padded(points, case, num)
    wanted = _padded(case.target.forward(points, num), case, num)

    f = _adapted(case, num)
    yield conclude(
        exists(
            attained=lambda: sup_norm(f.forward(wide, num) - wanted, num),
            lower_bound=lambda: _floor(case, num),
            bound=num.number(0),
            scale=size_of(f, wide, num),
        ),
        "some f has f((x, 0)) = (f-bar(x), 0) on X",
    )


CLAIMS = (
    Source("zeng-lee", "Extension to different dimensions", "Appendix I").stands(
        "zeng-lee/appendix-i.networks", narrow_networks,
        "zeros below W-bar_i and b-bar_i keep the additional units at zero; the change has rank at most D-bar",
    ),
)  # fmt: skip
