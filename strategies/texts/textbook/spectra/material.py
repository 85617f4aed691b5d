"""Numbers of the cases on spectra, of `Material`: for a batch of floats or one exact case alike."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from theorems.case import SVD, Array
from theorems.strategies.material import Material
from theorems.strategies.rational import product_of
from theorems.strategies.spectra import SPECTRA

#: Spectra of this module, beside those of `theorems.strategies.spectra.SPECTRA`.
FLAT_TAIL, PLATEAU, NINETEEN = "head and flat tail", "plateau and small tail", "nineteen twentieths"
SPECTRUM_NAMES = (*SPECTRA, FLAT_TAIL, PLATEAU, NINETEEN)
#: Heads of a flat tail of ones.
HEADS = (2, 3, 5, 10, 19, 30)
#: Four values of which one, or three, hold exactly 19/20 of the energy.
NINETEENS = ((19, 3, 3, 1), (3, 3, 1, 1))


def spectrum_of(material: Material, name: str, k: int, cut: int) -> Array:
    """Singular values, (..., k), descending, by a name of `SPECTRUM_NAMES`."""
    g, count = material.generator, material.count
    if name == FLAT_TAIL:
        s = material.full(1, k)
        s[..., 0] = material.numbers(g.choice(HEADS, count))
        return s
    if name == PLATEAU:
        s = material.full(1, k)
        if count is None:
            s[max(cut, 0) + 1 :] = Fraction(1, int(g.choice([2, 3, 10, 100])))
        else:
            s[:, max(cut, 0) + 1 :] = 10.0 ** g.uniform(-4.0, 0.0, (count, 1))
        return s
    if name == NINETEEN:
        s = material.full(0, k)
        s[..., :4] = material.numbers(np.array(NINETEENS)[g.integers(len(NINETEENS), size=count)])[..., :k]
        return s
    return material.spectrum(k, name, cut)


def root_above(squares: Array) -> Array:
    """The square roots; exactly: rational numbers at least as large, roots themselves where they are rational."""

    def above(square: Fraction) -> Fraction:
        top = math.isqrt(square.numerator * square.denominator)
        exact = top * top == square.numerator * square.denominator
        return Fraction(top if exact else top + 1, square.denominator)

    return np.asarray(np.frompyfunc(above, 1, 1)(squares) if squares.dtype == object else np.sqrt(squares))


def svd_of(material: Material, spectrum: str, directions: str, m: int, n: int, cut: int) -> SVD:
    """An m x n matrix by its SVD."""
    k = min(m, n)
    s, plain = spectrum_of(material, spectrum, k, cut), directions == "axes"
    return SVD(material.orthogonal(m, plain=plain)[..., :k], s, material.orthogonal(n, plain=plain)[..., :k])


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
