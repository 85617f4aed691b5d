"""Smaller adapters of the same target: descent along the set of all adapters that reach it.

Where rank E = R_1 + ... + R_L = r, E = sum_l S_l B_l A_l M_{l-1} (raw layers S_l above, adapted ones M_{l-1} below)
makes the rows A_l M_{l-1} span the row space of E: every A_l annihilates P_{l-1} ker E, a space that no choice moves.
So A_l = a_l Q_l, with orthonormal rows Q_l that annihilate it, and the a_l (R_l, r) are free: given them, the B_l
follow by Newton steps, and r = D is the case Q_l = I.  The set is a manifold near the adapters of the midpoint flag,
and what is minimised on it is log sum_l (||Delta_l||_F / ||W_l||)^4.

The gradient costs about what a Newton step costs: with up_l = (W_L + Delta_L) ... (W_{l+1} + Delta_{l+1}), the rows
X^{-1} = [A_1 M_0; ...; A_L M_{L-1}] V and g_l = df / dB_l at fixed A, a change of A_l that moves the product by Q is
made up for by -up_l^{-1} Q V X_l, so that df / dA_l = (df / dA_l at fixed B) - B_l^T up_l^T lambda V^T M_{l-1}^T with
lambda = sum_l up_l^{-T} g_l X_l^T.  In turn the chain and its transpose are descended, that is the a_l and the B_l.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from theorems.adaptation import double_double
from theorems.case import Array
from theorems.models.linear import Adapter

#: ||Delta_l|| / ||W_l|| up to which adapters are left as they are.
MODEST = 50.0
#: The residual of the product, in units of eps sqrt(D), up to which adapters are left as they are.
ACCURATE = 150.0
#: How often chain and transpose take turns at most, and steps of descent in a turn.
TURNS, STEPS = 12, 15
#: Of matrices wider than WIDE (a turn takes seconds) at most WIDE_TURNS.
WIDE, WIDE_TURNS = 256, 2
#: Two turns that lower the objective by less are the last.
LEAST_GAIN = 0.05
#: Newton steps for one trial, and the relative residual that may be left, in units of sqrt eps.
CORRECTIONS, TRUSTED = 5, 10.0
#: The length of the first step, in coordinates in which the A_l are orthonormal.
FIRST_STEP = 1e-2
#: Pairs that L-BFGS keeps.
MEMORY = 12
POWER = 4


@dataclass(frozen=True)
class _Point:
    """Adapters that reach the target, their objective and its gradient by the a_l, flat."""

    adapters: list[Adapter]
    value: float
    gradient: Array


def shrunk(
    weights: Sequence[Array], adapters: Sequence[Adapter], target: Array, *, turns: int = TURNS, modest: float = MODEST
) -> list[Adapter]:
    """Adapters of the same ranks and product, smaller where those given are larger than `modest` or inaccurate.

    weights   W_1, ..., W_L, (D, D), non-singular floats
    adapters  with sum R_l = rank(target - prod W) that reach the target up to rounding
    turns     at most

    The adapters given come back where there is nothing to gain, or where no descent can start: a Newton step solves
    with adapted layers, and a singular target makes one of them singular.
    """
    best = list(adapters)
    score = _score(weights, best, target, modest)
    if score <= 1 or not any(a.A.size for a in best):
        return best
    upright = _Descent(weights, target, best)
    sides = (upright, _Descent([W.T for W in reversed(weights)], target.T, _transposed(best)))
    made, gain = best, np.inf
    for turn in range(min(turns, WIDE_TURNS) if len(target) > WIDE else turns):
        side, turned, before = sides[turn % 2], turn % 2 == 1, gain
        try:
            with np.errstate(all="ignore"):
                made, gain = side.descended(_transposed(made) if turned else made)
                settled = side.settled(made)
        except np.linalg.LinAlgError:
            break
        made = _transposed(made) if turned else made
        candidate = _transposed(settled) if turned else settled
        reached = _score(weights, candidate, target, modest)
        if reached < score:
            best, score = candidate, reached
        if score <= 1 or max(gain, before) < LEAST_GAIN:
            break
    return best


def _score(weights: Sequence[Array], adapters: Sequence[Adapter], target: Array, modest: float) -> float:
    """1 where the adapters are modest and the product accurate, else larger; infinite where they are not finite."""
    layers = [W + a.matrix for W, a in zip(weights, adapters, strict=True)]
    if not all(np.isfinite(layer).all() for layer in layers):
        return float("inf")
    size = max(float(np.linalg.norm(a.matrix, 2) / np.linalg.norm(W, 2))
               for W, a in zip(weights, adapters, strict=True))  # fmt: skip
    reached = list(accumulate(layers, lambda done, layer: layer @ done))[-1]
    scale = float(np.linalg.norm(target)) or float(np.linalg.norm(reached - target)) or 1.0
    residual = float(np.linalg.norm(reached - target)) / scale
    unit = float(np.finfo(target.dtype).eps) * np.sqrt(len(target))
    return float(max(size / modest, 1.0) * max(residual / (ACCURATE * unit), 1.0))


def _transposed(adapters: Sequence[Adapter]) -> list[Adapter]:
    return [Adapter(a.A.T, a.B.T) for a in reversed(adapters)]


class _Descent:
    """Descent of one chain, in the coordinates a_l."""

    def __init__(self, weights: Sequence[Array], target: Array, adapters: Sequence[Adapter]) -> None:
        self._weights, self._target = list(weights), target
        self._norms = [float(np.linalg.norm(W, 2)) for W in weights]
        self._ends = list(accumulate((a.A.shape[0] for a in adapters), initial=0))
        D, r = len(target), self._ends[-1]
        self._scale = float(np.linalg.norm(target)) or 1.0
        self._tolerance = TRUSTED * float(np.sqrt(np.finfo(target.dtype).eps))
        kernel = np.zeros((D, 0), target.dtype)
        self._inputs = np.eye(D, dtype=target.dtype)  # V, the row space of E
        if r < D:
            P = list(accumulate(weights, lambda done, W: W @ done))[-1]
            rows = np.linalg.svd(target - P)[2]
            self._inputs, kernel = rows[:r].T, rows[r:].T
        self._frames: list[Array] = []  # Q_l^T
        for W in weights:
            self._frames.append(np.linalg.qr(kernel, mode="complete").Q[:, D - r :] if r < D else self._inputs)
            kernel = np.linalg.qr(W @ kernel).Q

    def descended(self, adapters: Sequence[Adapter]) -> tuple[list[Adapter], float]:
        """STEPS steps of L-BFGS from adapters with orthonormal A_l: the adapters, and how much the objective fell."""
        start = [_with_orthonormal_rows(a, Q) for a, Q in zip(adapters, self._frames, strict=True)]
        point = self._point(start)
        if point is None:
            raise np.linalg.LinAlgError("the adapters do not reach the target")
        first = point.value
        pairs: list[tuple[Array, Array]] = []
        for _ in range(STEPS):
            direction = _direction(point.gradient, pairs)
            slope, step, trial = float(point.gradient @ direction), 1.0, None
            while step > 1e-6:
                trial = self._moved(point, step * direction)
                if trial is not None and trial.value < point.value + 1e-4 * step * slope:
                    break
                trial, step = None, step / 4
            if trial is None:
                break
            pair = step * direction, trial.gradient - point.gradient
            if pair[0] @ pair[1] > 0:
                pairs = [*pairs, pair][-MEMORY:]
            point = trial
        return point.adapters, first - point.value

    def settled(self, adapters: Sequence[Adapter]) -> list[Adapter]:
        """Two more Newton steps, the second with the residual of the stored factors in twice float64: what is left is
        the rounding of the B_l."""
        _, made = self._corrected(adapters)
        missing = double_double.residual(self._weights, made, self._target)
        _, made = self._corrected(made, np.asarray(missing, self._target.dtype))
        return made

    def _moved(self, point: _Point, move: Array) -> _Point | None:
        """The point after a change of the a_l; the B_l start where the part of A_l that stays takes them."""
        made, at = [], 0
        for a, Q in zip(point.adapters, self._frames, strict=True):
            R, r = a.A.shape[0], Q.shape[1]
            A = a.A + move[at : at + R * r].reshape(R, r) @ Q.T
            made.append(Adapter(np.linalg.solve(A @ A.T, A @ a.A.T @ a.B.T).T, A))
            at += R * r
        return self._point(made)

    def _corrected(self, adapters: Sequence[Adapter], missing: Array | None = None) -> tuple[float, list[Adapter]]:
        """The relative residual, and the adapters after a Newton step on the B_l; `missing` where it is known well."""
        layers, below = self._layers(adapters)
        missing = (self._target - layers[-1] @ below[-1] if missing is None else missing) @ self._inputs
        shares = missing @ self._X(adapters, below)
        moved: list[Adapter] = []
        for layer, a, (start, end) in zip(
            reversed(layers), reversed(adapters), reversed(list(pairwise(self._ends))), strict=True
        ):
            moved.append(Adapter(a.B + shares[:, start:end], a.A))
            shares = np.linalg.solve(layer, shares[:, :start]) if start else shares[:, :0]
        return float(np.linalg.norm(missing)) / self._scale, moved[::-1]

    def _layers(self, adapters: Sequence[Adapter]) -> tuple[list[Array], list[Array]]:
        """W_l + Delta_l, and M_0, ..., M_{L-1}."""
        layers = [W + a.matrix for W, a in zip(self._weights, adapters, strict=True)]
        unit = np.eye(len(self._target), dtype=self._target.dtype)
        return layers, list(accumulate(layers[:-1], lambda done, layer: layer @ done, initial=unit))

    def _X(self, adapters: Sequence[Adapter], below: Sequence[Array]) -> Array:
        rows = [a.A @ (M @ self._inputs) for a, M in zip(adapters, below, strict=True)]
        return np.linalg.inv(np.concatenate(rows))

    def _point(self, adapters: Sequence[Adapter]) -> _Point | None:
        """What the B_l must be, the objective and its gradient; None where Newton steps do not get there."""
        made = list(adapters)
        try:
            for _ in range(CORRECTIONS):
                residual, corrected = self._corrected(made)
                if residual <= self._tolerance:
                    return self._evaluated(made)
                if not residual < 1.0:
                    return None
                made = corrected
        except np.linalg.LinAlgError:
            pass
        return None

    def _evaluated(self, adapters: list[Adapter]) -> _Point | None:
        layers, below = self._layers(adapters)
        X = self._X(adapters, below)
        value, at_A, pulled = 0.0, [], np.zeros((len(X), len(self._target)), X.dtype).T
        for l, (a, norm, (start, end)) in enumerate(zip(adapters, self._norms, pairwise(self._ends), strict=True)):
            change = a.matrix
            size = float(np.linalg.norm(change)) / norm
            value += size**POWER
            weight = POWER * size ** (POWER - 2) / norm**2
            at_A.append(weight * (a.B.T @ change))
            if l:
                pulled = np.linalg.solve(layers[l].T, pulled)
            pulled = pulled + weight * (change @ a.A.T) @ X[:, start:end].T
        gradient: list[Array] = []
        for l in range(len(layers) - 1, -1, -1):  # `pulled` is up_l^T lambda
            free = at_A[l] - adapters[l].B.T @ pulled @ (below[l] @ self._inputs).T
            gradient.append((free @ self._frames[l]).ravel())
            pulled = layers[l].T @ pulled
        if not (0 < value < np.inf and all(np.isfinite(g).all() for g in gradient)):
            return None
        return _Point(adapters, float(np.log(value)), np.concatenate(gradient[::-1]) / value)


def _with_orthonormal_rows(a: Adapter, frame: Array) -> Adapter:
    """The same change, with A = a Q for orthonormal rows of a (A is taken to be in the span of Q)."""
    q, t = np.linalg.qr((a.A @ frame).T)
    return Adapter(a.B @ t.T, q.T @ frame.T)


def _direction(gradient: Array, pairs: Sequence[tuple[Array, Array]]) -> Array:
    """The descent direction of L-BFGS; a short one along the gradient before there is a pair."""
    if not pairs:
        return -gradient * (FIRST_STEP / max(float(np.linalg.norm(gradient)), 1e-300))
    direction, shares = -gradient, []
    for move, change in reversed(pairs):
        shares.append((move @ direction) / (move @ change))
        direction = direction - shares[-1] * change
    move, change = pairs[-1]
    direction = direction * ((move @ change) / (change @ change))
    for (move, change), share in zip(pairs, reversed(shares), strict=True):
        direction = direction + move * (share - (change @ direction) / (move @ change))
    return np.asarray(direction)
