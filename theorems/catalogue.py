"""CLAIMS: every claim, in the order of the sources."""

from __future__ import annotations

from theorems.claim import Claim
from theorems.errors import InputError
from theorems.expressive_power import (
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

CLAIMS: tuple[Claim, ...] = (
    *notation.CLAIMS,
    *matrix_facts.CLAIMS,
    *counting.CLAIMS,
    *almost_sure.CLAIMS,
    *lemmas_9_and_10.LEMMA_9,
    *decomposition.CLAIMS,
    *projections.EQUATIONS_8_AND_11,
    *induction.CLAIMS,
    *eckart_young.REMARK,
    *lemmas_9_and_10.LEMMA_10,
    *projections.LEMMA_10_PROOF,
    *narrow_target.CLAIMS,
)


def claim(key: str) -> Claim:
    """The claim with that key.  Raises `InputError` for an unknown one, with the nearest keys."""
    import difflib

    for candidate in CLAIMS:
        if candidate.key == key:
            return candidate
    near = difflib.get_close_matches(key, [candidate.key for candidate in CLAIMS], 3, 0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "see `theorems list`"
    raise InputError(f"there is no claim {key!r}: {hint}")
