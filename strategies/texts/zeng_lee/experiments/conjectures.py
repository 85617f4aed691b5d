"""Cases of what Appendix G concludes from its figures: descents, rescaled hidden units, partitions that fit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from hypothesis import strategies as st

from theorems.case import SVD, Array
from theorems.models.linear import LinearModel, product
from theorems.models.relu import Inputs, NetworkCase, ReluNetwork
from theorems.strategies.material import Material
from theorems.strategies.mixed import mostly
from theorems.strategies.models.runs import Bound, runs
from theorems.strategies.recipes import Recipe
from theorems.texts.zeng_lee.experiments.curves import DescentCase


def descent(material: Material, sizes: Mapping[str, int], law: str) -> DescentCase:
    """Weights near the identity, an error of rank `rank` or any, and a step that is mostly short enough to descend."""
    D, rank = sizes["D"], min(sizes["rank"], sizes["D"])
    weights = []
    for _ in range(sizes["L"]):
        W = material.identity(D)
        W = W + material.choice((-1, 0, 0, 0, 1), D, D) if law != "identity weights" else W
        weights.append(W)
    left, right = material.choice((-1, 0, 1), D, rank), material.choice((-1, 0, 1), rank, D)
    E = material.entries(D, D) if law == "full rank" else left @ right
    step = material.choice(("1/64", "1/32", "1/256"), 1)
    return DescentCase(LinearModel(tuple(weights)), product(weights) + E, step)


def descents() -> st.SearchStrategy[Recipe[DescentCase]]:
    """Recipes of `DescentCase`: linear models with errors of low or full rank and one step of gradient descent.

    Shrinks to one 1 x 1 layer.
    """
    sizes = {"D": (1, 4), "L": (1, 3), "rank": (1, 3)}
    return runs(descent, sizes, ("low rank", "full rank", "identity weights"))


# ReLU networks -------------------------------------------------------------------------------------------------------


def _support(material: Material, D: int) -> Inputs:
    """The origin and a short step along every axis, equally likely."""
    points = np.concatenate([0 * material.identity(D)[..., :1, :], material.identity(D)], axis=-2)
    weights = material.full(1, D + 1) / (D + 1)
    return Inputs(points, weights, material.full(0, D), material.full(0, 1))


def _always_active(material: Material, D: int) -> Array:
    """Biases that exceed whatever the short steps of `_support` can do."""
    return 40 + material.choice(range(4), D)


#: Laws of `rescaled` that miss one hypothesis each.
UNLIKE = ("full rank", "negative factor", "one layer rescaled", "dead units")


def rescaled(material: Material, sizes: Mapping[str, int], law: str) -> NetworkCase:
    """W_1 = Q, W_2 = P orthogonal; Wbar_1 = S Q, Wbar_2 = P S^{-1} with some entries of S above one and some below.

    The laws of `UNLIKE` miss a hypothesis.
    """
    D = sizes["D"]
    Q, P = (material.orthogonal(D, plain=law == "identity weights") for _ in range(2))
    above = sizes["above"]
    large = material.choice((2, 3, 4), D)
    factors = np.concatenate([large[..., :above], 1 / large[..., above:]], axis=-1)
    if law == "negative factor":
        factors = np.concatenate([-factors[..., :1], factors[..., 1:]], axis=-1)
    errors = (
        _diagonal_error(factors - 1, material.identity(D), Q),
        _diagonal_error((1 / factors - 1) * (law != "one layer rescaled"), P, material.identity(D)),
    )
    zero = material.full(0, D)
    sign = -1 if law == "dead units" else 1
    return NetworkCase(
        ReluNetwork((Q, P), (zero, zero)),
        errors,
        (sign * _always_active(material, D), 20 * _always_active(material, D)),
        ((1,), (2,)),
        (D if law == "full rank" else sizes["R"],) * 2,
        _support(material, D),
    )


def _diagonal_error(d: Array, left: Array, right: Array) -> SVD:
    """The SVD of left diag(d) right for orthogonal `left` and `right`."""
    order = np.argsort(-np.abs(d).astype(np.float64), axis=-1, kind="stable")
    values = np.take_along_axis(d, order, -1)
    U = np.take_along_axis(left, np.broadcast_to(order[..., None, :], left.shape), -1)
    V = np.take_along_axis(right.mT, np.broadcast_to(order[..., None, :], left.shape), -1)
    return SVD(U * np.where(values < 0, -1, 1)[..., None, :], abs(values), V)


def _one_less(known: Mapping[str, int]) -> int:
    return known["D"] - 1


def rescaled_targets() -> st.SearchStrategy[Recipe[NetworkCase]]:
    """Recipes of `NetworkCase`, L = L-bar = 2: the target is the frozen model with its hidden units rescaled.

    Some factors exceed one and some do not, so that the largest differences of the two layers are in different units.
    Shrinks to identity weights, D = 2, R = 1.
    """
    sizes: dict[str, tuple[int, Bound]] = {"D": (2, 4), "above": (1, _one_less), "R": (1, _one_less)}
    return mostly(
        runs(rescaled, sizes, ("identity weights", "orthogonal weights")), runs(rescaled, sizes, UNLIKE), share=4
    )


def parted(material: Material, sizes: Mapping[str, int], law: str) -> NetworkCase:
    """Four layers against two, P = {1}, {2, 3, 4}, R = 1: errors of rank one and of rank three.

    The laws "first rank" and "second rank" have one that is one too large.
    """
    D = sizes["D"]
    plain = law == "identity weights"
    weights = tuple(material.orthogonal(D, plain=plain) for _ in range(4))
    ranks = {"first rank": (2, 3), "second rank": (1, 4)}.get(law, (1, 3))  # one too large
    errors = tuple(_cut(material.svd(D, D, plain=plain), rank) for rank in ranks)
    zero = material.full(0, D)
    biases = (_always_active(material, D), material.entries(D))
    return NetworkCase(
        ReluNetwork(weights, (zero,) * 4), errors, biases, ((1,), (2, 3, 4)), (1,) * 4, _support(material, D)
    )


def _cut(d: SVD, rank: int) -> SVD:
    """The decomposition with zeros behind the first `rank` singular values."""
    return SVD(d.U, np.concatenate([d.s[..., :rank], 0 * d.s[..., rank:]], axis=-1), d.V)


def parted_targets() -> st.SearchStrategy[Recipe[NetworkCase]]:
    """Recipes of `NetworkCase`, L = 4, L-bar = 2, where blocks of one and three layers fit and the uniform ones do not.

    Shrinks to identity weights, D = 3, R = 1.
    """
    return mostly(
        runs(parted, {"D": (3, 4)}, ("identity weights", "orthogonal weights")),
        runs(parted, {"D": (4, 4)}, ("first rank", "second rank")),
        share=4,
    )
