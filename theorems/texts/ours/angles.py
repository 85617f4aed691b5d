"""The midpoint of two subspaces: it halves every principal angle, and its complement avoids both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from theorems.adaptation.subspaces import subspaces_of
from theorems.case import SVD, Array
from theorems.claim import Source
from theorems.errors import InputError
from theorems.facts import not_needed
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose

Steps = Iterator[Suppose | Conclude]


@dataclass(frozen=True)
class SubspacesCase:
    """Two R-dimensional subspaces of R^n with the SVD of a^T b, and a third one that competes with their midpoint.

    a, b    orthonormal bases, (..., n, R)
    angles  the SVD of a^T b: the cosines of the principal angles, and the pairs of principal directions
    other   an orthonormal basis, (..., n, R)
    """

    a: Array
    b: Array
    angles: SVD
    other: Array

    def __post_init__(self) -> None:
        n, R = self.a.shape[-2:]
        shapes = [leaf.shape[-2:] for leaf in (self.a, self.b, self.other)]
        if any(shape != (n, R) for shape in shapes) or self.angles.s.shape[-1] != R:
            raise InputError(f"bases of the shapes {shapes} for {self.angles.s.shape[-1]} principal angles: all n x R")

    @property
    def midpoint(self) -> Array:
        """y = a p + b o for a^T b = p s o^T."""
        y: Array = self.a @ self.angles.U + self.b @ self.angles.V
        return y


def _setting(case: SubspacesCase, num: Num) -> Steps:
    unit = num.identity(case.a.shape[-1])
    for basis in (case.a, case.b):
        yield suppose(equal(basis.mT @ basis, unit), "a and b have orthonormal columns")
    wanted = case.a.mT @ case.b
    yield suppose(equal(case.angles.matrix, wanted, scale=num.number(1)), "a^T b = p s o^T")


def halves_the_angles(case: SubspacesCase, num: Num) -> Steps:
    """The midpoint y = a p + b o has the principal angles theta_i / 2 with both spaces: cos^2 = (1 + s_i) / 2.

    y^T y = 2 (I + s) and a^T y = p (I + s), b^T y = o (I + s), so that with the orthonormal y (2 (I + s))^{-1/2} the
    cosines are sqrt((1 + s_i) / 2) = cos(theta_i / 2), s_i = cos theta_i.

    Conclusion  the Gram matrices are these
    """
    yield from _setting(case, num)
    y, s = case.midpoint, num.diagonal(case.angles.s)
    unit = num.identity(case.a.shape[-1])
    yield conclude(equal(y.mT @ y, 2 * (unit + s), scale=num.number(1)), "y^T y = 2 (I + s)")
    yield conclude(equal(case.a.mT @ y, case.angles.U @ (unit + s), scale=num.number(1)), "a^T y = p (I + s)")
    yield conclude(equal(case.b.mT @ y, case.angles.V @ (unit + s), scale=num.number(1)), "b^T y = o (I + s)")


def within_45_degrees(case: SubspacesCase, num: Num) -> Steps:
    """All principal angles between the midpoint and either space are at most 45 degrees.

    Their squared cosines are the eigenvalues of a^T y (y^T y)^{-1} y^T a = p (I + s) p^T / 2, at least 1/2 as s >= 0;
    45 degrees where the two spaces have orthogonal directions.

    Conclusion  sigma_R(a^T y (y^T y)^{-1} y^T a) >= 1/2, and so for b
    """
    yield from _setting(case, num)
    y, R = case.midpoint, case.a.shape[-1]
    for basis in (case.a, case.b):
        cosines = basis.mT @ y @ num.solve(y.mT @ y, y.mT @ basis)
        yield conclude(at_most(num.number(1, 2), num.singular_value(cosines, R)), "all cosines are at least 1 / sqrt 2")


def complement_avoids_both(case: SubspacesCase, num: Num) -> Steps:
    """The orthogonal complement of the midpoint is a complement of both spaces.

    A vector of the one in it would be at 90 degrees to all of y.

    Conclusion  [a, y^perp] and [b, y^perp] are non-singular
    """
    yield from _setting(case, num)
    complement = subspaces_of(num).complete(case.midpoint).annihilator.mT
    for basis in (case.a, case.b):
        joined = num.concatenate([basis, complement], -1)
        yield conclude(less_than(num.number(0), num.absolute(num.determinant(joined))), "[x, y^perp] is non-singular")


def no_better_midpoint(case: SubspacesCase, num: Num) -> Steps:
    """No R-dimensional subspace is nearer to both: the larger of its largest angles to a and b is at least theta_max /
    2.

    The largest principal angle is a metric on subspaces of one dimension: theta(a, b) <= theta(a, y) + theta(y, b).

    Hypotheses  the columns of `other` are orthonormal
    Conclusion  min(sigma_R(a^T y), sigma_R(b^T y)) <= sqrt((1 + s_R) / 2) for every orthonormal y
    """
    yield from _setting(case, num)
    R = case.a.shape[-1]
    yield suppose(equal(case.other.mT @ case.other, num.identity(R)), "the competitor has orthonormal columns")
    smaller = num.minimum(num.singular_value(case.a.mT @ case.other, R), num.singular_value(case.b.mT @ case.other, R))
    best = num.sqrt((1 + num.singular_value(case.a.mT @ case.b, R)) / 2)
    yield conclude(at_most(smaller, best), "the midpoint is nearest")


_SOURCE = Source("ours", "Midpoint", "MIDPOINT_FLAG, Angle flag")

CLAIMS = (
    _SOURCE.stands(
        "ours/midpoint.halves-the-angles", halves_the_angles, "in each pair of principal directions it is the bisector",
    ),
    _SOURCE.stands(
        "ours/midpoint.within-45-degrees", within_45_degrees,
        "principal angles are at most 90 degrees, and the midpoint halves them",
    ),
    _SOURCE.stands(
        "ours/midpoint.complement", complement_avoids_both, "a common vector would be at 90 degrees to the midpoint",
    ),
    _SOURCE.stands(
        "ours/midpoint.nearest", no_better_midpoint, "the triangle inequality of the largest principal angle",
        about={"a^T b = p s o^T": not_needed("the angles in the conclusion are those of a^T b itself")},
    ),
)  # fmt: skip
