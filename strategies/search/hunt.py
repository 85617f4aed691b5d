"""Hunt one claim: smallest exact cases first, then Float64 batches; convict, shrink, report."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from strategies.recipes import Recipe
from strategies.search.attack import Tally, attack
from strategies.search.conviction import Conviction, Ending, convict, escalate, judge
from strategies.search.draws import draws, recipe_of
from strategies.search.shrink import Shrinker
from theorems.claim import Claim

#: Escalations that one stratum may cost; further accusations there count as undecided.
ESCALATIONS = 12
#: Recipes drawn to look for a smaller counterexample.
SMALLER = 250
#: Exact cases checked for each recipe.
EXACT = 2


@dataclass
class Hunt:
    """The result of a hunt.

    conviction  the counterexample, shrunk; None where the claim survived
    strata      what was seen, by stratum
    seconds     the time that it took
    """

    key: str
    seed: int
    strata: dict[str, Tally] = field(default_factory=dict)
    conviction: Conviction | None = None
    recipes: int = 0
    seconds: float = 0.0

    @property
    def total(self) -> Tally:
        """All strata together."""
        total = Tally()
        for tally in self.strata.values():
            total.add(tally)
        return total

    @property
    def outcome(self) -> str:
        """"refuted"; "survived"; "undecided" where no instance was decided in the claim's favour."""
        if self.conviction is not None:
            return "refuted"
        total = self.total
        decided = total.instances + total.exact - total.undecided
        return "survived" if decided > 0 else "undecided"


def hunt(
    claim: Claim,
    strategy: Any,
    *,
    seed: int = 0,
    seconds: float | None = None,
    recipes: int | None = None,
    largest_batch: int = 2048,
    shrink: bool = True,
    found: Callable[[Conviction], None] = lambda conviction: None,
    progress: Callable[[Hunt], None] = lambda hunt: None,
) -> Hunt:
    """Attack a claim with what `strategy` draws, until a conviction, `seconds` or a number of `recipes`.

    What is drawn and checked is a function of (seed, claim.key); the limits only cut the sequence.  `found` is called
    with the conviction as soon as there is one, and again when it is shrunk.
    """
    begin = time.monotonic()
    result = Hunt(claim.key, seed)
    escalations: dict[str, int] = {}
    for index, drawn in enumerate(draws(strategy, seed=seed, key=claim.key)):
        recipe = recipe_of(drawn)
        tally = result.strata.setdefault(recipe.stratum, Tally())
        conviction = _exact_stage(claim, recipe, tally, index)
        if conviction is None:
            conviction = _float_stage(claim, recipe, tally, escalations, index, largest_batch)
        result.recipes, result.seconds = index + 1, time.monotonic() - begin
        if conviction is not None:
            found(conviction)
            result.conviction = _shrunk(claim, conviction, strategy, seed) if shrink else conviction
            if shrink:
                found(result.conviction)
            break
        progress(result)
        if recipes is not None and result.recipes >= recipes:
            break
        if seconds is not None and result.seconds >= seconds:
            break
    result.seconds = time.monotonic() - begin
    return result


def _exact_stage(claim: Claim, recipe: Recipe[Any], tally: Tally, index: int) -> Conviction | None:
    if recipe.size[0] > 6 and index % 8:  # large exact cases are dear: now and then
        return None
    for number in range(EXACT):
        ending, conviction = judge(claim, recipe.exact(EXACT * (index // 8) + number))
        if conviction is not None:
            return conviction
        if ending is Ending.VACUOUS:
            tally.vacuous += 1
        else:
            tally.exact += 1
            tally.undecided += ending is Ending.UNDECIDED
    return None


def _float_stage(
    claim: Claim,
    recipe: Recipe[Any],
    tally: Tally,
    escalations: dict[str, int],
    index: int,
    largest_batch: int,
) -> Conviction | None:
    dimension = max(recipe.size[0], 1)
    count = max(4, min(largest_batch, 64 * 4 ** min(index // 8, 4), 2**17 // dimension**2 // 4))
    left = ESCALATIONS - escalations.get(recipe.stratum, 0)
    accused, seen = attack(claim, recipe.batch(count), seed=index, most=max(0, min(2, left)))
    tally.add(seen)
    for case in accused.cases:
        escalations[recipe.stratum] = escalations.get(recipe.stratum, 0) + 1
        ending, conviction = escalate(claim, case)
        if conviction is not None:
            return conviction
        if ending is Ending.ARTEFACT:
            tally.artefacts += 1
            tally.undecided -= 1
    return None


def _shrunk(claim: Claim, conviction: Conviction, strategy: Any, seed: int) -> Conviction:
    smaller = [
        recipe_of(drawn)
        for drawn in itertools.islice(draws(strategy, seed=seed, key=f"{claim.key}/smaller"), SMALLER)
    ]
    case = Shrinker(lambda candidate: convict(claim, candidate) is not None).shrink(conviction.case, smaller)
    final = convict(claim, case)
    return conviction if final is None else final
