"""Claims files of users: what is found in them, and one line for whatever is wrong with them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from theorems.claim import Claim
from theorems.errors import InputError
from theorems.judge.codec import case_types
from theorems.loading import importable, load_claims, module_name, one_line, place, split_target
from theorems.strategies.search.hunt import hunt

GOOD = '''
"""Two claims."""
from __future__ import annotations
from dataclasses import dataclass
from hypothesis import strategies as st
from theorems.strategies import matrices
from theorems import Array, Claim, at_most, conclude

@dataclass(frozen=True)
class OwnCase:
    matrix: Array

def by_trace(case, num):
    """tr(AB) <= tr(A) tr(B)."""
    A, B = case.matrices
    yield conclude(at_most(num.trace(A @ B), num.trace(A) * num.trace(B)))

def other(case, num):
    yield conclude(True)

def plain(case, num):
    return None

def lonely(case):
    yield conclude(True)

def no_case(case, num):
    yield conclude(True)

broken = Claim(key="my/broken", statement=plain)
trace = Claim(key="my/trace", statement=by_trace)
by_name = Claim(key="my/name", statement=other)
number = 3
CASES = {
    "my/trace": matrices(count=2), "by_name": matrices(), "other": [1, 2], "plain": matrices,
    "lonely": st.integers(min_value=3, max_value=1), "my/broken": 1,
}
'''


def written(folder: Path, text: str, name: str = "mine.py") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def refused(path: Path | str, text: str) -> str:
    with pytest.raises(InputError, match=text) as caught:
        load_claims(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{path}:")
    return message


# what is found ------------------------------------------------------------------------------------------------------


def test_claims_by_variable_key_and_function(tmp_path: Path) -> None:
    file = load_claims(written(tmp_path, GOOD))
    assert file.claim("trace") is file.claim("my/trace")
    assert file.claim("trace").summary == "tr(AB) <= tr(A) tr(B)."
    bare = file.claim("other")
    assert isinstance(bare, Claim)
    assert (bare.key, bare.verdict) == ("other", None)
    assert {"my/trace", "my/name", "other", "by_trace"} <= set(file.by_key)
    assert not {"plain", "lonely", "matrices"} & set(file.claims)


def test_strategies_by_key_variable_and_function(tmp_path: Path) -> None:
    file = load_claims(written(tmp_path, GOOD))
    assert file.cases is not None
    assert file.strategy(file.claim("trace")) is file.cases["my/trace"]
    assert file.strategy(file.claim("my/name")) is file.cases["by_name"]
    text = "def f(case, num):\n    yield None\nfrom hypothesis import strategies as st\nfrom theorems import Claim\n"
    text += "c = Claim(key='k', statement=f)\nCASES = {'f': st.none()}\n"
    file = load_claims(written(tmp_path, text))
    assert file.cases is not None
    assert file.strategy(file.claim("k")) is file.cases["f"]


def test_the_module_has_a_stable_name_and_its_case_types_are_found(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    first = load_claims(written(tmp_path, GOOD))
    second = load_claims(written(tmp_path / "sub", GOOD))
    assert first.module.__name__ == second.module.__name__ == module_name("x/mine.py") == "claims_of_mine"
    assert first.claim("trace").digest == second.claim("trace").digest
    assert case_types(second.claim("trace"))["OwnCase"] is second.module.OwnCase


def test_the_folder_is_importable_while_loading_and_hides_nothing(tmp_path: Path) -> None:
    written(tmp_path, "ANSWER = 42\n", "own_neighbour.py")
    written(tmp_path, "raise RuntimeError\n", "theorems.py")
    before = list(sys.path)
    file = load_claims(written(tmp_path, f"{GOOD}\nfrom own_neighbour import ANSWER\n"))
    assert file.module.ANSWER == 42
    assert sys.path == before
    with importable(file.path):
        assert sys.path[-1] == str(tmp_path)


def test_what_a_file_prints_does_not_reach_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load_claims(written(tmp_path, "print('hello')\n"))
    assert capsys.readouterr() == ("", "hello\n")


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("a.py::b", ("a.py", "b")), ("a.py::k/x:y", ("a.py", "k/x:y")), ("a.py", ("a.py", "")),
        ("a.py::", ("a.py", "")), ("zeng-lee/lemma-9.value:gap", None),
    ],
)  # fmt: skip
def test_targets(target: str, parts: tuple[str, str] | None) -> None:
    assert split_target(target) == parts


# what is wrong with it ----------------------------------------------------------------------------------------------


def test_files_that_are_no_claims_files(tmp_path: Path) -> None:
    refused(tmp_path / "none.py", "there is no such file")
    refused(written(tmp_path, "", "notes.txt"), "not a Python file")
    (tmp_path / "folder.py").mkdir()
    refused(tmp_path / "folder.py", "not a Python file")
    path = written(tmp_path, "x = 1\ny = (\n")
    assert refused(path, "not Python").startswith(f"{path}:2: ")
    path.write_bytes(b"x = '\0'\n")
    refused(path, "not Python")
    path.write_bytes(b"x = '\xff'\n")
    refused(path, "not Python")
    with pytest.raises(InputError, match=r"write FILE\.py::name"):
        split_target("::name")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n\nraise ValueError('two\\nlines')\n", ":3: running the file raises ValueError: two lines"),
        ("def f():\n    return 1 / 0\nf()\n", ":2: running the file raises ZeroDivisionError"),
        ("import no_such_module_at_all\n", ":1: running the file raises ModuleNotFoundError"),
        ("import sys\nsys.exit(3)\n", ":2: running the file raises SystemExit: 3"),
        ("from theorems import Claim\nClaim(key='a')\n", ":2: running the file raises TypeError"),
    ],
)
def test_exceptions_while_a_file_runs(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    assert refused(path, "running the file raises").startswith(f"{path}{message}")
    assert module_name(path) not in sys.modules or sys.modules[module_name(path)].__file__ != str(path)


def test_two_claims_of_one_key(tmp_path: Path) -> None:
    text = "from theorems import Claim\ndef f(case, num):\n    yield None\n"
    text += "a = Claim(key='k', statement=f)\nb = Claim(key='k', statement=f)\n"
    refused(written(tmp_path, text), "b has the key 'k', as another claim has")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", "there is no claim 'nothing': the claims there are"),
        ("number", "number is a int, not a Claim"),
        ("plain", "plain is no generator function: a statement yields"),
        ("lonely", "lonely does not take"),
        ("broken", "the statement of broken is no generator function"),
        ("OwnCase", "OwnCase is no generator function"),
    ],
)
def test_names_that_are_no_claims(tmp_path: Path, name: str, message: str) -> None:
    file = load_claims(written(tmp_path, GOOD))
    with pytest.raises(InputError, match=message) as caught:
        file.claim(name)
    assert "trace" in str(caught.value) or name == "broken"
    with pytest.raises(InputError, match="defines no claim"):
        load_claims(written(tmp_path, "x = 1\n")).claim("nothing")


def test_cases_that_do_not_attack(tmp_path: Path) -> None:
    file = load_claims(written(tmp_path, GOOD))
    with pytest.raises(InputError, match=r"CASES has no strategy for 'no_case' .*add CASES = \{'no_case': "):
        file.strategy(file.claim("no_case"))
    with pytest.raises(InputError, match="CASES\\['other'\\] is a list, no Hypothesis strategy"):
        file.strategy(file.claim("other"))
    for cases, message in (
        ("", "there is no CASES"), ("CASES = 3\n", "CASES is a int"),
        (
            "from theorems.strategies import matrices\nCASES = {'f': matrices}\n",
            "a function, no Hypothesis strategy: call it",
        ),
        ("from hypothesis import strategies as st\nCASES = {'f': st.integers(3, 1)}\n", "'f'\\]: InvalidArgument"),
    ):  # fmt: skip
        file = load_claims(written(tmp_path, f"def f(case, num):\n    yield None\n{cases}"))
        with pytest.raises(InputError, match=message) as caught:
            file.strategy(file.claim("f"))
        assert "\n" not in str(caught.value)


def test_the_place_of_an_exception_is_the_line_in_the_file(tmp_path: Path) -> None:
    text = "def f(case, num):\n    A, B = case.matrices\n    yield A.no_operation\n"
    path = written(tmp_path, f"{text}from strategies import matrices\nCASES = {{'f': matrices(count=2)}}\n")
    file = load_claims(path)
    claim = file.claim("f")
    with pytest.raises(AttributeError) as caught:
        hunt(claim, file.strategy(claim), recipes=1)
    assert place(caught.value, path) == f"{path}:3"
    assert place(caught.value, tmp_path / "other.py") == ""
    assert "no_operation" in one_line(caught.value)
    assert one_line(ValueError()) == "ValueError"
