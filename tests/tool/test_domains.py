"""One declaration a case: what its fields are, from which checks, names and `constraints` come."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

import numpy as np
import pytest

from tests.rational_matrices import matrix
from theorems import (
    DESCENDING,
    NON_NEGATIVE,
    SEMIDEFINITE,
    SUMS_TO_ONE,
    SVD,
    Array,
    Axes,
    Between,
    Bounded,
    InputError,
    Own,
    Size,
    constraints,
    declared,
    require,
    strategies,
)
from theorems.arithmetic import ARITHMETICS, Float64, Rational
from theorems.arithmetic.base import NO, YES
from theorems.case import exact, floats, map_arrays, member
from theorems.domains import AS_DRAWN, Domain, HasAxes, HasSize, Is, Within, sizes
from theorems.models.inputs import RandomVectorCase
from theorems.models.linear import Adapter, LinearCase, LinearModel


def row(*values: Any) -> Array:
    made: Array = matrix([list(values)])[0]
    return made


@dataclass(frozen=True)
class Spiked:
    """A user's own case."""

    shares: Annotated[Array, Axes("K"), NON_NEGATIVE, SUMS_TO_ONE]
    matrices: Annotated[tuple[Array, ...], Axes("L", "n", "n"), SEMIDEFINITE]
    alpha: Annotated[Array, Axes("1"), Between(1, 3)]
    rank: Annotated[int, Between(1, "n")]
    counts: Annotated[tuple[int, ...], Axes("L"), Size("r"), Between(0, ("n", "K"))]
    values: Annotated[Array, Axes("K"), Bounded("K", 1, 4), DESCENDING]

    def __post_init__(self) -> None:
        require(self)


def spiked(**changes: Any) -> Spiked:
    fields: dict[str, Any] = {
        "shares": row(Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)),
        "matrices": (matrix([[2, 1], [1, 2]]), matrix([[0, 0], [0, 1]])), "alpha": row(2), "rank": 2, "counts": (1, 2),
        "values": row(3, 2, 2),
    }  # fmt: skip
    return Spiked(**{**fields, **changes})


def test_a_case_of_ones_own_is_what_it_declares() -> None:
    case = spiked()
    domain = declared(case)
    assert domain.flaw(case) == ""
    assert {name: n for name, n in sizes(domain, case).items() if name in ("K", "L", "n", "r[0]", "r[1]")} == {
        "K": 3, "L": 2, "n": 2, "r[0]": 1, "r[1]": 2,
    }  # fmt: skip
    assert HasAxes("matrices[1]", ("n", "n")) in domain.rules
    assert HasSize("counts[1]", "r[1]") in domain.rules
    assert Is("matrices", "positive semidefinite") in domain.rules
    assert domain.of("matrices[0]") == ("positive semidefinite",)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"shares": row(Fraction(1, 2), Fraction(1, 4), Fraction(1, 2))}, "shares is not as promised: sums to one"),
        ({"shares": row(2, -1, 0)}, "shares is not as promised: non-negative"),
        ({"shares": row(1)}, "its axis K must be 1"),
        ({"matrices": (matrix([[1]]), matrix([[1, 0], [0, 1]]))}, "matrices[1] has the shape (2, 2): its axis n must"),
        ({"matrices": (row(1, 2), row(1, 2))}, "it needs the axes n x n"),
        ({"matrices": (matrix([[1, 0], [0, 1]]),)}, "counts has the shape (2,): its axis L must be 1"),
        ({"alpha": row(4)}, "alpha = 4 is out of range: give 1 to 3"),
        ({"alpha": row(1, 2)}, "give an array of length 1"),
        ({"rank": 3}, "rank = 3 is out of range: give 1 to 2"),
        ({"rank": 0}, "rank = 0 is out of range"),
        ({"counts": (1, 3)}, "counts[1] = 3 is out of range: give 0 to 2"),
    ],
)
def test_what_does_not_fit_is_one_clear_line(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        spiked(**changes)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_costly_properties_are_asked_of_the_domain_and_not_of_every_case() -> None:
    """A batch in a search need not be semidefinite to the last bit; whoever convicts asks exactly."""
    case = spiked(matrices=(matrix([[0, 1], [1, 0]]), matrix([[1, 0], [0, 1]])), values=row(1, 2, 3))
    assert declared(case).flaw(case) == "matrices[0] is not as promised: positive semidefinite"
    assert "descending" in declared(dataclasses.replace(spiked(), values=row(1, 2, 3))).flaw(
        dataclasses.replace(spiked(), values=row(1, 2, 3))
    )


def test_floats_are_judged_up_to_rounding() -> None:
    batch = map_arrays(floats(spiked()), lambda array: np.stack([array] * 2))
    third = np.full((2, 3), 1 / 3)
    assert dataclasses.replace(batch, shares=third).shares is third
    with pytest.raises(InputError, match="sums to one"):
        dataclasses.replace(batch, shares=third + 1e-6)


@pytest.mark.parametrize("name", sorted(set(ARITHMETICS) - {"float64"}))
def test_constraints_hold_in_every_arithmetic(name: str) -> None:
    num: Any = ARITHMETICS[name]()
    found = {label: num.decide(condition).verdicts[0] for condition, label in constraints(num.load(spiked()), num)}
    assert set(found) == {
        "shares: non-negative", "shares: sums to one", "matrices[0]: positive semidefinite",
        "matrices[1]: positive semidefinite", "alpha >= 1", "alpha <= 3", "rank lies in 1..n",
        "counts lies in 0..('n', 'K')", "K lies in 1..4", "values: descending",
    } - {"K lies in 1..4"}  # fmt: skip
    assert NO not in found.values()
    if name in ("rational", "fractions"):
        assert set(found.values()) == {YES}


def test_constraints_of_a_batch_are_decided_for_each_member() -> None:
    batch = map_arrays(floats(spiked()), lambda array: np.stack([array, array]))
    batch.values[1] = [1.0, 2.0, 3.0]
    num = Float64(size=2)
    found = {label: num.decide(c).verdicts.tolist() for c, label in constraints(num.load(batch), num)}
    assert found["values: descending"] == [YES, NO]
    assert found["matrices[0]: positive semidefinite"] == [YES, YES]


def test_axes_of_models_and_decompositions() -> None:
    eye = np.eye(2, dtype=np.int64)
    case = exact(LinearCase(
        LinearModel((eye, eye)), SVD(eye, np.array([2, 1]), eye), (1, 0),
        (Adapter(np.ones((2, 1)), np.ones((1, 2))), Adapter(np.ones((2, 0)), np.ones((0, 2)))),
    ))  # fmt: skip
    found = sizes(declared(case), case)
    assert {name: found[name] for name in ("D", "L", "R[0]", "R[1]", "error.k")} == {
        "D": 2, "L": 2, "R[0]": 1, "R[1]": 0, "error.k": 2,
    }  # fmt: skip
    num = Rational()
    names = {label for _, label in constraints(num.load(case), num)}
    assert {"error.U: orthonormal columns", "error.s: descending", "ranks lies in 0..D"} <= names
    turned = dataclasses.replace(case, error=SVD(case.error.U * 2, case.error.s, case.error.V))
    assert declared(turned).flaw(turned) == "error.U is not as promised: orthonormal columns"


def test_the_type_of_random_vectors_keeps_its_probabilities() -> None:
    with pytest.raises(InputError, match="sums to one"):
        RandomVectorCase(matrix([[1]]), matrix([[1], [2]]), row(1, 1))


def test_the_bounds_of_a_family_are_those_below() -> None:
    axes = HasAxes("x", ("n",)), Within("n", 2, 5), HasAxes("y", ("m",)), Within("m", 3, 3)
    domain = Domain((*axes, Within("k", 0, 9)))
    assert domain.without_largest().rules[1::2] == (Within("n", 2, None), Within("m", 3, 3))
    assert domain.without_largest().rules[-1] == Within("k", 0, 9)
    assert (domain + AS_DRAWN).as_drawn
    assert (domain + domain).rules == domain.rules


def test_every_recipe_says_what_it_promises() -> None:
    missing = []
    for found in pkgutil.walk_packages(strategies.__path__, "theorems.strategies."):
        module = importlib.import_module(found.name)
        for name, kind in vars(module).items():
            if isinstance(kind, type) and kind.__module__ == found.name and {"stratum", "batch"} <= set(dir(kind)):
                fields = {field.name for field in dataclasses.fields(kind)} if dataclasses.is_dataclass(kind) else set()
                if not hasattr(kind, "domain") and "domain" not in fields and name != "Recipe":
                    missing.append(f"{found.name}.{name}")
    assert missing == []



def test_own_axes_belong_to_each_item() -> None:
    @dataclass(frozen=True)
    class Factor:
        A: Annotated[Array, Axes("R", "D")]

    @dataclass(frozen=True)
    class Factors:
        items: Annotated[tuple[Any, ...], Axes("L"), Own("R")]

    Factor.__annotations__["A"] = Annotated[Array, Axes("R", "D")]
    Factors.__annotations__["items"] = Annotated[tuple[Any, ...], Axes("L"), Own("R")]
    case = Factors((Factor(matrix([[1, 2]])), Factor(matrix([[1, 2], [3, 4]]))))
    assert {k: v for k, v in sizes(declared(case), case).items() if k != "L"} == {"R[0]": 1, "D": 2, "R[1]": 2}


def test_a_list_that_a_type_leaves_empty_keeps_no_float_from_its_exact_neighbours() -> None:
    """A Transformer without W_O, which carries no decompositions either."""
    from theorems.models.transformer import TransformerCase
    from theorems.strategies.search.conviction import rationalised
    from theorems.strategies.texts.zeng_lee.transformer.compensated import CompensatedRecipe

    recipe = CompensatedRecipe(depth=1, heads=0, rank=1)
    case, drawn = recipe.batch(1), recipe.exact()
    assert drawn.errors == drawn.frozen.blocks[0].outputs == ()
    assert declared(drawn).flaw(drawn) == ""
    near = list(rationalised(member(case, 0)))
    assert all(isinstance(one, TransformerCase) for one in near)
    assert len(near) == 5


def test_an_axis_that_only_the_type_names_may_be_empty() -> None:
    """Transformers of one head have no further stack of outputs, and are drawn."""
    from theorems import catalogue
    from theorems.strategies.search.hunt import hunt

    claim = catalogue.claim("zeng-lee/equation-23")
    assert hunt(claim, catalogue.strategy(claim.key), recipes=12, shrink=False).conviction is not None
