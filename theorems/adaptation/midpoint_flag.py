"""The midpoint flag: adapters for every target whose change has rank at most R_1 + ... + R_L, accurately.

P_l = W_l ... W_1, S_l = W_L ... W_{l+1}, E = target - P_L of rank at most r = R_1 + ... + R_L, g_l = R_1 + ... + R_l.
Every input direction is changed by exactly one layer: before it, it travels through the raw layers; the change puts it
where the remaining raw layers carry it to its target.  Two flags say which layer changes which directions.

**Strength** (from the weights, backward): U_1 c ... c U_L = range E with dim U_l = g_l and S_l Y_l = U_l k_l.  Y_{l-1}
holds the g_{l-1} strongest directions of S_{l-1} on the preimage of span Y_l under W_l.  Where the suffix is strong,
directions are finished early.

**Angle** (forward): V_l, the inputs still unchanged after layer l, avoids two R_l-dimensional subspaces of V_{l-1}: x,
the directions assigned to layer l (those with E x in U_l), and z, those whose raw state falls into the space of
finished states.  Kept is the orthogonal complement of their midpoint, which is complementary to both (`angles.py`).

**Exact in real arithmetic**, for E = B A with r independent columns in B.  V_0 is the row space of A (or an
r-dimensional space that contains it), Fn the image of its complement, on which E vanishes.  Induct on: [Fn, F, G] is a
basis, F that of the states of V_{l-1} and G a space of dimension g_{l-1} that contains the finished states.

1. The rows that annihilate U_l in range E number d = r - g_l, so that {v in V_{l-1} : E v in U_l} has dimension at
   least dim V_{l-1} - d = R_l: x exists.  S_l^{-1} E x is in span Y_l: delta is what the state must gain for the raw
   layers above to carry it to the target.
2. Let y be the states of x after the change, and complete [W_l Fn, W_l G, y] to a basis; its first D - d vectors span
   the next [Fn, G] (more than the finished states where those are dependent, as for a singular target).  The last d
   rows of the inverse annihilate W_l Fn and W_l G; on W_l F, which completes these, they are of full rank: dim z = R_l.
3. The kept space meets x in 0, so that [Fn, F c, G] and F x together are a basis: A_l F x is invertible.
4. It meets z in 0, so that the next triple is a basis.
5. Delta_l kills the untouched and the finished states, so that these travel on through raw layers.  After layer L all
   of V_0 is finished and the complement untouched: the product is P + E on both.

The construction is written once, for stacks of floats, rationals, balls and multiprecision numbers alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from theorems.adaptation.subspaces import Subspaces
from theorems.case import Array
from theorems.models.linear import Adapter


@dataclass(frozen=True)
class Level:
    """What the backward flag says of layer l, in the coordinates A x of range E = range B.

    Y        (..., D, g_l), a basis of S_l^{-1} U_l
    k        (..., g_l, g_l), S_l Y = U_l k
    within   (..., g_l, r), the coordinates in U_l
    beyond   (..., r - g_l, r), rows that annihilate U_l and nothing more
    """

    Y: Array
    k: Array
    within: Array
    beyond: Array


@dataclass(frozen=True)
class Step:
    """What the forward flag does at layer l, for the claims on its proof; d = r - g_l inputs stay unchanged.

    untouched  F, (..., D, R_l + d), with [vanishing, untouched, finished] a basis
    finished   G, (..., D, g_{l-1})
    vanishing  Fn, (..., D, D - r), the images of ker E
    x, z       (..., R_l + d, R_l), in the coordinates of F
    kept       c, (..., R_l + d, d), in the coordinates of F
    """

    untouched: Array
    finished: Array
    vanishing: Array
    x: Array
    z: Array
    kept: Array


@dataclass(frozen=True)
class Flag:
    """The adapters, and how they were found."""

    adapters: tuple[Adapter, ...]
    levels: tuple[Level, ...]
    steps: tuple[Step, ...]


def midpoint_flag(weights: Sequence[Array], change: Adapter, ranks: Sequence[int], spaces: Subspaces) -> Flag:
    """Adapters of ranks R_l with prod (W_l + Delta_l) = prod W_l + change.

    weights  W_1, ..., W_L, non-singular, (..., D, D)
    change   E as factors B (..., D, r) of rank r = R_1 + ... + R_L and A (..., r, D); in floats B is orthonormal
    ranks    R_1, ..., R_L

    NaN (a batch) or `Undefined` where a weight is singular or B is not of full rank.
    """
    r = sum(ranks)
    if change.A.shape[-2] != r:
        raise ValueError(f"the change has {change.A.shape[-2]} columns and the ranks sum up to {r}")
    levels = strength_flag(weights, change, ranks, spaces)
    inputs = spaces.complete(change.A.mT)
    V, kernel = inputs.Q[..., :r], inputs.annihilator.mT
    state = _State(kernel, V, None, spaces.zeros(V.shape[-2], 0), V, change.A @ V)
    adapters: list[Adapter] = []
    steps: list[Step] = []
    for W, level, R in zip(weights, levels, ranks, strict=True):
        adapter, step, state = _one_layer(W, level, R, state, spaces)
        adapters.append(adapter)
        steps.append(step)
    return Flag(tuple(adapters), tuple(levels), tuple(steps))


def strength_flag(weights: Sequence[Array], change: Adapter, ranks: Sequence[int], spaces: Subspaces) -> list[Level]:
    """U_1 c ... c U_L = range E from the last layer down; the strongest directions of the suffix are finished first."""
    r = sum(ranks)
    ends = list(accumulate(ranks))
    level = Level(change.B, spaces.identity(r), spaces.identity(r), spaces.zeros(0, r))
    levels = [level]
    for W, m in zip(reversed(weights[1:]), reversed(ends[:-1]), strict=True):
        frame = spaces.complete(level.Y)
        n = spaces.null(frame.annihilator @ W)
        H = level.k @ spaces.coordinates(level.Y, frame, W @ n)
        v = spaces.strongest(H, n, m)
        turned = spaces.complete(H @ v)
        rows = turned.inverse @ level.within
        level = Level(
            Y=n @ v,
            k=turned.t,
            within=rows[..., :m, :],
            beyond=spaces.join([level.beyond, rows[..., m:, :]], axis=-2),
        )
        levels.append(level)
    return levels[::-1]


@dataclass(frozen=True)
class _State:
    """Fn, F, K, G, V after some layers: the raw state of the inputs V is F K modulo Fn.  K is I where it is None.

    wanted  A V, the change of the output on V in the coordinates of range E
    """

    vanishing: Array
    F: Array
    K: Array | None
    G: Array
    V: Array
    wanted: Array


def _one_layer(
    W: Array, level: Level, R: int, state: _State, spaces: Subspaces
) -> tuple[Adapter, Step, _State]:
    F, K, G = state.F, state.K, state.G
    D, d = F.shape[-2], F.shape[-1] - R
    # A V K^{-1}: the wanted change of the output on the state F
    wanted = state.wanted if K is None else spaces.solve(K.mT, state.wanted.mT).mT
    x = spaces.null(level.beyond @ wanted)
    delta = level.Y @ spaces.solve(level.k, level.within @ (wanted @ x))
    WF = W @ F
    vanishing = spaces.basis(W @ state.vanishing)[0]
    moved = WF @ x + delta
    after = spaces.complete(spaces.join([vanishing, spaces.unit(W @ G), spaces.unit(moved)]))
    z = spaces.null(after.annihilator @ WF)
    c = spaces.kept(F, K, state.V, x, z)
    A = spaces.complete(spaces.join([state.vanishing, F @ c, G])).annihilator
    B = spaces.solve((A @ (F @ x)).mT, delta.mT).mT
    V, v = spaces.basis(c if K is None else spaces.solve(K, c))
    F_next, f = spaces.basis(spaces.beside(vanishing, WF @ c))
    K_next = spaces.solve(v.mT, f.mT).mT
    finished = after.Q[..., vanishing.shape[-1] : D - d]
    following = _State(vanishing, F_next, K_next, finished, state.V @ V, state.wanted @ V)
    return Adapter(B, A), Step(F, G, state.vanishing, x, z, c), following
