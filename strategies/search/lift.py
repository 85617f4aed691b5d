"""Lift a counterexample: does the same violation go on in every larger dimension?

The case is padded: every axis as long as the dimension grows by k, square matrices by a block that is the identity or
zero, vectors by zeros or ones, decompositions by unit vectors with singular values that keep their order.  Where one
such padding is convicted for D + 1, ..., D + 4, the note of the witness says so; that is a family, checked so far.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from theorems.case import Array, CountCase, arrays, fractions, known_svds, map_arrays
from theorems.claim import Claim
from theorems.domains import ANY, Domain
from theorems.errors import InputError
from theorems.strategies.search.conviction import convict
from theorems.strategies.search.projection import outside

#: How many larger dimensions are tried, and paddings of each case.
DIMENSIONS, PADDINGS = 4, 24

ZERO, ONE = "zero", "one"


def lifted(claim: Claim, case: Any, domain: Domain = ANY) -> str:
    """A line on the dimensions in which the counterexample goes on; nothing where no padding does.

    A padded case keeps the domain but for the largest size; where nothing is known of that, nothing is padded.
    """
    if domain.as_drawn or isinstance(case, CountCase) or not arrays(case):
        return ""
    D = max((max(array.shape, default=0) for array in arrays(case)), default=0)
    for fill in itertools.islice(_fillings(case, D), PADDINGS):
        if all(_convicts(claim, case, D, k, fill, domain.without_largest()) for k in range(1, DIMENSIONS + 1)):
            words = _words(fill)
            return f"padded by {words} it is a counterexample for D = {D + 1} to {D + DIMENSIONS} as well"
    return ""


def _convicts(claim: Claim, case: Any, D: int, k: int, fill: tuple[str, ...], domain: Domain) -> bool:
    try:
        larger = padded(case, D, k, fill)
        return not outside(domain, larger) and convict(claim, larger) is not None
    except (InputError, ValueError, IndexError, TypeError):
        return False


def _words(fill: tuple[str, ...]) -> str:
    kinds = set(fill)
    if kinds == {ZERO}:
        return "zeros"
    return "the identity (ones)" if kinds == {ONE} else "the identity (ones) and zeros"


def _fillings(case: Any, D: int) -> Iterator[tuple[str, ...]]:
    """What each array is padded with: all alike first, then weights and vectors apart, then every combination."""
    turning = {id(leaf) for d in known_svds(case) for leaf in (d.U, d.V)}
    growing = [D in array.shape and id(array) not in turning for array in arrays(case)]
    count = sum(growing)
    seen: set[tuple[str, ...]] = set()
    for kinds in itertools.chain(
        [(ONE,) * count, (ZERO,) * count],
        itertools.product((ONE, ZERO), repeat=count) if count <= 10 else [],
    ):
        if kinds not in seen:
            seen.add(kinds)
            rest = iter(kinds)
            yield tuple(next(rest) if grows else ZERO for grows in growing)


def padded(case: Any, D: int, k: int, fill: tuple[str, ...]) -> Any:
    """The case with k more dimensions; `fill` says for each array what its new diagonal, or entries, are."""
    roles: dict[int, str] = {}
    for d in known_svds(case):
        roles |= {id(d.U): "orthogonal", id(d.V): "orthogonal", id(d.s): "values"}
    kinds = iter(fill)

    def pad(array: Array) -> Array:
        kind, role = next(kinds), roles.get(id(array), "")
        if D not in array.shape:
            return array
        if role == "values":
            # New singular values come last, so that the new columns of U and V do.
            last = array[-1] if kind == ONE and len(array) else 0
            return fractions(np.concatenate([array, np.array([last] * k, dtype=object)]))
        return _padded(array, D, k, 1 if role == "orthogonal" or kind == ONE else 0)

    return map_arrays(case, pad)


def _padded(array: Array, D: int, k: int, value: int) -> Array:
    """A new diagonal where both of the last axes grow, so that a square matrix gets a block, a factor zero rows."""
    grown: Array = np.zeros([n + k * (n == D) for n in array.shape], dtype=object)
    grown[tuple(slice(n) for n in array.shape)] = array
    if array.ndim == 1:
        grown[D:] = value
    elif array.ndim >= 2 and array.shape[-1] == array.shape[-2] == D:
        for i in range(D, D + k):
            grown[..., i, i] = value
    return fractions(grown)


