"""The simplest counterexample of one structure: all cases with small entries, the simplest first.

Greedy shrinking ends where no single change helps, and where that is depends on where it began.  A sweep does not look
at the entries that it is given: at the shapes and integers of the shrunk case it goes through the small entries in the
order of simplicity, and keeps symmetry, semidefiniteness and the like by choosing entries together
(`small_matrices`).  Float64 batches sort out the cases that hold; the others are judged exactly.
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
from theorems.case import SVD, Array, arrays, fractions, known_svds, map_arrays
from theorems.claim import Claim, Outcome
from theorems.domains import ANY, Domain, Tied, Within, declared, leaves
from theorems.errors import InputError, Unsupported
from theorems.judge.driver import check
from theorems.strategies.search.projection import fitted, outside
from theorems.strategies.search.simplicity import cost_of, simplicity
from theorems.strategies.search.small_matrices import SMALL, groups, small_values, whole

#: Cases that one sweep goes through, how many of them are judged exactly, and how many slots it fills at most.
CASES, JUDGED, SLOTS = 150_000, 60, 40
#: Cases with random entries.
SCATTERED = 16_384
#: No sweep looks at entries that cost more in all: those of a case as it was found may cost 10^17.
DEAREST = 2_000
#: Cases in a batch, and how many of one cost that floats see fail are looked at.
BATCH, LOOKED_AT = 2048, 200
#: Decompositions turn by signed permutations up to this size.
TURNED = 2

Option = tuple[int, tuple[Fraction, ...]]


@dataclass(frozen=True)
class _Slot:
    """Entries that are chosen together: where they stand among all, and what they may be, the cheapest first."""

    places: tuple[int, ...]
    options: tuple[Option, ...]


@dataclass(frozen=True)
class _Slots:
    """All slots of a case, the number of its entries, and whether whatever is chosen keeps the domain by itself."""

    slots: tuple[_Slot, ...]
    width: int
    kept: bool


def sweep(
    claim: Claim, case: Any, convicts: Callable[[Any], bool], *, domain: Domain = ANY, most: int = CASES,
    own: bool = True, diagonal: bool = False, late: Callable[[], bool] = lambda: False,
) -> Any | None:
    """The simplest counterexample with the shapes and integers of `case`, if `most` cases reach one.

    Entries are put into the domain: shares, say, are divided by their sum.  With `own` the result is simpler than
    `case`, whose entries may be part of it; without, the entries of `case` do not matter.  With `diagonal` matrices of
    free entries have none off the diagonal.
    """
    found = _slots(case, domain, own, diagonal)
    slots = found.slots
    if not 0 < len(slots) <= SLOTS:
        return None
    judged = 0
    bound = min(DEAREST, sum(slot.options[-1][0] for slot in slots))
    if own:
        bound = min(bound, sum(cost_of(value) for array in arrays(case) for value in array.ravel().tolist()))
    for entries in itertools.islice(_levels(slots, bound, most), 400):
        table = _table(found, entries)
        failing = None if late() else _failing(claim, case, table, domain, found.kept)
        if failing is None:
            return None
        failing = failing[np.lexsort(-table[failing][:, ::-1].T)][:LOOKED_AT] if failing.size else failing
        made = (_case(case, found, entries[index], domain) for index in failing.tolist())
        for candidate in sorted((one for one in made if one is not None), key=simplicity):
            if own and simplicity(candidate) >= simplicity(case):
                break
            judged += 1
            if convicts(candidate):
                return candidate
            if judged >= JUDGED or late():
                return None
    return None


def scattered(
    claim: Claim, case: Any, convicts: Callable[[Any], bool], *, domain: Domain = ANY, own: bool = True,
    late: Callable[[], bool] = lambda: False,
) -> Any | None:
    """The simplest counterexample among `SCATTERED` cases with small entries at random, always the same ones.

    They reach where a sweep ends: of eight entries of any cost it sees the zeros and ones alone.  With `own` the result
    is simpler than `case`.
    """
    found = _slots(case, domain, False, False)
    if not 0 < len(found.slots) <= SLOTS:
        return None
    generator = np.random.default_rng(0)
    prices = [np.array([price for price, _ in slot.options]) for slot in found.slots]
    columns = [generator.choice(len(p), SCATTERED, p=(1 / (2 + p)) / (1 / (2 + p)).sum()) for p in prices]
    entries = np.stack(columns, axis=1).astype(np.int16)
    costs = sum((p[column] for p, column in zip(prices, columns, strict=True)), np.zeros(SCATTERED, dtype=np.int64))
    entries, judged = entries[np.argsort(costs, kind="stable")], 0
    for begin in range(0, SCATTERED, BATCH):
        some = entries[begin : begin + BATCH]
        failing = None if late() else _failing(claim, case, _table(found, some), domain, found.kept)
        if failing is None:
            return None
        for index in failing.tolist():
            candidate = _case(case, found, some[index], domain)
            if candidate is None:
                continue
            if own and simplicity(candidate) >= simplicity(case):
                return None
            judged += 1
            if convicts(candidate):
                return candidate
            if judged >= JUDGED or late():
                return None
    return None


# what may stand in a slot -------------------------------------------------------------------------------------------


def _slots(case: Any, domain: Domain, own: bool, diagonal: bool) -> _Slots:
    turning = {id(leaf) for d in known_svds(case) for leaf in (d.U, d.V)}
    # In the coordinates of the first decomposition, which most claims allow, its U and V are the identity.
    straight = {id(leaf) for d in known_svds(case)[:1] for leaf in (d.U, d.V)}
    values = {id(d.s) for d in known_svds(case)}
    promised = declared(case) + domain
    names = {id(leaf): name for name, leaf in leaves(case) if isinstance(leaf, np.ndarray)}
    inside = {id(leaf) for _, d in leaves(case) if isinstance(d, SVD) for leaf in (d.U, d.s, d.V)}
    slots: list[_Slot] = []
    kept = not any(
        isinstance(rule, Tied) or (isinstance(rule, Within) and any(promised.entries(rule, n) for n in names.values()))
        for rule in promised.rules
    )
    begin = 0
    for array in arrays(case):
        every, mine = tuple(range(begin, begin + array.size)), array.ravel().tolist()
        begin += array.size
        properties = () if id(array) in inside else promised.of(names[id(array)])
        if id(array) in turning:
            turned = _identity(*array.shape) if id(array) in straight else _signed(*array.shape)
            slots.append(_Slot(every, _options([*turned, *([tuple(mine)] if own else [])])))
        elif id(array) in values:
            small = [(value,) for value in SMALL if value >= 0]
            slots += [
                _Slot((at,), _options([*small, *([(v,)] if own else [])])) for at, v in zip(every, mine, strict=True)
            ]
        elif listed := whole(properties, array.shape):
            slots.append(_Slot(every, _options([*listed, *([tuple(mine)] if own else [])])))
        else:
            tied = groups(properties, array.shape)
            kept = kept and tied is not None
            places = tied if tied is not None else groups((), array.shape) or []
            if diagonal and len(set(array.shape)) == 1 and array.ndim == 2 and tied is not None:
                places = [group for group in places if all(len(set(place)) == 1 for place, _ in group)]
            slots += [
                _grouped(group, array, every[0] if every else 0, small_values(properties), own) for group in places
            ]
    return _Slots(tuple(slots), begin, kept)


def _grouped(group: Any, array: Array, begin: int, small: Sequence[Fraction], own: bool) -> _Slot:
    """The slot of entries that are tied up to sign."""
    (first, _), *_ = group
    choices = [tuple(sign * value for _, sign in group) for value in (*small, *([array[first]] if own else []))]
    places = tuple(begin + int(np.ravel_multi_index(place, array.shape)) for place, _ in group)
    return _Slot(places, _options(choices))


def _options(choices: Sequence[tuple[Fraction, ...]]) -> tuple[Option, ...]:
    priced = [(sum(map(cost_of, choice)), choice) for choice in dict.fromkeys(choices)]
    return tuple(sorted(priced, key=lambda option: (option[0], tuple(-value for value in option[1]))))


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


def _levels(slots: Sequence[_Slot], bound: int, most: int) -> Iterator[Array]:
    """The options of the cases of each cost up to `bound`, cost by cost, a row a case; at most `most` in all."""
    counts = _counts(slots, bound)
    left = most
    known: dict[tuple[int, int], Array] = {}
    for cost in range(bound + 1):
        if counts[0][cost] > left:  # half a level says nothing of the simplest
            return
        left -= counts[0][cost]
        if counts[0][cost]:
            yield _of_cost(slots, counts, known, 0, cost)


def _counts(slots: Sequence[_Slot], bound: int) -> list[list[int]]:
    """How many choices for the slots from each one on have each cost."""
    counts = [[int(cost == 0) for cost in range(bound + 1)]]
    for slot in reversed(slots):
        last, new = counts[0], [0] * (bound + 1)
        for price, _ in slot.options:
            for cost in range(price, bound + 1):
                new[cost] += last[cost - price]
        counts.insert(0, new)
    return counts


def _of_cost(
    slots: Sequence[_Slot], counts: list[list[int]], known: dict[tuple[int, int], Array], place: int, cost: int
) -> Array:
    """The numbers of the options for the slots from `place` on that cost `cost` together, a row a choice."""
    if place == len(slots):
        return np.zeros((1, 0), dtype=np.int16)
    if (place, cost) not in known:
        parts = []
        for number, (price, _) in enumerate(slots[place].options):
            if price <= cost and counts[place + 1][cost - price]:
                rest = _of_cost(slots, counts, known, place + 1, cost - price)
                parts.append(np.concatenate([np.full((len(rest), 1), number, dtype=np.int16), rest], axis=1))
        known[place, cost] = np.concatenate(parts)
    return known[place, cost]


# cases --------------------------------------------------------------------------------------------------------------


def _table(found: _Slots, entries: Array) -> Array:
    """The entries of these choices as floats, a row a case."""
    table = np.zeros((len(entries), found.width))
    for number, slot in enumerate(found.slots):
        values = np.array([[float(value) for value in choice] for _, choice in slot.options], dtype=np.float64)
        table[:, list(slot.places)] = values[entries[:, number]]
    return table


def _failing(claim: Claim, case: Any, table: Array, domain: Domain, kept: bool) -> Array | None:
    """Which of the cases with these entries Float64 sees fail; None where it cannot run the statement."""
    failing: list[int] = []
    for begin in range(0, len(table), BATCH):
        rows = table[begin : begin + BATCH]
        try:
            batch = _filled(case, rows, domain, kept)
            report = check(claim, batch, Float64(size=len(rows)))
        except (InputError, Unsupported, ZeroDivisionError, ValueError):
            return None
        failing += (begin + np.flatnonzero(report.where(Outcome.FAILS))).tolist()
    return np.array(failing, dtype=np.intp)


def _filled(case: Any, table: Array, domain: Domain, kept: bool) -> Any:
    """The batch with these rows of entries; mapped into the domain where they do not keep it by themselves."""
    begin = 0

    def fill(array: Array) -> Array:
        nonlocal begin
        part = table[:, begin : begin + array.size].reshape(len(table), *array.shape)
        begin += array.size
        return part

    return map_arrays(case, fill) if kept else fitted(domain, case, lambda name, array: fill(array))


def _case(case: Any, found: _Slots, chosen: Array, domain: Domain) -> Any | None:
    rows: Array = np.full((1, found.width), Fraction(0), dtype=object)
    for slot, number in zip(found.slots, chosen.tolist(), strict=True):
        for place, value in zip(slot.places, slot.options[number][1], strict=True):
            rows[0, place] = value
    try:
        made = map_arrays(_filled(case, rows, domain, found.kept), lambda array: fractions(array[0]))
    except InputError:
        return None
    return None if outside(domain, made) else made
