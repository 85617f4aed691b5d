"""Ranks of products, sums and entrywise products; norms that bound them."""

from __future__ import annotations

from collections.abc import Iterator

from matrix_folklore.claiming import falls, stands
from theorems import Conclude, MatrixCase, Num, Suppose, at_most, conclude, suppose

Steps = Iterator[Suppose | Conclude]


def product(case: MatrixCase, num: Num) -> Steps:
    """rank(AB) <= min(rank A, rank B)."""
    A, B = case.matrices
    yield conclude(num.rank(A @ B) <= num.smaller(num.rank(A), num.rank(B)), "rank(AB) <= min(rank A, rank B)")


def commutes(case: MatrixCase, num: Num) -> Steps:
    """rank(AB) = rank(BA)."""
    A, B = case.matrices
    yield conclude(num.rank(A @ B) == num.rank(B @ A), "rank(AB) = rank(BA)")


def commutes_symmetric(case: MatrixCase, num: Num) -> Steps:
    """rank(AB) = rank(BA) for symmetric A and B: BA is the transpose of AB.

    Hypotheses  A and B are symmetric
    """
    for M in case.matrices:
        yield suppose(num.symmetric(M), "A and B are symmetric")
    yield from commutes(case, num)


def gram(case: MatrixCase, num: Num) -> Steps:
    """rank(A^T A) = rank(A) for a real A."""
    (A,) = case.matrices
    yield conclude(num.rank(A.mT @ A) == num.rank(A), "rank(A^T A) = rank(A)")


def sum_of_two(case: MatrixCase, num: Num) -> Steps:
    """rank(A + B) <= rank(A) + rank(B)."""
    A, B = case.matrices
    yield conclude(num.rank(A + B) <= num.rank(A) + num.rank(B), "rank(A + B) <= rank(A) + rank(B)")


def sylvester(case: MatrixCase, num: Num) -> Steps:
    """Sylvester: rank(A) + rank(B) - n <= rank(AB) for n x n matrices."""
    A, B = case.matrices
    n = A.shape[-1]
    yield conclude(num.rank(A) + num.rank(B) - n <= num.rank(A @ B), "rank(A) + rank(B) - n <= rank(AB)")


def entrywise(case: MatrixCase, num: Num) -> Steps:
    """rank(A o B) <= rank(A) rank(B) for the entrywise product."""
    A, B = case.matrices
    yield conclude(num.rank(num.hadamard(A, B)) <= num.rank(A) * num.rank(B), "rank(A o B) <= rank(A) rank(B)")


def entrywise_smaller(case: MatrixCase, num: Num) -> Steps:
    """rank(A o B) <= min(rank A, rank B), as for the product."""
    A, B = case.matrices
    least = num.smaller(num.rank(A), num.rank(B))
    yield conclude(num.rank(num.hadamard(A, B)) <= least, "rank(A o B) <= min(rank A, rank B)")


def stable_rank(case: MatrixCase, num: Num) -> Steps:
    """The stable rank is no larger than the rank: ||A||_F^2 <= rank(A) ||A||_2^2."""
    (A,) = case.matrices
    size = num.spectral_norm(A)
    bound = num.number(1) * num.rank(A) * (size * size)
    yield conclude(at_most(num.frobenius_norm_squared(A), bound), "||A||_F^2 <= rank(A) ||A||_2^2")


CLAIMS = (
    stands("rank.product", product, "the image of AB lies in that of A, its kernel contains that of B"),
    falls("rank.commutes", commutes, "E_11 and E_12: AB = E_12, BA = 0", instead="rank.commutes:symmetric"),
    stands("rank.commutes:symmetric", commutes_symmetric, "BA = (AB)^T"),
    stands("rank.gram", gram, "A^T A x = 0 gives ||A x|| = 0"),
    stands("rank.sum", sum_of_two, "the image of the sum lies in the sum of the images"),
    stands("rank.sylvester", sylvester, "the kernel of AB is at most the sum of the two"),
    stands("rank.entrywise", entrywise, "A o B is a part of the Kronecker product"),
    falls("rank.entrywise:smaller", entrywise_smaller, "rank two o rank two can be of rank three and more",
          instead="rank.entrywise"),
    stands("rank.stable", stable_rank, "a sum of rank(A) squares, each at most the largest"),
)  # fmt: skip
