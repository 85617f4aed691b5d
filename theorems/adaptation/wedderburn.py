"""Singular weights made regular at no cost: by changes of rank that the target asks for anyway.

E = B A of rank r, and x y^T of rank m with S x = B p and y^T P = q^T A (raw layers S above, P below W): the change
W + x y^T leaves E' = B (I - p q^T) A to do, of rank r - m exactly where q^T p = I (Wedderburn's rank reduction).
W + x y^T is regular for almost every such x and y unless ranges that the target excludes stand against it; some are
drawn, and the best is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from theorems.adaptation.rank_decision import exact_change, float_change
from theorems.arithmetic import Float64, Rational
from theorems.case import Array
from theorems.errors import Undefined
from theorems.models.linear import Adapter, product

#: Pairs x, y that are drawn for a layer.
DRAWS = 24
SEED = 9
#: In floats a weight counts as regular where its condition number times eps is below this.
REGULAR = 1e-2


def absorbed(
    weights: Sequence[Array], target: Array, lost: Sequence[int], rank: int, exact: bool
) -> list[Adapter] | None:
    """Changes of the weights by rank D - rank(W_l) each that make them regular and take as much off rank(E).

    weights  (D, D), floats or FLINT's rationals; `lost` the D - rank(W_l)
    rank     that of E = target - prod W

    None where rank E is too small, where x or y have no room (rank E < D with other singular weights about), or where
    none of those drawn will do.
    """
    D = len(target)
    chain, left = list(weights), rank
    repairs = [Adapter(W[:, :0], W[:0]) for W in weights]
    for l, m in enumerate(lost):
        if m == 0:
            continue
        E = target - product(chain)
        change = exact_change(E) if exact else float_change(E, left)
        if change.A.shape[0] != left or m > left:
            return None
        if left < D and any(lost[l + 1 :]):
            return None
        repair = _drawn(chain, l, m, change, exact)
        if repair is None:
            return None
        repairs[l], chain[l], left = repair, chain[l] + repair.matrix, left - m
    return repairs


def _drawn(chain: Sequence[Array], l: int, m: int, change: Adapter, exact: bool) -> Adapter | None:
    """x y^T for layer l (from 0): the best-conditioned weight, or the first that is regular in exact arithmetic."""
    generator, best, least = np.random.default_rng(SEED), None, REGULAR
    for _ in range(DRAWS):
        try:
            pair = _pair(chain, l, m, change, generator, exact)
        except (Undefined, np.linalg.LinAlgError):
            continue
        changed = chain[l] + pair.matrix
        if exact:
            if Rational().rank(changed) == len(changed):
                return pair
            continue
        s = np.linalg.svd(changed, compute_uv=False)
        cost = float(np.finfo(s.dtype).eps * s[0] / s[-1]) if s[-1] > 0 else np.inf
        if cost < least:
            best, least = pair, cost
    return best


def _pair(chain: Sequence[Array], l: int, m: int, change: Adapter, generator: Generator, exact: bool) -> Adapter:
    num = Rational() if exact else Float64()
    r, D = change.A.shape
    dtype = change.A.dtype

    def drawn(n: int) -> Array:
        values = generator.integers(-2, 3, (n, m)) if exact else generator.standard_normal((n, m))
        return np.asarray(num.constant(values.tolist())) if exact else np.asarray(values, dtype)

    def solve(A: Array, B: Array) -> Array:
        return np.asarray(num.solve(A, B) if exact else np.linalg.solve(A, B))

    S, P = (product(part) if part else None for part in (list(chain[l + 1 :]), list(chain[:l])))
    one, other = drawn(r), drawn(r)
    if r == D:  # any x and y will do: no other layer needs to be regular
        x, y = one, other
        p = solve(change.B, x if S is None else S @ x)
        q = solve(change.A.T, y if P is None else P.T @ y)
    else:
        p, q = one, other
        x, y = change.B @ p, change.A.T @ q
        x, y = x if S is None else solve(S, x), y if P is None else solve(P.T, y)
    return Adapter(solve((q.T @ p).T, x.T).T, y.T)
