"""Decisions of the exact arithmetics, and the eliminations in integers that they rest on."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from typing import Any

import pytest

from tests.exact_values import HALF, Make, both, decided, plain
from theorems.arithmetic import Ball, Rational, elimination
from theorems.arithmetic.base import NO, UNKNOWN, YES, Decision
from theorems.arithmetic.enclosure import Enclosure
from theorems.arithmetic.roots import Root, gram, inertia
from theorems.errors import Undecided, Undefined, Unsupported
from theorems.statement import at_most, equal, exists, holds, less_than

# decisions ----------------------------------------------------------------------------------------------------------


@both
def test_decisions_and_their_margins(make: Make) -> None:
    num = make()
    c, tiny = num.constant, num.number(1, 10**60)
    one = num.number(1)
    assert decided(num, at_most(c([1, 2]), c([4, 3]))) == (YES, 0.25)
    assert decided(num, at_most(c([1, 2]), c([4, 3]), scale=num.number(2))) == (YES, 0.5)
    assert decided(num, at_most(c([1, 2]), c([4, 3]), scale=num.number(-2))) == (YES, 0.5)
    assert decided(num, at_most(c([1, 2]), c([4, 3]), scale=num.number(0))) == (YES, 1)
    assert decided(num, at_most(c([1, 2]), c([4, 3]), scale=num.number(1, 2))) == (YES, 2)
    assert decided(num, equal(c([1, 2]), c([4, 3]))) == (NO, -0.75)
    assert decided(num, equal(c([1, 2]), c([1, 2]))) == (YES, 0)
    assert decided(num, less_than(c([1, 2]), c([4, 2]))) == (NO, 0)
    assert decided(num, less_than(c([1, 2]), c([4, 4]))) == (YES, 0.5)
    assert decided(num, at_most(c([-8, -8]), c([-6, -7]))) == (YES, 0.125)
    assert decided(num, at_most(c([4, 1]), c([1, 1]))) == (NO, -0.75)
    assert decided(num, at_most(num.zeros(2), num.zeros(2))) == (YES, 0)
    assert decided(num, at_most(num.zeros(0), num.zeros(0))) == (YES, 0)
    assert decided(num, less_than(num.zeros(0), num.zeros(0))) == (YES, 0)
    assert decided(num, at_most(c([1, 5]), one)) == (NO, -0.8)
    assert decided(num, at_most(one + tiny, one)) == (NO, -1e-60)
    assert decided(num, at_most(one, one + tiny)) == (YES, 1e-60)
    assert decided(num, less_than(one, one + tiny))[0] == YES
    assert decided(num, equal(one, one + tiny)) == (NO, -1e-60)
    huge = num.number(10**400)
    assert decided(num, at_most(one, huge)) == (YES, 0)  # the quotient of two infinities says nothing
    root = num.sqrt(num.number(2))
    verdict, margin = decided(num, at_most(root, one, scale=one))
    assert verdict == NO
    assert margin == pytest.approx(1 - math.sqrt(2))
    verdict, margin = decided(num, at_most(one, root, scale=root))
    assert verdict == YES
    assert margin == pytest.approx(1 - 1 / math.sqrt(2))
    assert decided(num, holds(True)) == (YES, 1)
    assert decided(num, holds(False)) == (NO, -1)
    assert decided(num, holds(None)) == (UNKNOWN, 0)
    decision = num.decide(at_most(one, huge))
    assert (decision.left, decision.right) == (one, huge)


@both
def test_indicators(make: Make) -> None:
    num = make()
    one, two = num.number(1), num.number(2)
    assert num.indicator(at_most(one, two)) == 1
    assert num.indicator(at_most(two, one)) == 0
    assert type(num.indicator(at_most(two, one))) is int
    with pytest.raises(Undecided):
        num.indicator(holds(None))


@both
def test_existence_of_one_instance(make: Make) -> None:
    num = make()
    one, two, five = num.number(1), num.number(2), num.number(5)

    def decision(attained: Any, *bounds: Any) -> tuple[int, float]:
        def value() -> Any:
            if isinstance(attained, Exception):
                raise attained
            return attained

        return decided(num, exists(attained=value, lower_bound=bounds, bound=two, scale=two))

    assert decision(one, five) == (YES, 0.5)  # what is attained settles it
    assert decision(five, one) == (UNKNOWN, -1.5)
    assert decision(five, one, five) == (NO, -1.5)
    assert decision(five, num.number(3), five) == (NO, -0.5)  # the first that bites
    assert decision(Undefined("none"), five) == (NO, -1.5)
    assert decision(Undefined("none"), one) == (UNKNOWN, 0)
    assert decision(Unsupported("none"), five) == (NO, -1.5)
    irrational = num.singular_value(num.constant([[1, 1], [0, 1]]), 1)
    assert decision(five, irrational, five)[0] == NO
    refuted = num.decide(exists(attained=lambda: one, lower_bound=five, bound=two))
    assert (refuted.left, refuted.right) == (one, two)


def test_an_obstruction_that_cannot_be_compared_leaves_the_next_one_to_bite() -> None:
    num = Rational()
    A = num.constant([[1, 2], [3, 4]])
    near = A + num.constant([[Fraction(1, 10**30), 0], [0, 0]])
    bound, obstruction = num.singular_value(A, 1), num.singular_value(near, 1)
    with pytest.raises(Unsupported):
        num.compare(obstruction, bound)
    found = num.decide(exists(attained=lambda: obstruction, lower_bound=(obstruction, num.number(9)), bound=bound))
    assert found.verdicts[0] == NO


@both
def test_values_are_shown_short(make: Make) -> None:
    num = make()
    assert num.show(num.number(1, 3)) == "1/3"
    assert num.show(num.constant([[1, 2], [3, HALF]])) == "[[1, 2], [3, 1/2]]"
    assert num.show(num.number(10**23 + 1)) == "1" + "0" * 22 + "1"
    assert num.show(num.number(10**24)) == "1e+24"
    assert num.show(num.zeros(7, 6)) == "an array of shape 7 x 6"
    assert num.show(num.zeros(6, 6)).count("0") == 36
    assert num.show(num.sqrt(num.number(2))) == "sqrt(2) = 1.41421356237"
    assert num.show(num.constant([5])[..., 0]) == "5"


# eliminations in integers -------------------------------------------------------------------------------------------


def rows(*values: list[Any]) -> list[list[Fraction]]:
    return [[Fraction(x) for x in row] for row in values]


def test_integers_with_a_common_denominator() -> None:
    assert elimination.integers(rows([HALF, Fraction(1, 3)], [2, 0])) == ([[3, 2], [12, 0]], 6)
    assert elimination.product(rows([HALF, 1]), rows([Fraction(1, 3)], [2])) == [[Fraction(13, 6)]]
    assert elimination.product(rows([1, 2], [3, 4]), rows([0, 1], [1, 0])) == [[2, 1], [4, 3]]


def test_elimination_by_hand() -> None:
    """(0 2 / 3 4): one exchange; det = -6.  Pivots of (1 2 1 / 2 4 3): columns 0 and 2."""
    work, pivots, pivot, factor = elimination.eliminate(rows([0, 2], [3, 4]), 2)
    assert pivots == [0, 1]
    assert factor * pivot == -6
    assert work == [[pivot, 0], [0, pivot]]
    work, pivots, pivot, _ = elimination.eliminate(rows([1, 2, 1], [2, 4, 3]), 3)
    assert (work, pivots, pivot) == ([[1, 2, 0], [0, 0, 1]], [0, 2], 1)
    assert elimination.eliminate(rows([1, 2, 1], [2, 4, 3]), 2)[1] == [0]
    assert elimination.determinant(rows([HALF, 1], [1, 4])) == 1
    assert elimination.determinant(rows([1, 2], [2, 4])) == 0
    assert elimination.determinant([]) == 1
    assert elimination.determinant(rows([0, 1, 0], [0, 0, 1], [1, 0, 0])) == 1
    assert elimination.determinant(rows([2, 1, 1], [1, 3, 2], [1, 0, Fraction(1, 3)])) == Fraction(2, 3)
    assert elimination.rank(rows([1, 2, 3], [2, 4, 6], [1, 0, 0])) == 2
    assert elimination.solve(rows([0, 2], [3, 4]), rows([2], [10])) == rows([2], [1])
    assert elimination.solve(rows([1, 2], [2, 4]), rows([1], [1])) is None
    assert elimination.solve(rows([2, 1, 1], [1, 3, 2], [1, 0, 1]), rows([4], [6], [2])) == rows([1], [1], [1])


def test_characteristic_polynomials_and_the_roots_above_a_point() -> None:
    """(x - 1)(x - 2)(x - 3) from (1 1 0 / 0 2 1 / 0 0 3), and halves of it."""
    polynomial = elimination.characteristic_polynomial(rows([1, 1, 0], [0, 2, 1], [0, 0, 3]))
    assert polynomial == [-6, 11, -6, 1]
    halves = elimination.characteristic_polynomial(rows([HALF, HALF, 0], [0, 1, HALF], [0, 0, Fraction(3, 2)]))
    assert halves == [Fraction(-3, 4), Fraction(11, 4), -3, 1]
    assert elimination.characteristic_polynomial([]) == [1]
    for t, wanted in ((0, 3), (1, 2), (HALF, 3), (Fraction(3, 2), 2), (2, 1), (Fraction(5, 2), 1), (3, 0), (4, 0)):
        assert elimination.roots_above(polynomial, Fraction(t)) == wanted
    for t, wanted in ((Fraction(1, 3), 3), (HALF, 2), (Fraction(4, 3), 1), (Fraction(3, 2), 0), (Fraction(-7, 3), 3)):
        assert elimination.roots_above(halves, t) == wanted
    double = [Fraction(4), Fraction(-4), Fraction(1)]  # (x - 2)^2
    assert [elimination.roots_above(double, Fraction(t)) for t in (1, 2, 3)] == [2, 0, 0]


@both
def test_inertia(make: Make) -> None:
    num = make()
    for values, wanted in (([1, -2, 0], (1, 1, 1)), ([3, 4], (0, 0, 2)), ([-1, -1, 0, 0], (2, 2, 0)), ([0], (0, 1, 0))):
        assert inertia(num.diagonal(num.constant(values)), num.characteristic_polynomial) == wanted
    assert inertia(num.constant([[0, 1], [1, 0]]), num.characteristic_polynomial) == (1, 0, 1)
    assert [plain(c) for c in num.characteristic_polynomial(num.constant([[2, 1], [1, 2]]))] == [3, -4, 1]
    assert plain(gram(num.constant([[1, 2, 3]]))) == [[14]]
    assert plain(gram(num.constant([[1], [2], [3]]))) == [[14]]
    assert plain(gram(num.constant([[1, 1], [0, 1]]))) == [[1, 1], [1, 2]]


# base, through balls ------------------------------------------------------------------------------------------------


def test_what_is_undecided_is_neither_singular_nor_not() -> None:
    num = Ball()
    third = Fraction(1, 3)
    with num.running(()):
        assert num.singular(num.constant([[third, third], [third, third]])) is None
        with pytest.raises(Undecided):
            num.indicator(at_most(num.number(1, 3), num.number(1, 3)))


def test_values_cannot_be_changed() -> None:
    kinds: list[Any] = [Decision, Root, Enclosure]
    for kind in kinds:
        assert dataclasses.fields(kind)
        assert kind.__dataclass_params__.frozen
