"""Zeng and Lee, Lemmas 11 and 12: their claims and verdicts."""

from __future__ import annotations

from theorems.claim import Claim, Source
from theorems.facts import needed
from theorems.texts.zeng_lee.arguments import BY_EQUATION_8, MISSED, RAISING, without_sums
from theorems.texts.zeng_lee.linear.linear_models import FROZEN, PARTIAL, WHOLE
from theorems.texts.zeng_lee.relu.one_layer import (
    exactness,
    exactness_by_elimination,
    identity,
    identity_at_every_depth,
    identity_repaired,
    identity_with_the_total_rank,
    identity_with_the_total_rank_at_every_depth,
)
from theorems.texts.zeng_lee.relu.squared_error import (
    derivation,
    derivation_repaired,
    squared_error,
    squared_error_of_deeper_models,
    squared_error_repaired,
    squared_error_sharpened,
    squared_error_with_a_later_minimum,
    squared_error_with_the_total_rank,
)

_SECTION = "Appendix E.1"
_CONVEX = (
    "obstruction for every adapter and bias: at x, -x, 0 an always-active one-layer f is affine, ReLU(N x) is not; "
    "at L >= 2, where f may bend, by two slopes: :every-depth"
)
_TWO_SLOPES = (
    "at every L, for all weights of f: f has one Jacobian where none of its units is off, and the right side has two "
    "non-singular ones"
)
_TRACE = (
    "obstruction for every adapter and bias: tr(Sigma) exceeds ||Sigma||_F, so D - R equal singular values cost more "
    "than one; at L >= 2 with R >= 1 in every layer, where f may bend, too: :every-depth"
)
_WHY_IDENTITY = (
    "The difference of two ReLUs is not the ReLU of the difference: where the target is active the left side may be "
    "negative, and the right side never is. Near a point where f is affine the left side is affine as well, while "
    "ReLU(N x) has a kink at zero unless N = 0."
)
_WHY_SQUARED_ERROR = (
    "The proof takes E ||x||^2 for ||Sigma||_F; it is tr(Sigma), which is larger from rank two on. With D - R equal "
    "singular values left and inputs along all of them, no adapters and biases pay for one of them only."
)
#: The least D, by the number of the lemma: Lemma 12 has rank zero.
_LEAST_CONVEX = {11: "D = 2; D = 1 leaves R >= R_E, where N = 0", 12: "D = 1, L = 1, R_1 = 0"}
_LEAST_TRACE = {
    11: "D = 3, R = 1; for D <= 2 one singular value is left, which meets the bound",
    12: "D = 2, R_1 = 0 (D = 3 with R_1 = 1); at D = 1 one singular value is left, which meets the bound",
}
_LEAST_COLLAPSED = {
    11: "with W_1 = 0, rank 1 and D = 2, f is constant along a direction; D = 1 has rank R = D",
    12: "with W_1 = 0, ranks (0, 1) and D = 1, f is constant",
}


def _lemma(number: int) -> tuple[Claim, ...]:
    key, source = f"zeng-lee/lemma-{number}", Source("zeng-lee", f"Lemma {number}", _SECTION)
    convex, trace = f"{_CONVEX}; {_LEAST_CONVEX[number]}", f"{_TRACE}; {_LEAST_TRACE[number]}"
    rank = "RL" if number == 11 else "(sum R_l)"
    on_one_layer = number == 11  # of Lemma 12 the hypotheses are needed
    exact = needed("zeng-lee/lemma-12.exactness", "in its witness N = 0, and no f is the target")
    of_the_identity = RAISING if on_one_layer else dict.fromkeys((FROZEN, WHOLE), exact)
    of_the_error = {
        **(RAISING if on_one_layer else MISSED), PARTIAL: without_sums("zeng-lee/theorem-15.error-bound:sharpened"),
    }  # fmt: skip
    letter = (
        source.misprint(
            f"{key}.identity:printed-letter", identity, f"R for RL, which the proof has. {convex}",
            place=f"Lemma {number}, first display", printed="LR_{R ^ R_E}; the proof ends in LR_{RL ^ R_E}",
            repaired_by=f"{key}.identity:repaired",
        ),
        source.misprint(
            f"{key}.identity:printed-letter-every-depth", identity_at_every_depth,
            f"{_TWO_SLOPES}; D = 2, L = 2, R = 1; D = 1 leaves R >= R_E, where N = 0",
            repaired_by=f"{key}.identity:repaired",
        ),
        source.misprint(
            f"{key}.squared-error:printed-letter", squared_error, f"R for RL, which the proof has. {trace}",
            place=f"Lemma {number}, last display",
            printed="sigma^2_{R ^ R_E + 1}; the proof ends in sigma^2_{RL ^ R_E + 1}",
            repaired_by=f"{key}.squared-error:repaired",
        ),
        source.misprint(
            f"{key}.squared-error:later-minimum", squared_error_with_a_later_minimum,
            f"R ^ (R_E + 1) for (R ^ R_E) + 1 does not help. {trace}",
            place=f"Lemma {number}, last display", printed="sigma^2_{R ^ R_E + 1}, the minimum taken last",
            repaired_by=f"{key}.squared-error:repaired",
        ),
    )  # fmt: skip
    deeper = (
        source.false(
            f"{key}.squared-error:deeper", squared_error_of_deeper_models,
            "depth does not help: L = 2, ranks (0, R), diagonal layers, an obstruction for every bias; D = 2, R "
            "= 0 (D = 3 with R = 1); at D = 1 one singular value is left, which meets the bound",
            repaired_by=f"{key}.squared-error:repaired",
        ),
    )  # fmt: skip
    return (
        source.false(
            f"{key}.identity", identity_with_the_total_rank, convex,
            place=f"Lemma {number}, first display", printed=f"f(x) - f-bar(x) = ReLU((LR_{{{rank} ^ R_E}}(E) - E) x)",
            why=_WHY_IDENTITY, repaired_by=f"{key}.identity:repaired",
        ),
        source.false(
            f"{key}.identity:every-depth", identity_with_the_total_rank_at_every_depth,
            f"{_TWO_SLOPES}; D = 3, L = 2, R_l = 1, since rank(E) > R_1 + R_2 is needed",
            repaired_by=f"{key}.identity:repaired",
        ),
        source.false(
            f"{key}.squared-error", squared_error_with_the_total_rank, trace,
            place=f"Lemma {number}, last display",
            printed=f"E ||f(x) - f-bar(x)||_2^2 <= ||Sigma||_F sigma^2_{{{rank} ^ R_E + 1}}(E)", why=_WHY_SQUARED_ERROR,
            repaired_by=f"{key}.squared-error:repaired",
        ),
        source.false(
            f"{key}.derivation", derivation,
            "E ||x||^2 is tr(Sigma), not ||Sigma||_F: D = 2, they differ from rank two on; at D = 1 they agree",
            place=f"proof of Lemma {number}, Error Derivation, last line",
            printed=f"||LR_{{{rank} ^ R_E}}(E) - E||_2^2 E ||x||_2^2 = ||Sigma||_F sigma^2_{{{rank} ^ R_E + 1}}(E)",
            repaired_by=f"{key}.derivation:repaired",
        ),
        source.stands(
            f"{key}.derivation:repaired", derivation_repaired,
            "ReLU is 1-Lipschitz, ||N||_2 = sigma_{RL+1}, E ||x||^2 = tr(Sigma)", about=BY_EQUATION_8,
        ),
        *(letter if number == 11 else deeper),
        source.stands(
            f"{key}.identity:repaired", identity_repaired,
            "hidden units are active on X, and the product and the collected bias are those of the block",
            about={**of_the_identity, PARTIAL: without_sums()},
        ),
        source.stands(
            f"{key}.exactness", exactness, "N = 0 in the repaired identity; it does not rest on the printed one",
            about={
                **(RAISING if on_one_layer else {}), PARTIAL: without_sums(f"{key}.exactness:without-partial-sums"),
            },
        ),
        source.stands(
            f"{key}.exactness:without-partial-sums", exactness_by_elimination,
            "elimination needs prod W non-singular and nothing else",
        ),
        source.false(
            f"{key}.exactness:without-nonsingularity", exactness, f"obstruction: {_LEAST_COLLAPSED[number]}",
            repaired_by=f"{key}.exactness:without-partial-sums", skip=(FROZEN, WHOLE, PARTIAL),
        ),
        source.stands(
            f"{key}.squared-error:repaired", squared_error_repaired, "E ||x||^2 = tr(Sigma)", about=of_the_error,
        ),
        source.stands(
            f"{key}.squared-error:sharpened", squared_error_sharpened,
            "the output bias may absorb the mean of N x; the obstruction meets it at L = 1", about=of_the_error,
        ),
    )  # fmt: skip


LEMMA_11, LEMMA_12 = _lemma(11), _lemma(12)
