"""The arithmetics: one statement, judged in floats, at many digits, in balls, and exactly.

Each loads when it is asked for, and with it FLINT or mpmath.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from theorems.arithmetic.ball import Ball
    from theorems.arithmetic.base import Arithmetic
    from theorems.arithmetic.float64 import NOISE, Float64, perturbed
    from theorems.arithmetic.fractions_ import Fractions
    from theorems.arithmetic.multiprecision import MultiPrecision
    from theorems.arithmetic.rational import Rational

    #: A new arithmetic by its name, for one case.
    ARITHMETICS: dict[str, Callable[[], Arithmetic]]

_HOME = {
    "Ball": "ball", "Arithmetic": "base", "NOISE": "float64", "Float64": "float64", "perturbed": "float64",
    "Fractions": "fractions_", "MultiPrecision": "multiprecision", "Rational": "rational",
}  # fmt: skip

__all__ = ["ARITHMETICS", "NOISE", "Ball", "Float64", "Fractions", "MultiPrecision", "Rational", "perturbed"]


def __getattr__(name: str) -> Any:
    if name == "ARITHMETICS":
        from theorems.arithmetic.ball import Ball
        from theorems.arithmetic.float64 import Float64
        from theorems.arithmetic.fractions_ import Fractions
        from theorems.arithmetic.multiprecision import MultiPrecision
        from theorems.arithmetic.rational import Rational

        found = (Float64, MultiPrecision, Ball, Rational, Fractions)
        return globals().setdefault(name, {arithmetic.name: arithmetic for arithmetic in found})
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
