"""The claims of `benchmarks.false_claims` as anybody would write them: NumPy, Hypothesis, tolerances.

    python -m benchmarks.false_claims_plain NAME

Each draws matrices with what the claim supposes built in, and asserts what it concludes beyond rounding.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
#: Rounding, relative to the sides.
SLACK = 1e-6
EXAMPLES = 20_000
ENTRIES = st.floats(-10, 10, allow_subnormal=False)


def square(n: int) -> st.SearchStrategy[Matrix]:
    return arrays(np.float64, (n, n), elements=ENTRIES)


def drawn(make: Callable[[int], st.SearchStrategy[Matrix]], count: int, least: int = 1, most: int = 4) -> Any:
    """`count` matrices of one dimension."""
    return st.integers(least, most).flatmap(lambda n: st.tuples(*[make(n)] * count))


def symmetric(n: int) -> st.SearchStrategy[Matrix]:
    return square(n).map(lambda A: (A + A.T) / 2)


def semidefinite(n: int) -> st.SearchStrategy[Matrix]:
    return square(n).map(lambda A: A @ A.T)


def singular(n: int) -> st.SearchStrategy[Matrix]:
    return st.tuples(square(n), st.integers(0, n - 1)).map(lambda pair: _without_column(*pair))


def _without_column(A: Matrix, k: int) -> Matrix:
    A = A.copy()
    A[:, k] = 0.0
    return A


def orthogonal(n: int) -> st.SearchStrategy[Matrix]:
    return square(n).map(lambda A: np.linalg.qr(A)[0])


def nilpotent(n: int) -> st.SearchStrategy[Matrix]:
    """X (0, K; 0, 0) X^{-1} with blocks of half the size."""

    def made(pair: tuple[Matrix, Matrix]) -> Matrix:
        X, K = pair
        X, N, h = X + 30 * np.eye(n), np.zeros((n, n)), n // 2
        N[:h, n - h :] = K[:h, :h]
        return np.asarray(X @ N @ np.linalg.inv(X))

    return st.tuples(square(n), square(n)).map(made)


def idempotent(n: int) -> st.SearchStrategy[Matrix]:
    def made(pair: tuple[Matrix, int]) -> Matrix:
        X = pair[0] + 30 * np.eye(n)
        return np.asarray(X @ np.diag([float(i < pair[1]) for i in range(n)]) @ np.linalg.inv(X))

    return st.tuples(square(n), st.integers(0, n)).map(made)


def low_rank(n: int) -> st.SearchStrategy[Matrix]:
    """Small integers, in which ranks drop."""
    return arrays(np.float64, (n, n), elements=st.integers(-2, 2).map(float))


def at_most(x: Any, y: Any, scale: Any = 0.0) -> bool:
    return bool(x <= y + SLACK * max(abs(x), abs(y), scale, 1e-9))


def close(A: Any, B: Any) -> bool:
    return bool(np.abs(A - B).max() <= SLACK * max(np.abs(A).max(), np.abs(B).max(), 1e-9))


def semidefinite_(A: Matrix, scale: Any) -> bool:
    return bool(np.linalg.eigvalsh((A + A.T) / 2)[0] >= -SLACK * max(scale, 1e-9))


norm, sigma, det, rank = np.linalg.norm, np.linalg.svd, np.linalg.det, np.linalg.matrix_rank


def _sigma(A: Matrix, k: int) -> float:
    return float(sigma(A, compute_uv=False)[k - 1])


#: By name: the matrices, and what is asserted of them.
PLAIN: dict[str, tuple[Any, Callable[..., bool]]] = {
    "trace_of_a_product": (drawn(square, 2), lambda A, B: at_most(np.trace(A @ B), np.trace(A) * np.trace(B))),
    "products_commute": (drawn(square, 2), lambda A, B: close(A @ B, B @ A)),
    "determinants_add": (drawn(square, 2), lambda A, B: close(det(A + B), det(A) + det(B))),
    "norms_add": (drawn(square, 2), lambda A, B: at_most(norm(A) + norm(B), 3 * norm(A + B))),
    "norm_below_traces": (
        drawn(symmetric, 2), lambda A, B: at_most(norm(A @ B), abs(np.trace(A)) * abs(np.trace(B)), norm(A) * norm(B)),
    ),
    "symmetric_products": (drawn(symmetric, 2), lambda A, B: close(A @ B, B @ A)),
    "anticommutator": (drawn(semidefinite, 2), lambda A, B: semidefinite_(A @ B + B @ A, norm(A) * norm(B))),
    "singular_sums": (drawn(singular, 2), lambda A, B: _sigma(A + B, len(A)) <= SLACK * _sigma(A + B, 1) + 1e-9),
    "orthogonal_is_symmetric": (drawn(orthogonal, 1), lambda A: close(A, A.T)),
    "nilpotent_is_zero": (drawn(nilpotent, 1, least=2), lambda A: bool(norm(A) <= 1e-6)),
    "idempotent_is_symmetric": (drawn(idempotent, 1), lambda A: close(A, A.T)),
    "rank_of_a_product": (drawn(low_rank, 2), lambda A, B: rank(A) + rank(B) <= rank(A @ B) + 1),
    "rank_of_a_product_by_two": (drawn(low_rank, 2), lambda A, B: rank(A) + rank(B) <= rank(A @ B) + 2),
    "determinant_without_trace": (
        drawn(symmetric, 1), lambda A: at_most(det(A - np.trace(A) / len(A) * np.eye(len(A))), 0.0, norm(A) ** len(A)),
    ),
    "trace_squared": (drawn(symmetric, 1, most=6), lambda A: at_most(np.trace(A) ** 2, 3 * np.trace(A @ A))),
    "frobenius_and_spectral": (drawn(square, 1, most=6), lambda A: at_most(norm(A) ** 2, 3 * _sigma(A, 1) ** 2)),
    "squares_are_monotone": (
        drawn(semidefinite, 2), lambda A, C: semidefinite_((A + C) @ (A + C) - A @ A, norm(A + C) ** 2),
    ),
    "middle_values_add": (
        drawn(square, 2, least=2),
        lambda A, B: at_most(_sigma(A + B, 2), _sigma(A, 2) + _sigma(B, 2), _sigma(A + B, 1)),
    ),
    "purity": (drawn(semidefinite, 1), lambda A: at_most(np.trace(A) ** 2, 2 * np.trace(A @ A))),
    "hadamard_bound": (drawn(square, 1, most=5), lambda A: at_most(det(A), 3 * np.abs(A).max() ** len(A))),
}  # fmt: skip


def main(name: str) -> None:
    """Run one; prints when it was first hit, how long all took, and how many entries of the example are not zero."""
    strategy, holds = PLAIN[name]
    begin = time.perf_counter()
    first: list[float] = []
    last: list[Any] = []

    @settings(max_examples=EXAMPLES, database=None, deadline=None, derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(strategy)
    def test(case: Any) -> None:
        if not holds(*case):
            first.append(time.perf_counter() - begin)
            last[:] = case
            raise AssertionError

    found = False
    try:
        test()
    except AssertionError:
        found = True
    seconds = time.perf_counter() - begin
    size = max((len(A) for A in last), default=0)
    filled = sum(int(np.count_nonzero(A)) for A in last)
    print(json.dumps({"found": found, "first": first[0] if found else None, "seconds": seconds, "size": size,
                      "filled": filled}))  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1])
