"""Zeng and Lee, Section 3 and Appendix F: Theorems 6 and 17."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from theorems.case import Array
from theorems.claim import Source
from theorems.facts import not_needed
from theorems.models.transformer import TransformerCase
from theorems.num import Num
from theorems.statement import Condition, at_most, conclude, equal, exists, suppose
from theorems.texts.zeng_lee.arguments import ALIGNED, SCORES, without_sums
from theorems.texts.zeng_lee.linear.linear_models import sigma
from theorems.texts.zeng_lee.transformer.construction import ELIMINATION, ONE_BY_ONE, construct, mismatch
from theorems.texts.zeng_lee.transformer.deep_obstructions import target_out_of_reach
from theorems.texts.zeng_lee.transformer.gaps import (
    MULTI,
    SINGLE,
    SUMS,
    THRESHOLD,
    WEIGHTS,
    Pair,
    Steps,
    assumption_3_as_printed,
    assumption_4_as_printed,
    assumption_as_meant,
    gaps_as_meant,
    nonsingular_frozen,
    nonsingular_weights,
    output_gap,
    pairs,
    printed_value_gaps,
    query_key_gaps,
)
from theorems.texts.zeng_lee.transformer.obstructions import scores_out_of_reach

EXACT = "adapters of that rank give the target exactly, for every X"


def represented(
    case: TransformerCase,
    num: Num,
    *,
    R: int,
    method: str,
    obstruction: Any = None,
    with_output: bool = True,
    found: Sequence[Pair] = (),
) -> Condition:
    """There are adapters of rank R at most with which the adapted network and the target have one signature."""

    def attained() -> Array:
        adaptation = construct(case, num, R=R, method=method, with_output=with_output, found=found)
        if adaptation.rank > R:
            raise AssertionError(f"an adapter of rank {adaptation.rank} for R = {R}")
        return mismatch(adaptation.adapted(case.frozen, num), case.target, num)

    lower_bound = num.number(0) if obstruction is None else obstruction
    return exists(attained=attained, lower_bound=lower_bound, bound=num.number(0), scale=num.number(1))


def threshold(gaps: list[Array], R: int, num: Num) -> Steps:
    """R >= ceil(G / 2) for the rank G of every gap, that is G <= 2 R."""
    for gap in gaps:
        yield suppose(num.rank(gap) <= 2 * R, THRESHOLD)


# Theorem 17: single-head attention ------------------------------------------------------------------------------------


def theorem_17_as_printed(case: TransformerCase, num: Num) -> Steps:
    """Theorem 17 as printed: with Assumption 3 and R >= max ceil(G_i / 2), adapters of rank R give the target exactly.

    The value terms of G_i are printed without W_1: rank(Wbar_V Wbar_V - W_V W_V) in block 1 and
    rank(Wbar_V Wbar_2 Wbar_2 - W_V W_2 W_2) above, so that they do not see a target that differs in W_1.

    Hypotheses    single-head; Assumption 3 as printed; R >= max_i ceil(G_i / 2) with G_i as printed
    Construction  equation (8) for (W_K^T, W_Q), (W_1, W_V) and (W_o, W_{2L})
    Conclusion    the adapted network has the target's signature
    Obstruction   rigidity of one block or two (`target_out_of_reach`)
    """
    yield suppose(not case.frozen.has_projections, SINGLE)
    yield from assumption_3_as_printed(case, num)
    yield from threshold(
        [*query_key_gaps(case, num), *printed_value_gaps(case, num), output_gap(case, num)], case.rank, num
    )
    obstruction = target_out_of_reach(case, case.rank, num)
    yield conclude(represented(case, num, R=case.rank, method=ONE_BY_ONE, obstruction=obstruction), EXACT)


def theorem_17(case: TransformerCase, num: Num) -> Steps:
    """Theorem 17 as meant: W_1 W_V and W_{2,i-1} in the value terms of G_i, and Assumption 3 with aligned differences.

    G_1 = max(rank(Wbar_K^T Wbar_Q - W_K^T W_Q), rank(Wbar_1 Wbar_V - W_1 W_V)); from block 2 on both differences are
    taken between products with the second feed-forward layer of the block below; G_{L+1} = rank(Wbar_o Wbar_{2L} -
    W_o W_{2L}). "With probability 1" adds nothing: the theorem holds for every model that meets the assumption.

    Hypotheses    single-head; Assumption 3 as meant, r <= R; R >= max_i ceil(G_i / 2)
    Construction  equation (8)
    Conclusion    the adapted network has the target's signature (weights and biases, exactly)
    Obstruction   rigidity of one block or two, and the rank of a cell (`target_out_of_reach`)
    """
    yield suppose(not case.frozen.has_projections, SINGLE)
    found = pairs(case, num)
    yield from assumption_as_meant(case, found, num)
    yield from threshold(gaps_as_meant(case, num), case.rank, num)
    obstruction = target_out_of_reach(case, case.rank, num)
    yield conclude(represented(case, num, R=case.rank, method=ONE_BY_ONE, obstruction=obstruction, found=found), EXACT)


def theorem_17_by_elimination(case: TransformerCase, num: Num) -> Steps:
    """Theorem 17 without the sums of Assumption 3: elimination in place of equation (8).

    Of the target only Wbar_{2,l} below the last block, Wbar_o and Wbar_{2L} need be non-singular: its other weights
    may be anything.

    What is needed: singular frozen weights fall to ranks (W_K = 0, L = 1, D = 2, R = 1: Mhat has rank one), a singular
    Wbar_{2,1} to the bias of the scores (D = 3, L = 2, R = 2; `deep_obstructions`).  Wbar_o and Wbar_{2L} may be
    singular, by another construction than this one.  Sketch, with W_o = W_{2L} = I and I + E = Wbar_o Wbar_{2L} of
    nullity nu: of the 2 R factors I + x y^T of Proposition A nu are singular, and as many as can be go into W_{2L}; the
    others, nu - R, leave W_o + Delta W_o with a left kernel of that dimension, any one in that of I + E, which has
    dimension nu: so one orthogonal to Wbar_o bbar_{2L}, and bhat_{2L} exists.

    Hypotheses    single-head; the frozen weights, Wbar_{2,l} and Wbar_o are non-singular; R >= max_i ceil(G_i / 2)
    Construction  elimination
    Conclusion    the adapted network has the target's signature
    Obstruction   rigidity of one block or two, and the rank of a cell (`target_out_of_reach`)
    """
    yield suppose(not case.frozen.has_projections, SINGLE)
    yield from nonsingular_frozen(case, num)
    yield from threshold(gaps_as_meant(case, num), case.rank, num)
    obstruction = target_out_of_reach(case, case.rank, num)
    yield conclude(represented(case, num, R=case.rank, method=ELIMINATION, obstruction=obstruction), EXACT)


# Theorem 6: multi-head attention --------------------------------------------------------------------------------------


def theorem_6_as_printed(case: TransformerCase, num: Num) -> Steps:
    """Theorem 6 as printed: with Assumption 4 and R >= max ceil(G_i / 2), adapters of rank *lower than R* suffice.

    At R = 1 no adapter is left.

    Hypotheses    heads with W_O; Assumption 4 as printed; R >= max_i ceil(G_i / 2)
    Construction  elimination with rank R - 1, W_1 and W_2 below the last block unadapted
    Conclusion    the adapted network has the target's signature
    Obstruction   rigidity of one block and one head: Mhat = Mbar (`scores_out_of_reach`)
    """
    yield suppose(case.frozen.has_projections, MULTI)
    yield from assumption_4_as_printed(case, num)
    yield from threshold(gaps_as_meant(case, num), case.rank, num)
    R = case.rank - 1
    yield conclude(
        represented(case, num, R=R, method=ELIMINATION, obstruction=scores_out_of_reach(case, R, num)),
        "adapters of rank below R give the target exactly",
    )


def theorem_6(case: TransformerCase, num: Num) -> Steps:
    """Theorem 6 with adapters of rank R or lower (as its proof has it), and Assumption 4 with the aligned differences.

    Adapted are W_K, W_Q, W_V, W_O of every head, W_{2L}, W_o and the biases; W_1, and W_2 below the last block, are
    not.

    Hypotheses    heads with W_O; Assumption 4 as meant; R >= max_i ceil(G_i / 2), G_i as printed
    Construction  equation (8) for (W_K^T, W_Q), (W_O, W_V) and (W_o, W_{2L})
    Conclusion    the adapted network has the target's signature (weights and biases, exactly)
    Obstruction   rigidity of one block or two, and the rank of a cell (`target_out_of_reach`)
    """
    yield suppose(case.frozen.has_projections, MULTI)
    found = pairs(case, num)
    yield from assumption_as_meant(case, found, num)
    yield from threshold(gaps_as_meant(case, num), case.rank, num)
    obstruction = target_out_of_reach(case, case.rank, num)
    yield conclude(represented(case, num, R=case.rank, method=ONE_BY_ONE, obstruction=obstruction, found=found), EXACT)


def theorem_6_by_elimination(case: TransformerCase, num: Num) -> Steps:
    """Theorem 6 with adapters of rank R or lower and without the sums of Assumption 4 (as printed or as meant).

    Hypotheses    heads with W_O; the frozen weights, Wbar_{2,l} and Wbar_o are non-singular; R >= max_i ceil(G_i / 2)
    Construction  elimination
    Conclusion    the adapted network has the target's signature
    Obstruction   rigidity of one block or two, and the rank of a cell (`target_out_of_reach`)
    """
    yield suppose(case.frozen.has_projections, MULTI)
    yield from nonsingular_frozen(case, num)
    yield from threshold(gaps_as_meant(case, num), case.rank, num)
    obstruction = target_out_of_reach(case, case.rank, num)
    yield conclude(represented(case, num, R=case.rank, method=ELIMINATION, obstruction=obstruction), EXACT)


def forward(case: TransformerCase, num: Num) -> Steps:
    """Theorems 6 and 17, run forward: f(X) = fbar(X) for the adapted network, to the precision of the arithmetic.

    The signatures say that the functions are equal; this runs both networks, softmax and all, on an input.

    Hypotheses    all weights are non-singular; sigma_{2R+1}(E) = 0 for the error of every pair
    Construction  elimination
    Conclusion    | f(X) - fbar(X) | <= 10^-20, entry by entry
    """
    yield from nonsingular_weights(case, num)
    for pair in pairs(case, num):
        d = pair.decomposition(num)
        yield suppose(equal(sigma(d, 2 * case.rank + 1, num), num.number(0), scale=sigma(d, 1, num)), THRESHOLD)
    adapted = construct(case, num, R=case.rank, method=ELIMINATION).adapted(case.frozen, num)
    gap = num.absolute(adapted.forward(case.X, num) - case.target.forward(case.X, num))
    yield conclude(at_most(gap, num.number(1, 10**20), scale=num.number(1)), "| f(X) - fbar(X) | <= 10^-20")


_THEOREM_17 = Source("zeng-lee", "Theorem 17", "Appendix F.1")
_THEOREM_6 = Source("zeng-lee", "Theorem 6", "Section 3.2 and Appendix F.2")
_SIGNATURE = "the weight identities hold exactly, and they determine the function for every X"

THEOREM_6 = (
    _THEOREM_6.misprint(
        "zeng-lee/theorem-6:printed-letter", theorem_6_as_printed,
        "'lower than R' leaves no adapter at R = 1; smallest at D = 2: at D = 1 the output is constant",
        place="Theorem 6, last paragraph", printed="adapters with rank lower than R; Theorem 17 has rank R or lower",
        why=(
            "With R = 1 'lower than R' allows only zero adapters, and a gap of two needs rank one. The proof "
            "uses Lemma 9 with rank R, as Theorem 17 says it."
        ),
        repaired_by="zeng-lee/theorem-6",
    ),
    _THEOREM_6.stands(
        "zeng-lee/theorem-6", theorem_6, f"rank R or lower: {_SIGNATURE}",
        about={
            MULTI: not_needed("without W_O it is Theorem 17", "zeng-lee/theorem-17"), WEIGHTS: ALIGNED,
            SUMS: without_sums("zeng-lee/theorem-6:without-partial-sums"), THRESHOLD: SCORES,
        },
    ),
    _THEOREM_6.stands(
        "zeng-lee/theorem-6:without-partial-sums", theorem_6_by_elimination,
        "elimination needs no sum of Assumption 4; the target's attention may be singular",
        about={
            MULTI: not_needed("without W_O it is Theorem 17", "zeng-lee/theorem-17:without-partial-sums"),
            "all weight matrices of the frozen model are non-singular": ALIGNED, THRESHOLD: SCORES,
        },
    ),
    _THEOREM_6.stands(
        "zeng-lee/theorem-6.forward", forward, "the networks, run forward in balls and at 50 digits, agree",
        about={WEIGHTS: ALIGNED},
    ),
)  # fmt: skip

THEOREM_17 = (
    _THEOREM_17.misprint(
        "zeng-lee/theorem-17:printed-letter", theorem_17_as_printed,
        "the value gap has no W_1; smallest at D = 4 for L = 1 (:one-block), D = 3 from L = 2 on (:three-wide)",
        place="Theorem 17, G_i, the value terms",
        printed="rank(W-bar_V W-bar_V - W_V W_V), where the proof aligns W_1 W_V",
        why=(
            "The proof makes (W_1 + Delta W_1)(W_V + Delta W_V) equal to W-bar_1 W-bar_V, so the gap that counts "
            "is the rank of the difference of these products. Without W_1 the printed gap may be small while the "
            "real one is large."
        ),
        repaired_by="zeng-lee/theorem-17",
    ),
    _THEOREM_17.stands(
        "zeng-lee/theorem-17", theorem_17, f"W_1 W_V W_{{2,i-1}} in the value gap: {_SIGNATURE}",
        about={
            SINGLE: not_needed("with W_O it is Theorem 6", "zeng-lee/theorem-6"), WEIGHTS: ALIGNED,
            SUMS: without_sums("zeng-lee/theorem-17:without-partial-sums"), THRESHOLD: SCORES,
        },
    ),
    _THEOREM_17.stands(
        "zeng-lee/theorem-17:without-partial-sums", theorem_17_by_elimination,
        "elimination needs no sum of Assumption 3, and allows a singular W_K, W_Q, W_V, W_1 of the target",
        about={
            SINGLE: not_needed("with W_O it is Theorem 6", "zeng-lee/theorem-6:without-partial-sums"),
            "all weight matrices of the frozen model are non-singular": ALIGNED, THRESHOLD: SCORES,
        },
    ),
    _THEOREM_17.stands(
        "zeng-lee/theorem-17.forward", forward, "the networks, run forward in balls and at 50 digits, agree",
        about={WEIGHTS: ALIGNED},
    ),
)  # fmt: skip

CLAIMS = (*THEOREM_6, *THEOREM_17)
