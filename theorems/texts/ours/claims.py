"""Our own claims, in the order of the argument."""

from __future__ import annotations

from theorems.claim import Claim
from theorems.texts.ours import angles, flag_proof, proposition_a, sizes

CLAIMS: tuple[Claim, ...] = (*proposition_a.CLAIMS, *flag_proof.CLAIMS, *angles.CLAIMS, *sizes.CLAIMS)
