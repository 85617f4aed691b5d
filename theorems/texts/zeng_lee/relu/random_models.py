"""Zeng and Lee, Lemmas 13 and 14: random models meet Assumptions 1 and 2."""

from __future__ import annotations

import itertools
from typing import Any

from theorems.case import SVD, CountCase
from theorems.claim import Source
from theorems.facts import to_state
from theorems.models.linear import product
from theorems.models.relu import DensityCase, NetworkCase, PartialSumCase, uniform_partition
from theorems.num import Num
from theorems.statement import at_most, conclude, equal, less_than, suppose
from theorems.texts.zeng_lee.linear.linear_models import Steps
from theorems.texts.zeng_lee.relu.assumptions import UNIFORM


def exact_point(case: CountCase, num: Num) -> Steps:
    """Lemmas 13 and 14: independent entries without atoms (with a density, say) meet Assumptions 1 and 2 almost
    surely.

    Decided for each width D, and all depths, ranks and partitions at once.  For E with distinct singular values let
    LR_S(E) be the sum of the triples in S, a set of r indices.  The product of det(P + LR_S(E)) over all S of size r
    is a symmetric function of the eigenvalues of E^T E (LR_S(E) = E times a spectral projector of E^T E), hence a
    rational function of the entries of P and E whose denominator is a power of the discriminant of E^T E.  With P =
    prod W_l and E = W-bar - P (or minus the shorter product that Assumption 2 prints) its numerator is a polynomial
    in the independent entries.  One point where no factor and no discriminant vanishes shows that it is not the zero
    polynomial, so that its zeros have probability zero: by Lemma 7 with a density, and by induction over the entries
    (finitely many roots in each, or none) without one.  Off them every LR_r(E) is unique and every P + LR_r(E)
    non-singular, r = 0..D.

    The point: W_l = I for all l and W-bar = I + diag(D, ..., 2, 1).

    Hypotheses  1 <= D <= 6 (2^D determinants)
    Conclusion  the singular values of E are distinct, and det(P + LR_S(E)) = prod_{j in S} (1 + sigma_j) for every S
    """
    (D,) = case.values
    s = num.constant(list(range(D, 0, -1)))
    P = num.identity(D)
    E = (P + num.diagonal(s)) - P
    for k in range(1, D + 1):
        yield conclude(
            less_than(num.singular_value(E, k + 1), num.singular_value(E, k)), "the singular values are distinct"
        )
    for r in range(D + 1):
        for S in itertools.combinations(range(D), r):
            kept = num.constant([[D - i if i == j and i in S else 0 for j in range(D)] for i in range(D)])
            expected = 1
            for i in S:
                expected *= D - i + 1
            yield conclude(equal(num.determinant(P + kept), num.number(expected)), "det(P + LR_S(E)) is not zero")


def ranks_up_to_the_lora_rank(case: CountCase, num: Num) -> Steps:
    """Lemma 13, proof, to the letter: "fix r in [R]" fixes every r that Assumption 1 asks for.

    It asks for r <= R (M - 1); r = 0 is Lemma 8's.

    Hypotheses  R, M >= 1
    Conclusion  R (M - 1) <= R
    """
    R, M = case.values
    yield suppose(R >= 1, "R >= 1")
    yield suppose(M >= 1, "M >= 1")
    yield conclude(at_most(num.number(R * (M - 1)), num.number(R)), "every r <= R (M - 1) is in [R]")


def printed_range(case: NetworkCase, num: Num) -> Steps:
    """Lemma 13, as printed: W_1, ..., W_{L-bar} are random, the other frozen weights are any; Assumption 1 holds almost
    surely.

    Its r = 0 asks that prod_{l in P_i} W_l is non-singular.  The determinant is a product over the layers; as a
    polynomial in the random entries it is zero unless it is not at W_l = I, l <= L-bar.

    Hypotheses  the uniform partition
    Conclusion  with W_l = I for l <= L-bar every prod_{l in P_i} W_l is non-singular
    """
    yield suppose(case.partition == uniform_partition(case.frozen.depth, case.depth), UNIFORM)
    for block in case.partition:
        given = [case.frozen.weights[l - 1] for l in block if l > case.depth]
        yield conclude(num.nonsingular(product([num.identity(case.frozen.width), *given])), "det prod W_l is not zero")


def fixed_target(case: NetworkCase, num: Num) -> Steps:
    """Text around Corollary 4, "even a randomly generated model can be adapted into a target model", by Lemma 13: a
    random frozen model and any given target meet Assumption 1 almost surely.

    From r = D on prod W + LR_r(E_i) is W-bar_i itself, whatever the frozen weights are.

    Hypotheses  the uniform partition; R(M - 1) >= D
    Conclusion  W-bar_i, which Assumption 1 then asks to be non-singular, is so
    """
    yield suppose(case.partition == uniform_partition(case.frozen.depth, case.depth), UNIFORM)
    yield suppose(case.rank * (case.M - 1) >= case.frozen.width, "R(M - 1) >= D")
    for W in case.target.weights:
        yield conclude(num.nonsingular(W), "prod W + LR_D(E_i) = W-bar_i is non-singular")


def fixed_nonsingular_target(case: PartialSumCase, num: Num) -> Steps:
    """The same, repaired: a random frozen model and any given target with non-singular W-bar_i meet Assumption 1 almost
    surely.

    By the argument of `exact_point`, with W-bar fixed: one P = prod W_l is enough at which E = W-bar - P has distinct
    singular values and no P + LR_S(E) is singular.  For W-bar = U diag(s) V^T with s > 0 take P = U diag(s + t) V^T,
    t = (D, ..., 2, 1): E = -U diag(t) V^T, and P + LR_S(E) = U diag(s_j for j in S, s_j + t_j elsewhere) V^T.  (P is
    the product for W_1 = P and W_l = I above.)

    Hypotheses  the SVD of W-bar (the first one of the case); W-bar is non-singular
    Conclusion  all P + LR_S(E) are non-singular
    """
    d = case.first
    D = d.s.shape[-1]
    for Q in (d.U, d.V):
        yield suppose(equal(Q.mT @ Q, num.identity(D)), "U and V are orthogonal")
    yield suppose(num.nonsingular(d.matrix), "W-bar is non-singular")
    t = num.constant(list(range(D, 0, -1)))
    P = SVD(d.U, d.s + t, d.V).matrix
    for r in range(D + 1):
        for S in itertools.combinations(range(D), r):
            kept = num.constant([D - j if j in S else 0 for j in range(D)])
            yield conclude(num.nonsingular(P - SVD(d.U, kept + d.s * 0, d.V).matrix), "P + LR_S(E) is non-singular")


def density_as_printed(case: DensityCase, num: Num) -> Steps:
    """Proof of Lemma 13: the density of W given W-bar - W = E is p_{W-bar}(E + W), at D = 1 and one layer.

    Bayes has p_W(W) p_{W-bar}(E + W) divided by its integral.

    Hypotheses  independent W, W-bar with densities that are constant on unit cells; E has positive density
    Conclusion  both agree on every cell
    """
    yield from _densities(case, False, num)


def density_repaired(case: DensityCase, num: Num) -> Steps:
    """Proof of Lemma 13, repaired: the density of W given W-bar - W = E is p_W(W) p_{W-bar}(E + W) over its integral.

    It is absolutely continuous as well, so that the proof's conclusion is not affected.

    Hypotheses  as before
    Conclusion  it integrates to one, and the densities of all E together give p_W back
    """
    yield from _densities(case, True, num)


def _densities(case: DensityCase, repaired: bool, num: Num) -> Steps:
    p, q, K = case.frozen, case.target, case.frozen.shape[-1]

    def joint(k: int, shift: int) -> Any:
        return p[..., k] * q[..., k + shift] if 0 <= k + shift < K else num.number(0)

    terms = [joint(k, case.shift) for k in range(K)]
    marginal = sum(terms[1:], terms[0])
    yield suppose(less_than(num.number(0), marginal), "E has positive density")
    if not repaired:
        for k in range(K):
            printed = q[..., k + case.shift] if 0 <= k + case.shift < K else num.number(0)
            yield conclude(equal(printed * marginal, joint(k, case.shift), scale=num.number(1)), "the densities agree")
        return
    total = sum((term / marginal for term in terms[1:]), terms[0] / marginal)
    yield conclude(equal(total, num.number(1)), "it integrates to one")
    for k in range(K):
        everything = [joint(k, shift) for shift in range(-K, K + 1)]
        yield conclude(
            equal(sum(everything[1:], everything[0]), p[..., k], scale=num.number(1)), "all E together give p_W back"
        )


_E2, _E3 = "Appendix E.2", "Appendix E.3"
_LEMMA_13 = Source("zeng-lee", "Lemma 13", _E2)


_LEMMA_14 = Source("zeng-lee", "Lemma 14", _E3)


LEMMA_13 = (
    _LEMMA_13.misprint(
        "zeng-lee/lemma-13:printed-letter", printed_range,
        "frozen weights are random for l = 1..L-bar only: D = 1, L = 2, L-bar = 1, W_2 = 0; L = L-bar is meant",
        place="Lemma 13, first line", printed="(W_l)_{l=1}^{L-bar} random; Lemma 14 and Corollary 4 have l = 1..L",
        why=(
            "The frozen model has L layers, and the range 1..L-bar leaves those above L-bar free to be singular. "
            "The proof draws all of them, and Lemma 14 and Corollary 4 print 1..L."
        ),
        repaired_by="zeng-lee/lemma-13",
    ),
    _LEMMA_13.decided(
        "zeng-lee/lemma-13", exact_point,
        "all W_l random: an exact point off the zero set of one polynomial, D = 1..6, for all L, R, with or "
        "without densities",
        largest=8,
    ),
    _LEMMA_13.gap(
        "zeng-lee/lemma-13:fixed-target", fixed_target,
        "a singular target never meets it where R(M - 1) >= D: D = 1, L = 2, L-bar = 1, target 0",
        repaired_by="zeng-lee/lemma-13:fixed-nonsingular-target",
    ),
    _LEMMA_13.stands(
        "zeng-lee/lemma-13:fixed-nonsingular-target", fixed_nonsingular_target,
        "for every W-bar of full rank one P off the exceptional set, written down from its SVD",
    ),
    _LEMMA_13.misprint(
        "zeng-lee/lemma-13.ranks:printed-letter", ranks_up_to_the_lora_rank,
        "R = 1, M = 3: Assumption 1 asks for two values of r, [R] has one; [R (M - 1)] is meant",
        place="proof of Lemma 13, second paragraph",
        printed="fix an arbitrary r in [R]; Assumption 1 has r <= R(M - 1)", repaired_by="zeng-lee/lemma-13",
    ),
    _LEMMA_13.false(
        "zeng-lee/lemma-13.density", density_as_printed,
        "Bayes' rule needs p_W(W) and a normalisation; with one cell both densities are the same constant",
        place="proof of Lemma 13, last display", printed="p_{W | W-bar_i - W = E}(W) = p_{W-bar_i}(E + W)",
        repaired_by="zeng-lee/lemma-13.density:bayes",
    ),
    _LEMMA_13.stands(
        "zeng-lee/lemma-13.density:bayes", density_repaired, "Bayes' rule",
        about={"E has positive density": to_state("the conditional density is a quotient by the density at E")},
    ),
)  # fmt: skip


LEMMA_14 = (
    _LEMMA_14.decided(
        "zeng-lee/lemma-14", exact_point,
        "the point of Lemma 13 serves every partition, all ranks, and both readings of Assumption 2",
        largest=8,
    ),
)  # fmt: skip
