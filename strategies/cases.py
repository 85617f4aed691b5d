"""CASES: for every claim of the texts that are there, the strategy that attacks it.

A text has a mapping of its own, at the path of its claims or beside them in its file; this is all of them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from hypothesis import strategies as st

from theorems import catalogue

#: Strategies by claim: of recipes, or of plain cases.
Cases: TypeAlias = Mapping[str, st.SearchStrategy[Any]]

if TYPE_CHECKING:
    CASES: Cases


def __getattr__(name: str) -> Any:
    if name == "CASES":
        return {key: found for text in catalogue.texts() for key, found in catalogue.cases(text).items()}
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
