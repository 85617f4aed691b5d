"""Zeng and Lee, Lemmas 11 and 12: their claims and verdicts."""

from __future__ import annotations

from theorems.claim import Claim, Source, Verdict
from theorems.expressive_power.linear_models import FROZEN, PARTIAL, WHOLE
from theorems.expressive_power.relu_one_layer import (
    exactness,
    exactness_by_elimination,
    identity,
    identity_repaired,
    identity_with_the_total_rank,
)
from theorems.expressive_power.relu_squared_error import (
    squared_error,
    squared_error_repaired,
    squared_error_sharpened,
    squared_error_with_the_total_rank,
)

_SECTION = "Appendix E.1"
_STANDS, _FALLS = Verdict.CORROBORATED, Verdict.REFUTED
_CONVEX = (
    "obstruction for every adapter and bias: at x, -x, 0 an always-active one-layer f is affine, ReLU(N x) is not; "
    "D = 1 leaves R >= R_E, where N = 0"
)
_TRACE = (
    "obstruction for every adapter and bias: tr(Sigma) exceeds ||Sigma||_F, so D - R equal singular values cost more "
    "than one; D = 3 is least, for D <= 2 the weighted truncation meets the bound"
)


def _lemma(number: int) -> tuple[Claim, ...]:
    key, source = f"zeng-lee/lemma-{number}", Source("zeng-lee", f"Lemma {number}", _SECTION)
    printed_index = (
        Claim(
            key=f"{key}.identity",
            statement=identity,
            source=source,
            verdict=_FALLS,
            reason=_CONVEX,
            repaired_by=f"{key}.identity:repaired",
        ),
        Claim(
            key=f"{key}.identity:effective-rank",
            statement=identity_with_the_total_rank,
            source=source,
            verdict=_FALLS,
            reason=f"RL for R does not help. {_CONVEX}",
            repaired_by=f"{key}.identity:repaired",
        ),
        Claim(
            key=f"{key}.squared-error",
            statement=squared_error,
            source=source,
            verdict=_FALLS,
            reason=_TRACE,
            repaired_by=f"{key}.squared-error:repaired",
        ),
        Claim(
            key=f"{key}.squared-error:effective-rank",
            statement=squared_error_with_the_total_rank,
            source=source,
            verdict=_FALLS,
            reason=_TRACE,
            repaired_by=f"{key}.squared-error:repaired",
        ),
    )
    printed_sum = (
        Claim(
            key=f"{key}.identity",
            statement=identity_with_the_total_rank,
            source=source,
            verdict=_FALLS,
            reason=_CONVEX,
            repaired_by=f"{key}.identity:repaired",
        ),
        Claim(
            key=f"{key}.squared-error",
            statement=squared_error_with_the_total_rank,
            source=source,
            verdict=_FALLS,
            reason=_TRACE,
            repaired_by=f"{key}.squared-error:repaired",
        ),
    )
    return (
        *(printed_index if number == 11 else printed_sum),
        Claim(
            key=f"{key}.identity:repaired",
            statement=identity_repaired,
            source=source,
            verdict=_STANDS,
            reason="hidden units are active on X, and the product and the collected bias are those of the block",
        ),
        Claim(
            key=f"{key}.exactness",
            statement=exactness,
            source=source,
            verdict=_STANDS,
            reason="N = 0 in the repaired identity; it does not rest on the printed one",
        ),
        Claim(
            key=f"{key}.exactness:without-partial-sums",
            statement=exactness_by_elimination,
            source=source,
            verdict=_STANDS,
            reason="elimination needs prod W non-singular and nothing else",
        ),
        Claim(
            key=f"{key}.exactness:without-nonsingularity",
            statement=exactness,
            skip=(FROZEN, WHOLE, PARTIAL),
            source=source,
            verdict=_FALLS,
            reason="obstruction: with W_1 = 0, rank 1 and D = 2, f is constant along a direction; D = 1 has rank R = D",
            repaired_by=f"{key}.exactness:without-partial-sums",
        ),
        Claim(
            key=f"{key}.squared-error:repaired",
            statement=squared_error_repaired,
            source=source,
            verdict=_STANDS,
            reason="E ||x||^2 = tr(Sigma)",
        ),
        Claim(
            key=f"{key}.squared-error:sharpened",
            statement=squared_error_sharpened,
            source=source,
            verdict=_STANDS,
            reason="the output bias may absorb the mean of N x; the obstruction meets it at L = 1",
        ),
    )


LEMMA_11, LEMMA_12 = _lemma(11), _lemma(12)
