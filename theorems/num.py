"""`Num`: the operations that a statement may use, typed.

A statement gets `num` and writes ``def statement(case: MatrixCase, num: Num) -> Steps``.  Arrays take ``+ - * / @``,
``.mT`` and slices from the right (``A[..., :r]``).  Matrices are (..., m, n), vectors (..., n), scalars (...), where
the dots stand for the axis of a batch, which a statement never sees.  Scalars and answers of tests are `Any`: what they
are differs between arithmetics.

An operation that an arithmetic lacks raises `Unsupported`; a value that does not exist (the inverse of a singular
matrix, the root of a negative number, an eigenvalue of a matrix that is not symmetric) raises `Undefined`, or is NaN in
a batch.  All entries are real: a complex matrix X + iY is the real one [[X, -Y], [Y, X]].
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from theorems.case import SVD, Array
from theorems.statement import Condition


class Num(Protocol):
    """Every operation of every arithmetic."""

    # numbers and arrays

    def number(self, p: int, q: int = 1) -> Any:
        """The rational number p / q."""

    def identity(self, n: int) -> Array:
        """The n x n identity."""

    def zeros(self, *shape: int) -> Array:
        """An array of zeros."""

    def diagonal(self, s: Array) -> Array:
        """The square matrix with the vector s on its diagonal."""

    def constant(self, values: Any) -> Array:
        """An array of rational constants from a nested list of integers and Fractions."""

    def selector(self, n: int, first: Any, last: Any) -> Array:
        """The n x n diagonal matrix with ones at the positions first..last (1-based, both included)."""

    def times(self, scalar: Any, array: Array) -> Array:
        """A scalar times an array."""

    def plus(self, scalar: Any, array: Array) -> Array:
        """A scalar added to every entry of an array."""

    def concatenate(self, blocks: Sequence[Array], axis: int) -> Array:
        """The arrays side by side along `axis`, counted from the right (-1: columns, -2: rows)."""

    def block(self, rows: Sequence[Sequence[Array]]) -> Array:
        """A matrix from blocks."""

    # scalars, and entry by entry

    def sqrt(self, x: Any) -> Any:
        """The square root of a non-negative scalar."""

    def root(self, x: Any, p: int) -> Any:
        """The p-th root of a non-negative scalar, p >= 1."""

    def exp(self, x: Any) -> Any:
        """The exponential, entry by entry."""

    def log(self, x: Any) -> Any:
        """The natural logarithm, entry by entry."""

    def sigmoid(self, x: Any) -> Any:
        """1 / (1 + e^-x), entry by entry."""

    def tanh(self, x: Any) -> Any:
        """The hyperbolic tangent, entry by entry."""

    def relu(self, x: Array) -> Array:
        """max(x, 0), entry by entry."""

    def absolute(self, x: Any) -> Any:
        """The absolute value, entry by entry."""

    def maximum(self, x: Any, y: Any) -> Any:
        """The larger of two scalars, or entry by entry."""

    def minimum(self, x: Any, y: Any) -> Any:
        """The smaller of two scalars, or entry by entry."""

    # tests and choices

    def smaller(self, m: Any, n: Any) -> Any:
        """The smaller of two integers (ranks, indices)."""

    def zero(self, x: Any) -> Any:
        """Whether an entry is zero, entry by entry."""

    def where(self, answers: Any, x: Any, y: Any) -> Any:
        """x where the answer of a test is yes and y elsewhere, for scalars."""

    def indicator(self, condition: Condition) -> Any:
        """1 where a condition holds and 0 elsewhere."""

    # vectors

    def sum(self, x: Array) -> Any:
        """The sum of a vector's entries."""

    def product(self, x: Array) -> Any:
        """The product of a vector's entries."""

    def mean(self, x: Array) -> Any:
        """The mean of a vector's entries."""

    def largest(self, x: Array) -> Any:
        """The largest entry of a vector."""

    def smallest(self, x: Array) -> Any:
        """The smallest entry of a vector."""

    def order_statistic(self, x: Array, k: int) -> Any:
        """The k-th smallest entry of a vector, 1 <= k <= n."""

    def norm(self, x: Array) -> Any:
        """||x||_2 of a vector."""

    def norm_squared(self, x: Array) -> Any:
        """The sum of the squares of a vector's entries."""

    def one_norm(self, x: Array) -> Any:
        """||x||_1 of a vector, the sum of the absolute values."""

    def max_norm(self, x: Array) -> Any:
        """The largest absolute value of a vector's entries."""

    def log_sum_exp(self, x: Array) -> Any:
        """log of the sum of the exponentials of a vector's entries."""

    def dot(self, x: Array, y: Array) -> Any:
        """x^T y."""

    def outer(self, x: Array, y: Array) -> Array:
        """x y^T."""

    def apply(self, A: Array, x: Array) -> Array:
        """A x for a matrix and a vector."""

    # matrices

    def solve(self, A: Array, B: Array) -> Array:
        """A^{-1} B for a square A and a matrix B."""

    def inverse(self, A: Array) -> Array:
        """A^{-1}."""

    def pseudo_inverse(self, A: Array) -> Array:
        """The Moore-Penrose inverse, n x m for an m x n matrix."""

    def projection(self, A: Array) -> Array:
        """The orthogonal projection onto the column space of A."""

    def hadamard(self, A: Array, B: Array) -> Array:
        """The product entry by entry of two matrices of one shape."""

    def kronecker(self, A: Array, B: Array) -> Array:
        """The Kronecker product, mp x nq for m x n and p x q."""

    def power(self, A: Array, k: int) -> Array:
        """A^k of a square matrix; for k < 0 of its inverse."""

    def symmetric_part(self, A: Array) -> Array:
        """(A + A^T) / 2."""

    def exponential(self, A: Array) -> Array:
        """The matrix exponential e^A."""

    def square_root(self, A: Array) -> Array:
        """The positive semidefinite square root of a positive semidefinite matrix."""

    def modulus(self, A: Array) -> Array:
        """|A| = (A^T A)^{1/2}."""

    def trace(self, A: Array) -> Any:
        """tr A."""

    def determinant(self, A: Array) -> Any:
        """det A."""

    def log_determinant(self, A: Array) -> Any:
        """log det A, for a positive determinant."""

    def rank(self, A: Array) -> Any:
        """The rank."""

    def nonsingular(self, A: Array) -> Any:
        """Whether a square matrix is non-singular."""

    def singular(self, A: Array) -> Any:
        """Whether a square matrix is singular."""

    def symmetric(self, A: Array) -> Any:
        """Whether A = A^T."""

    def positive_semidefinite(self, A: Array) -> Any:
        """Whether A is symmetric and x^T A x >= 0 for all x."""

    def positive_definite(self, A: Array) -> Any:
        """Whether A is symmetric and x^T A x > 0 for all x other than zero."""

    # norms of matrices

    def frobenius_norm(self, A: Array) -> Any:
        """||A||_F."""

    def frobenius_norm_squared(self, A: Array) -> Any:
        """||A||_F^2, the sum of the squares of the entries."""

    def spectral_norm(self, A: Array) -> Any:
        """||A||_2 = sigma_1(A)."""

    def nuclear_norm(self, A: Array) -> Any:
        """The sum of the singular values."""

    def ky_fan_norm(self, A: Array, k: int) -> Any:
        """The sum of the k largest singular values."""

    def schatten_norm(self, A: Array, p: int) -> Any:
        """The p-norm of the singular values, p >= 1 an integer."""

    def induced_one_norm(self, A: Array) -> Any:
        """max ||Ax||_1 / ||x||_1, the largest column sum of absolute values."""

    def induced_max_norm(self, A: Array) -> Any:
        """The norm that the maximum norm induces, the largest row sum of absolute values."""

    def entrywise_one_norm(self, A: Array) -> Any:
        """The sum of the absolute values of all entries."""

    def entrywise_max_norm(self, A: Array) -> Any:
        """The largest absolute value of the entries."""

    # spectra

    def svd(self, A: Array) -> SVD:
        """The SVD A = U diag(s) V^T, thin, s in descending order; exactly only one that the case carries."""

    def low_rank(self, A: Array, r: int) -> Array:
        """LR_r(A), the best approximation of rank r from `svd`."""

    def singular_value(self, A: Array, k: Any) -> Any:
        """The k-th largest singular value, k >= 1; zero for k > min(m, n)."""

    def singular_values(self, A: Array) -> Array:
        """All min(m, n) singular values, the largest first, as a vector."""

    def eigenvalue(self, A: Array, k: int) -> Any:
        """The k-th largest eigenvalue of a symmetric matrix."""

    def eigenvalues(self, A: Array) -> Array:
        """The eigenvalues of a symmetric matrix, the largest first, as a vector."""

    def largest_eigenvalue(self, A: Array) -> Any:
        """The largest eigenvalue of a symmetric matrix."""

    def smallest_eigenvalue(self, A: Array) -> Any:
        """The smallest eigenvalue of a symmetric matrix."""

    def characteristic_polynomial(self, A: Array) -> Array:
        """The coefficients of det(x I - A), lowest first, as a vector of n + 1 entries."""

    def spectral_radius(self, A: Array) -> Any:
        """The largest absolute value of the (complex) eigenvalues of a square matrix."""

    def stable(self, A: Array) -> Any:
        """Whether every eigenvalue has a negative real part (Hurwitz)."""

    def schur_stable(self, A: Array) -> Any:
        """Whether every eigenvalue has an absolute value below one (Schur)."""

    def all_real(self, A: Array) -> Any:
        """Whether all eigenvalues are real."""

    # networks

    def softmax(self, X: Array) -> Array:
        """exp(X) with each column divided by its sum."""

    def softmax_rows(self, X: Array) -> Array:
        """exp(X) with each row divided by its sum."""

    # random variables: values (K,) or (K, d) with probabilities (K,), on one finite space

    def expectation(self, values: Array, weights: Array) -> Any:
        """sum_k weights_k values_k, for values (K,) or (K, m, ...)."""

    def variance(self, values: Array, weights: Array) -> Any:
        """E (X - E X)^2 of values (K,)."""

    def covariance(self, x: Array, y: Array, weights: Array) -> Any:
        """E (X - E X)(Y - E Y) of values (K,)."""

    def covariance_matrix(self, values: Array, weights: Array) -> Array:
        """E (X - E X)(X - E X)^T, d x d, of values (K, d)."""

    def correlation(self, x: Array, y: Array, weights: Array) -> Any:
        """The covariance divided by both standard deviations."""

    def independent(self, x: Array, y: Array, weights: Array) -> Any:
        """Whether two random variables are independent: P(X = a, Y = b) = P(X = a) P(Y = b) for all values."""

    def conditional_expectation(self, x: Array, y: Array, weights: Array) -> Array:
        """E(X | Y), (K,): the mean of X over the outcomes with the same Y; zero where these have probability zero."""

    # exact differentiation: of what is built from the operations above

    def gradient(self, function: Callable[[Any, Any], Any], x: Array) -> Array:
        """The gradient at a vector or matrix x of a scalar ``function(x, num)``, of the shape of x."""

    def jacobian(self, function: Callable[[Any, Any], Any], x: Array) -> Array:
        """The Jacobian, m x n, at a vector x (n,) of ``function(x, num)``, a vector (m,)."""

    def expansion(self, function: Callable[[Any, Any], Any], order: int) -> tuple[Any, ...]:
        """The coefficients of epsilon^0 .. epsilon^order of ``function(epsilon, num)``."""


def operations() -> tuple[str, ...]:
    """The names of all operations, in their order."""
    return tuple(name for name in vars(Num) if not name.startswith("_"))
