"""What Float64 does in its own way: stacked LAPACK calls, NaN where a member has no such value."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeAlias

import numpy as np

from theorems.arithmetic.base import Arithmetic
from theorems.arithmetic.matrices import require_square
from theorems.case import Array
from theorems.errors import Undefined

#: Terms of the series of the exponential, for norms up to one half: the rest is below 1e-21.
TERMS = 18
#: No exponential of a matrix of a larger norm: where its entries cancel, no digit of a float would be right.
STEEP = 64.0
#: An imaginary part below this share of the largest eigenvalue may be the rounding of a double real one.
IMAGINARY = 1e-7
#: Rounding, as in `Float64`.
NOISE = 1e-12


Test: TypeAlias = Callable[[Any, Array], Any]


def of_numbers(test: Test) -> Test:
    """A test of matrices; the members on which it is asked of NaN or infinities are remembered: nothing is known."""

    @functools.wraps(test)
    def asked(self: Any, A: Array) -> Any:
        if not np.isfinite(A.sum()):
            self.clouded = self.clouded | ~np.isfinite(A).all(tuple(range(1, A.ndim)))
        return test(self, A)

    return asked


class FloatVocabulary(Arithmetic):
    """Arrays have the axis of the batch in front.

    clouded  the members of which a test was asked that has no answer
    """

    clouded: Array = np.zeros(1, bool)

    def root(self, x: Any, p: int) -> Any:
        return np.where(np.asarray(x) < 0, np.nan, np.power(np.abs(x), 1 / p))

    def tanh(self, x: Any) -> Any:
        return np.tanh(x)

    def order_statistic(self, x: Array, k: int) -> Any:
        if not 1 <= k <= x.shape[-1]:
            raise Undefined(f"there is no order statistic {k} of {x.shape[-1]} entries")
        return np.sort(x, axis=-1)[..., k - 1]

    def log_sum_exp(self, x: Array) -> Any:
        if not x.shape[-1]:
            raise Undefined("log-sum-exp of no entries")
        shift = x.max(-1)
        return shift + np.log(np.exp(x - shift[..., None]).sum(-1))

    # matrices

    def exponential(self, A: Array) -> Array:
        n = require_square(A, "the exponential")
        norms = np.abs(A).sum(-2).max(-1, initial=0.0)
        steep = ~(norms <= STEEP)
        halvings = max(0, int(np.frexp(norms[~steep].max(initial=0.0))[1]) + 1)
        scaled = np.where(steep[:, None, None], 0.0, A) / 2.0**halvings
        result = term = np.broadcast_to(np.eye(n), A.shape)
        for k in range(1, TERMS):
            term = term @ scaled / k
            result = result + term
        for _ in range(halvings):
            result = result @ result
        return np.where(steep[:, None, None], np.nan, result)

    def square_root(self, A: Array) -> Array:
        require_square(A, "the square root")
        values, vectors = self._svd_call((A + A.mT) / 2, lambda B: tuple(np.linalg.eigh(B)))
        roots = np.sqrt(np.maximum(values, 0.0))
        result = (vectors * roots[..., None, :]) @ vectors.mT
        return np.where(self.positive_semidefinite(A)[:, None, None], result, np.nan)

    def log_determinant(self, A: Array) -> Any:
        require_square(A, "the determinant")
        sign, logarithm = np.linalg.slogdet(A)
        return np.where(sign > 0, logarithm, np.nan)

    def pseudo_inverse(self, A: Array) -> Array:
        d = self.svd(A)
        kept = d.s > 1e-11 * max(A.shape[-2:]) * d.s[..., :1]
        inverses = np.where(kept, 1 / np.where(kept, d.s, 1.0), 0.0)
        result: Array = (d.V * inverses[..., None, :]) @ d.U.mT
        return result

    @of_numbers
    def positive_definite(self, A: Array) -> Any:
        require_square(A, "definiteness")
        smallest = self._svd_call((A + A.mT) / 2, lambda B: (np.linalg.eigvalsh(B),))[0][..., 0]
        return self.symmetric(A) & (smallest > NOISE * np.abs(A).max((-2, -1)))

    def _singular_values(self, A: Array) -> Array:
        values: Array = self._svd_call(A, lambda B: (np.linalg.svd(B, compute_uv=False),))[0]
        return values

    @staticmethod
    def _svd_call(A: Array, call: Any) -> tuple[Array, ...]:
        good = np.ones(A.shape[0], bool)
        if not np.isfinite(A.sum()):  # LAPACK would complain of NaN and infinities on the standard output
            good &= np.isfinite(A).all((-2, -1))
        elif A.size:
            with suppress(np.linalg.LinAlgError):
                return tuple(call(A))
        try:
            results = call(np.where(good[:, None, None], A, 0.0))
        except np.linalg.LinAlgError:  # no convergence in another: find out which
            for i in np.flatnonzero(good):
                try:
                    call(A[i : i + 1])
                except np.linalg.LinAlgError:
                    good[i] = False
            results = call(np.where(good[:, None, None], A, 0.0))
        return tuple(np.where(good.reshape(-1, *(1,) * (r.ndim - 1)), r, np.nan) for r in results)

    # spectra

    def singular_values(self, A: Array) -> Array:
        return self._singular_values(A) if A.size else np.zeros((A.shape[0], min(A.shape[-2:])))

    def eigenvalues(self, A: Array) -> Array:
        require_square(A, "the ordered eigenvalues")
        values = self._svd_call((A + A.mT) / 2, lambda B: (np.linalg.eigvalsh(B),))[0]
        return np.where(self.symmetric(A)[:, None], values[..., ::-1], np.nan)

    def eigenvalue(self, A: Array, k: int) -> Any:
        if not 1 <= k <= A.shape[-1]:
            raise Undefined(f"there is no eigenvalue {k} of a {A.shape[-2]} x {A.shape[-1]} matrix")
        return self.eigenvalues(A)[..., k - 1]

    def spectral_radius(self, A: Array) -> Any:
        return np.abs(self._general(A)).max(-1, initial=0.0)

    @of_numbers
    def stable(self, A: Array) -> Any:
        return (self._general(A).real < 0).all(-1)

    @of_numbers
    def schur_stable(self, A: Array) -> Any:
        return (np.abs(self._general(A)) < 1).all(-1)

    @of_numbers
    def all_real(self, A: Array) -> Any:
        values = self._general(A)
        return (np.abs(values.imag) <= IMAGINARY * np.abs(values).max(-1, keepdims=True, initial=0.0)).all(-1)

    def _general(self, A: Array) -> Array:
        require_square(A, "the eigenvalues")
        call: Callable[[Array], tuple[Array, ...]] = lambda B: (np.linalg.eigvals(B),)  # noqa: E731
        return self._svd_call(A, call)[0]
