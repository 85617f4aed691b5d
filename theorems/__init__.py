"""Executable theorems: claims on low-rank adaptation, the arithmetics that judge them, and the verdicts."""

from theorems.beyond.construction import AdaptedChain, adapters
from theorems.case import SVD, Array, CountCase, MatrixCase
from theorems.claim import Claim, Outcome, Source, Verdict
from theorems.driver import Report, check
from theorems.errors import InputError, Undefined, Unsupported
from theorems.inputs import RandomVectorCase
from theorems.models import (
    Adapter,
    LinearCase,
    LinearModel,
    NarrowCase,
    TargetCase,
    TruncationCase,
    TwoDecompositionsCase,
    product,
)
from theorems.statement import at_most, conclude, equal, exists, holds, less_than, suppose

__all__ = [
    "SVD", "AdaptedChain", "Adapter", "Array", "Claim", "CountCase", "InputError", "LinearCase", "LinearModel",
    "MatrixCase", "NarrowCase", "Outcome", "RandomVectorCase", "Report", "Source", "TargetCase", "TruncationCase",
    "TwoDecompositionsCase", "Undefined", "Unsupported", "Verdict", "adapters", "at_most", "check", "conclude", "equal",
    "exists", "holds", "less_than", "product", "suppose",
]  # fmt: skip
