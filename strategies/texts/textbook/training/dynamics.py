"""Runs of gradient descent and of stochastic gradient descent: recipes for the claims of 11.2.3."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction

from hypothesis import strategies as st

from theorems.case import SVD
from theorems.strategies.material import Material
from theorems.strategies.models.runs import Bound, runs
from theorems.strategies.recipes import Recipe
from theorems.texts.textbook.training.cases import (
    MinibatchCase,
    NoiseCase,
    PenaltyCase,
    RegressionCase,
    ReparametrisedCase,
)

Sizes = Mapping[str, int]

#: Data, target and start of a regression, the simplest first.
REGRESSIONS = (
    "diagonal", "any directions", "white data", "aligned target", "target along weak modes", "identity start",
    "singular data", "ill-conditioned data", "large steps", "divergent steps", "critical step", "aligned ties",
    "aligned, large steps", "white data, large steps",
)  # fmt: skip


def regression(material: Material, sizes: Sizes, law: str) -> RegressionCase:
    """A regression by a law of `REGRESSIONS`: X = U diag(s) V^T n x d, Y = W* X + noise, W_0, and eta relative to
    lambda_1."""
    m, n, d = sizes["m"], sizes["n"], sizes["d"]
    plain = law in ("diagonal", "identity start")
    spectrum = {
        "white data": "all equal", "singular data": "rank drop", "ill-conditioned data": "tiny tail",
        "aligned ties": "tied",
    }  # fmt: skip
    X = material.svd(n, d, spectrum.get(law.removesuffix(", large steps"), "distinct"), plain=plain)
    k = min(m, n)
    if law.startswith("aligned") or law == "target along weak modes":
        left = material.orthogonal(m)[..., :, :k]
        right = X.U[..., :, ::-1][..., :, :k] if law == "target along weak modes" else X.U[..., :, :k]
        best = (left * material.spectrum(k)[..., None, :]) @ right.mT
    else:
        best = material.entries(m, n)
    noise = material.entries(m, d) if law == "any directions" else material.full(0, m, d)
    if law == "identity start":
        start = SVD(material.identity(m, k), material.full(1, k), material.identity(n, k))
    else:
        start = material.svd(m, n, plain=plain)
    low, high = {
        "large steps": (Fraction(1), Fraction(2)), "divergent steps": (Fraction(2), Fraction(4)),
        "critical step": (Fraction(2), Fraction(2)), "aligned, large steps": (Fraction(1), Fraction(2)),
        "white data, large steps": (Fraction(1), Fraction(5, 2)),
    }.get(law, (Fraction(1, 8), Fraction(1)))  # fmt: skip
    largest = X.s[..., :1] * X.s[..., :1]
    step = material.between(low, high, 1) / (largest + (largest == 0))
    return RegressionCase(X, best @ X.matrix + noise, start, material.entries(m, n), step, sizes["T"])


def regressions(
    *, min_n: int = 1, max_n: int = 3, min_m: int = 1, max_m: int = 3, max_steps: int = 4,
    rest: bool = False, only: Collection[str] | None = None,
) -> st.SearchStrategy[Recipe[RegressionCase]]:  # fmt: skip
    """Recipes of `RegressionCase`: n inputs, m outputs, d >= n samples and up to `max_steps` steps; laws `REGRESSIONS`.

    Now and then there are more inputs, outputs and steps, and where `rest` no step.  Shrinks to one number, one step.
    """
    sizes: dict[str, tuple[Bound, Bound]] = {
        "n": (min_n, max_n), "m": (min_m, max_m),
        "d": (lambda known: known["n"], lambda known: known["n"] + 1), "T": (1, max_steps),
    }  # fmt: skip
    rarely: list[dict[str, tuple[Bound, Bound]]] = [{"T": (max_steps, max_steps + 3)}]
    if rest:
        rarely.append({"T": (0, 0)})
    if max_n >= 3 and max_m >= 3:
        rarely += [{"n": (max_n + 1, max_n + 2)}, {"n": (4, 4), "m": (4, 5)}]
    return runs(regression, sizes, REGRESSIONS, only=only, rarely=rarely)


MIXINGS = ("scalar", "any matrix")


def reparametrised(material: Material, sizes: Sizes, law: str) -> ReparametrisedCase:
    """X, n x d with d >= n, another basis R X of its row space, and Y."""
    m, n, d = sizes["m"], sizes["n"], sizes["d"]
    X = material.svd(n, d).matrix
    R = material.identity(n) * 2 if law == "scalar" else material.svd(n, n).matrix
    return ReparametrisedCase(X, R, material.entries(m, d))


def reparametrisations(*, max_n: int = 3) -> st.SearchStrategy[Recipe[ReparametrisedCase]]:
    """Recipes of `ReparametrisedCase`.  Shrinks to numbers."""
    sizes: dict[str, tuple[Bound, Bound]] = {
        "n": (1, max_n), "m": (1, 2), "d": (lambda known: known["n"], lambda known: known["n"] + 2),
    }  # fmt: skip
    return runs(reparametrised, sizes, MIXINGS)


#: Samples of a least-squares problem, the simplest first.
SAMPLES = ("any samples", "fitted", "residuals of one size", "symmetric", "scaled samples")


def minibatch(material: Material, sizes: Sizes, law: str) -> MinibatchCase:
    """N samples of a least-squares problem by a law of `SAMPLES`; in "residuals of one size" w is a minimum."""
    n, N = sizes["n"], sizes["N"]
    X, w = material.entries(N, n), material.entries(n)
    if law == "scaled samples":
        X = X * material.choice((1, 2, 4), N)[..., None]
    residuals = material.entries(N)
    if law == "fitted":
        residuals = residuals * 0
    elif law == "residuals of one size":  # samples in pairs of opposite residuals
        half = N // 2
        X[..., half : 2 * half, :] = X[..., :half, :]
        X[..., 2 * half :, :] = X[..., 2 * half :, :] * 0
        residuals = residuals * 0 + material.choice((1, 2), 1)
        residuals[..., half : 2 * half] = -residuals[..., half : 2 * half]
    elif law == "symmetric":  # x = e_i twice, with opposite residuals
        eye = material.identity(n)
        X, w = X * 0, w * 0
        for k in range(2 * n if 2 * n <= N else 0):
            X[..., k, :] = eye[..., k // 2, :]
        residuals = residuals * 0 + material.choice((1, 2), 1)
        residuals[..., 1::2] = -residuals[..., 1::2]
    outputs = (X @ w[..., None])[..., 0] - residuals
    return MinibatchCase(X, outputs, w, material.choice((1, Fraction(1, 2), Fraction(1, 4)), 1), sizes["b"], sizes["T"])


def minibatches(
    *, min_n: int = 1, max_n: int = 2, min_N: int = 2, max_N: int = 4, max_steps: int = 2, whole: bool = False,
    only: Collection[str] | None = None,
) -> st.SearchStrategy[Recipe[MinibatchCase]]:  # fmt: skip
    """Recipes of `MinibatchCase`: N samples in R^n, mini-batches of b < N (b <= N where `whole`); laws `SAMPLES`.

    Now and then n is larger by one, and there are two steps where `max_steps` is one.
    """
    sizes: dict[str, tuple[Bound, Bound]] = {
        "n": (min_n, max_n), "N": (min_N, max_N),
        "b": (1, lambda known: known["N"] if whole else known["N"] - 1), "T": (1, max_steps),
    }  # fmt: skip
    rarely: list[dict[str, tuple[Bound, Bound]]] = [{"n": (max_n + 1, max_n + 1)}]
    return runs(minibatch, sizes, SAMPLES, only=only, rarely=[*rarely, {"T": (2, 2)}] if max_steps == 1 else rarely)


#: Curvature and noise, the simplest first.
NOISES = (
    "diagonal", "equal curvature", "any directions", "matched", "noise like the curvature", "steep curvature",
    "equal steep curvature", "unstable", "white noise", "equal diagonal",
)  # fmt: skip


def noisy(material: Material, sizes: Sizes, law: str) -> NoiseCase:
    """A Hessian with eta H in (0, 2) and descending variances of the noise; "matched": such that S is a multiple of
    I; steep: eta H in (7/8, 2), and the last variance is often zero; "unstable": up to 17/8; "white noise": equal
    variances, which commute with any H; "equal diagonal": H = h I but for the entries beside the diagonal."""
    n = sizes["n"]
    step = material.choice((Fraction(1, 4), Fraction(1, 2), 1), 1)
    h = material.between(Fraction(1, 8), Fraction(7, 8), n)  # eta h < 1, where h (2 - eta h) rises with h
    noise = material.spectrum(n)
    if "steep" in law or law == "unstable":
        h = material.between(*((2, Fraction(17, 8)) if law == "unstable" else (Fraction(7, 8), Fraction(63, 32))), n)
        noise[..., -1] = noise[..., -1] * material.choice((0, 1), 1)[..., 0]
    if law.startswith("equal"):
        h = h[..., :1] + h * 0
    if law in ("matched", "noise like the curvature"):
        h = material.spectrum(n)
        h = h / (h[..., :1] + 1)
        noise = h * (2 - h) if law == "matched" else h
    Q = material.orthogonal(n, plain=law not in ("any directions", "white noise"))
    H = ((Q * h[..., None, :]) @ Q.mT) / step[..., None]
    if law == "white noise":
        noise = noise * 0 + noise[..., :1]
    elif law == "equal diagonal":
        H = (material.full(Fraction(1, 2 * n), n, n) + material.identity(n) * h[..., :1, None]) / step[..., None]
    H = (H + H.mT) / 2
    return NoiseCase(H, noise / step if law == "matched" else noise, step, sizes["T"])


def noises(
    *, min_n: int = 1, max_n: int = 3, max_steps: int = 4, only: Collection[str] | None = None
) -> st.SearchStrategy[Recipe[NoiseCase]]:
    """Recipes of `NoiseCase`; laws `NOISES`.  Shrinks to numbers."""
    rarely: list[dict[str, tuple[Bound, Bound]]] = [{"T": (0, 0)}, {"T": (max_steps, max_steps + 4)}]
    return runs(noisy, {"n": (min_n, max_n), "T": (1, max_steps)}, NOISES, only=only, rarely=rarely)


PENALTIES = ("one rank less", "identity", "largest step")


def penalised(material: Material, sizes: Sizes, law: str) -> PenaltyCase:
    """W of rank k - 1 and W' of rank k = min(m, n), of one Frobenius norm; F positive definite with eta F < I, but for
    "largest step": eta F <= I or a little more."""
    m, n = sizes["m"], sizes["n"]
    k = min(m, n)
    triple = material.choice((1, 2), 1)
    V = material.identity(m, n) * 0
    W = V.copy()
    Q, P = material.orthogonal(m, plain=law == "identity"), material.orthogonal(n, plain=law == "identity")
    for i in range(k):
        V[..., i, i] = triple[..., 0]
        W[..., i, i] = triple[..., 0]
    V[..., k - 1, k - 1], V[..., 0, 0] = 3 * triple[..., 0], 4 * triple[..., 0]
    W[..., k - 1, k - 1], W[..., 0, 0] = 0 * triple[..., 0], 5 * triple[..., 0]
    d = material.spectrum(m)
    F = (Q * d[..., None, :]) @ Q.mT
    F = (F + F.mT) / 2
    left = material.orthogonal(m, plain=law == "identity")
    step = {"largest step": (1, Fraction(5, 4))}.get(law, (Fraction(1, 2), Fraction(1, 4)))
    return PenaltyCase(F, left @ W @ P.mT, V @ P.mT, material.choice(step, 1) / d[..., :1])


def penalties(*, max_dimension: int = 3) -> st.SearchStrategy[Recipe[PenaltyCase]]:
    """Recipes of `PenaltyCase`, both dimensions at least two.  Shrinks to 2 x 2."""
    sizes: dict[str, tuple[Bound, Bound]] = {"m": (2, max_dimension), "n": (2, max_dimension)}
    return runs(penalised, sizes, PENALTIES, rarely=[{"m": (4, 5), "n": (4, 5)}])
