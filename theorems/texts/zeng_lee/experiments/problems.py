"""The three models of Appendix G with their loss and its gradients, for m members at a time.

The weights of a model are one stack (m, n, D, D), its biases one stack (m, k, D); members share the inputs.  The loss
of a member is the mean of ||f(x) - fbar(x)||_2^2 over a sample; `PerEntry` divides it by D.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from theorems.texts.zeng_lee.experiments.transformer_gradients import (
    Blocks,
    transformer_gradients,
    transformer_outputs,
)

Floats: TypeAlias = NDArray[Any]
#: Loss (m,), its gradients by weights (m, n, D, D) and by biases (m, k, D).
Gradients: TypeAlias = tuple[Floats, Floats, Floats]


@dataclass(frozen=True)
class Weights:
    """All weights (n, D, D) and biases (k, D) of one model."""

    matrices: Floats
    biases: Floats

    def cast(self, dtype: Any) -> Weights:
        """The same in another precision."""
        return Weights(self.matrices.astype(dtype), self.biases.astype(dtype))


class Problem(ABC):
    """A target and what a model of its kind costs against it.

    adapted  the positions of the weights that get adapters; every bias is tuned
    """

    target: Weights
    adapted: tuple[int, ...]

    @abstractmethod
    def sample(self, generator: Generator, size: int) -> tuple[Floats, ...]:
        """Standard normal inputs with what the loss needs of the target there."""

    @abstractmethod
    def loss(self, matrices: Floats, biases: Floats, data: tuple[Floats, ...]) -> Floats:
        """The losses of m members, (m,)."""

    @abstractmethod
    def gradients(self, matrices: Floats, biases: Floats, data: tuple[Floats, ...]) -> Gradients:
        """The losses and their gradients."""


class LinearProblem(Problem):
    """f(x) = W_L ... W_1 x against one matrix T, without biases.

    The mean of ||(P - T) x||^2 over a sample is tr((P - T) S (P - T)^T) with the second moment S of the sample, so
    that a step costs no more than a few D x D products; the gradients are the same.
    """

    def __init__(self, target: Weights, depth: int) -> None:
        self.target, self.adapted = target, tuple(range(depth))

    def sample(self, generator: Generator, size: int) -> tuple[Floats, ...]:
        x = generator.standard_normal((size, self.target.matrices.shape[-1]))
        return ((x.T @ x / size).astype(self.target.matrices.dtype),)

    def loss(self, matrices: Floats, biases: Floats, data: tuple[Floats, ...]) -> Floats:
        gap = _products(matrices)[-1] - self._matrix
        return np.asarray(((gap @ data[0]) * gap).sum((-2, -1)))

    def gradients(self, matrices: Floats, biases: Floats, data: tuple[Floats, ...]) -> Gradients:
        below = _products(matrices)
        gap = below[-1] - self._matrix
        moved = gap @ data[0]
        loss = (moved * gap).sum((-2, -1))
        back = 2.0 * moved
        found = np.empty_like(matrices)
        for l in reversed(range(matrices.shape[1])):
            found[:, l] = back @ below[l].mT
            back = matrices[:, l].mT @ back
        return loss, found, np.zeros_like(biases)

    @property
    def _matrix(self) -> Floats:
        return np.asarray(_products(self.target.matrices[None])[-1])


def _products(matrices: Floats) -> list[Floats]:
    """I, W_1, W_2 W_1, ..., (m, D, D) each."""
    below = [np.broadcast_to(np.eye(matrices.shape[-1], dtype=matrices.dtype), matrices[:, 0].shape)]
    for l in range(matrices.shape[1]):
        below.append(matrices[:, l] @ below[-1])
    return below


class ReluProblem(Problem):
    """f(x) = ReLU(W_L ... ReLU(W_1 x + b_1) ... + b_L) against a network of its kind, of any depth."""

    def __init__(self, target: Weights, depth: int) -> None:
        self.target, self.adapted = target, tuple(range(depth))

    def sample(self, generator: Generator, size: int) -> tuple[Floats, ...]:
        x = generator.standard_normal((size, self.target.matrices.shape[-1])).astype(self.target.matrices.dtype)
        return x, self.outputs(self.target.matrices[None], self.target.biases[None], x)[0]

    def outputs(self, matrices: Floats, biases: Floats, x: Floats) -> Floats:
        """f(x) for inputs (K, D) as rows, (m, K, D)."""
        return _activations(matrices, biases, x)[-1]

    def loss(self, matrices: Floats, biases: Floats, data: tuple[Floats, ...]) -> Floats:
        gap = self.outputs(matrices, biases, data[0]) - data[1]
        return np.asarray((gap * gap).sum((-2, -1)) / len(data[0]))

    def gradients(self, matrices: Floats, biases: Floats, data: tuple[Floats, ...]) -> Gradients:
        x, wanted = data
        z = _activations(matrices, biases, x)
        gap = z[-1] - wanted
        loss = (gap * gap).sum((-2, -1)) / len(x)
        back = gap * (2.0 / len(x))
        by_matrix, by_bias = np.empty_like(matrices), np.empty_like(biases)
        for l in reversed(range(matrices.shape[1])):
            back = back * (z[l + 1] > 0)
            by_matrix[:, l] = back.mT @ z[l]
            by_bias[:, l] = back.sum(-2)
            if l:
                back = back @ matrices[:, l]
        return loss, by_matrix, by_bias


def _activations(matrices: Floats, biases: Floats, x: Floats) -> list[Floats]:
    z = [x]
    for l in range(matrices.shape[1]):
        y = z[-1] @ matrices[:, l].mT
        y += biases[:, l, None, :]
        z.append(np.maximum(y, 0.0, out=y))
    return z


class TransformerProblem(Problem):
    """The Transformer of Section 3 (no skip connections, no layer norms) against one of its shape.

    A sample holds (K, N, D) inputs, tokens in rows; the loss is the mean over samples and tokens.  Adapters are where
    Theorem 6 has them: on W_K, W_Q, W_V, W_O of every head, on W_{2L} and on W_o.

    logits  compare what the last softmax is taken of
    """

    def __init__(self, target: Weights, shape: Blocks, tokens: int, *, logits: bool = False) -> None:
        self.target, self.shape, self.tokens, self.logits = target, shape, tokens, logits
        fixed = {shape.first(l) for l in range(shape.depth)} | {shape.second(l) for l in range(shape.depth - 1)}
        self.adapted = tuple(i for i in range(shape.count) if i not in fixed)

    def sample(self, generator: Generator, size: int) -> tuple[Floats, ...]:
        dtype, D = self.target.matrices.dtype, self.target.matrices.shape[-1]
        x = generator.standard_normal((size, self.tokens, D)).astype(dtype)
        return x, self.outputs(self.target.matrices[None], self.target.biases[None], x)[0]

    def outputs(self, matrices: Floats, biases: Floats, x: Floats) -> Floats:
        """f(X) with tokens in rows, (m, K, N, D)."""
        return transformer_outputs(self.shape, matrices, biases, x, logits=self.logits)

    def loss(self, matrices: Floats, biases: Floats, data: tuple[Floats, ...]) -> Floats:
        gap = self.outputs(matrices, biases, data[0]) - data[1]
        return np.asarray((gap * gap).sum((-3, -2, -1)) / np.prod(data[0].shape[:2]))

    def gradients(self, matrices: Floats, biases: Floats, data: tuple[Floats, ...]) -> Gradients:
        return transformer_gradients(self.shape, matrices, biases, *data, logits=self.logits)


class PerEntry(Problem):
    """Another problem with its squared error averaged over the D entries of an output."""

    def __init__(self, summed: Problem) -> None:
        self._summed, self.target, self.adapted = summed, summed.target, summed.adapted
        self._D = summed.target.matrices.shape[-1]

    def sample(self, generator: Generator, size: int) -> tuple[Floats, ...]:
        return self._summed.sample(generator, size)

    def loss(self, matrices: Floats, biases: Floats, data: tuple[Floats, ...]) -> Floats:
        return np.asarray(self._summed.loss(matrices, biases, data) / self._D)

    def gradients(self, matrices: Floats, biases: Floats, data: tuple[Floats, ...]) -> Gradients:
        loss, by_matrix, by_bias = self._summed.gradients(matrices, biases, data)
        return loss / self._D, by_matrix / self._D, by_bias / self._D
