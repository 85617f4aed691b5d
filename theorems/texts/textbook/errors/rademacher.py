"""Textbook, 11.2.5: Rademacher complexities of rank-bounded classes (Theorem 11.19, Corollary 11.7), by enumerating
signs.

The empirical complexity of a class H of m x n matrices W on a sample X_1, ..., X_N, with the functionals <W, X_i>, is

    R_N(H) = E_eps sup_{W in H} (1/N) sum_i eps_i <W, X_i> = E_eps sup_{W in H} <W, S_eps> / N,   S_eps = sum_i eps_i
    X_i.

For H = {rank <= r, ||W||_2 <= b} the supremum is b (sigma_1 + ... + sigma_r)(S_eps).  The expectation is a finite sum
over the 2^N sign vectors (over 2^(N-1), since -eps gives the same value), so that it is taken exactly.  The source
writes n both for the number of columns and for the number of samples; here the latter is N.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from theorems.case import Array
from theorems.claim import Source
from theorems.facts import not_needed
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, less_than, suppose
from theorems.texts.textbook.spectra.cases import SampleCase

Steps = Iterator[Suppose | Conclude]


def signed_sums(inputs: Sequence[Array]) -> list[Array]:
    """S_eps for the sign vectors with eps_1 = 1."""
    sums = []
    for signs in itertools.product((1, -1), repeat=len(inputs) - 1):
        total = inputs[0]
        for sign, X in zip(signs, inputs[1:], strict=True):
            total = total + sign * X
        sums.append(total)
    return sums


def complexity(inputs: Sequence[Array], rank: int, norm_bound: Any, num: Num) -> Any:
    """N R_N of {rank(W) <= r, ||W||_2 <= b}, with the functionals <W, X_i>."""
    sums = signed_sums(inputs)
    total = num.number(0)
    for S in sums:
        for i in range(1, min(rank, *S.shape[-2:]) + 1):
            total = total + num.singular_value(S, i)
    return total * norm_bound / len(sums)


def vector_inputs(case: SampleCase, num: Num) -> list[Array]:
    """The matrices e_j x_i^T, j = 1..m, for the first row x_i of each X_i: one sign for each output and each input.

    sum_i <eps_i, W x_i> = <W, sum_{i,j} eps_ij e_j x_i^T>, which turns the vector-valued class into functionals.
    """
    m = case.inputs[0].shape[-2]
    unit = num.identity(m)
    return [num.outer(unit[..., j], X[..., 0, :]) for X in case.inputs for j in range(m)]


def _bound(case: SampleCase, rank: int, num: Num) -> Any:
    """N times the printed bound: sigma_max sqrt(N) sqrt(r min(m, n))."""
    return case.norm_bound[..., 0] * num.sqrt(num.number(len(case.inputs) * rank * min(case.inputs[0].shape[-2:])))


def _norm_bounded(case: SampleCase, num: Num) -> Steps:
    yield suppose(less_than(num.number(0), case.norm_bound[..., 0]), "sigma_max > 0")


def _unit_inputs(case: SampleCase, num: Num) -> Steps:
    for X in case.inputs:
        yield suppose(at_most(num.frobenius_norm_squared(X), num.number(1)), "||X_i||_F <= 1")


def rank_alone(case: SampleCase, num: Num) -> Steps:
    """Theorem 11.19: R_N({W : rank(W) <= r}) <= sigma_max sqrt(r min(m, n)) / sqrt(N).

    The class has no bound on its norm, so sigma_max, "the largest singular value of the weight matrix", belongs to no
    matrix in particular: it is taken as a number on which the bound is to hold.  Obstruction: the class contains some
    W and -W, so that N R_N >= E |<W, S_eps>|; multiples of W exceed every bound.

    Hypotheses  sigma_max > 0; W has rank at most r; ||X_i||_F <= 1
    Conclusion  E |<W, S_eps>| <= sigma_max sqrt(N r min(m, n)), a necessary condition
    """
    yield from _norm_bounded(case, num)
    yield from _unit_inputs(case, num)
    W, sums = case.weight.matrix, signed_sums(case.inputs)
    total = num.number(0)
    for S in sums:
        total = total + num.absolute(num.trace(W.mT @ S))
    yield conclude(at_most(total / len(sums), _bound(case, case.rank, num)), "N R_N <= the bound")


def norm_bounded_class(case: SampleCase, num: Num) -> Steps:
    """Theorem 11.19 for {rank(W) <= r, ||W||_2 <= sigma_max}, as printed otherwise: no bound on the inputs.

    Hypotheses  sigma_max > 0
    Conclusion  R_N <= sigma_max sqrt(r min(m, n)) / sqrt(N)
    """
    yield from _norm_bounded(case, num)
    value = complexity(case.inputs, case.rank, case.norm_bound[..., 0], num)
    yield conclude(at_most(value, _bound(case, case.rank, num)), "N R_N <= the bound")


def spectrally_unit_inputs(case: SampleCase, num: Num) -> Steps:
    """Theorem 11.19, repaired tightly: functionals <W, X_i> with ||W||_2 <= sigma_max and ||X_i||_2 <= 1.

    sigma_1 + ... + sigma_r <= sqrt(r) ||S||_F, and E ||S||_F <= sqrt(sum ||X_i||_F^2) <= sqrt(N min(m, n)): this is the
    printed bound, with its factor min(m, n).  One input X = I and r = n attain it.

    Hypotheses  sigma_max > 0; ||X_i||_2 <= 1
    Conclusion  R_N <= sigma_max sqrt(r min(m, n)) / sqrt(N)
    """
    yield from _norm_bounded(case, num)
    for X in case.inputs:
        yield suppose(at_most(num.spectral_norm(X), num.number(1)), "||X_i||_2 <= 1")
    value = complexity(case.inputs, case.rank, case.norm_bound[..., 0], num)
    yield conclude(at_most(value, _bound(case, case.rank, num)), "N R_N <= the bound")


def unit_inputs(case: SampleCase, num: Num) -> Steps:
    """Theorem 11.19, repaired: functionals <W, X_i> with ||W||_2 <= sigma_max and ||X_i||_F <= 1.

    sigma_1 + ... + sigma_r <= sqrt(r) ||S||_F, and E ||S||_F <= sqrt(sum ||X_i||_F^2) <= sqrt(N).

    Hypotheses  sigma_max > 0; ||X_i||_F <= 1
    Conclusion  R_N <= sigma_max sqrt(r min(m, n)) / sqrt(N)
    """
    yield from _norm_bounded(case, num)
    yield from _unit_inputs(case, num)
    value = complexity(case.inputs, case.rank, case.norm_bound[..., 0], num)
    yield conclude(at_most(value, _bound(case, case.rank, num)), "N R_N <= the bound")


def inputs_in_the_bound(case: SampleCase, num: Num) -> Steps:
    """Theorem 11.19, sharpened: R_N <= sigma_max sqrt(r) sqrt(sum_i ||X_i||_F^2) / N, without the factor min(m, n).

    Hypotheses  sigma_max > 0
    """
    yield from _norm_bounded(case, num)
    value = complexity(case.inputs, case.rank, case.norm_bound[..., 0], num)
    energy = num.frobenius_norm_squared(case.inputs[0])
    for X in case.inputs[1:]:
        energy = energy + num.frobenius_norm_squared(X)
    bound = case.norm_bound[..., 0] * num.sqrt(case.rank * energy)
    yield conclude(at_most(value, bound), "N R_N <= sigma_max sqrt(r sum ||X_i||_F^2)")


def vector_valued(case: SampleCase, num: Num) -> Steps:
    """Theorem 11.19 for the layer x -> W x itself, a sign for each output, ||x_i|| <= 1: the printed bound.

    Hypotheses  sigma_max > 0; ||x_i||_2 <= 1 (the first rows of the X_i)
    Conclusion  R_N <= sigma_max sqrt(r min(m, n)) / sqrt(N)
    """
    yield from _norm_bounded(case, num)
    yield from _unit_inputs(case, num)
    value = complexity(vector_inputs(case, num), case.rank, case.norm_bound[..., 0], num)
    yield conclude(at_most(value, _bound(case, case.rank, num)), "N R_N <= the bound")


def vector_valued_by_outputs(case: SampleCase, num: Num) -> Steps:
    """Theorem 11.19 for the layer x -> W x, repaired: it is the number m of outputs, not min(m, n), that enters.

    E ||S||_F^2 = m sum_i ||x_i||^2 for S = sum_i eps_i x_i^T with m signs in each eps_i.

    Hypotheses  sigma_max > 0; ||x_i||_2 <= 1
    Conclusion  R_N <= sigma_max sqrt(r m) / sqrt(N)
    """
    yield from _norm_bounded(case, num)
    yield from _unit_inputs(case, num)
    value = complexity(vector_inputs(case, num), case.rank, case.norm_bound[..., 0], num)
    m = case.inputs[0].shape[-2]
    bound = case.norm_bound[..., 0] * num.sqrt(num.number(len(case.inputs) * case.rank * m))
    yield conclude(at_most(value, bound), "N R_N <= sigma_max sqrt(N r m)")


# Corollary 11.7 ------------------------------------------------------------------------------------------------------


def rank_reduces_complexity(case: SampleCase, num: Num) -> Steps:
    """Corollary 11.7: the class of rank at most r is less complex than the class without the constraint, strictly.

    Hypotheses  r < min(m, n); sigma_max > 0; not all inputs are zero
    Conclusion  R_N(H_r) < R_N(H_min(m,n))
    """
    yield suppose(case.rank < min(case.inputs[0].shape[-2:]), "r < min(m, n)")
    yield from _norm_bounded(case, num)
    b = case.norm_bound[..., 0]
    energy = num.frobenius_norm_squared(case.inputs[0])
    for X in case.inputs[1:]:
        energy = energy + num.frobenius_norm_squared(X)
    yield suppose(less_than(num.number(0), energy), "not all inputs are zero")
    low = complexity(case.inputs, case.rank, b, num)
    gain = low * 0
    sums = signed_sums(case.inputs)
    for S in sums:
        for i in range(case.rank + 1, min(S.shape[-2:]) + 1):
            gain = gain + num.singular_value(S, i) * b
    yield conclude(less_than(num.number(0), gain / len(sums), scale=low), "the constraint gains something")


def rank_scales_complexity(case: SampleCase, num: Num) -> Steps:
    """Corollary 11.7, "significantly": the complexity falls as the bounds do, by sqrt(r / min(m, n)).

    Hypotheses  r < min(m, n); sigma_max > 0
    Conclusion  R_N(H_r) <= sqrt(r / min(m, n)) R_N(H_min(m,n))
    """
    k = min(case.inputs[0].shape[-2:])
    yield suppose(case.rank < k, "r < min(m, n)")
    yield from _norm_bounded(case, num)
    b = case.norm_bound[..., 0]
    low, full = (complexity(case.inputs, r, b, num) for r in (case.rank, k))
    yield conclude(
        at_most(low * num.sqrt(num.number(k)), full * num.sqrt(num.number(case.rank))), "the ratio of the bounds"
    )


def rank_never_hurts(case: SampleCase, num: Num) -> Steps:
    """Corollary 11.7, repaired: r / min(m, n) R_N(H_full) <= R_N(H_r) <= R_N(H_full), and no more can be said.

    The first r of min(m, n) descending singular values sum to their share at least; the second inequality is that of a
    subset (here: the two sums of the same values).  Inputs of rank one give equality on the right, multiples of the
    identity on the left.

    Hypotheses  sigma_max > 0; r <= min(m, n)
    """
    k = min(case.inputs[0].shape[-2:])
    r = min(case.rank, k)
    yield from _norm_bounded(case, num)
    sums = signed_sums(case.inputs)
    for S in sums:
        values = [num.singular_value(S, i) for i in range(1, k + 1)]
        head = values[0]
        for value in values[1:r]:
            head = head + value
        full = head
        for value in values[r:]:
            full = full + value
        scale = num.frobenius_norm(S)
        yield conclude(at_most(head, full, scale=scale), "R_N(H_r) <= R_N(H_full)")
        yield conclude(at_most(r * full, k * head, scale=k * scale), "r / min(m, n) R_N(H_full) <= R_N(H_r)")


_THEOREM = Source("textbook", "Theorem 11.19", "11.2.5")
_COROLLARY = Source("textbook", "Corollary 11.7", "11.2.5")

CLAIMS = (
    _THEOREM.gap(
        "textbook/theorem-11.19", rank_alone,
        "rank <= r bounds no norm: the class has infinite complexity, whatever sigma_max; 1 x 1, one input",
        place="Theorem 11.19", printed="R_n({W : rank(W) <= r}) <= sigma_max / sqrt(n) sqrt(r min(m, n))",
        why=(
            "A bound of the rank bounds no norm: with W every multiple of it is in the class, and its complexity "
            "is infinite. With ||W||_2 <= sigma_max and inputs of norm at most one the bound holds."
        ),
        repaired_by="textbook/theorem-11.19:repaired",
    ),
    _THEOREM.gap(
        "textbook/theorem-11.19:norm-bounded", norm_bounded_class,
        "the scale of the inputs is missing: the single 1 x 1 input 2 doubles the left side",
        repaired_by="textbook/theorem-11.19:repaired",
    ),
    _THEOREM.stands(
        "textbook/theorem-11.19:repaired", unit_inputs,
        "Cauchy-Schwarz and Jensen give sigma_max sqrt(r / N) for unit inputs: min(m, n) is not even needed",
    ),
    _THEOREM.stands(
        "textbook/theorem-11.19:spectral-inputs", spectrally_unit_inputs,
        "||X_i||_F^2 <= min(m, n) ||X_i||_2^2; N = 1, X = I and r = n attain the bound",
    ),
    _THEOREM.stands(
        "textbook/theorem-11.19:sharpened", inputs_in_the_bound,
        "nuclear norm of rank r at most sqrt(r) ||S||_F, and E ||S||_F^2 = sum ||X_i||_F^2",
    ),
    _THEOREM.false(
        "textbook/theorem-11.19:vector-valued", vector_valued,
        "two outputs of one number (m = 2, n = 1): sqrt(2) > 1; min(m, n) is m wherever m <= n, which holds",
        repaired_by="textbook/theorem-11.19:vector-valued-repaired",
    ),
    _THEOREM.stands(
        "textbook/theorem-11.19:vector-valued-repaired", vector_valued_by_outputs,
        "E ||sum eps_i x_i^T||_F^2 = m sum ||x_i||^2",
    ),
    _COROLLARY.gap(
        "textbook/corollary-11.7", rank_reduces_complexity,
        "inputs that are multiples of one rank-one matrix: both classes are equally complex; r < min(m, n) "
        "needs 2 x 2",
        place="Corollary 11.7", printed="rank(W) <= r significantly lowers the complexity",
        repaired_by="textbook/corollary-11.7:repaired",
    ),
    _COROLLARY.false(
        "textbook/corollary-11.7:ratio", rank_scales_complexity,
        "bounds compared are not complexities compared: X = diag(1, 0), r = 1 of 2 has the ratio 1, not "
        "sqrt(1/2)",
        repaired_by="textbook/corollary-11.7:repaired",
    ),
    _COROLLARY.stands(
        "textbook/corollary-11.7:repaired", rank_never_hurts,
        "sums of descending non-negative values; both ends are attained",
        about={"sigma_max > 0": not_needed("sigma_max is a factor of all three complexities, and is left out")},
    ),
)  # fmt: skip
