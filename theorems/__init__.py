"""Executable theorems: claims on low-rank adaptation, the arithmetics that judge them, and the verdicts."""

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
from theorems.statement import at_most, conclude, equal, exists, holds, less_than, suppose

__all__ = [
    "SVD", "AdaptedChain", "Adapter", "Array", "Claim", "CountCase", "InputError", "LinearCase", "LinearModel",
    "MatrixCase", "NarrowCase", "NetworkCase", "Outcome", "RandomVectorCase", "Report", "Source", "TargetCase",
    "TransformerCase", "TruncationCase", "TwoDecompositionsCase", "Undefined", "Unsupported", "Verdict", "adapters",
    "at_most", "check", "conclude", "equal", "exists", "fractions", "holds", "less_than", "product", "suppose",
]  # fmt: skip
