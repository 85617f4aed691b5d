"""The work of one run in exact numbers, counted before it is done.

A case is the data of a stranger, entries of 2,000 digits included; the product of two matrices of such fractions, or a
few steps of a training run, each of which triples the digits, would take hours.  Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from theorems.errors import Unsupported

#: Products of two 64-bit words that one run of a statement may take.
MOST = 300_000_000

_account: ContextVar[list[int] | None] = ContextVar("account", default=None)


@contextmanager
def counted() -> Iterator[None]:
    """One run of a statement on the case of a stranger, with its own `MOST`."""
    before = _account.set([MOST])
    try:
        yield
    finally:
        _account.reset(before)


def spend(products: int, outputs: int, left: int, right: int) -> None:
    """Count products of numbers of `left` by such of `right` bits, and outputs that are put in lowest terms.

    Raises `Unsupported` where the run is to take more than `MOST`.
    """
    account = _account.get()
    if account is None:
        return
    a, b = 1 + left // 64, 1 + right // 64
    account[0] -= products * a * b + outputs * (a + b) ** 2
    if account[0] < 0:
        digits = 3 * (left + right) // 10
        raise Unsupported(f"the time for so many products of numbers with some {digits:,} digits: give shorter ones")


def length(entries: Iterable[Any]) -> int:
    """The bits of the longest numerator over the common denominator, at most; 0 where nobody counts."""
    if _account.get() is None:
        return 0
    longest = denominators = 0
    for entry in entries:
        if hasattr(entry, "numerator"):  # a rational number of any kind, and no root
            longest = max(longest, entry.numerator.bit_length())
            denominators += entry.denominator.bit_length() - 1
    return longest + denominators
