"""Lemma 9 without r = 0: the construction that `theorems.texts.zeng_lee.arguments` describes, run in floats."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.linalg import norm, pinv, solve, svd

from theorems.adaptation.construction import adapters
from theorems.case import Array
from theorems.models.linear import product

SEEDS = range(60)


def small(A: Array) -> float:
    """The least singular value."""
    return float(svd(A)[1][-1])


def kernel(A: Array) -> Array:
    """An orthonormal basis of the kernel, as columns."""
    s, Vt = svd(A)[1:]
    basis: Array = Vt[int((s > 1e-9).sum()) :].T
    return basis


def chain(weights: list[Array], D: int) -> Array:
    return product(weights) if weights else np.eye(D)


def instance(seed: int) -> tuple[list[Array], Array, Array, int, list[int]] | None:
    """W with some singular layers, E, R and the singular layers; the sums for 1 <= r <= R(L-1) are non-singular."""
    rng = np.random.default_rng(seed)
    D, L, R = int(rng.integers(2, 5)), int(rng.integers(2, 5)), int(rng.integers(1, 3))
    singular = sorted(rng.choice(L, int(rng.integers(1, L + 1)), replace=False).tolist())
    W = [rng.normal(size=(D, D)) for _ in range(L)]
    for l in singular:
        U, s, Vt = svd(W[l])
        s[-1] = 0
        W[l] = (U * s) @ Vt
    rank = int(rng.integers(1, D + 1))
    U, V = (np.linalg.qr(rng.normal(size=(D, D)))[0] for _ in range(2))
    s = np.zeros(D)
    s[:rank] = np.sort(rng.uniform(0.5, 3, size=rank))[::-1]
    used = min(R * L, rank)
    if used > R * (L - 1) and seed % 2:  # a singular target, where r <= R(L-1) leaves one
        s[used - 1] = 0
        A = product(W) + (U * s) @ V.T
        without = np.linalg.det(A)
        slope = np.linalg.det(A + np.outer(U[:, used - 1], V[:, used - 1])) - without
        value = -without / slope
        U[:, used - 1] *= np.sign(value)
        s[used - 1] = abs(value)
        if any(a < b for a, b in itertools.pairwise(s)):
            return None
    sums = [product(W) + (U[:, :r] * s[:r]) @ V[:, :r].T for r in range(1, min(R * (L - 1), D) + 1)]
    if min(map(small, sums)) < 1e-2:
        return None
    return W, U * s, V, R, singular


@pytest.mark.parametrize("seed", SEEDS)
def test_the_target_is_in_reach_although_the_frozen_product_is_singular(seed: int) -> None:
    drawn = instance(seed)
    if drawn is None:
        pytest.skip("the draw does not meet the hypotheses")
    W, US, V, R, singular = drawn
    L, D, k = len(W), len(W[0]), len(singular)
    rng = np.random.default_rng(seed)
    target = product(W) + US[:, : R * L] @ V[:, : R * L].T
    last = k > R * (L - 1)
    pieces = R * L if last else k
    G = US[:, :pieces] @ V[:, :pieces].T
    Ug, sg, _ = svd(G)
    m = int((sg > 1e-9).sum())
    normal = Ug[:, :m].T @ kernel(product(W).T)[:, 0]
    first = Ug[:, :m] @ (normal + 0.3 * rng.normal(size=m))
    Y = np.column_stack([first, Ug[:, :m] @ kernel(normal[None, :]) @ rng.normal(size=(m - 1, m - 1))])
    Z = (pinv(Y) @ G).T
    left, layers, given = [R] * L, list(W), 1
    for l in singular:
        above, below = chain(W[l + 1 :], D), chain(layers[:l], D)
        a = rng.normal(size=D)
        if l == singular[-1]:
            u, a = solve(above, Y[:, 0]), solve(below.T, Z[:, 0])
        else:
            u = kernel(above)[:, 0]
            if given < m:
                u = pinv(above) @ Y[:, given] + rng.normal() * u
                a = solve(below.T, Z[:, given])
                given += 1
        layers[l] = W[l] + np.outer(u, a)
        left[l] -= 1
    assert last or min(map(small, layers)) > 1e-9, "the layers are non-singular now"
    rest = target - product(layers)
    missing = int((svd(rest)[1] > 1e-7 * (1 + norm(target))).sum())
    assert missing <= sum(left), "what is missing is within the ranks that are left"
    if missing:
        reached = adapters(layers, target, left, rank=missing)
        assert reached.residual < 1e-5
        layers = [layer + adapter.matrix for layer, adapter in zip(layers, reached.adapters, strict=True)]
    for layer, frozen in zip(layers, W, strict=True):
        change = svd(layer - frozen)[1]
        assert (change[R:] <= 1e-8 * max(1.0, change[0])).all(), "every adapter has rank R"
    assert norm(product(layers) - target) < 1e-5 * (1 + norm(target))


def test_the_draws_reach_several_singular_layers_and_all_of_them() -> None:
    drawn = [found for found in map(instance, SEEDS) if found is not None]
    assert len(drawn) >= 30
    assert any(len(singular) == len(W) >= 3 for W, *_, singular in drawn)
    assert any(len(singular) > R * (len(W) - 1) for W, _, _, R, singular in drawn)
    assert any(small(product(W) + US[:, : R * len(W)] @ V[:, : R * len(W)].T) < 1e-9 for W, US, V, R, _ in drawn)
