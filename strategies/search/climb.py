"""Climbing: from the nearest misses of a search towards a violation.

Over the float entries of a case, SciPy's differential evolution mixes the nearest misses of a batch, a generation being
one Float64 batch, and L-BFGS-B walks on from the best, a gradient being one batch of differences.  Over what Hypothesis
draws (sizes, ranks, laws, integers), `hypothesis.target` climbs.  What they reach is attacked like any other batch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from theorems.arithmetic.float64 import Float64
from theorems.claim import Claim, Outcome
from theorems.domains import ANY, Domain
from theorems.judge.driver import Report, check
from theorems.strategies.draws import aimed, recipe_of
from theorems.strategies.recipes import Recipe
from theorems.strategies.search.attack import Near, batch_size
from theorems.strategies.search.coordinates import Coordinates

#: Cases with more parameters than this are not climbed: random search covers as much there.
PARAMETERS = 160
#: Members of a generation, and generations of a first climb; later portions take more, up to so many times as many.
MEMBERS, GENERATIONS, LONGER = 64, 24, 6
#: Steps of the walk from the best member, and the width of a difference quotient relative to the entries.
STEPS, WIDTH = 30, 1e-6
#: A climb ends at a margin below this: a violation beyond doubt.
ENOUGH = -1e-3
#: The margin of what is no instance: it breaks a hypothesis, or nothing can be formed of it.
NOWHERE = 1e3
#: Members of a batch that scores a recipe; draws of a climb over recipes, and over cases without arrays.
SCORED = 64
AIMED, AIMED_BARE = 60, 400

Vectors = NDArray[np.float64]


def climb(claim: Claim, near: Near, *, seed: int, effort: int = 0, domain: Domain = ANY) -> Any | None:
    """A Float64 batch of what was reached from the nearest misses; None where there is nothing to climb.

    Every move is made within the domain; where nothing is known of that, none is.  Deterministic in its arguments.
    `effort` is the number of the portion: later ones climb for longer.
    """
    if domain.as_drawn:
        return None
    space = Coordinates(near.batch, domain)
    if not 0 < space.count <= PARAMETERS:
        return None
    start = space.vectors(near.batch)
    reached = _Reached(claim, space)
    generations = GENERATIONS * min(1 + effort // 2, LONGER)
    _evolve(reached, start, np.random.default_rng(seed), generations)
    for vector in reached.best(2):
        _walk(reached, vector)
    kept = reached.best(8)
    return space.case(np.stack(kept)) if kept else None


class _Reached:
    """The margins of vectors, and the best vectors so far."""

    def __init__(self, claim: Claim, space: Coordinates) -> None:
        self._claim = claim
        self._space = space
        self._kept: list[tuple[float, int, Vectors]] = []
        self._count = 0

    def margins(self, vectors: Vectors) -> Vectors:
        """The margin of each row; what is no instance is far away."""
        batch = self._space.case(vectors)
        report = check(self._claim, batch, Float64(size=len(vectors)))
        margins = _margins(report)
        for index in np.argsort(margins, kind="stable")[:4]:
            if margins[index] < NOWHERE:
                self._kept.append((float(margins[index]), self._count + int(index), vectors[index].copy()))
        self._count += len(vectors)
        self._kept = sorted(self._kept, key=lambda entry: entry[:2])[:16]
        return margins

    def best(self, count: int) -> list[Vectors]:
        """The nearest vectors, the nearest first."""
        return [vector for _, _, vector in self._kept[:count]]

    @property
    def enough(self) -> bool:
        return bool(self._kept) and self._kept[0][0] < ENOUGH


def _margins(report: Report) -> Vectors:
    judged = report.where(Outcome.HOLDS) | report.where(Outcome.FAILS)
    margins = np.where(judged & np.isfinite(report.margins), report.margins, NOWHERE)
    return np.asarray(np.clip(margins, -NOWHERE, NOWHERE), dtype=np.float64)


def _evolve(reached: _Reached, start: Vectors, generator: np.random.Generator, generations: int) -> None:
    """Differential evolution from the nearest misses and small changes of them."""
    from scipy.optimize import differential_evolution  # here: what falls before it climbs need not wait for it

    size = np.abs(start).max(axis=0)
    size = np.maximum(size, 0.1 * size.max())
    copies = start[np.arange(MEMBERS) % len(start)]
    spread = np.where(np.arange(MEMBERS) < len(start), 0.0, 0.3)[:, None]
    population = copies + spread * size * generator.standard_normal(copies.shape)
    differential_evolution(
        lambda columns: reached.margins(np.ascontiguousarray(columns.T)),
        list(zip(-3 * size, 3 * size, strict=True)),
        init=np.clip(population, -3 * size, 3 * size),
        maxiter=generations,
        tol=0.0,
        mutation=(0.3, 0.9),
        recombination=0.7,
        strategy="currenttobest1bin",
        polish=False,
        vectorized=True,
        updating="deferred",
        seed=generator,
        callback=lambda vector, convergence: reached.enough,
    )


def _walk(reached: _Reached, vector: Vectors) -> None:
    """L-BFGS-B from a vector."""
    from scipy.optimize import minimize

    if reached.enough:
        return

    def with_gradient(x: Vectors) -> tuple[float, Vectors]:
        steps = WIDTH * np.maximum(np.abs(x), 1e-3 * np.abs(x).max(initial=1.0))
        moved = np.concatenate([x[None], x + np.diag(steps), x - np.diag(steps)])
        margins = reached.margins(moved)
        gradient = (margins[1 : len(x) + 1] - margins[len(x) + 1 :]) / (2 * steps)
        gradient[np.abs(margins[1 : len(x) + 1]) >= NOWHERE] = 0.0  # across the edge of the hypotheses
        gradient[np.abs(margins[len(x) + 1 :]) >= NOWHERE] = 0.0
        return float(margins[0]), gradient

    def stop(x: Vectors) -> None:
        if reached.enough:
            raise StopIteration

    minimize(with_gradient, vector, jac=True, method="L-BFGS-B", callback=stop, options={"maxiter": STEPS, "maxls": 12})


# over recipes -------------------------------------------------------------------------------------------------------


def climb_recipes(
    claim: Claim, strategy: Any, *, seed: int, number: int, bare: bool = False
) -> tuple[Recipe[Any], int] | None:
    """The recipe nearest to a violation that Hypothesis reaches, and how many members to attack; None for none.

    `bare` says that the cases have no arrays: all that can be climbed are the recipes, and a draw costs little.
    """
    best: list[tuple[float, Recipe[Any]]] = []

    def score(drawn: Any) -> float:
        recipe = recipe_of(drawn)
        if recipe.size[0] > 16:  # a large batch costs more than it tells
            return float("nan")
        batch = recipe.batch(SCORED)
        count = batch_size(batch)
        margins = _margins(check(claim, batch, Float64(size=count)))
        least = float(margins.min(initial=NOWHERE))
        if least >= NOWHERE:
            return float("nan")
        if not best or least < best[0][0]:
            best[:] = [(least, recipe)]
        return -least

    aimed(strategy, score, seed=seed, key=claim.key, number=number, most=AIMED_BARE if bare else AIMED)
    return (best[0][1], 4 * SCORED) if best else None

