"""Claims on gradient descent, stochastic gradients and curvature: runs by hand, recipes, bad input, mutations."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from theorems import SVD, Claim, InputError, Outcome, Verdict, check, conclude, equal
from theorems.arithmetic import Rational
from theorems.case import Array, arrays, fractions, known_svds
from theorems.errors import Unsupported
from theorems.strategies.models.runs import Builder, RunRecipe
from theorems.strategies.search.hunt import hunt
from theorems.strategies.texts.textbook.lora import recipes
from theorems.strategies.texts.textbook.training import curvature as curvature_strategies
from theorems.strategies.texts.textbook.training import dynamics
from theorems.strategies.texts.textbook.training.tendencies import share
from theorems.texts.textbook.lora import (
    adalora,
    tangent_space,
)
from theorems.texts.textbook.lora import (
    counts as lora_counts,
)
from theorems.texts.textbook.lora import (
    sets as lora_set,
)
from theorems.texts.textbook.lora import (
    training as lora_training,
)
from theorems.texts.textbook.lora import (
    variants as lora_variants,
)
from theorems.texts.textbook.spectra import alignment
from theorems.texts.textbook.training import (
    convergence_of_modes,
    curvature,
    effective_loss,
    few_steps,
    gradient_dynamics,
    noise_drift,
    stochastic_gradients,
    tendencies,
)
from theorems.texts.textbook.training.cases import MinibatchCase, NoiseCase, RegressionCase, kronecker

MODULES = (
    gradient_dynamics, convergence_of_modes, few_steps, stochastic_gradients, noise_drift, effective_loss, curvature,
    lora_counts, lora_set, lora_training, tangent_space, alignment, lora_variants, adalora, tendencies,
)  # fmt: skip
CLAIMS = tuple(claim for module in MODULES for claim in module.CLAIMS)
BUILDERS: list[tuple[Builder, tuple[str, ...], dict[str, int]]] = [
    (dynamics.regression, dynamics.REGRESSIONS, {"n": 2, "m": 3, "d": 3, "T": 2}),
    (dynamics.reparametrised, dynamics.MIXINGS, {"n": 2, "m": 1, "d": 3}),
    (dynamics.minibatch, dynamics.SAMPLES, {"n": 2, "N": 4, "b": 2, "T": 1}),
    (dynamics.noisy, dynamics.NOISES, {"n": 3, "T": 2}),
    (dynamics.penalised, dynamics.PENALTIES, {"m": 2, "n": 3}),
    (curvature_strategies.two_layers, curvature_strategies.LAYERS, {"n": 3, "h": 2, "m": 3}),
    (curvature_strategies.two_minima, curvature_strategies.MINIMA, {"n": 2, "m": 2, "h": 2}),
    (curvature_strategies.estimate, curvature_strategies.ESTIMATES, {"m": 3, "n": 2, "r": 1}),
    (curvature_strategies.sgd_run, curvature_strategies.LABELS, {"n": 2, "m": 2, "h": 2, "N": 3, "T": 1}),
    (recipes.lora, recipes.FACTORS, {"m": 3, "n": 2, "r": 2}),
    (recipes.fit, recipes.FITS, {"m": 3, "n": 2, "r": 2, "T": 2}),
    (recipes.quantised, recipes.QUANTISATIONS, {"m": 2, "n": 3, "r": 1}),
    (recipes.magnitudes, recipes.MAGNITUDES, {"m": 2, "n": 3, "r": 1}),
]
STRATA = [(build, law, sizes) for build, laws, sizes in BUILDERS for law in laws]


def column(*values: Any) -> Array:
    return fractions(np.array(values, dtype=object))


def matrix(rows: list[list[Any]]) -> Array:
    return fractions(np.array(rows, dtype=object))


def number_svd(value: int) -> SVD:
    return SVD(matrix([[1]]), column(value), matrix([[1]]))


def scalar_run(*, x: int, y: int, w: int, step: Any, steps: int) -> RegressionCase:
    """w <- w - step (w x - y) x."""
    return RegressionCase(number_svd(x), matrix([[y]]), number_svd(w), matrix([[0]]), column(step), steps)


def test_repairs_name_claims_that_stand() -> None:
    verdicts = {claim.key: claim.verdict for claim in CLAIMS}
    for claim in CLAIMS:
        if claim.verdict is Verdict.REFUTED:
            assert claim.repaired_by is not None
            assert verdicts[claim.repaired_by] in (Verdict.CORROBORATED, Verdict.DECIDED), claim.key


# recipes


@pytest.mark.parametrize(("build", "law", "sizes"), STRATA, ids=lambda value: getattr(value, "__name__", str(value)))
def test_recipes_are_sound(build: Builder, law: str, sizes: dict[str, int]) -> None:
    recipe = RunRecipe(build, law, tuple(sizes.items()), 3)
    again = pickle.loads(pickle.dumps(recipe))
    batch = recipe.batch(5)
    for one, two in zip(arrays(batch), arrays(again.batch(5)), strict=True):
        assert one.dtype == np.float64
        assert one.shape[0] == 5
        assert np.isfinite(one).all()
        assert (one == two).all()
    for index in (0, 3, 9):
        exact = recipe.exact(index)
        assert [leaf.shape for leaf in arrays(exact)] == [leaf.shape[1:] for leaf in arrays(batch)]
        assert all(isinstance(value, Fraction) for leaf in arrays(exact) for value in leaf.ravel())
        for d in known_svds(exact):
            for Q in (d.U, d.V):
                assert (fractions(np.eye(Q.shape[1])) == Q.T @ Q).all()
            assert all(a >= b >= 0 for a, b in itertools.pairwise(d.s.tolist()))


# runs by hand


def test_descent_by_hand() -> None:
    case = Rational().load(scalar_run(x=1, y=1, w=0, step=Fraction(1, 2), steps=3))
    run = gradient_dynamics.descent(case.start.matrix, case, Rational())
    assert [str(W[0, 0]) for W in run] == ["0", "1/2", "3/4", "7/8"]


def test_a_divergent_step_is_a_hypothesis_and_not_an_error() -> None:
    case = scalar_run(x=1, y=0, w=1, step=3, steps=2)
    assert check(convergence_of_modes.convergence, case, Rational()).outcome is Outcome.FAILS
    assert check(convergence_of_modes.convergence_repaired, case, Rational()).outcome is Outcome.VACUOUS
    assert check(convergence_of_modes.contraction, case, Rational()).outcome is Outcome.HOLDS


def test_minibatches_by_hand() -> None:
    num = Rational()
    case = num.load(
        MinibatchCase(matrix([[1], [1], [2]]), column(1, -1, 0), column(0), column(1), 2, 1)
    )  # gradients -1, 1, 0
    assert stochastic_gradients.batches(case) == [(0, 1), (0, 2), (1, 2)]
    assert [str(x) for x in stochastic_gradients.noise(case, num).ravel()] == ["0", "-1/2", "1/2"]
    assert str(stochastic_gradients.second_moment(stochastic_gradients.noise(case, num), num)[0, 0]) == "1/6"
    assert noise_drift.sequences(case, num).shape == (3, 1)


def test_stationary_covariance_by_hand() -> None:
    num = Rational()
    case = num.load(NoiseCase(matrix([[1]]), column(1), column(Fraction(1, 2)), 1))
    assert str(noise_drift.stationary_covariance(case, num)[0, 0]) == "1/3"  # S = S / 4 + 1 / 4
    assert str(noise_drift.covariance_after(case, num)[0, 0]) == "1/4"


def test_kronecker_product() -> None:
    P, Q = np.arange(6.0).reshape(2, 3), np.arange(4.0).reshape(2, 2)
    num = Rational()
    ours = kronecker(num.load(fractions(P)), num.load(fractions(Q)), num)
    assert [[float(str(x)) for x in row] for row in ours] == np.kron(P, Q).tolist()


def test_hessian_of_two_layers_is_the_second_derivative() -> None:
    """The loss along a line is a polynomial without constant and linear part: its t^2 comes from t = 1 and t = 2."""
    generator = np.random.default_rng(0)
    num = Rational()
    first, second, D, E = (fractions(generator.integers(-2, 3, shape)) for shape in [(2, 3), (2, 2), (2, 3), (2, 2)])

    def loss(t: int) -> Fraction:
        gap = (second + t * E) @ (first + t * D) - second @ first
        return Fraction((gap * gap).sum()) / 2

    even = [(loss(t) + loss(-t)) / 2 for t in (1, 2)]
    quadratic = (16 * even[0] - even[1]) / 12
    line = np.concatenate([E.ravel(), D.ravel()])
    H = curvature.hessian_of_two_layers(num.load(first), num.load(second), num)
    assert sum(
        a * b * Fraction(str(h)) for (a, b), h in zip(itertools.product(line, line), H.ravel(), strict=True)
    ) == (2 * quadratic)


# bad input


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: scalar_run(x=1, y=1, w=1, step=1, steps=-1), "steps = -1 is out of range: give 0 to 64"),
        (lambda: scalar_run(x=1, y=1, w=1, step=1, steps=1000), "give 0 to 64"),
        (
            lambda: MinibatchCase(matrix([[1]]), column(1), column(0), column(1), 2, 1),
            "batch = 2 is out of range: give 1 to 1",
        ),
        (lambda: MinibatchCase(matrix([[1]]), column(1, 2), column(0), column(1), 1, 1), "its axis N must be 1"),
        (lambda: NoiseCase(np.array([[np.nan]]), np.ones(1), np.ones(1), 1), "every entry must be finite"),
        (lambda: NoiseCase(matrix([[1]]), column(1), column(1, 2), 1), "give an array of length 1"),
        (
            lambda: RegressionCase(
                SVD(matrix([[1], [0]]), column(1), matrix([[1]])),
                matrix([[1]]), SVD(matrix([[1]]), column(1), matrix([[1], [0]])), matrix([[0, 0]]), column(1), 1,
            ),
            "d = 1 is out of range: give 2",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_line(make: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        make()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


# tendencies


@pytest.mark.parametrize(
    ("statement", "build", "law", "sizes", "expected"),
    [
        (tendencies.few_steps_tendency, dynamics.regression, "any directions", {"n": 2, "m": 2, "d": 2, "T": 3}, 0.51),
        (tendencies.few_steps_tendency, dynamics.regression, "aligned target", {"n": 2, "m": 2, "d": 2, "T": 3}, 1.0),
        (tendencies.weight_directions_tendency, dynamics.regression, "any directions",
         {"n": 3, "m": 3, "d": 3, "T": 3}, 0.17),
        (tendencies.accumulation_tendency, dynamics.noisy, "any directions", {"n": 3, "T": 1}, 0.78),
        (tendencies.flat_directions_tendency, curvature_strategies.two_layers, "any weights",
         {"n": 3, "h": 3, "m": 3}, 0.17),
        (tendencies.flat_directions_tendency, curvature_strategies.two_layers, "reversed",
         {"n": 3, "h": 3, "m": 3}, 0.0),
        (tendencies.low_rank_tendency, curvature_strategies.estimate, "small error", {"m": 2, "n": 2, "r": 1}, 0.13),
        (tendencies.sgd_low_rank, curvature_strategies.sgd_run, "noisy labels",
         {"n": 2, "m": 2, "h": 2, "N": 3, "T": 1}, 0.52),
        (tendencies.sgd_flatness, curvature_strategies.sgd_run, "noisy labels",
         {"n": 2, "m": 2, "h": 2, "N": 3, "T": 1}, 0.88),
        (tendencies.alignment_tendency, recipes.fit, "moderate start", {"m": 3, "n": 3, "r": 2, "T": 10}, 0.99),
    ],
)  # fmt: skip
def test_tables_of_tendencies(statement: Any, build: Builder, law: str, sizes: dict[str, int], expected: float) -> None:
    """Other runs than those of the tables agree with them within four standard errors and the rounding to a point."""
    measured = share(Claim(key="a/tendency", statement=statement), build, law, sizes, count=2048, seed=1)
    assert measured.live > 1000
    assert abs(measured.value - expected) < 4 * measured.error + 0.006


# mutations: a wrong constant, index or sign is found


def wrong_covariance(case: MinibatchCase, num: Any) -> Iterator[Any]:
    """Drawing without replacement, but N for N - 1."""
    N, b = stochastic_gradients.samples(case), case.batch
    g = stochastic_gradients.gradients(case, case.start, num)
    full = stochastic_gradients.mean(g, num)
    spread = stochastic_gradients.second_moment(g, num) - num.outer(full, full)
    ours = stochastic_gradients.second_moment(stochastic_gradients.noise(case, num), num)
    yield conclude(equal(ours, num.times(num.number(N - b, b * N), spread), scale=num.frobenius_norm_squared(g)))


def wrong_contraction(case: RegressionCase, num: Any) -> Iterator[Any]:
    """1 + eta lambda for 1 - eta lambda."""
    yield gradient_dynamics.regular(case, num)
    Q, eigenvalues = gradient_dynamics.eigen(case, num)
    best = gradient_dynamics.limit(case, num)
    run = gradient_dynamics.descent(case.start.matrix, case, num)
    factors = 1 + num.times(case.step[..., 0], eigenvalues)
    yield conclude(equal((run[1] - best) @ Q, ((run[0] - best) @ Q) * factors[..., None, :]))


def wrong_stationary(case: NoiseCase, num: Any) -> Iterator[Any]:
    """eta c / (2 h), the limit of small steps."""
    S = noise_drift.stationary_covariance(case, num)
    h, eta = case.hessian[..., 0, 0], case.step[..., 0]
    yield conclude(equal(2 * h * S[..., 0, 0], eta * case.noise[..., 0]))


@pytest.mark.parametrize(
    ("statement", "strategy"),
    [
        (wrong_covariance, dynamics.minibatches()),
        (wrong_contraction, dynamics.regressions(only=("any directions",))),
        (wrong_stationary, dynamics.noises(only=("diagonal",))),
    ],
)
def test_mutations_are_found(statement: Any, strategy: Any) -> None:
    found = hunt(Claim(key="a/mutation", statement=statement), strategy, recipes=20, shrink=False)
    assert found.outcome == "refuted"


def test_an_svd_that_is_none_is_refused() -> None:
    case = scalar_run(x=1, y=1, w=1, step=1, steps=1)
    false = RegressionCase(
        SVD(matrix([[1, 1], [0, 1]]), column(2, 1), matrix([[1, 0], [0, 1]])),
        matrix([[1, 1]]), SVD(matrix([[1]]), column(1), matrix([[1], [0]])), matrix([[0, 0]]), column(1), 1,
    )  # fmt: skip
    assert check(gradient_dynamics.independent_modes, case, Rational()).outcome is Outcome.HOLDS
    with pytest.raises(Unsupported):
        check(gradient_dynamics.independent_modes, false, Rational())
