"""The textbook section, 11.2.4: AdaLoRA, its scales and their sparsity (Definition 11.21, Lemma 11.29)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import Array
from theorems.claim import Source
from theorems.facts import implied, not_needed
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, exists, less_than, suppose
from theorems.texts.textbook.training.cases import FitCase

Steps = Iterator[Suppose | Conclude]


def scaled_product(B: Array, s: Array, A: Array) -> Array:
    """B diag(s) A."""
    result: Array = (B * s[..., None, :]) @ A
    return result


def larger_is_more_important(case: FitCase, num: Num) -> Steps:
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
        s[..., i] * s[..., i] * num.norm_squared(case.B[..., :, i]) * num.norm_squared(case.A[..., i, :])
        for i in (0, 1)
    ]
    yield conclude(at_most(lost[1], lost[0]), "direction 1 loses at least as much")


def _orthonormal(case: FitCase, num: Num) -> Steps:
    one, scale = num.identity(case.rank), num.number(1)
    yield suppose(equal(case.B.mT @ case.B, one, scale=scale), "the columns of B are orthonormal")
    yield suppose(equal(case.A @ case.A.mT, one, scale=scale), "the rows of A are orthonormal")


def importance_repaired(case: FitCase, num: Num) -> Steps:
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


def rank_by_scales(case: FitCase, num: Num) -> Steps:
    """Definition 11.21, "adaptive rank": with orthonormal factors rank(B S A) is the number of scales that are not
    zero.

    Hypotheses  B^T B = A A^T = I
    """
    yield from _orthonormal(case, num)
    P = scaled_product(case.B, case.scales, case.A)
    yield conclude(equal(num.rank(P), num.rank(num.diagonal(case.scales))), "rank(B S A) counts the scales")


def objective(B: Array, s: Array, A: Array, case: FitCase, num: Num) -> Any:
    """1/2 ||B S A - Delta W||_F^2 + lambda sum |s_i|."""
    fit = num.frobenius_norm_squared(scaled_product(B, s, A) - case.change.matrix)
    return num.number(1, 2) * fit + case.weight[..., 0] * num.absolute(s).sum(-1)


def soft(values: Array, threshold: Any, num: Num) -> Array:
    """max(values - threshold, 0), entry by entry, for values that are not negative."""
    return num.relu(values - num.times(threshold, values * 0 + 1))


def sparsity(case: FitCase, num: Num) -> Steps:
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
        """The best of the triples with s_r = 0 that are scaled copies of the truncated SVD: the tail, and a small
        penalty."""
        kept = num.concatenate([d.s[..., : r - 1], d.s[..., :1] * 0], -1)
        c = num.number(1 << 40)
        B, A = num.times(c, d.U[..., :r]), d.V[..., :r].mT
        return objective(B, num.times(1 / c, kept), A, case, num)

    scale = num.frobenius_norm_squared(case.change.matrix)
    yield conclude(
        exists(attained=attained, lower_bound=tail, bound=bound, scale=scale), "some sparse triple is as good"
    )


def sparsity_repaired(case: FitCase, num: Num) -> Steps:
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


def number_of_scales(case: FitCase, num: Num) -> Any:
    """The rank of the minimiser of `sparsity_repaired`: how many of the first r singular values exceed lambda."""
    d = num.svd(case.change.matrix)
    return num.rank(num.diagonal(soft(d.s[..., : case.rank], case.weight[..., 0], num)))


def selected_rank(case: FitCase, num: Num) -> Steps:
    """Lemma 11.29, "chooses the right rank by itself": the penalty keeps as many scales as Delta W has rank.

    For factors with orthonormal columns and rows; up to the r that there are.

    Hypotheses  lambda > 0; rank(Delta W) <= r
    """
    yield suppose(less_than(num.number(0), case.weight[..., 0]), "lambda > 0")
    rank = num.rank(case.change.matrix)
    yield suppose(rank <= case.rank, "rank(Delta W) <= r")
    yield conclude(equal(number_of_scales(case, num), rank), "as many scales as rank(Delta W)")


def selected_rank_repaired(case: FitCase, num: Num) -> Steps:
    """Lemma 11.29, "chooses the right rank", repaired: the number of scales kept is the number of sigma_i > lambda.

    It is chosen by lambda, and never exceeds rank(Delta W).

    Hypotheses  lambda > 0
    Conclusion  the number is that of the i <= r with sigma_i > lambda, and at most rank(Delta W); each sigma_i moves by
                min(sigma_i, lambda)
    """
    yield suppose(less_than(num.number(0), case.weight[..., 0]), "lambda > 0")
    d = num.svd(case.change.matrix)
    kept = soft(d.s[..., : case.rank], case.weight[..., 0], num)
    number = number_of_scales(case, num)
    above = sum(num.indicator(less_than(case.weight[..., 0], d.s[..., i])) for i in range(case.rank))
    yield conclude(equal(number, above), "as many scales as sigma_i > lambda")
    yield conclude(at_most(number, num.rank(case.change.matrix)), "at most rank(Delta W)")
    for i in range(case.rank):
        distance = num.absolute(d.s[..., i] - kept[..., i])
        yield conclude(
            equal(distance, num.minimum(d.s[..., i], case.weight[..., 0]), scale=d.s[..., 0]),
            "each value moves by min(sigma, lambda)",
        )


def _enough_time(case: FitCase, num: Num) -> Steps:
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


def subgradient(case: FitCase, num: Num) -> Steps:
    """Lemma 11.29 of training: subgradient descent on the penalised loss brings s_i to zero.

    For orthonormal factors at those of Delta W, where the loss is 1/2 sum (s_i - sigma_i)^2 + lambda sum |s_i|.  The
    step jumps over zero.

    Hypotheses  0 < eta <= 1; sigma_1 < lambda, so that zero is the minimiser; s_i > 0, and enough steps to reach
                zero at the least speed eta (lambda - sigma_1)
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


def proximal(case: FitCase, num: Num) -> Steps:
    """Lemma 11.29 of training, repaired: proximal steps s <- max(s - eta (s - sigma) - eta lambda, 0) reach zero, and
    stay.

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


_DEFINITION = Source("textbook", "Definition 11.21", "11.2.4")
_LEMMA = Source("textbook", "Lemma 11.29", "11.2.4")

CLAIMS = (
    _DEFINITION.gap(
        "textbook/definition-11.21", larger_is_more_important,
        "s_i carries no scale of its own: rows of A may be of any length (r = 2, so m = n = 2)",
        place="Definition 11.21, last sentence", printed="a larger s_i is a more important direction",
        repaired_by="textbook/definition-11.21:repaired",
    ),
    _DEFINITION.stands(
        "textbook/definition-11.21:repaired", importance_repaired,
        "with orthonormal factors the |s_i| are the singular values",
    ),
    _DEFINITION.stands("textbook/definition-11.21.rank", rank_by_scales, "orthonormal factors keep the rank of S"),
    _LEMMA.gap(
        "textbook/lemma-11.29", sparsity,
        "scale moves into B and A: Delta W = -2, lambda = 1: s = 0 costs 2, B = s = 1 and A = -1 cost 3/2",
        place="Lemma 11.29", printed="an L1 penalty on S drives some s_i to zero",
        repaired_by="textbook/lemma-11.29:repaired",
    ),
    _LEMMA.stands(
        "textbook/lemma-11.29:repaired", sparsity_repaired,
        "the proximal map of the nuclear norm; s_i = 0 exactly for sigma_i <= lambda",
        about={
            "lambda > 0": not_needed(
                "von Neumann's inequality parts the values, and (s - sigma)^2 / 2 + lambda |s| is least at "
                "max(sigma - lambda, 0) for every sign of lambda"
            ),
        },
    ),
    _LEMMA.false(
        "textbook/lemma-11.29.rank", selected_rank, "lambda chooses: Delta W = 1, lambda = 1 keeps nothing (1 x 1)",
        place="Lemma 11.29, last sentence", printed="the fitting rank is chosen automatically",
        repaired_by="textbook/lemma-11.29.rank:repaired",
    ),
    _LEMMA.stands(
        "textbook/lemma-11.29.rank:repaired", selected_rank_repaired,
        "sigma_i is moved down by lambda, and not below zero",
    ),
    _LEMMA.gap(
        "textbook/lemma-11.29.subgradient", subgradient, "a step of fixed length jumps over zero: 1 x 1, one step",
        place="Lemma 11.29",
        printed="training with an L1 penalty takes some s_i to zero; this part: by subgradient descent",
        repaired_by="textbook/lemma-11.29.subgradient:repaired",
    ),
    _LEMMA.stands(
        "textbook/lemma-11.29.subgradient:repaired", proximal,
        "s_i falls by at least eta (lambda - sigma_i) a step, and thresholding ends at zero exactly",
        about={
            "0 < eta": implied(
                "eta T (lambda - sigma_1) >= s_i at the start",
                "s_i > 0, lambda > sigma_1 and T >= 0 leave no other eta",
            ),
            "eta <= 1": not_needed("(1 - eta) s <= 0 for eta >= 1: the first step ends at zero"),
            "sigma_1 < lambda": implied(
                "eta T (lambda - sigma_1) >= s_i at the start",
                "s_i > 0, eta > 0 and T >= 0 leave no other lambda",
            ),
        },
    ),
)  # fmt: skip
