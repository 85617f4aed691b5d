"""Slips that show in a corner only: at an end of a range, at a tie, from some size on.  Each is found, and soon."""

from __future__ import annotations

import pytest

from theorems.catalogue import CLAIMS
from theorems.strategies.cases import CASES
from theorems.strategies.search.hunt import hunt
from theorems.strategies.variants import Variant, varied

pytestmark = pytest.mark.slow

BY_KEY = {claim.key: claim for claim in CLAIMS}
#: Recipes of a hunt; all of these fall within a few.
RECIPES = 400

#: Key, what the slip needs to show, the function, the expression, and what stands in its place.
SLIPS = (
    ("textbook/table-11.2.2.slow-advice:repaired", "204 values and more",
     "decay.slow_decay_needs_twelve", "squares[..., :12]", "squares[..., :11]"),
    ("textbook/lemma-11.20.first-value", "179 values and more",
     "decay.first_value_of_a_power_law", "num.number(3, 5)", "num.number(61, 100)"),
    ("textbook/lemma-11.18.compression:loss", "a step just too large", "spectral_bias.loss_descends",
     "at_most(eta * num.frobenius_norm_squared(case.inputs), num.number(1))",
     "at_most(eta * num.frobenius_norm_squared(case.inputs), num.number(11, 10))"),
    ("textbook/corollary-11.4.sentence:repaired", "twenty values, and a tie",
     "tail_energy.small_tail_bound_gives_high_energy",
     "at_most(num.number(19, 20), energy(d.s, k, num), scale=num.number(1))",
     "less_than(num.number(19, 20), energy(d.s, k, num), scale=num.number(1))"),
    ("textbook/lemma-11.21.staircase:repaired", "noise of exactly half the signal",
     "recovery.staircase_above_the_noise", "less_than(2 * level, case.signal.s[..., r - 1])",
     "at_most(2 * level, case.signal.s[..., r - 1])"),
    ("textbook/theorem-11.12.noise", "a value exactly at the threshold",
     "recovery.kept", "less_than(threshold, s[..., i])", "at_most(threshold, s[..., i])"),
    ("textbook/theorem-11.12:repaired", "noise of nearly half the signal, turned by 45 degrees",
     "recovery.recovery_within_the_noise", "2 * level", "num.number(3, 2) * level"),
    ("textbook/definition-11.22.order:compared", "six values", "truncation_errors.relative_errors_compared",
     "at_most(spectral, r * frobenius, scale=r * scale)", "at_most(spectral, 5 * frobenius, scale=r * scale)"),
    ("textbook/theorem-11.19:sharpened", "a norm bound other than one", "rademacher.inputs_in_the_bound",
     "case.norm_bound[..., 0] * num.sqrt(case.rank * energy)", "num.sqrt(case.rank * energy)"),
    ("textbook/corollary-11.5.rank", "eta lambda_1 = 2, and an even number of steps", "few_steps.rank_of_the_iterates",
     "less_than(case.step[..., 0] * eigenvalues[..., 0], num.number(2))",
     "at_most(case.step[..., 0] * eigenvalues[..., 0], num.number(2))"),
    ("textbook/corollary-11.5:repaired", "eta lambda_1 > 1 on aligned data",
     "few_steps._small_steps", "num.number(1)", "num.number(2)"),
    ("textbook/theorem-11.14.accumulation:repaired", "eta h > 1", "noise_drift.accumulation_by_ratio",
     "equal(S, num.diagonal(closed))", "at_most(S, num.diagonal(num.times(eta, case.noise) / h))"),
    ("textbook/theorem-11.15.flat-minima:repaired", "two different values", "curvature.flattest_minimum",
     "2 * n * d.s.sum(-1)", "2 * n * num.rank(case.target.matrix) * d.s[..., 0]"),
    ("textbook/lemma-11.25:repaired", "a tie, and a truth the golden ratio times as large",
     "curvature.low_rank_generalises_repaired", "4 * whole", "num.number(5, 2) * whole"),
    ("textbook/lemma-11.26:repaired", "one row, and 99 columns",
     "counts.ratio_repaired", "less_than(exact, printed)", "less_than(exact, printed * num.number(99, 100))"),
    ("textbook/lemma-11.26.saving", "2 r = m = n",
     "counts.saving_repaired", "2 * r < min(m, n)", "2 * r <= min(m, n)"),
    ("textbook/definition-11.20.dimension:repaired", "r = 3",
     "sets.dimension_repaired", "r * (m + n - r)", "r * (m + n) - (3 * r - 2)"),
    ("textbook/lemma-11.29.subgradient:repaired", "small steps, and a start a little too large",
     "adalora._enough_time", "eta * num.number(case.steps) * (weight - largest)",
     "num.number(11, 10) * eta * num.number(case.steps) * (weight - largest)"),
    ("textbook/definition-11.16.full-rank:repaired", "a tie of one value with itself",
     "effective_rank.formally_full_rank_uneven", "less_than(d.s[..., -1], d.s[..., 0], scale=d.s[..., 0])",
     "at_most(d.s[..., -1], d.s[..., 0])"),
    ("textbook/theorem-11.15:repaired", "each hidden unit balanced, the layers not",
     "curvature.flat_directions_balanced", "equal(V.mT @ V, W @ W.mT, scale=scale)",
     "equal((V * V).sum(-2), (W * W).sum(-1), scale=scale)"),
    ("textbook/theorem-11.14.accumulation:repaired", "equal variances beside a Hessian that is not diagonal",
     "noise_drift.accumulation_by_ratio", "equal(case.hessian, num.diagonal(h))",
     "equal(case.hessian @ num.diagonal(case.noise), num.diagonal(case.noise) @ case.hessian)"),
    ("textbook/theorem-11.16:rotations", "a shear", "training.equivalence_up_to_rotations",
     "equal(C.mT @ C, num.identity(case.rank), scale=num.number(1))",
     "equal(num.determinant(C) * num.determinant(C), num.number(1))"),
    ("textbook/definition-11.20.dimension:sharpened", "m != n and factors of different ranks",
     "sets.dimension_everywhere", "m * n - (m - b) * (n - a)", "m * n - (m - a) * (n - b)"),
    ("textbook/corollary-11.4.sentence:repaired", "a middle value between a large one and a small one",
     "tail_energy.small_tail_bound_gives_high_energy", "19 * left * square",
     "19 * left * sigma(d, k + 1, num) * d.s[..., -1]"),
    ("textbook/lemma-11.29.subgradient:repaired", "no step, and a scale below zero", "adalora._enough_time",
     "less_than(num.zeros(case.rank), case.scales)", "at_most(num.number(0), num.number(0))"),
)  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: f"{slip[0]}: {slip[1]}")
def test_a_slip_that_shows_in_a_corner_is_found(slip: tuple[str, str, str, str, str]) -> None:
    key, _, function, before, after = slip
    variant = Variant("slip in a corner", function=function, before=before, after=after)
    claim = varied(BY_KEY[key], variant)
    assert hunt(claim, CASES[key], recipes=RECIPES, shrink=False).conviction is not None
