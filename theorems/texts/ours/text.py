"""Claims of our own, in the order of the argument."""

from __future__ import annotations

from pathlib import Path

from theorems.claim import Claim
from theorems.text import Text
from theorems.texts.ours import angles, flag_proof, proposition_a, sizes

CLAIMS: tuple[Claim, ...] = (*proposition_a.CLAIMS, *flag_proof.CLAIMS, *angles.CLAIMS, *sizes.CLAIMS)

TEXT = Text(
    key="ours",
    title="Our own",
    short="Ours",
    claims=CLAIMS,
    cases="theorems.strategies.texts.ours:CASES",
    folder=Path(__file__).parent,
    rank=2,
)
