"""The text stands on its own: its claims agree with their verdicts, and its counterexamples replay."""

from __future__ import annotations

import json

import pytest
from matrix_folklore.cases import CASES
from matrix_folklore.text import TEXT

from theorems.__main__ import main


def test_every_claim_has_a_case() -> None:
    assert list(CASES) == [claim.key for claim in TEXT.claims]


def test_every_refuted_claim_has_a_witness_that_replays(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--text", "folklore", "verify", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    refuted = {claim.key for claim in TEXT.claims if claim.verdict is not None and not claim.verdict.stands}
    assert {row["key"] for row in rows if " without " not in row["key"]} == refuted  # the others: needed hypotheses
    assert {row["result"] for row in rows} == {"refutes"}


def test_every_claim_agrees_with_its_verdict() -> None:
    assert main(["check", "folklore"]) == 0


@pytest.mark.parametrize("what", ["--evidence", "--proofs", "--necessity"])
def test_what_was_measured_is_replayed(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The kills of false variants, the extremal instances, the certificates, and what falls without a hypothesis."""
    assert main(["--text", "folklore", "verify", what]) == 0
    assert "0 " not in capsys.readouterr().out.splitlines()[-1][:2]
