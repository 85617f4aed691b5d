"""Strategies: how claims on matrices and models are attacked.  A small library on top of Hypothesis, usable alone.

Each strategy gives **recipes**, small descriptions with a law, sizes and a seed.  ``recipe.batch(n)`` makes a case of
float64 arrays with a leading axis of length n, for hundreds of thousands of instances a second; ``recipe.exact(i)``
makes one case of `fractions.Fraction`, with exactly orthogonal U and V wherever it carries a decomposition::

    from hypothesis import given
    from theorems.strategies import matrices

    @given(matrices(count=2, max_dimension=3))
    def test_traces_commute(recipe):
        A, B = recipe.batch(500).matrices          # (500, n, n) each
        A, B = recipe.exact().matrices             # (n, n), Fractions

Strategies        `matrices`, `matrices_of_spectrum`, `vectors`, `random_vectors`, `counts`; `linear_cases`,
                  `trained_linear_cases`, `real_linear_cases`;
                  made of linear cases: `minimisers`, `truncation_cases`, `decomposition_pairs`, `target_cases`,
                  `narrow_cases`; ReLU networks and Transformers, frozen and target: `networks`, `transformer_cases`,
                  `narrow_heads`; for almost-sure statements: `polynomials`, `matrix_laws`
Laws              `LAWS` of matrices and `SPECTRA` of singular values, for batches; `RATIONAL_LAWS` and
                  `rational_spectrum`, exactly; `NAMED`, adversarial matrices by name
Exact material    `rational_orthogonal`; `nearby_orthogonal`, `nearby_svd`, `nearby_linear_case` from floats
Real weights      `silero_gates`, `silero_pair`, `minilm_matrices`, `read_safetensors`
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from theorems.strategies.adversarial import NAMED, named_batch
    from theorems.strategies.counts import counts
    from theorems.strategies.laws import LAWS, haar
    from theorems.strategies.matrices import matrices
    from theorems.strategies.models.competitors import COMPETITORS
    from theorems.strategies.models.linear import STRATA, linear_cases
    from theorems.strategies.models.mapped import (
        Mapped,
        decomposition_pairs,
        minimisers,
        narrow_cases,
        target_cases,
        truncation_cases,
    )
    from theorems.strategies.models.narrow_heads import narrow_heads
    from theorems.strategies.models.nearby import dyadics, nearby_linear_case, nearby_orthogonal, nearby_svd
    from theorems.strategies.models.pretrained import pretrain, real_linear_cases, trained_linear_cases
    from theorems.strategies.models.random_models import matrix_laws, polynomials
    from theorems.strategies.models.relu import networks
    from theorems.strategies.models.transformer import transformer_cases
    from theorems.strategies.random_vectors import random_vectors
    from theorems.strategies.rational import RATIONAL_LAWS, rational_orthogonal
    from theorems.strategies.real.checkpoints import minilm_matrices, read_safetensors, silero_gates, silero_pair
    from theorems.strategies.recipes import Recipe
    from theorems.strategies.spectra import SPECTRA, rational_spectrum
    from theorems.strategies.spectral import matrices_of_spectrum
    from theorems.strategies.vectors import vectors

#: Loaded when asked for: whoever draws matrices need not pay for networks and checkpoints.
_NAMES = {
    "adversarial": ("NAMED", "named_batch",),
    "counts": ("counts",),
    "laws": ("LAWS", "haar",),
    "matrices": ("matrices",),
    "models.competitors": ("COMPETITORS",),
    "models.linear": ("STRATA", "linear_cases",),
    "models.mapped": (
        "Mapped", "decomposition_pairs", "minimisers", "narrow_cases", "target_cases", "truncation_cases",
    ),
    "models.narrow_heads": ("narrow_heads",),
    "models.nearby": ("dyadics", "nearby_linear_case", "nearby_orthogonal", "nearby_svd",),
    "models.pretrained": ("pretrain", "real_linear_cases", "trained_linear_cases",),
    "models.random_models": ("matrix_laws", "polynomials",),
    "models.relu": ("networks",),
    "models.transformer": ("transformer_cases",),
    "random_vectors": ("random_vectors",),
    "rational": ("RATIONAL_LAWS", "rational_orthogonal",),
    "real.checkpoints": ("minilm_matrices", "read_safetensors", "silero_gates", "silero_pair",),
    "recipes": ("Recipe",),
    "spectral": ("matrices_of_spectrum",),
    "spectra": ("SPECTRA", "rational_spectrum",),
    "vectors": ("vectors",),
}  # fmt: skip
_HOME = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "COMPETITORS", "LAWS", "NAMED", "RATIONAL_LAWS", "SPECTRA", "STRATA", "Mapped", "Recipe", "counts",
    "decomposition_pairs", "dyadics", "haar", "linear_cases", "matrices", "matrices_of_spectrum",
    "matrix_laws", "minilm_matrices", "minimisers",
    "named_batch", "narrow_cases", "narrow_heads", "nearby_linear_case", "nearby_orthogonal",
    "nearby_svd", "networks", "polynomials", "pretrain", "random_vectors", "rational_orthogonal", "rational_spectrum",
    "read_safetensors", "real_linear_cases", "silero_gates", "silero_pair", "target_cases", "trained_linear_cases",
    "transformer_cases", "truncation_cases", "vectors",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class _Package(ModuleType):
    """`matrices` is the strategy, whoever has imported the module of that name before."""

    def __setattr__(self, name: str, value: Any) -> None:
        named = isinstance(value, ModuleType) and _HOME.get(name) == name
        super().__setattr__(name, getattr(value, name) if named else value)


sys.modules[__name__].__class__ = _Package


def __dir__() -> list[str]:
    return [*globals(), *__all__]
