"""Claims of our own, in the order of the argument."""

from __future__ import annotations

from pathlib import Path

from theorems.claim import Claim
from theorems.facts import definition
from theorems.text import Text
from theorems.texts.ours import (
    active_targets,
    angles,
    flag_proof,
    floors,
    one_bend,
    proposition_a,
    sizes,
    up_to_scales,
)

CLAIMS: tuple[Claim, ...] = (
    *proposition_a.CLAIMS,
    *flag_proof.CLAIMS,
    *angles.CLAIMS,
    *sizes.CLAIMS,
    *active_targets.CLAIMS,
    *floors.CLAIMS,
    *one_bend.CLAIMS,
    *up_to_scales.CLAIMS,
)

TEXT = Text(
    key="ours",
    title="Our own",
    short="Ours",
    claims=CLAIMS,
    cases="theorems.strategies.texts.ours:CASES",
    folder=Path(__file__).parent,
    lenders=("zeng-lee/theorem-3", "zeng-lee/theorem-3.minimal:active", "zeng-lee/theorem-6", "zeng-lee/theorem-17"),
    highlights=(
        "ours/proposition-a", "ours/two-slopes", "ours/mean-floors", "ours/one-bend", "ours/up-to-scales",
    ),
    rank=2,
    about={
        "E = B A has R_1 + ... + R_L columns": definition("the flag deals R_l columns of B to layer l"),
        "R_1 + ... + R_L = D": definition("the stacked rows are inverted, D x D"),
    },
)
