"""Data of strangers: a slice of `benchmarks.fuzz`, and what it has found."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from benchmarks import fuzz
from theorems import catalogue
from theorems.__main__ import main
from theorems.arithmetic import Ball, Fractions, Rational
from theorems.arithmetic.base import MAX_BUILT
from theorems.arithmetic.work import counted
from theorems.case import CountCase
from theorems.errors import InputError, Unsupported
from theorems.judge.witness import sealed

Capture = pytest.CaptureFixture[str]


def test_a_slice_of_the_fuzz() -> None:
    """Every input ends in a verdict or in one line, in a process with limits of time and memory."""
    kinds = ("witness", "journal", "config", "header")
    found = fuzz.run(0, 300, 0, kinds)
    assert {result for result, _ in found.values()} <= {"verdict", "refused"}, fuzz.table(found, kinds)
    for index in range(len(kinds)):
        results = {result for number, (result, _) in found.items() if number % len(kinds) == index}
        assert results == {"verdict", "refused"}  # neither so broken that nothing is read, nor whole


@pytest.fixture
def every_m_layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The witness of a claim that builds a tuple of as many layers as its case says."""
    monkeypatch.chdir(tmp_path)
    data: dict[str, Any] = json.loads(catalogue.stored()["zeng-lee/example-1.every-m-layers"].read_text())
    return data


@pytest.mark.parametrize("value", [10**9, 10**6, 4097, -4097])
def test_an_integer_beyond_what_its_claim_takes_is_refused_before_anything_is_built(
    every_m_layers: dict[str, Any], capsys: Capture, value: int
) -> None:
    every_m_layers["case"]["fields"]["values"] = [value, 2]
    Path("w.json").write_text(sealed(every_m_layers))
    assert main(["verify", "w.json"]) == 2
    err = capsys.readouterr().err
    place = "theorems: w.json: case.fields.values[0]"
    assert err == f"{place}: {value} is out of range: it must lie between -4096 and 4096\n"


def test_bidirectional_controls_in_a_note_are_refused(every_m_layers: dict[str, Any], capsys: Capture) -> None:
    for character in "\u202a\u202e\u2066\u2069\u200e\u200f\u200b\u2028\x9b\x07":
        every_m_layers["note"] = f"a{character}b"
        Path("w.json").write_text(sealed(every_m_layers))
        assert main(["verify", "w.json"]) == 2
        err = capsys.readouterr().err
        assert "note: " in err
        assert "holds a control character: remove it" in err
        assert err.removesuffix("\n").isprintable()


@pytest.mark.parametrize("num", [Rational(), Fractions(), Ball()], ids=lambda num: num.name)
def test_a_statement_builds_so_many_entries_and_no_more(num: Any) -> None:
    side = int(MAX_BUILT**0.5)

    def built(n: int, times: int) -> None:
        with num.running(CountCase((n,))):
            for _ in range(times):
                num.zeros(n, n)

    built(side - 1, 1)
    built(side - 1, 1)  # each run has its own room
    for n, times in ((side + 1, 1), (10**6, 1), (side // 2, 5)):
        with pytest.raises(InputError, match=r"sizes of the case ask for an array of .* give smaller ones"):
            built(n, times)
    with num.running(CountCase((1,))), pytest.raises(InputError, match="sizes of the case"):
        num.identity(10**5)
    num.zeros(side + 1, side + 1)  # outside a statement nobody counts


def _stored(key: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(catalogue.stored()[key].read_text())
    return data


def _refused_for_its_work(data: dict[str, Any], capsys: Capture) -> bool:
    Path("w.json").write_text(sealed(data))
    assert main(["verify", "w.json", "--json"]) == 1
    return {row["result"] for row in json.loads(capsys.readouterr().out)} == {"unsupported"}


def test_products_of_long_fractions_are_counted_before_they_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    data, dice = _stored("zeng-lee/equation-1.5"), random.Random(0)

    def entry() -> str:
        return f"{dice.randrange(10**999, 10**1000)}/{dice.randrange(10**998, 10**999)}"

    matrix = {"shape": [8, 8], "entries": [[entry() for _ in range(8)] for _ in range(8)]}
    data["case"]["fields"]["matrices"] = [matrix, matrix]
    assert _refused_for_its_work(data, capsys)


def test_steps_that_triple_the_digits_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.chdir(tmp_path)
    data = _stored("textbook/lemma-11.28")
    data["case"]["fields"]["steps"] = 64
    assert _refused_for_its_work(data, capsys)


@pytest.mark.parametrize("name", ["matmul", "solve", "determinant", "rank", "characteristic_polynomial"])
@pytest.mark.parametrize("num", [Rational(), Fractions()], ids=lambda num: num.name)
def test_work_is_counted_where_somebody_counts(num: Any, name: str) -> None:
    entries = [[num.entry(Fraction(10**200, 3**200 + 8 * i + j)) for j in range(8)] for i in range(8)]
    A = num.array(np.array(entries, dtype=object))

    def work() -> None:
        for _ in range(100):
            if name == "matmul":
                A @ A
            elif name == "solve":
                num.solve(A, A)
            else:
                getattr(num, name)(A)

    with counted(), pytest.raises(Unsupported, match="digits: give shorter ones"):
        work()
    A[:2, :2] @ A[:2, :2]  # nobody counts


def test_the_largest_integers_of_claims_take_what_their_strategies_draw() -> None:
    """A counterexample that is found must be one that can be stored."""
    from theorems.judge.codec import encode
    from theorems.strategies.draws import recipe_of
    from theorems.strategies.search.portion import drawn_chunk

    bounded = [claim for claim in catalogue.claims().values() if claim.largest != 4096]
    assert len(bounded) > 20
    laws = [claim for claim in catalogue.claims().values() if "power-law" in claim.key]
    for claim in [*random.Random(0).sample(bounded, 10), *laws]:
        for drawn in drawn_chunk(catalogue.strategy(claim.key), 0, claim.key, 0)[:30]:
            case = recipe_of(drawn).exact(0)
            if isinstance(case, CountCase):
                encode(case, claim)


def test_the_integers_of_a_case_are_bounded_one_by_one() -> None:
    from theorems.judge.codec import decode

    claim = catalogue.claim("zeng-lee/lemma-19")
    assert claim.largest == (6, 4, 3)
    for values, fits in {(6, 4, 3): True, (6, 5, 1): False, (1, 1, 4): False}.items():
        data = {"type": "CountCase", "fields": {"values": list(values)}}
        if fits:
            assert decode(data, claim) == CountCase(values)
        else:
            with pytest.raises(InputError, match="takes at most"):
                decode(data, claim)


def test_names_of_tensors_are_printed_as_they_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["a\x1b[2J.weight", "b\u202e.weight", f"h.{'9' * 5000}.weight", "[/red]$x$"]
    for file, seed in (("base", 0), ("tuned", 1)):
        dice = np.random.default_rng(seed)
        save_file({name: dice.standard_normal((4, 3)) for name in names}, f"{file}.safetensors")
    for words in (["rank", "base.safetensors", "tuned.safetensors"], ["spectrum", "base.safetensors"]):
        assert main(words) == 0
        out, err = capsys.readouterr()
        assert all(line.isprintable() for line in (out + err).splitlines())
        assert "a\\x1b[2J.weight" in out
        assert "b\\u202e.weight" in out


def test_polynomials_of_a_stranger_are_bounded() -> None:
    from theorems.models.random_matrices import PolynomialCase

    coefficients = np.array([Fraction(1)], dtype=object)
    PolynomialCase(3, 3, 5, coefficients)
    for variables, degree, grid in ((16, 16, 16), (4096, 1, 1), (2, 4096, 4096), (-1, 1, 1), (1, 1, -1)):
        with pytest.raises(InputError, match="at most 100000 values of monomials"):
            PolynomialCase(variables, degree, grid, coefficients)
