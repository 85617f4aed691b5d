"""Back into the domain: the nearest simple case that keeps what is promised of it.

Searches move entries freely; what they reach is mapped back where that is a matter of a formula: probabilities are
divided by their sum, a triangle is mirrored, a semidefinite matrix is the Gram matrix of a rounded factor, an
orthogonal one a Cayley transform.  The exact check of the domain decides in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from theorems.case import SVD, Array, arrays, fractions, map_arrays
from theorems.domains import Domain, Tied, Within, declared, leaves
from theorems.errors import InputError
from theorems.properties import PROPERTIES, RELATIONS
from theorems.strategies.models.nearby import nearby_orthogonal

#: Rationalisations of a float case: denominators up to this, the exact value (0) last; and the binary digits of each.
BITS = {1: 0, 2: 1, 12: 4, 1000: 10, 0: 40}


def outside(domain: Domain, case: object) -> str:
    """Why an exact case leaves the domain or what its type declares; nothing where it keeps both."""
    return declared(case).flaw(case) or domain.flaw(case)


def fitted(domain: Domain, case: Any, change: Callable[[str, Array], Array], denominator: int | None = None) -> Any:
    """The case with `change(name, array)` in place of every array, mapped back into the domain leaf by leaf.

    Entry by entry for floats (a batch, or one member) and Fractions alike; for the exact roundings to a `denominator`
    also where that takes a decomposition.  Raises `InputError` for what is no case of its type.
    """
    promised = declared(case) + domain
    names = [name for name, leaf in leaves(case) if isinstance(leaf, np.ndarray)]
    inside = {f"{name}.{part}" for name, leaf in leaves(case) if isinstance(leaf, SVD) for part in "UsV"}
    made: dict[str, Array] = {}
    for name, array in zip(names, arrays(case), strict=True):
        new = change(name, array)
        made[name] = new if name in inside else _within(promised, name, _mapped(promised.of(name), new, denominator))
    for rule in promised.rules:
        if isinstance(rule, Tied) and {rule.leaf, rule.other} <= set(made):
            made[rule.leaf] = RELATIONS[rule.relation](made[rule.other])
    ordered = iter([made[name] for name in names])
    return map_arrays(case, lambda array: next(ordered))


def refitted(domain: Domain, case: Any) -> Iterator[Any]:
    """The case itself where it is inside, else what it is mapped to, if that is."""
    if not outside(domain, case):
        yield case
        return
    try:
        other = fitted(domain, case, lambda name, array: array)
    except (InputError, ValueError, ArithmeticError):
        return
    if not outside(domain, other):
        yield other


def _within(promised: Domain, name: str, array: Array) -> Array:
    """Entries moved to the nearest bound."""
    for rule in promised.rules:
        if isinstance(rule, Within) and promised.entries(rule, name):
            if isinstance(rule.low, int | Fraction):
                array = np.where(array < rule.low, _one(array) * rule.low, array)
            if isinstance(rule.high, int | Fraction):
                array = np.where(array > rule.high, _one(array) * rule.high, array)
    return array


def _one(array: Array) -> Any:
    return Fraction(1) if array.dtype == object else 1.0


def _mapped(properties: tuple[str, ...], array: Array, denominator: int | None) -> Array:
    if not array.size:
        return array
    for name, projection in _PLAIN.items():  # sums come last
        if name in properties:
            array = projection(array)
    if "positive semidefinite" in properties and array.dtype == object:
        array = _mirrored(1)(array)  # whatever moved one of two entries moves both
    spectral = [name for name in _SPECTRAL if name in properties]
    if spectral and array.dtype != object:
        return _in_floats(spectral[0], array)
    if spectral and denominator is not None:
        return _exactly(spectral, array, denominator)
    return array


# entry by entry -----------------------------------------------------------------------------------------------------


def _positive(A: Array) -> Array:
    return np.where(A == 0, _one(A), abs(A))


def _integers(A: Array) -> Array:
    if A.dtype != object:
        return np.rint(A)
    return np.asarray(np.frompyfunc(lambda value: Fraction(round(value)), 1, 1)(A), dtype=object)


def _mask(A: Array, kind: Callable[[Array], Array]) -> Array:
    ones = kind(np.ones(A.shape[-2:], dtype=np.int64))
    masked: Array = A * (ones.astype(object) if A.dtype == object else ones)
    return masked


def _diagonal(A: Array) -> Array:
    return _mask(A, lambda ones: np.triu(np.tril(ones)))


def _mirrored(sign: int) -> Callable[[Array], Array]:
    def mirror(A: Array) -> Array:
        strict = _mask(A, lambda ones: np.triu(ones, 1))
        return strict - strict.mT if sign < 0 else strict + strict.mT + _diagonal(A)

    return mirror


def _shares(axis: int) -> Callable[[Array], Array]:
    def divided(A: Array) -> Array:
        total = A.sum(axis, keepdims=True)
        even = np.zeros_like(A) + _one(A) / A.shape[axis]
        divided: Array = np.where(total == 0, even, A / np.where(total == 0, _one(A), total))
        return divided

    return divided


def _descending(A: Array) -> Array:
    ordered: Array = -np.sort(-A, axis=-1)
    return ordered


_PLAIN: dict[str, Callable[[Array], Array]] = {
    "non-negative": lambda A: np.asarray(abs(A)),
    "positive": _positive,
    "integers": _integers,
    "all rows equal": lambda A: A[..., :1, :] + A * 0,
    "upper triangular": lambda A: _mask(A, np.triu),
    "diagonal": _diagonal,
    "symmetric": _mirrored(1),
    "antisymmetric": _mirrored(-1),
    "descending": _descending,
    "ascending": lambda A: np.sort(A, axis=-1),
    "sums to one": _shares(-1),
    "columns sum to one": _shares(-2),
}

# by a decomposition -------------------------------------------------------------------------------------------------

_SPECTRAL = ("positive semidefinite", "rank at most one", "orthonormal columns")


def _in_floats(name: str, A: Array) -> Array:
    if not np.isfinite(A).all() or A.ndim < 2:
        return A
    if name == "orthonormal columns":
        U, _, Vt = np.linalg.svd(A, full_matrices=False)
        return np.asarray(U @ Vt)
    if name == "rank at most one":
        U, s, Vt = np.linalg.svd(A, full_matrices=False)
        return np.asarray(U[..., :, :1] * s[..., None, :1] @ Vt[..., :1, :])
    factor = _gram_factor(A)
    gram = factor.mT @ factor
    return np.asarray((gram + gram.mT) / 2)


def _gram_factor(A: Array) -> Array:
    """G with G^T G the positive part of the symmetric part of A."""
    values, vectors = np.linalg.eigh((A + A.mT) / 2)
    return np.asarray(np.sqrt(np.maximum(values, 0.0))[..., :, None] * vectors.mT)


def _exactly(names: list[str], A: Array, denominator: int) -> Array:
    """The nearest rational matrix of the kind, for one instance; A itself where it is of the kind or none is near."""
    if all(PROPERTIES[name].exact(A) for name in names):
        return A
    values = np.asarray(A, dtype=np.float64)
    if values.ndim != 2 or not np.isfinite(values).all():
        return A
    if "orthonormal columns" in names:
        U, _, Vt = np.linalg.svd(values, full_matrices=False)
        return nearby_orthogonal(U @ Vt, BITS[denominator]) if values.shape[0] == values.shape[1] else A
    if "rank at most one" in names:
        U, s, Vt = np.linalg.svd(values, full_matrices=False)
        if "positive semidefinite" in names:
            root = rounded(U[:, :1] * np.sqrt(s[:1]), denominator)
            return np.asarray(root @ root.T)
        return np.asarray(rounded(U[:, :1] * s[:1], denominator) @ rounded(Vt[:1], denominator))
    factor = rounded(_gram_factor(values), denominator)
    return np.asarray(factor.T @ factor)


def rounded(values: Array, denominator: int) -> Array:
    """The nearest Fractions with denominators up to that; for 0 the same values."""
    exact = fractions(values)
    if denominator == 0 or not exact.size:
        return exact
    limit = np.frompyfunc(lambda value: Fraction(value).limit_denominator(denominator), 1, 1)
    return np.asarray(limit(exact), dtype=object).reshape(exact.shape)
