"""The textbook section, 11.2.4: LoRA as a training method (Theorem 11.16, Lemmas 11.27 and 11.28).

W = W_0 + B A; G is the gradient of the loss at W.  A step of gradient descent in the factors is

    B' = B - eta G A^T,  A' = A - eta B^T G,

and moves W by -eta (B B^T G + G A^T A) + eta^2 G A^T B^T G.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import Array, CountCase
from theorems.claim import Claim, Source, Verdict
from theorems.errors import InputError
from theorems.low_rank_basis.training_cases import FitCase, LoraCase, RegressionCase
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose

Steps = Iterator[Suppose | Conclude]


def factor_step(B: Array, A: Array, G: Array, eta: Any, num: Any) -> tuple[Array, Array]:
    """One step of gradient descent in B and A, with the gradients of the chain rule."""
    return B - num.times(eta, G @ A.mT), A - num.times(eta, B.mT @ G)


def movement(case: LoraCase, num: Any) -> Array:
    """W' - W of one step in the factors."""
    B, A = factor_step(case.B, case.A, case.gradient, case.step[..., 0], num)
    change: Array = B @ A - case.B @ case.A
    return change


def direction(case: LoraCase) -> Array:
    """B B^T G + G A^T A: the step in the factors moves W by -eta times this, to first order."""
    result: Array = case.B @ (case.B.mT @ case.gradient) + (case.gradient @ case.A.mT) @ case.A
    return result


def projectors(case: LoraCase, num: Any) -> tuple[Array, Array]:
    """The orthogonal projectors onto the column space of B and onto the row space of A, for factors of rank r."""
    B, A = case.B, case.A
    return B @ num.solve(B.mT @ B, B.mT), A.mT @ num.solve(A @ A.mT, A)


def full_rank(case: LoraCase, num: Any) -> Steps:
    """rank(B) = rank(A) = r: at such points the LoRA set is smooth, with tangent space {P_B Z + Z P_A - P_B Z P_A}."""
    yield suppose(num.nonsingular(case.B.mT @ case.B), "rank(B) = r")
    yield suppose(num.nonsingular(case.A @ case.A.mT), "rank(A) = r")


def projected(Z: Array, P: Array, Q: Array) -> Array:
    """The projection P Z + Z Q - P Z Q of Z onto the tangent space."""
    result: Array = P @ Z + Z @ Q - P @ Z @ Q
    return result


# Theorem 11.16 ---------------------------------------------------------------------------------------------------------


def chain_rule(case: RegressionCase, num: Any) -> Steps:
    """Theorem 11.16, the chain rule: grad_A L = B^T grad_W L and grad_B L = grad_W L A^T.

    The loss is 1/2 ||(W_0 + B A) X - Y||_F^2, with W_0 the second start of the case and B, A the outer factors of the
    first one's decomposition.  It is quadratic in each factor, so that (L(A + D) - L(A - D)) / 2 is exactly the
    derivative along D.

    Conclusion  the derivative along a direction of A, and of B, with the loss evaluated forward
    """
    X, Y, W = case.inputs.matrix, case.targets, case.other
    B, A = case.start.U * case.start.s[..., None, :], case.start.V.mT
    half = num.number(1, 2)

    def loss(B: Array, A: Array) -> Any:
        return half * num.frobenius_norm_squared((W + B @ A) @ X - Y)

    G = ((W + B @ A) @ X - Y) @ X.mT
    down, across = B.mT @ W, W @ A.mT  # directions of the shapes of A and B
    one, two = loss(B, A + down), loss(B, A - down)
    yield conclude(
        equal(half * (one - two), num.trace((B.mT @ G).mT @ down), scale=one + two), "grad_A L = B^T grad_W L"
    )
    one, two = loss(B + across, A), loss(B - across, A)
    yield conclude(
        equal(half * (one - two), num.trace((G @ A.mT).mT @ across), scale=one + two), "grad_B L = grad_W L A^T"
    )


def _regauged(case: LoraCase, num: Any) -> tuple[Array, Array]:
    return case.B @ case.gauge, num.solve(case.gauge, case.A)


def equivalence(case: LoraCase, num: Any) -> Steps:
    """Theorem 11.16, the equivalence: gradient descent on the set is gradient descent in the factors.

    A step on the set depends on the point W alone.  The same W has the factors (B C, C^{-1} A) for every non-singular C.

    Hypotheses  C is non-singular
    Conclusion  the steps from both pairs lead to the same W
    """
    yield suppose(num.nonsingular(case.gauge), "C is non-singular")
    B, A = _regauged(case, num)
    eta = case.step[..., 0]
    one, two = factor_step(case.B, case.A, case.gradient, eta, num), factor_step(B, A, case.gradient, eta, num)
    scale = num.frobenius_norm(one[0]) * num.frobenius_norm(one[1])
    scale = num.maximum(scale, num.frobenius_norm(two[0]) * num.frobenius_norm(two[1]))
    yield conclude(equal(one[0] @ one[1], two[0] @ two[1], scale=scale), "both pairs lead to the same W")


def equivalence_up_to_rotations(case: LoraCase, num: Any) -> Steps:
    """Theorem 11.16, the equivalence, as far as it goes: the step is the same for (B C, C^T A) with an orthogonal C.

    B B^T, A^T A and B A are the same for both pairs, and the step is made of them.

    Hypotheses  C is orthogonal
    """
    C = case.gauge
    yield suppose(equal(C.mT @ C, num.identity(case.rank), scale=num.number(1)), "C is orthogonal")
    yield from equivalence(case, num)


def full_gradient(case: LoraCase, num: Any) -> Steps:
    """Theorem 11.16, the equivalence, read without the set: the step in the factors is W' = W - eta G.

    Conclusion  W' - W = -eta G
    """
    moved = movement(case, num)
    step = num.times(case.step[..., 0], case.gradient)
    yield conclude(equal(moved, -step, scale=num.maximum(num.frobenius_norm(moved), num.frobenius_norm(step))), "W' - W = -eta G")


def step_to_every_order(case: LoraCase, num: Any) -> Steps:
    """Theorem 11.16, repaired: what a step in the factors does to W, to every order in eta, and that it descends.

    Conclusion  W' = W - eta (B B^T G + G A^T A) + eta^2 G A^T B^T G, and <G, B B^T G + G A^T A> >= 0
    """
    G, eta = case.gradient, case.step[..., 0]
    Z = direction(case)
    second = G @ case.A.mT @ (case.B.mT @ G)
    moved = movement(case, num)
    predicted = num.times(eta * eta, second) - num.times(eta, Z)
    B, A = factor_step(case.B, case.A, G, eta, num)
    sizes = num.frobenius_norm(B) * num.frobenius_norm(A) + num.frobenius_norm(case.B) * num.frobenius_norm(case.A)
    yield conclude(equal(moved, predicted, scale=num.maximum(sizes, num.number(1))), "W' - W to every order in eta")
    descent = num.trace(G.mT @ Z)
    yield conclude(
        equal(
            descent,
            num.frobenius_norm_squared(case.B.mT @ G) + num.frobenius_norm_squared(G @ case.A.mT),
            scale=num.frobenius_norm_squared(G) * num.frobenius_norm_squared(case.A)
            + num.frobenius_norm_squared(G) * num.frobenius_norm_squared(case.B),
        ),
        "it descends by ||B^T G||^2 + ||G A^T||^2",
    )


def stationary(case: LoraCase, num: Any) -> Steps:
    """Theorem 11.16, a consequence of the equivalence: where both factor gradients vanish, W is stationary on the set.

    At B = 0 and A = 0 they always vanish, and every rank-one direction leads out of W within the set.

    Hypotheses  B^T G = 0 and G A^T = 0; r >= 1
    Conclusion  <G, u v^T> = 0 for the curves W + t u v^T in the set: for every u v^T when rank(B A) < r
    """
    G, zero = case.gradient, num.number(0)
    yield suppose(equal(case.B.mT @ G, case.A * 0, scale=num.number(1)), "B^T G = 0")
    yield suppose(equal(G @ case.A.mT, case.B * 0, scale=num.number(1)), "G A^T = 0")
    yield suppose(num.rank(case.B @ case.A) <= case.rank - 1, "rank(B A) < r")
    yield conclude(equal(num.frobenius_norm_squared(G), zero), "the loss is stationary along every curve in the set")


def stationary_repaired(case: LoraCase, num: Any) -> Steps:
    """Theorem 11.16, stationary points, repaired: at factors of rank r they are those of the set.

    Hypotheses  rank(B) = rank(A) = r; B^T G = 0 and G A^T = 0
    Conclusion  the projection of G onto the tangent space vanishes
    """
    yield from full_rank(case, num)
    G = case.gradient
    scale = num.frobenius_norm(G) * num.maximum(num.frobenius_norm(case.A), num.frobenius_norm(case.B))
    yield suppose(equal(case.B.mT @ G, case.A * 0, scale=scale), "B^T G = 0")
    yield suppose(equal(G @ case.A.mT, case.B * 0, scale=scale), "G A^T = 0")
    P, Q = projectors(case, num)
    yield conclude(equal(projected(G, P, Q), G * 0, scale=num.frobenius_norm(G)), "P_B G + G P_A - P_B G P_A = 0")


# Lemma 11.27 -----------------------------------------------------------------------------------------------------------


def projection(case: LoraCase, num: Any) -> Steps:
    """Lemma 11.27: LoRA moves W along the projection of the gradient onto the tangent space of the set.

    To first order W moves along B B^T G + G A^T A; read up to a factor of the step size, that is up to multiples.

    Hypotheses  rank(B) = rank(A) = r
    Conclusion  B B^T G + G A^T A and P_B G + G P_A - P_B G P_A are parallel
    """
    yield from full_rank(case, num)
    P, Q = projectors(case, num)
    Z, T = direction(case), projected(case.gradient, P, Q)
    left, right = num.frobenius_norm_squared(Z), num.frobenius_norm_squared(T)
    inner = num.trace(Z.mT @ T)
    yield conclude(equal(inner * inner, left * right), "they are parallel")


def projection_repaired(case: LoraCase, num: Any) -> Steps:
    """Lemma 11.27, repaired: the first-order movement of W is tangent to the set; it is no projection of G.

    Hypotheses  rank(B) = rank(A) = r
    Conclusion  the projection of Z = B B^T G + G A^T A is Z
    """
    yield from full_rank(case, num)
    P, Q = projectors(case, num)
    Z = direction(case)
    yield conclude(equal(projected(Z, P, Q), Z), "B B^T G + G A^T A is tangent")


def preconditioned(case: LoraCase, num: Any) -> Steps:
    """Lemma 11.27, sharpened: which factor directions do project the gradient.

    dA = (B^T B)^{-1} B^T G and dB = (I - P_B) G A^T (A A^T)^{-1} give dB A + B dA = P_B G + (I - P_B) G P_A.

    Hypotheses  rank(B) = rank(A) = r
    """
    yield from full_rank(case, num)
    B, A, G = case.B, case.A, case.gradient
    P, Q = projectors(case, num)
    dA = num.solve(B.mT @ B, B.mT @ G)
    along = num.solve(A @ A.mT, A @ G.mT).mT
    dB = along - P @ along
    yield conclude(
        equal(dB @ A + B @ dA, projected(G, P, Q), scale=num.frobenius_norm(G)), "dB A + B dA is the projection of G"
    )


def directions(case: LoraCase, num: Any) -> Steps:
    """Lemma 11.27, the last sentence: W changes only within the column space of B and the row space of A.

    Read with "and": to first order Z = P_B Z P_A.

    Hypotheses  rank(B) = rank(A) = r
    """
    yield from full_rank(case, num)
    P, Q = projectors(case, num)
    Z = direction(case)
    yield conclude(equal(Z, P @ Z @ Q, scale=num.frobenius_norm(Z)), "Z = P_B Z P_A")


def directions_of_a_step(case: LoraCase, num: Any) -> Steps:
    """Lemma 11.27, the last sentence, read with "or", for a whole step: (I - P_B)(W' - W)(I - P_A) = 0.

    The term eta^2 G A^T B^T G lies in neither space.

    Hypotheses  rank(B) = rank(A) = r
    """
    yield from full_rank(case, num)
    P, Q = projectors(case, num)
    Z = movement(case, num)
    rest = Z - P @ Z - Z @ Q + P @ Z @ Q
    yield conclude(equal(rest, Z * 0, scale=num.frobenius_norm(Z)), "nothing outside both spaces")


def directions_repaired(case: LoraCase, num: Any) -> Steps:
    """Lemma 11.27, the last sentence, repaired: to first order, each part of the movement lies in one of the spaces.

    Hypotheses  rank(B) = rank(A) = r
    Conclusion  (I - P_B) Z (I - P_A) = 0 for Z = B B^T G + G A^T A
    """
    yield from full_rank(case, num)
    P, Q = projectors(case, num)
    Z = direction(case)
    rest = Z - P @ Z - Z @ Q + P @ Z @ Q
    yield conclude(equal(rest, Z * 0, scale=num.frobenius_norm(Z)), "nothing outside both spaces, to first order")


def at_initialisation(case: LoraCase, num: Any) -> Steps:
    """Lemma 11.27 at the usual start B = 0: the first step moves W by exactly -eta G A^T A.

    The columns of the movement are free; its rows lie in the row space of A, which the draw of A has fixed.

    Hypotheses  B = 0; rank(A) = r
    Conclusion  W' - W = -eta G A^T A, and (W' - W)(I - P_A) = 0
    """
    yield suppose(equal(case.B, case.B * 0, scale=num.number(1)), "B = 0")
    yield suppose(num.nonsingular(case.A @ case.A.mT), "rank(A) = r")
    A = case.A
    moved = movement(case, num)
    yield conclude(equal(moved, -num.times(case.step[..., 0], case.gradient @ A.mT @ A)), "W' - W = -eta G A^T A")
    yield conclude(
        equal(moved, moved @ A.mT @ num.solve(A @ A.mT, A), scale=num.frobenius_norm(moved)),
        "its rows lie in the row space of A",
    )


# Lemma 11.28 -----------------------------------------------------------------------------------------------------------


def shapes(case: CountCase, num: Any) -> Steps:
    """Lemma 11.28, "the eigenvalues of A B": with A in R^{r x n} and B in R^{m x r}, the product A B is formed.

    A has n columns and B has m rows.

    Conclusion  n = m
    """
    if len(case.values) != 3 or min(case.values) < 1:
        raise InputError(f"the sizes {case.values} must be three positive integers: m, n, r")
    m, n, _ = case.values
    yield conclude(equal(num.number(n), num.number(m)), "A has as many columns as B has rows")


def _same_polynomial(P: Array, Q: Array, r: int, num: Any) -> Steps:
    """det(I + t P) = det(I + t Q) for t = 1, ..., r: polynomials of degree at most r that are one at t = 0."""
    for t in range(1, r + 1):
        left = num.determinant(num.identity(P.shape[-1]) + num.times(num.number(t), P))
        right = num.determinant(num.identity(Q.shape[-1]) + num.times(num.number(t), Q))
        size = (1 + t * num.frobenius_norm(P)) * (1 + t * num.frobenius_norm(Q))
        scale = size
        for _ in range(r - 1):
            scale = scale * size
        yield conclude(equal(left, right, scale=scale), "the eigenvalues other than zero are the same")


def eigenvalues(case: LoraCase, num: Any) -> Steps:
    """Lemma 11.28, for a square weight: B A and A B have the same eigenvalues, up to zeros.

    det(I_m + t B A) = det(I_r + t A B) (Sylvester), asked at as many t as the degree needs.

    Hypotheses  m = n
    """
    m, n = case.frozen.shape[-2:]
    yield suppose(m == n, "m = n")
    yield from _same_polynomial(case.B @ case.A, case.A @ case.B, case.rank, num)


def singular_values(case: LoraCase, num: Any) -> Steps:
    """Lemma 11.28: the singular values of B A are seen in the eigenvalues of A B, as their absolute values.

    Then the product of the first r of them is |det(A B)|.  Squared: det(B^T B) det(A A^T) = det(A B)^2.

    Hypotheses  m = n
    """
    m, n = case.frozen.shape[-2:]
    yield suppose(m == n, "m = n")
    d = num.determinant(case.A @ case.B)
    both = num.determinant(case.B.mT @ case.B) * num.determinant(case.A @ case.A.mT)
    yield conclude(equal(both, d * d), "prod sigma_i(B A) = |det(A B)|")


def singular_values_repaired(case: LoraCase, num: Any) -> Steps:
    """Lemma 11.28, repaired: the squared singular values of B A are the eigenvalues of (B^T B)(A A^T), up to zeros.

    For every shape; r x r again.

    Conclusion  det(I_m + t B A A^T B^T) = det(I_r + t B^T B A A^T)
    """
    P = case.B @ case.A
    yield from _same_polynomial(P @ P.mT, (case.B.mT @ case.B) @ (case.A @ case.A.mT), case.rank, num)


def trained(case: FitCase, num: Any) -> tuple[Array, Array]:
    """B_T and A_T after T steps of gradient descent on 1/2 ||B A - Delta W||_F^2."""
    B, A, target = case.B, case.A, case.change.matrix
    for _ in range(case.steps):
        B, A = factor_step(B, A, B @ A - target, case.step[..., 0], num)
    return B, A


def misalignment(P: Array, case: FitCase, num: Any) -> Any:
    """sum_{i <= r} (sigma_i(P) - sigma_i(Delta W))^2."""
    gaps = num.number(0)
    for i in range(case.rank):
        gap = num.singular_value(P, i + 1) - case.change.s[..., i]
        gaps = gaps + gap * gap
    return gaps


def alignment(case: FitCase, num: Any) -> Steps:
    """Lemma 11.28, the tendency: training brings the singular values of B A closer to those of Delta W.

    Measured: sum_{i <= r} (sigma_i(B A) - sigma_i(Delta W))^2 after T steps on 1/2 ||B A - Delta W||_F^2 against before.

    Hypotheses  eta sigma_1(Delta W) <= 1/4, ||B||_2 and ||A||_2 at most sqrt(sigma_1(Delta W)): small steps, moderate start
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


def alignment_from_zero(case: FitCase, num: Any) -> Steps:
    """Lemma 11.28, the tendency, from the usual start: B_0 = 0.

    Hypotheses  as before; B_0 = 0
    """
    yield suppose(equal(case.B, case.B * 0, scale=num.number(1)), "B_0 = 0")
    yield from alignment(case, num)


def alignment_bounded(case: FitCase, num: Any) -> Steps:
    """Lemma 11.28, repaired: the misalignment is never larger than the squared error, so it goes where the loss goes.

    Mirsky: sum_i (sigma_i(B A) - sigma_i(Delta W))^2 <= ||B A - Delta W||_F^2 for all factors, trained or not.
    """
    P = case.B @ case.A
    error = num.frobenius_norm_squared(P - case.change.matrix)
    scale = num.maximum(num.frobenius_norm_squared(P), num.frobenius_norm_squared(case.change.matrix))
    yield conclude(at_most(misalignment(P, case, num), error, scale=scale), "misalignment <= squared error")


def alignment_at_the_optimum(case: FitCase, num: Any) -> Steps:
    """Lemma 11.28, repaired, at the end of training: factors of least error have the first r singular values exactly.

    The bound of Mirsky leaves for the first r values what the error has beyond sum_{i > r} sigma_i^2: nothing.

    Hypotheses  ||B A - Delta W||_F^2 = sum_{i > r} sigma_i^2
    Conclusion  ||B A||_F^2 = sum_{i <= r} sigma_i^2 and |sigma_1(B A) - sigma_1| = 0
    """
    target = case.change.matrix
    d = num.svd(target)
    P, r = case.B @ case.A, case.rank
    total = num.frobenius_norm_squared(target)
    kept = (d.s[..., :r] * d.s[..., :r]).sum(-1)
    yield suppose(equal(num.frobenius_norm_squared(P - target), total - kept, scale=total), "the error is the least")
    yield conclude(equal(num.frobenius_norm_squared(P), kept, scale=total), "||B A||_F^2 = sum_{i <= r} sigma_i^2")
    yield conclude(equal(num.spectral_norm(P), d.s[..., 0]), "sigma_1(B A) = sigma_1(Delta W)")


def _source(label: str) -> Source:
    return Source("textbook", label, "11.2.4")


_STEP, _GEOMETRY, _ALIGNMENT = _source("Theorem 11.16"), _source("Lemma 11.27"), _source("Lemma 11.28")

CLAIMS = (
    Claim(
        key="textbook/theorem-11.16.chain-rule",
        statement=chain_rule,
        source=_STEP,
        verdict=Verdict.CORROBORATED,
        reason="<G, dB A + B dA> = <G A^T, dB> + <B^T G, dA>",
    ),
    Claim(
        key="textbook/theorem-11.16",
        statement=equivalence,
        source=_STEP,
        verdict=Verdict.REFUTED,
        reason="the step depends on the factors of W, not on W: 1 x 1, (B, A) = (0, 1) and (0, 1/2), one step",
        repaired_by="textbook/theorem-11.16:repaired",
    ),
    Claim(
        key="textbook/theorem-11.16:full-gradient",
        statement=full_gradient,
        source=_STEP,
        verdict=Verdict.REFUTED,
        reason="W' - W = -eta (B B^T G + G A^T A) + ...: at B = A = 0 it does not move (1 x 1)",
        repaired_by="textbook/theorem-11.16:repaired",
    ),
    Claim(
        key="textbook/theorem-11.16:repaired",
        statement=step_to_every_order,
        source=_STEP,
        verdict=Verdict.CORROBORATED,
        reason="multiply (B - eta G A^T)(A - eta B^T G) out",
    ),
    Claim(
        key="textbook/theorem-11.16:rotations",
        statement=equivalence_up_to_rotations,
        source=_STEP,
        verdict=Verdict.CORROBORATED,
        reason="B B^T and A^T A do not see an orthogonal change of basis",
    ),
    Claim(
        key="textbook/theorem-11.16.stationary",
        statement=stationary,
        source=_STEP,
        verdict=Verdict.REFUTED,
        reason="B = A = 0 is stationary for the factors whatever G is: 1 x 1",
        repaired_by="textbook/theorem-11.16.stationary:repaired",
    ),
    Claim(
        key="textbook/theorem-11.16.stationary:repaired",
        statement=stationary_repaired,
        source=_STEP,
        verdict=Verdict.CORROBORATED,
        reason="P_B G = 0 and G P_A = 0 follow from B^T G = 0 and G A^T = 0",
    ),
    Claim(
        key="textbook/lemma-11.27",
        statement=projection,
        source=_GEOMETRY,
        verdict=Verdict.REFUTED,
        reason="the factors weight the two terms: not even parallel (m = 2, n = r = 1); for 1 x 1 it is a multiple",
        repaired_by="textbook/lemma-11.27:repaired",
    ),
    Claim(
        key="textbook/lemma-11.27:repaired",
        statement=projection_repaired,
        source=_GEOMETRY,
        verdict=Verdict.CORROBORATED,
        reason="each term has its columns in range(B) or its rows in range(A^T)",
    ),
    Claim(
        key="textbook/lemma-11.27:preconditioned",
        statement=preconditioned,
        source=_GEOMETRY,
        verdict=Verdict.CORROBORATED,
        reason="the Gram matrices undo the weights, and I - P_B takes out what would count twice",
    ),
    Claim(
        key="textbook/lemma-11.27.directions",
        statement=directions,
        source=_GEOMETRY,
        verdict=Verdict.REFUTED,
        reason="G A^T A has any columns: m = 2, n = r = 1",
        repaired_by="textbook/lemma-11.27.directions:repaired",
    ),
    Claim(
        key="textbook/lemma-11.27.directions:finite-step",
        statement=directions_of_a_step,
        source=_GEOMETRY,
        verdict=Verdict.REFUTED,
        reason="eta^2 G A^T B^T G lies in neither space: m = n = 2, r = 1; smaller shapes leave no room outside both",
        repaired_by="textbook/lemma-11.27.directions:repaired",
    ),
    Claim(
        key="textbook/lemma-11.27.directions:repaired",
        statement=directions_repaired,
        source=_GEOMETRY,
        verdict=Verdict.CORROBORATED,
        reason="(I - P_B) B = 0 and A (I - P_A) = 0",
    ),
    Claim(
        key="textbook/lemma-11.27.at-initialisation",
        statement=at_initialisation,
        source=_GEOMETRY,
        verdict=Verdict.CORROBORATED,
        reason="with B = 0 only B moves",
    ),
    Claim(
        key="textbook/lemma-11.28.shapes",
        statement=shapes,
        source=_ALIGNMENT,
        verdict=Verdict.REFUTED,
        reason="A B exists for square weights only: m = 1, n = 2",
        repaired_by="textbook/lemma-11.28.eigenvalues",
    ),
    Claim(
        key="textbook/lemma-11.28.eigenvalues",
        statement=eigenvalues,
        source=_ALIGNMENT,
        verdict=Verdict.CORROBORATED,
        reason="Sylvester's determinant identity",
    ),
    Claim(
        key="textbook/lemma-11.28.singular-values",
        statement=singular_values,
        source=_ALIGNMENT,
        verdict=Verdict.REFUTED,
        reason="B = e_1, A = e_2^T: A B = 0 and sigma_1(B A) = 1; for 1 x 1 they agree",
        repaired_by="textbook/lemma-11.28.singular-values:repaired",
    ),
    Claim(
        key="textbook/lemma-11.28.singular-values:repaired",
        statement=singular_values_repaired,
        source=_ALIGNMENT,
        verdict=Verdict.CORROBORATED,
        reason="Sylvester's identity for B A A^T B^T",
    ),
    Claim(
        key="textbook/lemma-11.28",
        statement=alignment,
        source=_ALIGNMENT,
        verdict=Verdict.REFUTED,
        reason="B = 1, A = -1, Delta W = 1: aligned at the start, and the way to the target leads through zero (1 x 1)",
        repaired_by="textbook/lemma-11.28:repaired",
    ),
    Claim(
        key="textbook/lemma-11.28:repaired",
        statement=alignment_bounded,
        source=_ALIGNMENT,
        verdict=Verdict.CORROBORATED,
        reason="Mirsky: singular values are as close as the matrices",
    ),
    Claim(
        key="textbook/lemma-11.28:optimum",
        statement=alignment_at_the_optimum,
        source=_ALIGNMENT,
        verdict=Verdict.CORROBORATED,
        reason="equality in Eckart and Young",
    ),
    Claim(
        key="textbook/lemma-11.28:standard-start",
        statement=alignment_from_zero,
        source=_ALIGNMENT,
        verdict=Verdict.EMPIRICAL,
        reason="to be measured",
    ),
)
