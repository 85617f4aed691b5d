"""Singular frozen weights: how singular they are, and the least that makes them regular."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from theorems.adaptation.rank_decision import exact_change, float_change
from theorems.adaptation.subspaces import ObjectSubspaces
from theorems.arithmetic import Rational
from theorems.case import Array, fractions
from theorems.models.linear import Adapter

#: A singular value below SINGULAR * sqrt(D) * eps of the largest counts as zero in floats.
SINGULAR = 4.0


def nullities(weights: Sequence[Array], exact: bool) -> tuple[int, ...]:
    """D - rank(W_l) for each layer."""
    return tuple(_nullity(W, exact) for W in weights)


def _nullity(W: Array, exact: bool) -> int:
    if exact:
        return len(W) - Rational().rank(W)
    eps = float(np.finfo(W.dtype).eps)
    try:  # an inverse costs a fraction of an SVD
        if np.linalg.norm(W, 1) * np.linalg.norm(np.linalg.inv(W), 1) * eps < 1e-2:
            return 0
    except np.linalg.LinAlgError:
        pass
    s = np.linalg.svd(W, compute_uv=False)
    return int((s <= SINGULAR * np.sqrt(len(W)) * eps * s[0]).sum())


def in_one_layer(
    weights: Sequence[Array], target: Array, ranks: Sequence[int], exact: bool
) -> tuple[Adapter, ...] | None:
    """The adapter of one layer that gives the target by itself, all other layers being regular; None where none does.

    W_l + Delta W_l = (W_L ... W_{l+1})^{-1} target (W_{l-1} ... W_1)^{-1}, which asks of W_l for nothing.
    """
    lost = nullities(weights, exact)
    for l, R in enumerate(ranks):
        if any(lost[:l]) or any(lost[l + 1 :]):
            continue
        layer = _solved(weights[l + 1 :], target, exact)
        layer = _solved([W.T for W in reversed(weights[:l])], layer.T, exact).T
        change = layer - weights[l]
        rank = int(Rational().rank(change)) if exact else int(np.linalg.matrix_rank(change))
        if rank <= R:
            nothing = Adapter(target[:, :0], target[:0])
            made = exact_change(change) if exact else float_change(change, rank)
            found = [made if i == l else nothing for i in range(len(ranks))]
            return tuple(Adapter(fractions(a.B), fractions(a.A)) for a in found) if exact else tuple(found)
    return None


def _solved(weights: Sequence[Array], goal: Array, exact: bool) -> Array:
    """(W_L ... W_1)^{-1} goal."""
    for W in reversed(weights):
        goal = Rational().solve(W, goal) if exact else np.linalg.solve(W, goal)
    return goal


def raised(W: Array, missing: int, exact: bool) -> Adapter:
    """The adapter of rank `missing` that raises as many of the smallest singular values of W to the median of the
    others.

    (To one, where W is zero.)  In exact arithmetic `missing` is the nullity, and the adapter maps the null space of W
    onto the complement of its range.
    """
    D = len(W)
    if missing == 0:
        return Adapter(W[:, :0], W[:0])
    if exact:
        spaces = ObjectSubspaces(Rational())
        columns = spaces._independent(W)
        rows = spaces._independent(W.mT)
        left, right = spaces.complete(columns).annihilator, spaces.complete(rows).annihilator
        return Adapter(left.mT, right)
    U, s, Vt = np.linalg.svd(W)
    kept = s[: D - missing]
    size = float(np.median(kept)) if len(kept) else 1.0
    lift = size - s[D - missing :]
    return Adapter(np.asarray(U[:, D - missing :] * lift, W.dtype), np.asarray(Vt[D - missing :], W.dtype))
