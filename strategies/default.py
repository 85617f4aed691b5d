"""The attack on a claim of which `CASES` says nothing: what its statement takes, of the structures that it supposes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from hypothesis import strategies as st

from theorems.claim import Claim
from theorems.strategies.matrices import COMMUTING, SUMS, matrices
from theorems.strategies.random_vectors import random_vectors
from theorems.strategies.recipes import opened
from theorems.strategies.structures import POLYNOMIALS
from theorems.strategies.vectors import vectors
from theorems.taken import Taken, taken

_CALLED: dict[str, Callable[..., st.SearchStrategy[Any]]] = {
    "matrices": matrices, "vectors": vectors, "random_vectors": random_vectors,
}  # fmt: skip


@dataclass(frozen=True)
class Attack:
    """A strategy, and the call that makes it; no words where `CASES` has it."""

    strategy: Any
    words: str = ""


class File(Protocol):
    """What this module has to know of a claims file."""

    @property
    def cases(self) -> Mapping[str, Any] | None: ...

    def leaves_out(self, claim: Claim) -> bool: ...

    def strategy(self, claim: Claim) -> Any: ...


def attack_on(file: File, claim: Claim) -> Attack:
    """How a claim of a file is attacked.  Raises `InputError` where neither `CASES` nor its statement says it."""
    chosen = default_attack(claim) if file.leaves_out(claim) else None
    return chosen or Attack(file.strategy(claim))


def default_attack(claim: Claim) -> Attack | None:
    """The attack that a statement on matrices, vectors or random variables names; None for another case type.

    What it supposes is in the statement, so that whatever the search makes of a case may be tried.
    """
    found = taken(claim.statement)
    if found.random:
        return _attack("random_vectors", min_dimension=max(1, found.columns), max_dimension=max(4, found.columns))
    if not found.plain:
        return None
    count = 1 + max(found.matrices.values(), default=-1)
    number = 1 + max(found.vectors.values(), default=-1)
    if not count:
        return _attack("vectors", count=number)
    arguments: dict[str, Any] = {"count": count, "structure": _structure(found, count)}
    if number:
        arguments["vectors"] = number
    if found.steep:
        arguments["moderate"] = True
    fits = {COMMUTING: POLYNOMIALS}.get(found.relation, SUMS)
    if found.relation and count >= 2 and arguments["structure"] in fits:
        arguments["relations"] = (found.relation,)
    return _attack("matrices", **arguments)


def _structure(found: Taken, count: int) -> str | tuple[str | None, ...] | None:
    each = tuple(found.structures.get(i) for i in range(count))
    if found.relation in ("above", "below") and {each[0], each[1]} == {"symmetric", "psd"}:
        smaller = 0 if found.relation == "above" else 1
        if each[smaller] == "psd":  # and so is what is above it
            each = ("psd", "psd", *each[2:])
    return each[0] if len(set(each)) == 1 else each


def _attack(name: str, **arguments: Any) -> Attack:
    told = {key: value for key, value in arguments.items() if value is not None}
    words = ", ".join(f"{key}={value!r}" for key, value in told.items())
    strategy = opened({name: _CALLED[name](**arguments)})[name]
    return Attack(strategy, f"{name}({words})")
