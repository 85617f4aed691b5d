"""What range `theorems.adapters` serves, and what it says beyond."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import theorems
from theorems.adaptation.construction import ResidualWarning
from theorems.errors import InputError


def _layers(condition: float, seed: int = 0) -> tuple[list[Any], Any]:
    """Four 16 x 16 layers with log-spaced singular values, and a gaussian target."""
    generator = np.random.default_rng(seed)
    s = np.logspace(0, -np.log10(condition), 16)

    def orthogonal() -> Any:
        return np.linalg.qr(generator.standard_normal((16, 16)))[0]

    return [orthogonal() * s @ orthogonal() for _ in range(4)], generator.standard_normal((16, 16))


def test_floats_serve_moderate_conditions_without_a_word() -> None:
    weights, target = _layers(1e2)
    assert theorems.adapters(weights, target, 4).exact_residual < 1e-10


@pytest.mark.parametrize("condition", [1e4, 1e6])
def test_beyond_them_the_warning_names_the_exact_residual(condition: float) -> None:
    weights, target = _layers(condition)
    with pytest.warns(ResidualWarning, match="miss the target by") as caught:
        made = theorems.adapters(weights, target, 4)
    assert made.exact_residual > 1.5e-8
    assert f"{made.exact_residual:.1e}" in str(caught[0].message)


@pytest.mark.parametrize("kind", [float, int])
def test_one_layer_makes_the_change_where_a_weight_stays_singular(kind: type) -> None:
    made = theorems.adapters([np.zeros((2, 2), kind), np.eye(2, dtype=kind)], np.diag([1, 0]).astype(kind), 1)
    assert made.exact_residual == 0
    assert [a.A.shape[-2] for a in made.adapters] == [1, 0]


def test_a_target_out_of_reach_is_refused_as_before() -> None:
    with pytest.raises(InputError, match="every product has rank at most 1"):
        theorems.adapters([np.zeros((2, 2)), np.eye(2)], np.eye(2), 1)


def test_fractions_of_numpy_integers_are_read() -> None:
    one, none = Fraction(np.int64(1)), Fraction(0)  # type: ignore[call-overload]
    W = np.array([[one, none], [none, one]], dtype=object)
    made = theorems.adapters([W, W], np.diag([1, 3]), 1)
    assert made.exact_residual == 0
