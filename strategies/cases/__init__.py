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
from strategies.recipes import opened

#: Strategies by claim: of recipes, or of plain cases.  A file of your own has one beside its claims.
Cases: TypeAlias = Mapping[str, st.SearchStrategy[Any]]

_STRATEGIES: Cases = {
    **linear_models.CASES,
    **relu_networks.CASES,
    **transformers.CASES,
    **experiments.CASES,
    **textbook_spectra.CASES,
    **textbook_dynamics.CASES,
    **beyond.CASES,
}

#: Every hypothesis of the catalogue stands in its statement: no law that a strategy draws is one.
CASES: Cases = {key: opened(strategy) for key, strategy in _STRATEGIES.items()}
