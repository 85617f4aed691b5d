"""The experiments of Appendix G: gradients, Adam, closed forms, files, the command, and the data on record."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from theorems.__main__ import main
from theorems.arithmetic.float64 import Float64
from theorems.catalogue import CLAIMS, claim
from theorems.claim import Verdict
from theorems.errors import InputError
from theorems.judge.driver import check
from theorems.strategies.engine.worker import Task, work
from theorems.strategies.texts.zeng_lee.experiments.curves import SMALL, measured_curves, measured_pairs
from theorems.texts.zeng_lee.commands import experiment_plots
from theorems.texts.zeng_lee.experiments import figures, references
from theorems.texts.zeng_lee.experiments.cells import (
    CENTRED,
    CONSTRUCTION,
    FORMS,
    FURTHER,
    GRADIENT,
    PRETRAINED,
    PUBLISHED,
    RANDOM,
    Cell,
    Plan,
    cells_of,
    compute,
    setup,
)
from theorems.texts.zeng_lee.experiments.contradictions import contradictions
from theorems.texts.zeng_lee.experiments.problems import (
    LinearProblem,
    PerEntry,
    Problem,
    ReluProblem,
    TransformerProblem,
    Weights,
)
from theorems.texts.zeng_lee.experiments.records import COLUMNS, Run, csv_text
from theorems.texts.zeng_lee.experiments.training import Adam, Tuning, train_adapters
from theorems.texts.zeng_lee.experiments.transformer_gradients import Blocks

GENERATOR = np.random.default_rng(7)


def weights(n: int, k: int, D: int, scale: float = 1.0) -> Weights:
    return Weights(scale * GENERATOR.standard_normal((n, D, D)), GENERATOR.standard_normal((k, D)))


PROBLEMS: dict[str, tuple[Problem, int, int]] = {
    "linear": (LinearProblem(weights(1, 0, 3), 3), 3, 0),
    "fnn": (ReluProblem(weights(2, 2, 3), 3), 3, 3),
    "tfn, one block": (TransformerProblem(weights(11, 2, 3, 0.7), Blocks(1, 2), 4), 11, 2),
    "tfn, two blocks": (TransformerProblem(weights(13, 4, 3, 0.7), Blocks(2, 1), 2), 13, 4),
    "tfn, logits": (PerEntry(TransformerProblem(weights(13, 4, 3, 0.7), Blocks(2, 1), 2, logits=True)), 13, 4),
}


# Gradients -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_gradients_are_those_of_the_loss(name: str) -> None:
    problem, n, k = PROBLEMS[name]
    generator = np.random.default_rng(1)
    matrices, biases = generator.standard_normal((2, n, 3, 3)) * 0.7, generator.standard_normal((2, k, 3))
    data = problem.sample(generator, 6)
    loss, by_matrix, by_bias = problem.gradients(matrices, biases, data)
    assert loss == pytest.approx(problem.loss(matrices, biases, data))
    for leaf, found in ((matrices, by_matrix), (biases, by_bias)):
        for index in np.ndindex(leaf.shape):
            at, step = leaf[index], 1e-6
            sides = []
            for sign in (1, -1):
                leaf[index] = at + sign * step
                sides.append(problem.loss(matrices, biases, data)[index[0]])
            leaf[index] = at
            assert found[index] == pytest.approx((sides[0] - sides[1]) / (2 * step), abs=2e-6, rel=2e-6), index


def test_the_linear_loss_is_that_of_its_sample() -> None:
    problem, _, _ = PROBLEMS["linear"]
    x = np.random.default_rng(3).standard_normal((6, 3))
    (moment,) = problem.sample(np.random.default_rng(3), 6)
    matrices = GENERATOR.standard_normal((1, 3, 3, 3))
    gap = x @ (matrices[0, 2] @ matrices[0, 1] @ matrices[0, 0] - problem.target.matrices[0]).T
    assert problem.loss(matrices, np.zeros((1, 0, 3)), (moment,))[0] == pytest.approx((gap**2).sum() / 6)


@pytest.mark.parametrize(("depth", "heads"), [(1, 2), (2, 2)])
def test_the_transformer_is_the_one_of_the_claims(depth: int, heads: int) -> None:
    shape = Blocks(depth, heads)
    model = weights(shape.count, 2 * depth, 3)
    x = GENERATOR.standard_normal((5, 4, 3))
    ours = TransformerProblem(model, shape, 4).outputs(model.matrices[None], model.biases[None], x)[0]
    for tokens, values in zip(x, ours, strict=True):
        theirs = references.transformer(model, heads).forward(tokens.T[None], Float64(size=1))[0]
        assert pytest.approx(theirs) == values.T


def test_adapters_are_where_theorem_6_has_them() -> None:
    shape = Blocks(2, 1)
    problem = TransformerProblem(weights(13, 4, 3), shape, 2)
    assert set(range(13)) - set(problem.adapted) == {shape.first(0), shape.second(0), shape.first(1)}


def test_as_run_errors_are_means_over_entries_and_logits() -> None:
    model, x = weights(13, 4, 3, 0.7), GENERATOR.standard_normal((5, 2, 3))
    other = model.matrices + 0.1
    logits = TransformerProblem(model, Blocks(2, 1), 2, logits=True)
    wanted, found = (logits.outputs(matrices[None], model.biases[None], x)[0] for matrices in (model.matrices, other))
    loss = PerEntry(logits).loss(other[None], model.biases[None], (x, wanted))
    assert loss[0] == pytest.approx(((found - wanted) ** 2).mean())
    powers = np.exp(wanted)
    softmax = TransformerProblem(model, Blocks(2, 1), 2).outputs(model.matrices[None], model.biases[None], x)[0]
    assert softmax == pytest.approx(powers / powers.sum(-1, keepdims=True))


#: Seeds of the random models whose mean is compared with the page's.
MODELS = 24


def _construction(figure: str, depths: tuple[int, int], plan: Plan, rank: int) -> np.ndarray[Any, Any]:
    """The mean squared errors of the construction at random frozen models, one a seed."""
    cells = [Cell(figure, *depths, RANDOM, rank, CONSTRUCTION, seed) for seed in range(MODELS)]
    column = "expected_mse" if figure == "linear" else "mse"
    return np.array([compute(cell, plan, "x")[column] for cell in cells])


@pytest.mark.slow
@pytest.mark.parametrize(("figure", "L", "target"), PUBLISHED)
def test_as_run_reproduces_the_values_of_the_page(figure: str, L: int, target: int) -> None:
    """Each published value lies within three standard deviations of one model, and they lie on both sides or near.

    How many models the page averages is not said; the mean of the deviations, in standard deviations, must be small.
    """
    plan = replace(FORMS["full as run"][figure], samples=200)
    away = []
    for rank, published in PUBLISHED[figure, L, target].items():
        errors = _construction(figure, (L, target), plan, rank)
        away.append((published - errors.mean()) / errors.std(ddof=1))
    assert max(map(abs, away)) < 3
    assert abs(np.mean(away)) < 1


@pytest.mark.slow
@pytest.mark.parametrize("figure", ["linear", "fnn", "tfn"])
def test_as_printed_is_not_as_run(figure: str) -> None:
    """What the text says gives other values than the page's plots: at R = 1, by more than three standard deviations."""
    depths = (1, 1) if figure == "tfn" else (2, 1)
    plan = replace(FORMS["full"][figure], samples=200)
    errors = _construction(figure, depths, plan, 1)
    assert abs(PUBLISHED[(figure, *depths)][1] - errors.mean()) > 3 * errors.std(ddof=1)


# Adam and LoRA -------------------------------------------------------------------------------------------------------


def test_two_steps_of_adam_by_hand() -> None:
    parameter = np.array([[1.0], [1.0]])
    adam = Adam((parameter,), [0.1, 0.1], [0.0, 0.5])
    adam.step((np.array([[2.0], [2.0]]),))
    # step 1: m / (1 - 0.9) = g and v / (1 - 0.999) = g^2, so that the step is 0.1 g / (|g| + 1e-8); decay makes g = 2.5
    assert parameter[:, 0] == pytest.approx([1 - 0.1 * 2 / (2 + 1e-8), 1 - 0.1 * 2.5 / (2.5 + 1e-8)], rel=1e-14)
    adam.step((np.array([[-1.0], [0.0]]),))
    m = (0.9 * 0.1 * 2.0 + 0.1 * -1.0) / (1 - 0.9**2)
    v = (0.999 * 0.001 * 4.0 + 0.001 * 1.0) / (1 - 0.999**2)
    assert parameter[0, 0] == pytest.approx(0.9 - 0.1 * m / (v**0.5 + 1e-8), rel=1e-7)


def test_training_lowers_the_error_and_keeps_the_rank() -> None:
    plan = SMALL["fnn"]
    made = setup("fnn", plan, 2, 1, RANDOM, 5)
    tuning = replace(plan.tuning, rates=(1e-2, 1e9), steps=300)

    def problem(dtype: Any) -> Problem:
        return ReluProblem(made.target.cast(dtype), 2)

    trained = train_adapters(problem, made.frozen, 1, tuning, np.random.default_rng(0))
    assert trained.rate == 1e-2  # the other one diverges
    data = problem(np.float64).sample(np.random.default_rng(1), 500)
    before, after = (
        problem(np.float64).loss(model.matrices[None], model.biases[None], data)[0]
        for model in (made.frozen, trained.weights)
    )
    assert after < 0.9 * before
    changes = trained.weights.matrices - made.frozen.matrices
    assert [np.linalg.matrix_rank(change, tol=1e-9) for change in changes] == [1, 1]


@pytest.mark.parametrize("model", [PRETRAINED, FURTHER])
def test_pretraining_stops_at_its_share(model: str) -> None:
    plan = replace(SMALL["linear"], pretraining=5000)
    made = setup("linear", plan, 2, 1, model, 1)
    start = setup("linear", plan, 2, 1, RANDOM, 1)
    share = references.expected_mse(made.frozen, made.target) / references.expected_mse(start.frozen, made.target)
    wanted = {PRETRAINED: 2 / 3, FURTHER: 1 / 3}[model]
    assert made.share <= wanted
    assert share == pytest.approx(wanted, rel=0.3)  # another sample
    assert np.array_equal(made.target.matrices, start.target.matrices)


# What the theory gives -----------------------------------------------------------------------------------------------


def test_the_closed_form_of_linear_models_against_brute_force() -> None:
    """D = 2, L = 1, R = 1: the least of ||E - u v^T||_F^2 over a fine grid of directions u, best v each."""
    frozen, target = weights(1, 0, 2), weights(1, 0, 2)
    E = target.matrices[0] - frozen.matrices[0]
    angles = np.linspace(0, np.pi, 20001)
    u = np.stack([np.cos(angles), np.sin(angles)])
    left = (E**2).sum() - ((u.T @ E) ** 2).sum(-1)
    assert references.tail(frozen, target, 1) == pytest.approx(left.min(), abs=1e-6)
    assert references.tail(frozen, target, 2) == 0.0


def test_the_closed_form_of_one_layer_targets_against_a_sample() -> None:
    frozen, target = weights(2, 2, 4), weights(1, 1, 4)
    x = np.random.default_rng(0).standard_normal((200_000, 4))
    T, b = target.matrices[0], target.biases[0]
    U, s, Vt = np.linalg.svd(T - frozen.matrices[1] @ frozen.matrices[0])
    other = T - U[:, 2:] * s[2:] @ Vt[2:]
    gaps = (np.maximum(x @ T.T + b, 0) - np.maximum(x @ other.T + b, 0)) ** 2
    errors = gaps.sum(-1)
    closed = references.one_layer_mse(frozen, target, 1)
    assert abs(closed - errors.mean()) < 5 * errors.std() / len(x) ** 0.5
    assert references.one_layer_mse(frozen, target, 2) == pytest.approx(0.0, abs=1e-12)


def test_the_second_moment_without_bias_is_the_arc_cosine_kernel() -> None:
    u, v = np.array([1.0, 2.0]), np.array([2.0, -1.0])  # orthogonal: |u| |v| / (2 pi)
    assert references._mixed_moment(u, v, 0.0) == pytest.approx(5.0 / (2 * np.pi))
    assert references._mixed_moment(u, u, 0.0) == pytest.approx(2.5)


@pytest.mark.parametrize("figure", ["linear", "fnn", "tfn"])
def test_the_records_agree_with_the_theory(figure: str) -> None:
    plan = replace(SMALL[figure], tuning=replace(SMALL[figure].tuning, steps=20), models=(RANDOM,))
    records = [compute(cell, plan, "small") for cell in cells_of(figure, plan, 0)]
    assert contradictions(records) == []
    exact = [row for row in records if row["method"] != GRADIENT and row["rank"] >= 2]
    assert exact
    assert all(row["mse"] < 1e-9 * row["frozen_mse"] for row in exact)  # D = 4, M = 2
    if figure == "fnn":
        below = [row for row in records if row["method"] == CENTRED and row["rank"] == 1]
        assert all(0 < row["mse"] <= row["sharp_bound"] <= row["bound"] for row in below)


def test_a_record_that_no_theorem_allows_is_found() -> None:
    cell = Cell("linear", 2, 1, RANDOM, 1, GRADIENT, 0)
    record = compute(cell, SMALL["linear"], "small")
    assert contradictions([record]) == []
    (line,) = contradictions([record | {"expected_mse": record["closed_form"] * 0.99}])
    assert "contradicts the theory" in line
    construction = compute(replace(cell, method=CONSTRUCTION), SMALL["linear"], "small")
    assert contradictions([construction | {"expected_mse": construction["closed_form"] * 1.01}])


def test_a_cell_is_a_function_of_its_fields() -> None:
    cell = Cell("fnn", 2, 1, PRETRAINED, 1, GRADIENT, 3)
    first = compute(cell, SMALL["fnn"], "small")
    setup.cache_clear()
    assert compute(cell, SMALL["fnn"], "small") == first
    assert compute(replace(cell, seed=4), SMALL["fnn"], "small")["mse"] != first["mse"]


# Files and the command -----------------------------------------------------------------------------------------------

WORDS = ("experiments", "linear", "--quick", "--ranks", "2,8", "--steps", "3", "--jobs", "1")


def test_the_command_writes_records_and_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "figures"
    assert main([*WORDS, "--out", str(out), "--json"]) == 0
    records = json.loads(capsys.readouterr().out)
    assert len(records) == 2 * 2 * 2
    with open(out / "linear.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(COLUMNS)
    assert {row["form"] for row in rows} == {"quick"}
    assert [row["rank"] for row in rows[:2]] == ["2", "8"]
    assert {row["steps"] for row in rows if row["method"] == "gradient"} == {"3"}
    before = {path: path.read_bytes() for path in out.glob("*.csv")}

    # again: nothing is trained, and what was lost is made again as it was
    lost = sorted((out / "cells").iterdir())[:3]
    kept = sorted((out / "cells").iterdir())[3].stat().st_mtime_ns
    for path in lost:
        path.unlink()
    assert main([*WORDS, "--out", str(out), "--resume"]) == 0
    shown = capsys.readouterr().out
    assert all(len(line) <= 100 for line in shown.splitlines())
    assert "linear models, D = 16, L = 2, target 1, random" in shown
    assert sorted((out / "cells").iterdir())[3].stat().st_mtime_ns == kept
    assert {path: path.read_bytes() for path in before} == before


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["experiments", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("theorems: ")
    assert err.count("\n") == 1
    return err


def test_bad_input_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "new")
    assert "no figure 'cubic'" in refused(capsys, "cubic", "--out", out)
    assert "outside 1..16" in refused(capsys, "linear", "--ranks", "0,3", "--out", out)
    assert "whole numbers" in refused(capsys, "linear", "--ranks", "a", "--out", out)
    assert "at least one" in refused(capsys, "linear", "--steps", "0", "--out", out)
    assert "seed" in refused(capsys, "--seed", "-1", "--out", out)
    assert "--jobs" in refused(capsys, "--jobs", "0", "--out", out)
    assert not Path(out).exists()
    file = tmp_path / "file"
    file.write_text("mine")
    assert "a file, not a folder" in refused(capsys, "--out", str(file))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    assert "other files" in refused(capsys, "--out", str(tmp_path / "mine"))


def test_damaged_records_and_other_settings_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = replace(FORMS["quick"]["linear"], ranks=(8,))
    run = Run(tmp_path / "run", "quick", 0, {"linear": plan})
    run.open(resume=False)
    cell = cells_of("linear", plan, 0)[0]
    words = ("linear", "--ranks", "8", "--out", str(run.folder))
    assert "add --resume" in refused(capsys, *words)
    assert "seed" in refused(capsys, *words, "--resume", "--seed", "1")
    assert "form" in refused(capsys, *words, "--resume", "--full")
    assert "other sizes, ranks or steps" in refused(capsys, "linear", "--out", str(run.folder), "--resume")
    record = compute(cell, plan, "quick")
    for text in ("{", "[]", "{}", json.dumps(record | {"mse": None}), json.dumps(record | {"mse": float("nan")}),
                 json.dumps(record | {"rank": 3})):  # fmt: skip
        run.path(cell).write_text(text)
        assert "damaged record" in refused(capsys, *words, "--resume")
    run.store(cell, record)
    assert run.load(cell) == record
    (run.folder / "run.json").write_text("no")
    assert "damaged record" in refused(capsys, *words, "--resume")


def test_a_run_that_is_killed_goes_on(tmp_path: Path) -> None:
    """kill -9 of the whole group while cells are under way: what is stored is whole, and a resumed run uses it."""
    out = tmp_path / "run"
    words = [sys.executable, "-m", "theorems", "experiments", "linear", "--ranks", "7,8", "--steps", "400",
             "--jobs", "1", "--out", str(out)]  # fmt: skip
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        end = time.monotonic() + 60
        while len(list(out.glob("cells/*.json"))) < 3 and process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    stored = {path: path.read_bytes() for path in out.glob("cells/*.json")}
    assert len(stored) >= 3
    assert all(json.loads(text)["form"] == "quick" for text in stored.values())
    assert not (out / "linear.csv").exists() or len(stored) == 8
    assert main([*words[3:], "--resume", "--json"]) == 0
    assert {path: path.read_bytes() for path in stored} == stored
    assert len(list(out.glob("cells/*.json"))) == 8
    assert (out / "linear.csv").exists()


def test_the_command_goes_without_matplotlib(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiment_plots, "available", lambda: False)
    words = ["experiments", "linear", "--ranks", "8", "--steps", "1", "--jobs", "1", "--out", str(tmp_path / "run")]
    assert main(words) == 0
    assert "theorem-checker[plots]" in capsys.readouterr().err
    assert not list((tmp_path / "run").glob("*.svg"))


def test_the_plots_are_written_and_the_same_again(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    plan = SMALL["fnn"]
    records = [compute(cell, replace(plan, tuning=replace(plan.tuning, steps=2)), "small")
               for cell in cells_of("fnn", plan, 0) if cell.model == RANDOM]  # fmt: skip
    first = {path.name: path.read_bytes() for path in experiment_plots.write("fnn", records, tmp_path)}
    assert set(first) == {"fnn.svg", "fnn.png"}
    assert first["fnn.png"].startswith(b"\x89PNG")
    again = {path.name: path.read_bytes() for path in experiment_plots.write("fnn", records, tmp_path)}
    assert again["fnn.svg"] == first["fnn.svg"]
    assert not list(tmp_path.glob(".*"))


# The data on record --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("figure", ["linear", "fnn", "tfn"])
@pytest.mark.parametrize("form", ["full", "full as run"])
def test_the_data_on_record_are_whole_and_agree_with_the_theory(figure: str, form: str) -> None:
    plan = FORMS[form][figure]
    name = figure + figures.AS_RUN * plan.as_run
    rows = figures.rows(name)
    cells = cells_of(figure, plan, 0)
    assert [(row["L"], row["target_depth"], row["model"], row["rank"], row["method"]) for row in rows] == [
        (cell.depth, cell.target_depth, cell.model, cell.rank, cell.method) for cell in cells
    ]
    assert {(row["form"], row["D"], row["seed"], row["samples"]) for row in rows} == {(form, 16, 0, plan.samples)}
    assert {(row["steps"], row["batch"], row["pairs"]) for row in rows if row["method"] == GRADIENT} == {
        (plan.tuning.steps, plan.tuning.batch, len(plan.tuning.pairs))
    }
    assert contradictions([row | {"depth": row["L"]} for row in rows]) == []
    assert (figures.FOLDER / f"{name}.csv").stat().st_size < 60_000


@pytest.mark.parametrize("form", ["full", "full as run"])
def test_a_construction_on_record_is_what_is_computed_now(form: str) -> None:
    for figure, depths, model, rank in (("linear", (2, 1), RANDOM, 4), ("fnn", (4, 2), RANDOM, 4),
                                        ("tfn", (1, 1), RANDOM, 4)):  # fmt: skip
        plan = FORMS[form][figure]
        small = compute(Cell(figure, *depths, model, rank, CONSTRUCTION, 0), plan, form)
        wanted = (depths[0], model, plan.as_run)
        panel = next(p for p in figures.panels(figure) if (p.depth, p.model, p.as_run) == wanted)
        row = panel.curves[CONSTRUCTION][rank]
        assert row["mse"] == pytest.approx(small["mse"], rel=1e-6)


MEASURED = [c for c in CLAIMS if c.key.startswith("zeng-lee/appendix-g") and c.verdict is Verdict.EMPIRICAL]


@pytest.mark.parametrize("measured", MEASURED, ids=lambda measured: measured.key)
def test_the_reason_counts_the_panels_on_record(measured: Any) -> None:
    """Each reason begins with "a of n panels" (or pairs), and says how many as run: by the statement itself."""
    from theorems.strategies.draws import chunk_of
    from theorems.strategies.texts.zeng_lee.experiments.cases import CASES

    drawn = {recipe for chunk in range(6) for recipe in chunk_of(CASES[measured.key], seed=0, key="", chunk=chunk)}
    counted = []
    for as_run in (False, True):
        recorded = [
            recipe
            for recipe in drawn
            for panel in [getattr(recipe, "random", recipe)]
            if panel.seed is None and panel.as_run == as_run
        ]
        agree = sum(check(measured, recipe.batch(1), Float64(size=1)).outcome.value == "holds" for recipe in recorded)
        counted.append(f"{agree} of {len(recorded)}")
    assert measured.reason.split(" panels")[0].split(" pairs")[0] == counted[0]
    assert f"; as run {counted[1]}" in measured.reason


def test_show_prints_the_curves(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "zeng-lee/appendix-g.1.alignment"]) == 0
    shown = capsys.readouterr().out
    assert "closed form" in shown
    assert all(len(line) <= 98 for line in figures.lines(claim("zeng-lee/appendix-g.1.alignment")))
    assert figures.lines(claim("zeng-lee/lemma-9.value")) == []
    assert figures.describe(claim("zeng-lee/lemma-9.value")) is None


def test_a_damaged_table_on_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "linear.csv").write_text("figure,rank\nlinear,many\n")
    with pytest.raises(InputError, match="not a table"):
        figures.rows("linear", tmp_path)


def test_strategies_refuse_what_is_no_figure() -> None:
    from hypothesis.errors import InvalidArgument

    with pytest.raises(InvalidArgument, match="figure"):
        measured_pairs(figure="cubic")
    with pytest.raises(InvalidArgument, match="target_depth"):
        measured_curves(figure="fnn", target_depth=3)


def test_an_empirical_claim_is_tried_on_runs_in_process() -> None:
    result = work(Task("zeng-lee/appendix-g.1.alignment", recipes=8), lambda message: None)
    assert any("trained" in name for name in result.strata)
    assert any("the figure" in name for name in result.strata)


def test_csv_leaves_out_what_there_is_not() -> None:
    text = csv_text([compute(Cell("tfn", 1, 1, RANDOM, 1, CONSTRUCTION, 0), SMALL["tfn"], "small")])
    row = dict(zip(*(line.split(",") for line in text.splitlines()), strict=True))
    assert row["closed_form"] == row["learning_rate"] == row["bound"] == ""
    assert row["L"] == "1"


def test_a_tuning_has_every_pair() -> None:
    tuning = Tuning((1.0, 2.0), (0.0, 3.0), 1, 1, 1, single=True)
    assert tuning.pairs == [(1.0, 0.0), (1.0, 3.0), (2.0, 0.0), (2.0, 3.0)]
