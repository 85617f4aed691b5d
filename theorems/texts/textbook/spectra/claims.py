"""The claims of 11.2.1, 11.2.2 and 11.2.5 in the order of the source."""

from __future__ import annotations

from theorems.claim import Claim
from theorems.texts.textbook.errors import layers as layer_errors
from theorems.texts.textbook.errors import rademacher, samples, trade_off
from theorems.texts.textbook.lora import rank_choice
from theorems.texts.textbook.spectra import (
    advice,
    attention,
    decay,
    effective_rank,
    empirical,
    layer_types,
    manifold,
    tail_energy,
    truncation_errors,
)
from theorems.texts.textbook.spectra import (
    matrices as spectra,
)
from theorems.texts.textbook.training import recovery, singular_value_flow, spectral_bias

#: Sections 11.2.1 and 11.2.2; the claims of the other subsections stand between these and `SECTION_11_2_5`.
SECTIONS_11_2_1_AND_11_2_2: tuple[Claim, ...] = (
    *spectra.ENERGY,
    empirical.CLAIM_FULL_RANK,
    *effective_rank.CLAIMS,
    empirical.CLAIM_11_17,
    *decay.LEMMA_11_17,
    *manifold.CLAIMS,
    *spectral_bias.LEMMA_11_18,
    *singular_value_flow.CLAIMS,
    empirical.CLAIM_TABLE,
    *layer_types.CLAIMS,
    *attention.CLAIMS,
    layer_types.CLAIM_LENGTHS,
    *decay.LEMMA_11_20,
    empirical.CLAIM_EXPONENT,
    *spectral_bias.THEOREM_11_10,
    empirical.CLAIM_START,
    empirical.CLAIM_TRAINING,
    *tail_energy.TAIL,
    *tail_energy.THRESHOLD,
    empirical.CLAIM_FRACTION,
    *recovery.CLAIMS,
    *decay.TABLE,
    *advice.CLAIMS,
)

SECTION_11_2_5: tuple[Claim, ...] = (
    *truncation_errors.CLAIMS,
    *layer_errors.CLAIMS,
    *rademacher.CLAIMS,
    *samples.CLAIMS,
    *trade_off.CLAIMS,
    *rank_choice.CLAIMS,
)
