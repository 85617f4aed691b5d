"""Zeng and Lee, Appendix F: Lemmas 16 and 19 and the gap of Corollaries 18 and 20, each by one exact point for a size.

Why one point settles a size.  Write the difference of a pair as E with singular values sigma_1 > ... > sigma_D, and
for a set I of indices let E_I keep the triples in I, so that LR_r(E) = E_{1..r}.  E_I = E Pi_I with the spectral
projector Pi_I of E^T E, a polynomial in E^T E whose coefficients are rational in the eigenvalues, with differences of
eigenvalues as denominators.  The product over all I with |I| = r of det(P + E_I) is symmetric in the eigenvalues:
times a power of the discriminant of E^T E and of the determinants of the inverted weights it is a *polynomial* in the
entries of the weights.  Where it does not vanish, none of the sums is singular.  It is not the zero polynomial if at
one point the singular values are distinct, the inverted weights are non-singular, and no sum P + E_I is singular;
then its zero set has measure zero (Lemma 7), and, as a polynomial is affine or of finite degree in each entry,
probability zero for all independent entries without atoms: a density is not needed.  At the point below every matrix
is diagonal and every sum positive, whatever D, H and L: the computation for each size is a check of that.
"""

from __future__ import annotations

import itertools

from theorems.case import Array, CountCase
from theorems.claim import Source
from theorems.models.transformer import Block, Transformer, TransformerCase, weights_by_name
from theorems.num import Num
from theorems.statement import conclude, equal, less_than, suppose
from theorems.texts.zeng_lee.transformer.gaps import Steps, _printed_pairs, gaps_as_meant, pairs


def exact_point(D: int, H: int, L: int, *, projections: bool, num: Num) -> TransformerCase:
    """All weights I but W_2 = 2 I, Wbar_2 = 3 I, Wbar_Q = Wbar_V = 12 Wbar_o, and Wbar_o = diag(2, ..., D + 1)."""

    def model(second: int, scale: int, last: int) -> Transformer:
        unit = num.constant([[[1 if i == j else 0 for j in range(D)] for i in range(D)] for _ in range(H)])
        graded = [[(i + 2 if scale else 1) if i == j else 0 for j in range(D)] for i in range(D)]
        stack = num.constant([graded for _ in range(H)]) * (scale or 1)
        one, none = num.identity(D), num.zeros(D)
        block = Block(unit, stack, stack, (unit,) if projections else (), one, one * second, none, none)
        return Transformer((block,) * L, num.constant(graded) if last else one)

    return TransformerCase(model(2, 0, 0), model(3, 12, 1), 1, num.zeros(D, 1), num.zeros(D))


def _all_sums(P: Array, E: Array, num: Num) -> Steps:
    d = num.svd(E)
    D = P.shape[-1]
    for k in range(D - 1):
        yield conclude(less_than(d.s[..., k + 1], d.s[..., k]), "the singular values are distinct")
    for r in range(1, D + 1):
        for chosen in itertools.combinations(range(D), r):
            U, V = (vectors[..., list(chosen)] for vectors in (d.U, d.V))
            part = (U * d.s[..., list(chosen)][..., None, :]) @ V.mT
            yield conclude(num.nonsingular(P + part), "no sum over r singular triples is singular")


def _assumption_at(case: TransformerCase, num: Num) -> Steps:
    for model in (case.frozen, case.target):
        for _, W in weights_by_name(model):
            yield conclude(num.nonsingular(W), "all weights are non-singular")
    for pair in pairs(case, num):
        yield from _all_sums(pair.product, pair.error, num)
    for P, goal in _printed_pairs(case, num):
        yield from _all_sums(P, goal - P, num)


def lemma_16(case: CountCase, num: Num) -> Steps:
    """Lemma 16: Assumption 3 holds almost surely for random single-head models; decided for each size (D, L).

    One exact point off the zero set of the polynomial of this module's docstring, for Assumption 3 as printed and as
    meant.

    Hypotheses  D >= 1, L >= 1
    Conclusion  at the point all weights, and all sums over any r singular triples of any pair, are non-singular
    """
    D, L = case.values
    yield suppose(D >= 1 and L >= 1, "D >= 1 and L >= 1")
    yield from _assumption_at(exact_point(D, 1, L, projections=False, num=num), num)


def lemma_19(case: CountCase, num: Num) -> Steps:
    """Lemma 19: Assumption 4 holds almost surely for random multi-head models; decided for each size (D, H, L).

    Hypotheses  D >= 1, H >= 1, L >= 1
    Conclusion  at the point all weights, and all sums over any r singular triples of any pair, are non-singular
    """
    D, H, L = case.values
    yield suppose(D >= 1 and H >= 1 and L >= 1, "D >= 1, H >= 1 and L >= 1")
    yield from _assumption_at(exact_point(D, H, L, projections=True, num=num), num)


def gap_18(case: CountCase, num: Num) -> Steps:
    """Corollary 18, max_i G_i = D (from its proof): almost surely every gap has full rank; decided for each (D, L).

    The determinants of the gaps are polynomials in the weights.

    Hypotheses  D >= 1, L >= 1
    Conclusion  at one exact point every gap is non-singular
    """
    D, L = case.values
    yield suppose(D >= 1 and L >= 1, "D >= 1 and L >= 1")
    point = exact_point(D, 1, L, projections=False, num=num)
    for gap in gaps_as_meant(point, num):
        yield conclude(equal(num.rank(gap), D), "G_i = D")


def gap_20(case: CountCase, num: Num) -> Steps:
    """Corollary 20, max_i G_i = D (from its proof): almost surely every gap has full rank; decided for each (D, H, L).

    Hypotheses  D >= 1, H >= 1, L >= 1
    Conclusion  at one exact point every gap is non-singular
    """
    D, H, L = case.values
    yield suppose(D >= 1 and H >= 1 and L >= 1, "D >= 1, H >= 1 and L >= 1")
    point = exact_point(D, H, L, projections=True, num=num)
    for gap in gaps_as_meant(point, num):
        yield conclude(equal(num.rank(gap), D), "G_i = D")


_POINT = "one exact point off a polynomial's zero set for each size; independent entries without atoms suffice"

LEMMA_16 = (
    Source("zeng-lee", "Lemma 16", "Appendix F.1").decided("zeng-lee/lemma-16", lemma_16, _POINT, largest=(7, 4)),
)
LEMMA_19 = (
    Source("zeng-lee", "Lemma 19", "Appendix F.2").decided("zeng-lee/lemma-19", lemma_19, _POINT, largest=(6, 4, 3)),
)
GAP_18 = (
    Source("zeng-lee", "Corollary 18", "Appendix F.1").decided(
        "zeng-lee/corollary-18.gap", gap_18,
        "the gaps' determinants are polynomials that do not vanish at one exact point of each size",
        largest=(16, 6),
    ),
)  # fmt: skip
GAP_20 = (
    Source("zeng-lee", "Corollary 20", "Appendix F.2").decided(
        "zeng-lee/corollary-20.gap", gap_20,
        "the gaps' determinants are polynomials that do not vanish at one exact point of each size",
        largest=(12, 4, 4),
    ),
)  # fmt: skip

CLAIMS = (*LEMMA_16, *LEMMA_19, *GAP_18, *GAP_20)
