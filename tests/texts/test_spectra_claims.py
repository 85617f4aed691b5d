"""The claims on spectra: formulas against hand-computed values, their cases and strategies, broken variants."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import InvalidArgument

from theorems.arithmetic import Ball, Float64, Fractions, Rational
from theorems.case import SVD, Array, arrays, fractions, parts
from theorems.claim import Claim, Verdict
from theorems.errors import InputError
from theorems.models.linear import Adapter
from theorems.statement import Conclude, Suppose, at_most, conclude, suppose
from theorems.strategies.rational import identity, product_of
from theorems.strategies.search.hunt import hunt
from theorems.strategies.texts.textbook.spectra.cases import CASES
from theorems.strategies.texts.textbook.spectra.recipes import BUILDERS, BuiltRecipe, built
from theorems.texts.textbook.errors.layers import accumulated
from theorems.texts.textbook.errors.rademacher import complexity
from theorems.texts.textbook.spectra.attention import attention
from theorems.texts.textbook.spectra.cases import (
    AttentionCase,
    ChoiceCase,
    LayersCase,
    NoisyCase,
    SampleCase,
    SpectraPairCase,
    SpectrumCase,
)
from theorems.texts.textbook.spectra.claims import SECTION_11_2_5, SECTIONS_11_2_1_AND_11_2_2
from theorems.texts.textbook.spectra.decay import power_law_squares
from theorems.texts.textbook.spectra.effective_rank import effective_rank
from theorems.texts.textbook.spectra.empirical import fitted_exponent
from theorems.texts.textbook.spectra.matrices import energy, threshold_rank, truncated
from theorems.texts.textbook.training.recovery import kept

CLAIMS = tuple(claim for claim in (*SECTIONS_11_2_1_AND_11_2_2, *SECTION_11_2_5) if claim.key in CASES)


def exact(values: Any) -> Array:
    return fractions(np.asarray(values, dtype=object))


def diagonal(*s: Any) -> SVD:
    """diag(s) for descending s."""
    n = len(s)
    return SVD(identity(n), exact(s), identity(n))


# formulas against numbers computed by hand


@pytest.mark.parametrize(
    ("s", "value"),
    [
        ([1, 1], 2.0),
        ([3], 1.0),
        ([1, 0, 0], 1.0),
        ([1, 1, 1, 1], 4.0),
        ([2, 1], 5 / 4**0.8),  # exp(-0.8 log 0.8 - 0.2 log 0.2) = 5 / 4^0.8
    ],
)
def test_effective_rank_of_small_spectra(s: list[int], value: float) -> None:
    assert float(effective_rank(np.array([s], dtype=float), Float64())[0]) == pytest.approx(value, rel=1e-13)
    for num in (Ball(), Fractions()):
        loaded = num.load(SpectraPairCase(exact(s), exact(s), 1)).first
        assert float(effective_rank(loaded, num)) == pytest.approx(value, rel=1e-13)


@pytest.mark.parametrize(("tau", "rank"), [("1/2", 1), ("2/3", 1), ("7/10", 2), ("5/6", 2), ("9/10", 3), ("1", 3)])
def test_threshold_rank_counts_to_the_first_energy_that_suffices(tau: str, rank: int) -> None:
    s = exact([2, 1, 1])  # energies 4/6, 5/6, 1: a tie counts as reached
    assert threshold_rank(s, Fraction(tau), Fractions()) == rank


def test_energy_is_a_share_of_squares() -> None:
    assert energy(exact([2, 1, 1]), 1, Fractions()) == Fraction(2, 3)
    assert energy(exact([2, 1, 1]), 0, Fractions()) == 0


def test_truncation_keeps_the_leading_terms() -> None:
    d = diagonal(3, 2, 1)
    assert (truncated(d, 2) == exact([[3, 0, 0], [0, 2, 0], [0, 0, 0]])).all()


def test_power_laws_are_rational_where_they_can_be_and_enclosed_elsewhere() -> None:
    assert power_law_squares(3, Fraction(1), Fractions()).tolist() == [1, Fraction(1, 4), Fraction(1, 9)]
    assert power_law_squares(3, Fraction(1, 2), Fractions()).tolist() == [1, Fraction(1, 2), Fraction(1, 3)]
    value = power_law_squares(2, Fraction(11, 10), Fractions())[1]
    assert float(value) == pytest.approx(2**-2.2, rel=1e-14)


def test_attention_of_equal_logits_is_uniform_and_its_rows_sum_to_one() -> None:
    case = AttentionCase(np.zeros((1, 3, 2)), np.ones((1, 3, 2)))
    assert attention(case, Float64()) == pytest.approx(np.full((1, 3, 3), 1 / 3))
    other = AttentionCase(np.array([[[1.0], [2.0]]]), np.array([[[1.0], [0.0]]]))
    A = attention(other, Float64())[0]
    assert A.sum(-1) == pytest.approx([1.0, 1.0])
    assert A[0, 0] == pytest.approx(1 / (1 + math.exp(-1)))


def test_complexity_averages_over_all_signs() -> None:
    one, two = exact([[1]]), exact([[2]])
    assert complexity([one], 1, Fraction(3), Fractions()) == 3
    assert complexity([one, one], 1, Fraction(1), Fractions()) == 1  # |1 + 1| and |1 - 1|
    assert complexity([one, two], 1, Fraction(1), Fractions()) == 2  # 3 and 1
    both = complexity([exact([[1, 0], [0, 1]])], 2, Fraction(1), Fractions())
    assert float(both) == pytest.approx(2.0)


def test_the_printed_bound_on_accumulated_errors() -> None:
    half = Fraction(1, 2)
    assert accumulated([half, half], Fractions()) == Fraction(5, 4)
    assert accumulated([], Fractions()) == 0


def test_values_above_the_threshold_are_counted() -> None:
    case = NoisyCase(diagonal(3, 2, 1), diagonal(3, 2, 0), 2, exact(["3/2"]))
    assert kept(case, Fractions()) == 2


def test_the_fitted_exponent_of_a_power_law_is_its_own() -> None:
    s = 5.0 * np.arange(1.0, 30.0) ** -1.7
    assert float(fitted_exponent(s[None], Float64())[0]) == pytest.approx(1.7)


# the listing


def test_the_claims_cover_the_lines_of_the_source() -> None:
    inventory = Path(__file__).parents[3] / "shared" / "STATEMENTS.tsv"
    covered = {claim.key for claim in CLAIMS}
    keys = [
        "definition-11.16", "lemma-11.17", "theorem-11.9", "lemma-11.18", "table-11.2.1", "lemma-11.19", "lemma-11.20",
        "theorem-11.10", "theorem-11.11", "corollary-11.4", "definition-11.17", "lemma-11.21", "theorem-11.12",
        "table-11.2.2", "definition-11.22", "theorem-11.18", "lemma-11.30", "theorem-11.19", "corollary-11.7",
        "lemma-11.31", "definition-11.23", "lemma-11.32", "theorem-11.20",
    ]  # fmt: skip
    for key in keys:
        whole = f"textbook/{key}"
        assert any(other == whole or other.startswith((f"{whole}.", f"{whole}:")) for other in covered), key
    if inventory.exists():
        known = {line.split("\t")[0] for line in inventory.read_text().splitlines() if line}
        assert {f"textbook/{key}" for key in keys} <= known


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.key)
def test_repairs_stand(claim: Claim) -> None:
    if claim.verdict is Verdict.REFUTED:
        repair = next(other for other in CLAIMS if other.key == claim.repaired_by)
        assert repair.verdict is not None
        assert repair.verdict.stands


# strategies: their promise


@pytest.mark.parametrize("name", BUILDERS)
def test_recipes_are_deterministic_picklable_and_exact(name: str) -> None:
    keys = [key for key in CASES if _builder(key) == name]
    assert keys, f"no claim uses {name}"

    @settings(max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(CASES[keys[0]])
    def sound(recipe: BuiltRecipe) -> None:
        again = pickle.loads(pickle.dumps(recipe))
        batch, other = recipe.batch(3), again.batch(3)
        for one, two in zip(arrays(batch), arrays(other), strict=True):
            assert one.shape[0] == 3
            assert one.dtype == np.float64
            assert np.array_equal(one, two, equal_nan=True)
        case = recipe.exact(2)
        for leaf, floats in zip(arrays(case), arrays(batch), strict=True):
            assert leaf.shape == floats.shape[1:]
            assert all(isinstance(value, Fraction) for value in leaf.ravel())
        for part in parts(case):
            if isinstance(part, SVD):
                k = part.s.shape[0]
                assert (product_of(part.U.T, part.U) == identity(k)).all()
                assert (product_of(part.V.T, part.V) == identity(k)).all()
                assert all(a >= b >= 0 for a, b in zip(part.s, part.s[1:], strict=False))
        for part in parts(batch):
            if isinstance(part, SVD):
                assert np.abs(part.U.mT @ part.U - np.eye(part.s.shape[-1])).max() < 1e-12
                assert (np.diff(part.s, axis=-1) <= 1e-12 * part.s[:, :1]).all()

    sound()


def _builder(key: str) -> str:
    text = repr(CASES[key])
    return next((name for name in BUILDERS if f"'{name}'" in text), "")


def test_unknown_builders_and_empty_options_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="no builder"):
        built("nothing", options=(), sizes={})
    with pytest.raises(InvalidArgument, match="non-empty"):
        built("fit", options=((),), sizes={"n": (2, 3)})


# broken variants of claims that stand are convicted


def _tail_with_the_wrong_index(case: SpectrumCase, num: Any) -> Iterator[Suppose | Conclude]:
    d, k = num.svd(case.matrix), case.rank
    yield suppose(k + 2 <= d.s.shape[-1], "k + 2 <= min(m, n)")
    tail = num.norm_squared(d.s[..., k:])
    yield conclude(at_most(tail, (num.rank(case.matrix) - k) * d.s[..., k + 1] * d.s[..., k + 1]))


def _share_of_one_more(case: SpectrumCase, num: Any) -> Iterator[Suppose | Conclude]:
    d, k, r = num.svd(case.matrix), case.rank, num.rank(case.matrix)
    yield suppose(at_most(k + 1, r), "k < r")
    yield conclude(at_most((k + 1) * num.norm_squared(d.s), r * num.norm_squared(d.s[..., :k])))


def _half_of_the_complexity(case: SampleCase, num: Any) -> Iterator[Suppose | Conclude]:
    value = complexity(case.inputs, case.rank, num.number(1), num)
    bound = num.sqrt(num.number(len(case.inputs) * case.rank, 4))
    yield conclude(at_most(value, bound))


@pytest.mark.parametrize(
    ("statement", "key"),
    [
        (_tail_with_the_wrong_index, "textbook/theorem-11.11"),
        (_share_of_one_more, "textbook/corollary-11.4:sharpened"),
        (_half_of_the_complexity, "textbook/theorem-11.19:repaired"),
    ],
)
def test_a_broken_bound_is_convicted(statement: Callable[..., Any], key: str) -> None:
    found = hunt(Claim(key="broken", statement=statement), CASES[key], seed=0, recipes=30, shrink=False)
    assert found.outcome == "refuted"


# bad input


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: SpectrumCase(diagonal(1, 1), 3), "outside 0..2"),
        (lambda: SpectrumCase(SVD(identity(2), exact([1]), identity(2)), 0), "shapes"),
        (lambda: NoisyCase(diagonal(1, 1), diagonal(1, 0), 0, exact([1])), "outside 1..2"),
        (lambda: NoisyCase(diagonal(1), diagonal(1, 0), 1, exact([1])), "differ in shape"),
        (lambda: AttentionCase(exact([[1]]), exact([[1, 2]])), "n x d"),
        (lambda: LayersCase((diagonal(1, 1),), (1, 1), exact([1, 1])), "1 layers and 2 ranks"),
        (lambda: SampleCase((), exact([1]), Adapter(exact([[1]]), exact([[1]]))), "sample is empty"),
        (lambda: ChoiceCase(exact([1, 2]), exact([1]), exact([1])), "give 2 numbers"),
    ],
)
def test_cases_that_do_not_fit_are_refused_in_one_line(make: Callable[[], Any], says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        make()
    assert "\n" not in str(error.value)


def test_an_invalid_decomposition_convicts_nothing() -> None:
    """A case may carry any U, s, V; no statement takes them for an SVD unverified."""
    from theorems.errors import Unsupported
    from theorems.judge.driver import check

    wrong = SpectrumCase(SVD(identity(2), exact([1, 2]), identity(2)), 1)  # ascending
    for claim in CLAIMS:
        if claim.verdict is not None and claim.verdict.stands and _builder(claim.key) == "spectrum":
            try:
                assert check(claim, wrong, Rational()).outcome.value != "fails", claim.key
            except Unsupported:
                continue


@pytest.mark.parametrize(("n", "alpha"), [(10**8, Fraction(1)), (3, Fraction(10**8)), (3, Fraction(-(10**8)))])
def test_power_laws_that_would_keep_the_machine_busy_are_refused(n: int, alpha: Fraction) -> None:
    with pytest.raises(InputError, match="power laws are judged for"):
        power_law_squares(n, alpha, Fractions())
