"""Recipes of the curves of Appendix G: those on record, and small ones trained in process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from theorems.domains import MEASURED
from theorems.errors import InputError
from theorems.strategies.laws import Floats
from theorems.strategies.recipes import Recipe, require_choice
from theorems.texts.zeng_lee.experiments.cells import (
    CONSTRUCTION,
    FIGURES,
    FURTHER,
    GRADIENT,
    PRETRAINED,
    RANDOM,
    Cell,
    Plan,
    compute,
)
from theorems.texts.zeng_lee.experiments.curves import UNIT, CurvesCase, TwoCurvesCase
from theorems.texts.zeng_lee.experiments.figures import panels
from theorems.texts.zeng_lee.experiments.training import Tuning

#: Small panels are of this width, with these ranks, and trained so briefly that a panel takes some tenths of a second.
WIDTH, RANKS = 4, (1, 2, 4)
SEEDS = 2
#: As the text says, and as the page's plots are made.
BOTH = (False, True)
_TUNING = Tuning((1e-2, 1e-3), (0.0,), 400, 32, 64, single=False)
SMALL = {
    "linear": Plan(
        WIDTH, ((2, 1),), (RANDOM, PRETRAINED), RANKS, replace(_TUNING, steps=400, batch=64), 200, pretraining=400
    ),
    "fnn": Plan(WIDTH, ((2, 1), (4, 2)), (RANDOM, PRETRAINED), RANKS, _TUNING, 200, pretraining=400),
    "tfn": Plan(
        WIDTH, ((1, 1), (2, 2)), (RANDOM, PRETRAINED), RANKS, replace(_TUNING, steps=60, batch=16), 100, 2, 3, 200
    ),
}


def counted(error: float) -> int:
    """An error in units of 1 / UNIT."""
    return round(Fraction(error) * UNIT)


def threshold_of(figure: str, width: int, depth: int, target_depth: int) -> int:
    """The rank from which on the construction is exact: ceil(D / M), and ceil(D / 2) for Transformers."""
    return -(-width // (2 if figure == "tfn" else depth // target_depth))


@dataclass(frozen=True)
class PanelRecipe:
    """The curves of one panel; `seed` of a small one trained in process, None for the one on record.

    Errors of linear models are expectations, all others means over a sample.  `as_run`: made as the page's plots are,
    not as its text says.
    """

    figure: str
    depth: int
    target_depth: int
    model: str
    seed: int | None = None
    as_run: bool = False
    domain = MEASURED

    @property
    def stratum(self) -> str:
        kind = "the figure" if self.seed is None else f"pretrained in process, D = {WIDTH}"
        return f"{kind}{', as run' * self.as_run}, L = {self.depth}, {self.model}"

    @property
    def size(self) -> tuple[int, ...]:
        return (16 if self.seed is None else WIDTH, self.depth, self.seed or 0)

    def curves(self) -> CurvesCase:
        """The curves: measurements, not arrays, so that a batch of them is one case, and the exact case the same."""
        width, ranks, values = _recorded(self) if self.seed is None else _trained(self)
        threshold = threshold_of(self.figure, width, self.depth, self.target_depth)
        construction, gradient, frozen = (tuple(counted(value) for value in row) for row in values.tolist())
        return CurvesCase(construction, gradient, frozen[0], ranks, threshold)

    def batch(self, count: int) -> CurvesCase:
        return self.curves()

    def exact(self, index: int = 0) -> CurvesCase:
        return self.curves()


@dataclass(frozen=True)
class PairRecipe:
    """The curves of a random frozen model and of the one trained from it."""

    random: PanelRecipe
    pretrained: PanelRecipe
    domain = MEASURED

    @property
    def stratum(self) -> str:
        return self.pretrained.stratum

    @property
    def size(self) -> tuple[int, ...]:
        return self.random.size

    def batch(self, count: int) -> TwoCurvesCase:
        return TwoCurvesCase(self.random.batch(count), self.pretrained.batch(count))

    def exact(self, index: int = 0) -> TwoCurvesCase:
        return TwoCurvesCase(self.random.exact(index), self.pretrained.exact(index))


@cache
def _recorded(recipe: PanelRecipe) -> tuple[int, tuple[int, ...], Floats]:
    column = "expected_mse" if recipe.figure == "linear" else "mse"
    for panel in panels(recipe.figure):
        wanted = recipe.depth, recipe.target_depth, recipe.model, recipe.as_run
        if (panel.depth, panel.target_depth, panel.model, panel.as_run) == wanted:
            curves = [panel.errors(CONSTRUCTION, column), panel.errors(GRADIENT, column)]
            frozen = panel.errors(CONSTRUCTION, "frozen_mse")
            return panel.first["D"], panel.ranks, np.array([*curves, frozen])
    raise InputError(f"no panel on record is {recipe}: run `theorems experiments {recipe.figure} --full`")


@cache
def _trained(recipe: PanelRecipe) -> tuple[int, tuple[int, ...], Floats]:
    plan = replace(SMALL[recipe.figure], as_run=recipe.as_run)
    column = "expected_mse" if recipe.figure == "linear" else "mse"
    rows: dict[str, list[dict[str, Any]]] = {}
    for method in (CONSTRUCTION, GRADIENT):
        cells = [
            Cell(recipe.figure, recipe.depth, recipe.target_depth, recipe.model, R, method, recipe.seed or 0)
            for R in plan.ranks
        ]
        rows[method] = [compute(cell, plan, "small") for cell in cells]
    curves = [[row[column] for row in rows[method]] for method in (CONSTRUCTION, GRADIENT)]
    return plan.width, plan.ranks, np.array([*curves, [row["frozen_mse"] for row in rows[CONSTRUCTION]]])


def _depths(figure: str, target_depth: int | None) -> list[tuple[int, int]]:
    require_choice(figure, FIGURES, name="figure")
    depths = [pair for pair in SMALL[figure].depths if target_depth in (None, pair[1])]
    require_choice(target_depth, [None, *(pair[1] for pair in SMALL[figure].depths)], name="target_depth")
    return depths


def measured_curves(*, figure: str, target_depth: int | None = None) -> st.SearchStrategy[Recipe[CurvesCase]]:
    """Recipes of `CurvesCase`: the panels of a figure on record, and as often small ones trained in process.

    target_depth  only those with that L-bar

    Shrinks to a panel on record with a random frozen model.
    """
    depths = _depths(figure, target_depth)
    models = (RANDOM, PRETRAINED) if figure == "tfn" else (RANDOM, PRETRAINED, FURTHER)
    recorded = [
        PanelRecipe(figure, *pair, model, None, as_run) for as_run in BOTH for pair in depths for model in models
    ]
    small = [
        PanelRecipe(figure, *pair, model, seed, as_run)
        for as_run in BOTH
        for pair in depths
        for model in (RANDOM, PRETRAINED)
        for seed in range(SEEDS)
    ]
    return st.one_of(st.sampled_from(recorded), st.sampled_from(small))


def measured_pairs(*, figure: str) -> st.SearchStrategy[Recipe[TwoCurvesCase]]:
    """Recipes of `TwoCurvesCase`: a random frozen model beside a pretrained one, on record and trained in process.

    Shrinks to a pair on record.
    """
    depths = _depths(figure, None)
    models = (PRETRAINED,) if figure == "tfn" else (PRETRAINED, FURTHER)
    recorded = [
        PairRecipe(*(PanelRecipe(figure, *pair, frozen, None, as_run) for frozen in (RANDOM, model)))
        for as_run in BOTH
        for pair in depths
        for model in models
    ]
    small = [
        PairRecipe(*(PanelRecipe(figure, *pair, frozen, seed, as_run) for frozen in (RANDOM, PRETRAINED)))
        for as_run in BOTH
        for pair in depths
        for seed in range(SEEDS)
    ]
    return st.one_of(st.sampled_from(recorded), st.sampled_from(small))
