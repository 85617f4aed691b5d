"""The cases of the claims of Zeng and Lee's Appendix G: measured curves, and a step of training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from theorems.case import Array
from theorems.errors import InputError
from theorems.models.linear import LinearModel

#: Errors are counted in units of 1 / UNIT.
UNIT = 10**30


@dataclass(frozen=True)
class CurvesCase:
    """The mean squared errors of one panel: one frozen model and target, adapters of several LoRA-ranks.

    Errors are integers, in units of 1 / `UNIT`: measurements, which a search for a counterexample must not vary.

    construction, gradient  at each rank: the adapters of the proof, and those trained with Adam
    frozen                  of the frozen model without adapters
    ranks                   R_1 < ... < R_K
    threshold               the rank from which on the construction is exact
    """

    MAX_INTEGER: ClassVar[int] = 10**18 * UNIT

    construction: tuple[int, ...]
    gradient: tuple[int, ...]
    frozen: int
    ranks: tuple[int, ...]
    threshold: int

    def __post_init__(self) -> None:
        K = len(self.ranks)
        lengths = len(self.construction), len(self.gradient)
        if lengths != (K, K):
            raise InputError(f"there are {K} ranks, and errors of the lengths {lengths}: give one a rank")
        if not K or self.ranks[0] < 1 or any(a >= b for a, b in zip(self.ranks, self.ranks[1:], strict=False)):
            raise InputError(f"the ranks {self.ranks} are not ascending from 1 on")
        if min(*self.construction, *self.gradient, self.frozen) < 0:
            raise InputError("an error is negative: a mean of squares is not")

    @property
    def below(self) -> list[int]:
        """The positions of the ranks below the threshold."""
        return [k for k, R in enumerate(self.ranks) if self.threshold > R]

    @property
    def above(self) -> list[int]:
        """The positions of the ranks at and above the threshold."""
        return [k for k, R in enumerate(self.ranks) if self.threshold <= R]


@dataclass(frozen=True)
class TwoCurvesCase:
    """The curves of a random frozen model, and of the same model after training towards the same target."""

    random: CurvesCase
    pretrained: CurvesCase

    def __post_init__(self) -> None:
        if self.random.ranks != self.pretrained.ranks:
            ranks = f"{self.random.ranks} and {self.pretrained.ranks}"
            raise InputError(f"the curves have the ranks {ranks}: give the same")


@dataclass(frozen=True)
class DescentCase:
    """A frozen linear model, a target, and the length of one step of gradient descent on all weights.

    frozen  W_1, ..., W_L;  target  (..., D, D);  step  eta, (..., 1)
    """

    frozen: LinearModel
    target: Array
    step: Array

    def __post_init__(self) -> None:
        D = self.frozen.width
        if self.target.shape[-2:] != (D, D) or self.step.shape[-1:] != (1,):
            raise InputError(
                f"the target has the shape {self.target.shape} and the step {self.step.shape}: give {D} x {D} and 1"
            )
