"""CASES: for every claim of the catalogue, the strategy that attacks it.  A test holds the keys equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from hypothesis import strategies as st

from strategies.cases import linear_models

#: Strategies by claim: of recipes, or of plain cases.  A file of your own has one beside its claims.
Cases: TypeAlias = Mapping[str, st.SearchStrategy[Any]]

CASES: Cases = {**linear_models.CASES}
