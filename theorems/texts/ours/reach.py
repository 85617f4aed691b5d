"""The case of the claims here: a frozen linear model and a change of its product, given by factors."""

from __future__ import annotations

from dataclasses import dataclass

from theorems.case import Array
from theorems.errors import InputError
from theorems.models.linear import Adapter, LinearModel


@dataclass(frozen=True)
class ReachCase:
    """A frozen linear model, a change of its product by a matrix of rank at most k, ranks, and competing adapters.

    frozen      the model W_1, ..., W_L of width D
    change      E = B A with B (..., D, k) and A (..., k, D); the target is W_L ... W_1 + E
    ranks       R_1, ..., R_L
    competitor  one adapter of rank at most R_l for each layer
    """

    frozen: LinearModel
    change: Adapter
    ranks: tuple[int, ...]
    competitor: tuple[Adapter, ...]

    def __post_init__(self) -> None:
        D, L = self.frozen.width, self.frozen.depth
        if len(self.ranks) != L or len(self.competitor) != L:
            raise InputError(
                f"there are {len(self.ranks)} ranks and {len(self.competitor)} competing adapters for {L} layers: "
                "give one of each a layer"
            )
        if not all(0 <= R <= D for R in self.ranks):
            raise InputError(f"the ranks {self.ranks} are not all in 0..{D}, D = {D} being the width")
        named = [("the change", self.change, self.change.A.shape[-2])]
        for l, (a, R) in enumerate(zip(self.competitor, self.ranks, strict=True), 1):
            named.append((f"competing adapter {l}", a, R))
        for name, adapter, R in named:
            if adapter.B.shape[-2:] != (D, R) or adapter.A.shape[-2:] != (R, D) or R > D:
                raise InputError(
                    f"{name} has factors of the shapes {adapter.B.shape} and {adapter.A.shape}: "
                    f"for D = {D} they are D x {R} and {R} x D"
                )

    @property
    def columns(self) -> int:
        """k, a bound on rank(E)."""
        return int(self.change.A.shape[-2])

    @property
    def target(self) -> Array:
        """W_L ... W_1 + E."""
        target: Array = self.frozen.matrix + self.change.matrix
        return target
