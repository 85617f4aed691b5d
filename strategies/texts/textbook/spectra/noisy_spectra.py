"""A signal of low rank, noise, and a threshold: the builder of `NoisyCase` (see `recipes` beside it)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from theorems.case import SVD
from theorems.strategies.material import Material
from theorems.strategies.texts.textbook.spectra.material import ordered
from theorems.texts.textbook.spectra.cases import NoisyCase

#: Noise levels against the weakest value of the signal, as numerator and denominator.
LEVELS = {
    "tiny noise": (1, 25), "small noise": (9, 100), "medium noise": (9, 20), "half the signal": (1, 2),
    "a little more than half": (101, 200), "large noise": (2, 1),
}  # fmt: skip


def noisy(material: Material, options: Sequence[str], m: int, n: int, rank: int) -> NoisyCase:
    """Options: the noise level, its kind ("aligned" with the signal, "generic", or "turned"; "more signal" than the
    rank says), the threshold, the directions."""
    level, kind, where, directions = options
    k = min(m, n)
    s = material.spectrum(k, "distinct", rank) + 0
    if kind != "more signal":
        s[..., rank:] = s[..., rank:] * 0
    plain = directions == "axes"
    signal = SVD(material.orthogonal(m, plain=plain)[..., :k], s, material.orthogonal(n, plain=plain)[..., :k])
    top, bottom = LEVELS[level]
    weakest = s[..., rank - 1 : rank]
    bound = weakest * top / bottom
    if kind == "generic" and material.count is not None:
        E = material.matrix("gaussian", m, n)
        norm = np.linalg.norm(E, axis=(-2, -1), keepdims=True)  # of the spectral norm, an upper bound
        W = signal.matrix + E / norm * bound[..., None]
        U, values, Vt = np.linalg.svd(W, full_matrices=False)
        observed = SVD(U, values, Vt.mT)
    elif kind == "turned" and rank < k:
        observed = _turned(material, signal, rank)
    else:
        observed = ordered(signal.U, s + bound * (2 * material.shares(k) - 1), signal.V)
        if kind == "extreme":  # each value moved by all of the bound, up or down
            ups = material.generator.integers(0, 2, k)
            if material.generator.integers(2):  # towards each other: the least step, and values at a threshold
                ups[:rank], ups[rank:] = 0, 1
            signs = material.constants(ups * 2 - 1)
            observed = ordered(signal.U, s + bound * signs, signal.V)
    share = {
        "middle": (1, 2), "below the weakest value": (99, 100), "above the noise": (11, 100),
        "at the noise": (top, bottom), "just below the noise": (199 * top, 200 * bottom),
    }[where]  # fmt: skip
    return NoisyCase(observed, signal, rank, weakest * share[0] / share[1])


def _turned(material: Material, signal: SVD, rank: int) -> SVD:
    """The weakest value of the signal halved, the next one raised to nearly as much, and both directions turned by
    nearly 45 degrees: noise of just below half that value that moves the truncation by the golden ratio times as
    much."""
    i, turned = rank - 1, []
    cosine, sine = (material.constants([entry]) / 29 for entry in (21, 20))
    for Q in (signal.U, signal.V):
        P = Q + 0
        P[..., :, i] = cosine * Q[..., :, i] + sine * Q[..., :, i + 1]
        P[..., :, i + 1] = cosine * Q[..., :, i + 1] - sine * Q[..., :, i]
        turned.append(P)
    s = signal.s + 0
    s[..., i + 1] = s[..., i] * 49 / 100
    s[..., i] = s[..., i] * 51 / 100
    return SVD(turned[0], s, turned[1])
