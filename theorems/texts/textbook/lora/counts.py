"""The textbook section, 11.2.4: the form of LoRA and its parameters, counted (Definition 11.19, Lemma 11.26)."""

from __future__ import annotations

from collections.abc import Iterator

from theorems.case import CountCase
from theorems.claim import Source
from theorems.errors import InputError
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.texts.textbook.training.cases import LoraCase

Steps = Iterator[Suppose | Conclude]


def forward(case: LoraCase, num: Num) -> Steps:
    """Definition 11.19: W_0 x + B A x = (W_0 + B A) x.

    Conclusion  the adapter run beside the weight gives what the merged weight gives
    Margin      relative to the sizes of the terms
    """
    beside = num.apply(case.frozen, case.x) + num.apply(case.B, num.apply(case.A, case.x))
    merged = num.apply(case.frozen + case.B @ case.A, case.x)
    parts = num.frobenius_norm(case.B) * num.frobenius_norm(case.A)
    scale = num.maximum(num.frobenius_norm(case.frozen), parts) * num.norm(case.x)
    yield conclude(equal(beside, merged, scale=scale), "W_0 x + B (A x) = (W_0 + B A) x")


def adapter_rank(case: LoraCase, num: Num) -> Steps:
    """Definition 11.19: the weight change B A with B in R^{m x r}, A in R^{r x n} has a rank of at most r.

    Nothing asks for r to be much smaller than min(m, n).
    """
    yield conclude(at_most(num.rank(case.B @ case.A), case.rank), "rank(B A) <= r")


def _sizes(case: CountCase) -> tuple[int, int, int]:
    if len(case.values) != 3 or min(case.values) < 1 or case.values[2] > min(case.values[:2]):
        raise InputError(f"the sizes {case.values} must be positive integers m, n, r with r <= min(m, n)")
    m, n, r = case.values
    return m, n, r


def ratio(case: CountCase, num: Num) -> Steps:
    """Lemma 11.26, the approximation: m n / (r (m + n)) is about min(m, n) / r for r much smaller than min(m, n).

    Read as: within a tenth of it when r is at most a tenth of min(m, n).

    Hypotheses  10 r <= min(m, n)
    """
    m, n, r = _sizes(case)
    yield suppose(10 * r <= min(m, n), "10 r <= min(m, n)")
    printed, exact = num.number(min(m, n), r), num.number(m * n, r * (m + n))
    yield conclude(at_most(printed, exact * num.number(11, 10)), "min(m, n) / r is at most a tenth above the ratio")
    yield conclude(at_most(exact, printed * num.number(11, 10)), "the ratio is at most a tenth above min(m, n) / r")


def ratio_repaired(case: CountCase, num: Num) -> Steps:
    """Lemma 11.26, the approximation, repaired: the ratio is max(m, n) / (m + n) times min(m, n) / r, for every r.

    That factor lies in [1/2, 1): one half for a square weight, whatever r is.

    Conclusion  1/2 min(m, n) / r <= m n / (r (m + n)) < min(m, n) / r, with equality on the left for m = n
    """
    m, n, r = _sizes(case)
    printed, exact = num.number(min(m, n), r), num.number(m * n, r * (m + n))
    yield conclude(equal(exact, printed * num.number(max(m, n), m + n)), "the factor is max(m, n) / (m + n)")
    yield conclude(at_most(printed * num.number(1, 2), exact), "it is at least one half")
    yield conclude(less_than(exact, printed), "it is below one")


def ratio_of_a_long_weight(case: CountCase, num: Num) -> Steps:
    """Lemma 11.26, the approximation, where it is good: within a tenth as soon as max(m, n) >= 10 min(m, n).

    Hypotheses  max(m, n) >= 10 min(m, n)
    """
    m, n, r = _sizes(case)
    yield suppose(max(m, n) >= 10 * min(m, n), "max(m, n) >= 10 min(m, n)")
    printed, exact = num.number(min(m, n), r), num.number(m * n, r * (m + n))
    yield conclude(at_most(printed, exact * num.number(11, 10)), "min(m, n) / r is at most a tenth above the ratio")


def parameter_count(case: LoraCase, num: Num) -> Steps:
    """Lemma 11.26, the counts: a weight has m n parameters and its adapter r (m + n); counted in the arrays.

    Conclusion  the entries of B and A together are r (m + n), those of W_0 are m n
    """
    (m, n), r = case.frozen.shape[-2:], case.rank
    entries = case.B.shape[-2] * case.B.shape[-1] + case.A.shape[-2] * case.A.shape[-1]
    yield conclude(equal(num.number(entries), num.number(r * (m + n))), "B and A have r (m + n) entries")
    yield conclude(equal(num.number(case.gradient.shape[-1] * case.gradient.shape[-2]), num.number(m * n)), "W has m n")


def example(case: CountCase, num: Num) -> Steps:
    """Lemma 11.26, the example: m = n = 4096 and r = 32 give a ratio of 64.

    Decided by the one case there is.
    """
    m, n, r = _sizes(case)
    yield suppose((m, n, r) == (4096, 4096, 32), "m = n = 4096, r = 32")
    yield conclude(equal(num.number(m * n, r * (m + n)), num.number(64)), "m n / (r (m + n)) = 64")


def example_by_the_approximation(case: CountCase, num: Num) -> Steps:
    """Lemma 11.26, the example by the printed approximation: min(m, n) / r = 64 for m = n = 4096 and r = 32."""
    m, n, r = _sizes(case)
    yield suppose((m, n, r) == (4096, 4096, 32), "m = n = 4096, r = 32")
    yield conclude(equal(num.number(min(m, n), r), num.number(64)), "min(m, n) / r = 64")


def saving(case: CountCase, num: Num) -> Steps:
    """Lemma 11.26, the heading "savings": an adapter of a rank below min(m, n) has fewer parameters than the weight.

    Hypotheses  r < min(m, n)
    """
    m, n, r = _sizes(case)
    yield suppose(r < min(m, n), "r < min(m, n)")
    yield conclude(less_than(num.number(r * (m + n)), num.number(m * n)), "r (m + n) < m n")


def saving_repaired(case: CountCase, num: Num) -> Steps:
    """Lemma 11.26, the heading "savings", for r much smaller than min(m, n): r < min(m, n) / 2 is enough.

    r (m + n) <= 2 r max(m, n) < m n.

    Hypotheses  2 r < min(m, n)
    """
    m, n, r = _sizes(case)
    yield suppose(2 * r < min(m, n), "2 r < min(m, n)")
    yield conclude(less_than(num.number(r * (m + n)), num.number(m * n)), "r (m + n) < m n")


_COUNT = Source("textbook", "Lemma 11.26", "11.2.4")
_FORM = Source("textbook", "Definition 11.19", "11.2.4")

CLAIMS = (
    _FORM.stands("textbook/definition-11.19", forward, "matrix products are associative and distributive"),
    _FORM.stands("textbook/definition-11.19.rank", adapter_rank, "B has r columns"),
    _COUNT.stands("textbook/lemma-11.26.counts", parameter_count, "the entries of the arrays, counted"),
    _COUNT.false(
        "textbook/lemma-11.26", ratio,
        "off by the factor max / (m + n), one half for square weights however small r is: m = n = 10, r = 1",
        place="Lemma 11.26", printed="mn / (r(m+n)) ~ min(m, n) / r", repaired_by="textbook/lemma-11.26:repaired",
    ),
    _COUNT.stands("textbook/lemma-11.26:repaired", ratio_repaired, "m n = min max"),
    _COUNT.stands(
        "textbook/lemma-11.26:long-weights", ratio_of_a_long_weight,
        "max / (m + n) >= 10/11; the condition is on the shape, not on r",
    ),
    _COUNT.decided("textbook/lemma-11.26.example", example, "4096^2 / (32 * 8192) = 64"),
    _COUNT.false(
        "textbook/lemma-11.26.example:approximation", example_by_the_approximation,
        "4096 / 32 = 128: the example is right and contradicts the approximation beside it",
        repaired_by="textbook/lemma-11.26.example",
    ),
    _COUNT.gap(
        "textbook/lemma-11.26.saving:below-min", saving,
        "m = n = 2, r = 1: four parameters for four; r < min(m, n) leaves nothing smaller",
        repaired_by="textbook/lemma-11.26.saving",
    ),
    _COUNT.stands("textbook/lemma-11.26.saving", saving_repaired, "r (m + n) <= 2 r max(m, n) < m n"),
)  # fmt: skip
