"""The command run: every step of a statement on one case, in every arithmetic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from theorems import catalogue
from theorems.__main__ import main
from theorems.commands.run_ import ARITHMETICS

Capture = pytest.CaptureFixture[str]
FALSE = "zeng-lee/equation-1.5"

OWN = '''
from theorems.strategies import matrices
from theorems import Claim, at_most, conclude, suppose


def twice(case, num):
    """Two conclusions, the first of which is false."""
    print("printed by a statement")
    A, B = case.matrices
    yield suppose(num.nonsingular(A), "A is non-singular")
    yield from traces(A, B, num)


def traces(A, B, num):
    bound = num.number(-1)
    yield conclude(at_most(num.trace(A @ A.mT), bound), "first")
    bound = num.trace(num.inverse(A))
    yield conclude(at_most(bound, bound + num.number(1)), "second")


def raises(case, num):
    """It branches on something that is not there."""
    yield conclude(at_most(case.matrices[7], num.number(0)), "never")


twice_claim = Claim(key="mine/twice", statement=twice)
CASES = dict.fromkeys(("twice_claim", "raises"), matrices(count=2, max_dimension=3))
'''


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a claims file and a case of two matrices, the first the identity."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(OWN)
    write(tmp_path / "case.json", [["1", "0"], ["0", "1"]])
    write(tmp_path / "singular.json", [["1", "0"], ["0", "0"]])
    return tmp_path


def write(path: Path, A: list[list[str]]) -> None:
    """A bare case of A and A."""
    array = {"shape": [2, 2], "entries": A}
    path.write_text(json.dumps({"type": "MatrixCase", "fields": {"matrices": [array, array], "vectors": []}}))


def ran(capsys: Capture, *words: str, code: int = 0) -> Any:
    assert main(["run", *words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def complaint(capsys: Capture, *words: str) -> str:
    assert main(["run", *words]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line != "printed by a statement"]
    assert len(lines) == 1, lines
    return lines[0]


def test_a_stored_witness_fails_in_every_arithmetic(capsys: Capture) -> None:
    data = ran(capsys, FALSE, str(catalogue.stored()[FALSE]))
    assert [one["arithmetic"] for one in data["runs"]] == list(ARITHMETICS)
    assert {one["outcome"] for one in data["runs"]} == {"fails"}
    (step,) = data["runs"][0]["steps"]
    assert (step["kind"], step["verdict"], step["relation"]) == ("conclude", "fails", "at most")
    assert (step["left"], step["right"], step["margin"]) == ("1", "0", -1.0)


def test_a_witness_of_another_claim_is_a_case_of_this_one(capsys: Capture) -> None:
    data = ran(capsys, f"{FALSE}:repaired", str(catalogue.stored()[FALSE]))
    assert {one["outcome"] for one in data["runs"]} == {"vacuous"}
    assert data["from"].endswith(f"a witness for {FALSE}")


def test_the_steps_go_on_past_what_fails_and_what_is_printed_changes(capsys: Capture) -> None:
    data = ran(capsys, "own.py::twice_claim", "case.json", "--print", "bound")
    rational = data["runs"][0]
    assert [(s["name"], s["verdict"]) for s in rational["steps"]] == [
        ("A is non-singular", "met"), ("first", "fails"), ("second", "holds"),
    ]  # fmt: skip
    assert [s["values"] for s in rational["steps"]] == [{}, {"bound": "-1"}, {"bound": "2"}]
    assert (rational["outcome"], rational["values"]) == ("fails", {"bound": "2"})


def test_an_unmet_hypothesis_and_a_construction_that_cannot_be_formed_are_said(capsys: Capture) -> None:
    assert main(["run", "own.py::twice_claim", "singular.json", "--steps", "--arithmetic", "rational"]) == 0
    out = capsys.readouterr().out
    assert "rational  vacuous: not met: A is non-singular" in out
    assert "suppose   not met  A is non-singular" in out
    assert "stopped here: undefined" in out
    assert "printed by a statement" not in out


def test_a_draw_is_a_function_of_its_number_and_the_seed(capsys: Capture) -> None:
    third = ran(capsys, "own.py::twice_claim", "--draw", "3")
    assert third == ran(capsys, "own.py::twice_claim", "--draw", "3")
    others = [ran(capsys, "own.py::twice_claim", "--draw", str(n))["case"] for n in (1, 2, 60)]
    assert any(other != third["case"] for other in others)
    assert ran(capsys, "own.py::twice_claim", "--draw", "60", "--seed", "1")["case"] != others[2]


def test_what_a_draw_prints_is_a_case_that_can_be_given_again(capsys: Capture, folder: Path) -> None:
    drawn = ran(capsys, "own.py::twice_claim", "--draw", "7")
    (folder / "drawn.json").write_text(json.dumps(drawn["case"]))
    again = ran(capsys, "own.py::twice_claim", "drawn.json")
    assert (again["case"], again["runs"]) == (drawn["case"], drawn["runs"])


def test_an_exception_of_the_statement_is_one_line(capsys: Capture) -> None:
    assert main(["run", "own.py::raises", "case.json"]) == 2
    out, err = capsys.readouterr()
    assert "an error: it raises an exception" in out
    assert err.startswith("theorems: own.py:23: ")
    assert "IndexError" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (("own.py::twice_claim",), "give a case of mine/twice"),
        (("own.py::twice_claim", "case.json", "--draw", "1"), "one of them"),
        (("own.py::twice_claim", "--draw", "0"), "numbered from 1"),
        (("own.py::twice_claim", "none.json"), "none.json: cannot be read"),
        (("own.py::twice_claim", "own.py"), "own.py: "),
        (("own.py::twice_claim", "case.json", "--print", "bounds"), "try bound"),
        (("own.py", "case.json"), "stands for 2 claims"),
        (("zeng-lee/equation-1.9", "case.json"), "no claim has the key"),
        ((f"{FALSE}:repaired", "nested.json"), "case"),
    ],
)
def test_bad_input_is_one_line(words: tuple[str, ...], remedy: str, capsys: Capture, folder: Path) -> None:
    (folder / "nested.json").write_text('{"type": "MatrixCase", "fields": {"matrices": [[1]], "vectors": []}}')
    assert remedy in complaint(capsys, *words)


def test_a_claim_that_stands_and_fails_exits_1(capsys: Capture, folder: Path) -> None:
    text = OWN.replace("import Claim", "import Claim, Verdict").replace(
        "statement=twice", "statement=twice, verdict=Verdict.CORROBORATED"
    )
    (folder / "held.py").write_text(text)
    ran(capsys, "held.py::twice_claim", "case.json", code=1)
