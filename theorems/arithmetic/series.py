"""Truncated power series over any arithmetic: exact differentiation, and expansions to an order in epsilon.

A `Series` holds the coefficients c_0, ..., c_k of c_0 + c_1 e + ... + c_k e^k, arrays or scalars of an arithmetic.
A function of ``(x, num)`` runs on it with `SeriesNum` for `num`; order one gives derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from theorems.case import Array
from theorems.errors import Undefined, Unsupported
from theorems.num import Num

Function = Callable[[Any, Any], Any]


class Series:
    """c_0 + c_1 e + ... to a fixed order; scalars, vectors or matrices alike."""

    __array_ufunc__ = None  # NumPy leaves array + series to __radd__

    def __init__(self, num: Num, coefficients: Sequence[Any]) -> None:
        self.num = num
        self.coefficients = tuple(coefficients)

    def _of(self, coefficients: Sequence[Any]) -> Series:
        return Series(self.num, coefficients)

    def _like(self, other: Any) -> tuple[Any, ...]:
        """The coefficients of a series, or of a constant."""
        if isinstance(other, Series):
            return other.coefficients
        return (other, *[other * 0] * (len(self.coefficients) - 1))

    def each(self, function: Callable[[Any], Any]) -> Series:
        """A linear function of every coefficient."""
        return self._of([function(c) for c in self.coefficients])

    def times(self, other: Any, multiply: Callable[[Any, Any], Any]) -> Series:
        """The product, where `multiply` is linear in both factors."""
        b = self._like(other)
        return self._of([_total(multiply(self.coefficients[i], b[k - i]) for i in range(k + 1)) for k in range(len(b))])

    def __add__(self, other: Any) -> Series:
        return self._of([a + b for a, b in zip(self.coefficients, self._like(other), strict=True)])

    __radd__ = __add__

    def __neg__(self) -> Series:
        return self.each(lambda c: -c)

    def __sub__(self, other: Any) -> Series:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Series:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Series:
        return self.times(other, lambda a, b: a * b)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Series:
        if not isinstance(other, Series):
            return self.each(lambda c: c / other)
        quotient: list[Any] = []
        for k, c in enumerate(self.coefficients):
            rest = [quotient[i] * other.coefficients[k - i] for i in range(k)]
            quotient.append((c - _total(rest) if rest else c) / other.coefficients[0])
        return self._of(quotient)

    def __rtruediv__(self, other: Any) -> Series:
        return self._of(self._like(other)) / self

    def __matmul__(self, other: Any) -> Series:
        return self.times(other, lambda a, b: a @ b)

    def __rmatmul__(self, other: Any) -> Series:
        return self._of(self._like(other)) @ self

    def __getitem__(self, key: Any) -> Series:
        return self.each(lambda c: c[key])

    def __abs__(self) -> Series:
        raise Unsupported("the absolute value of a series: write num.absolute")

    def __bool__(self) -> bool:
        raise Unsupported("a comparison of what is differentiated: a statement's branches must not depend on it")

    @property
    def mT(self) -> Series:
        return self.each(lambda c: c.mT)

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.coefficients[0])

    @property
    def ndim(self) -> int:
        return len(self.shape)


def _total(terms: Any) -> Any:
    total = None
    for term in terms:
        total = term if total is None else total + term
    return total


class SeriesNum:
    """The operations that can be differentiated, on series over the arithmetic `num`.

    Linear ones go through coefficient by coefficient; others have a recurrence; what has neither raises `Unsupported`.
    Constants may stand in the place of series everywhere.
    """

    LINEAR = ("trace", "diagonal", "sum", "mean", "symmetric_part")
    BILINEAR = ("times", "outer", "dot", "apply", "hadamard", "kronecker", "expectation")
    CONSTANT = ("number", "identity", "zeros", "constant", "selector", "smaller")

    def __init__(self, num: Num, order: int) -> None:
        self._num = num
        self._order = order

    def __getattr__(self, name: str) -> Any:
        if name in self.CONSTANT:
            return getattr(self._num, name)
        if name in self.LINEAR:
            operation = getattr(self._num, name)
            return lambda x: x.each(operation) if isinstance(x, Series) else operation(x)
        if name in self.BILINEAR:
            operation = getattr(self._num, name)
            return lambda x, y: self.series(x).times(y, operation)
        if name.startswith("__") or not hasattr(self._num, name):
            return getattr(self._num, name)  # its own complaint of a misspelt operation

        def unsupported(*arguments: Any, **options: Any) -> Any:
            if not any(isinstance(argument, Series) for argument in arguments):
                return getattr(self._num, name)(*arguments, **options)
            raise Unsupported(f"the derivative of num.{name}: it is not known here")

        return unsupported

    def series(self, x: Any) -> Series:
        """A series, or a constant as one."""
        return x if isinstance(x, Series) else Series(self._num, (x, *[x * 0] * self._order))

    def plus(self, scalar: Any, array: Any) -> Series:
        pairs = zip(self.series(scalar).coefficients, self.series(array).coefficients, strict=True)
        return Series(self._num, [self._num.plus(a, b) for a, b in pairs])

    def concatenate(self, blocks: Sequence[Any], axis: int) -> Series:
        every = [self.series(block).coefficients for block in blocks]
        return Series(self._num, [self._num.concatenate(part, axis) for part in zip(*every, strict=True)])

    def block(self, rows: Sequence[Sequence[Any]]) -> Series:
        return self.concatenate([self.concatenate(row, -1) for row in rows], -2)

    # entry by entry

    def exp(self, x: Any) -> Series:
        a = self.series(x).coefficients
        e = [self._num.exp(a[0])]
        for k in range(1, len(a)):
            e.append(_total(a[j] * e[k - j] * j for j in range(1, k + 1)) / k)
        return Series(self._num, e)

    def log(self, x: Any) -> Series:
        a = self.series(x).coefficients
        result = [self._num.log(a[0])]
        for k in range(1, len(a)):
            rest = [result[j] * a[k - j] * j for j in range(1, k)]
            result.append((a[k] - _total(rest) / k if rest else a[k]) / a[0])
        return Series(self._num, result)

    def sqrt(self, x: Any) -> Series:
        a = self.series(x).coefficients
        result = [self._num.sqrt(a[0])]
        for k in range(1, len(a)):
            rest = [result[i] * result[k - i] for i in range(1, k)]
            result.append((a[k] - _total(rest) if rest else a[k]) / (result[0] * 2))
        return Series(self._num, result)

    def sigmoid(self, x: Any) -> Any:
        x = self.series(x)
        at, growth = self._num.sigmoid(x.coefficients[0]), self._growth(x)
        return growth * at / (growth * at + (1 - at))

    def tanh(self, x: Any) -> Any:
        x = self.series(x)
        return 2 * self.sigmoid(x + x) - 1

    def absolute(self, x: Any) -> Series:
        series = self.series(x)
        size = self._num.absolute(series.coefficients[0])
        self._require_smooth(size)
        sign = size / series.coefficients[0]
        return series.each(lambda c: c * sign)

    def relu(self, x: Any) -> Series:
        series = self.series(x)
        value = self._num.relu(series.coefficients[0])
        self._require_smooth(self._num.absolute(series.coefficients[0]))
        active = value / series.coefficients[0]
        return series.each(lambda c: c * active)

    def _require_smooth(self, size: Any) -> None:
        if np.asarray(size).dtype == object and np.any(self._num.zero(size)):  # floats: NaN for that member
            raise Undefined("a derivative at a kink: it does not exist")

    def softmax(self, X: Any) -> Series:
        X = self.series(X)
        powers = self._growth(X) * self._num.softmax(X.coefficients[0])
        ones = self._num.constant([[1] * powers.shape[-2]])
        return powers / self.series(ones).times(powers, lambda a, b: a @ b)

    def softmax_rows(self, X: Any) -> Series:
        return self.softmax(self.series(X).mT).mT

    def log_sum_exp(self, x: Any) -> Series:
        x = self.series(x)
        shares = self._num.softmax(x.coefficients[0][..., :, None])[..., :, 0]
        total: Series = self.log(self.sum(self._growth(x) * shares)) + self._num.log_sum_exp(x.coefficients[0])
        return total

    def _growth(self, x: Series) -> Series:
        """e^(x - x_0), x_0 the constant coefficient: near one, where e^x may leave the range of floats."""
        return self.exp(x - x.coefficients[0])

    # vectors and matrices

    def norm_squared(self, x: Any) -> Any:
        return self.dot(x, x)

    def norm(self, x: Any) -> Series:
        return self.sqrt(self.norm_squared(x))

    def frobenius_norm_squared(self, A: Any) -> Any:
        return self.trace(self.series(A).mT @ A)

    def frobenius_norm(self, A: Any) -> Series:
        return self.sqrt(self.frobenius_norm_squared(A))

    def solve(self, A: Any, B: Any) -> Series:
        a, b = self.series(A).coefficients, self.series(B).coefficients
        result: list[Any] = []
        for k in range(len(a)):
            rest = [a[k - i] @ result[i] for i in range(k)]
            result.append(self._num.solve(a[0], b[k] - _total(rest) if rest else b[k]))
        return Series(self._num, result)

    def inverse(self, A: Any) -> Series:
        return self.solve(A, self._num.identity(A.shape[-1]))

    def power(self, A: Any, k: int) -> Series:
        A = self.series(A) if k >= 0 else self.inverse(A)
        result = self.series(self._num.identity(A.shape[-1]))
        for _ in range(abs(k)):
            result = result @ A
        return result

    def characteristic_polynomial(self, A: Any) -> Series:
        """By the method of Faddeev and Le Verrier, coefficient by coefficient of the polynomial."""
        n = A.shape[-1]
        identity = self._num.identity(n)
        coefficients = [self.series(self._num.number(1))]
        M = self.series(self._num.zeros(n, n))
        for k in range(1, n + 1):
            M = self.series(A) @ M + self.times(coefficients[-1], identity)
            coefficients.append(self.trace(self.series(A) @ M) / -k)
        parts = zip(*(one.coefficients for one in reversed(coefficients)), strict=True)
        return Series(self._num, [np.stack(np.broadcast_arrays(*map(np.asarray, part)), axis=-1) for part in parts])

    def determinant(self, A: Any) -> Series:
        n = A.shape[-1]
        constant = self.characteristic_polynomial(A)[..., 0]
        return constant if n % 2 == 0 else -constant

    def log_determinant(self, A: Any) -> Series:
        return self.log(self.determinant(A))

    def covariance(self, x: Any, y: Any, weights: Any) -> Any:
        mean = self.expectation
        return mean(self.series(x) * y, weights) - mean(x, weights) * mean(y, weights)

    def variance(self, values: Any, weights: Any) -> Any:
        return self.covariance(values, values, weights)


class Differentiation:
    """Exact derivatives and expansions, for every arithmetic alike."""

    def gradient(self: Num, function: Function, x: Array) -> Array:
        shape = _shape(self, x)
        entries = [_scalar(_derivative(self, function, x, unit)) for unit in _units(self, shape)]
        return _arranged(self, entries, shape)

    def jacobian(self: Num, function: Function, x: Array) -> Array:
        columns = [_derivative(self, function, x, unit)[..., :, None] for unit in _units(self, _shape(self, x))]
        return self.concatenate(columns, -1)

    def expansion(self: Num, function: Function, order: int) -> tuple[Any, ...]:
        zero, one = self.number(0), self.number(1)
        epsilon = Series(self, [one if k == 1 else zero for k in range(order + 1)])
        num = SeriesNum(self, order)
        return tuple(_scalar(c) for c in num.series(function(epsilon, num)).coefficients)


def _derivative(num: Num, function: Function, x: Array, direction: Array) -> Any:
    below = SeriesNum(num, 1)
    return below.series(function(Series(num, [x, direction]), below)).coefficients[1]


def _shape(num: Num, x: Array) -> tuple[int, ...]:
    """The shape of one instance: a batch has one more axis in front."""
    return x.shape[len(num.zeros(1).shape) - 1 :]


def _units(num: Num, shape: tuple[int, ...]) -> list[Array]:
    units = []
    for position in np.ndindex(shape):
        unit = np.zeros(shape, dtype=object)
        unit[position] = 1
        units.append(num.constant(unit))
    return units


def _arranged(num: Num, entries: list[Any], shape: tuple[int, ...]) -> Array:
    """One number for each member and position, as an array of that shape."""
    columns = [np.asarray(entry)[..., None] for entry in entries]
    length = max(column.shape[0] for column in columns) if columns[0].ndim > 1 else 0
    if length:
        columns = [np.broadcast_to(column, (length, 1)) for column in columns]
    flat = num.concatenate(columns, -1)
    result: Array = flat.reshape(*flat.shape[:-1], *shape)
    return result


def _scalar(x: Any) -> Any:
    return x.item() if isinstance(x, np.ndarray) and x.ndim == 0 else x
