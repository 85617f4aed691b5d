"""Where the roots of a polynomial lie, decided from its coefficients (lowest first), in any exact ordered field.

The tests are finite and exact: Routh's array, the bilinear map, Sturm's chain.  Coefficients may be enclosures, whose
comparisons raise `Undecided` where they are not certain.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any


def in_left_half_plane(p: Sequence[Any]) -> bool:
    """Whether all roots have negative real parts (Routh)."""
    high = list(reversed(p))
    high = [c / high[0] for c in high]
    if any(c <= 0 for c in high):
        return False
    above, row = high[0::2], high[1::2]
    while row:
        if row[0] <= 0:
            return False
        factor = above[0] / row[0]
        longer = [*row, *[0] * (len(above) - len(row))]
        above, row = row, [a - factor * b for a, b in zip(above[1:], longer[1:], strict=True)]
    return True


def in_unit_disc(p: Sequence[Any]) -> bool:
    """Whether all roots have absolute values below one: x = (1 + s) / (1 - s) maps the disc to the left half-plane."""
    n = len(p) - 1
    q = [p[0] * 0] * (n + 1)
    for k, c in enumerate(p):  # c (1 + s)^k (1 - s)^(n - k)
        for i in range(k + 1):
            for j in range(n - k + 1):
                q[i + j] = q[i + j] + c * (math.comb(k, i) * math.comb(n - k, j) * (-1) ** j)
    if q[-1] == 0:  # -1 is a root
        return False
    return in_left_half_plane(q)


def all_real(p: Sequence[Any]) -> bool:
    """Whether all roots are real: as many different real ones (Sturm) as there are different ones."""
    if len(p) < 2:
        return True
    chain = [list(p), _derivative(p)]
    while len(chain[-1]) > 1 or (chain[-1] and chain[-1][0] != 0):
        rest = [-c for c in _remainder(chain[-2], chain[-1])]
        if not rest:
            break
        chain.append(rest)
    different = len(p) - len(chain[-1])  # the last of the chain is gcd(p, p')
    right = [c[-1] > 0 for c in chain]
    left = [(c[-1] > 0) == (len(c) % 2 == 1) for c in chain]
    return _changes(left) - _changes(right) == different


def _changes(signs: Sequence[bool]) -> int:
    return sum(a != b for a, b in itertools.pairwise(signs))


def _derivative(p: Sequence[Any]) -> list[Any]:
    return [c * k for k, c in enumerate(p)][1:]


def _remainder(p: Sequence[Any], q: Sequence[Any]) -> list[Any]:
    """p mod q without leading zeros; empty for zero."""
    rest = list(p)
    while len(rest) >= len(q):
        factor = rest[-1] / q[-1]
        shift = len(rest) - len(q)
        rest = [c - factor * q[i - shift] if i >= shift else c for i, c in enumerate(rest[:-1])]
        while rest and rest[-1] == 0:
            rest.pop()
    return rest
