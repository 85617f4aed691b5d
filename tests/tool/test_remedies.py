"""The usual slips of who writes a claim: each ends in one line, with what to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from theorems.__main__ import main
from theorems.arithmetic import ARITHMETICS
from theorems.claim import Outcome
from theorems.errors import InputError
from theorems.judge.driver import NOTHING, check
from theorems.loading import load_claims
from theorems.statement import at_most, conclude, suppose

HEAD = "import numpy as np\nfrom theorems import at_most, conclude, suppose\nfrom theorems.strategies import matrices\n"
FOOT = "\nCASES = {'claim': matrices(count=2, min_dimension=2, max_dimension=3)}\n"


def written(folder: Path, *lines: str) -> Path:
    path = folder / "mine.py"
    body = "".join(f"    {line}\n" for line in ("A, B = case.matrices", *lines))
    path.write_text(f"{HEAD}\ndef claim(case, num):\n{body}{FOOT}")
    return path


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("yield conclude(at_most(0.1 * num.trace(A), 1))", "0.1 is a float, and no exact number: write num.number(1, "),
        ("yield conclude(at_most(np.linalg.norm(A), 1))", "np.linalg.norm works on floats alone: write num.norm"),
        ("yield conclude(at_most(np.linalg.det(A), 1))", "write num.determinant"),
        ("yield conclude(at_most(np.sqrt(2), 1))", "np.sqrt does not know exact numbers or batches: write num.sqrt"),
        ("yield conclude(num.spectral_nrm(A))", "num has no operation 'spectral_nrm': did you mean spectral_norm"),
        ("yield conclude(num.xyzzyx(A))", "num has no operation 'xyzzyx': theorems.Num lists the operations"),
        ("yield conclude(at_most(num.trace(A.T @ A), 1))", "A.T would turn a batch around: write A.mT"),
        ("t = 1 if num.trace(A) > 0 else 2\n    yield conclude(at_most(t, 3))", "a branch on num.trace(A) > 0, which"),
    ],
)  # fmt: skip
def test_slips_that_are_read_off_the_statement(tmp_path: Path, line: str, words: str) -> None:
    path = written(tmp_path, line)
    with pytest.raises(InputError) as caught:
        load_claims(path).claim("claim")
    assert str(caught.value).startswith(f"{path}:7: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_slip(tmp_path: Path) -> None:
    path = written(
        tmp_path, "n = A.shape[-1]", "if n > 2 and case.T:", "    yield suppose(num.nonsingular(A), 'A')",
        "yield conclude(at_most(num.number(1, 10) * num.trace(A.mT), num.size * n))",
    )  # fmt: skip
    assert load_claims(path).claim("claim").key == "claim"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("yield conclude(at_most(0, num.norm_squared(num.trace(A) * B)))",), "a scalar times an array is num.times("),
        (("x = num.trace(A)", "yield conclude(at_most(1 if x else 0, 1))"), "a branch differs from case to case"),
    ],
)
def test_slips_that_are_read_off_the_exception(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lines: Any, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, *lines)
    assert main(["hunt", "mine.py::claim", "--recipes", "2", "--jobs", "1"]) == 2
    message = capsys.readouterr().err.splitlines()[-1]
    assert words in message
    assert "mine.py:" in message


def test_a_misspelt_operation_in_a_helper_is_named_as_it_runs() -> None:
    for make in ARITHMETICS.values():
        num: Any = make()
        with pytest.raises(AttributeError, match="num has no operation 'frobenious_norm': did you mean frobenius_norm"):
            num.frobenious_norm(None)


def of_large_ones(case: Any, num: Any) -> Any:
    """Says something of matrices larger than 1 x 1 alone."""
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    if A.shape[-1] > 1:
        yield conclude(at_most(num.trace(A), 100))


def test_a_statement_that_says_nothing_of_a_size_is_vacuous_there() -> None:
    from tests import fake_catalogue as fake
    from theorems.case import MatrixCase

    for size, outcome in ((1, Outcome.VACUOUS), (2, Outcome.HOLDS)):
        case = MatrixCase(matrices=(fake.rationals(*([1] * size for _ in range(size))),))
        for make in ARITHMETICS.values():
            report = check(of_large_ones, case, make())
            assert report.outcome is outcome
            assert (NOTHING in report.unmet) == (outcome is Outcome.VACUOUS)
