"""Attention heads narrower than the tokens, as a case."""

from __future__ import annotations

from dataclasses import dataclass

from theorems.case import Array
from theorems.errors import InputError


@dataclass(frozen=True)
class NarrowHeadCase:
    """A frozen and a target head whose two weights meet in a width d below D: W_K^T W_Q, or W_O W_V.

    lower, target_lower  W_Q or W_V, (..., d, D)
    upper, target_upper  W_K^T or W_O, (..., D, d)
    rank                 R, 1 <= R <= D
    """

    lower: Array
    upper: Array
    target_lower: Array
    target_upper: Array
    rank: int

    def __post_init__(self) -> None:
        d, D = (int(n) for n in self.lower.shape[-2:])
        for name, W, shape in (
            ("upper", self.upper, (D, d)),
            ("target_lower", self.target_lower, (d, D)),
            ("target_upper", self.target_upper, (D, d)),
        ):
            if W.shape[-2:] != shape:
                raise InputError(f"{name} has the shape {W.shape} and lower {self.lower.shape}: give {shape}")
        if not 1 <= d <= D or not 1 <= self.rank <= D:
            raise InputError(f"a head of {d} x {D} and R = {self.rank}: give 1 <= d <= D and 1 <= R <= D")
