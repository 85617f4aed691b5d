"""The simplest arrays of a kind: what a sweep and a shrinking pass put in the place of an array that has to keep one.

Entries that are tied (the two of a symmetric matrix, a diagonal of a Toeplitz one) are chosen together; where no entry
can be chosen alone, the whole array is, from a list of the cheapest: Gram matrices of small factors, signed
permutations and rational rotations, projections onto small vectors, shares with small denominators.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from theorems.case import Array, fractions
from theorems.properties import PROPERTIES
from theorems.strategies.search.simplicity import cost_of

#: The entries of a sweep; more of them come in arrays that are chosen whole.
SMALL = tuple(Fraction(value) for value in (0, 1, -1, 2, -2, 3))
#: Arrays of a kind that are listed at most, and the largest dimension of which there is a list.
LISTED, LARGEST = 160, 4
HALVES = tuple(Fraction(value) for value in ("0", "1/2", "-1/2", "1", "-1", "1/3", "-1/3", "3/5", "4/5"))

#: Places that are filled together, as one value each with its sign.
Group = tuple[tuple[tuple[int, ...], int], ...]


def small_values(properties: tuple[str, ...]) -> tuple[Fraction, ...]:
    """The entries that an array of these properties may have."""
    if "positive" in properties:
        return (Fraction(1), Fraction(2), Fraction(3), Fraction(1, 2))
    if "non-negative" in properties:
        return tuple(v for v in SMALL if v >= 0)
    return SMALL


# tied entries -------------------------------------------------------------------------------------------------------

_KEYS: dict[str, Callable[[int, int, int], tuple[Any, int] | None]] = {
    "symmetric": lambda i, j, n: ((min(i, j), max(i, j)), 1),
    "antisymmetric": lambda i, j, n: None if i == j else ((min(i, j), max(i, j)), 1 if i < j else -1),
    "diagonal": lambda i, j, n: ((i, j), 1) if i == j else None,
    "upper triangular": lambda i, j, n: ((i, j), 1) if i <= j else None,
    "toeplitz": lambda i, j, n: (i - j, 1),
    "hankel": lambda i, j, n: (i + j, 1),
    "circulant": lambda i, j, n: ((j - i) % n, 1),
    "all rows equal": lambda i, j, n: (j, 1),
}
#: What entries chosen alone, or tied, may lose: the exact check decides, and floats are not put right.
FREE = ("integers", "non-negative", "positive", "non-singular")


def groups(properties: tuple[str, ...], shape: tuple[int, ...]) -> list[Group] | None:
    """The entries that are chosen together; None where the properties are no matter of single entries.

    Entries in no group are zero.
    """
    tied = [name for name in properties if name not in FREE]
    if not tied:
        return [((place, 1),) for place in np.ndindex(shape)]
    if len(tied) > 1 or tied[0] not in _KEYS or len(shape) != 2:
        return None
    found: dict[Any, list[tuple[tuple[int, ...], int]]] = {}
    for i, j in np.ndindex(shape):
        key = _KEYS[tied[0]](i, j, shape[1])
        if key is not None:
            found.setdefault(key[0], []).append(((i, j), key[1]))
    return [tuple(group) for group in found.values()]


# whole arrays -------------------------------------------------------------------------------------------------------


@cache
def whole(properties: tuple[str, ...], shape: tuple[int, ...]) -> tuple[tuple[Fraction, ...], ...]:
    """The cheapest arrays with these properties, their entries row by row; none where no list is known."""
    if not properties or not shape or max(shape) > (LARGEST if len(shape) > 1 else 6) or min(shape) < 1:
        return ()
    maker = next((make for name, make in _LISTS.items() if name in properties), None)
    if maker is None:
        return ()
    tests = [PROPERTIES[name].exact for name in properties if name in PROPERTIES]
    found: dict[tuple[Fraction, ...], Array] = {}
    for array in maker(shape, properties):
        found.setdefault(tuple(array.ravel().tolist()), array)
    ordered = sorted(found, key=lambda entries: (sum(map(cost_of, entries)), tuple(-value for value in entries)))
    kept = (entries for entries in ordered if all(test(found[entries]) for test in tests))
    return tuple(itertools.islice(kept, LISTED))


def _integers(values: Iterable[int], *shape: int) -> Iterator[Array]:
    """All integer arrays of a shape with these values."""
    size = int(np.prod(shape))
    for entries in itertools.product(tuple(values), repeat=size):
        yield fractions(np.array(entries, dtype=np.int64).reshape(shape))


def _vectors(n: int) -> Iterator[Array]:
    """Small integer vectors other than zero, up to sign."""
    for v in _integers(range(-2, 3) if n <= 3 else (0, 1, -1), n):
        first = next((value for value in v.tolist() if value), None)
        if first is not None and first > 0:
            yield v


def _semidefinite(shape: tuple[int, ...], properties: tuple[str, ...]) -> Iterator[Array]:
    n = shape[0]
    if "ones on the diagonal" in properties:
        pairs = list(itertools.combinations(range(n), 2))
        for values in itertools.product(HALVES, repeat=len(pairs)) if n <= 3 else ():
            A = fractions(np.eye(n, dtype=np.int64))
            for (i, j), value in zip(pairs, values, strict=True):
                A[i, j] = A[j, i] = value
            yield A
        return
    if n <= 2:
        for a, b, d in itertools.product(range(6), range(-5, 6), range(6)):
            if b * b <= a * d and (n == 2 or b == d == 0):
                yield fractions(np.array([[a, b], [b, d]][:n], dtype=np.int64)[:, :n])
        return
    yield from (fractions(np.diag(np.array(d, dtype=np.int64))) for d in itertools.product(range(4), repeat=n))
    ones = [np.outer(v, v) for v in _vectors(n)]
    yield from ones
    light = [A for A in ones if sum(map(cost_of, A.ravel().tolist())) <= (24 if n == 3 else 16)]
    yield from (np.asarray(A + B) for A, B in itertools.combinations_with_replacement(light, 2))


def _orthogonal(shape: tuple[int, ...], properties: tuple[str, ...]) -> Iterator[Array]:
    """Signed permutations, the 3-4-5 rotations of a plane, and [1 2 2; 2 1 -2; 2 -2 1] / 3, with rows turned around."""
    n = shape[0]
    if shape != (n, n) or n > 3:
        return
    bases = [np.eye(n, dtype=np.int64).astype(object)]
    if n == 2:
        bases.append(np.array([[3, 4], [4, -3]], dtype=object) * Fraction(1, 5))
    if n == 3:
        bases.append(np.array([[1, 2, 2], [2, 1, -2], [2, -2, 1]], dtype=object) * Fraction(1, 3))
    for base in bases:
        for rows in itertools.permutations(range(n)):
            for signs in itertools.product((1, -1), repeat=n):
                turned = base[list(rows)] * np.array(signs, dtype=object)[:, None]
                yield fractions(turned)
                yield fractions(turned * np.array(signs[::-1], dtype=object))


def _idempotent(shape: tuple[int, ...], properties: tuple[str, ...]) -> Iterator[Array]:
    """Zeros and ones on the diagonal, u v^T / v^T u for small u and v (v = u where it is symmetric), and I - P."""
    n = shape[0]
    unit = fractions(np.eye(n, dtype=np.int64))
    for chosen in itertools.product((0, 1), repeat=n):
        yield fractions(np.diag(np.array(chosen, dtype=np.int64)))
    small = [v for v in _vectors(n) if n < 4 or abs(v).sum() <= 3]
    for u, v in ((v, v) for v in small) if "symmetric" in properties else itertools.product(small, repeat=2):
        if (product := (u * v).sum()) != 0:
            P = np.outer(u, v) / product
            yield np.asarray(P)
            yield np.asarray(unit - P)


def _shares(n: int, positive: bool) -> list[tuple[Fraction, ...]]:
    """Shares of n with small denominators, the simplest first."""
    found: dict[tuple[Fraction, ...], None] = {}
    for q in range(1, 5 if n <= 4 else max(2, n) + 1):
        for cut in itertools.combinations_with_replacement(range(q + 1), n - 1):
            parts = [b - a for a, b in itertools.pairwise((0, *cut, q))]
            if min(parts) > 0 or not positive:
                found.setdefault(tuple(Fraction(part, q) for part in parts))
    return sorted(found, key=lambda shares: sum(map(cost_of, shares)))


def _sums(shape: tuple[int, ...], properties: tuple[str, ...]) -> Iterator[Array]:
    if len(shape) == 1:
        for shares in _shares(shape[0], "positive" in properties) if shape[0] <= 6 else ():
            yield np.array(shares, dtype=object)
        return
    if len(shape) != 2:
        return
    m, n = shape
    if "columns sum to one" in properties and "sums to one" in properties:
        orders = [fractions(np.eye(n, dtype=np.int64)[list(order)]) for order in itertools.permutations(range(n))]
        for count in (1, 2, 3):
            for some in itertools.combinations_with_replacement(orders[:6], count):
                yield np.asarray(sum(some) / Fraction(count))
        return
    columns = _shares(m, "positive" in properties)[: (12, 12, 8, 5)[min(n, 4) - 1]]
    for chosen in itertools.product(columns, repeat=n):
        yield np.array(chosen, dtype=object).T


def _nilpotent(shape: tuple[int, ...], properties: tuple[str, ...]) -> Iterator[Array]:
    n = shape[0]
    if n <= 2:
        yield from _integers(range(-2, 3), n, n)
        return
    places = list(itertools.combinations(range(n), 2))
    for values in itertools.product((0, 1, -1), repeat=len(places)) if n == 3 else ():
        strict = fractions(np.zeros((n, n), dtype=np.int64))
        for (i, j), value in zip(places, values, strict=True):
            strict[i, j] = Fraction(value)
        for order in itertools.permutations(range(n)):
            yield strict[np.ix_(order, order)]


def _enumerated(shape: tuple[int, ...], properties: tuple[str, ...]) -> Iterator[Array]:
    if int(np.prod(shape)) <= 4:
        yield from _integers(range(-2, 4), *shape)


#: How the candidates of a property are made; the first that an array is to have decides, and all of them are checked.
_LISTS: dict[str, Callable[[tuple[int, ...], tuple[str, ...]], Iterator[Array]]] = {
    "idempotent": _idempotent,
    "orthonormal columns": _orthogonal,
    "signed permutation": _orthogonal,
    "columns sum to one": _sums,
    "sums to one": _sums,
    "positive semidefinite": _semidefinite,
    "nilpotent": _nilpotent,
    "rank at most one": _enumerated,
    "companion": _enumerated,
    "inverse non-negative": _enumerated,
}
