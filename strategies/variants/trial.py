"""Hunt a variant as if it were real."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hypothesis import strategies as st

from theorems.claim import Claim
from theorems.loading import one_line
from theorems.strategies.search.hunt import Hunt, hunt
from theorems.strategies.variants.slips import concerns_hypothesis
from theorems.strategies.variants.variant import Variant, varied
from theorems.strategies.without import without

KILLED, MISSED = "killed", "missed"
#: How long a variant is hunted.
SECONDS = 60.0


@dataclass(frozen=True)
class Tried:
    """One hunt of a variant.

    outcome    `KILLED` (an exact instance meets the hypotheses and violates the conclusion) or `MISSED`
    instances  live instances until then, float64 and exact ones, the counterexample among them
    vacuous    instances on which a hypothesis failed
    violated   the conclusion that the counterexample violates
    problem    the exception that ended the hunt; it kills nothing
    case       the exact counterexample, as the search found it
    """

    variant: Variant
    seed: int
    outcome: str
    instances: int = 0
    vacuous: int = 0
    seconds: float = 0.0
    violated: str = ""
    problem: str = ""
    case: Any = field(default=None, compare=False, repr=False)


@cache
def _widened(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(strategy, without(strategy))


def tried(
    claim: Claim,
    strategy: Any,
    variant: Variant,
    *,
    seed: int = 0,
    seconds: float | None = SECONDS,
    recipes: int | None = None,
) -> Tried:
    """Hunt a variant with what its claim is hunted with, until a conviction, `seconds` or `recipes`.

    A slip in a hypothesis lets in cases that the claim's own strategy may leave out: they are drawn too, half of the
    time (`theorems.strategies.without`).

    Raises `InputError` where the variant has no place in the claim.
    """
    begin = time.monotonic()
    slipped = varied(claim, variant)
    strategy = _widened(strategy) if concerns_hypothesis(claim, variant) else strategy
    state = Hunt(claim.key, seed)

    def progress(so_far: Hunt) -> None:
        nonlocal state
        state = so_far

    problem = ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # overflow in floats is expected, and judged
        try:
            state = hunt(
                slipped, strategy, seed=seed, seconds=seconds, recipes=recipes, shrink=False, progress=progress
            )
        except Exception as error:  # a slip may make what no arithmetic takes
            problem = one_line(error)
    conviction = state.conviction
    total = state.total
    violation = conviction.report.violation if conviction is not None else None
    return Tried(
        variant,
        seed,
        MISSED if conviction is None else KILLED,
        total.instances + total.exact + (conviction is not None),
        total.vacuous,
        time.monotonic() - begin,
        violation.conclusion if violation is not None else "",
        problem,
        conviction.case if conviction is not None else None,
    )
