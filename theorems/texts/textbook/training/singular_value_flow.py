"""The textbook section, 11.2.1: the differential equation of the singular values that Lemma 11.18 speaks of.

Along W' = -G a simple, positive singular value obeys d sigma_i / dt = -u_i^T G v_i.  A step of length eta leaves it
with a remainder of second order, which the gap to its neighbours bounds.  For any change C of W and any i

    gap_i |sigma_i(W + C) - sigma_i - u_i^T C v_i| <= ||C||_2^2,

with no bound on C.  For the symmetric matrix [[0, W], [W^T, 0]] has the eigenvalue sigma_i with the unit vector
z = (u_i, v_i) / sqrt 2, its own change H has the norm of C, and gap_i is the distance to the rest of its spectrum.  On
the span of z and the eigenvectors below, a unit vector y = cos t z + sin t w has

    y^T [[0, W], [W^T, 0]] y <= sigma_i - gap_i sin^2 t,
    y^T H y - z^T H z = tr(H (y y^T - z z^T)) <= 2 ||H|| |sin t|,

so that sigma_i(W + C), at most the largest value on this span (Courant and Fischer), is at most
sigma_i + z^T H z + max_s (2 ||H|| s - gap_i s^2) = sigma_i + u_i^T C v_i + ||C||^2 / gap_i.  The span with the
eigenvectors above gives the other side.  Below the last one, sigma, a W that is not square has zeros in that spectrum,
and yet gap_i = 2 sigma does for every W: with e = u^T C v and m <= n, say,

    sigma_m(W + C)^2 <= ||(W + C)^T u||^2 <= sigma^2 + 2 sigma e + ||C||^2 <= (sigma + e + ||C||^2 / (2 sigma))^2.

W = diag(p, p - gap) and C = ((-x, y), (y, x)) with x^2 + y^2 = e^2, x = e^2 / gap attain it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import Array
from theorems.claim import Source
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, less_than, suppose
from theorems.texts.textbook.training.cases import RegressionCase

Steps = Iterator[Suppose | Conclude]


def _change(case: RegressionCase, num: Num) -> Array:
    """-eta G, the step of gradient descent from W_0: G = (W_0 X - Y) X^T."""
    X = case.inputs.matrix
    G = (case.start.matrix @ X - case.targets) @ X.mT
    return num.times(-case.step[..., 0], G)


def _gap_below(case: RegressionCase, i: int) -> Any:
    """sigma_i - sigma_{i+1}, numbered from 0; of the last one 2 sigma_i."""
    s = case.start.s
    return s[..., i] - s[..., i + 1] if i + 1 < s.shape[-1] else 2 * s[..., i]


def singular_values_move(case: RegressionCase, num: Num) -> Steps:
    """Lemma 11.18, "the singular values obey a differential equation": d sigma_i / dt = -u_i^T G v_i.

    Stated for a step of any length eta.  gap_i is the distance of sigma_i from its neighbours, of which the last one
    has -sigma_i below it; where it is zero nothing is said.

    Conclusion  gap_i |sigma_i(W - eta G) - (sigma_i - eta u_i^T G v_i)| <= eta^2 ||G||_2^2, for every i
    Margin      relative to (||W||_2 + eta ||G||_2)^2
    """
    C, W = _change(case, num), case.start
    size = num.spectral_norm(C)
    scale = (W.s[..., 0] + size) * (W.s[..., 0] + size)
    for i in range(W.s.shape[-1]):
        gap = _gap_below(case, i)
        if i > 0:
            gap = num.minimum(gap, W.s[..., i - 1] - W.s[..., i])
        expected = W.s[..., i] + num.dot(W.U[..., :, i], num.apply(C, W.V[..., :, i]))
        moved = num.singular_value(W.matrix + C, i + 1)
        yield conclude(
            at_most(gap * num.absolute(moved - expected), size * size, scale=scale), "the remainder is of second order"
        )


def singular_values_move_one_sided(case: RegressionCase, num: Num) -> Steps:
    """Lemma 11.18, the differential equation, sharpened: the gap below bounds the remainder from above, that above
    from below; the first singular value never falls behind its tangent.

    Conclusion  (sigma_i - sigma_{i+1}) (sigma_i(W - eta G) - sigma_i + eta u_i^T G v_i) <= eta^2 ||G||_2^2, and
                (sigma_{i-1} - sigma_i) (sigma_i - eta u_i^T G v_i - sigma_i(W - eta G)) <= eta^2 ||G||_2^2
    """
    C, W = _change(case, num), case.start
    size = num.spectral_norm(C)
    scale = (W.s[..., 0] + size) * (W.s[..., 0] + size)
    for i in range(W.s.shape[-1]):
        expected = W.s[..., i] + num.dot(W.U[..., :, i], num.apply(C, W.V[..., :, i]))
        moved = num.singular_value(W.matrix + C, i + 1)
        above = _gap_below(case, i) * (moved - expected)
        yield conclude(at_most(above, size * size, scale=scale), "from above, by the gap below")
        if i == 0:
            yield conclude(at_most(expected, moved, scale=W.s[..., 0] + size), "sigma_1 stays above its tangent")
        else:
            below = (W.s[..., i - 1] - W.s[..., i]) * (expected - moved)
            yield conclude(at_most(below, size * size, scale=scale), "from below, by the gap above")


def singular_values_are_smooth(case: RegressionCase, num: Num) -> Steps:
    """Lemma 11.18, the differential equation, read for every W: sigma_1 has a derivative, with a remainder that the
    size of W bounds.

    Of the two steps W - eta G and W + eta G the first order cancels, whichever singular vectors are taken.

    Hypotheses  W is not zero
    Conclusion  sigma_1 |sigma_1(W - eta G) + sigma_1(W + eta G) - 2 sigma_1| <= 2 eta^2 ||G||_2^2
    """
    C, W = _change(case, num), case.start
    yield suppose(less_than(num.number(0), W.s[..., 0]), "W is not zero")
    size = num.spectral_norm(C)
    both = num.spectral_norm(W.matrix + C) + num.spectral_norm(W.matrix - C)
    yield conclude(
        at_most(
            W.s[..., 0] * num.absolute(both - 2 * W.s[..., 0]),
            2 * size * size,
            scale=(W.s[..., 0] + size) * (W.s[..., 0] + size),
        ),
        "no first order is left",
    )


_SOURCE = Source("textbook", "Lemma 11.18", "11.2.1")

CLAIMS = (
    _SOURCE.stands(
        "textbook/lemma-11.18.evolution", singular_values_move,
        "perturbation of a simple eigenvalue, by Courant and Fischer, for every step; the constant is attained",
    ),
    _SOURCE.stands(
        "textbook/lemma-11.18.evolution:sharpened", singular_values_move_one_sided,
        "one span for each side: the eigenvectors below, or those above",
    ),
    _SOURCE.gap(
        "textbook/lemma-11.18.evolution:ties", singular_values_are_smooth,
        "where sigma_1 = sigma_2 there is no derivative: W = I, G = diag(1, 0), eta = 1/3 leave 1 on one side "
        "and 4/3 on the other",
        repaired_by="textbook/lemma-11.18.evolution",
    ),
)  # fmt: skip
