"""The cases of our own claims: every target in reach, and the midpoint flag."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from strategies.beyond import REGULAR, SINGULAR, reach_cases, subspace_pairs

_exactly = st.one_of(reach_cases(), reach_cases(), reach_cases(max_dimension=6, max_depth=4))
_slack = st.one_of(reach_cases(ranks="slack"), reach_cases())
_moving = ("random", "small", "one layer")

CASES: dict[str, st.SearchStrategy[Any]] = {
    "ours/proposition-a": _slack,
    "ours/proposition-a.rank-bound": reach_cases(strata=(*REGULAR, *SINGULAR), ranks="slack"),
    "ours/proposition-a:without-nonsingularity": reach_cases(strata=(*SINGULAR, "gaussian"), min_rank=1),
    "ours/midpoint-flag": _exactly,
    "ours/midpoint-flag.strength": _exactly,
    "ours/midpoint-flag.complementary": _exactly,
    "ours/midpoint-flag.bases": _exactly,
    "ours/midpoint.halves-the-angles": subspace_pairs(),
    "ours/midpoint.within-45-degrees": subspace_pairs(),
    "ours/midpoint.complement": subspace_pairs(),
    "ours/midpoint.nearest": subspace_pairs(),
    "ours/adapter-size.from-below": reach_cases(max_dimension=3, competitors=_moving),
    "ours/adapter-size.from-above": reach_cases(max_dimension=3, competitors=_moving),
    "ours/newton-step": reach_cases(ranks="full", competitors=("random", "small")),
    "ours/newton-step.remainder": reach_cases(ranks="full", competitors=("random", "small")),
}
