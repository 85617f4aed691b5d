"""One Newton step on the factors B_l of adapters, towards a given residual of their product."""

from __future__ import annotations

from collections.abc import Sequence

from theorems.adaptation.subspaces import Subspaces
from theorems.case import Array
from theorems.models.linear import Adapter


def newton_step(
    weights: Sequence[Array], adapters: Sequence[Adapter], residual: Array, spaces: Subspaces
) -> list[Array]:
    """The changes of B_1, ..., B_L: M_{>l}^{-1} residual X_l with X = [A_l M_{<l}]^{-1}, stacked over the layers.

    weights   W_1, ..., W_L, (..., D, D)
    adapters  of ranks R_l with sum R_l = D; with fewer, X is the pseudo-inverse
    residual  target - prod (W_l + Delta_l), computed as exactly as it is to be removed

    The adapted layers above the first must be non-singular.
    """
    layers = [W + adapter.matrix for W, adapter in zip(weights, adapters, strict=True)]
    below: Array | None = None
    rows = []
    for layer, adapter in zip(layers, adapters, strict=True):
        rows.append(adapter.A if below is None else adapter.A @ below)
        below = layer if below is None else layer @ below
    stacked = spaces.join(rows, axis=-2)
    if stacked.shape[-2] == stacked.shape[-1]:
        shares = spaces.solve(stacked.mT, residual.mT).mT  # residual X
    else:  # the pseudo-inverse: the rest of the residual is out of reach of a step on the B_l
        shares = spaces.solve(stacked @ stacked.mT, stacked @ residual.mT).mT
    moves: list[Array] = []
    end = shares.shape[-1]
    remaining = shares  # M_{>l}^{-1} residual X for the layers not done yet
    for layer, adapter in zip(reversed(layers), reversed(adapters), strict=True):
        start = end - adapter.A.shape[-2]
        moves.append(remaining[..., start:end])
        remaining, end = (spaces.solve(layer, remaining[..., :start]) if start else remaining[..., :0]), start
    return moves[::-1]
