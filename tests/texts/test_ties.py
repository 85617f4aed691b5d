"""No stored counterexample hangs on the choice of one SVD, but for those of claims that are about this choice."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from theorems.case import SVD
from theorems.catalogue import CLAIMS, stored
from theorems.claim import Outcome
from theorems.judge.witness import arithmetic_named, judge, read

BY_KEY = {claim.key: claim for claim in CLAIMS}
#: Claims about what a tie leaves open.
ABOUT_TIES = (
    "zeng-lee/notation.low-rank", "zeng-lee/notation.best-approximation:unique-frobenius",
    "zeng-lee/assumption-1.well-defined", "textbook/definition-11.16.truncation:unique",
)  # fmt: skip
#: Cosine and sine of the turns within the plane of a tie.
TURNS = ((Fraction(3, 5), Fraction(4, 5)), (Fraction(0), Fraction(1)), (Fraction(-5, 13), Fraction(12, 13)))


def decompositions(case: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], SVD]]:
    """The SVDs inside a case, with the way to each."""
    if isinstance(case, SVD):
        yield path, case
    elif dataclasses.is_dataclass(case):
        for field in dataclasses.fields(case):
            yield from decompositions(getattr(case, field.name), (*path, field.name))
    elif isinstance(case, tuple):
        for index, item in enumerate(case):
            yield from decompositions(item, (*path, index))


def replaced(case: Any, path: tuple[Any, ...], new: SVD) -> Any:
    """The case with another SVD at the end of the way."""
    if not path:
        return new
    first, *rest = path
    if isinstance(case, tuple):
        return tuple(replaced(item, tuple(rest), new) if i == first else item for i, item in enumerate(case))
    return dataclasses.replace(case, **{first: replaced(getattr(case, first), tuple(rest), new)})


def turned(svd: SVD, i: int, cosine: Fraction, sine: Fraction) -> SVD:
    """Another SVD of the same matrix, where sigma_{i+1} = sigma_{i+2}."""
    sides = []
    for side in (svd.U, svd.V):
        new = side.copy()
        new[:, i] = cosine * side[:, i] + sine * side[:, i + 1]
        new[:, i + 1] = cosine * side[:, i + 1] - sine * side[:, i]
        sides.append(new)
    return dataclasses.replace(svd, U=sides[0], V=sides[1])


def other_signs(svd: SVD) -> SVD:
    """Another SVD of the same matrix: every second pair (u_i, v_i) is -(u_i, v_i)."""
    signs = np.array([Fraction(1 - 2 * (i % 2 == 0)) for i in range(len(svd.s))], dtype=object)
    return dataclasses.replace(svd, U=svd.U * signs, V=svd.V * signs)


def other_kernel(svd: SVD, cosine: Fraction, sine: Fraction) -> SVD | None:
    """Another SVD of the same matrix, of rank below its sizes: U is turned where sigma = 0, and V is not."""
    zeros = [i for i, value in enumerate(svd.s) if value == 0]
    if not zeros:
        return None
    U = svd.U.copy()
    U[:, zeros[-1]] = -U[:, zeros[-1]]
    if len(zeros) > 1:
        a, b = svd.U[:, zeros[0]], U[:, zeros[1]].copy()
        U[:, zeros[0]], U[:, zeros[1]] = cosine * a + sine * b, cosine * b - sine * a
    return dataclasses.replace(svd, U=U)


def ties(svd: SVD) -> list[int]:
    return [i for i in range(len(svd.s) - 1) if svd.s[i] == svd.s[i + 1] != 0]


def with_ties() -> Iterator[tuple[str, Path]]:
    for key, path in stored().items():
        if any(ties(svd) for _, svd in decompositions(read(path, CLAIMS).case)):
            yield key, path


def outcomes(key: str, path: Path) -> Iterator[Outcome]:
    witness = read(path, CLAIMS)
    for way, svd in decompositions(witness.case):
        for i in ties(svd):
            for cosine, sine in TURNS:
                case = replaced(witness.case, way, turned(svd, i, cosine, sine))
                yield judge(case, BY_KEY[key], arithmetic_named(witness.arithmetic))[0].outcome


@pytest.mark.parametrize(("key", "path"), [pytest.param(*pair, id=pair[0]) for pair in with_ties()])
def test_no_witness_depends_on_the_choice_of_an_svd(key: str, path: Path) -> None:
    found = set(outcomes(key, path))
    if key in ABOUT_TIES:
        assert Outcome.HOLDS in found  # so the turns do tell
    else:
        assert found <= {Outcome.FAILS, Outcome.UNDECIDED}


def with_decompositions() -> Iterator[tuple[str, Path]]:
    for key, path in stored().items():
        if any(True for _ in decompositions(read(path, CLAIMS).case)):
            yield key, path


@pytest.mark.parametrize(("key", "path"), [pytest.param(*pair, id=pair[0]) for pair in with_decompositions()])
def test_no_witness_depends_on_signs_or_on_the_basis_of_a_kernel(key: str, path: Path) -> None:
    witness = read(path, CLAIMS)
    found = set()
    for way, svd in decompositions(witness.case):
        others = [other_signs(svd), *(other_kernel(svd, *turn) for turn in TURNS)]
        for other in others:
            if other is not None:
                case = replaced(witness.case, way, other)
                found.add(judge(case, BY_KEY[key], arithmetic_named(witness.arithmetic))[0].outcome)
    assert found <= {Outcome.FAILS, Outcome.UNDECIDED}


def test_the_product_of_theorem_17_has_no_tie() -> None:
    case = read(stored()["zeng-lee/theorem-17:printed-letter"], CLAIMS).case
    ours, theirs = case.frozen.blocks[0], case.target.blocks[0]
    change = np.array(theirs.first @ theirs.values[0] - ours.first @ ours.values[0], dtype=float)
    values = np.linalg.svd(change, compute_uv=False)
    kept = values[values > 1e-12]
    assert len(kept) == 3  # more than 2 R = 2
    assert (np.diff(kept) < -1e-3).all()
