"""The constructions of adapters on matrices small enough for a hand, and the statements on linear models."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from tests.rational_matrices import matrix, vector
from theorems.adaptation.linear import (
    adapters_by_elimination,
    adapters_one_by_one,
    cut,
    general_position,
    strict_upper,
    suffixes,
    unit_upper_factor,
)
from theorems.arithmetic import Float64, Fractions, MultiPrecision, Rational
from theorems.arithmetic.base import YES, Arithmetic
from theorems.arithmetic.roots import Root
from theorems.case import SVD, Array
from theorems.claim import Outcome
from theorems.errors import Undefined
from theorems.judge.driver import check
from theorems.models.linear import Adapter, LinearCase, LinearModel, product
from theorems.statement import Conclude, Existence, Relation, Suppose, equal
from theorems.texts.zeng_lee.linear import linear_models as linear

NUM = Rational()


def c(*rows: Any) -> Array:
    return NUM.constant([list(row) for row in rows])


def plain(array: Any) -> Any:
    return [plain(item) for item in array] if isinstance(array, np.ndarray) and array.ndim else Fraction(str(array))


def changes(weights: Sequence[Array], adapters: Sequence[Adapter]) -> Array:
    """What the adapters make of the product."""
    return product([W + a.matrix for W, a in zip(weights, adapters, strict=True)]) - product(list(weights))


#: A rotation by a quarter, a shear, and a scaling: their product, from the last to the first.
WEIGHTS = [c((0, -1), (1, 0)), c((1, 2), (0, 1)), c((3, 0), (0, 1))]


# cutting an error into pieces ---------------------------------------------------------------------------------------


def test_pieces_take_the_next_singular_triples() -> None:
    V = c((0, 0, 1), (1, 0, 0), (0, 1, 0))
    d = SVD(NUM.identity(3), NUM.constant([4, 2, 1]), V)
    pieces = cut(d, (1, 0, 1, 5))
    assert [piece.A.shape[0] for piece in pieces] == [1, 0, 1, 1]
    assert plain(pieces[0].B) == [[4], [0], [0]]
    assert plain(pieces[0].A) == [[0, 1, 0]]
    assert plain(pieces[2].matrix) == [[0, 0, 0], [0, 0, 2], [0, 0, 0]]
    assert plain(pieces[3].matrix) == [[0, 0, 0], [0, 0, 0], [1, 0, 0]]
    total = pieces[0].matrix + pieces[1].matrix + pieces[2].matrix + pieces[3].matrix
    assert (total == d.matrix).all()
    assert [piece.matrix.shape for piece in cut(d, (0, 0))] == [(3, 3), (3, 3)]


def test_pieces_of_a_batch() -> None:
    d = SVD(np.eye(2)[None].repeat(2, 0), np.array([[4.0, 2.0], [3.0, 1.0]]), np.eye(2)[None].repeat(2, 0))
    first, second = cut(d, (1, 1))
    assert first.matrix.tolist() == [[[4, 0], [0, 0]], [[3, 0], [0, 0]]]
    assert second.matrix.tolist() == [[[0, 0], [0, 2]], [[0, 0], [0, 1]]]


def test_suffixes_are_the_products_above() -> None:
    above = suffixes(WEIGHTS)
    assert above[2] is None
    assert above[0] is not None
    assert above[1] is not None
    assert plain(above[1]) == [[3, 0], [0, 1]]
    assert plain(above[0]) == [[3, 6], [0, 1]]
    assert suffixes(WEIGHTS[:1]) == [None]


# equation (8) -------------------------------------------------------------------------------------------------------


def test_equation_8_by_hand() -> None:
    """W_1 = diag(1, 2), W_2 = diag(2, 1), pieces e_1 e_1^T and e_2 e_2^T: B_1 = W_2^{-1} e_1, A_2 = e_2^T / 2."""
    weights = [c((1, 0), (0, 2)), c((2, 0), (0, 1))]
    pieces = [Adapter(c((1,), (0,)), c((1, 0))), Adapter(c((0,), (1,)), c((0, 1)))]
    first, second = adapters_one_by_one(weights, pieces, NUM)
    assert plain(first.B) == [[Fraction(1, 2)], [0]]
    assert plain(first.A) == [[1, 0]]
    assert plain(second.B) == [[0], [1]]
    assert plain(second.A) == [[0, Fraction(1, 2)]]
    assert plain(changes(weights, [first, second])) == [[1, 0], [0, 1]]


@pytest.mark.parametrize("num", [Rational(), Fractions(), MultiPrecision()])
def test_equation_8_changes_the_product_by_the_sum_of_the_pieces(num: Arithmetic) -> None:
    weights = [num.constant(np.asarray(plain(W)).tolist()) for W in WEIGHTS]
    pieces = [Adapter(num.constant([[1], [2]]), num.constant([[3, 1]])), Adapter(num.zeros(2, 0), num.zeros(0, 2)),
              Adapter(num.constant([[0], [1]]), num.constant([[1, 1]]))]  # fmt: skip
    adapters = adapters_one_by_one(weights, pieces, num)
    assert [a.A.shape[0] for a in adapters] == [1, 0, 1]
    wanted = pieces[0].matrix + pieces[2].matrix
    assert num.decide(equal(changes(weights, adapters), wanted)).verdicts[0] == YES


def test_equation_8_where_a_partial_sum_is_singular() -> None:
    """I, I and the pieces -e_1 e_1^T, -e_2 e_2^T: after the first nothing can be inverted."""
    weights = [NUM.identity(2), NUM.identity(2)]
    pieces = [Adapter(c((-1,), (0,)), c((1, 0))), Adapter(c((0,), (-1,)), c((0, 1)))]
    with pytest.raises(Undefined):
        adapters_one_by_one(weights, pieces, NUM)
    stack = [np.eye(2)[None].repeat(2, 0)] * 2
    B, A = np.array([[[-1.0], [0]], [[2.0], [0]]]), np.array([[[1.0, 0]], [[1.0, 0]]])
    num = Float64(size=2)
    with num.running(()):
        adapters = adapters_one_by_one(stack, [Adapter(B, A), Adapter(B[:, ::-1], A[..., ::-1])], num)
        assert np.isnan(adapters[1].A[0]).any()
        assert changes(stack, adapters)[1].tolist() == [[2, 0], [0, 2]]


# elimination --------------------------------------------------------------------------------------------------------


def test_the_fixed_matrix_in_general_position() -> None:
    """(-2 14 / -14 -7): 3 * 4 + 1 = 13, 3 * 9 + 2 = 29, 3 * 2 * 4 + 8 = 32, 3 * 2 * 9 + 16 = 70, modulo 31, less 15."""
    assert plain(general_position(2, NUM)) == [[-2, 14], [-14, -7]]
    G = general_position(16, NUM)
    corner = np.asarray(G[:5, :5])
    for size in range(1, 6):
        for chosen in itertools.product(itertools.combinations(range(5), size), repeat=2):
            assert NUM.determinant(NUM.array(corner[np.ix_(*chosen)])) != 0
    for k in range(1, 18):
        assert np.linalg.cond(general_position(k, Float64())[0]) < 130
        assert (general_position(k, NUM)[:16, :16] == G[:k, :k]).all()
    for k in (18, 19, 24, 31, 32, 33, 48, 64, 100, 160):  # modulo 31 the rank would be 24 at most
        assert np.linalg.cond(general_position(k, Float64())[0]) < 400 * k
    assert NUM.rank(general_position(20, NUM)) == 20


def test_elimination_of_a_change_of_high_rank() -> None:
    """k = 18, where the matrix in general position was singular once."""
    k = 18
    I = np.eye(k, dtype=int)
    weights = [NUM.constant((I * 2).tolist()), NUM.constant(np.triu(np.ones((k, k), dtype=int)).tolist())]
    change = Adapter(NUM.constant((np.tril(np.ones((k, k), dtype=int)) - 3 * I).tolist()), NUM.identity(k))
    adapters = adapters_by_elimination(weights, change, (9, 9), NUM)
    assert [a.A.shape for a in adapters] == [(9, k), (9, k)]
    assert (changes(weights, adapters) == change.matrix).all()


def test_the_strictly_upper_part() -> None:
    assert plain(strict_upper(c((1, 2, 3), (4, 5, 6), (7, 8, 9)), NUM)) == [[0, 2, 3], [0, 0, 6], [0, 0, 0]]
    batch = strict_upper(np.ones((2, 2, 2)), Float64(size=2))
    assert batch.tolist() == [[[0, 1], [0, 0]]] * 2


def test_unit_upper_factors_by_hand() -> None:
    assert plain(unit_upper_factor(c((2, 4), (1, 3)), NUM)) == [[1, -2], [0, 1]]
    assert plain(unit_upper_factor(c((5,)), NUM)) == [[1]]
    # (1 2 3 / 1 3 5 / 0 0 1): column 2 - 2 column 1 = (0 1 0), column 3 - 3 column 1 = (0 2 1), less twice the other
    assert plain(unit_upper_factor(c((1, 2, 3), (1, 3, 5), (0, 0, 1)), NUM)) == [[1, -2, 1], [0, 1, -2], [0, 0, 1]]
    # rank one: the second pivot vanishes and its row is zero already
    M = c((1, 2, 3), (2, 4, 6), (1, 2, 3))
    assert plain(unit_upper_factor(M, NUM)) == [[1, -2, -3], [0, 1, 0], [0, 0, 1]]
    assert plain(M @ unit_upper_factor(M, NUM)) == [[1, 0, 0], [2, 0, 0], [1, 0, 0]]
    zero = unit_upper_factor(c((0, 1), (1, 0)), NUM)  # no such factor: the pivot is skipped, not divided by
    assert plain(zero) == [[1, 0], [0, 1]]


def test_unit_upper_factors_of_a_batch_skip_member_by_member() -> None:
    num = Float64(size=3)
    batch = np.array([[[2.0, 4], [1, 3]], [[0, 0], [0, 1]], [[1, 1], [0, 1]]])
    with num.running(()):
        X = unit_upper_factor(batch, num)
    assert X.tolist() == [[[1, -2], [0, 1]], [[1, 0], [0, 1]], [[1, -1], [0, 1]]]


CHANGE = Adapter(c((1, 0), (0, 2)), c((1, 1), (0, -1)))
"""Of rank two: (1 1 / 0 -2)."""


@pytest.mark.parametrize("num", [Rational(), Fractions(), MultiPrecision()])
@pytest.mark.parametrize("ranks", [(1, 1, 0), (0, 1, 1), (1, 0, 1), (2, 0, 0), (0, 0, 2), (2, 2, 2), (0, 5, 0)])
def test_elimination_changes_the_product_by_the_change(num: Arithmetic, ranks: tuple[int, ...]) -> None:
    weights = [num.constant(np.asarray(plain(W)).tolist()) for W in WEIGHTS]
    change = Adapter(*(num.constant(np.asarray(plain(leaf)).tolist()) for leaf in (CHANGE.B, CHANGE.A)))
    adapters = adapters_by_elimination(weights, change, ranks, num)
    assert num.decide(equal(changes(weights, adapters), change.matrix)).verdicts[0] == YES
    left = 2
    for adapter, R in zip(adapters, ranks, strict=True):  # dealt out from below, no more than there is
        assert (adapter.B.shape, adapter.A.shape) == ((2, min(R, left)), (min(R, left), 2))
        left -= min(R, left)


def test_elimination_of_larger_chains_and_singular_targets() -> None:
    generator = np.random.default_rng(4)
    for D, ranks in ((3, (1, 1, 1)), (4, (2, 1, 1)), (4, (1, 1)), (5, (2, 2, 1))):
        weights = [NUM.constant((generator.integers(-2, 3, (D, D)) + 5 * np.eye(D, dtype=int)).tolist()) for _ in ranks]
        k = sum(ranks)
        B, A = (NUM.constant(generator.integers(-3, 4, shape).tolist()) for shape in ((D, k), (k, D)))
        adapters = adapters_by_elimination(weights, Adapter(B, A), ranks, NUM)
        assert (changes(weights, adapters) == B @ A).all()
    for weights in ([NUM.identity(2)] * 2, [c((0, -1), (1, 0)), c((1, 2), (0, 1))]):
        P = product(weights)
        adapters = adapters_by_elimination(weights, Adapter(-P, NUM.identity(2)), (1, 1), NUM)  # to the zero matrix
        assert plain(product([W + a.matrix for W, a in zip(weights, adapters, strict=True)])) == [[0, 0], [0, 0]]


@pytest.mark.parametrize("ranks", [(1, 1, 2), (2, 0, 2), (3, 2, 2)])
def test_both_constructions_in_a_batch(ranks: tuple[int, ...]) -> None:
    """Two members of width four, the change of rank four."""
    generator = np.random.default_rng(1)
    weights = [generator.integers(-2, 3, (2, 4, 4)) + 6.0 * np.eye(4) for _ in ranks]
    target = generator.integers(-2, 3, (2, 4, 4)) + 20.0 * np.eye(4)
    num = Float64(size=2)
    with num.running(()):
        d = num.svd(target - product(weights))
        change = Adapter(d.U * d.s[..., None, :], d.V.mT)
        pieces = cut(d, ranks)
        for made in (adapters_by_elimination(weights, change, ranks, num), adapters_one_by_one(weights, pieces, num)):
            assert np.allclose(changes(weights, made), change.matrix, atol=1e-7)
            assert sum(a.A.shape[1] for a in made) == 4
        assert [plain(x) for x in linear.sigma(SVD(d.U, np.array([[4.0, 2], [3, 1]]), d.V), 2, num)] == [2, 1]
        assert linear.sigma(d, 5, num).tolist() == [0]
        model = LinearModel(tuple(weights))
        for construct in (linear.constructed, linear.eliminated):
            assert np.allclose(construct(model, d, ranks, num), target, atol=1e-7)


def test_nothing_to_change_leaves_every_layer() -> None:
    nothing = Adapter(NUM.zeros(2, 0), NUM.zeros(0, 2))
    adapters = adapters_by_elimination(WEIGHTS, nothing, (1, 1, 1), NUM)
    assert [(a.B.shape, a.A.shape) for a in adapters] == [((2, 0), (0, 2))] * 3
    with pytest.raises(Undefined):
        adapters_by_elimination([c((1, 0), (0, 0)), NUM.identity(2)], CHANGE, (1, 1), NUM)


# statements on linear models ----------------------------------------------------------------------------------------


def case(
    weights: Sequence[Any], s: Sequence[Any], ranks: tuple[int, ...], *, U: Any = None, used: Any = None
) -> LinearCase:
    """An exact case with E = U diag(s); the competitor is e_1 e_1^T times used[l] in each layer that has a rank."""
    D = len(s)
    I = np.eye(D, dtype=int).tolist()
    frozen = LinearModel(tuple(matrix(W) for W in weights))
    competitor = []
    for l, R in enumerate(ranks):
        B = [[(used or [0] * len(ranks))[l] if (i, j) == (0, 0) else 0 for j in range(R)] for i in range(D)]
        A = [[int((i, j) == (0, 0)) for j in range(D)] for i in range(R)]
        empty = np.empty((0, D), dtype=object)
        competitor.append(Adapter(matrix(B), matrix(A) if A else empty))
    return LinearCase(frozen, SVD(matrix(U or I), vector(list(s)), matrix(I)), ranks, tuple(competitor))


def real(x: Any) -> float:
    """A rational or a root as a float, to ten digits."""
    x = x.item() if isinstance(x, np.ndarray) else x
    return round(float(x) if isinstance(x, Root) else int(x.p) / int(x.q), 10)


def run(statement: Any, given: LinearCase) -> tuple[list[str], list[Any]]:
    """The names of the hypotheses, and the two sides, the scale and the obstructions of each conclusion, as numbers."""
    num = Rational()
    loaded = num.load(given)
    supposed: list[str] = []
    concluded: list[Any] = []
    with num.running(loaded):
        for step in statement(loaded, num):
            if isinstance(step, Suppose):
                supposed.append(step.name)
                continue
            assert isinstance(step, Conclude)
            condition = step.condition
            if isinstance(condition, Existence):
                numbers = condition.attained(), condition.bound, condition.scale
                concluded.append([*map(real, numbers), [real(x) for x in condition.lower_bounds]])
            else:
                assert isinstance(condition, Relation)
                concluded.append([real(x) for x in (condition.left, condition.right, condition.scale)])
    return supposed, concluded


#: W_1 = diag(1, 2), W_2 = diag(2, 1), P = diag(2, 2), E = diag(3, 1), the target diag(5, 3).
TWO = [[[1, 0], [0, 2]], [[2, 0], [0, 1]]]


def test_the_value_by_hand() -> None:
    """Rank (1, 0): sigma_2 = 1 is attained and relative to sigma_1 = 3; the competitor gives diag(4, 2), error 1."""
    given = case(TWO, [3, 1], (1, 0), used=[1, 0])
    for statement, names in (
        (linear.value, [linear.FROZEN, linear.FROZEN, linear.WHOLE, linear.PARTIAL]),
        (linear.value_by_elimination, [linear.WHOLE]),
    ):
        assert run(statement, given) == (names, [[1, 1, 3, [1, 0]], [1, 1, 3]])
    zero = case(TWO, [3, 1], (0, 0))
    for statement in (linear.value, linear.value_by_elimination):
        assert run(statement, zero)[1] == [[3, 3, 3, [3, 0]], [3, 3, 3]]
    whole = case(TWO, [3, 1], (1, 1), used=[1, 1])  # (2 0 / 0 2) then (3 0 / 0 1): diag(6, 2) against diag(5, 3)
    for statement in (linear.value, linear.value_by_elimination):
        assert run(statement, whole)[1] == [[0, 0, 3, [0, 0]], [0, 1, 3]]


def test_exactness_by_hand() -> None:
    """The target diag(5, 2) and, with s = (10, 3), diag(12, 5): ||.||_F = 13."""
    given = case(TWO, [10, 3], (1, 1))
    other = case([[[1, 0], [0, 2]], [[2, 0], [0, 1]]], [3, 1], (1, 0))
    for statement in (linear.exactness, linear.exactness_by_elimination):
        supposed, ((attained, bound, scale, lower),) = run(statement, case(TWO, [3, 0], (1, 0)))
        assert linear.THRESHOLD in supposed
        assert (attained, bound, lower) == (0, 0, [0, 0])
        assert scale == pytest.approx(np.sqrt(29))
        assert run(statement, given)[1] == [[0, 0, 13, [0, 0]]]
        assert run(statement, other)[1] == [[1, 0, real(Root(fmpq(34))), [1, 0]]]
        assert check(statement, other, Rational()).unmet == {linear.THRESHOLD: 1}
        assert check(statement, given, Rational()).outcome is Outcome.HOLDS
        assert check(statement, case(TWO, [3, 0], (1, 0)), Rational()).outcome is Outcome.HOLDS
        assert check(statement, other, Rational(), skip=(linear.THRESHOLD,)).outcome is Outcome.FAILS


def test_the_threshold_is_necessary_by_hand() -> None:
    supposed, concluded = run(linear.threshold_is_necessary, case(TWO, [3, 1], (1, 0), used=[1, 0]))
    assert supposed == ["R_1 + ... + R_L < rank(E)"]
    assert concluded == [[0, 1, 3], [1, 1, 3]]
    for s, ranks in (([3, 1], (1, 1)), ([3, 0], (1, 0))):
        assert check(linear.threshold_is_necessary, case(TWO, s, ranks), Rational()).outcome is Outcome.VACUOUS
    assert check(linear.threshold_is_necessary, case(TWO, [3, 1], (1, 0)), Rational()).outcome is Outcome.HOLDS


def test_the_index_of_the_first_value_left() -> None:
    """s = (8, 4, 2, 1): with ranks (1, 1) the third, with (1, 0) the second."""
    four = np.eye(4, dtype=int).tolist()
    for ranks, left in (((1, 1), 2), ((1, 0), 4), ((2, 1), 1), ((0, 0), 8)):
        given = case([four, four], [8, 4, 2, 1], ranks)
        for statement in (linear.value, linear.value_by_elimination):
            (attained, bound, scale, lower), (least, error, other) = run(statement, given)[1]
            assert (attained, bound, scale, lower[0]) == (left, left, 8, left)
            assert (least, error, other) == (left, 8, 8)
        assert run(linear.threshold_is_necessary, given)[1] == [[0, 8, 8], [left, 8, 8]]


def test_each_hypothesis_is_asked() -> None:
    """-I U diag(s): LR_1 = diag(-1, 0) makes I + LR_1 singular; diag(-2, -1) does so only at r = 2."""
    one, minus = [[1, 0], [0, 1]], [[-1, 0], [0, -1]]
    half = [1, Fraction(1, 2)]
    for ranks, unmet in (((1, 1), linear.PARTIAL), ((0, 1), None), ((1, 0), linear.PARTIAL), ((0, 2), None)):
        report = check(linear.value, case([one, one], half, ranks, U=minus), Rational())
        assert report.unmet == ({unmet: 1} if unmet else {})
        assert report.outcome is (Outcome.VACUOUS if unmet else Outcome.HOLDS)
    for ranks, vacuous in (((1, 1), False), ((2, 1), True), ((2, 0), True), ((1, 2), False)):
        report = check(linear.value, case([one, one], [2, 1], ranks, U=minus), Rational())
        assert report.outcome is (Outcome.VACUOUS if vacuous else Outcome.HOLDS)
        assert check(linear.value_by_elimination, case([one, one], [2, 1], ranks, U=minus), Rational()).outcome is (
            Outcome.HOLDS)  # fmt: skip
    three = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]  # more ranks than the width: r = 1, 2, 3 are asked and no more
    assert len(run(linear.value, case([three] * 2, [3, 2, 1], (3, 1)))[0]) == 2 + 1 + 3
    assert len(run(linear.value, case([three] * 3, [3, 2, 1], (3, 3, 1)))[0]) == 3 + 1 + 3
    singular = [[1, 0], [0, 0]]
    report = check(linear.value, case([singular, one], [3, 1], (1, 0)), Rational())
    assert report.unmet == {linear.FROZEN: 1}
    assert check(linear.value, case([singular, one], [3, 1], (1, 0)), Rational(), skip=(linear.FROZEN,)).unmet == {
        linear.WHOLE: 1}  # fmt: skip
    for statement in (linear.value_by_elimination, linear.exactness_by_elimination):
        assert check(statement, case([singular, one], [3, 1], (1, 1)), Rational()).unmet == {linear.WHOLE: 1}


def test_obstructions_by_hand() -> None:
    """rank(W_1) = 1: with ranks (0, 1) the product has rank 1, with (1, 1) two; sigma_2 of the target is 3."""
    num = Rational()
    for ranks, wanted in (((0, 1), [1, 3]), ((1, 1), [0, 0]), ((1, 0), [1, 0]), ((0, 0), [3, 3])):
        given = num.load(case([[[2, 0], [0, 0]], [[1, 0], [0, 2]]], [3, 1], ranks))
        target = num.constant([[5, 0], [0, 3]])
        found = linear.obstructions(given.frozen, target, given.error, ranks, num)
        assert [real(x) for x in found] == wanted
    upper = num.load(case([[[1, 0], [0, 2]], [[2, 0], [0, 0]]], [3, 1], (1, 0)))
    target = num.constant([[5, 0], [0, 3]])
    assert real(linear.obstructions(upper.frozen, target, upper.error, (1, 0), num)[1]) == 3


def test_truncations_and_single_values() -> None:
    d = NUM.load(SVD(matrix([[0, 1], [1, 0]]), vector([3, 1]), matrix([[1, 0], [0, 1]])))
    assert plain(linear.truncated(d, 0)) == [[0, 0], [0, 0]]
    assert plain(linear.truncated(d, 1)) == [[0, 0], [3, 0]]
    assert plain(linear.truncated(d, 2)) == plain(linear.truncated(d, 5)) == [[0, 1], [3, 0]]
    assert [plain(linear.sigma(d, k, NUM)) for k in (1, 2, 3, 9)] == [3, 1, 0, 0]


def test_models_run_forward() -> None:
    """P = diag(2, 2) and LR_1(E) = diag(3, 0); with two ranks the whole E."""
    num = Rational()
    for ranks, wanted in (((1, 0), [[5, 0], [0, 2]]), ((0, 1), [[5, 0], [0, 2]]), ((1, 1), [[5, 0], [0, 3]]),
                          ((0, 0), [[2, 0], [0, 2]]), ((2, 1), [[5, 0], [0, 3]])):  # fmt: skip
        given = num.load(case(TWO, [3, 1], ranks))
        for construct in (linear.constructed, linear.eliminated):
            assert plain(construct(given.frozen, given.error, ranks, num)) == wanted
    used = num.load(case(TWO, [3, 1], (1, 1), used=[1, 1]))
    assert plain(linear.competing(used)) == [[6, 0], [0, 2]]


# Where the fixed general position is special --------------------------------------------------------------------------


def _special(num: Any) -> tuple[list[Any], Adapter]:
    """Two identity layers and a change E for which the first pivot of G^{-1} (I + E) G vanishes; I + E is regular."""
    Q = c((Fraction(3, 5), Fraction(-4, 5)), (Fraction(-4, 5), Fraction(-3, 5)))
    s = c((2, 0), (0, Fraction(13, 14)))
    return [num.identity(2)] * 2, Adapter(Q @ s, num.identity(2) @ Q.T)


def test_elimination_takes_another_basis_where_a_pivot_vanishes() -> None:
    weights, change = _special(NUM)
    adapters = adapters_by_elimination(weights, change, (1, 1), NUM)
    made = product([W + a.matrix for W, a in zip(weights, adapters, strict=True)])
    assert (made == weights[0] + change.matrix).all()


def test_a_batch_takes_another_basis_for_the_members_that_need_it() -> None:
    _, change = _special(NUM)
    other = [[1, 2], [3, 5]]
    B = np.stack([change.B.astype(float), np.array(other, dtype=float)])
    A = np.stack([change.A.astype(float), np.eye(2)])
    stack = [np.stack([np.eye(2)] * 2)] * 2
    num = Float64(size=2)
    adapters = adapters_by_elimination(stack, Adapter(B, A), (1, 1), num)
    made = product([W + a.matrix for W, a in zip(stack, adapters, strict=True)])
    assert made == pytest.approx(np.eye(2) + B @ A, abs=1e-9)
    assert all(a.B.shape == (2, 2, 1) for a in adapters)
