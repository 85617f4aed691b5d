"""Executable theorems: claims on low-rank adaptation, the arithmetics that judge them, and the verdicts."""

from theorems.beyond.adapted_chain import AdaptedChain
from theorems.beyond.construction import adapters
from theorems.case import SVD, Array, CountCase, MatrixCase, fractions
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
from theorems.networks import NetworkCase
from theorems.statement import at_most, conclude, equal, exists, holds, less_than, suppose
from theorems.transformers import TransformerCase

__all__ = [
    "SVD", "AdaptedChain", "Adapter", "Array", "Claim", "CountCase", "InputError", "LinearCase", "LinearModel",
    "MatrixCase", "NarrowCase", "NetworkCase", "Outcome", "RandomVectorCase", "Report", "Source", "TargetCase",
    "TransformerCase", "TruncationCase", "TwoDecompositionsCase", "Undefined", "Unsupported", "Verdict", "adapters",
    "at_most", "check", "conclude", "equal", "exists", "fractions", "holds", "less_than", "product", "suppose",
]  # fmt: skip
