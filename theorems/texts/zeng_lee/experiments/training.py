"""Adam, LoRA and full-rank training, for all hyper-parameters at once.

Adam is that of Kingma and Ba with beta = (0.9, 0.999), eps = 1e-8 and bias correction; weight decay adds lambda times
the parameter to its gradient.  LoRA is that of Hu et al.: W + B A with B = 0 and A uniform in +-1 / sqrt(D) at first,
scale one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from theorems.texts.zeng_lee.experiments.problems import Floats, Problem, Weights

BETAS, EPSILON = (0.9, 0.999), 1e-8
#: Full-rank training of the frozen model: learning rate, steps between two looks at the error.
PRETRAINING_RATE, PRETRAINING_LOOK = 1e-3, 5


class Adam:
    """Adam on a few arrays with a leading axis of members, each with a learning rate and a weight decay of its own."""

    def __init__(self, parameters: Sequence[Floats], rates: Sequence[float], decays: Sequence[float]) -> None:
        self._parameters = list(parameters)
        self._moments = [(np.zeros_like(p), np.zeros_like(p)) for p in parameters]
        self._rates, self._decays = ([_members(values, p) for p in parameters] for values in (rates, decays))
        self._decaying = any(decays)
        self._steps = 0

    def step(self, gradients: Sequence[Floats]) -> None:
        """Move the parameters, in place."""
        self._steps += 1
        first, second = (1.0 - beta**self._steps for beta in BETAS)
        for p, g, (m, v), rate, decay in zip(
            self._parameters, gradients, self._moments, self._rates, self._decays, strict=True
        ):
            if self._decaying:
                g = g + decay * p
            m += (1.0 - BETAS[0]) * (g - m)
            v += (1.0 - BETAS[1]) * (g * g - v)
            p -= (rate / first) * m / (np.sqrt(v / second) + EPSILON)


def _members(values: Sequence[float], like: Floats) -> Floats:
    """One value for each member, shaped to multiply `like`."""
    return np.asarray(values, dtype=like.dtype).reshape(-1, *(1,) * (like.ndim - 1))


@dataclass(frozen=True)
class Tuning:
    """How adapters are trained.

    rates, decays  learning rates and weight decays; every pair is tried
    steps, batch   Adam's steps, and fresh Gaussian inputs in each
    validation     inputs on which the pairs compete
    single         whether training runs in float32, the default of PyTorch; float64 otherwise
    """

    rates: tuple[float, ...]
    decays: tuple[float, ...]
    steps: int
    batch: int
    validation: int
    single: bool

    @property
    def dtype(self) -> Any:
        """The precision of training."""
        return np.float32 if self.single else np.float64

    @property
    def pairs(self) -> list[tuple[float, float]]:
        """All (learning rate, weight decay)."""
        return [(rate, decay) for rate in self.rates for decay in self.decays]


@dataclass(frozen=True)
class Trained:
    """The best of the adapted models by validation error."""

    weights: Weights
    rate: float
    decay: float
    validation: float


def train_adapters(
    problem: Callable[[Any], Problem], frozen: Weights, rank: int, tuning: Tuning, generator: Generator
) -> Trained:
    """Train LoRA adapters of that rank and all biases with every pair of hyper-parameters; keep the best.

    problem  gives the problem in a precision

    All randomness is drawn once and shared by the pairs, so that they differ by nothing else.
    """
    task, pairs = problem(tuning.dtype), tuning.pairs
    base = frozen.cast(tuning.dtype)
    D, adapted = base.matrices.shape[-1], list(task.adapted)
    start = generator.uniform(-1.0, 1.0, (1, len(adapted), rank, D)) / np.sqrt(D)
    held = task.sample(generator, tuning.validation)
    A = np.repeat(start.astype(tuning.dtype), len(pairs), axis=0)
    B = np.zeros(A.mT.shape, tuning.dtype)
    biases = np.repeat(base.biases[None], len(pairs), axis=0)
    matrices = np.repeat(base.matrices[None], len(pairs), axis=0)
    adam = Adam((A, B, biases), [rate for rate, _ in pairs], [decay for _, decay in pairs])
    with np.errstate(all="ignore"):  # a pair that diverges loses
        for _ in range(tuning.steps):
            matrices[:, adapted] = base.matrices[adapted] + B @ A
            _, by_matrix, by_bias = task.gradients(matrices, biases, task.sample(generator, tuning.batch))
            change = by_matrix[:, adapted]
            adam.step((B.mT @ change, change @ A.mT, by_bias))
        matrices[:, adapted] = base.matrices[adapted] + B @ A
        losses = task.loss(matrices, biases, held).astype(np.float64)
    best = int(np.argmin(np.where(np.isfinite(losses), losses, np.inf)))
    whole = frozen.matrices.copy()
    whole[adapted] += B[best].astype(np.float64) @ A[best].astype(np.float64)
    weights = Weights(whole, biases[best].astype(np.float64))
    return Trained(weights, *pairs[best], float(losses[best]))


def pretrain(
    problem: Problem, start: Weights, remaining: float, generator: Generator, *, batch: int, held: int, most: int
) -> tuple[Weights, float]:
    """Train all weights and biases until the error on `held` inputs is `remaining` of what it was, with what is left.

    Full-rank updates by Adam on fresh batches.  The share stays above `remaining` where `most` steps do not get there.
    """
    matrices, biases = start.matrices[None].copy(), start.biases[None].copy()
    data = problem.sample(generator, held)
    first = float(problem.loss(matrices, biases, data)[0])
    adam = Adam((matrices, biases), [PRETRAINING_RATE], [0.0])
    share = 1.0
    for step in range(most):
        if step % PRETRAINING_LOOK == 0:
            share = float(problem.loss(matrices, biases, data)[0]) / first
            if share <= remaining:
                break
        _, by_matrix, by_bias = problem.gradients(matrices, biases, problem.sample(generator, batch))
        adam.step((by_matrix, by_bias))
    return Weights(matrices[0], biases[0]), share
