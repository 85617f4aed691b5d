"""The cases of our own claims: every target in reach, and the midpoint flag."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from theorems.strategies.mixed import mostly
from theorems.strategies.texts.ours.bends import one_bends, scaled_networks, silent_units
from theorems.strategies.texts.ours.recipes import REGULAR, SINGULAR, reach_cases, subspace_pairs
from theorems.strategies.texts.zeng_lee.relu.bent import active_networks
from theorems.strategies.texts.zeng_lee.relu.uneven import uneven_networks
from theorems.strategies.texts.zeng_lee.relu.uniform import uniform_networks

# Changes of a rank one too large, and singular weights: outside the hypotheses by little
_short = reach_cases(ranks="short", min_dimension=2)
_singular = reach_cases(strata=SINGULAR, ranks="slack")
_exactly = st.one_of(reach_cases(), reach_cases(), reach_cases(max_dimension=6, max_depth=4))
_slack = st.one_of(
    reach_cases(ranks="slack"), reach_cases(), reach_cases(ranks="slack", max_dimension=3, max_depth=5)
)
_moving = ("random", "small", "one layer", "proportional")
_sizes = mostly(
    reach_cases(max_dimension=3, competitors=_moving),
    # equality: identities, and adapters that all stretch the first coordinates alike
    reach_cases(max_dimension=3, competitors=("proportional",), strata=("identity weights",), min_rank=1),
    share=5,
)
_angles = mostly(subspace_pairs(), subspace_pairs(competitors=("stretched a", "stretched b")), share=5)

CASES: dict[str, st.SearchStrategy[Any]] = {
    "ours/proposition-a": mostly(_slack, _short, _singular, share=5),
    "ours/proposition-a.rank-bound": st.one_of(
        reach_cases(strata=(*REGULAR, *SINGULAR), ranks="slack"),
        reach_cases(strata=(*REGULAR, *SINGULAR), ranks="slack", max_dimension=3, max_depth=5),
    ),
    "ours/proposition-a:without-nonsingularity": reach_cases(strata=(*SINGULAR, "gaussian"), min_rank=1),
    "ours/midpoint-flag": _exactly,
    "ours/midpoint-flag.strength": _exactly,
    "ours/midpoint-flag.complementary": _exactly,
    "ours/midpoint-flag.bases": _exactly,
    "ours/midpoint.halves-the-angles": _angles,
    "ours/midpoint.within-45-degrees": _angles,
    "ours/midpoint.complement": _angles,
    "ours/midpoint.nearest": mostly(
        subspace_pairs(), subspace_pairs(competitors=("stretched a", "stretched b", "stretched competitor")), share=5
    ),
    "ours/adapter-size.from-below": _sizes,
    "ours/adapter-size.from-above": _sizes,
    "ours/active-targets": mostly(
        active_networks(extra=(0,)),
        active_networks(extra=(1,)),
        uneven_networks(),
        uneven_networks(errors=("own",), ranks=(((1, 1),), ((1,), (1,)), ((2, 1),)), zero=True),
        share=3,
    ),
    "ours/active-targets.only-if": mostly(active_networks(extra=(1,), errors=("apart",)), active_networks(), share=4),
    "ours/silent-sets": mostly(silent_units(), silent_units(beside=True), share=5),
    "ours/two-slopes": active_networks(shapes=((1, 1, 1), (1, 2, 1), (1, 3, 1), (1, 2, 2)), extra=(1,), max_spread=0),
    "ours/mean-floors": uniform_networks(min_depth=1, min_left=1),
    "ours/one-bend": mostly(
        one_bends(kinds=("reached",)), one_bends(kinds=("first negative", "second negative")), share=4
    ),
    "ours/up-to-scales": mostly(scaled_networks(extra=(0,)), scaled_networks(extra=(1,)), share=4),
    "ours/newton-step": reach_cases(ranks="full", competitors=("random", "small")),
    "ours/newton-step.remainder": reach_cases(ranks="full", competitors=("random", "small")),
}
