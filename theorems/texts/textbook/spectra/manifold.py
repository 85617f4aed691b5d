"""Textbook, 11.2.1, Theorem 11.9: data on a manifold of low dimension, linear subspaces, and the rank of weights.

The manifold of a case is a curve (intrinsic dimension 1) through N given points x_1, ..., x_N of R^d, the rows of X:
the interpolation x(t) = sum_j L_j(t) x_j with the Lagrange polynomials of the nodes t = 1..N.  For linearly
independent points the linear map x_j -> j takes x(t) to sum_j L_j(t) j = t, so that the curve is a graph over a line:
an embedded one-dimensional manifold, and smooth.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.claim import Source
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, exists, suppose
from theorems.texts.textbook.spectra.cases import ManifoldCase
from theorems.texts.textbook.spectra.effective_rank import effective_rank
from theorems.texts.textbook.spectra.matrices import truncated

Steps = Iterator[Suppose | Conclude]

EMBEDDED = "the points are linearly independent"
#: What "much smaller" means in these claims, as in Theorem 11.12: a factor of ten.
MUCH, MUCH_LESS = 10, "10 d_int <= d"


def _curve(case: ManifoldCase, num: Num) -> Steps:
    X = case.points.matrix
    yield suppose(num.rank(X) == X.shape[-2], EMBEDDED)


def a_line_close_to_a_curve(case: ManifoldCase, num: Num) -> Steps:
    """Theorem 11.9: a manifold of intrinsic dimension d_int is close to a subspace of that dimension (here d_int = 1).

    "Close" is read as a distance of at most half of the largest norm.  Obstruction for every line S: the squared
    distances of the N points sum to at least sum_{i>1} sigma_i(X)^2 (Eckart-Young), so one of them is at least the
    N-th part. Construction: the line along v_1.  The identity (a curve through e_1, ..., e_d) leaves 1 - 1/d of the
    squared norm for every d, so that "d_int much smaller than d" does not help.

    Hypotheses  d_int = 1 is much smaller than d, 10 d_int <= d; N >= 2 linearly independent points on the curve
    Conclusion  some line has all of M within max ||x|| / 2; the distances at the points bound those on M from below
    """
    yield from _curve(case, num)
    X = case.points.matrix
    d = num.svd(X)
    N = X.shape[-2]
    yield suppose(X.shape[-1] >= MUCH, MUCH_LESS)
    yield suppose(N >= 2, "two points or more")
    largest = num.norm_squared(X[..., 0, :])
    for j in range(1, N):
        largest = num.maximum(largest, num.norm_squared(X[..., j, :]))
    average = num.norm_squared(d.s[..., 1:]) / N

    def attained() -> Any:
        gap = X - truncated(d, 1)
        worst = num.norm_squared(gap[..., 0, :])
        for j in range(1, N):
            worst = num.maximum(worst, num.norm_squared(gap[..., j, :]))
        return worst

    yield conclude(
        exists(attained=attained, lower_bound=average, bound=largest / 4, scale=largest),
        "some line is within half of the largest norm",
    )


def rank_of_the_map(case: ManifoldCase, num: Num) -> Steps:
    """Theorem 11.9, second sentence: the effective rank of a weight matrix that represents the data map is at most
    d_int.

    The data map is the identity on the curve, f(x) = x.  The points span R^d, so that W x_j = x_j for all j leaves only
    W = I, whose singular values are all one: no weight matrix for f has another effective rank.

    Hypotheses  N = d linearly independent points of the curve; 10 d_int <= d
    Conclusion  eff-rank(W) <= 1 for the W with W X^T = X^T
    """
    yield from _curve(case, num)
    X = case.points.matrix
    N, d = X.shape[-2:]
    yield suppose(d >= MUCH, MUCH_LESS)
    yield suppose(d == N, "as many points as dimensions")
    W = num.solve(X, X).mT  # W X^T = X^T
    s = num.constant([1] * d)  # of the identity
    yield conclude(equal(W, num.identity(d), scale=num.number(1)), "only the identity represents the map")
    yield conclude(at_most(effective_rank(s, num), num.number(1)), "its effective rank is at most d_int = 1")


def any_weight_on_a_subspace(case: ManifoldCase, num: Num) -> Steps:
    """Theorem 11.9, on a linear manifold, for any weight matrix that represents the map: rank(W) <= d_int.

    Hypotheses  the points span a proper subspace S of R^d, of dimension d_int = rank(X)
    Conclusion  rank(W) <= d_int
    """
    X = case.points.matrix
    d_int = num.rank(X)
    yield suppose(at_most(d_int + 1, X.shape[-1]), "the manifold is in a proper subspace")
    yield conclude(at_most(num.rank(case.weight), d_int), "rank(W) <= d_int")


def some_weight_on_a_subspace(case: ManifoldCase, num: Num) -> Steps:
    """Theorem 11.9, repaired: a manifold in a linear subspace S, and *some* weight matrix of rank at most dim S.

    Let P project on S, the span of the points.  Every x in S is P x, and W P represents x -> W x on S.  What counts
    is the dimension of the linear span, not the intrinsic one; and other weight matrices do the same with any rank.

    Hypotheses  the points span S; V_r are the right singular vectors of the r = rank(X) positive singular values
    Conclusion  (W P) x = W x for all points, and rank(W P) <= dim S
    """
    X = case.points.matrix
    d = num.svd(X)
    r = num.rank(X)
    kept = num.selector(d.s.shape[-1], 1, r)
    P = d.V @ kept @ d.V.mT
    scale = num.frobenius_norm(case.weight) * num.frobenius_norm(X)
    yield conclude(equal(X @ P, X, scale=num.frobenius_norm(X)), "every point is its own projection")
    yield conclude(equal(case.weight @ P @ X.mT, case.weight @ X.mT, scale=scale), "W P represents the map")
    yield conclude(at_most(num.rank(case.weight @ P), r), "rank(W P) <= dim S")


_SOURCE = Source("textbook", "Theorem 11.9", "11.2.1")

CLAIMS = (
    _SOURCE.false(
        "textbook/theorem-11.9", a_line_close_to_a_curve,
        "manifolds curve: one through e_1 and e_2 of R^10 is far from every line, and so are those through more",
        place="Theorem 11.9, first sentence",
        printed="d_int << d; there is a subspace S of dimension d_int with x near its projection for all x in M",
        why=(
            "A manifold of dimension one need not be straight: a curve through e_1 and e_2 is far from every "
            "line. What bounds ranks is the dimension of the linear span of the data."
        ),
        repaired_by="textbook/theorem-11.9:repaired",
    ),
    _SOURCE.false(
        "textbook/theorem-11.9.rank", rank_of_the_map,
        "a curve may span R^d, and the identity map on it is represented by I alone, of effective rank d = 10",
        place="Theorem 11.9, second sentence", printed="the effective rank of the weight is at most d_int",
        repaired_by="textbook/theorem-11.9:repaired",
    ),
    _SOURCE.gap(
        "textbook/theorem-11.9.rank:any-weight", any_weight_on_a_subspace,
        "off the subspace W is arbitrary: even data at 0 alone are represented by the 1 x 1 matrix (1) of "
        "rank 1 > 0",
        repaired_by="textbook/theorem-11.9:repaired",
    ),
    _SOURCE.stands(
        "textbook/theorem-11.9:repaired", some_weight_on_a_subspace,
        "on a linear subspace S every map x -> W x is that of W P_S, of rank at most dim S",
    ),
)  # fmt: skip
