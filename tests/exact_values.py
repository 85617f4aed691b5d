"""What the tests of known answers in exact arithmetic share."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from theorems.arithmetic import Fractions, Rational
from theorems.arithmetic.base import Arithmetic
from theorems.arithmetic.field import ExactField
from theorems.statement import Condition

both = pytest.mark.parametrize("make", [Rational, Fractions])
Make = Callable[[], ExactField]
HALF = Fraction(1, 2)


def plain(value: Any) -> Any:
    """Entries of either field as Fractions, in nested lists."""
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value] if value.ndim else plain(value.item())
    return Fraction(int(value.p), int(value.q)) if isinstance(value, fmpq) else value


def decided(num: Arithmetic, condition: Condition) -> tuple[int, float]:
    decision = num.decide(condition)
    return int(decision.verdicts[0]), float(decision.margins[0])
