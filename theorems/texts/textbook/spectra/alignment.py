"""The textbook section, 11.2.4: the singular values of B A and those of the best change (Lemma 11.28)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import Array, CountCase
from theorems.claim import Source
from theorems.errors import InputError
from theorems.facts import definition, not_needed
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.textbook.lora.training import factor_step
from theorems.texts.textbook.training.cases import FitCase, LoraCase

Steps = Iterator[Suppose | Conclude]


def shapes(case: CountCase, num: Num) -> Steps:
    """Lemma 11.28, "the eigenvalues of A B": with A in R^{r x n} and B in R^{m x r}, the product A B is formed.

    A has n columns and B has m rows.

    Conclusion  n = m
    """
    if len(case.values) != 3 or min(case.values) < 1:
        raise InputError(f"the sizes {case.values} must be three positive integers: m, n, r")
    m, n, _ = case.values
    yield conclude(equal(num.number(n), num.number(m)), "A has as many columns as B has rows")


def _same_polynomial(P: Array, Q: Array, r: int, num: Num) -> Steps:
    """det(I + t P) = det(I + t Q) for t = 1, ..., r: polynomials of degree at most r that are one at t = 0."""
    for t in range(1, r + 1):
        left = num.determinant(num.identity(P.shape[-1]) + num.times(num.number(t), P))
        right = num.determinant(num.identity(Q.shape[-1]) + num.times(num.number(t), Q))
        size = (1 + t * num.frobenius_norm(P)) * (1 + t * num.frobenius_norm(Q))
        scale = size
        for _ in range(r - 1):
            scale = scale * size
        yield conclude(equal(left, right, scale=scale), "the eigenvalues other than zero are the same")


def eigenvalues(case: LoraCase, num: Num) -> Steps:
    """Lemma 11.28, for a square weight: B A and A B have the same eigenvalues, up to zeros.

    det(I_m + t B A) = det(I_r + t A B) (Sylvester), asked at as many t as the degree needs.

    Hypotheses  m = n
    """
    m, n = case.frozen.shape[-2:]
    yield suppose(m == n, "m = n")
    yield from _same_polynomial(case.B @ case.A, case.A @ case.B, case.rank, num)


def singular_values(case: LoraCase, num: Num) -> Steps:
    """Lemma 11.28: the singular values of B A are seen in the eigenvalues of A B, as their absolute values.

    Then the product of the first r of them is |det(A B)|.  Squared: det(B^T B) det(A A^T) = det(A B)^2.

    Hypotheses  m = n
    """
    m, n = case.frozen.shape[-2:]
    yield suppose(m == n, "m = n")
    d = num.determinant(case.A @ case.B)
    both = num.determinant(case.B.mT @ case.B) * num.determinant(case.A @ case.A.mT)
    yield conclude(equal(both, d * d), "prod sigma_i(B A) = |det(A B)|")


def singular_values_repaired(case: LoraCase, num: Num) -> Steps:
    """Lemma 11.28, repaired: the squared singular values of B A are the eigenvalues of (B^T B)(A A^T), up to zeros.

    For every shape; r x r again.

    Conclusion  det(I_m + t B A A^T B^T) = det(I_r + t B^T B A A^T)
    """
    P = case.B @ case.A
    yield from _same_polynomial(P @ P.mT, (case.B.mT @ case.B) @ (case.A @ case.A.mT), case.rank, num)


def trained(case: FitCase, num: Num) -> tuple[Array, Array]:
    """B_T and A_T after T steps of gradient descent on 1/2 ||B A - Delta W||_F^2."""
    B, A, target = case.B, case.A, case.change.matrix
    for _ in range(case.steps):
        B, A = factor_step(B, A, B @ A - target, case.step[..., 0], num)
    return B, A


def misalignment(P: Array, case: FitCase, num: Num) -> Any:
    """sum_{i <= r} (sigma_i(P) - sigma_i(Delta W))^2."""
    gaps = num.number(0)
    for i in range(case.rank):
        gap = num.singular_value(P, i + 1) - case.change.s[..., i]
        gaps = gaps + gap * gap
    return gaps


def alignment(case: FitCase, num: Num) -> Steps:
    """Lemma 11.28, the tendency: training brings the singular values of B A closer to those of Delta W.

    Measured: sum_{i <= r} (sigma_i(B A) - sigma_i(Delta W))^2 after T steps on 1/2 ||B A - Delta W||_F^2 against
    before.

    Hypotheses  eta sigma_1(Delta W) <= 1/4, ||B||_2 and ||A||_2 at most sqrt(sigma_1(Delta W)): small steps, moderate
                start
    Conclusion  it has not grown
    """
    target = case.change.matrix
    d = num.svd(target)
    yield suppose(less_than(num.number(0), case.step[..., 0]), "eta > 0")
    yield suppose(case.steps >= 1, "at least one step")
    yield suppose(at_most(case.step[..., 0] * d.s[..., 0], num.number(1, 4)), "eta sigma_1 <= 1/4")
    for factor in (case.B, case.A):
        size = num.frobenius_norm_squared(factor)
        yield suppose(at_most(size, d.s[..., 0]), "the factors start at most as large as sqrt(sigma_1)")
    B, A = trained(case, num)
    before, after = misalignment(case.B @ case.A, case, num), misalignment(B @ A, case, num)
    yield conclude(at_most(after, before, scale=num.frobenius_norm_squared(target)), "the misalignment has not grown")


def alignment_from_zero(case: FitCase, num: Num) -> Steps:
    """Lemma 11.28, from the usual start: as long as the loss has not grown, neither has the misalignment.

    At B_0 = 0 the misalignment is sum_{i <= r} sigma_i^2.  For P = B_T A_T, ||P - Delta W||_F <= ||Delta W||_F gives
    ||P||_F^2 <= 2 <P, Delta W> <= 2 sum sigma_i(P) sigma_i (von Neumann), which is the conclusion.  No bound on the
    step or on A_0 is needed.

    Hypotheses  B_0 = 0; ||B_T A_T - Delta W||_F <= ||Delta W||_F
    Conclusion  sum_{i <= r} (sigma_i(B_T A_T) - sigma_i)^2 <= sum_{i <= r} sigma_i^2
    """
    yield suppose(equal(case.B, case.B * 0, scale=num.number(1)), "B_0 = 0")
    target = case.change.matrix
    size = num.frobenius_norm_squared(target)
    B, A = trained(case, num)
    P = B @ A
    yield suppose(at_most(num.frobenius_norm_squared(P - target), size), "the loss has not grown")
    before = (case.change.s[..., : case.rank] * case.change.s[..., : case.rank]).sum(-1)
    scale = num.maximum(size, num.frobenius_norm_squared(P))
    yield conclude(at_most(misalignment(P, case, num), before, scale=scale), "the misalignment has not grown")


def alignment_bounded(case: FitCase, num: Num) -> Steps:
    """Lemma 11.28, repaired: the misalignment is never larger than the squared error, so it goes where the loss goes.

    Mirsky: sum_i (sigma_i(B A) - sigma_i(Delta W))^2 <= ||B A - Delta W||_F^2 for all factors, trained or not.
    """
    P = case.B @ case.A
    error = num.frobenius_norm_squared(P - case.change.matrix)
    scale = num.maximum(num.frobenius_norm_squared(P), num.frobenius_norm_squared(case.change.matrix))
    yield conclude(at_most(misalignment(P, case, num), error, scale=scale), "misalignment <= squared error")


def alignment_at_the_optimum(case: FitCase, num: Num) -> Steps:
    """Lemma 11.28, repaired, at the end of training: factors of least error have the first r singular values exactly.

    The bound of Mirsky leaves for the first r values what the error has beyond sum_{i > r} sigma_i^2: nothing.

    Hypotheses  ||B A - Delta W||_F^2 = sum_{i > r} sigma_i^2
    Conclusion  sum_{i <= r} sigma_i(B A)^{2j} = sum_{i <= r} sigma_i^{2j} for j = 1, ..., r: B A has r singular values
                that are not zero at most, and r power sums determine them
    """
    target = case.change.matrix
    d = num.svd(target)
    P, r = case.B @ case.A, case.rank
    total = num.frobenius_norm_squared(target)
    kept = (d.s[..., :r] * d.s[..., :r]).sum(-1)
    yield suppose(equal(num.frobenius_norm_squared(P - target), total - kept, scale=total), "the error is the least")
    squares = d.s[..., :r] * d.s[..., :r]
    G = P.mT @ P
    gram, powers, scale = G, squares, total
    for _ in range(r):
        yield conclude(equal(num.trace(gram), powers.sum(-1), scale=scale), "the first r singular values are the same")
        gram, powers, scale = gram @ G, powers * squares, scale * total


_ALIGNMENT = Source("textbook", "Lemma 11.28", "11.2.4")

CLAIMS = (
    _ALIGNMENT.gap(
        "textbook/lemma-11.28.shapes", shapes, "A B exists for square weights only: m = 1, n = 2",
        place="Lemma 11.28, last sentence", printed="the eigenvalues of AB",
        repaired_by="textbook/lemma-11.28.eigenvalues",
    ),
    _ALIGNMENT.stands(
        "textbook/lemma-11.28.eigenvalues", eigenvalues, "Sylvester's determinant identity",
        about={"m = n": definition("a matrix that is not square has no eigenvalues")},
    ),
    _ALIGNMENT.false(
        "textbook/lemma-11.28.singular-values", singular_values,
        "B = e_2, A = e_1^T: A B = 0 and sigma_1(B A) = 1; for 1 x 1 they agree",
        place="Lemma 11.28, last sentence", printed="the SVD of BA from the eigenvalues of AB",
        repaired_by="textbook/lemma-11.28.singular-values:repaired",
    ),
    _ALIGNMENT.stands(
        "textbook/lemma-11.28.singular-values:repaired", singular_values_repaired,
        "Sylvester's identity for B A A^T B^T",
    ),
    _ALIGNMENT.false(
        "textbook/lemma-11.28", alignment,
        "B = 1, A = 1, Delta W = -1: aligned at the start, and the way to the target leads through zero (1 x 1)",
        place="Lemma 11.28", printed="the singular values of BA tend to align with those of Delta W_opt",
        repaired_by="textbook/lemma-11.28:repaired",
    ),
    _ALIGNMENT.stands(
        "textbook/lemma-11.28:repaired", alignment_bounded, "Mirsky: singular values are as close as the matrices",
    ),
    _ALIGNMENT.stands("textbook/lemma-11.28:optimum", alignment_at_the_optimum, "equality in Eckart and Young"),
    _ALIGNMENT.stands(
        "textbook/lemma-11.28:standard-start", alignment_from_zero,
        "from W = 0 a smaller loss means ||P||^2 <= 2 <P, Delta W>, then von Neumann's inequality",
        about={
            "B_0 = 0": not_needed(
                "the loss is compared with ||Delta W||_F^2, which is that of B = 0, wherever the run began"
            ),
        },
    ),
)  # fmt: skip
