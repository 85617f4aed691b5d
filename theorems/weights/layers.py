"""One layer: the rank of its change, the smallest LoRA-rank for the wanted error, and the errors at that rank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theorems.weights.certified import Spectrum, Truncation, certified, truncation
from theorems.weights.changes import Change, Factored
from theorems.weights.least_rank import Wanted, least_rank
from theorems.weights.rounding import Interval, unscaled
from theorems.weights.stored import Floats


@dataclass(frozen=True)
class Layer:
    """What is known of the change E of one layer; errors are of the stored factors of rank `chosen`.

    rank         singular values above `tolerance`: what rounding of the stored entries does not explain
    rank_bounds  of the rank of E as it is stored, for certain
    least        (a, b): rank b is enough for the wanted error, less than a is not; None where no error was wanted
    values       singular values, about
    highs        upper bounds of sigma_{r+1}, r = 0, 1, ...
    """

    name: str
    tensor_shape: tuple[int, ...]
    shape: tuple[int, int]
    kinds: tuple[str, str]
    factored: bool
    rank: int
    rank_bounds: tuple[int, int]
    tolerance: float
    spectral_norm: Interval
    frobenius_norm: Interval
    least: tuple[int, int] | None
    chosen: int
    stored_as: str
    spectral_error: Interval
    frobenius_error: Interval
    values: Floats
    highs: Floats

    @property
    def parameters(self) -> int:
        """Numbers in the factors: r (m + n)."""
        return self.chosen * sum(self.shape)

    def spectral_above(self, r: int) -> float:
        """At least sigma_{r+1}(E)."""
        return float(self.highs[r]) if r < len(self.highs) else 0.0


def examined(change: Change, wanted: Wanted | None, rank: int | None) -> tuple[Layer, Truncation]:
    """A layer, loaded and decomposed, and its factors at the rank given, or at the smallest for the wanted error.

    Raises `InputError` for entries that are not finite.
    """
    E, noise = change.load()
    spectrum = certified(E)
    del E
    least = None if wanted is None else least_rank(spectrum, wanted)
    chosen = least[1] if least else min(rank or 0, spectrum.rank[1])
    made = truncation(spectrum, chosen)
    tolerance = max(noise, unscaled(spectrum.radius, spectrum.exponent, upward=True))
    spectral_norm, frobenius_norm = spectrum.least_spectral(0), spectrum.least_frobenius(0)
    values = np.ldexp(spectrum.values, spectrum.exponent)
    layer = Layer(
        change.name,
        change.base.shape,
        change.shape,
        change.kinds,
        isinstance(change, Factored),
        int((values > tolerance).sum()),
        spectrum.rank,
        tolerance,
        spectral_norm,
        frobenius_norm,
        least,
        made.rank,
        made.dtype,
        made.spectral,
        made.frobenius,
        values,
        highs_of(spectrum),
    )
    return layer, made


def highs_of(spectrum: Spectrum) -> Floats:
    """Upper bounds of sigma_{r+1}, r = 0, ..., k."""
    highs = np.ldexp(spectrum.spectral[1], spectrum.exponent)
    return np.where(spectrum.spectral[1] > 0, np.nextafter(highs, np.inf), 0.0)
