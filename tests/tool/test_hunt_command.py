"""The command hunt: what it finds, stores, prints and returns, and how it refuses."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

import theorems
from tests import fake_catalogue as fake
from tests import inline_pool
from theorems.__main__ import main
from theorems.commands import hunt
from theorems.judge.tally import Tally
from theorems.judge.witness import read
from theorems.report.ledger import LedgerRow, folded, ledger_table, margin, strata_table, violation_bound
from theorems.strategies import matrices
from theorems.strategies.engine import limits, pool, worker
from theorems.strategies.search.hunt import Hunt
from theorems.strategies.search.hunt import hunt as search

Capture = pytest.CaptureFixture[str]

OWN = '''
"""Claims of my own."""
from theorems.strategies import matrices
from theorems import Claim, at_most, conclude, equal, suppose

def trace_of_a_product(case, num):
    """tr(AB) <= tr(A) tr(B) for symmetric A."""
    print("printed by a statement")
    A, B = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield conclude(at_most(num.trace(A @ B), num.trace(A) * num.trace(B)), "tr(AB) <= tr(A) tr(B)")

def traces_commute(case, num):
    """tr(AB) = tr(BA)."""
    A, B = case.matrices
    yield conclude(equal(num.trace(A @ B), num.trace(B @ A), scale=num.frobenius_norm(A) * num.frobenius_norm(B)))

def crashes(case, num):
    A, B = case.matrices
    yield conclude(A.no_operation)

wrong = Claim(key="my/trace", statement=trace_of_a_product)
CASES = dict.fromkeys(("wrong", "traces_commute", "crashes"), matrices(count=2, max_dimension=3))
'''


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small catalogue, strategies for it, and no processes."""
    made = tmp_path / "witnesses"
    made.mkdir()
    fake.install(monkeypatch, made)
    pairs = matrices(count=2, max_dimension=2)
    cases: dict[str, Any] = {claim.key: pairs for claim in fake.CLAIMS}
    cases[fake.SIGMA.key] = st.just(fake.sigma_case())
    cases[fake.TRACE_REPAIRED.key] = matrices(count=2, structure="psd", max_dimension=2)
    monkeypatch.setattr(fake, "CASES", cases)
    inline_pool.install(monkeypatch)
    monkeypatch.setattr(worker, "hunt", few_recipes)
    monkeypatch.setattr("theorems.strategies.search.hunt.SMALLER", 30)  # shrinking is tested elsewhere
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(OWN)
    return made


def few_recipes(*arguments: Any, **options: Any) -> Hunt:
    """A hunt that ends after some recipes, not after some seconds."""
    return search(*arguments, **{**options, "seconds": None, "recipes": 24})


def run(capsys: Capture, *words: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    code = main(["hunt", *words])
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return code, out, err


def strict(text: str) -> Any:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refuse)


# a user's own claims ------------------------------------------------------------------------------------------------


def test_a_false_claim_of_ones_own_is_refuted_stored_and_verified(capsys: Capture) -> None:
    code, out, _ = run(capsys, "mine.py::wrong")
    assert code == 1, out
    path = Path("theorems-findings/mine__my__trace.json")
    for words in (
        "mine.py::my/trace: refuted", "matrices[0], ", "tr(AB) <= tr(A) tr(B)\n    left = ", " is violated, by ",
        f"stored in {path}", f"theorems verify {path} --claims mine.py", "nobody had judged it",
    ):  # fmt: skip
        assert words in out
    assert main(["verify", str(path), "--claims", "mine.py", "--json"]) == 0
    rows = strict(capsys.readouterr().out)
    assert [(row["arithmetic"], row["result"]) for row in rows] == [("rational", "refutes"), ("fractions", "refutes")]
    assert main(["verify", str(path)]) == 2  # nobody else knows the claim
    assert "no claim has the key 'my/trace'" in capsys.readouterr().err


def test_a_true_claim_of_ones_own_survives(capsys: Capture) -> None:
    code, out, err = run(capsys, "mine.py::traces_commute")
    assert (code, err) == (0, "")
    assert "mine.py::traces_commute: survived; 0% undecided\n  no counterexample among " in out
    assert " live instances in float64 and " in out
    assert "stratum " in out
    assert "in all " in out
    assert max(map(len, out.splitlines())) <= 102
    assert not Path("theorems-findings").exists()


def test_a_statement_that_raises_is_named_in_one_line(capsys: Capture) -> None:
    code, out, err = run(capsys, "mine.py::crashes", "mine.py::wrong", "--json")
    assert code == 2
    assert err.splitlines()[-1].startswith(
        "theorems: mine.py:20: attacking crashes (the statement crashes) raises AttributeError: "
    )
    rows = strict(out)
    assert [row["outcome"] for row in rows] == ["undecided", "refuted"]  # the other claim was hunted all the same
    assert rows[0]["problem"]


def test_a_counterexample_that_cannot_be_stored_is_still_one(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any) -> None:
        raise theorems.InputError("the disk is full")

    monkeypatch.setattr(worker, "write", refuse)
    code, out, err = run(capsys, "mine.py::wrong")
    assert code == 1
    assert "matrices[0], " in out
    assert err.splitlines()[-1] == "theorems: mine.py::my/trace: not stored: the disk is full"


# the catalogue ------------------------------------------------------------------------------------------------------


def test_json_has_the_fields_of_the_design(capsys: Capture) -> None:
    code, out, err = run(capsys, "--all", "--json", "--seed", "7", "--out", "found")
    assert (code, err) == (1, "")  # textbook/theorem-11.9.order is not judged, and false
    rows = {row["key"]: row for row in strict(out)}
    assert list(rows) == [claim.key for claim in fake.CLAIMS]
    outcomes = ["refuted", "survived", "refuted", "refuted"]
    assert [row["outcome"] for row in rows.values()] == outcomes
    for row in rows.values():
        assert {"instances", "vacuous", "undecided", "worst_margin", "seconds", "seed", "witness"} <= set(row)
        assert row["seed"] == 7
        assert (row["witness"] is not None) == (row["outcome"] == "refuted")
        if row["witness"]:
            assert read(row["witness"], fake.CLAIMS).claim == row["key"]
    assert rows["zeng-lee/sigma.value"]["witness"] == "found/zeng-lee__sigma.value.json"
    survivor = rows["ours/trace:semidefinite"]
    assert sum(stratum["instances"] for stratum in survivor["strata"]) == survivor["instances"] > 0


def test_the_report_says_whether_the_catalogue_agrees(capsys: Capture) -> None:
    code, out, _ = run(capsys, "ours/trace", "ours/trace:semidefinite")
    assert code == 0
    assert "the catalogue agrees: the claim is refuted\nrepaired by ours/trace:semidefinite" in out
    assert "ours/trace:semidefinite: survived" in out
    assert out.splitlines()[-1] == "2 claims: 1 refuted, 1 not; all agree with the catalogue"


def test_a_standing_claim_that_falls_is_a_contradiction(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    standing = theorems.Claim(key="ours/new", statement=fake.commutes, verdict=theorems.Verdict.CORROBORATED)
    fake.install(monkeypatch, tmp_path, (standing,))
    monkeypatch.setattr(fake, "CASES", {"ours/new": matrices(count=2)})
    code, out, _ = run(capsys, "ours/new")
    assert code == 1
    assert "this contradicts the catalogue, which says corroborated" in out


@pytest.mark.parametrize(
    ("verdict", "code"),
    [("EMPIRICAL", 0), ("INFORMAL", 0), ("REFUTED", 0), ("UNDECIDED", 1), ("CORROBORATED", 1), ("DECIDED", 1)],
)
def test_verdicts_that_a_counterexample_contradicts(verdict: str, code: int) -> None:
    assert hunt.contradicts(theorems.Verdict[verdict]) is bool(code)


def test_rediscovery_is_required_on_demand(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = st.just(theorems.MatrixCase(matrices=(fake.rationals([0]), fake.rationals([0]))))
    monkeypatch.setattr(fake, "CASES", {"ours/trace": zeros, "ours/trace:semidefinite": zeros})
    code, out, _ = run(capsys, "ours/trace")
    assert code == 0
    assert "warning: the claim is refuted in the catalogue, and was not refuted again" in out
    code, out, _ = run(capsys, "ours/trace", "ours/trace:semidefinite", "--require-rediscovery")
    assert code == 1
    assert "contradiction: the claim is refuted in the catalogue, and was not refuted again" in out
    assert out.splitlines()[-1] == "2 claims: 0 refuted, 2 not; 1 do not agree with the catalogue"


def test_what_is_found_does_not_depend_on_the_jobs(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = inline_pool.install(monkeypatch)
    words = ("ours/trace", "ours/trace:semidefinite", "--json")
    one = strict(run(capsys, *words, "--out", "a", "--jobs", "1")[1])
    two = strict(run(capsys, *words, "--out", "b", "--jobs", "9")[1])
    assert jobs == [1, 2]  # no more processes than claims
    assert one[0] | {"seconds": 0, "witness": ""} == two[0] | {"seconds": 0, "witness": ""}
    assert Path(one[0]["witness"]).read_text() == Path(two[0]["witness"]).read_text()


def test_an_interrupt_loses_nothing_found(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    inline_pool.install(monkeypatch, interrupted=1)
    code, _, err = run(capsys, "mine.py::wrong", "mine.py::traces_commute")
    assert code == 130
    path = "theorems-findings/mine__my__trace.json"
    assert err.splitlines()[-1] == f"theorems: interrupted, 0 of 2 claims done; stored: {path}"
    assert main(["verify", path, "--claims", "mine.py"]) == 0


# refusals -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "nothing to hunt"),
        (["--all", "ours/trace"], "exclude each other"),
        (["ours/trac"], "no claim has the key 'ours/trac': did you mean ours/trace"),
        (["ours/trace", "--seconds", "0"], "--seconds 0: give a positive number"),
        (["ours/trace", "--seconds", "nan"], "--seconds nan: give a positive number"),
        (["ours/trace", "--seconds", "inf"], "--seconds inf: give a positive number"),
        (["ours/trace", "--jobs", "0"], "--jobs 0: give at least 1"),
        (["ours/trace", "--out", "mine.py"], "--out mine.py: cannot be written"),
        (["ours/trace", "--out", "mine.py/below"], "--out mine.py/below: cannot be written"),
        (["ours/trace", "--out", os.path.dirname(theorems.__file__)], "this is the installed package"),
        (["none.py::claim"], "none.py: there is no such file"),
        (["mine.py::nothing"], "mine.py: there is no claim 'nothing'"),
        (["mine.py::wrong", "sub/mine.py::wrong"], "would store their witnesses in one file"),
    ],
)
def test_bad_input_ends_before_any_work(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    def never(*arguments: Any, **options: Any) -> None:
        raise AssertionError("work has begun")

    Path("sub").mkdir()
    Path("sub/mine.py").write_text(OWN)
    monkeypatch.setattr(hunt, "run_all", never)
    before = sorted(Path().rglob("*"))
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert sorted(Path().rglob("*")) == before


# processes ----------------------------------------------------------------------------------------------------------


def test_in_processes_of_its_own(tmp_path: Path) -> None:
    """The real thing once: two workers that load the file by its path, and JSON alone on stdout."""
    words = ("mine.py::wrong", "mine.py::traces_commute", "--seconds", "2", "--jobs", "2", "--json")
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(theorems.__file__))}
    done = subprocess.run(
        [sys.executable, "-m", "theorems", "hunt", *words],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert [row["outcome"] for row in strict(done.stdout)] == ["refuted", "survived"]
    assert set(done.stderr.splitlines()) == {"printed by a statement"}
    assert main(["verify", str(tmp_path / "theorems-findings/mine__my__trace.json"), "--claims", "mine.py"]) == 0


def test_a_worker_that_is_told_to_end_takes_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_ended", False)
    with pytest.raises(SystemExit):
        pool._end(15, None)
    with pytest.raises(SystemExit):
        pool.task_done(worker.Task("ours/trace"))


# the ledger ---------------------------------------------------------------------------------------------------------


def test_the_ledger_keeps_to_its_width() -> None:
    tally = Tally(instances=12_345_678, exact=12_345, vacuous=9_876_543, undecided=1_234_567, worst=-1.234e-13)
    key = "zeng-lee/notation.best-approximation:unique-frobenius-gap-of-every-matrix"
    text = ledger_table([LedgerRow(key, "corroborated", tally, 1234.5), LedgerRow("a", "refuted", Tally(), 0.0)])
    lines = text.splitlines()
    assert max(map(len, lines)) <= 100
    assert "".join(line.split("  ")[0] for line in lines[2:3]) + "".join(map(str.strip, lines[3:-1])) == key
    assert lines[-1].split() == ["a", "refuted", "0", "0", "-", "0%", "0", "0.0"]
    assert lines[2].split()[-4:] == ["-1.2e-13", "10.0%", "9,876,543", "1234.5"]
    assert max(map(len, strata_table({key: tally, "gaussian": tally}).splitlines())) <= 100
    accused = Tally(instances=2_000, accused=7, construction_misses=2)
    assert ledger_table([LedgerRow("a", "corroborated", accused, 1.0)]).splitlines()[-1].split()[6] == "9"
    assert strata_table({"gaussian": accused}).splitlines()[-1].split()[-3] == "9"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("short", ["short"]),
        ("source/statement.part:reading", ["source/statement", "  .part:reading"]),
        ("source/theorem-11.9:reading", ["source/theorem-11.9", "  :reading"]),
        ("no break anywhere in thirty-six char", ["no break anywhere", "  in thirty-six char"]),
    ],
)
def test_folding(text: str, lines: list[str]) -> None:
    assert folded(text, 20) == lines


def test_the_rule_of_three_counts_independent_strata_alone() -> None:
    strata = {
        "gaussian": Tally(instances=1000, undecided=100), "psd, uniform": Tally(instances=600),
        "identity": Tally(instances=10_000), "silero 8k gates, sister target": Tally(instances=5000),
    }  # fmt: skip
    assert violation_bound(strata) == (1500, 0.002)
    assert violation_bound({"identity": Tally(instances=10)}) is None


def test_the_accused_count_as_violations_in_the_bound() -> None:
    """1,409 of 2,304 draws violate it: the rate is 0.61, and at 95% at most some hundredths more."""
    bound = violation_bound({"gaussian": Tally(instances=2304, accused=1409)})
    assert bound is not None
    assert bound[0] == 2304
    assert 1409 / 2304 < bound[1] < 0.65
    assert violation_bound({"gaussian": Tally(instances=5, accused=5)}) == (5, 1.0)


@pytest.mark.parametrize(
    ("value", "text"), [(float("inf"), "-"), (float("nan"), "-"), (-0.0, "0"), (-1.5e-13, "-1.5e-13"), (2.0, "2.0e+00")]
)
def test_margins(value: float, text: str) -> None:
    assert margin(value) == text




# --store ------------------------------------------------------------------------------------------------------------


def test_what_is_found_is_stored_beside_the_claims_and_a_simpler_one_is_kept(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "own.py").write_text(OWN)
    stored = tmp_path / "own_records" / "witnesses" / "my__trace.json"
    assert main(["hunt", "own.py::wrong", "--recipes", "20", "--store"]) == 1
    out = capsys.readouterr().out
    assert out.count("stored in own_records/witnesses/my__trace.json") == 1 or str(stored) in out
    first = stored.read_bytes()
    assert first == (tmp_path / "theorems-findings" / "own__my__trace.json").read_bytes()
    assert main(["show", "own.py::wrong"]) == 0
    assert "witness: my__trace.json" in capsys.readouterr().out
    assert main(["hunt", "own.py::wrong", "--recipes", "20", "--seed", "1", "--store"]) == 1
    assert "refutes the claim, and is as simple" in capsys.readouterr().out
    assert stored.read_bytes() == first
    stored.write_text("{}")
    assert main(["hunt", "own.py::wrong", "--recipes", "20", "--store", "--json"]) == 1
    json.loads(capsys.readouterr().out)
    assert stored.read_bytes() == first


def test_a_campaign_stores_nothing_beside_the_claims(capsys: Capture) -> None:
    assert main(["hunt", "zeng-lee/equation-1.5", "--campaign", "c", "--store"]) == 2
    assert "--store and --campaign exclude each other" in capsys.readouterr().err


CONTRADICTORY = '''
from theorems.strategies import matrices
from theorems import at_most, conclude, less_than, suppose

def nothing(case, num):
    """Of no matrix."""
    (A,) = case.matrices
    yield suppose(less_than(num.number(0), num.trace(A)), "0 < tr A")
    yield suppose(less_than(num.trace(A), num.number(0)), "tr A < 0")
    yield conclude(at_most(num.number(1), num.number(0)), "1 <= 0")

CASES = {"nothing": matrices(max_dimension=2)}
'''


def test_contradictory_hypotheses_are_said_to_be_so_and_each_is_counted(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "none.py").write_text(CONTRADICTORY)
    assert main(["hunt", "none.py::nothing", "--recipes", "5"]) == 1
    out = capsys.readouterr().out
    assert "instances meets all hypotheses: they contradict each other" in out
    assert "a handful" not in out
    counted = re.findall(r"^  unmet: (.*) ([\d,]+) of ([\d,]+)$", out, re.M)
    assert {name for name, _, _ in counted} == {"0 < tr A", "tr A < 0"}
    assert sum(int(count.replace(",", "")) for _, count, _ in counted) == int(counted[0][2].replace(",", ""))


ENDLESS = '''
from theorems.strategies import matrices
from theorems import at_most, conclude

def endless(case, num):
    """It never answers."""
    while True:
        try:
            while True:
                pass
        except Exception:
            pass
    yield conclude(at_most(num.number(0), num.number(1)))

CASES = {"endless": matrices(max_dimension=2)}
'''


def test_an_infinite_loop_ends_after_the_seconds_and_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(limits, "GRACE", 0.2)
    (tmp_path / "loop.py").write_text(ENDLESS)
    assert main(["hunt", "loop.py::endless", "--seconds", "0.1"]) == 2
    out, err = capsys.readouterr()
    assert "loop.py::endless: not hunted" in out
    said = "attacking endless goes on long after --seconds 0\\.1: does a loop there never end\\?\n"
    assert re.fullmatch(rf"theorems: loop\.py:\d+: {said}", err)
