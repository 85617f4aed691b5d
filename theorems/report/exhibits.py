"""Stored counterexamples with their replays: what the page and `theorems show` print of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from theorems.arithmetic.base import Arithmetic
from theorems.claim import Claim
from theorems.errors import InputError, Unsupported
from theorems.judge.witness import REFUTES, Replay, Witness, arithmetic_named, read, replay


@dataclass(frozen=True)
class Exhibit:
    """A stored counterexample with its replay, or what is wrong with it."""

    path: Path
    problem: str = ""
    witness: Witness | None = None
    replayed: Replay | None = None
    num: Arithmetic | None = None


def exhibits(
    claims: Mapping[str, Claim], files: Mapping[str, Path], unread: Callable[[str], None] = lambda message: None
) -> dict[str, Exhibit]:
    """The counterexamples of the claims, replayed; `unread` is told what is wrong with each that does not refute."""
    found = {}
    for key, path in files.items():
        if key not in claims:
            continue
        found[key] = exhibit(claims[key], path)
        problem, replayed = found[key].problem, found[key].replayed
        if replayed is not None and replayed.result != REFUTES:
            problem = f"{path.name}: {replayed.result}{f': {replayed.message}' if replayed.message else ''}"
        if problem:
            unread(problem)
    return found


def exhibit(claim: Claim, path: Path) -> Exhibit:
    """One counterexample, replayed in its own arithmetic."""
    try:
        witness = read(path, [claim])
        num = arithmetic_named(witness.arithmetic)
        return Exhibit(path, "", witness, replay(witness, claim, witness.arithmetic), num)
    except (InputError, Unsupported) as error:
        return Exhibit(path, problem=str(error))
