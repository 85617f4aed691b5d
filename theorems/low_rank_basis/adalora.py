"""The textbook section, 11.2.4: variants of LoRA (Table 11.2.3, Definition 11.21, Lemma 11.29)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import SVD, Array
from theorems.claim import Claim, Source, Verdict
from theorems.low_rank_basis.training_cases import FitCase, MagnitudeCase, QuantisedCase
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, exists, less_than, suppose

Steps = Iterator[Suppose | Conclude]


def scaled_product(B: Array, s: Array, A: Array) -> Array:
    """B diag(s) A."""
    result: Array = (B * s[..., None, :]) @ A
    return result


# Table 11.2.3 ---------------------------------------------------------------------------------------------------------


def adalora_rank(case: FitCase, num: Any) -> Steps:
    """Table 11.2.3, AdaLoRA: the scales adjust the rank: rank(B S A) is at most the number of scales that are not zero.

    Evaluated with the scales thinned out from behind, one after the other.
    """
    s = case.scales
    for kept in range(case.rank + 1):
        thinned = num.concatenate([s[..., :kept], s[..., kept:] * 0], -1)
        yield conclude(at_most(num.rank(scaled_product(case.B, thinned, case.A)), kept), "rank(B S A) <= scales kept")


def quantised_weight(case: QuantisedCase, num: Any) -> Array:
    """unit * codes."""
    return num.times(case.unit[..., 0], case.codes)  # type: ignore[no-any-return]


def _rounding(case: QuantisedCase, num: Any) -> Steps:
    unit = case.unit[..., 0]
    yield suppose(less_than(num.number(0), unit), "the unit is positive")
    yield suppose(at_most(num.constant(-8), case.codes), "the codes are 4-bit numbers (-8 <= code)")
    yield suppose(at_most(case.codes, num.constant(7)), "the codes are 4-bit numbers (code <= 7)")
    gap = num.absolute(case.weight - quantised_weight(case, num))
    half = num.times(unit * num.number(1, 2), case.codes * 0 + 1)
    yield suppose(at_most(gap, half), "each entry is rounded to the nearest code")


def qlora_recovers(case: QuantisedCase, num: Any) -> Steps:
    """Table 11.2.3, QLoRA, "quantisation + LoRA": an adapter on the quantised weight can do what it did on the weight itself.

    What it would have to represent is W + B A - unit * codes, the quantisation error included; that has full rank as a
    rule, and no adapter of rank r comes closer than its tail (Eckart and Young).

    Hypotheses  4-bit codes, each entry rounded to the nearest
    Conclusion  some adapter of rank r on the quantised weight gives W + B A
    """
    yield from _rounding(case, num)
    missing = case.weight + case.B @ case.A - quantised_weight(case, num)
    r = case.B.shape[-1]
    scale = num.frobenius_norm(case.weight)

    def attained() -> Any:
        return num.frobenius_norm(missing - case.B @ case.A)

    yield conclude(
        exists(
            attained=attained,
            lower_bound=num.singular_value(missing, r + 1),
            bound=num.number(0),
            scale=num.maximum(scale, num.frobenius_norm(missing)),
        ),
        "some adapter gives W + B A",
    )


def qlora_error(case: QuantisedCase, num: Any) -> Steps:
    """Table 11.2.3, QLoRA, repaired: the same adapter gives W + B A up to unit/2 in each entry.

    Hypotheses  4-bit codes, each entry rounded to the nearest
    Conclusion  ||W + B A - (unit * codes + B A)||_F <= (unit / 2) sqrt(m n)
    """
    yield from _rounding(case, num)
    m, n = case.weight.shape[-2:]
    gap = case.weight + case.B @ case.A - (quantised_weight(case, num) + case.B @ case.A)
    unit = case.unit[..., 0]
    yield conclude(
        at_most(4 * num.frobenius_norm_squared(gap), unit * unit * num.number(m * n)), "the error is at most unit/2 an entry"
    )


def dora(case: MagnitudeCase, num: Any) -> Array:
    """The columns of W_0 + B A, scaled to the lengths `magnitudes`."""
    V = case.frozen + case.B @ case.A
    columns = []
    for j in range(V.shape[-1]):
        v = V[..., :, j]
        columns.append(num.times(case.magnitudes[..., j] / num.norm(v), v)[..., :, None])
    return num.concatenate(columns, -1)  # type: ignore[no-any-return]


def _columns(case: MagnitudeCase, num: Any) -> Steps:
    V = case.frozen + case.B @ case.A
    for j in range(V.shape[-1]):
        yield suppose(less_than(num.number(0), num.norm_squared(V[..., :, j])), "no column of W_0 + B A is zero")


def dora_as_printed(case: MagnitudeCase, num: Any) -> Steps:
    """Table 11.2.3, DoRA: with its normalisation, the change of the weight still has the form Delta W = B A.

    Then its rank would be at most r.  Rescaled columns change W_0 itself.

    Hypotheses  no column of W_0 + B A is zero; the lengths are positive
    Conclusion  rank(W' - W_0) <= r
    """
    yield from _columns(case, num)
    yield suppose(less_than(num.zeros(case.frozen.shape[-1]), case.magnitudes), "the lengths are positive")
    r = case.B.shape[-1]
    yield conclude(at_most(num.rank(dora(case, num) - case.frozen), r), "rank(W' - W_0) <= r")


def dora_separates(case: MagnitudeCase, num: Any) -> Steps:
    """Table 11.2.3, DoRA, repaired: W' = (W_0 + B A) with column j scaled to length m_j separates length and direction.

    Hypotheses  no column of W_0 + B A is zero
    Conclusion  column j of W' has the length m_j, and lies along that of W_0 + B A
    """
    yield from _columns(case, num)
    W, V = dora(case, num), case.frozen + case.B @ case.A
    for j in range(V.shape[-1]):
        m, w, v = case.magnitudes[..., j], W[..., :, j], V[..., :, j]
        yield conclude(equal(num.norm_squared(w), m * m), "column j has the length m_j")
        yield conclude(equal(num.dot(w, v), m * num.norm(v)), "column j keeps its direction")


# Definition 11.21 -----------------------------------------------------------------------------------------------------


def larger_is_more_important(case: FitCase, num: Any) -> Steps:
    """Definition 11.21: a larger s_i belongs to a more important direction.

    Importance: what B S A loses when s_i is set to zero, ||s_i b_i a_i^T||_F.

    Hypotheses  s_1 >= s_2 >= 0; the factors have no zero column and no zero row
    Conclusion  direction 1 loses at least as much as direction 2
    """
    yield suppose(case.rank >= 2, "r >= 2")
    s = case.scales
    yield suppose(at_most(num.number(0), s[..., 1]), "s_2 >= 0")
    yield suppose(at_most(s[..., 1], s[..., 0]), "s_1 >= s_2")
    for i in (0, 1):
        size = num.norm_squared(case.B[..., :, i]) * num.norm_squared(case.A[..., i, :])
        yield suppose(less_than(num.number(0), size), "b_i a_i^T is not zero")
    lost = [
        s[..., i] * s[..., i] * num.norm_squared(case.B[..., :, i]) * num.norm_squared(case.A[..., i, :]) for i in (0, 1)
    ]
    yield conclude(at_most(lost[1], lost[0]), "direction 1 loses at least as much")


def _orthonormal(case: FitCase, num: Any) -> Steps:
    one, scale = num.identity(case.rank), num.number(1)
    yield suppose(equal(case.B.mT @ case.B, one, scale=scale), "the columns of B are orthonormal")
    yield suppose(equal(case.A @ case.A.mT, one, scale=scale), "the rows of A are orthonormal")


def importance_repaired(case: FitCase, num: Any) -> Steps:
    """Definition 11.21, repaired: with orthonormal columns of B and rows of A, losing s_i costs exactly |s_i|.

    The |s_i| are then the singular values of B S A.

    Hypotheses  B^T B = A A^T = I
    Conclusion  ||B S A - B S' A||_F = |s_i| where S' lacks s_i; ||B S A||_F^2 = sum s_i^2
    """
    yield from _orthonormal(case, num)
    P, s = scaled_product(case.B, case.scales, case.A), case.scales
    size = num.norm_squared(s)
    for i in range(case.rank):
        without = num.concatenate([s[..., :i], s[..., i : i + 1] * 0, s[..., i + 1 :]], -1)
        lost = num.frobenius_norm_squared(P - scaled_product(case.B, without, case.A))
        yield conclude(equal(lost, s[..., i] * s[..., i], scale=size), "without s_i the change is |s_i| away")
    yield conclude(equal(num.frobenius_norm_squared(P), size), "||B S A||_F^2 = sum s_i^2")


def rank_by_scales(case: FitCase, num: Any) -> Steps:
    """Definition 11.21, "adaptive rank": with orthonormal factors rank(B S A) is the number of scales that are not zero.

    Hypotheses  B^T B = A A^T = I
    """
    yield from _orthonormal(case, num)
    P = scaled_product(case.B, case.scales, case.A)
    yield conclude(equal(num.rank(P), num.rank(num.diagonal(case.scales))), "rank(B S A) counts the scales")


# Lemma 11.29 ------------------------------------------------------------------------------------------------------------


def objective(B: Array, s: Array, A: Array, case: FitCase, num: Any) -> Any:
    """1/2 ||B S A - Delta W||_F^2 + lambda sum |s_i|."""
    fit = num.frobenius_norm_squared(scaled_product(B, s, A) - case.change.matrix)
    return num.number(1, 2) * fit + case.weight[..., 0] * num.absolute(s).sum(-1)


def soft(values: Array, threshold: Any, num: Any) -> Array:
    """max(values - threshold, 0), entry by entry, for values that are not negative."""
    return num.relu(values - num.times(threshold, values * 0 + 1))  # type: ignore[no-any-return]


def sparsity(case: FitCase, num: Any) -> Steps:
    """Lemma 11.29: the L1 penalty on S drives some s_i to zero.

    Read of the penalised problem, min over B, s, A of 1/2 ||B S A - Delta W||_F^2 + lambda ||s||_1: some triple with at
    least one s_i = 0 is as good as any dense one.  But (c B, S / c, A) has the same product at 1/c of the penalty, so
    that the penalty can be made as small as one likes and the infimum is that of the fit alone; while every triple
    with s_i = 0 has rank at most r - 1 and costs at least half the tail (Eckart and Young).

    Hypotheses  lambda > 0
    Conclusion  some B, s, A with s_r = 0 have an objective of at most that of the competing triple
    """
    yield suppose(less_than(num.number(0), case.weight[..., 0]), "lambda > 0")
    d, r = num.svd(case.change.matrix), case.rank
    bound = objective(case.B, case.scales, case.A, case, num)
    tail = num.number(1, 2) * (d.s[..., r - 1 :] * d.s[..., r - 1 :]).sum(-1)

    def attained() -> Any:
        """The best of the triples with s_r = 0 that are scaled copies of the truncated SVD: the tail, and a small penalty."""
        kept = num.concatenate([d.s[..., : r - 1], d.s[..., :1] * 0], -1)
        c = num.number(1 << 40)
        B, A = num.times(c, d.U[..., :r]), d.V[..., :r].mT
        return objective(B, num.times(1 / c, kept), A, case, num)

    scale = num.frobenius_norm_squared(case.change.matrix)
    yield conclude(exists(attained=attained, lower_bound=tail, bound=bound, scale=scale), "some sparse triple is as good")


def sparsity_repaired(case: FitCase, num: Any) -> Steps:
    """Lemma 11.29, repaired: with orthonormal columns of B and rows of A the best s_i is max(sigma_i - lambda, 0).

    The penalty is then the nuclear norm of B S A, whose proximal map is soft thresholding; s_i = 0 exactly when
    sigma_i <= lambda.

    Hypotheses  lambda > 0; B^T B = A A^T = I for the competing triple
    Conclusion  U_r, max(s - lambda, 0), V_r^T cost no more than the competing triple, up to the rank r
    """
    yield suppose(less_than(num.number(0), case.weight[..., 0]), "lambda > 0")
    yield from _orthonormal(case, num)
    d, r = num.svd(case.change.matrix), case.rank
    best = soft(d.s[..., :r], case.weight[..., 0], num)
    reached = objective(d.U[..., :r], best, d.V[..., :r].mT, case, num)
    bound = objective(case.B, case.scales, case.A, case, num)
    yield conclude(at_most(reached, bound), "soft thresholding costs no more")


def number_of_scales(case: FitCase, num: Any) -> Any:
    """The rank of the minimiser of `sparsity_repaired`: how many of the first r singular values exceed lambda."""
    d = num.svd(case.change.matrix)
    return num.rank(num.diagonal(soft(d.s[..., : case.rank], case.weight[..., 0], num)))


def selected_rank(case: FitCase, num: Any) -> Steps:
    """Lemma 11.29, "chooses the right rank by itself": the penalty keeps as many scales as Delta W has rank.

    For factors with orthonormal columns and rows; up to the r that there are.

    Hypotheses  lambda > 0; rank(Delta W) <= r
    """
    yield suppose(less_than(num.number(0), case.weight[..., 0]), "lambda > 0")
    rank = num.rank(case.change.matrix)
    yield suppose(rank <= case.rank, "rank(Delta W) <= r")
    yield conclude(equal(number_of_scales(case, num), rank), "as many scales as rank(Delta W)")


def selected_rank_repaired(case: FitCase, num: Any) -> Steps:
    """Lemma 11.29, "chooses the right rank", repaired: the number of scales kept is the number of sigma_i > lambda.

    It is chosen by lambda, and never exceeds rank(Delta W).

    Hypotheses  lambda > 0
    Conclusion  the number is at most rank(Delta W); one more scale is kept than sigma_{k+1} <= lambda allows, for no k
    """
    yield suppose(less_than(num.number(0), case.weight[..., 0]), "lambda > 0")
    d = num.svd(case.change.matrix)
    kept = soft(d.s[..., : case.rank], case.weight[..., 0], num)
    yield conclude(at_most(number_of_scales(case, num), num.rank(case.change.matrix)), "at most rank(Delta W)")
    for i in range(case.rank):
        distance = num.absolute(d.s[..., i] - kept[..., i])
        yield conclude(
            equal(distance, num.minimum(d.s[..., i], case.weight[..., 0]), scale=d.s[..., 0]), "each value moves by min(sigma, lambda)"
        )


def _enough_time(case: FitCase, num: Any) -> Steps:
    eta, weight = case.step[..., 0], case.weight[..., 0]
    yield suppose(less_than(num.number(0), eta), "0 < eta")
    yield suppose(at_most(eta, num.number(1)), "eta <= 1")
    largest = case.change.s[..., 0]
    yield suppose(less_than(largest, weight), "sigma_1 < lambda")
    yield suppose(less_than(num.zeros(case.rank), case.scales), "s_i > 0 at the start")
    yield suppose(
        at_most(case.scales, num.times(eta * num.number(case.steps) * (weight - largest), case.scales * 0 + 1)),
        "eta T (lambda - sigma_1) >= s_i at the start",
    )


def subgradient(case: FitCase, num: Any) -> Steps:
    """Lemma 11.29 of training: subgradient descent on the penalised loss brings s_i to zero.

    For orthonormal factors at those of Delta W, where the loss is 1/2 sum (s_i - sigma_i)^2 + lambda sum |s_i|.  The step
    jumps over zero.

    Hypotheses  0 < eta <= 1; sigma_1 < lambda, so that zero is the minimiser; s_i > 0, and enough steps to reach zero at
                the least speed eta (lambda - sigma_1)
    Conclusion  s = 0 after T steps
    """
    yield from _enough_time(case, num)
    eta, weight = case.step[..., 0], case.weight[..., 0]
    target, s = case.change.s[..., : case.rank], case.scales
    one = s * 0 + 1
    columns = []
    for i in range(case.rank):
        x = s[..., i]
        for _ in range(case.steps):
            sign = num.where(num.zero(x), x * 0, x / num.where(num.zero(x), x * 0 + 1, num.absolute(x)))
            x = x - eta * (x - target[..., i] + weight * sign)
        columns.append(x)
    for x in columns:
        yield conclude(equal(x, x * 0, scale=num.maximum(weight, one[..., 0])), "s_i = 0 after T steps")


def proximal(case: FitCase, num: Any) -> Steps:
    """Lemma 11.29 of training, repaired: proximal steps s <- max(s - eta (s - sigma) - eta lambda, 0) reach zero, and stay.

    While s_i is positive it falls by at least eta (lambda - sigma_i) a step.

    Hypotheses  as before
    Conclusion  s = 0 after T steps, exactly
    """
    yield from _enough_time(case, num)
    eta, weight = case.step[..., 0], case.weight[..., 0]
    target, s = case.change.s[..., : case.rank], case.scales
    for _ in range(case.steps):
        s = soft(s - num.times(eta, s - target), eta * weight, num)
    yield conclude(equal(s, s * 0, scale=weight), "s = 0 after T steps")


def _source(label: str) -> Source:
    return Source("textbook", label, "11.2.4")


_TABLE, _DEFINITION, _LEMMA = _source("Table 11.2.3"), _source("Definition 11.21"), _source("Lemma 11.29")

CLAIMS = (
    Claim(
        key="textbook/table-11.2.3.adalora",
        statement=adalora_rank,
        source=_TABLE,
        verdict=Verdict.CORROBORATED,
        reason="B S A is a sum of as many rank-one matrices as there are scales",
    ),
    Claim(
        key="textbook/table-11.2.3.qlora",
        statement=qlora_recovers,
        source=_TABLE,
        verdict=Verdict.REFUTED,
        reason="the quantisation error has full rank: m = n = 2, r = 1; with r = min(m, n) an adapter can undo it",
        repaired_by="textbook/table-11.2.3.qlora:repaired",
    ),
    Claim(
        key="textbook/table-11.2.3.qlora:repaired",
        statement=qlora_error,
        source=_TABLE,
        verdict=Verdict.CORROBORATED,
        reason="half a unit in each of m n entries",
    ),
    Claim(
        key="textbook/table-11.2.3.dora",
        statement=dora_as_printed,
        source=_TABLE,
        verdict=Verdict.REFUTED,
        reason="normalised columns rescale W_0: m = n = 2, r = 1, B = 0, W_0 = I, lengths (2, 2); r < min(m, n) needs 2 x 2",
        repaired_by="textbook/table-11.2.3.dora:repaired",
    ),
    Claim(
        key="textbook/table-11.2.3.dora:repaired",
        statement=dora_separates,
        source=_TABLE,
        verdict=Verdict.CORROBORATED,
        reason="the construction",
    ),
    Claim(
        key="textbook/definition-11.21",
        statement=larger_is_more_important,
        source=_DEFINITION,
        verdict=Verdict.REFUTED,
        reason="s_i carries no scale of its own: columns of B may be of any length (r = 2, so m = n = 2)",
        repaired_by="textbook/definition-11.21:repaired",
    ),
    Claim(
        key="textbook/definition-11.21:repaired",
        statement=importance_repaired,
        source=_DEFINITION,
        verdict=Verdict.CORROBORATED,
        reason="with orthonormal factors the |s_i| are the singular values",
    ),
    Claim(
        key="textbook/definition-11.21.rank",
        statement=rank_by_scales,
        source=_DEFINITION,
        verdict=Verdict.CORROBORATED,
        reason="orthonormal factors keep the rank of S",
    ),
    Claim(
        key="textbook/lemma-11.29",
        statement=sparsity,
        source=_LEMMA,
        verdict=Verdict.REFUTED,
        reason="scale moved into B costs nothing: Delta W = 1, B = 1/s is exact and cheaper than s = 0 (1 x 1)",
        repaired_by="textbook/lemma-11.29:repaired",
    ),
    Claim(
        key="textbook/lemma-11.29:repaired",
        statement=sparsity_repaired,
        source=_LEMMA,
        verdict=Verdict.CORROBORATED,
        reason="the proximal map of the nuclear norm; s_i = 0 exactly for sigma_i <= lambda",
    ),
    Claim(
        key="textbook/lemma-11.29.rank",
        statement=selected_rank,
        source=_LEMMA,
        verdict=Verdict.REFUTED,
        reason="lambda chooses: Delta W = 1, lambda = 1 keeps nothing (1 x 1)",
        repaired_by="textbook/lemma-11.29.rank:repaired",
    ),
    Claim(
        key="textbook/lemma-11.29.rank:repaired",
        statement=selected_rank_repaired,
        source=_LEMMA,
        verdict=Verdict.CORROBORATED,
        reason="sigma_i is moved down by lambda, and not below zero",
    ),
    Claim(
        key="textbook/lemma-11.29.subgradient",
        statement=subgradient,
        source=_LEMMA,
        verdict=Verdict.REFUTED,
        reason="a step of fixed length jumps over zero: 1 x 1, one step",
        repaired_by="textbook/lemma-11.29.subgradient:repaired",
    ),
    Claim(
        key="textbook/lemma-11.29.subgradient:repaired",
        statement=proximal,
        source=_LEMMA,
        verdict=Verdict.CORROBORATED,
        reason="s_i falls by at least eta (lambda - sigma_i) a step, and thresholding ends at zero exactly",
    ),
)
