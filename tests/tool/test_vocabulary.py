"""One table: an operation of `num`, its arguments, its answer, in every arithmetic."""

from __future__ import annotations

import inspect
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq

from theorems import num as vocabulary
from theorems.arithmetic import ARITHMETICS
from theorems.arithmetic.base import NO, UNKNOWN, YES
from theorems.case import fraction, fractions
from theorems.errors import InputError, Undefined, Unsupported
from theorems.statement import loewner_at_most

F = Fraction
E = math.e
#: Which arithmetics may answer "unsupported": those without irrational numbers, where an answer is none of theirs.
EXACT = ("rational",)
EXPONENTIAL = ("sigmoid", "tanh", "log_sum_exp", "softmax_rows")

IDENTITY = [[1, 0], [0, 1]]
JORDAN = [[2, 1], [0, 2]]
TURN = [[0, -1], [1, 0]]
PSD = [[5, 4], [4, 5]]  # eigenvalues 9 and 1, and the square of [[2, 1], [1, 2]]
INDEFINITE = [[1, 2], [2, 1]]  # eigenvalues 3 and -1
RANK_ONE = [[1, 2], [2, 4]]
TALL = [[1, 0], [0, 2], [0, 0]]
HALVES = [F(1, 2), F(1, 2)]
QUARTERS = [F(1, 4)] * 4


def linear(X: Any, num: Any) -> Any:
    """tr(AX), with gradient A^T: an array of the arithmetic times a series."""
    return num.trace(num.constant([[1, 2], [3, 4]]) @ X)


def square_sum(x: Any, num: Any) -> Any:
    """x^T x, with gradient 2 x."""
    return num.dot(x, x)


def inverse_trace(X: Any, num: Any) -> Any:
    """tr X^{-1}, with gradient -(X^{-2})^T."""
    return num.trace(num.inverse(X))


def log_det(X: Any, num: Any) -> Any:
    """log det X, with gradient X^{-T}."""
    return num.log_determinant(X)


def polar(x: Any, num: Any) -> Any:
    """(x y, x + y)."""
    entries = x[..., 0] * x[..., 1], x[..., 0] + x[..., 1]
    return num.concatenate([entry[..., None] for entry in entries], -1)


def geometric(epsilon: Any, num: Any) -> Any:
    """1 / (1 - epsilon)."""
    return 1 / (1 - epsilon)


def root_of_one(epsilon: Any, num: Any) -> Any:
    """sqrt(1 + 2 epsilon) = 1 + epsilon - epsilon^2 / 2 + epsilon^3 / 2."""
    return num.sqrt(1 + 2 * epsilon)


def resolvent_trace(epsilon: Any, num: Any) -> Any:
    """tr (I - epsilon J)^{-1} = sum of epsilon^k tr J^k."""
    J = num.constant(JORDAN)
    return num.trace(num.inverse(num.identity(2) - num.times(epsilon, J)))


#: (operation, arguments, answer): lists are arrays, Fractions scalars, integers indices; floats are irrational answers.
TABLE: list[tuple[str, tuple[Any, ...], Any]] = [
    # entry by entry
    ("root", (F(8, 27), 3), F(2, 3)),
    ("root", (F(2), 3), 2 ** (1 / 3)),
    ("root", (F(-1), 3), Undefined),
    ("sqrt", (F(-1),), Undefined),
    ("log", (F(-1),), Undefined),
    ("sigmoid", (F(1),), 1 / (1 + 1 / E)),
    ("tanh", (F(1, 2),), math.tanh(0.5)),
    ("tanh", ([1, -1],), [math.tanh(1), -math.tanh(1)]),
    ("plus", (F(2), [1, F(-1, 2)]), [3, F(3, 2)]),
    ("plus", (F(-1), [[1, 2], [3, 4]]), [[0, 1], [2, 3]]),
    # vectors
    ("sum", ([1, 2, F(1, 2)],), F(7, 2)),
    ("product", ([2, 3, F(1, 2)],), F(3)),
    ("mean", ([1, 2, 6],), F(3)),
    ("largest", ([1, 5, -7],), F(5)),
    ("smallest", ([1, 5, -7],), F(-7)),
    ("order_statistic", ([4, 1, 3, 2], 2), F(2)),
    ("order_statistic", ([4, 1, 3, 2], 4), F(4)),
    ("order_statistic", ([4, 1], 3), Undefined),
    ("one_norm", ([1, -2, 3],), F(6)),
    ("max_norm", ([1, -5, 3],), F(5)),
    ("log_sum_exp", ([0, 1],), math.log(1 + E)),
    # products and inverses of matrices
    ("hadamard", (JORDAN, PSD), [[10, 4], [0, 10]]),
    ("hadamard", (JORDAN, TALL), Undefined),
    ("kronecker", ([[1, 2]], [[0, 1], [1, 0]]), [[0, 1, 0, 2], [1, 0, 2, 0]]),
    ("power", (JORDAN, 0), IDENTITY),
    ("power", (JORDAN, 5), [[32, 80], [0, 32]]),
    ("power", (JORDAN, -1), [[F(1, 2), F(-1, 4)], [0, F(1, 2)]]),
    ("power", (RANK_ONE, -1), Undefined),
    ("power", (TALL, 2), Undefined),
    ("symmetric_part", (JORDAN,), [[2, F(1, 2)], [F(1, 2), 2]]),
    ("pseudo_inverse", (RANK_ONE,), [[F(1, 25), F(2, 25)], [F(2, 25), F(4, 25)]]),
    ("pseudo_inverse", (TALL,), [[1, 0, 0], [0, F(1, 2), 0]]),
    ("pseudo_inverse", ([[0, 0]],), [[0], [0]]),
    ("projection", ([[1], [1]],), [[F(1, 2), F(1, 2)], [F(1, 2), F(1, 2)]]),
    # functions of matrices
    ("exponential", ([[0, 1], [0, 0]],), [[1, 1], [0, 1]]),
    ("exponential", (IDENTITY,), [[E, 0.0], [0.0, E]]),
    ("exponential", ([[0, -3], [3, 0]],), [[math.cos(3), -math.sin(3)], [math.sin(3), math.cos(3)]]),
    ("exponential", (TALL,), Undefined),
    ("square_root", (PSD,), [[2, 1], [1, 2]]),
    ("square_root", ([[2, 1], [1, 2]],), [[(3**0.5 + 1) / 2, (3**0.5 - 1) / 2], [(3**0.5 - 1) / 2, (3**0.5 + 1) / 2]]),
    ("square_root", (RANK_ONE,), [[5**-0.5, 2 * 5**-0.5], [2 * 5**-0.5, 4 * 5**-0.5]]),
    ("square_root", (INDEFINITE,), Undefined),
    ("square_root", (JORDAN,), Undefined),
    ("modulus", ([[0, -2], [2, 0]],), [[2, 0], [0, 2]]),
    ("modulus", (INDEFINITE,), [[2, 1], [1, 2]]),
    ("modulus", ([[F(1, 3), F(2, 3)], [0, 0]],), [[5**-0.5 / 3, 2 * 5**-0.5 / 3], [2 * 5**-0.5 / 3, 4 * 5**-0.5 / 3]]),
    ("log_determinant", (JORDAN,), math.log(4)),
    ("log_determinant", (INDEFINITE,), Undefined),
    # norms
    ("induced_one_norm", ([[1, -2], [3, 4]],), F(6)),
    ("induced_max_norm", ([[1, -2], [3, 4]],), F(7)),
    ("entrywise_one_norm", ([[1, -2], [3, 4]],), F(10)),
    ("entrywise_max_norm", ([[1, -2], [3, -4]],), F(4)),
    ("singular_values", (TALL,), [2, 1]),
    ("singular_values", (PSD,), [9, 1]),
    ("nuclear_norm", (INDEFINITE,), F(4)),
    ("nuclear_norm", ([[0, 0], [0, 0]],), F(0)),
    ("ky_fan_norm", (PSD, 1), F(9)),
    ("ky_fan_norm", (PSD, 2), F(10)),
    ("schatten_norm", (INDEFINITE, 1), F(4)),
    ("schatten_norm", (IDENTITY, 2), 2**0.5),
    ("schatten_norm", (INDEFINITE, 3), 28 ** (1 / 3)),
    ("schatten_norm", (INDEFINITE, 4), 82**0.25),
    ("schatten_norm", (PSD, 0), Undefined),
    # spectra
    ("eigenvalue", (PSD, 1), F(9)),
    ("eigenvalue", (INDEFINITE, 2), F(-1)),
    ("eigenvalue", ([[1, 1], [1, 0]], 1), (1 + 5**0.5) / 2),
    ("eigenvalue", ([[1, 1], [1, 0]], 2), (1 - 5**0.5) / 2),
    ("eigenvalue", (IDENTITY, 2), F(1)),
    ("eigenvalue", (PSD, 3), Undefined),
    ("eigenvalue", (JORDAN, 1), Undefined),
    ("eigenvalue", (TALL, 1), Undefined),
    ("eigenvalues", (INDEFINITE,), [3, -1]),
    ("largest_eigenvalue", (INDEFINITE,), F(3)),
    ("smallest_eigenvalue", (INDEFINITE,), F(-1)),
    ("characteristic_polynomial", (JORDAN,), [4, -4, 1]),
    ("characteristic_polynomial", ([[1, 2, 0], [0, 3, 1], [1, 0, 0]],), [-2, 3, -4, 1]),
    ("characteristic_polynomial", (TALL,), Undefined),
    ("spectral_radius", (JORDAN,), F(2)),
    ("spectral_radius", (INDEFINITE,), F(3)),
    ("spectral_radius", ([[0, -4], [1, 0]],), 2.0),
    ("spectral_radius", ([[1, 2], [3, 4]],), (5 + 33**0.5) / 2),
    ("stable", ([[-1, 5], [0, -2]],), True),
    ("stable", (TURN,), False),
    ("stable", ([[-1, 3], [3, -1]],), False),
    ("stable", ([[0, 1, 0], [0, 0, 1], [-1, -3, -3]],), True),
    ("stable", (TALL,), Undefined),
    ("schur_stable", ([[F(1, 2), 9], [0, F(-1, 3)]],), True),
    ("schur_stable", ([[F(1, 2), 1], [-1, F(1, 2)]],), False),
    ("schur_stable", ([[-2, 0], [0, 0]],), False),
    ("all_real", (TURN,), False),
    ("all_real", (JORDAN,), True),
    ("all_real", ([[1, 1, 0], [0, 1, 1], [0, 0, 3]],), True),
    ("all_real", ([[0, 1, 0], [0, 0, 1], [1, 0, 0]],), False),
    ("positive_definite", (PSD,), True),
    ("positive_definite", (INDEFINITE,), False),
    ("positive_definite", (RANK_ONE,), False),
    ("positive_definite", (JORDAN,), False),
    # networks
    ("softmax_rows", ([[0, 1], [2, 2]],), [[1 / (1 + E), E / (1 + E)], [0.5, 0.5]]),
    # random variables
    ("variance", ([1, 3], HALVES), F(1)),
    ("covariance", ([1, 3], [0, 4], HALVES), F(2)),
    ("covariance_matrix", ([[1, 0], [3, 4]], HALVES), [[1, 2], [2, 4]]),
    ("correlation", ([1, 3], [0, -4], HALVES), F(-1)),
    ("independent", ([0, 0, 1, 1], [0, 1, 0, 1], QUARTERS), True),
    ("independent", ([0, 0, 1, 1], [0, 1, 1, 1], QUARTERS), False),
    ("independent", ([0, 1], [0, 1], [1, 0]), True),
    ("conditional_expectation", ([1, 2, 3, 6], [0, 0, 5, 5], QUARTERS), [F(3, 2), F(3, 2), F(9, 2), F(9, 2)]),
    ("conditional_expectation", ([1, 2], [0, 1], [1, 0]), [1, 0]),
    ("covariance", ([1, 3], [0], HALVES), Undefined),
    # differentiation
    ("gradient", (linear, JORDAN), [[1, 3], [2, 4]]),
    ("gradient", (square_sum, [1, -2]), [2, -4]),
    ("gradient", (inverse_trace, JORDAN), [[F(-1, 4), 0], [F(1, 4), F(-1, 4)]]),
    ("jacobian", (polar, [2, 3]), [[3, 2], [1, 1]]),
    ("expansion", (geometric, 3), [1, 1, 1, 1]),
    ("expansion", (root_of_one, 3), [1, 1, F(-1, 2), F(1, 2)]),
    ("expansion", (resolvent_trace, 3), [2, 4, 8, 16]),
]  # fmt: skip


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize(
    ("operation", "arguments", "answer"), TABLE, ids=[f"{row[0]}-{i}" for i, row in enumerate(TABLE)]
)
def test_an_operation(arithmetic: str, operation: str, arguments: tuple[Any, ...], answer: Any) -> None:
    num: Any = ARITHMETICS[arithmetic]()
    with num.running(None):
        found = _found(num, operation, [_given(num, argument) for argument in arguments])
    if found is Unsupported:
        assert arithmetic in EXACT
        assert operation in EXPONENTIAL or _irrational(answer)
    elif answer is Undefined and found is not Undefined:
        assert arithmetic == "float64"
        assert np.isnan(found).all()
    elif found is Undefined:
        assert answer is Undefined
    else:
        _require(found, answer, arithmetic)


def _given(num: Any, argument: Any) -> Any:
    if isinstance(argument, list):
        return num.constant(argument)
    return num.number(argument.numerator, argument.denominator) if isinstance(argument, F) else argument


def _found(num: Any, operation: str, arguments: list[Any]) -> Any:
    try:
        return getattr(num, operation)(*arguments)
    except (Undefined, Unsupported) as reason:
        assert str(reason)  # noqa: PT017  (it says why)
        return Undefined if isinstance(reason, Undefined) else Unsupported


def _irrational(answer: Any) -> bool:
    return any(isinstance(entry, float) for entry in np.ravel(np.array(answer, dtype=object)))


def _require(found: Any, answer: Any, arithmetic: str) -> None:
    if isinstance(answer, bool):
        assert np.all(np.asarray(found) == answer)
        return
    if isinstance(found, tuple):
        found = [np.asarray(one).item() for one in found]
    expected = np.array(answer, dtype=object)
    entries = np.asarray(found, dtype=object)
    if arithmetic == "float64" and entries.ndim > expected.ndim:
        entries = np.asarray(entries[0], dtype=object)
    assert entries.shape == expected.shape
    for one, right in zip(entries.ravel(), expected.ravel(), strict=True):
        if arithmetic in ("rational", "fractions") and not isinstance(right, float):
            low, high = (getattr(one, "low", one), getattr(one, "high", one))
            assert fraction(low) <= right <= fraction(high)
            assert fraction(high) - fraction(low) <= F(1, 10**12)
        elif arithmetic == "ball" and not isinstance(right, float):
            assert one.overlaps(arb(fmpq(F(right).numerator, F(right).denominator)))
            assert one.rad() < 1e-12
        else:
            assert float(one) == pytest.approx(float(right), abs=1e-9)


@pytest.mark.parametrize(
    ("left", "right", "holds", "margin"),
    [
        (IDENTITY, PSD, True, 0.0),
        (PSD, IDENTITY, False, -8 / 5),
        ([[0, 0], [0, 0]], INDEFINITE, False, -1 / 2),
        ([[0, 0], [0, 0]], [[1, 2], [0, 1]], False, -1.0),  # not symmetric: not ordered
        ([[0, 0], [0, 0]], [[0, 1], [-1, 0]], False, -1.0),
    ],
)
def test_the_order_of_loewner(left: Any, right: Any, holds: bool, margin: float) -> None:
    for name, make in ARITHMETICS.items():
        num: Any = make()
        with num.running(None):
            decision = num.decide(loewner_at_most(num.constant(left), num.constant(right)))
        allowed = (YES if holds else NO, UNKNOWN if name == "ball" and margin == 0 else YES if holds else NO)
        assert decision.verdicts[0] in allowed, name
        assert decision.margins[0] == pytest.approx(margin, abs=1e-9)


def test_entries_are_real() -> None:
    with pytest.raises(InputError, match=r"entries are real; write X \+ iY as"):
        fractions(np.array([[1j]]))


def test_the_table_has_every_new_operation() -> None:
    """What has answers of its own elsewhere is listed by name; nothing else may be missing."""
    elsewhere = {
        "number", "identity", "zeros", "diagonal", "constant", "selector", "times", "concatenate", "block", "exp",
        "relu", "absolute", "maximum", "minimum", "smaller", "zero", "where", "indicator", "norm", "norm_squared",
        "dot", "outer", "apply", "solve", "inverse", "trace", "determinant", "rank", "nonsingular", "singular",
        "symmetric", "positive_semidefinite", "frobenius_norm", "frobenius_norm_squared", "spectral_norm", "svd",
        "low_rank", "singular_value", "softmax", "expectation",
    }  # fmt: skip
    operations = {name for name, _ in inspect.getmembers(vocabulary.Num, inspect.isfunction) if name[0] != "_"}
    assert operations - {row[0] for row in TABLE} == elsewhere
    for make in ARITHMETICS.values():
        assert all(callable(getattr(make(), name)) for name in operations)
