"""Attacks on the judge, in short form; ``python -m benchmarks.judge`` is the long one."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq

from benchmarks.judge import certificates, expressions, near
from benchmarks.judge.expressions import Comparison, Findings, Node
from benchmarks.judge.references import Exact, Many
from benchmarks.judge.thresholds import FAMILIES, array
from tests import fake_catalogue as fake
from theorems.__main__ import main
from theorems.arithmetic import Ball, Float64, Fractions, Rational
from theorems.case import MatrixCase
from theorems.catalogue import stored
from theorems.claim import Claim, Outcome
from theorems.errors import Unsupported
from theorems.judge.driver import check, settled
from theorems.judge.witness import REFUTES, convict, read, replay, write
from theorems.statement import at_most, conclude, equal, less_than, suppose
from theorems.strategies.search import conviction
from theorems.strategies.search.conviction import Ending, Judgement

# what is true is not convicted, what is false is ---------------------------------------------------------------------


def test_near_violations_are_never_convicted() -> None:
    seen = near.near_violations(2_000, seed=1)
    assert seen.cases >= 2_000
    assert seen.wrong == []
    assert seen.endings["a fact: convicted"] == 0


@pytest.mark.parametrize("size", near.SIZES, ids=lambda size: f"{float(size):g}")
def test_a_violation_of_any_size_is_convicted(size: Fraction) -> None:
    for family in FAMILIES:
        for n in (1, 3):
            case = family.make(Random(n), n, size)
            assert conviction.judge(family.claim, case).ending is Ending.CONVICTED, (family.claim.key, n)


def test_a_tie_is_convicted_where_it_violates() -> None:
    for family in FAMILIES:
        ending = conviction.judge(family.claim, family.make(Random(5), 3, Fraction(0))).ending
        allowed = (Ending.CONVICTED,) if family.strict else (Ending.ARTEFACT,)
        assert ending in ((*allowed, Ending.UNDECIDED) if family.irrational else allowed), family.claim.key


def test_floats_find_one_violation_among_hundreds() -> None:
    seen = near.needles(seed=1, members=256)
    assert seen.wrong == []
    assert seen.cases == len(FAMILIES) * len(near.VISIBLE)


def test_the_attacks_on_the_judge_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that convicts what is a tie, and one that acquits small violations, are both found out."""
    honest = conviction.judge

    def eager(claim: Claim, case: Any) -> Any:
        found = honest(claim, case)
        return replace(found, ending=Ending.CONVICTED) if found.ending is Ending.ARTEFACT else found

    monkeypatch.setattr(near, "judge", eager)
    assert near.near_violations(1).wrong
    monkeypatch.setattr(near, "judge", lambda claim, case: Judgement(Ending.ARTEFACT, case))
    assert len(near.violations(5).wrong) == 5
    monkeypatch.setattr(near, "judge", honest)
    monkeypatch.setattr(near, "escalate", lambda claim, case: Judgement(Ending.ARTEFACT, case))
    assert near.needles(members=16, sizes=near.SIZES[:1]).wrong


# precision ----------------------------------------------------------------------------------------------------------


def exponential(case: MatrixCase, num: Any) -> fake.Steps:
    """exp(x) <= t."""
    yield conclude(at_most(num.exp(case.vectors[0])[..., 0], case.vectors[0][..., 1]), "exp(x) <= t")


EXPONENTIAL = Claim(key="ours/exponential", statement=exponential)


def just_below_e(digits: int) -> MatrixCase:
    """t = e less 10^-digits, about."""
    e = sum((Fraction(1, math.factorial(n)) for n in range(400)), Fraction(0))
    unit = 10 ** (digits + 9)
    return MatrixCase(vectors=(array([Fraction(1), Fraction(math.floor(e * unit), unit) - Fraction(1, 10**digits)]),))


@pytest.mark.parametrize("num", [Ball(), Fractions()], ids=lambda num: num.name)
def test_an_enclosure_is_made_finer_where_it_decides_nothing(num: Any) -> None:
    case = just_below_e(300)
    assert check(EXPONENTIAL, case, num).outcome is Outcome.UNDECIDED
    report, finer = settled(num, lambda num: check(EXPONENTIAL, case, num))
    assert report.outcome is Outcome.FAILS
    assert finer is not num
    assert finer.finer() is None
    coarse, same = settled(num, lambda num: check(EXPONENTIAL, just_below_e(20), num))
    assert coarse.outcome is Outcome.FAILS
    assert same is num


def test_a_witness_that_takes_many_digits_is_stored_and_replayed(tmp_path: Path) -> None:
    witness = convict(just_below_e(300), EXPONENTIAL, "ball", "by hand")
    assert witness is not None
    write(tmp_path / "fine.json", witness, EXPONENTIAL)
    again = read(tmp_path / "fine.json", [EXPONENTIAL])
    for arithmetic in ("ball", "fractions"):
        assert replay(again, EXPONENTIAL, arithmetic).result == REFUTES


@pytest.mark.parametrize("num", [Rational(), Fractions(), Ball()], ids=lambda num: num.name)
def test_a_slice_of_a_vector_is_a_number(num: Any) -> None:
    """``x[..., 0]`` is an array of no axes in exact arithmetic; its root is that of the number."""
    x = num.constant([4, 2])
    with num.running(()):
        assert num.sqrt(x[..., 0]) == num.number(2)
        assert num.decide(at_most(num.sqrt(x[..., 1]), num.number(3, 2))).verdicts[0] == 1


# expressions --------------------------------------------------------------------------------------------------------


def test_random_expressions_have_one_value_in_every_arithmetic() -> None:
    found = expressions.attack(24, seed=2, irrational=2)
    assert found.wrong == []
    for what in ("rational against fractions", "ball against fractions", "ball against mpmath", "ball: comparisons"):
        assert found.compared[what] > 50, what


def test_a_wrong_arithmetic_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ball, "trace", lambda self, A: A[0, 0] + arb(fmpq(1, 10**40)))
    monkeypatch.setattr(Rational, "symmetric", lambda self, A: True)
    leaf = Node("leaf", (), [[Fraction(1), Fraction(2)], [Fraction(3), Fraction(0)]])
    found = Findings()
    Comparison(Node("together", (Node("trace", (leaf,)), Node("symmetric", (leaf,)))), found, irrational=False).run()
    assert any("trace" in line for line in found.wrong)
    assert any("symmetric" in line for line in found.wrong)


def test_our_own_judges_on_a_case_by_hand() -> None:
    """A = (4 1 / 2 3): det 10, inverse (3 -1 / -2 4) / 10, sigma^2 = 15 +- 5 sqrt 5."""
    A = [[Fraction(4), Fraction(1)], [Fraction(2), Fraction(3)]]
    exact, many = Exact(), Many(50)
    assert exact.determinant(A) == 10
    assert exact.inverse(A) == [[Fraction(3, 10), Fraction(-1, 10)], [Fraction(-1, 5), Fraction(2, 5)]]
    assert exact.rank([[Fraction(1), Fraction(2)], [Fraction(2), Fraction(4)]]) == 1
    assert exact.semidefinite([[Fraction(1), Fraction(1)], [Fraction(1), Fraction(1)]])
    assert not exact.semidefinite([[Fraction(0), Fraction(1)], [Fraction(1), Fraction(0)]])
    root = many.context.sqrt(many.context.mpf(15) + 5 * many.context.sqrt(5))
    assert abs(many.singular_value(many.leaf(A), 1) - root) < many.context.mpf(10) ** -45
    assert exact.singular_value([[Fraction(3), Fraction(4)]], 1) == 5


# certificates -------------------------------------------------------------------------------------------------------


def test_damaged_certificates_are_rejected(tmp_path: Path) -> None:
    found = certificates.attack(tmp_path, every=499)
    assert found.accepted == []
    assert found.files == len(stored())
    assert set(found.rejected) == {"another value", "another type", "missing", "twice", "truncated"}


def test_every_damage_of_one_certificate_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.install(monkeypatch, tmp_path)
    fake.store(tmp_path, fake.SIGMA, fake.sigma_case())
    (tmp_path / "damaged").mkdir()
    found = certificates.attack(tmp_path / "damaged", claims=fake.CLAIMS, decide=True)
    assert found.accepted == []
    assert found.total > 300
    assert found.edited["does not refute"] > 0


@pytest.mark.parametrize("field", ["left", "right", "conclusion", "note", "sha256"])
def test_verify_refuses_words_that_were_edited(
    field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.install(monkeypatch, tmp_path)
    path = fake.store(tmp_path, fake.TRACE, fake.trace_case())
    data = json.loads(path.read_text())
    path.write_text(json.dumps(data | {field: data[field] + "0"}))
    assert main(["verify", str(path)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "edited or damaged" in error


def test_verify_refuses_another_case_that_refutes_and_restamp_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.install(monkeypatch, tmp_path)
    path = fake.store(tmp_path, fake.TRACE, fake.trace_case())
    path.write_text(path.read_text().replace('"3/2"', '"7/2"', 1))
    assert main(["verify", str(path)]) == 2
    assert main(["verify", "--restamp", str(path)]) == 0
    assert main(["verify", str(path)]) == 0
    assert read(path, fake.CLAIMS).left == "7/2"
    data = json.loads(path.read_text()) | {"format": 1}
    del data["sha256"]
    path.write_text(json.dumps(data))
    assert main(["verify", str(path)]) == 2
    assert main(["verify", "--restamp", str(path)]) == 0
    assert json.loads(path.read_text())["format"] == 3
    capsys.readouterr()


# floats -------------------------------------------------------------------------------------------------------------


def test_lapack_is_not_asked_of_infinities(capfd: pytest.CaptureFixture[str]) -> None:
    """It complains of them on the standard output, where ``--json`` has to be alone."""
    batch = np.stack([np.diag([3.0, 1.0]), np.full((2, 2), np.inf), np.diag([2.0, np.nan]), np.diag([0.0, 5.0])])
    num = Float64(size=4)
    with num.running(()):
        first, second = num.singular_value(batch, 1), num.singular_value(batch, 2)
        norms = num.spectral_norm(batch)
        huge = num.singular_value(np.stack([np.diag([1e308, 1e308])] * 2), 1)  # finite, though the sum overflows
    np.testing.assert_allclose(first, [3, np.nan, np.nan, 5])
    np.testing.assert_allclose(second, [1, np.nan, np.nan, 0])
    np.testing.assert_allclose(norms, [3, np.nan, np.nan, 5])
    np.testing.assert_allclose(huge, [1e308, 1e308])
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


# irrational entries -------------------------------------------------------------------------------------------------


def test_a_matrix_with_irrational_entries_is_judged_or_left_to_balls() -> None:
    """sqrt(2) (2 1 / 1 2) is symmetric and positive definite; the roots in it are objects of their own."""
    num = Rational()
    with num.running(()):
        A = num.times(num.sqrt(num.number(2)), num.constant([[2, 1], [1, 2]]))
        assert num.symmetric(A)
        B = A.copy()
        B[0, 1] = num.sqrt(num.number(3))
        assert not num.symmetric(B)
        for question in (num.determinant, num.rank, num.nonsingular, num.positive_semidefinite, num.spectral_norm):
            with pytest.raises(Unsupported, match="irrational"):
                question(A)
        with pytest.raises(Unsupported, match="irrational"):
            num.solve(A, A)
        wide = num.diagonal(num.constant([1, 2, 3, 4, 5]))
        scaled = num.times(num.sqrt(num.number(2)), num.identity(5))
        assert num.decide(equal(wide @ scaled, scaled @ wide)).verdicts[0] == 1
    with Ball().running(()):
        assert Ball().rank(Ball().load(MatrixCase((array([[Fraction(1), Fraction(2)]]),))).matrices[0]) == 1


def definite(case: MatrixCase, num: Any) -> fake.Steps:
    """sqrt(x) A is positive semidefinite where A is, and symmetric."""
    (A,), x = case.matrices, case.vectors[0]
    scaled = num.times(num.sqrt(x[..., 0]), A)
    yield suppose(num.positive_semidefinite(A), "A is positive semidefinite")
    yield conclude(num.symmetric(scaled), "sqrt(x) A is symmetric")
    yield conclude(num.positive_semidefinite(scaled), "sqrt(x) A is positive semidefinite")


def test_no_claim_on_irrational_entries_is_refuted_by_the_way_they_are_kept() -> None:
    claim = Claim(key="ours/definite", statement=definite)
    two = array([[Fraction(2), Fraction(1)], [Fraction(1), Fraction(2)]])
    for x in (0, 1, 2, 3):
        case = MatrixCase((two,), (array([Fraction(x)]),))
        assert conviction.judge(claim, case).ending is not Ending.CONVICTED
        for num in (Rational(), Fractions(), Ball()):
            try:
                assert check(claim, case, num).outcome in (Outcome.HOLDS, Outcome.UNDECIDED), num.name
            except Unsupported:
                continue


def test_enclosures_beyond_the_range_of_floats_are_compared() -> None:
    """The margin is for display: that it is no float must not keep a violation from being convicted."""
    huge = Fraction(10) ** 400
    num = Fractions()
    with num.running(()):
        root = num.sqrt(num.number(2 * huge.numerator**2)) + num.sqrt(num.number(3))
        assert num.decide(at_most(root, num.number(1))).verdicts[0] == 0
        assert num.decide(at_most(-root, num.number(1))).verdicts[0] == 1
        assert (float(root), float(-root)) == (math.inf, -math.inf)
        assert "inf" in str(root)
        A = num.times(num.number(huge.numerator), num.constant([[1, 2], [3, 5]]))
        assert num.decide(less_than(num.spectral_norm(A), num.number(huge.numerator))).verdicts[0] == 0
    rows = array([[huge, 2 * huge], [3 * huge, 5 * huge]])
    family = FAMILIES[0]
    case = MatrixCase((rows,), (array([huge]),))
    assert conviction.judge(family.claim, case).ending is Ending.CONVICTED
