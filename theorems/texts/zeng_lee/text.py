"""Zeng and Lee, The Expressive Power of Low-Rank Adaptation: its claims in the order of the page."""

from __future__ import annotations

from pathlib import Path

from theorems.claim import Claim
from theorems.facts import definition, implied
from theorems.text import Text
from theorems.texts.zeng_lee import arguments
from theorems.texts.zeng_lee.experiments import appendix_g, measured
from theorems.texts.zeng_lee.linear import (
    almost_sure,
    counting,
    decomposition,
    eckart_young,
    induction,
    lemmas_9_and_10,
    matrix_facts,
    narrow_target,
    notation,
    projections,
)
from theorems.texts.zeng_lee.linear.linear_models import FROZEN, WHOLE
from theorems.texts.zeng_lee.relu import (
    appendix_bounds,
    assumption_2,
    assumptions,
    error_bounds,
    error_chain,
    general_bounds,
    index_ranges,
    lemmas,
    linearisation,
    magnitude_chain,
    narrow,
    narrow_networks,
    other_partitions,
    partition,
    random_models,
    sub_models,
    unbounded_inputs,
    uniform_inputs,
)
from theorems.texts.zeng_lee.relu.assumptions import BLOCKS
from theorems.texts.zeng_lee.transformer import (
    almost_sure as transformer_almost_sure,
)
from theorems.texts.zeng_lee.transformer import (
    assumptions as transformer_assumptions,
)
from theorems.texts.zeng_lee.transformer import (
    corollaries,
    exactness,
    necessity,
    output,
    proof,
    several_heads,
    thresholds,
    units,
)

CLAIMS: tuple[Claim, ...] = (
    *notation.CLAIMS,
    *matrix_facts.CLAIMS,
    *counting.CLAIMS,
    *partition.THEOREM_1,
    *corollaries.THEOREM_2,
    *almost_sure.CLAIMS,
    *lemmas_9_and_10.LEMMA_9,
    *decomposition.CLAIMS,
    *projections.EQUATIONS_8_AND_11,
    *induction.CLAIMS,
    *eckart_young.REMARK,
    *lemmas_9_and_10.LEMMA_10,
    *projections.LEMMA_10_PROOF,
    *lemmas.LEMMA_11,
    *linearisation.EQUATION_14,
    *lemmas.LEMMA_12,
    *assumptions.EXAMPLE_1,
    *assumptions.ASSUMPTION_1,
    *random_models.LEMMA_13,
    *partition.THEOREM_3,
    *unbounded_inputs.CLAIMS,
    *index_ranges.THEOREM_3_RANGES,
    *sub_models.EQUATIONS_15_16,
    *partition.COROLLARY_4,
    *error_bounds.THEOREM_5,
    *appendix_bounds.THEOREM_5_APPENDIX,
    *index_ranges.THEOREM_5_RANGES,
    *error_chain.PROOF_OF_THEOREM_5,
    *magnitude_chain.CHAIN_OF_BETA,
    *index_ranges.PROOF_OF_THEOREM_5_RANGES,
    *assumption_2.ASSUMPTION_2,
    *random_models.LEMMA_14,
    *other_partitions.THEOREM_15_PARTITIONS,
    *index_ranges.THEOREM_15_RANGES,
    *partition.THEOREM_15,
    *general_bounds.THEOREM_15_BOUND,
    *narrow.NARROW_MODELS,
    *uniform_inputs.AT_EVERY_DEPTH,
    *transformer_assumptions.ASSUMPTION_3,
    *transformer_almost_sure.LEMMA_16,
    *exactness.THEOREM_17,
    *thresholds.THRESHOLD_17,
    *units.UNITS_17,
    *output.FROZEN_SECOND,
    *proof.EQUATION_22,
    *proof.EQUATION_23,
    *several_heads.EQUATION_23,
    *output.OUTPUT_LAYER,
    *corollaries.COROLLARY_18,
    *transformer_almost_sure.GAP_18,
    *corollaries.SHARP_18,
    *transformer_assumptions.ASSUMPTION_4,
    *transformer_almost_sure.LEMMA_19,
    *exactness.THEOREM_6,
    *necessity.READINGS_6,
    *thresholds.THRESHOLD_6,
    *necessity.NECESSITY_6,
    *several_heads.NARROW_HEADS,
    *proof.EQUATION_25,
    *corollaries.COROLLARY_20,
    *transformer_almost_sure.GAP_20,
    *appendix_g.APPENDIX_G_1,
    *measured.MEASURED_1,
    *appendix_g.APPENDIX_G_2,
    *measured.MEASURED_2,
    *appendix_g.APPENDIX_G_3,
    *measured.MEASURED_3,
    *corollaries.SHARP_20,
    *narrow_target.CLAIMS,
    *narrow_networks.CLAIMS,
)

TEXT = Text(
    key="zeng-lee",
    title="Zeng and Lee, The Expressive Power of Low-Rank Adaptation",
    short="Zeng and Lee",
    citation="Yuchen Zeng and Kangwook Lee, ICLR 2024",
    claims=CLAIMS,
    cases="theorems.strategies.texts.zeng_lee:CASES",
    folder=Path(__file__).parent,
    kinds=("theorems.texts.zeng_lee.experiments.figures",),
    # Deep targets, active ones, Transformers with and without W_O; all of one LoRA-rank, as most claims ask unsaid.
    lenders=(
        "zeng-lee/theorem-3", "zeng-lee/lemma-11.squared-error:printed-letter", "zeng-lee/theorem-3.minimal:active",
        "zeng-lee/theorem-6", "zeng-lee/theorem-17",
    ),
    highlights=(
        "zeng-lee/theorem-5", "zeng-lee/lemma-11.identity", "zeng-lee/theorem-3.minimal", "zeng-lee/equation-1.5",
        "zeng-lee/lemma-9.value",
    ),
    about={
        FROZEN: (
            implied(WHOLE, "det prod W = prod det W_l"),
            implied(BLOCKS, "a product is non-singular only if its factors are"),
        ),
        WHOLE: implied(FROZEN, "det prod W = prod det W_l"),
        "L-bar <= L": implied("R >= D / M", "D >= 1 makes M >= 1"),
        "r >= 1": definition("sigma_r > sigma_{r+1} speaks of sigma_r, r >= 1"),
        **dict.fromkeys(("U is orthogonal", "V is orthogonal", "U and V are orthogonal"), arguments.SVDS),
        "L >= 2": definition("the chain runs over the layers l = 2..L"),
        "the target has one layer": definition("E is the error of the one layer that the target has"),
        "D >= 1 and L >= 1": definition("a model has a layer, and a layer a unit"),
        "D >= 1, H >= 1 and L >= 1": definition("a model has a layer, and a layer a head and a unit"),
        "Wbar_2 is non-singular": definition("the bias W_2 Wbar_2^{-1} bbar_2 is formed with its inverse"),
        "W_1 W_O W_V is non-singular": definition("the inputs that tell are formed with its inverse"),
    },
    rank=0,
)
