"""Textbook, 11.2.1: the cumulative energy ratio of Definition 11.16, and what the modules on spectra share."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeVar

from theorems.case import SVD, Array
from theorems.claim import Source
from theorems.models.linear import TwoDecompositionsCase
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.textbook.spectra.cases import SpectrumCase
from theorems.texts.zeng_lee.arguments import SVDS

Steps = Iterator[Suppose | Conclude]

C = TypeVar("C")

NOT_ZERO = "W is not zero"


def verified(case: C, num: Num) -> C:
    """The case with each decomposition replaced by `num.svd` of its matrix: verified in exact arithmetics, found in
    floats.

    A case may carry any U, s, V; a statement must speak of decompositions only.
    """
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(case):  # type: ignore[arg-type]
        value = getattr(case, field.name)
        if isinstance(value, SVD):
            changes[field.name] = num.svd(value.matrix)
        elif isinstance(value, tuple) and value and isinstance(value[0], SVD):
            changes[field.name] = tuple(num.svd(d.matrix) for d in value)
    return dataclasses.replace(case, **changes)  # type: ignore[type-var]


def truncated(d: SVD, k: int) -> Array:
    """W_k, the sum of the first k terms sigma_i u_i v_i^T of one given SVD."""
    return SVD(d.U[..., :k], d.s[..., :k], d.V[..., :k]).matrix


def sigma(d: SVD, i: int, num: Num) -> Any:
    """sigma_i read off an SVD, i >= 1; zero beyond the last one."""
    return d.s[..., i - 1] if i <= d.s.shape[-1] else num.number(0)


def energy(s: Array, k: int, num: Num) -> Any:
    """E(k): the share of the first k values in the sum of all squares."""
    return num.norm_squared(s[..., :k]) / num.norm_squared(s)


def not_zero(d: SVD, num: Num) -> Steps:
    """The hypothesis under which energy ratios are defined."""
    yield suppose(less_than(num.number(0), num.norm_squared(d.s)), NOT_ZERO)


def distinct_values(d: SVD, num: Num) -> Steps:
    """The hypothesis under which every W_k is unique: what a counterexample should not owe to the choice of an SVD."""
    for i in range(d.s.shape[-1] - 1):
        yield suppose(less_than(d.s[..., i + 1], d.s[..., i], scale=d.s[..., 0]), "the singular values differ")


def threshold_rank(s: Array, tau: Any, num: Num) -> Any:
    """r_eff(tau) = min {k : E(k) >= tau}, an integer (one for each member), for tau <= 1 and s not zero.

    It counts the k = 0, 1, ... whose energy falls short: E is monotone, so these come first.
    """
    total = num.norm_squared(s)
    short = [
        num.indicator(less_than(num.norm_squared(s[..., :k]), tau * total, scale=total)) for k in range(s.shape[-1])
    ]
    return sum(short[1:], short[0])


# Definition 11.16: E(k) ---------------------------------------------------------------------------------------------


def energy_is_defined(case: SpectrumCase, num: Num) -> Steps:
    """Definition 11.16, energy: E(k) is defined for every weight matrix W in R^{m x n}.

    Its denominator is ||W||_F^2.  (Read with the line before it, sigma_r > 0, the matrix has a rank r >= 1; the
    definition itself does not ask for it.)

    Conclusion  ||W||_F^2 > 0
    """
    yield conclude(less_than(num.number(0), num.frobenius_norm_squared(case.matrix)), "the denominator is not zero")


def energy_by_norms(case: SpectrumCase, num: Num) -> Steps:
    """Definition 11.16, energy: the ratio of sums of squares is ||W_k||_F^2 / ||W||_F^2, and a share that grows with k.

    Both norms are taken of the matrices.

    Hypotheses  W != 0
    Conclusion  the two expressions agree for k = 0..min(m, n); 0 <= E(k) <= E(k + 1) <= 1, and E(rank W) = 1
    """
    W, d = case.matrix, num.svd(case.matrix)
    yield from not_zero(d, num)
    whole = num.frobenius_norm_squared(W)
    before = num.number(0)
    for k in range(d.s.shape[-1] + 1):
        share = num.frobenius_norm_squared(truncated(d, k)) / whole
        yield conclude(equal(share, energy(d.s, k, num), scale=num.number(1)), "both expressions for E(k) agree")
        yield conclude(at_most(before, share, scale=num.number(1)), "E(k) does not decrease")
        before = share
    yield conclude(equal(before, num.number(1), scale=num.number(1)), "E(min(m, n)) = 1")


def energy_is_invariant(case: SpectrumCase, num: Num) -> Steps:
    """Definition 11.16, energy: E(k) depends on neither the scale nor the orientation of W.

    The turned and scaled matrix is -3 P W with the exchange P of rows; its SVD is (-P U, 3 s, V).

    Hypotheses  W != 0
    Conclusion  ||(c P W)_k||_F^2 / ||c P W||_F^2 is that of W, and of W^T
    """
    W, d, k = case.matrix, num.svd(case.matrix), case.rank
    yield from not_zero(d, num)
    share = energy(d.s, k, num)
    turned = SVD(-d.U[..., ::-1, :], 3 * d.s, d.V)
    whole = num.frobenius_norm_squared(-3 * W[..., ::-1, :])
    yield conclude(equal(turned.matrix, -3 * W[..., ::-1, :]), "the turned decomposition is that of the turned matrix")
    yield conclude(
        equal(num.frobenius_norm_squared(truncated(turned, k)) / whole, share, scale=num.number(1)), "turned and scaled"
    )
    transposed = SVD(d.V, d.s, d.U)
    yield conclude(
        equal(num.frobenius_norm_squared(truncated(transposed, k)) / whole * 9, share, scale=num.number(1)),
        "transposed",
    )


def truncation_is_well_defined(case: TwoDecompositionsCase, num: Num) -> Steps:
    """Definition 11.16: "the" truncated SVD W_k is a function of W, whichever SVD is taken.

    Hypotheses  two SVDs of one matrix W != 0
    Conclusion  both give the same W_k
    """
    yield from _two_decompositions(case, num)
    k, top = case.rank, sigma(case.first, 1, num)
    yield conclude(equal(truncated(case.first, k), truncated(case.second, k), scale=top), "both give the same W_k")


def _two_decompositions(case: TwoDecompositionsCase, num: Num) -> Steps:
    top = sigma(case.first, 1, num)
    yield from not_zero(case.first, num)
    yield suppose(equal(case.first.matrix, case.second.matrix, scale=top), "both are decompositions of W")
    for d in (case.first, case.second):
        for Q in (d.U, d.V):
            yield suppose(equal(Q.mT @ Q, num.identity(Q.shape[-1])), "U and V are orthogonal")
        yield suppose(at_most(d.s[..., 1:], d.s[..., :-1], scale=top), "the singular values descend")
        yield suppose(at_most(num.number(0), d.s[..., -1], scale=top), "no singular value is negative")


def energy_is_well_defined(case: TwoDecompositionsCase, num: Num) -> Steps:
    """Definition 11.16: E(k) is a function of W, whichever SVD is taken, ties or not.

    Hypotheses  two SVDs of one matrix W != 0
    Conclusion  ||W_k||_F^2 / ||W||_F^2 is the same for both
    """
    yield from _two_decompositions(case, num)
    whole = num.frobenius_norm_squared(case.first.matrix)
    one, two = (num.frobenius_norm_squared(truncated(d, case.rank)) / whole for d in (case.first, case.second))
    yield conclude(equal(one, two, scale=num.number(1)), "both give the same E(k)")


_ENERGY = Source("textbook", "Definition 11.16", "11.2.1")

ENERGY = (
    _ENERGY.gap(
        "textbook/definition-11.16.energy:every-matrix", energy_is_defined,
        "the zero matrix has no energy to share; 1 x 1 is the smallest size there is",
        repaired_by="textbook/definition-11.16.energy",
    ),
    _ENERGY.stands(
        "textbook/definition-11.16.energy", energy_by_norms,
        "the Frobenius norm is invariant under orthogonal factors; squares are not negative",
    ),
    _ENERGY.stands(
        "textbook/definition-11.16.energy:invariances", energy_is_invariant,
        "scaling multiplies numerator and denominator alike; turning and transposing keep the singular values",
    ),
    _ENERGY.gap(
        "textbook/definition-11.16.truncation:unique", truncation_is_well_defined,
        "at a tie sigma_k = sigma_{k+1} two SVDs give two W_k; 1 x 1 has no tie, so 2 x 2 is smallest",
        repaired_by="textbook/definition-11.16.truncation:energy",
    ),
    _ENERGY.stands(
        "textbook/definition-11.16.truncation:energy", energy_is_well_defined,
        "the singular values are unique, whatever the vectors: E(k) survives every tie",
        about=dict.fromkeys(("the singular values descend", "no singular value is negative"), SVDS),
    ),
)  # fmt: skip
