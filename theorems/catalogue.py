"""CLAIMS: every claim, in the order of the sources."""

from __future__ import annotations

import difflib

from theorems.claim import Claim
from theorems.errors import InputError
from theorems.texts.ours import claims as beyond
from theorems.texts.textbook.lora import (
    adalora,
    tangent_space,
)
from theorems.texts.textbook.lora import (
    counts as lora_counts,
)
from theorems.texts.textbook.lora import (
    sets as lora_set,
)
from theorems.texts.textbook.lora import (
    training as lora_training,
)
from theorems.texts.textbook.lora import (
    variants as lora_variants,
)
from theorems.texts.textbook.spectra import alignment
from theorems.texts.textbook.spectra import claims as spectral_claims
from theorems.texts.textbook.training import (
    convergence_of_modes,
    curvature,
    effective_loss,
    few_steps,
    gradient_dynamics,
    noise_drift,
    stochastic_gradients,
    tendencies,
)
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
    other_partitions,
    partition,
    random_models,
    sub_models,
)
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

#: Zeng and Lee, "The Expressive Power of Low-Rank Adaptation".
ZENG_LEE: tuple[Claim, ...] = (
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
