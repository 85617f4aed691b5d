"""The textbook section, 11.2.3: the effective rank after few steps of gradient descent (Corollary 11.5)."""

from __future__ import annotations

from collections.abc import Iterator

from theorems.case import Array
from theorems.claim import Source
from theorems.facts import definition, not_needed
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.textbook.training.cases import RegressionCase
from theorems.texts.textbook.training.gradient_dynamics import column_norms, descent, eigen, limit, regular

Steps = Iterator[Suppose | Conclude]


def _lower_effective_rank(W: Array, best: Array, num: Num) -> Steps:
    """E(1) of W is at least that of W*, where E(1) = sigma_1^2 / ||.||_F^2 (Definition 11.16).

    Written as sigma_1(W*) ||W||_F <= sigma_1(W) ||W*||_F.
    """
    left = num.spectral_norm(best) * num.frobenius_norm(W)
    right = num.spectral_norm(W) * num.frobenius_norm(best)
    yield conclude(at_most(left, right), "E(1) of W_t is at least that of the limit")


def _small_steps(case: RegressionCase, num: Num) -> Steps:
    _, eigenvalues = eigen(case, num)
    yield suppose(less_than(num.number(0), case.step[..., 0]), "eta > 0")
    yield suppose(at_most(case.step[..., 0] * eigenvalues[..., 0], num.number(1)), "eta lambda_1 <= 1")
    yield regular(case, num)


def few_steps(case: RegressionCase, num: Num) -> Steps:
    """Corollary 11.5: after few steps the weight has a lower effective rank than after many.

    Measured by the share of energy in the first singular value, E(1) of Definition 11.16: W_t concentrates at least as
    much as the limit W*.  The counterexample keeps every notion of effective rank: it starts from a multiple of the
    identity.

    Hypotheses  0 < eta lambda_1 <= 1; X X^T is non-singular; at least one step
    """
    yield from _small_steps(case, num)
    yield suppose(case.steps >= 1, "at least one step")
    W = descent(case.start.matrix, case, num)[-1]
    yield from _lower_effective_rank(W, limit(case, num), num)


def few_steps_from_zero(case: RegressionCase, num: Num) -> Steps:
    """Corollary 11.5 from W_0 = 0, the favourable start.

    The strong modes of the data come first; where the target is strong along the weak ones, this evens the spectrum
    out.

    Hypotheses  as before; at least one step
    """
    yield from _small_steps(case, num)
    yield suppose(case.steps >= 1, "at least one step")
    W = descent(case.start.matrix * 0, case, num)[-1]
    yield from _lower_effective_rank(W, limit(case, num), num)


def few_steps_aligned(case: RegressionCase, num: Num) -> Steps:
    """Corollary 11.5, repaired: from zero, and when W* is strongest along the strongest modes of the data.

    The columns of W* Q are orthogonal, with norms c_1 >= c_2 >= ...; then
    sigma_i(W_t) = c_i (1 - (1 - eta lambda_i)^t), and the factors fall with i.

    Hypotheses  0 < eta lambda_1 <= 1; the columns of W* Q are orthogonal, longest first; W_0 = 0; at least one step
    Conclusion  E(k) of W_t is at least that of W*, for every k, by the squared lengths of the columns of W_t Q
    """
    yield from _small_steps(case, num)
    yield suppose(case.steps >= 1, "at least one step")
    Q, _ = eigen(case, num)
    columns = limit(case, num) @ Q
    c = column_norms(columns)
    scale = num.frobenius_norm_squared(columns)
    yield suppose(equal(columns.mT @ columns, num.diagonal(c), scale=scale), "the columns of W* Q are orthogonal")
    n = c.shape[-1]
    for k in range(n - 1):
        yield suppose(at_most(c[..., k + 1], c[..., k], scale=scale), "the columns of W* Q are longest first")
    reached = descent(case.start.matrix * 0, case, num)[-1] @ Q
    e = column_norms(reached)
    yield conclude(
        equal(reached.mT @ reached, num.diagonal(e), scale=scale), "the columns of W_t Q are orthogonal as well"
    )
    for k in range(1, n):
        one, all_of_it = c[..., :k].sum(-1), c.sum(-1)
        yield conclude(
            at_most(one * e.sum(-1), e[..., :k].sum(-1) * all_of_it, scale=all_of_it * all_of_it),
            "E(k) of W_t is at least that of W*",
        )


def white_data(case: RegressionCase, num: Num) -> Steps:
    """Corollary 11.5 for white data (all lambda_i equal), from zero: the effective rank never changes.

    W_t = (1 - (1 - eta lambda)^t) W*: every notion of effective rank has its final value from the first step on.

    Hypotheses  lambda_1 = lambda_n > 0; W_0 = 0; at least one step
    """
    _, eigenvalues = eigen(case, num)
    yield suppose(equal(eigenvalues[..., 0], eigenvalues[..., -1]), "lambda_1 = lambda_n")
    yield regular(case, num)
    best, W = limit(case, num), descent(case.start.matrix * 0, case, num)[-1]
    factor = num.number(1)
    for _ in range(case.steps):
        factor = factor * (1 - case.step[..., 0] * eigenvalues[..., 0])
    scale = num.maximum(num.frobenius_norm(W), num.frobenius_norm(best))
    yield conclude(equal(W, num.times(1 - factor, best), scale=scale), "W_t is a multiple of W*")


def rank_of_the_iterates(case: RegressionCase, num: Num) -> Steps:
    """Corollary 11.5, of the rank itself: from zero and with a convergent step, W_t has the rank of W* from the first
    step on.

    W_t = W* (I - (I - eta X X^T)^t), and the bracket is non-singular since |1 - eta lambda_i| < 1.

    Hypotheses  0 < eta lambda_1 < 2; X X^T is non-singular; W_0 = 0; at least one step
    """
    _, eigenvalues = eigen(case, num)
    yield suppose(less_than(num.number(0), case.step[..., 0]), "eta > 0")
    yield suppose(less_than(case.step[..., 0] * eigenvalues[..., 0], num.number(2)), "eta lambda_1 < 2")
    yield regular(case, num)
    yield suppose(case.steps >= 1, "at least one step")
    W = descent(case.start.matrix * 0, case, num)[-1]
    yield conclude(equal(num.rank(W), num.rank(limit(case, num))), "rank(W_t) = rank(W*)")


_COROLLARY = Source("textbook", "Corollary 11.5", "11.2.3")

CLAIMS = (
    _COROLLARY.false(
        "textbook/corollary-11.5", few_steps,
        "from W_0 = I every notion of effective rank starts at its largest: n = m = 2, one step",
        place="Corollary 11.5", printed="after few steps the weight has a lower effective rank",
        repaired_by="textbook/corollary-11.5:repaired",
    ),
    _COROLLARY.false(
        "textbook/corollary-11.5:zero-start", few_steps_from_zero,
        "a target that is strong along the weak modes is evened out at first: n = m = 2, one step",
        repaired_by="textbook/corollary-11.5:repaired",
    ),
    _COROLLARY.stands(
        "textbook/corollary-11.5:repaired", few_steps_aligned,
        "the factors 1 - (1 - eta lambda_i)^t fall with i, as the energies of W* do",
        about={
            "eta > 0": not_needed(
                "|1 - (1 - eta lambda)^t| grows with lambda for a negative eta as well, and vanishes for none"
            ),
            "at least one step": not_needed("before the first step both sides are zero"),
            "the columns of W* Q are longest first": definition("E(k) takes the k longest columns"),
        },
    ),
    _COROLLARY.stands(
        "textbook/corollary-11.5:white-data", white_data, "one eigenvalue, one factor: W_t is a multiple of W*",
    ),
    _COROLLARY.stands(
        "textbook/corollary-11.5.rank", rank_of_the_iterates,
        "I - (I - eta X X^T)^t is non-singular, so the rank is final after one step",
    ),
)  # fmt: skip
