"""Which dataclasses can be a case, however their arrays are spelled."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass, make_dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from theorems import case
from theorems.case import Array, MatrixCase
from theorems.judge.codec import is_case_type


@dataclass(frozen=True)
class Inner:
    A: Array


class Alias:
    """What a ``type`` statement makes, as far as we look."""

    def __init__(self, value: Any) -> None:
        self.__value__ = value


def has(hint: Any) -> bool:
    """Whether a case may have a field of that type."""
    return is_case_type(make_dataclass("Case", [("field", hint)], frozen=True))


@pytest.mark.parametrize(
    "hint",
    [Array, NDArray[np.float64], np.ndarray, np.ndarray[Any, np.dtype[Any]], Array | None, tuple[Array, ...],
     tuple[Array, int, str], tuple[tuple[Array, ...], ...], Inner, Inner | None, int, str],
)  # fmt: skip
def test_what_can_be_stored(hint: Any) -> None:
    assert has(hint)


@pytest.mark.parametrize("hint", [float, bool, list[Array], dict[str, Array], Array | int, tuple[float, ...], Any])
def test_what_cannot_be_stored(hint: Any) -> None:
    assert not has(hint)


def test_the_cases_of_the_package_can_be_stored() -> None:
    assert is_case_type(MatrixCase)
    assert not is_case_type(dataclasses.make_dataclass("Thawed", [("A", Array)]))


def test_an_alias_is_what_it_stands_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case, "_ALIASES", (Alias, case._ALIASES))
    assert has(Alias(Array))
    assert has(Alias(Alias(Array)))
    assert has(tuple[Alias(Array), ...])  # type: ignore[misc]
    assert not has(Alias(float))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.11 has no type statement")
@pytest.mark.parametrize(
    ("statement", "hint"),
    [
        ("type Alias = np.ndarray[Any, np.dtype[Any]]", "Alias"),
        ("type Alias[T] = np.ndarray[Any, np.dtype[T]]", "Alias[np.float64]"),
        ("type Alias[T] = np.ndarray[Any, np.dtype[T]] | None", "Alias[np.float64]"),
        ("type Alias = np.ndarray[Any, np.dtype[Any]]", "Alias | None"),
        ("type Alias = tuple[int, ...]", "Alias"),
    ],
)
def test_type_statements(statement: str, hint: str) -> None:
    space = {"np": np, "Any": Any}
    exec(statement, space)
    assert has(eval(hint, space))
    exec("type Alias[T] = dict[str, T]", space)
    assert not has(eval("Alias[int]", space))
