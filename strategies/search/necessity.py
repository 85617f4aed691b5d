"""Is a hypothesis needed?  Look for an exact case that meets all the others and violates the conclusion."""

from __future__ import annotations

import itertools
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorems import catalogue
from theorems.arithmetic import Ball, Float64, Rational
from theorems.arithmetic.base import NO, Arithmetic
from theorems.case import CountCase
from theorems.claim import Claim, Outcome
from theorems.errors import InputError, Unsupported
from theorems.judge.driver import OUTCOMES, Report, check
from theorems.statement import Conclude, Suppose
from theorems.strategies.draws import draws, recipe_of
from theorems.strategies.recipes import Recipe
from theorems.strategies.search.attack import attack, batch_size
from theorems.strategies.search.conviction import Conviction, convict, escalate
from theorems.strategies.search.shrink import Shrinker
from theorems.strategies.search.simplicity import size_of, structure_of
from theorems.strategies.search.sweep import sweep
from theorems.strategies.without import without

#: Members of a float batch, and exact members of a recipe.
BATCH, EXACT = 64, 2
#: Exact cases of a larger dimension are dear.
LARGEST_EXACT = 5
#: After so many recipes, the small entries are swept at the structures seen, at most so many, with so many cases each.
SWEPT_AFTER, STRUCTURES, CASES = 24, 8, 2000
#: Cases of integers alone: all of them up to this sum, and at most so many.
LARGEST_SUM, TUPLES = 12, 4000
#: Exact checks that a shrinking may cost, and recipes looked at for a simpler start.
BUDGET, SMALLER = 400, 40

#: What goes wrong where a changed case is no case of the statement: sizes that fit nothing, a division by zero.
MISFITS = (InputError, ValueError, IndexError, TypeError, KeyError, ZeroDivisionError, OverflowError)


@dataclass
class Attack:
    """What was seen of a claim without some hypotheses.

    violating   Float64 instances that meet all other hypotheses and violate one that was dropped
    exact       exact ones;  held  those of them on which every conclusion holds
    undefined   those of them on which a construction cannot be formed;  undecided  those that nobody decided
    unmet       those of them that do not meet the hypotheses of the claim that is to show it
    recipes     recipes drawn;  swept  structures whose small entries were gone through
    conviction  the counterexample, not shrunk
    """

    violating: int = 0
    exact: int = 0
    held: int = 0
    undefined: int = 0
    undecided: int = 0
    unmet: int = 0
    recipes: int = 0
    swept: int = 0
    conviction: Conviction | None = field(default=None, repr=False)

    def as_data(self) -> dict[str, int]:
        """The counts."""
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}


@dataclass(frozen=True)
class Weakened:
    """A claim without some of its hypotheses.

    claim     the claim without them
    dropped   their names
    shown_by  another claim of the same cases that shows the conclusion without them, where there is one
    one_rank  whether the claim is about one LoRA-rank R >= 1 for all layers, as far as its strategy says
    """

    claim: Claim
    dropped: tuple[str, ...]
    shown_by: Claim | None = None
    one_rank: bool = False

    def admits(self, case: Any) -> bool:
        """Whether the claim is about such cases at all: Lemma 9 has one rank, whatever its statement can compute."""
        ranks = getattr(case, "ranks", None)
        return not (self.one_rank and isinstance(ranks, tuple)) or is_one_rank(ranks)

    def observed(self, case: Any, num: Arithmetic) -> tuple[Report, NDArray[np.bool_]]:
        """The report of the claim, and which members meet its hypotheses and violate one that was dropped."""
        violating = np.zeros(num.size, bool)

        def watched(loaded: Any, num: Any) -> Generator[Suppose | Conclude, None, None]:
            for step in self.claim.statement(loaded, num):
                if isinstance(step, Suppose) and step.name in self.dropped:
                    violating[:] |= num.decide(step.condition).verdicts == NO
                else:
                    yield step

        try:
            report = check(watched, case, num, self.claim.skip)
        except ZeroDivisionError:
            if not violating.all():
                raise
            report = Report(np.full(num.size, OUTCOMES.index(Outcome.UNDEFINED), np.int8), np.full(num.size, np.nan))
        return report, violating & ~report.where(Outcome.VACUOUS)


def seek(
    weak: Weakened, strategy: Any, *, seed: int = 0, seconds: float = 5.0, recipes: int | None = None,
    known: Iterable[Any] = (),
) -> Attack:  # fmt: skip
    """Attack a claim without some hypotheses: the `known` cases, those of `strategy`, changed ones, all small ones.

    What is looked at is a function of the seed and of the claim; `seconds` and `recipes` cut the sequence.
    """
    result = Attack()
    end = time.monotonic() + seconds
    structures: dict[Any, Any] = {}
    kind = kind_of(strategy)
    for case in known:
        if type(case) is not kind or (isinstance(case, CountCase) and sum(case.values) > LARGEST_SUM):
            continue
        result.conviction = _exactly(weak, case, result)
        if result.conviction is not None or time.monotonic() > end:
            return result
    for number, recipe in enumerate(_recipes(weak.claim, strategy, seed)):
        for case in _exact_cases(recipe, number):
            structures.setdefault(structure_of(case), case)
            result.conviction = _exactly(weak, case, result)
            if result.conviction is not None:
                return result
        result.conviction = _in_floats(weak, recipe, number, result)
        result.recipes = number + 1
        if result.conviction is None and result.recipes == SWEPT_AFTER:
            result.conviction = _swept(weak, structures.values(), result, end)
        if result.conviction is not None or time.monotonic() > end or result.recipes == recipes:
            return result
    return result


def is_one_rank(ranks: tuple[int, ...]) -> bool:
    """Whether the LoRA-ranks are one R >= 1."""
    return len(set(ranks)) == 1 and ranks[0] >= 1


@cache
def has_one_rank(strategy: Any) -> bool:
    """Whether all LoRA-ranks of the cases that a strategy draws are one R >= 1."""
    drawn = itertools.islice(draws(strategy, seed=0, key="ranks"), 32)
    ranks = [getattr(recipe_of(one).exact(0), "ranks", None) for one in drawn]
    return all(isinstance(one, tuple) and is_one_rank(one) for one in ranks)


def normal_form(weak: Weakened, conviction: Conviction, strategy: Any, *, seconds: float = 60.0) -> Conviction:
    """A counterexample that is shrunk, and compared with small cases that do not depend on the seed.

    After `seconds` the simplest one so far is taken.
    """
    smaller = list(itertools.islice(_recipes(weak.claim, strategy, 0), SMALLER))
    end = time.monotonic() + seconds

    def convicts(candidate: Any) -> bool:
        return time.monotonic() < end and _convicted(weak, candidate) is not None

    case = Shrinker(weak.claim, convicts, budget=BUDGET).shrink(conviction.case, smaller)
    return _convicted(weak, case) or conviction


def _recipes(weak: Claim, strategy: Any, seed: int) -> Iterator[Recipe[Any]]:
    """Recipes of the strategy, changed ones, and changed ones of other claims about such cases."""
    plain = draws(strategy, seed=seed, key=weak.key)
    changed = draws(without(strategy), seed=seed, key=weak.key)
    others = lent(weak.key, kind_of(strategy))
    borrowed = itertools.cycle([draws(without(other), seed=seed, key=weak.key) for other in others])
    while True:
        yield recipe_of(next(plain))
        yield from itertools.islice(changed, 2)
        if others:
            yield next(next(borrowed))


@cache
def lent(key: str, kind: type | None) -> tuple[Any, ...]:
    """The strategies that the text of a claim has others lend it (`Text.lenders`), of cases of this type."""
    text = catalogue.text_of(key)
    strategies = map(catalogue.strategy, text.lenders if text is not None else ())
    return tuple(strategy for strategy in strategies if kind_of(strategy) is kind)


@cache
def kind_of(strategy: Any) -> type | None:
    """The type of the cases that a strategy draws; None where what it draws cannot be made here."""
    try:
        return type(recipe_of(next(draws(strategy, seed=0, key="kind"))).exact(0))
    except InputError:
        return None


def _exact_cases(recipe: Recipe[Any], number: int) -> Iterator[Any]:
    if recipe.size[0] > LARGEST_EXACT and number % 8:
        return
    for place in range(EXACT):
        try:
            yield recipe.exact(place + EXACT * (number // 64))
        except MISFITS:
            return


def _exactly(weak: Weakened, case: Any, result: Attack) -> Conviction | None:
    if not weak.admits(case):
        return None
    for num in (Rational(), Ball()):
        try:
            report, violating = weak.observed(case, num)
            if violating[0] and weak.shown_by is not None:
                report = check(weak.shown_by, case, num)
        except Unsupported:
            continue
        except MISFITS:
            return None
        if report.outcome is Outcome.FAILS:
            return _convicted(weak, case) if violating[0] else None
        if violating[0]:
            result.exact += 1
            result.held += report.outcome is Outcome.HOLDS
            result.undefined += report.outcome is Outcome.UNDEFINED
            result.undecided += report.outcome is Outcome.UNDECIDED
            result.unmet += report.outcome is Outcome.VACUOUS
        return None
    return None


def _in_floats(weak: Weakened, recipe: Recipe[Any], number: int, result: Attack) -> Conviction | None:
    try:
        batch = recipe.batch(BATCH)
        report, violating = weak.observed(batch, Float64(size=batch_size(batch)))
        result.violating += int(violating.sum())
        if weak.shown_by is not None or not (violating & report.where(Outcome.FAILS)).any():
            return None
        accused, _, _ = attack(weak.claim, batch, seed=number, most=2)
    except (Unsupported, *MISFITS):
        return None
    for case in filter(weak.admits, accused.cases):
        try:
            conviction = escalate(weak.claim, case).conviction
        except (Unsupported, *MISFITS):
            continue
        if conviction is not None:
            return conviction
    return None


def _swept(weak: Weakened, structures: Iterable[Any], result: Attack, end: float) -> Conviction | None:
    for case in itertools.islice(sorted(structures, key=size_of), STRUCTURES):
        if time.monotonic() > end:
            break
        result.swept += 1
        if isinstance(case, CountCase):
            return _counted(weak, len(case.values), result, end)
        try:
            found = sweep(weak.claim, case, lambda one: _convicted(weak, one) is not None, most=CASES, own=False)
        except (Unsupported, *MISFITS):
            continue
        if found is not None:
            return _convicted(weak, found)
    return None


def _counted(weak: Weakened, n: int, result: Attack, end: float) -> Conviction | None:
    """Tuples of natural numbers, the smallest sum first."""
    ordered = (values for total in range(LARGEST_SUM + 1) for values in _of_sum(n, total))
    for values in itertools.islice(ordered, TUPLES):
        conviction = _exactly(weak, CountCase(values), result)
        if conviction is not None or time.monotonic() > end:
            return conviction
    return None


def _of_sum(n: int, total: int) -> Iterator[tuple[int, ...]]:
    if n == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _of_sum(n - 1, total - first):
            yield (first, *rest)


def _convicted(weak: Weakened, case: Any) -> Conviction | None:
    if not weak.admits(case):
        return None
    try:
        return convict(weak.shown_by or weak.claim, case)
    except MISFITS:
        return None
