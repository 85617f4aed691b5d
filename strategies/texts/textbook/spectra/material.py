"""Numbers for the cases on spectra, as float batches or as exact Fractions, from one and the same description.

`FloatMaterial` fills arrays with a leading axis; `ExactMaterial` makes one instance.  A builder that takes either
writes the construction of its case once (see `theorems.strategies.texts.textbook.spectra.recipes`).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
from numpy.random import Generator

from theorems.case import SVD, Array, fractions
from theorems.strategies.laws import LAWS, haar
from theorems.strategies.rational import RATIONAL_LAWS, identity, product_of, rational_orthogonal
from theorems.strategies.spectra import SPECTRA, rational_spectrum

#: Spectra of this module, beside those of `theorems.strategies.spectra.SPECTRA`.
FLAT_TAIL, PLATEAU, NINETEEN = "head and flat tail", "plateau and small tail", "nineteen twentieths"
SPECTRUM_NAMES = (*SPECTRA, FLAT_TAIL, PLATEAU, NINETEEN)
#: Heads of a flat tail of ones.
HEADS = (2, 3, 5, 10, 19, 30)
#: Four values of which one, or three, hold exactly 19/20 of the energy.
NINETEENS = ((19, 3, 3, 1), (3, 3, 1, 1))


class Material(Protocol):
    """What a builder may draw."""

    generator: Generator

    def spectrum(self, name: str, k: int, cut: int) -> Array:
        """Singular values, (..., k), descending."""

    def directions(self, m: int, k: int, kind: str) -> Array:
        """Orthonormal columns, (..., m, k): of the identity, or of a random orthogonal matrix."""

    def matrix(self, law: str, m: int, n: int) -> Array:
        """A matrix, (..., m, n), by a law of `theorems.strategies.laws.LAWS`."""

    def shares(self, n: int) -> Array:
        """Numbers strictly between 0 and 1, (..., n)."""

    def constants(self, values: Any) -> Array:
        """The given numbers, the same for every member."""

    def eye(self, n: int) -> Array:
        """The n x n identity."""

    def descending(self, values: Array) -> Array:
        """The values in descending order."""

    def root_above(self, squares: Array) -> Array:
        """The square roots; exactly: rational numbers at least as large, roots themselves where they are rational."""


class FloatMaterial:
    """A batch of `count` members in float64."""

    def __init__(self, generator: Generator, count: int) -> None:
        self.generator, self.count = generator, count

    def spectrum(self, name: str, k: int, cut: int) -> Array:
        if name == FLAT_TAIL:
            s = np.ones((self.count, k))
            s[:, 0] = self.generator.choice(np.array(HEADS, dtype=np.float64), self.count)
            return s
        if name == PLATEAU:
            s = np.full((self.count, k), 1.0)
            s[:, max(cut, 0) + 1 :] = 10.0 ** self.generator.uniform(-4.0, 0.0, (self.count, 1))
            return s
        if name == NINETEEN:
            s = np.zeros((self.count, k))
            s[:, :4] = self.generator.choice(np.array(NINETEENS, dtype=np.float64), self.count)[:, :k]
            return s
        return SPECTRA[name](self.generator, self.count, k, cut)

    def directions(self, m: int, k: int, kind: str) -> Array:
        if kind == "axes":
            return np.broadcast_to(np.eye(m, k), (self.count, m, k)).copy()
        return haar(self.generator, self.count, m)[:, :, :k]

    def matrix(self, law: str, m: int, n: int) -> Array:
        return LAWS[law](self.generator, self.count, m, n)

    def shares(self, n: int) -> Array:
        return self.generator.uniform(0.02, 0.98, (self.count, n))

    def constants(self, values: Any) -> Array:
        array = np.asarray(values, dtype=np.float64)
        return np.broadcast_to(array, (self.count, *array.shape)).copy()

    def eye(self, n: int) -> Array:
        return self.constants(np.eye(n))

    def descending(self, values: Array) -> Array:
        return np.sort(values, axis=-1)[..., ::-1].copy()

    def root_above(self, squares: Array) -> Array:
        return np.asarray(np.sqrt(squares))


class ExactMaterial:
    """One instance in Fractions, with integers up to `size`."""

    def __init__(self, generator: Generator, size: int) -> None:
        self.generator, self.size = generator, size

    def spectrum(self, name: str, k: int, cut: int) -> Array:
        if name == FLAT_TAIL:
            return fractions(np.array([int(self.generator.choice(HEADS)), *[1] * (k - 1)], dtype=object))
        if name == PLATEAU:
            tail = Fraction(1, int(self.generator.choice([2, 3, 10, 100])))
            return fractions(np.array([Fraction(1) if i <= max(cut, 0) else tail for i in range(k)], dtype=object))
        if name == NINETEEN:
            chosen = NINETEENS[int(self.generator.integers(len(NINETEENS)))]
            return fractions(np.array([*chosen, *[0] * k][:k], dtype=object))
        return rational_spectrum(self.generator, name, k, cut, size=self.size)

    def directions(self, m: int, k: int, kind: str) -> Array:
        if kind == "axes":
            return identity(m)[:, :k]
        return rational_orthogonal(self.generator, m, size=min(self.size - 1, 2))[:, :k]

    def matrix(self, law: str, m: int, n: int) -> Array:
        return RATIONAL_LAWS[law](self.generator, m, n, self.size)

    def shares(self, n: int) -> Array:
        denominator = int(self.generator.choice([2, 3, 4, 5, 10, 20, 100]))
        tops = self.generator.integers(1, denominator, n)
        return fractions(np.array([Fraction(int(top), denominator) for top in tops], dtype=object))

    def constants(self, values: Any) -> Array:
        return fractions(np.asarray(values, dtype=object))

    def eye(self, n: int) -> Array:
        return identity(n)

    def descending(self, values: Array) -> Array:
        return np.array(sorted(values.tolist(), reverse=True), dtype=object)

    def root_above(self, squares: Array) -> Array:
        def above(square: Fraction) -> Fraction:
            top = math.isqrt(square.numerator * square.denominator)
            exact = top * top == square.numerator * square.denominator
            return Fraction(top if exact else top + 1, square.denominator)

        return np.asarray(np.frompyfunc(above, 1, 1)(squares), dtype=object)


def svd_of(material: Material, spectrum: str, directions: str, m: int, n: int, cut: int) -> SVD:
    """An m x n matrix by its SVD."""
    k = min(m, n)
    s = material.spectrum(spectrum, k, cut)
    return SVD(material.directions(m, k, directions), s, material.directions(n, k, directions))


def multiplied(A: Array, B: Array) -> Array:
    """A B for batches and for exact matrices alike."""
    return product_of(A, B) if A.dtype == object else np.asarray(A @ B)


def ordered(U: Array, values: Array, V: Array) -> SVD:
    """The SVD of U diag(values) V^T for values of any sign and order: they are sorted, the signs go to U."""
    size = abs(values)
    if values.dtype == object:
        order = sorted(range(len(values)), key=lambda i: -size[i])
        signs = np.array([Fraction(-1 if values[i] < 0 else 1) for i in order], dtype=object)
        return SVD(U[:, order] * signs, size[order], V[:, order])
    order_floats = np.argsort(-size, axis=-1, kind="stable")
    columns = order_floats[..., None, :]
    signs_floats = np.take_along_axis(np.where(values < 0, -1.0, 1.0), order_floats, -1)
    return SVD(
        np.take_along_axis(U, columns, -1) * signs_floats[..., None, :],
        np.take_along_axis(size, order_floats, -1),
        np.take_along_axis(V, columns, -1),
    )
