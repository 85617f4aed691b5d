"""The textbook section, 11.2.3 and 11.2.4: tendencies as measured, and sentences without a formal reading.

A tendency is a claim on a measured quantity over a family of runs.  Each statement here says of one run whether it
agrees; the table in its docstring has the share of 4096 runs that do (`share` of the strategies, seed 0; standard
errors of at most 0.8 points).  Each has a counterpart elsewhere that says when it holds always, and when it reverses.
"""

from __future__ import annotations

from collections.abc import Iterator

from theorems.case import Array
from theorems.claim import Source
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, suppose
from theorems.texts.textbook.spectra.alignment import alignment
from theorems.texts.textbook.training.cases import (
    EstimateCase,
    FitCase,
    NoiseCase,
    RegressionCase,
    TwoLayerCase,
    TwoLayerRunCase,
)
from theorems.texts.textbook.training.convergence_of_modes import weight_directions
from theorems.texts.textbook.training.curvature import flat_directions, low_rank_generalises
from theorems.texts.textbook.training.few_steps import few_steps_from_zero
from theorems.texts.textbook.training.noise_drift import accumulation

Steps = Iterator[Suppose | Conclude]


def weight_directions_tendency(case: RegressionCase, num: Num) -> Steps:
    """Theorem 11.13, last clause, as a tendency: weak directions of W_0 evolve more slowly.

    Family: X and W_0 with Haar singular vectors and uniform gaps, any target, eta lambda_1 in (1/8, 1), three steps.

        n = m = 2   52%
        n = m = 3   17%   (chance is 1/n!: the singular directions of W_0 do not matter)
    """
    yield from weight_directions(case, num)


def few_steps_tendency(case: RegressionCase, num: Num) -> Steps:
    """Corollary 11.5 as a tendency: few steps from zero concentrate the energy of W more than the limit does.

    Family: X with Haar singular vectors and uniform gaps, eta lambda_1 in (1/8, 1), three steps from zero.

        target            n = m = 2   3      6
        any                     51%   52%    55%
        along weak modes        34%   43%    42%
        aligned                100%  100%   100%
    """
    yield from few_steps_from_zero(case, num)


def accumulation_tendency(case: NoiseCase, num: Num) -> Steps:
    """Theorem 11.14 as a tendency: the stationary variance descends with the variance of the noise.

    Family: curvature eta h uniform in (1/8, 7/8), noise with uniform gaps, Haar eigenvectors of the Hessian.

        n = 2   91%
        n = 3   78%
    """
    yield from accumulation(case, num)


def flat_directions_tendency(case: TwoLayerCase, num: Num) -> Steps:
    """Theorem 11.15 as a tendency: curvature descends along the singular directions of W_1.

    Family: two square layers; W_1 with Haar singular vectors.

        W_2            n = 2   n = 3
        independent      51%     17%   (chance: 1/n!)
        balanced        100%    100%
        reversed          0%      0%
    """
    yield from flat_directions(case, num)


def low_rank_tendency(case: EstimateCase, num: Num) -> Steps:
    """Lemma 11.25 as a tendency: cutting an estimate to rank one lowers its risk.

    Family: estimates with uniform gaps, truth = estimate + error.

        truth                       n = m = 2   3
        estimate itself                    0%   0%
        small error, full rank            13%   2%
        near the cut, rank one           100%   100%
    """
    yield from low_rank_generalises(case, num)


def alignment_tendency(case: FitCase, num: Num) -> Steps:
    """Lemma 11.28 as a tendency: T steps on 1/2 ||B A - Delta W||_F^2 bring the singular values closer.

    Family: both factors start with entries uniform in (-3/8, 3/8), eta sigma_1 in {1/8, 1/4}.  From B = 0 all runs
    agree.

        T     2 x 2, r = 1   3 x 3, r = 2   6 x 6, r = 2
        1              54%            53%            49%
        3              67%            76%            78%
        10             91%            99%           100%
        30            100%           100%           100%
    """
    yield from alignment(case, num)


def _trained(case: TwoLayerRunCase, stochastic: bool, num: Num) -> tuple[Array, Array]:
    """W_1 and W_2 after `steps` passes over the N samples: N steps of one sample each, or N steps of all."""
    W, V, eta = case.first, case.second, case.step[..., 0]
    N = case.inputs.shape[-2]
    for _ in range(case.steps):
        for k in range(N):
            rows = slice(k, k + 1) if stochastic else slice(0, N)
            X, Y = case.inputs[..., rows, :], case.outputs[..., rows, :]
            G = (X @ W.mT @ V.mT - Y).mT @ X
            G = num.times(num.number(1, X.shape[-2]), G)
            W, V = W - num.times(eta, V.mT @ G), V - num.times(eta, G @ W.mT)
    return W, V


def sgd_low_rank(case: TwoLayerRunCase, num: Num) -> Steps:
    """Lemma 11.25, last sentence: SGD drives towards low rank, compared with gradient descent from the same start.

    Measured: E(1) of the product W_2 W_1 after as many steps of one sample (in turn) as of all samples.  Family: 2 x 2
    layers, three samples with entries +-1, start and truth uniform in (-1, 1), eta in {1/16, 1/8}.

        passes   noisy labels   exact labels
        1                 52%            61%
        4                 59%            69%
        16                59%            65%
    """
    yield suppose(case.steps >= 1, "at least one pass")
    (W, V), (P, Q) = _trained(case, True, num), _trained(case, False, num)
    one, two = V @ W, Q @ P
    left = num.spectral_norm(two) * num.frobenius_norm(one)
    yield conclude(at_most(left, num.spectral_norm(one) * num.frobenius_norm(two)), "SGD ends more concentrated")


def sgd_flatness(case: TwoLayerRunCase, num: Num) -> Steps:
    """Lemma 11.25, last sentence: SGD drives towards flat regions, compared with gradient descent from the same start.

    Measured: m ||W_1||_F^2 + n ||W_2||_F^2, the trace of the Hessian at minima; the family is that of `sgd_low_rank`.

        passes   noisy labels   exact labels
        1                 88%            95%
        4                 81%            88%
        16                81%            88%
    """
    yield suppose(case.steps >= 1, "at least one pass")
    m, n = case.outputs.shape[-1], case.inputs.shape[-1]
    (W, V), (P, Q) = _trained(case, True, num), _trained(case, False, num)
    one = m * num.frobenius_norm_squared(W) + n * num.frobenius_norm_squared(V)
    two = m * num.frobenius_norm_squared(P) + n * num.frobenius_norm_squared(Q)
    yield conclude(at_most(one, two), "SGD ends flatter")


def suits(case: FitCase, num: Num) -> Steps:
    """Table 11.2.3, last column: which variant suits which scenario (general, scarce resources, extreme compression,
    stability).

    Recommendations for practice, without a quantity or a comparison that would decide them.
    """
    yield conclude(None, "no formal reading")


def _source(label: str, section: str = "11.2.3") -> Source:
    return Source("textbook", label, section)


CLAIMS = (
    _source("Theorem 11.13").empirical(
        "textbook/theorem-11.13.weight-directions:tendency", weight_directions_tendency,
        "52% of runs at n = 2, 17% at n = 3: chance",
        repaired_by="textbook/theorem-11.13.order:repaired",
    ),
    _source("Corollary 11.5").empirical(
        "textbook/corollary-11.5:tendency", few_steps_tendency,
        "51% to 55% of runs from zero; 100% for aligned targets, 34% to 43% for targets along weak modes",
        repaired_by="textbook/corollary-11.5:repaired",
    ),
    _source("Theorem 11.14").empirical(
        "textbook/theorem-11.14.accumulation:tendency", accumulation_tendency,
        "91% of random problems at n = 2, 78% at n = 3",
        repaired_by="textbook/theorem-11.14.accumulation:repaired",
    ),
    _source("Theorem 11.15").empirical(
        "textbook/theorem-11.15:tendency", flat_directions_tendency,
        "51% at n = 2, 17% at n = 3 for independent layers (chance); 100% for balanced, 0% for reversed ones",
        repaired_by="textbook/theorem-11.15:repaired",
    ),
    _source("Lemma 11.25").empirical(
        "textbook/lemma-11.25:tendency", low_rank_tendency,
        "100% where the truth is near the cut, 2% to 13% for a truth of full rank, 0% for the truth itself",
        repaired_by="textbook/lemma-11.25:repaired",
    ),
    _source("Lemma 11.25").empirical(
        "textbook/lemma-11.25.sgd", sgd_low_rank,
        "52% to 69% of runs: more concentrated than gradient descent, a little more often than not",
    ),
    _source("Lemma 11.25").empirical(
        "textbook/lemma-11.25.sgd:flatness", sgd_flatness,
        "81% to 95% of runs end flatter than gradient descent; one step from (1, 0) with 1 x 1 layers does not",
    ),
    _source("Lemma 11.28", "11.2.4").empirical(
        "textbook/lemma-11.28:tendency", alignment_tendency,
        "about half of the runs after one step, over 90% after ten, nearly all after thirty",
        repaired_by="textbook/lemma-11.28:repaired",
    ),
    _source("Table 11.2.3", "11.2.4").informal(
        "textbook/table-11.2.3.suits", suits, "recommendations without a quantity to compare",
    ),
)  # fmt: skip
