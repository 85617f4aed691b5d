"""Laws for singular values, for batches of floats and as short fractions under the same names.

A spectrum has k values, non-negative and descending.  `cut` is the index that a claim looks at: sigma_cut is the last
value that an approximation of rank `cut` keeps, and sigma_{cut + 1} the first that it leaves.  Where there is no such
pair (cut < 1 or cut >= k) the laws about it take the nearest one.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.random import Generator

from theorems.case import Array
from theorems.strategies.laws import Floats

Spectrum: TypeAlias = Callable[[Generator, int, int, int], Floats]


def distinct(generator: Generator, count: int, k: int, cut: int) -> Floats:
    """Gaps uniform in [0.05, 1)."""
    return np.cumsum(generator.uniform(0.05, 1.0, (count, k)), axis=-1)[:, ::-1].copy()


def geometric(generator: Generator, count: int, k: int, cut: int) -> Floats:
    """q^i with q from 0.05 to 0.95."""
    return np.asarray(generator.uniform(0.05, 0.95, (count, 1)) ** np.arange(k))


def power_law(generator: Generator, count: int, k: int, cut: int) -> Floats:
    """i^-alpha with alpha from 0.2 to 3."""
    return np.asarray(np.arange(1.0, k + 1) ** -generator.uniform(0.2, 3.0, (count, 1)))


def tied(generator: Generator, count: int, k: int, cut: int) -> Floats:
    """Integers from 1 to 3: ties wherever k > 3, and most often before."""
    return np.sort(generator.integers(1, 4, (count, k)), axis=-1)[:, ::-1].astype(np.float64)


def tie_at_the_cut(generator: Generator, count: int, k: int, cut: int) -> Floats:
    """Distinct but for sigma_cut = sigma_{cut + 1}."""
    s = distinct(generator, count, k, cut)
    if k > 1:
        s[:, _pair(k, cut)] = s[:, _pair(k, cut) - 1]
    return s


def tiny_gap_at_the_cut(generator: Generator, count: int, k: int, cut: int) -> Floats:
    """Distinct but for sigma_{cut + 1} = (1 - e) sigma_cut with e from 1e-15 to 1e-6."""
    s = tie_at_the_cut(generator, count, k, cut)
    gap = 10.0 ** generator.uniform(-15.0, -6.0, count)
    s[:, _pair(k, cut) :] *= 1.0 - gap[:, None]
    return s


def all_equal(generator: Generator, count: int, k: int, cut: int) -> Floats:
    """One value k times."""
    return np.repeat(generator.uniform(0.5, 2.0, (count, 1)), k, axis=-1)


def clustered(generator: Generator, count: int, k: int, cut: int) -> Floats:
    """All within 1e-8 of one value."""
    return 1.0 + 1e-8 * distinct(generator, count, k, cut) / max(k, 1)


def one_dominant(generator: Generator, count: int, k: int, cut: int) -> Floats:
    """Distinct, with the first one 1e3 to 1e8 times as large."""
    s = distinct(generator, count, k, cut)
    s[:, :1] *= 10.0 ** generator.uniform(3.0, 8.0, (count, 1))
    return s


def tiny_tail(generator: Generator, count: int, k: int, cut: int) -> Floats:
    """Distinct, with those beyond the cut 1e-12 to 1e-6 times as large."""
    s = distinct(generator, count, k, cut)
    s[:, _pair(k, cut) :] *= 10.0 ** generator.uniform(-12.0, -6.0, (count, 1))
    return s


def rank_drop(generator: Generator, count: int, k: int, cut: int) -> Floats:
    """Distinct up to a rank uniform from 0 to k - 1, zero beyond."""
    rank = generator.integers(0, max(k, 1), (count, 1))
    return distinct(generator, count, k, cut) * (np.arange(k) < rank)


def rank_at_the_cut(generator: Generator, count: int, k: int, cut: int) -> Floats:
    """Rank `cut`: distinct up to it, zero beyond."""
    return _first(distinct(generator, count, k, cut), cut)


def rank_above_the_cut(generator: Generator, count: int, k: int, cut: int) -> Floats:
    """Rank `cut` + 1."""
    return _first(distinct(generator, count, k, cut), cut + 1)


def rank_below_the_cut(generator: Generator, count: int, k: int, cut: int) -> Floats:
    """Rank `cut` - 1."""
    return _first(distinct(generator, count, k, cut), cut - 1)


def rank_one(generator: Generator, count: int, k: int, cut: int) -> Floats:
    """One value that is not zero."""
    return _first(distinct(generator, count, k, cut), 1)


def zero(generator: Generator, count: int, k: int, cut: int) -> Floats:
    """All zero."""
    return np.zeros((count, k))


def _pair(k: int, cut: int) -> int:
    """The position of sigma_{cut + 1}, or of the nearest value that has one before it (0 when k <= 1)."""
    return max(min(cut, k - 1), min(1, k - 1), 0)


def _first(s: Floats, rank: int) -> Floats:
    s[:, max(rank, 0) :] = 0.0
    return s


#: The laws by name, the simplest first.
SPECTRA: dict[str, Spectrum] = {
    "distinct": distinct,
    "all equal": all_equal,
    "rank one": rank_one,
    "zero": zero,
    "tied": tied,
    "tie at the cut": tie_at_the_cut,
    "rank at the cut": rank_at_the_cut,
    "rank above the cut": rank_above_the_cut,
    "rank below the cut": rank_below_the_cut,
    "rank drop": rank_drop,
    "geometric": geometric,
    "power law": power_law,
    "one dominant": one_dominant,
    "tiny gap at the cut": tiny_gap_at_the_cut,
    "tiny tail": tiny_tail,
    "clustered": clustered,
}


def rational_spectrum(generator: Generator, name: str, k: int, cut: int, *, size: int = 1) -> Array:
    """Singular values under a name of `SPECTRA` as k Fractions, descending; gaps are integers up to `size`."""
    gaps = [int(gap) for gap in generator.integers(1, size + 1, k)]
    steps = [Fraction(sum(gaps[i:])) for i in range(k)]  # distinct: k, ..., 2, 1 at size 1
    i = _pair(k, cut)
    tiny = Fraction(1, 10 ** int(generator.integers(6, 13)))
    rank = {"rank one": 1, "zero": 0, "rank at the cut": cut, "rank above the cut": cut + 1,
            "rank below the cut": cut - 1}.get(name, k)  # fmt: skip
    if name == "rank drop":
        rank = int(generator.integers(0, max(k, 1)))
    elif name == "all equal":
        steps = steps[-1:] * k
    elif name == "tied":
        steps = sorted((Fraction(int(value)) for value in generator.integers(1, 3 + size // 4, k)), reverse=True)
    elif name == "geometric":
        steps = [Fraction(1, (1 + size) ** j) for j in range(k)]
    elif name == "power law":
        steps = [Fraction(1, (j + 1) ** (1 + size // 4)) for j in range(k)]
    elif name == "one dominant":
        steps = [steps[0] * 10 ** min(2 + size, 8), *steps[1:]] if k else []
    elif name == "tie at the cut" and k:
        steps[i] = steps[max(i - 1, 0)]
    elif name == "tiny gap at the cut" and k > 1:
        steps = [*steps[:i], steps[i - 1] * (1 - tiny), *steps[i + 1 :]]
    elif name == "tiny tail":
        steps = [*steps[:i], *(value * tiny for value in steps[i:])]
    elif name == "clustered":
        steps = [1 + Fraction(int(value), 10**8 * int(steps[0])) for value in steps]
    result: Array = np.empty(k, dtype=object)
    result[:] = [value if j < rank else Fraction(0) for j, value in enumerate(steps)]
    return result
