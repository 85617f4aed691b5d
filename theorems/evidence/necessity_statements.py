"""What a hypothesis is for where no search can tell: a definition, a construction; and what is known of open ones."""

from __future__ import annotations

from theorems.evidence.necessity_names import (
    BLOCKS,
    FROZEN,
    MULTI,
    ON_EQUATION_8,
    ON_EQUATION_8_IN_BLOCKS,
    ONE_LAYER,
    PAIR_SUMS,
    PARTIAL,
    SHAPES,
    SUMS,
    UNIFORM,
    WEIGHTS,
    WHOLE,
)

_FORMED = "equation (8) inverts the suffixes of the product and its partial sums; wherever it can be formed, this holds"
_ENERGY = "shares of the energy are quotients by ||W||_F^2"

#: (claim or statement, hypothesis) -> what the claim speaks of that need not exist without it.
NEEDED_TO_STATE: dict[tuple[str, str], str] = {
    ("output_layer", "W_o and W_{2L} are non-singular"): (
        "equation (8) is formed with W_o^{-1}; W_{2L} + Delta W_{2L} is regular with W_o W_{2L} + LR_R(E)"
    ),
    ("output_layer", "Wbar_o and Wbar_{2L} are non-singular"): (
        "the bias is formed with the inverse of W_o + Delta W_o, which is singular where Wbar_o Wbar_{2L} is"
    ),
    ("invertible_output", "W_o and W_{2L} are non-singular"): (
        "equation (8) is formed with W_o^{-1}, elimination with both inverses"
    ),
    (
        "threshold_for_scores_of_heads",
        "sum_h W_1 W_O W_V is non-singular, the scores are distinct, no column of P Wbar_o Wbar_2 is zero",
    ): "the tokens x_j are formed with the inverse of sum_h Wbar_1 Wbar_O Wbar_V",
    ("any", "X X^T is non-singular"): "W* = Y X^T (X X^T)^{-1} is one matrix only then",
    ("fitted_values", "R is non-singular"): "the minimiser for R X is formed with (R X X^T R^T)^{-1}",
    ("regression_recovers_the_law", "the abscissae are not all equal"): "the normal equations have one solution then",
    **{
        (name, f"rank({factor}) = r"): f"the projector of {factor} is formed with the inverse of its Gram matrix"
        for name in ("stationary_repaired", "projection_repaired", "preconditioned", "directions_repaired")
        for factor in "BA"
    },
    ("at_initialisation", "rank(A) = r"): "the projector of A is formed with the inverse of its Gram matrix",
    **{
        (name, FROZEN): "the bound is on S_l^{-1} E, or E P_l^{-1}" for name in ("size_from_below", "size_from_above")
    },
    **{(name, FROZEN): "preimages under W_l, and their complements, are taken" for name in ("flags", "complementary")},
    **{
        (name, h): "the step inverts these layers, and the stacked rows"
        for name in ("newton_cancels", "newton_remainder")
        for h in ("the adapted layers above the first are non-singular", "the rows A_l M_{<l} are independent")
    },
    ("factor_of_two_sharpened", SHAPES): "M = floor(L / L-bar) is divided by",
    ("dora_separates", "no column of W_0 + B A is zero"): "a zero column has no direction",
    ("density_repaired", "E has positive density"): "the conditional density is a quotient by the density at E",
    ("affine_in_each_entry", "the minor of the first entry is not zero"): "the one root is a quotient by the minor",
}

_ORTHOGONAL = "the decompositions are SVDs by definition; files with others are refused"

#: (claim or statement, hypothesis) -> the definition or the construction that it belongs to: without it the sentence is
#: about something else, or about a construction that cannot always be formed.
DEFINITIONS: dict[tuple[str, str], str] = {
    **{(name, h): _FORMED for name in ON_EQUATION_8 for h in (FROZEN, WHOLE, PARTIAL)},
    **{(name, h): _FORMED for name in ON_EQUATION_8_IN_BLOCKS for h in (FROZEN, BLOCKS, SUMS)},
    ("linearisation", FROZEN): _FORMED,
    ("assumption_serves", PAIR_SUMS): _FORMED,
    **{
        (name, WEIGHTS): "the errors to align are formed with W_1^{-1} and W_2^{-1} of the block below"
        for name in ("theorem_6", "theorem_17", "theorem_2_attention_only", "assumption_serves", "corollary", "forward")
    },
    **{
        (name, "all weight matrices of the frozen model are non-singular"):
        "the errors to align are formed with W_1^{-1} and W_2^{-1} of the block below"
        for name in ("theorem_6_by_elimination", "theorem_17_by_elimination")
    },
    ("any", "W is not zero"): _ENERGY,
    ("any", "D >= 1 and L >= 1"): "a model has a layer, and a layer a unit",
    ("any", "D >= 1, H >= 1 and L >= 1"): "a model has a layer, and a layer a head and a unit",
    ("any", "Wbar_2 is non-singular"): "the bias W_2 Wbar_2^{-1} bbar_2 is formed with its inverse",
    ("any", "W_1 W_O W_V is non-singular"): "the inputs that tell are formed with its inverse",
    **{
        (name, WEIGHTS): "the alignment, or the inputs that tell, are formed with inverses of the weights"
        for name in ("alignment_suffices", "threshold_for_scores", "theorem_17_modulo_shifts")
    },
    ("any", ONE_LAYER): "E is the error of the one layer that the target has",
    ("any", "L >= 2"): "the chain runs over the layers l = 2..L",
    ("any", "U is orthogonal"): _ORTHOGONAL,
    ("any", "V is orthogonal"): _ORTHOGONAL,
    ("any", "U and V are orthogonal"): _ORTHOGONAL,
    ("well_defined_with_gaps", "the singular values are in order"): _ORTHOGONAL,
    ("energy_is_well_defined", "the singular values descend"): _ORTHOGONAL,
    ("energy_is_well_defined", "no singular value is negative"): _ORTHOGONAL,
    ("any", "r >= 1"): "sigma_r > sigma_{r+1} speaks of sigma_r, r >= 1",
    ("frobenius_solution", "R_1 + ... + R_L >= 1"): "the gap speaks of sigma_{R_1 + ... + R_L}",
    **{
        (name, h): "the iterates have a stationary covariance for 0 < eta H < 2 only"
        for name in (
            "accumulation_by_ratio", "accumulation_with_equal_curvature", "accumulation_before_convergence"
        )
        for h in ("eta > 0", "H is semidefinite", "H is non-singular", "eta H <= 2", "eta H < 2")
    },
    ("any", "the variances of the noise are not negative"): "variances are not negative",
    ("minimal_repaired", BLOCKS): "the networks that miss the target are made by elimination, with prod W inverted",
    ("any", "E = B A has R_1 + ... + R_L columns"): "the flag deals R_l columns of B to layer l",
    ("any", "R_1 + ... + R_L = D"): "the stacked rows are inverted, D x D",
    ("eigenvalues", "m = n"): "a matrix that is not square has no eigenvalues",
    ("any", "N >= 2"): "N - 1 is divided by",
    ("any", "there are two directions to compare"): "there is nothing to conclude of one direction",
    ("order_repaired", "X X^T is non-singular"): "W* = Y X^T (X X^T)^{-1} is one matrix only then",
    ("few_steps_aligned", "the columns of W* Q are longest first"): "E(k) takes the k longest columns",
    ("staircase_above_the_noise", "r_0 < min(m, n)"): "a step after r_0 has a value after it",
    ("threshold_rank_is_monotone", "tau < 1"): "r_eff(tau) is the least k with E(k) >= tau, which is at most one",
    ("full_rank_at_width_one", "n >= 1"): "a matrix has a row",
    ("first_value_of_a_power_law", "n >= 1"): "the first value is one of n",
    ("approximation_repaired", SHAPES): "M = floor(L / L-bar) is divided by",
}

_CONSTANT = "in its witness every f is constant, and misses a target that varies on the support, where the bound is 0"
_SCORES = "zeng-lee/theorem-17.threshold:scores"

#: (claim or statement, hypothesis) -> (the claim that shows it to be needed, how).
NEEDED_BY: dict[tuple[str, str], tuple[str, str]] = {
    **{
        (name, "R >= max_i ceil(G_i / 2)"): (_SCORES, "one block, one head: below it no adapters have the scores")
        for name in (
            "theorem_17", "theorem_17_by_elimination", "theorem_6", "theorem_6_by_elimination",
            "theorem_2_attention_only",
        )
    },
    ("must_for_one_head", "one of the conditions fails"): (
        "zeng-lee/equation-23:sufficient", "where none fails the hidden layers are equal"
    ),
    ("theorem_2_attention_only", "W_o W_{2L} is the target's"): (
        "zeng-lee/theorem-2:attention-alone",
        "its witness meets the other hypotheses, and no attention adapters have the target"
    ),
    **{
        (name, h): ("zeng-lee/lemma-12.exactness", how)
        for name, how in (
            ("zeng-lee/lemma-12.identity:repaired", "in its witness N = 0, and no f is the target"),
            ("zeng-lee/lemma-12.squared-error:repaired", _CONSTANT),
            ("zeng-lee/lemma-12.squared-error:sharpened", _CONSTANT),
        )
        for h in (FROZEN, WHOLE)
    },
    **{
        ("error_with_zeros_below", h): (
            "zeng-lee/appendix-i.rank:printed-letter", "below the ceiling the first block is out of reach")
        for h in ("R in [D]", "R >= ceil(D-bar / L)")
    },
    ("error_with_zeros_below", WHOLE): (
        "zeng-lee/lemma-9.exactness:without-nonsingularity", "in its witness (D-bar = D) no adapters have the target"
    ),
    ("theorem_15_with_adapted_biases", BLOCKS): ("zeng-lee/lemma-12.exactness", _CONSTANT),
    ("theorem_15_repaired", BLOCKS): ("zeng-lee/lemma-12.exactness", _CONSTANT),
    ("theorem_15_sharpened", BLOCKS): ("zeng-lee/lemma-12.exactness", _CONSTANT),
    ("ours/midpoint-flag", FROZEN): (
        "ours/proposition-a:without-nonsingularity", "in its witness no adapters have the product"
    ),
    ("theorem_17_modulo_shifts", "R >= ceil(G_i / 2) for the other gaps"): (
        _SCORES, "one block, one head: below it no adapters have the scores"
    ),
    ("zeng-lee/corollary-20", "R >= ceil(D / 2)"): (_SCORES, "one block, one head, an error of the scores of rank D"),
    ("zeng-lee/corollary-18", "R >= ceil(D / 2)"): (_SCORES, "one block, one head, an error of the scores of rank D"),
    **{
        ("zeng-lee/lemma-10.optimal-solution:repaired", name):
        ("zeng-lee/lemma-10.exactness", "in its witness LR_{sum R_l}(E) = E, and no adapters have that product")
        for name in (FROZEN, WHOLE)
    },
}

_SHORT = (
    "not where every block has M layers or more; a shorter one leaves its target layer to others, and for targets with "
    "inactive units neither a construction nor an obstruction is known"
)

#: (claim or statement, hypothesis) -> what is known of an open one.
OPEN: dict[tuple[str, str], str] = {
    ("theorem_3", UNIFORM): _SHORT,
    ("theorem_3_by_elimination", UNIFORM): _SHORT,
    ("minimal_repaired", "W-bar is non-singular"): (
        "needed by the proof (a dead hidden unit may do for a singular target), not by the three networks of the claim"
    ),
    ("theorem_2_attention_only", MULTI): "without W_O the value pair is (W_1, W_V), and W_1 is no attention weight",
    **{
        (name, "the columns of B are independent"): "the flag takes a basis of range B, which may be smaller"
        for name in ("flags", "complementary", "bases")
    },
}
