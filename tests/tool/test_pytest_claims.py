"""The plugin for claims files: what is collected, what fails, and what it prints."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

OWN = '''
from theorems.strategies import matrices
from theorems import Claim, Verdict, at_most, conclude, equal


def product(case, num):
    """tr(AB) <= tr(A) tr(B)."""
    A, B = case.matrices
    yield conclude(at_most(num.trace(A @ B), num.trace(A) * num.trace(B)), "tr(AB) <= tr(A) tr(B)")


def commute(case, num):
    """tr(AB) = tr(BA)."""
    A, B = case.matrices
    yield conclude(equal(num.trace(A @ B), num.trace(B @ A), scale=num.frobenius_norm(A) * num.frobenius_norm(B)))


PRODUCT = Claim(key="mine/product", statement=product, verdict={verdict})
CASES = {{"mine/product": matrices(count=2, max_dimension=3), "commute": matrices(count=2, max_dimension=3)}}
'''


# Recipes, not seconds, end a hunt here: what a busy machine does in a second is no function of the seed.


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Pytest in a folder that has nothing to do with this repository."""
    limits = ("--claim-seconds", "120", "--claim-recipes", "5")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *limits, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def write(folder: Path, name: str, verdict: str = "None") -> Path:
    path = folder / name
    path.write_text(OWN.format(verdict=verdict))
    return path


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    folder = tmp_path_factory.mktemp("named")
    write(folder, "mine.py")
    return run(folder, "mine.py")


def test_a_false_claim_fails_with_its_counterexample(named: subprocess.CompletedProcess[str]) -> None:
    assert named.returncode == 1
    assert "1 failed, 1 passed" in named.stdout
    assert "left = 1 <= right = 0 is violated, by 1" in named.stdout
    assert "Traceback" not in named.stdout


def test_each_claim_is_one_test(named: subprocess.CompletedProcess[str]) -> None:
    assert "mine.py::mine/product" in named.stdout
    assert "mine.py::product" not in named.stdout


def test_a_refuted_claim_passes_when_it_is_found_again(tmp_path: Path) -> None:
    write(tmp_path, "refuted_claims.py", "Verdict.REFUTED")
    done = run(tmp_path)  # collected by its name
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "other_claims.py").write_text("CASES = {}\n")
    (tmp_path / "broken_claims.py").write_text("from theorems import\n")
    done = run(tmp_path)
    assert done.returncode == 5, done.stdout  # nothing collected


def test_a_claims_file_that_cannot_be_loaded_says_so_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "my_claims.py").write_text("from theorems import Claim\nCASES = {}\nraise ValueError('no such luck')\n")
    done = run(tmp_path)
    assert done.returncode == 2, done.stdout
    assert "no such luck" in done.stdout
    assert "Traceback" not in done.stdout
