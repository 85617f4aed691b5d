"""Claims whose truth is known to the last digit: a value against a threshold that a signed margin moves.

``value <= value * (1 + margin)`` holds for a margin of zero or more and fails below.  The value is known exactly from
how the matrices were made (rational orthogonal factors and singular values), the statement has only the matrices and
the threshold, so that the judge has to find it out.  Margin 0 is an exact tie.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any

import numpy as np

from theorems.arithmetic.enclosure import Enclosure, precise
from theorems.case import Array, MatrixCase
from theorems.claim import Claim
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, exists, less_than, suppose

Steps = Generator[Suppose | Conclude, None, None]

#: Sums of squares that are squares, so that a Frobenius norm is rational.
LENGTHS = {1: ((1,), 1), 2: ((4, 3), 5), 3: ((2, 2, 1), 3), 4: ((5, 5, 5, 5), 10)}
#: Powers of ten by which whole matrices are scaled.
SCALES = (0, 0, 0, -150, 150, -300, 300)


@dataclass(frozen=True)
class Family:
    """A claim, and how to make a case of it for which it holds by a given relative margin.

    strict      at a margin of zero the claim fails
    irrational  it needs balls, so that an exact tie stays undecided
    """

    claim: Claim
    make: Callable[[Random, int, Fraction], MatrixCase]
    strict: bool = False
    irrational: bool = False

    def holds(self, margin: Fraction) -> bool:
        """Whether the claim is true of a case with that margin."""
        return margin > 0 if self.strict else margin >= 0


# statements ---------------------------------------------------------------------------------------------------------


def spectral_norm_bound(case: MatrixCase, num: Any) -> Steps:
    """||A||_2 <= t."""
    yield conclude(at_most(num.spectral_norm(case.matrices[0]), case.vectors[0][..., 0]))


def singular_value_bound(case: MatrixCase, num: Any) -> Steps:
    """sigma_n(A) >= t for the smallest singular value."""
    (A,) = case.matrices
    yield conclude(at_most(case.vectors[0][..., 0], num.singular_value(A, min(A.shape[-2:]))))


def strict_singular_value_bound(case: MatrixCase, num: Any) -> Steps:
    """sigma_n(A) > t for the smallest singular value."""
    (A,) = case.matrices
    yield conclude(less_than(case.vectors[0][..., 0], num.singular_value(A, min(A.shape[-2:]))))


def frobenius_bound(case: MatrixCase, num: Any) -> Steps:
    """||A||_F <= t."""
    yield conclude(at_most(num.frobenius_norm(case.matrices[0]), case.vectors[0][..., 0]))


def trace_bound(case: MatrixCase, num: Any) -> Steps:
    """tr(AB) <= t."""
    A, B = case.matrices
    yield conclude(at_most(num.trace(A @ B), case.vectors[0][..., 0]))


def determinant_value(case: MatrixCase, num: Any) -> Steps:
    """det A <= t."""
    yield conclude(at_most(num.determinant(case.matrices[0]), case.vectors[0][..., 0]))


def solution_bound(case: MatrixCase, num: Any) -> Steps:
    """||A^{-1} B||_F <= t for a non-singular A."""
    A, B = case.matrices
    yield suppose(num.nonsingular(A), "A is non-singular")
    yield conclude(at_most(num.frobenius_norm(num.solve(A, B)), case.vectors[0][..., 0]))


def network_bound(case: MatrixCase, num: Any) -> Steps:
    """||relu(A x)||_2 <= t."""
    A, x = case.matrices[0], case.vectors[1]
    yield conclude(at_most(num.norm(num.relu(num.apply(A, x))), case.vectors[0][..., 0]))


def truncation_exists(case: MatrixCase, num: Any) -> Steps:
    """There is a matrix of smaller rank within t of A; sigma_n(A) is a lower bound."""
    A, shortened = case.matrices
    yield conclude(
        exists(
            attained=lambda: num.spectral_norm(A - shortened),
            lower_bound=num.singular_value(A, min(A.shape[-2:])),
            bound=case.vectors[0][..., 0],
        )
    )


def products_agree(case: MatrixCase, num: Any) -> Steps:
    """A B = C, entry by entry."""
    A, B, C = case.matrices
    yield conclude(equal(A @ B, C))


def exponential_bound(case: MatrixCase, num: Any) -> Steps:
    """e^x <= t."""
    yield conclude(at_most(num.exp(case.vectors[1])[..., 0], case.vectors[0][..., 0]))


def softmax_order(case: MatrixCase, num: Any) -> Steps:
    """The first entry of a softmax is at most the second."""
    S = num.softmax(case.matrices[0])
    yield conclude(at_most(S[..., 0, 0], S[..., 1, 0]))


def sum_of_roots(case: MatrixCase, num: Any) -> Steps:
    """sqrt(a) + sqrt(b) <= sqrt(c)."""
    a, b, c = (case.vectors[0][..., i] for i in range(3))
    yield conclude(at_most(num.sqrt(a) + num.sqrt(b), num.sqrt(c)))


def log_bound(case: MatrixCase, num: Any) -> Steps:
    """log x <= t."""
    yield conclude(at_most(num.log(case.vectors[1])[..., 0], case.vectors[0][..., 0]))


# cases --------------------------------------------------------------------------------------------------------------


def array(rows: Any) -> Array:
    """An object array of Fractions."""
    return np.array(rows, dtype=object)


def orthogonal(random: Random, n: int) -> Array:
    """A product of two rational reflections, or a signed identity."""
    Q = array([[Fraction(int(i == j)) for j in range(n)] for i in range(n)])
    for _ in range(random.randint(0, 2)):
        v = [random.randint(-2, 2) for _ in range(n)]
        size = sum(x * x for x in v)
        if size:
            Q = Q - array([[Fraction(2 * a * b, size) for b in v] for a in v]) @ Q
    return Q


def spectrum(random: Random, n: int) -> list[Fraction]:
    """Singular values in order, none zero: ties, clusters of 1e-12, decades down to 1e-15 of the largest."""
    law = random.choice(("integers", "tie", "cluster", "graded", "one small"))
    if law == "tie":
        return [Fraction(3)] * n
    if law == "cluster":
        return [Fraction(2) + Fraction(n - i, 10**12) for i in range(n)]
    if law == "graded":
        return [Fraction(7, 10 ** (5 * i)) for i in range(n)]
    if law == "one small":
        return [Fraction(5)] * (n - 1) + [Fraction(5, 10**15)]
    return sorted((Fraction(random.randint(1, 9), random.randint(1, 4)) for _ in range(n)), reverse=True)


def _decomposed(random: Random, n: int) -> tuple[Array, Array, list[Fraction], Array]:
    """(A, U, s, V) with A = U diag(s) V^T, scaled."""
    scale = Fraction(10) ** random.choice(SCALES)
    U, V, s = orthogonal(random, n), orthogonal(random, n), [scale * x for x in spectrum(random, n)]
    return (U * array(s)) @ V.T, U, s, V


def _threshold(value: Fraction, margin: Fraction) -> Array:
    """At or above the value by a share of its size."""
    return array([value + abs(value) * margin if value else margin])


def _case(matrices: tuple[Array, ...], *vectors: Array) -> MatrixCase:
    return MatrixCase(matrices, vectors)


def _spectral(random: Random, n: int, margin: Fraction) -> MatrixCase:
    A, _, s, _ = _decomposed(random, n)
    return _case((A,), _threshold(s[0], margin))


def _smallest(random: Random, n: int, margin: Fraction) -> MatrixCase:
    A, _, s, _ = _decomposed(random, n)
    return _case((A,), _threshold(s[-1], -margin))


def _frobenius(random: Random, n: int, margin: Fraction) -> MatrixCase:
    sides, length = LENGTHS[n]
    scale = Fraction(10) ** random.choice(SCALES)
    A = (orthogonal(random, n) * array([scale * x for x in sides])) @ orthogonal(random, n).T
    return _case((A,), _threshold(scale * length, margin))


def _integers(random: Random, m: int, n: int) -> Array:
    return array([[Fraction(random.randint(-9, 9), random.choice((1, 1, 3, 7))) for _ in range(n)] for _ in range(m)])


def _trace(random: Random, n: int, margin: Fraction) -> MatrixCase:
    scale = Fraction(10) ** random.choice(SCALES)
    A, B = scale * _integers(random, n, n), _integers(random, n, n)
    return _case((A, B), _threshold(sum(np.diagonal(A @ B), Fraction(0)), margin))


def _determinant(random: Random, n: int, margin: Fraction) -> MatrixCase:
    L, U = (np.tril(_integers(random, n, n), -1) + array(np.diag([1] * n)) for _ in range(2))
    pivots = spectrum(random, n)
    value = Fraction(1)
    for pivot in pivots:
        value *= pivot
    return _case((L @ np.diag(array(pivots)) @ U.T,), _threshold(value, margin))


def _solution(random: Random, n: int, margin: Fraction) -> MatrixCase:
    A, _, _, _ = _decomposed(random, n)
    sides, length = LENGTHS[n]
    X = (orthogonal(random, n) * array([Fraction(x) for x in sides])) @ orthogonal(random, n).T
    return _case((A, A @ X), _threshold(Fraction(length), margin))


def _network(random: Random, n: int, margin: Fraction) -> MatrixCase:
    sides, length = LENGTHS[n]
    x = array([Fraction(v) for v in sides])
    A = orthogonal(random, n)
    rows = np.concatenate([A, -A])  # relu(Ax) and relu(-Ax) together have the length of x
    return _case((rows,), _threshold(Fraction(length), margin), x)


def _truncation(random: Random, n: int, margin: Fraction) -> MatrixCase:
    A, U, s, V = _decomposed(random, n)
    kept = array([*s[:-1], Fraction(0)])
    return _case((A, (U * kept) @ V.T), _threshold(s[-1], margin))


def _products(random: Random, n: int, margin: Fraction) -> MatrixCase:
    A, B = _decomposed(random, n)[0], _integers(random, n, n)
    C = A @ B
    i, j = random.randrange(n), random.randrange(n)
    if margin < 0:
        C[i, j] += (abs(C[i, j]) or Fraction(1)) * margin
    return _case((A, B, C))


def _exponential(random: Random, n: int, margin: Fraction) -> MatrixCase:
    x = Fraction(random.randint(-40, 40), random.randint(1, 4)) if margin else Fraction(0)
    value = _enclosed("exp", x)
    return _case((), _threshold(value.high if margin >= 0 else value.low, margin), array([x]))


@cache
def _enclosed(name: str, x: Fraction) -> Enclosure:
    """e^x or log x to 4096 bits."""
    with precise(4096):
        value: Enclosure = getattr(Enclosure.of(x), name)()
    return value


def _logarithm(random: Random, n: int, margin: Fraction) -> MatrixCase:
    x = Fraction(random.randint(1, 9), random.randint(10, 19)) ** random.choice((1, -1)) if margin else Fraction(1)
    value = _enclosed("log", x)
    return _case((), _threshold(value.high if margin >= 0 else value.low, margin), array([x]))


def _softmax(random: Random, n: int, margin: Fraction) -> MatrixCase:
    x = Fraction(random.randint(-50, 50), random.randint(1, 9))
    entries = [x - margin, x, *(Fraction(random.randint(-9, 9)) for _ in range(n))]
    return _case((array([[entry] for entry in entries]),))


def _roots(random: Random, n: int, margin: Fraction) -> MatrixCase:
    a = Fraction(random.randint(1, 99), random.randint(1, 9)) * Fraction(10) ** random.choice(SCALES)
    q = Fraction(random.randint(1, 9), random.randint(1, 9))  # sqrt(a) + q sqrt(a) = sqrt((1 + q)^2 a)
    return _case((), array([a, q * q * a, (1 + q) ** 2 * a * (1 + margin)]))


def _claim(statement: Any) -> Claim:
    return Claim(key=f"judge/{statement.__name__.replace('_', '-')}", statement=statement)


FAMILIES = (
    Family(_claim(spectral_norm_bound), _spectral),
    Family(_claim(singular_value_bound), _smallest),
    Family(_claim(strict_singular_value_bound), _smallest, strict=True),
    Family(_claim(frobenius_bound), _frobenius),
    Family(_claim(trace_bound), _trace),
    Family(_claim(determinant_value), _determinant),
    Family(_claim(solution_bound), _solution),
    Family(_claim(network_bound), _network),
    Family(_claim(truncation_exists), _truncation),
    Family(_claim(products_agree), _products),
    Family(_claim(exponential_bound), _exponential, irrational=True),
    Family(_claim(log_bound), _logarithm, irrational=True),
    Family(_claim(softmax_order), _softmax, irrational=True),
    Family(_claim(sum_of_roots), _roots, irrational=True),
)
