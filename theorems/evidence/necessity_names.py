"""Names of hypotheses, and of claims that share one, for the tables on necessity."""

from __future__ import annotations

FROZEN = "every W_l is non-singular"
WHOLE = "prod W is non-singular (r = 0)"
PARTIAL = "prod W + LR_r(E) is non-singular for 1 <= r <= R_1 + ... + R_{L-1}"
BLOCKS = "prod_{l in P_i} W_l is non-singular (r = 0)"
SUMS = "prod_{l in P_i} W_l + LR_r(E_i) is non-singular for 1 <= r <= R(M - 1)"
UNIFORM = "the partition is the uniform one"
ONE_LAYER = "the target has one layer"
WEIGHTS = "all weight matrices of both models are non-singular"
PAIR_SUMS = "P + LR_r(E) is non-singular for 1 <= r <= R"
SINGLE = "the model is single-head, without W_O"
MULTI = "the heads have W_O"
SHAPES = "L-bar <= L"
RANK = "R in [D]"
ENOUGH = "R >= D / M"

#: Claims on what equation (8) builds, not on what adapters can do.
ON_EQUATION_8 = (
    "equation_8_solves_equation_6", "equation_8_meets_the_rank_constraint", "equation_8_keeps_layers_invertible",
    "base_case", "chain_telescopes", "chain_ends", "bias_of_14", "derivation_repaired",
)  # fmt: skip
#: The same, for the blocks of a network.
ON_EQUATION_8_IN_BLOCKS = (
    "sub_models", "equation_18", "equation_19_triangle", "equation_19_spectral", "equation_20", "b_bound",
    "equation_21_repaired", "first_block_repaired",
)  # fmt: skip

#: Every claim, in the tables above.
ANY = "any"
