"""Certified singular values, least errors and truncations, against exact rational arithmetic."""

from __future__ import annotations

import flint
import numpy as np
import pytest

from tests.exact_spectra import (
    eigenvalues_above,
    eigenvalues_from,
    exact,
    gram,
    power_of_two,
    rational,
    squared,
    tail_sums,
    trace,
)
from theorems.weights import certified as module
from theorems.weights.certified import Matrix, certified, scaled, scaled_product, truncation
from theorems.weights.chains import ball, plus, spectrum_of, times
from theorems.weights.changes import Difference
from theorems.weights.rounding import distance
from theorems.weights.stored import Floats, Held


def require_sound(E: Matrix) -> None:
    """Every bound of the certificate of E, and of all its truncations, holds exactly."""
    spectrum = certified(E)
    truth = exact(E)
    G, n = gram(truth), truth.ncols()
    for r in range(len(spectrum.values) + 1):
        bounds = spectrum.least_spectral(r)
        if r < n:
            assert eigenvalues_above(G, squared(bounds.high)) <= r
            assert bounds.low == 0 or eigenvalues_from(G, squared(bounds.low)) >= r + 1
        else:
            assert bounds.low == bounds.high == 0
    least, most = spectrum.rank
    assert least <= truth.rank() <= most
    with flint.ctx.workprec(3000):
        sums = tail_sums(gram(truth * power_of_two(-E.exponent)))
        for r in range(len(spectrum.values) + 1):
            low, high = (flint.arb(squared(float(b[r]))) for b in spectrum.frobenius)
            assert not low > sums[r]
            assert not high < sums[r]
    for r in range(len(spectrum.values) + 1):
        made = truncation(spectrum, r)
        assert made.rank == r
        missed = gram(truth - rational(made.B) * rational(made.A))
        assert trace(missed) <= squared(made.frobenius.high)
        assert eigenvalues_above(missed, squared(made.spectral.high)) == 0
        assert eigenvalues_from(missed, squared(made.spectral.low)) >= 1 or made.spectral.low == 0
        assert trace(missed) >= squared(made.frobenius.low)


# Matrices ------------------------------------------------------------------------------------------------------------


def drawn(kind: str, seed: int) -> Floats:
    generator = np.random.default_rng([seed, len(kind)])
    m, n = (int(k) for k in generator.integers(1, 7, size=2))
    G = generator.standard_normal((m, n))
    if kind == "gaussian":
        return G
    if kind == "graded":
        return G * 2.0 ** generator.integers(-60, 60, size=(m, 1))
    if kind == "wild":  # a dynamic range that squares cannot hold
        return np.asarray(np.ldexp(G, generator.integers(-1060, 500, size=(m, n))))
    if kind == "tiny":
        return np.asarray(np.ldexp(np.rint(8 * G), -1074))
    if kind == "huge":
        return np.asarray(np.ldexp(G, 1018))
    if kind == "ties":
        return np.asarray(np.linalg.qr(generator.standard_normal((m, m)))[0] * 3.0)
    if kind == "low rank":
        return np.outer(np.rint(4 * G[:, 0]), np.rint(4 * generator.standard_normal(n)))
    if kind == "near low rank":
        return np.outer(G[:, 0], G[0]) + 1e-14 * generator.standard_normal((m, n))
    if kind == "integers":
        return np.rint(G)
    raise AssertionError(kind)


KINDS = ("gaussian", "graded", "wild", "tiny", "huge", "ties", "low rank", "near low rank", "integers")


@pytest.mark.parametrize("kind", KINDS)
def test_every_bound_contains_the_exact_value(kind: str) -> None:
    for seed in range(12):
        require_sound(scaled(drawn(kind, seed)))


@pytest.mark.parametrize("kind", ["gaussian", "graded", "integers", "low rank"])
@pytest.mark.parametrize("factor", [1.0, 2.0, -0.3, 1.0 / 3.0, 1e-40, 0.0])
def test_products_of_factors_are_certified_without_being_formed(kind: str, factor: float) -> None:
    for seed in range(3):
        left = drawn(kind, seed)
        right = np.random.default_rng(seed).standard_normal((left.shape[1], 4))
        E = scaled_product(left, right, factor)
        require_sound(E)
        assert certified(E).rank[1] <= min(left.shape[1], *E.shape)


def test_a_matrix_known_up_to_a_slack_is_covered_wherever_it_is() -> None:
    generator = np.random.default_rng(3)
    for _ in range(20):
        centre = generator.standard_normal((4, 3))
        off = generator.standard_normal((4, 3))
        off *= 1e-3 / np.linalg.norm(off)
        spectrum = certified(scaled(centre, 1.0001e-3))
        G = gram(rational(centre) + rational(off))
        for r in range(3):
            bounds = spectrum.least_spectral(r)
            assert eigenvalues_above(G, squared(bounds.high)) <= r
            assert eigenvalues_from(G, squared(bounds.low)) >= r + 1


def test_the_bounds_are_tight_enough_to_be_of_use() -> None:
    spectrum = certified(scaled(np.random.default_rng(0).standard_normal((200, 120))))
    for low, high in (spectrum.spectral, spectrum.frobenius):
        assert (high[:-1] - low[:-1] <= 1e-9 * high[:1]).all()
    made = truncation(spectrum, 60)
    assert made.dtype == "float32"
    assert made.frobenius.high <= made.frobenius.low * (1 + 1e-6)
    assert made.spectral.high <= made.spectral.low * (1 + 1e-6)


def test_zero_is_zero_for_certain() -> None:
    for E in (scaled(np.zeros((3, 2))), scaled_product(np.ones((3, 1)), np.zeros((1, 2)))):
        spectrum = certified(E)
        assert spectrum.is_zero
        assert spectrum.rank == (0, 0)
        assert spectrum.least_spectral(0).high == spectrum.least_frobenius(0).high == 0.0
        assert truncation(spectrum, 0).frobenius.high == 0.0


def test_a_wrong_decomposition_gives_wide_bounds_and_no_wrong_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(5)
    right = module._svd

    def wrong(A: Floats) -> tuple[Floats, Floats, Floats]:
        U, s, Vt = right(A)
        return U + 0.02 * generator.standard_normal(U.shape), s * (1 + 0.05 * generator.random()), Vt

    monkeypatch.setattr(module, "_svd", wrong)
    for kind in ("gaussian", "integers", "ties"):
        for seed in range(6):
            require_sound(scaled(drawn(kind, seed)))


def test_the_distance_is_at_least_the_exact_one() -> None:
    generator = np.random.default_rng(1)
    for _ in range(30):
        m, n, k = (int(x) for x in generator.integers(1, 7, size=3))
        X, Y = generator.standard_normal((m, k)), generator.standard_normal((k, n))
        d = np.ldexp(generator.standard_normal(k), generator.integers(-30, 2, size=k))
        E = (X * d) @ Y  # as near as floats come
        missed = rational(E) - rational(X) * rational(np.diag(d)) * rational(Y)
        assert trace(gram(missed)) <= squared(distance(E, X, d, Y))


# What goes in --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spread", [2, 40, 1000])
def test_the_rounding_of_a_difference_is_within_its_slack(spread: int) -> None:
    generator, rounded = np.random.default_rng(spread), 0
    for _ in range(20):
        old, new = (
            np.ldexp(generator.standard_normal((4, 3)), generator.integers(-spread, min(spread, 900), size=(4, 3)))
            for _ in range(2)
        )
        E, _ = Difference("w", Held(old, "F64", "old"), Held(new, "F64", "new")).load()
        missed = (rational(new) - rational(old)) * power_of_two(-E.exponent) - rational(E.centre)
        off = trace(gram(missed))
        assert off <= squared(E.slack)
        rounded += off > 0
        assert E.slack < 1e-14
    assert rounded > 10


def test_products_and_sums_of_balls_contain_those_of_their_members() -> None:
    generator = np.random.default_rng(2)
    for _ in range(40):
        balls, members = [], []
        for _ in range(2):
            centre, off = generator.standard_normal((2, 3, 3)) * 2.0 ** int(generator.integers(-20, 20))
            radius = float(np.linalg.norm(off)) * (1 + 1e-12)
            balls.append(ball(centre, radius))
            members.append(rational(centre) + rational(off))
        for made, truth in (
            (times(balls[0], balls[1]), members[0] * members[1]),
            (plus(balls[0], balls[1]), members[0] + members[1]),
            (plus(balls[0], balls[1], sign=-1.0), members[0] - members[1]),
        ):
            missed = truth * power_of_two(-made.exponent) - rational(made.centre)
            assert trace(gram(missed)) <= squared(made.radius)
            assert spectrum_of(made).least_frobenius(0).high ** 2 * (1 + 1e-12) >= float(trace(gram(truth)))


def test_a_product_of_single_matrices_is_rounded_within_its_ball() -> None:
    generator = np.random.default_rng(4)
    A, B = generator.standard_normal((2, 6, 6))
    made = times(ball(A), ball(B))
    missed = rational(A) * rational(B) * power_of_two(-made.exponent) - rational(made.centre)
    assert 0 < trace(gram(missed)) <= squared(made.radius)
    assert made.radius < 1e-13


def test_a_sum_of_single_matrices_is_rounded_within_its_ball() -> None:
    generator = np.random.default_rng(6)
    A, B = generator.standard_normal((6, 6)), 1e-9 * generator.standard_normal((6, 6))
    made = plus(ball(A), ball(B))
    missed = (rational(A) + rational(B)) * power_of_two(-made.exponent) - rational(made.centre)
    assert 0 < trace(gram(missed)) <= squared(made.radius)
