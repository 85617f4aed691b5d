"""Which hypotheses are needed: the record is whole and fresh, its witnesses replay, and the search can tell."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import find, given, settings

from tests import fake_catalogue as fake
from theorems import catalogue, facts
from theorems.__main__ import main
from theorems.arithmetic import Fractions
from theorems.case import MatrixCase, arrays, flaw_of_decompositions
from theorems.catalogue import CLAIMS
from theorems.claim import Claim, Verdict
from theorems.evidence import necessity, records
from theorems.evidence.necessity import NEEDED, NOT_NEEDED, OPEN, REDUNDANT, STATED
from theorems.facts import not_needed
from theorems.judge.driver import check
from theorems.judge.witness import REFUTES, read, replay
from theorems.statement import at_most, conclude, suppose
from theorems.strategies.cases import CASES
from theorems.strategies.matrices import matrices
from theorems.strategies.search.necessity import Weakened, normal_form, seek
from theorems.strategies.without import Changed, without

STANDING = [claim for claim in necessity.standing(CLAIMS) if claim.hypotheses]
BY_KEY = {claim.key: claim for claim in CLAIMS}
DERIVED = necessity.derived(CLAIMS)
FILES = necessity.witnesses()


# the record ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", STANDING, ids=lambda claim: claim.key)
def test_every_hypothesis_of_a_claim_that_stands_is_on_record(claim: Claim) -> None:
    entry = records.entry(necessity.NAME, claim)
    assert entry is not None, "theorems hypotheses --record measures what is missing"
    assert not necessity.is_partial(entry, claim)
    assert not any(found.stale for found in necessity.findings(claim)), "theorems hypotheses --record renews it"


def test_nothing_is_on_record_of_other_claims() -> None:
    assert set(records.entries(necessity.NAME)) <= {claim.key for claim in STANDING}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_witness_that_a_hypothesis_is_needed_replays(path: Path) -> None:
    weak = DERIVED[path.name]
    witness = read(path, [weak])
    assert replay(witness, weak, "fractions").result == REFUTES
    whole = BY_KEY[weak.key.partition(" ")[0]]
    report = check(whole, witness.case, Fractions())
    assert set(report.unmet) <= set(weak.skip) - set(whole.skip)
    assert report.unmet, "it violates the claim itself, not only the claim without the hypothesis"


def test_the_names_of_the_files_differ() -> None:
    groups = {(claim.key, necessity.dropped_with(claim, name)) for claim in STANDING for name in claim.hypotheses}
    assert len(DERIVED) == len(groups)


def test_a_finding_is_consistent_with_what_the_attack_saw() -> None:
    for claim in STANDING:
        for found in necessity.findings(claim):
            where = f"{claim.key}: {found.hypothesis}"
            word = found.joint or found.word
            if word == NEEDED:
                assert necessity.argument(claim, found.dropped) is None, f"{where}: a witness and an argument"
                shown = found.witness or necessity.known(claim, found.hypothesis, facts.NEEDED)
                assert shown, f"{where}: nothing shows it"
            if word == STATED and not necessity.known(claim, found.hypothesis, facts.DEFINITION):
                assert found.attack["undefined"] > 0, f"{where}: nothing was ever undefined without it"
            if word == NOT_NEEDED and necessity.shown_by(claim, found.dropped):
                assert not found.attack["unmet"], f"{where}: the claim that shows it has a hypothesis that fails"
            if found.word == REDUNDANT:
                assert not found.attack["alone"]["exact"], f"{where}: violated, although what implies it is met"
            if word != NEEDED:
                assert found.word == REDUNDANT or found.attack["recipes"] > 0


def test_facts_are_about_hypotheses_of_claims_that_stand_and_name_claims_that_do() -> None:
    asked = {claim.key: set(claim.hypotheses) for claim in STANDING}
    for claim in CLAIMS:
        assert set(claim.about) <= asked.get(claim.key, set()) | set(claim.skip), claim.key
        for name in claim.about:
            for fact in facts.of(claim.about, name):
                assert fact.word != facts.IMPLIED or fact.by in claim.hypotheses, f"{claim.key}: {fact.by}"
    for text in catalogue.texts():
        assert set(text.about) <= {name for key in text.by_key for name in asked.get(key, ())}
        for found in (text.about, *(claim.about for claim in text.claims)):
            for fact in (fact for name in found for fact in facts.of(found, name) if fact.claim):
                verdict = BY_KEY[fact.claim].verdict
                assert verdict is not None
                assert verdict.stands or fact.word == facts.NEEDED, f"{fact.claim} does not stand"


# the search ---------------------------------------------------------------------------------------------------------


def norms(case: MatrixCase, num: Any) -> Any:
    """tr(A)^2 <= tr(A^2) n, needs symmetry; the sign of the trace is not needed."""
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield suppose(at_most(num.number(0), num.trace(A)), "tr A >= 0")
    yield conclude(at_most(num.trace(A) * num.trace(A), A.shape[-1] * num.trace(A @ A)), "tr(A)^2 <= n tr(A^2)")


NORMS = Claim(key="tests/norms", statement=norms, verdict=Verdict.CORROBORATED)
SYMMETRIC = matrices(count=1, structure="symmetric")


def test_a_needed_hypothesis_gets_a_witness_although_the_strategy_builds_it_in() -> None:
    weak = Weakened(necessity.without(NORMS, ("A is symmetric",)), ("A is symmetric",))
    found = seek(weak, SYMMETRIC, seconds=60)
    assert found.conviction is not None
    case = normal_form(weak, found.conviction, SYMMETRIC).case
    assert check(NORMS, case, Fractions()).unmet == {"A is symmetric": 1}
    assert case.matrices[0].shape == (2, 2)


def test_one_that_is_not_needed_is_attacked_by_instances_that_violate_it() -> None:
    weak = Weakened(necessity.without(NORMS, ("tr A >= 0",)), ("tr A >= 0",))
    found = seek(weak, SYMMETRIC, recipes=30, seconds=60)
    assert found.conviction is None
    assert found.violating > 100
    assert found.exact >= 3
    assert found.held == found.exact
    again = seek(weak, SYMMETRIC, recipes=30, seconds=60)
    assert again.as_data() == found.as_data()


@given(without(CASES["zeng-lee/lemma-9.value"]))
def test_changed_cases_are_exact_and_keep_their_decompositions(recipe: Changed) -> None:
    case = recipe.exact(1)
    assert flaw_of_decompositions(case) == ""
    assert len(set(case.ranks)) == 1, "Lemma 9 has one rank"
    assert min(case.ranks) >= 1
    batch = recipe.batch(3)
    assert all(leaf.shape[0] == 3 for leaf in arrays(batch))


@pytest.mark.parametrize("reach", ["one", "some"])
def test_changes_reach_singular_weights(reach: str) -> None:
    def singular(recipe: Changed) -> bool:
        weight = recipe.exact(1).frozen.weights[0]
        return reach == recipe.reach and np.linalg.matrix_rank(weight.astype(float)) < len(weight)

    find(without(CASES["zeng-lee/lemma-9.value"]), singular, settings=settings(max_examples=2000, database=None))


# the command --------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small catalogue, a strategy for its claim that stands, and room for a record."""
    fake.install(monkeypatch, tmp_path)
    monkeypatch.setattr(fake, "CASES", {"ours/trace:semidefinite": matrices(count=2, structure="psd")})
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


KEY, SEMIDEFINITE = "ours/trace:semidefinite", "A and B are positive semidefinite"


def test_the_command_records_what_it_finds(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "hypotheses", "--json")
    assert code == 0
    assert {row["finding"] for row in json.loads(out)} == {OPEN}
    assert not (folder / "necessity.json").exists()

    code, out, err = run(capsys, "hypotheses", KEY, "--record", "--recipes", "30", "--seconds", "60")
    assert (code, err) == (0, "")
    assert "2 hypotheses: 1 needed, 1 open" in out
    (path,) = necessity.witnesses()
    assert json.loads(path.read_text())["claim"] == f"{KEY} without '{SEMIDEFINITE}'"
    before = path.read_bytes(), (folder / "necessity.json").read_bytes()

    code, out, _ = run(capsys, "hypotheses", KEY, "--json")
    rows = {row["hypothesis"]: row for row in json.loads(out)}
    assert rows[SEMIDEFINITE]["finding"] == NEEDED
    assert rows[SEMIDEFINITE]["witness"] == path.name
    assert rows["A and B have one size"]["finding"] == OPEN
    assert f"{SEMIDEFINITE}: needed: {path.name}" in " ".join(run(capsys, "show", KEY, "--all")[1].split())

    assert run(capsys, "hypotheses", "--record", "--again", "--recipes", "30", "--seconds", "60")[0] == 0
    assert (path.read_bytes(), (folder / "necessity.json").read_bytes()) == before
    assert run(capsys, "hypotheses", "--measure", "--recipes", "30")[0] == 0


def test_verify_replays_the_witnesses_of_hypotheses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "hypotheses", KEY, "--record", "--recipes", "30", "--seconds", "60")
    code, out, err = run(capsys, "verify", "--necessity", KEY, "--arithmetic", "all")
    assert (code, err) == (0, "")
    assert "1 witness, 3 replays: 3 refute" in out
    (path,) = necessity.witnesses()
    whole = json.loads(path.read_text())
    for damage in ({"claim": KEY}, {"statement": "0" * 64}, {"case": None}, {"left": "7"}):
        path.write_text(json.dumps(whole | damage))
        code, _, err = run(capsys, "verify", "--necessity")
        assert code == 2, damage
        assert err.count("\n") == 1
        assert path.name in err
    path.rename(path.with_name("other.json"))
    code, _, err = run(capsys, "verify", "--necessity")
    assert code == 2
    assert "no claim that stands has such a hypothesis" in err


def test_a_witness_against_an_argument_is_a_contradiction(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    about = {SEMIDEFINITE: not_needed("it is not")}
    claims = [dataclasses.replace(claim, about=about) if claim.key == KEY else claim for claim in fake.CLAIMS]
    fake.install(monkeypatch, folder, claims)
    code, _, err = run(capsys, "hypotheses", "--measure", "--recipes", "30", "--seconds", "60")
    assert code == 1
    assert "refuted, where the record has an argument: it is not" in err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nobody"], "no claim has the key"),
        (["ours/trace:semidefinite"], ""),
        (["zeng-lee/sigma"], "does not stand"),
        (["--seconds", "0"], "positive number"),
        (["--recipes", "0"], "at least 1"),
        (["--again"], "--again is for --record"),
    ],
)
def test_the_command_refuses_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], complaint: str
) -> None:
    code, _, err = run(capsys, "hypotheses", *words)
    assert code == (2 if complaint else 0)
    assert complaint in err
    assert err.count("\n") == bool(complaint)
