"""Frozen ReLU networks and narrower targets: recipes of `NarrowNetworkCase`."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from theorems.models.relu import ReluNetwork
from theorems.strategies.material import Material
from theorems.strategies.models.runs import Bound, runs
from theorems.strategies.recipes import Recipe
from theorems.texts.zeng_lee.relu.narrow_networks import NarrowNetworkCase

LAWS = ("identity", "any weights", "active target", "any weights, singular target")


def narrow_network(material: Material, sizes: Mapping[str, int], law: str) -> NarrowNetworkCase:
    """A network of L layers of width D, a target of L-bar of width D-bar, a box and a rank, by a law of
    `LAWS`: the biases of an active target keep it positive on the box."""
    D, n, L, M = (sizes[name] for name in ("D", "D-bar", "L-bar", "M"))
    depth = L * M + sizes["rest"] % L
    eye = material.identity(D)
    weights = tuple(eye if law == "identity" else 3 * eye + material.entries(D, D) for _ in range(depth))
    target = [material.entries(n, n) for _ in range(L)]
    if law.endswith("singular target"):
        target[0] = target[0] * 0
    lift = 8 * n if law == "active target" else 0
    biases = tuple(material.entries(n) + lift for _ in range(L))
    box = material.full(1 if law == "identity" else 2, n)
    frozen = ReluNetwork(weights, tuple(material.full(0, D) for _ in range(depth)))
    return NarrowNetworkCase(frozen, tuple(target), biases, sizes["R"], box)


def narrow_networks(
    *, max_dimension: int = 3, max_target_depth: int = 2
) -> st.SearchStrategy[Recipe[NarrowNetworkCase]]:
    """Recipes of `NarrowNetworkCase` with R >= D-bar / M, often with equality, and now and then one less."""

    def least(known: Mapping[str, int]) -> int:
        return -(-known["D-bar"] // known["M"])

    sizes: dict[str, tuple[Bound, Bound]] = {
        "D": (1, max_dimension), "D-bar": (1, lambda known: known["D"]), "L-bar": (1, max_target_depth), "M": (1, 2),
        "rest": (0, 1), "R": (least, lambda known: min(known["D"], least(known) + 1)),
    }  # fmt: skip
    rarely: list[dict[str, tuple[Bound, Bound]]] = [
        {"D": (2, 4), "D-bar": (2, lambda known: known["D"]), "L-bar": (1, 1), "M": (1, 1),
         "R": (lambda known: known["D-bar"] - 1, lambda known: known["D-bar"] - 1)},
        {"D": (2, 3), "D-bar": (2, lambda known: known["D"]), "L-bar": (2, 2), "M": (1, 1),
         "R": (1, lambda known: known["D-bar"] - 1)},  # enough for all layers, too little for a block
        {"D": (4, 5), "D-bar": (1, 4)},
    ]  # fmt: skip
    return runs(narrow_network, sizes, LAWS, rarely=rarely)
