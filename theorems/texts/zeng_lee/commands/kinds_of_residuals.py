"""How exactly a claim of exact representation comes out in floats: residuals beside condition numbers, by kind of case,
and the same cases at growing precision.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from theorems.case import arrays, member
from theorems.claim import Claim
from theorems.errors import Unsupported
from theorems.judge.artefacts import falls
from theorems.judge.conditioning import Floats, residual_at, rounding
from theorems.models.linear import LinearCase
from theorems.strategies.draws import draws, recipe_of
from theorems.strategies.models.linear import LinearRecipe
from theorems.strategies.models.pretrained import RealRecipe, TrainedRecipe
from theorems.strategies.recipes import Recipe, generator_of
from theorems.strategies.search.attack import batch_size
from theorems.texts.ours.flag_residuals import flag_residuals

#: The precisions, in decimal digits.
DIGITS = (50, 100)
#: Kinds of case, and the words in the names of strata that tell them; a stratum of no other kind is "random".  At the
#: edge a target vanishes beside the weights, or a hypothesis nearly fails: no condition number tells of that.
KINDS: dict[str, tuple[str, ...]] = {
    "real weights": ("silero", "MiniLM"),
    "pretrained": ("pretrained",),
    "ill-conditioned": ("ill-conditioned", "scaled weights", "uneven", "nearly singular weight"),
    "at the edge": ("singular", "zero target", "near over- and underflow"),
    "random": (),
}
#: Members of a batch, and instances of each kind that are run again in mpmath.
MEMBERS, CONFIRMED = 64, 2
#: Wider models than this are not run again in mpmath.
WIDEST = 8


def kind_of(stratum: str) -> str:
    """The kind of a stratum, one of `KINDS`."""
    for kind, marks in KINDS.items():
        if any(mark in stratum for mark in marks):
            return kind
    return "random"


@dataclass
class Residuals:
    """What was seen of one kind of case.

    residuals, conditions  of the live Float64 instances
    flag  of the midpoint flag, another construction of the same adapters, on those of the instances that are chains
    lost  how many of these the midpoint flag could not form in floats
    undefined  live instances whose construction could not be formed in floats
    confirmed  for each instance run again, its residual at each of the precisions; it met the hypotheses there
    refused    how many did not meet the hypotheses at those precisions (a rank, say, that only floats see)
    """

    kind: str
    residuals: list[Floats] = field(default_factory=list)
    conditions: list[Floats] = field(default_factory=list)
    flag: list[Floats] = field(default_factory=list)
    lost: int = 0
    undefined: int = 0
    confirmed: list[tuple[float, ...]] = field(default_factory=list)
    refused: int = 0
    _worst: list[tuple[float, Any]] = field(default_factory=list)

    @property
    def instances(self) -> int:
        """How many live Float64 instances had a residual."""
        return sum(map(len, self.residuals))

    def numbers(self) -> dict[str, float]:
        """Median and worst residual and condition number, and the worst residual in units of 2^-53 times the
        condition number of its own instance; NaN where there were no instances."""
        if not self.instances:
            return dict.fromkeys(("median", "worst", "condition", "worst_condition", "ratio"), math.nan)
        residuals, conditions = np.concatenate(self.residuals), np.concatenate(self.conditions)
        return {
            "median": float(np.median(residuals)),
            "worst": float(residuals.max()),
            "condition": float(np.median(conditions)),
            "worst_condition": float(conditions.max()),
            "ratio": float((residuals / conditions).max() * 2.0**53),
        }

    def of_flag(self) -> tuple[float, float]:
        """Median and worst residual of the midpoint flag; NaN where there is none."""
        if not any(map(len, self.flag)):
            return math.nan, math.nan
        seen = np.concatenate(self.flag)
        return float(np.median(seen)), float(seen.max())

    def at(self, place: int) -> float:
        """The worst residual at precision number `place`; NaN where nothing was confirmed."""
        return max((reached[place] for reached in self.confirmed), default=math.nan)

    def falling(self, digits: tuple[int, ...] = DIGITS) -> bool | None:
        """Whether every residual falls with the precision; None where no instance was run again."""
        if not self.confirmed:
            return None
        return all(falls([-value for value in reached], digits) is True for reached in self.confirmed)


def measured(
    claim: Claim,
    strategy: Any,
    *,
    seed: int = 0,
    recipes: int = 60,
    digits: tuple[int, ...] = DIGITS,
    progress: Callable[[], None] = lambda: None,
) -> list[Residuals]:
    """Run a claim on the batches of its recipes, kind by kind, and the worst instances of each again in mpmath.

    A function of (seed, claim, number of recipes).  One row for each of `KINDS`, the empty ones as well.  Claims on
    linear models get models of every kind besides those that their strategy draws.
    """
    rows = {kind: Residuals(kind) for kind in KINDS}
    drawn = (recipe_of(value) for value in draws(strategy, seed=seed, key=claim.key))
    made = list(itertools.islice(drawn, recipes))
    if isinstance(made[0].batch(1), LinearCase):
        made += linear_material(seed, max(recipes // 6, 1))
    for recipe in made:
        _add(rows[kind_of(recipe.stratum)], claim, recipe)
        progress()
    for row in rows.values():
        _confirm(row, claim, digits)
    return list(rows.values())


def linear_material(seed: int, count: int) -> list[Recipe[LinearCase]]:
    """`count` recipes each of real, trained and ill-conditioned linear models, with ranks that reach every target."""
    generator = generator_of(seed, 2)
    recipes: list[Recipe[LinearCase]] = []
    for number in range(count):
        D, L, own = int(generator.integers(2, 9)), int(generator.integers(1, 4)), int(generator.integers(2**32))
        ranks = (-(-D // L),) * L
        source, target = ("silero 8k", "silero 16k")[number % 2], ("sister", "other")[number // 2 % 2]
        recipes += [
            RealRecipe(source, target, "zero", D, ranks, seed=own),
            TrainedRecipe("zero", D, ranks, own),
            LinearRecipe("ill-conditioned weights", "geometric", "zero", D, ranks, own),
        ]
    return recipes


def _add(row: Residuals, claim: Claim, recipe: Recipe[Any]) -> None:
    batch = recipe.batch(MEMBERS)
    if not arrays(batch):
        return
    try:
        seen = rounding(claim, batch, size=batch_size(batch))
    except Unsupported:
        return
    flag = flag_residuals(batch, size=batch_size(batch))
    if flag is not None and seen.live.any():
        row.flag.append(flag[seen.live & np.isfinite(flag)])
        row.lost += int((seen.live & ~np.isfinite(flag)).sum())
    formed = seen.live & np.isfinite(seen.residuals)
    row.undefined += int((seen.live & ~formed).sum())
    if not formed.any():
        return
    row.residuals.append(seen.residuals[formed])
    row.conditions.append(seen.conditions[formed])
    worst = int(np.argmax(np.where(formed, seen.residuals, -1.0)))
    row._worst.append((float(seen.residuals[worst]), (recipe, member(batch, worst))))


def _confirm(row: Residuals, claim: Claim, digits: tuple[int, ...]) -> None:
    """The recipes with the worst residuals again: the instance itself, or an exact case of the recipe where the
    instance meets the hypotheses only in floats."""
    for _, (recipe, case) in sorted(row._worst, key=lambda pair: -pair[0]):
        if len(row.confirmed) >= CONFIRMED or row.refused >= 4 * CONFIRMED:
            break
        if recipe.size[0] > WIDEST:
            continue
        for candidate in _candidates(recipe, case):
            try:
                reached = tuple(residual_at(claim, candidate, d) for d in digits)
            except (Unsupported, ArithmeticError):
                continue
            if not any(map(math.isnan, reached)):
                row.confirmed.append(reached)
                break
        else:
            row.refused += 1
    row._worst.clear()


def _candidates(recipe: Recipe[Any], case: Any) -> Iterator[Any]:
    yield case
    yield recipe.exact(1)
