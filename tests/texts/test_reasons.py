"""The reason of a refuted claim and its stored counterexample show one example: whatever the reason writes as NAME =
number, diag(...) or (a, b, ...) is found in the counterexample."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from theorems.case import SVD, CountCase, derived_arrays, named_leaves
from theorems.catalogue import CLAIMS, stored
from theorems.claim import Claim
from theorems.domains import declared, sizes
from theorems.errors import InputError
from theorems.judge.witness import read
from theorems.models.transformer import Transformer

NUMBER = r"-?\d+(?:/\d+)?(?:\.\d+)?"
#: Sizes by the names that the texts have for them, ``m = n = 10`` included.
NAMES = r"(?:D-bar|L-bar|D|L|H|N|M|R_\w|R|m|n|d|h|r|k|b|p|q|alpha|eta|lambda)"
ASSIGNED = re.compile(rf"(?<![\w-])({NAMES}(?: = {NAMES})*) = ({NUMBER})(?![\w.]*\d)")
DIAGONAL = re.compile(rf"diag\(({NUMBER}(?:, {NUMBER})*)\)")


def numbers(text: str) -> tuple[Fraction, ...]:
    return tuple(Fraction(part) for part in text.split(", "))


def mentioned(reason: str) -> dict[str, set[Fraction]]:
    """The values that a reason gives each name."""
    found: dict[str, set[Fraction]] = {}
    for names, value in ASSIGNED.findall(reason):
        for name in names.split(" = "):
            found.setdefault(name, set()).add(Fraction(value))
    return found


def known(case: Any) -> dict[str, set[Fraction]]:
    """The values that a case has for each name that a reason may use."""
    values: dict[str, set[Fraction]] = {}
    with contextlib.suppress(InputError):  # a Transformer without W_O has an empty axis
        values = {name: {Fraction(size)} for name, size in sizes(declared(case), case).items()}
    for model in (getattr(case, "frozen", None), getattr(case, "first", None)):
        if isinstance(model, Transformer):
            block = model.blocks[0]
            found = {"D": block.first.shape[-1], "L": len(model.blocks), "H": block.keys.shape[0]}
            values |= {name: {Fraction(size)} for name, size in found.items()}
    if isinstance(case, CountCase):
        integers = {Fraction(value) for value in case.values}
        integers |= {Fraction(p, q) for p in case.values for q in case.values if q}
        return dict.fromkeys(re.findall(r"[\w-]+", NAMES), integers)
    for name in [name for name in values if "[" in name]:
        del values[name]
    ranks: set[Fraction] = set()
    for name, leaf in named_leaves(case):
        last = name.rpartition(".")[2]
        if last == "rank" and isinstance(leaf, int):
            ranks.add(Fraction(leaf))
        elif last == "ranks" and isinstance(leaf, tuple):
            ranks |= {Fraction(rank) for rank in leaf}
        elif last == "batch" and isinstance(leaf, int):
            values["b"] = {Fraction(leaf)}
        elif isinstance(leaf, np.ndarray) and last == "step":
            values["eta"] = {Fraction(leaf.item())}
    return {**values, **(dict.fromkeys(("R", "R_l", "R_1", "r", "k"), ranks) if ranks else {})}


def parts(value: Any) -> Iterator[Any]:
    """The matrices of a case, those of its decompositions and its factors, and their differences."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, SVD):
        yield from (value.s, value.matrix, value.U, value.V)
    elif isinstance(value, tuple):
        for item in value:
            yield from parts(item)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from parts(getattr(value, field.name))
        yield from (array for _, array in derived_arrays(value))


def falls() -> Iterator[Claim]:
    for claim in CLAIMS:
        if claim.kind is not None and claim.key in stored():
            yield claim


def differences(reason: str, case: Any) -> list[str]:
    """What the reason says of its example, and the case does not have."""
    has, found = known(case), []
    for name, values in mentioned(reason).items():
        if name in has and not values & has[name]:
            said, shown_there = (", ".join(map(str, some)) for some in (values, has[name]))
            found.append(f"{name} = {said}, in the counterexample {shown_there}")
    shown = [numbers(inner) for inner in DIAGONAL.findall(reason)]
    arrays = [(sign * array).tolist() for array in parts(case) for sign in (1, -1)] if shown else []
    if shown and not any(np.diag(np.array(values, dtype=object)).tolist() in arrays for values in shown):
        found.append("no diagonal matrix of the reason is in the counterexample")
    return found


@pytest.mark.parametrize("claim", [pytest.param(claim, id=claim.key) for claim in falls()])
def test_a_reason_and_its_counterexample_show_one_example(claim: Claim) -> None:
    assert differences(claim.reason, read(stored()[claim.key], CLAIMS).case) == []


def test_another_example_is_noticed() -> None:
    """Where a reason gives sizes or diagonal matrices, other numbers in their place are none of its witness."""
    noticed = told = 0
    for claim in falls():
        other = ASSIGNED.sub(lambda m: f"{m[1]} = 97", claim.reason)
        other = DIAGONAL.sub(lambda m: f"diag({m[1].replace('1', '97').replace('2', '89')})", other)
        if other != claim.reason:
            told += 1
            noticed += bool(differences(other, read(stored()[claim.key], CLAIMS).case))
    assert told > 100
    assert noticed > told * 9 // 10
