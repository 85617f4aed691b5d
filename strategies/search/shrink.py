"""Shrink a convicted case exactly: smaller sizes first, then simpler entries, never losing the conviction."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from theorems.case import CountCase
from theorems.claim import Claim
from theorems.domains import ANY, Domain
from theorems.errors import InputError
from theorems.strategies.draws import domain_of
from theorems.strategies.recipes import Recipe
from theorems.strategies.search.changes import Change, candidates, structural
from theorems.strategies.search.projection import outside, refitted
from theorems.strategies.search.simplicity import simplicity, size_of, structure_of
from theorems.strategies.search.sweep import CASES, scattered, sweep

#: Exact checks that one shrinking may cost.
BUDGET = 2000
#: Members of recipes that are looked at for a start, and recipes of one size among them.
REFERENCES, GROUP = 600, 60
#: Rounds of sweeps; changes of size tried in each, smaller structures swept, and cases of each such sweep.
SWEEPS, CHANGES, STRUCTURES, FEW = 4, 16, 6, 12_000

Convicts = Callable[[Any], bool]


class Shrinker:
    """Shrinks one convicted case; `convicts` says whether a candidate is still a counterexample.

    The result is the same wherever the search began, as far as that can be had.  The greedy pass starts from the
    simplest counterexample among the exact members of a fixed list of recipes, where there is one; the case that was
    found counts where it ends smaller.  Then sweeps look for the simplest entries at that size, and for a smaller
    counterexample next to it.  After `seconds` of computing (of this process) the simplest so far is taken.

    Every candidate keeps the `domain`, exactly; of a case of which nothing is known but that it was drawn, only other
    drawn ones are smaller.  What the statement raises on a candidate is kept in `raised`.
    """

    def __init__(
        self,
        claim: Claim,
        convicts: Convicts,
        *,
        domain: Domain = ANY,
        budget: int = BUDGET,
        seconds: float | None = None,
    ) -> None:
        self._claim = claim
        self._end = float("inf") if seconds is None else time.thread_time() + seconds
        self.raised: Exception | None = None
        self.domain = domain
        self._judge = convicts
        self._budget = budget
        self._left = budget

    def shrink(self, case: Any, recipes: Iterable[Recipe[Any]] = ()) -> Any:
        """The simplest counterexample found from `case` and from the exact members of `recipes`."""
        own = self.domain
        start = self._reference(case, recipes)
        if start is not None:
            case_of_recipe, self.domain = start
            result = self._shrunk(case_of_recipe)
            if not size_of(case) < size_of(result):
                return result
            better, self.domain = (result, self.domain), own
            result = self._shrunk(case)
            if simplicity(result) < simplicity(better[0]):
                return result
            result, self.domain = better
            return result
        return self._shrunk(case)

    def _shrunk(self, case: Any) -> Any:
        if self.domain.as_drawn:
            return case
        if not isinstance(case, CountCase):  # floats sort out thousands of cases while one is judged exactly
            case = self._sweep(case, diagonal=True) or self._sweep(case, most=FEW) or case
        return self._swept(self._greedy(case))

    @property
    def _late(self) -> bool:
        return time.thread_time() > self._end

    def _convicts(self, candidate: Any) -> bool:
        """Whether a candidate keeps the domain, exactly, and is a counterexample."""
        return not outside(self.domain, candidate) and self._is_counterexample(candidate)

    def _is_counterexample(self, candidate: Any) -> bool:
        """A statement that raises on a candidate has a bug there, which is for its author to know: `raised`."""
        if self._late:
            return False
        try:
            return self._judge(candidate)
        except Exception as error:
            self.raised = self.raised or error
            return False

    def _reference(self, case: Any, recipes: Iterable[Recipe[Any]]) -> tuple[Any, Domain] | None:
        """The simplest counterexample among the members of the smallest recipes that have one, and its domain."""
        dimension = size_of(case)[0]
        left = REFERENCES
        ordered = sorted(recipes, key=lambda recipe: recipe.size)
        for size, group in itertools.groupby(ordered, key=lambda recipe: recipe.size):
            found: list[tuple[Any, Domain]] = []
            if size[0] > max(dimension, 1):
                break
            for recipe in itertools.islice(group, GROUP):
                for index in range(3):
                    left -= 1
                    candidate = recipe.exact(index)
                    if self._is_counterexample(candidate):
                        found.append((candidate, domain_of(recipe)))
            if found:
                return min(found, key=lambda one: simplicity(one[0]))
            if left <= 0 or self._late:
                break
        return None

    def _greedy(self, case: Any) -> Any:
        self._left = self._budget
        while self._left > 0 and not self._late:
            better = self._first(case, candidates(case, self.domain))
            if better is None:
                break
            case = better
        return case

    def _swept(self, case: Any) -> Any:
        """Sweeps at the size of the case, and at smaller ones that its changes lead to; greedy passes in between."""
        if isinstance(case, CountCase):
            return self._least_integers(case)
        for _ in range(SWEEPS):
            if self._late:
                break
            better = (
                self._at_a_smaller_size(case) or self._sweep(case, diagonal=True) or self._sweep(case)
                or self._scattered(case)
            )  # fmt: skip
            if better is None:
                break
            case = self._greedy(better)
        return case

    def _sweep(self, case: Any, *, most: int = CASES, own: bool = True, diagonal: bool = False) -> Any | None:
        return sweep(
            self._claim, case, self._convicts, domain=self.domain, most=most, own=own, diagonal=diagonal,
            late=lambda: self._late,
        )  # fmt: skip

    def _scattered(self, case: Any, *, own: bool = True) -> Any | None:
        return scattered(
            self._claim, case, self._convicts, domain=self.domain, own=own, late=lambda: self._late
        )  # fmt: skip

    def _least_integers(self, case: CountCase) -> CountCase:
        """The counterexample with the least sum, of the tuples of positive integers below that of `case`."""
        n = len(case.values)
        tried = 0
        for total in range(n, sum(case.values) + 1):
            for cut in itertools.combinations(range(1, total), n - 1):
                values = tuple(b - a for a, b in itertools.pairwise((0, *cut, total)))
                spent = tried >= self._budget or self._late
                if spent or simplicity(candidate := CountCase(values)) >= simplicity(case):
                    return case
                tried += 1
                if self._convicts(candidate):
                    return candidate
        return case

    def _at_a_smaller_size(self, case: Any) -> Any | None:
        for skeleton in self._skeletons(case):
            better = (
                self._sweep(skeleton, own=False, diagonal=True) or self._sweep(skeleton, most=FEW, own=False)
                or self._scattered(skeleton, own=False)
            )  # fmt: skip
            if better is not None:
                return better
        return None

    def _skeletons(self, case: Any) -> list[Any]:
        """Cases of smaller structures, one or two changes away, the smallest first; not convicted."""
        found: dict[Any, Any] = {}
        changes = list(itertools.islice(structural(case), CHANGES))
        for one, two in itertools.product([None, *changes], changes):
            skeleton = self._changed(case if one is None else self._changed(case, one), two)
            if skeleton is not None and size_of(skeleton) < size_of(case):
                found.setdefault(structure_of(skeleton), skeleton)
        return sorted(found.values(), key=size_of)[:STRUCTURES]

    def _first(self, case: Any, tries: Iterator[Any]) -> Any | None:
        """One pass: apply every candidate that keeps the conviction and is simpler; None when nothing changed."""
        best, changed = case, False
        for change in tries:
            if self._left <= 0 or self._late:
                break
            candidate = self._changed(best, change)
            if candidate is not None and simplicity(candidate) < simplicity(best) and self._try(candidate):
                best, changed = candidate, True
        return best if changed else None

    def _try(self, candidate: Any) -> bool:
        self._left -= 1
        return self._convicts(candidate)


    def _changed(self, case: Any, change: Change) -> Any | None:
        """The case after a change, in the domain; None where it does not apply."""
        try:
            candidate = None if case is None else change(case)
        except (InputError, IndexError):  # a case that checks itself refuses the change
            return None
        return None if candidate is None else next(refitted(self.domain, candidate), None)
