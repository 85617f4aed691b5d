"""False variants: how they are made, that they leave everything else alone, and that the hunt kills them."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.inline_pool import Inline
from theorems import evidence
from theorems.__main__ import main
from theorems.arithmetic import Ball, Float64, Fractions, Rational
from theorems.arithmetic.base import Arithmetic
from theorems.case import MatrixCase, exact
from theorems.catalogue import CLAIMS
from theorems.claim import Claim, Outcome
from theorems.commands import teeth
from theorems.errors import InputError
from theorems.evidence import records
from theorems.judge.driver import check
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, exists, less_than, suppose
from theorems.strategies import matrices
from theorems.strategies.cases import CASES
from theorems.strategies.draws import recipe_of
from theorems.strategies.engine import pool
from theorems.strategies.search.attack import batch_size
from theorems.strategies.search.hunt import hunt
from theorems.strategies.search.portion import drawn_chunk
from theorems.strategies.variants import Variant, planted, varied
from theorems.strategies.variants.expressions import slips_of
from theorems.strategies.variants.planting import LEAST, table
from theorems.strategies.variants.planting import write as write_table
from theorems.strategies.variants.rewriting import recompiled, rewritten
from theorems.strategies.variants.slips import proposed
from theorems.strategies.variants.steps import constructed, guarded
from theorems.strategies.variants.trial import KILLED, MISSED, SECONDS, tried
from theorems.strategies.variants.variant import MISSING
from theorems.texts.textbook.spectra import tail_energy

Steps = Iterator[Suppose | Conclude]
STANDING = [claim for claim in CLAIMS if claim.verdict is not None and claim.verdict.stands]
BY_KEY = {claim.key: claim for claim in CLAIMS}
TAIL = BY_KEY["textbook/theorem-11.11"]


# the trial ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", STANDING, ids=lambda claim: claim.key)
def test_the_search_would_notice_a_slip(claim: Claim) -> None:
    for variant in teeth.chosen(claim, 0, short=True):
        result = tried(claim, CASES[claim.key], variant, seconds=SECONDS)
        assert result.outcome == KILLED, f"missed: {variant.name} {result.problem}"


def test_every_claim_that_stands_has_variants_and_no_other_claim() -> None:
    assert set(table()) == {claim.key for claim in STANDING}
    for claim in STANDING:
        variants = planted(claim)
        assert len(set(variants)) == len(variants), claim.key
        assert sum(not variant.open for variant in variants) >= LEAST, claim.key
        assert len({variant.operator for variant in variants}) >= 2, claim.key
        assert sum(variant.operator == "opposite answer" for variant in variants) <= 1, claim.key


def test_every_variant_has_its_place_in_the_claim() -> None:
    for claim in STANDING:
        for variant in planted(claim):
            varied(claim, variant)


# the claims are left alone ------------------------------------------------------------------------------------------


def _same(claim: Claim, other: Claim, recipes: int = 2) -> None:
    for drawn in drawn_chunk(CASES[claim.key], 0, claim.key, 0)[:recipes]:
        batch = recipe_of(drawn).batch(3)
        one, two = (check(each, batch, Float64(size=batch_size(batch))) for each in (claim, other))
        np.testing.assert_array_equal(one.codes, two.codes, err_msg=claim.key)
        np.testing.assert_array_equal(one.margins, two.margins, err_msg=claim.key)


@pytest.mark.parametrize("claim", STANDING[::14], ids=lambda claim: claim.key)
def test_a_statement_compiled_anew_does_what_the_original_does(claim: Claim) -> None:
    _same(claim, Claim(key=claim.key, statement=guarded(recompiled(claim.statement)), skip=claim.skip))


@pytest.mark.parametrize("claim", STANDING[::54], ids=lambda claim: claim.key)
def test_a_claim_wrapped_by_nothing_survives(claim: Claim) -> None:
    plain = Claim(key=claim.key, statement=guarded(recompiled(claim.statement)), skip=claim.skip)
    found = hunt(plain, CASES[claim.key], recipes=8, shrink=False)
    assert found.conviction is None
    assert found.outcome == "survived"


def test_a_changed_helper_is_seen_by_its_variant_alone() -> None:
    helper, before = tail_energy._tail, dict(tail_energy.__dict__)
    variant = Variant("rank one lower", "", "tail_energy._tail", "num.rank(W) - k", "num.rank(W) - k - 1")
    slipped = varied(TAIL, variant)
    assert tried(TAIL, CASES[TAIL.key], variant, recipes=20).outcome == KILLED
    assert tail_energy._tail is helper
    assert tail_energy.__dict__ == before
    assert slipped.statement is not TAIL.statement
    _same(TAIL, BY_KEY[TAIL.key])


def test_a_slip_without_a_place_says_so() -> None:
    for function, before, message in (
        ("tail_energy._tail", "num.rank(V)", "has no expression"),
        ("tail_energy.other", "num.rank(W)", "calls no function"),
    ):
        with pytest.raises(InputError, match=message):
            rewritten(TAIL.statement, function, before, "0")
    with pytest.raises(InputError, match="has no hypothesis"):
        varied(TAIL, Variant(MISSING, "W is square"))
    with pytest.raises(InputError, match="there is no slip"):
        varied(TAIL, Variant("no such slip", "k <= r"))


# steps --------------------------------------------------------------------------------------------------------------

A = MatrixCase((np.array([[1.0, 2.0], [0.0, 2.0]]),))
ARITHMETICS: tuple[Callable[[], Arithmetic], ...] = (Float64, Rational, Fractions, Ball)


def _trace_at_most(case: MatrixCase, num: Any) -> Steps:
    yield conclude(at_most(num.trace(case.matrices[0]), num.number(3)), "c")


def _trace_below(case: MatrixCase, num: Any) -> Steps:
    yield conclude(less_than(num.trace(case.matrices[0]), num.number(4)), "c")


def _trace_is(case: MatrixCase, num: Any) -> Steps:
    yield conclude(equal(num.trace(case.matrices[0]), num.number(3)), "c")


def _norm_at_most(case: MatrixCase, num: Any) -> Steps:
    yield conclude(at_most(num.frobenius_norm(case.matrices[0]), num.number(3)), "c")


def _not_symmetric(case: MatrixCase, num: Any) -> Steps:
    yield conclude(num.symmetric(case.matrices[0] + case.matrices[0].mT), "c")


def _some_number(case: MatrixCase, num: Any) -> Steps:
    trace = num.trace(case.matrices[0])
    yield conclude(exists(attained=lambda: trace, lower_bound=trace, bound=num.number(3)), "c")


@pytest.mark.parametrize("arithmetic", ARITHMETICS, ids=lambda arithmetic: arithmetic.__name__)
@pytest.mark.parametrize(
    ("statement", "change", "outcome"),
    [
        (_trace_at_most, "reversed inequality", Outcome.HOLDS),
        (_trace_at_most, "strict inequality", Outcome.FAILS),
        (_trace_at_most, "equality for an inequality", Outcome.HOLDS),
        (_trace_at_most, "half the bound", Outcome.FAILS),
        (_trace_at_most, "bound a hundredth too small", Outcome.FAILS),
        (_trace_at_most, "opposite answer", Outcome.UNDEFINED),
        (_trace_below, "reversed inequality", Outcome.FAILS),
        (_trace_below, "equality for an inequality", Outcome.FAILS),
        (_trace_below, "strict inequality", Outcome.UNDEFINED),
        (_trace_is, "factor of two", Outcome.FAILS),
        (_trace_is, "reversed inequality", Outcome.UNDEFINED),
        (_norm_at_most, "strict inequality", Outcome.FAILS),
        (_norm_at_most, "factor of two", Outcome.HOLDS),
        (_not_symmetric, "opposite answer", Outcome.FAILS),
        (_some_number, "half the bound", Outcome.FAILS),
        (_some_number, "factor of two", Outcome.HOLDS),
    ],
)
def test_changes_of_a_conclusion(
    arithmetic: Callable[[], Arithmetic], statement: Any, change: str, outcome: Outcome
) -> None:
    claim = Claim(key="own/claim", statement=statement)
    case = A if arithmetic is Float64 else exact(A)
    assert check(claim, case, arithmetic()).outcome is Outcome.HOLDS
    found = check(varied(claim, Variant(change, "c")), case, arithmetic()).outcome
    assert found is outcome


def test_an_existence_read_of_its_construction() -> None:
    def statement(case: MatrixCase, num: Any) -> Steps:
        yield conclude(exists(attained=lambda: num.number(2), lower_bound=num.number(0), bound=num.number(1)), "c")

    assert check(statement, exact(A), Rational()).outcome is Outcome.UNDECIDED
    assert check(constructed(statement), exact(A), Rational()).outcome is Outcome.FAILS


def _broken(case: MatrixCase, num: Any) -> Steps:
    (M,) = case.matrices
    yield suppose(num.symmetric(M), "M is symmetric")
    yield conclude(equal(num.trace(M @ M), num.frobenius_norm_squared(M)), "tr(M^2) = ||M||_F^2")


@pytest.mark.parametrize("after", ["M[0, 5, 5, 5]", "M @ num.zeros(7, 7)", "M.shape", "nowhere", "M.no_such_attribute"])
def test_what_cannot_be_formed_is_undefined_and_kills_nothing(after: str) -> None:
    claim = Claim(key="own/broken", statement=_broken)
    variant = Variant("own", "", "test_teeth._broken", "M @ M", after)
    symmetric = MatrixCase((np.eye(2),))
    for num in (Float64(), Rational(), Fractions()):
        assert check(varied(claim, variant), exact(symmetric), num).outcome is Outcome.UNDEFINED
    strategy = matrices(count=1, structure="symmetric", max_dimension=3)
    assert tried(claim, strategy, variant, recipes=3).outcome == MISSED


def test_a_hypothesis_left_out_and_a_wrong_transpose() -> None:
    claim = Claim(key="own/broken", statement=_broken)
    strategy = matrices(count=1, max_dimension=3)
    assert tried(claim, strategy, Variant(MISSING, "M is symmetric"), recipes=10).outcome == KILLED
    true = Claim(key="own/broken", statement=_broken, skip=("M is symmetric",))
    right = Variant("own", "", "test_teeth._broken", "M @ M", "M @ M.mT")
    assert tried(true, strategy, right, recipes=10).outcome == MISSED


# expressions --------------------------------------------------------------------------------------------------------


def _slips(text: str, supposed: bool = False) -> set[tuple[str, str]]:
    return set(slips_of(ast.parse(text, mode="eval").body, supposed=supposed))


@pytest.mark.parametrize(
    ("text", "slip", "other"),
    [
        ("num.spectral_norm(A @ B)", "wrong norm", "num.frobenius_norm(A @ B)"),
        ("num.frobenius_norm(A)", "wrong norm", "num.spectral_norm(A)"),
        ("num.singular_value(A, k + 1)", "index off by one", "num.singular_value(A, k)"),
        ("num.singular_value(A, k)", "index off by one", "num.singular_value(A, k + 1)"),
        ("sigma(d, sum(case.ranks) + 1, num)", "index off by one", "sigma(d, sum(case.ranks), num)"),
        ("num.low_rank(A, r)", "rank one lower", "num.low_rank(A, r - 1)"),
        ("num.rank(A)", "rank one lower", "num.rank(A) - 1"),
        ("num.solve(S, B)", "wrong transpose", "num.solve(S.mT, B)"),
        ("A.mT", "wrong transpose", "A"),
        ("A @ B", "factors exchanged", "B @ A"),
        ("num.relu(x)", "missing ReLU", "x"),
        ("num.smaller(m, n)", "larger for smaller", "m + n - num.smaller(m, n)"),
        ("2 * x", "dropped factor", "x"),
        ("x / n", "dropped denominator", "x"),
        ("x ** 2", "missing square", "x"),
        ("x - y", "wrong sign", "x + y"),
        ("-(-a // (b + 1))", "floor for ceiling", "a // (b + 1)"),
        ("a // b", "ceiling for floor", "-(-a // b)"),
        ("k <= r", "strict inequality", "k < r"),
        ("rank <= R - 1", "threshold off by one", "rank <= R"),
        ("range(1, k + 1)", "range off by one", "range(1, (k + 1) - 1)"),
        ("d.s[..., :k]", "range off by one", "d.s[..., :k - 1]"),
        ("num.selector(D, a, b)", "range off by one", "num.selector(D, a + 1, b)"),
        ("num.number(1, 2)", "wrong constant", "num.number(1, 3)"),
        ("num.positive_semidefinite(A)", "weaker hypothesis", "num.symmetric(A)"),
        ("weights[0]", "last for first", "weights[-1]"),
        ("p and q", "missing condition", "q"),
    ],
)
def test_slips_of_an_expression(text: str, slip: str, other: str) -> None:
    assert (slip, other) in _slips(text)


def test_a_hypothesis_is_weakened_where_it_stands() -> None:
    assert ("weak inequality for a strict one", "at_most(x, y)") in _slips("less_than(x, y)", supposed=True)
    assert _slips("less_than(x, y)") == set()
    assert _slips("x.shape[0]") == set() == _slips("num.nonsingular(A)", supposed=True)


def test_what_bears_on_no_truth_is_not_proposed() -> None:
    claim = BY_KEY["zeng-lee/lemma-9.value"]
    variants = proposed(claim, {"some adapters attain sigma_{sum R_l + 1}(E)": "exists"})
    assert {variant.operator for variant in variants} >= {MISSING, "half the bound", "wrong transpose"}
    assert not [variant for variant in variants if "obstructions" in variant.function]
    # An existence falls by its obstruction only where the slip is in what is supposed or bounded.
    supposed = (".hypotheses", ".one_rank", ".value")
    assert all(v.constructed or not v.function or v.function.endswith(supposed) for v in variants)


# the command --------------------------------------------------------------------------------------------------------


TRUE = Variant("wrong norm", "", "matrix_facts.norm_of_an_image", "num.spectral_norm(A)", "num.frobenius_norm(A)")
FALSE = (
    Variant("square too many", "", "matrix_facts.norm_of_an_image", "num.norm(x)", "num.norm_squared(x)"),
    Variant("strict inequality", "||A x||_2 <= ||A||_2 ||x||_2"),
    Variant("half the bound", "||A x||_2 <= ||A||_2 ||x||_2"),
)
IMAGE = "zeng-lee/equation-1.2"


@pytest.fixture
def planting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Plants variants of equation (1.2) alone; no processes, and a record of its own."""
    monkeypatch.setattr(pool, "executor", lambda jobs, channel: Inline())
    monkeypatch.setattr(records, "folder_of", lambda text: tmp_path / text.key)

    def plant(*variants: Variant) -> None:
        write_table({IMAGE: variants})

    return plant


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["teeth", *words])
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return code, out, err


def test_all_killed(planting: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    planting(*FALSE)
    code, out, err = _run(capsys, IMAGE, "--seeds", "2", "--seconds", "20")
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 100
    assert "3 of 3 killed, 0 missed, of 1 claims; 6 hunts" in out
    assert "0 of the construction" in " ".join(out.split())
    code, out, err = _run(capsys, IMAGE, "--json", "--short", "--seed", "1", "--seconds", "20")
    data = json.loads(out)
    assert (code, data["killed"], data["variants"], data["missed"], data["short"]) == (0, 1, 1, [], [])
    kind = data["claims"][0]["variants"][0]["kind"]
    assert data["kinds"] == {name: int(name == kind) for name in evidence.variants.KINDS}
    assert data["shallow"] == ([] if kind == evidence.variants.SEARCHED else [IMAGE])
    hunted = data["claims"][0]["variants"][0]["hunts"][0]
    assert (hunted["outcome"], hunted["seed"]) == (KILLED, 1)
    assert hunted["instances"] >= 1


def test_three_kinds_of_slips_are_kept_apart() -> None:
    kind_of = evidence.variants.kind_of
    assert kind_of(Variant("wrong norm", step="the bound", constructed=True).name, 1000) == "of the construction"
    assert [kind_of("wrong norm: the bound", n) for n in (1, 2, 3)] == ["fell at once", "fell at once", "took a search"]


def test_short_takes_another_variant_with_every_seed(planting: Callable[..., None]) -> None:
    planting(*FALSE)
    turns = [teeth.chosen(BY_KEY[IMAGE], seed, short=True) for seed in range(3)]
    assert sorted(variant.name for (variant,) in turns) == sorted(variant.name for variant in FALSE)


def test_a_missed_variant_fails_by_name(planting: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    planting(*FALSE, TRUE)
    code, out, _ = _run(capsys, IMAGE, "--seconds", "0.5")
    assert code == 1
    assert f"missed: {IMAGE}: {TRUE.name} (seed 0;" in out
    assert "3 of 4 killed, 1 missed" in out


def test_too_few_variants_fail_and_so_does_a_run_of_none(
    planting: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    planting(*FALSE[:2])
    code, out, _ = _run(capsys, IMAGE)
    assert code == 1
    assert f"short: {IMAGE}: fewer than 3 variants are planted" in out
    planting()
    code, out, _ = _run(capsys, IMAGE)
    assert code == 1
    assert "no variant ran" in out


def test_variants_by_lot_are_killed_and_what_has_a_place_stays(
    planting: Callable[..., None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teeth, "standing", lambda keys: [BY_KEY[IMAGE]])
    planting(FALSE[0], Variant("lost", "", "matrix_facts.norm_of_an_image", "num.norm(y)", "0"))
    code, out, _ = _run(capsys, IMAGE, "--plant")
    chosen = planted(BY_KEY[IMAGE])
    assert (code, out.splitlines()[0]) == (0, f"{IMAGE}: {len(chosen)}")
    assert len(chosen) >= LEAST
    assert chosen[0] == FALSE[0]
    assert len({variant.operator for variant in chosen}) == len(chosen)
    assert _run(capsys, IMAGE, "--seconds", "20")[0] == 0


def test_a_known_miss_is_hunted_and_missed_but_not_in_the_short_form(
    planting: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    known = Variant(TRUE.operator, "", TRUE.function, TRUE.before, TRUE.after, open="it is true")
    planting(*FALSE, known)
    assert all(known not in teeth.chosen(BY_KEY[IMAGE], seed, short=True) for seed in range(4))
    code, out, _ = _run(capsys, IMAGE, "--seconds", "0.5")
    assert code == 1
    assert "  it is true" in out.splitlines()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--plant", "--json"], "leave out --record, --short and --json"),
        (["--seconds", "0"], "--seconds 0: give a positive number"),
        (["--seeds", "0"], "--seeds 0: give at least 1"),
        (["--short", "--record"], "exclude each other"),
        (["zeng-lee/equation-1.55"], "zeng-lee/equation-1.5"),
        (["zeng-lee/equation-1.7:no"], "zeng-lee/equation-1.7"),
        (["zeng-lee/theorem-2.9"], "theorem-2"),
    ],
)
def test_wrong_usage(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = _run(capsys, *words)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_refuted_claim_has_no_variants(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = _run(capsys, "zeng-lee/equation-1.5")
    assert (code, out) == (2, "")
    assert "nothing there stands" in err


def test_the_record_is_shown_and_grows_stale(
    planting: Callable[..., None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = BY_KEY[IMAGE]
    monkeypatch.setattr(teeth, "standing", lambda keys: [claim])
    assert evidence.variants.lines(claim) == []
    planting(*FALSE)
    assert _run(capsys, "--record", "--seconds", "20")[0] == 0
    lines = evidence.variants.lines(claim)
    assert lines[0].startswith("killed 3 of 3 with the seed: ")
    assert lines[0].endswith(", 0 of the construction")
    assert len(lines) == 4
    assert all(line.endswith(("instance", "instances")) for line in lines[1:])
    code, out, _ = _run(capsys, "--record", "--seconds", "20")
    assert (code, "every claim that stands is on record" in out) == (0, True)
    planting(*FALSE, TRUE)
    assert not teeth.is_recorded(claim, 1, 20)
    assert _run(capsys, "--record", "--seconds", "0.5", "--seeds", "2")[0] == 1
    assert evidence.variants.lines(claim)[-1] == f"{TRUE.name}: missed with 2 of 2"
    other = Claim(key=claim.key, statement=claim.statement, skip=("x is real",))
    assert "measured on an earlier form" in evidence.variants.lines(other)[0]
    described = evidence.variants.describe(other)
    assert described is not None
    assert described["stale"]
