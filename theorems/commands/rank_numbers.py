"""Numbers and names as the tables of ``theorems rank`` print them: a printed bound is a bound."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal

from theorems.weights.rounding import Interval

DIGITS = 4


def at_most(x: float) -> str:
    """A number rounded up, so that what is printed is a bound as well."""
    return _text(x, ROUND_CEILING)


def about(x: Interval) -> str:
    """A number that is known to so many digits, or else an upper bound of it."""
    low, high = (_text(end, ROUND_HALF_EVEN) for end in (x.low, x.high))
    return high if low == high else f"<={at_most(x.high)}"


def _text(x: float, rounding: str) -> str:
    if x == 0 or not math.isfinite(x):
        return f"{x:g}"
    rounded = Context(prec=DIGITS, rounding=rounding).create_decimal(Decimal(x))
    padded = rounded.quantize(Decimal((0, (1,), rounded.adjusted() + 1 - DIGITS)), context=Context(prec=2 * DIGITS))
    return f"{padded:f}" if 1e-3 <= abs(x) < 1e3 else f"{padded:e}"


def folded(name: str, room: int) -> str:
    """A long name without its beginning: layers differ at the end."""
    return name if len(name) <= room else "..." + name[len(name) - room + 3 :]
