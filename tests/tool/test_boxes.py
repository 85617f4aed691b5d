"""Proofs on a box: bounds of formulas, what they show, and what they must not."""

from __future__ import annotations

import copy
import json
import math
import operator
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from theorems.arithmetic.enclosure import Enclosure
from theorems.case import MatrixCase, fractions
from theorems.claim import Claim
from theorems.proofs.attempt import PROVED, attempt_on_boxes, on_box
from theorems.proofs.boxed import around, surrounds, words
from theorems.proofs.boxes import Formulas, Polynomial, Question, enclosed
from theorems.proofs.outcome import BOXES, Effort
from theorems.proofs.replay import Refused, replay
from theorems.statement import at_most, conclude, less_than, suppose


def one_by_one(value: Any) -> MatrixCase:
    return MatrixCase((fractions(np.array([[Fraction(value)]], dtype=object)),))


def above_its_tangent(case: MatrixCase, num: Any) -> Iterator[Any]:
    x = case.matrices[0][0, 0]
    yield suppose(less_than(num.number(0), x), "x > 0")
    yield conclude(less_than(1 + x, num.exp(x)), "1 + x < e^x")
    yield conclude(at_most(num.log(x), x - 1 + num.number(1, 8)), "log x <= x - 7/8")


def above_too_much(case: MatrixCase, num: Any) -> Iterator[Any]:
    x = case.matrices[0][0, 0]
    yield conclude(less_than(1 + 2 * x, num.exp(x)), "1 + 2 x < e^x")


def contradicted(case: MatrixCase, num: Any) -> Iterator[Any]:
    x = case.matrices[0][0, 0]
    yield suppose(less_than(num.exp(x), num.number(0)), "e^x < 0")
    yield conclude(less_than(x, num.number(0)), "x < 0")


TANGENT = Claim(key="tests/tangent", statement=above_its_tangent)
NAMES = ["1 + x < e^x", "log x <= x - 7/8"]


def proved() -> dict[str, Any]:
    made = attempt_on_boxes(TANGENT, [one_by_one(Fraction(1, 2))], Effort(seconds=20.0), NAMES)
    assert made is not None
    assert [(result.conclusion, result.result, result.technique) for result in made.results] == [
        (name, PROVED, BOXES) for name in NAMES
    ]
    assert "on the box matrices[0][0,0] in [1/4, 7/4]" in made.sizes
    data: dict[str, Any] = json.loads(json.dumps(made.certificates[0]))
    return data


def test_an_exponential_and_a_logarithm_are_bounded_on_a_box() -> None:
    assert replay(proved()) == NAMES


@pytest.mark.parametrize(
    "ends",
    [["0", "7/4"], ["-1", "7/4"], None],
)
def test_a_certificate_of_another_box_is_refused(ends: Any) -> None:
    data = proved()
    data["components"][0]["box"][0] = ends
    with pytest.raises((Refused, ValueError)):
        replay(data)


def test_a_tree_with_a_part_left_out_is_refused() -> None:
    data = proved()
    (path, *_) = data["components"][0]["paths"]
    hints = [row[2] for _, rows in path["conclusions"] for row in rows]
    cut = [hint for hint in hints if hint[0] == "boxes" and hint[1] != 0]
    assert cut
    for broken in (0, [0, 0], [5, 0, 0], [0, 0, 0, 0]):
        damaged = copy.deepcopy(data)
        for _, rows in damaged["components"][0]["paths"][0]["conclusions"]:
            for row in rows:
                if row[2][0] == "boxes" and row[2][1] != 0:
                    row[2][1] = broken
        with pytest.raises((Refused, ValueError, LookupError)):
            replay(damaged)


def test_what_a_case_of_the_box_violates_is_not_proved() -> None:
    false = Claim(key="tests/false", statement=above_too_much)
    killer = one_by_one(Fraction(1, 2))  # 2 < e^(1/2) is false
    for box in around(killer):
        made = on_box(false, killer, Effort(seconds=5.0, boxed=box), ["1 + 2 x < e^x"])
        assert made is None or not made.results
    beyond = attempt_on_boxes(false, [one_by_one(2)], Effort(seconds=5.0), ["1 + 2 x < e^x"])
    assert beyond is not None  # 5 < e^2
    assert beyond.results


def test_without_a_case_that_meets_the_hypotheses_no_box_is_proved() -> None:
    empty = Claim(key="tests/empty", statement=contradicted)
    assert attempt_on_boxes(empty, [one_by_one(1)], Effort(seconds=5.0), ["x < 0"]) is None


def test_a_box_surrounds_its_case_and_is_put_in_words() -> None:
    case = one_by_one(Fraction(2, 3))
    for box in around(case):
        assert surrounds(box.intervals, case)
        assert not surrounds(box.intervals, one_by_one(5))
    assert words(box.intervals, case) == "matrices[0][0,0] in [1/6, 7/6]"


def random_formulas(seed: int) -> tuple[Formulas, list[Enclosure | None]]:
    """Thirty operations on three unknowns, with functions of what comes before."""
    draw = random.Random(seed)
    nodes: list[list[Any]] = [["x", 0], ["x", 1], ["x", 2], ["c", "3/2"], ["c", "-2"]]
    functions: dict[int, tuple[str, int]] = {}
    for _ in range(30):
        kind = draw.choice("++**/f")
        i, j = draw.randrange(len(nodes)), draw.randrange(len(nodes))
        if kind == "f":
            functions[3 + len(functions)] = (draw.choice(("exp", "log", "root")), i)
            nodes.append(["x", 2 + len(functions)])
        else:
            nodes.append([kind, i, j])
    box: list[Enclosure | None] = []
    for _ in range(3):
        low = Fraction(draw.randrange(-8, 9), 4)
        box.append(Enclosure(low, low + Fraction(draw.randrange(1, 9), 8)))
    return Formulas(nodes, functions), box


def at_point(formulas: Formulas, point: list[float]) -> list[float | None]:
    values: list[float | None] = []
    ways = {"exp": math.exp, "log": math.log, "root": math.sqrt}
    for node in formulas.nodes:
        try:
            if node[0] == "c":
                value: Any = float(Fraction(node[1]))
            elif node[0] == "x" and node[1] in formulas.functions:
                name, i = formulas.functions[node[1]]
                value = ways[name](values[i])  # type: ignore[arg-type]
            elif node[0] == "x":
                value = point[node[1]]
            else:
                a, b = values[node[1]], values[node[2]]
                value = {"+": operator.add, "*": operator.mul, "/": operator.truediv}[node[0]](a, b)
            values.append(value if abs(value) < 1e12 else None)
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            values.append(None)
    return values


@pytest.mark.parametrize("seed", range(40))
def test_bounds_hold_what_the_formula_takes(seed: int) -> None:
    formulas, box = random_formulas(seed)
    found = formulas.on(box, range(len(formulas.nodes)))
    draw = random.Random(seed)
    compared = 0
    for _ in range(20):
        point = [draw.uniform(float(own.low), float(own.high)) for own in box if own is not None]
        for number, value in enumerate(at_point(formulas, point)):
            over = found[number]
            if over is None or value is None:
                continue
            room = 1e-9 * (1 + abs(value))
            assert float(over.range.low) - room <= value <= float(over.range.high) + room
            compared += 1
    assert compared > 100


def test_a_polynomial_of_facts_is_enclosed() -> None:
    box = [Enclosure(Fraction(-1), Fraction(2)), None]
    own = enclosed({((0, 2),): Fraction(1), (): Fraction(-3)}, box)
    assert own is not None
    assert (own.low, own.high) == (Fraction(-3), Fraction(1))
    assert enclosed({((1, 1),): Fraction(1)}, box) is None


def test_a_box_on_which_a_fact_fails_shows_everything_and_others_do_not() -> None:
    formulas = Formulas([["x", 0]], {})
    positive = frozenset((1,))
    fact: tuple[frozenset[int], Polynomial] = (positive, {((0, 1),): Fraction(1)})
    box: list[Enclosure | None] = [Enclosure(Fraction(-1), Fraction(1))]
    assert Question(formulas, 0, [fact]).shown(box, [0, 0, 0]) == {0, 1}
    assert Question(formulas, 0, [fact]).shown([Enclosure(Fraction(-2), Fraction(-1))], 0) == set()
    assert Question(formulas, 0, []).shown(box, [0, 0, 0]) == {-1, 0, 1}
