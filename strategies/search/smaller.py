"""Smaller linear models: without a layer, without a coordinate, with a smaller rank."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from theorems.case import SVD, Array
from theorems.errors import InputError
from theorems.models.linear import (
    Adapter,
    LinearCase,
    LinearModel,
    NarrowCase,
    TargetCase,
    TruncationCase,
    TwoDecompositionsCase,
)

Change = Callable[[Any], Any | None]


def smaller_models(case: Any) -> Iterator[Change]:
    """Changes that make a case with a frozen linear model smaller; none for other cases.

    A coordinate is dropped from weights and decompositions alike, with the row and column of the same number, which
    keeps a decomposition where U and V are diagonal.  What is no decomposition any more does not convict.
    """
    if isinstance(case, TruncationCase | TwoDecompositionsCase):
        yield from (_guarded(partial(_truncation_without, i=i)) for i in range(len(_decompositions(case)[0].s)))
        return
    if not isinstance(case, LinearCase | TargetCase | NarrowCase):
        return
    yield from (_guarded(partial(_without_layer, layer=layer)) for layer in range(case.frozen.depth))
    yield from (_guarded(partial(_without_coordinate, i=i)) for i in range(case.frozen.width))
    if isinstance(case, NarrowCase):
        yield _guarded(_with_smaller_rank)
    else:
        yield _guarded(partial(_with_smaller_ranks, layers=tuple(range(case.frozen.depth))))
        yield from (_guarded(partial(_with_smaller_ranks, layers=(l,))) for l in range(case.frozen.depth))


def _decompositions(case: TruncationCase | TwoDecompositionsCase) -> tuple[SVD, ...]:
    return (case.decomposition,) if isinstance(case, TruncationCase) else (case.first, case.second)


def _truncation_without(case: TruncationCase | TwoDecompositionsCase, i: int) -> Any | None:
    """Without the i-th coordinate in either basis, and without the singular value that goes with it."""
    D = len(_decompositions(case)[0].s)
    keep = [j for j in range(D) if j != i]
    made = [d for d in (_svd_without(d, i) for d in _decompositions(case)) if d is not None]
    if D < 2 or not i < D or len(made) < len(_decompositions(case)):
        return None
    if isinstance(case, TwoDecompositionsCase):
        return dataclasses.replace(case, first=made[0], second=made[1], rank=min(case.rank, D - 1))
    r = min(case.rank, D - 1)
    competitor = Adapter(case.competitor.B[keep][:, :r], case.competitor.A[:r][:, keep])
    return TruncationCase(made[0], competitor)


def _svd_without(d: SVD, i: int) -> SVD | None:
    """Without row i of U and V and the column that is not zero there, where U and V are signed permutations alike."""
    if not i < len(d.s):
        return None
    columns = [j for j in range(len(d.s)) if d.U[i, j] != 0]
    if len(columns) != 1 or d.V[i, columns[0]] == 0:
        return None
    rows, kept = ([j for j in range(len(d.s)) if j != drop] for drop in (i, columns[0]))
    return SVD(d.U[rows][:, kept], d.s[kept], d.V[rows][:, kept])


def _guarded(change: Change) -> Change:
    """The change, or None where the case that it gives is no case (a rank below zero, no layer left)."""

    def attempt(case: Any) -> Any | None:
        try:
            return change(case)
        except (InputError, IndexError):
            return None

    return attempt


def _without_layer(case: Any, layer: int) -> Any | None:
    if not layer < case.frozen.depth:
        return None
    keep = [l for l in range(case.frozen.depth) if l != layer]
    changes: dict[str, Any] = {"frozen": LinearModel(tuple(case.frozen.weights[l] for l in keep))}
    for name in ("ranks", "competitor"):
        if hasattr(case, name):
            changes[name] = tuple(getattr(case, name)[l] for l in keep)
    return dataclasses.replace(case, **changes)


def _without_coordinate(case: Any, i: int) -> Any | None:
    D = case.frozen.width
    if not i < D or D < 2:
        return None
    keep = [j for j in range(D) if j != i]

    def square(A: Array) -> Array:
        return A[keep][:, keep]

    changes: dict[str, Any] = {"frozen": LinearModel(tuple(square(W) for W in case.frozen.weights))}
    for name in ("error", "target"):
        if isinstance(d := getattr(case, name, None), SVD):
            changes[name] = SVD(square(d.U), d.s[keep], square(d.V))
            break
    if isinstance(case, NarrowCase):
        if i < case.narrow:
            changes |= {"narrow": case.narrow - 1, "x": case.x[[j for j in range(case.narrow) if j != i]]}
        changes["rank"] = min(case.rank, D - 1)
    else:
        changes["ranks"] = ranks = tuple(min(R, D - 1) for R in case.ranks)
    if isinstance(case, LinearCase):
        changes["competitor"] = tuple(
            Adapter(a.B[keep][:, :R], a.A[:R][:, keep]) for a, R in zip(case.competitor, ranks, strict=True)
        )
    return dataclasses.replace(case, **changes)


def _with_smaller_rank(case: NarrowCase) -> NarrowCase | None:
    if case.rank <= 1:
        return None
    return dataclasses.replace(case, rank=case.rank - 1)


def _with_smaller_ranks(case: Any, layers: tuple[int, ...]) -> Any | None:
    ranks = tuple(R - (l in layers) for l, R in enumerate(case.ranks))
    if min(ranks) < 1:  # a witness with a LoRA-rank of zero would be open to dispute
        return None
    changes: dict[str, Any] = {"ranks": ranks}
    if isinstance(case, LinearCase):
        changes["competitor"] = tuple(
            Adapter(a.B[:, :R], a.A[:R]) for a, R in zip(case.competitor, ranks, strict=True)
        )
    return dataclasses.replace(case, **changes)
