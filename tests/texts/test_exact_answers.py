"""Known answers of the exact arithmetics, Rational and Fractions: numbers, arrays, matrices."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.exact_values import HALF, Make, both, decided, plain
from tests.rational_matrices import matrix, vector
from theorems.arithmetic import Rational
from theorems.arithmetic.base import YES
from theorems.case import SVD, MatrixCase
from theorems.errors import Undecided, Undefined, Unsupported
from theorems.statement import less_than

# numbers and arrays -------------------------------------------------------------------------------------------------


@both
def test_numbers_and_arrays(make: Make) -> None:
    num = make()
    assert (num.size, num.word) == (1, "exact")
    assert plain(num.number(6, 4)) == Fraction(3, 2)
    assert plain(num.number(3)) == 3
    assert plain(num.zeros(1, 2)) == [[0, 0]]
    assert plain(num.identity(2)) == [[1, 0], [0, 1]]
    assert plain(num.diagonal(num.constant([2, 3]))) == [[2, 0], [0, 3]]
    assert plain(num.constant([[1, HALF]])) == [[1, HALF]]
    assert plain(num.selector(4, 2, 3)) == np.diag([0, 1, 1, 0]).tolist()
    assert plain(num.selector(2, 0, 5)) == [[1, 0], [0, 1]]
    assert plain(num.selector(2, 2, 1)) == [[0, 0], [0, 0]]
    assert plain(num.times(num.number(3), num.constant([1, 2]))) == [3, 6]
    assert plain(num.concatenate([num.constant([[1]]), num.constant([[2]])], -1)) == [[1, 2]]
    assert plain(num.concatenate([num.constant([[1]]), num.constant([[2]])], -2)) == [[1], [2]]
    one, two, three, four = (num.constant([[n]]) for n in (1, 2, 3, 4))
    assert plain(num.block([[one, two], [three, four]])) == [[1, 2], [3, 4]]


@both
def test_every_kind_of_array_is_loaded_exactly(make: Make) -> None:
    num = make()
    arrays = np.array([[0.1, 2.0]]), np.array([[3, -4]]), matrix([[Fraction(1, 3), 5]]), np.empty((0, 2))
    floats, integers, fractions, empty = num.load(MatrixCase(arrays)).matrices
    assert plain(floats) == [[Fraction(0.1), 2]]
    assert plain(integers) == [[3, -4]]
    assert plain(fractions) == [[Fraction(1, 3), 5]]
    assert empty.shape == (0, 2)
    assert plain(num.load(np.array(0.5))) == HALF
    assert type(integers) is type(num.identity(1))


@both
def test_scalars(make: Make) -> None:
    num = make()
    one, two = num.number(1), num.number(2)
    assert plain(num.sqrt(num.number(9, 4))) == Fraction(3, 2)
    assert plain(num.sqrt(num.constant([9])[..., 0])) == 3
    with pytest.raises(Undefined, match="negative"):
        num.sqrt(num.number(-1, 100))
    pair = num.constant([-3, 5])
    assert plain(num.absolute(pair)) == [3, 5]
    assert plain(num.absolute(num.number(-2))) == 2
    assert num.zero(num.constant([[0, 1]])).tolist() == [[True, False]]
    assert num.zero(num.number(0)) is True
    assert num.zero(num.number(1, 10**50)) is False
    assert [plain(x) for x in (num.maximum(one, two), num.maximum(two, one))] == [2, 2]
    assert [plain(x) for x in (num.minimum(one, two), num.minimum(two, one))] == [1, 1]
    assert plain(num.maximum(pair, two)) == plain(num.maximum(two, pair)) == [2, 5]
    assert plain(num.minimum(pair, two)) == plain(num.minimum(two, pair)) == [-3, 2]
    assert (num.positive(one), num.positive(one * 0), num.positive(-one)) == (True, False, False)
    assert (num.compare(one, two), num.compare(two, one), num.compare(one, one)) == (-1, 1, 0)
    assert plain(num.where(True, one, two)) == 1
    assert plain(num.where(False, one, two)) == 2
    with pytest.raises(Undecided):
        num.where(None, one, two)
    assert num.smaller(3, 2) == num.smaller(2, 3) == 2


@both
def test_vectors(make: Make) -> None:
    num = make()
    A, x, y = num.constant([[1, 2], [3, 4], [5, 6]]), num.constant([1, -1]), num.constant([2, 5])
    assert plain(num.apply(A, x)) == [-1, -1, -1]
    assert plain(num.outer(x, y)) == [[2, 5], [-2, -5]]
    assert plain(num.dot(x, y)) == -3
    assert plain(num.dot(num.zeros(0), num.zeros(0))) == 0
    assert plain(num.norm_squared(y)) == 29
    assert plain(num.norm_squared(num.zeros(0))) == 0
    assert plain(num.norm(num.constant([3, -4]))) == 5
    assert plain(num.frobenius_norm_squared(A)) == 91
    assert plain(num.frobenius_norm(num.constant([[1, 1], [1, 1]]))) == 2
    assert plain(num.relu(x)) == [1, 0]
    assert plain(num.trace(num.constant([[1, 2], [3, 4]]))) == 5
    assert plain(num.trace(num.constant([[7]]))) == 7
    weights = num.constant([HALF, Fraction(1, 4), Fraction(1, 4)])
    assert plain(num.expectation(num.constant([4, 8, 12]), weights)) == 7
    assert plain(num.expectation(num.constant([[4, 0], [8, 4], [0, 4]]), weights)) == [4, 2]


@both
@pytest.mark.parametrize("n", [1, 3, 4, 6])
def test_products_on_either_side_of_the_routed_dimension(make: Make, n: int) -> None:
    """sum_j (i + j) j over j < n, and products with vectors and without columns."""
    num = make()
    A = num.constant([[i + j for j in range(n)] for i in range(2)])
    x = num.constant(list(range(n)))
    total, squares = n * (n - 1) // 2, (n - 1) * n * (2 * n - 1) // 6
    assert plain(A @ x[:, None]) == [[squares], [squares + total]]
    assert plain(A @ x) == [squares, squares + total]
    assert plain(np.asarray(x @ x[:, None])) == [squares]
    stack = np.asarray(A)[None].view(type(A))
    assert plain(stack @ x[:, None]) == [[[squares], [squares + total]]]
    assert plain(stack @ np.asarray(x)[None, :, None].view(type(A))) == [[[squares], [squares + total]]]
    empty = A[:, :0] @ num.zeros(0, 3)
    assert (plain(empty), type(empty)) == ([[0, 0, 0], [0, 0, 0]], type(A))
    assert plain(A[:, :0] @ num.zeros(0)) == [0, 0]
    assert (A[:0] @ x[:, None]).shape == (0, 1)
    assert (A @ x[:, None][:, :0]).shape == (2, 0)


@both
def test_products_of_roots_stay_roots_where_they_can(make: Make) -> None:
    num = make()
    two = num.sqrt(num.number(2))
    A = num.diagonal(num.constant([1, 1, 1, 1]))
    A[0, 0] = two
    assert plain((A @ A)[0, 0]) == 2  # not through a matrix of rationals


# matrices -----------------------------------------------------------------------------------------------------------


@both
def test_systems(make: Make) -> None:
    num = make()
    A, singular = num.constant([[0, 2], [3, 4]]), num.constant([[1, 2], [2, 4]])
    assert plain(num.solve(A, num.constant([[2], [10]]))) == [[2], [1]]
    assert plain(num.inverse(A)) == [[Fraction(-2, 3), Fraction(1, 3)], [HALF, 0]]
    assert (plain(num.determinant(A)), plain(num.determinant(singular))) == (-6, 0)
    assert plain(num.determinant(num.zeros(0, 0))) == 1
    assert (num.nonsingular(A), num.nonsingular(singular)) == (True, False)
    assert (bool(num.singular(A)), bool(num.singular(singular))) == (False, True)
    with pytest.raises(Undefined, match="2 x 2"):
        num.solve(singular, A)
    assert num.solve(A, num.zeros(2, 0)).shape == (2, 0)
    assert [num.rank(M) for M in (A, singular, num.zeros(2, 3), num.zeros(0, 3), num.constant([[1, 2, 3]]))] == [
        2, 1, 0, 0, 1]  # fmt: skip


@both
def test_symmetric_and_semidefinite(make: Make) -> None:
    num = make()
    tests = (([[2, 1], [1, 2]], True, True), ([[1, 2], [2, 1]], True, False), ([[1, 1], [1, 1]], True, True),
             ([[2, 1], [0, 2]], False, False), ([[0, 0], [0, 0]], True, True), ([[0, 1], [1, 0]], True, False),
             ([[-1]], True, False), ([[2, 0, 1], [0, 2, 0], [0, 0, 2]], False, False),
             ([[2, 0, 0], [0, 2, 1], [0, 0, 2]], False, False))  # fmt: skip
    for rows, symmetric, definite in tests:
        A = num.constant(rows)
        assert (num.symmetric(A), num.positive_semidefinite(A)) == (symmetric, definite), rows
    root = num.sqrt(num.number(2))
    A = num.zeros(2, 2)
    A[0, 1], A[1, 0] = root, num.sqrt(num.number(2))  # two objects, one value
    assert num.symmetric(A) is True
    A[1, 0] = num.sqrt(num.number(3))
    assert num.symmetric(A) is False


@both
def test_decompositions_of_matrices_with_one_entry_in_a_row_and_column(make: Make) -> None:
    num = make()
    A = num.constant([[0, 0, -2], [5, 0, 0]])
    d = num.svd(A)
    assert (d.U.shape, plain(d.s), d.V.shape) == ((2, 2), [5, 2], (3, 2))
    assert (d.matrix == A).all()
    assert num.orthonormal(d.U)
    assert num.orthonormal(d.V)
    B = num.constant([[0, 0], [0, 3], [0, 0]])
    d = num.svd(B)
    assert (plain(d.s), (d.matrix == B).all(), d.U.shape, d.V.shape) == ([3, 0], True, (3, 2), (2, 2))
    assert num.orthonormal(d.U)
    assert num.orthonormal(d.V)
    zero = num.svd(num.zeros(3, 2))
    assert (zero.U.shape, plain(zero.s), zero.V.shape) == ((3, 2), [0, 0], (2, 2))
    assert num.orthonormal(zero.U)
    for rows in ([[1, 1], [0, 0]], [[1, 0], [1, 0]], [[1, 1], [1, 0]]):
        with pytest.raises(Unsupported, match="2 x 2"):
            num.svd(num.constant(rows))
    assert not num.orthonormal(num.constant([[1, 0], [0, 2]]))
    assert not num.orthonormal(num.constant([[1, 1], [0, 0]]))


@both
def test_a_decomposition_is_taken_only_where_it_is_one(make: Make) -> None:
    """A = (3 0 / 0 2) turned by (3 -4 / 4 3) / 5, and what is wrong in one place."""
    num = make()
    Q, I, s = matrix([[3, -4], [4, 3]]) / 5, matrix([[1, 0], [0, 1]]), vector([3, 2])
    good = SVD(Q, s, I)
    A = num.load(MatrixCase((good.matrix,))).matrices[0]
    with num.running(num.load((SVD(I, s, I), good))):
        assert plain(num.svd(A).s) == [3, 2]
        assert plain(num.singular_value(A, 2)) == 2
        assert plain(num.singular_value(A, 3)) == 0
        assert plain(num.low_rank(A, 1)) == plain(num.constant(np.outer(Q[:, 0], [3, 0]).tolist()))
        assert num.low_rank(A, 2) is A
    wrong = [
        SVD(Q[:, ::-1], s[::-1], I[:, ::-1]),  # ascending
        SVD(-Q, -s, I),  # negative
        SVD(Q * 3, s / 3, I),  # not orthonormal on the left
        SVD(Q, s / 2, I * 2),  # nor on the right
        SVD(Q, s, Q),  # of another matrix
        SVD(I, s, I),
        SVD(matrix([[1]]), vector([3]), matrix([[1]])),  # of another size
    ]
    for d in wrong:
        with num.running(num.load(d)), pytest.raises(Unsupported, match="does not carry"):
            num.svd(A)
    with num.running(num.load(good)):
        for B in (num.zeros(3, 2), num.zeros(2, 3)):  # beside it: neither 3 x 2 nor 2 x 3
            assert plain(num.svd(B).s) == [0, 0]
    with pytest.raises(Unsupported):  # and it is forgotten at the end
        num.svd(A)


@both
def test_singular_values_without_a_decomposition(make: Make) -> None:
    """(1 2 / 2 1): 3 and 1; (1 1 / 0 1): the golden ratio and its inverse; one column: its length."""
    num = make()
    A = num.constant([[1, 2], [2, 1]])
    for k, wanted in ((1, 3), (2, 1), (3, 0)):
        assert num.compare(num.singular_value(A, k), num.number(wanted)) == 0
    golden = num.singular_value(num.constant([[1, 1], [0, 1]]), 1)
    assert decided(num, less_than(num.number(1618033, 10**6), golden))[0] == YES
    assert decided(num, less_than(golden, num.number(1618034, 10**6)))[0] == YES
    assert plain(num.singular_value(num.constant([[3], [4]]), 1)) == 5
    assert plain(num.singular_value(num.constant([[3, 4]]), 1)) == 5
    assert plain(num.singular_value(num.constant([[3, 4]]), 2)) == 0
    assert plain(num.singular_value(num.zeros(2, 2), 1)) == 0
    assert num.compare(num.spectral_norm(A), num.number(3)) == 0


def test_rational_refuses_irrational_matrices() -> None:
    num = Rational()
    A = num.diagonal(num.constant([1, 1, 1, 1, 1]))
    A[0, 0] = num.sqrt(num.number(2))
    refused: list[Callable[[Any], Any]] = [num.determinant, num.rank, num.inverse, num.spectral_norm]
    for call in refused:
        with pytest.raises(Unsupported, match="irrational"):
            call(A)
    for call in (num.exp, num.log):
        with pytest.raises(Unsupported, match="balls"):
            call(num.number(1))
    with pytest.raises(Unsupported, match="root of an irrational"):
        num.sqrt(A[0, 0])
