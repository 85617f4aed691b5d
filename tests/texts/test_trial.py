"""The trial: every claim of the catalogue against its strategies, in every arithmetic, and every stored witness."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import settings

from theorems.case import arrays, flaw_of_decompositions
from theorems.catalogue import CLAIMS
from theorems.claim import Claim, Verdict
from theorems.commands.check import contradictions
from theorems.evidence import records, survival
from theorems.evidence.survival import MOST_UNDECIDED, WHY_UNDECIDED
from theorems.judge.tally import Tally
from theorems.report.ledger import LedgerRow
from theorems.report.totals import word_of
from theorems.strategies.cases import CASES
from theorems.strategies.engine.worker import Task, work
from theorems.strategies.pytest_plugin import PROPERTY, row_as_json
from theorems.strategies.reach import alike, reach

#: A claim whose instances are vacuous in a larger share has not been tried.
MOST_VACUOUS = 0.5


#: Recipes for a claim whose first ones say too little.
MORE = 60


def _vacuous(seen: Tally) -> float:
    """The share of vacuous instances."""
    return seen.vacuous / max(seen.live + seen.vacuous, 1)


def _undecided(seen: Tally) -> float:
    """The share of undecided instances."""
    return seen.undecided / max(seen.live, 1)


def _says_little(seen: Tally) -> bool:
    return _vacuous(seen) > MOST_VACUOUS or _undecided(seen) > MOST_UNDECIDED


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.key)
def test_claim_agrees_with_its_verdict(claim: Claim, record_property: Callable[[str, object], None]) -> None:
    examples = settings.default.max_examples if settings.default is not None else 24
    recipes = max(8, examples // 3)  # one portion of the search, its climb included
    result = work(Task(claim.key, recipes=recipes, crossed=2, replay=True), lambda message: None)
    if contradictions(result, claim) or _says_little(result.total):  # a portion is a small sample
        result = work(Task(claim.key, recipes=MORE, crossed=2, replay=True), lambda message: None)
    row = LedgerRow(claim.key, word_of(claim), result.total, result.seconds)
    record_property(PROPERTY, row_as_json(row, result.crossed))
    assert contradictions(result, claim) == []
    if claim.verdict is not None and claim.verdict.stands:
        seen = result.total
        assert seen.exact > 0, "no live instance in exact arithmetic"
        share = _vacuous(seen)
        assert share <= MOST_VACUOUS, f"{share:.0%} of the instances are vacuous"
        most = 0.25 if claim.key in WHY_UNDECIDED else MOST_UNDECIDED
        assert _undecided(seen) <= most, f"{seen.undecided} of {seen.live} are undecided"
        assert seen.construction_misses == seen.accused == 0


def test_undecided_shares_on_record_have_their_reason() -> None:
    keys = {claim.key for claim in CLAIMS}
    assert set(WHY_UNDECIDED) <= keys
    found = records.entries(survival.NAME)
    assert len(found) >= 60
    for key, entry in found.items():
        assert key in WHY_UNDECIDED or survival.undecided(entry) <= MOST_UNDECIDED, key
        assert entry.get("construction_misses", 0) == entry.get("accused", 0) == 0, key


def test_every_claim_has_cases_and_every_case_a_claim() -> None:
    assert set(CASES) == {claim.key for claim in CLAIMS}


def test_keys_are_unique() -> None:
    keys = [claim.key for claim in CLAIMS]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.key)
def test_claim_is_documented(claim: Claim) -> None:
    assert claim.summary
    assert claim.source is not None
    assert claim.verdict is not None
    assert claim.reason
    assert "\n" not in claim.reason


@pytest.mark.parametrize(
    "claim", [claim for claim in CLAIMS if claim.verdict is Verdict.REFUTED], ids=lambda claim: claim.key
)
def test_a_refuted_claim_names_a_repair_that_stands(claim: Claim) -> None:
    repairs = {other.key: other for other in CLAIMS}
    assert claim.repaired_by in repairs, f"{claim.key} names no repair"
    repair = repairs[claim.repaired_by]
    assert repair.verdict is not None
    assert repair.verdict.stands


def test_skipped_hypotheses_exist() -> None:
    for claim in CLAIMS:
        whole = Claim(key="whole", statement=claim.statement)
        assert set(claim.skip) <= set(whole.hypotheses), claim.key


#: Several claims have strategies that are written alike; it is enough to look at one of them.
STRATEGIES = alike(CASES.items())


@pytest.mark.parametrize(("key", "strategy"), STRATEGIES.values(), ids=[key for key, _ in STRATEGIES.values()])
def test_every_promised_type_is_reached_and_exact_cases_are_exact(key: str, strategy: Any) -> None:
    found = reach(strategy, key)
    assert not found.missing, f"{', '.join(found.missing)} never met in {found.drawn} draws"
    for recipe in found.first:
        case = recipe.exact(1)
        assert all(isinstance(value, Fraction) for leaf in arrays(case) for value in leaf.ravel().tolist())
        assert flaw_of_decompositions(case) == ""
