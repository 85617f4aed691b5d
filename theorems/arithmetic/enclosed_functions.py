"""Functions of enclosed matrices in rational enclosures, by the standard library alone."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from theorems.arithmetic.enclosed_spectra import basis, eigenvalues, size
from theorems.arithmetic.enclosure import Enclosure, precision, rounded
from theorems.errors import Unsupported

Rows = Sequence[Sequence[Enclosure]]

#: No exponential of a matrix of a larger norm: its entries would have thousands of digits.
LARGEST = 4096


def exponential(A: Rows) -> list[list[Enclosure]]:
    """e^A: halve A until its norm is below 2^-8, sum the series with its remainder, and square back."""
    n = len(A)
    norm = max((sum((max(-e.low, e.high) for e in row), Fraction(0)) for row in A), default=Fraction(0))
    if norm > LARGEST:
        raise Unsupported(f"the exponential of a matrix of norm {float(norm):.3g}: its enclosure would be huge")
    halvings = max(0, (norm.numerator // norm.denominator).bit_length()) + 8
    scale = Fraction(1, 1 << halvings)
    scaled = [[entry * scale for entry in row] for row in A]
    term = result = [[Enclosure.of(int(i == j)) for j in range(n)] for i in range(n)]
    small = norm * scale
    bound, k = Fraction(1), 0
    while bound > Fraction(1, 1 << (precision() + 2 * halvings)):
        k += 1
        bound = rounded(bound * small / k, up=True, bits=32)
        term = [[entry / k for entry in row] for row in _product(term, scaled)]
        result = [[a + b for a, b in zip(x, y, strict=True)] for x, y in zip(result, term, strict=True)]
    rest = Enclosure(-bound, bound)  # the terms beyond fall by a factor above two
    result = [[entry + rest for entry in row] for row in result]
    for _ in range(halvings):
        result = _product(result, result)
    return result


def square_root(A: Rows) -> list[list[Enclosure]]:
    """A^{1/2} of a semidefinite A, by a semidefinite X = V diag(sqrt d) V^T nearby.

    The distance of X from A^{1/2} is at most sqrt ||A - X^2||, and at most ||A - X^2|| / sqrt lambda_n(A).
    """
    n = len(A)
    if not n:
        return []
    V = basis(A)
    columns = list(zip(*V, strict=True))
    roots = []
    for column in columns:
        value = sum(
            (A[i][j] * column[j] * column[i] for i in range(n) for j in range(n)), Enclosure.of(0)
        )  # fmt: skip
        middle = max((value.low + value.high) / 2, Fraction(0))
        roots.append(Enclosure.of(middle).sqrt().low)
    X = [
        [Enclosure.of(sum((V[i][k] * roots[k] * V[j][k] for k in range(n)), Fraction(0))) for j in range(n)]
        for i in range(n)
    ]
    square = _product(X, X)
    error = size([A[i][j] - square[i][j] for i in range(n) for j in range(n)])
    radius = Enclosure.of(error).sqrt().high
    least = eigenvalues(A)[-1].low
    if least > 0:
        radius = min(radius, (Enclosure.of(error) / Enclosure.of(least).sqrt()).high)
    ball = Enclosure(-radius, radius)
    return [[entry + ball for entry in row] for row in X]


def _product(A: Rows, B: Rows) -> list[list[Enclosure]]:
    columns = list(zip(*B, strict=True))
    return [[_dot(row, column) for column in columns] for row in A]


def _dot(x: Sequence[Enclosure], y: Sequence[Enclosure]) -> Enclosure:
    return sum((a * b for a, b in zip(x, y, strict=True)), Enclosure.of(0))
