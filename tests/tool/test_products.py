"""Arrays of statements: products of lazy entries let no exception through NumPy, and a matrix has no ``**``."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.rational_matrices import matrix
from theorems.arithmetic import ARITHMETICS, Float64
from theorems.arithmetic.products import product
from theorems.case import MatrixCase, floats, map_arrays
from theorems.errors import InputError, Unsupported

CASE = MatrixCase((matrix([[1, 2], [3, 4]]),), (matrix([[2, 3]])[0],))
NAMES = sorted(ARITHMETICS)


@pytest.mark.parametrize("name", [*NAMES, "a batch"])
def test_a_power_of_a_matrix_is_refused_with_the_remedy(name: str) -> None:
    if name == "a batch":
        num: Any = Float64(size=3)
        case = map_arrays(floats(CASE), lambda array: np.stack([array] * 3))
    else:
        num, case = ARITHMETICS[name](), CASE
    loaded = num.load(case)
    A, x = loaded.matrices[0], loaded.vectors[0]
    for made in (A, A.mT, A @ A, A + A, num.times(num.number(2), A)):
        with pytest.raises(InputError, match="write A @ A for the square of a matrix, and A \\* A for the squares"):
            made**2
    assert (num.trace(A @ A) == 29) if name != "a batch" else (num.trace(A @ A) == 29).all()
    squares = (x**2).ravel().tolist() if name != "ball" else [4, 9] * 1
    assert [float(value) for value in squares[:2]] == [4, 9]


class Touchy:
    """An entry whose products raise now and then."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __mul__(self, other: Any) -> Touchy:
        if self.value == 13:
            raise Unsupported("a product that nobody can take")
        return Touchy(self.value * other.value)

    def __add__(self, other: Any) -> Touchy:
        return Touchy(self.value + other.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Touchy) and self.value == other.value

    __hash__ = None  # type: ignore[assignment]


def touchy(values: Any) -> Any:
    return np.frompyfunc(Touchy, 1, 1)(np.asarray(values, dtype=object))


@pytest.mark.parametrize(
    "shapes",
    [((2, 3), (3, 4)), ((3,), (3, 2)), ((2, 3), (3,)), ((3,), (3,)), ((5, 2, 3), (3, 2)), ((2, 1, 1, 2), (3, 2, 2))],
)
def test_products_entry_by_entry_are_those_of_numpy(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    generator = np.random.default_rng(0)
    A, B = (generator.integers(0, 9, shape) for shape in shapes)
    wanted = touchy(A @ B)
    assert np.all(product(touchy(A), touchy(B), (int,)) == wanted)
    plain = product(A.astype(object), B.astype(object), (int,))
    assert np.all(np.asarray(plain) == A @ B)


def test_an_exception_of_an_entry_reaches_the_caller() -> None:
    for _ in range(200):
        with pytest.raises(Unsupported, match="nobody"):
            product(touchy([[1, 13], [13, 1]]), touchy([[1, 2], [3, 4]]), (Fraction,))
    with pytest.raises(ValueError, match="do not fit"):
        product(touchy([[1, 2]]), touchy([[1, 2]]), (Fraction,))


@pytest.mark.parametrize("name", ["rational", "fractions"])
def test_rows_of_length_one_multiply(name: str) -> None:
    """A product of roots that no field holds: unsupported or enclosed, but never the end of the process."""
    for seed in range(40):
        num: Any = ARITHMETICS[name]()
        A = num.load(MatrixCase((matrix(np.random.default_rng(seed).integers(1, 5, (3, 3)).tolist()),))).matrices[0]
        B = num.concatenate([num.times(1 / num.norm(A[i]), A[i])[None, :] for i in range(3)], -2)
        with suppress(Unsupported):
            assert (B @ B.mT).shape == (3, 3)
        with suppress(Unsupported):
            num.spectral_norm(B)
