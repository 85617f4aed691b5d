"""The textbook section, 11.2.4: variants of LoRA (Table 11.2.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from theorems.case import Array
from theorems.claim import Source
from theorems.facts import not_needed, to_state
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, exists, less_than, suppose
from theorems.texts.textbook.lora.adalora import scaled_product
from theorems.texts.textbook.training.cases import FitCase, MagnitudeCase, QuantisedCase

Steps = Iterator[Suppose | Conclude]


def adalora_rank(case: FitCase, num: Num) -> Steps:
    """Table 11.2.3, AdaLoRA: the scales adjust the rank: rank(B S A) is at most the number of scales that are not zero.

    Evaluated with the scales thinned out from behind, one after the other.
    """
    s = case.scales
    for kept in range(case.rank + 1):
        thinned = num.concatenate([s[..., :kept], s[..., kept:] * 0], -1)
        yield conclude(at_most(num.rank(scaled_product(case.B, thinned, case.A)), kept), "rank(B S A) <= scales kept")


def quantised_weight(case: QuantisedCase, num: Num) -> Array:
    """unit * codes."""
    return num.times(case.unit[..., 0], case.codes)


def _rounding(case: QuantisedCase, num: Num) -> Steps:
    unit = case.unit[..., 0]
    yield suppose(less_than(num.number(0), unit), "the unit is positive")
    yield suppose(at_most(num.constant(-8), case.codes), "the codes are 4-bit numbers (-8 <= code)")
    yield suppose(at_most(case.codes, num.constant(7)), "the codes are 4-bit numbers (code <= 7)")
    gap = num.absolute(case.weight - quantised_weight(case, num))
    half = num.times(unit * num.number(1, 2), case.codes * 0 + 1)
    yield suppose(at_most(gap, half), "each entry is rounded to the nearest code")


def qlora_recovers(case: QuantisedCase, num: Num) -> Steps:
    """Table 11.2.3, QLoRA, "quantisation + LoRA": an adapter on the quantised weight can do what it did on the weight
    itself.

    What it would have to represent is W + B A - unit * codes, the quantisation error included; that has full rank as a
    rule, and no adapter of rank r comes closer than its tail (Eckart and Young).

    Hypotheses  4-bit codes, each entry rounded to the nearest
    Conclusion  some adapter of rank r on the quantised weight gives W + B A
    """
    yield from _rounding(case, num)
    missing = case.weight + case.B @ case.A - quantised_weight(case, num)
    r = case.B.shape[-1]
    scale = num.frobenius_norm(case.weight)

    def attained() -> Any:
        return num.frobenius_norm(missing - case.B @ case.A)

    yield conclude(
        exists(
            attained=attained,
            lower_bound=num.singular_value(missing, r + 1),
            bound=num.number(0),
            scale=num.maximum(scale, num.frobenius_norm(missing)),
        ),
        "some adapter gives W + B A",
    )


def qlora_error(case: QuantisedCase, num: Num) -> Steps:
    """Table 11.2.3, QLoRA, repaired: the same adapter gives W + B A up to unit/2 in each entry.

    Hypotheses  4-bit codes, each entry rounded to the nearest
    Conclusion  ||W + B A - (unit * codes + B A)||_F <= (unit / 2) sqrt(m n)
    """
    yield from _rounding(case, num)
    m, n = case.weight.shape[-2:]
    gap = case.weight + case.B @ case.A - (quantised_weight(case, num) + case.B @ case.A)
    unit = case.unit[..., 0]
    yield conclude(
        at_most(4 * num.frobenius_norm_squared(gap), unit * unit * num.number(m * n)),
        "the error is at most unit/2 an entry",
    )


def dora(case: MagnitudeCase, num: Num) -> Array:
    """The columns of W_0 + B A, scaled to the lengths `magnitudes`."""
    V = case.frozen + case.B @ case.A
    columns = []
    for j in range(V.shape[-1]):
        v = V[..., :, j]
        columns.append(num.times(case.magnitudes[..., j] / num.norm(v), v)[..., :, None])
    return num.concatenate(columns, -1)


def _columns(case: MagnitudeCase, num: Num) -> Steps:
    V = case.frozen + case.B @ case.A
    for j in range(V.shape[-1]):
        yield suppose(less_than(num.number(0), num.norm_squared(V[..., :, j])), "no column of W_0 + B A is zero")


def dora_as_printed(case: MagnitudeCase, num: Num) -> Steps:
    """Table 11.2.3, DoRA: with its normalisation, the change of the weight still has the form Delta W = B A.

    Then its rank would be at most r.  Rescaled columns change W_0 itself.

    Hypotheses  no column of W_0 + B A is zero; the lengths are positive
    Conclusion  rank(W' - W_0) <= r
    """
    yield from _columns(case, num)
    yield suppose(less_than(num.zeros(case.frozen.shape[-1]), case.magnitudes), "the lengths are positive")
    r = case.B.shape[-1]
    yield conclude(at_most(num.rank(dora(case, num) - case.frozen), r), "rank(W' - W_0) <= r")


def dora_separates(case: MagnitudeCase, num: Num) -> Steps:
    """Table 11.2.3, DoRA: W' = (W_0 + B A) with column j scaled to length m_j separates length and direction.

    Hypotheses  no column of W_0 + B A is zero
    Conclusion  column j of W' has the length m_j, and lies along that of W_0 + B A
    """
    yield from _columns(case, num)
    W, V = dora(case, num), case.frozen + case.B @ case.A
    for j in range(V.shape[-1]):
        m, w, v = case.magnitudes[..., j], W[..., :, j], V[..., :, j]
        yield conclude(equal(num.norm_squared(w), m * m), "column j has the length m_j")
        yield conclude(equal(num.dot(w, v), m * num.norm(v)), "column j keeps its direction")


_TABLE = Source("textbook", "Table 11.2.3", "11.2.4")

_ANY_CODES = not_needed("the error is that of rounding to any codes")

CLAIMS = (
    _TABLE.stands(
        "textbook/table-11.2.3.adalora", adalora_rank,
        "B S A is a sum of as many rank-one matrices as there are scales",
    ),
    _TABLE.false(
        "textbook/table-11.2.3.qlora:same-reach", qlora_recovers,
        "the quantisation error has full rank: m = n = 2, r = 1; with r = min(m, n) an adapter can undo it",
        repaired_by="textbook/table-11.2.3.qlora:repaired",
    ),
    _TABLE.stands(
        "textbook/table-11.2.3.qlora:repaired", qlora_error, "half a unit in each of m n entries",
        about={
            "the unit is positive": not_needed(
                "an entry is within unit / 2 of its code for no negative unit, and equal to it for zero"
            ),
            **dict.fromkeys(
                ("the codes are 4-bit numbers (-8 <= code)", "the codes are 4-bit numbers (code <= 7)"),
                _ANY_CODES,
            ),
        },
    ),
    _TABLE.gap(
        "textbook/table-11.2.3.dora:low-rank-change", dora_as_printed,
        "normalised columns rescale W_0: m = n = 2, r = 1, B = 0, other lengths; r < min(m, n) needs 2 x 2",
        repaired_by="textbook/table-11.2.3.dora",
    ),
    _TABLE.stands(
        "textbook/table-11.2.3.dora", dora_separates, "the construction",
        about={"no column of W_0 + B A is zero": to_state("a zero column has no direction")},
    ),
)  # fmt: skip
