"""Executable theorems: claims, the arithmetics that judge them, and the verdicts.

The public names load when they are asked for, so that a command, or somebody's pytest, pays for what it uses.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from theorems.adaptation.adapted_chain import AdaptedChain
    from theorems.adaptation.construction import adapters
    from theorems.case import SVD, Array, CountCase, MatrixCase, fractions
    from theorems.claim import Claim, Kind, Outcome, Source, Verdict
    from theorems.domains import Domain, constraints, declared, require
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
    from theorems.properties import (
        ASCENDING,
        DESCENDING,
        INTEGERS,
        NON_NEGATIVE,
        NONSINGULAR,
        ORTHOGONAL,
        POSITIVE,
        SEMIDEFINITE,
        SUMS_TO_ONE,
        SYMMETRIC,
        Axes,
        Between,
        Bounded,
        Own,
        Size,
    )
    from theorems.statement import (
        Conclude,
        Suppose,
        at_most,
        conclude,
        equal,
        exists,
        holds,
        less_than,
        loewner_at_most,
        suppose,
    )
    from theorems.text import Text

_NAMES = {
    "adaptation.adapted_chain": ("AdaptedChain",),
    "adaptation.construction": ("adapters",),
    "case": ("SVD", "Array", "CountCase", "MatrixCase", "fractions"),
    "claim": ("Claim", "Kind", "Outcome", "Source", "Verdict"),
    "domains": ("Domain", "constraints", "declared", "require"),
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
    "properties": (
        "ASCENDING", "DESCENDING", "INTEGERS", "NONSINGULAR", "NON_NEGATIVE", "ORTHOGONAL", "POSITIVE", "SEMIDEFINITE",
        "SUMS_TO_ONE", "SYMMETRIC", "Axes", "Between", "Bounded", "Own", "Size",
    ),
    "statement": (
        "Conclude", "Suppose", "at_most", "conclude", "equal", "exists", "holds", "less_than", "loewner_at_most",
        "suppose",
    ),
    "text": ("Text",),
}  # fmt: skip
_HOME = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "ASCENDING", "DESCENDING", "INTEGERS", "NONSINGULAR", "NON_NEGATIVE", "ORTHOGONAL", "POSITIVE", "SEMIDEFINITE",
    "SUMS_TO_ONE", "SVD", "SYMMETRIC", "AdaptedChain", "Adapter", "Array", "Axes", "Between", "Bounded", "Claim",
    "Conclude", "CountCase", "Domain", "InputError", "Kind", "LinearCase", "LinearModel", "MatrixCase",
    "NarrowCase", "NetworkCase", "Num", "Outcome", "Own", "RandomVectorCase", "Report", "Size", "Source", "Suppose",
    "TargetCase", "Text", "TransformerCase", "TruncationCase", "TwoDecompositionsCase", "Undefined", "Unsupported",
    "Verdict", "adapters", "at_most", "check", "conclude", "constraints", "declared", "equal", "exists",
    "fractions", "holds", "less_than", "loewner_at_most", "product", "require", "suppose",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"theorems.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
