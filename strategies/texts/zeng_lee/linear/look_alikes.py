"""Competitors that look like the best one but are not it: recipes of `LinearCase`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from theorems.case import SVD, Array
from theorems.models.linear import Adapter, LinearCase
from theorems.strategies.models.linear import linear_cases
from theorems.strategies.models.mapped import Mapped, swapped_values, with_competitor
from theorems.strategies.recipes import Recipe, chosen

#: What a competitor has in common with the best one, or with none; see `look_alikes`.
LOOKS = ("reflected", "swapped", "cancelling")


def reflected(case: LinearCase, generator: Generator, size: int) -> LinearCase:
    """Its product is (I - 2 u_1 u_1^T)(prod W + LR_k(E)), k = R_1 + ... + R_L.

    The change is -u_1 (2 P^T u_1 + s_1 v_1)^T + s_2 u_2 v_2^T + ...: still of rank k.
    """
    d, P = case.error, case.frozen.matrix
    u = d.U[..., :, 0]
    turned = 2 * (P.mT @ u[..., None])[..., 0] + d.s[..., :1] * d.V[..., :, 0]
    V, s = d.V.copy(), d.s.copy()
    V[..., :, 0], s[..., 0] = -turned, s[..., 0] * 0 + 1
    return with_competitor(case, SVD(d.U, s, V), size)


def swapped(case: LinearCase, generator: Generator, size: int) -> LinearCase:
    """Two neighbouring singular values of the kept ones are exchanged, their vectors are not."""
    return with_competitor(case, swapped_values(case.error, sum(case.ranks), generator), size)


def cancelling(case: LinearCase, generator: Generator, size: int) -> LinearCase:
    """Two neighbouring layers change by rank one, W_l to (I + e e^T) W_l and W_{l+1} to W_{l+1} (I - e e^T / 2), and
    the product does not; e is a unit vector."""
    weights = case.frozen.weights
    pairs = [l for l in range(len(weights) - 1) if case.ranks[l] and case.ranks[l + 1]]
    if not pairs:
        return case
    l, D = pairs[int(generator.integers(0, len(pairs)))], case.frozen.width
    j = int(generator.integers(0, D))
    adapters = [Adapter(W[..., :, :R] * 0, W[..., :R, :] * 0) for W, R in zip(weights, case.ranks, strict=True)]
    for layer, row in ((l, True), (l + 1, False)):
        W, made = weights[layer], adapters[layer]
        B, A = made.B.copy(), made.A.copy()
        one: Array = W[..., 0, 0] * 0 + 1
        if row:
            B[..., j, 0], A[..., 0, :] = one, W[..., j, :]
        else:
            B[..., :, 0], A[..., 0, j] = W[..., :, j], -one / 2
        adapters[layer] = Adapter(B, A)
    return LinearCase(case.frozen, case.error, case.ranks, tuple(adapters))


_TRANSFORMS = {"reflected": reflected, "swapped": swapped, "cancelling": cancelling}


def _looking(case: LinearCase, generator: Generator, size: int, *, looks: str) -> LinearCase:
    with np.errstate(all="ignore"):
        return _TRANSFORMS[looks](case, generator, size)


@st.composite
def look_alikes(draw: st.DrawFn, /, *, looks: Sequence[str] = LOOKS, **bounds: object) -> Recipe[LinearCase]:
    """Recipes of `LinearCase` whose competitor is easily mistaken for the best one; takes the bounds of `linear_cases`.

    looks  "reflected": its product has the singular values of prod W + LR(E); "swapped": its change has those of LR(E)
           with two of them exchanged, which is optimal in the spectral norm where they are close; "cancelling": two
           adapters are not zero and the product does not change

    Shrinks as `linear_cases` does.
    """
    recipe = draw(linear_cases(**bounds))  # type: ignore[arg-type]
    look = draw(st.sampled_from(chosen(looks, LOOKS, name="looks")))
    return Mapped(recipe, partial(_looking, looks=look), look, draw(st.integers(0, 2**32 - 1)))
