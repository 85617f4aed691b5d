"""What a stack costs beside one of its members, and a draw beside the decompositions that are made of it."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from benchmarks.measure import Row, interleaved, ratio, stopwatch
from theorems.arithmetic import Float64
from theorems.strategies.models.linear import LinearRecipe
from theorems.strategies.models.transformer import transformer
from theorems.strategies.models.transformer_makers import Maker


def drawn(D: int, *, rounds: int, count: int = 2000) -> list[Row]:
    """Drawing a batch of Lemma 9 against one stacked SVD of as many matrices."""
    recipe = LinearRecipe("gaussian", "distinct", "random", D, (1, 1))
    stack = np.random.default_rng(0).standard_normal((count, D, D))
    costs = interleaved(
        {
            "draw": lambda number: stopwatch(lambda: recipe.batch(count)),
            "svd": lambda number: stopwatch(lambda: np.linalg.svd(stack)),
        },
        rounds,
    )
    note = f"a batch of {count} against np.linalg.svd of {count} matrices"
    return [ratio(f"drawing, D={D}", costs["draw"], costs["svd"], goal=8, at_least=False, note=note)]


def forward(*, rounds: int, count: int = 1000) -> list[Row]:
    """The forward pass of that many Transformers at once against that of one."""
    sides = {}
    for n in (count, 1):
        model = transformer(Maker(np.random.default_rng(0), n), "gaussian", 4, 4, 2)
        X = np.random.default_rng(1).standard_normal((n, 4, 8))
        sides[n] = partial(_passes, model, X, Float64(size=n))
    costs = interleaved({str(n): side for n, side in sides.items()}, rounds)
    note = f"{count} Transformers of width 4, 4 heads, 2 blocks on 8 tokens, against one of them"
    return [ratio("a stack forward", costs[str(count)], costs["1"], goal=count / 4, at_least=False, note=note)]


def _passes(model: Any, X: Any, num: Float64, number: int) -> float:
    def work() -> None:
        for _ in range(5):
            model.forward(X, num)

    return stopwatch(work)
