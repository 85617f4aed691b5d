"""The text: its claims in the order of a lecture."""

from __future__ import annotations

from pathlib import Path

from matrix_folklore import orders, ranks, softmaxes, traces
from theorems import Text

TEXT = Text(
    key="folklore",
    title="Matrix folklore: what people remember of matrices, and what is so",
    short="Folklore",
    claims=(*traces.CLAIMS, *ranks.CLAIMS, *orders.CLAIMS, *softmaxes.CLAIMS),
    cases="matrix_folklore.cases:CASES",
    folder=Path(__file__).parent,
    highlights=("folklore/loewner.square", "folklore/trace.three-semidefinite", "folklore/softmax.rank"),
)
