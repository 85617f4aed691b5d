"""The constructions of adapters: Zeng and Lee's equation (8), and one that needs no partial sum to be non-singular.

Both take the frozen weights and a change E' of their product, cut into one piece of rank at most R_l for each layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, count, pairwise
from math import isqrt
from typing import Any

import numpy as np

from theorems.case import SVD, Array
from theorems.models.linear import Adapter
from theorems.num import Num

#: How many bases of a change are tried by elimination before it is given up.
ATTEMPTS = 6


def cut(d: SVD, ranks: Sequence[int]) -> list[Adapter]:
    """E' = LR_{sum R_l}(E) as E'Q_1 + ... + E'Q_L, the l-th piece with the next R_l singular triples of E.

    (Equation (11) as it is meant: Q_l = V I_{first..last} V^T with first = R_1 + ... + R_{l-1} + 1, and an empty range
    where the singular triples are used up.)
    """
    ends = [min(end, d.s.shape[-1]) for end in accumulate(ranks, initial=0)]
    return [
        Adapter(d.U[..., a:b] * d.s[..., None, a:b], d.V[..., a:b].mT) for a, b in pairwise(ends)
    ]


def adapters_one_by_one(weights: Sequence[Array], pieces: Sequence[Adapter], num: Num) -> list[Adapter]:
    """Equation (8): Delta W_l = (W_L ... W_{l+1})^{-1} E'Q_l ((W_{l-1} + Delta W_{l-1}) ... (W_1 + Delta W_1))^{-1}.

    Kept as factors, so that rank(Delta W_l) <= R_l by construction.  Raises `Undefined` (NaN in a batch) where one of
    the inverses does not exist.
    """
    after = suffixes(weights)
    adapters: list[Adapter] = []
    before: Array | None = None  # the adapted layers below l
    for W, S, piece in zip(weights, after, pieces, strict=True):
        B = piece.B if S is None else num.solve(S, piece.B)
        A = piece.A if before is None else num.solve(before.mT, piece.A.mT).mT
        adapters.append(Adapter(B, A))
        layer = W + B @ A
        before = layer if before is None else layer @ before
    return adapters


def suffixes(weights: Sequence[Array]) -> list[Array | None]:
    """For each layer l the product W_L ... W_{l+1} of the layers above it; None for the last."""
    above: list[Array | None] = [None]
    for W in reversed(weights[1:]):
        top = above[-1]
        above.append(W if top is None else top @ W)
    return above[::-1]


def adapters_by_elimination(weights: Sequence[Array], change: Adapter, ranks: Sequence[int], num: Num) -> list[Adapter]:
    """Adapters whose product differs from that of the weights by `change`, whatever its partial sums are.

    With P = W_L ... W_1 and P^{-1} change = U V^T (k columns), let M = G^{-1} (I + V^T U) G for a G in general
    position, U and V turned with it, and M = C X^{-1} with C lower and X unit upper triangular: elimination without row
    exchanges, which exists for rank(M) = rho as soon as the leading minors up to rho do not vanish.  (They are
    polynomials in G that do not vanish identically; where one does vanish, another G is taken.)  Then with the columns
    p_i of U X and v_i of V
        I + U V^T = (I + p_1 v_1^T) ... (I + p_k v_k^T),
    because the product is I + U X T V^T with T^{-1} = I - (strict upper part of V^T U X) and M X = C has no strict
    upper part, which says that T^{-1} = X.  The factors are dealt out to the layers, R_l to the l-th from below, and
    carried through the frozen layers beneath.  Only P must be invertible: no partial sum is inverted, a singular target
    is no obstacle, and any basis of the change will do.
    """
    below: list[Array | None] = [None]  # N_l = W_{l-1} ... W_1
    for W in weights[:-1]:
        last = below[-1]
        below.append(W if last is None else W @ last)
    top = below[-1]
    P = weights[-1] if top is None else weights[-1] @ top
    k = change.A.shape[-2]
    if k == 0:  # nothing to change
        return [Adapter(change.B, change.A) for _ in weights]
    p, V = _triangular_factors(num.solve(P, change.B), change.A, num)
    adapters: list[Adapter] = []
    end = k
    for W, N, R in zip(weights, below, ranks, strict=True):
        start = max(end - R, 0)
        if start == end:
            adapters.append(Adapter(change.B[..., :0], change.A[..., :0, :]))
            continue
        group, rows = p[..., start:end], V[..., start:end]
        # (I + p_a v_a^T) ... (I + p_b v_b^T) = I + group T rows^T with the unit upper triangular T
        inner = num.identity(end - start) - strict_upper(rows.mT @ group, num)
        left = num.solve(inner.mT, group.mT).mT
        B = W @ left if N is None else W @ (N @ left)
        A = rows.mT if N is None else num.solve(N.mT, rows).mT
        adapters.append(Adapter(B, A))
        end = start
    return adapters


def _triangular_factors(B: Array, A: Array, num: Num) -> tuple[Array, Array]:
    """p and V with p T V^T = B A for T^{-1} = I - (strict upper part of V^T p); see `adapters_by_elimination`."""
    k = A.shape[-2]
    p, V, missed = _turned(B, A, general_position(k, num), num)
    for attempt in range(1, ATTEMPTS):
        if not np.any(missed):
            break
        turn = num.constant([[1 if i == j else attempt * (i + 2 * j) * (j > i) for j in range(k)] for i in range(k)])
        *other, still = _turned(B, A, turn @ turn.mT @ general_position(k, num), num)
        if np.ndim(missed):
            members = np.asarray(missed)[:, None, None]
            p, V = np.where(members, other[0], p), np.where(members, other[1], V)
            missed = np.logical_and(missed, still)
        else:
            (p, V), missed = other, still
    return p, V


def _turned(B: Array, A: Array, G: Array, num: Num) -> tuple[Array, Array, Any]:
    """The factors for one G, and where it will not do."""
    U, V = B @ G, num.solve(G, A).mT
    X, missed = _column_operations(num.identity(A.shape[-2]) + V.mT @ U, num)
    return U @ X, V, missed


def general_position(k: int, num: Num) -> Array:
    """A fixed k x k integer matrix: up to k = 17 no minor of its 5 x 5 corner vanishes and its condition is below 130.

    Modulo p, the rows i and p - i add up to a constant row, so that the rank is at most (p + 3) / 2: from k = 18 on a
    larger prime takes the place of 31 (condition below 400 k as far as computed, up to k = 160).
    """
    p = 31 if k <= 17 else next(q for q in count(8 * k + 1) if all(q % d for d in range(2, isqrt(q) + 1)))
    centre = p // 2
    entries = [
        [(3 * (i + 1) * (j + 2) ** 2 + (i + 1) ** 3 * (j + 1)) % p - centre for j in range(k)] for i in range(k)
    ]
    G: Array = num.constant(entries)
    return G


def factored(E: Array, r: int, num: Num) -> Adapter:
    """E, of rank r at most, as a product of D x r and r x D, in any arithmetic: elimination in general position.

    Where the rank is larger the product is another matrix.
    """
    D = E.shape[-1]
    if r >= D:
        return Adapter(E, num.identity(D) + E * 0)
    G = general_position(D, num)
    M = num.solve(G, E @ G)
    X = unit_upper_factor(M, num)
    A = num.solve(G.mT, num.inverse(X).mT).mT  # X^{-1} G^{-1}
    return Adapter((G @ (M @ X))[..., :r], A[..., :r, :])


def strict_upper(M: Array, num: Num) -> Array:
    """The part of a square matrix above its diagonal."""
    k = M.shape[-1]
    mask: Array = num.constant([[1 if j > i else 0 for j in range(k)] for i in range(k)])
    return M * mask


def unit_upper_factor(M: Array, num: Num) -> Array:
    """The unit upper triangular X for which M X is lower triangular: column operations from left to right.

    A pivot that vanishes is skipped: its row is zero there when the leading minors up to the rank do not vanish.
    """
    return _column_operations(M, num)[0]


def _column_operations(M: Array, num: Num) -> tuple[Array, Any]:
    """X of `unit_upper_factor`, and whether a pivot vanished whose row did not (one answer for each member)."""
    k = M.shape[-1]
    X: Array = num.identity(k)
    C = M
    missed: Any = False
    for i in range(k):
        pivot = C[..., i, i]
        skip = num.zero(pivot)
        safe = num.where(skip, num.number(1), pivot)
        if np.any(skip):
            row = C[..., i, i + 1 :]
            beside = num.concatenate([row, M.reshape(*M.shape[:-2], k * k)], -1)  # in floats the scale of what is zero
            missed = np.logical_or(missed, np.logical_and(skip, ~num.zero(beside)[..., : k - i - 1].all(-1)))
        for j in range(i + 1, k):
            factor = num.where(skip, num.number(0), C[..., i, j] / safe)
            shift = num.outer(num.identity(k)[..., i], num.identity(k)[..., j])
            step = num.identity(k) - num.times(factor, shift)
            C, X = C @ step, X @ step
    return X, missed
