"""What a proof may spend, and what it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from theorems.proofs.certificates import Trace
from theorems.proofs.charts import Chart

#: Techniques from the strongest to the weakest; a conclusion is as strong as the weakest step of its proof.
IDENTITY, POINT, SIGNS, COMBINATION = "identity", "identity at a point", "signs", "combination"
SQUARES, BOXES, SOLVER = "squares", "boxes", "solver"
ORDER = (IDENTITY, POINT, SIGNS, COMBINATION, SQUARES, BOXES, SOLVER)


@dataclass(frozen=True)
class Effort:
    """How far a proof may go.

    forks, paths, seconds  limits
    lazy      maxima and sizes as unknowns of their own, instead of forks
    probable  values at a point instead of normal forms that are too large
    squares   a search for sums of squares, or None
    combine   whether combinations of facts decide what signs leave open
    told      what combinations showed when this proof was found (`Combinations.answers`); None for a search
    boxed     the box that cases lie in, and cuts of it that show what signs leave open; None for all cases
    solver    z3 for what is left, or None
    """

    forks: int = 12
    paths: int = 128
    seconds: float = 5.0
    probable: bool = False
    lazy: bool = False
    squares: Any = None
    combine: bool = False
    told: tuple[tuple[int, bool], ...] | None = None
    boxed: Any = None
    solver: Any = None


@dataclass
class Settled:
    """What is known of one conclusion: the techniques used, or why it is open; steps for its certificate."""

    techniques: set[str] = field(default_factory=set)
    reason: str = ""
    steps: list[Any] = field(default_factory=list)


@dataclass
class Outcome:
    """What a run over all paths found.  `paths` are those that a case may lie on; `charts` as hypotheses left them."""

    conclusions: dict[str, Settled] = field(default_factory=dict)
    reason: str = ""
    paths: int = 0
    charts: list[Chart] = field(default_factory=list)
    traces: list[list[Trace]] = field(default_factory=list)
    settled: list[tuple[int, bool]] = field(default_factory=list)  # what combinations showed
    degree: int = 0
    chosen: int = 0  # maxima and sizes that a lazy run left open

    def proved(self, name: str) -> str | None:
        """The weakest technique in the proof of a conclusion; None where it is open."""
        found = self.conclusions[name]
        if self.reason or found.reason or not found.techniques:
            return None
        if POINT in found.techniques and found.techniques - {IDENTITY, POINT}:
            return None  # values stand for identities, and not for cases by signs
        return max(found.techniques, key=ORDER.index)
