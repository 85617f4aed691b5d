"""One layer: the rank of its change, the smallest LoRA-rank for the wanted error, and the errors at that rank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theorems.weights.certified import Dense, Spectrum, Truncation, certified, truncation
from theorems.weights.changes import Change, Factored
from theorems.weights.enough import Enough, enough
from theorems.weights.least_rank import least_rank
from theorems.weights.rounding import Interval, unscaled
from theorems.weights.rules import Rule
from theorems.weights.stored import Floats


@dataclass(frozen=True)
class Layer:
    """What is known of the change E of one layer; errors are of the stored factors of rank `chosen`.

    rank         singular values above `tolerance`: what rounding of the stored entries does not explain
    rank_bounds  of the rank of E as it is stored, for certain
    least        (a, b): rank b is enough for the wanted error, less than a is not; None where no error was wanted
    capped       whether the rank that the rule asks for is larger than its most
    whole        whether all singular values were computed: otherwise no rank is claimed to be the smallest
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
    capped: bool
    whole: bool
    stored_as: str
    spectral_error: Interval
    frobenius_error: Interval
    values: Floats
    highs: Floats

    def as_dict(self) -> dict[str, Any]:
        """The layer as JSON data: a row of ``theorems rank --json``; an interval is [low, high]."""
        return {
            "tensor": self.name,
            "tensor_shape": list(self.tensor_shape),
            "shape": list(self.shape),
            "types": list(self.kinds),
            "from_factors": self.factored,
            "rank": self.rank,
            "rank_tolerance": self.tolerance,
            "rank_bounds": list(self.rank_bounds),
            "spectral_norm": [self.spectral_norm.low, self.spectral_norm.high],
            "frobenius_norm": [self.frobenius_norm.low, self.frobenius_norm.high],
            "smallest_lora_rank": list(self.least) if self.least and self.whole else None,
            "lora_rank": self.chosen,
            "lora_rank_is_capped": self.capped,
            "lora_parameters": self.parameters,
            "factors_stored_as": self.stored_as,
            "spectral_error": [self.spectral_error.low, self.spectral_error.high],
            "frobenius_error": [self.frobenius_error.low, self.frobenius_error.high],
        }

    @property
    def parameters(self) -> int:
        """Numbers in the factors: r (m + n)."""
        return self.chosen * sum(self.shape)

    def spectral_above(self, r: int) -> float:
        """At least sigma_{r+1}(E)."""
        return float(self.highs[r]) if r < len(self.highs) else 0.0


def examined(change: Change, rule: Rule) -> tuple[Layer, Truncation]:
    """A layer, loaded and decomposed, and its factors at the rank that the rule chooses.

    Raises `InputError` for entries that are not finite.
    """
    E, noise = change.load()
    if rule.fast and isinstance(E, Dense):
        found = enough(E, noise, rule)
        if found is not None:
            return _partly(change, found, noise, rule)
    spectrum = certified(E, rule.device)
    del E
    spectral_norm, frobenius_norm = spectrum.least_spectral(0), spectrum.least_frobenius(0)
    tolerance = max(noise, unscaled(spectrum.radius, spectrum.exponent, upward=True))
    values = np.ldexp(spectrum.values, spectrum.exponent)
    rank = int((values > tolerance).sum())
    least = None if rule.wanted is None else least_rank(spectrum, rule.wanted)
    asked = least[1] if least else rank if rule.rank is None else rule.rank
    chosen = rule.allowed(min(asked, spectrum.rank[1]))
    made = truncation(spectrum, min(chosen, spectrum.rank[1]), rule.dtype, rule.scaling(chosen))
    layer = Layer(
        change.name,
        change.base.shape,
        change.shape,
        change.kinds,
        isinstance(change, Factored),
        rank,
        spectrum.rank,
        tolerance,
        spectral_norm,
        frobenius_norm,
        least,
        chosen,
        chosen < min(asked, spectrum.rank[1]),
        True,
        made.dtype,
        made.spectral,
        made.frobenius,
        values,
        highs_of(spectrum),
    )
    return layer, made


def _partly(change: Change, found: Enough, noise: float, rule: Rule) -> tuple[Layer, Truncation]:
    """A layer of which only the leading singular values are known."""
    layer = Layer(
        change.name,
        change.base.shape,
        change.shape,
        change.kinds,
        False,
        found.rank,
        (found.certain_rank, min(change.shape)),
        max(noise, found.floor),
        found.spectral_norm,
        found.frobenius_norm,
        None,
        found.chosen,
        found.capped,
        False,
        found.made.dtype,
        found.made.spectral,
        found.made.frobenius,
        found.values,
        np.full(len(found.values) + 1, found.frobenius_norm.high),
    )
    return layer, found.made


def highs_of(spectrum: Spectrum) -> Floats:
    """Upper bounds of sigma_{r+1}, r = 0, ..., k."""
    highs = np.ldexp(spectrum.spectral[1], spectrum.exponent)
    return np.where(spectrum.spectral[1] > 0, np.nextafter(highs, np.inf), 0.0)
