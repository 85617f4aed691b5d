"""Zeng and Lee, Section 2.2 and Appendix E, at every depth: one target layer, inputs uniform on an ellipsoid.

With L-bar = 1 the printed bounds of Theorem 5, Lemma 12 and (index RL) Lemma 11 hold for all instances of given D, L, R
just when D <= RL + 1.  There N = LR_{RL}(E) - E has rank one at most, and ||Sigma||_2 <= ||Sigma||_F does; beyond,
errors of equal size in two directions cost more than one, and bending costs more still (`relu_mean_obstructions`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from theorems.adaptation.error_sizes import largest, magnitudes
from theorems.claim import Claim, Kind, Source
from theorems.models.inputs import UniformNetworkCase
from theorems.models.linear import product
from theorems.num import Num
from theorems.statement import Conclude, conclude, exists, suppose
from theorems.texts.zeng_lee.linear.linear_models import Steps, sigma
from theorems.texts.zeng_lee.relu.assumptions import BLOCKS, assumption_1
from theorems.texts.zeng_lee.relu.construction import (
    Method,
    approximation,
    by_elimination,
    by_equation_8,
    decompositions,
    scalar,
)
from theorems.texts.zeng_lee.relu.linearisation import setting, total_rank
from theorems.texts.zeng_lee.relu.mean_obstructions import mean_norm_floor, mean_square_floor
from theorems.texts.zeng_lee.relu.one_layer import RankOf, every_layer, printed_rank
from theorems.texts.zeng_lee.relu.whole import slope_and_shift

INTERIOR = "the ellipsoid has interior"


def _deep(case: UniformNetworkCase, num: Num) -> Steps:
    yield from every_layer(case.network)
    yield suppose(num.nonsingular(case.axes), INTERIOR)


def _reached(case: UniformNetworkCase, method: Method, num: Num) -> Any:
    """E ||f - f-bar||_2^2 of the centred construction, or more: that of the affine maps before the last ReLU.

    f - f-bar = A x + c before it, so that the mean is tr(A Cov A^T) + ||A E x + c||^2.
    """
    network = case.network
    f = approximation(network, decompositions(network, num), case.ranks, method, num, centred=True).network
    (M, c), (T, d) = slope_and_shift(f, num), slope_and_shift(network.target, num)
    A = M - T
    rest = num.norm_squared(num.apply(A, case.centre) + c - d)
    return num.trace(A @ case.covariance(num) @ A.mT) + rest


def _within(case: UniformNetworkCase, method: Method, bound: Any, num: Num) -> Conclude:
    wanted = num.sqrt(_size_of_target(case, num))
    return conclude(
        exists(
            attained=lambda: num.sqrt(_reached(case, method, num)),
            lower_bound=mean_norm_floor(case, num),
            bound=bound,
            scale=num.maximum(bound, wanted),
        ),
        "E ||f - f-bar||_2 <= the bound",
    )


def _size_of_target(case: UniformNetworkCase, num: Num) -> Any:
    T, c = slope_and_shift(case.network.target, num)
    return num.trace(T @ case.covariance(num) @ T.mT) + num.norm_squared(num.apply(T, case.centre) + c)


def _bound(case: UniformNetworkCase, num: Num) -> Any:
    """beta sigma_{k+1}(E) with beta of the main text, L-bar = 1 and k the sum of the ranks."""
    size = num.sqrt(num.frobenius_norm(case.second_moment(num)))
    norms = [num.frobenius_norm(case.network.target.weights[0])]
    beta = largest([*magnitudes(norms, [num.norm(case.bias)], size, 0, num), size], num)
    return beta * scalar(sigma(decompositions(case.network, num)[0], total_rank(case.network) + 1, num))


def theorem_5(case: UniformNetworkCase, num: Num) -> Steps:
    """Theorem 5, as printed, for one target layer, L >= 2 layers adapted in each, and x uniform on an ellipsoid.

    Obstruction: a target that stays active, small next to beta, with RL + 2 equal singular values of its error on the
    ellipsoid (`mean_norm_floor`): for every D >= RL + 2 there are such instances.

    Hypotheses  Assumption 1 as printed; L >= 2, R >= 1; the ellipsoid has interior
    """
    yield from _deep(case, num)
    network = case.network
    yield from assumption_1(network, decompositions(network, num), num)
    yield _within(case, by_equation_8, _bound(case, num), num)


def theorem_15(case: UniformNetworkCase, num: Num) -> Steps:
    """Theorem 15, error bound with the target's biases, for one block, L >= 2 layers adapted in each, x uniform on an
    ellipsoid.

    Hypotheses  r = 0 of Assumption 2; L >= 2, R_l >= 1; the ellipsoid has interior
    """
    yield from _deep(case, num)
    yield suppose(num.nonsingular(product(case.frozen.weights)), BLOCKS)
    yield _within(case, by_elimination, _bound(case, num), num)


def _square_at_most(case: UniformNetworkCase, rank_of: RankOf, num: Num) -> Steps:
    yield from _deep(case, num)
    network = case.network
    (d,) = decompositions(network, num)
    yield from setting(network, d, num)
    s = scalar(sigma(d, rank_of(network) + 1, num))
    bound = num.frobenius_norm(case.second_moment(num)) * (s * s)
    yield conclude(
        exists(
            attained=lambda: _reached(case, by_equation_8, num),
            lower_bound=mean_square_floor(case, num),
            bound=bound,
            scale=num.maximum(bound, _size_of_target(case, num)),
        ),
        "E ||f - f-bar||^2 <= the bound",
    )


def squared_error(case: UniformNetworkCase, num: Num) -> Steps:
    """Lemma 11, squared error, as printed, at L >= 2 and for x uniform on an ellipsoid: ||Sigma||_F sigma_{R+1}(E)^2.

    Falls just where D - RL > sqrt(D - R), D > RL.

    Hypotheses  those of Lemma 11; L >= 2; the ellipsoid has interior
    """
    yield from _square_at_most(case, printed_rank, num)


def squared_error_with_the_total_rank(case: UniformNetworkCase, num: Num) -> Steps:
    """Lemma 11, squared error with the index RL, and Lemma 12, at L >= 2 and for x uniform on an ellipsoid.

    Hypotheses  those of Lemma 11 (12); L >= 2, R_l >= 1; the ellipsoid has interior
    """
    yield from _square_at_most(case, total_rank, num)


_EVERY = "floor for every adapter and bias at every L, R_l >= 1"
_LEAST = "D = 4, L = 2, R_l = 1: least, as D <= sum R_l + 1 leaves one singular value, which meets the bound"


def _claim(
    key: str,
    statement: Callable[[Any, Any], Steps],
    source: Source,
    repair: str,
    least: str = _LEAST,
    kind: Kind = Kind.FALSE,
) -> Claim:
    reason = f"{_EVERY}, x uniform on an ellipsoid; {least}"
    return source.claim(kind, f"zeng-lee/{key}", statement, reason, repaired_by=f"zeng-lee/{repair}:repaired")


def _source(label: str, section: str) -> Source:
    return Source("zeng-lee", label, section)


AT_EVERY_DEPTH = (
    _claim(
        "lemma-11.squared-error:printed-letter-every-depth",
        squared_error,
        _source("Lemma 11", "Appendix E.1"),
        "lemma-11.squared-error",
        "D = 4, L = 2, R = 1: D - RL > sqrt(D - R) is needed",
        Kind.MISPRINT,
    ),
    _claim(
        "lemma-11.squared-error:every-depth",
        squared_error_with_the_total_rank,
        _source("Lemma 11", "Appendix E.1"),
        "lemma-11.squared-error",
    ),
    _claim(
        "lemma-12.squared-error:every-depth",
        squared_error_with_the_total_rank,
        _source("Lemma 12", "Appendix E.1"),
        "lemma-12.squared-error",
    ),
    _claim(
        "equation-16:every-depth",
        squared_error_with_the_total_rank,
        _source("equation (16)", "Appendix E.2, proof of Theorem 3"),
        "equation-16",
    ),
    _claim("theorem-5:every-depth", theorem_5, _source("Theorem 5", "Section 2.2, Appendix E.2"), "theorem-5"),
    _claim(
        "theorem-15.error-bound:every-depth",
        theorem_15,
        _source("Theorem 15", "Appendix E.3"),
        "theorem-15.error-bound",
    ),
)
