"""Hunt one claim: smallest exact cases first, then Float64 batches; convict, shrink, report."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from theorems.claim import Claim
from theorems.judge.tally import Tally
from theorems.strategies.draws import draws, recipe_of
from theorems.strategies.finite import every_case
from theorems.strategies.search.conviction import Conviction, confirmed, convict
from theorems.strategies.search.exhaustion import exhaustion
from theorems.strategies.search.portion import CLIMBED, RECIPES, Doubt, Portion, portion
from theorems.strategies.search.shrink import Shrinker
from theorems.strategies.search.simplicity import simplicity

#: With fewer live instances than this a claim is hardly tried.
HANDFUL = 10
#: Recipes drawn to look for a smaller counterexample.
SMALLER = 150
#: The share of the time of a hunt that may go into a list of all cases.
SHARE = 0.5


@dataclass
class Hunt:
    """The result of a hunt.

    conviction  the counterexample, shrunk; None where the claim survived
    strata      what was seen, by stratum
    doubts      the worst instance of each kind that speaks against the claim and convicts nothing
    every       how many cases there are, where each of them was judged and none is left undecided
    seconds     the time that it took
    """

    key: str
    seed: int
    strata: dict[str, Tally] = field(default_factory=dict)
    conviction: Conviction | None = None
    doubts: dict[str, Doubt] = field(default_factory=dict)
    recipes: int = 0
    every: int = 0
    seconds: float = 0.0

    @property
    def total(self) -> Tally:
        """All strata together."""
        return in_all(self.strata)

    @property
    def outcome(self) -> str:
        """How the hunt ended, in one of six words; see `ending`."""
        return ending(self.strata, refuted=self.conviction is not None, every=self.every)


def in_all(strata: Mapping[str, Tally]) -> Tally:
    """All strata together."""
    total = Tally()
    for tally in strata.values():
        total.add(tally)
    return total


def open_strata(strata: Mapping[str, Tally]) -> list[str]:
    """The strata in which most instances stayed undecided; what a climb reached counts where it began."""
    cells: dict[str, Tally] = {}
    for name, tally in strata.items():
        cells.setdefault(name.removesuffix(CLIMBED), Tally()).add(tally)
    return [name for name, tally in cells.items() if tally.live and not tally.settled]


def ending(strata: Mapping[str, Tally], *, refuted: bool, every: int = 0) -> str:
    """How a hunt ends.

    "refuted"; "accused" where floats violate the claim beyond rounding and nothing exact could convict or acquit;
    "undecided" where a construction missed, nothing was decided, or a stratum is left open (`Tally.settled`); "hardly
    tried" after a handful of live instances; "decided" where `every` case there is holds or is vacuous; "survived".
    """
    total = in_all(strata)
    if refuted:
        return "refuted"
    if total.accused:
        return "accused"
    if total.decided <= 0 or total.construction_misses or open_strata(strata):
        return "undecided"
    if every:
        return "decided"
    return "hardly tried" if total.live < HANDFUL else "survived"


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
    with the conviction as soon as there is one, and again when it is shrunk.  Where all cases can be listed, within
    `recipes`, they are judged first, the simplest first: half of the time may go there.
    """
    begin = time.monotonic()
    result = Hunt(claim.key, seed)
    finite = every_case(strategy, simplicity)
    if finite is not None and (recipes is None or len(finite.cases) <= recipes):
        end = float("inf") if seconds is None else begin + SHARE * seconds
        tried = exhaustion(claim, finite, patience=lambda: time.monotonic() < end)
        result.strata, result.doubts, result.recipes = tried.strata, tried.doubts, tried.recipes
        result.seconds = time.monotonic() - begin
        if tried.conviction is not None:  # nothing simpler is one
            result.conviction = confirmed(claim, tried.conviction)
            found(result.conviction)
            return result
        if tried.recipes == len(finite.cases) and not in_all(tried.strata).open:
            result.every = len(finite.cases)
            return result
    for number in itertools.count():
        done = dict(result.strata)

        def patience(so_far: Portion, done: dict[str, Tally] = done, before: int = result.recipes) -> bool:
            result.strata = merged(done, so_far.strata)
            result.doubts = worse(result.doubts, so_far.doubts)
            result.recipes, result.seconds = before + so_far.recipes, time.monotonic() - begin
            progress(result)
            return seconds is None or result.seconds < seconds

        most = RECIPES if recipes is None else min(RECIPES, recipes - result.recipes)
        before = result.recipes
        part = portion(
            claim, strategy, seed=seed, number=number, most=most, largest_batch=largest_batch, patience=patience
        )
        result.strata, result.recipes = merged(done, part.strata), before + part.recipes
        result.doubts = worse(result.doubts, part.doubts)
        result.seconds = time.monotonic() - begin
        if part.conviction is not None:
            result.conviction = confirmed(claim, part.conviction)
            found(result.conviction)
            if shrink:
                result.conviction = confirmed(claim, shrunk(claim, result.conviction, strategy, seconds=seconds))
                found(result.conviction)
            if result.conviction.raised is not None:
                raise result.conviction.raised
            break
        if recipes is not None and result.recipes >= recipes:
            break
        if seconds is not None and result.seconds >= seconds:
            break
    result.seconds = time.monotonic() - begin
    return result


def merged(one: Mapping[str, Tally], two: Mapping[str, Tally]) -> dict[str, Tally]:
    """The tallies of both, by stratum."""
    result = {name: dataclasses.replace(tally, unmet=dict(tally.unmet)) for name, tally in one.items()}
    for name, tally in two.items():
        result.setdefault(name, Tally()).add(tally)
    return result


def worse(one: Mapping[str, Doubt], two: Mapping[str, Doubt]) -> dict[str, Doubt]:
    """Of each kind the doubt with the worse margin."""
    result = dict(one)
    for kind, doubt in two.items():
        if kind not in result or doubt.margin < result[kind].margin:
            result[kind] = doubt
    return result


def shrunk(claim: Claim, conviction: Conviction, strategy: Any, *, seconds: float | None = None) -> Conviction:
    """The normal form of a counterexample, or after `seconds` of computing the simplest one so far.

    The smaller recipes that it is compared with are the same for every seed, so that the seed of a search does not show
    in what it reports.
    """
    drawn = itertools.islice(draws(strategy, seed=0, key=f"{claim.key}/smaller"), SMALLER)
    smaller = [recipe_of(one) for one in drawn]
    shrinker = Shrinker(claim, lambda candidate: convict(claim, candidate) is not None, domain=conviction.domain,
                        seconds=seconds)  # fmt: skip
    case = shrinker.shrink(conviction.case, smaller)
    final = convict(claim, case)
    if final is None:
        return dataclasses.replace(conviction, raised=shrinker.raised)
    return dataclasses.replace(final, domain=shrinker.domain, raised=shrinker.raised)
