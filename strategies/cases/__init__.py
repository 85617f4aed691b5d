"""CASES: for every claim of the catalogue, the strategy that attacks it.  A test holds the keys equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from hypothesis import strategies as st

from theorems.strategies.texts.ours import cases as beyond
from theorems.strategies.texts.textbook.spectra import cases as textbook_spectra
from theorems.strategies.texts.textbook.training import cases as textbook_dynamics
from theorems.strategies.texts.zeng_lee.experiments import cases as experiments
from theorems.strategies.texts.zeng_lee.linear import cases as linear_models
from theorems.strategies.texts.zeng_lee.relu import cases as relu_networks
from theorems.strategies.texts.zeng_lee.transformer import cases as transformers

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
