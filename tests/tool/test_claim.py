"""Claims: the digest follows the meaning of a statement and nothing else; hypotheses keep the order of the code."""

from __future__ import annotations

import functools
import importlib.util
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from theorems.claim import Claim, Kind, Source, Verdict, functions_of
from theorems.errors import InputError
from theorems.judge.witness import witness_name

Load = Callable[..., ModuleType]

TEXT = '''
from dataclasses import dataclass
from fractions import Fraction
from theorems import at_most, conclude, suppose

LIMIT = Fraction(3, 2)
NAME = "its trace is small"
UNUSED = 1


def scaled(A, num):
    """Twice A."""
    return num.times(num.number(2), A)


def square_matrices(case, num):
    for A in case.matrices:
        yield suppose(A.shape[0] == A.shape[1], "every matrix is square")


def statement(case, num):
    """The first paragraph,
    on two lines.

    The second.
    """
    (A,) = case.matrices
    for k in range(1):
        yield suppose(k == 0, "a first hypothesis, in a loop")  # a comment
    yield from square_matrices(case, num)
    yield suppose(condition=num.trace(A) <= 1, name=NAME)
    yield suppose(True, "a last hypothesis")
    yield conclude(at_most(num.trace(scaled(A, num)), LIMIT - A[0, 1]), "the conclusion")
'''


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Loads a text as a module of its own file, always under one name."""
    count = itertools.count()

    def make(text: str) -> ModuleType:
        path = tmp_path / f"m{next(count)}.py"
        path.write_text(text)
        spec = importlib.util.spec_from_file_location("claims_of_a_user", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["claims_of_a_user"] = module
        spec.loader.exec_module(module)
        return module

    yield make
    sys.modules.pop("claims_of_a_user", None)


def digest(module: ModuleType, **fields: Any) -> str:
    return Claim(key="k", statement=module.statement, **fields).digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The first paragraph,", "Another text."),
        ('"""Twice A."""', ""),
        ("  # a comment", ""),
        ("(A,) = case.matrices", "(A,) = (\n        case.matrices\n    )"),
        ("UNUSED = 1", "UNUSED = 2"),
        ("def scaled(A, num):", "def scaled(A: object, num: 'anything') -> 'matrix':"),
        ("for k in range(1)", "for k in range( 0x1 )"),
    ],
)
def test_what_the_digest_does_not_see(load: Load, old: str, new: str) -> None:
    assert old in TEXT
    assert digest(load(TEXT)) == digest(load(TEXT.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("k == 0", "k == 1"),
        ("A[0, 1]", "A[1, 0]"),
        ("LIMIT - A", "LIMIT + A"),
        ("at_most(", "less_than("),
        ("Fraction(3, 2)", "Fraction(3, 4)"),
        ("num.number(2)", "num.number(3)"),
        ("A.shape[0] == A.shape[1]", "A.shape[0] <= A.shape[1]"),
        ("a last hypothesis", "one more hypothesis"),
        ("    yield from square_matrices(case, num)\n", ""),
    ],
)
def test_what_the_digest_sees(load: Load, old: str, new: str) -> None:
    assert old in TEXT
    assert digest(load(TEXT)) != digest(load(TEXT.replace(old, new)))


def test_skipping_changes_the_digest_and_its_order_does_not(load: Load) -> None:
    module = load(TEXT)
    two = ("a last hypothesis", "every matrix is square")
    assert digest(module) != digest(module, skip=two[:1]) != digest(module, skip=two)
    assert digest(module, skip=two) == digest(module, skip=two[::-1])
    assert digest(module, verdict=Verdict.REFUTED, reason="r") == digest(module)


def test_the_digest_sees_closures_and_classes(load: Load) -> None:
    text = '''
from theorems import conclude

class Halves:
    def __call__(self, x):
        return x / 2

def make(k):
    def statement(case, num):
        yield conclude(Halves()(k) <= case.values[0])
    return statement

statement = make(1)
'''
    whole = digest(load(text))
    assert whole == digest(load(text))
    assert whole != digest(load(text.replace("make(1)", "make(2)")))
    assert whole != digest(load(text.replace("x / 2", "x / 3")))


def test_hypotheses_in_the_order_of_the_code(load: Load) -> None:
    module = load(TEXT)
    names = ("a first hypothesis, in a loop", "every matrix is square", "its trace is small", "a last hypothesis")
    assert Claim(key="k", statement=module.statement).hypotheses == names
    assert Claim(key="k", statement=module.statement, skip=names[1:2]).hypotheses == (names[0], *names[2:])
    assert {function.__name__ for function in functions_of(module.statement)} == {
        "statement", "square_matrices", "scaled"
    }  # fmt: skip


def test_the_summary_is_the_first_paragraph(load: Load) -> None:
    claim = Claim(key="a/b.part:word", statement=load(TEXT).statement, source=Source("text", "Lemma 1", "Section 2"))
    assert claim.summary == "The first paragraph, on two lines."
    assert claim.reading == "word"
    assert str(claim.source) == "text, Lemma 1 (Section 2)"
    assert Claim(key="a/b", statement=claim.statement).reading == "as meant"


def test_only_a_plain_function_is_a_statement(load: Load) -> None:
    module = load(TEXT + "\n\nclass Holder:\n    def method(self, case, num):\n        yield 1\n")
    bad: tuple[tuple[Any, str], ...] = (
        (functools.partial(module.statement, None), "a partial"),
        (module.Holder().method, "a method"),
        (lambda case, num: module.statement(case, num), "a lambda"),
        (3, "a int"),
    )
    for statement, word in bad:
        claim = Claim(key="k", statement=statement)
        for name in ("digest", "hypotheses"):
            with pytest.raises(InputError, match=f"{word}: define it with def"):
                getattr(claim, name)


def test_a_statement_without_a_file_is_refused() -> None:
    space: dict[str, Any] = {"__name__": "nowhere"}
    exec("def statement(case, num):\n    yield 1\n", space)
    with pytest.raises(InputError, match="keep it in a file"):
        _ = Claim(key="k", statement=space["statement"]).digest


def test_decorators_are_seen_through(load: Load) -> None:
    text = TEXT.replace("def statement(", "def plain(") + (
        "\n\nimport functools\n\n@functools.wraps(plain)\ndef statement(*a):\n    yield from plain(*a)\n"
    )
    assert "every matrix is square" in Claim(key="k", statement=load(text).statement).hypotheses


def test_a_place_makes_claims_with_their_verdicts(load: Load) -> None:
    place = Source("mine", "Lemma 1", "Section 2")
    makers = (
        place.stands, place.decided, place.empirical, place.informal, place.false, place.gap, place.misprint
    )  # fmt: skip
    claims = [make("mine/lemma-1", load(TEXT).statement, "a reason", place="line 3") for make in makers]
    assert [claim.verdict for claim in claims] == [
        Verdict.CORROBORATED, Verdict.DECIDED, Verdict.EMPIRICAL, Verdict.INFORMAL, *[Verdict.REFUTED] * 3
    ]  # fmt: skip
    assert [claim.kind for claim in claims] == [None] * 4 + [Kind.FALSE, Kind.GAP, Kind.MISPRINT]
    assert all((claim.source, claim.reason, claim.place) == (place, "a reason", "line 3") for claim in claims)


def test_the_claims_of_the_catalogue_can_be_named_and_told_apart() -> None:
    from theorems.catalogue import CLAIMS

    names = [witness_name(claim.key) for claim in CLAIMS]
    assert len(set(names)) == len(CLAIMS)
    for claim, name in zip(CLAIMS, names, strict=True):
        assert name.removesuffix(".json").replace("__", "/", 1).replace("--", ":", 1) == claim.key
        assert len(claim.digest) == 64
        whole = Claim(key=claim.key, statement=claim.statement)
        assert set(claim.skip) <= set(whole.hypotheses), f"{claim.key} skips a hypothesis that it does not have"
