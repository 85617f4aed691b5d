"""The hypotheses of Theorems 6 and 17 on a real Transformer: all-MiniLM-L6-v2, 6 layers of width 384, 12 heads of 32.

Its heads are 32 x 384 and its feed-forward layers 1536 x 384 and 384 x 1536, so that neither theorem applies as it
stands.  Two tests are fair: each head by itself, as the singular 384 x 384 matrices that it amounts to; and the
attention of a whole layer treated as one head, whose matrices are square.  Consecutive layers play the frozen and the
target model.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import safetensors

from strategies.checkpoints import MINILM, package_file
from strategies.errors import svd_of
from strategies.laws import Floats
from theorems.arithmetic import Float64
from theorems.case import SVD
from theorems.expressive_power.adapters import adapters_one_by_one, cut

LAYERS, WIDTH, HEADS = 6, 384, 12
#: Singular values below this share of the largest count as zero.
NEGLIGIBLE = 1e-11 * WIDTH
#: Of the partial sums P + LR_r(E), these shares of r = R are looked at.
SHARES = (0, 1, 2, 3, 4)


@dataclass(frozen=True)
class HeadRow:
    """One pair of layers: what the theorems ask of it, and what equation (8) makes of it in floats.

    pair            "query-key" or "value", of a layer as one head
    condition       of the frozen product P
    gap             the rank of E, the difference to the next layer's product
    threshold       ceil(gap / 2)
    worst_sum       the largest condition number seen among P + LR_r(E), r <= R
    residual        || adapted product - target ||_2 / || target ||_2 at R = threshold
    below           the same at R = threshold - 1
    optimum         sigma_{2R+1}(E) / || target ||_2 there, which no adapters beat
    """

    layer: int
    pair: str
    condition: float
    gap: int
    threshold: int
    worst_sum: float
    residual: float
    below: float
    optimum: float


def real_weights() -> list[dict[str, Floats]]:
    """query, key, value, output (384 x 384), first (1536 x 384) and second (384 x 1536) of the six layers.

    Raises `InputError` where the optional package is not installed.
    """
    names = {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "output": "attention.output.dense",
        "first": "intermediate.dense",
        "second": "output.dense",
    }
    with safetensors.safe_open(package_file(MINILM, "model/model.safetensors"), framework="np") as file:
        return [
            {
                role: np.asarray(file.get_tensor(f"encoder.layer.{l}.{name}.weight"), dtype=np.float64)
                for role, name in names.items()
            }
            for l in range(LAYERS)
        ]


def numerical_rank(A: Floats) -> int:
    """The number of singular values above `NEGLIGIBLE` times the largest."""
    s = np.linalg.svd(A, compute_uv=False)
    return int((s > NEGLIGIBLE * s[0]).sum())


def rank_of_product(left: Floats, right: Floats) -> int:
    """The rank of left @ right for a tall left and a wide right factor, from their triangular factors."""
    return numerical_rank(np.linalg.qr(left)[1] @ np.linalg.qr(right.T)[1].T)


def condition(A: Floats) -> float:
    """sigma_1 / sigma_n."""
    s = np.linalg.svd(A, compute_uv=False)
    return float(s[0] / s[-1])


def head_gaps(weights: list[dict[str, Floats]]) -> list[tuple[int, ...]]:
    """For each layer and head: the ranks of M = W_K^T W_Q, of W_O W_V, and of their differences to the next layer's."""
    size = WIDTH // HEADS
    rows = []
    for frozen, target in itertools.pairwise(weights):
        for h in range(HEADS):
            part = slice(h * size, (h + 1) * size)
            scores = [(w["key"][part].T, w["query"][part]) for w in (frozen, target)]
            carried = [(w["output"][:, part], w["value"][part]) for w in (frozen, target)]
            ranks = [rank_of_product(*pair) for pair in (scores[0], carried[0])]
            gaps = [
                rank_of_product(np.hstack([new[0], -old[0]]), np.vstack([new[1], old[1]]))
                for old, new in (scores, carried)
            ]
            rows.append((*ranks, *gaps))
    return rows


def whole_layers(weights: list[dict[str, Floats]]) -> list[HeadRow]:
    """The attention of each layer as one head against the next layer's: a row for query-key and one for value."""
    rows = []
    for l, (frozen, target) in enumerate(itertools.pairwise(weights), 1):
        rows.append(_row(l, "query-key", (frozen["query"], frozen["key"].T), target["key"].T @ target["query"]))
        rows.append(_row(l, "value", (frozen["value"], frozen["output"]), target["output"] @ target["value"]))
    return rows


def _row(layer: int, pair: str, weights: tuple[Floats, Floats], goal: Floats) -> HeadRow:
    lower, upper = weights
    P = upper @ lower
    d = svd_of((goal - P)[None])
    gap = int((d.s[0] > NEGLIGIBLE * d.s[0, 0]).sum())
    R = -(-gap // 2)
    ranks = [R * share // SHARES[-1] for share in SHARES]
    sums = [condition(P + SVD(d.U[0, :, :r], d.s[0, :r], d.V[0, :, :r]).matrix) for r in ranks]
    size = float(np.linalg.norm(goal, 2))
    at, below = (_residual(weights, d, rank, goal) / size for rank in (R, R - 1))
    optimum = float(d.s[0, 2 * (R - 1)] / size)
    return HeadRow(layer, pair, condition(P), gap, R, max(sums), at, below, optimum)


def _residual(weights: tuple[Floats, Floats], d: SVD, R: int, goal: Floats) -> float:
    """The spectral error of equation (8) at LoRA-rank R, run forward in floats."""
    num = Float64(size=1)
    stacks = [W[None] for W in weights]
    lower, upper = adapters_one_by_one(stacks, cut(d, (R, R)), num)
    made = (stacks[1] + upper.matrix) @ (stacks[0] + lower.matrix)
    return float(np.linalg.norm(made[0] - goal, 2))


def real_heads_report() -> str:
    """The tables of the two tests, as text.  Raises `InputError` where the optional package is not installed."""
    weights = real_weights()
    ranks = head_gaps(weights)
    columns = [sorted(set(column)) for column in zip(*ranks, strict=True)]
    lines = [
        f"Heads by themselves ({len(ranks)} pairs of heads, 32 x 384; as 384 x 384 matrices):",
        f"  rank of W_K^T W_Q: {_range(columns[0])}; of W_O W_V: {_range(columns[1])} (of 384: singular)",
        f"  G for query and key: {_range(columns[2])}; for value and output: {_range(columns[3])}",
        f"  threshold ceil(G / 2): {max(-(-max(row[2:]) // 2) for row in ranks)}, a head's own width is 32",
        "Feed-forward layers (rectangular: W_2 W_1 and W_2^{-1} do not exist as the theorems use them):",
    ]
    for l, w in enumerate(weights, 1):
        shapes = " and ".join(f"{w[role].shape[0]} x {w[role].shape[1]}" for role in ("first", "second"))
        lines.append(f"  layer {l}: {shapes}, ranks {numerical_rank(w['first'])} and {numerical_rank(w['second'])}")
    lines += [
        "Whole-layer attention as one head, layer l against l + 1 (float64; conditions beside residuals):",
        "  layer  pair        cond(P)   G    R    worst cond(P+LR_r)  residual at R  at R-1    least possible at R-1",
    ]
    lines += [
        f"  {r.layer:<6} {r.pair:<10} {r.condition:8.1e}  {r.gap:<4} {r.threshold:<4} {r.worst_sum:18.1e}  "
        f"{r.residual:13.1e}  {r.below:8.1e}  {r.optimum:12.1e}"
        for r in whole_layers(weights)
    ]
    return "\n".join(lines)


def _range(values: list[int]) -> str:
    return str(values[0]) if values[0] == values[-1] else f"{values[0]} to {values[-1]}"
