"""CASES: for every claim of the catalogue, the strategy that attacks it.  A test holds the keys equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from hypothesis import strategies as st

from strategies.cases import (
    beyond,
    experiments,
    linear_models,
    relu_networks,
    textbook_dynamics,
    textbook_spectra,
    transformers,
)

#: Strategies by claim: of recipes, or of plain cases.  A file of your own has one beside its claims.
Cases: TypeAlias = Mapping[str, st.SearchStrategy[Any]]

CASES: Cases = {
    **linear_models.CASES,
    **relu_networks.CASES,
    **transformers.CASES,
    **experiments.CASES,
    **textbook_spectra.CASES,
    **textbook_dynamics.CASES,
    **beyond.CASES,
}
