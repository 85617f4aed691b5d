"""What a strategy promises is kept: true claims whose domain the strategy alone states are convicted by no search.

And false ones are convicted inside the promise, with a witness that carries it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from tests.rational_matrices import matrix
from theorems import Claim, at_most, conclude, equal, less_than
from theorems.arithmetic import Rational
from theorems.arithmetic.base import UNKNOWN, YES
from theorems.case import MatrixCase, exact
from theorems.domains import AS_DRAWN, Domain, HasAxes, Is, Within, decoded, encoded
from theorems.errors import InputError
from theorems.judge.witness import INVALID, REFUTES, convict, read, replay, write
from theorems.properties import PROPERTIES
from theorems.statement import Condition, holds
from theorems.strategies import counts, linear_cases, matrices, random_vectors, target_cases
from theorems.strategies.draws import domain_of, draws, recipe_of
from theorems.strategies.search.conviction import rationalised
from theorems.strategies.search.hunt import hunt
from theorems.strategies.search.lift import lifted
from theorems.strategies.search.projection import fitted, outside

Conclusion = Callable[[Any, Any], Any]


def claim(conclusion: Conclusion, key: str = "a/claim") -> Claim:
    def statement(case: Any, num: Any) -> Any:
        answer = conclusion(case, num)
        yield conclude(answer if isinstance(answer, Condition) else holds(answer))

    return Claim(key=key, statement=statement)


def largest(x: Any, num: Any) -> Any:
    result = x[..., 0]
    for k in range(1, x.shape[-1]):
        result = num.maximum(result, x[..., k])
    return result


def first(case: Any) -> Any:
    return case.points[..., 0]


def mean(case: Any, num: Any) -> Any:
    return num.expectation(first(case), case.weights)


def square(x: Any) -> Any:
    return x * x


def total(A: Any) -> Any:
    return A.sum(-1).sum(-1)


def quadratic(A: Any, x: Any, num: Any) -> Any:
    return num.dot(x, num.apply(A, x))


VECTORS, WIDE = random_vectors(), random_vectors(min_dimension=2, min_points=2)
PSD, PAIR = matrices(structure="psd", max_dimension=3), matrices(count=2, structure="psd", max_dimension=3)
ORTHOGONAL = matrices(structure="orthogonal", max_dimension=3)
SYMMETRIC, SKEW = (matrices(structure=word, max_dimension=3) for word in ("symmetric", "antisymmetric"))
DIAGONAL, STOCHASTIC = (matrices(structure=word, max_dimension=3) for word in ("diagonal", "stochastic"))
RANK_ONE = matrices(structure="psd-rank-one", max_dimension=3)
TWO = matrices(min_dimension=2, max_dimension=2)
PERMUTATION, WHOLE = matrices(laws=("permutation",)), matrices(laws=("small integers",))
NATURAL = counts(names={"a": (1, 8), "b": (1, 8)})
ORDERED = counts(names={"L": (1, 6), "M": (1, lambda known: known["L"]), "R": (lambda known: known["M"], 9)})
LINEAR = linear_cases(min_dimension=2, max_dimension=3, min_depth=2, max_depth=2)
MIXED = linear_cases(ranks="per-layer", min_rank=1, max_dimension=3)

#: (strategy, what is true of all that it promises)
TRUE: dict[str, tuple[st.SearchStrategy[Any], Conclusion]] = {
    # probabilities
    "E[x]^2 <= E[x^2]": (VECTORS, lambda c, n: at_most(square(mean(c, n)), n.expectation(square(first(c)), c.weights))),
    "E x <= max x": (VECTORS, lambda c, n: at_most(mean(c, n), largest(first(c), n))),
    "min x <= E x": (VECTORS, lambda c, n: at_most(-largest(-first(c), n), mean(c, n))),
    "relu(E x) <= E relu(x)": (
        VECTORS,
        lambda c, n: at_most(n.relu(n.expectation(c.points, c.weights)), n.expectation(n.relu(c.points), c.weights)),
    ),
    "|E x| <= E |x|": (VECTORS, lambda c, n: at_most(
        n.absolute(mean(c, n)), n.expectation(n.absolute(first(c)), c.weights))),
    "sum p^2 <= 1": (VECTORS, lambda c, n: at_most(n.norm_squared(c.weights), n.number(1))),
    "1 <= K sum p^2": (VECTORS, lambda c, n: at_most(
        n.number(1), n.norm_squared(c.weights) * c.weights.shape[-1])),
    "p <= 1": (VECTORS, lambda c, n: at_most(c.weights, c.weights * 0 + n.number(1))),
    "p > 0": (VECTORS, lambda c, n: less_than(c.weights * 0, c.weights)),
    "sum p = 1": (VECTORS, lambda c, n: equal(c.weights.sum(-1), c.weights.sum(-1) * 0 + n.number(1))),
    "max p < 1 of two points": (WIDE, lambda c, n: less_than(c.weights, c.weights * 0 + n.number(1))),
    "E x^4 >= E[x^2]^2": (VECTORS, lambda c, n: at_most(
        square(n.expectation(square(first(c)), c.weights)), n.expectation(square(square(first(c))), c.weights))),
    "E ||x||^2 >= ||E x||^2": (VECTORS, lambda c, n: at_most(
        n.norm_squared(n.expectation(c.points, c.weights)),
        n.expectation(square(c.points).sum(-1), c.weights))),
    "E max(x, 0) >= 0": (VECTORS, lambda c, n: at_most(
        n.number(0), n.expectation(n.relu(first(c)), c.weights))),
    "the second moment is semidefinite": (
        random_vectors(max_dimension=2, max_points=3),
        lambda c, n: n.positive_semidefinite((c.points * c.weights[..., :, None]).mT @ c.points),
    ),
    "two points at least": (WIDE, lambda c, n: c.points.shape[-2] >= 2 and c.points.shape[-1] >= 2),
    "of a constant, E x = x": (
        random_vectors(supports=("constant",)), lambda c, n: equal(mean(c, n), first(c)[..., 0])),
    "of a constant, no variance": (
        random_vectors(supports=("constant",)),
        lambda c, n: equal(square(mean(c, n)), n.expectation(square(first(c)), c.weights))),
    "a symmetric support has mean 0": (
        random_vectors(supports=("symmetric",)), lambda c, n: equal(mean(c, n), mean(c, n) * 0)),
    "unit vectors have norm 1": (
        random_vectors(supports=("unit vectors",)),
        lambda c, n: equal(square(c.points).sum(-1), c.weights * 0 + n.number(1))),
    "points on a line have rank 1": (
        random_vectors(supports=("on a line",)), lambda c, n: n.rank(c.points) <= 1),
    # semidefinite
    "0 <= tr AB": (PAIR, lambda c, n: at_most(n.number(0), n.trace(c.matrices[0] @ c.matrices[1]))),
    "tr AB <= tr A tr B": (PAIR, lambda c, n: at_most(
        n.trace(c.matrices[0] @ c.matrices[1]), n.trace(c.matrices[0]) * n.trace(c.matrices[1]))),
    "A + B is semidefinite": (PAIR, lambda c, n: n.positive_semidefinite(c.matrices[0] + c.matrices[1])),
    "A B A is semidefinite": (PAIR, lambda c, n: n.positive_semidefinite(
        c.matrices[0] @ c.matrices[1] @ c.matrices[0])),
    "0 <= tr A": (PSD, lambda c, n: at_most(n.number(0), n.trace(c.matrices[0]))),
    "0 <= det A": (PSD, lambda c, n: at_most(n.number(0), n.determinant(c.matrices[0]))),
    "0 <= a_11": (PSD, lambda c, n: at_most(n.number(0), c.matrices[0][..., 0, 0])),
    "A = A^T, semidefinite": (PSD, lambda c, n: n.symmetric(c.matrices[0])),
    "||A||_F <= tr A": (PSD, lambda c, n: at_most(
        n.frobenius_norm_squared(c.matrices[0]), square(n.trace(c.matrices[0])))),
    "0 <= 1^T A 1": (PSD, lambda c, n: at_most(n.number(0), total(c.matrices[0]))),
    "a_1n^2 <= a_11 a_nn": (PSD, lambda c, n: at_most(
        square(c.matrices[0][..., 0, -1]), c.matrices[0][..., 0, 0] * c.matrices[0][..., -1, -1])),
    "x^T A x >= 0": (
        matrices(structure="psd", vectors=1, max_dimension=3, laws=("gaussian",)),
        lambda c, n: at_most(n.number(0), quadratic(c.matrices[0], c.vectors[0], n))),
    "I + A is regular": (PSD, lambda c, n: n.nonsingular(c.matrices[0] + n.identity(c.matrices[0].shape[-1]))),
    "rank one": (RANK_ONE, lambda c, n: n.rank(c.matrices[0]) <= 1),
    "tr^2 = ||A||_F^2 at rank one": (RANK_ONE, lambda c, n: equal(
        square(n.trace(c.matrices[0])), n.frobenius_norm_squared(c.matrices[0]))),
    "A^2 = tr(A) A at rank one": (RANK_ONE, lambda c, n: equal(
        c.matrices[0] @ c.matrices[0], n.times(n.trace(c.matrices[0]), c.matrices[0]))),
    "0 <= tr A at rank one": (RANK_ONE, lambda c, n: at_most(n.number(0), n.trace(c.matrices[0]))),
    # orthogonal
    "tr Q <= n": (ORTHOGONAL, lambda c, n: at_most(n.trace(c.matrices[0]), n.number(c.matrices[0].shape[-1]))),
    "-n <= tr Q": (ORTHOGONAL, lambda c, n: at_most(-n.trace(c.matrices[0]), n.number(c.matrices[0].shape[-1]))),
    "||Q||_F^2 = n": (ORTHOGONAL, lambda c, n: equal(
        n.frobenius_norm_squared(c.matrices[0]), n.number(c.matrices[0].shape[-1]))),
    "det Q^2 = 1": (ORTHOGONAL, lambda c, n: equal(square(n.determinant(c.matrices[0])), n.number(1))),
    "|q_ij| <= 1": (ORTHOGONAL, lambda c, n: at_most(
        square(c.matrices[0]), c.matrices[0] * 0 + n.number(1))),
    "Q^T Q = I": (ORTHOGONAL, lambda c, n: equal(
        c.matrices[0].mT @ c.matrices[0], n.identity(c.matrices[0].shape[-1]))),
    "Q Q^T = I": (ORTHOGONAL, lambda c, n: equal(
        c.matrices[0] @ c.matrices[0].mT, n.identity(c.matrices[0].shape[-1]))),
    "Q is regular": (ORTHOGONAL, lambda c, n: n.nonsingular(c.matrices[0])),
    "the product of two is one": (
        matrices(count=2, structure="orthogonal", max_dimension=3),
        lambda c, n: equal(n.frobenius_norm_squared(c.matrices[0] @ c.matrices[1]), n.number(c.matrices[0].shape[-1]))),
    "||Qx|| = ||x||": (
        matrices(structure="orthogonal", vectors=1, max_dimension=3),
        lambda c, n: equal(n.norm_squared(n.apply(c.matrices[0], c.vectors[0])), n.norm_squared(c.vectors[0]))),
    "permutations have whole entries": (PERMUTATION, lambda c, n: equal(
        square(square(c.matrices[0])), square(c.matrices[0]))),
    "permutations have row norm one": (PERMUTATION, lambda c, n: equal(
        square(c.matrices[0]).sum(-1), c.matrices[0][..., 0] * 0 + n.number(1))),
    "det of a permutation": (PERMUTATION, lambda c, n: equal(square(n.determinant(c.matrices[0])), n.number(1))),
    # symmetric, antisymmetric, diagonal, stochastic, whole
    "A = A^T": (SYMMETRIC, lambda c, n: n.symmetric(c.matrices[0])),
    "A^2 is semidefinite": (SYMMETRIC, lambda c, n: n.positive_semidefinite(c.matrices[0] @ c.matrices[0])),
    "0 <= tr A^2": (SYMMETRIC, lambda c, n: at_most(n.number(0), n.trace(c.matrices[0] @ c.matrices[0]))),
    "tr A^2 = ||A||_F^2": (SYMMETRIC, lambda c, n: equal(
        n.trace(c.matrices[0] @ c.matrices[0]), n.frobenius_norm_squared(c.matrices[0]))),
    "tr AB = tr BA": (matrices(count=2), lambda c, n: equal(
        n.trace(c.matrices[0] @ c.matrices[1]), n.trace(c.matrices[1] @ c.matrices[0]))),
    "tr K = 0": (SKEW, lambda c, n: equal(n.trace(c.matrices[0]), n.number(0))),
    "tr K^2 <= 0": (SKEW, lambda c, n: at_most(n.trace(c.matrices[0] @ c.matrices[0]), n.number(0))),
    "1^T K 1 = 0": (SKEW, lambda c, n: equal(total(c.matrices[0]), n.number(0))),
    "-K^2 is semidefinite": (SKEW, lambda c, n: n.positive_semidefinite(-(c.matrices[0] @ c.matrices[0]))),
    "I + K is regular": (SKEW, lambda c, n: n.nonsingular(c.matrices[0] + n.identity(c.matrices[0].shape[-1]))),
    "x^T K x = 0": (
        matrices(structure="antisymmetric", vectors=1, max_dimension=3),
        lambda c, n: equal(quadratic(c.matrices[0], c.vectors[0], n), n.number(0))),
    "diagonals commute": (
        matrices(count=2, structure="diagonal", max_dimension=3),
        lambda c, n: equal(c.matrices[0] @ c.matrices[1], c.matrices[1] @ c.matrices[0])),
    "diagonals are symmetric": (DIAGONAL, lambda c, n: n.symmetric(c.matrices[0])),
    "1^T D 1 = tr D": (DIAGONAL, lambda c, n: equal(total(c.matrices[0]), n.trace(c.matrices[0]))),
    "tr D^2 = ||D||_F^2": (DIAGONAL, lambda c, n: equal(
        n.trace(c.matrices[0] @ c.matrices[0]), n.frobenius_norm_squared(c.matrices[0]))),
    "columns sum to one": (STOCHASTIC, lambda c, n: equal(total(c.matrices[0]), n.number(c.matrices[0].shape[-1]))),
    "weights are at most one": (STOCHASTIC, lambda c, n: at_most(
        c.matrices[0], c.matrices[0] * 0 + n.number(1))),
    "weights are not negative": (STOCHASTIC, lambda c, n: at_most(c.matrices[0] * 0, c.matrices[0])),
    "||P||_F^2 <= n": (STOCHASTIC, lambda c, n: at_most(
        n.frobenius_norm_squared(c.matrices[0]), n.number(c.matrices[0].shape[-1]))),
    "0 <= tr P <= n": (STOCHASTIC, lambda c, n: at_most(
        n.trace(c.matrices[0]), n.number(c.matrices[0].shape[-1]))),
    "P^2 is stochastic": (STOCHASTIC, lambda c, n: equal(
        (c.matrices[0] @ c.matrices[0]).sum(-2), c.matrices[0][..., 0] * 0 + n.number(1))),
    "I - P is singular": (STOCHASTIC, lambda c, n: equal(
        (c.matrices[0] - n.identity(c.matrices[0].shape[-1])).sum(-2), c.matrices[0][..., 0] * 0)),
    "det of integers": (WHOLE, lambda c, n: at_most(
        square(n.determinant(c.matrices[0])), square(square(n.determinant(c.matrices[0]))))),
    "a^2 <= a^4 of integers": (WHOLE, lambda c, n: at_most(square(c.matrices[0]), square(square(c.matrices[0])))),
    "a <= a^2 of integers": (WHOLE, lambda c, n: at_most(c.matrices[0], square(c.matrices[0]))),
    "regular": (
        matrices(structure="nonsingular", max_dimension=3, laws=("gaussian",)),
        lambda c, n: n.nonsingular(c.matrices[0])),
    "A x = 0 has no other solution": (
        matrices(structure="nonsingular", max_dimension=3, laws=("gaussian",)),
        lambda c, n: n.rank(c.matrices[0]) == c.matrices[0].shape[-1]),
    "the zero matrix": (matrices(laws=("zero",)), lambda c, n: equal(
        c.matrices[0], c.matrices[0] * 0)),
    "uniform entries": (matrices(laws=("uniform",)), lambda c, n: at_most(
        square(c.matrices[0]), c.matrices[0] * 0 + n.number(1))),
    "the second is the transpose": (
        matrices(count=2, relations=("transposed",)), lambda c, n: equal(c.matrices[0].mT, c.matrices[1])),
    "the second is the first": (
        matrices(count=2, relations=("equal",)), lambda c, n: equal(c.matrices[0], c.matrices[1])),
    "A + B = 0": (
        matrices(count=2, relations=("opposite",)),
        lambda c, n: equal(c.matrices[0] + c.matrices[1], c.matrices[0] * 0)),
    "A A^T is semidefinite": (
        matrices(count=2, relations=("transposed",), max_dimension=3),
        lambda c, n: n.positive_semidefinite(c.matrices[0] @ c.matrices[1])),
    # sizes
    "a closed form for 2 x 2": (TWO, lambda c, n: equal(
        n.determinant(c.matrices[0]),
        c.matrices[0][..., 0, 0] * c.matrices[0][..., 1, 1] - c.matrices[0][..., 0, 1] * c.matrices[0][..., 1, 0])),
    "2 x 2 by indices": (TWO, lambda c, n: equal(
        n.trace(c.matrices[0]), c.matrices[0][..., 0, 0] + c.matrices[0][..., 1, 1])),
    "from 2 to 4": (matrices(min_dimension=2), lambda c, n: 2 <= c.matrices[0].shape[-1] <= 4),
    "square": (matrices(count=2), lambda c, n: len({A.shape[-i] for A in c.matrices for i in (1, 2)}) == 1),
    "a chain": (
        matrices(count=2, shapes="rectangular-chain", min_dimension=2),
        lambda c, n: (c.matrices[0] @ c.matrices[1]).shape[-1] >= 2),
    "a pair of shapes": (
        matrices(count=2, shapes="transposed-pair"),
        lambda c, n: c.matrices[0].shape[-1] == c.matrices[1].shape[-2]),
    "a vector of n entries": (
        matrices(vectors=2, min_dimension=2), lambda c, n: len(c.vectors) == 2 and c.vectors[0].shape[-1] >= 2),
    # integers
    "1 <= a": (NATURAL, lambda c, n: c.values[0] >= 1),
    "a <= 8": (NATURAL, lambda c, n: c.values[0] <= 8),
    "a b >= a": (NATURAL, lambda c, n: c.values[0] * c.values[1] >= c.values[0]),
    "a + b <= 2 a b": (NATURAL, lambda c, n: sum(c.values) <= 2 * c.values[0] * c.values[1]),
    "M <= L": (ORDERED, lambda c, n: c.values[1] <= c.values[0]),
    "M <= R": (ORDERED, lambda c, n: c.values[1] <= c.values[2]),
    "floor(L / M) >= 1": (ORDERED, lambda c, n: c.values[0] // c.values[1] >= 1),
    # models
    "two layers": (LINEAR, lambda c, n: c.frozen.depth == 2 and c.frozen.width >= 2),
    "one rank for all layers": (LINEAR, lambda c, n: len(set(c.ranks)) == 1),
    "1 <= R <= D": (LINEAR, lambda c, n: 1 <= c.ranks[0] <= c.frozen.width),
    "R_l >= 1": (MIXED, lambda c, n: min(c.ranks) >= 1),
    "values descend": (LINEAR, lambda c, n: at_most(c.error.s[..., 1:], c.error.s[..., :-1])),
    "values are not negative": (LINEAR, lambda c, n: at_most(c.error.s * 0, c.error.s)),
    "U is orthogonal": (LINEAR, lambda c, n: equal(c.error.U.mT @ c.error.U, n.identity(c.error.U.shape[-1]))),
    "orthogonal weights": (
        linear_cases(strata=("orthogonal weights",), max_dimension=2),
        lambda c, n: equal(n.frobenius_norm_squared(c.frozen.matrix), n.number(c.frozen.width))),
    "identity weights": (
        linear_cases(strata=("identity weights",), max_dimension=2),
        lambda c, n: equal(n.trace(c.frozen.matrix), n.number(c.frozen.width))),
    "a zero competitor": (
        linear_cases(competitors=("zero",), max_dimension=2),
        lambda c, n: equal(c.competitor[0].matrix, c.competitor[0].matrix * 0)),
    "a target of its width": (
        target_cases(min_dimension=2, max_dimension=3), lambda c, n: c.target.U.shape[-1] == c.frozen.width >= 2),
}  # fmt: skip


@pytest.mark.parametrize("name", TRUE)
def test_a_true_claim_is_convicted_by_no_search(name: str) -> None:
    strategy, conclusion = TRUE[name]
    found = hunt(claim(conclusion, name), strategy, seed=sum(map(ord, name)) % 3, recipes=8, largest_batch=48)
    assert found.conviction is None, found.conviction
    assert found.outcome == "survived"


@pytest.mark.parametrize("name", TRUE)
def test_every_exact_case_is_inside_its_own_domain(name: str) -> None:
    for number, drawn in enumerate(draws(TRUE[name][0], seed=3, key=name)):
        recipe = recipe_of(drawn)
        for index in range(3):
            case = recipe.exact(index)
            domain = domain_of(recipe).at(case)
            assert outside(domain, case) == ""
            assert decoded(json.loads(json.dumps(encoded(domain)))) == domain
        if number > 6:
            break


# false claims: convicted within the promise -------------------------------------------------------------------------

#: (strategy, what is false, a test of what the shrunk counterexample is)
FALSE: dict[str, tuple[st.SearchStrategy[Any], Conclusion, Callable[[Any], bool]]] = {
    "E[x]^2 >= E[x^2]": (
        random_vectors(max_dimension=1, max_points=3),
        lambda c, n: at_most(n.expectation(square(first(c)), c.weights), square(mean(c, n))),
        lambda c: c.weights.tolist() == [Fraction(1, 2)] * 2),
    "tr AB = 0": (
        PAIR, lambda c, n: equal(n.trace(c.matrices[0] @ c.matrices[1]), n.number(0)),
        lambda c: [A.tolist() for A in c.matrices] == [[[1]], [[1]]]),
    "tr Q < n": (
        ORTHOGONAL, lambda c, n: less_than(n.trace(c.matrices[0]), n.number(c.matrices[0].shape[-1])),
        lambda c: c.matrices[0].tolist() == [[1]]),
    "a_12 = 0": (
        matrices(structure="orthogonal", min_dimension=2, max_dimension=3),
        lambda c, n: equal(c.matrices[0][..., 0, 1], n.number(0)), lambda c: c.matrices[0].shape == (2, 2)),
    "a <= 6": (NATURAL, lambda c, n: c.values[0] <= 6, lambda c: c.values == (7, 1)),
    "a < 8 or b < 3": (NATURAL, lambda c, n: c.values[0] < 8 or c.values[1] < 3, lambda c: c.values == (8, 3)),
    "M < R": (ORDERED, lambda c, n: c.values[1] < c.values[2], lambda c: c.values == (1, 1, 1)),
    "det A >= 0": (
        TWO, lambda c, n: at_most(n.number(0), n.determinant(c.matrices[0])), lambda c: c.matrices[0].shape == (2, 2)),
    "tr A >= 0": (
        SYMMETRIC, lambda c, n: at_most(n.number(0), n.trace(c.matrices[0])),
        lambda c: c.matrices[0].tolist() == [[-1]]),
    "semidefinite": (
        matrices(structure="symmetric", min_dimension=2, max_dimension=3),
        lambda c, n: n.positive_semidefinite(c.matrices[0]), lambda c: c.matrices[0].shape == (2, 2)),
    "columns sum to two": (
        STOCHASTIC, lambda c, n: equal(total(c.matrices[0]), n.number(2)), lambda c: c.matrices[0].tolist() == [[1]]),
    "p_1 <= 3/4": (
        WIDE, lambda c, n: at_most(c.weights[..., 0], n.number(3, 4)),
        lambda c: c.weights.sum() == 1 and 0 < c.weights[1] < Fraction(1, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", FALSE)
def test_a_false_claim_falls_inside_the_promise(name: str) -> None:
    strategy, conclusion, simple = FALSE[name]
    false = claim(conclusion, name)
    found = hunt(false, strategy, seed=1, recipes=60, largest_batch=256)
    assert found.conviction is not None
    case, domain = found.conviction.case, found.conviction.domain.at(found.conviction.case)
    assert outside(domain, case) == ""
    assert simple(case), case


def symmetric_trace(case: Any, num: Any) -> Any:
    """The trace of a matrix is not negative."""
    yield conclude(at_most(num.number(0), num.trace(case.matrices[0])))


def test_a_witness_carries_its_domain_and_a_replay_checks_it(tmp_path: Path) -> None:
    false = Claim(key="a/trace", statement=symmetric_trace)
    found = hunt(false, matrices(structure="symmetric", min_dimension=2), seed=0, recipes=40).conviction
    assert found is not None
    domain = found.domain.at(found.case)
    witness = convict(exact(found.case), false, found.arithmetic, "", domain)
    assert witness is not None
    path = tmp_path / "witness.json"
    write(path, witness, false)
    again = read(path, [false])
    assert again.domain == domain
    assert all(replay(again, false, name).result == REFUTES for name in ("rational", "fractions"))
    for case in (MatrixCase((matrix([[-1]]),)), MatrixCase((matrix([[-1, 1], [0, 0]]),))):  # too small; not symmetric
        assert convict(case, false, "rational", "", domain) is None
        moved = replay(dataclasses.replace(again, case=case, left="-1"), false, "rational")
        assert moved.result == INVALID
        assert "outside the domain that the file states" in moved.message


def test_a_damaged_domain_is_one_clear_line() -> None:
    damaged: tuple[Any, ...] = (
        None, [], {"rules": []}, {"as drawn": 1, "rules": []}, {"as drawn": False, "rules": {}},
        *({"as drawn": False, "rules": [rule]} for rule in (
            [], ["is"], ["is", "a", "beautiful"], ["within", "n", 1], ["within", "n", 1.5, 2], ["eval", "n", "1"],
            ["tied", "a", "like", "b"], ["axes", "a", "n"], ["within", "n", {"number": "1/0"}, None],
            [["is"], "a", "b"],
        )),
    )  # fmt: skip
    for data in damaged:
        with pytest.raises(InputError) as caught:
            decoded(data)
        assert "domain" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_padded_case_keeps_the_structure() -> None:
    false = Claim(key="a/trace", statement=symmetric_trace)
    case = MatrixCase((matrix([[-1, 0], [0, 0]]),))
    within = Domain((HasAxes("matrices[0]", ("n", "n")), Within("n", 1, 2), Is("matrices", "symmetric")))
    assert "for D = 3 to 6" in lifted(false, case, within)
    assert lifted(false, case, within + Domain((Is("matrices", "orthonormal columns"),))) == ""
    assert lifted(false, case, AS_DRAWN) == ""
    one_size = Domain((HasAxes("matrices[0]", ("n", "n")), Within("n", 2, 2)))
    assert lifted(false, case, one_size) == ""  # a closed form for 2 x 2 says nothing of 3 x 3


def test_a_case_drawn_as_it_is_is_neither_moved_nor_shrunk() -> None:
    """Nobody knows what a strategy of plain cases promises: here, symmetric matrices."""
    plain = matrices(structure="symmetric", min_dimension=2, max_dimension=3).map(lambda recipe: recipe.exact(2))
    true = claim(lambda c, n: n.symmetric(c.matrices[0]))
    assert hunt(true, plain, seed=0, recipes=20).outcome == "survived"
    false = Claim(key="a/trace", statement=symmetric_trace)
    found = hunt(false, plain, seed=0, recipes=40).conviction
    assert found is not None
    assert found.domain.as_drawn
    A = found.case.matrices[0]
    assert len(A) >= 2
    assert (A == A.T).all()


# the search moves within --------------------------------------------------------------------------------------------


#: Properties on which nothing is projected: a matrix without them has no rounding that has them, and is not moved.
UNPROJECTED = {
    "circulant", "companion", "determinant one", "hankel", "idempotent", "inverse non-negative", "nilpotent",
    "off the diagonal non-positive", "ones on the diagonal", "signed permutation", "toeplitz",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PROPERTIES))
def test_a_rounding_has_the_property_exactly(name: str) -> None:
    generator = np.random.default_rng(1)
    A = generator.standard_normal((3, 3))
    domain = Domain((Is("matrices", name),))
    batch = fitted(domain, MatrixCase((A[None],)), lambda leaf, array: array)
    case = MatrixCase((batch.matrices[0][0],))
    found = list(rationalised(case, domain))
    assert found or name in UNPROJECTED
    assert all(domain.flaw(one) == "" for one in found)
    known = PROPERTIES[name]
    for one in found:  # a statement sees what the exact check sees
        num = Rational()
        loaded = num.load(one)
        answer = known.condition(loaded.matrices[0], num)
        decision = num.decide(answer)
        assert decision.verdicts[0] == (UNKNOWN if name == "integers" else YES)
    assert domain.flaw(MatrixCase((matrix(BREAKS[name]),))) != ""


#: A matrix without each property.
BREAKS: dict[str, list[list[Any]]] = {
    "circulant": [[1, 2], [3, 1]], "companion": [[5, 5], [5, 5]], "determinant one": [[2]], "hankel": [[1, 2], [3, 4]],
    "idempotent": [[2]], "inverse non-negative": [[-1]], "nilpotent": [[1]],
    "off the diagonal non-positive": [[1, 1], [0, 1]], "ones on the diagonal": [[2]], "toeplitz": [[1, 2], [3, 4]],
    "non-negative": [[-1]], "positive": [[0]], "integers": [[Fraction(1, 2)]], "sums to one": [[1, 1], [1, 0]],
    "columns sum to one": [[1, 0], [1, 1]], "descending": [[1, 2], [2, 1]], "ascending": [[2, 1], [1, 2]],
    "symmetric": [[1, 2], [3, 1]], "antisymmetric": [[1]], "diagonal": [[1, 0], [1, 1]],
    "upper triangular": [[1, 0], [1, 1]], "positive semidefinite": [[0, 1], [1, 1]], "non-singular": [[1, 1], [1, 1]],
    "rank at most one": [[1, 0], [0, 1]], "orthonormal columns": [[2]], "signed permutation": [[1, 1], [0, 1]],
    "all rows equal": [[1, 0], [0, 1]],
}  # fmt: skip
