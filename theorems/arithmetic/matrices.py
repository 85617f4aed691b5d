"""Operations on matrices that every arithmetic builds from its own: products, norms, functions, and general spectra."""

from __future__ import annotations

from typing import Any

import numpy as np

from theorems.case import Array
from theorems.errors import Undefined, Unsupported
from theorems.num import Num


class MatrixOperations:
    """Matrices are (..., m, n).  What needs a method of its own in some arithmetic is redefined there."""

    # products

    def hadamard(self: Num, A: Array, B: Array) -> Array:
        if A.shape[-2:] != B.shape[-2:]:
            raise Undefined(f"a product entry by entry of a {size(A)} and a {size(B)} matrix")
        product: Array = A * B
        return product

    def kronecker(self: Num, A: Array, B: Array) -> Array:
        product = A[..., :, None, :, None] * B[..., None, :, None, :]
        m, n = A.shape[-2] * B.shape[-2], A.shape[-1] * B.shape[-1]
        result: Array = product.reshape(*product.shape[:-4], m, n)
        return result

    def power(self: Num, A: Array, k: int) -> Array:
        n = require_square(A, "a power")
        if k < 0:
            return self.power(self.inverse(A), -k)
        result, square = self.identity(n), A
        while k:
            result, k = (result @ square, k - 1) if k % 2 else (result, k)
            square, k = (square @ square, k // 2) if k else (square, 0)
        return result

    def symmetric_part(self: Num, A: Array) -> Array:
        require_square(A, "the symmetric part")
        part: Array = (A + A.mT) / 2
        return part

    # inverses

    def projection(self: Num, A: Array) -> Array:
        product: Array = A @ self.pseudo_inverse(A)
        return product

    def log_determinant(self: Num, A: Array) -> Any:
        return self.log(self.determinant(A))

    # functions of a matrix

    def modulus(self: Num, A: Array) -> Array:
        return self.square_root(self.symmetric_part(A.mT @ A))

    # norms

    def induced_one_norm(self: Num, A: Array) -> Any:
        return self.max_norm(np.add.reduce(self.absolute(A), axis=-2)) if A.shape[-2] else self.number(0)

    def induced_max_norm(self: Num, A: Array) -> Any:
        return self.induced_one_norm(A.mT)

    def entrywise_one_norm(self: Num, A: Array) -> Any:
        return self.one_norm(_flat(A))

    def entrywise_max_norm(self: Num, A: Array) -> Any:
        return self.max_norm(_flat(A))

    def singular_values(self: Num, A: Array) -> Array:
        values = [np.asarray(self.singular_value(A, k + 1))[..., None] for k in range(min(A.shape[-2:]))]
        return self.concatenate(values, -1) if values else self.zeros(0)

    def nuclear_norm(self: Num, A: Array) -> Any:
        return self.sum(self.singular_values(A))

    def ky_fan_norm(self: Num, A: Array, k: int) -> Any:
        if k < 0:
            raise Undefined(f"the Ky Fan norm of order {k}")
        return self.sum(self.singular_values(A)[..., :k])

    def schatten_norm(self: Num, A: Array, p: int) -> Any:
        if p < 1:
            raise Undefined(f"the Schatten norm of order {p}")
        if p == 1:
            return self.nuclear_norm(A)
        if p % 2 == 0:
            gram = A.mT @ A if A.shape[-1] <= A.shape[-2] else A @ A.mT
            return self.root(self.trace(self.power(gram, p // 2)), p)
        powers = values = self.singular_values(A)
        for _ in range(p - 1):
            powers = powers * values
        return self.root(self.sum(powers), p)

    # spectra

    def eigenvalues(self: Num, A: Array) -> Array:
        values = [np.asarray(self.eigenvalue(A, k + 1))[..., None] for k in range(A.shape[-1])]
        return self.concatenate(values, -1) if values else self.zeros(0)

    def largest_eigenvalue(self: Num, A: Array) -> Any:
        return self.eigenvalue(A, 1)

    def smallest_eigenvalue(self: Num, A: Array) -> Any:
        return self.eigenvalue(A, A.shape[-1])

    def characteristic_polynomial(self: Num, A: Array) -> Array:
        """By the method of Faddeev and Le Verrier."""
        n = require_square(A, "the characteristic polynomial")
        coefficients = [self.number(1)]
        M = self.zeros(n, n)
        for k in range(1, n + 1):
            M = A @ M + self.times(coefficients[-1], self.identity(n))
            coefficients.append(self.trace(A @ M) / -k)
        length = max(np.asarray(c).size for c in coefficients)
        columns = [np.broadcast_to(np.asarray(c), (length,))[..., None] for c in reversed(coefficients)]
        if np.asarray(coefficients[-1]).ndim == 0:
            columns = [column[0] for column in columns]
        return self.concatenate(columns, -1)

    # what an arithmetic may lack

    def eigenvalue(self: Num, A: Array, k: int) -> Any:
        raise Unsupported("an eigenvalue in this arithmetic")

    def spectral_radius(self: Num, A: Array) -> Any:
        raise Unsupported("the spectral radius in this arithmetic")

    def stable(self: Num, A: Array) -> Any:
        raise Unsupported("a test of stability in this arithmetic")

    def schur_stable(self: Num, A: Array) -> Any:
        raise Unsupported("a test of stability in this arithmetic")

    def all_real(self: Num, A: Array) -> Any:
        raise Unsupported("the eigenvalues of a general matrix in this arithmetic")

    def exponential(self: Num, A: Array) -> Array:
        raise Unsupported("the exponential of a matrix in this arithmetic")

    def square_root(self: Num, A: Array) -> Array:
        raise Unsupported("the square root of a matrix in this arithmetic")

    def pseudo_inverse(self: Num, A: Array) -> Array:
        raise Unsupported("the pseudo-inverse in this arithmetic")

    def positive_definite(self: Num, A: Array) -> Any:
        raise Unsupported("a test of definiteness in this arithmetic")

    def root(self: Num, x: Any, p: int) -> Any:
        if p == 1:
            return x
        if p == 2:
            return self.sqrt(x)
        raise Unsupported(f"a root of order {p} in this arithmetic")


def _flat(A: Array) -> Array:
    result: Array = A.reshape(*A.shape[:-2], A.shape[-2] * A.shape[-1])
    return result


def size(A: Array) -> str:
    """The shape of a matrix in words."""
    return f"{A.shape[-2]} x {A.shape[-1]}"


def require_square(A: Array, what: str) -> int:
    """The dimension of a square matrix.  Raises `Undefined` for another one."""
    if A.shape[-1] != A.shape[-2]:
        raise Undefined(f"{what} of a {size(A)} matrix, which is not square")
    return int(A.shape[-1])
