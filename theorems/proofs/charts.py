"""All cases of one shape, parametrised: which numbers may be chosen freely, and how the entries follow from them.

A chart covers a whole component of what the case's declaration allows: every orthogonal matrix of one sign, every
descending sequence, every probability vector.  Orthonormal columns come from a circle, from unit quaternions, or from
products of reflections (every orthogonal n x n matrix is one of at most n), so that no matrix is left out.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from theorems.arithmetic.terms import PRIME, Pool, Term, Unknown
from theorems.case import SVD, Array, fraction
from theorems.errors import Unsupported

#: What the declaration of a case type says of a field, beyond its shape: by class and field.
DOMAINS: dict[tuple[str, str], str] = {
    ("Inputs", "weights"): "simplex",
    ("Inputs", "box"): "nonnegative",
    ("Inputs", "ball"): "nonnegative",
    ("DensityCase", "frozen"): "simplex",
    ("DensityCase", "target"): "simplex",
    ("RandomVectorCase", "weights"): "simplex",
}
#: Components (signs of determinants) of one shape, at most.
MOST_CHARTS = 16

#: A polynomial in the numbers of a chart: (exponents by number, coefficient).
Polynomial = tuple[tuple[tuple[tuple[int, int], ...], Fraction], ...]


@dataclass(frozen=True)
class Chart:
    """How the leaves of a case are parametrised.

    signs       for each square orthonormal leaf the sign of its determinant, by its path in the case
    kinds       what a hypothesis says of a leaf: "orthonormal" or "semidefinite", by its path
    solved      numbers that a hypothesis determines: number -> polynomial in the others
    """

    signs: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    solved: Mapping[int, Polynomial] = field(default_factory=dict)


class Source(Protocol):
    """Where the free numbers of a chart come from."""

    def free(self, name: str, *, nonnegative: bool = False) -> Any: ...

    def sphere(self, n: int, name: str) -> list[Any]: ...

    def number(self, q: Fraction) -> Any: ...

    def sign(self, name: str) -> Any: ...


class Unknowns:
    """Free numbers as the unknowns of a pool; `domain` collects what is known of them."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.domain: list[Term] = []  # terms that are at least zero

    def number(self, q: Fraction) -> Term:
        return self.pool.constant(q)

    def free(self, name: str, *, nonnegative: bool = False) -> Term:
        return self.pool.free(name, nonnegative=nonnegative)

    def sign(self, name: str) -> Term:
        """One or minus one: an unknown whose square is one."""
        value = 1 if _residue(f"{self.pool.seed}/{name}") % 2 else PRIME - 1
        return self.pool.unknown(Unknown(f"{name}.sign", square=self.pool.constant(1)), value)

    def sphere(self, n: int, name: str) -> list[Term]:
        """n coordinates with squares that sum to one: the square of the last is known."""
        seeds = [_residue(f"{self.pool.seed}/{name}/{i}") for i in range(n - 1)]
        scale = pow(1 + sum(t * t for t in seeds), -1, PRIME)
        values = [2 * t * scale % PRIME for t in seeds]
        last = (1 - sum(t * t for t in seeds)) * scale % PRIME
        point = [self.pool.unknown(Unknown(f"{name}.{i}"), values[i]) for i in range(n - 1)]
        square = self.pool.constant(1)
        for x in point:
            square = square - x * x
        return [*point, self.pool.unknown(Unknown(f"{name}.{n - 1}", square=square), last)]


class Point:
    """Free numbers as integers of 128 bits from SHA-256(seed, name): a point that nobody chose."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.free_numbers: list[Fraction] = []

    def number(self, q: Fraction) -> Fraction:
        return q

    def _integer(self, name: str) -> Fraction:
        return Fraction(1 + int.from_bytes(hashlib.sha256(f"{self.seed}/{name}".encode()).digest()[:16], "big"))

    def free(self, name: str, *, nonnegative: bool = False) -> Fraction:
        self.free_numbers.append(self._integer(name))
        return self.free_numbers[-1]

    def sign(self, name: str) -> Fraction:
        """One or minus one."""
        self.free_numbers.append(Fraction(1 if self._integer(f"{name}.sign") % 2 else -1))
        return self.free_numbers[-1]

    def sphere(self, n: int, name: str) -> list[Fraction]:
        """The stereographic image of a point with integer coordinates."""
        t = [self._integer(f"{name}.{i}") for i in range(n - 1)]
        norm = sum((x * x for x in t), Fraction(0))
        point = [*(2 * x / (1 + norm) for x in t), (1 - norm) / (1 + norm)]
        self.free_numbers += point
        return point


def _residue(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big") % PRIME


def charts(case: Any, *, by_sign: bool) -> list[Chart]:
    """The charts that together cover all cases of the shape of `case`.

    With `by_sign` the determinants of square orthonormal leaves have one sign in each, else these signs are unknowns
    with square one in a single chart.  Raises `Unsupported` for too many.
    """
    if not by_sign:
        return [Chart()]
    squares = [path for path, kind, array in leaves(case) if kind == "orthonormal" and array.shape[0] == array.shape[1]]
    if 2 ** len(squares) > MOST_CHARTS:
        raise Unsupported(f"{len(squares)} orthogonal matrices: the signs of their determinants have too many patterns")
    return [Chart(dict(zip(squares, signs, strict=True))) for signs in itertools.product((1, -1), repeat=len(squares))]


def leaves(case: Any, path: str = "", owner: str = "", name: str = "") -> Iterator[tuple[str, str, Array]]:
    """The arrays of a case: path, what the declaration says of them, and the array."""
    if isinstance(case, np.ndarray):
        yield path, DOMAINS.get((owner, name), "free"), case
    elif isinstance(case, SVD):
        for leaf, kind in (("U", "orthonormal"), ("s", "descending"), ("V", "orthonormal")):
            yield f"{path}.{leaf}", kind, getattr(case, leaf)
    elif isinstance(case, tuple):
        for i, item in enumerate(case):
            yield from leaves(item, f"{path}[{i}]", owner, name)
    elif dataclasses.is_dataclass(case) and not isinstance(case, type):
        for part in dataclasses.fields(case):
            yield from leaves(getattr(case, part.name), f"{path}.{part.name}", type(case).__name__, part.name)


def build(case: Any, chart: Chart, source: Any) -> Any:
    """The case with every array made of the chart's numbers, in the order of its leaves."""
    made = {}
    for path, kind, array in leaves(case):
        made[path] = _leaf(chart.kinds.get(path, kind), array.shape, chart.signs.get(path), path, source)
    if chart.solved:
        numbers = _unknowns_of(source.pool) if isinstance(source, Unknowns) else source.free_numbers
        replaced = {_name(numbers[k]): _evaluated(p, numbers, source) for k, p in chart.solved.items()}
        for array in made.values():
            for position in np.ndindex(array.shape):
                array[position] = replaced.get(_name(array[position]), array[position])
    return _rebuilt(case, made)


def coordinates(case: Any) -> dict[str, tuple[Fraction, Fraction] | Fraction]:
    """The free numbers of a case by their names, as `build` takes them in the chart without hypotheses; of orthonormal
    columns up to three rows the whole range of their coordinates."""
    found: dict[str, tuple[Fraction, Fraction] | Fraction] = {}
    for path, kind, array in leaves(case):
        if kind == "orthonormal":
            if len(array) <= 3:
                found |= {f"{path}.{i}": (Fraction(-1), Fraction(1)) for i in range(4)}
            continue
        for position in np.ndindex(array.shape):
            value = fraction(array[position])
            if kind == "descending":
                (i,) = position
                value -= fraction(array[i + 1]) if i + 1 < len(array) else 0
            found[f"{path}[{','.join(map(str, position))}]"] = value
    return found


def _name(number: Any) -> int:
    """The node of a term; a Fraction is told from its equals by its identity."""
    return number.number if isinstance(number, Term) else id(number)


def _unknowns_of(pool: Pool) -> list[Term]:
    return [pool.variable(k) for k in range(len(pool.unknowns))]


def _evaluated(p: Polynomial, numbers: Sequence[Any], source: Any) -> Any:
    total = source.number(Fraction(0))
    for powers, coefficient in p:
        product = source.number(coefficient)
        for k, exponent in powers:
            product = product * numbers[k] ** exponent
        total = total + product
    return total


def _rebuilt(case: Any, made: Mapping[str, Array], path: str = "") -> Any:
    if isinstance(case, np.ndarray):
        return made[path]
    if isinstance(case, tuple):
        return tuple(_rebuilt(item, made, f"{path}[{i}]") for i, item in enumerate(case))
    if dataclasses.is_dataclass(case) and not isinstance(case, type):
        names = [part.name for part in dataclasses.fields(case) if part.init]
        return type(case)(**{name: _rebuilt(getattr(case, name), made, f"{path}.{name}") for name in names})
    return case


def _leaf(kind: str, shape: tuple[int, ...], sign: int | None, path: str, source: Any) -> Array:
    if kind == "orthonormal":
        return orthonormal(shape[0], shape[1], sign, path, source)
    result = np.empty(shape, dtype=object)
    if kind == "semidefinite":
        n = shape[0]
        L = np.empty((n, n), dtype=object)
        for i, j in np.ndindex(n, n):
            name = f"{path}[{i},{j}]"
            L[i, j] = source.free(name, nonnegative=i == j) if j <= i else source.number(Fraction(0))
        return np.asarray(L @ L.T)
    if kind == "descending":
        last: Any = source.number(Fraction(0))
        for i in reversed(range(shape[0])):
            result[i] = last = last + source.free(f"{path}[{i}]", nonnegative=True)
        return result
    if kind == "simplex":
        return _simplex(shape, path, source, result)
    for position in np.ndindex(shape):
        name = f"{path}[{','.join(map(str, position))}]"
        result[position] = source.free(name, nonnegative=kind == "nonnegative")
    return result


def _simplex(shape: tuple[int, ...], path: str, source: Any, result: Array) -> Array:
    if len(shape) != 1:
        raise Unsupported("probabilities in an array of more than one axis")
    rest = source.number(Fraction(1))
    for i in range(shape[0] - 1):
        value = source.free(f"{path}[{i}]", nonnegative=True)
        if isinstance(source, Point):
            value = value / 2 ** (129 + i)
            source.free_numbers[-1] = value
        result[i], rest = value, rest - value
    result[shape[0] - 1] = rest
    if not isinstance(source, Point):
        source.domain.append(rest)
    return result


def orthonormal(m: int, k: int, given: int | None, path: str, source: Any) -> Array:
    """An m x k matrix with orthonormal columns, k <= m; for k = m its determinant has that sign, or any."""
    sign: Any = given if given is not None else source.sign(path) if m == k and m <= 3 else 1
    one, zero = source.number(Fraction(1)), source.number(Fraction(0))
    if k == 0:
        return np.empty((m, 0), dtype=object)
    if m == 1:
        return _matrix([[one * sign]])
    if k == 1:
        return _matrix([[x] for x in source.sphere(m, path)])
    if m == 2:
        c, s = source.sphere(2, path)
        return _matrix([[c, -s * sign], [s, c * sign]])
    if m == 3:
        a, b, c, d = source.sphere(4, path)
        rows = [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a - b * b + c * c - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a - b * b - c * c + d * d],
        ]
        return _matrix([[x, y, z * sign][:k] for x, y, z in rows])
    if given is None and m == k:
        raise Unsupported(f"an orthogonal {m} x {m} matrix of unknown sign")
    count = m if (m % 2 == 0) == (sign > 0) else m - 1
    Q = _matrix([[one if i == j else zero for j in range(m)] for i in range(m)])
    for r in range(count):
        v = np.array([source.free(f"{path}/{r}[{i}]") for i in range(m)], dtype=object)
        norm = sum((x * x for x in v[1:]), v[0] * v[0])
        along = v @ Q
        for i, j in np.ndindex(m, m):
            Q[i, j] = Q[i, j] - _quotient(2 * v[i] * along[j], norm)
    return np.asarray(Q[:, :k])


def _quotient(a: Any, b: Any) -> Any:
    """a / b for a sum of squares b: its numbers are not all zero, which is no hypothesis on the case."""
    return a.pool.quotient(a, b) if isinstance(a, Term) else a / b


def _matrix(rows: Sequence[Sequence[Any]]) -> Array:
    result = np.empty((len(rows), len(rows[0])), dtype=object)
    for i, row in enumerate(rows):
        for j, entry in enumerate(row):
            result[i, j] = entry
    return result
