"""Smaller ReLU networks: without a layer, a target layer, a coordinate, an input; with smaller ranks."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from theorems.case import SVD, Array, fractions
from theorems.models.relu import Inputs, NetworkCase, ReluNetwork

Change = Callable[[Any], Any | None]


def smaller_networks(case: Any) -> Iterator[Change]:
    """Changes that make a case with a ReLU network smaller or plainer; none for other cases.

    What breaks a hypothesis or a decomposition does not convict; what is no case raises `InputError`.
    """
    if not isinstance(case, NetworkCase):
        return
    yield from (partial(_without_target_layer, i=i) for i in range(case.depth))
    yield from (partial(_without_layer, l=l) for l in range(case.frozen.depth))
    yield from (partial(_without_coordinate, j=j) for j in range(case.frozen.width))
    yield from (partial(_without_points, gone=gone) for gone in _groups(case.inputs.points.shape[-2]))
    yield partial(_with_smaller_ranks, layers=range(case.frozen.depth))
    yield from (partial(_with_smaller_ranks, layers=(l,)) for l in range(case.frozen.depth))
    yield _uniformly_weighted
    yield _without_a_set
    yield from (partial(_proportional, share=share) for share in range(1, 6))


def _groups(K: int) -> Iterator[tuple[int, ...]]:
    """Halves, pairs and single points to leave out."""
    if K > 3:
        yield tuple(range(K // 2, K))
        yield tuple(range(K // 2))
    for k in range(K - 1):
        yield (k, k + 1)
    for k in range(K):
        yield (k,)


def _rebuilt(case: NetworkCase, layers: list[int], targets: list[int], blocks: list[list[int]]) -> NetworkCase:
    """The case with these frozen layers and target layers (from 0), in these blocks of the old layers."""
    new = {l: k for k, l in enumerate(layers, 1)}
    return dataclasses.replace(
        case,
        frozen=ReluNetwork(tuple(case.frozen.weights[l] for l in layers), tuple(case.frozen.biases[l] for l in layers)),
        errors=tuple(case.errors[i] for i in targets),
        biases=tuple(case.biases[i] for i in targets),
        partition=tuple(tuple(new[l] for l in block) for block in blocks),
        ranks=tuple(case.ranks[l] for l in layers),
    )


def _blocks(case: NetworkCase) -> list[list[int]]:
    return [[l - 1 for l in block] for block in case.partition]


def _without_target_layer(case: NetworkCase, i: int) -> NetworkCase | None:
    if not i < case.depth or case.depth < 2:
        return None
    blocks = _blocks(case)
    gone = blocks.pop(i)
    layers = [l for l in range(case.frozen.depth) if l not in gone]
    return _rebuilt(case, layers, [k for k in range(case.depth) if k != i], blocks)


def _without_layer(case: NetworkCase, l: int) -> NetworkCase | None:
    if not l < case.frozen.depth:
        return None
    blocks = [[k for k in block if k != l] for block in _blocks(case)]
    if not all(blocks):
        return None
    return _rebuilt(case, [k for k in range(case.frozen.depth) if k != l], list(range(case.depth)), blocks)


def _without_coordinate(case: NetworkCase, j: int) -> NetworkCase | None:
    D = case.frozen.width
    if not j < D or D < 2:
        return None
    keep = [k for k in range(D) if k != j]

    def square(A: Array) -> Array:
        return A[keep][:, keep]

    inputs = case.inputs
    return NetworkCase(
        ReluNetwork(tuple(map(square, case.frozen.weights)), tuple(b[keep] for b in case.frozen.biases)),
        tuple(SVD(square(d.U), d.s[keep], square(d.V)) for d in case.errors),
        tuple(b[keep] for b in case.biases),
        case.partition,
        tuple(min(R, D - 1) for R in case.ranks),
        Inputs(inputs.points[:, keep], inputs.weights, inputs.box[keep], inputs.ball),
    )


def _with_inputs(case: NetworkCase, **changes: Any) -> NetworkCase:
    return dataclasses.replace(case, inputs=dataclasses.replace(case.inputs, **changes))


def _without_points(case: NetworkCase, gone: tuple[int, ...]) -> NetworkCase | None:
    keep = [k for k in range(case.inputs.points.shape[0]) if k not in gone]
    if not keep or max(gone) >= case.inputs.points.shape[0]:
        return None
    weights = case.inputs.weights[keep]
    total = sum(weights.tolist())
    if total == 0:
        return None
    return _with_inputs(case, points=case.inputs.points[keep], weights=np.asarray(weights / total))


def _uniformly_weighted(case: NetworkCase) -> NetworkCase:
    K = case.inputs.points.shape[0]
    return _with_inputs(case, weights=fractions(np.array([Fraction(1, K)] * K, dtype=object)))


def _proportional(case: NetworkCase, share: int) -> NetworkCase:
    """Probabilities rounded to small proportions: multiples of the largest one divided by `share`."""
    top = max(case.inputs.weights.tolist())
    counts = [max(1, round(w * share / top)) for w in case.inputs.weights.tolist()]
    weights = np.array([Fraction(count, sum(counts)) for count in counts], dtype=object)
    return _with_inputs(case, weights=fractions(weights))


def _without_a_set(case: NetworkCase) -> NetworkCase:
    return _with_inputs(case, box=case.inputs.box * 0, ball=case.inputs.ball * 0)


def _with_smaller_ranks(case: NetworkCase, layers: tuple[int, ...] | range) -> NetworkCase | None:
    ranks = tuple(R - (l in layers) for l, R in enumerate(case.ranks))
    if min(ranks) < 1:  # a witness with a LoRA-rank of zero would be open to dispute
        return None
    return dataclasses.replace(case, ranks=ranks)
