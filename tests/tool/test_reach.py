"""What a strategy promises and reaches; `tests/texts/test_trial.py` asks it of every strategy of the catalogue."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from theorems.judge.tally import Tally
from theorems.report.ledger import strata_table
from theorems.strategies import matrices
from theorems.strategies.adversarial import NAMED
from theorems.strategies.cases import CASES
from theorems.strategies.draws import chunk_of
from theorems.strategies.laws import LAWS
from theorems.strategies.models.linear import STRATA, linear_cases
from theorems.strategies.reach import alike, promised, reach
from theorems.strategies.recipes import chosen, promises


def test_what_is_promised_is_not_hollow() -> None:
    """The adversarial matrices and the strata of linear models are among the promises, by name."""
    assert {*NAMED, *LAWS} <= set(reach(matrices(count=2), "matrices", most=1).promised)
    whole = reach(linear_cases(), "linear")
    assert set(STRATA) <= set(whole.promised)
    assert whole.missing == ()
    assert set(NAMED) <= {name for strategy in CASES.values() for name in promised(strategy)}


def test_every_spectrum_of_a_stratum_is_drawn() -> None:
    """The spectrum is chosen by number, so that no list of names says that it is promised."""
    for name in ("ties in sigma", "rank at the threshold", "rank drop", "uneven spectra"):
        drawn = {recipe.spectrum for chunk in range(4) for recipe in chunk_of(
            linear_cases(strata=(name,)), seed=0, key=name, chunk=chunk)}  # fmt: skip
        assert drawn == set(STRATA[name].spectra), name


def test_a_type_that_is_never_drawn_is_found_out() -> None:
    @st.composite
    def forgetful(draw: st.DrawFn, kinds: tuple[str, ...]) -> Any:
        return draw(matrices(laws=("zero", "identity"))) if draw(st.sampled_from(kinds)) else None

    found = reach(forgetful(("identity", "forgotten")), "forgetful", most=120)
    assert found.missing == ("forgotten",)
    assert found.drawn == 120
    assert found.strata.keys() == {"zero", "identity"}


def test_strategies_that_are_written_alike_are_one() -> None:
    kept = alike([("a", matrices(count=2)), ("b", matrices(count=2)), ("c", matrices(count=3))])
    assert [key for key, _ in kept.values()] == ["a", "c"]


def test_promises_are_heard_only_while_someone_listens() -> None:
    with promises() as heard:
        chosen(None, ("a", "b"), name="names")
        chosen(("c",), ("b", "c"), name="names")
        with pytest.raises(InvalidArgument):
            chosen(("d",), ("b", "c"), name="names")
    chosen(("b",), ("b",), name="names")
    assert list(heard) == ["a", "b", "c"]


def test_names_are_found_wherever_a_strategy_holds_them() -> None:
    inner = st.sampled_from(("x", "y"))
    assert set(promised(st.one_of(inner.map(str.upper), st.just(0)))) == {"x", "y"}
    assert set(promised(st.tuples(st.lists(inner), st.sampled_from(("z", "w"))))) == {"w", "x", "y", "z"}
    assert promised(st.integers(0, 3)) == ()


def test_the_strata_table_says_what_share_is_vacuous() -> None:
    gaussian = Tally(instances=60, exact=2, vacuous=18)
    strata = {"gaussian": gaussian, "zero": Tally(vacuous=5), "live": Tally(instances=9)}
    rows = {line.split()[0]: line for line in strata_table(strata).splitlines()}
    assert "18 (22%)" in rows["gaussian"]
    assert "5 (100%)" in rows["zero"]
    assert "%" not in rows["live"]
    assert "23 (24%)" in rows["in"]
