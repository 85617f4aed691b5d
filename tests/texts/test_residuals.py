"""Residuals beside condition numbers: against hand-computed ones, and the command."""

from __future__ import annotations

import json
from typing import Any

import mpmath
import numpy as np
import pytest

from theorems.__main__ import main
from theorems.case import MatrixCase, exact, member
from theorems.catalogue import claim
from theorems.claim import Claim, Verdict
from theorems.judge.artefacts import falls
from theorems.judge.conditioning import UNIT, residual_at, rounding
from theorems.statement import at_most, conclude, equal, exists, suppose
from theorems.strategies.cases import CASES
from theorems.strategies.models.linear import LinearRecipe
from theorems.strategies.models.pretrained import RealRecipe, TrainedRecipe
from theorems.strategies.models.relu import NetworkRecipe
from theorems.texts.zeng_lee.commands.kinds_of_residuals import KINDS, kind_of, linear_material, measured
from theorems.texts.zeng_lee.commands.residuals import EXACT_REPRESENTATION


def solved(case: Any, num: Any) -> Any:
    """A claim on diag(1, d): A^{-1} A = I, and some B has ||A B - I|| <= 0."""
    (A,) = case.matrices
    yield suppose(num.nonsingular(A), "A is non-singular")
    yield conclude(equal(num.solve(A, A), num.identity(2), scale=num.number(1)))
    yield conclude(
        exists(
            attained=lambda: num.frobenius_norm(A @ num.inverse(A) - num.identity(2)), lower_bound=(),
            bound=num.number(0), scale=num.number(1),
        )
    )  # fmt: skip
    yield conclude(at_most(num.trace(A), num.trace(A) + num.trace(A)), "no equality: it has no residual")


SOLVED = Claim(key="test/solved", statement=solved)


def test_the_condition_number_is_that_of_the_matrices_solved_with() -> None:
    batch = MatrixCase((np.array([np.diag([1.0, d]) for d in (1.0, 0.25, 1e-6)] + [np.zeros((2, 2))]),))
    seen = rounding(SOLVED, batch, size=4)
    assert seen.live.tolist() == [True, True, True, False]
    assert seen.conditions[:3] == pytest.approx([1.0, 4.0, 1e6])
    assert (seen.residuals[:3] <= 4 * UNIT * seen.conditions[:3]).all()
    assert (seen.ratios[:3] <= 4).all()


def test_a_wrong_construction_has_a_residual_at_every_precision() -> None:
    def wrong(case: Any, num: Any) -> Any:
        (A,) = case.matrices
        miss = num.number(1, 10**9)
        yield conclude(exists(attained=lambda: num.trace(A) * miss, lower_bound=(), bound=num.number(0),
                              scale=num.trace(A)))  # fmt: skip

    broken = Claim(key="test/broken", statement=wrong)
    case = MatrixCase((np.diag([1.0, 3.0]),))
    reached = [residual_at(broken, exact(case), digits) for digits in (30, 60)]
    assert reached == pytest.approx([1e-9, 1e-9])
    assert falls([-value for value in reached], (30, 60)) is False


def test_kinds_of_strata() -> None:
    assert kind_of("dead, silero 8k gates, sister target") == "real weights"
    assert kind_of("no biases, D = 1, pretrained in process") == "pretrained"
    assert kind_of("ill-conditioned weights") == "ill-conditioned"
    assert kind_of("zero target") == "at the edge"
    assert kind_of("gaussian") == "random"


def test_linear_models_come_in_every_kind() -> None:
    assert {kind_of(recipe.stratum) for recipe in linear_material(0, 2)} == {
        "real weights", "pretrained", "ill-conditioned"
    }  # fmt: skip
    rows = {row.kind: row for row in measured(claim("zeng-lee/lemma-9.exactness"), CASES["zeng-lee/lemma-9.exactness"],
                                              recipes=6)}  # fmt: skip
    assert set(rows) == set(KINDS)
    for kind in ("real weights", "pretrained", "ill-conditioned", "random"):
        assert rows[kind].instances > 0
        assert rows[kind].falling() is True
        numbers = rows[kind].numbers()
        assert 1 <= numbers["condition"] <= numbers["worst_condition"]
        assert numbers["median"] <= numbers["worst"]


# exact representation on arbitrary instances --------------------------------------------------------------------------


def arbitrary(kind: str, D: int, depth: int, R: int, seed: int) -> Any:
    """A linear case with weights of 53 (real ones of 24) bits."""
    ranks = (R,) * depth
    if kind == "real":
        return RealRecipe("silero 8k", "other", "zero", D, ranks, seed=seed)
    if kind == "trained":
        return TrainedRecipe("zero", D, ranks, seed)
    return LinearRecipe("gaussian", "distinct", "zero", D, ranks, seed)


def network(kind: str, D: int, blocks: tuple[int, ...], R: int) -> NetworkRecipe:
    made = tuple(arbitrary(kind, D, depth, R, 4 + depth) for depth in blocks)
    return NetworkRecipe(made, blocks, (R,) * sum(blocks), "dead and active", "gaussian", 2, "box", 4)


#: D, depths of the blocks, and R.
ONE, SHORT, DEEP = (3, (2,), 2), (3, (2,), 1), (2, (1, 2), 2)
NETWORK_CLAIMS = {
    "zeng-lee/lemma-11.exactness": ONE,
    "zeng-lee/lemma-11.exactness:without-partial-sums": ONE,
    "zeng-lee/lemma-11.identity:repaired": SHORT,
    "zeng-lee/lemma-12.exactness": ONE,
    "zeng-lee/lemma-12.exactness:without-partial-sums": ONE,
    "zeng-lee/lemma-12.identity:repaired": SHORT,
    "zeng-lee/equation-14": SHORT,
    "zeng-lee/equation-14.linearisation": SHORT,
    "zeng-lee/equation-14.bias": SHORT,
    "zeng-lee/theorem-1": DEEP,
    "zeng-lee/theorem-3": DEEP,
    "zeng-lee/theorem-3:without-partial-sums": DEEP,
    "zeng-lee/theorem-3.sub-models": (2, (1, 2), 1),
    "zeng-lee/equation-15:repaired": SHORT,
    "zeng-lee/corollary-4": DEEP,
    "zeng-lee/corollary-4:any-target": DEEP,
    "zeng-lee/theorem-15.exactness": DEEP,
}
DIGITS = (30, 60, 120)
WEIGHTS = ("gaussian", "real", "trained")


@pytest.mark.parametrize(
    ("key", "kind"), [(key, WEIGHTS[place % 3]) for place, key in enumerate([*NETWORK_CLAIMS, *NETWORK_CLAIMS])]
)
def test_residuals_of_exact_representation_fall_with_the_precision(key: str, kind: str) -> None:
    """On weights that no rational construction chose: residuals at 30, 60 and 120 digits."""
    case = member(network(kind, *NETWORK_CLAIMS[key]).batch(1), 0)
    reached = [residual_at(claim(key), case, digits) for digits in DIGITS]
    for digits, residual in zip(DIGITS, reached, strict=True):
        assert residual < 10.0 ** (10 - digits), (digits, reached)
    assert falls([-value for value in reached], DIGITS) is True


def test_every_standing_claim_of_exact_representation_is_measured() -> None:
    for key in EXACT_REPRESENTATION:
        assert (claim(key).verdict or Verdict.REFUTED).stands
    networks = {key for key in EXACT_REPRESENTATION if key in NETWORK_CLAIMS}
    assert len(networks) >= 12


def test_mpmath_keeps_its_own_precision() -> None:
    before = mpmath.mp.dps
    residual_at(SOLVED, MatrixCase((np.diag([1.0, 3.0]),)), 60)
    assert mpmath.mp.dps == before


# the command ----------------------------------------------------------------------------------------------------------


def test_the_command_prints_a_table_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["residuals", "zeng-lee/lemma-12.exactness", "--recipes", "5"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert max(map(len, out.splitlines())) <= 100
    assert "in units" in out
    assert main(["residuals", "zeng-lee/lemma-12.exactness", "--recipes", "5", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    # a statement's part stands for its readings that stand
    assert "zeng-lee/lemma-12.exactness" in {row["key"] for row in rows}
    (first, *_) = rows
    assert {case["kind"] for case in first["cases"]} == set(KINDS)
    assert sum(case["instances"] for case in first["cases"]) > 0


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["zeng-lee/lemma-99"], "lemma-99"),
        (["zeng-lee/lemma-11.identity"], "no reading of it stands"),
        (["zeng-lee/example-1"], "no conclusion of these claims"),
        (["zeng-lee/theorem-3", "--recipes", "0"], "at least one recipe"),
    ],
)
def test_what_is_refused(words: list[str], part: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["residuals", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert part in err
