"""A portion of a hunt: ten recipes in order, and a climb from the worst of what they showed.

Portion number n of a claim is a function of (seed, key, n) alone, so that portions may be done in any order, by any
process on any machine, and done again where one was lost.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from theorems.case import arrays
from theorems.claim import Claim
from theorems.domains import Domain
from theorems.errors import InputError
from theorems.judge.tally import Tally
from theorems.strategies.draws import (
    CHUNK,
    chunk_of,
    domain_of,
    recipe_of,
)
from theorems.strategies.recipes import Recipe
from theorems.strategies.search.attack import Accused, Near, attack
from theorems.strategies.search.climb import climb, climb_recipes
from theorems.strategies.search.conviction import (
    Conviction,
    Ending,
    Judgement,
    by_digits,
    escalate,
    judge,
)

#: Recipes in a portion, and how many are drawn at first: what falls at once need not wait for the others of its chunk.
RECIPES, FIRST = 10, 16
#: Escalations that a stratum, and a portion as a whole, may cost; further accusations there count as undecided.
ESCALATIONS, ESCALATIONS_IN_ALL = 4, 10
#: Misses of a construction that a stratum may cost, and a portion as a whole.
MISSES, MISSES_IN_ALL = 1, 4
#: Exact cases checked for each recipe.
EXACT = 2
#: The first portion that climbs over recipes, and how many lie between two that do.
AIMED_FIRST, AIMED_EVERY = 2, 5

CLIMBED = " (climbed)"


@dataclass(frozen=True)
class Doubt:
    """An exact case that speaks against a claim, and convicts nothing.

    kind    `ACCUSED` or `MISSED`
    margin  by how much the case violates the claim, or the construction its bound; negative
    reason  why nothing could decide, or how the construction misses
    """

    kind: str
    case: Any
    stratum: str
    margin: float
    reason: str


#: Exact cases up to this dimension, and so many, settle a stratum that floats leave open.
LARGEST_OPEN, MOST_OPEN = 16, 8
#: Many digits cost a second a case where they decide nothing: after so many such cases a portion asks them no more.
MOST_FRUITLESS = 2
#: The kinds of a `Doubt`: a violation that nothing exact decides, a construction that misses.
ACCUSED, MISSED = "accused", "construction misses"


@dataclass
class Portion:
    """What came of a portion.

    strata      what was seen, by stratum; what was seen on a climb counts apart, for it is no independent draw
    recipes     how many recipes were attacked
    conviction  the first counterexample, not shrunk
    doubts      of each kind the worst, by kind
    """

    number: int
    strata: dict[str, Tally] = field(default_factory=dict)
    recipes: int = 0
    seconds: float = 0.0
    conviction: Conviction | None = None
    doubts: dict[str, Doubt] = field(default_factory=dict)

    def tally(self, stratum: str) -> Tally:
        """The tally of a stratum."""
        return self.strata.setdefault(stratum, Tally())


def portion(
    claim: Claim,
    strategy: Any,
    *,
    seed: int,
    number: int,
    most: int = RECIPES,
    largest_batch: int = 2048,
    patience: Callable[[Portion], bool] = lambda so_far: True,
) -> Portion:
    """Attack a claim with the recipes of one portion, at most `most`; ends at the first conviction.

    `patience` is asked after every recipe, and cuts the portion where it answers no.
    """
    begin = time.monotonic()
    result = Portion(number)
    work = Work(claim, result, largest_batch)
    for index, drawn in _recipes(strategy, seed, claim.key, number)[:most]:
        recipe = recipe_of(drawn)
        result.conviction = (
            work.exact_stage(recipe, index) or work.float_stage(recipe, index) or work.open_stage(recipe)
        )
        result.recipes, result.seconds = result.recipes + 1, time.monotonic() - begin
        if result.conviction is not None or not patience(result):
            return result
    result.conviction = work.climb_stage(seed, number)
    if result.conviction is None and number % AIMED_EVERY == AIMED_FIRST and work.slopes:
        result.conviction = work.aimed_stage(strategy, seed, number)
    result.seconds = time.monotonic() - begin
    return result


def _recipes(strategy: Any, seed: int, key: str, number: int) -> list[tuple[int, Any]]:
    chunk, part = divmod(number, CHUNK // RECIPES)
    drawn = drawn_chunk(strategy, seed, key, chunk, FIRST if number == 0 else CHUNK)
    drawn = drawn[part * RECIPES : (part + 1) * RECIPES]
    return [(number * RECIPES + place, value) for place, value in enumerate(drawn)]


@lru_cache(maxsize=4)
def drawn_chunk(strategy: Any, seed: int, key: str, chunk: int, most: int = CHUNK) -> list[Any]:
    """A chunk of what a claim's search draws, or the first of it, kept for those who look at the same claim again."""
    return chunk_of(strategy, seed=seed, key=key, chunk=chunk, most=most)


class Work:
    """The stages of a portion, with what they share: the tallies, the escalations left, the nearest instances."""

    def __init__(self, claim: Claim, result: Portion, largest_batch: int) -> None:
        self._claim = claim
        self._result = result
        self._largest = largest_batch
        self._escalated: dict[str, int] = {}
        self._missing: dict[str, int] = {}
        self._doubtful: set[str] = set()  # strata in which something stays accused
        self._fruitless = 0  # cases that many digits left undecided
        self._nearest: tuple[Near, str, Domain] | None = None
        self._bare = False

    @property
    def slopes(self) -> bool:
        """Whether margins say more than rounding: where equalities hold, no recipe is nearer than another."""
        return self._bare or self._nearest is not None

    def exact_stage(self, recipe: Recipe[Any], index: int) -> Conviction | None:
        """The simplest exact cases of a recipe."""
        if recipe.size[0] > 6 and index % 8:  # large exact cases are dear: now and then
            return None
        tally = self._result.tally(recipe.stratum)
        for place in range(EXACT):
            judgement = judge(self._claim, recipe.exact(EXACT * (index // 8) + place))
            if judgement.conviction is not None:
                return _of(recipe, judgement.conviction)
            self.count(judgement, recipe.stratum, tally)
        return None

    def open_stage(self, recipe: Recipe[Any]) -> Conviction | None:
        """More exact cases of a recipe in whose stratum floats decide little, and the first exact ones too little.

        An equality of exponentials is nothing that balls decide: many digits do, as they acquit floats.
        """
        tally = self._result.tally(recipe.stratum)
        if recipe.size[0] > LARGEST_OPEN:
            return None
        for number in range(MOST_OPEN):
            if tally.settled or tally.exact >= MOST_OPEN:
                return None
            judgement = judge(self._claim, recipe.exact(number))
            if self._fruitless < MOST_FRUITLESS:
                judgement = by_digits(self._claim, judgement)
                self._fruitless += judgement.ending is Ending.UNDECIDED
            if judgement.conviction is not None:
                return _of(recipe, judgement.conviction)
            self.count(judgement, recipe.stratum, tally)
        return None

    def count(self, judgement: Judgement, stratum: str, tally: Tally) -> None:
        """Count an exact case that convicts nothing."""
        if judgement.ending is Ending.VACUOUS:
            tally.vacuous += 1
            tally.fell(judgement.report.unmet if judgement.report is not None else {})
            return
        tally.exact += 1
        tally.undecided += judgement.ending is Ending.UNDECIDED
        tally.exact_undecided += judgement.ending is Ending.UNDECIDED
        tally.construction_misses += judgement.ending is Ending.MISSED
        tally.accused += judgement.ending is Ending.ACCUSED
        if judgement.ending is Ending.MISSED:
            self._doubt(MISSED, judgement, stratum, judgement.margin)
        elif judgement.ending is Ending.ACCUSED:
            self._doubt(ACCUSED, judgement, stratum, judgement.margin)

    def _doubt(self, kind: str, judgement: Judgement, stratum: str, margin: float) -> None:
        """Keep the worst of a kind."""
        known = self._result.doubts.get(kind)
        if known is None or margin < known.margin:
            self._result.doubts[kind] = Doubt(kind, judgement.case, stratum, margin, judgement.reason)

    def float_stage(self, recipe: Recipe[Any], index: int) -> Conviction | None:
        """A batch of a recipe; small ones first."""
        dimension = max(recipe.size[0], 1)
        count = max(4, min(self._largest, 64 * 4 ** min(index // 8, 4), 2**17 // dimension**2 // 4))
        batch = recipe.batch(count)
        self._bare = self._bare or not arrays(batch)
        return self._attacked(batch, recipe.stratum, index, domain_of(recipe))

    def climb_stage(self, seed: int, number: int) -> Conviction | None:
        """From the nearest instances of the portion towards a violation."""
        if self._nearest is None:
            return None
        near, stratum, domain = self._nearest
        reached = climb(self._claim, near, seed=_mixed(seed, number), effort=number, domain=domain)
        return None if reached is None else self._attacked(reached, stratum + CLIMBED, number, domain)

    def aimed_stage(self, strategy: Any, seed: int, number: int) -> Conviction | None:
        """Hypothesis climbs over the recipes themselves: sizes, ranks, laws, integers."""
        best = climb_recipes(self._claim, strategy, seed=seed, number=number, bare=self._bare)
        if best is None:
            return None
        recipe, count = best
        stratum = recipe.stratum + CLIMBED
        attacked = self._attacked(recipe.batch(count), stratum, number, domain_of(recipe))
        return attacked or self._exactly(recipe, stratum)

    def _exactly(self, recipe: Recipe[Any], stratum: str) -> Conviction | None:
        judgement = judge(self._claim, recipe.exact(0))
        if judgement.conviction is not None:
            return _of(recipe, judgement.conviction)
        self.count(judgement, stratum, self._result.tally(stratum))
        return None

    def _attacked(self, batch: Any, stratum: str, index: int, domain: Domain) -> Conviction | None:
        tally = self._result.tally(stratum)
        left = min(
            ESCALATIONS - self._escalated.get(stratum, 0), ESCALATIONS_IN_ALL - sum(self._escalated.values())
        )
        accused, near, seen = attack(self._claim, batch, seed=index, most=max(0, min(2, left)))
        tally.add(seen)
        if near is not None and (self._nearest is None or near.margin < self._nearest[0].margin):
            self._nearest = near, stratum, domain
        found = self._escalate(accused, stratum, tally, domain)
        return found or self._missed(accused.missed, stratum, tally, domain)

    def _escalate(self, accused: Accused, stratum: str, tally: Tally, domain: Domain) -> Conviction | None:
        left = accused.count
        for case, margin in zip(accused.cases, accused.margins, strict=True):
            self._escalated[stratum] = self._escalated.get(stratum, 0) + 1
            judgement = escalate(self._claim, case, domain)
            if judgement.conviction is not None:
                return judgement.conviction
            if judgement.ending is Ending.ARTEFACT:
                tally.artefacts += 1
                tally.undecided -= 1
            elif judgement.ending is Ending.MISSED:
                tally.construction_misses += 1
                tally.undecided -= 1
                self._doubt(MISSED, judgement, stratum, judgement.margin)
            elif judgement.ending is not Ending.VACUOUS:
                self._doubtful.add(stratum)
                self._doubt(ACCUSED, judgement, stratum, margin)
                continue
            left -= 1
        if stratum in self._doubtful:  # what was not escalated is as good an accusation as what was
            tally.accused += left
            tally.undecided -= left
        return None

    def _missed(self, case: Any | None, stratum: str, tally: Tally, domain: Domain) -> Conviction | None:
        """A float case whose construction misses, judged exactly."""
        if case is None or self._missing.get(stratum, 0) >= MISSES or sum(self._missing.values()) >= MISSES_IN_ALL:
            return None
        self._missing[stratum] = self._missing.get(stratum, 0) + 1
        judgement = escalate(self._claim, case, domain)
        if judgement.ending is Ending.MISSED:
            tally.construction_misses += 1
            tally.undecided -= 1
            self._doubt(MISSED, judgement, stratum, judgement.margin)
        elif judgement.ending is Ending.ARTEFACT:
            tally.artefacts += 1
            tally.undecided -= 1
        return judgement.conviction


def _of(recipe: Recipe[Any], conviction: Conviction) -> Conviction:
    """The conviction of an exact case of a recipe.  Raises `InputError` where the recipe breaks its own promise."""
    domain = domain_of(recipe)
    if flaw := domain.flaw(conviction.case):
        raise InputError(f"a strategy ({recipe.stratum}) draws what it promises not to draw: {flaw}")
    return dataclasses.replace(conviction, domain=domain)


def _mixed(seed: int, number: int) -> int:
    """One non-negative seed of two."""
    return (abs(seed) * 1_000_003 + number) % 2**32
