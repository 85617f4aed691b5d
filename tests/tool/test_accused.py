"""What floats accuse and nothing exact convicts, and constructions that miss: outcomes of their own, exit 1."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import fake_catalogue as fake
from theorems import at_most, conclude, exists, less_than, suppose
from theorems.__main__ import main
from theorems.arithmetic import ARITHMETICS
from theorems.case import MatrixCase
from theorems.claim import Claim
from theorems.errors import Unsupported
from theorems.judge.driver import check
from theorems.judge.tally import Tally
from theorems.strategies import matrices
from theorems.strategies.search.conviction import Ending, judge
from theorems.strategies.search.hunt import ending, hunt, open_strata
from theorems.strategies.search.portion import ACCUSED, MISSED

Steps = Iterator[Any]


def modulus(M: Any, num: Any) -> Any:
    """(M^T M)^{1/2} of a 2 x 2 matrix, from the closed form."""
    S = M.mT @ M
    d = num.absolute(num.determinant(M))
    return num.times(1 / num.sqrt(num.trace(S) + 2 * d), S + num.times(d, num.identity(2)))


def loewner_triangle(case: Any, num: Any) -> Steps:
    """|A + B| <= |A| + |B| in the Loewner order."""
    A, B = case.matrices
    for M in (A, B, A + B):
        yield suppose(num.nonsingular(M), "A, B and A + B are non-singular")
    gap = modulus(A, num) + modulus(B, num) - modulus(A + B, num)
    yield conclude(num.positive_semidefinite(gap), "|A + B| <= |A| + |B|")


def softmax_contracts(case: Any, num: Any) -> Steps:
    """The softmax of scores has spectral norm at most 1."""
    yield conclude(at_most(num.spectral_norm(num.softmax(case.matrices[0])), num.number(1)), "||softmax||_2 <= 1")


def softmax_keeps_rank(case: Any, num: Any) -> Steps:
    """rank softmax(Z) <= rank Z + 1."""
    Z = num.outer(case.matrices[0][..., :, 0], case.matrices[1][..., 0, :])
    yield conclude(at_most(num.rank(num.softmax(Z)), num.rank(Z) + 1), "rank softmax(Z) <= rank Z + 1")


def softmax_semidefinite(case: Any, num: Any) -> Steps:
    """softmax(S) + softmax(S)^T is positive semidefinite."""
    S = num.softmax(case.matrices[0])
    yield conclude(num.positive_semidefinite(S + S.mT), "softmax(S) + softmax(S)^T is psd")


def frobenius_below(case: Any, num: Any) -> Steps:
    """||A||_F^2 < n sigma_1^2."""
    A = case.matrices[0]
    s = num.singular_value(A, 1)
    yield conclude(less_than(num.frobenius_norm_squared(A), A.shape[-1] * (s * s)), "||A||_F^2 < n sigma_1^2")


@pytest.mark.parametrize(
    "statement", [loewner_triangle, softmax_contracts, softmax_keeps_rank, softmax_semidefinite, frobenius_below]
)
def test_false_claims_with_irrational_sides_are_convicted(statement: Any) -> None:
    least = 3 if statement is softmax_keeps_rank else 2
    cases = matrices(count=2, min_dimension=least, max_dimension=least)
    found = hunt(Claim(key=statement.__name__, statement=statement), cases, recipes=30, shrink=False)
    assert found.outcome == "refuted"


def beyond_exact(case: Any, num: Any) -> Steps:
    """tr A <= 0, which only floats are asked about."""
    if num.name != "float64":
        raise Unsupported("an operation that only floats have")
    yield conclude(at_most(num.trace(case.matrices[0]), 0), "tr A <= 0")


def true_beyond_exact(case: Any, num: Any) -> Steps:
    """tr A^T A >= 0, likewise."""
    if num.name != "float64":
        raise Unsupported("an operation that only floats have")
    yield conclude(at_most(0, num.trace(case.matrices[0].mT @ case.matrices[0])), "0 <= tr A^T A")


def reached(case: Any, num: Any) -> Steps:
    """Some number is at most 1; the construction takes tr A, and no obstruction is known."""
    trace = num.trace(case.matrices[0])
    one = num.number(1)
    yield conclude(exists(attained=lambda: trace, lower_bound=(), bound=one), "a number at most 1")


def test_what_nothing_decides_is_accused() -> None:
    found = hunt(Claim(key="a", statement=beyond_exact), matrices(count=1, max_dimension=2), recipes=12)
    assert found.outcome == "accused"
    assert found.total.accused > 100
    doubt = found.doubts[ACCUSED]
    assert doubt.margin < -1e-3
    assert "an operation that only floats have" in doubt.reason
    assert doubt.case.matrices[0].trace() > 0


def test_nothing_decided_exactly_and_nothing_accused_survives_in_floats() -> None:
    found = hunt(Claim(key="a", statement=true_beyond_exact), matrices(count=1, max_dimension=2), recipes=12)
    assert found.outcome == "survived"
    assert found.total.exact == found.total.exact_undecided > 0


def test_a_construction_that_misses_is_a_finding() -> None:
    found = hunt(Claim(key="a", statement=reached), matrices(count=1, max_dimension=2), recipes=12)
    assert found.outcome == "undecided"
    assert found.total.construction_misses > 3
    assert found.total.accused == 0
    doubt = found.doubts[MISSED]
    assert "the construction attains" in doubt.reason
    assert "the bound is 1" in doubt.reason


def test_a_miss_in_every_arithmetic() -> None:
    two, half = (MatrixCase(matrices=(fake.rationals([n, 0], [0, 0]),)) for n in (2, 0))
    for make in ARITHMETICS.values():
        missed = check(reached, two, make())
        assert missed.outcome.value == "undecided"
        assert missed.missed.tolist() == [True]
        assert not check(reached, half, make()).missed.any()
    judgement = judge(Claim(key="a", statement=reached), two)
    assert judgement.ending is Ending.MISSED
    assert judgement.reason == "a number at most 1: the construction attains 2, the bound is 1 (rational)"


@pytest.mark.parametrize(
    ("strata", "outcome"),
    [
        ({"a": Tally(instances=100), "b": Tally(instances=1000, exact=4, undecided=1000)}, "survived"),
        ({"a": Tally(instances=100), "b": Tally(instances=1000, exact=4, undecided=1003, exact_undecided=3)},
         "undecided"),
        ({"a": Tally(instances=1000, undecided=999)}, "undecided"),
        ({"a": Tally(instances=1000, undecided=499)}, "survived"),
        ({"a": Tally(instances=1000, accused=1)}, "accused"),
        ({"a": Tally(instances=1000, exact=9, construction_misses=1)}, "undecided"),
        ({"a": Tally(instances=5, exact=4)}, "hardly tried"),
        ({"a": Tally(vacuous=5000)}, "undecided"),
        ({"a": Tally(instances=100), "a (climbed)": Tally(instances=8, undecided=8)}, "survived"),
    ],
)  # fmt: skip
def test_how_a_hunt_ends(strata: dict[str, Tally], outcome: str) -> None:
    assert ending(strata, refuted=False) == outcome
    assert ending(strata, refuted=True) == "refuted"
    assert ("b" in open_strata(strata)) == ("b" in strata and outcome == "undecided")


OWN = '''
from theorems import at_most, conclude, exists, suppose
from theorems.errors import Unsupported
from theorems.strategies import matrices

def accused(case, num):
    """tr A <= 0, which only floats are asked about."""
    A, = case.matrices
    if num.name != "float64":
        raise Unsupported("an operation that only floats have")
    yield suppose(num.symmetric(A), "A is symmetric")
    yield conclude(at_most(num.trace(A), 0), "tr A <= 0")

def misses(case, num):
    """Some number is at most 1."""
    A, = case.matrices
    yield conclude(exists(attained=lambda: num.trace(A), lower_bound=(), bound=num.number(1)), "a number at most 1")

CASES = dict.fromkeys(("accused", "misses"), matrices(count=1, max_dimension=2))
'''


def test_the_command_prints_them_and_exits_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(OWN)
    assert main(["hunt", "mine.py::accused", "--recipes", "8", "--jobs", "1"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("mine.py::accused: accused; ")
    assert " accused, " in lines[0]
    assert any(" instances violate it beyond rounding, and nothing exact could decide; the worst (" in l for l in lines)
    assert any("an operation that only floats have" in line for line in lines)
    assert main(["hunt", "mine.py::misses", "mine.py::accused", "--recipes", "8", "--jobs", "1", "--json"]) == 1
    misses, accused = json.loads(capsys.readouterr().out)
    assert (misses["outcome"], accused["outcome"]) == ("undecided", "accused")
    assert misses["construction_misses"] > 0
    assert misses["doubts"][0]["kind"] == "construction misses"
    assert accused["accused"] > 0
    assert accused["unmet"]["A is symmetric"] > 0


def test_a_campaign_keeps_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(OWN)
    words = ["hunt", "mine.py::accused", "mine.py::misses", "--recipes", "8", "--jobs", "1", "--json"]
    assert main([*words, "--campaign", "c"]) == 1
    accused, misses = json.loads(capsys.readouterr().out)
    assert accused["outcome"] == "accused"
    assert accused["unmet"]["A is symmetric"] > 0
    assert "only floats" in accused["doubts"][0]["reason"]
    assert misses["construction_misses"] > 0
    assert main(["report", "c"]) == 0


def test_verify_contradicts_where_a_witness_refutes_a_standing_claim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (
        "from theorems import Claim, Verdict, conclude, equal\nfrom theorems.strategies import matrices\n\n"
        "def trace_zero(case, num):\n    yield conclude(equal(num.trace(case.matrices[0]), num.number(0)))\n\n"
        "own = Claim(key='mine/own', statement=trace_zero, verdict=None)\n"
        "CASES = {'own': matrices(count=1, max_dimension=1)}\n"
    )
    Path("mine.py").write_text(text)
    assert main(["hunt", "mine.py::own", "--recipes", "4", "--jobs", "1"]) == 1
    (file,) = Path("theorems-findings").glob("*.json")
    assert main(["verify", str(file), "--claims", "mine.py"]) == 0
    Path("mine.py").write_text(text.replace("verdict=None", "verdict=Verdict.CORROBORATED"))
    capsys.readouterr()
    assert main(["verify", str(file), "--claims", "mine.py"]) == 1
    assert "a contradiction: mine/own is held to be corroborated" in capsys.readouterr().out
