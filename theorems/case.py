"""Cases: frozen dataclasses whose leaves are arrays, integers and names.

The functions here treat every such dataclass alike, so that a case of your own needs no registration: give it fields
annotated with `Array`, ``int``, ``str``, tuples of these, or other such dataclasses.

An **exact case** holds `fractions.Fraction` in object arrays; it is what is stored, shrunk and convicted.  A **batch**
holds float64 arrays with one more axis in front.
"""

from __future__ import annotations

import dataclasses
import itertools
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, TypeVar

import numpy as np

from theorems.errors import InputError
from theorems.properties import DESCENDING, NON_NEGATIVE, ORTHOGONAL, Axes
from theorems.properties import Array as Array

#: Aliases of ``type`` statements, which Python 3.11 has not.
_ALIASES: Any = getattr(typing, "TypeAliasType", ())
C = TypeVar("C")


def unaliased(hint: Any) -> Any:
    """What an alias of a ``type`` statement stands for, such as `NDArray[Any]` of NumPy 2.5; anything else as it is."""
    alias = typing.get_origin(hint) or hint
    if not isinstance(alias, _ALIASES):
        return hint
    arguments, value = typing.get_args(hint), alias.__value__
    return unaliased(value[arguments] if arguments else value)


@dataclass(frozen=True)
class SVD:
    """A singular value decomposition that a case carries: A = U diag(s) V^T.

    U is (..., m, k), s is (..., k) in descending order, V is (..., n, k), k = min(m, n).  Exact arithmetics have no SVD
    of their own; they verify this one (`num.svd`).
    """

    U: Annotated[Array, Axes("m", "k"), ORTHOGONAL]
    s: Annotated[Array, Axes("k"), DESCENDING, NON_NEGATIVE]
    V: Annotated[Array, Axes("n", "k"), ORTHOGONAL]

    @property
    def matrix(self) -> Array:
        """U diag(s) V^T, (..., m, n)."""
        product: Array = (self.U * self.s[..., None, :]) @ self.V.mT
        return product


@dataclass(frozen=True)
class MatrixCase:
    """A few matrices and vectors, for claims on plain matrices.

    matrices  arrays (m, n); vectors  arrays (n,)
    """

    matrices: tuple[Array, ...] = ()
    vectors: tuple[Array, ...] = ()


@dataclass(frozen=True)
class CountCase:
    """A few named integers, for claims on sizes and counts."""

    values: tuple[int, ...]


def map_arrays(case: C, function: Callable[[Array], Any]) -> C:
    """The case with `function` applied to every array leaf."""
    if isinstance(case, np.ndarray):
        return function(case)  # type: ignore[no-any-return]
    if isinstance(case, tuple):
        return tuple(map_arrays(item, function) for item in case)  # type: ignore[return-value]
    if dataclasses.is_dataclass(case) and not isinstance(case, type):
        changes = {f.name: map_arrays(getattr(case, f.name), function) for f in dataclasses.fields(case) if f.init}
        return type(case)(**changes)
    return case


def parts(case: object) -> Iterator[object]:
    """The case and everything inside it, depth first."""
    yield case
    if isinstance(case, tuple):
        for item in case:
            yield from parts(item)
    elif dataclasses.is_dataclass(case) and not isinstance(case, type):
        for field in dataclasses.fields(case):
            yield from parts(getattr(case, field.name))


def named_leaves(case: object, name: str = "") -> Iterator[tuple[str, object]]:
    """The leaves with their names ("frozen.weights[0]"), for people: arrays, words, integers, and tuples of these."""
    if dataclasses.is_dataclass(case) and not isinstance(case, type):
        for field in dataclasses.fields(case):
            yield from named_leaves(getattr(case, field.name), f"{name}.{field.name}" if name else field.name)
    elif isinstance(case, tuple) and any(not isinstance(item, int | str) for item in case):
        for i, item in enumerate(case):
            yield from named_leaves(item, f"{name}[{i}]")
    elif isinstance(case, np.ndarray) or case not in (None, ()):
        yield name, case


def derived_arrays(case: object) -> Iterator[tuple[str, Array]]:
    """The arrays that the case derives from its fields (its target, say), by the names of its properties."""
    for name, attribute in vars(type(case)).items():
        if isinstance(attribute, property):
            try:
                value = getattr(case, name)
            except Exception:  # a property of a stranger's case; what it derives is only for show
                continue
            if isinstance(value, np.ndarray):
                yield name, value


def arrays(case: object) -> list[Array]:
    """The array leaves, in order."""
    return [part for part in parts(case) if isinstance(part, np.ndarray)]


def known_svds(case: object) -> tuple[SVD, ...]:
    """The decompositions that the case carries."""
    return tuple(part for part in parts(case) if isinstance(part, SVD))


def flaw_of_decompositions(case: object) -> str:
    """Why a decomposition that an exact case carries is none; nothing where all are sound."""
    for d in known_svds(case):
        U, s, V = (np.asarray(leaf, dtype=object) for leaf in (d.U, d.s, d.V))
        for name, factor in (("U", U), ("V", V)):
            if (factor.T @ factor != np.eye(factor.shape[1], dtype=np.int64)).any():
                return f"a decomposition of the case has a {name} that is not orthogonal"
        if any(a < b for a, b in itertools.pairwise([*s.tolist(), 0])):
            return "a decomposition of the case has singular values that are negative or not in descending order"
    return ""


def member(batch: C, index: int) -> C:
    """One instance of a batch."""
    return map_arrays(batch, lambda array: array[index])


def subset(batch: C, indices: Any) -> C:
    """The instances of a batch at `indices`, as a batch."""
    return map_arrays(batch, lambda array: array[indices])


def fraction(value: Any) -> Fraction:
    """Any finite number as a Fraction, exactly.  Raises `InputError` for NaN and infinities."""
    if isinstance(value, Fraction):
        p, q = value.numerator, value.denominator
        return value if type(p) is int and type(q) is int else Fraction(int(p), int(q))  # Fraction(np.int64(1))
    if hasattr(value, "p") and hasattr(value, "q"):  # fmpq
        return Fraction(int(value.p), int(value.q))
    if isinstance(value, str):
        return Fraction(value)
    number = value.item() if isinstance(value, np.generic) else value
    try:
        return Fraction(number)
    except (ValueError, OverflowError, TypeError):
        if isinstance(number, complex):
            raise InputError(f"an entry is {value!r}: entries are real; write X + iY as [[X, -Y], [Y, X]]") from None
        raise InputError(f"an entry is {value!r}, which is no finite number: every entry must be finite") from None


_to_fraction = np.frompyfunc(fraction, 1, 1)


def fractions(array: Array) -> Array:
    """An object array of Fractions of the same shape, exactly equal."""
    result: Array = np.empty(array.shape, dtype=object)
    result[...] = _to_fraction(array) if array.size else array
    return result


def exact(case: C) -> C:
    """The exact case with the same entries (finite floats convert exactly)."""
    return map_arrays(case, fractions)


def floats(case: C) -> C:
    """The case with float64 entries, correctly rounded."""
    return map_arrays(case, lambda array: np.asarray(array, dtype=np.float64))


def require_finite(case: object) -> None:
    """Raises `InputError` when an entry is NaN or infinite."""
    for index, array in enumerate(arrays(case)):
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            raise InputError(f"array {index} of the case has {array[where]} at {where}: every entry must be finite")
