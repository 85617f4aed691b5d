"""Zeng and Lee, Section 2.1: the input space is bounded, and Theorem 3 needs it.

Let f have two layers of width D, adapted to A and B, and let f = ReLU(W-bar x + b-bar) on all of R^D with W-bar
non-singular.  At t x, divided by t, as t grows, the biases drop out:

    ReLU(B ReLU(A x)) = ReLU(W-bar x)   for every x.

A is non-singular, or f would be constant along a line and the right side is not.  Where w_i^T x > 0 (w_i the rows of
W-bar) the left side of row i is sum_j B_ij ReLU(a_j^T x) = w_i^T x, without a bend: the planes a_j^T x = 0 cross this
half-space unless a_j is parallel to w_i, and the a_j are independent, so that B_ij = 0 for all j but one, and for that
one a_j = c w_i with c > 0, B_ij = 1 / c.  So A = S W-bar and B = S^{-1} with S a permutation times a positive diagonal.

For D = 2 and adapters of rank one both det(S W-bar - W_1) = 0 and det(I - W_2 S) = 0 are equations
a + b s + c t + d s t = 0 in two positive numbers.  Where a combination of them has coefficients of one sign, not all
zero, they have no positive solution; it is enough to look at the two and at the four that eliminate a coefficient, the
edges of the cone of such combinations.
"""

from __future__ import annotations

from typing import Any

from theorems.case import Array
from theorems.claim import Source
from theorems.models.relu import NetworkCase
from theorems.num import Num
from theorems.statement import conclude, exists, suppose
from theorems.texts.zeng_lee.linear.linear_models import Steps
from theorems.texts.zeng_lee.relu.assumptions import assumption_1
from theorems.texts.zeng_lee.relu.construction import decompositions, scalar

#: Coefficients of 1, s, t and s t.
Coefficients = tuple[Any, Any, Any, Any]


def _entries(A: Array) -> tuple[Any, Any, Any, Any]:
    a, b, c, d = (scalar(A[..., i, j]) for i in (0, 1) for j in (0, 1))
    return a, b, c, d


def _equations(case: NetworkCase, swapped: bool) -> tuple[Coefficients, Coefficients]:
    """det(S W-bar - W_1) and det(I - W_2 S) for S = diag(s, t), or S = [[0, s], [t, 0]] where `swapped`."""
    a, b, c, d = _entries(case.target.weights[0])
    p, q, r, u = _entries(case.frozen.weights[0])
    v, w, x, y = _entries(case.frozen.weights[1])
    one = v * 0 + 1
    if swapped:
        return (p * u - q * r, d * r - c * u, a * q - b * p, b * c - a * d), (one, -x, -w, w * x - v * y)
    return (p * u - q * r, b * r - a * u, c * q - d * p, a * d - b * c), (one, -v, -y, v * y - w * x)


def _none_positive(one: Coefficients, two: Coefficients) -> Any:
    """Whether a combination of both has coefficients of one sign, not all zero."""
    found: Any = False
    eliminations = [tuple(two[k] * x - one[k] * y for x, y in zip(one, two, strict=True)) for k in range(4)]
    for row in (one, two, *eliminations):
        for sign in (1, -1):
            weak: Any = True
            strict: Any = False
            for value in row:
                weak = weak & (sign * value >= 0)
                strict = strict | (sign * value > 0)
            found = found | (weak & strict)
    return found


def exact_on_all_of_space(case: NetworkCase, num: Num) -> Steps:
    """Theorem 3 for X = R^D, which Section 2.1 excludes: f = f-bar for every input.

    Stated for D = L = 2, R = 1 and one target layer.

    Hypotheses   Assumption 1; L-bar = 1, L = D = 2, R = 1, where rank(E) <= R M always; W-bar is non-singular
    Obstruction  A = S W-bar and B = S^{-1} have no solution (see the top of this module)
    Conclusion   there are adapters of rank one and biases with f = f-bar on R^2; supported by S = I or S = 1 with
                 both units exchanged where these do
    """
    yield suppose(case.frozen.width == 2 and case.frozen.depth == 2 and case.depth == 1, "L = D = 2 and L-bar = 1")
    yield suppose(case.ranks == (1, 1), "R = 1")
    yield from assumption_1(case, decompositions(case, num), num)
    yield suppose(num.nonsingular(case.target.weights[0]), "W-bar is non-singular")
    blocked: Any = True
    missed = None
    for swapped in (False, True):
        one, two = _equations(case, swapped)
        blocked = blocked & _none_positive(one, two)
        here = num.maximum(num.absolute(sum(one[1:], one[0])), num.absolute(sum(two[1:], two[0])))  # at s = t = 1
        missed = here if missed is None else num.minimum(missed, here)
    yield conclude(
        exists(
            attained=lambda: missed,
            lower_bound=lambda: num.where(blocked, num.number(1), num.number(0)),
            bound=num.number(0),
            scale=num.number(1),
        ),
        "some f equals f-bar on R^2",
    )


CLAIMS = (
    Source("zeng-lee", "Theorem 3", "Section 2.2, Appendix E.2").false(
        "zeng-lee/theorem-3:unbounded-inputs", exact_on_all_of_space,
        "D = 2, W = (I, diag(1, -1)), W-bar = diag(2, -1): no bias keeps a ReLU active on R^2, and S = diag(s, "
        "t) needs s = 1/2 and s = 1; D = 1 has rank R = D",
        printed="X bounded (Section 2.1); this reading: X = R^D", repaired_by="zeng-lee/theorem-3",
    ),
)  # fmt: skip
