"""The textbook section, 11.2.3: gradient descent on 1/2 ||W X - Y||_F^2, mode by mode (Lemma 11.22)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from theorems.case import Array, CountCase
from theorems.claim import Source
from theorems.errors import InputError
from theorems.facts import to_state
from theorems.num import Num
from theorems.statement import Conclude, Suppose, conclude, equal, suppose
from theorems.texts.textbook.training.cases import RegressionCase, ReparametrisedCase

Steps = Iterator[Suppose | Conclude]


def gradient(W: Array, X: Array, Y: Array) -> Array:
    """W X X^T - Y X^T, taken as (W X - Y) X^T."""
    result: Array = (W @ X - Y) @ X.mT
    return result


def descent(W: Array, case: RegressionCase, num: Num) -> list[Array]:
    """W_0, W_1, ..., W_T from the start W."""
    X, run = case.inputs.matrix, [W]
    for _ in range(case.steps):
        run.append(run[-1] - num.times(case.step[..., 0], gradient(run[-1], X, case.targets)))
    return run


def eigen(case: RegressionCase, num: Num) -> tuple[Array, Array]:
    """All eigenvectors of X X^T as columns, and the eigenvalues lambda_1 >= ... >= lambda_n."""
    d = num.svd(case.inputs.matrix)
    return d.U, d.s * d.s


def limit(case: RegressionCase, num: Num) -> Array:
    """The minimiser Y X^T (X X^T)^{-1}, for X of rank n."""
    X = case.inputs.matrix
    return num.solve(X @ X.mT, X @ case.targets.mT).mT


def column_norms(A: Array) -> Array:
    """The squared norms of the columns, (..., n)."""
    squares: Array = (A * A).sum(-2)
    return squares


def regular(case: RegressionCase, num: Num) -> Suppose:
    """X X^T is non-singular, so that there is one minimiser."""
    X = case.inputs.matrix
    return suppose(num.nonsingular(X @ X.mT), "X X^T is non-singular")


def shapes(case: CountCase, num: Num) -> Steps:
    """Lemma 11.22, the shapes as printed: X in R^{n x d} and Y in R^{n x m} fit in ||W X - Y||_F for some matrix W.

    W X has d columns for every W, and Y has m.

    Conclusion  d = m
    """
    if len(case.values) != 3 or min(case.values) < 1:
        raise InputError(f"the sizes {case.values} must be three positive integers: n, d, m")
    _, d, m = case.values
    yield conclude(equal(num.number(d), num.number(m)), "W X and Y have as many columns")


def gradient_as_meant(case: RegressionCase, num: Num) -> Steps:
    """Lemma 11.22, the update, shapes as meant (W m x n, X n x d, Y m x d): the gradient is W X X^T - Y X^T.

    The loss is quadratic, so that L(W + H) = L(W) + <G, H> + 1/2 ||H X||_F^2 exactly, for every H; and the odd part of
    H -> L(W + H) is <G, H>.

    Conclusion  (L(W + H) - L(W - H)) / 2 = <W X X^T - Y X^T, H> with the loss evaluated forward
    """
    X, Y, W, H = case.inputs.matrix, case.targets, case.start.matrix, case.other
    half = num.number(1, 2)
    forward = half * num.frobenius_norm_squared((W + H) @ X - Y)
    backward = half * num.frobenius_norm_squared((W - H) @ X - Y)
    G = W @ (X @ X.mT) - Y @ X.mT
    yield conclude(
        equal(half * (forward - backward), num.trace(G.mT @ H), scale=forward + backward),
        "the derivative along H is <W X X^T - Y X^T, H>",
    )


def solution_space(case: ReparametrisedCase, num: Num) -> Steps:
    """Lemma 11.22, the sentence before it: the row space of X determines the solutions of the regression.

    X and R X with a non-singular R have one row space; read as: they then have the same minimisers.

    Hypotheses  R is non-singular; X X^T is non-singular, so that each problem has one minimiser
    Conclusion  the two minimisers are equal
    """
    X, R, Y = case.inputs, case.mixing, case.targets
    yield suppose(num.nonsingular(R), "R is non-singular")
    yield suppose(num.nonsingular(X @ X.mT), "X X^T is non-singular")
    other = R @ X
    one, two = (num.solve(Z @ Z.mT, Z @ Y.mT) for Z in (X, other))
    yield conclude(equal(one, two), "the minimisers are equal")


def fitted_values(case: ReparametrisedCase, num: Num) -> Steps:
    """Lemma 11.22, the sentence before it, repaired: the row space of X determines the fitted values W X, not W.

    W X is Y projected onto the row space; the set of minimisers itself is W + {Z : Z X = 0}, a matter of the column
    space.

    Hypotheses  R is non-singular; X X^T is non-singular
    Conclusion  the minimisers of X and R X fit the same values
    """
    X, R, Y = case.inputs, case.mixing, case.targets
    yield suppose(num.nonsingular(R), "R is non-singular")
    yield suppose(num.nonsingular(X @ X.mT), "X X^T is non-singular")
    other = R @ X
    one, two = (num.solve(Z @ Z.mT, Z @ Y.mT).mT @ Z for Z in (X, other))
    yield conclude(equal(one, two, scale=num.frobenius_norm(Y)), "the fitted values are equal")


def independent_modes(case: RegressionCase, num: Num) -> Steps:
    """Lemma 11.22: the projections of W_t on the eigenvectors of X X^T evolve independently of each other.

    W_{t+1} q = (1 - eta lambda) W_t q + eta Y X^T q for X X^T q = lambda q: the projection on q depends on its own past
    alone.  The start is changed everywhere but on q, and W_t q does not move.

    Conclusion  the recursion for every eigenvector and step; W_t q is the same from both starts
    """
    X, Y = case.inputs.matrix, case.targets
    Q, eigenvalues = eigen(case, num)
    eta = case.step[..., 0]
    run = descent(case.start.matrix, case, num)
    drive = num.times(eta, Y @ X.mT @ Q)
    factors = 1 - num.times(eta, eigenvalues)
    for W, following in itertools.pairwise(run):
        before = W @ Q
        scale = num.maximum(num.frobenius_norm(W @ X @ X.mT) * num.absolute(eta), num.frobenius_norm(following))
        scale = num.maximum(scale, num.frobenius_norm(drive))
        yield conclude(
            equal(following @ Q, before * factors[..., None, :] + drive, scale=scale),
            "W_{t+1} q = (1 - eta lambda) W_t q + eta Y X^T q",
        )
    first = Q[..., :, :1]
    changed = case.other + (case.start.matrix - case.other) @ first @ first.mT
    end = descent(changed, case, num)[-1]
    scale = num.maximum(num.frobenius_norm(run[-1]), num.frobenius_norm(end))
    yield conclude(equal(run[-1] @ first, end @ first, scale=scale), "W_t q does not depend on the rest of W_0")


def invariant_for_the_weight(case: RegressionCase, num: Num) -> Steps:
    """Lemma 11.22, "invariant subspaces", read of the weight itself: what starts in an eigenspace stays there.

    The map W -> W - eta (W X X^T - Y X^T) is affine: Y X^T drives the other modes from any start.

    Hypotheses  the rows of W_0 lie along an eigenvector q
    Conclusion  the rows of W_t lie along q
    """
    Q, _ = eigen(case, num)
    q = Q[..., :, :1]
    start = case.start.matrix @ q @ q.mT
    end = descent(start, case, num)[-1]
    yield conclude(equal(end, end @ q @ q.mT, scale=num.frobenius_norm(end)), "the rows of W_t lie along q")


def invariant_for_the_error(case: RegressionCase, num: Num) -> Steps:
    """Lemma 11.22, "invariant subspaces", repaired: an error W_0 - W* along an eigenvector stays along it.

    W_{t+1} - W* = (W_t - W*)(I - eta X X^T).

    Hypotheses  X X^T is non-singular; the rows of W_0 - W* lie along q
    Conclusion  the rows of W_t - W* lie along q
    """
    yield regular(case, num)
    Q, _ = eigen(case, num)
    q, best = Q[..., :, :1], limit(case, num)
    end = descent(best + case.other @ q @ q.mT, case, num)[-1]
    scale = num.maximum(num.frobenius_norm(end), num.frobenius_norm(best))
    yield conclude(equal((end - best) @ q @ q.mT, end - best, scale=scale), "the rows of W_t - W* lie along q")


_LEMMA = Source("textbook", "Lemma 11.22", "11.2.3")

CLAIMS = (
    _LEMMA.misprint(
        "textbook/lemma-11.22.shapes:printed-letter", shapes,
        "W X has d columns and Y has m: n = d = 1, m = 2; Y must be m x d",
        place="11.2.3, paragraph before Lemma 11.22",
        printed="X in R^{n x d}, Y in R^{n x m}; the update W X X^T - Y X^T needs Y in R^{m x d}",
        repaired_by="textbook/lemma-11.22.shapes",
    ),
    _LEMMA.stands(
        "textbook/lemma-11.22.shapes", gradient_as_meant,
        "with Y in R^{m x d} the printed update is the gradient of the loss, exactly",
    ),
    _LEMMA.false(
        "textbook/lemma-11.22.solution-space", solution_space,
        "X = 1 and -X have one row space; Y = 1 gives W = 1 and W = -1: 1 x 1, one sample",
        place="11.2.3, paragraph before Lemma 11.22", printed="the solution space is determined by the row space of X",
        repaired_by="textbook/lemma-11.22.solution-space:repaired",
    ),
    _LEMMA.stands(
        "textbook/lemma-11.22.solution-space:repaired", fitted_values, "W X is the projection of Y onto the row space",
        about={"R is non-singular": to_state("the minimiser for R X is formed with (R X X^T R^T)^{-1}")},
    ),
    _LEMMA.stands(
        "textbook/lemma-11.22", independent_modes,
        "X X^T q = lambda q turns the update into a scalar recursion for W_t q",
    ),
    _LEMMA.gap(
        "textbook/lemma-11.22.invariant", invariant_for_the_weight,
        "Y X^T drives the other modes: n = 2, W_0 = 0, one step; n = 1 has one mode only",
        place="Lemma 11.22", printed="the eigenspaces of X X^T are invariant subspaces of the gradient flow",
        repaired_by="textbook/lemma-11.22.invariant:repaired",
    ),
    _LEMMA.stands(
        "textbook/lemma-11.22.invariant:repaired", invariant_for_the_error,
        "the error W_t - W* obeys the linear recursion",
    ),
)  # fmt: skip
