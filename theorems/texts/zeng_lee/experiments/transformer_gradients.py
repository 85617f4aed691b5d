"""The forward pass of a Transformer without skip connections and layer norms, and its gradients, by hand.

Tokens are rows here: with Z (N, D), k = Z W_K^T, q = Z W_Q^T, v = Z W_V^T and P the column-wise softmax of k q^T,

    Attn(Z) = sum_h P^T v W_O^T,   H = ReLU(Attn W_1^T + b_1),   Z' = H W_2^T + b_2,   f = row-wise softmax(Z_L W_o^T),

the transpose of `theorems.models.transformer.Transformer`.  At the logits f is Z_L W_o^T, without the last softmax.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class Blocks:
    """Where the weights of L blocks with H heads stand in a stack: W_K, W_Q, W_V, W_O by head, W_1, W_2; W_o last.

    The biases are b_1, b_2 of each block in order.
    """

    depth: int
    heads: int

    @property
    def count(self) -> int:
        """How many weights there are."""
        return self.depth * (4 * self.heads + 2) + 1

    def heads_of(self, l: int, kind: int) -> slice:
        """W_K, W_Q, W_V or W_O (kind 0 to 3) of all heads of block l, from 0."""
        start = l * (4 * self.heads + 2) + kind * self.heads
        return slice(start, start + self.heads)

    def first(self, l: int) -> int:
        """W_1 of block l."""
        return l * (4 * self.heads + 2) + 4 * self.heads

    def second(self, l: int) -> int:
        """W_2 of block l."""
        return self.first(l) + 1


@dataclass(frozen=True)
class _Trace:
    """What the backward pass needs of a block; per head (m, H, K, N, .), else (m, K N, .)."""

    Z: Floats
    k: Floats
    q: Floats
    v: Floats
    P: Floats
    C: Floats
    a: Floats
    h: Floats


def _softmax(x: Floats, axis: int) -> Floats:
    powers: Floats = np.exp(x - x.max(axis, keepdims=True))
    powers /= powers.sum(axis, keepdims=True)
    return powers


def _block(shape: Blocks, l: int, matrices: Floats, biases: Floats, Z: Floats, split: tuple[int, int]) -> _Trace:
    """Z is (m, K N, D), or (1, K N, D) for inputs that all members share; `split` is (K, N)."""
    m, D = len(matrices), Z.shape[-1]

    def by_head(kind: int) -> Floats:
        values = Z[:, None] @ matrices[:, shape.heads_of(l, kind)].mT
        return np.asarray(values.reshape(m, shape.heads, *split, D))

    k, q, v = (by_head(kind) for kind in range(3))
    P = _softmax(k @ q.mT, -2)
    C = P.mT @ v
    flat = C.reshape(m, shape.heads, -1, D)
    a = (flat @ matrices[:, shape.heads_of(l, 3)].mT).sum(1)
    y = a @ matrices[:, shape.first(l)].mT + biases[:, 2 * l, None, :]
    return _Trace(Z, k, q, v, P, C, a, np.maximum(y, 0.0, out=y))


def _forward(
    shape: Blocks, matrices: Floats, biases: Floats, x: Floats, *, logits: bool
) -> tuple[list[_Trace], Floats, Floats]:
    """The traces of the blocks, Z_L and the outputs (m, K N, D)."""
    K, N, D = x.shape
    Z, traces = x.reshape(1, K * N, D), []
    for l in range(shape.depth):
        trace = _block(shape, l, matrices, biases, Z, (K, N))
        Z = trace.h @ matrices[:, shape.second(l)].mT + biases[:, 2 * l + 1, None, :]
        traces.append(trace)
    values = Z @ matrices[:, -1].mT
    return traces, Z, values if logits else _softmax(values, -1)


def transformer_outputs(
    shape: Blocks, matrices: Floats, biases: Floats, x: Floats, *, logits: bool = False
) -> Floats:
    """f for inputs (K, N, D), (m, K, N, D)."""
    outputs = _forward(shape, matrices, biases, x, logits=logits)[-1]
    shaped: Floats = outputs.reshape(len(outputs), *x.shape)
    return shaped


def transformer_gradients(
    shape: Blocks, matrices: Floats, biases: Floats, x: Floats, wanted: Floats, *, logits: bool = False
) -> tuple[Floats, Floats, Floats]:
    """The mean of ||f - wanted||^2 over samples and tokens, (m,), and its gradients by weights and biases."""
    traces, Z, F = _forward(shape, matrices, biases, x, logits=logits)
    K, N, D = x.shape
    gap = F - wanted.reshape(1, K * N, D)
    loss = (gap * gap).sum((-2, -1)) / (K * N)
    by_matrix, by_bias = np.empty_like(matrices), np.empty_like(biases)
    back = gap * (2.0 / (K * N))
    if not logits:
        back = F * (back - (back * F).sum(-1, keepdims=True))
    by_matrix[:, -1] = back.mT @ Z
    back = back @ matrices[:, -1]
    for l in reversed(range(shape.depth)):
        back = _block_back(shape, l, matrices, traces[l], back, by_matrix, by_bias)
    return loss, by_matrix, by_bias


def _block_back(
    shape: Blocks, l: int, matrices: Floats, trace: _Trace, back: Floats, by_matrix: Floats, by_bias: Floats
) -> Floats:
    """Fill in the gradients of block l, given that by its output; return that by its input (m, K N, D)."""
    m, D = len(matrices), back.shape[-1]
    first, second = shape.first(l), shape.second(l)
    by_matrix[:, second], by_bias[:, 2 * l + 1] = back.mT @ trace.h, back.sum(-2)
    dy = (back @ matrices[:, second]) * (trace.h > 0)
    by_matrix[:, first], by_bias[:, 2 * l] = dy.mT @ trace.a, dy.sum(-2)
    da = (dy @ matrices[:, first])[:, None]
    flat = trace.C.reshape(m, shape.heads, -1, D)
    by_matrix[:, shape.heads_of(l, 3)] = da.mT @ flat
    dC = (da @ matrices[:, shape.heads_of(l, 3)]).reshape(trace.C.shape)
    dP = trace.v @ dC.mT
    dS = trace.P * (dP - (dP * trace.P).sum(-2, keepdims=True))
    total = np.zeros((m, *back.shape[1:]), dtype=back.dtype)
    for kind, value in enumerate((dS @ trace.q, dS.mT @ trace.k, trace.P @ dC)):
        rows, heads = value.reshape(m, shape.heads, -1, D), shape.heads_of(l, kind)
        by_matrix[:, heads] = rows.mT @ trace.Z[:, None]
        if l:
            total += (rows @ matrices[:, heads]).sum(1)
    return total
