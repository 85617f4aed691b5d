"""How LoRA-ranks are chosen, and how factors are stored."""

from __future__ import annotations

from dataclasses import dataclass

from theorems.weights.least_rank import Wanted

#: Element types of factors; the first is what PEFT stores.
DTYPES = ("float32", "float16", "bfloat16")


@dataclass(frozen=True)
class Rule:
    """How the LoRA-rank of a layer is chosen, and how its factors are stored.

    wanted    the error that is wanted; None where `rank` is given, or neither: the rank above rounding noise then
    most      no larger rank
    multiple  rounded up to a multiple of this (factors are padded with zeros)
    dtype     of the factors: float32, float16 or bfloat16
    alpha     lora_alpha of all layers, scaling = alpha / r; None for alpha = r, scaling 1
    fast      enough singular values for `wanted` or `rank` only, by a randomised method; the bounds hold all the same
    device    where singular vectors are guessed: `numpy`, or a device of torch; the bounds hold all the same
    """

    wanted: Wanted | None = None
    rank: int | None = None
    most: int | None = None
    multiple: int = 1
    dtype: str = "float32"
    alpha: float | None = None
    fast: bool = False
    device: str = "numpy"

    def scaling(self, r: int) -> float:
        """alpha / r."""
        return 1.0 if self.alpha is None or not r else self.alpha / r

    def allowed(self, r: int) -> int:
        """The rank that is taken where r would do."""
        if not r:
            return 0
        rounded = -(-r // self.multiple) * self.multiple
        if self.most is None or rounded <= self.most:
            return rounded
        return self.most // self.multiple * self.multiple or self.most
