"""The arithmetics: one statement, judged in floats, at many digits, in balls, and exactly."""

from collections.abc import Callable

from theorems.arithmetic.ball import Ball
from theorems.arithmetic.base import Arithmetic
from theorems.arithmetic.float64 import NOISE, Float64, perturbed
from theorems.arithmetic.fractions_ import Fractions
from theorems.arithmetic.multiprecision import MultiPrecision
from theorems.arithmetic.rational import Rational

#: A new arithmetic by its name, for one case.
ARITHMETICS: dict[str, Callable[[], Arithmetic]] = {
    "float64": Float64,
    "multiprecision": MultiPrecision,
    "ball": Ball,
    "rational": Rational,
    "fractions": Fractions,
}

__all__ = ["ARITHMETICS", "NOISE", "Ball", "Float64", "Fractions", "MultiPrecision", "Rational", "perturbed"]
