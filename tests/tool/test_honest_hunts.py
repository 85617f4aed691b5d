"""What a hunt says of a statement with a coin, with a bug, of a measurement; and that its normal form ends in time."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from tests.rational_matrices import matrix
from theorems import Claim, at_most, conclude
from theorems.__main__ import main
from theorems.case import MatrixCase
from theorems.catalogue import CLAIMS
from theorems.domains import MEASURED, Domain, HasAxes, Within
from theorems.errors import InputError
from theorems.strategies import counts, matrices
from theorems.strategies.cases import CASES
from theorems.strategies.search.conviction import Conviction, confirmed, convict
from theorems.strategies.search.hunt import hunt, shrunk
from theorems.strategies.search.shrink import Shrinker

FILE = '''
import itertools
from theorems import at_most, conclude, equal
from theorems.strategies import matrices

coin = itertools.cycle([False, False, False, True])

def tossed(case, num):
    """It depends on how often it was asked."""
    yield conclude(next(coin))

def powers(case, num):
    """tr A^2 = tr A A, by the entries."""
    (A,) = case.matrices
    yield conclude(equal(num.trace(A ** 2), num.trace(A @ A)))

CASES = {name: matrices(min_dimension=2, max_dimension=3) for name in ("tossed", "powers")}
'''


def trace(case: Any, num: Any) -> Any:
    """The trace is not negative."""
    yield conclude(at_most(num.number(0), num.trace(case.matrices[0])))


def touchy(case: Any, num: Any) -> Any:
    """The trace is not negative, says a statement that cannot stand a zero in the corner."""
    (A,) = case.matrices
    if A.ndim == 2 and A[0, -1] == 0:
        raise RuntimeError("a bug of its author")
    yield conclude(at_most(num.number(0), num.trace(A)))


@pytest.mark.parametrize(
    ("name", "words"),
    [("tossed", "tossed: the statement is not deterministic"), ("powers", "write A @ A for the square of a matrix")],
)
def test_a_statement_that_cannot_be_judged_is_one_clear_line(
    name: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(FILE)
    code = main(["hunt", f"{file}::{name}", "--recipes", "20", "--out", str(tmp_path / "out")])
    out, err = capsys.readouterr()
    assert code == 2
    assert words in err
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in out + err
    assert not list(tmp_path.glob("out/*.json"))


def test_answers_that_differ_are_named() -> None:
    answers = itertools.cycle([False, True])

    def statement(case: Any, num: Any) -> Any:
        yield conclude(next(answers))

    claim = Claim(key="a/coin", statement=statement)
    sound = convict(Claim(key="a/trace", statement=trace), MatrixCase((matrix([[-1]]),)))
    assert sound is not None
    assert confirmed(Claim(key="a/trace", statement=trace), sound) is sound
    with pytest.raises(InputError, match="of one and the same case it says fails, holds"):
        confirmed(claim, sound)


def test_an_exception_on_the_way_is_reported_and_the_counterexample_is_kept() -> None:
    claim = Claim(key="a/touchy", statement=touchy)
    seen: list[Conviction] = []
    with pytest.raises(RuntimeError, match="a bug of its author"):
        hunt(claim, matrices(min_dimension=2, max_dimension=3, laws=("gaussian",)), seed=0, recipes=20,
             found=seen.append)  # fmt: skip
    assert len(seen) == 2  # as found, and shrunk
    assert seen[-1].case.matrices[0].shape == (2, 2)
    assert isinstance(seen[-1].raised, RuntimeError)


def test_shrinking_stops_at_the_smallest_size_that_is_drawn() -> None:
    claim = Claim(key="a/trace", statement=trace)
    for low in (1, 2, 3):
        found = hunt(claim, matrices(min_dimension=low, max_dimension=3), seed=1, recipes=20).conviction
        assert found is not None
        assert found.case.matrices[0].shape == (low, low)


def test_a_normal_form_without_time_is_the_case_as_it_was_found() -> None:
    claim = Claim(key="a/trace", statement=trace)
    case = MatrixCase((matrix([[-3, 2], [5, -7]]),))
    domain = Domain((HasAxes("matrices[0]", ("n", "n")), Within("n", 1, 4)))
    found = convict(claim, case)
    assert found is not None
    calls = 0

    def convicts(candidate: Any) -> bool:
        nonlocal calls
        calls += 1
        return convict(claim, candidate) is not None

    assert Shrinker(claim, convicts, domain=domain, seconds=0.0).shrink(case) is case
    assert calls == 0
    assert shrunk(claim, found, matrices(), seconds=0.0).case is case
    assert Shrinker(claim, convicts, domain=domain).shrink(case).matrices[0].tolist() == [[-1]]


def test_a_hunt_gives_its_normal_form_a_share_of_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float | None] = []

    def spent(claim: Claim, conviction: Conviction, strategy: Any, *, seconds: float | None = None) -> Conviction:
        given.append(seconds)
        return conviction

    monkeypatch.setattr("theorems.strategies.search.hunt.shrunk", spent)
    claim = Claim(key="a/trace", statement=trace)
    for seconds in (None, 4.0):
        assert hunt(claim, matrices(), seed=0, seconds=seconds, recipes=20).conviction is not None
    assert given[0] is None
    assert given[1] is not None
    assert 2.0 <= given[1] <= 4.0


def test_measurements_are_neither_shrunk_nor_padded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    claim = next(claim for claim in CLAIMS if claim.key == "textbook/lemma-11.17")
    found = hunt(claim, CASES[claim.key], seed=0, recipes=1).conviction
    assert found is not None
    assert found.domain == MEASURED
    assert len(found.case.values) == 128
    main(["hunt", claim.key, "--recipes", "1", "--out", str(tmp_path)])
    out = capsys.readouterr().out
    assert "textbook/lemma-11.17: this matrix: no" in " ".join(out.split())
    assert "padded" not in out
    stored = json.loads(next(tmp_path.glob("*.json")).read_text())
    assert stored["domain"] == {"as drawn": True, "measured": True, "rules": []}


def test_integers_that_depend_on_each_other_keep_their_ranges() -> None:
    def statement(case: Any, num: Any) -> Any:
        yield conclude(case.values[1] < 3)

    ranges = counts(names={"L": (2, 9), "M": (2, lambda known: known["L"])})
    for seed in range(3):
        found = hunt(Claim(key="a/count", statement=statement), ranges, seed=seed, recipes=40).conviction
        assert found is not None
        assert found.case.values == (3, 3)
