"""Smaller chains of layers: without one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from theorems.texts.textbook.spectra.cases import LayersCase, PerturbedLayersCase

Change = Callable[[Any], Any | None]


def smaller_chains(case: Any) -> Iterator[Change]:
    """Changes that take a layer out of a chain; none for other cases."""
    if isinstance(case, LayersCase | PerturbedLayersCase):
        yield from (partial(_without_layer, layer=layer) for layer in range(len(case.weights)))


def _without_layer(case: Any, layer: int) -> Any | None:
    if len(case.weights) < 2 or layer >= len(case.weights):
        return None
    keep = [l for l in range(len(case.weights)) if l != layer]
    weights = tuple(case.weights[l] for l in keep)
    if isinstance(case, LayersCase):
        return LayersCase(weights, tuple(case.ranks[l] for l in keep), case.x)
    return PerturbedLayersCase(weights, tuple(case.changes[l] for l in keep), case.x)
