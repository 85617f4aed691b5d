"""LoRA factors, fits and variants: recipes for the claims of 11.2.4."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from hypothesis import strategies as st

from theorems.case import SVD, Array
from theorems.strategies.material import Material
from theorems.strategies.models.runs import Bound, runs
from theorems.strategies.recipes import Recipe
from theorems.texts.textbook.training.cases import FitCase, LoraCase, MagnitudeCase, QuantisedCase

Sizes = Mapping[str, int]


def _shapes(
    max_dimension: int, max_rank: int, min_rank: int = 1, min_dimension: int = 1
) -> dict[str, tuple[Bound, Bound]]:
    least = max(min_rank, min_dimension)
    return {
        "m": (least, max_dimension),
        "n": (least, max_dimension),
        "r": (min_rank, lambda known: max(min_rank, min(max_rank, known["m"], known["n"]))),
    }


def _larger(max_dimension: int, max_rank: int) -> dict[str, tuple[Bound, Bound]]:
    sizes: dict[str, tuple[Bound, Bound]] = {"m": (max_dimension, max_dimension + 2)}
    return {**sizes, "n": sizes["m"], "r": (max_rank, max_rank + 1)}


#: Factors and gradients, the simplest first.
FACTORS = (
    "any factors",
    "orthonormal factors",
    "B = 0",
    "both zero",
    "rank drop",
    "stationary gradient",
    "large gauge",
    "oblique gauge",
    "low-rank gradient",
)


def _oblique(material: Material, r: int, last: Sequence[tuple[Fraction | int, Fraction | int]]) -> Array:
    """The identity but for its last column, a e_1 + b e_r for one (a, b) of `last`; no change for r = 1."""
    T = material.identity(r)
    if r > 1:
        a, b = last[int(material.generator.integers(len(last)))]
        T[..., 0, -1], T[..., -1, -1] = material.full(a), material.full(b)
    return T


#: (a, b) with which `_oblique` has unit columns, and is singular in the last; with the first, its determinant is one.
_SHEARS = ((1, 1), (Fraction(3, 5), Fraction(4, 5)))
_UNITS = ((Fraction(3, 5), Fraction(4, 5)), (1, 0))


def lora(material: Material, sizes: Sizes, law: str) -> LoraCase:
    """Factors by a law of `FACTORS`, with a gradient, a non-singular gauge, an input and a small step."""
    m, n, r = sizes["m"], sizes["n"], sizes["r"]
    B, A = material.entries(m, r), material.entries(r, n)
    G = material.entries(m, n)
    gauge = material.orthogonal(r) if law == "orthonormal factors" else material.svd(r, r).matrix
    if law == "any factors":
        gauge = material.identity(r) * 2
    elif law == "oblique gauge":
        gauge = _oblique(material, r, _SHEARS)
    elif law == "low-rank gradient":  # of few samples
        few = max(1, min(m, n) // 2)
        G = material.entries(m, few) @ material.entries(few, n)
    elif law == "orthonormal factors":
        B, A = material.orthogonal(m)[..., :, :r], material.orthogonal(n)[..., :r, :]
    elif law in ("B = 0", "both zero"):
        B = B * 0
        A = A * 0 if law == "both zero" else A
    elif law == "rank drop":
        B[..., :, -1] = 0
        A[..., -1, :] = A[..., 0, :]
    elif law == "stationary gradient":  # B^T G = 0 and G A^T = 0
        U, V = material.orthogonal(m), material.orthogonal(n)
        B, A = U[..., :, :r] @ gauge, gauge @ V[..., :, :r].mT
        G = U[..., :, r:] @ material.entries(m - r, n - r) @ V[..., :, r:].mT if r < min(m, n) else G * 0
    return LoraCase(
        material.entries(m, n), B, A, G, gauge, material.entries(n), material.choice((1, Fraction(1, 2)), 1)
    )


def lora_cases(
    *, max_dimension: int = 3, max_rank: int = 2, square: bool = False, only: Collection[str] | None = None
) -> st.SearchStrategy[Recipe[LoraCase]]:
    """Recipes of `LoraCase`: m x n weights with factors of rank r <= min(m, n); laws `FACTORS`.  Shrinks to numbers.

    square  m = n
    """
    sizes, larger = _shapes(max_dimension, max_rank), _larger(max_dimension, max_rank)
    if square:
        sizes["n"] = larger["n"] = (lambda known: known["m"], lambda known: known["m"])
    return runs(lora, sizes, FACTORS, only=only, rarely=[larger])


#: Weight changes and factors to fit them with, the simplest first.
FITS = (
    "any factors",
    "orthonormal factors",
    "standard start",
    "exact fit",
    "spread scales",
    "low rank",
    "truncation",
    "best factors",
    "ordered scales",
    "small scales",
    "moderate start",
    "small standard start",
    "penalty at a value",
    "unit factors",
    "last of a tie",
)


def fit(material: Material, sizes: Sizes, law: str) -> FitCase:
    """A weight change by its SVD, factors B, s, A by a law of `FITS`, a penalty and a step."""
    m, n, r = sizes["m"], sizes["n"], sizes["r"]
    spectrum = {"low rank": "rank at the cut", "last of a tie": "tied"}
    change = material.svd(m, n, spectrum.get(law, "distinct"))
    if law == "low rank":
        change = SVD(change.U, _first(change.s, r), change.V)
    B, A, s = material.entries(m, r), material.entries(r, n), material.entries(r)
    weight = material.between(Fraction(1, 4), 3, 1)
    if law == "orthonormal factors":
        B, A = material.orthogonal(m)[..., :, :r], material.orthogonal(n)[..., :r, :]
    elif law == "unit factors":  # of unit length, not orthogonal
        B = material.orthogonal(m)[..., :, :r] @ _oblique(material, r, _UNITS)
        A = _oblique(material, r, _UNITS).mT @ material.orthogonal(n)[..., :r, :]
    elif law == "last of a tie":  # as good as the first where they tie
        B, A = change.U[..., :, -r:] * change.s[..., None, -r:], change.V[..., :, -r:].mT
        s = s * 0 + 1
    elif law == "standard start":
        B = B * 0
    elif law in ("exact fit", "truncation", "best factors"):
        c = material.choice((2, 4, 8), 1)[..., None] if law == "exact fit" else material.full(1, 1, 1)
        B, A = change.U[..., :, :r] * c, change.V[..., :, :r].mT * c
        s = change.s[..., :r] / (c * c)[..., 0]
        if law == "best factors":
            B, s = B * s[..., None, :], s * 0 + 1
    elif law == "spread scales":
        s = material.choice((1, 2, 3, -4), r)
    elif law == "small scales":
        weight = weight + change.s[..., :1]
    elif law == "penalty at a value":
        weight = change.s[..., :1]
    step = material.choice((1, Fraction(1, 2), Fraction(1, 4)), 1)
    if law == "small scales":
        share = material.choice((1, Fraction(1, 2), Fraction(1, 3)), r)
        share = share * material.choice((1, 1, 1, 1, Fraction(21, 20), 2), 1)
        step = material.choice((1, Fraction(1, 2), Fraction(1, 4), Fraction(1, 64)), 1)  # small ones leave no slack
        s = share * (step * (weight - change.s[..., :1]) * sizes["T"])
        s = s - material.choice((0,) * 7 + (Fraction(1, 8),), 1)  # some begin at zero or below
    if law == "ordered scales":
        s = s * 0 + material.choice((1, 2, 3), 1)
        s[..., 0] = s[..., 0] + 1
    if law in ("moderate start", "small standard start"):
        change = SVD(change.U, change.s + 1, change.V)
        B = material.between(Fraction(-3, 8), Fraction(3, 8), m, r) * (0 if law == "small standard start" else 1)
        A = material.between(Fraction(-3, 8), Fraction(3, 8), r, n)
        step = material.choice((Fraction(1, 4), Fraction(1, 8)), 1) / change.s[..., :1]
    return FitCase(change, B, A, s, weight, step, sizes["T"])


def _first(s: Array, r: int) -> Array:
    cut = s.copy()
    cut[..., r:] = cut[..., r:] * 0
    return cut


def fits(
    *, min_dimension: int = 1, max_dimension: int = 3, min_rank: int = 1, max_rank: int = 2, max_steps: int = 3,
    rest: bool = False, only: Collection[str] | None = None,
) -> st.SearchStrategy[Recipe[FitCase]]:  # fmt: skip
    """Recipes of `FitCase`: an m x n weight change, factors of rank r, up to `max_steps` steps; laws `FITS`.

    Now and then they are larger, and where `rest` there is no step.
    """
    sizes = _shapes(max_dimension, max_rank, min_rank, min_dimension) | {"T": (1, max_steps)}
    rarely: list[dict[str, tuple[Bound, Bound]]] = [_larger(max_dimension, max_rank)]
    return runs(fit, sizes, FITS, only=only, rarely=[*rarely, {"T": (0, 0)}] if rest else rarely)


QUANTISATIONS = ("off by half a unit", "rounded", "zero codes", "exact")


def quantised(material: Material, sizes: Sizes, law: str) -> QuantisedCase:
    """Codes from -8 to 7, a unit, and a weight at most half a unit away from unit * codes."""
    m, n, r = sizes["m"], sizes["n"], sizes["r"]
    codes = material.choice(range(-8, 8), m, n)
    unit = material.choice((1, 2, Fraction(1, 2)), 1)
    if law == "zero codes":
        codes = codes * 0
    share = {
        "rounded": material.between(Fraction(-1, 2), Fraction(1, 2), m, n),
        "off by half a unit": material.choice((Fraction(-1, 2), Fraction(1, 2)), m, n),
        "zero codes": material.choice((0, Fraction(1, 2)), m, n),
    }.get(law, material.full(0, m, n))
    weight = (codes + share) * unit[..., None]
    return QuantisedCase(weight, codes, unit, material.entries(m, r), material.entries(r, n))


def quantisations(*, max_dimension: int = 3, max_rank: int = 2) -> st.SearchStrategy[Recipe[QuantisedCase]]:
    """Recipes of `QuantisedCase`.  Shrinks to numbers."""
    return runs(quantised, _shapes(max_dimension, max_rank), QUANTISATIONS)


MAGNITUDES = ("scaled columns", "own magnitudes", "any directions", "any magnitudes")


def magnitudes(material: Material, sizes: Sizes, law: str) -> MagnitudeCase:
    """W_0 with columns of a rational length, B = 0 but for "any directions", and magnitudes, positive but for
    "any magnitudes"."""
    m, n, r = sizes["m"], sizes["n"], sizes["r"]
    lengths = material.choice((1, 2, 3), n)
    Q = material.orthogonal(max(m, n))
    frozen = Q[..., :m, :n] if m >= n else material.choice((1, -1), m, n)
    if m < n:  # unit vectors as columns: their lengths are rational
        frozen = frozen * 0
        frozen[..., 0, :] = 1
    frozen = frozen * lengths[..., None, :]
    B = material.entries(m, r) * (1 if law == "any directions" else 0)
    size = lengths if law == "own magnitudes" else material.choice((1, 2, 3), n)
    if law == "any magnitudes":
        size = size * material.choice((-1, 0, 1), n)
    return MagnitudeCase(frozen, B, material.entries(r, n), size)


def magnitude_cases(
    *, min_dimension: int = 1, max_dimension: int = 3, max_rank: int = 2, only: Collection[str] | None = None
) -> st.SearchStrategy[Recipe[MagnitudeCase]]:
    """Recipes of `MagnitudeCase`.  Shrinks to numbers."""
    return runs(magnitudes, _shapes(max_dimension, max_rank, 1, min_dimension), MAGNITUDES, only=only)
