"""Executable theorems: claims, the arithmetics that judge them, and the verdicts.

The public names load when they are asked for, so that a command, or somebody's pytest, pays for what it uses.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from theorems.adaptation.adapted_chain import AdaptedChain
    from theorems.adaptation.construction import adapters
    from theorems.case import SVD, Array, CountCase, MatrixCase, fractions
    from theorems.claim import Claim, Outcome, Source, Verdict
    from theorems.errors import InputError, Undefined, Unsupported
    from theorems.judge.driver import Report, check
    from theorems.models.inputs import RandomVectorCase
    from theorems.models.linear import (
        Adapter,
        LinearCase,
        LinearModel,
        NarrowCase,
        TargetCase,
        TruncationCase,
        TwoDecompositionsCase,
        product,
    )
    from theorems.models.relu import NetworkCase
    from theorems.models.transformer import TransformerCase
    from theorems.num import Num
    from theorems.statement import at_most, conclude, equal, exists, holds, less_than, suppose
    from theorems.text import Text

_NAMES = {
    "adaptation.adapted_chain": ("AdaptedChain",),
    "adaptation.construction": ("adapters",),
    "case": ("SVD", "Array", "CountCase", "MatrixCase", "fractions"),
    "claim": ("Claim", "Outcome", "Source", "Verdict"),
    "errors": ("InputError", "Undefined", "Unsupported"),
    "judge.driver": ("Report", "check"),
    "models.inputs": ("RandomVectorCase",),
    "models.linear": (
        "Adapter", "LinearCase", "LinearModel", "NarrowCase", "TargetCase", "TruncationCase", "TwoDecompositionsCase",
        "product",
    ),
    "models.relu": ("NetworkCase",),
    "models.transformer": ("TransformerCase",),
    "num": ("Num",),
    "statement": ("at_most", "conclude", "equal", "exists", "holds", "less_than", "suppose"),
    "text": ("Text",),
}  # fmt: skip
_HOME = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "SVD", "AdaptedChain", "Adapter", "Array", "Claim", "CountCase", "InputError", "LinearCase", "LinearModel",
    "MatrixCase", "NarrowCase", "NetworkCase", "Num", "Outcome", "RandomVectorCase", "Report", "Source", "TargetCase",
    "Text", "TransformerCase", "TruncationCase", "TwoDecompositionsCase", "Undefined", "Unsupported", "Verdict",
    "adapters", "at_most", "check", "conclude", "equal", "exists", "fractions", "holds", "less_than", "product",
    "suppose",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"theorems.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
