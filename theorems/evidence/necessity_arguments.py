"""Why a hypothesis follows from another one, or is not needed: the arguments that no search can give.

Tables go by the key of a claim, by the name of the function where several claims share a statement, or by `ANY`.

**Lemma 9 without r = 0.** Let R >= 1 be the rank of every layer, P = prod W singular, P + LR_r(E) non-singular for 1
<= r <= R(L-1), E' = LR_{RL}(E), T = P + E'. (L = 1: Delta = LR_R(E).) Then some adapters of rank R have the product
T. As P + LR_1(E) is non-singular, P has rank D - 1, and so has every singular factor and every product of consecutive
layers with one. Let H = im P, t the topmost of the k singular layers. For a singular l < t the product S_l of the raw
layers above l has rank D - 1, so im S_l = H; its kernel is spanned by a c_l outside im W_l, or S_{l-1} had rank D -
2. Go up through the singular layers; those below l are non-singular by then, and so is the adapted product M_l below
l. The product so far is P_l, of rank D - 1 with image H and kernel x_l, as long as layer t is raw. The change Delta_l
= (b + w c_l) a^T with S_l b = y in H and M_l^T a = z adds y z^T to the product, for every w. By det(W_l + u a^T) =
a^T adj(W_l) u it makes layer l non-singular for almost every w as soon as z^T x_l is not 0. With b = 0 it is free:
the product stays, and any a not orthogonal to ker W_l will do. In layer t any y outside H does, with z^T x_t not 0.
Take G = LR_k(E), if k <= R(L-1), and write it as y_1 z_1^T + ... + y_m z_m^T, m = rank(G), with y_1 outside H and the
others in H (range G is not in H, as P + G is non-singular). Give y_1 z_1^T to layer t, one of the others to each of m
- 1 lower singular layers, and a free change to the rest. In a basis in general position z_j^T x_l = 0 for the next j
only if all pieces that are left vanish at x_l, that is (P + G) x_l = 0; but P + G is non-singular. So all layers are
non-singular now, k ranks are spent, the product is P + LR_k(E), and T differs from it by rank RL - k at most:
Proposition A finishes.  If k > R(L-1), then R = 1 and k = L; take G = E' and end with layer L, which need not become
non-singular. Only T may be singular then, with a kernel of dimension one, P + LR_{L-1}(E) being regular; its vector v
has E'v = -Pv in H and not 0 (E' is not 0 on ker P, nor is LR_1(E)), so that in general position no coordinate of it
in y_2, ..., y_L vanishes, and x_l, whose coordinates on the pieces left do, is another vector. (With rank(E) < L, T
is P + LR_{L-1}(E) itself.)

**In blocks of M layers or more** (Theorems 3 and 5; LR_{RM}(E_i) for E', sums regular for 1 <= r <= R(M-1)). M = 1:
an error BA of rank R is in reach of layers of rank R whatever their weights are, by induction over the layers: with Q
the product below the top layer W, let the lower layers reach Q + CA and take Delta = (B - WC) F with F (Q + CA) = A.
F exists, for in general position of C the kernel of Q + CA is that of Q and A together. M >= 2: as above, with at
most R(M-1) pieces and free changes in the other singular layers; for R >= 2 the ranks left are (R-1)|P_i| >= R at
least, and for R = 1 a singular P + E' with rank(E') = M ends with its pieces, and nothing is left to do.
"""

from __future__ import annotations

from dataclasses import dataclass

from theorems.claim import Claim
from theorems.evidence.necessity_names import (
    ANY,
    BLOCKS,
    ENOUGH,
    FROZEN,
    MULTI,
    ON_EQUATION_8_IN_BLOCKS,
    PAIR_SUMS,
    PARTIAL,
    RANK,
    SHAPES,
    SINGLE,
    SUMS,
    UNIFORM,
    WEIGHTS,
    WHOLE,
)
from theorems.evidence.necessity_statements import DEFINITIONS, NEEDED_BY, NEEDED_TO_STATE, OPEN


@dataclass(frozen=True)
class Argument:
    """Why a conclusion follows without a hypothesis, and the key of the claim that states it so, where there is one."""

    why: str
    claim: str | None = None


#: Hypothesis -> (the one that implies it, why), wherever a claim has both.
IMPLIED: dict[str, tuple[tuple[str, str], ...]] = {
    FROZEN: (
        (WHOLE, "det prod W = prod det W_l"),
        (BLOCKS, "a product is non-singular only if its factors are"),
    ),
    WHOLE: ((FROZEN, "det prod W = prod det W_l"),),
    SHAPES: ((ENOUGH, "D >= 1 makes M >= 1"),),
}

#: (claim or statement, hypothesis) -> (the one that implies it, why).
IMPLIED_IN: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("factor_of_two_repaired", ENOUGH): (("M divides D and R = D / M", "R M = D"),),
    ("factor_of_two_repaired", RANK): (("M divides D and R = D / M", "M >= 1 as R M = D >= 1"),),
    ("factor_of_two_repaired", SHAPES): (("M divides D and R = D / M", "M >= 1 as R M = D >= 1"),),
    ("tenth_of_a_large_rank", "n >= 1"): (("n >= 101", "101 >= 1"),),
    ("small_tail_bound_gives_high_energy", "k >= 1"): (
        ("19 (r - k) sigma_{k+1}^2 <= sigma_1^2", "for k = 0 it reads 19 r sigma_1^2 <= sigma_1^2, and W is not zero"),
    ),
    ("staircase_above_the_noise", "sigma_{r_0}(W_0) > 0"): (
        ("2 sigma_1(E) < sigma_{r_0}(W_0)", "norms are not negative"),
    ),
    ("recovery_within_the_noise", "sigma_{r_0}(W_0) > 0"): (
        ("threshold + sigma_1(E) < sigma_{r_0}(W_0)", "the threshold is at least sigma_1(E) >= 0"),
    ),
    ("equivalence_up_to_rotations", "C is non-singular"): (("C is orthogonal", "C^T C = I"),),
    ("proximal", "0 < eta"): (
        ("eta T (lambda - sigma_1) >= s_i at the start", "s_i > 0, lambda > sigma_1 and T >= 0 leave no other eta"),
    ),
    ("proximal", "sigma_1 < lambda"): (
        ("eta T (lambda - sigma_1) >= s_i at the start", "s_i > 0, eta > 0 and T >= 0 leave no other lambda"),
    ),
    ("adaptive_rank_is_least", "tau > 0"): (("q < k", "for tau <= 0 the least k with E(k) >= tau is 0"),),
    ("exact_from_the_ceiling", RANK): (("R >= ceil(D-bar / L)", "D-bar >= 1"),),
    ("error_with_zeros_below", RANK): (("R >= ceil(D-bar / L)", "D-bar >= 1"),),
    ("factor_of_two_sharpened", RANK): (
        ("R is the smallest rank >= D / M", "(R - 1) M < D with M >= 1 gives R <= D"),
    ),
}

_ELIMINATION = "elimination reaches the same product without inverting a partial sum"
_RAISED = "the singular layers are raised first, along singular triples of E (see the docstring)"
_BLOCKWISE = "every step is about one block, whichever layers it has"

#: Lemmas 9 and 11 and what follows from them: one rank R >= 1 in every layer.
OF_ONE_RANK = (
    "zeng-lee/lemma-9.value", "zeng-lee/lemma-9.exactness", "zeng-lee/lemma-9.optimal-solution:repaired",
    "zeng-lee/eckart-young-remark.effective-rank", "zeng-lee/lemma-11.identity:repaired",
    "zeng-lee/lemma-11.exactness", "zeng-lee/lemma-11.squared-error:repaired",
    "zeng-lee/lemma-11.squared-error:sharpened", "zeng-lee/equation-14", "zeng-lee/equation-15:repaired",
    "zeng-lee/equation-16:repaired", "zeng-lee/appendix-i.rank",
)  # fmt: skip
#: The same in blocks: Theorem 3 and what follows from it.
IN_BLOCKS = ("theorem_3", "corollary_4", "theorem_5_repaired", "theorem_5_sharpened", "theorem_5_appendix")
#: Claims with partial sums, and the one that states the same without them.
WITHOUT_PARTIAL_SUMS = {
    "zeng-lee/lemma-9.value": "zeng-lee/lemma-9.value:without-partial-sums",
    "zeng-lee/lemma-9.value:frozen-hypothesis-dropped": "zeng-lee/lemma-9.value:without-partial-sums",
    "zeng-lee/lemma-9.exactness": "zeng-lee/lemma-9.exactness:without-partial-sums",
    "zeng-lee/lemma-9.optimal-solution:repaired": "zeng-lee/lemma-9.value:without-partial-sums",
    "zeng-lee/lemma-10.value": "zeng-lee/lemma-10.value:without-partial-sums",
    "zeng-lee/lemma-10.value:frozen-hypothesis-dropped": "zeng-lee/lemma-10.value:without-partial-sums",
    "zeng-lee/lemma-10.exactness": "zeng-lee/lemma-10.exactness:without-partial-sums",
    "zeng-lee/lemma-10.optimal-solution:repaired": "zeng-lee/lemma-10.value:without-partial-sums",
    "zeng-lee/eckart-young-remark.effective-rank": "zeng-lee/lemma-9.value:without-partial-sums",
    "zeng-lee/lemma-11.exactness": "zeng-lee/lemma-11.exactness:without-partial-sums",
    "zeng-lee/lemma-12.exactness": "zeng-lee/lemma-12.exactness:without-partial-sums",
    "zeng-lee/lemma-11.squared-error:repaired": "zeng-lee/theorem-15.error-bound:sharpened",
    "zeng-lee/lemma-11.squared-error:sharpened": "zeng-lee/theorem-15.error-bound:sharpened",
    "zeng-lee/lemma-12.squared-error:repaired": "zeng-lee/theorem-15.error-bound:sharpened",
    "zeng-lee/lemma-12.squared-error:sharpened": "zeng-lee/theorem-15.error-bound:sharpened",
    "zeng-lee/lemma-11.identity:repaired": None,
    "zeng-lee/lemma-12.identity:repaired": None,
    "zeng-lee/equation-14": None,
    "zeng-lee/equation-15:repaired": None,
    "zeng-lee/equation-16:repaired": None,
    "zeng-lee/appendix-i.rank": None,
}
#: The same for networks in blocks.
WITHOUT_SUMS = {
    "zeng-lee/theorem-1": "zeng-lee/theorem-3:without-partial-sums",
    "zeng-lee/theorem-3": "zeng-lee/theorem-3:without-partial-sums",
    "zeng-lee/corollary-4": "zeng-lee/corollary-4:any-target",
    "zeng-lee/theorem-5:repaired": "zeng-lee/theorem-15.error-bound:repaired",
    "zeng-lee/theorem-5:sharpened": "zeng-lee/theorem-15.error-bound:sharpened",
    "zeng-lee/theorem-5:appendix": "zeng-lee/theorem-15.error-bound:all-layers",
}

#: (claim or statement, hypothesis) -> why the conclusion follows without it.
NOT_NEEDED: dict[tuple[str, str], Argument] = {
    **{
        (f"zeng-lee/lemma-9.{what}", "all R_l are one R"): Argument("Lemma 10", f"zeng-lee/lemma-10.{what}")
        for what in ("value", "value:frozen-hypothesis-dropped", "exactness")
    },
    **{(key, PARTIAL): Argument(_ELIMINATION, claim) for key, claim in WITHOUT_PARTIAL_SUMS.items()},
    **{(key, name): Argument(_RAISED) for key in OF_ONE_RANK for name in (FROZEN, WHOLE)},
    ("zeng-lee/lemma-9.value:frozen-hypothesis-dropped", WHOLE): Argument(_RAISED),
    **{(name, h): Argument(_RAISED) for name in IN_BLOCKS for h in (FROZEN, BLOCKS)},
    ("well_defined_with_gaps", BLOCKS): Argument("r = 0 does not see the decomposition"),
    **{(key, SUMS): Argument(_ELIMINATION, claim) for key, claim in WITHOUT_SUMS.items()},
    **{
        (key, UNIFORM): Argument("Theorem 15 has any partition", WITHOUT_SUMS[key])
        for key in ("zeng-lee/theorem-5:repaired", "zeng-lee/theorem-5:sharpened", "zeng-lee/theorem-5:appendix")
    },
    **{(name, UNIFORM): Argument(_BLOCKWISE) for name in ON_EQUATION_8_IN_BLOCKS},
    ("index_range", UNIFORM): Argument("r = 0 says it of every block, and the blocks are all layers"),
    ("index_range", SUMS): Argument("r = 0 alone says it"),
    ("suffices_for_merged_layers", UNIFORM): Argument("the sums that are asked are those supposed, block by block"),
    ("target_is_nonsingular", UNIFORM): Argument("LR_r(E_i) = E_i for r = R(M - 1), block by block"),
    ("corollary_4", UNIFORM): Argument(
        "R M >= D suffices in the blocks of the uniform partition, whichever one the sums are taken over: the weights "
        "are non-singular, and elimination asks for no more"
    ),
    ("corollary_4_any_target", UNIFORM): Argument(
        "R M >= D suffices in the blocks of the uniform partition, whose products are non-singular with all weights"
    ),
    ("threshold_is_necessary", "R_1 + ... + R_L < rank(E)"): Argument(
        "the conclusion is sigma_{sum R_l + 1}(E) <= error, which holds for every adapter (equation (4)); the "
        "hypothesis makes the bound positive", "zeng-lee/equation-4"
    ),
    ("eckart_young_repaired", "L = 1"): Argument(
        "for more layers it is the relaxation (4), and LR_{sum R_l} attains its value; with L = 1 both sides are about "
        "one adapter"
    ),
    ("learnable_parameters", SHAPES): Argument("2 R D L factors are counted for every L"),
    ("learnable_parameters", RANK): Argument("the factors have 2 R D entries for every R"),
    ("learnable_parameters", ENOUGH): Argument("the factors have 2 R D entries for every R"),
    ("chain_repaired", RANK): Argument("R >= D / M gives the first inequality, M <= L / L-bar the second"),
    ("factor_of_two_sharpened", ENOUGH): Argument("only (R - 1) M < D enters, that is R <= (D + M - 1) / M"),
    ("singular_with_a_density", "the weights are non-negative"): Argument(
        "the parts without a density have weight zero, and P is the sum over these"
    ),
    ("singular_with_a_density", "the weights sum to one"): Argument(
        "the parts without a density have weight zero, and P is the sum over these"
    ),
    ("exact_point_off_the_zero_set", "D >= 1"): Argument("the empty matrix has determinant 1 = D + 1"),
    **{
        (name, RANK): Argument("R does not occur in the conclusion")
        for name in ("rank_of_the_error", "error_of_the_block", "columns_do_not_matter")
    },
    ("formally_full_rank_uneven", "no singular value is zero"): Argument(
        "where one vanishes, eff-rank <= rank < min(m, n)", "textbook/definition-11.16.effective-rank"
    ),
    ("along_the_largest_error_whitened", "X X^T = c I"): Argument(
        "R X^T X = c R is all that G G^T = R X^T X R^T = c R R^T needs"
    ),
    ("along_the_largest_error_whitened", "the error is not zero"): Argument("without an error both sides are zero"),
    ("softmax_of_equal_tokens", "n >= 2"): Argument("of one token, first and last query are the same"),
    **{
        (name, "n >= 1"): Argument("no values, no energy: both sides are zero")
        for name in ("fast_decay", "medium_decay_but_small", "slow_decay_needs_twelve")
    },
    (
        "exact_from_the_ceiling", "the expanded target differs from prod W in its first block only"
    ): Argument("another expanded target has the same first block, is within rank D-bar, and elimination reaches it"),
    **{
        (name, "the expanded target differs from prod W in its first block only"): Argument(
            "of the expanded target only the first block occurs, and that is the target"
        )
        for name in ("error_of_the_block", "columns_do_not_matter", "error_with_zeros_below")
    },
    ("tail_energy_sharpened", "W is not zero"): Argument("for W = 0 both sides are zero"),
    ("tail_energy", "k >= 1"): Argument("sigma_1 bounds all r values", "textbook/theorem-11.11:sharpened"),
    ("tail_energy", "k <= r"): Argument("beyond r both sides are zero, as sigma_{k+1} is"),
    ("energy_lower_bound", "k >= 1"): Argument("for k = 0 the bound is 1 - r sigma_1^2 / ||W||_F^2 <= 0"),
    ("energy_lower_bound", "k <= r"): Argument("beyond r both sides are one, as sigma_{k+1} is zero"),
    ("small_tail_bound_gives_high_energy", "k <= r"): Argument("E(k) = 1 from r on"),
    ("tail_is_below_the_noise", "sigma_{r_0}(W_0) > 0"): Argument("Weyl's inequality asks for rank(W_0) <= r_0 only"),
    ("noise_is_removed", "sigma_{r_0}(W_0) > 0"): Argument("Weyl's inequality asks for rank(W_0) <= r_0 only"),
    ("few_steps_aligned", "eta > 0"): Argument(
        "|1 - (1 - eta lambda)^t| grows with lambda for a negative eta as well, and vanishes for none"
    ),
    ("few_steps_aligned", "at least one step"): Argument("before the first step both sides are zero"),
    ("penalty_preserves_rank", "F is semidefinite"): Argument("I - eta F is non-singular, which is all it takes"),
    ("penalty_preserves_rank", "eta F <= I"): Argument("I - eta F is non-singular, which is all it takes"),
    ("alignment_from_zero", "B_0 = 0"): Argument(
        "the loss is compared with ||Delta W||_F^2, which is that of B = 0, wherever the run began"
    ),
    ("qlora_error", "the unit is positive"): Argument(
        "an entry is within unit / 2 of its code for no negative unit, and equal to it for zero"
    ),
    ("qlora_error", "the codes are 4-bit numbers (-8 <= code)"): Argument("the error is that of rounding to any codes"),
    ("qlora_error", "the codes are 4-bit numbers (code <= 7)"): Argument("the error is that of rounding to any codes"),
    ("sparsity_repaired", "lambda > 0"): Argument(
        "von Neumann's inequality parts the values, and (s - sigma)^2 / 2 + lambda |s| is least at "
        "max(sigma - lambda, 0) for every sign of lambda"
    ),
    ("proximal", "eta <= 1"): Argument("(1 - eta) s <= 0 for eta >= 1: the first step ends at zero"),
    ("relative_errors_compared", "k <= r"): Argument("beyond r both errors are zero"),
    ("rank_never_hurts", "sigma_max > 0"): Argument("sigma_max is a factor of all three complexities, and is left out"),
    ("least_task_rank", "lambda > 0"): Argument(
        "as P does not fall, the last rank is best for every lambda < 0; for 0 both objectives are P"
    ),
    ("least_task_rank", "P does not fall with r"): Argument(
        "adding the two optimalities gives Cost(two) <= Cost(one), and Cost grows (without both it falls)"
    ),
    ("least_task_rank", "Cost grows with r"): Argument(
        "Cost(two) <= Cost(one) and P(two) >= P(one) for a two beyond one would make both best at both prices (without "
        "both hypotheses it falls)"
    ),
    ("adaptive_rank_is_least", "tau < 1"): Argument(
        "for tau = 1, k is the rank and a smaller one errs; beyond, the left side is negative"
    ),
    ("no_better_midpoint", "a^T b = p s o^T"): Argument("the angles in the conclusion are those of a^T b itself"),
    ("ours/midpoint-flag", "the columns of B are independent"): Argument(
        "elimination asks for any factors of E", "ours/proposition-a"
    ),
    **{
        (key, PAIR_SUMS): Argument(_ELIMINATION, "zeng-lee/theorem-6:without-partial-sums")
        for key in ("zeng-lee/theorem-2", "zeng-lee/theorem-6")
    },
    ("theorem_17", PAIR_SUMS): Argument(_ELIMINATION, "zeng-lee/theorem-17:without-partial-sums"),
    ("theorem_2_attention_only", PAIR_SUMS): Argument(f"{_ELIMINATION}, pair by pair"),
    ("theorem_6", MULTI): Argument("without W_O it is Theorem 17", "zeng-lee/theorem-17"),
    ("theorem_6_by_elimination", MULTI): Argument(
        "without W_O it is Theorem 17", "zeng-lee/theorem-17:without-partial-sums"
    ),
    ("theorem_6_with_free_output", MULTI): Argument(
        "without W_O the value pair is (W_1, W_V), of the same gap, and elimination serves it as well"
    ),
    ("theorem_17_modulo_shifts", SINGLE): Argument(
        "with W_O the value pair is (W_O, W_V), of the same gap, and elimination serves it as well"
    ),
    **{
        ("threshold_for_scores", name): Argument(
            "Eckart and Young bound what is missed in the first head of any model, and D + 1 affinely independent "
            "tokens tell every matrix from zero; that the function determines the scores asks for it"
        )
        for name in ("no column of P Wbar_o Wbar_2 is zero", "L = H = 1 and N >= 2")
    },
    **{
        ("threshold_for_scores_of_heads", name): Argument(
            "rank(Mhat_h - Mbar) >= rank(M_h - Mbar) - 2 R > 0 for some h in every order, and D + 1 affinely "
            "independent tokens tell every matrix from zero; that the function determines the scores asks for it"
        )
        for name in (MULTI, "L = 1", "N >= 3, or one head and N >= 2", WEIGHTS)
    },
    ("theorem_17", SINGLE): Argument("with W_O it is Theorem 6", "zeng-lee/theorem-6"),
    ("theorem_17_by_elimination", SINGLE): Argument(
        "with W_O it is Theorem 6", "zeng-lee/theorem-6:without-partial-sums"
    ),
    ("output_layer", "W_o W_{2L} + LR_r(E) is non-singular for 1 <= r <= R"): Argument(_ELIMINATION),
    ("invertible_output", "W_o W_{2L} + LR_r(E) is non-singular for 1 <= r <= R"): Argument(
        "adapters that reach the target have a regular product, whatever made them"
    ),
}

def implied_by(claim: Claim, hypothesis: str) -> tuple[tuple[str, str], ...]:
    """The hypotheses of the claim that imply this one, each with the reason."""
    known = IMPLIED.get(hypothesis, ())
    own = [IMPLIED_IN.get((name, hypothesis), ()) for name in _names(claim)]
    return tuple(pair for pairs in (known, *own) for pair in pairs if pair[0] in claim.hypotheses)


def not_needed(claim: Claim, hypothesis: str) -> Argument | None:
    """Why the conclusion of the claim follows without the hypothesis; None where no argument is known."""
    return next((found for name in _names(claim) if (found := NOT_NEEDED.get((name, hypothesis)))), None)


def needed_to_state(claim: Claim, hypothesis: str) -> str:
    """What the claim speaks of that need not exist without the hypothesis; nothing where it always does."""
    return next((found for name in _names(claim) if (found := NEEDED_TO_STATE.get((name, hypothesis)))), "")


def defined_by(claim: Claim, hypothesis: str) -> str:
    """The definition that the hypothesis is; nothing where it is none."""
    return next((found for name in _names(claim) if (found := DEFINITIONS.get((name, hypothesis)))), "")


def needed_by(claim: Claim, hypothesis: str) -> tuple[str, str] | None:
    """The claim that shows the hypothesis to be needed, and how."""
    return next((found for name in _names(claim) if (found := NEEDED_BY.get((name, hypothesis)))), None)


def known_of(claim: Claim, hypothesis: str) -> str:
    """What is known of an open hypothesis."""
    return next((found for name in _names(claim) if (found := OPEN.get((name, hypothesis)))), "")


def _names(claim: Claim) -> tuple[str, ...]:
    return claim.key, claim.statement.__name__, ANY
