"""CLAIMS: every claim, in the order of the sources."""

from __future__ import annotations

import difflib

from theorems.beyond import claims as beyond
from theorems.claim import Claim
from theorems.errors import InputError
from theorems.expressive_power import (
    almost_sure,
    appendix_g,
    appendix_g_measured,
    counting,
    decomposition,
    eckart_young,
    induction,
    lemmas_9_and_10,
    matrix_facts,
    narrow_target,
    notation,
    projections,
    relu_appendix_bounds,
    relu_assumption_2,
    relu_assumptions,
    relu_error_bounds,
    relu_error_chain,
    relu_general_bounds,
    relu_index_ranges,
    relu_lemmas,
    relu_linearisation,
    relu_magnitude_chain,
    relu_other_partitions,
    relu_partition,
    relu_random_models,
    relu_sub_models,
    transformer_almost_sure,
    transformer_assumptions,
    transformer_corollaries,
    transformer_exactness,
    transformer_necessity,
    transformer_output,
    transformer_proof,
    transformer_several_heads,
    transformer_thresholds,
    transformer_units,
)
from theorems.low_rank_basis import (
    adalora,
    alignment,
    convergence_of_modes,
    curvature,
    effective_loss,
    few_steps,
    gradient_dynamics,
    lora_counts,
    lora_set,
    lora_training,
    lora_variants,
    noise_drift,
    spectral_claims,
    stochastic_gradients,
    tangent_space,
    tendencies,
)

#: Zeng and Lee, "The Expressive Power of Low-Rank Adaptation".
ZENG_LEE: tuple[Claim, ...] = (
    *notation.CLAIMS,
    *matrix_facts.CLAIMS,
    *counting.CLAIMS,
    *relu_partition.THEOREM_1,
    *transformer_corollaries.THEOREM_2,
    *almost_sure.CLAIMS,
    *lemmas_9_and_10.LEMMA_9,
    *decomposition.CLAIMS,
    *projections.EQUATIONS_8_AND_11,
    *induction.CLAIMS,
    *eckart_young.REMARK,
    *lemmas_9_and_10.LEMMA_10,
    *projections.LEMMA_10_PROOF,
    *relu_lemmas.LEMMA_11,
    *relu_linearisation.EQUATION_14,
    *relu_lemmas.LEMMA_12,
    *relu_assumptions.EXAMPLE_1,
    *relu_assumptions.ASSUMPTION_1,
    *relu_random_models.LEMMA_13,
    *relu_partition.THEOREM_3,
    *relu_index_ranges.THEOREM_3_RANGES,
    *relu_sub_models.EQUATIONS_15_16,
    *relu_partition.COROLLARY_4,
    *relu_error_bounds.THEOREM_5,
    *relu_appendix_bounds.THEOREM_5_APPENDIX,
    *relu_index_ranges.THEOREM_5_RANGES,
    *relu_error_chain.PROOF_OF_THEOREM_5,
    *relu_magnitude_chain.CHAIN_OF_BETA,
    *relu_index_ranges.PROOF_OF_THEOREM_5_RANGES,
    *relu_assumption_2.ASSUMPTION_2,
    *relu_random_models.LEMMA_14,
    *relu_other_partitions.THEOREM_15_PARTITIONS,
    *relu_index_ranges.THEOREM_15_RANGES,
    *relu_partition.THEOREM_15,
    *relu_general_bounds.THEOREM_15_BOUND,
    *transformer_assumptions.ASSUMPTION_3,
    *transformer_almost_sure.LEMMA_16,
    *transformer_exactness.THEOREM_17,
    *transformer_thresholds.THRESHOLD_17,
    *transformer_units.UNITS_17,
    *transformer_output.FROZEN_SECOND,
    *transformer_proof.EQUATION_22,
    *transformer_proof.EQUATION_23,
    *transformer_several_heads.EQUATION_23,
    *transformer_output.OUTPUT_LAYER,
    *transformer_corollaries.COROLLARY_18,
    *transformer_almost_sure.GAP_18,
    *transformer_corollaries.SHARP_18,
    *transformer_assumptions.ASSUMPTION_4,
    *transformer_almost_sure.LEMMA_19,
    *transformer_exactness.THEOREM_6,
    *transformer_necessity.READINGS_6,
    *transformer_thresholds.THRESHOLD_6,
    *transformer_necessity.NECESSITY_6,
    *transformer_several_heads.NARROW_HEADS,
    *transformer_proof.EQUATION_25,
    *transformer_corollaries.COROLLARY_20,
    *transformer_almost_sure.GAP_20,
    *appendix_g.APPENDIX_G_1,
    *appendix_g_measured.MEASURED_1,
    *appendix_g.APPENDIX_G_2,
    *appendix_g_measured.MEASURED_2,
    *appendix_g.APPENDIX_G_3,
    *appendix_g_measured.MEASURED_3,
    *transformer_corollaries.SHARP_20,
    *narrow_target.CLAIMS,
)

#: The textbook section 11.2.
TEXTBOOK: tuple[Claim, ...] = (
    *spectral_claims.SECTIONS_11_2_1_AND_11_2_2,
    *gradient_dynamics.CLAIMS,
    *convergence_of_modes.CLAIMS,
    *few_steps.CLAIMS,
    *stochastic_gradients.CLAIMS,
    *noise_drift.CLAIMS,
    *effective_loss.CLAIMS,
    *curvature.CLAIMS,
    *tendencies.CLAIMS,
    *lora_counts.CLAIMS,
    *lora_set.CLAIMS,
    *lora_training.CLAIMS,
    *tangent_space.CLAIMS,
    *alignment.CLAIMS,
    *lora_variants.CLAIMS,
    *adalora.CLAIMS,
    *spectral_claims.SECTION_11_2_5,
)

CLAIMS: tuple[Claim, ...] = (*ZENG_LEE, *TEXTBOOK, *beyond.CLAIMS)


def claim(key: str) -> Claim:
    """The claim with that key.  Raises `InputError` for an unknown one, with the nearest keys."""
    for candidate in CLAIMS:
        if candidate.key == key:
            return candidate
    near = difflib.get_close_matches(key, [candidate.key for candidate in CLAIMS], 3, 0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "see `theorems list`"
    raise InputError(f"there is no claim {key!r}: {hint}")
