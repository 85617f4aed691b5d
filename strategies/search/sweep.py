"""The simplest counterexample of one structure: all cases with small entries, the simplest first.

Greedy shrinking ends where no single change helps, and where that is depends on where it began.  A sweep does not look
at the entries that it is given: at the shapes and integers of the shrunk case it goes through the small entries in the
order of simplicity.  Float64 batches sort out the cases that hold; the others are judged exactly.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from theorems.arithmetic.float64 import Float64
from theorems.case import Array, arrays, fractions, known_svds, map_arrays
from theorems.claim import Claim, Outcome
from theorems.domains import ANY, Domain
from theorems.errors import InputError, Unsupported
from theorems.judge.driver import check
from theorems.strategies.search.projection import fitted, outside
from theorems.strategies.search.simplicity import cost_of, simplicity

#: Cases that one sweep goes through, how many of them are judged exactly, and how many slots it fills at most.
CASES, JUDGED, SLOTS = 12_000, 60, 40
#: Cases in a batch.
BATCH = 2048
#: Decompositions turn by signed permutations up to this size.
TURNED = 2

SMALL = tuple(Fraction(value) for value in (0, 1, -1, 2, -2, 3))

Option = tuple[int, tuple[Fraction, ...]]


@dataclass(frozen=True)
class _Slot:
    """Entries that are chosen together, with what they may be: (cost, entries), the cheapest first."""

    options: tuple[Option, ...]


def sweep(
    claim: Claim, case: Any, convicts: Callable[[Any], bool], *, domain: Domain = ANY, most: int = CASES,
    own: bool = True, late: Callable[[], bool] = lambda: False,
) -> Any | None:
    """The simplest counterexample with the shapes and integers of `case`, if `most` cases reach one.

    Entries are put into the domain: shares, say, are divided by their sum.  With `own` the result is simpler than
    `case`, whose entries may be part of it; without, the entries of `case` do not matter.
    """
    slots = _slots(case, own)
    if not 0 < len(slots) <= SLOTS:
        return None
    judged = 0
    bound = sum(slot.options[-1][0] for slot in slots)
    if own:
        bound = min(bound, sum(cost_of(value) for array in arrays(case) for value in array.ravel().tolist()))
    for entries in itertools.islice(_levels(slots, bound, most), 400):
        failing = None if late() else _failing(claim, case, entries, domain)
        if failing is None:
            return None
        found = [candidate for index in failing if (candidate := _case(case, entries[index], domain)) is not None]
        for candidate in sorted(found, key=simplicity):
            if own and simplicity(candidate) >= simplicity(case):
                break
            judged += 1
            if convicts(candidate):
                return candidate
            if judged >= JUDGED:
                return None
    return None


# what may stand in a slot -------------------------------------------------------------------------------------------


def _slots(case: Any, own: bool) -> list[_Slot]:
    turning = {id(leaf) for d in known_svds(case) for leaf in (d.U, d.V)}
    # In the coordinates of the first decomposition, which most claims allow, its U and V are the identity.
    straight = {id(leaf) for d in known_svds(case)[:1] for leaf in (d.U, d.V)}
    values = {id(d.s) for d in known_svds(case)}
    slots: list[_Slot] = []
    for array in arrays(case):
        if id(array) in turning:
            mine = [tuple(array.ravel().tolist())] if own else []
            turned = _identity(*array.shape) if id(array) in straight else _signed(*array.shape)
            slots.append(_Slot(_options([*turned, *mine])))
            continue
        small = [v for v in SMALL if v >= 0] if id(array) in values else SMALL
        slots += [
            _Slot(_options([*((v,) for v in small), *([(value,)] if own else [])])) for value in array.ravel().tolist()
        ]
    return slots


def _options(choices: Sequence[tuple[Fraction, ...]]) -> tuple[Option, ...]:
    return tuple(sorted((sum(map(cost_of, choice)), choice) for choice in dict.fromkeys(choices)))


def _identity(m: int, k: int) -> tuple[tuple[Fraction, ...], ...]:
    return (tuple(Fraction(int(i == j)) for i in range(m) for j in range(k)),)


@cache
def _signed(m: int, k: int) -> tuple[tuple[Fraction, ...], ...]:
    """The m x k matrices whose columns are different unit vectors up to sign; the identity alone where m is large."""
    if m > TURNED or k > m:
        return _identity(m, k)
    return tuple(
        tuple(Fraction(sign[j] * int(rows[j] == i)) for i in range(m) for j in range(k))
        for rows in itertools.permutations(range(m), k)
        for sign in itertools.product((1, -1), repeat=k)
    )


# the order ----------------------------------------------------------------------------------------------------------


def _levels(slots: Sequence[_Slot], bound: int, most: int) -> Iterator[list[tuple[Fraction, ...]]]:
    """The entries of the cases of each cost up to `bound`, cost by cost, in batches; at most `most` in all."""
    least = [slot.options[0][0] for slot in slots]
    dearest = [slot.options[-1][0] for slot in slots]
    rest = [(sum(least[place:]), sum(dearest[place:])) for place in range(len(slots) + 1)]
    left = most
    for cost in range(rest[0][0], bound + 1):
        level = itertools.islice(_of_cost(slots, rest, 0, cost), left + 1)
        whole = list(level)
        if len(whole) > left:  # half a level says nothing of the simplest
            return
        left -= len(whole)
        if whole:
            yield whole


def _of_cost(
    slots: Sequence[_Slot], rest: Sequence[tuple[int, int]], place: int, cost: int
) -> Iterator[tuple[Fraction, ...]]:
    """The entries of the slots from `place` on that cost `cost`; `rest` has the least and the most that they may."""
    if place == len(slots):
        if cost == 0:
            yield ()
        return
    for price, entries in slots[place].options:
        low, high = rest[place + 1]
        if price + low > cost:
            break
        if price + high < cost:
            continue
        for tail in _of_cost(slots, rest, place + 1, cost - price):
            yield entries + tail


# cases --------------------------------------------------------------------------------------------------------------


def _failing(claim: Claim, case: Any, entries: list[tuple[Fraction, ...]], domain: Domain) -> list[int] | None:
    """Which of the cases with these entries Float64 sees fail; None where it cannot run the statement."""
    failing: list[int] = []
    table = np.array([[float(value) for value in row] for row in entries], dtype=np.float64)
    for begin in range(0, len(table), BATCH):
        rows = table[begin : begin + BATCH]
        try:
            batch = _filled(case, rows, domain)
            report = check(claim, batch, Float64(size=len(rows)))
        except (InputError, Unsupported, ZeroDivisionError, ValueError):
            return None
        failing += (begin + np.flatnonzero(report.where(Outcome.FAILS))).tolist()
    return failing


def _filled(case: Any, table: Array, domain: Domain) -> Any:
    """The batch with these rows of entries."""
    begin = 0

    def fill(name: str, array: Array) -> Array:
        nonlocal begin
        part = table[:, begin : begin + array.size].reshape(len(table), *array.shape)
        begin += array.size
        return part

    return fitted(domain, case, fill)


def _case(case: Any, entries: tuple[Fraction, ...], domain: Domain) -> Any | None:
    rows: Array = np.empty((1, len(entries)), dtype=object)
    rows[0, :] = entries
    try:
        made = map_arrays(_filled(case, rows, domain), lambda array: fractions(array[0]))
    except InputError:
        return None
    return None if outside(domain, made) else made
