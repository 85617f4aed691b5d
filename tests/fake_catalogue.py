"""A small catalogue for the tests of witnesses and commands: true, false, unwitnessed and unjudged claims."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from theorems import catalogue
from theorems.case import SVD, Array, MatrixCase
from theorems.claim import Claim, Kind, Source, Verdict
from theorems.judge.witness import convict, witness_name, write
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, suppose
from theorems.text import Text

Steps = Generator[Suppose | Conclude, None, None]


@dataclass(frozen=True)
class SpectralCase:
    """A matrix by its SVD, with every kind of field that a case may have."""

    known: SVD
    k: int
    name: str
    empty: Array
    sizes: tuple[int, ...]
    pair: tuple[Array, int]
    extra: Array | None = None

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ValueError(f"k = {self.k}: singular values are counted from 1")

    @property
    def matrix(self) -> Array:
        """U diag(s) V^T."""
        return self.known.matrix


def trace_of_a_product(case: MatrixCase, num: Any) -> Steps:
    """tr(AB) <= tr(A) tr(B).

    Hypotheses  A and B are square
    """
    A, B = case.matrices
    yield suppose(A.shape == B.shape, "A and B have one size")
    yield conclude(at_most(num.trace(A @ B), num.trace(A) * num.trace(B)), "tr(AB) <= tr(A) tr(B)")


def trace_of_semidefinite(case: MatrixCase, num: Any) -> Steps:
    """tr(AB) <= tr(A) tr(B) for positive semidefinite A and B."""
    for matrix in case.matrices:
        yield suppose(num.positive_semidefinite(matrix), "A and B are positive semidefinite")
    yield from trace_of_a_product(case, num)


def small_singular_value(case: SpectralCase, num: Any) -> Steps:
    """sigma_k(A) <= 1 for a non-singular A."""
    matrix = case.known.matrix
    yield suppose(num.nonsingular(matrix), "A is non-singular")
    yield conclude(at_most(num.svd(matrix).s[case.k - 1], num.number(1)), "sigma_k(A) <= 1")


def commutes(case: MatrixCase, num: Any) -> Steps:
    """AB = BA."""
    A, B = case.matrices
    yield conclude(equal(A @ B, B @ A), "AB = BA")


OURS = Source("ours", "Trace", "Section 1")
TRACE = Claim(
    key="ours/trace", statement=trace_of_a_product, source=OURS, verdict=Verdict.REFUTED, kind=Kind.FALSE,
    reason="two nilpotent matrices", repaired_by="ours/trace:semidefinite",
)  # fmt: skip
TRACE_REPAIRED = Claim(
    key="ours/trace:semidefinite", statement=trace_of_semidefinite, source=OURS, verdict=Verdict.CORROBORATED
)
SIGMA = Claim(key="zeng-lee/sigma.value", statement=small_singular_value, verdict=Verdict.REFUTED)
COMMUTES = Claim(key="textbook/theorem-11.9.order", statement=commutes)
CLAIMS = (TRACE, TRACE_REPAIRED, SIGMA, COMMUTES)


def rationals(*rows: Any) -> Array:
    """An object array of Fractions."""
    array = np.array(rows, dtype=object)
    result: Array = np.frompyfunc(Fraction, 1, 1)(array)
    return result


def trace_case() -> MatrixCase:
    """A case that refutes `TRACE`: 3/2 <= 0 is false."""
    A = rationals([0, 1], [0, 0])
    return MatrixCase(matrices=(A, rationals([0, 0], ["3/2", 0])))


def sigma_case() -> SpectralCase:
    """A case that refutes `SIGMA`: sigma_1 = 2."""
    known = SVD(rationals(["3/5", "4/5"], ["-4/5", "3/5"]), rationals(2, "1/2"), rationals([1, 0], [0, 1]))
    empty = np.empty((2, 0), dtype=object)
    return SpectralCase(known, 1, "a name", empty, (1, 2), (np.array(Fraction(-7, 3), dtype=object), 4))


def store(folder: Path, claim: Claim, case: Any, name: str | None = None) -> Path:
    """A witness file for a case that refutes the claim."""
    witness = convict(case, claim, "rational", "by hand")
    assert witness is not None
    path = folder / (name or witness_name(claim.key))
    write(path, witness, claim)
    return path


#: The strategies of the small catalogue; a test puts others here.
CASES: Mapping[str, Any] = {}


@dataclass(frozen=True, kw_only=True)
class FakeText(Text):
    """A text whose witnesses and records lie in one folder."""

    @property
    def witnesses(self) -> Path:
        return self.folder

    @property
    def evidence(self) -> Path:
        return self.folder if self.key == "ours" else self.folder / self.key


def install(monkeypatch: pytest.MonkeyPatch, folder: Path, claims: Sequence[Claim] = CLAIMS) -> None:
    """Make these the only claims, with their witnesses in `folder` and the cases of `CASES`."""
    texts = {}
    for rank, key in enumerate(("ours", "zeng-lee", "textbook")):
        own = tuple(claim for claim in claims if claim.key.startswith(f"{key}/"))
        cases = "tests.fake_catalogue:CASES"
        texts[key] = FakeText(key=key, title=key, claims=own, cases=cases, folder=folder, rank=rank)
    monkeypatch.setattr(catalogue, "installed", lambda: texts)
    monkeypatch.setattr(catalogue, "text", lambda key: texts[key])
    monkeypatch.setattr(catalogue, "_given", {})
    monkeypatch.setattr(catalogue, "_chosen", [])
