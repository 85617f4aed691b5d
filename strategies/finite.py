"""Strategies all of whose cases can be listed: a hunt that has judged each of them has decided its claim."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from theorems.domains import ANY, Domain

Strategy = TypeVar("Strategy")
#: The attribute of a strategy whose cases are finitely many.
EVERY = "every_case"
#: So many cases may be listed.
MOST = 20_000


@dataclass(frozen=True)
class Finite:
    """All cases of a strategy, exact, the simplest first, and what is promised of them."""

    cases: tuple[Any, ...]
    domain: Domain


@dataclass(frozen=True)
class Listing:
    """How the cases are listed, when somebody asks."""

    cases: Callable[[], Iterator[Any]]
    domain: Domain = ANY


def listed(strategy: Strategy, cases: Callable[[], Iterator[Any]], domain: Domain = ANY) -> Strategy:
    """The strategy, which draws these cases and no others."""
    setattr(strategy, EVERY, Listing(cases, domain))
    return strategy


def relisted(strategy: Any, other: Strategy) -> Strategy:
    """The other strategy, which draws the same cases."""
    listing = getattr(strategy, EVERY, None)
    return listed(other, listing.cases, listing.domain) if isinstance(listing, Listing) else other


def every_case(strategy: Any, order: Callable[[Any], Any]) -> Finite | None:
    """All cases of a strategy in an order; None where they are too many, or nobody can list them."""
    listing = getattr(strategy, EVERY, None)
    if not isinstance(listing, Listing):
        return None
    found: list[Any] = []
    for case in listing.cases():
        if len(found) == MOST:
            return None
        found.append(case)
    return Finite(tuple(sorted(found, key=order)), listing.domain)
