"""The usual slips of who writes a claim: each ends in one line, with what to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
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
        ("yield conclude(at_most(A[0, 0], 1))", "A[0, 0] counts axes from the left, where a batch has one more: "),
        ("yield conclude(at_most(num.trace(A), len(A)))", "len(A) is the size of a batch: write A.shape[-1]"),
        ("yield conclude(at_most(sum(A), 1))", "sum takes the axis of a batch for the entries: write num.sum"),
        ("yield conclude(at_most(max(num.singular_values(A)), 1))", "write num.largest"),
        ("yield conclude(at_most(num.norm(A), 1))", "A is a matrix: write num.spectral_norm or num.frobenius_norm"),
        ("yield conclude(at_most(num.dot(A, B), 1))", "num.dot is of vectors, and A is a matrix: "),
        ("yield conclude(at_most(num.trace(B) * A, B))", "of a batch: write num.times(num.trace(B), A)"),
        ("t = np.random.default_rng(0)\n    yield conclude(at_most(A, B))", "np.random.default_rng draws: "),
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
        "t = A[..., 0] * num.sum(A[..., 0, :]) + len(case.matrices) * max(n, 2)",
        "yield conclude(at_most(num.number(1, 10) * num.trace(A.mT), num.size * n))",
    )  # fmt: skip
    assert load_claims(path).claim("claim").key == "claim"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("t = num.trace(A)", "yield conclude(num.symmetric(t * B))"), "a scalar times an array is num.times("),
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


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("yield num.symmetric(A)", "a statement yields suppose(...) or conclude(...), not bool: write "),
        ("yield conclude('A is symmetric')", "'A is symmetric' is no condition: write equal, at_most, less_than or a"),
        ("yield conclude('sum', at_most(num.trace(A), 1))", "the condition comes first, and then its name in words"),
        ("yield conclude(num.trace(A), 'x')", "a number is no condition: write equal, at_most or less_than"),
        ("yield suppose(A == A.mT, 'x')", "an answer for every entry is no condition: write equal(A, B)"),
        ("yield conclude(at_most(num.trace(A), 'one'), 'x')", "a side of a relation is 'one': write a number"),
        ("yield conclude(at_most(num.trace(A), float('nan')), 'x')", "a side of a relation is NaN, which is no number"),
        ("yield conclude(at_most(A, num.identity(7)), 'x')", "have the shapes (2, 2) and (7, 7): "),
        ("A, B, C = case.matrices\n    yield conclude(num.symmetric(C), 'x')", "the case has more or fewer of them"),
        ("yield conclude(at_most(A[..., :, 5], 1), 'x')", "a case may be as small as 1 x 1: suppose(n >= 2"),
        ("A[..., 0, 0] = 0\n    yield conclude(num.symmetric(A), 'x')", "a statement must not change its case"),
        ("yield conclude(num.symmetric(A ** 2), 'x')", "a matrix ** 2 would be the power of every entry"),
    ],
)  # fmt: skip
def test_what_would_be_judged_and_says_nothing(
    tmp_path: Path, line: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Words and numbers are true to Python: a claim that concluded them survived."""
    path = written(tmp_path, line)
    path.write_text(path.read_text().replace("min_dimension=2, max_dimension=3", "min_dimension=2, max_dimension=2"))
    assert main(["hunt", str(path), "--recipes", "2", "--jobs", "1", "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert f"{path}:7: " in error
    assert words in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def claim(case, num):\n    return 1\n", "claim is no generator function: a statement yields"),
        ("def claim(case):\n    yield 1\n", "claim does not take (case, num), as a statement does"),
        ("def claim(case, num):\n    yield case.value\n", "claim takes what only CASES can draw: add CASES = {'claim'"),
    ],
)
def test_a_file_without_claims_says_why(
    tmp_path: Path, text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.py").write_text(text)
    assert main(["hunt", str(tmp_path / "mine.py")]) == 2
    assert words in capsys.readouterr().err


def test_an_array_beside_a_stack_is_compared_with_each() -> None:
    def rows(case: Any, num: Any) -> Any:
        (A,) = case.matrices
        yield conclude(at_most(A, A[..., 0, :]), "every row is at most the first")

    from theorems.case import MatrixCase, fractions

    case = MatrixCase((fractions(np.array([[1, 2], [0, 2], [1, 1]])),))
    assert check(rows, case, ARITHMETICS["rational"]()).outcome is Outcome.HOLDS
