"""Enough of a matrix for a wanted error, without its whole spectrum: a randomised method, certified by the residual.

The range of E is caught by Q, orthonormal columns of E (E^T E)^q Omega with Omega Gaussian of a fixed seed (Halko,
Martinsson and Tropp); U diag(s) V^T = Q Q^T E are its leading terms.  None of this needs to be right: the error of the
stored factors is that of the residual E - scaling B A itself, formed block by block with all its rounding counted
(`theorems.weights.rounding.distance`).  What is lost is what only a whole spectrum could tell: no smaller rank does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theorems.weights.certified import Dense, Truncation, stored_factors
from theorems.weights.device import leading_guess
from theorems.weights.rounding import (
    Interval,
    defect,
    distance,
    down,
    frobenius_above,
    frobenius_below,
    gamma,
    unscaled,
    up,
)
from theorems.weights.rules import Rule
from theorems.weights.stored import Floats

#: Columns beyond those that are wanted, and those that are tried first.
BESIDE, FIRST = 10, 64
POWERS = 2


@dataclass(frozen=True)
class Enough:
    """The leading part of a change, and its factors; the least errors of other ranks are unknown.

    rank    leading singular values above rounding noise
    floor   smaller singular values would not have been seen
    values  the leading singular values, about
    """

    rank: int
    certain_rank: int
    floor: float
    spectral_norm: Interval
    frobenius_norm: Interval
    chosen: int
    capped: bool
    made: Truncation
    values: Floats


def enough(E: Dense, noise: float, rule: Rule) -> Enough | None:
    """Factors that do what the rule asks; None where the whole spectrum is needed, or as cheap."""
    k = min(E.shape)
    if E.is_zero or (rule.wanted is not None and rule.wanted.norm != "frobenius"):
        return None
    total = Interval(
        max(0.0, down(frobenius_below(E.centre) - E.slack)), up(frobenius_above(E.centre) + E.slack)
    )  # fmt: skip
    columns = FIRST if rule.rank is None else rule.rank
    while 4 * (columns + BESIDE) <= k:
        terms = _leading(E.centre, columns + BESIDE, rule.device)
        found = _chosen(E, terms, noise, rule, total, columns)
        if found is not None:
            return found
        columns *= 2
    return None


def _leading(A: Floats, columns: int, device: str) -> tuple[Floats, Floats, Floats]:
    """U, s, V^T of Q Q^T A."""
    omega = np.random.default_rng(0).standard_normal((A.shape[1], columns))
    found = leading_guess(A, omega, POWERS, device)
    if found is not None:
        return found
    Q, _ = np.linalg.qr(A @ omega)
    for _ in range(POWERS):
        Z, _ = np.linalg.qr(A.T @ Q)
        Q, _ = np.linalg.qr(A @ Z)
    U, s, Vt = np.linalg.svd(Q.T @ A, full_matrices=False)
    return Q @ U, s, Vt


def _chosen(
    E: Dense, terms: tuple[Floats, Floats, Floats], noise: float, rule: Rule, total: Interval, columns: int
) -> Enough | None:
    """The factors at the rank that the rule chooses among the first `columns`; None where they are too few."""
    s = terms[1]
    values = np.ldexp(s, E.exponent)
    rank = int((values > noise).sum())
    allowed = None
    if rule.wanted is not None:
        root = down(math.sqrt(rule.wanted.square))
        if rule.wanted.absolute and math.frexp(root)[1] - E.exponent > 1000:
            return None  # beyond the range of floats in the scale of E
        allowed = math.ldexp(root, -E.exponent) if rule.wanted.absolute else root * down(total.low)
        left = total.high**2 - np.concatenate([[0.0], np.cumsum(s * s)])
        does = np.flatnonzero(left <= allowed**2 * (1.0 - 1e-6))
        asked = int(does[0]) if does.size else columns + 1
    else:
        asked = rank if rule.rank is None else rule.rank
    most = rule.most if rule.most is not None else columns
    if min(asked, most) > columns:
        return None
    chosen = rule.allowed(asked)
    made, frobenius = _stored(E, terms, min(chosen, len(s)), rule, chosen, total)
    capped = chosen < asked
    if allowed is not None and not capped and frobenius > allowed:
        return None  # rounding of the factors is in the way: more columns, and in the end the whole spectrum
    radius = distance(E.centre, *terms) + E.slack
    v = terms[2][:1].T
    w = E.centre @ v
    size = frobenius_above(v)
    rounding = gamma(len(v) + 2) * total.high * size + E.slack * size
    largest = max(0.0, down((frobenius_below(w) - up(rounding)) / size))
    stretched = math.sqrt((1.0 + defect(terms[0])) * (1.0 + defect(terms[2].T)))  # of U diag(s) V^T against s_1
    most_of_all = min(total.high, up(float(s[0]) * up(stretched) + radius))
    return Enough(
        rank,
        int((s * (1.0 - 1e-9) > radius).sum()),
        float(values[-1]),
        Interval(_true(largest, E, upward=False), _true(most_of_all, E, upward=True)),
        Interval(_true(total.low, E, upward=False), _true(total.high, E, upward=True)),
        chosen,
        capped,
        made,
        values,
    )


def _stored(
    E: Dense, terms: tuple[Floats, Floats, Floats], r: int, rule: Rule, chosen: int, total: Interval
) -> tuple[Truncation, float]:
    """The first r terms as they are stored, and their error, at most, in the scale of E's centre."""
    scaling = rule.scaling(chosen)
    B, A, dtype, b, a = stored_factors(terms, E.exponent, r, rule.dtype, scaling)
    error = up(distance(E.centre, b, np.full(r, scaling), a) + E.slack) if r else total.high
    bounds = Interval(0.0, _true(error, E, upward=True))
    return Truncation(B, A, dtype, bounds, bounds), error


def _true(x: float, E: Dense, *, upward: bool) -> float:
    return unscaled(x, E.exponent, upward=upward)
