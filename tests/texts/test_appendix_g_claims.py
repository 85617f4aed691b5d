"""The claims of Appendix G on hand-made curves and models: what agrees, what does not, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from theorems.arithmetic.float64 import Float64
from theorems.arithmetic.rational import Rational
from theorems.case import exact
from theorems.catalogue import claim
from theorems.claim import Outcome
from theorems.errors import InputError
from theorems.judge import codec
from theorems.judge.driver import check
from theorems.models.linear import LinearModel, product
from theorems.models.relu import NetworkCase
from theorems.strategies.material import Material
from theorems.strategies.recipes import generator_of
from theorems.strategies.texts.zeng_lee.experiments.conjectures import descent, parted, rescaled
from theorems.strategies.texts.zeng_lee.experiments.curves import counted
from theorems.texts.zeng_lee.experiments.appendix_g import _stepped
from theorems.texts.zeng_lee.experiments.curves import CurvesCase, DescentCase, TwoCurvesCase
from theorems.texts.zeng_lee.experiments.problems import LinearProblem, Weights


def curves(construction: list[float], gradient: list[float], frozen: float = 10.0) -> CurvesCase:
    """Ranks 1, 2, 3 with the threshold 3."""
    one, other = (tuple(counted(error) for error in curve) for curve in (construction, gradient))
    return CurvesCase(one, other, counted(frozen), (1, 2, 3), 3)


#: Part of the key, curves that agree, curves that do not.
MEASURED = [
    ("1.threshold:gradient", curves([5, 1, 0], [5, 1, 0.09]), curves([5, 1, 0], [5, 1, 0.11])),
    ("1.alignment", curves([5, 1, 0], [5.2, 1.04, 3]), curves([5, 1, 0], [5, 1.06, 0])),
    ("2.one-layer", curves([5, 1, 0], [4.6, 1.09, 3]), curves([5, 1, 0], [4.4, 1, 0])),
    ("2.two-layers", curves([5, 1, 0], [6, 0.8, 0]), curves([5, 1, 0], [4.6, 1.5, 0])),
    ("3.small-ranks", curves([5, 1, 0], [4, 2, 2]), curves([5, 1, 0], [6, 0.5, 0])),
    ("3.large-ranks", curves([5, 1, 0], [4, 2, 2]), curves([5, 1, 2], [6, 3, 1])),
    ("3.flat", curves([5, 1, 0], [4, 2, 2.1]), curves([5, 1, 0], [4, 3, 2])),
]


@pytest.mark.parametrize(("part", "agreeing", "other"), MEASURED, ids=[row[0] for row in MEASURED])
def test_curves_that_agree_and_that_do_not(part: str, agreeing: CurvesCase, other: CurvesCase) -> None:
    measured = claim(f"zeng-lee/appendix-g.{part}")
    assert check(measured, exact(agreeing), Rational()).outcome is Outcome.HOLDS
    assert check(measured, exact(other), Rational()).outcome is Outcome.FAILS


@pytest.mark.parametrize(
    ("part", "agreeing", "other"),
    [
        ("1.pretraining", curves([5, 0.09, 0], [5, 1, 0], 5.0), curves([4, 0.11, 0], [4, 0.5, 0], 5.0)),
        ("2.pretraining", curves([4, 0.9, 3], [5, 0.9, 3], 5.0), curves([4, 0.9, 0], [5, 1.1, 0], 5.0)),
        ("2.pretraining:largest-error", curves([5, 2, 0], [3, 2, 0]), curves([5, 2, 0], [3, 2, 7])),
    ],
)
def test_pairs_that_agree_and_that_do_not(part: str, agreeing: CurvesCase, other: CurvesCase) -> None:
    measured, random = claim(f"zeng-lee/appendix-g.{part}"), curves([6, 1, 0], [6, 1, 0])
    assert check(measured, exact(TwoCurvesCase(random, agreeing)), Rational()).outcome is Outcome.HOLDS
    assert check(measured, exact(TwoCurvesCase(random, other)), Rational()).outcome is Outcome.FAILS


def test_cases_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="3 ranks"):
        CurvesCase((1, 1, 1), (1, 1), 1, (1, 2, 3), 3)
    with pytest.raises(InputError, match="ascending"):
        CurvesCase((1, 1), (1, 1), 1, (2, 2), 3)
    with pytest.raises(InputError, match="negative"):
        CurvesCase((1, 1), (1, -1), 1, (1, 2), 3)
    with pytest.raises(InputError, match="give the same"):
        TwoCurvesCase(curves([1, 1, 1], [1, 1, 1]), CurvesCase((1,), (1,), 1, (1,), 1))
    with pytest.raises(InputError, match="2 x 2"):
        DescentCase(LinearModel((np.eye(2),)), np.eye(3), np.ones(1))


def test_a_descent_goes_along_the_gradient() -> None:
    generator = np.random.default_rng(0)
    matrices, target = generator.standard_normal((1, 3, 4, 4)), generator.standard_normal((4, 4))
    frozen = LinearModel(tuple(matrices[:, l] for l in range(3)))
    problem = LinearProblem(Weights(target[None], np.zeros((0, 4))), 3)
    _, gradient, _ = problem.gradients(matrices, np.zeros((1, 0, 4)), (np.eye(4),))
    after = _stepped(frozen, target - frozen.matrix, np.array([0.01]), Float64(size=1))
    for l in range(3):
        assert after.weights[l] == pytest.approx(matrices[:, l] - 0.01 * gradient[:, l])


def made(builder: Any, law: str, exactly: bool, **sizes: int) -> Any:
    material = Material(generator_of(0, 3), None, 2) if exactly else Material(generator_of(0, 3), 5)
    case = builder(material, sizes, law)
    return exact(case) if exactly else case


@pytest.mark.parametrize("law", ["identity weights", "orthogonal weights"])
@pytest.mark.parametrize("exactly", [True, False])
def test_rescaled_targets_are_the_frozen_model_rescaled(law: str, exactly: bool) -> None:
    case: NetworkCase = made(rescaled, law, exactly, D=3, above=1, R=2)
    W, V = case.frozen.weights
    first, second = case.target.weights
    ratio = first @ W.mT  # orthogonal
    off = ratio - np.eye(3, dtype=np.int64) * ratio
    assert np.abs(np.asarray(off, np.float64)).max() < 1e-12
    assert np.abs(np.asarray(second @ ratio - V, np.float64)).max() < 1e-12
    factors = np.asarray(ratio, np.float64)[..., range(3), range(3)]
    assert ((factors > 1.5).any(-1) & (factors < 0.6).any(-1)).all()


def test_the_smallest_case_of_the_first_conjecture() -> None:
    """S = diag(2, 1/2), identity weights, R = 1: the construction keeps the larger difference of each layer."""
    case: NetworkCase = made(rescaled, "identity weights", True, D=2, above=1, R=1)
    report = check(claim("zeng-lee/appendix-g.2.conjecture.intermediate"), case, Rational())
    assert report.outcome is Outcome.HOLDS
    full = NetworkCase(case.frozen, case.errors, case.biases, case.partition, (2, 2), case.inputs)
    assert check(claim("zeng-lee/appendix-g.2.conjecture.intermediate"), full, Rational()).outcome is Outcome.VACUOUS


def test_the_second_conjecture_needs_the_other_partition() -> None:
    case: NetworkCase = made(parted, "orthogonal weights", True, D=3)
    statement = claim("zeng-lee/appendix-g.2.conjecture.partition")
    assert check(statement, case, Rational()).outcome is Outcome.HOLDS
    lower = NetworkCase(case.frozen, case.errors, case.biases, case.partition, (0,) * 4, case.inputs)
    assert check(statement, lower, Rational()).outcome is Outcome.VACUOUS


def test_descents_are_exact_and_lower_the_error() -> None:
    case: DescentCase = made(descent, "low rank", True, D=3, L=2, rank=2)
    assert all(isinstance(value, Fraction) for value in product(case.frozen.weights).ravel().tolist())
    batch: DescentCase = made(descent, "low rank", False, D=3, L=2, rank=2)
    num = Float64(size=5)
    E = batch.target - batch.frozen.matrix
    left = batch.target - _stepped(batch.frozen, E, batch.step[..., 0], num).matrix
    assert (np.linalg.matrix_rank(E) <= 2).all()
    assert ((left**2).sum((-2, -1)) <= (E**2).sum((-2, -1))).sum() >= 4


def test_measured_curves_can_be_stored_though_their_integers_are_long() -> None:
    about = claim("zeng-lee/appendix-g.1.alignment")
    case = curves([3.0, 2.0, 0.0], [9.0, 8.0, 0.0])
    assert isinstance(about.largest, int)
    assert max(case.gradient) > about.largest
    assert codec.decode(codec.encode(case, about), about) == case
    data = codec.encode(case, about)
    data["fields"]["gradient"][0] = 10**60
    with pytest.raises(InputError, match="out of range"):
        codec.decode(data, about)
