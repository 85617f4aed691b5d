"""Power laws by their number of values and their exponent: recipes of `CountCase` (n, p, q), alpha = p / q."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from hypothesis import strategies as st

from theorems.strategies.counts import CountRecipe

#: How far from an end of a range of exponents: just inside or outside, and clearly outside.
_NEXT_TO, _AWAY = (Fraction(1, 10**6), Fraction(1, 1000)), (Fraction(1, 20), Fraction(3, 16), Fraction(1, 2))


def power_laws(
    n: tuple[int, int], low: Fraction | int, high: Fraction | int, *, above_low: bool = False, large: Sequence[int] = ()
) -> Any:
    """n values of a power law whose exponent is at least `low` (with `above_low`, greater) and at most `high`.

    Exponents are multiples of 1/2, where the energies are rational; fractions of denominators up to 12; and the ends of
    the range with what lies next to them inside, for a bound that holds elsewhere may fail there.  Every fourth lies
    outside, for a hypothesis may be too weak.  Every second n is a multiple of ten or an end of its range; every
    third is one of `large`, where there are any, and its exponent a multiple of 1/2.
    """

    return _power_laws(n, Fraction(low), Fraction(high), above_low, tuple(large))


@cache
def _exponents(low: Fraction, high: Fraction, above_low: bool) -> tuple[tuple[Fraction, ...], ...]:
    """Multiples of 1/2, fractions, what lies at the ends, and what lies outside; no empty tuple."""

    def admitted(alphas: Iterable[Fraction]) -> tuple[Fraction, ...]:
        return tuple(alpha for alpha in alphas if low <= alpha <= high and not (above_low and alpha == low))

    halves = admitted(Fraction(twice, 2) for twice in range(2 * math.ceil(high) + 1))
    grid = admitted(sorted({Fraction(p, q) for q in range(1, 13) for p in range(q * math.ceil(high) + 1)}))
    ends = admitted([low, high, *(alpha for gap in _NEXT_TO for alpha in (low + gap, high - gap))])
    outside = [alpha for gap in (*_NEXT_TO, *_AWAY) for alpha in (low - gap, high + gap) if alpha >= 0]
    return tuple(some for some in (halves, grid, ends, (*outside, *[low] * above_low)) if some)


@st.composite
def _power_laws(
    draw: st.DrawFn, n: tuple[int, int], low: Fraction, high: Fraction, above_low: bool, large: tuple[int, ...]
) -> CountRecipe:
    exponents = _exponents(low, high, above_low)
    kind = draw(st.integers(0, 2 if large else 1))
    tens = (*n, *range(-(-n[0] // 10) * 10, n[1] + 1, 10))
    count = draw((st.integers(*n), st.sampled_from(tens), st.sampled_from(large or n))[kind])
    alpha = draw(st.sampled_from(exponents[0 if kind == 2 else draw(st.integers(0, len(exponents) - 1))]))
    at_end = alpha in (low, high)
    return CountRecipe(("n", "p", "q"), (count, alpha.numerator, alpha.denominator), (count in n, at_end, at_end))
