"""Every standing claim in batches against the same claim one instance an example, drawn by Hypothesis."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument, Unsatisfiable
from hypothesis.extra.numpy import arrays as drawn_arrays

from benchmarks.lemma_9 import batch_size
from benchmarks.measure import Row, stopwatch
from theorems.arithmetic import Float64
from theorems.case import SVD, arrays, member
from theorems.catalogue import CLAIMS
from theorems.claim import Claim
from theorems.errors import InputError, Unsupported
from theorems.judge.driver import check
from theorems.strategies.cases import CASES
from theorems.strategies.draws import recipe_of
from theorems.strategies.recipes import Recipe
from theorems.strategies.search.portion import drawn_chunk

#: Chunks of draws that are looked through for recipes of the wanted dimension, and recipes taken of a claim.
CHUNKS, TAKEN = 4, 3
#: A claim one instance of which takes more seconds is left out: one that goes through all subsets, say, at D = 16.
DEAR = 1.0


def recipes_of(claim: Claim, D: int) -> list[Recipe[Any]]:
    """The first recipes of a claim's strategy whose dimension is D, or that are made again in that dimension."""
    found: list[Recipe[Any]] = []
    others: list[Recipe[Any]] = []
    for chunk in range(CHUNKS):
        for recipe in map(recipe_of, drawn_chunk(CASES[claim.key], 0, claim.key, chunk)):
            (found if recipe.size[0] == D else others).append(recipe)
        if len(found) >= TAKEN:
            return found[:TAKEN]
    largest = sorted(others, key=lambda recipe: -recipe.size[0])
    return [*found, *(r for one in largest[:TAKEN] if (r := in_dimension(one, D)) is not None)][:TAKEN]


def in_dimension(recipe: Any, D: int) -> Any:
    """The same recipe with its dimension changed; None where a recipe has none of its own."""
    if not dataclasses.is_dataclass(recipe) or isinstance(recipe, type):
        return None
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(recipe):
        value = getattr(recipe, field.name)
        if field.name == "dimension":
            changes["dimension"] = D
        elif field.name == "shapes":
            changes["shapes"] = tuple((D, D) if m == n else (D, n) if m > n else (m, D) for m, n in value)
        elif field.name == "recipe":
            changes["recipe"] = in_dimension(value, D)
        elif field.name == "blocks":
            changes["blocks"] = tuple(in_dimension(block, D) for block in value)
    if not changes or None in changes.values() or any(isinstance(v, tuple) and None in v for v in changes.values()):
        return None
    try:
        return dataclasses.replace(recipe, **changes)
    except (InputError, InvalidArgument, ValueError, TypeError):
        return None


def in_batches(claim: Claim, recipes: Sequence[Recipe[Any]], size: int) -> float:
    """Seconds for a live instance, generation included."""
    live = 0

    def work() -> None:
        nonlocal live
        for recipe in recipes:
            live += check(claim, recipe.batch(size), Float64(size=size)).live

    seconds = stopwatch(work)
    return seconds / live if live else float("inf")


def one_by_one(claim: Claim, template: Any, examples: int) -> float:
    """Seconds for a live instance whose arrays, of the template's shapes, are drawn entry by entry, and checked alone.

    What the arrays cannot be (probabilities that do not sum to one) is no live instance.  Infinite where none is.
    """
    live = 0

    @seeded(0)
    @settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def run(data: st.DataObject) -> None:
        nonlocal live
        try:
            live += check(claim, _filled(template, lambda shape: data.draw(_entries(shape))), Float64()).live
        except (InputError, np.linalg.LinAlgError):
            return

    try:
        seconds = stopwatch(run)
    except Unsatisfiable:  # more entries than Hypothesis draws in one example
        return float("inf")
    return seconds / live if live else float("inf")


def recipes_one_by_one(claim: Claim, recipes: Sequence[Recipe[Any]], examples: int) -> float:
    """Seconds for a live instance that our own recipes make and that is checked alone: structure is built in."""
    live = 0

    def work() -> None:
        nonlocal live
        for number in range(examples):
            recipe = recipes[number % len(recipes)]
            live += check(claim, recipe.batch(1), Float64(size=1)).live

    seconds = stopwatch(work)
    return seconds / live if live else float("inf")


def _entries(shape: tuple[int, ...]) -> st.SearchStrategy[Any]:
    return drawn_arrays(np.float64, shape, elements=st.floats(-10, 10), fill=st.nothing())


def _filled(part: Any, draw: Callable[[tuple[int, ...]], Any]) -> Any:
    """The case with fresh arrays; a decomposition is that of a fresh matrix."""
    if isinstance(part, SVD):
        U, s, Vt = np.linalg.svd(draw((part.U.shape[0], part.V.shape[0])), full_matrices=False)
        return SVD(U, s, Vt.T)
    if isinstance(part, np.ndarray):
        return draw(part.shape)
    if isinstance(part, tuple):
        return tuple(_filled(item, draw) for item in part)
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        fields = (field for field in dataclasses.fields(part) if field.init)
        return type(part)(**{field.name: _filled(getattr(part, field.name), draw) for field in fields})
    return part


def median_claim(D: int, *, examples: int, most: int | None = None, claims: Sequence[Claim] = CLAIMS) -> list[Row]:
    """The ratio of the median claim, of the standing ones whose cases come in dimension D (at most `most`)."""
    stand = [c for c in claims if c.verdict is not None and c.verdict.stands and c.key in CASES]
    size = batch_size(D)
    entries: dict[str, float] = {}
    alone: dict[str, float] = {}
    unmet = dear = 0
    for claim in stand[:: 1 if most is None else max(1, -(-len(stand) // most))]:
        recipes = recipes_of(claim, D)
        try:
            if not recipes or not arrays(recipes[0].batch(2)):
                continue
            in_batches(claim, recipes[:1], 2)  # real weights are read once, and modules imported
            if DEAR < in_batches(claim, recipes, 2) < np.inf:
                dear += 1
                continue
            fast = in_batches(claim, recipes, size)
            if not np.isfinite(fast):
                continue
            alone[claim.key] = recipes_one_by_one(claim, recipes, 3 * examples) / fast
            slow = one_by_one(claim, member(recipes[0].batch(1), 0), examples)
        except (Unsupported, InputError, ValueError, IndexError):  # a recipe that has no such dimension
            continue
        if np.isfinite(slow):
            entries[claim.key] = slow / fast
        else:
            unmet += 1
    rows = []
    if entries:
        note = (f"{len(entries)} claims with cases of this dimension, {size} a batch, {examples} examples of "
                f"arrays(floats(-10, 10), fill=nothing()); {unmet} more are never met, or not drawn, "
                f"{dear} take over {DEAR:g} s an instance")  # fmt: skip
        rows.append(_row(f"Median claim, D={D}: batches / one by one", entries, 100, note))
    if alone:
        note = f"{len(alone)} claims; the same recipes, structure built in, one instance a check, without Hypothesis"
        rows.append(_row(f"Median claim, D={D}: batches / our recipes one by one", alone, None, note))
    return rows


def _row(name: str, ratios: dict[str, float], goal: float | None, note: str) -> Row:
    values = sorted(ratios.values())
    below = sum(value < (goal or 0) for value in values)
    more = f"; {below} of them below the goal" if goal else ""
    return Row(name, statistics.median(values), "x", values[0], values[-1], 1, goal, note=note + more, details=ratios)
