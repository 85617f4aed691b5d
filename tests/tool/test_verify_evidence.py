"""What is on record of claims is judged again without a search, and a digest is renewed only where all of it holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import fake_catalogue as fake
from tests.inline_pool import Inline
from theorems.__main__ import main
from theorems.catalogue import CLAIMS
from theorems.commands import verify_evidence
from theorems.evidence import necessity, records, tightness, variants
from theorems.strategies import matrices
from theorems.strategies.engine import pool
from theorems.strategies.variants import Variant, varied
from theorems.strategies.variants.planting import write as write_table

IMAGE = "zeng-lee/equation-1.2"
CLAIM = next(claim for claim in CLAIMS if claim.key == IMAGE)
FALSE = (
    Variant("square too many", "", "matrix_facts.norm_of_an_image", "num.norm(x)", "num.norm_squared(x)"),
    Variant("half the bound", "||A x||_2 <= ||A||_2 ||x||_2"),
)
OLD = "0" * 64


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(records, "folder_of", lambda text: tmp_path / text.key)
    monkeypatch.setattr(pool, "executor", lambda jobs, channel: Inline())
    write_table({IMAGE: FALSE})
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["verify", "--evidence", *words])
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return code, out


def edit(kind: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the entry of the claim on disk."""
    entry = json.loads(json.dumps(records.entry(kind, CLAIM)))
    change(entry)
    records.write(kind, {IMAGE: entry})


def old(entry: dict[str, Any]) -> dict[str, Any]:
    entry["digest"] = OLD
    return entry


def digest(kind: str) -> str:
    return str((records.entry(kind, CLAIM) or {})["digest"])


@pytest.fixture
def killed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["teeth", IMAGE, "--record", "--seconds", "20"])
    capsys.readouterr()
    entry = records.entry(variants.NAME, CLAIM)
    assert entry is not None
    assert all(row["killed"] == 1 and row["kill"]["type"] for row in entry["variants"])


@pytest.fixture
def measured(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["atlas", IMAGE, "--record", "--portions", "1"])
    capsys.readouterr()


@pytest.mark.usefixtures("killed")
def test_kills_are_replayed_and_renew_a_digest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys) == (0, "1 entries, 2 instances replayed: 1 holds\n")
    edit(variants.NAME, old)
    code, out = run(capsys, IMAGE)
    assert code == 1
    assert "holds, for another digest: theorems verify --evidence --restamp" in out
    assert digest(variants.NAME) == OLD
    code, out = run(capsys, IMAGE, "--restamp")
    assert code == 0
    assert f"{IMAGE}: variants: restamped" in out
    assert digest(variants.NAME) == CLAIM.digest
    assert run(capsys, "--json")[0] == 0


@pytest.mark.usefixtures("killed")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda entry: entry["variants"][0].pop("kill"), "no kill is stored"),
        (lambda entry: entry["variants"].pop(), "other variants are planted"),
        (lambda entry: [row.update(kill=zero(row["kill"])) for row in entry["variants"]], "does not convict it"),
        (lambda entry: entry["variants"][0].update(kill={"type": "Nothing", "fields": {}}), "not a type of cases"),
    ],
)
def test_what_is_not_stored_or_does_not_kill_renews_nothing(
    change: Callable[[dict[str, Any]], object], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(variants.NAME, lambda entry: (old(entry), change(entry)))
    code, out = run(capsys, IMAGE, "--restamp")
    assert code == 1
    assert reason in out
    assert f"theorems teeth {IMAGE} --record" in out
    assert digest(variants.NAME) == OLD


def zero(data: Any) -> Any:
    """The case with zeros for entries."""
    if isinstance(data, dict):
        return {name: nought(value) if name == "entries" else zero(value) for name, value in data.items()}
    return [zero(item) for item in data] if isinstance(data, list) else data


def nought(entries: Any) -> Any:
    return [nought(entry) for entry in entries] if isinstance(entries, list) else "0"


@pytest.mark.usefixtures("killed")
def test_an_old_entry_without_kills_holds_while_its_digest_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    edit(variants.NAME, lambda entry: [row.pop("kill") for row in entry["variants"]])
    assert run(capsys) == (0, "1 entries, 0 instances replayed: 1 holds\n")


@pytest.mark.usefixtures("killed")
def test_a_kill_that_fells_the_claim_is_no_kill() -> None:
    false = varied(CLAIM, FALSE[1])  # half the bound, and again half of it
    write_table({IMAGE: FALSE[1:]})
    rows = [row for row in (records.entry(variants.NAME, CLAIM) or {})["variants"] if row["name"] == FALSE[1].name]
    judged = verify_evidence.of_variants(false, {"variants": rows})
    assert (judged.replayed, judged.failures) == (1, [f"{FALSE[1].name}: the claim itself falls on that case"])


@pytest.mark.usefixtures("measured")
def test_extremal_instances_are_measured_again(capsys: pytest.CaptureFixture[str]) -> None:
    edit(tightness.NAME, old)
    assert run(capsys, "--restamp")[0] == 0
    assert digest(tightness.NAME) == CLAIM.digest
    edit(tightness.NAME, lambda entry: entry["relations"][0].update(largest_ratio=0.5))
    code, out = run(capsys)
    assert code == 1
    assert "on record is 0.5" in out
    edit(tightness.NAME, lambda entry: (old(entry), entry["relations"].clear()))
    assert "it has no instances" in run(capsys, "--restamp")[1]
    assert digest(tightness.NAME) == OLD


def test_witnesses_of_hypotheses_are_replayed_and_counts_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.install(monkeypatch, tmp_path)
    monkeypatch.setattr(fake, "CASES", {"ours/trace:semidefinite": matrices(count=2, structure="psd")})
    main(["hypotheses", "ours/trace:semidefinite", "--record", "--recipes", "30", "--seconds", "60"])
    code, out = run(capsys)
    assert (code, out.splitlines()[-1]) == (0, "1 entries, 1 instances replayed: 1 holds")
    records.write(necessity.NAME, {key: {**e, "digest": OLD} for key, e in records.entries(necessity.NAME).items()})
    code, out = run(capsys, "--restamp")
    assert code == 1
    assert "A and B have one size: it has the counts of a search alone" in out
    (path,) = necessity.witnesses()
    path.write_text("{}")
    code, out = run(capsys)
    assert code == 1
    assert ": fails: A and B are positive semidefinite: " in out


def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["nobody/at-all"], [IMAGE, "--proofs"], [IMAGE, "--arithmetic", "all"], ["zeng-lee/equation-1.5"]):
        assert main(["verify", "--evidence", *words]) == 2, words
        assert capsys.readouterr().err.count("\n") == 1
