"""Store what a hunt found beside the claims: in the folder of witnesses of the claim's own text."""

from __future__ import annotations

from pathlib import Path

from theorems import catalogue as texts
from theorems.claim import Claim
from theorems.errors import InputError
from theorems.judge.witness import REFUTES, Witness, contents, read, replay, shown, witness_name, write_text
from theorems.strategies.search.simplicity import simplicity


def folder_of(claim: Claim) -> Path:
    """The folder of witnesses of a claim's text.  Raises `InputError` for a claim of no text."""
    text = texts.text_of(claim.key)
    if text is None:
        raise InputError(f"--store: {claim.key} is a claim of no text: leave --store out, what is found is in --out")
    return text.witnesses


def store(claim: Claim, path: str) -> str:
    """Copy a finding to the folder of the claim's text, unless a simpler one is there; says in a line what was done."""
    target = folder_of(claim) / witness_name(claim.key)
    found = read(path, [claim])
    before = _standing(target, claim)
    if before is not None and simplicity(before.case) <= simplicity(found.case):
        return f"kept in {shown(target)}: what is stored there refutes the claim, and is as simple"
    write_text(target, contents(path).decode())
    return f"stored in {shown(target)}{' instead of a larger one' if before is not None else ''}"


def _standing(path: Path, claim: Claim) -> Witness | None:
    """The stored witness that refutes the claim as it reads now; None where there is none."""
    try:
        witness = read(path, [claim])
    except InputError:
        return None
    return witness if replay(witness, claim, witness.arithmetic).result == REFUTES else None
