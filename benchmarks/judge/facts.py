"""True statements, and cases at which they hold by a hair: equality attained, or missed by 1e-6 or 1e-12.

They are true of *every* case, so that rounding a case to floats, or to a coarser fraction, never makes them false: both
Float64's accusations and the exact judgement may be asked, and no conviction is right.  The cases are badly scaled and
ill-conditioned on purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from benchmarks.judge.thresholds import SCALES, Steps, array, orthogonal, spectrum
from theorems.case import Array, MatrixCase
from theorems.claim import Claim
from theorems.statement import at_most, conclude, equal, suppose


@dataclass(frozen=True)
class Fact:
    """A true claim, and cases of size n that miss the equality by a relative `gap`."""

    claim: Claim
    make: Callable[[Random, int, Fraction], MatrixCase]


def cauchy_schwarz(case: MatrixCase, num: Any) -> Steps:
    """tr(A^T B) <= ||A||_F ||B||_F."""
    A, B = case.matrices
    yield conclude(at_most(num.trace(A.mT @ B), num.frobenius_norm(A) * num.frobenius_norm(B)))


def submultiplicative(case: MatrixCase, num: Any) -> Steps:
    """||AB||_2 <= ||A||_F ||B||_2."""
    A, B = case.matrices
    yield conclude(at_most(num.spectral_norm(A @ B), num.frobenius_norm(A) * num.spectral_norm(B)))


def norms_in_order(case: MatrixCase, num: Any) -> Steps:
    """||A||_2 <= ||A||_F."""
    (A,) = case.matrices
    yield conclude(at_most(num.spectral_norm(A), num.frobenius_norm(A)))


def triangle(case: MatrixCase, num: Any) -> Steps:
    """||A + B||_F <= ||A||_F + ||B||_F."""
    A, B = case.matrices
    yield conclude(at_most(num.frobenius_norm(A + B), num.frobenius_norm(A) + num.frobenius_norm(B)))


def determinant_of_product(case: MatrixCase, num: Any) -> Steps:
    """det(AB) = det A det B."""
    A, B = case.matrices
    yield conclude(equal(num.determinant(A @ B), num.determinant(A) * num.determinant(B)))


def associative(case: MatrixCase, num: Any) -> Steps:
    """(A B) A^T = A (B A^T)."""
    A, B = case.matrices
    yield conclude(equal((A @ B) @ A.mT, A @ (B @ A.mT)))


def solves(case: MatrixCase, num: Any) -> Steps:
    """A^{-1} (A B) = B for a non-singular A."""
    A, B = case.matrices
    yield suppose(num.nonsingular(A), "A is non-singular")
    yield conclude(equal(num.solve(A, A @ B), B))


def rank_of_product(case: MatrixCase, num: Any) -> Steps:
    """rank(AB) <= rank(A)."""
    A, B = case.matrices
    yield conclude(num.rank(A @ B) <= num.rank(A), "rank(AB) <= rank(A)")


def rank_of_gram(case: MatrixCase, num: Any) -> Steps:
    """rank(A^T A) = rank(A)."""
    (A, _) = case.matrices
    yield conclude(num.rank(A.mT @ A) == num.rank(A), "rank(A^T A) = rank(A)")


def symmetric_entries(case: MatrixCase, num: Any) -> Steps:
    """A symmetric matrix has A_1n = A_n1."""
    (A, _) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield conclude(equal(A[..., 0, -1], A[..., -1, 0]))


def singular_has_no_determinant(case: MatrixCase, num: Any) -> Steps:
    """A singular matrix has determinant 0."""
    (A, _) = case.matrices
    yield suppose(num.singular(A), "A is singular")
    yield conclude(equal(num.determinant(A), num.number(0)))


def multiples_of_a_zero(case: MatrixCase, num: Any) -> Steps:
    """2 sigma_n(A) <= sigma_n(A) for a singular A: both are zero, though floats see 1e-17 of the norm."""
    (A, _) = case.matrices
    yield suppose(num.singular(A), "A is singular")
    last = num.singular_value(A, A.shape[-1])
    yield conclude(at_most(num.number(2) * last, last))


def gram_is_semidefinite(case: MatrixCase, num: Any) -> Steps:
    """A^T A is positive semidefinite."""
    (A, _) = case.matrices
    yield conclude(num.positive_semidefinite(A.mT @ A), "A^T A is positive semidefinite")


def relu_parts(case: MatrixCase, num: Any) -> Steps:
    """relu(Ax) - relu(-Ax) = Ax."""
    A, B = case.matrices
    y = num.apply(A, B[..., :, 0])
    yield conclude(equal(num.relu(y) - num.relu(-y), y))


def contraction_of_relu(case: MatrixCase, num: Any) -> Steps:
    """||relu(x) - relu(y)|| <= ||x - y||."""
    A, B = case.matrices
    x, y = A[..., :, 0], B[..., :, 0]
    yield conclude(at_most(num.norm(num.relu(x) - num.relu(y)), num.norm(x - y)))


def softmax_sums(case: MatrixCase, num: Any) -> Steps:
    """The columns of a softmax sum to one."""
    (A, _) = case.matrices
    S = num.softmax(A)
    ones = num.constant([[1] * A.shape[-2]])
    yield conclude(equal(ones @ S, num.constant([[1] * A.shape[-1]])))


def exponential_is_convex(case: MatrixCase, num: Any) -> Steps:
    """e^x >= 1 + x."""
    A, _ = case.matrices
    x = A[..., 0, 0]
    yield conclude(at_most(x + num.number(1), num.exp(x)))


def logarithm_of_exponential(case: MatrixCase, num: Any) -> Steps:
    """log(e^x e^y) = x + y."""
    A, B = case.matrices
    x, y = A[..., 0, 0], B[..., 0, 0]
    yield suppose(num.absolute(x) <= num.number(50), "x is moderate")
    yield suppose(num.absolute(y) <= num.number(50), "y is moderate")
    yield conclude(equal(num.log(num.exp(x) * num.exp(y)), x + y))


def weyl(case: MatrixCase, num: Any) -> Steps:
    """sigma_n(A + B) <= sigma_n(A) + ||B||_2."""
    A, B = case.matrices
    n = min(A.shape[-2:])
    yield conclude(at_most(num.singular_value(A + B, n), num.singular_value(A, n) + num.spectral_norm(B)))


# cases --------------------------------------------------------------------------------------------------------------


def _random(random: Random, n: int) -> Array:
    scale = Fraction(10) ** random.choice(SCALES)
    law = random.choice(("integers", "decomposed", "graded rows", "rank one"))
    if law == "decomposed":
        return (orthogonal(random, n) * array([scale * x for x in spectrum(random, n)])) @ orthogonal(random, n).T
    A = array([[Fraction(random.randint(-9, 9)) for _ in range(n)] for _ in range(n)])
    if law == "rank one":
        A = A[:, :1] @ A[:1, :]
    if law == "graded rows":
        A = A * array([[Fraction(1, 10 ** (6 * i))] for i in range(n)])
    result: Array = scale * A
    return result


def _moved(A: Array, random: Random, gap: Fraction) -> Array:
    """A with each entry moved by a share of the largest one."""
    if gap == 0:
        return A
    size = max(abs(entry) for entry in A.flat) or Fraction(1)
    return A + array([[size * gap * random.choice((-1, 0, 1)) for _ in row] for row in A])


def _any(random: Random, n: int, gap: Fraction) -> MatrixCase:
    return MatrixCase((_moved(_random(random, n), random, gap), _random(random, n)))


def _parallel(random: Random, n: int, gap: Fraction) -> MatrixCase:
    A = _random(random, n)
    return MatrixCase((A, _moved(Fraction(random.randint(1, 9), random.randint(1, 9)) * A, random, gap)))


def _rank_one(random: Random, n: int, gap: Fraction) -> MatrixCase:
    x, y = (array([[Fraction(random.randint(-4, 4))] for _ in range(n)]) for _ in range(2))
    A = Fraction(10) ** random.choice(SCALES) * _moved(x @ y.T, random, gap)
    return MatrixCase((A, Fraction(random.randint(1, 5)) * A.T))


def _one_rank_one(random: Random, n: int, gap: Fraction) -> MatrixCase:
    return MatrixCase(_rank_one(random, n, gap).matrices[:1])


def _nearly_symmetric(random: Random, n: int, gap: Fraction) -> MatrixCase:
    A = _random(random, n)
    S = A + A.T
    size = max(abs(entry) for entry in S.flat)
    S[0, -1] = S[-1, 0] = size / 10 ** random.choice((0, 3, 9))
    S[0, -1] += size * gap * random.choice((1, Fraction(1, 10**8))) if n > 1 else 0
    return MatrixCase((S, S))


def _moderate(random: Random, n: int, gap: Fraction) -> MatrixCase:
    """Entries below 50, around zero by `gap` where there is one."""
    A, B = (array([[Fraction(random.randint(-99, 99), 2) for _ in range(n)] for _ in range(n)]) for _ in range(2))
    if random.random() < 0.5:
        A[0, 0] = gap * random.choice((-1, 1))
    return MatrixCase((A, _moved(B, random, gap)))


def _fact(statement: Any, make: Callable[[Random, int, Fraction], MatrixCase]) -> Fact:
    return Fact(Claim(key=f"judge/{statement.__name__.replace('_', '-')}", statement=statement), make)


FACTS = (
    _fact(cauchy_schwarz, _parallel),
    _fact(submultiplicative, _rank_one),
    _fact(norms_in_order, _one_rank_one),
    _fact(triangle, _parallel),
    _fact(determinant_of_product, _any),
    _fact(associative, _any),
    _fact(solves, _any),
    _fact(rank_of_product, _any),
    _fact(rank_of_gram, _any),
    _fact(symmetric_entries, _nearly_symmetric),
    _fact(singular_has_no_determinant, _rank_one),
    _fact(multiples_of_a_zero, _rank_one),
    _fact(gram_is_semidefinite, _any),
    _fact(relu_parts, _any),
    _fact(contraction_of_relu, _parallel),
    _fact(softmax_sums, _moderate),
    _fact(exponential_is_convex, _moderate),
    _fact(logarithm_of_exponential, _moderate),
    _fact(weyl, _parallel),
)
