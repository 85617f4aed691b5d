"""The hypotheses of Theorems 6 and 17 on a real Transformer: all-MiniLM-L6-v2, 6 layers of width 384, 12 heads of 32.

Its heads are 32 x 384 and its feed-forward layers 1536 x 384 and 384 x 1536, so that neither theorem applies as it
stands.  Two tests are fair: each head by itself, as the singular 384 x 384 matrices that it amounts to; and the
attention of a whole layer treated as one head, whose matrices are square.  Consecutive layers play the frozen and the
target model.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from theorems.adaptation.linear import adapters_one_by_one, cut
from theorems.arithmetic import Float64
from theorems.case import SVD
from theorems.extras import required
from theorems.strategies.laws import Floats
from theorems.strategies.models.errors import svd_of
from theorems.strategies.real.checkpoints import MINILM, package_file

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
    path = package_file(MINILM, "model/model.safetensors")
    with required("safetensors", "weights").safe_open(path, framework="np") as file:
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


@dataclass(frozen=True)
class NarrowPair:
    """A pair of a head, 384 x 32 times 32 x 384, against the next layer's.

    rank    of the frozen product (of 384)
    gap     G, the rank of the difference to the target's product
    needed  the least R that leaves the target's rows and columns within reach: rank of both heads' rows (columns)
            together, less 32
    """

    layer: int
    head: int
    pair: str
    rank: int
    gap: int
    needed: int

    @property
    def threshold(self) -> int:
        """ceil(G / 2)."""
        return -(-self.gap // 2)


def narrow_pairs(weights: list[dict[str, Floats]]) -> list[NarrowPair]:
    """Query and key, value and output of every head of layers 1 to 5, against the same head of the next layer."""
    size = WIDTH // HEADS
    found = []
    for (l, (frozen, target)), h in itertools.product(enumerate(itertools.pairwise(weights), 1), range(HEADS)):
        part = slice(h * size, (h + 1) * size)
        for pair in ("query-key", "value"):
            if pair == "query-key":
                old, new = ((w["key"][part].T, w["query"][part]) for w in (frozen, target))
            else:
                old, new = ((w["output"][:, part], w["value"][part]) for w in (frozen, target))
            gap = rank_of_product(np.hstack([new[0], -old[0]]), np.vstack([new[1], old[1]]))
            rows, columns = numerical_rank(np.vstack([old[1], new[1]])), numerical_rank(np.hstack([old[0], new[0]]))
            found.append(NarrowPair(l, h + 1, pair, rank_of_product(*old), gap, max(rows, columns) - size))
    return found


def whole_layers(weights: list[dict[str, Floats]], step: Callable[[], None] = lambda: None) -> list[HeadRow]:
    """The attention of each layer as one head against the next layer's: a row for query-key and one for value.

    `step` is called after each row.
    """
    rows = []
    for l, (frozen, target) in enumerate(itertools.pairwise(weights), 1):
        products = ((frozen["query"], frozen["key"].T), target["key"].T @ target["query"]), (
            (frozen["value"], frozen["output"]), target["output"] @ target["value"]
        )  # fmt: skip
        for pair, (factors, goal) in zip(("query-key", "value"), products, strict=True):
            rows.append(_row(l, pair, factors, goal))
            step()
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
