"""The section 11.2 of a textbook on large models: its claims in the order of the page."""

from __future__ import annotations

from pathlib import Path

from theorems.claim import Claim
from theorems.facts import definition, to_state
from theorems.text import Text
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
from theorems.texts.textbook.spectra import alignment, empirical
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

CLAIMS: tuple[Claim, ...] = (
    *spectral_claims.SECTIONS_11_2_1_AND_11_2_2,
    *gradient_dynamics.CLAIMS,
    *convergence_of_modes.CLAIMS,
    *few_steps.CLAIMS,
    *stochastic_gradients.CLAIMS,
    *noise_drift.CLAIMS,
    *effective_loss.CLAIMS,
    *curvature.CLAIMS,
    *tendencies.CLAIMS,
    empirical.CLAIM_REDUNDANCY,
    *lora_counts.CLAIMS,
    *lora_set.CLAIMS,
    *lora_training.CLAIMS,
    *tangent_space.CLAIMS,
    *alignment.CLAIMS,
    *lora_variants.CLAIMS,
    *adalora.CLAIMS,
    *spectral_claims.SECTION_11_2_5,
)

TEXT = Text(
    key="textbook",
    title="A textbook on large models, section 11.2",
    short="Textbook",
    claims=CLAIMS,
    cases="theorems.strategies.texts.textbook:CASES",
    folder=Path(__file__).parent,
    highlights=(
        "textbook/lemma-11.24", "textbook/theorem-11.16", "textbook/lemma-11.19", "textbook/definition-11.20.dimension",
        "textbook/theorem-11.10",
    ),
    about={
        "W is not zero": definition("shares of the energy are quotients by ||W||_F^2"),
        "U and V are orthogonal": definition(
            "the decompositions are SVDs by definition; files with others are refused"
        ),
        "X X^T is non-singular": to_state("W* = Y X^T (X X^T)^{-1} is one matrix only then"),
        "N >= 2": definition("N - 1 is divided by"),
        "there are two directions to compare": definition("there is nothing to conclude of one direction"),
        "the variances of the noise are not negative": definition("variances are not negative"),
    },
    rank=1,
)
