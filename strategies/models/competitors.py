"""Adapters that compete for a minimum, kept as factors: for batches and, by the same code, exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator

from theorems.case import SVD, Array, fractions
from theorems.models.linear import Adapter, product
from theorems.strategies.laws import powers_of_ten
from theorems.strategies.models.errors import solve_members
from theorems.strategies.rational import identity, integers, solve_exactly

#: The kinds of competitor by name, the simplest first.
COMPETITORS = ("zero", "random", "one layer", "every layer", "every layer, perturbed")


def competing(
    generator: Generator, kind: str, weights: Sequence[Array], error: SVD, ranks: Sequence[int]
) -> tuple[Adapter, ...]:
    """Adapters for a batch.  All but "zero" and "random" reach for the minimum; see `placed`."""
    count, D, _ = error.U.shape
    if kind == "zero":
        return tuple(Adapter(np.zeros((count, D, R)), np.zeros((count, R, D))) for R in ranks)
    if kind == "random":
        return tuple(_random(generator, W, R) for W, R in zip(weights, ranks, strict=True))
    with np.errstate(all="ignore"):
        adapters = placed(weights, error, _shares(kind, ranks), solve_members)
    adapters = tuple(_padded(adapter, R) for adapter, R in zip(adapters, ranks, strict=True))
    sound = np.ones(count, dtype=bool)  # a layer that cannot be inverted leaves no competitor
    for adapter in adapters:
        for factor in (adapter.B, adapter.A):
            sound &= np.isfinite(factor).all((-2, -1))
    adapters = tuple(
        Adapter(*(np.where(sound[:, None, None], factor, 0.0) for factor in (a.B, a.A))) for a in adapters
    )
    if kind == "every layer, perturbed":
        noise = powers_of_ten(generator, count, -8.0, -1.0)
        adapters = tuple(
            Adapter(
                a.B * (1.0 + noise * generator.standard_normal(a.B.shape)),
                a.A * (1.0 + noise * generator.standard_normal(a.A.shape)),
            )
            for a in adapters
        )
    return adapters


def competing_exactly(
    generator: Generator, kind: str, weights: Sequence[Array], error: SVD, ranks: Sequence[int], *, size: int
) -> tuple[Adapter, ...]:
    """Adapters for one exact case."""
    D = len(error.s)
    if kind == "random":
        return tuple(
            Adapter(integers(generator, D, R, size=size), integers(generator, R, D, size=size)) for R in ranks
        )
    nothing = tuple(Adapter(fractions(np.zeros((D, R))), fractions(np.zeros((R, D)))) for R in ranks)
    if kind == "zero":
        return nothing
    try:
        adapters = placed(weights, error, _shares(kind, ranks), _solve_or_raise)
    except ZeroDivisionError:
        return nothing
    adapters = tuple(_padded(adapter, R) for adapter, R in zip(adapters, ranks, strict=True))
    if kind == "every layer, perturbed":
        adapters = tuple(Adapter(a.B + integers(generator, *a.B.shape) / 10**4, a.A) for a in adapters)
    return adapters


def placed(
    weights: Sequence[Array], error: SVD, shares: Sequence[range], solve: Callable[[Array, Array], Array]
) -> tuple[Adapter, ...]:
    """Adapters that place the singular triples shares[l] of E in layer l, given the layers already adapted.

    The product of the adapted weights then has moved by just those triples.
    """
    adapters: list[Adapter] = []
    below: Array | None = None
    for layer, (W, share) in enumerate(zip(weights, shares, strict=True)):
        triples = slice(share.start, share.stop)
        B = error.U[..., :, triples] * error.s[..., None, triples]
        A = error.V[..., :, triples].mT
        if len(share):
            if layer + 1 < len(weights):
                B = solve(product(weights[layer + 1 :]), B)
            if below is not None:
                A = solve(below.mT, A.mT).mT
        adapters.append(Adapter(B, A))
        adapted = W + B @ A if len(share) else W
        below = adapted if below is None else adapted @ below
    return tuple(adapters)


def _shares(kind: str, ranks: Sequence[int]) -> list[range]:
    """Which triples each layer takes: the layer of largest rank alone, or every layer in its turn."""
    if kind == "one layer":
        only = max(range(len(ranks)), key=lambda layer: ranks[layer])
        return [range(R) if layer == only else range(0) for layer, R in enumerate(ranks)]
    starts = np.cumsum([0, *ranks]).tolist()
    return [range(start, start + R) for start, R in zip(starts, ranks, strict=False)]


def _padded(adapter: Adapter, rank: int) -> Adapter:
    """The adapter with zero columns and rows up to its rank, where E had fewer triples left."""
    missing = rank - adapter.B.shape[-1]
    if missing <= 0:
        return adapter
    zero = identity(1)[0, 0] * 0 if adapter.B.dtype == object else 0.0
    columns = np.full((*adapter.B.shape[:-1], missing), zero, dtype=adapter.B.dtype)
    rows = np.full((*adapter.A.shape[:-2], missing, adapter.A.shape[-1]), zero, dtype=adapter.A.dtype)
    return Adapter(np.concatenate([adapter.B, columns], -1), np.concatenate([adapter.A, rows], -2))


def _random(generator: Generator, W: Array, R: int) -> Adapter:
    """Gaussian factors whose product is of the size of W, up to a factor of 1e-3 to 10."""
    count, D, _ = W.shape
    size = np.abs(W).max((-2, -1), keepdims=True) * powers_of_ten(generator, count, -3.0, 1.0)
    return Adapter(generator.standard_normal((count, D, R)) * size, generator.standard_normal((count, R, D)))


def _solve_or_raise(A: Array, B: Array) -> Array:
    solution = solve_exactly(A, B)
    if solution is None:
        raise ZeroDivisionError("a singular layer")
    return solution
