"""True claims whose domain the strategy alone states fall to no search, and false ones do not survive."""

from __future__ import annotations

import pytest

from benchmarks.judge import promised
from theorems.domains import AS_DRAWN
from theorems.strategies.spectral import SpectralRecipe


def test_no_true_claim_is_convicted_or_accused() -> None:
    result = promised.promises(seed=4, recipes=12)
    assert result.wrong == []
    assert set(result.counts) <= {"survived", "decided"}


def test_no_false_claim_survives() -> None:
    result = promised.hard_to_settle(seed=4, recipes=6)
    assert result.wrong == []
    assert result.tried == len(promised.FALSE)


def test_a_float_that_misses_its_spectrum_by_rounding_would_be_convicted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SpectralRecipe, "domain", AS_DRAWN)
    assert any(name.startswith("tr = 1, det = -2: refuted") for name in promised.promises(seed=0, recipes=6).wrong)
