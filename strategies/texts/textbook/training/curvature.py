"""Two-layer linear networks at minima, and estimates to be cut: recipes for the claims on curvature of 11.2.3."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction

from hypothesis import strategies as st

from theorems.case import SVD
from theorems.strategies.material import Material
from theorems.strategies.models.runs import Bound, runs
from theorems.strategies.recipes import Recipe
from theorems.texts.textbook.training.cases import EstimateCase, TwoLayerCase, TwoLayerRunCase, TwoMinimaCase

Sizes = Mapping[str, int]

#: How W_2 goes with W_1, the simplest first.
LAYERS = ("diagonal", "any weights", "balanced", "reversed", "balanced units")


def two_layers(material: Material, sizes: Sizes, law: str) -> TwoLayerCase:
    """W_1 by its SVD, W_2 by a law of `LAYERS` (balanced: W_2^T W_2 = W_1 W_1^T; "balanced units": its diagonal
    alone, where m >= n), and a factor."""
    n, h, m = sizes["n"], sizes["h"], sizes["m"]
    first = material.svd(h, n, plain=law == "diagonal")
    k = min(h, n)
    scale = material.choice((2, 3, Fraction(1, 2)), 1)
    if law in ("balanced", "reversed"):
        s = first.s if law == "balanced" else first.s[..., ::-1]
        rows = material.orthogonal(max(m, k))[..., :, :k]
        second = (rows * s[..., None, :]) @ first.U.mT
    elif law == "balanced units":  # the weights into each unit, in another order for every second one, lead out of it
        into = first.matrix
        second = material.full(0, max(m, n), h)
        for j in range(h):
            second[..., :n, j] = into[..., j, :: (-1) ** j]
        second = second[..., :m, :]
    else:
        second = material.entries(m, h)
    return TwoLayerCase(first, second, scale)


def two_layer_cases(*, min_h: int = 1, only: Collection[str] | None = None) -> st.SearchStrategy[Recipe[TwoLayerCase]]:
    """Recipes of `TwoLayerCase`: n inputs, h hidden units, m outputs; laws `LAYERS`.  Shrinks to numbers."""
    sizes: dict[str, tuple[Bound, Bound]] = {"n": (min_h, 3), "h": (min_h, 3), "m": (1, 3)}
    return runs(two_layers, sizes, LAYERS, only=only)


#: Pairs of minima, the simplest first.
MINIMA = ("scaled", "idle units", "balanced", "full rank", "scaled a little")


def two_minima(material: Material, sizes: Sizes, law: str) -> TwoMinimaCase:
    """T = W_2 W_1 of rank one, balanced or scaled out of balance, and the same T with an idle hidden unit that has a
    weight; "full rank": a balanced T of rank min(m, n, h)."""
    n, m, h = sizes["n"], sizes["m"], sizes["h"]
    root = material.choice((1, 2), 1)
    u, v = material.orthogonal(m), material.orthogonal(n)
    s = material.full(0, min(m, n))
    if law == "full rank":
        k = min(m, n, h)
        roots = material.spectrum(k)
        s[..., :k] = roots * roots
        first, second = material.full(0, h, n), material.full(0, m, h)
        first[..., :k, :] = v[..., :, :k].mT * roots[..., :, None]
        second[..., :, :k] = u[..., :, :k] * roots[..., None, :]
        return TwoMinimaCase(SVD(u[..., :, : min(m, n)], s, v[..., :, : min(m, n)]), first, second, first, second)
    s[..., 0] = root[..., 0] * root[..., 0]
    target = SVD(u[..., :, : min(m, n)], s, v[..., :, : min(m, n)])
    first, second = material.full(0, h, n), material.full(0, m, h)
    factors: dict[str, tuple[Fraction | int, ...]] = {
        "scaled": (4, 3, Fraction(1, 4)), "scaled a little": (Fraction(5, 4), Fraction(3, 2), Fraction(4, 5)),
    }  # fmt: skip
    factor = material.choice(factors.get(law, (1,)), 1)
    first[..., 0, :] = v[..., :, 0] * root * factor
    second[..., :, 0] = u[..., :, 0] * root / factor
    first_too, second_too = first * 0, second * 0
    first_too[..., 0, :] = v[..., :, 0] * root
    second_too[..., :, 0] = u[..., :, 0] * root
    if n > 1:
        first_too[..., 1, :] = v[..., :, 1] * material.choice((1, Fraction(1, 2)), 1)
    if law == "balanced":
        first, second, first_too, second_too = first_too, second_too, first, second
    return TwoMinimaCase(target, first, second, first_too, second_too)


def minima(*, square: bool = False, only: Collection[str] | None = None) -> st.SearchStrategy[Recipe[TwoMinimaCase]]:
    """Recipes of `TwoMinimaCase`: m x n maps through h >= 2 hidden units; laws `MINIMA`.

    square  m = n but for a few
    """
    sizes: dict[str, tuple[Bound, Bound]] = {
        "n": (2, 3), "m": ((lambda known: known["n"]) if square else 1, (lambda known: known["n"]) if square else 3),
        "h": (2, 3),
    }  # fmt: skip
    return runs(two_minima, sizes, MINIMA, only=only, rarely=[{"m": (1, 4), "n": (2, 4), "h": (2, 4)}])


#: Truth and estimate, the simplest first.
ESTIMATES = ("exact estimate", "small error", "low-rank truth", "strong error", "strong error at a tie")


def estimate(material: Material, sizes: Sizes, law: str) -> EstimateCase:
    """An estimate by its SVD, and a truth near it or of rank at most r."""
    m, n, r = sizes["m"], sizes["n"], sizes["r"]
    W = material.svd(m, n, "all equal" if law == "strong error at a tie" else "distinct")
    if law == "exact estimate":
        truth = W.matrix
    elif law == "small error":
        truth = W.matrix + material.entries(m, n) / 8
    elif law == "low-rank truth":
        truth = SVD(W.U[..., :r], W.s[..., :r], W.V[..., :r]).matrix
        truth = truth @ (material.identity(n) + material.entries(n, n) / 8)
    else:
        last = W.s.shape[-1] - r
        truth = SVD(W.U[..., last:], W.s[..., last:], W.V[..., last:]).matrix
        if law == "strong error at a tie":  # the golden ratio is worst
            truth = truth * material.choice((1, Fraction(3, 2), Fraction(8, 5), 2), 1)[..., None]
    return EstimateCase(truth, W, r)


def estimates(
    *, min_dimension: int = 1, only: Collection[str] | None = None
) -> st.SearchStrategy[Recipe[EstimateCase]]:
    """Recipes of `EstimateCase`: m x n maps cut at rank r; laws `ESTIMATES`."""
    sizes: dict[str, tuple[Bound, Bound]] = {
        "m": (min_dimension, 3), "n": (min_dimension, 3),
        "r": (1, lambda known: max(1, min(known["m"], known["n"]) - 1)),
    }  # fmt: skip
    return runs(estimate, sizes, ESTIMATES, only=only, rarely=[{"m": (4, 5), "n": (4, 5)}])


#: Labels of a training run.
LABELS = ("noisy labels", "exact labels")


def sgd_run(material: Material, sizes: Sizes, law: str) -> TwoLayerRunCase:
    """Samples with entries +-1, labels T x with or without noise, a start of moderate size, and a small step."""
    n, m, h, N = sizes["n"], sizes["m"], sizes["h"], sizes["N"]
    X = material.choice((1, -1), N, n)
    truth = material.between(-1, 1, m, n)
    noise = material.between(-1, 1, N, m) if law == "noisy labels" else material.full(0, N, m)
    first, second = material.between(-1, 1, h, n), material.between(-1, 1, m, h)
    step = material.choice((Fraction(1, 16), Fraction(1, 8)), 1)
    return TwoLayerRunCase(X, X @ truth.mT + noise, first, second, step, sizes["T"])


def sgd_runs(*, max_steps: int = 2, only: Collection[str] | None = None) -> st.SearchStrategy[Recipe[TwoLayerRunCase]]:
    """Recipes of `TwoLayerRunCase`, 2 x 2 and 2 to 3 samples; laws `LABELS`.  Exact iterates grow: few steps."""
    sizes: dict[str, tuple[Bound, Bound]] = {"n": (2, 2), "m": (2, 2), "h": (2, 2), "N": (2, 3), "T": (1, max_steps)}
    return runs(sgd_run, sizes, LABELS, only=only)
