"""What is drawn is a function of the seed, whatever Hypothesis did before; and what moved in it is said in a line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers

from theorems.errors import InputError
from theorems.strategies import source
from theorems.strategies.draws import chunk_of


def test_draws_do_not_depend_on_what_else_was_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = st.tuples(st.integers(0, 10**9 + 7), st.integers(0, 10**9 + 7))

    @settings(max_examples=400)
    @given(numbers)
    def an_ordinary_test(drawn: tuple[int, int]) -> None:
        """Leaves behind what constants of the modules here fit."""

    def drawn() -> list[list[tuple[int, int]]]:
        return [chunk_of(numbers, seed=seed, key="numbers", chunk=0) for seed in range(5)]

    cache = type(providers.CONSTANTS_CACHE)
    monkeypatch.setattr(providers, "CONSTANTS_CACHE", cache(1024))
    an_ordinary_test()
    assert len(providers._get_local_constants().integers) > 10
    after = drawn()
    monkeypatch.setattr(providers, "CONSTANTS_CACHE", cache(1024))
    assert after == drawn()


PARTS = ("AVAILABLE_PROVIDERS", "HypothesisProvider", "_get_local_constants", "CONSTANTS_CACHE")


@pytest.mark.parametrize("name", PARTS)
def test_a_part_of_hypothesis_that_has_moved_is_said_in_a_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(providers, name)
    with pytest.raises(InputError, match=rf"^Hypothesis [\d.]+ has no hypothesis.*{name}, .*: install another version"):
        chunk_of(st.integers(), seed=0, key="any", chunk=0)


def test_so_is_a_module_that_has_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_PROVIDERS", "hypothesis.elsewhere")
    with pytest.raises(InputError, match=r"has no hypothesis\.elsewhere, "):
        chunk_of(st.integers(), seed=0, key="any", chunk=0)


def test_the_first_draws_of_a_chunk_are_the_same_without_the_others() -> None:
    strategy = st.tuples(st.integers(0, 9), st.lists(st.floats(-1, 1), max_size=3))
    whole = chunk_of(strategy, seed=1, key="first", chunk=0)
    for most in (1, 16, len(whole) - 1, len(whole)):
        assert chunk_of(strategy, seed=1, key="first", chunk=0, most=most) == whole[:most]
