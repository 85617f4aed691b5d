"""The plan of each figure, cut into cells, and the computation of a cell.

A cell is one point of a curve: figure, depths, model, rank, seed and method.  It is a function of its fields and of the
form alone, so that cells may be done in any order, by any process, and again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.random import Generator

from theorems.errors import InputError
from theorems.texts.zeng_lee.experiments import references
from theorems.texts.zeng_lee.experiments.problems import (
    LinearProblem,
    PerEntry,
    Problem,
    ReluProblem,
    TransformerProblem,
    Weights,
)
from theorems.texts.zeng_lee.experiments.training import Tuning, pretrain, train_adapters
from theorems.texts.zeng_lee.experiments.transformer_gradients import Blocks

FIGURES = ("linear", "fnn", "tfn")
CONSTRUCTION, CENTRED, GRADIENT = "construction", "centred construction", "gradient"
#: The frozen models.  "Reduced by 1/3" leaves 2/3 of the error; some will read that 1/3 is left.
RANDOM, PRETRAINED, FURTHER = "random", "pretrained to 2/3", "pretrained to 1/3"
REMAINING = {RANDOM: 1.0, PRETRAINED: 2 / 3, FURTHER: 1 / 3}

FULL_RATES, FULL_DECAYS = (1e-2, 1e-3, 1e-4), (0.0, 1e-2, 1e-3, 1e-4)


@dataclass(frozen=True)
class Plan:
    """What a form computes of a figure.

    depths   pairs (L, L-bar)
    samples  Gaussian inputs on which every mean squared error is measured
    heads, tokens  H and N of a Transformer; 0 elsewhere
    pretraining  the most steps that a frozen model is trained for
    as_run   what gives the values of the page's figures, instead of what its text says: linear layers uniform on
             +-1 / sqrt(D), PyTorch's default, for Xavier's bound; squared errors averaged over the D entries of an
             output for their sum; Transformers compared at their logits, before the last softmax
    """

    width: int
    depths: tuple[tuple[int, int], ...]
    models: tuple[str, ...]
    ranks: tuple[int, ...]
    tuning: Tuning
    samples: int
    heads: int = 0
    tokens: int = 0
    pretraining: int = 20000
    as_run: bool = False


_FULL = Tuning(FULL_RATES, FULL_DECAYS, 5000, 256, 256, single=True)
_QUICK = Tuning((1e-2, 1e-3), (0.0,), 1000, 128, 256, single=True)

#: The plans by form and figure.  The text: D = 16, two heads, 5000 steps of 256 inputs, 12 pairs of hyper-parameters,
#: 5000 samples; it gives no number of tokens, and no ranks.  Of the full form only Transformers are trained for less.
FORMS: dict[str, dict[str, Plan]] = {
    "quick": {
        "linear": Plan(
            16, ((2, 1),), (RANDOM, PRETRAINED), (1, 2, 4, 6, 7, 8, 12), replace(_QUICK, single=False), 5000
        ),
        "fnn": Plan(16, ((2, 1), (4, 2)), (RANDOM, PRETRAINED), (1, 4, 6, 8), _QUICK, 2000),
        "tfn": Plan(
            8, ((1, 1), (2, 2)), (RANDOM, PRETRAINED), (1, 2, 3, 4), replace(_QUICK, steps=300, batch=32), 500, 2, 4
        ),
    },
    "full": {
        "linear": Plan(
            16, ((2, 1),), (RANDOM, PRETRAINED, FURTHER), tuple(range(1, 17)), replace(_FULL, single=False), 5000
        ),
        "fnn": Plan(
            16, ((2, 1), (4, 2)), (RANDOM, PRETRAINED, FURTHER), (1, 2, 3, 4, 5, 6, 7, 8, 12), _FULL, 5000
        ),
        "tfn": Plan(
            16,
            ((1, 1), (2, 2)),
            (RANDOM, PRETRAINED),
            (1, 4, 7, 8, 12),
            replace(_FULL, decays=(0.0,), steps=2000, batch=32),
            5000,
            2,
            10,
        ),
    },
}


#: The forms of `--as-run`: fewer ranks in full, and for Transformers the text's budget with one learning rate, that
#: which won wherever several were tried.
_RANKS = (1, 2, 4, 6, 7, 8, 12)
FORMS |= {
    f"{form} as run": {figure: replace(plan, as_run=True) for figure, plan in plans.items()}
    for form, plans in FORMS.items()
}
FORMS["full as run"] |= {
    figure: replace(FORMS["full as run"][figure], ranks=_RANKS) for figure in ("linear", "fnn")
} | {
    "tfn": replace(
        FORMS["full as run"]["tfn"], tuning=replace(_FULL, rates=(1e-2,), decays=(0.0,))
    )
}  # fmt: skip

#: The page's values at D = 16 and random frozen models, which its plots show and its text does not have: the
#: construction's mean squared error by figure, L, L-bar and rank.
PUBLISHED: dict[tuple[str, int, int], dict[int, float]] = {
    ("linear", 2, 1): {1: 0.274, 2: 0.162, 4: 0.0442, 6: 0.00507, 7: 6.19e-4},
    ("fnn", 2, 1): {1: 0.111, 2: 0.0683, 4: 0.0184, 6: 0.00212, 7: 2.56e-4},
    ("fnn", 4, 2): {1: 0.0199, 2: 0.0160, 4: 0.00747},
    ("tfn", 1, 1): {1: 19.6, 2: 15.1, 4: 6.74, 6: 1.52, 7: 0.312},
}


@dataclass(frozen=True)
class Cell:
    """One point of a curve."""

    figure: str
    depth: int
    target_depth: int
    model: str
    rank: int
    method: str
    seed: int

    @property
    def name(self) -> str:
        """A name of letters that are safe in a file name."""
        words = f"{self.figure} L{self.depth}-{self.target_depth} {self.model} R{self.rank} {self.method} s{self.seed}"
        return words.replace("/", "of").replace(" ", "-")


def methods_of(figure: str) -> tuple[str, ...]:
    """The methods that a figure compares; the centred biases are ours."""
    return (CONSTRUCTION, CENTRED, GRADIENT) if figure == "fnn" else (CONSTRUCTION, GRADIENT)


def cells_of(figure: str, plan: Plan, seed: int) -> list[Cell]:
    """The cells of a figure, panel by panel."""
    return [
        Cell(figure, L, target, model, R, method, seed)
        for L, target in plan.depths
        for model in plan.models
        for method in methods_of(figure)
        for R in plan.ranks
    ]


def checked(plan: Plan, figure: str) -> Plan:
    """The plan, if it can be computed.  Raises `InputError`."""
    for R in plan.ranks:
        if not 1 <= R <= plan.width:
            raise InputError(f"the rank {R} is outside 1..{plan.width}, the width of the {figure} figure: leave it out")
    if plan.tuning.steps < 1:
        raise InputError(f"{plan.tuning.steps} training steps: give at least one")
    return plan


# Models --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setup:
    """The models of a panel, and what of the error was left when the frozen one had been trained."""

    target: Weights
    frozen: Weights
    share: float


def problem_of(figure: str, plan: Plan, depth: int, target: Weights) -> Callable[[Any], Problem]:
    """The problem of a panel, in any precision."""

    def made(dtype: Any) -> Problem:
        if figure == "linear":
            return LinearProblem(target.cast(dtype), depth)
        if figure == "fnn":
            return ReluProblem(target.cast(dtype), depth)
        return TransformerProblem(
            target.cast(dtype), Blocks(depth, plan.heads), plan.tokens, logits=plan.as_run
        )

    return (lambda dtype: PerEntry(made(dtype))) if plan.as_run else made


@lru_cache(maxsize=8)
def setup(figure: str, plan: Plan, depth: int, target_depth: int, model: str, seed: int) -> Setup:
    """The models of a panel: of one seed, all frozen models start from the same weights towards the same target."""
    generator = _generator(seed, figure, depth, target_depth, plan.width)
    target = _random(generator, figure, plan, target_depth)
    frozen = _random(generator, figure, plan, depth)
    if model == RANDOM:
        return Setup(target, frozen, 1.0)
    problem = problem_of(figure, plan, depth, target)(np.float64)
    trained, share = pretrain(
        problem, frozen, REMAINING[model], generator,
        batch=plan.tuning.batch, held=plan.samples, most=plan.pretraining,
    )  # fmt: skip
    return Setup(target, trained, share)


def _generator(seed: int, figure: str, *path: int) -> Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, FIGURES.index(figure), *path))))


def _random(generator: Generator, figure: str, plan: Plan, depth: int) -> Weights:
    """Uniform weights, standard normal ones in attention, biases uniform in +-1 / sqrt(D) as PyTorch's are."""
    D = plan.width
    bound = np.sqrt((1.0 if plan.as_run else 3.0) / D)  # PyTorch's default; Xavier's sqrt(6 / (D + D))
    if figure != "tfn":
        matrices = generator.uniform(-bound, bound, (depth, D, D))
        count = depth if figure == "fnn" else 0
        return Weights(matrices, generator.uniform(-1.0, 1.0, (count, D)) / np.sqrt(D))
    shape = Blocks(depth, plan.heads)
    matrices = generator.standard_normal((shape.count, D, D))
    for i in (*(place(l) for l in range(depth) for place in (shape.first, shape.second)), shape.count - 1):
        matrices[i] = generator.uniform(-bound, bound, (D, D))
    return Weights(matrices, generator.uniform(-1.0, 1.0, (2 * depth, D)) / np.sqrt(D))


# One cell ------------------------------------------------------------------------------------------------------------


def compute(cell: Cell, plan: Plan, form: str) -> dict[str, Any]:
    """The record of a cell: its fields, the error of its model, and what the theory says beside it."""
    made = setup(cell.figure, plan, cell.depth, cell.target_depth, cell.model, cell.seed)
    problem_in = problem_of(cell.figure, plan, cell.depth, made.target)
    problem = problem_in(np.float64)
    path = (cell.depth, cell.target_depth, plan.width)
    data = problem.sample(_generator(cell.seed, cell.figure, *path, 1), plan.samples)

    def mse(weights: Weights) -> float:
        return float(problem.loss(weights.matrices[None], weights.biases[None], data)[0])

    record: dict[str, Any] = {
        **asdict(cell), "form": form, "D": plan.width, "heads": plan.heads, "tokens": plan.tokens,
        "samples": plan.samples, "frozen_mse": mse(made.frozen), "share_left": made.share,
        "learning_rate": None, "weight_decay": None, "validation_mse": None,
        "steps": None, "batch": None, "pairs": None,
    }  # fmt: skip
    if cell.method == GRADIENT:
        tuning = plan.tuning
        places = list(REMAINING).index(cell.model), cell.rank, 2
        trained = train_adapters(
            problem_in, made.frozen, cell.rank, tuning, _generator(cell.seed, cell.figure, *path, *places)
        )
        weights = trained.weights
        record |= {"learning_rate": trained.rate, "weight_decay": trained.decay, "validation_mse": trained.validation,
                   "steps": tuning.steps, "batch": tuning.batch, "pairs": len(tuning.pairs)}  # fmt: skip
    else:
        weights = references.constructed(
            cell.figure, made.frozen, made.target, cell.rank, data, plan.heads, centred=cell.method == CENTRED
        )
    theory = references.theory(
        cell.figure, made.frozen, made.target, cell.rank, data, plan.heads, centred=cell.method == CENTRED
    )
    expected = references.expected_mse(weights, made.target) if cell.figure == "linear" else None
    known = theory | {"expected_mse": expected}
    if plan.as_run:
        known = {name: None if value is None else value / plan.width for name, value in known.items()}
    return record | {"mse": mse(weights), **known, "published": _published(cell, plan)}


def _published(cell: Cell, plan: Plan) -> float | None:
    """The page's value for a cell; None where there is none, or where the cell is no run like the page's."""
    if not plan.as_run or plan.width != 16 or cell.model != RANDOM:
        return None
    return PUBLISHED.get((cell.figure, cell.depth, cell.target_depth), {}).get(cell.rank)
