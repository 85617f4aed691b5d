"""What was seen of a claim: counts, and the worst margin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: The numbers of a tally.
COUNTS = (
    "instances", "exact", "vacuous", "undecided", "artefacts", "accused", "construction_misses", "exact_undecided",
)  # fmt: skip


@dataclass
class Tally:
    """What was seen of one stratum.

    instances  live instances in Float64: all hypotheses met
    exact      live instances in exact or ball arithmetic, or in many digits where a stratum stays open otherwise
    vacuous    instances with a hypothesis not met, in any arithmetic
    undecided  instances on which the last arithmetic that saw them could not decide
    exact_undecided  of these, exact ones; floats leave undecided what lies within their rounding
    artefacts  accusations by Float64 that exact arithmetic acquitted
    accused    violations beyond rounding that nothing exact could convict or acquit
    construction_misses  exact instances on which a construction misses its bound while no obstruction bites
    unmet      hypotheses by name, with how many instances fell there
    worst      the worst margin of a Float64 instance that holds, or of rounding; inf for none yet
    """

    instances: int = 0
    exact: int = 0
    vacuous: int = 0
    undecided: int = 0
    artefacts: int = 0
    accused: int = 0
    construction_misses: int = 0
    exact_undecided: int = 0
    unmet: dict[str, int] = field(default_factory=dict)
    worst: float = field(default=float("inf"))

    @property
    def live(self) -> int:
        """All instances that meet the hypotheses."""
        return self.instances + self.exact

    @property
    def decided(self) -> int:
        """The live instances that some arithmetic decided in the claim's favour."""
        return self.live - self.undecided - self.accused - self.construction_misses

    @property
    def open(self) -> bool:
        """Whether anything that was looked at is not decided."""
        return bool(self.undecided or self.accused or self.construction_misses)

    @property
    def settled(self) -> bool:
        """Whether most live instances were decided, or at least most of the exact ones."""
        return 2 * self.decided >= self.live or self.exact > 2 * self.exact_undecided

    def fell(self, unmet: Mapping[str, int]) -> None:
        """Count the hypotheses that were not met."""
        for name, count in unmet.items():
            self.unmet[name] = self.unmet.get(name, 0) + count

    def add(self, other: Tally) -> None:
        """Count the other tally as well."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.fell(other.unmet)
        self.worst = min(self.worst, other.worst)
