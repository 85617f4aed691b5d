"""The smallest rank for a wanted error, between bounds: what r certainly does, and what r - 1 certainly cannot."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from theorems.weights.certified import Spectrum
from theorems.weights.rounding import SLACK

NORMS = ("frobenius", "spectral")


@dataclass(frozen=True)
class Wanted:
    """An error that the truncation may have.

    norm      "frobenius" or "spectral"
    square    the square of the error allowed, as a share of the squared norm of the change, or of one
    absolute  whether it is no share of the norm, but the error itself
    """

    norm: str
    square: Fraction
    absolute: bool = False


def energy(share: Fraction) -> Wanted:
    """Keep this share of the squared Frobenius norm."""
    return Wanted("frobenius", 1 - share)


def error(size: Fraction, norm: str, *, absolute: bool) -> Wanted:
    """Err by at most `size` times the norm of the change, or by at most `size`."""
    return Wanted(norm, size * size, absolute)


def least_rank(spectrum: Spectrum, wanted: Wanted) -> tuple[int, int]:
    """(a, b): some matrix of rank b is as near to E as wanted, and none of rank below a is.

    They differ only where the wanted error is within rounding of a least error (a tie, mostly): "a or b" then.
    """
    least, most = spectrum.frobenius if wanted.norm == "frobenius" else spectrum.spectral
    root = _root(wanted.square)
    allowed_low, allowed_high = root * (1.0 - SLACK), root * (1.0 + SLACK)
    if wanted.absolute:
        allowed_low, allowed_high = (_into(x, -spectrum.exponent) for x in (allowed_low, allowed_high))
    else:
        allowed_low, allowed_high = allowed_low * float(least[0]), allowed_high * float(most[0])
    k = len(spectrum.values)
    certain = next(r for r in range(k + 1) if most[r] <= allowed_low * (1.0 - SLACK) or most[r] == 0.0)
    possible = next(r for r in range(k + 1) if least[r] <= allowed_high * (1.0 + SLACK))
    return min(possible, certain), certain


def _root(square: Fraction) -> float:
    """sqrt(square) but for rounding, for squares that a float cannot hold as well."""
    numerator, denominator = square.numerator, square.denominator
    shift = (numerator.bit_length() - denominator.bit_length()) // 2
    scaled = Fraction(numerator, denominator) / Fraction(4) ** shift
    return _into(math.sqrt(scaled), shift)


def _into(x: float, exponent: int) -> float:
    try:
        return math.ldexp(x, exponent)
    except OverflowError:
        return math.inf
